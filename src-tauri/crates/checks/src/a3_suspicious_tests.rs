//! Tests of suspicious content.

use super::*;
use crate::Allowance;
use crate::facts::tests::{dockerfile, image};
use crate::layers::tests::{With, entry, package, tree_image};
use plimsoll_image::{Group as AccountGroup, Magic, PlacedSecret, User};
use plimsoll_secrets::{Certainty, Finding};

fn run(facts: &Facts) -> Judgement {
    Suspicious.judge(facts, &Settings::default())
}

fn with(entries: Vec<Entry>) -> Facts {
    tree_image(vec![("COPY . / # buildkit", entries, &[])])
}

#[test]
fn what_does_not_belong_in_an_image_fails() {
    for file in [
        entry("/etc/ssh/ssh_host_rsa_key"),
        entry("/root/.ssh/id_ed25519"),
        entry("/root/.ssh/authorized_keys"),
        entry("/core.1").magic(Magic::ElfCore),
        entry("/tmp/x").magic(Magic::HeapDump),
        entry("/app/.git/config"),
        entry("/root/.bash_history"),
        entry("/app/.DS_Store"),
        entry("/app/config.yml").mode(0o666),
        entry("/dev/sda").kind(Kind::BlockDevice),
        entry("/var/lib/apt/lists/x_Packages").size(5_000_000),
    ] {
        assert_eq!(run(&with(vec![file.clone()])).outcome, OutcomeKind::Fail, "{}", file.path);
    }
}

#[test]
fn what_may_be_needed_is_for_a_person() {
    for file in [entry("/init/schema.sql"), entry("/etc/cron.d/job"), entry("/etc/app.conf.bak")] {
        assert_eq!(run(&with(vec![file.clone()])).outcome, OutcomeKind::Undecided, "{}", file.path);
    }
}

#[test]
fn what_is_usual_passes() {
    for file in [
        entry("/app/main"),
        entry("/dev/null").kind(Kind::CharDevice).mode(0o666),
        entry("/bin/sh").link(Kind::Symlink, "dash"),
        entry("/var/lib/apt/lists/lock").size(0),
        entry("/var/lib/apt/lists/x_Packages").size(5_000),
        entry("/app/node_modules/x/.vscode/settings.json"),
        entry("/usr/lib/python3/dist-packages/x/y.sql"),
        entry("/tmp/").mode(0o1777),
    ] {
        let judgement = run(&with(vec![file.clone()]));
        assert_eq!(judgement.outcome, OutcomeKind::Pass, "{} {judgement:?}", file.path);
    }
    let mut facts = with(vec![entry("/etc/cron.daily/dpkg").package(0), entry("/usr/share/x.sql").package(0)]);
    facts.image.as_mut().unwrap().inventory.packages = vec![package("dpkg")];
    let judgement = run(&facts);
    assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Pass, 1));
    assert_eq!(run(&image()).outcome, OutcomeKind::Error);
    assert_eq!(run(&dockerfile("FROM a\n")).outcome, OutcomeKind::NotApplicable);
}

#[test]
fn a_deleted_key_still_counts_and_a_deleted_cache_is_only_named() {
    let deleted = |path: &str| {
        let files = vec![entry(path).size(2_000_000)];
        let whiteout = [path];
        run(&tree_image(vec![("COPY x / # buildkit", files, &[]), ("RUN rm x", vec![], &whiteout)]))
    };
    let judgement = deleted("/root/.ssh/id_rsa");
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert_eq!(
        judgement.observations[0].message,
        "Private keys: /root/.ssh/id_rsa (2.0 MB), from layer 1 (COPY x /); layer 2 (RUN rm x) hides it, but anyone who has the image can read it back."
    );
    assert_eq!(deleted("/app/.git/config").outcome, OutcomeKind::Undecided);
    let judgement = deleted("/var/lib/apt/lists/x");
    assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Pass, 1));
}

#[test]
fn a_thousand_files_are_a_few_lines() {
    let files = (0..1000).map(|n| entry(&format!("/app/.git/objects/{n}"))).collect();
    let judgement = run(&with(files));
    assert_eq!(judgement.observations.len(), 1);
    assert!(
        judgement.observations[0].message.contains("1000 files with 10.0 kB in /app/.git, from layer 1 (COPY . /)")
    );
    let files = (0..1000).map(|n| entry(&format!("/d{n}/x~"))).collect();
    let judgement = run(&with(files));
    assert_eq!(judgement.observations.len(), FOLDERS + 1);
    assert!(judgement.observations[FOLDERS].message.contains("995 more"));
}

fn key(path: &str, harmless: Option<Harmless>) -> PlacedSecret {
    PlacedSecret {
        place: SecretPlace::File {
            layer: "sha256:l1".into(),
            path: path.into(),
            size: 1700,
            hidden_by: None,
            package: None,
        },
        finding: Finding {
            kind: "private-key".into(),
            title: "Private key".into(),
            name: None,
            line: 1,
            length: 1700,
            shown: "***".into(),
            sha256: None,
            certainty: Certainty::Proven,
            harmless,
            detail: Some("RSA, 2048 bits, not encrypted".into()),
        },
    }
}

#[test]
fn keys_come_from_the_search_for_secrets() {
    let keys = |keys: Vec<PlacedSecret>| {
        let mut facts = with(vec![entry("/app/main")]);
        facts.image.as_mut().unwrap().secrets = keys;
        run(&facts)
    };
    let judgement = keys(vec![key("/app/tls.pem", None), key("/app/tls.pem", None)]);
    assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Fail, 1));
    assert!(judgement.observations[0].message.contains("/app/tls.pem (1.7 kB) [RSA, 2048 bits, not encrypted]"));
    assert_eq!(keys(vec![key("/app/ca.pem", Some(Harmless::Public))]).outcome, OutcomeKind::Pass);
    assert_eq!(keys(vec![key("/app/x.pem", Some(Harmless::Encrypted))]).outcome, OutcomeKind::Undecided);
    let mut facts = image();
    facts.image.as_mut().unwrap().secrets = vec![key("/app/tls.pem", None)];
    assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
}

#[test]
fn files_without_an_account_are_told_only_where_accounts_are_known() {
    let files = || vec![entry("/app/a").owner(1001, 1001), entry("/app/b").owner(1001, 1001)];
    assert_eq!(run(&with(files())).outcome, OutcomeKind::Pass);
    let mut facts = with(files());
    let image = facts.image.as_mut().unwrap();
    let root = User { name: "root".into(), uid: 0, gid: 0, home: "/root".into(), shell: "/bin/sh".into() };
    image.accounts.users = Some(vec![root]);
    image.accounts.groups = Some(vec![AccountGroup { name: "root".into(), gid: 0, members: vec![] }]);
    let judgement = run(&facts);
    assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Undecided, 1));
    assert!(judgement.observations[0].message.contains("2 entries owned by uid 1001"));
    // The user that the image runs as by number needs no account.
    facts.image.as_mut().unwrap().config.user = "1001:1001".into();
    assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
}

#[test]
fn the_profile_allows_by_pattern() {
    let allowance = Allowance { check: ID.into(), what: "/app/.git/**".into(), reason: "needed by the tool.".into() };
    let settings = Settings { allowances: vec![allowance], ..Settings::default() };
    let judgement = Suspicious.judge(&with(vec![entry("/app/.git/config"), entry("/app/.git/HEAD")]), &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert_eq!(
        judgement.observations[0].message,
        "The profile allows /app/.git/**, which covers 2 findings: needed by the tool."
    );
}
