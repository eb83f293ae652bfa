//! A5, build without cache (CSVS 5.4, 10.2, 12.6): the signals that tell a fresh build from one out of the cache.
//!
//! No image proves how it was built, so the check gathers and never decides.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{ImageFacts, Kind, Tree};
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, OffsetDateTime};

use crate::a5_provenance::provenance;
use crate::facts::show_lines;
use crate::layers::on_entry;
use crate::observe::{count, judged, on_config, on_history, on_lines};
use crate::{BuildCommand, Check, CheckInfo, Facts, Judgement, Settings, text};

/// Signs of a build from cache, or of a fresh one.
pub(crate) struct FreshBuild;

/// Times before this are set by a tool that makes reproducible images, not by a clock (2000-01-01).
const EARLIEST_CLOCK: i64 = 946_684_800;
/// How many gaps and commands are named.
pub(crate) const NAMED: usize = 20;

/// What was gathered.
#[derive(Default)]
pub(crate) struct Signals {
    observations: Vec<Observation>,
    /// Speak of old content or of the cache.
    against: usize,
    /// Speak of a fresh build.
    fresh: usize,
}

impl Signals {
    pub(crate) fn against(&mut self, observation: Observation) {
        self.against += 1;
        self.observations.push(observation);
    }

    pub(crate) fn fresh(&mut self, observation: Observation) {
        self.fresh += 1;
        self.observations.push(observation);
    }

    pub(crate) fn note(&mut self, observation: Observation) {
        self.observations.push(observation);
    }
}

pub(crate) fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// A time that a clock may have given.
pub(crate) fn clocked(time: OffsetDateTime) -> Option<OffsetDateTime> {
    (time.unix_timestamp() >= EARLIEST_CLOCK).then_some(time)
}

pub(crate) fn day(time: OffsetDateTime) -> String {
    time.date().to_string()
}

/// "3 days", "5 hours".
pub(crate) fn span(duration: Duration) -> String {
    let hours = duration.whole_hours();
    if hours >= 48 { format!("{} days", duration.whole_days()) } else { format!("{hours} hours") }
}

impl Check for FreshBuild {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "fresh-build",
            use_case: Some(UseCaseId::A5),
            title: text("Built fresh, not from the cache", "Frisch gebaut, nicht aus dem Cache"),
            why: text(
                "A cached layer keeps the packages of the day that it was made: the build is new, its flaws are old.",
                "Eine Schicht aus dem Cache behält die Pakete vom Tag ihrer Entstehung: Der Build ist neu, seine Schwachstellen sind alt.",
            ),
            how: text(
                "It gathers signals and never decides: the image's age, gaps between the times at which its layers were made, the build's provenance (no-cache, time, base images), the end of the distribution's support, the age of package lists, and the options of build commands in scripts and pipelines. The auditor decides, with the pipeline's definition and its log.",
                "Sie sammelt Signale und entscheidet nie: Alter des Images, Lücken zwischen den Entstehungszeiten der Schichten, Provenance des Builds (no-cache, Zeit, Basis-Images), Ende der Unterstützung der Distribution, Alter der Paketlisten sowie Optionen der Build-Kommandos in Skripten und Pipelines. Der Auditor entscheidet anhand von Pipeline-Definition und Protokoll.",
            ),
            blind_spots: text(
                "Times that a tool sets for reproducible images say nothing. Provenance is read, not verified. BuildKit leaves --pull and --cache-from out of the provenance.",
                "Zeiten, die ein Werkzeug für reproduzierbare Images setzt, sagen nichts. Provenance wird gelesen, nicht verifiziert. BuildKit lässt --pull und --cache-from in der Provenance weg.",
            ),
            remedy: text(
                "Build release images with --pull and --no-cache, on a schedule as well as on changes.",
                "Bauen Sie Release-Images mit --pull und --no-cache, regelmäßig und nicht nur bei Änderungen.",
            ),
            example: "docker build --pull --no-cache --provenance=mode=max --tag shop:1.4.2 .",
            aliases: &[("docker-bench", "4.4"), ("docker-bench", "5.28"), ("dockle", "DKL-DI-0003")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.4", "10.2", "12.6"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let mut signals = Signals::default();
        let now = instant(&facts.collected);
        if let Some(image) = &facts.image {
            ages(facts, image, settings, now, &mut signals);
            for attestation in &image.attestations {
                provenance(facts, image, attestation, settings, &mut signals);
            }
            support(facts, image, now, &mut signals);
            if let Some(tree) = &facts.tree {
                lists(facts, image, tree, settings, &mut signals);
            }
        }
        for command in facts.build_commands.iter().take(NAMED) {
            options(command, &mut signals);
        }
        compose_builds(facts, &mut signals);
        let builds = facts.image.is_some()
            || facts.dockerfile.is_some()
            || !facts.build_commands.is_empty()
            || facts.compose.as_ref().is_some_and(|file| file.parsed.services.iter().any(|s| s.build.is_some()));
        if !builds {
            return judged(OutcomeKind::NotApplicable, "The Compose file builds no image.", signals.observations);
        }
        let ask = if facts.build_commands.is_empty() {
            "ask for the pipeline's definition and the build log, and look for --pull and --no-cache"
        } else {
            "confirm with the build log that these commands built the image"
        };
        let summary = match (signals.against, signals.fresh) {
            (0, 0) => format!("Nothing here shows how the image is built; {ask}."),
            (0, fresh) => format!(
                "{} of a fresh build, none of the cache; {ask}.",
                count(fresh, "signal speaks", "signals speak")
            ),
            (against, 0) => {
                format!("{} of old content or the cache; {ask}.", count(against, "signal speaks", "signals speak"))
            }
            (against, fresh) => format!(
                "{} of old content or the cache, {fresh} of a fresh build; {ask}.",
                count(against, "signal speaks", "signals speak")
            ),
        };
        signals.observations.sort_by_key(|observation| observation.severity);
        judged(OutcomeKind::Undecided, summary, signals.observations)
    }
}

