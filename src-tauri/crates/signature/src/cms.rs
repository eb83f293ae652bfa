//! The signature value: CMS SignedData as CAdES-BES (RFC 5652, 5; RFC 5035; RFC 6211; ETSI EN 319 122-1, 5).
//!
//! Signed attributes: content-type, message-digest, signing-certificate-v2 and CMSAlgorithmProtection, nothing else; the
//! claimed time belongs to the PDF signature dictionary (ETSI EN 319 142-1, 6.3). A time stamp would go into the
//! unsigned attributes of [`build`]'s result.

use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    DigestAlgorithmIdentifiers, EncapsulatedContentInfo, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{
    ID_AA_SIGNING_CERTIFICATE_V_2, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME,
};
use const_oid::db::rfc6211::ID_AA_CMS_ALGORITHM_PROTECT;
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;

use crate::algorithms::{Digest, KeyProblem};
use crate::certificate::Certificate;
use crate::signer::{Signer, SignerError};

/// Why the signature value could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CmsError {
    /// The key refused.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A certificate of the signer cannot be encoded.
    #[error(
        "the signature was not made, because a certificate of the signer cannot be encoded ({0}); use another identity"
    )]
    Encoding(der::Error),
}

impl From<der::Error> for CmsError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error)
    }
}

/// SignedData (RFC 5652, 5.1), its certificates kept as the exact bytes that they came as.
#[derive(Debug, Clone, Sequence)]
struct SignedData {
    version: CmsVersion,
    digest_algorithms: DigestAlgorithmIdentifiers,
    encap_content_info: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<SetOfVec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    crls: Option<SetOfVec<Any>>,
    signer_infos: SignerInfos,
}

/// SigningCertificateV2 (RFC 5035, 3).
#[derive(Debug, Clone, Sequence)]
struct SigningCertificateV2 {
    certs: Vec<EssCertIdV2>,
    policies: Option<Any>,
}

/// ESSCertIDv2 (RFC 5035, 4); an absent hash algorithm means SHA-256.
#[derive(Debug, Clone, Sequence)]
struct EssCertIdV2 {
    hash_algorithm: Option<AlgorithmIdentifierOwned>,
    cert_hash: OctetString,
    issuer_serial: Option<Any>,
}

/// CMSAlgorithmProtection (RFC 6211, 2), for signatures.
#[derive(Debug, Clone, Sequence)]
struct AlgorithmProtection {
    digest_algorithm: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    signature_algorithm: Option<AlgorithmIdentifierOwned>,
}

/// A certificate's SHA-256, which is named by saying nothing; issuer and serial number are not needed.
fn cert_id(certificate: &Certificate) -> der::Result<EssCertIdV2> {
    let cert_hash = OctetString::new(Digest::Sha256.of(&[certificate.der()]))?;
    Ok(EssCertIdV2 { hash_algorithm: None, cert_hash, issuer_serial: None })
}

impl EssCertIdV2 {
    fn names(&self, certificate: &Certificate) -> bool {
        let digest = match &self.hash_algorithm {
            None => Some(Digest::Sha256),
            Some(identifier) => Digest::from_identifier(identifier),
        };
        digest.is_some_and(|digest| digest.of(&[certificate.der()]) == self.cert_hash.as_bytes())
    }
}

fn attribute(oid: ObjectIdentifier, value: &impl Encode) -> der::Result<Attribute> {
    let value = Any::from_der(&value.to_der()?)?;
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// Makes the signature value over detached content, given in parts, as a DER ContentInfo.
pub(crate) fn build(content: &[&[u8]], signer: &dyn Signer) -> Result<Vec<u8>, CmsError> {
    let certificate = Certificate::from_der(signer.certificate_der())?;
    let digest = signer.algorithm().digest();
    let signature_algorithm = signer.algorithm().identifier();

    let chain = signer.chain_der().into_iter().map(Certificate::from_der).collect::<der::Result<Vec<_>>>()?;
    // A chain that does not end in a self-signed certificate ends in one whose bytes nothing else vouches for.
    let open_chain: &[Certificate] = if chain.last().is_some_and(|last| !last.names_itself()) { &chain } else { &[] };
    let certs = std::iter::once(&certificate).chain(open_chain).map(cert_id).collect::<der::Result<Vec<_>>>()?;
    let protection = AlgorithmProtection {
        digest_algorithm: digest.identifier(),
        signature_algorithm: Some(signature_algorithm.clone()),
    };
    let signed_attrs = SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, &ID_DATA)?,
        attribute(ID_MESSAGE_DIGEST, &OctetString::new(digest.of(content))?)?,
        attribute(ID_AA_SIGNING_CERTIFICATE_V_2, &SigningCertificateV2 { certs, policies: None })?,
        attribute(ID_AA_CMS_ALGORITHM_PROTECT, &protection)?,
    ])?;
    // What is signed is the SET OF encoding, not the [0] IMPLICIT one that is stored (RFC 5652, 5.4).
    let signature = signer.sign(&signed_attrs.to_der()?)?;

    let signer_info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: certificate.issuer().clone(),
            serial_number: certificate.serial().clone(),
        }),
        digest_alg: digest.identifier(),
        signed_attrs: Some(signed_attrs),
        signature_algorithm,
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let certificates = std::iter::once(certificate.der())
        .chain(chain.iter().map(Certificate::der))
        .map(Any::from_der)
        .collect::<der::Result<Vec<_>>>()?;
    let signed_data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![digest.identifier()])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(SetOfVec::try_from(certificates)?),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![signer_info])?),
    };
    let content = Any::from_der(&signed_data.to_der()?)?;
    Ok(ContentInfo { content_type: ID_SIGNED_DATA, content }.to_der()?)
}

