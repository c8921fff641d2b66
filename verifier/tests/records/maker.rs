//! A whole election, entry by entry.

mod previews;
mod signing;

use crate::{
    ballots::{Cast, Context, Lie, plain, seal},
    board,
    ceremony::{Dealer, contribution_commitment, rehearse, session},
    dice::{Dice, Key, encode, prove_dleq, prove_without_shares},
    election::{Draft, End, Plan, organiser_key, trustee_key},
    joint,
};
use bls12_381::Scalar as JointScalar;
use std::collections::HashMap;
use verifier::{
    entry::{ENTRY_PREFIX, Kind},
    group::{Generators, Point, Scalar, identity, vanishes},
    log::leaf_hash,
    manifest::{Contest, Manifest},
    transcript::{Digest, Transcript},
};

/// The record being made.
pub struct Maker {
    plan: Plan,
    manifest: Manifest,
    entries: Vec<Vec<u8>>,
    counts: HashMap<Kind, usize>,
    dice: Dice,
}

/// The key of a voter: the sum of the parts of all issuers.
pub fn voter_key(voter: usize, n_issuers: usize) -> Key {
    let part = |issuer| Key::new(format!("code {voter} {issuer}")).secret;
    Key::of((0..n_issuers).map(part).sum())
}

/// Adds the order of the group to an encoded scalar.
pub fn add_order(scalar: &mut [u8]) {
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0;
    for (byte, other) in scalar.iter_mut().zip(order.unwrap()) {
        carry += u16::from(*byte) + u16::from(other);
        *byte = carry as u8;
        carry >>= 8;
    }
}

/// Keys that the ceremony made.
struct Joint {
    ceremony: Digest,
    keys: Vec<Point>,
    /// s_{j,i}, by trustee, then position.
    secrets: Vec<Vec<Scalar>>,
    /// The shares of J, by trustee.
    joint: Vec<JointScalar>,
    /// What is sealed to trustees.
    encryption: Vec<Scalar>,
}

impl Maker {
    pub fn new(plan: Plan) -> Self {
        let manifest = Manifest::read_with_any_quorum(plan.manifest.as_bytes()).unwrap();
        Self {
            plan,
            manifest,
            entries: Vec::new(),
            counts: HashMap::new(),
            dice: Dice::new("record"),
        }
    }

    /// Signs and appends an entry; gives its index and its unsigned bytes.
    fn put(
        &mut self,
        kind: Kind,
        scope: &Digest,
        (author, signer): (&[u8], &Key),
        body: &[u8],
    ) -> (usize, Vec<u8>) {
        let place = (kind, self.counts.get(&kind).copied().unwrap_or_default());
        for (kind, number, entry) in &self.plan.insert {
            if (*kind, *number) == place {
                self.entries.push(entry.clone());
            }
        }
        let number = self.counts.entry(kind).or_default();
        let mut draft = Draft {
            kind,
            number: *number,
            unsigned: [&[3, kind as u8], &scope[..], author, body].concat(),
            signer: signer.clone(),
            spoil_signature: 0,
            add_order: false,
            omit: false,
            twice: false,
        };
        *number += 1;
        (self.plan.hook)(&mut draft);
        let mut signature = draft.signer.sign(ENTRY_PREFIX, &draft.unsigned);
        signature[32] ^= draft.spoil_signature;
        if draft.add_order {
            add_order(&mut signature[32..]);
        }
        let index = self.entries.len();
        let entry = [&draft.unsigned[..], &signature].concat();
        for _ in 0..usize::from(!draft.omit) + usize::from(draft.twice) {
            self.entries.push(entry.clone());
        }
        (index, draft.unsigned)
    }

    fn organiser(&mut self, kind: Kind, scope: &Digest, body: &[u8]) -> usize {
        self.put(kind, scope, (&[], &organiser_key()), body).0
    }

