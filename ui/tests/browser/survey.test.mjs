// A survey from the codes that respondents make themselves to its verified figures, on a phone and
// at a desk.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { createSurvey, openBooth } from './survey.mjs';
import { DESKTOP, download, expectAccessible, openBrowser, PHONE, shoot, shownCode } from './world.mjs';

let survey;
let browser;
let election;
/** Codes that pages made, and codes that were made without one: by style. */
const made = { care: [], doctors: [] };
const others = { care: [], doctors: [] };

before(async () => {
  survey = await createSurvey({ participation: 'registered' });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await survey?.end();
});

const go = (page) => page.getByRole('button', { name: 'Continue' }).click();
const question = (page, number) => page.getByText(`Question ${number} of 9`).waitFor();
const plain = (code) => code.replaceAll('-', '');

test('before the opening a respondent makes a code, and nothing of it leaves the page but the line', async () => {
  for (const [style, viewport, name] of [
    ['care', PHONE, 'phone'],
    ['doctors', DESKTOP, 'desktop'],
  ]) {
    const page = await browser.page({ viewport });
    await page.goto(`${survey.board}/vote`);
    await page.getByRole('heading', { name: 'Make your voting code' }).waitFor();
    await expectAccessible(page, `register, ${name}`);
    await page.getByRole('button', { name: 'Make my code' }).click();
    await page.locator('[data-voting-code]').waitFor();
    const code = await page.locator('[data-voting-code]').getAttribute('data-voting-code');
    const line = await page.locator('[data-line]').getAttribute('data-line');
    assert.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5}$/);
    assert.match(line, new RegExp(`^psephos-key-1:${survey.uuid}:[0-9a-f]{64}:[0-9a-f]{128}$`));
    await expectAccessible(page, `code made, ${name}`);
    await shoot(page, `survey-register-${name}`);
    const file = await download(page, () => page.getByRole('button', { name: 'Save the code' }).click());
    assert.ok(file.includes(code) && file.includes(`${survey.board}/vote`), file);
    assert.equal(await page.getByText('Your code is only on this page').count(), 0);
    assert.equal(await download(page, () => page.getByRole('button', { name: 'Save the line' }).click()), `${line}\n`);
    for (const { method, url, headers, body } of page.requests) {
      const all = `${url} ${headers} ${body.toString('latin1')}`;
      assert.equal(method, 'GET');
      assert.ok(!all.includes(code) && !all.includes(plain(code)), `the code in ${url}`);
    }
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
    assert.ok(!kept.includes(code) && !page.url().includes(code) && !kept.includes(plain(code)));
    made[style].push({ code, line });
  }
});

test('the page says before anything is asked what is opened, and who can know who took part', async () => {
  for (const style of ['care', 'doctors']) {
    for (let one = 0; one < 7; one += 1) others[style].push(survey.register());
  }
  const lines = (style) => [...made[style], ...others[style]].map(({ line }) => line);
  election = await survey.openWith({ care: lines('care'), doctors: lines('doctors') });
  const page = await browser.page();
  await page.goto(`${survey.board}/vote#e=${election}`);
  await page.locator('#code-0').waitFor();
  const said = await page.locator('main').innerText();
  for (const expected of [
    'every trustee sees every count of these questions, the small ones too',
    'A count below 4 is not published',
    'fewer than 5 ballots',
    'the sum of the squares of all answers',
    'Nursing staff, Doctors',
    'the secret words of one are ever found',
    'You made your voting code on your own device; if the page that made it was the true one, nobody else ever had it.',
  ]) {
    assert.ok(said.includes(expected), expected);
  }
  assert.equal(await page.locator('[data-participation=registered]').count(), 1);
  // What nobody answers is not counted as a question.
  assert.equal(await page.getByText('Not asked: this is worked out').count(), 2);
  await expectAccessible(page, 'welcome of a survey');
  await shoot(page, 'survey-welcome-phone');
});

/** Answers every question with the mouse, and stops before the check of the answers. */
async function answer(page, { nights, look = async () => undefined }) {
  await question(page, 1);
  await page.check('#option-0');
  await go(page);
  await question(page, 2);
  await page.check('#option-1');
  await go(page);
  await question(page, 3);
  for (const [at, points] of [2, 3, 5].entries()) await page.fill(`#option-${at}`, String(points));
  await go(page);
  await question(page, 4);
  await look('matrix');
  for (const [row, column] of [3, 0, 4].entries()) await page.check(`#row-${row}-${column}`);
  await page.getByText('3 of 3 lines answered').waitFor();
  await go(page);
  await question(page, 5);
  await look('number');
  await page.fill('#number', '12,5');
  await page.getByText('Read as 12.5').waitFor();
  await go(page);
  await question(page, 6);
  await page.fill('#number', '12');
  await go(page);
  await question(page, 7);
  await look('signed');
  await page.fill('#number', '−7');
  await go(page);
  await question(page, 8);
  await look('scale');
  await page.check('#option-2');
  await go(page);
  await question(page, 9);
  await page.fill('#number', String(nights));
  await go(page);
  await page.locator('dl.summary').waitFor();
}

