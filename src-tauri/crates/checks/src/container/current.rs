//! The container's image against what its name means now (CSVS 5.4).

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ContainerFacts;

use super::shown::{client, few, of, on};
use crate::facts::quote;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Its image is the one that its name means now.
pub(super) struct Current;

impl Check for Current {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "image-current",
            use_case: None,
            title: text("Made from the current image", "Aus dem aktuellen Image erzeugt"),
            why: text(
                "A new image under the same name changes nothing in what already runs: flaws that it mends stay open until the container is replaced.",
                "Ein neues Image unter gleichem Namen ändert nichts an dem, was schon läuft: Die Lücken, die es schließt, bleiben offen, bis der Container ersetzt wird.",
            ),
            how: text(
                "The image that the container was made from is compared with the one that the engine now has under the same name; another one fails. Where the registry was asked, its digest counts as well: another than the container's fails, the same passes. Without the registry's word the pass says only that the engine has nothing newer. A name with a digest names one image for good and passes with that remark. A name that the engine no longer has is put to the auditor.",
                "Das Image, aus dem der Container erzeugt wurde, wird mit dem verglichen, das die Engine jetzt unter demselben Namen hat; ein anderes fällt durch. Wurde die Registry gefragt, zählt auch ihr Digest: Ein anderer als der des Containers fällt durch, derselbe besteht. Ohne Auskunft der Registry besagt „bestanden“ nur, dass die Engine nichts Neueres hat. Ein Name mit Digest benennt auf Dauer ein einziges Image und besteht mit diesem Hinweis. Ein Name, den die Engine nicht mehr hat, wird dem Auditor vorgelegt.",
            ),
            blind_spots: text(
                "Whether there is a newer image under another name or tag. What the registry serves, unless it was asked. Whether the image itself is old.",
                "Ob es unter anderem Namen oder Tag ein neueres Image gibt. Was die Registry ausliefert, sofern sie nicht gefragt wurde. Ob das Image selbst alt ist.",
            ),
            remedy: text(
                "Pull the image and create the container anew from it; let the deployment do both each time.",
                "Laden Sie das Image neu und erzeugen Sie den Container daraus neu; lassen Sie beides bei jedem Deployment automatisch geschehen.",
            ),
            example: "docker compose up --detach --pull always",
            aliases: &[("docker-bench", "5.28")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container),
            Err(judgement) => judgement,
        }
    }
}

/// The hexadecimal part of an id or digest.
fn hex(id: &str) -> &str {
    let id = id.rsplit('@').next().unwrap_or(id);
    id.strip_prefix("sha256:").unwrap_or(id)
}

/// The first digits, as people know them.
fn brief(id: &str) -> String {
    hex(id).chars().take(12).collect()
}

/// Whether a container was made by the image's id, which is no name. Twelve digits are what `docker images` shows.
fn is_id(image: &str) -> bool {
    let digits = hex(image);
    !image.contains('@')
        && (image.starts_with("sha256:") || digits.len() >= 12)
        && digits.len() <= 64
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// An observation on what the name means now.
fn on_name(container: &ContainerFacts, severity: Severity, message: String) -> Observation {
    let mut observation = on(container, "Image", severity, message, &["5.28"]);
    observation.reproduce = Some(format!(
        "{} image inspect --format '{{{{.Id}}}} {{{{json .RepoDigests}}}}' {}",
        client(container),
        quote(&container.config.image)
    ));
    observation
}

fn judge(container: &ContainerFacts) -> Judgement {
    let (image, now, own) = (container.config.image.as_str(), &container.image_now, container.image_id.as_str());
    let mut observations = Vec::new();
    if image.is_empty() || own.is_empty() {
        let summary = "The engine does not tell what image it was made from.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    observations.push(on(
        container,
        "Image",
        Severity::Info,
        format!("It was made from {image}, which was image {} then.", brief(own)),
        &[],
    ));
    if let Some((_, digest)) = image.split_once('@') {
        if !now.own_digests.is_empty() && !now.own_digests.iter().any(|own| hex(own) == hex(digest)) {
            let known: Vec<String> = now.own_digests.iter().map(|digest| brief(digest)).collect();
            let message =
                format!("Its image is known under the digests {}, not under the one that it is named by.", few(&known));
            observations.push(on_name(container, Severity::Medium, message));
            let summary = "It is named by a digest that its image is not known under.";
            return judged(OutcomeKind::Undecided, summary, observations);
        }
        let summary = "It is named by digest, which is one image for good; whether a newer one is wanted cannot be told from that.";
        return judged(OutcomeKind::Pass, summary, observations);
    }
    if is_id(image) {
        let summary =
            "It was made by an image's id or a name that has been removed since, so no name tells what is current.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let Some(id) = now.id.as_deref() else {
        let summary = format!("The engine no longer has an image {image}, so what is current does not show.");
        return judged(OutcomeKind::Undecided, summary, observations);
    };
    if hex(id) != hex(own) {
        let message = format!("On its engine {image} is now image {}.", brief(id));
        observations.push(on_name(container, Severity::Medium, message));
        let summary = format!("The engine has another image under the name {image} by now.");
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let Some(served) = now.at_registry.as_deref() else {
        let summary = "The engine has no other image under its name; the registry was not asked.";
        return judged(OutcomeKind::Pass, summary, observations);
    };
    let known: Vec<&String> = now.own_digests.iter().chain(&now.digests).collect();
    if known.is_empty() {
        let message = format!(
            "The registry serves {} for {image}, but the engine knows no digest of its own image.",
            brief(served)
        );
        observations.push(on_name(container, Severity::Low, message));
        let summary = "The engine does not know its image's digest, so it could not be compared with the registry's.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if known.iter().any(|digest| hex(digest) == hex(served)) {
        let message = format!("The registry serves the same image for {image}: {}.", brief(served));
        observations.push(on_name(container, Severity::Info, message));
        return judged(OutcomeKind::Pass, "It was made from what its registry serves under the name.", observations);
    }
    let known: Vec<String> = known.iter().map(|digest| brief(digest)).collect();
    let message = format!("The registry serves {} for {image}; its own image is {}.", brief(served), few(&known));
    observations.push(on_name(container, Severity::Medium, message));
    let summary = format!("The registry serves another image under the name {image} by now.");
    judged(OutcomeKind::Fail, summary, observations)
}
