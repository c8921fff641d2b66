//! The theorems of docs/spec/ballot.md, "Security", run: extractor, simulator, unique responses.

use super::completeness::permutation_matrices;
use super::equations::errors;
use super::prover::Prover;
use super::*;

/// A solution mod l of constraints that share no coordinate; it need not consist of bits.
fn particular_solution(shape: &Shape) -> Vec<Scalar> {
    let mut solution = vec![Scalar::ZERO; shape.n_coordinates()];
    for constraint in shape.constraints() {
        let (j, coefficient) = constraint.terms[0];
        solution[usize::from(j)] =
            Scalar::from(constraint.constant) * Scalar::from(coefficient).invert();
    }
    solution
}

/// Theorem 2's simulator: challenges first, then responses, then commitments; no witness.
pub fn simulate(
    election: &Election,
    alpha: Element,
    beta: Vec<Element>,
    challenges: Challenges,
) -> EncryptedVector {
    let solution = particular_solution(&election.shape);
    simulate_with(election, alpha, beta, challenges, &solution)
}

fn simulate_with(
    election: &Election,
    alpha: Element,
    beta: Vec<Element>,
    (y, x): Challenges,
    solution: &[Scalar],
) -> EncryptedVector {
    let uniform_in_kernel = Prover::new(election, solution).a;
    let mut vector = EncryptedVector {
        alpha,
        // Whatever they say of other values: W hides what it holds.
        ranges: Prover::new(election, solution).ranges(&alpha, &beta),
        beta,
        proof: BallotProof {
            c: random_element(),
            a: element(base()),
            d: random_element(),
            e: element(base()),
            t_alpha: element(base()),
            t_beta: element(base()),
            // Uniform in L_x, a coset of the kernel.
            f: solution
                .iter()
                .zip(uniform_in_kernel)
                .map(|(b, a)| x * b + a)
                .collect(),
            z: random_scalar(),
            z_prime: random_scalar(),
            zeta: random_scalar(),
        },
    };
    if let Some(ranges) = &mut vector.ranges {
        ranges.zeta_w = random_scalar();
    }
    // Solve equations 1 to 4 and 6 for A, E, T_alpha, T_beta and T_W.
    let [one, two, three, four, six] = errors(election, &vector, (y, x));
    if let Some(ranges) = &mut vector.ranges {
        ranges.t_w = element(ranges.t_w.point() + six);
    }
    let proof = &mut vector.proof;
    for (field, error) in [
        (&mut proof.a, one),
        (&mut proof.e, two),
        (&mut proof.t_alpha, three),
        (&mut proof.t_beta, four),
    ] {
        *field = element(field.point() + error);
    }
    vector
}

#[test]
fn simulated_proofs_are_accepted_without_a_witness() {
    for contests in [
        vec![choices(3, 0, 2, true)],
        vec![choices(2, 1, 1, false), points(2, 5, 0, 7)],
    ] {
        let election = Election::of(&contests);
        for _ in 0..4 {
            // Of a ciphertext only its elements are used; here nobody even knows its nonce.
            let beta = (0..election.shape.n_positions())
                .map(|_| random_element())
                .collect();
            let challenges = (random_scalar(), random_scalar());
            let vector = simulate(&election, random_element(), beta, challenges);
            assert_eq!(election.verify_under(&vector, challenges), Ok(()));
            // Under challenges that were not known before, it is nothing.
            let others = (random_scalar(), random_scalar());
            assert!(election.verify_under(&vector, others).is_err());
        }
    }
    // Dependent constraints.
    let election = Election::new(permutation_matrices(3));
    let beta = (0..9).map(|_| random_element()).collect();
    let challenges = (random_scalar(), random_scalar());
    let solution: Vec<Scalar> = [0u8, 0, 1, 0, 1, 0, 1, 0, 0]
        .into_iter()
        .map(Scalar::from)
        .collect();
    let vector = simulate_with(&election, random_element(), beta, challenges, &solution);
    assert_eq!(election.verify_under(&vector, challenges), Ok(()));
}

