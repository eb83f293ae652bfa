//! Trusted identities of a Notation policy: which subjects of certificates they stand for.

use std::collections::BTreeMap;

use crate::certificates::Certificate;
use crate::text::shown;

const PREFIX: &str = "x509.subject:";
const KNOWN: [&str; 11] = ["C", "ST", "L", "O", "OU", "CN", "STREET", "DC", "UID", "SERIALNUMBER", "POSTALCODE"];
/// Longest identity, in bytes.
const LENGTH_MAX: usize = 4096;

/// One trusted identity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// `*`: everybody to whom the trust store leads.
    Anybody,
    /// A subject that has all these attributes.
    Subject(BTreeMap<String, String>),
}

impl Trusted {
    /// Reads `*` or `x509.subject: C=…, O=…`.
    ///
    /// # Errors
    ///
    /// The end of a sentence that begins with the identity.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Anybody);
        }
        if text.len() > LENGTH_MAX {
            return Err(format!("is longer than {LENGTH_MAX} bytes"));
        }
        let subject = text.strip_prefix(PREFIX).ok_or("must be * or begin with x509.subject:")?;
        let mut out = BTreeMap::new();
        for part in split(subject)? {
            let (key, value) = part.split_once('=').ok_or_else(|| format!("has a part without =: {}", shown(&part)))?;
            let key = match key.trim().to_ascii_uppercase().as_str() {
                "S" => "ST".to_owned(),
                known if KNOWN.contains(&known) => known.to_owned(),
                other => return Err(format!("names an attribute that is not known: {}", shown(other))),
            };
            let value = unescaped(value.trim())?;
            if value.is_empty() {
                return Err(format!("gives {key} no value"));
            }
            if out.insert(key.clone(), value).is_some() {
                return Err(format!("names {key} twice"));
            }
        }
        if out.is_empty() {
            return Err("names no attribute".to_owned());
        }
        Ok(Self::Subject(out))
    }

    /// Whether a certificate is of this identity: each attribute is there, once, and equal.
    pub(crate) fn is(&self, certificate: &Certificate) -> bool {
        let Self::Subject(wanted) = self else {
            return true;
        };
        let has = certificate.attributes();
        wanted.iter().all(|(key, value)| {
            let mut found = has.iter().filter(|(name, _)| name == key);
            found.next().is_some_and(|(_, found)| found == value) && found.next().is_none()
        })
    }
}

/// Splits at commas that are not escaped; several attributes in one (`+`) are not taken.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut out = vec![String::new()];
    let mut escaped = false;
    for character in text.chars() {
        match character {
            ',' if !escaped => out.push(String::new()),
            '+' if !escaped => return Err("joins attributes with +, which Notation does not take".to_owned()),
            _ => {
                if let Some(last) = out.last_mut() {
                    last.push(character);
                }
            }
        }
        escaped = character == '\\' && !escaped;
    }
    Ok(out)
}

/// Undoes the escapes of RFC 4514.
fn unescaped(text: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let next = bytes.next().ok_or("ends with a backslash")?;
        let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (nibble(next), bytes.peek().copied().and_then(nibble)) {
            (Some(high), Some(low)) => {
                bytes.next();
                out.push(high << 4 | low);
            }
            _ => out.push(next),
        }
    }
    String::from_utf8(out).map_err(|_| "is not UTF-8 after its escapes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_with_escapes_and_either_name_of_the_state() {
        let read = Trusted::read(r"x509.subject: C=US, S=WA, O=acme\, inc., CN=a\2Bb").unwrap();
        let Trusted::Subject(parts) = read else { panic!() };
        assert_eq!(parts["ST"], "WA");
        assert_eq!(parts["O"], "acme, inc.");
        assert_eq!(parts["CN"], "a+b");
        assert_eq!(Trusted::read(" * "), Ok(Trusted::Anybody));
    }

    #[test]
    fn an_identity_that_is_not_well_formed_is_refused() {
        for text in [
            "",
            "CN=x",
            "x509.subject:",
            "x509.subject: CN",
            "x509.subject: CN=a, CN=b",
            "x509.subject: CN=a+O=b",
            "x509.subject: X=1",
            "x509.subject: CN=",
            r"x509.subject: CN=a\",
        ] {
            assert!(Trusted::read(text).is_err(), "{text}");
        }
    }
}
