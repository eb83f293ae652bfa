//! Red Hat's CSAF documents, in literals.

use proptest::prelude::*;

use super::super::testing::{Kept, lines, mutate, read};
use super::*;
use crate::record::{Relation, Word};

const VEX: &str = r#"{
 "document": {
  "aggregate_severity": {"namespace": "https://access.redhat.com/security/updates/classification/", "text": "Important"},
  "category": "csaf_vex", "csaf_version": "2.0",
  "publisher": {"category": "vendor", "name": "Red Hat Product Security", "namespace": "https://www.redhat.com"},
  "references": [{"category": "self", "url": "https://vex.example/cve-2030-1111.json"}],
  "title": "a title",
  "tracking": {"id": "CVE-2030-1111", "initial_release_date": "2030-01-01T00:00:00+00:00", "current_release_date": "2030-02-03T00:00:00+00:00"}
 },
 "product_tree": {
  "branches": [{"category": "vendor", "name": "Red Hat", "branches": [
    {"category": "product_family", "name": "Red Hat Enterprise Linux", "branches": [
      {"category": "product_name", "name": "BaseOS", "product": {"name": "b", "product_id": "BaseOS-9.4.0.Z.MAIN", "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:9::baseos"}}},
      {"category": "product_name", "name": "AppStream", "product": {"name": "a", "product_id": "AppStream-8.9.0.Z.MAIN", "product_identification_helper": {"cpe": "cpe:/a:redhat:enterprise_linux:8::appstream"}}},
      {"category": "product_name", "name": "EUS", "product": {"name": "e", "product_id": "BaseOS-9.2.0.Z.EUS", "product_identification_helper": {"cpe": "cpe:/o:redhat:rhel_eus:9.2::baseos"}}},
      {"category": "product_name", "name": "Red Hat Enterprise Linux 7", "product": {"name": "7", "product_id": "red_hat_enterprise_linux_7", "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:7"}}},
      {"category": "product_name", "name": "Red Hat Enterprise Linux 8", "product": {"name": "8", "product_id": "red_hat_enterprise_linux_8", "product_identification_helper": {"cpe": "cpe:/o:redhat:enterprise_linux:8"}}}]},
    {"category": "architecture", "name": "x86_64", "branches": [
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "thing-1:3.0-2.el9.x86_64", "product_identification_helper": {"purl": "pkg:rpm/redhat/thing@3.0-2.el9?arch=x86_64&epoch=1"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "thing-1:3.0-2.el9.aarch64", "product_identification_helper": {"purl": "pkg:rpm/redhat/thing@3.0-2.el9?arch=aarch64&epoch=1"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "thing-libs-1:3.0-2.el9.x86_64", "product_identification_helper": {"purl": "pkg:rpm/redhat/thing-libs@3.0-2.el9?arch=x86_64&epoch=1"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "thing-1:3.0-2.el9.src", "product_identification_helper": {"purl": "pkg:rpm/redhat/thing@3.0-2.el9?arch=src&epoch=1"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "nodejs-0:18-1.x86_64", "product_identification_helper": {"purl": "pkg:rpm/redhat/nodejs@18-1?arch=x86_64"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "nodejs:18:809:ab", "product_identification_helper": {"purl": "pkg:rpmmod/redhat/nodejs@18:809:ab"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "image", "product_identification_helper": {"purl": "pkg:oci/image@sha256:00"}}},
      {"category": "product_version", "name": "n", "product": {"name": "n", "product_id": "thing", "product_identification_helper": {"purl": "pkg:rpm/redhat/thing?arch=src"}}}]}]}],
  "relationships": [
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.x86_64"}, "product_reference": "thing-1:3.0-2.el9.x86_64", "relates_to_product_reference": "BaseOS-9.4.0.Z.MAIN"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.aarch64"}, "product_reference": "thing-1:3.0-2.el9.aarch64", "relates_to_product_reference": "BaseOS-9.4.0.Z.MAIN"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "BaseOS-9.4.0.Z.MAIN:thing-libs"}, "product_reference": "thing-libs-1:3.0-2.el9.x86_64", "relates_to_product_reference": "BaseOS-9.4.0.Z.MAIN"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.src"}, "product_reference": "thing-1:3.0-2.el9.src", "relates_to_product_reference": "BaseOS-9.4.0.Z.MAIN"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "BaseOS-9.2.0.Z.EUS:thing"}, "product_reference": "thing-1:3.0-2.el9.x86_64", "relates_to_product_reference": "BaseOS-9.2.0.Z.EUS"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "AppStream-8.9.0.Z.MAIN:nodejs:18:809:ab"}, "product_reference": "nodejs:18:809:ab", "relates_to_product_reference": "AppStream-8.9.0.Z.MAIN"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "AppStream-8.9.0.Z.MAIN:nodejs:18:809:ab:nodejs-0:18-1.x86_64"}, "product_reference": "nodejs-0:18-1.x86_64", "relates_to_product_reference": "AppStream-8.9.0.Z.MAIN:nodejs:18:809:ab"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "red_hat_enterprise_linux_7:thing"}, "product_reference": "thing", "relates_to_product_reference": "red_hat_enterprise_linux_7"},
   {"category": "default_component_of", "full_product_name": {"name": "n", "product_id": "red_hat_enterprise_linux_8:image"}, "product_reference": "image", "relates_to_product_reference": "red_hat_enterprise_linux_8"}]
 },
 "vulnerabilities": [{
  "cve": "CVE-2030-1111", "title": "thing: overflow", "release_date": "2030-01-01T00:00:00+00:00",
  "notes": [{"category": "description", "text": "A flaw was found in thing."}],
  "flags": [{"label": "component_not_present", "product_ids": ["red_hat_enterprise_linux_8:other"]}],
  "product_status": {
   "fixed": ["BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.x86_64", "BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.aarch64", "BaseOS-9.4.0.Z.MAIN:thing-libs",
     "BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.src", "BaseOS-9.2.0.Z.EUS:thing", "AppStream-8.9.0.Z.MAIN:nodejs:18:809:ab:nodejs-0:18-1.x86_64"],
   "known_affected": ["red_hat_enterprise_linux_7:thing", "red_hat_enterprise_linux_8:compat-thing", "red_hat_enterprise_linux_8:image", "red_hat_enterprise_linux_8:ruby:2.5/ruby"],
   "known_not_affected": ["red_hat_enterprise_linux_8:other"],
   "under_investigation": ["red_hat_enterprise_linux_8:thing-extras"]},
  "remediations": [
   {"category": "vendor_fix", "details": "For details", "product_ids": ["BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.x86_64"], "url": "https://access.redhat.com/errata/RHSA-2030:1"},
   {"category": "no_fix_planned", "details": "Out of support scope", "product_ids": ["red_hat_enterprise_linux_7:thing"]},
   {"category": "no_fix_planned", "details": "Will not fix", "product_ids": ["red_hat_enterprise_linux_8:ruby:2.5/ruby"]},
   {"category": "none_available", "details": "Fix deferred", "product_ids": ["red_hat_enterprise_linux_8:compat-thing"]}],
  "scores": [{"cvss_v3": {"baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "version": "3.1"}, "products": ["red_hat_enterprise_linux_7:thing"]}],
  "threats": [{"category": "impact", "details": "Important", "product_ids": ["BaseOS-9.4.0.Z.MAIN:thing-1:3.0-2.el9.x86_64"]},
   {"category": "impact", "details": "Low", "product_ids": ["red_hat_enterprise_linux_7:thing"]}]
 }]}"#;

#[test]
fn a_vex_document_tells_what_is_fixed_affected_and_not_affected() {
    let (feed, kept) = read("cve-2030-1111.json", VEX).unwrap();
    assert_eq!(feed.feed, "redhat-vex");
    let record = kept.record("CVE-2030-1111");
    assert_eq!(
        lines(record),
        [
            "Red Hat:7 thing all Source EndOfLife [Out of support scope]",
            "Red Hat:8 compat-thing all Either FixDeferred [Fix deferred]",
            "Red Hat:8 nodejs <18-1 Binary [nodejs:18] x86_64",
            "Red Hat:8 other all Either NotAffected [component not present]",
            "Red Hat:8 ruby all Either WillNotFix [ruby:2.5] [Will not fix]",
            "Red Hat:8 thing-extras all Either UnderInvestigation",
            "Red Hat:9 thing <1:3.0-2.el9 Binary aarch64|x86_64",
            "Red Hat:9 thing-libs <1:3.0-2.el9 Binary x86_64",
        ]
    );
    assert_eq!(record.references[0], "https://access.redhat.com/errata/RHSA-2030:1");
    assert_eq!((record.summary.as_str(), record.others.len()), ("A flaw was found in thing.", 0));
    assert_eq!((record.severities[0].word, record.severities[0].score), (Word::High, Some(75)));
    assert_eq!(record.affected[0].severities[0].word, Word::Low, "the impact on that product is another");
    assert!(record.affected[1].severities.is_empty());
    assert_eq!(
        kept.covers,
        [("Red Hat:7".to_owned(), true), ("Red Hat:8".to_owned(), true), ("Red Hat:9".to_owned(), true)]
    );
    assert_eq!(kept.about[0].cve, "CVE-2030-1111");
    assert_eq!(kept.notes, Vec::<String>::new());
}

#[test]
fn an_advisory_is_one_record_about_several_flaws() {
    let flaw = VEX.split_once("\"vulnerabilities\": [").unwrap().1.trim_end().trim_end_matches("]}");
    let text = VEX
        .replace("csaf_vex", "csaf_security_advisory")
        .replace("\"id\": \"CVE-2030-1111\"", "\"id\": \"RHSA-2030:1\"")
        .replace("}]}", &format!("}}, {}]}}", flaw.replace("CVE-2030-1111", "CVE-2030-2222")));
    let (feed, kept) = read("rhsa-2030_1.json", &text).unwrap();
    assert_eq!(feed.feed, "redhat-csaf");
    let record = kept.record("RHSA-2030:1");
    let others: Vec<_> = record.others.iter().map(|other| (other.relation, other.id.as_str())).collect();
    assert_eq!(others, [(Relation::Related, "CVE-2030-1111"), (Relation::Related, "CVE-2030-2222")]);
    assert_eq!(kept.records.len(), 1);
    assert_eq!(kept.about.len(), 2);
    assert!(record.affected.iter().all(|one| one.state != State::NotAffected));
    assert!(kept.covers.iter().all(|(_, with_unfixed)| !with_unfixed));
}

#[test]
fn what_is_not_red_hats_or_broken_is_refused() {
    for (text, says) in [
        (
            VEX.replace("\"namespace\": \"https://www.redhat.com\"", "\"namespace\": \"https://other.example\""),
            "only Red Hat's",
        ),
        (VEX.replace("\"category\": \"csaf_vex\"", "\"category\": \"csaf_base\", \"x\": \"csaf_vex\""), "csaf_base"),
        (VEX[..VEX.len() - 9].to_owned(), "line"),
        (VEX.replace("\"product_tree\": {", "\"product_tree\": 7, \"x\": {"), "line 10"),
    ] {
        let said = read("a.json", &text).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
    }
    let deep = VEX.replace(
        "\"branches\": [{\"category\": \"vendor\"",
        &format!("\"branches\": {}[{{\"category\": \"vendor\"", "[{\"branches\":".repeat(200)),
    );
    assert!(read("a.json", &deep).map(|_| ()).unwrap_err().to_string().contains("recursion"));
}

#[test]
fn relationships_in_a_circle_end() {
    let text = VEX.replace(
        "\"relates_to_product_reference\": \"red_hat_enterprise_linux_7\"",
        "\"relates_to_product_reference\": \"red_hat_enterprise_linux_7:thing\"",
    );
    assert!(read("a.json", &text).is_ok());
}

proptest! {
    #[test]
    fn broken_documents_never_make_it_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 1..6)) {
        let _ = Csaf.read("a", "a", &mutate(VEX, &edits), &mut Kept::default());
    }
}
