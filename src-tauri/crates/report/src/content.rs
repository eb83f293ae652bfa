//! What a report says: plain data, in the reader's language, ready to be laid out.
//!
//! `workbench` fills it from an engagement; `layout` draws it. Nothing here decides anything.

use plimsoll_catalog::verdict::DecidedBy;
use plimsoll_catalog::{
    Language, LevelVerdict, OutcomeKind, Profile, RequirementId, Severity, Strength, UseCaseId, Verdict,
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// Everything that a report says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The language of all texts in it.
    pub language: Language,
    /// The engagement's title.
    pub title: String,
    /// Who ordered the audit.
    pub client: String,
    /// What was to be audited, in the auditor's words; may be empty.
    pub scope: String,
    /// The report's number within the engagement, such as `R-1`.
    pub number: String,
    /// The engagement's id (UUID).
    pub engagement: String,
    /// Drafts carry a mark on every page.
    pub draft: bool,
    /// When the report was made.
    pub made_at: OffsetDateTime,
    /// Whose report it is.
    pub auditor: Person,
    /// The level that the client aims at, 1–3.
    pub target_level: u8,
    /// What was measured against.
    pub profile: Profile,
    /// Whether the engagement may speak of CSVS levels. Levels belong to a whole solution: false when only images and
    /// files were looked at, whatever the profile.
    pub states_levels: bool,
    /// The three levels.
    pub levels: Vec<LevelLine>,
    /// The fourteen use cases.
    pub use_cases: Vec<UseCaseLine>,
    /// What was under audit.
    pub subjects: Vec<SubjectSheet>,
    /// Known vulnerabilities; none when nothing under audit has packages.
    pub vulnerabilities: Option<VulnerabilityPart>,
    /// The 106 requirements.
    pub requirements: Vec<RequirementLine>,
    /// How far a program comes with those of the profile; none where that is not told.
    #[serde(default)]
    pub coverage: Option<CoverageTable>,
    /// The evidence register.
    pub evidence: Vec<EvidenceLine>,
    /// What could not be looked at, and why; one sentence each.
    pub limitations: Vec<String>,
    /// Name and version of what took part: the program, its rules, the catalogue.
    pub tools: Vec<(String, String)>,
    /// Head of the trail when the report was made: number of entries, hash.
    pub trail_head: (u64, String),
    /// SHA-256 of the state of the engagement that the report was made from, hex.
    pub snapshot_sha256: String,
    /// The machine-readable results to attach, `plimsoll/results/1` as JSON text.
    pub results_json: String,
}

/// A person, as they sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// The firm.
    pub organization: Option<String>,
}

/// One level's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelLine {
    /// 1–3.
    pub level: u8,
    /// The verdict.
    pub verdict: LevelVerdict,
    /// How many requirements hold.
    pub satisfied: u32,
    /// How many do not.
    pub failed: u32,
    /// How many do not apply.
    pub not_applicable: u32,
    /// How many are open.
    pub open: u32,
}

/// One use case over all subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCaseLine {
    /// A1–D2.
    pub id: UseCaseId,
    /// The phase's title.
    pub phase: String,
    /// Its title.
    pub title: String,
    /// The worst over the subjects.
    pub verdict: OutcomeKind,
    /// By subject, in the order of `Content::subjects`, without those that run ([`SubjectSheet::runs`]).
    pub cells: Vec<OutcomeKind>,
}

/// One subject's sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectSheet {
    /// Short label for table heads: `S1`.
    pub label: String,
    /// What it is called.
    pub name: String,
    /// The kind in the reader's words: "Image", "Dockerfile".
    pub kind: String,
    /// Identity and origin, in order: digest, config digest, platform, source, collected at …
    pub identity: Vec<(String, String)>,
    /// The layers of an image; empty for other kinds.
    pub layers: Vec<LayerLine>,
    /// Sentences or figures about the content: files, efficiency, waste.
    pub figures: Vec<(String, String)>,
    /// Who signed the image and its bases; none for what cannot be signed.
    pub trust: Option<TrustSheet>,
    /// What a registry answered; none for other kinds.
    pub probes: Option<ProbeSheet>,
    /// The fourteen results; none for what runs.
    pub results: Vec<ResultBlock>,
    /// Whether it is something that runs, a host or a container. Such a sheet stands in a section of its own, and not
    /// among the subjects of the use cases.
    #[serde(default)]
    pub runs: bool,
    /// Results of checks that are tied to requirements one by one.
    #[serde(default)]
    pub checks: Vec<CheckBlock>,
}

