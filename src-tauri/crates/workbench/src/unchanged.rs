//! Not reading an image again that has not changed: what its source looks like, compared with what it looked like when the
//! same program read it for the last run.
//!
//! A digest that the source itself gives (a registry's manifest, the engine's image id) names the content. For files, size,
//! times and inode must be the same as before and after the reading; a file that was changed a moment before it was read is
//! not trusted, since a second change in the same tick of the clock would not show.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use plimsoll_checks::Facts;
use plimsoll_engagement::{Engagement, RunState};
use plimsoll_image::{ImageRead, Tree};
use sha2::{Digest, Sha256};

use crate::collect::Request;
use crate::error::WorkbenchError;
use crate::results::{facts_of, tree_of};
use crate::run::requests;
use crate::source::Source;

/// Raised whenever another version of the same release would read other facts of the same bytes.
const READING: u32 = 1;
/// The row of the origin that says when the image was read.
const READ_BEFORE: &str = "Read in an earlier run";
/// How long a file must have been left alone before it is read.
const SETTLED: Duration = Duration::from_millis(100);
/// Files of a layout that are looked at.
const FILES: usize = 100_000;
/// Largest `index.json` that is looked at: 16 MiB.
const INDEX_LIMIT: u64 = 16 << 20;

/// What was read of a subject in the last run, with the key by which it is told whether it has changed.
#[derive(Debug)]
pub(crate) struct Earlier {
    request: Request,
    key: String,
    facts: Facts,
    tree: Tree,
}

/// All that was read in the last run.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllEarlier(Vec<Arc<Earlier>>);

/// An image that need not be read again.
pub(crate) struct Reused {
    pub(crate) read: ImageRead,
    /// SHA-256 of its recorded listing.
    pub(crate) listing: Option<String>,
    /// What is to be said of it.
    pub(crate) origin: (String, String),
}

impl AllEarlier {
    /// What the last run of an engagement read, as far as it may be used again. Of files that have changed nothing is
    /// taken out of the engagement.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub(crate) fn of(engagement: &Engagement) -> Result<Self, WorkbenchError> {
        let Some(last) = engagement.runs()?.into_iter().find(|run| run.state != RunState::Cancelled) else {
            return Ok(Self::default());
        };
        let mut all = Vec::new();
        for (subject, request) in engagement.subjects()?.into_iter().zip(requests(engagement)?) {
            if last.errors.iter().any(|(id, _)| *id == subject.id) {
                continue;
            }
            let Some(facts) = facts_of(engagement, &subject.id)? else { continue };
            let (Some(key), Some(_)) = (facts.unchanged_key.clone(), &facts.image) else { continue };
            if of_files(&request).is_some_and(|now| now != key) {
                continue;
            }
            // A listing that cannot be taken out is no reason not to audit: then the image is read.
            let Ok(Some(tree)) = tree_of(engagement, &facts) else { continue };
            all.push(Arc::new(Earlier { request, key, facts, tree }));
        }
        Ok(Self(all))
    }

    /// What was read of a subject, if it is the same now.
    pub(crate) fn find(&self, request: &Request, key: Option<&str>) -> Option<Reused> {
        let key = key?;
        // Dockerfile and context are read each time, whatever the image is.
        let same = |known: &Request| known.source == request.source && known.platform == request.platform;
        let earlier = self.0.iter().find(|earlier| same(&earlier.request) && earlier.key == key)?;
        let image = earlier.facts.image.clone()?;
        let said = earlier.facts.origin.iter().find(|(name, _)| name == READ_BEFORE);
        let origin = said.cloned().unwrap_or_else(|| {
            let because = match &request.source {
                Source::DockerDaemon(_) => "the engine names the same image id",
                Source::Registry(_) => "the registry names the same manifest",
                _ => "size, times and inode are the same",
            };
            (READ_BEFORE.to_owned(), format!("{}; unchanged since: {because}", earlier.facts.collected))
        });
        Some(Reused {
            read: ImageRead { facts: image, tree: earlier.tree.clone() },
            listing: earlier.facts.listing.clone(),
            origin,
        })
    }
}

fn program(request: &Request) -> String {
    format!("{} reading {READING}; {}", crate::run::tool(), request.platform.as_deref().unwrap_or("own platform"))
}

/// The key of what is named by a digest: a manifest at a registry, an image id of an engine.
pub(crate) fn of_digest(request: &Request, digest: &str) -> Option<String> {
    digest.starts_with("sha256:").then(|| format!("{}; {digest}", program(request)))
}

/// The key of files as they are now; none for what is no file, where files tell too little, or where one was changed only
/// a moment ago.
pub(crate) fn of_files(request: &Request) -> Option<String> {
    let (path, reference) = match &request.source {
        Source::DockerArchive(path, reference)
        | Source::OciArchive(path, reference)
        | Source::OciLayout(path, reference) => (path, reference),
        _ => return None,
    };
    let state = match &request.source {
        Source::OciLayout(..) => layout(path)?,
        _ => file(path)?,
    };
    let path = std::path::absolute(path).ok()?;
    let name = reference.as_deref().unwrap_or("the only image");
    // Hashed: the facts travel, and need not tell how things lie on this machine.
    let key = format!("{}; {}; {name}; {state}", program(request), path.display());
    Some(hex::encode(Sha256::digest(key)))
}

