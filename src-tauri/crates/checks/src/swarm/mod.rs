//! Swarm: checks on the cluster that a host belongs to.

use crate::Check;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    Vec::new()
}
