//! Ballots with numbers: what is in range is what is encrypted, and nothing else passes.

use super::equations::broken;
use super::prover::{Prover, low_bits};
use super::*;
use crate::style::RangeForm;

/// R: answers are 0..R. It is no power of two, so that both forms matter.
const R: u64 = 1000;

/// A number of 0..R with blank and square: value, blank, square, and the forms of the specification.
pub fn number() -> Shape {
    let of = |kind, position| Coordinate {
        kind,
        counts: Some((position, 1)),
    };
    let coordinates = vec![
        of(CoordinateKind::Free, 0),
        of(CoordinateKind::Bit, 1),
        of(CoordinateKind::Product(0, 0), 2),
    ];
    let r = i64::try_from(R).unwrap();
    let at_least = RangeForm {
        constant: 0,
        terms: vec![(0, 1)],
    };
    let at_most = RangeForm {
        constant: R,
        terms: vec![(0, -1), (1, -r)],
    };
    Shape::new(3, coordinates, vec![])
        .unwrap()
        .with_ranges(16, vec![at_least, at_most])
        .unwrap()
}

/// Two numbers in buckets of unequal size, 0..99 and 100..255, their product, in 8 bits.
fn two_numbers() -> Shape {
    let of = |kind, position| Coordinate {
        kind,
        counts: Some((position, 1)),
    };
    let (mut coordinates, mut forms, mut constraints) = (vec![], vec![], vec![]);
    for number in 0..2u16 {
        let (j, position) = (3 * number, 3 * number);
        coordinates.push(of(CoordinateKind::Free, position));
        coordinates.push(of(CoordinateKind::Bit, position + 1));
        coordinates.push(of(CoordinateKind::Bit, position + 2));
        constraints.push(constraint(&[(j + 1, 1), (j + 2, 1)], 1));
        forms.push(RangeForm {
            constant: 0,
            terms: vec![(j, 1), (j + 2, -100)],
        });
        forms.push(RangeForm {
            constant: 0,
            terms: vec![(j, -1), (j + 1, 99), (j + 2, 255)],
        });
    }
    coordinates.push(of(CoordinateKind::Product(0, 3), 6));
    Shape::new(7, coordinates, constraints)
        .unwrap()
        .with_ranges(8, forms)
        .unwrap()
}

fn answered(value: u64) -> Vec<u64> {
    vec![value, 0, value * value]
}

/// The verdict on what the second prover makes, after naming the equations that break.
fn verdict(prover: &Prover<'_>, equations: &[usize]) -> Result<(), Refusal> {
    let (election, vector) = (prover.election, prover.prove());
    let challenges = election.challenges(&vector);
    assert_eq!(broken(election, &vector, challenges), equations);
    election.verify_vector(&vector)
}

#[test]
fn numbers_in_range_are_accepted_from_both_provers() {
    let election = Election::new(number());
    for b in [answered(0), answered(1), answered(R), vec![0, 1, 0]] {
        let bytes = election.prove(&b);
        assert_eq!(election.verify(&bytes), Ok(()), "{b:?}");
        assert_eq!(bytes.len(), election.style.encoded_length());
        let prover = Prover::of_integers(&election, &b);
        assert_eq!(verdict(&prover, &[]), Ok(()), "{b:?}");
        let encoded = super::prover::encode(&prover.prove());
        assert_eq!(encoded.len(), bytes.len());
    }
    // alpha, three of beta, two W, 9 + 2·5 of the Bulletproof, seven points, three f, four scalars.
    assert_eq!(
        election.style.encoded_length(),
        32 * (1 + 3 + 2 + 19 + 7 + 3 + 4)
    );
}

#[test]
fn numbers_share_one_range_proof() {
    let election = Election::new(two_numbers());
    for b in [
        [0, 1, 0, 99, 1, 0, 0],
        [100, 0, 1, 99, 1, 0, 9900],
        [255, 0, 1, 100, 0, 1, 25_500],
    ] {
        assert_eq!(election.verify(&election.prove(&b)), Ok(()), "{b:?}");
    }
    // The right value in the wrong bucket, on either side.
    for b in [[100, 1, 0, 0, 1, 0, 0], [99, 0, 1, 0, 1, 0, 0]] {
        assert_eq!(election.verify(&election.prove(&b)), Err(EQUATIONS));
    }
    // Each false product, and no bucket or two.
    let false_product = election.prove(&[100, 0, 1, 99, 1, 0, 9901]);
    assert_eq!(election.verify(&false_product), Err(EQUATIONS));
    for (b, of) in [([0, 0, 0, 0, 1, 0, 0], 0), ([0, 1, 0, 150, 1, 1, 0], 1)] {
        assert_eq!(election.verify(&election.prove(&b)), Err(limit(of)));
    }
}

