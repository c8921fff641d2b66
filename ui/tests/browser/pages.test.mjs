// The pages in a real browser, against the real server with an open election.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  DESKTOP,
  download,
  expectAccessible,
  firstLoad,
  heading,
  openBrowser,
  openElection,
  shoot,
  shownCode,
  voter,
} from './world.mjs';

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

const plain = (code) => code.replaceAll('-', '');

test('a vote by keyboard alone, and nothing secret leaves the device', async () => {
  const page = await browser.page({ viewport: DESKTOP });
  const link = election.link();
  await page.goto(link);
  await page.locator('form button[type=submit]').waitFor();

  /** Goes on with Tab until a thing has the focus. */
  const tabTo = async (selector) => {
    for (let i = 0; i < 80; i += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`Tab never reaches ${selector}`);
  };
  await tabTo('form button[type=submit]');
  await page.keyboard.press('Enter');
  await page.locator('fieldset').waitFor();
  // The focus is on the question, so the first Tab leads back or to the answers.
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
  await tabTo('#option-0');
  await page.keyboard.press('ArrowDown');
  assert.ok(await page.isChecked('#option-1'));
  await tabTo('button[type=submit]');
  await page.keyboard.press('Enter');
  await page.locator('#find').waitFor();
  for (const at of [0, 3]) {
    await tabTo(`#option-${at}`);
    await page.keyboard.press('Space');
  }
  await tabTo('.count-bar button');
  await page.keyboard.press('Enter');
  await page.getByText('Question 3 of 4').waitFor();
  await tabTo('.count-bar button');
  await page.keyboard.press('Enter');
  await page.locator('.points').waitFor();
  await tabTo('#option-0');
  await page.keyboard.type('5');
  await tabTo('.count-bar button');
  await page.keyboard.press('Enter');
  await page.locator('dl.summary').waitFor();
  const before = page.requests.length;
  assert.ok(page.requests.every(({ method }) => method === 'GET'));
  await tabTo('main .buttons button');
  await page.keyboard.press('Enter');
  await page.locator('.fork').waitFor();
  assert.match(await heading(page), /has not been sent yet/);
  // Sealing asks only how many ballots this pseudonym has cast.
  const asked = page.requests.slice(before);
  assert.equal(asked.length, 1);
  assert.match(asked[0].url, /\/voters\/[0-9a-f]{64}$/);
  const code = await shownCode(page);
  assert.match(code, /^([0-9A-Z]{4}-){12}[0-9A-Z]{4}$/);
  await tabTo('.fork .button');
  await page.keyboard.press('Enter');
  await voter.received(page);
  assert.equal(await shownCode(page), code);

  const origin = new URL(election.board).origin;
  const secret = election.codeOf(link);
  const forbidden = [secret, plain(secret), secret.toLowerCase(), 'pereira', 'diallo', 'Joan Pereira', 'nonce', 'values', '"seed'];
  for (const { method, url, headers, body } of page.requests) {
    assert.ok(url.startsWith(`${origin}/`), `a request to another server: ${url}`);
    assert.ok(!/cookie/i.test(headers), `a cookie: ${headers}`);
    assert.ok(method === 'GET' || /\/entries$/.test(url), `${method} ${url}`);
    const all = `${url} ${headers} ${body.toString('latin1')}`;
    for (const word of forbidden) assert.ok(!all.includes(word), `${word} in ${method} ${url}`);
  }
  assert.equal(page.requests.filter(({ method }) => method === 'POST').length, 1);
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
  for (const word of forbidden) assert.ok(!kept.includes(word), `${word} is stored`);
  assert.ok(!page.url().includes(secret), 'the code is still in the address');
});

