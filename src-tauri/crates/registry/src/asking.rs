//! What all readers here share: opening a registry, the moment, what a failure means for a lookup, the next page.

use std::collections::BTreeSet;

use plimsoll_trust::Looked;
use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ask::{Answer, Who};
use crate::connection::{Network, canonical};
use crate::error::RegistryError;
use crate::transport::Registry;

/// This moment, RFC 3339 in UTC, to the second.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

/// Opens a registry where nothing may block: a credential helper may take its time.
pub(crate) async fn open(
    network: &Network,
    host: &str,
    who: Who,
    credentials_of: &str,
) -> Result<Registry, RegistryError> {
    let (network, asked, of) = (network.clone(), host.to_owned(), credentials_of.to_owned());
    let opening = tokio::task::spawn_blocking(move || Registry::open_as(&network, &asked, who, &of));
    let stopped =
        |error: tokio::task::JoinError| RegistryError::Stopped { registry: host.to_owned(), reason: error.to_string() };
    opening.await.map_err(stopped)?
}

/// What a failure means for a place that was looked at: only a 404 is an absence, only a refusal a refusal.
pub(crate) fn looked(error: &RegistryError) -> Looked {
    match error {
        RegistryError::NotFound { .. } => Looked::Absent,
        RegistryError::NeedsCredentials { registry, .. } if canonical(registry) == "docker.io" => {
            Looked::Refused(format!(
                "{error}. Docker Hub says the same (requested access to the resource is denied) of a repository that is \
                 private and of one that does not exist."
            ))
        }
        RegistryError::NeedsCredentials { .. }
        | RegistryError::WrongCredentials { .. }
        | RegistryError::Denied { .. } => Looked::Refused(error.to_string()),
        other => Looked::Failed(other.to_string()),
    }
}

/// Whether nobody answered at all, so that there is no use in asking the same registry for anything else.
pub(crate) fn nobody_there(error: &RegistryError) -> bool {
    matches!(
        error,
        RegistryError::Unreachable { .. }
            | RegistryError::Untrusted { .. }
            | RegistryError::ClientCertificate { .. }
            | RegistryError::PlainHttp { .. }
            | RegistryError::TokenServer { .. }
            | RegistryError::Realm { .. }
            | RegistryError::WrongCredentials { .. }
            | RegistryError::Setting { .. }
            | RegistryError::Stopped { .. }
            | RegistryError::RateLimited { .. }
            | RegistryError::Cancelled
    )
}

/// The pages of a listing, which follow one another by `Link` headers (RFC 8288; distribution spec, listing tags).
pub(crate) struct Pages {
    seen: BTreeSet<String>,
    most: usize,
}

/// Whether there is another page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// None: the listing is whole.
    End,
    /// Path and query of the next one.
    Page(String),
    /// There is one, and it is not asked for: the reason.
    Stop(&'static str),
}

impl Pages {
    /// At most that many.
    pub(crate) fn new(most: usize) -> Self {
        Pages { seen: BTreeSet::new(), most }
    }

    /// The page after this answer. Only path and query are taken from the link, as registries behind proxies do not know
    /// their own scheme and host; a link to another host is not followed.
    pub(crate) fn next(&mut self, answer: &Answer) -> Next {
        let Some(link) = next_link(&answer.headers) else { return Next::End };
        let Ok(from) = Url::parse(&answer.url) else { return Next::Stop("the address of this page cannot be read") };
        let Ok(to) = from.join(&link) else { return Next::Stop("the address of the next page cannot be read") };
        if to.host_str() != from.host_str() || !to.path().starts_with("/v2/") {
            return Next::Stop("the next page is said to be elsewhere");
        }
        let path = match to.query() {
            Some(query) => format!("{}?{query}", to.path()),
            None => to.path().to_owned(),
        };
        if self.seen.len() + 1 >= self.most {
            return Next::Stop("there are more pages than Plimsoll reads");
        }
        if !self.seen.insert(path.clone()) {
            return Next::Stop("the pages go round in a circle");
        }
        Next::Page(path)
    }
}

/// The target of the link whose relation is `next`.
fn next_link(headers: &HeaderMap) -> Option<String> {
    for value in headers.get_all(LINK) {
        let mut rest = value.to_str().ok()?;
        while let Some((_, after)) = rest.split_once('<') {
            let (target, after) = after.split_once('>')?;
            let end = after.find('<').unwrap_or(after.len());
            let (parameters, more) = after.split_at_checked(end)?;
            let is_next = |parameter: &str| {
                let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
                name.trim().eq_ignore_ascii_case("rel")
                    && value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
            };
            if parameters.split(';').any(is_next) {
                return Some(target.to_owned());
            }
            rest = more;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(link: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, link.parse().unwrap());
        Answer { status: 200, headers, bytes: Vec::new(), url: "https://r.example:5000/v2/_catalog?n=2".into() }
    }

    #[test]
    fn the_next_page_is_found_and_stays_at_its_host() {
        let page = |link: &str| Pages::new(10).next(&answer(link));
        let next = Next::Page("/v2/_catalog?last=b&n=2".into());
        assert_eq!(page(r#"</v2/_catalog?last=b&n=2>; rel="next""#), next);
        assert_eq!(page(r#"<_catalog?last=b&n=2>;title="x; y";rel=next"#), next);
        assert_eq!(page(r#"</v2/a>; rel="prev", <http://r.example/v2/_catalog?last=b&n=2>; rel="last next""#), next);
        assert_eq!(page(r#"</v2/a>; rel="prev""#), Next::End);
        assert_eq!(page("nonsense"), Next::End);
        assert!(matches!(page(r#"<https://evil.example/v2/_catalog>; rel=next"#), Next::Stop(_)));
        assert!(matches!(page(r#"</admin>; rel=next"#), Next::Stop(_)));
    }

    #[test]
    fn pages_that_go_round_or_on_and_on_come_to_an_end() {
        let mut pages = Pages::new(10);
        assert!(matches!(pages.next(&answer("</v2/x?1>; rel=next")), Next::Page(_)));
        assert_eq!(pages.next(&answer("</v2/x?1>; rel=next")), Next::Stop("the pages go round in a circle"));
        let mut pages = Pages::new(3);
        let last = (0..9).map(|at| pages.next(&answer(&format!("</v2/x?{at}>; rel=next")))).last();
        assert_eq!(last, Some(Next::Stop("there are more pages than Plimsoll reads")));
    }

    #[test]
    fn only_what_is_not_there_is_absent() {
        let registry = || "r.example".to_owned();
        assert_eq!(looked(&RegistryError::NotFound { registry: registry(), name: "a".into() }), Looked::Absent);
        let refused = RegistryError::NeedsCredentials { registry: registry(), name: "a".into() };
        assert!(matches!(looked(&refused), Looked::Refused(reason) if !reason.contains("Docker Hub")));
        let hub = RegistryError::NeedsCredentials { registry: "docker.io".into(), name: "a".into() };
        assert!(matches!(looked(&hub), Looked::Refused(reason) if reason.contains("does not exist")));
        let failed = RegistryError::RateLimited { registry: registry(), reason: "x".into() };
        assert!(matches!(looked(&failed), Looked::Failed(_)));
    }

    proptest! {
        #[test]
        fn any_link_is_survived(text in "[ -~]{0,100}") {
            let _ = Pages::new(3).next(&answer(&text));
        }
    }
}
