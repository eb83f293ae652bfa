//! An image pulled from a registry on loopback and audited on the way, beside `skopeo copy` of it into a folder.
//!
//! `PLIMSOLL_BENCH_MIB` sets the bytes that travel, 512 MiB by default; they are made anew each time, always the same.
//! Once with gzip layers, as registries mostly hold them, and once with uncompressed ones. The fastest of three runs
//! counts, the two taking turns.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_image::{NoHooks, OpenOptions, Streamed, read_streamed};
use plimsoll_registry::{Connection, Network, Reference, Registry, Wanted, Who, open_image};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

const LAYERS: u64 = 4;
const MIB: u64 = 1024 * 1024;
const RUNS: usize = 3;

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    let mib: u64 = match std::env::var("PLIMSOLL_BENCH_MIB") {
        Ok(text) => text.parse()?,
        Err(_) => 512,
    };
    for program in ["docker-registry", "skopeo"] {
        if Command::new(program).arg("--version").stdout(Stdio::null()).status().is_err() {
            println!("{program} is not there, so nothing was measured: install it first.");
            return Ok(());
        }
    }
    let folder = tempfile::tempdir()?;
    let registry = Running::start(folder.path())?;
    for gzip in [true, false] {
        let layout = folder.path().join("layout");
        make(&layout, mib * MIB, gzip)?;
        let name = format!("{}/bench:{}", registry.host, if gzip { "gzip" } else { "plain" });
        let source = format!("oci:{}", layout.display());
        skopeo(&["--dest-tls-verify=false", &source, &format!("docker://{name}")])?;
        std::fs::remove_dir_all(&layout)?;
        let (mut ours, mut theirs, mut alone) = (Duration::MAX, Duration::MAX, Duration::MAX);
        for _ in 0..RUNS {
            let start = Instant::now();
            pull(&name, &registry.host)?;
            alone = alone.min(start.elapsed());
            let (start, worked) = (Instant::now(), processor());
            let read = audit(&name, &registry.host)?;
            let worked = processor() - worked;
            ours = ours.min(start.elapsed());
            let target = folder.path().join("copy");
            let start = Instant::now();
            skopeo(&["--src-tls-verify=false", &format!("docker://{name}"), &format!("dir:{}", target.display())])?;
            theirs = theirs.min(start.elapsed());
            std::fs::remove_dir_all(target)?;
            println!(
                "  {read} entries; audit so far {:.2} s ({worked:.2} s of processor in this run), skopeo so far {:.2} s",
                ours.as_secs_f64(),
                theirs.as_secs_f64()
            );
        }
        println!(
            "{mib} MiB, {}: pulled and audited in {:.2} s, pulled and compared alone {:.2} s, skopeo copy to dir {:.2} s; {:.2} times as fast as skopeo, without the audit {:.2} times",
            if gzip { "gzip" } else { "uncompressed" },
            ours.as_secs_f64(),
            alone.as_secs_f64(),
            theirs.as_secs_f64(),
            theirs.as_secs_f64() / ours.as_secs_f64(),
            theirs.as_secs_f64() / alone.as_secs_f64()
        );
    }
    Ok(())
}

/// Seconds that this process has worked, where the system tells it.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Pulls, compares the digests, and does nothing else.
fn pull(name: &str, host: &str) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let network = network(host);
    let reference = Reference::parse(name)?;
    runtime.block_on(async {
        let cancel = CancellationToken::new();
        let image = open_image(&network, &reference, &Wanted::default(), &cancel).await?;
        let registry = Arc::new(Registry::open(&network, host, Who::Auditor)?);
        let mut tasks = Vec::new();
        for (digest, size) in image.layers.clone() {
            let (registry, cancel) = (Arc::clone(&registry), cancel.clone());
            let repository = reference.repository().to_owned();
            tasks.push(tokio::spawn(async move {
                let mut stream = registry.blob(&repository, &digest, size, true).map_err(|error| error.to_string())?;
                while stream.next(&cancel).await.map_err(|error| error.to_string())?.is_some() {}
                Ok::<(), String>(())
            }));
        }
        for task in tasks {
            task.await??;
        }
        Ok(())
    })
}

fn network(host: &str) -> Network {
    let connection = Connection { host: host.to_owned(), plain_http: true, ..Connection::default() };
    Network { connections: vec![connection], ..Network::default() }
}

/// Pulls and reads; returns the number of entries.
fn audit(name: &str, host: &str) -> Result<u64, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let network = network(host);
    let reference = Reference::parse(name)?;
    runtime.block_on(async {
        let image = open_image(&network, &reference, &Wanted::default(), &CancellationToken::new()).await?;
        let image = Arc::new(image);
        let reading = tokio::task::spawn_blocking(move || {
            let mut options = OpenOptions::default();
            options.limits.threads = std::thread::available_parallelism().map_or(3, usize::from).max(3);
            let streamed = Streamed {
                name: &image.reference,
                digest: &image.digest,
                media_type: &image.media_type,
                documents: &image.documents,
                layers: &image.layers,
                open: &|digest| image.layer(digest),
            };
            read_streamed(&streamed, &options, &NoHooks).map_err(|error| match image.failure() {
                Some(failure) => failure.to_string(),
                None => error.to_string(),
            })
        });
        let read = reading.await??;
        Ok(read.facts.layers.iter().map(|layer| layer.entries).sum())
    })
}

