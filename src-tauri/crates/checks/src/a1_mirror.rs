//! A1: what a mirror's word is worth. It answers in a registry's place, and counts only where the client approves it.

use plimsoll_catalog::OutcomeKind;
use plimsoll_registry::facts::Served;

use crate::Settings;
use crate::a1_written::approved_words;

/// How the facts call the mirror that the image itself was read from.
pub(crate) const BY_MIRROR: &str = "Answered by the mirror";

/// Whether an answer is the registry's own, or that of a mirror that the client approves.
pub(crate) fn vouched(served: &Served, settings: &Settings) -> bool {
    served.via.as_deref().is_none_or(|via| settings.approved_registry(host_of(via)).is_some())
}

/// The host of a mirror, which may be written as an address.
fn host_of(mirror: &str) -> &str {
    let rest = mirror.split_once("://").map_or(mirror, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// A pass that hangs on a mirror's word: it stands if the client approves the mirror, else it is undecided.
pub(crate) fn by_mirror(mirror: &str, asked: &str, settings: &Settings, sentence: String) -> (OutcomeKind, String) {
    match settings.approved_registry(host_of(mirror)) {
        Some(approved) => {
            let words = approved_words(approved);
            (OutcomeKind::Pass, format!("{sentence} The mirror {mirror} answered for it, and {words}."))
        }
        None => (
            OutcomeKind::Undecided,
            format!(
                "{sentence} But that is so only as served by the mirror {mirror}, which the client does not approve; ask {asked} itself, or have the mirror approved."
            ),
        ),
    }
}
