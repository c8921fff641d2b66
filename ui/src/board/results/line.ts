// The line through two numbers, as it is drawn and said.

type Range = readonly [number, number];

/** From where to where y = p + q·x lies within the range of y, in that of x; nowhere if it does not. */
export function stretch(q: number, p: number, [lowX, highX]: Range, [lowY, highY]: Range): Range | undefined {
  if (q === 0) return p >= lowY && p <= highY ? [lowX, highX] : undefined;
  const [one, other] = [(lowY - p) / q, (highY - p) / q];
  const [from, to] = [Math.max(lowX, Math.min(one, other)), Math.min(highX, Math.max(one, other))];
  return from <= to ? [from, to] : undefined;
}

function written(value: number, digits: Intl.NumberFormatOptions, language: string): string {
  const options = { ...digits, useGrouping: 'min2' };
  return new Intl.NumberFormat(language, options as unknown as Intl.NumberFormatOptions).format(value);
}

/** Two numbers with as many digits as it takes to tell them apart by three. */
export function apart(one: number, other: number, language: string): [string, string] {
  const size = Math.abs(other - one) || Math.abs(one) || 1;
  const maximumFractionDigits = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(size))));
  // Adding 0 takes the sign from what rounds to it.
  const said = (value: number): string =>
    written(Number(value.toFixed(maximumFractionDigits)) + 0, { maximumFractionDigits }, language);
  return [said(one), said(other)];
}

/** A number with three digits that count, where rounding would leave nothing of it. */
export const faint = (value: number, language: string): string => written(value, { maximumSignificantDigits: 3 }, language);

/** A number of few digits, without needless zeros. */
export const plain = (value: number, language: string): string => written(value, { maximumSignificantDigits: 15 }, language);
