//! A4, lean installations: packages are installed without what was not asked for, and what the package manager fetched
//! is gone before the layer is closed.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::shell::{Command, Language};
use plimsoll_dockerfile::{Arguments, Instruction, Keyword, Script, script_of, sources};

use crate::facts::DockerfileFacts;
use crate::history;
use crate::managers::{Action, Call, Family, calls};
use crate::observe::{count, judged, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Installations leave nothing behind that was not asked for.
pub(crate) struct LeanInstalls;

/// What is already settled before a step runs.
#[derive(Debug, Default, Clone)]
struct Setting {
    /// apt is configured not to install recommended packages.
    no_recommends: bool,
    /// Files were copied into apt's configuration; what they say is not known.
    apt_unknown: bool,
    /// pip is told by its environment to keep no cache.
    pip_no_cache: bool,
    /// Folders that are mounted while the step runs and not part of the layer.
    mounted: Vec<String>,
}

/// One thing about a step.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    severity: Severity,
    message: &'static str,
    aliases: &'static [&'static str],
    /// It cannot be told for sure.
    unsure: bool,
}

/// Whether a word of `rm` or `find` covers a folder: itself, a folder above it, or what is in it.
fn covers(word: &str, dir: &str) -> bool {
    let home = word.strip_prefix("~").or_else(|| word.strip_prefix("$HOME")).or_else(|| word.strip_prefix("${HOME}"));
    let word = home.map_or_else(|| word.to_owned(), |rest| format!("/root{rest}"));
    // A brace list stands for several words: `/var/lib/{apt,dpkg}/lists`.
    if let (Some(open), Some(close)) = (word.find('{'), word.rfind('}'))
        && open < close
    {
        let (head, tail) = (word.get(..open).unwrap_or_default(), word.get(close + 1..).unwrap_or_default());
        let parts = word.get(open + 1..close).unwrap_or_default();
        return parts
            .split(',')
            .take(32)
            .any(|part| !part.contains('{') && covers(&format!("{head}{part}{tail}"), dir));
    }
    let plain = word.trim_end_matches(['*', '/', '.']);
    if plain.is_empty() {
        return word.starts_with('/') && word.contains('*');
    }
    dir == plain || dir.strip_prefix(plain).is_some_and(|rest| rest.starts_with('/')) || {
        // `lists/*debian*` removes part of it at most.
        plain.starts_with(dir) && plain.len() == dir.len()
    }
}

/// Whether the command deletes what is in a folder.
fn deletes(command: &Command, dir: &str) -> bool {
    let words = || command.arguments().iter().map(|word| word.text.as_str());
    match command.program() {
        Some("rm") => words().filter(|word| !word.starts_with('-')).any(|word| covers(word, dir)),
        Some("find") => {
            words().take_while(|word| !word.starts_with('-')).any(|word| covers(word, dir))
                && words().any(|word| matches!(word, "-delete" | "rm"))
        }
        _ => false,
    }
}

/// Fills lists or caches.
const FILLS: [Action; 4] = [Action::Install, Action::Update, Action::Upgrade, Action::DistUpgrade];

