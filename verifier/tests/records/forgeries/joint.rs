//! The joint key, the beacon and the seal.

use super::*;
use crate::{
    ceremony::{Dealer, Possession, contribution},
    election::trustee_key,
    faults::{changed, flip, put},
    joint,
};

/// Where the joint coefficients of a reveal begin, in its unsigned bytes: after attempt, twelve
/// coefficients, two keys and the proof. The possession comes after two of them.
const JOINT: usize = 38 + 32 * (12 + 4);
const POSSESSION: usize = JOINT + 2 * 48;

/// Everybody posts a beacon, one late, and a seal.
pub fn signed() -> Plan {
    Plan {
        beacons: vec![1, 2],
        late_beacons: vec![3],
        seals: vec![1, 2, 3],
        ..plan()
    }
}

/// Entry `number` of a kind of the signed record.
fn signed_entry(kind: Kind, number: usize) -> Vec<u8> {
    static SIGNED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let entries = SIGNED.get_or_init(|| signed().make().entries);
    let mut of_kind = entries.iter().filter(|entry| entry[1] == kind as u8);
    of_kind.nth(number).unwrap().clone()
}

/// An entry of the signed record once more, before another.
fn again(kind: Kind, number: usize, before: (Kind, usize)) -> impl Fn() -> Made + 'static {
    move || inserted_into(signed(), signed_entry(kind, number), before)
}

fn inserted_into(plan: Plan, entry: Vec<u8>, before: (Kind, usize)) -> Made {
    Plan {
        insert: vec![(before.0, before.1, entry)],
        ..plan
    }
    .make()
}

/// The same entry with bytes replaced and signed again by trustee 1, before the right one.
fn with(kind: Kind, at: usize, bytes: &[u8]) -> impl Fn() -> Made + 'static {
    let bytes = bytes.to_vec();
    move || {
        let mut unsigned = signed_entry(kind, 0);
        unsigned.truncate(unsigned.len() - 64);
        unsigned[at..at + bytes.len()].copy_from_slice(&bytes);
        let signature = trustee_key(1).sign(ENTRY_PREFIX, &unsigned);
        let entry = [&unsigned[..], &signature].concat();
        inserted_into(signed(), entry, (kind, 0))
    }
}

fn spoiled(kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    changed(signed(), kind, number, spoil)
}

fn dealt(dealers: fn(&mut Vec<Dealer>)) -> impl Fn() -> Made + 'static {
    move || {
        Plan {
            dealers,
            ..signed()
        }
        .make()
    }
}

/// What trustees sign is changed, or whose share signs it.
fn signing(joint_message: fn(Kind, u16, &mut Vec<u8>) -> u16) -> impl Fn() -> Made + 'static {
    move || {
        Plan {
            joint_message,
            ..signed()
        }
        .make()
    }
}

pub fn all() -> Vec<Forgery> {
    let mut all = ceremony();
    all.extend(decoding());
    all.extend(beacons());
    all.extend(seals());
    all
}

fn ceremony() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("rogue-joint-key", "ceremony.possession"),
            (
                "The last trustee chose its part of the joint key as the difference to a key of its own, and cannot prove that it knows it.",
                "A38; Ristenpart, Yilek 2007",
            ),
            dealt(|dealers| {
                let own = joint::secret("rogue");
                dealers[2].joint[0] = own - dealers[0].joint[0] - dealers[1].joint[0];
                dealers[2].possession = Possession::Of(own);
            }),
        ),
        Forgery::of(
            ("possession-of-another-session", "ceremony.possession"),
            (
                "A trustee's proof of possession is from another ceremony.",
                "A44; A29",
            ),
            dealt(|dealers| dealers[1].possession = Possession::OtherSession),
        ),
        Forgery::of(
            ("possession-as-a-message", "ceremony.possession"),
            (
                "A trustee's proof of possession has the tag of other messages.",
                "A10; Ristenpart, Yilek 2007",
            ),
            dealt(|dealers| dealers[1].possession = Possession::OtherTag),
        ),
        Forgery::of(
            ("identity-as-joint-key", "ceremony.keys"),
            (
                "The parts of the joint key cancel: whoever likes signs in the name of all.",
                "A17",
            ),
            dealt(|dealers| {
                dealers[2].joint[0] = -(dealers[0].joint[0] + dealers[1].joint[0]);
            }),
        ),
        Forgery::of(
            ("joint-rehearsal-of-another-ceremony", "ceremony.rehearsal"),
            (
                "A trustee rehearsed its joint share on another ceremony.",
                "A41",
            ),
            signing(|kind, trustee, message| {
                if (kind, trustee) == (Kind::Certify, 2) {
                    message[30] ^= 1;
                }
                trustee
            }),
        ),
        Forgery::of(
            ("joint-rehearsal-of-another-trustee", "ceremony.rehearsal"),
            (
                "A trustee shows the joint rehearsal of another one as its own.",
                "A41; A44",
            ),
            signing(|kind, trustee, _| match (kind, trustee) {
                (Kind::Certify, 2) => 1,
                _ => trustee,
            }),
        ),
    ]
}

