//! What a report says of the trust in an image, and of what a registry answered.

use plimsoll_catalog::Language;
use plimsoll_checks::{Facts, Settings};
use plimsoll_report::content as report;
use plimsoll_trust::Pinned;

use crate::registries::probes_view;
use crate::trust_layout;
use crate::trust_page::parts;
use crate::trust_view::{ChainLinkView, LookupView, SignerView, TrustSection, VerdictView};
use crate::words::pick;

/// The tone of a view as the report marks it.
fn tone(word: &str) -> report::Tone {
    match word {
        "good" => report::Tone::Good,
        "bad" => report::Tone::Bad,
        "open" => report::Tone::Open,
        "unknown" => report::Tone::Unknown,
        _ => report::Tone::Nothing,
    }
}

/// RFC 3339 in UTC as reports print a moment: `2026-11-24 08:12:09 UTC`. Anything else stays as it is.
fn moment(text: &str) -> String {
    match text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
        Some((day, time)) => format!("{day} {} UTC", time.split('.').next().unwrap_or(time)),
        None => text.to_owned(),
    }
}

/// The trust in an image or in the base images of a Dockerfile; none for what has neither.
pub(crate) fn trust_sheet(
    facts: &Facts,
    settings: &Settings,
    pins: &[(String, Pinned)],
    language: Language,
) -> Option<report::TrustSheet> {
    if facts.image.is_none() && facts.bases.is_empty() {
        return None;
    }
    let parts = parts(facts, settings, pins, language);
    let own = facts.image.is_some();
    let sections = parts.sections.iter().skip(usize::from(!own));
    let summary = if own {
        parts.summary
    } else {
        pick(
            language,
            "A Dockerfile is not signed itself; what its base images are worth stands below.",
            "Ein Dockerfile wird selbst nicht signiert; was seine Basis-Images wert sind, steht unten.",
        )
        .to_owned()
    };
    let mut lines: Vec<report::TrustPart> = sections.map(|section| part(section, language)).collect();
    if let Some(first) = lines.first_mut().filter(|_| own) {
        let official = official(facts, language);
        first.facts.push((pick(language, "Official image", "Offizielles Image").to_owned(), official));
    }
    Some(report::TrustSheet {
        summary,
        tone: if own { tone(parts.tone) } else { report::Tone::Nothing },
        notice: parts.notice.to_owned(),
        parts: lines,
        pins: parts
            .pins
            .into_iter()
            .map(|pin| report::PinLine {
                repository: pin.gun,
                root: pin.root,
                first_seen: moment(&pin.first_seen),
                last_seen: moment(&pin.last_seen),
            })
            .collect(),
    })
}

/// What is known of the image as one of Docker's official ones: names and what is served under them, compared by
/// digest. Check A1 judges it.
fn official(facts: &Facts, language: Language) -> String {
    use plimsoll_trust::Looked;
    if facts.official.is_empty() {
        return pick(
            language,
            "It bears no name of one of Docker's official images.",
            "Es trägt keinen Namen eines offiziellen Docker-Images.",
        )
        .to_owned();
    }
    let image = facts.image.as_ref();
    let known: Vec<&str> = facts
        .trust
        .iter()
        .flat_map(|trust| trust.digests.iter().map(String::as_str))
        .chain(image.and_then(|image| image.digest.as_deref()))
        .chain(facts.registry_digests.iter().filter_map(|text| text.split_once('@').map(|(_, digest)| digest)))
        .collect();
    let is_it = |served: &plimsoll_registry::facts::Served| {
        known.contains(&served.digest.as_str())
            || served.images.iter().any(|one| {
                known.contains(&one.digest.as_str()) || image.is_some_and(|image| image.config_digest == one.config)
            })
    };
    let sentences = facts.official.iter().map(|lookup| {
        let name = &lookup.reference;
        match (&lookup.looked, &lookup.served, language) {
            (_, Some(served), Language::En) if is_it(served) => format!("Docker Hub serves it as {name}."),
            (_, Some(served), Language::De) if is_it(served) => format!("Docker Hub liefert es als {name} aus."),
            (_, Some(served), Language::En) => format!("Docker Hub serves another image as {name}: {}.", served.digest),
            (_, Some(served), Language::De) => {
                format!("Docker Hub liefert als {name} ein anderes Image aus: {}.", served.digest)
            }
            (Looked::Absent, None, Language::En) => format!("Docker Hub has no {name}."),
            (Looked::Absent, None, Language::De) => format!("Docker Hub hat kein {name}."),
            (Looked::Refused(why) | Looked::Failed(why) | Looked::NotTried(why), None, Language::En) => {
                format!("{name} was not compared: {why}")
            }
            (Looked::Refused(why) | Looked::Failed(why) | Looked::NotTried(why), None, Language::De) => {
                format!("{name} wurde nicht verglichen: {why}")
            }
            (Looked::Found, None, Language::En) => format!("{name} was not compared."),
            (Looked::Found, None, Language::De) => format!("{name} wurde nicht verglichen."),
        }
    });
    sentences.collect::<Vec<_>>().join(" ")
}

