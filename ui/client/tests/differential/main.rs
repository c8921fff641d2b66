//! Two implementations, written apart, must agree on every record: the fold of `protocol`, and
//! the checks of `verifier`. Entries of a good record are changed, signed anew by their authors
//! where the change would otherwise be found by the signature alone, and put on a board that
//! signs whatever it holds.
//!
//! The rounds are the same in every run. `PSEPHOS_FUZZ_ROUNDS=10` runs ten times as many.
// Helpers of a test may stop anywhere, as the tests themselves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod board;
mod changes;

use board::{Keys, accepted_by_fold, accepted_by_verifier, faulty_entries};
use changes::{Change, Dice};
use std::path::Path;
use std::process::Command;

/// So many rounds, or a multiple of them.
fn rounds(n: u64) -> u64 {
    let times = std::env::var("PSEPHOS_FUZZ_ROUNDS").ok();
    n * times.map_or(1, |times| times.parse().unwrap())
}

/// How far the fold gets with these entries: none if it takes them all.
fn refused_at(entries: &[Vec<u8>]) -> Option<usize> {
    board::fold(entries).err()
}

/// Every beginning of a good record is without a fault, to both.
#[test]
fn both_admit_every_entry_of_a_good_record() {
    let entries = board::entries();
    assert_eq!(refused_at(&entries), None);
    assert!(accepted_by_fold(&entries) && accepted_by_verifier(&entries));
    for size in 1..=entries.len() {
        assert!(
            faulty_entries(&entries[..size]).is_empty(),
            "{size} entries"
        );
        // From the result on it is one, with or without the seals that follow.
        let is_finished = entries[..size].iter().any(|entry| entry[1] == 16);
        assert_eq!(accepted_by_verifier(&entries[..size]), is_finished);
        assert_eq!(accepted_by_fold(&entries[..size]), is_finished);
    }
}

/// One changed entry at the end of a good beginning: what the fold refuses, the verifier names,
/// and what the fold admits, it leaves in peace.
#[test]
fn both_agree_on_a_changed_entry() {
    let (good, keys) = (board::entries(), Keys::new());
    let mut dice = Dice(1);
    let mut admitted = 0;
    for round in 0..rounds(400) {
        let at = 1 + dice.below(good.len() - 1);
        let mut entries = good[..=at].to_vec();
        let change = Change::draw(&mut dice);
        change.apply(&mut entries, at, &good, &keys, &mut dice);
        let ours = refused_at(&entries);
        let theirs = faulty_entries(&entries);
        match ours {
            None => {
                admitted += 1;
                assert!(
                    theirs.is_empty(),
                    "round {round}: {change:?} of entry {at}: {theirs:?}"
                );
            }
            Some(index) => assert!(
                theirs.contains(&(index as u64)),
                "round {round}: {change:?} of entry {at}: the fold refuses {index}, the verifier names {theirs:?}"
            ),
        }
    }
    // Otherwise nothing was tried but refusals.
    assert!(admitted > 0);
}

/// Whole records, changed in one place or two.
#[test]
fn both_agree_on_whole_records() {
    let (good, keys) = (board::entries(), Keys::new());
    let mut dice = Dice(2);
    let mut accepted = 0;
    for round in 0..rounds(120) {
        let entries = changed_record(&good, &keys, &mut dice);
        let ours = accepted_by_fold(&entries);
        assert_eq!(ours, accepted_by_verifier(&entries), "round {round}");
        accepted += u64::from(ours);
    }
    assert!(accepted > 0);
}

fn changed_record(good: &[Vec<u8>], keys: &Keys, dice: &mut Dice) -> Vec<Vec<u8>> {
    let mut entries = good.to_vec();
    for _ in 0..=dice.below(2) {
        let at = dice.below(entries.len());
        Change::draw(dice).apply(&mut entries, at, good, keys, dice);
    }
    entries
}

/// And the checker in Python, which nobody wrote with an eye on the other two.
#[test]
fn the_plain_checker_agrees_on_whole_records() {
    let (good, keys) = (board::entries(), Keys::new());
    let mut dice = Dice(3);
    let scene = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for round in 0..rounds(24) {
        let mut entries = if round == 0 {
            good.clone()
        } else {
            changed_record(&good, &keys, &mut dice)
        };
        if round % 6 == 1 {
            // Seals in another order: a good record still.
            entries.clone_from(&good);
            let seal = good.iter().position(|entry| entry[1] == 19).unwrap();
            Change::SwapSameKind.apply(&mut entries, seal, &good, &keys, &mut dice);
        }
        expected.push(accepted_by_fold(&entries));
        let folder = scene.path().join(format!("{round:06}"));
        board::write(&board::record(&entries), &folder);
    }
    assert!(expected.iter().filter(|accepted| **accepted).count() > 1);
    let program = "import sys\nfrom pathlib import Path\nimport check\n\
                   for path in sorted(Path(sys.argv[1]).iterdir()):\n    \
                   print(int(check.check_path(path).accepted))";
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/reference");
    let output = Command::new("python3")
        .args(["-B", "-c", program])
        .arg(scene.path())
        .current_dir(reference)
        .output()
        .expect("this test needs Python 3.11; install python3");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    let found: Vec<bool> = output.lines().map(|line| line == "1").collect();
    assert_eq!(found, expected);
}
