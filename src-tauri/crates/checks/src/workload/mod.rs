//! How a container is let run: the same questions to a container and to a service of a Compose file.

use crate::Check;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    Vec::new()
}
