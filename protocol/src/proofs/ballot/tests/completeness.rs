//! Every allowed ballot is accepted.

use proptest::prelude::*;

use super::prover::{Prover, encode};
use super::*;

/// Spec sizes: 13 options, limit 1 to 3.
#[test]
fn a_ballot_of_13_options_has_1216_bytes_and_all_ballots_of_a_style_the_same() {
    let rules = choices(13, 1, 3, false);
    let election = Election::of(&[rules]);
    assert_eq!(election.shape.n_coordinates(), 15);
    assert_eq!(election.style.encoded_length(), 1216);
    for chosen in [1usize, 2, 3] {
        let mut values = [0; 13];
        values[..chosen].fill(1);
        let bytes = election.prove(&answer(rules, Some(&values)));
        assert_eq!(bytes.len(), 1216);
        assert_eq!(election.verify(&bytes), Ok(()));
    }
}

#[test]
fn both_provers_are_accepted_and_encode_alike() {
    let rules = choices(4, 0, 2, true);
    let election = Election::of(&[rules]);
    let b = answer(rules, Some(&[0, 1, 1, 0]));
    let bytes = election.prove(&b);
    assert_eq!(encode(&election.decode(&bytes).unwrap()), bytes);
    let vector = Prover::of_integers(&election, &b).prove();
    assert_eq!(election.verify_vector(&vector), Ok(()));
    assert_eq!(election.verify(&encode(&vector)), Ok(()));
}

/// Rules of a contest, and a seed from which an allowed answer follows.
fn contest() -> impl Strategy<Value = (Rules, u64)> {
    let limits = (
        1usize..6,
        1u32..9,
        any::<bool>(),
        any::<(u32, u32)>(),
        any::<u64>(),
    );
    limits.prop_map(|(n_options, max_per_option, blank, (low, high), seed)| {
        let most = max_per_option * u32::try_from(n_options).unwrap();
        let max = 1 + high % most;
        let min = low % (max + 1);
        let rules = Rules {
            n_options,
            max_per_option,
            min,
            max,
            blank,
        };
        (rules, seed)
    })
}

/// An allowed answer: a sum between the limits, spread over the options.
fn allowed(rules: Rules, seed: u64) -> Option<Vec<u32>> {
    if rules.blank && seed.is_multiple_of(5) {
        return None;
    }
    let mut sum = rules.min + u32::try_from(seed >> 33).unwrap() % (rules.max - rules.min + 1);
    let mut values = vec![0; rules.n_options];
    let first = usize::try_from(seed % 7).unwrap();
    for i in 0..rules.n_options {
        let value = sum.min(rules.max_per_option);
        values[(first + i) % rules.n_options] = value;
        sum -= value;
    }
    assert_eq!(sum, 0);
    Some(values)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_allowed_answer_to_any_contests_is_accepted(
        contests in proptest::collection::vec(contest(), 1..4),
    ) {
        let rules: Vec<Rules> = contests.iter().map(|(rules, _)| *rules).collect();
        let election = Election::of(&rules);
        let b: Vec<u64> = contests
            .iter()
            .flat_map(|(rules, seed)| answer(*rules, allowed(*rules, *seed).as_deref()))
            .collect();
        prop_assert_eq!(election.verify(&election.prove(&b)), Ok(()));
    }
}

/// A shape with free and product coordinates: a value v, its square, a bit, their product, and
/// v + 3·bit + slack = 1000.
fn products() -> Shape {
    let coordinate = |kind, counts| Coordinate { kind, counts };
    let coordinates = vec![
        coordinate(CoordinateKind::Free, Some((0, 1))),
        coordinate(CoordinateKind::Product(0, 0), Some((1, 1))),
        bit(Some((3, 1))),
        coordinate(CoordinateKind::Product(0, 2), Some((2, 5))),
        coordinate(CoordinateKind::Free, None),
    ];
    Shape::new(
        4,
        coordinates,
        vec![constraint(&[(0, 1), (2, 3), (4, 1)], 1000)],
    )
    .unwrap()
}

