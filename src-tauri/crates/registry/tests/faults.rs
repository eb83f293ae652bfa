//! What a registry does wrong is told in one sentence each, soon, and without any secret.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::atomic::Ordering;

use plimsoll_registry::{Ask, MANIFEST_LIMIT, Registry, RegistryError, Who};
use support::{Authority, Reply, Server, Step, as_alice, headed, network, reply, reply_of, sentence, sha256, trusting};
use tokio_util::sync::CancellationToken;

const INDEX: &[u8] = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
const INDEX_TYPE: (&str, &str) = ("content-type", "application/vnd.oci.image.index.v1+json");

fn open(server: &Server) -> Registry {
    let network = as_alice(network(&[&server.host]), &server.host);
    Registry::open(&network, &server.host, Who::Auditor).unwrap()
}

async fn manifest(server: &Server) -> Result<plimsoll_registry::Manifest, RegistryError> {
    open(server).manifest("a/b", "latest", &CancellationToken::new()).await
}

/// A server whose manifest is always the same reply.
async fn always(answer: Reply) -> Server {
    Server::plain(move |_| answer.clone()).await
}

#[tokio::test]
async fn a_good_manifest_comes_with_its_own_digest() {
    let server = always(reply(200, &[INDEX_TYPE], INDEX)).await;
    let found = manifest(&server).await.unwrap();
    assert_eq!((found.digest, found.bytes.as_slice()), (sha256(INDEX), INDEX));
    let asked = server.requests();
    assert_eq!(asked[0].path, "/v2/a/b/manifests/latest");
    assert!(asked[0].header("accept").unwrap().matches("manifest").count() >= 3);
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up() {
    let head_only = always(Reply(vec![Step::Stall])).await;
    assert!(sentence(manifest(&head_only).await).contains("no answer within"));
    assert_eq!(head_only.requests().len(), 4);
    let half = always(reply_of(200, &[INDEX_TYPE], 500, vec![Step::Send(b"{".to_vec()), Step::Stall])).await;
    assert!(sentence(manifest(&half).await).contains("could not be reached"));
    assert_eq!(half.requests().len(), 4);
}

#[tokio::test]
async fn nobody_there_is_told_as_such() {
    let registry = Registry::open(&network(&[]), "127.0.0.1:1", Who::Auditor).unwrap();
    let told = sentence(registry.manifest("a", "b", &CancellationToken::new()).await);
    assert!(told.contains("connection was refused"), "{told}");
    let registry = Registry::open(&network(&[]), "no-such-host.invalid", Who::Auditor).unwrap();
    let told = sentence(registry.manifest("a", "b", &CancellationToken::new()).await);
    assert!(told.contains("cannot be resolved"), "{told}");
}

#[tokio::test]
async fn a_wrong_digest_is_told_whether_asked_for_or_claimed() {
    let wrong = format!("sha256:{}", "0".repeat(64));
    let server = always(reply(200, &[INDEX_TYPE], INDEX)).await;
    let told = sentence(open(&server).manifest("a/b", &wrong, &CancellationToken::new()).await);
    assert!(told.contains("instead of sha256:0000"), "{told}");
    let claims = always(reply(200, &[INDEX_TYPE, ("docker-content-digest", &wrong)], INDEX)).await;
    assert!(sentence(manifest(&claims).await).contains("instead of sha256:0000"));
    let told = sentence(open(&server).small_blob("a/b", &wrong, 1000, &CancellationToken::new()).await);
    assert!(told.contains("do not use this image"), "{told}");
}

#[tokio::test]
async fn too_many_requests_are_waited_for_and_too_long_a_wait_is_told() {
    let server = Server::plain(|seen| match seen.number {
        0 => reply(429, &[("retry-after", "0")], b""),
        _ => reply(200, &[INDEX_TYPE], INDEX),
    })
    .await;
    assert!(manifest(&server).await.is_ok());
    let server = always(reply(429, &[("retry-after", "3600")], b"")).await;
    let told = sentence(manifest(&server).await);
    assert!(told.contains("wait 3600 seconds"), "{told}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_fails_is_asked_four_times() {
    let server = Server::plain(|seen| match seen.number {
        0..3 => reply(500, &[], b""),
        _ => reply(200, &[INDEX_TYPE], INDEX),
    })
    .await;
    assert!(manifest(&server).await.is_ok());
    let server = always(reply(503, &[], b"")).await;
    assert!(sentence(manifest(&server).await).contains("HTTP 503"));
    assert_eq!(server.requests().len(), 4);
    // Whoever only asks gets the status.
    let answer = open(&server).send(Ask::get("_catalog"), &CancellationToken::new()).await.unwrap();
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn what_is_not_there_and_what_is_refused_are_told_apart() {
    let codes = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}"#;
    let server = always(reply(404, &[], codes)).await;
    assert!(matches!(manifest(&server).await, Err(RegistryError::NotFound { .. })));
    let answer = open(&server).send(Ask::get("a/manifests/b"), &CancellationToken::new()).await.unwrap();
    assert_eq!(answer.codes(), ["MANIFEST_UNKNOWN"]);
    let denied = always(reply(403, &[], b"")).await;
    assert!(sentence(manifest(&denied).await).contains("to alice, typed in"));
    let anonymous = Registry::open(&network(&[&denied.host]), &denied.host, Who::Anonymous).unwrap();
    let told = sentence(anonymous.manifest("a", "b", &CancellationToken::new()).await);
    assert!(told.contains("only to those who log in"), "{told}");
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_another_host() {
    let target = always(reply(200, &[INDEX_TYPE], INDEX)).await;
    let to = format!("http://{}/bucket?signature=signature-planted", target.host);
    let server = Server::plain(move |seen| match (seen.path.as_str(), seen.header("authorization")) {
        ("/v2/", _) => reply(200, &[], b""),
        (_, None) => reply(401, &[("www-authenticate", "Basic realm=\"x\"")], b""),
        (path, Some(_)) if path.ends_with("latest") => reply(307, &[("location", "/v2/a/b/manifests/second")], b""),
        (_, Some(_)) => reply(307, &[("location", &to)], b""),
    })
    .await;
    assert!(manifest(&server).await.is_ok());
    let inside = server.requests();
    assert!(
        inside.last().unwrap().path.ends_with("second") && inside.last().unwrap().header("authorization").is_some()
    );
    let outside = target.requests();
    assert_eq!((outside.len(), outside[0].header("authorization")), (1, None));
    let answer = open(&server).send(Ask::get("a/b/manifests/latest"), &CancellationToken::new()).await.unwrap();
    assert!(answer.url.ends_with("/bucket"), "{}", answer.url);
}

#[tokio::test]
async fn redirects_have_an_end_and_do_not_leave_the_web_or_tls() {
    let server = always(reply(302, &[("location", "/v2/again")], b"")).await;
    assert!(sentence(manifest(&server).await).contains("one redirect too many"));
    assert_eq!(server.requests().len(), 6);
    let server = always(reply(302, &[("location", "file:///etc/passwd")], b"")).await;
    assert!(sentence(manifest(&server).await).contains("no address of the web"));

    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let plain = always(reply(200, &[INDEX_TYPE], INDEX)).await;
    let to = format!("http://{}/x?s=signature-planted", plain.host);
    let config = authority.server("127.0.0.1");
    let server = Server::tls(config, move |_| reply(307, &[("location", &to)], b"")).await;
    let network = trusting(&server.host, &authority.write(folder.path()));
    let registry = Registry::open(&network, &server.host, Who::Auditor).unwrap();
    let told = sentence(registry.manifest("a", "b", &CancellationToken::new()).await);
    assert!(told.contains("would leave TLS"), "{told}");
    assert_eq!(plain.requests().len(), 0);
}

#[tokio::test]
async fn a_gigabyte_of_manifest_is_not_read() {
    let block = vec![b' '; 1 << 16];
    let mut chunk = format!("{:x}\r\n", block.len()).into_bytes();
    chunk.extend_from_slice(&block);
    chunk.extend_from_slice(b"\r\n");
    let endless =
        always(headed(200, &[INDEX_TYPE, ("transfer-encoding", "chunked")], vec![Step::Repeat(chunk, 1 << 14)])).await;
    assert!(sentence(manifest(&endless).await).contains("more than 4194304 bytes"));
    // What the system's buffers on both sides took on top of it.
    assert!(endless.written.load(Ordering::Relaxed) < MANIFEST_LIMIT + (60 << 20));
    let announced = always(reply_of(200, &[INDEX_TYPE], 1 << 30, vec![Step::Repeat(block, 1 << 14)])).await;
    assert!(sentence(manifest(&announced).await).contains("more than 4194304 bytes"));
    assert!(announced.written.load(Ordering::Relaxed) < (60 << 20));
    assert_eq!(endless.requests().len() + announced.requests().len(), 2);
}

#[tokio::test]
async fn endless_headers_are_not_read() {
    let line = b"x-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".to_vec();
    let start = Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    let server = always(Reply(vec![start, Step::Repeat(line, 1 << 22)])).await;
    let told = sentence(manifest(&server).await);
    assert!(told.contains("could not be reached"), "{told}");
    assert!(server.written.load(Ordering::Relaxed) < (100 << 20));
}

#[tokio::test]
async fn nonsense_is_told_without_quoting_it() {
    let server = always(reply(200, &[INDEX_TYPE], b"<html>hunter2-planted</html>")).await;
    assert!(sentence(manifest(&server).await).contains("no JSON of a manifest"));
    let other = always(reply(200, &[("content-type", "application/vnd.oci.image.manifest.v1+json")], INDEX)).await;
    let told = sentence(manifest(&other).await);
    assert!(told.contains("but calls itself"), "{told}");
    let raw = always(Reply(vec![Step::Send(b"SSH-2.0-hello\r\n".to_vec())])).await;
    assert!(sentence(manifest(&raw).await).contains("could not be reached"));
}

#[tokio::test]
async fn a_cancelled_request_ends_at_once() {
    let server = always(Reply(vec![Step::Stall])).await;
    let cancel = CancellationToken::new();
    let registry = open(&server);
    let (asked, ()) = tokio::join!(registry.manifest("a/b", "latest", &cancel), async {
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert!(matches!(asked, Err(RegistryError::Cancelled)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn only_addresses_of_the_registry_are_asked() {
    let server = always(reply(200, &[], b"")).await;
    let registry = open(&server);
    let cancel = CancellationToken::new();
    for path in ["../x", "//elsewhere/v2/", "https://elsewhere/v2/", "a/../../../x"] {
        assert!(sentence(registry.send(Ask::get(path), &cancel).await).contains("not one of its own"), "{path}");
    }
    for (repository, reference) in
        [("a/../b", "x"), ("a?b", "x"), ("a", "x/y"), ("a", "sha256:12"), ("", "x"), ("A", "x")]
    {
        assert!(
            sentence(registry.manifest(repository, reference, &cancel).await).contains("is not an image reference")
        );
    }
    assert!(registry.send(Ask::get(&format!("http://{}/v2/_catalog?n=1", server.host)), &cancel).await.is_ok());
    assert!(registry.send(Ask::get("/v2/_catalog?n=1"), &cancel).await.is_ok());
}
