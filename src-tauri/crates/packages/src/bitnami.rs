//! Bitnami: `/opt/bitnami/NAME/.spdx-NAME.spdx`, SPDX in JSON, in which an image tells what it was put together from.

use serde::Deserialize;

use crate::build::Builder;
use crate::model::{Ecosystem, Package, PackageError, Part};
use crate::purl_read::Purl;

#[derive(Deserialize)]
struct Document {
    packages: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    license_declared: Option<String>,
    #[serde(default)]
    external_refs: Vec<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    #[serde(default)]
    reference_locator: String,
}

/// Reads the document. Only Bitnami's own components count: what they are made of (modules, gems) is found where it is
/// installed.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let malformed = |reason: String| PackageError::Malformed { what: "SPDX document of Bitnami", reason };
    let document: Document = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    let mut builder = Builder::default();
    for listed in &document.packages {
        let urls = listed.external_refs.iter().filter_map(|one| Purl::parse(&one.reference_locator).ok());
        let Some(url) = urls.into_iter().find(|url| url.kind == "bitnami") else { continue };
        let Some(version) = url.version.as_deref() else {
            builder.problem("components have no version", &listed.name);
            continue;
        };
        let mut package = Package::new(Ecosystem::Bitnami, url.name.clone(), upstream(version).to_owned());
        package.architecture = url.qualifier("arch").map(str::to_owned);
        package.licence = listed.license_declared.clone().filter(|licence| licence != "NOASSERTION");
        builder.push(package)?;
    }
    if builder.is_empty() {
        return Err(malformed("it names no component of Bitnami's".to_owned()));
    }
    Ok(builder.finish())
}

/// `1.25.3-1` as `1.25.3`: what follows is the count of Bitnami's builds of it, of which its advisories know nothing, and
/// which in the order of semantic versions would look like something before the release.
#[must_use]
pub fn upstream(version: &str) -> &str {
    match version.rsplit_once('-') {
        Some((plain, build))
            if !plain.is_empty()
                && !plain.contains('-')
                && !build.is_empty()
                && build.bytes().all(|b| b.is_ascii_digit()) =>
        {
            plain
        }
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_with_upstreams_version() {
        let json = br#"{"spdxVersion": "SPDX-2.3", "packages": [
            {"name": "web", "licenseDeclared": "MIT", "externalRefs": [{"referenceCategory": "SECURITY",
             "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:*"}, {"referenceCategory": "PACKAGE-MANAGER",
             "referenceType": "purl", "referenceLocator": "pkg:bitnami/web@1.25.3-1?arch=amd64&distro=debian-12"}]},
            {"name": "mod", "externalRefs": [{"referenceLocator": "pkg:golang/a/b@v1"}]}]}"#;
        let part = read(json).unwrap();
        assert_eq!(part.packages.len(), 1);
        let package = &part.packages[0];
        assert_eq!((package.name.as_str(), package.version.as_str()), ("web", "1.25.3"));
        assert_eq!(package.architecture.as_deref(), Some("amd64"));
        assert!(read(br#"{"packages": []}"#).is_err());
        assert_eq!((upstream("1.0.0-rc.1"), upstream("2.0-rc1-3"), upstream("-3")), ("1.0.0-rc.1", "2.0-rc1-3", "-3"));
    }
}
