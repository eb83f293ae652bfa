//! How often, and after which pause, a thing is tried again.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use reqwest::header::{self, HeaderMap};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio_util::sync::CancellationToken;

use crate::connection::Patience;
use crate::error::RegistryError;

/// Tries of one thing.
pub(crate) struct Tries {
    /// How many there were.
    pub done: u32,
}

impl Tries {
    pub(crate) fn new() -> Self {
        Tries { done: 0 }
    }

    /// Counts one more try.
    pub(crate) fn begin(&mut self) {
        self.done = self.done.saturating_add(1);
    }

    /// Waits before the next try. `false`: there is none, as all are used up or the wait would be too long.
    pub(crate) async fn again(
        &self,
        patience: &Patience,
        asked: Option<Duration>,
        cancel: &CancellationToken,
    ) -> Result<bool, RegistryError> {
        if self.done >= patience.tries || asked.is_some_and(|asked| asked > patience.longest) {
            return Ok(false);
        }
        let doubled = patience.pause.saturating_mul(1 << self.done.saturating_sub(1).min(10));
        // Between a half and one and a half of it, so that many clients do not come back at once.
        let random = (RandomState::new().build_hasher().finish() % 1000) as u32;
        let pause = asked.unwrap_or(doubled.saturating_mul(500 + random) / 1000).min(patience.longest);
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(RegistryError::Cancelled),
            () = tokio::time::sleep(pause) => Ok(true),
        }
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    let left = (date - OffsetDateTime::now_utc()).whole_seconds();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_that_is_asked_for_is_read_in_seconds_or_as_a_date() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(of("Fri, 21 Oct 2950 07:28:00 GMT").is_some_and(|wait| wait > Duration::from_secs(1_000_000)));
        assert_eq!(of("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
