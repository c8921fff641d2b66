// An answer to a question while it is being given, and whether it keeps the rules.

import type { ChoiceContest, Contest, MatrixContest, NumberContest } from './manifest';

export interface Answer {
  /**
   * Of choices and points one for each option. Of a matrix one for each row: the number of the
   * option, of as many as there are options for the blank, or -1 while there is none. Of a number one: the
   * answer less the least allowed, or NaN while there is none.
   */
  values: number[];
  blank: boolean;
  /** Whether the voter has said anything yet. */
  touched: boolean;
  /** What was typed for a number, and why it is none. */
  typed?: string | undefined;
  wrong?: 'text' | 'decimals' | undefined;
}

export function emptyAnswer(contest: Contest): Answer {
  return { values: noValues(contest), blank: false, touched: false };
}

function noValues(contest: Contest): number[] {
  if (contest.kind === 'number') return [Number.NaN];
  if (contest.kind === 'matrix') return contest.rows.map(() => -1);
  return contest.options.map(() => 0);
}

/** The values of a blank answer as the ballot has them. */
export function sealedValues({ values, blank }: Answer): { values: number[]; blank: boolean } {
  return { values: blank ? values.map(() => 0) : [...values], blank };
}

export function sum(answer: Pick<Answer, 'values'>): number {
  return answer.values.reduce((total, value) => total + value, 0);
}

export function isOneOfN(contest: Contest): boolean {
  return contest.kind === 'choices' && contest.max === 1;
}

export function mostOf(contest: ChoiceContest): number {
  return contest.kind === 'points' ? (contest.max_per_option ?? 1) : 1;
}

export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'few'; readonly least: number; readonly given: number }
  | { readonly kind: 'many'; readonly most: number; readonly given: number }
  | { readonly kind: 'value'; readonly option: number; readonly most: number }
  | { readonly kind: 'row'; readonly row: number; readonly missing: number }
  | { readonly kind: 'text' | 'decimals' | 'range' };

function wrongNumber({ lo, hi }: NumberContest, answer: Answer): Fault | undefined {
  if (answer.wrong !== undefined) return { kind: answer.wrong };
  const [value = Number.NaN] = answer.values;
  if (Number.isNaN(value)) return { kind: 'none' };
  return Number.isInteger(value) && value >= 0 && value <= hi - lo ? undefined : { kind: 'range' };
}

function wrongRows({ rows }: MatrixContest, { values }: Answer): Fault | undefined {
  const missing = rows.flatMap((_, row) => ((values[row] ?? -1) < 0 ? [row] : []));
  return missing[0] === undefined ? undefined : { kind: 'row', row: missing[0], missing: missing.length };
}

/** What is wrong with an answer, if something is. */
export function fault(contest: Contest, answer: Answer): Fault | undefined {
  if (answer.blank) return undefined;
  if (contest.kind === 'number') return wrongNumber(contest, answer);
  if (contest.kind === 'matrix') return wrongRows(contest, answer);
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
