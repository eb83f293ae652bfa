//! C2, registry authentication: nobody reads or writes without an account.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_registry::facts::{Answer, Asked, Probe, RegistryFacts};

use crate::facts::quote;
use crate::observe::{judged, observation};
use crate::probes::{Openness, is_public, of_registry, on_probe, openness, probes};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

pub(crate) const ID: &str = "registry-access";

/// Nobody reads or writes without an account.
pub(crate) struct Access;

impl Check for Access {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::C2),
            title: text("No access without an account", "Kein Zugriff ohne Konto"),
            why: text(
                "Whoever may read everything learns what runs, with its flaws and its forgotten secrets; whoever may write puts an image of his own where hosts fetch theirs.",
                "Wer alles lesen darf, erfährt, was läuft, mit Schwachstellen und vergessenen Geheimnissen; wer schreiben darf, legt sein eigenes Image dorthin, wo die Hosts ihre holen.",
            ),
            how: text(
                "Without credentials, /v2/, the catalogue, tags, a manifest and a blob are asked for, and tokens for reading and writing. With the client's consent an upload is opened and cancelled at once. Fails when something is handed out, when an anonymous token grants it, when passwords travel over plain HTTP, and, critically, when an upload is opened. What was not asked for, for want of consent or of a known repository, is undecided. A registry that may be read by everybody, by the client's word, is allowed by its host name; writing never is. Registries that serve the public by design are left to a person.",
                "Ohne Zugangsdaten werden /v2/, Katalog, Tags, ein Manifest und ein Blob angefragt, dazu Token zum Lesen und Schreiben. Mit Zustimmung des Kunden wird ein Upload geöffnet und sofort abgebrochen. Nicht bestanden, wenn etwas herausgegeben wird, wenn ein anonymes Token es gewährt, wenn Passwörter über unverschlüsseltes HTTP gehen und, kritisch, wenn ein Upload geöffnet wird. Was mangels Zustimmung oder bekannten Repositorys nicht gefragt wurde, bleibt unentschieden. Eine Registry, die nach dem Wort des Kunden alle lesen dürfen, wird mit ihrem Hostnamen erlaubt; Schreiben nie. Registries, die planmäßig der Öffentlichkeit dienen, beurteilt ein Mensch.",
            ),
            blind_spots: text(
                "Which accounts and roles there are and what they may do: a registry's interface does not tell. Other paths to the storage. Repositories that were not probed. What an opaque token grants.",
                "Welche Konten und Rollen es gibt und was sie dürfen: Das verrät die Schnittstelle einer Registry nicht. Andere Wege zum Speicher. Repositorys, die nicht angefragt wurden. Was ein undurchsichtiges Token gewährt.",
            ),
            remedy: text(
                "Switch authentication on for every path, best by a token server that is bound to the organisation's single sign-on; grant rights through roles: hosts read, the pipeline writes, nobody deletes by default.",
                "Verlangen Sie auf jedem Weg eine Anmeldung, am besten über einen Token-Server, der am Single Sign-on der Organisation hängt; vergeben Sie Rechte über Rollen: Hosts lesen, die Pipeline schreibt, löschen darf zunächst niemand.",
            ),
            example: "curl -si https://registry.example.com/v2/\nHTTP/2 401\nwww-authenticate: Bearer realm=\"https://sso.example.com/token\",service=\"registry\"",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["6.1", "10.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, access)
    }
}

/// What the probes add up to.
#[derive(Default)]
struct Tally {
    observations: Vec<Observation>,
    /// What is open to read.
    reading: Vec<&'static str>,
    /// What is worse than reading.
    faults: Vec<&'static str>,
    /// What could not be told, or was not asked.
    open_ends: Vec<String>,
    /// Something answered at all.
    answered: bool,
    /// Something was refused without credentials.
    refused: bool,
}

impl Tally {
    fn read(&mut self, what: &'static str) {
        if !self.reading.contains(&what) {
            self.reading.push(what);
        }
    }

    fn fault(&mut self, what: &'static str) {
        if !self.faults.contains(&what) {
            self.faults.push(what);
        }
    }
}

