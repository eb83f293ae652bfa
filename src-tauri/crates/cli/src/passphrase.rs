//! Where a passphrase comes from: a file, the environment, or a prompt. Never an argument.

use std::io::IsTerminal;
use std::path::Path;

use plimsoll_workbench::WorkbenchError;

/// The environment's variable.
pub const VARIABLE: &str = "PLIMSOLL_PASSPHRASE";

/// Gets a passphrase. A new one is asked for twice.
pub fn get(file: Option<&Path>, what: &str, new: bool) -> Result<String, WorkbenchError> {
    if let Some(path) = file {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(WorkbenchError::NoFile(path.to_owned()));
            }
            Err(source) => return Err(WorkbenchError::Read { path: path.to_owned(), source }),
        };
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Some(value) = std::env::var_os(VARIABLE) {
        return value.into_string().map_err(|_| WorkbenchError::Input(format!("{VARIABLE} is not valid UTF-8.")));
    }
    if !std::io::stdin().is_terminal() {
        return Err(WorkbenchError::Input(format!(
            "The passphrase of {what} is missing; give --passphrase-file FILE or set {VARIABLE}."
        )));
    }
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt)
            .map_err(|error| WorkbenchError::Input(format!("The passphrase could not be read: {error}.")))
    };
    let first = ask(format!("Passphrase for {what}: "))?;
    if new && ask("The same once more: ".to_owned())? != first {
        return Err(WorkbenchError::Input("The two passphrases differ; nothing was made.".to_owned()));
    }
    Ok(first)
}
