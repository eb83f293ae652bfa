//! B1, base image version: every image that the build takes from outside is pinned by digest (CSVS 3.6), and none is
//! carried by `latest` alone (CSVS 5.5).

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{ExternalImage, Place, Reference};

use crate::facts::DockerfileFacts;
use crate::observe::{count, judged, on_compose, on_config, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Every base image is pinned by digest.
pub(crate) struct Pinned;
/// No image is carried by `latest` alone.
pub(crate) struct Tagged;

/// How a reference names its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Digest,
    Tag,
    Latest,
    Untagged,
    /// A variable without a value stands where the tag or digest would.
    Unknown,
    Malformed,
}

fn naming(image: &ExternalImage) -> Naming {
    naming_of(&image.reference.resolved, !image.reference.unresolved.is_empty())
}

fn naming_of(resolved: &str, unresolved: bool) -> Naming {
    // A digest pins whatever stands before it, even a registry that is a variable.
    if let Some((_, digest)) = resolved.rsplit_once('@')
        && Reference::parse(&format!("x@{digest}")).is_ok()
    {
        return Naming::Digest;
    }
    if unresolved || resolved.contains('$') {
        return Naming::Unknown;
    }
    match Reference::parse(resolved) {
        Ok(reference) if reference.digest.is_some() => Naming::Digest,
        Ok(reference) => match reference.tag.as_deref() {
            None => Naming::Untagged,
            Some("latest") => Naming::Latest,
            Some(_) => Naming::Tag,
        },
        Err(_) => Naming::Malformed,
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::From => "FROM",
        Place::CopyFrom => "COPY --from",
        Place::MountFrom => "RUN --mount=from",
        Place::SyntaxDirective => "# syntax",
    }
}

/// The lines of the instruction that begins on a line.
fn lines(file: &DockerfileFacts, line: u32) -> (u32, u32) {
    let end = file.parsed.instructions.iter().find(|i| i.line == line).map_or(line, |i| i.end_line);
    (line, end)
}

impl Check for Pinned {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "base-image-pinned",
            use_case: Some(UseCaseId::B1),
            title: text("Base images pinned by digest", "Basis-Images per Digest festgelegt"),
            why: text(
                "A tag is a label that its publisher can move. Only a digest names the same bytes tomorrow.",
                "Ein Tag ist ein Etikett, das der Herausgeber versetzen kann. Nur ein Digest benennt auch morgen dieselben Bytes.",
            ),
            how: text(
                "Every image that the Dockerfile takes from outside is read: FROM, COPY --from and RUN --mount=from, with variables replaced as the builder does. Earlier stages and scratch are fine; anything else must carry a digest.",
                "Gelesen wird jedes Image, das das Dockerfile von außen bezieht: FROM, COPY --from und RUN --mount=from, Variablen wie vom Builder ersetzt. Frühere Stages und scratch sind in Ordnung; alles andere braucht einen Digest.",
            ),
            blind_spots: text(
                "Build arguments given on the command line, and contexts given by name. Without the Dockerfile nothing can be said: an image does not record how its base was named.",
                "Build-Argumente der Kommandozeile und benannte Kontexte. Ohne Dockerfile ist keine Aussage möglich: Ein Image hält nicht fest, wie sein Basis-Image benannt war.",
            ),
            remedy: text(
                "Write the digest behind the tag, and let a tool such as Renovate or Dependabot move both.",
                "Schreiben Sie den Digest hinter das Tag und lassen Sie beides von einem Werkzeug wie Renovate oder Dependabot nachführen.",
            ),
            example: "FROM debian:12.8-slim@sha256:…",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["2.3", "3.6"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        if let Some(file) = &facts.dockerfile {
            let mut judgement = pinned_in(file);
            judgement.observations.extend(base_differs(facts, file));
            return judgement;
        }
        if let Some(image) = &facts.image {
            let labels = ["org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"];
            let observations = labels
                .iter()
                .filter_map(|label| {
                    let value = image.config.labels.get(*label)?;
                    let message = format!("A label claims {label} = {value}; a label is a claim, not a proof.");
                    Some(on_config(facts, "config.Labels", Severity::Info, message, &[]))
                })
                .collect();
            return judged(
                OutcomeKind::Undecided,
                "An image does not record how its base image was named; ask for the Dockerfile that it was built from.",
                observations,
            );
        }
        judged(OutcomeKind::NotApplicable, "A Compose file builds on no base image itself.", Vec::new())
    }
}

