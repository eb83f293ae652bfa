//! What a registry serves under a name or digest, fetched to be compared with an image that is at hand.

use plimsoll_trust::Looked;
use tokio_util::sync::CancellationToken;

use crate::asking::{looked, now};
use crate::connection::Network;
use crate::error::{RegistryError, quoted};
use crate::facts::{Served, ServedImage};
use crate::listing::{Document, fits, images_of, of_config};
use crate::pull::Source;
use crate::reference::{Reference, is_digest};

/// Images of one index whose configurations are fetched.
const IMAGES: usize = 12;
/// Bytes of a configuration.
const CONFIG: u64 = 4 << 20;
/// Layers of one image.
const LAYERS: usize = 1000;

/// What the registry, or the first mirror that answers, serves under a name or digest: index, manifests, configurations
/// with their `diff_ids`, no layers.
///
/// With a platform (`os/architecture[/variant]`) only its images are looked into, else all, 12 at most; the others keep
/// platform and digest alone. A failure on the way is the answer, beside what was seen until then. A 404 is
/// [`Looked::Absent`]; offline nothing is tried.
pub async fn served(
    network: &Network,
    reference: &Reference,
    platform: Option<&str>,
    cancel: &CancellationToken,
) -> (Looked, Option<Served>) {
    if network.offline {
        let reason = crate::connection::not_named(reference.host());
        return (Looked::NotTried(reason), None);
    }
    let (source, top) = match Source::open(network, reference, cancel).await {
        Ok(opened) => opened,
        Err(error) => return (looked(&error), None),
    };
    let document = match Document::read(source.registry.host(), &top) {
        Ok(document) => document,
        Err(error) => return (looked(&error), None),
    };
    let mut served = Served {
        reference: reference.to_string(),
        via: source.via.clone(),
        at: now(),
        digest: top.digest.clone(),
        images: Vec::new(),
    };
    if let Some(config) = document.config {
        let image = ServedImage { digest: top.digest, config: quoted(&config.digest, 200), ..ServedImage::default() };
        served.images.push(image);
    } else {
        served.images = images_of(&top.bytes);
    }
    let wanted = |image: &ServedImage| match platform {
        Some(platform) => image.platform.is_empty() || fits(&image.platform, platform),
        None => true,
    };
    let repository = reference.repository();
    let mut answer = Looked::Found;
    for image in served.images.iter_mut().filter(|image| wanted(image)).take(IMAGES) {
        match read(&source, repository, image, cancel).await {
            Ok(read) => *image = read,
            // What the index lists and the registry does not have is no absence of the name.
            Err(error) => {
                answer = match looked(&error) {
                    Looked::Absent => Looked::Failed(format!("{error}, although {reference} names it")),
                    other => other,
                };
                if matches!(error, RegistryError::Cancelled) {
                    break;
                }
            }
        }
    }
    (answer, Some(served))
}

