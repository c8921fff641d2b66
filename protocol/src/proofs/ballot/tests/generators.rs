//! The generators are those of docs/spec/parameters.md, and H must be independent of G.

use super::*;
use crate::group::{decode_scalar, hash_to_group};

fn generators() -> Vec<Point> {
    [vec![value_base(), blinding_base()], vector_bases(20)].concat()
}

#[test]
fn generators_are_the_hashes_of_their_labels() {
    assert_eq!(value_base(), hash_to_group(b"H"));
    assert_eq!(blinding_base(), hash_to_group(b"P"));
    for (j, base) in (1..).zip(vector_bases(20)) {
        assert_eq!(base, hash_to_group(format!("P{j}").as_bytes()));
    }
}

/// The encodings were computed by a separate program in Python, written from RFC 9380 and RFC 9496.
#[test]
fn generators_have_the_encodings_that_another_program_found() {
    let bases = vector_bases(1024);
    for (point, hex) in [
        (
            value_base(),
            "606aa12ac525773ef67ad369b0eaf44e17fa11868a1da67357e0fa63abde086a",
        ),
        (
            blinding_base(),
            "889f6ec0f533e25be5d391bbf0b6e80cb5d5b6a42f6c8203e3e7d3cc3b6a7d75",
        ),
        (
            bases[0],
            "a6f38d205d9b6e451ffb40584d42b6c6c3c2bfe34879fecc0f1e821da849b54a",
        ),
        (
            bases[1],
            "5a5033947d9d66dca2744902060b07bfce6521ef7a83ce449c1d119365e99a3b",
        ),
        (
            bases[9],
            "ac17413c0bffd47908edf0639cda66d3b222596cb6ea2479e1f9565aa970de0e",
        ),
        (
            bases[1023],
            "be8f5cc49970f0e72945656ee7fd82b1a553b5d50031e3019900dc6de4a62815",
        ),
    ] {
        assert_eq!(hex::encode(element(point).as_bytes()), hex);
    }
}

#[test]
fn generators_are_no_small_multiples_of_the_base_or_of_each_other() {
    let generators = generators();
    let encodings: Vec<[u8; 32]> = generators.iter().map(|p| *element(*p).as_bytes()).collect();
    for (i, encoding) in encodings.iter().enumerate() {
        assert!(encodings[..i].iter().all(|other| other != encoding));
    }
    // Halves, so that a batch of doubles can be encoded at once.
    let mut multiple = base() * half(&Scalar::ONE);
    let step = multiple;
    for _ in 0..64 {
        let chunk: Vec<Point> = (0..1024)
            .map(|_| {
                multiple += step;
                multiple - step
            })
            .collect();
        let negated = chunk.iter().map(|point| -point);
        let both: Vec<Point> = chunk.iter().copied().chain(negated).collect();
        for encoding in crate::group::double_and_encode(&both) {
            assert!(!encodings.contains(&encoding));
        }
    }
    assert_eq!(
        multiple,
        base() * Scalar::from((1u32 << 16) + 1) * half(&Scalar::ONE)
    );
}

/// Why H is not G: who knows s_i, as a quorum of trustees does, could open a ciphertext to any value.
#[test]
fn a_key_holder_could_open_to_any_value_if_h_were_g() {
    let (s, r) = (random_scalar(), random_scalar());
    let key = mul_base(&s);
    let (value, other) = (Scalar::ONE, Scalar::from(1000u32));
    let other_nonce = r + (value - other) * s.invert();
    let beta = |h: &Point, value: &Scalar, nonce: &Scalar| h * value + key * nonce;
    assert_eq!(
        beta(&base(), &value, &r),
        beta(&base(), &other, &other_nonce)
    );
    assert_ne!(
        beta(&value_base(), &value, &r),
        beta(&value_base(), &other, &other_nonce)
    );
}

#[test]
fn scalars_are_the_integers_mod_the_order() {
    // l − 1 decodes, and one more is zero.
    let mut bytes = [0; 32];
    bytes.copy_from_slice(
        &hex::decode("ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap(),
    );
    let last = decode_scalar(&bytes).unwrap();
    assert_eq!(last + Scalar::ONE, Scalar::ZERO);
    assert!(is_identity(&(base() * last + base())));
}