    fn trustee(&mut self, kind: Kind, scope: &Digest, index: u16, body: &[u8]) -> Digest {
        let author = index.to_be_bytes();
        let (at, _) = self.put(kind, scope, (&author, &trustee_key(index)), body);
        self.entries
            .get(at)
            .map_or([0; 32], |entry| leaf_hash(entry))
    }

    pub fn run(mut self) -> Vec<Vec<u8>> {
        let id = self.manifest.id;
        let text = self.plan.manifest.clone();
        self.organiser(Kind::Manifest, &id, text.as_bytes());
        let early = (!self.plan.late_roll).then(|| self.roll());
        let n = self.manifest.n_trustees() as u16;
        for index in 1..=n {
            self.trustee(Kind::Register, &id, index, &[]);
        }
        for number in 1..=self.plan.abandoned {
            let number = number.to_be_bytes();
            self.trustee(Kind::Commit, &id, 1, &[&number[..], &[0; 32]].concat());
            self.trustee(Kind::Abandon, &id, 1, &number);
        }
        let mut attempt = self.plan.abandoned + 1;
        if self.plan.first_attempt != End::Keys {
            self.attempt(attempt, self.plan.first_attempt);
            attempt += 1;
        }
        let joint = self.attempt(attempt, End::Keys).unwrap();

        let credentials = match early {
            Some(credentials) => credentials,
            None => self.roll(),
        };
        let roll = self.roll_digest();
        let voters = (self.n_listed() as u32).to_be_bytes();
        let body = [&roll[..], &voters, &joint.ceremony, &[0; 32]].concat();
        self.organiser(Kind::Open, &id, &body);
        let mut transcript = Transcript::new("election id");
        transcript.append("manifest", &id);
        transcript.append("roll", &roll);
        transcript.append("voters", &voters);
        transcript.append("ceremony", &joint.ceremony);
        let keys: Vec<u8> = joint.keys.iter().flat_map(encode).collect();
        transcript.append("keys", &keys);
        transcript.append("booth", &[0; 32]);
        let election = transcript.digest("election");
        self.ballots(&election, &joint.keys, &credentials);
        self.finish(&election, &joint);
        self.entries
    }

    fn roll(&mut self) -> Vec<Key> {
        let uuid = self.manifest.uuid;
        let n_issuers = self.manifest.issuers.len();
        let mut credentials = Vec::new();
        // Several parts, so that the second begins in the middle of the roll.
        let listed = self.plan.voters.iter().take(self.n_listed());
        let voters: Vec<(u16, u32)> = listed.map(|v| (v.0, v.1)).collect();
        for chunk in voters.chunks(if voters.len() > 100 { 300 } else { 3 }) {
            let mut body = (credentials.len() as u32).to_be_bytes().to_vec();
            body.extend((chunk.len() as u16).to_be_bytes());
            for (style, weight) in chunk {
                body.extend(style.to_be_bytes());
                body.extend(weight.to_be_bytes());
                let mut secret = Scalar::ZERO;
                for issuer in 0..n_issuers {
                    let part = Key::new(format!("code {} {issuer}", credentials.len()));
                    let message = [&uuid[..], &(issuer as u16).to_be_bytes()].concat();
                    body.extend(part.public);
                    body.extend(part.sign(b"psephos v1 credential part\0", &message));
                    secret += part.secret;
                }
                credentials.push(Key::of(secret));
            }
            let id = self.manifest.id;
            self.organiser(Kind::Roll, &id, &body);
        }
        credentials
    }

