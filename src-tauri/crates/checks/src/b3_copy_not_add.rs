//! B3, COPY instead of ADD (CSVS 3.11): ADD only where COPY cannot do the work and the source is settled.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{Instruction, Keyword, SourceKind, is_archive_name, sources_in};

use crate::facts::DockerfileFacts;
use crate::history;
use crate::observe::{count, judged, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ALIASES: [&str; 5] = ["DL3020", "DS-0005", "CKV_DOCKER_4", "CIS-DI-0009", "4.9"];

/// COPY is used where COPY does the work.
pub(crate) struct CopyNotAdd;

/// What is to be said about one source of an ADD.
enum Finding {
    /// COPY would do, or the source is not settled.
    Fault(Severity, String),
    /// It cannot be told from the file.
    Unknown(String),
    /// ADD is right here.
    Fine(String),
}

fn judge_source(value: &str, kind: SourceKind, checksum: bool) -> Finding {
    match kind {
        SourceKind::RemoteUrl if checksum => Finding::Fine(format!("ADD downloads {value} and verifies its checksum.")),
        SourceKind::RemoteUrl => {
            let insecure = if value.starts_with("http://") { ", over plain HTTP" } else { "" };
            Finding::Fault(
                Severity::High,
                format!("ADD downloads {value} without --checksum{insecure}: what arrives is not verified."),
            )
        }
        SourceKind::Git if checksum || names_commit(value) => {
            Finding::Fine(format!("ADD clones {value} at a fixed commit."))
        }
        SourceKind::Git => Finding::Fault(
            Severity::Medium,
            format!("ADD clones {value} at a branch or tag that can move; name the commit or give --checksum."),
        ),
        SourceKind::Heredoc => Finding::Fine("ADD writes text that stands in the Dockerfile itself.".to_owned()),
        SourceKind::Local if value.contains('$') => {
            Finding::Unknown(format!("ADD {value}: the source is a variable without a value in the file."))
        }
        SourceKind::Local if is_archive_name(value) => Finding::Fine(format!(
            "ADD unpacks the local archive {value}, which COPY cannot do; see that the archive is trusted."
        )),
        SourceKind::Local => Finding::Fault(
            Severity::Medium,
            format!("ADD {value} copies from the build context, which COPY does without unpacking or downloading."),
        ),
    }
}

/// Whether the fragment of a git address is a whole commit id.
fn names_commit(address: &str) -> bool {
    let reference = address.split_once('#').map(|(_, fragment)| fragment.split(':').next().unwrap_or_default());
    reference.is_some_and(|id| matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The instruction itself, or the one that an ONBUILD hides.
fn innermost(instruction: &Instruction) -> &Instruction {
    let mut current = instruction;
    while let Some(trigger) = &current.trigger {
        current = trigger;
    }
    current
}

impl Check for CopyNotAdd {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "copy-not-add",
            use_case: Some(UseCaseId::B3),
            title: text("COPY instead of ADD", "COPY statt ADD"),
            why: text(
                "ADD downloads and unpacks by itself: a changed download or a crafted archive reaches the image unnoticed.",
                "ADD lädt herunter und entpackt von selbst: Ein veränderter Download oder ein präpariertes Archiv gelangt unbemerkt ins Image.",
            ),
            how: text(
                "Every ADD is read, also behind ONBUILD. A local file or folder fails, as does a download without --checksum. Unpacking a local archive, a download with a checksum and a commit named in full are ADD's own work and pass.",
                "Gelesen wird jedes ADD, auch hinter ONBUILD. Lokale Dateien und Ordner fallen durch, ebenso Downloads ohne --checksum. Ein lokales Archiv zu entpacken, ein Download mit Prüfsumme und ein vollständig genannter Commit sind Aufgaben von ADD und bestehen.",
            ),
            blind_spots: text(
                "Whether a local archive is trusted. From an image alone, build stages that are not part of it, and what a legacy builder recorded by hash only.",
                "Ob ein lokales Archiv vertrauenswürdig ist. Am Image allein: Build-Stages, die nicht Teil davon sind, und was ein alter Builder nur als Hash festhielt.",
            ),
            remedy: text(
                "Use COPY for files and folders. For downloads give ADD a checksum.",
                "Verwenden Sie COPY für Dateien und Ordner. Geben Sie ADD bei Downloads eine Prüfsumme mit.",
            ),
            example: "COPY app/ /srv/app/\nADD --checksum=sha256:… https://example.com/tool.tar.gz /opt/",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.11"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        if let Some(file) = &facts.dockerfile {
            return in_file(file);
        }
        if facts.image.is_some() {
            return in_history(facts);
        }
        judged(OutcomeKind::NotApplicable, "A Compose file has no ADD instruction.", Vec::new())
    }
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    let mut observations: Vec<Observation> = Vec::new();
    let (mut faults, mut unknown, mut adds) = (0, 0, 0);
    for (index, outer) in file.parsed.instructions.iter().enumerate() {
        let instruction = innermost(outer);
        if instruction.keyword != Keyword::Add {
            continue;
        }
        adds += 1;
        let env = file.parsed.environment_before(index);
        let at = (outer.line, outer.end_line);
        let Some(transfer) = sources_in(instruction, &env) else {
            unknown += 1;
            observations.push(on_lines(
                file,
                at,
                Severity::Low,
                "This ADD could not be read; no builder would take it.",
                &[],
            ));
            continue;
        };
        let checksum = transfer.checksum.as_deref().is_some_and(|sum| !sum.is_empty());
        for source in &transfer.sources {
            let (severity, message, aliases): (_, _, &[&str]) = match judge_source(&source.value, source.kind, checksum)
            {
                Finding::Fault(severity, message) => {
                    faults += 1;
                    (severity, message, &ALIASES)
                }
                Finding::Unknown(message) => {
                    unknown += 1;
                    (Severity::Low, message, &[])
                }
                Finding::Fine(message) => (Severity::Info, message, &[]),
            };
            let message = if outer.trigger.is_some() {
                format!("{message} It runs in builds that start from this image (ONBUILD).")
            } else {
                message
            };
            observations.push(on_lines(file, at, severity, message, aliases));
        }
    }
    if file.parsed.instructions.is_empty() {
        return judged(OutcomeKind::Error, format!("{} holds no instruction.", file.path), observations);
    }
    match (faults, unknown, adds) {
        (0, 0, 0) => judged(OutcomeKind::Pass, "The Dockerfile has no ADD instruction.", observations),
        (0, 0, _) => judged(OutcomeKind::Pass, "ADD is used only for what COPY cannot do.", observations),
        (0, _, _) => judged(
            OutcomeKind::Undecided,
            "Where an ADD takes its source from cannot be told from the Dockerfile.",
            observations,
        ),
        (n, _, _) => judged(
            OutcomeKind::Fail,
            format!(
                "{} used where COPY would do, or without a verified source.",
                count(n, "ADD source is", "ADD sources are")
            ),
            observations,
        ),
    }
}

fn in_history(facts: &Facts) -> Judgement {
    let Some(image) = &facts.image else { return judged(OutcomeKind::Error, "There is no image.", Vec::new()) };
    let mut observations = Vec::new();
    let mut faults = 0;
    for (index, entry) in image.history.iter().enumerate() {
        let Some(line) = history::read(&entry.created_by).filter(|line| line.word == "ADD") else { continue };
        if line.legacy {
            // `file:HASH in /`, `dir:HASH in /x`, `multi:HASH in /x`; a URL stays as written.
            let remote = line.rest.starts_with("http://") || line.rest.starts_with("https://");
            if remote {
                faults += 1;
                let message = format!("The history shows a download: ADD {}.", line.rest);
                observations.push(on_history(facts, index, Severity::High, message, &ALIASES));
            } else if line.rest.starts_with("dir:") {
                faults += 1;
                let message = format!("The history shows ADD of a folder, which COPY does as well: ADD {}.", line.rest);
                observations.push(on_history(facts, index, Severity::Medium, message, &ALIASES));
            } else {
                let what = if entry.layer == Some(0) {
                    "the root file system of the base image, most likely"
                } else {
                    "a file or an archive"
                };
                let message = format!(
                    "The history shows ADD of {what}; the old builder does not record its name: ADD {}.",
                    line.rest
                );
                observations.push(on_history(facts, index, Severity::Info, message, &[]));
            }
            continue;
        }
        let words: Vec<&str> = line.rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let checksum = line.rest.contains("--checksum=");
        for value in words.split_last().map(|(_, sources)| sources).unwrap_or_default() {
            let kind = match *value {
                v if v.starts_with("http://") || v.starts_with("https://") => SourceKind::RemoteUrl,
                v if v.starts_with("git@") || v.starts_with("git://") => SourceKind::Git,
                _ => SourceKind::Local,
            };
            let (severity, message, aliases): (_, _, &[&str]) = match judge_source(value, kind, checksum) {
                Finding::Fault(severity, message) => {
                    faults += 1;
                    (severity, message, &ALIASES)
                }
                Finding::Unknown(message) | Finding::Fine(message) => (Severity::Info, message, &[]),
            };
            observations.push(on_history(facts, index, severity, format!("History: {message}"), aliases));
        }
    }
    if faults > 0 {
        return judged(
            OutcomeKind::Fail,
            format!(
                "The history shows {} where COPY would do, or without a verified source.",
                count(faults, "ADD", "ADDs")
            ),
            observations,
        );
    }
    judged(
        OutcomeKind::Undecided,
        "The history shows no ADD at fault, but it does not show build stages; ask for the Dockerfile.",
        observations,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, history_image};

    fn run(text: &str) -> Judgement {
        CopyNotAdd.judge(&dockerfile(text), &Settings::default())
    }

    #[test]
    fn local_files_and_unverified_downloads_fail() {
        for text in [
            "FROM scratch\nADD app /app\n",
            "FROM scratch\nADD . /app\n",
            "FROM scratch\nADD notes.tar.txt /\n",
            "FROM scratch\nADD app.tar.gz app.conf /srv/\n",
            "FROM scratch\nADD https://example.com/x.tar.gz /\n",
            "FROM scratch\nADD http://example.com/x /\n",
            "FROM scratch\nADD [\"a b\", \"/c\"]\n",
            "FROM scratch\nONBUILD ADD . /app\n",
            "FROM scratch\nADD https://github.com/x/y.git#main /src\n",
            "FROM scratch AS a\nADD x /x\nFROM scratch\nCOPY --from=a /x /x\n",
        ] {
            let judgement = run(text);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{text} {judgement:?}");
            assert!(judgement.observations.iter().any(|o| o.aliases.contains(&"DL3020".to_owned())), "{text}");
        }
    }

    #[test]
    fn what_only_add_can_do_passes() {
        for text in [
            "FROM scratch\nCOPY . /\n",
            "FROM scratch\nADD rootfs.tar.xz /\n",
            "FROM scratch\nADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef https://example.com/x /\n",
            "FROM scratch\nADD https://github.com/x/y.git#0123456789abcdef0123456789abcdef01234567 /src\n",
            "FROM scratch\n# ADD x /x\nRUN echo ADD x /x\n",
        ] {
            let judgement = run(text);
            assert_eq!(judgement.outcome, OutcomeKind::Pass, "{text} {judgement:?}");
        }
    }

    #[test]
    fn a_source_that_is_not_known_is_undecided() {
        assert_eq!(run("FROM scratch\nARG SRC\nADD $SRC /x\n").outcome, OutcomeKind::Undecided);
        assert_eq!(run("FROM scratch\nARG SRC=app\nADD $SRC /x\n").outcome, OutcomeKind::Fail);
        assert_eq!(run("").outcome, OutcomeKind::Error);
        assert_eq!(
            CopyNotAdd.judge(&compose("services:\n  a:\n    image: x\n"), &Settings::default()).outcome,
            OutcomeKind::NotApplicable
        );
    }

    #[test]
    fn the_history_tells_what_it_can() {
        let run = |line: &str| CopyNotAdd.judge(&history_image(&[line]), &Settings::default()).outcome;
        assert_eq!(run("/bin/sh -c #(nop) ADD file:0123 in / "), OutcomeKind::Undecided);
        assert_eq!(run("/bin/sh -c #(nop) ADD dir:0123 in /app "), OutcomeKind::Fail);
        assert_eq!(run("ADD app.jar /app/ # buildkit"), OutcomeKind::Fail);
        assert_eq!(run("ADD rootfs.tar.gz / # buildkit"), OutcomeKind::Undecided);
        assert_eq!(run("ADD https://example.com/x /x # buildkit"), OutcomeKind::Fail);
        assert_eq!(run("COPY a /a # buildkit"), OutcomeKind::Undecided);
    }
}
