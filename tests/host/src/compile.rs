//! Components made machine code, once: the result is kept beside the component and mapped at the next start.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::Error;

/// A component to be made ready.
pub(crate) struct Source<'a> {
    pub(crate) id: &'a str,
    pub(crate) path: &'a Path,
}

/// All of `sources`, in their order, compiled where the cache has nothing.
///
/// # Errors
/// Of the first source that cannot be read or compiled.
pub(crate) fn all(engine: &Engine, cache: Option<&Path>, sources: &[Source<'_>]) -> Result<Vec<Component>, Error> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Component, Error>)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(sources.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(source) = sources.get(index) else { break };
                    let result = one(engine, cache, source, index.saturating_add(1), sources.len());
                    done.lock().unwrap_or_else(|e| e.into_inner()).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn one(engine: &Engine, cache: Option<&Path>, source: &Source<'_>, n: usize, of: usize) -> Result<Component, Error> {
    let bytes = std::fs::read(source.path).map_err(|e| Error::Read { path: source.path.into(), source: e })?;
    let kept = kept_path(engine, cache, source, &bytes);
    if let Some(component) = load(engine, &kept) {
        return Ok(component);
    }
    eprintln!("compiling {} ({n} of {of})", source.id);
    let failed = |e: wasmtime::Error| Error::Component { component: source.id.into(), problem: format!("{e:#}") };
    let code = engine.precompile_component(&bytes).map_err(failed)?;
    match keep(&kept, &code) {
        Ok(()) => {
            drop_older(&kept);
            load(engine, &kept).map_or_else(|| Component::new(engine, &bytes).map_err(failed), Ok)
        }
        // A folder that cannot be written costs the next start its time, no more.
        Err(problem) => {
            tracing::warn!(path = %kept.display(), %problem, "compiled component not kept");
            Component::new(engine, &bytes).map_err(failed)
        }
    }
}

/// `<folder>/<component file>-<hash>.cwasm`; the hash covers the component and everything of the engine that matters.
fn kept_path(engine: &Engine, cache: Option<&Path>, source: &Source<'_>, bytes: &[u8]) -> PathBuf {
    let mut compatible = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compatible);
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash.update(compatible.finish().to_le_bytes());
    let name: String = hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
    let beside = source.path.parent().unwrap_or(Path::new(".")).join(".cache");
    cache.unwrap_or(&beside).join(format!("{}-{name}.cwasm", stem(source.path)))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[expect(unsafe_code, reason = "compiled code is mapped as it is; the file is ours, mode 0600, complete by its rename")]
fn load(engine: &Engine, path: &Path) -> Option<Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: `keep` wrote this file from `precompile_component`'s output and gave it its name only when it was whole and
    // on disk; the folder belongs to the person who runs the host. The engine checks version and settings itself.
    unsafe { Component::deserialize_file(engine, path) }.ok()
}

/// Writes `code` so that a file of this name is always whole.
fn keep(path: &Path, code: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Two components may share a file, and two hosts a folder.
    static WRITES: AtomicUsize = AtomicUsize::new(0);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    let partial = path.with_extension(format!("partial-{}-{write}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&partial)?;
    file.write_all(code)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)
}

/// Removes what earlier builds of the same component left.
fn drop_older(kept: &Path) {
    let (Some(folder), Some(name)) = (kept.parent(), kept.file_name().and_then(|n| n.to_str())) else { return };
    let Some((stem, _)) = name.rsplit_once('-') else { return };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let other = entry.file_name();
        let Some(other) = other.to_str().filter(|o| *o != name && o.ends_with(".cwasm")) else { continue };
        if other.rsplit_once('-').is_some_and(|(s, _)| s == stem) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
