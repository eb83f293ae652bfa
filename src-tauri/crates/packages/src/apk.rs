//! Alpine's apk: its database of installed packages, and `world`, which says what was asked for.

use crate::build::{Builder, clip, is_name};
use crate::model::{Ecosystem, Mark, Owned, Package, PackageError, Part};
use crate::needs::Needs;

/// One entry as it is read.
#[derive(Default)]
struct Entry<'a> {
    name: Option<&'a str>,
    version: Option<&'a str>,
    architecture: Option<&'a str>,
    licence: Option<&'a str>,
    origin: Option<&'a str>,
    maintainer: Option<&'a str>,
    size: Option<u64>,
    provides: &'a str,
    depends: &'a str,
    directory: &'a str,
    files: Vec<String>,
    is_open: bool,
}

/// Reads `installed`. Virtual packages (`.build-deps`) are entries like others.
pub(crate) fn read_installed(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut builder = Builder::default();
    let mut needs = Needs::default();
    let mut entry = Entry::default();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            close(std::mem::take(&mut entry), &mut builder, &mut needs)?;
            continue;
        }
        let Some((key, value)) = line.split_once(':') else {
            builder.problem("lines have no key", line);
            continue;
        };
        let text = Some(value.trim()).filter(|value| !value.is_empty());
        entry.is_open = true;
        match key {
            "P" => entry.name = text,
            "V" => entry.version = text,
            "A" => entry.architecture = text,
            "L" => entry.licence = text,
            "o" => entry.origin = text,
            "m" => entry.maintainer = text,
            "I" => entry.size = text.and_then(|size| size.parse().ok()),
            "p" => entry.provides = value,
            "D" => entry.depends = value,
            "F" => entry.directory = value,
            "R" => {
                let separator = if entry.directory.is_empty() { "" } else { "/" };
                if builder.afford_path(entry.directory.len() + value.len() + 1 + separator.len())? {
                    entry.files.push(format!("/{}{separator}{value}", entry.directory));
                }
            }
            _ => {}
        }
    }
    if builder.is_empty() && !text.trim().is_empty() {
        return Err(malformed("no entry in it names a package"));
    }
    let looks_like_one = !builder.part().packages.is_empty();
    if !looks_like_one && !text.trim().is_empty() {
        return Err(malformed("no entry in it has both a name and a version"));
    }
    let part = builder.part();
    let owned = part.owned.iter();
    // Entries of `owned` are fewer than packages: those without files have none. Both are in the same order.
    let mut index = 0;
    let names: Vec<String> = part.packages.iter().map(|package| package.name.clone()).collect();
    let files = owned.flat_map(|owned| {
        while names.get(index).is_some_and(|name| *name != owned.package) {
            index += 1;
        }
        let at = index;
        owned.paths.iter().map(move |path| (at, path.as_str()))
    });
    let complete = needs.resolve(&mut part.packages, files);
    if !complete {
        builder.problem("packages have so many needs that some are left out", "");
    }
    Ok(builder.finish())
}

fn malformed(reason: &str) -> PackageError {
    PackageError::Malformed { what: "apk database", reason: reason.to_owned() }
}

fn close(entry: Entry<'_>, builder: &mut Builder, needs: &mut Needs) -> Result<(), PackageError> {
    if !entry.is_open {
        return Ok(());
    }
    let (Some(name), Some(version)) = (entry.name, entry.version) else {
        builder.problem("entries have no proper name or version", entry.name.unwrap_or_default());
        return Ok(());
    };
    let mut package = Package::new(Ecosystem::Apk, name.to_owned(), version.to_owned());
    package.architecture = entry.architecture.map(str::to_owned);
    package.licence = entry.licence.map(str::to_owned);
    package.installed_size = entry.size;
    package.vendor = entry.maintainer.map(str::to_owned);
    if let Some(origin) = entry.origin {
        // Sub-packages always have their origin's version.
        package.set_source(origin, None, version);
    }
    if !builder.push(package)? {
        return Ok(());
    }
    needs.package(capabilities(entry.provides), capabilities(entry.depends));
    let owned = Owned {
        package: name.to_owned(),
        version: Some(version.to_owned()),
        architecture: entry.architecture.and_then(clip),
        paths: entry.files,
    };
    builder.own(owned);
    Ok(())
}

/// `so:libc.so=1 cmd:sh=2 !conflict musl>=1.2 /bin/sh` as names.
fn capabilities(list: &str) -> impl Iterator<Item = &str> {
    list.split_whitespace().filter(|one| !one.starts_with('!')).map(bare).filter(|name| !name.is_empty())
}

/// A name without the range of versions and the repository that follow it.
fn bare(dependency: &str) -> &str {
    dependency.split(['=', '<', '>', '~', '@']).next().unwrap_or_default()
}

/// Reads `/etc/apk/world`.
pub(crate) fn read_world(bytes: &[u8]) -> Result<Part, PackageError> {
    if bytes.contains(&0) {
        return Err(PackageError::Malformed { what: "list of wanted packages", reason: "it is binary".to_owned() });
    }
    let text = String::from_utf8_lossy(bytes);
    let marks = capabilities(&text)
        .filter(|name| is_name(name))
        .map(|name| Mark { package: name.to_owned(), architecture: None, requested: true })
        .collect();
    Ok(Part { marks, ..Part::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTALLED: &str = "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nI:667648\nL:MIT\no:musl\nm:Anna <a@example.org>\n\
        p:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nR:libc.musl-x86_64.so.1\nF:\nR:top\n\n\
        P:busybox-binsh\nV:1.36.1-r29\nA:x86_64\no:busybox\nD:so:libc.musl-x86_64.so.1 !bash musl>=1.2\n\n";

    #[test]
    fn entries_become_packages_with_their_files() {
        let part = read_installed(INSTALLED.as_bytes()).unwrap();
        assert_eq!(part.packages.len(), 2);
        assert_eq!(part.packages[0].licence.as_deref(), Some("MIT"));
        assert_eq!(part.packages[0].installed_size, Some(667_648));
        assert_eq!(part.packages[0].source_name, None);
        assert_eq!(part.packages[0].vendor.as_deref(), Some("Anna <a@example.org>"));
        assert_eq!(part.packages[1].source_name.as_deref(), Some("busybox"));
        assert_eq!(part.packages[1].depends, ["musl"]);
        assert_eq!(part.owned[0].paths, ["/lib/ld-musl-x86_64.so.1", "/lib/libc.musl-x86_64.so.1", "/top"]);
        assert!(part.problems.is_empty());
    }

    #[test]
    fn the_last_entry_needs_no_empty_line() {
        assert_eq!(read_installed(b"P:a\nV:1").unwrap().packages.len(), 1);
        assert_eq!(read_installed(b"").unwrap().packages.len(), 0);
        assert!(read_installed(b"junk").is_err());
        assert!(read_installed(b"P:a\n").is_err());
    }

    #[test]
    fn world_names_what_was_asked_for() {
        let part = read_world(b"alpine-base\ncurl>8 !x\nfoo@edge\n.build=1\n").unwrap();
        let names: Vec<&str> = part.marks.iter().map(|mark| mark.package.as_str()).collect();
        assert_eq!(names, ["alpine-base", "curl", "foo", ".build"]);
    }
}
