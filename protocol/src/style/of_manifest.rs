//! `Style.Shape`: the shape that a manifest gives one of its styles.
//!
//! Spec: docs/spec/manifest.md, "Coordinates and constraints (`Style.Shape`)".

use super::{Constraint, Coordinate, CoordinateKind, RangeForm, Shape, ShapeError, digits};
use crate::manifest::{BallotStyle, Contest, ContestKind, ElectionManifest, NumberRules};

impl Shape {
    /// `Style.Shape`: the shape that a manifest gives one of its styles.
    ///
    /// # Errors
    /// [`ShapeError`] if the style has too many options.
    pub fn of_style(manifest: &ElectionManifest, style: &BallotStyle) -> Result<Self, ShapeError> {
        let mut builder = Builder::default();
        for &index in &style.contests {
            if let Some(contest) = manifest.contests.get(index) {
                builder.starts.push((index, builder.coordinates.len()));
                builder.contest(manifest, contest)?;
            }
        }
        let shape = Self::new(
            usize::from(builder.position),
            builder.coordinates,
            builder.constraints,
        )?;
        if builder.forms.is_empty() {
            Ok(shape)
        } else {
            shape.with_ranges(manifest.range_bits(style), builder.forms)
        }
    }
}

#[derive(Default)]
struct Builder {
    coordinates: Vec<Coordinate>,
    constraints: Vec<Constraint>,
    forms: Vec<RangeForm>,
    /// The next position.
    position: u16,
    /// Index of each contest in the manifest, and where its coordinates start.
    starts: Vec<(usize, usize)>,
}

fn index(length: usize) -> Result<u16, ShapeError> {
    u16::try_from(length).map_err(|_| ShapeError::TooLarge)
}

impl Builder {
    fn contest(
        &mut self,
        manifest: &ElectionManifest,
        contest: &Contest,
    ) -> Result<(), ShapeError> {
        match &contest.kind {
            ContestKind::Choices | ContestKind::Points => self.options(contest),
            ContestKind::Matrix { rows } => {
                for _ in rows {
                    let bits = self.bits(contest.options.len() + usize::from(contest.blank))?;
                    self.add_up_to_one(bits);
                }
                Ok(())
            }
            ContestKind::Number(rules) => self.number(rules, contest.blank),
            ContestKind::Product { of, .. } => {
                let [c, d] = *of;
                let (k, l) = (index(self.start(c)?)?, index(self.start(d)?)?);
                self.counted(CoordinateKind::Product(k, l))?;
                Ok(())
            }
            ContestKind::Table { of, .. } => self.table(manifest, *of),
        }
    }

    /// Where the coordinates of a contest of the style start.
    fn start(&self, contest: usize) -> Result<usize, ShapeError> {
        let mut starts = self.starts.iter();
        let found = starts.find(|(index, _)| *index == contest);
        found.map(|(_, start)| *start).ok_or(ShapeError::OutOfRange)
    }

    /// A coordinate of weight 1 in a position of its own.
    fn counted(&mut self, kind: CoordinateKind) -> Result<u16, ShapeError> {
        let coordinate = index(self.coordinates.len())?;
        self.coordinates.push(Coordinate {
            kind,
            counts: Some((self.position, 1)),
        });
        self.next_position()?;
        Ok(coordinate)
    }

    fn next_position(&mut self) -> Result<(), ShapeError> {
        self.position = self.position.checked_add(1).ok_or(ShapeError::TooLarge)?;
        Ok(())
    }

    fn bits(&mut self, count: usize) -> Result<Vec<u16>, ShapeError> {
        (0..count)
            .map(|_| self.counted(CoordinateKind::Bit))
            .collect()
    }

    fn add_up_to_one(&mut self, coordinates: impl IntoIterator<Item = u16>) {
        self.constraints.push(Constraint {
            terms: coordinates.into_iter().map(|j| (j, 1)).collect(),
            constant: 1,
        });
    }

