// What outlives a reload: the signed ballot on its way, and the last receipt. Both are public on the
// board, and the tab's own storage holds them, where there is one.

import { readCode } from '../lib/code';
import type { Cast } from '../workers/booth';

export interface Kept {
  readonly entry: string;
  readonly code: string;
  readonly receipt?: string;
  /** What the board had signed before it was sent. */
  readonly before: string;
  /** Whose ballot it is, and its number. */
  readonly pseudonym: string;
  readonly counter: number;
}

export class Keep {
  readonly #name: string;

  constructor(uuid: string | undefined) {
    this.#name = `psephos ${uuid}`;
  }

  read(): Kept | undefined {
    try {
      const text = sessionStorage.getItem(this.#name);
      return text === null ? undefined : (JSON.parse(text) as Kept);
    } catch {
      return undefined;
    }
  }

  write(kept: Kept | undefined): void {
    try {
      if (kept === undefined) sessionStorage.removeItem(this.#name);
      else sessionStorage.setItem(this.#name, JSON.stringify(kept));
      if (kept?.receipt !== undefined) sessionStorage.setItem(`${this.#name} last`, JSON.stringify(kept));
    } catch {
      // Then a reload loses it, and the voter is told to keep the page open anyway.
    }
  }

  /** The last ballot of this voter for which this tab had a receipt: the board must know of it. */
  last(voter: string): Cast {
    const none = { cast: 0, last: undefined };
    try {
      const { pseudonym, counter, code } = JSON.parse(
        sessionStorage.getItem(`${this.#name} last`) ?? '{}',
      ) as Partial<Kept>;
      const last = readCode(code ?? '');
      if (pseudonym !== voter || counter === undefined || last.kind !== 'code') return none;
      return { cast: counter, last: last.hex };
    } catch {
      return none;
    }
  }
}
