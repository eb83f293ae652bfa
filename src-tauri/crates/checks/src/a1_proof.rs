//! A1: content, not names. Whether an image is what a registry serves, or is built on it.

use plimsoll_image::ImageFacts;
use plimsoll_registry::facts::{Served, ServedImage};
use plimsoll_trust::Looked;

use crate::bases::recorded;
use crate::facts::{Facts, HubLookup};

/// By what an image is known to be what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The config's digest, computed from the image's own bytes.
    Config,
    /// The manifest's digest, computed from the image's own bytes.
    Manifest,
    /// The same layers under another config.
    Layers,
    /// The digest that the engine or the registry gave; the served config is not known.
    Recorded,
}

impl Way {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Config => "the digest of its config is the same",
            Self::Manifest => "the digest of its manifest is the same",
            Self::Layers => "all its layers are the same",
            Self::Recorded => "the digest that it was recorded under is the same",
        }
    }
}

/// The digests that others gave for the image: the engine, the registry, the fetch of its signatures.
fn given(facts: &Facts) -> Vec<String> {
    let mut given: Vec<String> = recorded(facts).filter_map(|full| full.digest).collect();
    given.extend(facts.trust.iter().flat_map(|trust| trust.digests.iter().cloned()));
    given.extend(facts.origin.iter().map(|(_, value)| value.clone()).filter(|value| value.starts_with("sha256:")));
    given
}

/// Whether the image is what is served, and by what that is known.
pub(crate) fn same(facts: &Facts, image: &ImageFacts, served: &Served) -> Option<Way> {
    let equal = |ours: &str, theirs: &str| !theirs.is_empty() && ours == theirs;
    if served.images.iter().any(|it| equal(&image.config_digest, &it.config)) {
        return Some(Way::Config);
    }
    if let Some(own) = &image.digest
        && (equal(own, &served.digest) || served.images.iter().any(|it| equal(own, &it.digest)))
    {
        return Some(Way::Manifest);
    }
    let ours: Vec<&str> = image.layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    if !ours.is_empty() && served.images.iter().any(|it| it.diff_ids == ours) {
        return Some(Way::Layers);
    }
    // A record is believed only where nothing that was computed speaks against it.
    let unknown = |it: &ServedImage| it.config.is_empty() && it.diff_ids.is_empty();
    let behind = |digest: &str| -> bool {
        if equal(digest, &served.digest) {
            let of_platform: Vec<&ServedImage> = of_platform(image, served).collect();
            let candidates = if of_platform.is_empty() { served.images.iter().collect() } else { of_platform };
            return candidates.iter().all(|it| unknown(it));
        }
        served.images.iter().any(|it| equal(digest, &it.digest) && unknown(it))
    };
    given(facts).iter().any(|digest| behind(digest)).then_some(Way::Recorded)
}

/// How many of the image's lowest layers are all the layers of what is served, if the image has more than those.
pub(crate) fn below(image: &ImageFacts, served: &Served) -> Option<usize> {
    let fits = |it: &&ServedImage| {
        !it.diff_ids.is_empty()
            && it.diff_ids.len() < image.layers.len()
            && it.diff_ids.iter().zip(&image.layers).all(|(theirs, ours)| *theirs == ours.diff_id)
    };
    served.images.iter().filter(fits).map(|it| it.diff_ids.len()).max()
}

/// Whether the served layers for the image's platform are known.
pub(crate) fn layers_known(image: &ImageFacts, served: &Served) -> bool {
    of_platform(image, served).any(|it| !it.diff_ids.is_empty())
}

/// What is served for the image's platform; a variant (`linux/arm64/v8`) is not always written.
fn of_platform<'a>(image: &ImageFacts, served: &'a Served) -> impl Iterator<Item = &'a ServedImage> {
    let platform = format!("{}/{}", image.platform.os, image.platform.architecture);
    served.images.iter().filter(move |it| {
        it.platform.strip_prefix(platform.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether what is served can be compared with the image: its config or layers for that platform are known, or it is
/// known not to be served for that platform at all.
pub(crate) fn comparable(image: &ImageFacts, served: &Served) -> bool {
    let mut of_platform = of_platform(image, served).peekable();
    if of_platform.peek().is_none() {
        return !served.images.is_empty() && served.images.iter().all(|it| !it.platform.is_empty());
    }
    of_platform.any(|it| !it.config.is_empty() || !it.diff_ids.is_empty())
}

/// The whole answer, where there was one. What was seen before a failure ([`HubLookup::served`] beside another answer)
/// can prove, and never disprove.
pub(crate) fn found(lookup: &HubLookup) -> Option<&Served> {
    if lookup.looked == Looked::Found { lookup.served.as_ref() } else { None }
}
