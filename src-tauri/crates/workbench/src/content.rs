//! What a report says: the engagement, written out in the reader's language.

use std::collections::BTreeMap;

use plimsoll_catalog::assessment::UseCaseCell;
use plimsoll_catalog::decision::Target;
use plimsoll_catalog::verdict::Concluded;
use plimsoll_catalog::{
    Assessment, Language, Observation, Outcome, OutcomeKind, RequirementId, SubjectKind, UseCaseId, standards,
};
use plimsoll_checks::{CheckInfo, Facts};
use plimsoll_engagement::{DecisionRecord, Engagement, EvidenceRecord, Subject};
use plimsoll_report::content as report;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::WorkbenchError;
use crate::results::{assessment, facts_of, results};
use crate::trust_content::{probe_sheet, trust_sheet};
use crate::vulnerability_content::vulnerability_part;
use crate::words::{self, pick};

/// Text evidence up to this many bytes is printed in the report.
const PRINTED_TEXT: u64 = 4_000;
/// Pictures up to this many bytes are printed in the report.
const PRINTED_IMAGE: u64 = 8 << 20;

/// The label of a subject in reports and views: `S1`.
#[must_use]
pub fn label(index: usize) -> String {
    format!("S{}", index + 1)
}

/// What an item of evidence is about: `B3 · S1`, `3.11`.
#[must_use]
pub fn about(record: &EvidenceRecord, subjects: &[Subject]) -> Vec<String> {
    record
        .links
        .iter()
        .map(|(subject, target)| match subject.as_ref().and_then(|id| subjects.iter().position(|s| s.id == *id)) {
            Some(index) => format!("{target} · {}", label(index)),
            None => target.to_string(),
        })
        .collect()
}

fn moment(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Identity and origin of a subject: name and value, in the reader's language.
#[must_use]
pub fn identity(subject: &Subject, facts: Option<&Facts>, language: Language) -> Vec<(String, String)> {
    let mut rows = vec![(pick(language, "Source", "Quelle").to_owned(), subject.source.clone())];
    let mut add = |en, de, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push((pick(language, en, de).to_owned(), value));
        }
    };
    add("Dockerfile", "Dockerfile", subject.dockerfile.clone());
    add("Build context", "Build-Kontext", subject.context.clone());
    let Some(facts) = facts else { return rows };
    if let Some(image) = &facts.image {
        add("Names", "Namen", Some(image.repo_tags.join(", ")));
        add("Manifest digest", "Manifest-Digest", image.digest.clone());
        add("Registry digests", "Registry-Digests", Some(facts.registry_digests.join(", ")));
        add("Config digest (image id)", "Config-Digest (Image-ID)", Some(image.config_digest.clone()));
        add("Platform", "Plattform", Some(image.platform.to_string()));
        add("Built", "Erstellt", image.created.clone());
        let user = if image.config.user.is_empty() {
            pick(language, "root (none set)", "root (nicht gesetzt)").to_owned()
        } else {
            image.config.user.clone()
        };
        add("Runs as", "Läuft als", Some(user));
        add("Entrypoint", "Entrypoint", image.config.entrypoint.as_ref().map(|words| words.join(" ")));
        add("Command", "Kommando", image.config.cmd.as_ref().map(|words| words.join(" ")));
        add("Ports", "Ports", Some(image.config.exposed_ports.join(", ")));
    }
    if let Some(file) = &facts.dockerfile {
        add("Dockerfile SHA-256", "SHA-256 des Dockerfiles", Some(file.parsed.sha256.clone()));
    }
    if let Some(file) = &facts.compose {
        add("File SHA-256", "SHA-256 der Datei", Some(file.parsed.sha256.clone()));
        let services: Vec<_> = file.parsed.services.iter().map(|s| s.name.as_str()).collect();
        add("Services", "Dienste", Some(services.join(", ")));
    }
    rows.extend(crate::runtime_content::identity(facts, language));
    for (name, value) in &facts.origin {
        let name = match (name.as_str(), language) {
            ("Image id at the engine", Language::De) => "Image-ID der Engine",
            ("Digest behind the name", Language::De) => "Digest hinter dem Namen",
            ("Connection", Language::De) => "Verbindung",
            ("Docker host", Language::De) => "Docker-Host",
            ("Read in an earlier run", Language::De) => "In einem früheren Lauf gelesen",
            ("Facts file", Language::De) => "Faktendatei",
            ("Facts file that does not count", Language::De) => "Faktendatei, die nicht zählt",
            ("Taken over as recorded", Language::De) => "Wie aufgezeichnet übernommen",
            (name, _) => name,
        };
        rows.push((name.to_owned(), value.clone()));
    }
    rows.push((pick(language, "Collected", "Erhoben").to_owned(), facts.collected.clone()));
    rows.extend(crate::runtime_content::collected_elsewhere(facts, language));
    rows
}