/// The image's age, and the gaps between its layers.
fn ages(facts: &Facts, image: &ImageFacts, settings: &Settings, now: Option<OffsetDateTime>, signals: &mut Signals) {
    let created = image.created.as_deref().and_then(instant);
    match (created.and_then(clocked), now) {
        (Some(created), Some(now)) if created > now + Duration::days(1) => {
            let message = format!("The image claims to be made on {}, after it was read.", day(created));
            signals.against(on_config(facts, "created", Severity::Low, message, &[]));
        }
        (Some(created), Some(now)) => {
            let days = (now - created).whole_days();
            let message = format!("The image was made on {}, {days} days before it was read.", day(created));
            if days > i64::from(settings.oldest_days) {
                let message = format!("{message} More than {} days count as old.", settings.oldest_days);
                signals.against(on_config(facts, "created", Severity::Medium, message, &[]));
            } else {
                signals.note(on_config(facts, "created", Severity::Info, message, &[]));
            }
        }
        _ => {
            let message = match created {
                Some(created) => format!(
                    "The image's creation time is {}, which a tool for reproducible images sets; its age does not show.",
                    day(created)
                ),
                None => "The image does not say when it was made.".to_owned(),
            };
            signals.note(on_config(facts, "created", Severity::Info, message, &[]));
        }
    }
    let times: Vec<(usize, Option<OffsetDateTime>)> = image
        .history
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((index, clocked(instant(entry.created.as_deref()?)?))))
        .collect();
    let clocks: Vec<(usize, OffsetDateTime)> =
        times.iter().filter_map(|(index, time)| Some((*index, (*time)?))).collect();
    let set = times.len() - clocks.len();
    if set > 0 {
        let message = format!(
            "{} a time that a tool for reproducible images sets (before 2000); such times say nothing about the cache.",
            count(set, "line of the history bears", "lines of the history bear")
        );
        signals.note(on_history(facts, times.first().map_or(0, |(index, _)| *index), Severity::Info, message, &[]));
    }
    if let [(first, time), .., (_, last)] = clocks.as_slice()
        && time == last
    {
        let message = format!(
            "All {} lines of the history bear the same time, {}: it was set by the build (SOURCE_DATE_EPOCH), not by a clock for each step.",
            clocks.len(),
            time.format(&Rfc3339).unwrap_or_default()
        );
        signals.note(on_history(facts, *first, Severity::Info, message, &[]));
        return;
    }
    let widest = Duration::hours(i64::from(settings.widest_gap_hours));
    let mut gaps = 0;
    let mut backwards = false;
    for pair in clocks.windows(2) {
        let [(_, before), (index, after)] = pair else { continue };
        let gap = *after - *before;
        backwards |= gap < -widest;
        if gap <= widest {
            continue;
        }
        gaps += 1;
        if gaps > NAMED {
            continue;
        }
        let line = image.history.get(*index).map(|entry| clip(&entry.created_by)).unwrap_or_default();
        if gaps == 1 {
            // The lowest gap is where the build's own steps begin, as a rule: it tells the base image's age.
            let message = format!(
                "What lies below this step was made {} earlier, on {}. If that is the base image, it was so old when the build took it: {line}",
                span(gap),
                day(*before)
            );
            let severity =
                if gap > Duration::days(i64::from(settings.oldest_days)) { Severity::Medium } else { Severity::Low };
            signals.against(on_history(facts, *index, severity, message, &["DKL-DI-0003"]));
        } else {
            let message = format!(
                "This step was made {} after the one before it ({} and {}): they come from different builds, so the earlier one from the cache or from another base: {line}",
                span(gap),
                day(*before),
                day(*after)
            );
            signals.against(on_history(facts, *index, Severity::Medium, message, &[]));
        }
    }
    if backwards && let Some((index, _)) = clocks.first() {
        let message =
            "The times of the history run backwards: some steps are from an older build than those before them.";
        signals.against(on_history(facts, *index, Severity::Low, message, &[]));
    }
    if gaps == 0
        && clocks.len() > 1
        && !backwards
        && let Some((index, _)) = clocks.last()
    {
        let message = format!(
            "All steps of the history were made within {} hours of the one before: no sign of a cached step.",
            settings.widest_gap_hours
        );
        signals.fresh(on_history(facts, *index, Severity::Info, message, &[]));
    }
}

