//! NVD's CVE records in JSON 2.0: yearly feeds, answers of the API, and files with a single CVE.
//!
//! Severities, descriptions and rejections are taken. The CPE configurations are not: product names in them are too
//! coarse to match packages by, and would report flaws of other software with the same name.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::Said;

/// Size of a document, in bytes.
const SIZE: usize = 1024 * 1024 * 1024;
/// CVEs of a document.
const CVES: usize = 2_000_000;
/// Metrics of one kind of one CVE.
const METRICS: usize = 64;

/// Feeds and answers: `{"vulnerabilities": [{"cve": …}]}`.
pub(super) struct Nvd;

/// A single CVE: `{"cve": …}`, or the record itself.
pub(super) struct NvdCve;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cve {
    id: String,
    vuln_status: Option<String>,
    descriptions: Vec<Description>,
    metrics: Metrics,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Description {
    lang: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metrics {
    #[serde(rename = "cvssMetricV31")]
    v31: Vec<Metric>,
    #[serde(rename = "cvssMetricV40")]
    v40: Vec<Metric>,
    #[serde(rename = "cvssMetricV30")]
    v30: Vec<Metric>,
    #[serde(rename = "cvssMetricV2")]
    v2: Vec<Metric>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metric {
    source: String,
    r#type: String,
    cvss_data: Data,
    /// v2 has it here, later ones beside the vector.
    base_severity: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data {
    vector_string: Option<String>,
    base_score: Option<f64>,
    base_severity: Option<String>,
}

#[derive(Deserialize)]
struct Wrapped {
    cve: Cve,
}

/// Whether text of a JSON document has a key.
fn has(head: &str, key: &str) -> bool {
    head.contains(&format!("\"{key}\""))
}

fn is_list(head: &str) -> bool {
    has(head, "NVD_CVE")
        || (has(head, "resultsPerPage") && has(head, "totalResults"))
        || (has(head, "feed_name") && has(head, "cve_items"))
}

impl Format for Nvd {
    fn name(&self) -> &'static str {
        "nvd"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        is_list(&String::from_utf8_lossy(head))
    }

    fn read(&self, origin: &str, name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        small(origin, bytes)?;
        let mut taken = Taken::new(origin, sink);
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = reader.deserialize_map(Root(&mut taken)).and_then(|()| reader.end());
        if let Some(error) = taken.failed.take() {
            return Err(error);
        }
        read.map_err(|error| broken(origin, &error))?;
        if let Some(timestamp) = taken.timestamp.take() {
            taken.sink.snapshot(&timestamp);
        }
        Ok(taken.feed(name))
    }
}

impl Format for NvdCve {
    fn name(&self) -> &'static str {
        "nvd-cve"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        !is_list(&head) && has(&head, "sourceIdentifier") && has(&head, "vulnStatus")
    }

    fn is_one_record(&self) -> bool {
        true
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum One {
            Wrapped(Wrapped),
            Bare(Cve),
        }
        small(origin, bytes)?;
        // First as plain JSON, so that what is wrong is told with its place.
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| broken(origin, &error))?;
        let cve = match serde_json::from_value(value).map_err(|error| broken(origin, &error))? {
            One::Wrapped(wrapped) => wrapped.cve,
            One::Bare(cve) => cve,
        };
        let mut taken = Taken::new(origin, sink);
        taken.take(cve)?;
        Ok(taken.feed(""))
    }
}

fn small(origin: &str, bytes: &[u8]) -> Result<(), AdvisoryError> {
    if bytes.len() <= SIZE {
        return Ok(());
    }
    Err(AdvisoryError::Malformed {
        origin: origin.to_owned(),
        place: "the document".into(),
        reason: format!("it is larger than {SIZE} bytes"),
    })
}

fn broken(origin: &str, error: &serde_json::Error) -> AdvisoryError {
    AdvisoryError::Malformed {
        origin: origin.to_owned(),
        place: format!("line {}, column {}", error.line(), error.column()),
        reason: format!("it is no NVD data ({error})"),
    }
}

/// What was taken so far.
struct Taken<'a> {
    origin: &'a str,
    sink: &'a mut dyn Sink,
    failed: Option<AdvisoryError>,
    timestamp: Option<String>,
    count: usize,
    /// The year of all ids; none before the first, and an empty one for several.
    year: Option<String>,
}

