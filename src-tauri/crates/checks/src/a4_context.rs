//! A4, build context: what the builder is sent, and what of it a COPY takes into the image.

use std::collections::BTreeMap;

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::context::{ContextEntry, EntryKind};
use plimsoll_dockerfile::{DockerIgnore, Keyword, SourceKind, sources_in};
use plimsoll_image::{Kind, Tree};

use crate::a4_context_names::{Sensitive, kind_of};
use crate::facts::{ContextFacts, DockerfileFacts, quote};
use crate::figures::bytes;
use crate::observe::{count, judged, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The build context keeps sensitive and needless files away from the image.
pub(crate) struct BuildContext;

const ID: &str = "build-context";
/// How many entries are named one by one.
const NAMED: usize = 60;
/// Most patterns of COPY that are tried on an entry.
const MOST_COPIES: usize = 500;
/// Most entries of a telling name that are judged.
const MOST_JUDGED: usize = 20_000;

/// A COPY or ADD from the context.
struct Copied {
    line: (u32, u32),
    /// It takes the whole context.
    all: bool,
    takes: DockerIgnore,
    leaves: DockerIgnore,
    /// The stage is the final one, or one that the final one starts from.
    reaches: bool,
    /// It cannot be told what it takes.
    unknown: bool,
}

impl Copied {
    fn takes(&self, path: &str) -> bool {
        (self.all || self.takes.excludes(path)) && !self.leaves.excludes(path)
    }
}

fn copies(file: &DockerfileFacts) -> Vec<Copied> {
    let lineage = file.parsed.final_stage().map(|stage| file.parsed.lineage(stage.index)).unwrap_or_default();
    let mut copies = Vec::new();
    for stage in &file.parsed.stages {
        file.parsed.visit_stage(stage.index, |instruction, env| {
            if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) || copies.len() >= MOST_COPIES {
                return;
            }
            let Some(transfer) = sources_in(instruction, env).filter(|transfer| transfer.from.is_none()) else {
                return;
            };
            let local = || transfer.sources.iter().filter(|source| source.kind == SourceKind::Local);
            if local().next().is_none() {
                return;
            }
            let mut patterns = String::new();
            let (mut all, mut unknown) = (false, false);
            for source in local() {
                let clean = source.value.trim_start_matches('/').trim_start_matches("./").trim_end_matches('/');
                unknown |= clean.contains('$');
                all |= matches!(clean, "" | "." | "*" | "**");
                // A slash in front, so that neither `#` nor `!` is taken for more than itself.
                patterns.push('/');
                patterns.push_str(clean);
                patterns.push('\n');
            }
            let left: Vec<&str> = instruction
                .flags
                .iter()
                .filter(|flag| flag.name == "exclude")
                .filter_map(|flag| flag.value.as_deref())
                .collect();
            copies.push(Copied {
                line: (instruction.line, instruction.end_line),
                all,
                takes: DockerIgnore::parse(&patterns),
                leaves: DockerIgnore::parse(&left.join("\n")),
                reaches: lineage.contains(&stage.index),
                unknown,
            });
        });
    }
    copies
}

