//! CSAF VEX documents.

use serde_json::{Value, json};

use super::{fails, read_json};
use crate::vex::{Statement, Status};

pub(super) fn csaf() -> Value {
    json!({
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "title": "Example",
            "publisher": {"category": "vendor", "name": "Example Org", "namespace": "https://example.org"},
            "tracking": {"id": "EX-1", "current_release_date": "2025-05-01T00:00:00Z", "version": "1"}
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Example", "branches": [
                {"category": "product_name", "name": "Shop", "product": {
                    "name": "Shop image", "product_id": "shop",
                    "product_identification_helper": {
                        "purl": "pkg:oci/shop?repository_url=ghcr.io/example/shop",
                        "hashes": [{"filename": "x", "file_hashes": [{"algorithm": "sha256", "value": "AA"}]}]
                    }
                }},
                {"category": "product_version", "name": "zlib", "product": {
                    "name": "zlib", "product_id": "zlib",
                    "product_identification_helper": {"purl": "pkg:deb/debian/zlib1g@1"}
                }}
            ]}],
            "full_product_names": [{"name": "Plain", "product_id": "plain"}],
            "relationships": [{
                "category": "default_component_of", "product_reference": "zlib", "relates_to_product_reference": "shop",
                "full_product_name": {"name": "zlib in Shop", "product_id": "shop:zlib"}
            }],
            "product_groups": [{"group_id": "g", "product_ids": ["shop:zlib", "plain"]}]
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-0001",
            "ids": [{"system_name": "x", "text": "EX-7"}],
            "product_status": {
                "known_not_affected": ["shop:zlib", "plain"],
                "known_affected": ["zlib"],
                "fixed": ["shop"],
                "under_investigation": ["plain"],
                "recommended": ["shop"]
            },
            "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["g"]}],
            "threats": [
                {"category": "impact", "details": "Not built in.", "product_ids": ["plain"]},
                {"category": "exploit_status", "details": "none"}
            ],
            "remediations": [{"category": "vendor_fix", "details": "Update.", "product_ids": ["zlib"]}]
        }]
    })
}

#[test]
fn csaf_statements_are_read_with_their_products() {
    let read = read_json(&csaf()).unwrap();
    let of = |status: Status| read.iter().filter(move |statement| statement.status == status);
    let all: Vec<&Statement> = of(Status::NotAffected).collect();
    assert_eq!(all.len(), 2, "the two have different words");
    let zlib = all.iter().find(|statement| statement.impact.is_none()).unwrap();
    assert_eq!(
        (zlib.document.as_str(), zlib.author.as_str(), zlib.format.as_str()),
        ("EX-1", "Example Org", "CSAF 2.0")
    );
    assert_eq!(zlib.at, "2025-05-01T00:00:00Z");
    assert_eq!(zlib.aliases, ["EX-7"]);
    assert_eq!(zlib.justification.as_deref(), Some("vulnerable_code_not_present"));
    assert_eq!(zlib.products[0].id, "pkg:oci/shop?repository_url=ghcr.io/example/shop");
    assert_eq!(zlib.products[0].identifiers, ["sha256:aa", "Shop image"]);
    assert_eq!(zlib.products[0].subcomponents, ["pkg:deb/debian/zlib1g@1"]);
    let plain = all.iter().find(|statement| statement.impact.is_some()).unwrap();
    assert_eq!((plain.products[0].id.as_str(), plain.impact.as_deref()), ("Plain", Some("Not built in.")));
    let affected = of(Status::Affected).next().unwrap();
    assert_eq!(
        (affected.products[0].id.as_str(), affected.action.as_deref()),
        ("pkg:deb/debian/zlib1g@1", Some("Update."))
    );
    assert_eq!(of(Status::Fixed).count() + of(Status::UnderInvestigation).count(), 2);
}