    fn roll_digest(&self) -> Digest {
        let mut transcript = Transcript::new("roll");
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry[1] == Kind::Roll as u8)
        {
            transcript.append("entry", &leaf_hash(entry));
        }
        transcript.digest("roll")
    }

    fn attempt(&mut self, attempt: u16, end: End) -> Option<Joint> {
        let id = self.manifest.id;
        let session = session(&id, attempt);
        let threshold = usize::from(self.manifest.threshold);
        let n = self.manifest.n_trustees() as u16;
        let number = attempt.to_be_bytes();
        let mut dealers: Vec<Dealer> = (1..=n)
            .map(|index| Dealer::new(index, attempt, self.manifest.n_positions(), threshold))
            .collect();
        if end == End::Keys {
            (self.plan.dealers)(&mut dealers);
        }
        let mut leaves: Vec<[Digest; 3]> = vec![[[0; 32]; 3]; dealers.len()];
        for (index, dealer) in (1..).zip(&dealers) {
            let body = [&number[..], &dealer.commitment(&session)].concat();
            leaves[usize::from(index) - 1][0] = self.trustee(Kind::Commit, &id, index, &body);
        }
        if end == End::Abandoned {
            self.trustee(Kind::Abandon, &id, 2, &number);
            return None;
        }
        for (index, dealer) in (1..).zip(&dealers) {
            let body = [&number[..], &dealer.reveal(&session)].concat();
            leaves[usize::from(index) - 1][1] = self.trustee(Kind::Reveal, &id, index, &body);
        }
        for (index, dealer) in (1..).zip(&dealers) {
            let mut body = number.to_vec();
            for (recipient, to) in dealers.iter().enumerate() {
                let wrong = end == End::JustComplaint && index == 1 && recipient == 1;
                let error = Scalar::from(u8::from(wrong));
                body.extend(dealer.seal(&session, to, error));
            }
            leaves[usize::from(index) - 1][2] = self.trustee(Kind::Deal, &id, index, &body);
        }
        if end != End::Keys {
            let body = [&number[..], &dealers[1].complain(&session, &dealers[0])].concat();
            self.trustee(Kind::Complain, &id, 2, &body);
            return None;
        }
        let keys: Vec<Point> = (0..self.manifest.n_positions())
            .map(|i| {
                dealers
                    .iter()
                    .map(|d| Point::mul_base(&d.polynomials[i][0]))
                    .sum()
            })
            .collect();
        let mut transcript = Transcript::new("ceremony");
        transcript.append("session", &session);
        for [commit, reveal, deal] in &leaves {
            transcript.append("commit", commit);
            transcript.append("reveal", reveal);
            transcript.append("deal", deal);
        }
        transcript.append("keys", &keys.iter().flat_map(encode).collect::<Vec<u8>>());
        let ceremony = transcript.digest("ceremony");
        let mut secrets = Vec::new();
        let mut joint = Vec::new();
        for index in 1..=n {
            let share = |dealer: &Dealer| joint::evaluate(&dealer.joint, index);
            joint.push(dealers.iter().map(share).sum::<JointScalar>());
        }
        for index in 1..=n {
            let mut sums = vec![Scalar::ZERO; keys.len()];
            for dealer in &dealers {
                for (sum, share) in sums.iter_mut().zip(dealer.shares_for(index)) {
                    *sum += share;
                }
            }
            let rehearsal = [b"psephos v2 rehearsal\0", &ceremony[..]].concat();
            let body = [
                &number[..],
                &ceremony,
                &rehearse(&ceremony, index, &sums),
                &contribution_commitment(&session, index),
                &self.sign_jointly(Kind::Certify, index, &joint, rehearsal),
            ]
            .concat();
            self.trustee(Kind::Certify, &id, index, &body);
            secrets.push(sums);
        }
        Some(Joint {
            ceremony,
            keys,
            secrets,
            joint,
            encryption: dealers.iter().map(|dealer| dealer.encryption).collect(),
        })
    }

    fn ballots(&mut self, election: &Digest, keys: &[Point], credentials: &[Key]) {
        let coordinates = self
            .manifest
            .styles
            .iter()
            .map(|s| s.shape.coordinates.len());
        let generators = Generators::new(coordinates.max().unwrap());
        let voters = self.plan.voters.clone();
        for (voter, (style, _, ballots)) in voters.iter().enumerate() {
            let key = &match credentials.get(voter) {
                Some(key) => key.clone(),
                None => voter_key(voter, self.manifest.issuers.len()),
            };
            let mut previous = [0; 32];
            for (counter, answers) in (1..).zip(ballots) {
                let lie = std::mem::replace(&mut self.plan.lie, Lie::None);
                let mut cast = Cast {
                    style: *style,
                    credential: &key.public,
                    counter,
                    previous: &previous,
                    answers,
                    lie,
                    nonce: None,
                    tamper: None,
                    ranges: None,
                };
                (self.plan.casting)(voter, &mut cast);
                let context = Context {
                    manifest: &self.manifest,
                    election,
                    keys,
                    generators: &generators,
                };
                let body = seal(&context, &cast, &mut self.dice);
                let n_voids = match counter {
                    1 if voter < self.plan.voids => self.plan.voids_each,
                    _ => 0,
                };
                let voided: Vec<_> = (0..n_voids)
                    .map(|_| seal(&context, &cast, &mut self.dice))
                    .collect();
                for other in voided {
                    let void = [&[7; 32], &other[38..70]].concat();
                    self.put(Kind::Void, election, (&key.public, key), &void);
                }
                let (_, unsigned) = self.put(Kind::Ballot, election, (&key.public, key), &body);
                let mut transcript = Transcript::new("confirmation code");
                transcript.append("entry", &unsigned);
                previous = transcript.digest("code");
            }
        }
    }

    fn finish(&mut self, election: &Digest, joint: &Joint) {
        let close = self.organiser(Kind::Close, election, &[]);
        let size = (close as u64 + 1).to_be_bytes();
        let root = board::root(&self.entries[..=close]);
        for index in 1..=self.plan.certifiers as u16 {
            let body = [&size[..], &root].concat();
            self.trustee(Kind::CertifyClose, election, index, &body);
        }
        for witnessing in self.plan.witnessing.clone() {
            self.witness_close(election, close, &witnessing);
        }
        for index in self.plan.beacons.clone() {
            self.beacon(election, joint, index);
        }
        let mut transcript = Transcript::new("certified close");
        transcript.append("election", election);
        transcript.append("size", &size);
        transcript.append("root", &root);
        let digest = transcript.digest("close");

        // The aggregates, from the bodies that are on the board.
        let tallies = self.tallies();
        let minimum = self.manifest.minimum_ballots;
        let decrypted: Vec<(usize, Point)> = tallies
            .iter()
            .enumerate()
            .filter(|(_, (ballots, _, alpha, _))| *ballots >= minimum && !vanishes(alpha))
            .map(|(number, (_, _, alpha, _))| (number, *alpha))
            .collect();
        for index in self.plan.previews.clone() {
            self.preview((election, &digest), index, joint, &decrypted);
        }
        for index in 1..=self.plan.sharers as u16 {
            let mut closed = self.plan.closed.clone();
            (self.plan.closed_by)(index, &mut closed);
            let mut body = Vec::new();
            for (number, alpha) in &decrypted {
                let (bytes, open) = self.open(*number, &closed);
                body.extend(bytes);
                if open.is_empty() {
                    continue;
                }
                let mut context = Transcript::new("decryption");
                context.append("election", election);
                context.append("close", &digest);
                context.append("trustee", &index.to_be_bytes());
                context.append("contest", &(*number as u16).to_be_bytes());
                let first = self.manifest.contests[*number].first_position;
                let of_trustee = &joint.secrets[usize::from(index) - 1];
                let secrets: Vec<Scalar> = open.iter().map(|i| of_trustee[first + i]).collect();
                let context = context.digest("context");
                let (mut shares, mut proof) = prove_dleq(&context, alpha, &secrets, &mut self.dice);
                if self.plan.unhashed_share && usize::from(index) == self.plan.sharers {
                    (shares, proof) =
                        prove_without_shares(&context, alpha, &secrets, &mut self.dice);
                }
                if index == 1 && *number == 0 {
                    shares[0] += alpha * self.plan.share_error;
                }
                body.extend(shares.iter().flat_map(encode));
                body.extend(proof);
            }
            self.trustee(Kind::Shares, election, index, &body);
        }
        let closed = self.plan.closed.clone();
        let mut body = Vec::new();
        for (number, (ballots, weight, _, totals)) in tallies.iter().enumerate() {
            body.extend(ballots.to_be_bytes());
            body.extend(weight.to_be_bytes());
            body.push(u8::from(*ballots >= minimum));
            if *ballots >= minimum {
                let (bytes, open) = self.open(number, &closed);
                body.extend(bytes);
                body.extend(open.iter().flat_map(|i| totals[*i].to_be_bytes()));
            }
        }
        let result = self.organiser(Kind::Result, election, &body);
        let root = board::root(&self.entries[..=result.min(self.entries.len() - 1)]);
        for index in self.plan.late_beacons.clone() {
            self.beacon(election, joint, index);
        }
        self.seals(election, joint, (result, &root));
    }

    /// The bytes that say which cells of a contest are closed, and its open positions.
    fn open(&self, number: usize, closed: &[(usize, Vec<usize>)]) -> (Vec<u8>, Vec<usize>) {
        let guarded = self.manifest.guarded(number);
        let closed = closed.iter().find(|(contest, _)| *contest == number);
        let mut closed = closed.map_or(Vec::new(), |(_, closed)| closed.clone());
        let mut bytes = vec![0; guarded.len().div_ceil(8)];
        for (bit, position) in guarded.iter().enumerate() {
            bytes[bit / 8] |= u8::from(closed.contains(position)) << (7 - bit % 8);
        }
        let contest = &self.manifest.contests[number];
        closed.extend(contest.closed_with(&closed));
        let open = (0..contest.n_positions()).filter(|position| !closed.contains(position));
        (bytes, open.collect())
    }

    /// Ballots, weight, A_c and the totals of the plan, by contest.
    fn tallies(&self) -> Vec<(u32, u64, Point, Vec<u64>)> {
        let mut last: HashMap<&[u8], &[u8]> = HashMap::new();
        let ballots = self
            .entries
            .iter()
            .filter(|entry| entry[1] == Kind::Ballot as u8);
        for entry in ballots {
            last.insert(&entry[34..66], &entry[66..]);
        }
        let of = |contest: &Contest| (0, 0, identity(), vec![0; contest.n_positions()]);
        let mut tallies: Vec<(u32, u64, Point, Vec<u64>)> =
            self.manifest.contests.iter().map(of).collect();
        let listed = self.plan.voters.iter().take(self.n_listed());
        let counted = listed
            .enumerate()
            .filter(|(voter, _)| self.plan.left_out != Some(*voter));
        for (voter, (style, weight, ballots)) in counted {
            let style = &self.manifest.styles[usize::from(*style)];
            let credential = self.credential(voter);
            let (Some(answers), Some(body)) = (ballots.last(), last.get(&credential[..])) else {
                continue;
            };
            let encoding: [u8; 32] = body[38..70].try_into().unwrap();
            let point = verifier::group::decode_point(&encoding).unwrap_or(identity());
            let (values, _) = plain(&self.manifest, style, answers);
            let mut values = values.into_iter();
            for number in &style.contests {
                let (ballots, weights, alpha, totals) = &mut tallies[*number];
                *ballots += 1;
                *weights += u64::from(*weight);
                *alpha += point * Scalar::from(*weight);
                for total in totals {
                    *total += u64::from(*weight) * values.next().unwrap();
                }
            }
        }
        tallies
    }

    fn n_listed(&self) -> usize {
        self.plan.voters.len() - self.plan.unlisted
    }

    fn credential(&self, voter: usize) -> [u8; 32] {
        voter_key(voter, self.manifest.issuers.len()).public
    }
}
