//! Messages of one round, by trustee.

/// What trustees have sent in one round, in the order of their indices. There are 64 of them at
/// most, so a sorted list is as good as a tree, and a tenth of its code.
#[derive(Debug)]
pub(super) struct ByTrustee<T>(Vec<(u16, T)>);

impl<T> Default for ByTrustee<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByTrustee<T> {
    fn place(&self, trustee: u16) -> Result<usize, usize> {
        self.0.binary_search_by_key(&trustee, |(index, _)| *index)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, trustee: u16) -> bool {
        self.place(trustee).is_ok()
    }

    pub(super) fn get(&self, trustee: u16) -> Option<&T> {
        let place = self.place(trustee).ok()?;
        self.0.get(place).map(|(_, message)| message)
    }

    /// Keeps the first message of a trustee; says whether it is this one.
    pub(super) fn insert(&mut self, trustee: u16, message: T) -> bool {
        match self.place(trustee) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, (trustee, message));
                true
            }
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, message)| message)
    }
}
