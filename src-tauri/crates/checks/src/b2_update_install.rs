//! B2, update and install (CSVS 5.4, 3.8): package lists are fetched in the very RUN that installs from them.

use std::collections::BTreeMap;

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::shell::{Connector, Language};
use plimsoll_dockerfile::{Base, Script};

use crate::facts::DockerfileFacts;
use crate::history;
use crate::managers::{Action, Call, Family, calls};
use crate::observe::{count, judged, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ALIASES: [&str; 4] = ["DS-0017", "CKV_DOCKER_5", "CIS-DI-0007", "4.7"];
const PINS: [&str; 6] = ["DL3008", "DL3018", "DL3033", "DL3037", "DL3041", "DL3013"];

/// Lists are fetched where they are used.
pub(crate) struct UpdateWithInstall;

impl Check for UpdateWithInstall {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "update-with-install",
            use_case: Some(UseCaseId::B2),
            title: text("Package lists and installation in one step", "Paketlisten und Installation in einem Schritt"),
            why: text(
                "A builder reuses the layer of an earlier update for months; what is installed from its lists is as old as they are, known holes included.",
                "Ein Builder verwendet die Schicht eines früheren Updates monatelang wieder; was aus ihren Listen installiert wird, ist so alt wie sie, bekannte Lücken eingeschlossen.",
            ),
            how: text(
                "Every RUN is parsed as shell, in JSON form, here-documents and sh -c too. An update without an installation behind it in the same RUN fails, and so does an installation by apt or pacman without an update before it. apk add fails after an apk update in another RUN; with --no-cache, -U or --update it fetches its lists itself, as dnf, yum and zypper do. Stages inherit what their parents fetched.",
                "Jedes RUN wird als Shell gelesen, auch in JSON-Form, Here-Documents und sh -c. Ein Update ohne nachfolgende Installation im selben RUN fällt durch, ebenso eine Installation mit apt oder pacman ohne vorheriges Update. apk add fällt nach einem apk update in einem anderen RUN durch; mit --no-cache, -U oder --update holt es seine Listen selbst, wie dnf, yum und zypper. Stages erben, was ihre Eltern geholt haben.",
            ),
            blind_spots: text(
                "Scripts that a RUN only starts, and commands whose name is a variable. From an image alone, stages that are not part of it.",
                "Skripte, die ein RUN nur startet, und Kommandos, deren Name eine Variable ist. Am Image allein: Stages, die nicht Teil davon sind.",
            ),
            remedy: text(
                "Join update and installation with && in one RUN, and remove the lists in the same RUN.",
                "Verbinden Sie Update und Installation mit && in einem RUN und entfernen Sie die Listen im selben RUN.",
            ),
            example: "RUN apt-get update \\\n && apt-get install -y --no-install-recommends curl=7.88.1-10+deb12u8 \\\n && rm -rf /var/lib/apt/lists/*",
            aliases: &[
                ("trivy", "DS-0017"),
                ("checkov", "CKV_DOCKER_5"),
                ("dockle", "CIS-DI-0007"),
                ("docker-bench-security", "4.7"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8", "5.4"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        let file = facts.dockerfile.as_ref().map(|file| (file, in_file(file)));
        let image = facts.image.is_some().then(|| in_history(facts));
        match (file, image) {
            (Some((file, written)), Some(built)) => both(file, written, built),
            (Some((_, judgement)), None) | (None, Some(judgement)) => judgement,
            (None, None) => judged(OutcomeKind::NotApplicable, "A Compose file installs nothing.", Vec::new()),
        }
    }
}

/// Something to be said about a RUN.
struct Note {
    severity: Severity,
    line: u32,
    message: String,
    aliases: &'static [&'static str],
}

/// What is known while the RUNs are gone through.
#[derive(Default)]
struct Tally {
    faults: usize,
    installs: usize,
    unread: usize,
}

/// Where the lists of a family were fetched last, in words: `line 4`.
type Fetched = BTreeMap<Family, String>;

/// Whether a call needs package lists.
fn uses(action: Action) -> bool {
    matches!(action, Action::Install | Action::Upgrade | Action::DistUpgrade | Action::Download)
}

/// Judges one RUN. `place` names it for later RUNs.
fn judge_run(script: &Script, place: &str, fetched: &mut Fetched, tally: &mut Tally) -> Vec<Note> {
    let mut notes = Vec::new();
    if !script.problems.is_empty() || script.language == Language::Other {
        tally.unread += 1;
        let line = script.problems.first().map_or(0, |problem| problem.line);
        let reason =
            script.problems.first().map_or("it is for another interpreter", |problem| problem.message.as_str());
        let message = format!("This RUN could not be read as a whole: {reason}.");
        notes.push(Note { severity: Severity::Low, line, message, aliases: &[] });
    }
    let calls: Vec<Call> = calls(script);
    let strict = script.commands.iter().any(|command| {
        let shell = command.program().is_some_and(|program| program == "set" || program.ends_with("sh"));
        shell
            && command
                .arguments()
                .iter()
                .take_while(|word| word.text.starts_with(['-', '+']))
                .any(|word| word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('e'))
    });
    let connector = |call: &Call| script.commands.get(call.command).map(|command| command.connector);
    let mut here: BTreeMap<Family, usize> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        let family = call.family;
        let list_family = matches!(family, Family::Apt | Family::Apk | Family::Dnf | Family::Zypper | Family::Pacman);
        if !list_family {
            continue;
        }
        if call.action == Action::Update {
            here.insert(family, at);
            let used = calls.iter().skip(at + 1).any(|later| later.family == family && uses(later.action));
            // `pacman -Sy` alone and `check-update` are updates as well.
            if !used {
                tally.faults += 1;
                let message = format!(
                    "{} fetches package lists, and nothing in the same RUN installs from them; a later RUN finds them as old as this layer.",
                    call.program
                );
                notes.push(Note { severity: Severity::Medium, line: call.line, message, aliases: &ALIASES });
            }
            continue;
        }
        if !uses(call.action) {
            continue;
        }
        tally.installs += 1;
        let update = here.get(&family).and_then(|update| calls.get(*update));
        // `update || install` installs only where the update failed.
        let instead =
            update.is_some_and(|update| connector(call) == Some(Connector::Or) && call.command == update.command + 1);
        let local = !call.packages.is_empty() && call.packages.iter().all(|package| package.is_file());
        let stale = !call.refreshes && (update.is_none() || instead);
        if stale && !local {
            let earlier = fetched.get(&family);
            let later = calls.iter().skip(at + 1).any(|other| other.family == family && other.action == Action::Update);
            let doing = if call.action == Action::Install { "installs" } else { "works" };
            let message = match earlier {
                _ if instead => {
                    Some(format!("{} {doing} only where the update before it has failed (||).", call.program))
                }
                Some(earlier) => Some(format!(
                    "{} {doing} from the lists that {earlier} fetched, in an earlier layer, which may come from an old build's cache.",
                    call.program
                )),
                None if later => {
                    Some(format!("{} {doing} before the lists are fetched; the order is wrong.", call.program))
                }
                None if family == Family::Apk => None,
                None => Some(format!(
                    "{} {doing} without fetching the lists first: it uses those of the base image, if there are any.",
                    call.program
                )),
            };
            match message {
                Some(message) => {
                    tally.faults += 1;
                    notes.push(Note { severity: Severity::Medium, line: call.line, message, aliases: &ALIASES });
                }
                None => {
                    let message = format!(
                        "{} add without --no-cache leaves it to apk whether its lists are fresh.",
                        call.program
                    );
                    notes.push(Note { severity: Severity::Info, line: call.line, message, aliases: &["DL3019"] });
                }
            }
        } else if let Some(update) = update
            && !call.refreshes
            && !strict
        {
            let between = script.commands.get(update.command + 1..=call.command).unwrap_or_default();
            let loose = between
                .iter()
                .find(|command| matches!(command.connector, Connector::Then | Connector::Background | Connector::Or));
            if let Some(loose) = loose {
                let message = format!(
                    "The installation on line {} goes on when the update has failed: they are not joined with &&.",
                    call.line
                );
                notes.push(Note { severity: Severity::Low, line: loose.line, message, aliases: &[] });
            }
        }
        if matches!(call.action, Action::Upgrade | Action::DistUpgrade) {
            let message = if call.action == Action::DistUpgrade {
                format!(
                    "{} moves the whole image to other package versions; take a newer base image instead.",
                    call.program
                )
            } else {
                format!(
                    "{} upgrades what the base image brings; a newer base image says better what is in it.",
                    call.program
                )
            };
            notes.push(Note {
                severity: Severity::Low,
                line: call.line,
                message,
                aliases: &["DS-0024", "DKL-DI-0003"],
            });
        }
    }
    notes.extend(unpinned(&calls));
    for (family, _) in here {
        fetched.insert(family, place.to_owned());
    }
    notes
}

