//! Java archives: Maven's `pom.properties`, the manifest where there is none, and jars within jars.

use std::collections::BTreeSet;

use crate::build::{Builder, clip, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};
use crate::zip::Archive;

/// How deep jars are looked for within jars: an `ear` holds a `war` that holds jars.
const MAX_DEPTH: usize = 2;
const MAX_MANIFEST: u64 = 1024 * 1024;
const MAX_NESTED: u64 = 64 * 1024 * 1024;
/// Bytes that are unpacked and looked through in one archive, whatever it holds.
const MAX_WORK: u64 = 512 * 1024 * 1024;

/// Reads an archive.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let archive = Archive::open(bytes)
        .ok_or(PackageError::Malformed { what: "Java archive", reason: "it has no ZIP directory".to_owned() })?;
    let mut reader = Reader { builder: Builder::default(), work: MAX_WORK, seen: BTreeSet::new() };
    reader.archive(&archive, path, 0)?;
    Ok(reader.builder.finish())
}

struct Reader {
    builder: Builder,
    work: u64,
    /// Location, name and version of what was found: archives may hold an entry twice.
    seen: BTreeSet<(String, String, String)>,
}

impl Reader {
    /// Takes from the budget. `false`: it is used up.
    fn spend(&mut self, bytes: u64) -> bool {
        match self.work.checked_sub(bytes) {
            Some(left) => {
                self.work = left;
                true
            }
            None => {
                self.work = 0;
                self.builder.problem("files in the archive were not read, for it unpacks to too much", "");
                false
            }
        }
    }

    fn archive(&mut self, archive: &Archive<'_>, path: &str, depth: usize) -> Result<(), PackageError> {
        let file_name = path.rsplit(['/', '!']).next().unwrap_or_default();
        let mut manifest = None;
        let mut has_itself = false;
        for entry in archive.entries() {
            let name = entry.name.trim_start_matches('/');
            let is_manifest = name.eq_ignore_ascii_case("META-INF/MANIFEST.MF") && manifest.is_none();
            let is_pom = name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties");
            let is_nested = crate::kind::is_jar(name);
            if !(is_manifest || is_pom || is_nested) {
                continue;
            }
            let limit = if is_nested { MAX_NESTED } else { MAX_MANIFEST };
            if is_nested && depth >= MAX_DEPTH {
                self.builder.problem("archives lie too deep within others and were not read", name);
                continue;
            }
            // What an entry says of its size may be a lie, and so it pays for what was done, too.
            let announced = entry.size.min(limit).max(entry.compressed as u64);
            if !self.spend(announced) {
                break;
            }
            let Some(content) = entry.content(limit) else {
                if !self.spend(limit.saturating_sub(announced)) {
                    break;
                }
                self.builder.problem("files in the archive cannot be read", name);
                continue;
            };
            if !self.spend((content.len() as u64).saturating_sub(announced)) {
                break;
            }
            if is_manifest {
                manifest = Some(Manifest::parse(&content));
            } else if is_pom {
                has_itself |= self.pom(&content, path, file_name, depth)?;
            } else if let Some(inner) = Archive::open(&content) {
                self.archive(&inner, &format!("{path}!/{name}"), depth + 1)?;
            } else {
                self.builder.problem("archives within the archive are none", name);
            }
        }
        // A jar may carry others' pom.properties and none of its own.
        if !has_itself && let Some(package) = named(file_name, &manifest.unwrap_or_default()) {
            self.push(package, path, depth)?;
        }
        Ok(())
    }

    /// Says whether it is the archive's own.
    fn pom(&mut self, content: &[u8], path: &str, file_name: &str, depth: usize) -> Result<bool, PackageError> {
        let text = String::from_utf8_lossy(content);
        let value = |wanted: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(key, _)| key.trim() == wanted)
                .map(|(_, value)| value.trim().to_owned())
                .filter(|value| is_name(value) && !value.contains("${"))
        };
        let (Some(group), Some(artifact), Some(version)) = (value("groupId"), value("artifactId"), value("version"))
        else {
            self.builder.problem("pom.properties name no group, artifact and version", "");
            return Ok(false);
        };
        let is_own = file_name.starts_with(artifact.as_str());
        self.push(Package::new(Ecosystem::Maven, format!("{group}:{artifact}"), version), path, depth)?;
        Ok(is_own)
    }

    fn push(&mut self, mut package: Package, path: &str, depth: usize) -> Result<(), PackageError> {
        if depth > 0 {
            package.location = path.to_owned();
        }
        let key = (package.location.clone(), package.name.clone(), package.version.clone());
        if self.seen.insert(key) {
            self.builder.push(package)?;
        }
        Ok(())
    }
}

/// What a manifest says of the archive.
#[derive(Default)]
struct Manifest {
    title: Option<String>,
    symbolic_name: Option<String>,
    module: Option<String>,
    vendor_id: Option<String>,
    version: Option<String>,
    licence: Option<String>,
}

impl Manifest {
    /// Lines are cut at 72 bytes, and go on with a blank. Only the main section is about the archive itself.
    fn parse(content: &[u8]) -> Manifest {
        let text = String::from_utf8_lossy(content).replace("\r\n", "\n").replace("\n ", "");
        let main = text.split("\n\n").next().unwrap_or_default();
        let value = |wanted: &str| {
            main.lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| key.trim().eq_ignore_ascii_case(wanted))
                .and_then(|(_, value)| clip(value))
                .filter(|value| !value.contains("${"))
        };
        Manifest {
            title: value("Implementation-Title"),
            // Directives follow a semicolon.
            symbolic_name: value("Bundle-SymbolicName").and_then(|name| name.split(';').next().and_then(clip)),
            module: value("Automatic-Module-Name"),
            vendor_id: value("Implementation-Vendor-Id"),
            version: value("Implementation-Version").or_else(|| value("Bundle-Version")),
            licence: value("Bundle-License"),
        }
    }
}

/// The archive by its manifest and the name of its file. The file's name is a better artifact than a title, which is
/// prose; without either a name or a version there is nothing to say.
fn named(file_name: &str, manifest: &Manifest) -> Option<Package> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let (from_name, from_version) = split(stem);
    let version = manifest.version.clone().or_else(|| from_version.map(str::to_owned))?;
    let titles = [&manifest.title, &manifest.symbolic_name, &manifest.module];
    let artifact = match from_version {
        Some(_) => from_name.to_owned(),
        None => {
            titles.into_iter().flatten().find(|name| !name.contains(' ')).cloned().unwrap_or_else(|| stem.to_owned())
        }
    };
    // Of what a manifest may hold only this is meant to be Maven's group.
    let group = manifest.vendor_id.as_deref().filter(|group| group.contains('.') && !group.contains([' ', ':', '/']));
    let name = match group {
        Some(group) => format!("{group}:{artifact}"),
        None => artifact,
    };
    if !is_name(&name) || !is_name(&version) {
        return None;
    }
    let mut package = Package::new(Ecosystem::Maven, name, version);
    package.licence.clone_from(&manifest.licence);
    Some(package)
}

/// `commons-lang3-3.12.0` as `commons-lang3` and `3.12.0`.
fn split(stem: &str) -> (&str, Option<&str>) {
    let cut = stem
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| stem.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    match cut.and_then(|at| Some((stem.get(..at)?, stem.get(at + 1..)?))) {
        Some((name, version)) if !name.is_empty() => (name, Some(version)),
        _ => (stem, None),
    }
}
