// Numbers as people type them, answers of surveys, and the figures of their results.

import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { Fraction } from '../../src/figures/exact';
import { figuresCsv, figuresJson } from '../../src/figures/export';
import { Results, type Opened } from '../../src/figures/figures';
import { counted } from '../../src/board/results/shown';
import { emptyAnswer, fault, sealedValues } from '../../src/lib/answer';
import { decimal, inUnits, readNumber } from '../../src/lib/decimal';
import {
  contestsOf,
  hasNumbers,
  isSurvey,
  type AnyContest,
  type Manifest,
  type MatrixContest,
  type NumberContest,
} from '../../src/lib/manifest';
import { asksForNumbers } from '../../src/workers/start';

const root = new URL('../../../', import.meta.url);
const example = JSON.parse(readFileSync(new URL('docs/examples/survey.json', root), 'utf8')) as Manifest;

test('numbers are read with the separators of the language, or with others that can mean but one thing', () => {
  const units = (typed: string, decimals: number, language: string): number | string => {
    const read = readNumber(typed, decimals, language);
    return read.kind === 'number' ? read.units : read.kind;
  };
  for (const typed of ['41500', '41,500', '41.500', '41 500', '41\u202f500', '41’500', '+41500', '041500']) {
    expect(units(typed, 0, 'en'), typed).toBe(41500);
    expect(units(typed, 0, 'de'), typed).toBe(41500);
  }
  expect(units('1.5', 1, 'en')).toBe(15);
  expect(units('1,5', 1, 'en')).toBe(15);
  expect(units('1,5', 1, 'fr')).toBe(15);
  expect(units('1.5', 1, 'de')).toBe(15);
  expect(units('1.500,5', 1, 'de')).toBe(15005);
  expect(units('1,500.50', 1, 'en')).toBe(15005);
  // Where both could be meant, the language decides.
  expect(units('1,500', 3, 'en')).toBe(1_500_000);
  expect(units('1,500', 3, 'de')).toBe(1500);
  expect(units('.5', 1, 'en')).toBe(5);
  expect(units('5.', 1, 'en')).toBe(50);
  for (const minus of ['-', '−', '–']) expect(units(`${minus}2.5`, 1, 'en')).toBe(-25);
  expect(units('  ', 1, 'en')).toBe('empty');
  expect(units('1.55', 1, 'en')).toBe('decimals');
  expect(units('1.50', 1, 'en')).toBe(15);
  expect(units('1.5', 0, 'en')).toBe('decimals');
  for (const typed of ['ten', '1e3', '0x10', '1-2', '--1', '1,2,3', '4 €', '1.2.3', '1..2', '-', '.', '١٢']) {
    expect(units(typed, 1, 'en'), typed).toBe('text');
  }
  expect(units('9'.repeat(40), 0, 'en')).toBe('text');
});

test('what is written can be read again in every language', () => {
  for (const language of ['en', 'fr', 'de']) {
    for (const decimals of [0, 1, 2, 9]) {
      for (const units of [0, 1, -1, 7, 1234, 12345, -98765432, 2 ** 32 - 1, 10 ** 13]) {
        const written = inUnits(units, decimals, language);
        expect(readNumber(written, decimals, language), `${written} in ${language}`).toEqual({ kind: 'number', units });
      }
    }
  }
  expect(decimal(-5, 2)).toBe('-0.05');
  expect(inUnits(1980, 0, 'en')).toBe('1980');
  expect(inUnits(41500, 0, 'en')).toBe('41,500');
});

const number = (change: Partial<NumberContest>): NumberContest => ({
  id: 'n',
  kind: 'number',
  title: { en: 'N' },
  lo: -10,
  hi: 10,
  decimals: 0,
  blank: false,
  spread: true,
  ...change,
});

