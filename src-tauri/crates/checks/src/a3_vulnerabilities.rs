//! A3, known vulnerabilities (CSVS 5.3): what the packages are known to suffer from, against the profile's threshold.
//!
//! The paper's scan. What advisories say was matched when the image was read and lies in the facts; here it is judged.
//! "Nothing found" passes only when every package was evaluated, on data that are not old, for a release that is still
//! supported.

use std::collections::BTreeSet;

use plimsoll_advisories::{Data, Support, VulnerabilityFacts, Word};
use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_packages::{Inventory, Package};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use crate::a4_packages::brought_by;
use crate::facts::quote;
use crate::observe::{count, judged};
use crate::vulnerable::{Weighed, severity_of, weigh};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The packages have no known vulnerability that fails the profile.
pub(crate) struct KnownVulnerabilities;

/// The check's id.
pub const KNOWN_VULNERABILITIES: &str = "known-vulnerabilities";
/// How many matches, and how many packages that were not evaluated, are named one by one.
const NAMED: usize = 60;
const UNEVALUATED: usize = 20;

impl Check for KnownVulnerabilities {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: KNOWN_VULNERABILITIES,
            use_case: Some(UseCaseId::A3),
            title: text("No known vulnerabilities", "Keine bekannten Schwachstellen"),
            why: text(
                "A flaw that is published is tried by everyone, with tools that need no skill. Where a fix exists, only the update is missing.",
                "Eine veröffentlichte Schwachstelle probiert jeder aus, mit Werkzeugen, die kein Können verlangen. Gibt es eine Korrektur, fehlt nur das Update.",
            ),
            how: text(
                "Every installed package is compared with the advisory database, in the version order of its own ecosystem; for packages of the distribution only the distribution's own data count. The profile sets which severity fails, whose severity that is, and whether flaws without a fix fail too; what is known to be exploited fails unless the profile says otherwise. VEX statements and acceptances among the evidence are taken into account and named: an acceptance explains a failure, it does not undo it. Nothing found is no pass when packages could not be evaluated, when the database has no data on the release or only old ones, or when the release is past its end of life.",
                "Jedes installierte Paket wird mit der Schwachstellendatenbank verglichen, in der Versionsordnung seines eigenen Ökosystems; für Pakete der Distribution zählen nur deren eigene Daten. Das Profil bestimmt, welcher Schweregrad durchfällt, wessen Einstufung gilt und ob auch Schwachstellen ohne Korrektur durchfallen; was bekanntermaßen ausgenutzt wird, fällt durch, sofern das Profil nichts anderes sagt. VEX-Aussagen und Risikoakzeptanzen unter den Nachweisen werden berücksichtigt und genannt: Eine Akzeptanz erklärt ein Durchfallen, hebt es aber nicht auf. Kein Treffer ist kein Bestehen, wenn Pakete nicht bewertet werden konnten, wenn zur Version keine oder nur alte Daten vorliegen oder wenn deren Support beendet ist.",
            ),
            blind_spots: text(
                "Flaws that nobody has published, and software that leaves no trace of a package. Whether the vulnerable code is ever called.",
                "Schwachstellen, die niemand veröffentlicht hat, und Software ohne Paketspuren. Ob der verwundbare Code überhaupt aufgerufen wird.",
            ),
            remedy: text(
                "Build anew on a current base image so that packages come in their fixed versions; where there is no fix, remove the package, or record why it does no harm (VEX) or who accepts it until when.",
                "Bauen Sie auf einem aktuellen Basis-Image neu, damit die Pakete in korrigierter Version kommen; gibt es keine Korrektur, entfernen Sie das Paket oder halten Sie fest, warum es nicht schadet (VEX) oder wer das Risiko bis wann trägt.",
            ),
            example: "RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*",
            aliases: &[("trivy", "vuln"), ("grype", "vulnerability"), ("docker-bench", "4.4")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.3"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let Some(inventory) = facts.inventory() else {
            return judged(
                OutcomeKind::NotApplicable,
                "There are no packages to compare: the subject is not an image.",
                Vec::new(),
            );
        };
        let Some(found) = &facts.vulnerabilities else {
            return judged(
                OutcomeKind::Undecided,
                "The packages were not compared with known vulnerabilities when this was read; run the audit again.",
                Vec::new(),
            );
        };
        if found.database.is_none() {
            let why = found.problem.as_deref().unwrap_or("No advisory database was named").trim_end_matches('.');
            let summary = format!(
                "{} compared with known vulnerabilities: {why}. Import advisories and run the audit again.",
                match inventory.packages.len() {
                    1 => "The one package was not".to_owned(),
                    packages => format!("The {packages} packages were not"),
                },
            );
            return judged(OutcomeKind::Undecided, summary, Vec::new());
        }
        judge(facts, inventory, found, settings)
    }
}

