//! OVAL documents of the vendors, in literals.

use proptest::prelude::*;

use super::super::testing::{Kept, lines, mutate, read};
use super::*;
use crate::record::{Relation, Word};

/// A document of a vendor: what comes before, between and after its definitions.
fn document(product: &str, definitions: &str, tests: &str, objects: &str, states: &str, variables: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<oval_definitions xmlns='d' xmlns:o='o' xmlns:p='p'>\n<generator>\
         <o:product_name>{product}</o:product_name><o:timestamp>2030-01-02T03:04:05</o:timestamp></generator>\n\
         <definitions>\n{definitions}</definitions>\n<tests>{tests}</tests>\n<objects>{objects}</objects>\n\
         <states>{states}</states>\n<variables>{variables}</variables>\n</oval_definitions>\n"
    )
}

fn test(kind: &str, id: &str, object: &str, state: &str, more: &str) -> String {
    let state = if state.is_empty() { String::new() } else { format!("<p:state state_ref='{state}'/>") };
    format!("<p:{kind} id='{id}' check='at least one' {more}><p:object object_ref='{object}'/>{state}</p:{kind}>")
}

fn object(id: &str, name: &str) -> String {
    format!("<p:x_object id='{id}'><p:name>{name}</p:name></p:x_object>")
}

fn evr(id: &str, version: &str, more: &str) -> String {
    format!("<p:x_state id='{id}'>{more}<p:evr operation='less than'>{version}</p:evr></p:x_state>")
}

fn debian() -> String {
    let one = |id: &str, title: &str, more: &str, test: &str| {
        format!(
            "<definition id='{id}' class='vulnerability'><metadata><title>{title}</title><affected family='unix'>\
             <platform>Debian GNU/Linux 12</platform></affected><reference source='CVE' ref_id='CVE-2030-1000' ref_url='https://a.example/1'/>\
             <reference source='CVE' ref_id='CVE-2030-1001' ref_url='https://a.example/1'/>\
             <description>A flaw.</description><debian><date>2030-01-01</date><moreinfo>{more}</moreinfo></debian></metadata>\
             <criteria operator='AND'><criterion test_ref='t:1' comment='Debian 12 is installed'/><criteria operator='OR'>\
             <criteria operator='AND'><criterion test_ref='t:2' comment='all architecture'/>\
             <criterion test_ref='{test}' comment='x DPKG is earlier than y'/></criteria></criteria></criteria></definition>\n"
        )
    };
    let definitions = one("d:1", "CVE-2030-1000 glibc", "", "t:3")
        + &one("d:2", "CVE-2030-1000 eglibc", "", "t:4")
        + &one("d:3", "DSA-1-1 squid", "Long\ntext.", "t:5")
        + &one("d:4", "DSA-1-1 squid", "Long\ntext.", "t:5");
    let tests = test("textfilecontent54_test", "t:1", "o:1", "s:1", "comment='Debian GNU/Linux 12 is installed'")
        + &test("uname_test", "t:2", "o:2", "", "comment='Installed architecture is all'")
        + &test("dpkginfo_test", "t:3", "o:3", "s:3", "")
        + &test("dpkginfo_test", "t:4", "o:4", "s:4", "")
        + &test("dpkginfo_test", "t:5", "o:5", "s:5", "");
    let objects =
        "<textfilecontent54_object id='o:1'><path>/etc</path></textfilecontent54_object><uname_object id='o:2'/>"
            .to_owned()
            + &object("o:3", "glibc")
            + &object("o:4", "eglibc")
            + &object("o:5", "squid");
    let states = "<x id='s:1'><subexpression operation='equals'>12</subexpression></x>".to_owned()
        + &evr("s:3", "0:2.2-1", "")
        + &evr("s:4", "0:0", "")
        + &evr("s:5", "1:4.0-1", "");
    document("Debian", &definitions, &tests, &objects, &states, "")
}

