//! Envelopes, encodings and places of entries.

use super::*;
use crate::{
    election::{organiser_key, trustee_key},
    maker::{add_order, voter_key},
};

/// The order and the identity are the same bytes in every field; these are an odd, so negative,
/// field element.
const NOT_CANONICAL: [u8; 32] = [255; 32];

/// A ballot with 32 bytes replaced, before the right one of the same voter.
fn ballot_with(at: usize, change: impl Fn(&mut [u8]) + 'static) -> impl Fn() -> Made + 'static {
    move || {
        let ballot = resigned(Kind::Ballot, 0, &voter_key(0, 2), |unsigned| {
            change(&mut unsigned[at..at + 32]);
        });
        inserted(ballot, Kind::Ballot, 0)
    }
}

/// An entry of the sound record once more, before another.
fn again(kind: Kind, number: usize, before: (Kind, usize)) -> impl Fn() -> Made + 'static {
    move || inserted(entry(kind, number), before.0, before.1)
}

pub fn all() -> Vec<Forgery> {
    let mut all = decoding();
    all.extend(envelopes());
    all.extend(places());
    all
}

fn decoding() -> Vec<Forgery> {
    let fill = |bytes: [u8; 32]| move |field: &mut [u8]| field.copy_from_slice(&bytes);
    // Style, counter, previous, then alpha, six beta, six commitments, the responses.
    let (alpha, beta, commitment, response) = (104, 136, 328, 520);
    vec![
        Forgery::of(
            ("version-1", "entries.version"),
            ("An entry says that it is of version 1.", "A72"),
            || spoiled(Kind::Void, 0, |draft| draft.unsigned[0] = 1),
        ),
        Forgery::of(
            ("version-0", "entries.version"),
            ("An entry says that it is of version 0.", "A72"),
            || spoiled(Kind::Void, 0, |draft| draft.unsigned[0] = 0),
        ),
        Forgery::of(
            ("unknown-kind", "entries.kind"),
            ("An entry is of kind 21, which does not exist.", "A73"),
            || spoiled(Kind::Void, 0, |draft| draft.unsigned[1] = 21),
        ),
        Forgery::of(
            ("short-entry", "entries.length"),
            ("A void lacks its last byte.", "A06"),
            || {
                spoiled(Kind::Void, 0, |draft| {
                    draft.unsigned.pop();
                })
            },
        ),
        Forgery::of(
            ("long-entry", "entries.length"),
            ("A void has a byte too many.", "A06; A18"),
            || spoiled(Kind::Void, 0, |draft| draft.unsigned.push(0)),
        ),
        Forgery::of(
            ("ballot-with-a-response-too-many", "entries.length"),
            (
                "A ballot's proof has one branch more than its contests have.",
                "A05; A06; Helios pull request 46",
            ),
            || {
                let ballot = resigned(Kind::Ballot, 0, &voter_key(0, 2), |unsigned| {
                    unsigned.extend([0; 32]);
                });
                inserted(ballot, Kind::Ballot, 0)
            },
        ),
        Forgery::of(
            ("shares-with-a-byte-after-the-signature", "entries.length"),
            (
                "A byte stands after the signature of shares, so that another place of them is read as the signature.",
                "A06; A18",
            ),
            || {
                let mut shares = entry(Kind::Shares, 0);
                shares.push(0);
                inserted(shares, Kind::Shares, 0)
            },
        ),
        Forgery::of(
            ("ballot-without-proof", "entries.length"),
            ("A ballot ends after its ciphertexts.", "A06; A23"),
            || {
                let ballot = resigned(Kind::Ballot, 0, &voter_key(0, 2), |unsigned| {
                    unsigned.truncate(328);
                });
                inserted(ballot, Kind::Ballot, 0)
            },
        ),
        Forgery::of(
            ("threshold-raised", "entries.length"),
            (
                "A trustee reveals one coefficient more than the threshold, so that more trustees would be needed.",
                "A40; Trail of Bits 2024",
            ),
            || {
                let reveal = resigned(Kind::Reveal, 0, &trustee_key(1), |unsigned| {
                    let coefficient = unsigned[38..70].to_vec();
                    unsigned.splice(38..38, coefficient);
                });
                inserted(reveal, Kind::Reveal, 0)
            },
        ),
        Forgery::of(
            ("trustee-0", "entries.fields"),
            (
                "Somebody gives shares as trustee 0, where the polynomials have their secret.",
                "A39; tss-lib",
            ),
            || {
                let shares = resigned(Kind::Shares, 0, &trustee_key(1), |unsigned| {
                    unsigned[35] = 0
                });
                inserted(shares, Kind::Shares, 0)
            },
        ),
        Forgery::of(
            ("trustee-beyond-the-last", "entries.fields"),
            ("Somebody registers as trustee 4 of 3.", "A39"),
            || {
                let register = resigned(Kind::Register, 0, &trustee_key(1), |unsigned| {
                    unsigned[35] = 4
                });
                inserted(register, Kind::Register, 0)
            },
        ),
        Forgery::of(
            ("ballot-of-no-style", "entries.fields"),
            (
                "A ballot is of a style that the manifest does not have.",
                "A06",
            ),
            || {
                let ballot = resigned(Kind::Ballot, 0, &voter_key(0, 2), |unsigned| {
                    unsigned[67] = 9
                });
                inserted(ballot, Kind::Ballot, 0)
            },
        ),
        Forgery::of(
            ("identity-as-alpha", "entries.elements"),
            (
                "A ballot's alpha is the identity: its choices are in the clear.",
                "A17; cothority issue 2277",
            ),
            ballot_with(alpha, fill([0; 32])),
        ),
        Forgery::of(
            ("identity-as-commitment", "entries.elements"),
            ("A commitment of a ballot's proof is the identity.", "A17"),
            ballot_with(commitment, fill([0; 32])),
        ),
        Forgery::of(
            ("element-not-canonical", "entries.elements"),
            (
                "A ciphertext is no canonical encoding of an element.",
                "A15; A16; Helios pull request 495",
            ),
            ballot_with(beta, fill(NOT_CANONICAL)),
        ),
        Forgery::of(
            ("void-of-the-identity", "entries.elements"),
            ("A void names the identity.", "A17"),
            || spoiled(Kind::Void, 0, |draft| draft.body()[32..64].fill(0)),
        ),
        Forgery::of(
            ("response-plus-order", "entries.scalars"),
            (
                "The order of the group is added to a response of a ballot's proof: the same proof in other bytes.",
                "A16; A28",
            ),
            ballot_with(response, add_order),
        ),
        Forgery::of(
            ("signature-plus-order", "entries.scalars"),
            (
                "The order of the group is added to a signature: a second entry with the same meaning.",
                "A71; RUSTSEC-2022-0093",
            ),
            || spoiled(Kind::Void, 0, |draft| draft.add_order = true),
        ),
    ]
}

