//! Other scanners' results: what is read, what is passed over, and what both found.

use plimsoll_packages::{Ecosystem, OsRelease, Package};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::facts::{Coverage, Data, DatabaseState, Match, NotEvaluated, OwnedElsewhere, Reason, Vulnerability};

fn read_json(document: &Value) -> Result<Scan, AdvisoryError> {
    read("scan.json", document.to_string().as_bytes())
}

fn trivy() -> Value {
    let digest = "a".repeat(64);
    json!({
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.68.1"},
        "CreatedAt": "2025-06-01T10:00:00.5+02:00",
        "ArtifactName": "nginx:1.27",
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "debian", "Name": "12.5"},
            "ImageID": format!("sha256:{digest}"),
            "DiffIDs": ["sha256:ffff"],
            "RepoDigests": [format!("nginx@sha256:{}", "B".repeat(64))]
        },
        "Results": [
            {
                "Target": "nginx:1.27 (debian 12.5)", "Class": "os-pkgs", "Type": "debian",
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": "CVE-2024-0001", "VendorIDs": ["DSA-1-1"], "PkgName": "libssl3",
                        "PkgIdentifier": {
                            "PURL": "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.5", "UID": "x"
                        },
                        "InstalledVersion": "3.0.11-1", "FixedVersion": "3.0.13-1", "Status": "fixed",
                        "Severity": "HIGH", "Layer": {"DiffID": "sha256:ffff"}
                    },
                    {
                        "VulnerabilityID": "CVE-2024-0002", "PkgName": "bash", "InstalledVersion": "5.2-1",
                        "Status": "affected", "Severity": "UNKNOWN", "FixedVersion": null
                    }
                ]
            },
            {"Target": "Node.js", "Class": "lang-pkgs", "Type": "node-pkg", "Vulnerabilities": [
                {"VulnerabilityID": "GHSA-a", "PkgName": "@s/a", "PkgPath": "app/node_modules/@s/a/package.json",
                 "InstalledVersion": "1.0.0", "Severity": "LOW"}
            ]},
            {"Target": "usr/bin/app", "Class": "lang-pkgs", "Type": "gobinary", "Vulnerabilities": [
                {"VulnerabilityID": "CVE-2024-0003", "PkgName": "stdlib", "InstalledVersion": "v1.22.1",
                 "Severity": "CRITICAL"}
            ]},
            {"Target": "key.pem", "Class": "secret", "Secrets": [{"RuleID": "x"}, {"RuleID": "y"}]},
            {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [{"ID": "DS002"}]},
            {"Target": "clean", "Class": "lang-pkgs", "Vulnerabilities": null,
             "ExperimentalModifiedFindings": [{"Type": "vulnerability"}]}
        ]
    })
}

fn grype() -> Value {
    let digest = |c: &str| format!("sha256:{}", c.repeat(64));
    json!({
        "matches": [
            {
                "vulnerability": {
                    "id": "GHSA-a", "severity": "Negligible", "namespace": "github:language:go",
                    "fix": {"versions": ["1.2", "1.3"], "state": "fixed"}
                },
                "relatedVulnerabilities": [{"id": "CVE-2024-0001", "severity": "High"}],
                "matchDetails": [],
                "artifact": {
                    "id": "1", "name": "golang.org/x/net", "version": "v0.1.0", "type": "go-module",
                    "purl": "pkg:golang/golang.org/x/net@v0.1.0", "locations": [{"path": "/bin/app", "layerID": "x"}]
                }
            },
            {
                "vulnerability": {"id": "CVE-2024-0002", "severity": "Medium", "fix": {"versions": null, "state": "wont-fix"}},
                "relatedVulnerabilities": null,
                "artifact": {"name": "bash", "version": "5.2-1", "type": "deb", "purl": "", "locations": null}
            }
        ],
        "ignoredMatches": [{}],
        "source": {"type": "image", "target": {
            "userInput": "nginx:1.27", "imageID": digest("a"), "manifestDigest": digest("b"),
            "repoDigests": [format!("nginx@{}", digest("c")), "odd"]
        }},
        "distro": {"name": "debian", "version": "12"},
        "descriptor": {
            "name": "grype", "version": "0.90.0", "timestamp": "2025-06-01T10:00:00Z",
            "db": {"status": {"schemaVersion": "v6.0.2", "built": "2025-05-31T01:00:00Z", "valid": true}}
        }
    })
}