fn part(section: &TrustSection, language: Language) -> report::TrustPart {
    let title = match (section.named_by.as_str(), language) {
        ("", _) => section.title.clone(),
        (by, Language::En) => format!("{}, named {by}", section.title),
        (by, Language::De) => format!("{}, genannt {by}", section.title),
    };
    let mut facts = Vec::new();
    let mut add = |en, de, value: &str| {
        if !value.is_empty() {
            facts.push((pick(language, en, de).to_owned(), value.to_owned()));
        }
    };
    add("Reference", "Referenz", &section.reference);
    for digest in &section.digests {
        add("Digest", "Digest", digest);
    }
    add("Looked up", "Abgefragt", &moment(&section.at));
    // That of the image itself is compared, see `official`.
    if !section.named_by.is_empty() {
        add("In its registry", "In seiner Registry", &section.official);
    }
    let shared = shared(&section.lookups);
    report::TrustPart {
        title,
        facts,
        signatures: section.verdicts.iter().map(|verdict| signature(verdict, language)).collect(),
        lookups: section.lookups.iter().map(|lookup| place(lookup, &shared, language)).collect(),
        places: in_words(&shared, language),
    }
}

/// A place in a layout, which is recorded in English, in the reader's language.
fn in_words(place: &str, language: Language) -> String {
    if language == Language::En {
        return place.to_owned();
    }
    let words = [
        (trust_layout::HERE, "in diesem Layout, das nicht alles enthalten muss, was seine Registry hat"),
        ("in this layout", "in diesem Layout"),
        ("manifests with the subject", "Manifeste über"),
        ("attestations in the image's index", "Attestierungen im Index des Images"),
    ];
    for (en, de) in words {
        if let Some(rest) = place.strip_prefix(en) {
            return format!("{de}{rest}");
        }
    }
    place.to_owned()
}

/// Where all places are, when they begin alike: `in this layout, …: sha256-….sig`.
fn shared(lookups: &[LookupView]) -> String {
    let head = |lookup: &LookupView| lookup.place.split_once(": ").map(|(head, _)| head.to_owned());
    match lookups.first().and_then(head) {
        Some(first) if lookups.iter().all(|lookup| head(lookup).as_ref() == Some(&first)) => first,
        _ => String::new(),
    }
}

fn place(lookup: &LookupView, shared: &str, language: Language) -> report::LookupLine {
    let place = match lookup.place.split_once(": ") {
        Some((head, tail)) if head == shared => tail.to_owned(),
        _ => lookup.place.clone(),
    };
    let (tone, answer) = match lookup.answer.as_str() {
        "found" => (None, pick(language, "found", "vorhanden")),
        "absent" => (Some(report::Tone::Nothing), pick(language, "absent", "nicht vorhanden")),
        "refused" => (Some(report::Tone::Unknown), pick(language, "refused", "verweigert")),
        "failed" => (Some(report::Tone::Unknown), pick(language, "failed", "fehlgeschlagen")),
        _ => (Some(report::Tone::Open), pick(language, "not asked", "nicht gefragt")),
    };
    report::LookupLine {
        place: in_words(&place, language),
        tone,
        answer: answer.to_owned(),
        reason: lookup.reason.clone(),
    }
}

