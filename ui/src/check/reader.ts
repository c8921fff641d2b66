// Reading a board to say where a ballot stands: all of it, or as few files as a proof takes.

import { startAuditor, type Auditor } from '../lib/auditor';
import { bundlePaths, checkpointOf, files, manifestOf, receiptOf, sizeOf, voterState, type Place } from '../lib/server';
import { Fault } from '../workers/call';
import type { Looked, Search, Standing } from '../workers/auditor.worker';

/** Where a code stands. What is not `certain` is partly the server's word. */
export interface Found {
  readonly search: Search;
  readonly receipt: boolean;
  readonly certain: boolean;
}

/** A receipt whose entry is no ballot. */
export class NotABallot extends Error {}

/** The board shows fewer entries than before. */
export class Behind extends Error {}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The entry that a receipt of the server names. */
function indexOf(receipt: string): number {
  let named: unknown;
  try {
    named = (JSON.parse(receipt) as { index?: unknown } | null)?.index;
  } catch {
    // It is said below.
  }
  if (Number.isSafeInteger(named) && (named as number) >= 0) return named as number;
  throw new Fault({ kind: 'board', message: 'the server gives a receipt that names no entry' });
}

export class BoardReader {
  readonly #auditor: Auditor = startAuditor();
  /** The last checkpoint that this page was shown: every later board must begin with its board. */
  #seen: Uint8Array | undefined;
  #size = 0;
  /** Files of the browser's own store are asked for anew, since they did not fit together. */
  #isFresh = false;

  constructor(
    readonly place: Place,
    readonly fetched: (count: number, of: number) => void,
  ) {}

  /** The number of entries that the board speaks of. */
  get size(): number {
    return this.#size;
  }

  /** The checkpoint that the board showed last. */
  get checkpoint(): string {
    return this.#seen === undefined ? '' : text(this.#seen);
  }

  /** Tries once more without what the browser has stored, if the files do not fit together. */
  async #trying<T>(read: () => Promise<T>): Promise<T> {
    this.#isFresh = false;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Fault) || error.thrown.kind !== 'board') throw error;
    }
    this.#isFresh = true;
    return read();
  }

  /** Fetches a checkpoint, and holds it against the last one. */
  async #begin(): Promise<void> {
    const checkpoint = await checkpointOf(this.place);
    const size = sizeOf(checkpoint);
    await this.#auditor.load([['checkpoint', checkpoint]]);
    const before = this.#seen;
    if (before !== undefined) {
      if (size < this.#size) throw new Behind();
      await this.#fetching(async () => this.#auditor.compare(await this.#manifest(), text(before)));
    }
    this.#seen = checkpoint;
    this.#size = size;
  }

  #manifest(): Promise<Uint8Array> {
    return manifestOf(this.place, this.#isFresh ? { cache: 'reload' } : {});
  }

  /** Asks the Rust part, and fetches what its answer takes. */
  async #fetching<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Fault) || error.thrown.paths === undefined) throw error;
        await this.#fetch(error.thrown.paths);
      }
    }
  }

  async #fetch(paths: readonly string[], fetched?: (count: number, of: number) => void): Promise<void> {
    const contents = await files(this.place, paths, fetched, this.#isFresh ? { cache: 'reload' } : {});
    await this.#auditor.insert(paths.map((path, at) => [path, contents[at] ?? new Uint8Array()] as const));
  }

  /** Reads the whole board, and looks for a code in it. */
  all(code: string, receipt: string | undefined): Promise<Found> {
    return this.#trying(async () => {
      await this.#begin();
      return this.#search(code, receipt);
    });
  }

  async #search(code: string, receipt: string | undefined): Promise<Found> {
    await this.#fetch(bundlePaths(this.#size), this.fetched);
    const standing: Standing | undefined =
      receipt === undefined ? undefined : await this.#auditor.checkReceipt(receipt);
    if (standing?.standing === 'other') throw new NotABallot();
    return { search: await this.#auditor.search(code), receipt: receipt !== undefined, certain: true };
  }

  /** Reads the whole board if it has no more entries than that, else what proves where the ballot stands. */
  async look(code: string, receipt: string | undefined, small: number): Promise<Found> {
    // Asked first, so that the checkpoint is not older than the answer.
    const known = receipt ?? (await receiptOf(this.place, code));
    return this.#trying(async () => {
      await this.#begin();
      if (this.#size <= small) return this.#search(code, receipt);
      if (known === undefined) {
        return { search: { entries: this.#size, closed: false, found: null }, receipt: false, certain: false };
      }
      const index = receipt === undefined ? indexOf(known) : 0;
      const manifest = await this.#manifest();
      const ask = (by?: number): Promise<Looked> =>
        this.#fetching(() =>
          receipt === undefined
            ? this.#auditor.look(manifest, code, index, by)
            : this.#auditor.lookForReceipt(manifest, receipt, by),
        );
      const looked = await ask();
      if (looked.ballot === null) throw new NotABallot();
      const later = await this.#later(looked.ballot, code);
      // Only what is proved is said, whatever the server named.
      const { entries, ballot, by } = later === undefined ? looked : await ask(later);
      if (ballot === null) throw new NotABallot();
      return {
        search: { entries, closed: false, found: { kind: 'ballot', index: looked.index, counter: ballot[1], by } },
        receipt: receipt !== undefined,
        // That a later ballot is there is proved; that none is, is the server's word.
        certain: by !== null,
      };
    });
  }

  /** The entry of the voter's last ballot as the server names it, if it is another one. */
  async #later([voter, counter]: readonly [string, number], code: string): Promise<number | undefined> {
    const { counter: cast, previous } = await voterState(this.place, voter);
    if (cast === counter && previous === code) return undefined;
    const last = cast > counter && previous !== null ? await receiptOf(this.place, previous) : undefined;
    if (last === undefined) {
      throw new Fault({
        kind: 'board',
        message: `the server says that ${cast} ballots were cast, the last with the code ${previous}, and does not show it; ballot ${counter} is on its board`,
      });
    }
    const index = indexOf(last);
    // It may have come since the checkpoint was fetched.
    if (index >= this.#size) await this.#begin();
    return index;
  }

  end(): void {
    this.#auditor.end();
  }
}
