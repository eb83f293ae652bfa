//! What only a container itself shows: its processes, its changes, its state.
//!
//! One file for each check. `shown.rs` has the ways to speak of a container, `processes.rs` reads its list of processes:
//! which descend from the first one, and who they are inside. `shared.rs` alone looks at several containers at once
//! ([`settle`]). Their links to requirements lie in `catalog/data/runtime/container.json`.

mod accessed;
mod current;
mod health;
mod limits;
mod not_root;
mod permissions;
mod processes;
mod remote;
mod shared;
mod shown;
mod stability;
#[cfg(test)]
mod tests;
mod writes;

pub(crate) use shared::settle;

use crate::Check;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    vec![
        &not_root::NotRoot,
        &shared::SharedUid,
        &permissions::Unneeded,
        &accessed::Accessed,
        &remote::Running,
        &writes::Writes,
        &health::Health,
        &current::Current,
        &limits::InForce,
        &stability::Stability,
    ]
}