fn pinned_in(file: &DockerfileFacts) -> Judgement {
    if file.parsed.stages.is_empty() {
        return judged(
            OutcomeKind::Error,
            format!("{} has no FROM instruction, so it names no base image at all.", file.path),
            Vec::new(),
        );
    }
    let images = file.parsed.external_images();
    let mut observations = Vec::new();
    let mut loose = 0;
    let mut judged_images = 0;
    for image in &images {
        let naming = naming(image);
        let written = &image.reference.resolved;
        let at = lines(file, image.line);
        let place_name = place(image.place);
        if image.place == Place::SyntaxDirective {
            if naming != Naming::Digest {
                let message =
                    format!("The build's frontend {written} is fetched by tag; it could be pinned by digest too.");
                observations.push(on_lines(file, at, Severity::Info, message, &[]));
            }
            continue;
        }
        judged_images += 1;
        let (severity, message, aliases): (_, String, &[&str]) = match naming {
            Naming::Digest => {
                if image.reference.defaulted {
                    let message =
                        format!("{written} is pinned by the default of a build argument, which a build can override.");
                    observations.push(on_lines(file, at, Severity::Info, message, &[]));
                }
                continue;
            }
            Naming::Tag => (
                Severity::Medium,
                format!("{place_name} {written} is named by tag only; the tag can be moved to other content."),
                &["4.2"],
            ),
            Naming::Latest => (
                Severity::High,
                format!("{place_name} {written} follows latest: each build may start from other content."),
                &["DL3007", "DS-0001", "CKV_DOCKER_7", "CIS-DI-0006", "4.2"],
            ),
            Naming::Untagged => (
                Severity::High,
                format!("{place_name} {written} has neither tag nor digest, which means latest."),
                &["DL3006", "DS-0001", "CKV_DOCKER_7", "CIS-DI-0006", "4.2"],
            ),
            Naming::Unknown => (
                Severity::Medium,
                format!(
                    "{place_name} {} takes its image from a variable without a value in the file{}, so the file does not say which image it is.",
                    image.reference.written,
                    match image
                        .reference
                        .unresolved
                        .iter()
                        .filter(|name| !name.is_empty())
                        .collect::<Vec<_>>()
                        .as_slice()
                    {
                        [] => String::new(),
                        names =>
                            format!(" ({})", names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")),
                    }
                ),
                &["DL3006"],
            ),
            Naming::Malformed => {
                (Severity::Medium, format!("{place_name} {written} is not a valid image reference."), &[])
            }
        };
        loose += 1;
        observations.push(on_lines(file, at, severity, message, aliases));
    }
    match (loose, judged_images) {
        (0, 0) => {
            judged(OutcomeKind::Pass, "The build starts from scratch and takes no image from outside.", observations)
        }
        (0, 1) => judged(OutcomeKind::Pass, "The only image from outside is pinned by digest.", observations),
        (0, n) => judged(OutcomeKind::Pass, format!("All {} pinned by digest.", one_or_many(n)), observations),
        (loose, n) => {
            judged(OutcomeKind::Fail, format!("{loose} of {} not pinned by digest.", one_or_many(n)), observations)
        }
    }
}

/// What the image's own label claims of its base, where the Dockerfile says otherwise.
fn base_differs(facts: &Facts, file: &DockerfileFacts) -> Option<Observation> {
    let claimed = facts.image.as_ref()?.config.labels.get("org.opencontainers.image.base.digest")?;
    let images = file.parsed.external_images();
    let digests: Vec<&str> = images
        .iter()
        .filter(|image| image.place == Place::From)
        .filter_map(|image| image.reference.resolved.rsplit_once('@').map(|(_, digest)| digest))
        .collect();
    if digests.is_empty() || digests.contains(&claimed.as_str()) {
        return None;
    }
    let message = format!(
        "The image's label claims the base {claimed}, which the Dockerfile does not name: the base set the label, or the image was built from another file."
    );
    Some(on_config(facts, "config.Labels", Severity::Info, message, &[]))
}

fn one_or_many(n: usize) -> String {
    if n == 1 { "1 image from outside is".to_owned() } else { format!("{n} images from outside are") }
}

impl Check for Tagged {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "image-tagged",
            use_case: Some(UseCaseId::B1),
            title: text("No image carried by latest alone", "Kein Image nur unter latest"),
            why: text(
                "An image that is only called latest cannot be told from its successor, nor rolled back to.",
                "Ein Image, das nur latest heißt, ist von seinem Nachfolger nicht zu unterscheiden und nicht wiederherstellbar.",
            ),
            how: text(
                "The names of the image, of the images that a Dockerfile builds on, and of the images that a Compose file runs are read. Each needs a tag other than latest, or a digest.",
                "Gelesen werden die Namen des Images, der Basis-Images eines Dockerfiles und der Images einer Compose-Datei. Jedes braucht ein anderes Tag als latest oder einen Digest.",
            ),
            blind_spots: text(
                "Whether production alone uses latest, which the requirement allows, is for a person to say.",
                "Ob latest nur für die Produktion verwendet wird, was die Anforderung zulässt, muss ein Mensch beurteilen.",
            ),
            remedy: text(
                "Tag each build with its version or commit, and use latest at most in addition.",
                "Versehen Sie jeden Build mit Version oder Commit als Tag und verwenden Sie latest höchstens zusätzlich.",
            ),
            example: "docker build --tag registry.example.com/shop:1.4.2 .",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.5"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        let mut observations = Vec::new();
        let mut seen = 0;
        let mut unknown = 0;
        if let Some(image) = &facts.image {
            let names: Vec<&String> = image.repo_tags.iter().chain(&image.reference).collect();
            let namings: Vec<_> = names.iter().map(|name| naming_of(name, false)).collect();
            if namings.is_empty() {
                unknown += 1;
            } else {
                seen += 1;
                if namings.iter().all(|n| matches!(n, Naming::Latest | Naming::Untagged)) {
                    let message = format!("The image is only called {}.", names[0]);
                    observations.push(Observation {
                        severity: Severity::Medium,
                        message,
                        location: Some(plimsoll_catalog::Location::Field { field: "RepoTags".into() }),
                        reproduce: Some(facts.show_names()),
                        aliases: vec!["DKL-DI-0006".into(), "CIS-DI-0006".into()],
                    });
                }
            }
        }
        if let Some(file) = &facts.dockerfile {
            for image in file.parsed.external_images().iter().filter(|i| i.place != Place::SyntaxDirective) {
                seen += 1;
                match naming(image) {
                    Naming::Latest | Naming::Untagged => {
                        let message =
                            format!("{} {} is taken as latest.", place(image.place), image.reference.resolved);
                        let aliases = ["DL3007", "DS-0001", "CKV_DOCKER_7"];
                        observations.push(on_lines(file, lines(file, image.line), Severity::Medium, message, &aliases));
                    }
                    Naming::Unknown | Naming::Malformed => unknown += 1,
                    Naming::Digest | Naming::Tag => {}
                }
            }
        }
        if let Some(file) = &facts.compose {
            for service in &file.parsed.services {
                let Some(image) = &service.image else { continue };
                seen += 1;
                match naming_of(&image.value, false) {
                    Naming::Latest | Naming::Untagged => {
                        let message = format!("Service {} runs {}, which is latest.", service.name, image.value);
                        observations.push(on_compose(file, image.line, Severity::Medium, message, &["DS-0001"]));
                    }
                    Naming::Unknown | Naming::Malformed => unknown += 1,
                    Naming::Digest | Naming::Tag => {}
                }
            }
        }
        if !observations.is_empty() {
            let summary = format!("{} carried by latest alone.", count(observations.len(), "image is", "images are"));
            return judged(OutcomeKind::Fail, summary, observations);
        }
        match (seen, unknown) {
            (_, 1..) => judged(
                OutcomeKind::Undecided,
                "Not every image's name is known here; look in the registry which tags it carries.",
                observations,
            ),
            (0, 0) => judged(OutcomeKind::NotApplicable, "No image from outside is named.", observations),
            _ => judged(
                OutcomeKind::Pass,
                "Every image that is named carries a tag other than latest, or a digest.",
                observations,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, image};
    use plimsoll_catalog::Location;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn pinned(text: &str) -> Judgement {
        Pinned.judge(&dockerfile(&text.replace("DIGEST", DIGEST)), &Settings::default())
    }

    #[test]
    fn a_digest_passes_in_every_place_and_through_every_variable() {
        for text in [
            "FROM debian@DIGEST\n",
            "FROM debian:12@DIGEST\n",
            "FROM --platform=linux/amd64 registry:5000/a/b:1@DIGEST AS x\nFROM x\n",
            "ARG B=debian@DIGEST\nFROM $B\n",
            "ARG R\nFROM ${R}/debian@DIGEST\n",
            "FROM scratch\nCOPY --from=busybox@DIGEST /bin/sh /sh\n",
            "FROM scratch\n",
        ] {
            let judgement = pinned(text);
            assert_eq!(judgement.outcome, OutcomeKind::Pass, "{text} {judgement:?}");
        }
    }

    #[test]
    fn anything_else_fails_at_its_line() {
        for (text, line, severity) in [
            ("FROM debian:12\n", 1, Severity::Medium),
            ("FROM debian\n", 1, Severity::High),
            ("FROM debian:latest\n", 1, Severity::High),
            ("FROM registry:5000/app\n", 1, Severity::High),
            ("ARG TAG=latest\nFROM debian:${TAG}\n", 2, Severity::High),
            ("ARG TAG=1\nARG TAG=2\nFROM debian:$TAG\n", 3, Severity::Medium),
            ("FROM debian:${V:-latest}\n", 1, Severity::High),
            ("ARG B\nFROM $B\n", 2, Severity::Medium),
            ("FROM scratch\nCOPY --from=nginx:1 /a /a\n", 2, Severity::Medium),
            ("FROM scratch\nRUN --mount=type=bind,from=nginx,target=/x true\n", 2, Severity::High),
            ("FROM debian@DIGEST AS a\nFROM a\nFROM nginx\n", 3, Severity::High),
        ] {
            let judgement = pinned(text);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{text}");
            let observation = &judgement.observations[0];
            assert_eq!(observation.severity, severity, "{text}");
            let Some(Location::File { line: at, .. }) = &observation.location else { panic!("{text}") };
            assert_eq!(*at, line, "{text}");
            assert!(observation.reproduce.is_some());
        }
    }

    #[test]
    fn an_image_alone_cannot_tell_and_a_file_without_from_is_an_error() {
        assert_eq!(Pinned.judge(&image(), &Settings::default()).outcome, OutcomeKind::Undecided);
        assert_eq!(pinned("RUN true\n").outcome, OutcomeKind::Error);
        assert_eq!(
            Pinned.judge(&compose("services:\n  a:\n    image: nginx\n"), &Settings::default()).outcome,
            OutcomeKind::NotApplicable
        );
    }

    #[test]
    fn latest_alone_fails_and_a_tag_beside_it_passes() {
        let tagged = |text: &str| Tagged.judge(&dockerfile(text), &Settings::default()).outcome;
        assert_eq!(tagged("FROM debian:12\n"), OutcomeKind::Pass);
        assert_eq!(tagged("FROM debian\n"), OutcomeKind::Fail);
        assert_eq!(tagged("FROM scratch\n"), OutcomeKind::NotApplicable);
        assert_eq!(tagged("ARG B\nFROM $B\n"), OutcomeKind::Undecided);
        let mut facts = image();
        facts.image.as_mut().unwrap().repo_tags = vec!["shop:latest".into()];
        facts.image.as_mut().unwrap().reference = None;
        assert_eq!(Tagged.judge(&facts, &Settings::default()).outcome, OutcomeKind::Fail);
        facts.image.as_mut().unwrap().repo_tags.push("shop:1.4".into());
        assert_eq!(Tagged.judge(&facts, &Settings::default()).outcome, OutcomeKind::Pass);
        facts.image.as_mut().unwrap().repo_tags.clear();
        assert_eq!(Tagged.judge(&facts, &Settings::default()).outcome, OutcomeKind::Undecided);
        let services = "services:\n  a:\n    image: nginx:1.27\n  b:\n    image: redis\n";
        let judgement = Tagged.judge(&compose(services), &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations[0].message.contains("Service b"));
    }

    #[test]
    fn a_label_that_claims_another_base_is_said() {
        let mut facts = image();
        facts.dockerfile = dockerfile(&format!("FROM debian@{DIGEST}\n")).dockerfile;
        let labels = &mut facts.image.as_mut().unwrap().config.labels;
        labels.insert("org.opencontainers.image.base.digest".into(), "sha256:other".into());
        let judgement = Pinned.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.observations.iter().any(|o| o.message.contains("claims the base")));
    }
}
