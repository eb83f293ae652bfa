// The types that cross from the desktop to the window. Made by `cargo xtask bindings`; do not edit.

/**
 * The first screen.
 */
export type Start = { 
/**
 * The program's version.
 */
version: string, 
/**
 * Engagements opened lately, the latest first.
 */
recent: Array<Recent>, 
/**
 * Where new engagements are put unless the auditor says otherwise.
 */
folder: string, 
/**
 * The auditor as last entered; empty at first.
 */
auditor: string, 
/**
 * The firm as last entered; empty at first.
 */
organization: string, 
/**
 * An engagement that was open when the window was last closed or that was asked for at the start.
 */
open: EngagementView | null, };

/**
 * An engagement opened lately.
 */
export type Recent = { 
/**
 * The file.
 */
path: string, 
/**
 * The engagement's title.
 */
title: string, 
/**
 * The client.
 */
client: string, 
/**
 * When it was opened, RFC 3339.
 */
opened: string, 
/**
 * Whether the file is still there.
 */
exists: boolean, };

/**
 * What a new engagement needs.
 */
export type NewEngagement = { 
/**
 * The file to make.
 */
path: string, 
/**
 * Title.
 */
title: string, 
/**
 * Client.
 */
client: string, 
/**
 * Scope, in the auditor's words; may be empty.
 */
scope: string, 
/**
 * The auditor's name.
 */
auditor: string, 
/**
 * The auditor's firm; may be empty.
 */
organization: string, 
/**
 * 1–3.
 */
target_level: number, 
/**
 * `image` or `full`.
 */
profile: string, };

/**
 * An open engagement.
 */
export type EngagementView = { 
/**
 * The file.
 */
path: string, 
/**
 * Title.
 */
title: string, 
/**
 * Client.
 */
client: string, 
/**
 * Scope.
 */
scope: string, 
/**
 * The auditor's name.
 */
auditor: string, 
/**
 * The auditor's firm.
 */
organization: string, 
/**
 * 1–3.
 */
target_level: number, 
/**
 * `image` or `full`.
 */
profile: string, 
/**
 * Whether it is the sample that the program brings.
 */
sample: boolean, 
/**
 * The level verdicts.
 */
levels: Array<LevelView>, 
/**
 * What is under audit.
 */
subjects: Array<SubjectLine>, 
/**
 * The matrix: use cases × subjects.
 */
use_cases: Array<UseCaseRow>, 
/**
 * The requirements.
 */
requirements: Array<RequirementRow>, 
/**
 * The last run; none before the first.
 */
last_run: RunView | null, 
/**
 * Evidence in the engagement.
 */
evidence: Array<EvidenceView>, 
/**
 * Reports issued from it, the latest first.
 */
reports: Array<ReportView>, 
/**
 * Entries in the trail.
 */
trail_entries: number, 
/**
 * Hash of the trail's last entry.
 */
trail_head: string, };

/**
 * One level.
 */
export type LevelView = { 
/**
 * 1–3.
 */
level: number, 
/**
 * `achieved`, `not-achieved`, `incomplete`.
 */
verdict: string, 
/**
 * Requirements that hold.
 */
satisfied: number, 
/**
 * That do not.
 */
failed: number, 
/**
 * That do not apply.
 */
not_applicable: number, 
/**
 * That nobody has decided.
 */
open: number, };

/**
 * One subject in a list.
 */
export type SubjectLine = { 
/**
 * Its id.
 */
id: string, 
/**
 * Short label, as in the report: `S1`.
 */
label: string, 
/**
 * `image`, `dockerfile`, `compose`.
 */
kind: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Where it comes from, in transport syntax.
 */
source: string, 
/**
 * The Dockerfile beside it, if there is one.
 */
dockerfile: string | null, 
/**
 * Its digest; none before the first run.
 */
digest: string | null, 
/**
 * Its platform.
 */
platform: string | null, 
/**
 * Its size for people: "12.3 MB".
 */
size: string | null, 
/**
 * Why it could not be read in the last run.
 */
error: string | null, 
/**
 * Whether it has been read at least once.
 */
collected: boolean, };

/**
 * One row of the matrix.
 */
export type UseCaseRow = { 
/**
 * A1–D2.
 */
id: string, 
/**
 * A, B, C or D.
 */
phase: string, 
/**
 * The phase's title.
 */
phase_title: string, 
/**
 * The use case's title.
 */
title: string, 
/**
 * `development`, `security`, `operations`.
 */
roles: Array<string>, 
/**
 * Worst over the subjects.
 */
verdict: string, 
/**
 * By subject, in the order of the subjects.
 */
cells: Array<CellLine>, };

/**
 * One field of the matrix.
 */
export type CellLine = { 
/**
 * The subject's id.
 */
subject: string, 
/**
 * `pass`, `fail`, `not-applicable`, `undecided`, `error`; `none` before the first run.
 */
outcome: string, 
/**
 * `check`, `auditor`, `nobody`.
 */
decided_by: string, 
/**
 * A person says otherwise than a fail.
 */
conflict: boolean, 
/**
 * What the decision rested on has changed.
 */
stale: boolean, 
/**
 * How many observations there are.
 */
observations: number, 
/**
 * How many items of evidence.
 */
evidence: number, };

/**
 * One field of the matrix, opened.
 */
export type CellView = { 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * The subject.
 */
subject: SubjectLine, 
/**
 * The use case's title.
 */
title: string, 
/**
 * What a pass means.
 */
statement: string, 
/**
 * What to ask.
 */
question: string, 
/**
 * What to collect.
 */
hints: Array<string>, 
/**
 * The field itself.
 */
cell: CellLine, 
/**
 * What the checks concluded.
 */
outcomes: Array<OutcomeView>, 
/**
 * Requirements that the use case speaks to: id, title, level, what a pass and a fail prove.
 */
requirements: Array<LinkView>, 
/**
 * The decision's versions, the latest first.
 */
decisions: Array<DecisionView>, 
/**
 * Evidence about this field.
 */
evidence: Array<EvidenceView>, };

/**
 * What one check concluded.
 */
export type OutcomeView = { 
/**
 * The check's id.
 */
check: string, 
/**
 * Its title.
 */
title: string, 
/**
 * `pass`, `fail`, …
 */
outcome: string, 
/**
 * One sentence.
 */
summary: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * How it decides.
 */
how: string, 
/**
 * What it cannot see.
 */
blind_spots: string, 
/**
 * What to do.
 */
remedy: string, 
/**
 * An example of it done right; may be empty.
 */
example: string, 
/**
 * What it saw.
 */
observations: Array<ObservationView>, };

/**
 * One observation.
 */
export type ObservationView = { 
/**
 * `critical`, `high`, `medium`, `low`, `info`.
 */
severity: string, 
/**
 * One sentence.
 */
message: string, 
/**
 * `file`, `layer`, `field` or empty.
 */
location_kind: string, 
/**
 * The file, the path in the image, or the field.
 */
location: string, 
/**
 * The line in the file, from 1; 0 if it is none.
 */
line: number, 
/**
 * The layer's diff_id; may be empty.
 */
layer: string, 
/**
 * A command that shows it again; may be empty.
 */
reproduce: string, 
/**
 * What others call the rule.
 */
aliases: Array<string>, };

