// The board as it grows, and the verification of all of it.

import { fetchRecord, MAX_ENTRIES, startAuditor, type Auditor } from '../lib/auditor';
import type { Manifest } from '../lib/manifest';
import { archive } from '../lib/save';
import {
  checkpointOf,
  file,
  join,
  manifestOf,
  placeOf,
  Refused,
  sizeOf,
  stateOf,
  tilePath,
  Unreachable,
  type ElectionState,
  type Place,
} from '../lib/server';
import { Fault } from '../workers/call';
import type { Audited, Line, Progress } from '../workers/auditor.worker';
import { disagreement, WIDTH, type Disagreement } from './disagreement';
import { proved } from './proved';

const LOOK = 4000;
export const PAGE = 12;

export interface NumberedLine extends Line {
  readonly index: number;
}

export interface Verified extends Audited {
  readonly seconds: number;
  readonly entries: number;
}

export class BoardCourse {
  readonly place: Place | undefined = placeOf(location);
  readonly #auditor: Auditor = startAuditor();
  #verifier: Auditor | undefined;
  #lines = new Map<number, NumberedLine>();
  /** The look at the server that goes on, or the last one. */
  #looking: Promise<void> = Promise.resolve();
  /** What the server showed, to be held against the record that it gives. */
  #manifest: Uint8Array = new Uint8Array();
  #bundles = new Map<number, Uint8Array>();
  #sought = false;
  /** Each verification that begins, or is stopped, makes those before worthless. */
  #run = 0;

  loading = $state(true);
  trouble = $state<'missing' | 'unreachable'>();
  badCheckpoint = $state(false);
  manifest = $state.raw<Manifest>();
  state = $state.raw<ElectionState>();
  checkpoint = $state.raw<{ readonly note: string; readonly size: number; readonly root: string }>();
  lines = $state.raw<readonly NumberedLine[]>([]);
  shown = $state(PAGE);
  paused = $state(false);
  booth = $state<string>();
  result = $state.raw<Line['result']>(null);

  /** The verified record. Once it is there, all of the above is read from it, and from nothing else. */
  record = $state.raw<ReadonlyMap<string, Uint8Array>>();
  disagreement = $state.raw<Disagreement>();
  /** Why a verification came to no end. */
  unfinished = $state<'broken' | 'unreachable'>();

  fetched = $state.raw<readonly [number, number]>();
  progress = $state.raw<Progress>();
  verifying = $state(false);
  verified = $state.raw<Verified>();