fn clip(command: &str) -> String {
    let words = command.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or_default()),
        None => words,
    }
}

/// An observation on the file that names the distribution.
fn on_release(facts: &Facts, image: &ImageFacts, severity: Severity, message: String, aliases: &[&str]) -> Observation {
    let source =
        image.inventory.sources.iter().find(|source| source.path.contains("-release") && source.error.is_none());
    match source {
        Some(source) => on_entry(facts, (&source.layer, &source.path), severity, message, aliases),
        None => on_config(facts, "config", severity, message, aliases),
    }
}

/// The end of the distribution's support.
fn support(facts: &Facts, image: &ImageFacts, now: Option<OffsetDateTime>, signals: &mut Signals) {
    let Some(os) = &image.inventory.os else { return };
    let name = os.pretty_name.clone().unwrap_or_else(|| os.id.clone());
    let Some(end) = &os.support_end else {
        let message = format!("When the support of {name} ends is not known here.");
        signals.note(on_release(facts, image, Severity::Info, message, &[]));
        return;
    };
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = |text: &str| Date::parse(text, format).ok();
    let (Some(now), Some(standard)) = (now, date(&end.standard)) else { return };
    let extended = end.extended.as_deref().and_then(date);
    let today = now.date();
    let (severity, message) = if today <= standard {
        (Severity::Info, format!("{name} gets security fixes until {standard} ({}).", end.from))
    } else if extended.is_some_and(|extended| today <= extended) {
        let until = end.extended.as_deref().unwrap_or_default();
        (
            Severity::Low,
            format!(
                "The regular support of {name} ended on {standard}; the extended one lasts until {until} ({}).",
                end.from
            ),
        )
    } else {
        let last = extended.unwrap_or(standard);
        (
            Severity::High,
            format!(
                "{name} gets no security fixes since {last} ({}): however fresh the build, its packages are old.",
                end.from
            ),
        )
    };
    let observation = on_release(facts, image, severity, message, &["4.4"]);
    if severity == Severity::High { signals.against(observation) } else { signals.note(observation) }
}

