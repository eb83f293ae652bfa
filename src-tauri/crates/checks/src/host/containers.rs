//! `stale-containers` (CSVS 4.8): what nobody needs is gone. `exposure-mix` (CSVS 4.10): what is reachable from outside
//! does not share the node with what is not.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, ListedContainer, PublishedPort, TaggedImage};
use std::collections::HashSet;

use super::nets::Net;
use super::{HOST, NAMED, of_host, open, said, show, some_of, unread};
use crate::a5_build::instant;
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// No container lies about that nobody needs.
pub(crate) struct StaleContainers;

const DAY: i64 = 86_400;

impl Check for StaleContainers {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "stale-containers",
            use_case: None,
            title: text("Containers that are no longer needed", "Nicht mehr benötigte Container"),
            why: text(
                "A container that ended long ago keeps its data, its secrets and its old image, and one command starts it again with all its flaws.",
                "Ein längst beendeter Container behält seine Daten, seine Geheimnisse und sein altes Image, und ein Befehl startet ihn mit allen Schwachstellen wieder.",
            ),
            how: text(
                "Containers that have ended, died, or were created and never started, longer ago than the engagement allows (30 days unless set otherwise), fail. When they ended is taken from the engine's status text, or else from their creation. Images without a name that no container uses are counted.",
                "Nicht bestanden, wenn Container beendet, gestorben (dead) oder angelegt und nie gestartet sind und das länger her ist, als der Auftrag zulässt (30 Tage, sofern nicht anders gesetzt). Wann sie endeten, ergibt sich aus dem Statustext der Engine, sonst aus der Erstellung. Namenlose Images, die kein Container nutzt, werden gezählt.",
            ),
            blind_spots: text(
                "Containers that run and that nobody needs all the same. Volumes and networks without use.",
                "Container, die laufen und trotzdem niemand braucht. Ungenutzte Volumes und Netze.",
            ),
            remedy: text(
                "Remove ended containers and unnamed images on a schedule, and start short-lived ones with --rm.",
                "Entfernen Sie beendete Container und namenlose Images regelmäßig und starten Sie kurzlebige mit --rm.",
            ),
            example: "docker container prune --filter until=720h",
            aliases: &[("docker-bench", "6.1"), ("docker-bench", "6.2")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_host(facts, |host| stale(host, &facts.collected, settings.stale_days))
    }
}

/// How many days ago it was, by words such as "Exited (0) 3 weeks ago"; rounded down, as the engine rounds.
fn days_ago(status: &str) -> Option<i64> {
    let words: Vec<&str> = status.strip_suffix(" ago")?.split(' ').collect();
    let (unit, number) = (words.last()?, words.get(words.len().checked_sub(2)?)?);
    let number: i64 = match *number {
        "a" | "an" | "About" => 1,
        number => number.parse().ok()?,
    };
    let days = match unit.trim_end_matches('s') {
        "second" | "minute" | "hour" => return Some(if *unit == "hours" { number / 24 } else { 0 }),
        "day" => 1,
        "week" => 7,
        "month" => 30,
        "year" => 365,
        _ => return None,
    };
    number.checked_mul(days)
}

/// Days since a container ended or was created, and whether that is sure: what was created long ago may have ended today.
fn age(container: &ListedContainer, now: i64) -> Option<(i64, bool)> {
    let since_created = (container.created > 0).then(|| now.saturating_sub(container.created) / DAY);
    match container.state.as_str() {
        "created" => since_created.map(|days| (days, true)),
        "exited" | "dead" => match days_ago(&container.status) {
            Some(days) => Some((days, true)),
            None => since_created.map(|days| (days, container.state == "dead")),
        },
        _ => None,
    }
}

