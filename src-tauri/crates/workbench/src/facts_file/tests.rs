//! Facts files there and back: nothing is lost, nothing secret goes along, nothing damaged is believed.

use std::path::{Path, PathBuf};

use plimsoll_catalog::{Level, Profile};
use plimsoll_docker::facts::{AtEngine, ContainerFacts, HostFacts};
use plimsoll_engagement::Details;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::format::{By, TRAILER};
use super::write::Writer;
use super::*;
use crate::Engagement;
use crate::results::{facts_of, results, tree_of};
use crate::run::audit;

/// A pretended key of a cloud provider, put together so that nobody finds it here.
fn planted() -> String {
    ["AKIA", "Q3EGRRZ7", "XN5PLMWD"].concat()
}

const PASSWORD: &str = "tr0ub4dor-and-3-more";

fn request(text: &str) -> Request {
    Request { source: text.parse().unwrap(), dockerfile: None, context: None, platform: None, files: Vec::new() }
}

fn image(folder: &Path) -> PathBuf {
    let path = folder.join("shop.tar");
    let layer = LayerBuilder::new()
        .file("etc/app.env", format!("AWS_ACCESS_KEY_ID={}\n", planted()).as_bytes())
        .file("usr/bin/shop", b"\x7fELF shop");
    let mut builder = ImageBuilder::new("shop:1.4");
    builder = builder.layer("COPY . /", layer);
    builder.write(Format::DockerSave, Packing::Plain, &path).unwrap();
    path
}

fn engagement(folder: &Path) -> Engagement {
    let details = Details {
        title: "Fleet".into(),
        client: "ACME".into(),
        scope: String::new(),
        auditor: "Ada".into(),
        organization: String::new(),
        target_level: Level::One,
        profile: Profile::Full,
        sample: false,
    };
    Engagement::create(&folder.join("fleet.plimsoll"), details).unwrap()
}

pub(crate) fn nothing(source: &str, collected: &str) -> Facts {
    let json = serde_json::json!({
        "source": source, "collected": collected, "image": null, "dockerfile": null, "compose": null,
    });
    serde_json::from_value(json).unwrap()
}

fn by(machine: &str, started: &str) -> By {
    By {
        machine: machine.into(),
        user: "ops".into(),
        os: "Debian".into(),
        tool: "plimsoll 0.1.0".into(),
        started: started.into(),
        asked: vec!["host:".into(), "--containers".into()],
        note: Some("nightly".into()),
    }
}

fn host(machine: &str, engine: &str, at: &str) -> Facts {
    let host = HostFacts { name: Some(machine.into()), id: Some(engine.into()), ..HostFacts::default() };
    Facts { host: Some(host), ..nothing("host:", at) }
}

fn container(name: &str, machine: &str, engine: &str, at: &str) -> Facts {
    let at_engine = AtEngine { name: Some(machine.into()), id: Some(engine.into()), ..AtEngine::default() };
    let container = ContainerFacts { at: at_engine, name: name.into(), id: "c0".into(), ..ContainerFacts::default() };
    Facts { container: Some(container), ..nothing(&format!("container:{name}"), at) }
}

/// A file of a host and a container on it, as its machine would write it.
fn fleet_file(path: &Path, machine: &str, engine: &str, at: &str) {
    let mut writer = Writer::begin(path, by(machine, at), true).unwrap();
    writer.facts("host:".parse().unwrap(), machine.into(), host(machine, engine, at)).unwrap();
    let web = container("web", machine, engine, at);
    writer.facts("container:web".parse().unwrap(), format!("web on {machine}"), web).unwrap();
    writer.finish(at, true).unwrap();
}

/// A file out of lines, with a trailer that fits.
fn file_of_lines(lines: &[String]) -> Vec<u8> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    sealed(zstd::encode_all(text.as_bytes(), 3).unwrap())
}

fn sealed(frame: Vec<u8>) -> Vec<u8> {
    let hash = Sha256::digest(&frame);
    [frame.as_slice(), &TRAILER, hash.as_slice()].concat()
}

