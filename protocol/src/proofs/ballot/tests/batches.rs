//! Many ballots in one multiscalar multiplication: culprits are named, errors never cancel.

use super::equations::{broken, errors};
use super::prover::Prover;
use super::*;

const RULES: Rules = choices(2, 0, 1, false);

fn ballots(election: &Election, count: usize) -> Vec<EncryptedVector> {
    let prove = |i: usize| election.prove(&[[1, 0, 0], [0, 1, 0], [0, 0, 1]][i % 3]);
    (0..count)
        .map(|i| election.decode(&prove(i)).unwrap())
        .collect()
}

/// Numbers of the ballots that are refused.
fn refused(election: &Election, vectors: &[EncryptedVector]) -> Vec<usize> {
    let candidates: Vec<_> = vectors
        .iter()
        .map(|vector| Candidate::new(&election.style, &election.context, vector).unwrap())
        .collect();
    let verdicts = verify_batch(&candidates, &mut Weights::draw(&mut SysRng).unwrap());
    assert_eq!(verdicts.len(), vectors.len());
    let numbered = verdicts.iter().enumerate();
    numbered
        .filter_map(|(i, verdict)| verdict.map_err(|error| (i, error)).err())
        .map(|(i, error)| {
            assert_eq!(error, BallotProofError::Equations);
            i
        })
        .collect()
}

#[test]
fn one_wrong_ballot_among_64_is_named_wherever_it_is() {
    let election = Election::of(&[RULES]);
    let good = ballots(&election, 64);
    assert_eq!(refused(&election, &good), [0usize; 0]);
    for culprit in [0, 1, 31, 32, 62, 63] {
        let mut vectors = good.clone();
        vectors[culprit].proof.z += Scalar::ONE;
        assert_eq!(refused(&election, &vectors), [culprit]);
    }
}

#[test]
fn every_wrong_ballot_is_named_and_no_other() {
    let election = Election::of(&[RULES]);
    let mut vectors = ballots(&election, 33);
    for (i, vector) in vectors.iter_mut().enumerate() {
        match i {
            3 => vector.proof.z += Scalar::ONE,
            4 => vector.proof.z_prime += Scalar::ONE,
            16 => vector.proof.zeta += Scalar::ONE,
            32 => *vector = Prover::of_integers(&election, &[2, 0, 0]).with_slack(),
            _ => {}
        }
    }
    assert_eq!(refused(&election, &vectors), [3, 4, 16, 32]);
    vectors
        .iter_mut()
        .for_each(|vector| vector.proof.z += Scalar::ONE);
    assert_eq!(refused(&election, &vectors), (0..33).collect::<Vec<_>>());
    assert_eq!(refused(&election, &[]), [0usize; 0]);
}

impl Prover<'_> {
    /// Two votes for one option, made good by a slack of −1.
    fn with_slack(mut self) -> EncryptedVector {
        self.b[2] = -Scalar::ONE;
        self.prove()
    }
}

#[test]
fn errors_of_two_ballots_that_cancel_in_the_plain_sum_are_refused_and_both_named() {
    let election = Election::of(&[RULES]);
    type Change = fn(&mut BallotProof, Scalar);
    let changes: [Change; 3] = [
        |proof, error| proof.z += error,
        |proof, error| proof.z_prime += error,
        // f changes equations 2 and 4 too; zeta changes 3 and 4.
        |proof, error| proof.zeta += error,
    ];
    for (changed, change) in changes.into_iter().enumerate() {
        let mut vectors = ballots(&election, 8);
        let error = random_scalar();
        change(&mut vectors[2].proof, error);
        change(&mut vectors[5].proof, -error);
        // The errors do cancel in the equation that was aimed at: responses are not hashed.
        let sum: Point = vectors
            .iter()
            .map(|vector| errors(&election, vector, election.challenges(vector))[changed])
            .sum();
        assert!(is_identity(&sum));
        assert_eq!(refused(&election, &vectors), [2, 5]);
    }
}

#[test]
fn errors_of_two_equations_of_one_ballot_that_cancel_are_refused() {
    let election = Election::of(&[RULES]);
    let mut vectors = ballots(&election, 4);
    let error = random_scalar();
    vectors[1].proof.z += error;
    vectors[1].proof.z_prime -= error;
    let challenges = election.challenges(&vectors[1]);
    assert!(is_identity(
        &errors(&election, &vectors[1], challenges).iter().sum()
    ));
    assert_eq!(broken(&election, &vectors[1], challenges), [1, 2]);
    assert_eq!(refused(&election, &vectors), [1]);
}

