// The language of the page. Every text is in a file that the compiler holds against the English
// one, and only the chosen one is loaded. Nothing is stored: the choice is in the address, so that
// links carry it on.

import type { BoardMessages } from '../messages/board/en';
import type { CheckMessages } from '../messages/check/en';
import type { Messages } from '../messages/en';
import type { ResultsMessages } from '../messages/results/en';
import type { SurveyMessages } from '../messages/survey/en';
import type { VotingMessages } from '../messages/voting/en';

export const LANGUAGES = { en: 'English', fr: 'Français', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const LOADERS: Record<Language, () => Promise<Messages>> = {
  en: () => import('../messages/en').then((module) => module.en),
  fr: () => import('../messages/fr').then((module) => module.fr),
  de: () => import('../messages/de').then((module) => module.de),
};

/** The words of pages that voters do without. */
const ROOMS = {
  board: {
    en: () => import('../messages/board/en').then((module) => module.en),
    fr: () => import('../messages/board/fr').then((module) => module.fr),
    de: () => import('../messages/board/de').then((module) => module.de),
  } satisfies Record<Language, () => Promise<BoardMessages>>,
  check: {
    en: () => import('../messages/check/en').then((module) => module.en),
    fr: () => import('../messages/check/fr').then((module) => module.fr),
    de: () => import('../messages/check/de').then((module) => module.de),
  } satisfies Record<Language, () => Promise<CheckMessages>>,
  results: {
    en: () => import('../messages/results/en').then((module) => module.en),
    fr: () => import('../messages/results/fr').then((module) => module.fr),
    de: () => import('../messages/results/de').then((module) => module.de),
  } satisfies Record<Language, () => Promise<ResultsMessages>>,
  survey: {
    en: () => import('../messages/survey/en').then((module) => module.en),
    fr: () => import('../messages/survey/fr').then((module) => module.fr),
    de: () => import('../messages/survey/de').then((module) => module.de),
  } satisfies Record<Language, () => Promise<SurveyMessages>>,
  voting: {
    en: () => import('../messages/voting/en').then((module) => module.en),
    fr: () => import('../messages/voting/fr').then((module) => module.fr),
    de: () => import('../messages/voting/de').then((module) => module.de),
  } satisfies Record<Language, () => Promise<VotingMessages>>,
};

interface RoomMessages {
  board: BoardMessages;
  check: CheckMessages;
  results: ResultsMessages;
  survey: SurveyMessages;
  voting: VotingMessages;
}
type Room = keyof RoomMessages;

/** Languages that are written from right to left, for the day when one is added. */
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

let language = $state<Language>('en');
// There before the first page is: see `start`.
let messages = $state.raw({} as Messages);

const rooms = new Set<Room>();
let roomMessages = $state.raw<Partial<RoomMessages>>({});

/** Has the words of a page of its own loaded with the others; to be called before the page starts. */
export function withWordsOf(...pages: Room[]): void {
  for (const page of pages) rooms.add(page);
}

/** Loads words that the page turns out to need, now and with every other language. */
export async function alsoWordsOf(page: Room): Promise<void> {
  rooms.add(page);
  roomMessages = await roomWords(language);
}

async function roomWords(chosen: Language): Promise<Partial<RoomMessages>> {
  const loaded = [...rooms].map(async (name) => [name, await ROOMS[name][chosen]()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/** The words of the board page in its language. */
export const boardWords = (): BoardMessages => roomMessages.board as BoardMessages;

/** The words of the page that checks receipts in its language. */
export const checkWords = (): CheckMessages => roomMessages.check as CheckMessages;

/** The words of results in its language. */
export const resultsWords = (): ResultsMessages => roomMessages.results as ResultsMessages;

/** The words of the pages after the welcome, which the check page shows answers with, too. */
export const votingWords = (): VotingMessages => roomMessages.voting as VotingMessages;

/** The words of the questions that only surveys ask. */
export const surveyWords = (): SurveyMessages => roomMessages.survey as SurveyMessages;

/** The words of the page in its language. */
export function words(): Messages {
  return messages;
}

/** The language of the page. */
export function currentLanguage(): Language {
  return language;
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

/** Takes the language of the address, else the reader's, else English. */
export async function chooseLanguage(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('lang');
  const wanted = [asked, ...navigator.languages].map((tag) => tag?.split('-')[0]?.toLowerCase() ?? '');
  await speak(wanted.find(isLanguage) ?? 'en');
  if (!Object.hasOwn(messages, 'frame')) await speak('en');
}

/** Changes the language; what the reader has filled in stays. */
export async function speak(chosen: Language): Promise<void> {
  try {
    [messages, roomMessages] = await Promise.all([LOADERS[chosen](), roomWords(chosen)]);
    language = chosen;
  } catch {
    // Offline: the words that are here will do.
  }
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
}

/** Changes the language and the address with it; the fragment and the history stay as they are. */
export async function choose(chosen: Language): Promise<void> {
  await speak(chosen);
  const url = new URL(location.href);
  url.searchParams.set('lang', chosen);
  history.replaceState(history.state, '', url);
}

/** The part of an address that carries the language on, where it is not the reader's own. */
export function languageQuery(): string {
  return new URLSearchParams(location.search).has('lang') ? `?lang=${language}` : '';
}

/** A text of a manifest: by language tag. */
export type Text = Readonly<Record<string, string>>;

/** A text with the language it is in. */
export interface Said {
  readonly text: string;
  readonly lang: string;
}

/** A manifest's text in the language of the page, or else in the manifest's own. */
export function say(text: Text | undefined, own: string): Said {
  const tags = Object.keys(text ?? {});
  const tag =
    tags.find((tag) => tag === language) ??
    tags.find((tag) => tag.split('-')[0] === language) ??
    (tags.includes(own) ? own : tags[0]);
  return { text: tag === undefined ? '' : (text?.[tag] ?? ''), lang: tag ?? own };
}