/**
 * A requirement that a use case speaks to.
 */
export type LinkView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Its level.
 */
level: number, 
/**
 * Its verdict.
 */
verdict: string, 
/**
 * `decisive` or `supporting`.
 */
pass: string, 
/**
 * `decisive` or `supporting`.
 */
fail: string, };

/**
 * One version of a decision.
 */
export type DecisionView = { 
/**
 * From 1.
 */
version: number, 
/**
 * `satisfied`, `not-satisfied`, `not-applicable`.
 */
conclusion: string, 
/**
 * Why.
 */
rationale: string, 
/**
 * Who.
 */
author: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * What it rested on has changed.
 */
stale: boolean, 
/**
 * It was taken for the engagement as a whole.
 */
whole_engagement: boolean, 
/**
 * Numbers of the evidence named in it.
 */
evidence: Array<string>, };

/**
 * One item of evidence.
 */
export type EvidenceView = { 
/**
 * `E-1`
 */
number: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * `file`, `text`, `screenshot`.
 */
kind: string, 
/**
 * Media type.
 */
media_type: string, 
/**
 * Its size for people.
 */
size: string, 
/**
 * SHA-256, hex.
 */
sha256: string, 
/**
 * Where it came from.
 */
source: string, 
/**
 * Who brought it in.
 */
author: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * What it is about: "B3 · S1", "3.11".
 */
about: Array<string>, };

/**
 * The bytes of an item of evidence.
 */
export type EvidenceBytes = { 
/**
 * The item.
 */
evidence: EvidenceView, 
/**
 * The bytes, base64.
 */
base64: string, };

/**
 * One requirement in the list.
 */
export type RequirementRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its chapter: `V3`.
 */
chapter: string, 
/**
 * The chapter's title.
 */
chapter_title: string, 
/**
 * Its level.
 */
level: number, 
/**
 * Its title.
 */
title: string, 
/**
 * Whether the profile measures against it.
 */
in_profile: boolean, 
/**
 * `satisfied`, `not-satisfied`, `not-applicable`, `open`.
 */
verdict: string, 
/**
 * `check`, `auditor`, `nobody`.
 */
decided_by: string, 
/**
 * Whether a person should look.
 */
look: boolean, };

/**
 * One requirement, opened.
 */
export type RequirementView = { 
/**
 * The row.
 */
row: RequirementRow, 
/**
 * What must hold.
 */
statement: string, 
/**
 * What to ask.
 */
question: string, 
/**
 * What to collect.
 */
hints: Array<string>, 
/**
 * An example of evidence that would convince; may be empty.
 */
example: string, 
/**
 * How far a program comes with it: `automated`, `assisted` or `manual`.
 */
mode: string, 
/**
 * The checks that speak to it: id and title.
 */
checks: Array<[string, string]>, 
/**
 * The verdict subject by subject; one without a subject speaks for the engagement as a whole.
 */
cells: Array<RequirementCellView>, 
/**
 * Use cases that speak to it: id and title.
 */
use_cases: Array<[string, string]>, };

/**
 * The verdict on a requirement for one subject.
 */
export type RequirementCellView = { 
/**
 * The subject; none for the engagement as a whole.
 */
subject: SubjectLine | null, 
/**
 * The verdict.
 */
verdict: string, 
/**
 * Who decided.
 */
decided_by: string, 
/**
 * One sentence: what the verdict rests on.
 */
basis: string, 
/**
 * A person says otherwise than a decisive fail.
 */
conflict: boolean, 
/**
 * The decision's versions, the latest first.
 */
decisions: Array<DecisionView>, 
/**
 * Evidence about it.
 */
evidence: Array<EvidenceView>, };

/**
 * A run of the audit.
 */
export type RunView = { 
/**
 * When it began, RFC 3339.
 */
started: string, 
/**
 * When it ended.
 */
finished: string, 
/**
 * `completed`, `cancelled`, `completed-with-errors`.
 */
state: string, 
/**
 * What could not be read: the subject's name and the reason.
 */
errors: Array<[string, string]>, };

/**
 * A report that was issued.
 */
export type ReportView = { 
/**
 * `R-1`
 */
number: string, 
/**
 * Where it was written.
 */
path: string, 
/**
 * SHA-256 of the signed file, hex.
 */
sha256: string, 
/**
 * Who signed it.
 */
signer: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Pages.
 */
pages: number, };

/**
 * One subject, opened.
 */
export type SubjectView = { 
/**
 * The line.
 */
line: SubjectLine, 
/**
 * Identity and origin.
 */
identity: Array<[string, string]>, 
/**
 * Figures of the content.
 */
figures: Array<[string, string]>, 
/**
 * The layers of an image.
 */
layers: Array<LayerView>, 
/**
 * What takes space for nothing: path, copies, bytes for people.
 */
waste: Array<WasteView>, 
/**
 * The config's fields: name and value (secrets masked).
 */
config: Array<[string, string]>, 
/**
 * What checks saw at fields of the config.
 */
config_marks: Array<FieldMark>, 
/**
 * The image's history, oldest first.
 */
history: Array<HistoryRow>, 
/**
 * Whether the image's files can be browsed: they were recorded.
 */
browsable: boolean, 
/**
 * Packages in the image.
 */
packages: number, 
/**
 * The text of the Dockerfile or Compose file (secrets masked).
 */
text: TextView | null, };

/**
 * One layer.
 */
export type LayerView = { 
/**
 * From 1.
 */
number: number, 
/**
 * `sha256:…` of the stored blob.
 */
digest: string, 
/**
 * `sha256:…` of the uncompressed layer.
 */
diff_id: string, 
/**
 * Its size for people.
 */
size: string, 
/**
 * Its part of the image's size, 0–1.
 */
share: number, 
/**
 * Files in it.
 */
files: number, 
/**
 * The instruction that made it.
 */
command: string, };

/**
 * A path that takes space for nothing.
 */
export type WasteView = { 
/**
 * The path.
 */
path: string, 
/**
 * How often it was written.
 */
copies: number, 
/**
 * Bytes for people.
 */
size: string, 
/**
 * Whether the image still shows it.
 */
deleted: boolean, };

/**
 * A text with its marked lines.
 */
export type TextView = { 
/**
 * The file's name.
 */
name: string, 
/**
 * Its lines.
 */
lines: Array<string>, 
/**
 * Lines that an observation points to: line from 1, severity, use case, message.
 */
marks: Array<MarkView>, };

/**
 * A mark on a line.
 */
export type MarkView = { 
/**
 * From 1.
 */
line: number, 
/**
 * `critical` … `info`
 */
severity: string, 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * One sentence.
 */
message: string, };

/**
 * One folder of an image: of the merged tree, or of one layer alone.
 */
