//! Containers told in full, in part and not at all, before the checks of this folder.

use std::collections::BTreeMap;

use plimsoll_catalog::{Outcome, OutcomeKind, SubjectKind, standards};
use plimsoll_docker::facts::{
    AtEngine, ChangeFacts, ChangeKind, ContainerConfig, ContainerFacts, DeviceFacts, EngineFacts, HostConfig,
    HostFacts, ImageNow, ListedContainer, MountFacts, ProcessFacts, Product, PublishedPort, SecurityOption, StateFacts,
    StatsFacts, Unread,
};

use super::processes::{Mapping, is_bare_shell, program};
use crate::facts::tests::dockerfile;
use crate::{Facts, Judgement, Settings, judge_all};

fn facts(container: ContainerFacts) -> Facts {
    Facts {
        source: format!("docker-container:{}", container.name),
        collected: "2026-11-24T12:00:00Z".into(),
        dockerfile: None,
        container: Some(container),
        ..dockerfile("FROM scratch\n")
    }
}

fn process(pid: u64, parent: u64, uid: u64, command: &str) -> ProcessFacts {
    ProcessFacts { pid, parent: Some(parent), uid: Some(uid), user: uid.to_string(), command: command.into() }
}

fn change(kind: ChangeKind, path: &str) -> ChangeFacts {
    ChangeFacts { kind, path: path.into() }
}

/// As it should be, in every respect.
fn good() -> ContainerFacts {
    ContainerFacts {
        at: AtEngine {
            endpoint: "unix:///var/run/docker.sock".into(),
            id: Some("engine-1".into()),
            security_options: Some(vec![]),
            memory: Some(8 << 30),
            ..AtEngine::default()
        },
        id: "aa".into(),
        name: "web".into(),
        image_id: "sha256:1111".into(),
        image_now: ImageNow { id: Some("sha256:1111".into()), ..ImageNow::default() },
        state: StateFacts {
            status: "running".into(),
            running: true,
            pid: 100,
            oom_killed: Some(false),
            started: Some("2026-11-23T12:00:00.123456789Z".into()),
            health: Some("healthy".into()),
            restarts: Some(0),
            ..StateFacts::default()
        },
        config: ContainerConfig {
            image: "shop:1.4".into(),
            user: "10001".into(),
            cmd: vec!["/app".into()],
            exposed_ports: vec!["8080/tcp".into()],
            healthcheck: Some(vec!["CMD".into(), "/app".into(), "check".into()]),
            ..ContainerConfig::default()
        },
        host_config: HostConfig {
            privileged: Some(false),
            cap_drop: vec!["ALL".into()],
            read_only: Some(true),
            memory: Some(512 << 20),
            pids_limit: Some(100),
            ..HostConfig::default()
        },
        processes: Some(vec![process(100, 9, 10001, "/app"), process(101, 100, 10001, "/app worker")]),
        changes: Some(vec![]),
        stats: Some(StatsFacts {
            memory: Some(100 << 20),
            memory_limit: Some(512 << 20),
            pids: Some(4),
            pids_limit: Some(100),
        }),
        ..ContainerFacts::default()
    }
}

fn with(change: impl FnOnce(&mut ContainerFacts)) -> ContainerFacts {
    let mut container = good();
    change(&mut container);
    container
}

fn of(check: &str, container: ContainerFacts) -> Judgement {
    let judgement = crate::check(check).unwrap().judge(&facts(container), &Settings::default());
    for observation in &judgement.observations {
        assert!(observation.location.is_some() && observation.reproduce.is_some(), "{observation:?}");
        assert!(observation.message.ends_with('.') || observation.message.contains("It runs: "), "{observation:?}");
    }
    assert!(judgement.summary.ends_with('.'), "{}", judgement.summary);
    judgement
}

fn kind(check: &str, container: ContainerFacts) -> OutcomeKind {
    of(check, container).outcome
}

use OutcomeKind::{Fail, Pass, Undecided};

#[test]
fn the_catalogue_links_each_check_of_this_folder_and_no_other() {
    for check in super::all() {
        let info = check.info();
        let own = standards().runtime_check(info.id).unwrap();
        assert_eq!(own.use_case, info.use_case, "{}", info.id);
        assert_eq!(own.kinds, check.kinds(), "{}", info.id);
        assert_eq!(own.kinds, [SubjectKind::Container], "{}", info.id);
    }
}

