//! The one connection that appends. Whoever holds it has the current epoch; a transaction of an
//! earlier epoch changes nothing, so two servers never append to one log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::database::{Access, Database, check_promises, try_lock};
use crate::models::{Election, StoredCheckpoint, StoredCosignature, StoredEntry};
use crate::schema::{checkpoints, cosignatures, elections, entries, sequencer};
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
    /// What witnesses said of stored checkpoints.
    pub cosignatures: Vec<StoredCosignature>,
    /// What they said just now, each with the note of the checkpoint that they were asked about.
    pub cosigned: Vec<(StoredCosignature, Arc<str>)>,
    /// How many of its witnesses each of their elections needs; what is not needed is forgotten.
    pub witness_quorums: BTreeMap<i32, usize>,
}

impl Batch {
    /// Whether there is nothing to be written.
    pub fn is_empty(&self) -> bool {
        self.elections.is_empty()
            && self.entries.is_empty()
            && self.checkpoints.is_empty()
            && self.cosignatures.is_empty()
            && self.cosigned.is_empty()
    }
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
        database.warn_of_losses(&mut connection)?;
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

    /// The epoch that began with it.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Asks whether this is still the one who appends.
    ///
    /// # Errors
    /// [`StoreError::Deposed`] if another server is, [`StoreError::Forgetful`] if the database no
    /// longer keeps what it acknowledges, or what it says if it fails.
    pub fn check(&mut self) -> Result<(), StoreError> {
        let epoch: i64 = sequencer::table
            .select(sequencer::epoch)
            .first(&mut self.connection)?;
        if epoch == self.epoch {
            check_promises(&mut self.connection)
        } else {
            Err(StoreError::Deposed)
        }
    }

    /// Writes a batch, all of it or nothing; when this returns `Ok`, it is on the disk. Only what
    /// witnesses said of a checkpoint that is not the stored one is left out; tells of each of
    /// [`Batch::cosigned`] whether it is stored.
    ///
    /// # Errors
    /// [`StoreError`]; then whether the batch is on the disk is known only by reading, unless it is
    /// [`StoreError::Deposed`], with which nothing was written.
    pub fn commit(&mut self, batch: &Batch) -> Result<Vec<bool>, StoreError> {
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
            insert(connection, batch)?;
            let cosigned = batch.cosigned.iter();
            let kept = cosigned.map(|(row, note)| keep(connection, row, note));
            let kept = kept.collect::<Result<_, _>>()?;
            for (election, quorum) in &batch.witness_quorums {
                thin_out(connection, *election, *quorum)?;
            }
            Ok(kept)
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
            for cosignature in &batch.cosignatures {
                diesel::insert_into(cosignatures::table)
                    .values(cosignature)
                    .on_conflict_do_nothing()
                    .execute($connection)?;
            }
        }};
    }
    match connection {
        AnyConnection::Sqlite(connection) => insert_into!(connection),
        AnyConnection::Postgres(connection) => insert_into!(connection),
    }
    Ok(())
}

/// Stores what a witness said of the checkpoint with this note; false if the checkpoint of its size
/// is another, as in a database that had missed the last entries before it took over.
fn keep(
    connection: &mut AnyConnection,
    row: &StoredCosignature,
    note: &str,
) -> Result<bool, StoreError> {
    let known: Option<String> = checkpoints::table
        .find((row.election, row.size))
        .select(checkpoints::note)
        .first(connection)
        .optional()?;
    if known.as_deref() != Some(note) {
        return Ok(false);
    }
    insert(
        connection,
        &Batch {
            cosignatures: vec![row.clone()],
            ..Batch::default()
        },
    )?;
    Ok(true)
}

