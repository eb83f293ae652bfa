//! The commands of hosts, containers, facts files and the coverage. Each is a few lines: words in, the workbench's answer
//! out.

use std::path::PathBuf;

use plimsoll_workbench::Session;
use plimsoll_workbench::catalog::Language;
use plimsoll_workbench::runtime_view::{
    CoverageView, EngineAnswer, EngineChoice, FactsImport, NewHost, RuntimeList, RuntimePage,
};
use plimsoll_workbench::view::EngagementView;
use plimsoll_workbench::{coverage as standard, runtime, runtime_page as pages};

use crate::commands::{Answer, Held, OrFailure, act, show};

#[tauri::command]
pub async fn coverage(language: Language) -> Answer<CoverageView> {
    Ok(standard::coverage(language))
}

#[tauri::command]
pub async fn runtime_list(desktop: Held<'_>, language: Language) -> Answer<RuntimeList> {
    show(&desktop, language, Session::runtime_list)
}

#[tauri::command]
pub async fn runtime_page(desktop: Held<'_>, language: Language, subject: String) -> Answer<RuntimePage> {
    show(&desktop, language, |session| session.runtime_page(&subject))
}

#[tauri::command]
pub async fn engines(language: Language) -> Answer<Vec<EngineChoice>> {
    Ok(pages::engines(language))
}

#[tauri::command]
pub async fn ask_engine(address: String) -> Answer<EngineAnswer> {
    runtime::ask_engine(&address).await.or_failure()
}

#[tauri::command]
pub async fn add_host(desktop: Held<'_>, language: Language, new: NewHost) -> Answer<EngagementView> {
    act(&desktop, language, |session| session.add_host(&new))
}

#[tauri::command]
pub async fn import_facts(desktop: Held<'_>, language: Language, paths: Vec<PathBuf>) -> Answer<FactsImport> {
    desktop
        .with(|session| {
            session.set_language(language);
            session.import_facts(&paths)
        })
        .or_failure()
}
