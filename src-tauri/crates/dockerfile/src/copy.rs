//! `ADD` and `COPY`: what is copied, from where, to where.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#add>.

use crate::expand::{Env, expand, unquote};
use crate::heredoc::opening;
use crate::model::{Arguments, Instruction, Keyword};
use serde::{Deserialize, Serialize};

/// An `ADD` or `COPY`, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Transfer {
    /// What is copied.
    pub sources: Vec<Source>,
    /// Where it goes in the image.
    pub destination: String,
    /// `--from=`: a stage, a named context or an image.
    pub from: Option<String>,
    /// `--checksum=` of a remote source.
    pub checksum: Option<String>,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Source {
    /// The path, address or here-document's name; variables replaced where they are known.
    pub value: String,
    /// What it is.
    pub kind: SourceKind,
}

/// Where a source lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A path in the build context, or in what `--from` names.
    Local,
    /// A file that `ADD` downloads.
    RemoteUrl,
    /// A git repository that `ADD` clones.
    Git,
    /// A here-document in the Dockerfile.
    Heredoc,
}

/// Reads an `ADD` or `COPY`, variables as written. None for other instructions and for one without a destination.
#[must_use]
pub fn sources(instruction: &Instruction) -> Option<Transfer> {
    transfer(instruction, &|word| unquote(word, '\\'))
}

/// Reads an `ADD` or `COPY`, variables replaced from `env` where they are known.
#[must_use]
pub fn sources_in(instruction: &Instruction, env: &Env) -> Option<Transfer> {
    transfer(instruction, &|word| expand(word, env).value)
}

fn transfer(instruction: &Instruction, expand: &dyn Fn(&str) -> String) -> Option<Transfer> {
    let downloads = match instruction.keyword {
        Keyword::Add => true,
        Keyword::Copy => false,
        _ => return None,
    };
    let (words, heredocs): (Vec<&str>, bool) = match &instruction.arguments {
        Arguments::Shell(text) => (text.split_whitespace().collect(), true),
        Arguments::Json(items) => (items.iter().map(String::as_str).collect(), false),
    };
    let (destination, words) = words.split_last()?;
    if words.is_empty() {
        return None;
    }
    let sources = words
        .iter()
        .map(|word| match opening(word).filter(|_| heredocs) {
            Some(opening) => Source { value: opening.name, kind: SourceKind::Heredoc },
            None => {
                let value = expand(word);
                let kind = if downloads { kind_of(&value) } else { SourceKind::Local };
                Source { value, kind }
            }
        })
        .collect();
    Some(Transfer {
        sources,
        destination: expand(destination),
        from: instruction.flag("from").map(str::to_owned),
        checksum: instruction.flag("checksum").map(expand),
    })
}

/// What `ADD` takes a source for.
fn kind_of(value: &str) -> SourceKind {
    let lower = value.to_ascii_lowercase();
    let before_fragment = lower.split('#').next().unwrap_or_default();
    let path = before_fragment.split('?').next().unwrap_or_default();
    if lower.starts_with("git://") || lower.starts_with("ssh://") || is_scp_address(value) {
        return SourceKind::Git;
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return if path.ends_with(".git") { SourceKind::Git } else { SourceKind::RemoteUrl };
    }
    SourceKind::Local
}

/// `user@host:path`, the way git writes an SSH address.
fn is_scp_address(value: &str) -> bool {
    let Some((user, rest)) = value.split_once('@') else { return false };
    let Some((host, path)) = rest.split_once(':') else { return false };
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.'))
    };
    word(user) && word(host) && !path.is_empty() && !path.starts_with("//")
}

/// True for a name that `ADD` is likely to unpack: a tar archive, plain or compressed with gzip, bzip2, xz or zstd.
///
/// A signal only: Docker looks at the content, and unpacks no archive that it downloads.
#[must_use]
pub fn is_archive_name(name: &str) -> bool {
    const SUFFIXES: [&str; 13] = [
        ".tar", ".tar.gz", ".tgz", ".taz", ".tar.bz2", ".tbz", ".tbz2", ".tb2", ".tz2", ".tar.xz", ".txz", ".tar.zst",
        ".tzst",
    ];
    let name = name.to_ascii_lowercase();
    SUFFIXES.iter().any(|suffix| name.len() > suffix.len() && name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Transfer {
        let dockerfile = crate::parse(&format!("FROM a\n{line}\n"));
        dockerfile.instructions.last().and_then(sources).unwrap_or_else(|| panic!("{line}"))
    }

    #[test]
    fn kinds_of_sources() {
        let kinds = |line: &str| read(line).sources.into_iter().map(|source| source.kind).collect::<Vec<_>>();
        assert_eq!(kinds("ADD https://a/b.tar.gz notes.tar.txt /"), [SourceKind::RemoteUrl, SourceKind::Local]);
        assert_eq!(kinds("ADD git@github.com:a/b.git https://a/b.git#v1 /"), [SourceKind::Git, SourceKind::Git]);
        assert_eq!(kinds("ADD https://a/b.git?ref=main /"), [SourceKind::Git]);
        assert_eq!(kinds("ADD github.com/a/b ./a@b /"), [SourceKind::Local, SourceKind::Local]);
        assert_eq!(kinds("COPY https://a/b /"), [SourceKind::Local]);
        assert_eq!(
            kinds("COPY <<A <<\"B\" x /d\n1\nA\n2\nB"),
            [SourceKind::Heredoc, SourceKind::Heredoc, SourceKind::Local]
        );
        assert_eq!(kinds("COPY [\"<<A\", \"/d\"]"), [SourceKind::Local]);
    }

    #[test]
    fn parts_of_a_transfer() {
        let transfer = read("COPY --from=Build [\"a b\", \"c\", \"/d/\"]");
        assert_eq!(transfer.sources.len(), 2);
        assert_eq!((transfer.destination.as_str(), transfer.from.as_deref()), ("/d/", Some("Build")));
        let transfer = read("ADD --checksum=sha256:00 https://a/b /c");
        assert_eq!(transfer.checksum.as_deref(), Some("sha256:00"));
        let dockerfile = crate::parse("FROM a\nCOPY x\n");
        assert_eq!(dockerfile.instructions.last().and_then(sources), None);
    }

    #[test]
    fn variables_where_they_are_known() {
        let dockerfile = crate::parse("FROM a\nARG V=1\nADD https://a/$V/x.tgz /\n");
        let env = dockerfile.environment_before(2);
        let transfer = dockerfile.instructions.get(2).and_then(|add| sources_in(add, &env));
        assert_eq!(
            transfer.map(|transfer| transfer.sources),
            Some(vec![Source { value: "https://a/1/x.tgz".into(), kind: SourceKind::RemoteUrl }])
        );
    }

    #[test]
    fn archive_names() {
        for name in ["a.tar", "a.TGZ", "x/a.tar.xz", "a.tar.zst"] {
            assert!(is_archive_name(name), "{name}");
        }
        for name in ["notes.tar.txt", "a.gz", "tar", ".tar", "a.zip"] {
            assert!(!is_archive_name(name), "{name}");
        }
    }
}
