//! Words of OSV's many databases brought into ours: who speaks, which name is meant, how severe it is.

use crate::record::{NameKind, Word};

/// Who speaks, by the id's prefix; for a bare CVE id, the ecosystem's own.
pub(super) fn source(id: &str, ecosystem: Option<&str>) -> String {
    let prefix: String = id.chars().take_while(|c| !matches!(c, '-' | ':' | '_')).take(40).collect();
    let known = match prefix.to_ascii_uppercase().as_str() {
        "GHSA" => "github",
        "PYSEC" => "pypa",
        "GO" => "go",
        "RUSTSEC" => "rustsec",
        "ALSA" | "ALBA" | "ALEA" => "almalinux",
        "RLSA" | "RXSA" => "rocky",
        "RHSA" | "RHBA" | "RHEA" => "redhat",
        "DEBIAN" | "DSA" | "DLA" | "DTSA" => "debian",
        "UBUNTU" | "USN" | "LSN" => "ubuntu",
        "ALPINE" => "alpine",
        "BIT" => "bitnami",
        "MAL" => "openssf",
        "SUSE" | "OPENSUSE" => "suse",
        "MGASA" => "mageia",
        "CGA" => "chainguard",
        "PSF" => "psf",
        "CVE" => return ecosystem.map_or_else(|| "cve".to_owned(), of_ecosystem),
        _ => return prefix.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase(),
    };
    known.to_owned()
}

/// Who speaks of an ecosystem first.
fn of_ecosystem(ecosystem: &str) -> String {
    match base(ecosystem) {
        "Debian" => "debian",
        "Ubuntu" => "ubuntu",
        "Alpine" => "alpine",
        "AlmaLinux" => "almalinux",
        "Rocky Linux" => "rocky",
        "Red Hat" => "redhat",
        "SUSE" | "openSUSE" => "suse",
        "Bitnami" => "bitnami",
        "Go" => "go",
        "crates.io" => "rustsec",
        "PyPI" => "pypa",
        "npm" | "Maven" | "RubyGems" | "Packagist" | "NuGet" => "github",
        other => return other.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase(),
    }
    .to_owned()
}

/// The ecosystem that a record without affected packages belongs to, by its id's prefix.
pub(super) fn ecosystem_of_id(id: &str) -> Option<&'static str> {
    Some(match source(id, None).as_str() {
        "pypa" => "PyPI",
        "go" => "Go",
        "rustsec" => "crates.io",
        "almalinux" => "AlmaLinux",
        "rocky" => "Rocky Linux",
        "redhat" => "Red Hat",
        "debian" => "Debian",
        "ubuntu" => "Ubuntu",
        "alpine" => "Alpine",
        "bitnami" => "Bitnami",
        "suse" => "SUSE",
        "mageia" => "Mageia",
        "chainguard" => "Chainguard",
        _ => return None,
    })
}

/// An ecosystem without its release.
pub(super) fn base(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

/// Which of a package's names OSV uses in an ecosystem. AlmaLinux's files carry binary names though the schema says
/// source, and Red Hat's both: there neither is ruled out.
pub(super) fn kind(ecosystem: &str) -> NameKind {
    match base(ecosystem) {
        "Debian" | "Ubuntu" | "Alpine" | "Echo" => NameKind::Source,
        _ => NameKind::Either,
    }
}

/// Whether OSV's data on an ecosystem list flaws that have no fix.
pub(super) fn with_unfixed(ecosystem: &str) -> bool {
    !matches!(
        base(ecosystem),
        "Alpine"
            | "AlmaLinux"
            | "Rocky Linux"
            | "Red Hat"
            | "SUSE"
            | "openSUSE"
            | "Mageia"
            | "openEuler"
            | "Azure Linux"
            | "Wolfi"
            | "Chainguard"
            | "MinimOS"
    )
}

/// A feed's name for people.
pub(super) fn title(base: &str) -> String {
    match base {
        "PyPI" => "Python packages (OSV)".to_owned(),
        "Go" => "Go vulnerability database (OSV)".to_owned(),
        "crates.io" => "Rust crates (OSV)".to_owned(),
        "Debian" | "Ubuntu" | "Alpine" | "AlmaLinux" | "Rocky Linux" | "Red Hat" | "SUSE" | "openSUSE" => {
            format!("{base} advisories (OSV)")
        }
        "Bitnami" => "Bitnami vulnerability database (OSV)".to_owned(),
        "npm" | "Maven" | "RubyGems" | "Packagist" | "NuGet" => format!("{base} packages (OSV)"),
        "GIT" => "Records on source code alone (OSV)".to_owned(),
        _ => format!("{base} (OSV)"),
    }
}

/// A severity's word, however a source writes it; none for what is no such word.
pub(super) fn word(said: &str) -> Option<Word> {
    Some(match said.trim().to_ascii_lowercase().as_str() {
        "critical" => Word::Critical,
        "high" | "important" => Word::High,
        "medium" | "moderate" => Word::Medium,
        "low" | "minor" => Word::Low,
        "none" | "negligible" | "unimportant" => Word::None,
        _ => return None,
    })
}

/// Whether a word is ours already, so that it need not be kept beside.
pub(super) fn is_plain(said: &str) -> bool {
    matches!(said.trim().to_ascii_lowercase().as_str(), "critical" | "high" | "medium" | "low" | "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_an_id_tells_who_speaks() {
        for (id, ecosystem, expected) in [
            ("GHSA-aaaa-bbbb-cccc", None, "github"),
            ("ALSA-2025:1", None, "almalinux"),
            ("DEBIAN-CVE-2024-1", None, "debian"),
            ("openSUSE-SU-2024:1", None, "suse"),
            ("CVE-2024-1", Some("Bitnami"), "bitnami"),
            ("CVE-2024-1", Some("Alpine:3.19"), "alpine"),
            ("CVE-2024-1", None, "cve"),
            ("OESA-2024-1", None, "oesa"),
        ] {
            assert_eq!(source(id, ecosystem), expected, "{id}");
        }
    }

    #[test]
    fn words_of_sources_come_into_ours() {
        assert_eq!(word(" Important "), Some(Word::High));
        assert_eq!(word("MODERATE"), Some(Word::Medium));
        assert_eq!(word("unimportant"), Some(Word::None));
        assert_eq!(word("not yet assigned"), None);
    }
}
