// A server that holds the board's own key and signs whatever it likes: it stands between a page and
// the real server, and shows a board of other entries.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 256;
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha256(Buffer.from([0]), entry);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);

/** The tree of RFC 6962, section 2.1, as it is defined. */
function half(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
function root(leaves) {
  if (leaves.length === 1) return leaves[0];
  const k = half(leaves.length);
  return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)));
}
function inclusion(index, leaves) {
  if (leaves.length === 1) return [];
  const k = half(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k ? [...inclusion(index, left), root(right)] : [...inclusion(index - k, right), root(left)];
}

/** The hexadecimal digits of a confirmation code as people read it. */
export function hexOf(code) {
  const bits = [...code.replaceAll('-', '')]
    .map((symbol) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(symbol).toString(2).padStart(5, '0'))
    .join('');
  return Array.from({ length: 64 }, (_, at) => Number.parseInt(bits.slice(4 * at, 4 * at + 4), 2).toString(16)).join('');
}

/** The entries of the real board. */
export async function entriesOf({ board }) {
  const size = Number((await (await fetch(`${board}/checkpoint`)).text()).split('\n')[1]);
  const entries = [];
  for (let index = 0; index * WIDTH < size; index += 1) {
    const width = Math.min(WIDTH, size - index * WIDTH);
    const path = `tile/entries/${String(index).padStart(3, '0')}${width < WIDTH ? `.p/${width}` : ''}`;
    const bundle = Buffer.from(await (await fetch(`${board}/${path}`)).arrayBuffer());
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) {
      entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
    }
  }
  return entries;
}

/** Entries that no reader understands. */
export const padding = (n) => Array.from({ length: n }, (_, at) => Buffer.from(`padding ${at}`));

export class Liar {
  /** What it says of every voter; without it, what the real server says. */
  voter;
  /** What it answers when it is asked for the receipt of a code (hexadecimal), instead of the receipt. */
  receipts = new Map();
  /** The manifest that it shows, if it is another one. */
  manifest;
  /** What it answers when it is asked for a receipt that witnesses signed. */
  witnessed;
  /** Codes (hexadecimal) that it denies to have. */
  denied = new Set();
  /** Changes what is sent under a path. */
  change = (_path, content) => content;
  /** The code (hexadecimal) of the ballot that is posted to it. */
  code;

  constructor(election, entries) {
    this.board = election.board;
    this.entries = entries;
    const folder = readdirSync(election.folder).find((name) => name.startsWith('psephos-demo-'));
    const key = join(election.folder, folder, 'ballot-box/data/board.key');
    const seed = Buffer.from(readFileSync(key, 'utf8').trim(), 'hex');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    this.key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.public = createPublicKey(this.key).export({ format: 'der', type: 'spki' }).subarray(-32);
    this.origin = this.board.replace(/^https?:\/\//, '');
  }

  /** Takes another key, and writes it into the manifest that it shows. */
  changeKey() {
    const old = this.public.toString('hex');
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.key = privateKey;
    this.public = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const [first, ...rest] = this.entries;
    const text = first.subarray(34, -64).toString().replace(old, this.public.toString('hex'));
    this.manifest = Buffer.from(text);
    this.entries = [Buffer.concat([first.subarray(0, 34), this.manifest, first.subarray(-64)]), ...rest];
  }

  get leaves() {
    return this.entries.map(leafHash);
  }

  note() {
    const text = `${this.origin}\n${this.entries.length}\n${root(this.leaves).toString('base64')}\n`;
    const id = sha256(Buffer.from(`${this.origin}\n\x01`), this.public).subarray(0, 4);
    const line = Buffer.concat([id, sign(null, Buffer.from(text), this.key)]).toString('base64');
    return `${text}\n\u2014 ${this.origin} ${line}\n`;
  }

  tile(kind, index, width) {
    const range = [index * WIDTH, index * WIDTH + width];
    if (kind === 'entries') {
      const parts = this.entries.slice(...range).flatMap((entry) => {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(entry.length);
        return [length, entry];
      });
      return Buffer.concat(parts);
    }
    let hashes = this.leaves;
    for (let level = 0; level < Number(kind); level += 1) {
      const above = [];
      for (let at = 0; at + WIDTH <= hashes.length; at += WIDTH) above.push(root(hashes.slice(at, at + WIDTH)));
      hashes = above;
    }
    return Buffer.concat(hashes.slice(...range));
  }

  receipt(index, election, code) {
    const proof = inclusion(index, this.leaves).map((hash) => hash.toString('base64'));
    return { psephos: 3, kind: 'receipt', election, code, index, proof, checkpoint: this.note() };
  }

  async #receiptOf(code, route) {
    if (this.denied.has(code)) return undefined;
    const real = await route.fetch();
    if (!real.ok()) return undefined;
    const { election, index } = await real.json();
    const entry = (await entriesOf(this))[index];
    const at = this.entries.findIndex((other) => other.equals(entry));
    return at < 0 ? undefined : this.receipt(at, election, code);
  }

  /** Stands between this page and the server from now on. */
  async stand(page, election) {
    await page.route(`${this.board}/**`, async (route) => {
      const path = new URL(route.request().url()).pathname.split('/').slice(3).join('/');
      const [first, ...rest] = path.split('/');
      if (first === 'checkpoint') {
        return route.fulfill({ contentType: 'text/plain', body: this.change(path, this.note()) });
      }
      if (first === 'manifest' && this.manifest !== undefined) return route.fulfill({ body: this.manifest });
      if (first === 'tile') {
        const [, number, width] = /^(\d+)(?:\.p\/(\d+))?$/.exec(rest.slice(1).join('/')) ?? [];
        const body = this.tile(rest[0], Number(number), Number(width ?? WIDTH));
        return route.fulfill({ contentType: 'application/octet-stream', body: this.change(path, body) });
      }
      if (first === 'receipt' && rest[1] === 'witnessed') {
        const json = this.witnessed?.(rest[0]);
        return json === undefined ? route.fulfill({ status: 404, json: {} }) : route.fulfill({ json });
      }
      if (first === 'receipt') {
        const json = this.receipts.get(rest[0]) ?? (await this.#receiptOf(rest[0], route));
        return json === undefined ? route.fulfill({ status: 404, json: {} }) : route.fulfill({ json });
      }
      if (first === 'voters' && this.voter !== undefined) {
        return route.fulfill({ json: { style: 0, weight: 1, ...this.voter } });
      }
      if (first === 'entries') {
        this.entries = [...this.entries, route.request().postDataBuffer()];
        const json = this.receipt(this.entries.length - 1, election, this.code);
        return route.fulfill({ status: 201, json });
      }
      return route.continue();
    });
  }
}
