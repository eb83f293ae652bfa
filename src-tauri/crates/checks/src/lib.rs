//! Every check: pure functions from facts to outcomes.
//!
//! In: the facts about one subject ([`Facts`]). Out: for each of the fourteen use cases at least one [`Outcome`]. No I/O,
//! no clock: the same facts give the same outcomes, years later.
//!
//! # Where things are
//!
//! A file whose name begins with a use case serves that use case alone: whoever looks for B2 walks `b2_*.rs`, and the
//! file of a check begins with a type that implements [`Check`]. All checks are listed in [`all`].
//!
//! A file without such a beginning serves several checks:
//!
//! - What is judged: `facts.rs` (the facts), `settings.rs` (the profile's limits and allowances).
//! - Reading a Dockerfile: `commands.rs` (what its RUN execute), `managers.rs` (calls of package managers), `installs.rs`
//!   (what it installs and keeps), `account_commands.rs` (`useradd` and its kin).
//! - Reading an image: `layers.rs`, `history.rs`, `search_path.rs` (where programs are looked for), `access.rs` (who may
//!   do what), `capability.rs` (file capabilities), `services.rs` (remote management).
//! - Names and where they lead: `bases.rs` (official names that an image bears, base images named for it).
//! - Signatures: `trust.rs` (one conclusion from all verdicts), `trust_said.rs` (what is said of each), `trust_client.rs`.
//! - Registries: `probes.rs` (what the probes of a registry saw).
//! - Speaking of it: `observe.rs` and `figures.rs`.
//! - For the collector, before there are facts: `build_commands.rs`, `collect_secrets.rs`.
//! - Over several subjects: `across.rs`.
//!
//! What runs is judged in folders of their own, a file for each check or family of them: `host/` (the engine and its
//! machine), `swarm/`, `workload/` (what a container and a service of a Compose file are asked alike) and `container/`
//! (what only a running container shows). Their links to requirements lie in `catalog/data/runtime/`. `coverage.rs` says
//! for each of the 106 requirements what looks at it, `coverage_table.rs` writes it down.
//!
//! Tests that are long stand beside their file, in `*_tests.rs`; `tests_whole.rs` judges whole images.

mod a1_mirror;
mod a1_official;
#[cfg(test)]
mod a1_official_tests;
mod a1_proof;
mod a1_written;
mod a2_base_trust;
#[cfg(test)]
mod a2_base_trust_tests;
mod a3_content;
mod a3_kinds;
mod a3_release;
mod a3_services;
mod a3_suspicious;
mod a3_vulnerabilities;
mod a4_context;
mod a4_context_names;
mod a4_installs;
mod a4_leftovers;
mod a4_packages;
mod a4_remote;
mod a4_table;
mod a5_build;
mod a5_provenance;
mod access;
mod account_commands;
mod across;
mod b1_base_image;
mod b2_update_install;
mod b3_copy_not_add;
mod b3_downloads;
mod b4_command;
mod b4_healthcheck;
mod b5_secrets;
mod base_layers;
mod bases;
mod build_commands;
mod c1_signed;
mod c2_access;
#[cfg(test)]
mod c2_access_tests;
mod c2_clients;
mod c2_engine;
mod c2_housekeeping;
mod c2_transport;
mod capability;
mod category;
mod collect_secrets;
mod commands;
mod container;
mod coverage;
mod coverage_table;
mod d1_accounts;
mod d1_user;
mod d2_accounts;
mod d2_dockerfile;
mod d2_known;
mod d2_permissions;
mod d2_writable;
mod facts;
pub mod figures;
mod history;
mod host;
mod installs;
mod layers;
mod managers;
mod observe;
mod probes;
mod search_path;
mod services;
mod settings;
mod swarm;
#[cfg(test)]
mod tests_whole;
mod trust;
mod trust_client;
mod trust_said;
#[cfg(test)]
mod trust_tests;
mod vulnerable;
mod workload;

