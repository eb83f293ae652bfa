//! A build context on disk: its Dockerfile, its ignore file and what the builder would be sent. The crate's only I/O.

use crate::ignore::DockerIgnore;
use crate::model::{Dockerfile, Problem};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Largest Dockerfile or ignore file that is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// Most entries that are listed.
const MAX_ENTRIES: usize = 200_000;

/// A build context, as it lay on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Context {
    /// The Dockerfile's path, relative to the context where it lies in it.
    pub dockerfile_path: String,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// Path of the ignore file that counts: `<Dockerfile>.dockerignore`, else `.dockerignore`.
    pub ignore_path: Option<String>,
    /// The ignore file.
    pub ignore: Option<DockerIgnore>,
    /// Files and folders, sorted by path. An excluded folder is not entered unless the ignore file has exceptions.
    pub entries: Vec<ContextEntry>,
    /// There were more entries than are listed (200,000).
    pub truncated: bool,
    /// What could not be read. The line is 0: it is the folder's matter, not the file's.
    pub problems: Vec<Problem>,
}

/// A file or folder of the context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ContextEntry {
    /// The path relative to the context, with `/` between the parts.
    pub path: String,
    /// What it is. Links are not followed.
    pub kind: EntryKind,
    /// Size of a file, in bytes.
    pub size: u64,
    /// The ignore file keeps it from the builder.
    pub excluded: bool,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A socket, a device, a pipe.
    Other,
}

/// Why a context could not be read.
#[derive(Debug, Error)]
pub enum ContextError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is too large to be a Dockerfile.
    #[error("{path} is larger than {MAX_FILE} bytes")]
    TooLarge {
        /// The path.
        path: PathBuf,
    },
    /// The file is no UTF-8 text.
    #[error("{path} is no UTF-8 text")]
    NotText {
        /// The path.
        path: PathBuf,
    },
}

/// Reads a build context. `dockerfile` is relative to the folder, or absolute; `Dockerfile` when none is given.
///
/// # Errors
/// When the Dockerfile or the ignore file cannot be read. Unreadable parts of the folder are named in
/// [`Context::problems`].
pub fn read_context(folder: &Path, dockerfile: Option<&Path>) -> Result<Context, ContextError> {
    let name = dockerfile.unwrap_or(Path::new("Dockerfile"));
    let path = folder.join(name);
    let text = read_text(&path)?;
    let own = {
        let mut own = path.clone().into_os_string();
        own.push(".dockerignore");
        PathBuf::from(own)
    };
    let mut ignore = None;
    let mut ignore_path = None;
    for candidate in [own, folder.join(".dockerignore")] {
        if candidate.symlink_metadata().is_ok() {
            ignore = Some(DockerIgnore::parse(&read_text(&candidate)?));
            ignore_path = Some(relative(folder, &candidate));
            break;
        }
    }
    let mut context = Context {
        dockerfile_path: relative(folder, &path),
        dockerfile: crate::parse(&text),
        ignore_path,
        ignore,
        entries: Vec::new(),
        truncated: false,
        problems: Vec::new(),
    };
    list(folder, &mut context);
    context.entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(context)
}

fn read_text(path: &Path) -> Result<String, ContextError> {
    let failed = |source| ContextError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(failed)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(ContextError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|_| ContextError::NotText { path: path.to_owned() })
}

/// Lists the folder, breadth first, so that a list cut short still shows the upper levels.
fn list(folder: &Path, context: &mut Context) {
    let enters_excluded = context.ignore.as_ref().is_some_and(DockerIgnore::has_exceptions);
    let top = context.ignore.as_ref().map(DockerIgnore::at_the_top).unwrap_or_default();
    let mut folders = VecDeque::from([(folder.to_owned(), String::new(), top)]);
    while let Some((folder, prefix, above)) = folders.pop_front() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                complain(context, &prefix, &error);
                continue;
            }
        };
        for entry in entries {
            let (entry, metadata) = match entry.and_then(|entry| entry.metadata().map(|metadata| (entry, metadata))) {
                Ok(found) => found,
                Err(error) => {
                    complain(context, &prefix, &error);
                    continue;
                }
            };
            if context.entries.len() >= MAX_ENTRIES {
                context.truncated = true;
                return;
            }
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let mut matched = above.clone();
            let chars: Vec<char> = path.chars().collect();
            let excluded = context.ignore.as_ref().is_some_and(|ignore| ignore.judge(&chars, &mut matched).0);
            let kind = match metadata.file_type() {
                kind if kind.is_dir() => EntryKind::Folder,
                kind if kind.is_file() => EntryKind::File,
                kind if kind.is_symlink() => EntryKind::Link,
                _ => EntryKind::Other,
            };
            if kind == EntryKind::Folder && (!excluded || enters_excluded) {
                folders.push_back((entry.path(), format!("{path}/"), matched));
            }
            let size = if kind == EntryKind::File { metadata.len() } else { 0 };
            context.entries.push(ContextEntry { path, kind, size, excluded });
        }
    }
}

fn complain(context: &mut Context, prefix: &str, error: &io::Error) {
    let place = if prefix.is_empty() { "." } else { prefix };
    context.problems.push(Problem { line: 0, message: format!("{place}: {error}") });
}

fn relative(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_with_its_ignore_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Dockerfile", "FROM scratch\nCOPY . /\n");
        write(".dockerignore", "node_modules\n");
        write("node_modules/a/b", "x");
        write("src/id_rsa", "key");
        let context = read_context(folder.path(), None).unwrap();
        let paths: Vec<_> = context.entries.iter().map(|entry| (entry.path.as_str(), entry.excluded)).collect();
        assert_eq!(
            paths,
            [
                (".dockerignore", false),
                ("Dockerfile", false),
                ("node_modules", true),
                ("src", false),
                ("src/id_rsa", false)
            ]
        );
        assert_eq!(context.ignore_path.as_deref(), Some(".dockerignore"));
        // The Dockerfile's own ignore file goes before the common one.
        write("Dockerfile.dockerignore", "src\n!src/id_rsa\n");
        let context = read_context(folder.path(), Some(Path::new("Dockerfile"))).unwrap();
        assert_eq!(context.ignore_path.as_deref(), Some("Dockerfile.dockerignore"));
        let key = context.entries.iter().find(|entry| entry.path == "src/id_rsa").unwrap();
        assert!(!key.excluded && key.size == 3);
        assert!(read_context(folder.path(), Some(Path::new("missing"))).is_err());
    }
}
