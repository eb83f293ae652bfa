//! B3, beside COPY and ADD: what a RUN downloads is verified before it is used.
//!
//! CSVS 3.11 speaks of COPY and ADD alone, and an outcome decides it. So this check names no requirement: its outcome
//! counts for the use case and changes no verdict on 3.11.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::Script;
use plimsoll_dockerfile::shell::{Command, Language, Nesting, Word};

use crate::facts::DockerfileFacts;
use crate::history;
use crate::managers::{Action, Family, calls};
use crate::observe::{count, judged, on_history, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Downloads are verified.
pub(crate) struct DownloadsVerified;

impl Check for DownloadsVerified {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "downloads-verified",
            use_case: Some(UseCaseId::B3),
            title: text("Downloads in RUN verified", "Downloads in RUN geprüft"),
            why: text(
                "What is downloaded and run unseen is whatever the server, or someone between, chooses to send on the day of the build.",
                "Was ungesehen geladen und ausgeführt wird, ist das, was der Server oder jemand dazwischen am Tag des Builds sendet.",
            ),
            how: text(
                "Every RUN is parsed as shell. A download that goes straight to an interpreter fails, as does one over plain HTTP that nothing checks, or one with verification switched off (curl -k, wget --no-check-certificate, pip --trusted-host, apt and apk without signatures). A download by curl or wget needs a check of its checksum or signature in the same RUN or a later one of the stage; without one a person decides.",
                "Jedes RUN wird als Shell gelesen. Ein Download, der direkt an einen Interpreter geht, fällt durch, ebenso einer über reines HTTP, den nichts prüft, oder einer mit abgeschalteter Prüfung (curl -k, wget --no-check-certificate, pip --trusted-host, apt und apk ohne Signaturen). Ein Download mit curl oder wget braucht im selben oder einem späteren RUN der Stage eine Prüfung von Prüfsumme oder Signatur; fehlt sie, entscheidet ein Mensch.",
            ),
            blind_spots: text(
                "Whether the checksum covers this very file and comes from a trusted place; downloads by programs that are not known here.",
                "Ob die Prüfsumme genau diese Datei deckt und aus vertrauenswürdiger Quelle stammt; Downloads durch hier unbekannte Programme.",
            ),
            remedy: text(
                "Download over HTTPS, write the checksum into the Dockerfile and verify it before use, or use ADD --checksum.",
                "Laden Sie über HTTPS, schreiben Sie die Prüfsumme ins Dockerfile und prüfen Sie sie vor der Verwendung, oder nutzen Sie ADD --checksum.",
            ),
            example: "RUN curl -fsSLo tool.tgz https://example.com/tool.tgz \\\n && echo \"…  tool.tgz\" | sha256sum -c -",
            aliases: &[("hadolint", "DL4006"), ("checkov", "CKV2_DOCKER_2"), ("checkov", "CKV2_DOCKER_3")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &[]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        if let Some(file) = &facts.dockerfile {
            return in_file(file);
        }
        if facts.image.is_some() {
            return in_history(facts);
        }
        judged(OutcomeKind::NotApplicable, "A Compose file runs nothing at build time.", Vec::new())
    }
}

const INTERPRETERS: [&str; 15] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python3", "perl", "ruby", "node", "php", "source", ".",
    "eval",
];

/// Something to be said, and whether it alone fails.
struct Note {
    line: u32,
    message: String,
    fault: bool,
    aliases: &'static [&'static str],
}

/// What a script downloads and verifies.
#[derive(Default)]
struct Seen {
    faults: Vec<Note>,
    /// Downloads that a checksum could settle: line and what.
    open: Vec<(u32, String)>,
    /// Downloads over plain HTTP, which a check makes good: line and message.
    plain: Vec<(u32, String)>,
    verifies: bool,
    unread: bool,
    looked: usize,
}

