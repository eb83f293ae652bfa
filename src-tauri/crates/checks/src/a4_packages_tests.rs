//! Tests of the survey of packages and programs.

use super::*;
use crate::a4_remote::RemoteManagement;
use crate::facts::tests::{compose, dockerfile, image};
use plimsoll_image::{Entry, LayerFacts, Magic, TreeLayer, Unread};
use plimsoll_packages::{Ecosystem, Source};

fn entry(path: &str, kind: Kind, size: u64) -> Entry {
    Entry { kind, size, mode: 0o755, ..crate::layers::tests::entry(path) }
}

fn tree(files: &[(&str, u64)]) -> Tree {
    let file = |(path, size): &(&str, u64)| Entry { magic: Some(Magic::Elf), ..entry(path, Kind::File, *size) };
    let entries = files.iter().map(file).collect();
    Tree::from_layers(vec![TreeLayer { diff_id: "sha256:1".into(), entries, whiteouts: vec![], opaque: vec![] }])
}

fn package(name: &str) -> Package {
    Package {
        ecosystem: Ecosystem::Deb,
        name: name.into(),
        version: "1.0-1".into(),
        architecture: None,
        source_name: None,
        source_version: None,
        licence: None,
        installed_size: Some(2_000_000),
        section: None,
        essential: false,
        depends: vec![],
        requested: None,
        purl: String::new(),
        location: "/var/lib/dpkg/status".into(),
        layer: "sha256:1".into(),
        owner: None,
        vendor: None,
        module: None,
    }
}

fn with(packages: Vec<Package>, files: &[(&str, u64)]) -> Facts {
    let mut facts = image();
    let image = facts.image.as_mut().unwrap();
    image.inventory.packages = packages;
    image.layers = vec![LayerFacts {
        digest: "sha256:d".into(),
        diff_id: "sha256:1".into(),
        media_type: String::new(),
        compressed_size: 0,
        size: 0,
        content_bytes: 0,
        files: 0,
        entries: 0,
        command: Some("RUN apt-get install -y gcc # buildkit".into()),
        whiteouts: 0,
    }];
    facts.tree = Some(tree(files));
    facts
}

fn names(names: &[&str]) -> Vec<Package> {
    names.iter().map(|name| package(name)).collect()
}

fn unneeded(facts: &Facts) -> Judgement {
    Unneeded.judge(facts, &Settings::default())
}

fn remote(facts: &Facts) -> Judgement {
    RemoteManagement.judge(facts, &Settings::default())
}

#[test]
fn a_compiler_fails_and_is_traced_to_its_layer() {
    let judgement = unneeded(&with(names(&["gcc", "libc6"]), &[]));
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    let said = &judgement.observations[0];
    for part in ["gcc 1.0-1, 2.0 MB", "a compiler", "only the build needs it", "Layer 1 brought it: RUN apt-get"] {
        assert!(said.message.contains(part), "{part}: {}", said.message);
    }
    assert_eq!(said.location, Some(Location::Layer { layer: "sha256:1".into(), path: "/var/lib/dpkg/status".into() }));
}

#[test]
fn each_kind_weighs_as_the_check_says() {
    for (name, outcome) in [
        ("sudo", OutcomeKind::Fail),
        ("openssh-server", OutcomeKind::Fail),
        ("vsftpd", OutcomeKind::Fail),
        ("tcpdump", OutcomeKind::Fail),
        ("libssl-dev", OutcomeKind::Fail),
        ("curl", OutcomeKind::Undecided),
        ("vim-tiny", OutcomeKind::Undecided),
        ("git", OutcomeKind::Undecided),
        ("man-db", OutcomeKind::Pass),
        ("gcc-12-base", OutcomeKind::Pass),
        ("libc6", OutcomeKind::Pass),
    ] {
        assert_eq!(unneeded(&with(names(&[name]), &[])).outcome, outcome, "{name}");
    }
}

#[test]
fn what_another_package_needs_is_put_to_the_auditor() {
    let mut packages = names(&["binutils", "special"]);
    packages[1].depends = vec!["libc6 (>= 2.3)".into(), "nothing | binutils:any (>= 2)".into()];
    packages[0].requested = Some(false);
    let judgement = unneeded(&with(packages, &[]));
    assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    assert!(judgement.observations[0].message.contains("Package special needs it. It came along"));
    // What only another unneeded package needs goes with it.
    let mut packages = names(&["binutils", "gcc"]);
    packages[1].depends = vec!["binutils".into()];
    assert_eq!(unneeded(&with(packages, &[])).outcome, OutcomeKind::Fail);
    let mut packages = names(&["make"]);
    packages[0].essential = true;
    assert_eq!(unneeded(&with(packages, &[])).outcome, OutcomeKind::Undecided);
}

