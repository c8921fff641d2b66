// The words, in English. The other languages have the type of this one, so that the compiler
// misses none. What is in a manifest comes in the manifest's own words.

export const en = {
  frame: {
    skip: 'Skip to the main part',
    language: 'Language: ',
    about: 'About this vote',
    board: 'The public board',
    check: 'Check a receipt',
    files: 'Compare these page files',
    vote: 'Vote',
    runsOn: 'Runs on Psephos, open-source software for elections that anyone can check.',
    loading: 'Loading',
    error: 'Error: ',
    problem: 'There is a problem',
    back: 'Back',
    go: 'Continue',
    copied: 'Copied',
    copy: 'Copy',
    copyWhat: ' the code',
    tryAgain: 'Try again',
    saveEvidence: 'Save the evidence',
    evidenceHint: 'The evidence file holds what the server sent. It holds no choices and no voting code.',
    whatHappened: 'What happened',
    whatToDo: 'What to do',
    whatSeen: 'What this page saw',
  },
  trail: {
    label: 'Where your vote is',
    device: 'On this device',
    locked: 'Locked',
    board: 'On the board',
    done: ', done',
  },
  welcome: {
    title: 'Vote',
    openUntil: 'Open until',
    questions: (n: number) =>
      n === 1
        ? 'One question. You check everything before it goes.'
        : `${n} questions, one per page. You check everything before it goes.`,
    unknownQuestions: 'One question per page. You check everything before it goes.',
    revote: 'You can vote again until it closes. Only your last ballot counts.',
    noElection: 'Your link does not say which election it is for',
    noElectionText: 'This page cannot compare. If your invitation names the number of the election, compare it with this one:',
    codeHeading: 'Your voting code',
    codeCame: 'Your voting code came with your link.',
    codeStays: 'It stays on this device. We never send it anywhere.',
    useAnother: 'Use another code',
    codeLabel: 'Your voting code',
    codeLabelOf: (issuer: string) => `Your voting code from ${issuer}`,
    codeHint:
      'It is in your invitation: 30 letters and numbers. Small letters, spaces and dashes do not matter. It stays on this device.',
    start: 'Start voting',
    noCode: 'I do not have a code, or it does not work',
    noCodeText: (organiser: string) =>
      `Only ${organiser} can help: ask for your code by phone or in person. Codes cannot be made again once voting is open.`,
    secretTitle: 'What is secret, what is public',
    secret: 'Secret',
    secretHow: 'How you vote.',
    secretHowText: 'Your ballot is locked on this device before it is sent. Only the totals are ever opened.',
    secretName: 'Your name.',
    secretNameText: 'The board shows a number in place of your name.',
    public: 'Public',
    publicCame: 'That a ballot came in, and when.',
    publicCameText: 'Anyone can count the locked ballots.',
    publicTotals: 'The totals and the proof.',
    publicTotalsText: 'Anyone can check that every ballot was counted, once.',
    whoOpens: 'Who can open the result?',
    whoOpensText: (n: number, t: number) =>
      n === 1
        ? 'One trustee holds the key, and can open the totals after the close.'
        : `${n} trustees each hold part of a key. Any ${t} of them, together, can open the totals after the close. With fewer parts, nothing can be opened.`,
    whoOpensLimit: (t: number) =>
      t === 1
        ? 'A trustee who broke the promise could open single ballots, but could not change the count without being caught.'
        : `If ${t} of them broke their promise together, they could open single ballots. They could not change the count without being caught.`,
    limits: 'What can Psephos not protect me from?',
    limitsText:
      'Someone who looks over your shoulder. Someone who has taken over your phone or computer: they could see how you vote. Someone who makes you vote in front of them.',
    limitsAdvice: 'Vote where you are alone, on a device that you trust.',
    checked: 'What has this page checked before letting me in?',
    checkedQuestions: 'The questions are the ones your link stands for.',
    checkedQuestionsUnknown:
      'Your link does not say which election it stands for, so this page could not compare. It shows the number of this election below.',
    checkedKey: (n: number) =>
      n === 1 ? 'The trustee has signed the key that locks your ballot.' : `All ${n} trustees have signed the key that locks your ballot.`,
    checkedOpen: 'Voting is open, and the public board agrees.',
    checkedId: 'The number of this election',
    checkedFiles:
      'This page cannot vouch for itself. To compare its files with the list that was published when voting opened, use another device:',
    howToCompare: 'how to compare',
    clockClosed: 'By this device’s clock, voting has closed. If the clock is right, the board will refuse your ballot.',
    clockNotOpen: 'By this device’s clock, voting has not opened yet. If the clock is right, the board will refuse your ballot.',
  },
  codeErrors: {
    empty: 'Enter your voting code.',
    character: (character: string) =>
      `Check your voting code. It has a “${character}”, which no code has.`,
    short: (missing: number) =>
      `Check your voting code. It is ${missing === 1 ? 'one letter or number' : `${missing} letters or numbers`} short.`,
    long: (more: number) =>
      `Check your voting code. It is ${more === 1 ? 'one letter or number' : `${more} letters or numbers`} too long.`,
    checksum: 'Check your voting code. One of the letters is not right.',
    otherVote: 'This voting code is for another vote, or it was replaced. Check that it is the newest one for this vote.',
    together:
      'These codes do not make a vote together. Each letter has a code of its own: check that all are yours, for this vote, and each in its field.',
  },
  stop: {
    stopped: 'Voting has stopped. Nothing was sent.',
    contact: 'Use the phone number or address in your invitation to reach the organiser, not a link on this site.',
    otherElection: {
      title: 'This is not the election in your link',
      what: 'Your link stands for one exact set of questions. The server has sent a different one. It may be a mistake. It may be an attempt to show you other questions than everyone else.',
      do: [
        'Do not vote on this page.',
        'Contact the organiser by phone or in person, not through a link on this site.',
        'Give them the evidence file.',
      ],
      expected: 'Your link stands for',
      found: 'The server sent',
    },
    key: {
      title: 'The trustees have not signed this key',
      what: 'Ballots must be locked with the key that all trustees have signed. What the server sent does not show that. With a wrong key, someone could open single ballots.',
      do: ['Do not vote on this page.', 'Contact the organiser or a trustee by phone.', 'Give them the evidence file.'],
    },
    setup: {
      title: 'The board does not hold together',
      what: 'Before it lets anyone in, this page reads the board from its first entry to the opening. One of the entries is not valid.',
      do: ['Do not vote on this page.', 'Contact the organiser by phone or in person.', 'Give them the evidence file.'],
    },
    forgotten: {
      title: 'The board has lost your earlier ballot',
      what: 'This device holds a receipt for a ballot that you cast before. What the server now says about your ballots contradicts it.',
      do: [
        'Do not vote on this page now.',
        'Keep your saved receipt, and open it on the page “Check a receipt”.',
        'Contact the organiser or a trustee by phone.',
      ],
    },
    histories: {
      title: 'The board has signed two histories',
      what: 'After your ballot was sent, this page compared what the board had signed before with what it signed now. No one board can have signed both. Your ballot may be on one that nobody else sees.',
      do: [
        'Save the evidence. It is a proof that anybody can check, and it does not show how you voted.',
        'Look for your code on the board with another device and another network.',
        'Tell the organiser and a trustee by phone.',
      ],
    },
    found: 'What is wrong',
    closed: {
      title: 'Voting has closed',
      lede: 'Nothing was sent.',
      ledeSent: 'The server says that your ballot came after the close.',
      what: (when: string) => `Voting closed on ${when}.`,
      whatSent: 'It would then not be counted. If you had cast a ballot before, that one still counts. Look for your code on the board: if it is there, it arrived in time.',
      early: (when: string) =>
        `The manifest says that voting is open until ${when}. An organiser can close early, and then everybody sees it on the board. If it is not there, save the evidence and tell the organiser.`,
      do: 'Check an earlier receipt, or look at the board, where the result will be.',
      board: 'Go to the board',
    },
    notOpen: {
      title: 'Voting has not opened yet',
      lede: 'Come back with the same link.',
      what: (when: string) => `Voting opens on ${when}.`,
      preparing: 'The organiser and the trustees are still preparing this vote.',
    },
    unreachable: {
      title: 'The server does not answer',
      lede: 'Nothing was sent.',
      what: 'This page could not load the election. You may be offline, or the server may be.',
      do: 'Check your connection and try again. If it lasts, tell the organiser.',
    },
    missing: {
      title: 'There is no such election here',
      lede: 'Nothing was sent.',
      what: 'The address names an election that this server does not have.',
      do: 'Check that the link is complete, and open it again from your invitation.',
    },
    oldBrowser: {
      title: 'This browser is too old to lock a ballot',
      lede: 'Nothing was sent.',
      what: 'Your ballot is locked on your own device, and this browser is missing what that takes.',
      do: 'Update it, or open the same link in a current Firefox, Chrome, Safari or Edge, on any phone or computer.',
    },
    broken: {
      title: 'This page has a fault',
      lede: 'Nothing more is sent.',
      what: 'Something in this page did not work. It is not your fault.',
      do: 'Load the page again. If it happens twice, use another browser or tell the organiser.',
    },
  },
  home: {
    title: 'Elections on this server',
    lede: 'Voting, receipts and results that anyone can check.',
    none: 'There is no election here yet.',
    opens: 'Opens',
    closes: 'Closes',
    vote: 'Vote',
    board: 'Board',
    check: 'Check a receipt',
  },
};

export type Messages = typeof en;