pub use a3_release::SUPPORTED_RELEASE;
pub use a3_vulnerabilities::KNOWN_VULNERABILITIES;
pub use across::across;
pub use base_layers::{BaseLayers, base_layers};
pub use bases::{bases_named, official_names};
pub use build_commands::build_commands;
pub use category::{Category, category_of};
pub use collect_secrets::{in_compose, in_dockerfile};
pub use coverage::{By, Coverage, CoverageMode, coverage};
pub use coverage_table::coverage_markdown;
pub use facts::{
    BaseFacts, BuildCommand, CollectedBy, ComposeFacts, ContextFacts, DockerfileFacts, Facts, HubLookup, LineSecret,
    NamedBy,
};
pub use settings::{Allowance, Approved, Settings, VulnerabilityPolicy};
pub use vulnerable::{Weighed, subject_ids, weigh};

use plimsoll_catalog::{Location, Observation, Outcome, OutcomeKind, RequirementId, SubjectKind, Text, UseCaseId};

/// What a check concluded, before it is tied to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How it ended.
    pub outcome: OutcomeKind,
    /// One sentence that says why.
    pub summary: String,
    /// What it rests on.
    pub observations: Vec<Observation>,
}

/// What a check is, for the page that explains it.
#[derive(Debug, Clone)]
pub struct CheckInfo {
    /// Stable id.
    pub id: &'static str,
    /// The use case that it answers; none for what the paper does not speak of.
    pub use_case: Option<UseCaseId>,
    /// Short title.
    pub title: Text,
    /// Why it matters.
    pub why: Text,
    /// How it decides.
    pub how: Text,
    /// What it cannot see.
    pub blind_spots: Text,
    /// What to do when it fails.
    pub remedy: Text,
    /// An example of it done right; may be empty.
    pub example: &'static str,
    /// Rules of other tools that look at the same: tool and rule (`hadolint`, `DL3006`).
    pub aliases: &'static [(&'static str, &'static str)],
}

/// One check.
pub trait Check: Sync {
    /// What it is.
    fn info(&self) -> CheckInfo;
    /// The requirements that it speaks to, as ids; each is one of its use case's links in the catalogue. A check on hosts,
    /// containers or Compose files has its links in the catalogue's `runtime` data, and names none here.
    fn requirements(&self) -> &'static [&'static str] {
        &[]
    }
    /// The kinds of subject that it looks at. On any other it gives no outcome.
    fn kinds(&self) -> &'static [SubjectKind] {
        IMAGE_KINDS
    }
    /// The judgement on one subject's facts.
    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement;
}

/// What the checks of the paper's use cases look at.
pub(crate) const IMAGE_KINDS: &[SubjectKind] =
    &[SubjectKind::Image, SubjectKind::Dockerfile, SubjectKind::Compose, SubjectKind::Registry, SubjectKind::Sbom];

/// All checks: those of the paper's use cases in their order, then those on hosts, swarms, and what runs there.
#[must_use]
pub fn all() -> Vec<&'static dyn Check> {
    CHECKS.iter().map(|(check, _)| *check).collect()
}

/// All checks with what they are: asked once, since a thousand containers are judged in one go.
static CHECKS: std::sync::LazyLock<Vec<(&'static dyn Check, CheckInfo)>> =
    std::sync::LazyLock::new(|| in_order().into_iter().map(|check| (check, check.info())).collect());

fn in_order() -> Vec<&'static dyn Check> {
    let mut checks: Vec<&'static dyn Check> = vec![
        &a1_official::OfficialImage,
        &a2_base_trust::BaseTrust,
        &a3_vulnerabilities::KnownVulnerabilities,
        &a3_release::SupportedRelease,
        &a3_content::Waste,
        &a4_packages::Unneeded,
        &a4_remote::RemoteManagement,
        &a4_installs::LeanInstalls,
        &a4_context::BuildContext,
        &a5_build::FreshBuild,
        &a3_services::Services,
        &a3_suspicious::Suspicious,
        &b1_base_image::Pinned,
        &b1_base_image::Tagged,
        &b2_update_install::UpdateWithInstall,
        &b3_copy_not_add::CopyNotAdd,
        &b3_downloads::DownloadsVerified,
        &b4_healthcheck::Defined,
        &b5_secrets::NoSecrets,
        &c1_signed::Signed,
        &c2_transport::Transport,
        &c2_transport::Protocol,
        &c2_access::Access,
        &c2_clients::Clients,
        &c2_engine::EngineVerifies,
        &c2_housekeeping::Housekeeping,
        &c2_housekeeping::Instances,
        &d1_user::NonRoot,
        &d2_permissions::Removed,
        &d2_accounts::Accounts,
    ];
    checks.sort_by_key(|check| check.info().use_case);
    checks.extend(host::all());
    checks.extend(swarm::all());
    checks.extend(workload::all());
    checks.extend(container::all());
    checks
}

