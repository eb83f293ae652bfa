//! `/etc/passwd` and `/etc/group`: their lines as facts, without the passwords.

use crate::facts::{Group, User};
use crate::names;
use crate::problems::Problems;

/// The users of a passwd file (`passwd(5)`). Lines that are none are counted as problems.
pub(crate) fn users(bytes: &[u8], problems: &mut Problems) -> Vec<User> {
    lines(bytes)
        .filter_map(|line| {
            let user = user(&line);
            if user.is_none() {
                problems.count("/etc/passwd", "lines name no user", &redacted(&line));
            }
            user
        })
        .collect()
}

/// The groups of a group file (`group(5)`). Lines that are none are counted as problems.
pub(crate) fn groups(bytes: &[u8], problems: &mut Problems) -> Vec<Group> {
    lines(bytes)
        .filter_map(|line| {
            let group = group(&line);
            if group.is_none() {
                problems.count("/etc/group", "lines name no group", &redacted(&line));
            }
            group
        })
        .collect()
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    numbered(bytes).map(|(_, line)| line)
}

/// The lines that are neither blank nor comments, with their numbers from 1.
pub(crate) fn numbered(bytes: &[u8]) -> impl Iterator<Item = (u32, String)> {
    (1u32..)
        .zip(bytes.split(|&byte| byte == b'\n'))
        .map(|(number, line)| (number, names::to_text(line.strip_suffix(b"\r").unwrap_or(line)).0))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Of a malformed line only what stands before the first colon: the rest may be a password.
fn redacted(line: &str) -> String {
    line.split(':').next().unwrap_or_default().to_owned()
}

fn user(line: &str) -> Option<User> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    let _password = fields.next()?;
    let uid = fields.next()?.trim().parse().ok()?;
    let gid = fields.next()?.trim().parse().ok()?;
    let _comment = fields.next();
    let home = fields.next().unwrap_or_default();
    let shell = fields.next().unwrap_or_default();
    Some(User { name: name.to_owned(), uid, gid, home: home.to_owned(), shell: shell.to_owned() })
}

fn group(line: &str) -> Option<Group> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    let _password = fields.next()?;
    let gid = fields.next()?.trim().parse().ok()?;
    let members = fields.next().unwrap_or_default().split(',').filter(|name| !name.is_empty());
    Some(Group { name: name.to_owned(), gid, members: members.map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_accounts_and_passwords_are_not_kept() {
        let mut problems = Problems::default();
        let passwd = b"root:$6$hash:0:0:root:/root:/bin/sh\n# note\n\nshort:x:7:8\r\nbad:secret:x\n+::::::\n";
        let users = users(passwd, &mut problems);
        assert_eq!(users.len(), 2);
        assert_eq!((users[1].name.as_str(), users[1].uid, users[1].gid), ("short", 7, 8));
        let groups = groups(b"wheel:x:10:a,b\nempty:x:11:\nbroken\n", &mut problems);
        assert_eq!(groups[0].members, ["a", "b"]);
        assert!(groups[1].members.is_empty());
        let text = problems.into_sentences().join(" ");
        assert!(!text.contains("secret") && !text.contains("hash"), "{text}");
    }
}
