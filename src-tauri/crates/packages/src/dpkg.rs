//! dpkg and apt: `status` (and distroless' `status.d`), lists of files, what apt installed by itself, and licences from
//! machine-readable `copyright` files.

use crate::build::{Builder, MAX_PATH, absolute, clip, is_name};
use crate::deb822::{Stanza, stanzas};
use crate::model::{Ecosystem, Mark, Owned, Package, PackageError, Part};

/// Reads `status`, or a file of `status.d`, whose entries have no `Status` since all of them are there.
pub(crate) fn read_status(bytes: &[u8], is_single: bool) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut builder = Builder::default();
    let (mut entries, mut lost, mut kept) = (0u64, 0u64, 0u64);
    for stanza in stanzas(&text) {
        let Some(name) = stanza.line("Package") else {
            builder.problem("entries name no package", "");
            continue;
        };
        entries += 1;
        match stanza.line("Status").and_then(|status| status.split_whitespace().nth(2)) {
            Some("installed" | "triggers-pending" | "triggers-awaited") => {}
            // Its files are there, whole or in part.
            Some("unpacked" | "half-configured" | "half-installed") => {
                builder.problem("packages are installed but in part or not configured", name);
            }
            // Removed, with or without its settings.
            Some("config-files" | "not-installed") => continue,
            None if is_single => {}
            _ => {
                builder.problem("packages are in no known state", name);
                lost += 1;
                continue;
            }
        }
        let Some(version) = stanza.line("Version") else {
            builder.problem("packages have no version", name);
            lost += 1;
            continue;
        };
        kept += 1;
        builder.push(package(&stanza, name, version))?;
    }
    if entries == 0 && !text.trim().is_empty() {
        return Err(PackageError::Malformed {
            what: "dpkg status file",
            reason: "no entry in it names a package".to_owned(),
        });
    }
    if lost > 0 && kept == 0 {
        return Err(PackageError::Malformed {
            what: "dpkg status file",
            reason: format!("none of its {lost} entries could be read"),
        });
    }
    Ok(builder.finish())
}

