//! Reading containers: one, or many at one time over one connection.

use std::sync::PoisonError;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection::{Engine, Seen};
use super::error::DockerError;
use super::trouble::Trouble;
use crate::facts::{ContainerFacts, ImageNow, ListedContainer, Product, Unread};
use crate::mask;
use crate::parse::value::{at, filled};
use crate::parse::{container, lists, seen};

/// Most images whose names are remembered.
const IMAGES: usize = 10_000;
/// The columns that are asked of `ps`.
const PS: &str = "-eo%20pid,ppid,uid,user,args";
/// Podman's own names of columns: with others it would start a `ps` inside the container.
const PODMAN_PS: &str = "hpid,ppid,huser,user,args";

impl Engine {
    /// The containers, stopped ones too, as the engine lists them.
    ///
    /// # Errors
    /// When the engine does not give the list.
    pub async fn containers(&self) -> Result<Vec<ListedContainer>, DockerError> {
        let act = "list its containers";
        let answer = self.masked("/containers/json?all=1", &CancellationToken::new()).await;
        let answer = answer.map_err(|trouble| trouble.later(act))?;
        let odd = || DockerError::Engine { act: act.into(), reason: "the answer is no list".into() };
        lists::containers(&answer).ok_or_else(odd)
    }

    /// Reads one container by its name or id. What of the engine is needed to judge it is read once for all containers
    /// of this connection.
    ///
    /// # Errors
    /// When there is no such container, the engine does not answer, or the work is cancelled.
    pub async fn container_facts(&self, name: &str, cancel: &CancellationToken) -> Result<ContainerFacts, DockerError> {
        let name = name.strip_prefix('/').unwrap_or(name);
        // Docker's own rule for names; it keeps the path of the request what it is.
        let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || name.len() > 256 || !name.chars().all(fits) {
            return Err(DockerError::NoContainer(name.chars().take(256).collect()));
        }
        let (at_engine, missing) = self.at_engine(cancel).await?;
        let mut unread = missing.clone();
        let mut inspect = self.inspect(name, &mut unread, cancel).await?;
        let secrets = mask::secrets(&inspect);
        let names = (filled(at(&inspect, &["Config"]), "Image"), filled(&inspect, "Image"));
        mask::mask(&mut inspect);
        let mut facts = container::container(&inspect);
        facts.at = at_engine.clone();
        facts.secrets = secrets;
        let plain = !facts.id.is_empty() && facts.id.chars().all(|c| c.is_ascii_alphanumeric());
        let id = if plain { facts.id.clone() } else { name.to_owned() };
        let running = facts.state.running;
        let changes = format!("/containers/{id}/changes");
        let (top, changes, stats, image_now) = tokio::join!(
            async { if running { Some(self.top(&id, cancel).await) } else { None } },
            self.ask(&changes, self.patience.long, cancel),
            async { if running { Some(self.stats(&id, cancel).await) } else { None } },
            self.image_now(names, cancel),
        );
        if cancel.is_cancelled() {
            return Err(DockerError::Cancelled);
        }
        facts.answers.insert(format!("GET /containers/{id}/json"), inspect);
        let mut note = |what: &str, reason: String| {
            unread.push(Unread { what: format!("GET /containers/{id}/{what}"), reason });
        };
        match top {
            Some(Ok(mut answer)) => {
                mask::secrets_of_processes(&answer, &mut facts.secrets);
                mask::mask(&mut answer);
                facts.processes = seen::processes(&answer);
                if facts.processes.is_none() {
                    note("top", format!("The answer is no table of at most {} processes.", seen::PROCESSES));
                }
                facts.answers.insert(format!("GET /containers/{id}/top"), answer);
            }
            Some(Err(trouble)) => note("top", trouble.reason()),
            None => {}
        }
        match changes {
            Ok(answer) => match seen::changes(&answer) {
                Some((changes, cut)) => (facts.changes, facts.changes_cut) = (Some(changes), cut),
                None => note("changes", "The answer is no list of changes.".into()),
            },
            Err(trouble) => note("changes", trouble.reason()),
        }
        match stats {
            Some(Ok(answer)) => facts.stats = Some(container::stats(&answer)),
            Some(Err(reason)) => note("stats", reason),
            None => {}
        }
        let (image_now, problems) = image_now;
        facts.image_now = image_now;
        unread.extend(problems);
        facts.unread = unread;
        Ok(facts)
    }