#[test]
fn of_a_container_of_which_nothing_is_told_nothing_passes() {
    for check in super::all() {
        let id = check.info().id;
        assert_eq!(kind(id, ContainerFacts::default()), Undecided, "{id}");
        let none = Facts { container: None, ..facts(good()) };
        assert_eq!(check.judge(&none, &Settings::default()).outcome, OutcomeKind::Error, "{id}");
    }
}

#[test]
fn a_good_container_passes_all_but_what_shows_beside_others() {
    for check in super::all() {
        let id = check.info().id;
        let wanted = if id == "shared-uid" { Undecided } else { Pass };
        let judgement = of(id, good());
        assert_eq!(judgement.outcome, wanted, "{id}: {judgement:?}");
    }
}

#[test]
fn a_stopped_container_is_left_open_where_only_a_running_one_tells() {
    let stopped = || {
        with(|c| {
            c.state = StateFacts { status: "exited".into(), exit_code: Some(0), ..StateFacts::default() };
            (c.processes, c.stats) = (None, None);
        })
    };
    for id in ["processes-not-root", "accessed-container", "remote-management-running", "container-health"] {
        let judgement = of(id, stopped());
        assert_eq!(judgement.outcome, Undecided, "{id}");
        assert!(judgement.summary.contains("exited"), "{id}: {}", judgement.summary);
    }
    assert_eq!(kind("limits-in-force", stopped()), Undecided);
    assert_eq!(kind("container-stability", stopped()), Undecided);
}

#[test]
fn what_could_not_be_read_is_said_with_its_reason() {
    let unread = with(|c| {
        c.processes = None;
        c.unread = vec![Unread { what: "GET /containers/aa/top".into(), reason: "ps is not there.".into() }];
    });
    let judgement = of("processes-not-root", unread);
    assert!(judgement.summary.contains("could not be read (ps is not there)"), "{}", judgement.summary);
}

#[test]
fn a_root_process_fails_and_an_init_with_other_children_does_not() {
    let all_root = with(|c| c.processes = Some(vec![process(100, 9, 0, "/app")]));
    let judgement = of("processes-not-root", all_root);
    assert_eq!((judgement.outcome, judgement.summary.as_str()), (Fail, "Its only process runs as root."));
    let master = with(|c| {
        c.processes =
            Some(vec![process(100, 9, 0, "nginx: master process nginx"), process(101, 100, 101, "nginx: worker")]);
    });
    let judgement = of("processes-not-root", master);
    assert_eq!(judgement.outcome, Fail);
    assert!(judgement.summary.contains("first process keeps root"), "{}", judgement.summary);
    let init = |child: u64| {
        with(|c| {
            c.processes = Some(vec![process(100, 9, 0, "/sbin/docker-init -- /app"), process(101, 100, child, "/app")]);
        })
    };
    assert_eq!(kind("processes-not-root", init(10001)), Pass);
    assert_eq!(kind("processes-not-root", init(0)), Fail);
    let alone = with(|c| c.processes = Some(vec![process(100, 9, 0, "tini")]));
    assert_eq!(kind("processes-not-root", alone), Fail);
    let named = with(|c| {
        c.processes = Some(vec![ProcessFacts { uid: None, user: "root".into(), ..process(100, 9, 0, "/app") }]);
    });
    assert_eq!(kind("processes-not-root", named), Fail);
    let unnamed = with(|c| {
        c.processes = Some(vec![ProcessFacts { uid: None, user: "app".into(), ..process(100, 9, 0, "/app") }]);
    });
    assert_eq!(kind("processes-not-root", unnamed), Undecided);
}

fn option(name: &str) -> SecurityOption {
    SecurityOption { name: name.into(), options: BTreeMap::new() }
}

