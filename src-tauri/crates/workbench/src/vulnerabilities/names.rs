//! Severities, states, categories and layers in words.

use plimsoll_catalog::Language;

use crate::words::pick;

/// Severities, the worst first.
pub(crate) const SEVERITIES: [&str; 6] = ["critical", "high", "medium", "low", "none", "unknown"];
/// States, those that count first.
pub(crate) const STATES: [&str; 9] = [
    "affected",
    "acceptance_expired",
    "accepted",
    "fix_deferred",
    "will_not_fix",
    "end_of_life",
    "under_investigation",
    "fixed",
    "not_affected",
];

/// The place of a severity among [`SEVERITIES`].
pub(crate) fn severity_index(severity: &str) -> usize {
    SEVERITIES.iter().position(|known| *known == severity).unwrap_or(SEVERITIES.len() - 1)
}

/// The place of a state among [`STATES`].
pub(crate) fn state_index(state: &str) -> usize {
    STATES.iter().position(|known| *known == state).unwrap_or(STATES.len())
}

/// Whether a VEX statement or an acceptance made a state what it is.
pub(crate) fn is_treated(state: &str) -> bool {
    matches!(state, "not_affected" | "fixed" | "accepted" | "acceptance_expired" | "under_investigation")
}

pub(crate) fn severity(severity: &str, language: Language) -> &'static str {
    match severity {
        "critical" => pick(language, "Critical", "Kritisch"),
        "high" => pick(language, "High", "Hoch"),
        "medium" => pick(language, "Medium", "Mittel"),
        "low" => pick(language, "Low", "Niedrig"),
        "none" => pick(language, "None", "Keine"),
        _ => pick(language, "Unknown", "Unbekannt"),
    }
}

pub(crate) fn state(state: &str, language: Language) -> &'static str {
    match state {
        "affected" => pick(language, "Affected", "Betroffen"),
        "will_not_fix" => pick(language, "Will not be fixed", "Wird nicht behoben"),
        "fix_deferred" => pick(language, "Fix put off", "Behebung aufgeschoben"),
        "end_of_life" => pick(language, "Release past its end", "Version nicht mehr unterstützt"),
        "under_investigation" => pick(language, "Under investigation", "Wird untersucht"),
        "not_affected" => pick(language, "Not affected (VEX)", "Nicht betroffen (VEX)"),
        "fixed" => pick(language, "Fixed (VEX)", "Behoben (VEX)"),
        "accepted" => pick(language, "Accepted", "Akzeptiert"),
        "acceptance_expired" => pick(language, "Acceptance expired", "Akzeptanz abgelaufen"),
        _ => "",
    }
}

pub(crate) fn category(category: &str, language: Language) -> &'static str {
    match category {
        "os" => pick(language, "Operating system", "Betriebssystem"),
        "database" => pick(language, "Database", "Datenbank"),
        "language" => pick(language, "Language", "Programmiersprache"),
        "web" => pick(language, "Web component", "Web-Komponente"),
        "platform" => pick(language, "Application platform", "Anwendungsplattform"),
        _ => pick(language, "Without a category", "Ohne Kategorie"),
    }
}

pub(crate) fn origin(origin: &str, language: Language) -> &'static str {
    match origin {
        "base" => pick(language, "Base image", "Basis-Image"),
        "own" => pick(language, "The image's own layers", "Eigene Schichten"),
        _ => pick(language, "Not known", "Nicht bekannt"),
    }
}

pub(crate) fn fixable(fixable: bool, language: Language) -> &'static str {
    if fixable {
        pick(language, "With a fix", "Mit Korrektur")
    } else {
        pick(language, "Without a fix", "Ohne Korrektur")
    }
}

pub(crate) fn exploited(exploited: bool, language: Language) -> &'static str {
    if exploited {
        pick(language, "Known to be exploited", "Bekanntermaßen ausgenutzt")
    } else {
        pick(language, "Not known to be exploited", "Ausnutzung nicht bekannt")
    }
}

/// Who says something, in words.
pub(crate) fn source(source: &str) -> String {
    match source {
        "debian" => "Debian",
        "ubuntu" => "Ubuntu",
        "alpine" => "Alpine",
        "redhat" => "Red Hat",
        "almalinux" => "AlmaLinux",
        "rocky" => "Rocky Linux",
        "suse" => "SUSE",
        "github" => "GitHub",
        "pypa" => "PyPA",
        "go" => "Go",
        "rustsec" => "RustSec",
        "bitnami" => "Bitnami",
        "nvd" => "NVD",
        "openssf" => "OpenSSF",
        other => other,
    }
    .to_owned()
}

/// A layer in words: its number and the instruction that made it, shortened.
pub(crate) fn layer(number: usize, command: &str) -> String {
    let plain = command.trim_start_matches("/bin/sh -c ").trim_start_matches("#(nop) ").trim();
    let short: String = plain.chars().take(80).collect();
    let more = if short.len() < plain.len() { "…" } else { "" };
    if short.is_empty() { number.to_string() } else { format!("{number}: {short}{more}") }
}

/// That rows about kernel headers are not counted.
pub(crate) fn headers(count: usize, language: Language) -> String {
    match language {
        Language::En => format!("Matches about kernel headers, which do not run and are not counted: {count}."),
        Language::De => {
            format!("Treffer zu Kernel-Headern, die nicht ausgeführt werden und nicht zählen: {count}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_severity_has_a_name_in_both_languages() {
        for language in [Language::En, Language::De] {
            assert!(STATES.iter().all(|of| !state(of, language).is_empty()));
            assert!(SEVERITIES.iter().all(|of| !severity(of, language).is_empty()));
        }
        assert_eq!(layer(2, "/bin/sh -c apt-get update"), "2: apt-get update");
        assert_eq!(layer(1, ""), "1");
        assert!(layer(1, &"ä".repeat(100)).ends_with('…'));
    }
}
