//! A2, trust of the base image: what the image is built on is signed by somebody whom the auditor trusts.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::Base;
use plimsoll_trust::Looked;

use crate::a1_proof::below;
use crate::bases::{Full, counted, from_scratch, last_base, who};
use crate::facts::{BaseFacts, NamedBy, quote};
use crate::observe::{judged, on_lines};
use crate::trust::concluded;
use crate::trust_client::client_side;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The base image is trusted.
pub(crate) struct BaseTrust;

impl Check for BaseTrust {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "base-image-trust",
            use_case: Some(UseCaseId::A2),
            title: text("Trust in the base image", "Vertrauen in das Basis-Image"),
            why: text(
                "Whatever is wrong with the base is wrong with everything that is built on it, and nobody looks at it again.",
                "Was am Basis-Image nicht stimmt, stimmt an allem nicht, was darauf gebaut ist, und niemand sieht es sich noch einmal an.",
            ),
            how: text(
                "The base images are those that FROM of the last stage, a provenance statement or, where nothing else does, the image's label names. Their signatures (Docker Content Trust, cosign, Notation) are fetched and verified as those of the image itself are; of several bases the worst counts. For an image, a pass needs the proof that it is built on that very base: its layers begin with those that the registry serves. A base that only a label names is a claim and stays undecided. What the client approves without a signature is left to a person, with the client's reason. On Docker Hub a missing Content Trust signature is no finding from 2026-12-08 on.",
                "Als Basis-Images gelten jene, die FROM der letzten Stage, eine Provenance-Aussage oder, wenn sonst nichts sie angibt, das Label des Images nennt. Ihre Signaturen (Docker Content Trust, cosign, Notation) werden abgerufen und geprüft wie die des Images selbst; von mehreren zählt das schlechteste. Bei einem Image verlangt das Bestehen den Nachweis, dass es auf genau dieser Basis gebaut ist: Seine Layer beginnen mit denen, die die Registry ausliefert. Eine Basis, die nur ein Label nennt, ist eine Behauptung und bleibt unentschieden. Was der Kunde ohne Signatur freigibt, beurteilt ein Mensch, mit dem Grund des Kunden. Auf Docker Hub ist eine fehlende Content-Trust-Signatur ab dem 08.12.2026 kein Befund.",
            ),
            blind_spots: text(
                "A base that nobody names. What the base itself was built on. Whether anybody verifies its signature before a build. A tag may have moved since the build.",
                "Ein Basis-Image, das niemand nennt. Worauf das Basis-Image selbst gebaut ist. Ob jemand seine Signatur vor dem Build prüft. Ein Tag kann seit dem Build versetzt worden sein.",
            ),
            remedy: text(
                "Build on bases whose publisher signs them with cosign or Notation, pin them by digest, and verify before the build. Where a publisher does not sign, copy the base into your own registry after review, sign it there by its digest, and build on that. Docker Content Trust is no way out: Docker Hub's trust server closes on 2026-12-08, and docker from version 29 on ignores DOCKER_CONTENT_TRUST.",
                "Bauen Sie auf Basis-Images, deren Herausgeber sie mit cosign oder Notation signiert, legen Sie sie per Digest fest und prüfen Sie vor dem Build. Signiert ein Herausgeber nicht, übernehmen Sie das Basis-Image nach Prüfung in die eigene Registry, signieren es dort über seinen Digest und bauen darauf. Docker Content Trust ist kein Ausweg: Der Trust-Server von Docker Hub schließt am 08.12.2026, und docker ignoriert ab Version 29 DOCKER_CONTENT_TRUST.",
            ),
            example: "cosign verify --key publisher.pub registry.example.com/base/debian@sha256:…",
            aliases: &[("docker-bench", "4.2"), ("docker-bench", "4.5"), ("dockle", "CIS-DI-0005")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["2.3", "3.7", "6.2", "10.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(_), _, _) | (None, Some(_), _) => of_bases(facts, settings),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file builds on no base image itself; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn of_bases(facts: &Facts, settings: &Settings) -> Judgement {
    let bases = counted(facts);
    if bases.is_empty() {
        return unnamed(facts);
    }
    let of_each: Vec<Judgement> = bases.iter().map(|base| of_base(facts, base, settings)).collect();
    let worst = of_each.iter().map(|judgement| judgement.outcome).max_by_key(|outcome| rank(*outcome));
    let outcome = worst.unwrap_or(OutcomeKind::Undecided);
    let mut parts: Vec<Judgement> = of_each;
    // What decides is said first; the rest are in the observations.
    parts.sort_by_key(|judgement| std::cmp::Reverse(rank(judgement.outcome)));
    let summary = parts.first().map(|judgement| judgement.summary.clone()).unwrap_or_default();
    let mut observations: Vec<Observation> = parts.into_iter().flat_map(|judgement| judgement.observations).collect();
    observations.sort_by_key(|observation| observation.severity);
    observations.extend(client_side(facts.client.as_ref()));
    judged(outcome, summary, observations)
}

fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::NotApplicable => 0,
        OutcomeKind::Pass => 1,
        OutcomeKind::Undecided => 2,
        OutcomeKind::Error => 3,
        OutcomeKind::Fail => 4,
    }
}