#[test]
fn an_invalid_csaf_document_is_refused_with_its_place() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = csaf();
        change(&mut document);
        document
    };
    let flaw = "vulnerabilities[0] (CVE-2024-0001)";
    fails(&with(&|d| d["vulnerabilities"][0]["flags"] = json!([])), flaw);
    fails(&with(&|d| d["vulnerabilities"][0]["flags"][0]["label"] = json!("x")), "justification “x”");
    fails(&with(&|d| d["vulnerabilities"][0]["flags"][0]["group_ids"] = json!(["h"])), "group “h”");
    fails(&with(&|d| d["vulnerabilities"][0]["product_status"]["fixed"] = json!(["q"])), "product “q”");
    fails(&with(&|d| d["vulnerabilities"][0]["product_status"]["odd"] = json!(["shop"])), "status “odd”");
    fails(&with(&|d| d["vulnerabilities"][0] = json!({})), "it has no id");
    fails(&with(&|d| d["product_tree"]["full_product_names"][0]["product_id"] = json!("shop")), "two products");
    fails(&with(&|d| d["product_tree"]["relationships"][0]["product_reference"] = json!("q")), "“shop:zlib”");
    fails(&with(&|d| d["document"]["csaf_version"] = json!("1.2")), "CSAF 1.2");
    // Ids of a flaw that has no CVE.
    let read = read_json(&with(&|d| drop(d["vulnerabilities"][0].as_object_mut().unwrap().remove("cve")))).unwrap();
    assert_eq!(read[0].vulnerability, "EX-7");
}

#[test]
fn a_severity_is_no_reason_why_a_flaw_does_no_harm() {
    let mut document = csaf();
    document["vulnerabilities"][0]["flags"] = json!([]);
    document["vulnerabilities"][0]["threats"] = json!([{"category": "impact", "details": "Moderate"}]);
    fails(&document, "but not why");
    document["vulnerabilities"][0]["threats"][0]["details"] = json!("The code is not built.");
    let read = read_json(&document).unwrap();
    let said = read.iter().find(|statement| statement.status == Status::NotAffected).unwrap();
    assert_eq!((said.impact.as_deref(), said.products.len()), (Some("The code is not built."), 2));
}

#[test]
fn a_range_of_versions_in_csaf_never_means_all_versions() {
    let with = |purl: &str| {
        let mut document = csaf();
        document["product_tree"]["branches"][0]["branches"][1] = json!({
            "category": "product_version_range", "name": "vers:deb/>=1|<2", "product": {
                "name": "zlib", "product_id": "zlib", "product_identification_helper": {"purl": purl}
            }
        });
        let read = read_json(&document).unwrap();
        let of = |status| read.iter().find(|statement| statement.status == status).unwrap().products[0].clone();
        (of(Status::Affected), of(Status::NotAffected))
    };
    let (alone, within) = with("pkg:deb/debian/zlib1g");
    assert_eq!(
        (alone.id.as_str(), alone.versions.as_slice()),
        ("pkg:deb/debian/zlib1g", &["vers:deb/>=1|<2".to_owned()][..])
    );
    assert_eq!(within.subcomponents, ["pkg:deb/debian/zlib1g"]);
    assert_eq!(within.versions, alone.versions);
    // A range of products that hold it can never be told.
    let mut document = csaf();
    let below = document["product_tree"]["branches"][0]["branches"][0].clone();
    document["product_tree"]["branches"][0]["branches"][0] = json!({
        "category": "product_version_range", "name": "vers:generic/<2", "branches": [below]
    });
    let read = read_json(&document).unwrap();
    let of = |status| read.iter().find(|said| said.status == status).unwrap().products[0].clone();
    assert_eq!((of(Status::Fixed).id.as_str(), of(Status::Fixed).versions.len()), ("sha256:aa", 1));
    let held = read.iter().flat_map(|said| &said.products).find(|product| !product.subcomponents.is_empty()).unwrap();
    assert_eq!((held.id.as_str(), held.identifiers.len()), ("zlib in Shop (vers:generic/<2)", 0));
    let (image, _) = with("pkg:oci/x?repository_url=ghcr.io/x");
    assert_eq!((image.id.as_str(), image.identifiers.len()), ("zlib", 0));
}
