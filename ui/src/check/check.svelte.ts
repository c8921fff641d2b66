// Where a ballot stands: what the page asks the board, and what comes out.

import { fromBase64Url, readCode, toHex } from '../lib/code';
import { words } from '../lib/language.svelte';
import { contestsOf, type Contest, type Manifest } from '../lib/manifest';
import { bundlePaths, files, join, manifestOf, placeOf, stateOf, type Place } from '../lib/server';
import { connect, Fault } from '../workers/call';
import type { Search } from '../workers/auditor.worker';
import type { BoothMethods } from '../workers/booth.worker';
import { Behind, BoardReader, NotABallot, type Found } from './reader';
import { readScanned } from './scanned';

/** A board of so few entries, two or three megabytes, is read whole at once. */
const SMALL = 1000;

export type Answer =
  | { readonly kind: 'ballot'; readonly found: Found; readonly code: string }
  | { readonly kind: 'void'; readonly index: number; readonly code: string }
  | { readonly kind: 'not-found'; readonly entries: number; readonly certain: boolean; readonly code: string }
  | { readonly kind: 'not-a-ballot' | 'older' }
  | { readonly kind: 'two-histories'; readonly proof: string; readonly message: string }
  | { readonly kind: 'worthless' | 'board'; readonly message: string }
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
  /** What was looked for last: a code, and the receipt that it came with. */
  #asked: readonly [string, string | undefined] | undefined;

  async load(): Promise<void> {
    if (this.place === undefined) return;
    try {
      this.manifest = JSON.parse(new TextDecoder().decode(await manifestOf(this.place))) as Manifest;
    } catch {
      this.answer = { kind: 'unreachable' };
    }
    addEventListener('hashchange', () => void this.follow());
    await this.follow();
  }

  /** Does what the part behind the # asks for. */
  async follow(): Promise<void> {
    const asked = new URLSearchParams(location.hash.slice(1));
    const opened = asked.get('o');
    if (opened !== null) return this.open(opened);
    const code = asked.get('c');
    if (code === null) return;
    this.typed = code;
    await this.search();
  }

  /** Reads a file that these pages saved: a receipt, or a challenged ballot. */
  async read(file: File): Promise<void> {
    const text = await file.text();
    const opened = /#o=([\w-]+)/.exec(text)?.[1];
    if (opened !== undefined) return this.open(opened);
    let code: unknown;
    try {
      code = (JSON.parse(text) as { code?: unknown }).code;
    } catch {
      // It is said below.
    }
    if (typeof code !== 'string' || !/^[0-9a-f]{64}$/.test(code)) {
      this.answer = undefined;
      this.fault = words().check.notReceipt;
      return;
    }
    this.typed = code;
    await this.search(text);
  }

  /** Does what a scanned code asks for; gives the words for why it does not. */
  scanned(text: string): string | undefined {
    if (this.place === undefined) return undefined;
    const scanned = readScanned(text, this.place);
    if (scanned.kind === 'unknown') return words().scan.unknown;
    if (scanned.kind === 'other-election') return words().scan.otherElection;
    if (scanned.kind === 'opened') {
      void this.open(scanned.text);
    } else {
      this.typed = scanned.text;
      void this.search();
    }
    return undefined;
  }

  async search(receipt?: string): Promise<void> {
    if (this.place === undefined || this.busy) return;
    const m = words().check;
    const code = readCode(this.typed);
    this.answer = undefined;
    this.fault = '';
    if (code.kind === 'empty') this.fault = m.empty;
    else if (code.kind === 'length') this.fault = m.length(code.found);
    else if (code.kind === 'character') this.fault = m.character(code.character);
    else if (code.kind === 'wrong') this.fault = m.wrong;
    else await this.#look(this.place, code.hex, receipt);
  }

  async #look(place: Place, code: string, receipt: string | undefined): Promise<void> {
    this.#asked = [code, receipt];
    await this.#reading(place, (reader) => reader.look(code, receipt, SMALL), code);
  }

  /** Reads the whole board for what was looked for last. */
  async certify(): Promise<void> {
    const asked = this.#asked;
    if (this.place === undefined || asked === undefined || this.busy) return;
    const [code, receipt] = asked;
    await this.#reading(this.place, (reader) => reader.all(code, receipt), code);
  }

  async #reading(place: Place, read: (reader: BoardReader) => Promise<Found>, code: string): Promise<void> {
    this.busy = true;
    try {
      this.answer = this.#place(await read(this.#board(place)), code);
    } catch (error) {
      this.answer = this.#wrong(error);
    } finally {
      this.busy = false;
      this.fetched = undefined;
    }
  }

  #board(place: Place): BoardReader {
    this.#reader ??= new BoardReader(place, (count, of) => (this.fetched = [count, of]));
    return this.#reader;
  }

  #place(found: Found, code: string): Answer {
    const { search, certain } = found;
    switch (search.found?.kind) {
      case 'ballot':
        return { kind: 'ballot', found, code };
      case 'void':
        return { kind: 'void', index: search.found.index, code };
      default:
        return { kind: 'not-found', entries: search.entries, certain, code };
    }
  }

  #wrong(error: unknown): Answer {
    if (error instanceof NotABallot) return { kind: 'not-a-ballot' };
    if (error instanceof Behind) return { kind: 'older' };
    if (!(error instanceof Fault)) return { kind: 'unreachable' };
    const { kind, message, proof } = error.thrown;
    if (kind === 'two-histories' && proof !== undefined) return { kind, proof, message };
    if (kind === 'older') return { kind };
    if (kind === 'worthless' || kind === 'malformed') return { kind: 'worthless', message };
    return { kind: 'board', message };
  }

  /** Encrypts once more what another device opened. Nothing of it is sent. */
  async open(text: string): Promise<void> {
    const opened = fromBase64Url(text);
    // Whoever looks at the address later shall not see the ballot in it.
    history.replaceState(null, '', `${location.pathname}${location.search}`);
    if (this.place === undefined || this.busy) return;
    if (opened === undefined) {
      this.answer = { kind: 'damaged' };
      return;
    }
    this.busy = true;
    this.answer = undefined;
    this.fault = '';
    const worker = new Worker(new URL('../workers/booth.worker.ts', import.meta.url), { type: 'module' });
    const booth = connect<BoothMethods>(worker);
    try {
      const state = await stateOf(this.place);
      const size = Math.min(state.size, state.size - state.ballots - state.voids);
      const bundles = join(await files(this.place, bundlePaths(size)));
      const { manifest } = await booth.open(bundles, undefined);
      this.manifest = JSON.parse(manifest) as Manifest;
      const told = JSON.parse(await booth.checkChallenged(opened)) as {
        code: string;
        style: number;
        answers: { values: number[]; blank: boolean }[];
      };
      const code = readCode(told.code);
      const hex = code.kind === 'code' ? code.hex : toHex(new Uint8Array(32));
      const { search } = await this.#board(this.place).all(hex, undefined);
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
      else if (thrown?.kind === 'damaged') this.answer = { kind: 'damaged' };
      else this.answer = this.#wrong(error);
    } finally {
      worker.terminate();
      this.busy = false;
      this.fetched = undefined;
    }
  }

  /** What the board signed and what is wrong, for those who must see it. */
  evidence(message: string): string {
    return JSON.stringify(
      {
        psephos: 1,
        kind: 'evidence',
        time: new Date().toISOString(),
        board: this.place?.board,
        problem: message,
        receipt: this.#asked?.[1],
        checkpoint: this.#reader?.checkpoint,
      },
      null,
      1,
    );
  }
}
