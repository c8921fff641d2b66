// Measures the pages in headless Chromium, against real servers: `cargo xtask ui-bench`.
//
// Figures depend on the machine, so nothing here passes or fails. Times are medians, with the least
// beside them: the least is what the machine can do, the median what it does while it is busy.

import { existsSync, rmSync } from 'node:fs';

import { firstLoad, openBrowser, openElection } from '../browser/world.mjs';
import { choicesFolder, holdElection, numberFolder } from './held.mjs';

const ROUNDS = 9;
/** Real ballots beside the project; see docs/performance.md. */
const GY = process.env.PSEPHOS_ELECTION ?? new URL('../../../../shared/elections/gy-2002', import.meta.url).pathname;

const say = (what, value) => console.log(`${what.padEnd(56)}${value}`);

function sayTimes(what, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const ms = (time) => `${time.toFixed(0)} ms`;
  say(what, `${ms(sorted[Math.floor(sorted.length / 2)])}  (least ${ms(sorted[0])})`);
}

async function several(rounds, measure) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) times.push(await measure());
  return times;
}

/** Notes when a voter can begin, on the page's own clock, and how long each worker took to answer. */
function watch() {
  globalThis.answers = [];
  const look = () => {
    if (document.querySelector('form button[type=submit]') === null) return;
    globalThis.readyAt ??= performance.now();
    observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  globalThis.Worker = class extends Worker {
    #asked = new Map();
    constructor(...input) {
      super(...input);
      this.addEventListener('message', ({ data }) => {
        const asked = this.#asked.get(data.number);
        if (asked) globalThis.answers.push({ method: asked.method, took: performance.now() - asked.at });
      });
    }
    postMessage(message, ...rest) {
      if (message?.method) this.#asked.set(message.number, { method: message.method, at: performance.now() });
      super.postMessage(message, ...rest);
    }
  };
}

/** Milliseconds from the navigation until a voter can begin, in a fresh profile. */
async function ready(browser, link, slowness) {
  const page = await browser.page();
  await page.addInitScript(watch);
  if (slowness > 1) {
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowness });
  }
  await page.goto(link);
  await page.waitForFunction(() => globalThis.readyAt !== undefined);
  const time = await page.evaluate(() => globalThis.readyAt);
  await page.context().close();
  return time;
}

/** Runs the booth's worker by itself: opens the board, seals `rounds` ballots; times in ms. */
async function inTheBooth(page, { rounds, code, worker, answer }) {
  const list = await page.evaluate(async () => (await fetch('/HASHES.txt')).text());
  const script = new RegExp(`assets/${worker}\\.worker-\\S+\\.js`).exec(list)[0];
  return page.evaluate(
    async ({ rounds, code, answer, script }) => {
      const worker = new Worker(`/${script}`, { type: 'module' });
      const ask = (method, ...input) =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => {
            if ('thrown' in data) reject(new Error(data.thrown.message));
            else resolve(data.value);
          };
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage({ number: 1, method, input });
        });
      const timed = async (work) => {
        const begun = performance.now();
        await work();
        return performance.now() - begun;
      };
      // Once the wasm is there: a question that needs nothing.
      await ask('unseal');
      const board = location.pathname.replace(/\/[a-z]*$/, '');
      const size = Number((await (await fetch(`${board}/checkpoint`)).text()).split('\n')[1]);
      const path = `${board}/tile/entries/000${size < 256 ? `.p/${size}` : ''}`;
      const bundle = new Uint8Array(await (await fetch(path)).arrayBuffer());
      const opened = await timed(() => ask('open', bundle, undefined));
      await ask('identify', [code]);
      const none = { cast: 0, last: undefined };
      const sealed = [];
      for (let round = 0; round < rounds; round += 1) sealed.push(await timed(() => ask('seal', none, none, [answer])));
      worker.terminate();
      return { opened, sealed };
    },
    { rounds, code, answer, script },
  );
}

async function measureLoad(browser) {
  const election = await openElection();
  try {
    const [link] = election.links;
    const load = await firstLoad(await browser.page(), link);
    const { 'the board': board, ...pages } = load;
    for (const [kind, bytes] of Object.entries(pages)) say(`first load, ${kind}, compressed`, `${bytes} bytes`);
    say('first load, compressed', `${Object.values(pages).reduce((sum, bytes) => sum + bytes, 0)} bytes`);
    say('what the booth asks of the board', `${board} bytes`);
    sayTimes('ready', await several(ROUNDS, () => ready(browser, link, 1)));
    const slowed = await several(ROUNDS, () => ready(browser, link, 4));
    sayTimes('ready, page 4 times slower (workers are not slowed)', slowed);
  } finally {
    await election.end();
  }
}

async function measureSealing(browser, what, { folder, worker, values }) {
  const election = await holdElection(folder);
  try {
    const page = await browser.page();
    await page.goto(`${election.board}/board`);
    const [code] = election.codes;
    const asked = { rounds: 3, code, worker, answer: { values, blank: false } };
    const booths = await several(ROUNDS, () => inTheBooth(page, asked));
    sayTimes(`${what}: set-up checked`, booths.map(({ opened }) => opened));
    sayTimes(`${what}: first ballot sealed`, booths.map(({ sealed }) => sealed[0]));
    sayTimes(`${what}: later ballots sealed`, booths.flatMap(({ sealed }) => sealed.slice(1)));
  } finally {
    await election.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One of so many options. */
function measureChoices(browser, nOptions) {
  const values = Array.from({ length: nOptions }, (_, at) => (at === 1 ? 1 : 0));
  return measureSealing(browser, `${nOptions} options`, { folder: choicesFolder(nOptions), worker: 'booth', values });
}

async function measureVerifying(browser, folder) {
  const election = await holdElection(folder);
  try {
    const times = await several(3, async () => {
      const page = await browser.page();
      await page.addInitScript(watch);
      await page.goto(`${election.board}/board`);
      await page.getByRole('button', { name: 'Verify now' }).click();
      await page.getByRole('heading', { name: /^All \d+ checks passed/ }).waitFor();
      const answers = await page.evaluate(() => globalThis.answers);
      await page.context().close();
      return answers.find(({ method }) => method === 'verify').took;
    });
    sayTimes('the whole record of gy-2002 verified', times);
  } finally {
    await election.end();
  }
}

const browser = await openBrowser();
try {
  await measureLoad(browser);
  await measureChoices(browser, 13);
  await measureChoices(browser, 100);
  const number = { folder: numberFolder(), worker: 'survey', values: [1_234_567_890] };
  await measureSealing(browser, 'a number of 32 bits', number);
  if (existsSync(GY)) await measureVerifying(browser, GY);
  else say('the whole record of gy-2002', `not measured: there is no ${GY}`);
} finally {
  await browser.close();
}
