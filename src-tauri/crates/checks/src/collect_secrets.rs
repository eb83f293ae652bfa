//! Secrets in the text of a Dockerfile or Compose file, found before it is masked.

use plimsoll_dockerfile::{Compose, Dockerfile};

use crate::LineSecret;

/// Secrets in a Dockerfile that has not been redacted.
#[must_use]
pub fn in_dockerfile(_unredacted: &Dockerfile) -> Vec<LineSecret> {
    Vec::new()
}

/// Secrets in the text of a Compose file.
#[must_use]
pub fn in_compose(_text: &str, _parsed: &Compose) -> Vec<LineSecret> {
    Vec::new()
}
