//! The organiser's signing key and the issuers' order key, at rest.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use hkdf::Hkdf;
use protocol::encoding::{decode_hex, encode_hex};
use protocol::group::{decode_scalar, wide_scalar};
use protocol::secret::Secret;
use protocol::signature::SigningKey;
use protocol::transcript::RandomnessError;
use rand_core::TryCryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::files::{self, FileError, Readers};

/// What an age file starts with (C2SP age, version 1).
const AGE: &[u8] = b"age-encryption.org/v1\n";

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The key is encrypted, and there is nobody to ask.
    #[error("{} is encrypted; give its passphrase with --passphrase-file, or run this in a terminal", path.display())]
    NoPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// A wrong passphrase.
    #[error("the passphrase does not open {}; type it again", path.display())]
    WrongPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// An empty passphrase, or two different ones.
    #[error("the passphrase is empty or was not repeated alike; nothing was written")]
    UnusablePassphrase,
    /// Encryption failed.
    #[error("the key could not be encrypted: {reason}")]
    Encryption {
        /// Why.
        reason: String,
    },
}

/// Where a passphrase comes from.
#[derive(Clone, Debug)]
pub enum PassphraseSource {
    /// The first line of a file.
    File(PathBuf),
    /// The person at the terminal, if there is one.
    Terminal,
}

impl PassphraseSource {
    /// Asks for the passphrase of `path`; twice if it is a new one.
    ///
    /// # Errors
    /// [`KeyError`] if there is none.
    fn ask(&self, path: &Path, is_new: bool) -> Result<SecretString, KeyError> {
        let passphrase = match self {
            Self::File(file) => {
                let bytes = files::read_secret(file)?;
                let line = bytes
                    .split(|byte| *byte == b'\n')
                    .next()
                    .unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                Zeroizing::new(String::from_utf8_lossy(line).into_owned())
            }
            Self::Terminal => {
                let nobody = |_| KeyError::NoPassphrase {
                    path: path.to_owned(),
                };
                let ask = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new);
                let first = ask("Passphrase of the organiser's key: ").map_err(nobody)?;
                if is_new && *ask("The same once more: ").map_err(nobody)? != *first {
                    return Err(KeyError::UnusablePassphrase);
                }
                first
            }
        };
        if passphrase.is_empty() {
            return Err(KeyError::UnusablePassphrase);
        }
        Ok(SecretString::from(passphrase.as_str()))
    }
}

/// Draws the organiser's signing key and writes it to a new file: 64 hexadecimal digits, encrypted
/// as an age file if there is a passphrase.
///
/// # Errors
/// [`KeyError`]; an existing file is never overwritten.
pub fn create_organiser_key(
    path: &Path,
    passphrase: Option<&PassphraseSource>,
    rng: &mut impl TryCryptoRng,
) -> Result<SigningKey, KeyError> {
    if path.exists() {
        let path = path.to_owned();
        return Err(FileError::Exists { path }.into());
    }
    let mut wide = Zeroizing::new([0; 64]);
    let key = loop {
        rng.try_fill_bytes(wide.as_mut())
            .map_err(|_| RandomnessError)?;
        // Zero comes up with probability 2^-252.
        if let Some(key) = SigningKey::new(Secret::new(wide_scalar(&wide))) {
            break key;
        }
    };
    let mut scalar = wide_scalar(&wide);
    let digits = Zeroizing::new(encode_hex(scalar.as_bytes()) + "\n");
    scalar.zeroize();
    let content = match passphrase {
        None => Zeroizing::new(digits.as_bytes().to_vec()),
        Some(source) => encrypt(digits.as_bytes(), source.ask(path, true)?)?,
    };
    files::create(path, &content, Readers::Owner)?;
    Ok(key)
}

/// Reads the organiser's signing key.
///
/// # Errors
/// [`KeyError`], saying what is wrong with file or passphrase.
pub fn read_organiser_key(
    path: &Path,
    passphrase: &PassphraseSource,
) -> Result<SigningKey, KeyError> {
    let mut content = files::read_secret(path)?;
    if content.starts_with(AGE) {
        content = decrypt(&content, passphrase.ask(path, false)?).ok_or_else(|| {
            KeyError::WrongPassphrase {
                path: path.to_owned(),
            }
        })?;
    }
    let key = secret_of_hex(&content)
        .and_then(|bytes| decode_scalar(&bytes))
        .and_then(|scalar| SigningKey::new(Secret::new(scalar)));
    Ok(key.ok_or_else(|| FileError::Content {
        path: path.to_owned(),
        expected: "an organiser's key",
        advice: "restore it from a backup",
    })?)
}

