// What is said of a survey's questions, put together from the words of the page and the manifest's.

import type { Fault } from '../lib/answer';
import { inUnits } from '../lib/decimal';
import { currentLanguage, say, surveyWords, votingWords } from '../lib/language.svelte';
import { isScale, type AnyContest, type Contest, type Manifest, type NumberContest } from '../lib/manifest';

/** Below so many ballots, the page warns of what figures say of each of them. */
export const FEW = 5;

/** A number of a question, in units of 10^-decimals from zero, with its unit. */
export function amount(contest: NumberContest, units: number, own: string): string {
  const unit = say(contest.unit, own).text;
  return inUnits(units, contest.decimals, currentLanguage()) + (unit === '' ? '' : `\u00a0${unit}`);
}

/** Which numbers a question takes. */
export function rangeInWords(contest: NumberContest, own: string): string {
  const m = surveyWords().number;
  const lo = inUnits(contest.lo, contest.decimals, currentLanguage());
  const hi = amount(contest, contest.hi, own);
  return contest.decimals === 0 ? m.whole(lo, hi) : m.decimals(lo, hi, contest.decimals);
}

/** What is wrong with an answer to a number or a matrix. */
export function faultInWords(fault: Fault, contest: Contest, own: string): string | undefined {
  const m = surveyWords().faults;
  if (contest.kind === 'matrix' && fault.kind === 'row') {
    return m.row(say(contest.rows[fault.row]?.label, own).text, fault.missing);
  }
  if (contest.kind !== 'number') return votingWords().faults.none(false);
  switch (fault.kind) {
    case 'text':
      return m.text(rangeInWords(contest, own));
    case 'decimals':
      return m.fraction(rangeInWords(contest, own));
    case 'range':
      return m.range(
        inUnits(contest.lo, contest.decimals, currentLanguage()),
        inUnits(contest.hi, contest.decimals, currentLanguage()),
      );
    default:
      return m.noNumber(contest.blank);
  }
}

/** The bands of a number, each in words. */
export function bands({ buckets = [], hi, decimals }: NumberContest, between: (from: string, to: string) => string): string[] {
  const language = currentLanguage();
  return buckets.map((from, at) => {
    const to = (buckets[at + 1] ?? hi + 1) - 1;
    return from === to
      ? inUnits(from, decimals, language)
      : between(inUnits(from, decimals, language), inUnits(to, decimals, language));
  });
}

/** What will be opened of a question. */
export function openedOf(contest: AnyContest, manifest: Manifest): string[] {
  const m = surveyWords().opened;
  switch (contest.kind) {
    case 'points':
      return [m.points];
    case 'choices':
      return isScale(contest) ? [m.counts, m.average] : [m.counts];
    case 'matrix':
      return isScale(contest) ? [m.rows, m.rowAverages] : [m.rows];
    case 'number':
      return [
        m.sum,
        ...(contest.spread ? [m.squares] : []),
        ...(contest.blank ? [m.blanks] : []),
        ...(contest.buckets ? [m.bands(bands(contest, m.band))] : []),
      ];
    default: {
      const [one, other] = contest.of.map((id) => manifest.contests.find((other) => other.id === id)?.title);
      const names = [say(one, manifest.language).text, say(other, manifest.language).text] as const;
      return [contest.kind === 'product' ? m.product(...names) : m.table(...names)];
    }
  }
}
