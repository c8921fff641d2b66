// The world of the tests: a real server with an open election, and a real browser.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = new URL('../../dist/', import.meta.url).pathname;
const SHOTS = new URL('../screenshots/', import.meta.url).pathname;
export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1100, height: 800 };

/** Starts the demonstration; `close` closes the election and gives what the verifier said. */
export async function openElection() {
  const programs = process.env.PSEPHOS_PROGRAMS;
  if (!programs) throw new Error('PSEPHOS_PROGRAMS names no folder of programs; run: cargo xtask ui-test');
  const folder = mkdtempSync(join(tmpdir(), 'psephos-pages-'));
  const demo = spawn(join(programs, 'demo'), ['--json', '--minutes', '60', '--pages', PAGES, '--record', join(folder, 'record')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Everybody's folders are below, the server's key among them.
    env: { ...process.env, TMPDIR: folder },
  });
  const lines = createInterface({ input: demo.stdout })[Symbol.asyncIterator]();
  const json = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the demonstration ended early');
      if (value.startsWith('{')) return JSON.parse(value);
    }
  };
  const told = await json();
  let used = 0;
  return {
    ...told,
    folder,
    /** A link that no test has used. */
    link() {
      used += 1;
      return told.links[used - 1];
    },
    codeOf: (link) => new URLSearchParams(new URL(link).hash.slice(1)).get('c'),
    async close() {
      demo.stdin.write('\n');
      return json();
    },
    async end() {
      const ended = new Promise((resolve) => demo.once('exit', resolve));
      demo.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A browser whose pages may say nothing on the console and fail nowhere. */
export async function openBrowser(args = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...args],
  });
  const complaints = [];
  return {
    complaints,
    close: () => browser.close(),
    /** A page in a profile of its own, and all that it asks for. */
    async page(options = {}) {
      const context = await browser.newContext({ viewport: PHONE, locale: 'en-GB', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      const requests = [];
      page.on('console', (message) => {
        // A refused or missing answer is said by the browser itself, and belongs to some tests.
        if (!/Failed to load resource/.test(message.text())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      context.on('request', (request) =>
        requests.push({
          method: request.method(),
          url: request.url(),
          headers: JSON.stringify(request.headers()),
          body: request.postDataBuffer() ?? Buffer.alloc(0),
        }),
      );
      return Object.assign(page, { requests });
    },
  };
}

/** All that a page fetches until the voter can begin, by kind: bytes as they were sent, headers left out. */
export async function firstLoad(page, link) {
  const sizes = [];
  page.context().on('requestfinished', (request) => sizes.push(sizeOf(request)));
  await page.goto(link, { waitUntil: 'networkidle' });
  await page.locator('form button[type=submit]').waitFor();
  const load = {};
  for (const { kind, bytes } of await Promise.all(sizes)) load[kind] = (load[kind] ?? 0) + bytes;
  return load;
}

async function sizeOf(request) {
  const path = new URL(request.url()).pathname;
  const kind = path.endsWith('/vote') ? 'html' : (/\.(css|js|svg|wasm)$/.exec(path)?.[1] ?? 'the board');
  return { kind, bytes: (await request.sizes()).responseBodySize };
}

/** What axe finds wrong on the page as it is. */
export async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
}

/** The one thing that must hold on every page and in every state. */
export async function expectAccessible(page, name) {
  assert.deepEqual(await violations(page), [], name);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name}: ${overflow} px too wide`);
}

/** What the page saves when something is pressed. */
export async function download(page, press) {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFileSync(await file.path(), 'utf8');
}

export const heading = (page) => page.locator('main h1').innerText();

/** The code that the page shows. */
export const shownCode = (page) => page.locator('[data-code]').first().getAttribute('data-code');

export async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
}

/** The steps of a voter with a mouse. */
export const voter = {
  async start(page, link) {
    await page.goto(link);
    await page.locator('form button[type=submit]').click();
    await page.locator('fieldset').waitFor();
  },
  /** Answers the four questions, and stands before the check of the answers. */
  async answer(page, { accounts = 0, committee = [0, 2], evenings = [1] } = {}) {
    await page.check(`#option-${accounts}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('#find').waitFor();
    for (const at of committee) await page.check(`#option-${at}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Question 3 of 4').waitFor();
    for (const at of evenings) await page.check(`#option-${at}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('.points').waitFor();
    await page.fill('#option-1', '4');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('dl.summary').waitFor();
  },
  async lock(page) {
    await page.getByRole('button', { name: 'Lock my ballot' }).click();
    await page.locator('.fork').waitFor();
    return shownCode(page);
  },
  async cast(page) {
    await page.getByRole('button', { name: 'Cast this ballot' }).click();
  },
  async received(page) {
    await page.getByRole('heading', { name: 'Your ballot is on the board' }).waitFor();
  },
  /** All of it; gives the confirmation code. */
  async vote(page, link, answers) {
    await voter.start(page, link);
    await voter.answer(page, answers);
    const code = await voter.lock(page);
    await voter.cast(page);
    await voter.received(page);
    return code;
  },
};