#[test]
fn a_number_just_outside_is_refused() {
    let election = Election::new(number());
    let minus = -Scalar::ONE;
    let above = Scalar::from(R + 1);
    let far = Scalar::from(1u64 << 16);
    for value in [minus, above, far] {
        let b = [value, Scalar::ZERO, value * value];
        assert_eq!(
            verdict(&Prover::new(&election, &b), &[7]),
            Err(EQUATIONS),
            "{value:?}"
        );
    }
}

/// A residue that is a small number only mod l, as 1/2, is in no range.
#[test]
fn a_number_that_wraps_around_the_group_order_is_refused() {
    let election = Election::new(number());
    let half = Scalar::from(2u8).invert();
    let wrapped = -Scalar::from(R);
    for value in [half, wrapped, random_scalar()] {
        let b = [value, Scalar::ZERO, value * value];
        assert_eq!(verdict(&Prover::new(&election, &b), &[7]), Err(EQUATIONS));
        // The prover under test has no such coordinates, only what is left of them in 64 bits.
        let low = low_bits(&value);
        let bytes = election.prove(&[low, 0, low.wrapping_mul(low)]);
        assert_eq!(election.verify(&bytes), Err(EQUATIONS));
    }
}

#[test]
fn blank_together_with_a_number_is_refused() {
    let election = Election::new(number());
    assert_eq!(election.verify(&election.prove(&[0, 1, 0])), Ok(()));
    for value in [1, R] {
        let b = [value, 1, value * value].map(Scalar::from);
        assert_eq!(verdict(&Prover::new(&election, &b), &[7]), Err(EQUATIONS));
    }
}

#[test]
fn a_square_that_is_none_is_refused() {
    let election = Election::new(number());
    for square in [143u64, 145, 0] {
        let b = [12, 0, square].map(Scalar::from);
        assert_eq!(verdict(&Prover::new(&election, &b), &[2]), Err(EQUATIONS));
        let bytes = election.prove(&[12, 0, square]);
        assert_eq!(election.verify(&bytes), Err(EQUATIONS));
    }
}

/// The range proof is about W; equation 6 is what ties W to the ballot.
#[test]
fn a_range_proof_of_other_numbers_is_refused() {
    let election = Election::new(number());
    let million = Scalar::from(1_000_000u32);
    let mut prover = Prover::new(&election, &[million, Scalar::ZERO, million * million]);
    prover.in_range = vec![5, R - 5];
    prover.committed = vec![Scalar::from(5u8), Scalar::from(R - 5)];
    assert_eq!(verdict(&prover, &[6]), Err(EQUATIONS));
    // One of the two forms is enough.
    let mut prover = Prover::of_integers(&election, &answered(R + 1));
    prover.in_range[1] = 0;
    prover.committed[1] = Scalar::ZERO;
    assert_eq!(verdict(&prover, &[6]), Err(EQUATIONS));
}

/// Errors of two forms cannot make each other good: each has its own power of y.
#[test]
fn errors_of_two_forms_that_cancel_in_the_plain_sum_are_refused() {
    let election = Election::new(number());
    let mut prover = Prover::of_integers(&election, &answered(R + 7));
    assert_eq!(prover.committed[1], -Scalar::from(7u8));
    prover.committed = vec![Scalar::from(R), Scalar::ZERO];
    prover.in_range = vec![R, 0];
    assert_eq!(verdict(&prover, &[6]), Err(EQUATIONS));
}

/// W leaves a key holder nothing to open: its bases are H and P, and no key is in it. On beta_i, and
/// with H = G, whoever knows s_i could prove any range of what it encrypts as another value.
#[test]
fn a_commitment_to_a_range_has_no_key_of_the_election_in_it() {
    let election = Election::new(number());
    let prover = Prover::of_integers(&election, &answered(3));
    let vector = prover.prove();
    let w = vector.ranges.as_ref().unwrap().w[0];
    assert_eq!(
        *w.point(),
        value_base() * Scalar::from(3u8) + blinding_base() * prover.gamma[0]
    );
    // What opens a beta to another value with the secret key, had H been G, opens no W: the
    // difference of the two openings would be a relation of H and P.
    let (secret, value, other) = (election.secrets[0], Scalar::from(3u8), Scalar::from(R + 1));
    let nonce = prover.r + (value - other) * secret.invert();
    let key = mul_base(&secret);
    assert_eq!(
        base() * value + key * prover.r,
        base() * other + key * nonce
    );
    let shifted = prover.gamma[0] + (value - other) * secret.invert();
    assert_ne!(*w.point(), value_base() * other + blinding_base() * shifted);
    let mut forger = Prover::of_integers(&election, &answered(R + 1));
    forger.committed[1] = Scalar::ZERO;
    forger.in_range[1] = 0;
    forger.r = nonce;
    assert_eq!(verdict(&forger, &[6]), Err(EQUATIONS));
}

