//! A small election in one process: keys, roll, ceremony, ballots.
#![allow(
    dead_code,
    clippy::mod_module_files,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

use getrandom::SysRng;
use protocol::ballot::{Answer, PlaintextBallot, SealedBallot};
use protocol::credential::{Code, RollVoter, combine};
use protocol::election::{Election, EntryMaker, Refusal, Voting};
use protocol::encoding::encode_hex;
use protocol::key_ceremony::{Round, Step, TrusteeSeed, next_step};
use protocol::manifest::{CloseRule, ElectionManifest};
use protocol::proofs::ballot::BallotContext;
use protocol::signature::SigningKey;
use protocol::tally::Pattern;

/// Keys of every party and the manifest.
pub struct Setup {
    pub organiser: TrusteeSeed,
    pub seeds: Vec<TrusteeSeed>,
    pub credentials: Vec<SigningKey>,
    pub lines: Vec<RollVoter>,
    pub manifest: String,
    key: SigningKey,
}

/// A board and its entries.
pub struct Board {
    pub election: Election,
    pub entries: Vec<Vec<u8>>,
}

/// Answers by contest; `blank` is about the first contest.
pub fn answers(values: &[&[u32]], blank: bool) -> Vec<Answer> {
    values
        .iter()
        .enumerate()
        .map(|(i, values)| Answer {
            values: values.to_vec(),
            blank: blank && i == 0,
        })
        .collect()
}

