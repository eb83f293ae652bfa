//! Looking at the evidence itself: folders of the recorded tree, packages, history, and where checks saw something.

use std::collections::{BTreeMap, HashMap};

use plimsoll_catalog::{Language, Location, Outcome};
use plimsoll_checks::Facts;
use plimsoll_image::{Entry, Hiding, ImageFacts, Kind, Tree};
use plimsoll_packages::Ecosystem;

use crate::browse_view::{
    FieldMark, FolderView, HistoryRow, PackageRow, PackageSource, PackagesView, PathMark, TreeRow,
};
use crate::words::{self, pick};

/// Rows of a folder that are listed; more would only slow the window down.
const ROWS: usize = 5_000;

/// What checks saw in a subject.
struct Marks<'a> {
    /// Path, layer's diff ID, mark.
    paths: Vec<(&'a str, &'a str, PathMark)>,
}

fn mark(outcome: &Outcome, observation: &plimsoll_catalog::Observation) -> PathMark {
    PathMark {
        severity: observation.severity.as_str().to_owned(),
        use_case: crate::words::use_case(outcome.use_case),
        message: observation.message.clone(),
    }
}

impl<'a> Marks<'a> {
    fn of(outcomes: &'a [Outcome], subject: &str) -> Self {
        let paths = outcomes
            .iter()
            .filter(|outcome| outcome.subject == subject)
            .flat_map(|outcome| {
                outcome.observations.iter().filter_map(move |o| match &o.location {
                    Some(Location::Layer { layer, path }) => Some((path.as_str(), layer.as_str(), mark(outcome, o))),
                    _ => None,
                })
            })
            .collect();
        Self { paths }
    }

    /// Marks at a path, and for a folder below it. One of a layer alone shows only that layer's.
    fn at(&self, path: &str, folder: bool, layer: Option<&str>) -> Vec<PathMark> {
        self.paths
            .iter()
            .filter(|(of, diff_id, _)| {
                layer.is_none_or(|layer| layer == *diff_id)
                    && (*of == path
                        || (folder && of.strip_prefix(path).is_some_and(|rest| path == "/" || rest.starts_with('/'))))
            })
            .map(|(_, _, mark)| mark.clone())
            .collect()
    }
}

/// `rwsr-xr-x`, as `ls` writes it.
fn mode(mode: u32) -> String {
    let bit = |mask: u32, letter: char| if mode & mask == 0 { '-' } else { letter };
    let special =
        |execute: u32, special: u32, lower: char, upper: char| match (mode & execute != 0, mode & special != 0) {
            (true, true) => lower,
            (false, true) => upper,
            (true, false) => 'x',
            (false, false) => '-',
        };
    [
        bit(0o400, 'r'),
        bit(0o200, 'w'),
        special(0o100, 0o4000, 's', 'S'),
        bit(0o40, 'r'),
        bit(0o20, 'w'),
        special(0o10, 0o2000, 's', 'S'),
        bit(0o4, 'r'),
        bit(0o2, 'w'),
        special(0o1, 0o1000, 't', 'T'),
    ]
    .into_iter()
    .collect()
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Symlink => "symlink",
        Kind::HardLink => "hard-link",
        Kind::CharDevice => "char-device",
        Kind::BlockDevice => "block-device",
        Kind::Fifo => "fifo",
    }
}

/// Names of the owner and the group where the image has them.
fn owner(image: &ImageFacts, uid: u64, gid: u64) -> String {
    let user = image.accounts.users.iter().flatten().find(|user| user.uid == uid).map(|user| user.name.as_str());
    let group = image.accounts.groups.iter().flatten().find(|group| group.gid == gid).map(|group| group.name.as_str());
    let name = |name: Option<&str>, id: u64| name.map_or_else(|| id.to_string(), str::to_owned);
    format!("{}:{}", name(user, uid), name(group, gid))
}

/// One child of a folder while it is being put together.
#[derive(Default)]
struct Child<'a> {
    /// Its own entry, with its layer from 0 and the file that a hard link names.
    own: Option<(usize, &'a Entry, &'a Entry)>,
    bytes: u64,
    files: u32,
}

