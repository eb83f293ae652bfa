//! One open engagement, as the window works with it: acts in, views out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{
    Assessment, Conclusion, Language, Level, Location, Outcome, Profile, RequirementId, SubjectKind, UseCaseId,
    standards,
};
use plimsoll_engagement::evidence::target_from_str;
use plimsoll_engagement::{
    DecisionRecord, Details, Engagement, EvidenceKind, EvidenceRecord, NewDecision, NewEvidence, NewSubject, RunState,
    Subject,
};
use plimsoll_signature::Identity;

use crate::browse;
use crate::collect::now;
use crate::content::{about, figures, identity, label};
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::results::{assessment, facts_of};
use crate::source::Source;
use crate::view;
use crate::words;

/// An open engagement.
#[derive(Debug)]
pub struct Session {
    pub(crate) engagement: Engagement,
    pub(crate) language: Language,
    /// The tree that was looked at last, by its SHA-256.
    pub(crate) listing: std::sync::Mutex<Option<(String, std::sync::Arc<plimsoll_image::Tree>)>>,
    /// Credentials that were typed in, by host. They are never written.
    pub(crate) typed: Vec<(String, plimsoll_registry::Credentials)>,
    /// The rows on vulnerabilities, as they were computed last.
    pub(crate) table: std::sync::Mutex<Option<std::sync::Arc<crate::vulnerabilities::Table>>>,
    /// The advisory database that runs match against; none: the default one.
    pub(crate) database: Option<PathBuf>,
}

/// What a run needs, taken out of the session so that the session stays usable while it is going on.
#[derive(Debug)]
pub struct PreparedRun {
    requests: Vec<crate::collect::Request>,
    reach: crate::reach::Reach,
    subjects: Vec<String>,
    started: String,
}

/// What a run collected, to be recorded.
#[derive(Debug)]
pub struct CollectedRun {
    subjects: Vec<String>,
    started: String,
    found: Vec<crate::run::Found>,
}

impl PreparedRun {
    /// When it began, RFC 3339.
    #[must_use]
    pub fn started(&self) -> &str {
        &self.started
    }

    /// Collects the subjects.
    ///
    /// # Errors
    /// Only when the job is cancelled.
    pub async fn collect(self, job: &Job) -> Result<CollectedRun, WorkbenchError> {
        let found = crate::run::collect_all(&self.requests, &self.reach, job).await?;
        Ok(CollectedRun { subjects: self.subjects, started: self.started, found })
    }
}

pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

pub(crate) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Everything that several views need, read once.
pub(crate) struct Read {
    pub(crate) subjects: Vec<Subject>,
    pub(crate) outcomes: Vec<Outcome>,
    /// For each subject its outcomes' places among `outcomes`.
    places: HashMap<String, Vec<usize>>,
    assessment: Assessment,
    evidence: Vec<EvidenceRecord>,
    errors: Vec<(String, String)>,
}

impl Read {
    /// The outcomes of one subject.
    pub(crate) fn of<'a>(&'a self, subject: &str) -> impl Iterator<Item = &'a Outcome> + Clone {
        let places = self.places.get(subject).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.outcomes.get(*place))
    }

    /// The verdict on a requirement, as a word.
    pub(crate) fn verdict(&self, id: RequirementId) -> String {
        let result = self.assessment.requirements.iter().find(|result| result.id == id);
        result.map(|result| result.verdict.as_str().to_owned()).unwrap_or_default()
    }
}

impl Session {
    /// A session over an engagement that is open.
    pub(crate) fn of(engagement: Engagement, language: Language) -> Self {
        Self {
            engagement,
            language,
            listing: std::sync::Mutex::new(None),
            typed: Vec::new(),
            table: std::sync::Mutex::new(None),
            database: None,
        }
    }

