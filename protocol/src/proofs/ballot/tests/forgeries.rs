//! Forgeries that other systems, or a variant of this proof, would accept.

use super::equations::broken;
use super::prover::Prover;
use super::*;

fn free(counts: Option<(u16, u64)>) -> Coordinate {
    Coordinate {
        kind: CoordinateKind::Free,
        counts,
    }
}

/// A variant of this proof leaves numeric positions out of C and gives them a free response in equation 4.
/// That response then absorbs an error of any other position: here, 1,000 votes in position 0.
#[test]
fn a_free_response_of_a_numeric_position_absorbs_no_error_of_another_position() {
    let shape = Shape::new(2, vec![bit(Some((0, 1))), free(Some((1, 1)))], vec![]).unwrap();
    let election = Election::new(shape);
    let honest = Prover::of_integers(&election, &[1, 44]).prove();
    assert_eq!(election.verify_vector(&honest), Ok(()));

    let mut forger = Prover::of_integers(&election, &[1, 44]);
    forger.values[0] = Scalar::from(1000u32);
    let mut forged = forger.prove();
    let (y, x) = election.challenges(&forged);
    assert_eq!(broken(&election, &forged, (y, x)), [4]);
    // Equation 4 lacks x·(1000 − 1)·H in position 0; the response of position 1 counts y times.
    forged.proof.f[1] += x * Scalar::from(999u32) * y.invert();
    // Now only equation 1 is broken, and only by the coordinate that the variant leaves out.
    assert_eq!(broken(&election, &forged, (y, x)), [1]);
    let absorbed = x * Scalar::from(999u32) * y.invert();
    let error = super::equations::errors(&election, &forged, (y, x))[0];
    assert_eq!(error, vector_bases(2)[1] * absorbed);
    assert_eq!(election.verify_vector(&forged), Err(EQUATIONS));

    // And as the variant would have it: the free coordinate in neither C nor A.
    let mut left_out = forger.commitment();
    let without =
        |point: &Element, scalar: Scalar| element(point.point() - vector_bases(2)[1] * scalar);
    left_out.proof.c = without(&left_out.proof.c, forger.b[1]);
    forger.second_move(&election.challenges(&left_out).0, &mut left_out);
    left_out.proof.a = without(&left_out.proof.a, forger.a[1]);
    let (y, x) = election.challenges(&left_out);
    forger.third_move(&(y, x), &mut left_out);
    left_out.proof.f[1] += x * Scalar::from(999u32) * y.invert();
    assert_eq!(broken(&election, &left_out, (y, x)), [1]);
    let error = super::equations::errors(&election, &left_out, (y, x))[0];
    assert_eq!(error, vector_bases(2)[1] * left_out.proof.f[1]);
    assert_eq!(election.verify_vector(&left_out), Err(EQUATIONS));
}

/// The field that a careless hash leaves out, and that a forger therefore solves for at the end.
#[derive(Clone, Copy, Debug)]
enum Omitted {
    C,
    A,
    D,
    E,
    Alpha,
    TAlpha,
    Beta(usize),
    TBeta,
}

/// Sets the omitted field to what its equation asks for, after the challenges.
fn solve(election: &Election, forged: &mut EncryptedVector, omitted: Omitted, c: Challenges) {
    let [one, two, three, four, _] = super::equations::errors(election, forged, c);
    let (y, x) = c;
    let inverse = x.invert();
    let proof = &mut forged.proof;
    let power = |i: usize| (0..i).fold(Scalar::ONE, |power, _| power * y);
    let (field, error) = match omitted {
        Omitted::C => (&mut proof.c, one * inverse),
        Omitted::A => (&mut proof.a, one),
        Omitted::D => (&mut proof.d, two * inverse),
        Omitted::E => (&mut proof.e, two),
        Omitted::Alpha => (&mut forged.alpha, three * inverse),
        Omitted::TAlpha => (&mut proof.t_alpha, three),
        Omitted::Beta(i) => (&mut forged.beta[i], four * inverse * power(i).invert()),
        Omitted::TBeta => (&mut proof.t_beta, four),
    };
    *field = element(field.point() + error);
}

