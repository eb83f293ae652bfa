//! Rocky Linux' OVAL: built as Red Hat's, but without comments, and with the CVEs only in the text. Fixed flaws only.

use super::document::Definition;
use super::{Advisory, Vendor, number_after, redhat};
use crate::import::words;
use crate::record::NameKind;

pub(super) struct Rocky;

impl Vendor for Rocky {
    fn source(&self) -> &'static str {
        "rocky"
    }

    fn format(&self) -> &'static str {
        "rocky-oval"
    }

    fn title(&self) -> &'static str {
        "Rocky Linux OVAL"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["product_name>Rocky", "oval:org.rockylinux"]
    }

    fn kind(&self) -> NameKind {
        NameKind::Binary
    }

    fn ecosystem(&self, text: &str) -> Option<String> {
        // "Rocky Linux 9", or cpe:/o:rocky:rocky:9:GA.
        let number = number_after(text, "Rocky Linux").or_else(|| number_after(text, "rocky:rocky:"))?;
        self.release(number.split('.').next()?)
    }

    fn release(&self, number: &str) -> Option<String> {
        Some(format!("Rocky Linux:{number}"))
    }

    fn ecosystem_by_name(&self, name: &str) -> Option<String> {
        self.release(number_after(name, "rlsa-")?)
    }

    fn advisory(&self, definition: &Definition) -> Option<Advisory> {
        let (id, topic) = definition.title.split_once(' ').unwrap_or((&definition.title, ""));
        let id = id.trim_end_matches(':');
        if !words::is_id(id) {
            return None;
        }
        let mut cves = definition.cve_ids();
        if cves.is_empty() {
            // Also those fixed earlier may be mentioned further down: only the list of fixes counts.
            cves = words::cves_in(&redhat::fixes(&definition.description));
        }
        if cves.is_empty() {
            cves = words::cves_in(&definition.description);
        }
        let fixes = redhat::fixes(&definition.description);
        let summary =
            if fixes.is_empty() { words::summary(topic) } else { words::summary(&format!("{topic}: {fixes}")) };
        let severity = words::said("rocky", definition.severity.as_deref(), None, None);
        let said = match (cves.as_slice(), &severity) {
            // The word is the advisory's; of a single flaw it says as much.
            ([cve], Some(said)) => vec![(cve.clone(), said.clone())],
            _ => Vec::new(),
        };
        Some(Advisory { id: id.to_owned(), cves, summary, severity, said })
    }
}