#[test]
fn debians_definitions_of_one_flaw_become_one_record_and_version_zero_means_never_affected() {
    let (feed, kept) = read("oval-definitions-bookworm.xml", &debian()).unwrap();
    assert_eq!((feed.feed.as_str(), feed.title.as_str()), ("debian-oval:12", "Debian OVAL 12"));
    assert_eq!(kept.records.len(), 2);
    let flaw = kept.record("CVE-2030-1000");
    assert_eq!(lines(flaw), ["Debian:12 glibc <2.2-1 Source", "Debian:12 eglibc all Source NotAffected"]);
    assert_eq!(flaw.summary, "A flaw.");
    let announcement = kept.record("DSA-1-1");
    assert_eq!(lines(announcement), ["Debian:12 squid <1:4.0-1 Source"]);
    assert_eq!((announcement.summary.as_str(), announcement.others.len()), ("squid: Long text.", 2));
    assert_eq!(announcement.others[0].relation, Relation::Related);
    assert_eq!(kept.covers, [("Debian:12".to_owned(), false)]);
    assert_eq!(kept.snapshot.as_deref(), Some("2030-01-02T03:04:05"));
    assert!(kept.notes.is_empty());
}

#[test]
fn a_document_without_definitions_still_covers_its_release() {
    let empty = document("Debian", "", "", "", "", "");
    let (feed, kept) = read("oval-definitions-trixie.xml", &empty).unwrap();
    assert_eq!((feed.feed.as_str(), kept.covers), ("debian-oval:13", vec![("Debian:13".to_owned(), false)]));
    assert!(read("a.xml", &empty).map(|_| ()).unwrap_err().to_string().contains("for which release"));
}

fn ubuntu() -> String {
    let one = |id: &str, title: &str, criteria: &str| {
        format!(
            "<definition id='{id}' class='patch'><metadata><title>{title}</title><affected family='unix'/>\
             <reference source='USN' ref_id='USN-1-1' ref_url='https://a.example/USN-1-1'/>\
             <reference source='CVE' ref_id='CVE-2030-1001' ref_url='https://a.example/1'/><description>Bad &lt;things&gt;.</description>\
             <advisory from='x'><severity>High</severity><issued date='2030-01-01'/>\
             <cve priority='low' cvss_score='7.8' cvss_vector='CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H'>CVE-2030-1001</cve></advisory></metadata>\
             <criteria><extend_definition definition_ref='d:100' comment='Ubuntu 22.04 LTS (jammy) is installed.'/>\
             <criteria operator='OR'>{criteria}</criteria></criteria></definition>\n"
        )
    };
    let definitions = "<definition id='d:100' class='inventory'><metadata><title>Check that Ubuntu 22.04 LTS (jammy) is installed.</title></metadata>\
                       <criteria><criterion test_ref='t:9'/></criteria></definition>\n"
        .to_owned()
        + &one("d:1", "USN-1-1 -- Thing vulnerability", "<criterion test_ref='t:1' comment='Long Term Support'/>")
        + &one("d:2", "USN-2-1 -- Other vulnerability", "<criterion test_ref='t:2' comment='Available with Ubuntu Pro: https://a.example'/>")
        + &one("d:3", "USN-3-1 -- Kernel", "<criteria operator='AND'><criterion test_ref='t:3'/><criterion test_ref='t:4'/></criteria>")
        + &one("d:4", "LSN-4-1 -- Livepatch", "<criteria operator='AND'><criterion test_ref='t:5'/><criterion test_ref='t:6'/></criteria>");
    let tests = test("dpkginfo_test", "t:1", "o:1", "s:1", "")
        + &test("dpkginfo_test", "t:2", "o:2", "s:2", "")
        + &test("uname_test", "t:3", "o:3", "", "")
        + &test("variable_test", "t:4", "o:3", "s:1", "")
        + &test("dpkginfo_test", "t:5", "o:2", "", "")
        + &test("textfilecontent54_test", "t:6", "o:3", "", "")
        + &test("family_test", "t:9", "o:3", "", "");
    let objects =
        "<p:dpkginfo_object id='o:1'><p:name var_ref='v:1' var_check='at least one'/></p:dpkginfo_object><x id='o:3'/>"
            .to_owned()
            + &object("o:2", "other");
    let states = evr("s:1", "0:1.0-1ubuntu1", "") + &evr("s:2", "0:1.0-1ubuntu0.1~esm1", "");
    let variables = "<constant_variable id='v:1'><value>libthing1</value><value>thing</value></constant_variable>";
    document("Canonical USN OVAL Generator", &definitions, &tests, &objects, &states, variables)
}

