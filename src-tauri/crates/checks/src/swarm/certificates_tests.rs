//! Tests of `keys.rs` and `certificates.rs`.

use plimsoll_catalog::OutcomeKind::{Fail, NotApplicable, Pass, Undecided};

use super::tests::{cluster, ends, judge};

const DAY: u64 = 86_400_000_000_000;

#[test]
fn auto_lock_is_on_off_or_not_told() {
    let set = |value| ends("swarm-autolock", move |host| cluster(host).auto_lock = value);
    assert_eq!((set(Some(true)), set(Some(false)), set(None)), (Pass, Fail, Undecided));
    assert_eq!(ends("swarm-autolock", |host| host.swarm.cluster = None), Undecided);
}

#[test]
fn tokens_never_pass_and_cannot_be_younger_than_the_last_change() {
    let updated =
        |text: Option<&'static str>| ends("join-tokens", move |host| cluster(host).updated = text.map(str::to_owned));
    assert_eq!(updated(Some("2026-11-23T20:00:00Z")), Undecided);
    assert_eq!(updated(Some("2026-06-01T00:00:00Z")), Fail);
    // A clock that goes ahead, or nonsense, decides nothing.
    assert_eq!(updated(Some("2036-06-01T00:00:00Z")), Undecided);
    assert_eq!(updated(Some("yesterday")), Undecided);
    assert_eq!(updated(None), Undecided);
    let never = judge("join-tokens", |host| cluster(host).updated = Some("2026-01-10T08:00:04Z".into()));
    assert!(never.observations[0].message.contains("never been rotated"), "{:?}", never.observations);
}

#[test]
fn a_young_cluster_has_nothing_to_rotate_yet() {
    let young = |host: &mut plimsoll_docker::facts::HostFacts| {
        let cluster = cluster(host);
        cluster.created = Some("2026-11-20T00:00:00Z".into());
        cluster.updated = Some("2026-11-20T00:00:01Z".into());
    };
    assert_eq!(ends("join-tokens", young), Undecided);
}

#[test]
fn without_auto_lock_there_is_no_unlock_key() {
    assert_eq!(ends("unlock-key-rotation", |_| ()), Undecided);
    assert_eq!(ends("unlock-key-rotation", |host| cluster(host).auto_lock = Some(false)), NotApplicable);
    assert_eq!(ends("unlock-key-rotation", |host| cluster(host).auto_lock = None), Undecided);
    assert_eq!(ends("unlock-key-rotation", |host| cluster(host).updated = Some("2026-02-01T00:00:00Z".into())), Fail);
    assert_eq!(ends("unlock-key-rotation", |host| cluster(host).updated = None), Undecided);
}

#[test]
fn certificates_of_nodes_are_valid_for_ninety_days_at_most() {
    let set = |value| ends("node-certificates", move |host| cluster(host).node_cert_expiry = value);
    assert_eq!(set(Some(90 * DAY)), Pass);
    assert_eq!(set(Some(DAY / 24)), Pass);
    assert_eq!(set(Some(90 * DAY + 1)), Fail);
    assert_eq!(set(Some(u64::MAX)), Fail);
    assert_eq!((set(Some(0)), set(None)), (Undecided, Undecided));
    let external = |host: &mut plimsoll_docker::facts::HostFacts| {
        cluster(host).external_cas = vec!["https://ca.example/sign".into()];
    };
    assert_eq!(ends("node-certificates", external), Undecided);
}

#[test]
fn a_root_that_was_rotated_lately_passes_and_an_old_one_or_one_near_its_end_fails() {
    let dates = |from: &'static str, until: &'static str, rotated: Option<u64>| {
        ends("swarm-ca-rotation", move |host| {
            let cluster = cluster(host);
            let root = cluster.root.as_mut().unwrap();
            (root.from, root.until) = (from.into(), until.into());
            cluster.force_rotate = rotated;
        })
    };
    assert_eq!(dates("2026-06-01T00:00:00Z", "2046-06-01T00:00:00Z", Some(2)), Pass);
    assert_eq!(dates("2026-06-01T00:00:00Z", "2046-06-01T00:00:00Z", Some(0)), Undecided);
    assert_eq!(dates("2026-06-01T00:00:00Z", "2046-06-01T00:00:00Z", None), Undecided);
    assert_eq!(dates("2025-06-01T00:00:00Z", "2045-06-01T00:00:00Z", Some(1)), Undecided);
    assert_eq!(dates("2020-06-01T00:00:00Z", "2040-06-01T00:00:00Z", Some(1)), Fail);
    assert_eq!(dates("2026-06-01T00:00:00Z", "2026-12-24T00:00:00Z", Some(1)), Fail);
    assert_eq!(dates("2006-06-01T00:00:00Z", "2026-11-23T00:00:00Z", Some(1)), Fail);
    // A root of the future was not rotated.
    assert_eq!(dates("2027-06-01T00:00:00Z", "2046-06-01T00:00:00Z", Some(1)), Undecided);
    assert_eq!(dates("", "soon", Some(1)), Undecided);
    assert_eq!(ends("swarm-ca-rotation", |host| cluster(host).root = None), Undecided);
    assert_eq!(ends("swarm-ca-rotation", |host| cluster(host).root_rotation_in_progress = Some(true)), Undecided);
}

#[test]
fn a_root_of_swarms_own_making_is_no_authority_of_the_organisation() {
    let subject = |subject: &'static str| {
        ends("swarm-own-ca", move |host| cluster(host).root.as_mut().unwrap().subject = subject.into())
    };
    assert_eq!(subject("CN=swarm-ca"), Fail);
    assert_eq!(subject("O=x, CN = Swarm-CA"), Fail);
    assert_eq!(subject("CN=Example Swarm CA,O=Example"), Pass);
    assert_eq!(subject(""), Undecided);
    assert_eq!(ends("swarm-own-ca", |host| cluster(host).root = None), Undecided);
    let external = |host: &mut plimsoll_docker::facts::HostFacts| {
        let cluster = cluster(host);
        cluster.root.as_mut().unwrap().subject = "CN=swarm-ca".into();
        cluster.external_cas = vec!["https://ca.example/sign".into()];
    };
    assert_eq!(ends("swarm-own-ca", external), Pass);
}
