//! Where bytes of a scale or a scanner come from.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    net::TcpStream,
    path::PathBuf,
    thread,
    time::Duration,
};

use tokio::sync::mpsc;
use url::Url;

/// How long a read waits; only then is it noticed that nobody listens any more.
const TURN: Duration = Duration::from_secs(2);

/// A place that bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A serial port; USB scales and scanners appear as one.
    Serial {
        /// `/dev/ttyUSB0`, or `COM3`.
        path: String,
        /// Bits a second.
        baud: u32,
    },
    /// A serial port on the network.
    Tcp {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// Standard input, a line per scan: a scanner that types into the terminal the bridge was started in.
    Stdin,
    /// A scanner that is a keyboard, read where Linux keeps its key strokes.
    Keys(PathBuf),
}

impl Source {
    /// The source of an address; a scale has no keyboard.
    pub(super) fn of(url: &Url, baud: u32, scale: bool) -> Option<Self> {
        let path = percent_encoding::percent_decode_str(url.path()).decode_utf8().ok()?;
        match url.scheme() {
            "serial" if !path.is_empty() => {
                let path = path.strip_prefix('/').filter(|rest| rest.starts_with("COM")).unwrap_or(&path);
                Some(Self::Serial { path: path.to_owned(), baud })
            }
            "tcp" => Some(Self::Tcp { host: url.host_str()?.trim_matches(['[', ']']).to_owned(), port: url.port()? }),
            "stdin" if !scale => Some(Self::Stdin),
            "evdev" if !scale && path.starts_with('/') => Some(Self::Keys(PathBuf::from(&*path))),
            _ => None,
        }
    }

    /// Whether it can come back after it was lost.
    pub(super) const fn comes_back(&self) -> bool {
        !matches!(self, Self::Stdin)
    }
}

/// Opens a source; its bytes come as they are read, until it is lost.
///
/// # Errors
/// What the system said.
pub async fn open(source: &Source) -> io::Result<mpsc::Receiver<Vec<u8>>> {
    let source = source.clone();
    let reader = tokio::task::spawn_blocking(move || reader(&source)).await.map_err(io::Error::other)??;
    let (send, receive) = mpsc::channel(64);
    // A thread of its own: a port that hangs must not take one from those that write the journal.
    thread::Builder::new().name("attached".to_owned()).spawn(move || pump(reader, &send))?;
    Ok(receive)
}

fn reader(source: &Source) -> io::Result<Box<dyn Read + Send>> {
    match source {
        Source::Serial { path, baud } => {
            let port = serialport::new(path, *baud).timeout(TURN).open();
            Ok(Box::new(port.map_err(io::Error::from)?))
        }
        Source::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port))?;
            stream.set_read_timeout(Some(TURN))?;
            Ok(Box::new(stream))
        }
        Source::Stdin => Ok(Box::new(io::stdin())),
        Source::Keys(path) => Ok(Box::new(File::open(path)?)),
    }
}

fn pump(mut reader: Box<dyn Read + Send>, send: &mpsc::Sender<Vec<u8>>) {
    let mut piece = [0; 1024];
    while !send.is_closed() {
        match reader.read(&mut piece) {
            Ok(0) => return,
            Ok(read) => {
                let bytes = piece.get(..read).unwrap_or_default().to_vec();
                if send.blocking_send(bytes).is_err() {
                    return;
                }
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => return,
        }
    }
}
