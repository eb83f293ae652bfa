//! The commands of vulnerabilities and of the advisory database. Each is a few lines: words in, the workbench's answer out.

use std::path::{Path, PathBuf};

use plimsoll_workbench::catalog::Language;
use plimsoll_workbench::view::{EngagementView, Failure, Progress};
use plimsoll_workbench::vulnerabilities as advisories;
use plimsoll_workbench::vulnerability_view::{
    AcceptanceView, ComparisonView, DatabaseView, ImportEnded, NewAcceptance, VulnerabilityPage, VulnerabilityQuery,
    VulnerabilityView,
};
use plimsoll_workbench::{Job, Session};
use tauri::ipc::Channel;

use crate::commands::{Answer, Held, OrFailure, act, blocking, progress_job, show};
use crate::state::Desktop;

/// Where this program keeps its advisory database.
fn database() -> PathBuf {
    advisories::default_database()
}

#[tauri::command]
pub async fn vulnerabilities(
    desktop: Held<'_>,
    language: Language,
    query: VulnerabilityQuery,
) -> Answer<VulnerabilityPage> {
    show(&desktop, language, |session| session.vulnerabilities(&query))
}

#[tauri::command]
pub async fn vulnerability(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    key: u32,
) -> Answer<VulnerabilityView> {
    show(&desktop, language, |session| session.vulnerability(&subject, key))
}

#[tauri::command]
pub async fn acceptances(desktop: Held<'_>, language: Language) -> Answer<Vec<AcceptanceView>> {
    show(&desktop, language, Session::acceptances)
}

#[tauri::command]
pub async fn accept_risk(desktop: Held<'_>, language: Language, args: NewAcceptance) -> Answer<String> {
    desktop
        .with(|session| {
            session.set_language(language);
            session.accept_risk(&args)
        })
        .or_failure()
}

#[tauri::command]
pub async fn withdraw_acceptance(
    desktop: Held<'_>,
    language: Language,
    id: String,
    reason: String,
) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.withdraw_acceptance(&id, &reason))
}

#[tauri::command]
pub async fn set_category(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    category: Option<String>,
) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.set_category(&subject, category.as_deref()))
}

#[tauri::command]
pub async fn comparisons(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    lines: bool,
) -> Answer<Vec<ComparisonView>> {
    show(&desktop, language, |session| session.comparisons(&subject, lines))
}

#[tauri::command]
pub async fn export_sbom(
    desktop: Held<'_>,
    language: Language,
    subject: String,
    format: String,
    path: String,
) -> Answer<()> {
    show(&desktop, language, |session| session.export_sbom(&subject, &format, Path::new(path.trim())))
}

#[tauri::command]
pub async fn match_again(desktop: Held<'_>, language: Language) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.match_again(Some(&database())))
}

#[tauri::command]
pub async fn advisories_status() -> Answer<DatabaseView> {
    // Opening a large file takes a moment; the window stays free.
    blocking(|| Ok(advisories::database_view(&database()))).await.or_failure()
}

/// How an import ended, for the window: what was written, or that it was cancelled and nothing changed.
type Ended = Option<ImportEnded>;

/// Does work on the database, one at a time; none when it was cancelled.
async fn on_database<F>(desktop: &Desktop, job: &Job, work: F) -> Answer<Ended>
where
    F: Future<Output = Result<ImportEnded, plimsoll_workbench::WorkbenchError>>,
{
    if !desktop.begin_advisories(job) {
        return Err(Failure {
            message: "The advisory database is being written already; wait for the end of that or cancel it first."
                .to_owned(),
            details: String::new(),
        });
    }
    let done = work.await;
    desktop.end_advisories();
    match done {
        Err(error) if error.is_cancelled() => Ok(None),
        done => done.map(Some).or_failure(),
    }
}

#[tauri::command]
pub async fn advisories_import(desktop: Held<'_>, paths: Vec<String>, on_progress: Channel<Progress>) -> Answer<Ended> {
    let job = progress_job(on_progress);
    let handle = job.clone();
    let inputs: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    on_database(&desktop, &job, blocking(move || advisories::import(&database(), &inputs, &handle))).await
}

#[tauri::command]
pub async fn advisories_update(
    desktop: Held<'_>,
    sources: Vec<String>,
    on_progress: Channel<Progress>,
) -> Answer<Ended> {
    let job = progress_job(on_progress);
    let handle = job.clone();
    on_database(&desktop, &job, async move { advisories::update(&database(), &sources, &handle).await }).await
}

#[tauri::command]
pub async fn advisories_cancel(desktop: Held<'_>) -> Answer<()> {
    desktop.cancel_advisories();
    Ok(())
}
