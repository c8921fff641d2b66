//! Ballots that hold values or sums that the contest does not allow.
//!
//! Each cheat is made by the second prover, which commits and answers as well as it can.

use super::equations::broken;
use super::prover::Prover;
use super::*;

fn scalars(values: &[i64]) -> Vec<Scalar> {
    let scalar = |value: &i64| {
        let size = Scalar::from(value.unsigned_abs());
        if *value < 0 { -size } else { size }
    };
    values.iter().map(scalar).collect()
}

/// Proves with these coordinates and says what the verifier answers; checks that exactly the named
/// equations are broken.
fn verdict(election: &Election, b: &[Scalar], equations: &[usize]) -> Result<(), Refusal> {
    let vector = Prover::new(election, b).prove();
    assert_eq!(
        broken(election, &vector, election.challenges(&vector)),
        equations
    );
    election.verify_vector(&vector)
}

/// Coordinates: three options, then slack 1 and 1 (digits of 2).
fn three_options() -> Election {
    Election::of(&[choices(3, 0, 2, false)])
}

#[test]
fn overvote_is_refused() {
    let election = three_options();
    assert_eq!(verdict(&election, &scalars(&[1, 1, 0, 0, 0]), &[]), Ok(()));
    assert_eq!(
        verdict(&election, &scalars(&[1, 1, 1, 0, 0]), &[5]),
        Err(limit(0))
    );
}

