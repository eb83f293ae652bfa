//! One row, opened: everything that is known about one vulnerability in one package.

use plimsoll_advisories::rating::rate;
use plimsoll_advisories::treat::Acceptance;
use plimsoll_advisories::vex::Statement;
use plimsoll_advisories::{NameKind, Reason, Said, VulnerabilityFacts};
use plimsoll_catalog::Language;
use plimsoll_checks::Facts;
use plimsoll_packages::{Ecosystem, Package};

use super::names;
use super::table::{Of, Table};
use crate::acceptances::{expired, today};
use crate::origin::layer_origin;
use crate::session::{small, word};
use crate::vulnerability_results::{decimal, share, source_package};
use crate::vulnerability_view::{AcceptanceView, ReasonView, SaidView, StatementView, VulnerabilityView};

/// Packages and subjects that are listed beside.
const BESIDE: usize = 200;

impl Table {
    /// One row, opened; none when there is none.
    pub(crate) fn detail(&self, subject: &str, key: u32) -> Option<VulnerabilityView> {
        let of = self.subjects.iter().find(|of| of.id == subject)?;
        let row = self.rows.get(of.rows.clone())?.iter().find(|row| row.key == key)?;
        let facts = of.facts.as_ref()?;
        let (inventory, scan) = (facts.inventory()?, facts.vulnerabilities.as_ref()?);
        let matched = scan.matches.get(key as usize)?;
        let flaw = scan.vulnerabilities.get(matched.vulnerability as usize)?;
        let package = inventory.packages.get(matched.package as usize)?;
        let rating = rate(flaw, matched, self.settings.vulnerabilities.severity);
        let treated = of.treated.get(&key);
        let statements = treated.map(|treated| treated.statements.as_slice()).unwrap_or_default();
        let acceptances = treated.map(|treated| treated.acceptances.as_slice()).unwrap_or_default();
        let mut said: Vec<&Said> = Vec::new();
        for one in matched.severities.iter().chain(&flaw.severities) {
            if !said.contains(&one) {
                said.push(one);
            }
        }
        let counting = said.iter().position(|said| {
            rating.source.as_deref() == Some(said.source.as_str())
                && said.word == rating.word
                && (rating.vector.is_none() || said.vector == rating.vector)
        });
        let severities = said.iter().enumerate().map(|(at, said)| SaidView {
            source: names::source(&said.source),
            severity: word(&said.word),
            said: said.said.clone().unwrap_or_default(),
            score: said.score.map(decimal),
            vector: said.vector.clone().unwrap_or_default(),
            counts: counting == Some(at),
        });
        let also = scan
            .matches
            .iter()
            .filter(|other| other.vulnerability == matched.vulnerability && other.package != matched.package)
            .filter_map(|other| inventory.packages.get(other.package as usize))
            .map(|package| (package.name.clone(), package.version.clone()));
        let elsewhere = self.subjects.iter().filter(|other| other.id != of.id).filter(|other| {
            self.rows.get(other.rows.clone()).unwrap_or_default().iter().any(|other| other.id == row.id)
        });
        let layers = facts.image.as_ref().map(|image| image.layers.as_slice()).unwrap_or_default();
        let instruction = layers.iter().find(|layer| layer.diff_id == package.layer && !package.layer.is_empty());
        let (number, _) = layer_origin(facts, &of.base, &package.layer);
        Some(VulnerabilityView {
            summary: flaw.summary.clone(),
            published: flaw.published.clone().unwrap_or_default(),
            modified: flaw.modified.clone().unwrap_or_default(),
            severities: severities.collect(),
            reasons: matched.reasons.iter().map(|reason| self.reason(reason, scan)).collect(),
            location: package.location.clone(),
            purl: package.purl.clone(),
            source_package: source_package(package).unwrap_or_default(),
            instruction: instruction.and_then(|layer| layer.command.clone()).unwrap_or_default(),
            origin_why: if number == 0 { String::new() } else { of.base.why.clone() },
            exploited: flaw
                .exploited
                .as_ref()
                .map(|of| (of.added.clone(), of.due.clone().unwrap_or_default(), of.ransomware)),
            epss_percentile: flaw.epss.as_ref().map(|epss| share(epss.percentile)),
            references: flaw.references.clone(),
            reproduce: reproduce(facts, package, matched.reasons.first()),
            statements: statements.iter().filter_map(|at| of.statements.get(*at)).map(statement).collect(),
            acceptances: acceptances
                .iter()
                .filter_map(|at| of.acceptances.get(*at))
                .map(|acceptance| AcceptanceView {
                    rows: self.accepted(&acceptance.id),
                    ..acceptance_view(acceptance, |id| self.name(id))
                })
                .collect(),
            also: also.take(BESIDE).collect(),
            elsewhere: elsewhere.take(BESIDE).map(|of: &Of| (of.id.clone(), of.name.clone())).collect(),
            row: row.clone(),
        })
    }

