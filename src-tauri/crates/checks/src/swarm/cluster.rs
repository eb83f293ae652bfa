//! A worker is left to the manager of its cluster, when that is a subject too.
//!
//! A cluster is recognised by what its members say of each other: the manager lists the worker's node id, or the worker
//! names the manager's among those that it reports to. Ids of nodes are drawn at random, so that two clusters share none.
//! An address is looked at only where one side tells no id at all, and never alone where another manager has it too.

use std::collections::HashMap;

use plimsoll_catalog::{Outcome, OutcomeKind};
use plimsoll_docker::facts::SwarmFacts;

use super::of_the_cluster;
use super::told::{is_manager, is_worker};
use crate::Facts;

/// The managers among the subjects: for each id or address the manager's name for people.
#[derive(Default)]
struct Managers<'a> {
    /// By the id of a node that a manager is or lists.
    by_id: HashMap<&'a str, &'a str>,
    /// By the address of a manager that tells no id of its own; none where several have it.
    by_address: HashMap<&'a str, Option<&'a str>>,
    /// By the address of any manager, for workers that name managers without ids.
    by_any_address: HashMap<&'a str, Option<&'a str>>,
}

/// An address without its port.
fn host(address: &str) -> &str {
    match address.rsplit_once(':') {
        // The last colon of a bare IPv6 address ends no host.
        Some((host, port)) if port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')) => {
            host.trim_matches(['[', ']'])
        }
        _ => address.trim_matches(['[', ']']),
    }
}

fn told(word: Option<&String>) -> Option<&str> {
    word.map(String::as_str).filter(|word| !word.is_empty())
}