/// The result of one check that is tied to requirements one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckBlock {
    /// The check's stable id.
    pub check: String,
    /// Its title.
    pub title: String,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// One sentence by the check.
    pub summary: String,
    /// What it rests on.
    pub observations: Vec<ObservationLine>,
    /// What to do about it; empty when there is nothing to do.
    pub remedy: String,
    /// The requirements that it speaks to, in order.
    pub links: Vec<LinkLine>,
    /// The auditor's decisions on them, or on the use case that it answers: what each is on, and the decision.
    pub decisions: Vec<(String, DecisionLine)>,
}

/// What a check proves for a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkLine {
    /// The requirement.
    pub id: RequirementId,
    /// Its title.
    pub title: String,
    /// What the check's pass proves.
    pub pass: Strength,
    /// What its fail proves.
    pub fail: Strength,
    /// The verdict on the requirement for this subject.
    pub verdict: Verdict,
}

/// How far a program comes with the requirements of the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageTable {
    /// A check can decide them.
    pub automated: Vec<RequirementId>,
    /// Checks help; a person decides.
    pub assisted: Vec<RequirementId>,
    /// Only a person can look.
    pub manual: Vec<RequirementId>,
}

/// Known vulnerabilities over all subjects.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VulnerabilityPart {
    /// What was compared with what, in one or two sentences; names the database's state.
    pub summary: String,
    /// The profile's threshold, in one sentence.
    pub threshold: String,
    /// The paper's categories, in its order.
    pub categories: Vec<CategoryLine>,
    /// Each subject with packages.
    pub scans: Vec<ScanSheet>,
    /// Risks that somebody accepts for a time.
    pub accepted: Vec<AcceptedLine>,
}

/// One of the paper's categories.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CategoryLine {
    /// Its name.
    pub label: String,
    /// Subjects in it.
    pub subjects: u32,
    /// Distinct vulnerabilities: critical, high, medium, low, negligible, unknown.
    pub counts: [u32; 6],
    /// Of those with a fix.
    pub fixable: u32,
    /// All of them.
    pub total: u32,
}

/// The scan of one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanSheet {
    /// `S1`
    pub label: String,
    /// What it is called.
    pub name: String,
    /// Its result.
    pub tone: Tone,
    /// The result in one sentence.
    pub sentence: String,
    /// What must be known about it, one sentence each.
    pub notes: Vec<String>,
    /// Matches with a fix.
    pub fixable: u32,
    /// Matches.
    pub total: u32,
    /// The matches that weigh most, critical and high first.
    pub flaws: Vec<FlawLine>,
    /// How many more there are.
    pub more: u32,
}

/// One vulnerability in one package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FlawLine {
    /// Its id.
    pub id: String,
    /// Known to be exploited.
    pub exploited: bool,
    /// In a word, by the profile's policy.
    pub severity: String,
    /// Who says so and the score; what others say where they differ.
    pub rating: String,
    /// Whether it still counts against the image.
    pub counts: bool,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The version that fixes it; may be empty.
    pub fixed: String,
    /// How it stands, after VEX and acceptances.
    pub state: String,
    /// The layer, and whether it is the base image's.
    pub place: String,
}

/// A risk that somebody accepts for a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AcceptedLine {
    /// `A-1`
    pub id: String,
    /// The vulnerability.
    pub vulnerability: String,
    /// Package and subject.
    pub about: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day.
    pub expires: String,
    /// Past.
    pub expired: bool,
    /// Why.
    pub reason: String,
}

/// How something is marked for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// A person has to look.
    Open,
    /// Nothing is there; neither good nor bad.
    Nothing,
    /// It could not be read.
    Unknown,
}

/// The trust in an image, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustSheet {
    /// In one sentence: which scheme gives trust, or that none does.
    pub summary: String,
    /// How that is marked.
    pub tone: Tone,
    /// What is to be known of a scheme as such; may be empty.
    pub notice: String,
    /// The image itself, then each base image that is named.
    pub parts: Vec<TrustPart>,
    /// Roots that the engagement keeps to compare with at the next contact.
    pub pins: Vec<PinLine>,
}

/// The trust in the image itself or in one base image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustPart {
    /// `This image`, `Base image debian:12, named by the Dockerfile`.
    pub title: String,
    /// Name and value: reference, digests, when it was looked up, whether it is official.
    pub facts: Vec<(String, String)>,
    /// One for each signature, and for each scheme that was looked for.
    pub signatures: Vec<SignatureLine>,
    /// Where all the places below are; empty where each says it by itself.
    pub places: String,
    /// Each place that was looked at.
    pub lookups: Vec<LookupLine>,
}

