// What a manifest says (docs/spec/manifest.md), after the Rust part has checked every rule of it.

import type { Text } from './language.svelte';

export interface ContestOption {
  readonly id: string;
  readonly label: Text;
}

export interface Contest {
  readonly id: string;
  readonly kind: 'choices' | 'points';
  readonly title: Text;
  readonly description?: Text;
  readonly options: readonly ContestOption[];
  readonly min: number;
  readonly max: number;
  readonly max_per_option?: number;
  readonly blank: boolean;
  readonly order?: 'fixed' | 'rotated';
}

export interface Manifest {
  readonly uuid: string;
  readonly language: string;
  readonly title: Text;
  readonly description?: Text;
  readonly organiser: { readonly name: string; readonly key: string };
  readonly issuers: readonly { readonly name: string }[];
  readonly trustees: readonly { readonly name: string; readonly key: string }[];
  readonly threshold: number;
  readonly close_quorum: number;
  readonly witnesses?: readonly { readonly name: string; readonly key: string }[];
  readonly witness_quorum?: number;
  readonly board: { readonly origin: string; readonly key: string };
  readonly opens: string;
  readonly closes: string;
  readonly styles: readonly { readonly id: string; readonly contests: readonly string[] }[];
  readonly contests: readonly Contest[];
  readonly minimum_ballots: number;
}

/** The option with which a list begins: drawn at random where the manifest wants it rotated. */
export function drawnFirst({ order, options }: Contest): number {
  if (order !== 'rotated') return 0;
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn % options.length;
}

/** The questions of a ballot style, in order. */
export function contestsOf(manifest: Manifest, style: number): Contest[] {
  const asked = manifest.styles[style]?.contests ?? [];
  return manifest.contests.filter((contest) => asked.includes(contest.id));
}