#[test]
fn trivy_s_findings_are_read() {
    let scan = read_json(&trivy()).unwrap();
    assert_eq!((scan.tool.as_str(), scan.version.as_deref()), ("Trivy", Some("0.68.1")));
    assert_eq!(scan.at.as_deref(), Some("2025-06-01T10:00:00.5+02:00"));
    assert_eq!((scan.artifact.as_deref(), scan.database.as_deref()), (Some("nginx:1.27"), None));
    assert_eq!(scan.digests, [format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64))]);
    assert_eq!(scan.findings.len(), 4);
    let first = &scan.findings[0];
    assert_eq!((first.id.as_str(), first.aliases.as_slice()), ("CVE-2024-0001", &["DSA-1-1".to_owned()][..]));
    assert_eq!((first.package.as_str(), first.version.as_str()), ("libssl3", "3.0.11-1"));
    assert_eq!(first.purl.as_deref(), Some("pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.5"));
    assert_eq!((first.fixed.as_deref(), first.severity, &first.path), (Some("3.0.13-1"), Word::High, &None));
    assert_eq!((&scan.findings[1].fixed, scan.findings[1].severity), (&None, Word::Unknown));
    assert_eq!(scan.findings[2].path.as_deref(), Some("app/node_modules/@s/a/package.json"));
    assert_eq!(scan.findings[3].path.as_deref(), Some("usr/bin/app"));
    assert_eq!(scan.problems.len(), 3, "{:?}", scan.problems);
    assert!(scan.problems[0].contains("secrets (2)") && scan.problems[1].contains("misconfigurations (1)"));
    assert!(scan.problems[2].contains("1 results that its own rules"));
}

#[test]
fn grype_s_findings_are_read() {
    let scan = read_json(&grype()).unwrap();
    assert_eq!((scan.tool.as_str(), scan.version.as_deref()), ("Grype", Some("0.90.0")));
    assert_eq!(scan.database.as_deref(), Some("2025-05-31T01:00:00Z"));
    assert_eq!((scan.at.as_deref(), scan.artifact.as_deref()), (Some("2025-06-01T10:00:00Z"), Some("nginx:1.27")));
    assert_eq!(scan.digests.len(), 3);
    let first = &scan.findings[0];
    assert_eq!((first.id.as_str(), first.aliases.as_slice()), ("GHSA-a", &["CVE-2024-0001".to_owned()][..]));
    assert_eq!((first.fixed.as_deref(), first.severity), (Some("1.2, 1.3"), Word::None));
    assert_eq!(first.path.as_deref(), Some("/bin/app"));
    assert_eq!((&scan.findings[1].fixed, &scan.findings[1].purl), (&None, &None));
    assert_eq!(scan.problems.len(), 1);
    let mut folder = grype();
    folder["source"] = json!({"type": "directory", "target": "/srv"});
    folder["descriptor"]["db"] = json!({"built": "2024-01-01T00:00:00Z", "schemaVersion": 5});
    let scan = read_json(&folder).unwrap();
    assert_eq!((scan.artifact.as_deref(), scan.database.as_deref()), (Some("/srv"), Some("2024-01-01T00:00:00Z")));
}

