//! Alpine's security database: a JSON file for each branch and repository, with the versions that fixed flaws, by the
//! origin package. Flaws without a fix are not in it; the version `0` says that a package never had the flaw.
//!
//! Source: <https://secdb.alpinelinux.org/>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fix::{Fix, fix};
use super::refuse::{self, malformed, quoted};
use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::record::{Affected, NameKind, OtherId, Record, Relation};
use crate::versions::{self, Scheme, is_version};

/// Most packages of a repository.
const PACKAGES: usize = 200_000;
/// Most fixes of a package, and most ids of a fix.
const FIXES: usize = 10_000;
/// Most ids in one text.
const IDS: usize = 50;

/// Alpine's security database.
pub(super) struct AlpineSecdb;

/// What the file is about; its fields may stand behind the packages.
#[derive(Deserialize)]
struct Head {
    distroversion: String,
    reponame: String,
}

#[derive(Deserialize)]
struct Entry {
    pkg: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    secfixes: Fixes,
}

/// Fixes by version. Where there is none, some files have null or an empty list.
#[derive(Default)]
struct Fixes(BTreeMap<String, Vec<String>>);

impl Format for AlpineSecdb {
    fn name(&self) -> &'static str {
        "alpine-secdb"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let has = |key: &str| head.contains(&format!("\"{key}\""));
        let is_object = head.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        is_object && (has("apkurl") || has("distroversion") && has("reponame") || has("pkg") && has("secfixes"))
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, refuse::LARGEST)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let head: Head = serde_json::from_slice(bytes).map_err(|error| refuse::json(origin, &error))?;
        let branch = branch(&head.distroversion).ok_or_else(|| {
            let reason = format!("{} is no branch of Alpine", quoted(&head.distroversion));
            malformed(origin, "distroversion", reason)
        })?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if head.reponame.is_empty() || head.reponame.len() > 40 || !head.reponame.chars().all(is_part) {
            let reason = format!("{} is no name of a repository", quoted(&head.reponame));
            return Err(malformed(origin, "reponame", reason));
        }
        let ecosystem = format!("Alpine:{branch}");
        sink.covers(&ecosystem, false)?;
        let mut taken = Taken {
            origin,
            sink,
            ecosystem,
            failed: None,
            packages: 0,
            nameless: 0,
            first_nameless: None,
            repaired: 0,
            first_repaired: None,
            strange: 0,
        };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = reader.deserialize_map(Root(&mut taken)).and_then(|()| reader.end());
        if let Some(error) = taken.failed.take() {
            return Err(error);
        }
        read.map_err(|error| refuse::json(origin, &error))?;
        taken.finish();
        Ok(Feed {
            feed: format!("alpine-secdb:{}:{}", head.distroversion.trim(), head.reponame),
            title: format!("Alpine security database {branch} {}", head.reponame),
        })
    }
}

/// `v3.19` as `3.19`, `edge` as itself.
fn branch(text: &str) -> Option<&str> {
    let text = text.trim();
    if text == "edge" {
        return Some(text);
    }
    let branch = text.strip_prefix('v').unwrap_or(text);
    let (major, minor) = branch.split_once('.')?;
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor)).then_some(branch)
}

struct Taken<'a> {
    origin: &'a str,
    sink: &'a mut dyn Sink,
    ecosystem: String,
    failed: Option<AdvisoryError>,
    packages: usize,
    /// Texts without any id.
    nameless: usize,
    first_nameless: Option<String>,
    /// Versions that were misspelt.
    repaired: usize,
    first_repaired: Option<String>,
    /// Versions that are none.
    strange: usize,
}

impl Taken<'_> {
    fn package(&mut self, package: Package) -> Result<(), AdvisoryError> {
        self.packages = self.packages.saturating_add(1);
        let Package { name, secfixes } = package;
        let refused = |reason: &str| Err(malformed(self.origin, format!("package {}", quoted(&name)), reason));
        if !refuse::is_name(&name) {
            return refused("this is no name of a package");
        }
        if self.packages > PACKAGES {
            return refused("the repository has too many packages");
        }
        // One record for an id, with all of the package's versions.
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        for (version, texts) in &secfixes.0 {
            let repaired = repair(version);
            if let Some(repaired) = &repaired {
                self.repaired = self.repaired.saturating_add(1);
                self.first_repaired.get_or_insert_with(|| format!("{} as {repaired}", quoted(version)));
            }
            let fix = fix(Scheme::Apk, repaired.as_deref().unwrap_or(version));
            self.strange = self.strange.saturating_add(usize::from(fix == Fix::Strange));
            for text in texts {
                let ids = ids(text);
                if ids.is_empty() {
                    self.nameless = self.nameless.saturating_add(1);
                    self.first_nameless.get_or_insert_with(|| quoted(text));
                }
                let note = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inner, _)| inner);
                for (id, others) in split(ids) {
                    let record = records.entry(id).or_insert_with_key(|id| Record {
                        id: id.clone(),
                        source: "alpine".to_owned(),
                        ..Record::default()
                    });
                    for other in others {
                        if record.others.len() < IDS && !record.others.contains(&other) {
                            record.others.push(other);
                        }
                    }
                    let mut one = Affected {
                        ecosystem: self.ecosystem.clone(),
                        name: name.clone(),
                        kind: NameKind::Source,
                        note: note.map(words::note).filter(|note| !note.is_empty()),
                        ..Affected::default()
                    };
                    fix.put(&mut one);
                    record.affected.push(one);
                }
            }
        }
        records.into_values().try_for_each(|mut record| {
            keep_last_fix(&mut record);
            self.sink.record(record)
        })
    }

    fn finish(self) {
        if let Some(first) = &self.first_nameless {
            let count = self.nameless;
            self.sink.note(format!("{}: {count} fixes name no flaw, the first {first}; left out.", self.origin));
        }
        if let Some(first) = &self.first_repaired {
            let count = self.repaired;
            self.sink
                .note(format!("{}: {count} fixed versions are misspelt and were read as meant: {first}.", self.origin));
        }
        if self.strange > 0 {
            let count = self.strange;
            self.sink.note(format!(
                "{}: {count} fixed versions are no versions; the packages count as affected.",
                self.origin
            ));
        }
    }
}