export type FolderView = { 
/**
 * The folder, absolute.
 */
path: string, 
/**
 * The layer, from 1; none for the merged tree.
 */
layer: number | null, 
/**
 * What it holds: folders first, then by name.
 */
rows: Array<TreeRow>, 
/**
 * How many more there are than are listed (5,000).
 */
more: number, };

/**
 * One entry of a folder.
 */
export type TreeRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its path, absolute.
 */
path: string, 
/**
 * `file`, `directory`, `symlink`, `hard-link`, `char-device`, `block-device`, `fifo`.
 */
kind: string, 
/**
 * Size for people; of a folder, of all that is below it.
 */
size: string, 
/**
 * Files below a folder; 0 for anything else.
 */
files: number, 
/**
 * `rwsr-xr-x`
 */
mode: string, 
/**
 * `0:0`, with names where the image has them: `root:root`.
 */
owner: string, 
/**
 * The layer it comes from, from 1.
 */
layer: number, 
/**
 * Target of a link; may be empty.
 */
link: string, 
/**
 * Name of the package that owns it; may be empty.
 */
package: string, 
/**
 * `visible`, `replaced` or `deleted`: whether the merged tree shows it.
 */
state: string, 
/**
 * The layer that hides it, from 1; 0 while it is visible.
 */
hidden_by: number, 
/**
 * File capabilities, names; may be empty.
 */
capabilities: string, 
/**
 * What checks saw here; for a folder, also below it.
 */
marks: Array<PathMark>, };

/**
 * What a check saw at a path.
 */
export type PathMark = { 
/**
 * `critical` … `info`
 */
severity: string, 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * One sentence.
 */
message: string, };

/**
 * What is installed in an image.
 */
export type PackagesView = { 
/**
 * The distribution, as it calls itself; empty if it is not known.
 */
os: string, 
/**
 * What is known of its support: "security fixes until 2028-06-30"; may be empty.
 */
support: string, 
/**
 * Whether that date lay before the day of the run.
 */
unsupported: boolean, 
/**
 * The packages.
 */
rows: Array<PackageRow>, 
/**
 * The files that were read, and those that could not be: path, kind, packages, error.
 */
sources: Array<PackageSource>, 
/**
 * Files that were not looked into: path and reason.
 */
unread: Array<[string, string]>, };

/**
 * One package.
 */
export type PackageRow = { 
/**
 * `deb`, `apk`, `rpm`, `npm`, `pypi` …
 */
ecosystem: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its architecture; may be empty.
 */
architecture: string, 
/**
 * Its source package and version where they differ; may be empty.
 */
source: string, 
/**
 * Its licence; may be empty.
 */
licence: string, 
/**
 * Its size for people; may be empty.
 */
size: string, 
/**
 * Its size in bytes, to sort by; 0 if it is not known.
 */
bytes: number, 
/**
 * The layer that brought it, from 1; 0 if it is not known.
 */
layer: number, 
/**
 * The file that lists it.
 */
location: string, 
/**
 * Package URL.
 */
purl: string, };

/**
 * A file that the inventory rests on.
 */
export type PackageSource = { 
/**
 * The file.
 */
path: string, 
/**
 * What it was read as.
 */
kind: string, 
/**
 * Packages in it.
 */
packages: number, 
/**
 * Why it could not be read; may be empty.
 */
error: string, };

/**
 * One line of an image's history.
 */
export type HistoryRow = { 
/**
 * Its index, from 0.
 */
index: number, 
/**
 * When, RFC 3339; may be empty.
 */
created: string, 
/**
 * The instruction; secrets masked.
 */
command: string, 
/**
 * The layer that it made, from 1; 0 if none.
 */
layer: number, 
/**
 * That layer's size for people; empty if none.
 */
size: string, 
/**
 * What checks saw here.
 */
marks: Array<PathMark>, };

/**
 * What checks saw at a field of the config.
 */
export type FieldMark = { 
/**
 * The field: `config.User`.
 */
field: string, 
/**
 * `critical` … `info`
 */
severity: string, 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * One sentence.
 */
message: string, };

/**
 * One check in the list.
 */
export type CheckLine = { 
/**
 * Its id.
 */
id: string, 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * Its title.
 */
title: string, 
/**
 * The worst outcome over the subjects; `none` before the first run.
 */
outcome: string, 
/**
 * Observations over all subjects.
 */
observations: number, };

/**
 * The page that explains a check.
 */
export type CheckPage = { 
/**
 * Its id.
 */
id: string, 
/**
 * A1–D2.
 */
use_case: string, 
/**
 * The use case's title.
 */
use_case_title: string, 
/**
 * `automated` or `assisted`.
 */
mode: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * How it decides.
 */
how: string, 
/**
 * What it cannot see.
 */
blind_spots: string, 
/**
 * What to do.
 */
remedy: string, 
/**
 * An example of it done right; may be empty.
 */
example: string, 
/**
 * Requirements that it speaks to.
 */
requirements: Array<LinkView>, 
/**
 * Rules of other tools that look at the same: tool and rule.
 */
aliases: Array<[string, string]>, 
/**
 * What it concluded, by subject.
 */
outcomes: Array<CheckOutcome>, 
/**
 * Allowances in the profile that are for it.
 */
allowances: Array<AllowanceView>, };

/**
 * What a check concluded about one subject.
 */
export type CheckOutcome = { 
/**
 * The subject.
 */
subject: SubjectLine, 
/**
 * The conclusion.
 */
outcome: OutcomeView, };

/**
 * What the profile sets for the checks.
 */
export type SettingsView = { 
/**
 * A3: the lowest efficiency that passes, in percent.
 */
lowest_efficiency: number, 
/**
 * A5: older than this many days is old.
 */
oldest_days: number, 
/**
 * A5: layers further apart than this many hours were not made in one build.
 */
widest_gap_hours: number, 
/**
 * 4.8: a container that ended longer ago than this many days is stale.
 */
stale_days: number, 
/**
 * What is allowed although a check would name it.
 */
allowances: Array<AllowanceView>, 
/**
 * A1, A2: base images that the client approves beside Docker's official ones.
 */
approved_bases: Array<ApprovedView>, 
/**
 * A1, C2: registries that the client approves.
 */
approved_registries: Array<ApprovedView>, 
/**
 * A2, C1: what the auditor trusts.
 */
trust: TrustPolicyView, 
/**
 * A3, A4: which known vulnerabilities fail an image.
 */
vulnerabilities: VulnerabilityPolicyView, };

/**
 * Something that the client may have.
 */
export type AllowanceView = { 
/**
 * The check's id.
 */
check: string, 
/**
 * A name or a path; `*` and `**` stand for anything.
 */
what: string, 
/**
 * Why. Never empty.
 */
reason: string, };

/**
 * What the profile sets, in the shape of `plimsoll_checks::VulnerabilityPolicy`.
 */
export type VulnerabilityPolicyView = { 
/**
 * `vendor-first`, `nvd-first`, `highest`.
 */
severity: string, 
/**
 * `critical`, `high`, `medium`, `low`, `none`.
 */
fail_from: string, 
/**
 * Only those with a fix fail.
 */
only_fixable: boolean, 
/**
 * Those known to be exploited fail whatever else.
 */
fail_exploited: boolean, 
/**
 * Older data pass nothing.
 */
oldest_data_days: number, };

