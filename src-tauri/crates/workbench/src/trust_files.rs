//! From files to trust facts: Notary metadata in a folder, signatures and attestations in an OCI layout. Nothing is
//! judged here, and nobody is asked: what a file does not show is absent there, and the place says that it is a file.

use std::path::Path;

use plimsoll_image::{Hooks, Layout, Limits, OpenOptions, Transport};
use plimsoll_trust::{Bytes, Looked, Lookup, NotaryFacts, NotaryFile, Pinned, Scheme, TrustFacts};
use serde_json::Value;

use crate::error::WorkbenchError;
use crate::trust_layout;

/// One metadata file may be at most this many bytes: 4 MiB.
const METADATA_LIMIT: u64 = 4 << 20;
/// All metadata files of a folder together: 64 MiB.
const FOLDER_LIMIT: u64 = 64 << 20;
/// Metadata files of one folder, and roles that a snapshot lists.
const FILES: usize = 1000;
/// Folders of delegations inside one another.
const DEPTH: usize = 8;

/// What an auditor says of a folder of Notary metadata.
#[derive(Debug, Clone, Default)]
pub struct NotaryGiven<'a> {
    /// The repository as the trust server knows it.
    pub gun: &'a str,
    /// The tag.
    pub tag: Option<&'a str>,
    /// Digests of the image, `sha256:…`.
    pub digests: &'a [String],
    /// What was trusted at an earlier contact.
    pub pinned: Option<Pinned>,
    /// When the metadata was fetched, RFC 3339; expiry is judged then.
    pub collected: &'a str,
}

/// The metadata files of a folder.
struct Folder {
    files: Vec<NotaryFile>,
    failed: Vec<(String, String)>,
}

/// A role's name as file names have it: no dots that climb, nothing that a terminal could not show.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=128).contains(&name.len()) && name.chars().all(fits) && !name.starts_with('.')
}

/// Whether a name at the top of a folder is one of a repository's: `root`, `timestamp`, `2.root` …
fn is_top_role(name: &str) -> bool {
    let old_root =
        || name.strip_suffix(".root").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    ["root", "timestamp", "snapshot", "targets"].contains(&name) || old_root()
}

/// Reads the metadata files of a folder.
fn read_folder(folder: &Path) -> Result<Folder, WorkbenchError> {
    if !folder.is_dir() {
        return Err(WorkbenchError::NoFolder(folder.to_owned()));
    }
    let mut found = Folder { files: Vec::new(), failed: Vec::new() };
    let mut left = FOLDER_LIMIT;
    walk(folder, "", DEPTH, &mut left, &mut found)?;
    found.files.sort_by(|one, other| one.name.cmp(&other.name));
    found.failed.sort();
    Ok(found)
}

fn walk(folder: &Path, under: &str, depth: usize, left: &mut u64, found: &mut Folder) -> Result<(), WorkbenchError> {
    let read = |source| WorkbenchError::Read { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else { continue };
        // Links are not followed: a folder that was unpacked from somewhere must not lead elsewhere.
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            let enters = if under.is_empty() { file_name == "targets" } else { is_name(file_name) };
            if let Some(depth) = depth.checked_sub(1).filter(|_| enters) {
                walk(&entry.path(), &format!("{under}{file_name}/"), depth, left, found)?;
            }
            continue;
        }
        let Some(stem) = file_name.strip_suffix(".json").filter(|stem| is_name(stem)) else { continue };
        if under.is_empty() && !is_top_role(stem) {
            continue;
        }
        let name = format!("{under}{stem}");
        if found.files.len().saturating_add(found.failed.len()) >= FILES {
            let text = format!(
                "{} holds more than {FILES} metadata files; name the folder of one repository.",
                folder.display()
            );
            return Err(WorkbenchError::Input(text));
        }
        if !meta.is_file() {
            found.failed.push((name, "it is no regular file".to_owned()));
        } else if meta.len() > METADATA_LIMIT.min(*left) {
            found.failed.push((name, format!("it is too large ({} bytes)", meta.len())));
        } else {
            match std::fs::read(entry.path()) {
                Ok(bytes) => {
                    *left = left.saturating_sub(bytes.len() as u64);
                    found.files.push(NotaryFile { name, bytes: Bytes(bytes) });
                }
                Err(error) => found.failed.push((name, error.to_string())),
            }
        }
    }
    Ok(())
}

/// Whether a folder holds metadata of Notary.
#[must_use]
pub fn is_notary_folder(folder: &Path) -> bool {
    ["root.json", "timestamp.json", "snapshot.json", "targets.json"].iter().any(|name| folder.join(name).is_file())
}

/// The roles that the snapshot lists, as a client would ask for them.
fn listed(files: &[NotaryFile]) -> Vec<String> {
    let snapshot = files.iter().find(|file| file.name == "snapshot");
    let parsed: Option<Value> = snapshot.and_then(|file| serde_json::from_slice(&file.bytes.0).ok());
    let meta = parsed.as_ref().and_then(|value| value.pointer("/signed/meta")).and_then(Value::as_object);
    let names = meta.into_iter().flat_map(|meta| meta.keys());
    names.filter(|name| name.len() <= 256 && *name != "snapshot" && *name != "timestamp").take(FILES).cloned().collect()
}

/// What was trusted at an earlier contact, from the metadata that was downloaded then.
pub(crate) fn pinned(folder: &Path) -> Result<Pinned, WorkbenchError> {
    let before = read_folder(folder)?;
    if let Some((name, reason)) = before.failed.first() {
        return Err(WorkbenchError::Input(format!(
            "{name}.json in {} could not be read: {reason}; what was trusted before must be whole.",
            folder.display()
        )));
    }
    plimsoll_trust::pinned_from_files(&before.files).ok_or_else(|| {
        WorkbenchError::Input(format!(
            "{} holds no root.json; name the folder of what was trusted before.",
            folder.display()
        ))
    })
}

