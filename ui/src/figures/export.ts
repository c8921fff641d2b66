// Results as files for other programs (docs/spec/figures.md, "Export").

import type { ContestFigures, Results } from './figures';

/** `figures.json`. */
export function figuresJson(results: Results, election: string): string {
  const { title, language } = results.manifest;
  const file = { psephos: 3, kind: 'figures', election, title: title[language] ?? '', contests: results.all() };
  // Integers above 2^53 pass as texts that begin with a character that no text of a manifest holds.
  const text = JSON.stringify(file, (_, value: unknown) => (typeof value === 'bigint' ? `\0${value}` : value), 2);
  return `${text.replace(/"\\u0000(-?\d+)"/g, '$1')}\n`;
}

/** What spreadsheets take for a formula; the white space is that of Unicode, which is not that of `\s`. */
const FORMULA = /^(?:[\t\r]|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[=+\-@])/;

/** A text of the manifest that spreadsheets take for none. */
const harmless = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

type Field = string | number | bigint | undefined;

const field = (value: Field): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function lines({ id, question, group, opened, totals, figures }: ContestFigures): Field[][] {
  const who = [id ?? question, group].map((text) => text && harmless(text));
  if (!opened) return [[...who, '', '', '', 'withheld', '', '']];
  return [
    ...totals.map(({ row, column, label, total }) => [...who, row, column, harmless(label), total ?? 'closed', '', '']),
    ...figures.map(({ row, name, value }) => [...who, row, '', '', '', name, value]),
  ];
}

/** `figures.csv`. */
export function figuresCsv(results: Results): string {
  const head = ['contest', 'group', 'row', 'column', 'label', 'total', 'figure', 'value'];
  return [head, ...results.all().flatMap(lines)].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}
