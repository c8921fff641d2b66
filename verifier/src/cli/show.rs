//! One entry, readably.

use super::{page::utc, plain::plain};
use std::fmt::Write;
use verifier::{
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    entry::{Author, Entry, body::Body, manifest_bytes},
    log::leaf_hash,
    manifest::Manifest,
    record::{
        Record,
        layout::{CHECKPOINT, bundle_of},
    },
    scan::split,
};

/// Describes entry `index` of a record.
pub fn entry(record: &dyn Record, index: u64) -> Result<String, String> {
    let note = record
        .read(CHECKPOINT, MAX_CHECKPOINT)
        .map_err(|error| error.to_string())?;
    let size = UnverifiedCheckpoint::parse(&note)
        .map_err(|error| error.to_string())?
        .size;
    let first = bytes(record, size, 0)?;
    let text = manifest_bytes(&first).map_err(|error| error.to_string())?;
    let manifest = Manifest::read(text).map_err(|error| format!("the manifest: {error}"))?;
    let bytes = bytes(record, size, index)?;
    let entry = Entry::decode(&bytes, &manifest)
        .map_err(|error| format!("entry {index} does not decode: {error}"))?;
    let mut text = String::new();
    describe(&entry, &bytes, &manifest, index, &mut text)
        .map_err(|_| "could not describe the entry".to_owned())?;
    Ok(text)
}

fn bytes(record: &dyn Record, size: u64, index: u64) -> Result<Vec<u8>, String> {
    let missing = || format!("the record has no entry {index}");
    let tile = bundle_of(index, size).ok_or_else(missing)?;
    let bundle = record
        .read(&tile.path(), tile.bytes().1)
        .map_err(|error| error.to_string())?;
    let (entries, _) = split(&bundle, tile.width);
    entries
        .get((index % 256) as usize)
        .map(|entry| entry.to_vec())
        .ok_or_else(missing)
}

fn describe(
    entry: &Entry<'_>,
    bytes: &[u8],
    manifest: &Manifest,
    index: u64,
    to: &mut String,
) -> std::fmt::Result {
    writeln!(to, "entry          {index}, {} bytes", bytes.len())?;
    writeln!(to, "kind           {}", entry.kind.name())?;
    writeln!(to, "scope          {}", hex::encode(entry.scope))?;
    match entry.author {
        Author::Organiser => {
            writeln!(
                to,
                "author         organiser, {}",
                plain(&manifest.organiser.name)
            )?;
        }
        Author::Trustee(number) => {
            let name = manifest.trustee(number).map_or("", |trustee| &trustee.name);
            writeln!(to, "author         trustee {number}, {}", plain(name))?;
        }
        Author::Witness(number) => {
            let name = manifest.witness(number).map_or("", |witness| &witness.name);
            writeln!(to, "author         witness {number}, {}", plain(name))?;
        }
        Author::Voter(credential) => {
            writeln!(to, "author         voter {}", hex::encode(credential))?;
        }
    }
    writeln!(to, "leaf hash      {}", hex::encode(leaf_hash(bytes)))?;
    if let Some(attempt) = entry.body.attempt() {
        writeln!(to, "attempt        {attempt}")?;
    }
    body(entry, manifest, to)?;
    writeln!(to, "signature      {}", hex::encode(entry.signature))
}

