//! Codes, sealed shares, complaints, and totals.

use super::{UUID, board::entries, check_json, point, vectors};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use protocol::credential::{Code, combine};
use protocol::encoding::{Reader, encode_hex};
use protocol::entry::{Envelope, Kind};
use protocol::group::{Element, Scalar, mul_base, value_base, wide_scalar};
use protocol::key_ceremony::{Complaint, Deal, Dimensions, Reveal, Session, TrusteeSeed};
use protocol::manifest::ElectionManifest;
use protocol::tally::Logarithms;
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

fn hkdf_sha512(ikm: &[u8], salt: &[u8], info: &[u8]) -> Scalar {
    let mut wide = [0; 64];
    Hkdf::<Sha512>::new(Some(salt), ikm)
        .expand(info, &mut wide)
        .unwrap();
    wide_scalar(&wide)
}

#[test]
fn codes_and_their_keys() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let codes: Vec<Value> = (0..3)
        .map(|_| {
            let code = Code::draw(&mut rng).unwrap();
            let text = code.text().expose().clone();
            let symbols: String = text.chars().filter(|c| *c != '-').take(26).collect();
            let keys: Vec<Value> = (0..3u16)
                .map(|issuer| {
                    let info = [b"psephos v1 credential", issuer.to_be_bytes().as_slice()].concat();
                    let secret = hkdf_sha512(symbols.as_bytes(), &UUID, &info);
                    let public = point(mul_base(&secret));
                    let part = combine(&[code.part(&UUID, issuer)]).unwrap();
                    assert_eq!(encode_hex(part.public().as_bytes()), public);
                    json!({ "issuer": issuer, "x": encode_hex(secret.as_bytes()), "X": public })
                })
                .collect();
            let joint = combine(&[0, 1, 2].map(|issuer| code.part(&UUID, issuer))).unwrap();
            // Read as people type it.
            let typed = text
                .to_lowercase()
                .replace('-', " ")
                .replace('1', "l")
                .replace('0', "o");
            let read = Code::parse(&typed).unwrap();
            assert_eq!(*read.text().expose(), text);
            json!({ "code": text, "typed": typed, "symbols": symbols, "parts": keys,
                    "X of all three parts of this code": encode_hex(joint.public().as_bytes()) })
        })
        .collect();
    check_json(
        "codes.json",
        &json!({ "spec": "Code and Key of a part (credentials.md)", "uuid": encode_hex(&UUID), "codes": codes }),
    );
}

/// The ceremony of the record, as far as trustees 1 and 2 see it.
struct Ceremony {
    session: Session,
    dimensions: Dimensions,
    reveals: Vec<Reveal>,
    deals: Vec<Deal>,
}

fn ceremony() -> Ceremony {
    let entries = entries();
    let manifest = ElectionManifest::parse(&entries[0][34..entries[0].len() - 64]).unwrap();
    let dimensions = Dimensions {
        trustees: manifest.n_trustees(),
        threshold: manifest.threshold,
        positions: manifest.n_positions(),
    };
    let (mut reveals, mut deals) = (Vec::new(), Vec::new());
    for entry in &entries {
        let envelope = Envelope::decode(entry).unwrap();
        let mut reader = Reader::new(envelope.body);
        match envelope.kind {
            Kind::Reveal => {
                reader.u16("attempt").unwrap();
                reveals.push(Reveal::decode(&mut reader, &dimensions).unwrap());
            }
            Kind::Deal => {
                reader.u16("attempt").unwrap();
                deals.push(Deal::decode(&mut reader, &dimensions).unwrap());
            }
            _ => {}
        }
    }
    Ceremony {
        session: Session::new(&manifest.id(), 1),
        dimensions,
        reveals,
        deals,
    }
}

/// What trustee 1 dealt to trustee 2, step by step, from the seeds alone.
#[test]
fn sealed_shares() {
    let c = ceremony();
    let salt = c.session.0.as_bytes();
    let derive = |seed: u8, label: &str, i: u16, k: u16| {
        let info = [
            b"psephos v1 trustee ",
            label.as_bytes(),
            &i.to_be_bytes(),
            &k.to_be_bytes(),
        ]
        .concat();
        hkdf_sha512(&[seed; 32], salt, &info)
    };
    let (u, e) = (
        derive(1, "dealing ephemeral", 0, 0),
        derive(2, "share encryption", 0, 0),
    );
    let (dealer, recipient) = (&c.reveals[0], &c.reveals[1]);
    assert_eq!(point(mul_base(&u)), encode_hex(dealer.ephemeral.as_bytes()));
    assert_eq!(
        point(mul_base(&e)),
        encode_hex(recipient.encryption_key.as_bytes())
    );
    let shares: Vec<Scalar> = (0..c.dimensions.positions as u16)
        .map(|i| {
            derive(1, "coefficient", i, 0) + Scalar::from(2u8) * derive(1, "coefficient", i, 1)
        })
        .collect();
    let shared = Element::from_point(recipient.encryption_key.point() * u).unwrap();
    let info = [
        b"psephos v1 share".as_slice(),
        &1u16.to_be_bytes(),
        &2u16.to_be_bytes(),
        dealer.ephemeral.as_bytes(),
        recipient.encryption_key.as_bytes(),
    ]
    .concat();
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(salt), shared.as_bytes())
        .expand(&info, &mut key)
        .unwrap();
    let mut plain: Vec<u8> = shares.iter().flat_map(|share| *share.as_bytes()).collect();
    let secrets = TrusteeSeed::from_bytes(&[1; 32]).ceremony_secrets(&c.session, &c.dimensions);
    let joint = secrets.joint.share(2).unwrap();
    plain.extend_from_slice(joint.expose());
    let sealed = XChaCha20Poly1305::new(&key.into())
        .encrypt(&XNonce::default(), plain.as_slice())
        .unwrap();
    // The program sealed the same bytes.
    assert_eq!(c.deals[0].sealed[1], sealed);
    let scalars: Vec<String> = shares
        .iter()
        .map(|share| encode_hex(share.as_bytes()))
        .collect();
    check_json(
        "sealed-shares.json",
        &json!({ "spec": "Rounds, deal (key-ceremony.md): what trustee 1 of record/ deals to trustee 2",
                 "session": c.session.0.to_string(), "dealer": 1, "recipient": 2,
                 "ephemeral secret": encode_hex(u.as_bytes()), "ephemeral": encode_hex(dealer.ephemeral.as_bytes()),
                 "encryption secret": encode_hex(e.as_bytes()), "encryption key": encode_hex(recipient.encryption_key.as_bytes()),
                 "shared point": encode_hex(shared.as_bytes()), "key": encode_hex(&key),
                 "shares": scalars, "joint share": encode_hex(joint.expose()), "sealed": encode_hex(&sealed) }),
    );
}

