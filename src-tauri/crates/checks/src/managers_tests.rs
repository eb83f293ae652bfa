//! Tests of the calls of package managers.

use super::*;
use plimsoll_dockerfile::parse_shell;

fn read(text: &str) -> Vec<(Family, Action, Vec<String>)> {
    calls(&parse_shell(text, 1))
        .into_iter()
        .map(|call| (call.family, call.action, call.packages.into_iter().map(|package| package.name).collect()))
        .collect()
}

#[test]
fn calls_of_every_manager() {
    use Action::{Clean, DistUpgrade, Download, Install, Remove, Update, Upgrade};
    use Family::{Apk, Apt, Dnf, Gem, Npm, Pacman, Pip, Zypper};
    for (text, family, action, packages) in [
        ("apt-get -qq update", Apt, Update, vec![]),
        ("sudo apt-get install -y -o A=b --no-install-recommends curl=1 vim", Apt, Install, vec!["curl", "vim"]),
        ("apt-get install -d curl", Apt, Download, vec!["curl"]),
        ("apt full-upgrade", Apt, DistUpgrade, vec![]),
        ("apt-get purge -y --auto-remove gcc", Apt, Remove, vec!["gcc"]),
        ("apt-get dist-clean", Apt, Clean, vec![]),
        ("apk --no-cache add -t .deps gcc", Apk, Install, vec!["gcc"]),
        ("yum -y update", Dnf, Upgrade, vec![]),
        ("microdnf install --setopt install_weak_deps=0 jq", Dnf, Install, vec!["jq"]),
        ("dnf makecache", Dnf, Update, vec![]),
        ("zypper --non-interactive in vim", Zypper, Install, vec!["vim"]),
        ("zypper ref", Zypper, Update, vec![]),
        ("pacman -S --noconfirm git", Pacman, Install, vec!["git"]),
        ("pip3.11 install -r req.txt --no-cache-dir flask==2.0", Pip, Install, vec!["flask"]),
        ("python3 -m pip install -U pip", Pip, Install, vec!["pip"]),
        ("uv pip install x", Pip, Install, vec!["x"]),
        ("npm install -g @scope/x@1.2", Npm, Install, vec!["@scope/x"]),
        ("yarn global add x", Npm, Install, vec!["x"]),
        ("gem install -v 1.0 x", Gem, Install, vec!["x"]),
    ] {
        let packages: Vec<String> = packages.into_iter().map(str::to_owned).collect();
        assert_eq!(read(text), [(family, action, packages)], "{text}");
    }
    let actions: Vec<Action> = read("pacman -Syu vim").into_iter().map(|(_, action, _)| action).collect();
    assert_eq!(actions, [Update, Upgrade, Install]);
    for text in ["apt-get install --dry-run x", "echo apt-get update", "apt-cache policy", "pipx run x", "apk info"] {
        assert_eq!(read(text), [], "{text}");
    }
}

#[test]
fn the_bare_name_is_what_the_distribution_calls_it() {
    let bare = |text: &str| {
        let calls = calls(&parse_shell(text, 1));
        calls.iter().flat_map(|c| c.packages.iter().map(|p| p.bare().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(bare("apt-get install -y sudo=1.9 curl/stable vim:amd64"), ["sudo", "curl", "vim"]);
    assert_eq!(bare("apk add openssh~9 bash>5 'doas@edge'"), ["openssh", "bash", "doas"]);
}

#[test]
fn versions_and_fresh_lists() {
    let pins = |text: &str| {
        let calls = calls(&parse_shell(text, 1));
        calls.iter().flat_map(|call| call.packages.iter().map(Package::pinned)).collect::<Vec<_>>()
    };
    assert_eq!(pins("apt-get install a=1 b c=1.* ./d.deb"), [true, false, false, true]);
    assert_eq!(pins("apk add a=1-r0 b~=2 c~2 d"), [true, false, false, false]);
    assert_eq!(pins("pip install a==1 'b>=1' c"), [true, false, false]);
    assert_eq!(pins("npm i a@1.0.0 @b/c d@latest e@^1"), [true, false, false, false]);
    assert_eq!(pins("dnf install a-1.2-3 java-17-openjdk"), [true, false]);
    let fresh = |text: &str| calls(&parse_shell(text, 1)).iter().all(|call| call.refreshes);
    assert!(fresh("apk add -U a; apk add --no-cache a; dnf install a; zypper in a; pacman -Sy a; apk -qU add a"));
    assert!(!fresh("apt-get install a") && !fresh("apk add a") && !fresh("dnf -C install a"));
}
