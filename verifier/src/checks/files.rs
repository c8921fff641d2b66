//! `record.files`: exactly the files of the format; `record.archive`: in a container of that form.

use crate::{
    checkpoint::MAX_CHECKPOINT,
    record::{
        Record,
        layout::{CHECKPOINT, Tile, all_tiles, n_tiles},
    },
    report::{CheckId, Findings, MAX_FAILURES},
};

/// Looks at the container, whatever is in it.
pub fn check_container(record: &dyn Record, findings: &mut Findings) {
    for defect in record.defects() {
        findings.count(CheckId::RecordArchive, 1);
        findings.fail(CheckId::RecordArchive, None, defect);
    }
    findings.ran(CheckId::RecordArchive);
}

/// Compares the files with those of a log of `size` entries.
pub fn check(record: &dyn Record, size: u64, findings: &mut Findings) {
    let check = CheckId::RecordFiles;
    let mut found = 0;
    for (path, bytes) in record.files() {
        findings.count(check, 1);
        let allowed = match Tile::of_path(path) {
            Some(tile) if tile.belongs_to(size) => {
                found += 1;
                tile.bytes()
            }
            None if path == CHECKPOINT => (0, MAX_CHECKPOINT),
            _ => {
                findings.fail(
                    check,
                    None,
                    format!("`{path}` is not a file of this record"),
                );
                continue;
            }
        };
        if !(allowed.0..=allowed.1).contains(bytes) {
            findings.fail(check, None, format!("`{path}` has {bytes} bytes"));
        }
    }
    let missing = n_tiles(size).saturating_sub(found);
    if missing > 0 {
        let absent = all_tiles(size)
            .map(|tile| tile.path())
            .filter(|path| !record.files().contains_key(path));
        let first: Vec<String> = absent.take((missing as usize).min(MAX_FAILURES)).collect();
        let reason = format!("{missing} files are missing: {}", first.join(", "));
        findings.fail(check, None, reason);
    }
    findings.ran(check);
}
