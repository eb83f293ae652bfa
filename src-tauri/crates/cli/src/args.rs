//! The command line's words.

use std::path::PathBuf;

use crate::connections::Connections;
use clap::{ArgMatches, Args, Parser, Subcommand};
use plimsoll_workbench::Source;
use plimsoll_workbench::catalog::{Level, Profile, SubjectKind};
use plimsoll_workbench::collect::Request;

/// Audits Docker container images and issues signed reports, without a window.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, about, max_term_width = 100)]
pub struct Cli {
    /// Say what lies behind an error
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit images, Dockerfiles, Compose files, registries, Docker hosts and containers
    Audit(Box<Audit>),
    /// Read subjects where they are into a facts file, to be judged elsewhere
    Collect(Box<crate::collect::Collect>),
    /// Look into facts files
    Facts {
        /// What to do with them
        #[command(subcommand)]
        command: crate::facts::FactsCommand,
    },
    /// Judge who signed one image, and say why
    Trust(Box<crate::trust::Trust>),
    /// Import, update and look into the advisory database
    Advisories {
        /// What to do with it
        #[command(subcommand)]
        command: crate::advisories::AdvisoriesCommand,
    },
    /// Write the bill of materials of one subject
    Sbom(Box<crate::sbom::Sbom>),
    /// Make the identity that signs reports
    Identity {
        /// What to do with it
        #[command(subcommand)]
        command: IdentityCommand,
    },
}

/// What can be done with identities.
#[derive(Debug, Subcommand)]
pub enum IdentityCommand {
    /// Make a new signing identity: a passphrase-protected PKCS#12 file
    New(NewIdentity),
}

fn level(text: &str) -> Result<Level, String> {
    let number: u8 = text.parse().map_err(|_| "expected 1, 2 or 3".to_owned())?;
    Level::try_from(number).map_err(|error| error.to_string())
}

fn profile(text: &str) -> Result<Profile, String> {
    text.parse::<Profile>().map_err(|error| error.to_string())
}

/// The subjects that both `audit` and `collect` take, and what belongs to them.
macro_rules! subjects {
    () => {
        "\
SUBJECT is one of
  docker-daemon:REF         an image of the local Docker daemon
  docker://REF              an image in a registry
  docker-archive:FILE[:REF] an archive made by docker save
  oci-archive:FILE[:REF]    an OCI layout in a tar file
  oci:DIR[:REF]             an OCI layout in a folder
  dockerfile:FILE           a Dockerfile
  compose:FILE              a Compose file
  sbom:FILE                 a bill of materials (CycloneDX or SPDX) in the place of an image
  registry:HOST[:PORT]      a registry, probed without changing anything
  host:[ENGINE]             a Docker host; with --containers each of its containers, too
  container:[ENGINE/]NAME   a container
"
    };
}

/// How engines are named.
macro_rules! engines {
    () => {
        "\
ENGINE is unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST or the name of a Docker context; without
one it is the engine that docker itself would ask. Engines are only asked, never changed.

--dockerfile and --context belong to the image subject before them, --daemon-config to the host
before it (or, without one, to the next).
"
    };
}

/// What stands under the options of `plimsoll audit`.
const AUDIT_HELP: &str = concat!(
    subjects!(),
    "\
  facts:FILE|FOLDER         what plimsoll collect read elsewhere: a file, or a folder's *.facts

",
    engines!(),
    "
Exit status: 0 the audit ran to its end, whatever it found; 1 --require-level is not achieved;
2 it could not run."
);

/// What stands under the options of `plimsoll collect`.
pub const COLLECT_HELP: &str = concat!(
    subjects!(),
    "\n",
    engines!(),
    "
What will be read is said before it is read; --dry-run says no more than that. No root is needed
where the engine may be asked without. The file's SHA-256 goes to standard output.

Exit status: 0 the file was written, and what could not be read is named; 2 nothing could be read,
and no file was written."
);

/// What stands beside subjects and belongs to one of them.
#[derive(Debug, Default, Args)]
pub struct Beside {
    /// The Dockerfile that an image subject was built from
    #[arg(long, value_name = "FILE")]
    pub dockerfile: Vec<PathBuf>,
    /// The build context of an image subject or Dockerfile
    #[arg(long, value_name = "DIR")]
    pub context: Vec<PathBuf>,
    /// A daemon.json or unit file of a Docker host; may be given several times
    #[arg(long, value_name = "FILE")]
    pub daemon_config: Vec<PathBuf>,
}