fn has(arguments: &[Word], long: &[&str], short: Option<char>) -> bool {
    arguments.iter().any(|word| {
        let text = word.text.as_str();
        let cluster = text.starts_with('-') && !text.starts_with("--");
        long.iter().any(|name| text == *name || text.split_once('=').is_some_and(|(before, _)| before == *name))
            || short.is_some_and(|letter| cluster && cluster_has(text, letter))
    })
}

/// Whether a cluster of curl's short options holds one; what follows an option with a value is its value.
fn cluster_has(text: &str, letter: char) -> bool {
    text.chars()
        .skip(1)
        .take_while(|ch| ch.is_ascii_alphabetic())
        .find(|ch| *ch == letter || "oHdXuAebTFmxUw".contains(*ch))
        == Some(letter)
}

/// The addresses that a command names.
fn addresses(arguments: &[Word]) -> Vec<&str> {
    arguments.iter().map(|word| word.text.as_str()).filter(|text| text.contains("://")).collect()
}

fn downloads(command: &Command) -> bool {
    let arguments = command.arguments();
    match command.program() {
        Some("curl" | "wget" | "aria2c" | "wget2") => {
            !arguments.iter().any(|word| matches!(word.text.as_str(), "--version" | "--help" | "-V"))
                && !has(arguments, &["--head", "--spider"], None)
                && arguments.iter().any(|word| !word.text.starts_with('-'))
        }
        _ => false,
    }
}

fn verifies(command: &Command) -> bool {
    let Some(program) = command.program() else { return false };
    let arguments = command.arguments();
    let argument = |wanted: &[&str]| arguments.iter().any(|word| wanted.contains(&word.text.as_str()));
    match program {
        "sha256sum" | "sha512sum" | "sha384sum" | "sha1sum" | "sha224sum" | "b2sum" | "shasum" | "md5sum" | "cksum" => {
            has(arguments, &["--check"], Some('c'))
        }
        "gpg" | "gpg2" => argument(&["--verify", "--batch"]) && argument(&["--verify"]),
        "gpgv" | "minisign" | "signify" => true,
        "cosign" => arguments.first().is_some_and(|word| word.text.starts_with("verify")),
        "slsa-verifier" | "notation" | "gh" => argument(&["verify", "verify-artifact", "attestation"]),
        "openssl" => argument(&["-verify"]),
        "rpm" => has(arguments, &["--checksig"], Some('K')),
        "jarsigner" => argument(&["-verify"]),
        _ => false,
    }
}

