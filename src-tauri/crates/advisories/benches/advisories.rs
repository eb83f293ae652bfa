//! The database: an import of 250,000 affected rows beside the bare INSERT of as many, and an inventory of 500 packages
//! matched against it, with the database open and with opening it.

#![allow(missing_docs)] // what criterion's macros make
#![allow(clippy::expect_used)] // a bench says by failing what went wrong

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_advisories::store::{Database, Watch, import};
use plimsoll_packages::{Ecosystem, Inventory, OsRelease, Package};

const RECORDS: usize = 25_000;
const PER_RECORD: usize = 10;
const ROWS: usize = RECORDS * PER_RECORD;
/// Source packages that the records are about: a fifth of Debian's.
const SOURCES: usize = 7_000;
const AT: &str = "2026-01-01T00:00:00Z";

struct Quiet;

impl Watch for Quiet {
    fn tell(&self, _what: &str, _done: u64, _total: u64) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Where record `number` speaks of: name, release and fixed version of its row `n`.
fn row(number: usize, n: usize) -> (String, usize, String) {
    // A multiplicative step spreads names as real data do, the same each time.
    let name = (number * 7_919 + n * 104_729) % SOURCES;
    (format!("source-{name}"), 10 + n % 4, format!("1:{}.{}.{}-{}+deb12u{n}", number % 40, n, number % 7, n + 1))
}

fn record(number: usize) -> String {
    let mut affected = String::new();
    for n in 0..PER_RECORD {
        let (name, release, fixed) = row(number, n);
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            affected,
            r#"{comma}{{"package":{{"ecosystem":"Debian:{release}","name":"{name}","purl":"pkg:deb/debian/{name}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}],"ecosystem_specific":{{"urgency":"not yet assigned"}}}}"#
        );
    }
    format!(
        r#"{{"schema_version":"1.7.0","id":"DEBIAN-CVE-2024-{number:05}","modified":"2024-05-06T07:08:09Z","published":"2024-05-06T07:08:09Z","upstream":["CVE-2024-{number:05}"],"summary":"A flaw in number {number}","details":"{}","severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}}],"affected":[{affected}],"references":[{{"type":"ADVISORY","url":"https://advisories.example/{number}"}}]}}"#,
        "A sentence of a description that is not kept. ".repeat(8)
    )
}

fn archive(path: &Path) {
    let file = std::fs::File::create(path).expect("a file");
    let mut zip = zip::ZipWriter::new(std::io::BufWriter::new(file));
    for number in 0..RECORDS {
        zip.start_file(format!("{number}.json"), zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(record(number).as_bytes()).expect("writes");
    }
    zip.finish().expect("a zip");
}

/// The rows alone, into a table without anything: what SQLite itself takes.
fn bare(path: &Path) {
    let connection = rusqlite::Connection::open(path).expect("opens");
    connection
        .execute_batch(
            "PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN; \
             CREATE TABLE affected(release INTEGER, name TEXT, record INTEGER, fixed TEXT)",
        )
        .expect("makes");
    {
        let mut insert = connection.prepare("INSERT INTO affected VALUES(?1,?2,?3,?4)").expect("prepares");
        for number in 0..RECORDS {
            for n in 0..PER_RECORD {
                let (name, release, fixed) = row(number, n);
                insert.execute(rusqlite::params![release as i64, name, number as i64, fixed]).expect("inserts");
            }
        }
    }
    connection.execute_batch("COMMIT").expect("commits");
}

/// 500 packages of 500 sources, on which the data have as many rows as a real image meets.
fn inventory() -> Inventory {
    let packages = (0..500).map(|at| {
        let mut package = Package::new(Ecosystem::Deb, format!("package-{at}"), "1:39.9.9-9".to_owned());
        package.source_name = Some(format!("source-{}", at * 14));
        package
    });
    Inventory {
        os: Some(OsRelease { id: "debian".into(), version_id: Some("12".into()), ..OsRelease::default() }),
        packages: packages.collect(),
        ..Inventory::default()
    }
}

fn database(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let zip: PathBuf = folder.path().join("all.zip");
    archive(&zip);
    let path = folder.path().join("advisories.sqlite");

    let mut group = criterion.benchmark_group("import");
    group.sample_size(10).measurement_time(Duration::from_secs(20)).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("250,000 rows of OSV", |bencher| {
        bencher.iter(|| {
            let _ = std::fs::remove_file(&path);
            import(&path, std::slice::from_ref(&zip), AT, &Quiet).expect("imports")
        });
    });
    group.bench_function("the rows by bare INSERT", |bencher| {
        let path = folder.path().join("bare.sqlite");
        bencher.iter(|| {
            let _ = std::fs::remove_file(&path);
            bare(&path);
        });
    });
    group.finish();

    if !path.exists() {
        import(&path, std::slice::from_ref(&zip), AT, &Quiet).expect("imports");
    }
    let inventory = inventory();
    let open = Database::open(&path).expect("opens");
    let wanted = plimsoll_advisories::matching::wanted(&inventory);
    println!("rows looked at: {}", open.rows(&wanted).expect("reads").len());
    let mut group = criterion.benchmark_group("500 packages");
    group.bench_function("rows, warm", |bencher| bencher.iter(|| open.rows(black_box(&wanted)).expect("reads")));
    group.bench_function("matched, warm", |bencher| {
        bencher.iter(|| open.match_inventory(black_box(&inventory), AT).expect("matches"));
    });
    group.bench_function("matched, with opening", |bencher| {
        bencher.iter(|| {
            let database = Database::open(&path).expect("opens");
            database.match_inventory(black_box(&inventory), AT).expect("matches")
        });
    });
    group.finish();
}

criterion_group!(benches, database);
criterion_main!(benches);
