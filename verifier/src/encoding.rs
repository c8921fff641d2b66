//! Strict reading of bytes (docs/spec/encoding.md): one value has one encoding.

use crate::group::{Element, GroupError, Scalar, decode_scalar};
use thiserror::Error;

/// Bytes that do not decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodingError {
    /// The input ends too early.
    #[error("the bytes end too early")]
    Short,
    /// Bytes are left over.
    #[error("{count} bytes are left over")]
    Leftover {
        /// How many.
        count: usize,
    },
    /// An element or a scalar is malformed.
    #[error(transparent)]
    Group(#[from] GroupError),
}

/// Reads a byte string from its start.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts reading.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    /// Refuses anything but exactly `count` bytes left, before any of them is looked at.
    ///
    /// # Errors
    /// [`EncodingError::Short`] and [`EncodingError::Leftover`].
    pub fn expect_left(&self, count: usize) -> Result<(), EncodingError> {
        match self.remaining().checked_sub(count) {
            Some(0) => Ok(()),
            Some(count) => Err(EncodingError::Leftover { count }),
            None => Err(EncodingError::Short),
        }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], EncodingError> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(EncodingError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    /// The next N bytes.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], EncodingError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(EncodingError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    /// An integer of one byte.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn u8(&mut self) -> Result<u8, EncodingError> {
        self.array().map(|bytes| u8::from_be_bytes(*bytes))
    }

    /// A big-endian integer of two bytes.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn u16(&mut self) -> Result<u16, EncodingError> {
        self.array().map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// A big-endian integer of four bytes.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn u32(&mut self) -> Result<u32, EncodingError> {
        self.array().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// A big-endian integer of eight bytes.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn u64(&mut self) -> Result<u64, EncodingError> {
        self.array().map(|bytes| u64::from_be_bytes(*bytes))
    }

    /// An element.
    ///
    /// # Errors
    /// [`EncodingError::Short`] and [`EncodingError::Group`].
    pub fn element(&mut self) -> Result<Element, EncodingError> {
        Ok(Element::decode(self.array()?)?)
    }

    /// `count` joined elements. The length is looked at before any arithmetic is done.
    ///
    /// # Errors
    /// [`EncodingError::Short`] and [`EncodingError::Group`].
    pub fn elements(&mut self, count: usize) -> Result<Vec<Element>, EncodingError> {
        let bytes = count
            .checked_mul(32)
            .ok_or(EncodingError::Short)
            .and_then(|length| self.take(length))?;
        let (encodings, _) = bytes.as_chunks::<32>();
        let elements: Result<_, _> = encodings.iter().map(Element::decode).collect();
        Ok(elements?)
    }

    /// A scalar.
    ///
    /// # Errors
    /// [`EncodingError::Short`] and [`EncodingError::Group`].
    pub fn scalar(&mut self) -> Result<Scalar, EncodingError> {
        Ok(decode_scalar(self.array()?)?)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`EncodingError::Leftover`] if bytes are left.
    pub fn finish(self) -> Result<(), EncodingError> {
        match self.remaining() {
            0 => Ok(()),
            count => Err(EncodingError::Leftover { count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_input_and_leftover_bytes_are_refused() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16(), Ok(0x0102));
        assert_eq!(reader.u32(), Err(EncodingError::Short));
        assert_eq!(reader.finish(), Err(EncodingError::Leftover { count: 1 }));
        assert_eq!(Reader::new(&[]).finish(), Ok(()));
    }

    #[test]
    fn an_absurd_count_of_elements_is_short_input() {
        assert_eq!(
            Reader::new(&[0; 64]).elements(usize::MAX),
            Err(EncodingError::Short)
        );
    }
}
