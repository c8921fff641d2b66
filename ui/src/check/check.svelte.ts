// Where a ballot stands: the whole board is read here, and added up again.

import { fromBase64Url, readCode, toHex } from '../lib/code';
import { fetchRecord, startAuditor } from '../lib/auditor';
import { words } from '../lib/language.svelte';
import { contestsOf, type Contest, type Manifest } from '../lib/manifest';
import { bundlePaths, files, join, manifestOf, placeOf, stateOf, type Place } from '../lib/server';
import { connect, Fault } from '../workers/call';
import type { Search, Standing } from '../workers/auditor.worker';
import type { BoothMethods } from '../workers/booth.worker';

export type Answer =
  | { readonly kind: 'ballot'; readonly search: Search; readonly receipt: Standing | undefined; readonly code: string }
  | { readonly kind: 'void'; readonly index: number; readonly code: string }
  | { readonly kind: 'not-found'; readonly entries: number; readonly code: string }
  | { readonly kind: 'not-a-ballot' }
  | { readonly kind: 'broken-promise'; readonly index: number; readonly message: string; readonly receipt: string }
  | { readonly kind: 'worthless' | 'older' | 'board'; readonly message: string }
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
  #record = new Map<string, Uint8Array>();

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
    this.busy = true;
    const auditor = startAuditor();
    try {
      this.#record = await fetchRecord(place, 'entries', (count, of) => (this.fetched = [count, of]));
      await auditor.load([...this.#record]);
      const standing = receipt === undefined ? undefined : await auditor.checkReceipt(receipt);
      if (standing?.standing === 'other') this.answer = { kind: 'not-a-ballot' };
      else this.answer = this.#place(await auditor.search(code), standing, code);
    } catch (error) {
      this.answer = this.#wrong(error, receipt);
    } finally {
      auditor.end();
      this.busy = false;
      this.fetched = undefined;
    }
  }

  #place(search: Search, receipt: Standing | undefined, code: string): Answer {
    switch (search.found?.kind) {
      case 'ballot':
        return { kind: 'ballot', search, receipt, code };
      case 'void':
        return { kind: 'void', index: search.found.index, code };
      default:
        return { kind: 'not-found', entries: search.entries, code };
    }
  }

  #wrong(error: unknown, receipt: string | undefined): Answer {
    if (!(error instanceof Fault)) return { kind: 'unreachable' };
    const { kind, message } = error.thrown;
    if (kind === 'broken-promise' && receipt !== undefined) {
      const { index } = JSON.parse(receipt) as { index: number };
      return { kind, index, message, receipt };
    }
    if (kind === 'older') return { kind, message };
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
    const auditor = startAuditor();
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
      this.#record = await fetchRecord(this.place, 'entries');
      await auditor.load([...this.#record]);
      const { found } = await auditor.search(code.kind === 'code' ? code.hex : toHex(new Uint8Array(32)));
      this.answer = {
        kind: 'challenged',
        code: told.code,
        contests: contestsOf(this.manifest, told.style),
        answers: told.answers,
        found,
      };
    } catch (error) {
      if (!(error instanceof Fault)) this.answer = { kind: 'unreachable' };
      else if (error.thrown.kind === 'challenge') this.answer = { kind: 'cheated', message: error.thrown.message };
      else if (error.thrown.kind === 'damaged') this.answer = { kind: 'damaged' };
      else this.answer = { kind: 'board', message: error.thrown.message };
    } finally {
      worker.terminate();
      auditor.end();
      this.busy = false;
    }
  }

  /** The signed board and the receipt, for those who must see that they contradict each other. */
  proof(receipt: string | undefined, message: string): string {
    const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
    return JSON.stringify(
      {
        psephos: 1,
        kind: 'evidence',
        time: new Date().toISOString(),
        board: this.place?.board,
        problem: message,
        receipt: receipt === undefined ? undefined : (JSON.parse(receipt) as unknown),
        checkpoint: text(this.#record.get('checkpoint')),
      },
      null,
      1,
    );
  }
}
