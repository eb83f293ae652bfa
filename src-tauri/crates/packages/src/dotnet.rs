//! .NET: `NAME.deps.json`, in which a published program or a shared framework lists the NuGet packages it brought.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

const MAX_DEPENDS: usize = 1024;

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    targets: BTreeMap<String, BTreeMap<String, Assets>>,
    libraries: BTreeMap<String, Library>,
}

#[derive(Deserialize)]
struct Library {
    #[serde(default, rename = "type")]
    kind: String,
}

/// What a library brings to a program.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Assets {
    dependencies: BTreeMap<String, IgnoredAny>,
    runtime: BTreeMap<String, IgnoredAny>,
    runtime_targets: BTreeMap<String, IgnoredAny>,
    native: BTreeMap<String, IgnoredAny>,
    resources: BTreeMap<String, IgnoredAny>,
}

impl Assets {
    fn is_empty(&self) -> bool {
        [&self.runtime, &self.runtime_targets, &self.native, &self.resources].iter().all(|files| files.is_empty())
    }
}

/// Reads `deps.json`.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let listed: Listed = serde_json::from_slice(bytes)
        .map_err(|error| PackageError::Malformed { what: "list of .NET's packages", reason: error.to_string() })?;
    let mut builder = Builder::default();
    for (library, Library { kind }) in &listed.libraries {
        // Projects are the program's own; "reference" is a file beside it that no package brought.
        let plain = match kind.as_str() {
            "package" => library.as_str(),
            // A runtime that the program carries along.
            "runtimepack" => library.strip_prefix("runtimepack.").unwrap_or(library),
            _ => continue,
        };
        let Some((name, version)) = plain.split_once('/') else {
            builder.problem("packages have no name or version", library);
            continue;
        };
        let assets: Vec<&Assets> = listed.targets.values().filter_map(|target| target.get(library)).collect();
        // What brings no file, as meta-packages and those that the shared framework stands for, is not installed.
        if kind == "package" && !assets.is_empty() && assets.iter().all(|assets| assets.is_empty()) {
            continue;
        }
        let mut package = Package::new(Ecosystem::Nuget, name.to_owned(), version.to_owned());
        let needed: BTreeSet<&String> = assets.iter().flat_map(|assets| assets.dependencies.keys()).collect();
        package.depends = needed.into_iter().filter(|name| is_name(name)).take(MAX_DEPENDS).cloned().collect();
        builder.push(package)?;
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_bring_files_are_installed() {
        let json = br#"{"targets": {".NETCoreApp,Version=v8.0": {
            "App/1.0.0": {"dependencies": {"Json.Kit": "1.2.3"}, "runtime": {"App.dll": {}}},
            "Json.Kit/1.2.3": {"dependencies": {"Meta": "1.0"}, "runtime": {"lib/Json.Kit.dll": {"fileVersion": "1"}}},
            "Meta/1.0.0": {"dependencies": {}}}},
            "libraries": {"App/1.0.0": {"type": "project"}, "Json.Kit/1.2.3": {"type": "package", "sha512": "x"},
            "Meta/1.0.0": {"type": "package"}, "Unlisted/2.0": {"type": "package"}, "odd": {"type": "package"},
            "runtimepack.Run.Time.linux-x64/8.0.1": {"type": "runtimepack"}}}"#;
        let part = read(json).unwrap();
        let shown: Vec<_> = part.packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(shown, [("Json.Kit", "1.2.3"), ("Unlisted", "2.0"), ("Run.Time.linux-x64", "8.0.1")]);
        assert_eq!(part.packages[0].depends, ["Meta"]);
        assert_eq!(part.problems.len(), 1);
        assert!(read(b"{}").is_err() && read(b"[").is_err());
    }
}
