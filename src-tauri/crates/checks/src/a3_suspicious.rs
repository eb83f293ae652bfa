//! A3, check the content of the image: keys, dumps, caches, leftovers and odd files, in the merged tree and below it.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{Entry, ImageFacts, Kind, SecretPlace, Tree};
use plimsoll_secrets::Harmless;

use crate::a3_kinds::{Suspect, Weight, among_libraries, by_content, by_path, folder};
use crate::access::Runner;
use crate::figures::bytes;
use crate::layers::{layer_name, on_entry, on_image, package_of, show_find};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "suspicious-content";
/// How many folders are named for each kind.
const FOLDERS: usize = 5;
/// From here on, package caches are a fault.
const CACHE_BYTES: u64 = 1_000_000;

/// The image holds nothing that its purpose does not explain.
pub(crate) struct Suspicious;

impl Check for Suspicious {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::A3),
            title: text("No suspicious content", "Keine auffälligen Inhalte"),
            why: text(
                "Keys, dumps, histories and source repositories in an image go wherever the image goes; caches and leftovers show that nobody looked at what was shipped.",
                "Schlüssel, Speicherabbilder, Befehlsverläufe und Quelltextarchive im Image gelangen überallhin, wohin das Image gelangt; Caches und Überreste zeigen, dass niemand geprüft hat, was ausgeliefert wird.",
            ),
            how: text(
                "Every entry of every layer is looked at by name, first bytes, kind, mode and owner: private keys and SSH host keys, authorized_keys, core, heap and packet dumps, .git and its like, command histories, package caches, editors' leftovers, backup copies, database dumps, scheduled jobs, device nodes, world-writable files, files whose owner has no account. What belongs to a package of the distribution, or lies among third-party libraries, weighs less. Keys that a later layer deleted count, since they can be read back; other deleted findings are named. Caches count from 1 MB on. Backup copies, database dumps, jobs and files without an account are for a person to decide.",
                "Jeder Eintrag jeder Schicht wird nach Namen, ersten Bytes, Art, Rechten und Eigentümer betrachtet: private Schlüssel und SSH-Host-Keys, authorized_keys, Speicher-, Heap- und Netzwerkabbilder, .git und Ähnliches, Befehlsverläufe, Paket-Caches, Überreste von Editoren, Sicherungskopien, Datenbankabzüge, geplante Aufgaben, Gerätedateien, für alle schreibbare Dateien, Dateien ohne Konto. Was zu einem Paket der Distribution gehört oder zwischen fremden Bibliotheken liegt, wiegt weniger. Schlüssel, die eine spätere Schicht gelöscht hat, zählen, denn sie lassen sich auslesen; andere gelöschte Funde werden genannt. Caches zählen ab 1 MB. Sicherungskopien, Datenbankabzüge, Aufgaben und Dateien ohne Konto muss ein Mensch beurteilen.",
            ),
            blind_spots: text(
                "Suspicious content under an innocent name and inside archives. Whether a database dump is needed to start the service.",
                "Auffälliges unter harmlosem Namen und in Archiven. Ob ein Datenbankabzug zum Start des Dienstes gebraucht wird.",
            ),
            remedy: text(
                "Exclude such files with .dockerignore, delete caches in the RUN that makes them, build in a stage of its own and copy only results; make host keys at the start of the container.",
                "Schließen Sie solche Dateien mit .dockerignore aus, löschen Sie Caches in dem RUN, das sie anlegt, bauen Sie in einer eigenen Stage und kopieren Sie nur Ergebnisse; erzeugen Sie Host-Keys beim Start des Containers.",
            ),
            example: "# .dockerignore\n.git\n.idea\n**/*.swp\n**/*.sql",
            aliases: &[
                ("dockle", "DKL-LI-0003"),
                ("dockle", "DKL-DI-0005"),
                ("hadolint", "DL3009"),
                ("trivy", "private-key"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8", "5.3"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let Some(image) = &facts.image else {
            return judged(
                OutcomeKind::NotApplicable,
                "There are no files to look at: the subject is not an image.",
                Vec::new(),
            );
        };
        let mut finds = Finds { image, settings, groups: BTreeMap::new(), allowed: BTreeMap::new() };
        if let Some(tree) = &facts.tree {
            finds.visible(tree);
            finds.hidden(tree);
        }
        finds.keys();
        let (mut observations, weight) = finds.report(facts);
        let unread = image.unread.iter().filter(|unread| unread.purpose == "secrets").count();
        if unread > 0 {
            let message = format!("{} not searched for keys.", count(unread, "file was", "files were"));
            observations.push(on_image(Severity::Info, message, None));
        }
        let number = |weight| observations.iter().filter(|o| o.severity <= weight).count();
        match weight {
            Weight::Fault => {
                let summary = format!(
                    "The image holds content that its purpose does not explain: {} above the level of information.",
                    count(number(Severity::Low), "observation", "observations")
                );
                judged(OutcomeKind::Fail, summary, observations)
            }
            _ if facts.tree.is_none() => {
                let summary = "The image's file listing is not among the facts, so its files could not be looked at; read the image again.";
                judged(OutcomeKind::Error, summary, observations)
            }
            Weight::Ask => {
                let summary = "The image holds content that a person must judge: is it needed at run time?";
                judged(OutcomeKind::Undecided, summary, observations)
            }
            Weight::Note => judged(OutcomeKind::Pass, "Nothing in the image's layers looks suspicious.", observations),
        }
    }
}

