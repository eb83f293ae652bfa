//! Updating from a mirror on this machine.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::database::status;

/// Path, and what is answered there: status line, more header lines, body.
type Answers = Arc<Mutex<HashMap<String, (String, String, Vec<u8>)>>>;

/// A path, and the `If-None-Match` that came with it.
type Asked = (String, Option<String>);

/// A server that answers what it is told to, and remembers what it was asked: path and `If-None-Match`.
struct Mirror {
    url: String,
    answers: Answers,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Mirror {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Answers::default();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (known, noted) = (answers.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let header = lines.take_while(|line| !line.is_empty()).find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("if-none-match").then(|| value.trim().to_owned())
                });
                noted.lock().unwrap().push((path.clone(), header.clone()));
                let answer = known.lock().unwrap().get(&path).cloned();
                let (status, more, body) =
                    answer.unwrap_or_else(|| ("404 Not Found".into(), String::new(), b"no".to_vec()));
                let same = header.is_some_and(|tag| more.contains(&tag));
                let (status, body) = if same { ("304 Not Modified".to_owned(), Vec::new()) } else { (status, body) };
                let length = if same { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
                let _ = write!(stream, "HTTP/1.1 {status}\r\n{length}{more}Connection: close\r\n\r\n");
                let _ = stream.write_all(&body);
            }
        });
        Self { url, answers, asked }
    }

    fn serve(&self, path: &str, status: &str, more: &str, body: Vec<u8>) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status.to_owned(), more.to_owned(), body));
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// An export of OSV with one record.
fn zip(id: &str) -> Vec<u8> {
    let record = format!(
        r#"{{"schema_version":"1.7.0","id":"{id}","modified":"2026-11-20T00:00:00Z","aliases":["CVE-2026-1"],
        "affected":[{{"package":{{"ecosystem":"PyPI","name":"harbour"}},
        "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"2.0"}}]}}]}}]}}"#
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(record.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn left_behind(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".plimsoll")).collect()
}

async fn run(database: &Path, mirror: &Mirror) -> Result<ImportEnded, WorkbenchError> {
    let plan = plan(database, &["PyPI".to_owned()], Some(&mirror.url))?;
    update(database, &plan, &Job::silent()).await
}

#[tokio::test]
async fn what_has_changed_is_fetched_and_the_rest_is_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("advisories.db");
    let mirror = Mirror::start();
    mirror.serve("/PyPI/all.zip", "200 OK", "ETag: \"one\"\r\n", zip("PYSEC-2026-1"));
    let ended = run(&database, &mirror).await.unwrap();
    assert_eq!(ended.written.len(), 1, "{ended:?}");
    assert_eq!(mirror.asked(), [("/PyPI/all.zip".to_owned(), None)]);
    let state = status(&database).unwrap();
    assert_eq!(state.sources[0].origin, format!("{}/PyPI/all.zip", mirror.url));

    let ended = run(&database, &mirror).await.unwrap();
    assert_eq!((ended.written.len(), ended.unchanged.as_slice()), (0, ["OSV: PyPI".to_owned()].as_slice()));
    assert_eq!(mirror.asked()[0].1.as_deref(), Some("\"one\""));

    mirror.serve("/PyPI/all.zip", "200 OK", "ETag: \"two\"\r\n", zip("PYSEC-2026-2"));
    assert_eq!(run(&database, &mirror).await.unwrap().written.len(), 1);
    assert_ne!(status(&database).unwrap().id, state.id);
    mirror.asked();

    // Without the database, what the source said of its files is worth nothing.
    std::fs::remove_file(&database).unwrap();
    assert_eq!(run(&database, &mirror).await.unwrap().written.len(), 1);
    assert_eq!(mirror.asked()[0].1, None);
    assert!(left_behind(folder.path()).is_empty());
}

#[tokio::test]
async fn a_source_that_fails_or_serves_what_is_refused_leaves_the_database_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("advisories.db");
    let mirror = Mirror::start();
    assert!(run(&database, &mirror).await.unwrap_err().to_string().contains("no such file"));
    assert!(!database.exists() && left_behind(folder.path()).is_empty());
    mirror.serve("/PyPI/all.zip", "200 OK", "", zip("PYSEC-2026-1"));
    run(&database, &mirror).await.unwrap();
    let before = std::fs::read(&database).unwrap();
    for (status, more, body) in [
        ("403 Forbidden", "", b"no".to_vec()),
        ("200 OK", "", b"PK\x03\x04 broken".to_vec()),
        ("302 Found", "Location: ftp://elsewhere.example/x\r\n", Vec::new()),
        ("302 Found", "Location: http://elsewhere.example/x\r\n", Vec::new()),
        ("302 Found", "Location: /PyPI/all.zip\r\n", Vec::new()),
    ] {
        mirror.serve("/PyPI/all.zip", status, more, body);
        assert!(run(&database, &mirror).await.is_err(), "{status} {more}");
        assert!(std::fs::read(&database).unwrap() == before);
    }
    assert!(left_behind(folder.path()).is_empty());
}

#[tokio::test]
async fn a_cancelled_update_changes_nothing_and_the_hosts_are_told_beforehand() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("advisories.db");
    let mirror = Mirror::start();
    let own = plan(&database, &["kev".to_owned(), "epss".to_owned()], None).unwrap();
    assert_eq!(own.hosts(), ["epss.empiricalsecurity.com", "www.cisa.gov"]);
    assert!(mirror.url.ends_with(&plan(&database, &[], Some(&mirror.url)).unwrap().hosts()[0]));
    assert!(plan(&database, &[], Some("ftp://mirror")).is_err() && plan(&database, &[], Some("mirror")).is_err());
    assert!(plan(&database, &["nobody".to_owned()], None).is_err());
    let job = Job::silent();
    job.cancel();
    let plan = plan(&database, &["PyPI".to_owned()], Some(&mirror.url)).unwrap();
    assert!(update(&database, &plan, &job).await.unwrap_err().is_cancelled());
    assert!(mirror.asked().is_empty() && !database.exists() && left_behind(folder.path()).is_empty());
}
