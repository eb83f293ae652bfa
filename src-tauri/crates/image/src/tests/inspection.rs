//! What is found inside files, and what is stated about the image: from whole images.

use serde_json::json;

use super::errors::with_blob;
use super::*;
use crate::sample::{self, Content};
use crate::{Limits, Magic, PasswordState, SecretPlace, Tree};

#[test]
fn entries_say_what_their_first_bytes_are() {
    let mut core = b"\x7fELF\x02\x01\x01".to_vec();
    core.resize(600, 0);
    core[16] = 4;
    let layer = LayerBuilder::new()
        .file("core", &core)
        .file("script", b"#!/bin/sh\n")
        .file("text", b"text")
        .file("empty", b"")
        .add(SampleEntry::hard_link("name", "core"))
        .add(SampleEntry::block_device("dev/sda").mtime(7));
    for packing in PACKINGS {
        let read = Case::new(&image_of(vec![layer.clone()]), Format::OciArchive, packing).read();
        let magic = |path: &str| read.tree.get(path).unwrap().entry.magic;
        assert_eq!(magic("/core"), Some(Magic::ElfCore));
        assert_eq!(magic("/script"), Some(Magic::Script));
        assert_eq!([magic("/text"), magic("/empty"), magic("/name"), magic("/dev/sda")], [None; 4]);
        assert_eq!(read.tree.get("/dev/sda").unwrap().entry.mtime, 7);
        let bytes = read.tree.to_bytes().unwrap();
        assert_eq!(Tree::from_bytes(&bytes, 1 << 20).unwrap(), read.tree);
    }
}

#[test]
fn duplicates_are_found_across_layers() {
    let facts = facts_of(vec![
        LayerBuilder::new().file("a", &[1; 5000]).file("small", &[2; 100]).file("small2", &[2; 100]),
        LayerBuilder::new().file("b", &[1; 5000]).file("other", &[3; 5000]),
    ]);
    assert_eq!(facts.content.duplicates.len(), 1);
    let group = &facts.content.duplicates[0];
    assert_eq!((group.size, group.paths.as_slice()), (5000, &["/a".to_owned(), "/b".to_owned()][..]));
    assert_eq!(format!("sha256:{}", group.sha256), crate::stream::digest_of(&[1; 5000]));
}

#[test]
fn set_id_bits_that_were_taken_away() {
    let set = |path: &str| SampleEntry::file(path, b"x").mode(0o4755);
    let facts = facts_of(vec![
        LayerBuilder::new().add(set("gone")).add(set("plain")).add(set("stays")).add(set("back")).file("none", b""),
        LayerBuilder::new().whiteout("gone").file("plain", b"x").add(set("stays")).file("back", b"x"),
        LayerBuilder::new().add(set("back")).whiteout("none"),
    ]);
    let removed: Vec<_> =
        facts.set_id_removed.iter().map(|r| (r.before.path.as_str(), r.before.mode, r.mode_now)).collect();
    assert_eq!(removed, [("/gone", 0o4755, None), ("/plain", 0o4755, Some(0o644))]);
    assert!(facts.set_id_removed.iter().all(|removed| removed.by == facts.layers[1].diff_id));
}

#[test]
fn passwords_and_sudo_rules() {
    let shadow = b"root::19000:0:99999:7:::\napp:!:19000::::::\nold:$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/:1::::::\n";
    let base = LayerBuilder::new()
        .file("etc/passwd", b"root:x:0:0::/root:/bin/sh\nbare::1:1::/:\n")
        .file("etc/shadow", shadow)
        .file("etc/sudoers", b"root ALL=(ALL) ALL\n")
        .file("etc/sudoers.d/app", b"app ALL=(ALL) NOPASSWD: ALL\n")
        .file("etc/sudoers.d/README.md", b"x ALL=(ALL) NOPASSWD: ALL\n")
        .file("etc/sudoers.d/deep/file", b"y ALL=(ALL) NOPASSWD: ALL\n")
        .file("usr/local/etc/doas.conf", b"permit nopass :wheel\n")
        .file("opt/rules", b"linked ALL=ALL\n")
        .add(SampleEntry::symlink("etc/sudoers.d/linked", "../../opt/rules"));
    let facts = facts_of(vec![base]);
    let states: Vec<_> = facts
        .accounts
        .passwords
        .as_ref()
        .unwrap()
        .iter()
        .map(|p| (p.user.as_str(), p.file.as_str(), p.line, p.state.clone()))
        .collect();
    let md5 = PasswordState::Hash { scheme: "md5".to_owned(), guessed: true };
    assert_eq!(
        states,
        [
            ("bare", "/etc/passwd", 2, PasswordState::Empty),
            ("root", "/etc/shadow", 1, PasswordState::Empty),
            ("app", "/etc/shadow", 2, PasswordState::Locked),
            ("old", "/etc/shadow", 3, md5),
        ]
    );
    let rules: Vec<_> = facts.accounts.sudo.iter().map(|r| (r.who.as_str(), r.no_password, r.file.as_str())).collect();
    assert_eq!(
        rules,
        [
            ("root", false, "/etc/sudoers"),
            ("app", true, "/etc/sudoers.d/app"),
            ("linked", false, "/etc/sudoers.d/linked"),
            ("%wheel", true, "/usr/local/etc/doas.conf"),
        ]
    );
    assert!(!serde_json::to_string(&facts).unwrap().contains("qjXMvbEw8oaL"));
    assert_eq!(facts_of(vec![LayerBuilder::new().file("etc/passwd", b"r:x:0:0::/:\n")]).accounts.passwords, None);
}

