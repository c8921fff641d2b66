// Die Wörter für das, was nur Umfragen haben, auf Deutsch.

import type { SurveyMessages } from './en';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
const list = (names: readonly string[]): string => names.join(', ');

export const de: SurveyMessages = {
  number: {
    whole: (lo, hi) => `Eine ganze Zahl von ${lo} bis ${hi}.`,
    decimals: (lo, hi, places) =>
      `Eine Zahl von ${lo} bis ${hi}, mit höchstens ${plural(places, '1 Stelle', `${places} Stellen`)} nach dem Komma.`,
    slide: (step) => `Oder schieben Sie ungefähr an die richtige Stelle, in Schritten von ${step}`,
    notSet: 'nicht gesetzt',
    readAs: (number) => `Gelesen als ${number}.`,
    blank: 'Das möchte ich nicht sagen',
    blankHint: 'Das löscht Ihre Zahl. Ihre anderen Antworten zählen trotzdem. Ihr Stimmzettel zeigt nicht, dass Sie nichts gesagt haben.',
    locked: (t) =>
      `Ihre Zahl bleibt verschlossen: ${plural(t, 'Nur eine Vertrauensperson, die gegen die Regeln verstößt, könnte sie öffnen', `Nur ${t} Vertrauenspersonen, die gemeinsam gegen die Regeln verstoßen, könnten sie öffnen`)}.`,
    proof: (lo, hi) =>
      `Sie wird auf diesem Gerät verschlossen, mit einem Beweis, dass sie zwischen ${lo} und ${hi} liegt. Die Vertrauenspersonen öffnen nur dies:`,
  },
  matrix: {
    hint: (rows) => `Wählen Sie für jede der ${rows} Zeilen eine Antwort.`,
    blank: 'Keine Angabe',
    blankHint: 'Auch „Keine Angabe“ ist eine Antwort. Ihr Stimmzettel zeigt nicht, in welchen Zeilen Sie sie gewählt haben.',
    answered: (n, of) => `${n} von ${of} Zeilen beantwortet`,
    missing: (n) => plural(n, 'Noch 1 Zeile.', `Noch ${n} Zeilen.`),
  },
  faults: {
    noNumber: (canSkip) =>
      canSkip ? 'Geben Sie eine Zahl ein, oder wählen Sie „Das möchte ich nicht sagen“.' : 'Geben Sie eine Zahl ein.',
    text: (range) => `Das kann diese Seite nicht als Zahl lesen. ${range}`,
    fraction: (range) => `Diese Zahl hat mehr Stellen nach dem Komma, als gezählt werden können. ${range}`,
    range: (lo, hi) => `Geben Sie eine Zahl von ${lo} bis ${hi} ein.`,
    row: (name, missing) =>
      missing === 1
        ? `Wählen Sie eine Antwort für „${name}“.`
        : `Wählen Sie eine Antwort für „${name}“ und für ${missing === 2 ? 'die andere Zeile' : `die anderen ${missing - 1} Zeilen`} ohne Antwort.`,
  },
  opened: {
    title: 'Was geöffnet wird',
    text: (t) =>
      `Diese Zahlen und keine anderen. Ihre eigenen Antworten bleiben verschlossen: ${plural(t, 'Nur eine Vertrauensperson, die gegen die Regeln verstößt, könnte sie öffnen', `Nur ${t} Vertrauenspersonen, die gemeinsam gegen die Regeln verstoßen, könnten sie öffnen`)}.`,
    derived: 'Danach wird nicht gefragt: Es wird aus Ihren verschlossenen Antworten berechnet.',
    counts: 'wie viele jede Antwort gewählt haben',
    average: 'und daraus der Durchschnitt',
    points: 'wie viele Punkte jede Möglichkeit insgesamt bekommen hat',
    rows: 'für jede Zeile, wie viele jede Antwort gewählt haben',
    rowAverages: 'und daraus der Durchschnitt jeder Zeile',
    sum: 'die Summe aller Antworten, und damit der Durchschnitt',
    squares: 'die Summe der Quadrate aller Antworten, und damit, wie weit sie üblicherweise vom Durchschnitt liegen',
    blanks: 'wie viele es nicht sagen möchten',
    bands: (bands) => `wie viele Antworten in jedem von ${bands.length} Bereichen liegen: ${bands.join('; ')}`,
    band: (from, to) => `${from} bis ${to}`,
    product: (one, other) =>
      `die Summe der Produkte von „${one}“ und „${other}“, und damit, ob beide miteinander steigen und fallen`,
    table: (one, other) => `wie viele jedes Paar von Antworten auf „${one}“ und „${other}“ gegeben haben`,
    groups: (names) =>
      `Die Ergebnisse werden für diese Gruppen getrennt gezeigt: ${list(names)}. In welcher Gruppe Sie zählen, wurde mit Ihrem Code festgelegt.`,
    fewBallots: (least) => `Eine Frage, die weniger als ${least} Stimmzettel beantworten, wird gar nicht geöffnet.`,
    fewAnswers: (least) =>
      plural(
        least,
        'Eine Frage wird auch geöffnet, wenn nur ein Stimmzettel sie beantwortet: Geöffnet wird dann diese Antwort.',
        `Eine Frage wird geöffnet, sobald ${least} Stimmzettel sie beantworten. Wer alle diese Antworten außer einer kennt, kann diese eine dann ausrechnen.`,
      ),
    smallTitle: 'Kleine Zahlen bleiben verschlossen, aber nicht vor den Vertrauenspersonen.',
    small: (least) =>
      `Eine Anzahl unter ${least} wird nicht veröffentlicht, und andere nicht, die sie verraten würden; wo mehrere Antworten möglich sind, auch nicht die einer Antwort, die weniger als ${least} Stimmzettel ausgelassen haben. Zwischen welchen Grenzen eine verschlossene Anzahl liegt, lässt sich aus den offenen berechnen, manchmal recht genau.`,
    seen: (t) =>
      `Um zu wissen, welche klein sind, sehen die Vertrauenspersonen zuerst nach: Jede von ihnen sieht jede Anzahl dieser Fragen, auch die kleinen. Sonst sieht sie niemand, außer wenn eine von ihnen redet oder die geheimen Wörter einer von ihnen gefunden werden, auch noch nach Jahren${plural(t, '', `, oder ${t} sich zusammentun`)}.`,
    sums: 'Summen, Durchschnitte und Punkte sind keine solchen Zahlen: Sie werden geöffnet, und wo wenige Antworten weit von allen anderen liegen, können sie etwas über diese sagen. Wie viele nichts angeben, wird geöffnet, solange eine andere Anzahl daneben offen ist.',
  },
  who: {
    title: 'Wer weiß, dass Sie teilgenommen haben?',
    issued: (issuers) =>
      issuers.length === 1
        ? `${list(issuers)} hat Ihren Wahlcode gemacht und weiß, wem er gehört. So lässt sich sagen, wer wann und wie oft teilgenommen hat; nie, was geantwortet wurde.`
        : `${list(issuers)} haben die Teile Ihres Wahlcodes gemacht, und jeder weiß, wem seiner gehört. Jeder kann sagen, wer wann und wie oft teilgenommen hat; nie, was geantwortet wurde.`,
    registered: (registrar) =>
      `Sie haben Ihren Code auf Ihrem eigenen Gerät gemacht; war die Seite dazu die echte, hatte ihn niemand sonst je. Wer Ihre Anmeldezeile ankommen sah, weiß, dass sie von Ihnen ist: Hat ${registrar} sie per E-Mail bekommen, lässt sich sagen, wer wann und wie oft teilgenommen hat. Kamen die Zeilen aus einem Kasten ohne Namen, lässt es sich nicht sagen. Was Sie geantwortet haben, geht daraus nie hervor. ${registrar} führt die Liste und könnte eigene Zeilen daraufsetzen; alle können sehen, wie viele es sind, und Sie kommen nur hinein, wenn Ihre dabei ist.`,
    together:
      'Alle Stimmzettel mit Ihrem Code stehen auf dem Brett unter einer Nummer: Alle können sehen, dass sie zusammengehören. In einer anderen Umfrage haben Sie eine andere Nummer, und daran kann niemand beide verbinden.',
    address: 'Der Server sieht die Netzadresse, von der Sie kommen.',
    few: 'In einer Gruppe von sehr wenigen Menschen kann eine Summe viel über jeden sagen.',
  },
  code: {
    hint: 'Es ist der, den Sie vor der Öffnung auf Ihrem eigenen Gerät gemacht haben: 30 Buchstaben und Ziffern. Kleinbuchstaben, Leerzeichen und Striche sind ohne Bedeutung. Er bleibt auf diesem Gerät.',
    none: (registrar) =>
      `Antworten kann nur, wer vor der Öffnung einen Code gemacht hat und wessen Zeile ${registrar} auf die Liste gesetzt hat. Niemand sonst hat Ihren Code: Haben Sie ihn verloren, kann ihn Ihnen niemand wiedergeben.`,
  },
  shown: {
    blankRow: 'keine Angabe',
  },
  register: {
    title: 'Machen Sie Ihren Wahlcode',
    lede: 'Dieses Gerät macht einen Wahlcode, den sonst niemand hat. Den Code behalten Sie; eine Zeile, die dazu gehört, geben Sie ab.',
    notYet: (when) =>
      `Die Umfrage öffnet am ${when}. Ihr Code und Ihre Zeile müssen vorher da sein: Nur wessen Zeile auf der Liste steht, kann antworten.`,
    one: 'Den Code machen',
    oneText: 'Er entsteht hier durch Zufall. Er geht an keinen Server und steht in keiner Adresse.',
    make: 'Meinen Code machen',
    making: 'Ihr Code entsteht',
    made: 'Ihr Code ist gemacht.',
    failed: 'Der Code konnte nicht gemacht werden',
    haveOne: 'Ich habe schon einen Code gemacht',
    haveOneText:
      'Dann behalten Sie diesen und machen Sie keinen anderen: Jeder neue Code braucht seine eigene Zeile, und nur die abgegebene Zeile zählt. Haben Sie Ihre Zeile verloren, lässt sie sich hier nicht wieder machen; machen Sie einen neuen Code und geben Sie die neue Zeile ab.',
    two: 'Behalten Sie Ihren Code',
    twoText: 'Wer ihn hat, kann an Ihrer Stelle antworten, und niemand kann ihn noch einmal machen. Drucken oder speichern Sie ihn, bevor Sie weitergehen.',
    code: 'Ihr Wahlcode',
    save: 'Code speichern',
    print: 'Drucken',
    saved: (title, code, address) =>
      `${title}\n\nIhr Wahlcode: ${code}\n\nBehalten Sie ihn für sich. Wenn die Umfrage offen ist, gehen Sie auf\n${address}\nund tippen ihn ein.\n`,
    three: 'Geben Sie Ihre Zeile ab',
    threeText: (registrar) =>
      `Geben Sie diese Zeile ${registrar}, so wie Ihre Einladung es sagt. Sie zeigt, dass Sie einen Code haben; sie enthält den Code nicht, und niemand kann ihn daraus finden. Wer sie mit Ihrem Namen sieht, kann erkennen, ob, wann und wie oft Sie teilgenommen haben, nie was Sie geantwortet haben.`,
    line: 'Die Zeile zum Abgeben',
    copied: 'Kopiert',
    copy: 'Zeile kopieren',
    download: 'Zeile speichern',
    mailed: 'Wenn Sie sie per E-Mail schicken, kann, wer die Mail liest, Sie als Teilnehmer nennen, aber nicht Ihre Antworten.',
    four: 'Kommen Sie wieder, wenn die Umfrage öffnet',
    fourText: 'Öffnen Sie dieselbe Adresse und tippen Sie Ihren Code ein.',
    leave: 'Ihr Code ist nur auf dieser Seite, bis Sie ihn speichern oder drucken. Wenn Sie gehen, ist er weg.',
  },
};
