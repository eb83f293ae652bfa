//! What holds for any rows.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const NAMES: &[&str] = &["a", "b", "c", "liba"];

fn any_row() -> impl Strategy<Value = (u8, Row)> {
    let version = || prop_oneof![4 => "[0-4](\\.[0-3])?(-[1-2])?(\\+esm1)?", 1 => Just("<unfixed>".to_owned())];
    let state = prop_oneof![
        6 => Just(State::Affected),
        1 => Just(State::WillNotFix),
        1 => Just(State::NotAffected),
    ];
    let kind = prop_oneof![Just(NameKind::Source), Just(NameKind::Binary), Just(NameKind::Either)];
    let channel = prop_oneof![4 => Just(None), 1 => Just(Some("esm".to_owned())), 1 => Just(Some("fips".to_owned()))];
    let ends = (prop::option::of(version()), prop::option::of(version()), prop::option::of(version()));
    (0..6u8, 0..NAMES.len(), kind, state, channel, ends).prop_map(|(record, name, kind, state, channel, ends)| {
        let span = Span { introduced: ends.0, fixed: ends.1, last_affected: ends.2 };
        (record, Row { state, channel, span: Some(span), ..row("Debian:12", NAMES[name], kind) })
    })
}

fn case(rows: Vec<(u8, Row)>, versions: &[String]) -> Case {
    let mut case = Case::debian();
    for (name, version) in NAMES.iter().zip(versions) {
        let package = deb(name, version);
        case = case.package(if *name == "liba" { from_source(package, "a", None) } else { package });
    }
    let feeds = ["debian-tracker", "osv:Debian", "debian-oval:12"];
    for record in 0..6u8 {
        let rows = rows.iter().filter(|(of, _)| *of == record).map(|(_, row)| row.clone()).collect();
        let (id, cve) = (format!("DEBIAN-CVE-2024-{record}"), format!("CVE-2024-{}", record / 2));
        let feed = feeds[usize::from(record) % feeds.len()];
        case = case.record_of(feed, &id, &[(Relation::Upstream, cve.as_str())], rows);
    }
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        rows in prop::collection::vec(any_row(), 0..24),
        versions in prop::collection::vec("[0-4](\\.[0-3])?(-[1-2])?(\\+esm1)?", 4),
        turn in 0..24usize,
    ) {
        let mut case = case(rows, &versions);
        let facts = case.facts();
        case.rows.reverse();
        prop_assert_eq!(&case.facts(), &facts);
        let turn = turn.min(case.rows.len());
        case.rows.rotate_left(turn);
        prop_assert_eq!(&case.facts(), &facts);
        case.details.reverse();
        prop_assert_eq!(&case.facts(), &facts);
    }

    #[test]
    fn a_row_on_one_package_makes_no_other_unaffected(
        rows in prop::collection::vec(any_row(), 0..16),
        versions in prop::collection::vec("[0-4](\\.[0-3])?", 4),
        more in "[0-4](\\.[0-3])?",
    ) {
        let before = case(rows.clone(), &versions);
        let mut with = rows;
        with.push((0, fixed(row("Debian:12", "b", NameKind::Either), &more)));
        let after = case(with, &versions);
        let affected = |case: &Case| -> BTreeSet<String> {
            case.found().into_iter().filter(|one| !one.starts_with("b:")).collect()
        };
        prop_assert!(affected(&after).is_superset(&affected(&before)));
    }

    #[test]
    fn nothing_is_passed_over_in_silence(
        rows in prop::collection::vec(any_row(), 0..16),
        versions in prop::collection::vec("[a-z0-9:~+.() -]{0,6}", 4),
    ) {
        let facts = case(rows, &versions).facts();
        let coverage = &facts.coverage[0];
        let left: BTreeSet<u32> = facts.not_evaluated.iter().map(|one| one.package).collect();
        prop_assert_eq!(coverage.packages, 4);
        prop_assert_eq!(coverage.evaluated as usize + left.len(), 4);
    }
}
