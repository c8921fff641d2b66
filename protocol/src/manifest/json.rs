//! A strict reader of JSON: no duplicate or unknown members, and errors that name the place.

use std::collections::BTreeSet;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::ManifestError;

/// What is read, or why it cannot be. The error is boxed: it is large, and handed on in so many
/// places that every voter would load 10 kB more.
pub(super) type Reading<T> = Result<T, Box<ManifestError>>;

pub(super) fn refuse<T>(error: ManifestError) -> Reading<T> {
    Err(Box::new(error))
}

/// A JSON value in which no object has two members of one name.
pub(super) enum Json {
    Other(&'static str),
    Bool(bool),
    Integer(u64),
    /// An integer below zero.
    Negative(i64),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    /// Only integers below zero come here; `-0` is read as a number with a fraction.
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Negative(value))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other("a number that is not a plain integer"))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other("null"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let (mut list, mut names) = (Vec::new(), BTreeSet::new());
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(serde::de::Error::custom(format_args!(
                    "the member {name:?} stands twice in one object"
                )));
            }
            list.push((name, value));
        }
        Ok(Json::Object(list))
    }
}

/// A value and where it stands, for errors such as `contests[0].options[3].label`.
pub(super) struct Place {
    path: String,
    value: Json,
}

impl Place {
    pub(super) fn parse(bytes: &[u8]) -> Reading<Self> {
        let value = serde_json::from_slice(bytes).map_err(|error| ManifestError::Json {
            reason: error.to_string(),
        })?;
        Ok(Self {
            path: "manifest".to_owned(),
            value,
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn wrong(&self, expected: &'static str) -> Box<ManifestError> {
        Box::new(ManifestError::Member {
            path: self.path.clone(),
            expected,
        })
    }

    pub(super) fn object(self) -> Reading<Object> {
        match self.value {
            Json::Object(members) => Ok(Object {
                path: self.path,
                members,
            }),
            _ => refuse(ManifestError::Member {
                path: self.path,
                expected: "an object",
            }),
        }
    }

    /// The items of an array that has between `least` and `most` of them.
    pub(super) fn array(self, least: usize, most: usize) -> Reading<Vec<Place>> {
        match self.value {
            Json::Array(items) if (least..=most).contains(&items.len()) => Ok(items
                .into_iter()
                .enumerate()
                .map(|(i, value)| Place {
                    path: format!("{}[{i}]", self.path),
                    value,
                })
                .collect()),
            Json::Array(items) => refuse(ManifestError::Length {
                path: self.path,
                found: items.len(),
                least,
                most,
            }),
            _ => refuse(ManifestError::Member {
                path: self.path,
                expected: "an array",
            }),
        }
    }

    pub(super) fn integer(&self, least: u64, most: u64) -> Reading<u64> {
        match self.value {
            Json::Integer(value) if (least..=most).contains(&value) => Ok(value),
            Json::Integer(value) => refuse(ManifestError::Range {
                path: self.path.clone(),
                found: value,
                least,
                most,
            }),
            Json::Other(found) => refuse(ManifestError::Found {
                path: self.path.clone(),
                expected: "an integer",
                found,
            }),
            Json::Negative(_) => refuse(ManifestError::Found {
                path: self.path.clone(),
                expected: "an integer",
                found: "a negative number",
            }),
            _ => Err(self.wrong("an integer")),
        }
    }

    /// An integer that may be negative.
    pub(super) fn signed(&self, least: i64, most: i64) -> Reading<i64> {
        let value = match self.value {
            Json::Integer(value) => i64::try_from(value).unwrap_or(i64::MAX),
            Json::Negative(value) => value,
            Json::Other(found) => {
                return refuse(ManifestError::Found {
                    path: self.path.clone(),
                    expected: "an integer",
                    found,
                });
            }
            _ => return Err(self.wrong("an integer")),
        };
        if (least..=most).contains(&value) {
            Ok(value)
        } else {
            refuse(ManifestError::SignedRange {
                path: self.path.clone(),
                found: value,
                least,
                most,
            })
        }
    }

    pub(super) fn bool(&self) -> Reading<bool> {
        match self.value {
            Json::Bool(value) => Ok(value),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// A string of 1 to `most` bytes without control characters (line feeds if `lines`).
    pub(super) fn string(self, most: usize, lines: bool) -> Reading<String> {
        // Characters that reorder text could make one option look like another.
        let reorders = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let clean = |c: char| (!c.is_control() && !reorders(c)) || (lines && c == '\n');
        match self.value {
            Json::String(text) if (1..=most).contains(&text.len()) && text.chars().all(clean) => {
                Ok(text)
            }
            Json::String(_) => refuse(ManifestError::Member {
                path: self.path,
                expected: "a text that is neither empty nor too long and has no control characters",
            }),
            _ => refuse(ManifestError::Member {
                path: self.path,
                expected: "a string",
            }),
        }
    }
}

/// An object whose members are taken one by one; what is left at the end is unknown.
pub(super) struct Object {
    path: String,
    members: Vec<(String, Json)>,
}

impl Object {
    pub(super) fn optional(&mut self, name: &str) -> Option<Place> {
        let index = self.members.iter().position(|(member, _)| member == name)?;
        let (_, value) = self.members.swap_remove(index);
        Some(Place {
            path: format!("{}.{name}", self.path),
            value,
        })
    }

    pub(super) fn take(&mut self, name: &'static str) -> Reading<Place> {
        self.optional(name).ok_or_else(|| self.missing(name))
    }

    pub(super) fn missing(&self, name: &'static str) -> Box<ManifestError> {
        Box::new(ManifestError::Missing {
            path: self.path.clone(),
            name,
        })
    }

    pub(super) fn finish(self) -> Reading<()> {
        match self.members.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => refuse(ManifestError::Unknown {
                path: self.path,
                name,
            }),
        }
    }

    /// All members, in the order of the text.
    pub(super) fn into_members(self) -> impl Iterator<Item = (String, Place)> {
        let path = self.path;
        self.members.into_iter().map(move |(name, value)| {
            let path = format!("{path}.{name}");
            (name, Place { path, value })
        })
    }
}
