// Scanning codes on the check page, with Chromium's fake camera.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { film, photograph } from './camera.mjs';
import { download, expectAccessible, openBrowser, openElection, shoot, shownCode, voter } from './world.mjs';

const CAMERA = '--use-fake-device-for-media-stream';
const ALLOWED = '--use-fake-ui-for-media-stream';

let election;
/** The address in the receipt's QR code, and the link that opens a challenged ballot. */
let receipt;
let opened;
let openedCode;

before(async () => {
  election = await openElection();
  const browser = await openBrowser();
  const page = await browser.page();
  await voter.vote(page, election.link());
  receipt = await page.getByRole('link', { name: 'Check it now' }).evaluate((link) => link.href);
  const other = await browser.page();
  await voter.start(other, election.link());
  await voter.answer(other);
  openedCode = await voter.lock(other);
  await other.getByRole('button', { name: 'Challenge this ballot' }).click();
  await other.getByRole('button', { name: 'Open and void this ballot' }).click();
  await other.getByText('This ballot is on the board as challenged').waitFor();
  opened = (await download(other, () => other.getByRole('button', { name: 'Save it as a file' }).click())).trim();
  await browser.close();
});

after(async () => {
  await election?.end();
});

/** A check page before a camera that sees this, or before none; `use` may do with it what it likes. */
async function beforeCamera(scenes, flags, use) {
  const path = join(election.folder, 'camera.y4m');
  film(path, scenes);
  const file = flags.includes(CAMERA) ? [`--use-file-for-fake-video-capture=${path}`] : [];
  const browser = await openBrowser([...flags, ...file]);
  try {
    const page = await browser.page();
    // Keeps what the page gets, to see that it lets go of it.
    await page.addInitScript(() => {
      globalThis.streams = [];
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        globalThis.streams.push({ stream, wanted });
        return stream;
      };
    });
    await page.goto(`${election.board}/check`);
    await page.locator('#code').waitFor();
    await use(page);
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
  }
}

const start = (page) => page.getByRole('button', { name: 'Scan with the camera' });
const stop = (page) => page.getByRole('button', { name: 'Stop the camera' });
const live = (page) =>
  page.evaluate(() => globalThis.streams.flatMap(({ stream }) => stream.getTracks()).filter((t) => t.readyState === 'live').length);
const decoders = (page) => page.requests.filter(({ url }) => /\/decode-/.test(url)).length;

test('a foreign code is refused, the next one is a receipt and is checked, and no picture leaves the page', async () => {
  const foreign = 'https://phish.example/vote#c=ABCD';
  await beforeCamera([[foreign, 3], [receipt, 5]], [CAMERA, ALLOWED], async (page) => {
    await expectAccessible(page, 'before scanning');
    // Neither camera nor decoder before somebody wants them.
    assert.equal(decoders(page), 0);
    assert.equal(await page.evaluate(() => globalThis.streams.length), 0);
    const begun = page.requests.length;
    await start(page).focus();
    await page.keyboard.press('Enter');
    await page.locator('video').waitFor();
    await page.locator('[role=status]', { hasText: 'Nothing was opened.' }).waitFor();
    assert.ok(await stop(page).evaluate((button) => button === document.activeElement));
    await expectAccessible(page, 'scanning');
    await shoot(page, 'phone-scanning');
    await page.getByRole('heading', { name: 'On the board, and counted as it stands' }).waitFor();
    assert.equal(await page.locator('video').count(), 0);
    assert.equal(await live(page), 0);
    assert.equal(decoders(page), 1);
    const origin = new URL(election.board).origin;
    for (const { method, url, body } of page.requests.slice(begun)) {
      assert.equal(`${method} ${new URL(url).origin} ${body.length}`, `GET ${origin} 0`);
    }
    const [{ wanted }] = await page.evaluate(() => globalThis.streams.map(({ wanted }) => ({ wanted })));
    assert.equal(wanted.audio, false);
  });
});

test('a challenged ballot is scanned from the other device’s screen', async () => {
  await beforeCamera([[opened, 5]], [CAMERA, ALLOWED], async (page) => {
    await start(page).click();
    await page.getByText('Locked again here').waitFor();
    assert.equal(await shownCode(page), openedCode);
    assert.ok(page.requests.every(({ method, url }) => method === 'GET' && !url.includes('#')));
    assert.ok(!page.url().includes('o='));
    assert.equal(await live(page), 0);
  });
});

test('the camera is let go when the button is pressed again, at Escape, and when the page is left', async () => {
  await beforeCamera([['', 2]], [CAMERA, ALLOWED], async (page) => {
    for (const leave of [
      () => stop(page).click(),
      () => page.keyboard.press('Escape'),
      () => page.evaluate(() => dispatchEvent(new Event('pagehide'))),
    ]) {
      await start(page).click();
      await page.locator('video').waitFor();
      assert.equal(await live(page), 1);
      await leave();
      await start(page).waitFor();
      assert.equal(await live(page), 0);
    }
  });
});

test('a camera that is refused or missing is said in words, and a picture does as well', async () => {
  await beforeCamera([['', 1]], [CAMERA], async (page) => {
    await start(page).click();
    await page.locator('[role=status]', { hasText: 'may not use the camera' }).waitFor();
    await expectAccessible(page, 'camera refused');
    await shoot(page, 'phone-camera-refused');
  });
  await beforeCamera([], [ALLOWED], async (page) => {
    await start(page).click();
    await page.locator('[role=status]', { hasText: 'There is no camera' }).waitFor();
    const picture = (text) =>
      page.setInputFiles('#picture', { name: 'p.bmp', mimeType: 'image/bmp', buffer: photograph(text) });
    await picture('');
    await page.locator('[role=status]', { hasText: 'No QR code was found' }).waitFor();
    await picture(receipt.replace(/\/e\/[0-9a-f]{4}/, '/e/ffff'));
    await page.locator('[role=status]', { hasText: 'another election' }).waitFor();
    await page.setInputFiles('#picture', { name: 'p.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.locator('[role=status]', { hasText: 'This file is no picture' }).waitFor();
    // A link to vote with is none of what is scanned here: its code is the voter's secret.
    await picture(election.link());
    await page.locator('[role=status]', { hasText: 'Nothing was opened.' }).waitFor();
    assert.equal(await page.inputValue('#code'), '');
    await picture(receipt);
    await page.getByRole('heading', { name: 'On the board, and counted as it stands' }).waitFor();
  });
});