/// No base was looked up: because there is none, or because nobody names it.
fn unnamed(facts: &Facts) -> Judgement {
    if from_scratch(facts) {
        return judged(
            OutcomeKind::NotApplicable,
            "The build starts from scratch; there is no base image.",
            Vec::new(),
        );
    }
    if let Some(file) = &facts.dockerfile {
        let Some((stage, base)) = last_base(&file.parsed) else {
            let summary = format!("{} has no FROM instruction, so it names no base image at all.", file.path);
            return judged(OutcomeKind::Error, summary, Vec::new());
        };
        let line = file.parsed.instructions.get(stage.from).map_or((1, 1), |from| (from.line, from.end_line));
        let written = match base {
            Base::Image(image) => image.written.as_str(),
            Base::Scratch | Base::Stage(_) => "",
        };
        let message = format!("FROM {written}: its signatures were not looked for.");
        return judged(
            OutcomeKind::Undecided,
            format!(
                "The signatures of the base image {written} were not looked for; read the file with a connection to its registry, or verify them by hand."
            ),
            vec![on_lines(file, line, Severity::Info, message, &[])],
        );
    }
    judged(
        OutcomeKind::Undecided,
        "No base image is named: there is no Dockerfile, no provenance and no label; add the Dockerfile to the subject.",
        Vec::new(),
    )
}

fn of_base(facts: &Facts, base: &BaseFacts, settings: &Settings) -> Judgement {
    match &base.trust {
        Some(trust) => {
            let subject = format!("The base image {}", base.reference);
            tied(facts, base, settings, concluded(&subject, trust, facts, settings))
        }
        None => not_looked(base),
    }
}

/// What is concluded of a base, tied to the subject: whether it is the subject's base at all, and whether the client
/// approves it.
pub(crate) fn tied(facts: &Facts, base: &BaseFacts, settings: &Settings, mut judgement: Judgement) -> Judgement {
    let name = base.reference.as_str();
    let full = Full::parse(name);
    let approved = full
        .as_ref()
        .and_then(|full| settings.approved_base(&full.repository).or_else(|| settings.approved_registry(full.host())));
    // What is broken stays broken; what is merely absent may be approved.
    let broken = judgement.observations.iter().any(|observation| observation.severity <= Severity::High);
    if let Some(approved) = approved
        && judgement.outcome == OutcomeKind::Fail
        && !broken
    {
        judgement.outcome = OutcomeKind::Undecided;
        judgement.summary.push_str(&format!(
            " The client approves {} all the same ({}); whether that is enough is for a person to say.",
            approved.what,
            approved.reason.trim_end_matches('.')
        ));
    }
    let Some(image) = &facts.image else { return judgement };
    if base.lookup.served.as_ref().is_some_and(|served| below(image, served).is_some()) {
        return judgement;
    }
    let unproven = format!(
        "Nothing proves that the image is built on {name}, which {} names: {}.",
        who(base.named_by),
        match &base.lookup.served {
            Some(served) if served.images.iter().any(|it| !it.diff_ids.is_empty()) =>
                "its layers do not begin with those that the registry serves under this name today",
            Some(_) | None => "the layers that the registry serves under this name are not known",
        }
    );
    judgement.observations.push(Observation {
        severity: Severity::Low,
        message: unproven.clone(),
        location: Some(Location::Field { field: "rootfs.diff_ids".to_owned() }),
        reproduce: Some(format!(
            "skopeo inspect --config --raw {} | jq .rootfs.diff_ids",
            quote(&format!("docker://{name}"))
        )),
        aliases: Vec::new(),
    });
    let undecided = match judgement.outcome {
        OutcomeKind::Pass => true,
        // A label alone accuses nobody.
        OutcomeKind::Fail => base.named_by == NamedBy::Label,
        _ => false,
    };
    if undecided {
        judgement.outcome = OutcomeKind::Undecided;
        judgement.summary = format!("{unproven} Of that base: {}", judgement.summary);
    }
    judgement
}

/// A base without anything fetched about its signatures.
fn not_looked(base: &BaseFacts) -> Judgement {
    let name = base.reference.as_str();
    let (outcome, why) = match &base.lookup.looked {
        Looked::Failed(reason) => {
            (OutcomeKind::Error, format!("its registry could not be read ({})", reason.trim_end_matches('.')))
        }
        Looked::Refused(reason) => {
            let reason = reason.trim_end_matches('.');
            (OutcomeKind::Undecided, format!("its registry wants other credentials ({reason})"))
        }
        Looked::NotTried(reason) => (OutcomeKind::Undecided, reason.trim_end_matches('.').to_owned()),
        Looked::Absent => (OutcomeKind::Undecided, "its registry does not have it".to_owned()),
        Looked::Found => (OutcomeKind::Undecided, "they were not asked for".to_owned()),
    };
    let observation = Observation {
        severity: Severity::Low,
        message: format!("{name}, named by {}: its signatures were not looked at: {why}.", who(base.named_by)),
        location: Some(Location::Field { field: name.to_owned() }),
        reproduce: Some(format!("skopeo inspect --raw {}", quote(&format!("docker://{name}")))),
        aliases: Vec::new(),
    };
    let summary = format!("The signatures of the base image {name} were not looked at: {why}.");
    judged(outcome, summary, vec![observation])
}
