//! The engine and its machine: checks on a Docker host.
//!
//! In: `facts.host`. One file for each check or tight family of them. `configured.rs` says how a setting of the daemon is
//! configured, as far as that is known; `show.rs` writes the places and commands; `nets.rs` compares networks;
//! `releases.rs` holds the table of engine releases; `systems.rs` reads the names that operating systems give themselves.

mod authorization;
mod configured;
mod container_os;
mod containers;
mod daemon_defaults;
mod daemon_endpoint;
mod daemon_files;
mod default_values;
mod engine_supported;
#[cfg(test)]
mod fixtures;
mod labels;
mod live_restore;
mod logging;
mod lsm;
mod netfilter;
mod nets;
mod networks;
mod os_supported;
mod registries;
mod releases;
mod resources;
mod show;
mod storage;
mod subnets;
mod systems;
mod userns;
mod warnings;
#[cfg(test)]
mod whole_tests;

use plimsoll_catalog::{OutcomeKind, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product};

use crate::observe::judged;
use crate::{Check, Facts, Judgement};

/// What the checks of this folder look at.
pub(crate) const HOST: &[SubjectKind] = &[SubjectKind::Host];
/// How many of a kind are named in observations, and how many in one sentence.
pub(crate) const NAMED: usize = 20;
pub(crate) const IN_SENTENCE: usize = 5;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    vec![
        &engine_supported::EngineSupported,
        &os_supported::HostOsSupported,
        &resources::NodeResources,
        &resources::DefaultUlimits,
        &lsm::LsmEnabled,
        &live_restore::LiveRestore,
        &daemon_files::DaemonFiles,
        &container_os::ContainerOs,
        &warnings::EngineWarnings,
        &userns::RootlessEngine,
        &daemon_defaults::DaemonDefaults,
        &daemon_endpoint::DaemonEndpoint,
        &userns::UserNamespaces,
        &labels::ResourceLabels,
        &containers::StaleContainers,
        &containers::ExposureMix,
        &authorization::AuthorizationPlugin,
        &registries::InsecureRegistries,
        &networks::NetworkDrivers,
        &netfilter::UserlandProxy,
        &networks::DefaultBridgeUnused,
        &networks::InterContainerTraffic,
        &netfilter::IptablesManaged,
        &subnets::ManagementNetwork,
        &subnets::SubnetsApart,
        &storage::StorageDriver,
        &storage::VolumeDrivers,
        &logging::LoggingDriver,
        &logging::CentralLogging,
        &logging::DaemonLogLevel,
    ]
}

/// Judges the host's facts.
pub(crate) fn of_host(facts: &Facts, judge: impl FnOnce(&HostFacts) -> Judgement) -> Judgement {
    match &facts.host {
        Some(host) => judge(host),
        None => judged(OutcomeKind::Error, "There are no facts about a host.", Vec::new()),
    }
}

/// A judgement without observations that leaves the matter to a person.
pub(crate) fn open(summary: impl Into<String>) -> Judgement {
    judged(OutcomeKind::Undecided, summary, Vec::new())
}

/// What Podman does not have: neither a fault nor a merit.
pub(crate) fn not_in_podman(host: &HostFacts, what: &str) -> Option<Judgement> {
    (host.engine.product == Product::Podman).then(|| {
        open(format!("Podman runs containers without a daemon and has {what}; whether that answers the requirement is for a person to decide."))
    })
}

/// What engines on Windows do not have.
pub(crate) fn not_on_windows(host: &HostFacts, what: &str) -> Option<Judgement> {
    let windows = host.machine.os_type.as_deref().is_some_and(|os| os.eq_ignore_ascii_case("windows"));
    windows
        .then(|| open(format!("The engine runs containers of Windows, where there is {what}; judge the host by hand.")))
}

/// Why a list was not read, as the collector recorded it.
pub(crate) fn unread(host: &HostFacts, what: &str) -> String {
    let found = host.unread.iter().find(|unread| unread.what.contains(what));
    found.map(|unread| format!(" ({})", unread.reason.trim_end_matches('.'))).unwrap_or_default()
}

/// "a, b, c and 4 more".
pub(crate) fn some_of<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(IN_SENTENCE).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(IN_SENTENCE) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Text from outside in a sentence: one line, no control characters, not endless.
pub(crate) fn said(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = one_line.chars().filter(|c| !c.is_control()).collect();
    match clean.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", clean.get(..at).unwrap_or_default()),
        None => clean,
    }
}
