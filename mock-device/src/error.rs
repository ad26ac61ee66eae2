//! What can go wrong before a device answers: an unknown scenario, a placeholder nobody fills, an address in use.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a scenario could not be read or a fleet not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MockError {
    /// No built-in scenario has this name.
    #[error("no scenario is called {name:?}\nthe built-in ones are: {known}")]
    UnknownScenario {
        /// The name that was asked for.
        name: String,
        /// All built-in names, joined by commas.
        known: String,
    },
    /// The TOML of a scenario is not valid.
    #[error("scenario {name}: {source}")]
    Toml {
        /// The scenario's name or path.
        name: String,
        /// What the TOML reader found.
        source: Box<toml::de::Error>,
    },
    /// A scenario file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A `{{placeholder}}` has no value, or one that cannot be understood.
    #[error("scenario {scenario}: in {place}: {problem}")]
    Placeholder {
        /// The scenario's name.
        scenario: String,
        /// The command or block the text belongs to.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A listener could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried last.
        address: SocketAddr,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Two devices share a name; tests look devices up by it.
    #[error("two devices are called {0:?}")]
    DuplicateName(String),
    /// A host key could not be made.
    #[error("cannot make a host key: {0}")]
    HostKey(String),
    /// A mix of scenarios or faults could not be understood.
    #[error("in the mix {mix:?}: {problem}")]
    Mix {
        /// The text as given.
        mix: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The helper runtime of `Fleet::start_blocking` could not be built.
    #[error("cannot start a runtime: {0}")]
    Runtime(std::io::Error),
}