fn signature(verdict: &VerdictView, language: Language) -> report::SignatureLine {
    let name = if verdict.scheme == "attestation" {
        pick(language, "Attestation", "Attestierung").to_owned()
    } else {
        verdict.name.clone()
    };
    let scheme = if verdict.predicate.is_empty() { name } else { format!("{name} ({})", verdict.predicate) };
    let mut details = Vec::new();
    let mut add = |en, de, value: String| {
        if !value.is_empty() {
            details.push((pick(language, en, de).to_owned(), value));
        }
    };
    for SignerView { name, keys, issuer, not_after } in &verdict.signers {
        let issued = match language {
            _ if issuer.is_empty() => String::new(),
            Language::En => format!(", issued by {issuer}"),
            Language::De => format!(", ausgestellt von {issuer}"),
        };
        add("Signed by", "Signiert von", format!("{name}{issued}"));
        for key in keys {
            add("Key", "Schlüssel", key.clone());
        }
        add("Key until", "Schlüssel bis", moment(not_after));
    }
    // Of what is not there, the places stand below.
    let is_there = !matches!(verdict.state.as_str(), "unsigned" | "unreachable");
    add("Signed digest", "Signiert ist", verdict.digest.clone());
    add("Signed at", "Signiert am", moment(&verdict.signed_at));
    add("Valid until", "Gültig bis", moment(&verdict.expires));
    add("Place", "Ort", if is_there { in_words(&verdict.place, language) } else { String::new() });
    report::SignatureLine {
        tone: if verdict.state == "unreachable" { report::Tone::Unknown } else { tone(&verdict.tone) },
        label: if verdict.scheme == "attestation" && verdict.state == "unsigned" {
            pick(language, "None", "Keine").to_owned()
        } else {
            verdict.label.clone()
        },
        scheme,
        reason: verdict.reason.clone(),
        details,
        notes: verdict.notes.clone(),
        chain: if is_there { verdict.chain.iter().map(link).collect() } else { Vec::new() },
    }
}

fn link(link: &ChainLinkView) -> report::ChainLine {
    report::ChainLine {
        tone: match link.holds {
            Some(true) => report::Tone::Good,
            Some(false) => report::Tone::Bad,
            None => report::Tone::Nothing,
        },
        title: link.title.clone(),
        details: link.details.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(" · "),
        problem: link.problem.clone(),
    }
}

/// What a registry answered; none for other subjects.
pub(crate) fn probe_sheet(facts: &Facts, language: Language) -> Option<report::ProbeSheet> {
    let registry = facts.registry.as_ref()?;
    let view = probes_view(registry, language);
    let connection = match view.connection.as_str() {
        "https" => "HTTPS",
        "plain-http" => pick(language, "plain HTTP", "unverschlüsseltes HTTP"),
        _ => pick(language, "none: the registry did not answer", "keine: Die Registry hat nicht geantwortet"),
    };
    let mut rows = vec![(pick(language, "Connection", "Verbindung").to_owned(), connection.to_owned())];
    let mut add = |en, de, value: &str| {
        if !value.is_empty() {
            rows.push((pick(language, en, de).to_owned(), value.to_owned()));
        }
    };
    add("Problem of TLS", "Problem mit TLS", &view.tls_problem);
    add("Authentication", "Anmeldung", &view.auth);
    add("Asked as", "Gefragt als", registry.credentials.as_deref().unwrap_or_default());
    for certificate in &view.certificates {
        add("Certificate", "Zertifikat", &certificate.subject);
    }
    if let Some(own) = registry.tls.as_ref().and_then(|tls| tls.chain.first()) {
        add("Certificate until", "Zertifikat bis", &moment(&own.not_after));
    }
    rows.extend(view.tls);
    rows.extend(registry.settings.iter().cloned());
    Some(report::ProbeSheet {
        facts: rows,
        probes: view
            .rows
            .into_iter()
            .map(|row| report::ProbeLine {
                asked: row.asked,
                request: row.request,
                tone: tone(&row.tone),
                answer: row.answer,
                at: row.at,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_printed_as_people_read_them() {
        assert_eq!(moment("2026-11-24T08:12:09.123Z"), "2026-11-24 08:12:09 UTC");
        assert_eq!(moment(""), "");
        assert_eq!(moment("tomorrow"), "tomorrow");
    }

    #[test]
    fn what_all_places_share_is_said_once() {
        let lookup = |place: &str| LookupView {
            name: "cosign".into(),
            place: place.into(),
            answer: "absent".into(),
            reason: String::new(),
        };
        let places = [lookup("here: a.sig"), lookup("here: a.att")];
        assert_eq!(shared(&places), "here");
        assert_eq!(place(&places[0], "here", Language::En).place, "a.sig");
        let mixed = [lookup("here: a.sig"), lookup("https://r.example/v2/")];
        assert_eq!(shared(&mixed), "");
        assert_eq!(place(&mixed[0], "", Language::De).place, "here: a.sig");
    }
}
