// The texts, the codes and the files that need no browser.

import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { emptyAnswer, fault } from '../../src/lib/answer';
import { fromBase64Url, readCode, toBase64Url, toHex, writeCode } from '../../src/lib/code';
import type { ChoiceContest } from '../../src/lib/manifest';
import { archive } from '../../src/lib/save';
import { bundlePaths, placeOf, recordPaths, tilePath } from '../../src/lib/server';
import { readLink } from '../../src/booth/link';
import { readScanned } from '../../src/check/scanned';
import { grouped } from '../../src/board/groups';
import { de as deBoard } from '../../src/messages/board/de';
import { en as enBoard } from '../../src/messages/board/en';
import { fr as frBoard } from '../../src/messages/board/fr';
import { de as deCheck } from '../../src/messages/check/de';
import { en as enCheck } from '../../src/messages/check/en';
import { fr as frCheck } from '../../src/messages/check/fr';
import { de } from '../../src/messages/de';
import { en } from '../../src/messages/en';
import { de as deResults } from '../../src/messages/results/de';
import { en as enResults } from '../../src/messages/results/en';
import { fr as frResults } from '../../src/messages/results/fr';
import { de as deSurvey } from '../../src/messages/survey/de';
import { en as enSurvey } from '../../src/messages/survey/en';
import { fr as frSurvey } from '../../src/messages/survey/fr';
import { de as deVoting } from '../../src/messages/voting/de';
import { en as enVoting } from '../../src/messages/voting/en';
import { fr as frVoting } from '../../src/messages/voting/fr';
import { fr } from '../../src/messages/fr';

const root = new URL('../../../', import.meta.url);

test('every check of the specification has words in every language', () => {
  const page = readFileSync(new URL('docs/spec/verification.md', root), 'utf8');
  const ids = [...page.matchAll(/^\| `([a-z]+\.[a-z-]+)`/gm)].map((match) => match[1] ?? '');
  expect(ids.length).toBeGreaterThan(20);
  for (const messages of [enBoard, frBoard, deBoard]) expect(Object.keys(messages.checks)).toEqual(ids);
  const checks = ids.map((id) => ({ id, verdict: 'ok' as const, count: 1, failure_count: 0, failures: [] }));
  expect(grouped(checks).flatMap(([, members]) => members)).toHaveLength(ids.length);
  // None falls to the first group only because nobody thought of it.
  const prefixes = new Set(ids.map((id) => id.split('.')[0]));
  expect([...prefixes].sort()).toEqual(
    ['ballots', 'beacon', 'board', 'ceremony', 'close', 'entries', 'manifest', 'open', 'record', 'result', 'roll', 'seal', 'shares', 'voids'],
  );
});

test('every kind of entry has a name in every language', () => {
  const page = readFileSync(new URL('docs/spec/encoding.md', root), 'utf8');
  const kinds = [...page.matchAll(/^\| \d+ \| ([a-z-]+) \|/gm)].map((match) => match[1] ?? '');
  expect(kinds).toHaveLength(20);
  for (const { kinds: named } of [enBoard, frBoard, deBoard]) expect(Object.keys(named)).toEqual([...kinds, 'unknown']);
});

test('no text is left in English by oversight', () => {
  const texts = (messages: object): [string, string][] =>
    Object.entries(messages).flatMap(([name, value]): [string, string][] => {
      if (typeof value === 'string') return [[name, value]];
      return typeof value === 'object' && value !== null
        ? texts(value as object).map(([inner, text]) => [`${name}.${inner}`, text])
        : [];
    });
  const english = new Map(texts({ ...en, board: enBoard, check: enCheck, results: enResults, survey: enSurvey, voting: enVoting }));
  for (const other of [
    { ...fr, board: frBoard, check: frCheck, results: frResults, survey: frSurvey, voting: frVoting },
    { ...de, board: deBoard, check: deCheck, results: deResults, survey: deSurvey, voting: deVoting },
  ]) {
    const same = texts(other).filter(([name, text]) => text.length > 14 && english.get(name) === text);
    expect(same).toEqual([]);
  }
});

test('codes are read as people type them', () => {
  const hex = toHex(Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 5) & 255));
  const written = writeCode(hex);
  expect(written).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){12}[0-9A-HJKMNP-TV-Z]{4}$/);
  const lookAlikes = written.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
  for (const typed of [written, lookAlikes, hex, hex.toUpperCase()]) {
    expect(readCode(typed)).toEqual({ kind: 'code', hex });
  }
  expect(readCode(written.slice(0, -1))).toEqual({ kind: 'length', found: 51 });
  expect(readCode(written.replace(/^./, 'U'))).toEqual({ kind: 'character', character: 'U' });
  expect(readCode(' - ')).toEqual({ kind: 'empty' });
  // The four bits behind the last are zero, and nothing else is a code.
  expect(readCode(`${'0'.repeat(51)}1`)).toEqual({ kind: 'wrong' });
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => at & 255);
  expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
  expect(fromBase64Url('%')).toBeUndefined();
});

