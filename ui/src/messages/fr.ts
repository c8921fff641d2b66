// Les mots, en français.

import type { Messages } from './en';

const plural = (count: number, one: string, many: string): string => (count < 2 ? one : many);

export const fr: Messages = {
  frame: {
    skip: 'Aller au contenu',
    language: 'Langue : ',
    about: 'À propos de ce vote',
    board: 'Le registre public',
    check: 'Contrôler un reçu',
    files: 'Comparer les fichiers de ces pages',
    vote: 'Voter',
    runsOn: 'Fonctionne avec Psephos, un logiciel libre pour des élections que chacun peut contrôler.',
    loading: 'Chargement',
    error: 'Erreur : ',
    problem: 'Il y a un problème',
    back: 'Retour',
    go: 'Continuer',
    copied: 'Copié',
    copy: 'Copier',
    copyWhat: ' le code',
    tryAgain: 'Réessayer',
    saveEvidence: 'Enregistrer la preuve',
    evidenceHint: 'Ce fichier contient ce que le serveur a envoyé. Il ne contient ni vos choix ni votre code de vote.',
    whatHappened: 'Ce qui s’est passé',
    whatToDo: 'Que faire',
    whatSeen: 'Ce que cette page a vu',
  },
  trail: {
    label: 'Où est votre vote',
    device: 'Sur cet appareil',
    locked: 'Verrouillé',
    board: 'Au registre',
    done: ', fait',
  },
  welcome: {
    title: 'Voter',
    openUntil: 'Ouvert jusqu’au',
    questions: (n) =>
      n === 1
        ? 'Une question. Vous vérifiez tout avant l’envoi.'
        : `${n} questions, une par page. Vous vérifiez tout avant l’envoi.`,
    unknownQuestions: 'Une question par page. Vous vérifiez tout avant l’envoi.',
    revote: 'Vous pouvez voter à nouveau jusqu’à la clôture. Seul votre dernier bulletin compte.',
    noElection: 'Votre lien ne dit pas pour quelle élection il est',
    noElectionText: 'Cette page ne peut pas comparer. Si votre invitation indique le numéro de l’élection, comparez-le avec celui-ci :',
    codeHeading: 'Votre code de vote',
    codeCame: 'Votre code de vote est venu avec votre lien.',
    codeStays: 'Il reste sur cet appareil. Nous ne l’envoyons nulle part.',
    useAnother: 'Utiliser un autre code',
    codeLabel: 'Votre code de vote',
    codeLabelOf: (issuer) => `Votre code de vote de ${issuer}`,
    codeHint:
      'Il est dans votre invitation : 30 lettres et chiffres. Les minuscules, les espaces et les tirets ne comptent pas. Il reste sur cet appareil.',
    start: 'Commencer',
    noCode: 'Je n’ai pas de code, ou il ne marche pas',
    noCodeText: (organiser) =>
      `Seul l’organisateur, ${organiser}, peut vous aider : demandez votre code par téléphone ou de vive voix. Une fois le vote ouvert, aucun code ne peut être refait.`,
    secretTitle: 'Ce qui est secret, ce qui est public',
    secret: 'Secret',
    secretHow: 'Votre vote.',
    secretHowText: 'Votre bulletin est verrouillé sur cet appareil avant d’être envoyé. Seuls les totaux sont ouverts.',
    secretName: 'Votre nom.',
    secretNameText: 'Le registre montre un numéro à la place de votre nom.',
    public: 'Public',
    publicCame: 'Qu’un bulletin est arrivé, et quand.',
    publicCameText: 'Chacun peut compter les bulletins verrouillés.',
    publicTotals: 'Les totaux et la preuve.',
    publicTotalsText: 'Chacun peut contrôler que chaque bulletin a été compté, une seule fois.',
    whoOpens: 'Qui peut ouvrir le résultat ?',
    whoOpensText: (n, t) =>
      n === 1
        ? 'Un dépositaire détient la clé et peut ouvrir les totaux après la clôture.'
        : `${n} dépositaires détiennent chacun une part de la clé. ${t} d’entre eux, ensemble, peuvent ouvrir les totaux après la clôture. Avec moins de parts, rien ne s’ouvre.`,
    whoOpensLimit: (t) =>
      t === 1
        ? 'Un dépositaire qui manquerait à sa parole pourrait ouvrir des bulletins, mais pas changer le compte sans être découvert.'
        : `Si ${t} d’entre eux manquaient ensemble à leur parole, ils pourraient ouvrir des bulletins. Ils ne pourraient pas changer le compte sans être découverts.`,
    limits: 'De quoi Psephos ne peut-il pas me protéger ?',
    limitsText:
      'De quelqu’un qui regarde par-dessus votre épaule. De quelqu’un qui a pris le contrôle de votre téléphone ou de votre ordinateur : il verrait votre vote. De quelqu’un qui vous fait voter devant lui.',
    limitsAdvice: 'Votez là où vous êtes seul, sur un appareil auquel vous faites confiance.',
    checked: 'Qu’est-ce que cette page a contrôlé avant de me laisser entrer ?',
    checkedQuestions: 'Les questions sont celles que votre lien désigne.',
    checkedQuestionsUnknown:
      'Votre lien ne dit pas quelle élection il désigne ; cette page n’a donc pas pu comparer. Le numéro de cette élection est ci-dessous.',
    checkedKey: (n) =>
      n === 1
        ? 'Le dépositaire a signé la clé qui verrouille votre bulletin.'
        : `Les ${n} dépositaires ont tous signé la clé qui verrouille votre bulletin.`,
    checkedOpen: 'Le vote est ouvert, et le registre public le confirme.',
    checkedId: 'Le numéro de cette élection',
    checkedFiles:
      'Cette page ne peut pas se porter garante d’elle-même. Pour comparer ses fichiers avec la liste publiée à l’ouverture du vote, prenez un autre appareil :',
    howToCompare: 'comment comparer',
    clockClosed: 'D’après l’horloge de cet appareil, le vote est clos. Si elle est à l’heure, le registre refusera votre bulletin.',
    clockNotOpen:
      'D’après l’horloge de cet appareil, le vote n’est pas encore ouvert. Si elle est à l’heure, le registre refusera votre bulletin.',
  },
  codeErrors: {
    empty: 'Entrez votre code de vote.',
    character: (character) => `Vérifiez votre code de vote. Il contient « ${character} », qu’aucun code ne contient.`,
    short: (missing) => `Vérifiez votre code de vote. Il manque ${missing} ${plural(missing, 'caractère', 'caractères')}.`,
    long: (more) => `Vérifiez votre code de vote. Il a ${more} ${plural(more, 'caractère', 'caractères')} de trop.`,
    checksum: 'Vérifiez votre code de vote. L’un des caractères n’est pas le bon.',
    otherVote: 'Ce code de vote est pour un autre vote, ou il a été remplacé. Vérifiez que c’est le plus récent pour ce vote.',
    together:
      'Ensemble, ces codes ne font pas un vote. Chaque lettre a son propre code : vérifiez que tous sont les vôtres, pour ce vote, et chacun dans son champ.',
  },
  stop: {
    stopped: 'Le vote est arrêté. Rien n’a été envoyé.',
    contact: 'Joignez l’organisateur par le numéro ou l’adresse de votre invitation, pas par un lien de ce site.',
    otherElection: {
      title: 'Ce n’est pas l’élection de votre lien',
      what: 'Votre lien désigne un ensemble précis de questions. Le serveur en a envoyé un autre. C’est peut-être une erreur. C’est peut-être une tentative de vous montrer d’autres questions qu’à tout le monde.',
      do: [
        'Ne votez pas sur cette page.',
        'Joignez l’organisateur par téléphone ou de vive voix, pas par un lien de ce site.',
        'Donnez-lui le fichier de preuve.',
      ],
      expected: 'Votre lien désigne',
      found: 'Le serveur a envoyé',
    },
    key: {
      title: 'Les dépositaires n’ont pas signé cette clé',
      what: 'Les bulletins doivent être verrouillés avec la clé que tous les dépositaires ont signée. Ce que le serveur a envoyé ne le montre pas. Avec une fausse clé, quelqu’un pourrait ouvrir des bulletins.',
      do: [
        'Ne votez pas sur cette page.',
        'Joignez l’organisateur ou un dépositaire par téléphone.',
        'Donnez-lui le fichier de preuve.',
      ],
    },
    setup: {
      title: 'Le registre ne tient pas debout',
      what: 'Avant de laisser entrer qui que ce soit, cette page lit le registre de la première entrée à l’ouverture. L’une des entrées n’est pas valable.',
      do: [
        'Ne votez pas sur cette page.',
        'Joignez l’organisateur par téléphone ou de vive voix.',
        'Donnez-lui le fichier de preuve.',
      ],
    },
    forgotten: {
      title: 'Le registre a perdu votre bulletin précédent',
      what: 'Cet appareil a un reçu d’un bulletin que vous avez déposé. Ce que le serveur dit maintenant de vos bulletins le contredit.',
      do: [
        'Ne votez pas sur cette page maintenant.',
        'Gardez votre reçu, et ouvrez-le sur la page « Contrôler un reçu ».',
        'Joignez l’organisateur ou un dépositaire par téléphone.',
      ],
    },
    histories: {
      title: 'Le registre a signé deux histoires',
      what: 'Après l’envoi de votre bulletin, cette page a comparé ce que le registre avait signé avant avec ce qu’il a signé maintenant. Aucun registre ne peut avoir signé les deux. Votre bulletin est peut-être dans un registre que personne d’autre ne voit.',
      do: [
        'Enregistrez la preuve. Chacun peut la contrôler, et elle ne montre pas votre vote.',
        'Cherchez votre code au registre avec un autre appareil et un autre réseau.',
        'Prévenez l’organisateur et un dépositaire par téléphone.',
      ],
    },
    found: 'Ce qui ne va pas',
    closed: {
      title: 'Le vote est clos',
      lede: 'Rien n’a été envoyé.',
      ledeSent: 'Le serveur dit que votre bulletin est arrivé après la clôture.',
      what: (when) => `Le vote a été clos le ${when}.`,
      whatSent: 'Il ne serait alors pas compté. Si vous aviez déposé un bulletin auparavant, celui-là compte toujours. Cherchez votre code sur le tableau : s’il y est, il est arrivé à temps.',
      early: (when) =>
        `Le manifeste dit que le vote est ouvert jusqu’au ${when}. L’organisateur peut clore plus tôt, et tout le monde le voit alors sur le tableau. S’il n’y est pas, enregistrez la preuve et prévenez l’organisateur.`,
      do: 'Contrôlez un reçu précédent, ou regardez le registre, où sera le résultat.',
      board: 'Aller au registre',
    },
    notOpen: {
      title: 'Le vote n’est pas encore ouvert',
      lede: 'Revenez avec le même lien.',
      what: (when) => `Le vote ouvre le ${when}.`,
      preparing: 'L’organisateur et les dépositaires préparent encore ce vote.',
    },
    unreachable: {
      title: 'Le serveur ne répond pas',
      lede: 'Rien n’a été envoyé.',
      what: 'Cette page n’a pas pu charger l’élection. Vous êtes peut-être hors ligne, ou le serveur l’est.',
      do: 'Vérifiez votre connexion et réessayez. Si cela dure, prévenez l’organisateur.',
    },
    missing: {
      title: 'Il n’y a pas cette élection ici',
      lede: 'Rien n’a été envoyé.',
      what: 'L’adresse désigne une élection que ce serveur n’a pas.',
      do: 'Vérifiez que le lien est complet, et rouvrez-le depuis votre invitation.',
    },
    oldBrowser: {
      title: 'Ce navigateur est trop ancien pour verrouiller un bulletin',
      lede: 'Rien n’a été envoyé.',
      what: 'Votre bulletin est verrouillé sur votre propre appareil, et il manque à ce navigateur ce qu’il faut pour cela.',
      do: 'Mettez-le à jour, ou ouvrez le même lien dans un Firefox, Chrome, Safari ou Edge récent, sur n’importe quel téléphone ou ordinateur.',
    },
    broken: {
      title: 'Cette page a un défaut',
      lede: 'Rien de plus n’est envoyé.',
      what: 'Quelque chose n’a pas marché dans cette page. Ce n’est pas votre faute.',
      do: 'Rechargez la page. Si cela se répète, prenez un autre navigateur ou prévenez l’organisateur.',
    },
  },
  home: {
    title: 'Élections sur ce serveur',
    lede: 'Un vote, des reçus et des résultats que chacun peut contrôler.',
    none: 'Il n’y a pas encore d’élection ici.',
    opens: 'Ouverture',
    closes: 'Clôture',
    vote: 'Voter',
    board: 'Registre',
    check: 'Contrôler un reçu',
  },
};