fn stale(host: &HostFacts, collected: &str, limit: u32) -> Judgement {
    let Some(containers) = &host.containers else {
        return open(format!("The engine's containers could not be listed{}.", unread(host, "/containers")));
    };
    let Some(now) = instant(collected).map(time::OffsetDateTime::unix_timestamp) else {
        return open("The day of the audit is not recorded, so nothing tells how long ago containers ended.");
    };
    let mut observations = Vec::new();
    let (mut old, mut unsure, mut ended) = (Vec::new(), Vec::new(), 0_usize);
    for container in containers.iter().filter(|one| matches!(one.state.as_str(), "created" | "exited" | "dead")) {
        ended += 1;
        let name = said(&container.name);
        let (days, sure) = match age(container, now) {
            Some((days, sure)) if days > i64::from(limit) => (days, sure),
            Some(_) => continue,
            None => (0, false),
        };
        let message = match (sure, container.state.as_str()) {
            (true, "created") => format!("The container {name} was created {days} days ago and never started."),
            (true, _) => format!("The container {name} ended about {days} days ago ({}).", said(&container.status)),
            (false, _) => format!("When the container {name} ended cannot be told ({}).", said(&container.status)),
        };
        observations.push(show::on_container(host, &container.name, "State", Severity::Low, message, &["6.2"]));
        if sure { old.push(name) } else { unsure.push(name) }
    }
    observations.truncate(NAMED);
    let dangling = host.images.as_deref().map_or(0, |images| unnamed(images, containers));
    if dangling > 0 {
        let message = format!(
            "{} that no container uses.",
            count(dangling, "image without a name lies about", "images without a name lie about")
        );
        let command = format!("{} image ls --filter dangling=true", show::docker(host));
        observations.push(show::on_machine("images", command, Severity::Low, message, &["6.1"]));
    }
    if !old.is_empty() {
        let summary = format!(
            "{} more than {limit} days ago and still there: {}.",
            count(old.len(), "container ended", "containers ended"),
            some_of(&old)
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !unsure.is_empty() {
        let summary = format!(
            "When {} ended cannot be told: {}.",
            count(unsure.len(), "container", "containers"),
            some_of(&unsure)
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = match ended {
        0 => "There is no container that does not run.".to_owned(),
        ended => format!(
            "{}, none more than {limit} days ago.",
            count(ended, "container has ended", "containers have ended")
        ),
    };
    judged(OutcomeKind::Pass, summary, observations)
}

/// Images without any name that no container uses.
fn unnamed(images: &[TaggedImage], containers: &[ListedContainer]) -> usize {
    let used: HashSet<&str> = containers.iter().map(|container| container.image_id.as_str()).collect();
    let none = |names: &[String]| names.iter().all(|name| name.contains("<none>"));
    images.iter().filter(|one| none(&one.tags) && none(&one.digests) && !used.contains(one.id.as_str())).count()
}

/// What is reachable from outside runs beside its like.
pub(crate) struct ExposureMix;

impl Check for ExposureMix {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "exposure-mix",
            use_case: None,
            title: text("One level of exposure per node", "Eine Expositionsstufe je Knoten"),
            why: text(
                "Containers share a kernel. What faces the outside is attacked first, and whoever breaks out of it stands beside everything else on the node.",
                "Container teilen sich einen Kernel. Was von außen erreichbar ist, wird zuerst angegriffen, und wer daraus ausbricht, steht neben allem, was sonst auf dem Knoten läuft.",
            ),
            how: text(
                "Running containers are told apart: those that publish a port beyond the machine or use its network, and those that publish none, or only to the machine itself. Both kinds on one node are an indication that levels are mixed.",
                "Laufende Container werden unterschieden: solche, die einen Port über die Maschine hinaus veröffentlichen oder deren Netz nutzen, und solche, die keinen oder nur für die Maschine veröffentlichen. Beide Arten auf einem Knoten deuten auf gemischte Stufen hin.",
            ),
            blind_spots: text(
                "Firewalls, load balancers and proxies decide who reaches a published port. A swarm's routing mesh publishes on nodes where the container does not run.",
                "Firewalls, Load Balancer und Proxys bestimmen, wer einen veröffentlichten Port erreicht. Das Routing-Mesh eines Swarms veröffentlicht auch auf Knoten, auf denen der Container nicht läuft.",
            ),
            remedy: text(
                "Run what faces the outside on nodes of its own, by labels and placement constraints.",
                "Betreiben Sie von außen erreichbare Container auf eigenen Knoten, über Labels und Platzierungsregeln.",
            ),
            example: "docker service create --constraint node.labels.zone==dmz proxy:3",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, mix)
    }
}

fn reachable(port: &PublishedPort) -> bool {
    port.host_port != 0 && !Net::parse(&port.host_ip).is_some_and(|net| net.is_loopback())
}

fn mix(host: &HostFacts) -> Judgement {
    let Some(containers) = &host.containers else {
        return open(format!("The engine's containers could not be listed{}.", unread(host, "/containers")));
    };
    let running: Vec<&ListedContainer> = containers.iter().filter(|one| one.state == "running").collect();
    if running.is_empty() {
        return open("No container runs at the moment, so nothing tells what the node is used for.");
    }
    let exposed =
        |one: &&&ListedContainer| one.ports.iter().any(reachable) || one.network_mode.as_deref() == Some("host");
    let open_ones: Vec<String> = running.iter().filter(exposed).map(|one| one.name.clone()).collect();
    let total = running.len();
    if open_ones.is_empty() || open_ones.len() == total {
        let word = if open_ones.is_empty() { "none of them is" } else { "all of them are" };
        let summary = format!(
            "{} on the node, and {word} reachable from outside it.",
            count(total, "container runs", "containers run")
        );
        return judged(OutcomeKind::Pass, summary, Vec::new());
    }
    let observations = running.iter().filter(exposed).take(NAMED).map(|one| {
        let ports = one.ports.iter().filter(|port| reachable(port));
        let mut ports: Vec<String> = ports.map(|port| format!("{}/{}", port.host_port, said(&port.protocol))).collect();
        ports.dedup();
        let how = if ports.is_empty() { "the host's network".to_owned() } else { some_of(&ports) };
        let message = format!("The container {} is reachable from outside the node ({how}).", said(&one.name));
        show::on_container(host, &one.name, "NetworkSettings.Ports", Severity::Low, message, &[])
    });
    let summary = format!(
        "{} reachable from outside ({}) beside {} that {} not.",
        count(open_ones.len(), "container is", "containers are"),
        said(&some_of(&open_ones)),
        total - open_ones.len(),
        if total - open_ones.len() == 1 { "is" } else { "are" }
    );
    judged(OutcomeKind::Fail, summary, observations.collect())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{NOW, container, facts_on, good, judge};
    use super::*;

    fn ended(state: &str, status: &str, days: i64) -> ListedContainer {
        let mut one = container("old", &["shop"], &[]);
        (one.state, one.status, one.created) = (state.into(), status.into(), NOW - days * DAY);
        one
    }

    fn outcome(container: ListedContainer) -> OutcomeKind {
        let mut host = good();
        host.containers = Some(vec![container]);
        judge(&StaleContainers, host).outcome
    }

    #[test]
    fn the_engines_words_are_read() {
        for (status, days) in [
            ("Exited (0) 3 weeks ago", Some(21)),
            ("Exited (137) 2 months ago", Some(60)),
            ("Exited (0) 47 hours ago", Some(1)),
            ("Exited (0) About an hour ago", Some(0)),
            ("Exited (0) About a minute ago", Some(0)),
            ("Exited (0) Less than a second ago", Some(0)),
            ("Exited (1) 2 years ago", Some(730)),
            ("Exited (0) 99999999999999999999 years ago", None),
            ("Exited (0) 9223372036854775807 years ago", None),
            ("Created", None),
            (" ago", None),
            ("", None),
        ] {
            assert_eq!(days_ago(status), days, "{status}");
        }
    }

    #[test]
    fn what_ended_long_ago_fails() {
        assert_eq!(outcome(ended("exited", "Exited (0) 3 months ago", 400)), OutcomeKind::Fail);
        assert_eq!(outcome(ended("exited", "Exited (0) 3 days ago", 400)), OutcomeKind::Pass);
        assert_eq!(outcome(ended("created", "Created", 31)), OutcomeKind::Fail);
        assert_eq!(outcome(ended("created", "Created", 3)), OutcomeKind::Pass);
        assert_eq!(outcome(ended("dead", "Dead", 400)), OutcomeKind::Fail);
        assert_eq!(outcome(ended("exited", "Beendet", 400)), OutcomeKind::Undecided);
        assert_eq!(outcome(ended("running", "Up 2 years", 900)), OutcomeKind::Pass);
    }

    #[test]
    fn the_engagement_sets_the_limit_and_the_day_must_be_known() {
        let mut host = good();
        host.containers = Some(vec![ended("created", "Created", 40)]);
        let settings = Settings { stale_days: 60, ..Settings::default() };
        let judged = |day, settings| StaleContainers.judge(&facts_on(host.clone(), day), settings).outcome;
        assert_eq!(judged("2026-11-24T00:00:00Z", &settings), OutcomeKind::Pass);
        assert_eq!(judged("", &settings), OutcomeKind::Undecided);
    }

    #[test]
    fn unnamed_images_are_counted_unless_they_are_used() {
        let image = |id: &str, tags: &[&str]| TaggedImage {
            id: id.into(),
            tags: tags.iter().map(|&tag| tag.into()).collect(),
            ..TaggedImage::default()
        };
        let mut host = good();
        host.images =
            Some(vec![image("sha256:1", &[]), image("sha256:2", &["<none>:<none>"]), image("sha256:3", &["a:1"])]);
        let judgement = judge(&StaleContainers, host);
        assert!(judgement.observations.iter().any(|o| o.message.starts_with("one image without a name")));
    }

    #[test]
    fn levels_of_exposure_are_told_apart() {
        let outcome = |containers| {
            let mut host = good();
            host.containers = containers;
            judge(&ExposureMix, host).outcome
        };
        let web = || container("web", &["shop"], &[("0.0.0.0", 443), ("::", 443)]);
        let db = || container("db", &["shop"], &[("127.0.0.1", 5432)]);
        assert_eq!(outcome(Some(vec![web(), web()])), OutcomeKind::Pass);
        assert_eq!(outcome(Some(vec![db()])), OutcomeKind::Pass);
        assert_eq!(outcome(Some(vec![web(), db()])), OutcomeKind::Fail);
        assert_eq!(outcome(Some(vec![container("h", &["host"], &[]), db()])), OutcomeKind::Fail);
        assert_eq!(outcome(Some(vec![])), OutcomeKind::Undecided);
        assert_eq!(outcome(None), OutcomeKind::Undecided);
    }
}
