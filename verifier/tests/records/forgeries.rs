//! The corpus of docs/spec/forgeries: whole records with one fault each, for every verifier to be
//! tried on. This test makes them anew and compares; with `PSEPHOS_WRITE_FORGERIES=1` it writes
//! them.

mod ballots;
mod ceremony;
mod entries;
mod files;
mod joint;
mod setup;
mod sound;
mod surveys;
mod tally;
mod witnesses;

use crate::{
    ballots::Answer,
    dice::Key,
    election::{Draft, Made, Plan},
    sound::{failed, verify},
};
use std::{collections::BTreeMap, fs, path::PathBuf, sync::OnceLock};
use verifier::{
    entry::{ENTRY_PREFIX, Kind},
    record::{
        MemoryRecord, Record,
        archive::{ArchiveRecord, header},
    },
    report::{CheckId, Decision},
};

/// A record of the corpus.
pub struct Forgery {
    /// The file, without `.tar`.
    pub name: &'static str,
    /// The check that rejects it; none if it must be accepted.
    pub expect: Option<&'static str>,
    /// Checks that by their nature reject it too.
    pub also: Vec<&'static str>,
    /// What is wrong, in one sentence.
    pub what: &'static str,
    /// Where the attack is from.
    pub source: &'static str,
    /// The archive.
    pub make: Box<dyn Fn() -> Vec<u8>>,
}

impl Forgery {
    /// A record that one check rejects.
    fn of(
        (name, expect): (&'static str, &'static str),
        (what, source): (&'static str, &'static str),
        make: impl Fn() -> Made + 'static,
    ) -> Self {
        Self {
            name,
            expect: Some(expect),
            also: Vec::new(),
            what,
            source,
            make: Box::new(move || archive(&make().record())),
        }
    }

    /// A record that must be accepted.
    fn twin(name: &'static str, what: &'static str, make: impl Fn() -> Made + 'static) -> Self {
        Self {
            expect: None,
            ..Self::of((name, ""), (what, "accepted twin"), make)
        }
    }

    fn and(self, also: &[&'static str]) -> Self {
        let expect = self.expect;
        let also = also.iter().copied().filter(|id| expect != Some(*id));
        let also = also.collect();
        Self { also, ..self }
    }

    fn file(&self) -> String {
        format!("{}.tar", self.name)
    }

    /// What the index says of it.
    fn item(&self) -> serde_json::Value {
        let mut item = serde_json::json!({
            "file": self.file(),
            "expect": self.expect.unwrap_or("accept"),
            "what": self.what,
            "source": self.source,
        });
        if !self.also.is_empty() {
            item["also"] = self.also.clone().into();
        }
        item
    }

    /// All checks that must reject the record, in the order of the page.
    fn ids(&self) -> Vec<&'static str> {
        let named = |id: &&str| self.expect == Some(*id) || self.also.contains(id);
        ids().filter(named).collect()
    }
}

fn ids() -> impl Iterator<Item = &'static str> {
    CheckId::ALL.iter().map(|check| check.id())
}

/// All checks but these.
fn all_but(others: &[&str]) -> Vec<&'static str> {
    ids().filter(|id| !others.contains(id)).collect()
}

/// The equations of a ballot's proof: a changed statement changes the challenges of all.
const EQUATIONS: [&str; 5] = [
    "ballots.commitment",
    "ballots.bits",
    "ballots.nonce",
    "ballots.values",
    "ballots.limits",
];

fn corpus() -> Vec<Forgery> {
    [
        sound::all(),
        files::all(),
        entries::all(),
        setup::all(),
        ceremony::all(),
        ballots::all(),
        tally::all(),
        surveys::all(),
        joint::all(),
        witnesses::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The archive form of a record (docs/spec/board.md).
fn archive(record: &MemoryRecord) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, size) in record.files() {
        archive.extend(header(path, *size).unwrap());
        archive.extend(record.read(path, *size).unwrap());
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1_024]);
    archive
}

fn values(values: &[u64]) -> Answer {
    Answer::Values(values.to_vec())
}

