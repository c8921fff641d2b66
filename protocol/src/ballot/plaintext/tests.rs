//! Coordinates of every kind of answer.

use super::*;

#[test]
fn digits_of_every_value_add_up() {
    for max in 1..40u32 {
        for value in 0..=u64::from(max) {
            let mut bits = Vec::new();
            push_digits(&mut bits, value, max);
            let sum: u64 = bits
                .iter()
                .zip(digits(max))
                .map(|(bit, weight)| bit * weight)
                .sum();
            assert!(bits.iter().all(|bit| *bit <= 1));
            assert_eq!(sum, value, "{value} of {max}");
        }
    }
}

