//! Bad input: one clear line on standard error, exit status 2, and nothing half-written.

use std::path::Path;

use crate::support::{Home, PASSPHRASE, binary};

/// Runs an audit that cannot run, with every kind of output asked for.
fn refused(home: &Home, subject: &str, says: &str) {
    let before = files(home.folder.path());
    let output = home.plimsoll(&["audit", subject, "--json", "out.json", "--engagement", "out.plimsoll"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{subject}: {said}");
    assert_eq!(said.lines().count(), 1, "{subject}: {said}");
    assert!(said.starts_with("plimsoll: ") && said.contains(says), "{subject}: {said}");
    assert!(output.stdout.is_empty(), "{subject}");
    assert_eq!(files(home.folder.path()), before, "{subject}");
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// One entry of a tar file, plain ustar.
pub(crate) fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[136..147].copy_from_slice(b"00000000000");
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header.extend(content);
    header.resize(header.len().div_ceil(512) * 512, 0);
    header
}

#[test]
fn what_cannot_be_read_is_refused() {
    let home = Home::new();
    let sample = home.sample();
    let text = |name: &str| home.path(name).display().to_string();

    refused(&home, "docker-archive:nowhere.tar", "nowhere.tar");
    refused(&home, &format!("docker-archive:{}", sample.display()), "is a directory");
    refused(&home, &format!("oci:{}", sample.display()), "index.json");
    refused(&home, &format!("dockerfile:{}", sample.display()), "is a folder");
    refused(&home, "docker-daemon:shop:1", "No Docker daemon answers");
    refused(&home, "docker://127.0.0.1:1/shop:1", "could not be reached");
    refused(&home, "shop:1", "does not say what it is");

    let whole = std::fs::read(sample.join("worker.tar")).unwrap();
    std::fs::write(home.path("short.tar"), &whole[..whole.len() / 2]).unwrap();
    refused(&home, &format!("docker-archive:{}", text("short.tar")), "ends after");

    std::fs::write(home.path("empty.tar"), [entry("x", b"y"), vec![0; 1024]].concat()).unwrap();
    refused(&home, &format!("docker-archive:{}", text("empty.tar")), "manifest.json");

    std::fs::write(home.path("no.tar"), "this is text").unwrap();
    refused(&home, &format!("docker-archive:{}", text("no.tar")), "no.tar");

    let escaping = [entry("../escape", b"y"), entry("manifest.json", b"[]"), vec![0; 1024]].concat();
    std::fs::write(home.path("paths.tar"), escaping).unwrap();
    refused(&home, &format!("docker-archive:{}", text("paths.tar")), "leaves");
    assert!(!home.folder.path().parent().unwrap().join("escape").exists());

    // One changed byte inside a layer: its digest is no longer the one that the config names.
    let mut changed = whole.clone();
    let at = changed.windows(64).position(|w| w.iter().all(|b| *b == b'k')).unwrap();
    changed[at] = b'x';
    std::fs::write(home.path("digest.tar"), changed).unwrap();
    refused(&home, &format!("docker-archive:{}", text("digest.tar")), "sha256:");

    std::fs::write(home.path("binary"), [0, 1, 2]).unwrap();
    refused(&home, &format!("dockerfile:{}", text("binary")), "not text");
    std::fs::write(home.path("list.yaml"), "- a\n- b\n").unwrap();
    refused(&home, &format!("compose:{}", text("list.yaml")), "line 1");
}

#[test]
fn a_report_needs_an_identity_that_may_sign() {
    let home = Home::new();
    let sample = home.sample();
    let subject = format!("docker-archive:{}", sample.join("shop.tar").display());
    let run = |identity: Option<&str>, passphrase: Option<&str>| {
        let mut command = home.command(binary("plimsoll"));
        command.args(["audit", &subject, "--pdf", "report.pdf", "--engagement", "job.plimsoll"]);
        if let Some(identity) = identity {
            command.args(["--identity", identity]);
        }
        if let Some(passphrase) = passphrase {
            command.env("PLIMSOLL_PASSPHRASE", passphrase);
        }
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(!home.path("report.pdf").exists() && !home.path("job.plimsoll").exists());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(None, None).contains("plimsoll identity new --name"));
    let identity = home.identity();
    let identity = identity.to_str();
    assert!(run(identity, None).contains("--passphrase-file"));
    assert!(run(identity, Some("another passphrase")).contains("wrong"));
    assert!(run(Some("nowhere.p12"), Some(PASSPHRASE)).contains("nowhere.p12"));
    assert!(run(Some("sample/shop.tar"), Some(PASSPHRASE)).contains("PKCS#12"));
    let again = home.plimsoll(&["identity", "new", "--name", "Eve", "--out", identity.unwrap()]);
    assert_eq!(again.status.code(), Some(2));
    let short = home
        .command(binary("plimsoll"))
        .args(["identity", "new", "--name", "Eve", "--out", "e.p12"])
        .env("PLIMSOLL_PASSPHRASE", "short")
        .output()
        .unwrap();
    assert_eq!(short.status.code(), Some(2));
    assert!(!home.path("e.p12").exists());
}

#[test]
fn the_passphrase_is_no_argument() {
    let home = Home::new();
    let (_, help) = crate::support::judge(binary("plimsoll"), "plimsoll", &["audit", "--help"]);
    assert!(help.contains("--passphrase-file") && !help.contains("--passphrase "), "{help}");
    let output = home.plimsoll(&["audit", "dockerfile:x", "--passphrase", "x"]);
    assert_eq!(output.status.code(), Some(2));
}
