//! Known answers about numbers and surveys: shapes, coordinates' encodings, range proofs alone, and
//! ballot proofs with range proofs, accepted and refused.

use std::sync::Arc;

use protocol::ballot::{PlaintextBallot, SealedBallot};
use protocol::group::{Element, Scalar, mul_base, wide_scalar};
use protocol::manifest::ElectionManifest;
use protocol::proofs::ballot::{
    BallotContext, Candidate, EncryptedVector, FixedPoints, StyleStatement, verify_batch,
};
use protocol::proofs::batch::Weights;
use protocol::proofs::ranges;
use protocol::style::Shape;
use protocol::transcript::{Digest, Transcript};

use super::*;

/// A survey with every kind of contest.
fn manifest() -> String {
    let key = |number: u32| encode_hex(element(&Scalar::from(number)).as_bytes());
    let text = |en: &str| json!({ "en": en });
    let item = |id: &str| json!({ "id": id, "label": { "en": id } });
    let valued = |id: &str, value: i64| json!({ "id": id, "label": { "en": id }, "value": value });
    let pay = |group: &str| {
        json!({ "id": format!("pay-{group}"), "question": "pay", "group": group, "kind": "number",
                "title": text("What do you earn?"), "lo": 0, "hi": 4_000_000_000u64, "decimals": 2,
                "unit": text("euros"), "step": 100, "blank": true, "spread": false,
                "buckets": [0, 100_000, 300_000] })
    };
    let manifest = json!({
        "psephos": 3,
        "uuid": encode_hex(&UUID),
        "language": "en",
        "title": text("Survey"),
        "organiser": { "name": "Organiser", "key": key(1) },
        "issuers": [{ "name": "Registrar" }],
        "trustees": [{ "name": "Ada", "key": key(2) }],
        "threshold": 1,
        "close_quorum": 1,
        "board": { "origin": format!("board.example/e/{}", encode_hex(&UUID)),
                   "key": encode_hex(Example::board_key().verifying_key().as_bytes()) },
        "opens": "2026-03-01T08:00:00Z",
        "closes": "2026-03-08T18:00:00Z",
        "groups": [{ "id": "old", "title": text("Old") }, { "id": "new", "title": text("New") }],
        "minimum_cell": 5,
        "minimum_ballots": 5,
        "participation": "registered",
        "styles": [
            { "id": "old", "contests": ["place", "works", "hours", "mood", "hours-mood", "place-hours", "pay-old"] },
            { "id": "new", "contests": ["place", "works", "hours", "mood", "hours-mood", "place-hours", "pay-new"] },
            { "id": "short", "contests": ["works", "tenure"] },
        ],
        "contests": [
            { "id": "place", "kind": "choices", "title": text("Where?"), "min": 1, "max": 1, "blank": true,
              "options": [item("ward"), item("theatre")] },
            { "id": "works", "kind": "matrix", "title": text("How is …"), "blank": true,
              "rows": [item("noise"), item("breaks")], "options": [valued("bad", -1), valued("good", 1)] },
            { "id": "hours", "kind": "number", "title": text("Overtime?"), "lo": -10, "hi": 989, "decimals": 1,
              "blank": false, "spread": true, "buckets": [-10, 0, 100] },
            { "id": "mood", "kind": "number", "title": text("Mood?"), "lo": 0, "hi": 100, "decimals": 0,
              "blank": false, "spread": true },
            { "id": "hours-mood", "kind": "product", "title": text("Both"), "of": ["hours", "mood"] },
            { "id": "place-hours", "kind": "table", "title": text("Both"), "of": ["place", "hours"] },
            pay("old"),
            pay("new"),
            { "id": "tenure", "kind": "number", "title": text("Years?"), "lo": 0, "hi": 60, "decimals": 0,
              "blank": true, "spread": true, "buckets": [0, 2, 5] },
        ],
    });
    format!("{manifest:#}")
}

fn element(scalar: &Scalar) -> Element {
    Element::from_point(mul_base(scalar)).unwrap()
}

/// Whether a range proof alone is accepted.
fn holds(context: &Digest, bits: u8, commitments: &[u8], proof: &[u8]) -> bool {
    let mut weights = Weights::draw(&mut getrandom::SysRng).unwrap();
    ranges::verify(context, bits, commitments, proof, &mut weights).is_ok()
}

