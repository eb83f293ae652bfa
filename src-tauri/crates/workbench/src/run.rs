//! A run of the audit: every subject is collected and judged by itself, then all of it is recorded in one act.

use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{SubjectKind, UseCaseId};
use plimsoll_checks::{BuildCommand, Facts, Settings};
use plimsoll_engagement::runs::RunSubject;
use plimsoll_engagement::{Engagement, RunState};
use plimsoll_image::Tree;
use sha2::{Digest, Sha256};

use crate::collect::{Request, now};
use crate::error::WorkbenchError;
use crate::in_turn::InTurn;
use crate::job::Job;
use crate::reach::{Reach, keep_pins, settle_pins};
use crate::scanning::Matcher;
use crate::spoken::Spoken;

/// What a run found out about one subject.
#[derive(Debug)]
pub struct Found {
    /// Its facts, or why there are none.
    pub facts: Result<Facts, WorkbenchError>,
}

/// The name under which runs and results carry the program.
#[must_use]
pub fn tool() -> String {
    format!("{} {}", crate::TOOL, crate::VERSION)
}

/// Identifies the rules that outcomes come from: the checks' ids with the program's version, what the profile sets for
/// them, and the catalogue.
#[must_use]
pub fn rules_sha256(settings: &Settings) -> String {
    let mut hash = Sha256::new();
    hash.update(tool());
    for check in plimsoll_checks::all() {
        hash.update(check.info().id);
        hash.update([0]);
    }
    // The defaults belong to the program and its version.
    if *settings != Settings::default() {
        hash.update(serde_json::to_vec(settings).unwrap_or_default());
    }
    hash.update(&plimsoll_catalog::standards().sha256);
    hex::encode(hash.finalize())
}

/// Collects several subjects, in their order, and matches what is installed in them against the advisory database.
/// One that cannot be read never changes another's facts.
///
/// # Errors
/// Only when the job is cancelled, or the advisory database that was named cannot be used.
pub async fn collect_all(requests: &[Request], reach: &Reach, job: &Job) -> Result<Vec<Found>, WorkbenchError> {
    let matcher = Matcher::open(&reach.advisories)?;
    let mut found = Vec::new();
    let mut subjects = InTurn::new(requests, reach);
    while let Some((request, read)) = subjects.next(job).await {
        let job = job.at(found.len() + 1, requests.len(), &request.source.name());
        let facts = match read {
            Ok(facts) => matcher.add_to(facts, &job).await,
            Err(error) => Err(error),
        };
        if job.is_cancelled() || facts.as_ref().is_err_and(WorkbenchError::is_cancelled) {
            return Err(WorkbenchError::Cancelled);
        }
        found.push(Found { facts });
    }
    Ok(found)
}

/// Judges and records what was collected. `found` goes with `subjects`, one for one.
///
/// # Errors
/// When the engagement cannot be written; then nothing of the run is recorded.
pub fn record(
    engagement: &mut Engagement,
    started: &str,
    subjects: &[String],
    found: &mut [Found],
) -> Result<String, WorkbenchError> {
    let settings = settings(engagement)?;
    let known = engagement.subjects()?;
    let kind_of = |id: &str| known.iter().find(|s| s.id == id).map_or(SubjectKind::Image, |s| s.kind);
    let names: Vec<(String, String)> = known.iter().map(|s| (s.id.clone(), s.name.clone())).collect();
    let name_of = |id: &str| names.iter().find(|(of, _)| of == id).map_or("", |(_, name)| name.as_str());
    let scripts = scripts_among_evidence(engagement)?;
    let spoken = Spoken::of(engagement)?;
    // What is judged is what is recorded: the evidence's commands too, and what others say of vulnerabilities.
    for (subject, found) in subjects.iter().zip(found.iter_mut()) {
        if let Ok(facts) = &mut found.facts {
            facts.build_commands = with_scripts(subject, facts, &scripts);
            if facts.inventory().is_some() {
                (facts.vex, facts.acceptances, facts.evidence_problems) = spoken.about(subject);
            }
        }
    }
    let pins = settle_pins(
        Reach::of(engagement, &[])?.pins,
        &settings.trust,
        found.iter_mut().filter_map(|found| found.facts.as_mut().ok()).flat_map(|facts| {
            facts.trust.iter_mut().chain(facts.bases.iter_mut().filter_map(|base| base.trust.as_mut()))
        }),
    );
    let mut records = Vec::new();
    for (subject, found) in subjects.iter().zip(found.iter()) {
        records.push(match &found.facts {
            Ok(facts) => {
                // A tree that was taken out of the engagement is recorded already.
                let new = facts.tree.as_ref().filter(|_| facts.listing.is_none());
                let listing = new.map(Tree::to_bytes).transpose()?;
                let sha256 = listing.as_ref().map(|bytes| hex::encode(Sha256::digest(bytes)));
                let facts = Facts { listing: sha256.or(facts.listing.clone()), ..facts.clone_without_tree() };
                let json = serde_json::to_string(&facts).map_err(plimsoll_engagement::EngagementError::from)?;
                RunSubject {
                    subject: subject.clone(),
                    outcomes: Vec::new(),
                    facts: Ok((facts.digest(), json)),
                    listing,
                }
            }
            Err(error) => RunSubject {
                subject: subject.clone(),
                facts: Err(error.to_string()),
                listing: None,
                outcomes: plimsoll_checks::unreadable(subject, kind_of(subject), &error.to_string()),
            },
        });
    }
    let read: Vec<(&str, &str, &Facts)> = subjects
        .iter()
        .zip(found.iter())
        .filter_map(|(id, found)| found.facts.as_ref().ok().map(|facts| (id.as_str(), name_of(id), facts)))
        .collect();
    for (id, outcomes) in plimsoll_checks::judge_all(&read, &settings) {
        if let Some(record) = records.iter_mut().find(|record| record.subject == id) {
            record.outcomes = outcomes;
        }
    }
    let state =
        if found.iter().any(|f| f.facts.is_err()) { RunState::CompletedWithErrors } else { RunState::Completed };
    let run = engagement.record_run(started, state, &tool(), &rules_sha256(&settings), &records)?;
    keep_pins(engagement, &pins)?;
    Ok(run)
}

