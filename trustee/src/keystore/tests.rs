//! Key files: private, encrypted, never overwritten.

use std::fs::Permissions;

use super::*;

fn passphrase(text: &str) -> SecretString {
    text.to_owned().into()
}

fn made() -> (tempfile::TempDir, Home, TrusteeSeed) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("home"));
    let seed = TrusteeSeed::from_bytes(&[9; 32]);
    home.create("Chloé Martin/3", &seed, &passphrase("right one"), 4)
        .unwrap();
    (folder, home, seed)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_key_is_encrypted_private_and_opens_again() {
    let (_folder, home, seed) = made();
    assert_eq!(mode(&home.key_path()), 0o600);
    assert_eq!(mode(home.folder()), 0o700);
    let bytes = fs::read(home.key_path()).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let again = home.unlock(&passphrase("right one")).unwrap();
    assert_eq!(again.expose(), seed.expose());
    let card = home.card().unwrap();
    assert_eq!(card.name, "Chloé Martin/3");
    let key = seed.signing_key().unwrap();
    assert_eq!(card.key, encode_hex(key.public().as_bytes()));
    assert!(home.folder().join("Chloé Martin-3.trustee.json").exists());
    assert!(!home.folder().join("trustee.key.new").exists());
}

#[test]
fn a_key_is_never_overwritten() {
    let (_folder, home, seed) = made();
    let before = fs::read(home.key_path()).unwrap();
    let other = TrusteeSeed::from_bytes(&[1; 32]);
    let refused = home.create("Other", &other, &passphrase("right one"), 4);
    assert!(matches!(refused, Err(KeystoreError::Exists { .. })));
    assert_eq!(fs::read(home.key_path()).unwrap(), before);
    assert_eq!(home.card().unwrap().name, "Chloé Martin/3");
    let again = home.unlock(&passphrase("right one")).unwrap();
    assert_eq!(again.expose(), seed.expose());
}

#[test]
fn wrong_passphrases_open_modes_and_damage_are_told_apart() {
    let (_folder, home, _) = made();
    let wrong = home.unlock(&passphrase("wrong one")).unwrap_err();
    assert!(matches!(wrong, KeystoreError::Passphrase { .. }));
    fs::set_permissions(home.key_path(), Permissions::from_mode(0o640)).unwrap();
    let open = home.unlock(&passphrase("right one")).unwrap_err();
    assert!(matches!(open, KeystoreError::Mode { mode: 0o640, .. }));
    fs::set_permissions(home.key_path(), Permissions::from_mode(0o600)).unwrap();
    let mut bytes = fs::read(home.key_path()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(home.key_path(), bytes).unwrap();
    let damaged = home.unlock(&passphrase("right one")).unwrap_err();
    assert!(matches!(damaged, KeystoreError::Damaged { .. }));
    let nowhere = Home::new(home.folder().join("nowhere"));
    let missing = nowhere.unlock(&passphrase("right one")).unwrap_err();
    assert!(matches!(missing, KeystoreError::Missing { .. }));
    assert!(matches!(nowhere.card(), Err(KeystoreError::Missing { .. })));
}

#[test]
fn names_that_no_manifest_takes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path());
    let seed = TrusteeSeed::from_bytes(&[9; 32]);
    for name in ["", "a\u{1b}[2J", &"x".repeat(501)] {
        let refused = home.create(name, &seed, &passphrase("right one"), 4);
        assert!(matches!(refused, Err(KeystoreError::Name)), "{name:?}");
    }
    assert!(!home.key_path().exists());
}

#[test]
fn a_folder_that_others_may_use_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
    let home = Home::new(&open);
    let seed = TrusteeSeed::from_bytes(&[9; 32]);
    let refused = home.create("Ada", &seed, &passphrase("right one"), 4);
    assert!(
        matches!(refused, Err(KeystoreError::FolderMode { mode: 0o755, .. })),
        "{refused:?}"
    );
    assert_eq!(mode(&open), 0o755);
    assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
    fs::set_permissions(&open, Permissions::from_mode(0o700)).unwrap();
    home.create("Ada", &seed, &passphrase("right one"), 4)
        .unwrap();
    // A file in its place is no folder.
    let file = Home::new(home.key_path());
    let refused = file.create("Ada", &seed, &passphrase("right one"), 4);
    assert!(matches!(refused, Err(KeystoreError::File { .. })));
}

#[test]
fn secrets_that_others_may_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words");
    fs::write(&path, "secret").unwrap();
    for mode in [0o644, 0o640, 0o602] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let refused = read_private(&path).unwrap_err();
        assert!(matches!(refused, KeystoreError::Mode { .. }), "{mode:o}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(read_private(&path).unwrap().as_str(), "secret");
}
