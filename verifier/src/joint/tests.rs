//! Keys, shares and signatures, right and wrong.

use super::*;

impl JointKey {
    /// A multiple of the generator.
    pub(crate) fn of(factor: i64) -> Self {
        let scalar = Scalar::from(factor.unsigned_abs());
        let scalar = if factor < 0 { -scalar } else { scalar };
        Self((G1Affine::generator() * scalar).into())
    }
}

fn key(secret: i64) -> JointKey {
    JointKey::of(secret)
}

fn sign(secret: u64, purpose: Purpose, message: &[u8]) -> JointSignature {
    JointSignature((purpose.hash(message) * Scalar::from(secret)).into())
}

fn claim(secret: u64, message: &[u8]) -> JointClaim {
    JointClaim {
        key: key(secret as i64),
        purpose: Purpose::Message,
        message: message.to_vec(),
        signature: sign(secret, Purpose::Message, message),
    }
}

fn false_ones(claims: &[JointClaim]) -> Vec<usize> {
    let claims: Vec<&JointClaim> = claims.iter().collect();
    find_false(&claims, &Randomness::new([5; 32]))
}

/// RFC 9380, appendix J.10.1, has another tag, so the suite is tried with it.
#[test]
fn the_hash_is_that_of_the_standard() {
    let hash = <G2Projective as HashToCurve<ExpandMsgXmd<sha2_09::Sha256>>>::hash_to_curve(
        b"",
        b"QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_",
    );
    let x = &G2Affine::from(hash).to_uncompressed()[..96];
    let (imaginary, real) = x.split_at(48);
    assert_eq!(
        hex::encode(real),
        "0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a"
    );
    assert_eq!(
        hex::encode(imaginary),
        "05cb8437535e20ecffaef7752baddf98034139c38452458baeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d"
    );
}

#[test]
fn false_signatures_are_named_among_true_ones() {
    let mut claims: Vec<_> = (1..=9).map(|k| claim(k, b"one")).collect();
    claims.push(claim(7, b"other"));
    assert!(false_ones(&claims).is_empty());
    assert!(false_ones(&[]).is_empty());
    claims[2].signature = claims[3].signature;
    claims[9].purpose = Purpose::Possession;
    assert_eq!(false_ones(&claims), [2, 9]);
}

#[test]
fn opposite_errors_do_not_cancel() {
    let mut claims = [claim(1, b"one"), claim(2, b"one"), claim(3, b"one")];
    let exchanged = claims[0].signature;
    claims[0].signature = claims[1].signature;
    claims[1].signature = exchanged;
    assert_eq!(false_ones(&claims), [0, 1]);
}

/// A key that cancels signs nothing: the only signature under it would be the identity.
#[test]
fn under_the_identity_no_signature_holds() {
    let mut claims = [claim(1, b"one"), claim(2, b"one")];
    claims[1].key = JointKey(G1Affine::identity());
    assert_eq!(false_ones(&claims), [1]);
}

/// f = 5 + 3x: shares 8, 11, 14 of the key 5.
#[test]
fn any_shares_combine_to_the_one_signature_of_the_joint_key() {
    let dealers = [[key(4), key(1)], [key(1), key(2)], [key(0), key(0)]];
    let dealers: Vec<&[JointKey]> = dealers.iter().map(|dealer| &dealer[..]).collect();
    let keys = JointKeys::combine(&dealers);
    assert_eq!(keys.key, key(5));
    assert_eq!(keys.shares, [key(8), key(11), key(14)]);
    assert_eq!(keys.of_trustee(3), Some(&key(14)));
    assert!(keys.of_trustee(0).is_none() && keys.of_trustee(4).is_none());
    let share = |trustee, secret| (trustee, sign(secret, Purpose::Message, b"m"));
    let [one, two, three] = [share(1, 8), share(2, 11), share(3, 14)];
    for shares in [[one, two], [three, one], [two, three]] {
        let whole = sign(5, Purpose::Message, b"m");
        assert_eq!(JointSignature::combine(&shares), whole);
    }
}

/// f = 5 + 3x.
#[test]
fn a_share_is_the_polynomial_at_its_trustee() {
    let dealt = [key(5), key(3)];
    let mut share = [0; 32];
    share[31] = 11;
    assert!(is_share(&share, &dealt, 2));
    assert!(!is_share(&share, &dealt, 3));
    // The same plus the order, which still fits 32 bytes.
    let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    hex::decode_to_slice(order, &mut share).unwrap();
    share[31] += 11;
    assert!(!is_share(&share, &dealt, 2));
}

#[test]
fn only_canonical_elements_of_the_subgroup_decode() {
    let good = key(5).encoding();
    assert_eq!(JointKey::decode(&good), Ok(key(5)));
    let identity = G1Affine::identity().to_compressed();
    assert_eq!(JointKey::decode(&identity), Err(GroupError::Identity));
    let mut uncompressed = good;
    uncompressed[0] &= 0x7f;
    // x = 0 is on the curve, with y = ±2, and of order 3.
    let mut outside = [0; KEY];
    outside[0] = 0x80;
    // Not smaller than the order of the field.
    let mut large = [0xff; KEY];
    large[0] = 0x9f;
    for bad in [uncompressed, outside, large] {
        assert_eq!(JointKey::decode(&bad), Err(GroupError::NotAnElement));
    }
    let good = sign(5, Purpose::Message, b"m").encoding();
    assert!(JointSignature::decode(&good).is_ok());
    let identity = G2Affine::identity().to_compressed();
    assert_eq!(JointSignature::decode(&identity), Err(GroupError::Identity));
    let mut large = [0xff; SIGNATURE];
    large[0] = 0x9f;
    assert_eq!(
        JointSignature::decode(&large),
        Err(GroupError::NotAnElement)
    );
    // Of small x one in two is on the curve, and none of those in the subgroup.
    let small = |x: u8| {
        let mut encoding = [0; SIGNATURE];
        encoding[0] = 0x80;
        encoding[SIGNATURE - 1] = x;
        encoding
    };
    let on_curve = (0..=9)
        .map(small)
        .filter(|bad| G2Affine::from_compressed_unchecked(bad).is_some().into());
    let mut seen = 0;
    for bad in on_curve {
        assert_eq!(JointSignature::decode(&bad), Err(GroupError::NotAnElement));
        seen += 1;
    }
    assert!(seen > 0);
}

/// Attempts of a ceremony are many where somebody wants them to be: what is prepared at a time
/// stays bounded, and the numbers are right across batches.
#[test]
fn many_messages_are_checked_in_bounded_batches() {
    let mut claims: Vec<JointClaim> = (0..2 * BATCH as u32 + 9)
        .map(|number| claim(3, &number.to_be_bytes()))
        .collect();
    let all: Vec<&JointClaim> = claims.iter().collect();
    let prepared: Vec<usize> = batches(&all).map(|(_, hashes)| hashes.len()).collect();
    assert_eq!(prepared, [BATCH, BATCH, 9]);
    assert!(false_ones(&claims).is_empty());
    let wrong = [7, BATCH - 1, BATCH, 2 * BATCH + 8];
    let other = claims[8].signature;
    for number in wrong {
        claims[number].signature = other;
    }
    assert_eq!(false_ones(&claims), wrong);
}
