//! winspool, called as it is: the spooler's functions have no safe face that tells how many bytes it took.
#![expect(unsafe_code, reason = "the spooler is a C interface; each call's conditions stand beside it")]

use std::{
    ptr,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep};
use windows_sys::Win32::Graphics::Printing::{
    AbortPrinter, ClosePrinter, DOC_INFO_1W, EndDocPrinter, EndPagePrinter, GetJobW, GetPrinterW, JOB_INFO_1W,
    JOB_STATUS_COMPLETE, JOB_STATUS_DELETED, JOB_STATUS_DELETING, JOB_STATUS_PRINTED, OpenPrinterW, PRINTER_HANDLE,
    PRINTER_INFO_6, StartDocPrinterW, StartPagePrinter, WritePrinter,
};

use super::super::{Outcome, Prepared, Settled};
use crate::{
    failpoint::{Step, reach},
    protocol::Job,
};

const AGAIN: Duration = Duration::from_millis(200);
/// Bits of a job's status that wait for a person: error, offline, paper out, blocked, user intervention, paused.
const JOB_WAITS: u32 = 0x2 | 0x20 | 0x40 | 0x200 | 0x400 | 0x1;
/// Of a printer's: paused, error, paper jam, paper out, paper problem, offline, not available, user intervention, door
/// open.
const PRINTER_WAITS: u32 = 0x1 | 0x2 | 0x8 | 0x10 | 0x40 | 0x80 | 0x1000 | 0x10_0000 | 0x40_0000;

/// A queue of the Windows spooler.
#[derive(Debug)]
pub struct Spool {
    queue: String,
    patience: Duration,
    running: Option<u32>,
}

impl Spool {
    /// The queue of this name.
    #[must_use]
    pub fn new(queue: &str, patience: Duration) -> Self {
        Self { queue: queue.to_owned(), patience, running: None }
    }

    pub(in crate::driver) async fn prepare(&mut self) -> Prepared {
        let queue = self.queue.clone();
        let status = spawn_blocking(move || Handle::open(&queue)?.printer_status()).await.ok().flatten();
        let reason = match status {
            None => "Windows 中没有这台打印机 / Windows has no such printer",
            Some(status) if status & PRINTER_WAITS != 0 => {
                "打印机报告故障或缺纸 / the printer reports a fault or no paper"
            }
            Some(_) => return Prepared::Ready { proven: false },
        };
        Prepared::Offline { reason: reason.to_owned(), proven: false }
    }

    pub(in crate::driver) async fn send(&mut self, job: &Job, bytes: &[u8]) -> Outcome {
        let (queue, bytes) = (self.queue.clone(), bytes.to_vec());
        let name = format!("huidan-{}-{}", job.id, job.attempt);
        match spawn_blocking(move || print(&queue, &name, &bytes)).await {
            Ok(Ok(id)) => {
                self.running = Some(id);
                Outcome::Sent
            }
            Ok(Err(outcome)) => outcome,
            Err(_) => Outcome::Unconfirmed("the spooler call did not end as it should".to_owned()),
        }
    }

    pub(in crate::driver) async fn settle(&mut self) -> Settled {
        let Some(id) = self.running else { return Settled::Proven("nothing was open") };
        let begun = Instant::now();
        let mut last = 0;
        let settled = loop {
            let queue = self.queue.clone();
            let status = spawn_blocking(move || Handle::open(&queue).map(|handle| handle.job_status(id))).await;
            match status.ok().flatten() {
                Some(Some(status)) if status & (JOB_STATUS_PRINTED | JOB_STATUS_COMPLETE) != 0 => {
                    break Settled::Proven("the spooler says printed: every byte handed over");
                }
                Some(Some(status)) if status & JOB_WAITS != 0 => {
                    return Settled::Waiting(
                        "任务在 Windows 打印队列中等待 / the job waits in the Windows queue".to_owned(),
                    );
                }
                Some(Some(status)) => last = status,
                // Most printers' jobs leave the queue without ever having been called printed.
                Some(None) if last & (JOB_STATUS_DELETING | JOB_STATUS_DELETED) == 0 => {
                    break Settled::Proven("the job left the spooler without an error");
                }
                Some(None) => break Settled::Unproven("the job was deleted from the Windows queue".to_owned()),
                None if begun.elapsed() > self.patience => {
                    break Settled::Unproven("the spooler stopped answering".to_owned());
                }
                None => {}
            }
            if begun.elapsed() > self.patience {
                return Settled::Waiting(
                    "任务还在 Windows 打印队列中 / the job is still in the Windows queue".to_owned(),
                );
            }
            sleep(AGAIN).await;
        };
        self.running = None;
        settled
    }
}

