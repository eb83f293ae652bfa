//! What the window shows of hosts, containers, facts files and of the coverage of the standard.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::{LinkView, OutcomeView, SubjectLine};

/// What looks at one of the 106 requirements.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CoverageRow {
    /// `2.9`
    pub id: String,
    /// `V2`
    pub chapter: String,
    /// Its title.
    pub chapter_title: String,
    /// 1–3.
    pub level: u8,
    /// The requirement's title.
    pub title: String,
    /// `automated`, `assisted` or `manual`.
    pub mode: String,
    /// Kinds of subject that it is decided on: `host`, `container` … `solution`.
    pub kinds: Vec<String>,
    /// The checks that speak to it.
    pub by: Vec<CoverageBy>,
    /// What to ask.
    pub question: String,
    /// What evidence to ask for.
    pub hints: Vec<String>,
    /// An example of evidence that would convince.
    pub example: String,
}

/// One check that speaks to a requirement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CoverageBy {
    /// The check's id.
    pub check: String,
    /// Its title.
    pub title: String,
    /// A1–D2; empty for none.
    pub use_case: String,
    /// The kinds of subject on which it speaks to the requirement.
    pub kinds: Vec<String>,
    /// `decisive` or `supporting`.
    pub pass: String,
    /// `decisive` or `supporting`.
    pub fail: String,
    /// What it cannot see.
    pub unseen: String,
}

/// The coverage of the standard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CoverageView {
    /// All 106.
    pub rows: Vec<CoverageRow>,
    /// How many a check can decide.
    pub automated: u32,
    /// How many checks help with.
    pub assisted: u32,
    /// How many only a person can look at.
    pub manual: u32,
}

/// An engine that can be named: the default one or a Docker context.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EngineChoice {
    /// What to write for it; empty for the default.
    pub address: String,
    /// Where it leads.
    pub endpoint: String,
    /// Its name for people.
    pub name: String,
    /// Whether Docker's own client would use it.
    pub current: bool,
}

/// An engine that was asked.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EngineAnswer {
    /// Where it was reached.
    pub endpoint: String,
    /// The host's name.
    pub name: String,
    /// "Docker 27.3.1", "Podman 4.3.1".
    pub engine: String,
    /// Its containers.
    pub containers: Vec<EngineContainer>,
    /// What will be read, one line for each request or file; nothing is changed.
    pub reads: Vec<String>,
}

/// A container in an engine's list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EngineContainer {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// `running`, `exited` …
    pub state: String,
    /// The engine's own words: "Up 3 days".
    pub status: String,
}

/// A host to be added.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NewHost {
    /// As in [`EngineChoice::address`], or `unix://…`, `tcp://…`, `ssh://…`.
    pub address: String,
    /// Whether the host itself becomes a subject.
    pub host: bool,
    /// Names of the containers that become subjects.
    pub containers: Vec<String>,
    /// daemon.json and unit files to read beside it.
    pub files: Vec<String>,
}

/// How many outcomes there are of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutcomeCounts {
    /// Failed.
    pub fail: u32,
    /// Could not be read.
    pub error: u32,
    /// A person must decide.
    pub undecided: u32,
    /// Passed.
    pub pass: u32,
    /// Do not apply.
    pub not_applicable: u32,
}

/// Where facts came from that were collected elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CollectedView {
    /// The facts file's name.
    pub file: String,
    /// Its SHA-256.
    pub file_sha256: String,
    /// The machine that it was collected on.
    pub machine: String,
    /// The user there.
    pub user: String,
    /// Program and version.
    pub tool: String,
    /// When, RFC 3339.
    pub started: String,
    /// What was asked for.
    pub asked: Vec<String>,
    /// The collecting person's own word; may be empty.
    pub note: String,
}

/// A host or container in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuntimeLine {
    /// The subject.
    pub subject: SubjectLine,
    /// The host's name that it belongs to; hosts and containers of one engine share it. May be empty.
    pub host: String,
    /// In a few words: "Docker 27.3.1 on Debian 12", "nginx:1.27, running".
    pub about: String,
    /// What its checks concluded.
    pub counts: OutcomeCounts,
    /// The worst severity of what failed: `critical` … `info`; empty for none.
    pub worst: String,
    /// Where its facts came from, when they were collected elsewhere.
    pub collected: Option<CollectedView>,
}

/// All hosts and containers of the engagement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuntimeList {
    /// Hosts, each followed by its containers.
    pub lines: Vec<RuntimeLine>,
}

/// A table on the page of a host or container.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuntimeTable {
    /// Stable id: `processes`, `mounts`, `ports`, `environment`, `changes`, `networks`, `services`, `nodes` …
    pub id: String,
    /// Its title.
    pub title: String,
    /// Column titles.
    pub columns: Vec<String>,
    /// Rows, as many cells as columns.
    pub rows: Vec<Vec<String>>,
    /// One sentence where the table is empty or was cut; may be empty.
    pub note: String,
}

/// The outcomes that speak to one requirement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuntimeOutcome {
    /// The requirements that it speaks to, with strengths and verdicts.
    pub requirements: Vec<LinkView>,
    /// A1–D2; empty for none.
    pub use_case: String,
    /// The outcome with its observations and explanations.
    pub outcome: OutcomeView,
}

/// The page of a host or container.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuntimePage {
    /// The list's line.
    pub line: RuntimeLine,
    /// When it was read, RFC 3339; empty before the first run.
    pub at: String,
    /// What is worth knowing first: name and value.
    pub summary: Vec<(String, String)>,
    /// All outcomes: what failed first, then by requirement.
    pub outcomes: Vec<RuntimeOutcome>,
    /// What was read.
    pub tables: Vec<RuntimeTable>,
    /// Configuration files, masked: name and text.
    pub files: Vec<(String, String)>,
    /// The engine's answers, masked, as indented JSON: request and answer.
    pub answers: Vec<(String, String)>,
    /// What could not be read: what and why.
    pub unread: Vec<(String, String)>,
}

/// What an import of facts files brought.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FactsImport {
    /// Subjects that are new.
    pub added: u32,
    /// Subjects that the engagement had already.
    pub known: u32,
    /// Files that could not be read: name and reason.
    pub refused: Vec<(String, String)>,
    /// What somebody should know, one sentence each: clocks that go wrong, a file that was given twice.
    pub notes: Vec<String>,
}