/// The folder at `path`: of the merged tree, or of the layer with this number from 1.
pub(crate) fn folder(
    facts: &Facts,
    tree: &Tree,
    outcomes: &[Outcome],
    subject: &str,
    layer: Option<u32>,
    path: &str,
    language: Language,
) -> Option<FolderView> {
    let image = facts.image.as_ref()?;
    let path = if path == "/" { "/" } else { path.trim_end_matches('/') };
    let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
    let mut children: BTreeMap<&str, Child<'_>> = BTreeMap::new();
    let mut note = |number: usize, entry, content| place(&mut children, &prefix, number, entry, content);
    match layer {
        None => {
            for found in tree.below(path) {
                note(found.layer, found.entry, found.content);
            }
        }
        Some(number) => {
            let index = usize::try_from(number).ok()?.checked_sub(1)?;
            let entries = &tree.layers().get(index)?.entries;
            for entry in entries {
                let content = entry.target.and_then(|at| entries.get(at as usize)).unwrap_or(entry);
                note(index, entry, content);
            }
        }
    }
    if children.is_empty() && path != "/" && !is_folder(tree, layer, path) {
        return None;
    }
    let marks = Marks::of(outcomes, subject);
    let only = layer.and_then(|number| tree.layers().get(number as usize - 1)).map(|layer| layer.diff_id.as_str());
    let more = children.len().saturating_sub(ROWS);
    let mut rows: Vec<TreeRow> = children
        .into_iter()
        .map(|(name, child)| {
            let at = format!("{prefix}{name}");
            let entry = child.own.map(|(_, entry, _)| entry);
            let content = child.own.map(|(_, _, content)| content);
            // A folder that no layer records is one all the same when something lies below it.
            let is_folder = entry.is_none_or(|entry| entry.kind == Kind::Directory);
            let hidden = entry.and_then(|entry| entry.hidden);
            let size = match (is_folder, content) {
                (false, Some(content)) => content.size,
                _ => child.bytes,
            };
            let package = entry
                .and_then(|entry| entry.package)
                .and_then(|index| image.inventory.packages.get(index as usize))
                .map(|package| package.name.clone());
            let capabilities = content.and_then(|content| content.capabilities.as_deref());
            TreeRow {
                name: name.to_owned(),
                kind: entry.map_or("directory", |entry| kind(entry.kind)).to_owned(),
                size: words::bytes(size, language),
                files: if is_folder { child.files } else { 0 },
                mode: content.map(|content| mode(content.mode)).unwrap_or_default(),
                owner: content.map(|content| owner(image, content.uid, content.gid)).unwrap_or_default(),
                layer: child.own.map_or(0, |(number, _, _)| u32::try_from(number + 1).unwrap_or(u32::MAX)),
                link: entry.and_then(|entry| entry.link.as_deref()).unwrap_or_default().to_owned(),
                package: package.unwrap_or_default(),
                state: match hidden.map(|hidden| hidden.how) {
                    None => "visible",
                    Some(Hiding::Replaced) => "replaced",
                    Some(Hiding::Deleted | Hiding::Opaque) => "deleted",
                }
                .to_owned(),
                hidden_by: hidden.map_or(0, |hidden| hidden.by + 1),
                capabilities: capabilities.map(str::to_owned).unwrap_or_default(),
                marks: marks.at(&at, is_folder, only),
                path: at,
            }
        })
        .collect();
    if more > 0 {
        // What a check points to must be among those that are listed.
        rows.sort_by_key(|row| row.marks.is_empty());
        rows.truncate(ROWS);
    }
    rows.sort_by(|a, b| (a.kind != "directory", &a.name).cmp(&(b.kind != "directory", &b.name)));
    Some(FolderView { path: path.to_owned(), layer, rows, more: u32::try_from(more).unwrap_or(u32::MAX) })
}

/// Whether a path that holds nothing is a folder all the same.
fn is_folder(tree: &Tree, layer: Option<u32>, path: &str) -> bool {
    match layer {
        None => tree.get(path).is_some_and(|found| found.entry.kind == Kind::Directory),
        Some(number) => {
            (number as usize).checked_sub(1).and_then(|index| tree.layers().get(index)).is_some_and(|layer| {
                layer.entries.iter().any(|entry| entry.path.as_ref() == path && entry.kind == Kind::Directory)
            })
        }
    }
}

/// Counts an entry to the child of the folder that it is, or lies below.
fn place<'a>(
    children: &mut BTreeMap<&'a str, Child<'a>>,
    prefix: &str,
    number: usize,
    entry: &'a Entry,
    content: &'a Entry,
) {
    let Some(rest) = entry.path.strip_prefix(prefix).filter(|rest| !rest.is_empty()) else { return };
    let (name, own) = match rest.split_once('/') {
        Some((name, _)) => (name, false),
        None => (rest, true),
    };
    let child = children.entry(name).or_default();
    if own {
        // The last one of a layer counts.
        child.own = Some((number, entry, content));
    }
    if entry.kind != Kind::Directory {
        child.bytes = child.bytes.saturating_add(entry.size);
        child.files = child.files.saturating_add(1);
    }
}

