//! `plimsoll audit`
//!
//! Everything that can be refused is refused before anything is read or written; everything that is written is
//! written whole, at the end.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use plimsoll_workbench::catalog::{Language, LevelVerdict};
use plimsoll_workbench::collect::{Request, now};
use plimsoll_workbench::evidence::{Document, GivenFile};
use plimsoll_workbench::reach::{Reach, keep_connection};
use plimsoll_workbench::results::{Results, results};
use plimsoll_workbench::run::{Found, collect_all, record};
use plimsoll_workbench::scanning::Advisories;
use plimsoll_workbench::settings::write_whole;
use plimsoll_workbench::{Details, Engagement, EngineAddress, MovedSubject, NewSubject, Source, WorkbenchError};
use plimsoll_workbench::{acceptances, evidence, facts_file, identity, issue, lists};

use plimsoll_workbench::Connection;

use crate::args::{Audit, Order, requests, with_containers};
use crate::{passphrase, progress, summary};

/// Subjects that are named one by one where each would be a line.
const NAMED: usize = 20;

/// Runs the audit. Tells whether a required level is achieved.
pub fn run(args: &Audit, order: &Order) -> Result<bool, WorkbenchError> {
    let sources: Vec<Source> = args.subjects.iter().map(|s| s.parse::<Source>()).collect::<Result<_, _>>()?;
    let mut requests = requests(sources, &args.beside, order).map_err(WorkbenchError::Input)?;
    let existing = args.engagement.as_deref().filter(|path| path.exists());
    if requests.is_empty() && existing.is_none() {
        return Err(WorkbenchError::Input(
            "Nothing to audit; name a subject such as docker-daemon:nginx:1.27 or dockerfile:Dockerfile (see plimsoll audit --help).".into(),
        ));
    }
    let (connections, typed) = args.connections.read(None)?;
    let settings = args.settings.as_deref().map(plimsoll_workbench::run::read_settings).transpose()?;
    let given = given(args)?;
    let signer = signer(args)?;
    for path in [&args.json, &args.pdf, &args.engagement].into_iter().flatten().filter(|p| p.as_os_str() != "-") {
        writable(path)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    if args.engagement.is_some() {
        // An engagement is opened from anywhere, so its subjects carry absolute paths.
        let absolute = |path: &std::path::PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        for request in &mut requests {
            request.source = request.source.clone().absolute();
            request.dockerfile = request.dockerfile.as_ref().map(absolute);
            request.context = request.context.as_ref().map(absolute);
            request.files.iter_mut().for_each(|file| *file = absolute(file));
        }
    }
    let opened = existing.map(Engagement::open).transpose()?;
    if args.containers {
        if !requests.iter().any(|request| matches!(request.source, Source::Host(_))) {
            return Err(WorkbenchError::Input(
                "--containers takes the containers of a host, and no host is named; add host: to the subjects.".into(),
            ));
        }
        requests = runtime.block_on(with_containers(requests));
    }
    let settled = Settling::of(&mut requests, opened.as_ref())?;
    let reach = match &opened {
        Some(engagement) if args.read_again => Reach::of(engagement, &[])?.remembering(engagement)?,
        Some(engagement) => Reach::of(engagement, &[])?.knowing(engagement)?,
        None => Reach::default(),
    };
    let mut reach = reach.with(&connections, &typed);
    reach.advisories = match &args.advisories {
        _ if args.no_advisories => Advisories::None,
        path => Advisories::named(path.as_deref()),
    };
    if let Some(platform) = &args.platform {
        requests = runtime.block_on(with_platform(requests, platform, &reach))?;
    }
    let requests = match &opened {
        Some(engagement) => with_known(engagement, requests, &settled)?,
        None => requests,
    };
    if requests.is_empty() {
        return Err(WorkbenchError::NoSubjects);
    }

    let started = now();
    let (job, bar) = progress::job(args.quiet);
    let found = runtime.block_on(async {
        let stopper = job.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stopper.cancel();
            }
        });
        collect_all(&requests, &reach, &job).await
    });
    bar.finish_and_clear();
    let mut found = found?;
    if let Some(index) = (found.iter().all(|f| f.facts.is_err())).then_some(0)
        && !found.is_empty()
    {
        // Nothing could be read: there is no audit to speak of, and nothing is written.
        let mut errors = found.drain(..).filter_map(|f| f.facts.err());
        let first = errors.nth(index);
        for other in errors {
            eprintln!("plimsoll: {other}");
        }
        return Err(first.unwrap_or(WorkbenchError::NoSubjects));
    }
    let unread: Vec<_> = requests.iter().zip(&found).filter_map(|(r, f)| Some((r, f.facts.as_ref().err()?))).collect();
    for (request, error) in unread.iter().take(NAMED) {
        eprintln!("plimsoll: {} was not looked at: {error}", request.source);
    }
    if unread.len() > NAMED {
        eprintln!("plimsoll: {} more were not looked at; the results name them", unread.len() - NAMED);
    }
    conclude(
        args,
        Work { requests: &requests, found, started: &started, settings, connections, given, settled },
        opened,
        signer.as_ref(),
    )
}

