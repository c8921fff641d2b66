// After the build: the booth's page asks for its wasm from the start; then the list of hashes
// (SHA-256, as `sha256sum -c` reads it), its own hash, which the opening of an election carries as
// the booth digest, and compressed copies for the server.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .filter((path) => !/\.(br|gz)$|^HASHES\.txt$/.test(path))
  .sort((a, b) => (a < b ? -1 : 1));

const wasm = files.find((path) => /\/booth_bg-.*\.wasm$/.test(path));
const vote = join(dist, 'vote.html');
const head = readFileSync(vote, 'utf8');
const preload = `<link rel="preload" as="fetch" type="application/wasm" crossorigin href="/${wasm}">`;
if (wasm === undefined || !head.includes('</head>')) throw new Error('vote.html or its wasm is missing');
writeFileSync(vote, head.replace('</head>', `  ${preload}\n  </head>`));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const lines = files.map((path) => `${sha256(readFileSync(join(dist, path)))}  ${path}\n`);
rmSync(join(dist, 'HASHES.txt'), { force: true });
writeFileSync(join(dist, 'HASHES.txt'), lines.join(''));

// What a browser fetches before a voter can begin: what the page names, the English words, the
// worker and its wasm.
const page = readFileSync(join(dist, 'vote.html'), 'utf8');
// The words of every page; what other rooms say is in files of the same name.
const english = files.find(
  (path) => /\/en-.*\.js$/.test(path) && readFileSync(join(dist, path), 'utf8').includes('Skip to the main part'),
);
const isBooth = (path) =>
  path === 'vote.html' || page.includes(`/${path}"`) || /\/booth[._]/.test(path) || path === english;
let booth = 0;
for (const path of files) {
  const content = readFileSync(join(dist, path));
  const brotli = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      // Smaller blocks suit the wasm that every voter loads.
      [constants.BROTLI_PARAM_LGBLOCK]: 16,
    },
  });
  writeFileSync(join(dist, `${path}.br`), brotli);
  writeFileSync(join(dist, `${path}.gz`), gzipSync(content, { level: 9 }));
  if (isBooth(path)) booth += brotli.length;
}
console.log(`ui/dist: ${files.length} files; booth digest ${sha256(lines.join(''))}`);
console.log(`the booth's first load is ${(booth / 1000).toFixed(0)} kB, compressed`);
