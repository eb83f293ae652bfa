//! Who asks, over what: credentials, tokens, TLS, plain HTTP, proxy.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_registry::{Ask, Connection, Credentials, Places, Registry, RegistryError, Who};
use support::{Authority, Reply, SECRET, Seen, Server, TOKEN, as_alice, base64_of, network, reply, sentence, trusting};
use tokio_util::sync::CancellationToken;

const OK: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

async fn ask(registry: &Registry) -> Result<plimsoll_registry::Manifest, RegistryError> {
    registry.manifest("a/b", "latest", &CancellationToken::new()).await
}

fn basic() -> String {
    format!("Basic {}", base64_of(&format!("alice:{SECRET}")))
}

#[tokio::test]
async fn basic_credentials_are_sent_when_they_are_asked_for() {
    let server = Server::plain(|seen| match seen.header("authorization") {
        Some(value) if value == basic() => reply(200, &[], OK),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"x\"")], b""),
    })
    .await;
    let alice = as_alice(network(&[&server.host]), &server.host);
    let registry = Registry::open(&alice, &server.host, Who::Auditor).unwrap();
    assert_eq!(registry.identity(), Some("alice, typed in"));
    ask(&registry).await.unwrap();
    ask(&registry).await.unwrap();
    // 401 and again; from then on at once.
    assert_eq!(server.requests().len(), 3);

    let anonymous = Registry::open(&alice, &server.host, Who::Anonymous).unwrap();
    assert_eq!(anonymous.identity(), None);
    assert!(matches!(ask(&anonymous).await, Err(RegistryError::NeedsCredentials { .. })));
    assert_eq!(server.requests().last().unwrap().header("authorization"), None);

    let mut other = network(&[&server.host]);
    other.typed.push((server.host.clone(), Credentials { user: "bob".into(), password: SECRET.into() }));
    let wrong = Registry::open(&other, &server.host, Who::Auditor).unwrap();
    assert!(sentence(ask(&wrong).await).contains("does not accept the credentials of bob"));
    assert!(!format!("{wrong:?} {other:?}").contains(SECRET));
}

/// A registry that takes the token `TOKEN` and the number of its issue, and its token server.
async fn with_tokens(token: impl Fn(&Seen) -> Reply + Send + Sync + 'static, good: &'static str) -> (Server, Server) {
    let tokens = Server::plain(token).await;
    let realm =
        format!("Bearer realm=\"http://{}/token?k=v\",service=\"a, b\",scope=\"repository:a/b:pull\"", tokens.host);
    let registry = Server::plain(move |seen| match seen.header("authorization") {
        Some(value) if value == format!("Bearer {good}") => reply(200, &[], OK),
        _ => reply(401, &[("www-authenticate", &realm)], b""),
    })
    .await;
    (registry, tokens)
}

#[tokio::test]
async fn a_token_is_fetched_once_for_a_scope() {
    let issued = format!("{{\"token\":\"{TOKEN}\",\"expires_in\":300}}");
    let (server, tokens) = with_tokens(move |_| reply(200, &[], issued.as_bytes()), TOKEN).await;
    let alice = as_alice(network(&[&server.host]), &server.host);
    let registry = Registry::open(&alice, &server.host, Who::Auditor).unwrap();
    for _ in 0..3 {
        ask(&registry).await.unwrap();
    }
    let asked = tokens.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/token?k=v&service=a%2C+b&scope=repository%3Aa%2Fb%3Apull&account=alice");
    assert_eq!(asked[0].header("authorization"), Some(basic().as_str()));
    let other = Ask { scope: Some("registry:catalog:*"), ..Ask::get("_catalog") };
    registry.send(other, &CancellationToken::new()).await.unwrap();
    assert!(tokens.requests()[1].path.contains("scope=registry%3Acatalog%3A*"));

    let anonymous = Registry::open(&alice, &server.host, Who::Anonymous).unwrap();
    ask(&anonymous).await.unwrap();
    let last = tokens.requests().pop().unwrap();
    assert_eq!((last.header("authorization"), last.path.contains("account")), (None, false));
}

#[tokio::test]
async fn a_token_that_does_not_count_any_more_is_renewed_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let number = Arc::clone(&count);
    let (server, tokens) = with_tokens(
        move |_| {
            let text = format!("{{\"access_token\":\"t{}\"}}", number.fetch_add(1, Ordering::Relaxed));
            reply(200, &[], text.as_bytes())
        },
        "t1",
    )
    .await;
    let registry = Registry::open(&network(&[&server.host]), &server.host, Who::Auditor).unwrap();
    // The first token is refused: that is told, not tried for ever.
    assert!(matches!(ask(&registry).await, Err(RegistryError::NeedsCredentials { .. })));
    ask(&registry).await.unwrap();
    assert_eq!((tokens.requests().len(), server.requests().len()), (2, 4));
}

