//! What a ballot box signed and its board does not bear out. It is kept, because only both signed
//! texts together convict the server: what it showed before, and what contradicts that.

use std::fs;
use std::path::{Path, PathBuf};

use protocol::checkpoint::Checkpoint;
use protocol::encoding::encode_hex;

use crate::record::replace_file;

/// The place beside a board's folder: `<folder>-evidence`.
pub(crate) fn folder_beside(board: &Path) -> PathBuf {
    let mut name = board.file_name().unwrap_or_default().to_owned();
    name.push("-evidence");
    board.with_file_name(name)
}

/// The name of what was signed with this checkpoint: its size, and enough of the root that nobody
/// finds another one of the same name.
pub(crate) fn file_name(checkpoint: &Checkpoint, kind: &str) -> String {
    let (root, _) = checkpoint.root.as_bytes().split_at(8);
    format!("{}-{}.{kind}", checkpoint.size, encode_hex(root))
}

/// Keeps files of these names and contents, and gives a clause for the error that says where the
/// first of them is.
pub(crate) fn keep(folder: Option<&Path>, files: &[(String, &[u8])]) -> String {
    let Some(folder) = folder else {
        return String::new();
    };
    let write = |(name, content): &(String, &[u8])| {
        let path = folder.join(name);
        // What is there already says the same: the name holds what was signed.
        if path.exists() {
            return Ok(path);
        }
        fs::create_dir_all(folder)?;
        replace_file(&path, content)?;
        Ok::<_, std::io::Error>(path)
    };
    let written: Result<Vec<_>, _> = files.iter().map(write).collect();
    match written.as_ref().map(|paths| paths.first()) {
        Ok(Some(path)) => format!("; what it signed is kept in {}", path.display()),
        Ok(None) => String::new(),
        Err(error) => format!(
            "; what it signed could not be kept in {}: {error}",
            folder.display()
        ),
    }
}
