//! B4, health check for container images (CSVS 9.4): the image that runs has one.

use plimsoll_catalog::{OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{Arguments, Healthcheck, Instruction, Keyword, healthcheck};
use plimsoll_image::ImageFacts;

use crate::b4_command::reach;
use crate::facts::{ComposeFacts, DockerfileFacts};
use crate::history;
use crate::observe::{count, judged, on_compose, on_config, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ALIASES: [&str; 5] = ["DL3057", "DS-0026", "CKV_DOCKER_2", "CIS-DI-0006", "4.6"];

/// A health check is defined, and not switched off.
pub(crate) struct Defined;

impl Check for Defined {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "healthcheck-defined",
            use_case: Some(UseCaseId::B4),
            title: text("Health check defined", "Health-Check definiert"),
            why: text(
                "Without a health check, Docker takes a container for well as long as its process lives, whether it serves or not.",
                "Ohne Health-Check gilt ein Container für Docker als gesund, solange sein Prozess lebt, ob er arbeitet oder nicht.",
            ),
            how: text(
                "The image's config counts. Without an image, the last HEALTHCHECK of the Dockerfile's final stage, with the stages it starts from, counts. HEALTHCHECK NONE fails, and so does a command whose program or shell is not in the image. For a Compose file every service is read.",
                "Es zählt die Konfiguration des Images. Ohne Image zählt das letzte HEALTHCHECK der letzten Stage des Dockerfiles samt den Stages, auf denen sie aufbaut. HEALTHCHECK NONE fällt durch, ebenso ein Kommando, dessen Programm oder Shell im Image fehlt. In einer Compose-Datei wird jeder Dienst gelesen.",
            ),
            blind_spots: text(
                "Whether the command tells anything, and whether anybody watches the state. Archives in OCI format have no field for a health check.",
                "Ob das Kommando aussagekräftig ist und ob jemand den Zustand überwacht. Archive im OCI-Format haben kein Feld für einen Health-Check.",
            ),
            remedy: text(
                "Add a HEALTHCHECK to the final stage that asks the service itself.",
                "Ergänzen Sie in der letzten Stage ein HEALTHCHECK, das den Dienst selbst befragt.",
            ),
            example: "HEALTHCHECK --interval=30s --timeout=3s --retries=3 \\\n  CMD [\"/usr/bin/wget\", \"-q\", \"-O-\", \"http://127.0.0.1:8080/health\"]",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["9.2", "9.4"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), file, _) => in_image(facts, image, file.as_ref()),
            (None, Some(file), _) => in_file(file),
            (None, None, Some(file)) => in_compose(file),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn is_none(test: &[String]) -> bool {
    test.first().is_some_and(|word| word == "NONE")
}

/// Whether a test can never fail: `true`, `:`, `exit 0`, `echo ok`.
pub(crate) fn always_succeeds(test: &[String]) -> bool {
    let words: Vec<&str> = match test.split_first() {
        Some((form, rest)) if form == "CMD" => rest.iter().map(String::as_str).collect(),
        Some((form, rest)) if form == "CMD-SHELL" => rest.iter().flat_map(|text| text.split_whitespace()).collect(),
        _ => return false,
    };
    match words.as_slice() {
        ["true" | "/bin/true" | "/usr/bin/true" | ":"] | ["exit", "0"] => true,
        ["echo", rest @ ..] => !rest.iter().any(|word| word.contains(['&', '|', ';', '`', '$', '>', '<'])),
        _ => false,
    }
}

fn in_image(facts: &Facts, image: &ImageFacts, file: Option<&DockerfileFacts>) -> Judgement {
    let mut observations = Vec::new();
    let in_dockerfile = file.and_then(|file| last(file).map(|(instruction, check)| (file, instruction, check)));
    let field = "config.Healthcheck";
    match &image.config.healthcheck {
        Some(check) if is_none(&check.test) => {
            let message = "HEALTHCHECK NONE switches off the health check of the base image.";
            observations.push(on_config(facts, field, Severity::Medium, message, &ALIASES));
            judged(OutcomeKind::Fail, "The image's health check is switched off.", observations)
        }
        Some(check) if !check.test.is_empty() => {
            let command = check.test.join(" ");
            observations.push(on_config(facts, field, Severity::Info, format!("The image runs: {command}"), &[]));
            for (value, name) in [(check.interval_ns, "interval"), (check.timeout_ns, "timeout")] {
                if value.unwrap_or(0) == 0 {
                    let message = format!("The {name} is not set; Docker's default of 30 s applies.");
                    observations.push(on_config(facts, field, Severity::Info, message, &[]));
                }
            }
            origin(facts, image, &mut observations);
            let mut inherited = false;
            if let Some(file) = file {
                on_file(file, &mut observations);
                match in_dockerfile {
                    Some((_, _, Healthcheck::Command { .. })) => {}
                    Some((file, instruction, Healthcheck::None)) => {
                        let message = "The Dockerfile switches the health check off, but the image has one: it was built from another file or another version of it.";
                        let at = (instruction.line, instruction.end_line);
                        observations.push(on_lines(file, at, Severity::Low, message, &[]));
                    }
                    None => {
                        inherited = true;
                        let message = "The Dockerfile's final stage defines no health check; the image inherits it from its base, or was built from another file.";
                        observations.push(on_lines(file, (1, 1), Severity::Info, message, &[]));
                    }
                }
            }
            if always_succeeds(&check.test) {
                let message = format!("{command} always succeeds: it says healthy whatever the service does.");
                observations.push(on_config(facts, field, Severity::Medium, message, &[]));
                return judged(
                    OutcomeKind::Fail,
                    "The image's health check cannot fail, so it says nothing.",
                    observations,
                );
            }
            if let Some(tree) = &facts.tree {
                let reach = reach(&check.test, image, tree);
                if let Some(path) = reach.found {
                    let message = format!("Its program is in the image: {path}.");
                    observations.push(on_config(facts, field, Severity::Info, message, &[]));
                }
                if let Some(broken) = reach.broken {
                    observations.push(on_config(facts, field, Severity::High, broken, &[]));
                    return judged(OutcomeKind::Fail, "The image's health check cannot work in it.", observations);
                }
                if !reach.absent.is_empty() {
                    let message =
                        format!("A part of the check needs what is not in the image: {}.", reach.absent.join(", "));
                    observations.push(on_config(facts, field, Severity::Low, message, &[]));
                }
            }
            let summary = if inherited {
                "The image has a health check, inherited: its Dockerfile defines none."
            } else {
                "The image has a health check."
            };
            judged(OutcomeKind::Pass, summary, observations)
        }
        _ => {
            let lost = !image.config.healthcheck_recordable;
            let from_history = image.history.iter().enumerate().rev().find_map(|(index, entry)| {
                history::read(&entry.created_by).filter(|l| l.word == "HEALTHCHECK").map(|l| (index, l))
            });
            let named_in_history = from_history.as_ref().is_some_and(|(_, line)| !line.rest.contains("NONE"));
            if let Some((file, instruction, Healthcheck::Command { .. })) = &in_dockerfile {
                let message = if lost {
                    "The Dockerfile defines a health check; this archive's format has no field for it."
                } else {
                    "The Dockerfile defines a health check, but the image has none: it was built from another file or another version of it."
                };
                observations.push(on_lines(
                    file,
                    (instruction.line, instruction.end_line),
                    Severity::Info,
                    message,
                    &[],
                ));
            }
            if lost && named_in_history {
                if let Some((index, line)) = from_history {
                    let message = format!("The history records HEALTHCHECK {}.", line.rest);
                    observations.push(on_history(facts, index, Severity::Info, message, &[]));
                }
                return judged(
                    OutcomeKind::Undecided,
                    "The image was built with a health check, but its config is in OCI format, which has no field for it: the conversion lost it. Audit the image from the Docker daemon or from docker save.",
                    observations,
                );
            }
            let mut message = "The image's config has no health check.".to_owned();
            if lost {
                message.push_str(
                    " The OCI format has no field for one, and the history records no HEALTHCHECK instruction either.",
                );
            }
            observations.push(on_config(facts, field, Severity::Medium, message, &ALIASES));
            judged(OutcomeKind::Fail, "The image has no health check.", observations)
        }
    }
}

/// Which lines of the history set the health check.
fn origin(facts: &Facts, image: &ImageFacts, observations: &mut Vec<plimsoll_catalog::Observation>) {
    let lines: Vec<usize> = image
        .history
        .iter()
        .enumerate()
        .filter(|(_, entry)| history::read(&entry.created_by).is_some_and(|line| line.word == "HEALTHCHECK"))
        .map(|(index, _)| index)
        .collect();
    let Some((&last, earlier)) = lines.split_last() else {
        if !image.history.is_empty() {
            let message =
                "No line of the history sets the health check; it was set when the image was committed or imported.";
            observations.push(on_config(facts, "history", Severity::Info, message, &[]));
        }
        return;
    };
    for &index in earlier {
        let message = "A later line of the history replaces this health check.";
        observations.push(on_history(facts, index, Severity::Info, message, &[]));
    }
    let layers = image.history.get(last + 1..).unwrap_or_default().iter().filter(|entry| !entry.empty_layer).count();
    let message = if layers == 0 {
        "This line of the history sets the health check; no layer follows it.".to_owned()
    } else {
        format!(
            "This line of the history sets the health check; {} it. If they are this image's own, it is inherited from the base image.",
            count(layers, "layer follows", "layers follow")
        )
    };
    observations.push(on_history(facts, last, Severity::Info, message, &[]));
}

/// What a Dockerfile says beside the health check that counts: replaced ones, and ones in stages that do not count.
fn on_file(file: &DockerfileFacts, observations: &mut Vec<plimsoll_catalog::Observation>) {
    let Some(stage) = file.parsed.final_stage() else { return };
    let own: Vec<_> = file
        .parsed
        .stage_instructions(stage.index)
        .filter(|instruction| instruction.keyword == Keyword::Healthcheck)
        .collect();
    for earlier in own.split_last().map(|(_, earlier)| earlier).unwrap_or_default() {
        let message = "A later HEALTHCHECK replaces this one.";
        observations.push(on_lines(file, (earlier.line, earlier.end_line), Severity::Low, message, &["DL3012"]));
    }
    let lineage = file.parsed.lineage(stage.index);
    for other in file.parsed.instructions.iter().filter(|i| i.keyword == Keyword::Healthcheck) {
        if other.stage.is_some_and(|stage| !lineage.contains(&stage)) {
            let message =
                "This HEALTHCHECK stands in a stage that the final image does not start from; it has no effect.";
            observations.push(on_lines(file, (other.line, other.end_line), Severity::Low, message, &[]));
        }
    }
}

/// The last health check that takes effect in the final stage.
fn last(file: &DockerfileFacts) -> Option<(&Instruction, Healthcheck)> {
    let stage = file.parsed.final_stage()?;
    let effective = file.parsed.effective_instructions(stage.index);
    effective.into_iter().rev().find_map(|instruction| Some((instruction, healthcheck(instruction)?)))
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    let Some(stage) = file.parsed.final_stage() else {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    };
    let mut observations = Vec::new();
    on_file(file, &mut observations);
    match last(file) {
        Some((instruction, Healthcheck::Command { test, interval, timeout, .. })) => {
            let at = (instruction.line, instruction.end_line);
            let words = match &test {
                Arguments::Shell(text) => vec!["CMD-SHELL".to_owned(), text.clone()],
                Arguments::Json(words) => [vec!["CMD".to_owned()], words.clone()].concat(),
            };
            if always_succeeds(&words) {
                let message = "This check always succeeds: it says healthy whatever the service does.";
                observations.push(on_lines(file, at, Severity::Medium, message, &[]));
                return judged(OutcomeKind::Fail, "The health check cannot fail, so it says nothing.", observations);
            }
            for (value, name) in [(interval, "--interval"), (timeout, "--timeout")] {
                if value.is_none() {
                    let message = format!("{name} is not given; Docker's default of 30 s applies.");
                    observations.push(on_lines(file, at, Severity::Info, message, &[]));
                }
            }
            observations.push(on_lines(file, at, Severity::Info, "The final stage's health check.", &[]));
            judged(OutcomeKind::Pass, "The final stage defines a health check.", observations)
        }
        Some((instruction, Healthcheck::None)) => {
            let message = "HEALTHCHECK NONE switches off any health check.";
            let at = (instruction.line, instruction.end_line);
            observations.push(on_lines(file, at, Severity::Medium, message, &ALIASES));
            judged(OutcomeKind::Fail, "The health check is switched off.", observations)
        }
        None => {
            let from = file.parsed.instructions.get(stage.from).map_or((1, 1), |i| (i.line, i.end_line));
            let message =
                "The final stage defines no HEALTHCHECK. If its base image brings one, audit the image to show it.";
            observations.push(on_lines(file, from, Severity::Medium, message, &ALIASES));
            judged(OutcomeKind::Fail, "The Dockerfile defines no health check.", observations)
        }
    }
}

fn in_compose(file: &ComposeFacts) -> Judgement {
    let mut observations = Vec::new();
    let (mut off, mut silent) = (0, 0);
    for service in &file.parsed.services {
        let (severity, line, message) = match &service.healthcheck {
            Some(check) if check.disable || check.test.as_deref().is_some_and(is_none) => {
                off += 1;
                (Severity::Medium, check.line, format!("Service {} switches its health check off.", service.name))
            }
            Some(check) if check.test.is_some() => {
                (Severity::Info, check.line, format!("Service {} defines a health check.", service.name))
            }
            _ => {
                silent += 1;
                let message = format!("Service {} defines no health check; its image may bring one.", service.name);
                (Severity::Low, service.line, message)
            }
        };
        let aliases: &[&str] = if severity == Severity::Info { &[] } else { &["4.6"] };
        observations.push(on_compose(file, line, severity, message, aliases));
    }
    match (off, silent) {
        (0, 0) => judged(OutcomeKind::Pass, "Every service defines a health check.", observations),
        (0, silent) => judged(
            OutcomeKind::Undecided,
            format!(
                "{} no health check in the Compose file; look at the images.",
                count(silent, "service has", "services have")
            ),
            observations,
        ),
        (off, _) => judged(
            OutcomeKind::Fail,
            format!("{} the health check off.", count(off, "service switches", "services switch")),
            observations,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, history_image, image};
    use plimsoll_image::Healthcheck as ImageHealthcheck;

    fn file(text: &str) -> OutcomeKind {
        Defined.judge(&dockerfile(text), &Settings::default()).outcome
    }

    #[test]
    fn in_a_dockerfile_the_final_stage_counts() {
        assert_eq!(file("FROM a\nHEALTHCHECK CMD check\n"), OutcomeKind::Pass);
        assert_eq!(file("FROM a\nHEALTHCHECK --interval=5s --timeout=1s CMD [\"x\"]\n"), OutcomeKind::Pass);
        assert_eq!(file("FROM a AS b\nHEALTHCHECK CMD check\nFROM b\n"), OutcomeKind::Pass);
        assert_eq!(file("FROM a\n"), OutcomeKind::Fail);
        assert_eq!(file("FROM a\nHEALTHCHECK NONE\n"), OutcomeKind::Fail);
        assert_eq!(file("FROM a\nHEALTHCHECK CMD check\nHEALTHCHECK NONE\n"), OutcomeKind::Fail);
        assert_eq!(file("FROM a AS b\nHEALTHCHECK CMD check\nFROM c\n"), OutcomeKind::Fail);
        assert_eq!(file("RUN x\n"), OutcomeKind::Error);
    }

    #[test]
    fn in_an_image_the_config_counts() {
        let mut facts = image();
        assert_eq!(Defined.judge(&facts, &Settings::default()).outcome, OutcomeKind::Fail);
        let mut set = |test: &[&str]| {
            facts.image.as_mut().unwrap().config.healthcheck = Some(ImageHealthcheck {
                test: test.iter().map(|&word| word.to_owned()).collect(),
                ..ImageHealthcheck::default()
            });
            Defined.judge(&facts, &Settings::default()).outcome
        };
        assert_eq!(set(&["NONE"]), OutcomeKind::Fail);
        assert_eq!(set(&[]), OutcomeKind::Fail);
        assert_eq!(set(&["CMD", "check"]), OutcomeKind::Pass);
    }

    #[test]
    fn a_conversion_that_lost_it_is_said() {
        let mut facts = history_image(&["/bin/sh -c #(nop)  HEALTHCHECK &{[\"CMD\" \"true\"] \"5s\"}"]);
        facts.image.as_mut().unwrap().config.healthcheck_recordable = false;
        let judgement = Defined.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.summary.contains("conversion lost it"));
        let mut facts = history_image(&["COPY a /a"]);
        facts.image.as_mut().unwrap().config.healthcheck_recordable = false;
        assert_eq!(Defined.judge(&facts, &Settings::default()).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn image_and_dockerfile_are_compared() {
        let mut facts = image();
        facts.dockerfile = dockerfile("FROM a\nHEALTHCHECK CMD check\n").dockerfile;
        let judgement = Defined.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.message.contains("another file")));
    }

    #[test]
    fn in_a_compose_file_each_service_counts() {
        let run = |text: &str| Defined.judge(&compose(text), &Settings::default()).outcome;
        assert_eq!(
            run("services:\n  a:\n    image: x\n    healthcheck:\n      test: [\"CMD\", \"true\"]\n"),
            OutcomeKind::Pass
        );
        assert_eq!(run("services:\n  a:\n    image: x\n"), OutcomeKind::Undecided);
        assert_eq!(run("services:\n  a:\n    image: x\n    healthcheck:\n      disable: true\n"), OutcomeKind::Fail);
    }

    #[test]
    fn where_it_comes_from_is_said() {
        let mut facts = history_image(&["HEALTHCHECK &{[\"CMD\" \"true\"]} # buildkit", "COPY a /a # buildkit"]);
        facts.dockerfile = dockerfile("FROM a\nCOPY a /a\n").dockerfile;
        facts.image.as_mut().unwrap().config.healthcheck =
            Some(ImageHealthcheck { test: vec!["CMD".into(), "check".into()], ..ImageHealthcheck::default() });
        let judgement = Defined.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.summary.contains("inherited"));
        assert!(judgement.observations.iter().any(|o| o.message.contains("one layer follows it")), "{judgement:?}");
    }

    #[test]
    fn a_command_that_cannot_work_fails() {
        let mut facts = image();
        facts.image.as_mut().unwrap().config.healthcheck =
            Some(ImageHealthcheck { test: vec!["CMD".into(), "curl".into()], ..ImageHealthcheck::default() });
        assert_eq!(Defined.judge(&facts, &Settings::default()).outcome, OutcomeKind::Pass);
        let entry = plimsoll_image::Entry { size: 1, mode: 0o755, ..crate::layers::tests::entry("/app") };
        let layer = plimsoll_image::TreeLayer { entries: vec![entry], ..plimsoll_image::TreeLayer::default() };
        facts.tree = Some(plimsoll_image::Tree::from_layers(vec![layer]));
        let judgement = Defined.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.message.contains("curl is not in the image")));
    }

    #[test]
    fn a_check_that_cannot_fail_says_nothing() {
        let words = |test: &[&str]| always_succeeds(&test.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        for test in [&["CMD", "true"][..], &["CMD-SHELL", "exit 0"], &["CMD-SHELL", "echo ok"], &["CMD-SHELL", ":"]] {
            assert!(words(test), "{test:?}");
        }
        for test in [
            &["CMD", "/check"][..],
            &["CMD-SHELL", "curl -f http://localhost || exit 1"],
            &["CMD-SHELL", "echo x | nc -z localhost 80"],
            &["CMD-SHELL", "echo x >/dev/tcp/localhost/80"],
            &["NONE"],
        ] {
            assert!(!words(test), "{test:?}");
        }
    }
}
