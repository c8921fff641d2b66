// Les mots de ce que seuls les sondages ont, en français.

import type { SurveyMessages } from './en';

const plural = (count: number, one: string, many: string): string => (count <= 1 ? one : many);
const list = (names: readonly string[]): string => names.join(', ');

export const fr: SurveyMessages = {
  number: {
    whole: (lo, hi) => `Un nombre entier de ${lo} à ${hi}.`,
    decimals: (lo, hi, places) =>
      `Un nombre de ${lo} à ${hi}, avec au plus ${plural(places, '1 chiffre', `${places} chiffres`)} après la virgule.`,
    slide: (step) => `Ou faites glisser à peu près au bon endroit, par pas de ${step}`,
    notSet: 'pas encore choisi',
    readAs: (number) => `Lu comme ${number}.`,
    blank: 'Je préfère ne pas répondre',
    blankHint: 'Cela efface votre nombre. Vos autres réponses comptent. Votre bulletin ne montre pas que vous n’avez pas répondu.',
    locked: (t) =>
      `Votre nombre reste verrouillé : ${plural(t, 'seul un dépositaire qui enfreint les règles pourrait l’ouvrir', `seuls ${t} dépositaires qui enfreignent ensemble les règles pourraient l’ouvrir`)}.`,
    proof: (lo, hi) =>
      `Il est verrouillé sur cet appareil, avec une preuve qu’il se trouve entre ${lo} et ${hi}. Les dépositaires n’ouvrent que ceci :`,
  },
  matrix: {
    hint: (rows) => `Choisissez une réponse pour chacune des ${rows} lignes.`,
    blank: 'Sans réponse',
    blankHint: 'Laisser une ligne sans réponse est aussi une réponse. Votre bulletin ne montre pas lesquelles vous avez laissées.',
    answered: (n, of) => `${n} lignes sur ${of} remplies`,
    missing: (n) => plural(n, 'Encore 1 ligne.', `Encore ${n} lignes.`),
  },
  faults: {
    noNumber: (canSkip) => (canSkip ? 'Entrez un nombre, ou choisissez « Je préfère ne pas répondre ».' : 'Entrez un nombre.'),
    text: (range) => `Cette page ne peut pas lire cela comme un nombre. ${range}`,
    fraction: (range) => `Ce nombre a plus de chiffres après la virgule qu’on ne peut en compter. ${range}`,
    range: (lo, hi) => `Entrez un nombre de ${lo} à ${hi}.`,
    row: (name, missing) =>
      missing === 1
        ? `Choisissez une réponse pour « ${name} ».`
        : `Choisissez une réponse pour « ${name} » et pour ${missing === 2 ? 'l’autre ligne' : `les ${missing - 1} autres lignes`} sans réponse.`,
  },
  opened: {
    title: 'Ce qui sera ouvert',
    text: (t) =>
      `Ces chiffres et aucun autre. Vos propres réponses restent verrouillées : ${plural(t, 'seul un dépositaire qui enfreint les règles pourrait les ouvrir', `seuls ${t} dépositaires qui enfreignent ensemble les règles pourraient les ouvrir`)}.`,
    derived: 'Aucune question : c’est calculé à partir de vos réponses verrouillées.',
    counts: 'combien ont choisi chaque réponse',
    average: 'et par là, la moyenne',
    points: 'combien de points chaque choix a reçus en tout',
    rows: 'pour chaque ligne, combien ont choisi chaque réponse',
    rowAverages: 'et par là, la moyenne de chaque ligne',
    sum: 'la somme de toutes les réponses, et par là la moyenne',
    squares: 'la somme des carrés de toutes les réponses, et par là leur écart habituel à la moyenne',
    blanks: 'combien préfèrent ne pas répondre',
    bands: (bands) => `combien de réponses tombent dans chacune des ${bands.length} tranches : ${bands.join(' ; ')}`,
    band: (from, to) => `${from} à ${to}`,
    product: (one, other) =>
      `la somme des produits de « ${one} » et « ${other} », et par là si l’un monte et descend avec l’autre`,
    table: (one, other) => `combien ont donné chaque paire de réponses à « ${one} » et « ${other} »`,
    groups: (names) =>
      `Les résultats sont montrés à part pour ces groupes : ${list(names)}. Le groupe dans lequel vous comptez a été fixé avec votre code.`,
    fewBallots: (least) => `Une question à laquelle répondent moins de ${least} bulletins n’est pas ouverte du tout.`,
    fewAnswers: (least) =>
      plural(
        least,
        'Une question est ouverte même si un seul bulletin y répond : ce qui est ouvert est alors cette réponse.',
        `Une question est ouverte dès que ${least} bulletins y répondent. Qui connaît toutes ces réponses sauf une peut alors calculer celle-là.`,
      ),
    smallTitle: 'Les petits nombres restent fermés, mais pas pour les dépositaires.',
    small: (least) =>
      `Un nombre inférieur à ${least} n’est pas publié, ni ceux qui le trahiraient ; là où plusieurs réponses sont possibles, ni celui d’une réponse que moins de ${least} bulletins ont laissée de côté. Les nombres ouverts permettent de calculer entre quelles bornes se trouve un nombre fermé, parfois de près.`,
    seen: (t) =>
      `Pour savoir lesquels sont petits, les dépositaires regardent d’abord : chaque dépositaire voit tous les nombres de ces questions, les petits aussi. Personne d’autre ne les voit, sauf si un dépositaire parle ou si les mots secrets de l’un d’eux sont trouvés, même des années après${plural(t, '', `, ou si ${t} dépositaires s’entendent`)}.`,
    sums: 'Les sommes, moyennes et points ne sont pas de tels nombres : ils sont ouverts, et là où peu de réponses sont loin de toutes les autres, ils peuvent en dire quelque chose. Combien n’ont pas répondu est ouvert tant qu’un autre nombre à côté l’est.',
  },
  who: {
    title: 'Qui sait que vous avez participé ?',
    issued: (issuers) =>
      issuers.length === 1
        ? `${list(issuers)} a fait votre code de vote et sait qu’il est à vous. Il est ainsi possible de dire qui a participé, quand et combien de fois ; jamais ce qui a été répondu.`
        : `${list(issuers)} ont fait les parties de votre code de vote, et chacun sait à qui est la sienne. Chacun peut dire qui a participé, quand et combien de fois ; jamais ce qui a été répondu.`,
    registered: (registrar) =>
      `Vous avez fait votre code sur votre propre appareil ; si la page qui l’a fait était la vraie, personne d’autre ne l’a jamais eu. Qui a vu arriver votre ligne d’inscription sait qu’elle est à vous : si ${registrar} l’a reçue par courriel, il est possible de dire qui a participé, quand et combien de fois. Si les lignes venaient d’une boîte sans noms, ce n’est pas possible. Ce que vous avez répondu n’en ressort jamais. ${registrar} tient la liste et pourrait y mettre des lignes de sa propre main ; chacun peut voir combien il y en a, et vous n’entrez que si la vôtre en est.`,
    together:
      'Tous les bulletins déposés avec votre code portent le même numéro au registre : chacun peut voir qu’ils vont ensemble. Dans un autre sondage vous avez un autre numéro, et personne ne peut les rapprocher par là.',
    address: 'Le serveur voit l’adresse réseau d’où vous venez.',
    few: 'Dans un groupe de très peu de personnes, un total peut dire beaucoup de chacune.',
  },
  code: {
    hint: 'C’est celui que vous avez fait sur votre propre appareil avant l’ouverture : 30 lettres et chiffres. Minuscules, espaces et tirets sont sans importance. Il reste sur cet appareil.',
    none: (registrar) =>
      `Seules peuvent répondre les personnes qui ont fait un code avant l’ouverture et dont ${registrar} a mis la ligne sur la liste. Personne d’autre n’a votre code : si vous l’avez perdu, personne ne peut vous le redonner.`,
  },
  shown: {
    blankRow: 'sans réponse',
  },
  register: {
    title: 'Faites votre code de vote',
    lede: 'Cet appareil fait un code de vote que personne d’autre n’a. Vous gardez le code, et vous remettez une ligne qui va avec.',
    notYet: (when) =>
      `Le sondage ouvre le ${when}. Votre code et votre ligne doivent exister avant : seuls peuvent répondre ceux dont la ligne est sur la liste.`,
    one: 'Faire le code',
    oneText: 'Il est fait ici, par le hasard. Il ne va sur aucun serveur, et n’est dans aucune adresse.',
    make: 'Faire mon code',
    making: 'Votre code se fait',
    made: 'Votre code est fait.',
    failed: 'Le code n’a pas pu être fait',
    haveOne: 'J’ai déjà fait un code',
    haveOneText:
      'Alors gardez celui-là et n’en faites pas d’autre : chaque nouveau code demande sa propre ligne, et seule compte celle que vous avez remise. Si vous avez perdu votre ligne, elle ne peut pas être refaite ici ; faites un nouveau code et remettez la nouvelle ligne.',
    two: 'Gardez votre code',
    twoText: 'Qui l’a peut répondre à votre place, et personne ne peut le refaire. Imprimez-le ou enregistrez-le avant de continuer.',
    code: 'Votre code de vote',
    save: 'Enregistrer le code',
    print: 'Imprimer',
    saved: (title, code, address) =>
      `${title}\n\nVotre code de vote : ${code}\n\nGardez-le pour vous. Quand le sondage est ouvert, allez à\n${address}\net tapez-le.\n`,
    three: 'Remettez votre ligne',
    threeText: (registrar) =>
      `Donnez cette ligne à ${registrar}, de la manière que dit votre invitation. Elle montre que vous avez un code ; elle ne contient pas le code, et personne ne peut l’en tirer. Qui la voit avec votre nom peut savoir si, quand et combien de fois vous avez participé, jamais ce que vous avez répondu.`,
    line: 'La ligne à remettre',
    copied: 'Copiée',
    copy: 'Copier la ligne',
    download: 'Enregistrer la ligne',
    mailed: 'Si vous l’envoyez par courriel, qui lit ce courriel peut vous nommer comme participant, mais non vos réponses.',
    four: 'Revenez quand le sondage ouvre',
    fourText: 'Ouvrez la même adresse et tapez votre code.',
    leave: 'Votre code n’est que sur cette page tant que vous ne l’avez ni enregistré ni imprimé. Si vous partez, il est perdu.',
  },
};