#[test]
fn an_allowance_is_named_with_its_reason() {
    let settings = Settings {
        allowances: vec![crate::Allowance {
            check: "unneeded-packages".into(),
            what: "gcc*".into(),
            reason: "The service compiles plug-ins.".into(),
        }],
        ..Settings::default()
    };
    let judgement = Unneeded.judge(&with(names(&["gcc", "gcc-12"]), &[]), &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.observations.iter().all(|o| o.severity == Severity::Info));
    assert!(judgement.observations[0].message.ends_with("It is allowed: The service compiles plug-ins."));
}

#[test]
fn programs_without_a_package_are_found_by_path() {
    let judgement = unneeded(&with(vec![], &[("/usr/bin/gcc-13", 10), ("/usr/local/bin/app", 10)]));
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations[0].message.contains("/usr/bin/gcc-13 (no package owns it"));
    // Not in a folder of programs, or no program at all.
    for path in ["/srv/data/gcc", "/usr/bin/x/gcc", "/usr/share/bash-completion/completions/curl"] {
        assert_eq!(unneeded(&with(vec![], &[(path, 10)])).outcome, OutcomeKind::Pass, "{path}");
    }
    // A package of the table that owns it is named once.
    let judgement = unneeded(&with(names(&["curl"]), &[("/usr/bin/curl", 10)]));
    assert_eq!(judgement.observations.len(), 1);
}

#[test]
fn the_names_of_busybox_are_no_programs() {
    let mut entries = vec![entry("/bin/[", Kind::File, 1_000_000)];
    for name in ["telnetd", "nc", "vi", "wget", "ftpd", "a", "b", "c", "d"] {
        let mut link = entry(&format!("/bin/{name}"), Kind::HardLink, 0);
        link.link = Some("/bin/[".into());
        entries.push(link);
    }
    let mut link = entry("/usr/sbin/sshd", Kind::Symlink, 0);
    link.link = Some("/bin/busybox".into());
    entries.push(link);
    let mut facts = with(vec![], &[]);
    facts.tree = Some(Tree::from_layers(vec![TreeLayer { entries, ..TreeLayer::default() }]));
    assert_eq!(unneeded(&facts).outcome, OutcomeKind::Pass);
    assert_eq!(remote(&facts).outcome, OutcomeKind::Pass);
}

#[test]
fn caches_fail_and_their_skeletons_do_not() {
    for path in [
        "/var/lib/apt/lists/deb.example_dists_x_InRelease",
        "/var/cache/apk/APKINDEX.1.tar.gz",
        "/root/.cache/pip/http/a",
    ] {
        let judgement = unneeded(&with(names(&["libc6"]), &[(path, 50_000)]));
        assert_eq!(judgement.outcome, OutcomeKind::Fail, "{path}");
        assert_eq!(judgement.observations[0].severity, Severity::Low);
    }
    for (path, size) in [
        ("/var/lib/apt/lists/lock", 0),
        ("/var/lib/apt/lists/x", 100),
        ("/var/cache/debconf/a", 90_000),
        ("/root/.cache/ms-playwright/chrome", 90_000),
    ] {
        assert_eq!(unneeded(&with(names(&["libc6"]), &[(path, size)])).outcome, OutcomeKind::Pass, "{path}");
    }
}

#[test]
fn documentation_is_named_and_decides_nothing() {
    let judgement = unneeded(&with(names(&["libc6"]), &[("/usr/share/man/man1/a.1.gz", 2_000_000)]));
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.observations[0].message.contains("2.0 MB of documentation"));
}

