//! `node-resources` (CSVS 2.4): the node has something to give, and its kernel can bound what each container takes.
//! `default-ulimits` (CSVS 2.5): the daemon bounds containers that name no limits of their own.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::configured::{Setting, plain, setting};
use super::{HOST, not_in_podman, not_on_windows, of_host, open, show, some_of};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// What a node has, and can bound.
pub(crate) struct NodeResources;

/// Limits that must be there, as `docker info` names them, and what cannot be bounded without them.
const NEEDED: [(&str, &str); 3] =
    [("MemoryLimit", "memory"), ("CpuCfsQuota", "processor time"), ("PidsLimit", "the number of processes")];
/// Below these a node is called small: our own measure, for a person to weigh.
const SMALL_CPUS: u64 = 2;
const SMALL_MEMORY: u64 = 2 << 30;

impl Check for NodeResources {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "node-resources",
            use_case: None,
            title: text("Resources of the node", "Ressourcen des Knotens"),
            why: text(
                "A node that has too little to give, or whose kernel cannot bound what a container takes, fails with all that runs on it.",
                "Ein Knoten mit zu wenig Ressourcen, oder einer, dessen Kernel den Verbrauch eines Containers nicht begrenzen kann, fällt mit allem aus, was auf ihm läuft.",
            ),
            how: text(
                "Fails when the kernel cannot bound memory, processor time or processes. Names processors, memory and how many containers share them. Undecided on a small node (fewer than two processors or 2 GiB) and where the engine does not tell. Whether a node has enough for its work is for a person to judge.",
                "Nicht bestanden, wenn der Kernel Speicher, Prozessorzeit oder Prozesse nicht begrenzen kann. Nennt Prozessoren, Speicher und wie viele Container sie sich teilen. Unentschieden bei kleinen Knoten (weniger als zwei Prozessoren oder 2 GiB) und wo die Engine es nicht angibt. Ob ein Knoten für seine Aufgabe ausreicht, beurteilt ein Mensch.",
            ),
            blind_spots: text(
                "Free disk space, load over time, and what runs on the machine beside containers.",
                "Freier Plattenplatz, Auslastung über die Zeit und was neben Containern auf der Maschine läuft.",
            ),
            remedy: text(
                "Use a kernel with all cgroup controllers enabled, give containers limits, and size nodes by what was measured.",
                "Verwenden Sie einen Kernel mit allen cgroup-Controllern, geben Sie Containern Grenzen und bemessen Sie Knoten nach gemessenen Werten.",
            ),
            example: "docker info --format '{{.NCPU}} {{.MemTotal}} {{.MemoryLimit}} {{.PidsLimit}}'\n8 33554432000 true true",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, node)
    }
}

fn limit(host: &HostFacts, name: &str) -> Option<bool> {
    host.daemon.kernel_limits.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, on)| *on)
}