/// Forgets the cosignatures that are neither the last of their witness nor of the last checkpoint
/// that enough witnesses signed nor of a later one.
fn thin_out(
    connection: &mut AnyConnection,
    election: i32,
    quorum: usize,
) -> Result<(), StoreError> {
    let rows: Vec<(i64, i32)> = cosignatures::table
        .filter(cosignatures::election.eq(election))
        .order(cosignatures::size.desc())
        .select((cosignatures::size, cosignatures::witness))
        .load(connection)?;
    for size in superfluous(&rows, quorum) {
        let (size, witness) = size;
        let row = cosignatures::table.find((election, size, witness));
        diesel::delete(row).execute(connection)?;
    }
    Ok(())
}

/// Rows of a witness that never becomes one of enough are kept only so far.
const MOST_OF_ONE: usize = 16;

/// What can be forgotten of these sizes and witnesses, the largest size first.
fn superfluous(rows: &[(i64, i32)], quorum: usize) -> Vec<(i64, i32)> {
    let mut by_size: BTreeMap<i64, usize> = BTreeMap::new();
    rows.iter()
        .for_each(|(size, _)| *by_size.entry(*size).or_default() += 1);
    let witnessed = by_size.iter().rev().find(|(_, count)| **count >= quorum);
    let witnessed = witnessed.map(|(size, _)| *size);
    let mut seen: BTreeMap<i32, usize> = BTreeMap::new();
    let mut kept: BTreeSet<(i64, i32)> = BTreeSet::new();
    for &(size, witness) in rows {
        let number = seen.entry(witness).or_default();
        *number += 1;
        let is_recent =
            witnessed.is_none_or(|witnessed| size > witnessed) && *number <= MOST_OF_ONE;
        if *number == 1 || Some(size) == witnessed || is_recent {
            kept.insert((size, witness));
        }
    }
    let mut rest = rows.to_vec();
    rest.retain(|row| !kept.contains(row));
    rest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Batch, Writer, superfluous};
    use crate::database::Database;
    use crate::models::{Election, StoredCheckpoint, StoredCosignature};
    use crate::store::Store;

    #[test]
    fn a_cosignature_of_another_checkpoint_than_the_stored_one_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("board.sqlite"));
        let wait = Duration::from_secs(1);
        database.migrate(wait).unwrap();
        let mut writer = Writer::take(&database, wait, &[7; 32]).unwrap().unwrap();
        let row = |witness| StoredCosignature {
            election: 1,
            size: 3,
            witness,
            signed_at: 0,
            signature: vec![0; 64],
        };
        let batch = Batch {
            elections: vec![Election {
                id: 1,
                uuid: vec![1; 16],
                origin: "o".to_owned(),
            }],
            checkpoints: vec![StoredCheckpoint {
                election: 1,
                size: 3,
                note: "ours".to_owned(),
            }],
            cosigned: vec![(row(1), "another".into()), (row(2), "ours".into())],
            ..Batch::default()
        };
        assert_eq!(writer.commit(&batch).unwrap(), [false, true]);
        let early = StoredCosignature { size: 4, ..row(1) };
        let batch = Batch {
            cosigned: vec![(early, Arc::from("ours"))],
            ..Batch::default()
        };
        assert_eq!(writer.commit(&batch).unwrap(), [false]);
        let store = Store::open(&database, 1, wait).unwrap();
        let (note, rows) = store.witnessed(1, 1).unwrap().unwrap();
        assert_eq!((note.as_str(), rows.len()), ("ours", 1));
    }

    #[test]
    fn the_last_that_enough_witnesses_signed_is_never_forgotten() {
        let rows = [
            (9, 1),
            (8, 1),
            (8, 2),
            (7, 1),
            (7, 2),
            (7, 3),
            (5, 3),
            (4, 2),
        ];
        assert_eq!(superfluous(&rows, 2), [(7, 1), (7, 2), (5, 3), (4, 2)]);
        assert_eq!(superfluous(&rows, 3), [(5, 3), (4, 2)]);
        assert_eq!(superfluous(&rows, 4), []);
        assert_eq!(superfluous(&[], 1), []);
        let lonely: Vec<_> = (1..=40).rev().map(|size| (size, 1)).collect();
        assert_eq!(superfluous(&lonely, 2).len(), 24);
    }
}
