//! D2, superfluous permissions removed: what everybody, or the run-time user, may write in the merged tree.

use std::collections::BTreeMap;

use plimsoll_catalog::{Location, Severity};
use plimsoll_image::{Found, ImageFacts, Kind, Tree};

use crate::access::Runner;
use crate::d2_accounts::{ID, Tally};
use crate::layers::{layer_name, on_entry, on_image, show_find};
use crate::observe::count;
use crate::search_path::{MAX_LINKS, candidates, folders};
use crate::{Facts, Settings};

/// How many folders are named.
const NAMED: usize = 10;
/// Files that decide who may do what.
const ACCOUNT_FILES: [&str; 8] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/doas.conf",
    "/etc/ld.so.preload",
    "/etc/profile",
];

/// Judges what may be written.
pub(crate) fn writable(
    facts: &Facts,
    image: &ImageFacts,
    tree: &Tree,
    runner: &Runner,
    settings: &Settings,
    tally: &mut Tally,
) {
    open_folders(facts, image, tree, settings, tally);
    account_files(facts, image, tree, runner, tally);
    in_path(facts, image, tree, runner, settings, tally);
    entrypoint(facts, image, tree, runner, tally);
}

fn open_folders(facts: &Facts, image: &ImageFacts, tree: &Tree, settings: &Settings, tally: &mut Tally) {
    let virtual_ones = |path: &str| {
        ["/proc", "/sys", "/dev"]
            .iter()
            .any(|dir| path == *dir || path.strip_prefix(dir).is_some_and(|p| p.starts_with('/')))
    };
    // A folder counts with those below it.
    let mut roots: BTreeMap<&str, (Found<'_>, usize)> = BTreeMap::new();
    let mut allowed = 0;
    for found in tree.iter() {
        let path = found.entry.path.as_ref();
        let open = found.entry.kind == Kind::Directory && found.entry.mode & 0o1002 == 0o002;
        if !open || virtual_ones(path) {
            continue;
        }
        if settings.allowed(ID, path).is_some() {
            allowed += 1;
            continue;
        }
        let above = path.match_indices('/').find_map(|(at, _)| path.get(..at).filter(|dir| roots.contains_key(dir)));
        match above.and_then(|root| roots.get_mut(root)) {
            Some((_, below)) => *below += 1,
            None => {
                roots.insert(path, (found, 0));
            }
        }
    }
    let number = roots.len();
    for (path, (found, below)) in roots.into_iter().take(NAMED) {
        let more = match below {
            0 => String::new(),
            below => format!(" and {} below it", count(below, "folder", "folders")),
        };
        let message = format!(
            "Everybody may write {path}{more} and delete what others put there (mode {:04o}, no sticky bit), from {}.",
            found.entry.mode,
            layer_name(image, found.diff_id)
        );
        tally.add(on_entry(facts, (found.diff_id, path), Severity::Medium, message, &[]));
    }
    if number > NAMED {
        let message =
            format!("{} that everybody may write.", count(number - NAMED, "further folder", "further folders"));
        let show = show_find(facts, "/ -xdev -type d -perm -0002 ! -perm -1000");
        tally.add(on_image(Severity::Medium, message, Some(show)));
    }
    if allowed > 0 {
        let message = format!("The profile allows {} that everybody may write.", count(allowed, "folder", "folders"));
        tally.add(on_image(Severity::Info, message, None));
    }
}

fn account_files(facts: &Facts, image: &ImageFacts, tree: &Tree, runner: &Runner, tally: &mut Tally) {
    for path in ACCOUNT_FILES {
        let Some(found) = tree.resolve(path, MAX_LINKS) else { continue };
        let content = found.content;
        if found.entry.kind == Kind::Directory {
            continue;
        }
        let at = (found.diff_id, found.entry.path.as_ref());
        let from = layer_name(image, found.diff_id);
        if content.mode & 0o002 != 0 {
            let message = format!("Everybody may write {path} (mode {:04o}), from {from}.", content.mode);
            tally.add(on_entry(facts, at, Severity::High, message, &[]));
        } else if runner.writes(content) {
            let message = format!(
                "{} may write {path} (mode {:04o}, owner {}:{}), from {from}, and so make itself root.",
                capital(&runner.name()),
                content.mode,
                content.uid,
                content.gid
            );
            tally.add(on_entry(facts, at, Severity::High, message, &[]));
        } else if path.ends_with("shadow") && content.mode & 0o004 != 0 {
            let message =
                format!("Everybody may read the password hashes in {path} (mode {:04o}), from {from}.", content.mode);
            tally.add(on_entry(facts, at, Severity::Medium, message, &[]));
        }
    }
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), chars.as_str()))
}

