//! Asking one question of a container, or of each service of a Compose file, and putting the answers together.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_dockerfile::compose::READER;

use super::view::{Listed, Spot, Workload};
use crate::facts::ComposeFacts;
use crate::observe::{count, judged, observation};
use crate::{Check, CheckInfo, Facts, Judgement, Settings};

/// What runs, and what is to be run.
pub(crate) const BOTH: &[SubjectKind] = &[SubjectKind::Container, SubjectKind::Compose];
/// What runs alone.
pub(crate) const CONTAINER: &[SubjectKind] = &[SubjectKind::Container];
/// What is to be run alone.
pub(crate) const COMPOSE: &[SubjectKind] = &[SubjectKind::Compose];
/// How many observations are named.
const MOST: usize = 120;
/// The largest file that is judged: services refer to each other, to networks and to volumes by name.
const SERVICES: usize = 2000;
const NETWORKS: usize = 500;
const VOLUMES: usize = 1000;
/// How many services a summary names.
const NAMED: usize = 5;

/// A question that a container and a service are asked alike.
pub(crate) trait Ask: Sync {
    /// What it is.
    fn info(&self) -> CheckInfo;
    /// Whom it is asked.
    fn kinds(&self) -> &'static [SubjectKind] {
        BOTH
    }
    /// The answer of one of them.
    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer;
}

/// What one of them answers.
pub(crate) struct Answer {
    /// How it ends.
    pub(crate) outcome: OutcomeKind,
    /// One sentence that says why.
    pub(crate) sentence: String,
    /// What it rests on; never empty.
    pub(crate) observations: Vec<Observation>,
}

/// What is seen while a question is asked.
pub(crate) struct Notes {
    seen: Vec<(Weight, Observation)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Fault,
    Doubt,
    Note,
}

impl Notes {
    pub(crate) fn new() -> Self {
        Self { seen: Vec::new() }
    }

    fn push(&mut self, weight: Weight, spot: &Spot, severity: Severity, message: String) {
        self.seen.push((weight, observation(spot.location.clone(), spot.show.clone(), severity, message, &[])));
    }

    /// Not as it should be.
    pub(crate) fn fault(&mut self, spot: &Spot, severity: Severity, message: impl Into<String>) {
        self.push(Weight::Fault, spot, severity, message.into());
    }

    /// For a person, or not told.
    pub(crate) fn doubt(&mut self, spot: &Spot, severity: Severity, message: impl Into<String>) {
        self.push(Weight::Doubt, spot, severity, message.into());
    }

    /// Worth saying; decides nothing.
    pub(crate) fn note(&mut self, spot: &Spot, severity: Severity, message: impl Into<String>) {
        self.push(Weight::Note, spot, severity, message.into());
    }

    /// Nobody tells `what`, for a reason.
    pub(crate) fn untold(&mut self, it: Workload<'_>, spot: &Spot, what: &str, reason: &str) {
        self.doubt(spot, Severity::Low, format!("{}: {what} is not told, since {reason}.", it.it()));
    }

    /// What makes a list incomplete.
    pub(crate) fn gaps<T>(&mut self, it: Workload<'_>, what: &str, list: &Listed<T>) {
        for (reason, spot) in &list.gaps {
            self.untold(it, spot, what, reason);
        }
    }

    /// A fault, or with the profile's allowance its reason.
    pub(crate) fn fault_unless(
        &mut self,
        allowance: Option<&crate::Allowance>,
        spot: &Spot,
        severity: Severity,
        message: &str,
    ) {
        match allowance {
            Some(allowance) => {
                let message = format!(
                    "{}; the profile allows it: {}.",
                    message.trim_end_matches('.'),
                    allowance.reason.trim_end_matches('.')
                );
                self.note(spot, Severity::Info, message);
            }
            None => self.fault(spot, severity, message),
        }
    }

    /// The answer: a fault fails, a doubt is for a person, else it passes with `good` at `spot`.
    pub(crate) fn answer(mut self, spot: &Spot, good: impl Into<String>) -> Answer {
        self.seen.sort_by_key(|(_, observation)| observation.severity);
        let first = |weight| self.seen.iter().find(|(other, _)| *other == weight).map(|(_, it)| it.message.clone());
        let (outcome, sentence) = match (first(Weight::Fault), first(Weight::Doubt)) {
            (Some(fault), _) => (OutcomeKind::Fail, fault),
            (None, Some(doubt)) => (OutcomeKind::Undecided, doubt),
            (None, None) => (OutcomeKind::Pass, good.into()),
        };
        // What was noted speaks for itself.
        if outcome == OutcomeKind::Pass && !self.seen.iter().any(|(_, it)| it.severity == Severity::Info) {
            self.push(Weight::Note, spot, Severity::Info, sentence.clone());
        }
        Answer { outcome, sentence, observations: self.seen.into_iter().map(|(_, observation)| observation).collect() }
    }

    /// The question does not arise; what was seen all the same is kept. With a doubt it cannot be said.
    pub(crate) fn not_asked(mut self, spot: &Spot, why: impl Into<String>) -> Answer {
        if self.seen.iter().any(|(weight, _)| *weight != Weight::Note) {
            return self.answer(spot, why);
        }
        let sentence = why.into();
        self.push(Weight::Note, spot, Severity::Info, sentence.clone());
        let observations = self.seen.into_iter().map(|(_, observation)| observation).collect();
        Answer { outcome: OutcomeKind::NotApplicable, sentence, observations }
    }
}