/**
 * Which rows are wanted. Empty lists and none: no restriction.
 */
export type VulnerabilityQuery = { 
/**
 * One subject, or all.
 */
subject: string | null, 
/**
 * Text in id, alias, package, summary.
 */
text: string, 
/**
 * Severities.
 */
severities: Array<string>, 
/**
 * States.
 */
states: Array<string>, 
/**
 * Ecosystems: `Debian:12`, `PyPI`.
 */
ecosystems: Array<string>, 
/**
 * The paper's categories: `os`, `database`, `language`, `web`, `platform`, `unknown`.
 */
categories: Array<string>, 
/**
 * A package's name.
 */
package: string | null, 
/**
 * diff_id of a layer.
 */
layer: string | null, 
/**
 * `base`, `own`, `unknown`.
 */
origins: Array<string>, 
/**
 * With or without a fix.
 */
fixable: boolean | null, 
/**
 * Only those known to be exploited.
 */
exploited: boolean, 
/**
 * Whether kernel headers are shown.
 */
kernel_headers: boolean, 
/**
 * `severity`, `id`, `package`, `subject`, `score`, `epss`, `fixed`, `layer`, `state`.
 */
sort: string, 
/**
 * The other way round.
 */
descending: boolean, 
/**
 * First row.
 */
offset: number, 
/**
 * How many rows, at most 500.
 */
limit: number, };

/**
 * A page of rows, with what is known about all of them.
 */
export type VulnerabilityPage = { 
/**
 * Rows in all, with these restrictions.
 */
total: number, 
/**
 * Rows without any restriction but the subject.
 */
all: number, 
/**
 * The rows from the offset on.
 */
rows: Array<VulnerabilityRow>, 
/**
 * How many rows each value of each restriction would leave, with the other restrictions.
 */
facets: Array<Facet>, 
/**
 * Kernel headers' rows that are hidden now.
 */
kernel_hidden: number, 
/**
 * The scan of every subject.
 */
scans: Array<ScanLine>, 
/**
 * Severities by category, as the paper draws them.
 */
picture: Array<CategoryBar>, };

/**
 * One restriction's values.
 */
export type Facet = { 
/**
 * `severity`, `state`, `ecosystem`, `category`, `origin`, `package`, `layer`, `fixable`, `exploited`.
 */
name: string, 
/**
 * Value, how it is called, and how many rows; packages and layers the 50 most frequent.
 */
values: Array<FacetValue>, };

/**
 * One value.
 */
export type FacetValue = { 
/**
 * The value, as the query takes it.
 */
value: string, 
/**
 * What it is called, in the reader's language.
 */
label: string, 
/**
 * Rows.
 */
count: number, };

/**
 * One vulnerability in one package of one subject.
 */
export type VulnerabilityRow = { 
/**
 * Identifies the row in its subject.
 */
key: number, 
/**
 * The subject's id.
 */
subject: string, 
/**
 * The subject's name.
 */
subject_name: string, 
/**
 * CVE id where there is one.
 */
id: string, 
/**
 * Other ids.
 */
aliases: Array<string>, 
/**
 * Package.
 */
package: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its ecosystem: `deb`, `pypi` …
 */
ecosystem: string, 
/**
 * The version that fixes it; may be empty.
 */
fixed: string, 
/**
 * By the profile's policy.
 */
severity: string, 
/**
 * The vendor's; empty when it says nothing.
 */
vendor_severity: string, 
/**
 * NVD's; empty when it says nothing.
 */
nvd_severity: string, 
/**
 * The two differ by a class or more.
 */
differs: boolean, 
/**
 * CVSS base score; none when there is none.
 */
score: number | null, 
/**
 * What is to become of it, after VEX and acceptances.
 */
state: string, 
/**
 * The state in words.
 */
state_label: string, 
/**
 * Whether it still counts against the image.
 */
counts: boolean, 
/**
 * Known to be exploited.
 */
exploited: boolean, 
/**
 * Probability of exploitation within 30 days, 0–1.
 */
epss: number | null, 
/**
 * diff_id of the layer; may be empty.
 */
layer: string, 
/**
 * Number of the layer from 1; 0 when it is not known.
 */
layer_number: number, 
/**
 * `base`, `own`, `unknown`.
 */
origin: string, 
/**
 * The subject's category.
 */
category: string, 
/**
 * Kernel headers.
 */
kernel_headers: boolean, };

/**
 * How the scan of one subject stands.
 */
export type ScanLine = { 
/**
 * The subject's id.
 */
subject: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its category: `os`, `database`, `language`, `web`, `platform`, `unknown`.
 */
category: string, 
/**
 * Where the category comes from: `auditor`, `name`, `content`, or empty.
 */
category_from: string, 
/**
 * `matched`, `none-found`, `no-data`, `past-end-of-life`, `no-database`, `not-read`, `not-scanned`.
 */
result: string, 
/**
 * The same in one sentence.
 */
sentence: string, 
/**
 * Notes, one sentence each: fixed-only data, packages not evaluated, old data.
 */
notes: Array<string>, 
/**
 * The release: "Debian GNU/Linux 12 (bookworm)"; may be empty.
 */
release: string, 
/**
 * `supported`, `extended`, `ended`, `unknown`.
 */
support: string, 
/**
 * When its support ends or ended; may be empty.
 */
support_end: string, 
/**
 * Packages.
 */
packages: number, 
/**
 * Of those evaluated.
 */
evaluated: number, 
/**
 * Packages that could not be evaluated: name, version, why.
 */
not_evaluated: Array<[string, string, string]>, 
/**
 * Rows by severity: critical, high, medium, low, none, unknown.
 */
counts: [number, number, number, number, number, number], 
/**
 * Rows that still count.
 */
total: number, 
/**
 * Of those with a fix.
 */
fixable: number, 
/**
 * Known to be exploited.
 */
exploited: number, 
/**
 * Rows that VEX or an acceptance speaks to.
 */
treated: number, 
/**
 * When it was matched, RFC 3339; may be empty.
 */
at: string, 
/**
 * The database's state: its id, shortened.
 */
database: string, 
/**
 * How the base image's layers were told from the image's own; may be empty.
 */
base: string, };

/**
 * One category of the paper's picture.
 */
export type CategoryBar = { 
/**
 * `os`, `database`, `language`, `web`, `platform`, `unknown`.
 */
category: string, 
/**
 * Its name in the reader's language.
 */
label: string, 
/**
 * Subjects in it.
 */
subjects: number, 
/**
 * Distinct vulnerabilities by severity: critical, high, medium, low, none, unknown.
 */
counts: [number, number, number, number, number, number], 
/**
 * All of them.
 */
total: number, 
/**
 * Of those with a fix.
 */
fixable: number, };

/**
 * One row, opened.
 */
