//! Signed reports that were tampered with, and requests that must be refused: the own verifier and signer alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{appearance, auditor, report, request};
use lopdf::{Object, dictionary};
use plimsoll_signature::{AppearanceObjects, IdentityError, PdfError, SignError, VerifyError, sign_pdf, verify_pdf};
use time::{Duration, OffsetDateTime};

fn signed(stream: bool) -> Vec<u8> {
    sign_pdf(&report(stream), &request("Auditor", true), &auditor().identity).unwrap()
}

fn twice(stream: bool) -> Vec<u8> {
    sign_pdf(&signed(stream), &request("Reviewer", false), &auditor().identity).unwrap()
}

fn good(pdf: &[u8]) -> bool {
    verify_pdf(pdf).is_ok_and(|found| found.is_intact())
}

fn problems(pdf: &[u8]) -> String {
    match verify_pdf(pdf) {
        Ok(found) => format!("{found:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn no_single_changed_byte_goes_unnoticed() {
    for pdf in [signed(false), signed(true), twice(false)] {
        assert!(good(&pdf));
        // Every seventh byte, but in the long zero padding only every 331st.
        let zeros = |at: usize| pdf[at.saturating_sub(8)..(at + 8).min(pdf.len())].iter().all(|byte| *byte == b'0');
        let mut tried = 0;
        for at in (0..pdf.len()).filter(|at| if zeros(*at) { at % 331 == 0 } else { at % 7 == 0 }) {
            let mut bad = pdf.clone();
            bad[at] ^= [0x01, 0x20, 0x80][at % 3];
            assert!(!good(&bad), "byte {at}");
            tried += 1;
        }
        assert!(tried > 500, "{tried}");
    }
}

#[test]
fn no_shortened_or_lengthened_file_goes_unnoticed() {
    let pdf = twice(false);
    for length in (0..pdf.len()).step_by(13).chain(pdf.len() - 40..pdf.len()) {
        let cut = &pdf[..length];
        // Only the file as it was before the second signature is a signed file.
        assert!(!good(cut) || length == signed_length(&pdf), "{length}");
    }
    for tail in [&b"\n"[..], b" ", b"%", b"\0", b"startxref\n0\n%%EOF\n"] {
        assert!(!good(&[&pdf, tail].concat()), "{tail:?}");
    }
    assert!(!good(&[b" ", pdf.as_slice()].concat()));
    assert_eq!(verify_pdf(b"hello").unwrap_err(), VerifyError::Pdf(PdfError::NotPdf));
}

fn signed_length(pdf: &[u8]) -> usize {
    let ends: Vec<usize> = pdf.windows(6).enumerate().filter(|(_, w)| *w == b"%%EOF\n").map(|(at, _)| at + 6).collect();
    ends[ends.len() - 2]
}

/// Appends a revision with these objects, as an attacker would.
fn append(pdf: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let text = String::from_utf8_lossy(pdf).into_owned();
    let last = |key: &str| text.rfind(key).map(|at| text[at + key.len()..].trim_start()).unwrap();
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let prev = number(last("startxref"));
    let root = number(last("/Root"));
    let info = number(last("/Info"));
    let mut out = pdf.to_vec();
    let mut table = String::from("xref\n");
    for (id, body) in objects {
        table.push_str(&format!("{id} 1\n{:010} 00000 n \n", out.len()));
        out.extend_from_slice(format!("{id} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let at = out.len();
    out.extend_from_slice(table.as_bytes());
    let trailer =
        format!("trailer\n<</Size 99/Root {root} 0 R/Info {info} 0 R/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n");
    out.extend_from_slice(trailer.as_bytes());
    out
}

#[test]
fn revisions_after_the_signature_are_changes() {
    for pdf in [signed(false), twice(false)] {
        for objects in
            [&[][..], &[(5, "<</Evil true>>")], &[(98, "<</New true>>")], &[(1, "<</Type/Pages/Kids[]/Count 0>>")]]
        {
            let changed = append(&pdf, objects);
            let found = verify_pdf(&changed).unwrap();
            assert!(found.modified_after_signing, "{found:?}");
            assert!(found.signatures.iter().all(|report| !report.covers_whole_file));
            assert!(found.signatures.iter().all(|report| !report.problems.is_empty()), "{found:?}");
        }
    }
}

/// A change hidden between two signatures would be signed by the reviewer, and still the auditor did not sign it.
#[test]
fn a_change_between_two_signatures_is_seen() {
    let one = signed(false);
    let text = String::from_utf8_lossy(&one).into_owned();
    for (id, word) in [(4, "Length"), (5, "Form"), (8, "Reviewer"), (9, "Catalog"), (10, "Title")] {
        let at = text.find(&format!("\n{id} 0 obj")).unwrap();
        assert!(text[at..].split("endobj").next().unwrap().contains(word), "object {id}");
    }
    let field = |rect: &str, rest: &str| {
        format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Reviewer)/TU(Signature of the Reviewer)/F 132/Rect[{rect}]/P 2 0 R\
             /AP<</N 7 0 R>>{rest}>>"
        )
    };
    let cases = [
        ("page content", 4, "<</Length 0>>\nstream\n\nendstream".to_owned()),
        (
            "appearance of the signed field",
            5,
            "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 0>>\nstream\n\nendstream".to_owned(),
        ),
        ("empty field over the whole page", 8, field("0 0 595 842", "")),
        ("empty field with a text", 8, field("72.25 200 252.25 250", "/Contents(approved)")),
        ("empty field with a false value", 8, field("72.25 200 252.25 250", "/V 4 0 R")),
        (
            "certification taken away",
            9,
            "<</Type/Catalog/Pages 1 0 R/AcroForm<</Fields[6 0 R 8 0 R]/SigFlags 3>>>>".to_owned(),
        ),
        ("information", 10, "<</Title(Another report)>>".to_owned()),
    ];
    let mut intact = Vec::new();
    for (what, id, body) in cases {
        let between = append(&one, &[(id, &body)]);
        match sign_pdf(&between, &request("Reviewer", false), &auditor().identity) {
            Err(SignError::Unverified { reason }) => {
                assert!(reason.contains("changed after signing"), "{what}: {reason}")
            }
            Err(SignError::AlreadySigned { .. }) if what.ends_with("false value") => {}
            Err(other) => panic!("{what}: {other}"),
            Ok(_) => intact.push(what),
        }
        let found = verify_pdf(&between).unwrap();
        assert!(found.modified_after_signing && !found.signatures[0].covers_whole_file, "{what}");
    }
    assert_eq!(intact, Vec::<&str>::new());
}

#[test]
fn the_signature_value_hides_nothing() {
    let pdf = signed(false);
    let end = pdf.windows(4).position(|window| window == b"0>/M").unwrap();
    let mut padded = pdf.clone();
    padded[end] = b'1';
    assert!(problems(&padded).contains("hidden behind the signature value"), "{}", problems(&padded));
    let mut spaced = pdf.clone();
    spaced[end] = b' ';
    spaced[end - 1] = b' ';
    assert!(problems(&spaced).contains("plain hexadecimal"), "{}", problems(&spaced));
}

#[test]
fn requests_that_cannot_be_met_are_refused() {
    let plain = report(false);
    let identity = &auditor().identity;
    let missing = sign_pdf(&plain, &request("Client", false), identity).unwrap_err();
    assert!(missing.to_string().contains("Auditor, Reviewer"), "{missing}");
    let one = sign_pdf(&plain, &request("Auditor", true), identity).unwrap();
    let again = sign_pdf(&one, &request("Auditor", false), identity).unwrap_err();
    assert!(matches!(again, SignError::AlreadySigned { .. }), "{again}");
    assert_eq!(sign_pdf(&one, &request("Reviewer", true), identity).unwrap_err(), SignError::NotFirst);
    let mut late = request("Auditor", true);
    late.claimed_time = OffsetDateTime::now_utc() + Duration::days(400);
    let late = sign_pdf(&plain, &late, identity).unwrap_err();
    assert!(matches!(late, SignError::Identity(IdentityError::Expired { .. })), "{late}");
    assert_eq!(sign_pdf(b"no pdf", &request("Auditor", true), identity).unwrap_err(), SignError::Pdf(PdfError::NotPdf));

    let mut dangling = request("Auditor", true);
    dangling.appearance = Some(appearance());
    if let Some(given) = &mut dangling.appearance {
        given.objects.remove(&(2, 0));
    }
    let dangling = sign_pdf(&plain, &dangling, identity).unwrap_err();
    assert!(matches!(dangling, SignError::Pdf(PdfError::Appearance(_))), "{dangling}");
    let mut no_form = request("Auditor", true);
    let object = Object::Dictionary(dictionary! { "A" => 1 });
    no_form.appearance = Some(AppearanceObjects { objects: [((1, 0), object)].into(), root: (1, 0) });
    assert!(sign_pdf(&plain, &no_form, identity).is_err());
}

#[test]
fn what_was_said_is_what_is_reported() {
    let mut said = request("Auditor", true);
    said.reason = Some("Geprüft — ✓ (A1–D2)");
    said.location = Some("Köln");
    let at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap().to_offset(time::macros::offset!(+5:30));
    said.claimed_time = at;
    let pdf = sign_pdf(&report(true), &said, &auditor().identity).unwrap();
    let found = verify_pdf(&pdf).unwrap();
    let report = &found.signatures[0];
    assert_eq!((report.field.as_str(), report.claimed_time), ("Auditor", Some(at)));
    assert_eq!(report.signer.as_ref(), Some(&auditor().identity.summary()));
    assert!(report.intact && report.covers_whole_file && !found.modified_after_signing);
    let unsigned = verify_pdf(&common::report(false)).unwrap();
    assert!(unsigned.signatures.is_empty() && !unsigned.is_intact() && !unsigned.modified_after_signing);
}
