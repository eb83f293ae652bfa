//! Why one request failed, and what that means for the connection as a whole.

use std::error::Error as StdError;
use std::io::ErrorKind;

use rustls::{AlertDescription, CertificateError, Error as TlsError};
use serde_json::Value;

use super::error::DockerError;

/// Why one request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    Cancelled,
    /// No answer within so many seconds.
    Slow(u64),
    /// The answer is longer than so many bytes.
    Large(usize),
    /// The answer has more parts than so many.
    Many(usize),
    /// The path is none that can be asked for.
    Address,
    /// The engine answered with an error.
    Status {
        code: u16,
        message: String,
    },
    /// The answer is no JSON.
    NotJson(String),
    /// The system refuses the socket.
    Permission,
    /// The certificate's issuer is not trusted.
    UnknownCa,
    /// The engine wants a client certificate, or another one.
    NoClientCertificate,
    /// What answers speaks no TLS.
    NoTls,
    /// TLS failed otherwise.
    Tls(String),
    /// What `ssh` says.
    Ssh(String),
    /// The connection failed or ended early.
    Broken(String),
}

/// Most characters of what an engine says that are passed on.
const LONGEST: usize = 300;

/// What comes from outside, fit for one line of a sentence.
pub(crate) fn quiet(text: &str) -> String {
    let head: String = text.chars().take(4 * LONGEST).collect();
    let clean: String =
        plimsoll_secrets::redact_text(&head).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    clean.trim().trim_end_matches('.').to_owned()
}

impl Trouble {
    /// From an answer that is an error.
    pub(crate) fn status(code: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice::<Value>(body).ok().and_then(|value| {
            value.get("message").or_else(|| value.get("cause")).and_then(Value::as_str).map(str::to_owned)
        });
        let head = body.get(..body.len().min(2048)).unwrap_or_default();
        let message = said.unwrap_or_else(|| String::from_utf8_lossy(head).into_owned());
        Self::Status { code, message: quiet(&message) }
    }

    /// One sentence, for what could not be read.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Cancelled => "It was cancelled.".into(),
            Self::Slow(seconds) => format!("The daemon did not answer within {seconds} seconds."),
            Self::Large(bytes) => format!("The answer is larger than {} MiB.", bytes >> 20),
            Self::Many(parts) => format!("The answer has more than {parts} parts."),
            Self::Address => "The name has signs that cannot be asked for.".into(),
            Self::Status { code, message } if message.is_empty() => format!("The daemon answered with status {code}."),
            Self::Status { code, message } => format!("The daemon answered with status {code}: {message}."),
            Self::NotJson(reason) => format!("The answer is no JSON that can be read ({}).", quiet(reason)),
            Self::Permission => "The socket refuses this user.".into(),
            Self::UnknownCa => "The daemon's certificate comes from an authority that is not trusted.".into(),
            Self::NoClientCertificate => "The daemon demands a client certificate that it knows.".into(),
            Self::NoTls => "What answers speaks no TLS.".into(),
            Self::Tls(reason) => format!("TLS failed: {}.", quiet(reason)),
            Self::Ssh(reason) => format!("The connection over ssh failed: {}.", quiet(reason)),
            Self::Broken(reason) => format!("The connection to the daemon failed: {}.", quiet(reason)),
        }
    }

    /// The error when the very first request fails so.
    pub(crate) fn at_first(self, host: &str) -> DockerError {
        let host = host.to_owned();
        match self {
            Self::Cancelled => DockerError::Cancelled,
            Self::Slow(seconds) => DockerError::Slow { host, seconds },
            Self::Permission => DockerError::NoPermission { host },
            Self::UnknownCa => DockerError::UnknownCa { host },
            Self::NoClientCertificate => DockerError::NoClientCertificate { host },
            Self::NoTls => DockerError::TlsToPlain { host },
            Self::Tls(reason) => DockerError::Tls { host, reason: quiet(&reason) },
            Self::Ssh(reason) => DockerError::Ssh { host, reason: quiet(&reason) },
            Self::Broken(reason) => DockerError::NoDaemon { host, reason: quiet(&reason) },
            Self::Status { code: 400, message } if message.contains("HTTPS server") => DockerError::PlainToTls { host },
            Self::Status { code: code @ (401 | 403), message } => DockerError::Engine {
                act: "tell its version".into(),
                reason: format!("it refuses with status {code} ({message}); see what stands before the daemon"),
            },
            other => {
                let reason = other.reason();
                let reason = reason.trim_end_matches('.').replacen("The daemon answered", "it answered", 1);
                DockerError::NotDocker { host, reason: reason.replacen("The answer is", "its answer is", 1) }
            }
        }
    }

    /// The error when a later request that the work rests on fails.
    pub(crate) fn later(self, act: &str) -> DockerError {
        match self {
            Self::Cancelled => DockerError::Cancelled,
            other => {
                DockerError::Engine { act: act.to_owned(), reason: other.reason().trim_end_matches('.').to_owned() }
            }
        }
    }
}

/// What a failed connection means: looks through the whole chain of causes.
pub(crate) fn wire(error: &(dyn StdError + 'static)) -> Trouble {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    let mut steps = 0;
    while let Some(cause) = next.filter(|_| steps < 20) {
        steps += 1;
        if let Some(tls) = cause.downcast_ref::<TlsError>() {
            return of_tls(tls);
        }
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == ErrorKind::PermissionDenied) {
            return Trouble::Permission;
        }
        let said = cause.to_string();
        if !words.iter().any(|known| known.contains(&said)) {
            words.push(said);
        }
        // An I/O error hides what it wraps: its source is that of the wrapped one.
        next = match io.and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    // The innermost says what happened; the outer ones only that something did.
    Trouble::Broken(words.pop().unwrap_or_default())
}

fn of_tls(error: &TlsError) -> Trouble {
    match error {
        // Two authorities of one name differ only in their keys.
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            Trouble::UnknownCa
        }
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError
            | AlertDescription::HandshakeFailure,
        ) => Trouble::NoClientCertificate,
        TlsError::InvalidMessage(_) => Trouble::NoTls,
        other => Trouble::Tls(other.to_string()),
    }
}