/// The age of the package lists and of the package database, against the layer that holds them.
fn lists(facts: &Facts, image: &ImageFacts, tree: &Tree, settings: &Settings, signals: &mut Signals) {
    let made = |layer: usize| {
        let entry = image.history.iter().find(|entry| entry.layer == Some(layer))?;
        clocked(instant(entry.created.as_deref()?)?)
    };
    let widest = Duration::hours(i64::from(settings.widest_gap_hours));
    let release_lists = tree
        .below("/var/lib/apt/lists")
        .filter(|found| found.entry.kind == Kind::File && found.entry.path.ends_with("Release"));
    let newest_list = release_lists.max_by_key(|found| found.entry.mtime);
    let databases = [
        "/var/lib/dpkg/status",
        "/lib/apk/db/installed",
        "/var/lib/rpm/rpmdb.sqlite",
        "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    ];
    let database = databases.iter().find_map(|path| tree.get(path));
    for (found, what, stale) in
        [(newest_list, "The newest package list", true), (database, "The package database", false)]
    {
        let Some(found) = found else { continue };
        let Some(time) = OffsetDateTime::from_unix_timestamp(found.entry.mtime).ok().and_then(clocked) else {
            continue;
        };
        let mut message = format!("{what} of the image, {}, is of {}.", found.entry.path, day(time));
        let late = made(found.layer).map(|made| made - time).filter(|gap| stale && *gap > widest);
        if let Some(gap) = late {
            message.push_str(&format!(
                " Its layer was made {} later: the mirror that it came from was that old.",
                span(gap)
            ));
        }
        let observation = Observation {
            severity: if late.is_some() { Severity::Low } else { Severity::Info },
            message,
            location: Some(Location::Layer {
                layer: found.diff_id.to_owned(),
                path: found.entry.path.as_ref().to_owned(),
            }),
            reproduce: Some(crate::layers::show_entry(facts, found.diff_id, &found.entry.path)),
            aliases: Vec::new(),
        };
        if late.is_some() { signals.against(observation) } else { signals.note(observation) }
    }
}

/// Whether an option is given and not switched off; also as the input of a pipeline's action (`no-cache: true`).
fn given(command: &BuildCommand, name: &str) -> Option<String> {
    let long = format!("--{name}");
    command.words.iter().enumerate().find_map(|(index, word)| {
        if *word == long {
            let next = command.words.get(index + 1).filter(|next| !next.starts_with('-'));
            return Some(next.cloned().unwrap_or_default());
        }
        let value = word
            .strip_prefix(&long)
            .and_then(|rest| rest.strip_prefix('='))
            .or_else(|| word.strip_prefix(name).and_then(|rest| rest.strip_prefix(": ")));
        value.map(|value| value.trim_matches(['"', '\'']).to_owned())
    })
}

fn on(value: Option<&String>) -> bool {
    value.is_some_and(|value| !matches!(value.as_str(), "false" | "0" | "never"))
}

/// The options of a build command.
fn options(command: &BuildCommand, signals: &mut Signals) {
    let said = |severity, message: String| Observation {
        severity,
        message,
        location: Some(Location::File { file: command.source.clone(), line: command.line }),
        reproduce: Some(show_lines(&command.source, command.line, command.line)),
        aliases: Vec::new(),
    };
    let shown = clip(&command.words.join(" "));
    let kaniko = command.words.first().is_some_and(|word| word.contains("kaniko"));
    let no_cache = given(command, "no-cache");
    let pull = given(command, "pull");
    let layers = given(command, "layers");
    let (no_cache, pull) = (on(no_cache.as_ref()), on(pull.as_ref()));
    let cached = given(command, "cache-from").filter(|value| !value.is_empty());
    match (no_cache, pull) {
        _ if kaniko => {
            let cache = on(given(command, "cache").as_ref());
            let message = if cache {
                format!("kaniko builds with its cache: {shown}")
            } else {
                format!("kaniko builds without a cache of layers and pulls its base anew: {shown}")
            };
            if cache { signals.against(said(Severity::Low, message)) } else { signals.fresh(said(Severity::Info, message)) }
        }
        (true, true) => signals.fresh(said(Severity::Info, format!("The build pulls its base and uses no cache: {shown}"))),
        (true, false) => signals.against(said(
            Severity::Low,
            format!("The build uses no cache, but may start from an old copy of its base; --pull is missing: {shown}"),
        )),
        (false, true) => signals.against(said(
            Severity::Low,
            format!("The build pulls its base, but may use cached layers; --no-cache is missing: {shown}"),
        )),
        (false, false) if layers.as_deref() == Some("false") => {
            signals.note(said(Severity::Info, format!("The build keeps no cached layers: {shown}")));
        }
        (false, false) => signals.against(said(
            Severity::Low,
            format!("The build may use cached layers and an old copy of its base; --no-cache and --pull are missing: {shown}"),
        )),
    }
    if let Some(from) = cached.filter(|_| !no_cache) {
        signals.against(said(Severity::Medium, format!("The build takes cached layers from {from} (--cache-from).")));
    }
}

/// Compose's own words on the cache.
fn compose_builds(facts: &Facts, signals: &mut Signals) {
    if let Some(file) = &facts.compose {
        for service in file.parsed.services.iter().filter_map(|service| Some((service, service.build.as_ref()?))) {
            let (service, build) = service;
            let message =
                format!("Service {} is built by Compose; its options come from the command line.", service.name);
            signals.note(crate::observe::on_compose(file, build.line, Severity::Info, message, &[]));
        }
    }
    if let (Some(file), None) = (&facts.dockerfile, &facts.image) {
        let lines = file.parsed.stages.first().and_then(|stage| file.parsed.instructions.get(stage.from));
        let at = lines.map_or((1, 1), |instruction| (instruction.line, instruction.end_line));
        let message = "A Dockerfile does not say whether its build uses the cache.";
        signals.note(on_lines(file, at, Severity::Info, message, &[]));
    }
}

#[cfg(test)]
#[path = "a5_build_tests.rs"]
mod tests;
