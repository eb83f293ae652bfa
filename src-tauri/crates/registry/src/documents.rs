//! Small documents of a registry: manifests, indexes, configurations, whole and compared with their digests.

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::ask::{Answer, Ask, MANIFEST_TYPES, Manifest};
use crate::digest::Hash;
use crate::error::{RegistryError, quoted};
use crate::reference::{is_digest, is_repository, is_tag};
use crate::transport::Registry;
use crate::tries::Tries;

impl Registry {
    fn nonsense(&self, what: &str, reason: String) -> RegistryError {
        RegistryError::Answer { registry: self.host().to_owned(), what: what.to_owned(), reason }
    }

    /// Fetches a manifest or index by tag or digest, at most 4 MiB, as it is stored (all four types are accepted).
    ///
    /// Its digest is computed, and compared with the one asked for and the one that the registry claims.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn manifest(
        &self,
        repository: &str,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Manifest, RegistryError> {
        let separator = if is_digest(reference) { '@' } else { ':' };
        let name = format!("{}{separator}{}", quoted(repository, 255), quoted(reference, 150));
        if !is_repository(repository) || !(is_digest(reference) || is_tag(reference)) {
            let reason = "it has characters that names do not have".into();
            return Err(RegistryError::Reference { given: name, reason });
        }
        let path = format!("{repository}/manifests/{reference}");
        let scope = format!("repository:{repository}:pull");
        let ask = Ask { accept: &MANIFEST_TYPES, scope: Some(&scope), ..Ask::get(&path) };
        let what = format!("the manifest {name}");
        let mut tries = Tries::new();
        let answer = self.ask(&ask, &what, &mut tries, cancel).await?;
        if answer.status != 200 {
            return Err(self.meaning(answer.status, &answer.headers, &answer.codes(), &name, tries.done));
        }
        let digest = Hash::of("sha256", &answer.bytes);
        let wrong = |expected: &str, found: String| RegistryError::Digest {
            registry: self.host().to_owned(),
            what: what.clone(),
            expected: expected.to_owned(),
            found,
        };
        let claimed = answer.header("docker-content-digest").filter(|claimed| is_digest(claimed));
        for expected in Some(reference).filter(|reference| is_digest(reference)).into_iter().chain(claimed) {
            let found = Hash::of(expected, &answer.bytes);
            if found != expected {
                return Err(wrong(expected, found));
            }
        }
        if let Some(reason) = crate::doubt::doubt(&answer.bytes) {
            return Err(self.nonsense(&what, reason));
        }
        let media_type = self.media_type(&answer, &what)?;
        Ok(Manifest { bytes: answer.bytes, media_type, digest })
    }

    /// What the registry calls a manifest, and what it calls itself, must be the same (distribution spec, pulling
    /// manifests): one document that can be read in two ways is a trick (CVE-2021-41190).
    fn media_type(&self, answer: &Answer, what: &str) -> Result<String, RegistryError> {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "mediaType")]
            media_type: Option<String>,
        }
        let own = serde_json::from_slice::<Typed>(&answer.bytes)
            .map_err(|error| self.nonsense(what, format!("it is no JSON of a manifest, line {}", error.line())))?
            .media_type;
        let told = answer.header("content-type").unwrap_or_default();
        let told = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match own {
            Some(own) if MANIFEST_TYPES.contains(&told.as_str()) && own != told => Err(self.nonsense(
                what,
                format!("it is sent as {} but calls itself {}", quoted(&told, 100), quoted(&own, 100)),
            )),
            Some(own) => Ok(quoted(&own, 200)),
            None => Ok(quoted(&told, 200)),
        }
    }

    /// Fetches a blob whole, at most `limit` bytes; its digest is computed and compared.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn small_blob(
        &self,
        repository: &str,
        digest: &str,
        limit: u64,
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, RegistryError> {
        let name = format!("{}@{}", quoted(repository, 255), quoted(digest, 150));
        if !is_repository(repository) || !is_digest(digest) {
            return Err(RegistryError::Reference { given: name, reason: "its digest cannot be used".into() });
        }
        let path = format!("{repository}/blobs/{digest}");
        let scope = format!("repository:{repository}:pull");
        let ask = Ask { scope: Some(&scope), limit, ..Ask::get(&path) };
        let what = format!("the blob {name}");
        let mut tries = Tries::new();
        let answer = self.ask(&ask, &what, &mut tries, cancel).await?;
        if answer.status != 200 {
            return Err(self.meaning(answer.status, &answer.headers, &answer.codes(), &name, tries.done));
        }
        let found = Hash::of(digest, &answer.bytes);
        if found != digest {
            let (registry, expected) = (self.host().to_owned(), digest.to_owned());
            return Err(RegistryError::Digest { registry, what, expected, found });
        }
        Ok(answer.bytes)
    }
}
