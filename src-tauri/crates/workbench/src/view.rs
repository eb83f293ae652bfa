//! What the window shows: plain data in the reader's language, exported to TypeScript (`ui/src/lib/bindings.ts`).
//!
//! Ids of verdicts and outcomes keep the words of the results contract; everything else is text to be shown as it is.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::browse_view::{
    AllowanceView, CheckLine, CheckOutcome, CheckPage, FieldMark, FolderView, HistoryRow, PackageRow, PackageSource,
    PackagesView, PathMark, SettingsView, TreeRow,
};

/// The first screen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Start {
    /// The program's version.
    pub version: String,
    /// Engagements opened lately, the latest first.
    pub recent: Vec<Recent>,
    /// Where new engagements are put unless the auditor says otherwise.
    pub folder: String,
    /// The auditor as last entered; empty at first.
    pub auditor: String,
    /// The firm as last entered; empty at first.
    pub organization: String,
    /// An engagement that was open when the window was last closed or that was asked for at the start.
    pub open: Option<EngagementView>,
}

/// An engagement opened lately.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Recent {
    /// The file.
    pub path: String,
    /// The engagement's title.
    pub title: String,
    /// The client.
    pub client: String,
    /// When it was opened, RFC 3339.
    pub opened: String,
    /// Whether the file is still there.
    pub exists: bool,
}

/// What a new engagement needs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NewEngagement {
    /// The file to make.
    pub path: String,
    /// Title.
    pub title: String,
    /// Client.
    pub client: String,
    /// Scope, in the auditor's words; may be empty.
    pub scope: String,
    /// The auditor's name.
    pub auditor: String,
    /// The auditor's firm; may be empty.
    pub organization: String,
    /// 1–3.
    pub target_level: u8,
    /// `image` or `full`.
    pub profile: String,
}

/// An open engagement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EngagementView {
    /// The file.
    pub path: String,
    /// Title.
    pub title: String,
    /// Client.
    pub client: String,
    /// Scope.
    pub scope: String,
    /// The auditor's name.
    pub auditor: String,
    /// The auditor's firm.
    pub organization: String,
    /// 1–3.
    pub target_level: u8,
    /// `image` or `full`.
    pub profile: String,
    /// Whether it is the sample that the program brings.
    pub sample: bool,
    /// The level verdicts.
    pub levels: Vec<LevelView>,
    /// What is under audit.
    pub subjects: Vec<SubjectLine>,
    /// The matrix: use cases × subjects.
    pub use_cases: Vec<UseCaseRow>,
    /// The requirements.
    pub requirements: Vec<RequirementRow>,
    /// The last run; none before the first.
    pub last_run: Option<RunView>,
    /// Evidence in the engagement.
    pub evidence: Vec<EvidenceView>,
    /// Reports issued from it, the latest first.
    pub reports: Vec<ReportView>,
    /// Entries in the trail.
    pub trail_entries: u32,
    /// Hash of the trail's last entry.
    pub trail_head: String,
}

/// One level.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LevelView {
    /// 1–3.
    pub level: u8,
    /// `achieved`, `not-achieved`, `incomplete`.
    pub verdict: String,
    /// Requirements that hold.
    pub satisfied: u32,
    /// That do not.
    pub failed: u32,
    /// That do not apply.
    pub not_applicable: u32,
    /// That nobody has decided.
    pub open: u32,
}

/// One subject in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SubjectLine {
    /// Its id.
    pub id: String,
    /// Short label, as in the report: `S1`.
    pub label: String,
    /// `image`, `dockerfile`, `compose`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// Where it comes from, in transport syntax.
    pub source: String,
    /// The Dockerfile beside it, if there is one.
    pub dockerfile: Option<String>,
    /// Its digest; none before the first run.
    pub digest: Option<String>,
    /// Its platform.
    pub platform: Option<String>,
    /// Its size for people: "12.3 MB".
    pub size: Option<String>,
    /// Why it could not be read in the last run.
    pub error: Option<String>,
    /// Whether it has been read at least once.
    pub collected: bool,
}

/// One row of the matrix.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UseCaseRow {
    /// A1–D2.
    pub id: String,
    /// A, B, C or D.
    pub phase: String,
    /// The phase's title.
    pub phase_title: String,
    /// The use case's title.
    pub title: String,
    /// `development`, `security`, `operations`.
    pub roles: Vec<String>,
    /// Worst over the subjects.
    pub verdict: String,
    /// By subject, in the order of the subjects.
    pub cells: Vec<CellLine>,
}