/// Bernhard–Pereira–Warinschi, ASIACRYPT 2012: where the hash leaves out any part of the statement
/// or of the commitments, that part can be solved for after the challenge.
#[test]
fn no_field_can_be_solved_for_after_the_challenges() {
    let rules = choices(3, 0, 2, false);
    let shape = shape_of(&[rules]);
    let mut coordinates = shape.coordinates().to_vec();
    coordinates.push(free(None));
    let constraints = shape.constraints().to_vec();
    let election = Election::new(Shape::new(3, coordinates, constraints).unwrap());
    let honest: Vec<Scalar> = [1, 0, 0, 1, 0, 7u64]
        .into_iter()
        .map(Scalar::from)
        .collect();
    for omitted in [
        Omitted::C,
        Omitted::A,
        Omitted::D,
        Omitted::E,
        Omitted::Alpha,
        Omitted::TAlpha,
        Omitted::Beta(0),
        Omitted::Beta(2),
        Omitted::TBeta,
    ] {
        let mut b = honest.clone();
        if matches!(omitted, Omitted::D | Omitted::E) {
            // Two votes for one option, and minus one for another.
            b[0] += Scalar::ONE;
            b[1] -= Scalar::ONE;
        }
        let mut forger = Prover::new(&election, &b);
        if matches!(omitted, Omitted::Beta(_) | Omitted::TBeta) {
            forger.values[2] += Scalar::from(1000u32);
        }
        let mut forged = forger.prove();
        if matches!(omitted, Omitted::Alpha | Omitted::TAlpha) {
            forged.alpha = random_element();
        }
        // A careless hash would still give these challenges when the omitted field changes.
        let careless = election.challenges(&forged);
        forger.third_move(&careless, &mut forged);
        if matches!(omitted, Omitted::C | Omitted::A) {
            // No value is committed at all: the response is whatever the forger likes.
            forged.proof.f[5] = random_scalar();
        }
        if matches!(
            omitted,
            Omitted::Alpha | Omitted::TAlpha | Omitted::Beta(_) | Omitted::TBeta
        ) {
            // y is a challenge after alpha and beta; the forger's T_beta was made for another.
            forger.second_move(&careless.0, &mut forged);
        }
        solve(&election, &mut forged, omitted, careless);
        assert_eq!(
            broken(&election, &forged, careless),
            [0usize; 0],
            "{omitted:?}"
        );
        assert_eq!(
            election.verify_under(&forged, careless),
            Ok(()),
            "{omitted:?}"
        );
        assert!(election.verify_vector(&forged).is_err(), "{omitted:?}");
    }
}

/// The challenges first and everything else after them, for a statement that is false.
#[test]
fn a_simulated_proof_of_a_false_statement_is_refused() {
    let election = Election::of(&[choices(2, 0, 1, false)]);
    let mut prover = Prover::of_integers(&election, &[1, 0, 0]);
    prover.values = vec![Scalar::from(1000u32), -Scalar::from(999u32)];
    let (alpha, beta) = prover.ciphertext();
    let challenges = (random_scalar(), random_scalar());
    let forged = super::theorems::simulate(&election, alpha, beta, challenges);
    assert_eq!(election.verify_under(&forged, challenges), Ok(()));
    assert!(election.verify_vector(&forged).is_err());
}

/// A challenge of y = 0 would leave all positions but the first unchecked, x = 0 everything: both
/// come out of a hash with probability 1/l, and no field lets a forger choose them.
#[test]
fn zero_challenges_would_prove_nothing() {
    let election = Election::of(&[choices(2, 0, 1, false)]);
    let mut prover = Prover::of_integers(&election, &[1, 0, 0]);
    prover.values[1] = Scalar::from(1000u32);
    let zero_y = (Scalar::ZERO, random_scalar());
    assert_eq!(election.verify_under(&prover.run(zero_y), zero_y), Ok(()));
    let some = (random_scalar(), random_scalar());
    assert_eq!(
        election.verify_under(&prover.run(some), some),
        Err(EQUATIONS)
    );
    let zero_x = (random_scalar(), Scalar::ZERO);
    assert_eq!(election.verify_under(&prover.run(zero_x), zero_x), Ok(()));
}
