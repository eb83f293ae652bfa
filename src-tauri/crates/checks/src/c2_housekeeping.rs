//! C2, registry authentication: whether the registry cleans up (CSVS 5.2) and how many there are (CSVS 5.1). An interface
//! shows little of either: signals for a person.

use plimsoll_catalog::{Location, OutcomeKind, Severity, UseCaseId};
use plimsoll_registry::facts::{Answer, Asked, RegistryFacts};

use crate::observe::{judged, observation};
use crate::probes::{of_registry, on_probe, probes};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

pub(crate) const INSTANCES: &str = "registry-instances";

/// The registry frees itself of what nobody refers to.
pub(crate) struct Housekeeping;
/// Enough registries serve the images.
pub(crate) struct Instances;

impl Check for Housekeeping {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "registry-housekeeping",
            use_case: Some(UseCaseId::C2),
            title: text("Garbage collection of the registry", "Bereinigung der Registry"),
            why: text(
                "What nobody deletes stays fetchable: old images with known flaws, and secrets that were built in by mistake.",
                "Was niemand löscht, bleibt abrufbar: alte Images mit bekannten Schwachstellen und versehentlich eingebaute Geheimnisse.",
            ),
            how: text(
                "With the client's consent the deletion of a digest that cannot exist is asked for: the answer shows whether deletion is switched on. Without deletion, garbage collection has nothing to free but what uploads left behind. Whether collection runs, and how often, no interface shows: the outcome is undecided, with what was seen.",
                "Mit Zustimmung des Kunden wird die Löschung eines Digests angefragt, den es nicht geben kann: Die Antwort zeigt, ob Löschen eingeschaltet ist. Ohne Löschen hat die Garbage Collection nichts freizugeben als Reste von Uploads. Ob und wie oft sie läuft, zeigt keine Schnittstelle: Das Ergebnis bleibt unentschieden und nennt, was zu sehen war.",
            ),
            blind_spots: text(
                "The schedule, the log and the effect of garbage collection; retention rules; backups of the storage.",
                "Zeitplan, Protokoll und Wirkung der Garbage Collection; Aufbewahrungsregeln; Backups des Speichers.",
            ),
            remedy: text(
                "Switch deletion on for the account that cleans up, set retention rules, and run garbage collection on a schedule.",
                "Erlauben Sie dem Konto, das aufräumt, das Löschen, legen Sie Aufbewahrungsregeln fest und führen Sie die Garbage Collection nach Zeitplan aus.",
            ),
            example: "registry garbage-collect --delete-untagged --dry-run /etc/docker/registry/config.yml",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.2"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, housekeeping)
    }
}

fn housekeeping(_: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let host = &registry.host;
    let ask = "ask for the schedule and the last log of garbage collection";
    let Some(probe) = probes(registry, Asked::Delete).next() else {
        let summary = format!("Whether {host} lets anything be deleted was not asked; {ask}.");
        return judged(OutcomeKind::Undecided, summary, Vec::new());
    };
    let (severity, seen) = match &probe.answer {
        Answer::Status { code: 405 | 501, .. } => (
            Severity::Medium,
            format!(
                "deletion is switched off at {host}, so garbage collection can free nothing but remains of uploads"
            ),
        ),
        Answer::Status { code: 200..=299 | 404, .. } => {
            (Severity::Info, format!("deletion is switched on at {host}, so there can be something to collect"))
        }
        Answer::Status { code: 401 | 403, .. } => (
            Severity::Info,
            format!("{host} lets this account delete nothing, so the interface does not show whether deletion is on"),
        ),
        Answer::Status { code, detail } => {
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            (Severity::Low, format!("{host} answered {code}{detail} to a deletion, which tells nothing"))
        }
        Answer::Failed(reason) => {
            (Severity::Low, format!("a deletion could not be asked for at {host} ({})", reason.trim_end_matches('.')))
        }
        Answer::NotAsked(reason) => (
            Severity::Info,
            format!("whether {host} lets anything be deleted was not asked ({})", reason.trim_end_matches('.')),
        ),
    };
    let seen = capital(&seen);
    let summary = format!("{seen}; {ask}.");
    judged(OutcomeKind::Undecided, summary, vec![on_probe(probe, severity, format!("{seen}."))])
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        // A host's name keeps its letters.
        Some(first) if ["deletion ", "whether ", "a "].iter().any(|word| sentence.starts_with(word)) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}