fn judge(facts: &Facts, inventory: &Inventory, found: &VulnerabilityFacts, settings: &Settings) -> Judgement {
    let weighed = weigh(facts, settings);
    let doubts = doubts(facts, inventory, found, &weighed, settings);
    let failing = weighed.iter().filter(|weighed| weighed.fails).count();
    let mut observations = named(facts, found, &weighed);
    observations.extend(unevaluated(facts, inventory, found, settings));
    let outcome = match (failing, doubts.is_empty()) {
        (0, true) => OutcomeKind::Pass,
        (0, false) => OutcomeKind::Undecided,
        _ => OutcomeKind::Fail,
    };
    let mut summary = counted(found, inventory, &weighed, failing, settings);
    for doubt in &doubts {
        summary.push(' ');
        let mut letters = doubt.chars();
        summary.extend(letters.next().into_iter().flat_map(char::to_uppercase).chain(letters));
    }
    judged(outcome, summary, observations)
}

/// How many of which severity, how many fail, and by what data.
fn counted(
    found: &VulnerabilityFacts,
    inventory: &Inventory,
    weighed: &[Weighed<'_>],
    failing: usize,
    settings: &Settings,
) -> String {
    let counting: Vec<_> = weighed.iter().filter(|weighed| weighed.counts() && !weighed.of.kernel_headers).collect();
    let evaluated: u32 = found.coverage.iter().map(|coverage| coverage.evaluated).sum();
    let database = found.database.as_ref().map(|database| database.id.chars().take(12).collect::<String>());
    let database = database.filter(|id| !id.is_empty()).map(|id| format!(" (database {id})")).unwrap_or_default();
    let compared =
        format!("{evaluated} of {} compared{database}", count(inventory.packages.len(), "package", "packages"));
    let mut summary = if counting.is_empty() {
        if evaluated == 0 {
            "No package was compared with known vulnerabilities.".to_owned()
        } else {
            format!("{compared}: no known vulnerability found.")
        }
    } else {
        let packages: BTreeSet<u32> = counting.iter().map(|weighed| weighed.of.package).collect();
        let flaws: BTreeSet<u32> = counting.iter().map(|weighed| weighed.of.vulnerability).collect();
        let words = [Word::Critical, Word::High, Word::Medium, Word::Low, Word::None, Word::Unknown];
        let by_word: Vec<String> = words
            .into_iter()
            .filter_map(|word| {
                let number = counting.iter().filter(|weighed| weighed.rating.word == word).count();
                (number > 0).then(|| format!("{number} {}", name_of(word)))
            })
            .collect();
        let fixable = counting.iter().filter(|weighed| weighed.of.fixed.is_some()).count();
        format!(
            "{compared}: {} in {} ({}), {fixable} of {} with a fix; {failing} of them {} the profile ({}).",
            count(flaws.len(), "known vulnerability", "known vulnerabilities"),
            count(packages.len(), "package", "packages"),
            by_word.join(", "),
            count(counting.len(), "match", "matches"),
            if failing == 1 { "fails" } else { "fail" },
            threshold(settings),
        )
    };
    if counting.is_empty() {
        summary.push_str(&format!(" The profile fails {}.", threshold(settings)));
    }
    if !found.owned.is_empty() {
        let left = match found.owned.len() {
            1 => "One package of a language is".to_owned(),
            several => format!("{several} packages of languages are"),
        };
        summary.push_str(&format!(" {left} left to the distribution, whose packages own them."));
    }
    let accepted = weighed.iter().filter(|weighed| weighed.fails && weighed.accepted()).count();
    if accepted > 0 {
        summary.push_str(&format!(" {accepted} of those that fail are accepted for a time."));
    }
    let cleared = weighed.len() - weighed.iter().filter(|weighed| weighed.counts()).count();
    if cleared > 0 {
        summary.push_str(&format!(
            " {} by VEX as not affected or fixed.",
            if cleared == 1 { "One match is given".to_owned() } else { format!("{cleared} matches are given") }
        ));
    }
    let headers = weighed.iter().filter(|weighed| weighed.of.kernel_headers && weighed.counts()).count();
    if headers > 0 {
        summary.push_str(&format!(
            " {} on kernel headers, which do not run, left out.",
            if headers == 1 { "One match".to_owned() } else { format!("{headers} matches") }
        ));
    }
    summary
}

/// The profile's threshold in words.
pub(crate) fn threshold(settings: &Settings) -> String {
    let policy = &settings.vulnerabilities;
    let mut words = match policy.fail_from {
        Word::Critical => "critical".to_owned(),
        Word::None | Word::Unknown => "every severity".to_owned(),
        word => format!("{} or worse", name_of(word)),
    };
    if policy.only_fixable {
        words.push_str(" with a fix");
    }
    if policy.fail_exploited {
        words.push_str(", and any that is known to be exploited");
    }
    words
}

fn name_of(word: Word) -> &'static str {
    match word {
        Word::Critical => "critical",
        Word::High => "high",
        Word::Medium => "medium",
        Word::Low => "low",
        Word::None => "negligible",
        Word::Unknown => "of unknown severity",
    }
}

