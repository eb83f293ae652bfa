//! C1, image signing: the digest under audit bears a signature that counts: Content Trust, cosign or Notation.

use plimsoll_catalog::{OutcomeKind, UseCaseId};

use crate::bases::recorded;
use crate::observe::judged;
use crate::trust::concluded;
use crate::trust_client::client_side;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The image is signed.
pub(crate) struct Signed;

impl Check for Signed {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "image-signed",
            use_case: Some(UseCaseId::C1),
            title: text("Image signed", "Image signiert"),
            why: text(
                "Whoever can write to the registry, or stand between it and the host, can put other content under a name. A signature over the digest, by a key that the organisation trusts, shows it.",
                "Wer in die Registry schreiben kann oder zwischen ihr und dem Host steht, kann einem Namen anderen Inhalt geben. Eine Signatur über den Digest mit einem Schlüssel, dem die Organisation vertraut, macht das sichtbar.",
            ),
            how: text(
                "The metadata of the trust server (Docker Content Trust), cosign's signatures and bundles, and Notation's signatures are fetched from where they lie and verified by Plimsoll itself, with the keys, identities and roots that the auditor brings, at the moment of the fetch. Passes when one of them is verified for the digest under audit and none beside it is tampered with, rolled back, withdrawn or made for another digest. Fails on these, on a signature that is out of date or by somebody else, and where every place says by itself that there is nothing. A signature without a key to verify it with, or a place that could not be read, is undecided; if no place could be read it is an error. On Docker Hub a missing Content Trust signature is no finding from 2026-12-08 on: Docker has ended it there. Attestations are told, and are no signature of the image. A Content Trust root that nobody pinned is trusted at the first contact and kept, unless the registry that serves the image is itself the trust server: its word for itself is undecided.",
                "Die Metadaten des Trust-Servers (Docker Content Trust), die Signaturen und Bundles von cosign und die Signaturen von Notation werden an ihrem Ort abgerufen und von Plimsoll selbst geprüft: mit den Schlüsseln, Identitäten und Wurzeln, die der Auditor mitbringt, zum Zeitpunkt des Abrufs. Bestanden, wenn eine davon für den geprüften Digest gilt und keine daneben manipuliert, zurückgerollt, zurückgezogen oder für einen anderen Digest ist. Nicht bestanden bei diesen, bei einer abgelaufenen oder fremden Signatur, und wenn jeder Ort selbst sagt, dass es dort nichts gibt. Eine Signatur, für die der Schlüssel fehlt, oder ein Ort, der nicht lesbar war, bleibt unentschieden; war kein Ort lesbar, ist es ein Fehler. Auf Docker Hub ist eine fehlende Content-Trust-Signatur ab dem 08.12.2026 kein Befund: Docker hat das Verfahren dort beendet. Attestierungen werden genannt und gelten nicht als Signatur des Images. Einer Content-Trust-Wurzel, die niemand festgelegt hat, wird beim ersten Kontakt vertraut, und sie wird behalten; ist die Registry selbst der Trust-Server, zählt ihr Wort für sich selbst nicht, und es bleibt unentschieden.",
            ),
            blind_spots: text(
                "Whether anybody verifies the signature before a container starts: that is decided on the hosts. Transparency logs are not asked online. What a local engine says of the digests that its image had at a registry is taken from the engine.",
                "Ob die Signatur vor dem Start eines Containers jemand prüft: Das entscheidet sich auf den Hosts. Transparenzprotokolle werden nicht online befragt. Welche Digests ein Image einer lokalen Engine in einer Registry hatte, wird der Engine geglaubt.",
            ),
            remedy: text(
                "Sign each image by its digest in the pipeline, with cosign (key or workload identity) or Notation, and let an admission rule refuse what is not signed: Sigstore's policy controller or Kyverno for cosign, Ratify or Notation's trust policy for Notation. Do not build on Docker Content Trust any more: Docker Hub's trust server closes on 2026-12-08, and docker from version 29 on ignores DOCKER_CONTENT_TRUST.",
                "Signieren Sie jedes Image in der Pipeline über seinen Digest, mit cosign (Schlüssel oder Workload-Identität) oder Notation, und lassen Sie eine Admission-Regel Unsigniertes abweisen: den Policy Controller von Sigstore oder Kyverno für cosign, Ratify oder die Trust Policy von Notation für Notation. Bauen Sie nicht mehr auf Docker Content Trust: Der Trust-Server von Docker Hub schließt am 08.12.2026, und docker ignoriert ab Version 29 DOCKER_CONTENT_TRUST.",
            ),
            example: "cosign sign --key cosign.key registry.example.com/shop@sha256:…\ncosign verify --key cosign.pub registry.example.com/shop@sha256:…",
            aliases: &[("docker-bench", "4.5"), ("dockle", "CIS-DI-0005")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.7", "6.2", "10.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(_), _, _) => in_image(facts, settings),
            (None, Some(_), _) => judged(
                OutcomeKind::NotApplicable,
                "A Dockerfile is no image yet; look at the image that is built from it.",
                Vec::new(),
            ),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file holds no image; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn in_image(facts: &Facts, settings: &Settings) -> Judgement {
    let mut judgement = match &facts.trust {
        Some(trust) => concluded("The image", trust, facts, settings),
        None => judged(OutcomeKind::Undecided, without(facts), Vec::new()),
    };
    judgement.observations.extend(client_side(facts.client.as_ref()));
    judgement
}

/// Why nothing was fetched about signatures, and what to do.
fn without(facts: &Facts) -> String {
    match facts.source.split(':').next().unwrap_or_default() {
        "docker-archive" => {
            "An archive carries no signatures; audit the image by its reference in the registry (docker://…).".to_owned()
        }
        "docker-daemon" => match recorded(facts).next() {
            Some(full) => format!(
                "An engine keeps no signatures, and its registry was not asked; audit docker://{full} to have them fetched."
            ),
            None => "An engine keeps no signatures, and this image is not known to come from a registry; push it, sign it there, and audit it by its reference (docker://…).".to_owned(),
        },
        _ => "Signatures were not looked for; audit the image by its reference in the registry (docker://…), with a connection to it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, image};
    use plimsoll_registry::facts::ClientFacts;
    use plimsoll_trust::{Looked, Lookup, Scheme, TrustFacts};

    fn outcome(facts: &Facts) -> Judgement {
        Signed.judge(facts, &Settings::default())
    }

    #[test]
    fn without_signatures_to_look_at_it_is_undecided_and_says_why() {
        let archive = outcome(&image());
        assert_eq!(archive.outcome, OutcomeKind::Undecided);
        assert!(archive.summary.contains("carries no signatures"), "{}", archive.summary);
        let mut facts = image();
        facts.source = "docker-daemon:shop:1".into();
        assert!(outcome(&facts).summary.contains("not known to come from a registry"));
        facts.registry_digests = vec![format!("registry.example.com/shop@sha256:{}", "a".repeat(64))];
        assert!(outcome(&facts).summary.contains("docker://registry.example.com/shop@sha256:"));
        facts.source = "docker://registry.example.com/shop:1".into();
        assert!(outcome(&facts).summary.contains("not looked for"));
    }

    #[test]
    fn files_are_no_images() {
        assert_eq!(outcome(&dockerfile("FROM debian:12\n")).outcome, OutcomeKind::NotApplicable);
        assert_eq!(outcome(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn facts_without_a_time_are_an_error_since_signatures_expire() {
        let mut facts = image();
        facts.collected = "yesterday".into();
        facts.trust = Some(TrustFacts { repository: "r.example/x".into(), ..TrustFacts::default() });
        let judgement = outcome(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Error);
        assert!(judgement.summary.contains("yesterday"), "{}", judgement.summary);
    }

    #[test]
    fn each_answer_of_the_places_comes_out_as_it_is() {
        let of = |tag: Looked, referrers: Looked| {
            let lookup = |scheme, place: &str, looked| Lookup { scheme, place: place.into(), looked };
            let mut facts = image();
            facts.trust = Some(TrustFacts {
                repository: "r.example/shop".into(),
                digests: vec![format!("sha256:{}", "a".repeat(64))],
                collected: "2026-11-24T00:00:00Z".into(),
                lookups: vec![
                    lookup(Scheme::Cosign, &format!("r.example/shop:sha256-{}.sig", "a".repeat(64)), tag),
                    lookup(Scheme::Attestation, "https://r.example/v2/shop/referrers/sha256:a", referrers),
                ],
                ..TrustFacts::default()
            });
            outcome(&facts)
        };
        let nothing = of(Looked::Absent, Looked::Absent);
        assert_eq!(nothing.outcome, OutcomeKind::Fail, "{nothing:?}");
        assert!(nothing.summary.contains("No Content Trust server is known"), "{}", nothing.summary);
        let refused = || Looked::Refused("401".into());
        assert_eq!(of(refused(), refused()).outcome, OutcomeKind::Error);
        assert_eq!(of(refused(), Looked::Absent).outcome, OutcomeKind::Undecided);
        let unasked = || Looked::NotTried("r.example was not asked, because nobody named it.".into());
        let judgement = of(unasked(), unasked());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.summary.contains("was not asked"), "{}", judgement.summary);
    }

    #[test]
    fn the_client_is_told_and_decides_nothing() {
        let mut facts = image();
        facts.client = Some(ClientFacts {
            cli_version: Some("29.0.1".into()),
            content_trust: Some("1".into()),
            ..ClientFacts::default()
        });
        let judgement = outcome(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.observations[0].message.contains("no effect"));
    }
}
