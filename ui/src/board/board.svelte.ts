// The board as it grows, and the verification of all of it.

import { fetchRecord, startAuditor, type Auditor } from '../lib/auditor';
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
  type ElectionState,
  type Place,
} from '../lib/server';
import { Fault } from '../workers/call';
import type { Line, Progress, Report } from '../workers/auditor.worker';

const WIDTH = 256;
const LOOK = 4000;
export const PAGE = 12;

export interface NumberedLine extends Line {
  readonly index: number;
}

export interface Verified {
  readonly report: Report;
  readonly seconds: number;
  readonly entries: number;
}

export class BoardCourse {
  readonly place: Place | undefined = placeOf(location);
  readonly #auditor: Auditor = startAuditor();
  #verifier: Auditor | undefined;
  #lines = new Map<number, NumberedLine>();
  #record: Map<string, Uint8Array> | undefined;

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
      this.manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
      await this.#look(this.place);
    } catch (error) {
      this.trouble = error instanceof Refused && error.status === 404 ? 'missing' : 'unreachable';
    }
    this.loading = false;
    setInterval(() => {
      const place = this.place;
      if (place === undefined || this.paused || document.hidden || this.state?.phase === 'finished') return;
      this.#look(place).then(
        () => (this.trouble = undefined),
        () => (this.trouble = this.manifest === undefined ? 'unreachable' : this.trouble),
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
      await this.#newest(place, sizeOf(bytes));
    }
    this.state = await stateOf(place);
    await this.#find(place);
  }

  /** Reads the bundle of the newest entries; the older ones come when they are asked for. */
  async #newest(place: Place, size: number): Promise<void> {
    if (size === 0) return;
    await this.#bundle(place, Math.floor((size - 1) / WIDTH), size);
    while (this.#lines.size < Math.min(this.shown, size)) {
      const oldest = Math.min(...this.#lines.keys());
      await this.#bundle(place, Math.floor((oldest - 1) / WIDTH), size);
    }
    this.#order();
  }

  async #bundle(place: Place, number: number, size: number): Promise<void> {
    const width = Math.min(WIDTH, size - number * WIDTH);
    const lines = await this.#auditor.lines(await file(place, tilePath('entries', number, width)));
    lines.forEach((line, at) => {
      const index = number * WIDTH + at;
      this.#lines.set(index, { ...line, index });
    });
  }

  #order(): void {
    this.lines = [...this.#lines.values()].sort((a, b) => b.index - a.index);
    for (const line of this.lines) {
      if (line.result) this.result = line.result;
      if (line.booth) this.booth = line.booth;
    }
  }

  /** Looks for the opening, which names the hash of the pages. */
  async #find(place: Place): Promise<void> {
    const size = this.checkpoint?.size ?? 0;
    const { state } = this;
    if (this.booth !== undefined || state === undefined || size === 0) return;
    if (state.phase === 'empty' || state.phase === 'setup') return;
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

  async record(): Promise<Map<string, Uint8Array> | undefined> {
    if (this.place === undefined) return undefined;
    this.#record = await fetchRecord(this.place, (count, of) => (this.fetched = [count, of]));
    this.fetched = undefined;
    return this.#record;
  }

  /** Fetches everything, and checks everything. */
  async verify(): Promise<void> {
    if (this.verifying) return;
    this.verifying = true;
    this.verified = undefined;
    this.progress = undefined;
    try {
      const record = await this.record();
      const verifier = startAuditor((progress) => (this.progress = progress));
      this.#verifier = verifier;
      const begun = performance.now();
      const report = await verifier.verify(join(archive(record ?? new Map<string, Uint8Array>())));
      this.verified = {
        report,
        seconds: (performance.now() - begun) / 1000,
        entries: sizeOf(record?.get('checkpoint') ?? new Uint8Array()),
      };
    } catch (error) {
      if (!(error instanceof Fault)) this.trouble = 'unreachable';
    }
    this.stop();
  }

  stop(): void {
    this.#verifier?.end();
    this.#verifier = undefined;
    this.verifying = false;
    this.fetched = undefined;
    this.progress = undefined;
  }
}
