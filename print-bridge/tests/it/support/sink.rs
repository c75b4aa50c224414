//! A printer on port 9100 with the moods of real ones.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// How the printer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Reads to the end, then closes. Answers nothing.
    Plain,
    /// As `Plain`, this many milliseconds for each label.
    Slow(u64),
    /// Answers `~HS`: idle, or out of paper.
    Talking { paper: bool },
    /// Resets the connection after this many bytes.
    Reset(usize),
    /// Takes this many bytes and no more.
    StopsReading(usize),
    /// Takes everything and never closes.
    Silent,
}

struct Shared {
    mood: Mood,
    /// Everything received, one entry per connection.
    received: Vec<Vec<u8>>,
}

/// A printer with an address of its own.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

impl Sink {
    pub(crate) fn new(mood: Mood) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), mood)
    }

    pub(crate) fn at(address: SocketAddr, mood: Mood) -> Self {
        let shared = Arc::new(Mutex::new(Shared { mood, received: Vec::new() }));
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        // As little memory as a label printer has.
        socket.set_recv_buffer_size(4096).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(8).unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                // One connection at a time, as printers have it.
                while let Ok((stream, _)) = listener.accept().await {
                    let place = {
                        let mut shared = shared.lock().unwrap();
                        shared.received.push(Vec::new());
                        shared.received.len() - 1
                    };
                    serve(stream, &shared, place).await;
                }
            }
        });
        Self { address, shared, server }
    }

    pub(crate) fn target(&self) -> String {
        format!("tcp://{}", self.address)
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.shared.lock().unwrap().mood = mood;
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().unwrap().received.len()
    }

    /// Everything received, status queries taken out.
    pub(crate) fn text(&self) -> String {
        let bytes = self.shared.lock().unwrap().received.concat();
        String::from_utf8_lossy(&bytes).replace("~HS", "")
    }

    /// The job ids of whole labels, in the order of paper.
    pub(crate) fn paper(&self) -> Vec<String> {
        whole_labels(&self.text())
    }

    /// How many labels, whole or cut, were begun for a job.
    pub(crate) fn begun(&self, job: &str) -> usize {
        self.text().matches(&format!("^FX{job};")).count()
    }
}

/// An address where nothing listens.
pub(crate) fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn whole_labels(text: &str) -> Vec<String> {
    text.split("^XA")
        .filter(|label| label.contains("^XZ"))
        .filter_map(|label| Some(label.strip_prefix("^FX")?.split_once(';')?.0.to_owned()))
        .collect()
}

async fn serve(mut stream: TcpStream, shared: &Mutex<Shared>, place: usize) {
    let mut piece = [0; 1024];
    let mut taken = 0;
    loop {
        let mood = shared.lock().unwrap().mood;
        match mood {
            // What is left unread turns the close into a reset.
            Mood::Reset(after) if taken >= after => return,
            Mood::StopsReading(after) if taken >= after => sleep(Duration::from_secs(3600)).await,
            _ => {}
        }
        let room = match mood {
            Mood::Reset(after) | Mood::StopsReading(after) => (after - taken).min(piece.len()),
            _ => piece.len(),
        };
        let read = match stream.read(&mut piece[..room]).await {
            Ok(0) if mood == Mood::Silent => return sleep(Duration::from_secs(3600)).await,
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        taken += read;
        let (queries, labels) = {
            let mut shared = shared.lock().unwrap();
            let received = &mut shared.received[place];
            let new = received.len().saturating_sub(2);
            received.extend_from_slice(&piece[..read]);
            let count = |words: &[u8]| received[new..].windows(3).filter(|bytes| *bytes == words).count();
            (count(b"~HS"), count(b"^XZ"))
        };
        if let Mood::Slow(each) = mood {
            sleep(Duration::from_millis(each) * u32::try_from(labels).unwrap()).await;
        }
        for _ in 0..queries {
            let Mood::Talking { paper } = mood else { break };
            let (out, left) = if paper { (0, 0) } else { (1, 1) };
            let answer = format!(
                "\u{2}030,{out},0,1245,000,0,0,0,000,0,0,0\u{3}\r\n\
                 \u{2}000,0,0,0,0,2,4,0,{left:08},1,000\u{3}\r\n\u{2}1234,0\u{3}\r\n"
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
