//! What a process costs: computing time and memory, by `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::Result;

/// What a tick of a process's times in `/proc` is, in microseconds: 100 a second, whatever the kernel's own clock is.
const TICK_US: f64 = 10_000.0;

/// What a process has computed, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Computed {
    /// On all its threads.
    pub(crate) all: f64,
    /// On those that answer.
    pub(crate) front: f64,
}

/// What a process holds in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    /// Now, in MiB.
    pub(crate) now: f64,
    /// At most so far, in MiB.
    pub(crate) peak: f64,
}

/// What the process of that id has computed so far, all of it and what of that on the threads that answer requests from
/// outside (0 where it has none for that alone): unlike any other time, this hardly depends on what else the machine does.
pub(crate) fn computed(id: u32) -> Result<Computed> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11);
    let mut ticks = || fields.next().and_then(|field| field.parse::<f64>().ok()).ok_or("no such field");
    let all = (ticks()? + ticks()?) * TICK_US;
    let mut front = 0.0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let thread = thread?.path();
        // A thread may end while it is looked at; those that answer do not.
        if fs::read_to_string(thread.join("comm")).is_ok_and(|name| name.trim() == "front") {
            front += scheduled(&thread.join("schedstat"))?;
        }
    }
    Ok(Computed { all, front })
}

fn scheduled(schedstat: &Path) -> Result<f64> {
    Ok(fs::read_to_string(schedstat)?.split(' ').next().unwrap_or_default().parse::<f64>()? / 1000.0)
}

/// What the threads of a process have computed, in microseconds, by name: finer than its ticks, but without threads that
/// have ended.
pub(crate) fn by_thread(id: u32) -> Result<BTreeMap<String, f64>> {
    let mut threads = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let thread = thread?.path();
        let (Ok(name), Ok(spent)) = (fs::read_to_string(thread.join("comm")), scheduled(&thread.join("schedstat")))
        else {
            continue;
        };
        *threads.entry(name.trim().to_owned()).or_default() += spent;
    }
    Ok(threads)
}

/// What the process of that id holds in memory.
pub(crate) fn resident(id: u32) -> Result<Resident> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    Ok(Resident { now: mebibytes(&status, "VmRSS:")?, peak: mebibytes(&status, "VmHWM:")? })
}

fn mebibytes(status: &str, field: &str) -> Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes: f64 = line.and_then(|line| line.trim().strip_suffix("kB")).ok_or("no such field")?.trim().parse()?;
    Ok(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_mebibytes() {
        let status = "Name:\tx\nVmHWM:\t   4096 kB\nVmRSS:\t   1536 kB\n";
        assert!((mebibytes(status, "VmRSS:").unwrap() - 1.5).abs() < 1e-9);
        assert!((mebibytes(status, "VmHWM:").unwrap() - 4.0).abs() < 1e-9);
        assert!(mebibytes(status, "VmSwap:").is_err());
    }

    #[test]
    fn what_a_process_computes_shows_in_all_its_threads_together() {
        let id = std::process::id();
        let total = || by_thread(id).unwrap().values().sum::<f64>();
        let before = (computed(id).unwrap().all, total());
        let until = std::time::Instant::now() + std::time::Duration::from_millis(150);
        while std::time::Instant::now() < until {}
        assert!(computed(id).unwrap().all > before.0 && total() > before.1);
    }
}