/// A layout: what its `index.json` says, and every file in it.
fn layout(folder: &Path) -> Option<String> {
    let index = folder.join("index.json");
    if std::fs::metadata(&index).ok()?.len() > INDEX_LIMIT {
        return None;
    }
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).ok()? {
            let path = entry.ok()?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
            if files.len() + folders.len() > FILES {
                return None;
            }
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    hash.update(std::fs::read(&index).ok()?);
    for path in &files {
        hash.update(path.strip_prefix(folder).ok()?.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(file(path)?);
        hash.update([0]);
    }
    Some(format!("{} files {}", files.len(), hex::encode(hash.finalize())))
}

/// Size, times and inode of a file that was left alone for a moment.
#[cfg(unix)]
fn file(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let changed = u64::try_from(metadata.ctime()).ok()?;
    let changed = Duration::from_secs(changed) + Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).ok()?);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    if now.checked_sub(changed)? < SETTLED {
        return None;
    }
    Some(format!(
        "{} bytes, modified {}.{:09}, changed {}.{:09}, inode {} on {}",
        metadata.size(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
        metadata.ino(),
        metadata.dev()
    ))
}

/// Elsewhere a file's times can be set back without a trace: it is read again.
#[cfg(not(unix))]
fn file(_path: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Job;
    use crate::reach::Reach;
    use crate::run::{collect_all, record};

    fn wait() {
        std::thread::sleep(SETTLED * 2);
    }

    #[test]
    fn a_file_has_no_key_until_it_was_left_alone_and_another_one_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        std::fs::write(&path, "one").unwrap();
        let request = |source| Request { source, dockerfile: None, context: None, platform: None, files: Vec::new() };
        let archive = request(Source::DockerArchive(path.clone(), None));
        assert_eq!(of_files(&archive), None);
        wait();
        let first = of_files(&archive).unwrap();
        assert_eq!(of_files(&archive).unwrap(), first);
        std::fs::write(&path, "two").unwrap();
        wait();
        assert_ne!(of_files(&archive).unwrap(), first);
        let layout = folder.path().join("layout");
        std::fs::create_dir_all(layout.join("blobs")).unwrap();
        std::fs::write(layout.join("index.json"), "{}").unwrap();
        std::fs::write(layout.join("blobs/a"), "x").unwrap();
        wait();
        let layout_request = request(Source::OciLayout(layout.clone(), None));
        let first = of_files(&layout_request).unwrap();
        std::fs::write(layout.join("blobs/b"), "y").unwrap();
        wait();
        assert_ne!(of_files(&layout_request).unwrap(), first);
        assert_eq!(of_files(&request(Source::Dockerfile(path))), None);
    }

    #[tokio::test]
    async fn an_unchanged_image_is_not_read_again_and_comes_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = crate::sample::open(folder.path()).unwrap();
        wait();
        let ids: Vec<String> = engagement.subjects().unwrap().into_iter().map(|s| s.id).collect();
        let requests = requests(&engagement).unwrap();
        let job = Job::silent();
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            let reach = Reach::of(&engagement, &[]).unwrap().knowing(&engagement).unwrap();
            let mut found = collect_all(&requests, &reach, &job).await.unwrap();
            record(&mut engagement, "2026-11-24T00:00:00Z", &ids, &mut found).unwrap();
            outcomes.push(serde_json::to_string(&engagement.outcomes().unwrap()).unwrap());
        }
        assert!(outcomes[0] == outcomes[1] && outcomes[1] == outcomes[2]);
        let facts = facts_of(&engagement, "s1").unwrap().unwrap();
        let said = &facts.origin.iter().find(|(name, _)| name == READ_BEFORE).unwrap().1;
        assert!(said.ends_with("unchanged since: size, times and inode are the same"), "{said}");
        assert!(tree_of(&engagement, &facts).unwrap().is_some());
        // Forced, or changed, it is read.
        let reach = Reach::of(&engagement, &[]).unwrap();
        let found = collect_all(&requests, &reach, &job).await.unwrap();
        assert!(!found[0].facts.as_ref().unwrap().origin.iter().any(|(name, _)| name == READ_BEFORE));
        let path = folder.path().join("shop.tar");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let found = collect_all(&requests, &reach.knowing(&engagement).unwrap(), &job).await.unwrap();
        let before = |at: usize| {
            let facts: &Facts = found[at].facts.as_ref().unwrap();
            facts.origin.iter().any(|(name, _)| name == READ_BEFORE)
        };
        assert!(!before(0) && before(1));
    }
}
