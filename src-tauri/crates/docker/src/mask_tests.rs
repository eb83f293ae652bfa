use serde_json::json;

use super::*;

const TOKEN: &str = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

#[test]
fn a_planted_secret_is_masked_wherever_it_stands() {
    let mut answer = json!({
        "Config": {
            "Env": ["DB_PASSWORD=hunter2hunter2", "URL=postgres://a:hunter2hunter2@db/x", TOKEN, format!("{TOKEN}=1")],
            "Cmd": ["app", "--password", "hunter2hunter2", "--token=hunter2hunter2"],
            "Entrypoint": ["curl", "-u", "bob:hunter2hunter2", "http://x"],
            "Healthcheck": {"Test": ["CMD-SHELL", "mysqladmin --password=hunter2hunter2 ping"]},
            "Labels": {"admin.password": "hunter2hunter2", "json": "{\"password\": \"hunter2hunter2\"}", TOKEN: "x"},
        },
        "Args": ["--password", "hunter2hunter2"],
        "HostConfig": {"LogConfig": {"Config": {"splunk-token": "hunter2hunter2", "syslog-address": "tcp://a:hunter2hunter2@h:1"}}},
        "Volumes": [{"Options": {"o": "addr=1.2.3.4,username=x,password=hunter2hunter2", "type": "cifs"}}],
        "HttpProxy": "http://bob:hunter2hunter2@proxy:3128",
        "Processes": [["1", "0", "root", "app --password hunter2hunter2"]],
        "Nested": {"api_key": {"a": ["hunter2hunter2"]}, "password": ["hunter2hunter2", "b"], "secret": 1},
        "JoinTokens": {"Worker": "SWMTKN-1-hunter2hunter2"}
    });
    mask(&mut answer);
    let text = answer.to_string();
    for secret in ["hunter2", "ghp_abcdef", "SWMTKN"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    // What is no secret is left.
    assert_eq!(answer["Config"]["Cmd"][0], "app");
    assert_eq!(answer["Config"]["Entrypoint"][3], "http://x");
    assert!(answer["HttpProxy"].as_str().unwrap().starts_with("http://bob:"));
    assert!(answer["Volumes"][0]["Options"]["o"].as_str().unwrap().starts_with("addr=1.2.3.4,username=x,"));
}

#[test]
fn what_is_no_secret_stays_as_it_is() {
    let answer = json!({
        "Id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "Image": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "RepoDigests": ["nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
        "NetworkSettings": {"SandboxKey": "/var/run/docker/netns/0123456789ab", "SandboxID": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "Networks": {"a": {"MacAddress": "02:42:ac:11:00:02", "EndpointID": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}},
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin", "NGINX_VERSION=1.27.0", "DB_PASSWORD_FILE=/run/secrets/db"],
        "Secrets": [{"SecretName": "db_password", "SecretID": "abcdefghijklmnopqrstuvwxy"}],
        "SecurityOpt": ["no-new-privileges", "apparmor=docker-default", "label=type:container_t"],
        "Binds": ["/var/run/docker.sock:/var/run/docker.sock:ro"],
        "DriverStatus": [["Backing Filesystem", "extfs"], ["userxattr", "false"]],
        "Warnings": ["WARNING: bridge-nf-call-iptables is disabled"],
        "KernelVersion": "6.1.0-18-amd64", "Bool": true, "Null": null, "Number": 5, "Empty": [], "Text": ""
    });
    let mut masked = answer.clone();
    mask(&mut masked);
    assert_eq!(masked, answer);
}

#[test]
fn profiles_and_what_is_far_too_long_are_left_out() {
    let mut answer =
        json!({"SecurityOpt": ["seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\"}"], "Long": "x".repeat(LONGEST + 1)});
    mask(&mut answer);
    assert_eq!(answer["SecurityOpt"][0], "seccomp={…}");
    assert_eq!(answer["Long"], format!("‹{} bytes left out›", LONGEST + 1));
}

#[test]
fn findings_name_their_place_and_hold_no_secret() {
    let inspect = json!({"Config": {
        "Env": ["A=1", "API_TOKEN=Zk3vQ9xT2mLp8RwY", TOKEN],
        "Cmd": ["app", "--password", "Zk3vQ9xT2mLp8RwZ"],
        "Labels": {"db.password": "Zk3vQ9xT2mLp8RwX"}},
        "HostConfig": {"LogConfig": {"Config": {"splunk-token": "Zk3vQ9xT2mLp8RwW"}}}});
    let mut found = secrets(&inspect);
    let top = json!({"Titles": ["PID", "CMD"], "Processes": [["1", "app --password Zk3vQ9xT2mLp8RwZ"], ["2", "mysql --password=Zk3vQ9xT2mLp8RwV"]]});
    secrets_of_processes(&top, &mut found);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "Config.Env[1]",
            "Config.Env[2]",
            "Config.Cmd",
            "Config.Labels.db.password",
            "HostConfig.LogConfig.Config.splunk-token",
            "Processes[1].CMD"
        ]
    );
    let text = serde_json::to_string(&found).unwrap();
    assert!(!text.contains("Zk3vQ9xT2mLp") && !text.contains("ghp_abcdef"), "{text}");
}

proptest::proptest! {
    #[test]
    fn masking_again_changes_nothing(words in proptest::collection::vec("[ -~]{0,40}", 0..6), name in "[a-zA-Z_.-]{0,20}") {
        let mut value = json!({"Env": &words, "Cmd": &words, "Labels": {name: words.join(" ")}});
        mask(&mut value);
        let once = value.clone();
        let _ = secrets(&json!({"Config": &value}));
        mask(&mut value);
        proptest::prop_assert_eq!(value, once);
    }
}
