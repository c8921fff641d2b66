mod surveys;

use super::*;
use protocol::group::wide_scalar;
use protocol::secret::Secret;
use protocol::signature::SigningKey;

fn key(seed: u8) -> Element {
    *SigningKey::new(Secret::new(wide_scalar(&[seed; 64])))
        .unwrap()
        .public()
}

fn card(name: &str, seed: u8) -> NamedKey {
    let text = format!(
        r#"{{"name":"{name}","key":"{}"}}"#,
        encode_hex(key(seed).as_bytes())
    );
    read_card("card.json", text.as_bytes()).unwrap()
}

const DRAFT: &str = r#"{
  "language": "en", "title": "Board", "description": {"en": "Two seats", "fr": "Deux sièges"},
  "organiser": {"name": "Club"},
  "opens": "2026-05-01T08:00:00Z", "closes": "2026-05-08T20:00:00Z",
  "contests": [
    {"id": "c", "kind": "choices", "title": "Who?", "min": 1, "max": 2,
     "options": [{"id": "a", "label": "Ada"}, {"id": "b", "label": {"en": "Grace", "fr": "Grâce"}}]},
    {"id": "p", "kind": "points", "title": "How much?", "min": 0, "max": 5, "max_per_option": 5, "blank": true,
     "options": [{"id": "x", "label": "This"}]}
  ]
}"#;

fn complete(
    draft: &str,
    trustees: u8,
    threshold: Option<u64>,
) -> Result<ElectionManifest, DraftError> {
    let server = ServerIdentity {
        key: "11".repeat(32),
        origin_prefix: "localhost:8000/e".to_owned(),
    };
    ManifestDraft::parse(draft.as_bytes())?.complete(Fillings {
        uuid: [9; 16],
        organiser_key: &key(1),
        cards: (0..trustees)
            .map(|i| card(&format!("T{i}"), 10 + i))
            .collect(),
        witnesses: Vec::new(),
        threshold,
        opens: None,
        closes: None,
        server: &server,
    })
}

fn error(draft: &str, trustees: u8, threshold: Option<u64>) -> String {
    complete(draft, trustees, threshold)
        .unwrap_err()
        .to_string()
}

#[test]
fn what_a_program_knows_is_filled_in() {
    let manifest = complete(DRAFT, 5, Some(3)).unwrap();
    assert_eq!(manifest.uuid, [9; 16]);
    assert_eq!(manifest.organiser_key, key(1));
    assert_eq!(manifest.issuers, ["Club"]);
    assert_eq!(
        (
            manifest.n_trustees(),
            manifest.threshold,
            manifest.close_quorum
        ),
        (5, 3, 4)
    );
    assert_eq!(
        manifest.board.origin,
        format!("localhost:8000/e/{}", "09".repeat(16))
    );
    assert_eq!(manifest.styles[0].id, "all");
    assert_eq!(manifest.styles[0].contests, [0, 1]);
    assert_eq!(manifest.minimum_ballots, 3);
    assert_eq!(manifest.title.get("en"), Some("Board"));
    assert_eq!(
        manifest.description.as_ref().unwrap().get("fr"),
        Some("Deux sièges")
    );
    assert_eq!(
        manifest.contests[0].options[1].label.get("fr"),
        Some("Grâce")
    );
    assert!(!manifest.contests[0].blank);
}

#[test]
fn a_finished_manifest_is_a_draft_that_nothing_changes() {
    let manifest = complete(DRAFT, 3, Some(2)).unwrap();
    let again = std::str::from_utf8(manifest.bytes()).unwrap();
    assert_eq!(complete(again, 0, None).unwrap().bytes(), manifest.bytes());
}

