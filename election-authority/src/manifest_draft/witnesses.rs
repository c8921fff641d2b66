//! The witnesses of a draft.

use protocol::cosignature::{Witness, WitnessKeyError};
use protocol::encoding::encode_hex;
use serde::{Deserialize, Serialize};

/// A witness: in a draft the key that it hands on, or its name and its key as in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form")]
pub struct DraftWitness {
    /// The name.
    pub name: String,
    /// The Ed25519 key, 64 hexadecimal digits.
    pub key: String,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a witness's key such as \"w.example/ada+320c72ac+BGa…\", or an object with name and key"
)]
enum Form {
    Key(String),
    Named(Named),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    key: String,
}

impl DraftWitness {
    /// Reads the key that a witness hands on.
    ///
    /// # Errors
    /// [`WitnessKeyError`], naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, WitnessKeyError> {
        let Witness { name, key } = Witness::parse(text.trim())?;
        Ok(Self {
            name,
            key: encode_hex(&key),
        })
    }
}

impl TryFrom<Form> for DraftWitness {
    type Error = WitnessKeyError;

    fn try_from(form: Form) -> Result<Self, WitnessKeyError> {
        match form {
            Form::Key(text) => Self::parse(&text),
            Form::Named(Named { name, key }) => Ok(Self { name, key }),
        }
    }
}
