//! in-toto statements: what they are about, and what provenance and SBOMs in them say.
//!
//! Read: in-toto Statement v0.1 and v1, SLSA Provenance v0.1, v0.2 and v1, SPDX and CycloneDX documents.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::text::{is_digest, said, shown};

/// Media type of a statement.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";
/// Predicate type by which cosign signs an image within a statement.
pub(crate) const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// Most subjects of one statement.
const SUBJECTS_MAX: usize = 4096;
/// Most materials that are taken from one statement.
const MATERIALS_MAX: usize = 1000;
/// Most materials that are shown.
const MATERIALS_SHOWN: usize = 20;

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "_type")]
    kind: String,
    #[serde(default)]
    subject: Vec<RawSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

#[derive(Deserialize)]
struct RawSubject {
    #[serde(default)]
    name: String,
    #[serde(default)]
    digest: BTreeMap<String, String>,
}

/// A statement that was read.
pub(crate) struct Statement {
    /// Digests and names of what it is about: `sha256:…`.
    pub(crate) subjects: Vec<(String, String)>,
    /// What kind of statement it is.
    pub(crate) predicate_type: String,
    predicate: Value,
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    ///
    /// Why it is none, as a sentence.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let raw: Raw =
            serde_json::from_slice(bytes).map_err(|error| format!("It is no in-toto statement: {}.", said(&error)))?;
        if !raw.kind.starts_with("https://in-toto.io/Statement/v") {
            return Err(format!("It is no in-toto statement: its type is {}.", shown(&raw.kind)));
        }
        if raw.subject.len() > SUBJECTS_MAX {
            return Err(format!("The statement has more than {SUBJECTS_MAX} subjects."));
        }
        let mut subjects = Vec::new();
        for subject in raw.subject {
            for (algorithm, hash) in subject.digest {
                let digest = format!("{algorithm}:{hash}");
                if is_digest(&digest) {
                    subjects.push((digest, subject.name.clone()));
                }
            }
        }
        Ok(Self { subjects, predicate_type: raw.predicate_type, predicate: raw.predicate })
    }

    /// The first of the image's digests that the statement is about.
    pub(crate) fn about<'a>(&self, digests: &'a [String]) -> Option<&'a String> {
        digests.iter().find(|digest| self.subjects.iter().any(|(subject, _)| subject == *digest))
    }

    /// What kind of statement it is, for a reader.
    pub(crate) fn title(&self) -> String {
        title(&self.predicate_type)
    }

    fn at<'a>(&'a self, path: &[&str]) -> Option<&'a Value> {
        path.iter().try_fold(&self.predicate, |value, key| value.get(key))
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Sources and base images that provenance names, with their digests: `pkg:docker/debian@12`, `sha256:…`.
    pub(crate) fn materials(&self) -> Vec<(String, String)> {
        let listed = match family(&self.predicate_type) {
            Family::Slsa1 => self.at(&["buildDefinition", "resolvedDependencies"]),
            Family::Slsa0 => self.at(&["materials"]),
            _ => None,
        };
        let mut out = Vec::new();
        for one in listed.and_then(Value::as_array).into_iter().flatten().take(MATERIALS_MAX) {
            let uri = one.get("uri").and_then(Value::as_str).unwrap_or_default();
            let digests = one.get("digest").and_then(Value::as_object);
            for (algorithm, hash) in digests.into_iter().flatten().take(4) {
                let digest = format!("{algorithm}:{}", hash.as_str().unwrap_or_default());
                if is_digest(&digest) && !uri.is_empty() && uri.len() <= 4096 {
                    out.push((uri.to_owned(), digest));
                }
            }
        }
        out
    }

    /// What is worth showing of it: name and value.
    pub(crate) fn details(&self) -> Vec<(String, String)> {
        let mut out = vec![("predicate".to_owned(), shown(&self.predicate_type))];
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                out.push((name.to_owned(), shown(value)));
            }
        };
        match family(&self.predicate_type) {
            Family::Slsa0 => {
                put("builder", self.text(&["builder", "id"]).or(Some("not named")));
                put("build type", self.text(&["buildType"]));
                put("source", self.text(&["invocation", "configSource", "uri"]));
                put("entry point", self.text(&["invocation", "configSource", "entryPoint"]));
                put("built at", self.text(&["metadata", "buildFinishedOn"]));
            }
            Family::Slsa1 => {
                put("builder", self.text(&["runDetails", "builder", "id"]).or(Some("not named")));
                put("build type", self.text(&["buildDefinition", "buildType"]));
                let parameters = ["buildDefinition", "externalParameters"];
                let parameter = |path: &[&str]| self.text(&[&parameters, path].concat());
                put("source", parameter(&["source", "uri"]).or_else(|| parameter(&["configSource", "uri"])));
                put("workflow", parameter(&["workflow", "repository"]));
                put("built at", self.text(&["runDetails", "metadata", "finishedOn"]));
            }
            Family::Spdx => {
                put("SBOM", Some("SPDX"));
                put("version", self.text(&["spdxVersion"]));
                put("name", self.text(&["name"]));
                put("created", self.text(&["creationInfo", "created"]));
                let packages = self.at(&["packages"]).and_then(Value::as_array).map(|list| list.len().to_string());
                put("packages", packages.as_deref());
            }
            Family::CycloneDx => {
                put("SBOM", Some("CycloneDX"));
                put("version", self.text(&["specVersion"]));
                put("name", self.text(&["metadata", "component", "name"]));
                put("created", self.text(&["metadata", "timestamp"]));
                let parts = self.at(&["components"]).and_then(Value::as_array).map(|list| list.len().to_string());
                put("components", parts.as_deref());
            }
            Family::Other => {}
        }
        let materials = self.materials();
        for (uri, digest) in materials.iter().take(MATERIALS_SHOWN) {
            out.push(("material".to_owned(), format!("{} {digest}", shown(uri))));
        }
        if materials.len() > MATERIALS_SHOWN {
            out.push(("material".to_owned(), format!("and {} more", materials.len().saturating_sub(MATERIALS_SHOWN))));
        }
        out
    }
}

