//! Everybody else in an election: organiser, trustees, voters. Entries are made by `protocol` from
//! a fold that is kept beside the server's.

use getrandom::SysRng;
use protocol::ballot::{Answer, ChallengedBallot, PlaintextBallot, SealedBallot};
use protocol::credential::{Code, RollVoter, combine};
use protocol::election::{Election, EntryMaker, Voting};
use protocol::encoding::encode_hex;
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::key_ceremony::{Step, TrusteeSeed, next_step};
use protocol::manifest::ElectionManifest;
use protocol::proofs::ballot::BallotContext;
use protocol::signature::SigningKey;
use protocol::tally::Pattern;
use protocol::transcript::Digest;
use serde_json::{Value, json};

use crate::host::{Http, Reply};

/// Keys of every party, and the manifest.
pub struct Parties {
    pub manifest: String,
    pub uuid: String,
    pub organiser: SigningKey,
    pub seeds: Vec<TrusteeSeed>,
    pub voters: Vec<SigningKey>,
    /// On no roll.
    pub stranger: SigningKey,
    roll: Vec<RollVoter>,
}

/// An election on a server, with the fold of what was posted.
pub struct Posted<'a, H> {
    pub http: &'a H,
    pub parties: &'a Parties,
    pub fold: Election,
}

/// An entry's parts with a new signature.
pub fn signed_anew(
    kind: Kind,
    scope: &Digest,
    author: Author,
    body: &[u8],
    key: &SigningKey,
) -> Vec<u8> {
    sign_entry(unsigned_entry(kind, scope, &author, body), key, &mut SysRng).unwrap()
}

fn seed() -> TrusteeSeed {
    TrusteeSeed::draw(&mut SysRng).unwrap()
}

impl Parties {
    /// Three trustees of whom two decrypt, `n_voters` voters, one question of `n_options` options
    /// of which one is chosen. Voting is open from 2020 to 2098.
    pub fn new(http: &impl Http, n_voters: usize, n_options: usize) -> Self {
        let board = http.get("/board").expect(200).json();
        let origin = |uuid: &str| format!("{}/{uuid}", board["origin_prefix"].as_str().unwrap());
        Self::for_board(n_voters, n_options, origin, board["key"].as_str().unwrap())
    }

    /// The same, but any number of options may be chosen.
    pub fn approving(http: &impl Http, n_voters: usize, n_options: usize) -> Self {
        let parties = Self::new(http, n_voters, n_options);
        let mut manifest: Value = serde_json::from_str(&parties.manifest).unwrap();
        manifest["contests"][0]["min"] = 0.into();
        manifest["contests"][0]["max"] = n_options.into();
        Self {
            manifest: manifest.to_string(),
            ..parties
        }
    }

    pub fn for_board(
        n_voters: usize,
        n_options: usize,
        origin: impl Fn(&str) -> String,
        board_key: &str,
    ) -> Self {
        let mut uuid = [0; 16];
        getrandom::fill(&mut uuid).unwrap();
        let name = encode_hex(&uuid);
        let organiser = seed().signing_key().unwrap();
        let seeds: Vec<_> = (0..3).map(|_| seed()).collect();
        let hex = |key: &SigningKey| encode_hex(key.public().as_bytes());
        let trustees: Vec<_> = seeds
            .iter()
            .enumerate()
            .map(|(i, seed)| json!({ "name": format!("T{i}"), "key": hex(&seed.signing_key().unwrap()) }))
            .collect();
        let option =
            |i: usize| json!({ "id": format!("o{i}"), "label": { "en": format!("Option {i}") } });
        let manifest = json!({
            "psephos": 3, "uuid": name, "language": "en", "title": { "en": "Test" },
            "organiser": { "name": "Club", "key": hex(&organiser) },
            "issuers": [{ "name": "Registrar" }], "trustees": trustees,
            "threshold": 2, "close_quorum": 3,
            "board": { "origin": origin(&name), "key": board_key },
            "opens": "2020-01-01T00:00:00Z", "closes": "2099-01-01T00:00:00Z",
            "styles": [{ "id": "all", "contests": ["c"] }],
            "contests": [{
                "id": "c", "kind": "choices", "title": { "en": "Who?" },
                "options": (0..n_options).map(option).collect::<Vec<_>>(),
                "min": 1, "max": 1, "blank": false,
            }],
            "minimum_ballots": 1,
        });
        let codes: Vec<_> = (0..=n_voters)
            .map(|_| Code::draw(&mut SysRng).unwrap())
            .collect();
        let part = |code: &Code| code.part(&uuid, 0).public(&mut SysRng).unwrap().unwrap();
        let line = |code| RollVoter {
            style: 0,
            weight: 1,
            parts: vec![part(code)],
        };
        let roll = codes.iter().take(n_voters).map(line).collect();
        let mut voters: Vec<_> = codes
            .iter()
            .map(|code| combine(&[code.part(&uuid, 0)]).unwrap())
            .collect();
        let stranger = voters.pop().unwrap();
        Self {
            manifest: manifest.to_string(),
            uuid: name,
            organiser,
            seeds,
            voters,
            stranger,
            roll,
        }
    }

