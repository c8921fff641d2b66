// The verifier's worker, and the record that a page fetches for it.

import { connect, type Remote } from '../workers/call';
import type { AuditorMethods, Progress } from '../workers/auditor.worker';
import { checkpointOf, files, recordPaths, sizeOf, witnessedOf, type Place } from './server';

export type Auditor = Remote<AuditorMethods> & { readonly end: () => void };

export function startAuditor(progress: (progress: Progress) => void = () => undefined): Auditor {
  const worker = new Worker(new URL('../workers/auditor.worker.ts', import.meta.url), { type: 'module' });
  const remote = connect<AuditorMethods>(worker, (news) => progress(news as Progress));
  return new Proxy(remote as Auditor, {
    get: (target, name) =>
      name === 'end' ? () => worker.terminate() : (target as unknown as Record<PropertyKey, unknown>)[name],
  });
}

/** More entries than a page can hold. No signature is checked before files are asked for. */
export const MAX_ENTRIES = 2 ** 24;

/** A checkpoint speaks of more entries than any election has, or of no number. */
export class TooLarge extends Error {}

/** How often the witnesses of a board are waited for, and how many milliseconds each time. */
const WAITS = 8;
const WAIT = 500;

/** The last checkpoint; where witnesses sign the board, once enough of them have. */
async function witnessedCheckpoint(place: Place): Promise<Uint8Array> {
  for (let wait = 0; ; wait += 1) {
    const [checkpoint, witnessed] = await Promise.all([checkpointOf(place), witnessedOf(place)]);
    if (witnessed === undefined || wait === WAITS) return checkpoint;
    if (sizeOf(witnessed) === sizeOf(checkpoint)) return witnessed;
    await new Promise((resolve) => setTimeout(resolve, WAIT));
  }
}

/** Fetches all files of a record. */
export async function fetchRecord(
  place: Place,
  fetched: (count: number, of: number) => void = () => undefined,
): Promise<Map<string, Uint8Array>> {
  const checkpoint = await witnessedCheckpoint(place);
  const size = sizeOf(checkpoint);
  if (!(size <= MAX_ENTRIES)) throw new TooLarge('too many entries');
  const paths = recordPaths(size);
  const contents = await files(place, paths, fetched);
  const record = new Map<string, Uint8Array>([['checkpoint', checkpoint]]);
  paths.forEach((path, at) => record.set(path, contents[at] ?? new Uint8Array()));
  return record;
}
