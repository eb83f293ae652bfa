//! A hit: a place in the bytes that were looked at, before it becomes a [`Finding`].

use sha2::{Digest, Sha256};

use crate::shape::entropy;
use crate::{Certainty, Finding, Harmless, mask};

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) name: Option<String>,
    pub(crate) certainty: Certainty,
    pub(crate) harmless: Option<Harmless>,
    pub(crate) detail: Option<String>,
}

impl Hit {
    /// The finding, with the line that the hit begins on.
    pub(crate) fn finding(&self, buf: &[u8], line: u32) -> Finding {
        let secret = String::from_utf8_lossy(buf.get(self.start..self.end).unwrap_or_default());
        let length = secret.chars().count();
        // What a person thought up could be guessed from its hash.
        let guessable = length < 16 || entropy(secret.as_bytes()) < 3.0;
        Finding {
            kind: self.kind.to_owned(),
            title: self.title.clone(),
            name: self.name.clone(),
            line,
            length: length as u64,
            shown: mask(mask_word(self), &secret),
            sha256: (!guessable).then(|| hex::encode(Sha256::digest(secret.as_bytes()))),
            certainty: self.certainty,
            harmless: self.harmless,
            detail: self.detail.clone(),
        }
    }
}

/// The word that the masked form carries.
pub(crate) fn mask_word(hit: &Hit) -> &str {
    match hit.kind {
        "value-of-secret-name" => "value",
        "password-in-url" | "password-on-command-line" => "password",
        "private-key" => "private key",
        _ => &hit.title,
    }
}

/// Takes away hits that another one covers: of two that overlap the surer stays, then the longer.
pub(crate) fn resolve(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for mut hit in hits {
        let Some(last) = kept.last_mut().filter(|last| last.end > hit.start) else {
            kept.push(hit);
            continue;
        };
        let rank = |h: &Hit| (h.certainty, h.kind == "value-of-secret-name", std::cmp::Reverse(h.end - h.start));
        if rank(&hit) < rank(last) {
            hit.name = hit.name.take().or_else(|| last.name.take());
            *last = hit;
        } else {
            last.name = last.name.take().or_else(|| hit.name.take());
        }
    }
    kept
}

/// Number of line feeds.
pub(crate) fn line_feeds(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|&&b| b == b'\n').count()).unwrap_or(u32::MAX)
}
