// What the parts of the board page make of results, drawn without a browser.

import { beforeAll, expect, test, vi } from 'vitest';
import { render } from 'svelte/server';

import ContestResult from '../../src/board/results/ContestResult.svelte';
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

test('many bands are a list, with the blank at its end', () => {
  const buckets = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const page = shown([number({ blank: true, spread: false, buckets })], [opened(77, [55, 22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]);
  const rows = [...page.matchAll(/<th scope="row"><span[^>]*>([^<]*)<\/span>.*?<strong>([^<]*)<\/strong>/gs)];
  expect(rows.map(([, label, total]) => [label, total])).toEqual([
    ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9 to 10'].map((label, at) => [label, String(at + 1)]),
    ['Would rather not say', '22'],
  ]);
});