export type VulnerabilityView = { 
/**
 * The row.
 */
row: VulnerabilityRow, 
/**
 * What it is.
 */
summary: string, 
/**
 * Dates; may be empty.
 */
published: string, 
/**
 * Dates; may be empty.
 */
modified: string, 
/**
 * What each source says of its severity.
 */
severities: Array<SaidView>, 
/**
 * Why the package counts as affected.
 */
reasons: Array<ReasonView>, 
/**
 * Where the package lies: the file that lists it.
 */
location: string, 
/**
 * Package URL.
 */
purl: string, 
/**
 * The source package and its version; may be empty.
 */
source_package: string, 
/**
 * The instruction that made the layer; may be empty.
 */
instruction: string, 
/**
 * How it was told whether that is the base image's.
 */
origin_why: string, 
/**
 * KEV: added, due, ransomware; none when it is not in it.
 */
exploited: [string, string, boolean] | null, 
/**
 * EPSS percentile, 0–1.
 */
epss_percentile: number | null, 
/**
 * Web addresses.
 */
references: Array<string>, 
/**
 * Commands that show it again.
 */
reproduce: Array<string>, 
/**
 * VEX statements that speak to it, the one that counts first.
 */
statements: Array<StatementView>, 
/**
 * Acceptances that speak to it, the one that counts first.
 */
acceptances: Array<AcceptanceView>, 
/**
 * Other packages of the subject with the same flaw: name and version.
 */
also: Array<[string, string]>, 
/**
 * Other subjects with the same flaw: id and name.
 */
elsewhere: Array<[string, string]>, };

/**
 * What one source says.
 */
export type SaidView = { 
/**
 * Who, in words: "Debian", "NVD".
 */
source: string, 
/**
 * In a word.
 */
severity: string, 
/**
 * The source's own word; may be empty.
 */
said: string, 
/**
 * CVSS score.
 */
score: number | null, 
/**
 * CVSS vector; may be empty.
 */
vector: string, 
/**
 * It is the one that counts.
 */
counts: boolean, };

/**
 * Why a package counts as affected.
 */
export type ReasonView = { 
/**
 * The record's id.
 */
record: string, 
/**
 * Who says it, in words.
 */
source: string, 
/**
 * The feed and its state: "Debian security tracker, 2026-11-20".
 */
feed: string, 
/**
 * One sentence: what was compared with what.
 */
sentence: string, 
/**
 * The vendor's words; may be empty.
 */
note: string, };

/**
 * A VEX statement.
 */
export type StatementView = { 
/**
 * `E-3`
 */
evidence: string, 
/**
 * The document, its format and author.
 */
document: string, 
/**
 * `not_affected`, `affected`, `fixed`, `under_investigation`.
 */
status: string, 
/**
 * Why; may be empty.
 */
justification: string, 
/**
 * In words; may be empty.
 */
impact: string, 
/**
 * When; may be empty.
 */
at: string, };

/**
 * An acceptance.
 */
export type AcceptanceView = { 
/**
 * `A-1`
 */
id: string, 
/**
 * The flaw.
 */
vulnerability: string, 
/**
 * The package; empty: whichever.
 */
package: string, 
/**
 * The subject's id; empty: all.
 */
subject: string, 
/**
 * The subject's name; empty: all.
 */
subject_name: string, 
/**
 * Why.
 */
reason: string, 
/**
 * Who answers for it.
 */
owner: string, 
/**
 * Last day, `YYYY-MM-DD`.
 */
expires: string, 
/**
 * It has expired.
 */
expired: boolean, 
/**
 * Who recorded it.
 */
author: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * Rows that it speaks to.
 */
rows: number, };

/**
 * A risk to be accepted.
 */
export type NewAcceptance = { 
/**
 * The flaw.
 */
vulnerability: string, 
/**
 * The package; empty: whichever.
 */
package: string, 
/**
 * The subject's id; empty: all.
 */
subject: string, 
/**
 * Why.
 */
reason: string, 
/**
 * Who answers for it.
 */
owner: string, 
/**
 * Last day, `YYYY-MM-DD`.
 */
expires: string, };

/**
 * The advisory database.
 */
export type DatabaseView = { 
/**
 * The file.
 */
path: string, 
/**
 * Whether there is one.
 */
exists: boolean, 
/**
 * Why it cannot be used; may be empty.
 */
problem: string, 
/**
 * Size for people.
 */
size: string, 
/**
 * Id of its state, hexadecimal; may be empty.
 */
id: string, 
/**
 * What was imported.
 */
sources: Array<FeedView>, 
/**
 * Sources that can be updated over the network: id, title, what is sent and fetched.
 */
updates: Array<UpdateView>, };

/**
 * One thing that was imported.
 */
export type FeedView = { 
/**
 * For programs.
 */
feed: string, 
/**
 * For people.
 */
title: string, 
/**
 * State of the data; may be empty.
 */
snapshot: string, 
/**
 * Age of the data in days, where it is known.
 */
age_days: number | null, 
/**
 * When it was imported, RFC 3339.
 */
imported: string, 
/**
 * Where it was read.
 */
origin: string, 
/**
 * SHA-256.
 */
sha256: string, 
/**
 * Records.
 */
records: number, 
/**
 * Ecosystems.
 */
ecosystems: Array<string>, };

/**
 * A source that can be fetched.
 */
export type UpdateView = { 
/**
 * For programs.
 */
id: string, 
/**
 * For people.
 */
title: string, 
/**
 * The host that is asked.
 */
host: string, 
/**
 * About how much is fetched, for people.
 */
size: string, };

/**
 * What an import did.
 */
export type ImportEnded = { 
/**
 * The database now.
 */
database: DatabaseView, 
/**
 * Feeds that were written: title and records.
 */
written: Array<[string, number]>, 
/**
 * Feeds that were there already.
 */
unchanged: Array<string>, 
/**
 * Notes.
 */
notes: Array<string>, };

/**
 * Another scanner's results beside ours.
 */
export type ComparisonView = { 
/**
 * `E-4`
 */
evidence: string, 
/**
 * Name and version.
 */
tool: string, 
/**
 * What it scanned.
 */
artifact: string, 
/**
 * State of its database; may be empty.
 */
database: string, 
/**
 * Whether it scanned the same image: `same`, `other`, `unknown`.
 */
same_image: string, 
/**
 * Found by both.
 */
both: number, 
/**
 * Only by us.
 */
only_ours: number, 
/**
 * Only by them.
 */
only_theirs: number, 
/**
 * All lines, those that differ first.
 */
lines: Array<ComparedView>, 
/**
 * Notes.
 */
notes: Array<string>, };

/**
 * One line of a comparison.
 */
export type ComparedView = { 
/**
 * `both`, `ours`, `theirs`.
 */
by: string, 
/**
 * Its id.
 */
id: string, 
/**
 * Package.
 */
package: string, 
/**
 * Version.
 */
version: string, 
/**
 * Our severity; empty when we have none.
 */
our_severity: string, 
/**
 * Theirs; empty when they have none.
 */
their_severity: string, 
/**
 * Why only one has it; may be empty.
 */
why: string, };

