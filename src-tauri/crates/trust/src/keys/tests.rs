//! Signatures that another program made (pyca/cryptography), and keys that do not count.

use super::*;

const MESSAGE: &[u8] = b"made fast below the line";
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERvox55tiLCdfHRjCvu5zZXuvIBAsAsLVr9Nim4H+XgX6edOJ9hcbrJcwITynFuvzB7RcW9oZcKduhyOE3UYuqg==";
const P384: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEfQFhGNcfJMllOG9mDffvMK9HIwvTMK0lWiCvo8poT31HJwHt6RSQxw/QvzL7w9vopeJntxEEMSNzws+6nLGee7GOps6HW0vgU2/Rn1kxPHLJu7PWgy9TiBNWavKPQGu4";
const P521: &str = "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAIqBWzeAjUZRKgAYrcCeaO5IsgMKXQX6gC5P2dvRCbEIag79e9rXIBi2Y8/PLQLNyv06svOmor9mScs1/PAqr7gQAvmObR9m88V6FYPMjPvI370zrsimtBF+u4DFUQHMz/yrGczJWp10Wi4GztdkJlq+6ZSCopxX7tGckdKsewaIQGes=";
const RSA2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyshBN7oJ3HVdIC8sEQgsoiA/evy8h8SskOwrFpVrjPXVJgNoE2YSOsWmh9aErWIcfn5uHkw+ALacTeuySTw8rkLFyWPZtdfOyRfMfCkCwNvy1tRZK1ovcxalZdewxUo1+Qd47IQpDAVEM319t/4J6o3Wco90hL9kcE2WQd7O0d7BT3H53XyhC69lZ2GYtCQMNPJzHdd3fT8VRlJO7bh9DI5thc+o1cXbLwrQPNU5UPXgbF6wLWw70sjXYpJX5ZMywGNqO2maxOPYaLooHymYQdjVlBzza/eP5QZwUPuGPYcAwHT0b3FJ7E9Ai7kuojBzftScfBf4HQy99xTno+4cBQIDAQAB";
const RSA1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3a4f0oMDPJBMZEzLo5ln5Nrd3lkv9eYMf+3pt8LD+0gyjw1mY9H7LMLucU14fdfaGUo/KskPZh7Ucq6SXpAQneVraP7lI1DWQJ21KtH/rh9iu4Ymp9wC8IOBg9D3P+tl4BICzb4o7BbfN0s70UhIrOD09hW8eeiBAlrpmbs6G1wIDAQAB";
const ED25519: &str = "MCowBQYDK2VwAyEATl8HuMn2txRT3mTv16TzZ8fYvP4ZY3xTAYT5zG71JpU=";
const K256: &str = "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAENjXKVpSi9JGL3iy43rvK4f9jPmZt65wVQPNLjEkS+gt+u5zISM4tjAlt8zuU3qrPDGy6agkY1FEgO2m1ZP7avw==";
const SIGNED: &[(&str, Algorithm, &str)] = &[
    (
        P256,
        Algorithm::EcdsaAsn1(Hash::Sha256),
        "MEUCIDKEAKr9/hHpd7iGGb/hE6oIRf0Ehouc3E32nSZ259uSAiEA/8J1rWKCjlnTw9HKGKtzrjTTcyP/XxSvZAdpvUfK3ew=",
    ),
    (
        P256,
        Algorithm::EcdsaFixed(Hash::Sha256),
        "MoQAqv3+Eel3uIYZv+ETqghF/QSGi5zcTfadJnbn25L/wnWtYoKOWdPD0coYq3OuNNNzI/9fFK9kB2m9R8rd7A==",
    ),
    (
        P256,
        Algorithm::EcdsaAsn1(Hash::Sha384),
        "MEYCIQCseI4kJObvFvs6drGEp74x9DrLXlNrMTOVjCopawvggAIhAMplrrmHaDoeDGIwJLGYfv/3WTpirbtvwWyFXBYOqxDc",
    ),
    (
        P256,
        Algorithm::EcdsaFixed(Hash::Sha384),
        "rHiOJCTm7xb7OnaxhKe+MfQ6y15TazEzlYwqKWsL4IDKZa65h2g6HgxiMCSxmH7/91k6Yq27b8FshVwWDqsQ3A==",
    ),
    (
        P256,
        Algorithm::EcdsaAsn1(Hash::Sha512),
        "MEQCIHAtu6RC22PTJuHKNU43bXKOx3o4XE/dhOGRfaeKKYQbAiBtXB36QNKJOdwoUru9IvMoIo6tusGIXAJTsQMJYsLdZw==",
    ),
    (
        P256,
        Algorithm::EcdsaFixed(Hash::Sha512),
        "cC27pELbY9Mm4co1Tjdtco7HejhcT92E4ZF9p4ophBttXB36QNKJOdwoUru9IvMoIo6tusGIXAJTsQMJYsLdZw==",
    ),
    (
        P384,
        Algorithm::EcdsaAsn1(Hash::Sha256),
        "MGYCMQCbYMOZJnkBY8UB7REr7LPiThWeFkCLLc/XR4g5dqMsNkykOa8OsVIbG9FUqFNhXcICMQDn9s2Szegnlsfl8zZ/Ch9bHW9OMfqovB/WfsQxI4GQBkZr+Z6kQNbSrCDU+lmIRLU=",
    ),
    (
        P384,
        Algorithm::EcdsaFixed(Hash::Sha256),
        "m2DDmSZ5AWPFAe0RK+yz4k4VnhZAiy3P10eIOXajLDZMpDmvDrFSGxvRVKhTYV3C5/bNks3oJ5bH5fM2fwofWx1vTjH6qLwf1n7EMSOBkAZGa/mepEDW0qwg1PpZiES1",
    ),
    (
        P384,
        Algorithm::EcdsaAsn1(Hash::Sha384),
        "MGUCMQDlNTDzLHJMDAKNWnuUAbfRF9mQsKrjWQRiRIeOd1+S5VnX9s8B3eTkTJm+dpH7nsACMGS1ibuijJIbQg+9cOZMQVNPVQhQa1KNX2olD2RHg55dJnXx6KvK5+wU5LRe2DPxcg==",
    ),
    (
        P384,
        Algorithm::EcdsaFixed(Hash::Sha384),
        "5TUw8yxyTAwCjVp7lAG30RfZkLCq41kEYkSHjndfkuVZ1/bPAd3k5EyZvnaR+57AZLWJu6KMkhtCD71w5kxBU09VCFBrUo1faiUPZEeDnl0mdfHoq8rn7BTktF7YM/Fy",
    ),
    (
        P384,
        Algorithm::EcdsaAsn1(Hash::Sha512),
        "MGUCMQDtS+rvQedZx74MS2tbQEpS0JF9R6t8r4Mde8GzLZ/MpXqFa0eZog7YzTVTl9Nie1UCMG7lk4yTYYM3ZmMVyWpf8o35a9VvpD6oJJPx60uzwKW1em16nUizrPV72at+SM4h5A==",
    ),
    (
        P384,
        Algorithm::EcdsaFixed(Hash::Sha512),
        "7Uvq70HnWce+DEtrW0BKUtCRfUerfK+DHXvBsy2fzKV6hWtHmaIO2M01U5fTYntVbuWTjJNhgzdmYxXJal/yjflr1W+kPqgkk/HrS7PApbV6bXqdSLOs9XvZq35IziHk",
    ),
    (
        P521,
        Algorithm::EcdsaAsn1(Hash::Sha256),
        "MIGIAkIB2lkRp7wTS2w1ksrsV0u8L4BEfkMTPOi6h576XrAP0jsx6VsHDkBH5I2ah7loAkWeIyTs+Zpl4Isnfdw97AbEDSICQgGsYxCEBQEt7uIrCsjRdfihNFQl1wCKd1/ZYKsnVXqkZqQaWf5EyJMx35UKhSLtvkOX3Vi2ZqEsDXWFASDAF+kWVg==",
    ),
    (
        P521,
        Algorithm::EcdsaFixed(Hash::Sha256),
        "AdpZEae8E0tsNZLK7FdLvC+ARH5DEzzouoee+l6wD9I7MelbBw5AR+SNmoe5aAJFniMk7PmaZeCLJ33cPewGxA0iAaxjEIQFAS3u4isKyNF1+KE0VCXXAIp3X9lgqydVeqRmpBpZ/kTIkzHflQqFIu2+Q5fdWLZmoSwNdYUBIMAX6RZW",
    ),
    (
        P521,
        Algorithm::EcdsaAsn1(Hash::Sha384),
        "MIGHAkElbCeCaMZ71PnAlcwkdytTVPwXxXQOCKz62hM4IsQq7esTPM+wgpkkOtwWESpgqn4OYF9/y8AsYdJbd+zGukruvwJCAV+D1FRY2RkGzk4oth3bKMmpOctPaIgh7aYd/zAm69cUVccljuxgRulDFALr5spxSj3Y9D/nVWUZx4DorYuvMCOy",
    ),
    (
        P521,
        Algorithm::EcdsaFixed(Hash::Sha384),
        "ACVsJ4JoxnvU+cCVzCR3K1NU/BfFdA4IrPraEzgixCrt6xM8z7CCmSQ63BYRKmCqfg5gX3/LwCxh0lt37Ma6Su6/AV+D1FRY2RkGzk4oth3bKMmpOctPaIgh7aYd/zAm69cUVccljuxgRulDFALr5spxSj3Y9D/nVWUZx4DorYuvMCOy",
    ),
    (
        P521,
        Algorithm::EcdsaAsn1(Hash::Sha512),
        "MIGIAkIBDLCw5V5l/MSLBtv1oSs87j2XZDxbSK7Le72nfsE2jPO/Ypm14NZTuTXoi8CGGoCW4RNQGnpaNPevyjeAz4a5X7ECQgG+e5M4k55BEa32B4khdeeeHt+MY4DsKVTtFg1SDsg3GhzBA/LsZmpvkCb2MRL7pQywuxYWLleJz1Wa7Gh+NHT37g==",
    ),
    (
        P521,
        Algorithm::EcdsaFixed(Hash::Sha512),
        "AQywsOVeZfzEiwbb9aErPO49l2Q8W0iuy3u9p37BNozzv2KZteDWU7k16IvAhhqAluETUBp6WjT3r8o3gM+GuV+xAb57kziTnkERrfYHiSF1554e34xjgOwpVO0WDVIOyDcaHMED8uxmam+QJvYxEvulDLC7FhYuV4nPVZrsaH40dPfu",
    ),
    (
        RSA2048,
        Algorithm::RsaPkcs1(Hash::Sha256),
        "BlB4qmv+uRYPfl42EwHydxqMAwf21IbJyyV+slj+5YFSlLG7ecSXrnXpl9WRcZmAWy7YXotKHGhsJr1S4ETmiwc4/cK/g4IsRCEp2I8zdHaBCQNc3I1fk+kBXeNrrwf196rjixaFUp9q9uKrTVf/4jjD7JRWgtr/SXU3TFXiZsUsHLuYFWdSvEpMXY8NSprsRrtj7XN64AZnGrTMp2uSmWrRcdkYk2S3TZc+SO/FvWzp/Q2Vj5psDQT/K2ZffXpESrYYkFkKPluguUObyUisLzTcP5FNhe5EvYlcg5zxhXNivXMI3CI3I3IvJxW3BNtIoZKWJqODOt+DMWJOUGtN+g==",
    ),
    (
        RSA2048,
        Algorithm::RsaPss(Hash::Sha256),
        "T17JIrx+CD2W1ZB8XU0mrN3u+JUlcnsXzJ+2UPpXtnZNM/H1BsnwRdkoeNHuj4sqGyQeFMo8OTcu6i5LUEkTB2Ya+9C/VwrdP1R7iE8uX/RbUX7yK6sWeL0EWIjXZCuqFa75tBboczOlumDysVDiiEy6hN8zOaoPJe9yVJYpim+9an0Uk6Wk7j0ynhQt+6M3+9cV6M4WCumKm4+8I4/2xPMYv93D48auXyh2qZ+2xGdfAcAs1KsRcUIGaLdK6ypx7jHoQqRV5hSHKJLlxwqPoDzbbM0Shw64mhp7k7RadzrwU68Bm3QmAmhbMgbWjXboNbZFz3wTLGcLJGxs4rIHmA==",
    ),
    (
        RSA2048,
        Algorithm::RsaPkcs1(Hash::Sha384),
        "jcjg3KOqpSR2ydFG8HWGBgnAxFm7JGc1h4R0RtZ2cj0rsyLjcUBB9eW3xGC+x0dy5kBX9J9E1uVaPgNV4Z8HmPnbYicwx6OATaIJ9vB5bNworJeaGNlLXvvkgmHHzl6pHFVgq1rJGaieTkMJIC4QRyvu6gRhe4SbqxbkyeQWFzfMg8qrZI7v0Hay6p81uwhKzH/xpHzQCpOz1L27hNIuY3SHzZl3i9YVuUMaSBCjILBqbj2sh2U8WHo+V48ahKkRDTGugeQhCq35q8of90y5sP3Xw6wxJUB9/UWFOfUOj6CWQTkVD+T75s1sSN+eWNLe/wrxGZ7E77zsCcaduSQFCg==",
    ),
    (
        RSA2048,
        Algorithm::RsaPss(Hash::Sha384),
        "dBxeHobiaNNbw3TmuTb06XL7JOodnxJyZDeb/cgu1h0OSxKCgq7BhBJitdNStYfSmVXDDOUJuyvhjmKSEGM83NqnG9KBUonoLM2o2fZ3G/vwYfANmGO6F60DXpZSpc85iEP1M3ouGRuxnpDH9Rd8Bbnkhz5zY6/8an+IdbKVZUyT+qwoeFEib8ysCravIx80JoRChAQqqjdeSXMGNuNXeUdrb/1fpO3vlkSwLnu6RaOEGo5qFutOzph18QAi0RBgC5RXn1sYDhHL45kURyuO5NUEgMuQa3/9routETU/wveU6UGCyx0I/E7qRez/tGkBGtM5tz0xBgb5tdbcNGyDgA==",
    ),
    (
        RSA2048,
        Algorithm::RsaPkcs1(Hash::Sha512),
        "jvUwswYKlTZrpv8O5WwBNHJ4BAgx4dIn1A1rEDOXysxMaYkDEm+cNXUf2Az/oiBy78nwK6gDOOzPuuLdcOywkpNm6AtI7eOMOns8dhODVsULfJfyT4zkjPvuW3NM5mkPMxUbXsrwRUrHOO+UqsqwF/zAsqRLzRVANeHsEU84EuE7YAw1Jxz9tcgacK8tSkqROWxtPZNoKkVCWXdJBXVsQeQvmaGgqFXayEAs7TG+jy/aCxdauhhcQ/9DuVZvwn7oWmhwJyElGb5bxfooeQEnAStaZewkqxa4PeoMg3tmvn7DcB11djFSZqG7XW25Uuf/csJIX/sUdPDTP412DmZPeg==",
    ),
    (
        RSA2048,
        Algorithm::RsaPss(Hash::Sha512),
        "DHOG4Yu/LY5azijwEvyhMgwmI1QbulAVzi17PSsRK6UJJAf/PemIbmqBF1j/IZCiSZcxwxIpg/wLyTsh2vPqsClhufL/dgsZCN1UTCXPwEKhDmFDy8NZivs9gaSmbLrOKJeG94tWVpOc8GSMcwnCe40EaWubI80wj0mZHEO25fLNBDOnwIa93mHdtsVwuDRDxNhr0PnLbIpIDStrJLNJfmJwyJc+JFfR5VyHPZR4Q1m1AoAyPgrvKWwwD5D7qNldS3NDOvbMMyJs9c/lse8GfAj3Iznq0MkLftbRJ/eCeT+xNrRqVygznzxHqaiUqpIC2A1rBK4bsPXrWHaqzx8xfw==",
    ),
    (
        ED25519,
        Algorithm::Ed25519,
        "y10L5jakNnTP89KKrdtmst+irtytfly3b2Xkxfm2uGvmkyDE9O1TFQE2VdAqVNsOABHAl7l7TUHMKK8MTx7tCg==",
    ),
];

