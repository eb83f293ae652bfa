//! CSVS 2.5, 3.14 and 12.2: bounds on memory, processors and processes.

use plimsoll_catalog::Severity;

use super::ask::{Answer, Ask, Notes};
use super::view::{Said, Workload};
use crate::{CheckInfo, Settings, text};

/// Memory and processors are bounded.
pub(crate) struct Resources;

/// The number of processes is bounded.
pub(crate) struct Processes;

/// More processes than this is hardly a number that was worked out.
const GENEROUS: i64 = 16_384;

impl Ask for Resources {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "resource-limits",
            use_case: None,
            title: text("Memory and processor time are limited", "Arbeitsspeicher und Rechenzeit sind begrenzt"),
            why: text(
                "Containers share the host's memory and processors. One without limits, attacked or merely faulty, takes them from all others until the host itself stands still.",
                "Container teilen sich Arbeitsspeicher und Prozessoren des Hosts. Einer ohne Grenzen nimmt sie, angegriffen oder nur fehlerhaft, allen anderen weg, bis der Host selbst stillsteht.",
            ),
            how: text(
                "A memory limit above zero and below the host's memory is needed, and a limit on processor time: a number of processors, a quota, or a set of processors smaller than the host's. Shares of processor time and reservations limit nothing and do not count. Without both the check fails. Limits for open files and processes (ulimits) are named; they change nothing in the result. In a Compose file mem_limit, cpus and cpu_quota count, and deploy.resources.limits; without them Compose sets no limit.",
                "Nötig sind eine Speichergrenze über null und unter dem Arbeitsspeicher des Hosts sowie eine Grenze für die Rechenzeit: eine Zahl von Prozessoren, eine Quote oder eine Auswahl von Prozessoren, die kleiner ist als die des Hosts. Anteile an der Rechenzeit und Reservierungen begrenzen nichts und zählen nicht. Fehlt eine der beiden Grenzen, fällt die Prüfung durch. Grenzen für offene Dateien und Prozesse (ulimits) werden genannt; am Ergebnis ändern sie nichts. In einer Compose-Datei zählen mem_limit, cpus und cpu_quota sowie deploy.resources.limits; ohne sie setzt Compose keine Grenze.",
            ),
            blind_spots: text(
                "Whether the limits fit the service and hold under load, and which limits a parent control group sets. In a Compose file also how large the host is, and what a variable is set to from outside.",
                "Ob die Grenzen zum Dienst passen und unter Last halten und welche Grenzen eine übergeordnete Control-Group setzt. Bei einer Compose-Datei auch, wie groß der Host ist und welchen Wert eine Variable von außen erhält.",
            ),
            remedy: text(
                "Measure what the service needs and set limits a little above it, for memory and for processors.",
                "Messen Sie, was der Dienst braucht, und setzen Sie die Grenzen für Speicher und Prozessoren etwas darüber.",
            ),
            example: "docker run --memory 512m --cpus 1.5 IMAGE\n\nservices:\n  web:\n    mem_limit: 512m\n    cpus: 1.5",
            aliases: &[
                ("cis-docker", "5.11"),
                ("cis-docker", "5.12"),
                ("cis-docker", "5.19"),
                ("docker-bench", "5.11"),
                ("docker-bench", "5.12"),
                ("docker-bench", "5.19"),
            ],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let host = it.container().map(|facts| &facts.at);
        let memory = it.memory().and(|text| bytes(&text).ok_or_else(|| format!("{text} is no amount of memory")));
        let mut unbounded = false;
        match memory.said {
            Said::Is(0) | Said::Unset => {
                unbounded = true;
                let message = format!("{name} has no limit on memory: it can use all that the host has.");
                notes.fault(&memory.spot, Severity::Medium, message);
            }
            Said::Is(bytes) => match host.and_then(|host| host.memory) {
                Some(all) if all > 0 && bytes >= all => {
                    unbounded = true;
                    let message = format!(
                        "{name} may use {}, and the host has {}: that limits nothing.",
                        amount(bytes),
                        amount(all)
                    );
                    notes.fault(&memory.spot, Severity::Medium, message);
                }
                _ => notes.note(&memory.spot, Severity::Info, format!("{name} may use {} of memory.", amount(bytes))),
            },
            Said::Untold(reason) => notes.untold(it, &memory.spot, "a limit on memory", &reason),
        }
        if unbounded {
            self.no_killer(it, &mut notes);
        }
        processors(it, &mut notes);
        ulimits(it, &mut notes);
        notes.answer(&memory.spot, format!("{name} has limits on memory and on processor time."))
    }
}

