//! The commands that the window may call. Each is a few lines: words in, the workbench's answer out.

use std::path::{Path, PathBuf};

use plimsoll_workbench::browse_view::{CheckLine, CheckPage, FolderView, PackagesView, SettingsView};
use plimsoll_workbench::catalog::Language;
use plimsoll_workbench::registries::Asking;
use plimsoll_workbench::settings::KnownIdentity;
use plimsoll_workbench::trust_view::{ConnectionView, OfferView, ProbesView, RegistriesView, TagView, TrustPage};
use plimsoll_workbench::view::{
    AddEvidence, CellView, DaemonImage, Decide, Detected, EngagementView, EvidenceBytes, ExportReport, Failure,
    IdentityView, NewEngagement, Progress, Recent, RequirementView, RunEnded, Start, SubjectView,
};
use plimsoll_workbench::{Job, Session, WorkbenchError, identity as identities, lists, settings as program};
use tauri::State;
use tauri::ipc::Channel;

use crate::state::Desktop;

pub(crate) type Answer<T> = Result<T, Failure>;
pub(crate) type Held<'a> = State<'a, Desktop>;

fn failure(error: &WorkbenchError) -> Failure {
    Failure { message: error.to_string(), details: error.details() }
}

/// An error of the workbench as the window shows it.
pub(crate) trait OrFailure<T> {
    /// The same, for the window.
    fn or_failure(self) -> Answer<T>;
}

impl<T> OrFailure<T> for Result<T, WorkbenchError> {
    fn or_failure(self) -> Answer<T> {
        self.map_err(|error| failure(&error))
    }
}

/// Does work on the engagement and gives the engagement as it is then.
pub(crate) fn act(
    desktop: &Desktop,
    language: Language,
    work: impl FnOnce(&mut Session) -> Result<(), WorkbenchError>,
) -> Answer<EngagementView> {
    desktop
        .with(|session| {
            session.set_language(language);
            work(session)?;
            session.view()
        })
        .or_failure()
}

/// Shows something of the engagement in the reader's language.
pub(crate) fn show<T>(
    desktop: &Desktop,
    language: Language,
    look: impl FnOnce(&Session) -> Result<T, WorkbenchError>,
) -> Answer<T> {
    desktop
        .with(|session| {
            session.set_language(language);
            look(session)
        })
        .or_failure()
}

/// Opens an engagement in the place of the one that is open. If that fails, the one that was open stays closed only
/// when it had to be: a file's lock must be given back before the same file can be opened again.
fn replace(
    desktop: &Desktop,
    language: Language,
    open: impl FnOnce() -> Result<Session, WorkbenchError>,
) -> Answer<EngagementView> {
    desktop.close().or_failure()?;
    desktop.put(open().or_failure()?);
    act(desktop, language, |_| Ok(()))
}

#[tauri::command]
pub async fn start(desktop: Held<'_>, language: Language) -> Answer<Start> {
    let remembered = desktop.settings();
    let open = act(&desktop, language, |_| Ok(())).ok();
    let recent = remembered.recent.into_iter().map(|known| Recent {
        exists: known.path.is_file(),
        path: known.path.display().to_string(),
        title: known.title,
        client: known.client,
        opened: known.opened,
    });
    Ok(Start {
        version: plimsoll_workbench::VERSION.to_owned(),
        recent: recent.collect(),
        folder: program::documents_folder().display().to_string(),
        auditor: remembered.auditor,
        organization: remembered.organization,
        open,
    })
}

#[tauri::command]
pub async fn engagement(desktop: Held<'_>, language: Language) -> Answer<EngagementView> {
    act(&desktop, language, |_| Ok(()))
}

#[tauri::command]
pub async fn engagement_new(desktop: Held<'_>, language: Language, args: NewEngagement) -> Answer<EngagementView> {
    replace(&desktop, language, || Session::create(&args, language))
}

#[tauri::command]
pub async fn engagement_open(desktop: Held<'_>, language: Language, path: String) -> Answer<EngagementView> {
    if desktop.is_open(Path::new(&path)) {
        return act(&desktop, language, |_| Ok(()));
    }
    replace(&desktop, language, || Session::open(Path::new(&path), language))
}

#[tauri::command]
pub async fn engagement_sample(desktop: Held<'_>, language: Language) -> Answer<EngagementView> {
    replace(&desktop, language, || Session::sample(language))
}

#[tauri::command]
pub async fn engagement_close(desktop: Held<'_>) -> Answer<()> {
    desktop.close().or_failure()
}

#[tauri::command]
pub async fn daemon_images(language: Language) -> Answer<Vec<DaemonImage>> {
    lists::daemon_images(language).await.or_failure()
}

#[tauri::command]
pub async fn detect(path: String) -> Answer<Detected> {
    lists::detect(Path::new(&path)).or_failure()
}

#[tauri::command]
pub async fn subject_add(
    desktop: Held<'_>,
    language: Language,
    source: String,
    dockerfile: Option<String>,
    context: Option<String>,
    platform: Option<String>,
) -> Answer<EngagementView> {
    act(&desktop, language, |session| {
        session.add_subject(&source, dockerfile.as_deref(), context.as_deref(), platform.as_deref())
    })
}

