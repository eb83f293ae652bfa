//! The traps of distributions' data, one test each.

use plimsoll_packages::{Ecosystem, Package};

use super::*;

#[test]
fn source_packages_are_matched_by_their_own_name_and_version() {
    let case = Case::debian()
        .package(from_source(deb("libssl3", "3.0.11-1~deb12u2"), "openssl", None))
        .record("CVE-2024-1", fixed(bookworm("openssl"), "3.0.13-1~deb12u1"))
        .record("CVE-2024-2", fixed(bookworm("libssl3"), "9"));
    assert_eq!(case.found(), ["libssl3: CVE-2024-1"]);
    let one = case.one();
    assert_eq!(one.fixed.as_deref(), Some("3.0.13-1~deb12u1"));
    assert_eq!((one.reasons[0].kind, one.reasons[0].name.as_str()), (NameKind::Source, "openssl"));
}

#[test]
fn a_rebuild_is_compared_by_the_version_of_its_source() {
    // +b7 sorts after +a1, which is the fix of the source.
    let case = Case::debian()
        .package(from_source(deb("x", "1.2-3+b7"), "x", Some("1.2-3")))
        .package(deb("y", "1.2-3+b7"))
        .record("CVE-2024-1", fixed(bookworm("x"), "1.2-3+a1"))
        .record("CVE-2024-2", fixed(bookworm("y"), "1.2-3+a1"));
    assert_eq!(case.found(), ["x: CVE-2024-1", "y: CVE-2024-2"]);
}

#[test]
fn the_source_may_have_another_version_than_what_is_installed() {
    let case = Case::debian()
        .package(from_source(deb("libdevmapper1.02.1", "2:1.02.185-2"), "lvm2", Some("2.03.16-2")))
        .record("CVE-2024-1", fixed(bookworm("lvm2"), "2.03.17-1"));
    assert_eq!(case.found(), ["libdevmapper1.02.1: CVE-2024-1"]);
    assert_eq!(case.one().reasons[0].version, "2.03.16-2");
}

#[test]
fn fixes_that_the_distribution_ported_back_count() {
    // Upstream fixed it in 3.0.13; the package registries' data on the same name say nothing about Debian's build.
    let case = Case::debian()
        .knows("PyPI")
        .package(deb("openssl", "3.0.11-1~deb12u2"))
        .record("CVE-2024-1", fixed(bookworm("openssl"), "3.0.11-1~deb12u2"))
        .record("GHSA-1", fixed(row("PyPI", "openssl", NameKind::Either), "3.0.13"))
        .record("CVE-2024-2", fixed(row("Debian:13", "openssl", NameKind::Source), "9"));
    assert!(case.found().is_empty());
    assert_eq!(case.facts().coverage[0].evaluated, 1);
}

#[test]
fn what_the_distribution_owns_is_not_reported_twice() {
    let mut python = Package::new(Ecosystem::Pypi, "Jinja2".into(), "3.1.2".into());
    python.owner = Some("python3-jinja2".into());
    let ghsa = || fixed(row("PyPI", "jinja2", NameKind::Either), "3.1.3");
    let case = Case::debian()
        .knows("PyPI")
        .package(from_source(deb("python3-jinja2", "3.1.2-1+deb12u1"), "jinja2", None))
        .package(python.clone())
        .record("GHSA-1", ghsa());
    assert!(case.found().is_empty());
    let facts = case.facts();
    assert_eq!((facts.owned[0].package, facts.owned[0].owner.as_str()), (1, "python3-jinja2"));
    // It is counted with its owner.
    assert_eq!(
        facts.coverage.iter().map(|one| (one.ecosystem.as_str(), one.packages)).collect::<Vec<_>>(),
        [("Debian:12", 1)]
    );

    // No data on the distribution: then the registry's are better than none.
    let mut blind = Case::default().knows("PyPI").package(python.clone()).record("GHSA-1", ghsa());
    blind.inventory.os = case.inventory.os.clone();
    assert_eq!(blind.found(), ["Jinja2: GHSA-1"]);

    // The owner is not the distribution's own build: its data do not speak of it.
    let foreign = Case::debian()
        .knows("PyPI")
        .package(deb("python3-jinja2", "3.1.2-1~bookworm"))
        .package(python)
        .record("GHSA-1", ghsa());
    assert_eq!(foreign.found(), ["Jinja2: GHSA-1"]);
}

