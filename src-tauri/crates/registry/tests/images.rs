//! Whole images: read while they are fetched they give the facts of the same image in a layout.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, write_images, write_platforms};
use plimsoll_image::{
    ImageError, ImageRead, NoHooks, OpenOptions, Streamed, Transport, read_image_with_tree, read_streamed,
};
use plimsoll_registry::{
    Network, Reference, RegistryError, RemoteImage, Wanted, images_of, list_images, open_image, platforms,
};
use support::{Reply, Seen, Server, as_alice, network, reply, sentence};
use tokio_util::sync::CancellationToken;

/// Answers from a layout: its only top document under every tag.
fn serve(folder: &Path) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    let folder: PathBuf = folder.into();
    move |seen| {
        let Some(last) = seen.path.rsplit('/').next() else { return reply(404, &[], b"") };
        let index: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("index.json")).unwrap()).unwrap();
        let top = index["manifests"][0]["digest"].as_str().unwrap();
        let digest = if last.starts_with("sha256:") { last } else { top };
        let Ok(bytes) = std::fs::read(folder.join("blobs/sha256").join(&digest[7..])) else {
            return reply(404, &[], b"");
        };
        let own = serde_json::from_slice::<serde_json::Value>(&bytes).ok();
        let own = own.and_then(|own| own["mediaType"].as_str().map(str::to_owned));
        let default =
            if seen.path.contains("/manifests/") { "application/vnd.oci.image.manifest.v1+json" } else { "x/y" };
        reply(200, &[("content-type", own.as_deref().unwrap_or(default))], &bytes)
    }
}

fn sample(name: &str, architecture: &str) -> ImageBuilder {
    ImageBuilder::new(name)
        .platform(format!("linux/{architecture}").parse().unwrap())
        .user("1000")
        .env("A", "b")
        .layer("base", LayerBuilder::new().file("etc/passwd", b"root:x:0:0::/:/bin/sh\n").file("etc/x", &[7; 300_000]))
        .layer("more", LayerBuilder::new().file("app/key.pem", b"-----BEGIN PRIVATE KEY-----\n").whiteout("etc/x"))
        .layer("again", LayerBuilder::new().file("app/data", architecture.as_bytes()))
}

async fn open(network: &Network, server: &Server, wanted: &Wanted) -> Result<RemoteImage, RegistryError> {
    let reference = Reference::parse(&format!("{}/a/b:1", server.host))?;
    open_image(network, &reference, wanted, &CancellationToken::new()).await
}

async fn read(image: &Arc<RemoteImage>) -> Result<ImageRead, ImageError> {
    let image = Arc::clone(image);
    tokio::task::spawn_blocking(move || {
        let streamed = Streamed {
            name: &image.reference,
            digest: &image.digest,
            media_type: &image.media_type,
            documents: &image.documents,
            layers: &image.layers,
            open: &|digest| image.layer(digest),
        };
        read_streamed(&streamed, &OpenOptions::default(), &NoHooks)
    })
    .await
    .unwrap()
}

fn from_layout(folder: &Path, platform: Option<&str>) -> ImageRead {
    let options = OpenOptions { platform: platform.map(|text| text.parse().unwrap()), ..OpenOptions::default() };
    read_image_with_tree(Transport::OciLayout, folder, &options, &NoHooks).unwrap()
}

/// The facts, but for what a name and a transport make of them.
fn plain(mut read: ImageRead) -> ImageRead {
    read.facts.transport = Transport::OciLayout;
    read.facts.reference = None;
    read.facts.repo_tags = Vec::new();
    read
}

#[tokio::test]
async fn an_image_read_while_it_is_fetched_gives_the_facts_of_its_layout() {
    for packing in [Packing::Plain, Packing::Gzip, Packing::Zstd] {
        let folder = tempfile::tempdir().unwrap();
        let layout = folder.path().join("layout");
        write_images(&[&sample("x:1", "amd64")], Format::OciLayout, packing, &layout).unwrap();
        let server = Server::plain(serve(&layout)).await;
        let image = open(&network(&[&server.host]), &server, &Wanted::default()).await.unwrap();
        let image = Arc::new(image);
        assert!(!image.tls && image.via.is_none() && image.identity.is_none());
        let streamed = read(&image).await.unwrap();
        assert_eq!(streamed.facts.transport, Transport::Registry);
        assert_eq!(streamed.facts.reference.as_deref(), Some(format!("{}/a/b:1", server.host).as_str()));
        assert_eq!(streamed.facts.digest.as_deref(), Some(image.manifest_digest.as_str()));
        assert_eq!(plain(streamed), plain(from_layout(&layout, None)), "{packing:?}");
    }
}