test('answers of surveys are held against the rules of their question', () => {
  const plain = number({});
  const given = (value: number) => ({ values: [value], blank: false, touched: true });
  expect(fault(plain, emptyAnswer(plain))).toEqual({ kind: 'none' });
  expect(fault(plain, given(0))).toBeUndefined();
  expect(fault(plain, given(20))).toBeUndefined();
  expect(fault(plain, given(-1))).toEqual({ kind: 'range' });
  expect(fault(plain, given(21))).toEqual({ kind: 'range' });
  expect(fault(plain, { ...given(Number.NaN), wrong: 'text' })).toEqual({ kind: 'text' });
  const skipped = { values: [Number.NaN], blank: true, touched: true };
  expect(fault(number({ blank: true }), skipped)).toBeUndefined();
  expect(sealedValues(skipped)).toEqual({ values: [0], blank: true });

  const matrix = example.contests.find(({ kind }) => kind === 'matrix') as MatrixContest;
  const answer = emptyAnswer(matrix);
  expect(fault(matrix, answer)).toEqual({ kind: 'row', row: 0, missing: 3 });
  expect(fault(matrix, { ...answer, values: [0, -1, matrix.options.length] })).toEqual({ kind: 'row', row: 1, missing: 1 });
  expect(fault(matrix, { ...answer, values: [0, 3, matrix.options.length] })).toBeUndefined();
});

test('nobody is asked for what is worked out, and only surveys fetch what surveys need', () => {
  expect(contestsOf(example, 0).map(({ kind }) => kind)).not.toContain('table');
  expect(contestsOf(example, 0).map(({ kind }) => kind)).not.toContain('product');
  expect(contestsOf(example, 0)).toHaveLength(9);
  expect([isSurvey(example), hasNumbers(example)]).toEqual([true, true]);
  // A manifest's entry, and the beginning of the next.
  const bundle = (text: string): Uint8Array => {
    const body = new TextEncoder().encode(text);
    const length = 34 + body.length + 64;
    const [header, signature] = [new Array<number>(34).fill(1), new Array<number>(64).fill(255)];
    return new Uint8Array([length >> 8, length & 255, ...header, ...body, ...signature, 0, 1, 0]);
  };
  expect(asksForNumbers(bundle('{"contests":[{"kind" : "number"}]}'))).toBe(true);
  expect(asksForNumbers(bundle('{"contests":[{"k\\u0069nd":"\\u006eumber","title":{"fr":"Âge"}}]}'))).toBe(true);
  expect(asksForNumbers(bundle('{"contests":[{"kind":"choices","title":{"en":"number"}}]}'))).toBe(false);
  expect(asksForNumbers(bundle('{"contests":[{"kind":"choices","title":{"en":"\\"kind\\":\\"number\\""}}]}'))).toBe(false);
  // What cannot be read, either file refuses.
  for (const text of ['', '"kind":"number"', '{}', '{"contests":[null]}']) expect(asksForNumbers(bundle(text)), text).toBe(true);
  expect(asksForNumbers(new Uint8Array())).toBe(true);
});

test('roundings are half away from zero, and of the exact value', () => {
  expect(new Fraction(1n, 8n).rounded(2)).toBe('0.13');
  expect(new Fraction(-1n, 8n).rounded(2)).toBe('-0.13');
  expect(new Fraction(-1n, 1000n).rounded(2)).toBe('0.00');
  expect(new Fraction(5n, 2n).rounded(0)).toBe('3');
  expect(String(new Fraction(6n, -4n))).toBe('-3/2');
  expect(new Fraction(2n).rootRounded(4)).toBe('1.4142');
  expect(new Fraction(-2n).rootRounded(4)).toBe('-1.4142');
  expect(new Fraction(1n, 4n).rootRounded(0)).toBe('1');
  expect(new Fraction(24n, 100n).rootRounded(0)).toBe('0');
  expect(new Fraction(0n).rootRounded(2)).toBe('0.00');
  expect(new Fraction(10n ** 60n + 1n).rootRounded(0)).toBe(String(10n ** 30n));
});

/** A manifest of these contests. */
const manifest = (contests: AnyContest[], groups: string[] = []): Manifest => ({
  ...example,
  contests,
  groups: groups.map((id) => ({ id, title: { en: id } })),
});
const opened = (ballots: number, totals: (number | null)[] | null, weight = ballots): Opened => ({ ballots, weight, totals });
const figures = (of: Manifest, results: Opened[], at = 0): Record<string, string> =>
  Object.fromEntries(new Results(of, results).all()[at]?.figures.map(({ name, value }) => [name, value]) ?? []);

