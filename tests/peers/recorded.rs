//! What the peers said when they were last run: a file of lines, so that the table can be written again without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::probes::Probe;

/// What one peer said about one probe: the rules that it raised, or why it said nothing.
pub type Said = Result<BTreeSet<String>, String>;

/// The record.
#[derive(Default)]
pub struct Recorded {
    /// The day, `2026-11-24`.
    pub date: String,
    /// The peers' versions, as they tell them.
    pub versions: BTreeMap<String, String>,
    /// By probe: which text it was.
    sums: BTreeMap<String, String>,
    /// By probe and peer.
    said: BTreeMap<(String, String), Said>,
}

impl Recorded {
    /// Adds what a peer said.
    pub fn add(&mut self, probe: &Probe, peer: &str, said: Said) {
        self.sums.insert(probe.name.clone(), probe.sum());
        self.said.insert((probe.name.clone(), peer.to_owned()), said);
    }

    /// What a peer said.
    pub fn said(&self, probe: &Probe, peer: &str) -> Option<&Said> {
        self.said.get(&(probe.name.clone(), peer.to_owned()))
    }

    /// Whether the peers were run over this very text.
    pub fn knows(&self, probe: &Probe) -> bool {
        self.sums.get(&probe.name) == Some(&probe.sum())
    }

    /// The file.
    pub fn write(&self) -> String {
        let mut out = format!("# What the peers said. Written by cargo xtask peers.\ndate\t{}\n", self.date);
        for (peer, version) in &self.versions {
            out += &format!("version\t{peer}\t{version}\n");
        }
        for ((probe, peer), said) in &self.said {
            let (state, text) = match said {
                Ok(rules) => ("rules", rules.iter().map(String::as_str).collect::<Vec<_>>().join("; ")),
                Err(reason) => ("error", reason.clone()),
            };
            let line = format!("said\t{probe}\t{}\t{peer}\t{state}\t{text}", self.sums[probe]);
            out += line.trim_end();
            out.push('\n');
        }
        out
    }

    /// Reads the file.
    pub fn read(text: &str) -> Self {
        let mut record = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields.as_slice() {
                ["date", date] => record.date = (*date).to_owned(),
                ["version", peer, version] => {
                    record.versions.insert((*peer).to_owned(), (*version).to_owned());
                }
                ["said", probe, sum, peer, state, rest @ ..] => {
                    let text = rest.first().copied().unwrap_or_default();
                    let said = match *state {
                        "error" => Err(text.to_owned()),
                        _ => Ok(text.split("; ").filter(|rule| !rule.is_empty()).map(str::to_owned).collect()),
                    };
                    record.sums.insert((*probe).to_owned(), (*sum).to_owned());
                    record.said.insert(((*probe).to_owned(), (*peer).to_owned()), said);
                }
                _ => panic!("recorded.tsv: {line}"),
            }
        }
        record
    }
}
