// Where what a server showed differs from the record that it gave to be verified.

import { sizeOf, tilePath, type ElectionState } from '../lib/server';
import { Fault } from '../workers/call';
import type { Auditor } from '../lib/auditor';

export const WIDTH = 256;

export const DIFFERENCES = ['election', 'manifest', 'entries', 'checkpoint', 'state'] as const;
export type Difference = (typeof DIFFERENCES)[number];

/** What the server showed before the record was verified. */
export interface Shown {
  readonly manifest: Uint8Array;
  /** The last checkpoint whose signature held. */
  readonly note: string | undefined;
  readonly state: ElectionState | undefined;
  /** Entry bundles by their number. */
  readonly bundles: ReadonlyMap<number, Uint8Array>;
}

export interface Disagreement {
  readonly differences: readonly Difference[];
  /** Both sides, to be kept: what the server showed, and what the record says. */
  readonly evidence: string;
  /** A proof that the board signed two histories, if it did. */
  readonly proof: string | undefined;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

function begin(one: Uint8Array, other: Uint8Array): boolean {
  const length = Math.min(one.length, other.length);
  return one.subarray(0, length).every((byte, at) => byte === other[at]);
}

/** Whether bundles that the page read are the record's, as far as both go. */
function sameEntries(bundles: ReadonlyMap<number, Uint8Array>, record: ReadonlyMap<string, Uint8Array>): boolean {
  const size = sizeOf(record.get('checkpoint') ?? new Uint8Array());
  return [...bundles].every(([number, bundle]) => {
    const width = Math.min(WIDTH, size - number * WIDTH);
    const own = width > 0 ? record.get(tilePath('entries', number, width)) : undefined;
    return own !== undefined && begin(bundle, own);
  });
}

/** Whether the record's board begins with that of an earlier checkpoint; a proof if it never can. */
async function goesOn(
  auditor: Auditor,
  manifest: Uint8Array,
  note: string,
  record: ReadonlyMap<string, Uint8Array>,
): Promise<{ holds: boolean; proof?: string | undefined }> {
  const taken = new Set(['checkpoint']);
  await auditor.load([['checkpoint', record.get('checkpoint') ?? new Uint8Array()]]);
  for (;;) {
    try {
      await auditor.compare(manifest, note);
      return { holds: true };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const wanted = (error.thrown.paths ?? []).filter((path) => !taken.has(path) && record.has(path));
      if (wanted.length === 0) return { holds: false, proof: error.thrown.proof };
      for (const path of wanted) taken.add(path);
      await auditor.insert(wanted.map((path) => [path, record.get(path) ?? new Uint8Array()] as const));
    }
  }
}

/** What the server says of the election, as far as a record of the same size speaks of it. */
function sameState(said: ElectionState, state: ElectionState): boolean {
  if (said.election_id !== null && state.election_id !== null && said.election_id !== state.election_id) return false;
  if (said.size !== state.size) return true;
  return (['election_id', 'voters', 'voted', 'ballots', 'voids'] as const).every((of) => said[of] === state[of]);
}

/** Holds what was shown against a verified record; `state` and `manifest` are the record's. */
export async function disagreement(
  shown: Shown,
  { uuid, manifest, state }: { uuid: string; manifest: Uint8Array; state: ElectionState },
  record: ReadonlyMap<string, Uint8Array>,
  auditor: Auditor,
): Promise<Disagreement | undefined> {
  const differences = new Set<Difference>();
  if (state.uuid !== uuid) differences.add('election');
  if (shown.manifest.length !== manifest.length || !begin(shown.manifest, manifest)) differences.add('manifest');
  if (!sameEntries(shown.bundles, record)) differences.add('entries');
  if (shown.state !== undefined && !sameState(shown.state, state)) differences.add('state');
  let proof: string | undefined;
  if (shown.note !== undefined) {
    const went = await goesOn(auditor, manifest, shown.note, record);
    if (!went.holds) differences.add('checkpoint');
    ({ proof } = went);
  }
  if (differences.size === 0) return undefined;
  const bundles = [...shown.bundles].map(([number, bytes]) => [number, base64(bytes)] as const);
  const evidence = {
    at: new Date().toISOString(),
    differences: [...differences],
    shown: {
      manifest: text(shown.manifest),
      checkpoint: shown.note ?? null,
      state: shown.state ?? null,
      entries: Object.fromEntries(bundles),
    },
    record: { manifest: text(manifest), checkpoint: text(record.get('checkpoint') ?? new Uint8Array()), state },
  };
  return {
    differences: DIFFERENCES.filter((of) => differences.has(of)),
    evidence: JSON.stringify(evidence, null, 1),
    proof,
  };
}
