//! VEX documents of every format, valid and not.

mod csaf_tests;

use csaf_tests::csaf;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read_json(document: &Value) -> Result<Vec<Statement>, AdvisoryError> {
    read("vex.json", document.to_string().as_bytes())
}

fn fails(document: &Value, with: &str) {
    let error = read_json(document).unwrap_err().to_string();
    assert!(error.contains(with), "{error}");
}

fn openvex() -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://example.org/vex/1",
        "author": "Example Org",
        "timestamp": "2025-01-01T00:00:00Z",
        "version": 1,
        "statements": [
            {
                "vulnerability": {"@id": "https://x/CVE-2024-0001", "name": "CVE-2024-0001", "aliases": ["GHSA-x"]},
                "products": [{
                    "@id": "pkg:oci/shop?repository_url=ghcr.io/example/shop",
                    "identifiers": {"purl": "pkg:oci/shop", "cpe23": "cpe:2.3:a:example:shop:1:*:*:*:*:*:*:*"},
                    "hashes": {"sha-256": "ABCD"},
                    "subcomponents": [
                        {"@id": "pkg:deb/debian/zlib1g@1"},
                        {"@id": "urn:x", "identifiers": {"purl": "pkg:npm/a@1"}}
                    ]
                }],
                "status": "not_affected",
                "justification": "vulnerable_code_not_in_execute_path",
                "impact_statement": "It is never called."
            },
            {
                "vulnerability": {"name": "CVE-2024-0002"},
                "timestamp": "2025-02-01T00:00:00Z",
                "status": "affected",
                "action_statement": "Update."
            },
            {"vulnerability": {"name": "CVE-2024-0003"}, "status": "fixed"},
            {"vulnerability": {"name": "CVE-2024-0004"}, "status": "under_investigation"}
        ]
    })
}

#[test]
fn openvex_statements_are_read_with_what_they_inherit() {
    let read = read_json(&openvex()).unwrap();
    let first = &read[0];
    assert_eq!(first.document, "https://example.org/vex/1");
    assert_eq!(first.format, "OpenVEX 0.2.0");
    assert_eq!(first.author, "Example Org");
    assert_eq!(first.at, "2025-01-01T00:00:00Z");
    assert_eq!((first.vulnerability.as_str(), first.aliases.as_slice()), ("CVE-2024-0001", &["GHSA-x".to_owned()][..]));
    assert_eq!(first.status, Status::NotAffected);
    assert_eq!(first.justification.as_deref(), Some("vulnerable_code_not_in_execute_path"));
    assert_eq!(first.impact.as_deref(), Some("It is never called."));
    let product = &first.products[0];
    assert_eq!(product.id, "pkg:oci/shop?repository_url=ghcr.io/example/shop");
    assert!(product.identifiers.contains(&"sha256:abcd".to_owned()));
    assert!(product.identifiers.contains(&"pkg:oci/shop".to_owned()));
    assert_eq!(product.subcomponents, ["pkg:deb/debian/zlib1g@1", "pkg:npm/a@1"]);
    assert_eq!(read[1].at, "2025-02-01T00:00:00Z");
    assert_eq!(read[1].action.as_deref(), Some("Update."));
    let status: Vec<Status> = read.iter().map(|statement| statement.status).collect();
    assert_eq!(status, [Status::NotAffected, Status::Affected, Status::Fixed, Status::UnderInvestigation]);
    assert!(read[3].products.is_empty());
}

#[test]
fn the_first_openvex_wrote_plain_texts() {
    let read = read_json(&json!({
        "@context": "https://openvex.dev/ns",
        "@id": "a",
        "author": "b",
        "timestamp": "2023-01-08T18:02:03.647787998-06:00",
        "products": ["pkg:oci/inherited"],
        "statements": [
            {
                "vulnerability": "CVE-2023-1",
                "products": ["pkg:oci/git"],
                "subcomponents": ["pkg:apk/alpine/git@2"],
                "status": "fixed"
            },
            {"vulnerability": "CVE-2023-2", "status": "fixed"}
        ]
    }))
    .unwrap();
    assert_eq!(read[0].format, "OpenVEX");
    assert_eq!(read[0].vulnerability, "CVE-2023-1");
    assert_eq!(read[0].products[0].subcomponents, ["pkg:apk/alpine/git@2"]);
    assert_eq!(read[1].products[0].id, "pkg:oci/inherited");
}

