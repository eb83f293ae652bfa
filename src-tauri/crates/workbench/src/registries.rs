//! The registries of an engagement: how each is reached, what probes saw, what it offers.

use plimsoll_catalog::{Language, SubjectKind};
use plimsoll_checks::Facts;
use plimsoll_engagement::{Kept, NewSubject};
use plimsoll_registry::facts::{Answer, Asked, CertificateFacts, ClientFacts, EngineRegistries, RegistryFacts};
use plimsoll_registry::{Connection, Credentials, Network, Reference};
use tokio_util::sync::CancellationToken;

use crate::collect::now;
use crate::error::WorkbenchError;
use crate::reach::{Reach, keep_connection};
use crate::results::facts_of;
use crate::session::Session;
use crate::source::Source;
use crate::trust_view::{
    CertificateView, ConnectionView, OfferView, ProbeRow, ProbesView, RegistriesView, RegistryRow, TagImage, TagView,
};
use crate::words::{self, pick};

/// What is recorded of a connection, from what was entered. `consent` is who consented to the probes that write.
fn connection(
    view: &ConnectionView,
    consent_by: &str,
    before: Option<&Connection>,
) -> Result<Connection, WorkbenchError> {
    let input = |text: String| WorkbenchError::Input(text);
    let source: Source = format!("registry:{}", view.host.trim()).parse()?;
    let file = |path: &str| Some(path.trim()).filter(|path| !path.is_empty()).map(std::path::PathBuf::from);
    let word = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let list = |list: &[String]| list.iter().filter_map(|text| word(text)).collect::<Vec<_>>();
    if view.client_certificate.trim().is_empty() != view.client_key.trim().is_empty() {
        return Err(input("Give the client certificate together with its key.".to_owned()));
    }
    for path in [&view.ca, &view.client_certificate, &view.client_key] {
        if let Some(path) = file(path)
            && !path.is_file()
        {
            return Err(WorkbenchError::NoFile(path));
        }
    }
    if view.proxy.contains('@') {
        return Err(input(
            "Enter the proxy without user and password: the engagement keeps no secrets. Set HTTPS_PROXY for those."
                .to_owned(),
        ));
    }
    let trust_server = word(&view.trust_server);
    if trust_server.as_ref().is_some_and(|server| server.contains('@')) {
        return Err(input(
            "Enter the trust server without user and password: the engagement keeps no secrets.".to_owned(),
        ));
    }
    let mirror =
        |text: String| -> Result<String, WorkbenchError> { Ok(format!("registry:{text}").parse::<Source>()?.name()) };
    let mirrors = list(&view.mirrors).into_iter().map(mirror).collect::<Result<Vec<_>, _>>()?;
    if trust_server.as_ref().is_some_and(|server| !server.starts_with("https://")) {
        return Err(input(
            "Enter the trust server with https://: trust data over plain HTTP proves nothing.".to_owned(),
        ));
    }
    let consent = |asked: bool, before: Option<&String>| match (asked, before, word(consent_by)) {
        (false, _, _) => Ok(None),
        (true, Some(given), _) => Ok(Some(given.clone())),
        (true, None, Some(by)) => Ok(Some(format!("{by}, {}", now()))),
        (true, None, None) => Err(input(
            "Enter who consented: a probe that opens an upload or asks for a deletion needs the owner's word."
                .to_owned(),
        )),
    };
    Ok(Connection {
        host: source.name(),
        plain_http: view.plain_http,
        ca: file(&view.ca),
        client_certificate: file(&view.client_certificate),
        client_key: file(&view.client_key),
        proxy: word(&view.proxy),
        mirrors,
        trust_server,
        repositories: list(&view.repositories),
        push_probe: consent(view.push_probe, before.and_then(|known| known.push_probe.as_ref()))?,
        delete_probe: consent(view.delete_probe, before.and_then(|known| known.delete_probe.as_ref()))?,
        keep_archive: view.keep_archive,
    })
}

