// Exact fractions, rounded once (docs/spec/figures.md, "Rounding").

import { decimal } from '../lib/decimal';

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function divisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** A fraction in lowest terms, with a positive denominator. */
export class Fraction {
  readonly over: bigint;
  readonly under: bigint;

  /** `under` is not 0. */
  constructor(over: bigint, under = 1n) {
    const common = divisor(magnitude(over), magnitude(under)) * (under < 0n ? -1n : 1n);
    this.over = over / common;
    this.under = under / common;
  }

  toString(): string {
    return `${this.over}/${this.under}`;
  }

  /** Near a fraction as `toString` writes it: for the eye. */
  static near(text: string): number {
    const [over, under] = text.split('/');
    return Number(over) / Number(under);
  }

  /** Half away from zero. */
  rounded(digits: number): string {
    const twice = 2n * magnitude(this.over) * 10n ** BigInt(digits);
    const nearest = (twice + this.under) / (2n * this.under);
    return decimal(this.over < 0n ? -nearest : nearest, digits);
  }

  /** The root of its magnitude, with its sign. */
  rootRounded(digits: number): string {
    const root = squareRoot((4n * magnitude(this.over) * 100n ** BigInt(digits)) / this.under);
    const nearest = (root + 1n) / 2n;
    return decimal(this.over < 0n ? -nearest : nearest, digits);
  }
}

/** The greatest integer whose square is no more. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  // Newton's steps fall from above until they would rise.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
