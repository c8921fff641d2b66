// The checks of docs/spec/verification.md in the groups in which they are shown.

import type { Check, Held } from '../workers/auditor.worker';

export const GROUPS = ['board', 'setup', 'keys', 'ballots', 'totals'] as const;
export type Group = (typeof GROUPS)[number];

const PREFIXES: Record<string, Group> = {
  record: 'board',
  board: 'board',
  entries: 'board',
  manifest: 'setup',
  roll: 'setup',
  open: 'setup',
  ceremony: 'keys',
  ballots: 'ballots',
  voids: 'ballots',
  close: 'totals',
  shares: 'totals',
  result: 'totals',
  beacon: 'totals',
  seal: 'totals',
};

/** Checks that need entries which come after the close. */
const LAST = /^(close|shares|result|beacon|seal)\./;
/** Those of them that fail, and not merely do not run, while too few such entries are there. */
const COUNTS = ['close.quorum', 'shares.threshold', 'shares.cells'];

export function grouped(checks: readonly Check[]): [Group, Check[]][] {
  return GROUPS.map((group) => [
    group,
    checks.filter((check) => (PREFIXES[check.id.split('.')[0] ?? ''] ?? 'board') === group),
  ]);
}

/** Whether a check did not pass only because the record, which says so itself, has no result yet. */
export function isWaiting(
  { id, verdict, failures }: Check,
  { result: hasResult, cosignatures_hold: hold }: Pick<Held, 'result' | 'cosignatures_hold'>,
): boolean {
  // Until then a board may show what too few witnesses have signed so far.
  if (id === 'board.witnesses' && !hasResult) return verdict !== 'ok' && hold;
  if (hasResult || verdict === 'ok' || !LAST.test(id)) return false;
  if (verdict === 'not checked' || id === 'result.present') return true;
  // What names an entry is a fault of that entry, whatever comes later.
  return COUNTS.includes(id) && failures.every(({ entry }) => entry === null);
}
