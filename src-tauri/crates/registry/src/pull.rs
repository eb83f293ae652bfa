//! An image at a registry: its documents fetched, its layers as streams for the reader that looks into them.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::ask::{Manifest, Who};
use crate::connection::Network;
use crate::error::{RegistryError, quoted};
use crate::layout::{Layout, Tee};
use crate::listing::{Descriptor, Document, choose, fits, of_config};
use crate::reference::Reference;
use crate::transport::Registry;

/// Bytes of a configuration at most: 8 MiB, as the image reader has it.
const CONFIG_LIMIT: u64 = 8 << 20;
/// Statements about an image, and their bytes together: as the image reader has it.
const STATEMENTS: usize = 100;
const STATEMENT_BYTES: u64 = 16 << 20;
/// Layers of one image: as the image reader has it.
const LAYERS: usize = 1000;
/// Indexes inside one another.
const DEPTH: usize = 4;
/// Pieces of a layer that wait to be read; each is what the network gave at once, 512 KiB at most.
const WAITING: usize = 16;

/// What to take of a name, and what to keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The platform: `linux/arm64`; without one the only offer, or Linux on this machine's processor.
    pub platform: Option<String>,
    /// A folder, not there yet, that becomes an OCI layout of the image when it was read whole.
    pub keep: Option<PathBuf>,
}

/// Where a name is answered: a mirror or the registry itself.
pub(crate) struct Source {
    pub registry: Arc<Registry>,
    repository: String,
    pub via: Option<String>,
    /// Mirrors that did not answer, and why.
    passed: Vec<String>,
}

impl Source {
    /// Asks the mirrors in order, then the registry itself. Each is asked with its own connection and credentials.
    pub(crate) async fn open(
        network: &Network,
        reference: &Reference,
        cancel: &CancellationToken,
    ) -> Result<(Source, Manifest), RegistryError> {
        let mirrors = network.connection(reference.host()).mirrors;
        let mut passed = Vec::new();
        for host in mirrors.iter().map(Some).chain([None]) {
            match Source::ask(network, reference, host, cancel).await {
                Ok((registry, manifest)) => {
                    let via = host.map(|_| registry.host().to_owned());
                    let repository = reference.repository().to_owned();
                    return Ok((Source { registry: Arc::new(registry), repository, via, passed }, manifest));
                }
                Err(error) => match (host, error) {
                    (None, error) | (_, error @ RegistryError::Cancelled) => return Err(error),
                    (Some(mirror), error) => {
                        passed.push(format!("The mirror {} was passed over: {error}.", quoted(mirror, 100)));
                    }
                },
            }
        }
        Err(RegistryError::Cancelled)
    }

    async fn ask(
        network: &Network,
        reference: &Reference,
        mirror: Option<&String>,
        cancel: &CancellationToken,
    ) -> Result<(Registry, Manifest), RegistryError> {
        let host = mirror.map_or(reference.host(), String::as_str).to_owned();
        let (network, opened) = (network.clone(), host.clone());
        // A credential helper may take its time.
        let opening = tokio::task::spawn_blocking(move || Registry::open(&network, &opened, Who::Auditor));
        let registry =
            opening.await.map_err(|error| RegistryError::Stopped { registry: host, reason: error.to_string() })??;
        let manifest = registry.manifest(reference.repository(), reference.asked(), cancel).await?;
        Ok((registry, manifest))
    }

    /// The configuration that a manifest names.
    pub(crate) async fn config(
        &self,
        descriptor: &Descriptor,
        cancel: &CancellationToken,
    ) -> Result<Vec<u8>, RegistryError> {
        self.registry.small_blob(&self.repository, &descriptor.digest, CONFIG_LIMIT, cancel).await
    }
}

/// An image at a registry, opened: documents are here, layers are fetched when they are read.
pub struct RemoteImage {
    /// Its name in full.
    pub reference: String,
    /// The registry's name and the repository: `docker.io/library/nginx`.
    pub name: String,
    /// The mirror that answered.
    pub via: Option<String>,
    /// Whether what answered speaks TLS.
    pub tls: bool,
    /// Who asked: `alice, from config.json`.
    pub identity: Option<String>,
    /// What was noticed on the way.
    pub notes: Vec<String>,
    /// Digest of what the name stands for: an index, or the manifest itself.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// Digest of the chosen manifest.
    pub manifest_digest: String,
    /// Digests and bytes of all documents: indexes, manifest, configuration, attestations and their statements.
    pub documents: Vec<(String, Vec<u8>)>,
    /// Digests and sizes of the layers, bottom first, each once.
    pub layers: Vec<(String, u64)>,
    shared: Arc<Shared>,
    runtime: Handle,
}