impl Check for BuildContext {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::A4),
            title: text("Build context without sensitive files", "Build-Kontext ohne heikle Dateien"),
            why: text(
                "COPY takes whatever the context holds: repositories, keys and dumps get into an image by accident, and out of it with every pull.",
                "COPY nimmt, was im Kontext liegt: Repositorys, Schlüssel und Abzüge gelangen versehentlich ins Image und mit jedem Pull wieder hinaus.",
            ),
            how: text(
                "The folder is walked with the ignore file's own rules, and every COPY and ADD is matched against what is left. It fails when a secret, a repository's history, a dump or a developer's clutter would get into the final image, when a secret is not kept from the builder at all, and when a COPY takes the whole context without any ignore file. What a name alone does not settle, and what cannot be told, is put to the auditor.",
                "Der Ordner wird nach den Regeln der Ignore-Datei durchlaufen, und jedes COPY und ADD wird mit dem Rest verglichen. Die Prüfung fällt durch, wenn ein Geheimnis, eine Repository-Historie, ein Abzug oder Überreste der Entwicklung ins fertige Image kämen, wenn ein Geheimnis dem Builder gar nicht vorenthalten wird und wenn ein COPY ohne Ignore-Datei den ganzen Kontext nimmt. Was der Name allein nicht klärt oder unklar bleibt, wird dem Auditor vorgelegt.",
            ),
            blind_spots: text(
                "Files that the pipeline adds or removes before it builds, and contexts given by name.",
                "Dateien, die die Pipeline vor dem Build hinzufügt oder entfernt, und benannte Kontexte.",
            ),
            remedy: text(
                "Write a .dockerignore that excludes everything and admits what the build needs; copy files by name.",
                "Schreiben Sie eine .dockerignore, die alles ausschließt und nur das Nötige zulässt; kopieren Sie Dateien namentlich.",
            ),
            example: "# .dockerignore\n*\n!src\n!package.json\n!package-lock.json",
            aliases: &[("buildkit", "CopyIgnoredFile"), ("docker-bench", "4.3"), ("dockle", "DKL-LI-0003")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.dockerfile, &facts.image, &facts.compose) {
            (Some(file), _, _) => match &file.context {
                Some(context) => in_context(file, context, settings),
                None => without_context(file),
            },
            (None, Some(_), _) => from_image(facts),
            (None, None, Some(file)) if file.parsed.services.iter().any(|service| service.build.is_some()) => judged(
                OutcomeKind::Undecided,
                "The Compose file builds images; audit each Dockerfile together with its context.",
                Vec::new(),
            ),
            _ => judged(OutcomeKind::NotApplicable, "Nothing is built from a context here.", Vec::new()),
        }
    }
}

fn without_context(file: &DockerfileFacts) -> Judgement {
    let copies = copies(file);
    if copies.is_empty() {
        return judged(OutcomeKind::NotApplicable, "The Dockerfile copies nothing from a build context.", Vec::new());
    }
    let observations = copies
        .iter()
        .filter(|copied| copied.all)
        .map(|copied| {
            let message = "This takes the whole build context; only the ignore file decides what that is.";
            on_lines(file, copied.line, Severity::Low, message, &[])
        })
        .collect();
    judged(
        OutcomeKind::Undecided,
        "No build context was given; name the folder that the image is built from, with its .dockerignore.",
        observations,
    )
}