/// One check by its id.
#[must_use]
pub fn check(id: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().find(|(_, info)| info.id == id).map(|(check, _)| *check)
}

fn requirement_ids(check: &dyn Check) -> Vec<RequirementId> {
    match plimsoll_catalog::standards().runtime_check(check.info().id) {
        Some(own) => own.csvs.iter().map(|link| link.requirement).collect(),
        None => check.requirements().iter().filter_map(|id| id.parse().ok()).collect(),
    }
}

/// Runs all checks over one subject's facts.
#[must_use]
pub fn judge(subject: &str, facts: &Facts, settings: &Settings) -> Vec<Outcome> {
    let kind = kind_of(facts);
    all()
        .into_iter()
        .filter(|check| check.kinds().contains(&kind))
        .map(|check| {
            let elsewhere = not_about_registries(check, facts).or_else(|| not_in_a_bill(check, facts));
            let mut judgement = elsewhere.unwrap_or_else(|| check.judge(facts, settings));
            capitalise(&mut judgement.summary);
            not_buildable(facts, &mut judgement);
            for observation in &mut judgement.observations {
                capitalise(&mut observation.message);
                observation.location.get_or_insert_with(|| as_a_whole(facts));
            }
            outcome(subject, check, judgement)
        })
        .collect()
}

/// What kind of subject facts are about.
#[must_use]
pub fn kind_of(facts: &Facts) -> SubjectKind {
    if facts.host.is_some() {
        SubjectKind::Host
    } else if facts.container.is_some() {
        SubjectKind::Container
    } else if facts.registry.is_some() {
        SubjectKind::Registry
    } else if facts.sbom.is_some() {
        SubjectKind::Sbom
    } else if facts.image.is_some() {
        SubjectKind::Image
    } else if facts.compose.is_some() && facts.dockerfile.is_none() {
        SubjectKind::Compose
    } else {
        SubjectKind::Dockerfile
    }
}

/// A registry is judged by C2 alone.
fn not_about_registries(check: &dyn Check, facts: &Facts) -> Option<Judgement> {
    let registry = facts.registry.as_ref()?;
    if check.info().use_case == Some(UseCaseId::C2) {
        return None;
    }
    Some(Judgement {
        outcome: OutcomeKind::NotApplicable,
        summary: format!("{} is a registry, no image; add the images that it serves as subjects.", registry.host),
        observations: Vec::new(),
    })
}

/// A bill of materials tells what is installed, and nothing else of the image: the rest stays to be looked at.
fn not_in_a_bill(check: &dyn Check, facts: &Facts) -> Option<Judgement> {
    facts.sbom.as_ref()?;
    if [KNOWN_VULNERABILITIES, SUPPORTED_RELEASE].contains(&check.info().id) {
        return None;
    }
    Some(Judgement {
        outcome: OutcomeKind::Undecided,
        summary: "A bill of materials does not tell this; audit the image itself, or record what you know.".to_owned(),
        observations: Vec::new(),
    })
}

/// A Dockerfile that no builder takes has no image to speak for: what would pass in it is left to a person.
fn not_buildable(facts: &Facts, judgement: &mut Judgement) {
    let (Some(file), None) = (&facts.dockerfile, &facts.image) else { return };
    // The only problem that builders merely warn of.
    let refused = |problem: &&plimsoll_dockerfile::Problem| !problem.message.starts_with("empty line inside");
    let Some(problem) = file.parsed.problems.iter().find(refused) else { return };
    if judgement.outcome == OutcomeKind::Pass {
        judgement.outcome = OutcomeKind::Undecided;
        judgement.summary.push_str(&format!(
            " But the file cannot be built as it stands (line {}: {}); ask for the one that is built.",
            problem.line, problem.message
        ));
    }
}

