// Die Worte der Seite, die Belege prüft, auf Deutsch.

import type { CheckMessages } from './en';

export const de: CheckMessages = {
  title: 'Einen Beleg prüfen',
  hint: 'Sehen Sie, ob ein Stimmzettel am öffentlichen Brett ist und zählt. Diese Seite prüft selbst, hier auf Ihrem Gerät. Wie jemand gewählt hat, kann sie nicht sehen.',
  label: 'Bestätigungscode',
  codeHint: '52 Buchstaben und Ziffern. Kleinbuchstaben, Leerzeichen und Striche spielen keine Rolle.',
  button: 'Prüfen',
  open: 'Gespeicherten Beleg öffnen',
  answer: 'Antwort',
  reading: 'Das Brett wird gelesen',
  empty: 'Geben Sie einen Bestätigungscode ein.',
  length: (found) => `Prüfen Sie den Code. Er hat ${found} Zeichen; es sollten 52 sein.`,
  character: (character) => `Prüfen Sie den Code. Er enthält „${character}“, das in keinem Code vorkommt.`,
  wrong: 'Prüfen Sie den Code. Eines der Zeichen stimmt nicht.',
  notReceipt: 'Diese Datei ist kein Beleg. Wählen Sie die, die diese Seite für Sie gespeichert hat.',
  counted: 'Gezählt',
  countedOpen: 'Am Brett, und nach jetzigem Stand gezählt',
  countedText: (index) => `Dieser Stimmzettel ist Eintrag ${index} am Brett und der letzte dieser Person.`,
  countedLater: 'Wählt diese Person vor dem Schluss erneut, wird daraus „ersetzt“.',
  holds: 'Der Eintrag hat genau diesen Code.',
  signed: (entries) =>
    `Er gehört zu dem, was das Brett unterschrieben hat: Diese Seite hat es bis zur unterschriebenen Zusammenfassung von ${entries} Einträgen nachgerechnet.`,
  noLater: 'Kein späterer Stimmzettel ersetzt ihn.',
  promise: 'Ihr Beleg trägt die Unterschrift des Bretts, und das Brett hält, was es darin versprochen hat.',
  witnessed: 'Zeugen haben ein Brett mit diesem Stimmzettel unterschrieben:',
  there: 'Am Brett',
  thereText: (index) => `Dieser Stimmzettel ist Eintrag ${index} am Brett.`,
  noLaterSaid: 'Der Server nennt keinen späteren Stimmzettel dieser Person. Das ist nur sein Wort.',
  notKnown: 'Der Server kennt keinen solchen Stimmzettel',
  notKnownText:
    'Das ist nur sein Wort, und nach auf die Probe gestellten Stimmzetteln sucht er nicht. Er hat keinen Stimmzettel mit dem Code',
  certify: 'Das ganze Brett lesen, um sicher zu sein',
  certifyHint: (entries) =>
    `Diese Seite holt dann alle ${entries} Einträge und sieht selbst nach. Das können viele Megabyte sein: besser nicht über das Mobilnetz.`,
  replaced: 'Durch einen späteren Stimmzettel ersetzt',
  replacedText: (index, by) =>
    `Dieser Stimmzettel ist am Brett, Eintrag ${index}. Dieselbe Person hat mit Eintrag ${by} erneut gewählt; nur dieser zählt.`,
  replacedYou: 'Haben Sie erneut gewählt?',
  replacedYouText: 'Dann ist alles in Ordnung. Prüfen Sie zur Sicherheit Ihren neueren Beleg.',
  replacedNot: 'Haben Sie nicht?',
  replacedNotText:
    'Dann hat vielleicht jemand anders Ihren Wahlcode. Wählen Sie jetzt erneut, das ersetzt dessen Stimmzettel, und sagen Sie es dem Veranstalter.',
  voided: 'Als auf die Probe gestellt erklärt',
  voidedText: (index) =>
    `In Eintrag ${index} erklärt eine Person, den Stimmzettel mit diesem Code geöffnet zu haben, um ihr Gerät zu prüfen. Gezählt wird keiner mit diesem Code.`,
  voidedNot:
    'Das ist ihr Wort: Der Code in einem solchen Eintrag wird nicht geprüft. Um sicher zu sein, dass dieser Stimmzettel nie abgegeben werden kann, öffnen Sie hier den Link oder die gespeicherte Datei der Probe.',
  ofElection: 'Dieses Brett gehört zur Wahl mit dieser Nummer; vergleichen Sie sie mit der in Ihrem Wahllink:',
  voidedYou: 'Waren Sie das? Dann denken Sie daran, einen neuen Stimmzettel abzugeben.',
  notFound: 'Nicht am Brett',
  notFoundText: (entries) => `Wir haben alle ${entries} Einträge angesehen, und keiner hat diesen Code.`,
  nf1: 'Vergleichen Sie den Code mit Ihrem Beleg',
  nf1Text: 'Ein falsches Zeichen genügt. Übliche Verwechslungen wie O und 0 haben wir schon berücksichtigt.',
  nf2: 'Gerade erst gewählt? Warten Sie eine Minute und prüfen Sie noch einmal',
  nf3: 'Öffnen Sie Ihren gespeicherten Beleg auf dieser Seite',
  nf3Text: 'Er enthält das unterschriebene Versprechen des Bretts. Hat das Brett Ihren Stimmzettel verloren, beweist es der Beleg.',
  nf4: 'Immer noch nicht gefunden?',
  nf4Text: 'Wählen Sie vor dem Schluss erneut, und sagen Sie es dem Veranstalter.',
  broken: 'Das Brett hat zwei Geschichten unterschrieben',
  brokenText:
    'Diese Seite hat zwei Zusammenfassungen mit der Unterschrift des Bretts gesehen, und kein Brett kann beide haben. Es zeigt verschiedenen Leuten Verschiedenes, oder hat herausgenommen, was es versprochen hatte.',
  brokenProof: 'Das ist ein Beweis, und Sie haben ihn in der Hand.',
  brokenProofText:
    'Speichern Sie ihn, und geben Sie ihn dem Veranstalter und einer Vertrauensperson. Jeder kann ihn prüfen, ohne den Server zu fragen: verifier equivocation. Er zeigt nicht, wie Sie gewählt haben.',
  saveProof: 'Beweis speichern',
  worthless: 'Dieser Beleg beweist nichts',
  worthlessText: 'Er passt nicht zusammen. Prüfen Sie stattdessen nur Ihren Code.',
  foreign: 'Dieser Server zeigt ein anderes Brett',
  foreignText:
    'Was Sie mitgebracht haben, ist nicht von dem Brett unterschrieben, das dieser Server zeigt, oder gehört zu einer anderen Wahl. Über Ihren Stimmzettel sagt das nichts, und auch nichts über das Gerät, auf dem Sie gewählt haben.',
  foreignDo: [
    'Behalten Sie Beleg oder Link, wie sie sind.',
    'Prüfen Sie auf einem anderen Gerät und aus einem anderen Netz, oder an der veröffentlichten Aufzeichnung: verifier receipt.',
    'Speichern Sie den Beweis, und sagen Sie es dem Veranstalter und einer Vertrauensperson.',
  ],
  older: 'Das Brett zeigt einen alten Stand',
  olderText:
    'Es hat weniger Einträge als zu der Zeit, als es Ihnen diesen Beleg gab, oder als es hier schon gezeigt hat. Prüfen Sie in einer Minute noch einmal; bleibt es so, behalten Sie den Beleg und sagen Sie es dem Veranstalter.',
  notABallot: 'Am Brett',
  notABallotText: 'Der Eintrag dieses Belegs ist am Brett, und er ist kein Stimmzettel.',
  boardLies: 'Das Brett passt nicht zusammen',
  boardLiesText:
    'Was der Server zeigt, ist nicht, was das Brett unterschrieben hat. Über Ihren Stimmzettel lässt sich nichts sagen. Speichern Sie den Beweis, und sagen Sie es dem Veranstalter.',
  challengedTitle: 'Eine Probe prüfen',
  challengedHint:
    'Ein anderes Gerät hat diesen Stimmzettel geöffnet, um zu zeigen, dass es einschließt, was man ihm sagt. Diese Seite verschließt dieselbe Wahl noch einmal. An den Server geht nichts.',
  again: 'Hier noch einmal verschlossen, auf diesem Gerät',
  againText: 'Aus der Wahl unten hat dieses Gerät den Code unten erhalten.',
  compare: 'Ist das der Code, den das andere Gerät vor der Probe gezeigt hat?',
  yours: 'Ist das die Wahl, die Sie getroffen haben?',
  honest: 'Trifft beides zu, war das Gerät ehrlich. Wenn nicht, wählen Sie nicht darauf.',
  onBoard: (index) => `Am Brett steht genau dieser Stimmzettel als auf die Probe gestellt: Eintrag ${index}. Er wird nie gezählt.`,
  notOnBoard:
    'Das Brett sagt nicht, dass dieser Stimmzettel ungültig ist. Bis dahin könnte das andere Gerät ihn noch abgeben. Warten Sie eine Minute, und öffnen Sie den Link noch einmal.',
  counts: 'Dieser Stimmzettel ist am Brett als abgegeben, also nicht auf die Probe gestellt. Behalten Sie diese Seite, und sagen Sie es dem Veranstalter.',
  cheated: 'Ihr Gerät hat etwas anderes eingeschlossen',
  cheatedLede: 'Wählen Sie nicht auf jenem Gerät.',
  cheatedText:
    'Was darin war, ist nicht, was das Gerät sagte, oder es hätte nie abgegeben werden können. Das Gerät, sein Browser oder seine Seite wurde verändert oder ist fehlerhaft.',
  cheatedDo: [
    'Fotografieren Sie beide Bildschirme.',
    'Wählen Sie auf einem anderen Gerät. Haben Sie mit jenem schon abgegeben, wählen Sie hier erneut: Ihr letzter Stimmzettel zählt.',
    'Sagen Sie es dem Veranstalter und einer Vertrauensperson, auch wenn es anderswo ging. Andere könnten betroffen sein.',
  ],
  damaged: 'Dieser Link ist beschädigt',
  damagedText: 'Kopieren Sie den ganzen Link noch einmal, oder öffnen Sie die gespeicherte Datei.',
  openFile: 'Eine gespeicherte Probe öffnen',
  scan: {
    start: 'Mit der Kamera scannen',
    stop: 'Kamera ausschalten',
    open: 'Ein Bild öffnen',
    starting: 'Es wird auf die Kamera gewartet …',
    looking: 'Halten Sie den QR-Code vor die Kamera, sodass er das Bild fast ausfüllt.',
    picture: 'Bild der Kamera',
    hint: 'Der QR-Code eines Belegs oder einer Probe. Bilder bleiben in dieser Seite; nichts davon wird gesendet.',
    refused:
      'Diese Seite darf die Kamera nicht benutzen. Erlauben Sie es in den Einstellungen des Browsers für diese Seite, oder tippen Sie den Code ein.',
    none: 'Es gibt keine Kamera, die diese Seite benutzen kann. Öffnen Sie ein Bild, oder tippen Sie den Code ein.',
    busy: 'Die Kamera gibt kein Bild; vielleicht benutzt sie ein anderes Programm. Schließen Sie es, oder tippen Sie den Code ein.',
    noDecoder: 'Was die Bilder liest, konnte nicht geladen werden. Versuchen Sie es noch einmal, oder tippen Sie den Code ein.',
    unknown: 'Dieser QR-Code ist kein Beleg und keine Probe dieser Seite. Es wurde nichts geöffnet.',
    otherElection: 'Dieser QR-Code gehört zu einer anderen Wahl. Prüfen Sie ihn auf deren Seite.',
    nothing: 'In diesem Bild wurde kein QR-Code gefunden. Nehmen Sie es noch einmal auf, näher und gerade von vorn.',
    noPicture: 'Diese Datei ist kein Bild, das der Browser lesen kann.',
  },
};
