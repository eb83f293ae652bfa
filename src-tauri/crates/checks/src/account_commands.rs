//! The words of the commands that make and change accounts: `useradd`, `usermod`, `adduser`, `addgroup`, `gpasswd`.

/// Long options without a value; every other one takes the next word.
const FLAGS: [&str; 29] = [
    "--system",
    "--disabled-password",
    "--disabled-login",
    "--no-create-home",
    "--create-home",
    "--user-group",
    "--no-user-group",
    "--non-unique",
    "--group",
    "--quiet",
    "--force-badname",
    "--allow-bad-names",
    "--no-log-init",
    "--allow-badname",
    "--add_extra_groups",
    "--add-extra-groups",
    "--encrypt-home",
    "--debug",
    "--allow-all-names",
    "--badname",
    "--verbose",
    "--badnames",
    "--append",
    "--move-home",
    "--lock",
    "--unlock",
    "--delete",
    "--remove-password",
    "--restrict",
];

/// Names and options of one command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words<'a> {
    /// What is no option: the account, and with two the group that it joins.
    pub(crate) names: Vec<&'a str>,
    /// Letter or long name of an option, and its value.
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    /// Reads the arguments of a command: shadow's, Debian's or busybox's.
    pub(crate) fn read(program: &str, words: &[&'a str]) -> Self {
        // Letters whose value follows. busybox's adduser has fewer, with the same meaning.
        let valued = match program {
            "useradd" => "bcdefgGkKpsuZRP",
            "usermod" => "cdefgGlpsuvVwWZRP",
            "gpasswd" => "adAMQR",
            _ => "hgsGuk",
        };
        let mut read = Self::default();
        let mut rest = words.iter().copied();
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                if let Some(pair) = long.split_once('=') {
                    read.values.push(pair);
                } else if !FLAGS.contains(&word) {
                    read.values.extend(rest.next().map(|value| (long, value)));
                }
            } else if let Some(cluster) = word.strip_prefix('-').filter(|cluster| !cluster.is_empty()) {
                let Some(at) = cluster.find(|letter| valued.contains(letter)) else { continue };
                let (letters, behind) = cluster.split_at(at + 1);
                let letter = letters.get(at..).unwrap_or_default();
                let value = if behind.is_empty() { rest.next() } else { Some(behind) };
                read.values.extend(value.map(|value| (letter, value)));
            } else {
                read.names.push(word);
            }
        }
        read
    }

    /// The value of an option that has these names, without dashes; the last one given counts.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.values.iter().rev().find(|(name, _)| names.contains(name)).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of<'a>(program: &str, line: &'a str) -> (Vec<&'a str>, Option<&'a str>) {
        let words = Words::read(program, &line.split_whitespace().collect::<Vec<_>>());
        let uid = words.value(&["u", "uid"]);
        (words.names, uid)
    }

    #[test]
    fn the_words_of_useradd_and_adduser_are_read() {
        let app = |uid: Option<&'static str>| (vec!["app"], uid);
        assert_eq!(of("useradd", "-r -u 10001 -g app app"), app(Some("10001")));
        assert_eq!(of("useradd", "-rmu 7 -s /bin/false app"), app(Some("7")));
        assert_eq!(of("useradd", "--system --no-create-home --uid=12 app"), app(Some("12")));
        assert_eq!(of("useradd", "-o -u0 app"), app(Some("0")));
        assert_eq!(of("usermod", "-o --uid 0 app"), app(Some("0")));
        assert_eq!(of("adduser", "-D -H -S -u 5 -G app app"), app(Some("5")));
        assert_eq!(of("adduser", "-SDH app"), app(None));
        assert_eq!(of("adduser", "--disabled-password --gecos x --home /nonexistent app"), app(None));
        assert_eq!(of("adduser", "--system --group app"), app(None));
        assert_eq!(of("adduser", "app audio"), (vec!["app", "audio"], None));
        assert_eq!(of("useradd", "-D"), (vec![], None));
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in proptest::collection::vec(".{0,6}", 0..8), long in "-{0,2}[a-zG=ü]{0,5}") {
            let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
            words.push(&long);
            for program in ["useradd", "usermod", "adduser", "gpasswd"] {
                let _ = Words::read(program, &words);
            }
        }
    }
}
