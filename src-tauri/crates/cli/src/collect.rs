//! `plimsoll collect`: reads subjects on the machine where they are, into a facts file that is judged elsewhere.
//!
//! It says beforehand what it reads, changes nothing, and asks for consent when somebody is there to give it.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use plimsoll_workbench::collect::Request;
use plimsoll_workbench::facts_file::{self, FactsFile, How};
use plimsoll_workbench::reach::Reach;
use plimsoll_workbench::{Job, Source, WorkbenchError};

use crate::args::{Beside, Order, requests, with_containers};
use crate::connections::Connections;
use crate::progress;

/// Subjects that could not be read and are named one by one.
const NAMED: usize = 20;

/// `plimsoll collect`
#[derive(Debug, Args)]
#[command(after_help = crate::args::COLLECT_HELP)]
pub struct Collect {
    /// What to collect, in transport syntax
    #[arg(value_name = "SUBJECT", required = true)]
    pub subjects: Vec<String>,
    /// Where to write the facts file; - for standard output
    #[arg(short, long, value_name = "FILE|-", required_unless_present = "dry_run")]
    pub out: Option<PathBuf>,
    /// A word of your own for those who judge it, such as the job's name
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The machine's name, where its own says nothing: in a container it is the container's
    #[arg(long, value_name = "NAME")]
    pub machine: Option<String>,
    /// What belongs to subjects
    #[command(flatten)]
    pub beside: Beside,
    /// Take each container of the hosts that are named, too
    #[arg(long)]
    pub containers: bool,
    /// The platform to take of a multi-platform image, such as linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    pub platform: Option<String>,
    /// How registries are reached
    #[command(flatten)]
    pub connections: Connections,
    /// Do not ask for consent: for jobs
    #[arg(short, long)]
    pub yes: bool,
    /// Only say what would be read
    #[arg(long)]
    pub dry_run: bool,
    /// Replace the file if it is there already
    #[arg(long)]
    pub force: bool,
    /// No progress on standard error, and not what is read
    #[arg(short, long)]
    pub quiet: bool,
}

fn input(text: &str) -> WorkbenchError {
    WorkbenchError::Input(text.to_owned())
}

/// Collects.
pub fn run(args: &Collect, order: &Order) -> Result<(), WorkbenchError> {
    let sources: Vec<Source> = args.subjects.iter().map(|s| s.parse::<Source>()).collect::<Result<_, _>>()?;
    let mut requests = requests(sources, &args.beside, order).map_err(WorkbenchError::Input)?;
    if args.containers && !requests.iter().any(|request| matches!(request.source, Source::Host(_))) {
        return Err(input(
            "--containers takes the containers of a host, and no host is named; add host: to the subjects.",
        ));
    }
    for request in &mut requests {
        request.platform.clone_from(&args.platform);
    }
    if args.dry_run || !args.quiet {
        say(&requests, args.containers);
    }
    if args.dry_run {
        return Ok(());
    }
    let (connections, typed) = args.connections.read(None)?;
    let out = args.out.as_deref().unwrap_or(Path::new("-"));
    let to_stdout = out.as_os_str() == "-";
    if to_stdout && std::io::stdout().is_terminal() {
        return Err(input(
            "A facts file is no text for a terminal; give --out FILE, or send standard output to a file.",
        ));
    }
    if !to_stdout && !args.force && out.exists() {
        return Err(WorkbenchError::Exists(out.to_owned()));
    }
    consent(args.yes)?;

    let reach = Reach::default().with(&connections, &typed);
    let temporary =
        tempfile::tempdir().map_err(|source| WorkbenchError::Write { path: std::env::temp_dir(), source })?;
    let path = if to_stdout { temporary.path().join("out.facts") } else { out.to_owned() };
    let how = How {
        note: args.note.clone(),
        asked: asked(args),
        machine: args.machine.clone().filter(|name| !name.trim().is_empty()),
        force: args.force,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    let (job, bar) = progress::job(args.quiet);
    let made = runtime.block_on(async {
        tokio::spawn(stop(job.clone()));
        let requests = if args.containers { with_containers(requests).await } else { requests };
        facts_file::collect_with(&requests, &reach, &how, &path, &job).await
    });
    bar.finish_and_clear();
    let made = made?;
    if to_stdout {
        let failed = |source| WorkbenchError::Write { path: "standard output".into(), source };
        let mut file = std::fs::File::open(&path).map_err(failed)?;
        let mut stdout = std::io::stdout().lock();
        std::io::copy(&mut file, &mut stdout).and_then(|_| stdout.flush()).map_err(failed)?;
    }
    tell(&made, out, args.quiet);
    Ok(())
}

/// What was asked for, as on the command line, as far as it says what was read.
fn asked(args: &Collect) -> Vec<String> {
    let mut asked = args.subjects.clone();
    if args.containers {
        asked.push("--containers".to_owned());
    }
    let mut pair = |flag: &str, value: String| asked.extend([flag.to_owned(), value]);
    for (flag, paths) in [
        ("--dockerfile", &args.beside.dockerfile),
        ("--context", &args.beside.context),
        ("--daemon-config", &args.beside.daemon_config),
    ] {
        paths.iter().for_each(|path| pair(flag, path.display().to_string()));
    }
    if let Some(platform) = &args.platform {
        pair("--platform", platform.clone());
    }
    asked
}

/// Says what will be read.
fn say(requests: &[Request], containers: bool) {
    eprintln!("Plimsoll will read:");
    for line in facts_file::plan(requests, containers) {
        eprintln!("  {line}");
    }
    eprintln!(
        "It only reads: nothing is changed, started or sent anywhere. Secrets are masked before they are written."
    );
}

/// Asks a person; a job says so with --yes.
fn consent(given: bool) -> Result<(), WorkbenchError> {
    if given {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(input("Nobody is there to be asked for consent; give --yes in jobs."));
    }
    eprint!("Go on? [y/N] ");
    let mut answer = String::new();
    let _ = std::io::stdin().read_line(&mut answer);
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" | "j" | "ja" => Ok(()),
        _ => Err(input("Nothing was read: consent was not given.")),
    }
}

