// Figures of results: arithmetic on the totals that were opened (docs/spec/figures.md).

import { isAsked, isScale, type AnyContest, type DerivedContest, type Manifest, type NumberContest } from '../lib/manifest';
import { Fraction } from './exact';
import { factorsOf, positionsOf, type Position } from './positions';

/** What a result says of a contest. */
export interface Opened {
  readonly ballots: number;
  readonly weight: number;
  /** Position by position, null where a cell is closed; null where all of it is withheld. */
  readonly totals: readonly (number | null)[] | null;
}

export type FigureName =
  | 'sum'
  | 'mean'
  | 'variance'
  | 'standard deviation'
  | 'covariance'
  | 'correlation'
  | 'slope'
  | 'intercept';

export interface Figure {
  readonly name: FigureName;
  /** Of a matrix. */
  readonly row?: number;
  /** A rounded decimal, with a point. */
  readonly value: string;
  /** The fraction before rounding; where it is a root, the square under it with its sign. */
  readonly exact: string;
}

/** Totals and weights of one contest are at most 2^48; those of a question's 64 groups in sum can pass 2^53. */
export interface Total extends Position {
  readonly total: bigint | null;
}

/** A contest, or a question over its groups, with all that is known of it. */
export interface ContestFigures {
  readonly id?: string;
  readonly question?: string;
  readonly group?: string;
  readonly kind: AnyContest['kind'];
  readonly title: string;
  readonly ballots: number;
  readonly weight: bigint;
  readonly opened: boolean;
  readonly totals: readonly Total[];
  readonly figures: readonly Figure[];
}

/** Totals of one contest, or of several added up. */
interface Counted {
  readonly weight: bigint;
  readonly totals: readonly (bigint | null)[];
}

const figure = (name: FigureName, exact: Fraction, digits: number, row?: number): Figure => ({
  name,
  ...(row === undefined ? {} : { row }),
  value: name === 'standard deviation' || name === 'correlation' ? exact.rootRounded(digits) : exact.rounded(digits),
  exact: String(exact),
});

/** Mean, and where the sum of squares is known variance and standard deviation, of n values. */
function moments(n: bigint, sum: bigint, squares: bigint | null, decimals: number, shift = 0n, row?: number): Figure[] {
  if (n === 0n) return [];
  const unit = 10n ** BigInt(decimals);
  const mean = figure('mean', new Fraction(shift * n + sum, n * unit), decimals + 2, row);
  if (squares === null) return [mean];
  const variance = new Fraction(n * squares - sum * sum, n * n * unit * unit);
  return [
    mean,
    figure('variance', variance, 2 * decimals + 2, row),
    figure('standard deviation', variance, decimals + 2, row),
  ];
}

/** How many gave a number; the sums of their values and squares, as far as they are open. */
interface Sums {
  readonly n: bigint | null;
  readonly sum: bigint | null;
  readonly squares: bigint | null;
}

function sumsOf(contest: NumberContest, { weight, totals }: Counted): Sums {
  const blank = contest.blank ? (totals[1] ?? null) : 0n;
  const square = contest.spread ? (totals[contest.blank ? 2 : 1] ?? null) : null;
  return { n: blank === null ? null : weight - blank, sum: totals[0] ?? null, squares: square };
}

function ofNumber(contest: NumberContest, counted: Counted): Figure[] {
  const { n, sum, squares } = sumsOf(contest, counted);
  if (n === null || sum === null) return [];
  const lo = BigInt(contest.lo);
  const unit = 10n ** BigInt(contest.decimals);
  return [
    figure('sum', new Fraction(n * lo + sum, unit), contest.decimals),
    ...moments(n, sum, squares, contest.decimals, lo),
  ];
}

/** Of options with values; `totals` are those of the options alone. */
function ofScale(values: readonly bigint[], totals: readonly (bigint | null)[], row?: number): Figure[] {
  if (totals.some((total) => total === null)) return [];
  const weighted = (power: number): bigint =>
    values.reduce((sum, value, at) => sum + value ** BigInt(power) * (totals[at] ?? 0n), 0n);
  return moments(weighted(0), weighted(1), weighted(2), 0, 0n, row);
}

function ofProduct(
  { weight: n, totals }: Counted,
  [x, y]: readonly [NumberContest, NumberContest],
  [atX, atY]: readonly [Counted, Counted],
): Figure[] {
  const [{ sum: sumX, squares: squaresX }, { sum: sumY, squares: squaresY }] = [sumsOf(x, atX), sumsOf(y, atY)];
  const product = totals[0] ?? null;
  if (n === 0n || product === null || sumX === null || sumY === null) return [];
  const common = n * product - sumX * sumY;
  const [unitX, unitY] = [10n ** BigInt(x.decimals), 10n ** BigInt(y.decimals)];
  const covariance = new Fraction(common, n * n * unitX * unitY);
  const figures = [figure('covariance', covariance, x.decimals + y.decimals + 2)];
  const spreadX = squaresX === null ? 0n : n * squaresX - sumX * sumX;
  const spreadY = squaresY === null ? 0n : n * squaresY - sumY * sumY;
  if (spreadX > 0n && spreadY > 0n) {
    const square = common * common * (common < 0n ? -1n : 1n);
    figures.push(figure('correlation', new Fraction(square, spreadX * spreadY), 4));
  }
  if (spreadX > 0n) {
    const digits = Math.max(x.decimals, y.decimals) + 2;
    const rise = (BigInt(y.lo) * n + sumY) * spreadX - common * (BigInt(x.lo) * n + sumX);
    figures.push(
      figure('slope', new Fraction(common * unitX, spreadX * unitY), digits),
      figure('intercept', new Fraction(rise, n * spreadX * unitY), digits),
    );
  }
  return figures;
}

