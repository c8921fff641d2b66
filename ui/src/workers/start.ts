// Starting the booth's worker: the file with range proofs only where they are needed.

import { hasNumbers, type Manifest } from '../lib/manifest';

export function boothWorker(withNumbers: boolean): Worker {
  return withNumbers
    ? new Worker(new URL('./survey.worker.ts', import.meta.url), { type: 'module' })
    : new Worker(new URL('./booth.worker.ts', import.meta.url), { type: 'module' });
}

/** What stands around a manifest in its entry (docs/spec/encoding.md): version, kind and scope; the signature. */
const [HEADER, SIGNATURE] = [34, 64];

/**
 * Whether the manifest in the first of joined entries asks for numbers. Nothing has been checked
 * yet; of what cannot be read it is said too, and either file then refuses it.
 */
export function asksForNumbers(bundles: Uint8Array): boolean {
  const end = 2 + ((bundles[0] ?? 0) << 8) + (bundles[1] ?? 0) - SIGNATURE;
  try {
    const text = new TextDecoder().decode(bundles.subarray(2 + HEADER, Math.max(0, end)));
    return hasNumbers(JSON.parse(text) as Manifest);
  } catch {
    return true;
  }
}
