// What the positions of a contest stand for, in order (docs/spec/manifest.md, "Positions").

import { decimal } from '../lib/decimal';
import type { Text } from '../lib/language.svelte';
import { isAsked, type AnyContest, type DerivedContest, type Manifest, type NumberContest } from '../lib/manifest';

/** What one total counts. */
export interface Position {
  /** In the manifest's words, and of what is the same everywhere in English (docs/spec/figures.md). */
  readonly label: string;
  readonly row?: number;
  readonly column?: number;
  readonly from?: number;
  readonly to?: number;
}

/** One of the things that a question tells apart: an option, a band of numbers, or the blank. */
export interface Category {
  readonly kind: 'option' | 'band' | 'blank';
  readonly label: string;
  /** The words of an option. */
  readonly text?: Text;
  readonly from?: number;
  readonly to?: number;
}

const BLANK = { kind: 'blank', label: 'blank' } as const;

export function bandsOf({ buckets = [], hi, decimals }: NumberContest): Category[] {
  return buckets.map((from, at) => {
    const to = (buckets[at + 1] ?? hi + 1) - 1;
    return { kind: 'band', label: `${decimal(from, decimals)} to ${decimal(to, decimals)}`, from, to };
  });
}

/** The categories of a question that has them; of any other, none. */
export function categoriesOf(contest: AnyContest, language: string): Category[] {
  if (!isAsked(contest)) return [];
  const blank = contest.blank ? [BLANK] : [];
  if (contest.kind === 'number') return contest.buckets === undefined ? [] : [...bandsOf(contest), ...blank];
  const options = contest.options.map(({ label }) => ({ kind: 'option', label: label[language] ?? '', text: label }) as const);
  return [...options, ...blank];
}

/** The two contests that a derived one is of. */
export function factorsOf({ of }: DerivedContest, { contests }: Manifest): [AnyContest, AnyContest] | undefined {
  const [one, other] = of.map((id) => contests.find((contest) => contest.id === id));
  return one && other && [one, other];
}

function ofNumber(contest: NumberContest): Position[] {
  return [
    { label: 'sum of values' },
    ...(contest.blank ? [{ label: 'blank' }] : []),
    ...(contest.spread ? [{ label: 'sum of squares' }] : []),
    ...bandsOf(contest).map(({ label, from = 0, to = 0 }) => ({ label, from, to })),
  ];
}

/** All positions of a contest. */
export function positionsOf(contest: AnyContest, manifest: Manifest): Position[] {
  const { language } = manifest;
  if (isAsked(contest) && contest.kind !== 'number' && contest.kind !== 'matrix') {
    return categoriesOf(contest, language).map(({ label }) => ({ label }));
  }
  switch (contest.kind) {
    case 'number':
      return ofNumber(contest);
    case 'product':
      return [{ label: 'sum of products' }];
    case 'table': {
      const [rows = [], columns = []] = factorsOf(contest, manifest)?.map((factor) => categoriesOf(factor, language)) ?? [];
      return rows.flatMap((one, row) =>
        columns.map((other, column) => ({ label: `${one.label} / ${other.label}`, row, column })),
      );
    }
    case 'matrix': {
      const columns = categoriesOf(contest, language);
      return contest.rows.flatMap((_, row) => columns.map(({ label }, column) => ({ label, row, column })));
    }
    default:
      return [];
  }
}
