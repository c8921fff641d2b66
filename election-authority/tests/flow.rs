//! A whole election as an organiser types it, against a ballot box in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use protocol::ballot::{Answer, PlaintextBallot, SealedBallot};
use protocol::credential::{Code, combine};
use protocol::proofs::ballot::BallotContext;
use support::election::{DRAFT, new_args, set_up};
use support::{BallotBox, Organiser, Trustees};

fn code_of(organiser: &Organiser, id: &str) -> Code {
    let csv = std::fs::read_to_string(organiser.path("codes.csv")).unwrap();
    let line = csv
        .lines()
        .find(|line| line.starts_with(&format!("{id},")))
        .unwrap();
    Code::parse(line.rsplit(',').next().unwrap()).unwrap()
}

fn vote(ballot_box: &BallotBox, code: &Code, values: [u32; 2]) {
    let mut shared = ballot_box.shared.borrow_mut();
    let voting = shared.election.voting().unwrap().clone();
    let manifest = voting.manifest();
    let key = combine(&[code.part(&manifest.uuid, 0)]).unwrap();
    let context = BallotContext {
        credential: *key.public(),
        counter: 1,
        previous: [0; 32],
    };
    let answer = Answer {
        values: values.to_vec(),
        blank: false,
    };
    let ballot = PlaintextBallot::new(manifest, &manifest.styles[0], vec![answer]).unwrap();
    let style = voting.style(0).unwrap();
    let sealed = SealedBallot::seal(
        voting.election_id(),
        0,
        style,
        &context,
        ballot,
        &mut SysRng,
    )
    .unwrap();
    let entry = sealed.cast(&key, &mut SysRng).unwrap();
    shared.admit(&entry).unwrap();
}

#[test]
fn a_whole_election() {
    let (organiser, trustees) = set_up(12);
    let ballot_box = &organiser.ballot_box;
    let published = organiser.run(&["roll", "publish"]).unwrap();
    assert!(published.has("The board lists 12 voters"));
    assert!(
        published.warned[0].contains("only 1 voter has the ballot style \"all\" with weight 3")
    );
    assert!(
        organiser
            .run(&["roll", "publish"])
            .unwrap()
            .has("lists all 12 voters already")
    );

    assert!(
        organiser
            .refusal(1, &["open"])
            .contains("the key ceremony is not complete yet")
    );
    trustees.ceremony(ballot_box);
    let opened = organiser.run(&["open"]).unwrap();
    assert!(opened.has("open for 12 voters"));
    assert!(opened.warned[0].contains("only 1 voter has"));
    assert!(
        organiser
            .refusal(1, &["open"])
            .contains("has been opened already")
    );

    vote(ballot_box, &code_of(&organiser, "v0"), [1, 0]);
    vote(ballot_box, &code_of(&organiser, "v7"), [0, 1]);
    let state = &organiser.run(&["status", "--json"]).unwrap().said[0];
    let state: serde_json::Value = serde_json::from_str(state).unwrap();
    assert_eq!(
        (
            &state["phase"],
            &state["voted"],
            &state["ballots"],
            &state["round"]
        ),
        (&"open".into(), &2.into(), &2.into(), &"complete".into())
    );

    assert!(
        organiser
            .refusal(1, &["close"])
            .contains("2026-05-08T20:00:00Z as the closing time; use --early")
    );
    assert!(
        organiser
            .refusal(1, &["publish"])
            .contains("the election is not closed yet")
    );
    let closed = organiser.run(&["close", "--early"]).unwrap();
    assert!(closed.has("2 of 12 voters cast 2 ballots"));
    assert!(
        organiser
            .refusal(1, &["close", "--early"])
            .contains("has been closed already")
    );
    trustees.certify_close(ballot_box, &[1, 2, 3]);
    trustees.decrypt(ballot_box, &[3]);
    let waiting = organiser.run(&["status"]).unwrap();
    assert!(waiting.has("Next: trustees decrypt; 1 of 2 needed have"));
    assert!(waiting.has("  1. T0: has done \"certify\", certified the close (waited for)"));
    trustees.decrypt(ballot_box, &[1]);

    let folder = organiser.path("record").display().to_string();
    let archive = organiser.path("record.tar").display().to_string();
    let result = organiser.run(&["publish", "--record", &folder]).unwrap();
    assert!(result.has("Who? (2 ballots)"));
    assert!(
        result.has("       3  Ada")
            && result.has("       1  Grace")
            && result.has("       0  (blank)")
    );
    assert!(
        organiser
            .refusal(1, &["publish", "--record", &folder])
            .contains("is there already")
    );
    let again = organiser.run(&["publish", "--record", &archive]).unwrap();
    assert!(again.has("on the board already"));
    assert!(
        organiser
            .refusal(1, &["record", "--out", &archive])
            .contains("is there already")
    );

    // Both records hold the board, and no other file.
    let board = board_client::Board::load(folder.as_ref()).unwrap();
    let shared = ballot_box.shared.borrow();
    assert_eq!(board.entries(), shared.entries);
    assert_eq!(board.root(), shared.election.root());
    let mut files: Vec<_> =
        board_client::record_files(board.entries(), board.checkpoint()).collect();
    for (path, content) in &files {
        assert_eq!(
            std::fs::read(organiser.path("record").join(path)).unwrap(),
            *content
        );
    }
    let mut expected = Vec::new();
    files.sort();
    election_authority::archive::write(files, &mut expected).unwrap();
    assert_eq!(std::fs::read(archive).unwrap(), expected);
}

