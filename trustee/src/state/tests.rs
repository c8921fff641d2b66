//! The journal across kills, second thoughts and damage.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::journal::JOURNAL;
use super::*;

fn pin(manifest: u8) -> Pin {
    Pin {
        manifest: Digest([manifest; 32]).to_string(),
        uuid: "00".repeat(16),
        title: "Test".to_owned(),
        origin: "localhost/e/00".to_owned(),
        board_key: "11".repeat(32),
        url: "http://localhost/e/00".to_owned(),
        trustee: 2,
    }
}

/// A temporary folder as the program wants it.
fn private_folder() -> tempfile::TempDir {
    let private = fs::Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().permissions(private).tempdir();
    folder.unwrap()
}

fn make(bytes: &[u8]) -> impl FnOnce() -> Result<Vec<u8>, StateError> {
    let bytes = bytes.to_vec();
    move || Ok(bytes)
}

fn never() -> Result<Vec<u8>, StateError> {
    panic!("a second message was made")
}

#[test]
fn a_kill_between_record_and_post_sends_the_same_bytes() {
    let folder = private_folder();
    let mut journal = Journal::join(folder.path(), &pin(1), false).unwrap();
    let first = journal
        .message(Slot::Commit(1), "attempt 1", make(b"first"))
        .unwrap();
    drop(journal);
    let mut journal = Journal::open(folder.path(), &pin(1).uuid).unwrap();
    let again = journal
        .message(Slot::Commit(1), "attempt 1", never)
        .unwrap();
    assert_eq!(
        (again.bytes(), first.bytes()),
        (&b"first"[..], &b"first"[..])
    );
    // Another attempt is another message.
    let other = journal
        .message(Slot::Commit(2), "attempt 2", make(b"other"))
        .unwrap();
    assert_eq!(other.bytes(), b"other");
}

#[test]
fn a_second_message_about_something_else_is_refused_for_ever() {
    let folder = private_folder();
    let mut journal = Journal::join(folder.path(), &pin(1), false).unwrap();
    journal
        .message(Slot::CertifyClose, "this close", make(b"a"))
        .unwrap();
    for _ in 0..2 {
        let refused = journal
            .message(Slot::CertifyClose, "that close", never)
            .unwrap_err();
        let text = refused.to_string();
        assert!(
            text.contains("this close") && text.contains("that close"),
            "{text}"
        );
        drop(journal);
        journal = Journal::open(folder.path(), &pin(1).uuid).unwrap();
    }
}

#[test]
fn a_kill_while_writing_leaves_the_journal_before_it() {
    let folder = private_folder();
    let mut journal = Journal::join(folder.path(), &pin(1), false).unwrap();
    journal.message(Slot::Deal(1), "", make(b"deal")).unwrap();
    let path = journal.folder().join(JOURNAL);
    let before = fs::read(&path).unwrap();
    journal
        .message(Slot::Certify(1), "", make(b"certify"))
        .unwrap();
    drop(journal);
    let after = fs::read(&path).unwrap();
    for end in before.len()..after.len() {
        fs::write(&path, &after[..end]).unwrap();
        let mut journal = Journal::open(folder.path(), &pin(1).uuid).unwrap();
        assert!(journal.state().message(Slot::Deal(1)).is_some());
        assert!(journal.state().message(Slot::Certify(1)).is_none());
        assert_eq!(fs::read(&path).unwrap(), before);
        let again = journal
            .message(Slot::Certify(1), "", make(b"anew"))
            .unwrap();
        assert_eq!(again.bytes(), b"anew");
    }
}

#[test]
fn a_damaged_line_is_refused_not_skipped() {
    let folder = private_folder();
    let mut journal = Journal::join(folder.path(), &pin(1), false).unwrap();
    journal.message(Slot::Deal(1), "", make(b"deal")).unwrap();
    let path = journal.folder().join(JOURNAL);
    drop(journal);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 5;
    bytes[at] = 0;
    fs::write(&path, bytes).unwrap();
    let refused = Journal::open(folder.path(), &pin(1).uuid).unwrap_err();
    assert!(matches!(refused, StateError::Damaged { line: 2, .. }));
}

