// Holds what the board signed before a ballot was sent against the receipt: no honest board has
// signed both if one does not begin with the other.

import { files, sizeOf, type Place } from '../lib/server';
import { Fault, type Remote } from '../workers/call';
import type { BoothMethods } from '../workers/booth';

/** Nobody waits longer for this than so many milliseconds: the receipt holds without it. */
const LONGEST = 15_000;

async function compare(place: Place, rust: Remote<BoothMethods>, notes: readonly [string, string]): Promise<void> {
  for (;;) {
    try {
      return await rust.compare(...notes);
    } catch (error) {
      if (!(error instanceof Fault) || error.thrown.paths === undefined) throw error;
      const { paths } = error.thrown;
      // What the browser has stored may be of the other history.
      const contents = await files(place, paths, undefined, { cache: 'reload' });
      await rust.insert(paths.map((path, at) => [path, contents[at] ?? new Uint8Array()] as const));
    }
  }
}

/** Makes sure that the board signed this checkpoint. */
export async function expectSigned(rust: Remote<BoothMethods>, checkpoint: Uint8Array): Promise<void> {
  const note = new TextDecoder().decode(checkpoint);
  await rust.compare(note, note);
}

/** Makes sure that the board of a receipt goes on as that of a later one, or was it before. */
export async function compareReceipts(
  place: Place,
  rust: Remote<BoothMethods>,
  receipt: string,
  other: string,
): Promise<void> {
  const note = new TextEncoder().encode((JSON.parse(other) as { checkpoint: string }).checkpoint);
  await compareHistories(place, rust, note, receipt);
}

/** Throws the [`Fault`] that says what is wrong; a server that is away proves nothing. */
export async function compareHistories(
  place: Place,
  rust: Remote<BoothMethods>,
  before: Uint8Array,
  receipt: string,
): Promise<void> {
  const { checkpoint } = JSON.parse(receipt) as { checkpoint: string };
  const seen = new TextDecoder().decode(before);
  const isLater = sizeOf(before) <= sizeOf(new TextEncoder().encode(checkpoint));
  const late = new Promise<void>((resolve) => setTimeout(resolve, LONGEST));
  try {
    await Promise.race([compare(place, rust, isLater ? [seen, checkpoint] : [checkpoint, seen]), late]);
  } catch (error) {
    if (!(error instanceof Fault)) return;
    const { kind, message } = error.thrown;
    // Whatever does not hold here, it is what came with the receipt.
    throw kind === 'board' ? new Fault({ kind: 'receipt', message }) : error;
  }
}
