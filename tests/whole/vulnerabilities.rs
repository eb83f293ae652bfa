//! Known vulnerabilities, end to end: advisories imported, images built from Debian packages with old versions, what is
//! found in them and what is not, VEX, acceptances, bills of materials, re-audits.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::daemon::Daemon;
use crate::support::{Home, judge, succeed};

/// Packages of the image: name, version, source.
const PACKAGES: [(&str, &str, &str); 5] = [
    ("libssl3", "3.0.11-1~deb12u2", "openssl"),
    ("openssl", "3.0.11-1~deb12u2", ""),
    // Rebuilt without a change of its source.
    ("zlib1g", "1:1.2.13.dfsg-1+b1", "zlib (1:1.2.13.dfsg-1)"),
    ("curl", "7.88.1-10+deb12u5", ""),
    ("linux-libc-dev", "6.1.99-1", "linux"),
];

fn release(status: &str, fixed: Option<&str>, more: &[(&str, &str)]) -> Value {
    let mut release = json!({ "status": status, "repositories": { "bookworm": "1" }, "urgency": "high" });
    if let Some(fixed) = fixed {
        release["fixed_version"] = fixed.into();
    }
    for (name, value) in more {
        release[*name] = (*value).into();
    }
    json!({ "scope": "remote", "description": "A made-up flaw", "releases": { "bookworm": release } })
}

/// Debian's tracker, as far as these packages go.
fn tracker() -> Value {
    json!({
        "openssl": {
            "CVE-2099-0001": release("resolved", Some("3.0.13-1~deb12u1"), &[]),
            "CVE-2099-0002": release("resolved", Some("3.0.9-1"), &[]),
            "CVE-2099-0003": release("open", None, &[("nodsa", "Minor issue"), ("nodsa_reason", "")]),
            "CVE-2099-0004": release("resolved", Some("0"), &[])
        },
        "zlib": {
            "CVE-2099-0005": release("resolved", Some("1:1.2.13.dfsg-1"), &[]),
            "CVE-2099-0006": release("resolved", Some("1:1.2.13.dfsg-2"), &[])
        },
        "curl": {
            "CVE-2099-0007": release("resolved", Some("7.88.1-10+deb12u6"), &[]),
            "CVE-2099-0008": release("resolved", Some("7.88.1-10+deb12u4"), &[])
        },
        "linux": { "CVE-2099-0009": release("resolved", Some("6.1.112-1"), &[]) },
        "nginx": { "CVE-2099-0010": release("open", None, &[]) }
    })
}

fn kev() -> Value {
    json!({
        "title": "Known exploited vulnerabilities",
        "catalogVersion": "2099.01.02",
        "dateReleased": "2099-01-02T10:00:00.000Z",
        "count": 1,
        "vulnerabilities": [{
            "cveID": "CVE-2099-0006", "vendorProject": "zlib", "product": "zlib", "vulnerabilityName": "x",
            "dateAdded": "2099-01-01", "shortDescription": "x", "requiredAction": "x", "dueDate": "2099-02-01",
            "knownRansomwareCampaignUse": "Known", "notes": "", "cwes": []
        }]
    })
}

fn write(path: &Path, value: &Value) -> String {
    std::fs::write(path, serde_json::to_vec(value).unwrap()).unwrap();
    path.display().to_string()
}

/// A database with both.
fn database(home: &Home) -> String {
    let tracker = write(&home.path("tracker.json"), &tracker());
    let kev = write(&home.path("kev.json"), &kev());
    let database = home.path("advisories.db").display().to_string();
    let said = succeed(&home.plimsoll(&["advisories", "import", &tracker, &kev, "--database", &database]));
    assert!(said.contains("Debian") && said.contains("imported"), "{said}");
    database
}

