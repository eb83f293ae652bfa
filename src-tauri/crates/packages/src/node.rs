//! Node: the `package.json` of an installed package.

use serde_json::Value;

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

/// Reads `package.json`.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let malformed = |reason: String| PackageError::Malformed { what: "package.json", reason };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    if !value.is_object() {
        return Err(malformed("it is no object".to_owned()));
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let mut builder = Builder::default();
    let (Some(name), Some(version)) = (text("name"), text("version")) else {
        builder.problem("packages have no name or version", text("name").unwrap_or_default());
        return Ok(builder.finish());
    };
    // npm takes "v1.0" and "=1.0" for 1.0.
    let version = version.trim_start_matches(['v', '=', ' ']);
    let mut package = Package::new(Ecosystem::Npm, name.to_owned(), version.to_owned());
    package.licence = licence(&value);
    if let Some(Value::Object(needed)) = value.get("dependencies") {
        package.depends = needed.keys().filter(|name| is_name(name)).take(1024).cloned().collect();
        package.depends.sort_unstable();
    }
    builder.push(package)?;
    Ok(builder.finish())
}

/// A text; or, as it was once written, an object with a type, or a list of either.
fn licence(value: &Value) -> Option<String> {
    fn one(value: &Value) -> Option<&str> {
        value.as_str().or_else(|| value.get("type").and_then(Value::as_str))
    }
    let field = value.get("license").or_else(|| value.get("licenses"))?;
    match field {
        Value::Array(list) => {
            let all: Vec<&str> = list.iter().filter_map(one).take(16).collect();
            (!all.is_empty()).then(|| all.join(" OR "))
        }
        field => one(field).map(str::to_owned),
    }
}
