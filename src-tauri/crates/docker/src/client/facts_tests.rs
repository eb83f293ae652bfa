//! Host and container as a sound engine shows them, read over a socket.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, ID, IMAGE, Reply, answers};
use crate::facts::ChangeKind;

fn token() -> CancellationToken {
    CancellationToken::new()
}

#[tokio::test]
async fn a_host_is_read_whole() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    let facts = engine.host_facts(&[], &token()).await.unwrap();
    assert_eq!(facts.endpoint, "unix:///docker.sock");
    assert_eq!((facts.name.as_deref(), facts.id.as_deref()), (Some("box"), Some("abc")));
    assert_eq!(facts.engine.spoken_api.as_deref(), Some("1.47"));
    assert_eq!(facts.daemon.insecure_registries, Some(vec!["127.0.0.0/8".to_owned(), "r:5000".to_owned()]));
    assert_eq!(facts.daemon.authorization_plugins, Some(vec![]));
    assert_eq!(facts.networks.unwrap()[0].subnets, ["172.17.0.0/16"]);
    let containers = facts.containers.unwrap();
    assert_eq!((containers[0].name.as_str(), containers[0].ports.len()), ("web", 1));
    assert_eq!(facts.images.unwrap()[0].tags, ["nginx:1.27"]);
    assert!(facts.answers.contains_key("GET /info"), "{:?}", facts.answers.keys());
    // Nothing else is missing: the socket of a temporary folder is not this machine's daemon.
    let unread: Vec<&str> = facts.unread.iter().map(|unread| unread.what.as_str()).collect();
    assert_eq!(unread, ["daemon.json, the unit and the process of the daemon"]);
    assert!(facts.config.is_none());
}

#[tokio::test]
async fn a_container_is_read_whole() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    let facts = engine.container_facts("/web", &token()).await.unwrap();
    assert_eq!((facts.id.as_str(), facts.name.as_str()), (ID, "web"));
    assert_eq!(facts.at.name.as_deref(), Some("box"));
    assert_eq!(facts.at.no_new_privileges, Some(false));
    assert_eq!(facts.host_config.cap_add, ["NET_ADMIN", "SYS_TIME"]);
    assert_eq!(facts.state.finished, None);
    assert_eq!(facts.ports.len(), 2);
    let process = &facts.processes.as_ref().unwrap()[0];
    assert_eq!((process.pid, process.parent, process.uid, process.user.as_str()), (4242, Some(1), Some(0), "root"));
    let changes = facts.changes.as_ref().unwrap();
    assert_eq!((changes[2].kind, changes[2].path.as_str()), (ChangeKind::Deleted, "/x"));
    let stats = facts.stats.as_ref().unwrap();
    assert_eq!((stats.pids, stats.pids_limit), (Some(3), None));
    assert_eq!(facts.image_now.id.as_deref(), Some(IMAGE));
    assert_eq!(facts.image_now.own_digests, ["nginx@sha256:bb"]);
    assert_eq!(facts.unread, []);
    let places: Vec<&str> = facts.secrets.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["Config.Env[1]", "Processes[0].COMMAND"]);
}

#[tokio::test]
async fn a_planted_secret_is_nowhere_in_the_facts() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    let host = serde_json::to_string(&engine.host_facts(&[], &token()).await.unwrap()).unwrap();
    let container = serde_json::to_string(&engine.container_facts("web", &token()).await.unwrap()).unwrap();
    for secret in ["hunter2hunter2", "hunter3hunter3", "s3cr3tpw"] {
        assert!(!host.contains(secret) && !container.contains(secret), "{secret}\n{host}\n{container}");
    }
}

#[tokio::test]
async fn only_get_is_ever_sent() {
    let mut answers = answers();
    answers.insert("/images/nginx:1.27/get".into(), Reply::Raw(b"bytes".to_vec()));
    let fake = Fake::of(answers);
    let engine = fake.open().await.unwrap();
    engine.host_facts(&[], &token()).await.unwrap();
    engine.container_facts("web", &token()).await.unwrap();
    assert_eq!(engine.images().await.unwrap().len(), 1);
    let file = fake.folder.path().join("out.tar");
    let image = engine.export("nginx:1.27", &file, &token(), &|_, _| ()).await.unwrap();
    assert_eq!((image.id.as_str(), std::fs::read(&file).unwrap().as_slice()), (IMAGE, b"bytes".as_slice()));
    for name in ["a/../b", "", "gone", "a?b"] {
        let error = engine.export(name, &file, &token(), &|_, _| ()).await.unwrap_err();
        assert!(matches!(error, crate::DockerError::NoImage(_)), "{name}: {error}");
    }
    let log = fake.log();
    assert!(log.len() > 15, "{log:?}");
    assert!(log.iter().all(|line| line.starts_with("GET ") && !line.contains("BODY")), "{log:?}");
    // Not even by the library, whoever may ask it to.
    let options = None::<bollard::query_parameters::RemoveImageOptions>;
    let refused = engine.docker.remove_image("nginx:1.27", options, None).await.unwrap_err();
    assert!(refused.to_string().contains("only GET"), "{refused}");
    let options = None::<bollard::query_parameters::PruneContainersOptions>;
    assert!(engine.docker.prune_containers(options).await.is_err());
    assert_eq!(fake.log(), log);
}