test('a challenge shows what was locked, another device gets the same code, then a fresh ballot is cast', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  await shoot(page, 'phone-sealed');
  await page.getByRole('button', { name: 'Challenge this ballot' }).click();
  await page.getByRole('button', { name: 'Open and void this ballot' }).click();
  await page.getByText('This ballot is on the board as challenged').waitFor();
  await expectAccessible(page, 'opened');
  await shoot(page, 'phone-opened');
  const answers = await page.locator('dl.summary').innerText();
  assert.match(answers, /Amara Diallo\s+Priya Raman/);
  const link = (await download(page, () => page.getByRole('button', { name: 'Save it as a file' }).click())).trim();
  const qr = await page.locator('.qr svg').count();
  assert.equal(qr, 1, 'the opened ballot fits into a code to scan');

  const phone = await browser.page();
  await phone.goto(link);
  await phone.getByText('Locked again here').waitFor();
  assert.equal(await shownCode(phone), code);
  assert.match(await phone.locator('dl.summary').innerText(), /Amara Diallo\s+Priya Raman/);
  await phone.getByText('The board records exactly this ballot as challenged').waitFor();
  await expectAccessible(phone, 'second device');
  await shoot(phone, 'phone-second-device');
  assert.ok(phone.requests.every(({ method, url }) => method === 'GET' && !url.includes('#')));
  assert.ok(!phone.url().includes('o='), 'the opened ballot is still in the address');

  // A link in which one thing is changed leads to another code.
  const [, text, named] = /#o=([\w-]+)(&e=\w+)$/.exec(link);
  const bytes = Buffer.from(text, 'base64url');
  bytes[bytes.length - 1] ^= 1;
  const other = await browser.page();
  await other.goto(`${link.split('#')[0]}#o=${bytes.toString('base64url')}${named}`);
  await other.locator('.banner').waitFor();
  assert.ok((await other.locator('[data-code]').count()) === 0 || (await shownCode(other)) !== code);

  await page.getByRole('button', { name: 'Go on to vote' }).click();
  await page.getByRole('heading', { name: 'Check your answers' }).waitFor();
  const fresh = await voter.lock(page);
  assert.notEqual(fresh, code);
  await voter.cast(page);
  await voter.received(page);

  await phone.goto('about:blank');
  await phone.goto(`${election.board}/check#c=${plain(code)}`);
  await phone.getByRole('heading', { name: 'Declared challenged' }).waitFor();
});

test('who votes again replaces the first ballot, and both receipts say so', async () => {
  const page = await browser.page();
  const link = election.link();
  const first = await voter.vote(page, link);
  const receipt = await download(page, () => page.getByRole('button', { name: 'Save receipt' }).click());
  assert.equal(JSON.parse(receipt).kind, 'receipt');
  await page.getByRole('button', { name: 'Vote again' }).click();
  await page.locator('#code-0').waitFor();
  // Small letters, spaces and look-alikes do not matter.
  const typed = election.codeOf(link).toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
  await page.fill('#code-0', typed);
  await page.getByRole('button', { name: 'Start voting' }).click();
  await page.locator('fieldset').waitFor();
  await voter.answer(page, { accounts: 1 });
  await voter.lock(page);
  await page.getByText('A ballot was already cast with this code.').waitFor();
  await voter.cast(page);
  await voter.received(page);
  const second = await shownCode(page);
  assert.notEqual(first, second);

  const check = await browser.page();
  await check.goto(`${election.board}/check`);
  await check.fill('#code', first.toLowerCase());
  await check.getByRole('button', { name: 'Check', exact: true }).click();
  await check.getByRole('heading', { name: 'Replaced by a later ballot' }).waitFor();
  await expectAccessible(check, 'check: replaced');
  await check.fill('#code', second);
  await check.getByRole('button', { name: 'Check', exact: true }).click();
  await check.getByRole('heading', { name: 'On the board, and counted as it stands' }).waitFor();
  await expectAccessible(check, 'check: counted');
  await check.setInputFiles('#file', {
    name: 'receipt.json',
    mimeType: 'application/json',
    buffer: Buffer.from(receipt),
  });
  await check.getByRole('heading', { name: 'Replaced by a later ballot' }).waitFor();
  await check.fill('#code', `${first.slice(0, -1)}X`);
  await check.getByRole('button', { name: 'Check', exact: true }).click();
  await check.locator('.error-summary', { hasText: 'One of the letters is not right.' }).waitFor();
  await check.fill('#code', `${'ABCD'.repeat(12)}0000`);
  await check.getByRole('button', { name: 'Check', exact: true }).click();
  await check.getByRole('heading', { name: 'Not on the board' }).waitFor();
  await expectAccessible(check, 'check: not found');
  await check.fill('#code', 'ABC');
  await check.getByRole('button', { name: 'Check', exact: true }).click();
  await check.locator('.error-summary').waitFor();
  await expectAccessible(check, 'check: error');
});