#[test]
fn with_user_namespaces_the_lowest_uid_of_the_mapping_is_root() {
    let mapped = |uid: u64, told: bool| {
        with(|c| {
            c.at.security_options = Some(vec![option("userns")]);
            c.processes = Some(vec![process(100, 9, uid, "/app")]);
            if told {
                let path = "/var/lib/docker/165536.165536/containers/aa/resolv.conf";
                c.answers.insert("GET /containers/aa/json".into(), serde_json::json!({ "ResolvConfPath": path }));
            }
        })
    };
    assert_eq!(kind("processes-not-root", mapped(165_536, true)), Fail);
    assert_eq!(kind("processes-not-root", mapped(165_536 + 10_001, true)), Pass);
    assert_eq!(kind("processes-not-root", mapped(5, true)), Undecided);
    let judgement = of("processes-not-root", mapped(165_536, false));
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.observations.iter().any(|o| o.message.contains("most likely it is root inside")));
    assert_eq!(kind("processes-not-root", mapped(0, false)), Fail);
    let off = with(|c| {
        c.at.security_options = Some(vec![option("userns")]);
        c.host_config.userns_mode = Some("host".into());
    });
    assert_eq!(Mapping::of(&off), Mapping::None);
    let by_volume = with(|c| {
        c.host_config.userns_mode = Some("private".into());
        let source = "/srv/docker/231072.231072/volumes/data/_data".into();
        c.mounts = vec![MountFacts { kind: "volume".into(), source, ..MountFacts::default() }];
    });
    assert_eq!(Mapping::of(&by_volume), Mapping::From(231_072));
}

#[test]
fn in_a_rootless_engine_a_login_uid_may_be_root_inside() {
    let rootless = |user: &str, uid: u64| {
        with(|c| {
            c.at.security_options = Some(vec![option("rootless")]);
            c.config.user = user.into();
            c.processes = Some(vec![process(100, 9, uid, "/app")]);
        })
    };
    assert_eq!(kind("processes-not-root", rootless("", 0)), Fail);
    assert_eq!(kind("processes-not-root", rootless("", 1000)), Undecided);
    assert_eq!(kind("processes-not-root", rootless("1000", 1000)), Pass);
    assert_eq!(kind("processes-not-root", rootless("", 101)), Pass);
    let untold = with(|c| c.at.security_options = None);
    assert_eq!(kind("processes-not-root", untold), Undecided);
}

fn settled(containers: Vec<ContainerFacts>, host: Option<HostFacts>) -> Vec<Outcome> {
    let mut all: Vec<Facts> = containers.into_iter().map(facts).collect();
    if let Some(host) = host {
        all.push(Facts { container: None, host: Some(host), ..facts(good()) });
    }
    let ids: Vec<String> = (0..all.len()).map(|index| index.to_string()).collect();
    let subjects: Vec<(&str, &str, &Facts)> =
        ids.iter().zip(&all).map(|(id, facts)| (id.as_str(), "x", facts)).collect();
    let judged = judge_all(&subjects, &Settings::default());
    judged.into_iter().filter_map(|(_, all)| all.into_iter().find(|outcome| outcome.check == "shared-uid")).collect()
}

fn named(name: &str, uid: u64, project: &str, service: &str) -> ContainerFacts {
    with(|c| {
        (c.name, c.id) = (name.into(), name.into());
        c.processes = Some(vec![process(100, 9, uid, "/app")]);
        if !project.is_empty() {
            c.config.labels.insert("com.docker.compose.project".into(), project.into());
            c.config.labels.insert("com.docker.compose.service".into(), service.into());
        }
    })
}

#[test]
fn a_shared_uid_fails_across_projects_and_is_asked_within_one() {
    let three =
        || vec![named("a", 1000, "shop", "web"), named("b", 1000, "shop", "db"), named("c", 1001, "mail", "mta")];
    let outcomes: Vec<OutcomeKind> = settled(three(), None).iter().map(|o| o.outcome).collect();
    assert_eq!(outcomes, [Undecided, Undecided, Undecided]);
    let mut four = three();
    four.push(named("d", 1000, "", ""));
    let outcomes = settled(four, None);
    assert_eq!(outcomes[0].outcome, Fail);
    assert!(outcomes[0].observations.iter().any(|o| o.message.contains("that of d, which belongs elsewhere")));
    assert_eq!((outcomes[2].outcome, outcomes[3].outcome), (Undecided, Fail));
    // Copies of one service are one thing.
    let copies = settled(vec![named("a", 1000, "shop", "web"), named("b", 1000, "shop", "web")], None);
    assert!(copies.iter().all(|outcome| outcome.outcome == Undecided && outcome.observations.is_empty()));
}