fn package(stanza: &Stanza<'_>, name: &str, version: &str) -> Package {
    let mut package = Package::new(Ecosystem::Deb, name.to_owned(), version.to_owned());
    package.architecture = stanza.line("Architecture").map(str::to_owned);
    package.section = stanza.line("Section").map(str::to_owned);
    // Origin is there in few, but says more: who publishes the package rather than who cares for it.
    package.vendor = match (stanza.line("Origin"), stanza.line("Maintainer")) {
        (Some(origin), Some(maintainer)) => Some(format!("{origin}; {maintainer}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    package.installed_size =
        stanza.line("Installed-Size").and_then(|kib| kib.parse::<u64>().ok()).and_then(|kib| kib.checked_mul(1024));
    package.essential = ["Essential", "Protected"].iter().any(|field| stanza.line(field) == Some("yes"));
    if let Some(source) = stanza.line("Source") {
        let (source, rest) = source.split_once('(').unwrap_or((source, ""));
        let source_version = rest.split(')').next().map(str::trim).filter(|version| is_name(version));
        if is_name(source.trim()) {
            package.set_source(source.trim(), source_version, version);
        }
    }
    for field in ["Pre-Depends", "Depends"] {
        for needed in stanza.get(field).into_iter().flat_map(|list| list.split(',')).filter_map(alternatives) {
            // A package can need another in several ranges of versions.
            if package.depends.last() != Some(&needed) {
                package.depends.push(needed);
            }
        }
    }
    package
}

/// `default-mta (>= 1) | mail-transport-agent:any` as names.
fn alternatives(needed: &str) -> Option<String> {
    let names: Vec<&str> = needed
        .split('|')
        .filter_map(|one| one.split(['(', '[', '<']).next()?.split(':').next())
        .map(str::trim)
        .filter(|name| is_name(name))
        .collect();
    (!names.is_empty()).then(|| names.join(" | "))
}

/// Reads `info/NAME.list` or `info/NAME:ARCH.list`.
pub(crate) fn read_list(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let stem = file_name(path).strip_suffix(".list").unwrap_or_default();
    let (name, architecture) = match stem.split_once(':') {
        Some((name, architecture)) => (name, Some(architecture)),
        None => (stem, None),
    };
    let text = String::from_utf8_lossy(bytes);
    if bytes.contains(&0) || text.lines().any(|line| !line.is_empty() && !line.starts_with('/')) {
        return Err(PackageError::Malformed {
            what: "dpkg list of files",
            reason: "a line of it is no absolute path".to_owned(),
        });
    }
    owned(name, architecture, text.lines())
}

/// Reads distroless' `status.d/NAME.md5sums`.
pub(crate) fn read_md5sums(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let name = file_name(path).strip_suffix(".md5sums").unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let mut paths = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Some((sum, path)) = line.split_once(' ') else {
            return Err(PackageError::Malformed {
                what: "list of MD5 sums",
                reason: "a line of it has no path".to_owned(),
            });
        };
        if sum.len() == 32 {
            paths.push(path.trim_start());
        }
    }
    owned(name, None, paths.into_iter())
}

/// The files of one package. Directories, as far as something of the package lies in them, are left out: they are
/// shared, and no one owns them.
fn owned<'a>(
    name: &str,
    architecture: Option<&str>,
    lines: impl Iterator<Item = &'a str>,
) -> Result<Part, PackageError> {
    let mut builder = Builder::default();
    let mut paths = Vec::new();
    for line in lines {
        // "/." is how dpkg lists the root.
        if line.len() <= MAX_PATH
            && let Some(path) = absolute("", line)
            && builder.afford_path(path.len())?
        {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    paths.dedup();
    let mut parents: Vec<String> =
        paths.iter().filter_map(|path| path.rsplit_once('/')).map(|(parent, _)| parent.to_owned()).collect();
    parents.sort_unstable();
    parents.dedup();
    paths.retain(|path| parents.binary_search(path).is_err());
    let architecture = architecture.map(str::to_owned);
    builder.own(Owned { package: name.to_owned(), version: None, architecture, paths });
    Ok(builder.finish())
}

/// Reads apt's `extended_states`: the packages that came to satisfy others.
pub(crate) fn read_extended_states(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut part = Part::default();
    let mut entries = 0u64;
    for stanza in stanzas(&text) {
        let Some(name) = stanza.line("Package").filter(|name| is_name(name)) else { continue };
        entries += 1;
        if stanza.line("Auto-Installed") == Some("1") {
            let architecture = stanza.line("Architecture").and_then(clip);
            part.marks.push(Mark { package: name.to_owned(), architecture, requested: false });
        }
    }
    if entries == 0 && !text.trim().is_empty() {
        return Err(PackageError::Malformed {
            what: "file of apt's states",
            reason: "no entry in it names a package".to_owned(),
        });
    }
    Ok(part)
}

/// Whether a `copyright` file is written for machines (DEP-5), by its first bytes.
pub(crate) fn is_machine_readable(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    stanzas(&text).next().is_some_and(|first| {
        first.line("Format").is_some_and(|at| at.contains("copyright-format") || at.contains("dep5"))
    })
}

/// Reads the licence of most of a package (`Files: *`) from its `copyright` file.
pub(crate) fn read_copyright(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let mut part = Part::default();
    if !is_machine_readable(bytes) {
        return Ok(part);
    }
    let package = path.rsplit('/').nth(1).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let licence = stanzas(&text)
        .find(|stanza| stanza.get("Files").is_some_and(|files| files.split_whitespace().any(|pattern| pattern == "*")))
        .and_then(|stanza| stanza.line("License"))
        .and_then(clip);
    if let Some(licence) = licence {
        part.licences.push((package.to_owned(), licence));
    }
    Ok(part)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: libssl3\nStatus: install ok installed\nEssential: no\nSection: libs\n\
        Maintainer: Team <team@example.org>\nOrigin: Example\n\
        Installed-Size: 10\nArchitecture: amd64\nSource: openssl (3.0.11-1)\nVersion: 3.0.11-1~deb12u2\n\
        Pre-Depends: dpkg (>= 1.15)\nDepends: libc6 (>= 2.34), debconf (>= 0.5) | debconf-2.0,\n perl:any\n\
        Description: x\n Package: not-me\n\n\
        Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
        Package: half\nStatus: install ok half-configured\nVersion: 2\nSource: half\n\n\
        Package: held\nStatus: hold ok installed\nVersion: 1:2.0-3\nProtected: yes\n\n\
        Package: odd\nStatus: install ok\nVersion: 1\n";

    #[test]
    fn installed_packages_count() {
        let part = read_status(STATUS.as_bytes(), false).unwrap();
        let names: Vec<&str> = part.packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["libssl3", "half", "held"]);
        let first = &part.packages[0];
        assert_eq!(first.source_name.as_deref(), Some("openssl"));
        assert_eq!(first.source_version.as_deref(), Some("3.0.11-1"));
        assert_eq!(first.installed_size, Some(10240));
        assert_eq!(first.vendor.as_deref(), Some("Example; Team <team@example.org>"));
        assert_eq!(first.depends, ["dpkg", "libc6", "debconf | debconf-2.0", "perl"]);
        assert!(!first.essential);
        assert_eq!(part.packages[1].source_name, None, "the same name and version is no news");
        assert!(part.packages[2].essential);
        assert_eq!(part.packages[2].version, "1:2.0-3");
        assert_eq!(part.problems.len(), 2, "{:?}", part.problems);
    }

    #[test]
    fn an_empty_file_is_empty_but_rubbish_is_an_error() {
        assert_eq!(read_status(b"\n", false).unwrap().packages.len(), 0);
        assert!(read_status(b"\x00\x01\x02garbage", false).is_err());
        assert!(read_status(b"<html>: x\n", false).is_err());
    }

    #[test]
    fn distroless_has_no_status_field() {
        let entry = b"Package: base-files\nVersion: 12.4\nArchitecture: amd64\n";
        assert_eq!(read_status(entry, true).unwrap().packages.len(), 1);
        // In a status file such an entry says nothing of what is installed.
        assert!(read_status(entry, false).is_err());
    }

    #[test]
    fn lists_name_files_without_their_directories() {
        let list = b"/.\n/etc\n/etc/a-b\n/etc/a\n/etc/a/b c\n/usr\n/usr/share\n";
        let part = read_list("/var/lib/dpkg/info/x:i386.list", list).unwrap();
        assert_eq!(part.owned[0].package, "x");
        assert_eq!(part.owned[0].architecture.as_deref(), Some("i386"));
        assert_eq!(part.owned[0].paths, ["/etc/a-b", "/etc/a/b c", "/usr/share"]);
        assert!(read_list("/x.list", b"relative\n").is_err());
        let sums = b"0123456789abcdef0123456789abcdef  usr/bin/x\n";
        assert_eq!(read_md5sums("/var/lib/dpkg/status.d/x.md5sums", sums).unwrap().owned[0].paths, ["/usr/bin/x"]);
        assert!(read_md5sums("/x.md5sums", b"nothing").is_err());
    }

    #[test]
    fn apt_says_what_it_chose_itself() {
        let states = b"Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n";
        let part = read_extended_states(states).unwrap();
        assert_eq!(part.marks, [Mark { package: "a".into(), architecture: Some("amd64".into()), requested: false }]);
        assert!(read_extended_states(b"rubbish").is_err());
    }

    #[test]
    fn the_licence_of_most_files_is_the_packages() {
        let text = b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
            Files: debian/*\nLicense: GPL-2+\n\nFiles: *\nCopyright: x\nLicense: MIT or Apache-2.0\n text\n";
        let part = read_copyright("/usr/share/doc/x/copyright", text).unwrap();
        assert_eq!(part.licences, [("x".to_owned(), "MIT or Apache-2.0".to_owned())]);
        let prose = read_copyright("/usr/share/doc/x/copyright", b"This is free.\nLicense: MIT\n").unwrap();
        assert!(prose.licences.is_empty());
    }
}
