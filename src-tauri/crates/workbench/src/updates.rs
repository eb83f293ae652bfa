//! The public sources that an advisory database can be updated from: what each is, and which addresses are asked for it.

use crate::acceptances::today;
use crate::error::WorkbenchError;
use crate::vulnerability_view::UpdateView;

/// One file that a source publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its address.
    pub(crate) url: String,
    /// Under which name it is imported, with folders.
    pub(crate) name: String,
    /// Whether it may be missing: a branch that there is not yet, or no longer.
    pub(crate) may_be_missing: bool,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) host: &'static str,
    pub(crate) size: &'static str,
    pub(crate) files: Vec<File>,
    /// Fetched when nothing is named.
    pub(crate) usual: bool,
    /// Its files make one feed together, which is replaced as a whole.
    pub(crate) one_feed: bool,
}

const OSV: &str = "osv-vulnerabilities.storage.googleapis.com";
const SMALL: &str = "a few MB";
const MEDIUM: &str = "tens of MB";
const LARGE: &str = "hundreds of MB";

/// Ecosystems that OSV exports, how much that is, and whether they are fetched when nothing is named. Debian and Alpine
/// publish more themselves (flaws without a fix, branches that are past their end).
const ECOSYSTEMS: [(&str, &str, bool); 20] = [
    ("AlmaLinux", SMALL, true),
    ("Alpine", MEDIUM, false),
    ("Bitnami", SMALL, true),
    ("Chainguard", MEDIUM, false),
    ("crates.io", SMALL, true),
    ("Debian", MEDIUM, false),
    ("Go", SMALL, true),
    ("Mageia", MEDIUM, false),
    ("Maven", MEDIUM, true),
    ("npm", LARGE, true),
    ("NuGet", SMALL, true),
    ("openSUSE", MEDIUM, false),
    ("Packagist", SMALL, true),
    ("PyPI", MEDIUM, true),
    ("Red Hat", LARGE, false),
    ("Rocky Linux", MEDIUM, true),
    ("RubyGems", SMALL, true),
    ("SUSE", MEDIUM, false),
    ("Ubuntu", LARGE, true),
    ("Wolfi", MEDIUM, false),
];

/// Alpine's branches: those after the newest that is known here are asked for too, and may be missing.
const ALPINE: std::ops::RangeInclusive<u32> = 2..=28;

fn file(host: &str, path: &str, name: &str) -> File {
    File { url: format!("https://{host}/{path}"), name: name.to_owned(), may_be_missing: false }
}

/// All sources.
pub(crate) fn sources() -> Vec<Source> {
    let mut all = Vec::new();
    let mut single = |id: &str, title: &str, host: &'static str, path: &str, name: &str, size: &'static str| {
        let files = vec![file(host, path, name)];
        all.push(Source { id: id.to_owned(), title: title.to_owned(), host, size, files, usual: true, one_feed: true });
    };
    single(
        "debian-tracker",
        "Debian security tracker",
        "security-tracker.debian.org",
        "tracker/data/json",
        "debian-security-tracker.json",
        MEDIUM,
    );
    single(
        "kev",
        "CISA's known exploited vulnerabilities",
        "www.cisa.gov",
        "sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "known_exploited_vulnerabilities.json",
        SMALL,
    );
    single(
        "epss",
        "FIRST's exploit prediction (EPSS)",
        "epss.empiricalsecurity.com",
        "epss_scores-current.csv.gz",
        "epss_scores-current.csv.gz",
        SMALL,
    );
    let host = "secdb.alpinelinux.org";
    let branches = ALPINE.map(|minor| format!("v3.{minor}")).chain(std::iter::once("edge".to_owned()));
    let files = branches
        .flat_map(|branch| ["main", "community"].map(|part| format!("{branch}/{part}.json")))
        .map(|path| File { may_be_missing: true, ..file(host, &path, &format!("alpine-secdb/{path}")) })
        .collect();
    let title = "Alpine security database".to_owned();
    all.push(Source { id: "alpine-secdb".into(), title, host, size: MEDIUM, files, usual: true, one_feed: true });
    let host = "nvd.nist.gov";
    let files = (2002..=today().year())
        .map(|year| format!("nvdcve-2.0-{year}.json.gz"))
        // On the first days of a year there is none of it yet.
        .map(|name| File { may_be_missing: true, ..file(host, &format!("feeds/json/cve/2.0/{name}"), &name) })
        .collect();
    let title = "NVD: severities of all CVEs".to_owned();
    all.push(Source { id: "nvd".into(), title, host, size: LARGE, files, usual: true, one_feed: false });
    for (ecosystem, size, usual) in ECOSYSTEMS {
        let path = format!("{}/all.zip", ecosystem.replace(' ', "%20"));
        let name = format!("osv-{}.zip", ecosystem.replace(' ', "-"));
        all.push(Source {
            id: format!("osv:{ecosystem}"),
            title: format!("OSV: {ecosystem}"),
            host: OSV,
            size,
            files: vec![file(OSV, &path, &name)],
            usual,
            one_feed: true,
        });
    }
    all
}