    /// How many rows an acceptance speaks to.
    pub(crate) fn accepted(&self, id: &str) -> u32 {
        let of = |of: &Of| {
            let speaks = |at: &usize| of.acceptances.get(*at).is_some_and(|acceptance| acceptance.id == id);
            of.treated.values().filter(|treated| treated.acceptances.iter().any(speaks)).count() as u64
        };
        small(self.subjects.iter().map(of).sum())
    }

    fn name(&self, id: &str) -> String {
        self.subjects.iter().find(|of| of.id == id).map_or_else(|| id.to_owned(), |of| of.name.clone())
    }

    fn reason(&self, reason: &Reason, scan: &VulnerabilityFacts) -> ReasonView {
        let feed = scan.database.iter().flat_map(|database| &database.sources).find(|of| of.feed == reason.feed);
        let feed = feed.map_or_else(
            || reason.feed.clone(),
            |feed| match &feed.snapshot {
                Some(snapshot) => format!("{}, {snapshot}", feed.title),
                None => feed.title.clone(),
            },
        );
        ReasonView {
            record: reason.record.clone(),
            source: names::source(&reason.source),
            feed,
            sentence: sentence(reason, self.language),
            note: reason.note.clone().unwrap_or_default(),
        }
    }
}

/// What was compared with what.
fn sentence(reason: &Reason, language: Language) -> String {
    let (name, version, ecosystem) = (&reason.name, &reason.version, &reason.ecosystem);
    let de = language == Language::De;
    let what = match (reason.kind, de) {
        (NameKind::Source, false) => "The source package",
        (NameKind::Source, true) => "Das Quellpaket",
        (_, false) => "The package",
        (_, true) => "Das Paket",
    };
    let mut text = format!("{what} {name} {version} ({ecosystem}) ");
    let bound = |value: &Option<String>| value.as_deref().filter(|value| *value != "0").map(str::to_owned);
    match &reason.span {
        None if de => text.push_str("ist in dieser Version als betroffen aufgeführt."),
        None => text.push_str("is listed as affected in this very version."),
        Some(span) => {
            let end = match (&span.fixed, &span.last_affected, de) {
                (Some(fixed), _, false) => format!("up to, but without, {fixed}"),
                (Some(fixed), _, true) => format!("bis ausschließlich {fixed}"),
                (None, Some(last), false) => format!("up to and with {last}"),
                (None, Some(last), true) => format!("bis einschließlich {last}"),
                (None, None, false) => "without an end, there is no fix".to_owned(),
                (None, None, true) => "ohne Ende, es gibt keine Korrektur".to_owned(),
            };
            let start = match (bound(&span.introduced), de) {
                (Some(first), false) => format!("from {first} "),
                (Some(first), true) => format!("ab {first} "),
                (None, false) => "from the first version ".to_owned(),
                (None, true) => "ab der ersten Version ".to_owned(),
            };
            let lies = if de { "liegt im betroffenen Bereich: " } else { "lies in the affected range: " };
            text.push_str(&format!("{lies}{start}{end}."));
        }
    }
    if let Some(module) = &reason.module {
        let of = if de { format!(" Modul {module}.") } else { format!(" Module {module}.") };
        text.push_str(&of);
    }
    if let Some(channel) = &reason.channel {
        let of = if de { format!(" Kanal {channel}.") } else { format!(" Channel {channel}.") };
        text.push_str(&of);
    }
    text
}

fn statement(statement: &Statement) -> StatementView {
    let by = if statement.author.is_empty() { String::new() } else { format!(", {}", statement.author) };
    StatementView {
        evidence: statement.evidence.clone(),
        document: format!("{} ({}{by})", statement.document, statement.format),
        status: word(&statement.status),
        justification: statement.justification.clone().unwrap_or_default(),
        impact: statement.impact.clone().unwrap_or_default(),
        at: statement.at.clone(),
    }
}

