//! X.509 certificates: read from PEM and DER, and led back to what the auditor trusts, at a given moment (RFC 5280).
//!
//! Reading is x509-cert's; whether a chain holds is for rustls-webpki, with the few rules beside it that signing wants
//! and web servers do not: a trusted certificate that signs by itself, roots in date, the right to issue. Revocation is
//! not looked up.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc4519, rfc5280};
use der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use der::{Decode as _, Encode as _};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use webpki::{EndEntityCert, KeyUsage as Usage};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};

use crate::keys::PublicKey;
use crate::text::{moment, sha256_hex, shown};

/// Most certificates in one bundle of the auditor's.
const BUNDLE_MAX: usize = 512;
/// Most bytes of one bundle.
const BUNDLE_BYTES: usize = 4 << 20;
/// Most bytes of one certificate.
const CERTIFICATE_BYTES: usize = 64 << 10;
/// Most certificates that come with a signature.
pub(crate) const CHAIN_MAX: usize = 8;
/// Most moments at which a chain that does not hold now is tried.
const MOMENTS_MAX: usize = 8;

/// id-kp-codeSigning, 1.3.6.1.5.5.7.3.3, without tag and length.
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
/// Fulcio: the OIDC issuer as a DER string, and the older one with the bare text.
const OIDC_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.8");
const OIDC_ISSUER_RAW: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.1");
/// Fulcio: a user name as an other name.
const USERNAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");
/// Signed certificate timestamps (RFC 6962).
const SCTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");

/// One certificate, as it came and as it reads.
#[derive(Clone)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    inner: x509_cert::Certificate,
}

