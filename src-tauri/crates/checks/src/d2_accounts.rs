//! D2, superfluous permissions removed: accounts, passwords and sudo rules of the image, and what everybody, or the
//! run-time user, may write.

use std::collections::{HashMap, HashSet};

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{ImageFacts, PasswordState};

use crate::access::Runner;
use crate::d2_dockerfile::{self, POWERFUL};
use crate::d2_writable;
use crate::facts::DockerfileFacts;
use crate::layers::{layer_name, on_entry, on_image};
use crate::observe::{count, judged};
use crate::search_path::MAX_LINKS;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

pub(crate) const ID: &str = "accounts-and-writable";
/// How many accounts, members and rules are named, of each.
const NAMED: usize = 10;
const SUDO: [&str; 3] = ["DL3004", "DS-0010", "CKV2_DOCKER_1"];

/// No account is more powerful, and no path more open, than need be.
pub(crate) struct Accounts;

/// What the parts of the check add up to.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) observations: Vec<Observation>,
    /// How many are at fault.
    pub(crate) faults: usize,
    /// How many a person must decide.
    pub(crate) asks: usize,
}

impl Tally {
    /// Adds an observation; from medium on it is a fault.
    pub(crate) fn add(&mut self, observation: Observation) {
        match observation.severity {
            Severity::Critical | Severity::High | Severity::Medium => self.faults += 1,
            Severity::Low | Severity::Info => {}
        }
        self.observations.push(observation);
    }

    /// Adds an observation that a person must judge.
    pub(crate) fn ask(&mut self, observation: Observation) {
        self.asks += 1;
        self.observations.push(observation);
    }
}