/// `plimsoll audit`
#[derive(Debug, Args)]
#[command(after_help = AUDIT_HELP)]
pub struct Audit {
    /// What to audit, in transport syntax
    #[arg(value_name = "SUBJECT")]
    pub subjects: Vec<String>,
    /// What belongs to subjects
    #[command(flatten)]
    pub beside: Beside,
    /// Take each container of the hosts that are named, too
    #[arg(long)]
    pub containers: bool,
    /// The platform to take of a multi-platform image, such as linux/arm64; all for every one that an OCI archive or layout holds
    #[arg(long, value_name = "OS/ARCH|all")]
    pub platform: Option<String>,
    /// What the profile sets for the checks (thresholds, allowances with reasons), as JSON
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// The advisory database to match against; without it, the default one if there is one
    #[arg(long, value_name = "FILE", help_heading = "Vulnerabilities")]
    pub advisories: Option<PathBuf>,
    /// Match against no advisory database
    #[arg(long, conflicts_with = "advisories", help_heading = "Vulnerabilities")]
    pub no_advisories: bool,
    /// A VEX document (OpenVEX, CycloneDX, CSAF), kept as evidence
    #[arg(long, value_name = "FILE", help_heading = "Vulnerabilities")]
    pub vex: Vec<PathBuf>,
    /// Another scanner's result (JSON of Trivy or Grype), kept as evidence and compared
    #[arg(long, value_name = "FILE", help_heading = "Vulnerabilities")]
    pub scan: Vec<PathBuf>,
    /// Accepted risks: a JSON list of {vulnerability, package?, subject?, owner, expires, reason}
    #[arg(long, value_name = "FILE", help_heading = "Vulnerabilities")]
    pub acceptances: Option<PathBuf>,
    /// Read images again that have not changed since the engagement's last run
    #[arg(long)]
    pub read_again: bool,
    /// How registries are reached
    #[command(flatten)]
    pub connections: Connections,
    /// The CSVS level aimed at
    #[arg(long, value_name = "1|2|3", default_value = "1", value_parser = level)]
    pub level: Level,
    /// What to measure against: the paper's 14 image requirements, or all 106
    #[arg(long, value_name = "image|full", default_value = "image", value_parser = profile)]
    pub profile: Profile,
    /// Exit with 1 unless this level of the profile is achieved
    #[arg(long, value_name = "1|2|3", value_parser = level)]
    pub require_level: Option<Level>,
    /// Keep the audit in an engagement file: a new one, or one made before
    #[arg(long, value_name = "FILE")]
    pub engagement: Option<PathBuf>,
    /// Write the results as JSON to a file, or to standard output with -
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
    /// Write the signed report
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
    /// The PKCS#12 file that signs the report
    #[arg(long, value_name = "FILE.p12")]
    pub identity: Option<PathBuf>,
    /// Read the identity's passphrase from the first line of a file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// The report's language
    #[arg(long, value_name = "en|de", default_value = "en", value_parser = ["en", "de"])]
    pub language: String,
    /// The engagement's title
    #[arg(long)]
    pub title: Option<String>,
    /// The client
    #[arg(long)]
    pub client: Option<String>,
    /// The auditor's name; without it the name in the identity
    #[arg(long)]
    pub auditor: Option<String>,
    /// No progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// `plimsoll identity new`
#[derive(Debug, Args)]
pub struct NewIdentity {
    /// The auditor's name, as it will stand in the certificate
    #[arg(long)]
    pub name: String,
    /// The auditor's firm
    #[arg(long)]
    pub organization: Option<String>,
    /// Where to write it; without it, the user's data folder
    #[arg(long, value_name = "FILE.p12")]
    pub out: Option<PathBuf>,
    /// Read the passphrase from the first line of a file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Where on the command line something stood.
#[derive(Debug, Default, Clone)]
pub struct Order {
    subjects: Vec<usize>,
    dockerfiles: Vec<usize>,
    contexts: Vec<usize>,
    daemon_configs: Vec<usize>,
}

/// The places of the subjects and of what belongs to them.
pub fn request_order(subjects: &[String], beside: &Beside, matches: &ArgMatches) -> Order {
    let of = |id: &str, given: bool| match given {
        true => matches.indices_of(id).map(Iterator::collect).unwrap_or_default(),
        false => Vec::new(),
    };
    Order {
        subjects: of("subjects", !subjects.is_empty()),
        dockerfiles: of("dockerfile", !beside.dockerfile.is_empty()),
        contexts: of("context", !beside.context.is_empty()),
        daemon_configs: of("daemon_config", !beside.daemon_config.is_empty()),
    }
}

/// Each host followed by its containers. What an engine does not list is told, and the host itself is read all the same.
pub async fn with_containers(requests: Vec<Request>) -> Vec<Request> {
    let mut all = Vec::new();
    for request in requests {
        let Source::Host(address) = request.source.clone() else {
            all.push(request);
            continue;
        };
        let platform = request.platform.clone();
        all.push(request);
        match plimsoll_workbench::runtime::containers(&address).await {
            Ok(containers) => all.extend(containers.into_iter().map(|source| Request {
                source,
                dockerfile: None,
                context: None,
                platform: platform.clone(),
                files: Vec::new(),
            })),
            Err(error) => eprintln!("plimsoll: the containers of host:{address} are not looked at: {error}"),
        }
    }
    all
}

/// Gives each Dockerfile, context and configuration to its subject: the nearest fitting one before it, or else the next
/// one.
pub fn requests(sources: Vec<Source>, beside: &Beside, order: &Order) -> Result<Vec<Request>, String> {
    let Beside { dockerfile: dockerfiles, context: contexts, daemon_config } = beside;
    let mut requests: Vec<Request> = sources
        .into_iter()
        .map(|source| Request { source, dockerfile: None, context: None, platform: None, files: Vec::new() })
        .collect();
    for (file, at) in daemon_config.iter().zip(&order.daemon_configs) {
        let is_host = |i: usize| requests.get(i).is_some_and(|r| r.source.kind() == SubjectKind::Host);
        let found = nearest(&order.subjects, *at, is_host);
        match found.and_then(|index| requests.get_mut(index)) {
            Some(request) => request.files.push(file.clone()),
            None => {
                let file = file.display();
                return Err(format!("--daemon-config {file} has no host that it could belong to; add host: before it"));
            }
        }
    }
    if requests.is_empty() {
        if !daemon_config.is_empty() {
            return Err("--daemon-config belongs to a host; add host: before it".to_owned());
        }
        // A Dockerfile without an image is a subject of its own.
        let subjects = dockerfiles.iter().zip(contexts.iter().map(Some).chain(std::iter::repeat(None)));
        return Ok(subjects
            .map(|(file, context)| Request {
                source: Source::Dockerfile(file.clone()),
                dockerfile: None,
                context: context.cloned(),
                platform: None,
                files: Vec::new(),
            })
            .collect());
    }
    let is_image = |r: &Request| r.source.kind() == SubjectKind::Image;
    for (file, at) in dockerfiles.iter().zip(&order.dockerfiles) {
        let found =
            nearest(&order.subjects, *at, |i| requests.get(i).is_some_and(|r| is_image(r) && r.dockerfile.is_none()));
        match found.and_then(|index| requests.get_mut(index)) {
            Some(request) => request.dockerfile = Some(file.clone()),
            None => {
                return Err(format!(
                    "--dockerfile {} has no image subject that it could belong to; write dockerfile:{} to audit it by itself",
                    file.display(),
                    file.display()
                ));
            }
        }
    }
    for (folder, at) in contexts.iter().zip(&order.contexts) {
        let fits = |i: usize| {
            requests.get(i).is_some_and(|r| {
                r.context.is_none() && matches!(r.source.kind(), SubjectKind::Image | SubjectKind::Dockerfile)
            })
        };
        let found = nearest(&order.subjects, *at, fits);
        match found.and_then(|index| requests.get_mut(index)) {
            Some(request) => request.context = Some(folder.clone()),
            None => return Err(format!("--context {} has no subject that it could belong to", folder.display())),
        }
    }
    Ok(requests)
}

fn nearest(places: &[usize], at: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let before = (0..places.len()).rev().filter(|&i| places[i] < at).find(|&i| fits(i));
    before.or_else(|| (0..places.len()).filter(|&i| places[i] > at).find(|&i| fits(i)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches};

    fn parse(line: &[&str]) -> Result<Vec<Request>, String> {
        let matches = Cli::command().get_matches_from(std::iter::once(&"plimsoll").chain(line));
        let Command::Audit(audit) = Cli::from_arg_matches(&matches).unwrap().command else { panic!() };
        let order = request_order(&audit.subjects, &audit.beside, matches.subcommand_matches("audit").unwrap());
        let sources = audit.subjects.iter().map(|s| s.parse().unwrap()).collect();
        requests(sources, &audit.beside, &order)
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_dockerfile_belongs_to_the_image_beside_it() {
        let found =
            parse(&["audit", "oci:a", "--dockerfile", "A", "oci:b", "--dockerfile", "B", "--context", "c"]).unwrap();
        let files: Vec<_> = found.iter().map(|r| r.dockerfile.clone().unwrap()).collect();
        assert_eq!(files, [PathBuf::from("A"), PathBuf::from("B")]);
        assert_eq!(found[1].context, Some("c".into()));
        let found = parse(&["audit", "--dockerfile", "A", "oci:a", "oci:b"]).unwrap();
        assert_eq!(found[0].dockerfile, Some("A".into()));
        let found = parse(&["audit", "oci:a", "dockerfile:D", "--dockerfile", "A"]).unwrap();
        assert_eq!(found[0].dockerfile, Some("A".into()));
        assert!(parse(&["audit", "oci:a", "--dockerfile", "A", "--dockerfile", "B"]).is_err());
        assert!(parse(&["audit", "compose:c", "--dockerfile", "A"]).is_err());
        let found = parse(&["audit", "--dockerfile", "A"]).unwrap();
        assert_eq!(found[0].source, Source::Dockerfile("A".into()));
    }

    #[test]
    fn a_daemon_configuration_belongs_to_the_host_beside_it() {
        let line = ["audit", "host:", "--daemon-config", "a", "--daemon-config", "b", "oci:x", "host:prod"];
        let found = parse(&[&line[..], &["--daemon-config", "c"]].concat()).unwrap();
        assert_eq!(found[0].files, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(found[2].files, [PathBuf::from("c")]);
        let found = parse(&["audit", "--daemon-config", "a", "host:"]).unwrap();
        assert_eq!(found[0].files, [PathBuf::from("a")]);
        assert!(parse(&["audit", "container:web", "--daemon-config", "a"]).is_err());
        assert!(parse(&["audit", "--daemon-config", "a"]).is_err());
    }

    #[test]
    fn collecting_needs_a_place_for_its_file_unless_it_only_says_what_it_would_read() {
        let Command::Collect(collect) =
            command(&["collect", "host:", "--containers", "--out", "a.facts", "--yes", "--note", "n"]).unwrap()
        else {
            panic!()
        };
        assert!(collect.containers && collect.yes && collect.note.as_deref() == Some("n"));
        assert!(command(&["collect", "host:"]).is_err());
        assert!(command(&["collect", "--out", "a.facts"]).is_err());
        assert!(command(&["collect", "host:", "--dry-run"]).is_ok());
        assert!(command(&["facts", "show", "a.facts", "--json", "-"]).is_ok());
    }

    fn command(line: &[&str]) -> Result<Command, clap::Error> {
        Cli::try_parse_from(std::iter::once(&"plimsoll").chain(line)).map(|cli| cli.command)
    }

    #[test]
    fn what_belongs_to_vulnerabilities_is_given_by_name() {
        let line = ["audit", "oci:a", "--advisories", "a.db", "--vex", "v.json", "--vex", "w.json", "--scan", "s.json"];
        let Command::Audit(audit) = command(&line).unwrap() else { panic!() };
        assert_eq!((audit.vex.len(), audit.scan.len()), (2, 1));
        assert_eq!(audit.advisories, Some("a.db".into()));
        assert!(command(&["audit", "oci:a", "--advisories", "a.db", "--no-advisories"]).is_err());
        let found = parse(&["audit", "sbom:a.json"]).unwrap();
        assert_eq!(found[0].source, Source::Sbom("a.json".into()));
    }

    #[test]
    fn the_advisory_database_is_imported_into_looked_at_and_updated() {
        use crate::advisories::AdvisoriesCommand;
        let Command::Advisories { command: AdvisoriesCommand::Import(import) } =
            command(&["advisories", "import", "a", "b", "--database", "x.db"]).unwrap()
        else {
            panic!()
        };
        assert_eq!((import.paths.len(), import.database), (2, Some("x.db".into())));
        assert!(command(&["advisories", "import"]).is_err());
        assert!(command(&["advisories", "status", "--json", "-"]).is_ok());
        let Command::Advisories { command: AdvisoriesCommand::Update(update) } =
            command(&["advisories", "update", "PyPI", "--from", "http://127.0.0.1:1"]).unwrap()
        else {
            panic!()
        };
        assert_eq!((update.sources, update.from.as_deref()), (vec!["PyPI".to_owned()], Some("http://127.0.0.1:1")));
    }

    #[test]
    fn a_bill_is_written_in_one_of_two_formats() {
        let Command::Sbom(bill) = command(&["sbom", "oci:a", "--format", "spdx", "-o", "a.json"]).unwrap() else {
            panic!()
        };
        assert_eq!(bill.format, plimsoll_workbench::bill::Format::Spdx);
        assert!(command(&["sbom", "oci:a", "--format", "pdf"]).is_err());
        assert!(command(&["sbom"]).is_err());
    }
}
