// Servers that lie with the board's own key, and what a page makes of them: a proof, or a refusal.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { entriesOf, hexOf, Liar, padding } from './liar.mjs';
import { download, expectAccessible, openBrowser, openElection, shoot, voter } from './world.mjs';

let election;
let browser;
/** A voter who voted twice: both codes, and both receipts. */
const twice = { codes: [], receipts: [] };

before(async () => {
  election = await openElection();
  browser = await openBrowser();
  const page = await browser.page();
  const link = election.link();
  const save = () => download(page, () => page.getByRole('button', { name: 'Save receipt' }).click());
  twice.codes.push(await voter.vote(page, link));
  twice.receipts.push(await save());
  await page.getByRole('button', { name: 'Vote again' }).click();
  await page.fill('#code-0', election.codeOf(link));
  await page.getByRole('button', { name: 'Start voting' }).click();
  await page.locator('fieldset').waitFor();
  await voter.answer(page, { accounts: 1 });
  twice.codes.push(await voter.lock(page));
  await voter.cast(page);
  await voter.received(page);
  twice.receipts.push(await save());
});

after(async () => {
  await browser?.close();
  await election?.end();
});

async function checkPage() {
  const page = await browser.page();
  await page.goto(`${election.board}/check`);
  await page.locator('#code').waitFor();
  return page;
}

async function open(page, receipt) {
  const buffer = Buffer.from(typeof receipt === 'string' ? receipt : JSON.stringify(receipt));
  await page.setInputFiles('#file', { name: 'r.json', mimeType: 'application/json', buffer });
}

async function search(page, code) {
  await page.fill('#code', code);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
}

const titled = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();

/** What the auditor's program says of a file that a page saved. */
function judge(evidence) {
  const file = join(election.folder, 'evidence.json');
  writeFileSync(file, evidence);
  return execFileSync(join(process.env.PSEPHOS_PROGRAMS, 'verifier'), ['equivocation', file], { encoding: 'utf8' });
}

test('a receipt that was edited is worthless, and accuses nobody', async () => {
  const page = await checkPage();
  const good = JSON.parse(twice.receipts[1]);
  for (const change of [{ code: 'ab'.repeat(32) }, { index: good.index - 1 }]) {
    await open(page, { ...good, ...change });
    await titled(page, 'This receipt proves nothing');
    assert.equal(await page.getByRole('button', { name: /Save the (proof|evidence)/ }).count(), 0);
    await page.reload();
  }
  await open(page, good);
  await titled(page, 'On the board, and counted as it stands');
});

test('a board without the ballot of a receipt becomes a proof that the auditor’s program takes', async () => {
  const real = await entriesOf(election);
  const last = JSON.parse(twice.receipts[1]).index;
  for (const entries of [
    // Taken out, and others have come since; exchanged, at the very size of the receipt.
    [...real.slice(0, last), ...padding(3)],
    [...real.slice(0, last), ...padding(1)],
    // The same on a board that is not read whole.
    [...real.slice(0, last), ...padding(1200)],
  ]) {
    const page = await checkPage();
    await new Liar(election, entries).stand(page);
    await open(page, twice.receipts[1]);
    await titled(page, 'The board has signed two histories');
    await expectAccessible(page, 'two histories');
    const proof = await download(page, () => page.getByRole('button', { name: 'Save the proof' }).click());
    assert.match(judge(proof), /^PROVED/);
  }
});

test('a board that shows this page one history and then another is found out', async () => {
  const page = await checkPage();
  await search(page, twice.codes[1]);
  await titled(page, 'On the board, and counted as it stands');
  const real = await entriesOf(election);
  await new Liar(election, [...real.slice(0, -1), ...padding(4)]).stand(page);
  await search(page, twice.codes[0]);
  await titled(page, 'The board has signed two histories');
  const proof = await download(page, () => page.getByRole('button', { name: 'Save the proof' }).click());
  assert.match(judge(proof), /^PROVED/);
});

test('a board that takes a ballot into another history is found out by the booth', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  const real = await entriesOf(election);
  const liar = new Liar(election, [...real.slice(0, -1), ...padding(2)]);
  liar.code = hexOf(code);
  await liar.stand(page, election.election);
  await voter.cast(page);
  const title = 'The board has signed two histories';
  await titled(page, title);
  await expectAccessible(page, 'two histories in the booth');
  await shoot(page, 'phone-two-histories');
  const save = () => download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click());
  assert.match(judge(await save()), /^PROVED/);
  // Loading the page again does not make it good.
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await titled(page, title);
  assert.match(judge(await save()), /^PROVED/);
});