#[test]
fn an_invalid_openvex_statement_refuses_the_document_and_is_named() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = openvex();
        change(&mut document);
        document
    };
    let at = "statement 1 (CVE-2024-0001)";
    fails(
        &with(&|d| {
            let first = d["statements"][0].as_object_mut().unwrap();
            first.remove("justification");
            first.remove("impact_statement");
        }),
        at,
    );
    fails(&with(&|d| d["statements"][0]["justification"] = json!("because")), "“because” is none that is known");
    fails(&with(&|d| d["statements"][0]["status"] = json!("fine")), at);
    fails(&with(&|d| d["statements"][0]["timestamp"] = json!("soon")), "“soon” is no point in time");
    fails(&with(&|d| d["statements"][0]["products"][0] = json!({})), "no identifier");
    fails(&with(&|d| d["statements"][1]["vulnerability"] = json!({"name": " "})), "names no vulnerability");
    fails(&with(&|d| d["statements"] = json!([])), "says no statement");
    fails(&with(&|d| d["@context"] = json!("https://openvex.dev/ns/v1.0.0")), "OpenVEX 1.0.0");
    fails(&with(&|d| d["author"] = json!("x".repeat(5000))), "longer than 4096 bytes");
    fails(&with(&|d| d["statements"][0]["status"] = json!(["affected"])), "line 1, column");
    // An impact statement alone is a reason.
    assert!(read_json(&with(&|d| drop(d["statements"][0].as_object_mut().unwrap().remove("justification")))).is_ok());
}

#[test]
fn there_are_no_more_statements_than_the_bound() {
    let mut document = openvex();
    document["statements"] = vec![json!({"vulnerability": "CVE-1", "status": "fixed"}); 100_001].into();
    fails(&document, "more than 100000 statements");
    // What is inherited by each is counted.
    document["statements"].as_array_mut().unwrap().truncate(90_000);
    document["products"] = vec![json!("x".repeat(4000)); 4].into();
    fails(&document, "more than 256 MiB");
}

fn cyclonedx() -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {
            "timestamp": "2025-03-01T00:00:00Z",
            "authors": [{"name": "A"}, {"name": "B"}],
            "component": {
                "type": "container", "bom-ref": "root", "name": "ghcr.io/example/shop:2",
                "purl": "pkg:oci/shop@sha256%3Aaa?repository_url=ghcr.io/example/shop"
            }
        },
        "components": [
            {"type": "library", "bom-ref": "z", "name": "zlib1g", "version": "1", "purl": "pkg:deb/debian/zlib1g@1"},
            {"type": "library", "bom-ref": "bare", "name": "bare", "version": "1"},
            {"type": "application", "bom-ref": "outer", "name": "o", "components": [
                {"type": "library", "bom-ref": "inner", "name": "i", "purl": "pkg:npm/i@1"}
            ]}
        ],
        "vulnerabilities": [
            {
                "id": "CVE-2024-0001",
                "references": [{"id": "GHSA-x", "source": {"name": "GitHub"}}],
                "analysis": {
                    "state": "not_affected", "justification": "code_not_reachable", "detail": "Never called.",
                    "response": ["will_not_fix", "update"], "lastUpdated": "2025-04-01T00:00:00Z"
                },
                "affects": [{"ref": "z"}, {"ref": "inner"}]
            },
            {"id": "CVE-2024-0002", "analysis": {"state": "false_positive"}, "affects": [{"ref": "root"}]},
            {"id": "CVE-2024-0003", "analysis": {"state": "resolved_with_pedigree"}, "affects": [{"ref": "bare"}]},
            {"id": "CVE-2024-0004", "analysis": {"state": "exploitable"}, "recommendation": "Update."},
            {"id": "CVE-2024-0005", "analysis": {"state": "in_triage"}, "affects": [{"ref": "dangling"}]},
            {"id": "CVE-2024-0006", "affects": [{"ref": "z"}]}
        ]
    })
}

