//! Ubuntu's OVAL: a definition per security notice (USN, fixed flaws only) or per CVE (also without a fix). Names are
//! those of installed packages. What only Ubuntu Pro brings is told as the channel `esm`.

use super::document::{Definition, Graph};
use super::{Advisory, Condition, Fate, Vendor, number_after};
use crate::import::words;
use crate::record::{NameKind, State};

pub(super) struct Ubuntu;

/// Codenames in file names, for documents without a definition.
const CODENAMES: &[(&str, &str)] = &[
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
];

/// Words of the CVE feed for what becomes of a package without a fix.
const FATES: &[(&str, State)] = &[
    ("decision has been made to defer", State::FixDeferred),
    ("decision has been made to ignore", State::WillNotFix),
    ("end of life", State::EndOfLife),
    ("may need fixing", State::UnderInvestigation),
    ("is not affected", State::NotAffected),
];

impl Vendor for Ubuntu {
    fn source(&self) -> &'static str {
        "ubuntu"
    }

    fn format(&self) -> &'static str {
        "ubuntu-oval"
    }

    fn title(&self) -> &'static str {
        "Ubuntu OVAL"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["product_name>Canonical", "oval:com.ubuntu"]
    }

    fn kind(&self) -> NameKind {
        NameKind::Binary
    }

    fn ecosystem(&self, text: &str) -> Option<String> {
        let number = number_after(text, "Ubuntu Pro").or_else(|| number_after(text, "Ubuntu"))?;
        self.release(number)
    }

    fn release(&self, number: &str) -> Option<String> {
        // "22.04"; a point release (22.04.1) is the same one.
        let mut parts = number.split('.');
        let (year, month) = (parts.next()?, parts.next()?);
        (year.len() == 2 && month.len() == 2).then(|| format!("Ubuntu:{year}.{month}"))
    }

    fn ecosystem_by_name(&self, name: &str) -> Option<String> {
        CODENAMES.iter().find(|(codename, _)| name.contains(codename)).and_then(|(_, number)| self.release(number))
    }

    fn feed(&self, graph: &Graph) -> &'static str {
        if graph.product.contains("CVE") { "ubuntu-cve-oval" } else { self.format() }
    }

    fn advisory(&self, definition: &Definition) -> Option<Advisory> {
        // "USN-5400-1 -- MySQL vulnerabilities", "CVE-2022-0001 on Ubuntu 22.04 LTS (jammy) - low".
        let (id, rest) = definition.title.split_once(' ').unwrap_or((&definition.title, ""));
        if !words::is_id(id) {
            return None;
        }
        let cves = definition.cve_ids();
        let severity = definition.severity.as_deref();
        let mut said: Vec<_> = definition
            .cves
            .iter()
            .filter(|cve| words::is_cve(&cve.id))
            .filter_map(|cve| {
                let score = cve.get("cvss_score").and_then(|score| score.parse().ok());
                let said = words::said("ubuntu", cve.get("priority").or(severity), cve.get("cvss_vector"), score)?;
                Some((cve.id.clone(), said))
            })
            .collect();
        if words::is_cve(id)
            && said.is_empty()
            && let Some(one) = words::said("ubuntu", severity, None, None)
        {
            said.push((id.to_owned(), one));
        }
        let topic = rest.trim_start_matches('-').trim();
        let summary = if words::is_cve(id) {
            words::summary(&definition.description)
        } else {
            words::summary(&format!("{topic}: {}", definition.description))
        };
        Some(Advisory { id: id.to_owned(), cves, summary, severity: words::said("ubuntu", severity, None, None), said })
    }

    fn fate(&self, definition: &Definition, condition: &Condition, _module: Option<&str>) -> Fate {
        let version = condition.fixed.as_deref().unwrap_or_default().to_ascii_lowercase();
        let paid = definition.platforms.iter().any(|platform| platform.ends_with("ESM"));
        let channel = if version.contains("fips") {
            Some("fips")
        } else if version.contains("esm") || paid || condition.comment.contains("Ubuntu Pro") {
            Some("esm")
        } else {
            None
        };
        let told = if condition.fixed.is_some() {
            None
        } else {
            FATES.iter().find(|(words, _)| condition.comment.contains(words))
        };
        Fate {
            state: told.map_or(State::Affected, |(_, state)| *state),
            note: told.map(|_| words::note(&condition.comment)),
            channel: channel.map(str::to_owned),
        }
    }
}