/// What is asked for without credentials, what it is called, and how grave it is when it is handed out.
const READING: [(Asked, &str, Severity); 5] = [
    (Asked::Base, "/v2/", Severity::Low),
    (Asked::Catalog, "the catalogue", Severity::Medium),
    (Asked::Tags, "tags", Severity::Medium),
    (Asked::Manifest, "a manifest", Severity::High),
    (Asked::Blob, "a blob", Severity::High),
];

/// The actions that a token grants, by the scopes named in the answer: `repository:NAME:pull,push`.
pub(crate) fn granted(detail: &str) -> Option<Vec<&str>> {
    let scopes = detail
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '(' | ')'))
        .filter(|word| word.starts_with("repository:"));
    let actions: Vec<&str> = scopes
        .filter_map(|scope| scope.rsplit_once(':'))
        .flat_map(|(_, actions)| actions.split(','))
        .filter(|action| !action.is_empty())
        .collect();
    if !actions.is_empty() {
        return Some(actions);
    }
    detail.contains("grants nothing").then(Vec::new)
}

fn reading(registry: &RegistryFacts, tally: &mut Tally) {
    let host = &registry.host;
    let mut manifests_refused = false;
    for (asked, name, severity) in READING {
        let mut told = false;
        // A registry that was reached in another way than the first one tried was reached.
        let reached = probes(registry, asked).any(|probe| matches!(probe.answer, Answer::Status { .. }));
        for probe in probes(registry, asked) {
            told = true;
            match openness(probe) {
                // Some registries list to each what he may see.
                Openness::Open if asked == Asked::Catalog && detail(probe) == "0 repositories" => {
                    tally.answered = true;
                    let message = format!("{host} shows an empty catalogue without credentials.");
                    tally.observations.push(on_probe(probe, Severity::Info, message));
                }
                Openness::Open => {
                    tally.answered = true;
                    let more = detail(probe);
                    let more = if more.is_empty() { String::new() } else { format!(" ({more})") };
                    let message = format!("{host} hands out {name} without credentials{more}.");
                    tally.observations.push(on_probe(probe, severity, message));
                    tally.read(name);
                }
                Openness::Closed => {
                    tally.answered = true;
                    tally.refused = true;
                    manifests_refused |= asked == Asked::Manifest;
                    let message = format!("{host} refuses {name} without credentials.");
                    tally.observations.push(on_probe(probe, Severity::Info, message));
                }
                Openness::Absent => {
                    tally.answered = true;
                    // A catalogue that is not offered gives nothing away; elsewhere the answer tells nothing.
                    if asked != Asked::Catalog {
                        tally.open_ends.push(format!("{name} was not found"));
                    }
                }
                Openness::Unknown(_) if asked == Asked::Base && reached => {}
                Openness::Unknown(reason) => tally.open_ends.push(format!("{name} could not be asked for ({reason})")),
                // Blobs are guarded by the same right as the manifest that names them.
                Openness::NotAsked(_) if asked == Asked::Blob && manifests_refused => {}
                Openness::NotAsked(reason) => tally.open_ends.push(format!("{name} was not asked for ({reason})")),
            }
        }
        if !told {
            tally.open_ends.push(format!("{name} was not asked for"));
        }
    }
}

fn detail(probe: &Probe) -> &str {
    match &probe.answer {
        Answer::Status { detail, .. } => detail,
        Answer::Failed(_) | Answer::NotAsked(_) => "",
    }
}

/// Whether the auditor's own credentials counted.
fn login(registry: &RegistryFacts, tally: &mut Tally) {
    for probe in probes(registry, Asked::Login) {
        if openness(probe) == Openness::Closed {
            let who = registry.credentials.as_deref().unwrap_or("the auditor");
            let message =
                format!("{} refuses the credentials of {who}: what they would show was not seen.", registry.host);
            tally.observations.push(on_probe(probe, Severity::Low, message));
        }
    }
}

