//! What the window shows of the evidence itself (folders, packages, history) and of the checks and their settings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::trust_view::{ApprovedView, TrustPolicyView};
use crate::view::{LinkView, OutcomeView, SubjectLine};
use crate::vulnerability_view::VulnerabilityPolicyView;

/// One folder of an image: of the merged tree, or of one layer alone.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderView {
    /// The folder, absolute.
    pub path: String,
    /// The layer, from 1; none for the merged tree.
    pub layer: Option<u32>,
    /// What it holds: folders first, then by name.
    pub rows: Vec<TreeRow>,
    /// How many more there are than are listed (5,000).
    pub more: u32,
}

/// One entry of a folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TreeRow {
    /// Its name.
    pub name: String,
    /// Its path, absolute.
    pub path: String,
    /// `file`, `directory`, `symlink`, `hard-link`, `char-device`, `block-device`, `fifo`.
    pub kind: String,
    /// Size for people; of a folder, of all that is below it.
    pub size: String,
    /// Files below a folder; 0 for anything else.
    pub files: u32,
    /// `rwsr-xr-x`
    pub mode: String,
    /// `0:0`, with names where the image has them: `root:root`.
    pub owner: String,
    /// The layer it comes from, from 1.
    pub layer: u32,
    /// Target of a link; may be empty.
    pub link: String,
    /// Name of the package that owns it; may be empty.
    pub package: String,
    /// `visible`, `replaced` or `deleted`: whether the merged tree shows it.
    pub state: String,
    /// The layer that hides it, from 1; 0 while it is visible.
    pub hidden_by: u32,
    /// File capabilities, names; may be empty.
    pub capabilities: String,
    /// What checks saw here; for a folder, also below it.
    pub marks: Vec<PathMark>,
}

/// What a check saw at a path.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PathMark {
    /// `critical` … `info`
    pub severity: String,
    /// A1–D2.
    pub use_case: String,
    /// One sentence.
    pub message: String,
}

/// What is installed in an image.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackagesView {
    /// The distribution, as it calls itself; empty if it is not known.
    pub os: String,
    /// What is known of its support: "security fixes until 2028-06-30"; may be empty.
    pub support: String,
    /// Whether that date lay before the day of the run.
    pub unsupported: bool,
    /// The packages.
    pub rows: Vec<PackageRow>,
    /// The files that were read, and those that could not be: path, kind, packages, error.
    pub sources: Vec<PackageSource>,
    /// Files that were not looked into: path and reason.
    pub unread: Vec<(String, String)>,
}

/// One package.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackageRow {
    /// `deb`, `apk`, `rpm`, `npm`, `pypi` …
    pub ecosystem: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture; may be empty.
    pub architecture: String,
    /// Its source package and version where they differ; may be empty.
    pub source: String,
    /// Its licence; may be empty.
    pub licence: String,
    /// Its size for people; may be empty.
    pub size: String,
    /// Its size in bytes, to sort by; 0 if it is not known.
    pub bytes: f64,
    /// The layer that brought it, from 1; 0 if it is not known.
    pub layer: u32,
    /// The file that lists it.
    pub location: String,
    /// Package URL.
    pub purl: String,
}

/// A file that the inventory rests on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackageSource {
    /// The file.
    pub path: String,
    /// What it was read as.
    pub kind: String,
    /// Packages in it.
    pub packages: u32,
    /// Why it could not be read; may be empty.
    pub error: String,
}

/// One line of an image's history.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HistoryRow {
    /// Its index, from 0.
    pub index: u32,
    /// When, RFC 3339; may be empty.
    pub created: String,
    /// The instruction; secrets masked.
    pub command: String,
    /// The layer that it made, from 1; 0 if none.
    pub layer: u32,
    /// That layer's size for people; empty if none.
    pub size: String,
    /// What checks saw here.
    pub marks: Vec<PathMark>,
}

/// What checks saw at a field of the config.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FieldMark {
    /// The field: `config.User`.
    pub field: String,
    /// `critical` … `info`
    pub severity: String,
    /// A1–D2.
    pub use_case: String,
    /// One sentence.
    pub message: String,
}

/// One check in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckLine {
    /// Its id.
    pub id: String,
    /// A1–D2.
    pub use_case: String,
    /// Its title.
    pub title: String,
    /// The worst outcome over the subjects; `none` before the first run.
    pub outcome: String,
    /// Observations over all subjects.
    pub observations: u32,
}

/// The page that explains a check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckPage {
    /// Its id.
    pub id: String,
    /// A1–D2.
    pub use_case: String,
    /// The use case's title.
    pub use_case_title: String,
    /// `automated` or `assisted`.
    pub mode: String,
    /// Its title.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// How it decides.
    pub how: String,
    /// What it cannot see.
    pub blind_spots: String,
    /// What to do.
    pub remedy: String,
    /// An example of it done right; may be empty.
    pub example: String,
    /// Requirements that it speaks to.
    pub requirements: Vec<LinkView>,
    /// Rules of other tools that look at the same: tool and rule.
    pub aliases: Vec<(String, String)>,
    /// What it concluded, by subject.
    pub outcomes: Vec<CheckOutcome>,
    /// Allowances in the profile that are for it.
    pub allowances: Vec<AllowanceView>,
}

/// What a check concluded about one subject.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CheckOutcome {
    /// The subject.
    pub subject: SubjectLine,
    /// The conclusion.
    pub outcome: OutcomeView,
}

/// What the profile sets for the checks.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// A3: the lowest efficiency that passes, in percent.
    pub lowest_efficiency: f64,
    /// A5: older than this many days is old.
    pub oldest_days: u32,
    /// A5: layers further apart than this many hours were not made in one build.
    pub widest_gap_hours: u32,
    /// 4.8: a container that ended longer ago than this many days is stale.
    pub stale_days: u32,
    /// What is allowed although a check would name it.
    pub allowances: Vec<AllowanceView>,
    /// A1, A2: base images that the client approves beside Docker's official ones.
    pub approved_bases: Vec<ApprovedView>,
    /// A1, C2: registries that the client approves.
    pub approved_registries: Vec<ApprovedView>,
    /// A2, C1: what the auditor trusts.
    pub trust: TrustPolicyView,
    /// A3, A4: which known vulnerabilities fail an image.
    pub vulnerabilities: VulnerabilityPolicyView,
}

/// Something that the client may have.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AllowanceView {
    /// The check's id.
    pub check: String,
    /// A name or a path; `*` and `**` stand for anything.
    pub what: String,
    /// Why. Never empty.
    pub reason: String,
}
