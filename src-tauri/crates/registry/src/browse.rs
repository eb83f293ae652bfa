//! What a registry offers: repositories, tags, and what a tag stands for. For somebody who chooses; nothing is judged.

use std::cmp::Ordering;

use reqwest::{Method, Url};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::ask::{Answer, Ask, Who};
use crate::asking::{Next, Pages, open};
use crate::connection::{Network, canonical};
use crate::error::{RegistryError, quoted};
use crate::listing::{Descriptor, Document, of_config};
use crate::pull::Source;
use crate::reference::{Reference, is_repository, is_tag};
use crate::transport::Registry;
use crate::wire::{Sent, Wire};

/// Pages of one listing, and names of it, that are read.
const PAGES: usize = 200;
const NAMES: usize = 50_000;
/// Bytes of one page.
const PAGE: u64 = 8 << 20;
/// Images of one index whose sizes are looked up.
const IMAGES: usize = 30;
/// Where Docker Hub searches (Docker Engine's own address for `docker search`).
const HUB_SEARCH: &str = "https://index.docker.io/v1/search";

/// Repositories or tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// Repositories sorted by name, or, from Docker Hub's search, as it ranks them; tags with the newest version first.
    pub rows: Vec<Offered>,
    /// There are more than are listed.
    pub more: bool,
    /// Why nothing or not all is listed although the registry answers; may be empty.
    pub note: String,
}

/// One repository or tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offered {
    /// The repository without its host, or the tag.
    pub name: String,
    /// Whether Docker Hub calls it an official image.
    pub official: Option<bool>,
    /// Docker Hub's stars.
    pub stars: Option<u64>,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagOffer {
    /// The name in full.
    pub reference: String,
    /// The mirror that answered.
    pub via: Option<String>,
    /// Digest of the index or manifest.
    pub digest: String,
    /// Each image, attestations left out.
    pub images: Vec<OfferedImage>,
    /// How many attestations stand in the index.
    pub attestations: usize,
}

/// One image behind a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfferedImage {
    /// `linux/amd64`; empty if it is not said.
    pub platform: String,
    /// Digest of its manifest.
    pub digest: String,
    /// Bytes of its layers as they travel; none where the manifest was not read.
    pub size: Option<u64>,
    /// How many layers it has; none where the manifest was not read.
    pub layers: Option<usize>,
}

fn named(name: String) -> Offered {
    Offered { name, ..Offered::default() }
}

/// The repositories of a registry whose names hold the search text, `limit` at most. That the catalogue is closed or
/// there is none is no error, but the [`Offer::note`].
///
/// # Errors
/// When the registry does not answer, or with nonsense.
pub async fn repositories(
    network: &Network,
    host: &str,
    search: &str,
    limit: usize,
    cancel: &CancellationToken,
) -> Result<Offer, RegistryError> {
    let search = search.trim();
    if canonical(host) == "docker.io" {
        return hub(network, search, limit, cancel).await;
    }
    let registry = open(network, host, Who::Auditor, host).await?;
    let mut names: Vec<String> = Vec::new();
    let first = "_catalog?n=1000";
    let listed = list(&registry, first, "registry:catalog:*", "the catalogue", cancel, |page: Catalog| {
        names.extend(page.repositories.unwrap_or_default());
        names.len()
    });
    let note = match listed.await? {
        Listed::Whole => String::new(),
        Listed::Cut(reason) => format!("Not all of the catalogue was read: {reason}."),
        Listed::Refused(answer) => return Ok(Offer { note: closed(&registry, &answer), ..Offer::default() }),
    };
    let wanted = search.to_lowercase();
    let mut names: Vec<String> =
        names.into_iter().filter(|name| is_repository(name) && name.to_lowercase().contains(&wanted)).collect();
    names.sort();
    names.dedup();
    let more = names.len() > limit || !note.is_empty();
    names.truncate(limit);
    Ok(Offer { rows: names.into_iter().map(named).collect(), more, note })
}

/// Why there is no catalogue, in words.
fn closed(registry: &Registry, answer: &Answer) -> String {
    let who = registry.identity();
    match (answer.status, who) {
        (401 | 403, None) => "The catalogue is closed to those who do not log in; name the repository.".into(),
        (401 | 403, Some(who)) => format!("The catalogue is closed to {who}; name the repository."),
        (status, _) => format!("The registry has no catalogue (HTTP {status}); name the repository."),
    }
}

