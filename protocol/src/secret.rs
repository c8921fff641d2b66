//! Values that must not leak: erased when dropped, never printed, compared or copied.

use zeroize::Zeroize;

/// A secret value. It is zeroized on drop; `Debug` prints `<redacted>`; there is no `Clone`,
/// `PartialEq`, `Display` or serialisation. Reading it is [`Secret::expose`], easy to search for.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into keeping.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for as short a time as possible.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_prints() {
        assert_eq!(format!("{:?}", Secret::new([7u8; 4])), "<redacted>");
    }
}
