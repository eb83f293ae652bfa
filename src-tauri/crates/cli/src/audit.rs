//! `plimsoll audit`
//!
//! Everything that can be refused is refused before anything is read or written; everything that is written is
//! written whole, at the end.

use std::path::Path;

use plimsoll_workbench::catalog::{Language, LevelVerdict};
use plimsoll_workbench::collect::{Request, now};
use plimsoll_workbench::evidence::{Document, GivenFile};
use plimsoll_workbench::reach::{Reach, keep_connection};
use plimsoll_workbench::results::{Results, results};
use plimsoll_workbench::run::{Found, collect_all, record};
use plimsoll_workbench::scanning::Advisories;
use plimsoll_workbench::settings::write_whole;
use plimsoll_workbench::{Details, Engagement, NewSubject, Source, WorkbenchError};
use plimsoll_workbench::{acceptances, evidence, identity, issue, lists};

use plimsoll_workbench::Connection;

use crate::args::{Audit, Order, requests};
use crate::{passphrase, progress, summary};

/// Runs the audit. Tells whether a required level is achieved.
pub fn run(args: &Audit, order: Order) -> Result<bool, WorkbenchError> {
    let sources: Vec<Source> = args.subjects.iter().map(|s| s.parse::<Source>()).collect::<Result<_, _>>()?;
    let mut requests = requests(sources, &args.dockerfile, &args.context, &order).map_err(WorkbenchError::Input)?;
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
        }
    }
    let opened = existing.map(Engagement::open).transpose()?;
    let reach = match &opened {
        Some(engagement) if args.read_again => Reach::of(engagement, &[])?,
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
        Some(engagement) => with_known(engagement, requests)?,
        None => requests,
    };

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
    for (request, found) in requests.iter().zip(&found) {
        if let Err(error) = &found.facts {
            eprintln!("plimsoll: {} was not looked at: {error}", request.source);
        }
    }
    conclude(
        args,
        Work { requests: &requests, found, started: &started, settings, connections, given },
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
fn with_known(engagement: &Engagement, new: Vec<Request>) -> Result<Vec<Request>, WorkbenchError> {
    let mut all = plimsoll_workbench::run::requests(engagement)?;
    for request in new {
        if !all.contains(&request) {
            all.push(request);
        }
    }
    Ok(all)
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
    let mut subjects = Vec::new();
    if let Some(json) = &work.settings {
        engagement.set_settings(json)?;
    }
    for connection in &work.connections {
        keep_connection(engagement, connection)?;
    }
    for request in work.requests {
        subjects.push(engagement.add_subject(&NewSubject {
            kind: request.source.kind(),
            name: request.source.name(),
            source: request.source.to_string(),
            dockerfile: request.dockerfile.as_ref().map(text),
            context: request.context.as_ref().map(text),
            platform: request.platform.clone(),
            files: request.files.iter().map(|file| file.display().to_string()).collect(),
        })?);
    }
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

fn details(args: &Audit, requests: &[Request], signer: Option<&Signer>) -> Details {
    let summary = signer.map(|Signer(identity)| identity.summary());
    let title = args.title.clone().unwrap_or_else(|| match requests {
        [single] => format!("Audit of {}", single.source.name()),
        several => format!("Audit of {} subjects", several.len()),
    });
    Details {
        title,
        client: args.client.clone().unwrap_or_default(),
        scope: requests.iter().map(|r| r.source.to_string()).collect::<Vec<_>>().join(", "),
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