test('a booth before a checkpoint that the board did not sign lets nobody in', async () => {
  const page = await browser.page();
  const liar = new Liar(election, await entriesOf(election));
  liar.change = (path, note) => (path === 'checkpoint' ? note.replace(/\n(\d+)\n/, '\n1$1\n') : note);
  await liar.stand(page);
  await page.goto(election.link());
  await titled(page, 'The board does not hold together');
});

test('a receipt that no tile connects with what was signed before is not taken for good', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  const liar = new Liar(election, await entriesOf(election));
  liar.code = hexOf(code);
  liar.change = (path, content) => (path.startsWith('tile/0/') ? Buffer.alloc(content.length) : content);
  await liar.stand(page, election.election);
  await voter.cast(page);
  await titled(page, 'The server confirmed a different ballot');
});

test('a receipt is taken for good where the tiles are not to be had', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await voter.lock(page);
  await page.route('**/tile/0/**', (route) => route.abort());
  await voter.cast(page);
  await voter.received(page);
});

test('a large board is not read whole, and what is only the server’s word is said to be so', async () => {
  const real = await entriesOf(election);
  const page = await checkPage();
  await new Liar(election, [...real, ...padding(2000)]).stand(page);
  const bundles = () => page.requests.filter(({ url }) => url.includes('/tile/entries/')).length;
  await search(page, twice.codes[1]);
  await titled(page, 'On the board');
  await page.getByText('That is only its word.').waitFor();
  await expectAccessible(page, 'on the board, not certain');
  await shoot(page, 'phone-on-the-board');
  const few = bundles();
  assert.equal(few, 1, 'bundles');
  await open(page, twice.receipts[1]);
  await page.getByText('the board keeps what it promised there').waitFor();
  await page.getByRole('button', { name: 'Read the whole board' }).click();
  await titled(page, 'On the board, and counted as it stands');
  assert.ok(bundles() > few + 5);
  // A later ballot that the server names is proved at once.
  await search(page, twice.codes[0]);
  await titled(page, 'Replaced by a later ballot');
  assert.equal(await page.getByRole('button', { name: 'Read the whole board' }).count(), 0);
});

test('a later ballot that the server keeps quiet about is found in the whole board', async () => {
  const real = await entriesOf(election);
  const page = await checkPage();
  const liar = new Liar(election, [...real, ...padding(1200)]);
  liar.voter = { counter: 1, previous: hexOf(twice.codes[0]) };
  await liar.stand(page);
  await search(page, twice.codes[0]);
  await titled(page, 'On the board');
  await page.getByRole('button', { name: 'Read the whole board' }).click();
  await titled(page, 'Replaced by a later ballot');
});

test('a later ballot that the server claims and names no entry of makes nothing certain', async () => {
  const real = await entriesOf(election);
  const [code] = twice.codes;
  const previous = 'ab'.repeat(32);
  for (const index of [null, -1, 0.5, '7', 2 ** 53]) {
    const page = await checkPage();
    const liar = new Liar(election, [...real, ...padding(1200)]);
    liar.voter = { counter: 9, previous };
    liar.receipts.set(previous, { index });
    await liar.stand(page);
    await search(page, code);
    await titled(page, 'The board does not hold together');
    // The same for the ballot itself.
    liar.receipts.set(hexOf(code), { index });
    await search(page, code);
    await page.getByText('names no entry').waitFor();
  }
});

test('a server that knows fewer ballots than its board has, or does not show the later one, is refused', async () => {
  const real = await entriesOf(election);
  const page = await checkPage();
  const liar = new Liar(election, [...real, ...padding(1200)]);
  await liar.stand(page);
  liar.voter = { counter: 0, previous: null };
  await search(page, twice.codes[1]);
  await titled(page, 'The board does not hold together');
  liar.voter = { counter: 3, previous: 'ab'.repeat(32) };
  await search(page, twice.codes[1]);
  await titled(page, 'The board does not hold together');
});

test('a ballot that the server denies is found in the whole board, and one that is nowhere is not', async () => {
  const real = await entriesOf(election);
  const page = await checkPage();
  const liar = new Liar(election, [...real, ...padding(1200)]);
  liar.denied.add(hexOf(twice.codes[1]));
  await liar.stand(page);
  await search(page, twice.codes[1]);
  await titled(page, 'The server knows no such ballot');
  await expectAccessible(page, 'not known');
  await page.getByRole('button', { name: 'Read the whole board' }).click();
  await titled(page, 'On the board, and counted as it stands');
  await search(page, `${'ABCD'.repeat(12)}0000`);
  await titled(page, 'The server knows no such ballot');
  await page.getByRole('button', { name: 'Read the whole board' }).click();
  await titled(page, 'Not on the board');
});

