//! A small certification authority for one signer: it issues one certificate, then its key is gone (RFC 5280, 4).

use der::asn1::{Any, Utf8StringRef};
use der::{Decode, Encode};
use p256::SecretKey;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use crate::algorithms::sha256;
use crate::certificate::OWN_ISSUER;

/// Document signing (RFC 9336, 3).
const ID_KP_DOCUMENT_SIGNING: const_oid::ObjectIdentifier =
    const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
/// Longest common name and organization name (RFC 5280, appendix A.1, ub-common-name), in characters.
pub(crate) const MAX_NAME: usize = 64;
/// How far the start of validity lies in the past, against clocks that run behind.
const BACKDATE: Duration = Duration::minutes(5);

/// A new key with its certificate and its issuer's, both in DER.
pub(crate) struct Issued {
    pub(crate) key: SecretKey,
    pub(crate) certificate: Certificate,
    pub(crate) issuer: Certificate,
}

/// Why issuing failed: no randomness, or a name that cannot be encoded.
pub(crate) type IssueError = Box<dyn std::error::Error + Send + Sync>;

/// Makes an issuer of its own and a signing certificate from it.
pub(crate) fn issue(
    name: &str,
    organization: Option<&str>,
    days: u16,
    now: OffsetDateTime,
) -> Result<Issued, IssueError> {
    let authority = SigningKey::from(SecretKey::try_generate()?);
    let key = SecretKey::try_generate()?;
    let authority_spki = SubjectPublicKeyInfoOwned::from_key(authority.verifying_key())?;
    let key_spki = SubjectPublicKeyInfoOwned::from_key(&key.public_key())?;

    // The key's mark keeps two issuers of one name apart where certificates are looked up by name.
    let mark: String = hex::encode(sha256(&authority_spki.to_der()?)).chars().take(8).collect();
    let suffix = format!(" {OWN_ISSUER} {mark})");
    let stem: String = name.chars().take(MAX_NAME.saturating_sub(suffix.chars().count())).collect();
    let issuer_name = distinguished_name(&format!("{}{suffix}", stem.trim_end()), organization)?;
    let subject = distinguished_name(name, organization)?;

    let validity = Validity::new(asn1_time(now - BACKDATE)?, asn1_time(now + Duration::days(i64::from(days)))?);
    let authority_profile = Profile { subject: issuer_name.clone(), issuer: issuer_name.clone(), is_authority: true };
    let issuer: Certificate = CertificateBuilder::new(authority_profile, serial()?, validity, authority_spki)?
        .build::<_, DerSignature>(&authority)?;
    let profile = Profile { subject, issuer: issuer_name, is_authority: false };
    let certificate =
        CertificateBuilder::new(profile, serial()?, validity, key_spki)?.build::<_, DerSignature>(&authority)?;
    Ok(Issued { key, certificate, issuer })
}

fn serial() -> Result<SerialNumber, IssueError> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes)?;
    // Positive, and of the same length every time.
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}

fn asn1_time(at: OffsetDateTime) -> Result<Time, IssueError> {
    let seconds = u64::try_from(at.unix_timestamp())?;
    Ok(Time::from(der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?))
}

/// `O=…, CN=…` with the texts taken as they are, whatever characters they hold.
fn distinguished_name(name: &str, organization: Option<&str>) -> Result<Name, IssueError> {
    let parts = [
        organization.map(|text| (const_oid::db::rfc4519::ORGANIZATION_NAME, text)),
        Some((const_oid::db::rfc4519::COMMON_NAME, name)),
    ];
    let mut sequence = Vec::new();
    for (oid, text) in parts.into_iter().flatten() {
        let value = Any::encode_from(&Utf8StringRef::new(text)?)?;
        let mut part = RelativeDistinguishedName::default();
        part.insert(AttributeTypeAndValue { oid, value })?;
        sequence.push(part);
    }
    Ok(Name::from_der(&sequence.to_der()?)?)
}

/// The extensions of both certificates (RFC 5280, 4.2).
struct Profile {
    subject: Name,
    issuer: Name,
    is_authority: bool,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        spki: SubjectPublicKeyInfoRef<'_>,
        issuer_spki: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let subject = tbs.subject();
        let mut out = Vec::new();
        out.push(SubjectKeyIdentifier::try_from(spki)?.to_extension(subject, &out)?);
        out.push(AuthorityKeyIdentifier::try_from(issuer_spki)?.to_extension(subject, &out)?);
        let constraints =
            BasicConstraints { ca: self.is_authority, path_len_constraint: self.is_authority.then_some(0) };
        out.push(constraints.to_extension(subject, &out)?);
        if self.is_authority {
            out.push(KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign).to_extension(subject, &out)?);
        } else {
            out.push(KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation).to_extension(subject, &out)?);
            out.push(ExtendedKeyUsage(vec![ID_KP_DOCUMENT_SIGNING]).to_extension(subject, &out)?);
        }
        Ok(out)
    }
}
