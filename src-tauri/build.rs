//! Lets Tauri read its configuration, embed the UI and make one permission for each of our commands.

/// Our commands. `capabilities/main.json` grants them to the main window.
const COMMANDS: &[&str] = &[
    "start",
    "engagement",
    "engagement_new",
    "engagement_open",
    "engagement_sample",
    "engagement_close",
    "daemon_images",
    "detect",
    "subject_add",
    "subject_remove",
    "audit_run",
    "audit_cancel",
    "cell",
    "requirement",
    "subject",
    "folder",
    "packages",
    "checks",
    "check",
    "settings",
    "settings_set",
    "registries",
    "registry_save",
    "registry_remove",
    "registry_login",
    "registry_logout",
    "registry_test",
    "registry_repositories",
    "registry_tags",
    "registry_image",
    "trust",
    "pin_forget",
    "read_text",
    "decide",
    "evidence_add",
    "evidence_get",
    "identity",
    "identity_create",
    "report_export",
    "report_open",
];

fn main() {
    let attributes = tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
