//! `resource-labels` (CSVS 4.7): containers, networks, volumes and the engine itself bear labels of their own.

use std::collections::BTreeMap;

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::{HOST, NAMED, of_host, said, show, some_of};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Resources bear labels.
pub(crate) struct ResourceLabels;

impl Check for ResourceLabels {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "resource-labels",
            use_case: None,
            title: text("Labels of resources", "Labels der Ressourcen"),
            why: text(
                "What bears no label belongs to nobody: it is neither updated nor removed, and in an incident nobody is called.",
                "Was kein Label trägt, gehört niemandem: Es wird weder aktualisiert noch entfernt, und bei einem Vorfall wird niemand gerufen.",
            ),
            how: text(
                "Containers, networks and named volumes without any label fail, as an indication. Labels that tools or base images set by themselves do not count as one's own. Which keys are in use is named, so that a person can compare them with the agreed list.",
                "Container, Netze und benannte Volumes ohne jedes Label bestehen nicht; das ist ein Indiz. Labels, die Werkzeuge oder Basis-Images von selbst setzen, zählen nicht als eigene. Verwendete Schlüssel werden genannt, damit ein Mensch sie mit der vereinbarten Liste vergleichen kann.",
            ),
            blind_spots: text(
                "Which labels were agreed on. Whether their values are true. Labels of images, which containers inherit and which look like their own.",
                "Welche Labels vereinbart sind. Ob ihre Werte stimmen. Labels von Images, die Container erben und die wie eigene aussehen.",
            ),
            remedy: text(
                "Agree on a few keys such as owner and stage, set them for everything that is created, and on each engine by labels in daemon.json.",
                "Vereinbaren Sie wenige Schlüssel wie owner und stage, setzen Sie sie bei allem, was angelegt wird, und je Engine über labels in daemon.json.",
            ),
            example: "docker run --label com.example.owner=shop --label com.example.stage=prod shop:1.4",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, labels)
    }
}

/// Keys that tools set by themselves.
const BY_TOOLS: [&str; 8] = [
    "com.docker.",
    "org.opencontainers.image.",
    "desktop.docker.io/",
    "io.podman.",
    "io.buildah.",
    "org.label-schema.",
    "io.kubernetes.",
    "maintainer",
];

fn own(labels: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    labels.keys().map(String::as_str).filter(|key| !BY_TOOLS.iter().any(|start| key.starts_with(start)))
}

/// Networks that an engine makes by itself.
fn is_built_in(name: &str) -> bool {
    matches!(
        name,
        "bridge" | "host" | "none" | "ingress" | "docker_gwbridge" | "podman" | "nat" | "docker_volumes-backup"
    )
}

/// A name that the engine drew: 64 hexadecimal digits.
fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What was counted.
#[derive(Default)]
struct Counted {
    all: usize,
    bare: Vec<String>,
    by_tools: usize,
    keys: BTreeMap<String, usize>,
    observations: Vec<Observation>,
}

impl Counted {
    fn look(
        &mut self,
        kind: &str,
        name: &str,
        labels: &BTreeMap<String, String>,
        see: impl FnOnce(String) -> Observation,
    ) {
        self.all += 1;
        let mut any = false;
        for key in own(labels) {
            any = true;
            if self.keys.len() < 1000 {
                *self.keys.entry(said(key)).or_default() += 1;
            }
        }
        if any {
            return;
        }
        if labels.is_empty() {
            let name = said(name);
            if self.observations.len() < NAMED {
                self.observations.push(see(format!("The {kind} {name} bears no label.")));
            }
            self.bare.push(format!("{kind} {name}"));
        } else {
            self.by_tools += 1;
        }
    }
}

fn labels(host: &HostFacts) -> Judgement {
    let mut counted = Counted::default();
    for one in host.containers.iter().flatten() {
        counted.look("container", &one.name, &one.labels, |message| {
            show::on_container(host, &one.name, "Config.Labels", Severity::Low, message, &[])
        });
    }
    for one in host.networks.iter().flatten().filter(|one| !is_built_in(&one.name)) {
        counted.look("network", &one.name, &one.labels, |message| {
            show::on_network(host, &one.name, "Labels", Severity::Low, message)
        });
    }
    for one in host.volumes.iter().flatten().filter(|one| !is_anonymous(&one.name)) {
        counted.look("volume", &one.name, &one.labels, |message| {
            show::on_volume(host, &one.name, "Labels", Severity::Low, message)
        });
    }
    let Counted { all, bare, by_tools, keys, mut observations } = counted;
    let engine: Vec<String> = host.daemon.labels.iter().map(|label| said(label)).collect();
    if !engine.is_empty() {
        let message = format!("The engine itself bears {}.", some_of(&engine));
        observations.push(show::on_info(host, "Labels", Severity::Info, message, &[]));
    }
    let used: Vec<&String> = keys.keys().collect();
    if !used.is_empty() {
        let message = format!("Keys in use: {}.", some_of(&used));
        let command = format!("{} ps --all --format '{{{{.Names}}}} {{{{.Labels}}}}'", show::docker(host));
        observations.push(show::on_machine("Labels", command, Severity::Info, message, &[]));
    }
    if !bare.is_empty() {
        let summary = format!(
            "{} of {all} {} no label at all: {}.",
            bare.len(),
            if bare.len() == 1 { "bears" } else { "bear" },
            some_of(&bare)
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let lists = [host.containers.is_none(), host.networks.is_none(), host.volumes.is_none()];
    if lists.into_iter().any(|untold| untold) {
        let summary = "Containers, networks and volumes could not all be listed, so their labels are not all known.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if all == 0 {
        return judged(OutcomeKind::Undecided, "There is nothing on the engine that could bear labels.", observations);
    }
    if by_tools > 0 {
        let summary = format!(
            "All {all} resources bear labels, but {} only those that tools set by themselves.",
            count(by_tools, "bears", "bear")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!(
        "{}; compare the keys with the agreed list.",
        count(all, "resource bears labels of its own", "resources bear labels of their own")
    );
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{container, good, judge};
    use super::*;

    fn outcome(keys: Option<&[&str]>) -> OutcomeKind {
        let mut host = good();
        host.containers = keys.map(|keys| {
            let mut one = container("web", &["shop"], &[]);
            one.labels = keys.iter().map(|&key| (key.to_owned(), "x".to_owned())).collect();
            vec![one]
        });
        judge(&ResourceLabels, host).outcome
    }

    #[test]
    fn own_labels_pass_none_fail_and_those_of_tools_are_for_a_person() {
        assert_eq!(outcome(Some(&["com.example.owner"])), OutcomeKind::Pass);
        assert_eq!(outcome(Some(&[])), OutcomeKind::Fail);
        assert_eq!(outcome(Some(&["com.docker.compose.project"])), OutcomeKind::Undecided);
        assert_eq!(outcome(None), OutcomeKind::Undecided);
    }

    #[test]
    fn what_the_engine_makes_by_itself_needs_no_label() {
        let mut host = good();
        host.containers = Some(vec![]);
        host.volumes = Some(vec![]);
        host.networks = Some(vec![super::super::fixtures::network("bridge", "bridge", &[])]);
        assert_eq!(judge(&ResourceLabels, host).outcome, OutcomeKind::Undecided);
        assert!(is_anonymous(&"a1".repeat(32)) && !is_anonymous("data"));
    }
}
