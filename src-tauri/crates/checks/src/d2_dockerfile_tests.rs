//! Tests of what a Dockerfile does to permissions and accounts.

use super::*;
use crate::facts::tests::dockerfile;

#[test]
fn modes_are_read() {
    let read = |text: &str| mode(text).unwrap();
    for text in ["u+s", "4755", "06755", "+s", "a+s", "ug=rwxs", "g-w,u+xs"] {
        assert!(read(text).set_uid, "{text}");
    }
    for text in ["755", "0755", "1777", "a-s", "u-s", "g+s", "o+s", "2755"] {
        assert!(!read(text).set_uid, "{text}");
    }
    for text in ["a-s", "ug-s", "-s", "u-s,g-s", "u+x-s"] {
        assert!(read(text).strips, "{text}");
    }
    for text in ["777", "0666", "a+w", "o=rw", "ugo+rwx"] {
        assert!(read(text).others_write, "{text}");
    }
    for text in ["+w", "u+w", "775", "o-w"] {
        assert!(!read(text).others_write, "{text}");
    }
    for text in ["", "$MODE", "999", "file", "u", "u+q", "-R"] {
        assert_eq!(mode(text), None, "{text}");
    }
}

#[test]
fn modes_are_found_in_commands() {
    let read = |program: &str, words: &[&str]| set_mode(program, words).map(|(mode, ..)| mode);
    assert!(read("chmod", &["-R", "4755", "/x"]).unwrap().set_uid);
    assert!(read("chmod", &["--recursive", "u+s", "/x"]).unwrap().set_uid);
    assert!(read("chmod", &["-s", "/x"]).unwrap().strips);
    assert!(read("install", &["-m", "4755", "a", "/b"]).unwrap().set_uid);
    assert!(read("install", &["-m4755", "a", "/b"]).unwrap().set_uid);
    assert!(read("install", &["--mode=4755", "a", "/b"]).unwrap().set_uid);
    assert!(read("install", &["--mode", "4755", "a", "/b"]).unwrap().set_uid);
    assert_eq!(read("install", &["a", "/b"]), None);
    assert_eq!(read("chmod", &["--reference=a", "b"]), None);
}

#[test]
fn groups_and_options_are_found() {
    assert_eq!(joins("usermod", &["-aG", "audio,docker", "app"]), Some("docker"));
    assert_eq!(joins("useradd", &["-m", "--groups=sudo", "app"]), Some("sudo"));
    assert_eq!(joins("adduser", &["app", "wheel"]), Some("wheel"));
    assert_eq!(joins("adduser", &["-G", "wheel", "app"]), Some("wheel"));
    assert_eq!(joins("gpasswd", &["-a", "app", "sudo"]), Some("sudo"));
    assert_eq!(joins("adduser", &["sudo"]), None);
    assert_eq!(joins("useradd", &["-g", "app", "app"]), None);
}

#[test]
fn copied_modes_are_read() {
    let facts = dockerfile("FROM a\nCOPY --chmod=4755 a /a\nCOPY --chmod=777 b /b\nCOPY --chmod=755 c /c\n");
    let file = facts.dockerfile.unwrap();
    assert_eq!((permissions(&file).faults, accounts(&file).faults), (1, 1));
    let facts = dockerfile("FROM a AS b\nCOPY --chmod=4755 a /a\nFROM c\nCOPY --from=b /a /a\n");
    assert_eq!(permissions(&facts.dockerfile.unwrap()).faults, 0);
}

fn run(text: &str) -> (Read, Read) {
    let file = dockerfile(text).dockerfile.unwrap();
    (permissions(&file), accounts(&file))
}