test('a ballot survives a lost connection and a reload, and counts once', async () => {
  const page = await browser.page();
  const link = election.link();
  await voter.start(page, link);
  await page.reload();
  await page.getByText('Your voting code came with your link').waitFor();
  await page.getByRole('button', { name: 'Start voting' }).click();
  await voter.answer(page);
  const code = await voter.lock(page);
  await page.route('**/entries', (route) => route.abort());
  await page.getByRole('button', { name: 'Cast this ballot' }).dblclick();
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  await expectAccessible(page, 'offline');
  await shoot(page, 'phone-offline');
  await page.goBack();
  await page.waitForTimeout(300);
  assert.match(await heading(page), /offline|Sending/);
  await page.unroute('**/entries');
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
  await page.reload();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
  await page.goBack().catch(() => undefined);
  assert.ok(!page.url().includes(election.codeOf(link)));
});

test('a server that is broken for a moment loses no signed ballot', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  await page.route('**/entries', (route) => route.fulfill({ status: 502, body: 'Bad gateway' }));
  await voter.cast(page);
  await page.getByRole('heading', { name: 'Many people are voting right now' }).waitFor();
  await expectAccessible(page, 'busy');
  await page.unroute('**/entries');
  await page.getByRole('button', { name: 'Try now' }).click();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
});

test('a server that takes a ballot and says nothing does not keep the voter waiting for ever', async () => {
  const page = await browser.page();
  await page.clock.install();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  await page.route('**/entries', () => undefined);
  await voter.cast(page);
  await page.getByRole('heading', { name: 'Sending' }).waitFor();
  await page.clock.fastForward(61_000);
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  await page.unroute('**/entries');
  await page.getByRole('button', { name: 'Try now' }).click();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
});

