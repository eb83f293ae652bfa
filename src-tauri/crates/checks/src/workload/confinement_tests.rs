//! Confinement: profiles, labels and covers.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};
use plimsoll_catalog::Severity;

use super::super::tests::{judge, outcome, security_option, service, with, worst};

#[test]
fn a_seccomp_profile_must_be_its_own() {
    let id = "seccomp-profile";
    let default = judge(id, &with(|_| {}));
    assert_eq!((default.outcome, worst(&default)), (Fail, Severity::Low));
    assert!(default.summary.contains("general one is in force"));
    let off = judge(id, &with(|c| c.host_config.security_opt = vec!["seccomp=unconfined".into()]));
    assert_eq!((off.outcome, worst(&off)), (Fail, Severity::Critical));
    assert_eq!(outcome(id, |c| c.host_config.security_opt = vec!["seccomp={…}".into()]), Pass);
    assert_eq!(outcome(id, |c| c.host_config.security_opt = vec!["seccomp=builtin".into()]), Fail);
    assert_eq!(worst(&judge(id, &with(|c| c.host_config.privileged = Some(true)))), Severity::High);
    assert_eq!(outcome(id, |c| c.at.security_options = None), Undecided);
    assert_eq!(worst(&judge(id, &with(|c| c.at.security_options = Some(vec![])))), Severity::Critical);
    let custom = vec![security_option("seccomp", Some("/etc/docker/ours.json"))];
    assert_eq!(outcome(id, |c| c.at.security_options = Some(custom)), Undecided);
    assert_eq!(service(id, "").outcome, Undecided);
    assert_eq!(service(id, "privileged: true").outcome, Fail);
    assert_eq!(service(id, "security_opt: ['seccomp:unconfined']").outcome, Fail);
    assert_eq!(service(id, "security_opt: ['seccomp=./web.json']").outcome, Pass);
    assert_eq!(service(id, "security_opt: ['seccomp=${PROFILE}']").outcome, Undecided);
}

#[test]
fn apparmor_or_selinux_must_hold() {
    let id = "container-lsm";
    assert_eq!(outcome(id, |_| {}), Pass);
    assert_eq!(outcome(id, |c| c.apparmor = Some("unconfined".into())), Fail);
    assert_eq!(outcome(id, |c| c.host_config.security_opt = vec!["label=disable".into()]), Fail);
    let selinux = |label: &str| {
        let label = label.to_owned();
        outcome(id, move |c| (c.apparmor, c.process_label) = (None, Some(label)))
    };
    assert_eq!(selinux("system_u:system_r:container_t:s0:c1,c2"), Pass);
    assert_eq!(selinux("unconfined_u:system_r:spc_t:s0"), Fail);
    assert_eq!(selinux(""), Undecided);
    assert_eq!(outcome(id, |c| (c.apparmor, c.at.security_options) = (None, Some(vec![]))), Fail);
}

#[test]
fn no_new_privileges_by_option_or_by_the_daemon() {
    let id = "no-new-privileges";
    assert_eq!(outcome(id, |_| {}), Fail);
    for option in ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"] {
        assert_eq!(outcome(id, |c| c.host_config.security_opt = vec![option.into()]), Pass, "{option}");
    }
    assert_eq!(outcome(id, |c| c.at.no_new_privileges = Some(true)), Pass);
    assert_eq!(outcome(id, |c| c.at.no_new_privileges = None), Undecided);
    let off = |c: &mut plimsoll_docker::facts::ContainerFacts| {
        c.at.no_new_privileges = Some(true);
        c.host_config.security_opt = vec!["no-new-privileges=false".into()];
    };
    assert_eq!(outcome(id, off), Fail);
    assert_eq!(service(id, "").outcome, Undecided);
    assert_eq!(service(id, "security_opt: ['no-new-privileges:true']").outcome, Pass);
    assert_eq!(service(id, "security_opt: ['no-new-privileges:false']").outcome, Fail);
    assert_eq!(service(id, "security_opt: ['no-new-privileges:${N}']").outcome, Undecided);
}

#[test]
fn the_kernels_files_stay_covered() {
    let id = "masked-paths";
    assert_eq!(outcome(id, |_| {}), Pass);
    assert_eq!(outcome(id, |c| c.host_config.masked_paths = Some(vec![])), Fail);
    assert_eq!(outcome(id, |c| c.host_config.masked_paths = None), Undecided);
    assert_eq!(outcome(id, |c| c.host_config.security_opt = vec!["systempaths=unconfined".into()]), Fail);
    assert_eq!(outcome(id, |c| c.host_config.security_opt = vec!["writable-cgroups=true".into()]), Fail);
    assert_eq!(service(id, "").outcome, Pass);
    for option in ["systempaths=unconfined", "apparmor:unconfined", "label:disable", "label:type:spc_t"] {
        assert_eq!(service(id, &format!("security_opt: ['{option}']")).outcome, Fail, "{option}");
    }
}