/// Why "nothing fails" would be no pass; one sentence each.
fn doubts(
    facts: &Facts,
    inventory: &Inventory,
    found: &VulnerabilityFacts,
    weighed: &[Weighed<'_>],
    settings: &Settings,
) -> Vec<String> {
    let policy = &settings.vulnerabilities;
    let mut doubts = Vec::new();
    if inventory.packages.is_empty() {
        doubts.push("No package was found to compare, which is no sign that there is none.".to_owned());
    }
    let unread = inventory.sources.iter().filter(|source| source.error.is_some()).count()
        + facts.image.as_ref().map_or(0, |image| image.unread.iter().filter(|file| file.purpose == "packages").count());
    if !inventory.problems.is_empty() {
        let entries = count(inventory.problems.len(), "part of the package lists", "parts of the package lists");
        doubts.push(format!("{entries} could not be read."));
    }
    if let Some(sbom) = facts.sbom.as_ref().filter(|sbom| !sbom.left_out.is_empty()) {
        let parts = count(sbom.left_out.len(), "component of the bill is", "components of the bill are");
        doubts.push(format!("{parts} no package that can be compared."));
    }
    if unread > 0 {
        let files = count(unread, "file that lists packages", "files that list packages");
        doubts.push(format!("{files} could not be read."));
    }
    if let Some(release) = found.release.as_ref().filter(|release| release.support == Support::Ended) {
        let since = release.extended_end.as_deref().or(release.standard_end.as_deref()).unwrap_or("some time");
        doubts.push(format!(
            "{} gets no security fixes since {since}: nobody says any more what it suffers from.",
            release.name
        ));
    }
    for coverage in &found.coverage {
        let packages = count(coverage.packages as usize, "package", "packages");
        match coverage.data {
            Data::None if coverage.packages > 0 => {
                doubts.push(format!("The database has no data on {} ({packages}).", coverage.ecosystem));
            }
            Data::FixedOnly if !policy.only_fixable => doubts.push(format!(
                "The data on {} list only flaws that have a fix, and the profile asks for the others too.",
                coverage.ecosystem
            )),
            _ => {}
        }
        let has = |end: &str| coverage.feeds.iter().any(|feed| feed.ends_with(end));
        let secdb_alone =
            !coverage.feeds.is_empty() && coverage.feeds.iter().all(|feed| feed.starts_with("alpine-secdb:"));
        if secdb_alone && has(":main") != has(":community") && coverage.packages > 0 {
            let lacks = if has(":main") { "community" } else { "main" };
            doubts.push(format!("The data on {} lack its repository {lacks}.", coverage.ecosystem));
        }
        if coverage.data != Data::None
            && coverage.evaluated > 0
            && let Some(sentence) = old_data(found, &coverage.feeds, &coverage.ecosystem, policy.oldest_data_days)
        {
            doubts.push(sentence);
        }
    }
    let missed: BTreeSet<u32> = found.not_evaluated.iter().map(|missed| missed.package).collect();
    let missed = missed.into_iter().filter(|package| !allowed(inventory, *package, settings)).count();
    if missed > 0 {
        doubts.push(format!("{} not be evaluated.", count(missed, "package could", "packages could")));
    }
    let open = weighed.iter().filter(|weighed| weighed.open).count();
    if open > 0 {
        doubts.push(format!(
            "Nobody says how severe {} with a fix {}.",
            count(open, "match", "matches"),
            if open == 1 { "is" } else { "are" }
        ));
    }
    doubts
}

fn allowed(inventory: &Inventory, package: u32, settings: &Settings) -> bool {
    let package = inventory.packages.get(package as usize);
    package.is_some_and(|package| settings.allowed(KNOWN_VULNERABILITIES, &package.name).is_some())
}

/// The day of a date or moment.
fn day(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text.get(..10)?, format).ok()
}