/// Every response vector of L_x comes from every valid witness: the masks that explain it are in
/// the kernel. So responses say nothing about which valid witness was used.
#[test]
fn responses_of_one_ballot_are_explained_by_every_allowed_ballot() {
    let election = Election::new(permutation_matrices(3));
    let identity: [u64; 9] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    let prover = Prover::of_integers(&election, &identity);
    let x = random_scalar();
    let f: Vec<Scalar> = prover
        .b
        .iter()
        .zip(&prover.a)
        .map(|(b, a)| x * b + a)
        .collect();
    for other in [[0u64, 1, 0, 1, 0, 0, 0, 0, 1], [0, 0, 1, 1, 0, 0, 0, 1, 0]] {
        let mut twin = Prover::of_integers(&election, &other);
        twin.a = f.iter().zip(&twin.b).map(|(f, b)| f - x * b).collect();
        let challenges = (random_scalar(), x);
        let vector = twin.run(challenges);
        assert_eq!(vector.proof.f, f);
        assert_eq!(election.verify_under(&vector, challenges), Ok(()));
    }
}

/// (p(x_1) − p(x_2)) / (x_1 − x_2)
fn slope(x: &[Scalar], p: impl Fn(usize) -> Scalar) -> Scalar {
    (p(0) - p(1)) * (x[0] - x[1]).invert()
}

/// What Theorem 1's extractor finds under one y: (b, s), (d, u), (e, w) and r.
#[derive(PartialEq, Debug)]
struct Extracted {
    b: Vec<Scalar>,
    s: Scalar,
    r: Scalar,
}

/// Three accepting runs under one y and one second move.
fn extract(election: &Election, y: Scalar, runs: &[(Scalar, EncryptedVector)]) -> Extracted {
    let x: Vec<Scalar> = runs.iter().map(|(x, _)| *x).collect();
    for (x, vector) in runs {
        assert_eq!(election.verify_under(vector, (y, *x)), Ok(()));
    }
    let proof = |i: usize| &runs[i].1.proof;
    let m = election.shape.n_coordinates();
    let b: Vec<Scalar> = (0..m).map(|j| slope(&x, |i| proof(i).f[j])).collect();
    let a: Vec<Scalar> = (0..m).map(|j| proof(0).f[j] - x[0] * b[j]).collect();
    let s = slope(&x, |i| proof(i).z);
    let r = slope(&x, |i| proof(i).zeta);
    let bases = vector_bases(m);
    let open = |blinding: &Scalar, vector: &[Scalar]| {
        bases
            .iter()
            .zip(vector)
            .map(|(base, scalar)| base * scalar)
            .sum::<Point>()
            + blinding_base() * blinding
    };
    assert_eq!(open(&s, &b), *proof(0).c.point());
    // D and E from two runs; the third then shows that x² has the coefficient zero: bits are bits.
    let g = |i: usize, j: usize| match election.shape.coordinates()[j].kind {
        CoordinateKind::Bit => proof(i).f[j] * (x[i] - proof(i).f[j]),
        CoordinateKind::Free => Scalar::ZERO,
        CoordinateKind::Product(k, l) => {
            x[i] * proof(i).f[j] - proof(i).f[usize::from(k)] * proof(i).f[usize::from(l)]
        }
    };
    let d: Vec<Scalar> = (0..m).map(|j| slope(&x, |i| g(i, j))).collect();
    let e: Vec<Scalar> = (0..m).map(|j| g(0, j) - x[0] * d[j]).collect();
    let u = slope(&x, |i| proof(i).z_prime);
    assert_eq!(open(&u, &d), *proof(0).d.point());
    assert_eq!(
        open(&(proof(0).z_prime - x[0] * u), &e),
        *proof(0).e.point()
    );
    for j in 0..m {
        assert_eq!(
            proof(2).f[j],
            x[2] * b[j] + a[j],
            "else a relation among the generators"
        );
        assert_eq!(
            g(2, j),
            x[2] * d[j] + e[j],
            "else a relation among the generators"
        );
    }
    assert_eq!(mul_base(&r), *runs[0].1.alpha.point());
    Extracted { b, s, r }
}

