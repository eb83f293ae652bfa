//! A4, unneeded packages removed (CSVS 3.8): what the image holds that its service does not need at run time.
//!
//! The survey serves two checks: `unneeded-packages` here, and `remote-management` in `a4_remote.rs` on the services that
//! CSVS 3.12 names. Names and kinds stand in `a4_table.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{Found, ImageFacts, Kind, Tree};
use plimsoll_packages::Package;

use crate::a4_leftovers::{documentation, leftovers};
use crate::a4_table::{Category, Weight, of_name, of_package, of_program};
use crate::facts::quote;
use crate::figures::bytes;
use crate::installs::wanted_in_final_stage;
use crate::observe::{count, judged, on_config, on_lines};
use crate::vulnerable::{severity_of, worst_by_package};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, services, text};

/// The image holds no package that only a build or the search for faults needs.
pub(crate) struct Unneeded;

pub(crate) const UNNEEDED: &str = "unneeded-packages";
const ALIASES: [&str; 1] = ["4.3"];
/// How many things of one kind are named one by one.
const NAMED: usize = 40;
/// A file with more hard links than this is a program of many names, such as busybox: its names are no programs.
const MANY_NAMES: usize = 8;
/// Folders that programs lie in.
const BIN: [&str; 7] =
    ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/local/go/bin"];
/// One thing that the image holds.
pub(crate) struct Held<'a> {
    pub(crate) category: Category,
    /// What an allowance names: the package's name, or the path.
    pub(crate) name: String,
    pub(crate) package: Option<&'a Package>,
    pub(crate) found: Option<Found<'a>>,
    /// Installed packages outside the table that need it.
    needed_by: Vec<&'a str>,
}

/// What was looked at, and what could not be.
pub(crate) struct Survey<'a> {
    pub(crate) held: Vec<Held<'a>>,
    /// Files that should list packages and could not be read.
    pub(crate) broken: Vec<Observation>,
    /// Something was there to look at.
    pub(crate) looked: bool,
}

pub(crate) fn survey<'a>(facts: &'a Facts, image: &'a ImageFacts) -> Survey<'a> {
    let inventory = &image.inventory;
    let mut held = Vec::new();
    let needs = reverse_dependencies(&inventory.packages);
    let mut programs_of_packages: BTreeSet<&str> = BTreeSet::new();
    for package in &inventory.packages {
        let Some(category) = of_package(package.ecosystem, &package.name) else { continue };
        programs_of_packages.insert(&package.name);
        let needed_by = needs.get(package.name.as_str()).cloned().unwrap_or_default();
        held.push(Held { category, name: package.name.clone(), package: Some(package), found: None, needed_by });
    }
    if let Some(tree) = &facts.tree {
        let many = names_of_multicall_programs(tree);
        for dir in BIN {
            for found in tree.below(dir) {
                let Some((folder, name)) = found.entry.path.rsplit_once('/') else { continue };
                let Some(category) = of_program(name).filter(|_| folder == dir) else { continue };
                // A link leads to something that is itself looked at, or to a program of many names.
                if !matches!(found.entry.kind, Kind::File | Kind::HardLink)
                    || found.content.size == 0
                    || many.contains(&std::ptr::from_ref(found.content))
                {
                    continue;
                }
                let owner = found.entry.package.and_then(|index| inventory.packages.get(index as usize));
                let known = owner.is_some_and(|owner| of_package(owner.ecosystem, &owner.name).is_some());
                if known || programs_of_packages.contains(name) {
                    continue;
                }
                let path = found.entry.path.as_ref().to_owned();
                held.push(Held { category, name: path, package: owner, found: Some(found), needed_by: Vec::new() });
            }
        }
    }
    held.sort_by(|a, b| (a.category, &a.name).cmp(&(b.category, &b.name)));
    Survey { held, broken: broken(facts, image), looked: facts.tree.is_some() || !inventory.packages.is_empty() }
}

/// By package: the packages outside the table that need it.
fn reverse_dependencies(packages: &[Package]) -> HashMap<&str, Vec<&str>> {
    let mut needs: HashMap<&str, Vec<&str>> = HashMap::new();
    for package in packages.iter().filter(|package| of_package(package.ecosystem, &package.name).is_none()) {
        for wanted in package.depends.iter().flat_map(|wanted| wanted.split('|')) {
            let end = wanted.trim().find([' ', '(', ':', '<', '>', '=', '~']).unwrap_or(wanted.trim().len());
            let Some(name) = wanted.trim().get(..end).filter(|name| !name.is_empty()) else { continue };
            let by = needs.entry(name).or_default();
            if !by.contains(&package.name.as_str()) {
                by.push(&package.name);
            }
        }
    }
    needs
}

