//! What an OVAL document holds, as far as it is needed: tests, objects, states, variables, and definitions one by one.

use std::collections::HashMap;

/// What criteria point at.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Name of the program that wrote the document.
    pub(super) product: String,
    /// When it was written.
    pub(super) timestamp: Option<String>,
    /// Definitions by id; those that only say what is installed (class `inventory`) with their title.
    pub(super) definitions: HashMap<Box<str>, Option<Box<str>>>,
    /// Tests by id.
    pub(super) tests: HashMap<Box<str>, Test>,
    /// Objects by id.
    pub(super) objects: HashMap<Box<str>, Object>,
    /// States by id.
    pub(super) states: HashMap<Box<str>, State>,
    /// Constant variables by id.
    pub(super) variables: HashMap<Box<str>, Vec<Box<str>>>,
}

/// What a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A package (`dpkginfo_test`, `rpminfo_test`).
    Package,
    /// Whether the distribution's release package is there (`rpmverifyfile_test`).
    Release,
    /// A file's content (`textfilecontent54_test`).
    File,
    /// The machine: kernel, architecture (`uname_test`).
    Machine,
    /// Anything else.
    Other,
}

/// A test.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) kind: Kind,
    pub(super) comment: Box<str>,
    pub(super) object: Option<Box<str>>,
    pub(super) states: Vec<Box<str>>,
    /// It holds when nothing is found.
    pub(super) none: bool,
    /// Its states are joined by something other than "and".
    pub(super) odd: bool,
}

/// The name for which an object looks.
#[derive(Debug)]
pub(super) enum Name {
    /// This.
    Text(Box<str>),
    /// Any of a variable's values.
    Variable(Box<str>),
    /// A pattern.
    Pattern,
}

/// An object.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) name: Option<Name>,
    pub(super) file: Option<Box<str>>,
}

/// How a version is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Older than.
    Less,
    /// Older, or the same.
    LessOrEqual,
    /// Newer, or the same.
    GreaterOrEqual,
    /// The same.
    Equal,
    /// Anything else.
    Other,
}

/// A state.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) evr: Option<(Operation, Box<str>)>,
    /// Pattern of architectures.
    pub(super) arch: Option<Box<str>>,
    /// It asks who signed.
    pub(super) signature: bool,
    /// Pattern of a release package's version.
    pub(super) version: Option<Box<str>>,
    /// Pattern of a file's content.
    pub(super) text: Option<Box<str>>,
    /// It asks for something else, too.
    pub(super) other: bool,
}

/// Part of a definition's criteria.
#[derive(Debug)]
pub(super) enum Node {
    /// Several, joined.
    Criteria {
        /// Whether all must hold, or one; none for other operators.
        all: Option<bool>,
        negate: bool,
        children: Vec<Node>,
    },
    /// A test.
    Criterion { test: String, comment: String, negate: bool },
    /// Another definition.
    Extend { definition: String, comment: String, negate: bool },
}

/// A CVE of an advisory, with the attributes in which vendors say what they think of it.
#[derive(Debug, Default)]
pub(super) struct Cve {
    pub(super) id: String,
    pub(super) attributes: Vec<(String, String)>,
}

impl Cve {
    /// An attribute's value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A reference of a definition.
#[derive(Debug, Default)]
pub(super) struct Reference {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) url: String,
}

/// What a vendor does about packages (Red Hat's `resolution`).
#[derive(Debug, Default)]
pub(super) struct Resolution {
    pub(super) state: String,
    pub(super) components: Vec<String>,
}

/// A definition.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) title: String,
    pub(super) platforms: Vec<String>,
    pub(super) references: Vec<Reference>,
    pub(super) description: String,
    /// Debian's longer text.
    pub(super) more: String,
    pub(super) severity: Option<String>,
    /// Who gave the advisory out; Rocky Linux writes its platform there.
    pub(super) from: String,
    pub(super) issued: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) cves: Vec<Cve>,
    pub(super) cpes: Vec<String>,
    pub(super) resolutions: Vec<Resolution>,
    pub(super) criteria: Option<Node>,
}

impl Definition {
    /// The CVE ids to which it refers, in order.
    pub(super) fn cve_ids(&self) -> Vec<String> {
        let listed = self.cves.iter().map(|cve| cve.id.as_str());
        let referred = self.references.iter().filter(|r| r.source == "CVE").map(|r| r.id.as_str());
        let mut seen = std::collections::HashSet::new();
        referred
            .chain(listed)
            .filter(|id| crate::import::words::is_cve(id) && seen.insert(*id))
            .map(str::to_owned)
            .collect()
    }

    /// Web addresses, at most eight, the advisory's own first.
    pub(super) fn urls(&self) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        for reference in &self.references {
            let url = reference.url.as_str();
            if url.len() <= 500 && url.starts_with("http") && !urls.iter().any(|known| known == url) {
                urls.push(url.to_owned());
            }
            if urls.len() == 8 {
                break;
            }
        }
        urls
    }
}
