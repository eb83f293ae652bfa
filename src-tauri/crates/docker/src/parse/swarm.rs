//! The swarm: `Swarm` of `GET /info`, and on a manager `GET /swarm`, `/nodes` and `/services`.
//!
//! Join tokens and the unlock key are taken out of the answers before they come here, and have no place in the facts.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

use super::value::{at, count, each, filled, flag, items, map, text, word, words};
use crate::facts::{ClusterFacts, NodeFacts, RootFacts, ServiceFacts, SwarmFacts, UpdateFacts};

/// What every node tells.
pub(crate) fn swarm(info: &Value) -> SwarmFacts {
    let swarm = at(info, &["Swarm"]);
    let managers = |entry: &Value| (word(entry, "NodeID"), word(entry, "Addr"));
    SwarmFacts {
        state: filled(swarm, "LocalNodeState"),
        manager: flag(swarm, "ControlAvailable").unwrap_or_default(),
        node_id: filled(swarm, "NodeID"),
        node_address: filled(swarm, "NodeAddr"),
        remote_managers: items(swarm, "RemoteManagers").iter().map(managers).collect(),
        managers: count(swarm, "Managers").filter(|count| *count > 0),
        nodes: count(swarm, "Nodes").filter(|count| *count > 0),
        cluster: None,
        node_list: None,
        services: None,
    }
}

/// The trust root, from the answer as it came: masking could take a certificate apart.
pub(crate) fn root(answer: &Value) -> Option<RootFacts> {
    let pem = text(at(answer, &["TLSInfo"]), "TrustRoot")?;
    // While the root is rotated there are two; the first is the present one.
    let end = "-----END CERTIFICATE-----";
    let first = pem.find(end).and_then(|at| pem.get(..at + end.len()))?;
    let certificate = Certificate::from_pem(first.trim_start()).ok()?;
    let body = certificate.tbs_certificate();
    let short = |text: String| plimsoll_secrets::redact_text(&text).chars().take(500).collect();
    Some(RootFacts {
        subject: short(body.subject().to_string()),
        from: body.validity().not_before.to_date_time().to_string(),
        until: body.validity().not_after.to_date_time().to_string(),
        sha256: hex::encode(Sha256::digest(certificate.to_der().ok()?)),
    })
}

/// `GET /swarm`.
pub(crate) fn cluster(answer: &Value, root: Option<RootFacts>) -> Option<ClusterFacts> {
    answer.as_object()?;
    let spec = at(answer, &["Spec"]);
    let ca = at(spec, &["CAConfig"]);
    Some(ClusterFacts {
        id: word(answer, "ID"),
        created: filled(answer, "CreatedAt"),
        updated: filled(answer, "UpdatedAt"),
        auto_lock: flag(at(spec, &["EncryptionConfig"]), "AutoLockManagers"),
        node_cert_expiry: count(ca, "NodeCertExpiry"),
        external_cas: items(ca, "ExternalCAs").iter().filter_map(|ca| filled(ca, "URL")).collect(),
        force_rotate: count(ca, "ForceRotate"),
        root_rotation_in_progress: flag(answer, "RootRotationInProgress"),
        root,
        data_path_port: count(answer, "DataPathPort"),
        address_pools: words(answer, "DefaultAddrPool"),
        task_history: count(at(spec, &["Orchestration"]), "TaskHistoryRetentionLimit"),
        log_driver: filled(at(spec, &["TaskDefaults", "LogDriver"]), "Name"),
    })
}

/// `GET /nodes`.
pub(crate) fn nodes(answer: &Value) -> Option<Vec<NodeFacts>> {
    each(answer, |value| {
        let spec = at(value, &["Spec"]);
        let description = at(value, &["Description"]);
        let manager = at(value, &["ManagerStatus"]);
        NodeFacts {
            id: word(value, "ID"),
            hostname: word(description, "Hostname"),
            role: word(spec, "Role"),
            availability: word(spec, "Availability"),
            state: word(at(value, &["Status"]), "State"),
            reachability: filled(manager, "Reachability"),
            leader: flag(manager, "Leader").unwrap_or_default(),
            address: filled(at(value, &["Status"]), "Addr"),
            engine_version: filled(at(description, &["Engine"]), "EngineVersion"),
            labels: map(spec, "Labels"),
            engine_labels: map(at(description, &["Engine"]), "Labels"),
        }
    })
}

/// `GET /services`.
pub(crate) fn services(answer: &Value) -> Option<Vec<ServiceFacts>> {
    each(answer, service)
}

fn service(value: &Value) -> ServiceFacts {
    let spec = at(value, &["Spec"]);
    let task = at(spec, &["TaskTemplate"]);
    let container = at(task, &["ContainerSpec"]);
    let mode = at(spec, &["Mode"]);
    let networks = match items(task, "Networks") {
        [] => items(spec, "Networks"),
        networks => networks,
    };
    let ports = match items(at(value, &["Endpoint"]), "Ports") {
        [] => items(at(spec, &["EndpointSpec"]), "Ports"),
        ports => ports,
    };
    let port = |entry: &Value| {
        let how = filled(entry, "PublishMode").unwrap_or_else(|| "ingress".into());
        let published = count(entry, "PublishedPort").unwrap_or_default();
        let protocol = filled(entry, "Protocol").unwrap_or_else(|| "tcp".into());
        format!("{how} {published}:{}/{protocol}", count(entry, "TargetPort").unwrap_or_default())
    };
    let limits = at(task, &["Resources", "Limits"]);
    let limit = |name: &str| Some((name.to_owned(), count(limits, name).filter(|count| *count > 0)?));
    let placement = at(task, &["Placement"]);
    let mut places = words(placement, "Constraints");
    places.extend(items(placement, "Preferences").iter().filter_map(|entry| {
        filled(at(entry, &["Spread"]), "SpreadDescriptor").map(|descriptor| format!("spread={descriptor}"))
    }));
    let update = at(spec, &["UpdateConfig"]);
    let modes = [
        ("Replicated", "replicated"),
        ("Global", "global"),
        ("ReplicatedJob", "replicated-job"),
        ("GlobalJob", "global-job"),
    ];
    ServiceFacts {
        id: word(value, "ID"),
        name: word(spec, "Name"),
        image: word(container, "Image"),
        mode: modes.iter().find(|(key, _)| mode.get(key).is_some()).map(|(_, word)| *word).unwrap_or_default().into(),
        replicas: count(at(mode, &["Replicated"]), "Replicas"),
        endpoint_mode: filled(at(spec, &["EndpointSpec"]), "Mode"),
        networks: networks.iter().filter_map(|network| filled(network, "Target")).collect(),
        ports: ports.iter().map(port).collect(),
        update: update.is_object().then(|| UpdateFacts {
            parallelism: count(update, "Parallelism"),
            failure_action: filled(update, "FailureAction"),
            order: filled(update, "Order"),
        }),
        rollback: at(spec, &["RollbackConfig"]).is_object(),
        restart_condition: filled(at(task, &["RestartPolicy"]), "Condition"),
        limits: ["NanoCPUs", "MemoryBytes", "Pids"].iter().filter_map(|name| limit(name)).collect::<BTreeMap<_, _>>(),
        secrets: items(container, "Secrets").iter().filter_map(|secret| filled(secret, "SecretName")).collect(),
        placement: places,
        labels: map(spec, "Labels"),
    }
}
