//! D1, CSVS 3.1, 3.3, 4.7, 5.5 and 6.10: who a container runs as, what it is called, and what it was told.

use plimsoll_catalog::{Severity, SubjectKind, UseCaseId};
use plimsoll_dockerfile::Reference;
use plimsoll_secrets::Certainty;

use super::ask::{Answer, Ask, CONTAINER, Notes};
use super::view::Workload;
use crate::{CheckInfo, Settings, text};

const SECRETS: &str = "container-secrets";

/// The user that the container is set to.
pub(crate) struct User;
/// The image is named with a tag.
pub(crate) struct NamedImage;
/// Labels tell whose it is.
pub(crate) struct Labels;
/// No secrets in variables, commands and labels.
pub(crate) struct Secrets;

impl Ask for User {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "configured-user",
            use_case: Some(UseCaseId::D1),
            title: text("Set to run as an unprivileged user", "Auf einen unprivilegierten Benutzer eingestellt"),
            why: text(
                "Root in a container is root to the kernel that all share. What starts as root may remain root, also after a fault in the step that should have dropped the rights.",
                "Root im Container ist auch Root gegenüber dem Kernel, den sich alle teilen. Was als Root startet, kann es bleiben, auch nach einem Fehler in dem Schritt, der die Rechte abgeben sollte.",
            ),
            how: text(
                "The user that the container was made with is read: root and uid 0 fail, a number other than 0 passes, and a name is left to a person, since it may have uid 0. Where none is set its image's applies, or root: a container all of whose processes are root's fails, any other is left to a person and to the check of its processes. For a Compose file the check on the image's user looks at each service.",
                "Gelesen wird der Benutzer, mit dem der Container angelegt wurde: root und UID 0 fallen durch, eine andere Nummer als 0 besteht, und ein Name ist Sache eines Menschen, denn er kann UID 0 haben. Ist keiner gesetzt, gilt der des Images oder root: Ein Container, dessen Prozesse alle root gehören, fällt durch, jeder andere bleibt einem Menschen und der Prüfung seiner Prozesse überlassen. Bei einer Compose-Datei sieht die Prüfung auf den Benutzer des Images jeden Dienst an.",
            ),
            blind_spots: text(
                "As which user the processes really run: the check of the processes shows it.",
                "Als welcher Benutzer die Prozesse wirklich laufen: Das zeigt die Prüfung der Prozesse.",
            ),
            remedy: text(
                "Set a user by number, best in the image, otherwise for the container.",
                "Setzen Sie einen Benutzer als Nummer, am besten im Image, sonst für den Container.",
            ),
            example: "docker run --user 10001:10001 IMAGE",
            aliases: &[("cis-docker", "4.1"), ("docker-bench", "4.1")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        CONTAINER
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let Some(facts) = it.container() else {
            return notes.not_asked(&it.spot("", None), "Only a container shows this.");
        };
        let spot = Workload::field(facts, "Config.User");
        let user = facts.config.user.trim();
        let (who, group) = user.split_once(':').unwrap_or((user, ""));
        let number = who.parse::<u64>();
        if who.is_empty() {
            // With mapped users `top` shows other numbers than those inside.
            let plain = facts.at.rootless() == Some(false) && facts.at.user_namespaces() == Some(false);
            let processes = facts.processes.as_deref().filter(|processes| plain && !processes.is_empty());
            if processes.is_some_and(|all| all.iter().all(|process| process.uid == Some(0))) {
                let message =
                    format!("{name} is set to no user, its image's neither, and all its processes are root's.");
                notes.fault(&spot, Severity::High, message);
            } else if !it.inspected() {
                notes.untold(it, &spot, "its user", "the engine does not tell Config.User");
            } else {
                let message = format!("{name} is set to no user: its image's applies, or root. Look at its processes.");
                notes.doubt(&spot, Severity::Medium, message);
            }
        } else if who == "root" || number == Ok(0) || who.eq_ignore_ascii_case("ContainerAdministrator") {
            notes.fault(&spot, Severity::High, format!("{name} is set to run as {who}."));
        } else if number.is_ok() || who.eq_ignore_ascii_case("ContainerUser") {
            notes.note(&spot, Severity::Info, format!("{name} is set to run as {who}."));
            if group == "root" || group.parse::<u64>() == Ok(0) {
                notes.note(
                    &spot,
                    Severity::Low,
                    format!("{name} has the group root: files that are open to this group are open to it."),
                );
            }
        } else {
            let message = format!("{name} is set to run as {who}, whose number only the image's /etc/passwd shows.");
            notes.doubt(&spot, Severity::Low, message);
        }
        notes.answer(&spot, format!("{name} is set to run as an unprivileged user."))
    }
}

