//! TLS to an engine: whom the client trusts and how it shows itself. rustls with aws-lc-rs, as everywhere here.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;

use super::error::DockerError;
use super::target::TlsFiles;

/// Largest file with certificates.
const LARGEST: u64 = 4 << 20;

/// The client's side of TLS from its files.
pub(crate) fn client_config(files: &TlsFiles) -> Result<Arc<ClientConfig>, DockerError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let fail = |path: &Path, reason: String| DockerError::Certificate { path: path.to_owned(), reason };
    let general = |reason: String| DockerError::Certificate { path: "ca.pem".into(), reason };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| general(error.to_string()))?;
    let builder = match (&files.ca, files.verify) {
        (_, false) => builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider))),
        (Some(path), true) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| fail(path, error.to_string()))?;
            }
            builder.with_root_certificates(roots)
        }
        (None, true) => builder.with_platform_verifier().map_err(|error| general(error.to_string()))?,
    };
    let config = match &files.client {
        Some((certificate, key)) => {
            small(key)?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| fail(key, error.to_string()))?;
            let chain = certificates(certificate)?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| fail(certificate, error.to_string()))?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn small(path: &Path) -> Result<(), DockerError> {
    let fail = |reason: String| DockerError::Certificate { path: path.to_owned(), reason };
    let known = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?;
    if known.is_file() && known.len() <= LARGEST { Ok(()) } else { Err(fail("it is no small file".into())) }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, DockerError> {
    small(path)?;
    let fail = |reason: String| DockerError::Certificate { path: path.to_owned(), reason };
    let all = CertificateDer::pem_file_iter(path).map_err(|error| fail(error.to_string()))?;
    let all: Vec<_> = all.take(1000).collect::<Result<_, _>>().map_err(|error| fail(error.to_string()))?;
    if all.is_empty() { Err(fail("it holds no certificate in PEM".into())) } else { Ok(all) }
}

/// Takes any certificate: what `SkipTLSVerify` of a context and `DOCKER_TLS` without `DOCKER_TLS_VERIFY` ask for. The
/// facts record that the engine was not verified.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
