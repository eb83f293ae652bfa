//! Ruby: the specification of an installed gem. It is a program; only what RubyGems itself writes is understood.

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

/// Reads a `.gemspec` below `specifications`.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut name = None;
    let mut version = None;
    let mut platform = None;
    let mut licence = None;
    let mut depends: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(stub) = line.strip_prefix("# stub:") {
            let mut words = stub.split_whitespace();
            (name, version, platform) = (words.next(), words.next(), words.next());
            continue;
        }
        // `s.name = "rake".freeze`, whatever the variable's name.
        let Some((variable, rest)) = line.split_once('.') else { continue };
        if variable.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            continue;
        }
        if let Some((field, value)) = rest.split_once('=') {
            let value = value.trim();
            match field.trim() {
                "name" => name = name.or_else(|| quoted(value)),
                // Also `Gem::Version.new("1.0")`.
                "version" => version = version.or_else(|| quoted(value)),
                "platform" => platform = platform.or_else(|| quoted(value)),
                "license" => licence = quoted(value).map(str::to_owned),
                "licenses" => {
                    let all: Vec<&str> = value.split(',').filter_map(quoted).take(16).collect();
                    licence = (!all.is_empty()).then(|| all.join(" OR "));
                }
                _ => {}
            }
        }
        if (rest.starts_with("add_runtime_dependency") || rest.starts_with("add_dependency"))
            && let Some(needed) = quoted(rest).filter(|needed| is_name(needed))
            && depends.len() < 1024
            && !depends.iter().any(|known| known == needed)
        {
            depends.push(needed.to_owned());
        }
    }
    let malformed =
        |reason: &str| PackageError::Malformed { what: "specification of a gem", reason: reason.to_owned() };
    let name = name.ok_or_else(|| malformed("it has no name"))?;
    let file = path.rsplit('/').next().unwrap_or_default().strip_suffix(".gemspec").unwrap_or_default();
    // A version that the program computes is in the file's name too.
    let version =
        version.or_else(|| file.strip_prefix(name)?.strip_prefix('-')).ok_or_else(|| malformed("it has no version"))?;
    let mut package = Package::new(Ecosystem::Gem, name.to_owned(), version.to_owned());
    package.architecture = platform.filter(|platform| *platform != "ruby").map(str::to_owned);
    package.licence = licence;
    package.depends = depends;
    let mut builder = Builder::default();
    builder.push(package)?;
    Ok(builder.finish())
}

/// The first text in quotes: `"x"`, `'x'` or `%q<x>`.
fn quoted(value: &str) -> Option<&str> {
    let (start, close) = value.char_indices().find_map(|(at, c)| match c {
        '"' | '\'' => Some((at + 1, c)),
        '%' if value.get(at..).is_some_and(|rest| rest.starts_with("%q<")) => Some((at + 3, '>')),
        _ => None,
    })?;
    let rest = value.get(start..)?;
    rest.get(..rest.find(close)?).filter(|text| !text.is_empty() && !text.contains("#{"))
}