fn connection_view(connection: &Connection) -> ConnectionView {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
    ConnectionView {
        host: connection.host.clone(),
        plain_http: connection.plain_http,
        ca: path(&connection.ca),
        client_certificate: path(&connection.client_certificate),
        client_key: path(&connection.client_key),
        proxy: connection.proxy.clone().unwrap_or_default(),
        mirrors: connection.mirrors.clone(),
        trust_server: connection.trust_server.clone().unwrap_or_default(),
        repositories: connection.repositories.clone(),
        push_probe: connection.push_probe.is_some(),
        delete_probe: connection.delete_probe.is_some(),
        consent: connection.push_probe.clone().or_else(|| connection.delete_probe.clone()).unwrap_or_default(),
        keep_archive: connection.keep_archive,
    }
}

/// What a probe asked, in words.
pub(crate) fn asked(asked: Asked, language: Language) -> &'static str {
    match asked {
        Asked::PlainHttp => pick(language, "Plain HTTP", "Unverschlüsseltes HTTP"),
        Asked::Base => pick(language, "API without credentials", "API ohne Anmeldung"),
        Asked::Login => pick(language, "API with the auditor's credentials", "API mit Anmeldung des Auditors"),
        Asked::Catalog => pick(language, "Catalogue without credentials", "Katalog ohne Anmeldung"),
        Asked::Tags => pick(language, "Tags without credentials", "Tags ohne Anmeldung"),
        Asked::Manifest => pick(language, "Manifest without credentials", "Manifest ohne Anmeldung"),
        Asked::Blob => pick(language, "Layer without credentials", "Layer ohne Anmeldung"),
        Asked::PullToken => pick(language, "Anonymous token to read", "Anonymes Token zum Lesen"),
        Asked::PushToken => pick(language, "Anonymous token to write", "Anonymes Token zum Schreiben"),
        Asked::Push => pick(language, "Upload without credentials", "Upload ohne Anmeldung"),
        Asked::Delete => pick(language, "Deletion switched on", "Löschen eingeschaltet"),
    }
}

/// The answer in words.
pub(crate) fn answer(answer: &Answer, language: Language) -> String {
    match answer {
        Answer::Status { code, detail } => {
            let name = match code {
                200 => "OK",
                201 => "Created",
                202 => "Accepted",
                204 => "No Content",
                301 | 302 | 307 | 308 => "Redirect",
                400 => "Bad Request",
                401 => "Unauthorized",
                403 => "Forbidden",
                404 => "Not Found",
                405 => "Method Not Allowed",
                429 => "Too Many Requests",
                500..=599 => "Server Error",
                _ => "",
            };
            let status = format!("{code} {name}").trim_end().to_owned();
            if detail.is_empty() { status } else { format!("{status}: {detail}") }
        }
        Answer::Failed(reason) => format!("{}: {reason}", pick(language, "no answer", "keine Antwort")),
        Answer::NotAsked(reason) => format!("{}: {reason}", pick(language, "not asked", "nicht gefragt")),
    }
}

/// Whether an answer is what a guarded registry gives. Only a hint for the eye: the checks judge.
fn tone(asked: Asked, answer: &Answer) -> &'static str {
    let Answer::Status { code, .. } = answer else { return "unknown" };
    match (asked, *code) {
        (Asked::Login, 200) => "good",
        (Asked::Login, _) | (Asked::PlainHttp, 200..=299) | (Asked::Push, 200..=299) => "bad",
        (Asked::PlainHttp, 300..=399) => "good",
        (Asked::Delete, _) | (Asked::PullToken | Asked::PushToken, _) => "neutral",
        (_, 200..=299) => "bad",
        (_, 401 | 403) => "good",
        _ => "neutral",
    }
}