impl Ask for NamedImage {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "named-image",
            use_case: None,
            title: text("The image is named with a tag", "Das Image ist mit einem Tag benannt"),
            why: text(
                "A container whose image has no name and no tag cannot be traced to a version: nobody knows what runs, or what to update it to.",
                "Ein Container, dessen Image weder Namen noch Tag hat, lässt sich keiner Version zuordnen: Niemand weiß, was läuft und worauf zu aktualisieren ist.",
            ),
            how: text(
                "The image's name as the container was made with it is read. An id alone and a name without a tag fail; latest is left to a person, since CSVS reserves it for the production line. A tag passes, and so does a digest, with a remark where it stands without a tag. For a Compose file the check on tags in B1 looks at each service.",
                "Gelesen wird der Name des Images, mit dem der Container angelegt wurde. Eine bloße ID und ein Name ohne Tag fallen durch; latest bleibt einem Menschen überlassen, denn CSVS behält es der Produktionslinie vor. Ein Tag besteht, ebenso ein Digest, ohne Tag mit einer Anmerkung. Bei einer Compose-Datei sieht die Prüfung auf Tags in B1 jeden Dienst an.",
            ),
            blind_spots: text(
                "Whether the tag is deliberate, and whether it still means the image that runs.",
                "Ob das Tag bewusst gewählt ist und ob es noch das Image meint, das läuft.",
            ),
            remedy: text("Start containers by name and version.", "Starten Sie Container nach Namen und Version."),
            example: "docker run registry.example.com/shop:1.4.2",
            aliases: &[("hadolint", "DL3006"), ("hadolint", "DL3007")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        CONTAINER
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let Some(facts) = it.container() else {
            return notes.not_asked(&it.spot("", None), "Only a container shows this.");
        };
        let spot = Workload::field(facts, "Config.Image");
        let image = facts.config.image.trim();
        let id = facts.image_id.strip_prefix("sha256:").unwrap_or(&facts.image_id);
        let hex = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
        let by_id = image.starts_with("sha256:")
            || (hex(image) && (image.len() == 64 || (image.len() >= 7 && id.starts_with(image))));
        if image.is_empty() {
            notes.untold(it, &spot, "its image's name", "the engine does not tell Config.Image");
        } else if by_id {
            notes.fault(&spot, Severity::Medium, format!("{name} was made from an image by its id, without a name."));
        } else {
            match Reference::parse(image) {
                Err(_) => notes.untold(it, &spot, "its image's tag", "the image's name cannot be read"),
                Ok(reference) => match (reference.tag.as_deref(), &reference.digest) {
                    (Some("latest"), _) => {
                        let message = format!("{name} runs {image}: latest is for the production line alone.");
                        notes.doubt(&spot, Severity::Low, message);
                    }
                    (Some(_), _) => {}
                    (None, Some(_)) => {
                        let message =
                            format!("{name} runs {image}: exactly named, but without a tag that tells the version.");
                        notes.note(&spot, Severity::Low, message);
                    }
                    (None, None) => {
                        let message = format!("{name} runs {image}, which has no tag: that means latest.");
                        notes.fault(&spot, Severity::Medium, message);
                    }
                },
            }
        }
        notes.answer(&spot, format!("{name} runs {image}."))
    }
}

/// Labels that programs set for themselves, or that describe the image.
const OTHERS: [&str; 13] = [
    "com.docker.",
    "desktop.docker.io/",
    "io.buildah.",
    "io.kubernetes.",
    "io.podman.",
    "maintainer",
    "org.opencontainers.",
    "org.label-schema.",
    "PODMAN_SYSTEMD_UNIT",
    "io.balena.",
    "dev.containers.",
    "devcontainer.",
    "vendor",
];

impl Ask for Labels {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "labels",
            use_case: None,
            title: text("Labels tell whose it is", "Labels sagen, wem es gehört"),
            why: text(
                "Only what bears its owner, its application and its environment can be found, attributed and cleared away in a fleet.",
                "Nur was Eigentümer, Anwendung und Umgebung nennt, lässt sich in einer Flotte finden, zuordnen und aufräumen.",
            ),
            how: text(
                "Labels that Docker, Compose, Kubernetes or the image's build set are left out. A container without labels of its own fails, as an indication; with some it passes, as an indication too, and they are listed: whether they are the agreed ones is for a person to compare.",
                "Labels, die Docker, Compose, Kubernetes oder der Build des Images setzen, bleiben außer Betracht. Fehlen eigene Labels, fällt die Prüfung durch, als Indiz; vorhandene werden aufgeführt und bestehen, ebenfalls als Indiz: Ob es die vereinbarten sind, vergleicht ein Mensch.",
            ),
            blind_spots: text(
                "Which labels are agreed on; labels that come from the image look like the container's own.",
                "Welche Labels vereinbart sind; Labels aus dem Image sehen aus wie eigene des Containers.",
            ),
            remedy: text(
                "Agree on a list of labels and set them on all that runs.",
                "Vereinbaren Sie eine Liste von Labels und setzen Sie sie an allem, was läuft.",
            ),
            example: "labels:\n  com.example.owner: shop-team\n  com.example.environment: production",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let labels = it.labels();
        let mut own = 0_usize;
        for ((key, _), spot) in &labels.items {
            if OTHERS.iter().any(|beginning| key.starts_with(beginning)) {
                continue;
            }
            own += 1;
            if own <= 20 {
                notes.note(spot, Severity::Info, format!("{name} bears the label {key}."));
            }
        }
        if own == 0 {
            if labels.gaps.is_empty() {
                notes.fault(&labels.spot, Severity::Low, format!("{name} bears no label of its own."));
            } else {
                notes.gaps(it, "which labels it bears", &labels);
            }
        }
        notes.answer(
            &labels.spot,
            format!("{name} bears labels of its own; whether they are the agreed ones is for a person."),
        )
    }
}

