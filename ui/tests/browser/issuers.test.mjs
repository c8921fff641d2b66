// A vote that takes a code from each of two issuers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openWithTwoIssuers } from './issuers.mjs';
import { expectAccessible, openBrowser, shoot, shownCode, voter } from './world.mjs';

let election;
let browser;

before(async () => {
  election = await openWithTwoIssuers(3);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await election?.end();
});

async function vote(page) {
  await page.locator('fieldset').waitFor();
  await page.check('#option-1');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('dl.summary').waitFor();
  const code = await voter.lock(page);
  await voter.cast(page);
  await voter.received(page);
  assert.equal(await shownCode(page), code);
  return code;
}

const start = (page) => page.getByRole('button', { name: 'Start voting' }).click();
const said = (page, text) => page.locator('.error-summary', { hasText: text }).waitFor();

test('codes that do not belong together are refused, the right two make a vote, and neither is sent', async () => {
  const page = await browser.page();
  const [first, second] = election.codes[0];
  await page.goto(`${election.board}/vote#e=${election.election}`);
  await page.getByLabel(/Town hall/).waitFor();
  await expectAccessible(page, 'two codes');
  const type = async (...codes) => {
    for (const [at, code] of codes.entries()) await page.fill(`#code-${at}`, code);
    await start(page);
  };
  // A wrong one is named, and its field is the one that is led to.
  const last = second.slice(-1);
  await type(first, second.slice(0, -1) + (last === '7' ? '8' : '7'));
  await said(page, 'One of the letters is not right.');
  await page.locator('.error-summary a').click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'code-1');
  await expectAccessible(page, 'the second code is wrong');
  await type(first, '');
  await said(page, 'Enter your voting code.');
  // The same twice, the two in each other's fields, and another voter's second code.
  for (const codes of [[first, first], [second, second], [second, first], [first, election.codes[1][1]]]) {
    await type(...codes);
    await said(page, 'These codes do not make a vote together.');
    await page.fill('#code-0', '');
  }
  await shoot(page, 'phone-two-codes');
  await type(first, second);
  const code = await vote(page);

  for (const { url, headers, body } of page.requests) {
    const all = `${url} ${headers} ${body.toString('latin1')}`;
    for (const secret of [first, second]) {
      for (const form of [secret, secret.replaceAll('-', '')]) assert.ok(!all.includes(form), `${form} in ${url}`);
    }
  }
  const check = await browser.page();
  await check.goto(`${election.board}/check#c=${code.replaceAll('-', '')}`);
  await check.getByRole('heading', { name: 'On the board, and counted as it stands' }).waitFor();
});

test('both codes come with a link, or the first alone and the second is typed', async () => {
  const link = (...codes) => `${election.board}/vote#e=${election.election}${codes.map((code) => `&c=${code}`).join('')}`;
  const whole = await browser.page();
  await whole.goto(link(...election.codes[1]));
  await whole.getByText('Your voting code came with your link').waitFor();
  await start(whole);
  await vote(whole);

  const [first, second] = election.codes[2];
  const half = await browser.page();
  await half.goto(link(first));
  await half.locator('#code-1').waitFor();
  assert.equal(await half.inputValue('#code-0'), first);
  await half.fill('#code-1', second);
  await start(half);
  await vote(half);
  assert.ok(!half.url().includes(first));
});

test('no page complained on the console', () => {
  assert.deepEqual(browser.complaints, []);
});