/// How to see an answer again with curl.
fn command(request: &str, settings: &[(String, String)]) -> String {
    let Some((method, url)) = request.split_once(' ') else { return String::new() };
    if !url.starts_with("http") {
        return String::new();
    }
    let ca = settings.iter().find(|(name, _)| name == "own CA").map(|(_, file)| format!(" --cacert '{file}'"));
    let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
    format!("curl -i{}{method} '{}'", ca.unwrap_or_default(), url.replace('\'', "%27"))
}

fn certificate(certificate: &CertificateFacts, language: Language) -> CertificateView {
    let rows = [
        (pick(language, "Issuer", "Aussteller"), certificate.issuer.clone()),
        (pick(language, "Names", "Namen"), certificate.names.join(", ")),
        (pick(language, "Valid from", "Gültig ab"), certificate.not_before.clone()),
        (pick(language, "Valid until", "Gültig bis"), certificate.not_after.clone()),
        (pick(language, "Key", "Schlüssel"), certificate.key.clone()),
        (pick(language, "Signature", "Signatur"), certificate.signature.clone()),
        ("SHA-256", certificate.sha256.clone()),
    ];
    CertificateView {
        subject: certificate.subject.clone(),
        details: rows.into_iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v)).collect(),
    }
}

/// What probes saw, for people.
pub(crate) fn probes_view(facts: &RegistryFacts, language: Language) -> ProbesView {
    let answered = |asked: Asked| {
        facts.probes.iter().any(|probe| probe.asked == asked && matches!(probe.answer, Answer::Status { .. }))
    };
    let connection = match &facts.tls {
        Some(_) => "https",
        None if answered(Asked::PlainHttp) => "plain-http",
        None => "unreachable",
    };
    let mut rows = Vec::new();
    if let Some(tls) = &facts.tls {
        rows.push((pick(language, "Version", "Version").to_owned(), tls.version.clone()));
        rows.push((pick(language, "Cipher suite", "Cipher-Suite").to_owned(), tls.cipher.clone()));
        rows.push((pick(language, "Trusted roots", "Vertraute Wurzeln").to_owned(), tls.roots.clone()));
        for (version, older) in &tls.older {
            use plimsoll_registry::facts::Older;
            let word = match older {
                Older::Accepted => pick(language, "accepted", "angenommen"),
                Older::Refused => pick(language, "refused", "abgelehnt"),
                Older::Unknown => pick(language, "could not be told", "nicht feststellbar"),
            };
            rows.push((version.clone(), word.to_owned()));
        }
    }
    rows.extend(facts.headers.iter().cloned());
    let auth = facts.auth.as_ref().map(|auth| {
        let mut text = auth.scheme.clone();
        for (name, value) in [("realm", &auth.realm), ("service", &auth.service)] {
            if !value.is_empty() {
                text = format!("{text}, {name} {value}");
            }
        }
        text
    });
    ProbesView {
        at: facts.collected.clone(),
        connection: connection.to_owned(),
        tls: rows,
        tls_problem: facts
            .tls
            .as_ref()
            .and_then(|tls| tls.problem.clone())
            .or_else(|| facts.tls_failed.clone())
            .unwrap_or_default(),
        certificates: facts.tls.iter().flat_map(|tls| &tls.chain).map(|c| certificate(c, language)).collect(),
        auth: auth.unwrap_or_default(),
        rows: facts
            .probes
            .iter()
            .map(|probe| ProbeRow {
                asked: asked(probe.asked, language).to_owned(),
                request: probe.request.clone(),
                answer: answer(&probe.answer, language),
                tone: tone(probe.asked, &probe.answer).to_owned(),
                at: probe.at.clone(),
                command: match &probe.answer {
                    Answer::NotAsked(_) => String::new(),
                    _ if probe.asked == Asked::Login => String::new(),
                    _ => command(&probe.request, &facts.settings),
                },
            })
            .collect(),
    }
}