fn lines_of(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(zstd::decode_all(&bytes[..bytes.len() - 40]).unwrap()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn why(bytes: &[u8]) -> String {
    read_bytes(bytes, "x.facts").unwrap_err().to_string()
}

#[tokio::test]
async fn images_and_files_come_back_as_they_were_and_no_secret_goes_along() {
    let folder = tempfile::tempdir().unwrap();
    let archive = image(folder.path());
    let dockerfile = folder.path().join("Dockerfile");
    std::fs::write(&dockerfile, format!("FROM debian:12\nENV DB_PASSWORD={PASSWORD}\n")).unwrap();
    let compose = folder.path().join("compose.yaml");
    std::fs::write(
        &compose,
        format!("services:\n  db:\n    image: a:1\n    environment:\n      DB_PASSWORD: {PASSWORD}\n"),
    )
    .unwrap();
    let mut with_file = request(&format!("docker-archive:{}", archive.display()));
    with_file.dockerfile = Some(dockerfile.clone());
    let requests = [
        with_file,
        request(&format!("dockerfile:{}", dockerfile.display())),
        request(&format!("compose:{}", compose.display())),
        request("dockerfile:/nowhere/Dockerfile"),
    ];
    let out = folder.path().join("web-01.facts");
    let note = format!("job 7, password={PASSWORD}");
    let job = Job::silent();
    let made = collect_to(&requests, &Reach::default(), Some(&note), &out, &job).await.unwrap();
    let bytes = std::fs::read(&out).unwrap();
    let text = lines_of(&bytes).join("\n");
    assert!(!text.contains(PASSWORD) && !text.contains(&planted()), "a secret went along");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(made.by.file_sha256, hex::encode(Sha256::digest(&bytes)));

    let file = read(&out).unwrap();
    assert_eq!(file.by, made.by);
    assert_eq!(file.subjects.len(), 4);
    assert!(file.subjects[3].facts.as_ref().unwrap_err().contains("/nowhere/Dockerfile"));
    let direct = crate::collect::collect(&requests[0], &Reach::default(), &job).await.unwrap();
    let back = file.subjects[0].facts.as_ref().unwrap();
    assert_eq!(back.tree, direct.tree);
    assert_eq!(back.image, direct.image);
    assert_eq!(back.dockerfile, direct.dockerfile);
    let from = back.collected_by.as_ref().unwrap();
    assert_eq!(from.facts_sha256, file.subjects[0].facts_sha256);
    assert!(from.note.as_ref().unwrap().starts_with("job 7"));

    // Never over an existing file, unless it is meant.
    let again = collect_to(&requests, &Reach::default(), None, &out, &job).await.unwrap_err();
    assert!(matches!(again, WorkbenchError::Exists(_)), "{again}");
    let how = How { force: true, ..How::default() };
    collect_with(&requests, &Reach::default(), &how, &out, &job).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".plimsoll-")), "{names:?}");
}

