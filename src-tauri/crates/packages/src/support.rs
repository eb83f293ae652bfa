//! When distributions stop getting security fixes, as far as it is certain; see `FROM` for the table's own date.

use crate::model::{OsRelease, SupportEnd};

/// Where a date comes from.
const FROM: &str = "Plimsoll's table of 2026-11";

/// `ID`, version, end of regular support, end of the extended one that is for everyone.
///
/// Sources: the projects' own release pages and Debian's `distro-info-data`. Extended support that must be bought or
/// subscribed to (Ubuntu Pro, RHEL ELS, SUSE LTSS) is none that an image has by itself, so it is left out.
const TABLE: &[(&str, &str, &str, Option<&str>)] = &[
    ("debian", "8", "2018-06-17", Some("2020-06-30")),
    ("debian", "9", "2020-07-18", Some("2022-06-30")),
    ("debian", "10", "2022-09-10", Some("2024-06-30")),
    ("debian", "11", "2024-08-14", Some("2026-08-31")),
    ("debian", "12", "2026-07-11", Some("2028-06-30")),
    ("debian", "13", "2028-08-09", Some("2030-06-30")),
    ("ubuntu", "14.04", "2019-04-25", None),
    ("ubuntu", "16.04", "2021-04-30", None),
    ("ubuntu", "18.04", "2023-05-31", None),
    ("ubuntu", "20.04", "2025-05-29", None),
    ("ubuntu", "20.10", "2021-07-22", None),
    ("ubuntu", "21.04", "2022-01-20", None),
    ("ubuntu", "21.10", "2022-07-14", None),
    ("ubuntu", "22.04", "2027-06-01", None),
    ("ubuntu", "22.10", "2023-07-20", None),
    ("ubuntu", "23.04", "2024-01-25", None),
    ("ubuntu", "23.10", "2024-07-11", None),
    ("ubuntu", "24.04", "2029-05-31", None),
    ("ubuntu", "24.10", "2025-07-10", None),
    ("ubuntu", "25.04", "2026-01-15", None),
    ("ubuntu", "25.10", "2026-07-09", None),
    ("ubuntu", "26.04", "2031-05-29", None),
    ("ubuntu", "26.10", "2027-07-15", None),
    ("alpine", "3.10", "2021-05-01", None),
    ("alpine", "3.11", "2021-11-01", None),
    ("alpine", "3.12", "2022-05-01", None),
    ("alpine", "3.13", "2022-11-01", None),
    ("alpine", "3.14", "2023-05-01", None),
    ("alpine", "3.15", "2023-11-01", None),
    ("alpine", "3.16", "2024-05-23", None),
    ("alpine", "3.17", "2024-11-22", None),
    ("alpine", "3.18", "2025-05-09", None),
    ("alpine", "3.19", "2025-11-01", None),
    ("alpine", "3.20", "2026-04-01", None),
    ("alpine", "3.21", "2026-11-01", None),
    ("alpine", "3.22", "2027-05-01", None),
    ("rhel", "6", "2020-11-30", None),
    ("rhel", "7", "2024-06-30", None),
    ("rhel", "8", "2029-05-31", None),
    ("rhel", "9", "2032-05-31", None),
    ("rhel", "10", "2035-05-31", None),
    ("centos", "6", "2020-11-30", None),
    ("centos", "7", "2024-06-30", None),
    ("centos", "8", "2021-12-31", None),
    ("centos-stream", "8", "2024-05-31", None),
    ("centos-stream", "9", "2027-05-31", None),
    ("rocky", "8", "2029-05-31", None),
    ("rocky", "9", "2032-05-31", None),
    ("rocky", "10", "2035-05-31", None),
    ("almalinux", "8", "2029-05-31", None),
    ("almalinux", "9", "2032-05-31", None),
    ("almalinux", "10", "2035-05-31", None),
    ("fedora", "36", "2023-05-16", None),
    ("fedora", "37", "2023-12-05", None),
    ("fedora", "38", "2024-05-21", None),
    ("fedora", "39", "2024-11-26", None),
    ("fedora", "40", "2025-05-13", None),
    ("amzn", "2018.03", "2023-12-31", None),
    ("amzn", "2", "2026-06-30", None),
    ("amzn", "2023", "2029-06-30", None),
    ("opensuse-leap", "15.3", "2022-12-31", None),
    ("opensuse-leap", "15.4", "2023-12-07", None),
    ("opensuse-leap", "15.5", "2024-12-31", None),
    ("opensuse-leap", "15.6", "2026-04-30", None),
    ("sles", "12.5", "2024-10-31", None),
    ("sles", "15", "2019-12-31", None),
    ("sles", "15.1", "2021-01-31", None),
    ("sles", "15.2", "2021-12-31", None),
    ("sles", "15.3", "2022-12-31", None),
    ("sles", "15.4", "2023-12-31", None),
    ("sles", "15.5", "2024-12-31", None),
    ("sles", "15.6", "2025-12-31", None),
    ("sles", "15.7", "2031-07-31", None),
];

