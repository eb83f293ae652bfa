//! What shows only when the subjects of an engagement are looked at together.
//!
//! D1: a uid that several images share. Outside user namespaces the kernel knows no other name for a user than this
//! number, so containers of these images are one and the same user to it, and to every volume that they share.
//!
//! C2: how many registries the engagement holds, and the mirrors before them.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::{Location, Observation, Severity};

use crate::Facts;
use crate::c2_housekeeping::INSTANCES;
use crate::d1_user::uid_of;
use crate::observe::count;

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
    let mut observed = registries(subjects);
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

/// On each registry: which registries the engagement holds.
fn registries(subjects: &[(&str, &str, &Facts)]) -> Vec<(String, String, Observation)> {
    let of_each = subjects.iter().filter_map(|(id, _, facts)| Some((*id, facts.registry.as_ref()?)));
    let hosts: BTreeSet<&str> = of_each.clone().map(|(_, registry)| registry.host.as_str()).collect();
    let mirrors: BTreeSet<&str> = of_each
        .clone()
        .filter_map(|(_, registry)| registry.engine.as_ref())
        .flat_map(|engine| engine.mirrors.iter().map(String::as_str))
        .collect();
    let few = |names: &BTreeSet<&str>| {
        let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        match names.len().saturating_sub(NAMED) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    };
    let number = match hosts.len() {
        count if count >= 3 && count % 2 == 1 => "an odd number of at least three",
        count if count >= 3 => "an even number",
        _ => "fewer than three",
    };
    let mut message = format!(
        "The engagement holds {} ({}), {number}; instances behind one address do not show.",
        count(hosts.len(), "registry", "registries"),
        few(&hosts)
    );
    if !mirrors.is_empty() {
        message.push_str(&format!(" Mirrors of Docker Hub: {}.", few(&mirrors)));
    }
    of_each
        .map(|(id, registry)| {
            let observation = Observation {
                severity: Severity::Info,
                message: message.clone(),
                location: Some(Location::Field { field: registry.host.clone() }),
                reproduce: Some("docker info --format '{{json .RegistryConfig}}'".to_owned()),
                aliases: Vec::new(),
            };
            (id.to_owned(), INSTANCES.to_owned(), observation)
        })
        .collect()
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

    #[test]
    fn registries_are_counted_and_mirrors_are_named() {
        use crate::probes::tests::{facts_of, registry};
        use plimsoll_registry::facts::{EngineRegistries, RegistryFacts};
        let engine = EngineRegistries { mirrors: vec!["https://m.example/".into()], ..EngineRegistries::default() };
        let a = facts_of(RegistryFacts { engine: Some(engine), ..registry("a.example", &[]) });
        let (b, c) = (facts_of(registry("b.example", &[])), facts_of(registry("c.example", &[])));
        let observed = across(&[("1", "a", &a), ("2", "b", &b), ("3", "c", &c), ("4", "image", &image())]);
        assert_eq!(observed.len(), 3);
        let (subject, check, first) = &observed[0];
        assert_eq!((subject.as_str(), check.as_str()), ("1", "registry-instances"));
        assert!(
            first.message.contains("3 registries (a.example, b.example, c.example), an odd number"),
            "{}",
            first.message
        );
        assert!(first.message.contains("m.example"));
        assert!(across(&[("1", "a", &a)])[0].2.message.contains("one registry (a.example), fewer than three"));
        assert!(across(&[("1", "a", &a), ("1", "a", &a)])[0].2.message.contains("one registry"));
    }
}
