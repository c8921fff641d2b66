// The words of what only surveys have, in English: numbers, scales, matrices, and what is opened
// of them. Other voters do not load them.

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
const list = (names: readonly string[]): string => names.join(', ');

export const en = {
  number: {
    whole: (lo: string, hi: string) => `A whole number from ${lo} to ${hi}.`,
    decimals: (lo: string, hi: string, places: number) =>
      `A number from ${lo} to ${hi}, with at most ${plural(places, '1 digit', `${places} digits`)} after the point.`,
    slide: (step: string) => `Or slide to about the right place, in steps of ${step}`,
    notSet: 'not set',
    readAs: (number: string) => `Read as ${number}.`,
    blank: 'I would rather not say',
    blankHint: 'This clears your number. Your other answers still count. Your ballot does not show that you left it blank.',
    locked: (t: number) =>
      `Your number stays locked: only ${plural(t, 'a trustee who breaks the rules', `${t} trustees who break the rules together`)} could open it.`,
    proof: (lo: string, hi: string) =>
      `It is locked on this device, together with a proof that it lies between ${lo} and ${hi}. The trustees open only this:`,
  },
  matrix: {
    hint: (rows: number) => `Choose one answer for each of the ${rows} lines.`,
    blank: 'Leave blank',
    blankHint: 'Leaving a line blank is an answer, too. Your ballot does not show which lines you left blank.',
    answered: (n: number, of: number) => `${n} of ${of} lines answered`,
    missing: (n: number) => plural(n, '1 line to go.', `${n} lines to go.`),
  },
  faults: {
    noNumber: (canSkip: boolean): string =>
      canSkip ? 'Enter a number, or choose “I would rather not say”.' : 'Enter a number.',
    text: (range: string) => `This is not a number that this page can read. ${range}`,
    fraction: (range: string) => `This number has more digits after the point than can be counted. ${range}`,
    range: (lo: string, hi: string) => `Enter a number from ${lo} to ${hi}.`,
    row: (name: string, missing: number) =>
      missing === 1 ? `Choose an answer for “${name}”.` : `Choose an answer for “${name}” and for ${plural(missing - 1, 'the other line', `the other ${missing - 1} lines`)} without one.`,
  },
  opened: {
    title: 'What will be opened',
    text: (t: number) =>
      `These figures and no others. Your own answers stay locked: only ${plural(t, 'a trustee who breaks the rules', `${t} trustees who break the rules together`)} could open them.`,
    derived: 'Not asked: this is worked out from your locked answers.',
    counts: 'how many chose each answer',
    average: 'from that, the average',
    points: 'how many points each choice got in all',
    rows: 'for each line, how many chose each answer',
    rowAverages: 'from that, the average of each line',
    sum: 'the sum of all answers, and so the average',
    squares: 'the sum of the squares of all answers, and so how far they typically lie from the average',
    blanks: 'how many would rather not say',
    bands: (bands: readonly string[]) => `how many answers lie in each of ${bands.length} bands: ${bands.join('; ')}`,
    band: (from: string, to: string) => `${from} to ${to}`,
    product: (one: string, other: string) =>
      `the sum of the products of “${one}” and “${other}”, and so whether they rise and fall together`,
    table: (one: string, other: string) => `how many gave each pair of answers to “${one}” and “${other}”`,
    groups: (names: readonly string[]) =>
      `Results are shown apart for these groups: ${list(names)}. Which group you count in was fixed with your voting code.`,
    fewBallots: (least: number) => `A question that fewer than ${least} ballots answer is not opened at all.`,
    fewAnswers: (least: number) =>
      plural(
        least,
        'A question is opened even if only one ballot answers it: what is opened is then that answer.',
        `A question is opened as soon as ${least} ballots answer it. Whoever knows all of these answers but one can then work out that one.`,
      ),
    smallTitle: 'Small counts stay closed, but not to the trustees.',
    small: (least: number) =>
      `A count below ${least} is not published, nor are others that would give it away; where you may choose several answers, neither is the count of an answer that fewer than ${least} ballots left out. Between which bounds a closed count lies can be worked out from the open ones, now and then closely.`,
    seen: (t: number) =>
      `To know which are small, the trustees look first: every trustee sees every count of these questions, the small ones too. Nobody else does, unless one trustee tells or the secret words of one are ever found, even years later${plural(t, '', `, or ${t} trustees work together`)}.`,
    sums: 'Sums, averages and points are no counts: they are opened, and where few answers lie far from all others, they can tell about them. Blanks are opened as long as another count beside them is.',
  },
  who: {
    title: 'Who knows that you took part?',
    issued: (issuers: readonly string[]) =>
      issuers.length === 1
        ? `${list(issuers)} made your voting code and knows whose it is. That makes it possible to say who took part, when and how often; never what was answered.`
        : `${list(issuers)} made the parts of your voting code, and each knows whose its part is. Each can say who took part, when and how often; never what was answered.`,
    registered: (registrar: string) =>
      `You made your voting code on your own device; if the page that made it was the true one, nobody else ever had it. Whoever saw your registration line arrive knows that it is yours: if ${registrar} took it by e-mail, it can be said who took part, when and how often. If the lines came from a box without names, it cannot. What you answered is never known from it. ${registrar} keeps the list and could put lines of its own on it; everybody can see how many lines there are, and you get in only if yours is one of them.`,
    together:
      'All ballots cast with your code stand under one number on the board: everybody can see that they belong together. In another survey you have another number, and nobody can tie the two by it.',
    address: 'The server sees the network address that you come from.',
    few: 'In a group of very few people a total can say much about each of them.',
  },
  code: {
    hint: 'It is the one that you made on your own device before the opening: 30 letters and numbers. Small letters, spaces and dashes do not matter. It stays on this device.',
    none: (registrar: string) =>
      `Only those can answer who made a code before the opening and whose line ${registrar} put on the list. Nobody else has your code: if you lost it, nobody can give it to you again.`,
  },
  shown: {
    blankRow: 'left blank',
  },
  register: {
    title: 'Make your voting code',
    lede: 'This device makes a voting code that nobody else has. You keep the code, and hand over one line that goes with it.',
    notYet: (when: string) => `The survey opens on ${when}. Your code and your line must be there before: only those whose line is on the list can answer.`,
    one: 'Make the code',
    oneText: 'It is made here, by chance. It goes to no server, and it is in no address.',
    make: 'Make my code',
    making: 'Making your code',
    made: 'Your code is made.',
    failed: 'The code could not be made',
    haveOne: 'I have made a code already',
    haveOneText:
      'Then keep that one and do not make another: each new code needs its own line, and only the line that you handed over counts. If you lost your line, it cannot be made again here; make a new code and hand over the new line.',
    two: 'Keep your code',
    twoText: 'Whoever has it can answer in your place, and nobody can make it again. Print it or save it before you go on.',
    code: 'Your voting code',
    save: 'Save the code',
    print: 'Print',
    saved: (title: string, code: string, address: string) =>
      `${title}\n\nYour voting code: ${code}\n\nKeep it to yourself. When the survey is open, go to\n${address}\nand type it in.\n`,
    three: 'Hand over your line',
    threeText: (registrar: string) =>
      `Give this line to ${registrar}, in the way that your invitation says. It shows that you have a code; it does not hold the code, and nobody can find the code from it. Whoever sees it with your name can tell whether, when and how often you took part, never what you answered.`,
    line: 'The line to hand over',
    copied: 'Copied',
    copy: 'Copy the line',
    download: 'Save the line',
    mailed: 'If you send it by e-mail, whoever reads the mail can name you as a participant, but not your answers.',
    four: 'Come back when the survey opens',
    fourText: 'Open the same address and type in your code.',
    leave: 'Your code is only on this page until you save or print it. If you leave, it is gone.',
  },
};

export type SurveyMessages = typeof en;
