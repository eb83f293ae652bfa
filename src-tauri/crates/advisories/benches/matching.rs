//! How long it takes to match 500 packages with the 8,000 ranges that a distribution's data have on them.

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll_advisories::matching::{Details, Known, Row, facts, hits, needed, wanted};
use plimsoll_advisories::{Data, DatabaseState, NameKind, OtherId, Relation, Span, State};
use plimsoll_packages::{Ecosystem, Inventory, OsRelease, Package};

const PACKAGES: usize = 500;
const ROWS: usize = 8_000;

/// Packages of a distribution, three to a source, as images have them.
fn inventory(id: &str, release: &str, kind: Ecosystem, version: impl Fn(usize) -> String) -> Inventory {
    let packages = (0..PACKAGES).map(|at| {
        let mut package = Package::new(kind, format!("package-{at}"), version(at / 3));
        package.source_name = Some(format!("source-{}", at / 3));
        package
    });
    Inventory {
        os: Some(OsRelease { id: id.into(), version_id: Some(release.into()), ..OsRelease::default() }),
        packages: packages.collect(),
        ..Inventory::default()
    }
}

/// Ranges that were fixed, one in a hundred after the installed version.
fn rows(ecosystem: &str, version: impl Fn(usize) -> String) -> Vec<Row> {
    let sources = PACKAGES.div_ceil(3);
    let row = |at: usize| Row {
        record: i64::try_from(at).unwrap_or_default(),
        ecosystem: ecosystem.into(),
        name: format!("source-{}", at * sources / ROWS),
        kind: NameKind::Source,
        span: Some(Span { introduced: None, fixed: Some(version(at)), last_affected: None }),
        version: None,
        state: State::Affected,
        note: None,
        module: None,
        architectures: Vec::new(),
        channel: None,
        severities: Vec::new(),
    };
    (0..ROWS).map(row).collect()
}

fn matching(bench: &mut Criterion) {
    let old = |at: usize| if at.is_multiple_of(100) { 9 } else { 1 };
    let cases = [
        (
            "deb",
            inventory("debian", "12", Ecosystem::Deb, |at| format!("2:3.{}.11-1~deb12u2", at % 9)),
            rows("Debian:12", |at| format!("2:{}.{}.9+dfsg-2+deb12u{}", old(at), at % 9, at % 4)),
        ),
        (
            "rpm",
            inventory("almalinux", "9.4", Ecosystem::Rpm, |at| format!("1:3.{}.7-27.el9", at % 9)),
            rows("AlmaLinux:9", |at| format!("1:{}.{}.7-24.el9_2.{}", old(at), at % 9, at % 4)),
        ),
        (
            "apk",
            inventory("alpine", "3.19.1", Ecosystem::Apk, |at| format!("3.{}.4-r5", at % 9)),
            rows("Alpine:3.19", |at| format!("{}.{}.4-r{}", old(at), at % 9, at % 4)),
        ),
    ];
    for (name, inventory, rows) in &cases {
        let ecosystem = rows.first().map(|row| row.ecosystem.clone()).unwrap_or_default();
        let known = [Known { ecosystem, data: Data::WithUnfixed, feeds: vec!["feed".into()] }];
        let found = hits(inventory, &known, rows);
        let details: Vec<Details> = needed(rows, &found)
            .into_iter()
            .map(|number| Details {
                number,
                id: format!("DEBIAN-CVE-2024-{number}"),
                feed: "osv:Debian".into(),
                others: vec![OtherId { relation: Relation::Upstream, id: format!("CVE-2024-{number}") }],
                ..Details::default()
            })
            .collect();
        bench.bench_function(&format!("{name}: names to look up"), |bench| bench.iter(|| wanted(inventory)));
        bench.bench_function(&format!("{name}: 8,000 rows, {} hits", found.hits.len()), |bench| {
            bench.iter(|| hits(inventory, &known, rows));
        });
        bench.bench_function(&format!("{name}: facts of the hits"), |bench| {
            bench.iter_batched(
                || found.clone(),
                |found| {
                    let (state, at) = (DatabaseState::default(), "2026-01-01T00:00:00Z");
                    facts(inventory, &known, rows, found, &details, &[], state, at)
                },
                criterion::BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
