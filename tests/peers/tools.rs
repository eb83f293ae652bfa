//! The peers: how each is run over one Dockerfile, how its answer is read, and which of its rules speak to which use case.
//!
//! Each probe lies in a folder of its own. The quick peers are run over each by itself; those that take seconds to start
//! scan all folders at once, but for the probes that are known to spoil a scan.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_workbench::catalog::UseCaseId;
use plimsoll_workbench::catalog::UseCaseId::{A4, B1, B2, B3, B4, B5, D1, D2};
use serde_json::Value;

use crate::probes::Probe;
use crate::recorded::Recorded;

/// A file and a rule.
type Finding = (String, String);

/// A peer.
pub struct Peer {
    /// Its name.
    pub name: &'static str,
    /// Its program in the folder that `cargo xtask peers` fills.
    program: &'static str,
    /// What it is run with; `FILE` stands for the Dockerfile, `FOLDER` for the folder of a common scan.
    arguments: &'static [&'static str],
    /// It takes long to start, so one scan covers all probes.
    common: bool,
    /// The findings in its answer: file and rule. A rule may be empty: then the file was looked at, no more.
    findings: fn(&Value) -> Option<Vec<Finding>>,
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
            "FOLDER",
        ],
        common: true,
        findings: trivy,
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
            "--directory",
            "FOLDER",
            "--framework",
            "dockerfile",
            "secrets",
            "--skip-download",
            "--compact",
            "--output",
            "json",
        ],
        common: true,
        findings: checkov,
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
        arguments: &["--no-fail", "--info", "DL3057", "--format", "json", "FILE"],
        common: false,
        findings: |answer| codes(answer.as_array()?, "code", None),
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
        arguments: &["--shellcheck", "none", "--json", "--file", "FILE"],
        common: false,
        findings: |answer| codes(answer.as_array()?, "code", None),
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
        arguments: &["--output", "json", "FILE"],
        common: false,
        findings: |answer| codes(answer.get("files")?.get(0)?.get("issues")?.as_array()?, "title", None),
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

    /// Its findings for one file, or for all files of a folder.
    fn ask(&self, tools: &Path, file: &Path) -> Result<Vec<Finding>, String> {
        let (place, name) = if file.is_dir() { (file, ".") } else { (file.parent().unwrap(), "Dockerfile") };
        let words = self.arguments.iter().map(|word| match *word {
            "FILE" => name,
            "FOLDER" => ".",
            word => word,
        });
        let output = self.command(tools).args(words).current_dir(place).output().map_err(|error| error.to_string())?;
        // dockerlinter writes nothing at all when it has nothing to say.
        if output.status.success() && output.stdout.is_empty() && output.stderr.is_empty() {
            return Ok(Vec::new());
        }
        let answer = serde_json::from_slice(&output.stdout).ok().as_ref().and_then(self.findings);
        answer.ok_or_else(|| {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
            let reason = lines().find(|line| line.contains("Error")).or(lines().next_back()).unwrap_or("no answer");
            reason.replace('\t', " ").replace(&*place.to_string_lossy(), "").chars().take(160).collect()
        })
    }

    /// Runs it over some probes, each in a folder of its own below `places`.
    fn run(&self, tools: &Path, places: &Path, probes: &[&Probe], record: &Mutex<Recorded>) {
        let rules = |findings: Vec<Finding>| findings.into_iter().map(|(_, rule)| rule).filter(|rule| !rule.is_empty());
        let (together, alone): (Vec<&Probe>, Vec<&Probe>) =
            probes.iter().copied().partition(|probe| self.common && !probe.alone);
        if !together.is_empty() {
            let found = self.ask(tools, &places.join("together"));
            for probe in together {
                let of_probe = found.clone().map(|found| {
                    found
                        .into_iter()
                        .filter(|(file, _)| file.trim_matches('/') == format!("{}/Dockerfile", probe.name))
                        .collect::<Vec<_>>()
                });
                let said = match of_probe {
                    Ok(found) if found.is_empty() => Err("the file is not among the results".to_owned()),
                    other => other.map(|found| rules(found).collect()),
                };
                record.lock().unwrap().add(probe, self.name, said);
            }
        }
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(probe) = alone.get(next.fetch_add(1, Ordering::Relaxed)) {
                let folder = places.join(if probe.alone { "alone" } else { "together" }).join(&probe.name);
                let target = if self.common { folder } else { folder.join("Dockerfile") };
                let said = self.ask(tools, &target).map(|found| rules(found).collect());
                record.lock().unwrap().add(probe, self.name, said);
            }
        };
        std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    }
}

/// The findings of a list; without a field for the file they are all of one file.
fn codes(issues: &[Value], rule: &str, file: Option<&str>) -> Option<Vec<Finding>> {
    let text = |issue: &Value, field: &str| Some(issue.get(field)?.as_str()?.to_owned());
    issues
        .iter()
        .map(|issue| Some((file.map_or(Some(String::new()), |file| text(issue, file))?, text(issue, rule)?)))
        .collect()
}

fn trivy(answer: &Value) -> Option<Vec<Finding>> {
    answer.get("SchemaVersion")?;
    let mut found = Vec::new();
    for result in answer.get("Results").and_then(Value::as_array).into_iter().flatten() {
        let file = result.get("Target")?.as_str()?.to_owned();
        let list = |name: &str| result.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let rules = codes(&list("Misconfigurations"), "ID", None)?;
        found.extend(rules.into_iter().map(|(_, rule)| (file.clone(), rule)));
        found.extend(list("Secrets").first().map(|_| (file.clone(), "secret".to_owned())));
        found.push((file, String::new()));
    }
    Some(found)
}

/// One object for one framework, a list for several; without findings only counts.
fn checkov(answer: &Value) -> Option<Vec<Finding>> {
    let one = std::slice::from_ref(answer);
    let mut found = Vec::new();
    for results in answer.as_array().map_or(one, Vec::as_slice).iter().filter_map(|part| part.get("results")) {
        let list = |name: &str| codes(results.get(name)?.as_array()?, "check_id", Some("file_path"));
        found.extend(list("failed_checks")?);
        found.extend(list("passed_checks")?.into_iter().map(|(file, _)| (file, String::new())));
    }
    Some(found)
}

/// Runs all peers over all probes; what cannot be started fails the test.
pub fn run(probes: &[Probe], tools: &Path) -> Recorded {
    let places = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(tools.join("home")).unwrap();
    for probe in probes {
        let folder = places.path().join(if probe.alone { "alone" } else { "together" }).join(&probe.name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("Dockerfile"), &probe.text).unwrap();
    }
    let mut record = Recorded::default();
    record.date = plimsoll_workbench::collect::now()[..10].to_owned();
    let record = Mutex::new(record);
    let probes: Vec<&Probe> = probes.iter().collect();
    for peer in &ALL {
        record.lock().unwrap().versions.insert(peer.name.to_owned(), peer.version(tools));
        peer.run(tools, places.path(), &probes, &record);
    }
    record.into_inner().unwrap()
}
