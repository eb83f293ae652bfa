//! The whole of a repository's metadata: root, timestamp, snapshot, targets, and every delegation that the snapshot
//! lists.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use time::OffsetDateTime;

use super::chain::Draft;
use super::fault::Fault;
use super::key::{Authority, Signed};
use super::root::{self, Trusted};
use super::session::{Session, Trouble};
use super::wire::{Body, Delegations, File, MAX_DELEGATIONS, Meta, Snapshot, Targets, Timestamp};
use super::words::day;
use crate::policy::TrustPolicy;
use crate::verdict::{Invalid, LinkKind};

/// The role whose word on a tag comes first.
pub(super) const RELEASES: &str = "targets/releases";
/// Most delegations that are drawn.
const MAX_DRAWN: usize = 20;

/// A role that names targets.
pub(super) struct Role {
    pub(super) name: String,
    /// For each delegation on the way to it, the beginnings of the names that it covers.
    paths: Vec<Arc<Vec<String>>>,
    targets: BTreeMap<String, Meta>,
    pub(super) expires: OffsetDateTime,
    pub(super) signed: Signed,
}

impl Role {
    /// What it says of a tag; nothing where the tag is not its to name.
    pub(super) fn target(&self, tag: &str) -> Option<&Meta> {
        self.covers(tag).then(|| self.targets.get(tag)).flatten()
    }

    /// Whether a tag is its to name.
    pub(super) fn covers(&self, tag: &str) -> bool {
        self.paths.iter().all(|paths| paths.iter().any(|path| tag.starts_with(path.as_str())))
    }

    /// Whether it names a tag that is not its to name.
    pub(super) fn oversteps(&self, tag: &str) -> bool {
        !self.covers(tag) && self.targets.contains_key(tag)
    }

    /// Every tag that it names and may.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&str, &Meta)> {
        self.targets.iter().filter(|(tag, _)| self.covers(tag)).map(|(tag, meta)| (tag.as_str(), meta))
    }
}

/// A repository whose metadata hold, apart from what is out of date.
pub(super) struct Repository {
    /// Until when the four roles and the certificates count.
    pub(super) until: OffsetDateTime,
    pub(super) targets: Role,
    pub(super) delegations: Vec<Role>,
    /// Delegations that are left out, and why.
    pub(super) dropped: Vec<(String, String)>,
    /// Every role that somebody delegates to, followed or not.
    pub(super) delegated: BTreeSet<String>,
}

/// Verifies everything that was served.
///
/// # Errors
///
/// Why it does not hold; the session's chain ends where it broke.
pub(super) fn verify(session: &mut Session<'_>, policy: &TrustPolicy) -> Result<Repository, Fault> {
    let trusted = root::root(session, policy)?;
    let mut until = trusted.until;
    let (timestamp, _): (File<Timestamp>, _) = base(session, &trusted, "timestamp", None)?;
    until = until.min(timestamp.expires);
    let (snapshot, _): (File<Snapshot>, _) = base(session, &trusted, "snapshot", timestamp.body.meta.get("snapshot"))?;
    until = until.min(snapshot.expires);
    announced_root(session, &snapshot.body)?;
    let (targets, signed) = base::<Targets>(session, &trusted, "targets", snapshot.body.meta.get("targets"))?;
    until = until.min(targets.expires);
    let mut repository = Repository {
        until,
        targets: Role {
            name: "targets".to_owned(),
            paths: Vec::new(),
            targets: targets.body.targets,
            expires: targets.expires,
            signed,
        },
        delegations: Vec::new(),
        dropped: Vec::new(),
        delegated: BTreeSet::new(),
    };
    delegations(session, &snapshot.body, targets.body.delegations, &mut repository)?;
    Ok(repository)
}

/// The root was judged before the snapshot that announces it.
fn announced_root(session: &mut Session<'_>, snapshot: &Snapshot) -> Result<(), Fault> {
    let Some(announced) = snapshot.meta.get("root") else { return Ok(()) };
    announced.fits(session.fetch("root")?).map(|_| ()).map_err(|why| {
        let fault =
            Fault::invalid(Invalid::Hash, format!("The root is not the one that the snapshot announces: {why}."));
        if let Some(link) = session.chain.last_mut() {
            link.holds = Some(false);
            link.problem.clone_from(&fault.reason);
        }
        fault
    })
}