#[tokio::test]
async fn an_imported_image_is_judged_as_one_read_here_and_its_layers_can_be_browsed() {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("docker-archive:{}", image(folder.path()).display());
    let requests = [request(&source), request("compose:/nowhere.yaml")];
    let out = folder.path().join("a.facts");
    collect_to(&requests, &Reach::default(), None, &out, &Job::silent()).await.unwrap();
    let mut there = engagement(folder.path());
    let done = import_with(&mut there, &[out], &crate::scanning::Advisories::None, &Job::silent()).unwrap();
    assert_eq!(done.subjects.len(), 2);
    assert!(done.run.is_some() && done.refused.is_empty());
    let facts = facts_of(&there, &done.subjects[0].id).unwrap().unwrap();
    let tree = tree_of(&there, &facts).unwrap().unwrap();
    assert!(tree.layers().iter().any(|layer| layer.entries.iter().any(|entry| &*entry.path == "/usr/bin/shop")));
    assert!(facts.origin.iter().any(|(name, value)| name == "Facts file" && value.starts_with("a.facts, collected")));
    assert!(facts.vulnerabilities.is_some());

    // The same image, read here.
    let here_folder = tempfile::tempdir().unwrap();
    let mut here = engagement(here_folder.path());
    here.add_subject(&crate::NewSubject {
        kind: plimsoll_catalog::SubjectKind::Image,
        name: "shop:1.4".into(),
        source,
        dockerfile: None,
        context: None,
        platform: None,
        files: vec![],
    })
    .unwrap();
    audit(&mut here, &Job::silent()).await.unwrap();
    let of = |engagement: &Engagement| -> Vec<_> {
        let outcomes = engagement.outcomes().unwrap();
        let own = outcomes.into_iter().filter(|outcome| outcome.subject == "s1");
        own.map(|outcome| (outcome.check, outcome.outcome, outcome.observations)).collect()
    };
    let mut of_here = of(&here);
    // Only the vulnerabilities differ, by what this machine's database says.
    let mut of_there = of(&there);
    of_here.retain(|(check, ..)| check != "known-vulnerabilities");
    of_there.retain(|(check, ..)| check != "known-vulnerabilities");
    assert_eq!(of_there, of_here);
    let json = serde_json::to_value(results(&there).unwrap()).unwrap();
    assert_eq!(json["subjects"][0]["collected_by"]["file"], "a.facts");
    assert!(json["subjects"][1]["error"].as_str().unwrap().contains("could not be read where it is"), "{json:#}");
    // Run again, it is read from the file again.
    audit(&mut there, &Job::silent()).await.unwrap();
    let facts = facts_of(&there, "s1").unwrap().unwrap();
    assert!(!facts.origin.iter().any(|(name, _)| name == "Taken over as recorded"));
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.facts");
    fleet_file(&path, "web-01", "E1", "2026-11-24T10:00:00Z");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(read_bytes(&bytes, "a.facts").unwrap().subjects.len(), 2);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(read_bytes(&changed, "a.facts").is_err(), "byte {at}");
        assert!(read_bytes(&bytes[..at], "a.facts").is_err(), "cut at {at}");
    }
    for junk in [&b"\n"[..], b"x", &[0; 40], &bytes] {
        assert!(why(&[&bytes, junk].concat()).contains("added at its end") || junk == bytes, "{junk:?}");
        assert!(read_bytes(&[&bytes, junk].concat(), "a").is_err());
    }
    assert!(why(b"").contains("no facts file"));
    assert!(why(b"{\"schema\":\"plimsoll/facts/1\"}").contains("no facts file"));
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    assert!(why(&flipped).contains("not those that were written"), "{}", why(&flipped));
}