/// The image with its configuration's digest and `diff_ids`.
async fn read(
    source: &Source,
    repository: &str,
    image: &ServedImage,
    cancel: &CancellationToken,
) -> Result<ServedImage, RegistryError> {
    let registry = &source.registry;
    let mut config = image.config.clone();
    if config.is_empty() {
        let manifest = registry.manifest(repository, &image.digest, cancel).await?;
        let nonsense = || RegistryError::Answer {
            registry: registry.host().to_owned(),
            what: format!("the manifest {}", image.digest),
            reason: "it stands in an index and names no configuration".into(),
        };
        config = Document::read(registry.host(), &manifest)?.config.ok_or_else(nonsense)?.digest;
    }
    let bytes = registry.small_blob(repository, &config, CONFIG, cancel).await?;
    let mut read = of_config(image.digest.clone(), config.clone(), &bytes);
    if read.diff_ids.len() > LAYERS || read.diff_ids.iter().any(|layer| !is_digest(layer)) {
        return Err(RegistryError::Answer {
            registry: registry.host().to_owned(),
            what: format!("the configuration {config}"),
            reason: "its list of layers is none of digests, or too long".into(),
        });
    }
    if !image.platform.is_empty() {
        read.platform.clone_from(&image.platform);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Hash;
    use crate::testing::{Heard, Reply, TestServer, network, reply};

    /// Two platforms, an attestation, and a configuration for the first alone.
    fn serve(heard: &Heard) -> Reply {
        let digest = |text: &str| Hash::of("sha256", text.as_bytes());
        let layer = format!("sha256:{}", "e".repeat(64));
        let config = format!(r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":["{layer}"]}}}}"#);
        let manifest = format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"digest":"{}","size":1}},"layers":[]}}"#,
            digest(&config)
        );
        let entry = |digest: &str, os: &str, architecture: &str| {
            format!(r#"{{"digest":"{digest}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#)
        };
        let entries = [
            entry(&digest(&manifest), "linux", "amd64"),
            entry(&format!("sha256:{}", "b".repeat(64)), "linux", "arm64"),
            entry(&format!("sha256:{}", "c".repeat(64)), "unknown", "unknown"),
        ];
        let index =
            format!(r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#, entries.join(","));
        let json = |kind: &str, text: String| (200, vec![("Content-Type", kind.to_owned())], text.into_bytes());
        match heard.path.as_str() {
            "/v2/a/b/manifests/1" => json("application/vnd.oci.image.index.v1+json", index),
            "/v2/a/b/manifests/2" => json("application/vnd.oci.image.manifest.v1+json", manifest),
            "/v2/a/b/manifests/html" => reply(200, "<html>"),
            "/v2/a/b/manifests/401" => reply(401, "{}"),
            "/v2/a/b/manifests/403" => reply(403, "{}"),
            "/v2/a/b/manifests/429" => reply(429, "{}"),
            "/v2/a/b/manifests/500" => reply(500, "{}"),
            path if path.ends_with(&digest(&manifest)) => json("application/vnd.oci.image.manifest.v1+json", manifest),
            path if path.ends_with(&digest(&config)) => reply(200, config),
            _ => reply(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
        }
    }

    async fn ask(tag: &str, platform: Option<&str>) -> (Looked, Option<Served>) {
        let server = TestServer::start(serve);
        let reference = Reference::parse(&format!("{}/a/b:{tag}", server.host)).unwrap();
        served(&server.network(), &reference, platform, &CancellationToken::new()).await
    }

    #[tokio::test]
    async fn only_the_wanted_platform_is_looked_into() {
        let (looked, served) = ask("1", Some("linux/amd64")).await;
        assert_eq!(looked, Looked::Found);
        let images = served.unwrap().images;
        let seen: Vec<_> = images.iter().map(|image| (image.platform.as_str(), image.diff_ids.len())).collect();
        assert_eq!(seen, [("linux/amd64", 1), ("linux/arm64", 0)]);
        assert!(images[0].config.starts_with("sha256:") && images[1].config.is_empty());
    }

    #[tokio::test]
    async fn a_manifest_by_itself_has_its_platform_from_the_configuration() {
        let (looked, served) = ask("2", Some("linux/arm64")).await;
        assert_eq!(looked, Looked::Found);
        let images = served.unwrap().images;
        assert_eq!((images[0].platform.as_str(), images[0].diff_ids.len()), ("linux/amd64", 1));
    }

    #[tokio::test]
    async fn what_an_index_lists_and_the_registry_lacks_is_a_failure_and_no_absence() {
        let (looked, served) = ask("1", None).await;
        assert!(matches!(looked, Looked::Failed(reason) if reason.contains("although")));
        assert_eq!(served.unwrap().images[0].diff_ids.len(), 1);
    }

    #[tokio::test]
    async fn absent_refused_and_failed_are_told_apart() {
        assert_eq!(ask("no", None).await, (Looked::Absent, None));
        for tag in ["401", "403"] {
            assert!(matches!(ask(tag, None).await, (Looked::Refused(_), None)), "{tag}");
        }
        for tag in ["429", "500", "html"] {
            assert!(matches!(ask(tag, None).await, (Looked::Failed(_), None)), "{tag}");
        }
        let nobody = Reference::parse("127.0.0.1:1/a").unwrap();
        let (looked, _) = served(&network(Vec::new()), &nobody, None, &CancellationToken::new()).await;
        assert!(matches!(looked, Looked::Failed(_)));
        let offline = Network { offline: true, ..network(Vec::new()) };
        let (looked, _) = served(&offline, &nobody, None, &CancellationToken::new()).await;
        assert!(matches!(looked, Looked::NotTried(_)));
    }

    #[tokio::test]
    async fn a_mirror_that_answers_is_named_and_one_that_does_not_is_passed_over() {
        let server = TestServer::start(serve);
        let mut network = server.network();
        network.connections.push(crate::Connection {
            host: "r.example".into(),
            mirrors: vec!["127.0.0.1:1".into(), server.host.clone()],
            ..crate::Connection::default()
        });
        let reference = Reference::parse("r.example/a/b:2").unwrap();
        let (looked, served) = served(&network, &reference, None, &CancellationToken::new()).await;
        assert_eq!((looked, served.unwrap().via), (Looked::Found, Some(server.host)));
    }
}