fn in_context(file: &DockerfileFacts, context: &ContextFacts, settings: &Settings) -> Judgement {
    let copies = copies(file);
    let mut observations = Vec::new();
    let mut found: BTreeMap<&str, (Sensitive, &ContextEntry)> = BTreeMap::new();
    for entry in context.entries.iter().filter(|entry| !entry.excluded) {
        if let Some(kind) = kind_of(entry) {
            found.insert(&entry.path, (kind, entry));
        }
    }
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for (path, finding) in context.secrets.iter().filter(|(_, finding)| finding.harmless.is_none()) {
        // The entries are sorted by path.
        let at = context.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok();
        if let Some(entry) = at.and_then(|at| context.entries.get(at)).filter(|entry| !entry.excluded) {
            found.insert(&entry.path, (Sensitive::FoundSecret, entry));
            titles.entry(&entry.path).or_insert_with(|| finding.title.as_str());
        }
    }
    let (mut fails, mut asks, mut in_image) = (0_usize, 0_usize, 0_usize);
    let mut more = 0_usize;
    let mut below: Option<&str> = None;
    for (path, (kind, entry)) in found.iter().take(MOST_JUDGED) {
        // What lies in a folder that is named already is part of it.
        if below.is_some_and(|dir| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/')))
            && *kind != Sensitive::FoundSecret
        {
            continue;
        }
        let folder = entry.kind == EntryKind::Folder;
        let (files, size) = if folder { sent_below(context, path) } else { (1, entry.size) };
        if files == 0 {
            continue;
        }
        if folder {
            below = Some(path);
        }
        let by = copies.iter().filter(|copied| copied.takes(path)).max_by_key(|copied| copied.reaches);
        let reaches = by.is_some_and(|copied| copied.reaches);
        let named = by.is_some_and(|copied| !copied.all && copied.takes.rules.iter().any(|rule| rule.pattern == *path));
        let allowance = settings.allowed(ID, path);
        let decides = match kind {
            Sensitive::Secret | Sensitive::FoundSecret => OutcomeKind::Fail,
            Sensitive::Perhaps => OutcomeKind::Undecided,
            // Named in a COPY by itself, it is meant.
            Sensitive::Clutter | Sensitive::Dump | Sensitive::History if reaches && named => OutcomeKind::Undecided,
            Sensitive::Clutter | Sensitive::Dump | Sensitive::History if reaches => OutcomeKind::Fail,
            Sensitive::Dump | Sensitive::History => OutcomeKind::Undecided,
            Sensitive::Clutter => OutcomeKind::Pass,
        };
        if allowance.is_none() {
            fails += usize::from(decides == OutcomeKind::Fail);
            asks += usize::from(decides == OutcomeKind::Undecided);
            in_image += usize::from(reaches && decides == OutcomeKind::Fail);
        }
        if observations.len() >= NAMED {
            more += 1;
            continue;
        }
        let shape = if folder {
            format!("The folder {path} ({}, {})", count(files, "file", "files"), bytes(size))
        } else {
            format!("The file {path} ({})", bytes(size))
        };
        let fate = match by {
            Some(copied) if copied.reaches => format!("line {} takes it into the image", copied.line.0),
            Some(copied) => {
                format!("line {} takes it into a build stage, whose layers the builder keeps", copied.line.0)
            }
            None => "no COPY takes it; it is merely sent to the builder".to_owned(),
        };
        let what = titles.get(path).map(|title| format!(" ({title})")).unwrap_or_default();
        let mut message = format!("{shape} {}{what} and is not excluded; {fate}.", kind.words());
        if let Some(allowance) = allowance {
            message.push_str(&format!(" It is allowed: {}", allowance.reason));
        }
        let severity = if allowance.is_some() { Severity::Info } else { kind.severity(reaches) };
        observations.push(on_path(context, path, severity, message));
    }
    if more > 0 {
        let message = format!("{more} more entries of these kinds are not excluded.");
        observations.push(on_path(context, "", Severity::Low, message));
    }
    let mut bare = false;
    match (&context.ignore, &context.ignore_path) {
        (None, _) => {
            let all: Vec<&Copied> = copies.iter().filter(|copied| copied.all).collect();
            bare = all.iter().any(|copied| copied.reaches);
            let message = "There is no .dockerignore: whatever lies in the folder is open to the build.";
            let severity = if bare { Severity::Medium } else { Severity::Info };
            observations.push(on_path(context, "", severity, message.to_owned()));
            for copied in all {
                let message = "This takes the whole build context.";
                observations.push(on_lines(file, copied.line, Severity::Low, message, &[]));
            }
        }
        (Some(ignore), path) => {
            let name = path.as_deref().unwrap_or(".dockerignore");
            for problem in &ignore.problems {
                let message =
                    format!("Line {} of {name} is {}; Docker refuses such a file.", problem.line, problem.message);
                observations.push(on_path(context, name, Severity::Medium, message));
            }
        }
    }
    let mut unsure = Vec::new();
    if context.truncated || found.len() > MOST_JUDGED {
        unsure.push("the folder holds more entries than were looked at");
    }
    for problem in &context.problems {
        observations.push(on_path(context, "", Severity::Low, format!("Not read: {}.", problem.message)));
    }
    if !context.problems.is_empty() {
        unsure.push("parts of the folder could not be read");
    }
    if context.ignore.as_ref().is_some_and(|ignore| !ignore.problems.is_empty()) {
        unsure.push("the ignore file holds patterns that Docker refuses");
    }
    for copied in copies.iter().filter(|copied| copied.unknown) {
        let message = "What this takes depends on a variable without a value in the file.";
        observations.push(on_lines(file, copied.line, Severity::Low, message, &[]));
    }
    if copies.iter().any(|copied| copied.unknown) {
        unsure.push("what a COPY takes depends on a variable");
    }
    observations.sort_by_key(|observation| observation.severity);
    if fails > 0 {
        let summary = if in_image > 0 {
            format!(
                "{} into the image that should not; {} not kept from the builder.",
                count(in_image, "entry of the context gets", "entries of the context get"),
                count(fails, "such entry is", "such entries are")
            )
        } else {
            format!("{} not kept from the builder.", count(fails, "file with secrets is", "files with secrets are"))
        };
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if bare {
        let summary = "The whole context is copied, and no .dockerignore keeps anything out of it.";
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if let Some(first) = unsure.first() {
        let summary = format!("Not all of the context could be judged: {first}.");
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if asks > 0 {
        let summary = format!("Ask what {} in the context.", count(asks, "entry is for", "entries are for"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let sent = context.entries.iter().filter(|entry| !entry.excluded && entry.kind == EntryKind::File).count();
    judged(
        OutcomeKind::Pass,
        format!("Of {} that the builder may see, none is sensitive.", count(sent, "file", "files")),
        observations,
    )
}

/// Files below a folder that are sent, and their bytes. The entries are sorted by path.
fn sent_below(context: &ContextFacts, dir: &str) -> (usize, u64) {
    let prefix = format!("{dir}/");
    let from = context.entries.partition_point(|entry| entry.path < prefix);
    let below = context.entries.iter().skip(from).take_while(|entry| entry.path.starts_with(&prefix));
    below
        .filter(|entry| !entry.excluded && entry.kind != EntryKind::Folder)
        .fold((0, 0), |(files, size), entry| (files + 1, u64::saturating_add(size, entry.size)))
}

fn on_path(context: &ContextFacts, path: &str, severity: Severity, message: String) -> Observation {
    let root = context.path.trim_end_matches('/');
    let whole = if path.is_empty() { context.path.clone() } else { format!("{root}/{path}") };
    Observation {
        severity,
        message,
        location: Some(plimsoll_catalog::Location::File { file: whole.clone(), line: 1 }),
        reproduce: Some(format!("ls -ld {}", quote(&whole))),
        aliases: Vec::new(),
    }
}

/// Traces of a context that was copied whole, in an image whose Dockerfile is not at hand.
fn from_image(facts: &Facts) -> Judgement {
    let traces = facts.tree.as_ref().map(traces).unwrap_or_default();
    let found = !traces.is_empty();
    let summary = if found {
        "The image holds files that only a build context has; ask for the Dockerfile, its folder and its .dockerignore."
    } else {
        "An image does not show the context that it was built from; ask for the Dockerfile, its folder and its .dockerignore."
    };
    judged(OutcomeKind::Undecided, summary, traces)
}

fn traces(tree: &Tree) -> Vec<Observation> {
    const NAMES: [&str; 9] = [
        ".git",
        ".svn",
        ".dockerignore",
        ".gitignore",
        "Dockerfile",
        "docker-compose.yml",
        "compose.yaml",
        ".gitlab-ci.yml",
        ".env",
    ];
    tree.iter()
        .filter(|found| found.entry.package.is_none())
        .filter(|found| {
            let path = found.entry.path.as_ref();
            let own = ![
                "/node_modules/",
                "/site-packages/",
                "/dist-packages/",
                "/vendor/",
                "/gems/",
                "/usr/share/",
                "/usr/lib/",
                "/proc/",
                "/sys/",
            ]
            .iter()
            .any(|part| path.contains(part));
            let name = path.rsplit('/').next().unwrap_or_default();
            let folder = found.entry.kind == Kind::Directory;
            own && NAMES.contains(&name) && (folder == matches!(name, ".git" | ".svn"))
        })
        .take(NAMED)
        .map(|found| Observation {
            severity: Severity::Low,
            message: format!("{} belongs to a build context, and is in the image.", found.entry.path),
            location: Some(plimsoll_catalog::Location::Layer {
                layer: found.diff_id.to_owned(),
                path: found.entry.path.as_ref().to_owned(),
            }),
            reproduce: None,
            aliases: vec!["DKL-LI-0003".to_owned()],
        })
        .collect()
}

#[cfg(test)]
#[path = "a4_context_tests.rs"]
mod tests;
