use super::*;
use std::collections::HashSet;

use getrandom::SysRng;
use protocol::credential::combine;
use protocol::encoding::encode_hex;
use protocol::group::Element;
use protocol::manifest::ElectionManifest;
use protocol::secret::Secret;
use protocol::signature::SigningKey;

use crate::roll_part::{PartError, combine_parts};

const UUID: [u8; 16] = [7; 16];

fn manifest(issuers: usize) -> ElectionManifest {
    let key = |seed: u8| {
        let scalar = protocol::group::wide_scalar(&[seed; 64]);
        let key = SigningKey::new(Secret::new(scalar)).unwrap();
        encode_hex(key.public().as_bytes())
    };
    let issuers: Vec<_> = (1..=issuers)
        .map(|i| format!(r#"{{"name":"I{i}"}}"#))
        .collect();
    let uuid = encode_hex(&UUID);
    let text = format!(
        r#"{{"psephos":3,"uuid":"{uuid}","language":"en","title":{{"en":"T"}},
        "organiser":{{"name":"O","key":"{}"}},"issuers":[{}],"trustees":[{{"name":"T","key":"{}"}}],
        "threshold":1,"close_quorum":1,"board":{{"origin":"localhost/e/{uuid}","key":"{}"}},
        "opens":"2026-01-01T00:00:00Z","closes":"2027-01-01T00:00:00Z",
        "styles":[{{"id":"all","contests":["c"]}},{{"id":"some","contests":["c"]}}],
        "contests":[{{"id":"c","kind":"choices","title":{{"en":"Who?"}},
        "options":[{{"id":"a","label":{{"en":"A"}}}}],"min":0,"max":1,"blank":true}}],"minimum_ballots":1}}"#,
        key(1),
        issuers.join(","),
        key(2),
        "11".repeat(32),
    );
    ElectionManifest::parse(text.as_bytes()).unwrap()
}

fn voters(ids: impl Iterator<Item = usize>) -> VoterList {
    let lines: String = ids
        .map(|i| {
            format!(
                "v{i},{},{}\n",
                i % 3 + 1,
                if i % 2 == 0 { "all" } else { "some" }
            )
        })
        .collect();
    VoterList::parse(format!("id,weight,style\n{lines}").as_bytes(), None).unwrap()
}

fn order_key() -> OrderKey {
    let folder = tempfile::tempdir().unwrap();
    OrderKey::create(&folder.path().join("order.key"), &mut SysRng).unwrap()
}

fn key_of(code: &Code, issuer: u16) -> String {
    let key = combine(&[code.part(&UUID, issuer)]).unwrap();
    encode_hex(key.public().as_bytes())
}

/// Ids of the voters in the order of the public part.
fn order<'a>(issued: &Issued<'a>, issuer: u16) -> Vec<&'a str> {
    let find = |line: &IssuedVoter| {
        let mut codes = issued.codes.iter();
        codes
            .find(|(_, code)| key_of(code, issuer) == line.key)
            .unwrap()
            .0
            .id
            .as_str()
    };
    issued.part.voters.iter().map(find).collect()
}

#[test]
fn the_order_of_the_public_part_is_that_of_the_key_and_not_of_the_list() {
    let (key, other_key) = (order_key(), order_key());
    let (list, reversed) = (voters(0..40), voters((0..40).rev()));
    let issue = |list, key| issue(&UUID, 1, list, key, || SysRng).unwrap();
    let (a, b, c) = (
        issue(&list, &key),
        issue(&reversed, &key),
        issue(&list, &other_key),
    );
    assert_eq!(order(&a, 0), order(&b, 0));
    assert_eq!(a.part.order, b.part.order);
    assert_ne!(order(&a, 0), order(&c, 0));
    assert_ne!(a.part.order, c.part.order);
    let ids: Vec<_> = list
        .voters()
        .iter()
        .map(|voter| voter.id.as_str())
        .collect();
    assert_ne!(order(&a, 0), ids);
    // Codes stay in the order of the list, each for its voter's style and weight.
    assert!(a.codes.iter().map(|(voter, _)| voter.id.as_str()).eq(ids));
    for (line, id) in a.part.voters.iter().zip(order(&a, 0)) {
        let voter = list.voters().iter().find(|voter| voter.id == id).unwrap();
        assert_eq!((line.weight, &line.style), (voter.weight, &voter.style));
    }
    // Nothing of the voters stands in the file.
    let json = String::from_utf8(a.part.to_json().unwrap()).unwrap();
    assert!(!json.contains("\"v1"));
}