#[test]
fn ubuntus_notices_name_installed_packages_and_paid_fixes_are_a_channel() {
    let (feed, kept) = read("com.ubuntu.jammy.usn.oval.xml", &ubuntu()).unwrap();
    assert_eq!(feed.feed, "ubuntu-oval:22.04");
    let notice = kept.record("USN-1-1");
    assert_eq!(
        lines(notice),
        ["Ubuntu:22.04 libthing1 <1.0-1ubuntu1 Binary", "Ubuntu:22.04 thing <1.0-1ubuntu1 Binary"]
    );
    assert_eq!(notice.summary, "Thing vulnerability: Bad <things>.");
    assert_eq!((notice.others[0].relation, notice.others[0].id.as_str()), (Relation::Upstream, "CVE-2030-1001"));
    assert_eq!((notice.severities[0].word, notice.published.as_deref()), (Word::High, Some("2030-01-01")));
    assert_eq!(lines(kept.record("USN-2-1")), ["Ubuntu:22.04 other <1.0-1ubuntu0.1~esm1 Binary [esm]"]);
    let about = &kept.about[0];
    assert_eq!((about.cve.as_str(), about.severities.len()), ("CVE-2030-1001", 1));
    assert_eq!((about.severities[0].word, about.severities[0].score), (Word::Low, Some(78)));
    assert_eq!(kept.records.len(), 2);
    assert!(kept.notes[0].contains("2 definitions are about something other than packages"), "{:?}", kept.notes);
}

#[test]
fn ubuntus_cve_feed_tells_what_becomes_of_flaws_without_a_fix() {
    let definition = |number: u8, words: &str| {
        format!(
            "<definition id='d:{number}' class='vulnerability'><metadata><title>CVE-2030-200{number} on Ubuntu 22.04 LTS (jammy) - low</title>\
             <affected family='unix'><platform>Ubuntu 22.04 LTS</platform></affected><reference source='CVE' ref_id='CVE-2030-200{number}' ref_url='x'/>\
             <description>d</description><advisory><severity>Low</severity></advisory></metadata><criteria>\
             <criterion test_ref='t:1' comment='(CVE-2030-200{number}) thing package in jammy {words}'/></criteria></definition>"
        )
    };
    let definitions = definition(1, "is affected and needs fixing.")
        + &definition(2, "is affected, but a decision has been made to defer addressing it (note: minor).")
        + &definition(3, "is affected and may need fixing.");
    let text = document(
        "Canonical CVE OVAL Generator",
        &definitions,
        &test("dpkginfo_test", "t:1", "o:1", "", ""),
        &object("o:1", "thing"),
        "",
        "",
    );
    let (feed, kept) = read("com.ubuntu.jammy.cve.oval.xml", &text).unwrap();
    assert_eq!(feed.feed, "ubuntu-cve-oval:22.04");
    assert_eq!(kept.covers, [("Ubuntu:22.04".to_owned(), true)]);
    let states: Vec<State> = kept.records.iter().map(|record| record.affected[0].state).collect();
    assert_eq!(states, [State::Affected, State::FixDeferred, State::UnderInvestigation]);
    assert_eq!(kept.about[2].severities[0].word, Word::Low);
}

