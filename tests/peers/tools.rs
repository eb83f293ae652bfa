//! The peers: how each is run over one Dockerfile, how its answer is read, and which of its rules speak to which use case.
//!
//! Each probe lies in a folder of its own and is run by itself: where a peer breaks off, that costs it one probe.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_workbench::catalog::UseCaseId;
use plimsoll_workbench::catalog::UseCaseId::{A4, B1, B2, B3, B4, B5, D1, D2};
use serde_json::Value;

use crate::probes::Probe;
use crate::recorded::{Recorded, Said};

/// A peer.
pub struct Peer {
    /// Its name.
    pub name: &'static str,
    /// Its program in the folder that `cargo xtask peers` fills.
    program: &'static str,
    /// What it is run with; it finds the probe as `Dockerfile` in the folder that it starts in.
    arguments: &'static [&'static str],
    /// The rules in its answer.
    rules: fn(&Value) -> Option<BTreeSet<String>>,
    /// The rules that speak to a use case.
    pub map: &'static [(UseCaseId, &'static [&'static str])],
}

/// All of them. Rules that a peer leaves off unless asked for are asked for.
pub const ALL: [Peer; 5] = [
    Peer {
        name: "trivy",
        program: "python/bin/trivy",
        arguments: &[
            "filesystem",
            "--scanners",
            "misconfig,secret",
            "--skip-check-update",
            "--offline-scan",
            "--quiet",
            "--format",
            "json",
            ".",
        ],
        rules: trivy,
        map: &[
            (A4, &["DS-0015", "DS-0019", "DS-0020", "DS-0025", "DS-0027", "DS-0029"]),
            (B1, &["DS-0001"]),
            (B2, &["DS-0017"]),
            (B3, &["DS-0005"]),
            (B4, &["DS-0026"]),
            (B5, &["DS-0031", "secret"]),
            (D1, &["DS-0002"]),
            (D2, &["DS-0010", "DS-0030"]),
        ],
    },
    Peer {
        name: "checkov",
        program: "python/bin/checkov",
        arguments: &[
            "--file",
            "Dockerfile",
            "--framework",
            "dockerfile",
            "secrets",
            "--skip-download",
            "--quiet",
            "--compact",
            "--output",
            "json",
        ],
        rules: checkov,
        map: &[
            (A4, &["CKV_DOCKER_9"]),
            (B1, &["CKV_DOCKER_7"]),
            (B2, &["CKV_DOCKER_5"]),
            (B3, &["CKV_DOCKER_4"]),
            (B4, &["CKV_DOCKER_2"]),
            (B5, &["CKV_SECRET_*", "CKV2_DOCKER_17"]),
            (D1, &["CKV_DOCKER_3", "CKV_DOCKER_8"]),
            (D2, &["CKV2_DOCKER_1"]),
        ],
    },
    Peer {
        name: "hadolint",
        program: "python/bin/hadolint",
        arguments: &["--no-fail", "--info", "DL3057", "--format", "json", "Dockerfile"],
        rules: |answer| codes(answer.as_array()?, "code"),
        map: &[
            (A4, &["DL3009", "DL3015", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060"]),
            (B1, &["DL3006", "DL3007"]),
            (B2, &[]),
            (B3, &["DL3020"]),
            (B4, &["DL3057"]),
            (B5, &["DL3064"]),
            (D1, &["DL3002"]),
            (D2, &["DL3004"]),
        ],
    },
    Peer {
        name: "dockerlinter",
        program: "npm/node_modules/.bin/dockerlinter",
        arguments: &["--shellcheck", "none", "--json", "--file", "Dockerfile"],
        rules: |answer| codes(answer.as_array()?, "code"),
        map: &[
            (A4, &["ER0002", "ER0005", "ER0010", "ER0011"]),
            (B1, &["EF0003", "EF0004"]),
            (B2, &[]),
            (B3, &["EA0001", "EA0002"]),
            (B4, &[]),
            (B5, &[]),
            (D1, &["EU0001"]),
            (D2, &["ER0004"]),
        ],
    },
    Peer {
        name: "dockerfilelint",
        program: "npm/node_modules/.bin/dockerfilelint",
        arguments: &["--output", "json", "Dockerfile"],
        rules: |answer| codes(answer.get("files")?.get(0)?.get("issues")?.as_array()?, "title"),
        map: &[
            (
                A4,
                &[
                    "Consider `--no-install-recommends`",
                    "apt-get update with matching cache rm",
                    "Consider `--no-cache or --update with rm -rf /var/cache/apk/*`",
                ],
            ),
            (B1, &["Base Image Missing Tag", "Base Image Latest Tag"]),
            (B2, &["apt-get update without matching apt-get install"]),
            (B3, &[]),
            (B4, &[]),
            (B5, &[]),
            (D1, &[]),
            (D2, &["Use Of sudo Is Not Allowed"]),
        ],
    },
];

impl Peer {
    /// Its rules for a use case.
    pub fn rules_for(&self, use_case: UseCaseId) -> &'static [&'static str] {
        self.map.iter().find(|(id, _)| *id == use_case).map_or(&[], |(_, rules)| rules)
    }

    /// Whether what it raised speaks to a use case.
    pub fn objects(&self, use_case: UseCaseId, raised: &BTreeSet<String>) -> bool {
        self.rules_for(use_case).iter().any(|rule| match rule.strip_suffix('*') {
            Some(start) => raised.iter().any(|raised| raised.starts_with(start)),
            None => raised.contains(*rule),
        })
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(folder.join(self.program));
        // A home of their own: no settings of the person who runs them, no cache of theirs left behind.
        let home = folder.join("home");
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", &home).env("TRIVY_CACHE_DIR", home.join("trivy"));
        command.env("LC_ALL", "C.UTF-8").env("CHECKOV_RUN_SCA_PACKAGE_SCAN_V2", "false");
        command.stdin(std::process::Stdio::null());
        command
    }

    fn version(&self, folder: &Path) -> String {
        let output = self.command(folder).arg("--version").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        word.unwrap_or_else(|| panic!("{} tells no version", self.name)).to_owned()
    }

    fn ask(&self, folder: &Path, place: &Path) -> Said {
        let output =
            self.command(folder).args(self.arguments).current_dir(place).output().map_err(|e| e.to_string())?;
        let answer = serde_json::from_slice(&output.stdout).ok().as_ref().and_then(self.rules);
        answer.ok_or_else(|| {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            let reason = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no answer").trim();
            let plain = reason.replace('\t', " ").replace(&*place.to_string_lossy(), "");
            plain.chars().take(160).collect()
        })
    }
}

fn codes(issues: &[Value], field: &str) -> Option<BTreeSet<String>> {
    issues.iter().map(|issue| Some(issue.get(field)?.as_str()?.to_owned())).collect()
}

fn trivy(answer: &Value) -> Option<BTreeSet<String>> {
    answer.get("SchemaVersion")?;
    let mut raised = BTreeSet::new();
    for result in answer.get("Results").and_then(Value::as_array).into_iter().flatten() {
        let list = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        raised.extend(codes(&list("Misconfigurations"), "ID")?);
        if !list("Secrets").is_empty() {
            raised.insert("secret".to_owned());
        }
    }
    Some(raised)
}

/// One object for one framework, a list for several; without findings only counts.
fn checkov(answer: &Value) -> Option<BTreeSet<String>> {
    let one = std::slice::from_ref(answer);
    let mut raised = BTreeSet::new();
    for part in answer.as_array().map_or(one, Vec::as_slice) {
        match part.get("results") {
            Some(results) => raised.extend(codes(results.get("failed_checks")?.as_array()?, "check_id")?),
            None => {
                part.get("passed")?;
            }
        }
    }
    Some(raised)
}

/// Runs all peers over all probes; what cannot be started fails the test.
pub fn run(probes: &[Probe], folder: &Path) -> Recorded {
    let places = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.join("home")).unwrap();
    for probe in probes {
        std::fs::create_dir(places.path().join(&probe.name)).unwrap();
        std::fs::write(places.path().join(&probe.name).join("Dockerfile"), &probe.text).unwrap();
    }
    let record = Mutex::new(Recorded::default());
    record.lock().unwrap().date = plimsoll_workbench::collect::now()[..10].to_owned();
    for peer in &ALL {
        record.lock().unwrap().versions.insert(peer.name.to_owned(), peer.version(folder));
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(probe) = probes.get(next.fetch_add(1, Ordering::Relaxed)) {
                let said = peer.ask(folder, &places.path().join(&probe.name));
                record.lock().unwrap().add(probe, peer.name, said);
            }
        };
        std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    }
    record.into_inner().unwrap()
}
