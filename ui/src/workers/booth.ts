// The booth's cryptography, away from the page. Credential, nonce and sealed ballot live here and
// leave only as a signed ballot, or as a ballot that the voter opens.

import type * as Bindings from '../../wasm/booth';
import type { Booth, Credential, Sealed, Tiles } from '../../wasm/booth';

/** How many ballots a voter has cast, and the code of the last (hexadecimal). */
export interface Cast {
  readonly cast: number;
  readonly last: string | undefined;
}

/** What a voter answers in one contest. */
export interface Answer {
  readonly values: readonly number[];
  readonly blank: boolean;
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('this step came before the one it needs');
  return value;
}

/** The methods of a booth's worker, on one of the wasm files that have them. */
export function boothMethods(bindings: typeof Bindings) {
  let booth: Booth | undefined;
  let credential: Credential | undefined;
  let sealed: Sealed | undefined;
  let tiles: Tiles | undefined;

  /** Hands the sealed ballot over; it is used up. */
  const takeSealed = (): Sealed => {
    const taken = there(sealed);
    sealed = undefined;
    return taken;
  };

  return {
    /** Checks the set-up of an election. */
    open(bundles: Uint8Array, election: string | undefined): { manifest: string; election: string; size: number } {
      booth = new bindings.Booth(bundles, election);
      return { manifest: booth.manifest(), election: booth.election(), size: booth.size() };
    },
    /** Takes the codes of the voter's letters. */
    identify(codes: string[]): { pseudonym: string; style: number } {
      credential?.free();
      credential = there(booth).credential(codes);
      return { pseudonym: credential.pseudonym(), style: credential.style() };
    },
    /** Seals answers; gives the confirmation code. */
    seal(onBoard: Cast, known: Cast, answers: readonly Answer[]): string {
      sealed?.free();
      const numbers = answers.flatMap(({ values, blank }) => [blank ? 1 : 0, values.length, ...values]);
      // An array of 32-bit numbers would make a number of anything.
      if (!numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)) {
        throw new Error('an answer is no whole number');
      }
      const { cast, last } = onBoard;
      sealed = there(booth).seal(there(credential), cast, last, known.cast, known.last, Uint32Array.from(numbers));
      return sealed.code();
    },
    /** Drops the sealed ballot: the voter went back. */
    unseal(): void {
      sealed?.free();
      sealed = undefined;
    },
    /** Signs; gives the entry to post. */
    cast(): Uint8Array {
      return takeSealed().cast(there(credential));
    },
    /** Gives the sealed ballot up and opens it. */
    challenge(): { entry: Uint8Array; opened: Uint8Array } {
      const challenged = takeSealed().challenge(there(credential));
      const result = { entry: challenged.entry(), opened: challenged.opened() };
      challenged.free();
      return result;
    },
    /** Checks the receipt of a posted entry; gives its index. */
    checkReceipt(entry: Uint8Array, receipt: string): number {
      return there(booth).check_receipt(entry, receipt);
    },
    /** Checks the same under a checkpoint that witnesses signed; gives their names, which are enough. */
    checkWitnessed(entry: Uint8Array, receipt: string): string[] {
      return there(booth).check_witnessed(entry, receipt);
    },
    /** Adds hash tiles of the board. */
    insert(files: readonly (readonly [string, Uint8Array])[]): void {
      tiles ??= new bindings.Tiles();
      for (const [path, content] of files) tiles.insert(path, content);
    },
    /** Makes sure that the board of one checkpoint begins with that of another. */
    compare(smaller: string, larger: string): void {
      there(booth).compare((tiles ??= new bindings.Tiles()), smaller, larger);
    },
    /** Seals once more what another device opened. */
    checkChallenged(opened: Uint8Array): string {
      return there(booth).check_challenged(opened);
    },
  };
}

export type BoothMethods = ReturnType<typeof boothMethods>;
