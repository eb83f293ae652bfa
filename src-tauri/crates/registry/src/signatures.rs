//! Looks for signatures and attestations of an image at its registry: cosign's tags, the referrers API or the tag in its
//! place (OCI distribution spec 1.1), and the image's own index. Everything is taken as it is served.

use plimsoll_trust::{Artifact, Found, Looked, Lookup, Scheme};
use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::artifact::Reader;
use crate::ask::{Ask, MANIFEST_LIMIT, Who};
use crate::asking::{Next, Pages, looked, open};
use crate::connection::Network;
use crate::digest::Hash;
use crate::error::quoted;
use crate::reference::{Reference, is_digest};

/// Digests of one image that are looked at, pages and entries of its referrers, entries of its index.
const DIGESTS: usize = 8;
const PAGES: usize = 20;
const ENTRIES: usize = 1000;

/// Schemes whose artifacts are found as referrers.
const REFERRING: [Scheme; 3] = [Scheme::Cosign, Scheme::Notation, Scheme::Attestation];

/// Whose artifact it is, by its type; nothing for what neither signs nor states.
fn schemes(artifact_type: &str) -> &'static [Scheme] {
    const PREFIXES: [(&str, &[Scheme]); 8] = [
        ("application/vnd.dev.sigstore.bundle", &[Scheme::Cosign, Scheme::Attestation]),
        ("application/vnd.dev.cosign.artifact.sig", &[Scheme::Cosign]),
        ("application/vnd.dev.cosign.simplesigning", &[Scheme::Cosign]),
        ("application/vnd.dev.cosign.artifact", &[Scheme::Attestation]),
        ("application/vnd.cncf.notary", &[Scheme::Notation]),
        ("application/vnd.in-toto", &[Scheme::Attestation]),
        ("application/vnd.dsse", &[Scheme::Attestation]),
        ("application/vnd.docker.attestation", &[Scheme::Attestation]),
    ];
    let found = PREFIXES.iter().find(|(prefix, _)| artifact_type.starts_with(prefix));
    found.map_or(&[], |(_, schemes)| schemes)
}

/// A descriptor in a list of referrers, or in an index.
#[derive(Deserialize)]
struct Entry {
    digest: String,
    #[serde(rename = "artifactType")]
    artifact_type: Option<String>,
    annotations: Option<std::collections::BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Option<Vec<Entry>>,
}

impl Entry {
    /// The digest of the image that an attestation of BuildKit is about.
    fn about(&self) -> Option<&str> {
        let text = |key: &str| self.annotations.as_ref()?.get(key)?.as_str();
        text("vnd.docker.reference.type").filter(|kind| *kind == "attestation-manifest")?;
        text("vnd.docker.reference.digest")
    }
}

/// What a list of referrers held.
enum Listing {
    /// Entries, and why there may be more.
    Entries(Vec<Entry>, Option<String>),
    /// There is no list; why.
    None(Looked),
}

