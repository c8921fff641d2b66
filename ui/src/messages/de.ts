// Die Worte auf Deutsch.

import type { Messages } from './en';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const de: Messages = {
  frame: {
    skip: 'Zum Inhalt',
    language: 'Sprache: ',
    about: 'Über diese Wahl',
    board: 'Das öffentliche Brett',
    check: 'Einen Beleg prüfen',
    files: 'Die Dateien dieser Seiten vergleichen',
    vote: 'Wählen',
    runsOn: 'Läuft mit Psephos, freier Software für Wahlen, die jeder nachprüfen kann.',
    loading: 'Wird geladen',
    error: 'Fehler: ',
    problem: 'Etwas stimmt nicht',
    back: 'Zurück',
    go: 'Weiter',
    copied: 'Kopiert',
    copy: 'Kopieren',
    copyWhat: ': den Code',
    tryAgain: 'Noch einmal versuchen',
    saveEvidence: 'Beweis speichern',
    evidenceHint: 'Die Datei enthält, was der Server gesendet hat. Sie enthält weder Ihre Wahl noch Ihren Wahlcode.',
    whatHappened: 'Was geschehen ist',
    whatToDo: 'Was zu tun ist',
    whatSeen: 'Was diese Seite gesehen hat',
  },
  trail: {
    label: 'Wo Ihre Stimme ist',
    device: 'Auf diesem Gerät',
    locked: 'Verschlossen',
    board: 'Am Brett',
    done: ', erledigt',
  },
  welcome: {
    title: 'Wählen',
    openUntil: 'Offen bis',
    questions: (n) =>
      n === 1
        ? 'Eine Frage. Sie prüfen alles, bevor es abgeht.'
        : `${n} Fragen, eine pro Seite. Sie prüfen alles, bevor es abgeht.`,
    unknownQuestions: 'Eine Frage pro Seite. Sie prüfen alles, bevor es abgeht.',
    revote: 'Bis zum Schluss können Sie erneut wählen. Nur Ihr letzter Stimmzettel zählt.',
    noElection: 'Ihr Link sagt nicht, zu welcher Wahl er gehört',
    noElectionText: 'Diese Seite kann nicht vergleichen. Nennt Ihre Einladung die Nummer der Wahl, so vergleichen Sie sie mit dieser:',
    codeHeading: 'Ihr Wahlcode',
    codeCame: 'Ihr Wahlcode kam mit Ihrem Link.',
    codeStays: 'Er bleibt auf diesem Gerät. Wir senden ihn nirgendwohin.',
    useAnother: 'Einen anderen Code verwenden',
    codeLabel: 'Ihr Wahlcode',
    codeLabelOf: (issuer) => `Ihr Wahlcode von ${issuer}`,
    codeHint:
      'Er steht in Ihrer Einladung: 30 Buchstaben und Ziffern. Kleinbuchstaben, Leerzeichen und Striche spielen keine Rolle. Er bleibt auf diesem Gerät.',
    start: 'Beginnen',
    noCode: 'Ich habe keinen Code, oder er geht nicht',
    noCodeText: (organiser) =>
      `Helfen kann nur der Veranstalter, ${organiser}: Fragen Sie telefonisch oder persönlich nach Ihrem Code. Ist die Wahl eröffnet, kann kein Code neu gemacht werden.`,
    secretTitle: 'Was geheim ist, was öffentlich ist',
    secret: 'Geheim',
    secretHow: 'Wie Sie wählen.',
    secretHowText:
      'Ihr Stimmzettel wird auf diesem Gerät verschlossen, bevor er abgeht. Geöffnet werden nur die Summen.',
    secretName: 'Ihr Name.',
    secretNameText: 'Das Brett zeigt eine Nummer statt Ihres Namens.',
    public: 'Öffentlich',
    publicCame: 'Dass ein Stimmzettel ankam, und wann.',
    publicCameText: 'Jeder kann die verschlossenen Stimmzettel zählen.',
    publicTotals: 'Die Summen und der Beweis.',
    publicTotalsText: 'Jeder kann prüfen, dass jeder Stimmzettel gezählt wurde, und zwar einmal.',
    whoOpens: 'Wer kann das Ergebnis öffnen?',
    whoOpensText: (n, t) =>
      n === 1
        ? 'Eine Vertrauensperson hat den Schlüssel und kann nach dem Schluss die Summen öffnen.'
        : `${n} Vertrauenspersonen haben je einen Teil des Schlüssels. ${t} von ihnen zusammen können nach dem Schluss die Summen öffnen. Mit weniger Teilen lässt sich nichts öffnen.`,
    whoOpensLimit: (t) =>
      t === 1
        ? 'Bräche sie ihr Wort, könnte sie einzelne Stimmzettel öffnen, aber nicht unbemerkt das Ergebnis ändern.'
        : `Brächen ${t} von ihnen gemeinsam ihr Wort, könnten sie einzelne Stimmzettel öffnen. Das Ergebnis könnten sie nicht unbemerkt ändern.`,
    limits: 'Wovor kann Psephos mich nicht schützen?',
    limitsText:
      'Vor jemandem, der Ihnen über die Schulter schaut. Vor jemandem, der Ihr Telefon oder Ihren Computer übernommen hat: Er könnte sehen, wie Sie wählen. Vor jemandem, der Sie vor seinen Augen wählen lässt.',
    limitsAdvice: 'Wählen Sie dort, wo Sie allein sind, auf einem Gerät, dem Sie trauen.',
    checked: 'Was hat diese Seite geprüft, bevor sie mich einließ?',
    checkedQuestions: 'Die Fragen sind die, für die Ihr Link steht.',
    checkedQuestionsUnknown:
      'Ihr Link sagt nicht, für welche Wahl er steht; darum konnte diese Seite nicht vergleichen. Die Nummer dieser Wahl steht unten.',
    checkedKey: (n) =>
      n === 1
        ? 'Die Vertrauensperson hat den Schlüssel unterschrieben, der Ihren Stimmzettel verschließt.'
        : `Alle ${n} Vertrauenspersonen haben den Schlüssel unterschrieben, der Ihren Stimmzettel verschließt.`,
    checkedOpen: 'Die Wahl ist offen, und das öffentliche Brett bestätigt es.',
    checkedId: 'Die Nummer dieser Wahl',
    checkedFiles:
      'Für sich selbst kann diese Seite nicht bürgen. Um ihre Dateien mit der Liste zu vergleichen, die bei der Eröffnung veröffentlicht wurde, nehmen Sie ein anderes Gerät:',
    howToCompare: 'so wird verglichen',
    clockClosed: 'Nach der Uhr dieses Geräts ist die Wahl geschlossen. Geht sie richtig, weist das Brett Ihren Stimmzettel ab.',
    clockNotOpen:
      'Nach der Uhr dieses Geräts ist die Wahl noch nicht eröffnet. Geht sie richtig, weist das Brett Ihren Stimmzettel ab.',
  },
  codeErrors: {
    empty: 'Geben Sie Ihren Wahlcode ein.',
    character: (character) => `Prüfen Sie Ihren Wahlcode. Er enthält „${character}“, das in keinem Code vorkommt.`,
    short: (missing) => `Prüfen Sie Ihren Wahlcode. Es ${plural(missing, 'fehlt 1 Zeichen', `fehlen ${missing} Zeichen`)}.`,
    long: (more) => `Prüfen Sie Ihren Wahlcode. Er hat ${more} Zeichen zu viel.`,
    checksum: 'Prüfen Sie Ihren Wahlcode. Eines der Zeichen stimmt nicht.',
    otherVote: 'Dieser Wahlcode ist für eine andere Wahl, oder er wurde ersetzt. Prüfen Sie, ob er der neueste für diese Wahl ist.',
    together:
      'Zusammen ergeben diese Wahlcodes keine Stimme. Jeder Brief hat seinen eigenen: Prüfen Sie, ob alle Ihre sind, für diese Wahl, und jeder in seinem Feld.',
  },
  stop: {
    stopped: 'Die Wahl ist angehalten. Es wurde nichts gesendet.',
    contact: 'Erreichen Sie den Veranstalter über die Nummer oder Adresse in Ihrer Einladung, nicht über einen Link auf dieser Seite.',
    otherElection: {
      title: 'Das ist nicht die Wahl Ihres Links',
      what: 'Ihr Link steht für ganz bestimmte Fragen. Der Server hat andere gesendet. Das kann ein Versehen sein. Es kann ein Versuch sein, Ihnen andere Fragen zu zeigen als allen anderen.',
      do: [
        'Wählen Sie nicht auf dieser Seite.',
        'Erreichen Sie den Veranstalter telefonisch oder persönlich, nicht über einen Link auf dieser Seite.',
        'Geben Sie ihm die Beweisdatei.',
      ],
      expected: 'Ihr Link steht für',
      found: 'Der Server hat gesendet',
    },
    key: {
      title: 'Die Vertrauenspersonen haben diesen Schlüssel nicht unterschrieben',
      what: 'Stimmzettel müssen mit dem Schlüssel verschlossen werden, den alle Vertrauenspersonen unterschrieben haben. Was der Server gesendet hat, zeigt das nicht. Mit einem falschen Schlüssel könnte jemand einzelne Stimmzettel öffnen.',
      do: [
        'Wählen Sie nicht auf dieser Seite.',
        'Rufen Sie den Veranstalter oder eine Vertrauensperson an.',
        'Geben Sie ihnen die Beweisdatei.',
      ],
    },
    setup: {
      title: 'Das Brett passt nicht zusammen',
      what: 'Bevor diese Seite jemanden einlässt, liest sie das Brett vom ersten Eintrag bis zur Eröffnung. Einer der Einträge ist nicht gültig.',
      do: [
        'Wählen Sie nicht auf dieser Seite.',
        'Erreichen Sie den Veranstalter telefonisch oder persönlich.',
        'Geben Sie ihm die Beweisdatei.',
      ],
    },
    forgotten: {
      title: 'Das Brett hat Ihren früheren Stimmzettel verloren',
      what: 'Dieses Gerät hat einen Beleg für einen Stimmzettel, den Sie abgegeben haben. Was der Server jetzt über Ihre Stimmzettel sagt, widerspricht ihm.',
      do: [
        'Wählen Sie jetzt nicht auf dieser Seite.',
        'Behalten Sie Ihren Beleg, und öffnen Sie ihn auf der Seite „Einen Beleg prüfen“.',
        'Rufen Sie den Veranstalter oder eine Vertrauensperson an.',
      ],
    },
    histories: {
      title: 'Das Brett hat zwei Geschichten unterschrieben',
      what: 'Nachdem Ihr Stimmzettel gesendet war, hat diese Seite verglichen, was das Brett vorher und was es jetzt unterschrieben hat. Kein Brett kann beides unterschrieben haben. Ihr Stimmzettel ist vielleicht an einem, das sonst niemand sieht.',
      do: [
        'Speichern Sie den Beweis. Jeder kann ihn prüfen, und er zeigt nicht, wie Sie gewählt haben.',
        'Suchen Sie Ihren Code am Brett mit einem anderen Gerät und einem anderen Netz.',
        'Rufen Sie den Veranstalter und eine Vertrauensperson an.',
      ],
    },
    found: 'Was nicht stimmt',
    closed: {
      title: 'Die Wahl ist geschlossen',
      lede: 'Es wurde nichts gesendet.',
      ledeSent: 'Der Server sagt, Ihr Stimmzettel sei nach dem Ende gekommen.',
      what: (when) => `Die Wahl schloss: ${when}.`,
      whatSent: 'Dann würde er nicht gezählt. Hatten Sie vorher schon einen abgegeben, so zählt jener weiter. Suchen Sie Ihren Code auf der Tafel: Steht er dort, kam er rechtzeitig.',
      early: (when) =>
        `Das Manifest sagt, dass die Wahl bis ${when} offen ist. Die Wahlleitung kann früher schließen, und dann sehen es alle auf der Tafel. Steht es dort nicht, so speichern Sie die Beweise, und sagen Sie es der Wahlleitung.`,
      do: 'Prüfen Sie einen früheren Beleg, oder sehen Sie am Brett nach, wo das Ergebnis stehen wird.',
      board: 'Zum Brett',
    },
    notOpen: {
      title: 'Die Wahl ist noch nicht eröffnet',
      lede: 'Kommen Sie mit demselben Link wieder.',
      what: (when) => `Die Wahl öffnet: ${when}.`,
      preparing: 'Der Veranstalter und die Vertrauenspersonen bereiten diese Wahl noch vor.',
    },
    unreachable: {
      title: 'Der Server antwortet nicht',
      lede: 'Es wurde nichts gesendet.',
      what: 'Diese Seite konnte die Wahl nicht laden. Vielleicht sind Sie offline, vielleicht ist es der Server.',
      do: 'Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal. Bleibt es so, sagen Sie es dem Veranstalter.',
    },
    missing: {
      title: 'Diese Wahl gibt es hier nicht',
      lede: 'Es wurde nichts gesendet.',
      what: 'Die Adresse nennt eine Wahl, die dieser Server nicht hat.',
      do: 'Prüfen Sie, ob der Link vollständig ist, und öffnen Sie ihn noch einmal aus Ihrer Einladung.',
    },
    oldBrowser: {
      title: 'Dieser Browser ist zu alt, um einen Stimmzettel zu verschließen',
      lede: 'Es wurde nichts gesendet.',
      what: 'Ihr Stimmzettel wird auf Ihrem eigenen Gerät verschlossen, und diesem Browser fehlt, was es dazu braucht.',
      do: 'Aktualisieren Sie ihn, oder öffnen Sie denselben Link in einem aktuellen Firefox, Chrome, Safari oder Edge, auf jedem Telefon oder Computer.',
    },
    broken: {
      title: 'Diese Seite hat einen Fehler',
      lede: 'Es wird nichts weiter gesendet.',
      what: 'Etwas auf dieser Seite ging nicht. Es liegt nicht an Ihnen.',
      do: 'Laden Sie die Seite neu. Geschieht es wieder, nehmen Sie einen anderen Browser, oder sagen Sie es dem Veranstalter.',
    },
  },
  home: {
    title: 'Wahlen auf diesem Server',
    lede: 'Wählen, Belege und Ergebnisse, die jeder nachprüfen kann.',
    none: 'Hier gibt es noch keine Wahl.',
    opens: 'Eröffnung',
    closes: 'Schluss',
    vote: 'Wählen',
    board: 'Brett',
    check: 'Einen Beleg prüfen',
  },
};
