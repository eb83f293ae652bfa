//! The corpus: texts and files that hold a secret, and those that do not.
//!
//! No token stands here whole: each is put together from pieces, and checksums are computed, so that a scanner of
//! repositories has nothing to find.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::validate::{base62, crc32};
use crate::*;

/// A body that looks drawn at random, of letters and digits.
pub(crate) fn body(length: usize) -> String {
    "q7Rk2ZpX9mWc4TfL8vBnY3sHd6JgUa5EeKtNiQ0oPxCw1MzVrDhSyGbFjAlIu".chars().cycle().take(length).collect()
}

pub(crate) fn hex_body(length: usize) -> String {
    "9f86d0c1a4e27b358c06fd49e1b73a52".chars().cycle().take(length).collect()
}

fn upper(length: usize) -> String {
    body(200).to_ascii_uppercase().chars().take(length).collect()
}

/// A token with the right checksum at its end.
pub(crate) fn with_crc(prefix: &str) -> String {
    let random = body(30);
    format!("{prefix}{random}{}", base62(crc32(random.as_bytes())))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..=127 => out.push(n as u8),
        n @ 128..=255 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn rsa_der() -> Vec<u8> {
    let number: Vec<u8> = (0..256_u32).map(|i| (i * 37 + 91) as u8 | 0x01).collect();
    let mut modulus = vec![0, 0xc1];
    modulus.extend(&number[1..]);
    let mut content = der(2, &[0]);
    content.extend(der(2, &modulus));
    content.extend(der(2, &[1, 0, 1]));
    content.extend(der(2, &number));
    der(0x30, &content)
}

pub(crate) fn rsa_pem() -> String {
    pem("RSA PRIVATE KEY", &rsa_der())
}

fn pkcs8_der() -> Vec<u8> {
    let oid = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    let mut algorithm = oid;
    algorithm.extend(der(5, &[]));
    let mut content = der(2, &[0]);
    content.extend(der(0x30, &algorithm));
    content.extend(der(4, &rsa_der()));
    der(0x30, &content)
}

fn openssh_pem(cipher: &str) -> String {
    let string = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
    let public = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
    let data = [
        b"openssh-key-v1\0".to_vec(),
        string(cipher.as_bytes()),
        string(b"none"),
        string(b""),
        1_u32.to_be_bytes().to_vec(),
        string(&public),
        string(&[9; 128]),
    ]
    .concat();
    pem("OPENSSH PRIVATE KEY", &data)
}

fn jwt() -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
        part("{\"sub\":\"svc-7\",\"exp\":1893456000}"),
        body(43)
    )
}

