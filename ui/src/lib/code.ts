// Confirmation codes: 256 bits as 52 symbols of Crockford's base 32 (docs/spec/ballot.md).

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SYMBOLS = 52;

export type TypedCode =
  | { readonly kind: 'code'; readonly hex: string }
  | { readonly kind: 'length'; readonly found: number }
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'empty' };

/** Reads a code as people type it: case, spaces and hyphens do not matter, O is 0, I and L are 1. */
export function readCode(typed: string): TypedCode {
  const plain = typed.replace(/[\s\-\u2010-\u2015]/g, '');
  if (plain === '') return { kind: 'empty' };
  if (/^[0-9a-f]{64}$/i.test(plain)) return { kind: 'code', hex: plain.toLowerCase() };
  let bits = 0;
  let n = 0;
  const bytes: number[] = [];
  for (const character of plain) {
    const symbol = ALPHABET.indexOf(character.toUpperCase().replace('O', '0').replace(/[IL]/, '1'));
    if (symbol < 0) return { kind: 'character', character };
    bits = ((bits << 5) | symbol) & 0xfff;
    n += 5;
    if (n >= 8) {
      n -= 8;
      bytes.push((bits >> n) & 255);
    }
  }
  if (plain.length !== SYMBOLS) return { kind: 'length', found: plain.length };
  // 52 symbols have four bits more than 256, and these are zero.
  if ((bits & 15) !== 0) return { kind: 'wrong' };
  return { kind: 'code', hex: toHex(Uint8Array.from(bytes)) };
}

/** Writes a code (64 hexadecimal digits) as people read it, in groups of four. */
export function writeCode(hex: string): string {
  const bytes = fromHex(hex);
  const bit = (i: number): number => ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
  const symbols = Array.from({ length: SYMBOLS }, (_, at) => {
    let value = 0;
    for (let i = 0; i < 5; i += 1) value = (value << 1) | bit(5 * at + i);
    return ALPHABET.charAt(value);
  });
  return groups(symbols.join('')).join('-');
}

/** The groups of four of a written code. */
export function groups(code: string): string[] {
  return code.replace(/-/g, '').match(/.{1,4}/g) ?? [];
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.trim().replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