test('figures of a number are those worked by hand', () => {
  // Answers 1, 2, 3 and 6 above -10, one of five blank: 12 in sum, 50 in squares.
  const some = manifest([number({ blank: true, decimals: 1 })]);
  expect(figures(some, [opened(5, [12, 1, 50])])).toEqual({
    sum: '-2.8',
    mean: '-0.700',
    variance: '0.0350',
    'standard deviation': '0.187',
  });
  // What is closed leaves out what needs it, and nobody is divided by.
  expect(figures(some, [opened(5, [12, null, 50])])).toEqual({});
  expect(figures(some, [opened(5, null)])).toEqual({});
  expect(figures(some, [opened(1, [0, 1, 0])])).toEqual({ sum: '0.0' });
  // Weights count as often as they say.
  expect(figures(manifest([number({ spread: false })]), [opened(2, [9], 3)])).toEqual({ sum: '-21', mean: '-7.00' });
});

test('correlation and line are those worked by hand', () => {
  const [x, y] = [number({ id: 'x', lo: 0 }), number({ id: 'y', lo: 0, decimals: 1, hi: 100 })];
  const product: AnyContest = { id: 'p', kind: 'product', title: { en: 'P' }, of: ['x', 'y'] };
  // (1, 2), (2, 4), (3, 7) with y in tenths.
  const results = [opened(3, [6, 14]), opened(3, [13, 69]), opened(3, [31])];
  expect(figures(manifest([x, y, product]), results, 2)).toEqual({
    covariance: '0.167',
    correlation: '0.9934',
    slope: '0.250',
    intercept: '-0.067',
  });
  // All the same answer: no correlation, and no line along which x would change.
  const flat = [opened(3, [6, 12]), opened(3, [13, 69]), opened(3, [26])];
  expect(figures(manifest([x, y, product]), flat, 2)).toEqual({ covariance: '0.000' });
});

test('groups are added up where each of them is open', () => {
  const contests = ['a', 'b'].map((group) => number({ id: `n-${group}`, lo: 0, question: 'n', group, spread: false }));
  const of = manifest(contests, ['a', 'b']);
  expect(figures(of, [opened(2, [10]), opened(3, [5])], 2)).toEqual({ sum: '15', mean: '3.00' });
  const all = new Results(of, [opened(2, [10]), opened(3, null)]).all();
  expect(all.map(({ id, question, group, opened, ballots }) => [id ?? question, group, opened, ballots])).toEqual([
    ['n-a', 'a', true, 2],
    ['n-b', 'b', false, 3],
    ['n', undefined, false, 5],
  ]);
});

test('what is asked in some groups only has the margins of these groups', () => {
  const yesNo = (id: string, group: string): AnyContest => ({
    id: `${id}-${group}`,
    kind: 'choices',
    title: { en: id },
    options: ['yes', 'no'].map((option) => ({ id: option, label: { en: option } })),
    min: 1,
    max: 1,
    blank: false,
    question: id,
    group,
  });
  const tables = ['a', 'b'].map(
    (group): AnyContest => ({ id: `t-${group}`, kind: 'table', title: { en: 'T' }, of: [`x-${group}`, `y-${group}`], question: 't', group }),
  );
  const asked = ['a', 'b', 'c'].flatMap((group) => [yesNo('x', group), yesNo('y', group)]);
  const results = new Results(manifest([...asked, ...tables], ['a', 'b', 'c']), [
    opened(5, [2, 3]), opened(5, [4, 1]), // group a
    opened(3, [1, 2]), opened(3, [0, 3]), // group b
    opened(9, [9, 0]), opened(9, [9, 0]), // group c, which has no table
    opened(5, [1, 1, 3, 0]), opened(3, [0, 1, 0, 2]),
  ]);
  const margin = (which: 0 | 1) => results.factor(tables, which).totals.map(({ total }) => Number(total));
  expect(results.question('t').totals.map(({ total }) => Number(total))).toEqual([1, 2, 3, 2]);
  expect([margin(0), margin(1)]).toEqual([[3, 5], [4, 4]]);
  expect(results.factor(tables.slice(1), 0).totals.map(({ total }) => Number(total))).toEqual([1, 2]);
});