fn pypi() -> String {
    let mut bytes = vec![2, 1, 8];
    bytes.extend(b"pypi.org");
    bytes.extend(body(60).bytes());
    format!("pypi-{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Tokens with the kind that they are to be found as.
pub(crate) fn tokens() -> Vec<(&'static str, String)> {
    let b = body;
    let h = hex_body;
    vec![
        ("github-pat", with_crc("ghp_")),
        ("github-oauth", with_crc("gho_")),
        ("github-user-token", with_crc("ghu_")),
        ("github-app-token", with_crc("ghs_")),
        ("github-refresh-token", with_crc("ghr_")),
        ("github-fine-grained-pat", format!("github_pat_{}_{}", b(22), b(59))),
        ("gitlab-pat", format!("glpat-{}", b(20))),
        ("gitlab-deploy-token", format!("gldt-{}", b(20))),
        ("gitlab-runner-token", format!("glrt-{}", b(20))),
        ("npm-token", with_crc("npm_")),
        ("pypi-token", pypi()),
        ("crates-io-token", format!("cio{}", b(32))),
        ("rubygems-token", format!("rubygems_{}", h(48))),
        ("docker-pat", format!("dckr_pat_{}", b(27))),
        ("docker-oat", format!("dckr_oat_{}", b(32))),
        ("aws-access-key-id", format!("AKIA{}", "QNZGKIQY56JQ7WML")),
        ("google-api-key", format!("AIza{}", b(35))),
        ("google-oauth-secret", format!("GOCSPX-{}", b(28))),
        ("azure-client-secret", format!("a1B8Q~{}", b(34))),
        ("azure-devops-pat", format!("{}AZDO{}", b(76), "a1B2")),
        ("digitalocean-pat", format!("dop_v1_{}", h(64))),
        ("netlify-token", format!("nfp_{}", b(36))),
        ("supabase-token", format!("sbp_{}", h(40))),
        ("vault-service-token", format!("hvs.{}", b(95))),
        ("vault-batch-token", format!("hvb.{}", b(140))),
        ("terraform-cloud-token", format!("{}.atlasv1.{}", b(14), b(67))),
        ("tailscale-key", format!("tskey-auth-{}-{}", b(12), b(32))),
        ("slack-bot-token", format!("xoxb-1234509876-7654321098-{}", b(24))),
        ("slack-app-token", format!("xapp-1-A0{}-73519-{}", upper(9), h(64))),
        ("slack-webhook", format!("https://hooks.slack.com/services/T{}/B{}/{}", upper(9), upper(10), b(24))),
        ("discord-webhook", format!("https://discord.com/api/webhooks/{}/{}", "8371625493018274655", b(68))),
        ("telegram-bot-token", format!("7381926450:AA{}", b(33))),
        ("sendgrid-key", format!("SG.{}.{}", b(22), b(43))),
        ("mailgun-key", format!("key-{}", h(32))),
        ("mailchimp-key", format!("{}-us12", h(32))),
        ("sendinblue-key", format!("xkeysib-{}-{}", h(64), b(16))),
        ("stripe-live-key", format!("sk_live_{}", b(24))),
        ("stripe-live-restricted-key", format!("rk_live_{}", b(24))),
        ("shopify-token", format!("shpat_{}", h(32))),
        ("square-access-token", format!("sq0atp-{}", b(22))),
        ("square-oauth-secret", format!("sq0csp-{}", b(43))),
        ("newrelic-user-key", format!("NRAK-{}", upper(27))),
        ("newrelic-license-key", format!("{}NRAL", h(36))),
        ("grafana-service-token", format!("glsa_{}_{}", b(32), hex::encode(crc32(b(32).as_bytes()).to_le_bytes()))),
        (
            "grafana-cloud-token",
            format!("glc_{}", STANDARD.encode(format!("{{\"o\":\"7\",\"n\":\"x\",\"k\":\"{}\"}}", b(24)))),
        ),
        ("sentry-user-token", format!("sntryu_{}", h(64))),
        ("dynatrace-token", format!("dt0c01.{}.{}", upper(24), upper(64))),
        ("postman-key", format!("PMAK-{}-{}", h(24), h(34))),
        ("openai-key", format!("sk-proj-{}T3BlbkFJ{}", b(74), b(74))),
        ("openai-key", format!("sk-{}T3BlbkFJ{}", b(20), b(20))),
        ("anthropic-key", format!("sk-ant-api03-{}AA", b(93))),
        (
            "huggingface-token",
            format!("hf_{}", body(80).chars().filter(char::is_ascii_alphabetic).take(34).collect::<String>()),
        ),
        ("linear-key", format!("lin_api_{}", b(40))),
        ("notion-token", format!("ntn_{}{}", "84629173056", b(35))),
        ("databricks-token", format!("dapi{}", h(32))),
        ("figma-token", format!("figd_{}", b(40))),
        ("pulumi-token", format!("pul-{}", h(40))),
        ("doppler-token", format!("dp.pt.{}", b(43))),
        ("atlassian-token", format!("ATATT3xFfGF0{}={}", b(180), "1A2B3C4D")),
        ("planetscale-password", format!("pscale_pw_{}", b(43))),
        ("openshift-token", format!("sha256~{}", b(43))),
        ("json-web-token", jwt()),
    ]
}

fn kinds(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|f| f.harmless.is_none()).map(|f| f.kind.as_str()).collect()
}

#[test]
fn the_search_can_be_set_up() {
    assert!(scan::ready());
}

#[test]
fn each_known_token_is_found_in_text_file_and_setting_and_masked_everywhere() {
    let tokens = tokens();
    assert!(tokens.len() >= 50, "{}", tokens.len());
    for (kind, token) in tokens {
        for text in [
            token.clone(),
            format!("RUN curl -H 'X-Key: {token}' https://api.internal/x"),
            format!("first\nsecond\n  \"value\": \"{token}\",\nlast\n"),
        ] {
            let found = find_in_text(&text);
            assert!(kinds(&found).contains(&kind), "{kind}: {text} -> {found:?}");
            let finding = found.iter().find(|f| f.kind == kind).unwrap();
            assert!(!finding.shown.contains(&token) && finding.sha256.is_some(), "{finding:?}");
            assert!(finding.certainty <= Certainty::Form);
            let masked = redact_text(&text);
            let secret = token.rsplit('/').next().unwrap();
            assert!(!masked.contains(secret), "{kind}: {masked}");
            assert!(kinds(&find_in_text(&masked)).is_empty(), "{masked} {:?}", find_in_text(&masked));
        }
        let in_file = find_in_file("/app/settings.txt", format!("a\nb\n{token}\n").as_bytes());
        assert!(kinds(&in_file).contains(&kind), "{kind}: {in_file:?}");
        assert_eq!(in_file.iter().find(|f| f.kind == kind).unwrap().line, 3, "{kind}");
        let in_setting = find_in_setting("SOMETHING", &token);
        assert!(kinds(&in_setting).contains(&kind), "{kind}: {in_setting:?}");
        assert_eq!(in_setting[0].name.as_deref(), Some("SOMETHING"));
        assert!(!redact_value("SOMETHING", &token).contains(&token), "{kind}");
    }
}

#[test]
fn checksums_prove_or_refute() {
    let right = with_crc("ghp_");
    assert_eq!(find_in_text(&right)[0].certainty, Certainty::Proven);
    let mut wrong = right.clone();
    wrong.replace_range(39..40, if right.ends_with('A') { "B" } else { "A" });
    let found = find_in_text(&wrong);
    assert_eq!(found[0].harmless, Some(Harmless::BadChecksum), "{found:?}");
    assert!(!redact_text(&wrong).contains(&wrong), "even a false one is masked");
    assert_eq!(find_in_text(&pypi())[0].certainty, Certainty::Proven);
    let token = find_in_text(&jwt());
    assert_eq!(token[0].detail.as_deref(), Some("algorithm HS256, expires 2030-01-01"));
}

#[test]
fn the_two_halves_of_an_aws_key_are_found_together() {
    let (id, secret) = (format!("AKIA{}", "QNZGKIQY56JQ7WML"), format!("{}/+", &body(38)));
    let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let found = find_in_file("/root/.aws/credentials", text.as_bytes());
    assert_eq!(kinds(&found), ["aws-access-key-id", "aws-secret-access-key"], "{found:?}");
    assert_eq!(found[0].detail.as_deref(), Some("account 029608264753"));
    let plain = format!("{id},{secret}\n");
    assert_eq!(kinds(&find_in_text(&plain)), ["aws-access-key-id", "aws-secret-access-key"]);
}

#[test]
fn private_keys_are_parsed() {
    let rsa = rsa_pem();
    for (text, detail) in [
        (rsa.clone(), "RSA, 2048 bits, not encrypted"),
        (pem("PRIVATE KEY", &pkcs8_der()), "RSA, 2048 bits, not encrypted"),
        (openssh_pem("none"), "Ed25519, 256 bits, not encrypted"),
        (format!("{{\"private_key\": \"{}\"}}", rsa.replace('\n', "\\n")), "RSA, 2048 bits, not encrypted"),
        (format!("ENV KEY=\"{}\"", rsa.replace('\n', "\\n")), "RSA, 2048 bits, not encrypted"),
        (format!("key: |\n  {}", rsa.replace('\n', "\n  ")), "RSA, 2048 bits, not encrypted"),
        (STANDARD.encode(&rsa), "RSA, 2048 bits, not encrypted, in base64"),
    ] {
        let found = find_in_file("/srv/x", text.as_bytes());
        assert_eq!(kinds(&found), ["private-key"], "{text} {found:?}");
        assert_eq!(found[0].detail.as_deref(), Some(detail));
        assert_eq!(found[0].certainty, Certainty::Proven);
        let masked = redact_text(&text);
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        assert!(find_in_text(&masked).is_empty(), "{masked}");
    }
    let locked = find_in_file("/srv/x", openssh_pem("aes256-ctr").as_bytes());
    assert_eq!(locked[0].harmless, Some(Harmless::Encrypted));
    let locked = rsa.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nM");
    assert_eq!(find_in_file("/srv/x", locked.as_bytes())[0].harmless, Some(Harmless::Encrypted));
    let binary = [b"\x7fELF\0\0\0", rsa.as_bytes(), b"\0\0"].concat();
    assert_eq!(kinds(&find_in_file("/bin/x", &binary)), ["private-key"]);
    assert_eq!(kinds(&find_in_file("/srv/server.key", &pkcs8_der())), ["private-key"]);
    let putty = format!(
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n{}\n",
        STANDARD.encode([5; 48])
    );
    assert_eq!(kinds(&find_in_file("/srv/a.ppk", putty.as_bytes())), ["private-key"]);
}

#[test]
fn headers_without_a_key_and_public_halves_are_none() {
    for text in [
        "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        "-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----".to_owned(),
        pem("CERTIFICATE", &rsa_der()),
        pem("PUBLIC KEY", &rsa_der()),
        format!("ssh-rsa {} me@host", STANDARD.encode(rsa_der())),
    ] {
        let found = find_in_file("/usr/lib/libcrypto.so.3", text.as_bytes());
        assert!(kinds(&found).is_empty(), "{text} {found:?}");
    }
}

#[test]
fn credential_files_are_read_by_their_structure() {
    let login = STANDARD.encode("deploy:tr0ub4dor");
    let random = body(30);
    for (path, text, kind) in [
        (
            "/root/.docker/config.json",
            format!("{{\"auths\":{{\"r.internal\":{{\"auth\":\"{login}\"}}}}}}"),
            "docker-login",
        ),
        ("/root/.dockercfg", format!("{{\"r.internal\":{{\"auth\":\"{login}\"}}}}"), "docker-login"),
        ("/root/.netrc", "machine r.internal login bob password tr0ub4dor\n".to_owned(), "netrc-password"),
        ("/root/.pgpass", "db:5432:*:app:tr0ub4dor\n".to_owned(), "postgres-password"),
        ("/etc/nginx/.htpasswd", format!("bob:$apr1${}\n", &random), "password-hash"),
        ("/root/.vault-token", random.clone(), "token-file"),
        ("/root/.npmrc", format!("//registry.internal/:_authToken={random}\n"), "value-of-secret-name"),
        ("/root/.npmrc", "_password = dHIwdWI0ZG9y\n".to_owned(), "value-of-secret-name"),
        ("/root/.pypirc", "[pypi]\nusername = bob\npassword = tr0ub4dor\n".to_owned(), "value-of-secret-name"),
        ("/root/.git-credentials", "https://bob:tr0ub4dor@git.internal\n".to_owned(), "password-in-url"),
        ("/root/.my.cnf", "[client]\nuser=root\npassword=tr0ub4dor\n".to_owned(), "value-of-secret-name"),
        ("/app/.env", "PORT=80\nDB_PASSWORD=tr0ub4dor\n".to_owned(), "value-of-secret-name"),
        ("/app/.env.production", "export API_TOKEN='tr0ub4dor'\n".to_owned(), "value-of-secret-name"),
        ("/var/www/wp-config.php", "<?php\ndefine('DB_PASSWORD', 'tr0ub4dor');\n".to_owned(), "value-of-secret-name"),
        (
            "/root/.m2/settings.xml",
            "<server><password>tr0ub4dor</password></server>".to_owned(),
            "value-of-secret-name",
        ),
        ("/root/.gradle/gradle.properties", "signing.password=tr0ub4dor\n".to_owned(), "value-of-secret-name"),
        ("/app/terraform.tfvars", "db_password = \"tr0ub4dor\"\n".to_owned(), "value-of-secret-name"),
        (
            "/app/terraform.tfstate",
            "{\"attributes\": {\"password\": \"tr0ub4dor\"}}".to_owned(),
            "value-of-secret-name",
        ),
        (
            "/app/application.yml",
            "spring:\n  datasource:\n    password: tr0ub4dor\n".to_owned(),
            "value-of-secret-name",
        ),
        ("/app/appsettings.json", "{\"Jwt\": {\"SecretKey\": \"tr0ub4dor\"}}".to_owned(), "value-of-secret-name"),
        (
            "/app/appsettings.json",
            "{\"Db\": \"Server=db;User Id=sa;Password=tr0ub4dor;\"}".to_owned(),
            "database-password",
        ),
        ("/app/web.config", "<add key=\"ApiKey\" value=\"tr0ub4dor\" />".to_owned(), "value-of-secret-name"),
        ("/root/.s3cfg", "secret_key = tr0ub4dor\n".to_owned(), "value-of-secret-name"),
        ("/root/.bash_history", "ls\nmysql -uroot -ptr0ub4dor shop\n".to_owned(), "password-on-command-line"),
        (
            "/root/.kube/config",
            format!("users:\n- user:\n    client-key-data: {}\n", STANDARD.encode(rsa_pem())),
            "private-key",
        ),
        ("/etc/redis/redis.conf", "requirepass tr0ub4dor\n".to_owned(), "value-of-secret-name"),
    ] {
        let found = find_in_file(path, text.as_bytes());
        assert_eq!(kinds(&found), [kind], "{path} {text} {found:?}");
        assert!(found.iter().all(|f| !f.shown.contains("tr0ub4dor")));
    }
    let vault = find_in_file("/app/group_vars/all.yml", b"$ANSIBLE_VAULT;1.1;AES256\n6162\n");
    assert_eq!(vault[0].harmless, Some(Harmless::Encrypted));
    let store = [&0xfeed_feed_u32.to_be_bytes()[..], &[0, 0, 0, 2, 0, 0, 0, 0]].concat();
    assert_eq!(find_in_file("/app/trust.jks", &store)[0].harmless, Some(Harmless::Public));
    assert_eq!(find_in_file("/app/a.p12", &[0x30, 0x82, 1, 0, 2, 1, 3, 0x30, 0x82, 0, 9])[0].kind, "key-store");
}

#[test]
fn settings_and_commands_with_weak_passwords_are_found() {
    for (name, value) in [
        ("DB_PASSWORD", "hunter2"),
        ("MYSQL_ROOT_PASSWORD", "root"),
        ("JWT_SECRET", "supersecret"),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/app"),
        ("API_KEY", "0f1e2d3c"),
        ("REDIS_URL", "redis://:hunter2@cache"),
    ] {
        let found = find_in_setting(name, value);
        assert_eq!(found.len(), 1, "{name} {found:?}");
        assert_eq!(found[0].harmless, None, "{name}");
        assert_eq!(found[0].sha256, None, "{name}: it could be guessed");
        let masked = redact_value(name, value);
        assert!(!masked.contains("hunter2") && (masked != value), "{masked}");
    }
    for text in [
        "RUN mysql -u root --password=hunter2",
        "RUN mysql --password hunter2",
        "RUN mysql -uroot -phunter2 -e 'select 1'",
        "RUN sshpass -p hunter2 ssh a@b",
        "RUN docker login -u bob -p hunter2 r.internal",
        "RUN echo 'root:hunter2' | chpasswd",
        "RUN curl -u bob:hunter2 https://r.internal/x",
        "RUN curl -H 'Authorization: Bearer hunter2' https://r.internal/x",
        "RUN DB_PASSWORD=hunter2 make",
        "RUN sh -c \"mysql --password hunter2\"",
        "RUN aws configure set aws_secret_access_key hunter2",
        "|1 NPM_TOKEN=hunter2 /bin/sh -c npm ci",
    ] {
        let found = find_in_text(text);
        assert!(!kinds(&found).is_empty(), "{text} {found:?}");
        assert!(!redact_text(text).contains("hunter2"), "{text}: {}", redact_text(text));
    }
}

#[test]
fn random_values_under_secret_names_are_found_in_any_file() {
    let value = body(32);
    for (path, text) in [
        ("/app/config.json", format!("{{\"apiKey\": \"{value}\"}}")),
        ("/app/conf/app.ini", format!("[auth]\nsecret = {value}\n")),
        ("/app/main.js", format!("const apiToken = '{value}';")),
        ("/app/app.py", format!("SECRET_KEY = \"{value}\"")),
        ("/etc/app.toml", format!("access_token = \"{value}\"")),
    ] {
        let found = find_in_file(path, text.as_bytes());
        assert_eq!(kinds(&found), ["value-of-secret-name"], "{path} {found:?}");
        assert_eq!(found[0].certainty, Certainty::Likely);
    }
}

#[test]
fn what_is_no_secret_is_not_taken_for_one() {
    let hash = hex_body(64);
    for (name, value) in [
        ("TOKENIZER_PATH", "/opt/tokenizer"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("USERNAME", "bob"),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
        ("PYTHON_SHA256", hash.as_str()),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", ""),
        ("SECRET_KEY_FILE", "/etc/key"),
        ("SSL_KEY", "/etc/ssl/private/server.key"),
        ("PRIVATE_KEY", "/etc/ssl/private/server.key"),
        ("TOKEN_URL", "https://idp.internal/token"),
        ("PATH", "/usr/bin:/bin"),
        ("GIT_COMMIT", "0123456789abcdef0123456789abcdef01234567"),
        ("NODE_VERSION", "22.11.0"),
        ("DB_URL", "postgres://db:5432/app"),
        ("DB_URL", "postgres://app:${PW}@db:5432/app"),
        ("LICENSE", "Apache-2.0"),
        ("KEYCLOAK_HOME", "/opt/keycloak"),
    ] {
        let found = find_in_setting(name, value);
        assert!(kinds(&found).is_empty(), "{name}={value} {found:?}");
    }
    for text in [
        "RUN --mount=type=secret,id=npm,target=/root/.npmrc npm ci",
        "RUN export TOKEN=$(cat /run/secrets/token) && make",
        "RUN read -s password && echo \"$password\"",
        "RUN if [ \"$PASSWORD\" = \"x\" ]; then exit 1; fi",
        "RUN echo \"Enter your password: \"",
        "RUN docker run -u 1000:1000 x",
        "RUN pip install tokenizers==0.20.1 --hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "RUN useradd -p '*' app",
        "RUN curl https://example.com/a?b=c",
        "COPY --from=ghcr.io/x/y@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef /a /b",
        "RUN sed -i 's/password: .*/password: ${PW}/' /etc/x",
        "RUN git clone git@github.com:a/b.git && git clone https://github.com/a/b.git",
    ] {
        let found = find_in_text(text);
        assert!(kinds(&found).is_empty(), "{text} {found:?}");
    }
    for (path, text) in [
        ("/app/package-lock.json", format!("\"integrity\": \"sha512-{}\", \"token\": \"{}\"", body(86), body(32))),
        ("/app/locale/de.json", "{\"password\": \"Passwort\", \"token\": \"Schl\u{fc}ssel\"}".to_owned()),
        ("/app/src/a.js", "const password = getPassword(req.body.password); let token = user.accessToken2;".to_owned()),
        ("/app/dist/a.min.js", format!("a.token=\"{}\"", body(32))),
        (
            "/app/a.py",
            "password: str = None\ntoken = os.environ['TOKEN']\nsecret = config.get('secret_2024_v1')".to_owned(),
        ),
        ("/usr/share/man/man1/x.1", "password=a8F3kQ9zLm2Xv7Bt1".to_owned()),
        ("/etc/app.conf", "password = hunter2\ntoken = 123e4567-e89b-12d3-a456-426614174000\n".to_owned()),
        ("/app/README.md", "Use `https://user:password@example.com` and token=xxxxxxxxxxxxxxxxxxxx".to_owned()),
        ("/app/.env", "DB_PASSWORD=changeme\nAPI_KEY=<your key>\nTOKEN=${TOKEN}\nSECRET=\n".to_owned()),
        ("/app/tests/fixtures/key.pem", rsa_pem()),
        ("/app/.env.example", "DB_PASSWORD=tr0ub4dor".to_owned()),
        ("/app/doc.txt", format!("{}{}", "AKIA", "IOSFODNN7EXAMPLE")),
        ("/app/doc.txt", format!("ghp_{}", "x".repeat(36))),
        (
            "/root/.docker/config.json",
            "{\"auths\":{\"https://index.docker.io/v1/\":{}},\"credsStore\":\"desktop\"}".to_owned(),
        ),
        ("/app/x.txt", format!("sha256:{hash} {hash}")),
        ("/root/.m2/settings.xml", "<password>${env.PW}</password>".to_owned()),
    ] {
        let found = find_in_file(path, text.as_bytes());
        assert!(kinds(&found).is_empty(), "{path} {text} {found:?}");
    }
}

#[test]
fn a_file_full_of_secrets_is_summed_up() {
    let text: String = (0..500).map(|i| format!("PASSWORD_{i}_PASSWORD=tr0ub4dor{i}\n")).collect();
    let found = find_in_file("/app/.env", text.as_bytes());
    assert_eq!(found.len(), 101);
    assert_eq!(found[100].detail.as_deref(), Some("400 more, not listed one by one"));
    assert_eq!(found[100].harmless, None);
    let twice = format!("A_TOKEN={0}\nA_TOKEN={0}\n", body(30));
    assert_eq!(find_in_file("/app/.env", twice.as_bytes()).len(), 1);
}
