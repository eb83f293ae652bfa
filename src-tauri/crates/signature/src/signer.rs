//! What signs: a key that may live in this program or in a token, and that is only ever given bytes.

use crate::algorithms::SignatureAlgorithm;

/// Why a signer did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key of {subject} did not sign, because {reason}; check the key or the token and sign again")]
pub struct SignerError {
    /// Whose key.
    pub subject: String,
    /// What happened, in words for the user; never a secret.
    pub reason: String,
}

/// A key with its certificate. [`crate::Identity`] holds its key in memory; a PKCS#11 token would hold it elsewhere.
pub trait Signer {
    /// The signer's certificate in DER.
    fn certificate_der(&self) -> &[u8];

    /// Certificates that lead from the signer's issuer upwards, in DER, nearest first. Only certificates that form one
    /// verified chain may be given, because the verifier refuses others.
    fn chain_der(&self) -> Vec<&[u8]>;

    /// How the key signs.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs a message (not a digest). The signature is encoded as [`SignatureAlgorithm`] says; a token that returns
    /// `r || s` has to convert.
    ///
    /// # Errors
    /// When the key is out of reach or refuses.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}
