//! Tests of the probes, against servers on this machine.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::connection::Credentials;
use crate::testing::{Heard, Reply, TestServer, reply};

/// Of a registry with one repository. `open`: it asks for no credentials.
fn serve(heard: &Heard, open: bool) -> Reply {
    // alice:hunter2
    if !open && heard.authorization != "Basic YWxpY2U6aHVudGVyMg==" {
        let challenge = ("WWW-Authenticate", r#"Basic realm="lab""#.to_owned());
        return (401, vec![challenge], br#"{"errors":[{"code":"UNAUTHORIZED"}]}"#.to_vec());
    }
    let config = "{}";
    let digest = crate::digest::Hash::of("sha256", config.as_bytes());
    let manifest = format!(r#"{{"config":{{"digest":"{digest}","size":2}},"layers":[]}}"#);
    match (heard.method.as_str(), heard.path.as_str()) {
        ("GET", "/v2/") => (200, vec![("Server", "lab/1".into())], b"{}".to_vec()),
        ("GET", "/v2/_catalog?n=1000") => reply(200, r#"{"repositories":["a/b"]}"#),
        ("GET", "/v2/a/b/tags/list?n=100") => reply(200, r#"{"tags":["2","1"]}"#),
        ("GET", "/v2/a/b/manifests/2") => reply(200, manifest),
        ("GET", path) if path.ends_with(&digest) => reply(200, config),
        ("POST", "/v2/a/b/blobs/uploads/") => {
            (202, vec![("Location", "https://127.0.0.1/v2/a/b/blobs/uploads/1?state=s".into())], Vec::new())
        }
        ("DELETE", "/v2/a/b/blobs/uploads/1?state=s") => reply(204, ""),
        ("DELETE", path) if path.contains("sha256:0000") => reply(405, r#"{"errors":[{"code":"UNSUPPORTED"}]}"#),
        _ => reply(404, ""),
    }
}

fn of(facts: &RegistryFacts, asked: Asked) -> Vec<&Answer> {
    facts.probes.iter().filter(|probe| probe.asked == asked).map(|probe| &probe.answer).collect()
}

fn code(facts: &RegistryFacts, asked: Asked) -> u16 {
    match of(facts, asked).last() {
        Some(Answer::Status { code, .. }) => *code,
        _ => 0,
    }
}

fn writes(server: &TestServer) -> usize {
    server.heard().iter().filter(|heard| heard.method != "GET" && heard.method != "HEAD").count()
}

#[tokio::test]
async fn an_open_registry_shows_what_anyone_gets_and_nothing_is_written() {
    let server = TestServer::start(|heard| serve(heard, true));
    let facts = probe(&server.network(), &server.host, &CancellationToken::new()).await;
    for asked in [Asked::PlainHttp, Asked::Base, Asked::Catalog, Asked::Tags, Asked::Manifest, Asked::Blob] {
        assert_eq!(code(&facts, asked), 200, "{asked:?}: {facts:#?}");
    }
    assert_eq!((facts.auth.as_ref(), facts.tls.as_ref(), facts.credentials.as_ref()), (None, None, None));
    assert!(facts.tls_failed.as_ref().unwrap().contains("does not speak TLS"));
    assert!(facts.headers.contains(&("server".into(), "lab/1".into())));
    for asked in [Asked::Login, Asked::PullToken, Asked::PushToken, Asked::Push, Asked::Delete] {
        assert!(matches!(of(&facts, asked)[..], [Answer::NotAsked(_)]), "{asked:?}");
    }
    assert_eq!(writes(&server), 0);
    assert!(facts.client.is_some());
}

#[tokio::test]
async fn with_consent_an_upload_is_opened_and_cancelled_and_a_deletion_is_tried() {
    let server = TestServer::start(|heard| serve(heard, true));
    let mut network = server.network();
    network.connections[0].push_probe = Some("A. Auditor, today".into());
    network.connections[0].delete_probe = Some("A. Auditor, today".into());
    let facts = probe(&network, &server.host, &CancellationToken::new()).await;
    let push = of(&facts, Asked::Push);
    assert!(
        matches!(push[..], [Answer::Status { code: 202, detail }] if detail.contains("cancelled (DELETE answered 204; afterwards it is not known")),
        "{push:?}"
    );
    let delete = of(&facts, Asked::Delete);
    assert!(
        matches!(delete[..], [Answer::Status { code: 405, detail }] if detail.contains("switched off")),
        "{delete:?}"
    );
    assert_eq!(writes(&server), 3);
    network.connections[0].push_probe = Some(" ".into());
    network.connections[0].delete_probe = None;
    let before = writes(&server);
    probe(&network, &server.host, &CancellationToken::new()).await;
    assert_eq!(writes(&server), before);
}

#[tokio::test]
async fn a_closed_registry_is_asked_as_nobody_and_as_the_auditor() {
    let server = TestServer::start(|heard| serve(heard, false));
    let mut network = server.network();
    let credentials = Credentials { user: "alice".into(), password: "hunter2".into() };
    network.typed.push((server.host.clone(), credentials));
    network.connections[0].proxy = None;
    let facts = probe(&network, &server.host, &CancellationToken::new()).await;
    for asked in [Asked::PlainHttp, Asked::Base, Asked::Catalog, Asked::Tags, Asked::Manifest, Asked::Blob] {
        assert_eq!(code(&facts, asked), 401, "{asked:?}");
    }
    let login = of(&facts, Asked::Login);
    assert!(
        matches!(login[..], [Answer::Status { code: 200, detail }] if detail.contains("1 repository")),
        "{login:?}"
    );
    assert_eq!(facts.auth.as_ref().map(|auth| (auth.scheme.as_str(), auth.realm.as_str())), Some(("Basic", "lab")));
    assert_eq!(facts.credentials.as_deref(), Some("alice, typed in"));
    let told = serde_json::to_string(&facts).unwrap();
    assert!(!told.contains("hunter2") && !told.contains("YWxpY2U6aHVudGVyMg"), "{told}");
    network.typed[0].1.password = "hunter3".into();
    let facts = probe(&network, &server.host, &CancellationToken::new()).await;
    assert_eq!(code(&facts, Asked::Login), 401);
    assert!(!serde_json::to_string(&facts).unwrap().contains("hunter3"));
}

#[tokio::test]
async fn tokens_for_anyone_are_read_and_not_kept() {
    let server = TestServer::start(|heard| {
        let host = heard.host.clone();
        if heard.path.starts_with("/token") {
            // {"access":[{"type":"repository","name":"a/b","actions":["pull"]}]}
            let claims = "eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOlsicHVsbCJdfV19";
            return reply(200, format!(r#"{{"token":"hunter2.{claims}.c2ln"}}"#));
        }
        let realm = format!(r#"Bearer realm="http://{host}/token",service="lab""#);
        if heard.authorization.is_empty() || heard.path == "/v2/_catalog?n=1000" {
            return (401, vec![("WWW-Authenticate", realm)], Vec::new());
        }
        serve(heard, true)
    });
    let mut network = server.network();
    network.connections[0].repositories = vec!["a/b".into(), "../x".into()];
    let facts = probe(&network, &server.host, &CancellationToken::new()).await;
    assert_eq!((code(&facts, Asked::Base), code(&facts, Asked::Catalog)), (401, 401));
    assert_eq!((code(&facts, Asked::Tags), code(&facts, Asked::Blob)), (200, 200));
    for asked in [Asked::PullToken, Asked::PushToken] {
        let answers = of(&facts, asked);
        assert!(
            matches!(answers[..], [Answer::Status { code: 200, detail }] if detail.ends_with("repository:a/b:pull")),
            "{answers:?}"
        );
    }
    assert!(!serde_json::to_string(&facts).unwrap().contains("hunter2"));
}

#[tokio::test]
async fn a_registry_that_is_not_there_fails_and_the_rest_is_not_asked() {
    let facts = probe(&crate::testing::network(Vec::new()), "127.0.0.1:1", &CancellationToken::new()).await;
    assert!(matches!(of(&facts, Asked::Base)[..], [Answer::Failed(_)]));
    assert!(matches!(of(&facts, Asked::PlainHttp)[..], [Answer::Failed(_)]));
    assert!(matches!(of(&facts, Asked::Tags)[..], [Answer::NotAsked(_)]));
    let facts = probe(&crate::testing::network(Vec::new()), "no host", &CancellationToken::new()).await;
    assert!(matches!(of(&facts, Asked::Base)[..], [Answer::Failed(_)]));
}

#[tokio::test]
async fn what_another_host_says_is_not_taken_for_the_registrys_answer() {
    let other = TestServer::start(|_| reply(404, r#"{"errors":[{"code":"DENIED"}]}"#));
    let to = format!("http://{}/x", other.host);
    let server = TestServer::start(move |heard| match heard.path.as_str() {
        "/v2/_catalog?n=1000" => reply(200, r#"{"errors":[{"code":"DENIED"}],"repositories":7}"#),
        "/v2/a/b/manifests/2" | "/v2/a/b/tags/list?n=100" => serve(heard, true),
        _ => (307, vec![("Location", to.clone())], Vec::new()),
    });
    let mut network = server.network();
    network.connections[0].repositories = vec!["a/b".into()];
    let cancel = CancellationToken::new();
    let facts = probe(&network, &server.host, &cancel).await;
    let base = of(&facts, Asked::Base);
    assert!(matches!(base[..], [Answer::Failed(reason)] if reason.contains("answered by 127.0.0.1")), "{base:?}");
    assert_eq!(facts.auth, None);
    assert_eq!(code(&facts, Asked::Blob), 307);
    let catalog = of(&facts, Asked::Catalog);
    assert!(
        matches!(catalog[..], [Answer::Status { code: 200, detail }] if detail == "DENIED; what came is no catalogue"),
        "{catalog:?}"
    );
    let registry = Registry::open(&network, &server.host, Who::Anonymous).unwrap();
    let missing = registry.manifest("a/b", "gone", &cancel).await.unwrap_err();
    assert!(matches!(missing, RegistryError::Redirect { .. }), "{missing:?}");
}