#[test]
fn what_was_swapped_renamed_or_written_by_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.facts");
    fleet_file(&path, "web-01", "E1", "2026-11-24T10:00:00Z");
    let lines = lines_of(&std::fs::read(&path).unwrap());
    assert_eq!(lines.len(), 6);
    assert!(read_bytes(&file_of_lines(&lines), "a").is_ok());
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        why(&file_of_lines(&lines))
    };
    let swapped = with(&|lines| lines.swap(2, 4));
    assert!(swapped.contains("longer than") || swapped.contains("ends in") || swapped.contains("is not what was"));
    let other = lines[2].replace("web-01", "web-02");
    assert!(with(&|lines| lines[2] = other.clone()).contains("SHA-256 of its facts"));
    // Both lines of one subject under the other's name, hashes and all.
    let said = with(&|lines| {
        lines[1] = lines[1].replace("\"host:\"", "\"container:db\"").replace("\"host\"", "\"container\"")
    });
    assert!(said.contains("name another source"), "{said}");
    let said = with(&|lines| lines[1] = lines[1].replace("E1", "E2"));
    assert!(said.contains("another engine"), "{said}");
    let said = with(&|lines| lines[0] = lines[0].replace("facts/1", "facts/2"));
    assert!(said.contains("newer program") && said.contains("plimsoll/facts/2"), "{said}");
    assert!(with(&|lines| lines[0] = "{}".into()).contains("no facts file"));
    assert!(with(&|lines| drop(lines.drain(3..5))).contains("2 subjects are announced and 1 are there"));
    assert!(with(&|lines| drop(lines.pop())).contains("ends in the middle"));
    assert!(with(&|lines| lines.push("x".into())).contains("follows its end"));
    let twice = with(&|lines| {
        let again = lines[1..3].to_vec();
        lines.splice(3..3, again);
    });
    assert!(twice.contains("twice"), "{twice}");
    let collected = with(&|lines| lines[1] = lines[1].replace("\"host:\"", "\"facts:a.facts#host:\""));
    assert!(collected.contains("not one that can be collected"), "{collected}");
    assert!(with(&|lines| lines[0] = lines[0].replace("2026-11-24T10:00:00Z", "yesterday")).contains("no moment"));
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert!(with(&|lines| lines[1] = format!("{{\"subject\":{deep}}}")).contains("damaged"));
    // A second frame behind the first.
    let good = std::fs::read(&path).unwrap();
    let frame = &good[..good.len() - 40];
    assert!(why(&sealed([frame, &zstd::encode_all(&b"x"[..], 3).unwrap()].concat())).contains("cut off, or something"));
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let head =
        serde_json::to_string(&super::format::Head { schema: SCHEMA.into(), by: by("m", "2026-11-24T10:00:00Z") });
    let head = head.unwrap();
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    use std::io::Write;
    let size = 200_u64 << 20;
    let hash = "0".repeat(64);
    let subject = format!(
        "{{\"subject\":{{\"source\":\"host:\",\"name\":\"m\",\"kind\":\"host\",\"facts_bytes\":{size},\"facts_sha256\":\"{hash}\"}}}}"
    );
    encoder.write_all(format!("{head}\n{subject}\n").as_bytes()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&zeros).unwrap();
    }
    let said = why(&sealed(encoder.finish().unwrap()));
    assert!(said.contains("unpacks to more"), "{said}");
    // A size that is only claimed costs nothing.
    let said = why(&file_of_lines(&[head.clone(), subject]));
    assert!(said.contains("ends in the middle"), "{said}");
    let huge = format!("{{\"unread\":\"{}\"}}", "x".repeat(5 << 20));
    assert!(why(&file_of_lines(&[head, huge])).contains("too long"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused_in_a_sentence(bytes in proptest::collection::vec(any::<u8>(), 0..600), seal: bool) {
        let bytes = if seal { sealed(zstd::encode_all(bytes.as_slice(), 1).unwrap()) } else { bytes };
        let said = why(&bytes);
        prop_assert!(!said.contains('\n') && said.len() < 600, "{}", said);
    }

    #[test]
    fn any_edit_of_a_line_is_read_or_refused(line in 0_usize..6, at in any::<prop::sample::Index>(), with in "[ -~]{0,4}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.facts");
        fleet_file(&path, "web-01", "E1", "2026-11-24T10:00:00Z");
        let mut lines = lines_of(&std::fs::read(&path).unwrap());
        let place = at.index(lines[line].len());
        lines[line].replace_range(place..=place, &with);
        if let Ok(file) = read_bytes(&file_of_lines(&lines), "a") {
            prop_assert!(file.subjects.len() == 2 && file.subjects.iter().all(|subject| subject.facts.is_ok()));
        }
    }
}

fn without_database(engagement: &mut Engagement, files: &[PathBuf]) -> FactsImport {
    import_with(engagement, files, &crate::scanning::Advisories::None, &Job::silent()).unwrap()
}

