//! An open device. Every call ends by its time limit, whatever the device does.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use serialport::{FlowControl, SerialPort};

use super::super::status::{Query, Status};
use crate::failpoint::{Step, reach, splits_bytes};

/// What asking brought.
pub(super) enum Heard {
    Told(Status),
    Silent,
    /// The device is gone, and why.
    Gone(String),
}

/// Who says on a serial line that the printer cannot take more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Nobody.
    None,
    /// XON and XOFF among the bytes.
    Software,
    /// The wires RTS and CTS.
    Hardware,
}

/// Bytes given to a device at once: it is asked in between whether it can take more.
const PIECE: usize = 4096;
/// One look at whether it can.
const LOOK: Duration = Duration::from_millis(100);

/// An open device.
pub(super) struct Port {
    device: Opened,
    kind: Kind,
    /// Keeps the line as it was set, and others off it.
    line: Option<Mutex<Box<dyn SerialPort>>>,
}

/// What is written to; a serial line that is no file is its own.
enum Opened {
    File(File),
    #[cfg(not(unix))]
    Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Answers, perhaps.
    Device,
    /// What is written cannot be asked: a FIFO, a device that may only be written.
    OneWay,
    /// A file on a disk.
    File,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Port").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Port {
    /// Opens what is there; nothing is made, as a missing printer would become a file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let (device, kind) = open(path)?;
        Ok(Self { device: Opened::File(device), kind, line: None })
    }

    /// Opens a serial line with eight bits, no parity, one stop bit.
    pub(super) fn open_serial(path: &str, baud: u32, flow: Flow) -> io::Result<Self> {
        let flow = match flow {
            Flow::None => FlowControl::None,
            Flow::Software => FlowControl::Software,
            Flow::Hardware => FlowControl::Hardware,
        };
        // Opened before the line is claimed, and without waiting: claiming keeps every later opening out.
        #[cfg(unix)]
        let device = Opened::File(open(Path::new(path))?.0);
        #[cfg(not(unix))]
        let device = Opened::Line;
        let line = serialport::new(path, baud).flow_control(flow).timeout(LOOK).open()?;
        Ok(Self { device, kind: Kind::Device, line: Some(Mutex::new(line)) })
    }

    pub(super) fn is_two_way(&self) -> bool {
        self.kind == Kind::Device
    }

    /// Writes everything and waits until the device has taken it.
    pub(super) fn write_all(&mut self, bytes: &[u8], until: Instant) -> io::Result<()> {
        if splits_bytes() {
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            self.write_pieces(first, until)?;
            reach(Step::MidBytes);
            self.write_pieces(rest, until)?;
        } else {
            self.write_pieces(bytes, until)?;
        }
        self.drain(until)
    }

    fn write_pieces(&mut self, mut bytes: &[u8], until: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            self.wait_for_room(until)?;
            let piece = bytes.get(..PIECE).unwrap_or(bytes);
            let written = match &mut self.device {
                Opened::File(file) => file.write(piece),
                #[cfg(not(unix))]
                Opened::Line => self.line().map_or(Ok(0), |line| line.write(piece)),
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if passing(&error) => on_time(until)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `usblp` keeps the last piece on its way after `write` has returned and drops it at a close; a line sends on from
    /// the system's buffer.
    fn drain(&mut self, until: Instant) -> io::Result<()> {
        if let (Kind::File, Opened::File(file)) = (self.kind, &mut self.device) {
            return file.sync_all();
        }
        self.wait_for_room(until)?;
        while let Some(line) = self.line() {
            match line.bytes_to_write() {
                Ok(0) => break,
                Ok(_) => {
                    on_time(until)?;
                    sleep(Duration::from_millis(5));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn line(&mut self) -> Option<&mut Box<dyn SerialPort>> {
        self.line.as_mut().map(|line| line.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    fn wait_for_room(&self, until: Instant) -> io::Result<()> {
        #[cfg(unix)]
        {
            let Opened::File(file) = &self.device;
            while !ready(file, rustix::event::PollFlags::OUT)? {
                on_time(until)?;
            }
        }
        on_time(until)
    }

    /// Asks the printer for its state. What it said unasked is read away first.
    pub(super) fn ask(&mut self, query: Query, until: Instant) -> Heard {
        match self.exchange(query, until) {
            Ok(Some(status)) => Heard::Told(status),
            Ok(None) => Heard::Silent,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Heard::Silent,
            Err(error) => Heard::Gone(format!("the device broke ({})", error.kind())),
        }
    }

    fn exchange(&mut self, query: Query, until: Instant) -> io::Result<Option<Status>> {
        let mut piece = [0; 512];
        while self.read(&mut piece, Instant::now())? > 0 {
            on_time(until)?;
        }
        self.write_pieces(query.bytes(), until)?;
        let mut answer = Vec::new();
        loop {
            let read = self.read(&mut piece, until)?;
            answer.extend_from_slice(piece.get(..read).unwrap_or_default());
            match query.read(&answer) {
                Some(status) => return Ok(status),
                None if answer.len() > 4096 => return Ok(None),
                None => on_time(until)?,
            }
        }
    }

    /// Reads what is there, or 0 once the time is over.
    fn read(&mut self, piece: &mut [u8], until: Instant) -> io::Result<usize> {
        loop {
            let read = match &mut self.device {
                Opened::File(file) => {
                    #[cfg(unix)]
                    if !ready(file, rustix::event::PollFlags::IN)? {
                        if Instant::now() >= until {
                            return Ok(0);
                        }
                        continue;
                    }
                    file.read(piece)
                }
                #[cfg(not(unix))]
                Opened::Line => self.line().map_or(Ok(0), |line| line.read(piece)),
            };
            match read {
                // `usblp` answers 0 bytes to say: nothing now.
                Ok(0) if Instant::now() < until => sleep(Duration::from_millis(10)),
                Ok(read) => return Ok(read),
                Err(error) if passing(&error) && Instant::now() < until => {}
                Err(error) if passing(&error) => return Ok(0),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether an error only says: not now.
fn passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::TimedOut)
}

fn on_time(until: Instant) -> io::Result<()> {
    if Instant::now() < until { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
}

/// Waits a moment for room or for bytes.
#[cfg(unix)]
fn ready(file: &File, what: rustix::event::PollFlags) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut asked = [PollFd::new(file, what)];
    let look = if what == PollFlags::IN { LOOK / 10 } else { LOOK };
    let look = Timespec { tv_sec: 0, tv_nsec: look.subsec_nanos().into() };
    match poll(&mut asked, Some(&look)) {
        Ok(_) => {}
        Err(rustix::io::Errno::INTR) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    // An error is room, too: writing or reading will say which.
    Ok(asked.iter().any(|asked| asked.revents().intersects(what | PollFlags::ERR | PollFlags::NVAL | PollFlags::HUP)))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<(File, Kind)> {
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
    let there = std::fs::metadata(path)?.file_type();
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.write(true).custom_flags(flags);
    if there.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if there.is_char_device() {
        // Both ways where it can be had.
        let both = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path);
        return match both {
            Ok(file) => Ok((file, Kind::Device)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok((options.open(path)?, Kind::OneWay)),
            Err(error) => Err(error),
        };
    }
    if there.is_file() {
        return Ok((options.append(true).open(path)?, Kind::File));
    }
    Ok((options.open(path)?, Kind::OneWay))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<(File, Kind)> {
    let kind = if std::fs::metadata(path).is_ok_and(|there| there.is_file()) { Kind::File } else { Kind::OneWay };
    Ok((OpenOptions::new().append(true).open(path)?, kind))
}