#[test]
fn only_results_look_like_some() {
    for document in [trivy(), grype()] {
        let text = document.to_string();
        assert!(is_scan(text.as_bytes()));
        assert!(is_scan(format!("\u{feff}{text}").as_bytes()));
        assert!(!is_scan(format!("[{text}]").as_bytes()));
        assert!(!crate::vex::is_vex(text.as_bytes()));
    }
    let mut clean = trivy();
    clean.as_object_mut().unwrap().remove("Results");
    assert_eq!(read_json(&clean).unwrap().findings.len(), 0, "an image in which nothing was found");
    let mut other = grype();
    other["descriptor"]["name"] = json!("other");
    for document in [
        other,
        json!({"SchemaVersion": 2, "ArtifactName": "x"}),
        json!({"SchemaVersion": 2, "ClusterName": "x", "Resources": []}),
        json!({"schemaVersion": 2, "config": {}, "layers": []}),
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6"}),
        json!({"matches": []}),
        json!([]),
    ] {
        assert!(!is_scan(document.to_string().as_bytes()), "{document}");
        assert!(read_json(&document).unwrap_err().to_string().contains("no result of Trivy or Grype"));
    }
}

#[test]
fn broken_results_are_refused_with_their_place() {
    let fails = |document: &Value, with: &str| {
        let error = read_json(document).unwrap_err().to_string();
        assert!(error.contains(with), "{error}");
    };
    let mut document = trivy();
    document["Results"][0]["Vulnerabilities"][1]["VulnerabilityID"] = json!("");
    fails(&document, "Results[0].Vulnerabilities[1]: a finding has no id");
    document["SchemaVersion"] = json!(3);
    fails(&document, "schema version 3");
    let mut document = grype();
    document["matches"][1]["vulnerability"]["id"] = Value::Null;
    fails(&document, "matches[1]: a finding has no id");
    let text = trivy().to_string();
    let error = read("scan.json", &text.as_bytes()[..text.len() - 2]).unwrap_err().to_string();
    assert!(error.contains("line 1, column"), "{error}");
    let many = format!(
        "{{\"SchemaVersion\":2,\"ArtifactName\":\"x\",\"Results\":[{{\"Vulnerabilities\":[{}{{\"VulnerabilityID\":\"C\"}}]}}]}}",
        "{\"VulnerabilityID\":\"C\"},".repeat(500_000)
    );
    assert!(read("scan.json", many.as_bytes()).unwrap_err().to_string().contains("more than 500000 findings"));
}

fn package(ecosystem: Ecosystem, name: &str, version: &str, purl: &str) -> Package {
    let mut package = Package::new(ecosystem, name.into(), version.into());
    package.purl = purl.into();
    package
}

/// libssl3 and openssl of one source, x/net in two programs, a Python package, one that was not evaluated, one that is
/// owned, one without a flaw.
fn inventory() -> Inventory {
    let mut ssl =
        package(Ecosystem::Deb, "libssl3", "1:3.0.11-1+b1", "pkg:deb/debian/libssl3@1:3.0.11-1%2Bb1?arch=amd64");
    ssl.source_name = Some("openssl".into());
    ssl.source_version = Some("3.0.11-1".into());
    let mut openssl = package(Ecosystem::Deb, "openssl", "1:3.0.11-1+b1", "pkg:deb/debian/openssl@1:3.0.11-1%2Bb1");
    openssl.source_name = Some("openssl".into());
    openssl.source_version = Some("3.0.11-1".into());
    let net = |location: &str| {
        let mut net = package(Ecosystem::Golang, "golang.org/x/net", "v0.1.0", "pkg:golang/golang.org/x/net@v0.1.0");
        net.location = location.into();
        net
    };
    Inventory {
        os: Some(OsRelease { id: "debian".into(), version_id: Some("12".into()), ..OsRelease::default() }),
        packages: vec![
            ssl,
            openssl,
            net("/bin/a"),
            net("/bin/b"),
            package(Ecosystem::Pypi, "Foo_Bar", "1.0", "pkg:pypi/foo-bar@1.0"),
            package(Ecosystem::Golang, "x.y/main", "(devel)", "pkg:golang/x.y/main"),
            package(Ecosystem::Pypi, "rpm", "4.14", "pkg:pypi/rpm@4.14"),
            package(Ecosystem::Deb, "clean", "1", "pkg:deb/debian/clean@1"),
            package(Ecosystem::Gem, "rake", "1", "pkg:gem/rake@1"),
        ],
        ..Inventory::default()
    }
}