#[test]
fn files_of_many_hosts_make_one_engagement_and_the_same_again_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    for (machine, engine) in [("web-01", "E1"), ("web-02", "E2"), ("db-01", "E3")] {
        fleet_file(&files.join(format!("{machine}.facts")), machine, engine, "2026-11-24T10:00:00Z");
    }
    std::fs::write(files.join("broken.facts"), "x").unwrap();
    let mut engagement = engagement(folder.path());
    let done = without_database(&mut engagement, std::slice::from_ref(&files));
    assert_eq!((done.files.len(), done.subjects.len(), done.refused.len()), (3, 6, 1));
    assert!(done.refused[0].1.contains("no facts file"), "{:?}", done.refused);
    let names: Vec<_> = engagement.subjects().unwrap().into_iter().map(|subject| subject.name).collect();
    assert_eq!(names, ["db-01", "web on db-01", "web-01", "web on web-01", "web-02", "web on web-02"]);
    let acts = engagement.trail().unwrap().len();
    let again = without_database(&mut engagement, std::slice::from_ref(&files));
    assert!(again.run.is_none() && again.subjects.iter().all(|subject| subject.standing == Standing::Same));
    assert_eq!(engagement.trail().unwrap().len(), acts);
    // The folder is moved: the subjects follow, and nothing else happens.
    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&files, &elsewhere).unwrap();
    let moved = without_database(&mut engagement, std::slice::from_ref(&elsewhere));
    assert!(moved.run.is_none());
    assert!(engagement.subjects().unwrap().iter().all(|subject| subject.source.contains("/elsewhere/")));
    assert_eq!(engagement.subjects().unwrap().len(), 6);
    assert!(import(&mut engagement, &[elsewhere.join("broken.facts")]).is_err());
}

#[test]
fn of_two_files_of_one_host_the_newer_counts_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fleet_file(&path("monday.facts"), "web-01", "E1", "2026-11-23T10:00:00Z");
    fleet_file(&path("tuesday.facts"), "web-01", "E1", "2026-11-24T10:00:00Z");
    fleet_file(&path("wednesday.facts"), "web-01", "E1", "2026-11-25T10:00:00Z");
    let mut engagement = engagement(folder.path());
    let origin = |engagement: &Engagement| facts_of(engagement, "s1").unwrap().unwrap().origin;
    // In one import, in any order.
    let done = without_database(&mut engagement, &[path("tuesday.facts"), path("monday.facts")]);
    assert_eq!(done.subjects.len(), 2);
    let rows = origin(&engagement);
    assert!(rows.iter().any(|(name, value)| name == "Facts file" && value.starts_with("tuesday.facts")), "{rows:?}");
    assert!(rows.iter().any(|(_, value)| value.starts_with("monday.facts")), "{rows:?}");
    // Later on.
    let done = without_database(&mut engagement, &[path("wednesday.facts")]);
    assert_eq!(done.subjects[0].id, "s1");
    assert_eq!(done.subjects[0].standing, Standing::Newer);
    let rows = origin(&engagement);
    assert!(rows.iter().any(|(name, value)| name == "Facts file" && value.starts_with("wednesday.facts")), "{rows:?}");
    assert!(rows.iter().any(|(_, value)| value.starts_with("tuesday.facts")), "{rows:?}");
    assert!(engagement.subject("s1").unwrap().source.contains("wednesday.facts#host:"));
    // An old one changes nothing, and says so.
    let done = without_database(&mut engagement, &[path("monday.facts")]);
    assert!(done.run.is_none() && done.notes[0].contains("was collected later"), "{:?}", done.notes);
    assert!(engagement.subject("s1").unwrap().source.contains("wednesday.facts#host:"));
    assert_eq!(engagement.subjects().unwrap().len(), 2);
}