#[test]
fn a_damaged_journal_stops_no_other_election() {
    let folder = private_folder();
    let other = Pin {
        uuid: "ff".repeat(16),
        ..pin(2)
    };
    drop(Journal::join(folder.path(), &pin(1), false).unwrap());
    let path = Journal::join(folder.path(), &other, false)
        .unwrap()
        .folder()
        .join(JOURNAL);
    fs::write(path, "{}\n").unwrap();
    let (pins, errors) = joined(folder.path());
    assert_eq!(pins, vec![pin(1)]);
    assert!(matches!(
        errors.as_slice(),
        [StateError::Damaged { line: 1, .. }]
    ));
    Journal::open(folder.path(), &pin(1).uuid).unwrap();
}

#[test]
fn a_restore_is_in_the_journal_before_or_with_the_election() {
    let folder = private_folder();
    let journal = Journal::join(folder.path(), &pin(1), true).unwrap();
    assert!(journal.state().is_restored() && journal.state().is_undecided());
    let path = journal.folder().join(JOURNAL);
    drop(journal);
    let whole = fs::read(&path).unwrap();
    // However much of it was written.
    for end in 0..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        match Journal::open(folder.path(), &pin(1).uuid) {
            Ok(journal) => assert!(journal.state().is_restored(), "{end}"),
            Err(error) => assert!(matches!(error, StateError::NotJoined), "{end}: {error}"),
        }
    }
    // Into an election that is known already, too.
    drop(Journal::join(folder.path(), &pin(1), false).unwrap());
    fs::write(
        &path,
        whole
            .split_inclusive(|byte| *byte == b'\n')
            .next_back()
            .unwrap(),
    )
    .unwrap();
    assert!(
        !Journal::open(folder.path(), &pin(1).uuid)
            .unwrap()
            .state()
            .is_restored()
    );
    drop(Journal::join(folder.path(), &pin(1), true).unwrap());
    assert!(
        Journal::open(folder.path(), &pin(1).uuid)
            .unwrap()
            .state()
            .is_restored()
    );
}

#[test]
fn another_manifest_under_the_same_uuid_is_refused() {
    let folder = private_folder();
    drop(Journal::join(folder.path(), &pin(1), false).unwrap());
    drop(Journal::join(folder.path(), &pin(1), false).unwrap());
    let refused = Journal::join(folder.path(), &pin(2), false).unwrap_err();
    assert!(matches!(refused, StateError::OtherManifest { .. }));
    assert_eq!(joined(folder.path()).0, vec![pin(1)]);
}

#[test]
fn two_programs_at_once_are_refused_and_files_are_private() {
    let folder = private_folder();
    let elections = folder.path().join("elections");
    let journal = Journal::join(&elections, &pin(1), false).unwrap();
    let second = Journal::open(&elections, &pin(1).uuid).unwrap_err();
    assert!(matches!(second, StateError::Busy));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&elections), 0o700);
    assert_eq!(mode(journal.folder()), 0o700);
    assert_eq!(mode(&journal.folder().join(JOURNAL)), 0o600);
    // One may look at it all the same, but sign nothing.
    let mut look = Journal::look(&elections, &pin(1).uuid).unwrap();
    assert_eq!(look.pin(), &pin(1));
    let signed = look.message(Slot::Register, "", never).unwrap_err();
    assert!(matches!(signed, StateError::Busy));
    drop(journal);
    Journal::open(&elections, &pin(1).uuid).unwrap();
}

#[test]
fn restoring_and_verifying_are_remembered() {
    let folder = private_folder();
    let mut journal = Journal::join(folder.path(), &pin(1), false).unwrap();
    assert!(!journal.state().is_restored());
    let verified = |size| Verified {
        size,
        root: Digest([3; 32]),
    };
    journal.record_restored(Some(4)).unwrap();
    journal.record_verified(verified(7)).unwrap();
    journal.record_verified(verified(9)).unwrap();
    drop(journal);
    let journal = Journal::open(folder.path(), &pin(1).uuid).unwrap();
    assert!(journal.state().is_restored());
    assert_eq!(journal.state().must_abandon(), Some(4));
    assert_eq!(journal.state().verified(), Some(verified(9)));
    let missing = Journal::open(folder.path(), "ff").unwrap_err();
    assert!(matches!(missing, StateError::NotJoined));
}