/// Range proofs, each with its verdict. Every refused one has an accepted twin.
fn range_proofs(rng: &mut ChaCha20Rng) -> Vec<Value> {
    let context = Digest([3; 32]);
    let mut list = Vec::new();
    let mut push = |what: &str, context: &Digest, bits: u8, commitments: &[u8], proof: &[u8]| {
        list.push(json!({
            "what": what, "context": context.to_string(), "bits": bits,
            "commitments": encode_hex(commitments), "proof": encode_hex(proof),
            "valid": holds(context, bits, commitments, proof),
        }));
    };
    let mut prove = |bits: u8, values: &[u64]| {
        let mut nonces = Transcript::new("vector").nonces(b"", rng).unwrap();
        let blindings: Vec<Scalar> = values.iter().map(|_| *nonces.scalar().expose()).collect();
        ranges::prove(&context, bits, values, &blindings, &mut nonces).unwrap()
    };
    for (bits, values) in [
        (8, &[255u64][..]),
        (8, &[0, 17]),
        (16, &[65_535, 0, 1]),
        (32, &[4_294_967_295, 0]),
    ] {
        let proved = prove(bits, values);
        let what = format!("{} values of {bits} bits", values.len());
        push(&what, &context, bits, &proved.commitments, &proved.proof);
    }
    let two = prove(16, &[7, 8]);
    push(
        "twin of the next",
        &context,
        16,
        &two.commitments,
        &two.proof,
    );
    push(
        "another context",
        &Digest([4; 32]),
        16,
        &two.commitments,
        &two.proof,
    );
    let swapped = [&two.commitments[32..], &two.commitments[..32]].concat();
    push(
        "commitments that change places",
        &context,
        16,
        &swapped,
        &two.proof,
    );
    let beyond = prove(16, &[7, 65_536]);
    push(
        "a value of 2^16",
        &context,
        16,
        &beyond.commitments,
        &beyond.proof,
    );
    let below = prove(16, &[u64::MAX, 0]);
    push(
        "a value of 2^64 − 1",
        &context,
        16,
        &below.commitments,
        &below.proof,
    );
    let four = prove(16, &[1, 2, 3, 0]);
    push(
        "four values, none of them padding",
        &context,
        16,
        &four.commitments,
        &four.proof,
    );
    push(
        "the fourth value as padding",
        &context,
        16,
        &four.commitments[..96],
        &four.proof,
    );
    push(
        "two values of 32 bits of four of 16",
        &context,
        32,
        &four.commitments[..64],
        &four.proof,
    );
    for (field, name) in ["A", "S", "T_1", "T_2"].iter().enumerate() {
        let mut proof = two.proof.clone();
        // Another element: that of the next field.
        let other: Vec<u8> = proof[32 * ((field + 1) % 4)..][..32].to_vec();
        proof[32 * field..32 * (field + 1)].copy_from_slice(&other);
        push(
            &format!("another {name}"),
            &context,
            16,
            &two.commitments,
            &proof,
        );
    }
    let length = two.proof.len();
    for (offset, name) in [
        (128, "t_x"),
        (160, "t_x_blinding"),
        (192, "e_blinding"),
        (length - 64, "a"),
        (length - 32, "b"),
    ] {
        let mut proof = two.proof.clone();
        proof[offset] ^= 1;
        push(
            &format!("another {name}"),
            &context,
            16,
            &two.commitments,
            &proof,
        );
    }
    let mut proof = two.proof.clone();
    let (left, right) = (proof[224..256].to_vec(), proof[256..288].to_vec());
    proof[224..288].copy_from_slice(&[right, left].concat());
    push(
        "L and R of the first round that change places",
        &context,
        16,
        &two.commitments,
        &proof,
    );
    list
}

/// A statement of a style under made-up keys.
struct Voting {
    manifest: ElectionManifest,
    styles: Vec<StyleStatement>,
    keys: Vec<Element>,
}

const ELECTION: Digest = Digest([5; 32]);

impl Voting {
    fn new() -> Self {
        let manifest = ElectionManifest::parse(manifest().as_bytes()).unwrap();
        let keys: Vec<Element> = (0u32..)
            .take(manifest.n_positions())
            .map(|i| element(&Scalar::from(1000 + i)))
            .collect();
        let shapes: Vec<Shape> = manifest
            .styles
            .iter()
            .map(|style| Shape::of_style(&manifest, style).unwrap())
            .collect();
        let fixed = Arc::new(FixedPoints::new(&shapes, &keys));
        let styles = (0u16..)
            .zip(&manifest.styles)
            .zip(shapes)
            .map(|((number, style), shape)| {
                let positions = manifest.positions_of(style);
                let of_style = positions.iter().map(|position| keys[*position]).collect();
                let fixed = Arc::clone(&fixed);
                StyleStatement::new(&ELECTION, number, shape, positions, of_style, fixed)
            })
            .collect();
        Self {
            manifest,
            styles,
            keys,
        }
    }

    /// alpha ‖ beta ‖ proof of these answers.
    fn seal(
        &self,
        style: u16,
        context: &BallotContext,
        answers: &[Answer],
        rng: &mut ChaCha20Rng,
    ) -> Vec<u8> {
        let number = usize::from(style);
        let ballot = PlaintextBallot::new(
            &self.manifest,
            &self.manifest.styles[number],
            answers.to_vec(),
        )
        .unwrap();
        let statement = &self.styles[number];
        let sealed = SealedBallot::seal(&ELECTION, style, statement, context, ballot, rng).unwrap();
        // A void says what the unsigned ballot was; style, counter and previous code precede.
        let key = credential();
        let (_, opened) = sealed.challenge(&key, rng).unwrap();
        opened.unsigned[2 + 32 + 32 + 38..].to_vec()
    }