/// An address on the machine itself.
fn local(address: &str) -> bool {
    let host = address.split("://").nth(1).unwrap_or_default();
    ["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|name| host.starts_with(name))
}

fn look(script: &Script) -> Seen {
    let mut seen =
        Seen { unread: !script.problems.is_empty() || script.language == Language::Other, ..Seen::default() };
    for (index, command) in script.commands.iter().enumerate() {
        let arguments = command.arguments();
        let mut fault = |message: String, aliases: &'static [&'static str]| {
            seen.faults.push(Note { line: command.line, message, fault: true, aliases });
        };
        seen.verifies |= verifies(command);
        let program = command.program().unwrap_or_default();
        if downloads(command) {
            let all = addresses(arguments);
            if !all.is_empty() && all.iter().all(|address| local(address)) {
                continue;
            }
            seen.looked += 1;
            let what = all.first().map_or_else(|| "a file".to_owned(), |address| (*address).to_owned());
            if let Some(interpreter) = runs_at_once(script, index) {
                let plain = interpreter.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_.".contains(ch));
                let interpreter = if plain { interpreter.as_str() } else { "the shell" };
                fault(format!("{program} hands {what} straight to {interpreter}: it runs unseen."), &[]);
                continue;
            }
            if let Some(file) = runs_later(script, index) {
                fault(
                    format!("{program} fetches {what} to {file}, which then runs unseen: nothing verifies it before."),
                    &[],
                );
                continue;
            }
            let insecure = match program {
                "curl" => has(arguments, &["--insecure"], Some('k')),
                "aria2c" => has(arguments, &["--check-certificate"], None),
                _ => has(arguments, &["--no-check-certificate"], None),
            };
            if insecure {
                let aliases: &[&str] = if program == "curl" { &["CKV2_DOCKER_2"] } else { &["CKV2_DOCKER_3"] };
                fault(format!("{program} fetches {what} without checking the server's certificate."), aliases);
            }
            if all.iter().any(|address| address.starts_with("http://") && !local(address)) {
                seen.plain.push((command.line, format!("{program} fetches {what} over plain HTTP.")));
            }
            seen.open.push((command.line, what));
        }
        if program == "git"
            && arguments.windows(2).any(|pair| {
                pair.first().is_some_and(|w| w.text == "-c")
                    && pair.get(1).is_some_and(|w| w.text.eq_ignore_ascii_case("http.sslverify=false"))
            })
        {
            fault("git clones without checking the server's certificate.".to_owned(), &[]);
        }
    }
    for call in calls(script).iter().filter(|call| !matches!(call.action, Action::Remove | Action::Clean)) {
        let off: &[&str] = match call.family {
            Family::Apt => &["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"],
            Family::Apk => &["--allow-untrusted"],
            Family::Dnf => &["--nogpgcheck"],
            Family::Zypper => &["--no-gpg-checks", "--allow-unsigned-rpm"],
            Family::Pip => &["--trusted-host"],
            Family::Npm => &["--no-strict-ssl"],
            Family::Pacman | Family::Gem => &[],
        };
        seen.looked += 1;
        if matches!(call.family, Family::Pip | Family::Npm) {
            // From an index a package is what its version says; an address vouches for nothing.
            let loose = call.packages.iter().map(written).filter(|text| text.contains("://") && !fixed(text));
            seen.open.extend(loose.map(|text| (call.line, text)));
        }
        if let Some(flag) = off.iter().find(|flag| call.has_flag(&[flag])) {
            let message = format!("{} works with {flag}: what it installs is not verified.", call.program);
            let aliases: &[&str] = match call.family {
                Family::Apt => &["CKV2_DOCKER_9"],
                Family::Apk => &["CKV2_DOCKER_7"],
                Family::Dnf => &["CKV2_DOCKER_8"],
                Family::Pip => &["CKV2_DOCKER_4"],
                _ => &[],
            };
            seen.faults.push(Note { line: call.line, message, fault: true, aliases });
        }
    }
    seen
}

/// A package as it was asked for.
fn written(package: &crate::managers::Package) -> String {
    match &package.version {
        Some(version) => format!("{}@{version}", package.name),
        None => package.name.clone(),
    }
}

/// Whether an address fixes its content: by a hash, or by a full commit.
fn fixed(address: &str) -> bool {
    let commit = |text: &str| text.len() >= 40 && text.chars().take(40).all(|ch| ch.is_ascii_hexdigit());
    address.contains("#sha256=")
        || address.contains("#sha512=")
        || address.rsplit(['@', '#']).next().is_some_and(commit)
}

