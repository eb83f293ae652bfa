//! What `cargo auditable` puts into a program: its crates, as compressed JSON in the section `.dep-v0`.

use std::io::Read;

use serde::Deserialize;

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

const WHAT: &str = "list of crates in a program";
/// Bytes of the JSON; that of a large program has some hundred kilobytes.
const MAX_JSON: u64 = 8 * 1024 * 1024;

#[derive(Deserialize)]
struct Listed {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    /// `runtime` or `build`; what only builds is not in the program.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    dependencies: Vec<usize>,
}

/// Reads the section.
pub(crate) fn read(section: &[u8]) -> Result<Part, PackageError> {
    let mut json = Vec::new();
    let read = flate2::read::ZlibDecoder::new(section).take(MAX_JSON + 1).read_to_end(&mut json);
    if json.len() as u64 > MAX_JSON {
        return Err(PackageError::TooMuch { limit: MAX_JSON, unit: "bytes" });
    }
    let malformed = |reason: String| PackageError::Malformed { what: WHAT, reason };
    read.map_err(|_| malformed("it cannot be unpacked".to_owned()))?;
    let listed: Listed = serde_json::from_slice(&json).map_err(|error| malformed(error.to_string()))?;
    let mut builder = Builder::default();
    for one in &listed.packages {
        if one.kind.as_deref() == Some("build") {
            continue;
        }
        let mut package = Package::new(Ecosystem::Cargo, one.name.clone(), one.version.clone());
        let needed = one.dependencies.iter().take(1024).filter_map(|&index| listed.packages.get(index));
        package.depends = needed
            .filter(|needed| needed.kind.as_deref() != Some("build") && is_name(&needed.name))
            .map(|needed| needed.name.clone())
            .collect();
        builder.push(package)?;
    }
    Ok(builder.finish())
}
