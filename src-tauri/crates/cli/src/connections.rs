//! How registries are reached: the same words for every command that asks one.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use plimsoll_workbench::WorkbenchError;
use plimsoll_workbench::judgement::{Connection, Credentials};

/// Connections to registries. HOST is a registry's host as references have it: `registry.example.com`, `127.0.0.1:5600`.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Registries")]
pub struct Connections {
    /// The Content Trust server of the registry that is asked, or of HOST; Docker Hub's own is known
    #[arg(long, value_name = "[HOST=]URL")]
    pub trust_server: Vec<String>,
    /// Speak plain HTTP with this registry
    #[arg(long, value_name = "HOST")]
    pub plain_http: Vec<String>,
    /// A registry that may be asked about the subjects: for signatures, base images, official images (docker.io)
    #[arg(long, value_name = "HOST")]
    pub registry: Vec<String>,
    /// The own certificate authority of a registry, PEM
    #[arg(long, value_name = "HOST=FILE")]
    pub ca: Vec<String>,
    /// The client certificate for a registry, PEM; its key with --client-key
    #[arg(long, value_name = "HOST=FILE")]
    pub client_certificate: Vec<String>,
    /// The key of the client certificate, PEM
    #[arg(long, value_name = "HOST=FILE")]
    pub client_key: Vec<String>,
    /// A proxy for one registry; without it HTTPS_PROXY, HTTP_PROXY and NO_PROXY count
    #[arg(long, value_name = "HOST=URL")]
    pub proxy: Vec<String>,
    /// A registry that answers in the place of HOST, asked first
    #[arg(long, value_name = "HOST=MIRROR")]
    pub mirror: Vec<String>,
    /// A repository to probe where the catalogue is closed
    #[arg(long, value_name = "HOST=NAME")]
    pub repository: Vec<String>,
    /// The owner consents to an anonymous upload being opened and cancelled; WHO consented is recorded
    #[arg(long, value_name = "HOST=WHO")]
    pub push_probe: Vec<String>,
    /// The owner consents to the deletion of a digest that cannot exist being asked for; WHO consented is recorded
    #[arg(long, value_name = "HOST=WHO")]
    pub delete_probe: Vec<String>,
    /// Keep images that are fetched from this registry, as OCI layouts beside the engagement
    #[arg(long, value_name = "HOST")]
    pub keep_images: Vec<String>,
    /// Who asks; without it what docker login stored
    #[arg(long, value_name = "HOST=NAME")]
    pub user: Vec<String>,
    /// Read the user's password or token from the first line of a file
    #[arg(long, value_name = "HOST=FILE")]
    pub password_file: Vec<String>,
}

/// Connections, and credentials by host.
pub type Reached = (Vec<Connection>, Vec<(String, Credentials)>);

fn input(text: String) -> WorkbenchError {
    WorkbenchError::Input(text)
}

fn pair<'a>(flag: &str, text: &'a str) -> Result<(&'a str, &'a str), WorkbenchError> {
    match text.split_once('=') {
        Some((host, value)) if !host.is_empty() && !value.is_empty() => Ok((host, value)),
        _ => Err(input(format!("--{flag} {text} does not say for which registry; write --{flag} HOST=…"))),
    }
}

/// The connection to a host among those that were made before, or a new one.
fn of<'a>(connections: &'a mut Vec<Connection>, host: &str) -> Result<&'a mut Connection, WorkbenchError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    if host.is_empty() || !host.chars().all(fits) {
        let text =
            format!("\"{host}\" is not a registry's host; write it as references have it, without https:// and path");
        return Err(input(text));
    }
    let host = host.to_ascii_lowercase();
    let at = match connections.iter().position(|connection| connection.host == host) {
        Some(at) => at,
        None => {
            connections.push(Connection { host, ..Connection::default() });
            connections.len().saturating_sub(1)
        }
    };
    connections.get_mut(at).ok_or_else(|| input("no connection".to_owned()))
}