/// One note on all packages of a RUN that name no exact version.
fn unpinned(calls: &[Call]) -> Option<Note> {
    let installs = || calls.iter().filter(|call| call.action == Action::Install);
    let mut names: Vec<&str> =
        installs().flat_map(Call::unpinned).filter(|p| p.literal).map(|package| package.name.as_str()).collect();
    let line = installs().find(|call| call.unpinned().next().is_some())?.line;
    let number = names.len();
    names.truncate(5);
    if number == 0 {
        return None;
    }
    let more = if number > names.len() { " and others" } else { "" };
    let message = format!("No exact version is asked for: {}{more}.", names.join(", "));
    Some(Note { severity: Severity::Info, line, message, aliases: &PINS })
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    if file.parsed.stages.is_empty() {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    }
    let mut observations = Vec::new();
    let mut tally = Tally::default();
    let scripts = file.parsed.run_scripts();
    let mut ends: Vec<Fetched> = Vec::with_capacity(file.parsed.stages.len());
    for stage in &file.parsed.stages {
        let mut fetched = match stage.base {
            Base::Stage(parent) => ends.get(parent).cloned().unwrap_or_default(),
            Base::Scratch | Base::Image(_) => Fetched::default(),
        };
        for run in scripts.iter().filter(|run| run.stage == stage.index) {
            let Some(instruction) = file.parsed.instructions.get(run.index) else { continue };
            let place = format!("line {}", instruction.line);
            let mut apart = Fetched::default();
            let lists = if run.onbuild { &mut apart } else { &mut fetched };
            for note in judge_run(&run.script, &place, lists, &mut tally) {
                let line = if note.line == 0 { instruction.line } else { note.line };
                let at = (line, instruction.end_line.max(line));
                observations.push(on_lines(file, at, note.severity, note.message, note.aliases));
            }
        }
        ends.push(fetched);
    }
    conclude(&tally, "RUN", observations)
}