/// What one signature is worth, or the absence of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureLine {
    /// How it is marked.
    pub tone: Tone,
    /// The state in a few words.
    pub label: String,
    /// The scheme, with what is stated.
    pub scheme: String,
    /// Why, in one sentence.
    pub reason: String,
    /// Name and value: signer, keys, signed digest, until when, where it lies.
    pub details: Vec<(String, String)>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// From the anchor to the digest; empty where there is none.
    pub chain: Vec<ChainLine>,
}

/// One link of a chain of trust.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLine {
    /// Whether it holds.
    pub tone: Tone,
    /// Its name.
    pub title: String,
    /// What it says: version, expiry, keys.
    pub details: String,
    /// What is wrong; may be empty.
    pub problem: String,
}

/// One place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupLine {
    /// The place.
    pub place: String,
    /// How the answer is marked; not at all when something is there, which is neither good nor bad.
    pub tone: Option<Tone>,
    /// How it answered, in a word.
    pub answer: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A root that the engagement keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinLine {
    /// The repository.
    pub repository: String,
    /// Version of the root and its key ids.
    pub root: String,
    /// When it was seen first, RFC 3339.
    pub first_seen: String,
    /// When it was seen last, RFC 3339.
    pub last_seen: String,
}

/// What a registry answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSheet {
    /// Name and value: how it is spoken to, what TLS showed, how it asks for authentication.
    pub facts: Vec<(String, String)>,
    /// Each probe, in order.
    pub probes: Vec<ProbeLine>,
}

/// One probe of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeLine {
    /// What was asked, in words.
    pub asked: String,
    /// Method and address.
    pub request: String,
    /// How the answer is marked.
    pub tone: Tone,
    /// The answer in words.
    pub answer: String,
    /// When, RFC 3339.
    pub at: String,
}

/// One layer of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerLine {
    /// From 1, the lowest first.
    pub number: u32,
    /// `sha256:…` of the uncompressed layer.
    pub diff_id: String,
    /// Its size for people: "12.3 MB".
    pub size: String,
    /// How many files it holds.
    pub files: u64,
    /// The instruction that made it.
    pub command: String,
}

/// One use case's result for one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultBlock {
    /// A1–D2.
    pub id: UseCaseId,
    /// The use case's title.
    pub title: String,
    /// Checks and decision together.
    pub outcome: OutcomeKind,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// One sentence by the check.
    pub summary: String,
    /// What it rests on.
    pub observations: Vec<ObservationLine>,
    /// The auditor's decision, if there is one.
    pub decision: Option<DecisionLine>,
    /// What to do about it; empty when there is nothing to do.
    pub remedy: String,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservationLine {
    /// How much it weighs.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where; empty if nowhere in particular.
    pub location: String,
    /// A command that shows it again; may be empty.
    pub reproduce: String,
}

/// The auditor's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionLine {
    /// In the reader's words: "Satisfied".
    pub conclusion: String,
    /// Why.
    pub rationale: String,
    /// Who.
    pub author: String,
    /// When (UTC).
    pub at: OffsetDateTime,
    /// Numbers of the evidence it rests on: `E-1`.
    pub evidence: Vec<String>,
    /// What it rested on has changed since.
    pub stale: bool,
    /// A check fails, and no exception covers it.
    pub conflict: bool,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementLine {
    /// Its id.
    pub id: RequirementId,
    /// Title of its chapter: "V3 Containers".
    pub chapter: String,
    /// Its lowest level.
    pub level: u8,
    /// Whether the profile measures against it.
    pub in_profile: bool,
    /// Its title.
    pub title: String,
    /// What must hold.
    pub statement: String,
    /// The verdict over all subjects.
    pub verdict: Verdict,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// One sentence: what the verdict rests on.
    pub basis: String,
    /// Decisions on this requirement itself: subject label (empty: the engagement) and decision.
    pub decisions: Vec<(String, DecisionLine)>,
}

/// One item of the evidence register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// `E-1`
    pub number: String,
    /// What it is called.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Where it came from, in the auditor's words.
    pub source: String,
    /// Who brought it in.
    pub author: String,
    /// When.
    pub at: OffsetDateTime,
    /// What it is about: "B3 · S1", "3.11".
    pub about: Vec<String>,
    /// Text evidence short enough to be printed; none for anything else.
    pub text: Option<String>,
    /// PNG or JPEG bytes of an image that is to be printed; none for anything else.
    #[serde(skip)]
    pub image: Option<Vec<u8>>,
}

/// A day as reports print it in tables: ISO 8601.
#[must_use]
pub fn iso_day(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}
