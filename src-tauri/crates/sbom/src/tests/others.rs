//! What other tools write, in small.

use plimsoll_packages::Ecosystem;

use super::DIGEST;
use crate::{SbomError, SbomFacts, is_sbom, read};

fn facts(text: &str) -> SbomFacts {
    assert!(is_sbom(text.as_bytes()));
    read(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn syfts_cyclonedx() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:x", "metadata": {
        "timestamp": "2026-01-01T00:00:00Z",
        "tools": {"components": [{"type": "application", "author": "anchore", "name": "syft", "version": "1.0"}]},
        "component": {"type": "container", "name": "app", "version": "DIGEST"}},
        "components": [
        {"bom-ref": "a", "type": "library", "name": "libssl3", "version": "3.0.11-1~deb12u2",
         "purl": "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl",
         "licenses": [{"license": {"id": "Apache-2.0"}}, {"license": {"name": "x"}}],
         "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"},
                        {"name": "syft:location:0:layerID", "value": "sha256:aa"}]},
        {"bom-ref": "b", "type": "library", "name": "openssl-libs", "version": "1:3.0.7-1.el9",
         "purl": "pkg:rpm/rhel/openssl-libs@3.0.7-1.el9?arch=x86_64&epoch=1&upstream=openssl-3.0.7-1.el9.src.rpm&rpmmod=ssl:3:80:x"},
        {"type": "library", "name": "BurntSushi", "version": "v1", "purl": "pkg:golang/github.com/BurntSushi/toml@v1"},
        {"type": "library", "name": "no-url", "version": "2"},
        {"type": "library", "name": "x", "version": "2", "purl": "pkg:conan/x@2"},
        {"type": "library", "name": "y", "purl": "pkg:npm/y"},
        {"type": "file", "name": "/etc/x"}, {"type": "file", "name": "/etc/y"},
        {"type": "operating-system", "name": "debian", "version": "12", "description": "Debian GNU/Linux 12 (bookworm)",
         "properties": [{"name": "syft:distro:id", "value": "debian"},
                        {"name": "syft:distro:versionCodename", "value": "bookworm"}]}],
        "dependencies": [{"ref": "a", "dependsOn": ["b", "gone", "a"]}]}"#
        .replace("DIGEST", DIGEST);
    let facts = facts(&text);
    assert_eq!((facts.format.as_str(), facts.spec_version.as_str()), ("CycloneDX", "1.6"));
    assert_eq!((facts.subject.as_deref(), facts.digests.as_slice()), (Some("app"), [DIGEST.to_owned()].as_slice()));
    assert_eq!(facts.creators, ["syft 1.0"]);
    let os = facts.inventory.os.unwrap();
    assert_eq!((os.id.as_str(), os.version_id.as_deref()), ("debian", Some("12")));
    assert_eq!(os.pretty_name.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    assert!(os.support_end.is_some());
    let [ssl, libs, toml] = &facts.inventory.packages[..] else { panic!("{:?}", facts.inventory.packages) };
    assert_eq!((ssl.source_name.as_deref(), ssl.source_version.as_deref()), (Some("openssl"), None));
    assert_eq!((ssl.location.as_str(), ssl.layer.as_str()), ("/var/lib/dpkg/status", "sha256:aa"));
    assert_eq!((ssl.architecture.as_deref(), ssl.licence.as_deref()), (Some("amd64"), Some("Apache-2.0 AND x")));
    assert_eq!(ssl.depends, ["openssl-libs"]);
    assert_eq!((libs.version.as_str(), libs.source_name.as_deref()), ("1:3.0.7-1.el9", Some("openssl")));
    assert_eq!((libs.source_version.as_deref(), libs.module.as_deref()), (None, Some("ssl:3")));
    assert_eq!(toml.name, "github.com/BurntSushi/toml");
    assert_eq!(facts.left_out.len(), 4, "{:?}", facts.left_out);
    assert!(facts.left_out[0].contains("no-url 2") && facts.left_out[1].contains("conan"), "{:?}", facts.left_out);
    assert!(facts.left_out[2].contains("no version") && facts.left_out[3].contains("2 components"));
    assert_eq!(facts.inventory.problems.len(), 1, "one package is of another distribution");
    assert_eq!(facts.sha256.len(), 64);
}

