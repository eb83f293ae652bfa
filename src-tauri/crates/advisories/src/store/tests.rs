//! The database as a whole: what is imported is found, what is broken changes nothing.

use std::cell::Cell;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Database, Imported, Watch, import};
use crate::error::AdvisoryError;
use crate::facts::Data;
use crate::matching::Wanted;

pub(super) const AT: &str = "2026-01-02T03:04:05Z";

/// Cancels after so many questions.
struct After(Cell<u64>);

impl Watch for After {
    fn tell(&self, _what: &str, _done: u64, _total: u64) {}
    fn is_cancelled(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        self.0.get() == 0
    }
}

pub(super) struct Bench {
    pub(super) folder: TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("advisories.sqlite")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    pub(super) fn zip(&self, name: &str, members: &[(&str, String)]) -> PathBuf {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in members {
            zip.start_file(*name, SimpleFileOptions::default()).expect("a member");
            zip.write_all(text.as_bytes()).expect("writes");
        }
        self.write(name, zip.finish().expect("a zip").into_inner())
    }

    fn import(&self, inputs: &[&Path]) -> Result<Imported, AdvisoryError> {
        let inputs: Vec<PathBuf> = inputs.iter().map(|path| path.to_path_buf()).collect();
        import(&self.database(), &inputs, AT, &After(Cell::new(u64::MAX)))
    }

    fn sha256(&self) -> String {
        hex::encode(Sha256::digest(std::fs::read(self.database()).expect("a database")))
    }

    /// What lies in the folder beside the inputs.
    fn beside(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("advisories.sqlite"))
            .collect();
        names.sort();
        names
    }

    /// Fixed versions by record.
    fn fixed(&self, ecosystem: &str, name: &str) -> Vec<String> {
        let database = Database::open(&self.database()).expect("opens");
        let rows = database.rows(&[wanted(ecosystem, &[name])]).expect("reads");
        let mut out: Vec<String> = rows
            .iter()
            .map(|row| {
                let id = &database.details(&[row.record]).expect("reads")[0].id;
                let end = row.span.as_ref().and_then(|span| span.fixed.clone()).or(row.version.clone());
                format!("{id}={}", end.unwrap_or_default())
            })
            .collect();
        out.sort();
        out
    }
}

pub(super) fn wanted(ecosystem: &str, names: &[&str]) -> Wanted {
    Wanted { ecosystem: ecosystem.into(), names: names.iter().map(|name| (*name).to_owned()).collect() }
}

pub(super) fn osv(id: &str, ecosystem: &str, name: &str, fixed: &str, modified: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"{modified}","aliases":["CVE-2024-{:04}"],"affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},
        "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#,
        id.len()
    )
}

fn go(id: &str, fixed: &str, modified: &str) -> String {
    osv(id, "Go", "a.example/x", fixed, modified)
}

const M1: &str = "2024-01-01T00:00:00Z";
const M2: &str = "2024-02-01T00:00:00Z";

#[test]
fn what_was_imported_is_found_with_its_provenance() {
    let bench = Bench::new();
    let zip = bench.zip(
        "all.zip",
        &[
            ("GO-1.json", go("GO-1", "1.1.0", M1)),
            ("../../GO-2.json", go("GO-2", "2.0.0", M2)),
            ("README.md", "# hello".into()),
            ("index.json", "[1]".into()),
            ("ALSA-1.json", osv("ALSA-1", "AlmaLinux:9", "bash", "5-1", M1)),
        ],
    );
    let imported = bench.import(&[&zip]).expect("imports");
    assert_eq!(imported.written.len(), 2);
    assert_eq!(imported.notes.len(), 1, "{:?}", imported.notes);
    assert!(imported.notes[0].starts_with("index.json in all.zip was passed over"));
    let go = &imported.written[1];
    assert_eq!((go.feed.as_str(), go.records, go.origin.as_str()), ("osv:Go", 2, "all.zip"));
    assert_eq!((go.snapshot.as_deref(), go.imported.as_str()), (Some(M2), AT));
    assert_eq!(go.ecosystems, ["Go"]);
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.1.0", "GO-2=2.0.0"]);

    let database = Database::open(&bench.database()).expect("opens");
    let known = database.known(&[wanted("Go", &[]), wanted("AlmaLinux:9", &[]), wanted("npm", &[])]).expect("reads");
    assert_eq!(
        known.iter().map(|known| known.data).collect::<Vec<_>>(),
        [Data::WithUnfixed, Data::FixedOnly, Data::None]
    );
    assert_eq!(known[0].feeds, ["osv:Go"]);
    assert_eq!(bench.beside(), ["advisories.sqlite"], "nothing else is left");
    assert!(!bench.folder.path().parent().expect("a parent").join("GO-2.json").exists());
}

