// What a camera sees, drawn: QR codes as a video for Chromium's fake camera, and as a picture.

import { writeFileSync } from 'node:fs';

import { generate } from 'lean-qr';

const [WIDTH, HEIGHT] = [640, 480];

/** The brightness of every point of a picture with a QR code in its middle, or with nothing. */
function draw(text) {
  const points = new Uint8Array(WIDTH * HEIGHT).fill(255);
  if (text === '') return points;
  const code = generate(text);
  const scale = Math.floor((HEIGHT - 40) / code.size);
  const [left, top] = [WIDTH, HEIGHT].map((all) => Math.floor((all - scale * code.size) / 2));
  for (let y = 0; y < scale * code.size; y += 1) {
    for (let x = 0; x < scale * code.size; x += 1) {
      if (code.get(Math.floor(x / scale), Math.floor(y / scale))) points[(top + y) * WIDTH + left + x] = 0;
    }
  }
  return points;
}

const PER_SECOND = 5;

/** A video (YUV4MPEG2) that shows each of these texts for some seconds, over and over. */
export function film(path, scenes) {
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frames = scenes.flatMap(([text, seconds]) => {
    const frame = Buffer.concat([Buffer.from('FRAME\n'), draw(text), chroma]);
    return Array.from({ length: seconds * PER_SECOND }, () => frame);
  });
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${PER_SECOND}:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(path, Buffer.concat([header, ...frames]));
}

/** A picture file (BMP). */
export function photograph(text) {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + 3 * WIDTH * HEIGHT, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(WIDTH, 18);
  // Rows from the top down.
  header.writeInt32LE(-HEIGHT, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, Buffer.from(Array.from(draw(text), (point) => [point, point, point]).flat())]);
}