#[derive(Deserialize)]
struct Catalog {
    repositories: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tags {
    tags: Option<Vec<String>>,
}

enum Listed {
    Whole,
    Cut(&'static str),
    Refused(Answer),
}

/// Reads the pages of a listing; `keep` takes one and says how many names there are.
async fn list<T: serde::de::DeserializeOwned>(
    registry: &Registry,
    first: &str,
    scope: &str,
    what: &str,
    cancel: &CancellationToken,
    mut keep: impl FnMut(T) -> usize,
) -> Result<Listed, RegistryError> {
    let mut pages = Pages::new(PAGES);
    let mut path = first.to_owned();
    loop {
        let ask = Ask { accept: &["application/json"], scope: Some(scope), limit: PAGE, ..Ask::get(&path) };
        let answer = registry.send(ask, cancel).await?;
        if matches!(answer.status, 400..=428 | 501) {
            return Ok(Listed::Refused(answer));
        }
        if answer.status != 200 {
            return Err(registry.refusal(&answer, what));
        }
        let page = serde_json::from_slice::<T>(&answer.bytes).map_err(|_| RegistryError::Answer {
            registry: registry.host().to_owned(),
            what: what.to_owned(),
            reason: "it is not the JSON that is asked for".into(),
        })?;
        let count = keep(page);
        match pages.next(&answer) {
            Next::End => return Ok(Listed::Whole),
            Next::Stop(reason) => return Ok(Listed::Cut(reason)),
            Next::Page(_) if count >= NAMES => return Ok(Listed::Cut("it is too long")),
            Next::Page(next) => path = next,
        }
    }
}

/// Docker Hub has a search and no catalogue.
async fn hub(
    network: &Network,
    search: &str,
    limit: usize,
    cancel: &CancellationToken,
) -> Result<Offer, RegistryError> {
    let note = |text: &str| Ok(Offer { note: text.into(), ..Offer::default() });
    if search.is_empty() {
        // There is more, for those who search.
        let text = "Docker Hub has no catalogue; type what to search for.";
        return Ok(Offer { note: text.into(), more: true, ..Offer::default() });
    }
    if network.offline {
        return note("Plimsoll is set to offline, so Docker Hub is not searched; name the repository.");
    }
    let broken = || RegistryError::Answer {
        registry: "docker.io".into(),
        what: "an address".into(),
        reason: "it cannot be read".into(),
    };
    let address = Url::parse(HUB_SEARCH).map_err(|_| broken())?;
    search_at(network, address, search, limit, cancel).await
}

async fn search_at(
    network: &Network,
    mut address: Url,
    search: &str,
    limit: usize,
    cancel: &CancellationToken,
) -> Result<Offer, RegistryError> {
    let text: String = search.chars().take(200).collect();
    let count = limit.clamp(1, 100);
    address.query_pairs_mut().append_pair("q", &text).append_pair("n", &count.to_string());
    let place = address.host_str().unwrap_or_default().to_owned();
    let (wire, _) = Wire::open(network, &network.connection("docker.io"), "docker.io", &place)?;
    let what = "the search";
    let sent = Sent {
        method: Method::GET,
        url: address,
        accept: &[],
        from: 0,
        authorization: None,
        body: None,
        stay: false,
        what,
    };
    let (response, _) = wire.go(&sent, cancel).await.map_err(|trouble| trouble.error)?;
    let status = response.status().as_u16();
    let bytes = crate::body::whole(response, PAGE, what, &wire, cancel).await.map_err(|trouble| trouble.error)?;
    match status {
        200 => found(&bytes, count).ok_or_else(|| RegistryError::Answer {
            registry: "docker.io".into(),
            what: what.into(),
            reason: "it is not the JSON that is asked for".into(),
        }),
        429 => Err(RegistryError::RateLimited { registry: "docker.io".into(), reason: "too many requests".into() }),
        status => {
            let note = format!("Docker Hub does not search for now (HTTP {status}); name the repository.");
            Ok(Offer { note, ..Offer::default() })
        }
    }
}

/// Reads what Docker Hub's search found.
fn found(bytes: &[u8], limit: usize) -> Option<Offer> {
    #[derive(Deserialize)]
    struct Search {
        num_results: Option<u64>,
        results: Option<Vec<Hit>>,
    }
    #[derive(Deserialize)]
    struct Hit {
        name: String,
        is_official: Option<bool>,
        star_count: Option<u64>,
    }
    let search: Search = serde_json::from_slice(bytes).ok()?;
    let results = search.results?;
    let more = search.num_results.unwrap_or(0) > results.len() as u64 || results.len() > limit;
    let row = |hit: Hit| {
        let official = hit.is_official.unwrap_or(false);
        let short = official && !hit.name.contains('/');
        let name = if short { format!("library/{}", hit.name) } else { hit.name };
        is_repository(&name).then_some(Offered { name, official: hit.is_official, stars: hit.star_count })
    };
    Some(Offer { rows: results.into_iter().filter_map(row).take(limit).collect(), more, note: String::new() })
}

/// The tags of a repository that hold the search text, the newest version first, `limit` at most. Tags that hold
/// signatures and the like are left out and counted in the note.
///
/// # Errors
/// See [`RegistryError`].
pub async fn tags(
    network: &Network,
    reference: &Reference,
    search: &str,
    limit: usize,
    cancel: &CancellationToken,
) -> Result<Offer, RegistryError> {
    let registry = open(network, reference.host(), Who::Auditor, reference.host()).await?;
    let (repository, name) = (reference.repository(), reference.name());
    let (first, scope) = (format!("{repository}/tags/list?n=1000"), format!("repository:{repository}:pull"));
    let mut all: Vec<String> = Vec::new();
    let listed = list(&registry, &first, &scope, &name, cancel, |page: Tags| {
        all.extend(page.tags.unwrap_or_default());
        all.len()
    });
    let mut notes = Vec::new();
    match listed.await? {
        Listed::Whole => (),
        Listed::Cut(reason) => notes.push(format!("Not all tags were read: {reason}.")),
        Listed::Refused(answer) => return Err(registry.refusal(&answer, &name)),
    }
    let cut = !notes.is_empty();
    let wanted = search.trim().to_lowercase();
    all.retain(|tag| is_tag(tag) && tag.to_lowercase().contains(&wanted));
    let before = all.len();
    all.retain(|tag| !holds_artifact(tag));
    match before - all.len() {
        0 => (),
        1 => notes.push("One tag that holds a signature or the like is left out.".into()),
        count => notes.push(format!("{count} tags that hold signatures and the like are left out.")),
    }
    all.sort_by(|one, other| newest_first(one, other));
    all.dedup();
    let more = all.len() > limit || cut;
    all.truncate(limit);
    Ok(Offer { rows: all.into_iter().map(named).collect(), more, note: notes.join(" ") })
}

/// Tags that stand for artifacts about an image: `sha256-<hex>`, with an ending where cosign set it.
fn holds_artifact(tag: &str) -> bool {
    let Some(rest) = tag.strip_prefix("sha256-") else { return false };
    let hex = rest.split('.').next().unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `latest`, then versions from the newest on, then words. A version with a suffix comes after the one without.
fn newest_first(one: &str, other: &str) -> Ordering {
    let class = |tag: &str| match tag.trim_start_matches(['v', 'V']).bytes().next() {
        _ if tag == "latest" => 0,
        Some(first) if first.is_ascii_digit() => 1,
        _ => 2,
    };
    class(one).cmp(&class(other)).then_with(|| match class(one) {
        1 => {
            let plain = |tag: &str| tag.trim_start_matches(['v', 'V']).to_owned();
            natural(&plain(other), &plain(one)).then_with(|| one.cmp(other))
        }
        _ => natural(one, other).then_with(|| one.cmp(other)),
    })
}

/// Numbers by their value, all else by its characters. Where one ends, a further number (`.1`) makes the other greater
/// and a suffix (`-alpine`) smaller.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one, other) {
            ([], []) => return Ordering::Equal,
            ([], rest) => return if rest.first() == Some(&b'.') { Ordering::Less } else { Ordering::Greater },
            (rest, []) => return if rest.first() == Some(&b'.') { Ordering::Greater } else { Ordering::Less },
            ([a, ..], [b, ..]) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (first, after_first) = number(one);
                let (second, after_second) = number(other);
                match first.len().cmp(&second.len()).then_with(|| first.cmp(second)) {
                    Ordering::Equal => (one, other) = (after_first, after_second),
                    different => return different,
                }
            }
            ([a, after_a @ ..], [b, after_b @ ..]) => match a.cmp(b) {
                Ordering::Equal => (one, other) = (after_a, after_b),
                // 1.27.3 and 1.27-alpine: a further number counts for more than a suffix.
                _ if *a == b'.' => return Ordering::Greater,
                _ if *b == b'.' => return Ordering::Less,
                different => return different,
            },
        }
    }
}