#[test]
fn the_same_again_changes_nothing_and_a_new_state_replaces_the_old() {
    let bench = Bench::new();
    let one = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1)), ("2", go("GO-2", "2.0.0", M1))]);
    let other = bench.zip("alma.zip", &[("1", osv("ALSA-1", "AlmaLinux:9", "bash", "5-1", M1))]);
    bench.import(&[&one, &other]).expect("imports");
    let (before, id) = (bench.sha256(), Database::open(&bench.database()).expect("opens").state().expect("reads").id);
    let again = bench.import(&[&one, &other]).expect("imports");
    assert_eq!((again.written.len(), again.unchanged.len()), (0, 2));
    assert_eq!(bench.sha256(), before);

    let two = bench.zip("new.zip", &[("2", go("GO-2", "2.0.1", M2)), ("3", go("GO-3", "3.0.0", M2))]);
    let imported = bench.import(&[&two, &other]).expect("imports");
    assert_eq!((imported.written.len(), imported.unchanged.len()), (1, 1));
    assert_eq!(imported.unchanged[0].origin, "alma.zip");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-2=2.0.1", "GO-3=3.0.0"]);
    assert_eq!(bench.fixed("AlmaLinux:9", "bash"), ["ALSA-1=5-1"]);
    let state = Database::open(&bench.database()).expect("opens").state().expect("reads");
    assert_ne!(state.id, id);
    // Two databases that hold the same say so.
    let twin = Bench::new();
    import(&twin.database(), &[other, two], AT, &After(Cell::new(u64::MAX))).expect("imports");
    assert_eq!(Database::open(&twin.database()).expect("opens").state().expect("reads").id, state.id);
}

#[test]
fn single_records_are_added_and_the_newer_one_counts() {
    let bench = Bench::new();
    let all = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1)), ("2", go("GO-2", "2.0.0", M1))]);
    bench.import(&[&all]).expect("imports");
    let newer = bench.write("GO-1.json", go("GO-1", "1.2.0", M2));
    let new = bench.write("GO-3.json", go("GO-3", "3.0.0", M2));
    let imported = bench.import(&[&newer, &new]).expect("imports");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.2.0", "GO-2=2.0.0", "GO-3=3.0.0"]);
    let state = &imported.written[0];
    assert_eq!((state.records, state.origin.as_str()), (3, "all.zip, and 2 single records since"));
    // One new record makes the export no newer.
    assert_eq!(state.snapshot.as_deref(), Some(M1));
    let before = bench.sha256();
    assert_eq!(bench.import(&[&newer]).expect("imports").unchanged.len(), 1);
    let older = bench.write("old.json", go("GO-1", "1.1.0", M1));
    let imported = bench.import(&[&older]).expect("imports");
    assert!(imported.written.is_empty() && imported.notes[0].contains("newer state"), "{:?}", imported.notes);
    assert_eq!(bench.sha256(), before);
    // A withdrawn record stays, and matches nothing; later it may come back.
    let withdrawn = go("GO-3", "3.0.0", "2024-03-01T00:00:00Z")
        .replace(r#""aliases""#, r#""withdrawn":"2024-03-01T00:00:00Z","aliases""#);
    bench.import(&[&bench.write("w.json", withdrawn)]).expect("imports");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.2.0", "GO-2=2.0.0"]);
    bench.import(&[&bench.write("w.json", go("GO-3", "3.0.1", "2024-04-01T00:00:00Z"))]).expect("imports");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.2.0", "GO-2=2.0.0", "GO-3=3.0.1"]);
    // The whole feed again is its new state.
    bench.import(&[&all]).expect("imports");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.1.0", "GO-2=2.0.0"]);
}

