//! Users, names, labels and secrets.

use plimsoll_catalog::OutcomeKind::{self, Fail, Pass, Undecided};
use plimsoll_docker::facts::ProcessFacts;
use plimsoll_secrets::find_in_setting;

use super::super::tests::{judge, outcome, service, with};

#[test]
fn the_configured_user_is_read() {
    let user = |user: &str| {
        let user = user.to_owned();
        outcome("configured-user", |c| c.config.user = user)
    };
    for name in ["root", "0", "0:0", "00", "ContainerAdministrator"] {
        assert_eq!(user(name), Fail, "{name}");
    }
    assert_eq!((user("1000"), user("1000:0"), user("app"), user("")), (Pass, Pass, Undecided, Undecided));
    let running = |uids: &[u64]| {
        let of = |uid: &u64| ProcessFacts { uid: Some(*uid), ..ProcessFacts::default() };
        let processes = Some(uids.iter().map(of).collect());
        outcome("configured-user", |c| c.processes = processes)
    };
    assert_eq!(
        (running(&[0, 0]), running(&[0, 101]), running(&[101]), running(&[])),
        (Fail, Undecided, Undecided, Undecided)
    );
}

#[test]
fn the_image_is_named() {
    let image = |image: &str| {
        let image = image.to_owned();
        outcome("named-image", |c| c.config.image = image)
    };
    assert_eq!((image("nginx"), image("nginx:1.27"), image("nginx:latest")), (Fail, Pass, Undecided));
    assert_eq!(image(&format!("nginx@sha256:{}", "0".repeat(64))), Pass);
    assert_eq!((image(&"b".repeat(64)), image("bbbbbbbbbbbb"), image("sha256:bb")), (Fail, Fail, Fail));
    assert_eq!((image("A/B"), image("")), (Undecided, Undecided));
}

#[test]
fn labels_of_its_own_are_listed() {
    let label = |key: &str| -> OutcomeKind {
        let pair = (key.to_owned(), String::new());
        outcome("labels", |c| c.config.labels = [pair].into())
    };
    assert_eq!(outcome("labels", |_| {}), Fail);
    assert_eq!((label("com.docker.compose.project"), label("owner")), (Fail, Pass));
    assert_eq!(service("labels", "").outcome, Fail);
    assert_eq!(service("labels", "labels: [owner=shop]").outcome, Pass);
    assert_eq!(service("labels", "deploy: {labels: {owner: shop}}").outcome, Pass);
    assert_eq!(service("labels", "labels: 5").outcome, Undecided);
}

#[test]
fn secrets_in_variables_fail() {
    let id = "container-secrets";
    assert_eq!(outcome(id, |_| {}), Pass);
    let found = find_in_setting("DB_PASSWORD", "k3Jd93jfkq02mXq").into_iter().next().unwrap();
    let judgement = judge(id, &with(|c| c.secrets = vec![("Config.Env[3]".into(), found)]));
    assert_eq!(judgement.outcome, Fail);
    let first = judgement.observations.first().unwrap();
    assert_eq!(first.location.as_ref().map(ToString::to_string).as_deref(), Some("Config.Env[3]"));
    assert_eq!(first.reproduce.as_deref(), Some("docker inspect --format '{{json .Config.Env}}' web"));
    assert!(!first.message.contains("k3Jd93jfkq02mXq"));
    let harmless = find_in_setting("DB_PASSWORD", "changeme").into_iter().next().unwrap();
    assert_eq!(outcome(id, |c| c.secrets = vec![("Config.Env[0]".into(), harmless)]), Pass);
}
