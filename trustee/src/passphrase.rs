//! Where the passphrase of the key file comes from: a file, the environment, or the keyboard.

use std::io::IsTerminal as _;
use std::path::Path;

use age::secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::keystore::{KeystoreError, read_private};

/// The environment variable that may hold the passphrase.
pub const VARIABLE: &str = "TRUSTEE_PASSPHRASE";
/// Shortest passphrase of a new key, in characters.
const LEAST: usize = 8;

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// The file.
    #[error(transparent)]
    File(#[from] KeystoreError),
    /// Nobody to ask.
    #[error(
        "There is no terminal to ask for the passphrase. Give --passphrase-file, or set {VARIABLE}."
    )]
    NoTerminal,
    /// The terminal.
    #[error("The passphrase cannot be read from the terminal: {0}. Give --passphrase-file.")]
    Terminal(std::io::Error),
    /// Too short.
    #[error(
        "The passphrase of a new key must have at least {LEAST} characters. Several random words are best."
    )]
    TooShort,
    /// Typed differently.
    #[error("The two passphrases differ. Nothing was written; try again.")]
    Differ,
}

/// The passphrase of an existing key.
///
/// # Errors
/// [`PassphraseError`] if there is none.
pub fn read(file: Option<&Path>) -> Result<SecretString, PassphraseError> {
    match given(file)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt("Passphrase of your key: "),
    }
}

/// The passphrase of a new key, typed twice if it is typed.
///
/// # Errors
/// [`PassphraseError`] if there is none, or it is too short.
pub fn read_new(file: Option<&Path>) -> Result<SecretString, PassphraseError> {
    let passphrase = match given(file)? {
        Some(passphrase) => passphrase,
        None => {
            let first = prompt("Choose a passphrase for your key: ")?;
            let second = prompt("The same passphrase again: ")?;
            if first.expose_secret() != second.expose_secret() {
                return Err(PassphraseError::Differ);
            }
            first
        }
    };
    if passphrase.expose_secret().chars().count() < LEAST {
        return Err(PassphraseError::TooShort);
    }
    Ok(passphrase)
}

fn given(file: Option<&Path>) -> Result<Option<SecretString>, PassphraseError> {
    let text = match file {
        Some(path) => read_private(path)?,
        None => match std::env::var(VARIABLE) {
            Ok(text) => Zeroizing::new(text),
            Err(_) => return Ok(None),
        },
    };
    // An editor ends the file with a line feed, which is not part of the passphrase.
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned().into()))
}

fn prompt(question: &str) -> Result<SecretString, PassphraseError> {
    if !std::io::stdin().is_terminal() {
        return Err(PassphraseError::NoTerminal);
    }
    let typed = rpassword::prompt_password(question).map_err(PassphraseError::Terminal)?;
    Ok(typed.into())
}