fn decoding() -> Vec<Forgery> {
    let mut not_canonical = [0xff; 48];
    not_canonical[0] = 0x9f;
    vec![
        Forgery::of(
            ("joint-coefficient-outside-its-group", "entries.elements"),
            (
                "A joint coefficient is a point of the curve outside of the group.",
                "A15; Lim, Lee 1997",
            ),
            with(Kind::Reveal, JOINT, &joint::outside_g1()),
        ),
        Forgery::of(
            ("identity-as-joint-coefficient", "entries.elements"),
            ("A joint coefficient is the identity.", "A17"),
            with(Kind::Reveal, JOINT + 48, &joint::identity_of_g1()),
        ),
        Forgery::of(
            ("joint-coefficient-not-canonical", "entries.elements"),
            (
                "A joint coefficient has a coordinate that is not smaller than the field.",
                "A16",
            ),
            with(Kind::Reveal, JOINT, &not_canonical),
        ),
        Forgery::of(
            ("possession-outside-its-group", "entries.elements"),
            (
                "A proof of possession is a point of the twist outside of the group.",
                "A15",
            ),
            with(Kind::Reveal, POSSESSION, &joint::outside_g2()),
        ),
        Forgery::of(
            ("identity-as-rehearsal", "entries.elements"),
            ("A joint rehearsal is the identity.", "A17"),
            with(Kind::Certify, 38 + 32 + 96 + 32, &joint::identity_of_g2()),
        ),
        Forgery::of(
            ("beacon-outside-its-group", "entries.elements"),
            (
                "A share of the beacon is a point of the twist outside of the group.",
                "A15",
            ),
            with(Kind::Beacon, 36 + 32, &joint::outside_g2()),
        ),
        Forgery::of(
            ("seal-of-the-identity", "entries.elements"),
            ("A share of the seal is the identity.", "A17"),
            with(Kind::Seal, 36, &joint::identity_of_g2()),
        ),
        Forgery::of(
            ("joint-threshold-raised", "entries.length"),
            (
                "A trustee reveals one joint coefficient more than the threshold.",
                "A40; Trail of Bits 2024",
            ),
            || {
                let reveal = resigned(Kind::Reveal, 0, &trustee_key(1), |unsigned| {
                    let coefficient = unsigned[JOINT..JOINT + 48].to_vec();
                    unsigned.splice(JOINT..JOINT, coefficient);
                });
                inserted(reveal, Kind::Reveal, 0)
            },
        ),
        Forgery::of(
            ("long-seal", "entries.length"),
            ("A seal has a byte too many.", "A06; A18"),
            || {
                let mut unsigned = signed_entry(Kind::Seal, 0);
                unsigned.truncate(unsigned.len() - 64);
                unsigned.push(0);
                let signature = trustee_key(1).sign(ENTRY_PREFIX, &unsigned);
                let entry = [&unsigned[..], &signature].concat();
                inserted_into(signed(), entry, (Kind::Seal, 0))
            },
        ),
    ]
}

