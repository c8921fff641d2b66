// What the page shows once the record is verified: read from the record, and from nothing else.

import type { Opened } from '../figures/figures';
import type { Manifest } from '../lib/manifest';
import type { ElectionState } from '../lib/server';
import type { Audited, ContestResult, Line } from '../workers/auditor.worker';
import { isWaiting } from './groups';

export interface Proved {
  readonly manifest: Manifest;
  readonly state: ElectionState;
  readonly booth: string | undefined;
  readonly result: Line['result'];
}

/** The totals as an entry has them: by position. */
function totals({ ballots, weight, opened, totals }: ContestResult): Opened {
  return { ballots, weight, totals: opened ? totals : null };
}

/** What a record proves; nothing if a check failed. */
export function proved({ report, held }: Audited): Proved | undefined {
  const { election, results } = report;
  const isSound = report.checks.every(
    (check) => check.verdict === 'ok' || (held !== null && isWaiting(check, held)),
  );
  if (!isSound || held === null || election === null || (held.result && results === null)) return undefined;
  const manifest = JSON.parse(held.manifest) as Manifest;
  const trustees = manifest.trustees.map(({ name }, at) => ({
    trustee: at + 1,
    name,
    registered: true,
    certified: held.certified.includes(at + 1),
    certified_close: held.certified_close.includes(at + 1),
    shares: held.shares.includes(at + 1),
  }));
  const witnesses = manifest.witnesses?.map(({ name }, at) => ({
    witness: at + 1,
    name,
    certified_close: held.witnessed_close.includes(at + 1),
  }));
  const isCertified = held.certified_close.length + held.witnessed_close.length >= manifest.close_quorum;
  const phase = held.result
    ? 'finished'
    : held.closed
      ? isCertified
        ? 'certified'
        : 'closed'
      : election.id === null
        ? 'setup'
        : 'open';
  const state: ElectionState = {
    uuid: election.uuid,
    phase,
    election_id: election.id,
    manifest_id: election.manifest,
    opens: manifest.opens,
    closes: manifest.closes,
    voters: election.voters,
    voted: election.counted,
    ballots: election.ballots,
    voids: held.voids,
    size: election.entries,
    root: '',
    trustees,
    witnesses: witnesses ?? [],
  };
  const result = results?.length ? results.map(totals) : null;
  return { manifest, state, booth: election.booth ?? undefined, result: held.result ? result : null };
}