#[test]
fn single_records_alone_are_no_knowledge_of_an_ecosystem() {
    let bench = Bench::new();
    let imported = bench.import(&[&bench.write("GO-1.json", go("GO-1", "1.2.0", M2))]).expect("imports");
    assert!(imported.written[0].origin.contains("not the whole feed"), "{}", imported.written[0].origin);
    assert!(imported.written[0].ecosystems.is_empty());
    let database = Database::open(&bench.database()).expect("opens");
    assert_eq!(database.known(&[wanted("Go", &[])]).expect("reads")[0].data, Data::None);
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.2.0"]);
}

#[test]
fn one_record_in_two_folders_counts_once() {
    let bench = Bench::new();
    let one = osv("ALSA-1", "AlmaLinux:9", "bash", "5-1", M1);
    let zip = bench.zip(
        "all.zip",
        &[("9/a", one.clone()), ("8/a", one), ("8/b", osv("ALSA-1", "AlmaLinux:8", "bash", "4-1", M1))],
    );
    let imported = bench.import(&[&zip]).expect("imports");
    assert_eq!(imported.written[0].records, 1);
    assert_eq!(bench.fixed("AlmaLinux:9", "bash"), ["ALSA-1=5-1"]);
    assert_eq!(bench.fixed("AlmaLinux:8", "bash"), ["ALSA-1=4-1"]);
}

#[test]
fn whatever_is_broken_changes_nothing_and_is_named() {
    let bench = Bench::new();
    bench.import(&[&bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))])]).expect("imports");
    let before = bench.sha256();
    let good = std::fs::read(bench.zip("new.zip", &[("1", go("GO-1", "9.0.0", M2)), ("2", go("GO-2", "9.0.0", M2))]))
        .expect("reads");
    let zeros = "0".repeat(80 << 20);
    for (path, place) in [
        (
            bench.zip(
                "bad.zip",
                &[("ok.json", go("GO-1", "9", M2)), ("d/bad.json", r#"{"id":"GO-2","modified":"#.into())],
            ),
            "d/bad.json in bad.zip",
        ),
        (bench.write("cut.zip", &good[..good.len() - 30]), "cut.zip"),
        (bench.write("cut2.zip", &good[..good.len() / 2]), "cut2.zip"),
        (bench.zip("bomb.zip", &[("bomb.json", zeros)]), "bomb.json in bomb.zip"),
        (bench.zip("none.zip", &[("README", "x".into())]), "none.zip"),
        (bench.zip("empty.zip", &[]), "empty.zip"),
        (bench.write("x.json", "{\"a\":1}"), "x.json"),
        (bench.write("x.gz", [0x1f, 0x8b, 8, 0, 1]), "x.gz"),
        (bench.path("missing"), "missing"),
        (bench.write("folder/a/bad.yaml", "id: PYSEC-1\ndetails: [\n"), "a/bad.yaml in folder"),
    ] {
        let path = if place.ends_with("folder") { bench.path("folder") } else { path };
        let fine = bench.write("GO-9.json", go("GO-9", "9.0.0", M2));
        let error = bench.import(&[&fine, &path]).expect_err(place).to_string();
        assert!(error.contains(place), "{place}: {error}");
        assert_eq!(bench.sha256(), before, "{place}");
        assert_eq!(bench.beside(), ["advisories.sqlite"], "{place}");
    }
    // A member whose bytes are damaged within the archive.
    let mut damaged = good.clone();
    damaged[60] ^= 0xff;
    assert!(bench.import(&[&bench.write("damaged.zip", damaged)]).is_err());
    assert_eq!(bench.sha256(), before);
}

#[test]
fn a_failed_first_import_leaves_nothing() {
    let bench = Bench::new();
    assert!(bench.import(&[&bench.write("x.json", "{")]).is_err());
    assert_eq!(bench.beside(), Vec::<String>::new());
    assert!(matches!(Database::open(&bench.database()), Err(AdvisoryError::NoDatabase(_))));
}

#[test]
fn a_cancelled_import_changes_nothing() {
    let bench = Bench::new();
    bench.import(&[&bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))])]).expect("imports");
    let before = bench.sha256();
    let new =
        bench.zip("new.zip", &[("1", go("GO-1", "9", M2)), ("2", go("GO-2", "9", M2)), ("3", go("GO-3", "9", M2))]);
    for after in 1..5 {
        let result = import(&bench.database(), std::slice::from_ref(&new), AT, &After(Cell::new(after)));
        assert!(matches!(result, Err(AdvisoryError::Cancelled)), "{after}: {result:?}");
        assert_eq!((bench.sha256(), bench.beside().len()), (before.clone(), 1));
    }
}