test('a challenge that the board refuses is said, not tried for ever', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await voter.lock(page);
  await page.route('**/entries', (route) =>
    route.fulfill({ status: 409, json: { type: 'urn:psephos:problem:too-many', detail: 'Enough for today.' } }),
  );
  await page.getByRole('button', { name: 'Challenge this ballot' }).click();
  await page.getByRole('button', { name: 'Open and void this ballot' }).click();
  await page.getByText('Enough for today.').waitFor();
  assert.equal(page.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('a double click casts once', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await voter.lock(page);
  await page.getByRole('button', { name: 'Cast this ballot' }).dblclick();
  await voter.received(page);
  assert.equal(page.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('back never loses an answer', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page, { committee: [4, 5] });
  await page.goBack();
  await page.locator('.points').waitFor();
  assert.equal(await page.inputValue('#option-1'), '4');
  await page.goBack();
  await page.goBack();
  await page.locator('#find').waitFor();
  assert.ok(await page.isChecked('#option-4'));
  await page.goForward();
  await page.goForward();
  await page.goForward();
  await page.getByRole('heading', { name: 'Check your answers' }).waitFor();
  await page.getByRole('button', { name: 'Change: Do you approve' }).click();
  await page.check('#option-2');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Check your answers' }).waitFor();
  assert.match(await page.locator('dl.summary').innerText(), /I abstain/);
});

test('a reload at any step before casting starts again, with the code kept and nothing sent', async () => {
  const page = await browser.page();
  page.on('dialog', (dialog) => dialog.accept());
  const lock = () => voter.lock(page);
  const steps = [
    ['question', () => Promise.resolve()],
    ['answers', () => voter.answer(page)],
    ['sealed', () => voter.answer(page).then(lock)],
    ['challenge', async () => {
      await voter.answer(page);
      await voter.lock(page);
      await page.getByRole('button', { name: 'Challenge this ballot' }).click();
      await page.getByRole('button', { name: 'Open and void this ballot' }).waitFor();
    }],
  ];
  const link = election.link();
  await page.goto(link);
  for (const [name, go] of steps) {
    await page.getByRole('button', { name: 'Start voting' }).click();
    await page.locator('fieldset').waitFor();
    assert.ok(!(await page.isChecked('#option-0')), `${name}: an answer was kept`);
    await go();
    await page.reload();
    await page.getByText('Your voting code came with your link').waitFor();
  }
  assert.ok(page.requests.every(({ method }) => method === 'GET'));
});

test('the printed receipt has the code and what happens next, and no buttons', async () => {
  const page = await browser.page({ viewport: DESKTOP });
  const code = await voter.vote(page, election.link());
  await page.emulateMedia({ media: 'print' });
  for (const name of ['Save receipt', 'Print', 'Vote again']) {
    assert.ok(!(await page.getByRole('button', { name }).isVisible()), name);
  }
  assert.ok(await page.locator('.qr svg').isVisible());
  assert.ok((await page.locator('main').innerText()).includes(code.slice(0, 4)));
  await shoot(page, 'print-receipt');
});

/** Holds an answer back until it is let go. */
function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

test('a void that is answered late touches nothing of the ballot that was cast meanwhile', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await voter.lock(page);
  const late = gate();
  let first = true;
  await page.route('**/entries', async (route) => {
    if (!first) return route.fallback();
    first = false;
    const response = await route.fetch();
    await late.opened;
    await route.fulfill({ response }).catch(() => undefined);
  });
  await page.getByRole('button', { name: 'Challenge this ballot' }).click();
  await page.getByRole('button', { name: 'Open and void this ballot' }).click();
  await page.getByRole('button', { name: 'Go on to vote' }).click();
  await page.getByRole('heading', { name: 'Check your answers' }).waitFor();
  const code = await voter.lock(page);
  await voter.cast(page);
  await voter.received(page);
  late.open();
  await page.waitForTimeout(500);
  assert.match(await heading(page), /on the board/);
  assert.equal(await shownCode(page), code);
  const receipt = JSON.parse(await download(page, () => page.getByRole('button', { name: 'Save receipt' }).click()));
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.ok(kept.includes(receipt.code), 'the saved receipt is that of the ballot');
});

test('a ballot that arrived just before the close has its receipt after a reload', async () => {
  const page = await browser.page();
  page.on('dialog', (dialog) => dialog.accept());
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  // It arrives; the answer is lost; and then the server says that voting is over.
  await page.route('**/entries', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await voter.cast(page);
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  await page.unroute('**/entries');
  await page.route(/\/e\/[0-9a-f]{32}$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), phase: 'closed' } });
  });
  await page.reload();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
});

test('a refusal is told as the word of the server, and the signed ballot is kept', async () => {
  const page = await browser.page();
  page.on('dialog', (dialog) => dialog.accept());
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  await page.route('**/entries', (route) =>
    route.fulfill({ status: 409, json: { type: 'urn:psephos:problem:voting-over', detail: 'Too late.' } }),
  );
  await voter.cast(page);
  await page.getByRole('heading', { name: 'Voting has closed' }).waitFor();
  await page.getByText('The server says that your ballot came after the close.').waitFor();
  await page.getByText('The manifest says that voting is open until').waitFor();
  await expectAccessible(page, 'closed early');
  const evidence = JSON.parse(await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click()));
  assert.ok(evidence.entry.length > 1000, 'the signed ballot is part of it');
  await page.unroute('**/entries');
  await page.reload();
  await voter.received(page);
  assert.equal(await shownCode(page), code);
});

test('another voter in the same tab sees nothing of the one before', async () => {
  const page = await browser.page();
  await voter.vote(page, election.link());
  const code = await shownCode(page);
  const next = election.link();
  await page.goto(next);
  await page.getByText('Your voting code came with your link').waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(code.slice(0, 9)));
  await page.getByRole('button', { name: 'Start voting' }).click();
  await page.locator('fieldset').waitFor();
  await voter.answer(page);
  await voter.lock(page);
  assert.equal(await page.getByText('A ballot was already cast with this code.').count(), 0);
  await voter.cast(page);
  await voter.received(page);
  assert.notEqual(await shownCode(page), code);
  // Voting again keeps the number of the election that the link named.
  await page.getByRole('button', { name: 'Vote again' }).click();
  await page.locator('#code-0').waitFor();
  assert.ok(page.url().endsWith(`#e=${election.election}`), page.url());
});

