//! The record: everything on the board, as a folder or as one archive file.
//!
//! Spec: docs/spec/board.md, "Record".

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use board_client::record_files;

use crate::archive;
use crate::files::{self, FileError, Readers};

/// Writes the record of these entries to `out`: an archive if its name ends in `.tar`, a folder
/// otherwise.
///
/// # Errors
/// [`FileError`]; what is there already is never overwritten.
pub fn write(entries: &[Vec<u8>], checkpoint: &str, out: &Path) -> Result<(), FileError> {
    let record = record_files(entries, checkpoint);
    if out.extension().is_some_and(|extension| extension == "tar") {
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(out);
        let file = file.map_err(|source| files::system(out, "written", source))?;
        let mut writer = BufWriter::new(file);
        archive::write(record.collect(), &mut writer)
            .and_then(|()| writer.flush())
            .and_then(|()| writer.get_ref().sync_all())
            .map_err(|source| {
                // Half an archive must not pass for a record; this very call has made it.
                let _ = fs::remove_file(out);
                files::system(out, "written", source)
            })
    } else {
        files::create_folder(out, Readers::Everyone)?;
        for (path, content) in record {
            let path = out.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)
                    .map_err(|source| files::system(parent, "made", source))?;
            }
            files::create(&path, &content, Readers::Everyone)?;
        }
        Ok(())
    }
}
