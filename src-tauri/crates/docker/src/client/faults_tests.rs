//! Engines that refuse, break off, lie, are silent, or die.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Engine;
use super::connection::Patience;
use super::fake::{Fake, ID, Reply, answers, around, version};
use crate::{DockerError, EngineAddress};

fn token() -> CancellationToken {
    CancellationToken::new()
}

fn short() -> Patience {
    Patience { answer: Duration::from_millis(300), long: Duration::from_millis(300), largest: 64 << 10 }
}

#[tokio::test]
async fn what_one_request_cannot_tell_does_not_stop_the_rest() {
    for (reply, reason) in [
        (Reply::Refuse(500, "no space: token=hunter2hunter2".into()), "status 500"),
        (Reply::Raw(b"<html>".to_vec()), "no JSON"),
        (Reply::Raw([b"[".repeat(10_000), b"]".repeat(10_000)].concat()), "no JSON"),
        (Reply::Raw(vec![b' '; 100 << 10]), "larger"),
        (Reply::Raw([b"[".to_vec(), b"0,".repeat(20_000), b"0]".to_vec()].concat()), "not of the kind"),
        (Reply::Torn, "connection"),
        (Reply::Gone, "connection"),
        (Reply::Silence, "did not answer"),
    ] {
        let mut answers = answers();
        answers.insert("/volumes".into(), reply.clone());
        answers.insert(format!("/containers/{ID}/top"), reply.clone());
        answers.insert(format!("/containers/{ID}/changes"), reply.clone());
        let fake = Fake::of(answers);
        // Long enough for a busy machine where silence is not what is tried.
        let answer = if matches!(reply, Reply::Silence) { short().answer } else { Duration::from_secs(20) };
        let engine = fake.open_with(Patience { answer, long: answer, ..short() }).await.unwrap();
        let facts = engine.host_facts(&[], &token()).await.unwrap();
        assert_eq!(facts.volumes, None);
        let unread = facts.unread.iter().find(|unread| unread.what == "GET /volumes").unwrap();
        assert!(unread.reason.contains(reason) && !unread.reason.contains("hunter2"), "{reply:?}: {unread:?}");
        assert!(facts.networks.is_some() && facts.containers.is_some());
        let facts = engine.container_facts("web", &token()).await.unwrap();
        assert_eq!((facts.processes, facts.changes), (None, None));
        assert_eq!(facts.unread.len(), 2, "{:?}", facts.unread);
        assert_eq!(facts.host_config.network_mode.as_deref(), Some("bridge"));
    }
}

#[tokio::test]
async fn a_daemon_that_dies_is_an_error_and_no_hang() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    fake.die();
    // The connections that are open still answer; none is kept for this test.
    drop(engine);
    let fake = Fake::new(|path| if path == "/version" { Reply::Json(version()) } else { Reply::Gone });
    let engine = fake.open().await.unwrap();
    let error = engine.host_facts(&[], &token()).await.unwrap_err();
    assert!(error.to_string().contains("could not tell of the host"), "{error}");
    assert!(engine.container_facts("web", &token()).await.is_err());
    assert!(engine.containers().await.is_err());
    assert!(engine.images().await.is_err());
    let all = engine.containers_facts(&["web".into(), "b".into()], 8, &token(), &|_, _| ()).await.unwrap();
    assert!(all.iter().all(Result::is_err));
}

#[tokio::test]
async fn a_daemon_that_dies_in_the_middle_leaves_what_it_told() {
    let answers = answers();
    let fake = Fake::new(move |path| {
        let dead =
            path.contains("/top") || path.contains("/changes") || path.contains("/stats") || path.contains("/images");
        if dead { Reply::Torn } else { super::fake::find(&answers, path) }
    });
    let engine = fake.open().await.unwrap();
    let facts = engine.container_facts("web", &token()).await.unwrap();
    assert_eq!(facts.unread.len(), 5, "{:?}", facts.unread);
    assert_eq!(facts.image_now.id, None);
}

