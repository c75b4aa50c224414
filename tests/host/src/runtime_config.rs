//! The runtime configuration file: which file stands behind each database and store. Spin's format; what needs a server
//! of its own (libSQL, Redis) is for Spin itself.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    sqlite_database: BTreeMap<String, Storage>,
    #[serde(default)]
    key_value_store: BTreeMap<String, Storage>,
    #[serde(default)]
    variables_provider: Vec<ProviderTable>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Storage {
    Spin { path: Option<PathBuf> },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum ProviderTable {
    Static {
        values: HashMap<String, String>,
    },
    Env {
        #[serde(default)]
        prefix: Option<String>,
        #[serde(default)]
        dotenv_path: Option<PathBuf>,
    },
}

/// Where variables come from besides the environment.
pub(crate) enum Provider {
    /// Values written in the file.
    Static(HashMap<String, String>),
    /// The environment under another prefix, and a file of the same form.
    Env {
        /// Joined to the name with an underscore.
        prefix: String,
        /// Lines `PREFIX_NAME=value`.
        dotenv: Option<PathBuf>,
    },
}

/// Where a database or store lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// In this file.
    File(PathBuf),
    /// Nowhere: a fresh one at each open, as with Spin.
    Memory,
}

/// What the file says, or the defaults.
pub(crate) struct RuntimeConfig {
    databases: BTreeMap<String, Location>,
    stores: BTreeMap<String, Location>,
    pub(crate) providers: Vec<Provider>,
    state: PathBuf,
    /// Without a file, every label has a place of its own in the state folder; with one, only `default` has, as with Spin.
    named_only: bool,
}

impl RuntimeConfig {
    /// Reads `file`, if there is one. Data without a place of its own goes to the folder `state`.
    pub(crate) fn read(file: Option<&Path>, state: &Path) -> Result<Self, Error> {
        let Some(path) = file else { return Ok(Self::from_file(File::default(), Path::new("."), state, false)) };
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let parsed: File = toml::from_str(&text).map_err(|e| Error::RuntimeConfig {
            path: path.into(),
            problem: format!("{e}\n(libSQL, Redis, Vault and other servers need Spin itself: `--spin`)"),
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Ok(Self::from_file(parsed, folder, state, true))
    }

    fn from_file(file: File, folder: &Path, state: &Path, named_only: bool) -> Self {
        // Spin resolves a relative SQLite path against the working directory, a relative key-value path against the file.
        let place = |Storage::Spin { path }: Storage, base: &Path| match path {
            Some(path) => Location::File(base.join(path)),
            None => Location::Memory,
        };
        Self {
            databases: file.sqlite_database.into_iter().map(|(k, v)| (k, place(v, Path::new("")))).collect(),
            stores: file.key_value_store.into_iter().map(|(k, v)| (k, place(v, folder))).collect(),
            providers: file.variables_provider.into_iter().map(Provider::from).collect(),
            state: state.to_owned(),
            named_only,
        }
    }

    /// Where the database `label` lives; `None` if nothing says so.
    pub(crate) fn database(&self, label: &str) -> Option<Location> {
        let default = || self.default_place(label, &format!("{label}.db"));
        self.databases.get(label).cloned().or_else(default)
    }

    /// Where the key-value store `label` lives; `None` if nothing says so. Stores may share a file.
    pub(crate) fn store(&self, label: &str) -> Option<Location> {
        self.stores.get(label).cloned().or_else(|| self.default_place(label, "kv.db"))
    }

    fn default_place(&self, label: &str, file: &str) -> Option<Location> {
        (!self.named_only || label == "default").then(|| Location::File(self.state.join(file)))
    }
}

impl From<ProviderTable> for Provider {
    fn from(table: ProviderTable) -> Self {
        match table {
            ProviderTable::Static { values } => Self::Static(values),
            ProviderTable::Env { prefix, dotenv_path } => {
                Self::Env { prefix: prefix.unwrap_or_else(|| "SPIN_VARIABLE".into()), dotenv: dotenv_path }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RuntimeConfig, Error> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("runtime-config.toml");
        std::fs::write(&path, text).expect("written");
        RuntimeConfig::read(Some(&path), Path::new("state"))
    }

    #[test]
    fn without_a_file_every_label_has_its_own_database() {
        let config = RuntimeConfig::read(None, Path::new("state")).expect("read");
        assert_eq!(config.database("edge"), Some(Location::File("state/edge.db".into())));
        assert_eq!(config.store("labels"), Some(Location::File("state/kv.db".into())));
    }

    #[test]
    fn with_a_file_only_what_it_names_and_default_exist() {
        let config = read("[sqlite_database.edge]\ntype = \"spin\"\npath = \"x/edge.db\"\n").expect("read");
        assert_eq!(config.database("edge"), Some(Location::File("x/edge.db".into())));
        assert_eq!(config.database("default"), Some(Location::File("state/default.db".into())));
        assert_eq!(config.database("other"), None);
    }

    #[test]
    fn a_database_without_a_path_is_in_memory() {
        let config = read("[sqlite_database.edge]\ntype = \"spin\"\n").expect("read");
        assert_eq!(config.database("edge"), Some(Location::Memory));
    }

    #[test]
    fn unknown_keys_and_servers_are_refused() {
        assert!(read("[llm_compute]\ntype = \"spin\"\n").is_err());
        let Err(told) = read("[sqlite_database.edge]\ntype = \"libsql\"\nurl = \"x\"\n") else { panic!("read") };
        assert!(told.to_string().contains("--spin") && told.to_string().contains("line 2"), "{told}");
    }
}