#[test]
fn commands_that_give_rights_are_faults_at_their_line() {
    for text in [
        "RUN chmod u+s /usr/bin/tool",
        "RUN true && (chmod 4755 /usr/bin/tool)",
        "RUN sh -c 'chmod u+s /usr/bin/tool'",
        "RUN [\"chmod\", \"4755\", \"/usr/bin/tool\"]",
        "RUN install -m 4755 tool /usr/bin/tool",
        "RUN setcap cap_net_admin+ep /usr/bin/tool",
        "RUN apt-get update && apt-get install -y sudo",
        "RUN apk add --no-cache doas",
        "RUN <<E\nchmod u+s /usr/bin/tool\nE",
        "RUN chmod 2755 /usr/bin/tool",
        "RUN mkdir /data && chmod g+s /data/tool",
        "RUN install -m 2755 tool /usr/bin/tool",
        "COPY --chmod=2755 tool /usr/bin/tool",
        "ADD --chmod=u+s tool /usr/bin/tool",
        "RUN --security=insecure true",
    ] {
        let (read, _) = run(&format!("FROM a\n{text}\n"));
        assert_eq!(read.faults, 1, "{text} {read:?}");
    }
    for text in [
        "RUN chmod 755 /usr/bin/tool",
        "RUN echo chmod u+s /usr/bin/tool",
        "RUN mkdir -p -m 755 /data && chmod g+s /data",
        "RUN install -d -m 2775 /data",
        "RUN chmod 2775 /data/",
        "WORKDIR /data\nRUN chmod 2775 /data",
        "COPY a /data/\nRUN chmod -R g+s /data",
        "RUN find / -type d | xargs chmod g+s",
        "RUN apt-get purge -y sudo",
        "RUN setcap -r /usr/bin/ping",
        "RUN --security=sandbox true",
    ] {
        let (read, _) = run(&format!("FROM a\n{text}\n"));
        assert_eq!(read.faults, 0, "{text} {read:?}");
    }
}

#[test]
fn a_command_that_strips_everything_covers_what_stands_before_it() {
    for strip in [
        "find / -xdev -type f -perm /6000 -exec chmod a-s {} +",
        "find / -perm /6000 -type f -exec chmod a-s {} \\; || true",
        "find / -perm /6000 | xargs chmod a-s",
        "for f in $(find / -perm /6000); do chmod a-s \"$f\"; done",
    ] {
        let (read, _) = run(&format!("FROM a\nRUN apt-get install -y sudo\nRUN {strip}\n"));
        assert_eq!((read.faults, read.strips), (0, Some((3, 3))), "{strip} {read:?}");
        let (read, _) = run(&format!("FROM a\nRUN {strip}\nRUN chmod u+s /x\n"));
        assert_eq!(read.faults, 1, "{strip}");
    }
    let (read, _) = run("FROM a\nRUN chmod a-s /usr/bin/su\n");
    assert_eq!((read.strips, read.observations.len()), (None, 1));
}

#[test]
fn commands_that_open_accounts_or_paths_are_faults() {
    for text in [
        "RUN chmod -R 777 /data",
        "RUN chmod a+w /data",
        "RUN useradd -o -u 0 toor",
        "RUN usermod -aG sudo app",
        "RUN adduser app wheel",
        "RUN echo 'app ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers",
        "RUN echo 'permit nopass app' > /etc/doas.conf",
        "RUN cat <<E > /etc/sudoers.d/app\napp ALL=(ALL) NOPASSWD: ALL\nE",
        "RUN passwd -d root",
    ] {
        let (_, read) = run(&format!("FROM a\n{text}\n"));
        assert_eq!(read.faults, 1, "{text} {read:?}");
    }
    for text in [
        "RUN chmod 1777 /tmp",
        "RUN chmod +w /data",
        "RUN useradd --system --uid 10001 app",
        "RUN usermod -aG audio app",
        "RUN passwd -l root",
        "RUN echo 'root:x' | chpasswd",
    ] {
        let (_, read) = run(&format!("FROM a\n{text}\n"));
        assert_eq!(read.faults, 0, "{text} {read:?}");
    }
    // Not in the final stage.
    let (permissions, accounts) = run("FROM a AS b\nRUN chmod 4777 /x\nFROM c\n");
    assert_eq!((permissions.faults, accounts.faults), (0, 0));
    let (read, _) = run("FROM a\nRUN sudo make\n");
    assert_eq!((read.faults, read.observations.len()), (0, 1));
}
