//! Tests of fetching trust metadata, against servers on this machine.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{Reply, TestServer, network, reply};

const HEX: &str = "0101010101010101010101010101010101010101010101010101010101010101";

fn hash() -> String {
    STANDARD.encode([1; 32])
}

fn meta(roles: &[&str]) -> String {
    let roles: Vec<String> =
        roles.iter().map(|role| format!(r#""{role}":{{"hashes":{{"sha256":"{}"}},"length":1}}"#, hash())).collect();
    format!(r#"{{"signed":{{"version":4,"meta":{{{}}}}}}}"#, roles.join(","))
}

async fn ask(
    pinned: Option<Pinned>,
    serve: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (NotaryFacts, Looked, Vec<String>) {
    let server = TestServer::start(move |heard| {
        let name = heard.path.strip_prefix("/v2/r.example/a/_trust/tuf/");
        name.and_then(|name| name.strip_suffix(".json")).map_or_else(|| reply(404, ""), &serve)
    });
    let address = format!("http://{}", server.host);
    let (facts, lookup) = metadata(&server.network(), &address, "r.example/a", pinned, &CancellationToken::new()).await;
    assert_eq!(lookup.place, format!("{address}/v2/r.example/a/_trust/tuf/"));
    let names =
        server.heard().into_iter().filter_map(|heard| heard.path.split_once("/tuf/").map(|(_, name)| name.to_owned()));
    (facts, lookup.looked, names.collect())
}

fn files(facts: &NotaryFacts) -> Vec<&str> {
    facts.files.iter().map(|file| file.name.as_str()).collect()
}

#[tokio::test]
async fn everything_is_fetched_by_hash_and_older_roots_with_it() {
    let (facts, looked, asked) = ask(None, |name| match name {
        "root" => reply(200, meta(&[])),
        "timestamp" => reply(200, meta(&["snapshot"])),
        name if name == format!("snapshot.{HEX}") => {
            reply(200, meta(&["root", "targets", "targets/releases", "targets/../x", "targets/alice"]))
        }
        name if name == format!("targets.{HEX}") => reply(200, "{}"),
        name if name == format!("targets/releases.{HEX}") => reply(200, "{}"),
        // Served by its plain name alone.
        "targets/alice" => reply(200, "{}"),
        "2.root" => reply(200, "{}"),
        _ => reply(404, ""),
    })
    .await;
    assert_eq!(looked, Looked::Found);
    let expected = ["root", "timestamp", "snapshot", "targets", "targets/alice", "targets/releases", "2.root"];
    assert_eq!(files(&facts), expected);
    assert_eq!(facts.absent, ["1.root", "3.root"]);
    assert_eq!(facts.failed.len(), 1, "{:?}", facts.failed);
    assert!(!asked.iter().any(|name| name.contains("..")), "{asked:?}");
}

#[tokio::test]
async fn roots_between_the_pinned_and_the_present_one_are_fetched() {
    let pinned = Pinned { root: Bytes(br#"{"signed":{"version":1}}"#.to_vec()), ..Pinned::default() };
    let (facts, _, asked) = ask(Some(pinned.clone()), |name| match name {
        "root" | "2.root" | "3.root" => reply(200, meta(&[])),
        _ => reply(404, ""),
    })
    .await;
    assert_eq!(files(&facts), ["root", "2.root", "3.root"]);
    assert!(!asked.contains(&"1.root.json".to_owned()));
    assert_eq!(facts.pinned, Some(pinned));
    let far = Pinned { root: Bytes(br#"{"signed":{"version":1}}"#.to_vec()), ..Pinned::default() };
    let (facts, _, asked) = ask(Some(far), |name| match name {
        "root" => reply(200, r#"{"signed":{"version":18446744073709551615}}"#),
        _ => reply(404, ""),
    })
    .await;
    assert!(asked.len() < 200 && facts.failed.iter().any(|(name, _)| name == "102.root"), "{:?}", facts.failed);
}

#[tokio::test]
async fn absent_refused_and_failed_are_told_apart() {
    let (facts, looked, asked) = ask(None, |_| reply(404, "")).await;
    assert_eq!((looked, facts.absent, asked.len()), (Looked::Absent, vec!["root".into(), "timestamp".into()], 2));
    for status in [200, 204, 400, 401, 403, 429, 500, 502] {
        let (facts, looked, _) = ask(None, move |_| reply(status, "<html>")).await;
        let right = match status {
            401 | 403 => matches!(looked, Looked::Refused(_)),
            _ => matches!(looked, Looked::Failed(_)),
        };
        assert!(right, "{status}: {looked:?}");
        assert!(facts.files.is_empty() && facts.absent.is_empty() && !facts.failed.is_empty(), "{status}");
    }
    // A root that is refused beside a timestamp that is absent is not absent.
    let (_, looked, _) = ask(None, |name| if name == "root" { reply(403, "") } else { reply(404, "") }).await;
    assert!(matches!(looked, Looked::Refused(_)));
}

#[tokio::test]
async fn a_server_that_is_not_there_fails_and_offline_nothing_is_tried() {
    let cancel = CancellationToken::new();
    let empty = network(Vec::new());
    for server in ["https://127.0.0.1:1", "https://u:hunter2@a.example", "ftp://a", "http://127.0.0.1:1", ""] {
        let (facts, lookup) = metadata(&empty, server, "r.example/a", None, &cancel).await;
        assert!(matches!(lookup.looked, Looked::Failed(_)), "{server}");
        let told = format!("{facts:?} {lookup:?}");
        assert!(!facts.failed.is_empty() && !told.contains("hunter2"), "{told}");
    }
    let offline = Network { offline: true, ..empty };
    let (_, lookup) = metadata(&offline, "https://127.0.0.1:1", "r.example/a", None, &cancel).await;
    assert!(matches!(lookup.looked, Looked::NotTried(_)));
    let reference = Reference::parse("r.example/a:1").unwrap();
    let facts = collect(&offline, &reference, &[], None, None, &ClientFacts::default(), &cancel).await;
    assert_eq!((facts.repository.as_str(), facts.tag.as_deref(), facts.notary), ("r.example/a", Some("1"), None));
    assert_eq!(facts.lookups.len(), 4);
}

#[test]
fn the_server_is_the_one_of_the_connection_or_of_the_registry() {
    let of = |name: &str, set: Option<&str>| {
        let connection = Connection { trust_server: set.map(str::to_owned), ..Connection::default() };
        server_for(&Reference::parse(name).unwrap(), &connection)
    };
    assert_eq!(of("nginx", None), "https://notary.docker.io");
    assert_eq!(of("nginx", Some("https://own.example/")), "https://own.example");
    assert_eq!(of("r.example:5000/a", Some("")), "https://r.example:5000");
    assert_eq!(parts("https://n.example:4443/x/"), Some((false, "n.example:4443".into(), "/x".into())));
    assert_eq!(parts("n.example"), Some((false, "n.example".into(), String::new())));
}

#[test]
fn only_the_registrys_own_trust_server_may_know_its_credentials() {
    let named = Connection {
        host: "r.example".into(),
        trust_server: Some("https://n.example:4443/x/".into()),
        ..Connection::default()
    };
    let network = network(vec![named]);
    let may = |registry: &str, host: &str| may_know(&network, registry, false, host);
    assert!(may("r.example", "r.example") && may("r.example", "n.example:4443"));
    assert!(may("docker.io", "notary.docker.io") && !may_know(&network, "docker.io", true, "notary.docker.io"));
    assert!(!may("r.example", "n.example") && !may("other.example", "n.example:4443"));
    assert!(!may("r.example", "notary.docker.io") && !may("other.example:5000", "other.example"));
}

#[tokio::test]
async fn a_trust_server_that_nobody_named_gets_no_credentials_of_the_registry() {
    let challenge =
        |_: &crate::testing::Heard| (401, vec![("WWW-Authenticate", "Basic realm=\"x\"".into())], Vec::new());
    let server = TestServer::start(challenge);
    let mut network = server.network();
    let credentials = crate::Credentials { user: "alice".into(), password: "hunter2".into() };
    network.typed.push(("r.example".into(), credentials));
    let address = format!("http://{}", server.host);
    metadata(&network, &address, "r.example/a", None, &CancellationToken::new()).await;
    assert!(server.heard().iter().all(|heard| heard.authorization.is_empty()));
    let named = Connection { host: "r.example".into(), trust_server: Some(address.clone()), ..Connection::default() };
    network.connections.push(named);
    metadata(&network, &address, "r.example/a", None, &CancellationToken::new()).await;
    assert!(server.heard().iter().any(|heard| !heard.authorization.is_empty()));
}

#[test]
fn the_authority_that_docker_keeps_for_a_server_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("tls/n.example:4443/ca.crt");
    std::fs::create_dir_all(ca.parent().unwrap()).unwrap();
    std::fs::write(&ca, "x").unwrap();
    let mut network = network(Vec::new());
    network.places.docker_config = Some(folder.path().to_owned());
    let towards = towards(&network, "n.example:4443", false).unwrap();
    assert_eq!(towards.connection("n.example:4443").ca, Some(ca));
}

#[tokio::test]
async fn no_credentials_are_among_the_facts() {
    let server = TestServer::start(|heard| match heard.authorization.as_str() {
        "" => (401, vec![("WWW-Authenticate", r#"Basic realm="hunter""#.into())], Vec::new()),
        _ => reply(403, format!("no, {}", heard.authorization)),
    });
    let mut network = server.network();
    let credentials = crate::Credentials { user: "alice".into(), password: "hunter2".into() };
    network.typed.push((server.host.clone(), credentials));
    let reference = Reference::parse(&format!("{}/a:1", server.host)).unwrap();
    let digests = [format!("sha256:{}", "a".repeat(64))];
    let cancel = CancellationToken::new();
    let facts = collect(&network, &reference, &digests, None, None, &ClientFacts::default(), &cancel).await;
    assert!(facts.lookups.iter().all(|lookup| matches!(lookup.looked, Looked::Refused(_))), "{facts:#?}");
    assert!(server.heard().iter().any(|heard| heard.authorization == "Basic YWxpY2U6aHVudGVyMg=="));
    let told = serde_json::to_string(&facts).unwrap();
    assert!(!told.contains("hunter2") && !told.contains("YWxpY2U6aHVudGVyMg"), "{told}");
}
