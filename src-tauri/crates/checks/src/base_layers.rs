//! Which of an image's layers are its base image's, and how that is known.
//!
//! Certain is what another image's own list of layers says: a subject of the engagement, or a base image that its
//! registry served. Likely is what the history says: the last `CMD` or `ENTRYPOINT` below the image's own steps is where
//! the Dockerfile of another image ended.

use plimsoll_image::ImageFacts;

use crate::Facts;
use crate::history::read;

/// The base image's layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseLayers {
    /// How many of the lowest layers are the base image's; none when it is not known.
    pub count: Option<usize>,
    /// Whether another image's list of layers proves it.
    pub certain: bool,
    /// How it is known, or why it is not; one sentence.
    pub why: String,
}

impl BaseLayers {
    /// Whether a layer, counted from 0, is the base image's: `base`, `own` or `unknown`.
    #[must_use]
    pub fn origin(&self, layer: Option<usize>) -> &'static str {
        match (self.count, layer) {
            (Some(count), Some(layer)) if layer < count => "base",
            (Some(_), Some(_)) => "own",
            _ => "unknown",
        }
    }
}

fn diff_ids(image: &ImageFacts) -> Vec<&str> {
    image.layers.iter().map(|layer| layer.diff_id.as_str()).collect()
}

/// Tells an image's own layers from those of its base. `others` are the other subjects: name for people, and facts.
#[must_use]
pub fn base_layers(facts: &Facts, others: &[(&str, &Facts)]) -> BaseLayers {
    let unknown = |why: &str| BaseLayers { count: None, certain: false, why: why.to_owned() };
    let Some(image) = &facts.image else { return unknown("There are no layers: the subject is not an image.") };
    let own = diff_ids(image);
    let is_base = |layers: &[&str]| !layers.is_empty() && layers.len() < own.len() && own.starts_with(layers);
    let subjects = others.iter().filter_map(|(name, facts)| {
        let layers = diff_ids(facts.image.as_ref()?);
        is_base(&layers).then(|| (layers.len(), format!("The lowest layers are those of {name}, a subject here.")))
    });
    let served = facts.bases.iter().flat_map(|base| {
        let images = base.lookup.served.iter().flat_map(|served| &served.images);
        images.filter_map(|served| {
            let layers: Vec<&str> = served.diff_ids.iter().map(String::as_str).collect();
            let sentence = format!("The lowest layers are those that the registry serves as {}.", base.reference);
            is_base(&layers).then_some((layers.len(), sentence))
        })
    });
    if let Some((count, why)) = subjects.chain(served).max_by_key(|(count, _)| *count) {
        return BaseLayers { count: Some(count), certain: true, why };
    }
    by_history(image).unwrap_or_else(|| {
        unknown("Neither another image nor the history tells which layers are the base image's; add the base image as a subject.")
    })
}

fn by_history(image: &ImageFacts) -> Option<BaseLayers> {
    // The image's own settings at the end are passed over first.
    let own_end = image.history.iter().rposition(|entry| !entry.empty_layer)?;
    let (index, _) = image.history.get(..own_end)?.iter().enumerate().rev().find(|(_, entry)| {
        entry.empty_layer
            && read(&entry.created_by).is_some_and(|line| matches!(line.word.as_str(), "CMD" | "ENTRYPOINT"))
    })?;
    let count = image.history.get(..index)?.iter().filter(|entry| !entry.empty_layer).count();
    // A history that does not fit the layers tells nothing.
    let layers = image.history.iter().filter(|entry| !entry.empty_layer).count();
    (count > 0 && layers == image.layers.len()).then(|| BaseLayers {
        count: Some(count),
        certain: false,
        why: format!(
            "By the history: line {} sets the command with which another image's Dockerfile ended. That is likely, not proven; add the base image as a subject to be sure.",
            index + 1
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::{HistoryEntry, LayerFacts};

    fn layers(names: &[&str]) -> Vec<LayerFacts> {
        let layer = |name: &&str| LayerFacts {
            digest: format!("sha256:{name}"),
            diff_id: format!("sha256:{name}"),
            media_type: String::new(),
            compressed_size: 0,
            size: 0,
            content_bytes: 0,
            files: 0,
            entries: 0,
            command: None,
            whiteouts: 0,
        };
        names.iter().map(layer).collect()
    }

    fn with(names: &[&str], history: &[(&str, bool)]) -> Facts {
        let mut facts = image();
        let image = facts.image.as_mut().unwrap();
        image.layers = layers(names);
        image.history = history
            .iter()
            .map(|(line, empty)| HistoryEntry {
                created: None,
                created_by: (*line).to_owned(),
                comment: None,
                empty_layer: *empty,
                layer: None,
            })
            .collect();
        facts
    }

    const BUILT: [(&str, bool); 5] = [
        ("/bin/sh -c #(nop) ADD file:1 in / ", false),
        ("/bin/sh -c #(nop)  CMD [\"bash\"]", true),
        ("RUN /bin/sh -c apt-get install -y x # buildkit", false),
        ("ENTRYPOINT [\"/x\"]", true),
        ("CMD [\"y\"]", true),
    ];

    #[test]
    fn another_subject_whose_layers_lie_below_proves_the_base() {
        let facts = with(&["a", "b", "c"], &BUILT);
        let base = with(&["a", "b"], &[]);
        let smaller = with(&["a"], &[]);
        let stranger = with(&["b"], &[]);
        let found =
            base_layers(&facts, &[("small", &smaller), ("base", &base), ("stranger", &stranger), ("same", &facts)]);
        assert_eq!((found.count, found.certain), (Some(2), true));
        assert!(found.why.contains("base"), "{}", found.why);
        assert_eq!((found.origin(Some(1)), found.origin(Some(2)), found.origin(None)), ("base", "own", "unknown"));
    }

    #[test]
    fn the_history_makes_it_likely_only() {
        let found = base_layers(&with(&["a", "b"], &BUILT), &[]);
        assert_eq!((found.count, found.certain), (Some(1), false));
        assert!(found.why.contains("line 2"), "{}", found.why);
    }

    #[test]
    fn without_a_sign_nothing_is_said() {
        assert_eq!(base_layers(&with(&["a", "b"], &[("imported", false), ("x", false)]), &[]).count, None);
        // The only CMD is the image's own.
        let own = [("ADD x / # buildkit", false), ("CMD [\"x\"]", true)];
        assert_eq!(base_layers(&with(&["a"], &own), &[]).count, None);
        assert_eq!(base_layers(&with(&["a", "b", "c"], &BUILT), &[]).count, None, "the history has two layers only");
    }
}
