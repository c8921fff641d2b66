// Les mots de la page qui contrôle les reçus, en français.

import type { CheckMessages } from './en';

export const fr: CheckMessages = {
  title: 'Contrôler un reçu',
  hint: 'Voyez si un bulletin est au registre public et compté. Cette page fait le contrôle elle-même, ici, sur votre appareil. Elle ne peut pas voir comment quelqu’un a voté.',
  label: 'Code de confirmation',
  codeHint: '52 lettres et chiffres. Les minuscules, les espaces et les tirets ne comptent pas.',
  button: 'Contrôler',
  open: 'Ouvrir un reçu enregistré',
  answer: 'Réponse',
  reading: 'Lecture du registre',
  empty: 'Entrez un code de confirmation.',
  length: (found) => `Vérifiez le code. Il a ${found} lettres et chiffres ; il devrait en avoir 52.`,
  character: (character) => `Vérifiez le code. Il contient « ${character} », qu’aucun code ne contient.`,
  wrong: 'Vérifiez le code. L’un des caractères n’est pas le bon.',
  notReceipt: 'Ce fichier n’est pas un reçu. Choisissez celui que ce site a enregistré pour vous.',
  counted: 'Compté',
  countedOpen: 'Au registre, et compté en l’état',
  countedText: (index) => `Ce bulletin est l’entrée ${index} du registre et le dernier de cette personne.`,
  countedLater: 'Si cette personne vote à nouveau avant la clôture, cela deviendra « remplacé ».',
  holds: 'L’entrée porte exactement ce code.',
  signed: (entries) =>
    `Elle fait partie de ce que le registre a signé : cette page l’a recalculé jusqu’au résumé signé de ${entries} entrées.`,
  noLater: 'Aucun bulletin ultérieur ne le remplace.',
  promise: 'Votre reçu porte la signature du registre, et le registre tient ce qu’il y a promis.',
  witnessed: 'Des témoins ont signé un registre avec ce bulletin :',
  there: 'Au registre',
  thereText: (index) => `Ce bulletin est l’entrée ${index} du registre.`,
  noLaterSaid: 'Le serveur ne nomme aucun bulletin ultérieur de cette personne. Ce n’est que sa parole.',
  notKnown: 'Le serveur ne connaît pas ce bulletin',
  notKnownText:
    'Ce n’est que sa parole, et il ne cherche pas les bulletins mis à l’épreuve. Il n’a pas de bulletin avec le code',
  certify: 'Lire tout le registre pour en être certain',
  certifyHint: (entries) =>
    `Cette page télécharge alors les ${entries} entrées et regarde elle-même. Cela peut faire beaucoup de mégaoctets : plutôt pas sur un forfait mobile.`,
  replaced: 'Remplacé par un bulletin ultérieur',
  replacedText: (index, by) =>
    `Ce bulletin est au registre, entrée ${index}. La même personne a voté à nouveau, entrée ${by} ; seul celui-là compte.`,
  replacedYou: 'Vous avez voté à nouveau ?',
  replacedYouText: 'Alors tout va bien. Contrôlez votre reçu plus récent pour en être sûr.',
  replacedNot: 'Ce n’était pas vous ?',
  replacedNotText:
    'Alors quelqu’un d’autre a peut-être votre code de vote. Votez à nouveau maintenant, ce qui remplace son bulletin, et prévenez l’organisateur.',
  voided: 'Déclaré mis à l’épreuve',
  voidedText: (index) =>
    `À l’entrée ${index}, une personne déclare avoir ouvert le bulletin qui a ce code pour éprouver son appareil. Aucun bulletin avec ce code n’est compté.`,
  voidedNot:
    'Ce n’est que sa parole : le code d’une telle entrée n’est pas contrôlé. Pour être sûr que ce bulletin ne pourra jamais être déposé, ouvrez ici le lien ou le fichier enregistré du bulletin mis à l’épreuve.',
  ofElection: 'Ce registre est celui de l’élection qui a ce numéro ; comparez-le avec celui de votre lien de vote :',
  voidedYou: 'C’était vous ? Alors n’oubliez pas de déposer un nouveau bulletin.',
  notFound: 'Pas au registre',
  notFoundText: (entries) => `Nous avons regardé les ${entries} entrées, et aucune n’a ce code.`,
  nf1: 'Comparez le code avec votre reçu',
  nf1Text: 'Un seul caractère faux suffit. Nous avons déjà essayé les confusions habituelles, comme O et 0.',
  nf2: 'Vous venez de voter ? Attendez une minute et contrôlez à nouveau',
  nf3: 'Ouvrez votre reçu enregistré sur cette page',
  nf3Text: 'Il contient la promesse signée du registre. Si le registre a perdu votre bulletin, le reçu le prouve.',
  nf4: 'Toujours introuvable ?',
  nf4Text: 'Votez à nouveau avant la clôture, et prévenez l’organisateur.',
  broken: 'Le registre a signé deux histoires',
  brokenText:
    'Cette page a vu deux résumés portant la signature du registre, et aucun registre ne peut avoir les deux. Il montre des choses différentes selon les personnes, ou a retiré ce qu’il avait promis.',
  brokenProof: 'C’est une preuve, et elle est entre vos mains.',
  brokenProofText:
    'Enregistrez-la et donnez-la à l’organisateur et à un dépositaire. Chacun peut la contrôler sans interroger le serveur : verifier equivocation. Elle ne montre pas votre vote.',
  saveProof: 'Enregistrer la preuve',
  worthless: 'Ce reçu ne prouve rien',
  worthlessText: 'Il se contredit. Contrôlez plutôt votre code seul.',
  foreign: 'Ce serveur montre un autre registre',
  foreignText:
    'Ce que vous avez apporté n’est pas signé par le registre que ce serveur montre, ou appartient à une autre élection. Cela ne dit rien de votre bulletin, ni de l’appareil sur lequel vous avez voté.',
  foreignDo: [
    'Gardez votre reçu ou votre lien tel quel.',
    'Contrôlez-le sur un autre appareil et depuis un autre réseau, ou sur le dossier publié : verifier receipt.',
    'Enregistrez la preuve, et prévenez l’organisateur et un dépositaire.',
  ],
  older: 'Le registre montre un état ancien',
  olderText:
    'Il a moins d’entrées que lorsqu’il vous a donné ce reçu, ou qu’il n’en a déjà montré ici. Contrôlez à nouveau dans une minute ; si cela dure, gardez le reçu et prévenez l’organisateur.',
  notABallot: 'Au registre',
  notABallotText: 'L’entrée de ce reçu est au registre, et ce n’est pas un bulletin.',
  boardLies: 'Le registre ne tient pas debout',
  boardLiesText:
    'Ce que le serveur montre n’est pas ce que le registre a signé. On ne peut rien dire de votre bulletin. Enregistrez la preuve et prévenez l’organisateur.',
  challengedTitle: 'Contrôler un bulletin mis à l’épreuve',
  challengedHint:
    'Un autre appareil a ouvert ce bulletin pour montrer qu’il verrouille ce qu’on lui dit. Cette page verrouille à nouveau les mêmes choix. Rien n’est envoyé au serveur.',
  again: 'Verrouillé à nouveau, ici, sur cet appareil',
  againText: 'À partir des choix ci-dessous, cet appareil a obtenu le code ci-dessous.',
  compare: 'Est-ce le code que l’autre appareil a montré avant l’épreuve ?',
  yours: 'Sont-ce les choix que vous avez faits ?',
  honest: 'Si c’est le cas pour les deux, cet appareil-là a été honnête. Sinon, ne votez pas dessus.',
  onBoard: (index) => `Le registre note exactement ce bulletin comme mis à l’épreuve : entrée ${index}. Il n’est jamais compté.`,
  notOnBoard:
    'Le registre ne dit pas que ce bulletin est nul. D’ici là, l’autre appareil pourrait encore le déposer. Attendez une minute et ouvrez à nouveau le lien.',
  counts: 'Ce bulletin est au registre comme déposé ; il n’a donc pas été mis à l’épreuve. Gardez cette page et prévenez l’organisateur.',
  cheated: 'Votre appareil a verrouillé autre chose',
  cheatedLede: 'Ne votez pas sur cet appareil-là.',
  cheatedText:
    'Ce qu’il contenait n’est pas ce que cet appareil a dit, ou n’aurait jamais pu être déposé. L’appareil, son navigateur ou sa page ont été manipulés, ou sont défaillants.',
  cheatedDo: [
    'Photographiez les deux écrans.',
    'Votez sur un autre appareil. Si vous avez déjà déposé un bulletin avec celui-là, votez à nouveau ici : votre dernier bulletin compte.',
    'Prévenez l’organisateur et un dépositaire, même si cela a marché ailleurs. D’autres sont peut-être touchés.',
  ],
  damaged: 'Ce lien est abîmé',
  damagedText: 'Copiez à nouveau le lien entier, ou ouvrez le fichier enregistré.',
  openFile: 'Ouvrir un bulletin mis à l’épreuve',
  scan: {
    start: 'Scanner avec la caméra',
    stop: 'Arrêter la caméra',
    open: 'Ouvrir une image',
    starting: 'En attente de la caméra …',
    looking: 'Tenez le code QR devant la caméra, de sorte qu’il remplisse presque l’image.',
    picture: 'Image de la caméra',
    hint: 'Le code QR d’un reçu, ou d’un bulletin mis à l’épreuve. Les images restent dans cette page ; rien n’en est envoyé.',
    refused:
      'Cette page n’a pas le droit d’utiliser la caméra. Autorisez-la pour ce site dans les réglages du navigateur, ou tapez le code.',
    none: 'Il n’y a pas de caméra que cette page puisse utiliser. Ouvrez une image, ou tapez le code.',
    busy: 'La caméra ne donne pas d’image ; un autre programme l’utilise peut-être. Fermez-le, ou tapez le code.',
    noDecoder: 'Ce qui lit les images n’a pas pu être chargé. Réessayez, ou tapez le code.',
    unknown: 'Ce code QR n’est ni un reçu ni un bulletin mis à l’épreuve de ce site. Rien n’a été ouvert.',
    otherElection: 'Ce code QR est d’une autre élection. Contrôlez-le sur la page de celle-là.',
    nothing: 'Aucun code QR n’a été trouvé dans cette image. Reprenez-la, de plus près et bien en face.',
    noPicture: 'Ce fichier n’est pas une image que le navigateur sait lire.',
  },
};
