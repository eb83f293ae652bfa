//! D1, a user for each container (CSVS 3.3): what the image runs is not root.

use plimsoll_catalog::{OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{Base, Keyword};
use plimsoll_image::{ImageFacts, Magic};

use crate::d1_accounts::{Created, created};
use crate::facts::{ComposeFacts, DockerfileFacts};
use crate::observe::{count, judged, on_compose, on_config, on_lines};
use crate::search_path::{MAX_LINKS, candidates};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ALIASES: [&str; 5] = ["DL3002", "DS-0002", "CKV_DOCKER_3", "CIS-DI-0001", "4.1"];
/// Programs that an entrypoint uses to leave root behind.
const SWITCHERS: [&str; 7] = ["gosu", "su-exec", "setpriv", "runuser", "s6-setuidgid", "chpst", "chroot"];
/// Of these, the ones that nobody installs for anything else.
const ONLY_SWITCHERS: [&str; 7] = [
    "/usr/local/bin/gosu",
    "/usr/sbin/gosu",
    "/usr/bin/gosu",
    "/sbin/su-exec",
    "/usr/sbin/su-exec",
    "/usr/local/bin/su-exec",
    "/usr/local/sbin/su-exec",
];

/// The image runs as somebody other than root.
pub(crate) struct NonRoot;

/// Who a `USER` names, as far as its text tells.
#[derive(Debug, PartialEq, Eq)]
enum Who<'a> {
    Root,
    Uid(u64),
    Name(&'a str),
    Unknown,
}

fn who(user: &str) -> (Who<'_>, Option<&str>) {
    let (name, group) = match user.split_once(':') {
        Some((name, group)) => (name.trim(), Some(group.trim())),
        None => (user.trim(), None),
    };
    let who = if name.contains('$') {
        Who::Unknown
    } else if name.is_empty() || name == "root" {
        Who::Root
    } else if name.bytes().all(|b| b.is_ascii_digit()) {
        match name.parse() {
            Ok(0) => Who::Root,
            Ok(uid) => Who::Uid(uid),
            Err(_) => Who::Unknown,
        }
    } else {
        Who::Name(name)
    };
    (who, group)
}

fn is_root_group(group: Option<&str>) -> bool {
    group.is_some_and(|group| group == "root" || (!group.is_empty() && group.bytes().all(|b| b == b'0')))
}

impl Check for NonRoot {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "non-root-user",
            use_case: Some(UseCaseId::D1),
            title: text("Runs as an unprivileged user", "Läuft als unprivilegierter Benutzer"),
            why: text(
                "Root in a container is root on the host's kernel: one flaw in the isolation, and the host is lost.",
                "Root im Container ist Root am Kernel des Hosts: Ein Fehler in der Isolation genügt, und der Host ist verloren.",
            ),
            how: text(
                "The image's User field counts, looked up in the image's own /etc/passwd; a name with uid 0 is root, and so is no User at all. A name that is not there fails, since no container of it starts. Without an image the last USER of the Dockerfile's final stage counts: a number passes by itself, a name only where the file creates that user, as its uid shows nowhere else. For a Compose file the user of every service is read in the same way.",
                "Es zählt das User-Feld des Images, nachgeschlagen in dessen /etc/passwd; ein Name mit UID 0 ist Root, ebenso ein fehlendes User-Feld. Ein dort unbekannter Name fällt durch, denn damit startet kein Container. Ohne Image zählt das letzte USER der letzten Stage des Dockerfiles: Eine Nummer besteht von selbst, ein Name nur, wenn die Datei diesen Benutzer anlegt, denn seine UID zeigt sich sonst nirgends. In einer Compose-Datei wird der Benutzer jedes Dienstes ebenso gelesen.",
            ),
            blind_spots: text(
                "What the program does once it runs: an entrypoint may still leave root behind, or come back to it.",
                "Was das Programm zur Laufzeit tut: Ein Entrypoint kann Root-Rechte noch abgeben oder wieder erlangen.",
            ),
            remedy: text(
                "Create a user in the Dockerfile and make it the last USER, best by number.",
                "Legen Sie im Dockerfile einen Benutzer an und setzen Sie ihn als letztes USER, am besten als Nummer.",
            ),
            example: "RUN useradd --system --uid 10001 app\nUSER 10001",
            aliases: &[
                ("hadolint", "DL3002"),
                ("trivy", "DS-0002"),
                ("checkov", "CKV_DOCKER_3"),
                ("checkov", "CKV_DOCKER_8"),
                ("dockle", "CIS-DI-0001"),
                ("docker-bench", "4.1"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.1", "3.2", "3.3"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), file, _) => in_image(facts, image, file.as_ref()),
            (None, Some(file), _) => in_file(file),
            (None, None, Some(file)) => in_compose(file),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn in_image(facts: &Facts, image: &ImageFacts, file: Option<&DockerfileFacts>) -> Judgement {
    let user = image.config.user.as_str();
    let field = "config.User";
    let windows = image.platform.os == "windows";
    let mut observations = Vec::new();
    if let Some(file) = file
        && let Some(setting) = file.parsed.final_stage().and_then(|stage| file.parsed.effective_user(stage.index))
        && setting.unresolved.is_empty()
        && setting.value != user
    {
        let message = format!(
            "The Dockerfile ends with USER {}, the image runs as {}: it was built from another file or another version of it.",
            setting.value,
            if user.is_empty() { "root (no user set)" } else { user }
        );
        observations.push(on_lines(file, (setting.line, setting.line), Severity::Medium, message, &[]));
    }
    let (who, group) = who(user);
    let users = image.accounts.users.as_deref();
    let known = match &who {
        Who::Name(name) => users.and_then(|users| users.iter().find(|u| u.name == *name)),
        Who::Uid(uid) => users.and_then(|users| users.iter().find(|u| u.uid == *uid)),
        Who::Root | Who::Unknown => None,
    };
    let group_of_user = known.filter(|_| group.is_none()).is_some_and(|user| user.gid == 0);
    let (outcome, summary) = match &who {
        Who::Root if windows && user.is_empty() => (
            OutcomeKind::Undecided,
            "No user is set; who a Windows image runs as depends on its base image.".to_owned(),
        ),
        Who::Root => {
            let message = if user.is_empty() {
                "No user is set, so containers run as root.".to_owned()
            } else {
                format!("The user is set to {user}, which is root.")
            };
            observations.insert(0, on_config(facts, field, Severity::High, message, &ALIASES));
            let words = image.config.entrypoint.iter().chain(&image.config.cmd).flatten().map(String::as_str);
            if let Some(message) = switches(words).or_else(|| starts_script(facts, image)) {
                observations.push(on_config(facts, "config.Entrypoint", Severity::Info, message, &[]));
            }
            (OutcomeKind::Fail, "The image runs as root.".to_owned())
        }
        Who::Unknown => {
            (OutcomeKind::Undecided, format!("The user \"{user}\" is neither a name nor a number that can be judged."))
        }
        Who::Name(name) if windows => {
            let administrator = name.eq_ignore_ascii_case("ContainerAdministrator");
            if administrator {
                let message = format!("The user is set to {name}.");
                observations.insert(0, on_config(facts, field, Severity::High, message, &ALIASES));
                (OutcomeKind::Fail, "The image runs as the administrator.".to_owned())
            } else {
                (OutcomeKind::Pass, format!("The image runs as {name}."))
            }
        }
        Who::Name(name) => match (users, known) {
            (_, Some(user)) if user.uid == 0 => {
                let message =
                    format!("The user {name} has uid 0 in the image's /etc/passwd, so it is root under another name.");
                observations.insert(0, on_config(facts, field, Severity::High, message, &ALIASES));
                (OutcomeKind::Fail, "The image runs as root under another name.".to_owned())
            }
            (_, Some(user)) => {
                let message = format!("The user is {name}, uid {} in the image's /etc/passwd.", user.uid);
                observations.push(on_config(facts, field, Severity::Info, message, &[]));
                (OutcomeKind::Pass, format!("The image runs as {name} (uid {}).", user.uid))
            }
            (Some(_), None) => {
                let message =
                    format!("The user {name} is not in the image's /etc/passwd; a container of it cannot start.");
                observations.insert(0, on_config(facts, field, Severity::Medium, message, &[]));
                (OutcomeKind::Fail, format!("The image names a user, {name}, that it does not have."))
            }
            (None, None) => {
                let message =
                    format!("The user is {name}, but the image has no readable /etc/passwd to look it up in.");
                observations.insert(0, on_config(facts, field, Severity::Medium, message, &[]));
                (OutcomeKind::Undecided, format!("The image names a user, {name}, whose uid it does not say."))
            }
        },
        Who::Uid(uid) => {
            let message = match known {
                Some(user) => format!("The user is uid {uid}, called {} in the image's /etc/passwd.", user.name),
                None => format!("The user is uid {uid}, which has no entry in the image's /etc/passwd; that is fine."),
            };
            observations.push(on_config(facts, field, Severity::Info, message, &[]));
            (OutcomeKind::Pass, format!("The image runs as uid {uid}."))
        }
    };
    if outcome == OutcomeKind::Pass && (is_root_group(group) || group_of_user) {
        let message = "Its group is root: files that are open to that group are open to it.";
        observations.push(on_config(facts, field, Severity::Low, message, &[]));
    }
    judged(outcome, summary, observations)
}

/// The uid that the image runs as, where it shows.
pub(crate) fn uid_of(image: &ImageFacts) -> Option<u64> {
    if image.platform.os == "windows" {
        return None;
    }
    match who(&image.config.user).0 {
        Who::Root => Some(0),
        Who::Uid(uid) => Some(uid),
        Who::Name(name) => image.accounts.users.as_ref()?.iter().find(|user| user.name == name).map(|user| user.uid),
        Who::Unknown => None,
    }
}

/// Says so when a start command leaves root behind: a signal, no proof.
fn switches<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<&str> = words.flat_map(|word| word.split(['/', ' ', '"', ',', '[', ']', '\t', '\n'])).collect();
    let switcher = SWITCHERS.into_iter().find(|switcher| words.contains(switcher)).or_else(|| {
        let sudo = words.windows(2).any(|pair| matches!(pair, ["sudo", "-u" | "--user"]));
        let su = words.windows(2).any(|pair| matches!(pair, ["su", "-" | "-c" | "-l" | "-s"]));
        if sudo { Some("sudo -u") } else { su.then_some("su") }
    })?;
    Some(format!("The start command uses {switcher}, which may leave root behind at start; look at what it runs."))
}

/// Says so when the image starts a script and holds a program that serves to leave root behind.
fn starts_script(facts: &Facts, image: &ImageFacts) -> Option<String> {
    let tree = facts.tree.as_ref()?;
    let first = image.config.entrypoint.as_ref().or(image.config.cmd.as_ref())?.first()?;
    let script = candidates(first, image)
        .iter()
        .filter_map(|path| tree.resolve(path, MAX_LINKS))
        .find(|found| found.content.magic == Some(Magic::Script) || found.entry.path.ends_with(".sh"))?;
    let program = ONLY_SWITCHERS.into_iter().find(|program| tree.resolve(program, MAX_LINKS).is_some())?;
    Some(format!(
        "The image starts the script {}, and holds {program}, with which a script may leave root behind; look at what it runs.",
        script.entry.path
    ))
}

/// Base images whose names say that they set a user of their own.
fn unprivileged_by_name(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    lower.contains("nonroot")
        || lower.contains("unprivileged")
        || lower.contains("rootless")
        || lower.contains("chainguard")
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    let Some(stage) = file.parsed.final_stage() else {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    };
    let mut observations = Vec::new();
    for outer in file.parsed.stage_instructions(stage.index) {
        if let Some(trigger) = outer.trigger.as_deref().filter(|trigger| trigger.keyword == Keyword::User) {
            let message = format!(
                "ONBUILD USER {} takes effect in images that are built on this one, not here.",
                trigger.arguments.joined()
            );
            observations.push(on_lines(file, (outer.line, outer.end_line), Severity::Info, message, &[]));
        }
    }
    let Some(setting) = file.parsed.effective_user(stage.index) else {
        return without_user(file, stage.index, observations);
    };
    let at = (setting.line, setting.line);
    let windows = windows_based(file);
    let (who, group) = who(&setting.value);
    let who = if setting.unresolved.is_empty() { who } else { Who::Unknown };
    let (outcome, summary) = match who {
        Who::Root => {
            let message = format!("USER {} is root.", setting.value);
            observations.push(on_lines(file, at, Severity::High, message, &ALIASES));
            observations.extend(leaves_root(file, stage.index));
            (OutcomeKind::Fail, "The last USER of the final stage is root.".to_owned())
        }
        Who::Unknown => {
            let message = format!("USER {} depends on a variable without a value in the file.", setting.written);
            observations.push(on_lines(file, at, Severity::Low, message, &[]));
            (OutcomeKind::Undecided, "Who the image runs as depends on a build argument.".to_owned())
        }
        Who::Uid(uid) => (OutcomeKind::Pass, format!("The final stage ends as uid {uid}.")),
        Who::Name(name) if name.eq_ignore_ascii_case("ContainerAdministrator") => {
            let message = format!("USER {name} is the administrator of a Windows container.");
            observations.push(on_lines(file, at, Severity::High, message, &ALIASES));
            (OutcomeKind::Fail, "The last USER of the final stage is the administrator.".to_owned())
        }
        Who::Name(name) if windows && name.eq_ignore_ascii_case("ContainerUser") => {
            (OutcomeKind::Pass, format!("The final stage ends as {name}, the plain user of Windows containers."))
        }
        Who::Name(name) => named(file, at, name, &mut observations),
    };
    if outcome == OutcomeKind::Pass {
        if setting.defaulted {
            let message = "The user comes from the default of a build argument, which a build can override.";
            observations.push(on_lines(file, at, Severity::Info, message, &[]));
        }
        if is_root_group(group) {
            let message = "Its group is root: files that are open to that group are open to it.";
            observations.push(on_lines(file, at, Severity::Low, message, &[]));
        }
    }
    judged(outcome, summary, observations)
}

/// A `USER` by name: what is known of it is what the file itself creates.
fn named(
    file: &DockerfileFacts,
    at: (u32, u32),
    name: &str,
    observations: &mut Vec<plimsoll_catalog::Observation>,
) -> (OutcomeKind, String) {
    let created: Vec<Created> = created(file).into_iter().filter(|created| created.name == name).collect();
    match created.last() {
        Some(created) if created.uid == Some(0) => {
            let message = format!("{name} is created with uid 0, so it is root under another name.");
            observations.push(on_lines(file, created.lines, Severity::High, message, &ALIASES));
            (OutcomeKind::Fail, "The last USER of the final stage is root under another name.".to_owned())
        }
        Some(created) if created.unclear => {
            let message =
                format!("{name} is created with a uid that depends on a variable without a value in the file.");
            observations.push(on_lines(file, created.lines, Severity::Low, message, &[]));
            (OutcomeKind::Undecided, format!("The uid of {name} depends on a build argument."))
        }
        Some(created) => {
            let uid = created.uid.map_or_else(
                || "with a uid that the system chooses, which is never 0".to_owned(),
                |uid| format!("with uid {uid}"),
            );
            observations.push(on_lines(
                file,
                created.lines,
                Severity::Info,
                format!("{name} is created here, {uid}."),
                &[],
            ));
            (OutcomeKind::Pass, format!("The final stage ends as user {name}, which the file creates."))
        }
        None => {
            let message = format!(
                "USER {name}: the file does not create this user, so that its uid is not 0 shows only in the image. A number would settle it here."
            );
            observations.push(on_lines(file, at, Severity::Low, message, &["DL3066"]));
            let summary = format!(
                "The final stage ends as user {name}, whose uid the file does not show; audit the image, or have the number written."
            );
            (OutcomeKind::Undecided, summary)
        }
    }
}

fn without_user(
    file: &DockerfileFacts,
    stage: usize,
    mut observations: Vec<plimsoll_catalog::Observation>,
) -> Judgement {
    let root = file.parsed.lineage(stage).last().and_then(|root| file.parsed.stages.get(*root));
    let from = file.parsed.stages.get(stage).and_then(|stage| file.parsed.instructions.get(stage.from));
    let from = from.map_or((1, 1), |instruction| (instruction.line, instruction.end_line));
    match root.map(|root| &root.base) {
        Some(Base::Image(base)) if unprivileged_by_name(&base.resolved) => {
            let message = format!(
                "The final stage sets no USER; the name of its base, {}, says that the base sets one. Audit the image to show it.",
                base.resolved
            );
            observations.push(on_lines(file, from, Severity::Low, message, &[]));
            return judged(
                OutcomeKind::Undecided,
                "The Dockerfile sets no user; by its name the base image does.",
                observations,
            );
        }
        Some(Base::Image(_)) if windows_based(file) => {
            let message = "The final stage sets no USER; who a Windows image runs as depends on its base image.";
            observations.push(on_lines(file, from, Severity::Medium, message, &[]));
            return judged(OutcomeKind::Undecided, "The Dockerfile sets no user; audit the image.", observations);
        }
        _ => {}
    }
    let message = if root.is_some_and(|root| root.base == Base::Scratch) {
        "The final stage sets no USER, so containers run as root."
    } else {
        "The final stage sets no USER; unless its base image does, containers run as root. Audit the image to show it."
    };
    observations.push(on_lines(file, from, Severity::High, message, &ALIASES));
    observations.extend(leaves_root(file, stage));
    judged(OutcomeKind::Fail, "The Dockerfile sets no user.", observations)
}

/// A start command that may leave root behind.
fn leaves_root(file: &DockerfileFacts, stage: usize) -> Vec<plimsoll_catalog::Observation> {
    let effective = file.parsed.effective_instructions(stage);
    let mut found = Vec::new();
    for keyword in [Keyword::Entrypoint, Keyword::Cmd] {
        let Some(start) = effective.iter().rev().find(|instruction| instruction.keyword == keyword) else { continue };
        let text = start.arguments.joined();
        let at = (start.line, start.end_line);
        if let Some(message) = switches(std::iter::once(text.as_str())) {
            found.push(on_lines(file, at, Severity::Info, message, &[]));
        } else if keyword == Keyword::Entrypoint && text.contains(".sh") {
            let message = "The start command is a script, which may leave root behind; look at what it runs.";
            found.push(on_lines(file, at, Severity::Info, message, &[]));
        }
    }
    found
}

fn windows_based(file: &DockerfileFacts) -> bool {
    let root = file.parsed.final_stage().and_then(|stage| file.parsed.lineage(stage.index).last().copied());
    root.and_then(|root| file.parsed.stages.get(root)).is_some_and(|root| match &root.base {
        Base::Image(image) => {
            let name = image.resolved.to_ascii_lowercase();
            ["windows", "nanoserver", "servercore"].iter().any(|word| name.contains(word))
        }
        _ => false,
    })
}

fn in_compose(file: &ComposeFacts) -> Judgement {
    let mut observations = Vec::new();
    let (mut roots, mut silent) = (0, 0);
    for service in &file.parsed.services {
        let name = &service.name;
        let (severity, line, message) = match &service.user {
            None => {
                silent += 1;
                (Severity::Low, service.line, format!("Service {name} sets no user; its image's user applies."))
            }
            Some(user) => match who(&user.value).0 {
                Who::Root => {
                    roots += 1;
                    (Severity::High, user.line, format!("Service {name} runs as root."))
                }
                Who::Unknown => {
                    silent += 1;
                    (
                        Severity::Low,
                        user.line,
                        format!("Service {name} takes its user from a variable: {}.", user.value),
                    )
                }
                Who::Name(user_name) => {
                    silent += 1;
                    let message =
                        format!("Service {name} runs as {user_name}, whose uid only the image's /etc/passwd shows.");
                    (Severity::Low, user.line, message)
                }
                Who::Uid(_) => (Severity::Info, user.line, format!("Service {name} runs as {}.", user.value)),
            },
        };
        let aliases: &[&str] = if severity == Severity::High { &["4.1"] } else { &[] };
        observations.push(on_compose(file, line, severity, message, aliases));
    }
    match (roots, silent) {
        (0, 0) => judged(OutcomeKind::Pass, "Every service runs as an unprivileged user.", observations),
        (0, silent) => judged(
            OutcomeKind::Undecided,
            format!(
                "{} unsettled in the Compose file; look at the images.",
                count(silent, "service leaves its user", "services leave their users")
            ),
            observations,
        ),
        (roots, _) => judged(
            OutcomeKind::Fail,
            format!("{} as root.", count(roots, "service runs", "services run")),
            observations,
        ),
    }
}

#[cfg(test)]
#[path = "d1_user_tests.rs"]
mod tests;
