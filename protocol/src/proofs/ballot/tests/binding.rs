//! Nothing of a ballot or its statement can be changed, moved or used again elsewhere.

use proptest::prelude::*;

use super::prover::{Prover, encode, hashed};
use super::*;

const RULES: Rules = choices(3, 0, 2, true);

fn election() -> Election {
    Election::of(&[RULES])
}

fn b() -> Vec<u64> {
    answer(RULES, Some(&[1, 0, 0]))
}

/// Every element of a ballot, by name.
fn elements(vector: &mut EncryptedVector) -> Vec<(String, &mut Element)> {
    let proof = &mut vector.proof;
    let named = [
        ("alpha", &mut vector.alpha),
        ("C", &mut proof.c),
        ("A", &mut proof.a),
        ("D", &mut proof.d),
        ("E", &mut proof.e),
        ("T_alpha", &mut proof.t_alpha),
        ("T_beta", &mut proof.t_beta),
    ];
    let betas = vector.beta.iter_mut().enumerate();
    let betas = betas.map(|(i, beta)| (format!("beta_{i}"), beta));
    named
        .into_iter()
        .map(|(name, e)| (name.to_owned(), e))
        .chain(betas)
        .collect()
}

/// Every response of a ballot, by name.
fn responses(vector: &mut EncryptedVector) -> Vec<(String, &mut Scalar)> {
    let proof = &mut vector.proof;
    let last = [
        ("z", &mut proof.z),
        ("z'", &mut proof.z_prime),
        ("zeta", &mut proof.zeta),
    ];
    let f = proof
        .f
        .iter_mut()
        .enumerate()
        .map(|(j, f)| (format!("f_{j}"), f));
    f.chain(last.into_iter().map(|(name, s)| (name.to_owned(), s)))
        .collect()
}

#[test]
fn every_changed_element_is_refused() {
    let election = election();
    let vector = election.decode(&election.prove(&b())).unwrap();
    assert_eq!(election.verify_vector(&vector), Ok(()));
    let n = elements(&mut vector.clone()).len();
    assert_eq!(n, 1 + 4 + 6);
    for i in 0..n {
        for change in [
            base(),
            value_base(),
            blinding_base(),
            mul_base(&random_scalar()),
        ] {
            let mut changed = vector.clone();
            let (name, field) = elements(&mut changed).swap_remove(i);
            *field = element(field.point() + change);
            assert!(election.verify_vector(&changed).is_err(), "{name}");
            assert!(election.verify(&encode(&changed)).is_err(), "{name}");
        }
        let mut negated = vector.clone();
        let (name, field) = elements(&mut negated).swap_remove(i);
        *field = element(-field.point());
        assert!(election.verify_vector(&negated).is_err(), "{name}");
    }
}

#[test]
fn every_changed_response_is_refused() {
    let election = election();
    let vector = election.decode(&election.prove(&b())).unwrap();
    let n = responses(&mut vector.clone()).len();
    assert_eq!(n, 4 + 2 + 3);
    for i in 0..n {
        for change in [Scalar::ONE, -Scalar::ONE, random_scalar()] {
            let mut changed = vector.clone();
            let (name, field) = responses(&mut changed).swap_remove(i);
            *field += change;
            assert!(election.verify_vector(&changed).is_err(), "{name}");
        }
        let mut zero = vector.clone();
        let (name, field) = responses(&mut zero).swap_remove(i);
        *field = Scalar::ZERO;
        assert!(election.verify_vector(&zero).is_err(), "{name}");
    }
}

/// Both challenges depend on every element that stands before them, and on no response.
#[test]
fn challenges_cover_every_element() {
    let election = election();
    let vector = election.decode(&election.prove(&b())).unwrap();
    let (y, x) = election.challenges(&vector);
    assert_eq!((y, x), hashed(&election, &vector));
    for i in 0..elements(&mut vector.clone()).len() {
        let mut changed = vector.clone();
        let (name, field) = elements(&mut changed).swap_remove(i);
        *field = random_element();
        let (other_y, other_x) = election.challenges(&changed);
        let before_y = name == "alpha" || name == "C" || name.starts_with("beta");
        assert_eq!(other_y != y, before_y, "{name}");
        assert_ne!(other_x, x, "{name}");
    }
}

