// Reading a board to say where a ballot stands: all of it, or as few files as a proof takes.

import { startAuditor, type Auditor } from '../lib/auditor';
import {
  bundlePaths,
  checkpointOf,
  files,
  isCount,
  manifestOf,
  receiptOf,
  sizeOf,
  stateOf,
  Unreachable,
  voterState,
  type Place,
} from '../lib/server';
import { Fault } from '../workers/call';
import type { Looked, Opened, Search, Standing } from '../workers/auditor.worker';

/** What is looked for. */
export interface Sought {
  /** The confirmation code (hexadecimal). */
  readonly code: string;
  /** A saved receipt. */
  readonly receipt?: string | undefined;
  /** The election id (hexadecimal) that a link gave with the code. */
  readonly election?: string | undefined;
  /** What the void of a challenged ballot must bind. */
  readonly opened?: Opened | undefined;
}

/** Where a code stands. What is not `certain` is partly the server's word. */
export interface Found {
  readonly search: Search;
  readonly receipt: boolean;
  /** The witnesses who signed the checkpoint of a saved receipt. */
  readonly witnesses: readonly string[];
  readonly certain: boolean;
}

/** A receipt whose entry is no ballot. */
export class NotABallot extends Error {}

/** The board shows fewer entries than before. */
export class Behind extends Error {}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function memberOf(receipt: string, name: 'index' | 'election'): unknown {
  try {
    return (JSON.parse(receipt) as Record<string, unknown> | null)?.[name];
  } catch {
    return undefined;
  }
}

/** The entry that a receipt of the server names. */
function indexOf(receipt: string): number {
  const index = memberOf(receipt, 'index');
  if (isCount(index)) return index;
  throw new Fault({ kind: 'board', message: 'the server gives a receipt that names no entry' });
}

/** What proves two histories, if something does. */
const proofIn = (error: unknown): Fault | undefined =>
  error instanceof Fault && error.thrown.kind === 'two-histories' ? error : undefined;

const foreign = (): Fault =>
  new Fault({ kind: 'foreign', message: 'the board that this server shows is another election’s' });

/** The manifest as the server shows it, if it is one of this address. */
export async function manifestHere(place: Place, init?: RequestInit): Promise<Uint8Array> {
  const manifest = await manifestOf(place, init);
  let uuid: unknown;
  try {
    uuid = (JSON.parse(text(manifest)) as { uuid?: unknown } | null)?.uuid;
  } catch {
    throw new Unreachable('another answer');
  }
  if (uuid !== place.uuid) throw foreign();
  return manifest;
}

export class BoardReader {
  readonly #auditor: Auditor = startAuditor();
  /** What the server showed last, whatever it is. */
  #shown: Uint8Array | undefined;
  /** The manifest to which a ballot’s code has led. */
  #bound: Uint8Array | undefined;
  /** The last checkpoint with the board’s signature: every later board must begin with its board. */
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
    return this.#shown === undefined ? '' : text(this.#shown);
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

  /** Fetches a checkpoint, checks its signature, and holds it against the last one. */
  async #begin(): Promise<void> {
    const checkpoint = await checkpointOf(this.place);
    const size = sizeOf(checkpoint);
    // Whoever answers for the server, a page of a café among them, is no board that lies.
    if (!isCount(size)) throw new Unreachable('no checkpoint');
    this.#shown = checkpoint;
    const manifest = await this.#manifest();
    try {
      await this.#auditor.board(manifest);
      await this.#auditor.checkpoint(checkpoint);
    } catch (error) {
      throw error instanceof Fault ? new Fault({ ...error.thrown, kind: 'board' }) : error;
    }
    await this.#auditor.load([['checkpoint', checkpoint]]);
    const before = this.#seen;
    if (before !== undefined) {
      if (size < this.#size) throw new Behind();
      await this.#fetching(() => this.#auditor.compare(manifest, text(before)));
    }
    this.#seen = checkpoint;
    this.#size = size;
  }

