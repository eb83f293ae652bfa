//! Compose files are read with lines, whatever the syntax.

use super::*;

fn service(text: &str) -> Service {
    let compose = parse_compose(text).unwrap_or_else(|error| panic!("{error}"));
    compose.services.into_iter().next_back().unwrap_or_else(|| panic!("no service"))
}

fn values(list: &[Positioned<String>]) -> Vec<&str> {
    list.iter().map(|item| item.value.as_str()).collect()
}

#[test]
fn short_and_long_syntax_come_out_alike() {
    let text = "
name: shop
services:
  web:
    image: 1.10
    build:
      context: .
      dockerfile: web.Dockerfile
      args: [VERSION=3.10, PASS]
    user: 1000:1000
    privileged: yes
    read_only: 'true'
    cap_add: [ALL]
    ports:
      - 8080:80
      - 80
      - {target: 443, published: 8443, host_ip: 127.0.0.1, protocol: tcp}
    volumes:
      - ./a:/a:ro
      - type: bind
        source: /var/run/docker.sock
        target: /var/run/docker.sock
        read_only: true
    env_file: .env
    environment:
      - A=1
      - B
    healthcheck:
      test: curl x
      interval: 30s
    secrets: [one, {source: two}]
    deploy: {resources: {limits: {pids: 100, memory: 1G}}}
";
    let compose = parse_compose(text).unwrap();
    assert_eq!(compose.name.as_deref(), Some("shop"));
    assert!(compose.problems.is_empty(), "{:?}", compose.problems);
    let service = service(text);
    assert_eq!((service.name.as_str(), service.line), ("web", 4));
    assert_eq!(service.image, Some(Positioned { value: "1.10".into(), line: 5 }));
    let build = service.build.unwrap();
    assert_eq!(
        (build.context.as_deref(), build.dockerfile.as_deref(), build.line),
        (Some("."), Some("web.Dockerfile"), 6)
    );
    assert_eq!(build.args.first().and_then(|arg| arg.value.as_deref()), Some("3.10"));
    assert_eq!(service.user.map(|user| user.value).as_deref(), Some("1000:1000"));
    assert_eq!(service.privileged, Some(Positioned { value: true, line: 11 }));
    assert_eq!(service.read_only, Some(Positioned { value: true, line: 12 }));
    assert_eq!(values(&service.ports), ["8080:80", "80", "127.0.0.1:8443:443/tcp"]);
    assert_eq!(values(&service.volumes), ["./a:/a:ro", "/var/run/docker.sock:/var/run/docker.sock:ro"]);
    assert_eq!(values(&service.env_file), [".env"]);
    assert_eq!(service.environment.len(), 2);
    assert_eq!(service.healthcheck.and_then(|check| check.test).unwrap(), ["CMD-SHELL", "curl x"]);
    assert_eq!(service.secrets, ["one", "two"]);
    assert_eq!(service.pids_limit.map(|limit| limit.value).as_deref(), Some("100"));
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let text = "
x-base: &base
  user: app
  cap_drop: &drop [ALL]
x-more: &more {user: other, restart: always}
services:
  a:
    <<: [*base, *more]
    image: x
  b:
    <<: *base
    user: root
    cap_add: *drop
";
    let compose = parse_compose(text).unwrap();
    let [a, b] = compose.services.as_slice() else { panic!() };
    assert_eq!(a.user, Some(Positioned { value: "app".into(), line: 3 }));
    assert_eq!(a.restart.as_ref().map(|restart| restart.value.as_str()), Some("always"));
    assert_eq!(b.user, Some(Positioned { value: "root".into(), line: 12 }));
    assert_eq!(values(&b.cap_add), ["ALL"]);
    assert_eq!(b.cap_add.first().map(|cap| cap.line), Some(4));
}

#[test]
fn health_checks_that_are_off() {
    for test in ["disable: true", "test: [NONE]", "test: [\"NONE\"]"] {
        let service = service(&format!("services:\n  a:\n    healthcheck:\n      {test}\n"));
        assert!(service.healthcheck.is_some_and(|check| check.disable), "{test}");
    }
}