#[test]
fn states_without_a_fix_are_kept_apart() {
    for state in [State::Affected, State::WillNotFix, State::FixDeferred, State::EndOfLife, State::UnderInvestigation] {
        let row = Row { state, note: Some("Minor issue".into()), ..bookworm("x") };
        let one = Case::debian().package(deb("x", "1")).record("CVE-2024-1", row).one();
        assert_eq!((one.state, one.fixed.as_deref()), (state, None));
        assert_eq!(one.reasons[0].note.as_deref(), Some("Minor issue"));
    }
}

#[test]
fn a_channel_that_must_be_paid_for_is_no_fix_for_those_outside() {
    let ubuntu = |version: &str| {
        let free = Row { state: State::WillNotFix, ..row("Ubuntu:18.04", "x", NameKind::Source) };
        let esm = row("Ubuntu:18.04", "x", NameKind::Source);
        let esm = Row { channel: Some("esm".into()), ..fixed(esm, "1.2-0ubuntu1+esm2") };
        Case::of("ubuntu", "18.04", "Ubuntu:18.04").package(deb("x", version)).record_of(
            "osv:Ubuntu",
            "UBUNTU-CVE-2024-1",
            &[(Relation::Upstream, "CVE-2024-1")],
            vec![free, esm],
        )
    };
    let outside = ubuntu("1.2-0ubuntu1").one();
    assert_eq!((outside.state, outside.fixed.as_deref()), (State::WillNotFix, None));
    assert_eq!(outside.reasons.iter().map(|one| one.channel.as_deref()).collect::<Vec<_>>(), [None, Some("esm")]);
    // Its own channel decides, though the ordinary one calls all versions affected.
    assert!(ubuntu("1.2-0ubuntu1+esm2").found().is_empty());
    let old = ubuntu("1.2-0ubuntu1+esm1").one();
    assert_eq!((old.state, old.fixed.as_deref()), (State::Affected, Some("1.2-0ubuntu1+esm2")));
}

#[test]
fn a_fix_in_the_paid_channel_alone_leaves_the_package_affected() {
    let esm =
        Row { channel: Some("esm".into()), ..fixed(row("Ubuntu:18.04", "x", NameKind::Source), "1.2-0ubuntu1+esm2") };
    let ubuntu = || Case::of("ubuntu", "18.04", "Ubuntu:18.04").package(deb("x", "1.2-0ubuntu1"));
    let one = ubuntu().record("CVE-2024-1", esm.clone()).one();
    assert_eq!((one.fixed.as_deref(), one.reasons[0].channel.as_deref()), (None, Some("esm")));
    // The ordinary channel has a fix, and it is installed: a later build in the paid one changes nothing.
    let free = fixed(row("Ubuntu:18.04", "x", NameKind::Source), "1.2-0ubuntu1");
    assert!(ubuntu().record_of("osv:Ubuntu", "CVE-2024-1", &[], vec![esm, free]).found().is_empty());
}

#[test]
fn fips_builds_are_compared_with_fips_builds_only() {
    let fips = Row { channel: Some("fips".into()), ..fixed(row("Ubuntu:20.04", "x", NameKind::Source), "1-1.fips.9") };
    let free = fixed(row("Ubuntu:20.04", "x", NameKind::Source), "1-1.8");
    let ubuntu = |version: &str, rows: Vec<Row>| {
        Case::of("ubuntu", "20.04", "Ubuntu:20.04").package(deb("x", version)).record_of("f", "CVE-2024-1", &[], rows)
    };
    assert!(ubuntu("1-1.8", vec![fips.clone(), free.clone()]).found().is_empty());
    assert!(ubuntu("1-1.fips.9", vec![fips.clone(), free.clone()]).found().is_empty());
    assert_eq!(ubuntu("1-1.fips.8", vec![fips, free.clone()]).found(), ["x: CVE-2024-1"]);
    let unknown = ubuntu("1-1.fips.8", vec![free]);
    assert!(unknown.found().is_empty());
    assert!(unknown.left()[0].contains("FIPS build") && unknown.left()[0].contains("CVE-2024-1"));
}

