//! Updating an advisory database over the network: what has changed is fetched, then imported in one go, so that a failure
//! leaves the database as it was. Nobody is asked but the hosts of the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_advisories::SourceState;
use plimsoll_advisories::store::{self, Database, Input};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::collect::now;
use crate::database::{JobWatch, ended, make_folder};
use crate::error::WorkbenchError;
use crate::fetch::{Answer, Mark, client, fetch, shown};
use crate::job::Job;
use crate::settings::write_whole;
use crate::updates::{self, Source};
use crate::vulnerability_view::ImportEnded;

/// What is to be fetched.
#[derive(Debug, Clone)]
pub struct Plan {
    sources: Vec<Source>,
    from: Option<Url>,
}

impl Plan {
    /// The titles of the sources.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        self.sources.iter().map(|source| source.title.as_str()).collect()
    }

    /// The hosts that will be asked, each once.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        if let Some(from) = &self.from {
            let port = from.port().map(|port| format!(":{port}")).unwrap_or_default();
            return vec![format!("{}{port}", from.host_str().unwrap_or_default())];
        }
        let mut hosts: Vec<String> = self.sources.iter().map(|source| source.host.to_owned()).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

/// A file that was fetched.
struct Fetched {
    url: Url,
    path: PathBuf,
    mark: Mark,
    one_feed: bool,
}

/// What the sources said when they were asked last: kept beside the database, and worth nothing without it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// Ids of the sources that were updated.
    sources: Vec<String>,
    /// By address.
    files: BTreeMap<String, Mark>,
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".fetched.json");
    name.into()
}