fn in_path(facts: &Facts, image: &ImageFacts, tree: &Tree, runner: &Runner, settings: &Settings, tally: &mut Tally) {
    if runner.is_root() {
        let message = "The image runs as root, who may write everything; what the PATH protects is decided by D1.";
        tally.add(on_image(Severity::Info, message, None));
        return;
    }
    let mut seen: Vec<String> = Vec::new();
    for dir in folders(image) {
        let Some(folder) = tree.resolve(dir, MAX_LINKS) else { continue };
        let real = folder.entry.path.as_ref().to_owned();
        if seen.contains(&real) || settings.allowed(ID, dir).is_some() || settings.allowed(ID, &real).is_some() {
            continue;
        }
        seen.push(real.clone());
        let system = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"].contains(&real.as_str());
        let severity = if system { Severity::High } else { Severity::Medium };
        if folder.entry.kind == Kind::Directory && runner.writes(folder.entry) {
            let message = format!(
                "{} may write {dir}, a folder of the PATH (mode {:04o}, owner {}:{}), from {}: it may put programs of its own there.",
                capital(&runner.name()),
                folder.entry.mode,
                folder.entry.uid,
                folder.entry.gid,
                layer_name(image, folder.diff_id)
            );
            tally.add(on_entry(facts, (folder.diff_id, &real), severity, message, &[]));
        }
        let prefix = format!("{}/", real.trim_end_matches('/'));
        let writable: Vec<Found<'_>> = tree
            .below(&real)
            .filter(|found| found.entry.path.strip_prefix(prefix.as_str()).is_some_and(|rest| !rest.contains('/')))
            .filter(|found| matches!(found.entry.kind, Kind::File | Kind::HardLink))
            .filter(|found| runner.writes(found.content))
            .filter(|found| settings.allowed(ID, &found.entry.path).is_none())
            .collect();
        let Some(first) = writable.first() else { continue };
        let names: Vec<&str> =
            writable.iter().take(5).filter_map(|found| found.entry.path.rsplit('/').next()).collect();
        let more = writable.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {}", count(more, "other", "others")) } else { String::new() };
        let message = format!(
            "{} may write {} in {dir}, a folder of the PATH: {}{more}, from {}.",
            capital(&runner.name()),
            count(writable.len(), "program", "programs"),
            names.join(", "),
            layer_name(image, first.diff_id)
        );
        tally.add(on_entry(facts, (first.diff_id, &first.entry.path), severity, message, &[]));
    }
}

/// Whether the run-time user may replace what the container starts.
fn entrypoint(facts: &Facts, image: &ImageFacts, tree: &Tree, runner: &Runner, tally: &mut Tally) {
    let started = image.config.entrypoint.as_deref().and_then(<[String]>::first);
    let started = started.or_else(|| image.config.cmd.as_deref().and_then(<[String]>::first));
    let Some(started) = started.filter(|_| !runner.is_root()) else { return };
    let found = candidates(started, image).iter().find_map(|path| tree.resolve(path, MAX_LINKS));
    let Some(found) = found.filter(|found| runner.writes(found.content)) else { return };
    let message = format!(
        "{} may write {started}, which the container starts, from {}: a change lasts until the container is replaced.",
        capital(&runner.name()),
        layer_name(image, found.diff_id)
    );
    let mut observation = on_entry(facts, (found.diff_id, &found.entry.path), Severity::Low, message, &[]);
    observation.location =
        Some(Location::Layer { layer: found.diff_id.to_owned(), path: found.entry.path.as_ref().to_owned() });
    tally.add(observation);
}

#[cfg(test)]
mod tests {
    use crate::d2_accounts::Accounts;
    use crate::layers::tests::{With, entry, tree_image};
    use crate::{Allowance, Check, Facts, Judgement, Settings};
    use plimsoll_catalog::{OutcomeKind, Severity};
    use plimsoll_image::{Entry, EnvVar, Kind};