/// Figures of an image's content.
#[must_use]
pub fn figures(facts: Option<&Facts>, language: Language) -> Vec<(String, String)> {
    let Some(image) = facts.and_then(|facts| facts.image.as_ref()) else { return Vec::new() };
    let content = &image.content;
    let row = |en, de, value: String| (pick(language, en, de).to_owned(), value);
    vec![
        row("Size, uncompressed", "Größe, unkomprimiert", words::bytes(image.size, language)),
        row("Layers", "Schichten", image.layers.len().to_string()),
        row("Files", "Dateien", content.files.to_string()),
        row("Efficiency (as dive defines it)", "Effizienz (nach dive)", words::percent(content.efficiency, language)),
        row("Wasted (as dive defines it)", "Ballast (nach dive)", words::bytes(content.wasted_bytes, language)),
        row("Hidden below other layers", "Von Schichten verdeckt", words::bytes(content.hidden_bytes, language)),
        row("Set-uid, set-gid, capabilities", "Set-UID, Set-GID, Capabilities", image.set_id_files.len().to_string()),
    ]
}

pub(crate) struct Gathered<'a> {
    pub(crate) language: Language,
    subjects: &'a [Subject],
    /// By subject's id: a thousand containers have many outcomes.
    outcomes: BTreeMap<&'a str, Vec<&'a Outcome>>,
    /// What each check is, by its id.
    checks: BTreeMap<&'static str, CheckInfo>,
    /// The verdict on a requirement for a subject.
    verdicts: BTreeMap<(RequirementId, &'a str), &'a Concluded>,
    assessment: &'a Assessment,
    /// The current version of each decision, and whether it is fresh.
    decisions: &'a [(DecisionRecord, bool)],
}

impl<'a> Gathered<'a> {
    fn new(
        language: Language,
        subjects: &'a [Subject],
        outcomes: &'a [Outcome],
        assessment: &'a Assessment,
        decisions: &'a [(DecisionRecord, bool)],
    ) -> Self {
        let mut by_subject: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for outcome in outcomes {
            by_subject.entry(&outcome.subject).or_default().push(outcome);
        }
        let checks = plimsoll_checks::all().into_iter().map(|check| check.info()).map(|info| (info.id, info)).collect();
        let cells = assessment.requirements.iter().flat_map(|result| {
            result.cells.iter().filter_map(|cell| Some(((result.id, cell.subject.as_deref()?), &cell.concluded)))
        });
        Self { language, subjects, outcomes: by_subject, checks, verdicts: cells.collect(), assessment, decisions }
    }

    /// The outcomes of one subject.
    pub(crate) fn outcomes_of(&self, subject: &str) -> &[&'a Outcome] {
        self.outcomes.get(subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a check is; none for one that this program no longer has.
    pub(crate) fn info(&self, check: &str) -> Option<&CheckInfo> {
        self.checks.get(check)
    }

    /// What was concluded on a requirement for a subject.
    pub(crate) fn concluded(&self, requirement: RequirementId, subject: &str) -> Option<&'a Concluded> {
        self.verdicts.get(&(requirement, subject)).copied()
    }

    /// What a use case's checks and decision come to for a subject.
    pub(crate) fn cell(&self, use_case: UseCaseId, subject: &str) -> Option<&'a UseCaseCell> {
        let result = self.assessment.use_cases.iter().find(|result| result.id == use_case)?;
        result.cells.iter().find(|cell| cell.subject == subject)
    }