enum Family {
    Slsa0,
    Slsa1,
    Spdx,
    CycloneDx,
    Other,
}

fn family(predicate_type: &str) -> Family {
    if predicate_type.starts_with("https://slsa.dev/provenance/v0.") {
        Family::Slsa0
    } else if predicate_type.starts_with("https://slsa.dev/provenance/v1") {
        Family::Slsa1
    } else if predicate_type.starts_with("https://spdx.dev/Document") {
        Family::Spdx
    } else if predicate_type.starts_with("https://cyclonedx.org/") {
        Family::CycloneDx
    } else {
        Family::Other
    }
}

/// What a predicate type stands for, for a reader: the words in which sentences name it.
pub(crate) fn title(predicate_type: &str) -> String {
    match family(predicate_type) {
        Family::Slsa0 | Family::Slsa1 => "provenance (SLSA)".to_owned(),
        Family::Spdx => "SBOM (SPDX)".to_owned(),
        Family::CycloneDx => "SBOM (CycloneDX)".to_owned(),
        Family::Other if predicate_type == COSIGN_SIGN => "signature of the image".to_owned(),
        Family::Other if predicate_type.contains("/vuln") => "vulnerability scan".to_owned(),
        Family::Other if predicate_type.contains("openvex") => "VEX statement".to_owned(),
        Family::Other if predicate_type.is_empty() => "statement".to_owned(),
        Family::Other => format!("statement of type {}", shown(predicate_type)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "448339565af2111e64e379683012d9988245fe7d5dcfaad3d7e639cc01262731";

    fn statement(predicate_type: &str, predicate: &str) -> Statement {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{HASH}"}}}}],
            "predicateType":"{predicate_type}","predicate":{predicate}}}"#
        );
        Statement::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn provenance_of_both_versions_names_builder_and_materials() {
        let old = statement(
            "https://slsa.dev/provenance/v0.2",
            &format!(
                r#"{{"builder":{{"id":"https://ci.example"}},"buildType":"t","materials":[{{"uri":"pkg:docker/debian@12",
                "digest":{{"sha256":"{HASH}"}}}},{{"uri":"git+https://x","digest":{{"sha1":"00"}}}}]}}"#
            ),
        );
        assert_eq!(old.materials(), [("pkg:docker/debian@12".to_owned(), format!("sha256:{HASH}"))]);
        assert!(old.details().contains(&("builder".to_owned(), "https://ci.example".to_owned())));
        let new = statement(
            "https://slsa.dev/provenance/v1",
            &format!(
                r#"{{"runDetails":{{"builder":{{"id":"b"}}}},"buildDefinition":{{"resolvedDependencies":
                [{{"uri":"pkg:docker/alpine@3","digest":{{"sha256":"{HASH}"}}}}]}}}}"#
            ),
        );
        assert_eq!(new.materials().len(), 1);
        assert_eq!(new.title(), "provenance (SLSA)");
        assert!(new.details().contains(&("builder".to_owned(), "b".to_owned())));
    }

    #[test]
    fn an_sbom_is_named() {
        let spdx =
            statement("https://spdx.dev/Document", r#"{"name":"app","spdxVersion":"SPDX-2.3","packages":[1,2]}"#);
        assert!(spdx.details().contains(&("packages".to_owned(), "2".to_owned())));
        assert_eq!(spdx.title(), "SBOM (SPDX)");
        assert_eq!(statement("https://cyclonedx.org/bom", "{}").title(), "SBOM (CycloneDX)");
    }

    #[test]
    fn a_builder_that_is_not_named_is_said_to_be_so() {
        let unnamed = statement("https://slsa.dev/provenance/v0.2", r#"{"builder":{"id":""}}"#);
        assert!(unnamed.details().contains(&("builder".to_owned(), "not named".to_owned())));
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        assert!(Statement::read(b"{}").is_err());
        assert!(Statement::read(br#"{"_type":"https://example/Link","predicateType":"x"}"#).is_err());
        assert!(Statement::read(b"[1,2").is_err());
    }

    #[test]
    fn subjects_are_compared_whole() {
        let one = statement("x", "{}");
        assert!(one.about(&[format!("sha256:{HASH}")]).is_some());
        assert!(one.about(&["sha256:4483".to_owned()]).is_none());
        assert!(one.about(&[]).is_none());
    }
}