  async load(): Promise<void> {
    if (this.place === undefined) {
      this.trouble = 'missing';
      this.loading = false;
      return;
    }
    try {
      const bytes = await manifestOf(this.place);
      await this.#auditor.board(bytes);
      this.#manifest = bytes;
      this.manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
      await this.#look(this.place);
    } catch (error) {
      this.trouble = error instanceof Refused && error.status === 404 ? 'missing' : 'unreachable';
    }
    this.loading = false;
    setInterval(() => {
      const place = this.place;
      if (place === undefined || this.paused || document.hidden || this.state?.phase === 'finished') return;
      // A verified record is not mixed with what the server says later.
      if (this.verifying || this.record !== undefined) return;
      this.#looking = this.#look(place).then(
        () => void (this.trouble = undefined),
        () => void (this.trouble = this.manifest === undefined ? 'unreachable' : this.trouble),
      );
    }, LOOK);
  }

  async #look(place: Place): Promise<void> {
    const bytes = await checkpointOf(place);
    const note = new TextDecoder().decode(bytes);
    if (note !== this.checkpoint?.note) {
      try {
        const { size, root } = await this.#auditor.checkpoint(bytes);
        this.badCheckpoint = false;
        this.checkpoint = { note, size, root };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.badCheckpoint = true;
      }
      if (!this.badCheckpoint) await this.#newest(place, sizeOf(bytes));
    }
    this.state = await stateOf(place);
    await this.#find(place);
  }

  /** Reads the bundle of the newest entries; the older ones come when they are asked for. */
  async #newest(place: Place, size: number): Promise<void> {
    if (size === 0 || size > MAX_ENTRIES) return;
    let number = Math.floor((size - 1) / WIDTH);
    await this.#bundle(place, number, size);
    while (number > 0 && this.#lines.size < Math.min(this.shown, size)) {
      number -= 1;
      if (this.#lines.has(number * WIDTH + WIDTH - 1)) continue;
      const before = this.#lines.size;
      await this.#bundle(place, number, size);
      // A server may send bundles with nothing in them for as long as it likes.
      if (this.#lines.size === before) break;
    }
    this.#order();
  }

  async #bundle(place: Place, number: number, size: number): Promise<void> {
    const width = Math.min(WIDTH, size - number * WIDTH);
    const path = tilePath('entries', number, width);
    const { record } = this;
    const bytes = record === undefined ? await file(place, path) : record.get(path);
    if (bytes === undefined) return;
    const lines = await this.#auditor.lines(bytes);
    // What the server sent late is not mixed into a record that was verified meanwhile.
    if (record !== this.record) return;
    this.#bundles.set(number, bytes);
    lines.slice(0, width).forEach((line, at) => {
      const index = number * WIDTH + at;
      this.#lines.set(index, { ...line, index });
    });
  }

  #order(): void {
    this.lines = [...this.#lines.values()].sort((a, b) => b.index - a.index);
    if (this.record !== undefined) return;
    for (const line of this.lines) {
      if (line.result) this.result = line.result;
      if (line.booth) this.booth = line.booth;
    }
  }

  /** Looks for the opening, which names the hash of the pages. */
  async #find(place: Place): Promise<void> {
    const size = this.checkpoint?.size ?? 0;
    const { state } = this;
    if (this.#sought || this.booth !== undefined || state === undefined || size === 0 || size > MAX_ENTRIES) return;
    if (state.phase === 'empty' || state.phase === 'setup') return;
    this.#sought = true;
    const last = Math.floor(Math.max(0, Math.min(size, size - state.ballots - state.voids) - 1) / WIDTH);
    for (let number = last; number >= 0 && this.booth === undefined; number -= 1) {
      await this.#bundle(place, number, size);
      this.#order();
    }
  }

  async older(): Promise<void> {
    this.shown += 4 * PAGE;
    if (this.place !== undefined && this.checkpoint !== undefined) {
      await this.#newest(this.place, this.checkpoint.size).catch(() => undefined);
    }
  }

  /** The files of the record: the verified one, or one fetched now. */
  async files(): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
    return this.record ?? (this.place && (await this.#fetch(this.place)));
  }

  async #fetch(place: Place): Promise<Map<string, Uint8Array>> {
    try {
      return await fetchRecord(place, (count, of) => (this.fetched = [count, of]));
    } finally {
      this.fetched = undefined;
    }
  }

  /** Fetches everything, and checks everything. */
  async verify(): Promise<void> {
    const { place } = this;
    if (this.verifying || place === undefined) return;
    const run = (this.#run += 1);
    this.verifying = true;
    this.verified = undefined;
    this.unfinished = undefined;
    this.progress = undefined;
    try {
      await this.#looking;
      const record = await this.#fetch(place);
      if (run !== this.#run) return;
      const verifier = startAuditor((progress) => (this.progress = progress));
      this.#verifier = verifier;
      const begun = performance.now();
      const audited = await verifier.verify(join(archive(record)));
      const seconds = (performance.now() - begun) / 1000;
      if (run !== this.#run) return;
      await this.#adopt(place, record, audited);
      this.verified = { ...audited, seconds, entries: sizeOf(record.get('checkpoint') ?? new Uint8Array()) };
    } catch (error) {
      if (run !== this.#run) return;
      this.unfinished = error instanceof Unreachable || error instanceof Refused ? 'unreachable' : 'broken';
    }
    this.stop();
  }

  /** Shows what the record proves in place of what the server said, and where the two differ. */
  async #adopt(place: Place, record: ReadonlyMap<string, Uint8Array>, audited: Audited): Promise<void> {
    const facts = proved(audited);
    if (facts === undefined) return;
    const { uuid } = place;
    const manifest = new TextEncoder().encode(audited.held?.manifest);
    const note = record.get('checkpoint') ?? new Uint8Array();
    const shown = { manifest: this.#manifest, note: this.checkpoint?.note, state: this.state, bundles: this.#bundles };
    const own = { uuid, manifest, state: facts.state };
    this.disagreement ??= await disagreement(shown, own, record, this.#auditor);
    await this.#auditor.board(manifest);
    const { size, root } = await this.#auditor.checkpoint(note);
    this.record = record;
    this.#manifest = manifest;
    this.manifest = facts.manifest;
    this.state = { ...facts.state, root };
    this.checkpoint = { note: new TextDecoder().decode(note), size, root };
    this.badCheckpoint = false;
    this.#lines = new Map();
    this.#bundles = new Map();
    await this.#newest(place, size);
    this.booth = facts.booth;
    this.result = facts.result;
  }

  stop(): void {
    this.#run += 1;
    this.#verifier?.end();
    this.#verifier = undefined;
    this.verifying = false;
    this.fetched = undefined;
    this.progress = undefined;
  }
}