/// Trustee 2 complains about trustee 1, though nothing is wrong: the proof holds, the shares too.
#[test]
fn a_complaint() {
    let c = ceremony();
    let secrets = TrusteeSeed::from_bytes(&[2; 32]).ceremony_secrets(&c.session, &c.dimensions);
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let (own, from) = (&c.reveals[1], &c.reveals[0]);
    let complaint = Complaint::new(&c.session, 2, &secrets, own, (1, from), &mut rng)
        .unwrap()
        .unwrap();
    let verdict = complaint.judge(&c.session, (2, own), from, &c.deals[0], &c.dimensions);
    assert_eq!(verdict, Ok(Ok(())));
    let mut body = Vec::new();
    complaint.encode(&mut body);
    check_json(
        "complaint.json",
        &json!({ "spec": "Complaints (key-ceremony.md): trustee 2 of record/ complains about trustee 1, falsely",
                 "session": c.session.0.to_string(), "trustee": 2, "dealer": 1,
                 "ephemeral of the dealer": encode_hex(from.ephemeral.as_bytes()),
                 "encryption key of the trustee": encode_hex(own.encryption_key.as_bytes()),
                 "body after the attempt": encode_hex(&body) }),
    );
}

#[test]
fn totals_in_the_exponent() {
    const BOUND: u64 = 1 << 32;
    let logarithms = Logarithms::up_to(BOUND);
    let totals: Vec<Value> = [
        0,
        1,
        2,
        255,
        65_535,
        65_536,
        65_537,
        1_000_000,
        BOUND - 1,
        BOUND,
    ]
    .into_iter()
    .map(|total| {
        let sum = value_base() * Scalar::from(total);
        assert_eq!(logarithms.find(&sum), Ok(total));
        json!([total, point(sum)])
    })
    .collect();
    assert!(
        logarithms
            .find(&(value_base() * Scalar::from(BOUND + 1)))
            .is_err()
    );
    assert!(logarithms.find(&-value_base()).is_err());
    check_json(
        "totals.json",
        &json!({ "spec": "Combination (tally.md): v and v·H", "totals": totals }),
    );
}

/// The group, key derivation and encryption that the specification takes from elsewhere.
#[test]
fn answers_of_others() {
    let outside = vectors("outside.json");
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let element = |value: &Value| Element::decode(&bytes(value).try_into().unwrap());
    let multiples = outside["ristretto255 multiples of G"]["0 to 15"]
        .as_array()
        .unwrap();
    for (multiple, encoding) in (0u8..).zip(multiples) {
        let expected = point(mul_base(&Scalar::from(multiple)));
        assert_eq!(expected, *encoding);
        assert_eq!(element(encoding).is_some(), multiple > 0);
    }
    for bad in outside["ristretto255 bad encodings"]["encodings"]
        .as_array()
        .unwrap()
    {
        assert!(element(bad).is_none(), "{bad}");
    }
    let v = &outside["HKDF-SHA-256"];
    let mut okm = [0; 42];
    Hkdf::<Sha256>::new(Some(&bytes(&v["salt"])), &bytes(&v["ikm"]))
        .expand(&bytes(&v["info"]), &mut okm)
        .unwrap();
    assert_eq!(okm.as_slice(), bytes(&v["okm"]));
    let v = &outside["XChaCha20-Poly1305"];
    let key: [u8; 32] = bytes(&v["key"]).try_into().unwrap();
    let nonce: [u8; 24] = bytes(&v["nonce"]).try_into().unwrap();
    let (msg, aad) = (bytes(&v["plain"]), bytes(&v["aad"]));
    let sealed = XChaCha20Poly1305::new(&key.into()).encrypt(
        &nonce.into(),
        Payload {
            msg: &msg,
            aad: &aad,
        },
    );
    assert_eq!(sealed.unwrap(), bytes(&v["sealed"]));
}