impl<'a> Taken<'a> {
    fn new(origin: &'a str, sink: &'a mut dyn Sink) -> Self {
        Self { origin, sink, failed: None, timestamp: None, count: 0, year: None }
    }

    fn take(&mut self, cve: Cve) -> Result<(), AdvisoryError> {
        let malformed = |place: String, reason: &str| AdvisoryError::Malformed {
            origin: self.origin.to_owned(),
            place,
            reason: reason.to_owned(),
        };
        self.count = self.count.saturating_add(1);
        if !words::is_cve(&cve.id) {
            return Err(malformed(format!("CVE {} of the document", self.count), "its id is no CVE id"));
        }
        let metrics = &cve.metrics;
        if self.count > CVES
            || [&metrics.v2, &metrics.v30, &metrics.v31, &metrics.v40].iter().any(|all| all.len() > METRICS)
        {
            return Err(malformed(format!("record {}", cve.id), "there are too many CVEs, or too many metrics of one"));
        }
        let year = cve.id.get(4..8).unwrap_or_default();
        match &self.year {
            None => self.year = Some(year.to_owned()),
            Some(known) if known != year => self.year = Some(String::new()),
            Some(_) => {}
        }
        let rejected = cve.vuln_status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("rejected"));
        let english = cve.descriptions.iter().find(|text| text.lang == "en" || text.lang.starts_with("en-"));
        let summary = english.map(|text| words::summary(&text.value)).filter(|text| !text.is_empty());
        let severities = severities(metrics);
        self.sink.about(About { cve: cve.id, severities, summary, rejected, ..About::default() })
    }

    /// The feed, by the file's name, else by the ids.
    fn feed(&self, name: &str) -> Feed {
        let name = name.rsplit('/').next().unwrap_or(name);
        let by_name = ["modified", "recent"].into_iter().find(|word| name.contains(word)).or_else(|| {
            name.split(|c: char| !c.is_ascii_digit())
                .find(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
        });
        match by_name.or(self.year.as_deref()).filter(|part| !part.is_empty()) {
            Some(part) => Feed { feed: format!("nvd:{part}"), title: format!("NVD {part}") },
            None => Feed { feed: "nvd".into(), title: "NVD".into() },
        }
    }
}

/// What is said of a severity: NVD's own first. What others say and NVD only publishes is theirs: the CNA's, or CISA's.
fn severities(metrics: &Metrics) -> Vec<Said> {
    let mut all: Vec<(bool, Said)> = Vec::new();
    for metric in metrics.v31.iter().chain(&metrics.v40).chain(&metrics.v30).chain(&metrics.v2) {
        let source = match metric.source.as_str() {
            "nvd@nist.gov" => "nvd",
            // The number under which NVD keeps CISA's "vulnrichment".
            "134c704f-9b21-4f2e-91b3-4a467353bcc0" => "cisa",
            "" if metric.r#type == "Primary" => "nvd",
            _ => "cna",
        };
        let word = metric.cvss_data.base_severity.as_deref().or(metric.base_severity.as_deref());
        let said = words::said(source, word, metric.cvss_data.vector_string.as_deref(), metric.cvss_data.base_score);
        if let Some(said) = said
            && !all.iter().any(|(_, known)| *known == said)
        {
            all.push((metric.r#type != "Primary", said));
        }
    }
    all.sort_by_key(|(secondary, said)| (said.source != "nvd", *secondary));
    all.into_iter().map(|(_, said)| said).take(16).collect()
}

struct Root<'t, 'a>(&'t mut Taken<'a>);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with vulnerabilities")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut any = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "vulnerabilities" | "cve_items" => {
                    any = true;
                    map.next_value_seed(Items { taken: &mut *self.0, wrapped: key == "vulnerabilities" })?;
                }
                "timestamp" => self.0.timestamp = Some(map.next_value()?),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        if any { Ok(()) } else { Err(A::Error::custom("it has no vulnerabilities")) }
    }
}

struct Items<'t, 'a> {
    taken: &'t mut Taken<'a>,
    wrapped: bool,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of CVEs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let next = if self.wrapped {
                seq.next_element::<Wrapped>()?.map(|wrapped| wrapped.cve)
            } else {
                seq.next_element::<Cve>()?
            };
            let Some(cve) = next else { return Ok(()) };
            if let Err(error) = self.taken.take(cve) {
                self.taken.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
    }
}

#[cfg(test)]
#[path = "nvd_tests.rs"]
mod tests;