    /// Reads many containers, `at_once` at one time. The results stand in the order of the names; `progress` gets how
    /// many are done and how many there are.
    ///
    /// # Errors
    /// Only when the work is cancelled: a container that cannot be read is an error in its place.
    pub async fn containers_facts(
        &self,
        names: &[String],
        at_once: usize,
        cancel: &CancellationToken,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Vec<Result<ContainerFacts, DockerError>>, DockerError> {
        let all = names.len() as u64;
        let mut done: Vec<Option<Result<ContainerFacts, DockerError>>> = names.iter().map(|_| None).collect();
        let mut count = 0_u64;
        self.each_container(names, at_once, cancel, |index, facts| {
            if let Some(place) = done.get_mut(index) {
                *place = Some(facts);
            }
            count = count.saturating_add(1);
            progress(count, all);
        })
        .await?;
        let lost = || DockerError::Engine { act: "tell of a container".into(), reason: "its reading broke off".into() };
        Ok(done.into_iter().map(|facts| facts.unwrap_or_else(|| Err(lost()))).collect())
    }

    /// As [`Engine::containers_facts`], and hands each over as it is done, so that not all have to be kept. `take` gets
    /// the place of the container's name in `names`.
    ///
    /// # Errors
    /// Only when the work is cancelled.
    pub async fn each_container(
        &self,
        names: &[String],
        at_once: usize,
        cancel: &CancellationToken,
        mut take: impl FnMut(usize, Result<ContainerFacts, DockerError>),
    ) -> Result<(), DockerError> {
        // Dropped with this future: then all that runs is ended.
        let mut running = JoinSet::new();
        let mut waiting = names.iter().cloned().enumerate();
        loop {
            while running.len() < at_once.clamp(1, 64) {
                let Some((index, name)) = waiting.next() else { break };
                let (engine, cancel) = (self.clone(), cancel.clone());
                running.spawn(async move { (index, engine.container_facts(&name, &cancel).await) });
            }
            match running.join_next().await {
                Some(Ok((_, Err(DockerError::Cancelled)))) => return Err(DockerError::Cancelled),
                Some(Ok((index, facts))) => take(index, facts),
                Some(Err(_)) => {}
                None => return Ok(()),
            }
        }
    }

    /// `GET /containers/NAME/json`, with the size of its layer where the engine can tell that in time.
    async fn inspect(
        &self,
        name: &str,
        unread: &mut Vec<Unread>,
        cancel: &CancellationToken,
    ) -> Result<Value, DockerError> {
        let path = format!("/containers/{name}/json");
        let fail = |trouble: Trouble| match trouble {
            Trouble::Status { code: 404, .. } => DockerError::NoContainer(name.to_owned()),
            other => other.later(&format!("tell of the container {name}")),
        };
        let answer = match self.ask(&format!("{path}?size=1"), self.patience.long, cancel).await {
            Err(trouble @ (Trouble::Slow(_) | Trouble::Status { code: 500.., .. })) => {
                let plain = self.ask(&path, self.patience.answer, cancel).await.map_err(fail)?;
                unread.push(Unread { what: format!("GET {path}?size=1"), reason: trouble.reason() });
                plain
            }
            answer => answer.map_err(fail)?,
        };
        if answer.is_object() {
            return Ok(answer);
        }
        Err(DockerError::Engine {
            act: format!("tell of the container {name}"),
            reason: "the answer is no object".into(),
        })
    }

    /// The processes; where the columns are refused, those of the engine's choice.
    async fn top(&self, id: &str, cancel: &CancellationToken) -> Result<Value, Trouble> {
        let columns = if self.facts.product == Product::Podman { PODMAN_PS } else { PS };
        let path = format!("/containers/{id}/top");
        match self.ask(&format!("{path}?ps_args={columns}"), self.patience.answer, cancel).await {
            Err(Trouble::Status { .. }) if self.facts.product != Product::Podman => {
                self.ask(&path, self.patience.answer, cancel).await
            }
            answer => answer,
        }
    }

    async fn stats(&self, id: &str, cancel: &CancellationToken) -> Result<Value, String> {
        if self.api < (1, 41) {
            return Err("This engine measures for a second and more before it answers, so it was not asked.".into());
        }
        let path = format!("/containers/{id}/stats?stream=false&one-shot=true");
        self.ask(&path, self.patience.answer, cancel).await.map_err(|trouble| trouble.reason())
    }

    /// What the name of the image means now, and what the image itself is.
    async fn image_now(
        &self,
        names: (Option<String>, Option<String>),
        cancel: &CancellationToken,
    ) -> (ImageNow, Vec<Unread>) {
        let (mut now, mut unread) = (ImageNow::default(), Vec::new());
        if let Some(name) = names.0 {
            match self.image(&name, cancel).await {
                Ok(Some((id, digests))) => (now.id, now.digests) = (Some(id), digests),
                Ok(None) => {}
                Err(trouble) => unread.push(unread_image(&name, &trouble)),
            }
        }
        if let Some(id) = names.1 {
            match self.image(&id, cancel).await {
                Ok(Some((_, digests))) => now.own_digests = digests,
                Ok(None) => {}
                Err(trouble) => unread.push(unread_image(&id, &trouble)),
            }
        }
        (now, unread)
    }

    /// `GET /images/NAME/json`, for names that leave the path what it is.
    pub(crate) async fn image_answer(&self, name: &str, cancel: &CancellationToken) -> Result<Value, Trouble> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._/:@-".contains(c);
        let sound = !name.is_empty() && name.len() <= 512 && !name.contains("..") && !name.starts_with('/');
        if !sound || !name.chars().all(fits) {
            return Err(Trouble::Address);
        }
        self.masked(&format!("/images/{name}/json"), cancel).await
    }

    /// An image under a name, from memory where another container has the same.
    async fn image(&self, name: &str, cancel: &CancellationToken) -> Result<Seen, Trouble> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._/:@-".contains(c);
        if name.is_empty()
            || name.len() > 512
            || name.contains("..")
            || name.starts_with('/')
            || !name.chars().all(fits)
        {
            return Err(Trouble::Address);
        }
        let known = self.shared.images.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let answer = match self.image_answer(name, cancel).await {
            Ok(answer) => seen::image(&answer).map(Some).ok_or(Trouble::NotJson("it is not about an image".into())),
            Err(Trouble::Status { code: 404, .. }) => Ok(None),
            Err(trouble) => Err(trouble),
        };
        if answer != Err(Trouble::Cancelled) {
            let mut images = self.shared.images.lock().unwrap_or_else(PoisonError::into_inner);
            if images.len() < IMAGES {
                images.insert(name.to_owned(), answer.clone());
            }
        }
        answer
    }
}

fn unread_image(name: &str, trouble: &Trouble) -> Unread {
    let name: String = plimsoll_secrets::redact_text(name).chars().filter(|c| !c.is_control()).take(300).collect();
    Unread { what: format!("GET /images/{name}/json"), reason: trouble.reason() }
}