#[test]
fn advisories_on_another_module_stream_do_not_count() {
    let of = |label: Option<&str>, version: &str| {
        let mut package = rpm("nodejs-nodemon", version);
        package.module = label.map(str::to_owned);
        let row = fixed(alma9("nodejs-nodemon"), "3.0.1-1.module_el9.2.0+40+aabbccdd");
        let row = Row { module: Some("nodejs:18".into()), ..row };
        Case::alma().package(package).record("ALSA-2024:1", row)
    };
    let found = |case: Case| (case.found().len(), case.left().len());
    assert_eq!(found(of(Some("nodejs:18:9020020230101:rhel9"), "2.0-1.module_el9.2.0+33+ffeeddcc")), (1, 0));
    assert_eq!(found(of(Some("nodejs:20"), "2.0-1.module_el9.2.0+33+ffeeddcc")), (0, 0));
    // Of no module at all.
    assert_eq!(found(of(None, "2.0-1.el9")), (0, 0));
    // Of a module, and nobody says of which stream.
    let unknown = of(None, "2.0-1.module_el9.2.0+33+ffeeddcc");
    assert!(unknown.left()[0].contains("stream") && unknown.left()[0].contains("ALSA-2024:1"), "{:?}", unknown.left());
    assert_eq!(found(unknown), (0, 1));
    // The same build of the module as the fix's.
    assert_eq!(found(of(None, "2.0-1.module_el9.2.0+40+aabbccdd")), (1, 0));
}

#[test]
fn a_module_build_of_which_no_stream_is_told_decides_nothing() {
    let of = |label: Option<&str>, version: &str| {
        let mut package = rpm("nodejs", version);
        package.module = label.map(str::to_owned);
        let row = fixed(alma9("nodejs"), "1:22.23.1-2.module_el9.8.0+285+5c3b0251");
        let case = Case::alma().package(package).record("ALSA-2026:1", row);
        (case.found().len(), case.left().len())
    };
    assert_eq!(of(Some("nodejs:18"), "1:18.1.0-1.module_el9.2.0+40+aabbccdd"), (0, 1));
    assert_eq!(of(None, "1:16.20.2-8.el9_4"), (0, 0));
    assert_eq!(of(None, "1:24.1.0-1.module_el9.8.0+99+aabbccdd"), (0, 0));
}

#[test]
fn an_advisory_may_speak_of_several_streams() {
    let of = |label: &str| {
        let mut package = rpm("libvirt", "8.0.0-1.module_el8.6.0+1+a");
        package.module = Some(label.into());
        let row = fixed(alma9("libvirt"), "8.0.0-2.module_el8.6.0+2+b");
        let row = Row { module: Some("virt:rhel|virt-devel:rhel".into()), ..row };
        Case::alma().package(package).record("ALSA-2024:1", row).found().len()
    };
    assert_eq!([of("virt:rhel"), of("virt-devel:rhel:8060020220101:x"), of("virt:8.6")], [1, 1, 0]);
}

#[test]
fn the_stream_of_a_modules_main_package_shows_in_its_version() {
    let of = |version: &str| {
        let row = fixed(alma9("nodejs"), "1:18.19.1-1.module_el9.2.0+40+aabbccdd");
        let row = Row { module: Some("nodejs:18".into()), ..row };
        Case::alma().package(rpm("nodejs", version)).record("ALSA-2024:1", row)
    };
    assert_eq!(of("1:18.12.0-1.module_el9.1.0+9+11223344").found().len(), 1);
    assert!(of("1:16.12.0-1.module_el9.1.0+9+11223344").found().is_empty());
    assert!(of("1:16.12.0-1.module_el9.1.0+9+11223344").left().is_empty());
}

#[test]
fn a_module_package_is_compared_with_rows_of_no_module() {
    let mut package = rpm("nodejs", "1:16.1.0-1.module_el9+1+2");
    package.module = Some("nodejs:16".into());
    let case = Case::alma().package(package).record("ALSA-2024:1", fixed(alma9("nodejs"), "1:16.2.0-1.el9"));
    assert_eq!(case.found().len(), 1);
}

#[test]
fn a_rebuild_of_another_distribution_is_judged_by_its_own_advisories() {
    // AlmaLinux counts its module builds otherwise: by Red Hat's fix it would look affected.
    let case = Case::alma()
        .package(rpm("x", "1-1.module_el9+100+a"))
        .record("ALSA-2024:1", fixed(alma9("x"), "1-1.module_el9+100+a"))
        .record("RHSA-2024:1", fixed(row("Red Hat:9", "x", NameKind::Binary), "1-1.module+el9+900+b"));
    assert!(case.found().is_empty());
}

