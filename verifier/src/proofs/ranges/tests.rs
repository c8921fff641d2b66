//! The Bulletproofs that the crate `bulletproofs` 5.0.0 publishes for its own tests, and the
//! products of the inner-product argument by their definition.

use super::*;
use crate::group::RangeGenerators;

/// `s_h` is the product over the rounds of `u_i` or its inverse, by the bits of h.
#[test]
fn products_follow_the_bits_of_their_index() {
    let rounds: Vec<Scalar> = (2_u8..6).map(Scalar::from).collect();
    let mut inverses = rounds.clone();
    batch_invert(&mut inverses);
    for (u, inverse) in rounds.iter().zip(&inverses) {
        assert_eq!(u * inverse, Scalar::ONE);
    }
    for (h, found) in products(&rounds, &inverses).iter().enumerate() {
        let factor = |i: usize| match h >> (3 - i) & 1 {
            1 => rounds[i],
            _ => inverses[i],
        };
        let expected: Scalar = (0..4).map(factor).product();
        assert_eq!(*found, expected, "{h}");
    }
}

#[test]
fn generators_of_a_party_do_not_depend_on_how_many_there_are() {
    let few = RangeGenerators::new(8, 1);
    let many = RangeGenerators::new(32, 2);
    assert_eq!(few.g[..], many.g[..8]);
    assert_eq!(few.h[..], many.h[..8]);
    assert!(many.g.iter().all(|g| !many.h.contains(g)));
}
