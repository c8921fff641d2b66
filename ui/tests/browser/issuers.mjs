// An election with two issuers, set up with the real programs: every voter has a code of each.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PAGES = new URL('../../dist/', import.meta.url).pathname;
const MINUTE = 60_000;

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const draft = () => ({
  language: 'en',
  title: 'Two letters',
  organiser: { name: 'Club' },
  issuers: [{ name: 'Town hall' }, { name: 'Post office' }],
  opens: new Date(Date.now() - MINUTE).toISOString().replace(/\.\d+/, ''),
  closes: new Date(Date.now() + 60 * MINUTE).toISOString().replace(/\.\d+/, ''),
  threshold: 1,
  minimum_ballots: 1,
  contests: [
    {
      id: 'chair',
      kind: 'choices',
      title: 'Who chairs the club?',
      min: 1,
      max: 1,
      blank: true,
      options: [
        { id: 'ada', label: 'Ada' },
        { id: 'bela', label: 'Bela' },
      ],
    },
  ],
});

/** Opens an election of so many voters; `codes` has for each a code of every issuer. */
export async function openWithTwoIssuers(n) {
  const programs = process.env.PSEPHOS_PROGRAMS;
  if (!programs) throw new Error('PSEPHOS_PROGRAMS names no folder of programs; run: cargo xtask ui-test');
  const folder = mkdtempSync(join(tmpdir(), 'psephos-issuers-'));
  const at = (name) => join(folder, name);
  const run = (program, ...input) => promisify(execFile)(join(programs, program), input);
  const organiser = (...input) => run('election-authority', '--home', at('organiser'), ...input);
  writeFileSync(at('passphrase'), 'thrown away after the test\n', { mode: 0o600 });
  mkdirSync(at('trustee'));
  const own = ['--home', at('trustee/home'), '--passphrase-file', at('passphrase')];
  const trustee = (...input) => run('trustee', ...input, ...own);

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    join(programs, 'ballot-box'),
    ['--data', at('data'), '--port', port, '--origin-prefix', `127.0.0.1:${port}/e`, '--pages', PAGES, '--log', 'warn'],
    { stdio: 'ignore' },
  );
  const end = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const isUp = () => fetch(`${url}/health`).then(({ ok }) => ok, () => false);
    for (let tries = 0; !(await isUp()); tries += 1) {
      if (tries > 300) throw new Error('the ballot box does not answer');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await organiser('init');
    await trustee('init', '--name', 'Ada', '--words-file', at('trustee/words'), '--scrypt-work-factor', '4');
    const card = readdirSync(at('trustee/home')).find((name) => name.endsWith('.trustee.json'));
    writeFileSync(at('draft.json'), JSON.stringify(draft()));
    await organiser('new', at('draft.json'), '--board', url, '--trustee', at(`trustee/home/${card}`));
    const [uuid] = readdirSync(at('organiser/elections'));
    const board = `${url}/e/${uuid}`;
    await trustee('join', '--board', board, '--yes');

    const voters = Array.from({ length: n }, (_, index) => `v${index}`);
    writeFileSync(at('voters.csv'), `id\n${voters.join('\n')}\n`, { mode: 0o600 });
    await organiser('roll', 'import', at('voters.csv'));
    const manifest = at(`organiser/elections/${uuid}/manifest.json`);
    const lists = [];
    for (const issuer of ['1', '2']) {
      const [part, csv] = [at(`part-${issuer}.json`), at(`codes-${issuer}.csv`)];
      const list = ['--roll', at('voters.csv'), '--manifest', manifest, '--order-key', at('order.key')];
      await organiser('credentials', 'issue', '--issuer', issuer, ...list, '--public', part, '--csv', csv);
      const [head, ...lines] = readFileSync(csv, 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
      const column = (name) => head.indexOf(name);
      lists.push(new Map(lines.map((line) => [line[column('id')], line[column('code')]])));
    }
    await organiser('roll', 'combine', at('part-1.json'), at('part-2.json'));
    await organiser('roll', 'publish');
    await trustee('ceremony', '--poll', '0.05', '--timeout', '60');
    const digest = createHash('sha256').update(readFileSync(join(PAGES, 'HASHES.txt'))).digest('hex');
    await organiser('open', '--booth', digest);
    const { election_id: election } = await (await fetch(board)).json();
    return { board, election, codes: voters.map((id) => lists.map((list) => list.get(id))), end };
  } catch (error) {
    await end();
    throw error;
  }
}
