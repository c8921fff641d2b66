//! Who takes part: links for an invitation list, keys that respondents registered, and weights.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use protocol::credential::{Code, RegisteredKey, combine};
use protocol::encoding::decode_hex;
use support::election::{DRAFT, new_args, set_up};
use support::{Organiser, Trustees};

/// An organiser whose respondents register, with two ballot styles.
fn registering(more: &str) -> (Organiser, Trustees, [u8; 16]) {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let styles = format!(
        r#""participation": "registered", "groups": [{{"id": "east", "title": "East"}}, {{"id": "west", "title": "West"}}],
            {more} "contests": [{{"id": "n", "kind": "number", "title": "How many?", "lo": 0, "hi": 9, "groups": "all"}},"#
    );
    let draft = DRAFT
        .replace(r#""contests": ["#, &styles)
        .replace(r#""minimum_ballots": 1"#, r#""minimum_ballots": 3"#);
    let draft = organiser.file("draft.json", &draft);
    organiser.run(&["init"]).unwrap();
    let said = organiser
        .run(&new_args(
            &draft,
            &trustees.cards(&organiser),
            &["--voters", "5"],
        ))
        .unwrap();
    assert!(
        said.said.iter().any(|line| line
            .contains("every respondent makes a code and registers its key; that nobody takes part twice rests on Club")),
        "{:?}",
        said.said
    );
    let uuid = organiser.election_folder();
    let uuid = decode_hex(&uuid.file_name().unwrap().to_string_lossy()).unwrap();
    (organiser, trustees, uuid)
}

/// What a respondent's device does.
fn respondent(uuid: &[u8; 16]) -> (Code, String) {
    let code = Code::draw(&mut SysRng).unwrap();
    let part = code.part(uuid, 0).public(&mut SysRng).unwrap().unwrap();
    let line = RegisteredKey { uuid: *uuid, part }.to_string();
    (code, line)
}

#[test]
fn registered_keys_become_a_roll_on_which_their_codes_vote() {
    let (organiser, _, uuid) = registering("");
    let people: Vec<_> = (0..6).map(|_| respondent(&uuid)).collect();
    let lines = |range: std::ops::Range<usize>| {
        let lines: Vec<_> = people[range]
            .iter()
            .map(|(_, line)| line.as_str())
            .collect();
        lines.join("\r\n")
    };
    let east = organiser.file(
        "east.txt",
        &format!("# the box at the door\n\n  {}  \n", lines(0..3)),
    );
    let west = organiser.file("west.txt", &format!("\u{feff}{}", lines(3..6)));
    // One of those of the east is of the west, given by its key alone.
    let key = people[1].1.split(':').nth(2).unwrap();
    let table = organiser.file(
        "table.csv",
        &format!("key;style;weight\n{key};west;1\n{};;4\n", people[0].1),
    );
    let (east, west) = (format!("east={east}"), format!("west={west}"));
    let args = ["roll", "register", &east, &west, "--assign", &table];
    let heard = organiser.run(&args).unwrap();
    assert!(heard.has("6 respondents registered"), "{:?}", heard.said);
    assert!(
        heard
            .warned
            .iter()
            .any(|line| line.contains("only 1 voter has the ballot style \"east\" with weight 4")),
        "{:?}",
        heard.warned
    );
    assert!(organiser.refusal(1, &args).contains("is there already"));
    let again = [args.as_slice(), &["--replace"]].concat();
    organiser.run(&again).unwrap();
    organiser.run(&["roll", "publish"]).unwrap();
    let shared = organiser.ballot_box.shared.borrow();
    for (index, (code, _)) in people.iter().enumerate() {
        let credential = combine(&[code.part(&uuid, 0)]).unwrap();
        let voter = shared.election.voter(credential.public()).unwrap();
        let expected = match index {
            0 => (0, 4),
            2 => (0, 1),
            _ => (1, 1),
        };
        assert_eq!((voter.style, voter.weight), expected, "{index}");
    }
}

#[test]
fn every_bad_line_of_registered_keys_is_named() {
    let (organiser, _, uuid) = registering("");
    let good = respondent(&uuid).1;
    let (other, foreign) = (respondent(&uuid).1, respondent(&[9; 16]).1);
    let (head, _) = other.rsplit_once(':').unwrap();
    let (_, proof) = good.rsplit_once(':').unwrap();
    let stolen = format!("{head}:{proof}");
    let keyless = other.replacen(other.split(':').nth(2).unwrap(), &"f".repeat(64), 1);
    let cut = &other[..other.len() - 3];
    let file = organiser.file(
        "keys.txt",
        &[
            good.as_str(),
            "Dear registrar,",
            cut,
            &foreign,
            &stolen,
            &keyless,
            &good,
        ]
        .join("\n"),
    );
    let keys = format!("east={file}");
    let told = organiser.refusal(1, &["roll", "register", &keys]);
    for expected in [
        "have 6 problems:".to_owned(),
        format!("{file}, line 2: it is not psephos-key-1:"),
        format!("{file}, line 3: its proof is not 128 lower-case hexadecimal digits"),
        format!(
            "{file}, line 4: it registers for the election {}",
            "09".repeat(16)
        ),
        format!("{file}, line 5: its proof does not hold for its key and election"),
        format!("{file}, line 6: its key is not the encoding of an element"),
        format!("{file}, line 7: this key stands in {file}, line 1 already"),
    ] {
        assert!(told.contains(&expected), "{expected}: {told}");
    }

    let keys = organiser.file("good.txt", &good);
    let told = organiser.refusal(1, &["roll", "register", &keys]);
    assert!(
        told.contains("nothing says which ballot style it gets")
            && told.contains("\"east\", \"west\""),
        "{told}"
    );
    let keys = format!("west={keys}");
    for (table, expected) in [
        (
            "style\nwest\n".to_owned(),
            "its first line must name the columns key",
        ),
        (
            "key,colour\n".to_owned(),
            "its first line must name the columns key",
        ),
        ("key,style,style\n".to_owned(), "each once"),
        (
            format!("key,style\n{other},east\n"),
            "table.csv, line 2: nobody registered this key",
        ),
        (
            format!("key,style\n{good}\n"),
            "line 2: it has not as many fields",
        ),
        (
            format!("key,style\n{good},north\n"),
            "line 2: the manifest has no ballot style \"north\"",
        ),
        (
            format!("key,weight\n{good},0\n"),
            "line 2: the weight \"0\" is not a whole number",
        ),
        (
            format!("key,style\n{good},east\n{good},west\n"),
            "line 3: the table gives this key a second time",
        ),
    ] {
        let table = organiser.file("table.csv", &table);
        let told = organiser.refusal(1, &["roll", "register", &keys, "--assign", &table]);
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let empty = organiser.file("empty.txt", "# nobody\n");
    assert!(
        organiser
            .refusal(1, &["roll", "register", &empty])
            .contains("no key is registered")
    );
    assert!(!organiser.election_folder().join("parts").exists());
}

#[test]
fn codes_and_registered_keys_do_not_mix() {
    let (organiser, _, _) = registering("");
    let list = organiser.file("list.csv", "id,style\na,east\n");
    let codes = organiser.path("codes.csv").display().to_string();
    for args in [
        vec!["roll", "import", &list],
        vec!["credentials", "issue", "--csv", &codes],
    ] {
        assert!(
            organiser
                .refusal(1, &args)
                .contains("roll register KEYS.txt")
        );
    }
    let (issued, _) = set_up(3);
    let keys = issued.file("keys.txt", "");
    assert!(
        issued
            .refusal(1, &["roll", "register", &keys])
            .contains("issuers make the codes of this election")
    );
}

#[test]
fn counts_that_stay_closed_are_of_people() {
    let (organiser, _, uuid) = registering(r#""minimum_cell": 3,"#);
    let line = respondent(&uuid).1;
    let keys = format!("east={}", organiser.file("keys.txt", &line));
    let table = organiser.file("table.csv", &format!("key,weight\n{line},2\n"));
    let told = organiser.refusal(1, &["roll", "register", &keys, "--assign", &table]);
    assert!(
        told.contains("a voter has weight 2; with minimum_cell every weight must be 1"),
        "{told}"
    );
}

#[test]
fn totals_that_cannot_be_opened_are_told_before_anybody_is_asked() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let cards = trustees.cards(&organiser);
    organiser.run(&["init"]).unwrap();
    let draft = |spread: bool, hi: u64| {
        let number = format!(
            r#""contests": [{{"id": "n", "kind": "number", "title": "How many?", "lo": 0, "hi": {hi}, "spread": {spread}}},"#
        );
        organiser.file("draft.json", &DRAFT.replace(r#""contests": ["#, &number))
    };
    let wide = draft(true, (1 << 32) - 1);
    let told = organiser.refusal(1, &new_args(&wide, &cards, &["--dry-run"]));
    assert!(
        told.contains("the total of contest \"n\" could reach")
            && told.contains("\"spread\": false"),
        "{told}"
    );
    let fits = draft(true, 1 << 20);
    let heard = organiser
        .run(&new_args(&fits, &cards, &["--dry-run", "--voters", "257"]))
        .unwrap();
    assert!(heard.has("- Question \"n\": a number from 0 to 1048576. Opened: the sum, the sum of squares. Its totals can be opened for at most 256 voters"), "{:?}", heard.said);
    assert!(
        heard.warned.iter().any(|line| line.contains("could reach")),
        "{:?}",
        heard.warned
    );
}

#[test]
fn links_hold_the_codes_of_the_roll_behind_the_hash() {
    let (organiser, trustees) = set_up(4);
    let path = |name: &str| organiser.path(name).display().to_string();
    let (codes, links) = (path("codes.csv"), path("links.csv"));
    let args = ["credentials", "links", "--codes", &codes, "--out", &links];
    organiser.run(&["roll", "publish"]).unwrap();
    trustees.ceremony(&organiser.ballot_box);
    assert!(
        organiser
            .refusal(1, &args)
            .contains("run `election-authority open` first")
    );
    let opened = organiser.run(&["open"]).unwrap();
    let id = opened
        .said
        .iter()
        .find_map(|line| line.strip_prefix("Election id: "))
        .unwrap();
    organiser.run(&args).unwrap();
    let table = std::fs::read_to_string(&links).unwrap();
    assert_eq!(table.lines().next(), Some("id,name,email,link"));
    let written = std::fs::read_to_string(&codes).unwrap();
    for (link, line) in table.lines().zip(written.lines()).skip(1) {
        let (voter, link) = link.rsplit_once(',').unwrap();
        let (page, secret) = link.split_once('#').unwrap();
        let code = line.rsplit_once(',').unwrap().1;
        assert_eq!(secret, format!("e={id}&c={code}"));
        assert!(page.starts_with("http://localhost:8000/e/") && page.ends_with("/vote"));
        assert!(voter.starts_with('v') && !voter.contains(code));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&links).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(organiser.refusal(1, &args).contains("is there already"));

    // What was edited, or belongs to another election, makes no links.
    let code = |text: &str| {
        text.lines()
            .nth(1)
            .unwrap()
            .rsplit_once(',')
            .unwrap()
            .1
            .to_owned()
    };
    let other = Code::draw(&mut SysRng).unwrap();
    let first = code(&written);
    for (changed, expected) in [
        (
            written.replace(&first, other.text().expose()),
            "is not on this election's roll",
        ),
        (written.replacen(&first[..5], "U", 1), "line 2: "),
        (written.replace("code\n", "key\n"), "has no column \"code\""),
        (
            written.clone() + written.lines().nth(1).unwrap(),
            "line 6: this voter stands above already",
        ),
        (
            written.replacen("Voter 1", "=1+1", 1),
            "line 3: a field would be a formula",
        ),
        (
            written.clone() + "v9\n",
            "line 6: it has not as many fields",
        ),
    ] {
        std::fs::write(&codes, changed).unwrap();
        let out = path("again.csv");
        let args = ["credentials", "links", "--codes", &codes, "--out", &out];
        let told = organiser.refusal(1, &args);
        assert!(told.contains(expected), "{expected}: {told}");
        assert!(!organiser.path("again.csv").exists());
    }
    std::fs::write(&codes, &written).unwrap();
    let twice = [
        "credentials",
        "links",
        "--codes",
        &codes,
        "--codes",
        &codes,
        "--out",
        "x",
    ];
    assert!(
        organiser
            .refusal(1, &twice)
            .contains("the manifest names 1 issuers, and 2 files")
    );
}