#[test]
fn a_uid_of_its_own_passes_only_beside_the_whole_list_of_the_engine() {
    let listed = |ids: &[&str]| HostFacts {
        id: Some("engine-1".into()),
        containers: Some(
            ids.iter().map(|id| ListedContainer { id: (*id).to_owned(), ..ListedContainer::default() }).collect(),
        ),
        ..HostFacts::default()
    };
    let two = || vec![named("a", 1000, "", ""), named("b", 1001, "", "")];
    assert!(settled(two(), Some(listed(&["a", "b"]))).iter().all(|outcome| outcome.outcome == Pass));
    let more = settled(two(), Some(listed(&["a", "b", "c"])));
    assert!(more.iter().all(|o| o.outcome == Undecided && o.summary.contains("one further one")), "{more:?}");
    assert!(settled(two(), None)[0].summary.contains("the engine itself is no subject"));
    assert_eq!(settled(vec![good()], Some(listed(&["aa"])))[0].outcome, Pass);
    assert_eq!(settled(vec![good()], None)[0].outcome, Undecided);
    let other_engine = with(|c| c.at.id = Some("engine-2".into()));
    let apart = settled(vec![good(), other_engine], None);
    assert!(apart.iter().all(|outcome| outcome.outcome == Undecided));
    let root = settled(vec![named("a", 0, "", ""), named("b", 0, "", "")], None);
    assert!(root.iter().all(|outcome| outcome.outcome == Undecided && outcome.summary.contains("only as root")));
}

#[test]
fn permissions_without_a_reason_are_put_to_the_auditor() {
    let signs = |change: fn(&mut ContainerFacts)| of("unneeded-permissions", with(change));
    let says = |judgement: &Judgement, word: &str| {
        assert_eq!(judgement.outcome, Undecided, "{judgement:?}");
        assert!(judgement.observations.iter().any(|o| o.message.contains(word)), "{word}: {judgement:?}");
    };
    says(&signs(|c| c.host_config.cap_drop.clear()), "default capabilities");
    says(&signs(|c| c.host_config.cap_drop.clear()), "NET_RAW");
    says(&signs(|c| c.host_config.cap_add = vec!["SYS_ADMIN".into()]), "no process is root");
    says(&signs(|c| c.host_config.privileged = Some(true)), "names no device");
    says(&signs(|c| c.host_config.network_mode = Some("host".into())), "high port 8080");
    says(&signs(|c| c.host_config.group_add = vec!["docker".into()]), "power over the host");
    says(&signs(|c| c.host_config.read_only = Some(false)), "nothing was written");
    says(
        &signs(|c| {
            c.host_config.devices = vec![DeviceFacts {
                host_path: "/dev/fuse".into(),
                permissions: "rwm".into(),
                ..DeviceFacts::default()
            }];
        }),
        "/dev/fuse",
    );
    let low = with(|c| {
        c.config.exposed_ports = vec!["80/tcp".into()];
        c.host_config.cap_add = vec!["NET_BIND_SERVICE".into()];
    });
    assert_eq!(kind("unneeded-permissions", low), Pass);
    assert_eq!(kind("unneeded-permissions", with(|c| c.host_config.privileged = None)), Undecided);
}