impl Ask for Secrets {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: SECRETS,
            use_case: None,
            title: text("No secrets in variables and commands", "Keine Geheimnisse in Variablen und Befehlen"),
            why: text(
                "Everybody who may inspect a container sees its variables and commands; each of its processes inherits them, and they are written into crash reports.",
                "Variablen und Befehle eines Containers sieht jeder, der ihn inspizieren darf; jeder seiner Prozesse erbt sie, und sie stehen in Absturzberichten.",
            ),
            how: text(
                "Variables, entrypoint, command and labels are searched when the container is read: known formats with their checksums, values under names that speak of secrets, passwords in addresses. What is proven, has a known form or looks random fails; so does any value under such a name. Placeholders, examples and public keys are named and do no harm. Nothing found passes, as an indication. Values are masked before they are recorded.",
                "Variablen, Entrypoint, Befehl und Labels werden beim Lesen des Containers durchsucht: bekannte Formate samt Prüfsummen, Werte unter Namen, die auf Geheimnisse deuten, Passwörter in Adressen. Erwiesenes, Werte bekannter Form und zufällig wirkende Werte fallen durch, ebenso jeder Wert unter einem solchen Namen. Platzhalter, Beispiele und öffentliche Schlüssel werden genannt und schaden nicht. Ohne Fund ist die Prüfung bestanden, als Indiz. Werte werden maskiert, bevor sie gespeichert werden.",
            ),
            blind_spots: text(
                "Secrets in files of mounts and volumes, and whether a secret management system stands behind them.",
                "Geheimnisse in Dateien von Mounts und Volumes, und ob ein System zur Verwaltung von Geheimnissen dahintersteht.",
            ),
            remedy: text(
                "Hand secrets over as files from a secret store, and replace those that were found.",
                "Übergeben Sie Geheimnisse als Dateien aus einem Secret-Speicher, und ersetzen Sie die gefundenen.",
            ),
            example: "docker run --env DB_PASSWORD_FILE=/run/secrets/db --mount type=bind,source=/run/keys/db,target=/run/secrets/db,readonly IMAGE",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        CONTAINER
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let Some(facts) = it.container() else {
            return notes.not_asked(&it.spot("", None), "Only a container shows this.");
        };
        let whole = Workload::field(facts, "Config.Env");
        if !it.inspected() {
            notes.untold(it, &whole, "what its variables hold", "the engine does not tell Config.Env");
        }
        for (field, finding) in &facts.secrets {
            // The place is exact; `inspect` shows the list as a whole.
            let list = field.split('[').next().unwrap_or(field);
            let mut spot = Workload::field(facts, list);
            spot.location = plimsoll_catalog::Location::Field { field: field.clone() };
            let under = finding.name.as_ref().map(|name| format!(" under {name}")).unwrap_or_default();
            let message = format!("{name} holds in {field}{under}: {} {}.", finding.title, finding.shown);
            let allowance = it.allowed(settings, SECRETS, finding.name.as_deref());
            match (finding.harmless, finding.certainty) {
                (Some(_), _) => notes.note(&spot, Severity::Info, format!("{message} It is probably no secret.")),
                (None, Certainty::Proven | Certainty::Form) => {
                    notes.fault_unless(allowance, &spot, Severity::Critical, &message)
                }
                (None, Certainty::Likely | Certainty::Name) => {
                    notes.fault_unless(allowance, &spot, Severity::High, &message)
                }
            }
        }
        let files = facts.config.env.iter().filter(|variable| variable.name.ends_with("_FILE")).count();
        if files > 0 {
            let message = format!("{name} has variables that name files of secrets, which is the right way.");
            notes.note(&whole, Severity::Info, message);
        }
        notes.answer(
            &whole,
            format!("{name} has no secret in its variables, commands and labels, as far as the search can tell."),
        )
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