/// Elections that differ from the given one in one item of the statement.
fn variants(election: &Election) -> Vec<(&'static str, Election)> {
    let rebuilt = |change: &dyn Fn(&mut Election)| {
        let mut e = election.clone();
        change(&mut e);
        Election::with(e.id, e.style_number, e.shape, e.secrets, e.context)
    };
    let reshaped = |coordinates: &dyn Fn(&mut Vec<Coordinate>), constraints: Vec<Constraint>| {
        let mut list = election.shape.coordinates().to_vec();
        coordinates(&mut list);
        let shape = Shape::new(election.shape.n_positions(), list, constraints).unwrap();
        rebuilt(&|e| e.shape = shape.clone())
    };
    let same = election.shape.constraints().to_vec();
    let constant = vec![Constraint {
        constant: 1,
        ..same[0].clone()
    }];
    let mut coefficient = same.clone();
    coefficient[0].terms[5].1 = 2;
    let mut all = vec![
        ("election", rebuilt(&|e| e.id.0[31] ^= 1)),
        ("style number", rebuilt(&|e| e.style_number = 256)),
        (
            "credential",
            rebuilt(&|e| e.context.credential = random_element()),
        ),
        ("counter", rebuilt(&|e| e.context.counter += 1)),
        ("previous", rebuilt(&|e| e.context.previous[0] = 1)),
        ("no constraint", reshaped(&|_| {}, vec![])),
        (
            "a constraint twice",
            reshaped(&|_| {}, [same.clone(), same.clone()].concat()),
        ),
        ("constant", reshaped(&|_| {}, constant)),
        ("coefficient", reshaped(&|_| {}, coefficient)),
        (
            "kind",
            reshaped(&|list| list[5].kind = CoordinateKind::Free, same.clone()),
        ),
        (
            "product",
            reshaped(
                &|list| list[5].kind = CoordinateKind::Product(4, 4),
                same.clone(),
            ),
        ),
        (
            "product of",
            reshaped(
                &|list| list[5].kind = CoordinateKind::Product(3, 4),
                same.clone(),
            ),
        ),
        (
            "position",
            reshaped(&|list| list[5].counts = Some((0, 1)), same.clone()),
        ),
        (
            "weight zero",
            reshaped(&|list| list[5].counts = Some((0, 0)), same.clone()),
        ),
        (
            "weight",
            reshaped(&|list| list[0].counts = Some((0, 2)), same.clone()),
        ),
    ];
    for i in 0..election.secrets.len() {
        all.push(("key", rebuilt(&|e| e.secrets[i] += Scalar::ONE)));
    }
    all.push(("keys in another order", rebuilt(&|e| e.secrets.swap(0, 1))));
    all
}

#[test]
fn a_changed_statement_is_refused_and_changes_both_challenges() {
    let election = election();
    let bytes = election.prove(&b());
    let vector = election.decode(&bytes).unwrap();
    let (y, x) = election.challenges(&vector);
    let same = Election::with(
        election.id,
        election.style_number,
        election.shape.clone(),
        election.secrets.clone(),
        election.context,
    );
    assert_eq!(same.verify(&bytes), Ok(()));
    for (item, variant) in variants(&election) {
        assert!(variant.verify(&bytes).is_err(), "{item}");
        let (other_y, other_x) = variant.challenges(&vector);
        assert!(other_y != y && other_x != x, "{item} is not hashed");
    }
}

/// The twin: what was refused only for its statement is accepted when proved under it.
#[test]
fn a_ballot_proved_under_the_changed_statement_is_accepted() {
    for (item, variant) in variants(&election()) {
        // No choice and both slack bits; it breaks only what is changed.
        let verdict = variant.verify(&variant.prove(&[0, 0, 0, 0, 1, 1]));
        let other: Option<(Refusal, [u64; 6])> = match item {
            "constant" => Some((limit(0), [0, 0, 0, 0, 1, 0])),
            "coefficient" => Some((limit(0), [0, 0, 0, 0, 0, 1])),
            // A blank, and the second slack bit is no product of it and of the first.
            "product of" => Some((EQUATIONS, [0, 0, 0, 1, 0, 0])),
            _ => None,
        };
        if let Some((refusal, kept)) = other {
            assert_eq!(verdict, Err(refusal), "{item}");
            assert_eq!(variant.verify(&variant.prove(&kept)), Ok(()), "{item}");
        } else {
            assert_eq!(verdict, Ok(()), "{item}");
        }
    }
}