#[tokio::test]
async fn what_a_token_server_does_wrong_is_told_apart() {
    let cases: [(u16, &[u8], &str); 5] = [
        (401, b"", "does not accept the credentials of alice"),
        (500, b"", "gave no token (HTTP 500)"),
        (200, b"hunter2-planted no json", "not the JSON"),
        (200, b"{}", "holds no token"),
        (404, b"", "gave no token (HTTP 404)"),
    ];
    for (status, body, expected) in cases {
        let (server, _tokens) = with_tokens(move |_| reply(status, &[], body), TOKEN).await;
        let alice = as_alice(network(&[&server.host]), &server.host);
        let registry = Registry::open(&alice, &server.host, Who::Auditor).unwrap();
        let told = sentence(ask(&registry).await);
        assert!(told.contains(expected), "{told}");
    }
    let (server, _tokens) = with_tokens(|_| reply(403, &[], b""), TOKEN).await;
    let anonymous = Registry::open(&network(&[&server.host]), &server.host, Who::Anonymous).unwrap();
    let answer = anonymous.send(Ask::get("a/b/tags/list"), &CancellationToken::new()).await.unwrap();
    assert_eq!((answer.status, answer.challenges()[0].get("service")), (401, Some("a, b")));
}

#[tokio::test]
async fn an_identity_token_is_exchanged_and_not_shown_to_the_registry() {
    let issued = format!("{{\"access_token\":\"{TOKEN}\"}}");
    let (server, tokens) = with_tokens(move |_| reply(200, &[], issued.as_bytes()), TOKEN).await;
    let folder = tempfile::tempdir().unwrap();
    let config = format!("{{\"auths\":{{\"{}\":{{\"identitytoken\":\"{SECRET}\"}}}}}}", server.host);
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let mut network = network(&[&server.host]);
    network.places.docker_config = Some(folder.path().into());
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    assert_eq!(registry.identity(), Some("an identity token, from config.json"));
    ask(&registry).await.unwrap();
    let asked = &tokens.requests()[0];
    let form = String::from_utf8_lossy(&asked.body).into_owned();
    assert_eq!(asked.method, "POST");
    assert!(
        form.starts_with("grant_type=refresh_token&") && form.contains(&format!("refresh_token={SECRET}")),
        "{form}"
    );
    let shown = server.requests().iter().any(|seen| format!("{seen:?}").contains(SECRET));
    assert!(!shown);
}

#[tokio::test]
async fn a_plain_realm_gets_nothing_from_a_registry_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let tokens = Server::plain(|_| reply(200, &[], b"{\"token\":\"x\"}")).await;
    let realm = format!("Bearer realm=\"http://{}/token?s=signature-planted\"", tokens.host);
    let config = authority.server("127.0.0.1");
    let server = Server::tls(config, move |_| reply(401, &[("www-authenticate", &realm)], b"")).await;
    let alice = as_alice(trusting(&server.host, &authority.write(folder.path())), &server.host);
    let registry = Registry::open(&alice, &server.host, Who::Auditor).unwrap();
    let told = sentence(ask(&registry).await);
    assert!(told.contains("plain HTTP although the registry speaks TLS"), "{told}");
    assert_eq!(tokens.requests().len(), 0);
}

#[tokio::test]
async fn strange_realms_get_nothing() {
    for (realm, expected) in [
        ("http://elsewhere.invalid/token", "the auditor did not allow it"),
        ("ftp://127.0.0.1/token", "no address of the web"),
        ("http://u:signature-planted@127.0.0.1/", "no address of a token server"),
        ("nowhere", "no address of a token server"),
    ] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        let server = Server::plain(move |_| reply(401, &[("www-authenticate", &challenge)], b"")).await;
        let alice = as_alice(network(&[&server.host]), &server.host);
        let registry = Registry::open(&alice, &server.host, Who::Auditor).unwrap();
        let told = sentence(ask(&registry).await);
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test]
async fn plain_http_is_spoken_only_by_the_auditors_word() {
    let server = Server::plain(|_| reply(200, &[], OK)).await;
    let registry = Registry::open(&network(&[]), &server.host, Who::Auditor).unwrap();
    let told = sentence(ask(&registry).await);
    assert!(told.contains(&format!("--plain-http {}", server.host)), "{told}");
    assert_eq!(server.requests().len(), 0);
    let allowed = Registry::open(&network(&[&server.host]), &server.host, Who::Auditor).unwrap();
    ask(&allowed).await.unwrap();
    assert!(!allowed.is_tls() && registry.is_tls());
}