#[test]
fn the_fix_of_the_own_minor_release_decides() {
    let of = |version: &str| {
        let rows = vec![fixed(alma9("x"), "1.2-3.el9_4.2"), fixed(alma9("x"), "1.2-5.el9_5")];
        Case::alma().package(rpm("x", version)).record_of("f", "CVE-2024-1", &[], rows)
    };
    assert!(of("1.2-3.el9_4.2").found().is_empty());
    assert_eq!(of("1.2-3.el9_4.1").one().fixed.as_deref(), Some("1.2-3.el9_4.2"));
    // Of 9.2 no row speaks: all do.
    assert_eq!(of("1.2-3.el9_2.9").found().len(), 1);
    assert!(of("1.2-5.el9_5").found().is_empty());
    assert!(of("1.2-6.el9").found().is_empty());
}

#[test]
fn several_ranges_of_one_record_are_one_question() {
    let rows = || vec![fixed(introduced(bookworm("x"), "1.0"), "1.5"), fixed(introduced(bookworm("x"), "2.0"), "2.3")];
    let of = |version: &str| Case::debian().package(deb("x", version)).record_of("f", "CVE-2024-1", &[], rows());
    assert_eq!(of("1.4").one().fixed.as_deref(), Some("1.5"));
    assert!(of("1.5").found().is_empty());
    assert_eq!(of("2.0").one().fixed.as_deref(), Some("2.3"));
    assert!(of("0.9").found().is_empty());
    assert!(of("2.3").found().is_empty());
}

#[test]
fn a_fix_for_one_architecture_says_nothing_about_another() {
    let rows = || {
        vec![
            Row { architectures: vec!["x86_64".into()], ..fixed(alma9("x"), "1-1") },
            Row { architectures: vec!["aarch64".into()], ..fixed(alma9("x"), "1-2") },
        ]
    };
    let of = |architecture: Option<&str>| {
        let mut package = rpm("x", "1-1");
        package.architecture = architecture.map(str::to_owned);
        Case::alma().package(package).record_of("f", "CVE-2024-1", &[], rows()).found().len()
    };
    assert_eq!([of(Some("x86_64")), of(Some("amd64")), of(Some("aarch64")), of(Some("arm64"))], [0, 0, 1, 1]);
    // Not known, or built for all: then each counts.
    assert_eq!([of(None), of(Some("noarch"))], [1, 1]);
}

#[test]
fn a_missing_epoch_is_zero() {
    let of = |version: &str| {
        Case::alma().package(rpm("x", version)).record("CVE-2024-1", fixed(alma9("x"), "1:1.0-1")).found().len()
    };
    assert_eq!([of("9.0-1"), of("0:9.0-1"), of("1:1.0-1"), of("2:0.1-1")], [1, 1, 0, 0]);
}

#[test]
fn the_epoch_of_a_source_rpm_is_that_of_its_packages() {
    let of = |main: Option<&str>| {
        let mut case = Case::alma().package(from_source(rpm("perl-x", "0:7-1"), "perl", Some("5.32-1")));
        if let Some(main) = main {
            case = case.package(rpm("perl", main));
        }
        case.record("CVE-2024-1", fixed(row("AlmaLinux:9", "perl", NameKind::Source), "4:5.32-1")).found().len()
    };
    assert_eq!(of(Some("4:5.32-1")), 0);
    assert_eq!(of(Some("5.32-1")), 2);
    assert_eq!(of(None), 0);
}

#[test]
fn an_rpm_is_found_by_its_installed_name_first() {
    let either = |name: &str, version: &str| fixed(row("AlmaLinux:9", name, NameKind::Either), version);
    let libs = || from_source(rpm("openssl-libs", "3-2"), "openssl", None);
    let both = vec![either("openssl", "3-9"), either("openssl-libs", "3-2")];
    assert!(Case::alma().package(libs()).record_of("f", "CVE-2024-1", &[], both).found().is_empty());
    let by_source = Case::alma().package(libs()).record("CVE-2024-1", either("openssl", "3-9"));
    assert_eq!(by_source.one().reasons[0].kind, NameKind::Source);
}

