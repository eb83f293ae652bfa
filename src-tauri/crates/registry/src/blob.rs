//! One blob as a stream: resumed after a cut, its length compared, and its digest if that is wanted.

use bytes::Bytes;
use reqwest::Response;
use reqwest::header;
use tokio_util::sync::CancellationToken;

use crate::ask::Ask;
use crate::digest::Hash;
use crate::error::{RegistryError, quoted};
use crate::reference::{is_digest, is_repository};
use crate::transport::Registry;
use crate::tries::Tries;
use crate::trouble::judge;

/// How often a blob is resumed after a cut.
const RESUMED: u32 = 4;

/// A blob that is being fetched.
pub struct BlobStream<'a> {
    registry: &'a Registry,
    path: String,
    scope: String,
    name: String,
    what: String,
    digest: String,
    size: u64,
    /// Bytes given out.
    at: u64,
    /// Bytes of the answer that were given out before: of a server that does not know `Range`.
    skip: u64,
    response: Option<Response>,
    hash: Option<Hash>,
    tries: Tries,
    ended: bool,
}

impl Registry {
    /// Fetches a blob of `size` bytes as a stream. With `compare` its digest is compared at the end; without, the caller
    /// does it. Nothing is sent before the first [`BlobStream::next`].
    ///
    /// # Errors
    /// [`RegistryError::Reference`] when repository or digest are none.
    pub fn blob(
        &self,
        repository: &str,
        digest: &str,
        size: u64,
        compare: bool,
    ) -> Result<BlobStream<'_>, RegistryError> {
        let name = format!("{}@{}", quoted(repository, 255), quoted(digest, 150));
        if !is_repository(repository) || !is_digest(digest) {
            return Err(RegistryError::Reference { given: name, reason: "its digest cannot be used".into() });
        }
        Ok(BlobStream {
            registry: self,
            path: format!("{repository}/blobs/{digest}"),
            scope: format!("repository:{repository}:pull"),
            what: format!("the blob {name}"),
            name,
            digest: digest.to_owned(),
            size,
            at: 0,
            skip: 0,
            response: None,
            hash: compare.then(|| Hash::like(digest)),
            tries: Tries::new(),
            ended: false,
        })
    }
}

impl BlobStream<'_> {
    fn registry(&self) -> String {
        self.registry.host().to_owned()
    }

    fn length(&self, found: u64) -> RegistryError {
        RegistryError::Length { registry: self.registry(), what: self.what.clone(), expected: self.size, found }
    }

    /// The next bytes; none at the end, when length (and digest) were found right.
    ///
    /// # Errors
    /// See [`RegistryError`]. After an error there is nothing more to be had.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<Option<Bytes>, RegistryError> {
        while !self.ended {
            let wire = &self.registry.wire;
            let chunk = match &mut self.response {
                None => {
                    self.connect(cancel).await?;
                    continue;
                }
                Some(response) => tokio::select! {
                    biased;
                    () = cancel.cancelled() => return Err(RegistryError::Cancelled),
                    chunk = response.chunk() => chunk.map_err(|error| judge(error, &wire.registry, &wire.patience)),
                },
            };
            match chunk {
                Ok(Some(mut chunk)) => {
                    let known = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
                    let _ = chunk.split_to(known);
                    self.skip -= known as u64;
                    if chunk.is_empty() {
                        continue;
                    }
                    self.at = self.at.saturating_add(chunk.len() as u64);
                    if self.at > self.size {
                        return Err(self.length(self.at));
                    }
                    if let Some(hash) = &mut self.hash {
                        hash.update(&chunk);
                    }
                    return Ok(Some(chunk));
                }
                // Whatever happened after the last byte does not matter.
                Ok(None) | Err(_) if self.at == self.size && self.skip == 0 => self.end()?,
                Ok(None) => self.cut("it ended early", cancel).await?,
                Err(trouble) => {
                    let reason = match trouble.error {
                        RegistryError::Unreachable { reason, .. } => reason,
                        RegistryError::Cancelled => return Err(RegistryError::Cancelled),
                        other => other.to_string(),
                    };
                    self.cut(&reason, cancel).await?;
                }
            }
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<(), RegistryError> {
        self.ended = true;
        self.response = None;
        let found = self.hash.take().map(Hash::text);
        match found.filter(|found| *found != self.digest) {
            Some(found) => {
                let (registry, expected) = (self.registry(), self.digest.clone());
                Err(RegistryError::Digest { registry, what: self.what.clone(), expected, found })
            }
            None => Ok(()),
        }
    }

    /// The connection broke: pauses, and makes the next call resume.
    async fn cut(&mut self, reason: &str, cancel: &CancellationToken) -> Result<(), RegistryError> {
        self.response = None;
        self.tries.begin();
        let patience = crate::Patience { tries: RESUMED + 1, ..self.registry.wire.patience.clone() };
        if self.tries.again(&patience, None, cancel).await? {
            return Ok(());
        }
        Err(RegistryError::CutOff {
            registry: self.registry(),
            what: self.what.clone(),
            at: self.at,
            of: self.size,
            tries: self.tries.done,
            reason: quoted(reason, 300),
        })
    }

    async fn connect(&mut self, cancel: &CancellationToken) -> Result<(), RegistryError> {
        let ask = Ask { scope: Some(&self.scope), ..Ask::get(&self.path) };
        let mut tries = Tries::new();
        let (response, _) = self.registry.exchange(&ask, self.at, &self.what, &mut tries, cancel).await?;
        let nonsense =
            |reason: String| RegistryError::Answer { registry: self.registry(), what: self.what.clone(), reason };
        let length = response.content_length();
        match response.status().as_u16() {
            200 => {
                if let Some(found) = length.filter(|found| *found != self.size) {
                    return Err(self.length(found));
                }
                self.skip = self.at;
            }
            206 if self.at > 0 => {
                let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
                let Some((first, all)) = range.and_then(content_range) else {
                    return Err(nonsense("it does not say which part of it this is".into()));
                };
                if first != self.at {
                    return Err(nonsense(format!("it goes on at byte {first}, and {} was asked for", self.at)));
                }
                if let Some(found) = all.filter(|found| *found != self.size) {
                    return Err(self.length(found));
                }
                self.skip = 0;
            }
            206 => return Err(nonsense("it is a part, and the whole was asked for".into())),
            // There is nothing beyond what came: the blob is shorter than listed.
            416 => return Err(self.length(self.at)),
            status => {
                let headers = response.headers().clone();
                return Err(self.registry.meaning(status, &headers, &[], &self.name, tries.done));
            }
        }
        self.response = Some(response);
        Ok(())
    }
}

/// First byte and length of the whole in `Content-Range: bytes 7-9/10` (RFC 9110, 14.4).
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, all) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (first, _) = range.split_once('-')?;
    let all = match all.trim() {
        "*" => None,
        all => Some(all.parse().ok()?),
    };
    Some((first.trim().parse().ok()?, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(content_range("bytes 7-9/10"), Some((7, Some(10))));
        assert_eq!(content_range("bytes 7-9/*"), Some((7, None)));
        for text in ["", "bytes", "bytes */10", "items 7-9/10", "bytes 7/10", "bytes x-9/10"] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }
}
