//! The desktop face: one window, and the commands that it may call. Thin: all work is the workbench's.
//!
//! `plimsoll-desktop [FILE.plimsoll]` opens an engagement, `plimsoll-desktop --sample` the sample.

// No console window beside ours on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod commands_runtime;
mod commands_vulnerabilities;
mod state;

use std::process::ExitCode;

fn main() -> ExitCode {
    let state = match state::Desktop::from_arguments(std::env::args_os().skip(1)) {
        Ok(state) => state,
        Err(message) => {
            eprintln!("plimsoll-desktop: {message}");
            return ExitCode::from(2);
        }
    };
    let run = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(state)
        .invoke_handler(tauri::generate_handler![
            commands::start,
            commands::engagement,
            commands::engagement_new,
            commands::engagement_open,
            commands::engagement_sample,
            commands::engagement_close,
            commands::daemon_images,
            commands::detect,
            commands::subject_add,
            commands::subject_remove,
            commands::audit_run,
            commands::audit_cancel,
            commands::cell,
            commands::requirement,
            commands::subject,
            commands::folder,
            commands::packages,
            commands::checks,
            commands::check,
            commands::settings,
            commands::settings_set,
            commands::registries,
            commands::registry_save,
            commands::registry_remove,
            commands::registry_login,
            commands::registry_logout,
            commands::registry_test,
            commands::registry_repositories,
            commands::registry_tags,
            commands::registry_image,
            commands::trust,
            commands::pin_forget,
            commands::read_text,
            commands_vulnerabilities::vulnerabilities,
            commands_vulnerabilities::vulnerability,
            commands_vulnerabilities::acceptances,
            commands_vulnerabilities::accept_risk,
            commands_vulnerabilities::withdraw_acceptance,
            commands_vulnerabilities::set_category,
            commands_vulnerabilities::comparisons,
            commands_vulnerabilities::export_sbom,
            commands_vulnerabilities::match_again,
            commands_vulnerabilities::advisories_status,
            commands_vulnerabilities::advisories_import,
            commands_vulnerabilities::advisories_update,
            commands_vulnerabilities::advisories_cancel,
            commands_runtime::coverage,
            commands_runtime::runtime_list,
            commands_runtime::runtime_page,
            commands_runtime::engines,
            commands_runtime::ask_engine,
            commands_runtime::add_host,
            commands_runtime::import_facts,
            commands::decide,
            commands::evidence_add,
            commands::evidence_get,
            commands::identity,
            commands::identity_create,
            commands::report_export,
            commands::report_open,
        ])
        .run(tauri::generate_context!());
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "plimsoll-desktop: The window could not be opened ({error}); on a machine without a display use plimsoll."
            );
            ExitCode::from(2)
        }
    }
}
