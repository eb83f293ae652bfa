//! What is fetched about an image beside its bytes: signatures and trust metadata, what Docker Hub serves under its
//! official name, its base images. Only registries that the auditor named are asked.

use plimsoll_checks::{BaseFacts, Facts, HubLookup};
use plimsoll_registry::facts::{ClientFacts, Served, ServedImage};
use plimsoll_registry::{Reference, client_facts_async, served};
use plimsoll_trust::{Looked, Pinned, TrustFacts};
use tokio_util::sync::CancellationToken;

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;

/// The image in its registry: the name under which its trust is looked for, and what is known of its digests.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) reference: Reference,
    pub(crate) digests: Vec<String>,
    pub(crate) index: Option<Vec<u8>>,
}

/// Under which name a registry knows an image of the local daemon: its registry digest, with the tag of the same name.
pub(crate) fn registered(registry_digests: &[String], tags: &[String]) -> Option<Registered> {
    let parsed: Vec<Reference> = registry_digests.iter().filter_map(|text| Reference::parse(text).ok()).collect();
    let tags: Vec<Reference> = tags.iter().filter_map(|text| Reference::parse(text).ok()).collect();
    // A repository under which the image also has a tag comes first: that is the name people use.
    let tag_of = |reference: &Reference| tags.iter().find(|tag| tag.name() == reference.name());
    let first = parsed.iter().find(|reference| tag_of(reference).is_some()).or_else(|| parsed.first())?;
    let digests = parsed
        .iter()
        .filter(|reference| reference.name() == first.name())
        .filter_map(|reference| reference.digest().map(str::to_owned))
        .collect();
    let reference = tag_of(first).cloned().unwrap_or_else(|| first.clone());
    Some(Registered { reference, digests, index: None })
}

/// Fetches what there is to say about the trust in an image.
pub(crate) async fn of_registered(
    image: &Registered,
    own: Option<&str>,
    reach: &Reach,
    client: &ClientFacts,
    job: &Job,
) -> TrustFacts {
    job.tell("Looking for signatures", 0, 0);
    let network = reach.to(image.reference.host(), own);
    let pin = reach.pin(&image.reference.name());
    plimsoll_registry::collect(
        &network,
        &image.reference,
        &image.digests,
        image.index.as_deref(),
        pin,
        client,
        job.token(),
    )
    .await
}

/// What registry and trust server show of an image that is not read itself. Without a digest there is nothing to
/// compare with, so a registry that does not give one is an error.
///
/// # Errors
/// When the registry does not say what the name stands for, or does not offer the platform.
pub(crate) async fn of_reference(
    reference: &Reference,
    platform: Option<&str>,
    reach: &Reach,
    pinned: Option<Pinned>,
) -> Result<TrustFacts, WorkbenchError> {
    let network = reach.to(reference.host(), Some(reference.host()));
    let cancel = CancellationToken::new();
    let host = format!("linux/{}", host_architecture());
    let (answer, found) = served(&network, reference, Some(platform.unwrap_or(&host)), &cancel).await;
    let Some(found) = found else {
        return Err(WorkbenchError::Input(match answer {
            Looked::Found | Looked::Absent => {
                format!("The registry {} has no image {reference}; check its name and tag.", reference.host())
            }
            Looked::Refused(reason) | Looked::Failed(reason) | Looked::NotTried(reason) => reason,
        }));
    };
    let image = chosen(&found, platform.or(Some(&host)).filter(|_| platform.is_some() || found.images.len() > 1));
    if let (Some(platform), None) = (platform, image) {
        let offered: Vec<&str> = found.images.iter().take(50).map(|image| image.platform.as_str()).collect();
        return Err(WorkbenchError::Input(format!(
            "{reference} is not offered for {platform}; its platforms are {}",
            offered.join(", ")
        )));
    }
    let mut digests = vec![found.digest.clone()];
    digests.extend(image.map(|image| image.digest.clone()).filter(|digest| *digest != found.digest));
    Ok(plimsoll_registry::collect(&network, reference, &digests, None, pinned, &client_facts_async().await, &cancel)
        .await)
}

/// The image that an engine takes of what is served: of the entries for the platform the first, else the only one. No
/// other entry of an index speaks for it: whoever can push an index can put a signed manifest beside an evil one.
fn chosen<'a>(served: &'a Served, platform: Option<&str>) -> Option<&'a ServedImage> {
    let images = &served.images;
    let Some(wanted) = platform else {
        return images.first().filter(|_| images.len() == 1);
    };
    let v8 = |text: &str| if text.ends_with("/arm64") { format!("{text}/v8") } else { text.to_owned() };
    let exact = images.iter().find(|image| image.platform == wanted);
    let fits =
        |image: &&ServedImage| v8(&image.platform) == v8(wanted) || image.platform.starts_with(&format!("{wanted}/"));
    let alone = || images.first().filter(|image| images.len() == 1 && image.platform.is_empty());
    exact.or_else(|| images.iter().find(fits)).or_else(alone)
}