#[test]
fn overvote_with_slack_that_is_no_bit_is_refused() {
    let election = three_options();
    assert_eq!(
        verdict(&election, &scalars(&[1, 1, 1, -1, 0]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn overvote_with_masks_outside_the_kernel_is_refused() {
    // The masks make up for one guessed challenge; the hashed one is another.
    let election = three_options();
    let mut prover = Prover::new(&election, &scalars(&[1, 1, 1, 0, 0]));
    let guess = random_scalar();
    prover.a[0] -= guess;
    let challenges = (random_scalar(), guess);
    assert_eq!(
        election.verify_under(&prover.run(challenges), challenges),
        Ok(())
    );
    assert_eq!(election.verify_vector(&prover.prove()), Err(limit(0)));
}

#[test]
fn minus_one_is_refused() {
    let election = three_options();
    assert_eq!(verdict(&election, &scalars(&[0, 1, 0, 1, 0]), &[]), Ok(()));
    assert_eq!(
        verdict(&election, &scalars(&[-1, 1, 0, 1, 1]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn two_is_refused() {
    let election = three_options();
    assert_eq!(
        verdict(&election, &scalars(&[2, 0, 0, 0, 0]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn one_half_is_refused() {
    let election = three_options();
    let half = half(&Scalar::ONE);
    let zero = Scalar::ZERO;
    let b = [half, half, zero, Scalar::ONE, zero];
    assert_eq!(verdict(&election, &b, &[2]), Err(EQUATIONS));
}

#[test]
fn plus_five_and_minus_four_with_a_legal_sum_are_refused() {
    let election = three_options();
    assert_eq!(
        verdict(&election, &scalars(&[5, -4, 0, 1, 0]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn a_sum_that_wraps_around_the_group_order_is_refused() {
    // −1 = l − 1: as a residue, 1 + 1 + (l − 1) is 1.
    let election = three_options();
    assert_eq!(
        verdict(&election, &scalars(&[1, 1, -1, 1, 0]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn points_above_the_maximum_are_refused() {
    // One option of 0 to 5 points: digits 3, 1, 1; slack the same.
    let rules = points(1, 5, 0, 5);
    let election = Election::of(&[rules]);
    for value in 0..=5 {
        assert_eq!(
            election.verify(&election.prove(&answer(rules, Some(&[value])))),
            Ok(())
        );
    }
    // Six as digits that are no bits, and as a value that its digits do not give.
    assert_eq!(
        verdict(&election, &scalars(&[2, 0, 0, -1, 1, 1]), &[2]),
        Err(EQUATIONS)
    );
    let mut prover = Prover::of_integers(&election, &answer(rules, Some(&[5])));
    prover.values[0] = Scalar::from(6u8);
    let vector = prover.prove();
    assert_eq!(
        broken(&election, &vector, election.challenges(&vector)),
        [4]
    );
    assert_eq!(election.verify_vector(&vector), Err(EQUATIONS));
}

#[test]
fn a_value_other_than_the_proved_one_is_refused_in_every_position() {
    let election = three_options();
    for position in 0..3 {
        for difference in scalars(&[1, -1, 2, 1 << 40]) {
            let mut prover = Prover::new(&election, &scalars(&[1, 0, 0, 1, 0]));
            prover.values[position] += difference;
            let vector = prover.prove();
            assert_eq!(
                broken(&election, &vector, election.challenges(&vector)),
                [4]
            );
            assert_eq!(election.verify_vector(&vector), Err(EQUATIONS));
        }
    }
}

#[test]
fn values_with_errors_that_cancel_in_the_plain_sum_are_refused() {
    let election = three_options();
    let mut prover = Prover::new(&election, &scalars(&[1, 0, 0, 1, 0]));
    prover.values[0] += Scalar::from(3u8);
    prover.values[1] -= Scalar::from(3u8);
    assert_eq!(election.verify_vector(&prover.prove()), Err(EQUATIONS));
}

#[test]
fn blank_together_with_a_choice_is_refused() {
    // Coordinates: two options, blank, slack 1.
    let election = Election::of(&[choices(2, 0, 1, true)]);
    for allowed in [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]] {
        assert_eq!(verdict(&election, &scalars(&allowed), &[]), Ok(()));
    }
    assert_eq!(
        verdict(&election, &scalars(&[1, 0, 1, 0]), &[5]),
        Err(limit(0))
    );
    assert_eq!(
        verdict(&election, &scalars(&[1, 0, 1, -1]), &[2]),
        Err(EQUATIONS)
    );
    // Blank with slack taken, which would let a blank vote twice.
    assert_eq!(
        verdict(&election, &scalars(&[0, 0, 1, 1]), &[5]),
        Err(limit(0))
    );
}

#[test]
fn fewer_choices_than_the_minimum_are_refused() {
    // Two to three of four: slack 1.
    let election = Election::of(&[choices(4, 2, 3, false)]);
    assert_eq!(verdict(&election, &scalars(&[1, 1, 0, 0, 1]), &[]), Ok(()));
    assert_eq!(
        verdict(&election, &scalars(&[1, 0, 0, 0, 1]), &[5]),
        Err(limit(0))
    );
    assert_eq!(
        verdict(&election, &scalars(&[1, 0, 0, 0, 2]), &[2]),
        Err(EQUATIONS)
    );
}

#[test]
fn wrong_values_with_wrong_slack_are_refused() {
    let election = three_options();
    assert_eq!(
        verdict(&election, &scalars(&[2, 1, 0, -2, 1]), &[2]),
        Err(EQUATIONS)
    );
    assert_eq!(
        verdict(&election, &scalars(&[2, 1, 0, -2, 0]), &[2, 5]),
        Err(limit(0))
    );
}

#[test]
fn a_limit_of_another_contest_is_named() {
    let rules = [choices(2, 0, 1, false), choices(2, 1, 1, false)];
    let election = Election::of(&rules);
    let b = |second: &[i64]| scalars(&[&[1, 0, 0], second].concat());
    assert_eq!(verdict(&election, &b(&[0, 1]), &[]), Ok(()));
    assert_eq!(verdict(&election, &b(&[1, 1]), &[5]), Err(limit(1)));
    // A vote too many in one contest is not made good by a vote too few in another.
    assert_eq!(
        verdict(&election, &scalars(&[1, 1, 0, 0, 0]), &[5]),
        Err(limit(0))
    );
}

#[test]
fn an_alpha_with_another_nonce_is_refused() {
    let election = three_options();
    let prover = Prover::new(&election, &scalars(&[1, 0, 0, 1, 0]));
    // One nonce in alpha, another in beta: no key decrypts beta to the proved values.
    let mut vector = prover.commitment();
    vector.alpha = element(mul_base(&random_scalar()));
    prover.second_move(&election.challenges(&vector).0, &mut vector);
    prover.third_move(&election.challenges(&vector), &mut vector);
    assert_eq!(
        broken(&election, &vector, election.challenges(&vector)),
        [3]
    );
    assert_eq!(election.verify_vector(&vector), Err(EQUATIONS));
}
