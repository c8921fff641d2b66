// Organiser, server and a trustee of a test, on the real programs.

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

/** A time so many minutes from now, as manifests write it. */
export const inMinutes = (minutes) => new Date(Date.now() + minutes * MINUTE).toISOString().replace(/\.\d+/, '');

/** Starts a server and creates the election of a draft on it, which its one trustee joins. */
export async function createElection(name, draft) {
  const programs = process.env.PSEPHOS_PROGRAMS;
  if (!programs) throw new Error('PSEPHOS_PROGRAMS names no folder of programs; run: cargo xtask ui-test');
  const folder = mkdtempSync(join(tmpdir(), `psephos-${name}-`));
  const at = (path) => join(folder, path);
  const run = (program, ...input) => promisify(execFile)(join(programs, program), input, { maxBuffer: 1 << 26 });
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
    const card = readdirSync(at('trustee/home')).find((file) => file.endsWith('.trustee.json'));
    writeFileSync(at('draft.json'), JSON.stringify(draft));
    await organiser('new', at('draft.json'), '--board', url, '--trustee', at(`trustee/home/${card}`));
    const [uuid] = readdirSync(at('organiser/elections'));
    const board = `${url}/e/${uuid}`;
    await trustee('join', '--board', board, '--yes');
    return {
      uuid,
      board,
      at,
      organiser,
      trustee,
      end,
      manifest: at(`organiser/elections/${uuid}/manifest.json`),
      verifier: (...input) => run('verifier', ...input),
      /** Publishes the roll, makes the keys and opens; gives the election id. */
      async open() {
        await organiser('roll', 'publish');
        await trustee('ceremony', '--poll', '0.05', '--timeout', '60');
        const digest = createHash('sha256').update(readFileSync(join(PAGES, 'HASHES.txt'))).digest('hex');
        await organiser('open', '--booth', digest);
        return (await (await fetch(board)).json()).election_id;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
