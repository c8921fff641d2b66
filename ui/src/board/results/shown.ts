// Numbers of results as people read them.

import { inUnits, localized } from '../../lib/decimal';
import { currentLanguage, resultsWords, say } from '../../lib/language.svelte';
import type { AnyContest, NumberContest } from '../../lib/manifest';
import type { Category } from '../../figures/positions';
import type { ContestFigures, FigureName } from '../../figures/figures';

/** A count, or that it is hidden. */
export const counted = (total: bigint | number | null | undefined): string =>
  total === null || total === undefined ? resultsWords().hidden : inUnits(total, 0, currentLanguage());

/** The rounded value of a figure, if there is one. */
export function valueOf({ figures }: ContestFigures, name: FigureName, row?: number): string | undefined {
  return figures.find((figure) => figure.name === name && figure.row === row)?.value;
}

/** The same with the separators of the page's language, and the unit of a number. */
export function withUnit(value: string, contest: AnyContest, own: string): string {
  const unit = contest.kind === 'number' ? say(contest.unit, own).text : '';
  return localized(value, currentLanguage()) + (unit === '' ? '' : `\u00a0${unit}`);
}

/** What a row or a column stands for, in the language of the page. */
export function named(category: Category, contest: AnyContest, own: string): string {
  const m = resultsWords();
  if (category.kind === 'blank') return contest.kind === 'number' ? m.blankNumber : m.blank;
  if (category.kind === 'option') return say(category.text, own).text;
  const { decimals } = contest as NumberContest;
  const [from, to] = [category.from ?? 0, category.to ?? 0].map((end) => inUnits(end, decimals, currentLanguage()));
  return from === to ? (from ?? '') : m.range(from ?? '', to ?? '');
}
