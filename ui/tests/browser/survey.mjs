// A survey of registered keys, set up with the real programs, and respondents of whom no page is
// needed: they use the same wasm file as the pages, without a browser.

import { readFileSync, writeFileSync } from 'node:fs';

import init, { Booth, register } from '../../wasm/numbers.js';
import { createElection, inMinutes } from './parties.mjs';

const WASM = new URL('../../wasm/numbers_bg.wasm', import.meta.url);
const DRAFT = new URL('../../../docs/examples/survey.json', import.meta.url);

/** Creates the example survey; respondents may make their codes. */
export async function createSurvey(change = {}) {
  const { psephos: _, ...example } = JSON.parse(readFileSync(DRAFT, 'utf8'));
  const times = { opens: inMinutes(-1), closes: inMinutes(60) };
  const election = await createElection('survey', { ...example, threshold: 1, ...times, ...change });
  await init({ module_or_path: readFileSync(WASM) });
  return {
    ...election,
    /** A code and its line, made as the page makes them. */
    register() {
      const made = register(election.uuid);
      return { code: made.code(), line: made.line() };
    },
    /** Makes the roll of lines, by style, and opens. */
    async openWith(lines) {
      const files = Object.entries(lines).map(([style, of]) => {
        writeFileSync(election.at(`${style}.txt`), `${of.join('\n')}\n`);
        return `${style}=${election.at(`${style}.txt`)}`;
      });
      await election.organiser('roll', 'register', ...files);
      return election.open();
    },
  };
}

/** The entries of a board, each after its length, as they are on it before anybody has voted. */
async function setUp(board) {
  const { size } = await (await fetch(board)).json();
  if (size > 256) throw new Error('more entries than one bundle has');
  const path = size === 256 ? 'tile/entries/000' : `tile/entries/000.p/${size}`;
  return new Uint8Array(await (await fetch(`${board}/${path}`)).arrayBuffer());
}

/** A booth without a page: casts one ballot for each code. */
export async function openBooth(board, id) {
  const booth = new Booth(await setUp(board), id);
  return async (code, answers) => {
    const credential = booth.credential([code]);
    const numbers = answers.flatMap(({ values, blank = false }) => [blank ? 1 : 0, values.length, ...values]);
    const sealed = booth.seal(credential, 0, undefined, 0, undefined, Uint32Array.from(numbers));
    const body = sealed.cast(credential);
    const answer = await fetch(`${board}/entries`, { method: 'POST', body, headers: { 'Content-Type': 'application/octet-stream' } });
    if (!answer.ok) throw new Error(await answer.text());
  };
}