#[tauri::command]
pub async fn subject_remove(desktop: Held<'_>, language: Language, id: String) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.remove_subject(&id))
}

/// A job whose steps go to the window.
pub(crate) fn progress_job(on_progress: Channel<Progress>) -> Job {
    Job::new(move |step| {
        #[allow(clippy::cast_precision_loss)] // bytes for a progress bar
        let progress = Progress {
            subject: u32::try_from(step.subject).unwrap_or(u32::MAX),
            subjects: u32::try_from(step.subjects).unwrap_or(u32::MAX),
            name: step.name.clone(),
            step: step.step.to_owned(),
            done: step.done as f64,
            total: step.total as f64,
        };
        // A window that has gone away needs no progress.
        let _ = on_progress.send(progress);
    })
}

#[tauri::command]
pub async fn audit_run(desktop: Held<'_>, language: Language, on_progress: Channel<Progress>) -> Answer<RunEnded> {
    let job = progress_job(on_progress);
    desktop.begin_run(&job).or_failure()?;
    let done = run(&desktop, &job).await;
    desktop.end_run();
    let cancelled = match done {
        Ok(()) => false,
        Err(error) if error.is_cancelled() => true,
        Err(error) => return Err(failure(&error)),
    };
    Ok(RunEnded { engagement: act(&desktop, language, |_| Ok(()))?, cancelled })
}

async fn run(desktop: &Desktop, job: &Job) -> Result<(), WorkbenchError> {
    let prepared = desktop.with(|session| session.prepare_run())?;
    let started = prepared.started().to_owned();
    match prepared.collect(job).await {
        Ok(mut collected) => desktop.with(|session| session.record_run(&mut collected)),
        Err(error) => {
            if error.is_cancelled() {
                desktop.with(|session| session.record_cancelled(&started))?;
            }
            Err(error)
        }
    }
}

#[tauri::command]
pub async fn audit_cancel(desktop: Held<'_>) -> Answer<()> {
    desktop.cancel_run();
    Ok(())
}

#[tauri::command]
pub async fn cell(desktop: Held<'_>, language: Language, subject: String, use_case: String) -> Answer<CellView> {
    show(&desktop, language, |session| session.cell(&subject, &use_case))
}

#[tauri::command]
pub async fn requirement(desktop: Held<'_>, language: Language, id: String) -> Answer<RequirementView> {
    show(&desktop, language, |session| session.requirement(&id))
}

#[tauri::command]
pub async fn subject(desktop: Held<'_>, language: Language, id: String) -> Answer<SubjectView> {
    show(&desktop, language, |session| session.subject(&id))
}

#[tauri::command]
pub async fn folder(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    layer: Option<u32>,
    path: String,
) -> Answer<FolderView> {
    show(&desktop, language, |session| session.folder(&subject, layer, &path))
}

#[tauri::command]
pub async fn packages(desktop: Held<'_>, language: Language, subject: String) -> Answer<PackagesView> {
    show(&desktop, language, |session| session.packages(&subject))
}

#[tauri::command]
pub async fn checks(desktop: Held<'_>, language: Language) -> Answer<Vec<CheckLine>> {
    show(&desktop, language, Session::checks)
}

#[tauri::command]
pub async fn check(desktop: Held<'_>, language: Language, id: String) -> Answer<CheckPage> {
    show(&desktop, language, |session| session.check(&id))
}

#[tauri::command]
pub async fn settings(desktop: Held<'_>, language: Language) -> Answer<SettingsView> {
    show(&desktop, language, Session::settings)
}

#[tauri::command]
pub async fn settings_set(desktop: Held<'_>, language: Language, args: SettingsView) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.set_settings(&args))
}

#[tauri::command]
pub async fn registries(desktop: Held<'_>, language: Language) -> Answer<RegistriesView> {
    show(&desktop, language, Session::registries)
}

/// Does work on the engagement and gives its registries as they are then.
fn on_registries(
    desktop: &Desktop,
    language: Language,
    work: impl FnOnce(&mut Session) -> Result<(), WorkbenchError>,
) -> Answer<RegistriesView> {
    desktop
        .with(|session| {
            session.set_language(language);
            work(session)?;
            session.registries()
        })
        .or_failure()
}

#[tauri::command]
pub async fn registry_save(
    desktop: Held<'_>,
    language: Language,
    args: ConnectionView,
    consent_by: String,
) -> Answer<RegistriesView> {
    on_registries(&desktop, language, |session| session.save_registry(&args, &consent_by))
}

#[tauri::command]
pub async fn registry_remove(desktop: Held<'_>, language: Language, host: String) -> Answer<RegistriesView> {
    on_registries(&desktop, language, |session| session.remove_registry(&host))
}

#[tauri::command]
pub async fn registry_login(
    desktop: Held<'_>,
    language: Language,
    host: String,
    user: String,
    password: String,
    remember: bool,
) -> Answer<RegistriesView> {
    on_registries(&desktop, language, |session| session.login(&host, &user, &password, remember))
}

