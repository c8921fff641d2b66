//! The 24 words: a trustee's seed, to be written on paper.
//!
//! Spec: docs/spec/key-ceremony.md, "Secrets of a trustee"; BIP 39's encoding of 256 bits, English
//! list, without passphrase or stretching.

use bip39::{Language, Mnemonic};
use protocol::key_ceremony::TrusteeSeed;
use zeroize::Zeroizing;

/// Number of words.
pub const N_WORDS: usize = 24;

/// Why words are not a seed. What was typed is never repeated: it is a secret, or nearly one.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum WordsError {
    /// Too few or too many.
    #[error("There are {found} words; a trustee has {N_WORDS}. Check that none is missing.")]
    Count {
        /// How many were given.
        found: usize,
    },
    /// Not in the list.
    #[error("Word {number} is not in the list of words. Check its spelling.")]
    Unknown {
        /// Which word, from 1.
        number: usize,
    },
    /// All words exist, but not together.
    #[error(
        "These words do not belong together: one of them is wrong, or two are swapped. Check them against the paper."
    )]
    Checksum,
}

/// The words of a seed, each with a space before the next. Keep them no longer than needed.
pub struct Words(Zeroizing<String>);

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}

impl Words {
    /// The words of a seed.
    ///
    /// # Errors
    /// Never for a seed of 32 bytes; [`WordsError::Checksum`] stands in for the impossible.
    pub fn of_seed(seed: &TrusteeSeed) -> Result<Self, WordsError> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, seed.expose())
            .map_err(|_| WordsError::Checksum)?;
        let mut text = Zeroizing::new(String::with_capacity(N_WORDS * 9));
        for word in mnemonic.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        Ok(Self(text))
    }

    /// The seed of words that a person typed: any case, any white space.
    ///
    /// # Errors
    /// [`WordsError`], naming the number of the wrong word where that can be known.
    pub fn read_seed(text: &str) -> Result<TrusteeSeed, WordsError> {
        let found = text.split_whitespace().count();
        if found != N_WORDS {
            return Err(WordsError::Count { found });
        }
        let text = Zeroizing::new(text.to_lowercase());
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &text).map_err(
            |error| match error {
                bip39::Error::UnknownWord(index) => WordsError::Unknown { number: index + 1 },
                _ => WordsError::Checksum,
            },
        )?;
        let (entropy, _) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        let seed = entropy.first_chunk::<32>().ok_or(WordsError::Checksum)?;
        Ok(TrusteeSeed::from_bytes(seed))
    }

    /// All words, for a file, a terminal or encryption.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The word of this number, from 1.
    pub fn word(&self, number: usize) -> Option<&str> {
        self.0.split(' ').nth(number.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_bip_39_vectors() {
        // BIP 39's own test vectors for 256 bits.
        let words = Words::of_seed(&TrusteeSeed::from_bytes(&[0; 32])).unwrap();
        assert_eq!(words.expose(), format!("{}art", "abandon ".repeat(23)));
        let words = Words::of_seed(&TrusteeSeed::from_bytes(&[0x80; 32])).unwrap();
        assert!(
            words
                .expose()
                .starts_with("letter advice cage absurd amount doctor acoustic avoid")
        );
        assert_eq!(words.word(24), Some("bless"));
        assert_eq!((words.word(0), words.word(25)), (None, None));
    }

    #[test]
    fn words_read_back_in_any_case_and_white_space() {
        let seed = TrusteeSeed::from_bytes(&[0x5a; 32]);
        let words = Words::of_seed(&seed).unwrap();
        let typed = format!(" {}\n", words.expose().to_uppercase().replace(' ', "\n  "));
        assert_eq!(Words::read_seed(&typed).unwrap().expose(), seed.expose());
    }

    #[test]
    fn typos_are_named_by_number_and_never_repeated() {
        let text = Words::of_seed(&TrusteeSeed::from_bytes(&[7; 32]))
            .unwrap()
            .expose()
            .to_owned();
        let change = |number: usize, to: &str| {
            let mut words: Vec<&str> = text.split(' ').collect();
            words[number - 1] = to;
            Words::read_seed(&words.join(" ")).map(|_| ()).unwrap_err()
        };
        assert_eq!(change(9, "ribbbon"), WordsError::Unknown { number: 9 });
        assert!(!change(9, "ribbbon").to_string().contains("ribbbon"));
        // A word of the list in the wrong place fails the checksum (here, though not always).
        assert_eq!(change(3, "zoo"), WordsError::Checksum);
        assert_eq!(
            Words::read_seed("only three words").map(|_| ()),
            Err(WordsError::Count { found: 3 })
        );
        assert_eq!(
            Words::read_seed(&format!("{text} zoo")).map(|_| ()),
            Err(WordsError::Count { found: 25 })
        );
    }

    #[test]
    fn never_prints() {
        let words = Words::of_seed(&TrusteeSeed::from_bytes(&[7; 32])).unwrap();
        assert_eq!(format!("{words:?}"), "<redacted>");
    }
}