#[tokio::test]
async fn a_platform_of_several_is_read_and_kept_with_its_index_and_attestations() {
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout");
    let images = [&sample("x:1", "amd64"), &sample("x:1", "arm64")];
    write_platforms("x:1", &images, Packing::Gzip, &layout).unwrap();
    let server = Server::plain(serve(&layout)).await;
    let network = network(&[&server.host]);
    let kept = folder.path().join("kept");
    let wanted = Wanted { platform: Some("linux/arm64".into()), keep: Some(kept.clone()) };
    let image = Arc::new(open(&network, &server, &wanted).await.unwrap());
    assert!(sentence(image.keep().map(drop)).contains("was not read to its end"));
    assert!(!kept.exists());
    let streamed = read(&image).await.unwrap();
    image.keep().unwrap();
    drop(image);
    assert_eq!(streamed.facts.platform.to_string(), "linux/arm64");
    assert_eq!(streamed.facts.other_platforms.len(), 1);
    assert_eq!(plain(streamed.clone()), plain(from_layout(&layout, Some("linux/arm64"))));
    // What was kept verifies by itself, under its own name.
    let again = from_layout(&kept, None);
    assert_eq!(again.facts.reference, streamed.facts.reference);
    assert_eq!(plain(again), plain(streamed));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");

    let reference = Reference::parse(&format!("{}/a/b:1", server.host)).unwrap();
    let cancel = CancellationToken::new();
    assert_eq!(platforms(&network, &reference, &cancel).await.unwrap(), ["linux/amd64", "linux/arm64"]);
    let served = list_images(&network, &reference, &cancel).await.unwrap();
    assert_eq!(served.images.len(), 2);
    assert!(served.images.iter().all(|image| image.config.starts_with("sha256:")));
    let index = std::fs::read(layout.join("blobs/sha256").join(&served.digest[7..])).unwrap();
    assert_eq!(images_of(&index).len(), 2);
    let wanted = Wanted { platform: Some("linux/s390x".into()), keep: None };
    assert!(sentence(open(&network, &server, &wanted).await).contains("offered for linux/amd64, linux/arm64"));
}

#[tokio::test]
async fn a_layer_that_is_gone_or_changed_fails_the_reading_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout");
    write_images(&[&sample("x:1", "amd64")], Format::OciLayout, Packing::Gzip, &layout).unwrap();
    let server = Server::plain(serve(&layout)).await;
    let network = network(&[&server.host]);
    let kept = folder.path().join("kept");
    let wanted = Wanted { platform: None, keep: Some(kept.clone()) };
    let image = Arc::new(open(&network, &server, &wanted).await.unwrap());
    let path = |number: usize| layout.join("blobs/sha256").join(&image.layers[number].0[7..]);
    let mut bytes = std::fs::read(path(1)).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(path(1), bytes).unwrap();
    let error = read(&image).await.unwrap_err();
    assert!(error.to_string().contains("digest"), "{error}");
    std::fs::remove_file(path(1)).unwrap();
    let error = read(&image).await.unwrap_err();
    assert!(matches!(error, ImageError::Source { .. }), "{error}");
    assert!(image.failure().is_some_and(|failure| matches!(failure, RegistryError::NotFound { .. })));
    drop(image);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_mirror_answers_first_and_never_sees_the_registrys_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout");
    write_images(&[&sample("x:1", "amd64")], Format::OciLayout, Packing::Gzip, &layout).unwrap();
    let origin = Server::plain(serve(&layout)).await;
    let broken = Server::plain(|_| reply(401, &[("www-authenticate", "Basic realm=x")], b"")).await;
    let mirror = Server::plain(serve(&layout)).await;
    let mut network = as_alice(network(&[&origin.host, &broken.host, &mirror.host]), &origin.host);
    network.connections[0].mirrors = vec![broken.host.clone(), mirror.host.clone()];
    let image = Arc::new(open(&network, &origin, &Wanted::default()).await.unwrap());
    read(&image).await.unwrap();
    assert_eq!(image.via.as_ref(), Some(&mirror.host));
    assert!(image.notes.iter().any(|note| note.contains(&broken.host)), "{:?}", image.notes);
    assert_eq!(origin.requests().len(), 0);
    let seen = broken.requests().into_iter().chain(mirror.requests());
    assert!(seen.into_iter().all(|seen| seen.header("authorization").is_none()));
    network.connections[0].mirrors.truncate(1);
    assert_eq!(open(&network, &origin, &Wanted::default()).await.unwrap().via, None);
}