impl Certificate {
    /// Reads DER.
    ///
    /// # Errors
    ///
    /// Why these bytes are no certificate, as the end of a sentence.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, String> {
        if der.len() > CERTIFICATE_BYTES {
            return Err(format!("it is larger than {} KiB", CERTIFICATE_BYTES >> 10));
        }
        let inner = x509_cert::Certificate::from_der(der).map_err(|error| error.to_string())?;
        Ok(Self { der: der.to_vec(), inner })
    }

    /// As it came.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate, hexadecimal.
    pub(crate) fn fingerprint(&self) -> String {
        sha256_hex(&self.der)
    }

    /// SubjectPublicKeyInfo, DER.
    pub(crate) fn spki(&self) -> Vec<u8> {
        self.inner.tbs_certificate().subject_public_key_info().to_der().unwrap_or_default()
    }

    /// The public key.
    ///
    /// # Errors
    ///
    /// Why it is not one that can be used.
    pub(crate) fn key(&self) -> Result<PublicKey, String> {
        PublicKey::from_spki(&self.spki()).map_err(|error| error.to_string())
    }

    /// The subject, for a reader; a certificate without one is known by its alternative name.
    pub(crate) fn subject(&self) -> String {
        let subject = written(self.inner.tbs_certificate().subject());
        if !subject.is_empty() {
            return subject;
        }
        self.names().first().map_or_else(|| "certificate without a subject".to_owned(), |name| shown(name))
    }

    /// The issuer, for a reader.
    pub(crate) fn issuer(&self) -> String {
        written(self.inner.tbs_certificate().issuer())
    }

    /// Attributes of the subject with their short names: `C`, `ST`, `O`, `CN`; others by object identifier.
    pub(crate) fn attributes(&self) -> Vec<(String, String)> {
        attributes(self.inner.tbs_certificate().subject())
    }

    /// The first moment of its validity.
    pub(crate) fn not_before(&self) -> OffsetDateTime {
        at(self.inner.tbs_certificate().validity().not_before.to_unix_duration())
    }

    /// The last moment of its validity.
    pub(crate) fn not_after(&self) -> OffsetDateTime {
        at(self.inner.tbs_certificate().validity().not_after.to_unix_duration())
    }

    /// Whether it is in date at a moment.
    pub(crate) fn in_date(&self, moment: OffsetDateTime) -> bool {
        self.not_before() <= moment && moment <= self.not_after()
    }

    /// Whether subject and issuer are the same.
    pub(crate) fn self_issued(&self) -> bool {
        self.inner.tbs_certificate().subject() == self.inner.tbs_certificate().issuer()
    }

    /// Whether it may issue others by its basic constraints.
    pub(crate) fn is_ca(&self) -> bool {
        matches!(self.inner.tbs_certificate().get_extension::<BasicConstraints>(), Ok(Some((_, limits))) if limits.ca)
    }

    /// Key usage; none where the extension is absent.
    fn usage(&self) -> Result<Option<KeyUsage>, String> {
        let found = self.inner.tbs_certificate().get_extension::<KeyUsage>();
        Ok(found.map_err(|_| "its key usage cannot be read".to_owned())?.map(|(_, usage)| usage))
    }

    /// Whether its key may sign: none where it does not say.
    ///
    /// # Errors
    ///
    /// The extension cannot be read.
    pub(crate) fn may_sign(&self) -> Result<Option<bool>, String> {
        Ok(self.usage()?.map(|usage| usage.digital_signature()))
    }

    /// Extended key usages; empty where it names none.
    ///
    /// # Errors
    ///
    /// The extension cannot be read.
    pub(crate) fn purposes(&self) -> Result<Vec<ObjectIdentifier>, String> {
        let found = self.inner.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        let found = found.map_err(|_| "its extended key usage cannot be read".to_owned())?;
        Ok(found.map(|(_, usage)| usage.0).unwrap_or_default())
    }

    /// Whether it is expressly for code signing.
    pub(crate) fn for_code_signing(&self) -> bool {
        self.purposes().is_ok_and(|purposes| purposes.contains(&rfc5280::ID_KP_CODE_SIGNING))
    }

    /// Subject alternative names: e-mail addresses, URIs, DNS names, Fulcio's user names.
    pub(crate) fn names(&self) -> Vec<String> {
        let Ok(Some((_, names))) = self.inner.tbs_certificate().get_extension::<SubjectAltName>() else {
            return Vec::new();
        };
        names
            .0
            .iter()
            .take(64)
            .filter_map(|name| match name {
                GeneralName::Rfc822Name(text)
                | GeneralName::DnsName(text)
                | GeneralName::UniformResourceIdentifier(text) => Some(text.as_str().to_owned()),
                GeneralName::OtherName(other) if other.type_id == USERNAME => {
                    Utf8StringRef::try_from(&other.value).ok().map(|text| text.as_str().to_owned())
                }
                _ => None,
            })
            .collect()
    }

    /// The OIDC issuer that vouched for the identity, by Fulcio's extensions.
    pub(crate) fn oidc_issuer(&self) -> Option<String> {
        if let Some(value) = self.extension(OIDC_ISSUER) {
            return Utf8StringRef::from_der(value).ok().map(|text| text.as_str().to_owned());
        }
        self.extension(OIDC_ISSUER_RAW).and_then(|value| String::from_utf8(value.to_vec()).ok())
    }

    /// Whether it carries signed certificate timestamps.
    pub(crate) fn has_scts(&self) -> bool {
        self.extension(SCTS).is_some()
    }

    fn extension(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        let extensions = self.inner.tbs_certificate().extensions()?;
        extensions.iter().find(|extension| extension.extn_id == oid).map(|extension| extension.extn_value.as_bytes())
    }
}

