//! The lock alone: how many burgerservicenummers a second one core parses, checks and pseudonymises.

#![expect(clippy::unwrap_used, reason = "a benchmark, not an interface")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sluis::lock::bsn;
use sluis::lock::keys::RootKey;
use sluis::lock::pseudonym::{IdentifierKind, Pseudonymiser};

/// Numbers that pass the elfproef, in the spelling of most deliveries.
fn numbers(count: usize) -> Vec<[u8; 9]> {
    let spelled = (100_000_000u32..).map(|n| format!("{n}"));
    let digits = spelled.filter_map(|n| <[u8; 9]>::try_from(n.as_bytes()).ok());
    digits.filter(bsn::passes).take(count).collect()
}

fn lock(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let key = RootKey::create(&folder.path().join("root.key")).unwrap();
    let maker = Pseudonymiser::new(&key.domain("sociaal-domein"));
    let numbers = numbers(100_000);
    let mut group = c.benchmark_group("lock");
    group.throughput(Throughput::Elements(numbers.len() as u64));
    group.bench_function("elfproef", |b| {
        b.iter(|| {
            numbers
                .iter()
                .filter(|n| bsn::normalise(black_box(&n[..])).is_ok())
                .count()
        });
    });
    group.bench_function("parse, elfproef and HMAC", |b| {
        b.iter(|| {
            for number in &numbers {
                let canonical = bsn::normalise(black_box(number)).unwrap();
                black_box(maker.pseudonym(IdentifierKind::Bsn, &canonical));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, lock);
criterion_main!(benches);
