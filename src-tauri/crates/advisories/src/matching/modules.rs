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

/// Compares a package with the module of a row; several that a row names are joined by `|`. `label` is the package's
/// own, or that of another package of the same module build.
pub(super) fn stream(package: &Package, label: Option<&str>, row: &Row) -> Stream {
    let span = row.span.as_ref();
    let bounds = span.into_iter().flat_map(|span| [&span.introduced, &span.fixed, &span.last_affected]);
    let mut builds = bounds.flatten().chain(&row.version).filter_map(|bound| self::build(bound)).peekable();
    if row.module.is_none() && builds.peek().is_none() {
        return Stream::Same;
    }
    let own = self::build(&package.version);
    if own.is_none() && label.is_none() {
        return Stream::Other;
    }
    // The same build of the module as the one that the advisory names.
    if own.is_some_and(|own| builds.any(|build| build == own)) {
        return Stream::Same;
    }
    // A build of a module, and the advisory does not say of which stream.
    let Some(of_row) = row.module.as_deref() else { return Stream::Unknown };
    if let Some(label) = label.map(name_and_stream) {
        return if of_row.split('|').map(name_and_stream).any(|one| one == label) {
            Stream::Same
        } else {
            Stream::Other
        };
    }
    // The package after which the module is called has the stream's version, where streams are versions.
    let is_main = |module: &str| package.name == module || package.source_name.as_deref() == Some(module);
    let of_version =
        |(module, stream): &(&str, &str)| is_main(module) && stream.starts_with(|c: char| c.is_ascii_digit());
    let Some((module, stream)) = of_row.split('|').map(name_and_stream).find(of_version) else {
        return Stream::Unknown;
    };
    let source = package.source_version.as_deref().filter(|_| package.name != module);
    let version = source.unwrap_or(&package.version);
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    match version.strip_prefix(stream) {
        Some(rest) if rest.starts_with(['.', '-', '_', '~', '+']) => Stream::Same,
        _ => Stream::Other,
    }
}

/// The streams that the title of an advisory names, in the form of [`Row::module`]: AlmaLinux tells them nowhere else.
/// "Important: nodejs:22 security update" gives `nodejs:22`, two are joined by `|`. Meant for advisories with versions
/// that are module builds; in others a word with a colon may be anything.
#[must_use]
pub fn modules_of_title(title: &str) -> Option<String> {
    let is_part = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    };
    let words = title.split_whitespace().map(|word| word.trim_end_matches([',', ';']));
    let named: Vec<&str> = words
        .filter(|word| word.len() <= 80 && word.split_once(':').is_some_and(|(a, b)| is_part(a) && is_part(b)))
        .take(8)
        .collect();
    (!named.is_empty()).then(|| named.join("|"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_streams() {
        let of = |title| modules_of_title(title);
        assert_eq!(of("Important: nodejs:22 security update").as_deref(), Some("nodejs:22"));
        assert_eq!(
            of("Moderate: virt:rhel and virt-devel:rhel security, bug fix, and enhancement update").as_deref(),
            Some("virt:rhel|virt-devel:rhel")
        );
        assert_eq!(of("Moderate: ruby security update"), None);
    }
}