#[test]
fn cyclonedx_analyses_are_statements() {
    let read = read_json(&cyclonedx()).unwrap();
    assert_eq!(read.len(), 5, "what is not analysed is no statement");
    let first = &read[0];
    assert_eq!(first.document, "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79");
    assert_eq!((first.format.as_str(), first.author.as_str()), ("CycloneDX 1.6", "A, B"));
    assert_eq!(first.at, "2025-04-01T00:00:00Z");
    assert_eq!(first.aliases, ["GHSA-x"]);
    assert_eq!(first.justification.as_deref(), Some("code_not_reachable"));
    assert_eq!(first.action.as_deref(), Some("will_not_fix, update"));
    let image = "pkg:oci/shop@sha256%3Aaa?repository_url=ghcr.io/example/shop";
    assert_eq!(first.products[0].id, image);
    assert_eq!(first.products[0].subcomponents, ["pkg:deb/debian/zlib1g@1"]);
    assert_eq!(first.products[1].subcomponents, ["pkg:npm/i@1"]);
    assert_eq!((read[1].status, read[1].justification.as_deref()), (Status::NotAffected, Some("false_positive")));
    assert_eq!((read[1].products[0].id.as_str(), read[1].products[0].subcomponents.len()), (image, 0));
    assert_eq!(read[2].status, Status::Fixed);
    assert_eq!(read[2].products[0].subcomponents, ["component: bare 1"]);
    assert_eq!((read[3].status, read[3].action.as_deref()), (Status::Affected, Some("Update.")));
    assert_eq!(read[3].products[0].id, image, "without a list it is the product as a whole");
    assert_eq!(read[4].status, Status::UnderInvestigation);
    assert_eq!(read[4].products[0].subcomponents, ["bom-ref: dangling"]);
    assert!(!read[0].products[0].root);
}

#[test]
fn references_of_cyclonedx_are_resolved() {
    let of = |reference: &str, change: &dyn Fn(&mut Value)| {
        let mut document = cyclonedx();
        document["vulnerabilities"] = json!([{
            "id": "CVE-1", "analysis": {"state": "in_triage"}, "affects": [{"ref": reference}]
        }]);
        document["metadata"].as_object_mut().unwrap().remove("component");
        change(&mut document);
        read_json(&document).map(|read| read[0].products.clone())
    };
    let id = |reference: &str| of(reference, &|_| ()).unwrap()[0].id.clone();
    assert_eq!(id("z"), "pkg:deb/debian/zlib1g@1");
    assert_eq!(id("pkg:npm/a@1?package-id=1"), "pkg:npm/a@1?package-id=1");
    assert_eq!(id("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#z"), "pkg:deb/debian/zlib1g@1");
    assert_eq!(id("urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg:npm/b@2"), "pkg:npm/b@2");
    assert_eq!(id("urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Anpm%2Fb%402"), "pkg:npm/b@2");
    assert_eq!(
        id("urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#z"),
        "bom-ref: urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#z"
    );
    let twice = of("z", &|document| {
        let copy = document["components"][0].clone();
        document["components"].as_array_mut().unwrap().push(copy);
    });
    assert!(twice.unwrap_err().to_string().contains("two components have the bom-ref “z”"));
    let application = of("z", &|document| {
        document["metadata"]["component"] = json!({"type": "application", "name": "shop", "version": "1.2"});
    })
    .unwrap();
    assert!(application[0].root);
    assert_eq!(application[0].id, "shop:1.2");
    assert_eq!(application[0].subcomponents, ["pkg:deb/debian/zlib1g@1"]);
    let syft = of("z", &|document| {
        let version = format!("sha256:{}", "a".repeat(64));
        document["metadata"]["component"] = json!({"type": "container", "name": "nginx:1.27", "version": version});
    })
    .unwrap();
    assert_eq!(syft[0].id, "nginx:1.27");
    assert_eq!(syft[0].identifiers, [format!("sha256:{}", "a".repeat(64))]);
}

#[test]
fn versions_of_cyclonedx_are_statements_of_their_own() {
    let mut document = cyclonedx();
    document["metadata"].as_object_mut().unwrap().remove("component");
    document["vulnerabilities"] = json!([{
        "id": "CVE-1",
        "analysis": {"state": "exploitable"},
        "affects": [{"ref": "z", "versions": [
            {"version": "1"},
            {"range": "vers:deb/>=2|<3", "status": "affected"},
            {"version": "4", "status": "unaffected"},
            {"version": "5", "status": "unknown"}
        ]}]
    }]);
    let read = read_json(&document).unwrap();
    let told: Vec<(Status, &str, &[String])> = read
        .iter()
        .map(|statement| {
            let product = &statement.products[0];
            (statement.status, product.id.as_str(), product.versions.as_slice())
        })
        .collect();
    let id = "pkg:deb/debian/zlib1g";
    assert_eq!(told[0], (Status::Affected, id, &["1".to_owned(), "vers:deb/>=2|<3".to_owned()][..]));
    assert_eq!(told[1], (Status::NotAffected, id, &["4".to_owned()][..]));
    assert_eq!(told[2], (Status::UnderInvestigation, id, &["5".to_owned()][..]));
    // The analysis gives the reason where it says the same; a single response is a list of one.
    let analysis = json!({"state": "not_affected", "justification": "code_not_present", "response": "update"});
    document["vulnerabilities"][0]["analysis"] = analysis;
    let again = read_json(&document).unwrap();
    assert_eq!((again[1].status, again[1].justification.as_deref()), (Status::NotAffected, Some("code_not_present")));
    assert_eq!(again[1].action.as_deref(), Some("update"));
    document["vulnerabilities"][0]["affects"][0]["versions"][0]["status"] = json!("maybe");
    fails(&document, "“maybe” of a version");
    document["vulnerabilities"][0]["affects"][0]["versions"][0] = json!({});
    fails(&document, "neither version nor range");
}

