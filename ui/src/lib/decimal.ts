// Numbers of a survey: integers in units of 10^-decimals, exactly.

/** As a decimal with a point: `-1250` with two decimals is `-12.50`. */
export function decimal(units: bigint | number, decimals: number): string {
  const whole = BigInt(units);
  const digits = String(whole < 0n ? -whole : whole).padStart(decimals + 1, '0');
  const split = digits.length - decimals;
  const fraction = decimals === 0 ? '' : `.${digits.slice(split)}`;
  return `${whole < 0n ? '-' : ''}${digits.slice(0, split)}${fraction}`;
}

/** A decimal as a language writes it. Four digits stand without a separator, as in years. */
export function localized(text: string, language: string): string {
  const places = text.split('.')[1]?.length ?? 0;
  const options = { minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: 'min2' };
  // Decimals in text are formatted digit by digit; the types of TypeScript know neither of them nor
  // of this grouping.
  return new Intl.NumberFormat(language, options as unknown as Intl.NumberFormatOptions).format(text as unknown as number);
}

/** The same from units. */
export const inUnits = (units: bigint | number, decimals: number, language: string): string =>
  localized(decimal(units, decimals), language);

/** What was typed into a field for a number. */
export type Reading =
  | { readonly kind: 'number'; readonly units: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'text' }
  | { readonly kind: 'decimals' };

const GROUPED = { comma: /^\d{1,3}(,\d{3})+$/, point: /^\d{1,3}(\.\d{3})+$/ };

/** Reads digits and separators: the decimal separator is the language's, the other one groups digits. */
function parts(text: string, decimals: number, language: string): [string, string] | undefined {
  const isPoint = language === 'en';
  const [own, other] = isPoint ? (['.', ','] as const) : ([',', '.'] as const);
  const [grouped, ownGrouped] = isPoint ? [GROUPED.comma, GROUPED.point] : [GROUPED.point, GROUPED.comma];
  const at = text.lastIndexOf(own);
  const head = at < 0 ? text : text.slice(0, at);
  const tail = at < 0 ? '' : text.slice(at + 1);
  if (grouped.test(head)) return [head.replaceAll(other, ''), tail];
  // Where no digits follow a separator, one that groups three by three was meant.
  if (decimals === 0 && ownGrouped.test(text)) return [text.replaceAll(own, ''), ''];
  // One separator of the other kind that groups nothing divides whole from parts.
  const split = text.split(other);
  if (at < 0 && split.length === 2) return [split[0] ?? '', split[1] ?? ''];
  return [head, tail];
}

/** Reads a number as people write it in a language: with its separators, or with others that can mean but one thing. */
export function readNumber(typed: string, decimals: number, language: string): Reading {
  const text = typed.replace(/[\s\u00a0\u2009\u202f'’_]/g, '').replace(/^[−–]/, '-');
  if (text === '') return { kind: 'empty' };
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  const [whole, fraction] = parts(text.slice(sign.length), decimals, language) ?? ['', ''];
  if (!/^\d{0,17}$/.test(whole) || !/^\d*$/.test(fraction) || whole + fraction === '') return { kind: 'text' };
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > decimals) return { kind: 'decimals' };
  const units = BigInt((whole || '0') + digits.padEnd(decimals, '0'));
  return { kind: 'number', units: Number(sign === '-' ? -units : units) };
}
