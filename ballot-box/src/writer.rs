//! The one connection that appends. Whoever holds it has the current epoch; a transaction of an
//! earlier epoch changes nothing, so two servers never append to one log.

use std::time::Duration;

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::database::{Access, Database, try_lock};
use crate::models::{Election, StoredCheckpoint, StoredEntry};
use crate::schema::{checkpoints, elections, entries, sequencer};
use crate::store::StoreError;

/// What is written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// New elections.
    pub elections: Vec<Election>,
    /// New entries.
    pub entries: Vec<StoredEntry>,
    /// One checkpoint for each election with new entries.
    pub checkpoints: Vec<StoredCheckpoint>,
}

/// The one who appends.
pub struct Writer {
    connection: AnyConnection,
    epoch: i64,
}

impl Writer {
    /// Becomes the one who appends and begins an epoch, or `None` if another server is that one.
    /// `key` is the public key that signs the checkpoints.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be used, or its boards are signed by another key.
    pub fn take(
        database: &Database,
        busy_timeout: Duration,
        key: &[u8; 32],
    ) -> Result<Option<Self>, StoreError> {
        let mut connection = database.connect(Access::Write, busy_timeout)?;
        if !try_lock(&mut connection)? {
            return Ok(None);
        }
        let epoch = connection.transaction(|connection| {
            // The first statement writes, so that everything read here is read under its lock.
            diesel::update(sequencer::table)
                .set(sequencer::epoch.eq(sequencer::epoch + 1))
                .execute(connection)?;
            let (epoch, signer): (i64, Option<Vec<u8>>) = sequencer::table
                .select((sequencer::epoch, sequencer::board_key))
                .first(connection)?;
            match signer {
                Some(signer) if signer == key => {}
                Some(_) => return Err(StoreError::OtherKey),
                None => {
                    diesel::update(sequencer::table)
                        .set(sequencer::board_key.eq(Some(key.to_vec())))
                        .execute(connection)?;
                }
            }
            Ok(epoch)
        })?;
        Ok(Some(Self { connection, epoch }))
    }

    /// Asks whether this is still the one who appends.
    ///
    /// # Errors
    /// [`StoreError::Deposed`] if another server is, or what the database says if it fails.
    pub fn check(&mut self) -> Result<(), StoreError> {
        let epoch: i64 = sequencer::table
            .select(sequencer::epoch)
            .first(&mut self.connection)?;
        if epoch == self.epoch {
            Ok(())
        } else {
            Err(StoreError::Deposed)
        }
    }

    /// Writes a batch, all of it or nothing; when this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError`]; then whether the batch is on the disk is known only by reading, unless it is
    /// [`StoreError::Deposed`], with which nothing was written.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let epoch = self.epoch;
        self.connection.transaction(|connection| {
            // Holds the row until the end, so that no other epoch begins meanwhile.
            let current = sequencer::table.filter(sequencer::epoch.eq(epoch));
            let n_current = diesel::update(current)
                .set(sequencer::epoch.eq(epoch))
                .execute(connection)?;
            if n_current != 1 {
                return Err(StoreError::Deposed);
            }
            insert(connection, batch)
        })
    }
}

/// Inserts a batch, within a transaction of the caller.
///
/// # Errors
/// [`StoreError`] if the database refuses it.
pub fn insert(connection: &mut AnyConnection, batch: &Batch) -> Result<(), StoreError> {
    // Several rows in one statement are written differently for each kind of database.
    macro_rules! insert_into {
        ($connection:expr) => {{
            diesel::insert_into(elections::table)
                .values(&batch.elections)
                .execute($connection)?;
            diesel::insert_into(entries::table)
                .values(&batch.entries)
                .execute($connection)?;
            diesel::insert_into(checkpoints::table)
                .values(&batch.checkpoints)
                .execute($connection)?;
        }};
    }
    match connection {
        AnyConnection::Sqlite(connection) => insert_into!(connection),
        AnyConnection::Postgres(connection) => insert_into!(connection),
    }
    Ok(())
}
