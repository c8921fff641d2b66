//! Range proofs against docs/spec/ranges.md: our verifier and the crate's agree on every one.

use bulletproofs::{BulletproofGens, RangeProof as CrateProof};
use curve25519_dalek_4::ristretto::CompressedRistretto;
use getrandom::SysRng;
use rand_core_06::{CryptoRng, RngCore};

use super::prove::{ProvedRanges, bases, transcript};
use super::*;
use crate::group::{encode, wide_scalar};
use crate::proofs::batch::Weights;
use crate::transcript::{Digest, Transcript};

const CONTEXT: Digest = Digest([9; 32]);

fn random_scalar() -> Scalar {
    let mut wide = [0; 64];
    getrandom::fill(&mut wide).unwrap();
    wide_scalar(&wide)
}

fn proved(bits: u8, values: &[u64]) -> ProvedRanges {
    let blindings: Vec<Scalar> = values.iter().map(|_| random_scalar()).collect();
    let mut nonces = Transcript::new("test").nonces(b"", &mut SysRng).unwrap();
    prove(&CONTEXT, bits, values, &blindings, &mut nonces).unwrap()
}

struct System;

impl RngCore for System {
    fn next_u32(&mut self) -> u32 {
        rand_core_06::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        rand_core_06::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for System {}

/// Whether the crate accepts it.
fn crate_accepts(context: &Digest, bits: u8, commitments: &[u8], proof: &[u8]) -> bool {
    let (commitments, _) = commitments.as_chunks::<32>();
    let mut list: Vec<_> = commitments
        .iter()
        .map(|w| CompressedRistretto(*w))
        .collect();
    list.resize(padded(list.len()), CompressedRistretto([0; 32]));
    let generators = BulletproofGens::new(64, list.len());
    CrateProof::from_bytes(proof).is_ok_and(|proof| {
        proof
            .verify_multiple_with_rng(
                &generators,
                &bases().unwrap(),
                &mut transcript(context),
                &list,
                usize::from(bits),
                &mut System,
            )
            .is_ok()
    })
}

/// The verdict of both verifiers, which must be one.
fn verdict(context: &Digest, bits: u8, commitments: &[u8], proof: &[u8]) -> Result<(), RangeError> {
    let mut weights = Weights::draw(&mut SysRng).unwrap();
    let ours = verify(context, bits, commitments, proof, &mut weights);
    assert_eq!(
        ours.is_ok(),
        crate_accepts(context, bits, commitments, proof)
    );
    ours.map(|verified| {
        let encoded = verified.commitments.iter().flat_map(|w| *w.as_bytes());
        assert_eq!(encoded.collect::<Vec<u8>>(), commitments);
    })
}

#[test]
fn every_size_is_accepted_by_both_verifiers_and_has_its_length() {
    for bits in BITS {
        let most = (1u64 << bits) - 1;
        for values in [
            vec![0],
            vec![most, 1],
            vec![most, 0, most / 2],
            vec![1, 2, 3, 4, most],
        ] {
            let proved = proved(bits, &values);
            assert_eq!(
                verdict(&CONTEXT, bits, &proved.commitments, &proved.proof),
                Ok(())
            );
            assert_eq!(proved.proof.len(), proof_length(bits, values.len()));
            assert_eq!(proved.commitments.len(), 32 * values.len());
        }
    }
    assert_eq!(proof_length(32, 2), 672);
    assert_eq!(proof_length(32, 8), 800);
}

#[test]
fn values_just_outside_are_refused() {
    for bits in BITS {
        let beyond = 1u64 << bits;
        for values in [vec![beyond], vec![0, beyond], vec![u64::MAX, 0]] {
            let proved = proved(bits, &values);
            let refused = verdict(&CONTEXT, bits, &proved.commitments, &proved.proof);
            assert_eq!(refused, Err(RangeError::Equations), "{bits}: {values:?}");
        }
    }
}

#[test]
fn another_context_is_refused() {
    let proved = proved(16, &[7, 8]);
    let verdict = |context| verdict(context, 16, &proved.commitments, &proved.proof);
    assert_eq!(verdict(&CONTEXT), Ok(()));
    assert_eq!(verdict(&Digest([8; 32])), Err(RangeError::Equations));
}

#[test]
fn another_number_of_bits_is_refused() {
    let proved = proved(16, &[7, 8]);
    // Four times 16 bits have the length of twice 32.
    let four = self::proved(16, &[1, 2, 3, 4]);
    for bits in [8, 32] {
        let refused = verdict(&CONTEXT, bits, &proved.commitments, &proved.proof);
        assert!(matches!(refused, Err(RangeError::Encoding(_))), "{bits}");
    }
    let two_of_them = &four.commitments[..64];
    assert_eq!(
        verdict(&CONTEXT, 32, two_of_them, &four.proof),
        Err(RangeError::Equations)
    );
    for bits in [0, 1, 24, 64, 255] {
        let mut weights = Weights::draw(&mut SysRng).unwrap();
        let refused = verify(
            &CONTEXT,
            bits,
            &proved.commitments,
            &proved.proof,
            &mut weights,
        );
        assert_eq!(refused, Err(RangeError::Size { bits, count: 2 }));
    }
}

/// What is padded has value 0 and is never encoded; a commitment left out or added is noticed.
#[test]
fn another_aggregation_is_refused() {
    let three = proved(16, &[5, 6, 7]);
    let with_zero = proved(16, &[5, 6, 7, 0]);
    let of = |commitments: &[u8], proof: &[u8]| verdict(&CONTEXT, 16, commitments, proof);
    assert_eq!(of(&three.commitments, &three.proof), Ok(()));
    assert_eq!(of(&with_zero.commitments, &with_zero.proof), Ok(()));
    // A fourth that is committed is no padding, and padding is no fourth.
    let refused = Err(RangeError::Equations);
    assert_eq!(of(&with_zero.commitments[..96], &with_zero.proof), refused);
    let four = [three.commitments.as_slice(), &with_zero.commitments[96..]].concat();
    assert_eq!(of(&four, &three.proof), refused);
    // Nor may the identity be encoded.
    let mut weights = Weights::draw(&mut SysRng).unwrap();
    let four = [three.commitments.as_slice(), &[0; 32]].concat();
    assert!(matches!(
        verify(&CONTEXT, 16, &four, &three.proof, &mut weights),
        Err(RangeError::Encoding(EncodingError::Element { .. }))
    ));
    // Values that change places.
    let swapped = [
        &three.commitments[32..64],
        &three.commitments[..32],
        &three.commitments[64..],
    ]
    .concat();
    assert_eq!(of(&swapped, &three.proof), refused);
    // Another number of values that has another length.
    assert!(of(&three.commitments[..64], &three.proof).is_err());
}

#[test]
fn every_flipped_bit_is_refused_by_both() {
    let proved = proved(8, &[200]);
    for bit in 0..proved.proof.len() * 8 {
        let mut flipped = proved.proof.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let refused = verdict(&CONTEXT, 8, &proved.commitments, &flipped);
        assert!(refused.is_err(), "{bit}");
    }
    for bit in 0..256 {
        let mut flipped = proved.commitments.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(verdict(&CONTEXT, 8, &flipped, &proved.proof).is_err());
    }
}

#[test]
fn every_other_length_is_refused() {
    let proved = proved(8, &[200]);
    let mut weights = Weights::draw(&mut SysRng).unwrap();
    let mut of = |commitments: &[u8], proof: &[u8]| {
        verify(&CONTEXT, 8, commitments, proof, &mut weights).unwrap_err()
    };
    for length in 0..proved.proof.len() {
        let truncated = EncodingError::Truncated {
            what: "the range proof",
        };
        assert_eq!(
            of(&proved.commitments, &proved.proof[..length]),
            RangeError::Encoding(truncated)
        );
    }
    let longer = [proved.proof.as_slice(), &[0; 32]].concat();
    let leftover = RangeError::Encoding(EncodingError::Leftover { count: 32 });
    assert_eq!(of(&proved.commitments, &longer), leftover);
    let nothing = RangeError::Size { bits: 8, count: 0 };
    assert_eq!(of(&[], &proved.proof), nothing);
    let more = [proved.commitments.as_slice(), &[1]].concat();
    let leftover = RangeError::Encoding(EncodingError::Leftover { count: 1 });
    assert_eq!(of(&more, &proved.proof), leftover);
}

#[test]
fn generators_are_those_of_the_crate() {
    let ours = generators(32, 4);
    let theirs = BulletproofGens::new(64, 4);
    for party in 0..4 {
        for (bit, point) in theirs.share(party).G(32).enumerate() {
            let index = 2 * (party * 32 + bit);
            assert_eq!(encode(&ours[index]), point.compress().to_bytes());
        }
    }
    // The crate does not show its H: proofs that both accept do. They are distinct, too.
    let mut encodings: Vec<_> = ours.iter().map(encode).collect();
    encodings.sort_unstable();
    encodings.dedup();
    assert_eq!(encodings.len(), 2 * 32 * 4);
}

#[test]
fn commitments_are_those_of_the_specification() {
    let blinding = random_scalar();
    let mut nonces = Transcript::new("test").nonces(b"", &mut SysRng).unwrap();
    let proved = prove(&CONTEXT, 32, &[1 << 31], &[blinding], &mut nonces).unwrap();
    let expected = crate::group::value_base() * Scalar::from(1u32 << 31)
        + crate::group::blinding_base() * blinding;
    assert_eq!(proved.commitments, encode(&expected));
}

#[test]
fn no_proof_is_made_of_other_sizes() {
    let mut nonces = Transcript::new("test").nonces(b"", &mut SysRng).unwrap();
    let mut of = |bits, values: &[u64], blindings: &[Scalar]| {
        prove(&CONTEXT, bits, values, blindings, &mut nonces).unwrap_err()
    };
    let one = [Scalar::ONE];
    assert_eq!(of(64, &[1], &one), RangeError::Size { bits: 64, count: 1 });
    assert_eq!(of(8, &[], &[]), RangeError::Size { bits: 8, count: 0 });
    assert_eq!(of(8, &[1, 2], &one), RangeError::Size { bits: 8, count: 2 });
}
