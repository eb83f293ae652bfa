//! C2, registry authentication: the way to the registry. Its certificate is valid and nothing answers without one (CSVS
//! 6.9); outdated protocol versions are refused.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_registry::facts::{Answer, Asked, Older, Probe, RegistryFacts, TlsFacts};
use time::Duration;

use crate::a5_build::{day, instant};
use crate::observe::{judged, observation};
use crate::probes::{is_loopback, of_registry, on_probe, probes, show_tls};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// A certificate that ends within this time is told.
const SOON: Duration = Duration::days(30);

/// The registry is reached over verified TLS alone.
pub(crate) struct Transport;
/// No outdated version of TLS is spoken.
pub(crate) struct Protocol;

impl Check for Transport {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "registry-transport",
            use_case: Some(UseCaseId::C2),
            title: text("Registry reached over verified TLS", "Registry über geprüftes TLS erreichbar"),
            why: text(
                "Without a certificate that validates, nobody knows whose registry answers: credentials go to a stranger, and images come from one.",
                "Ohne prüfbares Zertifikat weiß niemand, wessen Registry antwortet: Zugangsdaten gehen an Fremde, und Images kommen von Fremden.",
            ),
            how: text(
                "A connection is made as a client makes it: the chain, the name and the dates of the certificate are verified with the roots in use. Plain HTTP is asked too. Fails when the certificate is not trusted, is out of date or bears another name, and when /v2/ answers over plain HTTP instead of leading to HTTPS. A certificate that ends within 30 days is told.",
                "Es wird eine Verbindung wie von einem Client aufgebaut: Kette, Name und Gültigkeit des Zertifikats werden mit den verwendeten Wurzeln geprüft. Auch unverschlüsseltes HTTP wird angefragt. Nicht bestanden, wenn das Zertifikat nicht vertrauenswürdig oder abgelaufen ist oder einen anderen Namen trägt, und wenn /v2/ über HTTP antwortet, statt auf HTTPS zu verweisen. Läuft das Zertifikat innerhalb von 30 Tagen ab, wird das genannt.",
            ),
            blind_spots: text(
                "Whether a certificate was revoked. What other clients trust. A proxy or load balancer on the way shows its own certificate.",
                "Ob ein Zertifikat widerrufen wurde. Wem andere Clients vertrauen. Ein Proxy oder Load Balancer auf dem Weg zeigt sein eigenes Zertifikat.",
            ),
            remedy: text(
                "Give the registry a certificate of an authority that the clients know, renew it automatically, and answer plain HTTP with nothing but a redirect, or not at all. Distribute an own authority to the clients (/etc/docker/certs.d) instead of listing the registry as insecure.",
                "Geben Sie der Registry ein Zertifikat einer Stelle, die die Clients kennen, erneuern Sie es automatisch und beantworten Sie HTTP nur mit einer Weiterleitung oder gar nicht. Verteilen Sie eine eigene Zertifizierungsstelle an die Clients (/etc/docker/certs.d), statt die Registry als unsicher einzutragen.",
            ),
            example: "curl -si http://registry.example.com/v2/\nHTTP/1.1 308 Permanent Redirect\nLocation: https://registry.example.com/v2/",
            aliases: &[("docker-bench", "2.5")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["6.9"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, transport)
    }
}

fn on_tls(registry: &RegistryFacts, severity: Severity, message: impl Into<String>) -> Observation {
    let field = format!("tls {}", registry.host);
    observation(Location::Field { field }, show_tls(registry), severity, message, &[])
}

/// How plain HTTP was answered.
enum Plain<'a> {
    /// As a registry answers, or with something else.
    Served(&'a Probe, u16, &'a str),
    /// It leads to HTTPS, or refuses.
    Shut,
    /// Nobody answers.
    Silent,
    /// It was not asked.
    Unasked(&'a str),
}

