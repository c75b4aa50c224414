//! Why the host did not start.

use std::path::PathBuf;

/// What keeps the host from serving. Each variant's text says what to change.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that was named cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder of the state cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `spin.toml` says something that this host does not do, or that Spin would refuse too.
    #[error("{path}: {problem}", path = path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, with its line where the parser knows it.
        problem: String,
    },
    /// The runtime configuration file cannot be followed.
    #[error("{path}: {problem}", path = path.display())]
    RuntimeConfig {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line where the parser knows it.
        problem: String,
    },
    /// Variables without a value.
    #[error(
        "no value for the variable(s) {names}: set {env} in the environment or in the --env-file \
         (缺少变量 {names}：请在环境变量或 --env-file 中设置 {env})"
    )]
    MissingVariables {
        /// Their names, comma-separated.
        names: String,
        /// The environment variables that would set them.
        env: String,
    },
    /// A template that names no known variable, or a host pattern that cannot be read.
    #[error("component {component}: {problem}")]
    Component {
        /// The component's id.
        component: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The engine could not be set up on this machine.
    #[error("the WebAssembly engine does not start here: {0}")]
    Engine(String),
    /// A database file cannot be opened.
    #[error("cannot open {path}: {problem}", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        problem: String,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
}