/// Hands a job to the spooler and answers its number.
fn print(queue: &str, name: &str, bytes: &[u8]) -> Result<u32, Outcome> {
    let failed = |what: &str| Outcome::Failed(format!("{what}: never started"));
    let Some(handle) = Handle::open(queue) else { return Err(failed("Windows has no such printer")) };
    let (mut name, mut raw) = (wide(name), wide("RAW"));
    let info = DOC_INFO_1W { pDocName: name.as_mut_ptr(), pOutputFile: ptr::null_mut(), pDatatype: raw.as_mut_ptr() };
    // SAFETY: the handle is open, and `info` with its two ended strings lives until after the call.
    let id = unsafe { StartDocPrinterW(handle.0, 1, &info) };
    if id == 0 {
        return Err(failed("the spooler did not take the job"));
    }
    // SAFETY: a document was started on this open handle.
    if unsafe { StartPagePrinter(handle.0) } == 0 {
        // SAFETY: as above.
        unsafe { AbortPrinter(handle.0) };
        return Err(failed("the spooler did not take the page"));
    }
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let taken = handle.write(first) && {
        reach(Step::MidBytes);
        handle.write(rest)
    };
    if !taken {
        // SAFETY: as above. A queue that prints while it spools may have passed some of it on.
        unsafe { AbortPrinter(handle.0) };
        return Err(Outcome::Unconfirmed("the spooler took only a part of the label".to_owned()));
    }
    // SAFETY: page and document were started on this open handle.
    let ended = unsafe { EndPagePrinter(handle.0) != 0 && EndDocPrinter(handle.0) != 0 };
    if ended { Ok(id) } else { Err(Outcome::Unconfirmed("the spooler did not close the job".to_owned())) }
}

/// A string as Windows wants it, with its end.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// An open printer.
struct Handle(PRINTER_HANDLE);

impl Handle {
    fn open(queue: &str) -> Option<Self> {
        let name = wide(queue);
        let mut handle = PRINTER_HANDLE::default();
        // SAFETY: the name has its end, and `handle` is ours to be written.
        (unsafe { OpenPrinterW(name.as_ptr(), &mut handle, ptr::null()) } != 0).then_some(Self(handle))
    }

    fn write(&self, bytes: &[u8]) -> bool {
        let Ok(length) = u32::try_from(bytes.len()) else { return false };
        let mut written = 0;
        // SAFETY: `bytes` has `length` bytes, and a page was started on this open handle.
        let went = unsafe { WritePrinter(self.0, bytes.as_ptr().cast(), length, &mut written) };
        went != 0 && written == length
    }

    fn printer_status(&self) -> Option<u32> {
        let mut info = PRINTER_INFO_6::default();
        let size = u32::try_from(size_of::<PRINTER_INFO_6>()).ok()?;
        let mut needed = 0;
        // SAFETY: level 6 writes one `PRINTER_INFO_6`, which `info` has room for.
        let went = unsafe { GetPrinterW(self.0, 6, ptr::from_mut(&mut info).cast(), size, &mut needed) };
        (went != 0).then_some(info.dwStatus)
    }

    /// `None` when the spooler no longer knows the job.
    fn job_status(&self, id: u32) -> Option<u32> {
        let mut needed = 0;
        // SAFETY: asks for the size alone.
        unsafe { GetJobW(self.0, id, 1, ptr::null_mut(), 0, &mut needed) };
        let words = (needed as usize).max(size_of::<JOB_INFO_1W>()).div_ceil(size_of::<u64>());
        // Words, since the structure at the beginning wants their alignment; its strings follow it.
        let mut buffer = vec![0_u64; words];
        let size = u32::try_from(words * size_of::<u64>()).ok()?;
        // SAFETY: the buffer has `size` bytes.
        let went = unsafe { GetJobW(self.0, id, 1, buffer.as_mut_ptr().cast(), size, &mut needed) };
        // SAFETY: after success a `JOB_INFO_1W` stands at the beginning of the buffer, which is aligned for it.
        (went != 0).then(|| unsafe { (*buffer.as_ptr().cast::<JOB_INFO_1W>()).Status })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: opened by `open` and closed only here.
        unsafe { ClosePrinter(self.0) };
    }
}