#[test]
fn many_linked_account_files_cost_few_readings() {
    let layer = (0..100).fold(LayerBuilder::new().file("opt/rules", b"a ALL=ALL\n"), |layer, number| {
        layer.add(SampleEntry::symlink(format!("etc/sudoers.d/{number}"), "/opt/rules"))
    });
    let facts = facts_of(vec![layer]);
    assert_eq!(facts.accounts.sudo.len(), 8);
    assert!(facts.accounts.sudo.iter().all(|rule| rule.who == "a"));
    assert!(facts.problems.iter().any(|text| text.contains("too many account files")), "{:?}", facts.problems);
}

#[test]
fn what_was_not_looked_into_is_listed() {
    let layer = LayerBuilder::new()
        .file("big", &[b'x'; 3000])
        .file("etc/shadow", &[b'x'; 3000])
        .add(SampleEntry::file("sparse", &[b'1'; 512]).pax("GNU.sparse.realsize", b"99"));
    let case = Case::new(&image_of(vec![layer]), Format::DockerSave, Packing::Plain);
    let limits = Limits { scan_bytes: 2048, small_file_bytes: 1024, ..Limits::default() };
    let facts = case.read_with(&OpenOptions { limits, ..OpenOptions::default() }).unwrap().facts;
    let unread: Vec<_> =
        facts.unread.iter().map(|u| (u.path.as_str(), u.size, u.purpose.as_str(), u.reason.as_str())).collect();
    assert_eq!(
        unread,
        [
            ("/big", 3000, "secrets", "it is larger than 2 KiB"),
            ("/etc/shadow", 3000, "accounts", "it is larger than 1 KiB"),
            ("/etc/shadow", 3000, "secrets", "it is larger than 2 KiB"),
            ("/sparse", 99, "secrets", "it is sparse"),
        ]
    );
    assert_eq!(facts.accounts.passwords, None);
}

#[test]
fn account_files_together_are_bounded() {
    let layer = (0..10)
        .fold(LayerBuilder::new(), |layer, number| layer.file(&format!("etc/sudoers.d/{number}"), &[b' '; 1000]));
    let case = Case::new(&image_of(vec![layer]), Format::DockerSave, Packing::Plain);
    let options =
        |account_bytes| OpenOptions { limits: Limits { account_bytes, ..Limits::default() }, ..OpenOptions::default() };
    assert!(case.read_with(&options(10_000)).is_ok());
    let error = case.error_with(&options(9_999));
    assert!(matches!(error, ImageError::LimitExceeded { limit: 9_999, .. }), "{error}");
}

const PROVENANCE: &str = "https://slsa.dev/provenance/v0.2";

fn attested() -> ImageBuilder {
    let predicate = json!({ "invocation": { "parameters": { "args": { "build-arg:DB_PASSWORD": "hunter2" } } } });
    sample().attestation(PROVENANCE, predicate).attestation("https://spdx.dev/Document", json!({ "name": "sbom" }))
}

#[test]
fn attestations_are_read_and_masked() {
    for format in [Format::OciArchive, Format::OciLayout, Format::Docker25] {
        let facts = Case::new(&attested(), format, Packing::Gzip).facts();
        let types: Vec<_> = facts.attestations.iter().map(|a| a.predicate_type.as_str()).collect();
        assert_eq!(types, [PROVENANCE, "https://spdx.dev/Document"], "{format:?}");
        for attestation in &facts.attestations {
            assert_eq!(Some(attestation.subject.as_str()), facts.digest.as_deref(), "{format:?}");
            assert!(attestation.digest.starts_with("sha256:"), "{format:?}");
            let statement = attestation.statement.as_ref().unwrap();
            assert_eq!(statement["predicateType"], json!(attestation.predicate_type));
        }
        assert!(!serde_json::to_string(&facts).unwrap().contains("hunter2"), "{format:?}");
        assert_eq!(facts.problems, Vec::<String>::new(), "{format:?}");
        assert_eq!(facts.repo_tags, ["sample:1"]);
    }
    assert!(Case::new(&sample(), Format::OciArchive, Packing::Gzip).facts().attestations.is_empty());
}