impl Check for Instances {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: INSTANCES,
            use_case: Some(UseCaseId::C2),
            title: text("Number of registry instances", "Zahl der Registry-Instanzen"),
            why: text(
                "A registry that stands alone takes all deployments down with it.",
                "Eine Registry, die allein steht, reißt bei ihrem Ausfall alle Deployments mit sich.",
            ),
            how: text(
                "The registries of the engagement and the mirrors that the engine names are counted and told. How many instances stand behind one address cannot be seen from outside, so the outcome is undecided: the auditor asks.",
                "Die Registries des Auftrags und die Mirrors, die die Engine nennt, werden gezählt und genannt. Wie viele Instanzen hinter einer Adresse stehen, ist von außen nicht zu sehen; das Ergebnis bleibt unentschieden: Der Auditor fragt nach.",
            ),
            blind_spots: text(
                "Instances behind a load balancer, shared storage, replication between registries. A mirror of Docker Hub is no instance of the client's registry.",
                "Instanzen hinter einem Load Balancer, gemeinsamer Speicher, Replikation zwischen Registries. Ein Mirror von Docker Hub ist keine Instanz der Registry des Kunden.",
            ),
            remedy: text(
                "Run at least three instances, an odd number of them, on separate machines, or show the provider's statement on availability.",
                "Betreiben Sie mindestens drei Instanzen, in ungerader Zahl, auf getrennten Maschinen, oder legen Sie die Verfügbarkeitszusage des Anbieters vor.",
            ),
            example: "kubectl get pods --selector app=registry --output wide",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, instances)
    }
}

fn instances(_: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let mut observations = Vec::new();
    if let Some(engine) = &registry.engine
        && !engine.mirrors.is_empty()
    {
        let message = format!(
            "The engine at {} fetches Docker Hub's images through {}; a mirror is no instance of this registry.",
            engine.host,
            engine.mirrors.join(", ")
        );
        observations.push(observation(
            Location::Field { field: "RegistryConfig.Mirrors".to_owned() },
            "docker info --format '{{json .RegistryConfig.Mirrors}}'".to_owned(),
            Severity::Info,
            message,
            &[],
        ));
    }
    let summary = format!(
        "From outside {} is one address; ask how many instances stand behind it (at least three, an odd number).",
        registry.host
    );
    judged(OutcomeKind::Undecided, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::tests::{facts_of, registry};
    use plimsoll_registry::facts::{EngineRegistries, Probe};

    fn delete(answer: Answer) -> Judgement {
        let mut registry = registry("r.example", &[]);
        registry.probes.push(Probe {
            asked: Asked::Delete,
            request: "DELETE https://r.example/v2/a/manifests/sha256:0".into(),
            at: String::new(),
            answer,
        });
        Housekeeping.judge(&facts_of(registry), &Settings::default())
    }

    #[test]
    fn what_the_interface_shows_is_told_and_decides_nothing() {
        for (code, severity, words) in [
            (405, Severity::Medium, "switched off"),
            (404, Severity::Info, "switched on"),
            (202, Severity::Info, "switched on"),
            (401, Severity::Info, "delete nothing"),
            (500, Severity::Low, "answered 500"),
        ] {
            let judgement = delete(Answer::Status { code, detail: String::new() });
            assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{code}");
            let observation = &judgement.observations[0];
            assert_eq!(observation.severity, severity, "{code}");
            assert!(observation.message.contains(words), "{}", observation.message);
            assert_eq!(
                observation.reproduce.as_deref(),
                Some("curl -si -X DELETE https://r.example/v2/a/manifests/sha256:0")
            );
        }
        let not_asked = delete(Answer::NotAsked("the client has not consented.".into()));
        assert!(not_asked.summary.contains("not consented)"), "{}", not_asked.summary);
        assert!(delete(Answer::Failed("no route".into())).summary.contains("no route"));
        let none = Housekeeping.judge(&facts_of(registry("r.example", &[])), &Settings::default());
        assert_eq!(none.outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn instances_are_for_a_person_and_mirrors_are_told() {
        let engine =
            EngineRegistries { mirrors: vec!["https://mirror.example/".into()], ..EngineRegistries::default() };
        let facts = facts_of(RegistryFacts { engine: Some(engine), ..registry("r.example", &[]) });
        let judgement = Instances.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.observations[0].message.contains("mirror.example"));
    }
}