/// A sentence that begins with a number's word or a path's name begins with a capital all the same.
fn capitalise(sentence: &mut str) {
    // Names keep their own letters: only a plain first word is touched.
    let word = sentence.split(' ').next().unwrap_or_default();
    if matches!(word, "one" | "none" | "all" | "this" | "what" | "no" | "every" | "its" | "the" | "a" | "an")
        && let Some(first) = sentence.get_mut(..1)
    {
        first.make_ascii_uppercase();
    }
}

/// The place of what is said about a subject as a whole: the list of an image's layers, the head of a file, a registry's
/// host.
fn as_a_whole(facts: &Facts) -> Location {
    if let Some(registry) = &facts.registry {
        return Location::Field { field: registry.host.clone() };
    }
    if facts.sbom.is_some() {
        return Location::Field { field: "components".to_owned() };
    }
    if let Some(host) = &facts.host {
        return Location::Field { field: host.name.clone().unwrap_or_else(|| host.endpoint.clone()) };
    }
    if let Some(container) = &facts.container {
        return Location::Field { field: container.name.clone() };
    }
    match (&facts.image, &facts.dockerfile, &facts.compose) {
        (None, Some(DockerfileFacts { path, .. }), _) | (None, None, Some(ComposeFacts { path, .. })) => {
            Location::File { file: path.clone(), line: 1 }
        }
        _ => Location::Field { field: "rootfs.diff_ids".to_owned() },
    }
}

/// Runs all checks over several subjects, and adds what shows only when they are seen together. Gives each subject's id
/// with its outcomes.
#[must_use]
pub fn judge_all(subjects: &[(&str, &str, &Facts)], settings: &Settings) -> Vec<(String, Vec<Outcome>)> {
    let mut judged: Vec<(String, Vec<Outcome>)> =
        subjects.iter().map(|(id, _, facts)| ((*id).to_owned(), judge(id, facts, settings))).collect();
    for (subject, check, observation) in across(subjects) {
        let outcomes = judged.iter_mut().find(|(id, _)| *id == subject).map(|(_, outcomes)| outcomes);
        if let Some(outcome) = outcomes.and_then(|outcomes| outcomes.iter_mut().find(|o| o.check == check)) {
            outcome.observations.push(observation);
        }
    }
    container::settle(subjects, &mut judged);
    for (index, (_, outcomes)) in judged.iter_mut().enumerate() {
        let Some((_, _, facts)) = subjects.get(index) else { continue };
        if let Some(registry) = registry_of(facts, subjects) {
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.use_case == Some(UseCaseId::C2)) {
                outcome.outcome = OutcomeKind::NotApplicable;
                outcome.summary =
                    format!("The registry that the image was read from is a subject of its own: {registry}.");
            }
        }
    }
    swarm::leave_to_managers(subjects, &mut judged);
    judged
}

/// The name of the subject that is the registry which an image was read from.
fn registry_of<'a>(facts: &Facts, subjects: &'a [(&str, &str, &Facts)]) -> Option<&'a str> {
    let from = bases::read_from(facts)?;
    let is_it = |facts: &Facts| facts.registry.as_ref().is_some_and(|registry| registry.host == from.host());
    subjects.iter().find(|(_, _, facts)| is_it(facts)).map(|(_, name, _)| *name)
}

/// The outcomes of a subject that could not be read: every check ends in `error`, with the reason.
#[must_use]
pub fn unreadable(subject: &str, kind: SubjectKind, reason: &str) -> Vec<Outcome> {
    let judgement = || Judgement {
        outcome: OutcomeKind::Error,
        summary: format!("Not looked at: {reason}"),
        observations: Vec::new(),
    };
    let checks = all().into_iter().filter(|check| check.kinds().contains(&kind));
    checks.map(|check| outcome(subject, check, judgement())).collect()
}

fn outcome(subject: &str, check: &dyn Check, judgement: Judgement) -> Outcome {
    let info = check.info();
    Outcome {
        subject: subject.to_owned(),
        check: info.id.to_owned(),
        use_case: info.use_case,
        requirements: requirement_ids(check),
        outcome: judgement.outcome,
        summary: judgement.summary,
        observations: judgement.observations,
    }
}

