//! The state folder: private to its owner, and used by one hub at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

/// A state folder that no other hub can use while this value, or a process that inherited its file, lives.
#[derive(Debug)]
pub(crate) struct State {
    /// Where it is, as an absolute path.
    pub(crate) path: PathBuf,
    lock: File,
}

impl State {
    /// Makes the folder if it is missing and takes its lock.
    ///
    /// # Errors
    ///
    /// Another hub is at work in it, or the folder cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        make_private_folder(path)?;
        let path = fs::canonicalize(path).on(path.display())?;
        let lock_file = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock_file)
            .on(lock_file.display())?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, lock }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                format!("{} 正被另一个 cargo hub up 使用；先停掉它，或用 --state 另选目录", path.display()),
                format!(
                    "{} is in use by another cargo hub up; stop that one or choose another --state",
                    path.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(error).on(lock_file.display()),
        }
    }

    /// A handle for the host's standard input, which it never reads: so the folder stays locked as long as the host
    /// lives, even when this process is killed and cannot stop it.
    pub(crate) fn lock_handle(&self) -> Result<File> {
        self.lock.try_clone().on(self.path.display())
    }
}

/// Makes a folder, and those above it, that only the owner may enter.
pub(crate) fn make_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).on(path.display())
}

/// Writes a file that only the owner may read: complete under its name or not there at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished).on(unfinished.display())?;
    file.write_all(text.as_bytes()).on(unfinished.display())?;
    file.sync_all().on(unfinished.display())?;
    fs::rename(&unfinished, path).on(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_is_refused_until_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let first = State::open(&path).unwrap();
        let inherited = first.lock_handle().unwrap();
        drop(first);
        assert!(State::open(&path).unwrap_err().to_string().contains("in use by another"));
        drop(inherited);
        assert!(State::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_enter() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("s")).unwrap();
        assert_eq!(fs::metadata(state.path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