/// The sources as a window lists them.
pub(crate) fn views() -> Vec<UpdateView> {
    let view = |source: Source| UpdateView {
        id: source.id,
        title: source.title,
        host: source.host.to_owned(),
        size: source.size.to_owned(),
    };
    sources().into_iter().map(view).collect()
}

/// The sources that are meant: by their ids, or by an ecosystem's name alone. Without a name, those that were updated
/// before, or at first the usual ones.
///
/// # Errors
/// When there is none of a name.
pub(crate) fn chosen(names: &[String], before: &[String]) -> Result<Vec<Source>, WorkbenchError> {
    let all = sources();
    if names.is_empty() {
        let known = |source: &&Source| before.contains(&source.id);
        let earlier: Vec<Source> = all.iter().filter(known).cloned().collect();
        return Ok(if earlier.is_empty() { all.into_iter().filter(|source| source.usual).collect() } else { earlier });
    }
    let mut chosen: Vec<Source> = Vec::new();
    for name in names {
        let meant = |source: &&Source| {
            source.id.eq_ignore_ascii_case(name)
                || source.id.strip_prefix("osv:").is_some_and(|ecosystem| ecosystem.eq_ignore_ascii_case(name))
        };
        let Some(source) = all.iter().find(meant) else {
            let ids: Vec<&str> = all.iter().map(|source| source.id.as_str()).collect();
            return Err(WorkbenchError::Input(format!(
                "There is no source \"{}\"; the sources are {}.",
                name.chars().take(100).collect::<String>(),
                ids.join(", ")
            )));
        };
        if !chosen.contains(source) {
            chosen.push(source.clone());
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_meant_by_id_by_ecosystem_or_as_before() {
        let ids = |names: &[&str], before: &[&str]| -> Vec<String> {
            let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            chosen(&own(names), &own(before)).unwrap().into_iter().map(|source| source.id).collect()
        };
        assert_eq!(ids(&["pypi", "osv:PyPI", "KEV"], &[]), ["osv:PyPI", "kev"]);
        assert_eq!(ids(&[], &["kev", "gone"]), ["kev"]);
        assert!(ids(&[], &[]).contains(&"debian-tracker".to_owned()));
        assert!(!ids(&[], &[]).contains(&"osv:Debian".to_owned()));
        assert!(chosen(&["nobody".to_owned()], &[]).unwrap_err().to_string().contains("osv:Rocky Linux"));
    }

    #[test]
    fn every_address_is_https_at_the_host_that_is_told() {
        let all = sources();
        let mut names: Vec<&str> = Vec::new();
        for source in &all {
            for file in &source.files {
                assert!(file.url.starts_with(&format!("https://{}/", source.host)), "{}", file.url);
                assert!(!file.url.contains(' ') && !names.contains(&file.name.as_str()), "{}", file.name);
                names.push(&file.name);
            }
        }
    }
}
