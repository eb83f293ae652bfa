//! Hosts and containers as the window shows them: the list of all, and the page of one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use plimsoll_catalog::{Language, Outcome, OutcomeKind, RuntimeCheck, Severity, SubjectKind, standards};
use plimsoll_checks::CollectedBy;
use plimsoll_engagement::{NewSubject, Subject};
use serde::Deserialize;

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::results::facts_of;
use crate::runtime_tables::{container_tables, host_tables};
use crate::runtime_view::{
    CollectedView, FactsImport, NewHost, OutcomeCounts, RuntimeLine, RuntimeList, RuntimeOutcome, RuntimePage,
};
use crate::session::{Read, Session, small, word};
use crate::source::Source;
use crate::view::LinkView;
use crate::words::{self, pick};

/// What the list needs of recorded facts. The rest is skipped over while it is read: there may be a thousand.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Brief {
    collected: String,
    collected_by: Option<CollectedBy>,
    host: Option<BriefHost>,
    container: Option<BriefContainer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BriefHost {
    endpoint: String,
    name: Option<String>,
    id: Option<String>,
    engine: plimsoll_docker::facts::EngineFacts,
    machine: plimsoll_docker::facts::MachineFacts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BriefContainer {
    at: BriefHost,
    config: BriefConfig,
    state: BriefState,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BriefConfig {
    image: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BriefState {
    status: String,
}

impl BriefHost {
    /// What people call the host.
    fn called(&self) -> String {
        self.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| self.endpoint.clone())
    }

    /// What tells it from others, whatever it is called.
    fn key(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.endpoint)
    }
}

/// "Docker 27.3.1", "Podman 4.3.1".
pub(crate) fn engine_words(engine: &plimsoll_docker::facts::EngineFacts) -> String {
    use plimsoll_docker::facts::Product;
    let product = match engine.product {
        Product::Docker => "Docker",
        Product::Podman => "Podman",
        Product::Other => "Engine",
    };
    match &engine.version {
        Some(version) => format!("{product} {version}"),
        None => product.to_owned(),
    }
}

fn collected_view(by: &CollectedBy) -> CollectedView {
    CollectedView {
        file: by.file.clone(),
        file_sha256: by.file_sha256.clone(),
        machine: by.machine.clone(),
        user: by.user.clone(),
        tool: by.tool.clone(),
        started: by.started.clone(),
        asked: by.asked.clone(),
        note: by.note.clone().unwrap_or_default(),
    }
}

/// How many outcomes there are of each kind, and the worst severity among what failed.
fn counts<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> (OutcomeCounts, String) {
    let mut counts = OutcomeCounts::default();
    let mut worst: Option<Severity> = None;
    for outcome in outcomes {
        let count = match outcome.outcome {
            OutcomeKind::Fail => &mut counts.fail,
            OutcomeKind::Error => &mut counts.error,
            OutcomeKind::Undecided => &mut counts.undecided,
            OutcomeKind::Pass => &mut counts.pass,
            OutcomeKind::NotApplicable => &mut counts.not_applicable,
        };
        *count = count.saturating_add(1);
        if outcome.outcome == OutcomeKind::Fail {
            // Critical comes first among severities.
            let own = outcome.observations.iter().map(|observation| observation.severity).min();
            worst = [worst, own].into_iter().flatten().min();
        }
    }
    (counts, worst.map(|severity| severity.as_str().to_owned()).unwrap_or_default())
}

fn is_runtime(subject: &Subject) -> bool {
    matches!(subject.kind, SubjectKind::Host | SubjectKind::Container)
}

impl Session {
    fn brief(&self, subject: &str) -> Result<Brief, WorkbenchError> {
        let Some(record) = self.engagement.facts(subject)? else { return Ok(Brief::default()) };
        Ok(serde_json::from_str(&record.json).map_err(plimsoll_engagement::EngagementError::from)?)
    }

    fn runtime_line(
        &self,
        index: usize,
        read: &Read,
        outcomes: &HashMap<&str, Vec<&Outcome>>,
    ) -> Result<(RuntimeLine, String, Brief), WorkbenchError> {
        let line = self.subject_line(index, read)?;
        let brief = self.brief(&line.id)?;
        let (counts, worst) = counts(outcomes.get(line.id.as_str()).into_iter().flatten().copied());
        let (host, key, about) = match (&brief.host, &brief.container) {
            (Some(host), _) => {
                let on = host.machine.operating_system.clone();
                let engine = engine_words(&host.engine);
                let about = match (on, self.language) {
                    (Some(on), Language::En) => format!("{engine} on {on}"),
                    (Some(on), Language::De) => format!("{engine} auf {on}"),
                    (None, _) => engine,
                };
                (host.called(), host.key().to_owned(), about)
            }
            (None, Some(container)) => {
                let (image, state) = (&container.config.image, &container.state.status);
                (container.at.called(), container.at.key().to_owned(), format!("{image}, {state}"))
            }
            (None, None) => {
                // Not read yet: what the source says keeps host and containers together all the same.
                let key = Source::from_str(&line.source).map(|source| address_of(&source)).unwrap_or_default();
                (key.clone(), key, String::new())
            }
        };
        let collected = brief.collected_by.as_ref().map(collected_view);
        Ok((RuntimeLine { subject: line, host, about, counts, worst, collected }, key, brief))
    }

    /// All hosts and containers, each host followed by its containers.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn runtime_list(&self) -> Result<RuntimeList, WorkbenchError> {
        let read = self.read()?;
        let outcomes = by_subject(&read.outcomes);
        let mut lines = Vec::new();
        for (index, _) in read.subjects.iter().enumerate().filter(|(_, subject)| is_runtime(subject)) {
            let (line, key, _) = self.runtime_line(index, &read, &outcomes)?;
            lines.push((key, line));
        }
        // In the order in which engines came, hosts before their containers, containers as they were added.
        let mut order: HashMap<String, usize> = HashMap::new();
        for (key, _) in &lines {
            let next = order.len();
            order.entry(key.clone()).or_insert(next);
        }
        lines.sort_by_key(|(key, line)| (order.get(key).copied().unwrap_or(usize::MAX), line.subject.kind != "host"));
        Ok(RuntimeList { lines: lines.into_iter().map(|(_, line)| line).collect() })
    }

    /// The page of a host or container; of a Compose file what its services are asked.
    ///
    /// # Errors
    /// When there is no such subject, or it is of another kind.
    pub fn runtime_page(&self, subject: &str) -> Result<RuntimePage, WorkbenchError> {
        let read = self.read()?;
        // A Compose file's services are asked what containers are asked; the rest of it has a page of its own.
        let has_page = |s: &Subject| is_runtime(s) || s.kind == SubjectKind::Compose;
        let index = read.subjects.iter().position(|s| s.id == subject && has_page(s)).ok_or_else(|| {
            plimsoll_engagement::EngagementError::Unknown {
                what: "host, container or Compose file",
                id: subject.to_owned(),
            }
        })?;
        let own: Vec<&Outcome> =
            read.of(subject).filter(|outcome| standards().runtime_check(&outcome.check).is_some()).collect();
        let of: HashMap<&str, Vec<&Outcome>> = HashMap::from([(subject, own.clone())]);
        let (line, _, brief) = self.runtime_line(index, &read, &of)?;
        let facts = facts_of(&self.engagement, subject)?;
        let (host, container) =
            facts.as_ref().map_or((None, None), |facts| (facts.host.as_ref(), facts.container.as_ref()));
        let (summary, tables) = match (host, container) {
            (Some(host), _) => host_tables(host, self.language),
            (None, Some(container)) => container_tables(container, self.language),
            (None, None) => (Vec::new(), Vec::new()),
        };
        let answers = host.map(|host| &host.answers).or(container.map(|container| &container.answers));
        let unread = host.map(|host| &host.unread).or(container.map(|container| &container.unread));
        let files = host.and_then(|host| host.config.as_ref()).map(|config| config.texts.clone()).unwrap_or_default();
        Ok(RuntimePage {
            at: brief.collected,
            summary,
            outcomes: self.runtime_outcomes(own, &read),
            tables,
            files,
            answers: answers
                .into_iter()
                .flatten()
                .map(|(asked, answer)| (asked.clone(), serde_json::to_string_pretty(answer).unwrap_or_default()))
                .collect(),
            unread: unread.into_iter().flatten().map(|one| (one.what.clone(), one.reason.clone())).collect(),
            line,
        })
    }

    /// The outcomes: what failed first, then by requirement.
    fn runtime_outcomes(&self, mut own: Vec<&Outcome>, read: &Read) -> Vec<RuntimeOutcome> {
        let weight = |kind: OutcomeKind| match kind {
            OutcomeKind::Fail => 0,
            OutcomeKind::Error => 1,
            OutcomeKind::Undecided => 2,
            OutcomeKind::Pass => 3,
            OutcomeKind::NotApplicable => 4,
        };
        own.sort_by_key(|outcome| {
            let worst = outcome.observations.iter().map(|observation| observation.severity).min();
            (weight(outcome.outcome), worst.unwrap_or(Severity::Info), outcome.requirements.first().copied())
        });
        own.into_iter()
            .map(|outcome| RuntimeOutcome {
                requirements: self.runtime_links(outcome, read),
                use_case: words::use_case(outcome.use_case),
                outcome: self.outcome_view(outcome),
            })
            .collect()
    }

    /// The requirements that an outcome speaks to, with what it proves for each.
    pub(crate) fn runtime_links(&self, outcome: &Outcome, read: &Read) -> Vec<LinkView> {
        match (standards().runtime_check(&outcome.check), outcome.use_case) {
            (Some(check), _) => self.own_links(check, read),
            (None, Some(id)) => self.links(standards().use_case(id), read, |id| outcome.requirements.contains(&id)),
            (None, None) => Vec::new(),
        }
    }

    /// The requirements that a check is tied to one by one, with what it proves for each.
    pub(crate) fn own_links(&self, check: &RuntimeCheck, read: &Read) -> Vec<LinkView> {
        check
            .csvs
            .iter()
            .filter_map(|link| {
                let requirement = standards().requirement(link.requirement)?;
                Some(LinkView {
                    id: link.requirement.to_string(),
                    title: requirement.title.get(self.language).to_owned(),
                    level: requirement.level.number(),
                    verdict: read.verdict(link.requirement),
                    pass: word(&link.pass),
                    fail: word(&link.fail),
                })
            })
            .collect()
    }

    /// Adds a host and containers of it.
    ///
    /// # Errors
    /// When the address names no engine, nothing is chosen, or the engagement cannot be written.
    pub fn add_host(&mut self, new: &NewHost) -> Result<(), WorkbenchError> {
        let address: plimsoll_docker::EngineAddress =
            new.address.trim().parse().map_err(crate::source::SourceError::from)?;
        if !new.host && new.containers.is_empty() {
            return Err(WorkbenchError::Input("Choose the host, or at least one container.".to_owned()));
        }
        let absolute = |path: &String| {
            std::path::absolute(Path::new(path)).map_or_else(|_| path.clone(), |path| path.display().to_string())
        };
        let mut sources = Vec::new();
        if new.host {
            sources.push((Source::Host(address.clone()), new.files.iter().map(absolute).collect()));
        }
        for name in &new.containers {
            sources.push((Source::Container(address.clone(), name.clone()), Vec::new()));
        }
        for (source, files) in sources {
            self.engagement.add_subject(&NewSubject {
                kind: source.kind(),
                name: source.name(),
                source: source.to_string(),
                dockerfile: None,
                context: None,
                platform: None,
                files,
            })?;
        }
        Ok(())
    }

    /// Takes facts files into the engagement.
    ///
    /// # Errors
    /// When none of them can be taken, or the engagement cannot be written.
    pub fn import_facts(&mut self, files: &[PathBuf]) -> Result<FactsImport, WorkbenchError> {
        let advisories = crate::scanning::Advisories::named(self.database.as_deref());
        let imported = crate::facts_file::import_with(&mut self.engagement, files, &advisories, &Job::silent())?;
        let is_new = |one: &&crate::facts_file::Imported| matches!(one.standing, crate::facts_file::Standing::New);
        let added = imported.subjects.iter().filter(is_new).count();
        Ok(FactsImport {
            added: small(added as u64),
            known: small(imported.subjects.len().saturating_sub(added) as u64),
            notes: imported.notes,
            refused: imported
                .refused
                .into_iter()
                .map(|(path, reason)| {
                    (
                        path.file_name()
                            .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
                        reason,
                    )
                })
                .collect(),
        })
    }
}

/// The engine that a source names, as it is written.
fn address_of(source: &Source) -> String {
    match source {
        Source::Host(address) | Source::Container(address, _) => address.to_string(),
        Source::Collected(file, _) => file.display().to_string(),
        _ => String::new(),
    }
}

/// The outcomes of each subject.
fn by_subject(outcomes: &[Outcome]) -> HashMap<&str, Vec<&Outcome>> {
    let mut by: HashMap<&str, Vec<&Outcome>> = HashMap::new();
    for outcome in outcomes {
        by.entry(outcome.subject.as_str()).or_default().push(outcome);
    }
    by
}

/// The engines that can be named: the default one and the Docker contexts of this user.
#[must_use]
pub fn engines(language: Language) -> Vec<crate::runtime_view::EngineChoice> {
    use crate::runtime_view::EngineChoice;
    let default = EngineChoice {
        address: String::new(),
        endpoint: String::new(),
        name: pick(language, "Default engine", "Standard-Engine").to_owned(),
        current: true,
    };
    let contexts = plimsoll_docker::contexts().into_iter().map(|context| EngineChoice {
        address: context.name.clone(),
        endpoint: context.endpoint,
        name: context.name,
        current: context.current,
    });
    std::iter::once(default).chain(contexts).collect()
}