fn plain(registry: &RegistryFacts) -> Plain<'_> {
    let Some(probe) = probes(registry, Asked::PlainHttp).next() else { return Plain::Unasked("no reason given") };
    match &probe.answer {
        Answer::Status { code, detail } => match code {
            301 | 302 | 303 | 307 | 308 if !detail.contains("http://") => Plain::Shut,
            // 400: "HTTP request to an HTTPS server"; 403, 421 and 426 refuse as well.
            400 | 403 | 421 | 426 => Plain::Shut,
            code => Plain::Served(probe, *code, detail),
        },
        Answer::Failed(_) => Plain::Silent,
        Answer::NotAsked(reason) => Plain::Unasked(reason),
    }
}

fn transport(_: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let host = &registry.host;
    let mut observations = Vec::new();
    let mut faults: Vec<String> = Vec::new();
    let plain = plain(registry);
    if let Plain::Served(probe, code, detail) = &plain {
        let (severity, where_to) = if is_loopback(host) {
            (Severity::Medium, "; this host is the machine itself, so the traffic does not leave it")
        } else {
            (Severity::High, "; whoever is on the way reads and changes what is sent")
        };
        // A web server beside the registry is no registry; a redirect to plain HTTP is no way to HTTPS.
        let registry_answers = detail.contains("a registry answers") || matches!(code, 300..=399);
        match code {
            200..=399 | 401 if registry_answers || registry.tls.is_none() => {
                let message = format!("{host} answers {code} to /v2/ over plain HTTP{where_to}.");
                observations.push(on_probe(probe, severity, message));
                faults.push("it answers over plain HTTP".to_owned());
            }
            code => {
                let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
                let message =
                    format!("Something answers {code} over plain HTTP at {host}{detail}, without leading to HTTPS.");
                observations.push(on_probe(probe, Severity::Low, message));
            }
        }
    }
    match &registry.tls {
        Some(tls) => faults.extend(certificate(registry, tls, &mut observations)),
        None => {
            let reason = registry.tls_failed.as_deref().unwrap_or("no reason given").trim_end_matches('.');
            if !matches!(plain, Plain::Served(..)) {
                let summary = format!("The way to {host} could not be looked at: TLS could not be spoken ({reason}).");
                observations.push(on_tls(registry, Severity::Low, summary.clone()));
                return judged(OutcomeKind::Error, summary, observations);
            }
            observations.push(on_tls(
                registry,
                if is_loopback(host) { Severity::Medium } else { Severity::High },
                format!("{host} does not speak TLS ({reason}): there is no certificate to verify."),
            ));
            faults.push("it does not speak TLS".to_owned());
        }
    }
    observations.sort_by_key(|observation| observation.severity);
    if !faults.is_empty() {
        let summary = format!("{host} is not reached over verified TLS alone: {}.", faults.join(", and "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    match plain {
        Plain::Unasked(reason) => judged(
            OutcomeKind::Undecided,
            format!(
                "The certificate of {host} is valid; whether plain HTTP answers was not asked ({}).",
                reason.trim_end_matches('.')
            ),
            observations,
        ),
        Plain::Served(_, code, _) => judged(
            OutcomeKind::Undecided,
            format!(
                "The certificate of {host} is valid, but something answers {code} over plain HTTP; look at what it is."
            ),
            observations,
        ),
        Plain::Shut | Plain::Silent => judged(
            OutcomeKind::Pass,
            format!("The certificate of {host} is valid, and plain HTTP serves nothing."),
            observations,
        ),
    }
}

/// What is wrong with the certificate; what is worth knowing goes to the observations.
fn certificate(registry: &RegistryFacts, tls: &TlsFacts, observations: &mut Vec<Observation>) -> Option<String> {
    let own = tls.chain.first();
    let now = instant(&registry.collected);
    let end = own.and_then(|certificate| instant(&certificate.not_after));
    if let Some(own) = own {
        let message = format!(
            "{}: certificate of {}, issued by {}, from {} to {}, {}, verified with {}.",
            tls.version,
            own.subject,
            own.issuer,
            own.not_before,
            own.not_after,
            own.key,
            if tls.roots.is_empty() { "roots that are not named" } else { &tls.roots }
        );
        observations.push(on_tls(registry, Severity::Info, message));
        if weak_key(&own.key) || own.signature.to_ascii_lowercase().contains("sha1") {
            let message = format!("The certificate rests on {} and {}, which is weak.", own.key, own.signature);
            observations.push(on_tls(registry, Severity::Medium, message));
        }
    }
    if let Some(problem) = &tls.problem {
        let problem = problem.trim_end_matches('.').to_owned();
        observations.push(on_tls(registry, Severity::High, format!("The certificate is not trusted: {problem}.")));
        return Some(format!("its certificate is not trusted ({problem})"));
    }
    let (Some(now), Some(end)) = (now, end) else {
        let message = "The certificate or the day it was read could not be read, though the connection was verified.";
        observations.push(on_tls(registry, Severity::Low, message));
        return None;
    };
    if end < now {
        let message = format!("The certificate has been out of date since {}.", day(end));
        observations.push(on_tls(registry, Severity::High, message));
        return Some(format!("its certificate is out of date since {}", day(end)));
    }
    if end - now <= SOON {
        let message =
            format!("The certificate ends on {}, {} days after it was read.", day(end), (end - now).whole_days());
        observations.push(on_tls(registry, Severity::Medium, message));
    }
    None
}

/// RSA below 2048 bits.
fn weak_key(key: &str) -> bool {
    key.strip_prefix("RSA ").and_then(|bits| bits.trim().parse::<u32>().ok()).is_some_and(|bits| bits < 2048)
}

impl Check for Protocol {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "registry-protocol",
            use_case: Some(UseCaseId::C2),
            title: text("No outdated version of TLS", "Keine veraltete TLS-Version"),
            why: text(
                "TLS 1.0 and 1.1 are broken and withdrawn (RFC 8996); as long as a registry goes along with them, an attacker on the way can ask for them.",
                "TLS 1.0 und 1.1 sind gebrochen und zurückgezogen (RFC 8996); solange eine Registry sie annimmt, kann ein Angreifer auf dem Weg sie verlangen.",
            ),
            how: text(
                "Each outdated version is offered to the server by itself. Fails when one is accepted. It speaks to the use case alone: no requirement of CSVS asks for a version.",
                "Jede veraltete Version wird dem Server für sich angeboten. Nicht bestanden, wenn er eine annimmt. Die Prüfung zählt nur für den Anwendungsfall: Keine Anforderung der CSVS nennt eine Version.",
            ),
            blind_spots: text(
                "Cipher suites are not offered one by one.",
                "Cipher-Suites werden nicht einzeln angeboten.",
            ),
            remedy: text(
                "Let the registry, or the proxy before it, accept TLS 1.2 and 1.3 only.",
                "Lassen Sie die Registry oder den Proxy davor nur TLS 1.2 und 1.3 annehmen.",
            ),
            example: "http:\n  tls:\n    minimumtls: tls1.2",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &[]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, protocol)
    }
}

fn protocol(_: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let host = &registry.host;
    let Some(tls) = &registry.tls else {
        let reason = registry.tls_failed.as_deref().unwrap_or("no reason given").trim_end_matches('.');
        return if matches!(plain(registry), Plain::Served(..)) {
            judged(OutcomeKind::NotApplicable, format!("{host} does not speak TLS at all ({reason})."), Vec::new())
        } else {
            judged(OutcomeKind::Error, format!("TLS could not be spoken with {host} ({reason})."), Vec::new())
        };
    };
    let outdated = |version: &str| matches!(version, "TLS 1.0" | "TLS 1.1") || version.starts_with("SSL");
    let mut observations = Vec::new();
    let mut accepted: Vec<&str> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    let offered = tls.older.iter().map(|(version, answer)| (version.as_str(), *answer));
    let negotiated = outdated(&tls.version).then_some((tls.version.as_str(), Older::Accepted));
    for (version, answer) in negotiated.into_iter().chain(offered) {
        let option = match version {
            "TLS 1.0" => "-tls1",
            "TLS 1.1" => "-tls1_1",
            _ => "",
        };
        let show = format!("{} {option}", show_tls(registry).trim_end_matches(" </dev/null")).trim_end().to_owned();
        let place = Location::Field { field: format!("tls {host}") };
        let (severity, message) = match answer {
            Older::Accepted => {
                accepted.push(version);
                (Severity::Medium, format!("{host} accepts {version}."))
            }
            Older::Refused => (Severity::Info, format!("{host} refuses {version}.")),
            Older::Unknown => {
                unknown.push(version);
                (Severity::Low, format!("Whether {host} accepts {version} could not be told."))
            }
        };
        observations.push(observation(place, format!("{show} </dev/null"), severity, message, &[]));
    }
    observations.sort_by_key(|observation| observation.severity);
    accepted.dedup();
    if !accepted.is_empty() {
        let summary = format!("{host} accepts {}.", accepted.join(" and "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !unknown.is_empty() || observations.is_empty() {
        let summary = if unknown.is_empty() {
            format!("{host} speaks {}; outdated versions were not offered to it.", tls.version)
        } else {
            format!("{host} speaks {}; whether it accepts {} could not be told.", tls.version, unknown.join(" and "))
        };
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!("{host} speaks {} and refuses every outdated version that was offered.", tls.version);
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{dockerfile, image};
    use crate::probes::tests::{facts_of, registry};
    use plimsoll_registry::facts::CertificateFacts;

    fn tls(not_after: &str, problem: Option<&str>) -> TlsFacts {
        TlsFacts {
            version: "TLS 1.3".into(),
            chain: vec![CertificateFacts {
                subject: "CN=r.example".into(),
                not_after: not_after.into(),
                key: "ECDSA P-256".into(),
                ..CertificateFacts::default()
            }],
            problem: problem.map(str::to_owned),
            roots: "the system's".into(),
            older: vec![("TLS 1.0".into(), Older::Refused), ("TLS 1.1".into(), Older::Refused)],
            ..TlsFacts::default()
        }
    }

    fn with(tls: Option<TlsFacts>, plain: Option<(u16, &str)>) -> RegistryFacts {
        let answers: Vec<_> = plain.iter().map(|(code, detail)| (Asked::PlainHttp, *code, *detail)).collect();
        RegistryFacts { tls_failed: tls.is_none().then(|| "no TLS".into()), tls, ..registry("r.example", &answers) }
    }

    fn judge(registry: RegistryFacts) -> Judgement {
        let judgement = Transport.judge(&facts_of(registry), &Settings::default());
        assert!(judgement.observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
        judgement
    }

    const LATER: &str = "2027-06-01T00:00:00Z";

    #[test]
    fn a_valid_certificate_and_no_plain_http_pass() {
        for plain in [(308, "it sends its clients to https://r.example/v2/"), (400, ""), (426, "")] {
            let judgement = judge(with(Some(tls(LATER, None)), Some(plain)));
            assert_eq!(judgement.outcome, OutcomeKind::Pass, "{plain:?} {judgement:?}");
        }
        let mut silent = with(Some(tls(LATER, None)), Some((0, "")));
        silent.probes[0].answer = Answer::Failed("connection refused".into());
        assert_eq!(judge(silent).outcome, OutcomeKind::Pass);
        assert_eq!(judge(with(Some(tls(LATER, None)), None)).outcome, OutcomeKind::Undecided);
        for other in [(404, ""), (200, "")] {
            assert_eq!(judge(with(Some(tls(LATER, None)), Some(other))).outcome, OutcomeKind::Undecided);
        }
    }

    #[test]
    fn plain_http_that_answers_fails() {
        for plain in [
            (200, "a registry answers"),
            (401, "a registry answers"),
            (302, "it sends its clients to http://other.example/"),
        ] {
            let judgement = judge(with(Some(tls(LATER, None)), Some(plain)));
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{plain:?}");
            assert_eq!(judgement.observations[0].severity, Severity::High);
            assert_eq!(judge(with(None, Some(plain))).outcome, OutcomeKind::Fail);
        }
        let mut local = with(None, Some((200, "")));
        local.host = "127.0.0.1:5600".into();
        let judgement = judge(local);
        assert_eq!((judgement.outcome, judgement.observations[0].severity), (OutcomeKind::Fail, Severity::Medium));
    }

    #[test]
    fn a_certificate_that_does_not_validate_fails_and_one_that_ends_soon_is_told() {
        let judgement = judge(with(Some(tls(LATER, Some("the name is another."))), Some((400, ""))));
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.summary.contains("the name is another"));
        assert_eq!(judge(with(Some(tls("2026-11-23T23:00:00Z", None)), Some((400, "")))).outcome, OutcomeKind::Fail);
        let soon = judge(with(Some(tls("2026-12-20T00:00:00Z", None)), Some((400, ""))));
        assert_eq!((soon.outcome, soon.observations[0].severity), (OutcomeKind::Pass, Severity::Medium));
        assert!(soon.observations[0].message.contains("26 days"), "{}", soon.observations[0].message);
        let mut weak = tls(LATER, None);
        weak.chain[0].key = "RSA 1024".into();
        assert!(judge(with(Some(weak), Some((400, "")))).observations[0].message.contains("weak"));
    }

    #[test]
    fn a_registry_that_does_not_answer_is_an_error() {
        assert_eq!(judge(with(None, None)).outcome, OutcomeKind::Error);
        assert_eq!(judge(with(None, Some((400, "")))).outcome, OutcomeKind::Error);
    }

    #[test]
    fn outdated_versions_fail_when_they_are_accepted() {
        let of = |tls: Option<TlsFacts>, plain| Protocol.judge(&facts_of(with(tls, plain)), &Settings::default());
        assert_eq!(of(Some(tls(LATER, None)), None).outcome, OutcomeKind::Pass);
        let mut old = tls(LATER, None);
        old.older[1].1 = Older::Accepted;
        let judgement = of(Some(old), None);
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.summary.contains("TLS 1.1") && !judgement.summary.contains("TLS 1.0"));
        assert!(judgement.observations[0].reproduce.as_ref().unwrap().ends_with("-tls1_1 </dev/null"));
        let mut unsure = tls(LATER, None);
        unsure.older[0].1 = Older::Unknown;
        assert_eq!(of(Some(unsure), None).outcome, OutcomeKind::Undecided);
        assert_eq!(of(Some(TlsFacts { older: vec![], ..tls(LATER, None) }), None).outcome, OutcomeKind::Undecided);
        assert_eq!(of(None, Some((200, ""))).outcome, OutcomeKind::NotApplicable);
        assert_eq!(of(None, None).outcome, OutcomeKind::Error);
        let spoken = TlsFacts { version: "TLS 1.0".into(), older: vec![], ..tls(LATER, None) };
        assert_eq!(of(Some(spoken), None).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn what_is_no_registry_gets_a_reason() {
        let outcome = |facts: &Facts| Transport.judge(facts, &Settings::default());
        assert_eq!(outcome(&image()).outcome, OutcomeKind::NotApplicable);
        assert_eq!(outcome(&dockerfile("FROM a\n")).outcome, OutcomeKind::NotApplicable);
        let mut facts = image();
        facts.source = "docker://127.0.0.1:5600/lab/good:1".into();
        let judgement = outcome(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.summary.contains("127.0.0.1:5600"));
    }
}
