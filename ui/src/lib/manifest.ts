// What a manifest says (docs/spec/manifest.md), after the Rust part has checked every rule of it.

import type { Text } from './language.svelte';

export interface ContestOption {
  readonly id: string;
  readonly label: Text;
  /** Of a scale. */
  readonly value?: number;
}

interface Common {
  readonly id: string;
  readonly title: Text;
  readonly description?: Text;
  /** The same question is asked of several groups. */
  readonly question?: string;
  readonly group?: string;
}

export interface ChoiceContest extends Common {
  readonly kind: 'choices' | 'points';
  readonly options: readonly ContestOption[];
  readonly min: number;
  readonly max: number;
  readonly max_per_option?: number;
  readonly blank: boolean;
  readonly order?: 'fixed' | 'rotated';
}

/** One option for each row. */
export interface MatrixContest extends Common {
  readonly kind: 'matrix';
  readonly rows: readonly { readonly id: string; readonly label: Text }[];
  readonly options: readonly ContestOption[];
  readonly blank: boolean;
}

/** An integer in lo..hi; an answer is that divided by 10^decimals. */
export interface NumberContest extends Common {
  readonly kind: 'number';
  readonly lo: number;
  readonly hi: number;
  readonly decimals: number;
  readonly unit?: Text;
  readonly step?: number;
  readonly blank: boolean;
  readonly spread: boolean;
  readonly buckets?: readonly number[];
}

/** What is counted of two other answers. Voters are asked nothing for it. */
export interface DerivedContest extends Common {
  readonly kind: 'product' | 'table';
  readonly of: readonly [string, string];
}

/** A question that voters answer. */
export type Contest = ChoiceContest | MatrixContest | NumberContest;
export type AnyContest = Contest | DerivedContest;

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
  readonly contests: readonly AnyContest[];
  readonly minimum_ballots: number;
  readonly minimum_cell?: number;
  readonly groups?: readonly { readonly id: string; readonly title: Text }[];
  readonly participation?: 'issued' | 'registered';
}

/** The option with which a list begins: drawn at random where the manifest wants it rotated. */
export function drawnFirst(contest: Contest): number {
  if (contest.kind === 'number' || contest.kind === 'matrix' || contest.order !== 'rotated') return 0;
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn % contest.options.length;
}

/** Whether voters answer it. */
export function isAsked(contest: AnyContest): contest is Contest {
  return contest.kind !== 'product' && contest.kind !== 'table';
}

/** The questions of a ballot style, in order. */
export function contestsOf(manifest: Manifest, style: number): Contest[] {
  const asked = manifest.styles[style]?.contests ?? [];
  return manifest.contests.filter(isAsked).filter(({ id }) => asked.includes(id));
}

/** Whether the options of a question are places on a scale. */
export function isScale(contest: AnyContest): boolean {
  return 'options' in contest && contest.options[0]?.value !== undefined;
}

/** Whether a manifest has what only surveys have; its pages and words come when they are needed. */
export function isSurvey(manifest: Manifest): boolean {
  const isPlain = (contest: AnyContest): boolean =>
    (contest.kind === 'choices' || contest.kind === 'points') && !isScale(contest);
  const { contests, minimum_cell, groups, participation } = manifest;
  return !contests.every(isPlain) || [minimum_cell, groups, participation].some((member) => member !== undefined);
}

/** Whether ballots carry range proofs, for which there is a wasm file of its own. */
export function hasNumbers({ contests }: Pick<Manifest, 'contests'>): boolean {
  return contests.some(({ kind }) => kind === 'number');
}