/// Commands that build images, from the evidence on A5, with the subject that the evidence is about (none: all).
type Scripts = Vec<(Option<String>, BuildCommand)>;

/// Texts larger than this are no build scripts: 256 KiB.
const SCRIPT_LIMIT: u64 = 256 << 10;

fn scripts_among_evidence(engagement: &Engagement) -> Result<Scripts, WorkbenchError> {
    let target = Target::UseCase(UseCaseId::A5);
    let mut scripts = Vec::new();
    for record in engagement.evidence()? {
        let about = record.links.iter().filter(|(_, of)| *of == target).map(|(subject, _)| subject.clone());
        let about: Vec<_> = about.collect();
        if about.is_empty() || record.size > SCRIPT_LIMIT {
            continue;
        }
        let Ok(text) = String::from_utf8(engagement.evidence_bytes(record.number)?) else { continue };
        let source = format!("E-{} {}", record.number, record.name);
        for command in plimsoll_checks::build_commands(&source, &text) {
            scripts.extend(about.iter().map(|subject| (subject.clone(), command.clone())));
        }
    }
    Ok(scripts)
}

/// The build commands that concern a subject, each once.
fn with_scripts(subject: &str, facts: &Facts, scripts: &Scripts) -> Vec<BuildCommand> {
    let mut commands = facts.build_commands.clone();
    for (about, command) in scripts {
        if about.as_deref().is_none_or(|about| about == subject) && !commands.contains(command) {
            commands.push(command.clone());
        }
    }
    commands
}

/// What the engagement's profile sets for the checks.
///
/// # Errors
/// When the engagement cannot be read.
pub fn settings(engagement: &Engagement) -> Result<Settings, WorkbenchError> {
    match engagement.settings()? {
        Some(json) => Ok(serde_json::from_str(&json).map_err(plimsoll_engagement::EngagementError::from)?),
        None => Ok(Settings::default()),
    }
}

/// Runs the audit over all subjects of an engagement.
///
/// # Errors
/// When there is no subject, the job is cancelled, or the engagement cannot be written.
pub async fn audit(engagement: &mut Engagement, job: &Job) -> Result<String, WorkbenchError> {
    let subjects = engagement.subjects()?;
    if subjects.is_empty() {
        return Err(WorkbenchError::NoSubjects);
    }
    let requests = requests(engagement)?;
    let started = now();
    let reach = Reach::of(engagement, &[])?.knowing(engagement)?;
    let mut found = collect_all(&requests, &reach, job).await?;
    let ids: Vec<_> = subjects.into_iter().map(|subject| subject.id).collect();
    record(engagement, &started, &ids, &mut found)
}