/// One field of the matrix.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CellLine {
    /// The subject's id.
    pub subject: String,
    /// `pass`, `fail`, `not-applicable`, `undecided`, `error`; `none` before the first run.
    pub outcome: String,
    /// `check`, `auditor`, `nobody`.
    pub decided_by: String,
    /// A person says otherwise than a fail.
    pub conflict: bool,
    /// What the decision rested on has changed.
    pub stale: bool,
    /// How many observations there are.
    pub observations: u32,
    /// How many items of evidence.
    pub evidence: u32,
}

/// One field of the matrix, opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CellView {
    /// A1–D2.
    pub use_case: String,
    /// The subject.
    pub subject: SubjectLine,
    /// The use case's title.
    pub title: String,
    /// What a pass means.
    pub statement: String,
    /// What to ask.
    pub question: String,
    /// What to collect.
    pub hints: Vec<String>,
    /// The field itself.
    pub cell: CellLine,
    /// What the checks concluded.
    pub outcomes: Vec<OutcomeView>,
    /// Requirements that the use case speaks to: id, title, level, what a pass and a fail prove.
    pub requirements: Vec<LinkView>,
    /// The decision's versions, the latest first.
    pub decisions: Vec<DecisionView>,
    /// Evidence about this field.
    pub evidence: Vec<EvidenceView>,
}

/// What one check concluded.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutcomeView {
    /// The check's id.
    pub check: String,
    /// Its title.
    pub title: String,
    /// `pass`, `fail`, …
    pub outcome: String,
    /// One sentence.
    pub summary: String,
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
    /// What it saw.
    pub observations: Vec<ObservationView>,
}

/// One observation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ObservationView {
    /// `critical`, `high`, `medium`, `low`, `info`.
    pub severity: String,
    /// One sentence.
    pub message: String,
    /// `file`, `layer`, `field` or empty.
    pub location_kind: String,
    /// The file, the path in the image, or the field.
    pub location: String,
    /// The line in the file, from 1; 0 if it is none.
    pub line: u32,
    /// The layer's diff_id; may be empty.
    pub layer: String,
    /// A command that shows it again; may be empty.
    pub reproduce: String,
    /// What others call the rule.
    pub aliases: Vec<String>,
}

/// A requirement that a use case speaks to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: u8,
    /// Its verdict.
    pub verdict: String,
    /// `decisive` or `supporting`.
    pub pass: String,
    /// `decisive` or `supporting`.
    pub fail: String,
}

/// One version of a decision.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DecisionView {
    /// From 1.
    pub version: u32,
    /// `satisfied`, `not-satisfied`, `not-applicable`.
    pub conclusion: String,
    /// Why.
    pub rationale: String,
    /// Who.
    pub author: String,
    /// When, RFC 3339.
    pub at: String,
    /// What it rested on has changed.
    pub stale: bool,
    /// It was taken for the engagement as a whole.
    pub whole_engagement: bool,
    /// Numbers of the evidence named in it.
    pub evidence: Vec<String>,
}

/// One item of evidence.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EvidenceView {
    /// `E-1`
    pub number: String,
    /// What it is called.
    pub name: String,
    /// `file`, `text`, `screenshot`.
    pub kind: String,
    /// Media type.
    pub media_type: String,
    /// Its size for people.
    pub size: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// Where it came from.
    pub source: String,
    /// Who brought it in.
    pub author: String,
    /// When, RFC 3339.
    pub at: String,
    /// What it is about: "B3 · S1", "3.11".
    pub about: Vec<String>,
}

/// The bytes of an item of evidence.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EvidenceBytes {
    /// The item.
    pub evidence: EvidenceView,
    /// The bytes, base64.
    pub base64: String,
}

/// One requirement in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequirementRow {
    /// Its id.
    pub id: String,
    /// Its chapter: `V3`.
    pub chapter: String,
    /// The chapter's title.
    pub chapter_title: String,
    /// Its level.
    pub level: u8,
    /// Its title.
    pub title: String,
    /// Whether the profile measures against it.
    pub in_profile: bool,
    /// `satisfied`, `not-satisfied`, `not-applicable`, `open`.
    pub verdict: String,
    /// `check`, `auditor`, `nobody`.
    pub decided_by: String,
    /// Whether a person should look.
    pub look: bool,
}