async function begin(page, code) {
  await page.goto(`${survey.board}/vote#e=${election}`);
  await page.fill('#code-0', code);
  await page.getByRole('button', { name: 'Start voting' }).click();
  await question(page, 1);
}

test('on a phone every kind of question is answered, challenged, checked on another device, and cast', async () => {
  const page = await browser.page();
  await begin(page, made.care[0].code);
  await answer(page, {
    nights: 4,
    look: async (kind) => {
      await expectAccessible(page, kind);
      await shoot(page, `survey-${kind}-phone`);
      if (kind === 'number') {
        // What is wrong is said, and the field has the words, too.
        for (const [typed, words] of [
          ['', 'Enter a number, or choose “I would rather not say”.'],
          ['a lot', 'This is not a number that this page can read.'],
          ['1.55', 'more digits after the point'],
          ['100.1', 'Enter a number from 0.0 to 100.0.'],
        ]) {
          await page.fill('#number', typed);
          await go(page);
          await page.locator('.error-summary', { hasText: words }).waitFor();
          assert.match(await page.title(), /^Error: /);
          await page.locator('.error-summary a').click();
          assert.equal(await page.evaluate(() => document.activeElement?.id), 'number');
        }
        await expectAccessible(page, 'number with an error');
        await shoot(page, 'survey-number-error-phone');
        // The slider follows the text, the text the slider, and not saying clears both.
        await page.fill('#number', '40');
        assert.equal(await page.inputValue('#slider'), '400');
        assert.equal(await page.getAttribute('#slider', 'aria-valuetext'), '40.0\u00a0hours');
        await page.locator('#slider').focus();
        await page.keyboard.press('ArrowRight');
        assert.equal(await page.inputValue('#number'), '40.5');
        await page.check('#blank');
        assert.equal(await page.inputValue('#number'), '');
        assert.equal(await page.getAttribute('#slider', 'aria-valuetext'), 'not set');
      } else if (kind === 'matrix') {
        await page.check('#row-1-0');
        await go(page);
        await page.locator('.error-summary', { hasText: 'the noise at work?' }).waitFor();
        await page.locator('.error-summary a').click();
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'row-0-0');
        await expectAccessible(page, 'matrix with an error');
      }
    },
  });
  const answers = await page.locator('dl.summary').innerText();
  assert.match(answers, /12\.5\shours/);
  assert.match(answers, /-7/);
  assert.match(answers, /how the team works together\?\s+left blank/);
  await expectAccessible(page, 'answers of a survey');
  await shoot(page, 'survey-answers-phone');
  // One answer is changed, and nothing else is lost.
  await page.getByRole('button', { name: 'Change: For how many years' }).click();
  await page.fill('#number', '13');
  await go(page);
  await page.locator('dl.summary', { hasText: /13\syears/ }).waitFor();
  await page.getByRole('button', { name: 'Lock my ballot' }).click();
  await page.locator('.fork').waitFor();
  const code = await shownCode(page);
  await page.getByRole('button', { name: 'Challenge this ballot' }).click();
  await page.getByRole('button', { name: 'Open and void this ballot' }).click();
  await page.getByText('This ballot is on the board as challenged').waitFor();
  assert.match(await page.locator('dl.summary').innerText(), /12\.5\shours[^]*13\syears[^]*-7/);
  const link = (await download(page, () => page.getByRole('button', { name: 'Save it as a file' }).click())).trim();
  const other = await browser.page({ viewport: DESKTOP });
  await other.goto(link);
  await other.getByText('Locked again here').waitFor();
  assert.equal(await shownCode(other), code);
  assert.match(await other.locator('dl.summary').innerText(), /12\.5\shours[^]*13\syears[^]*-7/);
  await expectAccessible(other, 'challenged survey on another device');
  await shoot(other, 'survey-challenged-desktop');
  await page.getByRole('button', { name: 'Go on to vote' }).click();
  await page.getByRole('button', { name: 'Lock my ballot' }).click();
  await page.locator('.fork').waitFor();
  await page.getByRole('button', { name: 'Cast this ballot' }).click();
  await page.getByRole('heading', { name: 'Your ballot is on the board' }).waitFor();
  const secret = made.care[0].code;
  for (const { url, headers, body } of page.requests) {
    const all = `${url} ${headers} ${body.toString('latin1')}`;
    assert.ok(!all.includes(secret) && !all.includes(plain(secret)), `the code in ${url}`);
  }
});

