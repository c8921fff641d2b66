// Where a ballot stands: what the page asks the board, and what comes out.

import { fromBase64Url, readCode, toHex } from '../lib/code';
import { checkWords } from '../lib/language.svelte';
import { contestsOf, type Contest, type Manifest } from '../lib/manifest';
import { furnish } from '../lib/survey.svelte';
import { bundlePaths, files, join, placeOf, stateOf, type Place } from '../lib/server';
import { connect, Fault } from '../workers/call';
import type { Opened, Search } from '../workers/auditor.worker';
import type { BoothMethods } from '../workers/booth';
import { asksForNumbers, boothWorker } from '../workers/start';
import { Behind, BoardReader, manifestHere, NotABallot, type Found, type Sought } from './reader';
import { readFragment, readScanned } from './scanned';

/** A board of so few entries, two or three megabytes, is read whole at once. */
const SMALL = 1000;

export type Answer =
  | { readonly kind: 'ballot'; readonly found: Found; readonly code: string }
  | { readonly kind: 'void'; readonly index: number; readonly code: string; readonly election: string | null }
  | {
      readonly kind: 'not-found';
      readonly entries: number;
      readonly certain: boolean;
      readonly code: string;
      /** The election that the board gives, and that nothing given with the code names. */
      readonly election: string | null;
    }
  | { readonly kind: 'not-a-ballot' | 'older' }
  | { readonly kind: 'two-histories'; readonly proof: string; readonly message: string }
  | { readonly kind: 'worthless' | 'board' | 'foreign'; readonly message: string }
  | { readonly kind: 'unreachable' }
  | {
      readonly kind: 'challenged';
      readonly code: string;
      readonly contests: readonly Contest[];
      readonly answers: readonly { readonly values: number[]; readonly blank: boolean }[];
      readonly found: Search['found'];
    }
  | { readonly kind: 'cheated'; readonly message: string }
  | { readonly kind: 'damaged' };

export class CheckCourse {
  readonly place: Place | undefined = placeOf(location);
  manifest = $state.raw<Manifest>();
  typed = $state('');
  fault = $state('');
  busy = $state(false);
  fetched = $state<readonly [number, number]>();
  answer = $state.raw<Answer>();
  #reader: BoardReader | undefined;
  /** What was looked for last. */
  #asked: Sought | undefined;
  /** What waits for its turn. */
  #next: (() => Promise<void>) | undefined;

  async load(): Promise<void> {
    if (this.place === undefined) return;
    try {
      this.manifest = JSON.parse(new TextDecoder().decode(await manifestHere(this.place))) as Manifest;
    } catch (error) {
      this.answer = this.#wrong(error);
    }
    addEventListener('hashchange', () => void this.follow());
    await this.follow();
  }

  /** Does what the part behind the # asks for. */
  async follow(): Promise<void> {
    const { opened, code, election } = readFragment(location.hash);
    if (opened !== undefined) return this.open(opened, election);
    if (code === undefined) return;
    this.typed = code;
    await this.search(undefined, election);
  }

