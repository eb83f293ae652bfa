//! The settings that a container and a service both have, by one accessor each.

use plimsoll_docker::facts::HostConfig;
use plimsoll_dockerfile::compose::{Positioned, Service, interpolate};

use super::view::{Listed, Name, Said, Told, Workload, named, resolved};

impl<'a> Workload<'a> {
    pub(crate) fn privileged(self) -> Told<bool> {
        self.flag(named("HostConfig.Privileged", "privileged"), |c| c.privileged, |s| &s.privileged)
    }

    pub(crate) fn read_only(self) -> Told<bool> {
        self.flag(named("HostConfig.ReadonlyRootfs", "read_only"), |c| c.read_only, |s| &s.read_only)
    }

    pub(crate) fn cap_add(self) -> Listed<String> {
        self.words(named("HostConfig.CapAdd", "cap_add"), |c| c.cap_add.clone(), |s| &s.cap_add)
    }

    pub(crate) fn cap_drop(self) -> Listed<String> {
        self.words(named("HostConfig.CapDrop", "cap_drop"), |c| c.cap_drop.clone(), |s| &s.cap_drop)
    }

    pub(crate) fn security_opt(self) -> Listed<String> {
        self.words(named("HostConfig.SecurityOpt", "security_opt"), |c| c.security_opt.clone(), |s| &s.security_opt)
    }

    pub(crate) fn network_mode(self) -> Told<String> {
        self.word(named("HostConfig.NetworkMode", "network_mode"), |c| c.network_mode.clone(), |s| &s.network_mode)
    }

    pub(crate) fn pid(self) -> Told<String> {
        self.word(named("HostConfig.PidMode", "pid"), |c| c.pid_mode.clone(), |s| &s.pid)
    }

    pub(crate) fn ipc(self) -> Told<String> {
        self.word(named("HostConfig.IpcMode", "ipc"), |c| c.ipc_mode.clone(), |s| &s.ipc)
    }

    pub(crate) fn uts(self) -> Told<String> {
        self.word(named("HostConfig.UTSMode", "uts"), |c| c.uts_mode.clone(), |s| &s.uts)
    }

    pub(crate) fn userns(self) -> Told<String> {
        self.word(named("HostConfig.UsernsMode", "userns_mode"), |c| c.userns_mode.clone(), |s| &s.userns_mode)
    }

    pub(crate) fn cgroup(self) -> Told<String> {
        self.word(named("HostConfig.CgroupnsMode", "cgroup"), |c| c.cgroupns_mode.clone(), |s| &s.cgroup)
    }

    pub(crate) fn restart(self) -> Told<String> {
        let name = named("HostConfig.RestartPolicy", "restart");
        let with_count = |c: &HostConfig| {
            let policy = c.restart.clone()?;
            Some(match c.restart_retries {
                Some(count) if count > 0 && policy == "on-failure" => format!("{policy}:{count}"),
                _ => policy,
            })
        };
        let mut told = self.word(name, with_count, |s| &s.restart);
        if let Self::Service(file, service) = self {
            if told.said == Said::Unset
                && let Some((reason, line)) = Self::gap(service, "deploy.restart_policy.condition")
            {
                told = Told { said: Said::Untold(reason), spot: Self::line(file, line) };
            }
            if let Some(deploy) = service.deploy.as_ref().filter(|_| service.restart == deployed_restart(service))
                && let (Said::Is(policy), Some(count)) = (&mut told.said, &deploy.restart_attempts)
                && policy == "on-failure"
            {
                policy.push_str(&format!(":{}", count.value));
            }
        }
        told
    }

