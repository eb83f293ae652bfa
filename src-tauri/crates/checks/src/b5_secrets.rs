//! B5, no secrets in the image, its Dockerfile, its context or its Compose file (CSVS 6.3 and 6.10).
//!
//! What was found lies in the facts, masked. Here it is weighed: a secret that is proven, has a known form or looks random
//! fails; a name alone fails where it is given a value (`ENV`, `ARG`, Compose), and is a question where it is a file's,
//! save for private SSH keys that a Dockerfile without image and context copies.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{Instruction, Keyword, SourceKind, sources_in};
use plimsoll_image::{ImageFacts, Magic, SecretPlace};
use plimsoll_secrets::{Certainty, Finding, Harmless, NameKind, classify_name};

use crate::facts::{ComposeFacts, DockerfileFacts, LineSecret, quote};
use crate::observe::{count, judged, on_compose, on_config, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "no-secrets";
const ALIASES: [&str; 6] = ["DS-0031", "DL3064", "CIS-DI-0010", "CKV_SECRET_6", "SecretsUsedInArgOrEnv", "4.10"];

/// Nothing secret lies where whoever has the image can read it.
pub(crate) struct NoSecrets;

/// What a finding comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Fault(Severity),
    Doubt(Severity),
    Harmless,
}

/// Harmless findings that are listed; the rest is only counted.
const REMARKS: usize = 20;

/// What was seen, and how it weighs.
#[derive(Default)]
struct Sum {
    faults: usize,
    /// Of the faults, those that are private keys by their name: what they hold was not seen.
    keys_by_name: usize,
    doubts: usize,
    harmless: usize,
    allowed: usize,
    unread: usize,
    observations: Vec<(Severity, Observation)>,
}

impl Sum {
    fn add(&mut self, weight: Weight, observe: impl FnOnce(Severity) -> Observation) {
        let severity = match weight {
            Weight::Fault(severity) => {
                self.faults += 1;
                severity
            }
            Weight::Doubt(severity) => {
                self.doubts += 1;
                severity
            }
            Weight::Harmless => {
                self.harmless += 1;
                Severity::Info
            }
        };
        let mut observation = observe(severity);
        if weight == Weight::Harmless {
            observation.aliases.clear();
        }
        self.observations.push((severity, observation));
    }

    fn allow(&mut self, reason: &str, observe: impl FnOnce(Severity) -> Observation) {
        self.allowed += 1;
        let mut observation = observe(Severity::Info);
        observation.message = format!("{} Allowed by the profile: {reason}", observation.message);
        observation.aliases.clear();
        self.observations.push((Severity::Info, observation));
    }

    fn weigh(
        &mut self,
        settings: &Settings,
        keys: &[&str],
        weight: Weight,
        observe: impl FnOnce(Severity) -> Observation,
    ) {
        match keys.iter().find_map(|key| settings.allowed(ID, key)) {
            Some(allowance) => self.allow(&allowance.reason, observe),
            None => self.add(weight, observe),
        }
    }

    fn conclude(mut self, looked_at: &str) -> Judgement {
        self.observations.sort_by_key(|(severity, _)| *severity);
        let remarks = self.observations.iter().filter(|(severity, _)| *severity == Severity::Info).count();
        if remarks > REMARKS {
            // What is harmless is counted in the summary; a long list of it would hide what is not.
            self.observations.truncate(self.observations.len() - (remarks - REMARKS));
        }
        let observations = self.observations.into_iter().map(|(_, observation)| observation).collect();
        let mut rest = Vec::new();
        if self.harmless > 0 {
            rest.push(count(self.harmless, "finding is harmless", "findings are harmless"));
        }
        if self.allowed > 0 {
            rest.push(count(self.allowed, "is allowed by the profile", "are allowed by the profile"));
        }
        if self.unread > 0 {
            rest.push(count(self.unread, "file was not searched", "files were not searched"));
        }
        let rest = if rest.is_empty() { String::new() } else { format!(" Beside that: {}.", rest.join(", ")) };
        if self.faults > 0 && self.faults == self.keys_by_name {
            let what = count(self.faults, "private key", "private keys");
            let summary = format!("The Dockerfile copies {what} into the image, by name.{rest}");
            return judged(OutcomeKind::Fail, summary, observations);
        }
        if self.faults > 0 {
            let what = count(self.faults, "place", "places");
            return judged(
                OutcomeKind::Fail,
                format!("A secret is readable in {what} of {looked_at}.{rest}"),
                observations,
            );
        }
        if self.doubts > 0 {
            let what = count(self.doubts, "place needs", "places need");
            return judged(
                OutcomeKind::Undecided,
                format!("No certain secret in {looked_at}, but {what} a person's eye.{rest}"),
                observations,
            );
        }
        if self.unread > 0 {
            return judged(
                OutcomeKind::Undecided,
                format!("No secret in what was read of {looked_at}.{rest}"),
                observations,
            );
        }
        judged(OutcomeKind::Pass, format!("No secret was found in {looked_at}.{rest}"), observations)
    }
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}

