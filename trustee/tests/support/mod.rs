//! A board in memory that does as it is told, and trustees with folders of their own.
#![allow(
    dead_code,
    clippy::mod_module_files,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

#[path = "../../../protocol/tests/support/mod.rs"]
pub mod election;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use board_client::{ClientError, Receipt};
use getrandom::SysRng;
use protocol::ballot::Answer;
use protocol::election::Election;
use protocol::encoding::decode_hex;
use protocol::entry::Envelope;
use protocol::key_ceremony::TrusteeSeed;
use protocol::merkle::leaf_hash;
use trustee::board::BoardAccess;
use trustee::commands::certify_close::Agreement;
use trustee::commands::join::{self, Consent};
use trustee::commands::{ceremony, certify_close, decrypt, seal};
use trustee::error::Error;
use trustee::follow::Follower;
use trustee::patience::Patience;
use trustee::screen::Screen;
use trustee::state::{Journal, RecordedEntry, joined};

pub use election::{Setup, answers};

/// A server in memory.
#[derive(Default)]
pub struct Server {
    pub election: Election,
    pub entries: Vec<Vec<u8>>,
    /// Everything that was sent, taken or not.
    pub received: Vec<Vec<u8>>,
    /// Does not answer that many times.
    pub silent_for: usize,
    /// Answers that many times, and then no more.
    pub answers_left: Option<usize>,
    /// Gives receipts for entries that it does not add.
    pub swallows: bool,
    /// Acknowledges wrongly.
    pub lies: bool,
}

/// To all that is asked.
pub const AGREED: Agreement = Agreement {
    to_certify: true,
    to_early_close: true,
    never_certified: false,
};

/// To open the totals.
pub const TO_OPEN: decrypt::Agreement = decrypt::Agreement {
    to_open: true,
    never_certified: false,
};

impl Server {
    pub fn add(&mut self, entry: &[u8]) -> Result<(), ClientError> {
        if self.entries.iter().any(|known| known == entry) {
            return Ok(());
        }
        match self.election.apply(entry, &mut SysRng) {
            Ok(_) => {
                self.entries.push(entry.to_vec());
                Ok(())
            }
            Err(refusal) => Err(ClientError::Refused {
                status: 409,
                code: refusal.code().to_owned(),
                detail: refusal.to_string(),
            }),
        }
    }
}

/// One party's way to a server; a hostile one is made by changing the server's entries.
#[derive(Clone)]
pub struct FakeBoard {
    server: Arc<Mutex<Server>>,
    entries: Vec<Vec<u8>>,
}

impl FakeBoard {
    /// A server that holds these entries.
    pub fn holding(entries: &[Vec<u8>]) -> Self {
        let board = Self {
            server: Arc::default(),
            entries: Vec::new(),
        };
        entries
            .iter()
            .for_each(|entry| board.server().add(entry).unwrap());
        board
    }

    pub fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }
}

impl BoardAccess for FakeBoard {
    fn url(&self) -> &str {
        "memory:"
    }

    fn update(&mut self, _: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError> {
        let mut server = self.server.lock().unwrap();
        if server.silent_for > 0 {
            server.silent_for -= 1;
            return Err(ClientError::Unreachable {
                url: "memory:".to_owned(),
                reason: "silence".to_owned(),
            });
        }
        match &mut server.answers_left {
            Some(0) => {
                return Err(ClientError::Unreachable {
                    url: "memory:".to_owned(),
                    reason: "silence".to_owned(),
                });
            }
            Some(left) => *left -= 1,
            None => {}
        }
        self.entries = server.entries.clone();
        Ok(())
    }

    fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    fn post(&mut self, entry: &RecordedEntry) -> Result<Receipt, ClientError> {
        let mut server = self.server.lock().unwrap();
        let entry = entry.bytes();
        server.received.push(entry.to_vec());
        if server.lies {
            return Err(ClientError::Lying {
                url: "memory:".to_owned(),
                what: "no receipt".to_owned(),
            });
        }
        if !server.swallows {
            server.add(entry)?;
        }
        let index = server.entries.iter().position(|known| known == entry);
        let index = index.unwrap_or(server.entries.len()) as u64;
        let scope = Envelope::decode(entry).unwrap().scope;
        let note = "a signed note".to_owned();
        Ok(Receipt::new(&scope, &leaf_hash(entry), index, &[], note))
    }

    fn confirm(&self, receipt: &Receipt, entry: &RecordedEntry) -> Result<(), String> {
        match self.entries.get(receipt.index as usize) {
            Some(shown) if shown == entry.bytes() => Ok(()),
            _ => Err(format!("entry {} is missing", receipt.index)),
        }
    }

    fn keep_in(&mut self, _: &Path) {}

    fn save(&self) -> Result<(), ClientError> {
        Ok(())
    }

    fn save_evidence(&self, folder: &Path) -> Result<(), ClientError> {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("entries"), self.entries.concat()).unwrap();
        Ok(())
    }
}