fn bytes(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

fn key(base64: &str) -> PublicKey {
    PublicKey::from_spki(&bytes(base64)).unwrap()
}

#[test]
fn a_signature_by_another_program_fits_and_a_changed_one_does_not() {
    for (spki, algorithm, signature) in SIGNED {
        let (key, signature) = (key(spki), bytes(signature));
        assert_eq!(key.verify(*algorithm, MESSAGE, &signature), Ok(()), "{key:?} {algorithm:?}");
        assert_eq!(key.verify(*algorithm, b"made fast", &signature), Err(KeyError::Mismatch));
        for cut in [0, 1, signature.len() - 1] {
            assert_eq!(key.verify(*algorithm, MESSAGE, &signature[..cut]), Err(KeyError::Mismatch));
        }
        let mut changed = signature.clone();
        changed[signature.len() / 2 + 7] ^= 1;
        assert_eq!(key.verify(*algorithm, MESSAGE, &changed), Err(KeyError::Mismatch));
        assert_eq!(key.verify(*algorithm, MESSAGE, &[signature, vec![0]].concat()), Err(KeyError::Mismatch));
    }
}

#[test]
fn a_digest_stands_for_its_message_except_for_ed25519() {
    for (spki, algorithm, signature) in SIGNED {
        let digest = match algorithm {
            Algorithm::EcdsaAsn1(Hash::Sha256) | Algorithm::RsaPkcs1(Hash::Sha256) => Sha256::digest(MESSAGE).to_vec(),
            Algorithm::EcdsaFixed(Hash::Sha512) | Algorithm::RsaPss(Hash::Sha512) => {
                sha2::Sha512::digest(MESSAGE).to_vec()
            }
            Algorithm::Ed25519 => {
                assert!(key(spki).verify_digest(*algorithm, &[0; 32], &bytes(signature)).is_err());
                continue;
            }
            _ => continue,
        };
        assert_eq!(key(spki).verify_digest(*algorithm, &digest, &bytes(signature)), Ok(()));
        assert!(key(spki).verify_digest(*algorithm, &digest[1..], &bytes(signature)).is_err());
        assert!(key(spki).verify_digest(*algorithm, &vec![0; digest.len()], &bytes(signature)).is_err());
    }
}

#[test]
fn a_key_verifies_only_with_its_own_algorithms() {
    let error = key(P256).verify(Algorithm::RsaPss(Hash::Sha256), MESSAGE, &[0; 64]).unwrap_err();
    assert_eq!(error.to_string(), "ECDSA P-256 keys do not sign with RSA PSS.");
    assert!(key(RSA2048).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &[0; 64]).is_err());
    assert!(key(ED25519).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &[0; 64]).is_err());
}