/// Files that many names lead to: `busybox`, `toybox`, `coreutils`.
fn names_of_multicall_programs(tree: &Tree) -> BTreeSet<*const plimsoll_image::Entry> {
    let mut names: BTreeMap<*const plimsoll_image::Entry, usize> = BTreeMap::new();
    for found in BIN.iter().flat_map(|dir| tree.below(dir)).filter(|found| found.entry.kind == Kind::HardLink) {
        *names.entry(std::ptr::from_ref(found.content)).or_default() += 1;
    }
    names.into_iter().filter(|(_, count)| *count >= MANY_NAMES).map(|(content, _)| content).collect()
}

/// Package databases that could not be read: what they list is not known.
fn broken(facts: &Facts, image: &ImageFacts) -> Vec<Observation> {
    let sources = image.inventory.sources.iter().filter_map(|source| {
        let error = source.error.as_deref()?;
        Some((source.layer.as_str(), source.path.as_str(), error))
    });
    let unread = image
        .unread
        .iter()
        .filter(|unread| unread.purpose == "packages")
        .map(|unread| (unread.layer.as_str(), unread.path.as_str(), unread.reason.as_str()));
    let mut seen = BTreeSet::new();
    sources
        .chain(unread)
        .filter(|(layer, path, _)| seen.insert((*layer, *path)))
        .take(NAMED)
        .map(|(layer, path, reason)| Observation {
            severity: Severity::Medium,
            message: format!("{path} was not read: {reason}. What it lists is not known."),
            location: Some(Location::Layer { layer: layer.to_owned(), path: path.to_owned() }),
            reproduce: Some(show_file(facts, path)),
            aliases: Vec::new(),
        })
        .collect()
}

/// A command that shows a file of the image again. Nothing of the image is run.
pub(crate) fn show_file(facts: &Facts, path: &str) -> String {
    let inside = path.trim_start_matches('/');
    match facts.source.strip_prefix("docker-daemon:") {
        Some(reference) => {
            format!("docker export \"$(docker create {} x)\" | tar -tvf - | grep {}", quote(reference), quote(inside))
        }
        None => format!(
            "skopeo copy {} oci:layout:image && umoci unpack --rootless --image layout:image bundle && ls -ld bundle/rootfs/{}",
            quote(&facts.source),
            quote(inside)
        ),
    }
}

/// A command that lists a package again.
fn show_package(facts: &Facts, package: &Package) -> String {
    let source = match facts.source.split_once(':') {
        Some(("docker-daemon", reference)) => format!("docker:{reference}"),
        Some(("oci", folder)) => format!("oci-dir:{folder}"),
        _ => facts.source.clone(),
    };
    format!("syft {} | grep -w -- {}", quote(&source), quote(&package.name))
}

/// " Layer 3 brought it: RUN …".
pub(crate) fn brought_by(image: &ImageFacts, diff_id: &str) -> String {
    let Some(index) = image.layers.iter().position(|layer| layer.diff_id == diff_id) else { return String::new() };
    let command = image.layers.get(index).and_then(|layer| layer.command.as_deref()).map(clip).unwrap_or_default();
    if command.is_empty() {
        format!(" Layer {} brought it.", index + 1)
    } else {
        format!(" Layer {} brought it: {command}", index + 1)
    }
}

/// The beginning of an instruction.
fn clip(command: &str) -> String {
    const LONGEST: usize = 120;
    let mut words = command.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = words.char_indices().nth(LONGEST) {
        words.truncate(at);
        words.push('…');
    }
    words
}