    /// Opens an engagement.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, language: Language) -> Result<Self, WorkbenchError> {
        Ok(Self::of(Engagement::open(path)?, language))
    }

    /// Makes an engagement.
    ///
    /// # Errors
    /// When what was entered is not enough, or the file cannot be made.
    pub fn create(new: &view::NewEngagement, language: Language) -> Result<Self, WorkbenchError> {
        let need = |value: &str, what: &str| {
            if value.trim().is_empty() { Err(WorkbenchError::Input(format!("Enter {what}."))) } else { Ok(()) }
        };
        need(&new.title, "a title for the engagement")?;
        need(&new.client, "the client")?;
        need(&new.auditor, "the auditor's name: it stands in the trail and in the report")?;
        need(&new.path, "a file to keep the engagement in")?;
        let input = |error: plimsoll_catalog::ids::UnknownName| WorkbenchError::Input(error.to_string());
        let mut path = PathBuf::from(new.path.trim());
        if path.extension().is_none_or(|extension| extension != "plimsoll") {
            let mut name = path.into_os_string();
            name.push(".plimsoll");
            path = name.into();
        }
        let details = Details {
            title: new.title.trim().to_owned(),
            client: new.client.trim().to_owned(),
            scope: new.scope.trim().to_owned(),
            auditor: new.auditor.trim().to_owned(),
            organization: new.organization.trim().to_owned(),
            target_level: Level::try_from(new.target_level).map_err(input)?,
            profile: Profile::from_str(&new.profile).map_err(input)?,
            sample: false,
        };
        Ok(Self::of(Engagement::create(&path, details)?, language))
    }

    /// Opens the sample, making it first if need be.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn sample(language: Language) -> Result<Self, WorkbenchError> {
        Ok(Self::of(crate::sample::open(&crate::sample::default_folder())?, language))
    }

    /// The engagement.
    #[must_use]
    pub fn engagement(&self) -> &Engagement {
        &self.engagement
    }

    /// The language of the views from now on.
    pub fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    /// Adds a subject.
    ///
    /// # Errors
    /// When the source cannot be read as one, or the engagement cannot be written.
    pub fn add_subject(
        &mut self,
        source: &str,
        dockerfile: Option<&str>,
        context: Option<&str>,
        platform: Option<&str>,
    ) -> Result<(), WorkbenchError> {
        let source = Source::from_str(source.trim())?.absolute();
        if let Source::Collected(file, None) = source {
            // A facts file is no subject: it holds some.
            return self.import_facts(&[file]).map(|_| ());
        }
        let absolute = |path: &str| {
            let path = Path::new(path.trim());
            std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
        };
        let given = |path: Option<&str>| path.filter(|path| !path.trim().is_empty()).map(absolute);
        self.engagement.add_subject(&NewSubject {
            kind: source.kind(),
            name: source.name(),
            source: source.to_string(),
            dockerfile: given(dockerfile),
            context: given(context),
            platform: platform.map(str::trim).filter(|platform| !platform.is_empty()).map(str::to_owned),
            files: Vec::new(),
        })?;
        Ok(())
    }

    /// Takes a subject out.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn remove_subject(&mut self, id: &str) -> Result<(), WorkbenchError> {
        Ok(self.engagement.remove_subject(id)?)
    }

    /// What a run over all subjects needs.
    ///
    /// # Errors
    /// When there is no subject.
    pub fn prepare_run(&self) -> Result<PreparedRun, WorkbenchError> {
        let subjects: Vec<_> = self.engagement.subjects()?.into_iter().map(|subject| subject.id).collect();
        if subjects.is_empty() {
            return Err(WorkbenchError::NoSubjects);
        }
        let mut reach = crate::reach::Reach::of(&self.engagement, &self.typed)?.knowing(&self.engagement)?;
        reach.advisories = crate::scanning::Advisories::named(self.database.as_deref());
        Ok(PreparedRun { requests: crate::run::requests(&self.engagement)?, reach, subjects, started: now() })
    }

    /// Judges and records a run.
    ///
    /// # Errors
    /// When the engagement cannot be written.
    pub fn record_run(&mut self, run: &mut CollectedRun) -> Result<(), WorkbenchError> {
        crate::run::record(&mut self.engagement, &run.started, &run.subjects, &mut run.found)?;
        Ok(())
    }

    /// Records that a run was cancelled. Nothing that it read is kept.
    ///
    /// # Errors
    /// When the engagement cannot be written.
    pub fn record_cancelled(&mut self, started: &str) -> Result<(), WorkbenchError> {
        let rules = crate::run::rules_sha256(&crate::run::settings(&self.engagement)?);
        self.engagement.record_run(started, RunState::Cancelled, &crate::run::tool(), &rules, &[])?;
        Ok(())
    }

    /// Records a decision.
    ///
    /// # Errors
    /// When it has no rationale, or what it is about is unknown.
    pub fn decide(&mut self, args: &view::Decide) -> Result<(), WorkbenchError> {
        let conclusion: Conclusion = serde_json::from_value(args.conclusion.clone().into())
            .map_err(|_| WorkbenchError::Input(format!("\"{}\" is no conclusion.", args.conclusion)))?;
        self.engagement.decide(&NewDecision {
            subject: args.subject.clone(),
            target: target_from_str(&args.target)?,
            conclusion,
            rationale: args.rationale.clone(),
        })?;
        Ok(())
    }

    /// Keeps an item of evidence.
    ///
    /// # Errors
    /// When it is empty, too large or not what it is said to be.
    pub fn add_evidence(&mut self, args: &view::AddEvidence) -> Result<(), WorkbenchError> {
        let bytes = STANDARD
            .decode(&args.base64)
            .map_err(|_| WorkbenchError::Input(format!("\"{}\" did not arrive whole; add it again.", args.name)))?;
        let kind: EvidenceKind = serde_json::from_value(args.kind.clone().into())
            .map_err(|_| WorkbenchError::Input(format!("\"{}\" is no kind of evidence.", args.kind)))?;
        let name = args.name.trim();
        let name = if name.is_empty() { "Untitled" } else { name };
        // What would speak of vulnerabilities and cannot be read is refused here, where somebody can do something about it.
        crate::evidence::detect(name, &bytes)?;
        self.engagement.add_evidence(&NewEvidence {
            subject: args.subject.as_deref(),
            target: target_from_str(&args.target)?,
            name,
            kind,
            media_type: crate::evidence::media_type(&bytes, &args.media_type),
            source: args.source.trim(),
            bytes: &bytes,
        })?;
        Ok(())
    }

    /// The bytes of an item of evidence.
    ///
    /// # Errors
    /// When there is no such item, or its bytes are no longer what they were.
    pub fn evidence_bytes(&self, number: &str) -> Result<view::EvidenceBytes, WorkbenchError> {
        let unknown = || plimsoll_engagement::EngagementError::Unknown { what: "evidence", id: number.to_owned() };
        let parsed: u32 = number.trim_start_matches("E-").parse().map_err(|_| unknown())?;
        let record =
            self.engagement.evidence()?.into_iter().find(|record| record.number == parsed).ok_or_else(unknown)?;
        let bytes = self.engagement.evidence_bytes(parsed)?;
        let subjects = self.engagement.subjects()?;
        Ok(view::EvidenceBytes { evidence: self.evidence_view(&record, &subjects), base64: STANDARD.encode(bytes) })
    }

    /// Makes, signs and writes a report.
    ///
    /// # Errors
    /// When any of it fails; then nothing is left behind.
    pub fn issue(&mut self, path: &Path, identity: &Identity, language: Language) -> Result<(), WorkbenchError> {
        crate::issue::issue(&mut self.engagement, path, identity, language)?;
        Ok(())
    }

    pub(crate) fn read(&self) -> Result<Read, WorkbenchError> {
        let errors = self
            .engagement
            .runs()?
            .into_iter()
            .find(|run| run.state != RunState::Cancelled)
            .map(|run| run.errors)
            .unwrap_or_default();
        let outcomes = self.engagement.outcomes()?;
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, outcome) in outcomes.iter().enumerate() {
            places.entry(outcome.subject.clone()).or_default().push(place);
        }
        Ok(Read {
            subjects: self.engagement.subjects()?,
            outcomes,
            places,
            assessment: assessment(&self.engagement)?,
            evidence: self.engagement.evidence()?,
            errors,
        })
    }

    /// The whole engagement.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn view(&self) -> Result<view::EngagementView, WorkbenchError> {
        let read = self.read()?;
        let details = self.engagement.details();
        let (trail_entries, trail_head) = self.engagement.trail_head()?;
        let names = |id: &str| read.subjects.iter().find(|s| s.id == id).map_or(id.to_owned(), |s| s.name.clone());
        let last_run = self.engagement.runs()?.into_iter().next().map(|run| view::RunView {
            started: run.started,
            finished: run.finished.unwrap_or_default(),
            state: run.state.as_str().to_owned(),
            errors: run.errors.into_iter().map(|(id, reason)| (names(&id), reason)).collect(),
        });
        Ok(view::EngagementView {
            path: self.engagement.path().display().to_string(),
            title: details.title.clone(),
            client: details.client.clone(),
            scope: details.scope.clone(),
            auditor: details.auditor.clone(),
            organization: details.organization.clone(),
            target_level: details.target_level.number(),
            profile: details.profile.as_str().to_owned(),
            sample: details.sample,
            levels: read
                .assessment
                .levels
                .iter()
                .map(|l| view::LevelView {
                    level: l.level.number(),
                    verdict: l.verdict.as_str().to_owned(),
                    satisfied: l.satisfied,
                    failed: l.failed,
                    not_applicable: l.not_applicable,
                    open: l.open,
                })
                .collect(),
            subjects: self.subject_lines(&read)?,
            use_cases: self.use_case_rows(&read),
            requirements: self.requirement_rows(&read),
            last_run,
            evidence: read.evidence.iter().map(|e| self.evidence_view(e, &read.subjects)).collect(),
            reports: self
                .engagement
                .reports()?
                .into_iter()
                .map(|r| view::ReportView {
                    number: format!("R-{}", r.number),
                    path: r.path,
                    sha256: r.sha256,
                    signer: r.signer,
                    at: r.at,
                    pages: r.pages,
                })
                .collect(),
            trail_entries: small(trail_entries),
            trail_head,
        })
    }

    fn subject_lines(&self, read: &Read) -> Result<Vec<view::SubjectLine>, WorkbenchError> {
        (0..read.subjects.len()).map(|index| self.subject_line(index, read)).collect()
    }

    pub(crate) fn subject_line(&self, index: usize, read: &Read) -> Result<view::SubjectLine, WorkbenchError> {
        let Some(subject) = read.subjects.get(index) else {
            return Err(plimsoll_engagement::EngagementError::Unknown { what: "subject", id: label(index) }.into());
        };
        // Of hosts and containers there may be a thousand: their facts are not read for a line.
        let runtime = matches!(subject.kind, SubjectKind::Host | SubjectKind::Container);
        if runtime {
            let head = self.engagement.facts_head(&subject.id)?;
            return Ok(view::SubjectLine {
                id: subject.id.clone(),
                label: label(index),
                kind: subject.kind.as_str().to_owned(),
                name: subject.name.clone(),
                source: subject.source.clone(),
                dockerfile: None,
                collected: head.is_some(),
                digest: head.and_then(|(_, digest)| digest),
                platform: None,
                size: None,
                error: read.errors.iter().find(|(id, _)| *id == subject.id).map(|(_, reason)| reason.clone()),
            });
        }
        let facts = facts_of(&self.engagement, &subject.id)?;
        let image = facts.as_ref().and_then(|facts| facts.image.as_ref());
        let digest = match (image, &facts) {
            (Some(image), _) => Some(image.digest.clone().unwrap_or_else(|| image.config_digest.clone())),
            (None, Some(facts)) => facts.digest(),
            (None, None) => None,
        };
        Ok(view::SubjectLine {
            id: subject.id.clone(),
            label: label(index),
            kind: subject.kind.as_str().to_owned(),
            name: subject.name.clone(),
            source: subject.source.clone(),
            dockerfile: subject.dockerfile.clone(),
            digest,
            platform: image.map(|image| image.platform.to_string()),
            size: image.map(|image| words::bytes(image.size, self.language)),
            error: read.errors.iter().find(|(id, _)| *id == subject.id).map(|(_, reason)| reason.clone()),
            collected: facts.is_some(),
        })
    }

    fn cell_line(read: &Read, subject: &str, use_case: UseCaseId) -> view::CellLine {
        let cell = read
            .assessment
            .use_cases
            .iter()
            .find(|u| u.id == use_case)
            .and_then(|u| u.cells.iter().find(|cell| cell.subject == subject));
        let outcomes = read.of(subject).filter(|o| o.use_case == Some(use_case));
        let looked_at = outcomes.clone().next().is_some();
        let target = Target::UseCase(use_case);
        let evidence = read.evidence.iter().filter(|e| concerns(e, Some(subject), target)).count();
        let decided_by = cell.map(|cell| word(&cell.decided_by)).unwrap_or_default();
        let outcome = match cell {
            Some(cell) if looked_at || decided_by == "auditor" => cell.outcome.as_str().to_owned(),
            _ => "none".to_owned(),
        };
        view::CellLine {
            subject: subject.to_owned(),
            outcome,
            decided_by,
            conflict: cell.is_some_and(|cell| cell.conflict),
            stale: cell.is_some_and(|cell| cell.stale),
            observations: small(outcomes.map(|o| o.observations.len() as u64).sum()),
            evidence: small(evidence as u64),
        }
    }

    fn use_case_rows(&self, read: &Read) -> Vec<view::UseCaseRow> {
        standards()
            .use_cases
            .iter()
            .zip(&read.assessment.use_cases)
            .map(|(use_case, result)| {
                let phase = standards().phases.iter().find(|phase| phase.id == use_case.phase);
                let cells: Vec<_> = read
                    .subjects
                    .iter()
                    .filter(|subject| subject.kind.has_use_case(use_case.id))
                    .map(|subject| Self::cell_line(read, &subject.id, use_case.id))
                    .collect();
                let untouched = cells.iter().all(|cell| cell.outcome == "none");
                view::UseCaseRow {
                    id: use_case.id.to_string(),
                    phase: use_case.phase.clone(),
                    phase_title: phase.map(|phase| phase.title.get(self.language).to_owned()).unwrap_or_default(),
                    title: use_case.title.get(self.language).to_owned(),
                    roles: use_case.roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect(),
                    verdict: if untouched { "none".to_owned() } else { result.verdict.as_str().to_owned() },
                    cells,
                }
            })
            .collect()
    }

    fn requirement_rows(&self, read: &Read) -> Vec<view::RequirementRow> {
        let chapters = standards().chapters.iter().flat_map(|c| c.requirements.iter().map(move |r| (c, r)));
        chapters
            .zip(&read.assessment.requirements)
            .map(|((chapter, requirement), result)| view::RequirementRow {
                id: requirement.id.to_string(),
                chapter: chapter.id.clone(),
                chapter_title: chapter.title.get(self.language).to_owned(),
                level: requirement.level.number(),
                title: requirement.title.get(self.language).to_owned(),
                in_profile: result.in_profile,
                verdict: result.verdict.as_str().to_owned(),
                decided_by: word(&result.decided_by),
                look: result.look,
            })
            .collect()
    }

    fn evidence_view(&self, record: &EvidenceRecord, subjects: &[Subject]) -> view::EvidenceView {
        view::EvidenceView {
            number: format!("E-{}", record.number),
            name: record.name.clone(),
            kind: record.kind.as_str().to_owned(),
            media_type: record.media_type.clone(),
            size: words::bytes(record.size, self.language),
            sha256: record.sha256.clone(),
            source: record.source.clone(),
            author: record.author.clone(),
            at: record.at.clone(),
            about: about(record, subjects),
        }
    }

    /// The versions of the decision that counts for a subject, the latest first.
    fn decisions(
        &self,
        subject: Option<&str>,
        target: Target,
        all: &[DecisionRecord],
        outcomes: &[Outcome],
    ) -> Result<Vec<view::DecisionView>, WorkbenchError> {
        let of = |wanted: Option<&str>| -> Vec<&DecisionRecord> {
            all.iter().filter(|d| d.target == target && d.subject.as_deref() == wanted).collect()
        };
        let mut records = of(subject);
        if records.is_empty() {
            records = of(None);
        }
        records
            .into_iter()
            .enumerate()
            .map(|(index, record)| {
                Ok(view::DecisionView {
                    version: record.version,
                    conclusion: word(&record.conclusion),
                    rationale: record.rationale.clone(),
                    author: record.author.clone(),
                    at: record.at.clone(),
                    stale: index == 0 && !self.engagement.is_fresh(record, outcomes)?,
                    whole_engagement: record.subject.is_none(),
                    evidence: record.evidence.iter().map(|number| format!("E-{number}")).collect(),
                })
            })
            .collect()
    }

    /// One field of the matrix.
    ///
    /// # Errors
    /// When there is no such subject or use case.
    pub fn cell(&self, subject: &str, use_case: &str) -> Result<view::CellView, WorkbenchError> {
        let input = |error: plimsoll_catalog::ids::UnknownName| WorkbenchError::Input(error.to_string());
        let id = UseCaseId::from_str(use_case).map_err(input)?;
        let read = self.read()?;
        let index =
            read.subjects.iter().position(|s| s.id == subject).ok_or_else(|| {
                plimsoll_engagement::EngagementError::Unknown { what: "subject", id: subject.to_owned() }
            })?;
        let target = Target::UseCase(id);
        let use_case = standards().use_case(id);
        let outcomes = read
            .outcomes
            .iter()
            .filter(|o| o.subject == subject && o.use_case == Some(id))
            .map(|outcome| self.outcome_view(outcome))
            .collect();
        let requirements = self.links(use_case, &read, |_| true);
        Ok(view::CellView {
            use_case: id.to_string(),
            subject: self.subject_line(index, &read)?,
            title: use_case.title.get(self.language).to_owned(),
            statement: use_case.statement.get(self.language).to_owned(),
            question: use_case.question.get(self.language).to_owned(),
            hints: use_case.evidence.get(self.language).to_vec(),
            cell: Self::cell_line(&read, subject, id),
            outcomes,
            requirements,
            decisions: self.decisions(Some(subject), target, &self.engagement.decision_records()?, &read.outcomes)?,
            evidence: self.evidence_about(&read, Some(subject), target),
        })
    }

    fn evidence_about(&self, read: &Read, subject: Option<&str>, target: Target) -> Vec<view::EvidenceView> {
        read.evidence
            .iter()
            .filter(|e| concerns(e, subject, target))
            .map(|e| self.evidence_view(e, &read.subjects))
            .collect()
    }

    /// The requirements that a use case speaks to, those that `wanted` takes.
    pub(crate) fn links(
        &self,
        use_case: &plimsoll_catalog::standards::UseCase,
        read: &Read,
        wanted: impl Fn(RequirementId) -> bool,
    ) -> Vec<view::LinkView> {
        use_case
            .csvs
            .iter()
            .filter(|link| wanted(link.requirement))
            .filter_map(|link| {
                let requirement = standards().requirement(link.requirement)?;
                let result = read.assessment.requirements.iter().find(|r| r.id == link.requirement)?;
                Some(view::LinkView {
                    id: link.requirement.to_string(),
                    title: requirement.title.get(self.language).to_owned(),
                    level: requirement.level.number(),
                    verdict: result.verdict.as_str().to_owned(),
                    pass: word(&link.pass),
                    fail: word(&link.fail),
                })
            })
            .collect()
    }

    pub(crate) fn outcome_view(&self, outcome: &Outcome) -> view::OutcomeView {
        let info = plimsoll_checks::check(&outcome.check).map(|check| check.info());
        let text = |pick: fn(&plimsoll_checks::CheckInfo) -> &plimsoll_catalog::Text| {
            info.as_ref().map(|info| pick(info).get(self.language).to_owned()).unwrap_or_default()
        };
        view::OutcomeView {
            check: outcome.check.clone(),
            title: text(|info| &info.title),
            outcome: outcome.outcome.as_str().to_owned(),
            summary: outcome.summary.clone(),
            why: text(|info| &info.why),
            how: text(|info| &info.how),
            blind_spots: text(|info| &info.blind_spots),
            remedy: text(|info| &info.remedy),
            example: info.as_ref().map(|info| info.example.to_owned()).unwrap_or_default(),
            observations: outcome.observations.iter().map(observation).collect(),
        }
    }

    /// One requirement.
    ///
    /// # Errors
    /// When there is no such requirement.
    pub fn requirement(&self, id: &str) -> Result<view::RequirementView, WorkbenchError> {
        let unknown = || plimsoll_engagement::EngagementError::Unknown { what: "requirement", id: id.to_owned() };
        let parsed = RequirementId::from_str(id).map_err(|_| unknown())?;
        let read = self.read()?;
        let requirement = standards().requirement(parsed).ok_or_else(unknown)?;
        let row = self.requirement_rows(&read).into_iter().find(|row| row.id == id).ok_or_else(unknown)?;
        let result = read.assessment.requirements.iter().find(|r| r.id == parsed).ok_or_else(unknown)?;
        let target = Target::Requirement(parsed);
        let records = self.engagement.decision_records()?;
        let cells = result
            .cells
            .iter()
            .map(|cell| {
                let index = cell.subject.as_ref().and_then(|id| read.subjects.iter().position(|s| s.id == *id));
                let subject = index.map(|index| self.subject_line(index, &read)).transpose()?;
                Ok(view::RequirementCellView {
                    subject,
                    verdict: cell.concluded.verdict.as_str().to_owned(),
                    decided_by: word(&cell.concluded.decided_by),
                    basis: words::basis(&cell.concluded, self.language),
                    conflict: cell.concluded.conflict,
                    decisions: self.decisions(cell.subject.as_deref(), target, &records, &read.outcomes)?,
                    evidence: self.evidence_about(&read, cell.subject.as_deref(), target),
                })
            })
            .collect::<Result<_, WorkbenchError>>()?;
        let use_cases = standards()
            .use_cases
            .iter()
            .filter(|use_case| use_case.link(parsed).is_some())
            .map(|use_case| (use_case.id.to_string(), use_case.title.get(self.language).to_owned()))
            .collect();
        let all = plimsoll_checks::coverage();
        let coverage = all.iter().find(|one| one.requirement == parsed);
        Ok(view::RequirementView {
            row,
            statement: requirement.statement.get(self.language).to_owned(),
            question: requirement.question.get(self.language).to_owned(),
            hints: requirement.evidence.get(self.language).to_vec(),
            example: requirement.example.get(self.language).to_owned(),
            mode: coverage.map(|one| word(&one.mode)).unwrap_or_default(),
            checks: coverage
                .map(|one| {
                    one.by.iter().map(|by| (by.check.to_owned(), by.title.get(self.language).to_owned())).collect()
                })
                .unwrap_or_default(),
            cells,
            use_cases,
        })
    }

    /// One subject.
    ///
    /// # Errors
    /// When there is no such subject.
    pub fn subject(&self, id: &str) -> Result<view::SubjectView, WorkbenchError> {
        let read = self.read()?;
        let unknown = || plimsoll_engagement::EngagementError::Unknown { what: "subject", id: id.to_owned() };
        let index = read.subjects.iter().position(|s| s.id == id).ok_or_else(unknown)?;
        let subject = read.subjects.get(index).ok_or_else(unknown)?;
        let facts = facts_of(&self.engagement, id)?;
        let image = facts.as_ref().and_then(|facts| facts.image.as_ref());
        let layers = image.map(|image| {
            #[allow(clippy::cast_precision_loss)] // a share for a bar
            let share = |size: u64| if image.size == 0 { 0.0 } else { size as f64 / image.size as f64 };
            (1..)
                .zip(&image.layers)
                .map(|(number, layer)| view::LayerView {
                    number,
                    digest: layer.digest.clone(),
                    diff_id: layer.diff_id.clone(),
                    size: words::bytes(layer.size, self.language),
                    share: share(layer.size),
                    files: small(layer.files),
                    command: layer.command.clone().unwrap_or_default(),
                })
                .collect()
        });
        let waste = image.map(|image| {
            let paths = image.content.waste.iter().filter(|waste| waste.bytes > 0);
            paths
                .map(|waste| view::WasteView {
                    path: waste.path.clone(),
                    copies: waste.copies,
                    size: words::bytes(waste.bytes, self.language),
                    deleted: waste.deleted,
                })
                .collect()
        });
        let config = image.map(config_rows).unwrap_or_default();
        Ok(view::SubjectView {
            line: self.subject_line(index, &read)?,
            identity: identity(subject, facts.as_ref(), self.language),
            figures: figures(facts.as_ref(), self.language),
            layers: layers.unwrap_or_default(),
            waste: waste.unwrap_or_default(),
            config,
            config_marks: browse::config_marks(&read.outcomes, id),
            history: image.map(|image| browse::history(image, &read.outcomes, id, self.language)).unwrap_or_default(),
            browsable: facts.as_ref().is_some_and(|facts| facts.listing.is_some()),
            packages: small(image.map_or(0, |image| image.inventory.packages.len() as u64)),
            text: facts.as_ref().and_then(|facts| text_view(facts, &read, id)),
        })
    }
}