#[test]
fn a_signature_of_zeros_fits_nothing() {
    for (spki, field) in [(P256, 32), (P384, 48), (P521, 66)] {
        assert!(key(spki).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &vec![0; 2 * field]).is_err());
    }
}

#[test]
fn keys_are_named_by_their_kind_and_size() {
    let names: Vec<_> = [P256, P384, P521, RSA2048, ED25519].map(|spki| key(spki).describe()).into();
    assert_eq!(names, ["ECDSA P-256", "ECDSA P-384", "ECDSA P-521", "RSA 2048", "Ed25519"]);
}

#[test]
fn a_short_rsa_key_and_a_foreign_curve_do_not_count() {
    assert_eq!(PublicKey::from_spki(&bytes(RSA1024)), Err(KeyError::RsaBits(1024)));
    assert!(matches!(PublicKey::from_spki(&bytes(K256)), Err(KeyError::Kind(kind)) if kind.contains("1.3.132.0.10")));
}

#[test]
fn the_fingerprint_is_the_sha256_of_the_whole_key() {
    let key = key(ED25519);
    assert_eq!(key.fingerprint(), hex::encode(Sha256::digest(bytes(ED25519))));
    assert_eq!(PublicKey::from_ed25519(&bytes(ED25519)[12..]), Ok(key));
    assert_eq!(PublicKey::from_ed25519(&[0; 31]), Err(KeyError::Broken));
}

#[test]
fn pem_is_read_with_text_around_it_and_another_block_is_named() {
    let pem = format!("# alice\n-----BEGIN PUBLIC KEY-----\r\n{P256}\r\n-----END PUBLIC KEY-----\n");
    assert_eq!(PublicKey::from_pem(&pem), Ok(key(P256)));
    let other = pem.replace("PUBLIC KEY", "CERTIFICATE");
    assert_eq!(PublicKey::from_pem(&other), Err(KeyError::OtherPem("CERTIFICATE".to_owned())));
    assert_eq!(PublicKey::from_pem(P256), Err(KeyError::NoPem));
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_are_no_key_and_no_signature(junk in proptest::collection::vec(0_u8.., 0..300)) {
        let _ = PublicKey::from_spki(&junk);
        let _ = PublicKey::from_pem(&String::from_utf8_lossy(&junk));
        for (spki, algorithm, _) in SIGNED {
            proptest::prop_assert!(key(spki).verify(*algorithm, MESSAGE, &junk).is_err());
        }
    }
}
