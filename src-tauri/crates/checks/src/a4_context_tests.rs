//! Tests of the build context.

use super::*;
use crate::facts::tests::{compose, dockerfile, image};
use plimsoll_dockerfile::Problem;
use plimsoll_secrets::{Certainty, Finding};

/// A Dockerfile with a context: paths, folders end in `/`.
fn with(text: &str, ignore: Option<&str>, paths: &[&str]) -> Facts {
    let mut facts = dockerfile(text);
    let ignore = ignore.map(DockerIgnore::parse);
    let mut entries: Vec<ContextEntry> = paths
        .iter()
        .map(|path| {
            let clean = path.trim_end_matches('/');
            ContextEntry {
                path: clean.to_owned(),
                kind: if clean == *path { EntryKind::File } else { EntryKind::Folder },
                size: 100,
                excluded: ignore.as_ref().is_some_and(|ignore| ignore.excludes(clean)),
            }
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    facts.dockerfile.as_mut().unwrap().context = Some(ContextFacts {
        path: "shop".into(),
        ignore_path: ignore.as_ref().map(|_| ".dockerignore".to_owned()),
        ignore,
        entries,
        secrets: vec![],
        truncated: false,
        problems: vec![],
    });
    facts
}

fn run(facts: &Facts) -> Judgement {
    BuildContext.judge(facts, &Settings::default())
}

const ALL: &str = "FROM a\nCOPY . /app\n";

#[test]
fn what_is_kept_out_passes() {
    for (text, ignore, paths) in [
        (
            ALL,
            Some(".git\n.env\nnode_modules\n"),
            &[".git/", ".git/config", ".env", "node_modules/", "node_modules/x", "app.js"][..],
        ),
        (ALL, Some("*\n!src\n"), &[".git/", ".git/HEAD", "src/", "src/a.c", "id_rsa"]),
        (ALL, Some("**/*.key\n"), &["a/b/tls.key", ".env.example", "id_rsa.pub", "schema.sql"]),
        (ALL, Some(".git/**\n"), &[".git/", ".git/HEAD", "a"]),
        ("FROM a\nCOPY src /app\n", None, &["src/", "src/a.c"]),
        ("FROM a\nCOPY src /app\n", None, &["src/", "src/a.c", "node_modules/", "node_modules/x"]),
    ] {
        let judgement = run(&with(text, ignore, paths));
        assert_eq!(judgement.outcome, OutcomeKind::Pass, "{paths:?}: {:?}", judgement.observations);
    }
}

#[test]
fn what_gets_into_the_image_fails() {
    for (text, ignore, paths, part) in [
        (ALL, Some("x\n"), &[".git/", ".git/config"][..], "line 2 takes it into the image"),
        (ALL, Some("x\n"), &[".env"], ".env (100 B) holds secrets by its nature"),
        (ALL, Some("x\n"), &["node_modules/", "node_modules/a", "node_modules/b"], "2 files"),
        (ALL, Some("x\n"), &["db/dump.sql.gz"], "dump"),
        (ALL, None, &["app.js"], "no .dockerignore"),
        ("FROM a\nCOPY deploy/ /d\n", Some("x\n"), &["deploy/", "deploy/prod.tfstate"], "line 2"),
        ("FROM a\nCOPY *.p12 /k/\n", Some("x\n"), &["key.p12"], "line 2"),
        ("FROM a AS b\nCOPY . .\nFROM b\n", Some("x\n"), &[".hg/", ".hg/a"], "line 2 takes it into the image"),
    ] {
        let judgement = run(&with(text, ignore, paths));
        assert_eq!(judgement.outcome, OutcomeKind::Fail, "{paths:?}");
        assert!(
            judgement.observations.iter().any(|o| o.message.contains(part)),
            "{part}: {:?}",
            judgement.observations
        );
    }
}

#[test]
fn a_secret_that_is_merely_sent_fails_and_less_is_asked_about() {
    let text = "FROM a\nCOPY src /app\n";
    let judgement = run(&with(text, Some("x\n"), &["src/", "src/a", ".env.production"]));
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations[0].message.contains("merely sent"));
    assert_eq!(run(&with(text, Some("x\n"), &["src/", "src/a", ".git/", ".git/a"])).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&with(ALL, Some("x\n"), &["ca.pem"])).outcome, OutcomeKind::Undecided);
    let judgement = run(&with("FROM a AS b\nCOPY . .\nFROM c\n", Some("x\n"), &[".git/", ".git/a"]));
    assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    assert!(judgement.observations[0].message.contains("build stage"));
    // Named by itself, it is meant.
    let text = "FROM a\nCOPY node_modules /app/node_modules\n";
    assert_eq!(run(&with(text, Some("x\n"), &["node_modules/", "node_modules/a"])).outcome, OutcomeKind::Undecided);
    let text = "FROM a\nCOPY --exclude=.git . /app\n";
    assert_ne!(run(&with(text, Some("x\n"), &[".git/", ".git/a"])).outcome, OutcomeKind::Fail);
}

#[test]
fn a_secret_found_in_a_file_counts() {
    let mut facts = with(ALL, Some("x\n"), &["config.js"]);
    let finding = Finding {
        kind: "github-pat".into(),
        title: "GitHub personal access token".into(),
        name: None,
        line: 3,
        length: 40,
        shown: String::new(),
        sha256: None,
        certainty: Certainty::Proven,
        harmless: None,
        detail: None,
    };
    let harmless = Finding { harmless: Some(plimsoll_secrets::Harmless::Placeholder), ..finding.clone() };
    let context = facts.dockerfile.as_mut().unwrap().context.as_mut().unwrap();
    context.secrets = vec![("config.js".into(), harmless)];
    assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
    facts.dockerfile.as_mut().unwrap().context.as_mut().unwrap().secrets = vec![("config.js".into(), finding)];
    let judgement = run(&facts);
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations[0].message.contains("GitHub personal access token"), "{:?}", judgement.observations);
}

#[test]
fn an_allowance_is_named() {
    let settings = Settings {
        allowances: vec![crate::Allowance { check: ID.into(), what: "test/**".into(), reason: "Test keys.".into() }],
        ..Settings::default()
    };
    let judgement = BuildContext.judge(&with(ALL, Some("x\n"), &["test/", "test/id_rsa"]), &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.observations[0].message.ends_with("Test keys."));
}

#[test]
fn what_is_not_known_is_undecided() {
    assert_eq!(run(&dockerfile(ALL)).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&dockerfile("FROM a\nRUN x\n")).outcome, OutcomeKind::NotApplicable);
    assert_eq!(run(&image()).outcome, OutcomeKind::Undecided);
    let mut facts = with(ALL, Some("x\n"), &["a"]);
    facts.dockerfile.as_mut().unwrap().context.as_mut().unwrap().truncated = true;
    assert_eq!(run(&facts).outcome, OutcomeKind::Undecided);
    let mut facts = with(ALL, Some("x\n"), &["a"]);
    facts.dockerfile.as_mut().unwrap().context.as_mut().unwrap().problems =
        vec![Problem { line: 0, message: "b: permission denied".into() }];
    assert_eq!(run(&facts).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&with("FROM scratch\nARG X\nCOPY $X /a\n", Some("x\n"), &["a"])).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&with(ALL, Some("[\n"), &["a"])).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&compose("services:\n  a:\n    build: .\n")).outcome, OutcomeKind::Undecided);
    assert_eq!(run(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
}