    pub(crate) fn decision(&self, subject: Option<&str>, target: Target) -> Option<&(DecisionRecord, bool)> {
        let of = |wanted: Option<&str>| {
            self.decisions.iter().find(|(d, _)| d.target == target && d.subject.as_deref() == wanted)
        };
        of(subject).or_else(|| of(None))
    }

    pub(crate) fn line(&self, (record, fresh): &(DecisionRecord, bool), conflict: bool) -> report::DecisionLine {
        report::DecisionLine {
            conclusion: words::conclusion(record.conclusion, self.language).to_owned(),
            rationale: record.rationale.clone(),
            author: record.author.clone(),
            at: moment(&record.at),
            evidence: record.evidence.iter().map(|number| format!("E-{number}")).collect(),
            stale: !fresh,
            conflict,
        }
    }

    fn results(&self, subject: &Subject) -> Vec<report::ResultBlock> {
        standards()
            .use_cases
            .iter()
            .zip(&self.assessment.use_cases)
            .filter_map(|(use_case, result)| {
                let cell = result.cells.iter().find(|cell| cell.subject == subject.id)?;
                let outcomes: Vec<_> =
                    self.outcomes_of(&subject.id).iter().filter(|o| o.use_case == Some(use_case.id)).collect();
                let summary = match outcomes.as_slice() {
                    [] => pick(self.language, "Not looked at yet.", "Noch nicht geprüft.").to_owned(),
                    [single] => single.summary.clone(),
                    several => {
                        // Several checks may say the same, such as that the subject is none of theirs.
                        let mut said: Vec<&str> = Vec::new();
                        for outcome in several {
                            if !said.contains(&outcome.summary.as_str()) {
                                said.push(&outcome.summary);
                            }
                        }
                        said.join(" ")
                    }
                };
                let observations = outcomes.iter().flat_map(|o| &o.observations).map(observation).collect();
                let remedy = outcomes
                    .iter()
                    .filter(|o| o.outcome == OutcomeKind::Fail)
                    .filter_map(|o| self.info(&o.check))
                    .map(|info| info.remedy.get(self.language).to_owned())
                    .collect::<Vec<_>>()
                    .join(" ");
                let decision = self
                    .decision(Some(&subject.id), Target::UseCase(use_case.id))
                    .map(|found| self.line(found, cell.conflict));
                Some(report::ResultBlock {
                    id: use_case.id,
                    title: use_case.title.get(self.language).to_owned(),
                    outcome: cell.outcome,
                    decided_by: cell.decided_by,
                    summary,
                    observations,
                    decision,
                    remedy,
                })
            })
            .collect()
    }

    fn requirements(&self) -> Vec<report::RequirementLine> {
        let chapters: BTreeMap<_, _> = standards()
            .chapters
            .iter()
            .flat_map(|chapter| {
                let title = format!("{} {}", chapter.id, chapter.title.get(self.language));
                chapter.requirements.iter().map(move |r| (r.id, (title.clone(), r)))
            })
            .collect();
        self.assessment
            .requirements
            .iter()
            .filter_map(|result| {
                let (chapter, requirement) = chapters.get(&result.id)?;
                let decisive = result
                    .cells
                    .iter()
                    .find(|cell| cell.concluded.verdict == result.verdict)
                    .or_else(|| result.cells.first())?;
                let decisions = result
                    .cells
                    .iter()
                    .filter_map(|cell| {
                        let found = self.decision(cell.subject.as_deref(), Target::Requirement(result.id))?;
                        let index =
                            found.0.subject.as_ref().and_then(|id| self.subjects.iter().position(|s| s.id == *id));
                        Some((index.map(label).unwrap_or_default(), self.line(found, cell.concluded.conflict)))
                    })
                    .fold(Vec::new(), |mut all: Vec<(String, report::DecisionLine)>, found| {
                        // A decision on the engagement as a whole stands behind every subject; it is printed once.
                        if !all.contains(&found) {
                            all.push(found);
                        }
                        all
                    });
                Some(report::RequirementLine {
                    id: result.id,
                    chapter: chapter.clone(),
                    level: result.level.number(),
                    in_profile: result.in_profile,
                    title: requirement.title.get(self.language).to_owned(),
                    statement: requirement.statement.get(self.language).to_owned(),
                    verdict: result.verdict,
                    decided_by: result.decided_by,
                    basis: words::basis(&decisive.concluded, self.language),
                    decisions,
                })
            })
            .collect()
    }
}