    pub(crate) fn log_driver(self) -> Told<String> {
        let driver = |s: &'a Service| {
            let driver = s.logging.as_ref()?.driver.as_ref()?;
            Some((resolved(&driver.value), driver.line))
        };
        let name = named("HostConfig.LogConfig", "logging.driver");
        self.told(name, |c| c.log_driver.clone().filter(|driver| !driver.is_empty()), driver)
    }

    /// Options of the logging driver.
    pub(crate) fn log_options(self) -> Vec<(String, String)> {
        match self {
            Self::Container(facts) => {
                facts.host_config.log_options.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            Self::Service(_, service) => {
                let options = service.logging.iter().flat_map(|logging| &logging.options);
                options.map(|option| (option.name.clone(), option.value.clone().unwrap_or_default())).collect()
            }
        }
    }

    pub(crate) fn device_rules(self) -> Listed<String> {
        let name = named("HostConfig.DeviceCgroupRules", "device_cgroup_rules");
        self.words(name, |c| c.device_rules.clone(), |s| &s.device_cgroup_rules)
    }

    /// Graphics cards and their like.
    pub(crate) fn device_requests(self) -> Listed<String> {
        self.words(named("HostConfig.DeviceRequests", "gpus"), |c| c.device_requests.clone(), |s| &s.gpus)
    }

    /// `HOST:CONTAINER:PERMISSIONS`
    pub(crate) fn devices(self) -> Listed<String> {
        let written = |c: &HostConfig| {
            let one = |d: &plimsoll_docker::facts::DeviceFacts| {
                format!("{}:{}:{}", d.host_path, d.container_path, d.permissions)
            };
            c.devices.iter().map(one).collect()
        };
        self.words(named("HostConfig.Devices", "devices"), written, |s| &s.devices)
    }

    pub(crate) fn group_add(self) -> Listed<String> {
        self.words(named("HostConfig.GroupAdd", "group_add"), |c| c.group_add.clone(), |s| &s.group_add)
    }

    pub(crate) fn sysctls(self) -> Listed<(String, String)> {
        let name = named("HostConfig.Sysctls", "sysctls");
        match self {
            Self::Container(facts) => {
                let spot = Self::field(facts, name.field);
                let pairs = facts.host_config.sysctls.iter();
                self.listed(name, pairs.map(|(key, value)| ((key.clone(), value.clone()), spot.clone())).collect())
            }
            Self::Service(file, service) => {
                let mut listed = self.listed(name, Vec::new());
                for sysctl in &service.sysctls {
                    let spot = Self::line(file, sysctl.line);
                    match resolved(sysctl.value.as_deref().unwrap_or_default()) {
                        Ok(value) => listed.items.push(((sysctl.name.clone(), value), spot)),
                        Err(reason) => listed.gaps.push((reason, spot)),
                    }
                }
                listed
            }
        }
    }

    pub(crate) fn memory(self) -> Told<String> {
        let name = named("HostConfig.Memory", "mem_limit");
        self.bound(name, "deploy.resources.limits.memory", |c| c.memory.map(|n| n.to_string()), |s| &s.mem_limit)
    }

    pub(crate) fn pids(self) -> Told<String> {
        let name = named("HostConfig.PidsLimit", "pids_limit");
        // `null` is how an engine writes that there is no bound: only a container that was not told at all is untold.
        let inspected = self.inspected();
        let of =
            |c: &HostConfig| c.pids_limit.map_or_else(|| inspected.then(|| "0".to_owned()), |n| Some(n.to_string()));
        self.bound(name, "deploy.resources.limits.pids", of, |s| &s.pids_limit)
    }

    pub(crate) fn cpus(self) -> Told<String> {
        let of = |c: &HostConfig| {
            let quota = c.cpu_quota.filter(|quota| *quota > 0).and_then(|quota| u32::try_from(quota).ok());
            let period =
                c.cpu_period.filter(|period| *period > 0).and_then(|it| u32::try_from(it).ok()).unwrap_or(100_000);
            match (c.nano_cpus, quota) {
                (Some(nano), _) if nano > 0 => Some((u64_to_f64(nano) / 1e9).to_string()),
                (_, Some(quota)) => Some((f64::from(quota) / f64::from(period)).to_string()),
                (None, None) => c.cpu_quota.map(|_| "0".to_owned()),
                (Some(_), None) => Some("0".to_owned()),
            }
        };
        let name = named("HostConfig.NanoCpus", "cpus");
        let told = self.bound(name, "deploy.resources.limits.cpus", of, |s| &s.cpus);
        match self {
            // `cpu_quota` is the older way to say it; its period is rarely set.
            Self::Service(_, service) if told.said == Said::Unset => {
                let period =
                    service.cpu_period.as_ref().and_then(|period| interpolate(&period.value).value.parse().ok());
                let period = period.filter(|period| *period > 0.0).unwrap_or(100_000.0);
                self.word(named("", "cpu_quota"), |_| None, |s| &s.cpu_quota).and(|quota| {
                    let quota: f64 = quota.parse().map_err(|_| format!("cpu_quota is {quota}, which is no number"))?;
                    Ok((quota / period).to_string())
                })
            }
            _ => told,
        }
    }

    pub(crate) fn cpuset(self) -> Told<String> {
        self.word(named("HostConfig.CpusetCpus", "cpuset"), |c| c.cpuset.clone(), |s| &s.cpuset)
    }

    fn bound(
        self,
        name: Name,
        deployed: &str,
        of: impl FnOnce(&'a HostConfig) -> Option<String>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<String>>,
    ) -> Told<String> {
        let mut told = self.word(name, of, from);
        if let (Self::Service(file, service), Said::Unset) = (self, &told.said)
            && let Some((reason, line)) = Self::gap(service, deployed)
        {
            told = Told { said: Said::Untold(reason), spot: Self::line(file, line) };
        }
        told
    }
}

/// Whole numbers of this size are exact enough for a share of processors.
#[allow(clippy::cast_precision_loss)]
fn u64_to_f64(number: u64) -> f64 {
    number as f64
}

fn deployed_restart(service: &Service) -> Option<Positioned<String>> {
    service.deploy.as_ref().and_then(|deploy| deploy.restart_condition.clone())
}