/// Tokens that the token server gave to nobody, with what they grant, where that shows.
fn issued<'a>(
    registry: &'a RegistryFacts,
    asked: Asked,
    name: &str,
    tally: &mut Tally,
) -> Vec<(&'a Probe, Vec<&'a str>)> {
    let mut issued = Vec::new();
    for probe in probes(registry, asked) {
        match (openness(probe), &probe.answer) {
            (Openness::Open, Answer::Status { detail, .. }) => match granted(detail) {
                Some(actions) => issued.push((probe, actions)),
                None => tally.open_ends.push(format!("what the anonymous token for {name} grants is not visible")),
            },
            (Openness::Closed | Openness::Absent, _) => {
                let message = format!("The token server of {} gives nobody a token for {name}.", registry.host);
                tally.observations.push(on_probe(probe, Severity::Info, message));
            }
            (Openness::Unknown(reason), _) => {
                tally.open_ends.push(format!("a token for {name} could not be asked for ({reason})"));
            }
            // A registry without a token server has none to ask; that no repository is known shows elsewhere.
            (Openness::Open | Openness::NotAsked(_), _) => {}
        }
    }
    issued
}

fn tokens(registry: &RegistryFacts, tally: &mut Tally) {
    let host = &registry.host;
    for (probe, actions) in issued(registry, Asked::PullToken, "reading", tally) {
        if actions.iter().any(|action| matches!(*action, "pull" | "*")) {
            let message = format!("{host} grants nobody's token the right to read.");
            tally.observations.push(on_probe(probe, Severity::Medium, message));
            tally.read("a token for reading");
        } else {
            let message = format!("The token server of {host} gives nobody more than an empty token.");
            tally.observations.push(on_probe(probe, Severity::Info, message));
        }
    }
    for (probe, actions) in issued(registry, Asked::PushToken, "writing", tally) {
        if actions.iter().any(|action| matches!(*action, "push" | "delete" | "*")) {
            let message =
                format!("{host} grants nobody's token the right to {}: everybody can write.", actions.join(", "));
            tally.observations.push(on_probe(probe, Severity::Critical, message));
            tally.fault("everybody gets a token for writing");
        } else {
            let message = format!("{host} grants nobody the right to write.");
            tally.observations.push(on_probe(probe, Severity::Info, message));
        }
    }
}

fn writing(registry: &RegistryFacts, tally: &mut Tally) {
    let Some(probe) = probes(registry, Asked::Push).next() else {
        tally.open_ends.push("whether everybody may write was not tried".to_owned());
        return;
    };
    match openness(probe) {
        Openness::Open => {
            tally.answered = true;
            let more = detail(probe);
            let more = if more.is_empty() { String::new() } else { format!(" ({more})") };
            let message = format!(
                "{} opened an upload without credentials{more}: everybody can put images there.",
                registry.host
            );
            tally.observations.push(on_probe(probe, Severity::Critical, message));
            tally.fault("everybody may write");
        }
        Openness::Closed => {
            tally.refused = true;
            let message = format!("{} refuses an upload without credentials.", registry.host);
            tally.observations.push(on_probe(probe, Severity::Info, message));
        }
        Openness::Absent => {
            let message = format!("{} takes no uploads at all.", registry.host);
            tally.observations.push(on_probe(probe, Severity::Info, message));
        }
        Openness::Unknown(reason) => {
            tally.open_ends.push(format!("whether everybody may write could not be tried ({reason})"));
        }
        Openness::NotAsked(reason) => {
            tally.open_ends.push(format!("whether everybody may write was not tried ({reason})"));
        }
    }
}