test('a link without the number of the election says what cannot be compared', async () => {
  const page = await browser.page();
  await page.goto(`${election.board}/vote`);
  await page.getByText('Your link does not say which election it is for').waitFor();
  assert.ok(await page.locator('.note .code--inline', { hasText: election.election }).isVisible());
});

test('an answer that is no number is never sealed as one', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  await page.getByRole('button', { name: /^Change: Which projects/ }).click();
  await page.fill('#option-1', 'many');
  await page.goBack();
  await page.getByRole('heading', { name: 'Check your answers' }).waitFor();
  await page.getByRole('button', { name: 'Lock my ballot' }).click();
  await page.locator('.error-summary', { hasText: 'a whole number from 0 to 5' }).waitFor();
});

test('options are rotated where the manifest says so, and stay the same options', async () => {
  const page = await browser.page();
  // What the page draws, not the worker, which makes the ballot.
  await page.addInitScript(() => {
    crypto.getRandomValues = (array) => array.fill(5);
  });
  await voter.start(page, election.link());
  const listed = () =>
    page.locator('.options input').evaluateAll((inputs) => inputs.map(({ id }) => Number(id.replace('option-', ''))));
  assert.deepEqual(await listed(), [0, 1, 2], 'the first question has the order of the manifest');
  await page.check('#option-0');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#find').waitFor();
  assert.deepEqual(await listed(), [5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 3, 4]);
  await page.check('#option-6');
  await page.fill('#find', 'kwame');
  assert.deepEqual(await listed(), [6]);
  await page.fill('#find', '');
  await page.goBack();
  await page.goForward();
  await page.locator('#find').waitFor();
  assert.deepEqual(await listed(), [5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 3, 4], 'the order stays');
  assert.ok(await page.isChecked('#option-6'));
});

test('codes that are wrong are named, and lead to their field', async () => {
  const page = await browser.page();
  const link = election.link();
  const code = election.codeOf(link);
  await page.goto(`${election.board}/vote`);
  for (const [typed, message] of [
    ['', 'Enter your voting code.'],
    [code.slice(0, -1), 'It is one letter or number short.'],
    [`${code}7`, 'It is one letter or number too long.'],
    [`${code.slice(0, -1)}U`, 'It has a “U”'],
    [code.slice(0, -1) + (code.endsWith('7') ? '8' : '7'), 'One of the letters is not right.'],
  ]) {
    await page.fill('#code-0', typed);
    await page.getByRole('button', { name: 'Start voting' }).click();
    await page.locator('.error-summary', { hasText: message }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.classList.contains('error-summary')));
  }
  await expectAccessible(page, 'code error');
  await page.locator('.error-summary a').click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'code-0');
});

test('answers that break a rule are named', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.error-summary', { hasText: 'Choose an answer, or leave the question blank.' }).waitFor();
  assert.match(await page.title(), /^Error: /);
  await page.check('#blank');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#find').waitFor();
  for (const at of [0, 1, 2, 3, 4, 5]) await page.check(`#option-${at}`);
  await page.getByText('6 chosen, 1 too many').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.error-summary', { hasText: 'Choose 5 or fewer. You have chosen 6.' }).waitFor();
  await expectAccessible(page, 'too many');
  await page.fill('#find', 'wojcik');
  assert.equal(await page.locator('.options .option').count(), 1);
  await page.fill('#find', '');
  // Leaving the question blank clears it, and the other way round.
  await page.check('#blank');
  assert.equal(await page.locator('.options input:checked').count(), 0);
  await page.check('#option-12');
  assert.ok(!(await page.isChecked('#blank')));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.points').waitFor();
  await page.fill('#option-0', '7');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.error-summary', { hasText: 'a whole number from 0 to 5' }).waitFor();
  await page.fill('#option-0', '5');
  await page.fill('#option-1', '5');
  await page.fill('#option-2', '3');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.error-summary', { hasText: 'You have given 13 points. Take back 1.' }).waitFor();
});