/// That the newest data which speak of an ecosystem are too old, if they are.
fn old_data(found: &VulnerabilityFacts, feeds: &[String], ecosystem: &str, limit: u32) -> Option<String> {
    let today = OffsetDateTime::parse(&found.at, &Rfc3339).ok()?.date();
    let sources = &found.database.as_ref()?.sources;
    // Where a source does not tell the state of its data, the day of the import is the best that is known.
    let days = sources.iter().filter(|source| feeds.contains(&source.feed));
    let of = |source: &plimsoll_advisories::SourceState| match source.snapshot.as_deref() {
        Some(told) => day(told),
        None => day(&source.imported),
    };
    // A day that is still to come says nothing of how old the data are.
    let newest = days.filter_map(of).filter(|day| *day <= today).max();
    match newest {
        None => Some(format!("How old the data on {ecosystem} are is not known.")),
        Some(newest) => {
            let age = (today - newest).whole_days();
            (age > i64::from(limit))
                .then(|| format!("The data on {ecosystem} are of {newest}, {age} days old; the profile takes {limit}."))
        }
    }
}

/// The place of a package: the layer and the file that lists it.
fn place(facts: &Facts, package: &Package) -> Location {
    match &facts.image {
        Some(_) => Location::Layer { layer: package.layer.clone(), path: package.location.clone() },
        None => Location::Field { field: package.purl.clone() },
    }
}