#[test]
fn alpines_edge_is_not_the_release_before_it() {
    let edge = || {
        let mut package = Package::new(Ecosystem::Apk, "libcrypto3".into(), "3.0.1-r0".into());
        package.source_name = Some("openssl".into());
        Case::of("alpine", "3.17_alpha20220715", "Alpine:edge").package(package)
    };
    let of = |ecosystem: &str| {
        edge().record("CVE-2024-1", fixed(row(ecosystem, "openssl", NameKind::Source), "3.0.2-r0")).found().len()
    };
    assert_eq!([of("Alpine:edge"), of("Alpine:3.17"), of("Alpine:3.16")], [1, 0, 0]);
}

#[test]
fn data_that_know_fixes_only_are_called_so() {
    let mut case = Case::of("alpine", "3.19.1", "Alpine:3.19").package(Package::new(
        Ecosystem::Apk,
        "musl".into(),
        "1.2.4-r4".into(),
    ));
    case.known[0].data = Data::FixedOnly;
    let facts = case.facts();
    assert!(facts.matches.is_empty());
    assert_eq!((facts.coverage[0].data, facts.coverage[0].evaluated), (Data::FixedOnly, 1));
}

#[test]
fn kernel_headers_are_grouped() {
    let case = Case::debian()
        .package(from_source(deb("linux-image-6.1.0-18-amd64", "6.1.76-1"), "linux", None))
        .package(from_source(deb("linux-libc-dev", "6.1.76-1"), "linux", None))
        .record("CVE-2024-1", bookworm("linux"));
    assert_eq!(case.facts().matches.iter().map(|one| one.kernel_headers).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn packages_of_the_same_source_are_all_affected() {
    // Distroless images list each package in a file of its own; to matching they are packages like others.
    let case = Case::debian()
        .package(from_source(deb("libssl3", "3.0.11-1"), "openssl", None))
        .package(deb("openssl", "3.0.11-1"))
        .record("CVE-2024-1", fixed(bookworm("openssl"), "3.0.12-1"));
    assert_eq!(case.found(), ["libssl3: CVE-2024-1", "openssl: CVE-2024-1"]);
}

#[test]
fn what_others_built_is_not_evaluated() {
    let mut epel = rpm("htop", "3.2.1-1.el9");
    epel.vendor = Some("Fedora Project".into());
    let case = Case::alma().package(epel).record("ALSA-2024:1", alma9("htop"));
    assert!(case.found().is_empty());
    assert_eq!(
        case.left(),
        ["htop: it is built by Fedora Project, not by the distribution, whose advisories do not speak of it"]
    );
}

#[test]
fn versions_that_are_none_are_not_evaluated() {
    let case = Case::debian()
        .package(deb("a", ""))
        .package(deb("b", "unknown"))
        .package(deb("c", "1:"))
        .package(deb("d", "1.0"))
        .record("CVE-2024-1", fixed(bookworm("b"), "2"));
    assert!(case.found().is_empty());
    assert_eq!(case.left().len(), 3, "{:?}", case.left());
    assert_eq!(case.left()[1], "b: its version unknown is no version");
    let facts = case.facts();
    assert_eq!((facts.coverage[0].packages, facts.coverage[0].evaluated), (4, 1));
    let rpm = Case::alma().package(rpm("x", "unknown")).record("ALSA-2024:1", alma9("x"));
    assert_eq!(rpm.left(), ["x: its version unknown is no version"]);
}

#[test]
fn a_range_that_ends_in_no_version_decides_nothing() {
    for bound in ["<unfixed>", "<not-affected>", ""] {
        let broken = || fixed(bookworm("x"), bound);
        let case = Case::debian().package(deb("x", "1.0")).record("CVE-2024-1", broken());
        assert!(case.found().is_empty());
        assert_eq!(case.left(), ["x: a range of affected versions ends in what is no version (CVE-2024-1)"], "{bound}");
        // Another row of the record decides it.
        let rows = vec![broken(), fixed(bookworm("x"), "2.0")];
        let case = Case::debian().package(deb("x", "1.0")).record_of("f", "CVE-2024-1", &[], rows);
        assert_eq!((case.found().len(), case.left().len()), (1, 0));
    }
}

#[test]
fn packages_of_another_manager_are_not_compared() {
    let case = Case::of("alpine", "3.19", "Alpine:3.19")
        .package(deb("dpkg", "1.21"))
        .record("CVE-2024-1", row("Alpine:3.19", "dpkg", NameKind::Either));
    assert!(case.found().is_empty());
    assert!(case.left()[0].contains("package of dpkg"));
}