#[test]
fn trivys_cyclonedx() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {
        "tools": [{"vendor": "aquasecurity", "name": "trivy", "version": "dev"}],
        "component": {"type": "container", "name": "a.tar", "properties": [
            {"name": "aquasecurity:trivy:ImageID", "value": "DIGEST"}]}},
        "components": [
        {"bom-ref": "p", "type": "library", "group": "org.a", "name": "b", "version": "1", "purl": "pkg:maven/org.a/b@1",
         "properties": [{"name": "aquasecurity:trivy:FilePath", "value": "app/b.jar"}]},
        {"type": "library", "name": "libs", "version": "1.0.2k-16.el7",
         "purl": "pkg:rpm/redhat/libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=redhat-7.6", "properties": [
            {"name": "aquasecurity:trivy:SrcName", "value": "openssl"},
            {"name": "aquasecurity:trivy:SrcVersion", "value": "1.0.2k"},
            {"name": "aquasecurity:trivy:SrcRelease", "value": "16.el7"},
            {"name": "aquasecurity:trivy:SrcEpoch", "value": "1"},
            {"name": "aquasecurity:trivy:LayerDiffID", "value": "sha256:bb"}]},
        {"type": "operating-system", "name": "redhat", "version": "7.6"},
        {"type": "application", "name": "app/package-lock.json", "components": [
            {"type": "library", "group": "@s", "name": "n", "version": "1", "purl": "pkg:npm/%40s/n@1"}]}]}"#
        .replace("DIGEST", DIGEST);
    let facts = facts(&text);
    assert_eq!(facts.creators, ["aquasecurity trivy dev"]);
    assert_eq!(facts.digests, [DIGEST]);
    assert_eq!(facts.inventory.os.as_ref().map(|os| os.id.as_str()), Some("rhel"));
    assert!(facts.inventory.problems.is_empty(), "{:?}", facts.inventory.problems);
    let [libs, npm, maven] = &facts.inventory.packages[..] else { panic!("{:?}", facts.inventory.packages) };
    assert_eq!((libs.version.as_str(), libs.source_name.as_deref()), ("1:1.0.2k-16.el7", Some("openssl")));
    assert_eq!((libs.source_version.as_deref(), libs.layer.as_str()), (None, "sha256:bb"));
    assert_eq!((npm.ecosystem, npm.name.as_str()), (Ecosystem::Npm, "@s/n"));
    assert_eq!((maven.name.as_str(), maven.location.as_str()), ("org.a:b", "app/b.jar"));
    assert_eq!(facts.left_out.len(), 1);
}

#[test]
fn buildkits_statement_with_spdx() {
    let text = r#"{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document",
        "subject": [{"name": "pkg:docker/app@1?platform=linux%2Famd64", "digest": {"sha256": "HEX"}}],
        "predicate": {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "sbom",
        "documentNamespace": "https://x/y", "creationInfo": {"created": "2026-01-01T00:00:00Z",
            "creators": ["Organization: Anchore, Inc", "Tool: syft-1"]},
        "packages": [
        {"SPDXID": "SPDXRef-p", "name": "musl", "versionInfo": "1.2.5-r0", "supplier": "Person: A B (a@b.c)",
         "sourceInfo": "acquired package info from APK DB: /lib/apk/db/installed, /x", "licenseDeclared": "NOASSERTION",
         "licenseConcluded": "MIT", "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type",
         "referenceLocator": "cpe:2.3:a"}, {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
         "referenceLocator": "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3"}]},
        {"SPDXID": "SPDXRef-q", "name": "busybox-binsh", "versionInfo": "1.36.1-r29", "externalRefs": [
         {"referenceType": "purl", "referenceLocator":
          "pkg:apk/alpine/busybox-binsh@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3&upstream=busybox"}]},
        {"SPDXID": "SPDXRef-root", "name": "sbom", "versionInfo": "DIGEST"}],
        "files": [{"SPDXID": "SPDXRef-f", "fileName": "a"}],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
          "relatedSpdxElement": "SPDXRef-root"}, {"spdxElementId": "SPDXRef-p", "relationshipType": "DEPENDENCY_OF",
          "relatedSpdxElement": "SPDXRef-q"}]}}"#
        .replace("DIGEST", DIGEST)
        .replace("HEX", DIGEST.strip_prefix("sha256:").unwrap());
    let facts = facts(&text);
    assert_eq!((facts.format.as_str(), facts.spec_version.as_str()), ("SPDX", "2.3"));
    assert_eq!((facts.subject.as_deref(), facts.digests.len()), (Some("sbom"), 1));
    assert!(facts.left_out.is_empty(), "the subject is not left out, it is what it is: {:?}", facts.left_out);
    let os = facts.inventory.os.unwrap();
    assert_eq!((os.id.as_str(), os.version_id.as_deref()), ("alpine", Some("3.20.3")));
    let [busybox, musl] = &facts.inventory.packages[..] else { panic!("{:?}", facts.inventory.packages) };
    assert_eq!(
        (busybox.source_name.as_deref(), busybox.depends.as_slice()),
        (Some("busybox"), ["musl".to_owned()].as_slice())
    );
    assert_eq!((musl.location.as_str(), musl.licence.as_deref()), ("/lib/apk/db/installed", Some("MIT")));
    assert_eq!(musl.vendor.as_deref(), Some("A B <a@b.c>"));
}

