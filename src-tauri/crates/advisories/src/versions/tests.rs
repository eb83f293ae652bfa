//! The order of versions against the package managers' own vectors, `dpkg --compare-versions`, other implementations,
//! and the laws of an order.

use std::cmp::Ordering;
use std::process::Command;

use proptest::prelude::*;

use super::{LONGEST, Scheme, compare, is_version};

const ALL: [Scheme; 10] = [
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

/// Vectors that do not hold here, each with the reason.
const KNOWN: [(Scheme, &str, &str); 5] = [
    // The library keeps a release word in the middle of a version, which Maven drops.
    (Scheme::Maven, "1-1", "1-ga-1"),
    // The library takes a word behind a dot for a part of the same list, Maven for a list of its own.
    (Scheme::Maven, "2.0.a", "2-1"),
    // PEP 440 knows no such version; the table has what older tools made of it.
    (Scheme::Pep440, "-class.-jw.util.version.version-pre", "1.0"),
    (Scheme::Pep440, "-class.-jw.util.version.version-preview", "1.0"),
    (Scheme::Pep440, "-class.-jw.util.version.version-dev", "1.0"),
];

fn run(scheme: Scheme, table: &str) -> usize {
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [a, b, order] = fields[..] else { panic!("{line:?}") };
        let expected = Some(order.parse::<i8>().unwrap().cmp(&0));
        let is_known = KNOWN.iter().any(|known| known.0 == scheme && known.1 == a && known.2 == b);
        if is_known {
            assert_ne!(compare(scheme, a, b), expected, "{scheme:?} {a} {b} holds by now");
            continue;
        }
        assert_eq!(compare(scheme, a, b), expected, "{scheme:?} {a:?} {b:?}");
        assert_eq!(compare(scheme, b, a), expected.map(Ordering::reverse), "{scheme:?} {b:?} {a:?}");
        count += 1;
    }
    count
}

#[test]
fn versions_are_ordered_as_the_package_managers_own_suites_say() {
    for (scheme, table, count) in [
        (Scheme::Deb, include_str!("vectors/deb.tsv"), 84),
        (Scheme::Rpm, include_str!("vectors/rpm.tsv"), 181),
        (Scheme::Apk, include_str!("vectors/apk.tsv"), 729),
        (Scheme::Semver, include_str!("vectors/semver.tsv"), 86),
        (Scheme::Semver, include_str!("vectors/npm.tsv"), 54),
        (Scheme::Go, include_str!("vectors/go.tsv"), 576),
        (Scheme::Pep440, include_str!("vectors/pep440.tsv"), 237),
        (Scheme::Maven, include_str!("vectors/maven.tsv"), 597),
        (Scheme::Gem, include_str!("vectors/gem.tsv"), 24),
        (Scheme::Packagist, include_str!("vectors/packagist.tsv"), 94),
        (Scheme::Nuget, include_str!("vectors/nuget.tsv"), 34),
    ] {
        assert_eq!(run(scheme, table) + KNOWN.iter().filter(|known| known.0 == scheme).count(), count, "{scheme:?}");
    }
}

#[test]
fn what_the_package_managers_refuse_is_no_version() {
    for line in include_str!("vectors/validity.tsv").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [scheme, text, valid] = fields[..] else { panic!("{line:?}") };
        let scheme = match scheme {
            "apk" => Scheme::Apk,
            "deb" => Scheme::Deb,
            _ => Scheme::Go,
        };
        assert_eq!(is_version(scheme, text), valid == "1", "{scheme:?} {text:?}");
    }
}

#[test]
fn words_that_stand_for_a_missing_version_are_none() {
    let long = "1".repeat(LONGEST + 1);
    for scheme in ALL {
        for text in
            ["", " ", "\n", "<unfixed>", "<not-affected>", "unknown", "Unknown", "(devel)", "none", "${v}", &long]
        {
            assert!(!is_version(scheme, text), "{scheme:?} {text:?}");
        }
        assert!(is_version(scheme, "1.2.3"), "{scheme:?}");
        assert!(is_version(scheme, "0"), "{scheme:?}");
        assert_eq!(compare(scheme, "1.2", "unknown"), None);
    }
}