/// Docker's client on this machine, for people.
fn client_rows(client: &ClientFacts, engine: Option<&EngineRegistries>, language: Language) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            rows.push((name.to_owned(), value));
        }
    };
    let mode = client.mode.map(|mode| format!(" ({:04o})", mode & 0o7777)).unwrap_or_default();
    let there = if client.exists { mode } else { pick(language, " (not there)", " (nicht vorhanden)").to_owned() };
    add(pick(language, "Configuration", "Konfiguration"), format!("{}{there}", client.path));
    let clear: Vec<String> = client.in_clear.iter().map(|(host, what)| format!("{host} ({what})")).collect();
    add(pick(language, "Secrets in clear", "Geheimnisse im Klartext"), clear.join(", "));
    add(pick(language, "Credential store", "Ablage der Zugangsdaten"), client.store.clone().unwrap_or_default());
    let helpers: Vec<String> = client.helpers.iter().map(|(host, helper)| format!("{host}: {helper}")).collect();
    add(pick(language, "Credential helpers", "Anmeldehelfer"), helpers.join(", "));
    add(pick(language, "Helpers that are missing", "Fehlende Anmeldehelfer"), client.missing_helpers.join(", "));
    add(pick(language, "docker command", "docker-Befehl"), client.cli_version.clone().unwrap_or_default());
    add("DOCKER_CONTENT_TRUST", client.content_trust.clone().unwrap_or_default());
    add("DOCKER_CONTENT_TRUST_SERVER", client.content_trust_server.clone().unwrap_or_default());
    if let Some(engine) = engine {
        add("Docker Engine", format!("{} {}", engine.version, engine.host));
        add(pick(language, "Insecure registries", "Unsichere Registries"), engine.insecure.join(", "));
        add(pick(language, "Mirrors of Docker Hub", "Spiegel von Docker Hub"), engine.mirrors.join(", "));
    }
    rows
}

/// What can be asked of registries without holding the engagement: made from it, then used alone.
#[derive(Debug, Clone)]
pub struct Asking {
    network: Network,
    language: Language,
}

impl Asking {
    /// Probes a registry now; nothing is recorded.
    pub async fn test(&self, host: &str, cancel: &CancellationToken) -> ProbesView {
        probes_view(&plimsoll_registry::probe(&self.network, host, cancel).await, self.language)
    }

    /// Repositories of a registry.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn repositories(&self, host: &str, search: &str) -> Result<OfferView, WorkbenchError> {
        let cancel = CancellationToken::new();
        let offer = plimsoll_registry::repositories(&self.network, host, search, LISTED, &cancel).await?;
        Ok(OfferView { rows: names(offer.rows), more: offer.more, note: offer.note })
    }

    /// Tags of a repository.
    ///
    /// # Errors
    /// When it does not answer, or there is no such repository.
    pub async fn tags(&self, host: &str, repository: &str, search: &str) -> Result<OfferView, WorkbenchError> {
        let reference = Reference::parse(&format!("{host}/{repository}"))?;
        let cancel = CancellationToken::new();
        let offer = plimsoll_registry::tags(&self.network, &reference, search, LISTED, &cancel).await?;
        Ok(OfferView { rows: names(offer.rows), more: offer.more, note: offer.note })
    }

    /// What a tag stands for.
    ///
    /// # Errors
    /// When it does not answer, or there is no such tag.
    pub async fn image(&self, reference: &str) -> Result<TagView, WorkbenchError> {
        let reference = Reference::parse(reference)?;
        let cancel = CancellationToken::new();
        let offer = plimsoll_registry::image(&self.network, &reference, &cancel).await?;
        let digests = [offer.digest.clone()];
        let (artifacts, _) = plimsoll_registry::signatures(&self.network, &reference, &digests, None, &cancel).await;
        let mut signatures: Vec<String> =
            artifacts.iter().map(|artifact| format!("{} ({})", artifact.place, artifact.artifact_type)).collect();
        if offer.attestations > 0 {
            let text = pick(self.language, "attestations in the index", "Attestierungen im Index");
            signatures.push(format!("{} {text}", offer.attestations));
        }
        let images = offer.images.into_iter().map(|image| TagImage {
            platform: image.platform,
            digest: image.digest,
            size: image.size.map(|size| words::bytes(size, self.language)).unwrap_or_default(),
            layers: image.layers.map_or(0, |layers| u32::try_from(layers).unwrap_or(u32::MAX)),
        });
        Ok(TagView { reference: reference.to_string(), digest: offer.digest, images: images.collect(), signatures })
    }
}

