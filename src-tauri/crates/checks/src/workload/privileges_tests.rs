//! Privileges, devices and kernel settings.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};
use plimsoll_catalog::Severity;
use plimsoll_docker::facts::DeviceFacts;

use super::super::tests::{check, judge, outcome, service, with, worst};
use super::*;
use crate::Allowance;

#[test]
fn docker_s_own_set_passes_and_more_fails() {
    let id = PRIVILEGES;
    assert_eq!(outcome(id, |_| {}), Pass);
    let dropped = judge(id, &with(|c| c.host_config.cap_drop = vec!["ALL".into()]));
    assert_eq!((dropped.outcome, worst(&dropped)), (Pass, Severity::Info));
    assert_eq!(outcome(id, |c| c.host_config.cap_add = vec!["CAP_NET_BIND_SERVICE".into(), "chown".into()]), Pass);
    let admin = judge(id, &with(|c| c.host_config.cap_add = vec!["CAP_SYS_ADMIN".into()]));
    assert_eq!((admin.outcome, worst(&admin)), (Fail, Severity::Critical));
    assert!(admin.summary.contains("SYS_ADMIN, which permits mounts"));
    assert_eq!(outcome(id, |c| c.host_config.cap_add = vec!["NEW_ONE".into()]), Fail);
    assert_eq!(outcome(id, |c| c.host_config.privileged = Some(true)), Fail);
    assert_eq!(outcome(id, |c| c.host_config.privileged = None), Undecided);
    assert_eq!(service(id, "").outcome, Pass);
    assert_eq!(service(id, "privileged: true").outcome, Fail);
    assert_eq!(service(id, "privileged: ${P}").outcome, Undecided);
    assert_eq!(service(id, "cap_add: [ALL]").outcome, Fail);
    assert_eq!(service(id, "cap_add: ['${CAP}']").outcome, Undecided);
    assert_eq!(service(id, "post_start: [{command: x, privileged: true}]").outcome, Fail);
}

#[test]
fn the_profile_allows_one_capability_with_its_reason() {
    let allow = |what: &str| Settings {
        allowances: vec![Allowance { check: PRIVILEGES.into(), what: what.into(), reason: "It is the VPN.".into() }],
        ..Settings::default()
    };
    let facts = with(|c| c.host_config.cap_add = vec!["NET_ADMIN".into()]);
    for what in ["NET_ADMIN", "web", "nginx"] {
        let judgement = check(PRIVILEGES).judge(&facts, &allow(what));
        assert_eq!(judgement.outcome, Pass, "{what}");
        assert!(judgement.observations.iter().any(|o| o.message.ends_with("the profile allows it: It is the VPN.")));
    }
    assert_eq!(check(PRIVILEGES).judge(&facts, &allow("SYS_TIME")).outcome, Fail);
}

#[test]
fn devices_are_for_a_person_unless_they_are_the_host() {
    let device = |path: &str| {
        let device = DeviceFacts { host_path: path.into(), container_path: path.into(), permissions: "rwm".into() };
        outcome(DEVICES, |c| c.host_config.devices = vec![device])
    };
    assert_eq!(outcome(DEVICES, |_| {}), Pass);
    assert_eq!((device("/dev/sda1"), device("/dev/mem"), device("/dev")), (Fail, Fail, Fail));
    assert_eq!((device("/dev/ttyUSB0"), device("/dev/dri/card0")), (Undecided, Undecided));
    assert_eq!(outcome(DEVICES, |c| c.host_config.device_rules = vec!["a *:* rwm".into()]), Fail);
    assert_eq!(outcome(DEVICES, |c| c.host_config.device_requests = vec!["nvidia".into()]), Undecided);
    assert_eq!(service(DEVICES, "").outcome, Pass);
    assert_eq!(service(DEVICES, "devices: ['/dev/sda:/dev/sda']").outcome, Fail);
    assert_eq!(service(DEVICES, "gpus: all").outcome, Undecided);
    assert_eq!(service(DEVICES, "device_cgroup_rules: ['c 1:3 r']").outcome, Undecided);
}

#[test]
fn kernel_settings_that_open_something_fail() {
    let set = |key: &str, value: &str| {
        let pair = (key.to_owned(), value.to_owned());
        outcome(SYSCTLS, |c| c.host_config.sysctls = [pair].into())
    };
    assert_eq!(outcome(SYSCTLS, |_| {}), Pass);
    assert_eq!(set("net.ipv4.ip_forward", "1"), Fail);
    assert_eq!(set("net.ipv4.ip_forward", "0"), Pass);
    assert_eq!(set("net.ipv4.conf.all.rp_filter", "0"), Fail);
    assert_eq!(set("net.core.somaxconn", "1024"), Pass);
    assert_eq!(set("kernel.core_pattern", "|/x"), Fail);
    assert_eq!(service(SYSCTLS, "sysctls: [net.ipv4.conf.all.route_localnet=1]").outcome, Fail);
    assert_eq!(service(SYSCTLS, "sysctls: {net.core.somaxconn: 1024}").outcome, Pass);
    assert_eq!(service(SYSCTLS, "sysctls: {net.ipv4.ip_forward: '${F}'}").outcome, Undecided);
}