/// An acceptance as the window shows it.
pub(crate) fn acceptance_view(acceptance: &Acceptance, name: impl Fn(&str) -> String) -> AcceptanceView {
    AcceptanceView {
        id: acceptance.id.clone(),
        vulnerability: acceptance.vulnerability.clone(),
        package: acceptance.package.clone().unwrap_or_default(),
        subject: acceptance.subject.clone().unwrap_or_default(),
        subject_name: acceptance.subject.as_deref().map(name).unwrap_or_default(),
        reason: acceptance.reason.clone(),
        owner: acceptance.owner.clone(),
        expires: acceptance.expires.clone(),
        expired: expired(acceptance, today()),
        author: acceptance.author.clone(),
        at: acceptance.at.clone(),
        rows: 0,
    }
}

/// A word for a POSIX shell.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@+,=%~".contains(c);
    let safe = !word.is_empty() && !word.starts_with('-') && word.chars().all(plain);
    if safe { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Commands that show the package's entry and the comparison again. Nothing of the image is run.
fn reproduce(facts: &Facts, package: &Package, reason: Option<&Reason>) -> Vec<String> {
    let mut commands = Vec::new();
    if facts.image.is_some() && !package.location.is_empty() {
        let look = "plimsoll.local/look:1";
        let reference = match facts.source.split_once(':') {
            Some(("docker-daemon", reference)) => reference.to_owned(),
            _ => {
                commands.push(format!("skopeo copy {} docker-daemon:{look}", quote(&facts.source)));
                look.to_owned()
            }
        };
        let file = package.location.split('!').next().unwrap_or(&package.location);
        let shown = match package.ecosystem {
            Ecosystem::Deb => format!(" | tar -xO | grep -A 12 -x {}", quote(&format!("Package: {}", package.name))),
            Ecosystem::Apk => format!(" | tar -xO | grep -A 8 -x {}", quote(&format!("P:{}", package.name))),
            _ => " | tar -tv".to_owned(),
        };
        commands.push(format!("docker cp \"$(docker create {} x)\":{} -{shown}", quote(&reference), quote(file)));
    }
    let Some(reason) = reason else { return commands };
    let fixed = reason.span.as_ref().and_then(|span| span.fixed.as_deref());
    if let Some(fixed) = fixed {
        let (one, other) = (quote(&reason.version), quote(fixed));
        match package.ecosystem {
            Ecosystem::Deb => commands.push(format!("dpkg --compare-versions {one} lt {other} && echo affected")),
            Ecosystem::Apk => commands.push(format!("apk version -t {one} {other}")),
            Ecosystem::Rpm => commands.push(format!("rpmdev-vercmp {one} {other}")),
            Ecosystem::Pypi => commands.push(format!(
                "python3 -c 'import sys; from packaging.version import Version as V; print(V(sys.argv[1]) < V(sys.argv[2]))' {one} {other}"
            )),
            Ecosystem::Npm => commands.push(format!("npx semver {one} -r {}", quote(&format!("<{fixed}")))),
            Ecosystem::Gem => commands.push(format!(
                "ruby -e 'puts Gem::Version.new(ARGV[0]) < Gem::Version.new(ARGV[1])' {one} {other}"
            )),
            Ecosystem::Composer => commands.push(format!(
                "php -r 'var_dump(version_compare($argv[1], $argv[2], \"<\"));' {one} {other}"
            )),
            _ => {}
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_advisories::Span;

    #[test]
    fn a_reason_is_told_in_one_sentence() {
        let mut reason = Reason {
            ecosystem: "Debian:12".into(),
            name: "openssl".into(),
            kind: NameKind::Source,
            version: "3.0.9-1".into(),
            span: Some(Span { introduced: Some("0".into()), fixed: Some("3.0.11-1".into()), last_affected: None }),
            ..Reason::default()
        };
        assert_eq!(
            sentence(&reason, Language::En),
            "The source package openssl 3.0.9-1 (Debian:12) lies in the affected range: from the first version up to, but without, 3.0.11-1."
        );
        assert!(sentence(&reason, Language::De).contains("bis ausschließlich 3.0.11-1"));
        reason.span = None;
        assert!(sentence(&reason, Language::En).ends_with("is listed as affected in this very version."));
        reason.span = Some(Span::default());
        assert!(sentence(&reason, Language::En).contains("there is no fix"));
    }

    #[test]
    fn words_of_a_command_are_quoted() {
        assert_eq!(quote("1:3.0~rc1-2+b1"), "1:3.0~rc1-2+b1");
        assert_eq!(quote("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(quote("-x"), "'-x'");
    }
}