/// The worst first: failing, exploited, then by severity, probability of exploitation and score.
fn named(facts: &Facts, found: &VulnerabilityFacts, weighed: &[Weighed<'_>]) -> Vec<Observation> {
    let mut order: Vec<&Weighed<'_>> = weighed.iter().filter(|weighed| !weighed.of.kernel_headers).collect();
    order.sort_by_key(|weighed| {
        let epss = weighed.vulnerability.epss.as_ref().map_or(0, |epss| epss.score);
        std::cmp::Reverse((
            weighed.fails,
            weighed.counts(),
            weighed.vulnerability.exploited.is_some(),
            weighed.rating.word,
            epss,
            weighed.rating.score,
            std::cmp::Reverse(weighed.index),
        ))
    });
    let mut observations: Vec<Observation> =
        order.iter().take(NAMED).map(|weighed| observe(facts, found, weighed)).collect();
    let more = order.len().saturating_sub(NAMED);
    if more > 0
        && let Some(first) = observations.first()
    {
        let severity = order.iter().skip(NAMED).filter(|w| w.counts()).map(|w| severity_of(w.rating.word)).min();
        observations.push(Observation {
            severity: severity.unwrap_or(Severity::Info),
            message: format!(
                "{} more: the list of vulnerabilities of this subject shows all of them.",
                count(more, "match", "matches")
            ),
            location: first.location.clone(),
            reproduce: Some(scanned(facts, "")),
            aliases: Vec::new(),
        });
    }
    observations
}

/// What the observation says of one match.
fn observe(facts: &Facts, found: &VulnerabilityFacts, weighed: &Weighed<'_>) -> Observation {
    let Weighed { of, vulnerability, package, rating, treated, .. } = weighed;
    let fix = match &of.fixed {
        Some(fixed) => format!("fixed in {fixed}"),
        None => match of.state {
            plimsoll_advisories::State::WillNotFix => "the vendor will not fix it".to_owned(),
            plimsoll_advisories::State::FixDeferred => "the vendor has put the fix off".to_owned(),
            plimsoll_advisories::State::EndOfLife => "past its end of life, no fix will come".to_owned(),
            plimsoll_advisories::State::UnderInvestigation => "the vendor is looking into it".to_owned(),
            _ => "no fix".to_owned(),
        },
    };
    let mut message = format!("{} in {} {}: {}", vulnerability.id, package.name, package.version, name_of(rating.word));
    if let Some(source) = &rating.source {
        message.push_str(&format!(" by {source}"));
    }
    if let Some(score) = rating.score {
        message.push_str(&format!(" ({}.{})", score / 10, score % 10));
    }
    if let (Some(vendor), Some(nvd)) = (&rating.vendor, &rating.nvd)
        && vendor.word != nvd.word
    {
        message.push_str(&format!(", {} by {}, {} by NVD", name_of(vendor.word), vendor.source, name_of(nvd.word)));
    }
    message.push_str(&format!("; {fix}."));
    if vulnerability.malicious {
        message.push_str(" The package itself is malicious.");
    }
    if let Some(exploited) = &vulnerability.exploited {
        message.push_str(&format!(" It is known to be exploited (CISA, {}).", exploited.added));
    }
    if let Some(reason) = of.reasons.first() {
        message.push_str(&format!(" {} says so of {} {}", reason.record, reason.name, reason.version));
        message.push_str(&match &reason.span {
            Some(span) => {
                let from = span.introduced.as_deref().filter(|from| *from != "0").map(|from| format!(" from {from}"));
                let to = match (&span.fixed, &span.last_affected) {
                    (Some(fixed), _) => format!(" before {fixed}"),
                    (None, Some(last)) => format!(" up to {last}"),
                    (None, None) => String::new(),
                };
                let range = format!("{}{to}", from.unwrap_or_default());
                if range.is_empty() { " (all versions).".to_owned() } else { format!(" (affected{range}).") }
            }
            None => " (listed as affected).".to_owned(),
        });
    }
    message.push_str(&standing(facts, treated));
    if let Some(image) = &facts.image {
        message.push_str(&brought_by(image, &package.layer));
    }
    let severity = if weighed.counts() { severity_of(rating.word) } else { Severity::Info };
    Observation {
        severity,
        message,
        location: Some(place(facts, package)),
        reproduce: Some(reproduce(facts, found, weighed)),
        aliases: vulnerability.aliases.iter().take(8).cloned().collect(),
    }
}

/// What VEX statements and acceptances say of it.
fn standing(facts: &Facts, treated: &plimsoll_advisories::treat::Treated) -> String {
    use plimsoll_advisories::treat::Standing;
    let statement = treated.statements.first().and_then(|&index| facts.vex.get(index));
    let acceptance = treated.acceptances.first().and_then(|&index| facts.acceptances.get(index));
    let by = |what: &str| match statement {
        Some(statement) => {
            let why = statement.justification.as_deref().or(statement.impact.as_deref());
            let why = why.map(|why| format!(" ({})", why.trim_end_matches('.'))).unwrap_or_default();
            format!(" VEX {} says {what}{why}.", statement.evidence)
        }
        None => String::new(),
    };
    match (treated.standing, acceptance) {
        (Standing::Open, _) | (Standing::Accepted | Standing::AcceptanceExpired, None) => String::new(),
        (Standing::Affected, _) => by("affected"),
        (Standing::NotAffected, _) => by("not affected"),
        (Standing::Fixed, _) => by("fixed"),
        (Standing::UnderInvestigation, _) => by("under investigation"),
        (Standing::Accepted, Some(acceptance)) => {
            format!(" {} accepts the risk until {} ({}).", acceptance.owner, acceptance.expires, acceptance.id)
        }
        (Standing::AcceptanceExpired, Some(acceptance)) => {
            format!(" {}'s acceptance {} expired on {}.", acceptance.owner, acceptance.id, acceptance.expires)
        }
    }
}

/// A command that shows the match again.
fn reproduce(facts: &Facts, found: &VulnerabilityFacts, weighed: &Weighed<'_>) -> String {
    let is_deb = found.release.as_ref().is_some_and(|release| matches!(release.id.as_str(), "debian" | "ubuntu"));
    let reason = weighed.of.reasons.first();
    let fixed = reason.and_then(|reason| reason.span.as_ref()?.fixed.as_deref());
    match (reason, fixed) {
        (Some(reason), Some(fixed)) if is_deb && weighed.package.ecosystem == plimsoll_packages::Ecosystem::Deb => {
            format!("dpkg --compare-versions {} lt {} && echo affected", quote(&reason.version), quote(fixed))
        }
        _ => scanned(facts, &weighed.vulnerability.id),
    }
}

/// A command that lets another scanner look.
fn scanned(facts: &Facts, id: &str) -> String {
    let source = match facts.source.split_once(':') {
        Some(("docker-daemon", reference)) => format!("docker:{reference}"),
        Some(("docker", reference)) => format!("registry:{}", reference.trim_start_matches('/')),
        Some(("oci", folder)) => format!("oci-dir:{folder}"),
        _ => facts.source.clone(),
    };
    let filter = if id.is_empty() { String::new() } else { format!(" | grep -w -- {}", quote(id)) };
    format!("grype {}{filter}", quote(&source))
}

/// Packages of which nothing can be said.
fn unevaluated(
    facts: &Facts,
    inventory: &Inventory,
    found: &VulnerabilityFacts,
    settings: &Settings,
) -> Vec<Observation> {
    let mut observations = Vec::new();
    let mut more: Option<Location> = None;
    for missed in &found.not_evaluated {
        let Some(package) = inventory.packages.get(missed.package as usize) else { continue };
        if observations.len() >= UNEVALUATED {
            more.get_or_insert_with(|| place(facts, package));
            continue;
        }
        let allowance = settings.allowed(KNOWN_VULNERABILITIES, &package.name);
        let mut message =
            format!("{} {} was not evaluated: {}.", package.name, package.version, missed.reason.trim_end_matches('.'));
        if let Some(allowance) = allowance {
            message.push_str(&format!(" Allowed: {}.", allowance.reason.trim_end_matches('.')));
        }
        observations.push(Observation {
            severity: if allowance.is_some() { Severity::Info } else { Severity::Low },
            message,
            location: Some(place(facts, package)),
            reproduce: Some(scanned(facts, "")),
            aliases: Vec::new(),
        });
    }
    if let Some(location) = more {
        let rest = found.not_evaluated.len() - observations.len();
        observations.push(Observation {
            severity: Severity::Low,
            message: format!(
                "{} not evaluated; the list of this subject names all of them.",
                count(rest, "more package was", "more packages were")
            ),
            location: Some(location),
            reproduce: Some(scanned(facts, "")),
            aliases: Vec::new(),
        });
    }
    observations
}

#[cfg(test)]
#[path = "a3_vulnerabilities_tests.rs"]
mod tests;