fn facts() -> VulnerabilityFacts {
    let flaw = |id: &str, aliases: &[&str]| Vulnerability {
        id: id.into(),
        aliases: aliases.iter().map(|&id| id.to_owned()).collect(),
        ..Vulnerability::default()
    };
    let found = |vulnerability, package| Match { vulnerability, package, ..Match::default() };
    let covers = |ecosystem: &str, data| Coverage { ecosystem: ecosystem.into(), data, ..Coverage::default() };
    let mut matches = vec![found(0, 0), found(0, 1), found(1, 2), found(1, 3), found(2, 4)];
    matches[4].reasons = vec![Reason { record: "PYSEC-1".into(), ..Reason::default() }];
    VulnerabilityFacts {
        database: Some(DatabaseState::default()),
        vulnerabilities: vec![flaw("CVE-1", &["DSA-1"]), flaw("CVE-2", &["GHSA-2"]), flaw("CVE-3", &[])],
        matches,
        coverage: vec![
            covers("Debian:12", Data::WithUnfixed),
            covers("PyPI", Data::FixedOnly),
            covers("Go", Data::WithUnfixed),
        ],
        not_evaluated: vec![NotEvaluated { package: 5, reason: "its version (devel) is no version".into() }],
        owned: vec![OwnedElsewhere { package: 6, owner: "python3-rpm".into() }],
        ..VulnerabilityFacts::default()
    }
}

fn finding(id: &str, package: &str, version: &str, purl: Option<&str>) -> ScanFinding {
    ScanFinding {
        id: id.into(),
        aliases: Vec::new(),
        package: package.into(),
        version: version.into(),
        purl: purl.map(str::to_owned),
        fixed: Some("9".into()),
        severity: Word::High,
        path: None,
    }
}

fn scan(findings: Vec<ScanFinding>) -> Scan {
    Scan { tool: "Trivy".into(), findings, ..Scan::default() }
}

fn pairs(findings: Vec<ScanFinding>) -> Vec<(u32, u32)> {
    let both = compare(&inventory(), &facts(), &scan(findings)).both;
    both.iter().map(|pair| (pair.ours.unwrap(), pair.theirs.unwrap())).collect()
}

#[test]
fn a_pair_has_an_id_and_the_package_in_common() {
    let purl = Some("pkg:deb/debian/libssl3@3.0.11-1%2Bb1?arch=amd64&distro=debian-12.5&epoch=1");
    assert_eq!(pairs(vec![finding("cve-1", "libssl3", "3.0.11-1+b1", purl)]), [(0, 0)]);
    assert_eq!(pairs(vec![finding("DSA-1", "libssl3", "1:3.0.11-1+b1", None)]), [(0, 0)]);
    let mut by_alias = finding("GHSA-x", "libssl3", "3.0.11-1+b1", None);
    by_alias.aliases = vec!["CVE-1".into()];
    assert_eq!(pairs(vec![by_alias]), [(0, 0)]);
    // By the id of a record, and by a name in the registry's normal form.
    assert_eq!(pairs(vec![finding("PYSEC-1", "foo.bar", "1.0", Some("pkg:pypi/foo-bar@1.0"))]), [(4, 0)]);
    for other in [
        finding("CVE-9", "libssl3", "3.0.11-1+b1", None),
        finding("CVE-1", "libssl1.1", "3.0.11-1+b1", None),
        finding("CVE-1", "libssl3", "3.0.12-1", None),
        finding("CVE-1", "libssl3", "3.0.11-1+b1", Some("pkg:npm/libssl3@3.0.11-1")),
    ] {
        assert_eq!(pairs(vec![other]), []);
    }
}

