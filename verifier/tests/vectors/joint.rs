//! Joint key, beacon and seal, and what others published of their curve.

use super::{bytes, record, vectors};
use serde_json::Value;
use verifier::{
    batch::Randomness,
    checks::joint::{lot_order, sample},
    joint::{JointClaim, JointKey, JointKeys, JointSignature, Purpose, find_false, is_share},
    progress::Silent,
};

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn key(value: &Value) -> JointKey {
    JointKey::decode(&bytes(value)).unwrap()
}

fn signature(value: &Value) -> JointSignature {
    JointSignature::decode(&bytes(value)).unwrap()
}

fn claim(key: JointKey, message: &Value, signature: JointSignature) -> JointClaim {
    JointClaim {
        key,
        purpose: Purpose::Message,
        message: hex::decode(message.as_str().unwrap()).unwrap(),
        signature,
    }
}

fn false_ones(claims: &[JointClaim]) -> Vec<usize> {
    let claims: Vec<&JointClaim> = claims.iter().collect();
    find_false(&claims, &Randomness::new([3; 32]))
}

#[test]
fn keys_shares_and_signatures() {
    let vectors = vectors("joint.json");
    let coefficients: Vec<Vec<JointKey>> = list(&vectors["trustees"])
        .map(|trustee| list(&trustee["coefficients"]).map(key).collect())
        .collect();
    let dealers: Vec<&[JointKey]> = coefficients.iter().map(Vec::as_slice).collect();
    let keys = JointKeys::combine(&dealers);
    assert_eq!(keys.key, key(&vectors["joint key"]));
    let mut claims = Vec::new();
    for (number, trustee) in (1..).zip(list(&vectors["trustees"])) {
        let own = *keys.of_trustee(number).unwrap();
        assert_eq!(own, key(&trustee["verification key"]));
        let dealt = &coefficients[usize::from(number) - 1];
        for (to, share) in (1..).zip(list(&trustee["shares for trustees 1 to 3"])) {
            assert!(is_share(&bytes(share), dealt, to));
            assert!(!is_share(&bytes(share), dealt, to + 1));
        }
        let joined: Vec<u8> = dealt.iter().flat_map(JointKey::encoding).collect();
        let session: [u8; 32] = bytes(&vectors["session"]);
        let message = [
            b"psephos v2 possession\0",
            &session[..],
            &number.to_be_bytes(),
            &joined,
        ];
        claims.push(JointClaim {
            key: dealt[0],
            purpose: Purpose::Possession,
            message: message.concat(),
            signature: signature(&trustee["possession"]),
        });
        for what in ["beacon", "seal"] {
            // Not everybody seals.
            let share = &trustee[format!("share of the {what}")];
            if !share.is_null() {
                claims.push(claim(own, &vectors[what]["message"], signature(share)));
            }
        }
    }
    for what in ["beacon", "seal"] {
        let whole = signature(&vectors[what]["signature"]);
        claims.push(claim(keys.key, &vectors[what]["message"], whole));
        let name = format!("share of the {what}");
        let shares: Vec<(u16, JointSignature)> = (1..)
            .zip(list(&vectors["trustees"]))
            .filter(|(_, trustee)| !trustee[&name].is_null())
            .map(|(number, trustee)| (number, signature(&trustee[&name])))
            .collect();
        for two in shares.windows(2) {
            assert_eq!(JointSignature::combine(two), whole);
        }
    }
    assert!(false_ones(&claims).is_empty());
}

/// The report of the record says what the vectors do.
#[test]
fn beacon_lots_and_seal_of_the_record() {
    let vectors = vectors("joint.json");
    let report = verifier::verify(&record(), [1; 32], &Silent);
    let joint = report.joint.unwrap();
    assert_eq!(joint.key, vectors["joint key"]);
    let (beacon, expected) = (joint.beacon, &vectors["beacon"]);
    assert_eq!(beacon.message, expected["message"]);
    assert_eq!(beacon.signature.unwrap(), expected["signature"]);
    assert_eq!(beacon.audit_seed.unwrap(), expected["audit seed"]);
    let drawn: Value = sample(&bytes(&expected["audit seed"]), beacon.entries, 5).into();
    assert_eq!(drawn, expected["first 5 of the audit sample"]);
    let lots = beacon.lots.unwrap();
    for (lots, expected) in lots.iter().zip(list(&expected["lots by contest"])) {
        assert_eq!(Value::from(lots.order.clone()), expected["order"]);
        let order = lot_order(&bytes(&expected["seed"]), lots.order.len());
        assert_eq!(order, lots.order);
    }
    let (seal, expected) = (joint.seal.unwrap(), &vectors["seal"]);
    assert_eq!(seal.message, expected["message"]);
    assert_eq!(seal.size, expected["size"]);
    assert_eq!(seal.root, expected["root"]);
    assert_eq!(seal.signature.unwrap(), expected["signature"]);
}

#[test]
fn answers_of_others_about_the_curve() {
    let outside = vectors("outside.json");
    let bad = &outside["BLS12-381 bad encodings"];
    for encoding in list(&bad["G1"]) {
        let bytes = hex::decode(encoding.as_str().unwrap()).unwrap();
        let decoded = bytes.as_slice().try_into().map(JointKey::decode);
        assert!(!matches!(decoded, Ok(Ok(_))), "{encoding}");
    }
    for encoding in list(&bad["G2"]) {
        let bytes = hex::decode(encoding.as_str().unwrap()).unwrap();
        let decoded = bytes.as_slice().try_into().map(JointSignature::decode);
        assert!(!matches!(decoded, Ok(Ok(_))), "{encoding}");
    }
    let signed = &outside["BLS signatures"];
    let mut claims = Vec::new();
    for of_key in list(&signed["keys"]) {
        for (message, made) in list(&signed["messages"]).zip(list(&of_key["signatures"])) {
            claims.push(claim(key(&of_key["public"]), message, signature(made)));
        }
    }
    assert!(claims.len() >= 9);
    assert!(false_ones(&claims).is_empty());
    let exchanged = claims[0].signature;
    claims[0].signature = claims[1].signature;
    assert_eq!(false_ones(&claims), [0]);
    claims[1].signature = exchanged;
    assert_eq!(false_ones(&claims), [0, 1]);
}
