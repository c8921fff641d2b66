//! Cost of the trustees' joint key and signatures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use protocol::joint::{JointKeys, JointPoint, JointShare, JointSignature, Polynomial};
use zeroize::Zeroizing;

fn dealer(d: u8, t: u8) -> Polynomial {
    Polynomial::from_wide((0..t).map(|k| Zeroizing::new([16 * d + k + 1; 64])))
}

fn joint(c: &mut Criterion) {
    for (n, t) in [(3u8, 2u8), (10, 6)] {
        let dealers: Vec<_> = (0..n).map(|d| dealer(d, t)).collect();
        let points: Vec<_> = dealers.iter().map(|d| d.points().unwrap()).collect();
        let keys = || {
            let points = points.iter().map(Vec::as_slice);
            JointKeys::new(points, n.into(), t.into()).unwrap()
        };
        let shares: Vec<_> = (1..=u16::from(n))
            .map(|j| {
                let dealt: Vec<_> = dealers.iter().map(|d| d.share(j).unwrap()).collect();
                (j, JointShare::sum(&dealt).unwrap())
            })
            .collect();
        let signed: Vec<_> = shares
            .iter()
            .map(|(j, share)| (*j, share.sign(b"message").unwrap()))
            .collect();
        let (joint, name) = (keys(), format!("{t} of {n}"));
        let mut group = c.benchmark_group("joint");
        group.sample_size(10);
        group.bench_function(format!("keys of all reveals, {name}"), |b| b.iter(keys));
        group.bench_function(format!("combine, {name}"), |b| {
            b.iter(|| joint.combine(b"message", &signed))
        });
        group.bench_function(format!("a dealer's points, {name}"), |b| {
            b.iter(|| dealers[0].points())
        });
        if t == 2 {
            let (_, share) = &shares[0];
            group.bench_function("sign", |b| b.iter(|| share.sign(b"message")));
            group.bench_function("verify a share", |b| {
                b.iter(|| joint.verify_share(1, b"message", &signed[0].1))
            });
            let (key, signature) = (*joint.key().as_bytes(), *signed[0].1.as_bytes());
            group.bench_function("decode a key", |b| b.iter(|| JointPoint::decode(&key)));
            group.bench_function("decode a signature", |b| {
                b.iter(|| JointSignature::decode(&signature))
            });
        }
        group.finish();
    }
}

criterion_group!(benches, joint);
criterion_main!(benches);
