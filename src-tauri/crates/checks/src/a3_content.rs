//! A3, check the content of the image: layers, efficiency and waste.
//!
//! Figures are those of the tool `dive`: efficiency = smallest sizes of all paths ÷ all their sizes; waste = the bytes of
//! all copies of paths that more than one layer records. dive counts the copy that is in use too; what a rebuild could
//! really save is said beside it. The threshold is the profile's; dive's own for pipelines is 0.9.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{Entry, ImageFacts, Tree};

use crate::facts::quote;
use crate::figures::bytes;
use crate::layers::{layer_name, on_entry, on_image, package_of, show_find};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// How many wasteful paths are named.
const WASTEFUL: usize = 10;
/// How many layers, largest files, groups of duplicates and packages are named.
const LAYERS: usize = 20;
const LARGEST: usize = 5;
const DUPLICATES: usize = 5;
const PACKAGES: usize = 5;
/// Duplicates that cost less are not named.
const DUPLICATE_BYTES: u64 = 100_000;

/// The image's layers carry little for nothing.
pub(crate) struct Waste;

impl Check for Waste {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "image-waste",
            use_case: Some(UseCaseId::A3),
            title: text("Layers without waste", "Schichten ohne Ballast"),
            why: text(
                "What a later layer replaces or deletes stays in the image: it costs space and transfer, and it can be read back.",
                "Was eine spätere Schicht ersetzt oder löscht, bleibt im Image: Es kostet Platz und Übertragung und lässt sich wieder auslesen.",
            ),
            how: text(
                "Every layer is read once. The check passes when the efficiency, as dive defines it, reaches the profile's limit (90 % unless the engagement sets another). Beside dive's figures it says how many bytes a rebuild could really save, which instruction and which package they come from, what each layer adds, the largest files, and files that lie in the image more than once.",
                "Jede Schicht wird einmal gelesen. Bestanden ist die Prüfung, wenn die Effizienz nach der Definition von dive den Grenzwert des Profils erreicht (90 %, solange der Auftrag keinen anderen setzt). Neben den Zahlen von dive nennt sie, wie viele Bytes ein neuer Build wirklich sparen kann, aus welcher Anweisung und welchem Paket sie stammen, was jede Schicht hinzufügt, die größten Dateien und mehrfach vorhandene Dateien.",
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
            aliases: &[("dive", "lowestEfficiency"), ("dive", "highestWastedBytes")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
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
            "{} in {}, efficiency {percent:.1} % (limit {:.1} %), {} really reclaimable; {} in paths that more than one layer records.",
            count(usize::try_from(content.files).unwrap_or(usize::MAX), "file", "files"),
            count(image.layers.len(), "layer", "layers"),
            settings.lowest_efficiency * 100.0,
            bytes(content.hidden_bytes),
            bytes(content.wasted_bytes),
        );
        // A figure that is no number compares as false: never a pass.
        let enough = content.efficiency >= settings.lowest_efficiency;
        let severity = if enough { Severity::Info } else { Severity::Low };
        let mut observations = Vec::new();
        if content.wasted_bytes > 0 || content.hidden_bytes > 0 {
            let message = format!(
                "A rebuild could save {}; dive calls {} wasted, because it also counts the copies that are in use.",
                bytes(content.hidden_bytes),
                bytes(content.wasted_bytes)
            );
            let mut observation = on_image(severity, message, Some(dive(facts)));
            observation.aliases = vec!["dive".to_owned()];
            observations.push(observation);
        }
        wasteful_paths(facts, image, severity, &mut observations);
        if let Some(tree) = &facts.tree {
            wasteful_packages(image, tree, severity, &mut observations);
        }
        layers(facts, image, &mut observations);
        largest(facts, image, &mut observations);
        duplicates(facts, image, &mut observations);
        observations.push(inspected(facts, image));
        judged(if enough { OutcomeKind::Pass } else { OutcomeKind::Fail }, summary, observations)
    }
}

