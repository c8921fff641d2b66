//! A ballot box in memory, an organiser who types commands, and trustees.
#![allow(
    dead_code,
    clippy::mod_module_files,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

pub mod election;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use board_client::{ClientError, Receipt, ServerIdentity};
use clap::Parser as _;
use ed25519_dalek::{Signer as _, SigningKey};
use election_authority::board::{BoardAccess, Network};
use election_authority::cli::Cli;
use election_authority::screen::Screen;
use election_authority::{CommandError, commands};
use getrandom::SysRng;
use protocol::checkpoint::{checkpoint_note, checkpoint_text};
use protocol::election::{Election, EntryMaker};
use protocol::encoding::encode_hex;
use protocol::entry::Envelope;
use protocol::key_ceremony::{Round, Step, TrusteeSeed, abandon, next_step};
use protocol::merkle::leaf_hash;
use protocol::tally::Pattern;

/// The state that the ballot box and its clients share.
pub struct Shared {
    pub election: Election,
    pub entries: Vec<Vec<u8>>,
}

impl Shared {
    pub fn admit(&mut self, entry: &[u8]) -> Result<(), ClientError> {
        self.election
            .apply(entry, &mut SysRng)
            .map_err(|refusal| ClientError::Refused {
                status: 409,
                code: refusal.code().to_owned(),
                detail: refusal.to_string(),
            })?;
        self.entries.push(entry.to_vec());
        Ok(())
    }
}

/// A ballot box with one election.
#[derive(Clone)]
pub struct BallotBox {
    pub shared: Rc<RefCell<Shared>>,
    key: Rc<SigningKey>,
    /// How many more entries it takes before the network fails.
    pub posts_left: Rc<Cell<usize>>,
    /// Whether it gives receipts for entries that its board then does not show.
    pub forks: Rc<Cell<bool>>,
}

impl BallotBox {
    pub fn new() -> Self {
        Self {
            shared: Rc::new(RefCell::new(Shared {
                election: Election::new(),
                entries: Vec::new(),
            })),
            key: Rc::new(SigningKey::from_bytes(&[5; 32])),
            posts_left: Rc::new(Cell::new(usize::MAX)),
            forks: Rc::new(Cell::new(false)),
        }
    }

    pub fn identity(&self) -> ServerIdentity {
        ServerIdentity {
            key: encode_hex(self.key.verifying_key().as_bytes()),
            origin_prefix: "localhost:8000/e".to_owned(),
        }
    }

    fn take(&self, entry: &[u8]) -> Result<Receipt, ClientError> {
        match self.posts_left.get().checked_sub(1) {
            Some(left) => self.posts_left.set(left),
            None => {
                return Err(ClientError::Unreachable {
                    url: "http://localhost:8000".to_owned(),
                    reason: "connection refused".to_owned(),
                });
            }
        }
        let mut shared = self.shared.borrow_mut();
        let index = shared.entries.len();
        if !self.forks.get() {
            shared.admit(entry)?;
        }
        Ok(receipt(entry, index))
    }
}

/// A receipt whose proof and checkpoint are not looked at here.
fn receipt(entry: &[u8], index: usize) -> Receipt {
    let scope = Envelope::decode(entry).unwrap().scope;
    Receipt::new(&scope, &leaf_hash(entry), index as u64, &[], String::new())
}

impl Network for BallotBox {
    fn server_identity(&self, _: &str) -> Result<ServerIdentity, ClientError> {
        Ok(self.identity())
    }

    fn create(&self, server: &str, entry: &[u8]) -> Result<Receipt, ClientError> {
        assert_eq!(server, "http://localhost:8000");
        if self
            .shared
            .borrow()
            .entries
            .first()
            .is_some_and(|first| first == entry)
        {
            return Ok(receipt(entry, 0));
        }
        self.take(entry)
    }

    fn board(&self, url: &str, _: &Path) -> Result<Box<dyn BoardAccess>, ClientError> {
        assert!(url.starts_with("http://localhost:8000/e/"));
        Ok(Box::new(MemoryBoard {
            ballot_box: self.clone(),
            entries: Vec::new(),
            checkpoint: String::new(),
        }))
    }
}

struct MemoryBoard {
    ballot_box: BallotBox,
    entries: Vec<Vec<u8>>,
    checkpoint: String,
}

impl BoardAccess for MemoryBoard {
    fn update(&mut self, _: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError> {
        let shared = self.ballot_box.shared.borrow();
        self.entries.clone_from(&shared.entries);
        if let Some(manifest) = shared.election.manifest() {
            let (size, root) = (shared.election.size(), shared.election.root());
            let text = checkpoint_text(&manifest.board.origin, size, &root);
            let signature = self.ballot_box.key.sign(text.as_bytes()).to_bytes();
            self.checkpoint = checkpoint_note(&manifest.board, &text, &signature);
        }
        Ok(())
    }

    fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    fn post(&mut self, entry: &[u8]) -> Result<Receipt, ClientError> {
        self.ballot_box.take(entry)
    }

    fn confirm(&self, receipt: &Receipt, entry: &[u8]) -> Result<(), String> {
        match self.entries.get(receipt.index as usize) {
            Some(shown) if shown == entry => Ok(()),
            _ => Err("it does not show the entry".to_owned()),
        }
    }
}

/// What was said.
#[derive(Default)]
pub struct Heard {
    pub said: Vec<String>,
    pub warned: Vec<String>,
}

impl Screen for Heard {
    fn say(&mut self, line: &str) {
        self.said.push(line.to_owned());
    }

