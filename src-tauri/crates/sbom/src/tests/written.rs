//! What is written, held against the rules that the formats' schemas and specifications state.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{DIGEST, described, inventory};
use crate::{Described, Flaw, cyclonedx, is_sbom, spdx};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_cyclonedx_document_says_what_the_inventory_says() {
    let inventory = inventory();
    let text = cyclonedx(&described(&inventory));
    assert_eq!(text, cyclonedx(&described(&inventory)), "the same input gives the same bytes");
    assert!(is_sbom(text.as_bytes()));
    let bom = json(&text);
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let serial = bom["serialNumber"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
    assert!(serial.len() == 36 && serial.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
    let metadata = &bom["metadata"];
    assert_eq!(metadata["timestamp"], "2026-11-02T08:00:00Z");
    assert_eq!(metadata["tools"]["components"][0]["name"], "plimsoll");
    assert_eq!(metadata["component"]["type"], "container");
    assert!(metadata["component"]["purl"].as_str().unwrap().starts_with("pkg:oci/app@sha256%3A0011"));
    assert_eq!(metadata["properties"][0]["value"], "Something is odd.");
    assert_eq!(bom["compositions"][0]["aggregate"], "incomplete");
    let components = bom["components"].as_array().unwrap();
    assert_eq!(components.len(), inventory.packages.len() + 1);
    assert_eq!((&components[0]["type"], &components[0]["name"]), (&"operating-system".into(), &"debian".into()));
    let refs: BTreeSet<&str> = components.iter().map(|one| one["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(refs.len(), components.len(), "references are unique");
    assert!(refs.contains("pkg:generic/lonely@1#2"));
    let ssl = components.iter().find(|one| one["name"] == "libssl3").unwrap();
    assert_eq!(ssl["licenses"][0]["license"]["id"], "Apache-2.0");
    assert_eq!(ssl["evidence"]["occurrences"][0]["location"], "/db/libssl3");
    assert_eq!(ssl["supplier"]["name"], "Team <team@example.org>");
    let property = |one: &Value, name: &str| {
        one["properties"].as_array().unwrap().iter().find(|p| p["name"] == name).map(|p| p["value"].clone())
    };
    assert_eq!(property(ssl, "plimsoll:source"), Some("openssl".into()));
    assert_eq!(property(ssl, "plimsoll:layer"), Some(DIGEST.into()));
    let scoped = components.iter().find(|one| one["group"] == "@Scope").unwrap();
    assert_eq!(scoped["name"], "Name");
    let libc = components.iter().find(|one| one["name"] == "libc6").unwrap();
    assert_eq!(libc["licenses"][0]["license"]["name"], "GPL and “others”");
    let jar = components.iter().find(|one| one["name"] == "lonely").unwrap();
    assert_eq!(jar["licenses"][0]["expression"], "MIT OR Zlib");
    let dependencies = bom["dependencies"].as_array().unwrap();
    assert_eq!(dependencies.len(), 1);
    assert_eq!((&dependencies[0]["ref"], &dependencies[0]["dependsOn"][0]), (&ssl["bom-ref"], &libc["bom-ref"]));
}

#[test]
fn flaws_are_written_in_the_formats_own_words() {
    let inventory = inventory();
    let flaw = |change: fn(&mut Flaw)| {
        let mut flaw = Flaw { id: "CVE-1".into(), severity: "high".into(), ..Flaw::default() };
        change(&mut flaw);
        flaw
    };
    let flaws = vec![
        flaw(|flaw| {
            flaw.packages = vec![1, 1, 900];
            flaw.aliases = vec!["GHSA-x".into(), "GHSA-x".into(), "CVE-1".into()];
            flaw.vector = Some("CVSS:3.1/AV:N".into());
            flaw.score = Some(7.5);
            flaw.fixed = Some("3.0.12".into());
            flaw.source = "Debian".into();
            flaw.analysis = Some(("not_affected".into(), Some("vulnerable_code_not_present".into()), None));
        }),
        flaw(|flaw| {
            flaw.score = Some(f64::NAN);
            flaw.severity = "awful".into();
            flaw.analysis = Some(("thinking".into(), Some("my_reason".into()), Some("more".into())));
        }),
    ];
    let bom = json(&cyclonedx(&Described { flaws, ..described(&inventory) }));
    let first = &bom["vulnerabilities"][0];
    assert_eq!(first["affects"].as_array().unwrap().len(), 1);
    assert_eq!(first["affects"][0]["versions"][0]["status"], "unaffected");
    assert_eq!(first["references"].as_array().unwrap().len(), 1);
    assert_eq!(first["references"][0]["source"]["name"], "GitHub");
    assert_eq!((&first["ratings"][0]["method"], &first["ratings"][0]["score"]), (&"CVSSv31".into(), &7.5.into()));
    assert_eq!(first["analysis"]["justification"], "code_not_present");
    assert_eq!(first["properties"][0]["value"], "3.0.12");
    let second = &bom["vulnerabilities"][1];
    assert_eq!((&second["ratings"][0]["severity"], second["ratings"][0].get("score")), (&"unknown".into(), None));
    assert_eq!((&second["analysis"]["state"], second["analysis"].get("justification")), (&"in_triage".into(), None));
    assert_eq!(second["analysis"]["detail"], "my_reason: more");
    assert_eq!(second["affects"][0]["ref"], bom["metadata"]["component"]["bom-ref"]);
}

#[test]
fn an_spdx_document_says_what_the_inventory_says() {
    let inventory = inventory();
    let text = spdx(&described(&inventory));
    assert_eq!(text, spdx(&described(&inventory)), "the same input gives the same bytes");
    assert!(is_sbom(text.as_bytes()));
    let document = json(&text);
    assert_eq!((&document["spdxVersion"], &document["dataLicense"]), (&"SPDX-2.3".into(), &"CC0-1.0".into()));
    assert_eq!(document["creationInfo"]["created"], "2026-11-02T08:00:00Z");
    assert_eq!(document["creationInfo"]["creators"][1], "Person: Ann Other (ann@example.org)");
    assert!(document["documentNamespace"].as_str().unwrap().starts_with("https://"));
    let packages = document["packages"].as_array().unwrap();
    assert_eq!(packages.len(), inventory.packages.len() + 2);
    let ids: BTreeSet<&str> = packages.iter().map(|one| one["SPDXID"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), packages.len());
    for one in packages {
        let id = one["SPDXID"].as_str().unwrap().strip_prefix("SPDXRef-").unwrap();
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.'), "{id}");
        assert_eq!((&one["filesAnalyzed"], &one["downloadLocation"]), (&false.into(), &"NOASSERTION".into()));
        assert!(one["licenseDeclared"].is_string() && one["copyrightText"].is_string());
    }
    assert_eq!(packages[0]["primaryPackagePurpose"], "CONTAINER");
    assert_eq!(packages[0]["checksums"][0]["checksumValue"], DIGEST.strip_prefix("sha256:").unwrap());
    let libc = packages.iter().find(|one| one["name"] == "libc6").unwrap();
    assert_eq!(libc["licenseDeclared"], "NOASSERTION");
    let ssl = packages.iter().find(|one| one["name"] == "libssl3").unwrap();
    assert_eq!(ssl["supplier"], "Organization: Team (team@example.org)");
    assert_eq!(ssl["externalRefs"][0]["referenceType"], "purl");
    let relationships = document["relationships"].as_array().unwrap();
    let of = |kind: &str| relationships.iter().filter(|one| one["relationshipType"] == kind).count();
    assert_eq!((of("DESCRIBES"), of("CONTAINS"), of("DEPENDS_ON")), (1, inventory.packages.len() + 1, 1));
    for one in relationships {
        let ends = [&one["spdxElementId"], &one["relatedSpdxElement"]];
        assert!(ends.iter().all(|end| ids.contains(end.as_str().unwrap()) || *end == "SPDXRef-DOCUMENT"));
    }
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let nothing = Described { name: "", digest: None, created: "some day", author: "", ..Described::default() };
    let bom = json(&cyclonedx(&nothing));
    assert_eq!(bom["metadata"].get("timestamp"), None);
    assert_eq!(bom["metadata"]["component"].get("purl"), None);
    assert_eq!(bom["metadata"]["properties"][0]["name"], "plimsoll:problem", "no inventory is not an empty one");
    assert!(!is_sbom(cyclonedx(&nothing).as_bytes()));
    let document = json(&spdx(&nothing));
    assert_eq!(document["creationInfo"]["created"], "1970-01-01T00:00:00Z");
    assert_eq!(document["packages"].as_array().unwrap().len(), 1);
}