/// The digits at the start, without leading zeros, and the rest.
fn number(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    (digits.get(zeros..).unwrap_or_default(), rest)
}

/// What a name stands for: its digest, and each image with platform, size and layers.
///
/// # Errors
/// See [`RegistryError`].
pub async fn image(
    network: &Network,
    reference: &Reference,
    cancel: &CancellationToken,
) -> Result<TagOffer, RegistryError> {
    let (source, top) = Source::open(network, reference, cancel).await?;
    let document = Document::read(source.registry.host(), &top)?;
    let mut offer = TagOffer {
        reference: reference.to_string(),
        via: source.via.clone(),
        digest: top.digest,
        ..TagOffer::default()
    };
    let Some(entries) = document.manifests else {
        let mut image = OfferedImage { digest: offer.digest.clone(), ..OfferedImage::default() };
        measure(&mut image, document.layers);
        if let Some(config) = document.config {
            let bytes = source.config(&config, cancel).await?;
            image.platform = of_config(offer.digest.clone(), config.digest, &bytes).platform;
        }
        offer.images.push(image);
        return Ok(offer);
    };
    for entry in entries {
        if entry.is_attestation() {
            offer.attestations += 1;
            continue;
        }
        let mut image =
            OfferedImage { platform: entry.platform(), digest: quoted(&entry.digest, 150), ..OfferedImage::default() };
        if offer.images.len() < IMAGES {
            let manifest = source.registry.manifest(reference.repository(), &entry.digest, cancel).await?;
            let inner = Document::read(source.registry.host(), &manifest)?;
            if inner.config.is_some() {
                measure(&mut image, inner.layers);
            }
        }
        offer.images.push(image);
    }
    Ok(offer)
}

fn measure(image: &mut OfferedImage, layers: Option<Vec<Descriptor>>) {
    let layers = layers.unwrap_or_default();
    image.layers = Some(layers.len());
    image.size = layers.iter().try_fold(0_u64, |sum, layer| sum.checked_add(layer.size?));
}

#[cfg(test)]
mod tests;
