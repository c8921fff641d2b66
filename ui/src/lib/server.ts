// The API of the ballot box (ballot-box/README.md). Nothing it answers is believed here: what
// matters is checked by the Rust part. An answer of another form or size is none. No request of
// this file carries a choice, a code of a letter, or a nonce.

/** Where an election's pages are: `/e/<uuid>/vote` and its neighbours. */
export interface Place {
  readonly uuid: string;
  /** The address of the board, without a slash at its end. */
  readonly board: string;
}

export function placeOf(address: { readonly origin: string; readonly pathname: string }): Place | undefined {
  const uuid = /^\/e\/([0-9a-f]{32})\//.exec(address.pathname)?.[1];
  return uuid === undefined ? undefined : { uuid, board: `${address.origin}/e/${uuid}` };
}

/** What the server says of an election (`GET /e/<uuid>`). */
export interface ElectionState {
  readonly uuid: string;
  readonly phase: 'empty' | 'setup' | 'open' | 'closed' | 'certified' | 'finished';
  readonly election_id: string | null;
  readonly manifest_id: string | null;
  readonly opens: string;
  readonly closes: string;
  readonly voters: number;
  readonly voted: number;
  readonly ballots: number;
  readonly voids: number;
  readonly size: number;
  readonly root: string;
  readonly trustees: readonly TrusteeState[] | null;
  readonly witnesses?: readonly WitnessState[] | null;
}

export interface TrusteeState {
  readonly trustee: number;
  readonly name: string;
  readonly registered: boolean;
  readonly certified: boolean;
  readonly certified_close: boolean;
  readonly shares: boolean;
}

export interface WitnessState {
  readonly witness: number;
  readonly name: string;
  readonly certified_close: boolean;
}

export interface VoterState {
  readonly style: number;
  readonly counter: number;
  readonly previous: string | null;
}

export interface ListedElection {
  readonly uuid: string;
  readonly title: Record<string, string>;
  readonly language: string;
  readonly organiser: string;
  readonly opens: string;
  readonly closes: string;
}

/** There was no answer. */
export class Unreachable extends Error {}

/** The server said no: a problem document. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfter: number | undefined,
  ) {
    super(detail);
  }

  /** Whether the server, or something before it, is only busy or broken: the same may be sent again. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

interface Problem {
  readonly type?: string;
  readonly detail?: string;
}

/** A problem document, as far as it is one. */
function problemOf(answer: Uint8Array): Problem {
  try {
    const { type, detail } = JSON.parse(new TextDecoder().decode(answer)) as Record<string, unknown>;
    return { type: String(type ?? ''), detail: String(detail ?? '') };
  } catch {
    return {};
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...init });
  } catch {
    throw new Unreachable('no answer');
  }
  if (response.ok) return response;
  const problem = await body(response, MOST).then(problemOf, () => ({}) as Problem);
  const retry = Number(response.headers.get('Retry-After'));
  throw new Refused(
    response.status,
    problem.type?.replace('urn:psephos:problem:', '') ?? '',
    problem.detail ?? '',
    retry > 0 ? retry : undefined,
  );
}

/** More than any answer has but an entry bundle: bytes. */
const MOST = 1 << 20;

/** Reads a body up to a limit of bytes, so that no server fills the memory. */
async function body(response: Response, most: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const part = await reader?.read();
      if (part?.value === undefined) return join(parts);
      length += part.value.length;
      if (length > most) break;
      parts.push(part.value);
    }
  } catch {
    throw new Unreachable('half an answer');
  }
  await reader?.cancel();
  throw new Unreachable('an answer too large');
}

async function json<T>(url: string, isOne: (value: T) => boolean): Promise<T> {
  const answer = await bytes(url, { cache: 'no-store' });
  try {
    const value = JSON.parse(new TextDecoder().decode(answer)) as T;
    if (isOne(value)) return value;
  } catch {
    // It is said below.
  }
  throw new Unreachable('another answer');
}

async function bytes(url: string, init?: RequestInit, most = MOST): Promise<Uint8Array> {
  return body(await ask(url, init), most);
}

