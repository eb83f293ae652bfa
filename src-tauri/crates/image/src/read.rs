//! Reading an image from end to end: choose it, read its layers in parallel, merge them, write down the facts.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::accounts;
use crate::config::{self, Parsed};
use crate::content;
use crate::docker;
use crate::error::ImageError;
use crate::facts::{Accounts, ImageFacts, Kind, LayerFacts, Platform, SudoRule, Transport};
use crate::found;
use crate::hooks::Hooks;
use crate::inspect::Budget;
use crate::layer::{self, Files, Job, Kept, Scan};
use crate::limits::{Limits, OpenOptions};
use crate::names;
use crate::oci;
use crate::plan::{Plan, layer_name};
use crate::problems::{Problems, capital};
use crate::shadow;
use crate::store::{self, Opener, Store};
use crate::stream::{self, Compression, Watch};
use crate::sudo;
use crate::tree::{Found, Tree, TreeLayer};
use crate::waste::Ledger;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const SHADOW: &str = "/etc/shadow";
const SUDOERS: &str = "/etc/sudoers";
const SUDOERS_D: &str = "/etc/sudoers.d";
const DOAS: [&str; 2] = ["/etc/doas.conf", "/usr/local/etc/doas.conf"];
const DOAS_D: &str = "/etc/doas.d";

/// Layers that are read again because an account file is a link to a file of another name.
const AGAIN: usize = 8;

/// Rules of sudo and doas that are recorded of one image.
const RULES: usize = 5000;

/// Files that tell of accounts; they are kept until all layers are read.
fn is_account_file(path: &str) -> bool {
    let inside = |dir: &str| names::split(path).is_some_and(|(of, _)| of == dir);
    [PASSWD, GROUP, SHADOW, SUDOERS].contains(&path) || DOAS.contains(&path) || inside(SUDOERS_D) || inside(DOAS_D)
}

/// What one reading yields: the facts, and the tree that they were taken from.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageRead {
    /// The facts.
    pub facts: ImageFacts,
    /// All layers, and the tree that they make together.
    pub tree: Tree,
}

/// Reads the image that `path` holds, and returns the facts alone.
///
/// # Errors
/// See [`ImageError`]; nothing is returned of an image that could not be read whole and verified.
pub fn read_image(
    transport: Transport,
    path: &Path,
    options: &OpenOptions,
    hooks: &dyn Hooks,
) -> Result<ImageFacts, ImageError> {
    read_image_with_tree(transport, path, options, hooks).map(|read| read.facts)
}

/// Reads the image that `path` holds.
///
/// # Errors
/// See [`ImageError`]; nothing is returned of an image that could not be read whole and verified.
pub fn read_image_with_tree(
    transport: Transport,
    path: &Path,
    options: &OpenOptions,
    hooks: &dyn Hooks,
) -> Result<ImageRead, ImageError> {
    let store = Store::open(transport, path, &options.limits, hooks)?;
    read_stored(&store, transport, options, hooks, &store::nothing_streamed)
}

fn plan_of(store: &Store, transport: Transport, options: &OpenOptions) -> Result<Plan, ImageError> {
    match transport {
        Transport::DockerArchive => docker::plan(store, options),
        Transport::OciArchive | Transport::OciLayout | Transport::Registry => oci::plan(store, transport, options),
    }
}

pub(crate) fn read_stored(
    store: &Store,
    transport: Transport,
    options: &OpenOptions,
    hooks: &dyn Hooks,
    opener: &Opener<'_>,
) -> Result<ImageRead, ImageError> {
    let path = store.path.as_path();
    let plan = plan_of(store, transport, options)?;
    let parsed = config::parse(store, &plan.config, &plan.config_media_type)?;
    let jobs = jobs(store, &plan, &parsed)?;
    let total = store::total(jobs.iter().map(|job| &job.blob));
    let watch = Watch::new(hooks, total);
    watch.read(0, 0).map_err(|_| ImageError::Cancelled { path: path.to_owned() })?;
    let scans = scan_all(path, &jobs, &options.limits, &Budget::new(&options.limits), &watch, opener)?;
    let problems = store.problems.clone();
    Facts { path, transport, jobs, limits: &options.limits, hooks, opener, read_again: Cell::new(0) }
        .gather(plan, parsed, scans, problems)
}

