//! The integer of a small multiple of H (baby steps and giant steps, Shanks 1971).

use crate::group::{Point, Scalar, vanishes};
use std::collections::HashMap;

/// The largest integers that are looked for. More would be minutes of work for a record whose
/// bounds are broken anyway.
const MAX_BOUND: u64 = 1 << 40;

/// Finds the integer v ≤ `bound` with v·H = `multiple`.
#[must_use]
pub fn logarithm(multiple: &Point, h: &Point, bound: u64) -> Option<u64> {
    if bound > MAX_BOUND {
        return None;
    }
    if vanishes(multiple) {
        return Some(0);
    }
    let width = bound.isqrt() + 1;
    let mut steps = HashMap::new();
    let mut step = Point::default();
    for number in 0..width {
        steps.insert(step.compress().to_bytes(), number);
        step += h;
    }
    let giant = h * -Scalar::from(width);
    let mut rest = *multiple;
    for number in 0..=bound / width {
        if let Some(small) = steps.get(&rest.compress().to_bytes()) {
            return Some(number * width + small).filter(|found| *found <= bound);
        }
        rest += giant;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Generators;

    #[test]
    fn every_integer_up_to_the_bound_is_found_and_no_other() {
        let h = Generators::new(0).h;
        for bound in [0, 1, 2, 8, 9, 10] {
            for value in 0..=12_u64 {
                let found = logarithm(&(h * Scalar::from(value)), &h, bound);
                assert_eq!(found, (value <= bound).then_some(value), "{value} {bound}");
            }
            assert_eq!(logarithm(&(h * -Scalar::ONE), &h, bound), None);
        }
    }
}
