//! What the tests share: a small report with two empty signature fields, identities, and the independent tools.

#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, reason = "each test program uses a part")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use lopdf::{Dictionary, Document, Object, SaveOptions, Stream, dictionary};
use plimsoll_signature::{AppearanceObjects, CreatedIdentity, Identity, NewIdentity, SignRequest};
use time::OffsetDateTime;

/// The passphrase of every identity in the tests.
pub const PASSPHRASE: &str = "ship's bell at läst light";

/// A page of text and two empty signature fields, `Auditor` and `Reviewer`, as the report crate leaves them.
pub fn report(xref_stream: bool) -> Vec<u8> {
    let mut doc = Document::with_version("1.7");
    let pages = doc.new_object_id();
    let page = doc.new_object_id();
    let font = doc.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let text = b"BT /F1 24 Tf 72 700 Td (An audit report) Tj ET".to_vec();
    let content = doc.add_object(Stream::new(Dictionary::new(), text));
    let fields: Vec<Object> = ["Auditor", "Reviewer"]
        .into_iter()
        .zip([100, 200])
        .map(|(name, bottom)| {
            let appearance = doc.add_object(form(b"0 0 0 RG 0 0 180 50 re S".to_vec()));
            let field = dictionary! {
                "Type" => "Annot",
                "Subtype" => "Widget",
                "FT" => "Sig",
                "T" => Object::string_literal(name),
                "TU" => Object::string_literal(format!("Signature of the {name}")),
                "F" => 132,
                "Rect" => vec![72.25.into(), bottom.into(), 252.25.into(), (bottom + 50).into()],
                "P" => page,
                "AP" => dictionary! { "N" => appearance },
            };
            Object::Reference(doc.add_object(field))
        })
        .collect();
    doc.objects.insert(
        page,
        Object::Dictionary(dictionary! {
            "Type" => "Page",
            "Parent" => pages,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Contents" => content,
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
            "Annots" => fields.clone(),
        }),
    );
    doc.objects.insert(
        pages,
        Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }),
    );
    // The one file keeps the form inside the catalogue, the other as an object of its own.
    let form = dictionary! { "Fields" => fields, "SigFlags" => 1 };
    let form = if xref_stream { Object::Reference(doc.add_object(form)) } else { Object::Dictionary(form) };
    let catalog = doc.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AcroForm" => form });
    let info = doc.add_object(dictionary! { "Title" => Object::string_literal("A report") });
    doc.trailer.set("Root", catalog);
    doc.trailer.set("Info", info);
    let id = Object::String(vec![7; 16], lopdf::StringFormat::Hexadecimal);
    doc.trailer.set("ID", vec![id.clone(), id]);
    let mut out = Vec::new();
    if xref_stream {
        let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
        doc.save_with_options(&mut out, options).expect("saving");
    } else {
        doc.save_to(&mut out).expect("saving");
    }
    out
}

fn form(content: Vec<u8>) -> Stream {
    let dict = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Form",
        "BBox" => vec![0.into(), 0.into(), 180.into(), 50.into()],
    };
    Stream::new(dict, content)
}

/// An appearance with a font of its own.
pub fn appearance() -> AppearanceObjects {
    let mut form = form(b"BT /F 10 Tf 4 20 Td (Signed by Ada) Tj ET".to_vec());
    form.dict.set("Resources", dictionary! { "Font" => dictionary! { "F" => (2, 0) } });
    let font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" };
    AppearanceObjects { objects: [((1, 0), form.into()), ((2, 0), font.into())].into(), root: (1, 0) }
}

/// The auditor's identity, made once: its hardened file takes a moment.
pub fn auditor() -> &'static CreatedIdentity {
    static AUDITOR: OnceLock<CreatedIdentity> = OnceLock::new();
    AUDITOR.get_or_init(|| {
        let subject = NewIdentity { name: "Ada Prüferin", organization: Some("Audit & Co"), validity_days: 365 };
        Identity::create(&subject, PASSPHRASE).expect("creating an identity")
    })
}

/// What a signer of a field asks for.
pub fn request(field: &str, certify: bool) -> SignRequest<'_> {
    SignRequest {
        field,
        name: "Ada Prüferin",
        reason: Some("Issued (final)"),
        location: None,
        claimed_time: OffsetDateTime::now_utc(),
        certify,
        appearance: None,
    }
}

/// Runs an independent tool that the tests need; what it said, and whether it succeeded.
pub fn tool<A: AsRef<OsStr>>(name: &str, package: &str, args: impl IntoIterator<Item = A>) -> (bool, String) {
    let output = Command::new(name).args(args).env("LC_ALL", "C.UTF-8").output().unwrap_or_else(|error| {
        panic!("{name} could not be run ({error}); install it with: apt-get install {package}");
    });
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Runs `openssl` and insists on success.
pub fn openssl(dir: &Path, args: &str) {
    let args = args.split(' ').map(|arg| arg.replace('@', &format!("{}/", dir.display())).replace('~', " "));
    let args: Vec<String> = args.collect();
    let (success, said) = tool("openssl", "openssl", &args);
    assert!(success, "openssl {args:?}: {said}");
}

/// An identity made by OpenSSL: a key, an issuer, a PKCS#12 file.
pub fn openssl_identity(dir: &Path, key: &str, export: &str) -> Result<Identity, plimsoll_signature::IdentityError> {
    openssl(
        dir,
        &format!(
            "req -x509 -newkey {key} -nodes -keyout @ca.key -out @ca.pem -days 30 -subj /CN=Company~issuer \
             -addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE"
        ),
    );
    openssl(
        dir,
        &format!(
            "req -x509 -newkey {key} -nodes -keyout @leaf.key -out @leaf.pem -days 30 -subj /CN=Otto~Ossl/O=Company \
             -CA @ca.pem -CAkey @ca.key -addext keyUsage=critical,digitalSignature,nonRepudiation \
             -addext basicConstraints=critical,CA:FALSE"
        ),
    );
    openssl(
        dir,
        &format!(
            "pkcs12 -export -inkey @leaf.key -in @leaf.pem -certfile @ca.pem -passout pass:grüße -out @id.p12{export}"
        ),
    );
    Identity::from_pkcs12(&std::fs::read(dir.join("id.p12")).expect("reading"), "grüße")
}
