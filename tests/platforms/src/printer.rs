//! A label printer at port 9100: takes bytes over TCP one connection at a time, cuts them into labels, answers `~HS`.

use crate::ledger::{Job, Paper};
use crate::order::Platform;
use crate::sign::sha256_hex;
use crate::world::{Shared, lock};
use serde::Deserialize;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the printer behaves.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Mode {
    /// Prints.
    #[default]
    Normal,
    /// Resets the connection once it has taken this many bytes of a job; what was whole by then is on paper.
    ResetAfter {
        /// Bytes.
        bytes: usize,
    },
    /// Takes this many bytes of a job, then stops reading and keeps the connection.
    StopReading {
        /// Bytes.
        bytes: usize,
    },
    /// Takes everything, prints nothing and answers nothing: media out.
    Silence,
    /// Reads this many bytes a tenth of a second.
    SlowDrain {
        /// Bytes.
        bytes: usize,
    },
}

/// What stands in a stream of printer bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A whole label: language, its bytes, copies.
    Label(&'static str, Vec<u8>, usize),
    /// `~HS`.
    HostStatus,
    /// TSPL's `ESC ! ?`.
    TsplStatus,
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// The end of the ZPL format that begins here, binary graphics skipped; `None` while it is incomplete.
fn zpl_end(text: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = text.get(at..)?;
        let end = find(rest, b"^XZ")?;
        match find(rest, b"^GFB,").filter(|graphic| *graphic < end) {
            Some(graphic) => {
                // ^GFB,<bytes in all>,<…>,<…>,<binary>
                let from = at + graphic + 5;
                let header = text.get(from..)?;
                let commas: Vec<usize> =
                    header.iter().enumerate().filter(|(_, b)| **b == b',').map(|(i, _)| i).take(3).collect();
                let (first, last) = (*commas.first()?, *commas.get(2)?);
                at = from + last + 1 + number(header.get(..first)?)?;
            }
            None => return Some(at + end + 3),
        }
    }
}

fn zpl_copies(label: &[u8]) -> usize {
    let Some(at) = find(label, b"^PQ") else { return 1 };
    let digits: Vec<u8> = label.iter().skip(at + 3).copied().take_while(u8::is_ascii_digit).collect();
    number(&digits).unwrap_or(1)
}

/// The end of one TSPL line (after its line feed), the data of a bitmap included; `None` while it is incomplete.
fn tspl_line_end(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    if text.starts_with(b"BITMAP ") {
        // BITMAP x,y,<bytes wide>,<high>,<mode>,<binary>
        let commas: Vec<usize> = text.iter().enumerate().filter(|(_, b)| **b == b',').map(|(i, _)| i).take(5).collect();
        let [_, second, third, fourth, fifth] = commas.as_slice() else { return None };
        let wide = number(text.get(second + 1..*third)?)?;
        let high = number(text.get(third + 1..*fourth)?)?;
        from = fifth + 1 + wide.checked_mul(high)?;
    }
    Some(from + find(text.get(from..)?, b"\n")? + 1)
}

fn tspl_copies(line: &[u8]) -> usize {
    let text = String::from_utf8_lossy(line);
    let numbers = text.trim().trim_start_matches("PRINT").split(',').map(|n| n.trim().parse::<usize>().unwrap_or(1));
    numbers.product::<usize>().max(1)
}

/// The next whole piece and how many bytes it takes; `None` when more bytes are needed.
pub fn next_piece(text: &[u8]) -> Option<(Option<Piece>, usize)> {
    let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    if blank > 0 {
        return Some((None, blank));
    }
    if text.starts_with(b"~HS") {
        return Some((Some(Piece::HostStatus), 3));
    }
    match text {
        [0x1b, b'!', b'?', ..] => return Some((Some(Piece::TsplStatus), 3)),
        [0x1b, b'!', _, ..] => return Some((None, 3)),
        [] | [0x1b | b'~' | b'^', ..] if text.len() < 3 => return None,
        _ => {}
    }
    if text.starts_with(b"^XA") {
        let end = zpl_end(text)?;
        let label = text.get(..end)?.to_vec();
        let copies = zpl_copies(&label);
        return Some((Some(Piece::Label("zpl", label, copies)), end));
    }
    if matches!(text.first(), Some(b'~' | b'^')) {
        // A setting between labels (`~SD15`, `^PW812`) reaches to the next command or line.
        let next = text.iter().skip(1).position(|b| matches!(b, b'~' | b'^' | b'\r' | b'\n'))?;
        return Some((None, next + 1));
    }
    tspl(text)
}

/// TSPL: lines up to and with `PRINT`.
fn tspl(text: &[u8]) -> Option<(Option<Piece>, usize)> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let end = tspl_line_end(rest)?;
        let line = rest.get(..end)?;
        at += end;
        if line.starts_with(b"PRINT") {
            return Some((Some(Piece::Label("tspl", text.get(..at)?.to_vec(), tspl_copies(line))), at));
        }
    }
}