#[test]
fn the_roll_continues_after_an_interruption_and_refuses_another() {
    let (organiser, _) = set_up(1500);
    let ballot_box = &organiser.ballot_box;
    ballot_box.posts_left.set(1);
    assert!(
        organiser
            .refusal(2, &["roll", "publish"])
            .contains("cannot be reached")
    );
    let listed = ballot_box.shared.borrow().election.n_voters();
    assert!(0 < listed && listed < 1500, "{listed}");
    ballot_box.posts_left.set(usize::MAX);

    // Codes issued anew are not those whose first part is on the board.
    let part = organiser.election_folder().join("parts/1.json");
    let codes = organiser.path("other.csv").display().to_string();
    assert!(
        organiser
            .refusal(1, &["credentials", "issue", "--csv", &codes])
            .contains("is there already")
    );
    assert!(!organiser.path("other.csv").exists());
    let original = std::fs::read(&part).unwrap();
    std::fs::remove_file(&part).unwrap();
    organiser
        .run(&["credentials", "issue", "--csv", &codes])
        .unwrap();
    assert!(
        organiser
            .refusal(1, &["roll", "publish"])
            .contains("not those of the issuers' parts here")
    );
    std::fs::write(&part, original).unwrap();

    organiser.run(&["roll", "publish"]).unwrap();
    assert_eq!(ballot_box.shared.borrow().election.n_voters(), 1500);
}

#[test]
fn a_dry_run_posts_nothing_and_submit_goes_on() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let (draft, cards) = (
        organiser.file("draft.json", DRAFT),
        trustees.cards(&organiser),
    );
    assert!(
        organiser
            .refusal(2, &new_args(&draft, &cards, &[]))
            .contains("run `election-authority init` first")
    );
    organiser.run(&["init"]).unwrap();
    assert!(
        organiser
            .refusal(1, &["init"])
            .contains("never overwritten")
    );
    let key = organiser.run(&["key"]).unwrap().said[0].clone();

    let identity = format!(
        r#"{{"psephos":3,"kind":"board","key":"{}","origin_prefix":"localhost:8000/e"}}"#,
        organiser.ballot_box.identity().key
    );
    let identity = organiser.file("board.json", &identity);
    let dry = organiser
        .run(&new_args(
            &draft,
            &cards,
            &["--dry-run", "--server-identity", &identity],
        ))
        .unwrap();
    assert!(
        dry.has("all 3 trustees must certify it; if one is lost before, there is never a result")
    );
    assert!(dry.has("rests on Club not using them"));
    assert!(dry.has("nothing was posted"));
    assert!(organiser.ballot_box.shared.borrow().entries.is_empty());
    let manifest = std::fs::read(organiser.election_folder().join("manifest.json")).unwrap();
    let manifest = protocol::manifest::ElectionManifest::parse(&manifest).unwrap();
    assert_eq!(
        protocol::encoding::encode_hex(manifest.organiser_key.as_bytes()),
        key
    );

    organiser.ballot_box.posts_left.set(0);
    assert!(
        organiser
            .refusal(2, &["submit"])
            .contains("cannot be reached")
    );
    organiser.ballot_box.posts_left.set(usize::MAX);
    assert!(
        organiser
            .run(&["submit"])
            .unwrap()
            .has("The election is on the board: http://localhost:8000/e/")
    );
    organiser.run(&["submit"]).unwrap();
    assert_eq!(organiser.ballot_box.shared.borrow().entries.len(), 1);
    let state = organiser.run(&["status"]).unwrap();
    assert!(
        state.has("Next: trustees take part in the key ceremony; the roll is not published either")
    );
}

/// Everything that the organiser was told by the ballot box.
fn receipts(organiser: &Organiser) -> Vec<std::path::PathBuf> {
    let folder = organiser.election_folder().join("receipts");
    let items = std::fs::read_dir(folder).unwrap();
    items.map(|item| item.unwrap().path()).collect()
}