test('what passes 2^53 in the sum of groups is told to the last digit', () => {
  const most = 2 ** 48;
  const groups = Array.from({ length: 64 }, (_, at) => `g${at}`);
  const contests = groups.map((group) => number({ id: `n-${group}`, lo: 0, question: 'n', group, spread: false }));
  const results = new Results(
    manifest(contests, groups),
    groups.map((_, at) => opened(2, [most - (at === 0 ? 1 : 0)], most - (at === 0 ? 3 : 0))),
  );
  const text = figuresJson(results, 'ab');
  expect(text).toContain(`"weight": ${2n ** 54n - 3n},`);
  expect(text).toContain(`"total": ${2n ** 54n - 1n}\n`);
  expect(figuresCsv(results)).toContain(`n,,,,sum of values,${2n ** 54n - 1n},,\r\n`);
  expect(counted(results.question('n').weight)).toBe('18,014,398,509,481,981');
  // A text that looks like what stands for such an integer stays a text.
  const odd = { ...manifest(contests.slice(0, 1), groups), title: { en: '"\\u00001"' } };
  const file = JSON.parse(figuresJson(new Results(odd, [opened(2, [1])]), 'ab')) as { title: string };
  expect(file.title).toBe('"\\u00001"');
});

test('files of results have every total, name what is closed, and hold no formula', () => {
  const scale: AnyContest = {
    id: 's',
    kind: 'choices',
    title: { en: 'S' },
    options: [
      { id: 'a', label: { en: '=1+1' }, value: -1 },
      { id: 'b', label: { en: 'so, "so"' }, value: 1 },
    ],
    min: 1,
    max: 1,
    blank: true,
  };
  const of = manifest([scale, number({ id: 'x', lo: 0, buckets: [0, 5] })]);
  const results = new Results(of, [opened(9, [3, 5, 1]), opened(9, null)]);
  expect(figuresCsv(results).split('\r\n')).toEqual([
    'contest,group,row,column,label,total,figure,value',
    "s,,,,'=1+1,3,,",
    's,,,,"so, ""so""",5,,',
    's,,,,blank,1,,',
    's,,,,,,mean,0.25',
    's,,,,,,variance,0.94',
    's,,,,,,standard deviation,0.97',
    'x,,,,,withheld,,',
    '',
  ]);
  const file = JSON.parse(figuresJson(results, 'ab')) as { contests: { totals: object[] }[] };
  expect(file.contests[0]?.totals[0]).toEqual({ label: '=1+1', total: 3 });
  const closed = new Results(of, [opened(9, [null, null, 1]), opened(9, [20, 60, 4, 5])]);
  expect(figuresCsv(closed)).toContain('s,,,,blank,1,,\r\nx,,,,sum of values,20,,');
  expect(figuresCsv(closed)).toContain('x,,,,0 to 4,4,,');
});

test('no text of a manifest is a formula in a spreadsheet', () => {
  const labels = ['=1', ' \u3000+1', '\u0085@a', '\n-1', '\tx', '\rx', '\ufeff=1', ' x', 'a=1', "'=1"];
  const contest: AnyContest = {
    id: '-id',
    question: '-question',
    group: '-group',
    kind: 'choices',
    title: { en: 'T' },
    options: labels.map((label, at) => ({ id: `o${at}`, label: { en: label } })),
    min: 1,
    max: 1,
    blank: false,
  };
  const rows = (totals: number[] | null): string[] =>
    figuresCsv(new Results(manifest([contest], ['-group']), [opened(9, totals)])).split('\r\n').slice(1, -1);
  expect(rows(labels.map(() => 0)).slice(0, labels.length)).toEqual(
    ["'=1", "' \u3000+1", "'\u0085@a", '"\'\n-1"', "'\tx", '"\'\rx"', '\ufeff=1', ' x', 'a=1', "'=1"].map(
      (label) => `'-id,'-group,,,${label},0,,`,
    ),
  );
  expect(rows(null)).toEqual(["'-id,'-group,,,,withheld,,", "'-question,,,,,withheld,,"]);
});

interface Case {
  readonly what: string;
  readonly manifest: string;
  readonly result: Opened[];
  readonly 'figures.json': object;
  readonly 'figures.csv': string;
}

test('the files of the known answers come out, byte for byte where the format has bytes', () => {
  const path = new URL('docs/spec/vectors/figures.json', root);
  const { cases, election } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[]; election: string };
  expect(cases.length).toBeGreaterThan(5);
  for (const { what, manifest, result, ...files } of cases) {
    const results = new Results(JSON.parse(manifest) as Manifest, result);
    expect(JSON.parse(figuresJson(results, election)), what).toEqual(files['figures.json']);
    expect(figuresCsv(results), what).toBe(files['figures.csv']);
  }
});
