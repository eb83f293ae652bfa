//! The engine's lists: networks, volumes, plugins, containers, images.

use serde_json::Value;

use super::value::{at, count, each, filled, flag, items, keys, map, number, text, word, words};
use crate::facts::{ListedContainer, NetworkFacts, PluginFacts, PublishedPort, TaggedImage, VolumeFacts};

/// `GET /networks`.
pub(crate) fn networks(answer: &Value) -> Option<Vec<NetworkFacts>> {
    each(answer, network)
}

/// One network.
pub(crate) fn network(value: &Value) -> NetworkFacts {
    NetworkFacts {
        id: word(value, "Id"),
        name: word(value, "Name"),
        driver: word(value, "Driver"),
        scope: word(value, "Scope"),
        internal: flag(value, "Internal").unwrap_or_default(),
        attachable: flag(value, "Attachable").unwrap_or_default(),
        ingress: flag(value, "Ingress").unwrap_or_default(),
        ipv6: flag(value, "EnableIPv6").unwrap_or_default(),
        options: map(value, "Options"),
        subnets: items(at(value, &["IPAM"]), "Config").iter().filter_map(|part| filled(part, "Subnet")).collect(),
        labels: map(value, "Labels"),
    }
}

/// Whether the list told nothing of a network's options, so that it has to be asked for by itself.
pub(crate) fn lacks_options(value: &Value) -> bool {
    value.get("Options").is_none() || value.get("IPAM").is_none()
}

/// `GET /volumes`: in an object, null when there are none.
pub(crate) fn volumes(answer: &Value) -> Option<Vec<VolumeFacts>> {
    if answer.is_object() && at(answer, &["Volumes"]).is_null() {
        return Some(Vec::new());
    }
    each(at(answer, &["Volumes"]), |value| VolumeFacts {
        name: word(value, "Name"),
        driver: word(value, "Driver"),
        scope: word(value, "Scope"),
        options: map(value, "Options"),
        labels: map(value, "Labels"),
    })
}

/// `GET /plugins`.
pub(crate) fn plugins(answer: &Value) -> Option<Vec<PluginFacts>> {
    if answer.is_null() {
        return Some(Vec::new());
    }
    each(answer, |value| PluginFacts {
        name: word(value, "Name"),
        enabled: flag(value, "Enabled").unwrap_or_default(),
        types: items(at(value, &["Config", "Interface"]), "Types")
            .iter()
            .filter_map(|kind| match kind {
                Value::String(kind) => Some(kind.clone()),
                // Before API 1.28 in its parts.
                Value::Object(_) => {
                    Some(format!("{}.{}/{}", word(kind, "Prefix"), word(kind, "Capability"), word(kind, "Version")))
                }
                _ => None,
            })
            .collect(),
    })
}

fn port(value: &Value, key: &str) -> Option<u16> {
    count(value, key).and_then(|port| u16::try_from(port).ok())
}

/// `GET /containers/json?all=1`.
pub(crate) fn containers(answer: &Value) -> Option<Vec<ListedContainer>> {
    each(answer, |value| {
        let mut ports: Vec<PublishedPort> = items(value, "Ports")
            .iter()
            .filter_map(|entry| {
                Some(PublishedPort {
                    container_port: port(entry, "PrivatePort")?,
                    protocol: word(entry, "Type"),
                    host_ip: word(entry, "IP"),
                    host_port: port(entry, "PublicPort").filter(|port| *port != 0)?,
                })
            })
            .collect();
        ports.sort();
        ports.dedup();
        let names = words(value, "Names");
        ListedContainer {
            id: word(value, "Id"),
            // A container that others link to has more names, with a slash in the middle.
            name: names
                .iter()
                .map(|name| name.trim_start_matches('/'))
                .find(|name| !name.contains('/'))
                .unwrap_or_default()
                .to_owned(),
            image: word(value, "Image"),
            image_id: word(value, "ImageID"),
            created: number(value, "Created").unwrap_or_default(),
            state: word(value, "State"),
            status: word(value, "Status"),
            ports,
            networks: keys(at(value, &["NetworkSettings"]), "Networks"),
            network_mode: filled(at(value, &["HostConfig"]), "NetworkMode"),
            labels: map(value, "Labels"),
        }
    })
}

/// Names of images; an engine writes `<none>` where there is none.
pub(crate) fn named(value: &Value, key: &str) -> Vec<String> {
    words(value, key).into_iter().filter(|name| !name.contains("<none>")).collect()
}

/// `GET /images/json`.
pub(crate) fn images(answer: &Value) -> Option<Vec<TaggedImage>> {
    each(answer, |value| TaggedImage {
        id: text(value, "Id").unwrap_or_default(),
        tags: named(value, "RepoTags"),
        digests: named(value, "RepoDigests"),
        created: number(value, "Created").unwrap_or_default(),
    })
}