fn redhat() -> String {
    let head = |id: &str, class: &str, title: &str, reference: &str, advisory: &str| {
        format!(
            "<definition id='{id}' class='{class}'><metadata><title>{title}</title><affected family='unix'>\
             <platform>Red Hat Enterprise Linux 9</platform></affected>{reference}\
             <reference source='CVE' ref_id='CVE-2030-3001' ref_url='https://a.example/3'/><description>Text.\n\nSecurity Fix(es):\n\n* thing: overflow (CVE-2030-3001)\n\nMore.</description>\
             <advisory from='x'><severity>Important</severity><issued date='2030-01-01'/><updated date='2030-01-02'/>\
             <cve cvss3='9.3/CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:N' impact='moderate'>CVE-2030-3001</cve>{advisory}\
             </advisory></metadata><criteria operator='OR'><criterion comment='Red Hat Enterprise Linux must be installed' test_ref='t:not'/>\
             <criteria operator='AND'><criterion comment='Red Hat Enterprise Linux 9 is installed' test_ref='t:is'/>"
        )
    };
    let rhsa = "<reference source='RHSA' ref_id='RHSA-2030:1' ref_url='https://a.example/RHSA-2030:1'/>";
    let cpe = "<affected_cpe_list><cpe>cpe:/a:redhat:enterprise_linux:9::appstream</cpe></affected_cpe_list>";
    let end = "</criteria></criteria></definition>\n";
    let signed = |test: &str| {
        format!(
            "<criteria operator='AND'><criterion comment='c' test_ref='{test}'/><criterion comment='thing is signed' test_ref='t:sig'/></criteria>"
        )
    };
    let definitions = head("d:1", "patch", "RHSA-2030:1: thing security update (Important)", rhsa, cpe)
        + "<criteria operator='OR'><criterion comment='kernel earlier than 0:5 is currently running' test_ref='t:uname'/>\
           <criterion comment='kernel earlier than 0:5 is set to boot up on next boot' test_ref='t:boot'/></criteria><criteria operator='OR'>"
        + &signed("t:1")
        + "<criteria operator='AND'><criterion comment='Module nodejs:18 is enabled' test_ref='t:mod'/><criteria operator='OR'>"
        + &signed("t:2")
        + "</criteria></criteria></criteria>"
        + end
        + &head(
            "d:2",
            "vulnerability",
            "CVE-2030-3001 thing: overflow (moderate)",
            "",
            &format!(
                "<affected><resolution state='Will not fix'><component>thing</component></resolution><resolution state='Not affected'><component>nodejs:20/nodejs</component></resolution></affected>{cpe}"
            ),
        )
        + &signed("t:3")
        + end
        + &head(
            "d:3",
            "patch",
            "RHSA-2030:2: other",
            &rhsa.replace("2030:1", "2030:2"),
            &cpe.replace("enterprise_linux:9", "rhel_eus:9.2"),
        )
        + &signed("t:1")
        + end
        + &head("d:4", "patch", "RHSA-2030:3: kpatch", &rhsa.replace("2030:1", "2030:3"), cpe)
        + "<criterion comment='kernel version equals 0:5' test_ref='t:4'/><criteria operator='OR'><criterion comment='kpatch-patch not installed' test_ref='t:5'/>"
        + &signed("t:1")
        + "</criteria>"
        + end;
    let tests = test("rpmverifyfile_test", "t:is", "o:rel", "s:9", "")
        + &test("rpmverifyfile_test", "t:not", "o:rel", "s:9", "").replace("at least one", "none satisfy")
        + &test("uname_test", "t:uname", "o:rel", "", "")
        + &test("textfilecontent54_test", "t:boot", "o:rel", "", "")
        + &test("textfilecontent54_test", "t:mod", "o:rel", "", "")
        + &test("rpminfo_test", "t:sig", "o:1", "s:sig", "")
        + &test("rpminfo_test", "t:1", "o:1", "s:1", "")
        + &test("rpminfo_test", "t:2", "o:2", "s:2", "")
        + &test("rpminfo_test", "t:3", "o:1", "", "comment='thing is installed'")
        + &test("rpminfo_test", "t:4", "o:2", "s:4", "")
        + &test("rpminfo_test", "t:5", "o:1", "", "check_existence='none_exist'");
    let objects = object("o:1", "thing")
        + &object("o:2", "nodejs")
        + "<p:rpmverifyfile_object id='o:rel'><p:name operation='pattern match'/></p:rpmverifyfile_object>";
    let states = "<x id='s:9'><p:name operation='pattern match'>^redhat-release</p:name><p:version operation='pattern match'>^9[^\\d]</p:version></x>\
                  <x id='s:sig'><p:signature_keyid>1</p:signature_keyid></x><x id='s:4'><p:evr operation='equals'>0:5</p:evr></x>"
        .to_owned()
        + &evr("s:1", "0:1.0-2.el9", "<p:arch operation='pattern match'>x86_64|aarch64</p:arch>")
        + &evr("s:2", "1:18.1-1.module+el9", "");
    document("Red Hat OVAL Patch Definition Merger", &definitions, &tests, &objects, &states, "")
}

