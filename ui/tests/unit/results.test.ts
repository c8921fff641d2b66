// What the parts of the board page make of results, drawn without a browser.

import { beforeAll, expect, test, vi } from 'vitest';
import { render } from 'svelte/server';

import ContestResult from '../../src/board/results/ContestResult.svelte';
import { apart, faint, plain, stretch } from '../../src/board/results/line';
import { Results, type Opened } from '../../src/figures/figures';
import { speak, withWordsOf } from '../../src/lib/language.svelte';
import type { AnyContest, Manifest, NumberContest } from '../../src/lib/manifest';

beforeAll(async () => {
  vi.stubGlobal('document', { documentElement: {} });
  withWordsOf('results', 'board');
  await speak('en');
});

const number = (change: Partial<NumberContest>): NumberContest => ({
  id: 'n', kind: 'number', title: { en: 'N' }, lo: 0, hi: 10, decimals: 0, blank: false, spread: true, ...change,
});
const opened = (ballots: number, totals: (number | null)[]): Opened => ({ ballots, weight: ballots, totals });

/** The result of the last of some contests, as the page shows it. */
function shown(contests: AnyContest[], totals: Opened[], change: object = {}): string {
  const manifest = { language: 'en', contests, minimum_ballots: 1, ...change } as unknown as Manifest;
  const results = new Results(manifest, totals);
  const contest = contests[contests.length - 1] as AnyContest;
  const tell = (which: 0 | 1) => results.factor([contest], which);
  const { body } = render(ContestResult, { props: { contest, told: results.contest(contest), manifest, tell, name: 'r' } });
  return body.replace(/<!--.*?-->/g, '');
}

/** The lines of bars: label, count, and whether the label is set apart. */
const bars = (page: string): [string, string, boolean][] =>
  [...page.matchAll(/<th scope="row"><span([^>]*)>([^<]*)<\/span>.*?<(?:strong|span class="is-quiet")>([^<]*)</gs)].map(
    ([, attributes = '', label = '', total = '']) => [label, total, attributes.includes('is-quiet')],
  );

test('many bands are a list, with the blank at its end', () => {
  const buckets = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const page = shown([number({ blank: true, spread: false, buckets })], [opened(77, [55, 22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]);
  expect(bars(page)).toEqual([
    ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9 to 10'].map((label, at) => [label, String(at + 1), false]),
    ['Would rather not say', '22', true],
  ]);
});

const product: AnyContest = { id: 'p', kind: 'product', title: { en: 'P' }, of: ['x', 'y'] };
const height = (page: string, end: 1 | 2): number => Number(new RegExp(`class="trace"[^>]* y${end}="([^"]*)"`).exec(page)?.[1]);

test('a slope that rounds to nothing is neither drawn nor said as flat', () => {
  // y rises by one where x rises by a thousand: (0, 0), (1000, 0), (2000, 1), (3000, 1).
  const numbers = [number({ id: 'x', hi: 3000 }), number({ id: 'y', hi: 1 })];
  const page = shown([...numbers, product], [opened(4, [6000, 14_000_000]), opened(4, [2, 2]), opened(4, [5000])]);
  expect(page).toContain('0.0004 for each step of one');
  expect(page).toContain('-0.10 at zero');
  expect(page).toContain('A straight line from 0 at 250 to 1 at 2750.');
  expect(height(page, 1)).toBeCloseTo(190, 5);
  expect(height(page, 2)).toBeCloseTo(20, 5);
  // A slope that is nothing stays nothing.
  const flat = shown([...numbers, product], [opened(4, [6000, 18_000_000]), opened(4, [2, 2]), opened(4, [3000])]);
  expect(flat).toContain('0.50 at zero, and 0.00 for each step of one');
  expect([height(flat, 1), height(flat, 2)]).toEqual([105, 105]);
});

test('of a line only the stretch within both ranges is drawn', () => {
  expect(stretch(1, 0, [0, 10], [2, 5])).toEqual([2, 5]);
  expect(stretch(-1, 10, [0, 10], [2, 5])).toEqual([5, 8]);
  expect(stretch(1e-300, 3, [0, 10], [2, 5])).toEqual([0, 10]);
  expect(stretch(0, 2, [0, 10], [2, 5])).toEqual([0, 10]);
  expect(stretch(0, 1.9, [0, 10], [2, 5])).toBeUndefined();
  expect(stretch(0, 5.1, [0, 10], [2, 5])).toBeUndefined();
  expect(stretch(1, 50, [0, 10], [2, 5])).toBeUndefined();
});

test('ends of a line are told apart, however near they are', () => {
  expect(apart(3, 3.004, 'en')).toEqual(['3', '3.004']);
  expect(apart(18, 80, 'en')).toEqual(['18', '80']);
  expect(apart(-1e-9, 30, 'en')).toEqual(['0', '30']);
  expect(apart(0.0004, 0.0004, 'de')).toEqual(['0,0004', '0,0004']);
  expect(faint(-0.00041234, 'en')).toBe('-0.000412');
  expect(faint(4.1e-9, 'en')).toBe('0.0000000041');
  expect([plain(0.3, 'en'), plain(4_294_967.295, 'en')]).toEqual(['0.3', '4,294,967.295']);
});

test('an option that is called blank is not the blank', () => {
  const scale = ['blank', 'Left blank', 'often'].map((label, at) => ({ id: `o${at}`, label: { en: label }, value: at }));
  const contest: AnyContest = { id: 'c', kind: 'choices', title: { en: 'C' }, options: scale, min: 1, max: 1, blank: true };
  const page = shown([contest], [opened(20, [8, 0, 8, 4])]);
  expect(bars(page)).toEqual([['blank', '8', false], ['Left blank', '0', false], ['often', '8', false], ['Left blank', '4', true]]);
  expect(page).toContain('Average 1.00');
  const matrix: AnyContest = { ...contest, kind: 'matrix', rows: [{ id: 'r', label: { en: 'blank' } }] };
  expect(shown([matrix], [opened(20, [8, 0, 8, 4])])).toContain('1.00');
});

test('hidden counts are counted, and sums that are closed with them are not', () => {
  const contest = number({ blank: true, buckets: [0, 3, 6] });
  const page = shown([contest], [opened(20, [null, null, null, null, 12, 6])], { minimum_cell: 5 });
  expect(page).toContain('2 counts are hidden.');
});