/// The source as dive writes it; dive reads the daemon and docker archives.
fn dive(facts: &Facts) -> String {
    let source = match facts.source.split_once(':') {
        Some(("docker-daemon", reference)) => reference.to_owned(),
        Some(("docker-archive", file)) => {
            format!("docker-archive://{}", file.find(".tar:").map_or(file, |at| &file[..at + 4]))
        }
        _ => facts.source.clone(),
    };
    format!("dive {}", quote(&source))
}

fn wasteful_paths(facts: &Facts, image: &ImageFacts, severity: Severity, observations: &mut Vec<Observation>) {
    let named: Vec<_> = image.content.waste.iter().filter(|waste| waste.bytes > 0).take(WASTEFUL).collect();
    let owners = facts.tree.as_ref().map(|tree| owners(image, tree, named.iter().map(|waste| waste.path.as_str())));
    for waste in named {
        let owner = owners.as_ref().and_then(|owners| owners.get(waste.path.as_str()));
        let owner = owner.map(|name| format!(" (package {name})")).unwrap_or_default();
        let first = waste.layers.first().map(|layer| layer_name(image, layer));
        let last = waste.layers.last().filter(|_| waste.layers.len() > 1).map(|layer| layer_name(image, layer));
        let fate = match (first, last) {
            (Some(first), Some(last)) if waste.deleted => {
                format!(" {first} brings it, {last} deletes it, and the image no longer shows it.")
            }
            (Some(first), Some(last)) => format!(" {first} brings it, {last} writes it anew."),
            _ if waste.deleted => " The image no longer shows it.".to_owned(),
            _ => String::new(),
        };
        let message = format!(
            "{}{owner} takes {} in {}.{}",
            waste.path,
            bytes(waste.bytes),
            count(waste.copies as usize, "layer", "layers"),
            capitalised(&fate),
        );
        observations.push(Observation {
            severity,
            message,
            location: waste
                .layers
                .first()
                .map(|layer| Location::Layer { layer: layer.clone(), path: waste.path.clone() }),
            reproduce: Some(dive(facts)),
            aliases: vec!["dive".to_owned()],
        });
    }
}