struct Shared {
    registry: Arc<Registry>,
    repository: String,
    cancel: CancellationToken,
    layout: Option<Layout>,
    failures: Mutex<Vec<RegistryError>>,
}

impl Shared {
    fn failed(&self, error: RegistryError) -> io::Error {
        let told = io::Error::other(error.to_string());
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(error);
        told
    }
}

/// Opens an image: fetches its index, manifest, configuration and what is stated about it. No layer is fetched yet.
///
/// # Errors
/// See [`RegistryError`].
pub async fn open_image(
    network: &Network,
    reference: &Reference,
    wanted: &Wanted,
    cancel: &CancellationToken,
) -> Result<RemoteImage, RegistryError> {
    let layout = wanted.keep.as_deref().map(Layout::create).transpose()?;
    let (source, top) = Source::open(network, reference, cancel).await?;
    let Source { registry, repository, via, passed: mut notes } = source;
    let (digest, media_type) = (top.digest.clone(), top.media_type.clone());
    let mut documents: Vec<(String, Vec<u8>)> = Vec::new();
    let mut statements: Vec<Descriptor> = Vec::new();
    let mut current = top;
    let mut chosen = None;
    for _ in 0..=DEPTH {
        let document = Document::read(registry.host(), &current)?;
        let Some(entries) = document.manifests else {
            chosen = Some(document);
            break;
        };
        let entry = choose(&entries, wanted.platform.as_deref(), &reference.to_string())?;
        let next = registry.manifest(&repository, &entry.digest, cancel).await?;
        statements.extend(entries.into_iter().filter(|entry| entry.is_about(&next.digest)).take(STATEMENTS));
        documents.push((current.digest, current.bytes));
        current = next;
    }
    let nonsense = |reason: &str| RegistryError::Answer {
        registry: registry.host().to_owned(),
        what: format!("the manifest of {reference}"),
        reason: reason.to_owned(),
    };
    let Some(Document { config: Some(config), layers, .. }) = chosen else {
        return Err(nonsense("its indexes stand inside one another without end"));
    };
    let manifest_digest = current.digest.clone();
    let behind_an_index = !documents.is_empty();
    documents.push((current.digest, current.bytes));
    let bytes = registry.small_blob(&repository, &config.digest, CONFIG_LIMIT, cancel).await?;
    // Of what is behind no index, the configuration alone says the platform.
    let offered = of_config(manifest_digest.clone(), config.digest.clone(), &bytes).platform;
    let other = |wanted: &&str| !behind_an_index && !offered.is_empty() && !fits(&offered, wanted);
    if let Some(wanted) = wanted.platform.as_deref().filter(other) {
        let wanted = quoted(wanted, 100);
        return Err(RegistryError::Platform { name: reference.to_string(), wanted, offered });
    }
    documents.push((config.digest, bytes));

    let mut sized: Vec<(String, u64)> = Vec::new();
    let listed = layers.unwrap_or_default();
    if listed.len() > LAYERS {
        return Err(nonsense("it lists more than 1000 layers"));
    }
    for layer in listed {
        let size = layer.size.ok_or_else(|| nonsense("it lists a layer without its size"))?;
        match sized.iter().find(|(digest, _)| *digest == layer.digest) {
            Some((_, known)) if *known != size => return Err(nonsense("it lists one layer with two sizes")),
            Some(_) => (),
            None => sized.push((layer.digest, size)),
        }
    }
    let mut left = STATEMENT_BYTES;
    for statement in statements {
        let fetched = attestation(&registry, &repository, &statement, &mut left, &mut documents, cancel).await;
        match fetched {
            Err(RegistryError::Cancelled) => return Err(RegistryError::Cancelled),
            // The reader of the image says so, too: it is listed and not there.
            Err(error) => notes.push(format!("An attestation could not be fetched: {error}.")),
            Ok(()) => (),
        }
    }
    notes.extend(registry.notes());
    Ok(RemoteImage {
        reference: reference.to_string(),
        name: reference.name(),
        via,
        tls: registry.is_tls(),
        identity: registry.identity().map(str::to_owned),
        notes,
        digest,
        media_type,
        manifest_digest,
        documents,
        layers: sized,
        shared: Arc::new(Shared { registry, repository, cancel: cancel.clone(), layout, failures: Mutex::default() }),
        runtime: Handle::current(),
    })
}