#[test]
fn a_range_proof_of_another_voter_or_ballot_is_refused() {
    let election = Election::new(number());
    let one = election.decode(&election.prove(&answered(5))).unwrap();
    let two = election.decode(&election.prove(&answered(5))).unwrap();
    let mut other_voter = election.clone();
    other_voter.context.credential = random_element();
    let elsewhere = other_voter
        .decode(&other_voter.prove(&answered(5)))
        .unwrap();
    for ranges in [two.ranges, elsewhere.ranges] {
        // Taken over by a prover that knows all the rest, its openings included.
        let mut mixed = one.clone();
        mixed.ranges = ranges;
        assert!(election.verify_vector(&mixed).is_err());
    }
    // Even with the same W, opened by its maker: the Bulletproof is bound to the ciphertext.
    let prover = Prover::of_integers(&election, &answered(5));
    let mut again = Prover::of_integers(&election, &answered(5));
    again.gamma.clone_from(&prover.gamma);
    let moved = prover.prove().ranges.unwrap();
    let mut vector = again.commitment();
    vector.ranges = Some(moved);
    again.second_move(&election.challenges(&vector).0, &mut vector);
    again.third_move(&election.challenges(&vector), &mut vector);
    assert_eq!(
        broken(&election, &vector, election.challenges(&vector)),
        [7]
    );
    assert_eq!(election.verify_vector(&vector), Err(EQUATIONS));
}

/// zeta_W is bound by nothing but equation 6, and P is in no other equation with it.
#[test]
fn the_response_of_the_link_absorbs_no_error_elsewhere() {
    let election = Election::new(number());
    let mut forger = Prover::of_integers(&election, &answered(5));
    forger.values[0] = Scalar::from(1000u32);
    let mut forged = forger.prove();
    let challenges = election.challenges(&forged);
    assert_eq!(broken(&election, &forged, challenges), [4]);
    forged.ranges.as_mut().unwrap().zeta_w += random_scalar();
    assert_eq!(broken(&election, &forged, challenges), [4, 6]);
    // Errors of z and zeta_W, both on P, cancel in the plain sum, and not under the weights.
    let mut vector = Prover::of_integers(&election, &answered(5)).prove();
    let error = random_scalar();
    vector.proof.z += error;
    vector.ranges.as_mut().unwrap().zeta_w -= error;
    let challenges = election.challenges(&vector);
    assert_eq!(broken(&election, &vector, challenges), [1, 6]);
    assert_eq!(election.verify_vector(&vector), Err(EQUATIONS));
}