/// Every whole label in these bytes, with its language.
pub fn labels(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (mut at, mut found) = (0, Vec::new());
    while let Some((piece, used)) = bytes.get(at..).and_then(next_piece) {
        if let Some(Piece::Label(language, label, _)) = piece {
            found.push((language, label));
        }
        at += used;
    }
    found
}

const HOST_STATUS: &[u8] =
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n";

/// Serves the printer, one connection after the other as real ones do.
pub(crate) async fn serve(listener: TcpListener, world: Shared) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connection(stream, &world).await,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(mut stream: TcpStream, world: &Shared) {
    let _ = stream.set_nodelay(true);
    let mut waiting: Vec<u8> = Vec::new();
    let mut job = None;
    let mut taken = 0;
    let mut chunk = vec![0_u8; 16 * 1024];
    loop {
        let mode = lock(world).printer;
        let room = match mode {
            Mode::ResetAfter { bytes } if taken >= bytes => {
                let _ = stream.set_zero_linger();
                return end(world, job, "reset");
            }
            Mode::StopReading { bytes } if taken >= bytes => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if gone(&stream).await {
                    return end(world, job, "closed");
                }
                continue;
            }
            Mode::ResetAfter { bytes } | Mode::StopReading { bytes } => bytes - taken,
            Mode::SlowDrain { bytes } => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                bytes.max(1)
            }
            Mode::Normal | Mode::Silence => chunk.len(),
        };
        let size = room.min(chunk.len());
        let read = match chunk.get_mut(..size) {
            // A mode that is switched meanwhile takes effect although nothing comes.
            Some(space) => tokio::time::timeout(Duration::from_millis(200), stream.read(space)).await,
            None => return end(world, job, "closed"),
        };
        let count = match read {
            Err(_) => continue,
            Ok(Ok(0)) => return end(world, job, "closed"),
            Ok(Err(_)) => return end(world, job, "reset"),
            Ok(Ok(count)) => count,
        };
        taken += count;
        let bytes = chunk.get(..count).unwrap_or_default();
        let index = *job.get_or_insert_with(|| open(world));
        waiting.extend_from_slice(bytes);
        keep(world, index, bytes);
        if mode == Mode::Silence {
            waiting.clear();
            continue;
        }
        let answer = print(world, index, &mut waiting);
        if !answer.is_empty() && stream.write_all(&answer).await.is_err() {
            return end(world, job, "reset");
        }
    }
}

/// Whether the other side has gone, seen without reading.
async fn gone(stream: &TcpStream) -> bool {
    let mut one = [0_u8; 1];
    matches!(tokio::time::timeout(Duration::from_millis(1), stream.peek(&mut one)).await, Ok(Ok(0) | Err(_)))
}

fn open(world: &Shared) -> usize {
    let mut world = lock(world);
    let index = world.jobs.len();
    world.jobs.push(Job { index, bytes: 0, sha256: String::new(), labels: 0, ended: "open" });
    world.job_bytes.push(Vec::new());
    index
}

fn keep(world: &Shared, index: usize, bytes: &[u8]) {
    let mut world = lock(world);
    if let Some(kept) = world.job_bytes.get_mut(index) {
        kept.extend_from_slice(bytes);
    }
    if let Some(job) = world.jobs.get_mut(index) {
        job.bytes += bytes.len();
    }
}

fn end(world: &Shared, job: Option<usize>, how: &'static str) {
    let Some(index) = job else { return };
    let mut world = lock(world);
    let hash = world.job_bytes.get(index).map(|b| sha256_hex(b)).unwrap_or_default();
    if let Some(job) = world.jobs.get_mut(index) {
        job.sha256 = hash;
        job.ended = how;
    }
}

/// Puts whole labels on paper, and gives what is to be answered.
fn print(world: &Shared, index: usize, waiting: &mut Vec<u8>) -> Vec<u8> {
    let mut answer = Vec::new();
    while let Some((piece, used)) = next_piece(waiting) {
        waiting.drain(..used);
        match piece {
            Some(Piece::HostStatus) => answer.extend_from_slice(HOST_STATUS),
            Some(Piece::TsplStatus) => answer.push(0),
            Some(Piece::Label(language, bytes, copies)) => {
                let mut world = lock(world);
                let at_ms = world.now(Platform::Printer);
                if let Some(job) = world.jobs.get_mut(index) {
                    job.labels += 1;
                }
                for _ in 0..copies {
                    let paper = Paper {
                        platform: Platform::Printer,
                        language,
                        sha256: sha256_hex(&bytes),
                        job: index,
                        number: String::new(),
                        at_ms,
                    };
                    world.paper.push(paper);
                }
            }
            None => {}
        }
    }
    answer
}
