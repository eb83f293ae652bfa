//! Words and figures for people, in both languages.

use plimsoll_catalog::verdict::DecidedBy;
use plimsoll_catalog::{Conclusion, Language, SubjectKind, Verdict};

/// One of two texts.
pub(crate) fn pick(language: Language, en: &'static str, de: &'static str) -> &'static str {
    match language {
        Language::En => en,
        Language::De => de,
    }
}

/// Bytes for people, with the language's decimal mark.
pub(crate) fn bytes(number: u64, language: Language) -> String {
    let text = plimsoll_checks::figures::bytes(number);
    if language == Language::De { text.replace('.', ",") } else { text }
}

/// A percentage with one digit.
pub(crate) fn percent(share: f64, language: Language) -> String {
    let text = format!("{:.1} %", share * 100.0);
    if language == Language::De { text.replace('.', ",") } else { text }
}

pub(crate) fn kind(kind: SubjectKind, language: Language) -> &'static str {
    match kind {
        SubjectKind::Image => "Image",
        SubjectKind::Dockerfile => "Dockerfile",
        SubjectKind::Compose => pick(language, "Compose file", "Compose-Datei"),
        SubjectKind::Container => "Container",
        SubjectKind::Host => "Host",
        SubjectKind::Registry => "Registry",
        SubjectKind::Sbom => pick(language, "Bill of materials", "Stückliste (SBOM)"),
        SubjectKind::Solution => pick(language, "Solution", "Lösung"),
    }
}

pub(crate) fn conclusion(conclusion: Conclusion, language: Language) -> &'static str {
    match conclusion {
        Conclusion::Satisfied => pick(language, "Satisfied", "Erfüllt"),
        Conclusion::NotSatisfied => pick(language, "Not satisfied", "Nicht erfüllt"),
        Conclusion::NotApplicable => pick(language, "Not applicable", "Nicht anwendbar"),
        Conclusion::Inconclusive => pick(language, "Inconclusive", "Ohne Ergebnis"),
    }
}

/// One sentence that says what a requirement's verdict rests on.
pub(crate) fn basis(concluded: &plimsoll_catalog::verdict::Concluded, language: Language) -> String {
    let c = concluded;
    let text = match (c.verdict, c.decided_by) {
        _ if c.conflict => pick(
            language,
            "A check fails and the auditor concludes otherwise; without an approved exception the failure stands.",
            "Eine Prüfung fällt durch, der Auditor urteilt anders; ohne genehmigte Ausnahme gilt der Fehlschlag.",
        ),
        (Verdict::Satisfied, DecidedBy::Check) => pick(language, "Passed by check.", "Durch Prüfung bestanden."),
        (Verdict::NotSatisfied, DecidedBy::Check) => {
            pick(language, "Failed by check.", "Durch Prüfung nicht bestanden.")
        }
        (Verdict::NotApplicable, DecidedBy::Check) => {
            pick(language, "Not applicable by check.", "Laut Prüfung nicht anwendbar.")
        }
        (_, DecidedBy::Auditor) => pick(language, "Decided by the auditor.", "Durch den Auditor entschieden."),
        _ if c.indication => pick(
            language,
            "Open: a check gives an indication of a failure; a person must look at it.",
            "Offen: Eine Prüfung deutet auf einen Mangel hin; ein Mensch muss es ansehen.",
        ),
        _ if c.stale => pick(
            language,
            "Open: what the decision rested on has changed.",
            "Offen: Die Grundlage der Entscheidung hat sich geändert.",
        ),
        _ => pick(language, "Open: nobody has decided it.", "Offen: Niemand hat es entschieden."),
    };
    text.to_owned()
}

/// A use case as a word; empty for none.
pub(crate) fn use_case(id: Option<plimsoll_catalog::UseCaseId>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
