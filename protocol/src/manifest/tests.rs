//! Every rule of docs/spec/manifest.md, broken in turn from one valid manifest.

mod json;
mod limits;
mod members;
mod shapes;
mod surveys;
mod witnesses;

use serde_json::{Value, json};

use super::*;
use crate::encoding::encode_hex;
use crate::group::{Scalar, mul_base};

const UUID: &str = "0123456789abcdef0123456789abcdef";

fn key(number: u32) -> String {
    encode_hex(
        Element::from_point(mul_base(&Scalar::from(number)))
            .unwrap()
            .as_bytes(),
    )
}

fn option(id: &str) -> Value {
    json!({"id": id, "label": {"en": format!("Option {id}")}})
}

/// A valid manifest with every member, optional ones too.
fn valid() -> Value {
    json!({
        "psephos": 3,
        "uuid": UUID,
        "language": "en",
        "title": {"en": "Board election", "pl": "Wybory zarządu"},
        "description": {"en": "One line.\nAnother line.", "zh-Hant": "說明"},
        "organiser": {"name": "Club", "key": key(1)},
        "issuers": [{"name": "Registrar"}, {"name": "Post"}],
        "trustees": [
            {"name": "Ada", "key": key(2)},
            {"name": "Bo", "key": key(3)},
            {"name": "Cy", "key": key(4)},
        ],
        "threshold": 2,
        "close_quorum": 3,
        "board": {"origin": format!("vote.example/e/{UUID}"), "key": "11".repeat(32)},
        "opens": "2026-05-01T08:00:00Z",
        "closes": "2026-05-08T20:00:00Z",
        "styles": [
            {"id": "all", "contests": ["chair", "budget"]},
            {"id": "some", "contests": ["budget"]},
        ],
        "contests": [
            {
                "id": "chair",
                "kind": "choices",
                "title": {"en": "Who chairs?"},
                "options": [option("a"), option("b")],
                "min": 0,
                "max": 1,
                "blank": true,
            },
            {
                "id": "budget",
                "kind": "points",
                "title": {"en": "What matters?"},
                "description": {"en": "Spread points."},
                "options": [option("x"), option("y"), option("z")],
                "min": 1,
                "max": 9,
                "max_per_option": 5,
                "blank": false,
            },
        ],
        "minimum_ballots": 5,
    })
}

fn parse(manifest: &Value) -> Result<ElectionManifest, ManifestError> {
    ElectionManifest::parse(manifest.to_string().as_bytes())
}

/// The valid manifest with the value at a JSON pointer replaced (or added, in an object).
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = valid();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match manifest.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        other => panic!("{other} has no members"),
    }
    manifest
}

/// What is said of the valid manifest with one value replaced; the twin is `valid` itself.
#[track_caller]
fn refusal(pointer: &str, value: Value) -> String {
    assert!(parse(&valid()).is_ok());
    parse(&with(pointer, value)).unwrap_err().to_string()
}

#[track_caller]
fn accepted(pointer: &str, value: Value) {
    parse(&with(pointer, value)).unwrap();
}

#[test]
fn a_valid_manifest_is_read_as_it_stands() {
    let text = valid().to_string();
    let manifest = ElectionManifest::parse(text.as_bytes()).unwrap();
    assert_eq!(manifest.bytes(), text.as_bytes());
    assert_eq!(manifest.uuid_text(), UUID);
    assert_eq!(manifest.language, "en");
    assert_eq!(manifest.title.get("pl"), Some("Wybory zarządu"));
    assert_eq!(manifest.title.get("de"), None);
    assert_eq!(manifest.organiser_name, "Club");
    assert_eq!(manifest.issuers, ["Registrar", "Post"]);
    assert_eq!(manifest.trustee(0), None);
    assert_eq!(manifest.trustee(1).unwrap().name, "Ada");
    assert_eq!(manifest.trustee(3).unwrap().name, "Cy");
    assert_eq!(manifest.trustee(4), None);
    assert_eq!((manifest.n_trustees(), manifest.threshold), (3, 2));
    // 2026-05-01T08:00:00Z, by another program: date -u -d … +%s.
    assert_eq!(manifest.opens, 1_777_622_400);
    assert_eq!(manifest.closes - manifest.opens, 7 * 86_400 + 12 * 3_600);
    assert_eq!(manifest.n_positions(), 6);
    assert_eq!(manifest.contest_offsets(), [0, 3]);
    assert_eq!(manifest.positions_of(&manifest.styles[1]), [3, 4, 5]);
    assert_eq!(manifest.contests[1].max_of_position(2), 5);
    assert_eq!(manifest.contests[0].max_of_position(2), 1);
    assert_eq!(manifest.minimum_ballots, 5);
}

#[test]
fn optional_members_may_be_missing() {
    let mut manifest = valid();
    manifest.as_object_mut().unwrap().remove("description");
    manifest["contests"][1]
        .as_object_mut()
        .unwrap()
        .remove("description");
    let manifest = parse(&manifest).unwrap();
    assert_eq!(manifest.description, None);
    assert_eq!(manifest.contests[1].description, None);
}

#[test]
fn the_id_is_a_hash_of_the_exact_bytes() {
    let text = valid().to_string();
    let spaced = format!("{text}\n");
    let one = ElectionManifest::parse(text.as_bytes()).unwrap();
    let two = ElectionManifest::parse(spaced.as_bytes()).unwrap();
    assert_ne!(one.id(), two.id());
    assert_eq!(two.bytes(), spaced.as_bytes());
    let mut transcript = Transcript::new("manifest id");
    transcript.append("manifest", text.as_bytes());
    assert_eq!(one.id(), transcript.digest("id"));
}