/// One requirement, opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequirementView {
    /// The row.
    pub row: RequirementRow,
    /// What must hold.
    pub statement: String,
    /// What to ask.
    pub question: String,
    /// What to collect.
    pub hints: Vec<String>,
    /// An example of evidence that would convince; may be empty.
    pub example: String,
    /// How far a program comes with it: `automated`, `assisted` or `manual`.
    pub mode: String,
    /// The checks that speak to it: id and title.
    pub checks: Vec<(String, String)>,
    /// The verdict subject by subject; one without a subject speaks for the engagement as a whole.
    pub cells: Vec<RequirementCellView>,
    /// Use cases that speak to it: id and title.
    pub use_cases: Vec<(String, String)>,
}

/// The verdict on a requirement for one subject.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RequirementCellView {
    /// The subject; none for the engagement as a whole.
    pub subject: Option<SubjectLine>,
    /// The verdict.
    pub verdict: String,
    /// Who decided.
    pub decided_by: String,
    /// One sentence: what the verdict rests on.
    pub basis: String,
    /// A person says otherwise than a decisive fail.
    pub conflict: bool,
    /// The decision's versions, the latest first.
    pub decisions: Vec<DecisionView>,
    /// Evidence about it.
    pub evidence: Vec<EvidenceView>,
}

/// A run of the audit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunView {
    /// When it began, RFC 3339.
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// `completed`, `cancelled`, `completed-with-errors`.
    pub state: String,
    /// What could not be read: the subject's name and the reason.
    pub errors: Vec<(String, String)>,
}

/// A report that was issued.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// `R-1`
    pub number: String,
    /// Where it was written.
    pub path: String,
    /// SHA-256 of the signed file, hex.
    pub sha256: String,
    /// Who signed it.
    pub signer: String,
    /// When, RFC 3339.
    pub at: String,
    /// Pages.
    pub pages: u32,
}

/// One subject, opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SubjectView {
    /// The line.
    pub line: SubjectLine,
    /// Identity and origin.
    pub identity: Vec<(String, String)>,
    /// Figures of the content.
    pub figures: Vec<(String, String)>,
    /// The layers of an image.
    pub layers: Vec<LayerView>,
    /// What takes space for nothing: path, copies, bytes for people.
    pub waste: Vec<WasteView>,
    /// The config's fields: name and value (secrets masked).
    pub config: Vec<(String, String)>,
    /// What checks saw at fields of the config.
    pub config_marks: Vec<FieldMark>,
    /// The image's history, oldest first.
    pub history: Vec<HistoryRow>,
    /// Whether the image's files can be browsed: they were recorded.
    pub browsable: bool,
    /// Packages in the image.
    pub packages: u32,
    /// The text of the Dockerfile or Compose file (secrets masked).
    pub text: Option<TextView>,
}

/// One layer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LayerView {
    /// From 1.
    pub number: u32,
    /// `sha256:…` of the stored blob.
    pub digest: String,
    /// `sha256:…` of the uncompressed layer.
    pub diff_id: String,
    /// Its size for people.
    pub size: String,
    /// Its part of the image's size, 0–1.
    pub share: f64,
    /// Files in it.
    pub files: u32,
    /// The instruction that made it.
    pub command: String,
}

/// A path that takes space for nothing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WasteView {
    /// The path.
    pub path: String,
    /// How often it was written.
    pub copies: u32,
    /// Bytes for people.
    pub size: String,
    /// Whether the image still shows it.
    pub deleted: bool,
}

/// A text with its marked lines.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TextView {
    /// The file's name.
    pub name: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// Lines that an observation points to: line from 1, severity, use case, message.
    pub marks: Vec<MarkView>,
}

/// A mark on a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MarkView {
    /// From 1.
    pub line: u32,
    /// `critical` … `info`
    pub severity: String,
    /// A1–D2.
    pub use_case: String,
    /// One sentence.
    pub message: String,
}

/// An image of the local Docker daemon.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DaemonImage {
    /// The reference to use: tag, or id if it has none.
    pub reference: String,
    /// `sha256:…`
    pub id: String,
    /// Its size for people.
    pub size: String,
    /// When it was built, RFC 3339.
    pub created: String,
    /// Registry digests.
    pub digests: Vec<String>,
}

/// What a path turns out to be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Detected {
    /// Sources to choose from, in transport syntax; one for each image in the file.
    pub sources: Vec<String>,
    /// Platforms to choose from, when an index offers several: `linux/amd64`.
    pub platforms: Vec<String>,
    /// `image`, `dockerfile`, `compose`.
    pub kind: String,
    /// A Dockerfile found beside it; only a proposal.
    pub dockerfile: Option<String>,
}

