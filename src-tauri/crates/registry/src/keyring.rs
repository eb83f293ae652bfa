//! Credentials in the system's keyring, under the service `plimsoll`.
//!
//! On Linux the Secret Service (freedesktop), over D-Bus in pure Rust. Without a session bus, as on a server, there is
//! simply nothing. On other systems Docker's own helpers already keep credentials there; this finds nothing.
//!
//! Everything is done on a thread of its own, as the bus library blocks and must not do so inside a runtime, and with a
//! bound, as a keyring may wait for a person.

use std::time::Duration;

use crate::connection::{Credentials, canonical};
use crate::error::RegistryError;

/// How long reading may take; it asks nobody anything.
const READING: Duration = Duration::from_secs(5);
/// How long storing may take; it may ask a person to unlock the keyring.
const STORING: Duration = Duration::from_secs(60);

fn apart<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, RegistryError> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = send.send(work());
    });
    let done = receive.recv_timeout(patience);
    let done = done.unwrap_or_else(|_| Err(format!("it did not answer within {} seconds", patience.as_secs())));
    done.map_err(|reason| RegistryError::Keyring { reason })
}

/// The credentials for a host; none if there are none, or no keyring.
pub(crate) fn get(host: &str) -> Result<Option<Credentials>, RegistryError> {
    if !system::may_exist() {
        return Ok(None);
    }
    let host = host.to_owned();
    apart(READING, move || system::get(&host))
}

/// Stores credentials for a host in the system's keyring, in place of those that are there. Blocks, perhaps until a
/// person has unlocked it.
///
/// # Errors
/// [`RegistryError::Keyring`] when there is no keyring, or it refuses.
pub fn keyring_save(host: &str, credentials: &Credentials) -> Result<(), RegistryError> {
    let (host, credentials) = (canonical(host).to_owned(), credentials.clone());
    apart(STORING, move || system::save(&host, &credentials))
}

/// Removes what [`keyring_save`] stored for a host; nothing happens if there is nothing.
///
/// # Errors
/// [`RegistryError::Keyring`] when the keyring refuses.
pub fn keyring_remove(host: &str) -> Result<(), RegistryError> {
    if !system::may_exist() {
        return Ok(());
    }
    let host = canonical(host).to_owned();
    apart(STORING, move || system::remove(&host))
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;

    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error};

    use crate::connection::Credentials;

    const SERVICE: &str = "plimsoll";

    /// Whether there can be a session bus at all.
    pub(super) fn may_exist() -> bool {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let default = set("XDG_RUNTIME_DIR").is_some_and(|folder| std::path::Path::new(&folder).join("bus").exists());
        set("DBUS_SESSION_BUS_ADDRESS").is_some() || default
    }

    fn attributes(host: &str) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("host", host)])
    }

    fn told(error: Error) -> String {
        match error {
            Error::Unavailable => "there is none in this session".into(),
            Error::Locked => "it is locked".into(),
            Error::Prompt => "it was not unlocked".into(),
            // The bus's words may quote a message, and with it what was sent.
            _ => "the Secret Service answers with an error".into(),
        }
    }

    pub(super) fn get(host: &str) -> Result<Option<Credentials>, String> {
        let service = match SecretService::connect(EncryptionType::Dh) {
            Ok(service) => service,
            Err(Error::Unavailable) => return Ok(None),
            Err(error) => return Err(told(error)),
        };
        let found = service.search_items(attributes(host)).map_err(told)?;
        let Some(item) = found.unlocked.first() else {
            return if found.locked.is_empty() { Ok(None) } else { Err("it is locked".into()) };
        };
        let user = item.get_attributes().map_err(told)?.remove("user").unwrap_or_default();
        let secret = item.get_secret().map_err(told)?;
        let password = String::from_utf8(secret).map_err(|_| "it holds something that is no password".to_owned())?;
        Ok(Some(Credentials { user, password }))
    }

    pub(super) fn save(host: &str, credentials: &Credentials) -> Result<(), String> {
        let service = SecretService::connect(EncryptionType::Dh).map_err(told)?;
        let collection = service.get_default_collection().map_err(told)?;
        collection.unlock().map_err(told)?;
        // The user is an attribute too: items of another user are not replaced, so they go first.
        for item in collection.search_items(attributes(host)).map_err(told)? {
            item.delete().map_err(told)?;
        }
        let mut attributes = attributes(host);
        attributes.insert("user", &credentials.user);
        let label = format!("Plimsoll: {host}");
        let secret = credentials.password.as_bytes();
        collection.create_item(&label, attributes, secret, true, "text/plain").map(drop).map_err(told)
    }

    pub(super) fn remove(host: &str) -> Result<(), String> {
        let service = match SecretService::connect(EncryptionType::Dh) {
            Ok(service) => service,
            Err(Error::Unavailable) => return Ok(()),
            Err(error) => return Err(told(error)),
        };
        let found = service.search_items(attributes(host)).map_err(told)?;
        for item in found.locked.iter().chain(&found.unlocked) {
            item.unlock().map_err(told)?;
            item.delete().map_err(told)?;
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use crate::connection::Credentials;

    pub(super) fn may_exist() -> bool {
        false
    }

    pub(super) fn get(_: &str) -> Result<Option<Credentials>, String> {
        Ok(None)
    }

    pub(super) fn save(_: &str, _: &Credentials) -> Result<(), String> {
        Err("Plimsoll does not know the keyring of this system; use docker login with its helper".into())
    }

    pub(super) fn remove(_: &str) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_apart_may_block_inside_a_runtime_and_fails_with_a_sentence() {
        let runtime = || tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string());
        assert_eq!(apart(READING, move || runtime().map(|own| own.block_on(async { 7 }))).unwrap(), 7);
        let error = apart::<()>(READING, || Err("it is locked".into())).unwrap_err();
        assert!(error.to_string().contains("it is locked"), "{error}");
    }
}