fn body(entry: &Entry<'_>, manifest: &Manifest, to: &mut String) -> std::fmt::Result {
    match &entry.body {
        Body::Manifest(text) => {
            writeln!(to, "manifest id    {}", hex::encode(manifest.id))?;
            writeln!(to, "{}", String::from_utf8_lossy(text).escape_debug())?;
        }
        Body::Roll(roll) => {
            let last = u64::from(roll.first) + roll.voters.len() as u64;
            writeln!(
                to,
                "voters         {} to {}",
                roll.first,
                last.saturating_sub(1)
            )?;
        }
        Body::Commit { commitment, .. } => {
            writeln!(to, "commitment     {}", hex::encode(commitment))?;
        }
        Body::Reveal(reveal) => {
            writeln!(to, "coefficients   {}", reveal.coefficients.len())?;
            let key = hex::encode(reveal.encryption_key.encoding());
            writeln!(to, "encryption key {key}")?;
            let ephemeral = hex::encode(reveal.ephemeral.encoding());
            writeln!(to, "ephemeral      {ephemeral}")?;
            for (degree, joint) in reveal.joint.iter().enumerate() {
                let joint = hex::encode(joint);
                writeln!(to, "joint {degree:<8} {joint}")?;
            }
            let possession = hex::encode(reveal.possession);
            writeln!(to, "possession     {possession}")?;
        }
        Body::Deal { sealed, .. } => writeln!(to, "sealed shares  {} bytes", sealed.len())?,
        Body::Complain(complaint) => writeln!(to, "dealer         {}", complaint.dealer)?,
        Body::Certify(certificate) => {
            let ceremony = hex::encode(certificate.ceremony);
            writeln!(to, "ceremony       {ceremony}")?;
            let contribution = hex::encode(certificate.contribution);
            writeln!(to, "contribution   committed to as {contribution}")?;
            let joint = hex::encode(certificate.joint);
            writeln!(to, "joint share    {joint}")?;
        }
        Body::Open(open) => {
            writeln!(to, "roll           {}", hex::encode(open.roll))?;
            writeln!(to, "voters         {}", open.voters)?;
            writeln!(to, "ceremony       {}", hex::encode(open.ceremony))?;
            writeln!(to, "booth          {}", hex::encode(open.booth))?;
        }
        Body::Ballot(ballot) => {
            let style = manifest.styles.get(usize::from(ballot.style));
            let style = style.map_or("", |style| &style.id);
            writeln!(to, "style          {style}")?;
            writeln!(to, "counter        {}", ballot.counter)?;
            writeln!(to, "previous       {}", hex::encode(ballot.previous))?;
            let code = hex::encode(entry.confirmation_code());
            writeln!(to, "code           {code}")?;
            writeln!(to, "alpha          {}", hex::encode(ballot.alpha))?;
            writeln!(to, "positions      {}", ballot.beta.len() / 32)?;
        }
        Body::Void { code, alpha } => {
            writeln!(to, "code           {}", hex::encode(code))?;
            writeln!(to, "alpha          {}", hex::encode(alpha))?;
        }
        Body::CertifyClose { size, root } => {
            writeln!(to, "size           {size}")?;
            writeln!(to, "root           {}", hex::encode(root))?;
        }
        Body::WitnessClose { size, time } => {
            writeln!(to, "size           {size}")?;
            writeln!(to, "cosigned at    {}", utc(*time))?;
        }
        Body::Beacon {
            contribution,
            share,
        } => {
            writeln!(to, "contribution   {}", hex::encode(contribution))?;
            writeln!(to, "joint share    {}", hex::encode(share))?;
        }
        Body::Seal(share) => {
            writeln!(to, "joint share    {}", hex::encode(share))?;
        }
        Body::Shares(bytes) => writeln!(to, "shares         {} bytes", bytes.len())?,
        Body::Preview(bytes) => writeln!(to, "sealed shares  {} bytes", bytes.len())?,
        Body::Result(contests) => {
            for (contest, published) in manifest.contests.iter().zip(contests) {
                write!(
                    to,
                    "result         {}: {} ballots",
                    contest.id, published.ballots
                )?;
                match &published.totals {
                    Some(totals) => {
                        let totals: Vec<String> = totals
                            .iter()
                            .map(|total| total.map_or("closed".to_owned(), |t| t.to_string()))
                            .collect();
                        writeln!(to, ", totals {}", totals.join(", "))?;
                    }
                    None => writeln!(to, ", withheld")?,
                }
            }
        }
        Body::Empty | Body::Abandon { .. } => {}
    }
    Ok(())
}