/// What is to be said about one step.
fn faults(script: &Script, setting: &Setting) -> Vec<Fault> {
    let mut faults = Vec::new();
    let commands = script.commands.as_slice();
    let calls = calls(script);
    let words = |call: &Call| commands.get(call.command).map(Command::arguments).unwrap_or_default();
    let last = |family: Family, actions: &[Action]| {
        calls.iter().rev().find(|call| call.family == family && actions.contains(&call.action)).map(|call| call.command)
    };
    let mounted = |dir: &str| {
        setting.mounted.iter().any(|mount| {
            let mount = mount.trim_end_matches('/');
            dir == mount || dir.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    // Emptied behind the last command that fills it, or never part of the layer.
    let emptied =
        |from: usize, dir: &str| mounted(dir) || commands.iter().skip(from).any(|command| deletes(command, dir));
    let cleaned = |from: usize, family: Family| {
        calls.iter().any(|call| call.command >= from && call.family == family && call.action == Action::Clean)
    };
    // `apt-get clean` leaves the lists; only this takes them too.
    let lists_cleaned = |from: usize| {
        let all = |call: &Call| words(call).iter().any(|word| matches!(word.text.as_str(), "dist-clean" | "distclean"));
        calls.iter().any(|call| call.command >= from && call.family == Family::Apt && all(call))
    };

    for call in calls.iter().filter(|call| call.family == Family::Apt && call.action == Action::Install) {
        let off = words(call).iter().any(|word| recommends_off(&word.text));
        // Without a name nothing is chosen: `apt-get install -f` repairs.
        if call.has_flag(&["--no-install-recommends"]) || off || setting.no_recommends || call.packages.is_empty() {
            continue;
        }
        faults.push(Fault {
            severity: Severity::Low,
            message: "apt installs recommended packages along with those that are named; --no-install-recommends is missing.",
            aliases: &["DL3015", "DS-0029", "CKV_DOCKER_9"],
            unsure: setting.apt_unknown,
        });
        break;
    }
    if let Some(at) = last(Family::Apt, &[Action::Update])
        && !emptied(at, "/var/lib/apt/lists")
        && !lists_cleaned(at)
    {
        faults.push(Fault {
            severity: Severity::Low,
            message: "apt's package lists stay in the layer; they are not removed in the same RUN, and a later RUN cannot take them out.",
            aliases: &["DL3009", "DKL-DI-0005"],
            unsure: false,
        });
    }
    if let Some(at) = last(Family::Apk, &FILLS) {
        let cached = calls
            .iter()
            .any(|call| call.family == Family::Apk && FILLS.contains(&call.action) && !call.has_flag(&["--no-cache"]));
        if cached && !cleaned(at, Family::Apk) && !emptied(at, "/var/cache/apk") && !mounted("/etc/apk/cache") {
            faults.push(Fault {
                severity: Severity::Low,
                message: "apk keeps its index in the layer; give --no-cache, or remove /var/cache/apk in the same RUN.",
                aliases: &["DL3019", "DS-0025", "DKL-DI-0004"],
                unsure: false,
            });
        }
    }
    if let Some(at) = last(Family::Dnf, &FILLS)
        && !cleaned(at, Family::Dnf)
        && !["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"].iter().any(|d| emptied(at, d))
    {
        faults.push(Fault {
            severity: Severity::Low,
            message: "The package manager's cache stays in the layer; \"clean all\" is missing in the same RUN.",
            aliases: &["DL3032", "DL3040", "DS-0015", "DS-0019"],
            unsure: false,
        });
    }
    if let Some(at) = last(Family::Zypper, &FILLS)
        && !cleaned(at, Family::Zypper)
        && !emptied(at, "/var/cache/zypp")
    {
        faults.push(Fault {
            severity: Severity::Low,
            message: "zypper's cache stays in the layer; \"zypper clean\" is missing in the same RUN.",
            aliases: &["DL3036", "DS-0020"],
            unsure: false,
        });
    }
    if let Some(at) = last(Family::Pip, &[Action::Install]) {
        let by_option = calls
            .iter()
            .filter(|call| call.family == Family::Pip && call.action == Action::Install)
            .all(|call| call.has_flag(&["--no-cache-dir", "--no-cache"]));
        let assigned = commands.iter().any(|command| {
            command.assignments.iter().any(|(name, value)| name == "PIP_NO_CACHE_DIR" && !value.text.is_empty())
                || (command.program() == Some("export")
                    && command.arguments().iter().any(|word| word.text.starts_with("PIP_NO_CACHE_DIR=")))
        });
        if !by_option
            && !assigned
            && !setting.pip_no_cache
            && !emptied(at, "/root/.cache/pip")
            && !cleaned(at, Family::Pip)
        {
            faults.push(Fault {
                severity: Severity::Low,
                message: "pip keeps what it downloads in the layer; --no-cache-dir is missing.",
                aliases: &["DL3042"],
                unsure: false,
            });
        }
    }
    for (program, dir, message, aliases) in [
        (
            "npm",
            "/root/.npm",
            "npm keeps what it downloads in the layer; \"npm cache clean --force\" is missing in the same RUN.",
            &[] as &[&str],
        ),
        (
            "yarn",
            "/usr/local/share/.cache/yarn",
            "yarn keeps what it downloads in the layer; \"yarn cache clean\" is missing in the same RUN.",
            &["DL3060"],
        ),
    ] {
        let of = |call: &&Call| call.program == program && call.action == Action::Install;
        if let Some(call) = calls.iter().rev().find(of)
            && !cleaned(call.command, Family::Npm)
            && !emptied(call.command, dir)
            && !emptied(call.command, "/root/.cache")
            && !call.has_flag(&["--cache", "--cache-folder"])
        {
            faults.push(Fault { severity: Severity::Low, message, aliases, unsure: false });
        }
    }
    faults
}

/// `APT::Install-Recommends` set to no, in an option or a file of apt's configuration.
fn recommends_off(text: &str) -> bool {
    text.match_indices("Install-Recommends").any(|(at, name)| {
        let value = text.get(at + name.len()..).unwrap_or_default();
        let value = value.trim_start_matches([' ', '\t', '"', '\'', '=', '\\']).to_ascii_lowercase();
        ["0", "false", "no", "off"].iter().any(|no| value.starts_with(no))
    })
}

/// Folders that `RUN --mount=type=cache` and `type=tmpfs` lay over the layer.
fn mounts(instruction: &Instruction) -> Vec<String> {
    let mut targets = Vec::new();
    for value in instruction.flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| flag.value.as_deref()) {
        let mut kind = "bind";
        let mut target = None;
        for part in value.split(',') {
            match part.split_once('=') {
                Some(("type", value)) => kind = value,
                Some(("target" | "dst" | "destination", value)) => target = Some(value),
                _ => {}
            }
        }
        if let Some(target) = target.filter(|_| matches!(kind, "cache" | "tmpfs")) {
            targets.push(target.to_owned());
        }
    }
    targets
}

/// Calls `visit` for every RUN that reaches the final image, with what is settled before it.
fn visit_runs(file: &DockerfileFacts, visit: &mut dyn FnMut(&Instruction, &Script, &Setting)) {
    let Some(last) = file.parsed.final_stage() else { return };
    let mut setting = Setting::default();
    let mut shell: Vec<String> = Vec::new();
    for stage in file.parsed.lineage(last.index).into_iter().rev() {
        file.parsed.visit_stage(stage, |instruction, env| match instruction.keyword {
            Keyword::Shell => {
                if let Arguments::Json(words) = &instruction.arguments {
                    shell.clone_from(words);
                }
            }
            Keyword::Copy | Keyword::Add => {
                let into_apt = |target: &str| target.starts_with("/etc/apt/apt.conf");
                setting.apt_unknown |= sources(instruction).is_some_and(|transfer| into_apt(&transfer.destination))
                    && !instruction.heredocs.iter().any(|heredoc| recommends_off(&heredoc.content));
                setting.no_recommends |= instruction.heredocs.iter().any(|heredoc| recommends_off(&heredoc.content));
            }
            Keyword::Run => {
                setting.mounted = mounts(instruction);
                setting.pip_no_cache = env.get("PIP_NO_CACHE_DIR").is_some();
                let script = script_of(instruction, &shell);
                visit(instruction, &script, &setting);
                let text = instruction.arguments.joined();
                let writes = recommends_off(&text) || instruction.heredocs.iter().any(|h| recommends_off(&h.content));
                setting.no_recommends |= writes && (text.contains("apt.conf") || text.contains("<<"));
            }
            _ => {}
        });
    }
}

impl Check for LeanInstalls {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "lean-installs",
            use_case: Some(UseCaseId::A4),
            title: text("Lean installations", "Schlanke Installationen"),
            why: text(
                "Recommended packages bring flaws that nobody asked for, and a list or cache that stays in a layer is dead weight for ever: a later layer only hides it.",
                "Empfohlene Pakete bringen Schwachstellen mit, die niemand bestellt hat; Listen und Caches in einer Schicht bleiben für immer Ballast: Eine spätere Schicht verdeckt sie nur.",
            ),
            how: text(
                "Every RUN that reaches the final image is read as shell. It fails when apt installs without --no-install-recommends (or the like in apt's configuration), when lists or caches of apt, apk, yum, dnf, zypper, pip, npm or yarn are filled and not emptied in the same RUN. Cache and tmpfs mounts are not part of the layer and are fine. Without the Dockerfile the image's history is read in the same way, the base image's steps included.",
                "Jedes RUN, das ins fertige Image eingeht, wird als Shell gelesen. Die Prüfung fällt durch, wenn apt ohne --no-install-recommends (oder entsprechende Konfiguration) installiert oder wenn Listen und Caches von apt, apk, yum, dnf, zypper, pip, npm oder yarn gefüllt und nicht im selben RUN geleert werden. Cache- und tmpfs-Mounts gehören nicht zur Schicht und sind in Ordnung. Ohne Dockerfile wird der Verlauf des Images ebenso gelesen, die Schritte des Basis-Images eingeschlossen.",
            ),
            blind_spots: text(
                "Scripts that a RUN starts, and configuration files that are copied in.",
                "Skripte, die ein RUN startet, und hineinkopierte Konfigurationsdateien.",
            ),
            remedy: text(
                "Install by name only and clean up in the same RUN, or use a cache mount.",
                "Installieren Sie nur Benanntes und räumen Sie im selben RUN auf, oder verwenden Sie einen Cache-Mount.",
            ),
            example: "RUN apt-get update \\\n && apt-get install -y --no-install-recommends ca-certificates \\\n && rm -rf /var/lib/apt/lists/*\nRUN apk add --no-cache ca-certificates",
            aliases: &[
                ("hadolint", "DL3009"),
                ("hadolint", "DL3015"),
                ("hadolint", "DL3019"),
                ("hadolint", "DL3032"),
                ("hadolint", "DL3036"),
                ("hadolint", "DL3040"),
                ("hadolint", "DL3042"),
                ("hadolint", "DL3060"),
                ("trivy", "DS-0015"),
                ("trivy", "DS-0019"),
                ("trivy", "DS-0020"),
                ("trivy", "DS-0025"),
                ("trivy", "DS-0029"),
                ("dockle", "DKL-DI-0004"),
                ("dockle", "DKL-DI-0005"),
                ("checkov", "CKV_DOCKER_9"),
                ("docker-bench", "4.3"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8"]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match (&facts.dockerfile, &facts.image) {
            (Some(file), _) => in_file(file),
            (None, Some(_)) => in_history(facts),
            (None, None) => judged(OutcomeKind::NotApplicable, "A Compose file installs no packages.", Vec::new()),
        }
    }
}

/// What was found in all steps.
#[derive(Default)]
struct Sum {
    installs: usize,
    faults: usize,
    unsure: usize,
}

impl Sum {
    fn conclude(&self, observations: Vec<Observation>) -> Judgement {
        match (self.faults, self.unsure, self.installs) {
            (0, 0, 0) => {
                judged(OutcomeKind::NotApplicable, "No step of the final image installs packages.", observations)
            }
            (0, 0, installs) => judged(
                OutcomeKind::Pass,
                format!(
                    "{} nothing behind that was not asked for.",
                    count(installs, "installing step leaves", "installing steps leave")
                ),
                observations,
            ),
            (0, unsure, _) => judged(
                OutcomeKind::Undecided,
                format!("Of {} it cannot be told what is left behind.", count(unsure, "step", "steps")),
                observations,
            ),
            (faults, _, _) => judged(
                OutcomeKind::Fail,
                format!(
                    "{} more in the image than was asked for.",
                    count(faults, "installation leaves", "installations leave")
                ),
                observations,
            ),
        }
    }

    fn add(&mut self, script: &Script, setting: &Setting) -> Vec<(Severity, String, &'static [&'static str])> {
        let mut said = Vec::new();
        for problem in &script.problems {
            self.unsure += 1;
            said.push((
                Severity::Low,
                format!("Part of this step could not be read: {}.", problem.message),
                &[] as &[_],
            ));
        }
        if script.language == Language::Other {
            self.unsure += 1;
            said.push((
                Severity::Low,
                "This step is written for another interpreter and was not read.".to_owned(),
                &[],
            ));
        }
        self.installs += usize::from(calls(script).iter().any(|call| FILLS.contains(&call.action)));
        for fault in faults(script, setting) {
            if fault.unsure {
                self.unsure += 1;
                let message =
                    format!("{} Files were copied into apt's configuration, which may say so.", fault.message);
                said.push((Severity::Info, message, fault.aliases));
            } else {
                self.faults += 1;
                said.push((fault.severity, fault.message.to_owned(), fault.aliases));
            }
        }
        said
    }
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    if file.parsed.final_stage().is_none() {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    }
    let mut observations = Vec::new();
    let mut sum = Sum::default();
    visit_runs(file, &mut |instruction, script, setting| {
        for (severity, message, aliases) in sum.add(script, setting) {
            let at = (instruction.line, instruction.end_line);
            observations.push(on_lines(file, at, severity, message, aliases));
        }
    });
    sum.conclude(observations)
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
    if image.history.is_empty() {
        return judged(
            OutcomeKind::Undecided,
            "The image records no history; ask for the Dockerfile that it was built from.",
            Vec::new(),
        );
    }
    let mut observations = Vec::new();
    let mut sum = Sum::default();
    let mut setting = Setting {
        pip_no_cache: image.config.env.iter().any(|var| var.name == "PIP_NO_CACHE_DIR" && !var.value.is_empty()),
        ..Setting::default()
    };
    let mut mounts = false;
    for (index, entry) in image.history.iter().enumerate().filter(|(_, entry)| !entry.empty_layer) {
        let Some(script) = history::script(&entry.created_by) else { continue };
        for (severity, message, aliases) in sum.add(&script, &setting) {
            mounts = true;
            observations.push(on_history(facts, index, severity, message, aliases));
        }
        setting.no_recommends |= recommends_off(&entry.created_by) && entry.created_by.contains("apt.conf");
    }
    if mounts {
        let message = "The history names no mounts: a cache that was mounted for the step is not in the image.";
        observations.push(on_history(facts, 0, Severity::Info, message, &[]));
    }
    sum.conclude(observations)
}

#[cfg(test)]
#[path = "a4_installs_tests.rs"]
mod tests;
