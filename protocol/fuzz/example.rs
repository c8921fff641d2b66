// The election of the known answers.

/// Its entries.
pub fn entries() -> Vec<&'static [u8]> {
    let mut rest: &[u8] = include_bytes!("../../docs/spec/vectors/record/tile/entries/000.p/35");
    let mut entries = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (entry, after) = tail.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry);
        rest = after;
    }
    entries
}

/// Its manifest.
pub fn manifest() -> protocol::manifest::ElectionManifest {
    let entry = entries()[0];
    protocol::manifest::ElectionManifest::parse(&entry[34..entry.len() - 64]).unwrap()
}

/// Its state after so many entries.
pub fn election(n_entries: usize) -> protocol::election::Election {
    let mut election = protocol::election::Election::new();
    for entry in &entries()[..n_entries] {
        election.apply(entry, &mut getrandom::SysRng).unwrap();
    }
    election
}

/// The sizes of its ceremony.
pub fn dimensions() -> protocol::key_ceremony::Dimensions {
    let manifest = manifest();
    protocol::key_ceremony::Dimensions {
        trustees: manifest.n_trustees(),
        threshold: manifest.threshold,
        positions: manifest.n_positions(),
    }
}
