//! Advisory data, VEX documents, scanners' results, bills of materials and versions from edited files.

use bolero::check;
use plimsoll_advisories::import::{Sink, find, formats};
use plimsoll_advisories::matching::About;
use plimsoll_advisories::versions::{Scheme, compare};
use plimsoll_advisories::{AdvisoryError, Record, rating, scans, vex};

use crate::bounded;
use crate::mutate::{Recipe, TEXT};

/// One small document of each form.
fn documents() -> Vec<Vec<u8>> {
    [
        r#"{"schema_version":"1.6.0","id":"GHSA-aaaa-bbbb-cccc","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2099-0001"],"affected":[{"package":{"ecosystem":"PyPI","name":"Jinja2"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.11.3"}]}],"versions":["2.0"]}],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}"#,
        "id: PYSEC-2099-1\nmodified: 2026-01-01T00:00:00Z\naffected:\n- package:\n    ecosystem: PyPI\n    name: x\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: '0'\n    - fixed: '1'\n",
        r#"{"openssl":{"CVE-2099-0001":{"scope":"remote","description":"x","releases":{"bookworm":{"status":"resolved","fixed_version":"3.0-1","urgency":"low","repositories":{}}}}}}"#,
        "[29 Mar 2026] DSA-9999-1 xorg-server - security update\n\t{CVE-2099-0001 CVE-2099-0002}\n\t[bookworm] - xorg-server 2:21.1-1\n",
        r#"{"distroversion":"v3.19","reponame":"main","urlprefix":"x","apkurl":"x","archs":[],"packages":[{"pkg":{"name":"curl","secfixes":{"8.4.0-r0":["CVE-2099-0001 GHSA-aaaa-bbbb-cccc"],"0":["CVE-2099-0002"]}}}]}"#,
        "```toml\n[advisory]\nid = \"RUSTSEC-2099-0001\"\npackage = \"x\"\ndate = \"2026-01-01\"\naliases = [\"CVE-2099-0001\"]\n\n[versions]\npatched = [\">= 1.2.3\"]\nunaffected = [\"< 0.3\"]\n```\n\n# A title\n\nText.\n",
        r#"{"title":"x","catalogVersion":"2099.01.02","dateReleased":"2099-01-02T10:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2099-0001","dateAdded":"2099-01-01","dueDate":"2099-02-01","knownRansomwareCampaignUse":"Known"}]}"#,
        "#model_version:v2025.03.14,score_date:2099-01-01T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0001,0.5,0.9\n",
        r#"<?xml version="1.0"?><oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><generator><timestamp>2026-01-01T00:00:00</timestamp></generator><definitions><definition id="oval:org.debian:def:1" class="vulnerability"><metadata><title>CVE-2099-0001 x</title><affected family="unix"><platform>Debian GNU/Linux 12</platform></affected><reference source="CVE" ref_id="CVE-2099-0001"/></metadata><criteria operator="AND"><criterion test_ref="oval:org.debian:tst:1" comment="x DPKG is earlier than 1-1"/></criteria></definition></definitions><tests/><objects/><states/></oval_definitions>"#,
        r#"{"resultsPerPage":1,"startIndex":0,"totalResults":1,"format":"NVD_CVE","version":"2.0","vulnerabilities":[{"cve":{"id":"CVE-2099-0001","vulnStatus":"Analyzed","descriptions":[{"lang":"en","value":"x"}],"metrics":{"cvssMetricV31":[{"source":"nvd@nist.gov","type":"Primary","cvssData":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}}]}}}]}"#,
        r#"{"document":{"category":"csaf_vex","csaf_version":"2.0","title":"x","publisher":{"name":"Red Hat Product Security"},"tracking":{"id":"CVE-2099-0001","current_release_date":"2026-01-01T00:00:00Z"}},"product_tree":{"branches":[]},"vulnerabilities":[{"cve":"CVE-2099-0001","product_status":{"known_affected":["a:b"]}}]}"#,
        r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"x","timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2099-0001"},"products":[{"@id":"pkg:oci/x","subcomponents":[{"@id":"pkg:deb/debian/x@1"}]}],"status":"not_affected","justification":"component_not_present"}]}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"component":{"type":"container","name":"x","bom-ref":"r"}},"components":[{"type":"library","name":"x","version":"1","bom-ref":"a","purl":"pkg:deb/debian/x@1?arch=amd64&distro=debian-12"}],"vulnerabilities":[{"id":"CVE-2099-0001","analysis":{"state":"not_affected","justification":"code_not_present"},"affects":[{"ref":"a"}]}]}"#,
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"x","documentNamespace":"https://x","packages":[{"SPDXID":"SPDXRef-a","name":"x","versionInfo":"1","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:pypi/x@1"}]}]}"#,
        r#"{"SchemaVersion":2,"ArtifactName":"x","ArtifactType":"container_image","Results":[{"Target":"x","Class":"os-pkgs","Type":"debian","Vulnerabilities":[{"VulnerabilityID":"CVE-2099-0001","PkgName":"x","InstalledVersion":"1","FixedVersion":"2","Severity":"HIGH","PkgIdentifier":{"PURL":"pkg:deb/debian/x@1"}}]}]}"#,
        r#"{"matches":[{"vulnerability":{"id":"CVE-2099-0001","severity":"High","fix":{"versions":["2"],"state":"fixed"}},"relatedVulnerabilities":[],"artifact":{"name":"x","version":"1","type":"deb","purl":"pkg:deb/debian/x@1","locations":[{"path":"/x"}]}}],"source":{"type":"image","target":{"userInput":"x"}},"descriptor":{"name":"grype","version":"0.9"}}"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