#[test]
fn what_is_no_compose_file() {
    assert_eq!(parse_compose(""), Err(ComposeError::Empty));
    assert_eq!(parse_compose("# only\n"), Err(ComposeError::Empty));
    assert_eq!(parse_compose("- a\n- b\n"), Err(ComposeError::NotMapping { line: 1 }));
    assert_eq!(parse_compose("# x\n\nFROM a:1\nRUN x\n"), Err(ComposeError::Dockerfile { line: 3 }));
    assert_eq!(parse_compose("FROM a\nRUN echo a: b\n"), Err(ComposeError::Dockerfile { line: 1 }));
    assert_eq!(parse_compose("apiVersion: v1\nkind: Pod\n"), Err(ComposeError::NoServices { line: 1 }));
    assert!(matches!(parse_compose("services:\n  a: [\n"), Err(ComposeError::Yaml { .. })));
    assert!(matches!(
        parse_compose("services:\n  a:\n    image: x\n    image: y\n"),
        Err(ComposeError::Yaml { line: 4, .. })
    ));
}

#[test]
fn wrong_kinds_are_named_not_dropped() {
    let compose = parse_compose("services:\n  a:\n    privileged: ${P}\n    user: [x]\n  b: 1\n").unwrap();
    assert_eq!(compose.services.len(), 1);
    assert_eq!(compose.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn bombs_are_defused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(matches!(parse_compose(&text), Err(ComposeError::Yaml { .. })));
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..5000 {
        chain.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(matches!(parse_compose(&chain), Err(ComposeError::Yaml { .. })));
    assert!(matches!(parse_compose(&"- ".repeat(200_000)), Err(ComposeError::Yaml { .. })));
    assert!(matches!(parse_compose(&"[".repeat(200_000)), Err(ComposeError::Yaml { .. })));
    assert!(matches!(parse_compose("a: &a [*a]\n"), Err(ComposeError::Yaml { line: 1, .. })));
}

#[test]
fn variables_in_values() {
    let read = |text: &str| {
        let expanded = interpolate(text);
        (expanded.value, expanded.unresolved, expanded.from_arg)
    };
    assert_eq!(read("debian:12"), ("debian:12".into(), vec![], false));
    assert_eq!(read("debian:${TAG:-12}"), ("debian:12".into(), vec![], true));
    assert_eq!(read("debian:${TAG}"), ("debian:${TAG}".into(), vec!["TAG".into()], true));
    assert_eq!(read("${A-${B:-c}}$$x"), ("c$x".into(), vec![], true));
    assert_eq!(read("${A:?needed}").1, ["A"]);
    assert!(interpolate("${A").problem.is_some());
    assert!(interpolate("${}").problem.is_some());
}

#[test]
fn what_an_audit_of_what_runs_asks_is_read_with_lines() {
    let text = "
services:
  web:
    ulimits: {nofile: {soft: 10, hard: 20}, nproc: 30}
    sysctls: [net.core.somaxconn=1]
    labels: {owner: shop, api.token: ghp_abcdefghijklmnopqrstuvwxyz0123456789}
    networks: {front: {}, back: }
    logging: {driver: syslog, options: {syslog-address: 'tcp://x'}}
    deploy:
      replicas: 2
      update_config: {parallelism: 1, failure_action: rollback}
      placement: {constraints: [node.role == worker], preferences: [{spread: node.labels.zone}]}
      restart_policy: {condition: on-failure, max_attempts: 3}
      resources:
        limits: {memory: 1G, cpus: '0.5'}
        reservations: {memory: 1M, devices: [{driver: nvidia, capabilities: [gpu]}]}
    uts: host
    init: true
    group_add: [docker]
    command: [run, --password, hunter2hunter2, TOKEN=abcabcabcabc]
    post_start: [{command: x, user: root, privileged: true}]
    use_api_socket: true
    volumes: [data:/data:ro, {type: bind, source: /etc, target: /etc, bind: {propagation: rshared}}]
networks:
  front: {driver: overlay, driver_opts: {encrypted: ''}, internal: true}
  back: {external: {name: shared}}
volumes:
  data: {driver: local, driver_opts: {type: none, o: bind, device: /srv}}
secrets:
  key: {file: ./key}
configs:
  app: {content: hello}
";
    let compose = parse_compose(text).unwrap();
    assert_eq!((compose.reader, compose.unread.len(), compose.problems.len()), (READER, 0, 0));
    let web = service(text);
    assert!(web.unread.is_empty());
    let limits: Vec<_> = web.ulimits.iter().map(|it| (it.name.as_str(), it.hard.as_deref(), it.line)).collect();
    assert_eq!(limits, [("nofile", Some("20"), 4), ("nproc", Some("30"), 4)]);
    assert_eq!(web.sysctls.first().and_then(|it| it.value.as_deref()), Some("1"));
    assert!(web.labels.iter().all(|it| !it.value.as_deref().unwrap_or_default().contains("ghp_abcdefghij")));
    assert_eq!(values(&web.networks), ["front", "back"]);
    let logging = web.logging.unwrap();
    assert_eq!((logging.driver.map(|it| it.value).as_deref(), logging.line), (Some("syslog"), 8));
    let deploy = web.deploy.unwrap();
    assert_eq!(deploy.line, 9);
    assert_eq!(deploy.update.and_then(|it| it.failure_action).as_deref(), Some("rollback"));
    assert_eq!(values(&deploy.placement), ["node.role == worker", "spread=node.labels.zone"]);
    assert_eq!(deploy.restart_attempts.map(|it| it.value).as_deref(), Some("3"));
    assert_eq!(web.restart.map(|it| (it.value, it.line)), Some(("on-failure".into(), 13)));
    assert_eq!(web.cpus.map(|it| (it.value, it.line)), Some(("0.5".into(), 15)));
    assert_eq!(web.mem_reservation.map(|it| it.value).as_deref(), Some("1M"));
    assert_eq!(values(&web.gpus), ["driver nvidia, capabilities gpu"]);
    assert_eq!((web.init.map(|it| it.value), web.uts.map(|it| it.line)), (Some(true), Some(17)));
    assert!(!web.command.iter().any(|it| it.value.contains("hunter2") || it.value.contains("abcabcabcabc")));
    assert_eq!(web.hooks.first().and_then(|it| it.privileged.as_ref()).map(|it| it.value), Some(true));
    assert!(web.use_api_socket.is_some_and(|it| it.value));
    let mounts: Vec<_> = web.mounts.iter().map(|it| (it.kind.as_str(), it.read_only)).collect();
    assert_eq!(mounts, [("volume", Some(true)), ("bind", Some(false))]);
    assert_eq!(web.mounts.last().and_then(|it| it.propagation.as_deref()), Some("rshared"));
    let [front, back] = compose.networks.as_slice() else { panic!() };
    assert_eq!((front.line, front.external, front.internal.as_ref().map(|it| it.value)), (25, false, Some(true)));
    assert_eq!((back.external, back.name.as_ref().map(|it| it.value.as_str())), (true, Some("shared")));
    assert_eq!(compose.volumes.first().map(|it| it.driver_opts.len()), Some(3));
    assert_eq!(compose.secrets.first().and_then(|it| it.file.as_deref()), Some("./key"));
    assert!(
        compose.configs.first().is_some_and(|it| it.written_out) && !format!("{:?}", compose.configs).contains("hello")
    );
}

#[test]
fn what_could_not_be_read_is_remembered_by_its_key() {
    let text = "
include: [x.yaml]
services:
  a:
    privileged: ${P}
    cap_add: [{a: b}]
    deploy: {resources: {limits: 5}, update_config: []}
    logging: {driver: [x]}
  b: 1
networks: {n: 5, m: {driver: [x]}}
";
    let compose = parse_compose(text).unwrap();
    let unread: Vec<_> = compose.unread.iter().map(|it| (it.value.as_str(), it.line)).collect();
    assert_eq!(unread, [("the files that it includes", 2), ("the service b", 9)]);
    let a = compose.services.first().unwrap();
    let unread: Vec<_> = a.unread.iter().map(|it| (it.value.as_str(), it.line)).collect();
    assert_eq!(
        unread,
        [
            ("privileged", 5),
            ("cap_add", 6),
            ("deploy.resources.limits", 7),
            ("deploy.update_config", 7),
            ("logging.driver", 8)
        ]
    );
    let unread: Vec<_> = compose.networks.iter().flat_map(|it| &it.unread).map(|it| it.value.as_str()).collect();
    assert_eq!(unread, ["n", "driver"]);
}

#[test]
fn what_was_recorded_before_is_read_still_and_says_so() {
    let old = r#"{"name":null,"services":[{"name":"a","line":2,"image":null,"build":null,"user":null,"healthcheck":null,
        "privileged":null,"cap_add":[],"cap_drop":[],"security_opt":[],"read_only":null,"ports":[],"env_file":[],
        "environment":[],"volumes":[],"devices":[],"tmpfs":[],"restart":null,"secrets":[],"network_mode":null,"pid":null,
        "ipc":null,"userns_mode":null,"pids_limit":null,"mem_limit":null,"cpus":null,"extends":null}],
        "sha256":"0","text":"","problems":[]}"#;
    let compose: Compose = serde_json::from_str(old).unwrap();
    assert_eq!((compose.reader, compose.services.len()), (0, 1));
}
