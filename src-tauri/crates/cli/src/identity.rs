//! `plimsoll identity new`

use plimsoll_workbench::{WorkbenchError, identity};

use crate::args::NewIdentity;
use crate::passphrase;

/// Makes an identity and says where it is. Standard output carries the path of the PKCS#12 file.
pub fn new(args: &NewIdentity) -> Result<(), WorkbenchError> {
    let path = args.out.clone().unwrap_or_else(identity::default_path);
    if path.exists() {
        return Err(WorkbenchError::Exists(path));
    }
    let passphrase = passphrase::get(args.passphrase_file.as_deref(), "the new identity", true)?;
    let made = identity::create(&path, &args.name, args.organization.as_deref(), &passphrase)?;
    println!("{}", made.path.display());
    eprintln!("Signing identity of {} made; valid until {}.", made.summary.name, made.summary.not_after.date());
    eprintln!("SHA-256 of the certificate: {}", made.summary.sha256_fingerprint);
    eprintln!("Give {} to those who shall check your signatures.", made.ca_path.display());
    Ok(())
}
