use std::{
    io::{Read as _, Write as _},
    thread::{self, JoinHandle},
};

use serialport::{SerialPort as _, TTYPort};

use super::*;

/// The printer at the other end of a line: keeps what it gets, answers `~HS` by its mood.
struct Printer {
    path: String,
    state: std::sync::Arc<std::sync::Mutex<State>>,
    thread: Option<JoinHandle<()>>,
    /// Held open, as a line that nobody holds forgets how it was set.
    _line: TTYPort,
}

#[derive(Default)]
struct State {
    got: Vec<u8>,
    answers: Option<&'static str>,
    deaf: bool,
    off: bool,
}

const IDLE: &str =
    "\u{2}030,0,0,1245,000,0,0,0,000,0,0,0\u{3}\r\n\u{2}000,0,0,0,0,2,4,0,00000000,1,000\u{3}\r\n\u{2}1234,0\u{3}\r\n";
const NO_PAPER: &str =
    "\u{2}030,1,0,1245,000,0,0,0,000,0,0,0\u{3}\r\n\u{2}000,0,0,0,0,2,4,0,00000001,1,000\u{3}\r\n\u{2}1234,0\u{3}\r\n";

impl Printer {
    fn new(answers: Option<&'static str>) -> Self {
        let (mut there, line) = TTYPort::pair().unwrap();
        let path = line.name().unwrap();
        there.set_timeout(Duration::from_millis(20)).unwrap();
        let state = std::sync::Arc::new(std::sync::Mutex::new(State { answers, ..State::default() }));
        let mine = std::sync::Arc::clone(&state);
        let thread = thread::spawn(move || {
            let mut piece = [0; 4096];
            let mut unread = 0;
            loop {
                let (off, deaf) = {
                    let state = mine.lock().unwrap();
                    (state.off, state.deaf)
                };
                if off {
                    return;
                }
                if deaf {
                    thread::sleep(Duration::from_millis(10));
                    continue;
                }
                let Ok(read) = there.read(&mut piece) else { continue };
                let (asked, answers) = {
                    let mut state = mine.lock().unwrap();
                    state.got.extend_from_slice(&piece[..read]);
                    let asked = state.got[unread..].windows(3).filter(|bytes| *bytes == b"~HS").count();
                    unread = state.got.len().saturating_sub(2);
                    (asked, state.answers)
                };
                for _ in 0..asked {
                    there.write_all(answers.unwrap_or_default().as_bytes()).unwrap();
                }
            }
        });
        Self { path, state, thread: Some(thread), _line: line }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// Everything but the questions.
    fn paper(&self) -> String {
        String::from_utf8_lossy(&self.state.lock().unwrap().got).replace("~HS", "")
    }

    fn serial(&self, probe: bool, patience: u64) -> Device {
        let place = Place::Serial { path: self.path.clone(), baud: 115_200, flow: Flow::None };
        Device::new(&place, probe.then_some(&Format::Zpl), Duration::from_millis(patience))
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        self.set(|state| state.off = true);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn label(size: usize) -> Vec<u8> {
    format!("^XA^FX{}^FS^XZ", "0".repeat(size)).into_bytes()
}

#[tokio::test]
async fn a_serial_printer_that_answers_proves_its_labels() {
    let printer = Printer::new(Some(IDLE));
    let mut device = printer.serial(true, 3000);
    let labels = [label(20_000), label(3)];
    for label in &labels {
        let prepared = device.prepare().await;
        assert!(matches!(prepared, Prepared::Ready { proven: true }), "{prepared:?}");
        assert_eq!(device.send(label).await, Outcome::Sent);
    }
    assert_eq!(device.settle().await, Settled::Proven("the printer says its buffer is empty"));
    assert_eq!(printer.paper().as_bytes(), labels.concat(), "byte for byte");
    assert!(!device.is_open());
}

#[tokio::test]
async fn a_character_device_is_asked_like_a_line() {
    let printer = Printer::new(Some(NO_PAPER));
    let place = Place::File(printer.path.clone().into());
    let mut device = Device::new(&place, Some(&Format::Zpl), Duration::from_secs(3));
    let Prepared::Offline { reason, .. } = device.prepare().await else { panic!("fed without paper") };
    assert!(reason.contains("缺纸"), "{reason}");
    assert_eq!(printer.paper(), "", "asked, not fed");
    printer.set(|state| state.answers = Some(IDLE));
    assert!(matches!(device.prepare().await, Prepared::Ready { .. }));
    assert_eq!(device.send(&label(9000)).await, Outcome::Sent);
    assert_eq!(device.settle().await, Settled::Proven("the printer says its buffer is empty"));
    assert_eq!(printer.paper().as_bytes(), label(9000));
}

#[tokio::test]
async fn a_printer_that_never_answers_prints_and_is_taken_by_the_last_byte() {
    let printer = Printer::new(None);
    let mut device = printer.serial(true, 2000);
    assert_eq!(device.prepare().await, Prepared::Ready { proven: false });
    assert_eq!(device.send(&label(5000)).await, Outcome::Sent);
    assert_eq!(device.settle().await, Settled::Proven("the device took every byte"));
}

#[tokio::test]
async fn silence_after_an_answer_is_a_question_and_no_label_follows() {
    let printer = Printer::new(Some(IDLE));
    let mut device = printer.serial(true, 700);
    assert!(matches!(device.prepare().await, Prepared::Ready { .. }));
    assert_eq!(device.send(&label(100)).await, Outcome::Sent);
    printer.set(|state| state.answers = None);
    assert!(matches!(device.settle().await, Settled::Unproven(_)));
    let Prepared::Offline { reason, .. } = device.prepare().await else { panic!("fed although silent") };
    assert!(reason.contains("no longer answers"), "{reason}");
}

#[tokio::test]
async fn out_of_paper_after_the_label_waits_for_its_person() {
    let printer = Printer::new(Some(IDLE));
    let mut device = printer.serial(true, 2000);
    assert!(matches!(device.prepare().await, Prepared::Ready { .. }));
    assert_eq!(device.send(&label(100)).await, Outcome::Sent);
    printer.set(|state| state.answers = Some(NO_PAPER));
    assert!(matches!(device.settle().await, Settled::Waiting(_)));
    printer.set(|state| state.answers = Some(IDLE));
    assert!(matches!(device.settle().await, Settled::Proven(_)));
}

#[tokio::test]
async fn a_printer_that_stops_taking_bytes_is_a_question_not_a_hang() {
    let printer = Printer::new(None);
    let place = Place::File(printer.path.clone().into());
    let mut device = Device::new(&place, None, Duration::from_millis(300));
    assert!(matches!(device.prepare().await, Prepared::Ready { .. }));
    printer.set(|state| state.deaf = true);
    let begun = Instant::now();
    // More than the line holds by itself.
    let outcome = device.send(&label(70_000)).await;
    assert!(matches!(&outcome, Outcome::Unconfirmed(reason) if reason.contains("stopped taking")), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn an_unplugged_printer_is_a_question_and_then_away() {
    let printer = Printer::new(Some(IDLE));
    let mut device = printer.serial(true, 1000);
    assert!(matches!(device.prepare().await, Prepared::Ready { .. }));
    assert_eq!(device.send(&label(100)).await, Outcome::Sent);
    let path = printer.path.clone();
    drop(printer);
    assert!(matches!(device.settle().await, Settled::Unproven(_)));
    assert!(matches!(device.prepare().await, Prepared::Offline { .. }), "{path} is gone");
}

fn file(path: &Path) -> Device {
    Device::new(&Place::File(path.to_owned()), Some(&Format::Zpl), Duration::from_millis(500))
}

#[tokio::test]
async fn a_file_takes_label_after_label_and_is_never_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.zpl");
    assert!(matches!(file(&path).prepare().await, Prepared::Offline { .. }), "nothing is made");
    assert!(!path.exists());
    std::fs::write(&path, "before ").unwrap();
    for _ in 0..2 {
        let mut device = file(&path);
        assert_eq!(device.prepare().await, Prepared::Ready { proven: false });
        assert_eq!(device.send(b"^XA^XZ").await, Outcome::Sent);
        assert_eq!(device.settle().await, Settled::Proven("the device took every byte"));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before ^XA^XZ^XA^XZ");
    let Prepared::Offline { reason, .. } = file(folder.path()).prepare().await else { panic!("a folder") };
    assert!(reason.contains("dir://"), "{reason}");
}

#[tokio::test]
async fn a_fifo_is_away_until_somebody_reads_and_a_question_when_the_reader_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let mut device = file(&path);
    assert!(matches!(device.prepare().await, Prepared::Offline { .. }));
    // Both ways, so that opening it waits for nobody.
    let mut reader = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    assert_eq!(device.prepare().await, Prepared::Ready { proven: false });
    assert_eq!(device.send(b"^XA1^XZ").await, Outcome::Sent);
    let mut got = [0; 7];
    reader.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"^XA1^XZ");
    drop(reader);
    assert!(matches!(device.send(b"^XA2^XZ").await, Outcome::Unconfirmed(_)));
}
