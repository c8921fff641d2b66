//! What a test record is made from: a plan, with a hook that can spoil any entry.

use crate::{
    ballots::{Answer, Cast, Lie},
    board,
    ceremony::Dealer,
    dice::Key,
    maker::Maker,
};
use verifier::{entry::Kind, group::Scalar, record::MemoryRecord};

/// An entry before it is signed, and whether it is put on the board.
pub struct Draft {
    pub kind: Kind,
    /// The number of this entry among those of its kind, from 0.
    pub number: usize,
    pub unsigned: Vec<u8>,
    pub signer: Key,
    /// Bits that are flipped in the signature.
    pub spoil_signature: u8,
    /// Whether the order of the group is added to the signature's scalar.
    pub add_order: bool,
    pub omit: bool,
    pub twice: bool,
}

impl Draft {
    /// Where the body begins.
    pub fn body(&mut self) -> &mut [u8] {
        let start = match self.kind {
            Kind::Manifest | Kind::Roll | Kind::Open | Kind::Close | Kind::Result => 34,
            Kind::Ballot | Kind::Void => 66,
            _ => 36,
        };
        &mut self.unsigned[start..]
    }
}

/// Which log a witness cosigned to certify the close.
#[derive(Clone, Copy)]
pub enum Seen {
    /// The one that ends with the close.
    Close,
    /// All before its entry.
    Now,
    /// One that ends before the close.
    Earlier,
    /// One that has its own entry, too.
    Later,
    /// Another history of the size of the close.
    Other,
}

impl Seen {
    pub fn log(self, close: usize, own: usize, entries: &[Vec<u8>]) -> (usize, [u8; 32]) {
        let (size, root) = match self {
            Self::Close => (close + 1, None),
            Self::Now => (own, None),
            Self::Earlier => (close, None),
            Self::Later => (own + 1, Some([7; 32])),
            Self::Other => (close + 1, Some([7; 32])),
        };
        (size, root.unwrap_or_else(|| board::root(&entries[..size])))
    }
}

/// A witness-close.
#[derive(Clone, Copy)]
pub struct Witnessing {
    pub witness: u16,
    pub what: Seen,
    /// Whether a bit of the signature is flipped.
    pub spoil: bool,
}

/// The first `n` witnesses certify the close: the first as it is, others what they see then.
pub fn witnessing(n: u16) -> Vec<Witnessing> {
    let one = |witness| Witnessing {
        witness,
        what: if witness == 1 { Seen::Close } else { Seen::Now },
        spoil: false,
    };
    (1..=n).map(one).collect()
}

/// Closed cells: contests, and positions within them.
pub type Closed = Vec<(usize, Vec<usize>)>;

type Hook = Box<dyn FnMut(&mut Draft)>;
type Casting = Box<dyn FnMut(usize, &mut Cast<'_>)>;

/// How an attempt at the key ceremony ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All certify.
    Keys,
    /// Trustee 2 complains about dealer 1, whose share is wrong.
    JustComplaint,
    /// Trustee 2 complains about dealer 1, whose share is right.
    FalseComplaint,
    /// Trustee 2 abandons it after all committed.
    Abandoned,
}

/// What a record is made from.
pub struct Plan {
    pub manifest: String,
    /// Style, weight and answers, ballot after ballot, of each voter.
    pub voters: Vec<(u16, u32, Vec<Vec<Answer>>)>,
    pub hook: Hook,
    /// How many attempts at the ceremony are begun and abandoned before all others.
    pub abandoned: u16,
    /// How the first attempt at the ceremony ends, if not with keys.
    pub first_attempt: End,
    /// The lie of the first ballot.
    pub lie: Lie,
    /// This many voters void something before their first ballot.
    pub voids: usize,
    /// How many ballots each of them voids.
    pub voids_each: usize,
    pub certifiers: usize,
    pub sharers: usize,
    /// Trustees that post previews.
    pub previews: Vec<u16>,
    /// The closed cells of contests, by their positions.
    pub closed: Closed,
    /// Changes the cells that a trustee closes.
    pub closed_by: fn(u16, &mut Closed),
    /// Changes a ballot of a voter before it is sealed.
    pub casting: Casting,
    /// Whole entries that are put on the board before an entry of a kind with a number.
    pub insert: Vec<(Kind, usize, Vec<u8>)>,
    /// Whether the roll comes after the key ceremony.
    pub late_roll: bool,
    /// This many of the last voters are not on the roll.
    pub unlisted: usize,
    /// A voter whose ballots the trustees leave out of the tally.
    pub left_out: Option<usize>,
    /// Added to the first decryption share of the first trustee, with a proof of the true one.
    pub share_error: Scalar,
    /// Whether the last trustee leaves the shares out of its challenges, and solves the first one
    /// of each contest afterwards.
    pub unhashed_share: bool,
    /// Changes the dealers of the attempt that completes.
    pub dealers: fn(&mut Vec<Dealer>),
    /// Witnesses that certify the close.
    pub witnessing: Vec<Witnessing>,
    /// Trustees that post their beacon before the shares.
    pub beacons: Vec<u16>,
    /// Trustees that post it after the result.
    pub late_beacons: Vec<u16>,
    /// Trustees that seal the result.
    pub seals: Vec<u16>,
    /// May change what a trustee signs jointly; gives whose share signs it.
    pub joint_message: fn(Kind, u16, &mut Vec<u8>) -> u16,
    /// Witnesses that cosign the checkpoint of the record.
    pub cosigners: Vec<u16>,
}

