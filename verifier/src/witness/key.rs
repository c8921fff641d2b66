//! The key of a witness, in a file that only its owner may read.

use super::WitnessError;
use crate::{
    cosignature::{self, Cosignature, is_key_name},
    durable,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// The name and the secret key of a witness. The name is part of the key: its id is a hash of
/// both.
pub struct WitnessKey {
    name: String,
    secret: SigningKey,
}

/// Never shows the secret.
impl fmt::Debug for WitnessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.verifier_key())
    }
}

impl WitnessKey {
    /// Reads the key from a file, or makes it of this seed and name if there is none.
    ///
    /// # Errors
    /// [`WitnessError::Name`], [`WitnessError::Key`] and [`WitnessError::Home`].
    pub fn open(
        path: &Path,
        name: Option<&str>,
        seed: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, WitnessError> {
        let unusable = |reason: &str| WitnessError::Key {
            file: path.display().to_string(),
            reason: reason.to_owned(),
        };
        match fs::read(path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                if is_open_to_others(path)? {
                    return Err(unusable("others may read it"));
                }
                let key = Self::decode(&bytes).ok_or_else(|| unusable("it is damaged"))?;
                if name.is_some_and(|name| name != key.name) {
                    return Err(unusable(&format!("it is of `{}`", key.name)));
                }
                Ok(key)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = name
                    .filter(|name| is_name(name))
                    .ok_or(WitnessError::Name)?;
                let key = Self {
                    name: name.to_owned(),
                    secret: SigningKey::from_bytes(seed),
                };
                key.write(path)?;
                Ok(key)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What others must know to check cosignatures: a note verifier key of C2SP signed-note,
    /// `name+id+base64(4 ‖ key)`.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        let key = [&[cosignature::TYPE][..], &self.public()].concat();
        let id = hex::encode(cosignature::key_id(&self.name, &self.public()));
        format!("{}+{id}+{}", self.name, STANDARD.encode(key))
    }

    /// The cosignature line for the text of a checkpoint at this time, in seconds since 1970.
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> String {
        let signature = self.secret.sign(&cosignature::message(time, text));
        let id = cosignature::key_id(&self.name, &self.public());
        cosignature::line(&self.name, &id, time, &signature.to_bytes())
    }

    /// Checks a line of this witness's own.
    pub(super) fn verify(&self, text: &str, line: &str) -> bool {
        Cosignature::parse(line)
            .is_some_and(|line| line.verify(&self.name, &self.public(), text).is_ok())
    }

    /// The name in its cosignatures.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.secret.verifying_key().to_bytes()
    }

    /// The name on a line, then the seed in base64 on another.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (name, seed) = std::str::from_utf8(bytes)
            .ok()?
            .strip_suffix('\n')?
            .split_once('\n')?;
        let seed = Zeroizing::new(STANDARD.decode(seed).ok()?);
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().ok()?);
        is_name(name).then(|| Self {
            name: name.to_owned(),
            secret: SigningKey::from_bytes(&seed),
        })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_added_extension("new");
        // One that was left behind has never signed anything.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create_private(&new)?;
        let seed = Zeroizing::new(STANDARD.encode(Zeroizing::new(self.secret.to_bytes())));
        let text = Zeroizing::new(format!("{}\n{}\n", self.name, seed.as_str()));
        file.write_all(text.as_bytes())?;
        durable::put(&file, &new, path)
    }
}

/// What a signed note allows as the name of a key.
fn is_name(name: &str) -> bool {
    is_key_name(name) && name.len() <= 255 && !name.chars().any(char::is_control)
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}
