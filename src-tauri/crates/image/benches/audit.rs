//! A full reading of a large image archive, beside `sha256sum` over the same bytes on the same machine.
//!
//! `PLIMSOLL_BENCH_MIB` sets the archive's size, 1024 by default. The ratio of the fastest runs, and the most memory
//! that the process ever had, are printed at the end. The archive is made anew each time, always the same.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use plimsoll_image::{NoHooks, OpenOptions, Transport, read_image_with_tree};
use sha2::{Digest, Sha256};

const LAYERS: u64 = 4;
const MIB: u64 = 1024 * 1024;

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    let mib = match std::env::var("PLIMSOLL_BENCH_MIB") {
        Ok(text) => text.parse()?,
        Err(_) => 1024,
    };
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("image.tar");
    make(folder.path(), &archive, mib * MIB)?;
    let before = most_memory();

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group(format!("audit-{mib}-MiB"));
    let mut fastest = [Duration::MAX; 2];
    group.bench_function("sha256sum", |bencher| {
        bencher.iter_custom(|times| timed(times, &mut fastest[0], || sha256sum(&archive)));
    });
    group.bench_function("read_image", |bencher| {
        bencher.iter_custom(|times| timed(times, &mut fastest[1], || read(&archive)));
    });
    group.finish();
    let [sum, read] = fastest;
    if sum < Duration::MAX && read < Duration::MAX {
        println!(
            "{mib} MiB: read_image {:.2} s, sha256sum {:.2} s, ratio {:.2}; most memory {} (before the first reading {})",
            read.as_secs_f64(),
            sum.as_secs_f64(),
            read.as_secs_f64() / sum.as_secs_f64(),
            most_memory(),
            before
        );
    }
    Ok(())
}

/// The time that `times` runs take together; keeps the fastest of them.
fn timed(times: u64, fastest: &mut Duration, run: impl Fn() -> Result<(), Failed>) -> Duration {
    let mut all = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        if let Err(error) = run() {
            eprintln!("{error}");
            std::process::exit(1);
        }
        let took = start.elapsed();
        *fastest = took.min(*fastest);
        all += took;
    }
    all
}

fn read(archive: &Path) -> Result<(), Failed> {
    let read = read_image_with_tree(Transport::DockerArchive, archive, &OpenOptions::default(), &NoHooks)?;
    std::hint::black_box(read);
    Ok(())
}

fn sha256sum(archive: &Path) -> Result<(), Failed> {
    let status = Command::new("sha256sum").arg(archive).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err("sha256sum failed".into()) }
}

/// `VmHWM` of this process, where the system tells it.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// Writes a docker archive of about `bytes` bytes.
fn make(folder: &Path, archive: &Path, bytes: u64) -> io::Result<()> {
    let mut outer = tar::Builder::new(BufWriter::new(File::create(archive)?));
    let mut diff_ids = Vec::new();
    let mut names = Vec::new();
    for number in 0..LAYERS {
        let path = folder.join("layer.tar");
        let mut layer = tar::Builder::new(Hashing { out: BufWriter::new(File::create(&path)?), hash: Sha256::new() });
        fill(&mut layer, number, bytes / LAYERS)?;
        let hashing = layer.into_inner()?;
        hashing.out.into_inner()?.sync_data()?;
        let digest = hex::encode(hashing.hash.finalize());
        let name = format!("{digest}/layer.tar");
        outer.append_path_with_name(&path, &name)?;
        names.push(name);
        diff_ids.push(format!("sha256:{digest}"));
    }
    let config = serde_json::json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    let config = config.to_string().into_bytes();
    let config_name = format!("{}.json", hex::encode(Sha256::digest(&config)));
    let manifest = serde_json::json!([{ "Config": config_name, "RepoTags": ["bench:1"], "Layers": names }]).to_string();
    append(&mut outer, &config_name, 0o644, &config)?;
    append(&mut outer, "manifest.json", 0o644, manifest.as_bytes())?;
    outer.into_inner()?.flush()
}

/// Fills a layer with what images hold: texts, programs, and data that compress well or not at all.
fn fill<W: Write>(layer: &mut tar::Builder<W>, number: u64, bytes: u64) -> io::Result<()> {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut written, mut count) = (0, 0u64);
    while written < bytes {
        let (name, mode, content) = match random.next() % 10 {
            0 => {
                let size = 1 + random.next() % (4 * MIB);
                (format!("usr/bin/program{count}"), 0o755, program(&mut random, size))
            }
            1 => (format!("var/lib/data{count}.bin"), 0o644, vec![7; (random.next() % MIB) as usize]),
            2 => {
                let size = random.next() % MIB;
                (format!("srv/data{count}.gz"), 0o644, bytes_of(&mut random, size))
            }
            _ => {
                let size = 64 + random.next() % (128 * 1024);
                (format!("usr/share/dir{}/text{count}.py", count % 97), 0o644, text(&mut random, size))
            }
        };
        append(layer, &name, mode, &content)?;
        written += content.len() as u64;
        count += 1;
    }
    Ok(())
}

fn append<W: Write>(to: &mut tar::Builder<W>, name: &str, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(mode);
    header.set_mtime(1_767_225_600);
    to.append_data(&mut header, name, content)
}

/// An ELF header, code that looks random, and a table of strings.
fn program(random: &mut Random, size: u64) -> Vec<u8> {
    let mut content = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0".to_vec();
    content.extend(bytes_of(random, size * 2 / 3));
    content.extend(text(random, size / 3).iter().map(|&byte| if byte == b'\n' { 0 } else { byte }));
    content
}

fn bytes_of(random: &mut Random, size: u64) -> Vec<u8> {
    let words = size.div_ceil(8);
    (0..words).flat_map(|_| random.next().to_le_bytes()).take(size as usize).collect()
}

fn text(random: &mut Random, size: u64) -> Vec<u8> {
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
        let word = WORDS.get((random.next() % 16) as usize).copied().unwrap_or_default();
        content.extend_from_slice(word.as_bytes());
        content.push(b' ');
    }
    content
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
}

/// Hashes what it writes.
struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
