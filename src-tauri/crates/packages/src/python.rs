//! Python: the metadata of installed distributions (core metadata specification), their `RECORD` and `REQUESTED`.

use crate::build::{Builder, absolute, clip, is_name};
use crate::deb822::stanzas;
use crate::model::{Ecosystem, Mark, Owned, Package, PackageError, Part};

/// Reads `METADATA`, `PKG-INFO` or an `.egg-info` file.
pub(crate) fn read_metadata(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let malformed =
        |reason: &str| PackageError::Malformed { what: "metadata of a Python package", reason: reason.to_owned() };
    let head = stanzas(&text).next().ok_or_else(|| malformed("it has no fields"))?;
    let name = head.line("Name").ok_or_else(|| malformed("it has no name"))?;
    let version = head.line("Version").ok_or_else(|| malformed("it has no version"))?;
    let mut package = Package::new(Ecosystem::Pypi, name.to_owned(), version.to_owned());
    package.licence = ["License-Expression", "License"]
        .iter()
        .filter_map(|field| head.line(field))
        .find(|licence| *licence != "UNKNOWN")
        .map(str::to_owned)
        .or_else(|| {
            // "License :: OSI Approved :: MIT License"
            let mut classifiers = head.all("Classifier").filter(|classifier| classifier.starts_with("License ::"));
            classifiers.find_map(|classifier| classifier.rsplit("::").next()).and_then(clip)
        });
    for needed in head.all("Requires-Dist").take(10_000) {
        let (requirement, marker) = needed.split_once(';').unwrap_or((needed, ""));
        // What an extra needs is needed only if someone asked for the extra.
        if marker.contains("extra") {
            continue;
        }
        let end = requirement.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
        let name = requirement.get(..end.unwrap_or(requirement.len())).unwrap_or_default();
        if is_name(name) && !package.depends.iter().any(|known| known == name) && package.depends.len() < 1024 {
            package.depends.push(name.to_owned());
        }
    }
    let mut builder = Builder::default();
    builder.push(package)?;
    if builder.part().packages.is_empty() {
        return Err(malformed("its name or version cannot be one"));
    }
    Ok(builder.finish())
}

/// Reads `RECORD`, a table of comma-separated values whose first column is the path from the directory of packages.
pub(crate) fn read_record(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let directory = path.rsplit_once('/').map(|(directory, _)| directory).unwrap_or_default();
    let base = directory.rsplit_once('/').map(|(base, _)| base).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    if bytes.contains(&0) {
        return Err(PackageError::Malformed { what: "record of files", reason: "it is binary".to_owned() });
    }
    let mut builder = Builder::default();
    let mut paths = Vec::new();
    for line in text.lines() {
        let file = match line.strip_prefix('"') {
            // A quote within is written twice; a path with one is cut at it, which only loses the file.
            Some(quoted) => quoted.split('"').next(),
            None => line.split(',').next(),
        };
        if let Some(path) = file.filter(|file| !file.is_empty()).and_then(|file| absolute(base, file))
            && builder.afford_path(path.len())?
        {
            paths.push(path);
        }
    }
    builder.own(Owned { package: name_of(directory), version: None, architecture: None, paths });
    Ok(builder.finish())
}

/// Reads `REQUESTED`, which is empty: it is there when the user asked for the package.
pub(crate) fn read_requested() -> Part {
    let mark = Mark { package: String::new(), architecture: None, requested: true };
    Part { marks: vec![mark], ..Part::default() }
}

/// `…/foo_bar-1.0.dist-info` as `foo_bar`.
fn name_of(directory: &str) -> String {
    let name = directory.rsplit('/').next().unwrap_or_default();
    name.split('-').next().unwrap_or_default().to_owned()
}