/// How a finding weighs. `value`: it is the value of a setting, so that its name alone is enough.
fn weight(finding: &Finding, value: bool) -> Weight {
    if finding.harmless.is_some() {
        return Weight::Harmless;
    }
    match finding.certainty {
        Certainty::Proven => Weight::Fault(Severity::Critical),
        Certainty::Form if finding.kind == "key-store" => Weight::Doubt(Severity::Medium),
        Certainty::Form if finding.kind == "password-hash" => Weight::Fault(Severity::Medium),
        Certainty::Form => Weight::Fault(Severity::Critical),
        Certainty::Likely => Weight::Fault(Severity::High),
        Certainty::Name if value => Weight::Fault(Severity::High),
        Certainty::Name => Weight::Doubt(Severity::Medium),
    }
}

/// The finding as the beginning of a sentence: "GitHub token ‹…› under TOKEN (its checksum is right)".
fn describe(finding: &Finding) -> String {
    let mut out = finding.title.clone();
    if let Some(first) = out.get(..1).map(str::to_ascii_uppercase) {
        out.replace_range(..1, &first);
    }
    if !finding.shown.is_empty() {
        out.push(' ');
        out.push_str(&finding.shown);
    }
    if let Some(name) = &finding.name {
        out.push_str(&format!(" under {name}"));
    }
    if let Some(detail) = &finding.detail {
        out.push_str(&format!(" ({detail})"));
    }
    out
}

/// Why a finding is taken to be harmless, as a sentence with a blank before it.
fn excuse(finding: &Finding) -> &'static str {
    match finding.harmless {
        None => "",
        Some(Harmless::Placeholder) => " A placeholder, not a secret.",
        Some(Harmless::Example) => " A value that documentation publishes.",
        Some(Harmless::TestData) => " Test data, by its place or its form.",
        Some(Harmless::Public) => " The public half only.",
        Some(Harmless::BadChecksum) => " Its checksum is wrong, so it cannot be a working one.",
        Some(Harmless::Encrypted) => " Encrypted: as safe as its passphrase.",
    }
}

