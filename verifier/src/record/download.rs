//! A record fetched from a live board, tile by tile, into a folder.

use super::{
    MAX_FILES, RecordError,
    layout::{CHECKPOINT, Tile, all_tiles, n_tiles},
};
use crate::{
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    log::TILE_WIDTH,
    progress::Progress,
    scan::split,
};
use std::{fs, path::Path, time::Duration};
use ureq::Agent;

/// How long one file may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often a board may send one elsewhere: an address without its `s`, or a moved server.
const MAX_REDIRECTS: u32 = 3;

/// Fetches the checkpoint at `url` and all tiles of its size into a folder.
///
/// A file that the board does not have is left out, and nothing after it is asked for: the
/// checks then name what is missing.
///
/// # Errors
/// [`RecordError::Fetch`] if the board cannot be reached or answers with an error, and
/// [`RecordError::Read`] if the folder cannot be written.
pub fn download(url: &str, folder: &Path, progress: &dyn Progress) -> Result<(), RecordError> {
    let board = Board::at(url);
    let Some(checkpoint) = board.fetch(CHECKPOINT, MAX_CHECKPOINT)? else {
        return Err(RecordError::Fetch {
            url: format!("{}/{CHECKPOINT}", board.url),
            detail: "there is no board at this address".to_owned(),
        });
    };
    write(folder, CHECKPOINT, &checkpoint)?;
    let Ok(checkpoint) = UnverifiedCheckpoint::parse(&checkpoint) else {
        return Ok(());
    };
    if n_tiles(checkpoint.size) > MAX_FILES as u64 {
        return Err(RecordError::Fetch {
            url: board.url,
            detail: format!(
                "it speaks of {} entries, more than any election has",
                checkpoint.size
            ),
        });
    }
    progress.begin("fetching", n_tiles(checkpoint.size));
    for tile in all_tiles(checkpoint.size) {
        match board.fetch_tile(tile)? {
            Some(content) => write(folder, &tile.path(), &content)?,
            None => break,
        }
        progress.advance(1);
    }
    Ok(())
}

/// A board under an address.
#[derive(Debug)]
pub struct Board {
    agent: Agent,
    url: String,
}

impl Board {
    /// The board at this address, which is asked for nothing yet.
    #[must_use]
    pub fn at(url: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(MAX_REDIRECTS);
        Self {
            agent: config.build().new_agent(),
            url: url.trim_end_matches('/').to_owned(),
        }
    }

    /// Fetches a file; none if the board says that it has none.
    ///
    /// # Errors
    /// [`RecordError::Fetch`].
    pub fn fetch(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, RecordError> {
        let url = format!("{}/{path}", self.url);
        let failed = |error: ureq::Error| RecordError::Fetch {
            url: url.clone(),
            detail: error.to_string(),
        };
        match self.agent.get(&url).call() {
            Ok(mut response) => response
                .body_mut()
                .with_config()
                .limit(limit)
                .read_to_vec()
                .map(Some)
                .map_err(failed),
            Err(ureq::Error::StatusCode(404 | 410)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Fetches a tile. A board that has grown since may serve only the full tile, of which the
    /// partial one is the beginning.
    ///
    /// # Errors
    /// [`RecordError::Fetch`].
    pub fn fetch_tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, RecordError> {
        // One byte more than allowed, so that a file that is too long is kept and reported.
        let found = self.fetch(&tile.path(), tile.bytes().1 + 1)?;
        if found.is_some() || tile.width == TILE_WIDTH {
            return Ok(found);
        }
        let full = Tile {
            width: TILE_WIDTH,
            ..tile
        };
        let Some(mut content) = self.fetch(&full.path(), full.bytes().1)? else {
            return Ok(None);
        };
        let length = match tile.level {
            Some(_) => 32 * tile.width as usize,
            None => {
                let (entries, _) = split(&content, tile.width);
                entries.iter().map(|entry| 2 + entry.len()).sum()
            }
        };
        content.truncate(length);
        Ok(Some(content))
    }
}

fn write(folder: &Path, path: &str, content: &[u8]) -> Result<(), RecordError> {
    let target = folder.join(path);
    target
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&target, content))
        .map_err(|source| RecordError::Read {
            path: target.display().to_string(),
            source,
        })
}
