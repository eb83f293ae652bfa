//! What a failed exchange means: from the errors of the HTTP client to ours. Addresses are left out, as their queries may
//! hold signatures.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::connection::Patience;
use crate::error::{RegistryError, quoted};

/// Why there is no answer, and whether it is worth another try.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub error: RegistryError,
    pub again: bool,
}

impl From<RegistryError> for Trouble {
    fn from(error: RegistryError) -> Self {
        Trouble { error, again: false }
    }
}

/// Something of the type `T` among an error and its causes. What an [`io::Error`] wraps is no cause of it, but inside.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    for _ in 0..32 {
        let current = next?;
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        let inside = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => current.source(),
        };
    }
    None
}

/// The words of an error and its causes, each once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    for _ in 0..32 {
        let Some(cause) = next else { break };
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    quoted(&text, 400)
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "the authority that issued it is not known".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".into(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it was issued for another name".into()
        }
        CertificateError::Revoked => "it was revoked".into(),
        CertificateError::BadSignature => "its signature is wrong".into(),
        other => quoted(&other.to_string(), 200),
    }
}

/// Names the cause of a failed exchange with `registry`.
pub(crate) fn judge(error: reqwest::Error, registry: &str, patience: &Patience) -> Trouble {
    let registry = registry.to_owned();
    let error = error.without_url();
    let unreachable = |reason: String, again| Trouble {
        error: RegistryError::Unreachable { registry: registry.clone(), reason },
        again,
    };
    if let Some(tls) = find::<rustls::Error>(&error) {
        return match tls {
            rustls::Error::InvalidCertificate(reason) => {
                RegistryError::Untrusted { registry, reason: certificate(reason) }.into()
            }
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                RegistryError::PlainHttp { registry }.into()
            }
            rustls::Error::AlertReceived(
                alert @ (AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired),
            ) => RegistryError::ClientCertificate { registry, reason: format!("it says {alert:?}") }.into(),
            other => unreachable(format!("TLS failed: {}", quoted(&other.to_string(), 200)), false),
        };
    }
    if error.is_timeout() {
        let connecting = error.is_connect();
        let seconds = if connecting { patience.connect } else { patience.idle }.as_secs();
        let what = if connecting { "no connection" } else { "no answer" };
        return unreachable(format!("{what} within {seconds} seconds"), true);
    }
    if error.is_dns() {
        return unreachable(format!("its name cannot be resolved: {}", chain(&error)), false);
    }
    match find::<io::Error>(&error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => unreachable("the connection was refused".into(), true),
        Some(io::ErrorKind::ConnectionReset) => unreachable("the connection was reset".into(), true),
        Some(io::ErrorKind::UnexpectedEof) => unreachable("the connection was closed".into(), true),
        _ if error.is_builder() => {
            RegistryError::Answer { registry, what: "an address".into(), reason: chain(&error) }.into()
        }
        _ => unreachable(chain(&error), true),
    }
}