/// So many options of a contest, as JSON.
fn options(n: usize) -> String {
    let option = |i: usize| format!(r#"{{"id":"o{i}","label":{{"en":"Option {i}"}}}}"#);
    (0..n).map(option).collect::<Vec<_>>().join(",")
}

/// Answers to [`Setup::survey`]: a place, years or blank, and three likes.
pub fn survey_answers(place: usize, years: Option<u32>, likes: [u32; 3]) -> Vec<Answer> {
    let plain = |values: Vec<u32>| Answer {
        values,
        blank: false,
    };
    vec![
        plain((0..3).map(|i| u32::from(i == place)).collect()),
        Answer {
            values: vec![years.unwrap_or(0)],
            blank: years.is_none(),
        },
        plain(likes.to_vec()),
    ]
}

impl Setup {
    pub fn new(trustees: u16, threshold: u16) -> Self {
        Self::with_minimum(trustees, threshold, 1)
    }

    /// Two contests (up to 2 of 4 with blank; points), two styles, five credentials of which four
    /// are on the roll: weights 1, 1, 3, 1; the fourth has the style with one contest only.
    pub fn with_minimum(trustees: u16, threshold: u16, minimum: u32) -> Self {
        let questions = format!(
            r#""styles":[{{"id":"all","contests":["c","p"]}},{{"id":"one","contests":["p"]}}],
            "contests":[
              {{"id":"c","kind":"choices","title":{{"en":"Who?"}},"options":[{four}],"min":1,"max":2,"blank":true}},
              {{"id":"p","kind":"points","title":{{"en":"How much?"}},"options":[{three}],"min":0,"max":5,"max_per_option":3,"blank":false}}],
            "minimum_ballots":{minimum}"#,
            four = options(4),
            three = options(3),
        );
        let mut setup = Self::asking(trustees, threshold, &questions, 5);
        setup.lines.truncate(4);
        setup.lines[2].weight = 3;
        setup.lines[3].style = 1;
        setup
    }

    /// A manifest that asks these questions (its members from `styles` on), and so many voters of
    /// the first style with weight 1.
    pub fn asking(trustees: u16, threshold: u16, questions: &str, voters: usize) -> Self {
        let seed = || TrusteeSeed::draw(&mut SysRng).unwrap();
        let organiser = seed();
        let seeds: Vec<_> = (0..trustees).map(|_| seed()).collect();
        let key = organiser.signing_key().unwrap();
        let mut uuid = [0; 16];
        getrandom::fill(&mut uuid).unwrap();
        let hex = |seed: &TrusteeSeed| encode_hex(seed.signing_key().unwrap().public().as_bytes());
        let roster: Vec<String> = seeds
            .iter()
            .enumerate()
            .map(|(i, seed)| format!(r#"{{"name":"T{}","key":"{}"}}"#, i + 1, hex(seed)))
            .collect();
        let manifest = format!(
            r#"{{"psephos":3,"uuid":"{uuid}","language":"en","title":{{"en":"Test"}},
            "organiser":{{"name":"Club","key":"{organiser}"}},"issuers":[{{"name":"Registrar"}}],"trustees":[{roster}],
            "threshold":{threshold},"close_quorum":{quorum},
            "board":{{"origin":"localhost/e/{uuid}","key":"{board}"}},
            "opens":"2026-01-01T00:00:00Z","closes":"2027-01-01T00:00:00Z",
            {questions}}}"#,
            uuid = encode_hex(&uuid),
            organiser = hex(&organiser),
            roster = roster.join(","),
            quorum = CloseRule::of_trustees(trustees, threshold).least_quorum(),
            board = "11".repeat(32),
        );
        let codes = (0..voters).map(|_| Code::draw(&mut SysRng).unwrap());
        let codes: Vec<Code> = codes.collect();
        let lines = codes.iter().map(|code| RollVoter {
            style: 0,
            weight: 1,
            parts: vec![code.part(&uuid, 0).public(&mut SysRng).unwrap().unwrap()],
        });
        let lines = lines.collect();
        let credentials = codes
            .iter()
            .map(|code| combine(&[code.part(&uuid, 0)]).unwrap())
            .collect();
        Self {
            organiser,
            seeds,
            credentials,
            lines,
            manifest,
            key,
        }
    }

    /// A survey in which counts below 3 stay closed: where one works (three places), for how many
    /// years (0 to 9 in three buckets, or blank; with its spread), the table of both, and what of
    /// three things one likes. Trustees and voters as asked for.
    pub fn survey(trustees: u16, threshold: u16, voters: usize) -> Self {
        let questions = format!(
            r#""styles":[{{"id":"all","contests":["place","years","both","likes"]}}],
            "contests":[
              {{"id":"place","kind":"choices","title":{{"en":"Where?"}},"options":[{three}],"min":1,"max":1,"blank":false}},
              {{"id":"years","kind":"number","title":{{"en":"How long?"}},"lo":0,"hi":9,"decimals":0,"blank":true,"spread":true,"buckets":[0,2,5]}},
              {{"id":"both","kind":"table","title":{{"en":"Both"}},"of":["place","years"]}},
              {{"id":"likes","kind":"choices","title":{{"en":"What?"}},"options":[{three}],"min":0,"max":3,"blank":false}}],
            "minimum_ballots":3,"minimum_cell":3"#,
            three = options(3),
        );
        Self::asking(trustees, threshold, &questions, voters)
    }

    pub fn trustee_key(&self, trustee: u16) -> SigningKey {
        self.seeds[usize::from(trustee) - 1].signing_key().unwrap()
    }

    pub fn organiser(&self) -> EntryMaker<'_> {
        EntryMaker { key: &self.key }
    }

    /// A board with manifest, roll and all trustees registered.
    pub fn registered(&self) -> Board {
        let mut board = Board {
            election: Election::new(),
            entries: Vec::new(),
        };
        let entry = self
            .organiser()
            .manifest(self.manifest.as_bytes(), &mut SysRng)
            .unwrap();
        board.admit(&entry);
        let manifest = ElectionManifest::parse(self.manifest.as_bytes()).unwrap();
        for entry in self
            .organiser()
            .roll(&manifest, 0, &self.lines, &mut SysRng)
            .unwrap()
        {
            board.admit(&entry);
        }
        board.rounds(self, &[Round::Register]);
        board
    }

    /// A board that is open for ballots.
    pub fn opened(&self) -> Board {
        let mut board = self.registered();
        board.rounds(
            self,
            &[Round::Commit, Round::Reveal, Round::Deal, Round::Certify],
        );
        let entry = self
            .organiser()
            .open(&board.election, &[0; 32], &mut SysRng)
            .unwrap();
        board.admit(&entry);
        board
    }

    pub fn seal(
        &self,
        voting: &Voting,
        voter: usize,
        style: u16,
        counter: u32,
        previous: [u8; 32],
        answers: Vec<Answer>,
    ) -> SealedBallot {
        let context = BallotContext {
            credential: *self.credentials[voter].public(),
            counter,
            previous,
        };
        let rules = &voting.manifest().styles[usize::from(style)];
        let ballot = PlaintextBallot::new(voting.manifest(), rules, answers).unwrap();
        SealedBallot::seal(
            voting.election_id(),
            style,
            voting.style(style).unwrap(),
            &context,
            ballot,
            &mut SysRng,
        )
        .unwrap()
    }
}

