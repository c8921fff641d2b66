//! From sums and shares to totals. Spec: docs/spec/tally.md, "Combination" and "Result".

use super::cells::{Cells, GuardedContest};
use super::contest_shares::combine;
use super::pattern::{Pattern, put_closed, read_closed};
use super::reading::{Sought, read};
use super::shares::agreeing;
use super::{ContestTally, EncryptedTally, Opening, TallyError, VerifiedShares};
use crate::encoding::{EncodingError, Reader};
use crate::group::{Point, Scalar, value_base};
use crate::manifest::{Contest, ElectionManifest};

/// The result of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestResult {
    /// Counted ballots.
    pub ballots: u32,
    /// The sum of their weights.
    pub weight: u64,
    /// The total of each position, of a closed cell `None`; or `None` where all are withheld.
    pub totals: Option<Vec<Option<u64>>>,
}

impl ContestResult {
    /// The total of a position, from 0, if it is open.
    pub fn total(&self, position: usize) -> Option<u64> {
        self.totals.as_ref()?.get(position).copied().flatten()
    }
}

/// Totals that ballots and shares give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Per contest, in manifest order.
    pub contests: Vec<ContestResult>,
}

/// v_i·H of each open position of a contest; `None` where all are withheld.
type OpenedPoints = Option<Vec<(usize, Point)>>;

/// What the shares of those who agree first give, and which cells they close.
fn decrypt<'a>(
    manifest: &ElectionManifest,
    tally: &EncryptedTally,
    shares: &'a [VerifiedShares],
) -> Result<(Option<&'a Pattern>, Cells, Vec<OpenedPoints>), TallyError> {
    let chosen = agreeing(manifest, shares)?;
    let pattern = chosen.first().map(|share| &share.closed);
    let cells = Cells::of_tally(manifest, tally);
    let mut decrypted = 0;
    let contest =
        |(contest, sums): (usize, &ContestTally)| match sums.opening(manifest.minimum_ballots) {
            Opening::Withheld => None,
            Opening::Clear => Some((0..).zip(sums.beta.iter().copied()).collect()),
            Opening::Shares => {
                let n_positions = sums.beta.len();
                let open = pattern.map(|p| p.open_positions(&cells, contest, n_positions));
                let open = open.unwrap_or_default();
                let of_contest: Vec<_> = chosen
                    .iter()
                    .map(|share| {
                        let ds = share.contests.get(decrypted).map(Vec::as_slice);
                        (share.trustee, ds.unwrap_or_default())
                    })
                    .collect();
                decrypted += 1;
                let points = combine(&sums.beta, &open, &of_contest);
                Some(open.into_iter().zip(points).collect())
            }
        };
    let points = tally.contests.iter().enumerate().map(contest).collect();
    Ok((pattern, cells, points))
}

impl Tally {
    /// Decrypts a tally with the shares of at least t trustees who close the same cells.
    ///
    /// # Errors
    /// [`TallyError`] if there are too few shares, a sum is out of its bound, or the open totals
    /// tell what may not be told.
    pub fn compute(
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        shares: &[VerifiedShares],
    ) -> Result<Self, TallyError> {
        let (pattern, cells, points) = decrypt(manifest, tally, shares)?;
        let sought: Vec<Sought<'_>> = tally
            .contests
            .iter()
            .zip(&manifest.contests)
            .zip(points)
            .map(|((sums, rules), points)| Sought {
                rules,
                weight: sums.weight,
                points: points.unwrap_or_default(),
            })
            .collect();
        let found = read(&sought)?;
        let contests = tally.contests.iter().zip(sought.iter().zip(found));
        let contests = contests.map(|(sums, (sought, found))| {
            let mut totals = vec![None; sums.beta.len()];
            for ((position, _), total) in sought.points.iter().zip(found) {
                if let Some(slot) = totals.get_mut(*position) {
                    *slot = Some(total);
                }
            }
            let is_open = sums.opening(manifest.minimum_ballots) != Opening::Withheld;
            ContestResult {
                ballots: sums.ballots,
                weight: sums.weight,
                totals: is_open.then_some(totals),
            }
        });
        let tally = Self {
            contests: contests.collect(),
        };
        tally.verify_pattern(pattern, &cells)?;
        Ok(tally)
    }