impl Remembered {
    fn of(database: &Path) -> Self {
        // Nothing rests on it but what need not be fetched again.
        let text = std::fs::read(beside(database)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// Says what an update will ask for. `from` is a mirror's address that takes the place of each source's host.
///
/// # Errors
/// When there is no such source, or the mirror's address is none.
pub fn plan(database: &Path, sources: &[String], from: Option<&str>) -> Result<Plan, WorkbenchError> {
    let sources = updates::chosen(sources, &Remembered::of(database).sources)?;
    let from = from.map(|text| {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.as_ref().is_some_and(|url| {
            !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some()
        }) {
            return Err(WorkbenchError::Input(
                "The address of a mirror may hold no user, password or query: it is recorded with what was fetched."
                    .to_owned(),
            ));
        }
        url.ok_or_else(|| {
            WorkbenchError::Input(format!("\"{text}\" is no address of a mirror; write it like https://mirror.example"))
        })
    });
    Ok(Plan { sources, from: from.transpose()? })
}

/// The address of a file: at its source, or at the mirror.
fn address(url: &str, from: Option<&Url>) -> Option<Url> {
    let own = Url::parse(url).ok()?;
    let Some(mirror) = from else { return Some(own) };
    let base = mirror.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}{}", own.path())).ok()
}

/// Fetches what has changed and imports it.
///
/// # Errors
/// When a source cannot be reached, what it serves is refused, or the job is cancelled; then the database is as it was.
pub async fn update(database: &Path, plan: &Plan, job: &Job) -> Result<ImportEnded, WorkbenchError> {
    make_folder(database)?;
    let mut remembered = Remembered::of(database);
    let known = known_feeds(database);
    let write = |source| WorkbenchError::Write { path: database.to_owned(), source };
    // Beside the database: there is room for it, where there may be none in the system's temporary folder.
    let beside_it = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new().prefix(".plimsoll-update-").tempdir_in(beside_it).map_err(write)?;
    let mut fetched: Vec<Fetched> = Vec::new();
    let mut notes = Vec::new();
    let mut unchanged = Vec::new();
    for (index, source) in plan.sources.iter().enumerate() {
        let job = job.at(index + 1, plan.sources.len(), &source.title);
        job.tell("Asking for advisories", 0, 0);
        let mut answers = Vec::new();
        for file in &source.files {
            let url = address(&file.url, plan.from.as_ref()).ok_or_else(|| WorkbenchError::Fetch {
                url: file.url.clone(),
                reason: "it is no address".to_owned(),
            })?;
            let mark = remembered.files.get(url.as_str()).filter(|mark| {
                !mark.feeds.is_empty() && mark.feeds.iter().all(|feed| known.iter().any(|known| known == feed))
            });
            let to = folder.path().join(&file.name);
            let answer = fetch(&client(&url)?, &url, mark, &to, &job).await?;
            answers.push((file, url, to, answer));
        }
        let new = answers.iter().any(|(_, _, _, answer)| matches!(answer, Answer::New(_)));
        let mut found = 0_usize;
        for (file, url, to, answer) in answers {
            // A feed may be made of several files and is replaced as a whole: then the unchanged ones are needed too.
            let answer = match answer {
                Answer::Unchanged if new && source.one_feed => fetch(&client(&url)?, &url, None, &to, &job).await?,
                other => other,
            };
            match answer {
                Answer::New(mark) => {
                    found += 1;
                    fetched.push(Fetched { url, path: to, mark, one_feed: source.one_feed });
                }
                Answer::Unchanged => found += 1,
                Answer::Missing if file.may_be_missing => {}
                Answer::Missing => {
                    let reason = "the source has no such file".to_owned();
                    return Err(WorkbenchError::Fetch { url: shown(&url), reason });
                }
            }
        }
        if found == 0 {
            let reason = "the source has none of the files that were asked for".to_owned();
            return Err(WorkbenchError::Fetch { url: source.host.to_owned(), reason });
        }
        if !new {
            unchanged.push(source.title.clone());
        }
        let missing = source.files.len() - found;
        if missing > 0 {
            notes.push(format!("{}: {missing} of {} files are not there.", source.title, source.files.len()));
        }
    }
    let imported = if fetched.is_empty() {
        store::Imported::default()
    } else {
        let input = |of: &Fetched| Input { path: of.path.clone(), origin: Some(shown(&of.url)) };
        import_all(database, fetched.iter().map(input).collect(), job).await?
    };
    let feeds: Vec<&SourceState> = imported.written.iter().chain(&imported.unchanged).collect();
    for Fetched { url, mark, one_feed, .. } in fetched {
        // Of a feed that is made of several files, the database remembers one address.
        let host = url.origin().ascii_serialization();
        let of = |source: &&&SourceState| {
            source.origin.contains(&shown(&url)) || one_feed && source.origin.contains(&format!("{host}/"))
        };
        let feeds = feeds.iter().filter(of).map(|source| state_of(source)).collect();
        remembered.files.insert(url.to_string(), Mark { feeds, ..mark });
    }
    let ids = plan.sources.iter().map(|source| source.id.clone());
    remembered.sources.extend(ids);
    remembered.sources.sort();
    remembered.sources.dedup();
    let text = serde_json::to_vec_pretty(&remembered).map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    write_whole(&beside(database), &text, false)?;
    let mut ended = ended(database, imported);
    ended.unchanged.extend(unchanged);
    ended.notes.extend(notes);
    Ok(ended)
}

/// A feed in a state: what was fetched counts as known only while the database holds just that.
fn state_of(source: &SourceState) -> String {
    format!("{} {} {}", source.feed, source.sha256, crate::VERSION)
}

/// The feeds that a database holds, each with its state; none where there is none that can be used.
fn known_feeds(database: &Path) -> Vec<String> {
    let state = Database::open(database).and_then(|database| database.state());
    state.map(|state| state.sources.iter().map(state_of).collect()).unwrap_or_default()
}

async fn import_all(database: &Path, inputs: Vec<Input>, job: &Job) -> Result<store::Imported, WorkbenchError> {
    let (database, job) = (database.to_owned(), job.clone());
    let importing =
        tokio::task::spawn_blocking(move || store::import_named(&database, &inputs, &now(), &JobWatch(&job)));
    Ok(importing.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))??)
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
