// The checks of docs/spec/verification.md in the groups in which they are shown.

import type { Check } from '../workers/auditor.worker';

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
};

/** Checks that need entries which come after the close. */
const LAST = /^(close|shares|result)\./;

export function grouped(checks: readonly Check[]): [Group, Check[]][] {
  return GROUPS.map((group) => [
    group,
    checks.filter((check) => (PREFIXES[check.id.split('.')[0] ?? ''] ?? 'board') === group),
  ]);
}

/** Whether a check did not pass only because the election is still going on. */
export function isWaiting(check: Check, finished: boolean): boolean {
  return !finished && check.verdict !== 'ok' && LAST.test(check.id);
}