/// Fetches an attestation's manifest and its statements.
async fn attestation(
    registry: &Registry,
    repository: &str,
    listed: &Descriptor,
    left: &mut u64,
    documents: &mut Vec<(String, Vec<u8>)>,
    cancel: &CancellationToken,
) -> Result<(), RegistryError> {
    let manifest = registry.manifest(repository, &listed.digest, cancel).await?;
    let read = serde_json::from_slice::<Document>(&manifest.bytes);
    documents.push((manifest.digest, manifest.bytes));
    // One that cannot be understood is here; the reader of the image says what is wrong with it.
    let Ok(document) = read else { return Ok(()) };
    let statements = document.layers.unwrap_or_default().into_iter();
    for statement in statements.filter(|layer| layer.media_type == "application/vnd.in-toto+json").take(STATEMENTS) {
        if documents.iter().any(|(digest, _)| *digest == statement.digest) {
            continue;
        }
        let bytes = registry.small_blob(repository, &statement.digest, *left, cancel).await?;
        *left = left.saturating_sub(bytes.len() as u64);
        documents.push((statement.digest, bytes));
    }
    Ok(())
}

impl RemoteImage {
    /// The stored bytes of a layer, for a thread that may block. Its length is compared here; its digest by whoever reads
    /// it, and here as well when the image is kept. Called again, it is fetched again, or read from what was kept.
    ///
    /// # Errors
    /// When the manifest lists no such layer, or what is kept cannot be written.
    pub fn layer(&self, digest: &str) -> io::Result<Box<dyn Read + Send>> {
        let Some((digest, size)) = self.layers.iter().find(|(known, _)| known == digest).cloned() else {
            return Err(io::Error::other("the manifest lists no such layer"));
        };
        let layout = self.shared.layout.as_ref();
        if let Some(file) = layout.and_then(|layout| layout.read(&digest)) {
            return Ok(Box::new(file));
        }
        let blob = layout.map(|layout| layout.begin(&digest)).transpose()?;
        let (send, receive) = mpsc::channel(WAITING);
        self.runtime.spawn(pump(Arc::clone(&self.shared), digest, size, send));
        let reader = LayerReader { receive, current: Bytes::new(), shared: Arc::clone(&self.shared), ended: false };
        Ok(match blob {
            Some(blob) => Box::new(Tee { inner: reader, blob: Some(blob) }),
            None => Box::new(reader),
        })
    }

    /// Why a layer could not be fetched: the first reason there was. It is handed out once.
    #[must_use]
    pub fn failure(&self) -> Option<RegistryError> {
        let mut failures = self.shared.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.is_empty() { None } else { Some(failures.remove(0)) }
    }

    /// Gives what was kept its name, once all layers were read; nothing if nothing is to be kept. Blocks.
    ///
    /// # Errors
    /// [`RegistryError::Write`]; nothing is left behind then.
    pub fn keep(&self) -> Result<(), RegistryError> {
        let Some(layout) = &self.shared.layout else { return Ok(()) };
        let size = self.documents.iter().find(|(digest, _)| *digest == self.digest).map_or(0, |(_, bytes)| bytes.len());
        let top = (self.digest.as_str(), self.media_type.as_str(), size);
        layout.finish(&self.documents, &self.layers, top, &self.reference)
    }

    /// The bytes of a document by its digest.
    #[must_use]
    pub fn document(&self, digest: &str) -> Option<&[u8]> {
        self.documents.iter().find(|(known, _)| known == digest).map(|(_, bytes)| bytes.as_slice())
    }
}

/// A piece of a layer, or how it ended.
enum Piece {
    Bytes(Bytes),
    End,
    Failed(RegistryError),
}

/// Fetches a layer into a channel, until its end or until nobody listens.
async fn pump(shared: Arc<Shared>, digest: String, size: u64, send: mpsc::Sender<Piece>) {
    let mut stream = match shared.registry.blob(&shared.repository, &digest, size, false) {
        Ok(stream) => stream,
        Err(error) => {
            let _ = send.send(Piece::Failed(error)).await;
            return;
        }
    };
    loop {
        let piece = tokio::select! {
            biased;
            () = send.closed() => return,
            piece = stream.next(&shared.cancel) => piece,
        };
        let (piece, last) = match piece {
            Ok(Some(bytes)) => (Piece::Bytes(bytes), false),
            Ok(None) => (Piece::End, true),
            Err(error) => (Piece::Failed(error), true),
        };
        if send.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// Reads what [`pump`] fetches.
struct LayerReader {
    receive: mpsc::Receiver<Piece>,
    current: Bytes,
    shared: Arc<Shared>,
    ended: bool,
}

impl Read for LayerReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended && !buffer.is_empty() {
            match self.receive.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Failed(error)) => return Err(self.shared.failed(error)),
                None => {
                    let registry = self.shared.registry.host().to_owned();
                    let reason = "its task is gone".to_owned();
                    return Err(self.shared.failed(RegistryError::Stopped { registry, reason }));
                }
            }
        }
        let count = buffer.len().min(self.current.len());
        if let Some(target) = buffer.get_mut(..count) {
            self.current.copy_to_slice(target);
        }
        Ok(count)
    }
}