#[test]
fn sessions_and_traces_of_people_fail_and_health_checks_do_not() {
    let beside = |command: &str| {
        let command = command.to_owned();
        with(|c| c.processes.as_mut().unwrap().push(process(200, 9, 10001, &command)))
    };
    assert_eq!(kind("accessed-container", beside("bash")), Fail);
    assert_eq!(kind("accessed-container", beside("top")), Fail);
    assert_eq!(kind("accessed-container", beside("/app check")), Pass);
    let shared = ContainerFacts {
        host_config: HostConfig { pid_mode: Some("host".into()), ..good().host_config },
        ..beside("sleep 9")
    };
    assert_eq!(kind("accessed-container", shared), Undecided);
    let first_unknown = with(|c| c.state.pid = 0);
    assert_eq!(kind("accessed-container", first_unknown), Undecided);
    for (path, wanted) in [
        ("/root/.bash_history", Fail),
        ("/root/.ssh", Fail),
        ("/var/lib/dpkg/status", Fail),
        ("/usr/bin/strace", Fail),
        ("/var/lib/apt/lists/deb.debian.org_dists", Undecided),
        ("/etc/passwd", Undecided),
        ("/tmp/x", Pass),
        ("/usr/bin", Pass),
    ] {
        let changed = with(|c| c.changes = Some(vec![change(ChangeKind::Added, path)]));
        assert_eq!(kind("accessed-container", changed), wanted, "{path}");
    }
    assert_eq!(kind("accessed-container", with(|c| c.changes_cut = true)), Undecided);
    assert_eq!(kind("accessed-container", with(|c| c.changes = None)), Undecided);
    let exec = with(|c| {
        c.execs = vec!["e1".into()];
        c.config.healthcheck = None;
    });
    assert_eq!(kind("accessed-container", exec), Undecided);
    let age = of("accessed-container", good());
    assert!(age.observations.iter().any(|o| o.message.contains("2026-11-23, 23 hours before")), "{age:?}");
}

#[test]
fn a_remote_management_service_fails_whatever_its_title() {
    let runs = |command: &str| {
        let command = command.to_owned();
        with(|c| c.processes.as_mut().unwrap().push(process(150, 100, 10001, &command)))
    };
    for command in [
        "/usr/sbin/sshd -D",
        "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
        "sshd: root@pts/0",
        "sshd-session: app",
        "dropbear -F",
        "busybox telnetd -F",
        "/usr/bin/perl /usr/share/webmin/miniserv.pl /etc/webmin/miniserv.conf",
        "Xvnc :1",
        "/opt/teamviewer/tv_bin/teamviewerd -d",
    ] {
        let judgement = of("remote-management-running", runs(command));
        assert_eq!(judgement.outcome, Fail, "{command}");
        assert_eq!(judgement.summary, "A remote management service runs in it.");
    }
    for command in ["vim /etc/ssh/sshd", "grep sshd", "/app --with sshd", "nginx: worker process"] {
        assert_eq!(kind("remote-management-running", runs(command)), Pass, "{command}");
    }
    let published = with(|c| {
        c.ports = vec![PublishedPort {
            container_port: 22,
            protocol: "tcp".into(),
            host_port: 2222,
            ..PublishedPort::default()
        }];
    });
    assert_eq!(kind("remote-management-running", published), Undecided);
    let exposed = with(|c| c.config.exposed_ports.push("3389/tcp".into()));
    assert_eq!(kind("remote-management-running", exposed), Undecided);
    let stopped = with(|c| {
        (c.processes, c.state) = (None, StateFacts { status: "exited".into(), ..StateFacts::default() });
        c.config.cmd = vec!["/usr/sbin/sshd".into(), "-D".into()];
    });
    assert_eq!(kind("remote-management-running", stopped), Fail);
    let settings: Settings = serde_json::from_value(serde_json::json!({
        "allowances": [{ "check": "remote-management-running", "what": "sshd", "reason": "A jump host." }]
    }))
    .unwrap();
    let allowed = crate::check("remote-management-running").unwrap().judge(&facts(runs("sshd -D")), &settings);
    assert_eq!(allowed.outcome, Pass);
    assert!(allowed.observations[0].message.contains("A jump host"), "{allowed:?}");
}

