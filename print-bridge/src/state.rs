//! The state folder: the journal, the tokens, the printers of the last run, and the lock that keeps a second bridge out.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::protocol::Paired;

const TOKENS: &str = "token.json";
const PRINTERS: &str = "printers.json";
const LOCK: &str = "bridge.lock";

/// Why the state folder cannot be used. Its text names the remedy, in Chinese and English.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Neither `--state` nor a home folder.
    #[error("不知道状态目录放在哪里：请加 --state 目录\nno folder to keep the state in: give one with --state DIR")]
    NoHome,
    /// A file could not be read or written.
    #[error("无法使用 {path}：{source}\ncannot use {path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another bridge runs with this folder.
    #[error(
        "另一个 print-bridge 正在使用 {path}：请先停止它，或用 --state 指定别的目录\n\
         another print-bridge uses {path}: stop it, or give this one its own folder with --state",
        path = .0.display()
    )]
    Locked(PathBuf),
    /// A file of ours that is not what we wrote.
    #[error("{path} 内容已损坏：请删除后重试\n{path} is damaged: delete it and try again", path = .0.display())]
    Damaged(PathBuf),
}

/// Holds the folder for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// A state folder that exists.
#[derive(Debug, Clone)]
pub struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Opens the folder, making it (readable by its owner alone) if it is missing.
    ///
    /// # Errors
    /// [`StateError::NoHome`] without a `chosen` folder and a home, [`StateError::Io`] if it cannot be made.
    pub fn open(chosen: Option<&Path>) -> Result<Self, StateError> {
        let path = match chosen {
            Some(path) => path.to_owned(),
            None => default_dir().ok_or(StateError::NoHome)?,
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|source| StateError::Io { path: path.clone(), source })?;
        Ok(Self { path })
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the folder for this process.
    ///
    /// # Errors
    /// [`StateError::Locked`] if another process has it.
    pub fn lock(&self) -> Result<Lock, StateError> {
        let path = self.path.join(LOCK);
        let io = |source| StateError::Io { path: path.clone(), source };
        let file = File::options().create(true).write(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StateError::Locked(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(StateError::Io { path, source }),
        }
    }

    /// The token for a hub, if this bridge is paired with it.
    ///
    /// # Errors
    /// [`StateError`] if the file is there and cannot be read.
    pub fn token(&self, hub: &str) -> Result<Option<Paired>, StateError> {
        Ok(self.read::<BTreeMap<String, Paired>>(TOKENS)?.unwrap_or_default().remove(hub))
    }

    /// The hubs this folder is paired with.
    ///
    /// # Errors
    /// [`StateError`] if the file is there and cannot be read.
    pub fn hubs(&self) -> Result<Vec<String>, StateError> {
        Ok(self.read::<BTreeMap<String, Paired>>(TOKENS)?.unwrap_or_default().into_keys().collect())
    }

    /// Keeps the token for a hub; those of other hubs stay.
    ///
    /// # Errors
    /// [`StateError`] if the file cannot be written.
    pub fn save_token(&self, hub: &str, paired: Paired) -> Result<(), StateError> {
        let mut tokens = self.read::<BTreeMap<String, Paired>>(TOKENS)?.unwrap_or_default();
        tokens.insert(hub.to_owned(), paired);
        self.write(TOKENS, &tokens)
    }

    /// The printers of the last run, as `NAME` → `TARGET`.
    ///
    /// # Errors
    /// [`StateError`] if the file is there and cannot be read.
    pub fn printers(&self) -> Result<Vec<(String, String)>, StateError> {
        Ok(self.read(PRINTERS)?.unwrap_or_default())
    }

    /// Keeps the printers of this run for `printers` and for a later run without any.
    ///
    /// # Errors
    /// [`StateError`] if the file cannot be written.
    pub fn save_printers(&self, printers: &[(String, String)]) -> Result<(), StateError> {
        self.write(PRINTERS, &printers)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|_| StateError::Damaged(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StateError::Io { path, source }),
        }
    }

    /// Writes beside and renames, so that a crash leaves the old file or the new one.
    fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StateError> {
        let path = self.path.join(name);
        let beside = self.path.join(format!("{name}.new"));
        let io = |source| StateError::Io { path: path.clone(), source };
        let text = serde_json::to_vec_pretty(value).map_err(|error| io(error.into()))?;
        let mut options = File::options();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(io)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(io)?;
        fs::rename(&beside, &path).map_err(io)
    }
}

/// `$XDG_DATA_HOME`, else `~/.local/share` (on Windows `%LOCALAPPDATA%`), and our name in it.
fn default_dir() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = set("XDG_DATA_HOME")
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("huidan-print-bridge"))
}

/// One spelling per hub, so that a token is found again: no trailing slash, no query.
///
/// # Errors
/// A bilingual sentence if this is no http(s) address.
pub fn hub_address(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "不认识的中心地址 {text}：请写成 http://127.0.0.1:3000 或 https://…\n\
             unknown hub address {text}: write http://127.0.0.1:3000 or https://…"
        )
    };
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(Some(&folder.path().join("state"))).unwrap();
        (folder, state)
    }

    #[test]
    fn each_hub_has_its_own_token() {
        let (_folder, state) = state();
        let paired = |token: &str| Paired { bridge: "b1".into(), token: token.into() };
        state.save_token("http://a", paired("one")).unwrap();
        state.save_token("http://b", paired("two")).unwrap();
        assert_eq!(state.token("http://a").unwrap().unwrap().token, "one");
        assert_eq!(state.token("http://b").unwrap().unwrap().token, "two");
        assert!(state.token("http://c").unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_token() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, state) = state();
        state.save_token("http://a", Paired { bridge: "b".into(), token: "t".into() }).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state.path().join(TOKENS)), 0o600);
        assert_eq!(mode(state.path()), 0o700);
    }

    #[test]
    fn a_second_bridge_is_kept_out_until_the_first_ends() {
        let (_folder, state) = state();
        let first = state.lock().unwrap();
        assert!(matches!(state.lock(), Err(StateError::Locked(_))));
        drop(first);
        state.lock().unwrap();
    }

    #[test]
    fn a_damaged_file_is_named_not_overwritten() {
        let (_folder, state) = state();
        fs::write(state.path().join(TOKENS), "{").unwrap();
        let error = state.save_token("http://a", Paired { bridge: "b".into(), token: "t".into() }).unwrap_err();
        assert!(error.to_string().contains(TOKENS));
        assert_eq!(fs::read(state.path().join(TOKENS)).unwrap(), b"{");
    }

    #[test]
    fn a_hub_is_spelled_one_way() {
        assert_eq!(hub_address("HTTP://Hub.Example:3000/").unwrap(), "http://hub.example:3000");
        assert_eq!(hub_address("https://h/base/?x=1").unwrap(), "https://h/base");
        assert!(hub_address("hub.example:3000").unwrap_err().contains("http://127.0.0.1:3000"));
    }
}