/// What is given beside the subjects, read before any work is done.
struct Given {
    documents: Vec<GivenFile>,
    acceptances: Vec<acceptances::Wanted>,
}

fn given(args: &Audit) -> Result<Given, WorkbenchError> {
    let vex = args.vex.iter().map(|path| evidence::given(path, Document::Vex));
    let scans = args.scan.iter().map(|path| evidence::given(path, Document::Scan));
    let acceptances = args.acceptances.as_deref().map(acceptances::read_file).transpose()?.unwrap_or_default();
    Ok(Given { documents: vex.chain(scans).collect::<Result<_, _>>()?, acceptances })
}

/// The identity that signs, unlocked before any work is done.
fn signer(args: &Audit) -> Result<Option<Signer>, WorkbenchError> {
    if args.pdf.is_none() {
        return Ok(None);
    }
    let path = match &args.identity {
        Some(path) => path.clone(),
        None if identity::default_path().is_file() => identity::default_path(),
        None => {
            return Err(WorkbenchError::Input(
                "A report must be signed, and there is no signing identity; make one with plimsoll identity new --name \"YOUR NAME\", then give --identity FILE.p12.".into(),
            ));
        }
    };
    if !path.exists() {
        return Err(WorkbenchError::NoFile(path));
    }
    let passphrase = passphrase::get(args.passphrase_file.as_deref(), &path.display().to_string(), false)?;
    Ok(Some(Signer(identity::open(&path, &passphrase)?)))
}

/// An unlocked identity.
struct Signer(plimsoll_workbench::SigningIdentity);

/// Makes sure, before the work, that a file can be written later.
fn writable(path: &Path) -> Result<(), WorkbenchError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(WorkbenchError::NoFolder(folder.to_owned()));
    }
    if path.is_dir() {
        return Err(WorkbenchError::IsFolder(path.to_owned()));
    }
    Ok(())
}

/// Each image subject for the platform that was asked for, or for each one that it has.
async fn with_platform(requests: Vec<Request>, platform: &str, reach: &Reach) -> Result<Vec<Request>, WorkbenchError> {
    let mut all = Vec::new();
    for request in requests {
        let is_image = request.source.kind() == plimsoll_workbench::catalog::SubjectKind::Image;
        match platform {
            _ if !is_image => all.push(request),
            "all" => {
                let platforms = match &request.source {
                    Source::Registry(reference) => lists::registry_platforms(reach, reference).await?,
                    source => lists::platforms(source),
                };
                if platforms.is_empty() {
                    all.push(request);
                } else {
                    let each = platforms.into_iter().map(|p| Request { platform: Some(p), ..request.clone() });
                    all.extend(each);
                }
            }
            one => all.push(Request { platform: Some(one.to_owned()), ..request }),
        }
    }
    Ok(all)
}