#[test]
fn the_organiser_may_be_a_name() {
    let draft = DRAFT.replace(r#"{"name": "Club"}"#, r#""Club""#);
    assert_ne!(draft, DRAFT);
    assert_eq!(
        complete(&draft, 3, Some(2)).unwrap().bytes(),
        complete(DRAFT, 3, Some(2)).unwrap().bytes()
    );
}

#[test]
fn what_only_a_person_knows_is_asked_for() {
    assert!(
        error(DRAFT, 0, Some(1)).contains("lacks trustees; add the card of each with --trustee")
    );
    assert!(error(DRAFT, 3, None).contains("lacks the threshold"));
    let without = |line: &str| DRAFT.replace(line, "");
    assert!(error(&without(r#""opens": "2026-05-01T08:00:00Z","#), 3, Some(2)).contains("--opens"));
    assert!(
        error(
            &without(r#", "closes": "2026-05-08T20:00:00Z""#),
            3,
            Some(2)
        )
        .contains("--closes")
    );
    assert!(
        error(&without(r#""language": "en","#), 3, Some(2)).contains("missing field `language`")
    );
}

#[test]
fn broken_rules_are_told_in_one_sentence() {
    for (from, to, told) in [
        (
            r#""max": 2"#,
            r#""max": 3"#,
            "contests[0].max is 3; it must be between 1 and 2",
        ),
        (
            r#""kind": "choices""#,
            r#""kind": "choice""#,
            "contests[0].kind must be",
        ),
        (r#""id": "b""#, r#""id": "a""#, "repeats the id \"a\""),
        (
            r#""min": 1,"#,
            r#""min": 1, "min": 2,"#,
            "duplicate field `min`",
        ),
        (
            r#""en": "Two seats","#,
            r#""en": "Two seats", "en": "x","#,
            "the language \"en\" stands twice",
        ),
        (
            r#""min": 1,"#,
            r#""min": 1, "mni": 2,"#,
            "unknown field `mni`",
        ),
        ("2026-05-08T", "2026-05-01T", ""),
        (
            "2026-05-08T20",
            "2026-04-08T20",
            "closes must be later than manifest.opens",
        ),
        (
            r#""title": "Who?""#,
            r#""title": {"fr": "Qui?"}"#,
            "contests[0].title must be an object with a text in the manifest's language",
        ),
        (
            r#""language""#,
            r#""close_quorum": 2, "language""#,
            "close_quorum is 2; with 3 trustees and threshold 2 it must be at least 3",
        ),
        (
            r#""language""#,
            r#""psephos": 1, "language""#,
            "psephos is 1",
        ),
        (
            r#""name": "Club""#,
            r#""name": "Club", "key": "ab""#,
            "another organiser key than this organiser's own",
        ),
        (
            r#""language""#,
            r#""threshold": 3, "language""#,
            "another threshold than --threshold",
        ),
    ] {
        let draft = DRAFT.replacen(from, to, 1);
        assert_ne!(draft, DRAFT, "{from}");
        match complete(&draft, 3, Some(2)) {
            Ok(_) => assert!(told.is_empty(), "{to} is accepted"),
            Err(error) => assert!(
                !told.is_empty() && error.to_string().contains(told),
                "{to}: {error}"
            ),
        }
    }
    assert!(error(DRAFT, 3, Some(4)).contains("threshold is 4; it must be between 1 and 3"));
    assert!(error(DRAFT, 3, Some(0)).contains("threshold is 0"));
    assert!(error(DRAFT, 3, Some(1 << 40)).contains("threshold is 1099511627776"));
    assert!(error(DRAFT, 65, Some(2)).contains("trustees has 65 items"));
}

#[test]
fn cards_are_strict() {
    let told = |text: &str| {
        read_card("a.json", text.as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(told(r#"{"name":"T"}"#).contains("a.json cannot be read: it has no key"));
    assert!(told(r#"{"name":"T","key":"00","seed":"11"}"#).contains("unknown field `seed`"));
    assert!(told("words").contains("a.json cannot be read"));
    let draft = DRAFT.replace(
        r#""language""#,
        r#""trustees": [{"name":"T","key":"00"}], "language""#,
    );
    assert!(
        error(&draft, 0, Some(1))
            .contains("trustees[0].key must be 64 lower-case hexadecimal digits")
    );
}

#[test]
fn a_long_manifest_is_written_without_layout() {
    let option = |i: usize| format!(r#"{{"id":"o{i}","label":"Option number {i} of very many"}}"#);
    let options: Vec<String> = (0..500).map(option).collect();
    let draft = DRAFT.replace(r#"{"id": "x", "label": "This"}"#, &options.join(","));
    let manifest = complete(&draft, 3, Some(2)).unwrap();
    assert!(manifest.bytes().len() <= MAX_MANIFEST_LENGTH);
    assert!(!manifest.bytes().contains(&b'\n'));
}

#[test]
fn witnesses_are_named_by_the_keys_that_they_hand_on() {
    let ada = "witness.example/ada+320c72ac+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6";
    let members = |members: &str| DRAFT.replacen('{', &format!("{{{members},"), 1);
    let plain = format!(r#"{{"name":"bob","key":"{}"}}"#, "22".repeat(32));
    let draft = members(&format!(r#""witnesses":["{ada}",{plain}]"#));
    let manifest = complete(&draft, 3, Some(2)).unwrap();
    let names: Vec<_> = manifest
        .board
        .witnesses
        .iter()
        .map(|one| &one.name)
        .collect();
    assert_eq!(names, ["witness.example/ada", "bob"]);
    assert_eq!(
        (manifest.board.witness_quorum, manifest.close_quorum),
        (2, 4)
    );
    let mistyped = members(&format!(r#""witnesses":["{}"]"#, ada.replace("ada", "eve")));
    let told = error(&mistyped, 3, Some(2));
    assert!(
        told.contains("the id does not belong to the name and the key"),
        "{told}"
    );
    let unsafe_quorum = members(&format!(
        r#""witnesses":["{ada}",{plain}],"witness_quorum":1"#
    ));
    let told = error(&unsafe_quorum, 3, Some(2));
    assert!(told.contains("witness_quorum"), "{told}");
    assert!(error(&members(r#""witnesses":[3]"#), 3, Some(2)).contains("a witness's key such as"));
}