/// Whatever the hash leaves out can be solved for; W, T_W and the Bulletproof are in it.
#[test]
fn no_field_of_the_ranges_can_be_solved_for_after_the_challenges() {
    let election = Election::new(number());
    let mut forger = Prover::of_integers(&election, &answered(R + 1));
    forger.committed[1] = Scalar::ZERO;
    forger.in_range[1] = 0;
    let mut forged = forger.prove();
    let careless = election.challenges(&forged);
    let error = super::equations::errors(&election, &forged, careless)[4];
    let ranges = forged.ranges.as_mut().unwrap();
    ranges.t_w = element(ranges.t_w.point() + error);
    assert_eq!(broken(&election, &forged, careless), [0usize; 0]);
    assert_eq!(election.verify_under(&forged, careless), Ok(()));
    assert!(election.verify_vector(&forged).is_err());

    let vector = Prover::of_integers(&election, &answered(5)).prove();
    let (y, x) = election.challenges(&vector);
    let changes: [fn(&mut RangeArgument); 4] = [
        |ranges| ranges.w[1] = random_element(),
        |ranges| ranges.bulletproof.s = random_element(),
        |ranges| ranges.bulletproof.right = random_scalar(),
        |ranges| ranges.t_w = random_element(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = vector.clone();
        change(changed.ranges.as_mut().unwrap());
        let (other_y, other_x) = election.challenges(&changed);
        assert_eq!(other_y != y, number < 3);
        assert_ne!(other_x, x);
    }
}

#[test]
fn simulated_ballots_with_numbers_are_accepted_under_their_challenges_only() {
    let election = Election::new(number());
    let beta = (0..3).map(|_| random_element()).collect();
    let challenges = (random_scalar(), random_scalar());
    let vector = super::theorems::simulate(&election, random_element(), beta, challenges);
    assert_eq!(election.verify_under(&vector, challenges), Ok(()));
    assert!(election.verify_vector(&vector).is_err());
}

#[test]
fn a_ballot_without_its_range_proof_or_with_one_too_many_is_refused() {
    let election = Election::new(number());
    let mut vector = election.decode(&election.prove(&answered(5))).unwrap();
    vector.ranges = None;
    assert_eq!(election.verify_vector(&vector), Err(SHAPE));
    let plain = Election::of(&[choices(3, 0, 2, false)]);
    let mut vector = plain.decode(&plain.prove(&[1, 0, 0, 1, 0])).unwrap();
    let prover = Prover::of_integers(&election, &answered(5));
    vector.ranges = prover.prove().ranges;
    assert_eq!(plain.verify_vector(&vector), Err(SHAPE));
}

#[test]
fn ballots_with_and_without_numbers_share_a_batch_and_the_wrong_ones_are_named() {
    // The second style has fewer bits and fewer forms than the generators were made for.
    let shapes = [
        two_numbers(),
        number(),
        shape_of(&[choices(7, 1, 1, false)]),
    ];
    let n = shapes.iter().map(Shape::n_positions).max().unwrap();
    let secrets: Vec<Scalar> = (0..n).map(|_| random_scalar()).collect();
    let keys: Vec<Element> = secrets.iter().map(|s| element(mul_base(s))).collect();
    let fixed = Arc::new(FixedPoints::new(&shapes, &keys));
    let contexts = BallotContext {
        credential: random_element(),
        counter: 1,
        previous: [0; 32],
    };
    let answers = [
        vec![100, 0, 1, 99, 1, 0, 9900],
        answered(77),
        vec![0, 0, 1, 0, 0, 0, 0],
    ];
    let styles: Vec<StyleStatement> = (0u16..)
        .zip(&shapes)
        .map(|(number, shape)| {
            let of_style = keys[..shape.n_positions()].to_vec();
            let positions = (0..shape.n_positions()).collect();
            let fixed = Arc::clone(&fixed);
            StyleStatement::new(
                &Digest([7; 32]),
                number,
                shape.clone(),
                positions,
                of_style,
                fixed,
            )
        })
        .collect();
    let vectors: Vec<EncryptedVector> = (0..12)
        .map(|i| {
            let style = &styles[i % 3];
            let mut coordinates = answers[i % 3].clone();
            if i == 4 {
                coordinates = answered(R + 1);
            }
            let witness = Witness {
                coordinates: Secret::new(coordinates),
                nonce: Secret::new(random_scalar()),
            };
            let bytes = prove(style, &contexts, &witness, &mut SysRng).unwrap();
            let mut vector =
                EncryptedVector::decode(style.shape(), &mut Reader::new(&bytes)).unwrap();
            if i == 9 {
                vector.ranges.as_mut().unwrap().zeta_w += Scalar::ONE;
            }
            vector
        })
        .collect();
    let candidates: Vec<Candidate<'_>> = vectors
        .iter()
        .enumerate()
        .map(|(i, vector)| Candidate::new(&styles[i % 3], &contexts, vector).unwrap())
        .collect();
    let verdicts = verify_batch(&candidates, &mut Weights::draw(&mut SysRng).unwrap());
    let refused: Vec<usize> = (0..12).filter(|i| verdicts[*i].is_err()).collect();
    assert_eq!(refused, [4, 9]);
}

#[test]
fn every_flipped_bit_of_a_ballot_with_a_number_is_refused() {
    let election = Election::new(number());
    let bytes = election.prove(&answered(5));
    for bit in (0..bytes.len() * 8).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(election.verify(&flipped).is_err(), "{bit}");
    }
}

#[test]
fn forms_that_range_proofs_do_not_have_are_refused() {
    use crate::style::ShapeError;
    let form = |constant, terms: &[(u16, i64)]| RangeForm {
        constant,
        terms: terms.to_vec(),
    };
    let of = |bits, forms: Vec<RangeForm>| {
        let shape = Shape::new(0, vec![bit(None)], vec![]).unwrap();
        shape.with_ranges(bits, forms).err()
    };
    let most = (1 << 33) - 1;
    assert_eq!(of(32, vec![form(most, &[(0, -(most as i64))])]), None);
    for bits in [0, 1, 24, 64] {
        assert_eq!(of(bits, vec![form(0, &[(0, 1)])]), Some(ShapeError::Range));
    }
    assert_eq!(of(8, vec![]), Some(ShapeError::Range));
    assert_eq!(of(8, vec![form(1 << 33, &[])]), Some(ShapeError::Range));
    for factor in [1 << 33, -(1 << 33), i64::MIN] {
        let forms = vec![form(0, &[(0, factor)])];
        assert_eq!(of(8, forms), Some(ShapeError::Range));
    }
    let unknown = vec![form(0, &[(1, 1)])];
    assert_eq!(of(8, unknown), Some(ShapeError::OutOfRange));
}