    /// Digits of every option, blank, slack, and one limit.
    fn options(&mut self, contest: &Contest) -> Result<(), ShapeError> {
        let mut terms = Vec::new();
        for _ in &contest.options {
            for weight in digits(contest.max_per_option) {
                terms.push((index(self.coordinates.len())?, weight));
                self.coordinates.push(Coordinate {
                    kind: CoordinateKind::Bit,
                    counts: Some((self.position, weight)),
                });
            }
            self.next_position()?;
        }
        if contest.blank {
            let blank = self.counted(CoordinateKind::Bit)?;
            terms.push((blank, u64::from(contest.max)));
        }
        for weight in digits(contest.max - contest.min) {
            terms.push((index(self.coordinates.len())?, weight));
            self.coordinates.push(Coordinate {
                kind: CoordinateKind::Bit,
                counts: None,
            });
        }
        self.constraints.push(Constraint {
            terms,
            constant: u64::from(contest.max),
        });
        Ok(())
    }

    /// Value, blank, square, buckets, and the two forms that keep the value in its bucket.
    fn number(&mut self, rules: &NumberRules, blank: bool) -> Result<(), ShapeError> {
        let value = self.counted(CoordinateKind::Free)?;
        let blank = blank
            .then(|| self.counted(CoordinateKind::Bit))
            .transpose()?;
        if rules.spread {
            self.counted(CoordinateKind::Product(value, value))?;
        }
        let buckets = self.bits(rules.buckets.len())?;
        let r = i64::from(rules.range());
        let (mut above, mut below) = (vec![(value, 1)], vec![(value, -1)]);
        let mut constant = 0;
        if buckets.is_empty() {
            constant = u64::from(rules.range());
            below.extend(blank.map(|blank| (blank, -r)));
        } else {
            for (bucket, (first, last)) in buckets.iter().zip(rules.bucket_bounds()) {
                above.extend((first > 0).then_some((*bucket, -i64::from(first))));
                below.extend((last > 0).then_some((*bucket, i64::from(last))));
            }
            // The blank comes before the buckets.
            self.add_up_to_one(blank.into_iter().chain(buckets));
        }
        self.forms.push(RangeForm {
            constant: 0,
            terms: above,
        });
        self.forms.push(RangeForm {
            constant,
            terms: below,
        });
        Ok(())
    }

    /// One bit for each pair of categories; a row adds up to its category, a column likewise.
    fn table(&mut self, manifest: &ElectionManifest, of: [usize; 2]) -> Result<(), ShapeError> {
        let [rows, columns] = [
            self.categories(manifest, of[0])?,
            self.categories(manifest, of[1])?,
        ];
        let cells = self.bits(rows.len() * columns.len())?;
        let lines = |of_line: Vec<u16>, categories: &[u16], own: usize| {
            let others = categories.iter().enumerate();
            let others = others.filter(move |(category, _)| *category != own);
            of_line.into_iter().chain(others.map(|(_, j)| *j)).collect()
        };
        let mut constraints: Vec<Vec<u16>> = Vec::with_capacity(rows.len() + columns.len());
        for (row, of_row) in cells.chunks(columns.len()).enumerate() {
            constraints.push(lines(of_row.to_vec(), &rows, row));
        }
        for column in 0..columns.len() {
            let of_column = cells.iter().skip(column).step_by(columns.len());
            constraints.push(lines(of_column.copied().collect(), &columns, column));
        }
        for terms in constraints {
            self.add_up_to_one(terms);
        }
        Ok(())
    }

    /// The coordinates of the categories of a contest of the style.
    fn categories(
        &self,
        manifest: &ElectionManifest,
        contest: usize,
    ) -> Result<Vec<u16>, ShapeError> {
        let start = self.start(contest)?;
        let found = manifest.contests.get(contest).and_then(Contest::categories);
        let offsets = found.ok_or(ShapeError::OutOfRange)?;
        offsets
            .into_iter()
            .map(|offset| index(start + offset))
            .collect()
    }
}
