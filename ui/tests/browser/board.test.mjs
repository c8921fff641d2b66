// Servers that lie to the board's page, and what it makes of them: nothing counts as verified but
// what is in the record that was verified.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { entriesOf, Liar, padding } from './liar.mjs';
import { download, expectAccessible, openBrowser, openElection } from './world.mjs';

let election;
let browser;

before(async () => {
  election = await openElection();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await election?.end();
});

const lied = 'The server showed this page something else than its record says';
const verifyNow = (page) => page.getByRole('button', { name: 'Verify now' }).click();
const titled = (page, name) => page.getByRole('heading', { name }).waitFor();

async function boardPage() {
  const page = await browser.page();
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  return page;
}

/** Changes the answer under a path of the board for as long as it says. */
async function tamper(page, path, change) {
  const pattern = path === '' ? election.board : `${election.board}/${path}`;
  await page.route(pattern, async (route) => {
    const response = await route.fetch();
    const body = change(await response.body());
    return route.fulfill({ response, headers: { ...response.headers(), 'cache-control': 'no-store' }, body });
  });
  return () => page.unroute(pattern);
}

/** Where the result is; beacons and seals may follow it. */
const resultAt = (entries) => entries.findLastIndex((entry) => entry[1] === 16);

/** A manifest of which the first two options have each other's names. */
function swapped(bytes) {
  const manifest = JSON.parse(bytes.toString());
  const [one, other] = manifest.contests[0].options;
  [one.label, other.label] = [other.label, one.label];
  return Buffer.from(JSON.stringify(manifest));
}

test('a number of the election and a turnout that the server made up give way to those of the record', async () => {
  const page = await browser.page();
  await tamper(page, '', (body) =>
    JSON.stringify({ ...JSON.parse(body), election_id: 'ab'.repeat(32), voted: 3, voters: 4 }),
  );
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  await page.getByText('What this page shows is what the server says').waitFor();
  assert.equal(await page.locator('.stat__value').innerText(), '3');
  await verifyNow(page);
  await titled(page, lied);
  await page.getByText('The number of the election, voters or ballots were others.').waitFor();
  assert.notEqual(await page.locator('.stat__value').innerText(), '3');
  assert.ok(!(await page.locator('main').innerText()).replaceAll(' ', '').includes('ab'.repeat(32)));
  await expectAccessible(page, 'lie');
});

test('an honest server is not accused while ballots come', async () => {
  const page = await boardPage();
  await verifyNow(page);
  await titled(page, /checks passed so far/);
  await page.getByText('Verified on this device: all that this page shows').waitFor();
  assert.equal(await page.getByRole('heading', { name: lied }).count(), 0);
});

test('a second history, shown before the record is verified, becomes a proof', async () => {
  const page = await browser.page();
  const liar = new Liar(election, [...(await entriesOf(election)).slice(0, -1), ...padding(1)]);
  await liar.stand(page, election.election);
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  await page.unroute(`${election.board}/**`);
  await verifyNow(page);
  await titled(page, lied);
  const proof = await download(page, () => page.getByRole('button', { name: 'Save the proof' }).click());
  assert.match(proof, /equivocation/);
});

test('a verification that breaks is said', async () => {
  const page = await boardPage();
  await page.route(/auditor_bg.*\.wasm$/, (route) => route.abort());
  await verifyNow(page);
  await titled(page, 'This browser could not finish the check');
  await expectAccessible(page, 'broken check');
  await page.unroute(/auditor_bg.*\.wasm$/);
  await page.route(`${election.board}/tile/**`, (route) => route.abort());
  await verifyNow(page);
  await titled(page, 'The server did not send the whole record');
});

test('a checkpoint of more entries than can be is not followed', async () => {
  const page = await boardPage();
  await tamper(page, 'checkpoint', (body) => body.toString().replace(/\n\d+\n/, '\n9007199254740991\n'));
  await verifyNow(page);
  await titled(page, 'This browser could not finish the check');
  assert.ok(page.requests.filter(({ url }) => url.includes('/tile/')).length < 100);
});

test('bundles with nothing in them do not keep the page asking', async () => {
  const page = await browser.page();
  const liar = new Liar(election, [...(await entriesOf(election)), ...padding(2000)]);
  liar.change = (path, content) => (path.startsWith('tile/entries') ? Buffer.alloc(0) : content);
  await liar.stand(page, election.election);
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  assert.ok(page.requests.filter(({ url }) => url.includes('/tile/entries')).length < 20);
});