/// Remembers what was said.
#[derive(Default)]
pub struct Memory {
    pub lines: Vec<String>,
    pub answer: Option<bool>,
}

impl Memory {
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

impl Screen for Memory {
    fn say(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn wait(&mut self, what: &str) {
        self.lines.push(what.to_owned());
    }

    fn progress(&mut self, _: &str, _: u64, _: u64) {}

    fn ask(&mut self, question: &str) -> Option<bool> {
        self.lines.push(question.to_owned());
        self.answer
    }
}

/// A trustee: a seed and a folder.
pub struct Person<'a> {
    pub seed: &'a TrusteeSeed,
    pub folder: PathBuf,
}

/// Looks often, gives up soon.
pub fn patience() -> Patience {
    Patience::new(Duration::from_millis(2), Some(Duration::from_secs(20)))
}

/// Gives up almost at once.
pub fn impatience() -> Patience {
    Patience::new(Duration::from_millis(1), Some(Duration::from_millis(30)))
}

impl<'a> Person<'a> {
    pub fn new(setup: &'a Setup, trustee: usize, folder: &Path) -> Self {
        Self {
            seed: &setup.seeds[trustee - 1],
            folder: folder.join(format!("trustee-{trustee}")),
        }
    }

    pub fn join(&self, board: &FakeBoard) -> Result<Follower<FakeBoard>, Error> {
        self.join_saying(board, &mut Memory::default())
    }

    pub fn join_saying(
        &self,
        board: &FakeBoard,
        screen: &mut Memory,
    ) -> Result<Follower<FakeBoard>, Error> {
        let board = board.clone();
        join::run(
            &self.folder,
            self.seed,
            false,
            board,
            Consent::Given,
            &Patience::none(),
            screen,
        )
    }

    /// Joins as a restored trustee at a server that answers only so often.
    pub fn restore_with_silence_after(
        &self,
        board: &FakeBoard,
        answers: usize,
    ) -> Result<Follower<FakeBoard>, Error> {
        board.server().answers_left = Some(answers);
        let restored = join::run(
            &self.folder,
            self.seed,
            true,
            board.clone(),
            Consent::Given,
            &Patience::none(),
            &mut Memory::default(),
        );
        board.server().answers_left = None;
        restored
    }

    /// Starts the program again, with what is on the disk.
    pub fn follow(&self, board: &FakeBoard) -> Follower<FakeBoard> {
        let pin = joined(&self.folder).0.remove(0);
        let journal = Journal::open(&self.folder, &pin.uuid).unwrap();
        Follower::new(journal, board.clone())
    }

    pub fn ceremony(&self, board: &FakeBoard, screen: &mut Memory) -> Result<(), Error> {
        ceremony::run(&mut self.follow(board), self.seed, &patience(), 3, screen)
    }

    pub fn certify(&self, board: &FakeBoard) -> Result<(), Error> {
        let mut screen = Memory::default();
        certify_close::run(
            &mut self.follow(board),
            self.seed,
            &Patience::none(),
            AGREED,
            &mut screen,
        )
    }

    pub fn decrypt(&self, board: &FakeBoard) -> Result<(), Error> {
        let mut screen = Memory::default();
        decrypt::run(
            &mut self.follow(board),
            self.seed,
            &Patience::none(),
            TO_OPEN,
            &mut screen,
        )
    }

    pub fn seal(&self, board: &FakeBoard) -> Result<(), Error> {
        let agreement = seal::Agreement {
            to_seal: true,
            never_sealed: false,
        };
        seal::run(
            &mut self.follow(board),
            self.seed,
            &Patience::none(),
            agreement,
            &mut Memory::default(),
        )
    }

    /// The journal without some of its lines, as if they had never been written.
    pub fn forget(&self, what: &str) {
        let path = self.election_folder().join("journal");
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: String = text
            .split_inclusive('\n')
            .filter(|line| !line.contains(what))
            .collect();
        assert_ne!(kept, text, "the journal has no {what}");
        std::fs::write(&path, kept).unwrap();
    }

