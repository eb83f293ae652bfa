//! Where an image looks for the programs that it starts: its PATH, or Docker's own.

use plimsoll_image::ImageFacts;

/// Most symbolic links that are followed, as the kernel does.
pub(crate) const MAX_LINKS: usize = 40;
/// How many folders of a PATH are looked at; more are hostile.
const MAX_FOLDERS: usize = 64;
/// What the engine uses when the image sets no PATH.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The folders of the image's PATH, in its order. A value that was masked as a secret counts as none.
pub(crate) fn folders(image: &ImageFacts) -> Vec<&str> {
    let set = image.config.env.iter().rev().find(|variable| variable.name == "PATH");
    set.map(|variable| variable.value.as_str())
        .filter(|value| !value.contains('‹'))
        .unwrap_or(DEFAULT_PATH)
        .split(':')
        .filter(|folder| folder.starts_with('/'))
        .take(MAX_FOLDERS)
        .collect()
}

/// The paths under which a program is looked for: itself, below the working folder, or in each folder of the PATH.
pub(crate) fn candidates(program: &str, image: &ImageFacts) -> Vec<String> {
    let below = |folder: &str| format!("{}/{program}", folder.trim_end_matches('/'));
    if program.starts_with('/') {
        vec![program.to_owned()]
    } else if program.contains('/') {
        vec![below(&image.config.working_dir)]
    } else {
        folders(image).into_iter().map(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::EnvVar;

    #[test]
    fn a_program_is_looked_for_as_an_engine_does() {
        let mut facts = image();
        let image = facts.image.as_mut().unwrap();
        image.config.env = Vec::new();
        assert_eq!(candidates("/a/b", image), ["/a/b"]);
        assert_eq!((candidates("app", image).len(), folders(image)[0]), (6, "/usr/local/sbin"));
        image.config.working_dir = "/srv/".into();
        assert_eq!(candidates("./run", image), ["/srv/./run"]);
        let path = |value: &str| vec![EnvVar { name: "PATH".into(), value: value.into() }];
        image.config.env = path("/opt/:relative:/bin");
        assert_eq!(candidates("app", image), ["/opt/app", "/bin/app"]);
        image.config.env = path("‹value, 9 chars›");
        assert_eq!(folders(image).len(), 6);
        image.config.env = path(&"/a:".repeat(1000));
        assert_eq!(folders(image).len(), MAX_FOLDERS);
    }
}