/// What the examination of a signature value found. Without problems, every byte of it is accounted for.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    pub(crate) signer: Option<Certificate>,
    pub(crate) problems: Vec<String>,
}

/// Examines a signature value over detached content: strict DER, one signer, exactly the attributes of [`build`] or a
/// harmless superset, the right digest, the right signature, and no certificate that is not part of the signer's chain.
pub(crate) fn examine(encoded: &[u8], content: &[&[u8]]) -> Examination {
    let mut found = Examination::default();
    if let Err(problem) = examine_into(encoded, content, &mut found) {
        found.problems.push(problem);
    }
    found
}

fn examine_into(encoded: &[u8], content: &[&[u8]], found: &mut Examination) -> Result<(), String> {
    let broken = |error: der::Error| format!("the signature value is not well-formed CMS ({error})");
    let info = ContentInfo::from_der(encoded).map_err(broken)?;
    if info.content_type != ID_SIGNED_DATA {
        return Err("the signature value is CMS, but no signed data".to_owned());
    }
    let inner = info.content.to_der().map_err(broken)?;
    let data = SignedData::from_der(&inner).map_err(broken)?;
    let again = data.to_der().map_err(broken)?;
    if again != inner || info.to_der().map_err(broken)? != encoded {
        return Err("the signature value is not encoded in DER".to_owned());
    }
    if data.encap_content_info.econtent_type != ID_DATA || data.encap_content_info.econtent.is_some() {
        return Err("the signature value holds content of its own".to_owned());
    }
    if data.crls.is_some() {
        return Err("the signature value holds revocation lists, which cannot be judged yet".to_owned());
    }
    let [signer_info] = data.signer_infos.0.as_slice() else {
        return Err("the signature value does not have exactly one signer".to_owned());
    };
    if data.version != CmsVersion::V1 || signer_info.version != CmsVersion::V1 {
        return Err("the signature value has an unexpected version".to_owned());
    }
    if signer_info.unsigned_attrs.is_some() {
        return Err("the signature value holds unsigned attributes, which cannot be judged yet".to_owned());
    }

    let certificates = data
        .certificates
        .iter()
        .flat_map(SetOfVec::iter)
        .map(|any| any.to_der().and_then(|der| Certificate::from_der(&der)))
        .collect::<der::Result<Vec<_>>>()
        .map_err(|error| format!("a certificate in the signature value cannot be read ({error})"))?;
    let SignerIdentifier::IssuerAndSerialNumber(wanted) = &signer_info.sid else {
        return Err("the signature value does not name its signer by issuer and serial number".to_owned());
    };
    let signer = certificates
        .iter()
        .find(|certificate| *certificate.issuer() == wanted.issuer && *certificate.serial() == wanted.serial_number)
        .ok_or("the signature value does not hold the signer's certificate")?;
    found.signer = Some(signer.clone());

    let digest = Digest::from_identifier(&signer_info.digest_alg)
        .ok_or_else(|| format!("the digest algorithm {} is not supported", signer_info.digest_alg.oid))?;
    match data.digest_algorithms.as_slice() {
        [only] if *only == signer_info.digest_alg => {}
        _ => found.problems.push("the signature value announces other digest algorithms than it uses".to_owned()),
    }

    let attributes = signer_info.signed_attrs.as_ref().ok_or("the signature value has no signed attributes")?;
    check_attributes(attributes, signer_info, signer, &digest.of(content), &mut found.problems);
    if !found.problems.is_empty() {
        return Ok(());
    }

    let message = attributes.to_der().map_err(broken)?;
    let key = signer.public_key();
    let checked = key.and_then(|key| {
        key.verify(&signer_info.signature_algorithm, Some(digest), &message, signer_info.signature.as_bytes())
    });
    match checked {
        Ok(()) => {}
        Err(KeyProblem::Mismatch) => {
            found.problems.push("the signature does not match the signer's key: it was changed or forged".to_owned());
        }
        Err(other) => found.problems.push(format!("the signature cannot be checked, because {other}")),
    }

    let chain = signer.chain_from(&certificates);
    let end_is_vouched_for = chain.last().is_none_or(|last| {
        let listed =
            || signing_certificate(attributes).is_some_and(|value| value.certs.iter().any(|id| id.names(last)));
        last.names_itself() || listed()
    });
    if certificates.len() != chain.len() + 1 || !end_is_vouched_for {
        found.problems.push(
            "the signature value holds a certificate that does not verifiably belong to the signer's chain".to_owned(),
        );
    }
    Ok(())
}

