// What a scanned code says. Nothing is opened or asked for at an address in it: of a link only the
// part behind the # is taken, and only if it leads to this election.

import { readCode } from '../lib/code';
import { placeOf, type Place } from '../lib/server';

export type Scanned =
  /** A confirmation code. */
  | { readonly kind: 'code'; readonly text: string }
  /** A challenged ballot of another device. */
  | { readonly kind: 'opened'; readonly text: string }
  | { readonly kind: 'other-election' }
  | { readonly kind: 'unknown' };

export function readScanned(text: string, place: Place): Scanned {
  const plain = text.trim();
  if (readCode(plain).kind === 'code') return { kind: 'code', text: plain };
  let link: URL;
  try {
    link = new URL(plain);
  } catch {
    return { kind: 'unknown' };
  }
  const members = new URLSearchParams(link.hash.slice(1));
  const [opened, code] = [members.get('o'), members.get('c')];
  const there = /^https?:$/.test(link.protocol) && /\/check$/.test(link.pathname) ? placeOf(link) : undefined;
  if (there === undefined) return { kind: 'unknown' };
  // A server may have several names; the election has one.
  if (there.uuid !== place.uuid) return { kind: 'other-election' };
  if (opened !== null && /^[\w-]+$/.test(opened)) return { kind: 'opened', text: opened };
  if (code !== null && readCode(code).kind === 'code') return { kind: 'code', text: code };
  return { kind: 'unknown' };
}
