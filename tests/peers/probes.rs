//! The probes: listings of small Dockerfiles, each with its verdict and the reason.
//!
//! A probe begins with `%% NAME USE-CASE OUTCOME[|OUTCOME…]`; its first outcome is the verdict, the others are what ours may
//! say as well. `%% why: …` gives the reason; `%% known-gap: …` owns up to one that ours gets wrong; `%% alone: …` keeps one out of the common scan, because a
//! peer's fault over it would change what that peer says about the others.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_workbench::catalog::{OutcomeKind, UseCaseId};
use sha2::{Digest, Sha256};

/// One small Dockerfile.
pub struct Probe {
    /// Its name.
    pub name: String,
    /// The use case that it is for.
    pub use_case: UseCaseId,
    /// What ours may say, the verdict first.
    pub allowed: Vec<OutcomeKind>,
    /// Why that is the verdict.
    pub why: String,
    /// Why ours gets it wrong, where it does.
    pub gap: Option<String>,
    /// Scanned apart from the others.
    pub alone: bool,
    /// The Dockerfile.
    pub text: String,
}

impl Probe {
    /// The verdict by Docker's own semantics.
    pub fn verdict(&self) -> OutcomeKind {
        self.allowed[0]
    }

    /// Identifies the text.
    pub fn sum(&self) -> String {
        hex::encode(Sha256::digest(self.text.as_bytes()))[..12].to_owned()
    }
}

/// All probes, by use case and in the order of their listings.
pub fn read(folder: &Path) -> Vec<Probe> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("probes")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut probes = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "probes")) {
        listing(&std::fs::read_to_string(file).unwrap(), &mut probes);
    }
    let names: BTreeSet<_> = probes.iter().map(|probe| &probe.name).collect();
    assert_eq!(names.len(), probes.len(), "a name is there twice");
    probes
}

fn listing(text: &str, probes: &mut Vec<Probe>) {
    let mut current: Option<Probe> = None;
    for line in text.lines() {
        if let Some(why) = line.strip_prefix("%% why: ") {
            current.as_mut().unwrap().why = why.to_owned();
        } else if let Some(gap) = line.strip_prefix("%% known-gap: ") {
            current.as_mut().unwrap().gap = Some(gap.to_owned());
        } else if line.starts_with("%% alone: ") {
            current.as_mut().unwrap().alone = true;
        } else if let Some(head) = line.strip_prefix("%% ") {
            probes.extend(current.take().map(finished));
            let mut words = head.split_whitespace();
            let mut next = || words.next().unwrap_or_else(|| panic!("{line}"));
            let name = next().to_owned();
            let use_case = next().parse().unwrap();
            let allowed = next().split('|').map(|word| outcome(word).unwrap_or_else(|| panic!("{line}"))).collect();
            current = Some(Probe {
                name,
                use_case,
                allowed,
                why: String::new(),
                gap: None,
                alone: false,
                text: String::new(),
            });
        } else if let Some(probe) = &mut current {
            probe.text.push_str(line);
            probe.text.push('\n');
        }
    }
    probes.extend(current.map(finished));
}

fn finished(mut probe: Probe) -> Probe {
    assert!(!probe.why.is_empty(), "{} does not say why", probe.name);
    let text = probe.text.trim_end().replace("{{TOKEN_GITHUB}}", &token()).replace("{{PASSWORD}}", &random(16));
    assert!(!text.contains("{{"), "{} has an unknown placeholder", probe.name);
    probe.text = text + "\n";
    probe
}

/// An outcome by its word.
pub fn outcome(word: &str) -> Option<OutcomeKind> {
    OutcomeKind::ALL.into_iter().find(|kind| kind.as_str() == word)
}

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Letters and digits that look random and are the same every time.
fn random(length: usize) -> String {
    let mut state = 0x0070_6c69_6d73_6f6c_u64;
    let mut digit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(DIGITS[(state >> 33) as usize % DIGITS.len()])
    };
    (0..length).map(|_| digit()).collect()
}

/// A token of GitHub's form that nobody was ever given: thirty characters, and their CRC-32 in base 62. It is made here so
/// that no scanner finds one in our repository.
fn token() -> String {
    let body = random(30);
    let mut rest = crc32(body.as_bytes());
    let mut sum = [b'0'; 6];
    for place in sum.iter_mut().rev() {
        *place = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    format!("gh{}{body}{}", "p_", String::from_utf8_lossy(&sum))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn the_checksum_is_the_common_one() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(token().len(), 40);
}
