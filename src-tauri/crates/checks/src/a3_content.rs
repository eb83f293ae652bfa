//! A3, check the content of the image: layers, efficiency and waste.
//!
//! Figures are those of the tool `dive`: efficiency = smallest sizes of all paths ÷ all their sizes; waste = the bytes of
//! all copies of paths that more than one layer records. The threshold is dive's own for pipelines, 0.9.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};

use crate::facts::quote;
use crate::figures::bytes;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Below this efficiency the image carries too much for nothing.
const LOWEST_EFFICIENCY: f64 = 0.9;
/// How many wasteful paths are named.
const NAMED: usize = 10;

/// The image's layers carry little for nothing.
pub(crate) struct Waste;

impl Check for Waste {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "image-waste",
            use_case: UseCaseId::A3,
            title: text("Layers without waste", "Schichten ohne Ballast"),
            why: text(
                "What a later layer replaces or deletes stays in the image: it costs space and transfer, and it can be read back.",
                "Was eine spätere Schicht ersetzt oder löscht, bleibt im Image: Es kostet Platz und Übertragung und lässt sich wieder auslesen.",
            ),
            how: text(
                "Every layer is read once. The check passes when the efficiency, as dive defines it, is at least 90 %.",
                "Jede Schicht wird einmal gelesen. Bestanden ist die Prüfung, wenn die Effizienz nach der Definition von dive mindestens 90 % beträgt.",
            ),
            blind_spots: text(
                "It counts bytes. Whether a file is needed, or dangerous, it does not know.",
                "Sie zählt Bytes. Ob eine Datei gebraucht wird oder gefährlich ist, weiß sie nicht.",
            ),
            remedy: text(
                "Create and delete temporary files in the same RUN, copy only what is needed, and build in a stage of its own.",
                "Legen Sie temporäre Dateien im selben RUN an und löschen Sie sie dort; kopieren Sie nur Nötiges und bauen Sie in einer eigenen Stage.",
            ),
            example: "RUN apt-get update \\\n && apt-get install -y --no-install-recommends curl \\\n && rm -rf /var/lib/apt/lists/*",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        let Some(image) = &facts.image else {
            return judged(
                OutcomeKind::NotApplicable,
                "There are no layers to look at: the subject is not an image.",
                Vec::new(),
            );
        };
        let content = &image.content;
        let percent = content.efficiency * 100.0;
        let summary = format!(
            "{} in {}, efficiency {percent:.1} %, {} in paths that more than one layer records.",
            crate::observe::count(usize::try_from(content.files).unwrap_or(usize::MAX), "file", "files"),
            crate::observe::count(image.layers.len(), "layer", "layers"),
            bytes(content.wasted_bytes),
        );
        let enough = content.efficiency >= LOWEST_EFFICIENCY;
        let severity = if enough { Severity::Info } else { Severity::Low };
        let observations = content
            .waste
            .iter()
            .filter(|waste| waste.bytes > 0)
            .take(NAMED)
            .map(|waste| {
                let fate = if waste.deleted { ", and the image no longer shows it" } else { "" };
                Observation {
                    severity,
                    message: format!("{} takes {} in {} layers{fate}.", waste.path, bytes(waste.bytes), waste.copies),
                    location: waste
                        .layers
                        .first()
                        .map(|layer| Location::Layer { layer: layer.clone(), path: waste.path.clone() }),
                    reproduce: Some(format!("dive {}", quote(&dive_source(&facts.source)))),
                    aliases: vec!["dive".to_owned()],
                }
            })
            .collect();
        judged(if enough { OutcomeKind::Pass } else { OutcomeKind::Fail }, summary, observations)
    }
}

/// The source as dive writes it; dive reads the daemon and docker archives.
fn dive_source(source: &str) -> String {
    match source.split_once(':') {
        Some(("docker-daemon", reference)) => reference.to_owned(),
        Some(("docker-archive", file)) => format!("docker-archive://{file}"),
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::Waste as WasteFact;

    #[test]
    fn an_image_with_little_waste_passes_and_one_with_much_fails() {
        let mut facts = image();
        assert_eq!(Waste.judge(&facts, &Settings::default()).outcome, OutcomeKind::Pass);
        let content = &mut facts.image.as_mut().unwrap().content;
        content.efficiency = 0.5;
        content.wasted_bytes = 2_000_000;
        content.waste = vec![WasteFact {
            path: "/data".into(),
            copies: 2,
            bytes: 2_000_000,
            layers: vec!["sha256:1".into(), "sha256:2".into()],
            deleted: true,
        }];
        let judgement = Waste.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations[0].message.contains("/data takes 2.0 MB in 2 layers"));
        assert!(judgement.summary.contains("50.0 %"), "{}", judgement.summary);
    }

    #[test]
    fn a_dockerfile_has_no_layers() {
        let facts = crate::facts::tests::dockerfile("FROM scratch\n");
        assert_eq!(Waste.judge(&facts, &Settings::default()).outcome, OutcomeKind::NotApplicable);
    }
}