/**
 * An image of the local Docker daemon.
 */
export type DaemonImage = { 
/**
 * The reference to use: tag, or id if it has none.
 */
reference: string, 
/**
 * `sha256:…`
 */
id: string, 
/**
 * Its size for people.
 */
size: string, 
/**
 * When it was built, RFC 3339.
 */
created: string, 
/**
 * Registry digests.
 */
digests: Array<string>, };

/**
 * What a path turns out to be.
 */
export type Detected = { 
/**
 * Sources to choose from, in transport syntax; one for each image in the file.
 */
sources: Array<string>, 
/**
 * Platforms to choose from, when an index offers several: `linux/amd64`.
 */
platforms: Array<string>, 
/**
 * `image`, `dockerfile`, `compose`.
 */
kind: string, 
/**
 * A Dockerfile found beside it; only a proposal.
 */
dockerfile: string | null, };

/**
 * What to decide.
 */
export type Decide = { 
/**
 * The subject; none for the engagement as a whole.
 */
subject: string | null, 
/**
 * `A1`–`D2` or the id of a requirement.
 */
target: string, 
/**
 * `satisfied`, `not-satisfied`, `not-applicable`.
 */
conclusion: string, 
/**
 * Why.
 */
rationale: string, };

/**
 * Evidence to be kept.
 */
export type AddEvidence = { 
/**
 * The subject that it is about; none for the engagement as a whole.
 */
subject: string | null, 
/**
 * `A1`–`D2` or the id of a requirement that it is about.
 */
target: string, 
/**
 * What it is called: a file's name, or a title for pasted text.
 */
name: string, 
/**
 * `file`, `text`, `screenshot`.
 */
kind: string, 
/**
 * Media type as the window knows it; may be empty.
 */
media_type: string, 
/**
 * Where it came from, in the auditor's words; may be empty.
 */
source: string, 
/**
 * The bytes, base64.
 */
base64: string, };

/**
 * Progress of a run.
 */
export type Progress = { 
/**
 * Which subject, from 1.
 */
subject: number, 
/**
 * Of how many.
 */
subjects: number, 
/**
 * Its name.
 */
name: string, 
/**
 * What is being done: "Reading layers".
 */
step: string, 
/**
 * Bytes done; 0 of 0 when unknown.
 */
done: number, 
/**
 * Bytes in all.
 */
total: number, };

/**
 * How a run ended.
 */
export type RunEnded = { 
/**
 * The engagement as it is now.
 */
engagement: EngagementView, 
/**
 * Whether the auditor stopped it.
 */
cancelled: boolean, };

/**
 * The auditor's signing identity.
 */
export type IdentityView = { 
/**
 * The PKCS#12 file.
 */
path: string, 
/**
 * Whether the file is there.
 */
exists: boolean, 
/**
 * The name in its certificate; empty until it was unlocked once.
 */
name: string, 
/**
 * The firm.
 */
organization: string, 
/**
 * Last day of validity, RFC 3339; empty until it was unlocked once.
 */
not_after: string, 
/**
 * SHA-256 of the certificate, hex; empty until it was unlocked once.
 */
fingerprint: string, };

/**
 * What an export needs.
 */
export type ExportReport = { 
/**
 * Where to write the PDF.
 */
path: string, 
/**
 * The PKCS#12 file.
 */
identity: string, 
/**
 * Its passphrase.
 */
passphrase: string, 
/**
 * `en` or `de`.
 */
language: string, };

/**
 * What went wrong, in one sentence.
 */
export type Failure = { 
/**
 * One plain sentence.
 */
message: string, 
/**
 * The chain of causes; may be empty.
 */
details: string, };

/**
 * The registries of the engagement.
 */
export type RegistriesView = { 
/**
 * Each of them, as they were added.
 */
rows: Array<RegistryRow>, 
/**
 * Docker's client on this machine: name and value; empty before the first probe.
 */
client: Array<[string, string]>, };

/**
 * One registry.
 */
export type RegistryRow = { 
/**
 * The subject that it is.
 */
subject: SubjectLine, 
/**
 * How the connection is set up.
 */
connection: ConnectionView, 
/**
 * Who asks: `alice, typed in`, `alice, from config.json`; empty for nobody.
 */
credentials: string, 
/**
 * What the last run saw; none before it.
 */
probed: ProbesView | null, 
/**
 * Outcome of C2 in the last run; `none` before it.
 */
outcome: string, };

/**
 * How the connection to a registry is set up. No secrets.
 */
export type ConnectionView = { 
/**
 * Host and port.
 */
host: string, 
/**
 * Plain HTTP may be spoken.
 */
plain_http: boolean, 
/**
 * File of an own certificate authority, PEM; may be empty.
 */
ca: string, 
/**
 * File of the client certificate, PEM; may be empty.
 */
client_certificate: string, 
/**
 * File of its key, PEM; may be empty.
 */
client_key: string, 
/**
 * Proxy; may be empty. Without it the system's variables count.
 */
proxy: string, 
/**
 * Hosts that answer in its place.
 */
mirrors: Array<string>, 
/**
 * Content Trust server; may be empty.
 */
trust_server: string, 
/**
 * Repositories to probe where the catalogue is closed.
 */
repositories: Array<string>, 
/**
 * The client consents to an anonymous upload being opened and cancelled.
 */
push_probe: boolean, 
/**
 * The client consents to a deletion of a digest that cannot exist.
 */
delete_probe: boolean, 
/**
 * Who consented and when; set when a consent is given, empty without one.
 */
consent: string, 
/**
 * Keep a fetched image as an archive among the evidence.
 */
keep_archive: boolean, };

/**
 * What probes saw.
 */
export type ProbesView = { 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * `https`, `plain-http` or `unreachable`.
 */
connection: string, 
/**
 * What TLS showed: name and value.
 */
tls: Array<[string, string]>, 
/**
 * Why TLS is not trusted, or could not be spoken; may be empty.
 */
tls_problem: string, 
/**
 * Certificates as sent, the server's first.
 */
certificates: Array<CertificateView>, 
/**
 * How authentication is asked for: `Bearer, realm https://…`; empty for not at all.
 */
auth: string, 
/**
 * Each probe, in order.
 */
rows: Array<ProbeRow>, };

/**
 * One certificate.
 */
export type CertificateView = { 
/**
 * Subject.
 */
subject: string, 
/**
 * Name and value: issuer, names, dates, key, fingerprint.
 */
details: Array<[string, string]>, };

/**
 * One probe.
 */
export type ProbeRow = { 
/**
 * What was asked, in words: `Tags without credentials`.
 */
asked: string, 
/**
 * Method and address.
 */
request: string, 
/**
 * The answer in words: `401 Unauthorized`, `not asked: no consent`.
 */
answer: string, 
/**
 * `good`, `bad`, `neutral` or `unknown`.
 */
tone: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * How to see it again; may be empty.
 */
command: string, };

/**
 * Repositories or tags of a registry.
 */
