//! Which layers of an image are its base image's, and to which of the paper's categories an image belongs.
//!
//! A stand-in with the shape of what `checks` knows about both.

use plimsoll_checks::Facts;

/// How many of the lowest layers are the base image's, and how that was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BaseLayers {
    pub(crate) count: Option<usize>,
    pub(crate) why: String,
}

/// Tells the base image's layers from the image's own.
pub(crate) fn base_layers(_facts: &Facts, _others: &[&Facts]) -> BaseLayers {
    BaseLayers { count: None, why: "It is not known which layers are the base image's.".to_owned() }
}

/// The category of an image, and how it was told: `name`, `content`.
pub(crate) fn category_of(_facts: &Facts) -> Option<(&'static str, &'static str)> {
    None
}

/// The paper's categories, as the results and the window write them.
pub(crate) const CATEGORIES: [&str; 5] = ["os", "database", "language", "web", "platform"];

/// The number of a layer from 1, and whether it is the base image's: `base`, `own`, `unknown`.
pub(crate) fn layer_origin(facts: &Facts, base: &BaseLayers, diff_id: &str) -> (u32, &'static str) {
    let layers = facts.image.as_ref().map(|image| image.layers.as_slice()).unwrap_or_default();
    let Some(index) = layers.iter().position(|layer| layer.diff_id == diff_id).filter(|_| !diff_id.is_empty()) else {
        return (0, "unknown");
    };
    let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
    match base.count {
        Some(count) if index < count => (number, "base"),
        Some(_) => (number, "own"),
        None => (number, "unknown"),
    }
}