impl Check for NoSecrets {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::B5),
            title: text("No secrets", "Keine Geheimnisse"),
            why: text(
                "Whoever can pull an image can read all of it: its settings, its history and every layer, also what a later layer deletes. A secret in it is published and must be replaced.",
                "Wer ein Image laden kann, kann alles darin lesen: seine Einstellungen, seinen Verlauf und jede Schicht, auch was eine spätere Schicht löscht. Ein Geheimnis darin ist veröffentlicht und muss ersetzt werden.",
            ),
            how: text(
                "Settings, labels, commands, the history, the files of every layer, the Dockerfile, what its context would send, and the Compose file are searched: known formats with their checksums, private keys that parse, credential files by their structure, and values under names that speak of secrets. What is proven, has a known form or looks random fails; so does any value given to such a name in ENV, ARG or Compose. A file that only its name makes suspect is left to the auditor, but a Dockerfile alone fails when its image takes a file called id_rsa, id_dsa, id_ecdsa or id_ed25519. Placeholders, examples, test data, public and encrypted keys are listed and do not fail.",
                "Durchsucht werden Einstellungen, Labels, Befehle, der Verlauf, die Dateien jeder Schicht, das Dockerfile, was sein Kontext senden würde, und die Compose-Datei: bekannte Formate samt Prüfsummen, private Schlüssel, die sich lesen lassen, Dateien mit Zugangsdaten nach ihrem Aufbau und Werte unter Namen, die auf Geheimnisse deuten. Erwiesenes, Werte bekannter Form und zufällig wirkende Werte fallen durch, ebenso jeder Wert, den ENV, ARG oder Compose einem solchen Namen gibt. Eine nur dem Namen nach verdächtige Datei bleibt dem Auditor überlassen; ein Dockerfile allein fällt jedoch durch, wenn sein Image eine Datei namens id_rsa, id_dsa, id_ecdsa oder id_ed25519 aufnimmt. Platzhalter, Beispiele, Testdaten, öffentliche und verschlüsselte Schlüssel werden aufgeführt und lassen die Prüfung nicht durchfallen.",
            ),
            blind_spots: text(
                "Secrets without a known form under harmless names, in archives inside the image, or hidden on purpose. Build stages that are not part of the image, where only the image is given. Whether a secret still works.",
                "Geheimnisse ohne bekannte Form unter unverdächtigen Namen, in Archiven innerhalb des Images oder absichtlich versteckte. Build-Stages, die nicht Teil des Images sind, wenn nur das Image vorliegt. Ob ein Geheimnis noch gilt.",
            ),
            remedy: text(
                "Replace every secret that was found, since it must count as known. Give secrets to the build with RUN --mount=type=secret, and to the container at run time as a file or from a secret store. Keep credential files out of the context with .dockerignore. An ARG is no hiding place: its value stays in the history.",
                "Ersetzen Sie jedes gefundene Geheimnis, denn es muss als bekannt gelten. Geben Sie Geheimnisse dem Build mit RUN --mount=type=secret und dem Container zur Laufzeit als Datei oder aus einem Geheimnisspeicher. Halten Sie Dateien mit Zugangsdaten per .dockerignore aus dem Kontext. Ein ARG ist kein Versteck: Sein Wert bleibt im Verlauf.",
            ),
            example: "RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\n\n# docker build --secret id=npmrc,src=$HOME/.npmrc .",
            aliases: &[
                ("trivy", "DS-0031"),
                ("hadolint", "DL3064"),
                ("dockle", "CIS-DI-0010"),
                ("checkov", "CKV_SECRET_*"),
                ("BuildKit", "SecretsUsedInArgOrEnv"),
                ("CIS Docker Benchmark", "4.10"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["6.3", "6.10"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let mut sum = Sum::default();
        let mut looked_at: Vec<&str> = Vec::new();
        if let Some(image) = &facts.image {
            looked_at.push("the image");
            in_image(facts, image, settings, &mut sum);
        }
        if let Some(file) = &facts.dockerfile {
            if file.parsed.instructions.is_empty() {
                return judged(OutcomeKind::Error, format!("{} holds no instruction.", file.path), Vec::new());
            }
            looked_at.push("the Dockerfile");
            in_dockerfile(file, facts.image.is_none(), settings, &mut sum);
            if file.context.is_some() {
                looked_at.push("the build context");
            }
        }
        if let Some(file) = &facts.compose {
            looked_at.push("the Compose file");
            in_compose(file, settings, &mut sum);
        }
        if looked_at.is_empty() {
            return judged(
                OutcomeKind::NotApplicable,
                "There is neither an image nor a Dockerfile nor a Compose file to search.",
                Vec::new(),
            );
        }
        sum.conclude(&looked_at.join(" and "))
    }
}

fn in_image(facts: &Facts, image: &ImageFacts, settings: &Settings, sum: &mut Sum) {
    let mut listed = std::collections::HashSet::new();
    for secret in &image.secrets {
        let finding = &secret.finding;
        let what = describe(finding);
        match &secret.place {
            SecretPlace::Config { field } => {
                let name = finding.name.as_deref().unwrap_or(field);
                sum.weigh(settings, &[field, name], weight(finding, true), |severity| {
                    // The field as `jq` and `docker inspect` take it; a label's name may hold dots.
                    let shown = field.split(['[', '.']).take(2).collect::<Vec<_>>().join(".");
                    let message = format!("{what} in {field} of the image's configuration.{}", excuse(finding));
                    let mut observation = on_config(facts, &shown, severity, message, &ALIASES);
                    observation.location = Some(Location::Field { field: field.clone() });
                    observation
                });
            }
            SecretPlace::History { index } => {
                let line = image.history.get(*index).map(|entry| entry.created_by.trim_start()).unwrap_or_default();
                let argument = line.starts_with('|') || line.starts_with("ARG ") || line.contains("#(nop)  ARG ");
                let key = format!("history[{index}]");
                let keys = [key.as_str(), finding.name.as_deref().unwrap_or_default()];
                sum.weigh(settings, &keys, weight(finding, true), |severity| {
                    let why = if argument { "; a build argument stays there for good" } else { "" };
                    let message = format!("{what} in line {index} of the history{why}.{}", excuse(finding));
                    on_history(facts, *index, severity, message, &ALIASES)
                });
            }
            SecretPlace::File { layer, path, hidden_by, package, .. } => {
                // A path that a package owns may hold something else by now: a later layer wrote it anew.
                let package = package.as_ref().filter(|package| hidden_by.is_some() || brings(image, package, layer));
                let weight = match (weight(finding, false), package) {
                    // Keys that are part of a library or program are there for its own tests.
                    (Weight::Fault(_) | Weight::Doubt(_), Some(_)) if is_program(facts, layer, path) => {
                        Weight::Harmless
                    }
                    // What a package brings is the same wherever it is installed, and known to all.
                    (Weight::Fault(severity), Some(_)) => Weight::Doubt(lower(lower(severity))),
                    (Weight::Doubt(severity), Some(_)) => Weight::Doubt(lower(severity)),
                    (weight, _) => weight,
                };
                if package.is_some() && weight == Weight::Harmless && !listed.insert((layer, path)) {
                    // One line tells of all that is harmless in a file of a package.
                    sum.harmless += 1;
                    continue;
                }
                sum.weigh(settings, &[path], weight, |severity| {
                    let mut message = format!("{what} in line {} of {path}", finding.line);
                    if let Some(upper) = hidden_by {
                        message.push_str(&format!(
                            ", deleted or replaced by layer {}, still readable in layer {}",
                            short(upper),
                            short(layer)
                        ));
                    }
                    message.push('.');
                    if let Some(package) = package {
                        message.push_str(&format!(" The file belongs to the package {package}."));
                    }
                    message.push_str(excuse(finding));
                    Observation {
                        severity,
                        message,
                        location: Some(Location::Layer { layer: layer.clone(), path: path.clone() }),
                        reproduce: Some(show_file(facts, image, layer, path, finding.line)),
                        aliases: ALIASES.iter().map(|&alias| alias.to_owned()).collect(),
                    }
                });
            }
        }
    }
    for unread in image.unread.iter().filter(|unread| unread.purpose == "secrets") {
        sum.unread += 1;
        if sum.unread <= 20 {
            let observation = Observation {
                severity: Severity::Low,
                message: format!("{} was not searched for secrets: {}.", unread.path, unread.reason),
                location: Some(Location::Layer { layer: unread.layer.clone(), path: unread.path.clone() }),
                reproduce: None,
                aliases: Vec::new(),
            };
            sum.observations.push((Severity::Low, observation));
        }
    }
}

/// Whether a layer is the one that brought a package.
fn brings(image: &ImageFacts, package: &str, layer: &str) -> bool {
    image.inventory.packages.iter().any(|known| known.name == package && known.layer == layer)
}

/// Whether a file of a layer is a compiled program or library.
fn is_program(facts: &Facts, layer: &str, path: &str) -> bool {
    let layers = facts.tree.iter().flat_map(|tree| tree.layers());
    layers
        .filter(|of| of.diff_id == layer)
        .flat_map(|of| &of.entries)
        .any(|entry| entry.path.as_ref() == path && matches!(entry.magic, Some(Magic::Elf | Magic::Pe)))
}

/// The beginning of a digest.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// A command that shows the beginning of a line of a file in a layer: enough to know it again, not to use it.
fn show_file(facts: &Facts, image: &ImageFacts, layer: &str, path: &str, line: u32) -> String {
    let inside = quote(path.trim_start_matches('/'));
    let tail = format!("{inside} | sed -n {line}p | cut -c1-24");
    let hex = |digest: &str| digest.strip_prefix("sha256:").unwrap_or(digest).to_owned();
    match facts.source.strip_prefix("docker-daemon:") {
        Some(reference) => {
            let blob = format!("blobs/sha256/{}", hex(layer));
            format!("docker save {} | tar -xO {} | tar -xO {tail}", quote(reference), quote(&blob))
        }
        None => {
            let stored = image.layers.iter().find(|l| l.diff_id == layer).map_or(layer, |l| l.digest.as_str());
            format!("skopeo copy {} dir:look && tar -xOf look/{} {tail}", quote(&facts.source), quote(&hex(stored)))
        }
    }
}

fn in_dockerfile(file: &DockerfileFacts, alone: bool, settings: &Settings, sum: &mut Sum) {
    for LineSecret { line, what, finding } in &file.secrets {
        let setting = what.contains("ENV ") || what.contains("ARG ") || what.contains("LABEL ");
        let keys = [file.path.as_str(), what.as_str(), finding.name.as_deref().unwrap_or_default()];
        // A password that a command is given is a value as well.
        sum.weigh(settings, &keys, weight(finding, true), |severity| {
            let stays = match what {
                w if w.contains("ARG ") => " Whoever has the image reads it in its history.",
                _ if setting => " Whoever has the image reads it in its configuration.",
                _ => "",
            };
            let stays = if finding.harmless.is_some() { "" } else { stays };
            let message = format!("{} in {what}.{stays}{}", describe(finding), excuse(finding));
            on_lines(file, (*line, *line), severity, message, &ALIASES)
        });
    }
    given_at_build_time(file, settings, sum);
    // Where the image or the context is there, they show what a file holds, and its name decides nothing.
    let alone = alone && file.context.is_none();
    let kept = file.parsed.final_stage().map(|stage| file.parsed.effective_instructions(stage.index));
    let kept = |instruction: &Instruction| kept.iter().flatten().any(|kept| std::ptr::eq(*kept, instruction));
    for (index, outer) in file.parsed.instructions.iter().enumerate() {
        let instruction = innermost(outer);
        if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
            continue;
        }
        let env = file.parsed.environment_before(index);
        let Some(transfer) = sources_in(instruction, &env) else { continue };
        for source in transfer.sources.iter().filter(|source| source.kind == SourceKind::Local) {
            // `.env*` takes `.env` too.
            let Some(kind) = credential_name(source.value.trim_end_matches('*')) else { continue };
            let fails = alone && is_private_key(&source.value) && kept(outer);
            let weight = if fails { Weight::Fault(Severity::High) } else { Weight::Doubt(Severity::Medium) };
            let before = sum.faults;
            sum.weigh(settings, &[&source.value], weight, |severity| {
                let word = instruction.keyword.as_str();
                let message =
                    format!("{word} {} brings {kind} into the image, by its name; see what it holds.", source.value);
                on_lines(file, (outer.line, outer.end_line), severity, message, &ALIASES)
            });
            sum.keys_by_name += sum.faults - before;
        }
    }
    let Some(context) = &file.context else { return };
    for (path, finding) in &context.secrets {
        let weight = match weight(finding, false) {
            // What the context sends is in the image only when it is copied.
            Weight::Fault(severity) => Weight::Fault(lower(severity)),
            other => other,
        };
        sum.weigh(settings, &[path], weight, |severity| {
            let message = format!(
                "{} in line {} of {path}, which the build context sends.{}",
                describe(finding),
                finding.line,
                excuse(finding)
            );
            let whole = format!("{}/{path}", context.path.trim_end_matches('/'));
            Observation {
                severity,
                message,
                location: Some(Location::File { file: whole.clone(), line: finding.line }),
                reproduce: Some(format!("sed -n {}p {} | cut -c1-24", finding.line, quote(&whole))),
                aliases: ALIASES.iter().map(|&alias| alias.to_owned()).collect(),
            }
        });
    }
    if context.truncated || !context.problems.is_empty() {
        sum.unread += context.problems.len().max(1);
        let observation = on_lines(
            file,
            (1, 1),
            Severity::Low,
            format!("The build context {} was not read whole.", context.path),
            &[],
        );
        sum.observations.push((Severity::Low, observation));
    }
}

