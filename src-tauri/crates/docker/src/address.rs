//! How an engine is named: the default one, a socket, an address, or a Docker context.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An engine's name that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" names no Docker engine; write unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST or the name of a Docker context"
)]
pub struct AddressError(pub String);

/// An engine as the auditor names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngineAddress {
    /// What `DOCKER_HOST`, `DOCKER_CONTEXT` or the current context name, or else the standard socket.
    #[default]
    Default,
    /// `unix:///path`
    Unix(String),
    /// `tcp://host:port`; TLS as `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` say.
    Tcp(String),
    /// `ssh://[user@]host[:port][/path]`, through the system's `ssh`.
    Ssh(String),
    /// A Docker context by its name.
    Context(String),
}

impl FromStr for EngineAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.chars().take(200).collect());
        if text.is_empty() || text == "default" {
            return Ok(Self::Default);
        }
        if text.len() > 1024 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        if let Some(path) = text.strip_prefix("unix://") {
            return if path.starts_with('/') && path.len() > 1 {
                Ok(Self::Unix(text.to_owned()))
            } else {
                Err(wrong())
            };
        }
        if let Some(rest) = text.strip_prefix("tcp://").or_else(|| text.strip_prefix("https://")) {
            let fits = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
            let host = rest.trim_end_matches('/');
            return if !host.is_empty() && host.chars().all(fits) {
                Ok(Self::Tcp(format!("tcp://{host}")))
            } else {
                Err(wrong())
            };
        }
        if let Some(rest) = text.strip_prefix("ssh://") {
            // What begins with a dash would be an option of ssh.
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            let sound = !rest.is_empty() && !rest.starts_with('-') && !host.is_empty() && !host.starts_with('-');
            // A password in an address would be recorded and shown.
            let password = rest.split_once('@').is_some_and(|(user, _)| user.contains(':'));
            return if sound && !password { Ok(Self::Ssh(text.to_owned())) } else { Err(wrong()) };
        }
        // Docker's own rule for the names of contexts.
        let mut chars = text.chars();
        let first = chars.next().is_some_and(|c| c.is_ascii_alphanumeric());
        if first && chars.all(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c)) {
            Ok(Self::Context(text.to_owned()))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for EngineAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => Ok(()),
            Self::Unix(text) | Self::Tcp(text) | Self::Ssh(text) | Self::Context(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_alike() {
        for text in ["", "unix:///run/docker.sock", "tcp://10.0.0.5:2376", "ssh://ops@box:22", "prod", "a.b-c_1"] {
            assert_eq!(text.parse::<EngineAddress>().unwrap().to_string(), text);
        }
        assert_eq!("default".parse::<EngineAddress>().unwrap(), EngineAddress::Default);
        assert_eq!("https://h:1/".parse::<EngineAddress>().unwrap().to_string(), "tcp://h:1");
        for text in ["unix://", "unix://x", "tcp://", "tcp://a/b", "ssh://", "ssh://-oProxyCommand=x", "ssh://a@-b"] {
            assert!(text.parse::<EngineAddress>().is_err(), "{text}");
        }
        for text in ["ssh://a:secret@b", "a b", "-x", "http//", "a/b"] {
            assert!(text.parse::<EngineAddress>().is_err(), "{text}");
        }
    }
}