  /** Reads a file that these pages saved: a receipt, or a challenged ballot. */
  async read(file: File): Promise<void> {
    const text = await file.text();
    const { opened, election } = readFragment(/#\S+/.exec(text)?.[0] ?? '');
    if (opened !== undefined) return this.open(opened, election);
    let code: unknown;
    try {
      code = (JSON.parse(text) as { code?: unknown }).code;
    } catch {
      // It is said below.
    }
    if (typeof code !== 'string' || !/^[0-9a-f]{64}$/.test(code)) {
      this.answer = undefined;
      this.fault = checkWords().notReceipt;
      return;
    }
    this.typed = code;
    await this.search(text);
  }

  /** Does what a scanned code asks for; gives the words for why it does not. */
  scanned(text: string): string | undefined {
    if (this.place === undefined) return undefined;
    const scanned = readScanned(text, this.place);
    if (scanned.kind === 'unknown') return checkWords().scan.unknown;
    if (scanned.kind === 'other-election') return checkWords().scan.otherElection;
    if (scanned.kind === 'opened') {
      void this.open(scanned.text, scanned.election);
    } else {
      this.typed = scanned.text;
      void this.search(undefined, scanned.election);
    }
    return undefined;
  }

  async search(receipt?: string, election?: string): Promise<void> {
    const place = this.place;
    if (place === undefined) return;
    const m = checkWords();
    const code = readCode(this.typed);
    this.answer = undefined;
    this.fault = '';
    if (code.kind === 'empty') this.fault = m.empty;
    else if (code.kind === 'length') this.fault = m.length(code.found);
    else if (code.kind === 'character') this.fault = m.character(code.character);
    else if (code.kind === 'wrong') this.fault = m.wrong;
    else {
      const sought = { code: code.hex, receipt, election };
      await this.#turn(() => this.#reading(sought, () => this.#board(place).look(sought, SMALL)));
    }
  }

  /** Reads the whole board for what was looked for last. */
  async certify(): Promise<void> {
    const [place, asked] = [this.place, this.#asked];
    if (place === undefined || asked === undefined) return;
    await this.#turn(() => this.#reading(asked, () => this.#board(place).all(asked)));
  }

  /** Does one thing after the other. Of what comes meanwhile the last is done, and not forgotten. */
  async #turn(work: () => Promise<void>): Promise<void> {
    this.#next = work;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.#next !== undefined) {
        const now = this.#next;
        this.#next = undefined;
        await now();
        this.fetched = undefined;
      }
    } finally {
      this.busy = false;
    }
  }

  async #reading(sought: Sought, read: () => Promise<Found>): Promise<void> {
    this.#asked = sought;
    this.answer = undefined;
    try {
      this.answer = this.#place(await read(), sought);
    } catch (error) {
      this.answer = this.#wrong(error);
    }
  }

  #board(place: Place): BoardReader {
    this.#reader ??= new BoardReader(place, (count, of) => (this.fetched = [count, of]));
    return this.#reader;
  }

  #place(found: Found, { code, receipt, election: known }: Sought): Answer {
    const { search, certain } = found;
    const election = known === undefined && receipt === undefined ? search.election : null;
    switch (search.found?.kind) {
      case 'ballot':
        return { kind: 'ballot', found, code };
      case 'void':
        return { kind: 'void', index: search.found.index, code, election };
      default:
        return { kind: 'not-found', entries: search.entries, certain, code, election };
    }
  }

  #wrong(error: unknown): Answer {
    if (error instanceof NotABallot) return { kind: 'not-a-ballot' };
    if (error instanceof Behind) return { kind: 'older' };
    if (!(error instanceof Fault)) return { kind: 'unreachable' };
    const { kind, message, proof } = error.thrown;
    if (kind === 'two-histories' && proof !== undefined) return { kind, proof, message };
    if (kind === 'older') return { kind };
    if (kind === 'foreign' || kind === 'other-election') return { kind: 'foreign', message };
    if (kind === 'worthless' || kind === 'malformed') return { kind: 'worthless', message };
    return { kind: 'board', message };
  }

  /** Encrypts once more what another device opened, in the election that its link names. Nothing of it is sent. */
  async open(text: string, election: string | undefined): Promise<void> {
    const [place, opened] = [this.place, fromBase64Url(text)];
    // Whoever looks at the address later shall not see the ballot in it.
    history.replaceState(null, '', `${location.pathname}${location.search}`);
    if (place === undefined) return;
    await this.#turn(async () => {
      this.fault = '';
      // Without the election's id a server could show another one, and so accuse the device.
      const isWhole = opened !== undefined && election !== undefined;
      this.answer = isWhole ? undefined : { kind: 'damaged' };
      if (isWhole) await this.#sealAgain(place, opened, election);
    });
  }

  async #sealAgain(place: Place, opened: Uint8Array, election: string): Promise<void> {
    this.#asked = undefined;
    let worker: Worker | undefined;
    try {
      const state = await stateOf(place);
      const bundles = join(await files(place, bundlePaths(state.size - state.ballots - state.voids)));
      worker = boothWorker(asksForNumbers(bundles));
      const booth = connect<BoothMethods>(worker);
      const { manifest } = await booth.open(bundles, election);
      const read = JSON.parse(manifest) as Manifest;
      await furnish(read);
      this.manifest = read;
      const told = JSON.parse(await booth.checkChallenged(opened)) as Opened & {
        code: string;
        style: number;
        answers: { values: number[]; blank: boolean }[];
      };
      const code = readCode(told.code);
      const hex = code.kind === 'code' ? code.hex : toHex(new Uint8Array(32));
      const { search } = await this.#board(place).all({ code: hex, election, opened: told });
      this.answer = {
        kind: 'challenged',
        code: told.code,
        contests: contestsOf(this.manifest, told.style),
        answers: told.answers,
        found: search.found,
      };
    } catch (error) {
      const thrown = error instanceof Fault ? error.thrown : undefined;
      if (thrown?.kind === 'challenge') this.answer = { kind: 'cheated', message: thrown.message };
      else if (thrown?.kind === 'damaged' || thrown?.kind === 'link') this.answer = { kind: 'damaged' };
      else this.answer = this.#wrong(error);
    } finally {
      worker?.terminate();
    }
  }

  /** What the board signed and what is wrong, for those who must see it. */
  evidence(message: string): string {
    return JSON.stringify(
      {
        psephos: 3,
        kind: 'evidence',
        time: new Date().toISOString(),
        board: this.place?.board,
        problem: message,
        code: this.#asked?.code,
        election: this.#asked?.election,
        receipt: this.#asked?.receipt,
        checkpoint: this.#reader?.checkpoint,
      },
      null,
      1,
    );
  }
}