#[tauri::command]
pub async fn registry_logout(desktop: Held<'_>, language: Language, host: String) -> Answer<RegistriesView> {
    on_registries(&desktop, language, |session| session.logout(&host))
}

/// What is needed to ask registries something while the engagement stays usable.
fn asking(desktop: &Desktop, language: Language) -> Answer<Asking> {
    show(desktop, language, Session::asking)
}

#[tauri::command]
pub async fn registry_test(desktop: Held<'_>, language: Language, host: String) -> Answer<ProbesView> {
    Ok(asking(&desktop, language)?.test(&host, Job::silent().token()).await)
}

#[tauri::command]
pub async fn registry_repositories(
    desktop: Held<'_>,
    language: Language,
    host: String,
    search: String,
) -> Answer<OfferView> {
    asking(&desktop, language)?.repositories(&host, &search).await.or_failure()
}

#[tauri::command]
pub async fn registry_tags(
    desktop: Held<'_>,
    language: Language,
    host: String,
    repository: String,
    search: String,
) -> Answer<OfferView> {
    asking(&desktop, language)?.tags(&host, &repository, &search).await.or_failure()
}

#[tauri::command]
pub async fn registry_image(desktop: Held<'_>, language: Language, reference: String) -> Answer<TagView> {
    asking(&desktop, language)?.image(&reference).await.or_failure()
}

#[tauri::command]
pub async fn trust(desktop: Held<'_>, language: Language, subject: String) -> Answer<TrustPage> {
    show(&desktop, language, |session| session.trust(&subject))
}

#[tauri::command]
pub async fn pin_forget(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    gun: String,
    reason: String,
) -> Answer<TrustPage> {
    desktop
        .with(|session| {
            session.set_language(language);
            session.forget_pin(&gun, &reason)?;
            session.trust(&subject)
        })
        .or_failure()
}

#[tauri::command]
pub async fn read_text(path: String) -> Answer<String> {
    lists::read_text(Path::new(&path)).or_failure()
}

#[tauri::command]
pub async fn decide(desktop: Held<'_>, language: Language, args: Decide) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.decide(&args))
}

#[tauri::command]
pub async fn evidence_add(desktop: Held<'_>, language: Language, args: AddEvidence) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.add_evidence(&args))
}

#[tauri::command]
pub async fn evidence_get(desktop: Held<'_>, number: String) -> Answer<EvidenceBytes> {
    desktop.with(|session| session.evidence_bytes(&number)).or_failure()
}

fn identity_view(known: Option<KnownIdentity>) -> IdentityView {
    let known = known.unwrap_or_else(|| KnownIdentity { path: identities::default_path(), ..KnownIdentity::default() });
    IdentityView {
        exists: known.path.is_file(),
        path: known.path.display().to_string(),
        name: known.name,
        organization: known.organization,
        not_after: known.not_after,
        fingerprint: known.fingerprint,
    }
}

#[tauri::command]
pub async fn identity(desktop: Held<'_>) -> Answer<IdentityView> {
    Ok(identity_view(desktop.settings().identity))
}

/// What takes its time (deriving a key from a passphrase, an import) happens on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WorkbenchError> + Send + 'static,
) -> Result<T, WorkbenchError> {
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| WorkbenchError::Stopped(error.to_string()))?
}

#[tauri::command]
pub async fn identity_create(
    desktop: Held<'_>,
    name: String,
    organization: String,
    passphrase: String,
) -> Answer<IdentityView> {
    let made =
        blocking(move || identities::create(&identities::default_path(), &name, Some(&organization), &passphrase))
            .await
            .or_failure()?;
    let known = identities::known(&made.path, &made.summary);
    desktop.remember(|settings| settings.identity = Some(known.clone()));
    Ok(identity_view(Some(known)))
}

#[tauri::command]
pub async fn report_export(desktop: Held<'_>, language: Language, args: ExportReport) -> Answer<EngagementView> {
    let path = PathBuf::from(args.identity.clone());
    let passphrase = args.passphrase.clone();
    let unlocked = blocking({
        let path = path.clone();
        move || identities::open(&path, &passphrase)
    })
    .await
    .or_failure()?;
    let known = identities::known(&path, &unlocked.summary());
    desktop.remember(|settings| settings.identity = Some(known));
    let report_language = if args.language == "de" { Language::De } else { Language::En };
    act(&desktop, language, |session| session.issue(Path::new(args.path.trim()), &unlocked, report_language))
}

#[tauri::command]
pub async fn report_open(desktop: Held<'_>, language: Language, number: String) -> Answer<()> {
    let view = act(&desktop, language, |_| Ok(()))?;
    let report = view.reports.into_iter().find(|report| report.number == number).ok_or_else(|| Failure {
        message: format!("There is no report {number} in this engagement."),
        details: String::new(),
    })?;
    if !Path::new(&report.path).is_file() {
        return Err(failure(&WorkbenchError::NoFile(report.path.into())));
    }
    open::that_detached(&report.path).map_err(|error| Failure {
        message: format!("{} could not be opened; open it with a PDF reader of your own.", report.path),
        details: error.to_string(),
    })
}
