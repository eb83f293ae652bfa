//! PHP: Composer's `installed.json`, version 1 (a list) and 2 (an object).

use serde_json::Value;

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

/// Reads `vendor/composer/installed.json`.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let malformed = |reason: String| PackageError::Malformed { what: "list of Composer's packages", reason };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    let listed = match &value {
        Value::Array(list) => list,
        value => value
            .get("packages")
            .and_then(Value::as_array)
            .ok_or_else(|| malformed("it has no list of packages".to_owned()))?,
    };
    let mut builder = Builder::default();
    for one in listed {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            builder.problem("packages have no name or version", text("name").unwrap_or_default());
            continue;
        };
        let mut package = Package::new(Ecosystem::Composer, name.to_owned(), version.to_owned());
        package.licence = match one.get("license") {
            Some(Value::Array(list)) => {
                let all: Vec<&str> = list.iter().filter_map(Value::as_str).take(16).collect();
                (!all.is_empty()).then(|| all.join(" OR "))
            }
            Some(Value::String(licence)) => Some(licence.clone()),
            _ => None,
        };
        if let Some(Value::Object(needed)) = one.get("require") {
            // Without a vendor it is PHP itself or an extension of it.
            let names = needed.keys().filter(|name| name.contains('/') && is_name(name));
            package.depends = names.take(1024).cloned().collect();
            package.depends.sort_unstable();
        }
        builder.push(package)?;
    }
    Ok(builder.finish())
}