fn skopeo(arguments: &[&str]) -> Result<(), Failed> {
    let mut command = Command::new("skopeo");
    command.args(["--insecure-policy", "copy", "--quiet"]).args(arguments);
    if command.stdout(Stdio::null()).status()?.success() { Ok(()) } else { Err("skopeo failed".into()) }
}

/// A registry that ends with this program.
struct Running {
    host: String,
    child: Child,
}

impl Running {
    fn start(folder: &Path) -> Result<Running, Failed> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let host = format!("127.0.0.1:{port}");
        let config = folder.join("registry.yml");
        let root = folder.join("registry");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {host}}}\n",
            root.display()
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new("docker-registry");
        let child = command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let running = Running { host, child };
        for _ in 0..200 {
            if TcpStream::connect(&running.host).is_ok() {
                return Ok(running);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("docker-registry does not answer".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hashes and counts what it writes.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    count: u64,
}

impl<W: Write> Hashing<W> {
    fn new(out: W) -> Self {
        Hashing { out, hash: Sha256::new(), count: 0 }
    }

    fn digest(self) -> (W, String, u64) {
        (self.out, format!("sha256:{}", hex::encode(self.hash.finalize())), self.count)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes an OCI layout whose layers have about `bytes` bytes together as they are stored.
fn make(layout: &Path, bytes: u64, gzip: bool) -> Result<(), Failed> {
    let blobs = layout.join("blobs/sha256");
    std::fs::create_dir_all(&blobs)?;
    let (mut diff_ids, mut layers) = (Vec::new(), Vec::new());
    for number in 0..LAYERS {
        let path = layout.join("layer");
        let stored = Hashing::new(BufWriter::new(File::create(&path)?));
        let (stored, diff_id) = if gzip {
            let mut layer = tar::Builder::new(Hashing::new(GzEncoder::new(stored, Compression::fast())));
            fill(&mut layer, number, |layer| layer.get_ref().out.get_ref().count >= bytes / LAYERS)?;
            let (encoder, diff_id, _) = layer.into_inner()?.digest();
            (encoder.finish()?, diff_id)
        } else {
            let mut layer = tar::Builder::new(stored);
            fill(&mut layer, number, |layer| layer.get_ref().count >= bytes / LAYERS)?;
            let stored = layer.into_inner()?;
            let diff_id = format!("sha256:{}", hex::encode(stored.hash.clone().finalize()));
            (stored, diff_id)
        };
        let (mut out, digest, size) = stored.digest();
        out.flush()?;
        std::fs::rename(&path, blobs.join(&digest[7..]))?;
        let kind =
            if gzip { "application/vnd.oci.image.layer.v1.tar+gzip" } else { "application/vnd.oci.image.layer.v1.tar" };
        layers.push(serde_json::json!({ "mediaType": kind, "digest": digest, "size": size }));
        diff_ids.push(diff_id);
    }
    let put = |text: String| -> io::Result<(String, usize)> {
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        std::fs::write(blobs.join(&digest), &text)?;
        Ok((format!("sha256:{digest}"), text.len()))
    };
    let config = serde_json::json!({ "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids } });
    let (digest, size) = put(config.to_string())?;
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = serde_json::json!({ "schemaVersion": 2, "mediaType": kind, "layers": layers, "config":
        { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": size } });
    let (digest, size) = put(manifest.to_string())?;
    let index = serde_json::json!({ "schemaVersion": 2,
        "manifests": [{ "mediaType": kind, "digest": digest, "size": size }] });
    std::fs::write(layout.join("index.json"), index.to_string())?;
    std::fs::write(layout.join("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}")?;
    Ok(())
}

/// Fills a layer with what images hold: texts, programs, and data that compress well or not at all.
fn fill<W: Write>(layer: &mut tar::Builder<W>, number: u64, full: impl Fn(&tar::Builder<W>) -> bool) -> io::Result<()> {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut count = 0u64;
    while !full(layer) {
        let (name, mode, content) = match random.next() % 8 {
            0 | 1 => {
                let size = 1 + random.next() % (2 * MIB);
                let mut content = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0".to_vec();
                content.extend(random.bytes(size / 2));
                content.extend(random.text(size / 2));
                (format!("usr/bin/program{count}"), 0o755, content)
            }
            2 => {
                let size = random.next() % MIB;
                (format!("srv/data{count}.bin"), 0o644, random.bytes(size))
            }
            _ => {
                let size = 64 + random.next() % (128 * 1024);
                (format!("usr/share/dir{}/text{count}.py", count % 97), 0o644, random.text(size))
            }
        };
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        header.set_mtime(1_767_225_600);
        layer.append_data(&mut header, name, content.as_slice())?;
        count += 1;
    }
    Ok(())
}

/// Xorshift: quick, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 3
    }

    fn bytes(&mut self, size: u64) -> Vec<u8> {
        (0..size.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(size as usize).collect()
    }

    fn text(&mut self, size: u64) -> Vec<u8> {
        const WORDS: [&str; 16] = [
            "def",
            "return",
            "self",
            "value",
            "import",
            "=",
            "(",
            "):\n    ",
            "\n",
            "None",
            "key",
            "token",
            "path",
            "\"x\"",
            "0x1f",
            "password_field",
        ];
        let mut content = Vec::with_capacity(size as usize + 16);
        while (content.len() as u64) < size {
            let word = WORDS.get((self.next() % 16) as usize).copied().unwrap_or_default();
            content.extend_from_slice(word.as_bytes());
            content.push(b' ');
        }
        content
    }
}
