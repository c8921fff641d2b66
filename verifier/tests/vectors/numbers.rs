//! Numbers: shapes, range proofs alone, and ballots, which another program made; and the cells
//! that may be open.

use super::{bytes, figures::manifest, vectors};
use serde_json::{Value, json};
use verifier::{
    batch::{Bases, Claim, Randomness, Sum, find_false},
    checks::tally::cells::{Counts, check},
    encoding::Reader,
    entry::ballot::BallotBody,
    group::{Element, Generators, Point, RangeGenerators, Scalar, identity},
    manifest::Manifest,
    proofs::{
        ballot::{BallotClaim, BallotContext, SealedBallot},
        ranges::{Challenges, Linked, RangeProof, add_to},
    },
    shape::{Form, Shape},
};

fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// A range proof without a ballot: the two equations of the Bulletproof.
struct Alone<'a> {
    shape: &'a Shape,
    proof: RangeProof,
    challenges: Challenges,
    identity: Point,
}

impl Claim for Alone<'_> {
    fn n_rows(&self) -> usize {
        2
    }

    fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>) {
        let linked = Linked {
            shape: self.shape,
            x: Scalar::ZERO,
            powers: &[Scalar::ZERO; 32],
            f: &[],
            commitment: &self.identity,
            response: Scalar::ZERO,
        };
        let weights = [Scalar::ZERO, weights[0], weights[1]];
        add_to(&self.proof, &self.challenges, &linked, &weights, sum);
    }
}

#[test]
fn range_proofs_alone() {
    let vectors = vectors("numbers.json");
    let generators = Generators::new(0);
    let bases = Bases::with_ranges(&generators, &[], RangeGenerators::new(32, 4));
    for proof in vectors["range proofs"].as_array().unwrap() {
        let whole = [hex_of(&proof["commitments"]), hex_of(&proof["proof"])].concat();
        let form = Form {
            constant: 0,
            terms: Vec::new(),
        };
        let shape = Shape {
            n_positions: 0,
            coordinates: Vec::new(),
            constraints: Vec::new(),
            bits: proof["bits"].as_u64().unwrap() as u8,
            forms: vec![form; hex_of(&proof["commitments"]).len() / 32],
        };
        let holds = RangeProof::decode(&shape, &whole).is_ok_and(|decoded| {
            let claim = Alone {
                shape: &shape,
                challenges: Challenges::derive(&shape, &bytes(&proof["context"]), &whole),
                proof: decoded,
                identity: identity(),
            };
            let found = find_false(&[claim], &bases, &Randomness::new([3; 32]));
            found.is_empty()
        });
        assert_eq!(proof["valid"], holds, "{}", proof["what"]);
    }
}

