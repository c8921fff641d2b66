//! Which boards have changed since they were published.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::boards::Board;

/// The boards that wait to be published. There are none on a server that follows another.
#[derive(Default)]
pub struct Unpublished {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    leads: bool,
    /// Each with the number of its last change.
    boards: BTreeMap<i32, (Arc<Board>, u64)>,
    n_changes: u64,
}

impl Unpublished {
    /// This server appends from now on: it publishes whatever is not published yet, of any board.
    pub fn begin(&self, boards: Vec<Arc<Board>>) {
        let mut waiting = self.lock();
        waiting.leads = true;
        boards.into_iter().for_each(|board| waiting.add(board));
        self.news.notify_one();
    }

    /// This server no longer appends, and leaves publishing to the one that does.
    pub fn end(&self) {
        let mut waiting = self.lock();
        waiting.leads = false;
        waiting.boards.clear();
    }

    /// A board has changed.
    pub fn add(&self, board: &Arc<Board>) {
        let mut waiting = self.lock();
        if waiting.leads {
            waiting.add(board.clone());
            self.news.notify_one();
        }
    }

    /// The boards that wait, each with the number of its last change.
    pub fn all(&self) -> Vec<(Arc<Board>, u64)> {
        self.lock().boards.values().cloned().collect()
    }

    /// A board is published as it was at this change.
    pub fn done(&self, board: &Board, change: u64) {
        let mut waiting = self.lock();
        if waiting
            .boards
            .get(&board.number)
            .is_some_and(|(_, last)| *last == change)
        {
            waiting.boards.remove(&board.number);
        }
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.lock().boards.len()
    }

    /// Waits until some wait.
    pub async fn wait(&self) {
        while self.count() == 0 {
            self.news.notified().await;
        }
    }

    /// Nothing that holds the lock panics.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, board: Arc<Board>) {
        self.n_changes += 1;
        self.boards.insert(board.number, (board, self.n_changes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boards::Uuid;

    #[test]
    fn a_board_waits_until_its_last_change_is_published() {
        let unpublished = Unpublished::default();
        let board = Arc::new(Board::new(1, Uuid([0; 16]), "o/e/0".to_owned()));
        // A follower publishes nothing.
        unpublished.add(&board);
        assert_eq!(unpublished.count(), 0);
        unpublished.begin(vec![board.clone()]);
        let (_, first) = unpublished.all().pop().unwrap();
        unpublished.add(&board);
        unpublished.done(&board, first);
        assert_eq!(unpublished.count(), 1);
        let (_, second) = unpublished.all().pop().unwrap();
        unpublished.done(&board, second);
        assert_eq!(unpublished.count(), 0);
        unpublished.add(&board);
        unpublished.end();
        assert_eq!(unpublished.count(), 0);
    }
}