/// A version that a slip has made none, as it was meant: `4.8.0.-r1`, `10.2.24.r0`, `10.0.11-0`, `57-1-r2`, `1.9.5p2-r0`.
/// None for a version, and for what stays none.
fn repair(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 200 || !text.starts_with(|c: char| c.is_ascii_digit()) || is_version(Scheme::Apk, text) {
        return None;
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let revision =
        ["-r", ".r", "-"].into_iter().find_map(|mark| text.rsplit_once(mark).filter(|parts| is_number(parts.1)));
    let (main, revision) = revision.map_or((text, None), |(main, revision)| (main, Some(revision)));
    let mut main = main.trim_end_matches('.').replace('-', ".");
    if let Some((before, patch)) = main.rsplit_once('p')
        && is_number(patch)
        && before.ends_with(|c: char| c.is_ascii_digit())
    {
        main = format!("{before}_p{patch}");
    }
    let meant = revision.map_or_else(|| main.clone(), |revision| format!("{main}-r{revision}"));
    is_version(Scheme::Apk, &meant).then_some(meant)
}

/// A flaw that was fixed several times was not whole before the last fix: only that one counts. What has no fix, or was
/// never affected, stays beside it.
fn keep_last_fix(record: &mut Record) {
    let fixed = |one: &Affected| one.spans.iter().find_map(|span| span.fixed.clone());
    let last = record.affected.iter().filter_map(fixed).reduce(|a, b| {
        if versions::compare(Scheme::Apk, &b, &a).is_some_and(std::cmp::Ordering::is_gt) { b } else { a }
    });
    if let Some(last) = last {
        record.affected.retain(|one| fixed(one).is_none_or(|fixed| fixed == last));
    }
}

/// The ids in a text such as `CVE-2019-17185 XSA-1 (AoE)`.
fn ids(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        // Once written with an underscore.
        let word = word.strip_prefix("CVE_").map_or_else(|| word.to_owned(), |rest| format!("CVE-{rest}"));
        // Varnish numbers without a hyphen.
        let is_varnish =
            word.strip_prefix("VSV").is_some_and(|rest| rest.len() == 5 && rest.bytes().all(|b| b.is_ascii_digit()));
        if (refuse::is_id(&word) || is_varnish) && !ids.contains(&word) && ids.len() < IDS {
            ids.push(word);
        }
    }
    ids
}

/// Ids that stand together, as records: every CVE is a flaw of its own; where there is none, the first id is it. What
/// GitHub and Xen call it is an alias; which of several flaws another's id means is not said.
fn split(ids: Vec<String>) -> Vec<(String, Vec<OtherId>)> {
    let (mut own, mut others): (Vec<String>, Vec<String>) = ids.into_iter().partition(|id| words::is_cve(id));
    if own.is_empty() && !others.is_empty() {
        own.push(others.remove(0));
    }
    let is_one = own.len() == 1;
    let others: Vec<OtherId> = others
        .into_iter()
        .map(|id| {
            let is_alias = is_one && (id.starts_with("GHSA-") || id.starts_with("XSA-"));
            OtherId { relation: if is_alias { Relation::Alias } else { Relation::Related }, id }
        })
        .collect();
    own.into_iter().map(|id| (id, others.clone())).collect()
}

/// The whole document.
struct Root<'t, 'a>(&'t mut Taken<'a>);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut any = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "packages" {
                any = true;
                map.next_value_seed(Packages(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if any { Ok(()) } else { Err(A::Error::custom("it has no packages")) }
    }
}

struct Packages<'t, 'a>(&'t mut Taken<'a>);

impl<'de> DeserializeSeed<'de> for Packages<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Packages<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of packages")
    }

    /// A repository in which nothing was ever fixed.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Entry>()? {
            if let Err(error) = self.0.package(entry.pkg) {
                self.0.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Fixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FixesVisitor)
    }
}

struct FixesVisitor;

impl<'de> Visitor<'de> for FixesVisitor {
    type Value = Fixes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("versions with the flaws that they fix")
    }

    fn visit_unit<E>(self) -> Result<Fixes, E> {
        Ok(Fixes::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Fixes, A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(Fixes::default()),
            Some(_) => Err(A::Error::custom("fixes stand in a list, without their versions")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fixes, A::Error> {
        let mut fixes = Fixes::default();
        while let Some((version, ids)) = map.next_entry::<String, Option<Vec<String>>>()? {
            let ids = ids.unwrap_or_default();
            if fixes.0.len() >= FIXES || ids.len() > FIXES {
                return Err(A::Error::custom(format!("a package has more than {FIXES} fixes")));
            }
            fixes.0.entry(version).or_default().extend(ids);
        }
        Ok(fixes)
    }
}

#[cfg(test)]
#[path = "alpine_secdb_tests.rs"]
mod tests;
