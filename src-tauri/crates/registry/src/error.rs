//! Why a registry did not give what was asked for: one type, one plain sentence for each case, no secrets.

use std::path::PathBuf;

use thiserror::Error;

/// Why a registry did not give what was asked for.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The reference is none.
    #[error("\"{given}\" is not an image reference ({reason}); write HOST/NAME:TAG or NAME@sha256:…")]
    Reference {
        /// What was given.
        given: String,
        /// What is wrong.
        reason: String,
    },
    /// The auditor's settings cannot be used.
    #[error("The {what} for {registry} cannot be used ({reason}); correct it in the registry's connection")]
    Setting {
        /// The registry.
        registry: String,
        /// What is set, with its path: `own CA /home/a/ca.pem`.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// Nobody answers.
    #[error(
        "{registry} could not be reached ({reason}); check the address, the network and, if there is one, the proxy"
    )]
    Unreachable {
        /// The registry.
        registry: String,
        /// What the system says.
        reason: String,
    },
    /// Its certificate is not trusted.
    #[error(
        "The certificate of {registry} is not trusted ({reason}); if it is the right one, name the authority that issued it as the registry's own CA"
    )]
    Untrusted {
        /// The registry.
        registry: String,
        /// Why not.
        reason: String,
    },
    /// It wants a client certificate, or another one.
    #[error(
        "{registry} does not accept the client's certificate or wants one ({reason}); name a client certificate and its key in the registry's connection"
    )]
    ClientCertificate {
        /// The registry.
        registry: String,
        /// The alert that it sent.
        reason: String,
    },
    /// It speaks plain HTTP and nobody allowed it.
    #[error(
        "{registry} speaks plain HTTP, so anyone on the way could read and change what it sends; if that is acceptable, allow it with --plain-http {registry}, or by the switch in the registry's connection"
    )]
    PlainHttp {
        /// The registry.
        registry: String,
    },
    /// It wants to know who asks.
    #[error("{registry} gives {name} only to those who log in; give credentials, or run docker login {registry} first")]
    NeedsCredentials {
        /// The registry.
        registry: String,
        /// What was asked for.
        name: String,
    },
    /// It does not know the credentials.
    #[error("{registry} does not accept the credentials of {identity}; check user and password, or log in again")]
    WrongCredentials {
        /// The registry or its token server.
        registry: String,
        /// Who, and where the credentials are from.
        identity: String,
    },
    /// It knows who asks, and refuses.
    #[error("{registry} refuses {name} to {identity}; ask the registry's owner for the right to read it")]
    Denied {
        /// The registry.
        registry: String,
        /// What was asked for.
        name: String,
        /// Who asked.
        identity: String,
    },
    /// Its token server does not do its work.
    #[error(
        "The token server {realm} of {registry} gave no token ({reason}); try again later, or tell the registry's owner"
    )]
    TokenServer {
        /// The registry.
        registry: String,
        /// Address of the token server, without its query.
        realm: String,
        /// What happened.
        reason: String,
    },
    /// Its token server must not be given credentials.
    #[error(
        "{registry} sends its clients to {realm} for a token, and {reason}; no credentials were sent, tell the registry's owner"
    )]
    Realm {
        /// The registry.
        registry: String,
        /// The realm as it stands in the challenge, without its query.
        realm: String,
        /// Why not.
        reason: String,
    },
    /// It has no such thing.
    #[error("{registry} has no {name}; check the name, and the tag or digest")]
    NotFound {
        /// The registry.
        registry: String,
        /// What was asked for.
        name: String,
    },
    /// Too many requests.
    #[error("{registry} answers no more requests for now ({reason}); wait, or log in for a higher limit")]
    RateLimited {
        /// The registry.
        registry: String,
        /// What it said of the wait.
        reason: String,
    },
    /// It fails.
    #[error(
        "{registry} fails with HTTP {status} when asked for {name}, {tries} times in a row; try again later, or tell its owner"
    )]
    Server {
        /// The registry.
        registry: String,
        /// What was asked for.
        name: String,
        /// HTTP status.
        status: u16,
        /// How often it was asked.
        tries: u32,
    },
    /// What came is not what was asked for.
    #[error(
        "{registry} sent {what} with digest {found} instead of {expected}; do not use this image, and tell the registry's owner"
    )]
    Digest {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// The digest asked for.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// What came is longer or shorter than listed.
    #[error(
        "{registry} sent {what} with {found} bytes instead of {expected}; do not use this image, and tell the registry's owner"
    )]
    Length {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// Bytes as listed.
        expected: u64,
        /// Bytes that came, or that were announced; when more than listed, reading stopped there.
        found: u64,
    },
    /// The connection broke, again and again.
    #[error(
        "{registry} cut {what} off after {at} of {of} bytes, {tries} times in all ({reason}); check the network and try again"
    )]
    CutOff {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// Bytes that came.
        at: u64,
        /// Bytes in all.
        of: u64,
        /// How often it was tried.
        tries: u32,
        /// What happened last.
        reason: String,
    },
    /// More than is read of such a thing.
    #[error(
        "{registry} sent {what} of more than {limit} bytes, which is more than Plimsoll reads of it; tell the registry's owner"
    )]
    TooLarge {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// Bytes that are read at most.
        limit: u64,
    },
    /// It sends its clients where they must not go.
    #[error("{registry} redirects {what} to {to}, and {reason}; tell the registry's owner")]
    Redirect {
        /// The registry.
        registry: String,
        /// What was asked for.
        what: String,
        /// Where to, without the query.
        to: String,
        /// Why that is not followed.
        reason: String,
    },
    /// The answer makes no sense.
    #[error("{registry} sent {what} that cannot be used ({reason}); tell the registry's owner")]
    Answer {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The index has no image for the platform.
    #[error("{name} is not offered for {wanted}; it is offered for {offered}")]
    Platform {
        /// The reference.
        name: String,
        /// The platform that was wanted.
        wanted: String,
        /// The platforms that there are.
        offered: String,
    },
    /// The archive could not be written.
    #[error("The image could not be written to {path} ({source}); free some space there or choose another folder", path = path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The system's keyring did not take or give.
    #[error("The system's keyring could not be used ({reason}); unlock it, or give the credentials each time")]
    Keyring {
        /// What it says.
        reason: String,
    },
    /// A program of ours stopped where it should not.
    #[error("Fetching from {registry} stopped unexpectedly ({reason}); try again")]
    Stopped {
        /// The registry.
        registry: String,
        /// What is known of it.
        reason: String,
    },
    /// The auditor stopped it.
    #[error("Fetching from the registry was cancelled")]
    Cancelled,
}

/// Text from outside for a message: control characters out, at most `limit` characters.
pub(crate) fn quoted(text: &str, limit: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(limit).map(clean).collect();
    if text.chars().nth(limit).is_some() {
        short.push('…');
    }
    short.trim().to_owned()
}