export type OfferView = { 
/**
 * Names, sorted.
 */
rows: Array<string>, 
/**
 * There are more than are listed.
 */
more: boolean, 
/**
 * Why nothing is listed although the registry answers: the catalogue is closed, the search is not offered; may be
 * empty.
 */
note: string, };

/**
 * What a tag stands for.
 */
export type TagView = { 
/**
 * The full reference.
 */
reference: string, 
/**
 * Digest of the index or manifest.
 */
digest: string, 
/**
 * Each image behind it.
 */
images: Array<TagImage>, 
/**
 * Signatures and attestations that were found, in words; may be empty.
 */
signatures: Array<string>, };

/**
 * One image behind a tag.
 */
export type TagImage = { 
/**
 * `linux/amd64`; empty if it is not said.
 */
platform: string, 
/**
 * Digest of its manifest.
 */
digest: string, 
/**
 * Compressed size for people.
 */
size: string, 
/**
 * How many layers.
 */
layers: number, };

/**
 * The trust in one image.
 */
export type TrustPage = { 
/**
 * The image.
 */
subject: SubjectLine, 
/**
 * In one sentence: which scheme gives trust, or that none does.
 */
summary: string, 
/**
 * `good`, `bad`, `open` or `none`.
 */
tone: string, 
/**
 * What is to be known of Content Trust's end; may be empty.
 */
notice: string, 
/**
 * The image itself, then each base image that is named.
 */
sections: Array<TrustSection>, 
/**
 * Pins that concern these.
 */
pins: Array<PinView>, };

/**
 * The trust in the image itself, or in one base image.
 */
export type TrustSection = { 
/**
 * `This image`, `Base image debian:12`.
 */
title: string, 
/**
 * Who names it: `by the Dockerfile`; empty for the image itself.
 */
named_by: string, 
/**
 * The repository with its tag.
 */
reference: string, 
/**
 * The digests that are it.
 */
digests: Array<string>, 
/**
 * When it was fetched, RFC 3339; empty if it was not.
 */
at: string, 
/**
 * Whether it is official, in one sentence; may be empty.
 */
official: string, 
/**
 * `good`, `bad`, `open` or `none`.
 */
official_tone: string, 
/**
 * One for each signature, and for each scheme that was looked for.
 */
verdicts: Array<VerdictView>, 
/**
 * Each place that was looked at.
 */
lookups: Array<LookupView>, };

/**
 * What a signature is worth.
 */
export type VerdictView = { 
/**
 * `content-trust`, `cosign`, `notation`, `attestation`.
 */
scheme: string, 
/**
 * The scheme as people call it.
 */
name: string, 
/**
 * `verified`, `unsigned`, `other-digest` …
 */
state: string, 
/**
 * The state in a few words.
 */
label: string, 
/**
 * `good`, `bad`, `open` or `none`.
 */
tone: string, 
/**
 * Why, in one sentence.
 */
reason: string, 
/**
 * Where it lies.
 */
place: string, 
/**
 * The signed digest; may be empty.
 */
digest: string, 
/**
 * Predicate type of an attestation; may be empty.
 */
predicate: string, 
/**
 * Who signed.
 */
signers: Array<SignerView>, 
/**
 * RFC 3339; may be empty.
 */
signed_at: string, 
/**
 * RFC 3339; may be empty.
 */
expires: string, 
/**
 * From the anchor to the digest, to be drawn.
 */
chain: Array<ChainLinkView>, 
/**
 * What else is worth knowing.
 */
notes: Array<string>, };

/**
 * Who signed.
 */
export type SignerView = { 
/**
 * Name or role.
 */
name: string, 
/**
 * Key ids.
 */
keys: Array<string>, 
/**
 * Issuer; may be empty.
 */
issuer: string, 
/**
 * RFC 3339; may be empty.
 */
not_after: string, };

/**
 * One link of the chain.
 */
export type ChainLinkView = { 
/**
 * `anchor`, `certificate`, `role`, `log`, `signature`, `payload`, `digest`.
 */
kind: string, 
/**
 * Its name.
 */
title: string, 
/**
 * Name and value.
 */
details: Array<[string, string]>, 
/**
 * Whether it holds; none where it was not reached.
 */
holds: boolean | null, 
/**
 * What is wrong; may be empty.
 */
problem: string, };

/**
 * One place that was looked at.
 */
export type LookupView = { 
/**
 * The scheme as people call it.
 */
name: string, 
/**
 * The place.
 */
place: string, 
/**
 * `found`, `absent`, `refused`, `failed`, `not-tried`.
 */
answer: string, 
/**
 * Why; may be empty.
 */
reason: string, };

/**
 * A Content Trust root that the engagement keeps.
 */
export type PinView = { 
/**
 * The repository.
 */
gun: string, 
/**
 * Version of the root and its key ids.
 */
root: string, 
/**
 * RFC 3339.
 */
first_seen: string, 
/**
 * RFC 3339.
 */
last_seen: string, };

/**
 * A source that the client approves.
 */
export type ApprovedView = { 
/**
 * A repository's full name or a registry's host; `*` and `**` stand for anything.
 */
what: string, 
/**
 * Why. Never empty.
 */
reason: string, };

/**
 * What the auditor trusts.
 */
export type TrustPolicyView = { 
/**
 * Public keys for cosign.
 */
keys: Array<TrustedKeyView>, 
/**
 * Certificate identities for cosign's keyless signatures.
 */
identities: Array<TrustedIdentityView>, 
/**
 * Public keys of transparency logs.
 */
logs: Array<TrustedKeyView>, 
/**
 * Notation's trust policies.
 */
notation: Array<NotationPolicyView>, 
/**
 * Pins for Content Trust roots.
 */
notary: Array<NotaryPinView>, };

/**
 * A public key.
 */
export type TrustedKeyView = { 
/**
 * What the auditor calls it.
 */
name: string, 
/**
 * PEM.
 */
pem: string, 
/**
 * Repositories; empty for all.
 */
scope: string, };

/**
 * Who may sign with a short-lived certificate.
 */
export type TrustedIdentityView = { 
/**
 * What the auditor calls it.
 */
name: string, 
/**
 * E-mail address or URI.
 */
subject: string, 
/**
 * OIDC issuer; empty for any.
 */
issuer: string, 
/**
 * PEM.
 */
roots: string, 
/**
 * Repositories; empty for all.
 */
scope: string, };

/**
 * A Notation trust policy.
 */
export type NotationPolicyView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Repositories, or a single `*`.
 */
registry_scopes: Array<string>, 
/**
 * `strict`, `permissive`, `audit`, `skip`.
 */
level: string, 
/**
 * PEM.
 */
roots: string, 
/**
 * Of signing authorities, PEM; may be empty.
 */
authority_roots: string, 
/**
 * `x509.subject: …` or a single `*`.
 */
trusted_identities: Array<string>, };

/**
 * A pin for Content Trust roots.
 */
export type NotaryPinView = { 
/**
 * GUN, or its beginning followed by `*`.
 */
gun: string, 
/**
 * PEM; may be empty.
 */
ca: string, 
/**
 * Key ids; may be empty.
 */
key_ids: Array<string>, };

