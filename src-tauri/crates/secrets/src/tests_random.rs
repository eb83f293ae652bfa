//! Properties: nothing that is found stays readable, nothing panics, where a stream is cut does not matter.

use proptest::prelude::*;

use crate::tests_corpus::{body, hex_body, rsa_pem, tokens, with_crc};
use crate::*;

/// Something secret.
fn secret() -> impl Strategy<Value = String> {
    let all: Vec<String> =
        tokens().into_iter().map(|(_, token)| token).chain([rsa_pem(), body(24), hex_body(40)]).collect();
    prop_oneof![proptest::sample::select(all), "[a-z]{4,10}[0-9]{1,4}", "[A-Za-z0-9+/]{16,60}", "[!-~]{6,30}",]
}

/// A text around it.
fn text() -> impl Strategy<Value = String> {
    let frame = proptest::sample::select(vec![
        ("", ""),
        ("ENV DB_PASSWORD=", " PORT=80"),
        ("ENV API_TOKEN ", ""),
        ("RUN curl -H 'Authorization: Bearer ", "' https://x.internal"),
        ("RUN mysql -uroot -p", " shop"),
        ("RUN mysql --password ", ""),
        ("RUN echo 'root:", "' | chpasswd"),
        ("RUN git clone https://bob:", "@git.internal/x"),
        ("password: ", ""),
        ("  - API_KEY=", ""),
        ("{\"secret\": \"", "\"}"),
        ("<password>", "</password>"),
        ("Server=db;User Id=sa;Password=", ";x=1"),
        ("|1 TOKEN=", " /bin/sh -c make"),
        ("export AWS_SECRET_ACCESS_KEY=\"", "\""),
    ]);
    proptest::collection::vec((frame, secret(), "[ -~]{0,12}"), 1..4).prop_map(|parts| {
        parts.iter().map(|((before, after), secret, noise)| format!("{before}{secret}{after}\n{noise}\n")).collect()
    })
}

/// What a finder reports that masking must hide.
fn open(findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .into_iter()
        .filter(|f| !matches!(f.harmless, Some(Harmless::Placeholder | Harmless::Example | Harmless::Public)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_found_is_masked(text in text()) {
        let masked = redact_text(&text);
        let mut hits = Vec::new();
        find::text_hits(&text, &mut hits);
        for hit in hit::resolve(hits) {
            let hidden = !matches!(hit.harmless, Some(Harmless::Placeholder | Harmless::Example | Harmless::Public));
            let secret = &text[hit.start..hit.end];
            // What stands elsewhere too, in the frame or in a mask, cannot be looked for.
            if hidden && secret.len() >= 12 && text.matches(secret).count() == 1 {
                prop_assert!(!masked.contains(secret), "{} in {}", secret, masked);
            }
        }
        prop_assert_eq!(open(find_in_text(&masked)), vec![], "{}", masked);
        prop_assert_eq!(redact_text(&masked), masked.clone());
        prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn what_is_found_in_a_setting_is_masked(
        name in prop_oneof!["[A-Z_]{3,12}", Just("DB_PASSWORD".to_owned()), Just("apiToken".to_owned()), Just("URL".to_owned())],
        value in secret(),
    ) {
        let found = open(find_in_setting(&name, &value));
        let masked = redact_value(&name, &value);
        if !found.is_empty() {
            prop_assert_ne!(&masked, &value);
        }
        prop_assert_eq!(open(find_in_setting(&name, &masked)), vec![], "{}", masked);
        prop_assert_eq!(redact_value(&name, &masked), masked);
    }

    #[test]
    fn nothing_panics(
        path in "(/[a-z.]{0,8}){0,4}(\\.env|\\.netrc|\\.pgpass|config\\.json|a\\.jks|a\\.p12|a\\.key|\\.npmrc|\\.bash_history|a\\.js)?",
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..400),
            "[ -~\n‹›é]{0,200}".prop_map(String::into_bytes),
            "(password|token|://|:|=|\"|'|\\\\|-----BEGIN |PRIVATE KEY|-----|eyJ|ghp_|\\$ANSIBLE_VAULT;|authorization| |\n|a|é){0,40}".prop_map(String::into_bytes),
        ],
    ) {
        let _ = find_in_file(&path, &bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = find_in_text(&text);
        let once = redact_text(&text);
        prop_assert_eq!(once.matches('\n').count(), text.matches('\n').count());
        let _ = find_in_setting("API_TOKEN", &text);
        let _ = find_in_setting(&text, "x");
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn where_the_stream_is_cut_does_not_matter(before in 0_usize..700_000, cuts in proptest::collection::vec(1_usize..300_000, 0..5)) {
        let filler = "the quick brown fox jumps\n";
        let mut bytes: Vec<u8> = filler.bytes().cycle().take(before).collect();
        bytes.extend(format!("\n{}\n{}", with_crc("npm_"), rsa_pem()).bytes());
        bytes.extend(filler.bytes().cycle().take(400_000));
        let whole = find_in_file("/srv/big.log", &bytes);
        prop_assert_eq!(whole.len(), 2, "{:?}", whole);
        let line = u32::try_from(before / filler.len() + 2).unwrap();
        prop_assert_eq!(whole[0].line, line);
        let mut scanner = FileScanner::new("/srv/big.log", bytes.len() as u64);
        let mut rest = bytes.as_slice();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            scanner.push(head);
            rest = tail;
        }
        scanner.push(rest);
        prop_assert_eq!(scanner.finish(), whole);
    }
}

#[test]
fn hostile_texts_end_in_good_time() {
    for text in [
        "'\"".repeat(20_000),
        "\"a 'b ".repeat(10_000),
        "password=".repeat(3_000),
        "-----BEGIN RSA PRIVATE KEY-----".repeat(5_000),
        "://".repeat(20_000),
        "‹".repeat(10_000),
        "authorization: ".repeat(20_000),
        "eyJ".repeat(10_000),
        "LS0tLS1CRUdJTi".repeat(5_000),
    ] {
        let _ = find_in_file("/srv/x", text.as_bytes());
        let _ = find_in_text(&text);
        let _ = redact_text(&text);
    }
}