fn beacons() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("beacon-before-the-close", "entries.phase"),
            (
                "A trustee posted its beacon while votes could still come.",
                "A49",
            ),
            again(Kind::Beacon, 0, (Kind::Close, 0)),
        ),
        Forgery::of(
            ("beacon-before-the-quorum", "close.quorum"),
            (
                "A trustee posted its beacon before enough had certified the close.",
                "A48; A49",
            ),
            again(Kind::Beacon, 0, (Kind::CertifyClose, 2)),
        ),
        Forgery::of(
            ("beacon-twice", "entries.once"),
            ("One trustee posts two beacons.", "A47"),
            again(Kind::Beacon, 0, (Kind::Shares, 0)),
        ),
        Forgery::of(
            ("beacon-again-after-the-result", "entries.once"),
            (
                "A trustee posts a second beacon after the result, to choose between two.",
                "A47",
            ),
            again(Kind::Beacon, 0, (Kind::Seal, 0)),
        ),
        Forgery::of(
            ("contribution-chosen-late", "beacon.contributions"),
            (
                "A trustee contributes something else than it committed to, after it knew the others'.",
                "A42",
            ),
            || spoiled(Kind::Beacon, 1, flip(0)),
        ),
        Forgery::of(
            ("contribution-of-another-trustee", "beacon.contributions"),
            ("A trustee contributes what another one did.", "A44"),
            || spoiled(Kind::Beacon, 1, put(0, &contribution(1))),
        ),
        Forgery::of(
            ("late-contribution-chosen", "beacon.contributions"),
            (
                "The last trustee to contribute, after the result, does not contribute what it committed to.",
                "A42",
            ),
            || spoiled(Kind::Beacon, 2, flip(31)),
        ),
        Forgery::of(
            ("beacon-of-another-election", "beacon.shares"),
            ("A share of the beacon is of another election.", "A29"),
            signing(|kind, trustee, message| {
                if (kind, trustee) == (Kind::Beacon, 1) {
                    message[20] ^= 1;
                }
                trustee
            }),
        ),
        Forgery::of(
            ("beacon-of-another-trustee", "beacon.shares"),
            (
                "A trustee posts the share of another one, to count as two.",
                "A44; A47",
            ),
            signing(|kind, trustee, _| match (kind, trustee) {
                (Kind::Beacon, 2) => 1,
                _ => trustee,
            }),
        ),
        Forgery::of(
            ("late-beacon-of-another-trustee", "beacon.shares"),
            (
                "A trustee posts the share of another one after the result.",
                "A44; A47",
            ),
            signing(|kind, trustee, _| match (kind, trustee) {
                (Kind::Beacon, 3) => 1,
                _ => trustee,
            }),
        ),
        Forgery::of(
            ("beacon-with-two-faults", "beacon.contributions"),
            (
                "Neither the contribution nor the share of a beacon is right.",
                "A29; A42",
            ),
            || {
                let plan = Plan {
                    joint_message: |kind, trustee, message| {
                        if (kind, trustee) == (Kind::Beacon, 2) {
                            message[20] ^= 1;
                        }
                        trustee
                    },
                    ..signed()
                };
                changed(plan, Kind::Beacon, 1, flip(0))
            },
        )
        .and(&["beacon.shares"]),
    ]
}

fn seals() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("seal-before-the-result", "entries.phase"),
            ("A trustee sealed the board before the result.", "A73"),
            again(Kind::Seal, 0, (Kind::Result, 0)),
        ),
        Forgery::of(
            ("seal-twice", "entries.once"),
            ("One trustee seals twice, to count as two.", "A47"),
            again(Kind::Seal, 0, (Kind::Seal, 2)),
        ),
        Forgery::of(
            ("certificate-after-the-result", "entries.phase"),
            ("A trustee certifies the close among the seals.", "A36; A73"),
            again(Kind::CertifyClose, 0, (Kind::Seal, 1)),
        ),
        Forgery::of(
            ("second-result-after-the-seals", "entries.phase"),
            (
                "The organiser posts a second result among the seals.",
                "A50",
            ),
            again(Kind::Result, 0, (Kind::Seal, 2)),
        ),
        Forgery::of(
            ("ballot-after-the-result", "entries.phase"),
            ("A ballot stands among the seals.", "A33"),
            again(Kind::Ballot, 0, (Kind::Seal, 0)),
        ),
        Forgery::of(
            ("unsigned-seal", "entries.signatures"),
            ("A seal does not carry its trustee's signature.", "A43"),
            || spoiled(Kind::Seal, 1, |draft| draft.spoil_signature = 1),
        ),
        Forgery::of(
            ("seal-in-another-election", "entries.scope"),
            ("A seal is of another election.", "A29"),
            || spoiled(Kind::Seal, 1, |draft| draft.unsigned[2] ^= 1),
        ),
        Forgery::of(
            ("seal-of-another-root", "seal.shares"),
            ("A trustee sealed another history.", "A53; A54"),
            signing(|kind, trustee, message| {
                if (kind, trustee) == (Kind::Seal, 1) {
                    let last = message.len() - 1;
                    message[last] ^= 1;
                }
                trustee
            }),
        ),
        Forgery::of(
            ("seal-of-another-size", "seal.shares"),
            ("A trustee sealed another number of entries.", "A54"),
            signing(|kind, trustee, message| {
                if (kind, trustee) == (Kind::Seal, 2) {
                    message[16 + 32 + 7] ^= 1;
                }
                trustee
            }),
        ),
        Forgery::of(
            ("seal-of-another-trustee", "seal.shares"),
            ("A trustee posts the seal of another one.", "A44; A47"),
            signing(|kind, trustee, _| match (kind, trustee) {
                (Kind::Seal, 3) => 2,
                _ => trustee,
            }),
        ),
    ]
}