pub(crate) fn observation(seen: &Observation) -> report::ObservationLine {
    report::ObservationLine {
        severity: seen.severity,
        message: seen.message.clone(),
        location: seen.location.as_ref().map(ToString::to_string).unwrap_or_default(),
        reproduce: seen.reproduce.clone().unwrap_or_default(),
    }
}

/// The current version of each decision, with whether it is fresh.
///
/// # Errors
/// When the engagement cannot be read.
pub fn current_decisions(
    engagement: &Engagement,
    outcomes: &[Outcome],
) -> Result<Vec<(DecisionRecord, bool)>, WorkbenchError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut current = Vec::new();
    for record in engagement.decision_records()? {
        if seen.insert((record.subject.clone(), record.target)) {
            let fresh = engagement.is_fresh(&record, outcomes)?;
            current.push((record, fresh));
        }
    }
    Ok(current)
}

fn evidence(engagement: &Engagement, subjects: &[Subject]) -> Result<Vec<report::EvidenceLine>, WorkbenchError> {
    engagement
        .evidence()?
        .into_iter()
        .map(|record| {
            let is_text = record.media_type.starts_with("text/") && record.size <= PRINTED_TEXT;
            let is_image =
                matches!(record.media_type.as_str(), "image/png" | "image/jpeg") && record.size <= PRINTED_IMAGE;
            // Reading the bytes hashes them again: a report never lists evidence that is no longer what it was.
            let bytes = engagement.evidence_bytes(record.number)?;
            Ok(report::EvidenceLine {
                number: format!("E-{}", record.number),
                name: record.name.clone(),
                media_type: record.media_type.clone(),
                size: record.size,
                sha256: record.sha256.clone(),
                source: record.source.clone(),
                author: record.author.clone(),
                at: moment(&record.at),
                about: about(&record, subjects),
                text: is_text.then(|| String::from_utf8_lossy(&bytes).into_owned()),
                image: is_image.then_some(bytes),
            })
        })
        .collect()
}

/// Whether subjects of this kind run, and stand in a section of their own.
pub(crate) fn runs(kind: SubjectKind) -> bool {
    matches!(kind, SubjectKind::Host | SubjectKind::Container)
}

/// R7: whether the engagement holds only images, files and registries, so that it may not speak of a level: a level
/// belongs to a solution that runs.
fn images_alone(subjects: &[Subject]) -> bool {
    use SubjectKind::{Compose, Dockerfile, Image, Registry, Sbom};
    subjects.iter().all(|subject| matches!(subject.kind, Image | Dockerfile | Compose | Registry | Sbom))
}