impl Connections {
    /// Reads files and asks for passwords. `asked` is the host that a trust server without a host belongs to.
    ///
    /// # Errors
    /// When a word is not understood, or a file cannot be read.
    pub fn read(&self, asked: Option<&str>) -> Result<Reached, WorkbenchError> {
        let mut connections = Vec::new();
        for host in &self.plain_http {
            of(&mut connections, host)?.plain_http = true;
        }
        for text in &self.ca {
            let (host, file) = pair("ca", text)?;
            let file = PathBuf::from(file);
            if !file.is_file() {
                return Err(WorkbenchError::NoFile(file));
            }
            of(&mut connections, host)?.ca = Some(file);
        }
        for host in &self.registry {
            of(&mut connections, host)?;
        }
        for host in &self.keep_images {
            of(&mut connections, host)?.keep_archive = true;
        }
        let existing = |flag: &str, text: &str| -> Result<(String, PathBuf), WorkbenchError> {
            let (host, file) = pair(flag, text)?;
            let file = PathBuf::from(file);
            if file.is_file() { Ok((host.to_owned(), file)) } else { Err(WorkbenchError::NoFile(file)) }
        };
        for text in &self.client_certificate {
            let (host, file) = existing("client-certificate", text)?;
            of(&mut connections, &host)?.client_certificate = Some(file);
        }
        for text in &self.client_key {
            let (host, file) = existing("client-key", text)?;
            of(&mut connections, &host)?.client_key = Some(file);
        }
        if let Some(half) = connections.iter().find(|c| c.client_certificate.is_some() != c.client_key.is_some()) {
            return Err(input(format!("{} needs --client-certificate and --client-key together.", half.host)));
        }
        for text in &self.proxy {
            let (host, url) = pair("proxy", text)?;
            if url.contains('@') {
                return Err(input(format!(
                    "--proxy for {host} holds a password; set HTTPS_PROXY for a proxy that wants one"
                )));
            }
            of(&mut connections, host)?.proxy = Some(url.to_owned());
        }
        for text in &self.mirror {
            let (host, mirror) = pair("mirror", text)?;
            let mirror = of(&mut connections, mirror)?.host.clone();
            of(&mut connections, host)?.mirrors.push(mirror);
        }
        for text in &self.repository {
            let (host, name) = pair("repository", text)?;
            of(&mut connections, host)?.repositories.push(name.to_owned());
        }
        let at = plimsoll_workbench::collect::now();
        for text in &self.push_probe {
            let (host, who) = pair("push-probe", text)?;
            of(&mut connections, host)?.push_probe = Some(format!("{who}, {at}"));
        }
        for text in &self.delete_probe {
            let (host, who) = pair("delete-probe", text)?;
            of(&mut connections, host)?.delete_probe = Some(format!("{who}, {at}"));
        }
        for text in &self.trust_server {
            let (host, url) = match text.split_once('=').filter(|(host, _)| !host.contains('/')) {
                Some((host, url)) => (Some(host), url),
                None => (asked, text.as_str()),
            };
            if !url.starts_with("https://") || url.contains('@') {
                return Err(input(format!(
                    "--trust-server {url} must begin with https:// and hold no password: trust data over plain HTTP proves nothing"
                )));
            }
            let Some(host) = host else {
                return Err(input(format!("--trust-server {url} does not say for which registry; write HOST={url}")));
            };
            of(&mut connections, host)?.trust_server = Some(url.trim_end_matches('/').to_owned());
        }
        let mut typed: Vec<(String, Credentials)> = Vec::new();
        for text in &self.user {
            let (host, user) = pair("user", text)?;
            // A host that credentials are given for is one that may be asked.
            let host = of(&mut connections, host)?.host.clone();
            let password = self.password(&host, user)?;
            typed.retain(|(known, _)| *known != host);
            typed.push((host, Credentials { user: user.to_owned(), password }));
        }
        for text in &self.password_file {
            let (host, _) = pair("password-file", text)?;
            if !typed.iter().any(|(known, _)| known.eq_ignore_ascii_case(host)) {
                return Err(input(format!("--password-file {host}=… has no user; give --user {host}=NAME, too")));
            }
        }
        Ok((connections, typed))
    }

    fn password(&self, host: &str, user: &str) -> Result<String, WorkbenchError> {
        for text in &self.password_file {
            let (of, file) = pair("password-file", text)?;
            if of.eq_ignore_ascii_case(host) {
                let path = PathBuf::from(file);
                let text = std::fs::read_to_string(&path).map_err(|source| match source.kind() {
                    std::io::ErrorKind::NotFound => WorkbenchError::NoFile(path.clone()),
                    _ => WorkbenchError::Read { path: path.clone(), source },
                })?;
                return Ok(text.lines().next().unwrap_or_default().to_owned());
            }
        }
        if !std::io::stdin().is_terminal() {
            return Err(input(format!(
                "The password of {user} at {host} is missing; give --password-file {host}=FILE."
            )));
        }
        rpassword::prompt_password(format!("Password of {user} at {host}: "))
            .map_err(|error| input(format!("The password could not be read: {error}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_is_said_of_one_host_makes_one_connection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        std::fs::write(&file, "secret\nsecond line").unwrap();
        let at = |host: &str| format!("{host}={}", file.display());
        let given = Connections {
            trust_server: words(&["https://notary.example/", "other:1=https://n.other"]),
            plain_http: words(&["Other:1"]),
            ca: vec![at("r.example")],
            user: words(&["r.example=alice"]),
            password_file: vec![at("r.example")],
            push_probe: words(&["r.example=Ada Client"]),
            ..Connections::default()
        };
        let (connections, typed) = given.read(Some("r.example")).unwrap();
        assert_eq!(connections.len(), 2);
        let own = connections.iter().find(|connection| connection.host == "r.example").unwrap();
        assert_eq!(own.trust_server.as_deref(), Some("https://notary.example"));
        assert_eq!(own.ca.as_deref(), Some(file.as_path()));
        assert!(own.push_probe.as_deref().is_some_and(|who| who.starts_with("Ada Client, 20")));
        let other = connections.iter().find(|connection| connection.host == "other:1").unwrap();
        assert!(other.plain_http && other.trust_server.as_deref() == Some("https://n.other"));
        let (host, credentials) = &typed[0];
        assert_eq!((host.as_str(), credentials.user.as_str()), ("r.example", "alice"));
        assert_eq!(credentials.password, "secret");
    }

    #[test]
    fn words_that_make_no_sense_are_refused() {
        let of = |change: fn(&mut Connections)| {
            let mut given = Connections::default();
            change(&mut given);
            given.read(None)
        };
        assert!(of(|_| ()).is_ok());
        for change in [
            (|c| c.ca = words(&["nowhere.pem"])) as fn(&mut Connections),
            |c| c.ca = words(&["r.example=/nowhere.pem"]),
            |c| c.plain_http = words(&["https://r.example"]),
            |c| c.trust_server = words(&["https://notary.example"]),
            |c| c.trust_server = words(&["r.example=http://notary.example"]),
            |c| c.trust_server = words(&["r.example=https://a:b@notary.example"]),
            |c| c.password_file = words(&["r.example=/nowhere"]),
            |c| c.push_probe = words(&["r.example"]),
            |c| c.proxy = words(&["r.example=http://a:b@proxy:3128"]),
            |c| {
                c.user = words(&["r.example=alice"]);
                c.password_file = words(&["r.example=/nowhere"]);
            },
        ] {
            assert!(of(change).is_err());
        }
    }
}
