//! Encodings are strict in every field: canonical, no identity, exact length.

use super::*;

/// A field of an encoded ballot.
struct Field {
    offset: usize,
    name: &'static str,
    is_element: bool,
}

/// Every field, in order; the test of the table checks that no byte is left out.
fn fields(shape: &Shape) -> Vec<Field> {
    let (n, m) = (shape.n_positions(), shape.n_coordinates());
    let names = [
        (1, "alpha", true),
        (n, "beta", true),
        (1, "the proof's C", true),
        (1, "the proof's A", true),
        (1, "the proof's D", true),
        (1, "the proof's E", true),
        (1, "the proof's T_alpha", true),
        (1, "the proof's T_beta", true),
        (m, "the proof's f", false),
        (1, "the proof's z", false),
        (1, "the proof's z'", false),
        (1, "the proof's zeta", false),
    ];
    let list = names
        .into_iter()
        .flat_map(|(count, name, is_element)| vec![(name, is_element); count]);
    list.enumerate()
        .map(|(i, (name, is_element))| Field {
            offset: 32 * i,
            name,
            is_element,
        })
        .collect()
}

fn bytes_of(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

/// Sum of two little-endian integers.
fn add(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let mut carry = 0u16;
    std::array::from_fn(|i| {
        carry += u16::from(a[i]) + u16::from(b[i]);
        let byte = (carry & 0xff) as u8;
        carry >>= 8;
        byte
    })
}

/// Difference of two little-endian integers.
fn subtract(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let complement: [u8; 32] = std::array::from_fn(|i| !b[i]);
    let mut one = [0; 32];
    one[0] = 1;
    add(&add(a, &complement), &one)
}

/// l, the order of the group, and p, that of the field.
fn orders() -> ([u8; 32], [u8; 32]) {
    (
        bytes_of("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"),
        bytes_of("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    )
}

fn ballot() -> (Election, Vec<u8>) {
    let rules = choices(2, 0, 1, true);
    let election = Election::of(&[rules]);
    let bytes = election.prove(&answer(rules, Some(&[0, 1])));
    assert_eq!(election.verify(&bytes), Ok(()));
    (election, bytes)
}

fn with(bytes: &[u8], field: &Field, value: [u8; 32]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[field.offset..field.offset + 32].copy_from_slice(&value);
    changed
}

fn value(bytes: &[u8], field: &Field) -> [u8; 32] {
    bytes[field.offset..field.offset + 32].try_into().unwrap()
}

#[test]
fn the_table_of_fields_covers_every_byte() {
    let (election, bytes) = ballot();
    let fields = fields(&election.shape);
    assert_eq!(fields.len() * 32, bytes.len());
    assert_eq!(bytes.len(), election.style.encoded_length());
    for field in &fields {
        // What is there now is accepted, and nothing else in any field.
        assert_eq!(
            election.verify(&with(&bytes, field, value(&bytes, field))),
            Ok(())
        );
        let other = if field.is_element {
            *random_element().as_bytes()
        } else {
            random_scalar().to_bytes()
        };
        let verdict = election.verify(&with(&bytes, field, other));
        assert!(
            matches!(verdict, Err(Refusal::Proof(_))),
            "{}: {verdict:?}",
            field.name
        );
    }
}

#[test]
fn the_identity_and_non_canonical_elements_are_refused_in_every_field() {
    let (election, bytes) = ballot();
    let (_, p) = orders();
    let small = |n: u8| {
        let mut value = [0; 32];
        value[0] = n;
        value
    };
    for field in fields(&election.shape)
        .iter()
        .filter(|field| field.is_element)
    {
        let good = value(&bytes, field);
        let mut high_bit = good;
        high_bit[31] |= 0x80;
        for (fault, encoding) in [
            ("the identity", [0; 32]),
            ("the identity as p", p),
            ("the identity as 2p", add(&p, &p)),
            ("1, which is negative", small(1)),
            ("p + 1", add(&p, &small(1))),
            ("a negative field element", subtract(&p, &good)),
            ("the high bit", high_bit),
            ("all ones", [0xff; 32]),
            ("2^255 − 1", add(&p, &small(18))),
            ("p − 1", subtract(&p, &small(1))),
            // RFC 9496, A.2: non-square x², negative x·y, and y = 0.
            (
                "no square",
                bytes_of("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
            ),
            (
                "negative x·y",
                bytes_of("3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"),
            ),
            (
                "y = 0",
                bytes_of("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            ),
        ] {
            assert_eq!(
                election.verify(&with(&bytes, field, encoding)),
                Err(Refusal::Encoding(EncodingError::Element {
                    what: field.name
                })),
                "{fault} in {}",
                field.name
            );
        }
    }
}

#[test]
fn non_canonical_scalars_are_refused_in_every_field() {
    let (election, bytes) = ballot();
    let (l, _) = orders();
    for field in fields(&election.shape)
        .iter()
        .filter(|field| !field.is_element)
    {
        let good = value(&bytes, field);
        let mut high_bit = good;
        high_bit[31] |= 0x80;
        for (fault, encoding) in [
            ("s + l", add(&good, &l)),
            ("s + 2l", add(&add(&good, &l), &l)),
            ("l", l),
            ("the high bit", high_bit),
            ("all ones", [0xff; 32]),
        ] {
            assert_eq!(
                election.verify(&with(&bytes, field, encoding)),
                Err(Refusal::Encoding(EncodingError::Scalar {
                    what: field.name
                })),
                "{fault} in {}",
                field.name
            );
        }
        // Zero is a scalar like any other, but no answer to the challenge.
        let zero = election.verify(&with(&bytes, field, [0; 32]));
        assert!(matches!(zero, Err(Refusal::Proof(_))), "{}", field.name);
    }
}

#[test]
fn every_other_length_is_refused_before_any_arithmetic() {
    let (election, bytes) = ballot();
    let truncated = Err(Refusal::Encoding(EncodingError::Truncated {
        what: "the encrypted ballot and its proof",
    }));
    for length in 0..bytes.len() {
        assert_eq!(election.verify(&bytes[..length]), truncated, "{length}");
    }
    for more in [1, 31, 32, 64] {
        let longer = [bytes.as_slice(), &vec![0; more]].concat();
        let leftover = EncodingError::Leftover { count: more };
        assert_eq!(election.verify(&longer), Err(Refusal::Encoding(leftover)));
    }
    // A position or coordinate too many or too few.
    let one_less = [&bytes[..32], &bytes[64..]].concat();
    assert_eq!(election.verify(&one_less), truncated);
    let one_more = [&bytes[..64], &bytes[32..]].concat();
    assert!(election.verify(&one_more).is_err());
    // Even where no field could be decoded, the length is what is reported.
    assert_eq!(election.verify(&vec![0xff; bytes.len() - 1]), truncated);
}
