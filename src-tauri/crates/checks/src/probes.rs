//! C2: reading what the probes of a registry saw.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity};
use plimsoll_registry::facts::{Answer, Asked, ClientFacts, Probe, RegistryFacts};

use crate::bases::read_from;
use crate::facts::{Facts, quote};
use crate::observe::{judged, observation};
use crate::{Judgement, Settings};

/// Registries that serve the public by design.
const PUBLIC: [&str; 13] = [
    "docker.io",
    "registry-1.docker.io",
    "index.docker.io",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "registry.k8s.io",
    "registry.access.redhat.com",
    "registry.gitlab.com",
    "cgr.dev",
    "nvcr.io",
];

pub(crate) fn is_public(host: &str) -> bool {
    PUBLIC.contains(&host)
}

/// How open what a probe asked for is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Openness {
    /// Answered with what was asked for.
    Open,
    /// Refused for want of credentials.
    Closed,
    /// There is no such thing there.
    Absent,
    /// It could not be told, and why.
    Unknown(String),
    /// It was not asked, and why.
    NotAsked(String),
}

/// What the probes say of an answer that is not what was asked for.
const ODD: [&str; 3] = ["nothing in it shows", "what came is no", "what came holds no"];

pub(crate) fn openness(probe: &Probe) -> Openness {
    match &probe.answer {
        // An answer that is not what was asked for hands out nothing: a login page, a web server.
        Answer::Status { code: 200..=299, detail } if ODD.iter().any(|words| detail.contains(words)) => {
            Openness::Unknown(detail.clone())
        }
        Answer::Status { code, detail } => match code {
            200..=299 => Openness::Open,
            // A blob may lie elsewhere; anything else leads to a login.
            301 | 302 | 303 | 307 | 308 if probe.asked == Asked::Blob => Openness::Open,
            401 | 403 => Openness::Closed,
            404 | 405 | 501 => Openness::Absent,
            _ => Openness::Unknown(format!("it answered {code}{}", in_brackets(detail))),
        },
        Answer::Failed(reason) => Openness::Unknown(reason.trim_end_matches('.').to_owned()),
        Answer::NotAsked(reason) => Openness::NotAsked(reason.trim_end_matches('.').to_owned()),
    }
}

fn in_brackets(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}

pub(crate) fn probes(registry: &RegistryFacts, asked: Asked) -> impl Iterator<Item = &Probe> {
    registry.probes.iter().filter(move |probe| probe.asked == asked)
}

/// Whether a host is this machine itself: `localhost`, `127.0.0.1:5600`, `[::1]:5000`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = without_port(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host without port and brackets.
pub(crate) fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Host and port as openssl wants them.
fn host_and_port(host: &str) -> String {
    let host = if host == "docker.io" { "registry-1.docker.io" } else { host };
    let named = without_port(host);
    if named.len() == host.len() { format!("{host}:443") } else { host.to_owned() }
}

/// The command that shows the certificate again.
pub(crate) fn show_tls(registry: &RegistryFacts) -> String {
    let address = host_and_port(&registry.host);
    format!(
        "openssl s_client -connect {} -servername {} -showcerts -verify_return_error </dev/null",
        quote(&address),
        quote(without_port(&address))
    )
}

/// The command that asks again what a probe asked.
pub(crate) fn show_probe(probe: &Probe) -> String {
    let (method, address) = probe.request.split_once(' ').unwrap_or(("GET", probe.request.as_str()));
    match method {
        "GET" => format!("curl -si {}", quote(address)),
        "HEAD" => format!("curl -sI {}", quote(address)),
        method => format!("curl -si -X {} {}", quote(method), quote(address)),
    }
}

/// An observation on a probe.
pub(crate) fn on_probe(probe: &Probe, severity: Severity, message: impl Into<String>) -> Observation {
    let address = probe.request.split_once(' ').map_or(probe.request.as_str(), |(_, address)| address);
    observation(Location::Field { field: address.to_owned() }, show_probe(probe), severity, message, &[])
}