#[tokio::test]
async fn many_containers_share_what_is_read_once() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    let names: Vec<String> = (0..20).map(|number| if number == 7 { "gone" } else { "web" }.to_owned()).collect();
    let told = std::sync::Mutex::new(Vec::new());
    let facts = engine.containers_facts(&names, 8, &token(), &|done, all| told.lock().unwrap().push((done, all))).await;
    let facts = facts.unwrap();
    assert!(matches!(&facts[7], Err(crate::DockerError::NoContainer(name)) if name == "gone"));
    assert_eq!(facts.iter().filter(|facts| facts.is_ok()).count(), 19);
    assert_eq!(told.lock().unwrap().last(), Some(&(20, 20)));
    assert_eq!(fake.log().iter().filter(|line| line.contains("/info")).count(), 1);
}

#[tokio::test]
async fn a_name_that_is_none_is_never_asked_for() {
    let fake = Fake::of(answers());
    let engine = fake.open().await.unwrap();
    for name in ["", "../images/json", "a/b", "-x", "a?b", "a b", "ä"] {
        let error = engine.container_facts(name, &token()).await.unwrap_err();
        assert!(matches!(error, crate::DockerError::NoContainer(_)), "{name}");
    }
    assert_eq!(fake.log().len(), 1);
}

#[tokio::test]
async fn a_manager_tells_of_its_swarm_and_its_tokens_stay_out() {
    let mut answers = answers();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec![]).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "swarm-ca");
    let pem = parameters.self_signed(&key).unwrap().pem();
    answers.insert(
        "/info".into(),
        Reply::Json(json!({"Name": "box", "Swarm": {"LocalNodeState": "active", "ControlAvailable": true, "NodeID": "n1", "NodeAddr": "10.0.0.1",
            "RemoteManagers": [{"NodeID": "n1", "Addr": "10.0.0.1:2377"}], "Managers": 1, "Nodes": 2}})),
    );
    answers.insert(
        "/swarm".into(),
        Reply::Json(json!({"ID": "s", "CreatedAt": "2026-01-01T00:00:00Z", "JoinTokens": {"Worker": "SWMTKN-1-worker", "Manager": "SWMTKN-1-manager"},
            "Spec": {"CAConfig": {"NodeCertExpiry": 7_776_000_000_000_000_u64, "SigningCAKey": "kkkk"}, "EncryptionConfig": {"AutoLockManagers": false}},
            "TLSInfo": {"TrustRoot": pem}, "RootRotationInProgress": false, "DefaultAddrPool": ["10.0.0.0/8"]})),
    );
    answers.insert(
        "/nodes".into(),
        Reply::Json(json!([{"ID": "n1", "Spec": {"Role": "manager", "Availability": "active"}, "Description": {"Hostname": "box"},
            "Status": {"State": "ready", "Addr": "10.0.0.1"}, "ManagerStatus": {"Leader": true, "Reachability": "reachable"}}])),
    );
    answers.insert(
        "/services".into(),
        Reply::Json(json!([{"ID": "v1", "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 2}},
            "TaskTemplate": {"ContainerSpec": {"Image": "nginx@sha256:bb", "Env": ["API_TOKEN=hunter2hunter2"], "Secrets": [{"SecretName": "db", "SecretID": "x"}]},
                "Resources": {"Limits": {"MemoryBytes": 1000}}, "Networks": [{"Target": "net1"}]},
            "EndpointSpec": {"Mode": "vip"}}, "Endpoint": {"Ports": [{"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 80, "PublishMode": "ingress"}]}}])),
    );
    let fake = Fake::of(answers);
    let facts = fake.open().await.unwrap().host_facts(&[], &token()).await.unwrap();
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains("SWMTKN") && !text.contains("kkkk") && !text.contains("hunter2"), "{text}");
    let cluster = facts.swarm.cluster.unwrap();
    assert_eq!(cluster.auto_lock, Some(false));
    let root = cluster.root.unwrap();
    assert_eq!(root.subject, "CN=swarm-ca");
    assert!(root.until.ends_with('Z') && root.sha256.len() == 64, "{root:?}");
    assert!(facts.swarm.node_list.unwrap()[0].leader);
    let service = &facts.swarm.services.unwrap()[0];
    assert_eq!((service.mode.as_str(), service.replicas), ("replicated", Some(2)));
    assert_eq!((service.ports[0].as_str(), service.secrets[0].as_str()), ("ingress 80:8080/tcp", "db"));
}

#[tokio::test]
async fn podman_is_asked_in_its_own_words() {
    let mut answers = answers();
    answers.insert(
        "/version".into(),
        Reply::Json(json!({"Components": [{"Name": "Podman Engine", "Version": "4.3.1"}, {"Name": "Conmon", "Version": "2.1.6"}], "Version": "4.3.1", "ApiVersion": "1.41", "MinAPIVersion": "1.24"})),
    );
    answers.insert(
        format!("/containers/{ID}/top"),
        Reply::Json(json!({"Titles": ["HPID", "PPID", "HUSER", "USER", "COMMAND"], "Processes": [["777", "0", "100999", "app", "sleep 1"]]})),
    );
    let fake = Fake::of(answers);
    let engine = fake.open().await.unwrap();
    let facts = engine.container_facts("web", &token()).await.unwrap();
    let process = &facts.processes.unwrap()[0];
    assert_eq!((process.pid, process.parent, process.uid, process.user.as_str()), (777, None, Some(100_999), "app"));
    assert!(fake.log().iter().any(|line| line.ends_with("top?ps_args=hpid,ppid,huser,user,args")), "{:?}", fake.log());
}
