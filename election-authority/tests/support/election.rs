//! An election as most tests begin it.

use super::{Organiser, Trustees};

/// A draft with one contest of two options.
pub const DRAFT: &str = r#"{
  "language": "en", "title": "Board election", "organiser": {"name": "Club"},
  "opens": "2026-05-01T08:00:00Z", "closes": "2026-05-08T20:00:00Z", "minimum_ballots": 1,
  "contests": [{"id": "c", "kind": "choices", "title": "Who?", "min": 1, "max": 1, "blank": true,
    "options": [{"id": "a", "label": "Ada"}, {"id": "g", "label": "Grace"}]}]
}"#;

/// The arguments of `new`.
pub fn new_args<'a>(draft: &'a str, cards: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "new",
        draft,
        "--threshold",
        "2",
        "--board",
        "http://localhost:8000/",
    ];
    cards
        .iter()
        .for_each(|card| args.extend(["--trustee", card]));
    args.extend(more);
    args
}

/// A voter list; the first voter has weight 3.
pub fn roll(count: usize) -> String {
    "id,name,weight\n".to_owned()
        + &(0..count)
            .map(|i| format!("v{i},Voter {i},{}\n", if i == 0 { 3 } else { 1 }))
            .collect::<String>()
}

/// An organiser whose election is set up with this many voters, up to the published roll.
pub fn set_up(count: usize) -> (Organiser, Trustees) {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let draft = organiser.file("draft.json", DRAFT);
    let list = organiser.file("roll.csv", &roll(count));
    organiser.run(&["init"]).unwrap();
    organiser
        .run(&new_args(&draft, &trustees.cards(&organiser), &[]))
        .unwrap();
    organiser.run(&["roll", "import", &list]).unwrap();
    let codes = organiser.path("codes.csv").display().to_string();
    organiser
        .run(&["credentials", "issue", "--csv", &codes])
        .unwrap();
    (organiser, trustees)
}