#[test]
fn red_hats_advisories_have_module_streams_architectures_and_states() {
    let (feed, kept) = read("rhel-9-including-unpatched.oval.xml", &redhat()).unwrap();
    assert_eq!(feed.feed, "redhat-oval:9");
    let advisory = kept.record("RHSA-2030:1");
    assert_eq!(
        lines(advisory),
        [
            "Red Hat:9 nodejs <1:18.1-1.module+el9 Binary [nodejs:18]",
            "Red Hat:9 thing <1.0-2.el9 Binary aarch64|x86_64",
        ]
    );
    assert_eq!(advisory.summary, "thing security update (Important): thing: overflow (CVE-2030-3001)");
    assert_eq!((advisory.severities[0].word, advisory.severities[0].said.as_deref()), (Word::High, Some("Important")));
    assert_eq!(advisory.modified.as_deref(), Some("2030-01-02"));
    let flaw = kept.record("CVE-2030-3001");
    assert_eq!(
        lines(flaw),
        ["Red Hat:9 thing all Binary WillNotFix [Will not fix]", "Red Hat:9 nodejs all Binary NotAffected [nodejs:20]"]
    );
    assert!(flaw.others.is_empty());
    assert_eq!(kept.covers, [("Red Hat:9".to_owned(), true)]);
    let said = &kept.about[0].severities[0];
    assert_eq!((said.source.as_str(), said.word, said.score), ("redhat", Word::Medium, Some(93)));
    assert_eq!(kept.records.len(), 2);
    assert!(kept.notes.iter().any(|note| note.contains("1 definitions are about other products")), "{:?}", kept.notes);
    assert!(kept.notes.iter().any(|note| note.contains("1 definitions are about something other")), "{:?}", kept.notes);
}

fn rocky() -> String {
    let definitions = "<definition id='d:1' class='patch'><metadata><title>RLSA-2030:1: thing update (Low)</title><affected family='unix'/>\
        <reference ref_id='RLSA-2030:1' ref_url='https://a.example' source='RLSA'/><description>Text.\n\nSecurity Fix(es):\n\n* thing: bad (CVE-2030-4001)\n\nSee CVE-2030-9999.</description>\
        <advisory from='cpe:/o:rocky:rocky:9:GA'><severity>Low</severity><issued date='2030-01-01'/></advisory></metadata>\
        <criteria operator='OR'><criterion test_ref='t:not'/><criteria operator='AND'><criterion test_ref='t:1'/><criterion test_ref='t:1'/></criteria>\
        <criteria operator='OR'><criterion test_ref='t:is'/></criteria><criteria operator='OR'><criterion test_ref='o:tst:unk'/></criteria></criteria></definition>";
    let tests = test("rpmverifyfile_test", "t:is", "o:rel", "s:9", "")
        + &test("rpmverifyfile_test", "t:not", "o:rel", "s:9", "").replace("at least one", "none satisfy")
        + &test("rpminfo_test", "t:1", "o:1", "s:1", "");
    let states = "<x id='s:9'><p:version operation='pattern match'>^9[^\\d]</p:version></x>".to_owned()
        + &evr("s:1", "0:1-2", "<p:arch operation='pattern match'>src|x86_64</p:arch>");
    document(
        "Rocky OVAL Patch Definition Merger",
        definitions,
        &tests,
        &(object("o:1", "thing") + &object("o:rel", "")),
        &states,
        "",
    )
}