fn limitations(
    engagement: &Engagement,
    subjects: &[Subject],
    facts: &[Option<Facts>],
    language: Language,
) -> Result<Vec<String>, WorkbenchError> {
    let mut sentences = Vec::new();
    let runs = engagement.runs()?;
    match runs.iter().find(|run| run.state != plimsoll_engagement::RunState::Cancelled) {
        None => sentences.push(
            pick(
                language,
                "The audit has not been run; nothing was looked at.",
                "Es gab noch keinen Prüflauf; nichts wurde geprüft.",
            )
            .to_owned(),
        ),
        Some(run) => {
            for (id, reason) in &run.errors {
                let name = subjects.iter().find(|s| s.id == *id).map_or(id.as_str(), |s| s.name.as_str());
                sentences.push(match language {
                    Language::En => format!("{name} could not be read: {reason}"),
                    Language::De => format!("{name} konnte nicht gelesen werden: {reason}"),
                });
            }
        }
    }
    for (subject, facts) in subjects.iter().zip(facts) {
        let Some(image) = facts.as_ref().and_then(|facts| facts.image.as_ref()) else { continue };
        for problem in &image.problems {
            sentences.push(format!("{}: {problem}", subject.name));
        }
        if !image.other_platforms.is_empty() {
            let others: Vec<_> = image.other_platforms.iter().map(ToString::to_string).collect();
            sentences.push(match language {
                Language::En => format!(
                    "{}: only {} was looked at; also offered: {}.",
                    subject.name,
                    image.platform,
                    others.join(", ")
                ),
                Language::De => format!(
                    "{}: nur {} wurde geprüft; ebenfalls angeboten: {}.",
                    subject.name,
                    image.platform,
                    others.join(", ")
                ),
            });
        }
    }
    sentences.extend(crate::runtime_content::unread(subjects, facts, language));
    if language == Language::De {
        sentences.push(
            "Zusammenfassungen und Beobachtungen der Prüfungen sind in englischer Sprache aufgezeichnet.".to_owned(),
        );
    }
    if !subjects.is_empty() && images_alone(subjects) {
        sentences.push(
            pick(
                language,
                "Levels of CSVS belong to a whole container solution. This engagement holds only images and files, so it speaks of image-related requirements, not of a level reached.",
                "Die Stufen von CSVS gelten für eine Container-Lösung als Ganzes. Dieser Auftrag umfasst nur Images und Dateien; er spricht von imagebezogenen Anforderungen, nicht von einer erreichten Stufe.",
            )
            .to_owned(),
        );
    }
    Ok(sentences)
}