#[test]
fn distributions_versions_that_tools_get_wrong_are_ordered_right() {
    use Ordering::{Equal, Greater, Less};
    for (scheme, a, b, order) in [
        // No revision is revision 0, and no epoch is epoch 0.
        (Scheme::Deb, "1.2", "1.2-0", Equal),
        (Scheme::Deb, "0:1.2", "1.2", Equal),
        (Scheme::Deb, "1.2", "1.2-1", Less),
        (Scheme::Deb, "1:1.0", "2.0", Greater),
        (Scheme::Deb, "1.2~rc1-1", "1.2-1", Less),
        (Scheme::Deb, "2.36-9+deb12u4", "2.36-9+deb12u10", Less),
        (Scheme::Rpm, "1.2-1.el9", "0:1.2-1.el9", Equal),
        (Scheme::Rpm, "1.2^20240101-1", "1.2-1", Greater),
        (Scheme::Rpm, "1.2~rc1-1", "1.2-1", Less),
        (Scheme::Rpm, "1.2-9.el9_2", "1.2-10.el9", Less),
        (Scheme::Apk, "1.0-r9", "1.0-r10", Less),
        (Scheme::Apk, "8.2.0", "8.2.001", Less),
        (Scheme::Apk, "1.0_p1-r0", "1.0-r0", Greater),
        (Scheme::Apk, "1.0_rc1-r0", "1.0-r0", Less),
        (Scheme::Apk, "1.0", "1.0-r0", Less),
        (Scheme::Apk, "99999999999999999999999-r0", "99999999999999999999998-r0", Greater),
    ] {
        assert_eq!(compare(scheme, a, b), Some(order), "{scheme:?} {a} {b}");
    }
    assert!(!is_version(Scheme::Apk, "1.0-r1_junk"), "what follows the difference must be well formed too");
    assert_eq!(compare(Scheme::Apk, "2.0", "1.0-junk"), None);
}

#[test]
fn languages_versions_are_read_as_they_occur() {
    use Ordering::{Equal, Greater, Less};
    for (scheme, a, b, order) in [
        (Scheme::Semver, "v1.2", "1.2.0", Equal),
        (Scheme::Semver, "=1.2.3", "1.2.3+build", Equal),
        (Scheme::Semver, "9.0.65.1", "9.0.65", Greater),
        (Scheme::Semver, "1.1.1w", "1.1.1", Greater),
        (Scheme::Semver, "1.1.1k", "1.1.1w", Less),
        (Scheme::Semver, "1.2.3rc1", "1.2.3", Less),
        (Scheme::Semver, "4.8.3.Final", "4.8.3", Equal),
        (Scheme::Semver, "1.2.3-alpha", "1.2.3", Less),
        (Scheme::Go, "go1.22.1", "1.22.1", Equal),
        (Scheme::Go, "go1.22rc1", "1.22.0-rc.1", Equal),
        (Scheme::Go, "go1.22rc2", "go1.22rc10", Less),
        (Scheme::Go, "1.22.0-0", "go1.22beta1", Less),
        (Scheme::Go, "go1.24.1 X:boringcrypto", "1.24.1", Equal),
        (Scheme::Go, "go1.20.12-rebuilt", "go1.20.12", Equal),
        (Scheme::Go, "v2.0.0+incompatible", "2.0.0", Equal),
        (Scheme::Go, "v0.0.0-20210101000000-abcdefabcdef", "0.0.0-20220101000000-abcdefabcdef", Less),
        (Scheme::Go, "v1.2.4-0.20210101000000-abcdefabcdef", "1.2.4", Less),
        (Scheme::Pep440, "1.0.post1", "1.0", Greater),
        (Scheme::Pep440, "1!1.0", "2.0", Greater),
        (Scheme::Gem, "1.15.0-x86_64-linux", "1.15.0", Equal),
        (Scheme::Gem, "1.15.0-java", "1.15.1", Less),
        (Scheme::Gem, "1.0.0-rc1", "1.0.0", Less),
        (Scheme::Gem, "0.1.20240101123456", "0.1.0", Greater),
        (Scheme::Packagist, "1.x-dev", "1.2.3", Greater),
        (Scheme::Packagist, "v1.0.0-BETA2", "1.0.0", Less),
        (Scheme::Packagist, "1.0.0@beta", "1.0.0", Equal),
        (Scheme::Packagist, "dev-main", "0.1", Less),
        (Scheme::Nuget, "1.0.0.0", "1.0", Equal),
        (Scheme::Nuget, "1.0.0-RC1", "1.0.0-rc1", Equal),
        (Scheme::Maven, "1.0-SNAPSHOT", "1.0", Less),
        (Scheme::Maven, "2.0.0.RELEASE", "2.0.0", Equal),
    ] {
        assert_eq!(compare(scheme, a, b), Some(order), "{scheme:?} {a} {b}");
    }
    for text in ["(devel)", "devel go1.23-0123456 Thu", "v0.0.0-00010101000000-000000000000", "1.2.3.4", "go1.x"] {
        assert!(!is_version(Scheme::Go, text), "{text}");
    }
    for text in ["5.15.14-1?", "1.2.3-", "latest", "^1.2.3", "1.2.*"] {
        assert!(!is_version(Scheme::Semver, text), "{text}");
    }
    assert!(!is_version(Scheme::Nuget, "1.2.3.4.5"));
    assert!(!is_version(Scheme::Packagist, "latest"));
}