/// A sentence that follows another: a blank, then a capital.
fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.trim_start().chars();
    match chars.next() {
        Some(first) => format!(" {}{}", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

/// The package that owns each of some paths, in whichever layer; one pass over all entries.
fn owners<'a>(image: &'a ImageFacts, tree: &Tree, paths: impl Iterator<Item = &'a str>) -> HashMap<&'a str, &'a str> {
    let wanted: HashSet<&str> = paths.collect();
    let mut owners = HashMap::new();
    for entry in tree.layers().iter().flat_map(|layer| &layer.entries) {
        if let Some(&path) = wanted.get(entry.path.as_ref())
            && let Some(package) = package_of(image, entry)
        {
            owners.insert(path, package.name.as_str());
        }
    }
    owners
}

/// Packages whose files lie hidden in the layers: they were updated or removed after they had been installed.
fn wasteful_packages(image: &ImageFacts, tree: &Tree, severity: Severity, observations: &mut Vec<Observation>) {
    let mut by_package: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    let hidden = |entry: &&Entry| entry.hidden.is_some() && entry.size > 0;
    for entry in tree.layers().iter().flat_map(|layer| &layer.entries).filter(hidden) {
        if let Some(package) = entry.package {
            let sum = by_package.entry(package).or_default();
            *sum = (sum.0.saturating_add(entry.size), sum.1 + 1);
        }
    }
    let mut heaviest: Vec<_> = by_package.into_iter().collect();
    heaviest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let names: Vec<String> = heaviest
        .iter()
        .filter_map(|(index, (size, files))| {
            let package = image.inventory.packages.get(*index as usize)?;
            let files = count(usize::try_from(*files).unwrap_or(usize::MAX), "file", "files");
            Some(format!("{} ({} in {files})", package.name, bytes(*size)))
        })
        .take(PACKAGES)
        .collect();
    if !names.is_empty() {
        let more = heaviest.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {}", count(more, "other", "others")) } else { String::new() };
        let message = format!(
            "Packages with hidden copies of their files, updated or removed after they were installed: {}{more}.",
            names.join(", ")
        );
        observations.push(on_image(severity, message, None));
    }
}

fn layers(facts: &Facts, image: &ImageFacts, observations: &mut Vec<Observation>) {
    // Which layers hide most of each layer's bytes.
    let mut hiders: HashMap<usize, BTreeMap<u32, u64>> = HashMap::new();
    for (number, layer) in facts.tree.iter().flat_map(Tree::layers).enumerate() {
        for entry in &layer.entries {
            if let Some(hidden) = entry.hidden.filter(|hidden| hidden.by as usize != number) {
                let sum = hiders.entry(number).or_default().entry(hidden.by).or_default();
                *sum = sum.saturating_add(entry.size);
            }
        }
    }
    let mut order: Vec<usize> = (0..image.content.by_layer.len()).collect();
    let weight = |index: &usize| {
        image.content.by_layer.get(*index).map_or(0, |layer| layer.bytes.saturating_add(layer.hidden_bytes))
    };
    order.sort_by_key(|index| std::cmp::Reverse(weight(index)));
    let heavy = order.iter().filter(|index| weight(index) > 0).count();
    order.retain(|index| weight(index) > 0);
    order.truncate(LAYERS);
    order.sort_unstable();
    for index in order {
        let Some(layer) = image.content.by_layer.get(index) else { continue };
        let mut message = format!(
            "{} adds {} in {}.",
            layer_name(image, &layer.diff_id),
            bytes(layer.bytes),
            count(usize::try_from(layer.files).unwrap_or(usize::MAX), "file", "files")
        );
        if layer.hidden_bytes > 0 {
            message.push_str(&format!(" {} of it is hidden again", bytes(layer.hidden_bytes)));
            let by = hiders.get(&index).and_then(|by| by.iter().max_by_key(|(_, size)| **size));
            match by.and_then(|(by, _)| image.layers.get(*by as usize)) {
                Some(by) => message.push_str(&format!(", most by {}.", layer_name(image, &by.diff_id))),
                None => message.push('.'),
            }
        }
        observations.push(Observation {
            severity: Severity::Info,
            message: capitalised(&message).trim_start().to_owned(),
            location: Some(Location::Layer { layer: layer.diff_id.clone(), path: "/".to_owned() }),
            reproduce: Some(facts.show_history()),
            aliases: Vec::new(),
        });
    }
    if heavy > LAYERS {
        let message = format!("{} with less content.", count(heavy - LAYERS, "further layer", "further layers"));
        observations.push(on_image(Severity::Info, message, Some(facts.show_history())));
    }
}

fn largest(facts: &Facts, image: &ImageFacts, observations: &mut Vec<Observation>) {
    for (rank, file) in image.content.largest.iter().take(LARGEST).enumerate() {
        let found = facts.tree.as_ref().and_then(|tree| tree.get(&file.path));
        let owner = match (found, found.and_then(|found| package_of(image, found.entry))) {
            (_, Some(package)) => format!(" of package {}", package.name),
            (Some(_), None) if !image.inventory.packages.is_empty() => " that no package owns".to_owned(),
            _ => String::new(),
        };
        let message = format!(
            "Number {} of the largest files: {}, {}{owner}, from {}.",
            rank + 1,
            file.path,
            bytes(file.size),
            layer_name(image, &file.layer)
        );
        observations.push(on_entry(facts, (&file.layer, &file.path), Severity::Info, message, &[]));
    }
}

fn duplicates(facts: &Facts, image: &ImageFacts, observations: &mut Vec<Observation>) {
    let cost = |size: u64, copies: usize| size.saturating_mul((copies as u64).saturating_sub(1));
    let mut groups: Vec<_> = image.content.duplicates.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(cost(group.size, group.paths.len())));
    for group in groups.into_iter().take(DUPLICATES) {
        let spare = cost(group.size, group.paths.len());
        if spare < DUPLICATE_BYTES {
            break;
        }
        let shown: Vec<&str> = group.paths.iter().take(3).map(String::as_str).collect();
        let more = if group.paths.len() > 3 { " and others" } else { "" };
        let message = format!(
            "The same {} lie in the image {} times, which costs {}: {}{more}.",
            bytes(group.size),
            group.paths.len(),
            bytes(spare),
            shown.join(", ")
        );
        let show = show_find(facts, &format!("/ -xdev -type f -size {}c -exec sha256sum {{}} +", group.size));
        observations.push(on_image(Severity::Info, message, Some(show)));
    }
}