    /// Forgets what the board showed and promised, but not what was signed.
    pub fn forget_the_board(&self) {
        self.forget("\"verified\"");
        let _ = std::fs::remove_dir_all(self.election_folder().join("receipts"));
    }

    /// The folder of the only election.
    pub fn election_folder(&self) -> PathBuf {
        let pin = joined(&self.folder).0.remove(0);
        self.folder.join(pin.uuid)
    }
}

/// A board with manifest and roll.
pub fn new_board(setup: &Setup) -> FakeBoard {
    board_of(setup, &setup.manifest)
}

/// A board with this manifest, and the roll.
pub fn board_of(setup: &Setup, manifest: &str) -> FakeBoard {
    let organiser = setup.organiser();
    let entry = organiser
        .manifest(manifest.as_bytes(), &mut SysRng)
        .unwrap();
    let board = FakeBoard::holding(&[entry]);
    let parsed = protocol::manifest::ElectionManifest::parse(manifest.as_bytes()).unwrap();
    for entry in organiser
        .roll(&parsed, 0, &setup.lines, &mut SysRng)
        .unwrap()
    {
        board.server().add(&entry).unwrap();
    }
    board
}

/// A board whose ceremony is done and which is open, all trustees having used their programs.
pub fn opened(setup: &Setup, people: &[Person<'_>]) -> FakeBoard {
    let board = new_board(setup);
    for person in people {
        person.join(&board).unwrap();
    }
    ceremony_of_all(people, &board);
    let entry = setup
        .organiser()
        .open(&board.server().election, &[0; 32], &mut SysRng)
        .unwrap();
    board.server().add(&entry).unwrap();
    board
}

/// Everybody's ceremony at the same time; gives what each one read.
pub fn ceremony_of_all(people: &[Person<'_>], board: &FakeBoard) -> Vec<String> {
    std::thread::scope(|scope| {
        let running: Vec<_> = people
            .iter()
            .map(|person| {
                scope.spawn(|| {
                    let mut screen = Memory::default();
                    let done = person.ceremony(board, &mut screen);
                    done.unwrap_or_else(|error| panic!("{error}\n{}", screen.text()));
                    screen.text()
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Casts a ballot of one voter.
pub fn vote(setup: &Setup, board: &FakeBoard, voter: usize, values: &[&[u32]]) {
    cast(setup, board, voter, answers(values, false));
}

/// Casts a ballot of one voter with these answers.
pub fn cast(setup: &Setup, board: &FakeBoard, voter: usize, answers: Vec<Answer>) {
    let mut server = board.server();
    let record = server
        .election
        .voter(setup.credentials[voter].public())
        .unwrap()
        .clone();
    let voting = server.election.voting().unwrap().clone();
    let sealed = setup.seal(
        &voting,
        voter,
        record.style,
        record.counter + 1,
        record.previous,
        answers,
    );
    let entry = sealed.cast(&setup.credentials[voter], &mut SysRng).unwrap();
    server.add(&entry).unwrap();
}

/// Closes the election.
pub fn close(setup: &Setup, board: &FakeBoard) {
    let entry = setup
        .organiser()
        .close(&board.server().election, &mut SysRng)
        .unwrap();
    board.server().add(&entry).unwrap();
}

/// Publishes the result.
pub fn publish(setup: &Setup, board: &FakeBoard) {
    let mut server = board.server();
    let entry = setup.organiser().result(&server.election, &mut SysRng);
    server.add(&entry.unwrap()).unwrap();
}

/// A trustee's certification of the close that this very board has, made by no program of ours.
pub fn dishonest_certification(setup: &Setup, board: &FakeBoard, trustee: u16) {
    let key = setup.seeds[usize::from(trustee) - 1].signing_key().unwrap();
    let maker = protocol::election::EntryMaker { key: &key };
    let entry = maker
        .certify_close(&board.server().election, trustee, &mut SysRng)
        .unwrap();
    board.server().add(&entry).unwrap();
}

/// The uuid of a setup's manifest.
pub fn uuid(setup: &Setup) -> [u8; 16] {
    let at = setup.manifest.find("\"uuid\":\"").unwrap() + 8;
    decode_hex(&setup.manifest[at..at + 32]).unwrap()
}
