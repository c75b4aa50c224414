//! A virtual printer: each page a file in a folder, there whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Outcome, Prepared};
use crate::{
    failpoint::{Step, reach},
    protocol::{Job, JobKey},
};

/// Pages under way start with this and are swept away at the next start.
const UNDER_WAY: &str = ".page-";

/// A folder of pages.
#[derive(Debug)]
pub struct Dir {
    path: PathBuf,
    /// The number of the next page; found by looking when the first page comes.
    next: Option<u64>,
}

impl Dir {
    /// Pages go to `path`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), next: None }
    }

    pub(super) async fn prepare(&mut self) -> Prepared {
        if self.next.is_none() {
            let path = self.path.clone();
            let looked = tokio::task::spawn_blocking(move || look(&path)).await;
            match looked.unwrap_or_else(|error| Err(io::Error::other(error))) {
                Ok(next) => self.next = Some(next),
                Err(error) => {
                    let reason = format!("文件夹不可用 / the folder cannot be used ({})", error.kind());
                    return Prepared::Offline { reason, proven: false };
                }
            }
        }
        Prepared::Ready { proven: false }
    }

    pub(super) async fn send(&mut self, job: &Job, bytes: &[u8]) -> Outcome {
        let number = self.next.unwrap_or(1);
        let name = page_name(number, job);
        let (path, bytes) = (self.path.clone(), bytes.to_vec());
        let written = tokio::task::spawn_blocking(move || write_page(&path, &name, &bytes)).await;
        match written.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(()) => {
                self.next = Some(number + 1);
                Outcome::Done("page written")
            }
            // The rename is the last step: a page that failed is not there.
            Err(error) => {
                self.next = None;
                Outcome::Failed(format!("the page could not be written ({})", error.kind()))
            }
        }
    }

    /// Whether the page of this attempt is in the folder.
    pub(super) fn has(&self, key: &JobKey) -> bool {
        let ending = job_part(key);
        let Ok(entries) = fs::read_dir(&self.path) else { return false };
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            stem.ends_with(&ending) && !stem.starts_with('.')
        })
    }
}

/// `000012-0003-SF1234567890-job-1.png`: page of this folder, place in the batch, waybill if there is one, job, attempt.
fn page_name(number: u64, job: &Job) -> String {
    let waybill = job.waybill.as_deref().map(|waybill| format!("-{}", plain(waybill))).unwrap_or_default();
    format!("{number:06}-{:04}{waybill}{}.{}", job.seq, job_part(&job.key()), job.format.name())
}

fn job_part(key: &JobKey) -> String {
    format!("-{}-{}", plain(&key.id), key.attempt)
}

/// Names come from outside: only what can do no harm in a path.
fn plain(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    text.chars().take(80).map(safe).collect()
}

/// Makes the folder, sweeps what a crash left, and finds the number after the last page.
fn look(path: &Path) -> io::Result<u64> {
    fs::create_dir_all(path)?;
    let mut last = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(UNDER_WAY) {
            fs::remove_file(entry.path())?;
        }
        let number = name.split_once('-').and_then(|(number, _)| number.parse().ok());
        last = number.map_or(last, |number: u64| last.max(number));
    }
    Ok(last + 1)
}

fn write_page(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let beside = folder.join(format!("{UNDER_WAY}{name}"));
    let mut file = File::create(&beside)?;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    reach(Step::MidBytes);
    file.write_all(rest)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    // So that the page outlives a power cut; where folders cannot be synced the rename is all there is.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Format;

    fn job(id: &str, attempt: u32, waybill: Option<&str>) -> Job {
        Job {
            id: id.into(),
            attempt,
            lease: String::new(),
            lease_until: String::new(),
            printer: String::new(),
            media: None,
            format: Format::Png,
            sha256: String::new(),
            bytes: 0,
            batch: None,
            seq: 7,
            of: 0,
            fence: 0,
            copy_no: 1,
            waybill: waybill.map(str::to_owned),
        }
    }

    async fn print(dir: &mut Dir, job: &Job) -> Outcome {
        assert_eq!(dir.prepare().await, Prepared::Ready { proven: false });
        dir.send(job, b"page").await
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn pages_are_numbered_on_from_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels");
        assert_eq!(print(&mut Dir::new(&path), &job("j1", 1, Some("SF1"))).await, Outcome::Done("page written"));
        fs::write(path.join(".page-000009-x"), "cut").unwrap();
        assert_eq!(print(&mut Dir::new(&path), &job("j2", 2, None)).await, Outcome::Done("page written"));
        assert_eq!(names(&path), ["000001-0007-SF1-j1-1.png", "000002-0007-j2-2.png"]);
    }

    #[tokio::test]
    async fn after_a_crash_the_folder_knows_which_attempt_came_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut dir = Dir::new(folder.path());
        print(&mut dir, &job("j1", 1, Some("SF1"))).await;
        assert!(dir.has(&job("j1", 1, None).key()));
        assert!(!dir.has(&job("j1", 2, None).key()));
        assert!(!dir.has(&job("1", 1, None).key()));
    }

    #[tokio::test]
    async fn a_name_from_outside_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels");
        print(&mut Dir::new(&path), &job("../../x", 1, Some("a/b\0"))).await;
        assert_eq!(names(&path), ["000001-0007-a_b_-______x-1.png"]);
        assert_eq!(names(folder.path()), ["labels"]);
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_written_failed_for_certain() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels");
        let mut dir = Dir::new(&path);
        dir.prepare().await;
        fs::remove_dir_all(&path).unwrap();
        assert!(matches!(dir.send(&job("j", 1, None), b"page").await, Outcome::Failed(_)));
        assert_eq!(print(&mut dir, &job("j", 2, None)).await, Outcome::Done("page written"), "the folder is made anew");
    }
}