#[test]
fn a_source_that_is_reported_once_stands_beside_all_its_packages() {
    assert_eq!(pairs(vec![finding("CVE-1", "openssl", "3.0.11-1", None)]), [(0, 0), (1, 0)]);
    // Where the installed packages are named too, each has its own.
    let both =
        vec![finding("CVE-1", "openssl", "1:3.0.11-1+b1", None), finding("CVE-1", "libssl3", "1:3.0.11-1+b1", None)];
    assert_eq!(pairs(both), [(0, 1), (1, 0)]);
}

#[test]
fn copies_are_told_apart_by_place_and_what_is_reported_twice_counts_as_found() {
    let at =
        |path: &str| ScanFinding { path: Some(path.into()), ..finding("GHSA-2", "golang.org/x/net", "0.1.0", None) };
    assert_eq!(pairs(vec![at("bin/b"), at("/bin/a")]), [(2, 1), (3, 0)]);
    assert_eq!(pairs(vec![at("x"), at("y")]), [(2, 0), (3, 1)]);
    assert_eq!(pairs(vec![at("/bin/a"), at("/bin/b"), at("/bin/a")]), [(2, 0), (2, 2), (3, 1)]);
    let twice = vec![finding("CVE-3", "Foo_Bar", "1.0", None), finding("PYSEC-1", "foo-bar", "1.0", None)];
    assert_eq!(pairs(twice).len(), 2, "one match, two findings");
}

#[test]
fn one_sentence_says_why_we_do_not_have_it() {
    let why = |finding: ScanFinding| {
        let comparison = compare(&inventory(), &facts(), &scan(vec![finding]));
        assert_eq!((comparison.both.len(), comparison.only_theirs.len()), (0, 1));
        comparison.only_theirs[0].why.clone().unwrap()
    };
    for (finding, says) in [
        (finding("CVE-9", "absent", "1", None), "The inventory holds no package absent."),
        (finding("CVE-9", "clean", "1", Some("pkg:npm/clean@1")), "holds no package clean"),
        (finding("CVE-9", "clean", "2", None), "holds clean in version 1, and they report version 2"),
        (finding("CVE-9", "x.y/main", "(devel)", None), "not evaluated here: its version (devel) is no version."),
        (finding("CVE-9", "rpm", "4.14", None), "whose package python3-rpm owns it"),
        (finding("CVE-9", "rake", "1", None), "no data on RubyGems"),
        (finding("CVE-9", "clean", "1", None), "not in the database, or its range does not include clean 1"),
        (finding("CVE-1", "clean", "1", None), "found here in other packages"),
        (ScanFinding { fixed: None, ..finding("CVE-9", "foo-bar", "1.0", None) }, "only flaws that have been fixed"),
    ] {
        let sentence = why(finding);
        assert!(sentence.contains(says) && sentence.ends_with('.'), "{sentence}");
    }
    let none = VulnerabilityFacts { problem: Some("There is no database".into()), ..VulnerabilityFacts::default() };
    let comparison = compare(&inventory(), &none, &scan(vec![finding("CVE-1", "clean", "1", None)]));
    assert_eq!(comparison.only_theirs[0].why.as_deref(), Some("Nothing was matched here: There is no database."));
}

#[test]
fn one_sentence_says_why_they_do_not_have_it() {
    let why = |finding: ScanFinding, at: usize| {
        let only = compare(&inventory(), &facts(), &scan(vec![finding])).only_ours;
        only.into_iter().find(|one| one.ours == u32::try_from(at).ok()).unwrap().why.unwrap()
    };
    assert!(why(finding("CVE-9", "libssl3", "3.0.11-1+b1", None), 0).contains("the package, but not this flaw"));
    assert!(
        why(finding("CVE-9", "libssl3", "2", None), 0).contains("in version 2, and here it is version 1:3.0.11-1+b1")
    );
    assert!(why(finding("CVE-1", "other", "2", None), 0).contains("this flaw, but in other packages only"));
    assert!(why(finding("CVE-9", "other", "2", None), 0).contains("Trivy reports nothing on this package"));
}

