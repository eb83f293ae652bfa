//! Red Hat's OVAL v2: a definition per advisory, with module streams and architectures; in the feeds that include
//! unpatched flaws also one per CVE, in which Red Hat says what it is going to do.

use super::document::Definition;
use super::{Advisory, Condition, Fate, Vendor, number_after};
use crate::import::words;
use crate::record::{NameKind, State};

pub(super) struct RedHat;

/// Red Hat's words for what becomes of a package.
pub(in crate::import) fn state(resolution: &str) -> State {
    match resolution.trim().to_ascii_lowercase().as_str() {
        "will not fix" => State::WillNotFix,
        "out of support scope" => State::EndOfLife,
        "fix deferred" => State::FixDeferred,
        "under investigation" => State::UnderInvestigation,
        "not affected" => State::NotAffected,
        _ => State::Affected,
    }
}

/// The major version of Red Hat Enterprise Linux that a CPE name means; none for other products.
pub(in crate::import) fn cpe_release(cpe: &str) -> Option<&str> {
    let mut parts = cpe.trim().split(':');
    let (_, _, vendor, product) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let version = parts.next()?;
    let is_major = !version.is_empty() && version.len() <= 3 && version.bytes().all(|byte| byte.is_ascii_digit());
    (vendor == "redhat" && product == "enterprise_linux" && is_major).then_some(version)
}

/// A component of a resolution: `xterm`, or `nodejs:18/nodejs` in a module stream.
fn component(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((module, name)) if module.contains(':') => (Some(module), name),
        _ => (None, text),
    }
}

/// Advisories, fixes of flaws: what is said of CVEs, in `cvss3="9.3/CVSS:3.1/…"` and in words.
fn said(definition: &Definition) -> Vec<(String, crate::record::Said)> {
    let mut all = Vec::new();
    for cve in definition.cves.iter().filter(|cve| words::is_cve(&cve.id)) {
        let impact = cve.get("impact").or(definition.severity.as_deref());
        let mut any = false;
        for name in ["cvss3", "cvss4", "cvss2"] {
            let Some((score, vector)) = cve.get(name).and_then(|value| value.split_once('/')) else { continue };
            if let Some(said) = words::said("redhat", impact, Some(vector), score.parse().ok()) {
                all.push((cve.id.clone(), said));
                any = true;
            }
        }
        if !any && let Some(said) = words::said("redhat", impact, None, None) {
            all.push((cve.id.clone(), said));
        }
    }
    all
}

/// The list under "Security Fix(es):" in an advisory's description.
pub(super) fn fixes(description: &str) -> String {
    let Some((_, rest)) = description.split_once("Security Fix(es):") else { return String::new() };
    let listed: Vec<&str> =
        rest.split('\n').map(str::trim).take(400).filter_map(|line| line.strip_prefix("* ")).take(20).collect();
    listed.join("; ")
}

impl Vendor for RedHat {
    fn source(&self) -> &'static str {
        "redhat"
    }

    fn format(&self) -> &'static str {
        "redhat-oval"
    }

    fn title(&self) -> &'static str {
        "Red Hat OVAL"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["product_name>Red Hat OVAL", "oval:com.redhat"]
    }

    fn kind(&self) -> NameKind {
        NameKind::Binary
    }

    fn ecosystem(&self, text: &str) -> Option<String> {
        self.release(number_after(text, "Red Hat Enterprise Linux")?)
    }

    fn release(&self, number: &str) -> Option<String> {
        // "9"; 9.2 is a stream with extended support, whose fixes others cannot get.
        (!number.contains('.')).then(|| format!("Red Hat:{number}"))
    }

    fn ecosystem_by_name(&self, name: &str) -> Option<String> {
        // rhel-9.oval.xml, rhel-9-including-unpatched.oval.xml; not rhel-9.2-eus.oval.xml.
        let (_, rest) = name.split_once("rhel-")?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, rest) = (rest.get(..end)?, rest.get(end..)?);
        (!number.is_empty() && !rest.contains("eus") && !rest.contains("aus")).then(|| self.release(number)).flatten()
    }

    fn advisory(&self, definition: &Definition) -> Option<Advisory> {
        if !definition.cpes.is_empty() && !definition.cpes.iter().any(|cpe| cpe_release(cpe).is_some()) {
            return None;
        }
        let cves = definition.cve_ids();
        // An advisory's own id is a reference, too: a definition of an unpatched flaw has only the CVE.
        let own = definition.references.iter().find(|reference| {
            reference.source != "CVE"
                && definition.title.starts_with(reference.id.as_str())
                && words::is_id(&reference.id)
        });
        let id = own.map(|own| own.id.clone()).or_else(|| cves.first().cloned())?;
        let topic =
            definition.title.strip_prefix(id.as_str()).unwrap_or(&definition.title).trim_start_matches(':').trim();
        let fixes = fixes(&definition.description);
        let summary = match (own.is_some(), fixes.is_empty()) {
            (true, false) => words::summary(&format!("{topic}: {fixes}")),
            (true, true) => words::summary(topic),
            (false, _) if definition.description.trim().is_empty() => words::summary(topic),
            (false, _) => words::summary(&definition.description),
        };
        let severity = words::said("redhat", definition.severity.as_deref(), None, None);
        Some(Advisory { id, cves, summary, severity, said: said(definition) })
    }

    fn fate(&self, definition: &Definition, condition: &Condition, module: Option<&str>) -> Fate {
        if condition.fixed.is_some() {
            return Fate::default();
        }
        let resolution = definition
            .resolutions
            .iter()
            .find(|resolution| resolution.components.iter().any(|text| component(text) == (module, &condition.name)));
        // Where it names only the source package, the one answer counts for all.
        let resolution = resolution.or(match definition.resolutions.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        Fate {
            state: resolution.map_or(State::Affected, |resolution| state(&resolution.state)),
            note: resolution.map(|resolution| words::note(&resolution.state)),
            channel: None,
        }
    }

    fn unaffected(&self, definition: &Definition) -> Vec<(Option<String>, String)> {
        definition
            .resolutions
            .iter()
            .filter(|resolution| state(&resolution.state) == State::NotAffected)
            .flat_map(|resolution| &resolution.components)
            .map(|text| component(text))
            .filter(|(_, name)| !name.is_empty() && name.len() <= 200)
            .map(|(module, name)| (module.map(str::to_owned), name.to_owned()))
            .collect()
    }
}
