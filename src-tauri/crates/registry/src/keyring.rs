//! Credentials in the system's keyring, under the service `plimsoll`.

use crate::connection::Credentials;
use crate::error::RegistryError;

/// The credentials for a host; none if there are none, or no keyring.
pub(crate) fn get(_host: &str) -> Result<Option<Credentials>, RegistryError> {
    Ok(None)
}