/// The platforms that an archive or layout offers for the chosen reference: one, or several when it holds an index.
/// No layer is read.
///
/// # Errors
/// See [`ImageError`].
pub fn list_platforms(transport: Transport, path: &Path, options: &OpenOptions) -> Result<Vec<Platform>, ImageError> {
    let store = Store::open(transport, path, &options.limits, &crate::hooks::NoHooks)?;
    let plan = plan_of(&store, transport, options)?;
    let own = config::parse(&store, &plan.config, &plan.config_media_type)?.platform;
    let mut platforms = vec![own];
    platforms.extend(plan.other_platforms);
    platforms.sort();
    platforms.dedup();
    Ok(platforms)
}

/// One job for every layer of the manifest.
fn jobs(store: &Store, plan: &Plan, parsed: &Parsed) -> Result<Vec<Job>, ImageError> {
    let count = plan.layers.len();
    if parsed.diff_ids.len() != count {
        let diff_ids = parsed.diff_ids.len();
        return Err(ImageError::LayerCount { path: store.path.clone(), diff_ids, layers: count });
    }
    let jobs = plan.layers.iter().zip(&parsed.diff_ids).enumerate().map(|(number, (planned, diff_id))| Job {
        number,
        what: layer_name(number, count),
        blob: planned.blob.clone(),
        digest: planned.digest.clone(),
        diff_id: diff_id.clone(),
    });
    Ok(jobs.collect())
}

/// Reads all layers, every distinct blob once, on as many threads as the limits and the machine allow.
///
/// If several layers fail, the lowest one's error is returned, whatever the order in time.
fn scan_all(
    path: &Path,
    jobs: &[Job],
    limits: &Limits,
    budget: &Budget,
    watch: &Watch<'_>,
    opener: &Opener<'_>,
) -> Result<Vec<Scan>, ImageError> {
    // A layer may repeat; the number of the first job with the same blob and the same expectations.
    let mut first_of = HashMap::new();
    let firsts: Vec<usize> =
        jobs.iter().map(|job| *first_of.entry((&job.blob, &job.digest, &job.diff_id)).or_insert(job.number)).collect();
    let distinct: Vec<&Job> =
        jobs.iter().zip(&firsts).filter(|(job, first)| job.number == **first).map(|(job, _)| job).collect();
    let available = thread::available_parallelism().map_or(1, usize::from);
    let wanted = if limits.threads == 0 { available } else { limits.threads };
    let threads = wanted.clamp(1, distinct.len().max(1));

    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Scan, ImageError>)>> = Mutex::new(Vec::with_capacity(distinct.len()));
    let work = || {
        while let Some(job) = distinct.get(next.fetch_add(1, Ordering::Relaxed)) {
            let files = Files { keep: &is_account_file, inspect: true, budget };
            let result = layer::scan(path, job, limits, files, watch, opener);
            if result.is_err() {
                watch.fail(job.number);
            }
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((job.number, result));
        }
    };
    let crashed = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work();
        helpers.into_iter().any(|helper| helper.join().is_err())
    });
    let mut done: HashMap<usize, Scan> = HashMap::new();
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    for (number, result) in results {
        done.insert(number, result?);
    }
    let mut scans: Vec<Scan> = Vec::with_capacity(jobs.len());
    for (job, first) in jobs.iter().zip(&firsts) {
        let scan = if job.number == *first { done.remove(first) } else { scans.get(*first).cloned() };
        match scan {
            Some(scan) if !crashed => scans.push(scan),
            _ => {
                return Err(ImageError::BadLayer {
                    path: path.to_owned(),
                    what: capital(&job.what),
                    reason: "its reader stopped unexpectedly".to_owned(),
                });
            }
        }
    }
    Ok(scans)
}

/// What the facts are gathered with.
struct Facts<'a> {
    path: &'a Path,
    transport: Transport,
    jobs: Vec<Job>,
    limits: &'a Limits,
    hooks: &'a dyn Hooks,
    opener: &'a Opener<'a>,
    /// How often a layer was read again.
    read_again: Cell<usize>,
}