    fn print(&mut self, text: &str) {
        self.said.push(text.to_owned());
    }

    fn warn(&mut self, line: &str) {
        self.warned.push(line.to_owned());
    }

    fn progress(&mut self, _: &str, _: u64, _: u64) {}

    fn is_interactive(&self) -> bool {
        false
    }
}

impl Heard {
    pub fn has(&self, text: &str) -> bool {
        self.said.iter().any(|line| line.contains(text))
    }
}

/// An organiser with a folder of its own.
pub struct Organiser {
    pub folder: tempfile::TempDir,
    pub ballot_box: BallotBox,
    /// The organiser's clock.
    pub now: i64,
}

impl Organiser {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            ballot_box: BallotBox::new(),
            now: 1_778_000_000,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    pub fn run(&self, args: &[&str]) -> Result<Heard, CommandError> {
        let home = self.path("home").display().to_string();
        let all = ["election-authority", "--home", &home];
        let cli = Cli::try_parse_from(all.iter().chain(args)).unwrap();
        let mut heard = Heard::default();
        commands::run(cli, &self.ballot_box, &mut heard, self.now)?;
        Ok(heard)
    }

    /// The sentence with which a command is refused.
    pub fn refusal(&self, code: u8, args: &[&str]) -> String {
        match self.run(args) {
            Ok(heard) => panic!("{args:?} went through: {:?}", heard.said),
            Err(error) => {
                assert_eq!(error.exit_code(), code, "{args:?}: {error}");
                error.to_string()
            }
        }
    }

    /// The folder of the only election.
    pub fn election_folder(&self) -> PathBuf {
        let mut elections = std::fs::read_dir(self.path("home/elections")).unwrap();
        elections.next().unwrap().unwrap().path()
    }
}

/// Trustees with their cards in the organiser's folder.
pub struct Trustees(pub Vec<TrusteeSeed>);

impl Trustees {
    pub fn new(count: usize) -> Self {
        Self(
            (0..count)
                .map(|_| TrusteeSeed::draw(&mut SysRng).unwrap())
                .collect(),
        )
    }

    pub fn cards(&self, organiser: &Organiser) -> Vec<String> {
        let card = |(i, seed): (usize, &TrusteeSeed)| {
            let key = encode_hex(seed.signing_key().unwrap().public().as_bytes());
            organiser.file(
                &format!("card{i}.json"),
                &format!(r#"{{"name":"T{i}","key":"{key}"}}"#),
            )
        };
        self.0.iter().enumerate().map(card).collect()
    }

    /// The next message of the ceremony by each of these trustees.
    pub fn each_posts(&self, ballot_box: &BallotBox, numbers: &[u16]) {
        let mut shared = ballot_box.shared.borrow_mut();
        for number in numbers {
            let seed = &self.0[usize::from(*number) - 1];
            let ceremony = shared.election.ceremony().unwrap();
            match next_step(ceremony, seed, *number, &mut SysRng).unwrap() {
                Step::Post { entry, .. } => shared.admit(&entry).unwrap(),
                other => panic!("{other:?}"),
            }
        }
    }

    /// A trustee gives the attempt up.
    pub fn abandon(&self, ballot_box: &BallotBox, number: u16) {
        let mut shared = ballot_box.shared.borrow_mut();
        let seed = &self.0[usize::from(number) - 1];
        let ceremony = shared.election.ceremony().unwrap();
        let entry = abandon(ceremony, seed, number, &mut SysRng).unwrap();
        shared.admit(&entry).unwrap();
    }

    /// The whole key ceremony.
    pub fn ceremony(&self, ballot_box: &BallotBox) {
        let mut shared = ballot_box.shared.borrow_mut();
        while shared.election.ceremony().unwrap().round() != Round::Complete {
            for (number, seed) in (1u16..).zip(&self.0) {
                let ceremony = shared.election.ceremony().unwrap();
                if let Step::Post { entry, .. } =
                    next_step(ceremony, seed, number, &mut SysRng).unwrap()
                {
                    shared.admit(&entry).unwrap();
                }
            }
        }
    }

    pub fn certify_close(&self, ballot_box: &BallotBox, numbers: &[u16]) {
        let mut shared = ballot_box.shared.borrow_mut();
        for number in numbers {
            let key = self.0[usize::from(*number) - 1].signing_key().unwrap();
            let maker = EntryMaker { key: &key };
            let entry = maker
                .certify_close(&shared.election, *number, &mut SysRng)
                .unwrap();
            shared.admit(&entry).unwrap();
        }
    }

    pub fn decrypt(&self, ballot_box: &BallotBox, numbers: &[u16]) {
        let mut shared = ballot_box.shared.borrow_mut();
        for number in numbers {
            let seed = &self.0[usize::from(*number) - 1];
            let key = seed.signing_key().unwrap();
            let maker = EntryMaker { key: &key };
            let entry = maker
                .shares(
                    &shared.election,
                    seed,
                    *number,
                    &Pattern::default(),
                    &mut SysRng,
                )
                .unwrap();
            shared.admit(&entry).unwrap();
        }
    }
}