/// How findings are put together: those that the merged tree shows first, then by kind, and package-owned ones last.
type Key = (bool, Suspect, bool);

/// Findings under one folder.
#[derive(Default)]
struct Group {
    files: usize,
    bytes: u64,
    /// The first one's layer and path.
    layer: String,
    path: String,
    layers: BTreeSet<String>,
    /// What hides the first one.
    hidden_by: Option<String>,
    /// What more is known about the first one.
    detail: Option<String>,
    /// Why it weighs less.
    weak: Weak,
}

/// Why a finding weighs less, as the end of a sentence.
type Weak = Option<&'static str>;

struct Finds<'a> {
    image: &'a ImageFacts,
    settings: &'a Settings,
    groups: BTreeMap<Key, BTreeMap<String, Group>>,
    /// By pattern: reason and number.
    allowed: BTreeMap<String, (String, usize)>,
}

/// Where something was found.
struct At<'a> {
    layer: &'a str,
    path: &'a str,
    size: u64,
    hidden_by: Option<&'a str>,
}

impl Finds<'_> {
    fn add(&mut self, suspect: Suspect, root: String, weak: Weak, at: &At<'_>, detail: Option<String>) {
        if let Some(allowance) = self.settings.allowed(ID, at.path) {
            let reason = allowance.reason.trim_end_matches('.').to_owned();
            self.allowed.entry(allowance.what.clone()).or_insert((reason, 0)).1 += 1;
            return;
        }
        let groups = self.groups.entry((at.hidden_by.is_some(), suspect, weak.is_some())).or_default();
        let group = groups.entry(root).or_default();
        if group.files == 0 {
            at.layer.clone_into(&mut group.layer);
            at.path.clone_into(&mut group.path);
            group.hidden_by = at.hidden_by.map(str::to_owned);
            group.detail = detail;
            group.weak = weak;
        }
        group.files += 1;
        group.bytes = group.bytes.saturating_add(at.size);
        if !group.layers.contains(at.layer) {
            group.layers.insert(at.layer.to_owned());
        }
    }

    /// Whether a package owns the entry, or it lies where third-party code brings such things along.
    fn weak(&self, suspect: Suspect, entry: &Entry) -> Weak {
        if package_of(self.image, entry).is_some() {
            Some("a package of the distribution brings it along")
        } else if suspect.common_among_libraries() && among_libraries(&entry.path) {
            Some("third-party code brings it along")
        } else {
            None
        }
    }

    fn visible(&mut self, tree: &Tree) {
        let windows = self.image.platform.os == "windows";
        let users: Option<BTreeSet<u64>> =
            self.image.accounts.users.as_ref().map(|users| users.iter().map(|user| user.uid).collect());
        let groups: Option<BTreeSet<u64>> =
            self.image.accounts.groups.as_ref().map(|groups| groups.iter().map(|group| group.gid).collect());
        let runner = Runner::of(self.image);
        for found in tree.iter() {
            let (entry, content) = (found.entry, found.content);
            let path = entry.path.as_ref();
            let at = At { layer: found.diff_id, path, size: entry.size, hidden_by: None };
            let file = matches!(entry.kind, Kind::File | Kind::HardLink);
            let named = if file { by_path(path, content.size) } else { None };
            let by_content = by_content(entry).map(|suspect| (suspect, folder(parent(path))));
            if let Some((suspect, root)) = by_content.or(named) {
                let weak = self.weak(suspect, entry);
                if !(weak.is_some() && suspect == Suspect::Crontab) {
                    self.add(suspect, root, weak, &at, None);
                }
            }
            if windows || ["/dev/", "/proc/", "/sys/"].iter().any(|dir| path.starts_with(dir)) {
                continue;
            }
            if file && content.mode & 0o002 != 0 {
                let weak = self.weak(Suspect::WorldWritable, entry);
                self.add(Suspect::WorldWritable, folder(parent(path)), weak, &at, None);
            }
            let nobody =
                users.as_ref().is_some_and(|users| !users.contains(&content.uid)) && !runner.is_uid(content.uid);
            let no_group =
                groups.as_ref().is_some_and(|groups| !groups.contains(&content.gid)) && !runner.is_gid(content.gid);
            if nobody || no_group {
                let who = if nobody { format!("uid {}", content.uid) } else { format!("gid {}", content.gid) };
                let weak = self.weak(Suspect::NoOwner, entry);
                self.add(Suspect::NoOwner, who, weak, &at, None);
            }
        }
    }

    fn hidden(&mut self, tree: &Tree) {
        for (number, layer) in tree.layers().iter().enumerate() {
            for entry in &layer.entries {
                let Some(hidden) = entry.hidden.filter(|hidden| hidden.by as usize != number) else { continue };
                let path = entry.path.as_ref();
                // What a later layer writes anew is judged as the merged tree shows it.
                if entry.kind != Kind::File || tree.get(path).is_some() {
                    continue;
                }
                let by_content = by_content(entry).map(|suspect| (suspect, folder(parent(path))));
                let Some((suspect, root)) = by_content.or_else(|| by_path(path, entry.size)) else { continue };
                let weak = self.weak(suspect, entry);
                if suspect.weight_hidden(weak.is_some()).is_none() {
                    continue;
                }
                let by = tree.layers().get(hidden.by as usize).map_or("", |layer| layer.diff_id.as_str());
                let at = At { layer: &layer.diff_id, path, size: entry.size, hidden_by: Some(by) };
                self.add(suspect, root, weak, &at, None);
            }
        }
    }

    /// Private keys that the search for secrets found in files.
    fn keys(&mut self) {
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        for secret in &self.image.secrets {
            let SecretPlace::File { layer, path, size, hidden_by, package } = &secret.place else { continue };
            if !secret.finding.kind.contains("private-key") || !seen.insert((layer, path)) {
                continue;
            }
            // Known by its name already.
            if matches!(by_path(path, *size), Some((Suspect::HostKey | Suspect::PrivateKey, _))) {
                continue;
            }
            let weak = match secret.finding.harmless {
                None if package.is_some() => Some("a package of the distribution brings it along"),
                None if among_libraries(path) => Some("third-party code brings it along"),
                None => None,
                Some(Harmless::Encrypted) => Some("it is encrypted with a passphrase"),
                Some(Harmless::TestData) => Some("it lies among test data"),
                Some(_) => continue,
            };
            let detail = secret.finding.detail.clone().unwrap_or_else(|| secret.finding.title.clone());
            let at = At { layer, path, size: *size, hidden_by: hidden_by.as_deref() };
            self.add(Suspect::PrivateKey, folder(parent(path)), weak, &at, Some(detail));
        }
    }

    fn report(self, facts: &Facts) -> (Vec<Observation>, Weight) {
        let mut observations = Vec::new();
        let mut worst = Weight::Note;
        for ((hidden, suspect, weak), groups) in &self.groups {
            let (mut severity, mut weight) = match hidden {
                false => suspect.weight(*weak),
                true => suspect.weight_hidden(*weak).unwrap_or((Severity::Info, Weight::Note)),
            };
            let bytes_in_all = groups.values().fold(0u64, |sum, group| sum.saturating_add(group.bytes));
            if *suspect == Suspect::PackageCache && !hidden && !weak && bytes_in_all >= CACHE_BYTES {
                (severity, weight) = (Severity::Low, Weight::Fault);
            }
            worst = worst.max(weight);
            let mut order: Vec<(&String, &Group)> = groups.iter().collect();
            order.sort_by(|a, b| (b.1.bytes, b.1.files).cmp(&(a.1.bytes, a.1.files)).then(a.0.cmp(b.0)));
            for (root, group) in order.iter().take(FOLDERS) {
                observations.push(self.observation(facts, *suspect, severity, root, group));
            }
            if let Some(rest) = order.get(FOLDERS..).filter(|rest| !rest.is_empty()) {
                let files: usize = rest.iter().map(|(_, group)| group.files).sum();
                let size = rest.iter().fold(0u64, |sum, (_, group)| sum.saturating_add(group.bytes));
                let message = format!(
                    "{}: {} more with {} in {}.",
                    suspect.name(),
                    files,
                    bytes(size),
                    count(rest.len(), "further place", "further places")
                );
                observations.push(on_image(severity, message, find(facts, *suspect)));
            }
        }
        for (what, (reason, number)) in &self.allowed {
            let message =
                format!("The profile allows {what}, which covers {}: {reason}.", count(*number, "finding", "findings"));
            observations.push(on_image(Severity::Info, message, None));
        }
        // Most severe first; within a severity the order of the kinds stays.
        observations.sort_by_key(|observation| observation.severity);
        (observations, worst)
    }

    fn observation(
        &self,
        facts: &Facts,
        suspect: Suspect,
        severity: Severity,
        root: &str,
        group: &Group,
    ) -> Observation {
        let what = match (group.files, suspect) {
            (1, Suspect::NoOwner) => format!("{}, owned by {root}", group.path),
            (files, Suspect::NoOwner) => format!("{files} entries owned by {root}, the first is {}", group.path),
            (1, _) => format!("{} ({})", group.path, bytes(group.bytes)),
            (files, _) => format!("{files} files with {} in {root}", bytes(group.bytes)),
        };
        let detail = group.detail.as_ref().map(|detail| format!(" [{detail}]")).unwrap_or_default();
        let more = match group.layers.len() {
            0 | 1 => String::new(),
            number => format!(" and {}", count(number - 1, "other", "others")),
        };
        let owner = group.weak.map(|reason| format!("; {reason}")).unwrap_or_default();
        let fate = match &group.hidden_by {
            None => String::new(),
            Some(by) => {
                format!("; {} hides it, but anyone who has the image can read it back", layer_name(self.image, by))
            }
        };
        let message = format!(
            "{}: {what}{detail}, from {}{more}{owner}{fate}.",
            suspect.name(),
            layer_name(self.image, &group.layer)
        );
        let path = if group.files == 1 || suspect == Suspect::NoOwner { group.path.as_str() } else { root };
        let mut observation = on_entry(facts, (&group.layer, path), severity, message, aliases(suspect));
        if group.hidden_by.is_none()
            && group.files > 1
            && let Some(find) = find(facts, suspect)
        {
            observation.reproduce = Some(find);
        }
        observation
    }
}

fn aliases(suspect: Suspect) -> &'static [&'static str] {
    match suspect {
        Suspect::PackageCache => &["DL3009", "DKL-DI-0005", "DKL-LI-0003"],
        Suspect::VersionControl | Suspect::EditorLeftover | Suspect::Backup => &["DKL-LI-0003"],
        Suspect::PrivateKey | Suspect::HostKey => &["CIS-DI-0010"],
        _ => &[],
    }
}

/// A command that finds all of a kind, where `find` has a word for it.
fn find(facts: &Facts, suspect: Suspect) -> Option<String> {
    let arguments = match suspect {
        Suspect::WorldWritable => "/ -xdev -type f -perm -0002",
        Suspect::NoOwner => "/ -xdev '(' -nouser -o -nogroup ')'",
        Suspect::Device => "/ -xdev '(' -type b -o -type c ')'",
        _ => return None,
    };
    Some(show_find(facts, arguments))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[cfg(test)]
#[path = "a3_suspicious_tests.rs"]
mod tests;
