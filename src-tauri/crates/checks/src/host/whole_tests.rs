//! All checks on whole hosts: one as it should be, one as it should not, one that tells nothing, and Podman's.

use plimsoll_catalog::{OutcomeKind, SubjectKind, standards};
use plimsoll_docker::facts::{ConfigFacts, HostFacts, Product, Unread};

use super::fixtures::{DAY, bad, facts_on, good, judge};
use super::{HOST, all};

fn outcomes(host: &HostFacts) -> Vec<(&'static str, OutcomeKind, String)> {
    let judged = all().into_iter().map(|check| {
        let judgement = judge(check, host.clone());
        (check.info().id, judgement.outcome, judgement.summary)
    });
    judged.collect()
}

fn ids(host: &HostFacts, of: OutcomeKind) -> Vec<&'static str> {
    outcomes(host).into_iter().filter(|(_, outcome, _)| *outcome == of).map(|(id, _, _)| id).collect()
}

#[test]
fn a_good_host_passes_nearly_everything() {
    let left = ["container-os", "management-network"];
    assert_eq!(ids(&good(), OutcomeKind::Fail), left);
    assert_eq!(ids(&good(), OutcomeKind::Undecided), ["rootless-engine"]);
}

#[test]
fn a_bad_host_fails_nearly_everything() {
    assert_eq!(ids(&bad(), OutcomeKind::Pass), Vec::<&str>::new());
    assert_eq!(ids(&bad(), OutcomeKind::Undecided), ["default-ulimits", "rootless-engine"]);
}

#[test]
fn a_host_that_tells_nothing_is_undecided_everywhere() {
    for host in [
        HostFacts::default(),
        HostFacts { config: Some(ConfigFacts::default()), ..HostFacts::default() },
        HostFacts {
            unread: vec![Unread { what: "GET /info".into(), reason: "the engine answered 500.".into() }],
            ..HostFacts::default()
        },
    ] {
        for (id, outcome, summary) in outcomes(&host) {
            assert_eq!(outcome, OutcomeKind::Undecided, "{id}: {summary}");
        }
    }
}

#[test]
fn no_field_that_goes_missing_makes_a_pass_of_what_was_none() {
    // Each part of a bad host in turn is not told: nothing may look better than it did.
    let whole = bad();
    let without: [fn(&mut HostFacts); 8] = [
        |host| host.daemon = Default::default(),
        |host| host.config = None,
        |host| host.networks = None,
        |host| host.containers = None,
        |host| host.volumes = None,
        |host| host.machine = Default::default(),
        |host| host.engine = Default::default(),
        |host| host.swarm = Default::default(),
    ];
    for (index, take) in without.into_iter().enumerate() {
        let mut host = whole.clone();
        take(&mut host);
        for (id, outcome, summary) in outcomes(&host) {
            assert!(!matches!(outcome, OutcomeKind::Pass | OutcomeKind::NotApplicable), "{index} {id}: {summary}");
        }
    }
}

#[test]
fn podman_fails_nothing_that_it_does_not_have() {
    let mut host = good();
    host.engine.product = Product::Podman;
    host.daemon.live_restore = Some(false);
    host.daemon.authorization_plugins = Some(vec![]);
    host.config = None;
    let failed = ids(&host, OutcomeKind::Fail);
    assert_eq!(failed, ["container-os"]);
    for id in ["live-restore", "userland-proxy", "iptables-managed", "inter-container-traffic", "daemon-log-level"] {
        assert!(ids(&host, OutcomeKind::Undecided).contains(&id), "{id}");
    }
}

#[test]
fn each_observation_has_a_place_a_command_and_a_whole_sentence() {
    for host in [good(), bad()] {
        for check in all() {
            let judgement = judge(check, host.clone());
            let id = check.info().id;
            assert!(judgement.summary.ends_with('.'), "{id}: {}", judgement.summary);
            if judgement.outcome == OutcomeKind::Fail {
                assert!(!judgement.observations.is_empty(), "{id}");
            }
            for observation in judgement.observations {
                assert!(observation.location.is_some(), "{id}");
                assert!(observation.reproduce.is_some_and(|command| !command.is_empty()), "{id}");
                assert!(observation.message.ends_with('.'), "{id}: {}", observation.message);
            }
        }
    }
}

#[test]
fn each_check_looks_at_hosts_and_has_its_links() {
    for check in all() {
        let info = check.info();
        assert_eq!(check.kinds(), HOST);
        assert_eq!(info.use_case, None, "{}", info.id);
        let own = standards().runtime_check(info.id).unwrap_or_else(|| panic!("{} has no links", info.id));
        assert_eq!(own.kinds, [SubjectKind::Host], "{}", info.id);
    }
}

#[test]
fn engines_on_windows_are_left_to_a_person() {
    let mut host = bad();
    host.machine.os_type = Some("windows".into());
    for id in ["live-restore", "lsm-enabled", "user-namespaces", "daemon-files", "node-resources"] {
        assert!(ids(&host, OutcomeKind::Undecided).contains(&id), "{id}");
    }
}

#[test]
fn facts_without_a_host_are_an_error() {
    let mut facts = facts_on(good(), DAY);
    facts.host = None;
    for check in all() {
        assert_eq!(check.judge(&facts, &crate::Settings::default()).outcome, OutcomeKind::Error);
    }
}

#[test]
fn names_from_outside_stay_on_one_line_and_in_quotes() {
    let mut host = bad();
    let hostile = "a\nb'; touch /tmp/x; '\u{1b}[31m".repeat(50);
    host.containers.iter_mut().flatten().for_each(|container| container.name = hostile.clone());
    host.networks.iter_mut().flatten().filter(|one| one.name != "bridge").for_each(|one| one.name = hostile.clone());
    host.daemon.warnings = vec![hostile.clone()];
    host.daemon.insecure_registries = Some(vec![hostile.clone()]);
    host.machine.operating_system = Some(hostile);
    for check in all() {
        let judgement = judge(check, host.clone());
        let texts = judgement.observations.iter().map(|observation| &observation.message);
        for text in texts.chain([&judgement.summary]) {
            assert!(!text.contains(char::is_control), "{}: {text}", check.info().id);
        }
    }
}
