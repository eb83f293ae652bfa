//! Tests of the search for signatures, against servers on this machine.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{Reply, TestServer, reply};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn of(text: &str) -> String {
    Hash::of("sha256", text.as_bytes())
}

fn subject() -> String {
    format!("sha256:{}", "a".repeat(64))
}

fn json(kind: &str, text: &str) -> Reply {
    (200, vec![("Content-Type", kind.to_owned())], text.as_bytes().to_vec())
}

fn artifact(kind: &str, layer: &str) -> String {
    format!(
        r#"{{"mediaType":"{OCI}","artifactType":"{kind}","config":{{"mediaType":"x/y","digest":"{}","size":2}},
        "layers":[{{"mediaType":"text/plain","digest":"{}","size":{},"annotations":{{"a":"b","c":7}}}}]}}"#,
        of("{}"),
        of(layer),
        layer.len()
    )
}

fn states(lookups: &[Lookup], place: &str) -> Vec<(Scheme, Looked)> {
    let at = lookups.iter().filter(|lookup| lookup.place.contains(place));
    at.map(|lookup| (lookup.scheme, lookup.looked.clone())).collect()
}

/// A manifest, and a server that has it.
const IMAGE: &str = r#"{"config":{"digest":"x"},"layers":[]}"#;

fn with_image(serve: impl Fn(&str) -> Reply + Send + Sync + 'static) -> impl Fn(&str) -> Reply + Send + Sync + 'static {
    move |path| if path.ends_with(&format!("/manifests/{}", of(IMAGE))) { json(OCI, IMAGE) } else { serve(path) }
}

async fn ask(
    index: Option<&[u8]>,
    serve: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (Vec<Artifact>, Vec<Lookup>) {
    ask_of(index.map_or_else(subject, |index| Hash::of("sha256", index)), index, serve).await
}

async fn ask_of(
    digest: String,
    index: Option<&[u8]>,
    serve: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (Vec<Artifact>, Vec<Lookup>) {
    let server = TestServer::start(move |heard| serve(&heard.path));
    let reference = Reference::parse(&format!("{}/a/b:1", server.host)).unwrap();
    signatures(&server.network(), &reference, &[digest], index, &CancellationToken::new()).await
}

#[tokio::test]
async fn where_everything_but_the_image_answers_404_all_is_absent() {
    let (artifacts, lookups) = ask_of(of(IMAGE), None, with_image(|_| reply(404, ""))).await;
    assert_eq!(artifacts, []);
    assert!(lookups.iter().all(|lookup| lookup.looked == Looked::Absent), "{lookups:?}");
    let schemes: Vec<_> = lookups.iter().map(|lookup| lookup.scheme).collect();
    assert!([Scheme::Cosign, Scheme::Notation, Scheme::Attestation].iter().all(|scheme| schemes.contains(scheme)));
    // The referrers are absent by the tag in place of the API, not by the API's own 404.
    assert_eq!(states(&lookups, "/referrers/"), []);
    assert_eq!(states(&lookups, &format!(":{}", of(IMAGE).replace(':', "-"))).len(), 6);
}

#[tokio::test]
async fn where_the_image_itself_is_not_shown_nothing_is_absent() {
    let (_, lookups) = ask(None, |_| reply(404, "")).await;
    assert!(lookups.iter().all(|lookup| matches!(lookup.looked, Looked::Failed(_))), "{lookups:?}");
    let index = br#"{"manifests":[]}"#;
    let (_, lookups) = ask(Some(index), |_| reply(404, "")).await;
    assert!(lookups.iter().all(|lookup| matches!(lookup.looked, Looked::Failed(_))), "{lookups:?}");
}

#[tokio::test]
async fn nothing_but_a_404_or_an_empty_list_is_absent() {
    for status in [200, 204, 400, 401, 403, 405, 418, 429, 500, 503] {
        let (artifacts, lookups) = ask(None, move |_| reply(status, "<html>")).await;
        assert_eq!(artifacts, []);
        for lookup in &lookups {
            let right = match status {
                401 | 403 => matches!(lookup.looked, Looked::Refused(_)),
                _ => matches!(lookup.looked, Looked::Failed(_)),
            };
            assert!(right, "{status}: {lookup:?}");
        }
        assert!(lookups.len() >= 3);
    }
    let serve = with_image(|path| match path.contains("/referrers/") {
        true => json(INDEX, r#"{"manifests":[]}"#),
        false => reply(404, ""),
    });
    let (_, lookups) = ask_of(of(IMAGE), None, serve).await;
    let empty = states(&lookups, "/referrers/");
    assert_eq!(empty.len(), 3);
    assert!(empty.iter().all(|(_, looked)| *looked == Looked::Absent));
}

#[tokio::test]
async fn an_error_that_comes_as_a_list_is_a_failure() {
    for body in [r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#, r#"{"errors":[{"code":"DENIED"}],"manifests":null}"#] {
        let (_, lookups) = ask(None, move |path| match path.contains("/referrers/") {
            true => json(INDEX, body),
            false => reply(404, ""),
        })
        .await;
        assert!(states(&lookups, "/referrers/").iter().all(|(_, looked)| matches!(looked, Looked::Failed(_))));
    }
}

#[tokio::test]
async fn cosigns_tags_are_read_with_their_layers() {
    let signature = artifact("", "payload");
    let (artifacts, lookups) = ask(None, move |path| match path {
        path if path.ends_with(".sig") => json(OCI, &signature),
        path if path.ends_with(&of("payload")) => reply(200, "payload"),
        path if path.ends_with(".att") => reply(403, ""),
        path if path.ends_with(".sbom") => reply(500, ""),
        _ => reply(404, ""),
    })
    .await;
    let [found] = artifacts.as_slice() else { panic!("{artifacts:?}") };
    assert_eq!(
        (found.found, found.subject.as_str(), found.artifact_type.as_str()),
        (Found::CosignTag, &*subject(), "x/y")
    );
    assert_eq!(found.layers[0].bytes.as_ref().unwrap().0, b"payload");
    assert_eq!(found.layers[0].annotations.len(), 1);
    assert_eq!(states(&lookups, ".sig"), [(Scheme::Cosign, Looked::Found)]);
    assert!(matches!(states(&lookups, ".att")[..], [(Scheme::Attestation, Looked::Refused(_))]));
    assert!(matches!(states(&lookups, ".sbom")[..], [(Scheme::Attestation, Looked::Failed(_))]));
}

#[tokio::test]
async fn a_layer_that_is_another_is_not_read() {
    let signature = artifact("", "payload");
    let (artifacts, _) = ask(None, move |path| match path {
        path if path.ends_with(".sig") => json(OCI, &signature),
        path if path.contains("/blobs/") => reply(200, "Payload"),
        _ => reply(404, ""),
    })
    .await;
    let layer = &artifacts[0].layers[0];
    assert!(layer.bytes.is_none() && layer.unread.as_ref().unwrap().contains("digest"), "{layer:?}");
}

#[tokio::test]
async fn a_layer_that_is_too_large_is_not_asked_for() {
    let large = artifact("", "payload").replace("\"size\":7", "\"size\":5000000");
    let (artifacts, _) = ask(None, move |path| match path {
        path if path.ends_with(".sig") => json(OCI, &large),
        path if path.contains("/blobs/") => panic!("asked"),
        _ => reply(404, ""),
    })
    .await;
    assert!(artifacts[0].layers[0].unread.as_ref().unwrap().contains("5000000"));
}

#[tokio::test]
async fn referrers_are_read_over_their_pages_and_sorted_by_their_type() {
    let bundle = artifact("application/vnd.dev.sigstore.bundle.v0.3+json", "x");
    let notation = artifact("application/vnd.cncf.notary.signature", "x");
    let other = artifact("text/other", "x");
    let entry = |text: &str, kind: &str| format!(r#"{{"digest":"{}","artifactType":"{kind}"}}"#, of(text));
    let first = format!(
        r#"{{"manifests":[{},{}]}}"#,
        entry(&bundle, "application/vnd.dev.sigstore.bundle.v0.3+json"),
        entry("gone", "application/spdx+json")
    );
    let second = format!(r#"{{"manifests":[{},{}]}}"#, entry(&other, ""), entry(&notation, ""));
    let (artifacts, lookups) = ask(None, move |path| match path {
        path if path.contains("/referrers/") && !path.contains('?') => {
            let (status, mut headers, body) = json(INDEX, &first);
            headers.push(("Link", format!("<{path}?page=2>; rel=\"next\"")));
            headers.push(("OCI-Filters-Applied", "artifactType".into()));
            (status, headers, body)
        }
        path if path.contains("/referrers/") => json(INDEX, &second),
        path if path.ends_with(&of(&bundle)) => json(OCI, &bundle),
        path if path.ends_with(&of(&notation)) => json(OCI, &notation),
        path if path.ends_with(&of(&other)) => json(OCI, &other),
        path if path.ends_with(&of("x")) => reply(200, "x"),
        _ => reply(404, ""),
    })
    .await;
    assert_eq!(artifacts.len(), 2);
    let seen = states(&lookups, "/referrers/");
    assert_eq!(seen, REFERRING.map(|scheme| (scheme, Looked::Found)));
}

#[tokio::test]
async fn what_is_listed_and_not_there_is_a_failure_and_never_an_absence() {
    let list = format!(
        r#"{{"manifests":[{{"digest":"{}","artifactType":"application/vnd.cncf.notary.signature"}}]}}"#,
        subject().replace('a', "b")
    );
    // By the tag in place of the API.
    let (_, lookups) = ask(None, move |path| match path {
        path if path.ends_with(&format!("sha256-{}", "a".repeat(64))) => json(INDEX, &list),
        _ => reply(404, ""),
    })
    .await;
    let of_notation: Vec<_> = lookups.iter().filter(|lookup| lookup.scheme == Scheme::Notation).collect();
    assert!(matches!(of_notation[..], [Lookup { looked: Looked::Failed(_), .. }]), "{of_notation:?}");
}

#[tokio::test]
async fn pages_that_break_off_leave_nothing_absent() {
    let bundle = artifact("application/vnd.in-toto+json", "x");
    let list =
        format!(r#"{{"manifests":[{{"digest":"{}","artifactType":"application/vnd.in-toto+json"}}]}}"#, of(&bundle));
    let (artifacts, lookups) = ask(None, move |path| match path {
        path if path.contains("page=2") => reply(500, ""),
        path if path.contains("/referrers/") => {
            let (status, mut headers, body) = json(INDEX, &list);
            headers.push(("Link", format!("<{path}?page=2>; rel=\"next\"")));
            (status, headers, body)
        }
        path if path.ends_with(&of(&bundle)) => json(OCI, &bundle),
        _ => reply(404, ""),
    })
    .await;
    assert_eq!(artifacts.len(), 1);
    for (scheme, looked) in states(&lookups, "/referrers/") {
        let found = scheme == Scheme::Attestation && looked == Looked::Found;
        assert!(found || matches!(looked, Looked::Failed(_)), "{scheme:?} {looked:?}");
    }
    // What was found does not hide that the list broke off.
    let of_list = states(&lookups, "/referrers/");
    assert_eq!(of_list.iter().filter(|(scheme, _)| *scheme == Scheme::Attestation).count(), 2);
}

#[tokio::test]
async fn attestations_of_the_images_own_index_are_read() {
    let statement = artifact("", "x");
    let index = format!(
        r#"{{"manifests":[{{"digest":"{0}"}},{{"digest":"{1}","annotations":{{
        "vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{0}"}}}}]}}"#,
        subject(),
        of(&statement)
    );
    let (artifacts, lookups) = ask(Some(index.as_bytes()), move |path| match path {
        path if path.ends_with(&of(&statement)) => json(OCI, &statement),
        _ => reply(404, ""),
    })
    .await;
    assert_eq!((artifacts[0].found, artifacts[0].subject.clone()), (Found::Index, subject()));
    assert_eq!(lookups.last().unwrap().looked, Looked::Found);
}

#[tokio::test]
async fn where_nobody_answers_it_is_asked_once_and_all_fails() {
    let reference = Reference::parse("127.0.0.1:1/a").unwrap();
    let network = crate::testing::network(Vec::new());
    let cancel = CancellationToken::new();
    let (_, lookups) = signatures(&network, &reference, &[subject()], None, &cancel).await;
    assert!(lookups.iter().all(|lookup| matches!(lookup.looked, Looked::Failed(_))), "{lookups:?}");
    let offline = Network { offline: true, ..network };
    let (_, lookups) = signatures(&offline, &reference, &[subject()], None, &cancel).await;
    assert!(lookups.iter().all(|lookup| matches!(lookup.looked, Looked::NotTried(_))));
    assert_eq!(lookups.len(), 3);
}