/// A text in both languages.
pub(crate) fn text(en: &str, de: &str) -> Text {
    Text { en: en.to_owned(), de: de.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_catalog::standards;
    use std::collections::BTreeSet;

    #[test]
    fn each_use_case_has_a_check_and_each_id_is_there_once() {
        let ids: BTreeSet<_> = all().iter().map(|c| c.info().id).collect();
        assert_eq!(ids.len(), all().len());
        let use_cases: BTreeSet<_> = all().iter().filter_map(|c| c.info().use_case).collect();
        assert_eq!(use_cases.len(), 14);
    }

    #[test]
    fn a_check_speaks_only_to_what_its_use_case_is_linked_with_and_together_they_speak_to_all_of_it() {
        for use_case in &standards().use_cases {
            let linked: BTreeSet<_> = use_case.csvs.iter().map(|link| link.requirement).collect();
            let mut spoken = BTreeSet::new();
            for check in all().into_iter().filter(|c| c.info().use_case == Some(use_case.id)) {
                if standards().runtime_check(check.info().id).is_some() {
                    continue;
                }
                let ids = requirement_ids(check);
                assert_eq!(ids.len(), check.requirements().len());
                spoken.extend(ids);
            }
            assert_eq!(spoken, linked, "{}", use_case.id);
        }
    }

    #[test]
    fn each_text_is_there_in_both_languages() {
        for check in all() {
            let info = check.info();
            for text in [&info.title, &info.why, &info.how, &info.blind_spots, &info.remedy] {
                assert!(!text.en.is_empty() && !text.de.is_empty(), "{}", info.id);
            }
        }
    }

    #[test]
    fn what_could_not_be_read_is_an_error_everywhere() {
        let outcomes = unreadable("s1", SubjectKind::Image, "the archive is truncated");
        assert!(outcomes.iter().all(|o| o.outcome == OutcomeKind::Error && o.summary.contains("truncated")));
        assert!(UseCaseId::ALL.iter().all(|id| outcomes.iter().any(|outcome| outcome.use_case == Some(*id))));
        let host = unreadable("s1", SubjectKind::Host, "nobody answers");
        assert!(host.iter().all(|outcome| outcome.use_case.is_none()));
    }

    #[test]
    fn a_registry_is_judged_by_c2_alone() {
        let facts = probes::tests::facts_of(probes::tests::registry("r.example:5000", &[]));
        for outcome in judge("s1", &facts, &Settings::default()) {
            let other = outcome.use_case != Some(UseCaseId::C2);
            assert_eq!(outcome.outcome == OutcomeKind::NotApplicable && outcome.summary.contains("no image"), other);
            assert!(outcome.observations.iter().all(|observation| observation.location.is_some()));
        }
    }

    #[test]
    fn an_image_leaves_c2_to_the_subject_that_is_its_registry() {
        let registry = probes::tests::facts_of(probes::tests::registry("r.example:5000", &[]));
        let mut image = facts::tests::image();
        image.source = "docker://r.example:5000/shop:1".into();
        let c2 = |subjects: &[(&str, &str, &Facts)]| -> Vec<OutcomeKind> {
            let judged = judge_all(subjects, &Settings::default());
            judged[0].1.iter().filter(|o| o.use_case == Some(UseCaseId::C2)).map(|o| o.outcome).collect()
        };
        assert!(c2(&[("1", "shop", &image)]).iter().all(|outcome| *outcome == OutcomeKind::Undecided));
        let both = c2(&[("1", "shop", &image), ("2", "the registry", &registry)]);
        assert!(both.iter().all(|outcome| *outcome == OutcomeKind::NotApplicable));
    }

    #[test]
    fn a_dockerfile_that_no_builder_takes_passes_nothing() {
        let facts = facts::tests::dockerfile("FROM debian:12\nCOPY a /a\nBOGUS x\n");
        let outcomes = judge("s1", &facts, &Settings::default());
        assert!(outcomes.iter().all(|o| o.outcome != OutcomeKind::Pass));
        let copy = outcomes.iter().find(|o| o.check == "copy-not-add").unwrap();
        assert!(copy.summary.contains("line 3: unknown instruction: BOGUS"), "{}", copy.summary);
        let warned = facts::tests::dockerfile("FROM debian:12\nRUN a \\\n\n b\nCOPY a /a\n");
        let outcomes = judge("s1", &warned, &Settings::default());
        assert!(outcomes.iter().any(|o| o.check == "copy-not-add" && o.outcome == OutcomeKind::Pass));
    }
}