#[test]
fn attestations_that_cannot_be_read_are_told_of() {
    let members = || sample::members(&[&attested()], Format::OciArchive, Packing::Gzip).unwrap();
    let is_statement = |bytes: &[u8]| bytes.starts_with(b"{\"_type\"");
    let mut changed = members();
    with_blob(&mut changed, is_statement, |bytes| bytes.push(b' '));
    let facts = Case::bytes(Transport::OciArchive, &changed.tar()).facts();
    assert_eq!(facts.attestations.iter().filter(|a| a.statement.is_none()).count(), 2);
    assert!(facts.problems[0].contains("do not have the digest that is listed"), "{:?}", facts.problems);
    assert_eq!(facts.attestations[0].predicate_type, PROVENANCE);

    let mut gone = members();
    gone.0.retain(|(_, content)| !matches!(content, Content::Bytes(bytes) if is_statement(bytes)));
    let facts = Case::bytes(Transport::OciArchive, &gone.tar()).facts();
    assert!(facts.problems[0].contains("are listed but not stored (2"), "{:?}", facts.problems);

    let limits = Limits { attestation_bytes: 300, ..Limits::default() };
    let case = Case::new(&attested(), Format::OciArchive, Packing::Gzip);
    let facts = case.read_with(&OpenOptions { limits, ..OpenOptions::default() }).unwrap().facts;
    assert!(facts.attestations.iter().any(|a| a.statement.is_none()));
    assert!(facts.problems[0].contains("too large to be recorded"), "{:?}", facts.problems);
}

#[test]
fn old_build_information_is_an_attestation() {
    let info = json!({ "frontend": "dockerfile.v0" });
    let facts =
        Case::new(&sample().set_top("moby.buildkit.buildinfo.v1", info.clone()), Format::DockerSave, Packing::Plain)
            .facts();
    assert_eq!(facts.attestations.len(), 1);
    assert_eq!(facts.attestations[0].predicate_type, "moby.buildkit.buildinfo.v1");
    assert_eq!(facts.attestations[0].digest, facts.config_digest);
    assert_eq!(facts.attestations[0].statement, Some(info));
}

/// Whatever the finder knows: what it finds has its place, and never stands in the facts.
#[test]
fn secrets_of_the_configuration_are_nowhere_in_the_facts() {
    let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let image = ImageBuilder::new("sample:1")
        .env("API_TOKEN", token)
        .label("maintainer.password", token)
        .entrypoint(&["/app", "--password", token])
        .cmd(&["sh", "-c", &format!("login {token}")])
        .set("OnBuild", json!([format!("ENV X={token}")]))
        .set("Shell", json!([format!("TOKEN={token}")]))
        .set("Healthcheck", json!({ "Test": ["CMD-SHELL", format!("curl -u me:{token} localhost")] }))
        .line(&format!("|1 NPM_TOKEN={token} /bin/sh -c npm ci"))
        .layer(&format!("RUN curl -H 'Authorization: Bearer {token}' x"), LayerBuilder::new().file("a", b""));
    let facts = Case::new(&image, Format::DockerSave, Packing::Plain).facts();
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains(token), "{text}");
    for secret in &facts.secrets {
        match &secret.place {
            SecretPlace::Config { field } => assert!(field.starts_with("config."), "{field}"),
            SecretPlace::History { index } => assert!(*index < 2),
            SecretPlace::File { .. } => panic!("{secret:?}"),
        }
    }
}

#[test]
fn the_facts_of_a_whole_image() {
    let base = LayerBuilder::new()
        .directory("etc/")
        .file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/sbin/nologin\n")
        .file("etc/group", b"root:x:0:\nsudo:x:27:app\n")
        .file("etc/shadow", b"root:*:19000:0:99999:7:::\napp::19000:0:99999:7:::\n")
        .file("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n")
        .file(
            "var/lib/dpkg/status",
            b"Package: dash\nStatus: install ok installed\nVersion: 0.5\nArchitecture: amd64\n\n",
        )
        .add(SampleEntry::file("usr/bin/su", &[7; 3000]).mode(0o4755))
        .add(SampleEntry::symlink("bin", "usr/bin"));
    let app = LayerBuilder::new()
        .file("etc/sudoers.d/app", b"app ALL=(ALL) NOPASSWD: ALL\n")
        .file("app/one", &[1; 5000])
        .file("app/two", &[1; 5000])
        .add(SampleEntry::file("app/ping", b"ping").capabilities(&[1, 0, 0, 2, 0, 32]));
    let clean = LayerBuilder::new().add(SampleEntry::file("usr/bin/su", &[7; 3000]).mode(0o755)).whiteout("app/ping");
    let image = ImageBuilder::new("sample:1")
        .user("app")
        .env("PATH", "/usr/bin")
        .cmd(&["/app/one"])
        .layer("ADD rootfs.tar /", base)
        .line("ENV PATH=/usr/bin")
        .layer("RUN |1 VERSION=1 /bin/sh -c make # buildkit", app)
        .layer("RUN chmod a-s /usr/bin/su && rm /app/ping", clean)
        .attestation(PROVENANCE, json!({ "buildType": "https://mobyproject.org/buildkit@v1" }));
    let facts = Case::new(&image, Format::OciArchive, Packing::Plain).facts();
    let mut value = serde_json::to_value(&facts).unwrap();
    // What packages and secrets are found is for those crates' own tests to say.
    for of_others in ["inventory", "secrets"] {
        value.as_object_mut().unwrap().remove(of_others);
    }
    value.sort_all_objects();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}