#[test]
fn errors_that_cancel_under_known_weights_need_the_weights_before_the_batch() {
    // With the weights of one batch known, two errors can be made to cancel in that batch; the
    // next weights catch them. Weights are drawn after the ballots are fixed, and never told.
    let election = Election::of(&[RULES]);
    let good = ballots(&election, 2);
    let seed = [9; 32];
    let mut weights = Weights::draw(&mut Fixed(seed)).unwrap();
    let known: Vec<Scalar> = (0..8).map(|_| weights.weight()).collect();
    let error = random_scalar();
    let mut vectors = good.clone();
    vectors[0].proof.z += error;
    vectors[1].proof.z -= error * known[0] * known[4].invert();
    let candidates: Vec<_> = vectors
        .iter()
        .map(|vector| Candidate::new(&election.style, &election.context, vector).unwrap())
        .collect();
    let verdicts = verify_batch(&candidates, &mut Weights::draw(&mut Fixed(seed)).unwrap());
    assert_eq!(verdicts, [Ok(()), Ok(())]);
    assert_eq!(refused(&election, &vectors), [0, 1]);
}

/// A random generator that gives the same bytes every time.
struct Fixed([u8; 32]);

impl rand_core::TryRng for Fixed {
    type Error = RandomnessError;
    fn try_next_u32(&mut self) -> Result<u32, RandomnessError> {
        Err(RandomnessError)
    }
    fn try_next_u64(&mut self) -> Result<u64, RandomnessError> {
        Err(RandomnessError)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Fixed {}

#[test]
fn ballots_of_several_styles_share_a_batch() {
    // Positions 0 and 1 belong to the first contest, 2 and 3 to the second; style 1 has only the second.
    let shape = shape_of(&[RULES, RULES]);
    let both = Election::new(shape);
    let keys: Vec<Element> = both.keys().into_iter().map(element).collect();
    let fixed = Arc::clone(&both.style.fixed);
    let second = StyleStatement::new(
        &both.id,
        1,
        shape_of(&[RULES]),
        vec![2, 3],
        keys[2..].to_vec(),
        fixed,
    );
    let witness = Witness {
        coordinates: Secret::new(vec![0, 1, 0]),
        nonce: Secret::new(random_scalar()),
    };
    let bytes = prove(&second, &both.context, &witness, &mut SysRng).unwrap();
    let small = EncryptedVector::decode(second.shape(), &mut Reader::new(&bytes)).unwrap();
    let large = both.decode(&both.prove(&[1, 0, 0, 0, 0, 1])).unwrap();
    let verdicts = |small: &EncryptedVector| {
        let candidates = [
            Candidate::new(&both.style, &both.context, &large).unwrap(),
            Candidate::new(&second, &both.context, small).unwrap(),
        ];
        verify_batch(&candidates, &mut Weights::draw(&mut SysRng).unwrap())
    };
    assert_eq!(verdicts(&small), [Ok(()), Ok(())]);
    let mut wrong = small.clone();
    wrong.proof.zeta += Scalar::ONE;
    assert_eq!(verdicts(&wrong), [Ok(()), Err(BallotProofError::Equations)]);
}

#[test]
fn a_ballot_of_another_election_never_holds_in_this_ones_batch() {
    // The batch is over the keys of the first ballot's election; another's are refused, whatever they are.
    let (here, there) = (Election::of(&[RULES]), Election::of(&[RULES]));
    let (mine, theirs) = (ballots(&here, 2), ballots(&there, 1));
    assert_eq!(there.verify_vector(&theirs[0]), Ok(()));
    let candidates = [
        Candidate::new(&here.style, &here.context, &mine[0]).unwrap(),
        Candidate::new(&there.style, &there.context, &theirs[0]).unwrap(),
        Candidate::new(&here.style, &here.context, &mine[1]).unwrap(),
    ];
    let verdicts = verify_batch(&candidates, &mut Weights::draw(&mut SysRng).unwrap());
    assert_eq!(verdicts, [Ok(()), Err(BallotProofError::Equations), Ok(())]);
}

/// A ballot that names one election's keys in its hash and is encrypted under another's: in a batch
/// over the other's keys its equations hold, and yet its own trustees could not decrypt it.
#[test]
fn a_ballot_encrypted_under_the_keys_of_another_election_is_refused_in_its_batch() {
    let (here, there) = (Election::of(&[RULES]), Election::of(&[RULES]));
    let forger = Election {
        secrets: here.secrets.clone(),
        ..there.clone()
    };
    let prover = Prover::of_integers(&forger, &[1, 0, 0]);
    let mut vector = prover.commitment();
    prover.second_move(&there.challenges(&vector).0, &mut vector);
    prover.third_move(&there.challenges(&vector), &mut vector);
    let challenges = there.challenges(&vector);
    assert_eq!(here.verify_under(&vector, challenges), Ok(()));
    assert_eq!(there.verify_vector(&vector), Err(EQUATIONS));

    let mine = &ballots(&here, 1)[0];
    let candidates = [
        Candidate::new(&here.style, &here.context, mine).unwrap(),
        Candidate::new(&there.style, &there.context, &vector).unwrap(),
    ];
    let verdicts = verify_batch(&candidates, &mut Weights::draw(&mut SysRng).unwrap());
    assert_eq!(verdicts, [Ok(()), Err(BallotProofError::Equations)]);
}
