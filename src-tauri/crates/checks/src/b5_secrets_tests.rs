//! Tests of the search for secrets.

use super::*;
use crate::facts::ContextFacts;
use crate::facts::tests::{compose, dockerfile, history_image, image};
use crate::settings::Allowance;
use plimsoll_image::{PlacedSecret, Unread};
use plimsoll_secrets::{find_in_file, find_in_setting};

fn run(facts: &Facts) -> Judgement {
    NoSecrets.judge(facts, &Settings::default())
}

fn finding(certainty: Certainty, harmless: Option<Harmless>) -> Finding {
    Finding {
        kind: "github-pat".into(),
        title: "GitHub personal access token".into(),
        name: None,
        line: 3,
        length: 40,
        shown: "‹GitHub personal access token, 40 chars›".into(),
        sha256: None,
        certainty,
        harmless,
        detail: None,
    }
}

fn file(path: &str, finding: Finding, hidden_by: Option<&str>, package: Option<&str>) -> PlacedSecret {
    PlacedSecret {
        place: SecretPlace::File {
            layer: "sha256:1".into(),
            path: path.into(),
            size: 9,
            hidden_by: hidden_by.map(str::to_owned),
            package: package.map(str::to_owned),
        },
        finding,
    }
}

fn with(secrets: Vec<PlacedSecret>) -> Facts {
    let mut facts = image();
    facts.image.as_mut().unwrap().secrets = secrets;
    facts
}

#[test]
fn a_certain_secret_in_a_layer_fails_also_when_it_was_deleted() {
    for certainty in [Certainty::Proven, Certainty::Form, Certainty::Likely] {
        let facts = with(vec![file("/root/.npmrc", finding(certainty, None), Some("sha256:2"), None)]);
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        let seen = &judgement.observations[0];
        assert!(
            seen.message.contains("replaced by layer sha256:2, still readable in layer sha256:1"),
            "{}",
            seen.message
        );
        assert!(seen.severity <= Severity::High);
        assert_eq!(
            seen.reproduce.as_deref(),
            Some("skopeo copy docker-archive:a.tar dir:look && tar -xOf look/1 root/.npmrc | sed -n 3p | cut -c1-24")
        );
    }
    let mut facts = with(vec![file("/a b", finding(Certainty::Proven, None), None, None)]);
    facts.source = "docker-daemon:shop:1.4".into();
    assert_eq!(
        run(&facts).observations[0].reproduce.as_deref(),
        Some("docker save shop:1.4 | tar -xO blobs/sha256/1 | tar -xO 'a b' | sed -n 3p | cut -c1-24")
    );
}

#[test]
fn a_name_alone_is_a_question_for_a_file_and_a_failure_for_a_setting() {
    let named = finding(Certainty::Name, None);
    assert_eq!(run(&with(vec![file("/app/x", named, None, None)])).outcome, OutcomeKind::Undecided);
    let weak = find_in_setting("DB_PASSWORD", "hunter2").remove(0);
    let place = SecretPlace::Config { field: "config.Env[3]".into() };
    let judgement = run(&with(vec![PlacedSecret { place, finding: weak.clone() }]));
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    let seen = &judgement.observations[0];
    assert_eq!(seen.location, Some(Location::Field { field: "config.Env[3]".into() }));
    assert!(seen.reproduce.as_deref().unwrap().ends_with("jq .config.Env"), "{seen:?}");
    assert!(!seen.message.contains("hunter2"));
    let mut facts = history_image(&["|1 DB_PASSWORD=‹value, 7 chars› /bin/sh -c make"]);
    facts.image.as_mut().unwrap().secrets =
        vec![PlacedSecret { place: SecretPlace::History { index: 0 }, finding: weak }];
    let judgement = run(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations[0].message.contains("a build argument stays there"));
}