/// Everything that a report of the engagement says.
///
/// # Errors
/// When the engagement cannot be read, or a piece of evidence is no longer what it was.
pub fn content(
    engagement: &Engagement,
    language: Language,
    made_at: OffsetDateTime,
) -> Result<report::Content, WorkbenchError> {
    let details = engagement.details();
    let subjects = engagement.subjects()?;
    let outcomes = engagement.outcomes()?;
    let assessment = assessment(engagement)?;
    let decisions = current_decisions(engagement, &outcomes)?;
    let facts = subjects.iter().map(|s| facts_of(engagement, &s.id)).collect::<Result<Vec<_>, _>>()?;
    let settings = crate::run::settings(engagement)?;
    let results = results(engagement)?;
    let results_json = serde_json::to_string_pretty(&results).map_err(plimsoll_engagement::EngagementError::from)?;
    let evidence_records = engagement.evidence()?;
    let snapshot =
        serde_json::to_vec(&(engagement.id(), details, &results, engagement.decision_records()?, &evidence_records))
            .map_err(plimsoll_engagement::EngagementError::from)?;
    let gathered = Gathered::new(language, &subjects, &outcomes, &assessment, &decisions);
    let pins = crate::reach::Reach::of(engagement, &[])?.pins;
    let sheets = subjects
        .iter()
        .zip(&facts)
        .enumerate()
        .map(|(index, (subject, facts))| report::SubjectSheet {
            label: label(index),
            name: subject.name.clone(),
            kind: words::kind(subject.kind, language).to_owned(),
            identity: identity(subject, facts.as_ref(), language),
            layers: layers(facts.as_ref(), language),
            figures: figures(facts.as_ref(), language),
            trust: facts.as_ref().and_then(|facts| trust_sheet(facts, &settings, &pins, language)),
            probes: facts.as_ref().and_then(|facts| probe_sheet(facts, language)),
            results: if runs(subject.kind) { Vec::new() } else { gathered.results(subject) },
            runs: runs(subject.kind),
            checks: crate::runtime_content::checks(&gathered, subject),
        })
        .collect();
    let vulnerabilities = vulnerability_part(engagement, &subjects, &facts, &settings, language)?;
    let phases: BTreeMap<_, _> = standards().phases.iter().map(|p| (p.id.as_str(), p.title.get(language))).collect();
    let organization = Some(details.organization.clone()).filter(|name| !name.is_empty());
    Ok(report::Content {
        vulnerabilities,
        language,
        title: details.title.clone(),
        client: details.client.clone(),
        scope: details.scope.clone(),
        number: format!("R-{}", engagement.next_report()?),
        engagement: engagement.id().to_owned(),
        draft: false,
        made_at,
        auditor: report::Person { name: details.auditor.clone(), organization },
        target_level: details.target_level.number(),
        profile: details.profile,
        states_levels: details.profile == plimsoll_catalog::Profile::Full && !images_alone(&subjects),
        levels: assessment
            .levels
            .iter()
            .map(|l| report::LevelLine {
                level: l.level.number(),
                verdict: l.verdict,
                satisfied: l.satisfied,
                failed: l.failed,
                not_applicable: l.not_applicable,
                open: l.open,
            })
            .collect(),
        use_cases: standards()
            .use_cases
            .iter()
            .zip(&assessment.use_cases)
            .map(|(use_case, result)| report::UseCaseLine {
                id: use_case.id,
                phase: phases.get(use_case.phase.as_str()).copied().unwrap_or_default().to_owned(),
                title: use_case.title.get(language).to_owned(),
                verdict: result.verdict,
                cells: subjects
                    .iter()
                    .filter(|subject| !runs(subject.kind))
                    .filter_map(|subject| result.cells.iter().find(|cell| cell.subject == subject.id))
                    .map(|cell| cell.outcome)
                    .collect(),
            })
            .collect(),
        subjects: sheets,
        requirements: gathered.requirements(),
        coverage: Some(crate::runtime_content::coverage(details.profile)),
        evidence: evidence(engagement, &subjects)?,
        limitations: limitations(engagement, &subjects, &facts, language)?,
        tools: vec![
            ("Plimsoll".to_owned(), crate::VERSION.to_owned()),
            (pick(language, "Rules (SHA-256)", "Regeln (SHA-256)").to_owned(), crate::run::rules_sha256(&settings)),
            (
                pick(language, "Thresholds and allowances", "Grenzwerte und Ausnahmen").to_owned(),
                thresholds(&settings, language),
            ),
            (pick(language, "Catalogue (SHA-256)", "Katalog (SHA-256)").to_owned(), standards().sha256.clone()),
            (pick(language, "Standard", "Standard").to_owned(), "OWASP CSVS 1.0".to_owned()),
        ],
        trail_head: engagement.trail_head()?,
        snapshot_sha256: hex::encode(Sha256::digest(snapshot)),
        results_json,
    })
}

/// What the profile sets for the checks, in a sentence.
fn thresholds(settings: &plimsoll_checks::Settings, language: Language) -> String {
    let efficiency = crate::words::percent(settings.lowest_efficiency, language);
    let (days, hours, allowed) = (settings.oldest_days, settings.widest_gap_hours, settings.allowances.len());
    let stale = settings.stale_days;
    match language {
        Language::En => format!(
            "efficiency at least {efficiency}, age at most {days} days, layers at most {hours} h apart, containers stopped for at most {stale} days, {allowed} allowances"
        ),
        Language::De => format!(
            "Effizienz mindestens {efficiency}, Alter höchstens {days} Tage, Schichten höchstens {hours} h auseinander, Container höchstens {stale} Tage gestoppt, {allowed} Ausnahmen"
        ),
    }
}

fn layers(facts: Option<&Facts>, language: Language) -> Vec<report::LayerLine> {
    let Some(image) = facts.and_then(|facts| facts.image.as_ref()) else { return Vec::new() };
    (1..)
        .zip(&image.layers)
        .map(|(number, layer)| report::LayerLine {
            number,
            diff_id: layer.diff_id.clone(),
            size: words::bytes(layer.size, language),
            files: layer.files,
            command: layer.command.clone().unwrap_or_default(),
        })
        .collect()
}