/// Reads settings from a file that a person wrote; gives them back as the JSON that is recorded.
///
/// # Errors
/// When the file cannot be read, is no such JSON, or an allowance has no reason.
pub fn read_settings(path: &std::path::Path) -> Result<String, WorkbenchError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| WorkbenchError::Read { path: path.to_owned(), source })?;
    let wrong = |reason: String| {
        WorkbenchError::Input(format!("{} holds no settings for the checks: {reason}.", path.display()))
    };
    let settings: Settings = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    for allowance in &settings.allowances {
        if plimsoll_checks::check(&allowance.check).is_none() {
            return Err(wrong(format!("there is no check \"{}\"", allowance.check)));
        }
        if allowance.reason.trim().is_empty() {
            return Err(wrong(format!("the allowance for \"{}\" gives no reason", allowance.what)));
        }
    }
    if !(0.0..=1.0).contains(&settings.lowest_efficiency) {
        return Err(wrong("lowest_efficiency is not between 0 and 1".to_owned()));
    }
    for approved in settings.approved_bases.iter().chain(&settings.approved_registries) {
        if approved.what.trim().is_empty() || approved.reason.trim().is_empty() {
            return Err(wrong(format!("the approval of \"{}\" gives no reason", approved.what)));
        }
    }
    settings.trust.check().map_err(|reason| wrong(reason.trim_end_matches('.').to_owned()))?;
    Ok(serde_json::to_string(&settings).map_err(plimsoll_engagement::EngagementError::from)?)
}

/// What is to be collected for the subjects of an engagement, in their order.
///
/// # Errors
/// When the engagement cannot be read.
pub fn requests(engagement: &Engagement) -> Result<Vec<Request>, WorkbenchError> {
    engagement
        .subjects()?
        .into_iter()
        .map(|subject| {
            Ok(Request {
                source: subject.source.parse()?,
                dockerfile: subject.dockerfile.map(Into::into),
                context: subject.context.map(Into::into),
                platform: subject.platform,
                files: subject.files.into_iter().map(Into::into).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    fn request(text: &str) -> Request {
        Request {
            source: text.parse::<Source>().unwrap(),
            dockerfile: None,
            context: None,
            platform: None,
            files: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_cancelled_run_gives_nothing_and_a_bad_subject_only_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Dockerfile");
        std::fs::write(&file, "FROM scratch\n").unwrap();
        let requests = [request("dockerfile:/nowhere/Dockerfile"), request(&format!("dockerfile:{}", file.display()))];
        let job = Job::silent();
        let found = collect_all(&requests, &Reach::default(), &job).await.unwrap();
        assert!(found[0].facts.is_err() && found[1].facts.is_ok());
        job.cancel();
        assert!(collect_all(&requests, &Reach::default(), &job).await.unwrap_err().is_cancelled());
    }

    #[tokio::test]
    async fn reading_stops_in_the_middle_of_an_archive() {
        use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.tar");
        let layer = LayerBuilder::new().file("a", &vec![b'a'; 8 << 20]);
        ImageBuilder::new("big:1").layer("COPY a /a", layer).write(Format::DockerSave, Packing::Plain, &path).unwrap();
        // Cancelled by the first step that tells of layers being read, as a person would who sees it.
        let slot = std::sync::Arc::new(std::sync::Mutex::new(None::<Job>));
        let held = slot.clone();
        let job = Job::new(move |step| {
            if step.step == "Reading layers"
                && let Some(job) = held.lock().unwrap().as_ref()
            {
                job.cancel();
            }
        });
        *slot.lock().unwrap() = Some(job.clone());
        let requests = [request(&format!("docker-archive:{}", path.display()))];
        assert!(collect_all(&requests, &Reach::default(), &job).await.unwrap_err().is_cancelled());
    }

    #[tokio::test]
    async fn a_build_script_among_the_evidence_is_read() {
        use plimsoll_engagement::{EvidenceKind, NewEvidence};
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = crate::sample::open(folder.path()).unwrap();
        let script = b"#!/bin/sh\ndocker build --no-cache --pull -t harbour/worker .\n";
        let evidence = NewEvidence {
            subject: Some("s2"),
            target: Target::UseCase(UseCaseId::A5),
            name: "build.sh",
            kind: EvidenceKind::Text,
            media_type: "text/plain",
            source: "the pipeline",
            bytes: script,
        };
        engagement.add_evidence(&evidence).unwrap();
        audit(&mut engagement, &Job::silent()).await.unwrap();
        let commands = |subject: &str| crate::results::facts_of(&engagement, subject).unwrap().unwrap().build_commands;
        assert_eq!(commands("s2")[0].source, "E-1 build.sh");
        assert!(commands("s2")[0].words.contains(&"--no-cache".to_owned()));
        assert!(commands("s3").is_empty());
        let outcomes = engagement.outcomes().unwrap();
        let fresh = outcomes.iter().find(|o| o.subject == "s2" && o.use_case == Some(UseCaseId::A5)).unwrap();
        assert!(fresh.observations.iter().any(|o| o.message.contains("--no-cache")), "{fresh:?}");
    }
}