fn at(since_1970: Duration) -> OffsetDateTime {
    i64::try_from(since_1970.as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn attributes(name: &x509_cert::name::Name) -> Vec<(String, String)> {
    name.iter()
        .take(64)
        .map(|attribute| {
            let key = match attribute.oid {
                rfc4519::COUNTRY_NAME => "C".to_owned(),
                rfc4519::ST => "ST".to_owned(),
                rfc4519::L => "L".to_owned(),
                rfc4519::O => "O".to_owned(),
                rfc4519::OU => "OU".to_owned(),
                rfc4519::CN => "CN".to_owned(),
                rfc4519::STREET => "STREET".to_owned(),
                rfc4519::DC => "DC".to_owned(),
                rfc4519::UID => "UID".to_owned(),
                rfc4519::SERIAL_NUMBER => "SERIALNUMBER".to_owned(),
                rfc4519::POSTAL_CODE => "POSTALCODE".to_owned(),
                other => other.to_string(),
            };
            let value = &attribute.value;
            let text = Utf8StringRef::try_from(value)
                .map(|text| text.as_str().to_owned())
                .or_else(|_| PrintableStringRef::try_from(value).map(|text| text.as_str().to_owned()))
                .or_else(|_| Ia5StringRef::try_from(value).map(|text| text.as_str().to_owned()))
                .or_else(|_| TeletexStringRef::try_from(value).map(|text| text.as_str().to_owned()))
                .unwrap_or_else(|_| format!("#{}", hex::encode(value.value())));
            (key, text)
        })
        .collect()
}

fn written(name: &x509_cert::name::Name) -> String {
    let parts: Vec<String> =
        attributes(name).iter().map(|(key, value)| format!("{key}={}", value.replace(',', "\\,"))).collect();
    shown(&parts.join(", "))
}

/// Reads the certificates of a PEM text; other sections are passed over.
///
/// # Errors
///
/// The end of a sentence: what of it is no certificate, or that there is none.
pub(crate) fn pem_bundle(text: &str) -> Result<Vec<Certificate>, String> {
    if text.len() > BUNDLE_BYTES {
        return Err(format!("it is larger than {} MiB", BUNDLE_BYTES >> 20));
    }
    let mut out = Vec::new();
    for (index, section) in CertificateDer::pem_slice_iter(text.as_bytes()).enumerate() {
        if index >= BUNDLE_MAX {
            return Err(format!("it holds more than {BUNDLE_MAX} certificates"));
        }
        let section = section.map_err(|error| format!("it is not PEM: {error}"))?;
        let number = index.saturating_add(1);
        out.push(Certificate::from_der(&section).map_err(|why| format!("certificate {number} cannot be read: {why}"))?);
    }
    if out.is_empty() {
        return Err("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)".to_owned());
    }
    Ok(out)
}

/// What became of leading a certificate back to a root.
pub(crate) enum Led {
    /// Leaf first, root last: holds at the moment.
    Holds(Vec<Certificate>),
    /// Leaf first, root last: would hold, and is out of date at the moment; with the reason.
    OutOfDate(Vec<Certificate>, String),
    /// Leads to no root.
    Nowhere(String),
}

const ENDLESS: &str = "its chain branches more often than is followed";

enum Broken {
    /// Made to take long: not tried again.
    Endless,
    Date(String),
    Other(String),
}

/// Leads a certificate back to one of the roots at a moment, by way of those that came with it. A root that is itself
/// the leaf, self-issued, counts: then the auditor trusts the signer's own certificate.
pub(crate) fn lead(leaf: &Certificate, others: &[Certificate], roots: &[Certificate], at: OffsetDateTime) -> Led {
    let why = match path(leaf, others, roots, at) {
        Ok(path) => return Led::Holds(path),
        Err(why) => why,
    };
    // Out of date is another thing than untrusted: is there any moment at which it holds?
    let mut moments: Vec<OffsetDateTime> = Vec::new();
    for one in std::iter::once(leaf).chain(others.iter().take(CHAIN_MAX)).chain(roots.iter().take(CHAIN_MAX)) {
        moments.extend([one.not_before(), one.not_after()]);
    }
    moments.retain(|moment| leaf.in_date(*moment));
    moments.sort_unstable();
    moments.dedup();
    if matches!(why, Broken::Endless) {
        moments.clear();
    }
    for moment in moments.iter().rev().take(MOMENTS_MAX) {
        if let Ok(path) = path(leaf, others, roots, *moment) {
            let reason = path.iter().find_map(|one| out_of_date(one, at)).unwrap_or(match why {
                Broken::Date(why) | Broken::Other(why) => why,
                Broken::Endless => ENDLESS.to_owned(),
            });
            return Led::OutOfDate(path, reason);
        }
    }
    Led::Nowhere(match why {
        Broken::Other(why) | Broken::Date(why) => why,
        Broken::Endless => ENDLESS.to_owned(),
    })
}

/// The sentence about a certificate that is out of date at a moment.
pub(crate) fn out_of_date(one: &Certificate, at: OffsetDateTime) -> Option<String> {
    if at < one.not_before() {
        return Some(format!("the certificate {} counts only from {}", one.subject(), moment(one.not_before())));
    }
    (at > one.not_after())
        .then(|| format!("the certificate {} counted only until {}", one.subject(), moment(one.not_after())))
}

fn path(
    leaf: &Certificate,
    others: &[Certificate],
    roots: &[Certificate],
    at: OffsetDateTime,
) -> Result<Vec<Certificate>, Broken> {
    if leaf.self_issued() && roots.iter().any(|root| root.der == leaf.der) {
        return match out_of_date(leaf, at) {
            Some(why) => Err(Broken::Date(why)),
            None => Ok(vec![leaf.clone()]),
        };
    }
    // webpki takes a root as it is, whatever its dates.
    let roots: Vec<(&Certificate, CertificateDer<'_>)> = roots
        .iter()
        .filter(|root| root.in_date(at))
        .map(|root| (root, CertificateDer::from(root.der.as_slice())))
        .collect();
    let mut anchors = Vec::new();
    let mut owners = Vec::new();
    for (root, der) in &roots {
        if let Ok(anchor) = webpki::anchor_from_trusted_cert(der) {
            anchors.push(anchor);
            owners.push(*root);
        }
    }
    let der = CertificateDer::from(leaf.der.as_slice());
    let end = EndEntityCert::try_from(&der).map_err(|error| Broken::Other(said(&error)))?;
    let others: Vec<CertificateDer<'_>> =
        others.iter().take(CHAIN_MAX).map(|other| CertificateDer::from(other.der.as_slice())).collect();
    let seconds = u64::try_from(at.unix_timestamp()).unwrap_or(0);
    let found = end
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &others,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            Usage::required_if_present(CODE_SIGNING),
            None,
            None,
        )
        .map_err(|error| match error {
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                Broken::Date(out_of_date(leaf, at).unwrap_or_else(|| said(&error)))
            }
            webpki::Error::MaximumPathBuildCallsExceeded | webpki::Error::MaximumSignatureChecksExceeded => {
                Broken::Endless
            }
            other => Broken::Other(said(&other)),
        })?;
    let mut out = vec![leaf.clone()];
    for one in found.intermediate_certificates() {
        let der = one.der();
        out.push(Certificate::from_der(der.as_ref()).map_err(Broken::Other)?);
    }
    let anchor = found.anchor();
    if let Some(root) = anchors.iter().position(|one| one == anchor).and_then(|index| owners.get(index)) {
        out.push((*root).clone());
    }
    for issuer in out.iter().skip(1) {
        // webpki goes by the basic constraints alone.
        if issuer.usage().map_err(Broken::Other)?.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(Broken::Other(format!("{} may not issue certificates by its key usage", issuer.subject())));
        }
    }
    Ok(out)
}

fn said(error: &webpki::Error) -> String {
    use webpki::Error;
    match error {
        Error::UnknownIssuer => "no trusted root issued it".to_owned(),
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            "a certificate of its chain is out of date".to_owned()
        }
        Error::InvalidSignatureForPublicKey => "a signature in its chain does not fit the issuer's key".to_owned(),
        Error::RequiredEkuNotFoundContext(_) => "a certificate of its chain is not for signing code".to_owned(),
        Error::CaUsedAsEndEntity => "it is an authority's certificate, and signs as if it were a signer's".to_owned(),
        Error::EndEntityUsedAsCa => "a certificate of its chain issued another without being an authority".to_owned(),
        Error::PathLenConstraintViolated => "its chain is longer than an authority in it permits".to_owned(),
        Error::NameConstraintViolation => "an authority in its chain may not issue for this name".to_owned(),
        Error::UnsupportedCriticalExtension => "a critical extension in its chain is unknown".to_owned(),
        other => format!("its chain cannot be used ({other:?})"),
    }
}
