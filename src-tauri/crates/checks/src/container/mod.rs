//! What only a container itself shows: its processes, its changes, its state.

use crate::Check;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    Vec::new()
}