impl Check for Accounts {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::D2),
            title: text("Accounts and writable paths", "Konten und beschreibbare Pfade"),
            why: text(
                "A second root account, a known password, a sudo rule without one, or a program that its own user may replace: each of them turns a small flaw into full control of the container.",
                "Ein zweites Root-Konto, ein bekanntes Passwort, eine sudo-Regel ohne Passwort oder ein Programm, das sein eigener Benutzer ersetzen darf: Jedes davon macht aus einem kleinen Fehler die volle Kontrolle über den Container.",
            ),
            how: text(
                "Fails on: accounts with uid 0 beside root; empty passwords, those that are the account's name or very common, hashes of DES or MD5; members of sudo, wheel, admin, docker, lxd, shadow or root while sudo or doas is installed or the group is powerful by itself; sudo and doas rules without a password; folders that everybody may write without the sticky bit; files and folders in the PATH that the run-time user may write although it is not root; account files that it may write, and password hashes that everybody may read. Locked accounts are fine. Other password hashes are for a person to decide: they are the same in every container. A Dockerfile alone fails on commands that do such things; it never passes, since its base is not known.",
                "Nicht bestanden bei: Konten mit UID 0 neben root; leeren Passwörtern, solchen, die dem Kontonamen gleichen oder sehr gebräuchlich sind, Hashes nach DES oder MD5; Mitgliedern von sudo, wheel, admin, docker, lxd, shadow oder root, wenn sudo oder doas installiert ist oder die Gruppe selbst mächtig ist; sudo- und doas-Regeln ohne Passwort; Ordnern, in die alle schreiben dürfen, ohne Sticky-Bit; Dateien und Ordnern im PATH, die der Laufzeitbenutzer schreiben darf, obwohl er nicht Root ist; Kontendateien, die er schreiben darf, und Passwort-Hashes, die alle lesen dürfen. Gesperrte Konten sind in Ordnung. Andere Passwort-Hashes muss ein Mensch beurteilen: Sie sind in jedem Container gleich. Ein Dockerfile allein scheitert an Befehlen, die dergleichen tun; es besteht nie, da seine Basis nicht bekannt ist.",
            ),
            blind_spots: text(
                "Access control lists, PAM modules and name services beside /etc/passwd. What a start script changes. Whether a root file system mounted read-only takes the effect away.",
                "Zugriffskontrolllisten, PAM-Module und Namensdienste neben /etc/passwd. Was ein Startskript ändert. Ob ein nur lesbar eingehängtes Dateisystem die Wirkung aufhebt.",
            ),
            remedy: text(
                "Let programs and folders in the PATH belong to root and be writable by nobody else; keep one unprivileged account without a password; leave sudo out.",
                "Lassen Sie Programme und Ordner im PATH Root gehören und für niemanden sonst schreibbar sein; führen Sie ein unprivilegiertes Konto ohne Passwort; lassen Sie sudo weg.",
            ),
            example: "COPY --chown=root:root --chmod=755 app /usr/local/bin/app\nRUN useradd --system --uid 10001 --shell /usr/sbin/nologin app",
            aliases: &[
                ("dockle", "DKL-LI-0001"),
                ("dockle", "DKL-LI-0002"),
                ("dockle", "DKL-DI-0001"),
                ("hadolint", "DL3004"),
                ("trivy", "DS-0010"),
                ("checkov", "CKV2_DOCKER_1"),
                ("checkov", "CKV2_DOCKER_17"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.3", "12.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), _, _) => in_image(facts, image, settings),
            (None, Some(file), _) => in_file(file),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file holds no accounts of an image; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn in_image(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    if image.platform.os == "windows" {
        let summary = "Windows images keep their accounts and access rights elsewhere.";
        return judged(OutcomeKind::NotApplicable, summary, Vec::new());
    }
    let mut tally = Tally::default();
    let runner = Runner::of(image);
    users(facts, image, &mut tally);
    passwords(facts, image, &mut tally);
    members(facts, image, &mut tally);
    rules(facts, image, &mut tally);
    let mut unread = Vec::new();
    if let Some(tree) = &facts.tree {
        d2_writable::writable(facts, image, tree, &runner, settings, &mut tally);
        let there = |path: &str| tree.resolve(path, MAX_LINKS).is_some();
        if image.accounts.users.is_none() && there("/etc/passwd") {
            unread.push("/etc/passwd");
        }
        if image.accounts.passwords.is_none() && there("/etc/shadow") {
            unread.push("/etc/shadow");
        }
    }
    for path in &unread {
        let message = format!("{path} is in the image but could not be read.");
        tally.ask(on_image(Severity::Medium, message, None));
    }
    let Tally { mut observations, faults, asks } = tally;
    observations.sort_by_key(|observation| observation.severity);
    if faults > 0 {
        let summary = format!(
            "{} more open than need be.",
            count(faults, "account, rule or path is", "accounts, rules or paths are")
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if facts.tree.is_none() {
        let summary = "The image's file listing is not among the facts, so what may be written could not be looked at; read the image again.";
        return judged(OutcomeKind::Error, summary, observations);
    }
    if asks > 0 {
        let summary = "Accounts of the image need a person's judgement.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = match &image.accounts.users {
        None => "The image has no accounts, and no path is more open than need be.".to_owned(),
        Some(users) => format!(
            "{} looked at; none is, and no path is, more open than need be.",
            count(users.len(), "account", "accounts")
        ),
    };
    judged(OutcomeKind::Pass, summary, observations)
}

/// An observation on a file of accounts; the layer is where it is known.
fn on_file(
    facts: &Facts,
    path: &str,
    layer: Option<&str>,
    severity: Severity,
    message: String,
    aliases: &[&str],
) -> Observation {
    let found = facts.tree.as_ref().and_then(|tree| tree.resolve(path, MAX_LINKS));
    match layer.filter(|layer| !layer.is_empty()).or(found.map(|found| found.diff_id)) {
        Some(layer) => on_entry(facts, (layer, path), severity, message, aliases),
        None => Observation {
            severity,
            message,
            location: Some(Location::Field { field: path.to_owned() }),
            reproduce: None,
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
        },
    }
}

fn users(facts: &Facts, image: &ImageFacts, tally: &mut Tally) {
    let layer = image.accounts.passwd_layer.as_deref();
    let from = layer.map(|layer| format!(", from {}", layer_name(image, layer))).unwrap_or_default();
    let second = |user: &&plimsoll_image::User| user.uid == 0 && user.name != "root";
    for user in image.accounts.users.iter().flatten().filter(second).take(NAMED) {
        let message =
            format!("The account {} has uid 0 in /etc/passwd{from}: it is root under another name.", user.name);
        tally.add(on_file(facts, "/etc/passwd", layer, Severity::High, message, &["DKL-LI-0002"]));
    }
}

fn passwords(facts: &Facts, image: &ImageFacts, tally: &mut Tally) {
    let mut hashes = Vec::new();
    let closed = |shell: &str| shell.ends_with("/nologin") || shell.ends_with("/false");
    let users = image.accounts.users.iter().flatten();
    let no_login: HashSet<&str> = users.filter(|user| closed(&user.shell)).map(|user| user.name.as_str()).collect();
    for password in image.accounts.passwords.iter().flatten() {
        let place = format!("{}:{}, from {}", password.file, password.line, layer_name(image, &password.layer));
        let layer = Some(password.layer.as_str());
        let (severity, message) = match &password.state {
            PasswordState::Locked => continue,
            PasswordState::Empty if no_login.contains(password.user.as_str()) => (
                Severity::Low,
                format!("The account {} has an empty password but no login shell ({place}).", password.user),
            ),
            PasswordState::Empty => (
                Severity::High,
                format!("The account {} has an empty password: anyone may become it ({place}).", password.user),
            ),
            PasswordState::Hash { guessed: true, .. } => (
                Severity::High,
                format!(
                    "The password of the account {} is its name or one of the most common ones ({place}).",
                    password.user
                ),
            ),
            PasswordState::Hash { scheme, .. } if scheme == "des" || scheme == "md5" => (
                Severity::Medium,
                format!(
                    "The password of the account {} is kept as {scheme}, which is quickly broken ({place}).",
                    password.user
                ),
            ),
            PasswordState::Hash { scheme, .. } => {
                hashes.push((password, scheme, place));
                continue;
            }
        };
        if tally.observations.len() < NAMED * 4 {
            tally.add(on_file(facts, &password.file, layer, severity, message, &["DKL-LI-0001"]));
        } else if severity != Severity::Low {
            tally.faults += 1;
        }
    }
    for (password, scheme, place) in hashes.into_iter().take(NAMED) {
        let message = format!(
            "The account {} has a password ({scheme}), the same in every container ({place}); does anyone log in with it?",
            password.user
        );
        tally.ask(on_file(facts, &password.file, Some(&password.layer), Severity::Low, message, &[]));
    }
}

/// The program that makes members of sudo and wheel powerful.
fn elevator(facts: &Facts) -> Option<&'static str> {
    let tree = facts.tree.as_ref()?;
    ["/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo", "/usr/bin/doas", "/bin/doas", "/usr/local/bin/doas"]
        .into_iter()
        .find(|path| tree.resolve(path, MAX_LINKS).is_some_and(|found| found.content.mode & 0o4000 != 0))
}

fn members(facts: &Facts, image: &ImageFacts, tally: &mut Tally) {
    let elevator = elevator(facts);
    let users = image.accounts.users.as_deref().unwrap_or_default();
    let ids: HashMap<&str, u64> = users.iter().map(|user| (user.name.as_str(), user.uid)).collect();
    let uid = |name: &str| ids.get(name).copied();
    let powerful = image.accounts.groups.iter().flatten().filter(|group| POWERFUL.contains(&group.name.as_str()));
    // A group has one line; more than a few are hostile.
    for group in powerful.take(3 * POWERFUL.len()) {
        let mut names: Vec<&str> =
            group.members.iter().map(String::as_str).filter(|name| uid(name) != Some(0)).collect();
        if group.name != "root" {
            names.extend(
                users.iter().filter(|user| user.gid == group.gid && user.uid != 0).map(|user| user.name.as_str()),
            );
        }
        names.retain(|name| *name != "root");
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            continue;
        }
        let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let by_sudo = ["sudo", "wheel", "admin"].contains(&group.name.as_str());
        let (severity, effect) = match (by_sudo, elevator, group.name.as_str()) {
            (true, Some(program), _) => (Severity::High, format!("{program} lets its members become root")),
            (true, None, _) => (Severity::Low, "without sudo and doas in the image it gives nothing".to_owned()),
            (_, _, "docker" | "lxd") => {
                (Severity::Medium, "whoever reaches the engine's socket as its member is root on the host".to_owned())
            }
            (_, _, "shadow") => (Severity::Medium, "its members may read the password hashes".to_owned()),
            _ => (Severity::Low, "files that are open to that group are open to them".to_owned()),
        };
        let message = format!("Members of the group {}: {shown}; {effect}.", group.name);
        tally.add(on_file(facts, "/etc/group", None, severity, message, &[]));
    }
}