    fn with(user: &str, entries: Vec<Entry>) -> Facts {
        let mut facts = tree_image(vec![("COPY . / # buildkit", entries, &[])]);
        facts.image.as_mut().unwrap().config.user = user.into();
        facts
    }

    fn run(facts: &Facts) -> Judgement {
        Accounts.judge(facts, &Settings::default())
    }

    #[test]
    fn folders_for_everybody_fail_without_the_sticky_bit() {
        let judgement = run(&with(
            "1000",
            vec![entry("/data/").mode(0o777), entry("/data.1/").mode(0o755), entry("/data/a/").mode(0o777)],
        ));
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Fail, 1));
        assert!(judgement.observations[0].message.starts_with("Everybody may write /data and one folder below it"));
        for folder in [
            entry("/tmp/").mode(0o1777),
            entry("/dev/shm/").mode(0o777),
            entry("/proc/").mode(0o777),
            entry("/data/").mode(0o775),
            entry("/link").link(Kind::Symlink, "/data"),
        ] {
            assert_eq!(run(&with("1000", vec![folder.clone()])).outcome, OutcomeKind::Pass, "{}", folder.path);
        }
        let allowance =
            Allowance { check: "accounts-and-writable".into(), what: "/data".into(), reason: "shared".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        let judgement = Accounts.judge(&with("1000", vec![entry("/data/").mode(0o777)]), &settings);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        let many = (0..50).map(|n| entry(&format!("/d{n}/")).mode(0o777)).collect();
        assert_eq!(run(&with("1000", many)).observations.len(), super::NAMED + 1);
    }

    #[test]
    fn the_run_time_user_must_not_write_its_path() {
        let own = || vec![entry("/usr/local/bin/").owner(1000, 0), entry("/usr/local/bin/app").owner(1000, 0)];
        let judgement = run(&with("1000", own()));
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Fail, 2));
        assert_eq!(judgement.observations[0].severity, Severity::Medium);
        assert!(judgement.observations[1].message.contains("Uid 1000 may write one program in /usr/local/bin"));
        // Another user, and root, for whom D1 speaks.
        assert_eq!(run(&with("2000", own())).outcome, OutcomeKind::Pass);
        assert_eq!(run(&with("", own())).outcome, OutcomeKind::Pass);
        // /bin leads to /usr/bin: named once.
        let merged = vec![entry("/bin").link(Kind::Symlink, "usr/bin"), entry("/usr/bin/").owner(0, 0).mode(0o775)];
        let judgement = run(&with("1000:0", merged));
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Fail, 1));
        assert_eq!(judgement.observations[0].severity, Severity::High);
        // Not in the PATH.
        assert_eq!(run(&with("1000", vec![entry("/app/run").owner(1000, 0)])).outcome, OutcomeKind::Pass);
        let mut facts = with("1000", vec![entry("/venv/bin/").owner(1000, 0)]);
        facts.image.as_mut().unwrap().config.env =
            vec![EnvVar { name: "PATH".into(), value: "/venv/bin:/usr/bin:.:relative".into() }];
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn account_files_belong_to_root() {
        for (file, outcome) in [
            (entry("/etc/passwd").mode(0o666), OutcomeKind::Fail),
            (entry("/etc/passwd").mode(0o664), OutcomeKind::Fail),
            (entry("/etc/shadow").mode(0o644), OutcomeKind::Fail),
            (entry("/etc/group").mode(0o644), OutcomeKind::Pass),
            (entry("/etc/sudoers").mode(0o440), OutcomeKind::Pass),
        ] {
            let mut facts = with("1000", vec![file.clone()]);
            let image = facts.image.as_mut().unwrap();
            image.accounts.users = Some(vec![]);
            image.accounts.passwords = Some(vec![]);
            assert_eq!(run(&facts).outcome, outcome, "{} {:o}", file.path, file.mode);
        }
    }

    #[test]
    fn an_entrypoint_of_the_users_own_is_said() {
        let mut facts = with("1000", vec![entry("/app/run").owner(1000, 0).mode(0o755)]);
        let image = facts.image.as_mut().unwrap();
        image.config.entrypoint = Some(vec!["./run".into()]);
        image.config.working_dir = "/app".into();
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.observations[0].message.contains("may write ./run, which the container starts"));
    }
}
