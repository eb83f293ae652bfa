//! Tests of remote management, as both checks see it.

use super::*;
use crate::a3_services::Services;
use crate::a4_remote::RemoteManagement;
use crate::facts::tests::dockerfile;
use crate::layers::tests::{With, entry, tree_image};
use crate::{Allowance, Check};

fn both(facts: &Facts, settings: &Settings) -> (Judgement, Judgement) {
    (Services.judge(facts, settings), RemoteManagement.judge(facts, settings))
}

#[test]
fn a_name_means_the_same_to_both_checks() {
    assert_eq!(of_wanted("openssh", Family::Apk).map(|service| service.what), Some("SSH server"));
    assert!(of_wanted("openssh", Family::Dnf).is_none() && of_package("openssh").is_none());
    assert_eq!(of_program("Xvnc").map(|service| service.what), Some("VNC server"));
    for (text, outcome) in [
        ("RUN apt-get install -y openssh-server", OutcomeKind::Fail),
        ("RUN apk add openssh", OutcomeKind::Fail),
        ("CMD [\"/usr/sbin/sshd\", \"-D\"]", OutcomeKind::Fail),
        ("RUN dnf install -y openssh", OutcomeKind::Undecided),
        ("RUN apt-get install -y openssh-server && apt-get purge -y openssh-server", OutcomeKind::Undecided),
        ("EXPOSE 22", OutcomeKind::Undecided),
    ] {
        let (content, installed) = both(&dockerfile(&format!("FROM a\n{text}\n")), &Settings::default());
        assert_eq!((content.outcome, installed.outcome), (outcome, outcome), "{text}");
    }
}

#[test]
fn a_server_that_nothing_starts_fails_both_checks_at_medium() {
    let mut facts = tree_image(vec![("COPY a /", vec![entry("/app/sshd").magic(Magic::Elf)], &[])]);
    for (cmd, severity) in [(None, Severity::Medium), (Some(vec!["/app/sshd".to_owned()]), Severity::High)] {
        facts.image.as_mut().unwrap().config.cmd = cmd;
        let (content, installed) = both(&facts, &Settings::default());
        assert_eq!((content.outcome, installed.outcome), (OutcomeKind::Fail, OutcomeKind::Fail));
        assert_eq!((content.observations[0].severity, installed.observations[0].severity), (severity, severity));
        assert_eq!(content.observations[0].message, installed.observations[0].message);
    }
    let allow = |check: &str| Allowance { check: check.into(), what: "/app/sshd".into(), reason: "bastion".into() };
    let allowances = vec![allow("image-content"), allow("unneeded-packages")];
    let (content, installed) = both(&facts, &Settings { allowances, ..Settings::default() });
    assert_eq!((content.outcome, installed.outcome), (OutcomeKind::Pass, OutcomeKind::Pass));
}

#[test]
fn an_idle_applet_does_not_explain_an_exposed_port() {
    let mut facts = tree_image(vec![(
        "ADD busybox.tar /",
        vec![entry("/bin/busybox").magic(Magic::Elf), entry("/bin/telnetd").link(Kind::HardLink, "/bin/busybox")],
        &[],
    )]);
    let outcomes = |facts: &Facts| {
        let (content, installed) = both(facts, &Settings::default());
        (content.outcome, installed.outcome)
    };
    assert_eq!(outcomes(&facts), (OutcomeKind::Pass, OutcomeKind::Pass));
    facts.image.as_mut().unwrap().config.exposed_ports = vec!["23/tcp".into()];
    assert_eq!(outcomes(&facts), (OutcomeKind::Undecided, OutcomeKind::Undecided));
}
