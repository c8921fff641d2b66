// What a scanned code says. Nothing is opened or asked for at an address in it: of a link only the
// part behind the # is taken, and only if it leads to this election.

import { readCode } from '../lib/code';
import { placeOf, type Place } from '../lib/server';

export type Scanned =
  /** A confirmation code. */
  | { readonly kind: 'code'; readonly text: string; readonly election?: string | undefined }
  /** A challenged ballot of another device. */
  | { readonly kind: 'opened'; readonly text: string; readonly election: string | undefined }
  | { readonly kind: 'other-election' }
  | { readonly kind: 'unknown' };

/** The part behind the `#`: `c=<code>` or `o=<opened ballot>`, and `e=<election id>`. */
export interface Fragment {
  readonly opened: string | undefined;
  readonly code: string | undefined;
  readonly election: string | undefined;
}

export function readFragment(fragment: string): Fragment {
  const members = new URLSearchParams(fragment.replace(/^#/, ''));
  const member = (name: string): string | undefined => members.get(name) ?? undefined;
  return { opened: member('o'), code: member('c'), election: member('e')?.toLowerCase() };
}

export function readScanned(text: string, place: Place): Scanned {
  const plain = text.trim();
  if (readCode(plain).kind === 'code') return { kind: 'code', text: plain };
  let link: URL;
  try {
    link = new URL(plain);
  } catch {
    return { kind: 'unknown' };
  }
  const { opened, code, election } = readFragment(link.hash);
  const there = /^https?:$/.test(link.protocol) && /\/check$/.test(link.pathname) ? placeOf(link) : undefined;
  if (there === undefined) return { kind: 'unknown' };
  // A server may have several names; the election has one.
  if (there.uuid !== place.uuid) return { kind: 'other-election' };
  if (opened !== undefined && /^[\w-]+$/.test(opened)) return { kind: 'opened', text: opened, election };
  if (code !== undefined && readCode(code).kind === 'code') return { kind: 'code', text: code, election };
  return { kind: 'unknown' };
}
