//! Costs of the ballot proof: prove, verify alone, verify in batches. `cargo bench -p protocol`.
//!
//! docs/performance.md has figures.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use getrandom::SysRng;
use protocol::encoding::Reader;
use protocol::group::{Element, Scalar, mul_base, wide_scalar};
use protocol::proofs::ballot::{
    BallotContext, Candidate, EncryptedVector, FixedPoints, StyleStatement, Witness, prove,
    verify_batch,
};
use protocol::proofs::batch::Weights;
use protocol::secret::Secret;
use protocol::style::{Constraint, Coordinate, CoordinateKind, RangeForm, Shape};
use protocol::transcript::Digest;

fn random_scalar() -> Scalar {
    let mut wide = [0; 64];
    getrandom::fill(&mut wide).expect("the operating system has randomness");
    wide_scalar(&wide)
}

fn random_element() -> Element {
    Element::from_point(mul_base(&random_scalar())).expect("a random scalar is not zero")
}

/// One contest of `options` choices, 1 to 3 of them allowed: slack 0 to 2 is two more bits.
fn shape(options: u16) -> Shape {
    let bit = |counts| Coordinate {
        kind: CoordinateKind::Bit,
        counts,
    };
    let mut coordinates: Vec<Coordinate> = (0..options).map(|i| bit(Some((i, 1)))).collect();
    coordinates.extend([bit(None), bit(None)]);
    let limit = Constraint {
        terms: (0..options + 2).map(|j| (j, 1)).collect(),
        constant: 3,
    };
    Shape::new(usize::from(options), coordinates, vec![limit]).expect("one limit has solutions")
}

/// One number of 0 to 2^32 − 1.
fn number() -> Shape {
    let value = Coordinate {
        kind: CoordinateKind::Free,
        counts: Some((0, 1)),
    };
    let form = |constant, factor| RangeForm {
        constant,
        terms: vec![(0, factor)],
    };
    Shape::new(1, vec![value], vec![])
        .and_then(|shape| shape.with_ranges(32, vec![form(0, 1), form(u32::MAX.into(), -1)]))
        .expect("one number has a shape")
}

struct Contest {
    style: StyleStatement,
    context: BallotContext,
    coordinates: Vec<u64>,
}

impl Contest {
    fn new(shape: Shape, coordinates: Vec<u64>) -> Self {
        let n = shape.n_positions();
        let keys: Vec<Element> = (0..n).map(|_| random_element()).collect();
        let fixed = Arc::new(FixedPoints::new(std::slice::from_ref(&shape), &keys));
        let style = StyleStatement::new(&Digest([1; 32]), 0, shape, (0..n).collect(), keys, fixed);
        let context = BallotContext {
            credential: random_element(),
            counter: 1,
            previous: [0; 32],
        };
        Self {
            style,
            context,
            coordinates,
        }
    }

    /// A ballot for the first two options.
    fn of_options(options: u16) -> Self {
        let shape = shape(options);
        let mut coordinates = vec![0; shape.n_coordinates()];
        coordinates.iter_mut().take(2).for_each(|b| *b = 1);
        coordinates.iter_mut().rev().take(1).for_each(|b| *b = 1);
        Self::new(shape, coordinates)
    }

    fn witness(&self) -> Witness {
        Witness {
            coordinates: Secret::new(self.coordinates.clone()),
            nonce: Secret::new(random_scalar()),
        }
    }

    fn ballot(&self) -> Vec<u8> {
        prove(&self.style, &self.context, &self.witness(), &mut SysRng)
            .expect("the operating system has randomness")
    }

    /// Everything a verifier does with the bytes of ballots, from decoding on.
    fn verify(&self, ballots: &[Vec<u8>]) {
        let vectors: Vec<EncryptedVector> = ballots
            .iter()
            .map(|bytes| {
                EncryptedVector::decode(self.style.shape(), &mut Reader::new(bytes))
                    .expect("the ballot was encoded by the prover")
            })
            .collect();
        let candidates: Vec<Candidate<'_>> = vectors
            .iter()
            .map(|vector| {
                Candidate::new(&self.style, &self.context, vector).expect("its limit is kept")
            })
            .collect();
        let mut weights = Weights::draw(&mut SysRng).expect("the operating system has randomness");
        for verdict in verify_batch(&candidates, &mut weights) {
            verdict.expect("the proof holds");
        }
    }
}

fn ballots(c: &mut Criterion) {
    let options = |options| (format!("{options} options"), Contest::of_options(options));
    let number = (
        "one number of 32 bits".to_owned(),
        Contest::new(number(), vec![1 << 31]),
    );
    for (name, contest) in [options(13), options(50), number] {
        println!(
            "{name}: alpha, beta and proof have {} bytes",
            contest.ballot().len()
        );
        let mut group = c.benchmark_group(&name);
        group.sample_size(50);
        group.bench_function("encrypt and prove", |b| {
            b.iter_batched(
                || contest.witness(),
                |witness| {
                    prove(
                        &contest.style,
                        &contest.context,
                        black_box(&witness),
                        &mut SysRng,
                    )
                },
                BatchSize::SmallInput,
            );
        });
        for count in [1, 64, 256] {
            let ballots: Vec<Vec<u8>> = (0..count).map(|_| contest.ballot()).collect();
            group.throughput(Throughput::Elements(count));
            group.bench_function(format!("decode and verify {count} together"), |b| {
                b.iter(|| contest.verify(black_box(&ballots)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, ballots);
criterion_main!(benches);