/// The value of an attribute that must be there exactly once, with exactly one value.
fn single(attributes: &SetOfVec<Attribute>, oid: ObjectIdentifier) -> Option<&Any> {
    let mut all = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (all.next(), all.next()) {
        (Some(attribute), None) => match attribute.values.as_slice() {
            [value] => Some(value),
            _ => None,
        },
        _ => None,
    }
}

fn signing_certificate(attributes: &SetOfVec<Attribute>) -> Option<SigningCertificateV2> {
    let value = single(attributes, ID_AA_SIGNING_CERTIFICATE_V_2)?;
    SigningCertificateV2::from_der(&value.to_der().ok()?).ok()
}

fn check_attributes(
    attributes: &SetOfVec<Attribute>,
    signer_info: &SignerInfo,
    signer: &Certificate,
    content_digest: &[u8],
    problems: &mut Vec<String>,
) {
    let mut must = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let content_type = single(attributes, ID_CONTENT_TYPE).and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    must(content_type == Some(ID_DATA), "the signed content-type is missing or wrong");

    match single(attributes, ID_MESSAGE_DIGEST).and_then(|any| any.decode_as::<OctetString>().ok()) {
        None => must(false, "the signed message-digest is missing"),
        Some(signed) => must(
            signed.as_bytes() == content_digest,
            "the document was changed after signing: its digest is not the one that was signed",
        ),
    }

    match signing_certificate(attributes).as_ref().map(|value| value.certs.as_slice()) {
        Some([first, ..]) => {
            must(first.names(signer), "the signed signing-certificate-v2 names another certificate");
        }
        _ => must(false, "the signed signing-certificate-v2 is missing"),
    }

    if attributes.iter().any(|attribute| attribute.oid == ID_AA_CMS_ALGORITHM_PROTECT) {
        let protection = single(attributes, ID_AA_CMS_ALGORITHM_PROTECT)
            .and_then(|any| any.to_der().ok())
            .and_then(|der| AlgorithmProtection::from_der(&der).ok());
        let matches = protection.is_some_and(|protection| {
            protection.digest_algorithm == signer_info.digest_alg
                && protection.signature_algorithm.as_ref() == Some(&signer_info.signature_algorithm)
        });
        must(matches, "the signed algorithms are not the ones that are used");
    }
    must(
        !attributes.iter().any(|attribute| attribute.oid == ID_SIGNING_TIME),
        "the signature value claims a time of its own, which PAdES forbids",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithms::SignatureAlgorithm;
    use crate::identity::test_identity;

    #[test]
    fn what_is_built_is_accepted_and_bound_to_its_content() {
        let identity = test_identity("Ada");
        let encoded = build(&[b"one", b"two"], &identity).unwrap();
        let good = examine(&encoded, &[b"onetwo"]);
        assert_eq!(good.problems, Vec::<String>::new());
        assert_eq!(good.signer.unwrap().name(), "Ada");
        assert!(encoded.len() < 2048, "{}", encoded.len());
        let bad = examine(&encoded, &[b"onetwo."]);
        assert!(bad.problems.iter().any(|problem| problem.contains("changed after signing")), "{:?}", bad.problems);
    }

    #[test]
    fn every_single_changed_byte_is_a_problem() {
        let encoded = build(&[b"content"], &test_identity("Ada")).unwrap();
        for at in 0..encoded.len() {
            for change in if at % 2 == 0 { [0x01, 0x20] } else { [0x20, 0x80] } {
                let mut bad = encoded.clone();
                bad[at] ^= change;
                assert!(!examine(&bad, &[b"content"]).problems.is_empty(), "byte {at} ^ {change:#x}");
            }
        }
        for at in 0..encoded.len() {
            assert!(!examine(&encoded[..at], &[b"content"]).problems.is_empty());
        }
    }

    /// A signer whose certificate is not the key's.
    struct Impostor(crate::Identity, crate::Identity);
    impl Signer for Impostor {
        fn certificate_der(&self) -> &[u8] {
            self.0.certificate_der()
        }
        fn chain_der(&self) -> Vec<&[u8]> {
            self.1.chain_der()
        }
        fn algorithm(&self) -> SignatureAlgorithm {
            self.1.algorithm()
        }
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            self.1.sign(message)
        }
    }

    #[test]
    fn a_foreign_certificate_or_chain_is_a_problem() {
        let impostor = Impostor(test_identity("Ada"), test_identity("Bob"));
        let encoded = build(&[b"content"], &impostor).unwrap();
        let problems = examine(&encoded, &[b"content"]).problems;
        assert!(problems.iter().any(|problem| problem.contains("changed or forged")), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("belong to the signer's chain")), "{problems:?}");
    }
}