impl<'a> Managers<'a> {
    fn of(subjects: &[(&'a str, &'a str, &'a Facts)]) -> Self {
        let mut managers = Self::default();
        for &(_, name, facts) in subjects {
            let Some(swarm) = facts.host.as_ref().map(|host| &host.swarm).filter(|swarm| is_manager(swarm)) else {
                continue;
            };
            // A manager that could not be asked has nothing to say for its workers.
            if swarm.cluster.is_none() && swarm.node_list.is_none() {
                continue;
            }
            let own = told(swarm.node_id.as_ref());
            let listed = swarm.node_list.iter().flatten().map(|node| node.id.as_str());
            for id in own.into_iter().chain(listed).filter(|id| !id.is_empty()) {
                managers.by_id.entry(id).or_insert(name);
            }
            if let Some(address) = told(swarm.node_address.as_ref()) {
                let once = |known: &mut HashMap<&'a str, Option<&'a str>>| {
                    known.entry(host(address)).and_modify(|name| *name = None).or_insert(Some(name));
                };
                once(&mut managers.by_any_address);
                if own.is_none() {
                    once(&mut managers.by_address);
                }
            }
        }
        managers
    }

    /// The name of the manager that a worker belongs to.
    fn manager_of(&self, worker: &SwarmFacts) -> Option<&'a str> {
        if let Some(name) = told(worker.node_id.as_ref()).and_then(|id| self.by_id.get(id)) {
            return Some(name);
        }
        worker.remote_managers.iter().find_map(|(id, address)| {
            let known = if id.is_empty() { &self.by_any_address } else { &self.by_address };
            let by_address = || known.get(host(address)).copied().flatten();
            self.by_id.get(id.as_str()).copied().filter(|_| !id.is_empty()).or_else(by_address)
        })
    }
}

/// Outcomes that a worker leaves undecided, because only a manager tells, do not apply to it when a manager of its cluster
/// is a subject too. What the worker itself showed stands. In: the subjects and their outcomes, in the same order.
pub(crate) fn leave_to_managers(subjects: &[(&str, &str, &Facts)], judged: &mut [(String, Vec<Outcome>)]) {
    let managers = Managers::of(subjects);
    if managers.by_id.is_empty() && managers.by_any_address.is_empty() {
        return;
    }
    let ids: Vec<&str> = of_the_cluster().iter().map(|check| check.info().id).collect();
    for (&(subject, _, facts), (of, outcomes)) in subjects.iter().zip(judged) {
        let Some(swarm) = facts.host.as_ref().map(|host| &host.swarm).filter(|swarm| is_worker(swarm)) else {
            continue;
        };
        let Some(name) = managers.manager_of(swarm).filter(|_| subject == of) else { continue };
        let left = outcomes
            .iter_mut()
            .filter(|outcome| outcome.outcome == OutcomeKind::Undecided && ids.contains(&outcome.check.as_str()));
        for outcome in left {
            outcome.outcome = OutcomeKind::NotApplicable;
            outcome.summary = format!(
                "The host is a worker of a cluster that its manager tells of, which is a subject of its own: {name}."
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{host_facts, manager, worker};
    use super::*;
    use crate::{Settings, judge_all};

    fn outcome(subjects: &[(&str, &str, &Facts)], at: usize, check: &str) -> (OutcomeKind, String) {
        let judged = judge_all(subjects, &Settings::default());
        let outcome = judged[at].1.iter().find(|outcome| outcome.check == check).unwrap();
        (outcome.outcome, outcome.summary.clone())
    }

    #[test]
    fn a_worker_is_left_to_its_manager_and_the_manager_is_judged() {
        let (manager, worker) = (manager(), worker());
        assert_eq!(outcome(&[("2", "node4", &worker)], 0, "managers-odd").0, OutcomeKind::Undecided);
        let both = [("1", "manager one", &manager), ("2", "node4", &worker)];
        let (kind, summary) = outcome(&both, 1, "managers-odd");
        assert_eq!(kind, OutcomeKind::NotApplicable);
        assert!(summary.contains("manager one"), "{summary}");
        assert_eq!(outcome(&both, 0, "managers-odd").0, OutcomeKind::Pass);
        // What is asked of each host stays with it.
        assert_eq!(outcome(&both, 1, "application-networks").0, OutcomeKind::Undecided);
    }

    #[test]
    fn a_worker_is_not_left_to_the_manager_of_another_cluster() {
        let (manager, mut worker) = (manager(), worker());
        let swarm = &mut worker.host.as_mut().unwrap().swarm;
        swarm.node_id = Some("elsewhere".into());
        // The same address in another network, with another node's id.
        swarm.remote_managers = vec![("other".into(), "10.0.1.11:2377".into())];
        let both = [("1", "manager one", &manager), ("2", "node4", &worker)];
        assert_eq!(outcome(&both, 1, "managers-odd").0, OutcomeKind::Undecided);
    }

    #[test]
    fn an_address_recognises_a_manager_where_no_id_is_told_and_it_is_the_only_one() {
        let (manager, mut worker) = (manager(), worker());
        let swarm = &mut worker.host.as_mut().unwrap().swarm;
        swarm.node_id = None;
        swarm.remote_managers = vec![(String::new(), "10.0.1.11:2377".into())];
        let both = [("1", "manager one", &manager), ("2", "node4", &worker)];
        assert_eq!(outcome(&both, 1, "swarm-autolock").0, OutcomeKind::NotApplicable);
        let twice = [("1", "manager one", &manager), ("2", "node4", &worker), ("3", "its copy", &manager)];
        assert_eq!(outcome(&twice, 1, "swarm-autolock").0, OutcomeKind::Undecided);
    }

    #[test]
    fn a_manager_that_tells_nothing_takes_no_worker_over() {
        let (mut silent, worker) = (manager(), worker());
        let swarm = &mut silent.host.as_mut().unwrap().swarm;
        (swarm.cluster, swarm.node_list) = (None, None);
        let both = [("1", "manager one", &silent), ("2", "node4", &worker)];
        assert_eq!(outcome(&both, 1, "managers-odd").0, OutcomeKind::Undecided);
        let lonely = host_facts();
        assert_eq!(outcome(&[("1", "a", &lonely)], 0, "managers-odd").0, OutcomeKind::Undecided);
    }

    #[test]
    fn what_a_worker_itself_shows_stands() {
        let (manager, mut worker) = (manager(), worker());
        let host = worker.host.as_mut().unwrap();
        host.networks = Some(vec![super::super::tests::overlay("shop", &[])]);
        let both = [("1", "manager one", &manager), ("2", "node4", &worker)];
        assert_eq!(outcome(&both, 1, "overlay-encrypted").0, OutcomeKind::Fail);
    }

    #[test]
    fn two_managers_of_one_cluster_are_judged_alike_and_nothing_is_said_across() {
        let (one, mut two) = (manager(), manager());
        two.host.as_mut().unwrap().swarm.node_id = Some("m2".into());
        let both = [("1", "manager one", &one), ("2", "manager two", &two)];
        assert!(crate::across(&both).is_empty());
        let judged = judge_all(&both, &Settings::default());
        let kinds = |at: usize| -> Vec<_> { judged[at].1.iter().map(|o| (o.check.clone(), o.outcome)).collect() };
        assert_eq!(kinds(0), kinds(1));
    }

    proptest::proptest! {
        #[test]
        fn no_address_is_too_odd(text in ".*", port in ".{0,6}") {
            let address = format!("{text}:{port}");
            proptest::prop_assert!(host(&address).len() <= address.len());
        }
    }

    #[test]
    fn hosts_are_told_from_ports() {
        for (address, expected) in [
            ("10.0.0.1:2377", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
            ("[fd00::1]:2377", "fd00::1"),
            ("fd00::1", "fd00::1"),
            ("", ""),
        ] {
            assert_eq!(host(address), expected);
        }
    }
}