#[test]
fn folders_and_packed_documents_are_read_and_links_are_not_followed() {
    let bench = Bench::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(go("GO-1", "1.0.0", M1).as_bytes()).expect("packs");
    bench.write("feed/a/GO-1.json.gz", gz.finish().expect("packs"));
    bench.write("feed/b/GO-2.json.zst", zstd::encode_all(go("GO-2", "2.0.0", M1).as_bytes(), 1).expect("packs"));
    bench.write("feed/.git/GO-3.json", go("GO-3", "3.0.0", M1));
    bench.zip("feed/c/more.zip", &[("GO-4.json", go("GO-4", "4.0.0", M1))]);
    bench.write("outside/GO-5.json", go("GO-5", "5.0.0", M1));
    #[cfg(unix)]
    std::os::unix::fs::symlink(bench.path("outside"), bench.path("feed/link")).expect("a link");
    let imported = bench.import(&[&bench.path("feed")]).expect("imports");
    assert_eq!(imported.written[0].origin, "feed");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.0.0", "GO-2=2.0.0", "GO-4=4.0.0"]);
}

#[test]
fn files_that_are_not_ours_are_refused_and_left_alone() {
    let bench = Bench::new();
    let good = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))]);
    let path = bench.database();
    let refused = |reason: &str| {
        let before = bench.sha256();
        for error in [Database::open(&path).expect_err(reason), bench.import(&[&good]).expect_err(reason)] {
            let text = error.to_string();
            assert!(text.contains(reason) && text.contains("advisories.sqlite cannot be used"), "{text}");
        }
        assert_eq!((bench.sha256(), bench.beside().len()), (before, 1));
    };
    std::fs::write(&path, b"hello, this is no database at all, but it is long enough").expect("writes");
    refused("no SQLite database");
    std::fs::write(&path, b"").expect("writes");
    refused("empty file");
    std::fs::remove_file(&path).expect("removes");
    rusqlite::Connection::open(&path).expect("opens").execute_batch("CREATE TABLE a(b)").expect("makes");
    refused("another program");
    std::fs::remove_file(&path).expect("removes");
    bench.import(&[&good]).expect("imports");
    let change = |sql: &str| rusqlite::Connection::open(&path).expect("opens").execute_batch(sql).expect("changes");
    change("PRAGMA user_version=99");
    refused("newer version");
    change("PRAGMA user_version=1; CREATE VIEW spy AS SELECT 1");
    refused("its tables");
    change("DROP VIEW spy");
    Database::open(&path).expect("opens again");
    let bytes = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writes");
    assert!(Database::open(&path).and_then(|database| database.rows(&[wanted("Go", &["a.example/x"])])).is_err());
}

#[test]
fn two_imports_at_once_do_not_mix() {
    let bench = Bench::new();
    let good = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))]);
    let lock = std::fs::File::create(bench.path("advisories.sqlite.lock")).expect("a lock");
    lock.lock().expect("locks");
    let error = bench.import(&[&good]).expect_err("is refused").to_string();
    assert!(error.contains("another import"), "{error}");
    drop(lock);
    // What a killed import left behind is no hindrance.
    bench.write("advisories.sqlite.new", "half");
    bench.write("advisories.sqlite.new-journal", "half");
    bench.import(&[&good]).expect("imports");
    assert_eq!(bench.beside(), ["advisories.sqlite"]);
}

