//! What is asked of a registry, and what it answers.

pub use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderValue};

use crate::challenge::{Challenge, challenges};
use crate::error::quoted;

/// Bytes of a manifest or index at most: the distribution spec's own limit, 4 MiB.
pub const MANIFEST_LIMIT: u64 = 4 << 20;
/// All types of manifest. A registry that is asked for fewer may convert the manifest, and with it its digest.
pub const MANIFEST_TYPES: [&str; 4] = [
    oci_distribution::manifest::OCI_IMAGE_INDEX_MEDIA_TYPE,
    oci_distribution::manifest::IMAGE_MANIFEST_LIST_MEDIA_TYPE,
    oci_distribution::manifest::OCI_IMAGE_MEDIA_TYPE,
    oci_distribution::manifest::IMAGE_MANIFEST_MEDIA_TYPE,
];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody: credentials are neither read nor sent. Tokens that anyone gets are asked for.
    Anonymous,
    /// The auditor, with the credentials that there are; without any, like everyone else.
    Auditor,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Only GET and HEAD are repeated and redirected.
    pub method: Method,
    /// What follows `/v2/`; or, with a leading slash, a path; or an address of the same host.
    pub path: &'a str,
    /// Accepted media types.
    pub accept: &'a [&'a str],
    /// The scope to ask a token for: `repository:a/b:pull`; without one the registry's challenge says it.
    pub scope: Option<&'a str>,
    /// Bytes of the body that are read at most.
    pub limit: u64,
    /// Media type and bytes that are sent.
    pub body: Option<(&'a str, Vec<u8>)>,
    /// A redirect to another host is not followed: it is the answer.
    pub stay: bool,
}

impl<'a> Ask<'a> {
    /// A GET of what follows `/v2/`, at most 4 MiB.
    #[must_use]
    pub fn get(path: &'a str) -> Self {
        Ask { method: Method::GET, path, accept: &[], scope: None, limit: MANIFEST_LIMIT, body: None, stay: false }
    }
}

/// An HTTP answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// All headers of the last answer.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
    /// The address that answered in the end, without its query if it was redirected.
    pub url: String,
}

impl Answer {
    /// A header's value; none if it is not there or no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The error codes in the body (distribution spec, error codes): `DENIED`.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        let envelope = serde_json::from_slice::<oci_distribution::errors::OciEnvelope>(&self.bytes);
        let errors = envelope.map(|envelope| envelope.errors).unwrap_or_default();
        let code = |error: &oci_distribution::errors::OciError| {
            serde_json::to_value(&error.code).ok().and_then(|code| code.as_str().map(|code| quoted(code, 60)))
        };
        errors.iter().take(10).filter_map(code).collect()
    }

    /// The challenges of `WWW-Authenticate`.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge> {
        challenges(self.headers.get_all(header::WWW_AUTHENTICATE).iter().map(HeaderValue::as_bytes))
    }
}

/// A manifest or index, its digest computed by ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// As it came.
    pub bytes: Vec<u8>,
    /// What the registry calls it, or else what it calls itself; may be empty.
    pub media_type: String,
    /// SHA-256 of the bytes, `sha256:…`.
    pub digest: String,
}