/// The subjects that an engagement already has, and those that come new with this call.
fn with_known(engagement: &Engagement, new: Vec<Request>, settled: &Settling) -> Result<Vec<Request>, WorkbenchError> {
    let mut all = plimsoll_workbench::run::requests(engagement)?;
    for (subject, request) in engagement.subjects()?.into_iter().zip(&mut all) {
        if let Some(moved) = settled.moved.iter().find(|moved| moved.id == subject.id) {
            request.source = moved.source.parse()?;
        }
    }
    for request in new {
        if !all.contains(&request) {
            all.push(request);
        }
    }
    Ok(all)
}

/// Subjects out of facts files: which of the engagement's they are, and what they are called.
#[derive(Default)]
struct Settling {
    /// Names, by source.
    names: HashMap<String, String>,
    /// Subjects that the engagement has, and whose facts are in another file now.
    moved: Vec<MovedSubject>,
}

impl Settling {
    /// Puts the subjects of facts files in the place of the files.
    fn of(requests: &mut Vec<Request>, engagement: Option<&Engagement>) -> Result<Self, WorkbenchError> {
        let mut settled = Self::default();
        let mut files = Vec::new();
        for request in requests.iter() {
            match &request.source {
                Source::Collected(path, None) => files.push(path.clone()),
                Source::Collected(path, Some(_)) => {
                    let named = facts_file::subjects(path)?;
                    settled.names.extend(named.into_iter().map(|(source, name)| (source.to_string(), name)));
                }
                _ => {}
            }
        }
        if files.is_empty() {
            return Ok(settled);
        }
        let found = facts_file::settle(engagement, &files)?;
        for (path, reason) in &found.refused {
            eprintln!("plimsoll: {reason} ({})", path.display());
        }
        for note in found.notes.iter().take(NAMED) {
            eprintln!("plimsoll: {note}");
        }
        requests.retain(|request| !matches!(request.source, Source::Collected(_, None)));
        for subject in found.subjects {
            let source = subject.source.to_string();
            settled.names.insert(source.clone(), subject.name);
            match subject.id {
                Some(id) => settled.moved.push(MovedSubject { id, source }),
                None => requests.push(Request {
                    source: subject.source,
                    dockerfile: None,
                    context: None,
                    platform: None,
                    files: Vec::new(),
                }),
            }
        }
        Ok(settled)
    }
}

/// What was done before anything is written.
struct Work<'a> {
    requests: &'a [Request],
    found: Vec<Found>,
    started: &'a str,
    /// What --settings sets, as JSON.
    settings: Option<String>,
    /// How registries are reached, as given with this call.
    connections: Vec<Connection>,
    /// VEX documents, scanners' results and acceptances.
    given: Given,
    /// Subjects out of facts files.
    settled: Settling,
}

fn conclude(
    args: &Audit,
    mut work: Work<'_>,
    opened: Option<Engagement>,
    signer: Option<&Signer>,
) -> Result<bool, WorkbenchError> {
    let temporary =
        tempfile::tempdir().map_err(|source| WorkbenchError::Write { path: std::env::temp_dir(), source })?;
    let mut made = None;
    let mut engagement = match opened {
        Some(engagement) => engagement,
        None => {
            let path = args.engagement.clone().unwrap_or_else(|| temporary.path().join("audit.plimsoll"));
            let engagement = Engagement::create(&path, details(args, work.requests, signer))?;
            made = Some(path);
            engagement
        }
    };
    let done = write_all(args, &mut work, &mut engagement, signer);
    if done.is_err()
        && let Some(path) = made
    {
        // What this call made, it takes away again when it fails.
        drop(engagement);
        let _ = std::fs::remove_file(path);
    }
    let results = done?;
    let achieved = args.require_level.is_none_or(|required| {
        results.levels.iter().any(|level| level.level == required && level.verdict == LevelVerdict::Achieved)
    });
    Ok(achieved)
}