#[test]
fn harmless_findings_pass_and_are_listed() {
    for harmless in [
        Harmless::Placeholder,
        Harmless::Example,
        Harmless::TestData,
        Harmless::Public,
        Harmless::BadChecksum,
        Harmless::Encrypted,
    ] {
        let judgement = run(&with(vec![file("/x", finding(Certainty::Form, Some(harmless)), None, None)]));
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert_eq!(judgement.observations.len(), 1);
        assert_eq!(judgement.observations[0].severity, Severity::Info);
    }
    assert_eq!(run(&image()).outcome, OutcomeKind::Pass);
}

#[test]
fn what_a_package_brings_weighs_less() {
    let secret = file("/etc/ssl/private/x.key", finding(Certainty::Proven, None), None, Some("ssl-cert"));
    let mut facts = with(vec![secret.clone()]);
    // The package came with another layer: this one wrote the file anew.
    assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
    let mut package = crate::layers::tests::package("ssl-cert");
    package.layer = "sha256:1".into();
    facts.image.as_mut().unwrap().inventory.packages = vec![package];
    // A harmless finding before it in the same file does not hide it.
    let before =
        file("/etc/ssl/private/x.key", finding(Certainty::Form, Some(Harmless::Example)), None, Some("ssl-cert"));
    facts.image.as_mut().unwrap().secrets = vec![before.clone(), before, secret];
    let judgement = run(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    assert_eq!(judgement.observations.len(), 2);
    assert_eq!(judgement.observations[0].severity, Severity::Medium);
    assert!(judgement.observations[0].message.contains("the package ssl-cert"));
}

#[test]
fn what_was_not_read_is_no_pass() {
    let mut facts = image();
    let unread = |purpose: &str| Unread {
        layer: "sha256:1".into(),
        path: "/big".into(),
        size: 1,
        purpose: purpose.into(),
        reason: "it is larger than 192 MiB".into(),
    };
    facts.image.as_mut().unwrap().unread = vec![unread("packages")];
    assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
    facts.image.as_mut().unwrap().unread = vec![unread("secrets")];
    assert_eq!(run(&facts).outcome, OutcomeKind::Undecided);
}

#[test]
fn what_is_allowed_passes_with_its_reason() {
    let facts = with(vec![file("/app/demo/key.pem", finding(Certainty::Proven, None), None, None)]);
    let allowance = Allowance { check: ID.into(), what: "/app/demo/**".into(), reason: "A demonstration key.".into() };
    let settings = Settings { allowances: vec![allowance], ..Settings::default() };
    let judgement = NoSecrets.judge(&facts, &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.observations[0].message.ends_with("Allowed by the profile: A demonstration key."));
    assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
}

fn read(text: &str) -> Facts {
    let mut facts = dockerfile(text);
    let file = facts.dockerfile.as_mut().unwrap();
    file.secrets = crate::in_dockerfile(&plimsoll_dockerfile::parse(text));
    facts
}

#[test]
fn a_dockerfile_is_judged_with_what_it_copies() {
    for (text, outcome) in [
        ("FROM x\nENV DB_PASSWORD=hunter2\n", OutcomeKind::Fail),
        ("FROM x\nARG NPM_TOKEN=hunter2\n", OutcomeKind::Fail),
        ("FROM x\nRUN mysql --password=hunter2\n", OutcomeKind::Fail),
        ("FROM x\nCOPY id_rsa /root/.ssh/\n", OutcomeKind::Fail),
        ("FROM x\nADD keys/id_ed25519 /root/.ssh/\n", OutcomeKind::Fail),
        ("FROM x AS b\nCOPY id_rsa /\nFROM b\n", OutcomeKind::Fail),
        ("FROM x AS b\nCOPY id_rsa /\nFROM y\n", OutcomeKind::Undecided),
        ("FROM x\nCOPY tests/id_rsa /root/.ssh/\n", OutcomeKind::Undecided),
        ("FROM x\nCOPY id_ed25519_sk /root/.ssh/\n", OutcomeKind::Undecided),
        ("FROM x\nCOPY --chown=1 config/.env /app/\n", OutcomeKind::Undecided),
        ("FROM x\nADD server.key /etc/\n", OutcomeKind::Undecided),
        ("FROM x\nONBUILD COPY .npmrc /root/\n", OutcomeKind::Undecided),
        ("FROM x\nCOPY .env* /app/\n", OutcomeKind::Undecided),
        ("FROM x\nCOPY id_rsa.pub .env.example ca-bundle.pem app.js /app/\n", OutcomeKind::Pass),
        ("FROM x\nENV DB_PASSWORD=changeme\n", OutcomeKind::Pass),
        ("FROM x\nENV DB_PASSWORD_FILE=/run/secrets/db TOKENIZERS_PARALLELISM=false\n", OutcomeKind::Pass),
        ("FROM x\nRUN --mount=type=secret,id=npm npm ci\n", OutcomeKind::Pass),
        ("FROM x\nENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D\n", OutcomeKind::Pass),
        ("", OutcomeKind::Error),
    ] {
        let judgement = run(&read(text));
        assert_eq!(judgement.outcome, outcome, "{text} {judgement:?}");
        assert!(judgement.observations.iter().all(|o| !o.message.contains("hunter2")));
    }
}

#[test]
fn a_key_by_its_name_fails_only_where_nothing_shows_what_it_holds() {
    let mut facts = read("FROM x\nCOPY id_rsa /root/.ssh/\n");
    assert_eq!(run(&facts).summary, "The Dockerfile copies one private key into the image, by name.");
    assert_eq!(run(&facts).observations[0].severity, Severity::High);
    facts.image = image().image;
    assert_eq!(run(&facts).outcome, OutcomeKind::Undecided);
}

#[test]
fn the_build_context_is_judged_too() {
    let mut facts = read("FROM x\nCOPY . /app\n");
    let secrets = find_in_file("/.env", b"DB_PASSWORD=a8F3kQ9zLm2Xv7Bt\n");
    let context = ContextFacts {
        path: "shop".into(),
        ignore_path: None,
        ignore: None,
        entries: vec![],
        secrets: secrets.into_iter().map(|finding| (".env".to_owned(), finding)).collect(),
        truncated: false,
        problems: vec![],
    };
    facts.dockerfile.as_mut().unwrap().context = Some(context.clone());
    let judgement = run(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Fail, "{judgement:?}");
    assert_eq!(judgement.observations[0].reproduce.as_deref(), Some("sed -n 1p shop/.env | cut -c1-24"));
    facts.dockerfile.as_mut().unwrap().context = Some(ContextFacts { secrets: vec![], truncated: true, ..context });
    assert_eq!(run(&facts).outcome, OutcomeKind::Undecided);
}

#[test]
fn a_compose_file_is_judged_and_no_subject_is_not_applicable() {
    let text = "services:\n  db:\n    image: x\n    environment:\n      POSTGRES_PASSWORD: hunter2\n";
    let mut facts = compose(text);
    assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
    let parsed = facts.compose.as_ref().unwrap().parsed.clone();
    facts.compose.as_mut().unwrap().secrets = crate::in_compose(text, &parsed);
    let judgement = run(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert_eq!(judgement.observations[0].location, Some(Location::File { file: "compose.yaml".into(), line: 5 }));
    facts.compose = None;
    assert_eq!(run(&facts).outcome, OutcomeKind::NotApplicable);
}

#[test]
fn a_build_argument_under_a_secrets_name_stays_in_the_image() {
    let outcome = |text: &str| run(&dockerfile(text)).outcome;
    assert_eq!(outcome("FROM a\nARG DB_PASSWORD\nENV DB_PASSWORD=$DB_PASSWORD\n"), OutcomeKind::Fail);
    assert_eq!(outcome("FROM a\nARG NPM_TOKEN\nENV T=\"${NPM_TOKEN}\"\n"), OutcomeKind::Fail);
    assert_eq!(outcome("FROM a\nARG NPM_TOKEN\nRUN npm ci\n"), OutcomeKind::Undecided);
    // It does not reach the image: its stage is left behind.
    assert_eq!(outcome("FROM a AS b\nARG NPM_TOKEN\nRUN npm ci\nFROM a\n"), OutcomeKind::Pass);
    assert_eq!(outcome("FROM a\nARG VERSION\nENV VERSION=$VERSION\n"), OutcomeKind::Pass);
}