/// Solves Σ_j matrix_ij·unknown_j = right_i.
fn solve(mut matrix: Vec<Vec<Scalar>>, mut right: Vec<Point>) -> Vec<Point> {
    let n = right.len();
    for column in 0..n {
        let pivot = (column..n)
            .find(|&i| matrix[i][column] != Scalar::ZERO)
            .unwrap();
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let inverse = matrix[column][column].invert();
        matrix[column]
            .iter_mut()
            .for_each(|value| *value *= inverse);
        right[column] *= inverse;
        for i in (0..n).filter(|&i| i != column) {
            let factor = matrix[i][column];
            let row = matrix[column].clone();
            matrix[i]
                .iter_mut()
                .zip(&row)
                .for_each(|(value, pivot)| *value -= factor * pivot);
            let step = right[column] * factor;
            right[i] -= step;
        }
    }
    right
}

#[test]
fn three_challenges_under_each_of_n_give_the_witness() {
    let rules = [choices(3, 0, 2, true), points(1, 3, 0, 3)];
    let election = Election::of(&rules);
    let b = [
        answer(rules[0], Some(&[1, 0, 1])),
        answer(rules[1], Some(&[2])),
    ]
    .concat();
    let first = Prover::of_integers(&election, &b);
    let n = election.shape.n_positions();
    let (mut found, mut vandermonde, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let y = random_scalar();
        // Another second move under each y, three answers after it.
        let prover = first.with_fresh_masks();
        let runs: Vec<(Scalar, EncryptedVector)> = (0..3)
            .map(|_| random_scalar())
            .map(|x| (x, prover.run((y, x))))
            .collect();
        let extracted = extract(&election, y, &runs);
        // Equation 4 at two x: Σ y^i·(beta_i − r·K_i) = (Σ y^i·v_i)·H.
        let powers: Vec<Scalar> = std::iter::successors(Some(Scalar::ONE), |power| Some(power * y))
            .take(n)
            .collect();
        let weights = election.style.row_weights(&powers);
        let row: Scalar = weights.iter().zip(&extracted.b).map(|(w, b)| w * b).sum();
        found.push(extracted);
        sums.push(value_base() * row);
        vandermonde.push(powers);
    }
    assert!(found.iter().all(|extracted| *extracted == found[0]));
    assert_eq!(found[0].b, first.b);
    assert_eq!((found[0].s, found[0].r), (first.s, first.r));
    // N challenges y: each beta_i holds the value of its own coordinates, whoever decrypts it.
    let (_, beta) = first.ciphertext();
    let values = solve(vandermonde, sums);
    for i in 0..n {
        assert_eq!(values[i], beta[i].point() - election.keys()[i] * found[0].r);
        assert_eq!(values[i], value_base() * first.values[i]);
    }
}

/// Why three: D and E can be fitted to any b under two challenges x known before.
#[test]
fn two_challenges_can_be_met_with_a_value_that_is_no_bit() {
    let election = Election::of(&[choices(2, 0, 1, false)]);
    let five: Vec<Scalar> = vec![Scalar::from(5u8), -Scalar::from(4u8), Scalar::ZERO];
    let prover = Prover::new(&election, &five);
    let (y, x) = (
        random_scalar(),
        [random_scalar(), random_scalar(), random_scalar()],
    );
    let g = |x: Scalar, j: usize| {
        let f = x * prover.b[j] + prover.a[j];
        f * (x - f)
    };
    let bases = vector_bases(3);
    let (mut d, mut e) = (blinding_base() * prover.u, blinding_base() * prover.w);
    for (j, base) in bases.iter().enumerate() {
        let d_j = slope(&x, |i| g(x[i], j));
        d += base * d_j;
        e += base * (g(x[0], j) - x[0] * d_j);
    }
    let verdict = |x: Scalar| {
        let mut vector = prover.run((y, x));
        vector.proof.d = element(d);
        vector.proof.e = element(e);
        election.verify_under(&vector, (y, x))
    };
    assert_eq!(x.map(verdict), [Ok(()), Ok(()), Err(EQUATIONS)]);
}

