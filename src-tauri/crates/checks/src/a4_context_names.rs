//! A4, build context: what the name of an entry says about it.

use plimsoll_catalog::Severity;
use plimsoll_dockerfile::context::{ContextEntry, EntryKind};

/// What a name in the context stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sensitive {
    /// A file that holds secrets by its nature.
    Secret,
    /// A file in which a secret was found.
    FoundSecret,
    /// The history of the sources, with all that was ever deleted from them.
    History,
    /// A dump of a database or of memory.
    Dump,
    /// A file that may be a key, or a certificate; a dump, or a schema.
    Perhaps,
    /// What belongs to the developer's machine.
    Clutter,
}

impl Sensitive {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Secret => "holds secrets by its nature",
            Self::FoundSecret => "holds a secret",
            Self::History => "holds the history of the sources, with all that was ever deleted from them",
            Self::Dump => "is a dump of data or memory",
            Self::Perhaps => "may hold a key or data, which its name alone does not settle",
            Self::Clutter => "belongs to the developer's machine",
        }
    }

    /// How much it weighs, by whether a COPY takes it into the image.
    pub(crate) fn severity(self, copied: bool) -> Severity {
        match (self, copied) {
            (Self::Secret | Self::FoundSecret, true) => Severity::High,
            (Self::Secret | Self::FoundSecret, false) | (Self::History | Self::Dump, true) => Severity::Medium,
            (Self::History | Self::Dump | Self::Perhaps, _) | (Self::Clutter, true) => Severity::Low,
            (Self::Clutter, false) => Severity::Info,
        }
    }
}

/// What an entry's name says.
pub(crate) fn kind_of(entry: &ContextEntry) -> Option<Sensitive> {
    let name = entry.path.rsplit('/').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.len() > ending.len() && lower.ends_with(ending));
    if entry.kind == EntryKind::Folder {
        return match lower.as_str() {
            ".git" | ".svn" | ".hg" | ".bzr" => Some(Sensitive::History),
            ".aws" | ".ssh" | ".gnupg" | ".kube" | ".azure" | ".gcloud" => Some(Sensitive::Secret),
            ".terraform" | "node_modules" | "bower_components" | ".venv" | "venv" | "__pycache__" | ".idea"
            | ".vscode" | ".tox" | ".pytest_cache" | ".mypy_cache" | ".gradle" | ".terragrunt-cache" => {
                Some(Sensitive::Clutter)
            }
            _ => None,
        };
    }
    const TEMPLATES: [&str; 8] = [".example", ".sample", ".template", ".dist", ".tmpl", ".tpl", ".schema", ".defaults"];
    let template = ends(&TEMPLATES) || lower.contains(".example.") || lower.contains(".sample.");
    if (lower == ".env" || lower.starts_with(".env.") || lower == ".envrc") && !template {
        return Some(Sensitive::Secret);
    }
    if template || ends(&[".pub"]) {
        return None;
    }
    let secret = [
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".npmrc",
        ".pypirc",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".htpasswd",
        ".pgpass",
        ".my.cnf",
        ".vault-token",
        ".dockercfg",
        "kubeconfig",
        ".s3cfg",
        ".boto",
        "credentials.json",
        "client_secret.json",
        "secrets.yml",
        "secrets.yaml",
        "secrets.json",
        "secring.gpg",
    ];
    let docker_config = entry.path.ends_with(".docker/config.json");
    let service_account = lower.starts_with("service-account") && lower.ends_with(".json");
    if secret.contains(&lower.as_str())
        || docker_config
        || service_account
        || ends(&[".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".tfstate", ".tfstate.backup", ".tfvars"])
    {
        return Some(Sensitive::Secret);
    }
    let numbered_core = lower.strip_prefix("core.").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    if ends(&[".hprof", ".dmp", ".mdmp", ".dump", ".sql.gz", ".sql.bz2", ".sql.xz", ".sql.zst", ".pcap", ".rdb"])
        || (numbered_core && lower.len() > "core.".len())
    {
        return Some(Sensitive::Dump);
    }
    if ends(&[".sql"]) {
        // Schemas and migrations are sources; a large file is most likely data.
        return if entry.size > 1_000_000 { Some(Sensitive::Dump) } else { None };
    }
    if ends(&[".pem", ".key", ".der", ".bak", ".backup", ".sqlite", ".sqlite3", ".db", ".old", ".orig"])
        || (lower == "core" && entry.size > 1_000_000)
    {
        return Some(Sensitive::Perhaps);
    }
    if ends(&[".swp", ".swo", "~", ".log"]) || lower == ".ds_store" || lower == "thumbs.db" {
        return Some(Sensitive::Clutter);
    }
    None
}