    /// Checks that these are the totals that ballots and shares give, v·H for every open position,
    /// and that they tell nothing of closed cells.
    ///
    /// # Errors
    /// [`TallyError`], naming contest and position.
    pub fn verify(
        &self,
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        shares: &[VerifiedShares],
    ) -> Result<(), TallyError> {
        let (pattern, cells, points) = decrypt(manifest, tally, shares)?;
        for (contest, ((result, sums), points)) in self
            .contests
            .iter()
            .zip(&tally.contests)
            .zip(points)
            .enumerate()
        {
            let open = |totals: &Vec<Option<u64>>| -> Vec<(usize, u64)> {
                let totals = totals.iter().enumerate();
                totals
                    .filter_map(|(position, total)| Some((position, (*total)?)))
                    .collect()
            };
            let open = result.totals.as_ref().map(open);
            let positions = open
                .as_ref()
                .map(|open| open.iter().map(|(position, _)| *position).collect());
            let expected: Option<Vec<usize>> = points
                .as_ref()
                .map(|points| points.iter().map(|(position, _)| *position).collect());
            if (result.ballots, result.weight) != (sums.ballots, sums.weight)
                || positions != expected
            {
                return Err(TallyError::Contest { contest });
            }
            let pairs = open.iter().flatten().zip(points.iter().flatten());
            for ((position, total), (_, point)) in pairs {
                if value_base() * Scalar::from(*total) != *point {
                    let position = *position;
                    return Err(TallyError::Total { contest, position });
                }
            }
        }
        self.verify_pattern(pattern, &cells)
    }

    /// `SmallCells.Verify`.
    fn verify_pattern(&self, pattern: Option<&Pattern>, cells: &Cells) -> Result<(), TallyError> {
        let total = |cell: usize| {
            let (contest, position) = cells.place(cell)?;
            self.contests.get(contest)?.total(position)
        };
        pattern.map_or(Ok(()), |pattern| Ok(pattern.verify(cells, total)?))
    }

    /// Reads the body of a result entry.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(body: &[u8], manifest: &ElectionManifest) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let contest = |(contest, rules): (usize, &Contest)| {
            let ballots = reader.u32("the number of ballots")?;
            let weight = reader.u64("the weight of the ballots")?;
            let what = "whether a contest is opened";
            let totals = match reader.u8(what)? {
                0 => None,
                1 => {
                    let guarded = GuardedContest::of(manifest, contest, ballots);
                    Some(read_totals(&mut reader, guarded.as_ref(), rules)?)
                }
                _ => return Err(EncodingError::Value { what }),
            };
            Ok(ContestResult {
                ballots,
                weight,
                totals,
            })
        };
        let contests = manifest
            .contests
            .iter()
            .enumerate()
            .map(contest)
            .collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self { contests })
    }

    /// Appends the encoding.
    pub fn encode(&self, manifest: &ElectionManifest, out: &mut Vec<u8>) {
        for (index, contest) in self.contests.iter().enumerate() {
            out.extend_from_slice(&contest.ballots.to_be_bytes());
            out.extend_from_slice(&contest.weight.to_be_bytes());
            out.push(u8::from(contest.totals.is_some()));
            let Some(totals) = &contest.totals else {
                continue;
            };
            if let Some(guarded) = GuardedContest::of(manifest, index, contest.ballots) {
                let positions = guarded.positions.iter();
                put_closed(positions.map(|i| contest.total(*i).is_none()), out);
            }
            for total in totals.iter().flatten() {
                out.extend_from_slice(&total.to_be_bytes());
            }
        }
    }
}

/// The totals of an opened contest: closed cells first, if it is guarded, then the rest.
fn read_totals(
    reader: &mut Reader<'_>,
    guarded: Option<&GuardedContest>,
    rules: &Contest,
) -> Result<Vec<Option<u64>>, EncodingError> {
    let n_positions = rules.n_positions();
    let open = match guarded {
        None => (0..n_positions).collect(),
        Some(guarded) => {
            let closed = read_closed(reader, guarded.positions.len())?;
            let is_closed = |index: usize| closed.get(index).copied().unwrap_or(false);
            guarded.open_positions(n_positions, is_closed)
        }
    };
    let mut totals = vec![None; n_positions];
    for position in open {
        let total = reader.u64("a total")?;
        if let Some(slot) = totals.get_mut(position) {
            *slot = Some(total);
        }
    }
    Ok(totals)
}
