//! Debian's lists: literals of our own in their form.

use proptest::prelude::*;

use super::super::testing::{Kept, lines, mutate, read};
use super::*;
use crate::record::Relation;

const LIST: &str = "[29 Mar 2023] DSA-5380-1 thing - security update
\t{CVE-2023-1393 CVE-2023-0002}
\t[bullseye] - thing 2:1.20.11-1+deb11u6
\t[buster] - thing <not-affected>
\tNOTE: fixed in testing
[17 Mar 2023] DSA-5356-2 other - regression update
\t[bullseye] - other 14.4.2-2+deb11u2
[16 Mar 2023] DSA-5355-1 lone - security update
        {CVE-2023-0003}
        [bullseye] - lone <unfixed>
        [wheezy] - lone what?
[16 Jun 2007] DSA-1304 kernel - several
\t{CVE-2005-4811}
\t[sarge] - kernel 2.6.8-16sarge6
";

#[test]
fn announcements_are_read_with_their_flaws_and_releases() {
    let (feed, kept) = read("data/DSA/list", LIST).unwrap();
    assert_eq!(feed.feed, "debian-lists:dsa");
    assert_eq!(kept.snapshot.as_deref(), Some("2023-03-29"));
    let covers: Vec<_> = kept.covers.iter().map(|(ecosystem, unfixed)| (ecosystem.as_str(), *unfixed)).collect();
    assert_eq!(covers, [("Debian:10", false), ("Debian:11", false), ("Debian:7", false)]);
    assert_eq!(kept.records.len(), 2);
    let first = kept.record("DSA-5380-1");
    assert_eq!((first.summary.as_str(), first.published.as_deref()), ("thing: security update", Some("2023-03-29")));
    let ids: Vec<_> = first.others.iter().map(|other| (other.relation, other.id.as_str())).collect();
    assert_eq!(ids, [(Relation::Related, "CVE-2023-1393"), (Relation::Related, "CVE-2023-0002")]);
    assert_eq!(lines(first), ["Debian:11 thing <2:1.20.11-1+deb11u6 Source", "Debian:10 thing all Source NotAffected"]);
    let lone = kept.record("DSA-5355-1");
    assert_eq!(lines(lone), ["Debian:11 lone all Source", "Debian:7 lone all Source"]);
    assert_eq!(lone.others[0].relation, Relation::Upstream);
    assert_eq!(kept.notes.len(), 3, "{:?}", kept.notes);
}

#[test]
fn broken_lists_are_refused_with_their_line() {
    for (text, place) in [
        (LIST.replace("[16 Mar 2023] DSA-5355-1", "[16 Mrz 2023] DSA-5355-1"), "line 8"),
        (LIST.replace("CVE-2023-0002}", "CVE-2023-0002"), "line 2"),
        (LIST.replace("[buster] - thing <not-affected>", "[buster] thing 1"), "line 4"),
        (LIST.replace("[buster] - thing <not-affected>", "[buster] - thing"), "line 4"),
        (LIST.replace("[17 Mar", "17 Mar"), "line 6"),
    ] {
        let error = read("list", &text).err().unwrap().to_string();
        assert!(error.contains(place), "{error}");
    }
    let error = DebianLists.read("l", "l", b"\t[bullseye] - x 1", &mut Kept::default()).err().unwrap().to_string();
    assert!(error.contains("line 1"), "{error}");
}

proptest! {
    #[test]
    fn no_list_makes_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
        let _ = DebianLists.read("l", "l", &mutate(LIST, &edits), &mut Kept::default());
    }
}