/// The facts that a folder of Notary metadata shows. A name that is not in it is absent; a folder without any is a
/// server that answered 404.
///
/// # Errors
/// When the folder, or that of what was trusted before, cannot be read.
pub fn notary_folder(folder: &Path, given: &NotaryGiven<'_>) -> Result<TrustFacts, WorkbenchError> {
    let Folder { files, failed } = read_folder(folder)?;
    let known = |name: &str| files.iter().any(|f| f.name == name) || failed.iter().any(|(failed, _)| failed == name);
    let mut absent = Vec::new();
    if files.is_empty() && failed.is_empty() {
        absent.push("root".to_owned());
    } else {
        let mut asked: Vec<String> =
            ["root", "timestamp", "snapshot", "targets", "targets/releases"].map(str::to_owned).to_vec();
        asked.extend(listed(&files));
        for name in asked {
            if !known(&name) && !absent.contains(&name) {
                absent.push(name);
            }
        }
    }
    let place = format!("the folder {}", folder.display());
    let looked = match failed.first() {
        Some((name, reason)) => Looked::Failed(format!("{name}.json could not be read: {reason}")),
        None if files.is_empty() => Looked::Absent,
        None => Looked::Found,
    };
    Ok(TrustFacts {
        repository: given.gun.to_owned(),
        tag: given.tag.map(str::to_owned),
        digests: given.digests.to_vec(),
        collected: given.collected.to_owned(),
        notary: Some(NotaryFacts {
            server: place.clone(),
            gun: given.gun.to_owned(),
            files,
            absent,
            failed,
            pinned: given.pinned.clone(),
        }),
        artifacts: Vec::new(),
        lookups: vec![Lookup {
            scheme: Scheme::ContentTrust,
            place: format!("{place}, metadata of {}", given.gun),
            looked,
        }],
    })
}

/// What an auditor says of an image in an OCI layout or archive.
#[derive(Debug, Clone, Default)]
pub struct LayoutGiven<'a> {
    /// The image's tag, name or digest in the layout; without it the only image.
    pub reference: Option<&'a str>,
    /// The platform, where the layout holds several: `linux/arm64`.
    pub platform: Option<&'a str>,
    /// The repository's full name, where the layout does not say it.
    pub repository: Option<&'a str>,
    /// Digests of the image; without them those of the chosen image.
    pub digests: &'a [String],
    /// When it was read, RFC 3339.
    pub collected: &'a str,
}

/// The facts that an OCI layout or archive shows about the trust in one of its images.
///
/// # Errors
/// When it cannot be opened, or it cannot be told which image is meant.
pub fn layout(
    transport: Transport,
    path: &Path,
    given: &LayoutGiven<'_>,
    hooks: &dyn Hooks,
) -> Result<TrustFacts, WorkbenchError> {
    let layout = Layout::open(transport, path, &Limits::default(), hooks)?;
    let platform = given.platform.map(str::parse).transpose().map_err(WorkbenchError::Input)?;
    let options = OpenOptions { reference: given.reference.map(str::to_owned), platform, ..OpenOptions::default() };
    let (name, digests) = match given.digests {
        [] => {
            let identity = layout.identity(&options)?;
            (identity.reference, identity.digests)
        }
        digests => (given.reference.map(str::to_owned), digests.to_vec()),
    };
    let (repository, tag) = named(name.as_deref());
    let mut facts = TrustFacts {
        repository: given.repository.map_or(repository, str::to_owned),
        tag,
        digests,
        collected: given.collected.to_owned(),
        ..TrustFacts::default()
    };
    trust_layout::collect(&layout, &mut facts)?;
    Ok(facts)
}

/// The facts about the trust in an image that was read from an OCI layout or archive; none when that shows nothing, as
/// for other transports. What goes wrong is told as a lookup that failed: it never keeps the image from being read.
#[must_use]
pub fn trust_of_layout(
    transport: Transport,
    path: &Path,
    reference: Option<&str>,
    platform: Option<&str>,
    collected: &str,
    hooks: &dyn Hooks,
) -> Option<TrustFacts> {
    if !matches!(transport, Transport::OciArchive | Transport::OciLayout) {
        return None;
    }
    let given = LayoutGiven { reference, platform, collected, ..LayoutGiven::default() };
    Some(layout(transport, path, &given, hooks).unwrap_or_else(|error| TrustFacts {
        collected: collected.to_owned(),
        lookups: vec![Lookup {
            scheme: Scheme::Attestation,
            place: trust_layout::HERE.to_owned(),
            looked: Looked::Failed(error.to_string()),
        }],
        ..TrustFacts::default()
    }))
}

/// The repository's full name and the tag, from a name in a layout: `1` is a tag alone.
fn named(name: Option<&str>) -> (String, Option<String>) {
    let Some(name) = name else { return (String::new(), None) };
    // A name without a registry may as well be a tag: it does not say where the image comes from.
    if !name.contains('/') {
        let tag = name.rsplit(':').next().filter(|tag| !tag.is_empty() && !tag.contains('@'));
        return (String::new(), tag.map(str::to_owned));
    }
    match plimsoll_dockerfile::Reference::parse(name) {
        Ok(reference) => (reference.normalized_name(), reference.tag),
        Err(_) => (String::new(), None),
    }
}

#[cfg(test)]
#[path = "trust_files_tests.rs"]
mod tests;