test('a server that shows another election is found out', async () => {
  const page = await browser.page();
  await page.goto(election.link().replace(election.election, 'ab'.repeat(32)));
  await page.getByRole('heading', { name: 'This is not the election in your link' }).waitFor();
  await expectAccessible(page, 'other election');
  await shoot(page, 'phone-other-election');
  const evidence = JSON.parse(await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click()));
  assert.equal(evidence.problem.kind, 'other-election');
});

/** Changes one byte of the first entry of a kind, wherever bundles are served. */
async function tamper(page, kind) {
  await page.route('**/tile/entries/**', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    for (let at = 0; at < body.length; at += 2 + body.readUInt16BE(at)) {
      if (body[at + 3] !== kind) continue;
      body[at + 2 + body.readUInt16BE(at) - 5] ^= 1;
      break;
    }
    await route.fulfill({ response, body });
  });
}

test('a key that not all trustees have signed is found out', async () => {
  const page = await browser.page();
  const CERTIFY = 9;
  await tamper(page, CERTIFY);
  await page.goto(election.link());
  await page.getByRole('heading', { name: 'The trustees have not signed this key' }).waitFor();
  await expectAccessible(page, 'wrong key');
});

test('a roll that is not signed is found out', async () => {
  const page = await browser.page();
  const ROLL = 2;
  await tamper(page, ROLL);
  await page.goto(election.link());
  await page.getByRole('heading', { name: 'The board does not hold together' }).waitFor();
});

test('a receipt for another ballot is found out', async () => {
  const page = await browser.page();
  await voter.start(page, election.link());
  await voter.answer(page);
  const code = await voter.lock(page);
  await page.route('**/entries', async (route) => {
    const response = await route.fetch();
    const receipt = await response.json();
    receipt.code = '0'.repeat(64);
    await route.fulfill({ response, json: receipt });
  });
  await voter.cast(page);
  await page.getByRole('heading', { name: 'The server confirmed a different ballot' }).waitFor();
  await expectAccessible(page, 'wrong receipt');
  const evidence = await download(page, () => page.getByRole('button', { name: 'Save the evidence' }).click());
  assert.equal(JSON.parse(JSON.parse(evidence).receipt).code, '0'.repeat(64));
  assert.ok(!evidence.includes('diallo') && (await page.locator('main').innerText()).includes(code));
});

test('a server that forgets a ballot is found out', async () => {
  const page = await browser.page();
  const link = election.link();
  await voter.vote(page, link);
  await page.goto('about:blank');
  await page.goto(`${election.board}/vote`);
  await page.getByRole('button', { name: 'Vote again' }).click();
  await page.fill('#code-0', election.codeOf(link));
  await page.getByRole('button', { name: 'Start voting' }).click();
  await page.locator('fieldset').waitFor();
  await voter.answer(page);
  await page.route('**/voters/**', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), counter: 0, previous: null } });
  });
  await page.getByRole('button', { name: 'Lock my ballot' }).click();
  await page.getByRole('heading', { name: 'The board has lost your earlier ballot' }).waitFor();
});

test('a board that drops a ballot is found out by its receipt', async () => {
  const page = await browser.page();
  const link = election.link();
  await voter.vote(page, link);
  const receipt = await download(page, () => page.getByRole('button', { name: 'Save receipt' }).click());
  const check = await browser.page();
  const BALLOT = 11;
  await tamper(check, BALLOT);
  await check.goto(`${election.board}/check`);
  await check.setInputFiles('#file', { name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(receipt) });
  await check.getByRole('heading', { name: 'The board does not hold together' }).waitFor();
  await expectAccessible(check, 'board lies');
});

