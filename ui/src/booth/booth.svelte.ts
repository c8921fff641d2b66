// The booth's course: what is loaded, what is filled in, what is sent, and what stops it.
//
// Nothing secret is ever stored; what a reload must not lose is in `kept.ts`.

import { emptyAnswer, fault, sealedValues, type Answer, type Fault as AnswerFault } from '../lib/answer';
import { fromBase64Url, toBase64Url } from '../lib/code';
import { arrive } from '../lib/focus';
import { alsoWordsOf, say, surveyWords, votingWords, words } from '../lib/language.svelte';
import { contestsOf, drawnFirst, type Contest, type Manifest } from '../lib/manifest';
import {
  bundlePaths,
  checkpointOf,
  files,
  join,
  manifestOf,
  placeOf,
  post,
  Refused,
  stateOf,
  Unreachable,
  voterState,
  type ElectionState,
  type Place,
} from '../lib/server';
import { connect, Fault, type Remote, type Thrown } from '../workers/call';
import type { BoothMethods } from '../workers/booth';
import { asksForNumbers, boothWorker } from '../workers/start';
import { furnish } from '../lib/survey.svelte';
import { compareHistories, expectSigned } from './histories';
import { Keep, type Kept } from './kept';
import { readLink } from './link';
import type { Witnessing } from './witnesses';

export type Step =
  | { readonly name: 'welcome' | 'register' | 'answers' | 'sealed' | 'challenge' | 'opened' | 'sending' | 'receipt' }
  | { readonly name: 'question'; readonly index: number };

/** Why the booth does not go on. */
export type Stop =
  | { readonly kind: 'other-election'; readonly expected: string; readonly found: string }
  | { readonly kind: 'key' | 'setup' | 'broken' | 'forgotten'; readonly message: string }
  | { readonly kind: 'receipt'; readonly message: string; readonly answered: string }
  | { readonly kind: 'histories'; readonly message: string; readonly proof: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'closed'; readonly sent: boolean; readonly isEarly: boolean }
  | { readonly kind: 'offline' | 'busy'; readonly seconds: number }
  | { readonly kind: 'not-open' | 'unreachable' | 'missing' | 'replaced' | 'old-browser' };

/** Kinds of entries that make the key, by their numbers (docs/spec/encoding.md). */
const KEY_KINDS = [3, 4, 5, 6, 7, 8, 9, 10];
const RETRY = 20;
/** A server that says "too late" is asked once more after so many milliseconds: an earlier try may just have come in. */
const ASK_AGAIN = 3000;
/** More entries than any board that a page could read. */
const MAX_SIZE = 2 ** 24;
/** How the server says that the time is over, or that the board has its close. */
const OVER = new Set(['voting-over', 'wrong-phase']);

/** The kind of an entry in joined bundles. */
function kindAt(bundles: Uint8Array, index: number): number | undefined {
  let at = 0;
  for (let entry = 0; entry < index; entry += 1) at += 2 + ((bundles[at] ?? 0) << 8) + (bundles[at + 1] ?? 0);
  return bundles[at + 3];
}

export class BoothCourse {
  readonly place: Place | undefined = placeOf(location);
  readonly #link = readLink(location.hash);
  readonly #keep = new Keep(this.place?.uuid);
  #worker: Worker | undefined;
  #remote: Remote<BoothMethods> | undefined;
  #bundles = new Uint8Array();
  /** What the board had signed when the page was loaded. */
  #before: Uint8Array = new Uint8Array();
  #depth = 0;
  #retry: ReturnType<typeof setInterval> | undefined;
  #pseudonym = '';
  #void: Uint8Array | undefined;
  #counter = 0;
  #isSending = false;
  #wasTooLate = false;
  /** The last receipt that the server answered, whether it holds or not. */
  #answered = '';
  /** Is told when the way back to the first address is done. */
  #left: (() => void) | undefined;