    fn accepts(&self, style: u16, context: &BallotContext, vector: &EncryptedVector) -> bool {
        let statement = &self.styles[usize::from(style)];
        Candidate::new(statement, context, vector).is_ok_and(|candidate| {
            let mut weights = Weights::draw(&mut getrandom::SysRng).unwrap();
            verify_batch(&[candidate], &mut weights) == [Ok(())]
        })
    }

    fn vector(&self, style: u16, bytes: &[u8]) -> EncryptedVector {
        let shape = self.styles[usize::from(style)].shape();
        EncryptedVector::decode(shape, &mut Reader::new(bytes)).unwrap()
    }
}

fn credential() -> SigningKey {
    SigningKey::new(Secret::new(wide_scalar(&[77; 64]))).unwrap()
}

/// Two answers of different styles.
fn answers() -> [(u16, Vec<Answer>); 2] {
    let number = |value| answer(&[value], false);
    [
        (
            0,
            vec![
                answer(&[0, 1], false),
                answer(&[1, 2], false),
                number(110),
                number(100),
                answer(&[0], true),
            ],
        ),
        (2, vec![answer(&[0, 0], false), answer(&[0], true)]),
    ]
}

#[test]
fn numbers() {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let voting = Voting::new();
    let context = BallotContext {
        credential: *credential().public(),
        counter: 2,
        previous: [6; 32],
    };
    let mut ballots = Vec::new();
    let mut push = |what: &str, style: u16, bytes: &[u8]| {
        let vector = voting.vector(style, bytes);
        let challenges = Candidate::new(&voting.styles[usize::from(style)], &context, &vector)
            .ok()
            .map(|candidate| {
                let (y, x) = candidate.challenges();
                json!({ "y": encode_hex(y.as_bytes()), "x": encode_hex(x.as_bytes()) })
            });
        ballots.push(json!({
            "what": what, "style": style, "bytes": encode_hex(bytes), "challenges": challenges,
            "valid": voting.accepts(style, &context, &vector),
        }));
    };
    let mut sealed = Vec::new();
    for (style, answers) in answers() {
        let bytes = voting.seal(style, &context, &answers, &mut rng);
        push("an honest ballot", style, &bytes);
        sealed.push((style, bytes));
    }
    // zeta_W, the last 32 bytes, is in equation 6 alone; zeta, before it, in 3 and 4.
    for (style, bytes) in &sealed {
        let mut wrong = bytes.clone();
        let zeta_w = wrong.len() - 32;
        wrong[zeta_w] ^= 1;
        push("another zeta_W: equation 6 alone is broken", *style, &wrong);
    }
    // The range proof of another ballot of the same voter: everything hashed after it changes.
    let (style, bytes) = &sealed[1];
    let again = voting.seal(*style, &context, &answers()[1].1, &mut rng);
    let shape = voting.styles[usize::from(*style)].shape();
    let start = 32 * (1 + shape.n_positions());
    let end = start + 64 + ranges::proof_length(shape.ranges().bits(), 2);
    let moved = [&bytes[..start], &again[start..end], &bytes[end..]].concat();
    push("the range proof of another ballot", *style, &moved);

    let verdicts: Vec<bool> = ballots.iter().map(|b| b["valid"] == true).collect();
    assert_eq!(verdicts, [true, true, false, false, false]);
    let shapes: Vec<String> = voting
        .styles
        .iter()
        .map(|style| encode_hex(&style.shape().encode()))
        .collect();
    let proofs = range_proofs(&mut rng);
    let refused = proofs.iter().filter(|proof| proof["valid"] == false);
    assert_eq!((proofs.len(), refused.count()), (22, 16));
    let values: Vec<Value> = answers()
        .iter()
        .map(|(style, answers)| {
            let answers = answers.iter().map(|a| json!([a.values, a.blank]));
            json!({ "style": style, "answers": answers.collect::<Vec<_>>() })
        })
        .collect();
    check_json(
        "numbers.json",
        &json!({
            "spec": "Style.Shape (manifest.md), Ranges.Verify (ranges.md), BallotProof.Verify (ballot.md)",
            "manifest": manifest(),
            "manifest id": voting.manifest.id().to_string(),
            "positions": voting.manifest.n_positions(),
            "shapes": shapes,
            "election id": ELECTION.to_string(),
            "keys": voting.keys.iter().map(|key| encode_hex(key.as_bytes())).collect::<Vec<_>>(),
            "credential": encode_hex(context.credential.as_bytes()),
            "counter": context.counter,
            "previous": encode_hex(&context.previous),
            "answers of the first two ballots": values,
            "ballots": ballots,
            "range proofs": proofs,
        }),
    );
}