/// A question as a check.
pub(crate) struct Asked(pub(crate) &'static dyn Ask);

impl Check for Asked {
    fn info(&self) -> CheckInfo {
        self.0.info()
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        self.0.kinds()
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let mut judgement = match (&facts.container, &facts.compose) {
            (Some(container), _) => {
                let Answer { outcome, sentence, observations } = self.0.ask(Workload::Container(container), settings);
                judged(outcome, sentence, observations)
            }
            (None, Some(file)) => over_services(self.0, file, settings),
            (None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        };
        cut(&mut judgement.observations);
        let cis: Vec<&str> =
            self.info().aliases.iter().filter(|(tool, _)| *tool == "cis-docker").map(|(_, rule)| *rule).collect();
        for observation in judgement.observations.iter_mut().filter(|it| it.severity != Severity::Info) {
            observation.aliases.extend(cis.iter().map(|&rule| rule.to_owned()));
        }
        judgement
    }
}

/// Keeps the heaviest ones, and says that there are more.
pub(crate) fn cut(observations: &mut Vec<Observation>) {
    observations.sort_by_key(|observation| observation.severity);
    let more = observations.len().saturating_sub(MOST);
    if let (true, Some(next)) = (more > 0, observations.get(MOST).cloned()) {
        observations.truncate(MOST);
        let message = format!("There is more of it: {}.", count(more, "further observation", "further observations"));
        observations.push(Observation { message, aliases: Vec::new(), ..next });
    }
}

/// What keeps a Compose file as a whole from being judged: an older version read it, or it is beyond all measure.
pub(crate) fn not_judged(file: &ComposeFacts) -> Option<Judgement> {
    let parsed = &file.parsed;
    let why = if parsed.reader < READER {
        "The Compose file was read by an older version of Plimsoll, which did not look at this; collect it again."
    } else if parsed.services.len() > SERVICES || parsed.networks.len() > NETWORKS || parsed.volumes.len() > VOLUMES {
        "The Compose file has more services, networks or volumes than are looked at; split it."
    } else {
        return None;
    };
    Some(judged(OutcomeKind::Undecided, why, Vec::new()))
}

/// What of the file was not read, as observations.
pub(crate) fn not_followed(file: &ComposeFacts) -> Vec<Observation> {
    let observed = |unread: &plimsoll_dockerfile::compose::Positioned<String>| {
        let spot = Workload::line(file, unread.line);
        let message = format!("A part of the file was not read: {}.", unread.value);
        observation(spot.location, spot.show, Severity::Low, message, &[])
    };
    file.parsed.unread.iter().map(observed).collect()
}

fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::Fail => 4,
        OutcomeKind::Error => 3,
        OutcomeKind::Undecided => 2,
        OutcomeKind::Pass => 1,
        OutcomeKind::NotApplicable => 0,
    }
}

fn over_services(question: &dyn Ask, file: &ComposeFacts, settings: &Settings) -> Judgement {
    if let Some(judgement) = not_judged(file) {
        return judgement;
    }
    // By name, so that the order in the file changes nothing.
    let mut services: Vec<_> = file.parsed.services.iter().collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let mut observations = not_followed(file);
    let partial = observations.first().map(|observation| observation.message.clone());
    let mut answers: Vec<(&str, OutcomeKind, String)> = Vec::new();
    for service in services {
        let answer = question.ask(Workload::Service(file, service), settings);
        observations.extend(answer.observations);
        answers.push((&service.name, answer.outcome, answer.sentence));
    }
    let Some(worst) = answers.iter().map(|(_, outcome, _)| *outcome).max_by_key(|outcome| rank(*outcome)) else {
        let summary = partial.unwrap_or_else(|| "The Compose file names no service.".to_owned());
        return judged(OutcomeKind::Undecided, summary, observations);
    };
    if let (Some(partial), OutcomeKind::Pass | OutcomeKind::NotApplicable) = (&partial, worst) {
        let summary = format!("{partial} In what was read there is nothing against it.");
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let such: Vec<&(&str, OutcomeKind, String)> = answers.iter().filter(|(_, outcome, _)| *outcome == worst).collect();
    let first = such.first().map(|(_, _, sentence)| sentence.clone()).unwrap_or_default();
    if answers.len() == 1 {
        return judged(worst, first, observations);
    }
    let mut names: Vec<&str> = such.iter().take(NAMED).map(|(name, _, _)| *name).collect();
    let more = such.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("and {more} more") } else { String::new() };
    if !more.is_empty() {
        names.push(&more);
    }
    let (names, number, all) = (names.join(", "), such.len(), answers.len());
    let summary = match worst {
        OutcomeKind::Fail => format!("{number} of {all} services fail ({names}). {first}"),
        OutcomeKind::Undecided | OutcomeKind::Error => {
            format!("{number} of {all} services are not settled ({names}). {first}")
        }
        OutcomeKind::Pass if number == all => format!("Each of the {all} services passes ({names}). {first}"),
        OutcomeKind::Pass => format!("The services that it concerns pass ({names}). {first}"),
        OutcomeKind::NotApplicable => format!("It concerns none of the {all} services. {first}"),
    };
    judged(worst, summary, observations)
}