/** Contests that ask the same of different groups, or one contest. */
interface Asked {
  readonly contests: readonly AnyContest[];
  readonly ballots: number;
  readonly weight: bigint;
  readonly counted: Counted | undefined;
}

/** The results of a manifest's contests. */
export class Results {
  readonly #opened: ReadonlyMap<string, Opened>;

  /** The results stand in the order of the contests. */
  constructor(
    readonly manifest: Manifest,
    results: readonly Opened[],
  ) {
    this.#opened = new Map(
      manifest.contests.flatMap(({ id }, at) => {
        const opened = results[at];
        return opened === undefined ? [] : [[id, opened] as const];
      }),
    );
  }

  /** Adds contests up, position by position. */
  #sum(contests: readonly AnyContest[]): Asked {
    const all = contests.map(({ id }) => this.#opened.get(id) ?? { ballots: 0, weight: 0, totals: null });
    const ballots = all.reduce((sum, one) => sum + one.ballots, 0);
    const weight = all.reduce((sum, one) => sum + BigInt(one.weight), 0n);
    const lists = all.map(({ totals }) => totals);
    const totals = (lists[0] ?? []).map((_, at) =>
      lists.reduce<bigint | null>((sum, list) => {
        const total = list?.[at] ?? null;
        return sum === null || total === null ? null : sum + BigInt(total);
      }, 0n),
    );
    return { contests, ballots, weight, counted: lists.includes(null) ? undefined : { weight, totals } };
  }

  /** What contests of one question are of, first or second: not that whole question, which may have more groups. */
  #factors(contests: readonly AnyContest[], which: 0 | 1): AnyContest[] {
    return contests.flatMap((contest) => factorsOf(contest as DerivedContest, this.manifest)?.[which] ?? []);
  }

  #factor(asked: Asked, which: 0 | 1): { contest: AnyContest; counted: Counted } | undefined {
    const factors = this.#factors(asked.contests, which);
    const { counted } = this.#sum(factors);
    return factors[0] && counted && { contest: factors[0], counted };
  }

  #figures(asked: Asked, counted: Counted): Figure[] {
    const [contest] = asked.contests;
    if (contest?.kind === 'number') return ofNumber(contest, counted);
    if (contest?.kind === 'product') {
      const [x, y] = [this.#factor(asked, 0), this.#factor(asked, 1)];
      if (x?.contest.kind !== 'number' || y?.contest.kind !== 'number') return [];
      return ofProduct(counted, [x.contest, y.contest], [x.counted, y.counted]);
    }
    if (contest === undefined || !isAsked(contest) || !isScale(contest)) return [];
    const values = contest.options.map(({ value = 0 }) => BigInt(value));
    if (contest.kind !== 'matrix') return ofScale(values, counted.totals.slice(0, values.length));
    const width = values.length + (contest.blank ? 1 : 0);
    return contest.rows.flatMap((_, row) =>
      ofScale(values, counted.totals.slice(row * width, row * width + values.length), row),
    );
  }

  #described(asked: Asked, who: Pick<ContestFigures, 'id' | 'question' | 'group'>): ContestFigures {
    const [contest] = asked.contests;
    if (contest === undefined) throw new Error('a question without contests');
    const { manifest } = this;
    const { ballots, weight, counted } = asked;
    const positions = counted === undefined ? [] : positionsOf(contest, manifest);
    return {
      ...who,
      kind: contest.kind,
      title: contest.title[manifest.language] ?? '',
      ballots,
      weight,
      opened: counted !== undefined,
      totals: positions.map((position, at) => ({ ...position, total: counted?.totals[at] ?? null })),
      figures: counted === undefined ? [] : this.#figures(asked, counted),
    };
  }

  /** One contest. */
  contest(contest: AnyContest): ContestFigures {
    const { id, group } = contest;
    return this.#described(this.#sum([contest]), group === undefined ? { id } : { id, group });
  }

  /** A question over all its groups. */
  question(question: string): ContestFigures {
    const contests = this.manifest.contests.filter((contest) => contest.question === question);
    return this.#described(this.#sum(contests), { question });
  }

  /** The first or second factor of a derived contest, or of several of one question added up. */
  factor(contests: readonly AnyContest[], which: 0 | 1): ContestFigures {
    return this.#described(this.#sum(this.#factors(contests, which)), {});
  }

  /** Contests in the manifest's order, then questions in that of their first contests. */
  all(): ContestFigures[] {
    const { contests } = this.manifest;
    const questions = new Set(contests.flatMap(({ question }) => (question === undefined ? [] : [question])));
    return [...contests.map((contest) => this.contest(contest)), ...[...questions].map((question) => this.question(question))];
  }
}
