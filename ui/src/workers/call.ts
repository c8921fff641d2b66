// Asking a worker: one question, one answer, in order of their numbers.

/** What the Rust part throws. */
export interface Thrown {
  readonly kind: string;
  readonly message: string;
  readonly index?: number;
  readonly phase?: string;
  readonly expected?: string;
  readonly found?: string | number;
  readonly character?: string;
  readonly issuer?: number;
  /** Files of the board that it takes first. */
  readonly paths?: readonly string[];
  /** A proof that the board signed two histories. */
  readonly proof?: string;
}

export class Fault extends Error {
  constructor(readonly thrown: Thrown) {
    super(thrown.message);
  }
}

/** Reads what was thrown in the worker. */
export function thrownBy(error: unknown): Thrown {
  if (typeof error === 'string') {
    try {
      return JSON.parse(error) as Thrown;
    } catch {
      return { kind: 'refused', message: error };
    }
  }
  return { kind: 'broken', message: error instanceof Error ? error.message : String(error) };
}

type Methods = Record<string, (...input: never[]) => unknown>;

/** The methods of a worker, as those who call it see them. */
export type Remote<T extends Methods> = {
  readonly [K in keyof T]: (...input: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>;
};

interface Question {
  readonly number: number;
  readonly method: string;
  readonly input: readonly unknown[];
}

type Reply =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly thrown: Thrown };

/** What a worker says without being asked. */
export type News = { readonly news: unknown };

/** In the worker: answers with these methods, once `ready`. */
export function serve(methods: Methods, ready: Promise<unknown>): void {
  addEventListener('message', (event: MessageEvent<Question>) => {
    const { number, method, input } = event.data;
    const answer = async (): Promise<void> => {
      try {
        await ready;
        const call = methods[method] as ((...input: unknown[]) => unknown) | undefined;
        postMessage({ number, value: await call?.(...input) } satisfies Reply);
      } catch (error) {
        postMessage({ number, thrown: thrownBy(error) } satisfies Reply);
      }
    };
    void answer();
  });
}

/** In the page: a worker's methods. */
export function connect<T extends Methods>(
  worker: Worker,
  news: (news: unknown) => void = () => undefined,
): Remote<T> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  worker.addEventListener('message', (event: MessageEvent<Reply | News>) => {
    if ('news' in event.data) {
      news(event.data.news);
      return;
    }
    const asked = waiting.get(event.data.number);
    waiting.delete(event.data.number);
    if ('thrown' in event.data) asked?.reject(new Fault(event.data.thrown));
    else asked?.resolve(event.data.value);
  });
  worker.addEventListener('error', (event) => {
    const fault = new Fault({ kind: 'broken', message: event.message || 'the worker did not start' });
    for (const asked of waiting.values()) asked.reject(fault);
    waiting.clear();
  });
  return new Proxy({} as Remote<T>, {
    get:
      (_, method) =>
      (...input: unknown[]) =>
        new Promise((resolve, reject) => {
          last += 1;
          waiting.set(last, { resolve, reject });
          worker.postMessage({ number: last, method: String(method), input } satisfies Question);
        }),
  });
}