impl Board {
    pub fn admit(&mut self, entry: &[u8]) {
        self.election.apply(entry, &mut SysRng).unwrap();
        self.entries.push(entry.to_vec());
    }

    /// Why an entry is refused; the state must not change.
    pub fn refusal(&mut self, entry: &[u8]) -> Refusal {
        let (size, root) = (self.election.size(), self.election.root());
        let refusal = self.election.apply(entry, &mut SysRng).unwrap_err();
        assert_eq!((self.election.size(), self.election.root()), (size, root));
        refusal
    }

    /// Lets every trustee give its message of each of these rounds.
    pub fn rounds(&mut self, setup: &Setup, rounds: &[Round]) {
        for round in rounds {
            assert_eq!(self.election.ceremony().unwrap().round(), *round);
            for (trustee, seed) in (1u16..).zip(&setup.seeds) {
                match next_step(
                    self.election.ceremony().unwrap(),
                    seed,
                    trustee,
                    &mut SysRng,
                )
                .unwrap()
                {
                    Step::Post { entry, .. } => self.admit(&entry),
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    /// Casts a ballot with the voter's next counter; returns the entry.
    pub fn vote(&mut self, setup: &Setup, voter: usize, answers: Vec<Answer>) -> Vec<u8> {
        let record = self
            .election
            .voter(setup.credentials[voter].public())
            .unwrap()
            .clone();
        let sealed = setup.seal(
            &self.election.voting().unwrap().clone(),
            voter,
            record.style,
            record.counter + 1,
            record.previous,
            answers,
        );
        let entry = sealed.cast(&setup.credentials[voter], &mut SysRng).unwrap();
        self.admit(&entry);
        entry
    }

    pub fn close_and_certify(&mut self, setup: &Setup, trustees: &[u16]) {
        let entry = setup
            .organiser()
            .close(&self.election, &mut SysRng)
            .unwrap();
        self.admit(&entry);
        for trustee in trustees {
            let key = setup.seeds[usize::from(*trustee) - 1]
                .signing_key()
                .unwrap();
            let entry = EntryMaker { key: &key }
                .certify_close(&self.election, *trustee, &mut SysRng)
                .unwrap();
            self.admit(&entry);
        }
    }

    /// Lets these trustees give previews of guarded counts.
    pub fn preview(&mut self, setup: &Setup, trustees: &[u16]) {
        for trustee in trustees {
            let seed = &setup.seeds[usize::from(*trustee) - 1];
            let key = setup.trustee_key(*trustee);
            let entry = EntryMaker { key: &key }
                .preview(&self.election, seed, *trustee, &mut SysRng)
                .unwrap();
            self.admit(&entry);
        }
    }

    /// The cells that a trustee closes.
    pub fn pattern(&self, setup: &Setup, trustee: u16) -> Pattern {
        if self.election.cells().unwrap().n_cells() == 0 {
            return Pattern::default();
        }
        let seed = &setup.seeds[usize::from(trustee) - 1];
        let previewed = self.election.open_previews(seed, trustee).unwrap();
        previewed.pattern(&self.election).unwrap()
    }

    /// The shares with which a trustee closes these cells.
    pub fn shares(&self, setup: &Setup, trustee: u16, closed: &Pattern) -> Vec<u8> {
        let seed = &setup.seeds[usize::from(trustee) - 1];
        let key = setup.trustee_key(trustee);
        EntryMaker { key: &key }
            .shares(&self.election, seed, trustee, closed, &mut SysRng)
            .unwrap()
    }

    pub fn decrypt(&mut self, setup: &Setup, trustees: &[u16]) {
        for trustee in trustees {
            let closed = self.pattern(setup, *trustee);
            let entry = self.shares(setup, *trustee, &closed);
            self.admit(&entry);
        }
    }

    pub fn publish(&mut self, setup: &Setup) {
        let entry = setup
            .organiser()
            .result(&self.election, &mut SysRng)
            .unwrap();
        self.admit(&entry);
    }
}