#[test]
fn an_invalid_analysis_refuses_the_document() {
    let with = |analysis: Value| {
        let mut document = cyclonedx();
        document["vulnerabilities"][0]["analysis"] = analysis;
        document
    };
    fails(&with(json!({"state": "not_affected"})), "vulnerabilities[0] (CVE-2024-0001)");
    fails(&with(json!({"state": "fine"})), "state “fine”");
    fails(&with(json!({"state": "not_affected", "justification": "x"})), "justification “x”");
    let mut old = cyclonedx();
    old["specVersion"] = json!("1.3");
    fails(&old, "CycloneDX 1.3");
    for version in ["1.4", "1.5", "1.7"] {
        old["specVersion"] = json!(version);
        assert_eq!(read_json(&old).unwrap()[0].format, format!("CycloneDX {version}"));
    }
}

#[test]
fn only_vex_documents_look_like_some() {
    for document in [openvex(), cyclonedx(), csaf()] {
        let text = document.to_string();
        assert!(is_vex(text.as_bytes()));
        assert!(is_vex(format!("\u{feff}\n {text}").as_bytes()));
        assert!(!is_vex(format!("[{text}]").as_bytes()));
    }
    let mut bom = cyclonedx();
    bom["vulnerabilities"] = json!([{"id": "CVE-1", "affects": [{"ref": "z"}]}]);
    assert!(!is_vex(bom.to_string().as_bytes()), "nothing in it is analysed");
    bom.as_object_mut().unwrap().remove("vulnerabilities");
    assert!(!is_vex(bom.to_string().as_bytes()));
    let mut advisory = csaf();
    advisory["document"]["category"] = json!("csaf_security_advisory");
    for other in [advisory, json!({"SchemaVersion": 2, "Results": []}), json!({"matches": []}), json!({}), json!(1)] {
        assert!(!is_vex(other.to_string().as_bytes()));
        assert!(read_json(&other).unwrap_err().to_string().contains("no OpenVEX"));
    }
    for text in ["", "{", "\0", "{\"@context\":\"https://openvex.dev/nsx\",\"statements\":[]}"] {
        assert!(!is_vex(text.as_bytes()));
    }
}

#[test]
fn a_truncated_document_is_still_known_for_what_it_is() {
    let text = openvex().to_string();
    let cut = &text.as_bytes()[..text.len() - 3];
    assert!(is_vex(cut));
    assert!(read("vex.json", cut).unwrap_err().to_string().contains("vex.json cannot be imported: line 1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_mutated_document_makes_it_panic(
        which in 0..3_usize,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let text = [openvex(), cyclonedx(), csaf()][which].to_string();
        let mut bytes = text.into_bytes();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = is_vex(&bytes);
        let _ = read("x", &bytes);
        let _ = openvex::read("x", &bytes);
        let _ = cyclonedx::read("x", &bytes);
        let _ = csaf::read("x", &bytes);
    }

    #[test]
    fn no_exchanged_values_make_it_panic(which in 0..3_usize, a in any::<prop::sample::Index>(), value in 0..8_usize) {
        let text = [openvex(), cyclonedx(), csaf()][which].to_string();
        let values = ["null", "[]", "{}", "0", "-1e99", "\"\"", "[[[{}]]]", "true"];
        let starts: Vec<usize> = text.match_indices(':').map(|(at, _)| at + 1).collect();
        let at = starts[a.index(starts.len())];
        let rest = &text[at..];
        let end = rest.find([',', '}']).unwrap_or(rest.len());
        let changed = format!("{}{}{}", &text[..at], values[value], &rest[end..]);
        let _ = read("x", changed.as_bytes());
    }
}