/// One of the roles that the root appoints.
fn base<T: Body>(
    session: &mut Session<'_>,
    trusted: &Trusted,
    name: &str,
    announced: Option<&Meta>,
) -> Result<(File<T>, Signed), Fault> {
    let authority =
        trusted.body.roles.get(name).map(|role| Authority::read(role, &trusted.body.keys)).unwrap_or_default();
    let mut link = Draft::new(LinkKind::Role, name);
    match session.role(&mut link, name, announced, &authority) {
        Ok((file, signed)) => {
            session.versions.insert(name.to_owned(), file.version);
            session.judge_date(&mut link, name, file.expires);
            session.chain.push(link.done());
            Ok((file, signed))
        }
        Err(Trouble { fault, .. }) => {
            session.chain.push(link.stopped(&fault));
            Err(fault)
        }
    }
}

/// Follows every delegation that the snapshot lists. One whose signatures do not fit, or that is out of date, is left
/// out with what it delegates; anything else that is wrong with one is wrong with the whole.
fn delegations(
    session: &mut Session<'_>,
    snapshot: &Snapshot,
    first: Delegations,
    repository: &mut Repository,
) -> Result<(), Fault> {
    let mut queue = VecDeque::from([(first, Vec::new())]);
    let mut drawn = 0_usize;
    while let Some((Delegations { keys, mut roles }, above)) = queue.pop_front() {
        // The role that decides is judged, and drawn, first.
        roles.sort_by_key(|role| role.name != RELEASES);
        for role in roles {
            if !repository.delegated.insert(role.name.clone()) {
                continue;
            }
            if repository.delegated.len() > MAX_DELEGATIONS {
                return Err(Fault::invalid(
                    Invalid::Format,
                    format!("There are more than {MAX_DELEGATIONS} delegations."),
                ));
            }
            let Some(announced) = snapshot.meta.get(&role.name) else {
                unlisted(session, &role.name);
                continue;
            };
            let authority = Authority::read(&role.role, &keys);
            let mut link = Draft::new(LinkKind::Role, role.name.as_str());
            let judged = judge(session, &mut link, &role.name, announced, &authority);
            drawn = drawn.saturating_add(1);
            match judged {
                Ok((file, signed)) => {
                    session.versions.insert(role.name.clone(), file.version);
                    session.note_soon(&role.name, file.expires);
                    if drawn <= MAX_DRAWN {
                        session.chain.push(link.done());
                    }
                    let mut paths: Vec<_> = above.clone();
                    paths.push(Arc::new(role.paths));
                    queue.push_back((file.body.delegations, paths.clone()));
                    repository.delegations.push(Role {
                        name: role.name,
                        paths,
                        targets: file.body.targets,
                        expires: file.expires,
                        signed,
                    });
                }
                Err(Trouble { fault, droppable: true }) => {
                    if repository.dropped.len() < MAX_DRAWN {
                        session.notes.push(format!("Left out: {}", fault.reason));
                    }
                    if drawn <= MAX_DRAWN {
                        session.chain.push(link.stopped(&fault));
                    }
                    repository.dropped.push((role.name, fault.reason));
                }
                Err(Trouble { fault, droppable: false }) => {
                    session.chain.push(link.stopped(&fault));
                    return Err(fault);
                }
            }
        }
    }
    if let Some(more) = drawn.checked_sub(MAX_DRAWN).filter(|more| *more > 0) {
        session.notes.push(format!("{more} more delegations were judged, and are not drawn."));
    }
    Ok(())
}

fn judge(
    session: &Session<'_>,
    link: &mut Draft,
    name: &str,
    announced: &Meta,
    authority: &Authority,
) -> Result<(File<Targets>, Signed), Trouble> {
    let (file, signed) = session.role::<Targets>(link, name, Some(announced), authority)?;
    if session.over(file.expires) {
        let reason = format!("{name} is out of date since {}.", day(file.expires));
        return Err(Trouble { fault: Fault::expired(reason), droppable: true });
    }
    Ok((file, signed))
}

/// A delegation that the snapshot does not list: nothing was signed by it yet, unless it was seen before.
fn unlisted(session: &mut Session<'_>, name: &str) {
    let seen = session.facts.pinned.as_ref().and_then(|pinned| pinned.versions.get(name));
    if let Some(version) = seen {
        session.notes.push(format!(
            "{name} was served in version {version} at an earlier contact, may still sign, and is no longer listed by the snapshot: what it signed is withheld or was removed."
        ));
    }
}
