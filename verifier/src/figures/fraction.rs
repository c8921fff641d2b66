//! Exact fractions, and their decimals (docs/spec/figures.md, "Rounding").

use num_bigint::{BigInt, Sign};

/// A fraction in lowest terms; the denominator is positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fraction {
    numerator: BigInt,
    denominator: BigInt,
}

impl Fraction {
    /// numerator/denominator; none if that divides by 0.
    #[must_use]
    pub fn new(numerator: BigInt, denominator: BigInt) -> Option<Self> {
        if denominator == BigInt::ZERO {
            return None;
        }
        let divisor = match denominator.sign() {
            Sign::Minus => -gcd(&numerator, &denominator),
            _ => gcd(&numerator, &denominator),
        };
        Some(Self {
            numerator: numerator / &divisor,
            denominator: denominator / divisor,
        })
    }

    /// The difference to another one.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        Self::new(
            &self.numerator * &other.denominator - &other.numerator * &self.denominator,
            &self.denominator * &other.denominator,
        )
    }

    /// The product with another one.
    #[must_use]
    pub fn times(&self, other: &Self) -> Option<Self> {
        Self::new(
            &self.numerator * &other.numerator,
            &self.denominator * &other.denominator,
        )
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.numerator.sign() == Sign::Minus
    }

    /// `numerator/denominator`.
    #[must_use]
    pub fn exact(&self) -> String {
        format!("{}/{}", self.numerator, self.denominator)
    }

    /// The nearest decimal with so many digits after the point; of two, the one away from zero.
    #[must_use]
    pub fn rounded(&self, digits: u32) -> String {
        let twice: BigInt = BigInt::from(self.numerator.magnitude().clone()) * 2 * ten_to(digits);
        let rounded = (twice + &self.denominator) / (&self.denominator * 2);
        decimal(&rounded, self.is_negative(), digits)
    }

    /// The nearest decimal of the root of its size, with its sign.
    #[must_use]
    pub fn rounded_root(&self, digits: u32) -> String {
        // The greatest r with (2r − 1)²·b ≤ 4·a·10^2k.
        let size = BigInt::from(self.numerator.magnitude().clone());
        let scaled: BigInt = size * 4 * ten_to(2 * digits) / &self.denominator;
        let rounded: BigInt = (scaled.sqrt() + 1) / 2;
        decimal(&rounded, self.is_negative(), digits)
    }
}

/// 10 to a power.
#[must_use]
pub fn ten_to(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

/// The greatest common divisor, positive unless both are 0.
fn gcd(one: &BigInt, other: &BigInt) -> BigInt {
    let (mut one, mut other) = (one.clone(), other.clone());
    while other != BigInt::ZERO {
        (one, other) = (other.clone(), one % other);
    }
    one.magnitude().clone().into()
}

/// Writes an integer of 10^-digits. Zero has no sign.
#[must_use]
pub fn decimal(size: &BigInt, negative: bool, digits: u32) -> String {
    let digits = digits as usize;
    let sign = if negative && *size != BigInt::ZERO {
        "-"
    } else {
        ""
    };
    let text = format!(
        "{:0>width$}",
        size.magnitude().to_string(),
        width = digits + 1
    );
    let (whole, rest) = text.split_at(text.len() - digits);
    match digits {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(numerator: i64, denominator: i64) -> Fraction {
        Fraction::new(numerator.into(), denominator.into()).unwrap()
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (numerator, denominator, digits, expected) in [
            (1, 2, 0, "1"),
            (-1, 2, 0, "-1"),
            (5, 2, 0, "3"),
            (1, 8, 2, "0.13"),
            (-1, 8, 2, "-0.13"),
            (-1, 1_000, 2, "0.00"),
            (1_249_999, 10_000_000, 2, "0.12"),
            (7, -2, 1, "-3.5"),
            (12, 4, 2, "3.00"),
        ] {
            assert_eq!(fraction(numerator, denominator).rounded(digits), expected);
        }
        assert_eq!(fraction(6, -4).exact(), "-3/2");
        assert_eq!(fraction(0, -4).exact(), "0/1");
        assert!(Fraction::new(1.into(), 0.into()).is_none());
    }

    #[test]
    fn roots_are_rounded_once() {
        for (numerator, denominator, digits, expected) in [
            (2, 1, 4, "1.4142"),
            (0, 5, 2, "0.00"),
            (1, 4, 0, "1"),
            (9, 4, 0, "2"),
            (-1, 4, 1, "-0.5"),
            (1, 1_000_000, 2, "0.00"),
            (25, 1_000_000, 2, "0.01"),
            (24, 1_000_000, 2, "0.00"),
        ] {
            let found = fraction(numerator, denominator).rounded_root(digits);
            assert_eq!(found, expected, "{numerator}/{denominator}");
        }
    }
}