/// What most forgeries begin with: voters 0 and 2 answer both contests, voter 1 one; voter 0
/// votes twice, voter 3 not at all.
fn plan() -> Plan {
    let both = |board: &[u64], budget: &[u64]| vec![values(board), values(budget)];
    Plan {
        voters: vec![
            (
                0,
                1,
                vec![both(&[0, 1, 1], &[3, 1]), both(&[1, 1, 0], &[0, 2])],
            ),
            (1, 2, vec![vec![values(&[0, 0, 1])]]),
            (0, 3, vec![vec![Answer::Blank, values(&[1, 2])]]),
            (1, 1, vec![]),
        ],
        ..Plan::default()
    }
}

/// The plan with entry `number` of a kind spoiled before it is signed.
fn spoiled(kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    crate::faults::changed(plan(), kind, number, spoil)
}

/// The plan with a whole entry put before entry `number` of a kind.
fn inserted(entry: Vec<u8>, kind: Kind, number: usize) -> Made {
    Plan {
        insert: vec![(kind, number, entry)],
        ..plan()
    }
    .make()
}

/// Entry `number` of a kind of the sound record.
fn entry(kind: Kind, number: usize) -> Vec<u8> {
    static SOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let entries = SOUND.get_or_init(|| plan().make().entries);
    let mut of_kind = entries.iter().filter(|entry| entry[1] == kind as u8);
    of_kind.nth(number).unwrap().clone()
}

/// The same entry, changed before it is signed again.
fn resigned(kind: Kind, number: usize, key: &Key, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut unsigned = entry(kind, number);
    unsigned.truncate(unsigned.len() - 64);
    change(&mut unsigned);
    let signature = key.sign(ENTRY_PREFIX, &unsigned);
    [&unsigned[..], &signature].concat()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/forgeries")
}

/// The checks that do not pass, by the verifier's word on each file of the corpus.
fn verdicts() -> &'static [(&'static str, Vec<&'static str>)] {
    static VERDICTS: OnceLock<Vec<(&str, Vec<&str>)>> = OnceLock::new();
    VERDICTS.get_or_init(|| {
        write_if_asked();
        let verdict = |forgery: &Forgery| {
            let file = fs::File::open(folder().join(forgery.file())).unwrap();
            let report = verify(&ArchiveRecord::open(file).unwrap());
            let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
            assert_eq!(ids.is_empty(), report.verdict == Decision::Accepted);
            (forgery.name, ids)
        };
        corpus().iter().map(verdict).collect()
    })
}

/// The files of the corpus, by name.
fn files() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let corpus = corpus();
        let index: Vec<_> = corpus.iter().map(Forgery::item).collect();
        let text = serde_json::to_string_pretty(&index).unwrap() + "\n";
        let mut files = BTreeMap::from([("index.json".to_owned(), text.into_bytes())]);
        for forgery in &corpus {
            let before = files.insert(forgery.file(), (forgery.make)());
            assert_eq!(before, None, "{} twice", forgery.name);
        }
        files
    })
}

fn write_if_asked() {
    static WRITTEN: OnceLock<()> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        if std::env::var_os("PSEPHOS_WRITE_FORGERIES").is_some() {
            for (name, content) in files() {
                fs::write(folder().join(name), content).unwrap();
            }
        }
    });
}

#[test]
fn the_corpus_is_what_this_code_makes() {
    write_if_asked();
    for (name, content) in files() {
        let found = fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            found == *content,
            "docs/spec/forgeries/{name} differs from what this code makes"
        );
    }
    let others: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !files().contains_key(name))
        .collect();
    assert_eq!(others, ["README.md"]);
}

#[test]
fn every_forgery_is_rejected_by_its_checks_and_no_other() {
    let corpus = corpus();
    let misjudged: Vec<_> = corpus
        .iter()
        .zip(verdicts())
        .map(|(forgery, (name, ids))| (name, ids, forgery.ids()))
        .filter(|(_, ids, expected)| *ids != expected)
        .collect();
    assert!(misjudged.is_empty(), "{misjudged:#?}");
}

/// Their fault leaves others nothing to look at.
const NEVER_ALONE: [&str; 4] = [
    "board.note",
    "manifest.encoding",
    "manifest.rules",
    "result.present",
];

/// A verifier that forgets a check must accept something false, or at least judge it otherwise.
#[test]
fn without_any_one_check_a_forgery_is_accepted() {
    for id in ids() {
        let alone = verdicts().iter().any(|(_, ids)| ids == &[id]);
        assert_ne!(alone, NEVER_ALONE.contains(&id), "{id}");
        assert!(verdicts().iter().any(|(_, ids)| ids.contains(&id)), "{id}");
    }
}