/// The interpreter that runs a download at once: `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`.
fn runs_at_once(script: &Script, index: usize) -> Option<String> {
    let command = script.commands.get(index)?;
    let interprets = |command: &Command| {
        let program = command.program()?;
        let name = program.trim_end_matches(|ch: char| ch.is_ascii_digit() || ch == '.');
        let known = INTERPRETERS.contains(&program) || (!name.is_empty() && INTERPRETERS.contains(&name));
        // `python -m json.tool`, `node -e …` and a script read the download as data.
        let data = command.arguments().iter().any(|word| {
            matches!(word.text.as_str(), "-m" | "-e" | "-c" | "-n" | "-p" | "-ne" | "-pe" | "-r")
                && !program.ends_with("sh")
        });
        let script = command.arguments().iter().find(|word| !word.text.starts_with(['-', '+']));
        let own = script.is_some_and(|word| word.text.contains('.') && !word.text.contains("(…)"))
            && !command.arguments().iter().any(|word| matches!(word.text.as_str(), "-s" | "-" | "/dev/stdin"));
        (known && !data && !own).then(|| program.to_owned())
    };
    let piped = script
        .commands
        .iter()
        .skip(index + 1)
        .take_while(|later| later.pipeline == command.pipeline || later.nesting.len() > command.nesting.len())
        .filter(|later| later.pipeline == command.pipeline)
        .find_map(interprets);
    if piped.is_some() {
        return piped;
    }
    // Inside a substitution: the command before it that holds it.
    if command.nesting.last() != Some(&Nesting::Substitution) {
        return None;
    }
    let outer = command.nesting.len() - 1;
    let holder = script.commands.get(..index)?.iter().rev().find(|earlier| {
        earlier.nesting.len() <= outer
            && earlier
                .words
                .iter()
                .any(|word| word.text.contains("$(") || word.text.contains('`') || word.text.contains("(…)"))
            || earlier.redirects.iter().any(|to| to.target.text.contains("(…)"))
    })?;
    let direct = holder.words.iter().any(|word| {
        let text = word.text.trim_start();
        text.starts_with("$(") || text.starts_with('`') || text.contains("(…)")
    }) || !holder.redirects.is_empty();
    let program = holder.program()?;
    let inline = command.nesting.contains(&Nesting::Inline);
    (direct && (inline || INTERPRETERS.contains(&program)) && (INTERPRETERS.contains(&program) || inline))
        .then(|| program.to_owned())
}

/// The file that a download goes to, when the same script runs it with no verification between.
fn runs_later(script: &Script, index: usize) -> Option<String> {
    let command = script.commands.get(index)?;
    let arguments = command.arguments();
    let value_of = |flags: &[&str]| {
        arguments.iter().enumerate().find_map(|(at, word)| {
            let text = word.text.as_str();
            let cluster = text.starts_with('-') && !text.starts_with("--");
            flags.iter().find_map(|flag| match (flag.strip_prefix("--"), flag.strip_prefix('-')) {
                (Some(_), _) if text == *flag => arguments.get(at + 1).map(|next| next.text.clone()),
                (Some(_), _) => text.strip_prefix(*flag)?.strip_prefix('=').map(str::to_owned),
                (None, Some(letter)) if cluster && text.ends_with(letter) => {
                    arguments.get(at + 1).map(|next| next.text.clone())
                }
                _ => None,
            })
        })
    };
    let named = match command.program()? {
        "curl" => value_of(&["-o", "--output"]),
        "wget" | "wget2" => value_of(&["-O", "--output-document"]),
        _ => None,
    };
    let own_name = || {
        let remote = command.program()? != "curl" || has(arguments, &["--remote-name"], Some('O'));
        let address = addresses(arguments).first().copied()?;
        remote.then(|| address.rsplit('/').next().unwrap_or_default().to_owned())
    };
    let file = named.or_else(own_name).filter(|file| !file.is_empty() && file != "-")?;
    let name = file.rsplit('/').next().unwrap_or(&file).to_owned();
    let is_it = |text: &str| text == file || text.strip_prefix("./") == Some(name.as_str());
    for later in script.commands.get(index + 1..).unwrap_or_default() {
        if verifies(later) {
            return None;
        }
        let first = later.words.first().map(|word| word.text.as_str()).unwrap_or_default();
        let interpreted = later.program().is_some_and(|program| INTERPRETERS.contains(&program))
            && later
                .arguments()
                .iter()
                .find(|word| !word.text.starts_with('-'))
                .is_some_and(|word| is_it(&word.text) || word.text == name);
        if is_it(first) || interpreted {
            return Some(file);
        }
    }
    None
}