/// What to decide.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Decide {
    /// The subject; none for the engagement as a whole.
    pub subject: Option<String>,
    /// `A1`–`D2` or the id of a requirement.
    pub target: String,
    /// `satisfied`, `not-satisfied`, `not-applicable`.
    pub conclusion: String,
    /// Why.
    pub rationale: String,
}

/// Evidence to be kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddEvidence {
    /// The subject that it is about; none for the engagement as a whole.
    pub subject: Option<String>,
    /// `A1`–`D2` or the id of a requirement that it is about.
    pub target: String,
    /// What it is called: a file's name, or a title for pasted text.
    pub name: String,
    /// `file`, `text`, `screenshot`.
    pub kind: String,
    /// Media type as the window knows it; may be empty.
    pub media_type: String,
    /// Where it came from, in the auditor's words; may be empty.
    pub source: String,
    /// The bytes, base64.
    pub base64: String,
}

/// Progress of a run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Progress {
    /// Which subject, from 1.
    pub subject: u32,
    /// Of how many.
    pub subjects: u32,
    /// Its name.
    pub name: String,
    /// What is being done: "Reading layers".
    pub step: String,
    /// Bytes done; 0 of 0 when unknown.
    pub done: f64,
    /// Bytes in all.
    pub total: f64,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunEnded {
    /// The engagement as it is now.
    pub engagement: EngagementView,
    /// Whether the auditor stopped it.
    pub cancelled: bool,
}

/// The auditor's signing identity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IdentityView {
    /// The PKCS#12 file.
    pub path: String,
    /// Whether the file is there.
    pub exists: bool,
    /// The name in its certificate; empty until it was unlocked once.
    pub name: String,
    /// The firm.
    pub organization: String,
    /// Last day of validity, RFC 3339; empty until it was unlocked once.
    pub not_after: String,
    /// SHA-256 of the certificate, hex; empty until it was unlocked once.
    pub fingerprint: String,
}

/// What an export needs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExportReport {
    /// Where to write the PDF.
    pub path: String,
    /// The PKCS#12 file.
    pub identity: String,
    /// Its passphrase.
    pub passphrase: String,
    /// `en` or `de`.
    pub language: String,
}

/// What went wrong, in one sentence.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Failure {
    /// One plain sentence.
    pub message: String,
    /// The chain of causes; may be empty.
    pub details: String,
}

