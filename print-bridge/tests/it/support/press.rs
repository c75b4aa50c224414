//! A printer on port 9100 that has a buffer, prints a label at a time, and has the troubles of a long day: jams, paper
//! that ends without a word, power that goes in the middle of a label, labels that come out blank.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

/// What goes wrong at a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It sticks; the printer says so, and prints it when it is cleared.
    Jam,
    /// The paper has ended: nothing is printed and nothing is said until somebody switches it off and on.
    Mute,
    /// The power goes while its bytes come in: what is in the buffer is gone.
    PowerLoss,
    /// It comes out blank, and the printer says that all is well.
    Blank,
}

/// One sheet that came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) job: String,
    pub(crate) blank: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    Jammed,
    Mute,
    Dark,
}

struct Shared {
    state: State,
    buffer: VecDeque<String>,
    paper: Vec<Sheet>,
    /// By how many labels it has begun to receive.
    faults: HashMap<usize, Fault>,
    /// Labels of which the first byte came in.
    begun: usize,
    pending: HashMap<String, Fault>,
    /// Rises when the power goes: connections of before are dead.
    life: u32,
    met: Vec<Fault>,
}

/// A printer with an address of its own.
#[derive(Clone)]
pub(crate) struct Press {
    pub(crate) address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Press {
    /// With troubles at labels, counted from 1 in the order in which they come in.
    pub(crate) fn new(faults: &[(usize, Fault)]) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            state: State::Well,
            buffer: VecDeque::new(),
            paper: Vec::new(),
            faults: faults.iter().copied().collect(),
            begun: 0,
            pending: HashMap::new(),
            life: 0,
            met: Vec::new(),
        }));
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(8).unwrap();
        let press = Self { address: listener.local_addr().unwrap(), shared };
        let (taking, printing) = (press.clone(), press.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                taking.serve(stream).await;
            }
        });
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(2)).await;
                printing.print_one();
            }
        });
        press
    }

    fn look(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }

    pub(crate) fn target(&self) -> String {
        format!("tcp://{}?timeout=1", self.address)
    }

    /// What came out, in order.
    pub(crate) fn paper(&self) -> Vec<Sheet> {
        self.look().paper.clone()
    }

    /// The troubles it had.
    pub(crate) fn met(&self) -> Vec<Fault> {
        self.look().met.clone()
    }

    /// How often it was without power.
    pub(crate) fn lives(&self) -> u32 {
        self.look().life
    }

    /// Whether somebody has to see to it.
    pub(crate) fn in_trouble(&self) -> bool {
        self.look().state != State::Well
    }

    /// Somebody sees to it. What was jammed is printed; what was in the buffer of one that had to be switched off and
    /// on is gone.
    pub(crate) fn mend(&self) {
        let mut shared = self.look();
        if shared.state == State::Mute {
            shared.buffer.clear();
            shared.life += 1;
        }
        shared.state = State::Well;
    }

    fn print_one(&self) {
        let mut shared = self.look();
        if shared.state != State::Well {
            return;
        }
        let Some(job) = shared.buffer.pop_front() else { return };
        let fault = shared.pending.remove(&job);
        shared.met.extend(fault);
        match fault {
            Some(Fault::Jam) => {
                shared.state = State::Jammed;
                shared.buffer.push_front(job);
            }
            Some(Fault::Mute) => {
                shared.state = State::Mute;
                shared.buffer.push_front(job);
            }
            Some(Fault::Blank) => shared.paper.push(Sheet { job, blank: true }),
            Some(Fault::PowerLoss) | None => shared.paper.push(Sheet { job, blank: false }),
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let (life, mut waiting, mut begun) = (self.look().life, Vec::new(), false);
        let mut piece = [0; 512];
        loop {
            if self.look().life != life || self.look().state == State::Dark {
                // As from a machine that is gone: no goodbye that could be taken for one.
                let _ = stream.set_zero_linger();
                return;
            }
            let read = match timeout(Duration::from_millis(10), stream.read(&mut piece)).await {
                Err(_) => continue,
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(read)) => read,
            };
            waiting.extend_from_slice(&piece[..read]);
            for _ in 0..self.take(&mut waiting, &mut begun) {
                let answer = self.status();
                if !answer.is_empty() && stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Takes whole labels out of what came in; answers how many questions were among it.
    fn take(&self, waiting: &mut Vec<u8>, begun: &mut bool) -> usize {
        let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|part| part == what);
        let mut questions = 0;
        loop {
            while waiting.first().is_some_and(u8::is_ascii_whitespace) {
                waiting.remove(0);
            }
            if waiting.starts_with(b"~HS") {
                waiting.drain(..3);
                questions += 1;
                continue;
            }
            let Some(name) = name(waiting) else { return questions };
            if !*begun {
                *begun = true;
                let mut shared = self.look();
                shared.begun += 1;
                let at = shared.begun;
                if let Some(fault) = shared.faults.remove(&at) {
                    if fault == Fault::PowerLoss {
                        shared.met.push(fault);
                        shared.state = State::Dark;
                        shared.buffer.clear();
                        shared.life += 1;
                        return questions;
                    }
                    shared.pending.insert(name.clone(), fault);
                }
            }
            let Some(end) = find(waiting, b"^XZ") else { return questions };
            waiting.drain(..end + 3);
            *begun = false;
            self.look().buffer.push_back(name);
        }
    }

    fn status(&self) -> String {
        let shared = self.look();
        let (out, waits) = match shared.state {
            State::Mute | State::Dark => return String::new(),
            State::Jammed => (1, shared.buffer.len()),
            State::Well => (0, shared.buffer.len()),
        };
        // The one under the head is no longer among those that wait.
        let behind = waits.saturating_sub(1);
        format!(
            "\u{2}030,{out},0,1245,{behind:03},0,0,0,000,0,0,0\u{3}\r\n\
             \u{2}000,0,0,0,0,2,4,0,{waits:08},1,000\u{3}\r\n\u{2}1234,0\u{3}\r\n"
        )
    }
}

/// The job of a label that begins here, once that much of it has come.
fn name(label: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(label.get(..label.len().min(64))?).into_owned();
    Some(text.strip_prefix("^XA^FX")?.split_once(';')?.0.to_owned())
}
