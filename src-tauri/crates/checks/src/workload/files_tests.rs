//! The root file system, and where data lie.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};

use super::super::tests::{judge, outcome, service, with};
use crate::facts::tests::compose;

#[test]
fn the_root_is_read_only_or_it_is_not() {
    let id = "read-only-root";
    assert_eq!(outcome(id, |_| {}), Fail);
    let tmpfs = with(|c| {
        c.host_config.read_only = Some(true);
        c.host_config.tmpfs = [("/tmp".to_owned(), String::new())].into();
    });
    let judgement = judge(id, &tmpfs);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.observations.iter().any(|o| o.message.contains("/tmp, which lies in memory")));
    assert_eq!(outcome(id, |c| c.host_config.read_only = None), Undecided);
    assert_eq!(service(id, "").outcome, Fail);
    assert_eq!(service(id, "read_only: true\ntmpfs: /tmp").outcome, Pass);
    assert_eq!(service(id, "read_only: ${R}").outcome, Undecided);
}

#[test]
fn a_data_store_needs_a_volume() {
    let run = |image: &str, keys: &str| {
        judge("data-volumes", &compose(&format!("services:\n  db:\n    image: {image}\n    {keys}\n"))).outcome
    };
    assert_eq!(run("postgres:17", ""), Fail);
    assert_eq!(run("registry.example:5000/mirror/postgres@sha256:0", ""), Fail);
    assert_eq!(run("postgres:17", "tmpfs: [/var/lib/postgresql/data]"), Fail);
    assert_eq!(run("postgres:17", "volumes: [/var/lib/postgresql/data]"), Fail);
    assert_eq!(run("postgres:17", "volumes: ['data:/var/lib/postgresql/data']"), Pass);
    assert_eq!(run("postgres:17", "volumes: ['./data:/var/lib/postgresql/data']"), Pass);
    assert_eq!(run("postgres:17", "volumes: ['${DATA}:/var/lib/postgresql/data']"), Pass);
    assert_eq!(run("postgres:17", "volumes_from: ['container:x']"), Undecided);
    assert_eq!(run("shop:1", ""), Undecided);
    assert_eq!(run("shop:1", "read_only: true"), Pass);
}