#[test]
fn a_code_makes_the_key_on_the_roll() {
    let (manifest, list) = (manifest(1), voters(0..20));
    let issued = issue(&UUID, 1, &list, &order_key(), || SysRng).unwrap();
    let part = IssuedPart::parse("p".as_ref(), &issued.part.to_json().unwrap()).unwrap();
    let roll = combine_parts(&manifest, vec![part], &mut SysRng).unwrap();
    let keys: HashSet<_> = roll
        .iter()
        .map(|voter| *voter.credential().unwrap().as_bytes())
        .collect();
    assert_eq!(keys.len(), 20);
    for (_, code) in &issued.codes {
        let typed = Code::parse(code.text().expose()).unwrap();
        let key = combine(&[typed.part(&UUID, 0)]).unwrap();
        assert!(keys.contains(key.public().as_bytes()));
    }
}

#[test]
fn the_parts_of_two_issuers_combine_voter_by_voter() {
    let (manifest, key) = (manifest(2), order_key());
    // Each issuer has the list in an order of its own.
    let (list, reversed) = (voters(0..30), voters((0..30).rev()));
    let first = issue(&UUID, 1, &list, &key, || SysRng).unwrap();
    let second = issue(&UUID, 2, &reversed, &key, || SysRng).unwrap();
    let parts = vec![second.part.clone(), first.part.clone()];
    let roll = combine_parts(&manifest, parts, &mut SysRng).unwrap();
    for (voter, code) in &first.codes {
        let (_, other) = second
            .codes
            .iter()
            .find(|(other, _)| other.id == voter.id)
            .unwrap();
        let key = combine(&[code.part(&UUID, 0), other.part(&UUID, 1)]).unwrap();
        let line = roll
            .iter()
            .find(|line| line.credential().as_ref() == Some(key.public()));
        let line = line.expect("both codes of one voter make its credential");
        assert_eq!(line.weight, voter.weight);
        assert_eq!(manifest.styles[usize::from(line.style)].id, voter.style);
    }
}

