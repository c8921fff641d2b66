// An answer to a question while it is being given, and whether it keeps the rules.

import type { Contest } from './manifest';

export interface Answer {
  values: number[];
  blank: boolean;
  /** Whether the voter has said anything yet. */
  touched: boolean;
}

export function emptyAnswer(contest: Contest): Answer {
  return { values: contest.options.map(() => 0), blank: false, touched: false };
}

export function sum(answer: Answer): number {
  return answer.values.reduce((total, value) => total + value, 0);
}

export function isOneOfN(contest: Contest): boolean {
  return contest.kind === 'choices' && contest.max === 1;
}

export function mostOf(contest: Contest): number {
  return contest.kind === 'points' ? (contest.max_per_option ?? 1) : 1;
}

export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'few'; readonly least: number; readonly given: number }
  | { readonly kind: 'many'; readonly most: number; readonly given: number }
  | { readonly kind: 'value'; readonly option: number; readonly most: number };

/** What is wrong with an answer, if something is. */
export function fault(contest: Contest, answer: Answer): Fault | undefined {
  if (answer.blank) return undefined;
  const most = mostOf(contest);
  const option = answer.values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > most);
  if (option >= 0) return { kind: 'value', option, most };
  const given = sum(answer);
  if (given > contest.max) return { kind: 'many', most: contest.max, given };
  if (given < contest.min) {
    return given === 0 ? { kind: 'none' } : { kind: 'few', least: contest.min, given };
  }
  // Nothing chosen where nothing is allowed: it must have been meant.
  if (given === 0 && isOneOfN(contest) && !answer.touched) return { kind: 'none' };
  return undefined;
}