impl Facts<'_> {
    fn gather(
        &self,
        plan: Plan,
        parsed: Parsed,
        scans: Vec<Scan>,
        mut problems: Problems,
    ) -> Result<ImageRead, ImageError> {
        problems.merge(plan.problems);
        problems.merge(parsed.problems);
        let mut history = parsed.history;
        let with_layer = history.iter().filter(|line| !line.empty_layer).count();
        if !history.is_empty() && with_layer != scans.len() {
            problems.say(format!(
                "The history tells of {with_layer} layers, but the image has {}: which line made which layer is not known.",
                scans.len()
            ));
            for line in &mut history {
                line.layer = None;
            }
        }

        let mut layers = Vec::with_capacity(scans.len());
        let mut kept = Vec::with_capacity(scans.len());
        let mut inspections = Vec::with_capacity(scans.len());
        let mut tree = Tree::default();
        let mut ledger = Ledger::default();
        let mut size = 0u64;
        for (number, ((scan, job), planned)) in scans.into_iter().zip(&self.jobs).zip(plan.layers).enumerate() {
            if self.hooks.cancelled() {
                return Err(ImageError::Cancelled { path: self.path.to_owned() });
            }
            let command = history.iter().find(|line| line.layer == Some(number)).map(|line| line.created_by.clone());
            if let Some(media_type) = &planned.media_type
                && declared(media_type) != scan.compression
            {
                let (what, found) = (capital(&job.what), scan.compression.word());
                problems.say(format!("{what} is declared as {media_type}, but it is {found}."));
            }
            size = size.saturating_add(scan.size);
            let layer = TreeLayer {
                diff_id: job.diff_id.clone(),
                entries: scan.entries,
                whiteouts: scan.whiteouts,
                opaque: scan.opaque,
            };
            layers.push(LayerFacts {
                digest: scan.digest,
                diff_id: job.diff_id.clone(),
                media_type: planned.media_type.unwrap_or_else(|| guessed(scan.compression).to_owned()),
                compressed_size: planned.blob.length,
                size: scan.size,
                content_bytes: layer.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.size)),
                files: layer.entries.iter().filter(|entry| entry.kind != Kind::Directory).count() as u64,
                entries: scan.count,
                command,
                whiteouts: layer.whiteouts.len().saturating_add(layer.opaque.len()) as u64,
            });
            problems.merge(scan.problems);
            kept.push(scan.kept);
            inspections.push(scan.inspection);
            ledger.whiteouts(&layer, &tree);
            tree.push(layer, &mut problems);
            ledger.leaves(&tree, number);
        }

        let accounts = self.accounts(&tree, &kept, &mut problems)?;
        drop(kept);
        let (mut content, set_id_files) = content::count(&tree, &layers, ledger);
        let set_id_removed = content::set_id_removed(&tree);
        let found = found::place(&mut tree, inspections, self.limits.link_depth, &mut problems);
        content.duplicates = found.duplicates;
        let mut secrets = parsed.secrets;
        secrets.extend(found.secrets);
        let mut attestations = plan.attestations;
        attestations.extend(parsed.attestations);
        let facts = ImageFacts {
            transport: self.transport,
            reference: plan.reference,
            repo_tags: plan.repo_tags,
            digest: plan.digest,
            config_digest: stream::digest_of(&plan.config),
            config_media_type: plan.config_media_type,
            platform: parsed.platform,
            created: parsed.created,
            size,
            config: parsed.config,
            history,
            layers,
            content,
            accounts,
            set_id_files,
            set_id_removed,
            inventory: found.inventory,
            secrets,
            unread: found.unread,
            attestations,
            problems: problems.into_sentences(),
            other_platforms: plan.other_platforms,
        };
        Ok(ImageRead { facts, tree })
    }

    fn accounts(&self, tree: &Tree, kept: &[Kept], problems: &mut Problems) -> Result<Accounts, ImageError> {
        let mut accounts = Accounts::default();
        let mut passwords = Vec::new();
        let mut knows_passwords = false;
        if let Some(found) = tree.resolve(PASSWD, self.limits.link_depth) {
            let bytes = self.bytes_of(tree, &found, kept, problems)?;
            if let Some(bytes) = &bytes {
                passwords = shadow::read(shadow::Lines { bytes, file: PASSWD, layer: found.diff_id });
                knows_passwords = !passwords.is_empty();
            }
            accounts.users = bytes.map(|bytes| accounts::users(&bytes, problems));
            accounts.passwd_layer = Some(found.diff_id.to_owned());
        } else if tree.get(PASSWD).is_some() {
            problems.say("/etc/passwd is a link that leads nowhere.".to_owned());
        }
        if let Some(found) = tree.resolve(GROUP, self.limits.link_depth) {
            let bytes = self.bytes_of(tree, &found, kept, problems)?;
            accounts.groups = bytes.map(|bytes| accounts::groups(&bytes, problems));
        }
        if let Some(found) = tree.resolve(SHADOW, self.limits.link_depth)
            && let Some(bytes) = self.bytes_of(tree, &found, kept, problems)?
        {
            knows_passwords = true;
            passwords.extend(shadow::read(shadow::Lines { bytes: &bytes, file: SHADOW, layer: found.diff_id }));
        }
        accounts.passwords = knows_passwords.then_some(passwords);
        accounts.sudo = self.sudo(tree, kept, problems)?;
        Ok(accounts)
    }

    /// The rules of sudo and doas.
    fn sudo(&self, tree: &Tree, kept: &[Kept], problems: &mut Problems) -> Result<Vec<SudoRule>, ImageError> {
        type Rules = fn(&[u8], &str, &str) -> Vec<SudoRule>;
        let mut files: Vec<(String, Rules)> = vec![(SUDOERS.to_owned(), sudo::sudoers)];
        let inside = |dir: &'static str| {
            let real = tree.real(dir, self.limits.link_depth).unwrap_or_else(|| dir.to_owned());
            let below = tree.below(&real).filter_map(|found| names::split(&found.entry.path));
            let own = below.filter(|(of, _)| *of == real);
            own.map(|(_, name)| names::join(dir, name)).collect::<Vec<_>>()
        };
        let name = |path: &str| names::split(path).map(|(_, name)| name.to_owned()).unwrap_or_default();
        let read = inside(SUDOERS_D).into_iter().filter(|path| sudo::is_read(&name(path)));
        files.extend(read.map(|path| (path, sudo::sudoers as Rules)));
        files.extend(DOAS.map(|path| (path.to_owned(), sudo::doas as Rules)));
        let read = inside(DOAS_D).into_iter().filter(|path| path.ends_with(".conf"));
        files.extend(read.map(|path| (path, sudo::doas as Rules)));
        let mut all = Vec::new();
        for (path, rules) in files {
            let Some(found) = tree.resolve(&path, self.limits.link_depth) else { continue };
            if found.entry.kind == Kind::Directory {
                continue;
            }
            if let Some(bytes) = self.bytes_of(tree, &found, kept, problems)? {
                all.extend(rules(&bytes, &path, found.diff_id));
            }
            if all.len() > RULES {
                all.truncate(RULES);
                problems.say(format!("Of the rules of sudo and doas, {RULES} are listed; there are more."));
                break;
            }
        }
        Ok(all)
    }

    /// The bytes of a small file: kept while its layer was read, or else (it has another name) read now.
    fn bytes_of(
        &self,
        tree: &Tree,
        found: &Found<'_>,
        kept: &[Kept],
        problems: &mut Problems,
    ) -> Result<Option<Vec<u8>>, ImageError> {
        let file = found.content;
        if file.kind != Kind::File {
            problems.say(format!("{} is no regular file, so it was not read.", names::shown(&file.path)));
            return Ok(None);
        }
        let entries = tree.layers().get(found.layer).map(|layer| layer.entries.as_slice()).unwrap_or_default();
        let is_it = |index: u32| entries.get(index as usize).is_some_and(|entry| std::ptr::eq(entry, file));
        let of = |kept: &Kept| kept.get(&file.path).filter(|(index, _)| is_it(*index)).map(|(_, bytes)| bytes.clone());
        if let Some(bytes) = kept.get(found.layer).and_then(of) {
            return Ok(Some(bytes));
        }
        let Some(job) = self.jobs.get(found.layer) else { return Ok(None) };
        // Too large, sparse, or a copy that a later one of the same layer replaced: noted when the layer was read.
        if is_account_file(&file.path) {
            return Ok(None);
        }
        let shown = names::shown(&file.path);
        if self.read_again.get() >= AGAIN {
            problems.say(format!("{shown} was not read: too many account files are links to files of other names."));
            return Ok(None);
        }
        self.read_again.set(self.read_again.get() + 1);
        let silent = Silent(self.hooks);
        let watch = Watch::new(&silent, 0);
        let budget = Budget::new(self.limits);
        let files = Files { keep: &|name| name == file.path.as_ref(), inspect: false, budget: &budget };
        let again = layer::scan(self.path, job, self.limits, files, &watch, self.opener)?;
        let bytes = of(&again.kept);
        if bytes.is_none() {
            problems.say(format!("{shown} could not be read: too large or sparse."));
        }
        Ok(bytes)
    }
}

/// Hooks for a second look at a layer: it can be cancelled, but does not count.
struct Silent<'a>(&'a dyn Hooks);

impl Hooks for Silent<'_> {
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The compression that a layer's media type declares.
fn declared(media_type: &str) -> Compression {
    if media_type.ends_with("gzip") {
        Compression::Gzip
    } else if media_type.ends_with("zstd") {
        Compression::Zstd
    } else {
        Compression::None
    }
}

/// The media type that fits a layer of a docker archive.
fn guessed(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "application/vnd.docker.image.rootfs.diff.tar.gzip",
        Compression::Zstd => "application/vnd.docker.image.rootfs.diff.tar.zstd",
        Compression::None | Compression::Foreign(_) => "application/vnd.docker.image.rootfs.diff.tar",
    }
}