/** Whether a number counts something. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const elections = async (origin: string): Promise<readonly ListedElection[]> =>
  (
    await json<{ elections: readonly ListedElection[] }>(`${origin}/elections`, ({ elections }) =>
      Array.isArray(elections),
    )
  ).elections;

export const stateOf = (place: Place): Promise<ElectionState> =>
  json(place.board, ({ size, ballots, voids, voters, voted }) => [size, ballots, voids, voters, voted].every(isCount));

export const voterState = (place: Place, pseudonym: string): Promise<VoterState> =>
  json(
    `${place.board}/voters/${pseudonym}`,
    ({ counter, previous }) => isCount(counter) && (previous === null || /^[0-9a-f]{64}$/.test(previous)),
  );

export const manifestOf = (place: Place, init?: RequestInit): Promise<Uint8Array> =>
  bytes(`${place.board}/manifest`, init);

export const checkpointOf = (place: Place): Promise<Uint8Array> =>
  bytes(`${place.board}/checkpoint`, { cache: 'no-cache' });

/** The last checkpoint that enough witnesses signed, where there is one. */
export async function witnessedOf(place: Place): Promise<Uint8Array | undefined> {
  try {
    return await bytes(`${place.board}/witnessed`, { cache: 'no-cache' });
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}

/** Who is not answered in so many milliseconds is told, and may post again. */
const PATIENCE = 60_000;

/** Posts a signed entry; gives the text of the receipt. The same entry may be posted again. */
export async function post(place: Place, entry: Uint8Array): Promise<string> {
  const given = new AbortController();
  const late = setTimeout(() => given.abort(), PATIENCE);
  try {
    const response = await ask(`${place.board}/entries`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: entry as BufferSource,
      signal: given.signal,
    });
    return new TextDecoder().decode(await body(response, MOST));
  } finally {
    clearTimeout(late);
  }
}

/** The receipt of the ballot with this code (hexadecimal), where the server knows one. */
export const receiptOf = (place: Place, code: string): Promise<string | undefined> => receiptAt(place, code);

/** The same under the last checkpoint that enough witnesses signed, if it includes the ballot. */
export const witnessedReceiptOf = (place: Place, code: string): Promise<string | undefined> =>
  receiptAt(place, `${code}/witnessed`);

async function receiptAt(place: Place, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await bytes(`${place.board}/receipt/${path}`, { cache: 'no-store' }));
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}

/** The number of entries that a checkpoint speaks of; it is checked later. What is no checkpoint has none. */
export function sizeOf(checkpoint: Uint8Array): number {
  return Number(/^[^\n]+\n(\d{1,15})\n/.exec(new TextDecoder().decode(checkpoint))?.[1] ?? Number.NaN);
}

const WIDTH = 256;
/** No board has more entries; who says so is not followed. */
const MOST_ENTRIES = 2 ** 24;

/** A tile's place as C2SP tlog-tiles writes it. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.../g) ?? [];
  const number = groups.map((group, at) => (at + 1 < groups.length ? `x${group}` : group)).join('/');
  return `tile/${level}/${number}${width < WIDTH ? `.p/${width}` : ''}`;
}

function tilesOfLevel(level: number | 'entries', size: number): string[] {
  if (!(size <= MOST_ENTRIES)) throw new Unreachable('more entries than any board has');
  const hashes = Math.floor(size / WIDTH ** (level === 'entries' ? 0 : level));
  const paths: string[] = [];
  for (let index = 0; index * WIDTH < hashes; index += 1) {
    paths.push(tilePath(level, index, Math.min(WIDTH, hashes - index * WIDTH)));
  }
  return paths;
}

/** The bundles that hold the first `size` entries. */
export const bundlePaths = (size: number): string[] => tilesOfLevel('entries', size);

/** All files of a record of `size` entries but the checkpoint (docs/spec/board.md, "Record"). */
export function recordPaths(size: number): string[] {
  const paths = bundlePaths(size);
  for (let level = 0; level < 7 && WIDTH ** level <= size; level += 1) paths.push(...tilesOfLevel(level, size));
  return paths;
}

/** A bundle has 256 entries of at most 65,535 bytes, each after its length. */
const LARGEST_BUNDLE = WIDTH * (2 + 65_535);

export const file = (place: Place, path: string, init?: RequestInit): Promise<Uint8Array> =>
  bytes(`${place.board}/${path}`, init, path.startsWith('tile/entries/') ? LARGEST_BUNDLE : MOST);

/** Fetches files, a few at a time, in order. */
export async function files(
  place: Place,
  paths: readonly string[],
  fetched: (count: number, of: number) => void = () => undefined,
  init?: RequestInit,
): Promise<Uint8Array[]> {
  const contents = new Array<Uint8Array>(paths.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < paths.length) {
      const at = next;
      next += 1;
      contents[at] = await file(place, paths[at] ?? '', init);
      done += 1;
      fetched(done, paths.length);
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  return contents;
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