/// How the registry wants to be asked.
fn scheme(registry: &RegistryFacts, tally: &mut Tally) {
    let Some(auth) = &registry.auth else { return };
    let place = || Location::Field { field: format!("www-authenticate {}", registry.host) };
    let show = |address: String| format!("curl -si {} | grep -i www-authenticate", quote(&address));
    let protocol = if registry.tls.is_some() { "https" } else { "http" };
    let show = show(format!("{protocol}://{}/v2/", registry.host));
    let mut say = |severity, message: String| {
        tally.observations.push(observation(place(), show.clone(), severity, message, &[]));
    };
    if auth.scheme.eq_ignore_ascii_case("basic") {
        if registry.tls.is_none() {
            say(
                Severity::High,
                format!("{} asks for a password (Basic) over plain HTTP: it travels in clear.", registry.host),
            );
            tally.fault("passwords travel over plain HTTP");
        } else {
            say(
                Severity::Info,
                format!(
                    "{} asks for a password with each request (Basic); ask whether its accounts are the organisation's.",
                    registry.host
                ),
            );
        }
    } else if auth.realm.starts_with("http://") {
        say(
            Severity::High,
            format!("{} sends its users to a token server over plain HTTP, {}.", registry.host, auth.realm),
        );
        tally.fault("the token server is reached over plain HTTP");
    } else {
        say(
            Severity::Info,
            format!(
                "{} asks for a token ({}) of {}; ask whether that is the organisation's single sign-on.",
                registry.host, auth.scheme, auth.realm
            ),
        );
    }
}

fn access(_: &Facts, registry: &RegistryFacts, settings: &Settings) -> Judgement {
    let host = &registry.host;
    let mut tally = Tally::default();
    reading(registry, &mut tally);
    tokens(registry, &mut tally);
    writing(registry, &mut tally);
    deleting(registry, &mut tally);
    scheme(registry, &mut tally);
    login(registry, &mut tally);
    let allowance = settings.allowed(ID, host);
    if allowance.is_some() {
        // What everybody may read by the client's word is told, and weighs nothing.
        for observation in &mut tally.observations {
            if observation.message.contains("without credentials") && observation.severity != Severity::Critical
                || observation.message.contains("the right to read")
            {
                observation.severity = Severity::Info;
            }
        }
    }
    let Tally { mut observations, reading, faults, open_ends, answered, refused } = tally;
    observations.sort_by_key(|observation| observation.severity);
    let mut open_ends = open_ends;
    open_ends.sort();
    open_ends.dedup();
    let more = match open_ends.as_slice() {
        [] => String::new(),
        ends => format!(" Not known: {}.", ends.join("; ")),
    };
    if !faults.is_empty() {
        return judged(OutcomeKind::Fail, format!("{host} is open: {}.{more}", faults.join(", and ")), observations);
    }
    if !answered && !refused {
        return judged(OutcomeKind::Error, format!("{host} did not answer.{more}"), observations);
    }
    let read = reading.join(", ");
    if !reading.is_empty() && is_public(host) {
        let summary = format!(
            "{host} serves the public by design, and hands out {read} without credentials; whether the client's own repositories there are private is for a person to see.{more}"
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let allowed = match (reading.is_empty(), allowance) {
        (true, _) => String::new(),
        (false, Some(allowance)) => {
            format!(" Everybody may read {read}, by the client's word ({}).", allowance.reason.trim_end_matches('.'))
        }
        (false, None) => {
            let summary = format!("{host} hands out {read} without credentials.{more}");
            return judged(OutcomeKind::Fail, summary, observations);
        }
    };
    if !open_ends.is_empty() {
        let summary = format!("What was asked of {host} without credentials was refused.{allowed}{more}");
        let summary = if refused { summary } else { format!("{host} answers without credentials.{allowed}{more}") };
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!("{host} gives nothing away and takes nothing without credentials.{allowed}");
    judged(OutcomeKind::Pass, summary, observations)
}

/// A deletion that was refused for another reason than credentials was open to everybody.
fn deleting(registry: &RegistryFacts, tally: &mut Tally) {
    for probe in probes(registry, Asked::Delete) {
        let Answer::Status { code, .. } = &probe.answer else { continue };
        let with_credentials = registry.credentials.is_some() && !detail(probe).contains("without credentials");
        if matches!(code, 200..=299 | 404) && !with_credentials {
            let message = format!(
                "{} looked for what was to be deleted ({code}) instead of asking for credentials: everybody may delete.",
                registry.host
            );
            tally.observations.push(on_probe(probe, Severity::Critical, message));
            tally.fault("everybody may delete");
        }
    }
}