const WORDS: &[&str] = &[
    "CVE-2099-0001",
    "<unfixed>",
    "\"0\"",
    "introduced",
    "withdrawn",
    "pkg:deb/debian/x@1",
    "[[[[[[[[",
    "{\"a\":",
    "\\u0000",
    "1e999",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "&a;",
    "- &a [*a, *a]",
];

/// Names under which documents lie.
const NAMES: [&str; 6] =
    ["all/GHSA-aaaa-bbbb-cccc.json", "vulns/x.yaml", "x.xml", "crates/x/RUSTSEC-2099-0001.md", "DSA/list", "epss.csv"];

#[derive(Default)]
struct Taken {
    records: Vec<Record>,
    abouts: usize,
}

impl Sink for Taken {
    fn record(&mut self, record: Record) -> Result<(), AdvisoryError> {
        self.records.push(record);
        Ok(())
    }

    fn about(&mut self, _about: About) -> Result<(), AdvisoryError> {
        self.abouts += 1;
        Ok(())
    }

    fn covers(&mut self, _ecosystem: &str, _with_unfixed: bool) -> Result<(), AdvisoryError> {
        Ok(())
    }

    fn snapshot(&mut self, _snapshot: &str) {}
}

#[test]
fn advisory_data() {
    let seeds = documents();
    check!().with_iterations(1500).with_type::<Recipe>().for_each(|recipe| {
        let bytes = recipe.make(&seeds, WORDS, TEXT);
        let name = NAMES[usize::from(recipe.variant) % NAMES.len()];
        let head = &bytes[..bytes.len().min(4096)];
        let _ = find(name, head);
        // Whatever it looks like, each reader must stand it.
        for format in formats() {
            let mut taken = Taken::default();
            if let Err(error) = format.read("a file", name, &bytes, &mut taken) {
                assert!(!error.to_string().is_empty());
            }
            bounded(format.name(), &taken.records, bytes.len());
        }
    });
}

#[test]
fn statements_results_and_bills() {
    let seeds = documents();
    check!().with_iterations(1500).with_type::<Recipe>().for_each(|recipe| {
        let bytes = recipe.make(&seeds, WORDS, TEXT);
        if let Ok(statements) = vex::read("a file", &bytes) {
            bounded("vex", &statements, bytes.len());
        }
        if let Ok(scan) = scans::read("a file", &bytes) {
            bounded("scan", &scan, bytes.len());
        }
        if let Ok(bill) = plimsoll_sbom::read(&bytes) {
            let again = plimsoll_sbom::read(&bytes).unwrap();
            assert_eq!(bill, again);
            bounded("bill", &bill, bytes.len());
        }
    });
}

#[test]
fn versions_and_vectors() {
    const SCHEMES: [Scheme; 10] = [
        Scheme::Deb,
        Scheme::Rpm,
        Scheme::Apk,
        Scheme::Semver,
        Scheme::Go,
        Scheme::Pep440,
        Scheme::Maven,
        Scheme::Gem,
        Scheme::Packagist,
        Scheme::Nuget,
    ];
    let seeds: Vec<Vec<u8>> = [
        "1:2.30-4+b7\n1:2.30-4",
        "1.2.3_rc4-r5\n1.2.3-r0",
        "v1.2.3-0.20240101000000-abcdef123456\ngo1.22rc1",
        "1!2.0.post3.dev4+local\n2.0a1",
        "1.0-alpha-1\n1.0-SNAPSHOT",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\nAV:N/AC:L/Au:N/C:P/I:P/A:P",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    check!().with_iterations(3000).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, &["~", "^", ":", "-r", ".", "999999999999999999999", "~~"]);
        let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
        for scheme in SCHEMES {
            assert_eq!(compare(scheme, a, b), compare(scheme, b, a).map(std::cmp::Ordering::reverse), "{scheme:?}");
        }
        if let Some((score, _)) = rating::score(a) {
            assert!(score <= 100);
        }
    });
}