fn secret_of_hex(content: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let digits = content.strip_suffix(b"\n").unwrap_or(content);
    std::str::from_utf8(digits)
        .ok()
        .and_then(decode_hex)
        .map(Zeroizing::new)
}

fn encrypt(content: &[u8], passphrase: SecretString) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut out = Vec::new();
    let outcome = age::Encryptor::with_user_passphrase(passphrase)
        .wrap_output(&mut out)
        .and_then(|mut writer| {
            writer.write_all(content)?;
            writer.finish().map(|_| ())
        });
    outcome.map_err(|error| KeyError::Encryption {
        reason: error.to_string(),
    })?;
    Ok(Zeroizing::new(out))
}

fn decrypt(content: &[u8], passphrase: SecretString) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = age::Decryptor::new(content).ok()?;
    let identity = age::scrypt::Identity::new(passphrase);
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .ok()?;
    // 65 bytes are expected; more than 1 kB is not a key.
    let mut plain = Zeroizing::new(Vec::with_capacity(1024));
    reader.by_ref().take(1024).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// The secret that fixes in which order the roll lists the voters: all issuers of an election
/// share it, so that their parts line up, and nobody else has it, so that the order says nothing.
#[derive(Debug)]
pub struct OrderKey(Secret<[u8; 32]>);

impl OrderKey {
    /// Draws an order key and writes it to a new file.
    ///
    /// # Errors
    /// [`KeyError`]; an existing file is never overwritten.
    pub fn create(path: &Path, rng: &mut impl TryCryptoRng) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(bytes.as_mut())
            .map_err(|_| RandomnessError)?;
        let digits = Zeroizing::new(encode_hex(bytes.as_ref()) + "\n");
        files::create(path, digits.as_bytes(), Readers::Owner)?;
        Ok(Self(Secret::new(*bytes)))
    }

    /// Reads an order key.
    ///
    /// # Errors
    /// [`KeyError`] if there is none.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let bytes =
            secret_of_hex(&files::read_secret(path)?).ok_or_else(|| FileError::Content {
                path: path.to_owned(),
                expected: "an order key of 64 hexadecimal digits",
                advice: "ask the first issuer for the file",
            })?;
        Ok(Self(Secret::new(*bytes)))
    }

    /// What a voter is sorted by: HMAC-SHA-256 of its id under this key (which is what the first
    /// half of HKDF computes, RFC 5869 section 2.2).
    pub fn rank(&self, voter_id: &str) -> [u8; 32] {
        Hkdf::<Sha256>::extract(Some(self.0.expose()), voter_id.as_bytes())
            .0
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;

    #[test]
    fn the_key_reads_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organiser.key");
        let key = create_organiser_key(&path, None, &mut SysRng).unwrap();
        let again = read_organiser_key(&path, &PassphraseSource::Terminal).unwrap();
        assert_eq!(again.public(), key.public());
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(
            create_organiser_key(&path, None, &mut SysRng),
            Err(KeyError::File(FileError::Exists { .. }))
        ));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_passphrase_opens_the_key_and_another_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organiser.key");
        let source = |name: &str, text: &str| {
            let path = folder.path().join(name);
            files::create(&path, text.as_bytes(), Readers::Owner).unwrap();
            PassphraseSource::File(path)
        };
        let right = source("right", "correct horse\n");
        let key = create_organiser_key(&path, Some(&right), &mut SysRng).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(AGE));
        let again = read_organiser_key(&path, &right).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(matches!(
            read_organiser_key(&path, &source("wrong", "correct horses\n")),
            Err(KeyError::WrongPassphrase { .. })
        ));
        assert!(matches!(
            read_organiser_key(&path, &source("empty", "\n")),
            Err(KeyError::UnusablePassphrase)
        ));
    }

    #[test]
    fn damaged_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("empty", ""),
            ("zero", &"0".repeat(64)),
            ("large", &"f".repeat(64)),
            ("short", "12"),
        ] {
            let path = folder.path().join(name);
            files::create(&path, content.as_bytes(), Readers::Owner).unwrap();
            let error = read_organiser_key(&path, &PassphraseSource::Terminal).unwrap_err();
            assert!(
                error.to_string().contains("is not an organiser's key"),
                "{name}"
            );
        }
    }

    #[test]
    fn ranks_are_hmac_sha_256() {
        // RFC 4231, test case 6 has a long key; test case 2 a short one, padded with zeros as any.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let rank = OrderKey(Secret::new(key)).rank("what do ya want for nothing?");
        assert_eq!(
            encode_hex(&rank),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