fn arbitrary_finding() -> impl Strategy<Value = ScanFinding> {
    let ids = prop::sample::select(vec!["CVE-1", "cve-2", "GHSA-2", "CVE-3", "PYSEC-1", "CVE-9", ""]);
    let names =
        prop::sample::select(vec!["libssl3", "openssl", "golang.org/x/net", "Foo.Bar", "clean", "rpm", "x", ""]);
    let versions = prop::sample::select(vec!["3.0.11-1", "1:3.0.11-1+b1", "0.1.0", "v0.1.0", "1.0", "1", ":", ""]);
    let purls = prop::sample::select(vec![None, Some("pkg:deb/debian/libssl3@3"), Some("pkg:npm/x"), Some("é")]);
    let paths = prop::sample::select(vec![None, Some("/bin/a"), Some("bin/b")]);
    (ids, ids_of(), names, versions, purls, paths).prop_map(|(id, alias, name, version, purl, path)| ScanFinding {
        aliases: vec![alias.to_owned()],
        path: path.map(str::to_owned),
        ..finding(id, name, version, purl)
    })
}

fn ids_of() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["CVE-1", "CVE-2", "X", ""])
}

proptest! {
    #[test]
    fn each_of_ours_and_each_of_theirs_is_in_exactly_one_list(
        findings in prop::collection::vec(arbitrary_finding(), 0..20),
        more in prop::collection::vec((0..4_u32, 0..12_u32), 0..6),
    ) {
        let mut facts = facts();
        facts.matches.extend(more.into_iter().map(|(vulnerability, package)| Match { vulnerability, package, ..Match::default() }));
        let scan = scan(findings);
        let comparison = compare(&inventory(), &facts, &scan);
        for pair in &comparison.both {
            prop_assert!(pair.ours.is_some() && pair.theirs.is_some() && pair.why.is_none());
        }
        let sorted = |list: &[Compared], of: fn(&Compared) -> Option<u32>| {
            let mut all: Vec<u32> = list.iter().filter_map(of).collect();
            all.sort_unstable();
            all
        };
        let mut ours = sorted(&comparison.both, |pair| pair.ours);
        ours.dedup();
        ours.extend(sorted(&comparison.only_ours, |one| one.ours));
        ours.sort_unstable();
        prop_assert_eq!(ours, (0..u32::try_from(facts.matches.len()).unwrap()).collect::<Vec<_>>());
        let mut theirs = sorted(&comparison.both, |pair| pair.theirs);
        theirs.dedup();
        theirs.extend(sorted(&comparison.only_theirs, |one| one.theirs));
        theirs.sort_unstable();
        prop_assert_eq!(theirs, (0..u32::try_from(scan.findings.len()).unwrap()).collect::<Vec<_>>());
        for one in comparison.only_ours.iter().chain(&comparison.only_theirs) {
            prop_assert!(one.why.as_ref().is_some_and(|why| why.ends_with('.')));
            prop_assert!(one.ours.is_some() != one.theirs.is_some());
        }
        let mut pairs: Vec<_> = comparison.both.iter().map(|pair| (pair.ours, pair.theirs)).collect();
        pairs.dedup();
        prop_assert_eq!(pairs.len(), comparison.both.len());
    }

    #[test]
    fn no_mutated_results_make_it_panic(
        is_trivy in any::<bool>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let text = if is_trivy { trivy() } else { grype() }.to_string();
        let mut bytes = text.into_bytes();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = is_scan(&bytes);
        for read in [read, trivy::read, grype::read] {
            if let Ok(scan) = read("x", &bytes) {
                let _ = compare(&inventory(), &facts(), &scan);
            }
        }
    }
}