#[tokio::test]
async fn a_registry_that_speaks_tls_is_spoken_to_by_tls_even_where_plain_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let server = Server::tls(authority.server("127.0.0.1"), |_| reply(200, &[], OK)).await;
    let mut network = trusting(&server.host, &authority.write(folder.path()));
    network.connections[0].plain_http = true;
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    ask(&registry).await.unwrap();
    assert!(registry.is_tls());
    // One that is not trusted is no reason to go on in the clear.
    network.connections[0].ca = None;
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    assert!(matches!(ask(&registry).await, Err(RegistryError::Untrusted { .. })));
}

#[tokio::test]
async fn a_certificate_is_trusted_by_the_own_authority_and_for_its_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = authority.write(folder.path());
    let server = Server::tls(authority.server("127.0.0.1"), |_| reply(200, &[], OK)).await;
    let registry = Registry::open(&trusting(&server.host, &ca), &server.host, Who::Auditor).unwrap();
    ask(&registry).await.unwrap();
    let stranger = Registry::open(&network(&[]), &server.host, Who::Auditor).unwrap();
    let told = sentence(ask(&stranger).await);
    assert!(told.contains("the authority that issued it is not known"), "{told}");
    let named = Server::tls(authority.server("registry.example"), |_| reply(200, &[], OK)).await;
    let registry = Registry::open(&trusting(&named.host, &ca), &named.host, Who::Auditor).unwrap();
    assert!(sentence(ask(&registry).await).contains("issued for another name"));
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = authority.write(folder.path());
    let server = Server::tls(authority.strict_server("127.0.0.1"), |_| reply(200, &[], OK)).await;
    let mut network = trusting(&server.host, &ca);
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    assert!(sentence(ask(&registry).await).contains("name a client certificate"));

    let (certificate, key) = authority.issue("alice");
    let paths = [folder.path().join("client.cert"), folder.path().join("client.key")];
    std::fs::write(&paths[0], certificate).unwrap();
    std::fs::write(&paths[1], key).unwrap();
    network.connections[0].client_certificate = Some(paths[0].clone());
    assert!(sentence(Registry::open(&network, &server.host, Who::Auditor)).contains("its key is not named"));
    network.connections[0].client_key = Some(paths[1].clone());
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    ask(&registry).await.unwrap();

    // The same from Docker's own folder.
    let host_folder = folder.path().join(&server.host);
    std::fs::create_dir(&host_folder).unwrap();
    for (from, to) in [(&ca, "ca.crt"), (&paths[0], "client.cert"), (&paths[1], "client.key")] {
        std::fs::copy(from, host_folder.join(to)).unwrap();
    }
    let mut docker = support::network(&[]);
    docker.places.certificates = vec![folder.path().into()];
    let registry = Registry::open(&docker, &server.host, Who::Auditor).unwrap();
    ask(&registry).await.unwrap();
    assert_eq!(registry.notes().len(), 3);
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.pem");
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for content in ["", "no pem", nonsense, "-----BEGIN CERTIFICATE-----\n§\n"] {
        std::fs::write(&bad, content).unwrap();
        let told = sentence(Registry::open(&trusting("a.example", &bad), "a.example", Who::Auditor));
        assert!(told.contains("bad.pem") && told.contains("a.example"), "{content}: {told}");
    }
    let told = sentence(Registry::open(&trusting("a.example", &folder.path().join("none")), "a.example", Who::Auditor));
    assert!(told.contains("none"), "{told}");
    for host in ["", "a b", "a/b", "u@a", "a:99999", "a:1:2", "a?x"] {
        assert!(Registry::open(&network(&[]), host, Who::Auditor).is_err(), "{host}");
    }
}

#[tokio::test]
async fn a_proxy_is_used_when_it_is_set() {
    let proxy = Server::plain(|_| reply(200, &[], OK)).await;
    let mut network = network(&[]);
    network.connections.push(Connection {
        host: "registry.invalid".into(),
        plain_http: true,
        proxy: Some(format!("http://u:{SECRET}@{}", proxy.host)),
        ..Connection::default()
    });
    let registry = Registry::open(&network, "registry.invalid", Who::Auditor).unwrap();
    ask(&registry).await.unwrap();
    let seen = proxy.requests();
    assert_eq!(seen[0].method, "CONNECT");
    assert_eq!(seen.last().unwrap().path, "http://registry.invalid/v2/a/b/manifests/latest");
    network.connections[0].proxy = Some(format!("http://u:{SECRET}@127.0.0.1:1"));
    network.connections[0].plain_http = false;
    let registry = Registry::open(&network, "registry.invalid", Who::Auditor).unwrap();
    let told = sentence(ask(&registry).await);
    assert!(told.contains("proxy"), "{told}");
    assert!(Places::default().keyring);
}
