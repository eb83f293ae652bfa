//! Debian's OVAL: a definition per CVE and source package, or per security announcement; "earlier than 0" means that
//! the package was never affected. Flaws without a fix are not in it.

use super::document::Definition;
use super::{Advisory, Condition, Fate, Vendor, number_after};
use crate::import::words;
use crate::record::{NameKind, State};

pub(super) struct Debian;

/// Codenames in file names, for documents without a definition.
const CODENAMES: &[(&str, &str)] = &[
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
];

impl Vendor for Debian {
    fn source(&self) -> &'static str {
        "debian"
    }

    fn format(&self) -> &'static str {
        "debian-oval"
    }

    fn title(&self) -> &'static str {
        "Debian OVAL"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["product_name>Debian<", "oval:org.debian"]
    }

    fn kind(&self) -> NameKind {
        NameKind::Source
    }

    fn ecosystem(&self, text: &str) -> Option<String> {
        let number = number_after(text, "Debian GNU/Linux").or_else(|| number_after(text, "Debian"))?;
        self.release(number.split('.').next()?)
    }

    fn release(&self, number: &str) -> Option<String> {
        Some(format!("Debian:{number}"))
    }

    fn ecosystem_by_name(&self, name: &str) -> Option<String> {
        CODENAMES.iter().find(|(codename, _)| name.contains(codename)).and_then(|(_, number)| self.release(number))
    }

    fn advisory(&self, definition: &Definition) -> Option<Advisory> {
        // "CVE-2023-0001 openssl", "DSA-4692-1 netqmail".
        let (id, package) = definition.title.split_once(' ').unwrap_or((&definition.title, ""));
        if !words::is_id(id) {
            return None;
        }
        let text = if definition.more.trim().is_empty() || words::is_cve(id) {
            &definition.description
        } else {
            &definition.more
        };
        let summary =
            if words::is_cve(id) { words::summary(text) } else { words::summary(&format!("{package}: {text}")) };
        Some(Advisory { id: id.to_owned(), cves: definition.cve_ids(), summary, ..Advisory::default() })
    }

    fn fate(&self, _definition: &Definition, condition: &Condition, _module: Option<&str>) -> Fate {
        let never = condition.fixed.as_deref() == Some("0");
        Fate { state: if never { State::NotAffected } else { State::Affected }, ..Fate::default() }
    }
}