#[test]
fn machines_that_share_a_name_are_kept_apart_by_their_engines() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fleet_file(&path("a.facts"), "debian", "E1", "2026-11-24T10:00:00Z");
    fleet_file(&path("b.facts"), "debian", "E2", "2026-11-24T10:00:00Z");
    let mut engagement = engagement(folder.path());
    let done = without_database(&mut engagement, &[path("a.facts"), path("b.facts")]);
    assert_eq!(done.subjects.len(), 4);
    assert!(done.notes[0].contains("call themselves debian"), "{:?}", done.notes);
    let names: std::collections::BTreeSet<_> = done.subjects.iter().map(|subject| subject.name.clone()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[tokio::test]
async fn a_file_that_is_gone_or_tells_nothing_newer_does_not_lose_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.facts");
    let at = |day: u32| format!("2026-11-{day}T10:00:00Z");
    fleet_file(&path, "web-01", "E1", &at(24));
    let mut engagement = engagement(folder.path());
    without_database(&mut engagement, std::slice::from_ref(&path));
    let outcomes = engagement.outcomes().unwrap();
    let taken_over = |engagement: &Engagement| {
        let facts = facts_of(engagement, "s1").unwrap().unwrap();
        let rows: Vec<_> = facts.origin.into_iter().filter(|(name, _)| name == "Taken over as recorded").collect();
        assert!(rows.len() < 2, "{rows:?}");
        (facts.collected, rows.into_iter().next().map(|(_, value)| value))
    };
    let run = |_: ()| async { Job::silent() };
    // Gone.
    std::fs::remove_file(&path).unwrap();
    for _ in 0..2 {
        audit(&mut engagement, &run(()).await).await.unwrap();
        let (collected, why) = taken_over(&engagement);
        assert_eq!(collected, at(24));
        assert!(why.unwrap().contains("There is no file"));
        assert_eq!(engagement.outcomes().unwrap(), outcomes);
        assert_eq!(engagement.runs().unwrap()[0].errors, []);
    }
    // Damaged, older, of another machine.
    std::fs::write(&path, "x").unwrap();
    audit(&mut engagement, &run(()).await).await.unwrap();
    assert!(taken_over(&engagement).1.unwrap().contains("no facts file"));
    fleet_file(&path, "web-01", "E1", &at(20));
    audit(&mut engagement, &run(()).await).await.unwrap();
    assert!(taken_over(&engagement).1.unwrap().contains("older than what is recorded"));
    fleet_file(&path, "web-09", "E9", &at(25));
    audit(&mut engagement, &run(()).await).await.unwrap();
    assert!(taken_over(&engagement).1.unwrap().contains("another machine"));
    // Collected anew into the same file, as a job does it every night.
    fleet_file(&path, "web-01", "E1", &at(26));
    audit(&mut engagement, &run(()).await).await.unwrap();
    let (collected, why) = taken_over(&engagement);
    assert_eq!((collected, why), (at(26), None));
    // What was never recorded is an error of its own, and the others go on.
    engagement
        .add_subject(&crate::NewSubject {
            kind: plimsoll_catalog::SubjectKind::Container,
            name: "db".into(),
            source: format!("facts:{}#container:db", path.display()),
            dockerfile: None,
            context: None,
            platform: None,
            files: vec![],
        })
        .unwrap();
    audit(&mut engagement, &run(()).await).await.unwrap();
    let errors = engagement.runs().unwrap()[0].errors.clone();
    assert!(errors.len() == 1 && errors[0].1.contains("nothing about container:db"), "{errors:?}");
}

#[tokio::test]
async fn nothing_read_leaves_no_file_and_so_does_a_cancelled_job() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.facts");
    let requests = [request("dockerfile:/nowhere/Dockerfile"), request("compose:/nowhere.yaml")];
    let said = collect_to(&requests, &Reach::default(), None, &out, &Job::silent()).await.unwrap_err().to_string();
    assert!(said.contains("no file was made") && said.contains("/nowhere.yaml"), "{said}");
    let job = Job::silent();
    job.cancel();
    assert!(collect_to(&requests, &Reach::default(), None, &out, &job).await.unwrap_err().is_cancelled());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let collected = collect_to(&[request("facts:a.facts#host:")], &Reach::default(), None, &out, &Job::silent()).await;
    assert!(collected.unwrap_err().to_string().contains("was collected already"));
}