fn write_all(
    args: &Audit,
    work: &mut Work<'_>,
    engagement: &mut Engagement,
    signer: Option<&Signer>,
) -> Result<Results, WorkbenchError> {
    let text = |path: &std::path::PathBuf| path.display().to_string();
    if let Some(json) = &work.settings {
        engagement.set_settings(json)?;
    }
    for connection in &work.connections {
        keep_connection(engagement, connection)?;
    }
    let known = engagement.subjects()?;
    let is_other = |moved: &&MovedSubject| known.iter().any(|s| s.id == moved.id && s.source != moved.source);
    let moved: Vec<_> = work.settled.moved.iter().filter(is_other).cloned().collect();
    engagement.move_subjects(&moved)?;
    let engines: HashSet<&EngineAddress> = work.requests.iter().filter_map(|request| engine(&request.source)).collect();
    let mut new = Vec::new();
    for (request, found) in work.requests.iter().zip(&work.found) {
        let source = request.source.to_string();
        let name = work.settled.names.get(&source).cloned();
        new.push(NewSubject {
            kind: request.source.kind(),
            name: name.unwrap_or_else(|| name_of(request, found, engines.len() > 1)),
            source,
            dockerfile: request.dockerfile.as_ref().map(text),
            context: request.context.as_ref().map(text),
            platform: request.platform.clone(),
            files: request.files.iter().map(|file| file.display().to_string()).collect(),
        });
    }
    let subjects = engagement.add_subjects(&new)?;
    for document in &work.given.documents {
        evidence::keep(engagement, document)?;
    }
    acceptances::keep_all(engagement, &work.given.acceptances)?;
    record(engagement, work.started, &subjects, &mut work.found)?;
    let results = results(engagement)?;
    if let (Some(path), Some(Signer(identity))) = (&args.pdf, signer) {
        let language = if args.language == "de" { Language::De } else { Language::En };
        let issued = issue::issue(engagement, path, identity, language)?;
        for warning in &issued.warnings {
            eprintln!("plimsoll: {warning}");
        }
        if !args.quiet {
            eprintln!(
                "Report {} with {} pages, signed by {}: {}",
                issued.number,
                issued.pages,
                issued.signer,
                issued.path.display()
            );
        }
    }
    let json = || serde_json::to_string_pretty(&results).map_err(|error| WorkbenchError::Stopped(error.to_string()));
    match &args.json {
        Some(path) if path.as_os_str() == "-" => crate::print(&format!("{}\n", json()?)),
        Some(path) => write_whole(path, format!("{}\n", json()?).as_bytes(), false)?,
        None if args.quiet => {}
        None => crate::print(&summary::summary(&results)),
    }
    Ok(results)
}

/// The engine that a source asks.
fn engine(source: &Source) -> Option<&EngineAddress> {
    match source {
        Source::Host(address) | Source::Container(address, _) => Some(address),
        _ => None,
    }
}

/// What a subject is called: a host by its own name, and a container with its host's where there are several.
fn name_of(request: &Request, found: &Found, several: bool) -> String {
    let facts = found.facts.as_ref().ok();
    let name = request.source.name();
    match &request.source {
        Source::Host(_) => facts.and_then(|facts| facts.host.as_ref()?.name.clone()).unwrap_or(name),
        Source::Container(address, _) if several => {
            let host = facts.and_then(|facts| facts.container.as_ref()?.at.name.clone());
            format!("{name} on {}", host.unwrap_or_else(|| address.to_string()))
        }
        _ => name,
    }
}

fn details(args: &Audit, requests: &[Request], signer: Option<&Signer>) -> Details {
    let summary = signer.map(|Signer(identity)| identity.summary());
    let title = args.title.clone().unwrap_or_else(|| match requests {
        [single] => format!("Audit of {}", single.source.name()),
        several => format!("Audit of {} subjects", several.len()),
    });
    Details {
        title,
        client: args.client.clone().unwrap_or_default(),
        scope: match requests.len() {
            0..=NAMED => requests.iter().map(|r| r.source.to_string()).collect::<Vec<_>>().join(", "),
            many => format!("{many} subjects: {}", args.subjects.join(", ")),
        },
        auditor: args
            .auditor
            .clone()
            .or_else(|| summary.as_ref().map(|s| s.name.clone()))
            .unwrap_or_else(|| "not named".to_owned()),
        organization: summary.and_then(|s| s.organization).unwrap_or_default(),
        target_level: args.level,
        profile: args.profile,
        sample: false,
    }
}