test('after the close, only the totals of the verified record are called verified', async (t) => {
  await election.close();
  const honest = await boardPage();
  await verifyNow(honest);
  await titled(honest, /^All \d+ checks passed/);
  const totals = (page) => page.locator('.bars').allInnerTexts();
  const truth = await totals(honest);
  assert.equal(await honest.getByRole('heading', { name: lied }).count(), 0);

  await t.test('who sealed the result, and what the trustees signed', async () => {
    await honest.getByText('2 of 3 trustees sealed this result: Trustee 2, Trustee 3.').waitFor();
    const signed = honest.locator('#signed');
    await signed.locator('summary').click();
    const text = (await signed.innerText()).replaceAll(/\s/g, '');
    // The joint key, the root, the signature, the random number.
    for (const digits of [96, 64, 192]) assert.match(text, new RegExp(`(?<![0-9a-f])[0-9a-f]{${digits}}(?![0-9a-f])`));
    // All three gave their random parts, so there are lots: an order of all options.
    const options = await signed.locator('ol').first().locator('li').count();
    assert.ok(options > 1);
    await expectAccessible(honest, 'seal');
    // What is not verified says nothing of a seal.
    const page = await boardPage();
    await page.getByText('Whether the trustees sealed this result is shown once you have verified it').waitFor();
    assert.equal(await page.getByText('trustees sealed this result: ').count(), 0);
  });

  await t.test('names of options that the server swapped', async () => {
    const page = await browser.page();
    const end = await tamper(page, 'manifest', swapped);
    await page.goto(`${election.board}/board`);
    await page.locator('.bars').first().waitFor();
    await page.getByText('they are not verified yet').waitFor();
    assert.notDeepEqual(await totals(page), truth);
    // The name of a saved file says whose word its numbers are.
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Numbers (CSV)' }).click();
    assert.equal((await saved).suggestedFilename(), 'figures-not-verified.csv');
    await verifyNow(page);
    await titled(page, /^All \d+ checks passed/);
    await titled(page, lied);
    await page.getByText('Questions, options, names or rules were others.').waitFor();
    assert.deepEqual(await totals(page), truth);
    await end();
  });

  await t.test('a result entry that the server forged', async () => {
    const page = await browser.page();
    const entries = await entriesOf(election);
    const at = resultAt(entries);
    // The totals are 8 bytes each, before the signature of 64.
    const forged = Buffer.from(entries[at]);
    forged[forged.length - 65] += 5;
    const liar = new Liar(election, entries.with(at, forged));
    const pattern = `${election.board}/tile/entries/**`;
    await page.route(pattern, (route) => {
      const [, number, width] = /entries\/(\d+)(?:\.p\/(\d+))?$/.exec(route.request().url());
      const body = liar.tile('entries', Number(number), width === undefined ? 256 : Number(width));
      return route.fulfill({ body, headers: { 'cache-control': 'no-store' } });
    });
    await page.goto(`${election.board}/board`);
    await page.locator('.bars').first().waitFor();
    assert.notDeepEqual(await totals(page), truth);
    await page.unroute(pattern);
    await verifyNow(page);
    await titled(page, lied);
    await page.getByText('Entries of the board were others.').waitFor();
    assert.deepEqual(await totals(page), truth);
    const evidence = JSON.parse(await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click()));
    assert.deepEqual(evidence.differences, ['entries']);
  });

  await t.test('a false result, and a server that calls the election unfinished', async () => {
    const page = await browser.page();
    const entries = await entriesOf(election);
    const at = resultAt(entries);
    const forged = Buffer.from(entries[at]);
    forged[forged.length - 65] += 5;
    const liar = new Liar(election, entries.with(at, forged));
    await liar.stand(page, election.election);
    await tamper(page, '', (body) => JSON.stringify({ ...JSON.parse(body), phase: 'certified' }));
    await page.goto(`${election.board}/board`);
    await page.locator('.bars').first().waitFor();
    await verifyNow(page);
    await titled(page, /checks failed/);
    assert.equal(await page.getByText('Nothing is wrong').count(), 0);
    assert.equal(await page.getByText('Verified here').count(), 0);
  });

  await t.test('a board that lost its result, which no witness signs', async () => {
    const page = await boardPage();
    const entries = await entriesOf(election);
    const liar = new Liar(election, entries.slice(0, resultAt(entries)));
    await liar.stand(page, election.election);
    await verifyNow(page);
    await titled(page, lied);
    await page.getByText('The signed summary shown before does not go with this board.').waitFor();
    assert.equal(await page.locator('.bars').count(), 0);
  });
});

test('no page complained on the console', () => {
  assert.deepEqual(browser.complaints, []);
});
