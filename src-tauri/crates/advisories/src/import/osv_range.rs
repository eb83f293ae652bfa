//! OSV's events to ranges of versions.

use std::cmp::Ordering;

use super::osv_model::{Event, Text};
use crate::record::Span;
use crate::versions::{Scheme, compare};

/// What happens at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At<'a> {
    Introduced(&'a str),
    Fixed(&'a str),
    Last(&'a str),
}

impl<'a> At<'a> {
    fn version(self) -> &'a str {
        match self {
            At::Introduced(version) | At::Fixed(version) | At::Last(version) => version,
        }
    }
}

/// The ranges of an events list. The schema leaves the order of events open; as published they come in pairs, and are
/// then taken as they stand. Otherwise they are put in the ecosystem's order first. `limit` says nothing of versions.
pub(super) fn spans(events: &[Event<'_>], scheme: Option<Scheme>) -> Vec<Span> {
    fn text<'t>(field: &'t Option<Text<'_>>) -> Option<&'t str> {
        field.as_deref().map(str::trim).filter(|version| !version.is_empty())
    }
    let mut list = Vec::with_capacity(events.len());
    for event in events {
        list.extend(text(&event.introduced).map(At::Introduced));
        list.extend(text(&event.fixed).map(At::Fixed));
        list.extend(text(&event.last_affected).map(At::Last));
    }
    let in_pairs = list.iter().enumerate().all(|(index, at)| (index % 2 == 0) == matches!(at, At::Introduced(_)));
    if !in_pairs {
        sort(&mut list, scheme);
    }
    let mut spans = Vec::new();
    let mut open: Option<Option<&str>> = None;
    let mut closed_any = false;
    for at in list {
        match at {
            At::Introduced(version) if open.is_none() => open = Some((version != "0").then_some(version)),
            At::Introduced(_) => {}
            // An end without a beginning: affected from the first version on, when it is the first event.
            At::Fixed(_) | At::Last(_) if open.is_none() && closed_any => {}
            At::Fixed(version) => {
                let introduced = open.take().flatten().map(str::to_owned);
                spans.push(Span { introduced, fixed: Some(version.to_owned()), last_affected: None });
                closed_any = true;
            }
            At::Last(version) => {
                let introduced = open.take().flatten().map(str::to_owned);
                spans.push(Span { introduced, fixed: None, last_affected: Some(version.to_owned()) });
                closed_any = true;
            }
        }
    }
    if let Some(introduced) = open {
        spans.push(Span { introduced: introduced.map(str::to_owned), fixed: None, last_affected: None });
    }
    spans
}

/// Puts events into the ecosystem's order where every version is one; else leaves them as they are.
fn sort(list: &mut [At<'_>], scheme: Option<Scheme>) {
    let Some(scheme) = scheme else { return };
    let is_version = |version: &str| version == "0" || compare(scheme, version, version) == Some(Ordering::Equal);
    if !list.iter().all(|at| is_version(at.version())) {
        return;
    }
    // What ends at a version comes before what begins there; a last affected version is itself affected.
    let rank = |at: &At<'_>| match at {
        At::Fixed(_) => 0,
        At::Introduced(_) => 1,
        At::Last(_) => 2,
    };
    list.sort_by(|a, b| {
        let order = match (a.version(), b.version()) {
            ("0", "0") => Ordering::Equal,
            ("0", _) => Ordering::Less,
            (_, "0") => Ordering::Greater,
            (x, y) => compare(scheme, x, y).unwrap_or(Ordering::Equal),
        };
        order.then(rank(a).cmp(&rank(b)))
    });
}

/// Whether a version surely lies in one of the ranges. False when it cannot be told.
pub(super) fn covers(spans: &[Span], version: &str, scheme: Scheme) -> bool {
    spans.iter().any(|span| {
        let at_least = |low: &String| matches!(compare(scheme, low, version), Some(Ordering::Less | Ordering::Equal));
        let from = span.introduced.as_ref().is_none_or(at_least);
        let to = match (&span.fixed, &span.last_affected) {
            (Some(fixed), _) => compare(scheme, version, fixed) == Some(Ordering::Less),
            (None, Some(last)) => {
                matches!(compare(scheme, version, last), Some(Ordering::Less | Ordering::Equal))
            }
            // Without an end the version must at least be one, or matching could not place it in the range.
            (None, None) => compare(scheme, version, version).is_some(),
        };
        from && to
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event<'a>(kind: &str, version: &'a str) -> Event<'a> {
        let text = |wanted: &str| (kind == wanted).then(|| Text(version.into()));
        Event { introduced: text("i"), fixed: text("f"), last_affected: text("l") }
    }

    fn of(events: &[(&str, &str)], scheme: Option<Scheme>) -> Vec<String> {
        let events: Vec<_> = events.iter().map(|(kind, version)| event(kind, version)).collect();
        spans(&events, scheme)
            .into_iter()
            .map(|span| {
                format!(
                    "{}..{}{}",
                    span.introduced.unwrap_or_default(),
                    span.fixed.unwrap_or_default(),
                    span.last_affected.map(|last| format!("={last}")).unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn pairs_of_events_become_ranges() {
        assert_eq!(of(&[("i", "0"), ("f", "1.2")], None), ["..1.2"]);
        assert_eq!(
            of(&[("i", "1"), ("f", "1.2"), ("i", "2"), ("l", "2.5"), ("i", "3")], None),
            ["1..1.2", "2..=2.5", "3.."]
        );
        assert_eq!(of(&[], None), Vec::<String>::new());
        assert_eq!(of(&[("f", "1.2")], None), ["..1.2"]);
        assert_eq!(of(&[("i", "0"), ("f", "1.2"), ("f", "2.0")], None), ["..1.2"]);
    }
}