#[test]
fn readers_go_on_while_an_import_replaces_the_database() {
    let bench = Bench::new();
    bench.import(&[&bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))])]).expect("imports");
    let reader = Database::open(&bench.database()).expect("opens");
    bench.import(&[&bench.zip("new.zip", &[("2", go("GO-2", "2.0.0", M1))])]).expect("imports");
    assert_eq!(reader.rows(&[wanted("Go", &["a.example/x"])]).expect("reads").len(), 1);
    assert_eq!(reader.state().expect("reads").sources[0].origin, "all.zip");
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-2=2.0.0"]);
}

#[cfg(unix)]
#[test]
fn a_database_in_a_folder_that_cannot_be_written_is_read_and_not_imported_into() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let good = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))]);
    bench.import(&[&good]).expect("imports");
    let set = |mode| std::fs::set_permissions(bench.folder.path(), PermissionsExt::from_mode(mode)).expect("sets");
    set(0o555);
    assert_eq!(bench.fixed("Go", "a.example/x"), ["GO-1=1.1.0"]);
    // Whoever may write everywhere (root) is not hindered.
    let may_write = std::fs::File::create(bench.path("probe")).is_ok();
    let result = bench.import(&[&good]);
    set(0o755);
    match result {
        Ok(_) => assert!(may_write),
        Err(error) => assert!(error.to_string().contains("its folder cannot be written to"), "{error}"),
    }
}

#[test]
fn a_large_document_travels_in_parts_and_belongs_to_its_feed() {
    let bench = Bench::new();
    let many = |count: usize, fixed: &str| {
        let ranges: Vec<String> = (0..count)
            .map(|n| format!(r#"{{"package":{{"ecosystem":"Debian:12","name":"p{n}"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}"#))
            .collect();
        format!(r#"{{"id":"DSA-1","modified":"{M1}","affected":[{}]}}"#, ranges.join(","))
    };
    let zip = |name: &str, fixed: &str| {
        bench.zip(
            name,
            &[
                ("a.json", many(9_000, fixed)),
                ("b.json", osv("DSA-2", "Debian:12", "p1", "7", M1)),
                ("c.json", many(5_000, fixed).replace("DSA-1", "DSA-3")),
            ],
        )
    };
    let imported = bench.import(&[&zip("all.zip", "1")]).expect("imports");
    assert_eq!(imported.written[0].records, 3);
    assert_eq!(bench.fixed("Debian:12", "p1"), ["DSA-1=1", "DSA-2=7", "DSA-3=1"]);
    assert_eq!(bench.import(&[&zip("all.zip", "1")]).expect("imports").unchanged.len(), 1);
    bench.import(&[&zip("all.zip", "2")]).expect("imports");
    assert_eq!(bench.fixed("Debian:12", "p8999"), ["DSA-1=2"]);
    let database = Database::open(&bench.database()).expect("opens");
    let row = database.rows(&[wanted("Debian:12", &["p4999"])]).expect("reads");
    assert!(row.iter().all(|row| database.details(&[row.record]).expect("reads")[0].feed == "osv:Debian"));
}

/// The child of the test below; does nothing when it is run by itself.
#[test]
fn an_import_in_a_process_of_its_own() {
    let Some(folder) = std::env::var_os("PLIMSOLL_TEST_IMPORT") else { return };
    let folder = PathBuf::from(folder);
    let _ = import(&folder.join("advisories.sqlite"), &[folder.join("new.zip")], AT, &After(Cell::new(u64::MAX)));
}

#[test]
fn a_killed_import_leaves_a_good_database() {
    let bench = Bench::new();
    let old = bench.zip("all.zip", &[("1", go("GO-1", "1.1.0", M1))]);
    let names: Vec<String> = (0..2_000).map(|n| format!("{n}.json")).collect();
    let members: Vec<(&str, String)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), go(&format!("GO-{n}"), "2.0.0", M2))).collect();
    bench.zip("new.zip", &members);
    for wait in [0, 10, 40, 100, 200, 400] {
        // Where the last child got to its end, the old state is refused in the place of so much more.
        if bench.import(&[&old]).is_err() {
            std::fs::remove_file(bench.database()).expect("removes");
            bench.import(&[&old]).expect("imports after a kill");
        }
        let mut child = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "store::tests::an_import_in_a_process_of_its_own"])
            .env("PLIMSOLL_TEST_IMPORT", bench.folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("starts");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().expect("kills");
        child.wait().expect("ends");
        // Either state, and nothing in between.
        let found = bench.fixed("Go", "a.example/x");
        assert!(found == ["GO-1=1.1.0"] || found.len() == 2_000, "{} rows after {wait} ms", found.len());
    }
    let refused = bench.import(&[&old]).err().map(|error| error.to_string());
    assert!(refused.is_none_or(|said| said.contains("a part and no whole export")));
    assert_eq!(bench.beside(), ["advisories.sqlite"]);
}

