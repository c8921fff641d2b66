//! The joint key of the record, what was signed with it, and what follows from that.

use super::{Example, check_json, vectors};
use protocol::beacon::{audit_sample, audit_seed, contribution_commitment, lot_order, lot_seed};
use protocol::encoding::encode_hex;
use protocol::joint::{JointPoint, JointSignature, Use, sign, verify};
use protocol::key_ceremony::Reveal;
use protocol::secret::Secret;
use serde_json::{Value, json};

fn hex_of(points: &[JointPoint]) -> Vec<String> {
    points.iter().map(|b| encode_hex(b.as_bytes())).collect()
}

pub fn check_values(e: &Example) {
    let (election, ceremony) = (&e.election, e.election.ceremony().unwrap());
    let manifest = election.manifest().unwrap();
    let (session, dimensions) = (ceremony.session(), *ceremony.dimensions());
    let keys = ceremony.joint_keys().unwrap();
    let (id, signing) = (election.election_id().unwrap(), election.signing());
    let dealers: Vec<Value> = (1u16..)
        .zip(&e.seeds)
        .map(|(trustee, seed)| {
            let secrets = seed.ceremony_secrets(&session, &dimensions);
            let rng = &mut getrandom::SysRng;
            let reveal = Reveal::new(&session, trustee, &secrets, rng).unwrap().unwrap();
            let dealt: Vec<String> = (1..=3)
                .map(|to| encode_hex(secrets.joint.share(to).unwrap().expose()))
                .collect();
            let beacon = signing.beacon_of(trustee).unwrap();
            let commitment = contribution_commitment(&session, trustee, &beacon.contribution);
            assert_eq!(ceremony.contribution_commitment(trustee), Some(&commitment));
            json!({
                "seed": encode_hex(seed.expose()),
                "secret coefficients": secrets.joint.expose().iter().map(|b| encode_hex(b.expose())).collect::<Vec<_>>(),
                "coefficients": hex_of(&reveal.joint),
                "possession": encode_hex(reveal.possession.as_bytes()),
                "commitment": reveal.commitment(&session, trustee).to_string(),
                "shares for trustees 1 to 3": dealt,
                "contribution": encode_hex(&beacon.contribution),
                "contribution commitment": commitment.to_string(),
                "verification key": encode_hex(keys.of_trustee(trustee).unwrap().as_bytes()),
                "share of the beacon": encode_hex(beacon.share.as_bytes()),
                "share of the seal": signing.seal_of(trustee).map(|share| encode_hex(share.as_bytes())),
            })
        })
        .collect();
    let signature = election.beacon_signature().unwrap();
    let contributions = [1, 2, 3].map(|trustee| signing.beacon_of(trustee).unwrap().contribution);
    let lots: Vec<Value> = (0u16..)
        .zip(&manifest.contests)
        .map(|(contest, rules)| {
            let seed = lot_seed(&id, &signature, &contributions, contest);
            let order = lot_order(&seed, rules.options.len() as u16);
            json!({ "seed": seed.to_string(), "order": order })
        })
        .collect();
    let seed = audit_seed(&id, &signature);
    let state = signing.final_state().unwrap();
    check_json(
        "joint.json",
        &json!({
            "spec": "Joint signatures (parameters.md), the joint part of the ceremony (key-ceremony.md), beacon-and-seal.md: values of record/",
            "session": session.0.to_string(),
            "election id": id.to_string(),
            "trustees": dealers,
            "joint key": encode_hex(keys.key().as_bytes()),
            "beacon": {
                "message": encode_hex(&election.beacon_message().unwrap()),
                "signature": encode_hex(signature.as_bytes()),
                "audit seed": seed.to_string(),
                "first 5 of the audit sample": audit_sample(&seed, election.close().unwrap().size, 5),
                "lots by contest": lots,
            },
            "seal": {
                "size": state.size,
                "root": state.root.to_string(),
                "message": encode_hex(&election.seal_message().unwrap()),
                "signature": encode_hex(election.seal_signature().unwrap().as_bytes()),
            },
        }),
    );
}

/// Published answers to `Sign`, and encodings that are none.
#[test]
fn joint_signatures_of_others() {
    let outside = vectors("outside.json");
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let suite = &outside["BLS signatures"];
    let messages: Vec<_> = list(&suite["messages"]).iter().map(bytes).collect();
    for key in list(&suite["keys"]) {
        let secret = Secret::new(bytes(&key["secret"]).try_into().unwrap());
        let public = JointPoint::decode(&bytes(&key["public"]).try_into().unwrap()).unwrap();
        let signatures = list(&key["signatures"]);
        assert_eq!(signatures.len(), messages.len());
        for (message, expected) in messages.iter().zip(&signatures) {
            let signature = sign(&secret, message, Use::Message).unwrap();
            assert_eq!(encode_hex(signature.as_bytes()), *expected);
            verify(&public, message, &signature, Use::Message).unwrap();
        }
    }
    let bad = &outside["BLS12-381 bad encodings"];
    for encoding in list(&bad["G1"]) {
        let read = bytes(&encoding).try_into().ok();
        assert!(
            read.and_then(|b| JointPoint::decode(&b)).is_none(),
            "{encoding}"
        );
    }
    for encoding in list(&bad["G2"]) {
        let read = bytes(&encoding).try_into().ok();
        assert!(
            read.and_then(|b| JointSignature::decode(&b)).is_none(),
            "{encoding}"
        );
    }
}
