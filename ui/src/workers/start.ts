// Starting the booth's worker: the file with range proofs only where they are needed.

export function boothWorker(hasNumbers: boolean): Worker {
  return hasNumbers
    ? new Worker(new URL('./survey.worker.ts', import.meta.url), { type: 'module' })
    : new Worker(new URL('./booth.worker.ts', import.meta.url), { type: 'module' });
}

/**
 * Whether the manifest in the first of joined entries asks for numbers, as far as a look at its text
 * says. A booth without range proofs refuses an election that has them, so nothing rests on it.
 */
export function asksForNumbers(bundles: Uint8Array): boolean {
  const length = ((bundles[0] ?? 0) << 8) + (bundles[1] ?? 0);
  return /"kind"\s*:\s*"number"/.test(new TextDecoder('latin1').decode(bundles.subarray(2, 2 + length)));
}
