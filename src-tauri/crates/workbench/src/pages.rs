//! The pages beside the matrix: checks and what the profile sets for them, folders and packages of an image.

use std::sync::Arc;

use plimsoll_catalog::{OutcomeKind, RequirementId, standards};
use plimsoll_image::Tree;

use crate::browse;
use crate::browse_view::{CheckLine, CheckOutcome, CheckPage, FolderView, PackagesView};
use crate::error::WorkbenchError;
use crate::results::{facts_of, tree_of};
use crate::session::{Session, small, word};

impl Session {
    /// One folder of an image: of the merged tree, or of one layer (from 1) alone.
    ///
    /// # Errors
    /// When there is no such subject, or its files were not recorded.
    pub fn folder(&self, subject: &str, layer: Option<u32>, path: &str) -> Result<FolderView, WorkbenchError> {
        self.engagement.subject(subject)?;
        let not_recorded =
            || WorkbenchError::Input("The files of this subject are not recorded; run the audit again.".to_owned());
        let facts = facts_of(&self.engagement, subject)?.ok_or_else(not_recorded)?;
        let tree = self.tree(&facts)?.ok_or_else(not_recorded)?;
        let outcomes = self.engagement.outcomes()?;
        browse::folder(&facts, &tree, &outcomes, subject, layer, path, self.language)
            .ok_or_else(|| WorkbenchError::Input(format!("There is no folder {path} there.")))
    }

    /// The recorded tree. The last one is kept: people walk through one image folder by folder.
    fn tree(&self, facts: &plimsoll_checks::Facts) -> Result<Option<Arc<Tree>>, WorkbenchError> {
        let Some(sha256) = &facts.listing else { return Ok(None) };
        let mut kept = self.listing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, tree)) = kept.as_ref().filter(|(of, _)| of == sha256) {
            return Ok(Some(tree.clone()));
        }
        let Some(tree) = tree_of(&self.engagement, facts)?.map(Arc::new) else { return Ok(None) };
        *kept = Some((sha256.clone(), tree.clone()));
        Ok(Some(tree))
    }

    /// What is installed in an image.
    ///
    /// # Errors
    /// When there is no such subject, or it is not an image that was read.
    pub fn packages(&self, subject: &str) -> Result<PackagesView, WorkbenchError> {
        self.engagement.subject(subject)?;
        facts_of(&self.engagement, subject)?
            .and_then(|facts| browse::packages(&facts, self.language))
            .ok_or_else(|| WorkbenchError::Input("There is no inventory of this subject; run the audit first.".into()))
    }

    /// All checks, with their worst outcome.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn checks(&self) -> Result<Vec<CheckLine>, WorkbenchError> {
        let outcomes = self.engagement.outcomes()?;
        Ok(plimsoll_checks::all()
            .into_iter()
            .map(|check| {
                let info = check.info();
                let own: Vec<_> = outcomes.iter().filter(|outcome| outcome.check == info.id).collect();
                CheckLine {
                    id: info.id.to_owned(),
                    use_case: crate::words::use_case(info.use_case),
                    title: info.title.get(self.language).to_owned(),
                    outcome: worst(own.iter().map(|outcome| outcome.outcome)).to_owned(),
                    observations: small(own.iter().map(|outcome| outcome.observations.len() as u64).sum()),
                }
            })
            .collect())
    }

    /// The page that explains a check.
    ///
    /// # Errors
    /// When there is no such check.
    pub fn check(&self, id: &str) -> Result<CheckPage, WorkbenchError> {
        let check = plimsoll_checks::check(id)
            .ok_or_else(|| plimsoll_engagement::EngagementError::Unknown { what: "check", id: id.to_owned() })?;
        let info = check.info();
        let read = self.read()?;
        let use_case = standards().use_cases.iter().find(|use_case| Some(use_case.id) == info.use_case);
        let requirements: Vec<RequirementId> = check.requirements().iter().filter_map(|id| id.parse().ok()).collect();
        let outcomes = read
            .outcomes
            .iter()
            .filter(|outcome| outcome.check == id)
            .filter_map(|outcome| {
                let index = read.subjects.iter().position(|subject| subject.id == outcome.subject)?;
                Some(
                    self.subject_line(index, &read)
                        .map(|subject| CheckOutcome { subject, outcome: self.outcome_view(outcome) }),
                )
            })
            .collect::<Result<_, WorkbenchError>>()?;
        let settings = self.settings()?;
        Ok(CheckPage {
            id: id.to_owned(),
            use_case: crate::words::use_case(info.use_case),
            use_case_title: use_case.map(|u| u.title.get(self.language).to_owned()).unwrap_or_default(),
            mode: use_case.map(|u| word(&u.mode)).unwrap_or_default(),
            title: info.title.get(self.language).to_owned(),
            why: info.why.get(self.language).to_owned(),
            how: info.how.get(self.language).to_owned(),
            blind_spots: info.blind_spots.get(self.language).to_owned(),
            remedy: info.remedy.get(self.language).to_owned(),
            example: info.example.to_owned(),
            requirements: match standards().runtime_check(id) {
                Some(own) => self.own_links(own, &read),
                None => use_case
                    .map(|use_case| self.links(use_case, &read, |id| requirements.contains(&id)))
                    .unwrap_or_default(),
            },
            aliases: info.aliases.iter().map(|(tool, rule)| ((*tool).to_owned(), (*rule).to_owned())).collect(),
            outcomes,
            allowances: settings.allowances.into_iter().filter(|a| a.check == id).collect(),
        })
    }
}

