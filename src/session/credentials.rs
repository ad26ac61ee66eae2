//! Who logs in: an account and its secrets. Secrets are a type that cannot be printed, and are wiped when dropped.

use std::path::PathBuf;

use secrecy::SecretString;

/// One credential set, with its secrets read.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The set's name in the inventory column `credential`.
    pub set: String,
    /// The account, where the set names one.
    pub user: String,
    /// The directory of the account, where equal user names of different directories are different accounts.
    pub realm: Option<String>,
    /// For password and keyboard-interactive.
    pub password: Option<SecretString>,
    /// A private key file.
    pub identity: Option<PathBuf>,
    /// A private key file for where there is nothing else; one that cannot be read leaves the login to the agent.
    pub spare_identity: Option<PathBuf>,
    /// The passphrase of the private key file.
    pub passphrase: Option<SecretString>,
    /// For `enable`.
    pub enable: Option<SecretString>,
}

impl Credentials {
    /// Every secret, for redaction.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.password.iter().chain(&self.passphrase).chain(&self.enable)
    }
}