/// What `docker image inspect` would say in one sentence.
fn inspected(facts: &Facts, image: &ImageFacts) -> Observation {
    let config = &image.config;
    let list = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(" ") };
    let start = |words: &Option<Vec<String>>| words.as_deref().map_or_else(|| "none".to_owned(), list);
    let mut others: Vec<String> = image.other_platforms.iter().take(8).map(ToString::to_string).collect();
    others.sort();
    let others = if others.is_empty() { String::new() } else { format!(" (also offered: {})", others.join(", ")) };
    let message = format!(
        "For {}{others}: entrypoint {}, command {}, user {}, ports {}, volumes {}, {}.",
        image.platform,
        start(&config.entrypoint),
        start(&config.cmd),
        if config.user.is_empty() { "none" } else { &config.user },
        list(&config.exposed_ports),
        list(&config.volumes),
        count(config.labels.len(), "label", "labels"),
    );
    Observation {
        severity: Severity::Info,
        message,
        location: Some(Location::Field { field: "config".to_owned() }),
        reproduce: Some(match facts.source.strip_prefix("docker-daemon:") {
            Some(reference) => format!("docker image inspect {}", quote(reference)),
            None => format!("skopeo inspect --config --raw {} | jq .config", quote(&facts.source)),
        }),
        aliases: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use crate::layers::tests::{With, entry, package, tree_image};
    use plimsoll_image::{Duplicate, LayerContent, Waste as WasteFact};

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
        assert!(judgement.observations[1].message.contains("/data takes 2.0 MB in 2 layers"));
        assert!(judgement.summary.contains("50.0 %"), "{}", judgement.summary);
        let lenient = Settings { lowest_efficiency: 0.4, ..Settings::default() };
        assert_eq!(Waste.judge(&facts, &lenient).outcome, OutcomeKind::Pass);
        facts.image.as_mut().unwrap().content.efficiency = f64::NAN;
        assert_eq!(Waste.judge(&facts, &lenient).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn waste_is_tied_to_the_instruction_and_the_package() {
        let mut facts = tree_image(vec![
            ("RUN apt-get install -y big", vec![entry("/usr/big").size(900).package(0)], &[]),
            ("RUN apt-get purge -y big", vec![], &["/usr/big"]),
        ]);
        let image = facts.image.as_mut().unwrap();
        image.inventory.packages = vec![package("big")];
        image.content.efficiency = 0.0;
        image.content.hidden_bytes = 900;
        image.content.wasted_bytes = 900;
        image.content.waste = vec![WasteFact {
            path: "/usr/big".into(),
            copies: 2,
            bytes: 900,
            layers: vec!["sha256:l1".into(), "sha256:l2".into()],
            deleted: true,
        }];
        image.content.by_layer =
            vec![LayerContent { diff_id: "sha256:l1".into(), files: 0, bytes: 0, hidden_bytes: 900, hides_files: 0 }];
        image.content.duplicates =
            vec![Duplicate { sha256: "00".into(), size: 200_000, paths: vec!["/a".into(), "/b".into()] }];
        let judgement = Waste.judge(&facts, &Settings::default());
        let messages: Vec<&str> = judgement.observations.iter().map(|o| o.message.as_str()).collect();
        let text = messages.join("\n");
        for part in [
            "/usr/big (package big) takes 900 B",
            "Layer 1 (RUN apt-get install -y big) brings it, layer 2 (RUN apt-get purge -y big) deletes it",
            "big (900 B in one file)",
            "most by layer 2 (RUN apt-get purge -y big)",
            "lie in the image 2 times, which costs 200.0 kB",
            "A rebuild could save 900 B",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_dockerfile_has_no_layers() {
        let facts = crate::facts::tests::dockerfile("FROM scratch\n");
        assert_eq!(Waste.judge(&facts, &Settings::default()).outcome, OutcomeKind::NotApplicable);
    }
}