#[test]
fn data_of_servers_in_the_layer_fail_and_other_writes_are_listed() {
    let writes = |paths: &[&str]| {
        let changes = paths.iter().map(|path| change(ChangeKind::Added, path)).collect();
        with(|c| {
            c.host_config.read_only = Some(false);
            c.changes = Some(changes);
        })
    };
    assert_eq!(kind("layer-writes", writes(&["/var", "/var/lib", "/var/lib/mysql", "/var/lib/mysql/ibdata1"])), Fail);
    assert_eq!(kind("layer-writes", writes(&["/var/lib/postgresql/.psql_history"])), Undecided);
    let some = of("layer-writes", writes(&["/app/x/1", "/app/x/2", "/etc/app.conf", "/var/log/app.log", "/tmp/y"]));
    assert_eq!(some.outcome, Undecided);
    assert!(some.summary.starts_with("3 paths were written in 2 folders"), "{}", some.summary);
    assert!(some.observations.iter().any(|o| o.message == "2 paths in /app/x."), "{some:?}");
    assert!(some.observations.iter().any(|o| o.message.starts_with("one log file")), "{some:?}");
    let none = of("layer-writes", writes(&[]));
    assert!(none.outcome == Undecided && none.summary.contains("so far"), "{none:?}");
    let mut mounted = writes(&["/var/lib/mysql", "/scratch", "/scratch/a"]);
    mounted.mounts = vec![MountFacts { destination: "/var/lib/mysql".into(), ..MountFacts::default() }];
    mounted.host_config.tmpfs.insert("/scratch".into(), String::new());
    assert!(of("layer-writes", mounted).summary.contains("so far"));
    assert_eq!(kind("layer-writes", with(|c| c.host_config.cap_add = vec!["SYS_ADMIN".into()])), Undecided);
    assert_eq!(kind("layer-writes", with(|c| c.changes = None)), Pass);
    let neither = with(|c| (c.changes, c.host_config.read_only) = (None, None));
    assert_eq!(kind("layer-writes", neither), Undecided);
}

#[test]
fn health_checks_that_are_missing_off_idle_or_failing_fail() {
    let test = |words: Option<&[&str]>, health: Option<&str>| {
        let words = words.map(|words| words.iter().map(|&word| word.to_owned()).collect());
        with(|c| {
            c.config.healthcheck = words;
            c.state.health = health.map(str::to_owned);
        })
    };
    assert_eq!(kind("container-health", test(None, None)), Fail);
    assert_eq!(kind("container-health", test(Some(&[]), Some("none"))), Fail);
    assert_eq!(kind("container-health", test(Some(&["NONE"]), None)), Fail);
    assert_eq!(kind("container-health", test(Some(&["CMD", "true"]), Some("healthy"))), Fail);
    assert_eq!(kind("container-health", test(Some(&["CMD", "/x"]), Some("unhealthy"))), Fail);
    assert_eq!(kind("container-health", test(Some(&["CMD", "/x"]), None)), Undecided);
    assert_eq!(kind("container-health", test(None, Some("healthy"))), Pass);
    let slow = of("container-health", test(Some(&["CMD", "/x"]), Some("starting")));
    assert!(slow.outcome == Undecided && slow.observations[1].message.contains("23 hours"), "{slow:?}");
    let podman = ContainerFacts {
        at: AtEngine { engine: EngineFacts { product: Product::Podman, ..EngineFacts::default() }, ..good().at },
        ..test(None, None)
    };
    assert_eq!(kind("container-health", podman), Undecided);
}

#[test]
fn an_image_that_its_name_no_longer_means_fails() {
    let now = |image: &str, now: ImageNow| {
        let image = image.to_owned();
        with(|c| (c.config.image, c.image_now) = (image, now))
    };
    let same = || ImageNow { id: Some("1111".into()), ..ImageNow::default() };
    let own = vec!["shop@sha256:aaaa".to_owned()];
    assert_eq!(kind("image-current", now("shop:1.4", same())), Pass);
    let other = ImageNow { id: Some("sha256:2222".into()), ..ImageNow::default() };
    assert_eq!(kind("image-current", now("shop:1.4", other)), Fail);
    assert_eq!(kind("image-current", now("shop:1.4", ImageNow::default())), Undecided);
    let served = |digest: &str| ImageNow { at_registry: Some(digest.into()), own_digests: own.clone(), ..same() };
    assert_eq!(kind("image-current", now("shop:1.4", served("sha256:aaaa"))), Pass);
    assert_eq!(kind("image-current", now("shop:1.4", served("sha256:bbbb"))), Fail);
    let local = ImageNow { at_registry: Some("sha256:bbbb".into()), ..same() };
    assert_eq!(kind("image-current", now("shop:1.4", local)), Undecided);
    let pinned = |digest: &str| now(&format!("shop@sha256:{digest}"), ImageNow { own_digests: own.clone(), ..same() });
    assert_eq!(kind("image-current", pinned("aaaa")), Pass);
    assert_eq!(kind("image-current", pinned("cccc")), Undecided);
    assert_eq!(kind("image-current", now("sha256:1111", same())), Undecided);
    assert_eq!(kind("image-current", now("0123456789ab", same())), Undecided);
    assert_eq!(kind("image-current", now("deadbeef", same())), Pass);
}