pub(crate) fn observe(
    facts: &Facts,
    image: &ImageFacts,
    held: &Held<'_>,
    severity: Severity,
    aliases: &[&str],
) -> Observation {
    let category = held.category;
    let (what, layer, path, reproduce) = match (held.package, held.found) {
        (_, Some(found)) => {
            let owner = held.package.map_or_else(
                || "no package owns it".to_owned(),
                |owner| format!("package {} {}", owner.name, owner.version),
            );
            let what = format!("{} ({owner}, {})", found.entry.path, bytes(found.content.size));
            (what, found.diff_id.to_owned(), found.entry.path.as_ref().to_owned(), show_file(facts, &found.entry.path))
        }
        (Some(package), None) => {
            let size = package.installed_size.map(|size| format!(", {}", bytes(size))).unwrap_or_default();
            let what = format!("{} {}{size}", package.name, package.version);
            (what, package.layer.clone(), package.location.clone(), show_package(facts, package))
        }
        (None, None) => (held.name.clone(), String::new(), String::new(), String::new()),
    };
    let mut message = format!("{what} is {}: {}.", category.words(), category.reason());
    if let Some(package) = held.package.filter(|_| held.found.is_none()) {
        if package.essential {
            message.push_str(" The distribution holds it for essential and does not remove it.");
        }
        if let Some((first, others)) = held.needed_by.split_first() {
            let others = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
            message.push_str(&format!(" Package {first}{others} needs it."));
        }
        match package.requested {
            Some(true) => message.push_str(" It was asked for by name."),
            Some(false) => message.push_str(" It came along with another package."),
            None => {}
        }
    }
    message.push_str(&brought_by(image, &layer));
    Observation {
        severity,
        message,
        location: (!layer.is_empty()).then_some(Location::Layer { layer, path }),
        reproduce: Some(reproduce).filter(|command| !command.is_empty()),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// How one thing weighs when it is not allowed.
fn weight(held: &Held<'_>) -> Weight {
    let weight = held.category.weight();
    let package = held.package.filter(|_| held.found.is_none());
    // What another package needs goes only together with that one, so a person has to say.
    let bound = package.is_some_and(|package| package.essential) || !held.needed_by.is_empty();
    match weight {
        Weight::Fails if bound && held.category != Category::RemoteManagement => Weight::Asks,
        other => other,
    }
}

/// The reason of an allowance, under the check's own id or under `unneeded-packages`.
pub(crate) fn allowed<'a>(settings: &'a Settings, check: &str, held: &Held<'_>) -> Option<&'a str> {
    let path = held.found.map(|found| found.entry.path.as_ref());
    let package = held.package.map(|package| package.name.as_str());
    [Some(held.name.as_str()), package, path]
        .into_iter()
        .flatten()
        .find_map(|what| settings.allowed(check, what).or_else(|| settings.allowed(UNNEEDED, what)))
        .map(|allowance| allowance.reason.as_str())
}

impl Check for Unneeded {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: UNNEEDED,
            use_case: Some(UseCaseId::A4),
            title: text("No unneeded packages", "Keine unnötigen Pakete"),
            why: text(
                "What is not there has no flaws and serves no intruder. Compilers, debuggers and network tools turn a small hole into a foothold.",
                "Was nicht da ist, hat keine Schwachstellen und nützt keinem Eindringling. Compiler, Debugger und Netzwerkwerkzeuge machen aus einer kleinen Lücke einen Brückenkopf.",
            ),
            how: text(
                "Installed packages, and programs that no package owns, are compared with a table. Compilers, build tools, header files, debuggers, network tools, sudo and its kin, remote access and file servers fail, as do package caches. Downloaders, editors, remote clients, version control, background services, and whatever another package needs, are put to the auditor. Documentation is named and decides nothing. Known vulnerabilities of such packages are named and weigh. What the engagement allows is named with its reason. A package database that could not be read never passes. Without an image, the installations of the Dockerfile's final stage are compared.",
                "Installierte Pakete sowie Programme, die zu keinem Paket gehören, werden mit einer Tabelle verglichen. Compiler, Build-Werkzeuge, Header-Dateien, Debugger, Netzwerkwerkzeuge, sudo und Verwandte, Fernzugangs- und Dateiserver fallen durch, ebenso Paket-Caches. Download-Werkzeuge, Editoren, Fernzugangs-Clients, Versionsverwaltung, Hintergrunddienste und alles, was ein anderes Paket braucht, werden dem Auditor vorgelegt. Dokumentation wird genannt und entscheidet nichts. Bekannte Schwachstellen solcher Pakete werden genannt und zählen mit. Was der Auftrag erlaubt, wird mit Begründung genannt. Eine nicht lesbare Paketdatenbank besteht nie. Ohne Image werden die Installationen der letzten Stage des Dockerfiles verglichen.",
            ),
            blind_spots: text(
                "What the service really calls. Tools under other names, and applets of busybox, which cannot be removed one by one.",
                "Was der Dienst tatsächlich aufruft. Werkzeuge unter anderem Namen und die Applets von busybox, die sich nicht einzeln entfernen lassen.",
            ),
            remedy: text(
                "Build in a stage of its own and copy only the result; remove tools in the same RUN that installed them; keep the rest as an allowance with its reason.",
                "Bauen Sie in einer eigenen Stage und kopieren Sie nur das Ergebnis; entfernen Sie Werkzeuge im selben RUN, das sie installiert hat; halten Sie den Rest als begründete Ausnahme fest.",
            ),
            example: "FROM golang:1.25 AS build\nRUN go build -o /app ./cmd/app\nFROM gcr.io/distroless/static\nCOPY --from=build /app /app",
            aliases: &[("docker-bench", "4.3"), ("dockle", "DKL-DI-0005"), ("hadolint", "DL3004")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match &facts.image {
            Some(image) => unneeded(facts, image, settings),
            None if facts.dockerfile.is_some() => in_dockerfile(facts, settings),
            None => judged(
                OutcomeKind::NotApplicable,
                "A Compose file installs no packages; audit the images that it runs.",
                Vec::new(),
            ),
        }
    }
}

fn unneeded(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let survey = survey(facts, image);
    let mut observations = Vec::new();
    let (mut fails, mut asks, mut total) = (0_usize, 0_usize, 0_u64);
    let mut flawed = 0_usize;
    let flaws: HashMap<*const Package, _> = worst_by_package(facts, settings)
        .into_iter()
        .filter_map(|(index, known)| Some((std::ptr::from_ref(image.inventory.packages.get(index as usize)?), known)))
        .collect();
    let mut unnamed: BTreeMap<Category, usize> = BTreeMap::new();
    let mut by_kind: BTreeMap<Category, usize> = BTreeMap::new();
    for held in &survey.held {
        let reason = allowed(settings, UNNEEDED, held);
        let weight = weight(held);
        let severity = match (reason, weight) {
            (Some(_), _) | (_, Weight::Named) => Severity::Info,
            (None, Weight::Asks) => Severity::Low,
            (None, Weight::Fails) => held.category.severity(),
        };
        if reason.is_none() {
            fails += usize::from(weight == Weight::Fails);
            asks += usize::from(weight == Weight::Asks);
            if weight == Weight::Fails {
                total = total.saturating_add(held.package.and_then(|package| package.installed_size).unwrap_or(0));
            }
        }
        let seen = by_kind.entry(held.category).or_default();
        *seen += 1;
        if *seen > NAMED {
            *unnamed.entry(held.category).or_default() += 1;
            continue;
        }
        let known = held.package.and_then(|package| flaws.get(&std::ptr::from_ref(package)));
        // An unneeded package with a known flaw weighs as much as the flaw: removing it is the cheapest fix.
        let severity = match known {
            Some((word, _, _)) if reason.is_none() && weight != Weight::Named => severity.min(severity_of(*word)),
            _ => severity,
        };
        let mut observation = observe(facts, image, held, severity, &ALIASES);
        if let Some((_, worst, number)) = known {
            flawed += usize::from(reason.is_none() && weight != Weight::Named);
            let said = format!(
                " It has {}, the worst {worst}.",
                count(*number, "known vulnerability", "known vulnerabilities")
            );
            // Before the layer, whose instruction ends the message.
            let layer = held.package.map(|package| brought_by(image, &package.layer)).unwrap_or_default();
            let at = observation.message.strip_suffix(&layer).map_or(observation.message.len(), str::len);
            observation.message.insert_str(at, &said);
        }
        if held.category == Category::Privileges {
            observation.aliases.extend(["DL3004", "DS-0010", "CKV2_DOCKER_1"].map(str::to_owned));
        }
        if let Some(reason) = reason {
            observation.message.push_str(&format!(" It is allowed: {reason}"));
        }
        observations.push(observation);
    }
    for (category, more) in unnamed {
        let message = format!("{} more of this kind: {}.", more, category.words());
        observations.push(on_config(facts, "inventory.packages", category.severity(), message, &[]));
    }
    let mut caches = 0;
    match &facts.tree {
        Some(tree) => {
            caches = leftovers(facts, image, tree, settings, &mut observations);
            documentation(facts, tree, &mut observations);
        }
        None => {
            let message = "The image's file listing is not recorded, so caches and programs without a package were not looked for.";
            observations.push(on_config(facts, "layers", Severity::Low, message, &[]));
        }
    }
    let unread = survey.broken.len();
    observations.extend(survey.broken);
    observations.sort_by_key(|observation| observation.severity);
    if fails + caches > 0 {
        let mut parts = Vec::new();
        if fails > 0 {
            let size = if total > 0 { format!(" ({})", bytes(total)) } else { String::new() };
            parts.push(format!(
                "{} not needed at run time{size}",
                count(fails, "package or program is", "packages or programs are")
            ));
        }
        if caches > 0 {
            parts.push(format!("{} left behind", count(caches, "package cache is", "package caches are")));
        }
        let asks = if asks > 0 { format!("; {asks} more to be asked about") } else { String::new() };
        let flaws = with_flaws(flawed);
        return judged(OutcomeKind::Fail, format!("{}{asks}.{flaws}", parts.join(", ")), observations);
    }
    if unread > 0 {
        let summary = format!(
            "{} could not be read, so it is not known what is installed.",
            count(unread, "package file", "package files")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if !survey.looked {
        let summary = "No package database was found and the image's files are not recorded: read the image again.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if asks > 0 {
        let flaws = with_flaws(flawed);
        let summary = format!("Ask what {} needed for at run time.{flaws}", count(asks, "package is", "packages are"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if facts.tree.is_none() {
        let summary = "The packages are fine; the files that no package owns are not recorded: read the image again.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let installed = image.inventory.packages.len();
    let summary = if installed == 0 {
        "The image has no package database, and none of its programs is of a kind that is not needed at run time."
            .to_owned()
    } else {
        format!("None of {} is of a kind that is not needed at run time.", count(installed, "package", "packages"))
    };
    judged(OutcomeKind::Pass, summary, observations)
}

/// That some of the unneeded packages have known vulnerabilities.
fn with_flaws(packages: usize) -> String {
    match packages {
        0 => String::new(),
        1 => " One of them has known vulnerabilities.".to_owned(),
        several => format!(" {several} of them have known vulnerabilities."),
    }
}

/// What the final stage of a Dockerfile installs.
fn in_dockerfile(facts: &Facts, settings: &Settings) -> Judgement {
    let Some(file) = &facts.dockerfile else {
        return judged(OutcomeKind::Error, "There is no Dockerfile.", Vec::new());
    };
    if file.parsed.final_stage().is_none() {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    }
    let mut observations = Vec::new();
    let (mut fails, mut asks) = (0_usize, 0_usize);
    for wanted in wanted_in_final_stage(file) {
        let service = services::of_wanted(&wanted.name, wanted.family).map(|_| Category::RemoteManagement);
        let Some(category) = service.or_else(|| of_name(&wanted.name)) else { continue };
        let reason = settings.allowed(UNNEEDED, &wanted.name);
        let mut message = format!("{} is {}: {}.", wanted.name, category.words(), category.reason());
        let severity = match (&reason, category.weight()) {
            (Some(reason), _) => {
                message.push_str(&format!(" It is allowed: {}", reason.reason));
                Severity::Info
            }
            (None, Weight::Fails) => {
                fails += 1;
                category.severity()
            }
            (None, Weight::Asks) => {
                asks += 1;
                Severity::Low
            }
            (None, Weight::Named) => Severity::Info,
        };
        observations.push(on_lines(file, wanted.lines, severity, message, &ALIASES));
    }
    match (fails, asks) {
        (0, 0) => judged(
            OutcomeKind::Undecided,
            "The final stage installs nothing of the kind by name; what its base brings and its scripts add shows only in the image.",
            observations,
        ),
        (0, asks) => judged(
            OutcomeKind::Undecided,
            format!(
                "Ask what {} needed for at run time, and audit the image.",
                count(asks, "package is", "packages are")
            ),
            observations,
        ),
        (fails, _) => judged(
            OutcomeKind::Fail,
            format!("The final stage installs {} not needed at run time.", count(fails, "package", "packages")),
            observations,
        ),
    }
}

#[cfg(test)]
#[path = "a4_packages_tests.rs"]
mod tests;
