//! Who the image runs as, and what that user may do with an entry of the tree.

use plimsoll_image::{Entry, ImageFacts};

/// The user and the groups that a container of the image starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runner {
    /// The user ID; none when the name could not be looked up.
    pub(crate) uid: Option<u64>,
    /// The group IDs; empty when they are not known.
    pub(crate) gids: Vec<u64>,
}

impl Runner {
    /// The run-time user, as an engine finds it: `User` looked up in the image's passwd and group files; an unknown
    /// number has group 0; further groups apply only where `User` names no group.
    pub(crate) fn of(image: &ImageFacts) -> Self {
        let written = image.config.user.trim();
        let (name, group) = match written.split_once(':') {
            Some((name, group)) => (name.trim(), Some(group.trim()).filter(|group| !group.is_empty())),
            None => (written, None),
        };
        let users = image.accounts.users.as_deref().unwrap_or_default();
        let groups = image.accounts.groups.as_deref().unwrap_or_default();
        let by_name = users.iter().find(|user| user.name == name);
        let number = name.parse::<u64>().ok();
        let account = by_name.or_else(|| users.iter().find(|user| Some(user.uid) == number));
        let uid = if name.is_empty() || name == "root" && account.is_none() {
            Some(0)
        } else {
            account.map(|user| user.uid).or(number)
        };
        let mut gids = Vec::new();
        match group {
            Some(group) => {
                let by_name = groups.iter().find(|known| known.name == group).map(|known| known.gid);
                gids.extend(by_name.or_else(|| group.parse().ok()).or((group == "root").then_some(0)));
            }
            None if uid.is_some() => {
                gids.push(account.map_or(0, |user| user.gid));
                let name = account.map_or(name, |user| user.name.as_str());
                gids.extend(groups.iter().filter(|g| g.members.iter().any(|member| member == name)).map(|g| g.gid));
            }
            None => {}
        }
        gids.sort_unstable();
        gids.dedup();
        Self { uid, gids }
    }

    /// Whether it is root.
    pub(crate) fn is_root(&self) -> bool {
        self.uid == Some(0)
    }

    /// Whether it is this user.
    pub(crate) fn is_uid(&self, uid: u64) -> bool {
        self.uid == Some(uid)
    }

    /// Whether it is in this group.
    pub(crate) fn is_gid(&self, gid: u64) -> bool {
        self.gids.contains(&gid)
    }

    /// The three permission bits that apply to it; an owner that the group or all others may write for is still bound
    /// to the owner's bits. A user that could not be looked up has the bits of all others.
    pub(crate) fn bits(&self, mode: u32, uid: u64, gid: u64) -> u32 {
        if self.is_uid(uid) {
            mode >> 6 & 7
        } else if self.is_gid(gid) {
            mode >> 3 & 7
        } else {
            mode & 7
        }
    }

    /// Whether it may write an entry without being root. The owner may always give itself the right.
    pub(crate) fn writes(&self, entry: &Entry) -> bool {
        !self.is_root() && (self.is_uid(entry.uid) || self.bits(entry.mode, entry.uid, entry.gid) & 2 != 0)
    }

    /// Whether it may run a file.
    pub(crate) fn executes(&self, mode: u32, uid: u64, gid: u64) -> bool {
        if self.is_root() { mode & 0o111 != 0 } else { self.bits(mode, uid, gid) & 1 != 0 }
    }

    /// "uid 1000", "root", "the run-time user".
    pub(crate) fn name(&self) -> String {
        match self.uid {
            Some(0) => "root".to_owned(),
            Some(uid) => format!("uid {uid}"),
            None => "the run-time user".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use crate::layers::tests::{With, entry};
    use plimsoll_image::{Group, User};

    fn runner(user: &str) -> Runner {
        let mut facts = image();
        let image = facts.image.as_mut().unwrap();
        let account =
            |name: &str, uid, gid| User { name: name.into(), uid, gid, home: "/".into(), shell: String::new() };
        image.accounts.users = Some(vec![account("root", 0, 0), account("app", 1000, 1001)]);
        let group = |name: &str, gid, members: &[&str]| Group {
            name: name.into(),
            gid,
            members: members.iter().map(|&m| m.to_owned()).collect(),
        };
        image.accounts.groups = Some(vec![group("root", 0, &[]), group("app", 1001, &[]), group("adm", 4, &["app"])]);
        image.config.user = user.into();
        Runner::of(image)
    }

    #[test]
    fn the_user_is_looked_up_as_an_engine_does() {
        for (user, uid, gids) in [
            ("", Some(0), vec![0]),
            ("root", Some(0), vec![0]),
            ("app", Some(1000), vec![4, 1001]),
            ("1000", Some(1000), vec![4, 1001]),
            ("app:adm", Some(1000), vec![4]),
            ("app:7", Some(1000), vec![7]),
            ("4711", Some(4711), vec![0]),
            ("stranger", None, vec![]),
        ] {
            assert_eq!(runner(user), Runner { uid, gids }, "{user}");
        }
    }

    #[test]
    fn the_first_class_that_fits_decides() {
        let app = runner("app");
        assert!(app.writes(&entry("/a").mode(0o666)));
        assert!(app.writes(&entry("/a").owner(0, 4).mode(0o664)));
        assert!(!app.writes(&entry("/a").owner(0, 4).mode(0o606)));
        assert!(app.writes(&entry("/a").owner(1000, 0).mode(0o444)));
        assert!(!app.writes(&entry("/a").mode(0o664)));
        assert!(!runner("").writes(&entry("/a").mode(0o666)));
        assert!(app.executes(0o4755, 0, 0) && !app.executes(0o4750, 0, 0) && app.executes(0o4750, 0, 4));
        assert!(runner("").executes(0o4700, 5, 5) && !runner("").executes(0o4600, 5, 5));
        assert!(runner("stranger").executes(0o4755, 0, 0));
    }
}