#[test]
fn parts_that_do_not_fit_are_refused_by_name() {
    let (manifest, key, other_key) = (manifest(2), order_key(), order_key());
    let list = voters(0..10);
    let part = |issuer, list, key| issue(&UUID, issuer, list, key, || SysRng).unwrap().part;
    let (first, second) = (part(1, &list, &key), part(2, &list, &key));
    let refusal = |parts: Vec<IssuedPart>| {
        combine_parts(&manifest, parts, &mut SysRng)
            .unwrap_err()
            .to_string()
    };
    let with = |change: fn(&mut IssuedPart)| {
        let mut changed = second.clone();
        change(&mut changed);
        refusal(vec![first.clone(), changed])
    };
    assert!(combine_parts(&manifest, vec![first.clone(), second.clone()], &mut SysRng).is_ok());
    assert!(refusal(vec![first.clone()]).contains("issuers [1] are here"));
    assert!(refusal(vec![first.clone(), first.clone()]).contains("issuers [1, 1] are here"));
    assert!(with(|part| part.voters[4].weight += 1).contains("the weight of voter 5"));
    assert!(with(|part| part.voters[4].style.push('x')).contains("the style of voter 5"));
    assert!(
        with(|part| drop(part.voters.pop()))
            .contains("issuer 2 lists 9 voters and issuer 1 lists 10")
    );
    assert!(with(|part| part.uuid = "00".repeat(16)).contains("is for the election 0000"));
    assert!(
        with(|part| part.voters[2].key = "00".repeat(32)).contains("issuer 2, voter 3: the key")
    );
    assert!(
        with(|part| part.voters[2].possession = "0".to_owned())
            .contains("issuer 2, voter 3: the proof")
    );
    assert!(
        with(|part| {
            let other = part.voters[3].possession.clone();
            part.voters[2].possession = other;
        })
        .contains("proof of possession of voter 2's part by issuer 2 does not hold")
    );
    // Another list of equal styles and weights, or another order key, would pair strangers.
    let strangers = voters(6..16);
    let plain = |ids: std::ops::Range<usize>| {
        let ids: String = ids.map(|i| format!("v{i}\n")).collect();
        VoterList::parse(
            format!("id,style\n{}", ids.replace('\n', ",all\n")).as_bytes(),
            None,
        )
        .unwrap()
    };
    let (these, those) = (plain(0..10), plain(1..11));
    let same = part(1, &these, &key);
    assert!(
        refusal(vec![same.clone(), part(2, &those, &key)])
            .contains("different voter lists or different order keys")
    );
    assert!(
        refusal(vec![same, part(2, &these, &other_key)])
            .contains("different voter lists or different order keys")
    );
    let shifted = combine_parts(
        &manifest,
        vec![first, part(2, &strangers, &key)],
        &mut SysRng,
    );
    assert!(shifted.is_err());
}

#[test]
fn one_credential_twice_and_unknown_styles_are_refused() {
    let (manifest, list) = (manifest(1), voters(0..6));
    let part = issue(&UUID, 1, &list, &order_key(), || SysRng)
        .unwrap()
        .part;
    let mut repeated = part.clone();
    (repeated.voters[5].key, repeated.voters[5].possession) = (
        part.voters[1].key.clone(),
        part.voters[1].possession.clone(),
    );
    assert!(matches!(
        combine_parts(&manifest, vec![repeated], &mut SysRng),
        Err(PartError::Repeated {
            first: 2,
            second: 6
        })
    ));
    let mut styled = part.clone();
    styled.voters[3].style.clear();
    assert!(matches!(
        combine_parts(&manifest, vec![styled], &mut SysRng),
        Err(PartError::Style { voter: 4, .. })
    ));
    let mut weightless = part;
    weightless.voters[3].weight = 0;
    assert!(combine_parts(&manifest, vec![weightless], &mut SysRng).is_err());
}

#[test]
fn one_part_for_two_voters_is_refused() {
    let (manifest, key, list) = (manifest(2), order_key(), voters(0..6));
    let part = |issuer| issue(&UUID, issuer, &list, &key, || SysRng).unwrap().part;
    let (first, mut second) = (part(1), part(2));
    (second.voters[5].key, second.voters[5].possession) = (
        second.voters[1].key.clone(),
        second.voters[1].possession.clone(),
    );
    assert!(matches!(
        combine_parts(&manifest, vec![first, second], &mut SysRng),
        Err(PartError::Repeated {
            first: 2,
            second: 6
        })
    ));
}

#[test]
fn two_issuers_whose_parts_cancel_are_refused() {
    // A part that is the other's negative cannot have a proof of possession, so it is never summed.
    let (manifest, key, list) = (manifest(2), order_key(), voters(0..1));
    let first = issue(&UUID, 1, &list, &key, || SysRng).unwrap().part;
    let bytes = protocol::encoding::decode_hex(&first.voters[0].key).unwrap();
    let negative = Element::from_point(-*Element::decode(&bytes).unwrap().point()).unwrap();
    let mut second = first.clone();
    second.issuer = 2;
    second.voters[0].key = encode_hex(negative.as_bytes());
    assert!(matches!(
        combine_parts(&manifest, vec![first, second], &mut SysRng),
        Err(PartError::Possession(_))
    ));
}