fn node(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_on_windows(host, "no cgroup limit to look at") {
        return judgement;
    }
    let mut observations = Vec::new();
    let mut off = Vec::new();
    let mut untold = Vec::new();
    for (name, what) in NEEDED {
        match limit(host, name) {
            Some(true) => {}
            Some(false) => {
                off.push(what);
                let message = format!("The kernel cannot bound {what} of a container.");
                observations.push(show::on_info(host, name, Severity::Medium, message, &[]));
            }
            None => untold.push(what),
        }
    }
    if limit(host, "SwapLimit") == Some(false) {
        let message = "The kernel cannot bound swap: a container may take more than its memory limit.";
        observations.push(show::on_info(host, "SwapLimit", Severity::Low, message, &[]));
    }
    let (cpus, memory) = (host.machine.cpus, host.machine.memory);
    let running = host.containers.as_ref().map(|list| list.iter().filter(|one| one.state == "running").count());
    let share = match running {
        Some(running) => count(running, "running container", "running containers"),
        None => "an unknown number of containers".to_owned(),
    };
    let mut small = false;
    if let (Some(cpus), Some(memory)) = (cpus, memory) {
        small = cpus < SMALL_CPUS || memory < SMALL_MEMORY;
        let cpus = count(usize::try_from(cpus).unwrap_or(usize::MAX), "processor", "processors");
        let message = format!("The node has {cpus} and {} of memory for {share}.", bytes(memory));
        let severity = if small { Severity::Low } else { Severity::Info };
        observations.push(show::on_info(host, "NCPU", severity, message, &[]));
    }
    if !off.is_empty() {
        let summary = format!("The kernel cannot bound {} of containers.", off.join(", "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let (Some(_), Some(memory)) = (cpus, memory) else {
        return judged(
            OutcomeKind::Undecided,
            "The engine does not tell the node's processors and memory.",
            observations,
        );
    };
    if !untold.is_empty() {
        let summary =
            format!("The engine does not tell whether the kernel can bound {} of containers.", untold.join(", "));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if small {
        let summary =
            format!("The node is small ({} of memory for {share}); ask what it is meant to carry.", bytes(memory));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!("The kernel can bound containers, and the node has {} of memory for {share}.", bytes(memory));
    judged(OutcomeKind::Pass, summary, observations)
}

/// "15.6 GiB".
fn bytes(number: u64) -> String {
    let mib = number >> 20;
    if mib < 1024 { format!("{mib} MiB") } else { format!("{}.{} GiB", mib / 1024, mib % 1024 * 10 / 1024) }
}

/// The daemon's own limits for containers.
pub(crate) struct DefaultUlimits;

impl Check for DefaultUlimits {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "default-ulimits",
            use_case: None,
            title: text("Default limits for containers", "Standardgrenzen für Container"),
            why: text(
                "Most containers name no ulimits. What the daemon gives them by default is then the only bound on open files and processes.",
                "Die meisten Container nennen keine ulimits. Was der Daemon ihnen standardmäßig gibt, ist dann die einzige Grenze für offene Dateien und Prozesse.",
            ),
            how: text(
                "Passes when default-ulimits is set in daemon.json or by a flag; the values are named. Where it is not set, or not known, a person decides: limits may be given to each container.",
                "Bestanden, wenn default-ulimits in daemon.json oder per Schalter gesetzt ist; die Werte werden genannt. Wo es nicht gesetzt oder nicht bekannt ist, entscheidet ein Mensch: Grenzen können je Container gesetzt sein.",
            ),
            blind_spots: text(
                "Whether the values fit the work. Limits of each container, which the checks on containers look at. LimitNOFILE of the unit.",
                "Ob die Werte zur Aufgabe passen. Grenzen der einzelnen Container; darauf achten die Prüfungen der Container. LimitNOFILE der Unit.",
            ),
            remedy: text(
                "Set default-ulimits in daemon.json, and raise them for single containers where needed.",
                "Setzen Sie default-ulimits in daemon.json und erhöhen Sie sie dort, wo ein Container mehr braucht.",
            ),
            example: "{ \"default-ulimits\": { \"nofile\": { \"Name\": \"nofile\", \"Soft\": 1024, \"Hard\": 4096 } } }",
            aliases: &[("docker-bench", "2.8")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, ulimits)
    }
}

fn ulimits(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_in_podman(host, "no limits of a daemon's own (they stand in containers.conf)") {
        return judgement;
    }
    // The flag is --default-ulimit, the key of the file default-ulimits.
    let found = [setting(host, "default-ulimits"), setting(host, "default-ulimit")];
    let set = found.iter().find_map(|one| if let Setting::Set(one) = one { Some(*one) } else { None });
    if let Some(one) = set {
        let summary = format!("Containers get these limits by default: {}.", plain(&one.value));
        let observation = show::on_configured(one, Severity::Info, summary.clone(), &["2.8"]);
        return judged(OutcomeKind::Pass, summary, vec![observation]);
    }
    match found {
        [Setting::Conflict(why), _] | [_, Setting::Conflict(why)] | [Setting::Unknown(why), _] => {
            open(format!("{why}."))
        }
        _ => open(format!(
            "The daemon gives containers no limits of its own ({} not set); ask whether each container has its own.",
            some_of(&["default-ulimits"])
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, good, judge};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_kernel_that_cannot_bound_fails_and_a_small_node_is_for_a_person() {
        assert_eq!(judge(&NodeResources, good()).outcome, OutcomeKind::Pass);
        let mut host = good();
        host.daemon.kernel_limits.insert("PidsLimit".into(), false);
        let judgement = judge(&NodeResources, host);
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.reproduce.as_deref().unwrap().contains(".PidsLimit")));
        let mut host = good();
        host.machine.memory = Some(512 << 20);
        assert_eq!(judge(&NodeResources, host).outcome, OutcomeKind::Undecided);
        let mut host = good();
        host.daemon.kernel_limits.clear();
        assert_eq!(judge(&NodeResources, host).outcome, OutcomeKind::Undecided);
        let mut host = good();
        host.machine.memory = None;
        assert_eq!(judge(&NodeResources, host).outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!(bytes(512 << 20), "512 MiB");
        assert_eq!(bytes(0x3_E000_0000), "15.5 GiB");
        assert_eq!(bytes(u64::MAX), "17179869183.9 GiB");
    }

    #[test]
    fn default_limits_pass_when_they_are_set_and_never_fail() {
        let mut host = good();
        host.config.get_or_insert_default().settings = vec![config("default-ulimits", json!({"nofile": 1024}), 2)];
        assert_eq!(judge(&DefaultUlimits, host.clone()).outcome, OutcomeKind::Pass);
        host.config.get_or_insert_default().settings.clear();
        assert_eq!(judge(&DefaultUlimits, host.clone()).outcome, OutcomeKind::Undecided);
        host.config = None;
        assert_eq!(judge(&DefaultUlimits, host).outcome, OutcomeKind::Undecided);
    }
}