#[test]
fn a_ballot_of_another_voter_or_an_earlier_ballot_is_refused() {
    let election = election();
    let of = |context: BallotContext| Election {
        context,
        ..election.clone()
    };
    let first = election.prove(&b());
    let second = of(BallotContext {
        counter: 2,
        previous: [5; 32],
        ..election.context
    });
    let copied = of(BallotContext {
        credential: random_element(),
        ..election.context
    });
    assert_eq!(election.verify(&first), Ok(()));
    assert_eq!(second.verify(&second.prove(&b())), Ok(()));
    assert_eq!(copied.verify(&copied.prove(&b())), Ok(()));
    assert!(copied.verify(&first).is_err());
    assert!(second.verify(&first).is_err());
    assert!(election.verify(&second.prove(&b())).is_err());
}

#[test]
fn ciphertexts_of_one_ballot_with_the_proof_of_another_are_refused() {
    let election = election();
    let one = election.decode(&election.prove(&b())).unwrap();
    let two = election.decode(&election.prove(&b())).unwrap();
    let mut mixed = one.clone();
    mixed.proof = two.proof.clone();
    assert!(election.verify_vector(&mixed).is_err());
    for i in 0..one.beta.len() {
        let mut mixed = one.clone();
        mixed.beta[i] = two.beta[i];
        assert!(election.verify_vector(&mixed).is_err());
    }
    let mut mixed = one.clone();
    mixed.alpha = two.alpha;
    assert!(election.verify_vector(&mixed).is_err());
}

#[test]
fn positions_that_change_places_with_their_responses_are_refused() {
    let election = election();
    let one = election.decode(&election.prove(&b())).unwrap();
    for (i, j) in [(0, 1), (1, 2), (0, 3)] {
        let mut moved = one.clone();
        moved.beta.swap(i, j);
        assert!(election.verify_vector(&moved).is_err());
        moved.proof.f.swap(i, j);
        assert!(election.verify_vector(&moved).is_err());
    }
}

/// Re-randomising or adding to a ciphertext needs a new proof, hence the coordinates.
#[test]
fn a_malleated_copy_is_refused() {
    let election = election();
    let one = election.decode(&election.prove(&b())).unwrap();
    let keys = election.keys();
    let fresh = random_scalar();
    let mut copy = one.clone();
    copy.alpha = element(copy.alpha.point() + mul_base(&fresh));
    for (beta, key) in copy.beta.iter_mut().zip(&keys) {
        *beta = element(beta.point() + key * fresh);
    }
    // The response to the nonce can follow; the challenge does not.
    let (_, x) = election.challenges(&copy);
    copy.proof.zeta += x * fresh;
    assert!(election.verify_vector(&copy).is_err());
    // Its twin: under the old challenges the interactive argument accepts the copy.
    let old = election.challenges(&one);
    copy.proof.zeta = one.proof.zeta + old.1 * fresh;
    assert_eq!(election.verify_under(&copy, old), Ok(()));
}

#[test]
fn a_ballot_decoded_under_another_shape_is_refused() {
    let election = election();
    let smaller = Election::of(&[choices(3, 0, 2, false)]);
    let vector = smaller.decode(&smaller.prove(&[1, 0, 0, 1, 0])).unwrap();
    assert_eq!(smaller.verify_vector(&vector), Ok(()));
    assert_eq!(election.verify_vector(&vector), Err(SHAPE));
    // The same number of coordinates, but a position fewer, and the other way round.
    let as_many = Election::of(&[choices(4, 0, 2, false)]);
    let vector = as_many.decode(&as_many.prove(&[1, 0, 0, 0, 1, 0])).unwrap();
    assert_eq!(vector.beta.len(), election.shape.n_positions());
    let mut longer = vector.clone();
    longer.beta.push(random_element());
    assert_eq!(as_many.verify_vector(&longer), Err(SHAPE));
    let mut shorter = vector.clone();
    shorter.proof.f.pop();
    assert_eq!(as_many.verify_vector(&shorter), Err(SHAPE));
}

/// Items, labels and widths are those of the specification, written down twice.
#[test]
fn the_second_prover_hashes_the_same_items() {
    let election = election();
    let vector = Prover::of_integers(&election, &b()).prove();
    assert_eq!(hashed(&election, &vector), election.challenges(&vector));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_flipped_bit_is_refused(bit in 0usize..(4 + 6 + 10) * 256) {
        use std::sync::LazyLock;
        static BALLOT: LazyLock<(Election, Vec<u8>)> = LazyLock::new(|| {
            let election = election();
            let bytes = election.prove(&b());
            (election, bytes)
        });
        let (election, bytes) = &*BALLOT;
        prop_assert_eq!(bytes.len() * 8, (4 + 6 + 10) * 256);
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(election.verify(&flipped).is_err());
        prop_assert!(election.verify(bytes).is_ok());
    }
}
