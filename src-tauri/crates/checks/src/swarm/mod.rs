//! Swarm: checks on the cluster that a host belongs to, and on the networks between its applications.
//!
//! In: what the host tells of its swarm ([`plimsoll_docker::facts::SwarmFacts`]) and its networks. Only a manager knows
//! the cluster: `told.rs` says what everybody else leaves undecided, and `cluster.rs` leaves a worker to its manager when
//! that is a subject too.
//!
//! - `managers.rs`, `spread.rs`: how many managers there are, how they stand, what runs on them
//! - `keys.rs`, `certificates.rs`: auto-lock, tokens, the cluster's certificates
//! - `overlays.rs`, `applications.rs`: encrypted overlay networks, a network for each application
//! - `balance.rs`, `updates.rs`, `placement.rs`, `limits.rs`: how services are run
//! - `nodes.rs`: whether the nodes are alike, and labelled

mod applications;
mod balance;
mod certificates;
#[cfg(test)]
mod certificates_tests;
mod cluster;
mod keys;
mod limits;
mod managers;
#[cfg(test)]
mod managers_tests;
mod nodes;
mod overlays;
#[cfg(test)]
mod overlays_tests;
mod placement;
#[cfg(test)]
mod services_tests;
mod spread;
#[cfg(test)]
mod tests;
mod told;
mod updates;

pub(crate) use cluster::leave_to_managers;

use crate::Check;

/// The checks of this folder.
pub(crate) fn all() -> Vec<&'static dyn Check> {
    let mut checks = of_the_cluster();
    checks.push(&applications::ApplicationNetworks);
    checks
}

/// The checks that ask about the cluster as a whole: any manager answers them for all of its nodes.
fn of_the_cluster() -> Vec<&'static dyn Check> {
    vec![
        &managers::Redundant,
        &managers::Odd,
        &spread::Spread,
        &keys::AutoLock,
        &managers::Drained,
        &keys::JoinTokens,
        &keys::UnlockKey,
        &certificates::OfNodes,
        &certificates::Root,
        &certificates::Own,
        &balance::LoadBalancing,
        &overlays::Encrypted,
        &updates::Rolling,
        &placement::ReplicasSpread,
        &placement::Separated,
        &limits::ServiceLimits,
        &nodes::Alike,
        &nodes::Labelled,
    ]
}