/// Build arguments under a secret's name: their values are not in the file, but a build leaves them in the image.
fn given_at_build_time(file: &DockerfileFacts, settings: &Settings, sum: &mut Sum) {
    let Some(last) = file.parsed.final_stage() else { return };
    let own = file.parsed.effective_instructions(last.index);
    let of = |keyword: Keyword| own.iter().filter(move |instruction| instruction.keyword == keyword);
    let arguments: Vec<(&Instruction, String)> = of(Keyword::Arg)
        .flat_map(|instruction| {
            let pairs = file.parsed.assignments(instruction).into_iter();
            pairs.filter(|pair| pair.value.is_none()).map(|pair| (*instruction, pair.name))
        })
        .filter(|(_, name)| classify_name(name) == NameKind::Secret)
        .collect();
    let mut kept = Vec::new();
    for instruction in of(Keyword::Env) {
        for pair in file.parsed.assignments(instruction) {
            let value = pair.value.unwrap_or_default();
            let name = value.trim_matches(['"', '\'']).strip_prefix('$').map(|rest| rest.trim_matches(['{', '}']));
            let Some((_, argument)) = arguments.iter().find(|(_, argument)| Some(argument.as_str()) == name) else {
                continue;
            };
            kept.push(argument.clone());
            sum.weigh(settings, &[&file.path, &pair.name], Weight::Fault(Severity::High), |severity| {
                let message = format!(
                    "ENV {} takes the build argument {argument}: what a build is given under it stays in the image's configuration.",
                    pair.name
                );
                on_lines(file, (instruction.line, instruction.end_line), severity, message, &ALIASES)
            });
        }
    }
    for (instruction, name) in arguments.iter().filter(|(_, name)| !kept.contains(name)) {
        sum.weigh(settings, &[&file.path, name], Weight::Doubt(Severity::Medium), |severity| {
            let message = format!(
                "ARG {name}: what a build is given under it stays in the image's history; see how it is built."
            );
            on_lines(file, (instruction.line, instruction.end_line), severity, message, &ALIASES)
        });
    }
}

