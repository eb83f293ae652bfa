//! Tests of the user that an image runs as.

use super::*;
use crate::facts::tests::{compose, dockerfile, image};
use plimsoll_image::User;

fn file(text: &str) -> OutcomeKind {
    NonRoot.judge(&dockerfile(text), &Settings::default()).outcome
}

#[test]
fn in_a_dockerfile_the_last_user_of_the_final_stage_counts() {
    for text in [
        "FROM a\nUSER 1000\n",
        "FROM a\nUSER root\nUSER 7:7\n",
        "FROM a AS b\nUSER 4\nFROM b\n",
        "FROM a AS base\nRUN useradd -u 1000 app\nUSER app\nFROM base\n",
        "FROM a AS base\nRUN useradd -u 1000 app\nFROM base AS b\nUSER app\nFROM b\nCMD x\n",
        "FROM a\nRUN useradd -r -u 10001 app\nUSER app:app\n",
        "FROM a\nRUN addgroup -S app && adduser -S -G app app\nUSER app\n",
        "FROM a\nARG NAME=app\nRUN groupadd $NAME; useradd -g $NAME $NAME\nUSER $NAME\n",
        "FROM a\nRUN echo 'app:x:1000:1000::/:/bin/false' >> /etc/passwd\nUSER app\n",
        "FROM a AS b\nRUN adduser -D app\nFROM scratch\nCOPY --from=b /etc/passwd /etc/passwd\nUSER app\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\n",
        "ARG U=1000\nFROM a\nARG U\nUSER $U\n",
    ] {
        assert_eq!(file(text), OutcomeKind::Pass, "{text}");
    }
    for text in [
        "FROM a\n",
        "FROM scratch\n",
        "FROM a\nUSER app\nUSER root\n",
        "FROM a\nUSER 0\n",
        "FROM a\nUSER 0000\n",
        "FROM a\nUSER 0:0\n",
        "FROM a\nUSER root:app\n",
        "FROM a AS b\nUSER app\nFROM c\n",
        "FROM a\nARG U=0\nUSER $U\n",
        "FROM a\nRUN useradd -o -u 0 app\nUSER app\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nUSER ContainerAdministrator\n",
        "FROM a\nONBUILD USER app\n",
    ] {
        assert_eq!(file(text), OutcomeKind::Fail, "{text}");
    }
    for text in [
        "FROM a\nARG U\nUSER $U\n",
        "FROM a\nUSER app\n",
        "FROM a AS b\nRUN adduser -D app\nFROM c\nUSER app\n",
        "FROM a\nARG U\nRUN useradd -u $U app\nUSER app\n",
        "FROM gcr.io/distroless/static:nonroot\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n",
    ] {
        assert_eq!(file(text), OutcomeKind::Undecided, "{text}");
    }
    assert_eq!(file("RUN x\n"), OutcomeKind::Error);
}

fn with_user(user: &str) -> Facts {
    let mut facts = image();
    let image = facts.image.as_mut().unwrap();
    image.config.user = user.into();
    let account = |name: &str, uid, gid| User { name: name.into(), uid, gid, home: "/".into(), shell: String::new() };
    image.accounts.users =
        Some(vec![account("root", 0, 0), account("app", 1000, 1000), account("toor", 0, 0), account("low", 7, 0)]);
    facts
}

#[test]
fn in_an_image_the_name_is_looked_up() {
    let run = |user: &str| NonRoot.judge(&with_user(user), &Settings::default()).outcome;
    for user in ["1000", "app", "app:app", "4711:0", "low"] {
        assert_eq!(run(user), OutcomeKind::Pass, "{user}");
    }
    for user in ["", "root", "0", "00", "0:0", "toor", "nobody"] {
        assert_eq!(run(user), OutcomeKind::Fail, "{user}");
    }
    let mut facts = with_user("app");
    facts.image.as_mut().unwrap().accounts.users = None;
    assert_eq!(NonRoot.judge(&facts, &Settings::default()).outcome, OutcomeKind::Undecided);
    for user in ["4711:0", "low"] {
        let judgement = NonRoot.judge(&with_user(user), &Settings::default());
        assert!(judgement.observations.iter().any(|o| o.severity == Severity::Low), "{user}");
    }
}

#[test]
fn a_switching_entrypoint_is_a_signal_and_a_differing_dockerfile_is_said() {
    let mut facts = with_user("");
    facts.image.as_mut().unwrap().config.entrypoint = Some(vec!["/usr/bin/gosu".into(), "app".into()]);
    facts.dockerfile = dockerfile("FROM a\nUSER app\n").dockerfile;
    let judgement = NonRoot.judge(&facts, &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations.iter().any(|o| o.message.contains("gosu")));
    assert!(judgement.observations.iter().any(|o| o.message.contains("another file")));
}

#[test]
fn in_a_compose_file_each_service_counts() {
    let run = |text: &str| NonRoot.judge(&compose(text), &Settings::default()).outcome;
    assert_eq!(run("services:\n  a:\n    image: x\n    user: \"1000\"\n"), OutcomeKind::Pass);
    assert_eq!(run("services:\n  a:\n    image: x\n    user: root\n"), OutcomeKind::Fail);
    assert_eq!(run("services:\n  a:\n    image: x\n    user: 0:0\n"), OutcomeKind::Fail);
    assert_eq!(run("services:\n  a:\n    image: x\n"), OutcomeKind::Undecided);
    assert_eq!(run("services:\n  a:\n    image: x\n    user: app\n"), OutcomeKind::Undecided);
}

#[test]
fn ways_to_leave_root_are_named_and_change_nothing() {
    for start in [
        "ENTRYPOINT [\"gosu\", \"app\", \"x\"]",
        "ENTRYPOINT [\"/docker-entrypoint.sh\"]",
        "CMD sudo -u app x",
        "CMD exec su-exec app x",
    ] {
        let judgement = NonRoot.judge(&dockerfile(&format!("FROM a\n{start}\n")), &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.message.contains("leave root behind")), "{start}");
    }
    let judgement = NonRoot.judge(&dockerfile("FROM a\nCMD [\"/summary\"]\n"), &Settings::default());
    assert_eq!(judgement.observations.len(), 1);
}

#[test]
fn a_script_with_gosu_in_the_image_is_a_signal() {
    use plimsoll_image::{Entry, Tree, TreeLayer};
    let entry = |path: &str, magic| Entry { size: 1, mode: 0o755, magic, ..crate::layers::tests::entry(path) };
    let mut facts = with_user("");
    facts.image.as_mut().unwrap().config.entrypoint = Some(vec!["start".into()]);
    let signal = |facts: &Facts| {
        let judgement = NonRoot.judge(facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        judgement.observations.iter().any(|o| o.message.contains("the script /usr/local/bin/start, and holds"))
    };
    let script = entry("/usr/local/bin/start", Some(Magic::Script));
    let with = |entries| Some(Tree::from_layers(vec![TreeLayer { entries, ..TreeLayer::default() }]));
    // setpriv is part of every Debian image and says nothing.
    facts.tree = with(vec![script.clone(), entry("/usr/bin/setpriv", Some(Magic::Elf))]);
    assert!(!signal(&facts));
    facts.tree = with(vec![script, entry("/usr/sbin/gosu", Some(Magic::Elf))]);
    assert!(signal(&facts));
}