test('every state of the booth is accessible, fits 320 pixels, and speaks German and French', async () => {
  for (const [lang, viewport, colorScheme] of [
    ['en', { width: 320, height: 640 }, 'light'],
    ['de', { width: 320, height: 640 }, 'dark'],
    ['fr', DESKTOP, 'light'],
  ]) {
    const page = await browser.page({ viewport, locale: lang, colorScheme });
    const name = (text) => `${lang} ${viewport.width}: ${text}`;
    const submit = () => page.locator('main form button[type=submit]').click();
    await page.goto(election.link());
    await page.locator('form button[type=submit]').waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    for (const more of await page.locator('details.more > summary').all()) await more.click();
    await expectAccessible(page, name('welcome'));
    await submit();
    await page.locator('fieldset').waitFor();
    assert.match(await heading(page), { en: /approve/, de: /Abrechnung/, fr: /comptes/ }[lang]);
    await page.check('#option-0');
    await expectAccessible(page, name('one of n'));
    await submit();
    await page.locator('#find').waitFor();
    await page.check('#option-0');
    await expectAccessible(page, name('k of n'));
    await submit();
    await page.getByText(/(Question|Frage) 3/).waitFor();
    await expectAccessible(page, name('approval'));
    await submit();
    await page.locator('.points').waitFor();
    await page.fill('#option-0', '5');
    await expectAccessible(page, name('points'));
    await submit();
    await page.locator('dl.summary').waitFor();
    await expectAccessible(page, name('answers'));
    await page.locator('main .buttons .button').click();
    await page.locator('.fork').waitFor();
    for (const more of await page.locator('details.more > summary').all()) await more.click();
    await expectAccessible(page, name('sealed'));
    await shoot(page, `${lang}-${viewport.width}-sealed`);
    await page.locator('.fork .button--test').click();
    await page.locator('.note--test').waitFor();
    await expectAccessible(page, name('challenge'));
    await page.goBack();
    await page.locator('.fork .button').first().click();
    await page.locator('.banner--good').waitFor();
    await expectAccessible(page, name('receipt'));
    await shoot(page, `${lang}-${viewport.width}-receipt`);
    // In another language in the middle of it, nothing is lost.
    await page.locator('.lang summary').click();
    await page.locator('.lang button[lang=en]').click();
    await page.getByRole('heading', { name: 'Your ballot is on the board' }).waitFor();
  }
});

test('text at twice the size still fits', async () => {
  const page = await browser.page({ viewport: { width: 640, height: 900 } });
  await page.goto(election.link());
  await page.locator('form button[type=submit]').waitFor();
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await expectAccessible(page, 'welcome at 200 %');
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  await expectAccessible(page, 'board at 200 %');
});

test('from right to left, nothing sticks out', async () => {
  const page = await browser.page({ viewport: { width: 320, height: 640 } });
  const turn = () => page.evaluate(() => (document.documentElement.dir = 'rtl'));
  await page.goto(election.link());
  await page.locator('form button[type=submit]').waitFor();
  await turn();
  await expectAccessible(page, 'welcome from right to left');
  await page.locator('form button[type=submit]').click();
  await page.locator('fieldset').waitFor();
  await voter.answer(page);
  await expectAccessible(page, 'answers from right to left');
  await voter.lock(page);
  await expectAccessible(page, 'sealed from right to left');
  await shoot(page, 'right-to-left-sealed');
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  await turn();
  await expectAccessible(page, 'board from right to left');
});

test('the board shows what happens, live, and is verified while voting goes on', async () => {
  const page = await browser.page();
  await page.goto(`${election.board}/board`);
  await page.locator('.phases').waitFor();
  const voted = async () => Number(await page.locator('.stat__value').innerText());
  const before = await voted();
  assert.ok(before >= 17);
  await expectAccessible(page, 'board');
  const other = await browser.page();
  await voter.vote(other, election.link());
  await page.waitForFunction((n) => Number(document.querySelector('.stat__value')?.textContent) > n, before);
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('heading', { name: /^[56]\d checks passed so far/ }).waitFor();
  await expectAccessible(page, 'verified so far');
  const link = await page.locator('a.code--inline').first().getAttribute('href');
  await page.goto(new URL(link, election.board).href);
  await page.locator('.banner').waitFor();
  // The page's files are those of the list, and the opening names the list.
  const digest = await page.evaluate(async () => {
    const list = await (await fetch('/HASHES.txt')).arrayBuffer();
    const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    for (const line of new TextDecoder().decode(list).trim().split('\n')) {
      const [hash, path] = line.split('  ');
      const file = await (await fetch(`/${path}`)).arrayBuffer();
      if (hex(await crypto.subtle.digest('SHA-256', file)) !== hash) throw new Error(path);
    }
    return hex(await crypto.subtle.digest('SHA-256', list));
  });
  await page.goto(`${election.board}/board#files`);
  await page.locator('#files').waitFor();
  assert.ok((await page.locator('#files').innerText()).replaceAll(' ', '').includes(digest));
});