/// The instruction itself, or the one that an ONBUILD hides.
fn innermost(instruction: &Instruction) -> &Instruction {
    let mut current = instruction;
    while let Some(trigger) = &current.trigger {
        current = trigger;
    }
    current
}

fn in_compose(file: &ComposeFacts, settings: &Settings, sum: &mut Sum) {
    for LineSecret { line, what, finding } in &file.secrets {
        let keys = [file.path.as_str(), what.as_str(), finding.name.as_deref().unwrap_or_default()];
        sum.weigh(settings, &keys, weight(finding, true), |severity| {
            let message = format!("{} in {what}.{}", describe(finding), excuse(finding));
            on_compose(file, *line, severity, message, &ALIASES)
        });
    }
}

/// Whether a file's name is one that `ssh-keygen` gives to private keys only. The keys of tests are none to protect.
fn is_private_key(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut segments = lower.rsplit('/');
    matches!(segments.next(), Some("id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519"))
        && !segments
            .any(|segment| ["test", "tests", "testdata", "fixtures", "spec", "example", "examples"].contains(&segment))
}

/// What a file is by its name alone, when that is something secret.
fn credential_name(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let mut segments = lower.trim_end_matches('/').rsplit('/');
    let name = segments.next().unwrap_or_default();
    let parent = segments.next().unwrap_or_default();
    let template = [".example", ".sample", ".dist", ".template", ".tmpl", ".pub", ".defaults"];
    if template.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    match name {
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" | "id_ecdsa_sk" | "id_ed25519_sk" => Some("a private SSH key"),
        ".ssh" | ".aws" | ".gnupg" | ".docker" | ".kube" => Some("a folder of credentials"),
        ".env" => Some("a file of settings and secrets"),
        ".npmrc" | ".pypirc" | ".netrc" | "_netrc" | ".yarnrc.yml" => Some("a file with a registry's login"),
        ".dockercfg" | ".dockerconfigjson" | ".git-credentials" | ".pgpass" | ".my.cnf" | ".s3cfg" | ".vault-token"
        | ".htpasswd" | ".terraformrc" | "kubeconfig" => Some("a file with credentials"),
        "credentials" if parent == ".aws" => Some("a file with credentials"),
        "config.json" if parent == ".docker" => Some("a file with a registry's login"),
        "config" if parent == ".kube" => Some("a file with credentials"),
        _ if name.starts_with(".env.") => Some("a file of settings and secrets"),
        _ if name.ends_with("_history") && name.starts_with('.') => Some("a record of commands"),
        _ => match name.rsplit_once('.') {
            Some((_, "p12" | "pfx" | "jks" | "keystore" | "kdbx" | "ppk")) => Some("a key store"),
            Some((_, "key")) => Some("a private key"),
            Some((stem, "pem"))
                if !["cert", "ca", "chain", "crt", "public", "pub", "bundle"].iter().any(|w| stem.contains(w)) =>
            {
                Some("a private key or a certificate")
            }
            Some((_, "tfstate" | "tfvars")) => Some("a file of Terraform, which as a rule holds secrets"),
            _ => None,
        },
    }
}

#[cfg(test)]
#[path = "b5_secrets_tests.rs"]
mod tests;