test('a wrong tile or entry proves nothing, and is refused', async () => {
  const real = await entriesOf(election);
  const flip = (content) => {
    const changed = Buffer.from(content);
    for (let at = 40; at < changed.length; at += 32) changed[at] ^= 1;
    return changed;
  };
  for (const wrong of ['tile/0/', 'tile/1/', 'tile/entries/']) {
    const page = await checkPage();
    const liar = new Liar(election, [...real, ...padding(1200)]);
    liar.change = (path, content) => (path.startsWith(wrong) ? flip(content) : content);
    await liar.stand(page);
    await search(page, twice.codes[1]);
    await titled(page, 'The board does not hold together');
    const evidence = await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click());
    assert.equal(JSON.parse(evidence).kind, 'evidence');
  }
});

test('a board under a key of its own is not taken for the one of a ballot, and no receipt is worthless before it', async () => {
  const real = await entriesOf(election);
  for (const n of [0, 1200]) {
    const page = await checkPage();
    const liar = new Liar(election, [...real, ...padding(n)]);
    liar.changeKey();
    await liar.stand(page);
    const another = () => titled(page, 'This server shows another board');
    await search(page, twice.codes[1]);
    await another();
    await page.reload();
    await open(page, twice.receipts[1]);
    await another();
    await expectAccessible(page, 'another board');
    const evidence = await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click());
    assert.equal(JSON.parse(evidence).receipt, twice.receipts[1]);
  }
});

test('a ballot of another election than the link names is not said to be there, nor to be missing', async () => {
  for (const code of [twice.codes[1], `${'ABCD'.repeat(12)}0000`]) {
    const page = await browser.page();
    await page.goto(`${election.board}/check#c=${code.replaceAll('-', '')}&e=${'ab'.repeat(32)}`);
    await titled(page, 'This server shows another board');
    await page.goto('about:blank');
    await page.goto(`${election.board}/check#c=${code.replaceAll('-', '')}&e=${election.election}`);
    await titled(page, code === twice.codes[1] ? 'On the board, and counted as it stands' : 'Not on the board');
  }
});

test('a challenged ballot before another election accuses no device', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await voter.lock(page);
  await page.getByRole('button', { name: 'Challenge this ballot' }).click();
  await page.getByRole('button', { name: 'Open and void this ballot' }).click();
  await page.getByText('This ballot is on the board as challenged').waitFor();
  const link = (await download(page, () => page.getByRole('button', { name: 'Save it as a file' }).click())).trim();
  const phone = await browser.page();
  await phone.goto(link.replace(/&e=\w+/, `&e=${'ab'.repeat(32)}`));
  await titled(phone, 'This server shows another board');
  await phone.goto('about:blank');
  await phone.goto(link.replace(/&e=\w+/, ''));
  await titled(phone, 'This link is damaged');
});

test('who answers for the server with a page of their own is no board, and accused of nothing', async () => {
  const page = await checkPage();
  const liar = new Liar(election, await entriesOf(election));
  await liar.stand(page);
  liar.change = () => '<!doctype html><title>Welcome to our café</title>';
  await search(page, twice.codes[1]);
  await titled(page, 'The server does not answer');
  // What was never signed is nothing that later boards are held against.
  liar.change = (path, content) => (path === 'checkpoint' ? content.replace(/\n(\d+)\n/, '\n9$1\n') : content);
  await search(page, twice.codes[1]);
  await titled(page, 'The board does not hold together');
  liar.change = (_path, content) => content;
  await search(page, twice.codes[1]);
  await titled(page, 'On the board, and counted as it stands');
});

test('a size that nobody signed is not followed', async () => {
  const page = await checkPage();
  const liar = new Liar(election, await entriesOf(election));
  liar.change = (path, content) => (path === 'checkpoint' ? content.replace(/\n\d+\n/, '\n999999999\n') : content);
  await liar.stand(page);
  await search(page, twice.codes[1]);
  await titled(page, 'The board does not hold together');
  assert.deepEqual(page.requests.filter(({ url }) => url.includes('/tile/')), []);
});

test('a small board is not told which ballot is looked for', async () => {
  const page = await checkPage();
  await search(page, twice.codes[1]);
  await titled(page, 'On the board, and counted as it stands');
  const code = hexOf(twice.codes[1]);
  assert.ok(page.requests.every(({ url }) => !url.includes(code) && !/\/(receipt|voters)\//.test(url)));
});

test('what is asked while another search runs is done afterwards', async () => {
  const page = await checkPage();
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route('**/checkpoint', (route) => held.then(() => route.continue()));
  await search(page, `${'ABCD'.repeat(12)}0000`);
  await open(page, twice.receipts[0]);
  await open(page, twice.receipts[1]);
  go();
  await page.getByText('the board keeps what it promised there').waitFor();
  await titled(page, 'On the board, and counted as it stands');
});

test('no page complained on the console', () => {
  assert.deepEqual(browser.complaints, []);
});
