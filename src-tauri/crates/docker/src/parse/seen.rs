//! What a container's processes and its layer show: `GET /containers/ID/top` and `/changes`; and of an image its names.

use serde_json::Value;

use super::lists::named;
use super::value::{count, filled, words};
use crate::facts::{ChangeFacts, ChangeKind, ProcessFacts};

/// Most processes of one container. Of more nobody could say that all were looked at.
pub(crate) const PROCESSES: usize = 20_000;
/// Most changed paths of one container.
pub(crate) const CHANGES: usize = 20_000;

/// The table of `ps`, or of Podman's own. None when it is no table, or too long a one.
pub(crate) fn processes(answer: &Value) -> Option<Vec<ProcessFacts>> {
    let titles: Vec<String> = words(answer, "Titles").iter().map(|title| title.trim().to_uppercase()).collect();
    if titles.is_empty() {
        return None;
    }
    let column = |names: &[&str]| names.iter().find_map(|name| titles.iter().position(|title| title == name));
    // Podman tells the host's numbers apart from the container's.
    let pid = column(&["HPID", "PID"])?;
    let parent = if column(&["HPID"]).is_some() { None } else { column(&["PPID"]) };
    let uid = column(&["HUSER", "RUID", "UID"]);
    let user = column(&["USER", "RUSER", "HUSER", "UID"]);
    let command = column(&["COMMAND", "CMD", "ARGS"]);
    let rows = match answer.get("Processes") {
        Some(Value::Array(rows)) => rows.as_slice(),
        Some(Value::Null) | None => &[],
        Some(_) => return None,
    };
    if rows.len() > PROCESSES {
        return None;
    }
    let read = |row: &Value| {
        let row = row.as_array()?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).and_then(Value::as_str).map(str::trim);
        Some(ProcessFacts {
            pid: cell(Some(pid))?.parse().ok()?,
            parent: cell(parent).and_then(|text| text.parse().ok()),
            uid: cell(uid).and_then(|text| text.parse().ok()),
            user: cell(user).unwrap_or_default().to_owned(),
            command: cell(command).unwrap_or_default().to_owned(),
        })
    };
    readable(rows, rows.iter().filter_map(read).collect())
}

/// The changed paths, and whether there are more than are kept. Null means that nothing changed. None when
/// it is no list of changes.
pub(crate) fn changes(answer: &Value) -> Option<(Vec<ChangeFacts>, bool)> {
    let list = match answer {
        Value::Null => return Some((Vec::new(), false)),
        Value::Array(list) => list,
        _ => return None,
    };
    let read = |entry: &Value| {
        let kind = match count(entry, "Kind")? {
            0 => ChangeKind::Modified,
            1 => ChangeKind::Added,
            2 => ChangeKind::Deleted,
            _ => return None,
        };
        let path = filled(entry, "Path")?;
        Some(ChangeFacts { kind, path: plimsoll_secrets::redact_text(&path) })
    };
    let changes = readable(list, list.iter().take(CHANGES).filter_map(read).collect())?;
    Some((changes, list.len() > CHANGES))
}

/// What was read of a list; none when there is something in the list and nothing of it was understood.
fn readable<T>(list: &[Value], read: Vec<T>) -> Option<Vec<T>> {
    (list.is_empty() || !read.is_empty()).then_some(read)
}

/// An image's id and registry digests.
pub(crate) fn image(answer: &Value) -> Option<(String, Vec<String>)> {
    Some((filled(answer, "Id")?, named(answer, "RepoDigests")))
}
