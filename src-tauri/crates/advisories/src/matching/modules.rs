//! rpm module streams: advisories on one stream of a module say nothing about the packages of another.

use plimsoll_packages::Package;

use super::Row;

/// How a package stands to a row's module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// The row names no module, or the package is of the same stream.
    Same,
    /// The package is of no module, or of another stream.
    Other,
    /// The package is of a module, and of which stream cannot be told.
    Unknown,
}

/// Compares a package with the module of a row. `label` is the package's own, or that of another package of the same
/// module build.
pub(super) fn stream(package: &Package, label: Option<&str>, row: &Row) -> Stream {
    let Some(of_row) = row.module.as_deref() else { return Stream::Same };
    let (module, stream) = name_and_stream(of_row);
    if let Some(label) = label {
        return if name_and_stream(label) == (module, stream) { Stream::Same } else { Stream::Other };
    }
    let Some(build) = build(&package.version) else { return Stream::Other };
    // The same build of the module as the one that the advisory names.
    let span = row.span.as_ref();
    let bounds = span.into_iter().flat_map(|span| [&span.introduced, &span.fixed, &span.last_affected]);
    if bounds.flatten().chain(&row.version).any(|bound| self::build(bound) == Some(build)) {
        return Stream::Same;
    }
    // The package after which the module is called has the stream's version, where streams are versions.
    let is_main = package.name == module || package.source_name.as_deref() == Some(module);
    if is_main && stream.starts_with(|c: char| c.is_ascii_digit()) {
        let source = package.source_version.as_deref().filter(|_| package.name != module);
        let version = source.unwrap_or(&package.version);
        let version = version.split_once(':').map_or(version, |(_, rest)| rest);
        let rest = version.strip_prefix(stream);
        return match rest {
            Some(rest) if rest.starts_with(['.', '-', '_', '~', '+']) => Stream::Same,
            _ => Stream::Other,
        };
    }
    Stream::Unknown
}

/// `nodejs:18:8090020231201:rhel8` is the stream 18 of nodejs.
fn name_and_stream(label: &str) -> (&str, &str) {
    let mut parts = label.split(':').map(str::trim);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// What tells a module's build in a release: `module+el8.9.0+19519+e25b965a`.
pub(super) fn build(version: &str) -> Option<&str> {
    let at = version.find(".module")?;
    version.get(at + 1..)
}
