//! What shows only when the subjects of an engagement are looked at together.
//!
//! D1: a uid that several images share. Outside user namespaces the kernel knows no other name for a user than this
//! number, so containers of these images are one and the same user to it, and to every volume that they share.

use std::collections::BTreeMap;

use plimsoll_catalog::{Location, Observation, Severity};

use crate::Facts;
use crate::d1_user::uid_of;

/// How many other subjects are named.
const NAMED: usize = 8;

/// Observations that rest on several subjects: for each the subject's id, the check that it belongs to, and what was
/// seen. In: each subject's id, its name for people, its facts.
#[must_use]
pub fn across(subjects: &[(&str, &str, &Facts)]) -> Vec<(String, String, Observation)> {
    let mut by_uid: BTreeMap<u64, Vec<(&str, &str, &Facts)>> = BTreeMap::new();
    for &(id, name, facts) in subjects {
        if let Some(uid) = facts.image.as_ref().and_then(uid_of).filter(|uid| *uid != 0) {
            by_uid.entry(uid).or_default().push((id, name, facts));
        }
    }
    let mut observed = Vec::new();
    for (uid, sharers) in by_uid {
        for (id, _, facts) in &sharers {
            let digest = |facts: &Facts| facts.image.as_ref().map(|image| image.config_digest.clone());
            let own = digest(facts);
            // The same image under two names is one image.
            let others: Vec<&str> = sharers
                .iter()
                .filter(|(other, _, theirs)| other != id && digest(theirs) != own)
                .map(|(_, name, _)| *name)
                .collect();
            if others.is_empty() {
                continue;
            }
            let named = others.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = match others.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let message = format!(
                "Uid {uid} is also the user of {named}{more}: without user namespaces the kernel and shared volumes cannot tell their containers apart."
            );
            observed.push((
                (*id).to_owned(),
                "non-root-user".to_owned(),
                Observation {
                    severity: Severity::Info,
                    message,
                    location: Some(Location::Field { field: "config.User".to_owned() }),
                    reproduce: Some(facts.show_config("config.User")),
                    aliases: Vec::new(),
                },
            ));
        }
    }
    observed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::User;

    fn with(user: &str, digest: &str) -> Facts {
        let mut facts = image();
        let image = facts.image.as_mut().unwrap();
        image.config.user = user.into();
        image.config_digest = digest.into();
        image.accounts.users =
            Some(vec![User { name: "app".into(), uid: 1000, gid: 1000, home: "/".into(), shell: String::new() }]);
        facts
    }

    #[test]
    fn a_shared_uid_is_said_on_each_that_shares_it() {
        let (a, b, c, d, root) =
            (with("app", "a"), with("1000:1", "b"), with("1001", "c"), with("ghost", "d"), with("", "e"));
        let observed =
            across(&[("1", "shop", &a), ("2", "mail", &b), ("3", "db", &c), ("4", "x", &d), ("5", "r", &root)]);
        assert_eq!(observed.len(), 2);
        assert_eq!((observed[0].0.as_str(), observed[0].1.as_str()), ("1", "non-root-user"));
        assert!(observed[0].2.message.contains("Uid 1000 is also the user of mail:"), "{}", observed[0].2.message);
        assert!(observed[1].2.message.contains("shop"));
    }

    #[test]
    fn one_image_under_two_names_shares_nothing_and_root_is_another_matter() {
        let (a, b) = (with("app", "a"), with("app", "a"));
        assert!(across(&[("1", "shop", &a), ("2", "shop:latest", &b)]).is_empty());
        let (a, b) = (with("0", "a"), with("root", "b"));
        assert!(across(&[("1", "shop", &a), ("2", "mail", &b)]).is_empty());
        assert!(across(&[]).is_empty());
    }
}
