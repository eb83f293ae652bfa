//! Credentials from Docker's `config.json`. They are read when they are needed, and kept nowhere.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oci_distribution::secrets::RegistryAuth;

/// What `docker login` stored for a registry in clear (`auths`); anonymous if there is nothing.
pub(crate) fn for_registry(registry: &str) -> RegistryAuth {
    let folder = std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".docker")));
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join("config.json")).ok()).unwrap_or_default();
    from_config(&text, registry).unwrap_or(RegistryAuth::Anonymous)
}

fn from_config(text: &str, registry: &str) -> Option<RegistryAuth> {
    let config: serde_json::Value = serde_json::from_str(text).ok()?;
    let hub = matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io");
    let key = if hub { "https://index.docker.io/v1/" } else { registry };
    let encoded = config.get("auths")?.get(key)?.get("auth")?.as_str()?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(RegistryAuth::Basic(user.to_owned(), password.trim_end_matches('\0').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_login_stored_is_found() {
        let text = r#"{"auths":{"127.0.0.1:5601":{"auth":"YWxpY2U6c2VjcmV0"},"x":{}}}"#;
        let Some(RegistryAuth::Basic(user, password)) = from_config(text, "127.0.0.1:5601") else { panic!() };
        assert_eq!((user.as_str(), password.as_str()), ("alice", "secret"));
        assert!(from_config(text, "x").is_none());
        assert!(from_config("no json", "x").is_none());
    }
}
