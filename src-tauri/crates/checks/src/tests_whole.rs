//! Whole images judged by the checks of A3 and D2, as snapshots.

use std::fmt::Write;

use plimsoll_catalog::UseCaseId;
use plimsoll_image::{Group, Kind, LayerContent, Magic, Password, PasswordState, SudoRule, User, Waste};

use crate::facts::tests::dockerfile;
use crate::layers::tests::{With, entry, package, tree_image};
use crate::{Facts, Settings, judge};

/// The outcomes of A3 and D2 as a reader would see them.
fn shown(facts: &Facts) -> String {
    let mut text = String::new();
    let outcomes = judge("s1", facts, &Settings::default());
    for outcome in outcomes.iter().filter(|o| matches!(o.use_case, Some(UseCaseId::A3 | UseCaseId::D2))) {
        writeln!(text, "{} {}: {}", outcome.check, outcome.outcome.as_str(), outcome.summary).unwrap();
        for observation in &outcome.observations {
            let place = observation.location.as_ref().map(|place| format!(" @ {place}")).unwrap_or_default();
            writeln!(text, "  {}: {}{place}", observation.severity.as_str(), observation.message).unwrap();
            if let Some(command) = &observation.reproduce {
                writeln!(text, "    $ {command}").unwrap();
            }
        }
    }
    text
}

/// A Debian base, an application, and the sins that are made most.
fn sinner() -> Facts {
    let mut facts = tree_image(vec![
        (
            "/bin/sh -c #(nop) ADD file:0123 in / ",
            vec![
                entry("/bin").link(Kind::Symlink, "usr/bin"),
                entry("/etc/passwd"),
                entry("/etc/shadow").owner(0, 42).mode(0o640),
                entry("/tmp/").mode(0o1777),
                entry("/usr/bin/"),
                entry("/usr/bin/passwd").mode(0o4755).magic(Magic::Elf).package(0),
                entry("/usr/bin/su").mode(0o4755).magic(Magic::Elf).package(1),
            ],
            &[],
        ),
        (
            "RUN /bin/sh -c apt-get update && apt-get install -y openssh-server sudo iputils-ping # buildkit",
            vec![
                entry("/usr/sbin/sshd").magic(Magic::Elf).package(2),
                entry("/usr/bin/sudo").mode(0o4755).magic(Magic::Elf).package(3),
                entry("/usr/bin/ping")
                    .magic(Magic::Elf)
                    .capability("0100000200200000000000000000000000000000")
                    .package(4),
                entry("/etc/ssh/ssh_host_rsa_key").mode(0o600),
                entry("/var/lib/apt/lists/deb.debian.org_Packages").size(18_000_000),
            ],
            &[],
        ),
        (
            "COPY . /app # buildkit",
            vec![
                entry("/app/").owner(1000, 1000),
                entry("/app/server").owner(1000, 1000).magic(Magic::Elf),
                entry("/app/.git/config"),
                entry("/app/.git/objects/aa/bb").size(4_000_000),
                entry("/app/.env.swp"),
                entry("/app/dump.sql").size(2_000_000),
                entry("/app/data/").mode(0o777),
                entry("/root/.ssh/id_rsa").mode(0o600),
            ],
            &[],
        ),
        ("RUN /bin/sh -c rm -rf /root/.ssh /app/dump.sql # buildkit", vec![], &["/root/.ssh", "/app/dump.sql"]),
    ]);
    let image = facts.image.as_mut().unwrap();
    image.inventory.packages =
        ["passwd", "util-linux", "openssh-server", "sudo", "iputils-ping"].into_iter().map(package).collect();
    let account =
        |name: &str, uid| User { name: name.into(), uid, gid: uid, home: "/".into(), shell: "/bin/sh".into() };
    image.accounts.users = Some(vec![account("root", 0), account("app", 1000)]);
    image.accounts.groups = Some(
        [("root", 0), ("shadow", 42), ("app", 1000), ("sudo", 27)]
            .into_iter()
            .map(|(name, gid)| Group {
                name: name.into(),
                gid,
                members: if name == "sudo" { vec!["app".into()] } else { vec![] },
            })
            .collect(),
    );
    image.accounts.passwords = Some(vec![Password {
        user: "root".into(),
        state: PasswordState::Hash { scheme: "sha512".into(), guessed: true },
        file: "/etc/shadow".into(),
        line: 1,
        layer: "sha256:l1".into(),
    }]);
    image.accounts.sudo = vec![SudoRule {
        who: "app".into(),
        no_password: true,
        text: "app ALL=(ALL) NOPASSWD: ALL".into(),
        file: "/etc/sudoers.d/app".into(),
        line: 1,
        layer: "sha256:l2".into(),
    }];
    image.config.user = "app".into();
    image.config.entrypoint = Some(vec!["/app/server".into()]);
    image.config.exposed_ports = vec!["22/tcp".into(), "8080/tcp".into()];
    image.content.files = 16;
    image.content.efficiency = 0.923;
    image.content.hidden_bytes = 2_000_010;
    image.content.wasted_bytes = 2_000_010;
    image.content.waste = vec![Waste {
        path: "/app/dump.sql".into(),
        copies: 2,
        bytes: 2_000_000,
        layers: vec!["sha256:l3".into(), "sha256:l4".into()],
        deleted: true,
    }];
    image.content.by_layer = [(50, 0), (18_000_040, 0), (4_000_030, 2_000_010), (0, 0)]
        .into_iter()
        .enumerate()
        .map(|(number, (bytes, hidden_bytes))| LayerContent {
            diff_id: format!("sha256:l{}", number + 1),
            files: 5,
            bytes,
            hidden_bytes,
            hides_files: 0,
        })
        .collect();
    facts
}

/// What the remedies make of it.
fn saint() -> Facts {
    let mut facts = tree_image(vec![
        (
            "ADD rootfs.tar / # buildkit",
            vec![entry("/etc/passwd"), entry("/usr/bin/"), entry("/tmp/").mode(0o1777)],
            &[],
        ),
        ("COPY --chmod=755 app /usr/bin/app # buildkit", vec![entry("/usr/bin/app").magic(Magic::Elf)], &[]),
    ]);
    let image = facts.image.as_mut().unwrap();
    let account =
        |name: &str, uid| User { name: name.into(), uid, gid: uid, home: "/".into(), shell: "/bin/sh".into() };
    image.accounts.users = Some(vec![account("root", 0), account("app", 10001)]);
    image.config.user = "10001".into();
    image.config.entrypoint = Some(vec!["/usr/bin/app".into()]);
    image.content.files = 2;
    facts
}

#[test]
fn an_image_with_the_usual_sins() {
    insta::assert_snapshot!(shown(&sinner()));
}

#[test]
fn an_image_as_it_should_be() {
    insta::assert_snapshot!(shown(&saint()));
}

#[test]
fn a_dockerfile_alone() {
    insta::assert_snapshot!(shown(&dockerfile(
        "FROM debian:12\nCOPY --chmod=4755 tool /usr/bin/tool\nCOPY --chmod=777 data /data\nEXPOSE 22\nUSER 1000\n"
    )));
}