/// A root file system that dpkg itself made, of packages that dpkg-deb made.
fn root_file_system(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    for path in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "tmp"] {
        std::fs::create_dir_all(root.join(path)).unwrap();
    }
    std::fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    std::fs::write(
        root.join("etc/os-release"),
        "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
    )
    .unwrap();
    for (name, version, source) in PACKAGES {
        let package = folder.join(name);
        std::fs::create_dir_all(package.join("DEBIAN")).unwrap();
        std::fs::create_dir_all(package.join("usr/share").join(name)).unwrap();
        std::fs::write(package.join("usr/share").join(name).join("file"), name).unwrap();
        let source = if source.is_empty() { String::new() } else { format!("Source: {source}\n") };
        let control = format!(
            "Package: {name}\n{source}Version: {version}\nArchitecture: amd64\nMaintainer: A Packager <packager@debian.org>\nDescription: a package of the lab\n"
        );
        std::fs::write(package.join("DEBIAN/control"), control).unwrap();
        let archive = folder.join(format!("{name}.deb"));
        let arguments = ["--root-owner-group", "--build", package.to_str().unwrap(), archive.to_str().unwrap()];
        let (built, said) = judge("dpkg-deb", "dpkg", &arguments);
        assert!(built, "{said}");
        let output = Command::new("dpkg")
            .arg(format!("--root={}", root.display()))
            .args(["--force-architecture", "--force-depends", "--force-not-root", "--force-bad-path", "--install"])
            .arg(&archive)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    root
}

/// The image, saved by a real daemon; its archive.
fn image(home: &Home, daemon: &Daemon) -> String {
    let folder = tempfile::tempdir().unwrap();
    root_file_system(folder.path());
    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\nCOPY root /\nCMD [\"/usr/bin/curl\"]\n").unwrap();
    let (built, said) = daemon.docker(&["build", "-q", "-t", "lab/debs:1", folder.path().to_str().unwrap()]);
    assert!(built, "{said}");
    let archive = home.path("debs.tar").display().to_string();
    let (saved, said) = daemon.docker(&["save", "-o", &archive, "lab/debs:1"]);
    assert!(saved, "{said}");
    archive
}

fn results(home: &Home, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["audit"].iter().chain(arguments).chain(&["--json", "-", "-q"]).copied().collect();
    serde_json::from_str(&succeed(&home.plimsoll(&all))).unwrap()
}

/// Package and id of every match.
fn found(results: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = results["vulnerabilities"].as_array().unwrap();
    let mut found: Vec<_> = all.iter().map(|one| (text(&one["package"]), text(&one["id"]))).collect();
    found.sort();
    found
}

fn one<'v>(results: &'v Value, package: &str, id: &str) -> &'v Value {
    let all = results["vulnerabilities"].as_array().unwrap();
    all.iter().find(|one| one["package"] == package && one["id"] == id).unwrap_or_else(|| panic!("{package} {id}"))
}

fn outcome(results: &Value, check: &str) -> (String, String) {
    let all = results["outcomes"].as_array().unwrap();
    let outcome = all.iter().find(|outcome| outcome["check"] == check).unwrap();
    (outcome["outcome"].as_str().unwrap().to_owned(), outcome["summary"].as_str().unwrap().to_owned())
}

/// What must be found: that, and nothing else.
fn expected() -> Vec<(String, String)> {
    let expected = [
        ("curl", "CVE-2099-0007"),
        ("libssl3", "CVE-2099-0001"),
        ("libssl3", "CVE-2099-0003"),
        ("linux-libc-dev", "CVE-2099-0009"),
        ("openssl", "CVE-2099-0001"),
        ("openssl", "CVE-2099-0003"),
        ("zlib1g", "CVE-2099-0006"),
    ];
    expected.map(|(package, id)| (package.to_owned(), id.to_owned())).to_vec()
}

