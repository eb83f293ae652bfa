//! Tests of what a registry offers, against servers on this machine.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::testing::{Reply, TestServer, network, reply};

fn names(offer: &Offer) -> Vec<&str> {
    offer.rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn the_newest_version_comes_first_and_words_last() {
    let mut tags = vec![
        "edge",
        "1.9",
        "1.27-alpine",
        "1.27.3",
        "latest",
        "v2.0",
        "1.27.3-alpine",
        "1.27",
        "1.27.10",
        "alpine",
        "2024",
    ];
    tags.sort_by(|one, other| newest_first(one, other));
    assert_eq!(
        tags,
        [
            "latest",
            "2024",
            "v2.0",
            "1.27.10",
            "1.27.3",
            "1.27.3-alpine",
            "1.27",
            "1.27-alpine",
            "1.9",
            "alpine",
            "edge"
        ]
    );
}

#[test]
fn what_docker_hub_finds_is_read() {
    let text = br#"{"num_results":9,"results":[{"name":"nginx","is_official":true,"star_count":7},
        {"name":"a/b"},{"name":"<b>","star_count":1}]}"#;
    let offer = found(text, 10).unwrap();
    assert_eq!(names(&offer), ["library/nginx", "a/b"]);
    assert_eq!((offer.rows[0].official, offer.rows[0].stars, offer.more), (Some(true), Some(7), true));
    assert_eq!(found(b"[]", 10), None);
}

fn page(next: Option<&str>, body: &str) -> Reply {
    let links = next.map(|next| ("Link", format!("<{next}>; rel=\"next\""))).into_iter().collect();
    (200, links, body.as_bytes().to_vec())
}

#[tokio::test]
async fn all_pages_of_a_catalogue_are_read_and_searched() {
    let server = TestServer::start(|heard| match heard.path.as_str() {
        "/v2/_catalog?n=1000" => page(Some("/v2/_catalog?last=b"), r#"{"repositories":["b","../x","team/a"]}"#),
        "/v2/_catalog?last=b" => page(None, r#"{"repositories":["team/c","b"]}"#),
        _ => reply(404, ""),
    });
    let cancel = CancellationToken::new();
    let offer = repositories(&server.network(), &server.host, "", 10, &cancel).await.unwrap();
    assert_eq!((names(&offer), offer.more), (vec!["b", "team/a", "team/c"], false));
    let offer = repositories(&server.network(), &server.host, "TEAM", 1, &cancel).await.unwrap();
    assert_eq!((names(&offer), offer.more), (vec!["team/a"], true));
}

#[tokio::test]
async fn a_closed_catalogue_is_a_note_and_a_broken_one_an_error() {
    for (status, word) in [(401, "closed"), (403, "closed"), (404, "no catalogue"), (405, "no catalogue")] {
        let server = TestServer::start(move |_| reply(status, ""));
        let cancel = CancellationToken::new();
        let offer = repositories(&server.network(), &server.host, "", 10, &cancel).await.unwrap();
        assert!(offer.rows.is_empty() && offer.note.contains(word), "{status}: {}", offer.note);
    }
    for status in [200, 429, 500] {
        let server = TestServer::start(move |_| reply(status, "<html>"));
        let cancel = CancellationToken::new();
        assert!(repositories(&server.network(), &server.host, "", 10, &cancel).await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn tags_that_are_null_are_none_and_signatures_are_counted() {
    let server = TestServer::start(|heard| match heard.path.as_str() {
        "/v2/a/tags/list?n=1000" => page(None, r#"{"name":"a","tags":null}"#),
        "/v2/b/tags/list?n=1000" => {
            page(None, &format!(r#"{{"tags":["1","2","sha256-{}.sig","not a tag"]}}"#, "a".repeat(64)))
        }
        _ => reply(404, ""),
    });
    let cancel = CancellationToken::new();
    let ask = async |name: &str| {
        let reference = Reference::parse(&format!("{}/{name}", server.host)).unwrap();
        tags(&server.network(), &reference, "", 10, &cancel).await
    };
    assert_eq!(ask("a").await.unwrap(), Offer::default());
    let offer = ask("b").await.unwrap();
    assert_eq!(names(&offer), ["2", "1"]);
    assert!(offer.note.starts_with("One tag"), "{}", offer.note);
    assert!(matches!(ask("c").await, Err(RegistryError::NotFound { .. })));
}

#[tokio::test]
async fn docker_hub_is_searched_only_with_a_text_and_not_offline() {
    let cancel = CancellationToken::new();
    let offline = Network { offline: true, ..network(Vec::new()) };
    let offer = repositories(&offline, "docker.io", " ", 10, &cancel).await.unwrap();
    assert!(offer.note.contains("no catalogue"));
    let offer = repositories(&offline, "index.docker.io", "nginx", 10, &cancel).await.unwrap();
    assert!(offer.note.contains("offline"));
    let server = TestServer::start(|heard| {
        assert_eq!(heard.path, "/v1/search?q=a+b&n=2");
        reply(200, r#"{"results":[{"name":"a/b","is_official":false}]}"#)
    });
    let address = Url::parse(&format!("http://{}/v1/search", server.host)).unwrap();
    let offer = search_at(&network(Vec::new()), address, "a b", 2, &cancel).await.unwrap();
    assert_eq!((names(&offer), offer.rows[0].official), (vec!["a/b"], Some(false)));
}

#[tokio::test]
async fn an_image_is_measured_and_attestations_are_counted() {
    let server = TestServer::start(|heard| {
        let manifest = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:0","size":1},
            "layers":[{"digest":"x","size":40},{"digest":"y","size":2}]}"#;
        let digest = crate::digest::Hash::of("sha256", manifest.as_bytes());
        let about = r#""annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
        let index = format!(
            r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {{"digest":"{digest}","platform":{{"os":"linux","architecture":"amd64"}}}},{{"digest":"z",{about}}}]}}"#
        );
        let json = |kind: &str, body: &str| (200, vec![("Content-Type", kind.to_owned())], body.as_bytes().to_vec());
        match heard.path.as_str() {
            "/v2/a/manifests/latest" => json("application/vnd.oci.image.index.v1+json", &index),
            path if path.ends_with(&digest) => json("application/vnd.oci.image.manifest.v1+json", manifest),
            _ => reply(404, ""),
        }
    });
    let reference = Reference::parse(&format!("{}/a", server.host)).unwrap();
    let offer = image(&server.network(), &reference, &CancellationToken::new()).await.unwrap();
    assert_eq!((offer.attestations, offer.images.len()), (1, 1));
    assert_eq!((offer.images[0].size, offer.images[0].layers), (Some(42), Some(2)));
}

proptest! {
    #[test]
    fn tags_are_ordered_without_contradiction(mut tags in proptest::collection::vec("[v0-9a.-]{0,8}", 0..12)) {
        tags.sort_by(|one, other| newest_first(one, other));
        for pair in tags.windows(2) {
            prop_assert_ne!(newest_first(&pair[0], &pair[1]), Ordering::Greater);
            prop_assert_eq!(newest_first(&pair[0], &pair[1]), newest_first(&pair[1], &pair[0]).reverse());
        }
    }
}