fn in_history(facts: &Facts) -> Judgement {
    let Some(image) = &facts.image else { return judged(OutcomeKind::Error, "There is no image.", Vec::new()) };
    if history::is_silent(image) {
        return judged(
            OutcomeKind::Undecided,
            "The image's history tells of no step; ask for the Dockerfile that it was built from.",
            Vec::new(),
        );
    }
    let mut observations = Vec::new();
    let mut tally = Tally::default();
    let mut fetched = Fetched::default();
    let mut runs = 0;
    for (index, entry) in image.history.iter().enumerate() {
        let Some(script) = history::script(&entry.created_by) else { continue };
        runs += 1;
        let place = format!("history line {index}");
        for note in judge_run(&script, &place, &mut fetched, &mut tally) {
            observations.push(on_history(facts, index, note.severity, note.message, note.aliases));
        }
    }
    if runs == 0 {
        let missing = image.layers.len() > image.history.len() || image.history.is_empty();
        if missing {
            return judged(
                OutcomeKind::Undecided,
                "The image's history does not say how its layers were made; ask for the Dockerfile.",
                observations,
            );
        }
    }
    conclude(&tally, "command of the history", observations)
}

fn conclude(tally: &Tally, what: &str, observations: Vec<Observation>) -> Judgement {
    match tally {
        Tally { faults: 1.., .. } => {
            let summary = format!(
                "{} package lists apart from the installation.",
                count(tally.faults, "call fetches or uses", "calls fetch or use")
            );
            judged(OutcomeKind::Fail, summary, observations)
        }
        Tally { unread: 1.., .. } => judged(
            OutcomeKind::Undecided,
            format!("{} could not be read; look by hand.", count(tally.unread, what, &format!("{what}s"))),
            observations,
        ),
        Tally { installs: 0, .. } => {
            judged(OutcomeKind::NotApplicable, format!("No {what} installs packages from lists."), observations)
        }
        _ => judged(
            OutcomeKind::Pass,
            "Every installation has its package lists fetched in the same step.",
            observations,
        ),
    }
}