    pub fn organiser(&self) -> EntryMaker<'_> {
        EntryMaker {
            key: &self.organiser,
        }
    }

    pub fn manifest_entry(&self) -> Vec<u8> {
        self.organiser()
            .manifest(self.manifest.as_bytes(), &mut SysRng)
            .unwrap()
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/e/{}{rest}", self.uuid)
    }

    /// Creates the election on a server.
    pub fn create<'a, H: Http>(&'a self, http: &'a H) -> Posted<'a, H> {
        let entry = self.manifest_entry();
        http.post("/elections", &entry).expect(201);
        let mut fold = Election::new();
        fold.apply(&entry, &mut SysRng).unwrap();
        Posted {
            http,
            parties: self,
            fold,
        }
    }

    /// Creates the election and posts all entries up to its opening.
    pub fn open<'a, H: Http>(&'a self, http: &'a H) -> Posted<'a, H> {
        let mut posted = self.create(http);
        posted.post_roll();
        posted.hold_ceremony();
        let entry = self
            .organiser()
            .open(&posted.fold, &[0; 32], &mut SysRng)
            .unwrap();
        posted.post(&entry);
        posted
    }

    /// A sealed ballot for option 0 with these numbers, right or wrong.
    pub fn seal(
        &self,
        voting: &Voting,
        key: &SigningKey,
        counter: u32,
        previous: [u8; 32],
    ) -> SealedBallot {
        let mut values = vec![0; voting.manifest().contests[0].options.len()];
        values[0] = 1;
        self.seal_choices(voting, key, counter, previous, values)
    }

    /// A sealed ballot with these choices.
    pub fn seal_choices(
        &self,
        voting: &Voting,
        key: &SigningKey,
        counter: u32,
        previous: [u8; 32],
        values: Vec<u32>,
    ) -> SealedBallot {
        let context = BallotContext {
            credential: *key.public(),
            counter,
            previous,
        };
        let style = &voting.manifest().styles[0];
        let ballot = PlaintextBallot::new(
            voting.manifest(),
            style,
            vec![Answer {
                values,
                blank: false,
            }],
        )
        .unwrap();
        let statement = voting.style(0).unwrap();
        SealedBallot::seal(
            voting.election_id(),
            0,
            statement,
            &context,
            ballot,
            &mut SysRng,
        )
        .unwrap()
    }

    /// A ballot entry with these numbers, right or wrong.
    pub fn ballot(
        &self,
        voting: &Voting,
        key: &SigningKey,
        counter: u32,
        previous: [u8; 32],
    ) -> Vec<u8> {
        self.seal(voting, key, counter, previous)
            .cast(key, &mut SysRng)
            .unwrap()
    }
}

impl<H: Http> Posted<'_, H> {
    pub fn path(&self, rest: &str) -> String {
        self.parties.path(rest)
    }

    pub fn try_post(&self, entry: &[u8]) -> Reply {
        self.http.post(&self.path("/entries"), entry)
    }

    /// Posts an entry that must be accepted, and applies it to the fold.
    pub fn post(&mut self, entry: &[u8]) -> Reply {
        let reply = self.try_post(entry);
        reply.expect(201);
        self.fold.apply(entry, &mut SysRng).unwrap();
        reply
    }

    pub fn post_roll(&mut self) {
        let manifest = ElectionManifest::parse(self.parties.manifest.as_bytes()).unwrap();
        for entry in self
            .parties
            .organiser()
            .roll(&manifest, 0, &self.parties.roll, &mut SysRng)
            .unwrap()
        {
            self.post(&entry);
        }
    }

    pub fn hold_ceremony(&mut self) {
        for _ in 0..5 {
            for (trustee, seed) in (1..).zip(&self.parties.seeds) {
                match next_step(self.fold.ceremony().unwrap(), seed, trustee, &mut SysRng).unwrap()
                {
                    Step::Post { entry, .. } => self.post(&entry),
                    other => panic!("{other:?}"),
                };
            }
        }
    }

    pub fn voting(&self) -> &Voting {
        self.fold.voting().unwrap()
    }

    /// The next ballot of a voter.
    pub fn next_ballot(&self, voter: usize) -> Vec<u8> {
        let key = &self.parties.voters[voter];
        let record = self.fold.voter(key.public()).unwrap();
        self.parties
            .ballot(self.voting(), key, record.counter + 1, record.previous)
    }

    /// A void entry for a fresh ballot of a voter, and the ballot that may then no longer be cast.
    pub fn challenge(&self, voter: usize) -> (Vec<u8>, ChallengedBallot) {
        let key = &self.parties.voters[voter];
        let record = self.fold.voter(key.public()).unwrap();
        let sealed = self
            .parties
            .seal(self.voting(), key, record.counter + 1, record.previous);
        sealed.challenge(key, &mut SysRng).unwrap()
    }

    pub fn vote(&mut self, voter: usize) -> Reply {
        let entry = self.next_ballot(voter);
        self.post(&entry)
    }

    /// Posts everything from the close to the result.
    pub fn finish(&mut self) {
        let entry = self
            .parties
            .organiser()
            .close(&self.fold, &mut SysRng)
            .unwrap();
        self.post(&entry);
        self.finish_closed();
    }

    /// Posts everything from the certifications of the close to the result.
    pub fn finish_closed(&mut self) {
        for (trustee, seed) in (1..).zip(&self.parties.seeds) {
            let key = seed.signing_key().unwrap();
            let entry = EntryMaker { key: &key }
                .certify_close(&self.fold, trustee, &mut SysRng)
                .unwrap();
            self.post(&entry);
        }
        for (trustee, seed) in (1..).zip(&self.parties.seeds).take(2) {
            let key = seed.signing_key().unwrap();
            let entry = EntryMaker { key: &key }
                .shares(&self.fold, seed, trustee, &Pattern::default(), &mut SysRng)
                .unwrap();
            self.post(&entry);
        }
        let entry = self
            .parties
            .organiser()
            .result(&self.fold, &mut SysRng)
            .unwrap();
        self.post(&entry);
    }
}
