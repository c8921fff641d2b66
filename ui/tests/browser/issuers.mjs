// An election with two issuers, set up with the real programs: every voter has a code of each.

import { readFileSync, writeFileSync } from 'node:fs';

import { createElection, inMinutes } from './parties.mjs';

const draft = () => ({
  language: 'en',
  title: 'Two letters',
  organiser: { name: 'Club' },
  issuers: [{ name: 'Town hall' }, { name: 'Post office' }],
  opens: inMinutes(-1),
  closes: inMinutes(60),
  threshold: 1,
  minimum_ballots: 1,
  contests: [
    {
      id: 'chair',
      kind: 'choices',
      title: 'Who chairs the club?',
      min: 1,
      max: 1,
      blank: true,
      options: [
        { id: 'ada', label: 'Ada' },
        { id: 'bela', label: 'Bela' },
      ],
    },
  ],
});

/** Opens an election of so many voters; `codes` has for each a code of every issuer. */
export async function openWithTwoIssuers(n) {
  const { board, at, organiser, manifest, open, end } = await createElection('issuers', draft());
  try {
    const voters = Array.from({ length: n }, (_, index) => `v${index}`);
    writeFileSync(at('voters.csv'), `id\n${voters.join('\n')}\n`, { mode: 0o600 });
    await organiser('roll', 'import', at('voters.csv'));
    const lists = [];
    for (const issuer of ['1', '2']) {
      const [part, csv] = [at(`part-${issuer}.json`), at(`codes-${issuer}.csv`)];
      const list = ['--roll', at('voters.csv'), '--manifest', manifest, '--order-key', at('order.key')];
      await organiser('credentials', 'issue', '--issuer', issuer, ...list, '--public', part, '--csv', csv);
      const [head, ...lines] = readFileSync(csv, 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
      const column = (name) => head.indexOf(name);
      lists.push(new Map(lines.map((line) => [line[column('id')], line[column('code')]])));
    }
    await organiser('roll', 'combine', at('part-1.json'), at('part-2.json'));
    const election = await open();
    return { board, election, codes: voters.map((id) => lists.map((list) => list.get(id))), end };
  } catch (error) {
    await end();
    throw error;
  }
}