/// This machine's processor in the words of platforms.
fn host_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// Docker's client, read once for a subject.
pub(crate) async fn client_of(facts: &mut Facts) -> ClientFacts {
    match &facts.client {
        Some(known) => known.clone(),
        None => facts.client.insert(client_facts_async().await).clone(),
    }
}

/// What a registry serves under a name, if it is one of those that may be asked.
pub(crate) async fn lookup(
    reference: &str,
    platform: Option<&str>,
    own: Option<&str>,
    reach: &Reach,
    job: &Job,
) -> HubLookup {
    match Reference::parse(reference) {
        Ok(parsed) => {
            let (looked, served) = served(&reach.to(parsed.host(), own), &parsed, platform, job.token()).await;
            HubLookup { reference: reference.to_owned(), looked, served }
        }
        Err(error) => {
            HubLookup { reference: reference.to_owned(), looked: Looked::Failed(error.to_string()), served: None }
        }
    }
}

/// Looks beyond the image: whether Docker Hub serves it under the official name that it bears, and what its base
/// images are worth.
pub(crate) async fn look_further(facts: &mut Facts, own: Option<&str>, reach: &Reach, job: &Job) {
    let platform = facts.image.as_ref().map(|image| image.platform.to_string());
    for name in plimsoll_checks::official_names(facts) {
        job.tell("Asking which images are official", 0, 0);
        let found = lookup(&name, platform.as_deref(), own, reach, job).await;
        facts.official.push(found);
    }
    let client = client_of(facts).await;
    for (reference, named_by) in plimsoll_checks::bases_named(facts) {
        job.tell("Looking at the base image", 0, 0);
        let mut found = lookup(&reference, platform.as_deref(), own, reach, job).await;
        let trust = match Reference::parse(&reference) {
            Ok(parsed) => {
                let mut digests: Vec<String> = parsed.digest().map(str::to_owned).into_iter().collect();
                if let Some(served) = &mut found.served {
                    // Only the image of this platform is the base.
                    served.images = chosen(served, platform.as_deref()).cloned().into_iter().collect();
                    let of_platform = served.images.iter().map(|image| image.digest.clone());
                    for digest in std::iter::once(served.digest.clone()).chain(of_platform) {
                        if !digests.contains(&digest) {
                            digests.push(digest);
                        }
                    }
                }
                let image = Registered { reference: parsed, digests, index: None };
                Some(of_registered(&image, own, reach, &client, job).await)
            }
            Err(_) => None,
        };
        facts.bases.push(BaseFacts { reference, named_by, lookup: found, trust });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_the_daemon_is_looked_for_under_the_name_that_it_was_pulled_by() {
        let digest = |c: &str| format!("sha256:{}", c.repeat(64));
        let digests = [format!("x.example/a@{}", digest("1")), format!("127.0.0.1:5600/lab/good@{}", digest("2"))];
        let tags = ["127.0.0.1:5600/lab/good:1".to_owned(), "good:latest".to_owned()];
        let found = registered(&digests, &tags).unwrap();
        assert_eq!(found.reference.tag(), Some("1"));
        assert_eq!(found.digests, [digest("2")]);
        assert!(registered(&[], &tags).is_none());
    }

    #[test]
    fn of_an_index_only_the_entry_that_an_engine_takes_counts() {
        let image = |platform: &str, digest: &str| ServedImage {
            platform: platform.into(),
            digest: digest.into(),
            config: "c".into(),
            ..ServedImage::default()
        };
        let of = |images: Vec<ServedImage>, wanted: Option<&str>| {
            let served = Served { images, ..Served::default() };
            chosen(&served, wanted).map(|image| image.digest.clone())
        };
        let index = || vec![image("", "good"), image("linux/amd64/v2", "v2"), image("linux/amd64", "evil")];
        assert_eq!(of(index(), Some("linux/amd64")).as_deref(), Some("evil"));
        assert_eq!(of(index(), Some("linux/arm64")), None);
        assert_eq!(of(index(), None), None);
        assert_eq!(of(vec![image("linux/arm64/v8", "a")], Some("linux/arm64")).as_deref(), Some("a"));
        assert_eq!(of(vec![image("", "only")], Some("linux/amd64")).as_deref(), Some("only"));
        assert_eq!(of(vec![image("linux/s390x", "other")], Some("linux/amd64")), None);
    }
}
