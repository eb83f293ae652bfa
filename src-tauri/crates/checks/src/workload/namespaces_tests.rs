//! Namespaces: the host's, another one's, and mapped users.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};

use super::super::tests::{outcome, security_option, service};
use super::*;

#[test]
fn the_host_s_fail_and_another_one_s_are_for_a_person() {
    assert_eq!(outcome(ID, |_| {}), Pass);
    assert_eq!(outcome(ID, |c| c.host_config.network_mode = Some("host".into())), Fail);
    assert_eq!(outcome(ID, |c| c.host_config.pid_mode = Some("host".into())), Fail);
    assert_eq!(outcome(ID, |c| c.host_config.ipc_mode = Some("host".into())), Fail);
    assert_eq!(outcome(ID, |c| c.host_config.uts_mode = Some("host".into())), Fail);
    assert_eq!(outcome(ID, |c| c.host_config.ipc_mode = Some("shareable".into())), Pass);
    // The default of control groups of version 1, and what engines before 20.10 do not know.
    assert_eq!(outcome(ID, |c| c.host_config.cgroupns_mode = Some("host".into())), Pass);
    assert_eq!(outcome(ID, |c| c.host_config.cgroupns_mode = None), Pass);
    assert_eq!(outcome(ID, |c| c.host_config.pid_mode = Some("container:abc".into())), Undecided);
    assert_eq!(outcome(ID, |c| c.host_config.pid_mode = None), Undecided);
    assert_eq!(service(ID, "").outcome, Pass);
    for key in ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"] {
        assert_eq!(service(ID, &format!("{key}: host")).outcome, Fail, "{key}");
        assert_eq!(service(ID, &format!("{key}: '${{X}}'")).outcome, Undecided, "{key}");
    }
    assert_eq!(service(ID, "network_mode: service:db").outcome, Undecided);
}

#[test]
fn user_ids_are_mapped_by_the_engine_unless_the_container_opts_out() {
    let id = "userns-host";
    let mapped = || Some(vec![security_option("userns", None)]);
    assert_eq!(outcome(id, |_| {}), Fail);
    assert_eq!(outcome(id, |c| c.at.security_options = mapped()), Pass);
    let host = |c: &mut plimsoll_docker::facts::ContainerFacts| c.host_config.userns_mode = Some("host".into());
    assert_eq!(outcome(id, |c| (host(c), c.at.security_options = mapped()).1), Fail);
    assert_eq!(outcome(id, |c| c.at.security_options = Some(vec![security_option("rootless", None)])), Pass);
    assert_eq!(outcome(id, |c| c.host_config.userns_mode = Some("keep-id".into())), Pass);
    assert_eq!(outcome(id, |c| c.at.security_options = None), Undecided);
    assert_eq!(outcome(id, |c| (c.at.security_options = mapped(), c.host_config.userns_mode = None).1), Undecided);
}