/**
 * What looks at one of the 106 requirements.
 */
export type CoverageRow = { 
/**
 * `2.9`
 */
id: string, 
/**
 * `V2`
 */
chapter: string, 
/**
 * Its title.
 */
chapter_title: string, 
/**
 * 1–3.
 */
level: number, 
/**
 * The requirement's title.
 */
title: string, 
/**
 * `automated`, `assisted` or `manual`.
 */
mode: string, 
/**
 * Kinds of subject that it is decided on: `host`, `container` … `solution`.
 */
kinds: Array<string>, 
/**
 * The checks that speak to it.
 */
by: Array<CoverageBy>, 
/**
 * What to ask.
 */
question: string, 
/**
 * What evidence to ask for.
 */
hints: Array<string>, 
/**
 * An example of evidence that would convince.
 */
example: string, };

/**
 * One check that speaks to a requirement.
 */
export type CoverageBy = { 
/**
 * The check's id.
 */
check: string, 
/**
 * Its title.
 */
title: string, 
/**
 * A1–D2; empty for none.
 */
use_case: string, 
/**
 * The kinds of subject on which it speaks to the requirement.
 */
kinds: Array<string>, 
/**
 * `decisive` or `supporting`.
 */
pass: string, 
/**
 * `decisive` or `supporting`.
 */
fail: string, 
/**
 * What it cannot see.
 */
unseen: string, };

/**
 * The coverage of the standard.
 */
export type CoverageView = { 
/**
 * All 106.
 */
rows: Array<CoverageRow>, 
/**
 * How many a check can decide.
 */
automated: number, 
/**
 * How many checks help with.
 */
assisted: number, 
/**
 * How many only a person can look at.
 */
manual: number, };

/**
 * An engine that can be named: the default one or a Docker context.
 */
export type EngineChoice = { 
/**
 * What to write for it; empty for the default.
 */
address: string, 
/**
 * Where it leads.
 */
endpoint: string, 
/**
 * Its name for people.
 */
name: string, 
/**
 * Whether Docker's own client would use it.
 */
current: boolean, };

/**
 * An engine that was asked.
 */
export type EngineAnswer = { 
/**
 * Where it was reached.
 */
endpoint: string, 
/**
 * The host's name.
 */
name: string, 
/**
 * "Docker 27.3.1", "Podman 4.3.1".
 */
engine: string, 
/**
 * Its containers.
 */
containers: Array<EngineContainer>, 
/**
 * What will be read, one line for each request or file; nothing is changed.
 */
reads: Array<string>, };

/**
 * A container in an engine's list.
 */
export type EngineContainer = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its image.
 */
image: string, 
/**
 * `running`, `exited` …
 */
state: string, 
/**
 * The engine's own words: "Up 3 days".
 */
status: string, };

/**
 * A host to be added.
 */
export type NewHost = { 
/**
 * As in [`EngineChoice::address`], or `unix://…`, `tcp://…`, `ssh://…`.
 */
address: string, 
/**
 * Whether the host itself becomes a subject.
 */
host: boolean, 
/**
 * Names of the containers that become subjects.
 */
containers: Array<string>, 
/**
 * daemon.json and unit files to read beside it.
 */
files: Array<string>, };

/**
 * How many outcomes there are of each kind.
 */
export type OutcomeCounts = { 
/**
 * Failed.
 */
fail: number, 
/**
 * Could not be read.
 */
error: number, 
/**
 * A person must decide.
 */
undecided: number, 
/**
 * Passed.
 */
pass: number, 
/**
 * Do not apply.
 */
not_applicable: number, };

/**
 * Where facts came from that were collected elsewhere.
 */
export type CollectedView = { 
/**
 * The facts file's name.
 */
file: string, 
/**
 * Its SHA-256.
 */
file_sha256: string, 
/**
 * The machine that it was collected on.
 */
machine: string, 
/**
 * The user there.
 */
user: string, 
/**
 * Program and version.
 */
tool: string, 
/**
 * When, RFC 3339.
 */
started: string, 
/**
 * What was asked for.
 */
asked: Array<string>, 
/**
 * The collecting person's own word; may be empty.
 */
note: string, };

/**
 * A host or container in the list.
 */
export type RuntimeLine = { 
/**
 * The subject.
 */
subject: SubjectLine, 
/**
 * The host's name that it belongs to; hosts and containers of one engine share it. May be empty.
 */
host: string, 
/**
 * In a few words: "Docker 27.3.1 on Debian 12", "nginx:1.27, running".
 */
about: string, 
/**
 * What its checks concluded.
 */
counts: OutcomeCounts, 
/**
 * The worst severity of what failed: `critical` … `info`; empty for none.
 */
worst: string, 
/**
 * Where its facts came from, when they were collected elsewhere.
 */
collected: CollectedView | null, };

/**
 * All hosts and containers of the engagement.
 */
export type RuntimeList = { 
/**
 * Hosts, each followed by its containers.
 */
lines: Array<RuntimeLine>, };

/**
 * A table on the page of a host or container.
 */
export type RuntimeTable = { 
/**
 * Stable id: `processes`, `mounts`, `ports`, `environment`, `changes`, `networks`, `services`, `nodes` …
 */
id: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Column titles.
 */
columns: Array<string>, 
/**
 * Rows, as many cells as columns.
 */
rows: Array<Array<string>>, 
/**
 * One sentence where the table is empty or was cut; may be empty.
 */
note: string, };

/**
 * The outcomes that speak to one requirement.
 */
export type RuntimeOutcome = { 
/**
 * The requirements that it speaks to, with strengths and verdicts.
 */
requirements: Array<LinkView>, 
/**
 * A1–D2; empty for none.
 */
use_case: string, 
/**
 * The outcome with its observations and explanations.
 */
outcome: OutcomeView, };

/**
 * The page of a host or container.
 */
export type RuntimePage = { 
/**
 * The list's line.
 */
line: RuntimeLine, 
/**
 * When it was read, RFC 3339; empty before the first run.
 */
at: string, 
/**
 * What is worth knowing first: name and value.
 */
summary: Array<[string, string]>, 
/**
 * All outcomes: what failed first, then by requirement.
 */
outcomes: Array<RuntimeOutcome>, 
/**
 * What was read.
 */
tables: Array<RuntimeTable>, 
/**
 * Configuration files, masked: name and text.
 */
files: Array<[string, string]>, 
/**
 * The engine's answers, masked, as indented JSON: request and answer.
 */
answers: Array<[string, string]>, 
/**
 * What could not be read: what and why.
 */
unread: Array<[string, string]>, };

/**
 * What an import of facts files brought.
 */
export type FactsImport = { 
/**
 * Subjects that are new.
 */
added: number, 
/**
 * Subjects that the engagement had already.
 */
known: number, 
/**
 * Files that could not be read: name and reason.
 */
refused: Array<[string, string]>, 
/**
 * What somebody should know, one sentence each: clocks that go wrong, a file that was given twice.
 */
notes: Array<string>, };