#[test]
fn a_record_of_several_ecosystems_belongs_to_the_export_that_it_lies_in() {
    let bench = Bench::new();
    let npm: Vec<(String, String)> =
        (0..30).map(|n| (format!("{n}.json"), osv(&format!("GHSA-{n}"), "npm", "left", "1.0.0", M1))).collect();
    let members: Vec<(&str, String)> = npm.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let all = bench.zip("npm.zip", &members);
    bench.import(&[&all]).expect("imports");
    // jquery and its Ruby package, npm first, as GitHub writes them.
    let both = osv("GHSA-99", "RubyGems", "jquery-rails", "4.4.0", M2).replacen(
        "\"affected\":[",
        "\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"jquery\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"3.5.0\"}]}]},",
        1,
    );
    let gems = bench.zip("gems.zip", &[("1", both), ("2", osv("GHSA-98", "RubyGems", "rack", "2.0.0", M1))]);
    let imported = bench.import(&[&gems]).expect("imports");
    assert_eq!(imported.written.iter().map(|feed| feed.feed.as_str()).collect::<Vec<_>>(), ["osv:RubyGems"]);
    assert_eq!(bench.fixed("RubyGems", "jquery-rails"), ["GHSA-99=4.4.0"]);
    assert_eq!(bench.fixed("npm", "left").len(), 30, "the other export is whole still");
}

#[test]
fn what_is_said_of_a_cve_beside_the_records_is_found() {
    use crate::facts::{Epss, Exploited};
    use crate::import::Feed;
    use crate::matching::About;
    use crate::record::{Said, Word};
    let connection = rusqlite::Connection::open_in_memory().expect("opens");
    connection.execute_batch("BEGIN").expect("begins");
    super::schema::create(&connection).expect("makes");
    let said = Said { source: "nvd".into(), word: Word::High, said: None, vector: None, score: Some(75) };
    let about = About {
        cve: "CVE-2024-0001".into(),
        severities: vec![said],
        summary: Some("A flaw".into()),
        rejected: true,
        exploited: Some(Exploited { added: "2024-01-01".into(), due: None, ransomware: true }),
        epss: Some(Epss { score: 97_565, percentile: 99_999, date: Some("2025-08-25".into()) }),
    };
    let document = |single: bool, abouts: Vec<About>| super::job::Finished {
        origin: "x".into(),
        feed: Feed { feed: "nvd".into(), title: "NVD".into() },
        sha256: [1; 32],
        single,
        continued: false,
        records: Vec::new(),
        abouts,
        covers: Vec::new(),
        snapshot: None,
    };
    let mut writer = super::write::Writer::new(&connection, AT).expect("begins");
    writer.document(&document(false, vec![about.clone()])).expect("writes");
    assert_eq!(writer.finish().expect("ends").written, ["nvd"]);
    let read = |cve: &str| super::read::about(&connection, &[cve.to_owned()]).expect("reads");
    assert_eq!(read("CVE-2024-0001"), std::slice::from_ref(&about));
    assert!(read("CVE-2024-0002").is_empty() && read("no CVE").is_empty());
    // The same by itself changes nothing, another word does.
    for (rejected, changed) in [(true, 0), (false, 1)] {
        connection.execute_batch("BEGIN").expect("begins");
        let mut writer = super::write::Writer::new(&connection, AT).expect("begins");
        writer.document(&document(true, vec![About { rejected, ..about.clone() }])).expect("writes");
        assert_eq!(writer.finish().expect("ends").written.len(), changed);
        let _ = connection.execute_batch("COMMIT");
    }
    assert!(!read("CVE-2024-0001")[0].rejected);
}