#[test]
fn limits_that_are_not_in_force_fail_and_tight_ones_are_asked() {
    let stats = |memory: u64, memory_limit: u64, pids: u64, pids_limit: u64| {
        with(|c| {
            c.stats = Some(StatsFacts {
                memory: Some(memory),
                memory_limit: Some(memory_limit),
                pids: Some(pids),
                pids_limit: Some(pids_limit),
            });
        })
    };
    assert_eq!(kind("limits-in-force", stats(1, 8 << 30, 1, 100)), Fail);
    assert_eq!(kind("limits-in-force", stats(1, 512 << 20, 1, 0)), Fail);
    assert_eq!(kind("limits-in-force", stats(500 << 20, 512 << 20, 1, 100)), Undecided);
    assert_eq!(kind("limits-in-force", stats(1, 512 << 20, 95, 100)), Undecided);
    assert_eq!(kind("limits-in-force", stats(1, (512 << 20) - 4096, 1, 100)), Pass);
    let none = with(|c| (c.host_config.memory, c.host_config.pids_limit) = (Some(0), None));
    assert_eq!(kind("limits-in-force", none), Undecided);
    let more = with(|c| {
        c.host_config.memory = Some(16 << 30);
        c.stats.as_mut().unwrap().memory_limit = Some(8 << 30);
    });
    assert_eq!(kind("limits-in-force", more), Undecided);
    assert_eq!(kind("limits-in-force", with(|c| c.host_config.memory = None)), Undecided);
    let untold = with(|c| c.stats = Some(StatsFacts::default()));
    assert_eq!(kind("limits-in-force", untold), Undecided);
}

#[test]
fn kills_and_constant_restarts_fail() {
    assert_eq!(kind("container-stability", with(|c| c.state.oom_killed = Some(true))), Fail);
    assert_eq!(kind("container-stability", with(|c| c.state.restarts = Some(7))), Fail);
    assert_eq!(kind("container-stability", with(|c| c.state.restarts = Some(1))), Undecided);
    assert_eq!(kind("container-stability", with(|c| c.state.restarts = None)), Undecided);
    let looping = with(|c| (c.state.status, c.state.running) = ("restarting".into(), false));
    assert_eq!(kind("container-stability", looping), Fail);
}

#[test]
fn commands_name_the_engine_where_it_is_not_the_usual_one() {
    let far = with(|c| {
        c.at.endpoint = "tcp://10.0.0.5:2376".into();
        c.name = "a b".into();
        c.state.oom_killed = Some(true);
    });
    let judgement = of("container-stability", far);
    assert_eq!(
        judgement.observations[0].reproduce.as_deref(),
        Some("docker --host tcp://10.0.0.5:2376 inspect --format '{{json .State.OOMKilled}}' 'a b'")
    );
}

#[test]
fn programs_are_told_by_their_titles() {
    for (command, name) in [
        ("-bash", "bash"),
        ("[sh] <defunct>", "sh"),
        ("sshd: root@pts/0", "sshd"),
        ("/usr/bin/Xvnc :1", "xvnc"),
        ("", ""),
    ] {
        assert_eq!(program(command), name, "{command}");
    }
    assert!(
        is_bare_shell("-bash") && is_bare_shell("/bin/sh -i") && !is_bare_shell("sh -c x") && !is_bare_shell("sh x")
    );
}

#[test]
fn lists_that_turn_in_circles_come_to_an_end() {
    let circle = with(|c| {
        c.state.pid = 1;
        c.processes = Some(vec![process(1, 2, 5, "a"), process(2, 1, 5, "b"), process(3, 3, 5, "c")]);
    });
    for check in super::all() {
        of(check.info().id, circle.clone());
    }
}