fn envelopes() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("registered-for-another-manifest", "entries.scope"),
            (
                "A trustee's registration is for another manifest.",
                "A43; A56",
            ),
            || spoiled(Kind::Register, 0, |draft| draft.unsigned[2] ^= 1),
        ),
        Forgery::of(
            ("void-of-another-election", "entries.scope"),
            (
                "A voter's entry is of another election with the same questions and keys.",
                "A29",
            ),
            || spoiled(Kind::Void, 0, |draft| draft.unsigned[2] ^= 1),
        ),
        Forgery::of(
            ("certificate-of-another-election", "entries.scope"),
            ("A trustee certified the close of another election.", "A29"),
            || spoiled(Kind::CertifyClose, 0, |draft| draft.unsigned[2] ^= 1),
        ),
        Forgery::of(
            ("unsigned-result", "entries.signatures"),
            (
                "The organiser's signature of the result does not hold.",
                "A50",
            ),
            || spoiled(Kind::Result, 0, |draft| draft.spoil_signature = 1),
        ),
        Forgery::of(
            ("ballot-signed-by-another-voter", "entries.signatures"),
            (
                "A ballot in one voter's name is signed by another one on the roll.",
                "A35",
            ),
            || spoiled(Kind::Ballot, 2, |draft| draft.signer = voter_key(0, 2)),
        ),
        Forgery::of(
            ("trustee-signed-by-another", "entries.signatures"),
            (
                "A trustee certifies the close in the name of another one.",
                "A43",
            ),
            || spoiled(Kind::CertifyClose, 1, |draft| draft.signer = trustee_key(1)),
        ),
    ]
}

fn places() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("ballot-before-the-opening", "entries.phase"),
            ("A ballot stands before the opening.", "A33; A73"),
            again(Kind::Ballot, 0, (Kind::Open, 0)),
        ),
        Forgery::of(
            ("ballot-after-the-close", "entries.phase"),
            (
                "A ballot stands after the close.",
                "A33; davinci-node issue 69",
            ),
            again(Kind::Ballot, 1, (Kind::CertifyClose, 1)),
        ),
        Forgery::of(
            ("shares-before-the-close", "entries.phase"),
            (
                "A trustee gave decryption shares while voting went on.",
                "A49",
            ),
            again(Kind::Shares, 0, (Kind::Ballot, 2)),
        ),
        Forgery::of(
            ("roll-after-the-opening", "entries.phase"),
            (
                "The organiser adds voters after the opening.",
                "A36; Helios issue 55",
            ),
            again(Kind::Roll, 1, (Kind::Ballot, 1)),
        ),
        Forgery::of(
            ("two-closes", "entries.phase"),
            ("The election is closed twice.", "A73"),
            again(Kind::Close, 0, (Kind::CertifyClose, 0)),
        ),
        Forgery::of(
            ("second-manifest", "entries.once"),
            (
                "A second manifest changes the texts of the first.",
                "A56; A36",
            ),
            || {
                let manifest = resigned(Kind::Manifest, 0, &organiser_key(), |unsigned| {
                    let last = unsigned.len() - 2;
                    unsigned[last] = b'3';
                });
                inserted(manifest, Kind::Roll, 0)
            },
        ),
        Forgery::of(
            ("second-opening", "entries.once"),
            ("The election is opened twice.", "A73"),
            again(Kind::Open, 0, (Kind::Ballot, 0)),
        ),
        Forgery::of(
            ("shares-given-twice", "entries.once"),
            ("One trustee gives shares twice, to count as two.", "A47"),
            again(Kind::Shares, 0, (Kind::Shares, 1)),
        ),
        Forgery::of(
            ("close-certified-twice", "entries.once"),
            (
                "One trustee certifies the close twice, to count as two.",
                "A47",
            ),
            again(Kind::CertifyClose, 0, (Kind::CertifyClose, 2)),
        ),
        Forgery::of(
            ("entry-after-the-result", "entries.phase"),
            ("An entry stands after the result.", "A36; A73"),
            || {
                Plan {
                    hook: Box::new(|draft| draft.twice = draft.kind == Kind::Result),
                    ..plan()
                }
                .make()
            },
        ),
    ]
}
