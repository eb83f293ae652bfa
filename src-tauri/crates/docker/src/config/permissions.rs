//! Permissions of the engine's files and sockets, with the names of owners and the members of groups.

use std::path::Path;

#[cfg(unix)]
use super::text_of;
#[cfg(unix)]
use crate::client::surroundings::under;
use crate::facts::{HostFile, Unread};

/// Most paths that are looked at.
const MOST: usize = 500;

/// Looks at each path once. What is not there is left out; what cannot be looked at comes back as unread.
#[cfg(unix)]
pub(crate) fn of(root: &Path, paths: &[String]) -> (Vec<HostFile>, Vec<Unread>) {
    use std::os::unix::fs::MetadataExt;
    let users = entries(root, "/etc/passwd");
    let groups = entries(root, "/etc/group");
    let (mut files, mut unread) = (Vec::<HostFile>::new(), Vec::new());
    for path in paths.iter().take(MOST) {
        if files.iter().any(|known| known.path == *path) {
            continue;
        }
        let known = match std::fs::metadata(under(root, path)) {
            Ok(known) => known,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let reason = "This user may not see its permissions.".into();
                unread.push(Unread { what: path.clone(), reason });
                continue;
            }
            Err(_) => continue,
        };
        let (uid, gid) = (known.uid(), known.gid());
        let (uid_text, gid_text) = (uid.to_string(), gid.to_string());
        let group = groups.iter().find(|entry| entry.get(2) == Some(&gid_text));
        let mut members: Vec<String> = group
            .and_then(|entry| entry.get(3))
            .map(|names| names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default();
        // Those whose first group it is do not stand in the list.
        let first = users.iter().filter(|entry| entry.get(3) == Some(&gid_text)).filter_map(|entry| entry.first());
        members.extend(first.cloned());
        members.sort();
        members.dedup();
        members.truncate(1000);
        files.push(HostFile {
            path: path.clone(),
            mode: known.mode(),
            uid,
            gid,
            owner: users.iter().find(|entry| entry.get(2) == Some(&uid_text)).and_then(|entry| entry.first()).cloned(),
            group: group.and_then(|entry| entry.first()).cloned(),
            members,
        });
    }
    (files, unread)
}

#[cfg(not(unix))]
pub(crate) fn of(_: &Path, _: &[String]) -> (Vec<HostFile>, Vec<Unread>) {
    (Vec::new(), Vec::new())
}

/// Lines of `/etc/passwd` and `/etc/group`.
#[cfg(unix)]
fn entries(root: &Path, path: &str) -> Vec<Vec<String>> {
    let text = text_of(&under(root, path)).unwrap_or_default();
    text.lines().take(100_000).map(|line| line.split(':').map(str::to_owned).collect()).collect()
}
