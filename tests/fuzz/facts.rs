//! Facts files from anybody: reading ends, says the same twice, is bounded by the input, and believes nothing whose hash
//! does not hold.

use std::io::Write;

use bolero::check;
use plimsoll_workbench::facts_file::{FactsFile, read_bytes, write};
use plimsoll_workbench::{CollectedBy, Facts, Source};
use sha2::{Digest, Sha256};

use crate::mutate::Recipe;

/// No piece grows beyond this.
const PIECE: usize = 16 * 1024;
/// The trailer's head: a skippable frame of 32 bytes.
const TRAILER: [u8; 8] = [0x5a, 0x2a, 0x4d, 0x18, 32, 0, 0, 0];

const WORDS: &[&str] = &[
    "\n",
    "{\"subject\":{",
    "{\"unread\":{",
    "{\"end\":{",
    "\"source\":\"host:\"",
    "\"source\":\"facts:a#host:\"",
    "\"kind\":\"container\"",
    "\"kind\":\"image\"",
    "\"facts_bytes\":",
    "\"facts_sha256\":\"",
    "\"listing_bytes\":",
    "\"listing_sha256\":\"",
    "\"schema\":\"plimsoll/facts/2\"",
    "18446744073709551615",
    "268435457",
    "-1",
    "1e400",
    "[[[[[[[[[[[[[[[[",
    "\"started\":\"9999-12-31T23:59:59Z\"",
    "\"subjects\":",
    "\\u0000",
    "\u{202e}",
    "null",
    "{",
    "}",
];

fn facts(source: &str, part: &str, of: serde_json::Value) -> Facts {
    let mut json = serde_json::json!({
        "source": source, "collected": "2026-11-24T10:00:00Z", "image": null, "dockerfile": null, "compose": null,
    });
    json[part] = of;
    serde_json::from_value(json).unwrap()
}

fn whole() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.facts");
    let by = CollectedBy {
        machine: "web-01".into(),
        user: "ops".into(),
        tool: "plimsoll 0.1.0".into(),
        started: "2026-11-24T10:00:00Z".into(),
        asked: vec!["host:".into()],
        ..CollectedBy::default()
    };
    let host = facts("host:", "host", serde_json::json!({"name": "web-01", "id": "E1"}));
    let web = facts("container:web", "container", serde_json::json!({"name": "web", "at": {"id": "E1"}}));
    let source = |text: &str| text.parse::<Source>().unwrap();
    let subjects = vec![
        (source("host:"), "web-01".to_owned(), Ok(host)),
        (source("container:web"), "web on web-01".to_owned(), Ok(web)),
        (source("container:db"), "db on web-01".to_owned(), Err("It is gone.".to_owned())),
    ];
    write(&path, &by, "Debian", "2026-11-24T10:00:05Z", subjects, false).unwrap();
    std::fs::read(&path).unwrap()
}

fn sealed(frame: &[u8]) -> Vec<u8> {
    [frame, &TRAILER, Sha256::digest(frame).as_slice()].concat()
}

/// What a reading says, in a text that can be compared.
fn said(bytes: &[u8]) -> (Option<FactsFile>, String) {
    match read_bytes(bytes, "a.facts") {
        Ok(file) => {
            let text = format!("{file:?}");
            (Some(file), text)
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 1000 && !text.contains('\n'), "{text}");
            (None, text)
        }
    }
}

#[test]
fn facts_file_bytes() {
    let seeds = [whole()];
    check!().with_iterations(3000).with_type::<Recipe>().for_each(|recipe| {
        let bytes = recipe.make(&seeds, WORDS, PIECE);
        let (file, text) = said(&bytes);
        assert_eq!(text, said(&bytes).1);
        assert!(file.is_none() || bytes == seeds[0], "changed bytes are believed");
    });
}

#[test]
fn facts_file_lines() {
    let whole = whole();
    let lines = zstd::decode_all(&whole[..whole.len() - 40]).unwrap();
    let seeds = [lines];
    check!().with_iterations(3000).with_type::<Recipe>().for_each(|recipe| {
        let lines = recipe.make(&seeds, WORDS, PIECE);
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.write_all(&lines).unwrap();
        let bytes = sealed(&encoder.finish().unwrap());
        let (file, text) = said(&bytes);
        assert_eq!(text, said(&bytes).1);
        assert!(text.len() < 64 * 1024 + 256 * lines.len(), "{} bytes became {}", lines.len(), text.len());
        for subject in file.into_iter().flat_map(|file| file.subjects) {
            let Ok(facts) = subject.facts else { continue };
            assert_eq!(facts.source, subject.source.to_string());
            let by = facts.collected_by.unwrap();
            assert_eq!(by.facts_sha256, subject.facts_sha256);
            assert_eq!(by.file_sha256, hex::encode(Sha256::digest(&bytes)));
        }
    });
}