#[test]
fn rocky_linux_names_flaws_in_its_text_and_its_odd_references_are_told() {
    let (feed, kept) = read("org.rockylinux.rlsa-9.xml", &rocky()).unwrap();
    assert_eq!(feed.feed, "rocky-oval:9");
    let advisory = kept.record("RLSA-2030:1");
    assert_eq!(lines(advisory), ["Rocky Linux:9 thing <1-2 Binary x86_64"]);
    assert_eq!(advisory.others.iter().map(|other| other.id.as_str()).collect::<Vec<_>>(), ["CVE-2030-4001"]);
    assert_eq!(kept.about[0].severities[0].word, Word::Low);
    assert!(kept.notes[0].contains("only partly"), "{:?}", kept.notes);
}

#[test]
fn what_is_broken_is_refused_with_its_place() {
    for (text, says) in [
        (
            debian().replace("<criterion test_ref='t:3'", "<criterion test_ref='t:33'"),
            "definition d:1: its criteria point at t:33",
        ),
        (debian().replace("object_ref='o:3'", "object_ref='o:33'"), "point at o:33"),
        (debian().replace("state_ref='s:3'", "state_ref='s:33'"), "point at s:33"),
        (ubuntu().replace("<constant_variable id='v:1'", "<constant_variable id='v:2'"), "point at v:1"),
        (ubuntu().replace("definition_ref='d:100'", "definition_ref='d:101'"), "point at d:101"),
        (debian().replace("<?xml version='1.0'?>", "<!DOCTYPE x>"), "document type"),
        (debian()[..debian().len() - 30].to_owned(), "line"),
        (debian().replace("</tests>", "</test>"), "line"),
        (debian().replace("</oval_definitions>", "</oval_definitions><more/>"), "after its end"),
        (ubuntu().replace("_test", "_what"), "none of its 4 definitions"),
        (redhat().replace("<p:uname_test id='t:uname'", "<p:uname_test"), "has no id"),
    ] {
        let said = read("a.xml", &text).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains(says) && said.contains("Nothing was changed"), "{said}");
    }
}

/// One definition of Ubuntu's with these criteria over tests of packages a (`t:a`), b (`t:b`) and a release (`d:100`).
fn reduced(criteria: &str) -> Result<(Vec<String>, Vec<String>), String> {
    let definitions = format!(
        "<definition id='d:100' class='inventory'><metadata><title>Check that Ubuntu 22.04 is installed.</title></metadata></definition>\
         <definition id='d:1' class='patch'><metadata><title>USN-1-1 -- x</title></metadata>{criteria}</definition>"
    );
    let tests = test("dpkginfo_test", "t:a", "o:a", "s:1", "")
        + &test("dpkginfo_test", "t:a2", "o:a", "s:2", "")
        + &test("dpkginfo_test", "t:a3", "o:a", "s:3", "")
        + &test("dpkginfo_test", "t:b", "o:b", "s:1", "")
        + &test("family_test", "t:other", "o:b", "", "");
    let states = evr("s:1", "2", "")
        + &evr("s:2", "3", "")
        + "<x id='s:3'><p:evr operation='greater than or equal'>1</p:evr></x>";
    let text = document(
        "Canonical USN OVAL Generator",
        &definitions,
        &tests,
        &(object("o:a", "a") + &object("o:b", "b")),
        &states,
        "",
    );
    let (_, kept) = read("a.xml", &text).map_err(|error| error.to_string())?;
    Ok((kept.records.first().map(lines).unwrap_or_default(), kept.notes))
}

