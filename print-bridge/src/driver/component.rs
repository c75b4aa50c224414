//! A platform's print component (菜鸟打印组件 and the others'): a WebSocket client.
//!
//! Its `print` answer only means accepted; its notice `printed`, which comes when it likes, is the paper. WeChat's
//! answers once, when it is through.
//! One task carries one document, so that no answer is about more than one label.
//!
//! A job's bytes are the JSON of one document, `{"documentID":…,"contents":[…]}`. They are handed on as they are:
//! parts of them are signed by the platform.

use std::{
    collections::HashMap,
    future::pending,
    time::{Duration, Instant},
};

use futures::{SinkExt as _, StreamExt as _};
use tokio::{
    net::TcpStream,
    time::{sleep_until, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use self::words::{Frame, Word};
use super::{Outcome, Prepared, Settled};
use crate::protocol::{Job, JobKey};

mod words;

pub use self::words::Platform;

const CONNECT: Duration = Duration::from_secs(5);
/// How long the component may take to say that it has accepted a task.
const ACCEPT: Duration = Duration::from_secs(10);
/// How many labels that were given up are still listened for.
const GIVEN_UP: usize = 256;

/// A print component.
#[derive(Debug)]
pub struct Component {
    platform: Platform,
    url: String,
    printer: String,
    patience: Duration,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    running: Option<Task>,
    given_up: HashMap<String, JobKey>,
}

#[derive(Debug)]
struct Task {
    id: String,
    key: JobKey,
    rendered: bool,
}

impl Component {
    /// The component at `url`, printing on its own printer `printer` (empty: its default).
    #[must_use]
    pub fn new(platform: Platform, url: &str, printer: &str, patience: Duration) -> Self {
        Self {
            platform,
            url: url.to_owned(),
            printer: printer.to_owned(),
            patience,
            socket: None,
            running: None,
            given_up: HashMap::new(),
        }
    }

    pub(super) async fn prepare(&mut self) -> Prepared {
        if self.socket.is_none() {
            let reason = match timeout(CONNECT, connect_async(self.url.as_str())).await {
                Ok(Ok((socket, _))) => {
                    self.socket = Some(socket);
                    return Prepared::Ready { proven: false };
                }
                Ok(Err(_)) | Err(_) => "打印组件没有运行 / the print component is not running".to_owned(),
            };
            return Prepared::Offline { reason, proven: false };
        }
        Prepared::Ready { proven: false }
    }

    pub(super) async fn send(&mut self, job: &Job, bytes: &[u8]) -> Outcome {
        let key = job.key();
        let id = format!("huidan-{}-{}", key.id, key.attempt);
        let text = match self.platform.request(&id, &self.printer, bytes) {
            Ok(text) => text,
            Err(reason) => return Outcome::Failed(reason.to_owned()),
        };
        let Some(socket) = &mut self.socket else {
            return Outcome::Failed("no connection: never started".to_owned());
        };
        if socket.send(Message::text(text)).await.is_err() {
            self.socket = None;
            return Outcome::Unconfirmed("the connection to the print component broke while sending".to_owned());
        }
        self.running = Some(Task { id, key, rendered: false });
        let until = Instant::now() + if self.platform.answers_once() { self.patience } else { ACCEPT };
        loop {
            let Some(frame) = self.next_frame(until).await else {
                self.give_up();
                return Outcome::Unconfirmed("the print component did not say that it took the task".to_owned());
            };
            let Some(word) = self.word(&frame) else { continue };
            match word {
                Word::Accepted => return Outcome::Sent,
                Word::Refused => {
                    self.running = None;
                    return Outcome::Failed("the print component refused the task".to_owned());
                }
                // A notice may overtake the answer.
                Word::Rendered | Word::Printed | Word::Failed | Word::Doubtful | Word::Other => {}
            }
            if let Some(settled) = self.hear(word) {
                return match settled {
                    Settled::Proven(proof) => Outcome::Done(proof),
                    Settled::Failed(reason) => Outcome::Failed(reason),
                    Settled::Unproven(reason) | Settled::Waiting(reason) => Outcome::Unconfirmed(reason),
                };
            }
        }
    }

    pub(super) async fn settle(&mut self) -> Settled {
        if self.running.is_none() {
            return Settled::Proven("nothing was open");
        }
        let until = Instant::now() + self.patience;
        loop {
            let Some(frame) = self.next_frame(until).await else {
                self.give_up();
                let reason = "the print component took the task and has not said that it was printed";
                return Settled::Unproven(reason.to_owned());
            };
            if let Some(settled) = self.word(&frame).and_then(|word| self.hear(word)) {
                return settled;
            }
        }
    }

    /// What a message says about the running task.
    fn word(&self, frame: &Frame) -> Option<Word> {
        self.platform.hear(frame, &self.running.as_ref()?.id)
    }

    /// What a word makes of the running task, if it ends it.
    fn hear(&mut self, word: Word) -> Option<Settled> {
        let task = self.running.as_mut()?;
        let settled = match word {
            Word::Printed => Settled::Proven("the print component says printed"),
            Word::Rendered => {
                task.rendered = true;
                return None;
            }
            Word::Accepted | Word::Refused | Word::Other => return None,
            // What was never rendered never reached a printer, where the component tells the two apart.
            Word::Failed if !task.rendered && self.platform.renders() => {
                Settled::Failed("the print component could not render the document".to_owned())
            }
            Word::Failed if task.rendered => {
                Settled::Unproven("the print component says failed after rendering".to_owned())
            }
            Word::Failed => Settled::Unproven("the print component says failed, not when".to_owned()),
            Word::Doubtful => Settled::Unproven("the print component says printed, and a part of it failed".to_owned()),
        };
        self.running = None;
        Some(settled)
    }

    /// Listens on for a task whose time is over.
    fn give_up(&mut self) {
        if let Some(task) = self.running.take()
            && self.given_up.len() < GIVEN_UP
        {
            self.given_up.insert(task.id, task.key);
        }
    }

    /// The next message; `None` when the time is over or the connection is gone.
    async fn next_frame(&mut self, until: Instant) -> Option<Frame> {
        let socket = self.socket.as_mut()?;
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                () = sleep_until(until.into()) => return None,
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(frame) = serde_json::from_str(&text) {
                        return Some(frame);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.socket = None;
                    return None;
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// A label that had been given up and came out after all. That one failed is no news: it may have been rendered
    /// while nobody listened.
    pub(super) async fn late(&mut self) -> JobKey {
        while self.socket.is_some() {
            // A day is as good as for ever, and keeps one way of reading.
            let Some(frame) = self.next_frame(Instant::now() + Duration::from_secs(86_400)).await else { continue };
            let printed = |id: &&String| self.platform.hear(&frame, id) == Some(Word::Printed);
            let printed = self.given_up.keys().find(printed).cloned();
            if let Some(key) = printed.and_then(|id| self.given_up.remove(&id)) {
                return key;
            }
        }
        pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(platform: Platform) -> Component {
        let mut component = Component::new(platform, "ws://127.0.0.1:1", "", Duration::from_secs(1));
        let key = JobKey { id: "j".into(), attempt: 1 };
        component.running = Some(Task { id: "t".into(), key, rendered: false });
        component
    }

    #[test]
    fn failed_is_certain_only_before_rendering() {
        assert!(matches!(running(Platform::Cainiao).hear(Word::Failed), Some(Settled::Failed(_))));
        let mut after = running(Platform::Cainiao);
        assert_eq!(after.hear(Word::Rendered), None);
        assert!(matches!(after.hear(Word::Failed), Some(Settled::Unproven(_))));
    }

    #[test]
    fn failed_is_never_certain_where_nothing_is_said_before_printing() {
        for platform in [Platform::Pinduoduo, Platform::Douyin, Platform::Kuaishou, Platform::WechatShop] {
            assert!(matches!(running(platform).hear(Word::Failed), Some(Settled::Unproven(_))), "{platform:?}");
        }
    }

    #[test]
    fn a_notice_for_another_task_says_nothing_about_ours() {
        let other = r#"{"cmd":"notifyPrintResult","taskID":"u","taskStatus":"printed"}"#;
        assert_eq!(running(Platform::Cainiao).word(&serde_json::from_str(other).unwrap()), None);
    }
}