/// The TypeScript of all these types, in their order.
#[must_use]
pub fn bindings() -> String {
    fn declare<T: TS>(config: &ts_rs::Config) -> String {
        let docs: String = T::docs().unwrap_or_default();
        format!("{docs}export {}\n", T::decl(config))
    }
    let config = ts_rs::Config::new();
    let declarations = [
        declare::<Start>(&config),
        declare::<Recent>(&config),
        declare::<NewEngagement>(&config),
        declare::<EngagementView>(&config),
        declare::<LevelView>(&config),
        declare::<SubjectLine>(&config),
        declare::<UseCaseRow>(&config),
        declare::<CellLine>(&config),
        declare::<CellView>(&config),
        declare::<OutcomeView>(&config),
        declare::<ObservationView>(&config),
        declare::<LinkView>(&config),
        declare::<DecisionView>(&config),
        declare::<EvidenceView>(&config),
        declare::<EvidenceBytes>(&config),
        declare::<RequirementRow>(&config),
        declare::<RequirementView>(&config),
        declare::<RequirementCellView>(&config),
        declare::<RunView>(&config),
        declare::<ReportView>(&config),
        declare::<SubjectView>(&config),
        declare::<LayerView>(&config),
        declare::<WasteView>(&config),
        declare::<TextView>(&config),
        declare::<MarkView>(&config),
        declare::<FolderView>(&config),
        declare::<TreeRow>(&config),
        declare::<PathMark>(&config),
        declare::<PackagesView>(&config),
        declare::<PackageRow>(&config),
        declare::<PackageSource>(&config),
        declare::<HistoryRow>(&config),
        declare::<FieldMark>(&config),
        declare::<CheckLine>(&config),
        declare::<CheckPage>(&config),
        declare::<CheckOutcome>(&config),
        declare::<SettingsView>(&config),
        declare::<AllowanceView>(&config),
        declare::<crate::vulnerability_view::VulnerabilityPolicyView>(&config),
        declare::<crate::vulnerability_view::VulnerabilityQuery>(&config),
        declare::<crate::vulnerability_view::VulnerabilityPage>(&config),
        declare::<crate::vulnerability_view::Facet>(&config),
        declare::<crate::vulnerability_view::FacetValue>(&config),
        declare::<crate::vulnerability_view::VulnerabilityRow>(&config),
        declare::<crate::vulnerability_view::ScanLine>(&config),
        declare::<crate::vulnerability_view::CategoryBar>(&config),
        declare::<crate::vulnerability_view::VulnerabilityView>(&config),
        declare::<crate::vulnerability_view::SaidView>(&config),
        declare::<crate::vulnerability_view::ReasonView>(&config),
        declare::<crate::vulnerability_view::StatementView>(&config),
        declare::<crate::vulnerability_view::AcceptanceView>(&config),
        declare::<crate::vulnerability_view::NewAcceptance>(&config),
        declare::<crate::vulnerability_view::DatabaseView>(&config),
        declare::<crate::vulnerability_view::FeedView>(&config),
        declare::<crate::vulnerability_view::UpdateView>(&config),
        declare::<crate::vulnerability_view::ImportEnded>(&config),
        declare::<crate::vulnerability_view::ComparisonView>(&config),
        declare::<crate::vulnerability_view::ComparedView>(&config),
        declare::<DaemonImage>(&config),
        declare::<Detected>(&config),
        declare::<Decide>(&config),
        declare::<AddEvidence>(&config),
        declare::<Progress>(&config),
        declare::<RunEnded>(&config),
        declare::<IdentityView>(&config),
        declare::<ExportReport>(&config),
        declare::<Failure>(&config),
        declare::<crate::trust_view::RegistriesView>(&config),
        declare::<crate::trust_view::RegistryRow>(&config),
        declare::<crate::trust_view::ConnectionView>(&config),
        declare::<crate::trust_view::ProbesView>(&config),
        declare::<crate::trust_view::CertificateView>(&config),
        declare::<crate::trust_view::ProbeRow>(&config),
        declare::<crate::trust_view::OfferView>(&config),
        declare::<crate::trust_view::TagView>(&config),
        declare::<crate::trust_view::TagImage>(&config),
        declare::<crate::trust_view::TrustPage>(&config),
        declare::<crate::trust_view::TrustSection>(&config),
        declare::<crate::trust_view::VerdictView>(&config),
        declare::<crate::trust_view::SignerView>(&config),
        declare::<crate::trust_view::ChainLinkView>(&config),
        declare::<crate::trust_view::LookupView>(&config),
        declare::<crate::trust_view::PinView>(&config),
        declare::<crate::trust_view::ApprovedView>(&config),
        declare::<crate::trust_view::TrustPolicyView>(&config),
        declare::<crate::trust_view::TrustedKeyView>(&config),
        declare::<crate::trust_view::TrustedIdentityView>(&config),
        declare::<crate::trust_view::NotationPolicyView>(&config),
        declare::<crate::trust_view::NotaryPinView>(&config),
        declare::<crate::runtime_view::CoverageRow>(&config),
        declare::<crate::runtime_view::CoverageBy>(&config),
        declare::<crate::runtime_view::CoverageView>(&config),
        declare::<crate::runtime_view::EngineChoice>(&config),
        declare::<crate::runtime_view::EngineAnswer>(&config),
        declare::<crate::runtime_view::EngineContainer>(&config),
        declare::<crate::runtime_view::NewHost>(&config),
        declare::<crate::runtime_view::OutcomeCounts>(&config),
        declare::<crate::runtime_view::CollectedView>(&config),
        declare::<crate::runtime_view::RuntimeLine>(&config),
        declare::<crate::runtime_view::RuntimeList>(&config),
        declare::<crate::runtime_view::RuntimeTable>(&config),
        declare::<crate::runtime_view::RuntimeOutcome>(&config),
        declare::<crate::runtime_view::RuntimePage>(&config),
        declare::<crate::runtime_view::FactsImport>(&config),
    ];
    format!(
        "// The types that cross from the desktop to the window. Made by `cargo xtask bindings`; do not edit.\n\n{}",
        declarations.join("\n")
    )
}

#[cfg(test)]
mod tests {
    /// The window must be built against the types that the desktop really sends.
    #[test]
    fn bindings_are_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/lib/bindings.ts");
        if std::env::var_os("PLIMSOLL_WRITE_BINDINGS").is_some() {
            std::fs::write(&path, super::bindings()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written == super::bindings(), "ui/src/lib/bindings.ts is not up to date: run cargo xtask bindings");
    }
}