/// Versions as each scheme has them, close enough together that orders are hard.
fn version(scheme: Scheme) -> BoxedStrategy<String> {
    let pattern = match scheme {
        Scheme::Deb => "([0-2]:)?[0-2][0-2a+~.-]{0,5}[0-1](-[0-2a+~.]{1,3})?",
        Scheme::Rpm => "([0-2]:)?[0-2a][0-2a~^._]{0,5}(-[0-2a~^.]{1,3})?",
        Scheme::Apk => "[0-2](\\.[0-2]{1,2}){0,2}[a-b]?(_(alpha|rc|p|git)[0-2]?){0,2}(~[0-2a])?(-r[0-2]{1,2})?",
        Scheme::Semver => "[v=]?[0-2](\\.[0-2]{1,2}){0,3}(a|rc1|\\.Final)?(-[0-2a]{1,2}(\\.[0-2a]{1,2}){0,2})?(\\+b)?",
        Scheme::Go => {
            "v?[0-2]\\.[0-2]{1,2}\\.[0-2](-[0-2a]{1,2}(\\.[0-2a]{1,2}){0,2})?|go1\\.[0-2]{1,2}(rc[0-2]|\\.[0-2])?"
        }
        Scheme::Pep440 => "([0-1]!)?[0-2](\\.[0-2]){0,2}((a|b|rc)[0-2])?(\\.post[0-2])?(\\.dev[0-2])?(\\+[0-2a])?",
        Scheme::Maven => "[0-2](\\.[0-2]){0,2}(-(alpha|beta|rc|SNAPSHOT|sp)(-?[0-2])?)?",
        Scheme::Gem => "[0-2](\\.[0-2a]{1,2}){0,3}(-[0-2a]{1,2})?",
        Scheme::Packagist => "v?[0-2](\\.[0-2]){0,3}(-?(dev|a|beta|RC|p|foo)[0-2]?)?",
        Scheme::Nuget => "[0-2](\\.[0-2]{1,2}){0,3}(-[0-2aA]{1,2}(\\.[0-2aA]{1,2}){0,2})?",
    };
    proptest::string::string_regex(pattern).unwrap().boxed()
}