/// The worst of several outcomes, as a word; `none` for none.
pub(crate) fn worst(outcomes: impl Iterator<Item = OutcomeKind>) -> &'static str {
    let weight = |kind: OutcomeKind| match kind {
        OutcomeKind::Fail => 5,
        OutcomeKind::Error => 4,
        OutcomeKind::Undecided => 3,
        OutcomeKind::Pass => 2,
        OutcomeKind::NotApplicable => 1,
    };
    outcomes.max_by_key(|kind| weight(*kind)).map_or("none", OutcomeKind::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browse_view::AllowanceView;
    use plimsoll_catalog::Language;

    /// The sample, audited.
    async fn session() -> (tempfile::TempDir, Session) {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = crate::sample::open(folder.path()).unwrap();
        crate::run::audit(&mut engagement, &crate::Job::silent()).await.unwrap();
        (folder, Session::of(engagement, Language::En))
    }

    #[tokio::test]
    async fn folders_show_the_merged_tree_and_what_a_layer_alone_holds() {
        let (_folder, session) = session().await;
        let root = session.folder("s2", None, "/").unwrap();
        let names: Vec<_> = root.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["etc", "opt", "usr", "var"]);
        let bin = session.folder("s2", None, "/usr/bin/").unwrap();
        let passwd = bin.rows.iter().find(|row| row.name == "passwd").unwrap();
        assert_eq!((passwd.mode.as_str(), passwd.owner.as_str(), passwd.layer), ("rwsr-xr-x", "root:root", 1));
        assert_eq!(passwd.state, "visible");
        assert!(!passwd.marks.is_empty(), "the set-user-ID file is marked");
        let merged = session.folder("s2", None, "/opt/worker").unwrap();
        assert!(merged.rows.iter().all(|row| row.name != ".env"));
        let alone = session.folder("s2", Some(3), "/opt/worker").unwrap();
        let hidden = alone.rows.iter().find(|row| row.name == ".env").unwrap();
        assert_eq!((hidden.state.as_str(), hidden.hidden_by), ("deleted", 4));
        assert!(session.folder("s2", Some(9), "/").is_err());
        assert!(session.folder("s2", None, "/nowhere").is_err());
        assert!(session.folder("s2", None, "/usr/bin/passwd").is_err());
        assert!(session.folder("s3", None, "/").is_err());
    }

    #[tokio::test]
    async fn packages_are_listed_with_their_layers() {
        let (_folder, session) = session().await;
        let packages = session.packages("s2").unwrap();
        assert_eq!(packages.os, "Debian GNU/Linux 12 (bookworm)");
        let layer = |name: &str| packages.rows.iter().find(|row| row.name == name).unwrap().layer;
        assert_eq!((layer("wget"), layer("gcc-12")), (1, 2));
        assert!(packages.sources.iter().any(|source| source.path == "/var/lib/dpkg/status" && source.error.is_empty()));
        assert!(session.packages("s3").is_err());
    }

    #[tokio::test]
    async fn each_check_has_its_page() {
        let (_folder, session) = session().await;
        for line in session.checks().unwrap() {
            let page = session.check(&line.id).unwrap();
            // The sample has two images and a Dockerfile; what looks at hosts and containers alone has nothing to say.
            let looks = plimsoll_checks::check(&line.id)
                .is_some_and(|check| check.kinds().contains(&plimsoll_catalog::SubjectKind::Image));
            assert_eq!(page.outcomes.len(), if looks { 3 } else { 0 }, "{}", line.id);
            assert_eq!(line.outcome != "none", looks, "{}", line.id);
        }
        assert!(session.check("nothing").is_err());
    }

    #[tokio::test]
    async fn settings_are_kept_and_change_what_the_next_run_says() {
        let (_folder, mut session) = session().await;
        let mut settings = session.settings().unwrap();
        assert!((settings.lowest_efficiency - 90.0).abs() < 1e-9);
        settings.lowest_efficiency = 10.0;
        settings.allowances = vec![AllowanceView { check: "nothing".into(), what: "x".into(), reason: "y".into() }];
        assert!(session.set_settings(&settings).is_err());
        settings.allowances = vec![AllowanceView { check: "image-waste".into(), what: "x".into(), reason: " ".into() }];
        assert!(session.set_settings(&settings).is_err());
        settings.allowances = Vec::new();
        session.set_settings(&settings).unwrap();
        let waste = |session: &Session| {
            let page = session.check("image-waste").unwrap();
            page.outcomes.iter().find(|o| o.subject.id == "s2").unwrap().outcome.outcome.clone()
        };
        assert_eq!(waste(&session), "fail");
        crate::run::audit(&mut session.engagement, &crate::Job::silent()).await.unwrap();
        assert_eq!(waste(&session), "pass");
    }
}
