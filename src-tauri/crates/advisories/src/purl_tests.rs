//! Package URLs: reading, normal form, and what a statement's purl means.

use proptest::prelude::*;

use super::*;

fn purl(text: &str) -> Purl {
    Purl::parse(text).unwrap_or_else(|| panic!("{text} is a purl"))
}

fn covers(statement: &str, ours: &str) -> bool {
    purl(statement).covers(&purl(ours))
}

fn deb(name: &str, version: &str, source: Option<&str>, source_version: Option<&str>, url: &str) -> Ours {
    let mut package = Package::new(Ecosystem::Deb, name.into(), version.into());
    package.source_name = source.map(str::to_owned);
    package.source_version = source_version.map(str::to_owned);
    package.purl = url.into();
    Ours::of(&package).unwrap()
}

#[test]
fn a_purl_is_taken_apart() {
    let read = purl("pkg:npm/%40Angular/Core@1.0%2B2?a=b%20c&D=e#/src/./x/");
    assert_eq!(read.kind, "npm");
    assert_eq!(read.namespace, "@angular");
    assert_eq!(read.name, "core");
    assert_eq!(read.version.as_deref(), Some("1.0+2"));
    assert_eq!(read.qualifiers.get("a").map(String::as_str), Some("b c"));
    assert_eq!(read.qualifiers.get("d").map(String::as_str), Some("e"));
    assert_eq!(read.subpath, "src/x");
    assert_eq!(purl("pkg:npm/@angular/core").namespace, "@angular");
    assert_eq!(purl("PKG://NPM/left-pad@1").key(), "npm//left-pad");
    assert_eq!(read.full_name(), "@angular/core");
    assert_eq!(purl("pkg:maven/org.a/b@1").full_name(), "org.a:b");
}

#[test]
fn what_is_no_purl_is_none() {
    for text in ["", "pkg:", "pkg:npm", "pkg:npm/", "pkg:1x/a", "npm/a@1", "pkg:npm/a?b", "pkg:npm/%zz", "pkg:npm/%ff"]
    {
        assert_eq!(Purl::parse(text), None, "{text}");
    }
    assert_eq!(Purl::parse("pkg:npm/a?x=1&x=2"), None);
    assert_eq!(Purl::parse(&format!("pkg:npm/{}", "a".repeat(5000))), None);
}

#[test]
fn names_and_spellings_of_one_thing_are_one() {
    assert!(covers("pkg:pypi/Foo_Bar.baz@1", "pkg:pypi/foo-bar-baz@1"));
    assert!(covers("pkg:golang/github.com/A/b@v1.2.3", "pkg:golang/github.com/a/b@1.2.3"));
    assert!(covers("pkg:golang/stdlib@go1.22.1", "pkg:golang/stdlib@1.22.1"));
    assert!(covers("pkg:maven/o/b@1?type=jar", "pkg:maven/o/b@1"));
    assert!(!covers("pkg:maven/o/b@1?type=war", "pkg:maven/o/b@1"));
    assert!(covers("pkg:rpm/redhat/openssl@1:3.0-1", "pkg:rpm/rhel/openssl@3.0-1?epoch=1&distro=rhel-9.4"));
    assert!(covers("pkg:deb/debian/a@0:1", "pkg:deb/debian/a@1"));
    assert!(!covers("pkg:deb/debian/a@1:1", "pkg:deb/debian/a@1"));
    assert!(covers("pkg:deb/debian/a@1?package-id=7f", "pkg:deb/debian/a@1"));
    assert!(!covers("pkg:rpm/redhat/OpenSSL", "pkg:rpm/redhat/openssl"));
}

#[test]
fn no_version_means_all_and_a_version_means_that_one() {
    assert!(covers("pkg:deb/debian/a", "pkg:deb/debian/a@1"));
    assert!(covers("pkg:deb/debian/a@1", "pkg:deb/debian/a@1"));
    assert!(!covers("pkg:deb/debian/a@2", "pkg:deb/debian/a@1"));
    assert!(!covers("pkg:deb/debian/a@2", "pkg:deb/debian/a"));
    assert!(!covers("pkg:deb/ubuntu/a", "pkg:deb/debian/a@1"));
}