/// Cancels the job when a person or a scheduler ends the program, so that no half of a file stays.
async fn stop(job: Job) {
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            job.cancel();
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        job.cancel();
    }
}

/// What came of it, on standard error; the hash on standard output, where the file itself is not.
fn tell(made: &FactsFile, out: &Path, quiet: bool) {
    let unread: Vec<_> = made.subjects.iter().filter_map(|s| Some((s, s.facts.as_ref().err()?))).collect();
    for (subject, reason) in unread.iter().take(NAMED) {
        eprintln!("plimsoll: {} was not read: {reason}", subject.source);
    }
    if unread.len() > NAMED {
        eprintln!("plimsoll: {} more were not read; plimsoll facts show names them", unread.len() - NAMED);
    }
    let read = made.subjects.len().saturating_sub(unread.len());
    if !quiet {
        eprintln!("{read} of {} subjects were read on {}.", made.subjects.len(), made.by.machine);
        eprintln!("The SHA-256 tells that the file is this one: give it to the auditor by another way than the file.");
    }
    if out.as_os_str() == "-" {
        eprintln!("sha256 {}", made.by.file_sha256);
    } else {
        crate::print(&format!("{}  {}\n", made.by.file_sha256, out.display()));
    }
}

#[cfg(test)]
mod tests {
    use saphyr_parser::{Event, Parser};

    #[test]
    fn the_example_for_kubernetes_is_yaml_and_asks_for_no_more_than_the_socket() {
        let text = include_str!("../examples/collect-kubernetes.yaml");
        let events: Vec<_> = Parser::new_from_str(text).map(|event| event.unwrap().0).collect();
        assert_eq!(events.iter().filter(|event| matches!(event, Event::DocumentStart(_))).count(), 4);
        let words: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                Event::Scalar(word, ..) => Some(word.as_ref()),
                _ => None,
            })
            .collect();
        let after =
            |key: &str| -> Vec<&str> { words.windows(2).filter(|pair| pair[0] == key).map(|pair| pair[1]).collect() };
        assert!(!text.contains("privileged: true") && !text.contains("allowPrivilegeEscalation: true"));
        assert!(after("automountServiceAccountToken").iter().all(|value| *value == "false"));
        assert_eq!(after("automountServiceAccountToken").len(), 2);
        assert!(after("readOnlyRootFilesystem").iter().all(|value| *value == "true"));
        assert!(after("runAsNonRoot").iter().all(|value| *value == "true"));
        assert_eq!(words.iter().filter(|word| **word == "hostPath").count(), 2);
        for forbidden in ["hostNetwork", "hostPID", "hostIPC"] {
            assert!(!words.contains(&forbidden), "{forbidden}");
        }
    }
}