#[test]
fn an_entry_that_the_board_does_not_show_is_no_success() {
    let (organiser, trustees) = set_up(5);
    let ballot_box = &organiser.ballot_box;
    assert_eq!(receipts(&organiser).len(), 1);
    // Each command is acknowledged on a private fork first, and then done.
    let refused_then_done = |args: &[&str], posted: usize| {
        let before = receipts(&organiser);
        ballot_box.forks.set(true);
        let told = organiser.refusal(1, args);
        ballot_box.forks.set(false);
        assert!(told.contains("does not show the entry"), "{told}");
        let new = receipts(&organiser);
        let new = new.iter().filter(|path| !before.contains(path));
        let new: Vec<_> = new.map(|path| path.display().to_string()).collect();
        assert_eq!(new.len(), posted);
        assert!(new.iter().any(|path| told.contains(path)), "{told}");
        organiser.run(args).unwrap()
    };
    assert!(refused_then_done(&["roll", "publish"], 1).has("lists 5 voters"));
    trustees.ceremony(ballot_box);
    assert!(refused_then_done(&["open"], 1).has("is open for 5 voters"));
    vote(ballot_box, &code_of(&organiser, "v1"), [1, 0]);
    assert!(refused_then_done(&["close", "--early"], 1).has("is closed"));
    trustees.certify_close(ballot_box, &[1, 2, 3]);
    trustees.decrypt(ballot_box, &[1, 2]);
    assert!(refused_then_done(&["publish"], 1).has("The result is on the board"));
    #[cfg(unix)]
    for path in receipts(&organiser) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn an_election_that_the_server_does_not_show_is_not_created() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let draft = organiser.file("draft.json", DRAFT);
    organiser.run(&["init"]).unwrap();
    organiser.ballot_box.forks.set(true);
    let args = new_args(&draft, &trustees.cards(&organiser), &[]).join("\n");
    let args: Vec<_> = args.lines().collect();
    let told = organiser.refusal(1, &args);
    assert!(
        told.contains("not the one in this election's folder"),
        "{told}"
    );
    assert_eq!(receipts(&organiser).len(), 1);
    organiser.ballot_box.forks.set(false);
    let done = organiser.run(&["submit"]).unwrap();
    assert!(done.has("The election is on the board"));
    // The same receipt again is kept once.
    assert_eq!(receipts(&organiser).len(), 1);
}

#[test]
#[cfg(unix)]
fn a_lost_public_key_is_made_again_and_an_open_secret_key_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let organiser = Organiser::new();
    assert!(
        organiser
            .refusal(2, &["key"])
            .contains("run `election-authority init` first")
    );
    organiser.run(&["init"]).unwrap();
    let key = organiser.run(&["key"]).unwrap().said;
    let public = organiser.path("home/organiser.pub");
    std::fs::remove_file(&public).unwrap();
    assert_eq!(organiser.run(&["key"]).unwrap().said, key);
    assert_eq!(std::fs::read_to_string(&public).unwrap().trim(), key[0]);
    std::fs::remove_file(&public).unwrap();
    let secret = organiser.path("home/organiser.key");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = organiser.refusal(1, &["key"]);
    assert!(told.contains("can be read by others (mode 644)"), "{told}");
}

#[test]
fn a_proxy_votes_with_the_weight_of_each_mandate() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let draft = organiser.file("draft.json", DRAFT);
    let rows = "id,name,weight\na17,Amara,120\na17-proxy-b4,Amara,35\nb5,Bo,50\n";
    let list = organiser.file("roll.csv", rows);
    let codes = organiser.path("codes.csv").display().to_string();
    organiser.run(&["init"]).unwrap();
    organiser
        .run(&new_args(&draft, &trustees.cards(&organiser), &[]))
        .unwrap();
    organiser.run(&["roll", "import", &list]).unwrap();
    organiser
        .run(&["credentials", "issue", "--csv", &codes])
        .unwrap();
    organiser.run(&["roll", "publish"]).unwrap();
    let ballot_box = &organiser.ballot_box;
    trustees.ceremony(ballot_box);
    organiser.run(&["open"]).unwrap();
    // Amara answers for herself, and otherwise for whom she stands.
    for (voter, values) in [("a17", [1, 0]), ("a17-proxy-b4", [0, 1]), ("b5", [1, 0])] {
        vote(ballot_box, &code_of(&organiser, voter), values);
    }
    organiser.run(&["close", "--early"]).unwrap();
    trustees.certify_close(ballot_box, &[1, 2, 3]);
    trustees.decrypt(ballot_box, &[1]);
    trustees.decrypt(ballot_box, &[2]);
    let result = organiser.run(&["publish"]).unwrap();
    assert!(
        result.has("     170  Ada") && result.has("      35  Grace"),
        "{:?}",
        result.said
    );
}
