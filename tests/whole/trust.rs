//! `plimsoll trust` over the held fixtures: Notary metadata, and signatures beside images in layouts.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;

use serde_json::Value;

use crate::bad_input::entry;
use crate::support::{Home, succeed};

/// A folder of fixtures.
fn fixtures(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(set)
}

/// The cases of a set.
fn cases(set: &str) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(fixtures(set).join("cases.json")).unwrap()).unwrap()
}

fn text<'a>(case: &'a Value, key: &str) -> Option<&'a str> {
    case.get(key).and_then(Value::as_str)
}

/// Runs `plimsoll trust --json -`; the judgement with the exit status.
fn judged(home: &Home, arguments: &[&str]) -> (Value, i32) {
    let output = home.plimsoll(&[&["trust", "--json", "-"], arguments].concat());
    let status = output.status.code().unwrap();
    let judgement = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
    (judgement, status)
}

/// Runs all cases on a few threads, and fails with everything that is wrong.
fn each(cases: &[Value], run: impl Fn(&Home, &Value) -> (Value, i32) + Sync) {
    let wrong = Mutex::new(Vec::new());
    let queue = Mutex::new(cases.iter());
    let work = || {
        let home = Home::new();
        loop {
            let Some(case) = queue.lock().unwrap().next() else { break };
            let (found, status) = run(&home, case);
            let name = text(case, "name").unwrap();
            let holds = ["signed", "verified"].contains(&text(case, "verdict").unwrap());
            let mut differs = Vec::new();
            for key in ["verdict", "kind", "digest"] {
                // What is verified names no digest in the cases: it is the image's.
                let expected = case.get(key).or(case.get("image").filter(|_| key == "digest" && holds));
                if expected.is_some_and(|expected| found.get(key) != Some(expected)) {
                    differs.push(format!("{key} {} instead of {}", found[key], expected.unwrap()));
                }
            }
            if status != i32::from(!holds) {
                differs.push(format!("exit status {status}"));
            }
            if !differs.is_empty() {
                wrong.lock().unwrap().push(format!("{name}: {} ({})", differs.join(", "), found["reason"]));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// A case of Notary metadata.
fn notary(home: &Home, case: &Value, more: &[&str]) -> (Value, i32) {
    let set = fixtures("notary");
    let path = |key: &str| text(case, key).map(|path| set.join(path).display().to_string());
    let served = path("served").unwrap();
    let mut arguments = vec![served.as_str()];
    for (flag, key) in [("--gun", "gun"), ("--tag", "tag"), ("--at", "at")] {
        arguments.extend([flag, text(case, key).unwrap()]);
    }
    let (previous, pin) = (path("previous"), path("pin"));
    for (flag, path) in [("--previous", &previous), ("--pin", &pin)] {
        if let Some(path) = path {
            arguments.extend([flag, path]);
        }
    }
    arguments.extend(more);
    judged(home, &arguments)
}

fn case<'a>(cases: &'a [Value], name: &str) -> &'a Value {
    cases.iter().find(|case| text(case, "name") == Some(name)).unwrap()
}

#[test]
fn every_case_of_notary_metadata_gets_its_verdict() {
    let cases = cases("notary");
    assert_eq!(cases.len(), 58);
    each(&cases, |home, case| notary(home, case, &[]));
}

#[test]
fn every_signature_beside_an_image_gets_its_verdict() {
    let cases = cases("signatures");
    assert_eq!(cases.len(), 29);
    let set = fixtures("signatures");
    each(&cases, |home, case| {
        let layout = set.join(text(case, "name").unwrap()).display().to_string();
        let trusted = text(case, "trusted").unwrap();
        let flag = if trusted.ends_with(".pem") { "--notation-ca" } else { "--key" };
        let trusted = set.join(trusted).display().to_string();
        let (found, status) = judged(home, &[&layout, flag, &trusted, "--at", "2026-11-24T00:00:00Z"]);
        assert_eq!(found["digests"][0], case["image"], "{}", found["reference"]);
        (found, status)
    });
}

#[test]
fn trust_data_for_another_digest_say_signed_and_do_not_hold() {
    let home = Home::new();
    let cases = cases("notary");
    let case = case(&cases, "valid-delegation");
    let (found, status) = notary(&home, case, &["--digest", text(case, "digest").unwrap()]);
    assert_eq!((found["verdict"].as_str(), found["state"].as_str(), status), (Some("signed"), Some("verified"), 0));
    let (found, status) = notary(&home, case, &["--digest", &"0".repeat(64)]);
    assert_eq!((found["verdict"].as_str(), found["state"].as_str(), status), (Some("signed"), Some("other-digest"), 1));
}

#[test]
fn a_root_that_the_pinned_authority_did_not_issue_is_refused() {
    let home = Home::new();
    let cases = cases("notary");
    let pin = fixtures("notary").join("cases/valid-ca-chain/ca.pem").display().to_string();
    let (found, status) = notary(&home, case(&cases, "valid-delegation"), &["--pin", &pin]);
    assert_eq!((found["verdict"].as_str(), found["kind"].as_str(), status), (Some("invalid"), Some("root"), 1));
}

#[test]
fn trust_data_that_are_gone_are_told_as_withdrawn() {
    let home = Home::new();
    let cases = cases("notary");
    let (found, _) = notary(&home, case(&cases, "unsigned-after-signed"), &[]);
    assert_eq!(found["state"], "withdrawn", "{}", found["reason"]);
}

#[test]
fn without_a_key_nothing_is_verified() {
    let home = Home::new();
    for (name, state) in [("cosign-valid", "no-key"), ("notation-jws-valid", "no-key"), ("attestation-valid", "no-key")]
    {
        let layout = fixtures("signatures").join(name).display().to_string();
        let (found, status) = judged(&home, &[&layout]);
        assert_eq!((found["verdict"].as_str(), status), (Some("not-verified"), 1), "{name}");
        assert_eq!(found["state"], state, "{name}: {}", found["reason"]);
    }
}

#[test]
fn what_is_absent_from_a_layout_is_said_of_the_layout_alone() {
    let home = Home::new();
    let layout = fixtures("signatures").join("unsigned").display().to_string();
    let (found, _) = judged(&home, &[&layout]);
    let lookups = found["lookups"].as_array().unwrap();
    assert!(!lookups.is_empty());
    for lookup in lookups {
        assert!(lookup["place"].as_str().unwrap().starts_with("in this layout, which need not hold"), "{lookup}");
        assert_eq!(lookup["looked"]["answer"], "absent", "{lookup}");
    }
}

/// A tar file of a folder.
fn packed(folder: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    fn walk(folder: &Path, under: &str, into: &mut Vec<(String, PathBuf)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{under}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() { walk(&path, &format!("{name}/"), into) } else { into.push((name, path)) }
        }
    }
    let mut files = Vec::new();
    walk(folder, "", &mut files);
    files.sort();
    let mut tar: Vec<u8> =
        files.iter().flat_map(|(name, path)| entry(name, &change(name, std::fs::read(path).unwrap()))).collect();
    tar.extend([0; 1024]);
    tar
}

#[test]
fn an_archive_is_judged_as_its_layout_and_a_changed_byte_is_not_passed_over() {
    let home = Home::new();
    let set = fixtures("signatures");
    let key = set.join("cosign.pub").display().to_string();
    let archive = home.path("image.tar");
    let path = archive.to_str().unwrap();
    std::fs::write(&archive, packed(&set.join("cosign-valid"), |_, bytes| bytes)).unwrap();
    let (found, status) = judged(&home, &[path, "--key", &key]);
    assert_eq!((found["verdict"].as_str(), status), (Some("verified"), 0));
    // The signed payload, one letter changed: the layer no longer has its digest.
    let change = |_: &str, mut bytes: Vec<u8>| {
        if let Some(at) = bytes.windows(17).position(|window| window == b"docker-reference\"") {
            bytes[at] = b'D';
        }
        bytes
    };
    std::fs::write(&archive, packed(&set.join("cosign-valid"), change)).unwrap();
    let (found, status) = judged(&home, &[path, "--key", &key]);
    assert_eq!((found["verdict"].as_str(), status), (Some("unknown"), 1), "{}", found["reason"]);
    assert!(found["reason"].as_str().unwrap().contains("another digest"), "{}", found["reason"]);
}

#[test]
fn a_person_reads_who_signed_with_which_key_and_until_when() {
    let home = Home::new();
    let set = fixtures("signatures");
    let layout = set.join("notation-jws-valid").display().to_string();
    let authority = set.join("notation-ca.pem").display().to_string();
    let said = succeed(&home.plimsoll(&["trust", &layout, "--notation-ca", &authority]));
    for part in ["verdict  verified", "Notation: verified", "CN=lab-signer", "until 2046", "✓ Signature", "Looked at"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json = home.path("judgement.json");
    let run = home.plimsoll(&["trust", &layout, "--notation-ca", &authority, "--json", json.to_str().unwrap()]);
    assert_eq!(succeed(&run), "");
    let written: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!((written["schema"].as_str(), written["verdict"].as_str()), (Some("plimsoll/trust/1"), Some("verified")));
}

/// The one line with which a judgement that could not be made ends.
fn refused(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("plimsoll: ") && said.lines().count() == 1 && output.stdout.is_empty(), "{said}");
    said
}

#[test]
fn what_cannot_be_judged_ends_with_one_clear_line() {
    let home = Home::new();
    let at = |set: &str, path: &str| fixtures(set).join(path).display().to_string();
    let (layout, metadata) = (at("signatures", "cosign-valid"), at("notary", "cases/valid-delegation/served"));
    std::fs::create_dir(home.path("empty")).unwrap();
    let private = home.path("private.pem");
    std::fs::write(&private, "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n").unwrap();
    for (arguments, says) in [
        (vec!["./nowhere"], "nowhere"),
        (vec!["empty"], "neither an OCI layout nor a folder of Notary metadata"),
        (vec![&metadata], "give --gun GUN"),
        (vec![&layout, "--tag", "other"], "other"),
        (vec![&layout, "--key", "nowhere.pub"], "nowhere.pub"),
        (vec![&layout, "--key", private.to_str().unwrap()], "private key"),
        (vec![&layout, "--key", &at("signatures", "cases.json")], "cases.json"),
        (vec![&layout, "--at", "yesterday"], "--at yesterday is no moment"),
        (vec![&layout, "--digest", "abc"], "--digest abc is no SHA-256 digest"),
        (vec![&metadata, "--gun", "a/b", "--previous", "empty"], "no root.json"),
        (vec!["docker-daemon:app"], "carries no signatures"),
    ] {
        let said = refused(&home.plimsoll(&[&["trust", "--json", "out.json"], arguments.as_slice()].concat()));
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert!(!home.path("out.json").exists(), "{arguments:?}");
    }
}
