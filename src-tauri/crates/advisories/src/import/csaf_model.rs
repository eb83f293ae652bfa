//! CSAF 2.0 as far as it is read (OASIS CSAF 2.0, section 3.2); the product tree has a file of its own.

use serde::Deserialize;

use super::csaf_tree::ProductTree;

#[derive(Deserialize)]
pub(super) struct Whole {
    pub(super) document: Head,
    #[serde(default)]
    pub(super) product_tree: ProductTree,
    #[serde(default)]
    pub(super) vulnerabilities: Vec<Flaw>,
}

#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) category: String,
    pub(super) publisher: Publisher,
    #[serde(default)]
    pub(super) title: String,
    pub(super) tracking: Tracking,
    #[serde(default)]
    pub(super) aggregate_severity: Option<Severity>,
    #[serde(default)]
    pub(super) references: Vec<Link>,
}

#[derive(Deserialize)]
pub(super) struct Publisher {
    pub(super) namespace: String,
}

#[derive(Deserialize)]
pub(super) struct Tracking {
    pub(super) id: String,
    #[serde(default)]
    pub(super) initial_release_date: Option<String>,
    #[serde(default)]
    pub(super) current_release_date: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Severity {
    pub(super) text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Flaw {
    pub(super) cve: Option<String>,
    pub(super) title: Option<String>,
    pub(super) notes: Vec<Note>,
    pub(super) release_date: Option<String>,
    pub(super) references: Vec<Link>,
    pub(super) product_status: Status,
    pub(super) remediations: Vec<Remediation>,
    pub(super) threats: Vec<Threat>,
    pub(super) flags: Vec<Flag>,
    pub(super) scores: Vec<Score>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub(super) category: String,
    pub(super) text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) fixed: Vec<String>,
    pub(super) known_affected: Vec<String>,
    pub(super) known_not_affected: Vec<String>,
    pub(super) under_investigation: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Remediation {
    pub(super) category: String,
    pub(super) details: String,
    pub(super) product_ids: Vec<String>,
    pub(super) url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Threat {
    pub(super) category: String,
    pub(super) details: String,
    pub(super) product_ids: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Flag {
    pub(super) label: String,
    pub(super) product_ids: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Score {
    pub(super) cvss_v2: Option<Cvss>,
    pub(super) cvss_v3: Option<Cvss>,
    pub(super) cvss_v4: Option<Cvss>,
    pub(super) products: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Cvss {
    pub(super) vector_string: Option<String>,
    pub(super) base_score: Option<f64>,
}