/// The word of an ecosystem, as purl types have it.
pub(crate) fn ecosystem(ecosystem: Ecosystem) -> String {
    match serde_json::to_value(ecosystem) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What is installed.
pub(crate) fn packages(facts: &Facts, language: Language) -> Option<PackagesView> {
    let image = facts.image.as_ref()?;
    let inventory = &image.inventory;
    let numbers: HashMap<&str, u32> = image.layers.iter().map(|layer| layer.diff_id.as_str()).zip(1..).collect();
    let end = inventory.os.as_ref().and_then(|os| os.support_end.as_ref());
    let last = end.map(|end| end.extended.as_deref().unwrap_or(&end.standard));
    let unsupported = last.is_some_and(|last| *last < *facts.collected);
    Some(PackagesView {
        os: inventory.os.as_ref().map(os_name).unwrap_or_default(),
        support: last
            .map(|last| {
                let from = end.map_or("", |end| end.from.as_str());
                match (unsupported, language) {
                    (false, Language::En) => format!("Security fixes until {last} ({from})"),
                    (true, Language::En) => format!("No security fixes since {last} ({from})"),
                    (false, Language::De) => format!("Sicherheitskorrekturen bis {last} ({from})"),
                    (true, Language::De) => format!("Keine Sicherheitskorrekturen mehr seit {last} ({from})"),
                }
            })
            .unwrap_or_default(),
        unsupported,
        rows: inventory
            .packages
            .iter()
            .map(|package| PackageRow {
                ecosystem: ecosystem(package.ecosystem),
                name: package.name.clone(),
                version: package.version.clone(),
                architecture: package.architecture.clone().unwrap_or_default(),
                source: [package.source_name.as_deref(), package.source_version.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
                licence: package.licence.clone().unwrap_or_default(),
                size: package.installed_size.map(|size| words::bytes(size, language)).unwrap_or_default(),
                #[allow(clippy::cast_precision_loss)] // only to sort by
                bytes: package.installed_size.unwrap_or(0) as f64,
                layer: numbers.get(package.layer.as_str()).copied().unwrap_or(0),
                location: package.location.clone(),
                purl: package.purl.clone(),
            })
            .collect(),
        sources: inventory
            .sources
            .iter()
            .map(|source| PackageSource {
                path: source.path.clone(),
                kind: source.kind.clone(),
                packages: u32::try_from(source.packages).unwrap_or(u32::MAX),
                error: source.error.clone().unwrap_or_default(),
            })
            .collect(),
        unread: image
            .unread
            .iter()
            .map(|unread| (unread.path.clone(), format!("{}: {}", purpose(&unread.purpose, language), unread.reason)))
            .collect(),
    })
}

fn purpose(purpose: &str, language: Language) -> &str {
    match purpose {
        "packages" => pick(language, "not searched for packages", "nicht nach Paketen durchsucht"),
        "secrets" => pick(language, "not searched for secrets", "nicht nach Geheimnissen durchsucht"),
        "accounts" => pick(language, "accounts not read", "Konten nicht gelesen"),
        other => other,
    }
}

/// What a distribution calls itself.
pub(crate) fn os_name(os: &plimsoll_packages::OsRelease) -> String {
    let built = || [Some(os.id.as_str()), os.version_id.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    os.pretty_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(built)
}

/// The history with the layers that its lines made.
pub(crate) fn history(image: &ImageFacts, outcomes: &[Outcome], subject: &str, language: Language) -> Vec<HistoryRow> {
    let mut marks: HashMap<u32, Vec<PathMark>> = HashMap::new();
    for (field, mark) in field_observations(outcomes, subject) {
        let index = field.strip_prefix("history[").and_then(|rest| rest.split_once(']')?.0.parse().ok());
        if let Some(index) = index {
            marks.entry(index).or_default().push(mark);
        }
    }
    (0..)
        .zip(&image.history)
        .map(|(index, line)| HistoryRow {
            index,
            created: line.created.clone().unwrap_or_default(),
            command: line.created_by.clone(),
            layer: line.layer.map_or(0, |layer| u32::try_from(layer + 1).unwrap_or(u32::MAX)),
            size: line
                .layer
                .and_then(|layer| image.layers.get(layer))
                .map(|layer| words::bytes(layer.size, language))
                .unwrap_or_default(),
            marks: marks.remove(&index).unwrap_or_default(),
        })
        .collect()
}

/// What checks saw at fields of the config.
pub(crate) fn config_marks(outcomes: &[Outcome], subject: &str) -> Vec<FieldMark> {
    field_observations(outcomes, subject)
        .filter(|(field, _)| !field.starts_with("history["))
        .map(|(field, mark)| FieldMark {
            field: field.to_owned(),
            severity: mark.severity,
            use_case: mark.use_case,
            message: mark.message,
        })
        .collect()
}

fn field_observations<'a>(outcomes: &'a [Outcome], subject: &'a str) -> impl Iterator<Item = (&'a str, PathMark)> {
    outcomes.iter().filter(move |outcome| outcome.subject == subject).flat_map(|outcome| {
        outcome.observations.iter().filter_map(move |o| match &o.location {
            Some(Location::Field { field }) => Some((field.as_str(), mark(outcome, o))),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_ls_does() {
        assert_eq!(mode(0o644), "rw-r--r--");
        assert_eq!(mode(0o4755), "rwsr-xr-x");
        assert_eq!(mode(0o4644), "rwSr--r--");
        assert_eq!(mode(0o2711), "rwx--s--x");
        assert_eq!(mode(0o1777), "rwxrwxrwt");
    }
}