impl Resources {
    /// Without a limit and without the kernel's killer, one container stops the host.
    fn no_killer(&self, it: Workload<'_>, notes: &mut Notes) {
        let (disabled, line) = match it {
            Workload::Container(facts) => (facts.host_config.oom_kill_disable, None),
            Workload::Service(_, service) => {
                let flag = service.oom_kill_disable.as_ref();
                (flag.map(|flag| flag.value), flag.map(|flag| flag.line))
            }
        };
        if disabled == Some(true) {
            let message = format!(
                "{} is not killed when memory runs out, and has no limit either: the kernel kills other processes of the host instead.",
                it.it()
            );
            notes.fault(&it.spot("HostConfig.OomKillDisable", line), Severity::High, message);
        }
    }
}

fn processors(it: Workload<'_>, notes: &mut Notes) {
    let name = it.it();
    let cpus =
        it.cpus().and(|text| text.trim().parse::<f64>().map_err(|_| format!("{text} is no number of processors")));
    let all = it.container().and_then(|facts| facts.at.cpus).filter(|all| *all > 0);
    let all_of_them = all.and_then(|all| u32::try_from(all).ok()).map(f64::from);
    let set = it.cpuset().and(|text| {
        if text.is_empty() {
            Ok(0)
        } else {
            processors_in(&text).ok_or_else(|| format!("{text} is no set of processors"))
        }
    });
    if let (Said::Is(number), true) = (&set.said, all.is_none_or(|all| matches!(&set.said, Said::Is(n) if *n < all)))
        && *number > 0
    {
        notes.note(&set.spot, Severity::Info, format!("{name} runs on {number} of the host's processors only."));
        return;
    }
    match cpus.said {
        Said::Is(number) if number > 0.0 && all_of_them.is_some_and(|all| number >= all) => {
            let message = format!("{name} may use {number} processors, and the host has no more: that limits nothing.");
            notes.fault(&cpus.spot, Severity::Low, message);
        }
        Said::Is(number) if number > 0.0 => {
            notes.note(&cpus.spot, Severity::Info, format!("{name} may use {number} processors."));
        }
        Said::Is(_) | Said::Unset => {
            let shares = match it {
                Workload::Container(facts) => facts.host_config.cpu_shares.is_some_and(|shares| shares > 0),
                Workload::Service(_, service) => service.cpu_shares.is_some(),
            };
            let but = if shares { " Its shares are a weight among containers, no limit." } else { "" };
            let message = format!("{name} has no limit on processor time.{but}");
            notes.fault(&cpus.spot, Severity::Low, message);
        }
        Said::Untold(reason) => notes.untold(it, &cpus.spot, "a limit on processor time", &reason),
    }
}

/// Names what is set, and bounds that are none.
fn ulimits(it: Workload<'_>, notes: &mut Notes) {
    let limits: Vec<(String, String, Option<u32>)> = match it {
        Workload::Container(facts) => {
            facts.host_config.ulimits.iter().map(|limit| (limit.name.clone(), limit.hard.to_string(), None)).collect()
        }
        Workload::Service(_, service) => {
            let one = |limit: &plimsoll_dockerfile::compose::UlimitEntry| {
                let hard = limit.hard.clone().or_else(|| limit.soft.clone()).unwrap_or_default();
                (limit.name.clone(), hard, Some(limit.line))
            };
            service.ulimits.iter().map(one).collect()
        }
    };
    for (limit, hard, line) in &limits {
        let spot = it.spot("HostConfig.Ulimits", *line);
        if hard == "-1" || hard == "unlimited" {
            notes.note(&spot, Severity::Low, format!("{} lifts the limit {limit} altogether.", it.it()));
        } else {
            notes.note(&spot, Severity::Info, format!("{} has the limit {limit} of {hard}.", it.it()));
        }
    }
    let missing: Vec<&str> =
        ["nofile", "nproc"].into_iter().filter(|name| !limits.iter().any(|(limit, ..)| limit == name)).collect();
    if !missing.is_empty() && it.inspected() {
        let message = format!("{} sets no ulimit for {}: the daemon's defaults apply.", it.it(), missing.join(" and "));
        notes.note(&it.spot("HostConfig.Ulimits", None), Severity::Info, message);
    }
}