test('all that a voter downloads before voting is less than 200 kB', async (t) => {
  const link = election.link();
  for (const locale of ['en', 'fr', 'de']) {
    const { 'the board': board, ...pages } = await firstLoad(await browser.page({ locale }), link);
    const total = Object.values(pages).reduce((sum, bytes) => sum + bytes, 0);
    t.diagnostic(`${locale}: ${total} bytes, ${JSON.stringify(pages)}, and ${board} of the board`);
    assert.ok(pages.wasm > 50_000 && pages.js > 20_000, 'not everything was counted');
    assert.ok(total < 200_000, `${locale}: ${total} bytes`);
  }
});

test('a phone four times slower is ready soon, and seals soon', async (t) => {
  const page = await browser.page();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const begun = Date.now();
  await page.goto(election.link());
  await page.locator('form button[type=submit]').waitFor();
  t.diagnostic(`ready after ${Date.now() - begun} ms at a quarter of the speed`);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await page.locator('form button[type=submit]').click();
  await voter.answer(page);
  const sealing = Date.now();
  await voter.lock(page);
  t.diagnostic(`sealed after ${Date.now() - sealing} ms, the question to the server included`);
});

test('the home page leads to the election', async () => {
  const page = await browser.page();
  await page.goto(new URL('/', election.board).href);
  await page.locator('article').first().waitFor();
  assert.equal(await page.locator('article').count(), 2);
  await expectAccessible(page, 'home');
  await page.locator('article', { hasText: 'yearly vote' }).getByRole('link', { name: 'Vote', exact: true }).click();
  await page.locator('#code-0').waitFor();
});

test('an address without an election says so', async () => {
  const page = await browser.page();
  await page.goto(election.board.replace(/.{4}$/, '0000') + '/vote');
  await page.getByRole('heading', { name: 'There is no such election here' }).waitFor();
});

test('after the close: the result with its chart, verified here, and no more votes', async (t) => {
  const late = await browser.page();
  const link = election.link();
  await voter.start(late, link);
  await voter.answer(late);
  await voter.lock(late);
  assert.deepEqual(await election.close(), { verified: true });
  await voter.cast(late);
  await late.getByRole('heading', { name: 'Voting has closed' }).waitFor();
  await expectAccessible(late, 'closed');

  for (const [viewport, name] of [
    [DESKTOP, 'desktop'],
    [{ width: 360, height: 740 }, 'phone'],
  ]) {
    const page = await browser.page({ viewport });
    await page.goto(`${election.board}/board`);
    await page.locator('.bars').first().waitFor();
    assert.equal(await page.locator('.bars').count(), 4);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('heading', { name: /^All \d+ checks passed/ }).waitFor();
    t.diagnostic(await page.locator('#verify .banner p').innerText());
    await page.getByText('Verified here: these numbers follow').waitFor();
    await expectAccessible(page, `result, ${name}`);
    await shoot(page, `${name}-result`);
    if (name === 'phone') continue;
    const csv = await download(page, () => page.getByRole('button', { name: 'Numbers (CSV)' }).click());
    assert.match(csv, /^contest,group,row,column,label,total,figure,value\r\n/);
    await page.emulateMedia({ media: 'print' });
    await shoot(page, 'print-result');
  }
  const again = await browser.page();
  await again.goto(election.link());
  await again.getByRole('heading', { name: 'Voting has closed' }).waitFor();
});

test('no page complained on the console', () => {
  assert.deepEqual(browser.complaints, []);
});