#[test]
fn shapes_and_ballots_with_numbers() {
    let vectors = vectors("numbers.json");
    let manifest = Manifest::read(vectors["manifest"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(vectors["manifest id"], hex::encode(manifest.id));
    assert_eq!(vectors["positions"], manifest.n_positions());
    for (style, shape) in manifest
        .styles
        .iter()
        .zip(vectors["shapes"].as_array().unwrap())
    {
        assert_eq!(*shape, hex::encode(style.shape.encode()), "{}", style.id);
    }
    let keys = vectors["keys"].as_array().unwrap().iter();
    let keys: Vec<Element> = keys
        .map(|key| Element::decode(&bytes(key)).unwrap())
        .collect();
    let points: Vec<Point> = keys.iter().map(|key| *key.point()).collect();
    let generators = Generators::new(128);
    let bases = Bases::with_ranges(&generators, &points, RangeGenerators::new(32, 16));
    let [credential, previous]: [[u8; 32]; 2] =
        ["credential", "previous"].map(|name| bytes(&vectors[name]));
    for ballot in vectors["ballots"].as_array().unwrap() {
        let number = ballot["style"].as_u64().unwrap() as u16;
        let style = &manifest.styles[usize::from(number)];
        let of_style: Vec<Element> = style.positions.iter().map(|i| keys[*i]).collect();
        let election = bytes(&vectors["election id"]);
        let context =
            BallotContext::new(&election, number, &style.shape, &style.positions, &of_style);
        let whole = hex_of(&ballot["bytes"]);
        let counter = vectors["counter"].as_u64().unwrap() as u32;
        let whole = [&counter.to_be_bytes()[..], &previous, &whole].concat();
        let body = BallotBody::decode(number, style, &mut Reader::new(&whole)).unwrap();
        let holds = SealedBallot::decode(&style.shape, &body).is_ok_and(|sealed| {
            let claim = BallotClaim::new(&context, &credential, &body, &sealed);
            let limits = claim.broken_constraints().next().is_none();
            let found = find_false(&[claim], &bases, &Randomness::new([3; 32]));
            if ballot["what"]
                .as_str()
                .unwrap()
                .contains("equation 6 alone")
            {
                // Rows 1 to 4 are the first equations.
                assert!(found.iter().all(|claim| claim.rows == [4]), "{found:?}");
            }
            limits && found.is_empty()
        });
        assert_eq!(ballot["valid"], holds, "{}", ballot["what"]);
    }
}

/// A manifest with contests of so many cells.
fn with_cells(pattern: &Value) -> Manifest {
    let text = |label: &str| json!({ "en": label });
    let of_ids = |prefix: &str, count: usize| -> Value {
        let option = |i| json!({ "id": format!("{prefix}{i}"), "label": text("x") });
        (0..count).map(option).collect()
    };
    let contests = pattern["contests"].as_array().unwrap().iter().enumerate();
    let contests = contests.map(|(index, contest)| {
        let cells = contest["cells"].as_u64().unwrap() as usize;
        let blank = contest["blank"] == true;
        let answers = cells - usize::from(blank);
        let mut made = json!({ "id": format!("c{index}"), "title": text("c"), "blank": blank });
        let more = match contest["kind"].as_str().unwrap() {
            "one of" => json!({
                "kind": "choices", "min": 1, "max": 1, "options": of_ids("o", answers),
            }),
            "approval" => json!({
                "kind": "choices", "min": 0, "max": cells, "options": of_ids("o", cells),
            }),
            "buckets" => json!({
                "kind": "number", "lo": 0, "hi": 10 * answers, "decimals": 0, "spread": true,
                "buckets": (0..answers).map(|bucket| 10 * bucket).collect::<Vec<_>>(),
            }),
            "matrix" => {
                let width = contest["row"].as_u64().unwrap() as usize;
                json!({
                    "kind": "matrix", "rows": of_ids("r", cells / width),
                    "options": of_ids("o", width - usize::from(blank)),
                })
            }
            _ => {
                made.as_object_mut().unwrap().remove("blank");
                let of = contest["of"].as_array().unwrap().iter();
                json!({ "kind": "table", "of": of.map(|of| format!("c{of}")).collect::<Vec<_>>() })
            }
        };
        made.as_object_mut()
            .unwrap()
            .append(&mut more.as_object().unwrap().clone());
        made
    });
    let least = pattern["minimum_cell"].as_u64().unwrap();
    let text = manifest(&contests.collect(), false, None).replace(
        "\"minimum_ballots\":5",
        &format!("\"minimum_ballots\":{least},\"minimum_cell\":{least}"),
    );
    Manifest::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What the verifier says of cells of which these are closed.
fn fault(manifest: &Manifest, pattern: &Value, closed: &[bool]) -> &'static str {
    let decrypted: Vec<usize> = (0..manifest.contests.len()).collect();
    let ballots = vec![pattern["ballots"].as_u64().unwrap() as u32; decrypted.len()];
    let cells = decrypted.iter().flat_map(|contest| {
        let guarded = manifest.guarded(*contest).into_iter();
        guarded.map(move |position| (*contest, position))
    });
    let counts = pattern["counts"].as_array().unwrap().iter();
    let found: Counts = cells
        .zip(counts.zip(closed))
        .map(|(cell, (count, closed))| (cell, (!closed).then(|| count.as_u64().unwrap())))
        .collect();
    assert_eq!(found.len(), closed.len());
    let (_, faults) = check(manifest, &decrypted, &ballots, &found);
    match faults.first() {
        None => "none",
        Some(fault) if fault.ends_with("is open and small") => "small",
        Some(_) => "leak",
    }
}

#[test]
fn cells_that_may_be_open() {
    let vectors = vectors("cells.json");
    for pattern in vectors["patterns"].as_array().unwrap() {
        let manifest = with_cells(pattern);
        let closed = pattern["closed"].as_array().unwrap().iter();
        let closed: Vec<bool> = closed.map(|closed| *closed == 1).collect();
        let name = &pattern["name"];
        assert_eq!(fault(&manifest, pattern, &closed), "none", "{name}");
        let turned = pattern["fault with the n-th cell turned"]
            .as_array()
            .unwrap();
        for (cell, expected) in turned.iter().enumerate() {
            let mut closed = closed.clone();
            closed[cell] = !closed[cell];
            assert_eq!(
                fault(&manifest, pattern, &closed),
                *expected,
                "{name}: {cell}"
            );
        }
    }
}
