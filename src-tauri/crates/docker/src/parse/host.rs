//! `GET /version` and `GET /info`.
//!
//! Source: Docker Engine API, SystemVersion and SystemInfo; Podman's compatible service.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::{at, count, filled, flag, items, keys, listed, text, word, words};
use crate::facts::{DaemonFacts, EngineFacts, MachineFacts, Product, SecurityOption};

/// The engine. `spoken` is the version of the API that was agreed on.
pub(crate) fn engine(version: &Value, spoken: &str) -> EngineFacts {
    let platform = filled(at(version, &["Platform"]), "Name");
    let components: Vec<(String, String)> =
        items(version, "Components").iter().take(100).map(|part| (word(part, "Name"), word(part, "Version"))).collect();
    let named = |name: &str| components.iter().any(|(part, _)| part.to_lowercase().contains(name));
    let says = |name: &str| platform.as_ref().is_some_and(|platform| platform.to_lowercase().contains(name));
    let product = match () {
        () if named("podman") || says("podman") => Product::Podman,
        () if components.iter().any(|(part, _)| part == "Engine") || says("docker") => Product::Docker,
        // Before 18.06 there were no components.
        () if components.is_empty() && version.get("GitCommit").is_some() => Product::Docker,
        () => Product::Other,
    };
    EngineFacts {
        product,
        platform,
        version: filled(version, "Version"),
        api_version: filled(version, "ApiVersion"),
        min_api_version: filled(version, "MinAPIVersion"),
        spoken_api: Some(spoken.to_owned()),
        built: filled(version, "BuildTime"),
        components,
    }
}

/// The machine.
pub(crate) fn machine(info: &Value) -> MachineFacts {
    MachineFacts {
        operating_system: filled(info, "OperatingSystem"),
        os_version: filled(info, "OSVersion"),
        os_type: filled(info, "OSType"),
        architecture: filled(info, "Architecture"),
        kernel: filled(info, "KernelVersion"),
        cpus: count(info, "NCPU"),
        memory: count(info, "MemTotal"),
    }
}

/// Entries of `SecurityOptions`: `name=seccomp,profile=default`; before 1.13 only `seccomp`.
pub(crate) fn security_options(info: &Value) -> Option<Vec<SecurityOption>> {
    let options = listed(info, "SecurityOptions")?;
    let read = |entry: &String| {
        let mut option = SecurityOption { name: String::new(), options: BTreeMap::new() };
        for part in entry.split(',') {
            match part.split_once('=') {
                Some(("name", name)) => option.name = name.to_owned(),
                Some((key, value)) => {
                    option.options.insert(key.to_owned(), value.to_owned());
                }
                None if option.name.is_empty() => option.name = part.to_owned(),
                None => {}
            }
        }
        option
    };
    Some(options.iter().map(read).filter(|option| !option.name.is_empty()).collect())
}

/// `RegistryConfig`: hosts and networks that are spoken to without verified TLS, and the mirrors.
pub(crate) fn registries(info: &Value) -> (Option<Vec<String>>, Vec<String>) {
    let config = at(info, &["RegistryConfig"]);
    if !config.is_object() {
        return (None, Vec::new());
    }
    let mut insecure = words(config, "InsecureRegistryCIDRs");
    if let Some(Value::Object(indexes)) = config.get("IndexConfigs") {
        let open = indexes.iter().filter(|(_, index)| flag(index, "Secure") == Some(false));
        insecure.extend(open.map(|(host, _)| host.clone()));
    }
    insecure.sort();
    insecure.dedup();
    (Some(insecure), words(config, "Mirrors"))
}

/// The daemon's settings.
pub(crate) fn daemon(info: &Value) -> DaemonFacts {
    let (insecure_registries, mirrors) = registries(info);
    let plugins = at(info, &["Plugins"]);
    let pair = |entry: &Value| match entry.as_array().map(Vec::as_slice) {
        Some([Value::String(name), Value::String(value), ..]) => Some((name.clone(), value.clone())),
        _ => None,
    };
    const LIMITS: [&str; 10] = [
        "MemoryLimit",
        "SwapLimit",
        "KernelMemory",
        "KernelMemoryTCP",
        "CpuCfsPeriod",
        "CpuCfsQuota",
        "CPUShares",
        "CPUSet",
        "PidsLimit",
        "OomKillDisable",
    ];
    DaemonFacts {
        storage_driver: filled(info, "Driver"),
        storage_status: items(info, "DriverStatus").iter().filter_map(pair).collect(),
        logging_driver: filled(info, "LoggingDriver"),
        cgroup_driver: filled(info, "CgroupDriver"),
        cgroup_version: filled(info, "CgroupVersion"),
        security_options: security_options(info),
        live_restore: flag(info, "LiveRestoreEnabled"),
        debug: flag(info, "Debug"),
        experimental: flag(info, "ExperimentalBuild"),
        root_dir: filled(info, "DockerRootDir"),
        default_runtime: filled(info, "DefaultRuntime"),
        runtimes: keys(info, "Runtimes"),
        ip_forwarding: flag(info, "IPv4Forwarding"),
        bridge_nf_iptables: flag(info, "BridgeNfIptables"),
        firewall_backend: filled(at(info, &["FirewallBackend"]), "Driver"),
        kernel_limits: LIMITS.iter().filter_map(|name| Some(((*name).to_owned(), flag(info, name)?))).collect(),
        insecure_registries,
        mirrors,
        address_pools: items(info, "DefaultAddressPools")
            .iter()
            .filter_map(|pool| Some((filled(pool, "Base")?, count(pool, "Size").unwrap_or_default())))
            .collect(),
        // Null where there are none, beside the other kinds of plugins.
        authorization_plugins: plugins.is_object().then(|| words(plugins, "Authorization")),
        log_plugins: words(plugins, "Log"),
        network_plugins: words(plugins, "Network"),
        volume_plugins: words(plugins, "Volume"),
        labels: words(info, "Labels"),
        warnings: words(info, "Warnings"),
        proxies: ["HttpProxy", "HttpsProxy", "NoProxy"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), filled(info, name)?)))
            .collect(),
    }
}

/// The host's name and the engine's own id.
pub(crate) fn identity(info: &Value) -> (Option<String>, Option<String>) {
    (filled(info, "Name"), text(info, "ID").filter(|id| !id.is_empty()))
}
