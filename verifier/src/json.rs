//! Strict JSON (RFC 8259): no duplicate members, no number but plain integers up to 2^53, and a
//! minus sign only under the names that may have one.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::{collections::BTreeMap, fmt};
use thiserror::Error;

/// The largest integer that JSON readers agree on.
const MAX_INTEGER: u64 = 1 << 53;

/// The members whose integers may be negative.
const SIGNED: [&str; 3] = ["lo", "hi", "value"];

/// The member whose array may hold negative integers.
const SIGNED_ARRAY: &str = "buckets";

/// A JSON text that the rules refuse.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is not JSON, or breaks a rule that holds everywhere.
    #[error("not strict JSON: {detail}")]
    Syntax {
        /// What the parser says, with line and column.
        detail: String,
    },
    /// A member is missing.
    #[error("`{member}` is missing")]
    Missing {
        /// Its path.
        member: String,
    },
    /// A member is not known.
    #[error("`{member}` is not a known member")]
    Unknown {
        /// Its path.
        member: String,
    },
    /// A value is of the wrong type or breaks its rule.
    #[error("`{member}` must be {rule}")]
    Value {
        /// Its path.
        member: String,
        /// What it must be.
        rule: &'static str,
    },
}

/// A JSON value, restricted to what manifests and receipts may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`, which no member may be.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer from −2^53 to 2^53.
    Integer(i64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; its members are all different.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Parses a whole text. The depth of nesting is bounded by the parser.
    ///
    /// # Errors
    /// [`JsonError::Syntax`].
    pub fn parse(text: &[u8]) -> Result<Self, JsonError> {
        let value: Self = serde_json::from_slice(text).map_err(|error| JsonError::Syntax {
            detail: error.to_string(),
        })?;
        if value.has_minus() {
            return Err(JsonError::Syntax {
                detail: "the whole text is negative".to_owned(),
            });
        }
        Ok(value)
    }

    /// Whether the value is a negative integer, or an array with one.
    fn has_minus(&self) -> bool {
        match self {
            Self::Integer(value) => *value < 0,
            Self::Array(values) => values.iter().any(Self::has_minus),
            _ => false,
        }
    }

    /// Whether a value has a minus sign where no member of this name may.
    fn has_minus_in(&self, member: &str) -> bool {
        match self {
            Self::Integer(_) if SIGNED.contains(&member) => false,
            Self::Array(values) if member == SIGNED_ARRAY => values
                .iter()
                .any(|value| matches!(value, Self::Array(_)) && value.has_minus()),
            _ => self.has_minus(),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value without fractions and exponents")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Json, E> {
        if value > MAX_INTEGER {
            return Err(E::custom("an integer is larger than 2^53"));
        }
        Ok(Json::Integer(value as i64))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Json, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(E::custom("an integer is below -2^53"));
        }
        Ok(Json::Integer(value))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Json, E> {
        Err(E::custom("a number has a fraction or an exponent"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if value.has_minus_in(&name) {
                return Err(A::Error::custom(format!("`{name}` is negative")));
            }
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!(
                    "the member `{name}` occurs twice"
                )));
            }
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

/// An object whose members are taken one by one, until none is left.
#[derive(Debug)]
pub struct Members {
    path: String,
    members: BTreeMap<String, Json>,
}

impl Members {
    /// Begins to read an object; `path` names it in errors and is empty for the outermost.
    ///
    /// # Errors
    /// [`JsonError::Value`] if the value is no object.
    pub fn of(value: Json, path: &str) -> Result<Self, JsonError> {
        match value {
            Json::Object(members) => Ok(Self {
                path: path.to_owned(),
                members,
            }),
            _ => Err(refused(path, "an object")),
        }
    }

    /// The path of a member, for errors.
    #[must_use]
    pub fn path(&self, member: &str) -> String {
        if self.path.is_empty() {
            member.to_owned()
        } else {
            format!("{}.{member}", self.path)
        }
    }

    /// Whether a member is there and not yet taken.
    #[must_use]
    pub fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    /// Takes a member that must be there.
    ///
    /// # Errors
    /// [`JsonError::Missing`].
    pub fn take(&mut self, member: &str) -> Result<Json, JsonError> {
        self.take_optional(member)
            .ok_or_else(|| JsonError::Missing {
                member: self.path(member),
            })
    }

    /// Takes a member that may be absent.
    pub fn take_optional(&mut self, member: &str) -> Option<Json> {
        self.members.remove(member)
    }

    /// Takes an integer of an inclusive range.
    ///
    /// # Errors
    /// [`JsonError::Missing`] and [`JsonError::Value`].
    pub fn integer(&mut self, member: &str, least: u64, most: u64) -> Result<u64, JsonError> {
        match self.take(member)? {
            Json::Integer(value) if value >= 0 && (least..=most).contains(&(value as u64)) => {
                Ok(value as u64)
            }
            _ => Err(self.refused(member, "an integer within its bounds")),
        }
    }

    /// Takes an integer that may be negative.
    ///
    /// # Errors
    /// [`JsonError::Missing`] and [`JsonError::Value`].
    pub fn signed(&mut self, member: &str) -> Result<i64, JsonError> {
        match self.take(member)? {
            Json::Integer(value) => Ok(value),
            _ => Err(self.refused(member, "an integer")),
        }
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// [`JsonError::Missing`] and [`JsonError::Value`].
    pub fn bool(&mut self, member: &str) -> Result<bool, JsonError> {
        match self.take(member)? {
            Json::Bool(value) => Ok(value),
            _ => Err(self.refused(member, "true or false")),
        }
    }

    /// Takes a string.
    ///
    /// # Errors
    /// [`JsonError::Missing`] and [`JsonError::Value`].
    pub fn string(&mut self, member: &str) -> Result<String, JsonError> {
        match self.take(member)? {
            Json::String(value) => Ok(value),
            _ => Err(self.refused(member, "a string")),
        }
    }

    /// Takes an array whose length is in an inclusive range.
    ///
    /// # Errors
    /// [`JsonError::Missing`] and [`JsonError::Value`].
    pub fn array(
        &mut self,
        member: &str,
        least: usize,
        most: usize,
    ) -> Result<Vec<Json>, JsonError> {
        match self.take(member)? {
            Json::Array(values) if (least..=most).contains(&values.len()) => Ok(values),
            _ => Err(self.refused(member, "an array of an allowed length")),
        }
    }

    /// The error that a member breaks its rule.
    #[must_use]
    pub fn refused(&self, member: &str, rule: &'static str) -> JsonError {
        refused(&self.path(member), rule)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`JsonError::Unknown`] if a member is left.
    pub fn finish(self) -> Result<(), JsonError> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(member) => Err(JsonError::Unknown {
                member: self.path(member),
            }),
        }
    }
}

/// The error that the value at `path` breaks its rule.
#[must_use]
pub fn refused(path: &str, rule: &'static str) -> JsonError {
    JsonError::Value {
        member: path.to_owned(),
        rule,
    }
}

/// Reads lower-case hexadecimal digits of exactly N bytes.
#[must_use]
pub fn lower_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let canonical = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; N];
    (canonical && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_form() {
        for text in [
            "1.0",
            "1e0",
            "-0",
            "{\"lo\":-0}",
            "{\"max\":-1}",
            "{\"max\":[[-1]]}",
            "{\"lo\":[-1]}",
            "{\"buckets\":-1}",
            "{\"buckets\":[[-1]]}",
            "-1",
            "{\"lo\":-9007199254740993}",
            "01",
            "9007199254740993",
            "1E2",
        ] {
            assert!(Json::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Json::parse(b"9007199254740992"), Ok(Json::Integer(1 << 53)));
        assert!(Json::parse(b"{\"buckets\":[-9007199254740992,0],\"lo\":-1}").is_ok());
    }

    #[test]
    fn duplicates_leftovers_and_foreign_encodings_are_refused() {
        for text in [
            &b"{\"a\":1,\"a\":1}"[..],
            b"{\"a\":1,\"\\u0061\":1}",
            b"[[{\"a\":1,\"a\":2}]]",
            b"{} {}",
            b"\xef\xbb\xbf{}",
            b"\"\xff\"",
            b"\"\\ud800\"",
            b"[1,]",
            b"{\"a\":1,}",
            b"\"\x01\"",
            b"// c\n{}",
        ] {
            assert!(Json::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_harm() {
        assert!(Json::parse(&[b'['; 60_000]).is_err());
        assert!(Json::parse("{\"a\":".repeat(10_000).as_bytes()).is_err());
    }

    #[test]
    fn upper_case_and_odd_hexadecimal_is_refused() {
        assert_eq!(lower_hex("00ff"), Some([0, 255]));
        for text in ["00FF", "00f", "00ff0", "0x00", "", "00fg"] {
            assert_eq!(lower_hex::<2>(text), None, "{text}");
        }
    }
}
