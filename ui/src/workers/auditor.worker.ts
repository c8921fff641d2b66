// The verifier, away from the page.

import init, { Board, Record as ElectionRecord, verify_record } from '../../wasm/auditor';
import wasm from '../../wasm/auditor_bg.wasm?url';
import type { Opened as OpenedTotals } from '../figures/figures';
import { serve, type News } from './call';

export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly steps: number;
}

function tell(stage: string, done: number, steps: number): void {
  postMessage({ news: { stage, done, steps } satisfies Progress } satisfies News);
}

let board: Board | undefined;
let record: ElectionRecord | undefined;

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('this step came before the one it needs');
  return value;
}

const methods = {
  /** Reads the manifest of the board to be shown. */
  board(manifest: Uint8Array): void {
    board?.free();
    board = new Board(manifest);
  },
  /** Checks the signature of a checkpoint. */
  checkpoint(note: Uint8Array): { size: number; root: string } {
    return JSON.parse(there(board).checkpoint(note)) as { size: number; root: string };
  },
  /** Describes the entries of a bundle. */
  lines(bundle: Uint8Array): Line[] {
    return JSON.parse(there(board).lines(bundle)) as Line[];
  },
  /** Takes the files of a record, in place of those before. */
  load(files: readonly (readonly [string, Uint8Array])[]): void {
    record?.free();
    record = new ElectionRecord();
    for (const [path, content] of files) record.insert(path, content);
  },
  /** Adds files to the record. */
  insert(files: readonly (readonly [string, Uint8Array])[]): void {
    for (const [path, content] of files) there(record).insert(path, content);
  },
  /** Makes sure that the board begins with that of an earlier checkpoint. */
  compare(manifest: Uint8Array, earlier: string): void {
    there(record).compare(manifest, earlier);
  },
  /** Proves that an entry is on the board, with a few files of it; the set-up is among the first `setUp` entries. */
  look(manifest: Uint8Array, setUp: number, code: string, index: number, by: number | undefined): Looked {
    return JSON.parse(there(record).look(manifest, setUp, code, index, by)) as Looked;
  },
  /** The same for the entry of a saved receipt. */
  lookForReceipt(manifest: Uint8Array, setUp: number, receipt: string, by: number | undefined): Looked {
    return JSON.parse(there(record).look_for_receipt(manifest, setUp, receipt, by)) as Looked;
  },
  /** Runs every check on a record in one archive file. */
  verify(archive: Uint8Array): Audited {
    return JSON.parse(verify_record(archive, tell)) as Audited;
  },
  /** Looks for a code, and for the void of an opened ballot (all hexadecimal). */
  search(manifest: Uint8Array, code: string, opened: Opened | undefined): Search {
    return JSON.parse(there(record).search(manifest, code, opened?.voter, opened?.alpha)) as Search;
  },
  /** Holds a saved receipt against the record. */
  checkReceipt(receipt: string): Standing {
    return JSON.parse(there(record).check_receipt(receipt)) as Standing;
  },
};

export interface Line {
  readonly kind: string;
  readonly trustee: number | null;
  readonly voter: string | null;
  readonly code: string | null;
  readonly counter: number | null;
  readonly voters: number | null;
  readonly booth: string | null;
  readonly result: readonly OpenedTotals[] | null;
}

export interface Check {
  readonly id: string;
  readonly verdict: 'ok' | 'failed' | 'not checked';
  readonly count: number;
  readonly failure_count: number;
  readonly failures: readonly { readonly entry: number | null; readonly reason: string }[];
}

export interface ContestResult {
  readonly id: string;
  readonly title: string;
  readonly ballots: number;
  readonly weight: number;
  readonly opened: boolean;
  /** By position; closed cells are null. */
  readonly totals: readonly (number | null)[] | null;
}

export interface Report {
  readonly verdict: 'accepted' | 'rejected';
  readonly checks: readonly Check[];
  readonly results: readonly ContestResult[] | null;
  readonly election: Summary | null;
  readonly notes: readonly string[];
  readonly version: string;
  /** What the trustees signed together; no part of the verdict. */
  readonly joint: Joint | null;
}

/** Joint key, beacon and seal. Trustees count from 1, options from 0. */
export interface Joint {
  readonly key: string;
  readonly beacon: {
    readonly by: readonly number[];
    readonly contributions: readonly number[];
    readonly message: string;
    readonly signature: string | null;
    readonly audit_seed: string | null;
    readonly lots: readonly { readonly contest: string; readonly order: readonly number[] }[] | null;
  };
  readonly seal: {
    readonly by: readonly number[];
    readonly size: number;
    readonly root: string;
    readonly message: string;
    readonly signature: string | null;
  } | null;
}

/** What the void of a ballot must bind. */
export interface Opened {
  readonly voter: string;
  readonly alpha: string;
}

/** The election of a record, as the verifier counts it. */
export interface Summary {
  readonly uuid: string;
  readonly manifest: string;
  readonly id: string | null;
  readonly booth: string | null;
  readonly voters: number;
  readonly entries: number;
  readonly ballots: number;
  readonly counted: number;
}

/** What the same bytes hold; worth something only as far as the report goes. */
export interface Held {
  readonly manifest: string;
  readonly voids: number;
  readonly certified: readonly number[];
  readonly certified_close: readonly number[];
  readonly witnessed_close: readonly number[];
  readonly shares: readonly number[];
  readonly cosignatures_hold: boolean;
  readonly closed: boolean;
  readonly result: boolean;
}

export interface Audited {
  readonly report: Report;
  readonly held: Held | null;
}

export interface Search {
  readonly entries: number;
  readonly closed: boolean;
  /** The ids that the board gives, where enough of it was read. */
  readonly manifest: string | null;
  readonly election: string | null;
  readonly found:
    | { readonly kind: 'ballot'; readonly index: number; readonly counter: number; readonly by: number | null }
    | { readonly kind: 'void'; readonly index: number }
    | null;
}

export interface Looked {
  readonly entries: number;
  readonly index: number;
  /** The voter and the number of the ballot. */
  readonly ballot: readonly [string, number] | null;
  readonly by: number | null;
  readonly election: string | null;
  readonly witnesses: readonly string[];
}

export interface Standing {
  readonly witnesses: readonly string[];
  readonly standing: 'last' | 'superseded' | 'other';
  readonly by: number | null;
  readonly closed: boolean | null;
  readonly index: number;
  readonly code: string;
  readonly election: string;
}

export type AuditorMethods = typeof methods;

serve(methods, init({ module_or_path: wasm }));
