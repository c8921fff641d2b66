//! What a trustee's messages are about, as the journal and its refusals say it. Two messages in
//! one slot are the same promise if, and only if, these texts are equal.

use protocol::beacon::FinalState;
use protocol::election::{Close, Election};
use protocol::group::{Element, Point};
use protocol::tally::close_digest;
use protocol::transcript::{Digest, Transcript};

/// What a registration accepts; the journal holds which manifest that is.
pub const REGISTER: &str = "the manifest";

/// What a message of the ceremony belongs to.
pub fn attempt(attempt: u16) -> String {
    format!("attempt {attempt}")
}

/// A close: everything up to it hangs on its root.
pub fn close(close: &Close) -> String {
    format!("a board of {} entries with root {}", close.size, close.root)
}

/// A beacon: what it says follows from the ceremony and the election id.
pub fn beacon(election: &Digest) -> String {
    format!("the election {election}")
}

/// The board up to its result.
pub fn end(end: &FinalState) -> String {
    format!("a board of {} entries with root {}", end.size, end.root)
}

/// The sums that an election's board gives, once it is closed.
pub fn sums(election: &Election) -> Option<String> {
    Some(format!("the sums with digest {}", sums_digest(election)?))
}

/// The digest of the encrypted sums, of what they count, and of the close they belong to. It is
/// this program's own record and on no board.
pub fn sums_digest(election: &Election) -> Option<Digest> {
    let (id, close) = election.election_id().zip(election.close())?;
    let close = close_digest(&id, close.size, &close.root);
    let mut transcript = Transcript::new("trustee sums");
    transcript.append("election", id.as_bytes());
    transcript.append("close", close.as_bytes());
    for contest in election.encrypted_tally()?.contests() {
        transcript.append_u32("ballots", contest.ballots);
        transcript.append_u64("weight", contest.weight);
        append_point(&mut transcript, &contest.alpha);
        contest
            .beta
            .iter()
            .for_each(|beta| append_point(&mut transcript, beta));
    }
    Some(transcript.digest("sums"))
}

/// The identity is no [`Element`]; it goes in as no bytes.
fn append_point(transcript: &mut Transcript, point: &Point) {
    match Element::from_point(*point) {
        Some(element) => transcript.append("sum", element.as_bytes()),
        None => transcript.append("sum", &[]),
    }
}