/// Why y comes after beta and C: errors of two positions can be fitted to one y known before.
#[test]
fn one_challenge_y_can_be_met_with_wrong_values() {
    let election = Election::of(&[choices(2, 0, 1, false)]);
    let y = random_scalar();
    let mut prover = Prover::of_integers(&election, &[1, 0, 0]);
    let error = Scalar::from(1000u32);
    prover.values[0] -= y * error;
    prover.values[1] += error;
    let verdict = |y: Scalar| {
        let challenges = (y, random_scalar());
        election.verify_under(&prover.run(challenges), challenges)
    };
    assert_eq!(verdict(y), Ok(()));
    assert_eq!(verdict(random_scalar()), Err(EQUATIONS));
}

/// After the last challenge there is one accepting answer, unless a relation is known.
#[test]
fn a_second_answer_to_the_same_challenges_is_refused() {
    let election = Election::of(&[choices(2, 0, 1, false)]);
    let prover = Prover::of_integers(&election, &[0, 1, 0]);
    let challenges = (random_scalar(), random_scalar());
    let vector = prover.run(challenges);
    assert_eq!(election.verify_under(&vector, challenges), Ok(()));
    // Another f of L_x, with z to match only if the logarithms of P_0 and P_1 to P were known.
    let mut other = vector.clone();
    other.proof.f[0] += Scalar::ONE;
    other.proof.f[1] -= Scalar::ONE;
    assert_eq!(election.verify_under(&other, challenges), Err(EQUATIONS));
}

#[test]
fn a_ciphertext_is_what_the_specification_says_and_decrypts_to_its_values() {
    let rules = [choices(2, 0, 1, true), points(2, 9, 0, 12)];
    let election = Election::of(&rules);
    let b = [answer(rules[0], None), answer(rules[1], Some(&[3, 9]))].concat();
    let nonce = random_scalar();
    let witness = Witness {
        coordinates: Secret::new(b),
        nonce: Secret::new(nonce),
    };
    let (alpha, beta) = encrypt(&election.style, &witness);
    assert_eq!(alpha, *element(mul_base(&nonce)).as_bytes());
    let values = [0u8, 0, 1, 3, 9].map(Scalar::from);
    let (beta, rest) = beta.as_chunks::<32>();
    assert!(rest.is_empty());
    assert_eq!(beta.len(), values.len());
    for ((beta, key), value) in beta.iter().zip(election.keys()).zip(values) {
        assert_eq!(
            *beta,
            *element(value_base() * value + key * nonce).as_bytes()
        );
    }
    // What is proved is what is encrypted.
    let proved = prove(&election.style, &election.context, &witness, &mut SysRng).unwrap();
    let vector = election.decode(&proved).unwrap();
    assert_eq!(*vector.alpha.as_bytes(), alpha);
    assert_eq!(vector.beta_bytes(), beta.concat());
}

#[test]
fn sums_of_ciphertexts_decrypt_to_sums_of_values() {
    let rules = points(3, 4, 0, 12);
    let election = Election::of(&[rules]);
    let ballots = [
        ([4, 0, 1], 1u32),
        ([2, 2, 2], 5),
        ([0, 0, 4], 1),
        ([0, 0, 0], 3),
    ];
    let (mut a, mut b) = (Point::default(), vec![Point::default(); 3]);
    let mut totals = [0u32; 3];
    for (values, weight) in ballots {
        let vector = election
            .decode(&election.prove(&answer(rules, Some(&values))))
            .unwrap();
        a += vector.alpha.point() * Scalar::from(weight);
        for i in 0..3 {
            b[i] += vector.beta[i].point() * Scalar::from(weight);
            totals[i] += weight * values[i];
        }
    }
    assert_eq!(totals, [14, 10, 15]);
    for ((b, secret), total) in b.iter().zip(&election.secrets).zip(totals) {
        assert_eq!(b - a * secret, value_base() * Scalar::from(total));
    }
}