#[test]
fn qualifiers_of_a_statement_are_a_subset_of_ours() {
    let ours = "pkg:deb/debian/libssl3@3.0?arch=amd64&distro=debian-12&upstream=openssl%403.0";
    assert!(covers("pkg:deb/debian/libssl3@3.0?arch=amd64", ours));
    assert!(covers("pkg:deb/debian/libssl3@3.0?arch=x86_64", ours));
    assert!(!covers("pkg:deb/debian/libssl3@3.0?arch=arm64", ours));
    assert!(!covers("pkg:deb/debian/libssl3@3.0?repository_url=x", ours));
    assert!(covers("pkg:deb/debian/libssl3?upstream=openssl", ours));
    assert!(!covers("pkg:deb/debian/libssl3?upstream=open", ours));
    for (distro, means) in [
        ("debian-12", true),
        ("debian-12.5", true),
        ("bookworm", true),
        ("debian", true),
        ("debian-1", false),
        ("debian-11", false),
        ("ubuntu-12", false),
    ] {
        assert_eq!(covers(&format!("pkg:deb/debian/libssl3?distro={distro}"), ours), means, "{distro}");
    }
    assert!(covers("pkg:deb/debian/libssl3?os_name=debian&os_version=12&os_distro=bookworm", ours));
    assert!(covers("pkg:apk/alpine/a@1?distro=3.20.3", "pkg:apk/alpine/a@1?distro=alpine-3.20.3"));
    assert!(!covers("pkg:golang/golang.org/x/crypto#ssh", "pkg:golang/golang.org/x/crypto@1"));
}

#[test]
fn a_source_means_what_was_built_from_it_only_when_it_is_called_one() {
    let ours = deb(
        "libssl3",
        "3.0.11-1+b2",
        Some("openssl"),
        Some("3.0.11-1"),
        "pkg:deb/debian/libssl3@3.0.11-1%2Bb2?arch=amd64&distro=debian-12",
    );
    let meant = |text: &str| ours.is_meant(&purl(text), false);
    assert!(meant("pkg:deb/debian/openssl?arch=source"));
    assert!(meant("pkg:deb/debian/openssl@3.0.11-1?arch=source&distro=bookworm"));
    assert!(!meant("pkg:deb/debian/openssl@3.0.11-2?arch=source"));
    assert!(!meant("pkg:deb/debian/openssl"));
    assert!(!meant("pkg:deb/debian/libssl3?arch=source"));
    assert!(ours.is_meant(&purl("pkg:deb/debian/openssl@9?arch=source"), true));
    // A package that is called as its source is.
    let same = deb("git", "1:2.39-1", None, None, "pkg:deb/debian/git@1:2.39-1?arch=amd64");
    assert!(same.is_meant(&purl("pkg:deb/debian/git@1:2.39-1?arch=source"), false));
}

#[test]
fn the_epoch_of_an_rpm_source_may_be_missing() {
    let mut package = Package::new(Ecosystem::Rpm, "openssl-libs".into(), "1:3.0.7-1.el9".into());
    package.source_name = Some("openssl".into());
    package.source_version = Some("3.0.7-1.el9".into());
    package.purl = "pkg:rpm/rhel/openssl-libs@3.0.7-1.el9?arch=x86_64&epoch=1".into();
    let ours = Ours::of(&package).unwrap();
    assert!(ours.is_meant(&purl("pkg:rpm/redhat/openssl@3.0.7-1.el9?arch=src&epoch=1"), false));
    assert!(ours.is_meant(&purl("pkg:rpm/redhat/openssl@3.0.7-1.el9?arch=src"), false));
    assert!(!ours.is_meant(&purl("pkg:rpm/redhat/openssl@3.0.8-1.el9?arch=src"), false));
}

#[test]
fn the_version_can_be_left_out() {
    assert_eq!(without_version("pkg:npm/%40a/b@1?x=y@z#s"), "pkg:npm/%40a/b?x=y@z#s");
    assert_eq!(without_version("pkg:npm/@a/b"), "pkg:npm/@a/b");
    assert_eq!(without_version("x"), "x");
}

proptest! {
    #[test]
    fn reading_never_panics(text in "(pkg:)?[a-z]{0,4}/?[@%#?&=/a-zA-Z0-9:é.+-]{0,60}") {
        if let Some(read) = Purl::parse(&text) {
            prop_assert!(!read.name.is_empty());
            prop_assert!(read.covers_name(&read) );
            let _ = without_version(&text);
        }
    }
}