test('at a desk the matrix is a table and all is done by keyboard, in German', async () => {
  const page = await browser.page({ viewport: DESKTOP, locale: 'de-DE' });
  await page.goto(`${survey.board}/vote#e=${election}`);
  await page.fill('#code-0', made.doctors[0].code);
  await page.keyboard.press('Enter');
  const at = (number) => page.getByText(`Frage ${number} von 9`).waitFor();
  /** Goes on with Tab until a thing has the focus. */
  const tabTo = async (selector) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    assert.fail(`Tab never reaches ${selector}`);
  };
  const next = async () => {
    await tabTo('button[type=submit]');
    await page.keyboard.press('Enter');
  };
  await at(1);
  await tabTo('#option-0');
  await page.keyboard.press('Space');
  await next();
  await at(2);
  await next();
  await at(3);
  for (const [option, points] of [10, 0, 0].entries()) {
    await tabTo(`#option-${option}`);
    await page.keyboard.type(String(points));
  }
  await next();
  await at(4);
  await expectAccessible(page, 'matrix, desktop');
  await shoot(page, 'survey-matrix-desktop');
  // Heads stand over their columns, and arrows stay in their line.
  const [head, cell] = await page.evaluate(() => [
    document.querySelectorAll('.matrix__heads span')[1].getBoundingClientRect().x,
    document.querySelector('.matrix__row .option').getBoundingClientRect().x,
  ]);
  assert.ok(Math.abs(head - cell) < 2, `${head} and ${cell}`);
  for (const row of [0, 1, 2]) {
    await tabTo(`[name=row-${row}]`);
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.isChecked(`#row-${row}-1`));
  }
  assert.equal(await page.getByRole('radiogroup').count(), 3);
  await next();
  await at(5);
  await tabTo('#number');
  // A comma is what German writes before parts.
  await page.keyboard.type('7,5');
  await page.keyboard.press('Enter');
  await at(6);
  await tabTo('#number');
  await page.keyboard.type('20');
  await page.keyboard.press('Enter');
  await at(7);
  await tabTo('#number');
  await page.keyboard.type('3');
  await page.keyboard.press('Enter');
  await at(8);
  await expectAccessible(page, 'scale, desktop');
  await shoot(page, 'survey-scale-desktop');
  await tabTo('#blank, #option-0');
  await page.keyboard.press('Space');
  await next();
  await at(9);
  await expectAccessible(page, 'number, desktop');
  await shoot(page, 'survey-number-desktop');
  await tabTo('#number');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await page.locator('dl.summary').waitFor();
  assert.match(await page.locator('dl.summary').innerText(), /7,5/);
  await tabTo('main .buttons button');
  await page.keyboard.press('Enter');
  await page.locator('.fork').waitFor();
  await tabTo('.fork .button');
  await page.keyboard.press('Enter');
  await page.locator('.banner--good').waitFor();
});

test('the pages of a survey with numbers load range proofs', async (t) => {
  const page = await browser.page();
  const wasm = page.waitForResponse((response) => /\/numbers_bg-.*\.wasm$/.test(response.url()));
  await page.goto(`${survey.board}/vote#e=${election}`);
  await page.locator('#code-0').waitFor();
  // The smaller file may be half loaded when it is given up, so nothing waits for silence here.
  const { length } = await (await wasm).body();
  t.diagnostic(`the wasm file with range proofs has ${length} bytes before compression`);
  assert.ok(length > 100_000);
});

/** What respondents without a page answer; the last blank their overtime. */
const ANSWERS = Array.from({ length: 7 }, (_, at) => {
  const one = (of, chosen) => ({ values: Array.from({ length: of }, (_, option) => Number(option === chosen)) });
  return [
    one(3, at < 6 ? at % 2 : 2),
    { values: [1, Number(at % 2 === 0), 0, 1] },
    { values: [4, 4, 2] },
    { values: [at % 4, 1, at < 5 ? 2 : 4] },
    at === 6 ? { values: [0], blank: true } : { values: [[0, 0, 25, 130, 150, 420][at]] },
    { values: [at * 4] },
    { values: [10 + at] },
    one(4, at % 4),
    { values: [at] },
  ];
});

