//! Members of a draft that may be written short: a text as one string, the organiser as its name.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::NamedKey;

/// A text in one or more languages, in the order of the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftText {
    /// In the draft's language.
    Plain(String),
    /// By language tag.
    ByLanguage(Vec<(String, String)>),
}

impl DraftText {
    pub(super) fn name_language(&mut self, language: &str) {
        if let Self::Plain(text) = self {
            *self = Self::ByLanguage(vec![(language.to_owned(), std::mem::take(text))]);
        }
    }
}

impl From<&str> for DraftText {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl Serialize for DraftText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(text) => serializer.serialize_str(text),
            Self::ByLanguage(texts) => {
                let mut map = serializer.serialize_map(Some(texts.len()))?;
                for (language, text) in texts {
                    map.serialize_entry(language, text)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for DraftText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = DraftText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text, or an object of texts by language")
    }

    fn visit_str<E>(self, text: &str) -> Result<DraftText, E> {
        Ok(DraftText::Plain(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<DraftText, A::Error> {
        let mut texts: Vec<(String, String)> = Vec::new();
        while let Some((language, text)) = members.next_entry::<String, String>()? {
            if texts.iter().any(|(other, _)| *other == language) {
                return Err(A::Error::custom(format_args!(
                    "the language {language:?} stands twice in one text"
                )));
            }
            texts.push((language, text));
        }
        Ok(DraftText::ByLanguage(texts))
    }
}

/// The organiser: `{ "name": … }`, or the name alone.
pub(super) fn name_or_named_key<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<NamedKey, D::Error> {
    deserializer.deserialize_any(NameVisitor)
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = NamedKey;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name, or an object with a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<NamedKey, E> {
        Ok(NamedKey {
            name: name.to_owned(),
            key: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<NamedKey, A::Error> {
        NamedKey::deserialize(MapAccessDeserializer::new(members))
    }
}
