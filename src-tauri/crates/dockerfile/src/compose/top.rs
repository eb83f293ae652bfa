//! What stands beside the services: networks, volumes, secrets and configs.

use super::model::Positioned;
use super::parts::{ComposeFile, ComposeNetwork, ComposeVolume};
use super::reader::{Reader, field};
use crate::yaml::{Entry, Kind, Node};

impl Reader {
    /// The entries under a key of the top level.
    fn entries<'a>(&mut self, root: &'a Node, key: &str) -> &'a [Entry] {
        self.mapping(root, key).and_then(|(node, _)| node.mapping()).unwrap_or_default()
    }

    /// Keys refused since `before`, taken from the reader.
    fn refused(&mut self, before: usize) -> Vec<Positioned<String>> {
        self.unread.split_off(before.min(self.unread.len()))
    }

    /// An entry that is neither a mapping nor empty is refused.
    fn is_known(&mut self, entry: &Entry) -> bool {
        let known = matches!(entry.value.kind, Kind::Mapping(_) | Kind::Null);
        if !known {
            self.refuse(&entry.key, entry.line, format!("{} must be a mapping", entry.key));
        }
        known
    }

    /// `external: true`, and the old `external: {name: …}`.
    fn external(&mut self, node: &Node) -> bool {
        match node.get("external") {
            Some(value) if value.mapping().is_some() => true,
            Some(_) => self.boolean(node, "external").is_some_and(|external| external.value),
            None => false,
        }
    }

    fn name(&mut self, node: &Node) -> Option<Positioned<String>> {
        self.text(node, "name").or_else(|| {
            let external = node.get("external").filter(|external| external.mapping().is_some())?;
            self.text(external, "name")
        })
    }

    pub(super) fn networks(&mut self, root: &Node) -> Vec<ComposeNetwork> {
        let entries = self.entries(root, "networks");
        entries.iter().map(|entry| self.network(entry)).collect()
    }

    fn network(&mut self, entry: &Entry) -> ComposeNetwork {
        let before = self.unread.len();
        let node = entry.value.as_ref();
        self.is_known(entry);
        let network = ComposeNetwork {
            key: entry.key.clone(),
            name: self.name(node),
            driver: self.text(node, "driver"),
            driver_opts: self.variables(node, "driver_opts"),
            internal: self.boolean(node, "internal"),
            attachable: self.boolean(node, "attachable"),
            enable_ipv6: self.boolean(node, "enable_ipv6"),
            external: self.external(node),
            labels: self.variables(node, "labels"),
            unread: Vec::new(),
            line: entry.line,
        };
        ComposeNetwork { unread: self.refused(before), ..network }
    }

    pub(super) fn volumes(&mut self, root: &Node) -> Vec<ComposeVolume> {
        let entries = self.entries(root, "volumes");
        let volume = |entry: &Entry| {
            let before = self.unread.len();
            let node = entry.value.as_ref();
            self.is_known(entry);
            let volume = ComposeVolume {
                key: entry.key.clone(),
                name: self.name(node),
                driver: self.text(node, "driver"),
                driver_opts: self.variables(node, "driver_opts"),
                external: self.external(node),
                labels: self.variables(node, "labels"),
                unread: Vec::new(),
                line: entry.line,
            };
            ComposeVolume { unread: self.refused(before), ..volume }
        };
        entries.iter().map(volume).collect()
    }

    /// `secrets` or `configs` of the top level.
    pub(super) fn files(&mut self, root: &Node, key: &str) -> Vec<ComposeFile> {
        let entries = self.entries(root, key);
        let file = |entry: &Entry| {
            let node = entry.value.as_ref();
            ComposeFile {
                key: entry.key.clone(),
                file: field(node, "file"),
                environment: field(node, "environment"),
                written_out: node.get("content").is_some(),
                external: self.external(node),
                line: entry.line,
            }
        };
        entries.iter().map(file).collect()
    }
}
