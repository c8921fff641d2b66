//! Records that must be accepted: each fault has a twin without it.

use super::*;
use crate::election::{End, manifest_text};

pub fn all() -> Vec<Forgery> {
    let ended = |end| {
        move || {
            Plan {
                first_attempt: end,
                ..plan()
            }
            .make()
        }
    };
    vec![
        Forgery::twin(
            "sound",
            "An election without a fault, from which most others differ in one thing.",
            || plan().make(),
        ),
        Forgery::twin(
            "sound-after-a-complaint",
            "A dealer of a wrong share was named in the first attempt; the second one made the keys.",
            ended(End::JustComplaint),
        ),
        Forgery::twin(
            "sound-after-a-false-complaint",
            "A trustee complained without reason in the first attempt; the second one made the keys.",
            ended(End::FalseComplaint),
        ),
        Forgery::twin(
            "sound-after-an-abandoned-attempt",
            "A trustee gave up the first attempt; the second one made the keys.",
            ended(End::Abandoned),
        ),
        Forgery::twin(
            "sound-with-the-threshold-of-shares",
            "Only as many trustees as the threshold gave shares.",
            || {
                Plan {
                    sharers: 2,
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::twin(
            "sound-with-a-contest-withheld",
            "One contest has fewer ballots than the minimum, and its totals are withheld.",
            || {
                let manifest =
                    manifest_text().replace(r#""minimum_ballots":2"#, r#""minimum_ballots":3"#);
                Plan { manifest, ..plan() }.make()
            },
        ),
        Forgery::twin(
            "sound-with-rotated-options",
            "Booths list the options of one contest from a random one on, those of the other in order.",
            || {
                let manifest = manifest_text()
                    .replace(r#""blank":true"#, r#""blank":true,"order":"rotated""#)
                    .replace(r#""blank":false"#, r#""blank":false,"order":"fixed""#);
                Plan { manifest, ..plan() }.make()
            },
        ),
        Forgery::twin(
            "sound-with-witnesses",
            "Two of three witnesses certified the close, and two cosigned the checkpoint.",
            || {
                Plan {
                    certifiers: 3,
                    witnessing: crate::election::witnessing(2),
                    ..super::witnesses::witnessed()
                }
                .make()
            },
        ),
        Forgery::twin(
            "sound-closed-by-witnesses",
            "A trustee did not certify the close; the witnesses made up for it.",
            || super::witnesses::witnessed().make(),
        ),
        Forgery::twin(
            "sound-without-a-witness-of-the-close",
            "No witness certified the close: the trustees are enough where the quorum is theirs.",
            || {
                let manifest = crate::election::witnessed_manifest();
                let start = manifest.find(r#""witnesses":[{"#).unwrap();
                let second = start + manifest[start..].find("},{").unwrap();
                let end = start + manifest[start..].find(']').unwrap();
                let one = manifest[..second + 1].to_owned() + &manifest[end..];
                let manifest = one
                    .replace(r#""close_quorum":5"#, r#""close_quorum":3"#)
                    .replace(r#""witness_quorum":2"#, r#""witness_quorum":1"#);
                Plan {
                    manifest,
                    cosigners: vec![1],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::twin(
            "sound-with-beacon-and-seal",
            "All trustees posted their beacon, one of them after the result, and sealed the result.",
            || super::joint::signed().make(),
        ),
        Forgery::twin(
            "sound-with-the-threshold-of-beacons",
            "Only as many trustees as the threshold posted a beacon: there is a sample, but no lot.",
            || {
                Plan {
                    beacons: vec![3, 1],
                    seals: vec![3, 2],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::twin(
            "sound-with-too-few-beacons",
            "One trustee alone posted a beacon and a seal: there is neither, and the count stands.",
            || {
                Plan {
                    beacons: vec![2],
                    seals: vec![2],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::twin(
            "sound-with-a-foreign-void",
            "A voter voided what another one cast later: that binds only the one who voided it.",
            || {
                spoiled(Kind::Void, 0, |draft| {
                    let alpha = entry(Kind::Ballot, 0)[104..136].to_vec();
                    draft.signer = crate::maker::voter_key(1, 2);
                    let public = draft.signer.public;
                    draft.unsigned[34..66].copy_from_slice(&public);
                    draft.body()[32..64].copy_from_slice(&alpha);
                })
            },
        ),
        Forgery::twin(
            "sound-with-a-hundred-ballots",
            "A voter cast as many ballots as the limit allows.",
            || super::ballots::many_ballots(100),
        ),
        Forgery::twin(
            "sound-with-a-hundred-voids",
            "A voter voided as many ballots as the limit allows.",
            || {
                Plan {
                    voids_each: 100,
                    ..plan()
                }
                .make()
            },
        ),
    ]
}