#[tokio::test]
async fn work_that_is_cancelled_ends_though_the_engine_is_silent() {
    let fake = Fake::new(|path| if path == "/version" { Reply::Json(version()) } else { Reply::Silence });
    let engine = fake.open().await.unwrap();
    let cancel = token();
    let soon = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        soon.cancel();
    });
    let names = ["web".to_owned()];
    let (host, one, many) = tokio::join!(
        engine.host_facts(&[], &cancel),
        engine.container_facts("web", &cancel),
        engine.containers_facts(&names, 8, &cancel, &|_, _| ()),
    );
    assert!(matches!(host, Err(DockerError::Cancelled)), "{host:?}");
    assert!(matches!(one, Err(DockerError::Cancelled)), "{one:?}");
    assert!(matches!(many, Err(DockerError::Cancelled)), "{many:?}");
}

#[tokio::test]
async fn a_refused_size_or_table_is_asked_for_more_simply() {
    let answers = answers();
    let fake = Fake::new(move |path| {
        if path.contains("size=1") || path.contains("ps_args") {
            return Reply::Refuse(500, "ps: unknown option".into());
        }
        super::fake::find(&answers, path)
    });
    let facts = fake.open().await.unwrap().container_facts("web", &token()).await.unwrap();
    assert!(facts.processes.is_some());
    assert_eq!(facts.unread.len(), 1, "{:?}", facts.unread);
    assert!(facts.unread[0].what.ends_with("?size=1"));
}

#[tokio::test]
async fn an_old_engine_is_not_asked_to_measure() {
    let mut answers = answers();
    answers.insert(
        "/version".into(),
        Reply::Json(json!({"Version": "19.03.15", "ApiVersion": "1.40", "MinAPIVersion": "1.12", "GitCommit": "x"})),
    );
    let fake = Fake::of(answers);
    let facts = fake.open().await.unwrap().container_facts("web", &token()).await.unwrap();
    assert_eq!(facts.stats, None);
    assert!(facts.unread[0].what.ends_with("/stats") && facts.unread.len() == 1, "{:?}", facts.unread);
    assert_eq!(facts.at.no_new_privileges, None);
    assert!(!fake.log().iter().any(|line| line.contains("/stats")));
}

#[tokio::test]
async fn what_cannot_be_spoken_with_says_what_to_do() {
    let open = |reply: Reply| async move { Fake::new(move |_| reply.clone()).open().await.unwrap_err().to_string() };
    for (reply, words) in [
        (Reply::Json(json!({"ApiVersion": "1.20"})), "1.25 or later"),
        (Reply::Json(json!({"ApiVersion": "1.99", "MinAPIVersion": "1.90"})), "get a newer version"),
        (Reply::Json(json!({"hello": 1})), "no Docker daemon"),
        (Reply::Raw(b"<html>".to_vec()), "no Docker daemon"),
        (Reply::Refuse(404, "page not found".into()), "no Docker daemon"),
        (Reply::Refuse(403, "forbidden".into()), "refuses with status 403"),
        (Reply::Refuse(400, "Client sent an HTTP request to an HTTPS server.".into()), "DOCKER_TLS_VERIFY=1"),
        (Reply::Gone, "No Docker daemon answers"),
    ] {
        let said = open(reply).await;
        assert!(said.contains(words), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = EngineAddress::Unix("unix:///nowhere.sock".into());
    let error = Engine::open_in(&missing, around(folder.path()), short()).await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("No Docker daemon answers at unix:///nowhere.sock (No such file"), "{said}");
    let fake = Fake::new(|_| Reply::Silence);
    let said = fake.open_with(short()).await.unwrap_err();
    assert!(matches!(said, DockerError::Slow { .. }), "{said}");
}

#[tokio::test]
async fn newer_engines_are_spoken_to_in_what_both_know() {
    let mut answers = answers();
    let mut newer = version();
    newer["ApiVersion"] = json!("1.60");
    newer["MinAPIVersion"] = json!("1.44");
    answers.insert("/version".into(), Reply::Json(newer));
    let fake = Fake::of(answers);
    let engine = fake.open().await.unwrap();
    engine.containers().await.unwrap();
    assert_eq!(fake.log().pop().unwrap(), "GET /v1.53/containers/json?all=1");
}
