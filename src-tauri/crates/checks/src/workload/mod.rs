//! How a container is let run: the same questions to a container and to a service of a Compose file, before anything runs.
//!
//! `view.rs` gives one view of both, `settings_of.rs` its accessors; `ask.rs` asks a question of a container, or of each service and puts the answers
//! together; `paths.rs` brings mounts into one form. Each other file holds the questions of one family.
//!
//! What a Compose file leaves to the daemon (seccomp, no-new-privileges, the logging driver) is undecided there; what
//! Compose itself defaults to (no limits, a writable root, no restart) is decided.

mod ask;
mod confinement;
mod files;
mod identity;
mod limits;
mod mounts;
mod namespaces;
mod networks;
mod operation;
mod paths;
mod ports;
mod privileges;
mod settings_of;
#[cfg(test)]
mod tests;
mod view;

use crate::Check;
use ask::Asked;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    vec![
        &Asked(&privileges::Privileges),
        &Asked(&confinement::NoNewPrivileges),
        &Asked(&namespaces::HostNamespaces),
        &Asked(&mounts::Socket),
        &Asked(&mounts::Sensitive),
        &Asked(&privileges::Devices),
        &Asked(&privileges::Sysctls),
        &Asked(&confinement::Shields),
        &Asked(&confinement::Seccomp),
        &Asked(&confinement::Lsm),
        &Asked(&namespaces::UserNamespace),
        &Asked(&identity::User),
        &Asked(&files::ReadOnlyRoot),
        &Asked(&limits::Resources),
        &Asked(&limits::Processes),
        &Asked(&networks::OwnNetwork),
        &networks::Encryption,
        &networks::Separation,
        &Asked(&ports::Bound),
        &Asked(&ports::Published),
        &Asked(&ports::Control),
        &Asked(&files::Volumes),
        &Asked(&identity::Secrets),
        &Asked(&identity::NamedImage),
        &Asked(&identity::Labels),
        &Asked(&operation::Logged),
        &Asked(&operation::Central),
        &Asked(&operation::Restart),
        &Asked(&operation::Updates),
    ]
}