  loading = $state(true);
  busy = $state(false);
  state = $state.raw<ElectionState>();
  manifest = $state.raw<Manifest>();
  election = $state('');
  step = $state.raw<Step>({ name: 'welcome' });
  stop = $state.raw<Stop>();
  /** The codes as they were typed or came with the link. */
  codes = $state<string[]>([]);
  codesFromLink = $state(false);
  codeFault = $state.raw<Thrown>();
  /** The pages after the welcome, once they are there. */
  voting = $state.raw<typeof import('./voting')>();
  contests = $state.raw<readonly Contest[]>([]);
  answers = $state<Answer[]>([]);
  /** Of each question the option that stands first; another than the manifest's only if it says so. */
  firsts = $state.raw<readonly number[]>([]);
  answerFault = $state.raw<AnswerFault>();
  /** Where "Continue" leads while one answer is being changed. */
  changing = $state(false);
  code = $state('');
  /** Whose ballot on the board the sealed one replaces: one for which this tab has the receipt, or another. */
  replaces = $state<'nothing' | 'known' | 'unknown'>('nothing');
  entry = $state.raw<Uint8Array>();
  receipt = $state('');
  index = $state(0);
  /** What the witnesses say of the cast ballot, where the manifest names any. */
  witnessing = $state.raw<Witnessing>();
  opened = $state.raw<Uint8Array>();
  openedAnswers = $state.raw<readonly { values: number[]; blank: boolean }[]>([]);
  openedCode = $state('');
  voided = $state(false);
  /** Whether the voter came with the number of the election to compare. */
  readonly compared = this.#link.election !== undefined;

  constructor() {
    addEventListener('popstate', (event) => {
      this.#back((event as PopStateEvent).state as { step: Step; depth: number } | null);
    });
    // A new link in the same tab changes only what is behind the #.
    addEventListener('hashchange', () => {
      if (readLink(location.hash).codes.length > 0) location.reload();
    });
    addEventListener('online', () => {
      if (this.stop?.kind === 'offline') void this.send();
    });
    addEventListener('beforeunload', (event) => {
      if (this.answers.some((answer) => answer.touched)) event.preventDefault();
    });
  }

  get own(): string {
    return this.manifest?.language ?? 'en';
  }

  get organiser(): string | undefined {
    return this.manifest?.organiser.name;
  }