/// The Dockerfile and the image's history: the worse counts, and a difference is said.
fn both(file: &DockerfileFacts, written: Judgement, built: Judgement) -> Judgement {
    let rank = |outcome: OutcomeKind| match outcome {
        OutcomeKind::Fail => 4,
        OutcomeKind::Error => 3,
        OutcomeKind::Undecided => 2,
        OutcomeKind::Pass => 1,
        OutcomeKind::NotApplicable => 0,
    };
    let differ = written.outcome != built.outcome;
    let mut observations = written.observations;
    observations.extend(built.observations);
    if differ {
        let message = format!(
            "The Dockerfile and the image's history differ here. Dockerfile: {} History: {} Base image layers and build stages explain it, or another Dockerfile.",
            written.summary, built.summary
        );
        observations.push(on_lines(file, (1, 1), Severity::Info, message, &[]));
    }
    let (outcome, summary) = if rank(built.outcome) > rank(written.outcome) {
        (built.outcome, format!("{} (from the image's history)", built.summary))
    } else {
        (written.outcome, written.summary)
    };
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{compose, dockerfile, history_image};

    fn run(body: &str) -> Judgement {
        UpdateWithInstall.judge(&dockerfile(&format!("FROM debian:12\n{body}\n")), &Settings::default())
    }

    #[test]
    fn lists_fetched_in_the_same_run_pass() {
        for body in [
            "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*",
            "RUN set -eux; apt-get update; apt-get install -y curl",
            "RUN apt-get -qq update \\\n  # why\n  && DEBIAN_FRONTEND=noninteractive apt-get -y install curl",
            "RUN [\"sh\", \"-c\", \"apt-get update && apt-get install -y curl\"]",
            "RUN bash -c \"apt-get update && apt-get install -y curl\"",
            "RUN <<EOF\napt-get update\napt-get install -y curl\nEOF",
            "RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y curl",
            "RUN apk add --no-cache curl",
            "RUN apk --update add curl",
            "RUN apk -U add curl",
            "RUN apk update && apk add curl",
            "RUN yum install -y curl && yum clean all",
            "RUN microdnf install curl",
            "RUN zypper ref && zypper in -y curl",
            "RUN pacman -Syu --noconfirm git",
            "RUN apt-get update && apt-get upgrade -y",
            "RUN if true; then apt-get update && apt-get install -y curl; fi",
        ] {
            let judgement = run(body);
            assert_eq!(judgement.outcome, OutcomeKind::Pass, "{body}: {judgement:?}");
        }
    }

    #[test]
    fn lists_apart_from_the_installation_fail_at_their_line() {
        for (body, line) in [
            ("RUN apt-get update\nRUN apt-get install -y curl", 2),
            ("RUN apt-get update", 2),
            ("RUN true \\\n  && apt-get update", 3),
            ("RUN bash -c 'apt-get update'\nRUN apt-get install -y curl", 2),
            ("RUN apt-get install -y curl && apt-get update", 2),
            ("RUN apt-get update || apt-get install -y curl", 2),
            ("RUN apk update\nRUN apk add curl", 2),
            ("RUN zypper refresh\nRUN zypper in curl", 2),
            ("RUN apt-get update && apk add --no-cache curl", 2),
            ("RUN <<EOF\nset -e\napt-get update\nEOF", 4),
            ("RUN apt-get install -y curl", 2),
            ("RUN pacman -S git", 2),
        ] {
            let judgement = run(body);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{body}: {judgement:?}");
            let place = judgement.observations.iter().find(|o| o.severity == Severity::Medium).unwrap();
            assert!(
                matches!(&place.location, Some(plimsoll_catalog::Location::File { line: found, .. }) if *found == line),
                "{body}: {place:?}"
            );
        }
        let text = "FROM a AS b\nRUN apt-get update && apt-get install -y x\nFROM b\nRUN apt-get install -y y\n";
        let judgement = UpdateWithInstall.judge(&dockerfile(text), &Settings::default());
        assert!(judgement.observations.iter().any(|o| o.message.contains("line 2 fetched")), "{judgement:?}");
    }

    #[test]
    fn nothing_to_install_is_not_applicable_and_what_is_unread_is_undecided() {
        assert_eq!(run("COPY a /a").outcome, OutcomeKind::NotApplicable);
        assert_eq!(run("RUN echo apt-get update").outcome, OutcomeKind::NotApplicable);
        assert_eq!(run("RUN pip install flask").outcome, OutcomeKind::NotApplicable);
        assert_eq!(run("RUN apt-get install -y ./local.deb").outcome, OutcomeKind::Pass);
        assert_eq!(run("RUN apk add --no-cache x && echo 'open").outcome, OutcomeKind::Undecided);
        assert_eq!(run("SHELL [\"python3\", \"-c\"]\nRUN import os").outcome, OutcomeKind::Undecided);
        let compose = compose("services:\n  a:\n    image: x\n");
        let judgement = UpdateWithInstall.judge(&compose, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn versions_and_loose_joins_are_said_but_do_not_fail() {
        let judgement = run("RUN apt-get update; apt-get install -y curl vim=1");
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.observations.iter().any(|o| o.message.contains("not joined with &&")));
        let pins = judgement.observations.iter().find(|o| o.message.contains("No exact version")).unwrap();
        assert!(pins.severity == Severity::Info && pins.message.contains("curl") && !pins.message.contains("vim"));
    }

    #[test]
    fn the_history_tells_too() {
        let judge = |lines: &[&str]| UpdateWithInstall.judge(&history_image(lines), &Settings::default()).outcome;
        assert_eq!(
            judge(&["/bin/sh -c apt-get update", "RUN /bin/sh -c apt-get install -y curl # buildkit"]),
            OutcomeKind::Fail
        );
        assert_eq!(judge(&["|1 A=b /bin/sh -c apt-get update && apt-get install -y curl"]), OutcomeKind::Pass);
        assert_eq!(judge(&["COPY a /a # buildkit"]), OutcomeKind::NotApplicable);
        assert_eq!(judge(&[]), OutcomeKind::Undecided);
        let mut facts = history_image(&["RUN /bin/sh -c apt-get update # buildkit"]);
        facts.dockerfile = dockerfile("FROM a\nRUN apk add --no-cache x\n").dockerfile;
        let judgement = UpdateWithInstall.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.message.contains("differ here")));
    }
}