#[test]
fn criteria_are_brought_into_alternatives() {
    let a = "<criterion test_ref='t:a'/>";
    let b = "<criterion test_ref='t:b'/>";
    let is = "<extend_definition definition_ref='d:100'/>";
    let is_not = "<extend_definition definition_ref='d:100' negate='true'/>";
    let (line_a, line_b) = ("Ubuntu:22.04 a <2 Binary", "Ubuntu:22.04 b <2 Binary");
    for (criteria, expected, notes) in [
        (format!("<criteria>{is}{a}</criteria>"), vec![line_a], 0),
        (format!("<criteria operator='OR'>{a}{b}</criteria>"), vec![line_a, line_b], 0),
        // The other release does not count.
        (format!("<criteria operator='OR'>{a}<criteria>{is_not}{b}</criteria></criteria>"), vec![line_a], 0),
        // Not (not installed, or not …): De Morgan.
        (
            format!("<criteria operator='OR'><criteria negate='true' operator='OR'>{is_not}</criteria>{a}</criteria>"),
            vec![line_a],
            0,
        ),
        // Two packages at once, a negated one, an unknown test, an unknown operator: left out, and told.
        (format!("<criteria operator='OR'>{a}<criteria>{a}{b}</criteria></criteria>"), vec![line_a], 1),
        (format!("<criteria operator='OR'>{a}<criterion test_ref='t:b' negate='true'/></criteria>"), vec![line_a], 1),
        (format!("<criteria operator='OR'>{a}<criterion test_ref='t:other'/></criteria>"), vec![line_a], 1),
        (format!("<criteria operator='OR'>{a}<criteria operator='XOR'>{b}</criteria></criteria>"), vec![line_a], 1),
        // The same package twice.
        (format!("<criteria>{a}{a}</criteria>"), vec![line_a], 0),
        (
            format!("<criteria>{a}<criterion test_ref='t:a3'/></criteria>"),
            vec!["Ubuntu:22.04 a (Some(\"1\"), Some(\"2\"), None) Binary"],
            0,
        ),
    ] {
        let (lines, told) = reduced(&criteria).unwrap();
        assert_eq!((lines, told.len()), (expected.into_iter().map(str::to_owned).collect(), notes), "{criteria}");
    }
    // Nothing that can be told: the document is refused, so that its release does not seem to be covered.
    assert!(reduced(&format!("<criteria>{a}{b}</criteria>")).unwrap_err().contains("none of its 1 definitions"));
    assert!(reduced("<criteria><criterion test_ref='t:a'/><criterion test_ref='t:a2'/></criteria>").is_err());
}

#[test]
fn criteria_that_multiply_are_bounded() {
    let names: String = (0..2000).map(|n| format!("<value>p{n}</value>")).collect();
    let mut tests = String::new();
    let mut objects = String::new();
    let mut factors = String::new();
    let mut modules = String::new();
    for n in 0..2000 {
        tests += &test("textfilecontent54_test", &format!("m:{n}"), "o:1", "", "");
        modules += &format!("<criterion test_ref='m:{n}' comment='Module m:{n} is enabled'/>");
    }
    tests += &test("dpkginfo_test", "t:1", "o:1", "", "");
    objects += "<x id='o:1'><name var_ref='v:1'/></x>";
    factors += &format!("<criteria operator='OR'>{modules}</criteria><criterion test_ref='t:1'/>");
    let definitions = format!(
        "<definition id='d:1' class='patch'><metadata><title>USN-1-1 -- x</title></metadata><criteria>{factors}</criteria></definition>"
    );
    let text = document(
        "Canonical",
        &definitions,
        &tests,
        &objects,
        "",
        &format!("<constant_variable id='v:1'>{names}</constant_variable>"),
    );
    let said = read("com.ubuntu.jammy.xml", &text).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("alternatives"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn broken_documents_never_make_it_panic(which in 0_usize..4, edits in prop::collection::vec(any::<(usize, u8, u8)>(), 1..6)) {
        let (text, format) = match which {
            0 => (debian(), DEBIAN),
            1 => (ubuntu(), UBUNTU),
            2 => (redhat(), REDHAT),
            _ => (rocky(), ROCKY),
        };
        let _ = format.read("a", "a", &mutate(&text, &edits), &mut Kept::default());
    }
}