fn of_any_scheme() -> impl Strategy<Value = (Scheme, String, String, String)> {
    prop::sample::select(ALL.to_vec())
        .prop_flat_map(|scheme| (Just(scheme), version(scheme), version(scheme), version(scheme)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn an_order_is_one_backwards_too_and_goes_on((scheme, a, b, c) in of_any_scheme()) {
        let of = |a: &str, b: &str| compare(scheme, a, b);
        prop_assert_eq!(of(&a, &b), of(&b, &a).map(Ordering::reverse));
        if is_version(scheme, &a) {
            prop_assert_eq!(of(&a, &a), Some(Ordering::Equal));
        }
        if let (Some(ab), Some(bc), Some(ac)) = (of(&a, &b), of(&b, &c), of(&a, &c)) {
            if ab == bc {
                prop_assert_eq!(ac, ab, "{} {} {}", a, b, c);
            }
            if ab == Ordering::Equal {
                prop_assert_eq!(ac, bc, "{} {} {}", a, b, c);
            }
        }
    }

    #[test]
    fn no_text_makes_any_scheme_panic(a in ".{0,40}", b in "[0-9a-zA-Z.:~^+_\\-!#*@ ]{0,30}") {
        for scheme in ALL {
            let _ = (compare(scheme, &a, &b), compare(scheme, &b, &a), compare(scheme, &b, &b));
        }
    }

    #[test]
    fn semantic_versions_are_ordered_as_nodejs_semver_does(
        a in "[0-2]\\.[0-2]{1,2}\\.[0-2](-[0-2a]{1,2}(\\.[0-2a]{1,2}){0,2})?",
        b in "[0-2]\\.[0-2]{1,2}\\.[0-2](-[0-2a]{1,2}(\\.[0-2a]{1,2}){0,2})?",
    ) {
        if let (Ok(x), Ok(y)) = (nodejs_semver::Version::parse(&a), nodejs_semver::Version::parse(&b)) {
            prop_assert_eq!(compare(Scheme::Semver, &a, &b), Some(x.cmp(&y)));
        }
    }

    #[test]
    fn gems_are_ordered_as_gem_version_does(a in version(Scheme::Gem), b in version(Scheme::Gem)) {
        if let (Ok(x), Ok(y)) = (a.parse::<gem_version::GemVersion>(), b.parse::<gem_version::GemVersion>()) {
            prop_assert_eq!(compare(Scheme::Gem, &a, &b), Some(x.cmp(&y)));
        }
    }
}

#[test]
fn long_and_deep_versions_are_ordered_without_harm() {
    for scheme in ALL {
        for unit in ["1.", "1-", "a1", "~", "^", "_p1", "é", "0", "-", "1.a."] {
            let text = format!("1{}", unit.repeat(LONGEST.saturating_div(unit.len()).saturating_sub(1)));
            let _ = compare(scheme, &text, &text);
            let _ = compare(scheme, &text, &format!("{text}1"));
        }
    }
}

#[test]
fn dpkg_on_this_machine_orders_the_same() {
    if Command::new("dpkg").arg("--version").output().is_err() {
        println!("There is no dpkg on this machine: nothing was compared with it.");
        return;
    }
    // One shell for all, because a program's start costs more than a comparison.
    let parts = ["", "0", "1", "10", "01", "a", "~", "~~", "+", ".", "a1", "~rc1", "+b2"];
    let texts: Vec<String> = (0_usize..400)
        .map(|n| {
            let part = |by: usize| parts[(n.wrapping_mul(by).wrapping_add(n / 7)) % parts.len()];
            let epoch = ["", "", "0:", "1:"][n % 4];
            let revision = ["", "-0", "-1", "-1~deb12u1", "-1+b2"][n % 5];
            format!("{epoch}1{}{}{}{revision}", part(3), part(5), part(11))
        })
        .collect();
    let pairs: Vec<(&String, &String)> = texts.iter().zip(texts.iter().skip(17)).collect();
    let mut script = String::new();
    for (a, b) in &pairs {
        for relation in ["lt", "eq", "gt"] {
            script.push_str(&format!("dpkg --compare-versions '{a}' {relation} '{b}' && echo {relation}\n"));
        }
    }
    let Ok(output) = Command::new("sh").args(["-c", &script]).output() else {
        println!("There is no shell on this machine: nothing was compared with dpkg.");
        return;
    };
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(said.len(), pairs.len(), "dpkg says one relation for each pair");
    for ((a, b), said) in pairs.iter().zip(said) {
        let expected = match said {
            "lt" => Ordering::Less,
            "eq" => Ordering::Equal,
            _ => Ordering::Greater,
        };
        assert_eq!(compare(Scheme::Deb, a, b), Some(expected), "{a} {b}");
    }
}