fn concerns(record: &EvidenceRecord, subject: Option<&str>, target: Target) -> bool {
    record.links.iter().any(|(s, t)| *t == target && (s.as_deref() == subject || s.is_none()))
}

fn observation(observation: &plimsoll_catalog::Observation) -> view::ObservationView {
    let (kind, place, line, layer) = match &observation.location {
        Some(Location::File { file, line }) => ("file", file.as_str(), *line, ""),
        Some(Location::Layer { layer, path }) => ("layer", path.as_str(), 0, layer.as_str()),
        Some(Location::Field { field }) => ("field", field.as_str(), 0, ""),
        None => ("", "", 0, ""),
    };
    view::ObservationView {
        severity: observation.severity.as_str().to_owned(),
        message: observation.message.clone(),
        location_kind: kind.to_owned(),
        location: place.to_owned(),
        line,
        layer: layer.to_owned(),
        reproduce: observation.reproduce.clone().unwrap_or_default(),
        aliases: observation.aliases.clone(),
    }
}

/// The config's fields that are set, one a row. Values were masked when they were read.
fn config_rows(image: &plimsoll_image::ImageFacts) -> Vec<(String, String)> {
    let config = &image.config;
    let mut rows = vec![("User".to_owned(), config.user.clone())];
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            rows.push((name.to_owned(), value));
        }
    };
    let json = |words: &Option<Vec<String>>| {
        words.as_ref().map(|words| serde_json::to_string(words).unwrap_or_default()).unwrap_or_default()
    };
    add("Entrypoint", json(&config.entrypoint));
    add("Cmd", json(&config.cmd));
    add("Shell", json(&config.shell));
    add("Healthcheck", json(&config.healthcheck.as_ref().map(|check| check.test.clone())));
    add("WorkingDir", config.working_dir.clone());
    add("ExposedPorts", config.exposed_ports.join(", "));
    add("Volumes", config.volumes.join(", "));
    add("StopSignal", config.stop_signal.clone().unwrap_or_default());
    for variable in &config.env {
        add(&format!("Env {}", variable.name), variable.value.clone());
    }
    for (name, value) in &config.labels {
        add(&format!("Label {name}"), value.clone());
    }
    for (index, line) in config.on_build.iter().enumerate() {
        add(&format!("OnBuild {}", index + 1), line.clone());
    }
    rows
}

fn text_view(facts: &plimsoll_checks::Facts, read: &Read, subject: &str) -> Option<view::TextView> {
    let (name, text) = match (&facts.dockerfile, &facts.compose) {
        (Some(file), _) => (&file.path, &file.parsed.text),
        (None, Some(file)) => (&file.path, &file.parsed.text),
        (None, None) => return None,
    };
    let marks = read
        .outcomes
        .iter()
        .filter(|outcome| outcome.subject == subject)
        .flat_map(|outcome| {
            outcome.observations.iter().filter_map(|o| match &o.location {
                Some(Location::File { file, line }) if file == name => Some(view::MarkView {
                    line: *line,
                    severity: o.severity.as_str().to_owned(),
                    use_case: words::use_case(outcome.use_case),
                    message: o.message.clone(),
                }),
                _ => None,
            })
        })
        .collect();
    Some(view::TextView { name: name.clone(), lines: text.lines().map(str::to_owned).collect(), marks })
}