/// Looks at every place where signatures and attestations of these digests may be. `index` is the image's own index, if
/// it is at hand; else it is fetched, when the first digest is one.
///
/// Each place has its own [`Lookup`]; only a 404, or an empty list, is [`Looked::Absent`].
pub async fn signatures(
    network: &Network,
    reference: &Reference,
    digests: &[String],
    index: Option<&[u8]>,
    cancel: &CancellationToken,
) -> (Vec<Artifact>, Vec<Lookup>) {
    let name = reference.name();
    let all = |looked: Looked| {
        let lookups = REFERRING.map(|scheme| Lookup { scheme, place: name.clone(), looked: looked.clone() });
        (Vec::new(), lookups.to_vec())
    };
    if network.offline {
        return all(Looked::NotTried(crate::connection::not_named(reference.host())));
    }
    let mut known: Vec<&String> = Vec::new();
    for digest in digests.iter().filter(|digest| is_digest(digest)) {
        if !known.contains(&digest) {
            known.push(digest);
        }
    }
    if known.is_empty() {
        return all(Looked::NotTried("The digest of the image at its registry is not known.".into()));
    }
    let registry = match open(network, reference.host(), Who::Auditor, reference.host()).await {
        Ok(registry) => registry,
        Err(error) => return all(looked(&error)),
    };
    let mut search = Search { reader: Reader::new(&registry, reference, cancel), lookups: Vec::new(), image: None };
    for digest in known.iter().take(DIGESTS) {
        let tag = digest.replacen(':', "-", 1);
        search.tag(Scheme::Cosign, Found::CosignTag, digest, &format!("{tag}.sig")).await;
        search.tag(Scheme::Attestation, Found::AttestationTag, digest, &format!("{tag}.att")).await;
        search.tag(Scheme::Attestation, Found::SbomTag, digest, &format!("{tag}.sbom")).await;
        search.referrers(digest, &tag).await;
    }
    if known.len() > DIGESTS {
        let reason = format!("Only the first {DIGESTS} digests of the image were looked at.");
        let (_, more) = all(Looked::Failed(reason));
        search.lookups.extend(more);
    }
    search.own_index(&known, index).await;
    search.doubt(&known, index.is_some()).await;
    (search.reader.artifacts, search.lookups)
}

struct Search<'a> {
    reader: Reader<'a>,
    lookups: Vec<Lookup>,
    /// Why the image itself was not to be had, where it was asked for.
    image: Option<Looked>,
}

