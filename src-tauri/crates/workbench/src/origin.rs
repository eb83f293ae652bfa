//! Which layers of an image are its base image's, and to which of the paper's categories an image belongs.

use plimsoll_checks::Facts;

/// Tells the base image's layers from the image's own; `others` with their names.
pub(crate) use plimsoll_checks::{BaseLayers, base_layers};

/// The category of an image, and how it was told: `name`, `content`.
pub(crate) fn category_of(facts: &Facts) -> Option<(&'static str, &'static str)> {
    plimsoll_checks::category_of(facts).map(|(category, from)| (category.as_str(), from))
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
    (number, base.origin(Some(index)))
}
