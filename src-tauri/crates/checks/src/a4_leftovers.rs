//! A4, unneeded packages removed: caches that package managers leave behind, and documentation.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_image::{Found, ImageFacts, Kind, Tree};

use crate::a4_packages::{UNNEEDED, brought_by, show_file};
use crate::a4_table::Category;
use crate::figures::bytes;
use crate::observe::count;
use crate::{Facts, Settings};

/// Less than this is the skeleton of a cache, not a cache.
const LEAST_CACHE: u64 = 4096;
/// What package managers leave behind. Not all of `/root/.cache`: browsers and models that a service needs lie there too.
/// In turn: folder, ending of the files that count (any when empty), whose it is, alias.
const CACHES: [(&str, &str, &str, &str); 22] = [
    ("/var/lib/apt/lists", "", "apt's package lists", "DKL-DI-0005"),
    ("/var/cache/apt/archives", ".deb", "apt's downloaded packages", "DKL-DI-0005"),
    ("/var/cache/apt", ".bin", "apt's index cache", "DKL-DI-0005"),
    ("/var/cache/apk", "", "apk's index and downloaded packages", "DKL-DI-0004"),
    ("/etc/apk/cache", "", "apk's downloaded packages", "DKL-DI-0004"),
    ("/var/cache/yum", "", "yum's cache", "DS-0015"),
    ("/var/cache/dnf", "", "dnf's cache", "DL3040"),
    ("/var/cache/libdnf5", "", "dnf's cache", "DL3040"),
    ("/var/cache/zypp", "", "zypper's cache", "DL3036"),
    ("/var/cache/pacman/pkg", "", "pacman's downloaded packages", ""),
    ("/root/.cache/pip", "", "pip's cache", "DL3042"),
    ("/root/.cache/uv", "", "uv's cache", ""),
    ("/root/.cache/pypoetry", "", "poetry's cache", ""),
    ("/root/.cache/yarn", "", "yarn's cache", "DL3060"),
    ("/root/.cache/node-gyp", "", "node-gyp's headers", ""),
    ("/root/.cache/go-build", "", "Go's build cache", ""),
    ("/root/.cache/composer", "", "composer's cache", ""),
    ("/root/.npm/_cacache", "", "npm's cache", ""),
    ("/root/.m2/repository", "", "Maven's repository", ""),
    ("/root/.gradle/caches", "", "Gradle's cache", ""),
    ("/root/.cargo/registry", "", "Cargo's registry", ""),
    ("/usr/local/share/.cache/yarn", "", "yarn's cache", "DL3060"),
];
/// Folders with documentation.
const DOCUMENTATION: [&str; 3] = ["/usr/share/man", "/usr/share/doc", "/usr/share/info"];

/// Caches of package managers in the merged tree; how many count.
pub(crate) fn leftovers(
    facts: &Facts,
    image: &ImageFacts,
    tree: &Tree,
    settings: &Settings,
    observations: &mut Vec<Observation>,
) -> usize {
    let mut counted = 0;
    for (dir, ending, whose, alias) in CACHES {
        let mut size = 0_u64;
        let mut files = 0_usize;
        let mut heaviest: Option<Found<'_>> = None;
        for found in tree.below(dir).filter(|found| found.entry.kind == Kind::File) {
            let name = found.entry.path.rsplit('/').next().unwrap_or_default();
            if !name.ends_with(ending) || name == "lock" {
                continue;
            }
            files += 1;
            size = size.saturating_add(found.entry.size);
            if heaviest.is_none_or(|heaviest| found.entry.size > heaviest.entry.size) {
                heaviest = Some(found);
            }
        }
        let Some(heaviest) = heaviest.filter(|_| size >= LEAST_CACHE) else { continue };
        let reason = settings.allowed(UNNEEDED, dir).map(|allowance| allowance.reason.as_str());
        let mut message = format!(
            "{dir} holds {whose}: {} in {}, which only another installation would use.{}",
            bytes(size),
            count(files, "file", "files"),
            brought_by(image, heaviest.diff_id)
        );
        if let Some(reason) = reason {
            message.push_str(&format!(" It is allowed: {reason}"));
        }
        counted += usize::from(reason.is_none());
        observations.push(Observation {
            severity: if reason.is_some() { Severity::Info } else { Severity::Low },
            message,
            location: Some(Location::Layer { layer: heaviest.diff_id.to_owned(), path: dir.to_owned() }),
            reproduce: Some(show_file(facts, dir)),
            aliases: if alias.is_empty() { Vec::new() } else { vec![alias.to_owned()] },
        });
    }
    counted
}

/// Documentation: named, and decides nothing.
pub(crate) fn documentation(facts: &Facts, tree: &Tree, observations: &mut Vec<Observation>) {
    for dir in DOCUMENTATION {
        // Licences have to stay: Debian's slim images keep them too.
        let pages =
            tree.below(dir).filter(|found| found.entry.kind == Kind::File && !found.entry.path.ends_with("/copyright"));
        let (files, size, last) = pages.fold((0_usize, 0_u64, None), |(files, size, _), found| {
            (files + 1, size.saturating_add(found.entry.size), Some(found))
        });
        let Some(last) = last.filter(|_| size >= 1_000_000) else { continue };
        observations.push(Observation {
            severity: Severity::Info,
            message: format!(
                "{dir} holds {} of documentation in {files} files; {}.",
                bytes(size),
                Category::Documentation.reason()
            ),
            location: Some(Location::Layer { layer: last.diff_id.to_owned(), path: dir.to_owned() }),
            reproduce: Some(show_file(facts, dir)),
            aliases: Vec::new(),
        });
    }
}