fn rules(facts: &Facts, image: &ImageFacts, tally: &mut Tally) {
    let elevator = elevator(facts);
    let mut named = 0;
    for rule in image.accounts.sudo.iter().filter(|rule| rule.who != "root") {
        let place = format!("{}:{}, from {}", rule.file, rule.line, layer_name(image, &rule.layer));
        let without = facts.tree.is_some() && elevator.is_none();
        if named >= NAMED {
            tally.faults += usize::from(rule.no_password && !without);
            continue;
        }
        named += 1;
        let empty_group = rule.who.strip_prefix('%').is_some_and(|name| {
            let group = image.accounts.groups.iter().flatten().find(|group| group.name == name);
            let primary = |gid| image.accounts.users.iter().flatten().any(|user| user.gid == gid);
            group.is_none_or(|group| group.members.is_empty() && !primary(group.gid))
        });
        let (severity, effect) = if without {
            (Severity::Low, "; without sudo and doas in the image it gives nothing")
        } else if rule.no_password {
            (Severity::High, "; it asks for no password")
        } else if empty_group {
            (Severity::Info, "; the group has no members")
        } else {
            (Severity::Low, "")
        };
        let message = format!("Rule for {}: {}{effect} ({place}).", rule.who, rule.text.trim());
        tally.add(on_file(facts, &rule.file, Some(&rule.layer), severity, message, &SUDO));
    }
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    if file.parsed.final_stage().is_none() {
        return judged(OutcomeKind::Error, "The Dockerfile has no stage.", Vec::new());
    }
    let read = d2_dockerfile::accounts(file);
    if read.faults > 0 {
        let summary = format!(
            "The Dockerfile makes accounts or paths more open than need be in {}.",
            count(read.faults, "place", "places")
        );
        return judged(OutcomeKind::Fail, summary, read.observations);
    }
    judged(
        OutcomeKind::Undecided,
        "The Dockerfile shows no such command, but not what its base and the copied files bring; ask for the image.",
        read.observations,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, image};
    use crate::layers::tests::{With, entry, tree_image};
    use plimsoll_image::{Group, Password, SudoRule, User};

    fn run(facts: &Facts) -> Judgement {
        Accounts.judge(facts, &Settings::default())
    }

    fn with(change: impl FnOnce(&mut ImageFacts)) -> Facts {
        let mut facts = tree_image(vec![("ADD rootfs.tar /", vec![entry("/etc/passwd")], &[])]);
        let image = facts.image.as_mut().unwrap();
        let account = |name: &str, uid, shell: &str| User {
            name: name.into(),
            uid,
            gid: uid,
            home: "/".into(),
            shell: shell.into(),
        };
        image.accounts.users = Some(vec![
            account("root", 0, "/bin/sh"),
            account("app", 1000, "/bin/sh"),
            account("bin", 1, "/sbin/nologin"),
        ]);
        image.accounts.passwd_layer = Some("sha256:l1".into());
        change(image);
        facts
    }

    fn password(user: &str, state: PasswordState) -> Password {
        Password { user: user.into(), state, file: "/etc/shadow".into(), line: 1, layer: "sha256:l1".into() }
    }

    fn hash(scheme: &str, guessed: bool) -> PasswordState {
        PasswordState::Hash { scheme: scheme.into(), guessed }
    }

    #[test]
    fn a_plain_image_passes_and_a_missing_listing_is_an_error() {
        let judgement = run(&with(|_| {}));
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Pass, 1), "{judgement:?}");
        assert_eq!(run(&image()).outcome, OutcomeKind::Error);
        assert_eq!(run(&tree_image(vec![("COPY a /", vec![entry("/a")], &[])])).outcome, OutcomeKind::Pass);
        // There, but not read.
        assert_eq!(run(&with(|image| image.accounts.users = None)).outcome, OutcomeKind::Undecided);
        let shadow = tree_image(vec![("COPY a /", vec![entry("/etc/shadow").mode(0o640)], &[])]);
        assert_eq!(run(&shadow).outcome, OutcomeKind::Undecided);
        assert_eq!(run(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn a_second_root_fails() {
        let judgement = run(&with(|image| {
            let toor = User { name: "toor".into(), uid: 0, gid: 0, home: "/".into(), shell: String::new() };
            image.accounts.users.as_mut().unwrap().push(toor);
        }));
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert_eq!(
            judgement.observations[0].message,
            "The account toor has uid 0 in /etc/passwd, from layer 1 (ADD rootfs.tar /): it is root under another name."
        );
    }

    #[test]
    fn passwords_are_judged_by_their_state() {
        for (user, state, outcome) in [
            ("root", PasswordState::Locked, OutcomeKind::Pass),
            ("root", PasswordState::Empty, OutcomeKind::Fail),
            ("bin", PasswordState::Empty, OutcomeKind::Pass),
            ("root", hash("yescrypt", true), OutcomeKind::Fail),
            ("root", hash("md5", false), OutcomeKind::Fail),
            ("root", hash("des", false), OutcomeKind::Fail),
            ("root", hash("sha512", false), OutcomeKind::Undecided),
        ] {
            let facts = with(|image| image.accounts.passwords = Some(vec![password(user, state.clone())]));
            assert_eq!(run(&facts).outcome, outcome, "{user} {state:?}");
        }
    }

    fn sudo_image(mode: u32, members: &[&str], rules: Vec<SudoRule>) -> Facts {
        let mut facts = tree_image(vec![("RUN apt-get install sudo", vec![entry("/usr/bin/sudo").mode(mode)], &[])]);
        let image = facts.image.as_mut().unwrap();
        let members = members.iter().map(|&m| m.to_owned()).collect();
        image.accounts.groups = Some(vec![Group { name: "sudo".into(), gid: 27, members }]);
        image.accounts.sudo = rules;
        facts
    }

    fn rule(who: &str, no_password: bool) -> SudoRule {
        SudoRule {
            who: who.into(),
            no_password,
            text: format!("{who} ALL=(ALL) {}ALL", if no_password { "NOPASSWD: " } else { "" }),
            file: "/etc/sudoers".into(),
            line: 5,
            layer: "sha256:l1".into(),
        }
    }

    #[test]
    fn groups_and_rules_count_while_sudo_works() {
        assert_eq!(run(&sudo_image(0o4755, &["app"], vec![])).outcome, OutcomeKind::Fail);
        assert_eq!(run(&sudo_image(0o755, &["app"], vec![])).outcome, OutcomeKind::Pass);
        assert_eq!(run(&sudo_image(0o4755, &["root"], vec![])).outcome, OutcomeKind::Pass);
        // Debian's own file.
        assert_eq!(
            run(&sudo_image(0o4755, &[], vec![rule("root", false), rule("%sudo", false)])).outcome,
            OutcomeKind::Pass
        );
        assert_eq!(run(&sudo_image(0o4755, &[], vec![rule("app", true)])).outcome, OutcomeKind::Fail);
        assert_eq!(run(&sudo_image(0o755, &[], vec![rule("app", true)])).outcome, OutcomeKind::Pass);
        // Alpine's group file lists root and daemons.
        let facts = with(|image| {
            let members = vec!["root".into(), "adm".into(), "daemon".into()];
            image.accounts.groups = Some(vec![Group { name: "adm".into(), gid: 4, members }]);
        });
        assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
        let facts = with(|image| {
            image.accounts.groups = Some(vec![Group { name: "docker".into(), gid: 999, members: vec!["app".into()] }]);
        });
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn a_dockerfile_alone_never_passes() {
        assert_eq!(run(&dockerfile("FROM a\n")).outcome, OutcomeKind::Undecided);
        assert_eq!(run(&dockerfile("FROM a\nCOPY --chmod=0777 x /x\n")).outcome, OutcomeKind::Fail);
        assert_eq!(run(&dockerfile("RUN x\n")).outcome, OutcomeKind::Error);
    }
}