impl Ask for Processes {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "process-limit",
            use_case: None,
            title: text("The number of processes is limited", "Die Zahl der Prozesse ist begrenzt"),
            why: text(
                "Processes come out of one pool for the whole host. A container that starts new ones without end leaves none for anybody else, and nobody can even log in to stop it.",
                "Prozesse stammen aus einem Vorrat für den ganzen Host. Startet ein Container endlos neue, bleiben für niemanden sonst welche, und niemand kann sich mehr anmelden, um ihn anzuhalten.",
            ),
            how: text(
                "A PIDs limit above zero passes; none, 0 and -1 mean no limit and fail. In a Compose file pids_limit and deploy.resources.limits.pids count. The ulimit nproc is no substitute: it counts per user over all containers. Where the engine has a limit in force that the container's settings do not name, a person decides.",
                "Eine PID-Grenze über null besteht; ein fehlender Wert, 0 und -1 bedeuten „unbegrenzt“ und fallen durch. In einer Compose-Datei zählen pids_limit und deploy.resources.limits.pids. Das Ulimit nproc ist kein Ersatz: Es zählt je Benutzer über alle Container hinweg. Gilt an der Engine eine Grenze, die in den Einstellungen des Containers nicht steht, entscheidet ein Mensch.",
            ),
            blind_spots: text(
                "Whether the number was worked out for the service, as the requirement asks.",
                "Ob die Zahl für den Dienst ermittelt wurde, wie die Anforderung es verlangt.",
            ),
            remedy: text(
                "Find out how many processes and threads the service needs under load, and limit it to a little more.",
                "Stellen Sie fest, wie viele Prozesse und Threads der Dienst unter Last braucht, und begrenzen Sie ihn knapp darüber.",
            ),
            example: "docker run --pids-limit 100 IMAGE\n\nservices:\n  web:\n    pids_limit: 100",
            aliases: &[("cis-docker", "5.29"), ("docker-bench", "5.29")],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let pids =
            it.pids().and(|text| text.trim().parse::<i64>().map_err(|_| format!("{text} is no number of processes")));
        let in_force = it.container().and_then(|facts| facts.stats.as_ref()).and_then(|stats| stats.pids_limit);
        match pids.said {
            Said::Is(number) if number > GENEROUS => {
                let message =
                    format!("{name} may have {number} processes, which is hardly what it was worked out to need.");
                notes.note(&pids.spot, Severity::Low, message);
            }
            Said::Is(number) if number > 0 => {
                notes.note(&pids.spot, Severity::Info, format!("{name} may have {number} processes."));
            }
            Said::Is(_) | Said::Unset => match in_force.filter(|limit| *limit > 0 && *limit < 1 << 31) {
                Some(limit) => {
                    let message = format!(
                        "{name} names no limit on processes, though one of {limit} is in force, from a default of the engine or a parent group."
                    );
                    notes.doubt(&pids.spot, Severity::Low, message);
                }
                None => {
                    let message =
                        format!("{name} has no limit on processes: it can use up all that the host can start.");
                    notes.fault(&pids.spot, Severity::Medium, message);
                }
            },
            Said::Untold(reason) => notes.untold(it, &pids.spot, "a limit on processes", &reason),
        }
        notes.answer(&pids.spot, format!("{name} has a limit on processes."))
    }
}

/// `512m`, `1.5gb`, `1024` in bytes; -1 and 0 are no limit.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    if text == "-1" {
        return Some(0);
    }
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let shift = match unit.trim() {
        "" | "b" => 0_u32,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() && !part.is_empty() { 0 } else { whole.parse().ok()? };
    let unit = 1_u64.checked_shl(shift)?;
    // A few digits behind the point are all that matters.
    let digits: String = part.chars().take(6).collect();
    let fraction = match digits.len() {
        0 => 0,
        length => {
            let scale = 10_u64.checked_pow(u32::try_from(length).ok()?)?;
            u64::try_from(u128::from(digits.parse::<u64>().ok()?) * u128::from(unit) / u128::from(scale)).ok()?
        }
    };
    whole.saturating_mul(unit).checked_add(fraction)
}

/// "512 MiB"
fn amount(bytes: u64) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        let size = 1_u64 << shift;
        if bytes >= size {
            let tenths = bytes / (size / 10).max(1);
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if tenth == 0 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") };
        }
    }
    format!("{bytes} bytes")
}

/// How many processors `0-2,4` names.
fn processors_in(set: &str) -> Option<u64> {
    let mut number = 0_u64;
    for part in set.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse::<u64>().ok()?, last.trim().parse::<u64>().ok()?);
        number = number.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    Some(number)
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
