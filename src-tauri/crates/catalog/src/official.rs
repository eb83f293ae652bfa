//! Docker's official images: which names Docker builds and publishes under `docker.io/library/`, as of a day.
//!
//! A name on the list says that Docker Hub's image of that name is official. It does not say that an image that bears
//! the name is that image.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The day that the list is of.
pub const OFFICIAL_AS_OF: &str = "2026-08-21";
/// The commit of `docker-library/official-images` that the list is of.
pub const OFFICIAL_COMMIT: &str = "37079fb336f572a88700cf32e5e1f6be54a04e8f";

const DATA: &str = include_str!("../data/official-images.tsv");

/// What is known of an official name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Official {
    /// Its documentation calls it deprecated; it is, or was until its removal, still built.
    pub deprecated: bool,
    /// The day, `YYYY-MM-DD`, on which it was taken from the list. Docker Hub still serves what was built until then.
    pub removed: Option<&'static str>,
}

static NAMES: LazyLock<BTreeMap<&'static str, Official>> = LazyLock::new(|| {
    let lines = DATA.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (name, state) = (fields.next()?, fields.next()?);
            let removed = fields.next().filter(|day| !day.is_empty());
            Some((name, Official { deprecated: state == "deprecated", removed }))
        })
        .collect()
});

/// What is known of a name under `docker.io/library/` (`nginx`). None: it is on no list, neither now nor before.
#[must_use]
pub fn official(name: &str) -> Option<Official> {
    NAMES.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_sources_is_there() {
        let count = |wanted: fn(&Official) -> bool| NAMES.values().filter(|it| wanted(it)).count();
        assert_eq!(count(|it| it.removed.is_none()), 144);
        assert_eq!(count(|it| it.deprecated), 13);
        assert_eq!(count(|it| it.removed.is_some()), 42);
        assert!(DATA.contains(OFFICIAL_AS_OF) && DATA.contains(OFFICIAL_COMMIT));
        assert!(NAMES.values().filter_map(|it| it.removed).all(|day| day.len() == 10 && day < OFFICIAL_AS_OF));
    }

    #[test]
    fn names_are_told_apart() {
        assert_eq!(official("nginx"), Some(Official { deprecated: false, removed: None }));
        assert_eq!(official("openjdk"), Some(Official { deprecated: true, removed: None }));
        assert_eq!(official("centos"), Some(Official { deprecated: false, removed: Some("2024-07-29") }));
        assert_eq!(official("rocket.chat"), Some(Official { deprecated: false, removed: None }));
        assert_eq!(official("shop"), None);
        assert_eq!(official(""), None);
    }
}
