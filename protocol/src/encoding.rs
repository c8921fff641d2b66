//! Strict decoding and plain encoding of integers, elements and scalars.
//!
//! Spec: docs/spec/encoding.md. One value has one encoding; a [`Reader`] that is not read to its
//! end is an error.

use crate::group::{Element, Scalar, decode_scalar};

/// Why bytes are not the encoding of anything.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum EncodingError {
    /// Fewer bytes than the value needs.
    #[error("the bytes end before {what} is complete")]
    Truncated {
        /// What was being read.
        what: &'static str,
    },
    /// Bytes are left over.
    #[error("{count} bytes are left over at the end")]
    Leftover {
        /// How many.
        count: usize,
    },
    /// A field has a value that does not exist.
    #[error("{what} has a value that means nothing")]
    Value {
        /// Which field.
        what: &'static str,
    },
    /// Not the canonical encoding of an element other than the identity.
    #[error("{what} is not the canonical encoding of a group element other than the identity")]
    Element {
        /// Which field.
        what: &'static str,
    },
    /// Not the canonical encoding of a scalar.
    #[error("{what} is not the canonical encoding of a scalar")]
    Scalar {
        /// Which field.
        what: &'static str,
    },
}

/// Reads values off the front of a byte string.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], EncodingError> {
        let (head, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(EncodingError::Truncated { what })?;
        self.rest = rest;
        Ok(head)
    }

    /// The next N bytes, as an array.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], EncodingError> {
        let (head, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(EncodingError::Truncated { what })?;
        self.rest = rest;
        Ok(*head)
    }

    /// An 8-bit integer.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, EncodingError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// A 16-bit integer.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, EncodingError> {
        self.array(what).map(u16::from_be_bytes)
    }

    /// A 32-bit integer.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, EncodingError> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// A 64-bit integer.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, EncodingError> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// A group element other than the identity.
    pub fn element(&mut self, what: &'static str) -> Result<Element, EncodingError> {
        Element::decode(&self.array(what)?).ok_or(EncodingError::Element { what })
    }

    /// `count` group elements.
    pub fn elements(
        &mut self,
        count: usize,
        what: &'static str,
    ) -> Result<Vec<Element>, EncodingError> {
        // The length is checked first, so that a short input costs no arithmetic.
        let mut list = Reader::new(self.bytes(count.saturating_mul(32), what)?);
        (0..count).map(|_| list.element(what)).collect()
    }

    /// A scalar.
    pub fn scalar(&mut self, what: &'static str) -> Result<Scalar, EncodingError> {
        decode_scalar(&self.array(what)?).ok_or(EncodingError::Scalar { what })
    }

    /// `count` scalars.
    pub fn scalars(
        &mut self,
        count: usize,
        what: &'static str,
    ) -> Result<Vec<Scalar>, EncodingError> {
        let mut list = Reader::new(self.bytes(count.saturating_mul(32), what)?);
        (0..count).map(|_| list.scalar(what)).collect()
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`EncodingError::Leftover`] if bytes remain.
    pub fn finish(self) -> Result<(), EncodingError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(EncodingError::Leftover { count }),
        }
    }
}

/// Appends values to a byte string.
pub trait Write {
    /// Appends an element's encoding.
    fn put_element(&mut self, element: &Element);
    /// Appends a scalar's encoding.
    fn put_scalar(&mut self, scalar: &Scalar);
}

impl Write for Vec<u8> {
    fn put_element(&mut self, element: &Element) {
        self.extend_from_slice(element.as_bytes());
    }

    fn put_scalar(&mut self, scalar: &Scalar) {
        self.extend_from_slice(scalar.as_bytes());
    }
}

/// Reads exactly 2·N lower-case hexadecimal digits.
pub fn decode_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

/// Lower-case hexadecimal digits.
pub fn encode_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_inputs_are_errors() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16("field"), Ok(0x0102));
        assert_eq!(
            reader.u32("field"),
            Err(EncodingError::Truncated { what: "field" })
        );
        assert_eq!(reader.finish(), Err(EncodingError::Leftover { count: 1 }));
    }

    #[test]
    fn hexadecimal_is_strict() {
        assert_eq!(decode_hex::<2>("00ff"), Some([0, 255]));
        for bad in ["00FF", "00f", "00ff0", "0x00", "00fg"] {
            assert_eq!(decode_hex::<2>(bad), None, "{bad}");
        }
    }
}