  /** Loads the election and checks its set-up. */
  async load(): Promise<void> {
    this.loading = true;
    this.stop = undefined;
    if (this.place === undefined) return this.halt({ kind: 'missing' });
    if (typeof WebAssembly !== 'object' || typeof Worker !== 'function') return this.halt({ kind: 'old-browser' });
    this.#start();
    const kept = this.#keep.read();
    try {
      const state = await stateOf(this.place);
      this.state = state;
      if (state.phase === 'empty' || state.phase === 'setup') return await this.#beforeOpening(this.place);
      // All entries but those of voters: the set-up, and after the close a few more.
      const size = Math.min(state.size, state.size - state.ballots - state.voids);
      if (!Number.isSafeInteger(size) || size < 1 || size > MAX_SIZE) {
        return this.halt({ kind: 'setup', message: `a board of ${size} entries` });
      }
      const [before, bundles] = await Promise.all([checkpointOf(this.place), files(this.place, bundlePaths(size))]);
      this.#before = before;
      this.#bundles = join(bundles) as Uint8Array<ArrayBuffer>;
      if (asksForNumbers(this.#bundles)) this.#start(true);
      const opened = await this.#rust.open(this.#bundles, this.#link.election);
      await expectSigned(this.#rust, before);
      const manifest = JSON.parse(opened.manifest) as Manifest;
      if (manifest.uuid !== this.place.uuid) {
        return this.halt({ kind: 'other-election', expected: this.place.uuid, found: manifest.uuid });
      }
      await furnish(manifest);
      this.manifest = manifest;
      this.election = opened.election;
      this.codes = manifest.issuers.map((_, at) => this.#link.codes[at] ?? '');
      this.codesFromLink = this.#link.codes.length >= manifest.issuers.length;
      if (kept !== undefined) {
        if (await this.#isOfLink(kept)) {
          if (kept.receipt !== undefined) return await this.#showAgain(kept, kept.receipt);
          // Even after the close: the server may have it, and then it has a receipt.
          this.loading = false;
          return await this.#resume(kept);
        }
        await this.#finish(kept);
      }
      if (state.phase !== 'open') return this.#close(false);
      this.loading = false;
      history.replaceState({ step: this.step, depth: 0 }, '');
      await this.#arrive();
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** Where respondents make their own codes, they do so now; otherwise there is nothing to do yet. */
  async #beforeOpening(place: Place): Promise<void> {
    const manifest = JSON.parse(new TextDecoder().decode(await manifestOf(place))) as Manifest;
    if (manifest.participation !== 'registered' || manifest.uuid !== place.uuid) return this.halt({ kind: 'not-open' });
    await furnish(manifest);
    this.manifest = manifest;
    this.loading = false;
    this.#show({ name: 'register' }, 'replace');
  }

  #start(hasNumbers = false): void {
    this.#worker?.terminate();
    this.#worker = boothWorker(hasNumbers);
    this.#remote = connect<BoothMethods>(this.#worker);
  }

  get #rust(): Remote<BoothMethods> {
    if (this.#remote === undefined) throw new Error('the worker is not there');
    return this.#remote;
  }

  /** Whether what this tab keeps is of the voter who comes now: with that voter's link, or with none. */
  async #isOfLink(kept: Kept): Promise<boolean> {
    if (this.#link.codes.length === 0) return true;
    try {
      return (await this.#rust.identify([...this.#link.codes])).pseudonym === kept.pseudonym;
    } catch {
      return false;
    }
  }

  /** Another voter opens a link in this tab: what the one before left is sent, and no longer shown. */
  async #finish(kept: Kept): Promise<void> {
    const entry = fromBase64Url(kept.entry);
    if (this.place !== undefined && entry !== undefined && kept.receipt === undefined) {
      try {
        const receipt = await post(this.place, entry);
        await this.#rust.checkReceipt(entry, receipt);
        this.#keep.write({ ...kept, receipt });
      } catch (error) {
        if (error instanceof Unreachable || (error instanceof Refused && error.isPassing)) throw error;
      }
    }
    this.#keep.write(undefined);
  }

  /** A signed ballot was on its way when the page was loaded anew: send it, it counts once. */
  async #resume(kept: Kept): Promise<void> {
    this.code = kept.code;
    this.#pseudonym = kept.pseudonym;
    this.#counter = kept.counter;
    this.entry = fromBase64Url(kept.entry);
    this.#before = fromBase64Url(kept.before) ?? this.#before;
    await this.#furnish();
    this.#show({ name: 'sending' }, 'replace');
    await this.send();
  }

  async #showAgain(kept: Kept, receipt: string): Promise<void> {
    await this.#furnish();
    const entry = fromBase64Url(kept.entry) ?? new Uint8Array();
    this.index = await this.#rust.checkReceipt(entry, receipt);
    this.#before = fromBase64Url(kept.before) ?? this.#before;
    await this.#compare(receipt);
    this.entry = entry;
    this.code = kept.code;
    this.receipt = receipt;
    this.loading = false;
    this.#show({ name: 'receipt' }, 'replace');
    void this.#watch();
  }

  halt(stop: Stop): void {
    clearInterval(this.#retry);
    this.loading = false;
    this.busy = false;
    this.stop = stop;
    void this.#arrive();
  }

  #trouble(error: unknown): void {
    if (error instanceof Unreachable) return this.halt({ kind: 'unreachable' });
    if (error instanceof Refused) {
      return this.halt(error.status === 404 ? { kind: 'missing' } : { kind: 'unreachable' });
    }
    if (!(error instanceof Fault)) return this.halt({ kind: 'broken', message: String(error) });
    const { thrown } = error;
    if (thrown.kind === 'other-election') {
      return this.halt({
        kind: 'other-election',
        expected: thrown.expected ?? '',
        found: String(thrown.found ?? ''),
      });
    }
    if (thrown.kind === 'two-histories') {
      return this.halt({ kind: 'histories', message: thrown.message, proof: thrown.proof ?? '' });
    }
    if (thrown.kind === 'setup' || thrown.kind === 'not-open' || thrown.kind === 'board') {
      const kind = thrown.index === undefined ? undefined : kindAt(this.#bundles, thrown.index);
      const isKey = thrown.kind === 'not-open' || (kind !== undefined && KEY_KINDS.includes(kind));
      return this.halt({ kind: isKey ? 'key' : 'setup', message: thrown.message });
    }
    if (thrown.kind === 'forgotten') return this.halt({ kind: 'forgotten', message: thrown.message });
    if (thrown.kind === 'receipt') {
      return this.halt({ kind: 'receipt', message: thrown.message, answered: this.#answered });
    }
    this.halt({ kind: 'broken', message: thrown.message });
  }

  /** The title of where we are. */
  title(): string {
    const m = words();
    switch (this.step.name) {
      case 'welcome':
        return m.welcome.title;
      case 'register':
        return surveyWords().register.title;
      case 'question': {
        const { index } = this.step;
        const title = say(this.contests[index]?.title, this.own).text;
        return `${votingWords().question.caption(index + 1, this.contests.length)}: ${title}`;
      }
      case 'answers':
        return votingWords().answers.title;
      case 'sealed':
        return votingWords().sealed.title;
      case 'challenge':
        return votingWords().challenge.title;
      case 'opened':
        return votingWords().challenge.opened;
      case 'sending':
        return votingWords().sending.title;
      case 'receipt':
        return votingWords().receipt.title;
    }
  }

  async #arrive(): Promise<void> {
    const name = this.organiser;
    if (this.stop === undefined) return arrive(this.title(), name);
    await arrive(words().welcome.title, name);
    const heading = document.querySelector('main h1')?.textContent ?? '';
    document.title = `${heading}${name === undefined ? '' : ` – ${name}`}`;
  }

  #show(step: Step, how: 'push' | 'replace' = 'push'): void {
    this.step = step;
    this.stop = undefined;
    this.answerFault = undefined;
    if (how === 'push') {
      this.#depth += 1;
      history.pushState({ step, depth: this.#depth }, '');
    } else {
      history.replaceState({ step, depth: this.#depth }, '');
    }
    void this.#arrive();
  }

  /** The browser's back and forward buttons. */
  #back(state: { step: Step; depth: number } | null): void {
    if (this.#left !== undefined) return this.#left();
    const { name } = this.step;
    if (name === 'sending' || name === 'receipt' || this.busy) {
      // A ballot that is cast cannot be taken back by a button, and what is being done is done.
      history.pushState({ step: this.step, depth: this.#depth }, '');
      return;
    }
    this.#depth = state?.depth ?? 0;
    const wanted = state?.step ?? { name: 'welcome' };
    const later = wanted.name === 'sealed' || wanted.name === 'challenge';
    const isThere =
      wanted.name === 'welcome' ||
      (this.contests.length > 0 &&
        (wanted.name === 'question' || wanted.name === 'answers' || (later && this.code !== '')));
    this.stop = undefined;
    this.answerFault = undefined;
    this.changing = false;
    this.step = isThere ? wanted : { name: this.contests.length > 0 ? 'answers' : 'welcome' };
    if (!later && this.code !== '') this.#unseal();
    void this.#arrive();
  }

  #unseal(): void {
    this.code = '';
    void this.#rust.unseal();
  }

  /** Fetches the pages after the welcome and their words, once. */
  async #furnish(): Promise<void> {
    try {
      if (this.voting !== undefined) return;
      const [voting] = await Promise.all([import('./voting'), alsoWordsOf('voting')]);
      this.voting = voting;
    } catch {
      throw new Unreachable('the rest of the page');
    }
  }

  /** Takes the codes and asks the first question. */
  async begin(): Promise<void> {
    if (this.manifest === undefined || this.busy) return;
    this.busy = true;
    this.codeFault = undefined;
    try {
      const { pseudonym, style } = await this.#rust.identify($state.snapshot(this.codes));
      await this.#furnish();
      this.#pseudonym = pseudonym;
      const contests = contestsOf(this.manifest, style);
      if (contests.map(({ id }) => id).join() !== this.contests.map(({ id }) => id).join()) {
        this.contests = contests;
        this.answers = contests.map(emptyAnswer);
        this.firsts = contests.map(drawnFirst);
      }
      this.busy = false;
      this.#show({ name: 'question', index: 0 });
    } catch (error) {
      this.busy = false;
      if (error instanceof Fault && /^code|not-on-the-roll/.test(error.thrown.kind)) {
        this.codeFault = error.thrown;
        this.codesFromLink = false;
      } else {
        this.#trouble(error);
      }
    }
  }

  /** From a question to the next, if the answer keeps the rules. */
  next(): void {
    if (this.step.name !== 'question') return;
    const { index } = this.step;
    const [contest, answer] = [this.contests[index], this.answers[index]];
    if (contest === undefined || answer === undefined) return;
    answer.touched = true;
    this.answerFault = fault(contest, $state.snapshot(answer));
    if (this.answerFault !== undefined) {
      document.title = `${words().frame.error}${document.title.replace(words().frame.error, '')}`;
      return;
    }
    if (this.changing || index + 1 === this.contests.length) {
      this.changing = false;
      this.#show({ name: 'answers' });
    } else {
      this.#show({ name: 'question', index: index + 1 });
    }
  }

  change(index: number): void {
    this.#show({ name: 'question', index });
    this.changing = true;
  }

  back(): void {
    if (this.#depth > 0) history.back();
    else this.#back(null);
  }

  /** Seals the answers, here. The board is asked only how many ballots this pseudonym has cast. */
  async seal(): Promise<void> {
    if (this.place === undefined || this.busy) return;
    for (const [index, contest] of this.contests.entries()) {
      const answer = this.answers[index];
      const wrong = answer && fault(contest, $state.snapshot(answer));
      if (wrong === undefined) continue;
      // The browser's forward button leads past a question without asking.
      this.change(index);
      this.answerFault = wrong;
      return;
    }
    this.busy = true;
    try {
      const voter = await voterState(this.place, this.#pseudonym);
      const answers = this.answers.map(sealedValues);
      const onBoard = { cast: voter.counter, last: voter.previous ?? undefined };
      const known = this.#keep.last(this.#pseudonym);
      this.code = await this.#rust.seal(onBoard, known, answers);
      this.#counter = voter.counter + 1;
      this.replaces = voter.counter === 0 ? 'nothing' : voter.counter === known.cast ? 'known' : 'unknown';
      this.busy = false;
      this.#show({ name: 'sealed' });
    } catch (error) {
      this.#trouble(error);
    }
  }

  askChallenge(): void {
    this.#show({ name: 'challenge' });
  }

  /** Gives the sealed ballot up, and shows what was in it. */
  async challenge(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const { entry, opened } = await this.#rust.challenge();
      // What is shown is read out of what the other device gets.
      const told = JSON.parse(await this.#rust.checkChallenged(opened)) as {
        code: string;
        answers: { values: number[]; blank: boolean }[];
      };
      this.openedCode = this.code;
      this.code = '';
      this.opened = opened;
      this.openedAnswers = told.answers;
      this.#void = entry;
      this.voided = false;
      this.busy = false;
      this.#show({ name: 'opened' });
      await this.#postVoid();
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #postVoid(): Promise<void> {
    const entry = this.#void;
    while (this.place !== undefined && entry !== undefined && entry === this.#void && !this.voided) {
      let receipt = '';
      try {
        receipt = await post(this.place, entry);
        if (entry !== this.#void) return;
        await this.#rust.checkReceipt(entry, receipt);
        this.voided = true;
      } catch (error) {
        // Once a ballot is on its way, its own answer is what matters.
        if (entry !== this.#void || this.step.name === 'sending') return;
        if (error instanceof Fault) {
          this.#answered = receipt;
          return this.#trouble(error);
        }
        if (error instanceof Refused && OVER.has(error.code)) return this.#close(false);
        if (error instanceof Refused && !error.isPassing) return this.halt({ kind: 'refused', message: error.message });
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    }
  }

  /** Voting is over, as the server says; the manifest may say otherwise. */
  #close(sent: boolean): void {
    const closes = Date.parse(this.manifest?.closes ?? '');
    this.halt({ kind: 'closed', sent, isEarly: Date.now() < closes });
  }

  goOn(): void {
    this.#show({ name: 'answers' });
  }

  /** Signs the sealed ballot, and sends it. */
  async cast(): Promise<void> {
    if (this.busy || this.code === '') return;
    this.busy = true;
    this.#wasTooLate = false;
    try {
      this.entry = await this.#rust.cast();
      this.#keep.write(this.#ballot(this.entry));
      this.#show({ name: 'sending' });
      await this.send();
    } catch (error) {
      this.#trouble(error);
    }
  }

  #ballot(entry: Uint8Array): Kept {
    const before = toBase64Url(this.#before);
    return { entry: toBase64Url(entry), code: this.code, before, pseudonym: this.#pseudonym, counter: this.#counter };
  }

  /** Holds what the board signed before against what it signed with the receipt. */
  async #compare(receipt: string): Promise<void> {
    if (this.place !== undefined) await compareHistories(this.place, this.#rust, this.#before, receipt);
  }

  /** Sends the signed ballot until there is an answer. The same ballot never counts twice. */
  async send(): Promise<void> {
    const entry = this.entry;
    if (this.place === undefined || entry === undefined || this.#isSending) return;
    clearInterval(this.#retry);
    this.#isSending = true;
    this.busy = true;
    try {
      const receipt = await post(this.place, entry);
      this.#answered = receipt;
      this.index = await this.#rust.checkReceipt(entry, receipt);
      this.receipt = receipt;
    } catch (error) {
      return await this.#unsent(error);
    } finally {
      this.#isSending = false;
    }
    this.#keep.write({ ...this.#ballot(entry), receipt: this.receipt });
    try {
      await this.#compare(this.receipt);
    } catch (error) {
      return this.#trouble(error);
    }
    this.busy = false;
    await this.#forget();
    this.#show({ name: 'receipt' }, 'replace');
    void this.#watch();
  }

  /** Waits for the witnesses, while the receipt is shown; what they signed is saved with it. */
  async #watch(): Promise<void> {
    const { place, entry, receipt, voting } = this;
    if (place === undefined || entry === undefined || voting === undefined) return;
    if (this.manifest?.witnesses === undefined) return;
    this.witnessing = { kind: 'waiting' };
    // The worker that knew choice and credential is gone; this one learns what everybody may know.
    const worker = boothWorker(asksForNumbers(this.#bundles));
    const rust = connect<BoothMethods>(worker);
    const isWanted = (): boolean => this.step.name === 'receipt' && this.receipt === receipt;
    try {
      await rust.open(this.#bundles, this.#link.election);
      const witnessing = await voting.awaitWitnesses(place, rust, entry, receipt, isWanted);
      if (!isWanted()) return;
      this.witnessing = witnessing;
      if (witnessing.kind === 'seen') this.receipt = witnessing.receipt;
    } catch (error) {
      this.#trouble(error);
    } finally {
      worker.terminate();
    }
  }

  /**
   * What to do when there is no receipt. A refusal is only the server's word: the signed ballot is
   * kept, so that a reload asks again, until the voter goes on.
   */
  async #unsent(error: unknown): Promise<void> {
    if (error instanceof Unreachable) return this.#later('offline', RETRY);
    if (!(error instanceof Refused)) return this.#trouble(error);
    if (error.isPassing) return this.#later('busy', error.retryAfter ?? RETRY);
    if (OVER.has(error.code)) {
      if (this.#wasTooLate) return this.#close(true);
      this.#wasTooLate = true;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
      this.#isSending = false;
      return this.send();
    }
    if (error.code === 'wrong-counter' || error.code === 'wrong-predecessor') return this.halt({ kind: 'replaced' });
    this.halt({ kind: 'refused', message: error.message });
  }

  #later(kind: 'offline' | 'busy', seconds: number): void {
    const isNew = this.stop?.kind !== kind;
    if (isNew) this.halt({ kind, seconds });
    this.busy = false;
    this.stop = { kind, seconds };
    clearInterval(this.#retry);
    this.#retry = setInterval(() => {
      const left = (this.stop?.kind === kind ? this.stop.seconds : 0) - 1;
      if (left > 0) this.stop = { kind, seconds: left };
      else void this.send();
    }, 1000);
  }

  /** Back to the answers after the board refused the ballot. */
  lockAgain(): void {
    this.#keep.write(undefined);
    this.entry = undefined;
    this.#answered = '';
    this.code = '';
    if (this.contests.length > 0) this.#show({ name: 'answers' });
    else this.again();
  }

  /** Wipes everything secret: the worker's memory, the answers, the code in the address. */
  async #forget(): Promise<void> {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#remote = undefined;
    this.answers = [];
    this.contests = [];
    this.codes = this.codes.map(() => '');
    this.codesFromLink = false;
    this.opened = undefined;
    this.openedAnswers = [];
    this.#void = undefined;
    this.#pseudonym = '';
    if (this.#depth > 0) {
      // Every address of this visit carries the code: go back to the first and start from there.
      await new Promise<void>((resolve) => {
        const gone = setTimeout(resolve, 500);
        this.#left = () => {
          clearTimeout(gone);
          resolve();
        };
        history.go(-this.#depth);
      });
      this.#left = undefined;
    }
    this.#depth = 0;
    const clean = this.#cleanAddress();
    history.replaceState({ step: { name: 'receipt' }, depth: 0 }, '', clean);
    history.pushState({ step: { name: 'receipt' }, depth: 0 }, '', clean);
  }

  /** The address without codes; the number of the election that the voter came with stays. */
  #cleanAddress(): string {
    const { election } = this.#link;
    return `${location.pathname}${location.search}${election === undefined ? '' : `#e=${election}`}`;
  }

  /** To vote once more. */
  again(): void {
    this.#keep.write(undefined);
    // From the start, with nothing left in memory.
    history.replaceState(null, '', this.#cleanAddress());
    location.reload();
  }

  /** What the server sent, for those who must see it. No choice, no code. */
  evidence(): string {
    if (this.stop?.kind === 'histories') return this.stop.proof;
    return JSON.stringify(
      {
        psephos: 3,
        kind: 'evidence',
        time: new Date().toISOString(),
        board: this.place?.board,
        expected: this.#link.election,
        problem: this.stop,
        state: this.state,
        bundles: toBase64Url(this.#bundles),
        entry: this.entry === undefined ? undefined : toBase64Url(this.entry),
        receipt: this.#answered === '' ? undefined : this.#answered,
      },
      null,
      1,
    );
  }
}