/// Joins what the scripts of one stage (or history) say, in order.
fn gather(scripts: &[(usize, Seen)]) -> (Vec<(usize, Note)>, usize, usize, bool, usize) {
    let mut notes = Vec::new();
    let (mut faults, mut open, mut looked) = (0, 0, 0);
    let mut unread = false;
    for (at, (place, seen)) in scripts.iter().enumerate() {
        looked += seen.looked;
        unread |= seen.unread;
        for note in &seen.faults {
            faults += usize::from(note.fault);
            notes.push((
                *place,
                Note { line: note.line, message: note.message.clone(), fault: true, aliases: note.aliases },
            ));
        }
        let verified = scripts.get(at..).unwrap_or_default().iter().any(|(_, later)| later.verifies);
        for (line, message) in seen.plain.iter().filter(|_| !verified) {
            faults += 1;
            notes.push((*place, Note { line: *line, message: message.clone(), fault: true, aliases: &[] }));
        }
        for (line, what) in &seen.open {
            if !verified {
                open += 1;
                let message = format!("{what} is downloaded, and nothing here checks a checksum or signature.");
                notes.push((*place, Note { line: *line, message, fault: false, aliases: &[] }));
            }
        }
    }
    (notes, faults, open, unread, looked)
}

fn conclude(faults: usize, open: usize, unread: bool, looked: usize, observations: Vec<Observation>) -> Judgement {
    match (faults, open, unread, looked) {
        (1.., ..) => judged(
            OutcomeKind::Fail,
            format!("{} without verification.", count(faults, "download runs or installs", "downloads run or install")),
            observations,
        ),
        (_, 1.., ..) => judged(
            OutcomeKind::Undecided,
            format!(
                "{} no check of checksum or signature; ask what vouches for the content.",
                count(open, "download has", "downloads have")
            ),
            observations,
        ),
        (_, _, true, _) => {
            judged(OutcomeKind::Undecided, "Not every RUN could be read; look at it by hand.", observations)
        }
        (_, _, _, 0) => judged(OutcomeKind::NotApplicable, "No RUN downloads anything.", observations),
        _ => judged(OutcomeKind::Pass, "What is downloaded is verified.", observations),
    }
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    if file.parsed.stages.is_empty() {
        return judged(OutcomeKind::Error, format!("{} has no FROM instruction.", file.path), Vec::new());
    }
    let mut observations = Vec::new();
    let (mut faults, mut open, mut looked) = (0, 0, 0);
    let mut unread = false;
    let scripts = file.parsed.run_scripts();
    for stage in &file.parsed.stages {
        let seen: Vec<(usize, Seen)> =
            scripts.iter().filter(|run| run.stage == stage.index).map(|run| (run.index, look(&run.script))).collect();
        let (notes, more_faults, more_open, more_unread, more_looked) = gather(&seen);
        faults += more_faults;
        open += more_open;
        looked += more_looked;
        unread |= more_unread;
        for (index, note) in notes {
            let end = file.parsed.instructions.get(index).map_or(note.line, |instruction| instruction.end_line);
            let severity = if note.fault { Severity::High } else { Severity::Low };
            observations.push(on_lines(file, (note.line, end.max(note.line)), severity, note.message, note.aliases));
        }
    }
    conclude(faults, open, unread, looked, observations)
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
    let seen: Vec<(usize, Seen)> = image
        .history
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| history::script(&entry.created_by).map(|script| (index, look(&script))))
        .collect();
    if image.history.is_empty() {
        return judged(
            OutcomeKind::Undecided,
            "The image has no history; ask for the Dockerfile that it was built from.",
            Vec::new(),
        );
    }
    let (notes, faults, open, unread, looked) = gather(&seen);
    let observations = notes
        .into_iter()
        .map(|(index, note)| {
            let severity = if note.fault { Severity::High } else { Severity::Low };
            on_history(facts, index, severity, note.message, note.aliases)
        })
        .collect();
    conclude(faults, open, unread, looked, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{dockerfile, history_image};

    fn run(body: &str) -> OutcomeKind {
        DownloadsVerified.judge(&dockerfile(&format!("FROM debian:12\n{body}\n")), &Settings::default()).outcome
    }

    #[test]
    fn what_runs_unseen_or_unchecked_fails() {
        for body in [
            "RUN curl -fsSL https://x.example/i.sh | sh",
            "RUN curl -fsSL https://x.example/i.sh | sudo -E bash -",
            "RUN wget -qO- https://x.example/i.sh | bash -s -- -y",
            "RUN curl https://x.example/i.py | python3 -",
            "RUN sh -c \"$(curl -fsSL https://x.example/i.sh)\"",
            "RUN bash <(curl -s https://x.example/i.sh)",
            "RUN curl -sSLo /tmp/a.sh https://x.example/i.sh && chmod +x /tmp/a.sh && /tmp/a.sh",
            "RUN wget https://x.example/i.sh && sh i.sh",
            "RUN wget -O get.py https://x.example/i.py && python3 get.py",
            "RUN curl -fsSLk https://x.example/a -o a && echo x a | sha256sum -c",
            "RUN wget --no-check-certificate https://x.example/a",
            "RUN curl -o a http://x.example/a",
            "RUN pip install --trusted-host x.example flask",
            "RUN apt-get update && apt-get install -y --allow-unauthenticated x",
            "RUN apk add --allow-untrusted ./x.apk",
            "RUN yum install -y --nogpgcheck x",
        ] {
            assert_eq!(run(body), OutcomeKind::Fail, "{body}");
        }
    }

    #[test]
    fn what_is_verified_passes_and_what_is_not_is_left_to_a_person() {
        for body in [
            "RUN curl -fsSLo a https://x.example/a && echo \"x  a\" | sha256sum -c -",
            "RUN curl -fsSLo a https://x.example/a\nRUN echo \"x  a\" | sha256sum --check --status",
            "RUN wget https://x.example/a https://x.example/a.asc && gpg --batch --verify a.asc a",
            "RUN curl -o a http://x.example/a && echo x a | sha256sum -c",
            "RUN curl -fsSLo a.sh https://x.example/a && echo \"x  a.sh\" | sha256sum -c - && sh a.sh",
            "RUN apt-get update && apt-get install -y curl",
        ] {
            assert_eq!(run(body), OutcomeKind::Pass, "{body}");
        }
        assert_eq!(run("RUN curl -fsSLo a https://x.example/a"), OutcomeKind::Undecided);
        assert_eq!(run("RUN curl -s https://x.example/v | python3 -m json.tool"), OutcomeKind::Undecided);
        for body in ["RUN pip install https://x.example/a.whl", "RUN pip install git+https://x.example/a@main"] {
            assert_eq!(run(body), OutcomeKind::Undecided, "{body}");
        }
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(run(&format!("RUN pip install git+https://x.example/a@{commit}")), OutcomeKind::Pass);
        assert_eq!(run("RUN pip install flask==3.0.0"), OutcomeKind::Pass);
        assert_eq!(run("RUN echo x a | sha256sum -c\nRUN curl -o a https://x.example/a"), OutcomeKind::Undecided);
        assert_eq!(run("RUN make 'open"), OutcomeKind::Undecided);
        assert_eq!(run("RUN make"), OutcomeKind::NotApplicable);
        assert_eq!(run("RUN curl http://localhost:8080/health"), OutcomeKind::NotApplicable);
        assert_eq!(run("RUN echo 'curl x | sh'"), OutcomeKind::NotApplicable);
    }

    #[test]
    fn it_does_not_decide_on_copy_and_add() {
        assert!(DownloadsVerified.requirements().is_empty());
        let facts = history_image(&["RUN /bin/sh -c curl https://x.example/i.sh | sh # buildkit"]);
        assert_eq!(DownloadsVerified.judge(&facts, &Settings::default()).outcome, OutcomeKind::Fail);
    }
}