impl Search<'_> {
    fn add(&mut self, scheme: Scheme, place: &str, looked: Looked) {
        let lookup = Lookup { scheme, place: place.to_owned(), looked };
        if !self.lookups.contains(&lookup) {
            self.lookups.push(lookup);
        }
    }

    /// An artifact that has its own tag.
    async fn tag(&mut self, scheme: Scheme, found: Found, digest: &str, tag: &str) {
        let looked = match self.reader.read(found, digest, tag).await {
            Ok(_) => Looked::Found,
            Err(looked) => looked,
        };
        let place = self.reader.place(tag);
        self.add(scheme, &place, looked);
    }

    /// The referrers of a digest: by the API, or where there is none by the tag in its place.
    async fn referrers(&mut self, digest: &str, tag: &str) {
        let path = format!("{}/referrers/{digest}", self.reader.reference.repository());
        let scheme = if self.reader.registry.is_tls() { "https" } else { "http" };
        let place = format!("{scheme}://{}/v2/{path}", self.reader.reference.endpoint());
        match self.list(&path).await {
            Listing::Entries(entries, more) => self.take(Found::Referrers, digest, &place, entries, more).await,
            Listing::None(answer) => {
                // A 404 of the API says only that there is no API.
                if answer != Looked::Absent {
                    for scheme in REFERRING {
                        self.add(scheme, &place, answer.clone());
                    }
                }
                self.referrers_tag(digest, tag).await;
            }
        }
    }

    async fn list(&mut self, path: &str) -> Listing {
        if let Some(down) = self.reader.down() {
            return Listing::None(down);
        }
        let repository = self.reader.reference.repository();
        let scope = format!("repository:{repository}:pull");
        let name = format!("the referrers {path}");
        let mut pages = Pages::new(PAGES);
        let mut entries: Vec<Entry> = Vec::new();
        let mut path = path.to_owned();
        loop {
            let accept = &["application/vnd.oci.image.index.v1+json"];
            let ask = Ask { accept, scope: Some(&scope), limit: MANIFEST_LIMIT, ..Ask::get(&path) };
            let answer = match self.reader.registry.send(ask, self.reader.cancel).await {
                Ok(answer) if answer.status == 200 => answer,
                Ok(answer) => {
                    let error = self.reader.registry.refusal(&answer, &name);
                    return self.broken(entries, looked(&error));
                }
                Err(error) => {
                    let meaning = self.reader.meaning(&error);
                    return self.broken(entries, meaning);
                }
            };
            if let Some(reason) = crate::doubt::doubt(&answer.bytes) {
                let reason = format!("{} was not read: {reason}.", quoted(&path, 300));
                return self.broken(entries, Looked::Failed(reason));
            }
            let Ok(Index { manifests: Some(found) }) = serde_json::from_slice::<Index>(&answer.bytes) else {
                let reason = format!("{} answers with something that is no list of referrers.", quoted(&path, 300));
                return self.broken(entries, Looked::Failed(reason));
            };
            entries.extend(found);
            if entries.len() > ENTRIES {
                entries.truncate(ENTRIES);
                return Listing::Entries(entries, Some(format!("only the first {ENTRIES} referrers were looked at")));
            }
            match pages.next(&answer) {
                Next::End => return Listing::Entries(entries, None),
                Next::Page(next) => path = next,
                Next::Stop(reason) => return Listing::Entries(entries, Some(reason.to_owned())),
            }
        }
    }

    /// A list that broke off: what came counts, and is not all.
    fn broken(&self, entries: Vec<Entry>, answer: Looked) -> Listing {
        if entries.is_empty() {
            return Listing::None(answer);
        }
        let reason = match answer {
            Looked::Refused(reason) | Looked::Failed(reason) => reason,
            _ => "a further page is not there".into(),
        };
        Listing::Entries(entries, Some(reason))
    }

    /// The index under the tag that stands in for the API (distribution spec, referrers tag schema).
    async fn referrers_tag(&mut self, digest: &str, tag: &str) {
        let place = self.reader.place(tag);
        let answer = match self.reader.manifest(tag).await {
            Ok(manifest) => match serde_json::from_slice::<Index>(&manifest.bytes) {
                Ok(Index { manifests: Some(mut entries) }) => {
                    let more = entries.len() > ENTRIES;
                    entries.truncate(ENTRIES);
                    let more = more.then(|| format!("only the first {ENTRIES} referrers were looked at"));
                    return self.take(Found::ReferrersTag, digest, &place, entries, more).await;
                }
                _ => Looked::Failed(format!("{place} is no list of referrers.")),
            },
            Err(answer) => answer,
        };
        for scheme in REFERRING {
            self.add(scheme, &place, answer.clone());
        }
    }

    /// Reads what a list of referrers names, and says for each scheme whether there was something of it.
    async fn take(&mut self, found: Found, digest: &str, place: &str, entries: Vec<Entry>, more: Option<String>) {
        let mut seen: Vec<Scheme> = Vec::new();
        let mut failed: Vec<Scheme> = Vec::new();
        for entry in entries {
            let listed = entry.artifact_type.as_deref().filter(|kind| !kind.is_empty());
            let by_list = listed.map(schemes);
            if by_list.is_some_and(<[Scheme]>::is_empty) {
                continue;
            }
            match self.reader.read(found, digest, &entry.digest).await {
                Ok(artifact_type) => {
                    seen.extend(schemes(&artifact_type));
                    seen.extend(by_list.unwrap_or_default());
                    if schemes(&artifact_type).is_empty() && by_list.is_none() {
                        // It was read only to know what it is.
                        self.reader.artifacts.pop();
                    }
                }
                Err(answer) => {
                    let answer = match answer {
                        Looked::Absent => Looked::Failed(format!("It is listed at {place}, and is not there.")),
                        other => other,
                    };
                    let of = self.reader.place(&entry.digest);
                    for &scheme in by_list.unwrap_or(&REFERRING) {
                        self.add(scheme, &of, answer.clone());
                        failed.push(scheme);
                    }
                }
            }
        }
        for scheme in REFERRING {
            if seen.contains(&scheme) {
                self.add(scheme, place, Looked::Found);
            }
            match &more {
                // What was found does not make up for what was not seen: many could hide the one that counts.
                Some(reason) => self.add(scheme, place, Looked::Failed(format!("Not all is known: {reason}."))),
                None if seen.contains(&scheme) || failed.contains(&scheme) => (),
                None => self.add(scheme, place, Looked::Absent),
            }
        }
    }

    /// Where the registry does not show the image itself, no 404 of that repository says anything: a registry hides
    /// what it does not give in the same way.
    async fn doubt(&mut self, digests: &[&String], at_hand: bool) {
        let hidden = match (&self.image, digests.first()) {
            // The index was at hand, so nobody asked yet; what was found shows the repository.
            (None, Some(top)) if at_hand && self.reader.artifacts.is_empty() => {
                matches!(self.reader.manifest(top).await, Err(Looked::Absent))
            }
            (image, _) => matches!(image, Some(Looked::Absent)),
        };
        if !hidden {
            return;
        }
        for digest in digests.iter().take(DIGESTS).skip(1) {
            if self.reader.manifest(digest).await.is_ok() {
                return;
            }
        }
        let name = self.reader.reference.name();
        for lookup in &mut self.lookups {
            if lookup.looked == Looked::Absent {
                lookup.looked = Looked::Failed(format!(
                    "The registry does not show this repository ({name}): it has not even the image itself, so that \
                     nothing else is there proves nothing."
                ));
            }
        }
    }

    /// Attestations that stand in the image's own index.
    async fn own_index(&mut self, digests: &[&String], index: Option<&[u8]>) {
        let Some(&top) = digests.first() else { return };
        let place = self.reader.place(top);
        let bytes = match index {
            Some(bytes) if Hash::of(top, bytes) == **top => bytes.to_vec(),
            Some(_) => {
                let reason = "The index at hand has another digest than the image.".to_owned();
                return self.add(Scheme::Attestation, &place, Looked::Failed(reason));
            }
            None => match self.reader.manifest(top).await {
                Ok(manifest) => manifest.bytes,
                Err(answer) => {
                    self.image = Some(answer.clone());
                    let answer = match answer {
                        Looked::Absent => Looked::Failed(format!(
                            "The registry does not have this image ({place}), so that nothing can be said of it."
                        )),
                        other => other,
                    };
                    return self.add(Scheme::Attestation, &place, answer);
                }
            },
        };
        if let Some(reason) = crate::doubt::doubt(&bytes) {
            let reason = format!("The index of the image was not read: {reason}.");
            return self.add(Scheme::Attestation, &place, Looked::Failed(reason));
        }
        let entries = match serde_json::from_slice::<Index>(&bytes) {
            Ok(Index { manifests: Some(entries) }) => entries,
            // A manifest by itself has no index, and so no place to look at.
            Ok(Index { manifests: None }) => return,
            Err(_) => {
                let reason = "The index of the image cannot be read.".to_owned();
                return self.add(Scheme::Attestation, &place, Looked::Failed(reason));
            }
        };
        if entries.len() > ENTRIES {
            let reason = format!("The index of the image has more than {ENTRIES} entries.");
            self.add(Scheme::Attestation, &place, Looked::Failed(reason));
        }
        let (mut found, mut failed) = (false, false);
        for entry in entries.iter().take(ENTRIES) {
            let Some(subject) = entry.about().filter(|subject| is_digest(subject)) else { continue };
            // Of an image whose platform is known, only what is about it.
            if digests.len() > 1 && !digests.iter().any(|digest| *digest == subject) {
                continue;
            }
            match self.reader.read(Found::Index, subject, &entry.digest).await {
                Ok(_) => found = true,
                Err(failure) => {
                    failed = true;
                    let failure = match failure {
                        Looked::Absent => Looked::Failed(format!("It is listed in {place}, and is not there.")),
                        other => other,
                    };
                    let of = self.reader.place(&entry.digest);
                    self.add(Scheme::Attestation, &of, failure);
                }
            }
        }
        match (found, failed) {
            (true, _) => self.add(Scheme::Attestation, &place, Looked::Found),
            (false, true) => (),
            (false, false) => self.add(Scheme::Attestation, &place, Looked::Absent),
        }
    }
}

#[cfg(test)]
mod tests;