/// Docker's client on this machine, from whichever of the facts has it.
pub(crate) fn client(facts: &Facts) -> Option<&ClientFacts> {
    facts.registry.as_ref().and_then(|registry| registry.client.as_ref()).or(facts.client.as_ref())
}

/// Judges a registry; whatever is none gets its reason.
pub(crate) fn of_registry(
    facts: &Facts,
    settings: &Settings,
    judge: fn(&Facts, &RegistryFacts, &Settings) -> Judgement,
) -> Judgement {
    if let Some(registry) = &facts.registry {
        return judge(facts, registry, settings);
    }
    if let Some(full) = read_from(facts) {
        let summary = format!(
            "The image was read from {}; add that registry as a subject of its own to have it looked at.",
            full.host()
        );
        return judged(OutcomeKind::Undecided, summary, Vec::new());
    }
    if facts.image.is_none() && facts.dockerfile.is_none() && facts.compose.is_none() {
        return judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new());
    }
    judged(
        OutcomeKind::NotApplicable,
        "This subject is no registry and was not read from one; add the registry that it is delivered through as a subject of its own.",
        Vec::new(),
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A registry that answers as given: what was asked, status code, detail.
    pub(crate) fn registry(host: &str, answers: &[(Asked, u16, &str)]) -> RegistryFacts {
        let probe = |&(asked, code, detail): &(Asked, u16, &str)| Probe {
            asked,
            request: format!("GET https://{host}/{asked:?}"),
            at: "2026-11-24T00:00:00Z".into(),
            answer: Answer::Status { code, detail: detail.into() },
        };
        RegistryFacts {
            host: host.into(),
            collected: "2026-11-24T00:00:00Z".into(),
            probes: answers.iter().map(probe).collect(),
            ..RegistryFacts::default()
        }
    }

    /// Facts about a registry.
    pub(crate) fn facts_of(registry: RegistryFacts) -> Facts {
        let mut facts = crate::facts::tests::image();
        facts.image = None;
        facts.source = format!("registry:{}", registry.host);
        facts.registry = Some(registry);
        facts
    }

    #[test]
    fn hosts_are_told_apart() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5600", "127.8.0.1", "[::1]:5000", "a.localhost:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["registry.example.com", "10.0.0.1:5000", "localhost.example.com", "[2001:db8::1]:5000", ""] {
            assert!(!is_loopback(host), "{host}");
        }
        assert_eq!(without_port("[2001:db8::1]:5000"), "2001:db8::1");
        assert_eq!(host_and_port("registry.example.com"), "registry.example.com:443");
        assert_eq!(host_and_port("docker.io"), "registry-1.docker.io:443");
        assert_eq!(host_and_port("127.0.0.1:5600"), "127.0.0.1:5600");
    }

    #[test]
    fn answers_are_sorted() {
        let asked =
            |asked, answer| openness(&Probe { asked, request: "GET https://r/v2/".into(), at: String::new(), answer });
        let of = |answer| asked(Asked::Base, answer);
        let status = |code| of(Answer::Status { code, detail: String::new() });
        assert_eq!(status(200), Openness::Open);
        assert!(matches!(status(307), Openness::Unknown(_)));
        assert_eq!(asked(Asked::Blob, Answer::Status { code: 307, detail: String::new() }), Openness::Open);
        let odd = Answer::Status { code: 200, detail: "nothing in it shows that it is a registry".into() };
        assert!(matches!(of(odd), Openness::Unknown(_)));
        assert_eq!(status(401), Openness::Closed);
        assert_eq!(status(403), Openness::Closed);
        assert_eq!(status(404), Openness::Absent);
        assert!(matches!(status(429), Openness::Unknown(_)));
        assert!(matches!(status(503), Openness::Unknown(_)));
        assert!(matches!(of(Answer::Failed("no route.".into())), Openness::Unknown(reason) if reason == "no route"));
        assert!(matches!(of(Answer::NotAsked("no consent".into())), Openness::NotAsked(_)));
    }
}
