//! What a found secret is recorded as: never the secret itself.

use serde::{Deserialize, Serialize};

/// One secret, or what looks like one, in some text or file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Finding {
    /// Stable id of the kind: `github-pat`, `private-key`, `password-in-url`, `value-of-secret-name` …
    pub kind: String,
    /// What it is, for people: "GitHub personal access token".
    pub title: String,
    /// The name that the value stands under: a variable, a key of a file. None in free text.
    pub name: Option<String>,
    /// Line of its first character, counted from 1.
    pub line: u32,
    /// Length in characters.
    pub length: u64,
    /// The masked form, as [`crate::mask`] writes it.
    pub shown: String,
    /// SHA-256 of the secret, hexadecimal; none where a short or simple secret could be guessed from it.
    pub sha256: Option<String>,
    /// How sure it is.
    pub certainty: Certainty,
    /// Why it is probably no secret after all.
    pub harmless: Option<Harmless>,
    /// What else the form gives away: "RSA, 2048 bits, not encrypted", "account 123456789012". No part of the secret.
    pub detail: Option<String>,
}

/// How sure a finding is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A checksum in it is right, or it was parsed as what it claims to be.
    Proven,
    /// It has the form of a known kind.
    Form,
    /// A value that looks random under a name that speaks of a secret.
    Likely,
    /// Only the name (of the setting, or of the file) says so.
    Name,
}

/// Why a finding is probably no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harmless {
    /// `changeme`, `<password>`, `xxxx`, `${PASSWORD}`.
    Placeholder,
    /// A value that documentation publishes: `AKIAIOSFODNN7EXAMPLE`.
    Example,
    /// It lies among tests, fixtures or documentation.
    TestData,
    /// A public key or a certificate.
    Public,
    /// It has the form, but its checksum is wrong.
    BadChecksum,
    /// A private key that is encrypted with a passphrase.
    Encrypted,
}