#[test]
fn what_could_not_be_read_never_passes() {
    let mut facts = with(vec![], &[]);
    facts.image.as_mut().unwrap().inventory.sources = vec![Source {
        path: "/var/lib/rpm/Packages".into(),
        layer: "sha256:1".into(),
        kind: "rpm".into(),
        packages: 0,
        error: Some("it is no Berkeley DB".into()),
    }];
    assert_eq!(unneeded(&facts).outcome, OutcomeKind::Undecided);
    assert_eq!(remote(&facts).outcome, OutcomeKind::Undecided);
    let mut facts = with(names(&["libc6"]), &[]);
    facts.image.as_mut().unwrap().unread = vec![Unread {
        layer: "sha256:1".into(),
        path: "/usr/bin/app".into(),
        size: 1 << 30,
        purpose: "packages".into(),
        reason: "it is larger than 192 MiB".into(),
    }];
    assert_eq!(unneeded(&facts).outcome, OutcomeKind::Undecided);
    facts.image.as_mut().unwrap().unread[0].purpose = "secrets".into();
    assert_eq!(unneeded(&facts).outcome, OutcomeKind::Pass);
    facts.tree = None;
    assert_eq!(unneeded(&facts).outcome, OutcomeKind::Undecided);
    assert_eq!(unneeded(&image()).outcome, OutcomeKind::Undecided);
    assert_eq!(remote(&image()).outcome, OutcomeKind::Undecided);
}

#[test]
fn an_image_without_a_package_database_is_judged_by_its_tree() {
    let facts = with(vec![], &[("/app", 10)]);
    let judgement = unneeded(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.summary.contains("no package database"));
    assert_eq!(remote(&facts).outcome, OutcomeKind::Pass);
}

#[test]
fn only_remote_management_fails_the_other_check() {
    assert_eq!(remote(&with(names(&["openssh-server"]), &[])).outcome, OutcomeKind::Fail);
    assert_eq!(remote(&with(names(&["dropbear"]), &[])).outcome, OutcomeKind::Fail);
    assert_eq!(remote(&with(vec![], &[("/usr/sbin/sshd", 5)])).outcome, OutcomeKind::Fail);
    for name in ["gcc", "sudo", "openssh", "openssh-client", "vsftpd", "libssh2-1"] {
        assert_eq!(remote(&with(names(&[name]), &[])).outcome, OutcomeKind::Pass, "{name}");
    }
    let mut facts = with(names(&["libc6"]), &[]);
    facts.image.as_mut().unwrap().config.exposed_ports = vec!["8022/tcp".into()];
    assert_eq!(remote(&facts).outcome, OutcomeKind::Pass);
    facts.image.as_mut().unwrap().config.exposed_ports = vec!["22/tcp".into()];
    assert_eq!(remote(&facts).outcome, OutcomeKind::Undecided);
    facts.image.as_mut().unwrap().config.exposed_ports.clear();
    facts.image.as_mut().unwrap().config.cmd = Some(vec!["/bin/sh".into(), "-c".into(), "/usr/sbin/sshd -D".into()]);
    assert_eq!(remote(&facts).outcome, OutcomeKind::Undecided);
}

#[test]
fn without_an_image_the_dockerfiles_installations_count() {
    let run = |text: &str| unneeded(&dockerfile(text)).outcome;
    assert_eq!(run("FROM a\nRUN apt-get install -y gcc curl\n"), OutcomeKind::Fail);
    assert_eq!(run("FROM a\nRUN apk add --no-cache curl\n"), OutcomeKind::Undecided);
    assert_eq!(run("FROM a\nRUN apk add -t .b gcc && make && apk del .b\n"), OutcomeKind::Undecided);
    assert_eq!(run("FROM a AS b\nRUN apt-get install -y gcc\nFROM c\n"), OutcomeKind::Undecided);
    assert_eq!(run("RUN x\n"), OutcomeKind::Error);
    // The way of Docker's official images.
    let official = "FROM a\nRUN set -eux; savedAptMark=\"$(apt-mark showmanual)\"; apt-get update; apt-get install -y --no-install-recommends gcc libssl-dev; make; apt-mark auto '.*' > /dev/null; apt-mark manual $savedAptMark; apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false; rm -rf /var/lib/apt/lists/*\n";
    assert_eq!(run(official), OutcomeKind::Undecided);
    assert_eq!(remote(&dockerfile("FROM a\nRUN apk add openssh\n")).outcome, OutcomeKind::Fail);
    assert_eq!(remote(&dockerfile("FROM a\nRUN dnf install -y openssh\n")).outcome, OutcomeKind::Undecided);
    assert_eq!(
        remote(&dockerfile("FROM a\nRUN apt-get install -y gcc openssh-server=1:9\n")).outcome,
        OutcomeKind::Fail
    );
    assert_eq!(remote(&dockerfile("FROM a\nRUN apt-get install -y gcc\n")).outcome, OutcomeKind::Undecided);
    let file = compose("services:\n  a:\n    image: x\n");
    assert_eq!(unneeded(&file).outcome, OutcomeKind::NotApplicable);
    assert_eq!(remote(&file).outcome, OutcomeKind::NotApplicable);
}