fn names(rows: Vec<plimsoll_registry::Offered>) -> Vec<String> {
    rows.into_iter().map(|offered| offered.name).collect()
}

/// Names that are listed at once.
const LISTED: usize = 10_000;

impl Session {
    /// What is needed to ask registries something outside of a run.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn asking(&self) -> Result<Asking, WorkbenchError> {
        Ok(Asking { network: Reach::of(&self.engagement, &self.typed)?.network, language: self.language })
    }

    /// The registries of the engagement.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn registries(&self) -> Result<RegistriesView, WorkbenchError> {
        let read = self.read()?;
        let network = Reach::of(&self.engagement, &self.typed)?.network;
        let mut rows = Vec::new();
        let mut client = Vec::new();
        for (index, subject) in read.subjects.iter().enumerate().filter(|(_, s)| s.kind == SubjectKind::Registry) {
            let facts = facts_of(&self.engagement, &subject.id)?;
            if let Some(Facts { client: Some(seen), registry, .. }) = &facts {
                client = client_rows(seen, registry.as_ref().and_then(|r| r.engine.as_ref()), self.language);
            }
            let outcomes = read.outcomes.iter().filter(|outcome| outcome.subject == subject.id);
            let outcomes = outcomes.filter(|outcome| outcome.use_case == Some(plimsoll_catalog::UseCaseId::C2));
            rows.push(RegistryRow {
                subject: self.subject_line(index, &read)?,
                connection: connection_view(&network.connection(&subject.name)),
                credentials: self.credentials(&subject.name, facts.as_ref()),
                probed: facts
                    .as_ref()
                    .and_then(|facts| facts.registry.as_ref())
                    .map(|registry| probes_view(registry, self.language)),
                outcome: crate::pages::worst(outcomes.map(|outcome| outcome.outcome)).to_owned(),
            });
        }
        Ok(RegistriesView { rows, client })
    }

    /// Who asks: what was typed in, or who it was in the last run. Helpers and keyrings are not asked for a page.
    fn credentials(&self, host: &str, facts: Option<&Facts>) -> String {
        match self.typed.iter().find(|(known, _)| known == host) {
            Some((_, typed)) => format!("{}, {}", typed.user, pick(self.language, "typed in", "eingegeben")),
            None => facts.and_then(|facts| facts.registry.as_ref()?.credentials.clone()).unwrap_or_default(),
        }
    }

    /// Adds a registry, or changes how it is reached.
    ///
    /// # Errors
    /// When what was entered makes no sense, or the engagement cannot be written.
    pub fn save_registry(&mut self, view: &ConnectionView, consent_by: &str) -> Result<(), WorkbenchError> {
        let network = Reach::of(&self.engagement, &[])?.network;
        let before = network.connections.iter().find(|known| known.host == view.host.trim().to_ascii_lowercase());
        let connection = connection(view, consent_by, before)?;
        keep_connection(&mut self.engagement, &connection)?;
        let known = self.engagement.subjects()?;
        if !known.iter().any(|subject| subject.kind == SubjectKind::Registry && subject.name == connection.host) {
            self.engagement.add_subject(&NewSubject {
                kind: SubjectKind::Registry,
                name: connection.host.clone(),
                source: format!("registry:{}", connection.host),
                dockerfile: None,
                context: None,
                platform: None,
                files: Vec::new(),
            })?;
        }
        Ok(())
    }

    /// Takes a registry out of the engagement. What was recorded about it stays.
    ///
    /// # Errors
    /// When the engagement cannot be written.
    pub fn remove_registry(&mut self, host: &str) -> Result<(), WorkbenchError> {
        for subject in self.engagement.subjects()? {
            if subject.kind == SubjectKind::Registry && subject.name == host {
                self.engagement.remove_subject(&subject.id)?;
            }
        }
        self.typed.retain(|(known, _)| known != host);
        Ok(self.engagement.keep(Kept::Connection, host, None, "taken out")?)
    }

    /// Keeps credentials for a registry in memory, and in the system's keyring when that is wanted.
    ///
    /// # Errors
    /// When something is missing, or the keyring refuses.
    pub fn login(&mut self, host: &str, user: &str, password: &str, remember: bool) -> Result<(), WorkbenchError> {
        if user.trim().is_empty() || password.is_empty() {
            return Err(WorkbenchError::Input("Enter the user's name and the password or access token.".to_owned()));
        }
        let credentials = Credentials { user: user.trim().to_owned(), password: password.to_owned() };
        if remember {
            plimsoll_registry::keyring_save(host, &credentials)?;
        }
        self.typed.retain(|(known, _)| known != host);
        self.typed.push((host.to_owned(), credentials));
        Ok(())
    }

    /// Forgets credentials that were typed in, in memory and in the system's keyring.
    ///
    /// # Errors
    /// When the keyring refuses.
    pub fn logout(&mut self, host: &str) -> Result<(), WorkbenchError> {
        self.typed.retain(|(known, _)| known != host);
        Ok(plimsoll_registry::keyring_remove(host)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_needs_a_name_and_stays_with_it() {
        let view = ConnectionView { host: "R.example:5000".into(), push_probe: true, ..ConnectionView::default() };
        assert!(connection(&view, " ", None).is_err());
        let first = connection(&view, "Ada Client", None).unwrap();
        assert_eq!(first.host, "r.example:5000");
        assert!(first.push_probe.as_deref().unwrap().starts_with("Ada Client, 20"));
        let again = connection(&view, "", Some(&first)).unwrap();
        assert_eq!(again.push_probe, first.push_probe);
        let without = ConnectionView { push_probe: false, ..view };
        assert_eq!(connection(&without, "", Some(&first)).unwrap().push_probe, None);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let view = |change: fn(&mut ConnectionView)| {
            let mut view = ConnectionView { host: "r.example".into(), ..ConnectionView::default() };
            change(&mut view);
            connection(&view, "", None)
        };
        assert!(view(|_| ()).is_ok());
        for change in [
            (|v| v.host = "https://r.example/x".into()) as fn(&mut ConnectionView),
            |v| v.client_key = "/nowhere".into(),
            |v| v.ca = "/nowhere/ca.pem".into(),
            |v| v.proxy = "http://user:secret@proxy:3128".into(),
            |v| v.trust_server = "http://notary.example".into(),
            |v| v.trust_server = "https://bob:secret@notary.example".into(),
            |v| v.mirrors = vec!["bob:secret@mirror.example".into()],
        ] {
            assert!(view(change).is_err());
        }
    }

    #[test]
    fn an_open_registry_is_shown_as_bad_and_a_closed_one_as_good() {
        let status = |code| Answer::Status { code, detail: String::new() };
        assert_eq!(tone(Asked::Catalog, &status(200)), "bad");
        assert_eq!(tone(Asked::Catalog, &status(401)), "good");
        assert_eq!(tone(Asked::Catalog, &Answer::Failed("x".into())), "unknown");
        assert_eq!(tone(Asked::Login, &status(401)), "bad");
        assert_eq!(answer(&status(401), Language::En), "401 Unauthorized");
        assert_eq!(
            command("GET https://r.example/v2/", &[("own CA".into(), "/ca.pem".into())]),
            "curl -i --cacert '/ca.pem' 'https://r.example/v2/'"
        );
    }
}
