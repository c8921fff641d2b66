//! The problem documents for entries that are not accepted.

use protocol::election::Refusal;
use rocket::http::Status;

use crate::clock::in_words;
use crate::problem::Problem;

/// The problem of an entry that the fold refuses; its type ends in [`Refusal::code`].
pub fn refused(refusal: &Refusal) -> Problem {
    let (status, title) = class(refusal.code());
    Problem::new(
        status,
        refusal.code(),
        title,
        sentence(&refusal.to_string()),
    )
}

fn class(code: &str) -> (Status, &'static str) {
    match code {
        "entry-too-long" => (Status::PayloadTooLarge, "The entry is too long"),
        "malformed-entry" => (Status::BadRequest, "The entry is malformed"),
        "unknown-version" => (Status::BadRequest, "The entry is of an unknown version"),
        "unknown-kind" => (Status::BadRequest, "The entry is of an unknown kind"),
        "bad-signature" => (Status::Forbidden, "The signature does not hold"),
        "unknown-credential" => (Status::Forbidden, "The credential is not on the roll"),
        "unknown-trustee" => (Status::Forbidden, "There is no such trustee"),
        "wrong-phase" => (Status::Conflict, "The election is in another phase"),
        "wrong-round" => (Status::Conflict, "The key ceremony is in another round"),
        "wrong-attempt" => (Status::Conflict, "The key ceremony is in another attempt"),
        "repeated-entry" => (Status::Conflict, "There is such an entry already"),
        "roll-order" => (Status::Conflict, "The part of the roll is out of order"),
        "wrong-counter" => (Status::Conflict, "The ballot is not this voter's next"),
        "wrong-predecessor" => (
            Status::Conflict,
            "The ballot does not follow this voter's last",
        ),
        "repeated-ciphertext" => (
            Status::Conflict,
            "The encrypted ballot is on the board already",
        ),
        "no-attempt-left" => (Status::Conflict, "The key ceremony has no attempt left"),
        "too-many-entries" => (
            Status::Conflict,
            "This voter has as many entries as are taken",
        ),
        "nothing-to-preview" => (Status::Conflict, "There is no count to look at first"),
        "too-few-shares" => (Status::Conflict, "There are too few decryption shares"),
        "other-election" => (
            Status::UnprocessableEntity,
            "The entry belongs to another election",
        ),
        "bad-ballot-proof" => (
            Status::UnprocessableEntity,
            "The ballot's proof does not hold",
        ),
        "bad-manifest" => (Status::UnprocessableEntity, "The manifest is not valid"),
        "no-randomness" => (Status::ServiceUnavailable, "The server has no randomness"),
        _ => (
            Status::UnprocessableEntity,
            "The entry does not fit this election",
        ),
    }
}

/// 403: the election has not begun.
pub fn not_open_yet(opens: i64) -> Problem {
    let detail = format!(
        "Voting opens on {}; send the ballot again then.",
        in_words(opens)
    );
    Problem::new(
        Status::Forbidden,
        "not-open-yet",
        "Voting has not opened yet",
        detail,
    )
}

/// 403: the election is over.
pub fn voting_over(closes: i64) -> Problem {
    let detail = format!(
        "Voting closed on {}; ballots are no longer accepted.",
        in_words(closes)
    );
    Problem::new(
        Status::Forbidden,
        "voting-over",
        "Voting has closed",
        detail,
    )
}

/// 403: this organiser may not create elections here.
pub fn organiser_not_allowed() -> Problem {
    let detail = "This organiser may not create elections on this server; ask its operator to add the organiser's key.";
    Problem::new(
        Status::Forbidden,
        "organiser-not-allowed",
        "Not an organiser of this server",
        detail,
    )
}

/// 422: the manifest names another board.
pub fn other_board(what: &str, expected: &str) -> Problem {
    let detail =
        format!("The manifest's {what} must be {expected} on this server; correct the manifest.");
    Problem::new(
        Status::UnprocessableEntity,
        "other-board",
        "The manifest names another board",
        detail,
    )
}

/// 409: the uuid is taken.
pub fn election_exists() -> Problem {
    let detail = "There is another election with this uuid on this server; draw a new one.";
    Problem::new(
        Status::Conflict,
        "election-exists",
        "The uuid is taken",
        detail,
    )
}

/// The first letter in upper case, and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_become_sentences() {
        let problem = refused(&Refusal::Counter {
            expected: 2,
            found: 1,
        });
        assert_eq!(
            (problem.status, problem.code),
            (Status::Conflict, "wrong-counter")
        );
        assert_eq!(
            problem.detail,
            "This ballot has the number 1; this voter's next ballot has the number 2."
        );
    }
}