  async #manifest(): Promise<Uint8Array> {
    return this.#bound ?? manifestHere(this.place, this.#isFresh ? { cache: 'reload' } : {});
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

  /** Reads the whole board, and looks for a ballot in it. */
  all(sought: Sought): Promise<Found> {
    return this.#trying(async () => {
      await this.#begin();
      return this.#search(sought);
    });
  }

  async #search({ code, receipt, election, opened }: Sought): Promise<Found> {
    await this.#fetch(bundlePaths(this.#size), this.fetched);
    const manifest = await this.#manifest();
    const search = await this.#auditor.search(manifest, code, opened).catch(async (error: unknown) => {
      // A proof that the board lied tells more than whatever else is wrong with it.
      const proved = receipt === undefined ? undefined : await this.#auditor.checkReceipt(receipt).catch(proofIn);
      throw proved instanceof Fault ? proved : error;
    });
    if (election !== undefined && search.election !== election) throw foreign();
    let witnesses: readonly string[] = [];
    if (receipt !== undefined) {
      const given = memberOf(receipt, 'election');
      // The receipt of an entry of the set-up has the manifest's id.
      if (typeof given === 'string' && given !== search.election && given !== search.manifest) throw foreign();
      const standing: Standing = await this.#auditor.checkReceipt(receipt);
      if (standing.standing === 'other') throw new NotABallot();
      witnesses = standing.witnesses;
    }
    if (search.found?.kind === 'ballot' || election !== undefined) this.#bound = manifest;
    return { search, receipt: receipt !== undefined, witnesses, certain: true };
  }

  /** Reads the whole board if it has no more entries than that, else what proves where the ballot stands. */
  look(sought: Sought, small: number): Promise<Found> {
    const { code, receipt, election } = sought;
    return this.#trying(async () => {
      await this.#begin();
      // Whoever fetches everything need not say which ballot is looked for.
      if (this.#size <= small) return this.#search(sought);
      const known = receipt ?? (await receiptOf(this.place, code));
      if (known === undefined) {
        const search = { entries: this.#size, closed: false, manifest: null, election: null, found: null };
        return { search, receipt: false, witnesses: [], certain: false };
      }
      const index = receipt === undefined ? indexOf(known) : 0;
      await this.#reach(index);
      const [manifest, setUp] = await Promise.all([this.#manifest(), this.#setUp()]);
      const ask = (by?: number): Promise<Looked> =>
        this.#fetching(() =>
          receipt === undefined
            ? this.#auditor.look(manifest, setUp, code, index, by)
            : this.#auditor.lookForReceipt(manifest, setUp, receipt, by),
        );
      const looked = await ask();
      if (election !== undefined && looked.election !== election) throw foreign();
      this.#bound = manifest;
      if (looked.ballot === null) throw new NotABallot();
      const later = await this.#later(looked.ballot, code);
      // Only what is proved is said, whatever the server named.
      const { entries, ballot, by } = later === undefined ? looked : await ask(later);
      if (ballot === null) throw new NotABallot();
      const found = { kind: 'ballot', index: looked.index, counter: ballot[1], by } as const;
      return {
        search: { entries, closed: false, manifest: null, election: looked.election, found },
        receipt: receipt !== undefined,
        witnesses: looked.witnesses,
        // That a later ballot is there is proved; that none is, is the server's word.
        certain: by !== null,
      };
    });
  }

  /** An entry may have come since the checkpoint was fetched. */
  async #reach(index: number): Promise<void> {
    if (index >= this.#size) await this.#begin();
  }

  /** Where the set-up ends at the latest, as the server says; what is found there proves itself. */
  async #setUp(): Promise<number> {
    const { size, ballots, voids } = await stateOf(this.place);
    return Math.max(0, size - ballots - voids);
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
    await this.#reach(index);
    return index;
  }

  end(): void {
    this.#auditor.end();
  }
}