#[test]
fn trivys_spdx_and_what_docker_prints() {
    let text = r#"{"SPDX": {"spdxVersion": "SPDX-2.2", "packages": [
        {"SPDXID": "SPDXRef-os", "name": "debian", "versionInfo": "12.5", "primaryPackagePurpose": "OPERATING-SYSTEM"},
        {"SPDXID": "SPDXRef-a", "name": "libmount1", "versionInfo": "2.38-5+deb12u1",
         "sourceInfo": "built package from: util-linux 2.38-5", "attributionTexts": ["LayerDiffID: sha256:cc"],
         "externalRefs": [{"referenceType": "purl",
           "referenceLocator": "pkg:deb/debian/libmount1@2.38-5%2Bdeb12u1?arch=arm64&distro=debian-12.5"}]}]}}"#;
    let facts = facts(text);
    assert_eq!(facts.inventory.os.and_then(|os| os.version_id).as_deref(), Some("12.5"));
    let package = &facts.inventory.packages[0];
    assert_eq!(package.source_name.as_deref(), Some("util-linux"));
    assert_eq!(package.source_version.as_deref(), Some("2.38-5"));
    assert_eq!(package.layer, "sha256:cc");
}

#[test]
fn a_program_that_is_described_is_one_of_the_packages() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "metadata": {"component": {"type": "application",
        "group": "acme", "name": "app", "version": "1.0", "purl": "pkg:npm/acme/app@1.0"}},
        "components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}]}"#;
    let facts = facts(text);
    assert_eq!(facts.subject.as_deref(), Some("acme/app 1.0"));
    assert_eq!(facts.inventory.packages.len(), 2);
    assert_eq!(facts.inventory.os, None);
}

#[test]
fn what_is_no_bill_in_json_is_refused_with_what_is_taken() {
    assert!(refused("<?xml version=\"1.0\"?><bom/>").contains("XML; CycloneDX 1.2 to 1.7"));
    assert!(refused("SPDXVersion: SPDX-2.3\n").contains("tag-value"));
    assert!(refused("").contains("empty"));
    assert!(refused("[]").contains("no JSON object"));
    assert!(refused("{}").contains("bomFormat"));
    assert!(refused(r#"{"@context": "x", "@graph": []}"#).contains("SPDX 3"));
    assert!(refused(r#"{"payloadType": "x", "payload": "e30="}"#).contains("signed envelope"));
    assert!(refused(r#"{"bomFormat": "CycloneDX", "specVersion": "9.9"}"#).contains("1.2 to 1.7"));
    assert!(refused(r#"{"spdxVersion": "SPDX-2.1"}"#).contains("2.2 and 2.3"));
    assert!(refused(r#"{"bomFormat": "Other"}"#).contains("bomFormat"));
    let cut = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"name": "a", "#;
    assert!(is_sbom(cut.as_bytes()), "a bill that is cut off is a bill that is cut off");
    assert!(matches!(read(cut.as_bytes()), Err(SbomError::Malformed { format, place, .. })
        if format == "CycloneDX 1.5" && place.starts_with("line 1")));
}

#[test]
fn only_bills_with_packages_are_bills() {
    for text in [
        "",
        "x",
        "{}",
        r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-1"}]}"#,
        r#"{"bomFormat": "CycloneDX", "components": []}"#,
        r#"{"spdxVersion": "SPDX-2.3", "packages": null}"#,
        r#"{"spdxVersion": "SPDX-3.0", "packages": [{}]}"#,
        r#"{"components": [{}]}"#,
        r#"{"a": {"bomFormat": "CycloneDX", "components": [{}]}}"#,
    ] {
        assert!(!is_sbom(text.as_bytes()), "{text}");
    }
    assert!(is_sbom("\u{feff} {\"components\": [{}], \"bomFormat\": \"CycloneDX\"}".as_bytes()));
    let marked = "\u{feff}{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.2\"}";
    assert!(read(marked.as_bytes()).is_ok());
}

#[test]
fn nesting_and_numbers_are_bounded() {
    let nested = |depth: usize| {
        let open = r#"{"name": "x", "components": ["#.repeat(depth);
        format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{open}{}]}}"#, "]}".repeat(depth))
    };
    assert!(read(nested(30).as_bytes()).is_ok());
    assert!(refused(&nested(500)).contains("CycloneDX 1.5"));
    let many = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{}{{}}]}}"#,
        "{},".repeat(1_000_000)
    );
    assert!(refused(&many).contains("1000000 components"));
    let left = format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{}{{}}]}}"#,
        r#"{"name": "x"},"#.repeat(600)
    );
    let left = read(left.as_bytes()).unwrap().left_out;
    assert!(left.len() == 501 && left[500].starts_with("101 more"), "{:?}", left.last());
}
