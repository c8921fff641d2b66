// Asks for the receipt under a checkpoint that enough witnesses signed, until there is one. What it
// says is checked by the Rust part; the receipt that the voter has holds without it.

import { Refused, Unreachable, witnessedReceiptOf, type Place } from '../lib/server';
import { Fault, type Remote } from '../workers/call';
import type { BoothMethods } from '../workers/booth';
import { compareReceipts } from './histories';

/** What is known of the witnesses of a cast ballot. The names are others' text. */
export type Witnessing =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'seen'; readonly names: readonly string[]; readonly receipt: string }
  | { readonly kind: 'false'; readonly message: string };

/** Milliseconds between two questions: the first, and the longest. */
const FIRST = 1500;
const LONGEST = 20_000;

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** Throws the [`Fault`] of a board that signed two histories; `isWanted` says whether to go on. */
export async function awaitWitnesses(
  place: Place,
  rust: Remote<BoothMethods>,
  entry: Uint8Array,
  receipt: string,
  isWanted: () => boolean,
): Promise<Witnessing> {
  const { code } = JSON.parse(receipt) as { code: string };
  for (let time = FIRST; isWanted(); time = Math.min(LONGEST, time * 1.5)) {
    try {
      const witnessed = await witnessedReceiptOf(place, code);
      if (witnessed !== undefined) {
        const names = await rust.checkWitnessed(entry, witnessed);
        await compareReceipts(place, rust, receipt, witnessed);
        return { kind: 'seen', names, receipt: witnessed };
      }
    } catch (error) {
      if (error instanceof Fault && error.thrown.kind === 'receipt') {
        return { kind: 'false', message: error.thrown.message };
      }
      // A server that is away is asked again.
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
    }
    await pause(time);
  }
  return { kind: 'waiting' };
}