test('links carry the election and a code for each issuer', () => {
  const none = { election: undefined, codes: [] };
  expect(readLink('')).toEqual(none);
  expect(readLink('#e=AB&c=X-Y&c=Z')).toEqual({ election: 'ab', codes: ['X-Y', 'Z'] });
  expect(readLink('#X-Y')).toEqual({ election: undefined, codes: ['X-Y'] });
  expect(readLink('#%E0%A4%A')).toEqual(none);
  const uuid = '0123456789abcdef'.repeat(2);
  expect(placeOf({ origin: 'https://a', pathname: `/e/${uuid}/vote` })?.board).toBe(`https://a/e/${uuid}`);
  expect(placeOf({ origin: 'https://a', pathname: '/e/0/vote' })).toBeUndefined();
});

test('of what is scanned, only a code or a challenged ballot of this election is taken', () => {
  const uuid = '0123456789abcdef'.repeat(2);
  const place = { uuid, board: `https://a/e/${uuid}` };
  const code = writeCode('5a'.repeat(32)).replaceAll('-', '');
  const kind = (text: string) => readScanned(text, place).kind;
  expect(readScanned(` ${code}\n`, place)).toEqual({ kind: 'code', text: code });
  expect(readScanned(`${place.board}/check?lang=fr#c=${code}`, place)).toEqual({ kind: 'code', text: code });
  expect(readScanned(`${place.board}/check#o=AQ-_`, place)).toEqual({ kind: 'opened', text: 'AQ-_' });
  // The same election under another name of the server: nothing is asked there.
  expect(kind(`http://b/e/${uuid}/check#c=${code}`)).toBe('code');
  expect(kind(`https://a/e/${'f'.repeat(32)}/check#c=${code}`)).toBe('other-election');
  for (const text of [
    '',
    'https://a/',
    `${place.board}/check`,
    `${place.board}/check#c=ABCD`,
    `${place.board}/check#o=%3Cscript%3E`,
    `${place.board}/vote#e=00&c=${code}`,
    `javascript:alert(1)//e/${uuid}/check#c=${code}`,
    `ftp://a/e/${uuid}/check#c=${code}`,
    '{"kind":"receipt"}',
  ]) {
    expect(kind(text), text).toBe('unknown');
  }
});

test('tiles have the paths of the specification', () => {
  expect(tilePath(0, 5, 3)).toBe('tile/0/005.p/3');
  expect(tilePath(1, 1_234_067, 256)).toBe('tile/1/x001/x234/067');
  expect(tilePath('entries', 1000, 7)).toBe('tile/entries/x001/000.p/7');
  expect(recordPaths(257)).toEqual([
    'tile/entries/000',
    'tile/entries/001.p/1',
    'tile/0/000',
    'tile/0/001.p/1',
    'tile/1/000.p/1',
  ]);
  expect(bundlePaths(0)).toEqual([]);
});

test('an archive has headers of 512 bytes with a checksum, and ends in zeros', () => {
  const parts = archive(new Map([['checkpoint', new Uint8Array([1, 2, 3])]]));
  expect(parts.map(({ length }) => length)).toEqual([512, 3, 509, 1024]);
  const header = new TextDecoder().decode(parts[0]);
  expect(header.slice(0, 10)).toBe('checkpoint');
  expect(header.slice(124, 136)).toBe('00000000003\0');
  const sum = [...header].reduce((total, c, at) => total + (at >= 148 && at < 156 ? 32 : c.charCodeAt(0)), 0);
  expect(header.slice(148, 156)).toBe(`${sum.toString(8).padStart(6, '0')}\0 `);
});

test('answers are held against the rules of their question', () => {
  const contest = (change: Partial<ChoiceContest>): ChoiceContest => ({
    id: 'c',
    kind: 'choices',
    title: { en: 'T' },
    options: ['a', 'b', 'c'].map((id) => ({ id, label: { en: id } })),
    min: 1,
    max: 2,
    blank: true,
    ...change,
  });
  const given = (values: number[], blank = false) => ({ values, blank, touched: true });
  const two = contest({});
  expect(fault(two, emptyAnswer(two))).toEqual({ kind: 'none' });
  expect(fault(two, given([0, 0, 0], true))).toBeUndefined();
  expect(fault(two, given([1, 1, 0]))).toBeUndefined();
  expect(fault(two, given([1, 1, 1]))).toEqual({ kind: 'many', most: 2, given: 3 });
  expect(fault(contest({ min: 2 }), given([1, 0, 0]))).toEqual({ kind: 'few', least: 2, given: 1 });
  const points = contest({ kind: 'points', min: 0, max: 5, max_per_option: 3 });
  expect(fault(points, given([3, 2, 0]))).toBeUndefined();
  expect(fault(points, given([4, 0, 0]))).toEqual({ kind: 'value', option: 0, most: 3 });
  expect(fault(points, given([Number.NaN, 0, 0]))?.kind).toBe('value');
  const maybe = contest({ min: 0, max: 1, blank: false });
  expect(fault(maybe, emptyAnswer(maybe))).toEqual({ kind: 'none' });
  expect(fault(maybe, given([0, 0, 0]))).toBeUndefined();
});