pub const UUID: &str = "00112233445566778899aabbccddeeff";
pub const ORIGIN: &str = "vote.example/e/00112233445566778899aabbccddeeff";

pub fn trustee_key(index: u16) -> Key {
    Key::new(format!("trustee {index}"))
}

pub fn organiser_key() -> Key {
    Key::new("organiser")
}

/// The manifest of most tests: 3 trustees of whom 2 decrypt, 2 issuers, 2 styles, 2 contests.
pub fn manifest_text() -> String {
    let trustee = |index| {
        let key = hex::encode(trustee_key(index).public);
        format!(r#"{{"name":"Trustee {index}","key":"{key}"}}"#)
    };
    let organiser = hex::encode(organiser_key().public);
    let board = hex::encode(board::board_key().verifying_key().to_bytes());
    format!(
        r#"{{"psephos":3,"uuid":"{UUID}","language":"en",
        "title":{{"en":"Club election","pl":"Wybory klubu"}},
        "organiser":{{"name":"The club","key":"{organiser}"}},
        "issuers":[{{"name":"Secretary"}},{{"name":"Treasurer"}}],
        "trustees":[{},{},{}],"threshold":2,"close_quorum":3,
        "board":{{"origin":"{ORIGIN}","key":"{board}"}},
        "opens":"2026-11-01T08:00:00Z","closes":"2026-11-08T20:00:00Z",
        "styles":[{{"id":"all","contests":["board","budget"]}},{{"id":"guest","contests":["board"]}}],
        "contests":[
          {{"id":"board","kind":"choices","title":{{"en":"Board"}},"min":1,"max":2,"blank":true,
            "options":[{{"id":"a","label":{{"en":"Ada"}}}},{{"id":"b","label":{{"en":"Bo"}}}},
                       {{"id":"c","label":{{"en":"Cy"}}}}]}},
          {{"id":"budget","kind":"points","title":{{"en":"Budget"}},"min":0,"max":4,
            "max_per_option":3,"blank":false,
            "options":[{{"id":"x","label":{{"en":"Roof"}}}},{{"id":"y","label":{{"en":"Boat"}}}}]}}],
        "minimum_ballots":2}}"#,
        trustee(1),
        trustee(2),
        trustee(3)
    )
}

/// The same with three witnesses, of whom two make a checkpoint witnessed.
pub fn witnessed_manifest() -> String {
    let witness = |number| {
        let key = hex::encode(board::witness_key(number).verifying_key().to_bytes());
        format!(
            r#"{{"name":"{}","key":"{key}"}}"#,
            board::witness_name(number)
        )
    };
    manifest_text().replace(
        r#""close_quorum":3"#,
        &format!(
            r#""close_quorum":5,"witnesses":[{},{},{}],"witness_quorum":2"#,
            witness(1),
            witness(2),
            witness(3)
        ),
    )
}

impl Default for Plan {
    fn default() -> Self {
        let values = |values: &[u64]| Answer::Values(values.to_vec());
        let ab = values(&[1, 1, 0]);
        let voters = vec![
            (
                0,
                1,
                vec![
                    vec![values(&[0, 1, 1]), values(&[3, 1])],
                    vec![ab.clone(), values(&[0, 2])],
                ],
            ),
            (0, 2, vec![vec![Answer::Blank, values(&[3, 1])]]),
            (1, 3, vec![vec![values(&[0, 0, 1])]]),
            (1, 1, vec![vec![ab.clone()], vec![ab.clone()], vec![ab]]),
            (0, 7, vec![]),
        ];
        Self {
            manifest: manifest_text(),
            voters,
            hook: Box::new(|_| {}),
            abandoned: 0,
            first_attempt: End::Keys,
            lie: Lie::None,
            voids: 1,
            voids_each: 1,
            certifiers: 3,
            sharers: 3,
            previews: Vec::new(),
            closed: Vec::new(),
            closed_by: |_, _| {},
            casting: Box::new(|_, _| {}),
            insert: Vec::new(),
            late_roll: false,
            unlisted: 0,
            left_out: None,
            share_error: Scalar::ZERO,
            unhashed_share: false,
            dealers: |_| {},
            witnessing: Vec::new(),
            beacons: Vec::new(),
            late_beacons: Vec::new(),
            seals: Vec::new(),
            joint_message: |_, trustee, _| trustee,
            cosigners: Vec::new(),
        }
    }
}

/// The totals that the ballots of the default plan give: (ballots, totals) by contest.
pub fn default_totals() -> Vec<(u32, Vec<u64>)> {
    // Ada 1 + 1, Bo 1 + 1, Cy 3, blank 2; Roof 2·3, Boat 2 + 2·1.
    vec![(4, vec![2, 2, 3, 2]), (2, vec![6, 4])]
}

/// What a finished record consists of.
#[derive(Default)]
pub struct Made {
    pub entries: Vec<Vec<u8>>,
    /// Witnesses that cosign the checkpoint.
    pub cosigners: Vec<u16>,
}

impl Made {
    pub fn record(&self) -> MemoryRecord {
        let mut record = board::record(ORIGIN, &self.entries);
        let (size, root) = (self.entries.len(), board::root(&self.entries));
        let mut note = board::checkpoint(ORIGIN, size, &root);
        for witness in &self.cosigners {
            note += &board::cosignature(*witness, ORIGIN, size, &root);
        }
        record.insert("checkpoint", note.into_bytes());
        record
    }
}

impl Plan {
    pub fn make(self) -> Made {
        Made {
            cosigners: self.cosigners.clone(),
            entries: Maker::new(self).run(),
        }
    }
}