test('after the close the figures of the survey are shown, verified, and saved', async (t) => {
  const cast = await openBooth(survey.board, election);
  for (const style of ['care', 'doctors']) {
    for (const [at, { code }] of others[style].entries()) await cast(code, ANSWERS[at]);
  }
  await survey.organiser('close', '--early');
  const poll = ['--poll', '0.05', '--timeout', '120'];
  await survey.trustee('certify-close', '--early', '--yes', ...poll);
  await survey.trustee('decrypt', '--yes', ...poll);
  await survey.organiser('publish', '--record', survey.at('record.tar'));
  const { stdout: csv } = await survey.verifier('figures', survey.at('record.tar'), '--csv');
  const { stdout: json } = await survey.verifier('figures', survey.at('record.tar'), '--json');
  for (const [viewport, name] of [
    [DESKTOP, 'desktop'],
    [PHONE, 'phone'],
  ]) {
    const page = await browser.page({ viewport });
    await page.goto(`${survey.board}/board`);
    await page.locator('[data-contest=overtime]').waitFor();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('heading', { name: /^All \d+ checks passed/ }).waitFor();
    t.diagnostic(await page.locator('#verify .banner p').innerText());
    // Nights: 0 to 6 of seven in each group, 4 and 2 of the two pages.
    const nights = page.locator('[data-contest=nights-care]');
    assert.match(await nights.locator('[data-figure=mean]').first().innerText(), /^3\.00/);
    assert.match(await nights.locator('[data-group=care]').innerText(), /3\.13/);
    assert.match(await nights.locator('[data-group=doctors]').innerText(), /2\.88/);
    assert.match(await nights.locator('[data-group=whole]').innerText(), /3\.00/);
    // One of sixteen is alone in the theatre, so that count is hidden, and another with it.
    const place = page.locator('[data-contest=place]');
    assert.ok((await place.locator('.is-hidden').count()) >= 2);
    assert.match(await place.innerText(), /A count is hidden when it is below 4/);
    assert.equal(await page.locator('[data-contest=years-balance] [data-figure=correlation]').count(), 1);
    assert.ok((await page.locator('[data-contest=place-overtime] .hx').count()) > 0);
    assert.equal(await page.locator('[data-contest=conditions] tbody tr').count(), 3);
    await expectAccessible(page, `figures, ${name}`);
    for (const summary of await page.locator('#results summary').all()) await summary.click();
    await expectAccessible(page, `figures opened, ${name}`);
    await shoot(page, `survey-results-${name}`);
    if (name === 'phone') continue;
    assert.equal(await download(page, () => page.getByRole('button', { name: 'Numbers (CSV)' }).click()), csv);
    const saved = await download(page, () => page.getByRole('button', { name: 'Figures (JSON)' }).click());
    assert.deepEqual(JSON.parse(saved), JSON.parse(json));
    await page.emulateMedia({ media: 'print' });
    await shoot(page, 'survey-results-print');
  }
});

test('a survey whose codes were issued says who knows whose they are, and without numbers loads no range proofs', async () => {
  const { contests, ...example } = JSON.parse(readFileSync(new URL('../../../docs/examples/survey.json', import.meta.url)));
  const kept = contests.filter(({ kind, group }) => kind === 'matrix' || (kind === 'choices' && group === undefined));
  const ids = kept.map(({ id }) => id);
  const small = await createSurvey({
    ...example,
    contests: kept,
    styles: [{ id: 'all', contests: ids }],
    groups: undefined,
    participation: 'issued',
  });
  try {
    const { at, organiser } = small;
    writeFileSync(at('voters.csv'), 'id\nv0\nv1\n', { mode: 0o600 });
    await organiser('roll', 'import', at('voters.csv'));
    await organiser('credentials', 'issue', '--csv', at('codes.csv'));
    const id = await small.open();
    const page = await browser.page();
    await page.goto(`${small.board}/vote#e=${id}`);
    await page.locator('#code-0').waitFor();
    await page.locator('[data-participation=issued]', { hasText: 'made your voting code and knows whose it is' }).waitFor();
    assert.ok(!page.requests.some(({ url }) => url.includes('numbers_bg')), 'range proofs for an election without numbers');
    const code = /([0-9A-Z]{5}-){5}[0-9A-Z]{5}/.exec(readFileSync(at('codes.csv'), 'utf8'))[0];
    await page.fill('#code-0', code);
    await page.getByRole('button', { name: 'Start voting' }).click();
    await page.getByText(`Question 1 of ${kept.length}`).waitFor();
  } finally {
    await small.end();
  }
});

test('no page of the survey complained on the console', () => {
  assert.deepEqual(browser.complaints, []);
});
