// What a voter is told of real witnesses, and of witnesses that a lying server made up.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { entriesOf, hexOf, Liar } from './liar.mjs';
import { download, expectAccessible, openBrowser, openElection, shoot, voter } from './world.mjs';

const NAMES = ['witness.example/1', 'witness.example/2'];

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

const said = (page) => page.locator('[data-witnesses]');
const lines = (note) => note.split('\n').filter((line) => line.startsWith('\u2014 '));
const saved = async (page) => {
  const receipt = await download(page, () => page.getByRole('button', { name: 'Save receipt' }).click());
  return JSON.parse(receipt);
};

test('a voter sees that witnesses signed a board with the ballot, and saves it', async () => {
  const page = await browser.page();
  await voter.vote(page, election.link());
  await page.locator('[data-witnesses=seen]').waitFor({ timeout: 60_000 });
  const text = await said(page).innerText();
  assert.match(text, /2 of 2 witnesses/);
  for (const name of NAMES) assert.ok(text.includes(name), text);
  await expectAccessible(page, 'witnessed receipt');
  await shoot(page, 'receipt-witnessed');
  const receipt = await saved(page);
  assert.equal(lines(receipt.checkpoint).length, 3);
  // The same after a reload, and the check page takes it as any other receipt.
  await page.reload();
  await page.locator('[data-witnesses=seen]').waitFor({ timeout: 60_000 });
  const check = await browser.page();
  await check.goto(`${election.board}/check`);
  await check.locator('#code').waitFor();
  const buffer = Buffer.from(JSON.stringify(receipt));
  await check.setInputFiles('#file', { name: 'r.json', mimeType: 'application/json', buffer });
  await check.getByRole('heading', { name: 'On the board, and counted as it stands', exact: true }).waitFor();
  assert.equal(await check.locator('[data-witnesses="2"]').count(), 1);
});

/** Signature lines of the true names and ids, with signatures of nobody. */
async function forged() {
  const { witnesses } = await (await fetch(`${election.board}/manifest`)).json();
  return witnesses
    .map(({ name, key }) => {
      const id = createHash('sha256').update(`${name}\n\x04`).update(Buffer.from(key, 'hex')).digest().subarray(0, 4);
      const content = Buffer.concat([id, Buffer.alloc(8), randomBytes(64)]);
      return `\u2014 ${name} ${content.toString('base64')}\n`;
    })
    .join('');
}

/** A voter whose ballot goes to a lying server. */
async function votesAt(liar) {
  const page = await browser.page();
  await liar.stand(page, election.election);
  await voter.start(page, election.link());
  await voter.answer(page);
  liar.code = hexOf(await voter.lock(page));
  await voter.cast(page);
  await voter.received(page);
  return page;
}

const receiptOf = (liar, code, more) => {
  const receipt = liar.receipt(liar.entries.length - 1, election.election, code);
  return { ...receipt, checkpoint: receipt.checkpoint + more };
};

test('forged signatures of witnesses are called false, and the receipt still holds', async () => {
  const more = await forged();
  const liar = new Liar(election, await entriesOf(election));
  liar.witnessed = (code) => receiptOf(liar, code, more);
  const page = await votesAt(liar);
  await page.locator('[data-witnesses=false]').waitFor({ timeout: 60_000 });
  assert.match(await said(page).innerText(), /do not hold/);
  await expectAccessible(page, 'falsely witnessed receipt');
  // What the voter saves is the receipt that holds.
  assert.equal(lines((await saved(page)).checkpoint).length, 1);
});

test('fewer witnesses than the manifest asks for are none', async () => {
  const liar = new Liar(election, await entriesOf(election));
  liar.witnessed = (code) => receiptOf(liar, code, '');
  const page = await votesAt(liar);
  await page.locator('[data-witnesses=false]').waitFor({ timeout: 60_000 });
});

test('a voter whose ballot no witness has signed is told so', async () => {
  const page = await votesAt(new Liar(election, await entriesOf(election)));
  await page.locator('[data-witnesses=waiting]').waitFor();
  assert.match(await said(page).innerText(), /2 of 2 must/);
  await expectAccessible(page, 'receipt without witnesses');
});