#[test]
fn known_advisories_are_found_in_old_packages_and_fixed_ones_are_not() {
    let daemon = Daemon::lease();
    let home = Home::new();
    let archive = image(&home, &daemon);
    let source = format!("docker-archive:{archive}");
    let database = database(&home);
    let audited = results(&home, &[&source, "--advisories", &database]);
    assert_eq!(found(&audited), expected());

    let ssl = one(&audited, "libssl3", "CVE-2099-0001");
    assert_eq!(ssl["fixed"], "3.0.13-1~deb12u1");
    assert_eq!(
        (&ssl["state"], &ssl["source"], &ssl["severity"]),
        (&json!("affected"), &json!("debian"), &json!("high"))
    );
    assert_eq!(ssl["reasons"][0]["name"], "openssl", "the source's advisory counts");
    let layers = audited["subjects"][0]["content"]["layers"].as_array().unwrap();
    assert_eq!(ssl["layer"], layers[0]["diff_id"]);
    assert_eq!(one(&audited, "openssl", "CVE-2099-0003")["state"], "fix_deferred");
    assert_eq!(one(&audited, "zlib1g", "CVE-2099-0006")["exploited"]["ransomware"], true);
    assert_eq!(one(&audited, "linux-libc-dev", "CVE-2099-0009")["kernel_headers"], true);
    // The package managers' own judge says the same of each.
    for of in audited["vulnerabilities"].as_array().unwrap() {
        if let (Some(fixed), Some(version)) = (of["fixed"].as_str(), of["reasons"][0]["version"].as_str()) {
            let (is_older, _) = judge("dpkg", "dpkg", &["--compare-versions", version, "lt", fixed]);
            assert!(is_older, "{of}");
        }
    }

    let scan = &audited["subjects"][0]["scan"];
    assert_eq!((&scan["result"], &scan["release"]["ecosystem"]), (&json!("matched"), &json!("Debian:12")));
    assert!(!scan["database"]["id"].as_str().unwrap().is_empty());
    assert_eq!(outcome(&audited, "known-vulnerabilities").0, "fail");
    assert_eq!(outcome(&audited, "supported-release").0, "pass");

    // Through the daemon it is the same.
    let mut command = home.command(crate::support::binary("plimsoll"));
    let arguments = ["audit", "docker-daemon:lab/debs:1", "--advisories", &database, "--json", "-", "-q"];
    let output = command.args(arguments).env("DOCKER_HOST", daemon.host()).output().unwrap();
    assert_eq!(found(&serde_json::from_str(&succeed(&output)).unwrap()), expected());

    // Without a database nothing is claimed.
    let blind = results(&home, &[&source]);
    assert_eq!(found(&blind), []);
    assert_eq!(blind["subjects"][0]["scan"]["result"], "no-database");
    assert_eq!(outcome(&blind, "known-vulnerabilities").0, "undecided");

    vex_and_acceptances(&home, &source, &database);
    bills(&home, &source, &database);
    again(&home, &source, &database);
}

fn vex_and_acceptances(home: &Home, source: &str, database: &str) {
    let vex = json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex-1", "author": "Example",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1,
        "statements": [{
            "vulnerability": { "name": "CVE-2099-0001" },
            "products": [{ "@id": "pkg:oci/debs", "subcomponents": [] }, { "@id": "pkg:deb/debian/libssl3" }],
            "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"
        }]
    });
    let vex = write(&home.path("vex.json"), &vex);
    let acceptances = json!([{
        "vulnerability": "CVE-2099-0007", "package": "curl", "owner": "J. Quay", "expires": "2027-06-30",
        "reason": "Only internal hosts are asked."
    }]);
    let acceptances = write(&home.path("acceptances.json"), &acceptances);
    let audited = results(home, &[source, "--advisories", database, "--vex", &vex, "--acceptances", &acceptances]);
    assert_eq!(found(&audited), expected(), "nothing disappears");
    let cleared = one(&audited, "libssl3", "CVE-2099-0001");
    assert_eq!(cleared["state"], "not_affected");
    assert_eq!(cleared["vex"]["justification"], "vulnerable_code_not_in_execute_path");
    assert_eq!(one(&audited, "openssl", "CVE-2099-0001")["state"], "affected", "the statement is about libssl3");
    let accepted = one(&audited, "curl", "CVE-2099-0007");
    assert_eq!((&accepted["state"], &accepted["acceptance"]["owner"]), (&json!("accepted"), &json!("J. Quay")));
    let (concluded, summary) = outcome(&audited, "known-vulnerabilities");
    assert_eq!(concluded, "fail", "an acceptance explains a failure: {summary}");
    assert!(summary.contains("accepted"), "{summary}");
}