/// What the table knows of a release.
#[must_use]
pub fn end_of(os: &OsRelease) -> Option<SupportEnd> {
    let version = os.version_id.as_deref()?;
    let mut parts = version.split('.');
    let major = parts.next()?;
    // How many parts of the version make a release: 9.4 is a state of RHEL 9, 3.20.3 one of Alpine 3.20, but Ubuntu
    // 24.10 is a release of its own.
    let release = match os.id.as_str() {
        "debian" | "rhel" | "centos" | "rocky" | "almalinux" | "fedora" => major.to_owned(),
        "alpine" => format!("{major}.{}", parts.next()?),
        _ => version.to_owned(),
    };
    let is_stream = os.pretty_name.as_deref().is_some_and(|name| name.contains("Stream"));
    // CentOS Linux and CentOS Stream share an ID; Linux 9 never was.
    let id = if os.id == "centos" && (is_stream || major == "9") { "centos-stream" } else { os.id.as_str() };
    let &(_, _, standard, extended) = TABLE.iter().find(|(known, of, _, _)| *known == id && *of == release)?;
    Some(SupportEnd { standard: standard.to_owned(), extended: extended.map(str::to_owned), from: FROM.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(id: &str, version: &str, pretty: &str) -> Option<String> {
        let os = OsRelease {
            id: id.to_owned(),
            version_id: Some(version.to_owned()),
            pretty_name: Some(pretty.to_owned()),
            ..OsRelease::default()
        };
        end_of(&os).map(|end| end.standard)
    }

    #[test]
    fn releases_are_found_by_the_parts_that_count() {
        assert_eq!(end("alpine", "3.20.3", "").as_deref(), Some("2026-04-01"));
        assert_eq!(end("rhel", "9.4", "").as_deref(), Some("2032-05-31"));
        assert_eq!(end("ubuntu", "24.10", "").as_deref(), Some("2025-07-10"));
        assert_eq!(end("ubuntu", "24", ""), None);
        assert_eq!(end("alpine", "3", ""), None);
        assert_eq!(end("debian", "99", ""), None);
    }

    #[test]
    fn centos_stream_is_not_centos_linux() {
        assert_eq!(end("centos", "8", "CentOS Linux 8").as_deref(), Some("2021-12-31"));
        assert_eq!(end("centos", "8", "CentOS Stream 8").as_deref(), Some("2024-05-31"));
    }

    #[test]
    fn the_table_is_well_formed() {
        for (at, (id, version, standard, extended)) in TABLE.iter().enumerate() {
            let later = TABLE.iter().skip(at + 1);
            assert_eq!(
                later.filter(|row| row.0 == *id && row.1 == *version).count(),
                0,
                "{id} {version} is there twice"
            );
            assert!(extended.is_none_or(|extended| extended > *standard), "{id} {version}");
        }
    }
}
