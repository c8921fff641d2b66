//! Files that are there whole or not at all, whatever happens to the program or the machine.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Writes a file and returns when it is on the disk; until then an earlier one stays as it was.
///
/// # Errors
/// Those of the file system.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_added_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    put(&file, &new, path)
}

/// Gives a written file its name, for good.
///
/// # Errors
/// Those of the file system.
pub fn put(file: &File, from: &Path, to: &Path) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(from, to)?;
    sync_folder(to)
}

/// Makes a folder and those above it, for good.
///
/// # Errors
/// Those of the file system.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        create_folder(parent)?;
    }
    fs::create_dir(path)?;
    sync_folder(path)
}

/// The name of a file is on the disk when its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder == Path::new("") => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Elsewhere a folder cannot be opened; there the file system sees to it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
