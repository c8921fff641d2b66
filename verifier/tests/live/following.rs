//! Following boards, honest and lying.

use crate::{
    board::{Files, checkpoint, entries, files, folder, history, root, serve},
    run,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use verifier::witness::key::WitnessKey;
use zeroize::Zeroizing;

/// A board that the test changes, and somebody who follows it.
struct Watch {
    files: Files,
    url: String,
    state: TempDir,
}

impl Watch {
    /// Follows a board of these entries, which is looked at once.
    fn of(entries: &[Vec<u8>]) -> Self {
        let files = Arc::new(Mutex::new(files(entries)));
        let url = serve(Arc::clone(&files));
        let watch = Self {
            files,
            url,
            state: tempfile::tempdir().unwrap(),
        };
        let (status, output) = watch.look();
        assert_eq!(status, 0, "{output}");
        assert!(
            output.contains("Following `Allotment association, annual vote`"),
            "{output}"
        );
        watch
    }

    fn show(&self, entries: &[Vec<u8>]) {
        *self.files.lock().unwrap() = files(entries);
    }

    fn look(&self) -> (i32, String) {
        let state = self.state.path().to_str().unwrap();
        run(&["follow", &self.url, "--state", state, "--once"])
    }

    fn proofs(&self) -> Vec<PathBuf> {
        let is_proof = |path: &PathBuf| path.to_string_lossy().contains("equivocation-");
        let files = fs::read_dir(self.state.path()).unwrap();
        files
            .map(|file| file.unwrap().path())
            .filter(is_proof)
            .collect()
    }

    /// The next look must raise the alarm, with a proof that stands by itself.
    fn expect_alarm(&self, what: &str) -> PathBuf {
        let (status, output) = self.look();
        assert_eq!(status, 1, "{what}: {output}");
        assert!(
            output.contains("ALARM: the board signed two histories."),
            "{output}"
        );
        let proofs = self.proofs();
        assert_eq!(proofs.len(), 1, "{what}: {proofs:?}");
        let (status, output) = check(&proofs[0], &[]);
        assert_eq!(status, 0, "{what}: {output}");
        assert!(output.contains("PROVED: "), "{output}");
        let record = folder();
        let (status, output) = check(&proofs[0], &["--record", record.to_str().unwrap()]);
        assert_eq!(status, 0, "{what}: {output}");
        proofs[0].clone()
    }
}

fn check(proof: &Path, more: &[&str]) -> (i32, String) {
    run(&[&["equivocation", proof.to_str().unwrap()], more].concat())
}

#[test]
fn an_honest_board_that_grows_is_followed() {
    let watch = Watch::of(&history(20, 1));
    let (status, output) = watch.look();
    assert_eq!((status, output.as_str()), (0, "20 entries, as before.\n"));
    // Within a bundle, to its end, beyond it, over several.
    for (from, to) in [(20, 29), (29, 256), (256, 257), (257, 300), (300, 900)] {
        watch.show(&history(to, 1));
        let (status, output) = watch.look();
        let expected = format!(
            "{to} entries: {} more, after the {from} from before.\n",
            to - from
        );
        assert_eq!((status, output), (0, expected));
    }
    assert!(watch.proofs().is_empty());
}

#[test]
fn two_boards_of_one_size_are_proved() {
    let watch = Watch::of(&history(300, 1));
    watch.show(&history(300, 2));
    let proof = watch.expect_alarm("same size");
    let text = fs::read_to_string(proof).unwrap();
    assert!(text.contains("\"path\": []"), "{text}");
}

#[test]
fn a_larger_board_without_an_old_entry_is_proved() {
    for (before, after) in [(30, 31), (64, 300), (256, 257), (299, 777)] {
        let watch = Watch::of(&history(before, 1));
        let mut other = history(after, 1);
        other.remove(before - 1);
        watch.show(&other);
        watch.expect_alarm(&format!("{before} then {after}"));
        // The alarm does not make the lie the new truth.
        let (status, _) = watch.look();
        assert_eq!(status, 1);
    }
}

#[test]
fn a_smaller_board_with_another_entry_is_proved() {
    for (before, after) in [(31, 30), (300, 64), (300, 256), (777, 299)] {
        let watch = Watch::of(&history(before, 1));
        watch.show(&history(after, 2));
        watch.expect_alarm(&format!("{before} then {after}"));
    }
}

#[test]
fn an_old_checkpoint_is_no_proof() {
    let watch = Watch::of(&history(300, 1));
    watch.show(&history(270, 1));
    let (status, output) = watch.look();
    assert_eq!(status, 2, "{output}");
    assert!(
        output.contains("the board shows an old checkpoint"),
        "{output}"
    );
    watch.show(&history(301, 1));
    assert_eq!(watch.look().0, 0);
    assert!(watch.proofs().is_empty());
}

/// Whoever shows other bytes need not be who signed: a cache, a proxy, a broken disk.
#[test]
fn entries_that_do_not_fit_the_checkpoint_are_no_proof() {
    let watch = Watch::of(&history(100, 1));
    let mut shown = files(&history(120, 1));
    shown.extend(
        files(&history(120, 2))
            .into_iter()
            .filter(|file| file.0 != "checkpoint"),
    );
    *watch.files.lock().unwrap() = shown;
    let (status, output) = watch.look();
    assert_eq!(status, 2, "{output}");
    assert!(output.contains("are not those it signed for"), "{output}");
    watch.files.lock().unwrap().remove("tile/entries/000.p/120");
    assert_eq!(watch.look().0, 2);
    assert!(watch.proofs().is_empty());
}

#[test]
fn a_board_that_is_away_or_not_itself_is_no_proof() {
    let watch = Watch::of(&history(100, 1));
    let honest = watch.files.lock().unwrap().clone();
    let unsigned = checkpoint(101, &[7; 32]).replace("101\n", "102\n");
    for note in [None, Some("<html>"), Some(""), Some(&unsigned)] {
        let mut shown = honest.clone();
        shown.remove("checkpoint");
        if let Some(note) = note {
            shown.insert("checkpoint".to_owned(), note.as_bytes().to_vec());
        }
        *watch.files.lock().unwrap() = shown;
        let (status, output) = watch.look();
        assert_eq!(status, 2, "{output}");
        assert_eq!(output.lines().count(), 1, "{output}");
    }
    for size in [0, u64::MAX] {
        let note = checkpoint(size, &[7; 32]).into_bytes();
        watch
            .files
            .lock()
            .unwrap()
            .insert("checkpoint".to_owned(), note);
        assert_eq!(watch.look().0, 2);
    }
    assert!(watch.proofs().is_empty());
    let state = watch.state.path().to_str().unwrap();
    let (status, output) = run(&[
        "follow",
        "http://127.0.0.1:1/e/00",
        "--state",
        state,
        "--once",
    ]);
    assert_eq!(status, 2);
    assert!(output.contains("the board does not answer"), "{output}");
}

/// Nothing is known before the first look; what cannot be checked then is not kept.
#[test]
fn a_first_look_at_a_lying_board_keeps_nothing() {
    let mut shown = files(&history(40, 1));
    let note = checkpoint(40, &root(&history(40, 2)));
    shown.insert("checkpoint".to_owned(), note.into_bytes());
    let shown = Arc::new(Mutex::new(shown));
    let url = serve(Arc::clone(&shown));
    let state = tempfile::tempdir().unwrap();
    let arguments = [
        "follow",
        &url,
        "--state",
        state.path().to_str().unwrap(),
        "--once",
    ];
    assert_eq!(run(&arguments).0, 2);
    *shown.lock().unwrap() = files(&history(40, 1));
    assert_eq!(run(&arguments).0, 0);
}

#[test]
fn a_damaged_state_is_refused() {
    for name in ["checkpoint", "leaves", "manifest.json"] {
        let watch = Watch::of(&history(50, 1));
        let path = watch.state.path().join(name);
        let mut content = fs::read(&path).unwrap();
        content[70] ^= 1;
        fs::write(&path, content).unwrap();
        let (status, output) = watch.look();
        assert_eq!(status, 2, "{name}: {output}");
        assert!(output.contains("begin with a new one"), "{name}: {output}");
    }
}

/// The program itself goes on while the server is away, until the server lies.
#[test]
fn it_keeps_asking_until_the_board_lies() {
    let watch = Watch::of(&history(100, 1));
    let honest = watch.files.lock().unwrap().clone();
    watch.files.lock().unwrap().clear();
    let state = watch.state.path().to_str().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_verifier"))
        .args(["follow", &watch.url, "--state", state, "--every", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut until = |text: &str| {
        let found = lines
            .by_ref()
            .take(60)
            .find(|line| line.as_ref().unwrap().contains(text));
        assert!(found.is_some(), "no line with {text}");
    };
    until("asking again in 1 seconds");
    *watch.files.lock().unwrap() = honest;
    until("100 entries, as before.");
    watch.show(&history(99, 3));
    until("ALARM");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(watch.proofs().len(), 1);
}

/// A proof that was changed, or that accuses an honest board, is refused.
#[test]
fn what_proves_nothing_is_not_proved() {
    let watch = Watch::of(&history(31, 1));
    watch.show(&history(30, 2));
    let proof = watch.expect_alarm("31 then 30");
    let good: serde_json::Value = serde_json::from_slice(&fs::read(&proof).unwrap()).unwrap();
    let note = |size, mark| checkpoint(size as u64, &root(&history(size, mark)));
    let manifest = good["manifest"].as_str().unwrap();
    for (member, value) in [
        ("kind", "receipt".into()),
        ("psephos", 1.into()),
        ("smaller", note(30, 1).into()),
        ("larger", note(31, 2).into()),
        ("larger", note(30, 1).into()),
        ("larger", note(32, 1).into()),
        ("smaller", note(30, 2).replace("30\n", "29\n").into()),
        // Evidence is what the board signed, and nothing beside it.
        ("smaller", (note(30, 2) + &cosignature(&note(30, 2))).into()),
        ("smaller", "".into()),
        ("path", serde_json::json!([])),
        ("path", serde_json::json!(vec!["AA=="; 5])),
        ("path", serde_json::json!(vec![""; 66])),
        ("manifest", manifest[4..].into()),
        ("manifest", "".into()),
        ("other", 1.into()),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        fs::write(&proof, bad.to_string()).unwrap();
        let (status, output) = check(&proof, &[]);
        assert_eq!(status, 1, "{member}: {output}");
        assert!(output.starts_with("NOT PROVED: "), "{output}");
    }
    // An honest board's own beginning.
    let mut honest = good.clone();
    honest["smaller"] = note(31, 1).into();
    honest["larger"] = note(31, 1).into();
    honest["path"] = serde_json::json!([]);
    fs::write(&proof, honest.to_string()).unwrap();
    let (status, output) = check(&proof, &[]);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("of the same history"), "{output}");
    fs::write(&proof, good.to_string().replacen('{', "{\"psephos\":1,", 1)).unwrap();
    assert_eq!(check(&proof, &[]).0, 1);
    fs::write(&proof, vec![b' '; 1 << 20]).unwrap();
    assert_eq!(check(&proof, &[]).0, 2);
}

#[test]
fn a_proof_about_another_election_is_not_one_about_this() {
    let watch = Watch::of(&history(31, 1));
    watch.show(&history(31, 2));
    let proof = watch.expect_alarm("31");
    let text = &entries()[0];
    let text = String::from_utf8(text[34..text.len() - 64].to_vec()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let with = ["--manifest", file.path().to_str().unwrap()];
    fs::write(file.path(), &text).unwrap();
    assert_eq!(check(&proof, &with).0, 0);
    fs::write(file.path(), text.replace("annual vote", "other vote")).unwrap();
    let (status, output) = check(&proof, &with);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("about another election"), "{output}");
}

/// The line of the witness that the manifest of the known answers names, under a checkpoint.
fn cosignature(note: &str) -> String {
    let vectors = folder().join("../cosignature.json");
    let vectors: serde_json::Value = serde_json::from_slice(&fs::read(vectors).unwrap()).unwrap();
    let seed = hex::decode(vectors["seed"].as_str().unwrap()).unwrap();
    let seed = Zeroizing::new(seed.try_into().unwrap());
    let home = tempfile::tempdir().unwrap();
    let name = vectors["name"].as_str();
    let key = WitnessKey::open(&home.path().join("key"), name, &seed).unwrap();
    let (text, _) = note.split_once("\n\n").unwrap();
    key.cosign(&format!("{text}\n"), 7)
}

/// Shows the board of these entries with more lines after its own.
fn show_with(watch: &Watch, entries: &[Vec<u8>], line: impl Fn(&str) -> String) {
    let mut shown = files(entries);
    let note = String::from_utf8(shown.remove("checkpoint").unwrap()).unwrap();
    let note = note.clone() + &line(&note);
    shown.insert("checkpoint".to_owned(), note.into_bytes());
    *watch.files.lock().unwrap() = shown;
}

#[test]
fn a_named_witness_that_cosigned_both_histories_is_named() {
    let watch = Watch::of(&history(40, 1));
    // The cosignature comes later than the checkpoint.
    show_with(&watch, &history(40, 1), cosignature);
    let (status, output) = watch.look();
    assert_eq!((status, output.as_str()), (0, "40 entries, as before.\n"));
    show_with(&watch, &history(41, 2), cosignature);
    let (status, output) = watch.look();
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("cosigned both"), "{output}");
    // The proof holds what the board signed, and nothing else.
    let proof = fs::read_to_string(&watch.proofs()[0]).unwrap();
    assert_eq!(proof.matches("— ").count(), 2, "{proof}");
    watch.expect_alarm("cosigned");
}

/// A board that adds a false line to what it signed has still signed it.
#[test]
fn a_false_line_after_the_boards_hides_nothing() {
    let watch = Watch::of(&history(40, 1));
    for line in ["— witness.example AAAA\n", "x\n", "— a.example\n"] {
        show_with(&watch, &history(41, 2), |_| line.to_owned());
        watch.expect_alarm(line);
    }
    let (status, output) = watch.look();
    assert!(!output.contains("cosigned both"), "{status}: {output}");
}