#[test]
fn free_coordinates_and_products_are_accepted_and_false_products_refused() {
    let election = Election::new(products());
    for v in [0u64, 1, 2, 31, 997] {
        let b = [v, v * v, 1, v, 997 - v];
        assert_eq!(election.verify(&election.prove(&b)), Ok(()), "{v}");
        let b = [v, v * v, 0, 0, 1000 - v];
        assert_eq!(election.verify(&election.prove(&b)), Ok(()), "{v}");
    }
    // Each false product is caught, and a false sum by its constraint.
    for false_b in [
        [3, 10, 1, 3, 994],
        [3, 9, 1, 4, 994],
        [3, 9, 1, 0, 994],
        [3, 9, 0, 3, 997],
        [3, 0, 1, 3, 994],
    ] {
        assert_eq!(
            election.verify(&election.prove(&false_b)),
            Err(EQUATIONS),
            "{false_b:?}"
        );
    }
    let wrong_sum = election.prove(&[3, 9, 1, 3, 993]);
    assert_eq!(election.verify(&wrong_sum), Err(limit(0)));
}

/// k × k permutation matrices: 2k constraints of rank 2k − 1, and one of them twice.
pub fn permutation_matrices(k: u16) -> Shape {
    let line = |line: u16, step: u16, stride: u16| -> Vec<(u16, u64)> {
        (0..k).map(|i| (line * step + i * stride, 1)).collect()
    };
    let mut constraints: Vec<Constraint> = (0..k)
        .flat_map(|i| [constraint(&line(i, k, 1), 1), constraint(&line(i, 1, k), 1)])
        .collect();
    constraints.push(constraints[0].clone());
    let coordinates = (0..k * k).map(|j| bit(Some((j, 1)))).collect();
    Shape::new(usize::from(k * k), coordinates, constraints).unwrap()
}

#[test]
fn dependent_constraints_are_accepted_and_a_break_of_any_one_is_refused() {
    let election = Election::new(permutation_matrices(3));
    assert_eq!(
        election.verify(&election.prove(&[0, 1, 0, 0, 0, 1, 1, 0, 0])),
        Ok(())
    );
    // Rows are kept, columns 0 and 1 are not: constraints are row 0, column 0, row 1, column 1, ….
    let columns = election.prove(&[1, 0, 0, 1, 0, 0, 0, 0, 1]);
    assert_eq!(election.verify(&columns), Err(limit(1)));
    // Columns are kept, rows are not.
    let rows = election.prove(&[1, 1, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(election.verify(&rows), Err(limit(0)));
    // Every line is kept by values that are no bits.
    let minus = -Scalar::ONE;
    let (one, zero) = (Scalar::ONE, Scalar::ZERO);
    let b = [one, one, minus, zero, zero, one, zero, zero, one];
    assert_eq!(
        election.verify_vector(&Prover::new(&election, &b).prove()),
        Err(EQUATIONS)
    );
}

#[test]
fn contests_without_freedom_are_accepted() {
    // min = max = number of options: the one ballot is public, and still encrypted and proved.
    let rules = choices(2, 2, 2, false);
    let election = Election::of(&[rules]);
    assert_eq!(election.shape.kernel_dimension(), 1);
    assert_eq!(election.verify(&election.prove(&[1, 1])), Ok(()));
    assert_eq!(election.verify(&election.prove(&[1, 0])), Err(limit(0)));
    let one = Election::of(&[choices(1, 1, 1, false)]);
    assert_eq!(one.shape.kernel_dimension(), 0);
    assert_eq!(one.verify(&one.prove(&[1])), Ok(()));
}

#[test]
fn without_randomness_nothing_is_proved() {
    struct Broken;
    impl rand_core::TryRng for Broken {
        type Error = RandomnessError;
        fn try_next_u32(&mut self) -> Result<u32, RandomnessError> {
            Err(RandomnessError)
        }
        fn try_next_u64(&mut self) -> Result<u64, RandomnessError> {
            Err(RandomnessError)
        }
        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), RandomnessError> {
            Err(RandomnessError)
        }
    }
    impl rand_core::TryCryptoRng for Broken {}
    let election = Election::of(&[choices(1, 0, 1, false)]);
    let witness = Witness {
        coordinates: Secret::new(vec![1, 0]),
        nonce: Secret::new(random_scalar()),
    };
    let proved = prove(&election.style, &election.context, &witness, &mut Broken);
    assert_eq!(proved, Err(RandomnessError));
}
