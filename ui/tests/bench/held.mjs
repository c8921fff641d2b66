// Elections that have been held: the demonstration runs them, then their server starts again with
// the pages.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAGES = new URL('../../dist/', import.meta.url).pathname;

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function program(name) {
  const programs = process.env.PSEPHOS_PROGRAMS;
  if (!programs) throw new Error('PSEPHOS_PROGRAMS names no folder of programs; run: cargo xtask ui-bench');
  return join(programs, name);
}

/** The folder of an election with one question of so many options, of which one is chosen. */
export function choicesFolder(nOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'psephos-bench-'));
  const options = Array.from({ length: nOptions }, (_, at) => ({ id: `o${at}`, label: `Option ${at}` }));
  const question = { title: `${nOptions} options`, kind: 'choices', options, min: 0, max: 1 };
  writeFileSync(join(folder, 'question.json'), JSON.stringify(question));
  const ballots = Array.from({ length: 3 }, (_, voter) => options.map((_, at) => (at === voter ? 1 : 0)));
  const lines = [options.map(({ id }) => id), ...ballots].map((line) => line.join(','));
  writeFileSync(join(folder, 'ballots.csv'), `${lines.join('\n')}\n`);
  const totals = options.map(({ id, label }, at) => `${id},${label},${at < 3 ? 1 : 0}`);
  writeFileSync(join(folder, 'totals.csv'), `${['id,label,total', ...totals].join('\n')}\n`);
  return folder;
}

/** The folder of a survey with one question, for a number of 32 bits. */
export function numberFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'psephos-bench-'));
  const question = { title: 'A number', kind: 'numbers', lo: 0, hi: 2 ** 32 - 1, spread: false };
  writeFileSync(join(folder, 'question.json'), JSON.stringify(question));
  writeFileSync(join(folder, 'ballots.csv'), '0\n4294967295\n1234567890\n');
  return folder;
}

/** Holds the election of a folder; gives its board on a server of its own, and the voters' codes. */
export async function holdElection(folder) {
  const work = mkdtempSync(join(tmpdir(), 'psephos-bench-'));
  const demo = spawn(
    program('demo'),
    ['--election', folder, '--keep', '--json', '--record', join(work, 'record')],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: work } },
  );
  let said = '';
  demo.stdout.on('data', (text) => (said += text));
  const status = await new Promise((resolve) => demo.once('exit', resolve));
  const kept = /Everybody's folders are in (.*)/.exec(said)?.[1];
  if (status !== 0 || kept === undefined) throw new Error(`the demonstration failed:\n${said}`);
  const port = await freePort();
  const server = spawn(
    program('ballot-box'),
    ['--data', join(kept, 'ballot-box', 'data'), '--port', String(port), '--pages', PAGES, '--log', 'warn'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const origin = `http://127.0.0.1:${port}`;
  const uuid = /\/e\/([0-9a-f]{32})/.exec(said)?.[1];
  for (let tries = 0; ; tries += 1) {
    const isUp = await fetch(`${origin}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    if (tries === 200) throw new Error('the ballot box does not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [header, ...rows] = readFileSync(join(kept, 'organiser', 'codes.csv'), 'utf8').trim().split('\n');
  const column = header.split(',').indexOf('code');
  return {
    board: `${origin}/e/${uuid}`,
    codes: rows.map((row) => row.split(',')[column]),
    async end() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      rmSync(work, { recursive: true, force: true });
    },
  };
}
