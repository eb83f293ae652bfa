//! Reads an answer's body within a bound, while it comes.

use reqwest::Response;
use tokio_util::sync::CancellationToken;

use crate::error::RegistryError;
use crate::trouble::{Trouble, judge};
use crate::wire::Wire;

/// The whole body, if it has at most `limit` bytes. Nothing beyond the limit is kept, and no more is read.
pub(crate) async fn whole(
    mut response: Response,
    limit: u64,
    what: &str,
    wire: &Wire,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, Trouble> {
    let too_large = || RegistryError::TooLarge { registry: wire.registry.clone(), what: what.to_owned(), limit };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    loop {
        let chunk = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(RegistryError::Cancelled.into()),
            chunk = response.chunk() => chunk.map_err(|error| judge(error, &wire.registry, &wire.patience))?,
        };
        let Some(chunk) = chunk else { return Ok(bytes) };
        if (bytes.len() as u64).saturating_add(chunk.len() as u64) > limit {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(&chunk);
    }
}