fn bills(home: &Home, source: &str, database: &str) {
    for format in ["cyclonedx", "spdx"] {
        let bill = home.path(&format!("{format}.json")).display().to_string();
        succeed(&home.plimsoll(&["sbom", source, "--format", format, "--output", &bill, "-q"]));
        let audited = results(home, &[&format!("sbom:{bill}"), "--advisories", database]);
        assert_eq!(found(&audited), expected(), "{format}");
        assert_eq!(audited["subjects"][0]["kind"], "sbom");
        assert_eq!(outcome(&audited, "known-vulnerabilities").0, "fail");
        assert_eq!(outcome(&audited, "non-root-user").0, "undecided", "a bill tells nothing of the user");
    }
}

fn again(home: &Home, source: &str, database: &str) {
    let engagement = home.path("job.plimsoll").display().to_string();
    let arguments = [source, "--advisories", database, "--engagement", &engagement];
    let first = results(home, &arguments);
    let second = results(home, &[&arguments[1..], &[]].concat());
    assert_eq!(found(&first), found(&second));
    let digests = |results: &Value| results["subjects"][0]["config_digest"].clone();
    assert_eq!(digests(&first), digests(&second));
    let report = home.path("report.pdf").display().to_string();
    let identity = home.identity().display().to_string();
    succeed(&home.plimsoll(&[
        "audit",
        "--engagement",
        &engagement,
        "--advisories",
        database,
        "--pdf",
        &report,
        "--identity",
        &identity,
        "-q",
    ]));
    let (_, text) = judge("pdftotext", "poppler-utils", &["-layout", &report, "-"]);
    for part in ["Known vulnerabilities", "CVE-2099-0001", "3.0.13-1~deb12u1", "Severity by category"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_is_refused_names_its_place_and_leaves_the_database_as_it_was() {
    let home = Home::new();
    let database = database(&home);
    let hash = || Sha256::digest(std::fs::read(&database).unwrap());
    let before = hash();
    let whole = serde_json::to_vec(&tracker()).unwrap();
    let broken: [(&str, Vec<u8>); 5] = [
        ("truncated.json", whole[..whole.len() / 2].to_vec()),
        ("empty.json", Vec::new()),
        ("words.json", b"This is no advisory data.".to_vec()),
        ("deep.json", [b"{\"openssl\":".repeat(5_000), b"1".to_vec()].concat()),
        ("cut.zip", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec()),
    ];
    for (name, bytes) in broken {
        let path = home.path(name).display().to_string();
        std::fs::write(&path, bytes).unwrap();
        let output = home.plimsoll(&["advisories", "import", &path, "--database", &database]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(name) && said.lines().count() == 1, "{name}: {said}");
        assert_eq!(hash(), before, "{name}");
    }
    let other = home.path("other.db").display().to_string();
    std::fs::write(&other, "not a database").unwrap();
    let output = home.plimsoll(&["advisories", "status", "--database", &other]);
    assert_eq!(output.status.code(), Some(2));
    let status = succeed(&home.plimsoll(&["advisories", "status", "--database", &database]));
    assert!(status.contains("Debian security tracker") && status.contains("debian-tracker"), "{status}");
    // The same again changes nothing.
    let tracker = home.path("tracker.json").display().to_string();
    succeed(&home.plimsoll(&["advisories", "import", &tracker, "--database", &database]));
    assert_eq!(hash(), before);
    let missing = home.plimsoll(&["audit", "dockerfile:Dockerfile", "--advisories", "nowhere.db"]);
    assert_eq!(missing.status.code(), Some(2));
}
