//! A platform's print component (菜鸟打印组件 and those that copied its protocol): a WebSocket client.
//!
//! Its `print` answer only means accepted. `notifyPrintResult` with `printed`, which comes when it likes, is the paper.
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
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use tokio::{
    net::TcpStream,
    time::{sleep_until, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use super::{Outcome, Prepared, Settled};
use crate::protocol::{Job, JobKey};

const CONNECT: Duration = Duration::from_secs(5);
/// How long the component may take to say that it has accepted a task.
const ACCEPT: Duration = Duration::from_secs(10);
/// How many labels that were given up are still listened for.
const GIVEN_UP: usize = 256;

/// A print component.
#[derive(Debug)]
pub struct Component {
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

#[derive(Serialize)]
struct Request<'a> {
    cmd: &'static str,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    version: &'static str,
    task: TaskBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskBody<'a> {
    #[serde(rename = "taskID")]
    task_id: &'a str,
    preview: bool,
    printer: &'a str,
    first_document_number: u32,
    total_document_count: u32,
    notify_type: [&'static str; 2],
    documents: [&'a RawValue; 1],
}

/// Any message of the component; what we do not know is passed over.
#[derive(Debug, Default, Deserialize)]
struct Frame {
    #[serde(default, deserialize_with = "nullable")]
    cmd: String,
    #[serde(default, deserialize_with = "nullable", rename = "requestID")]
    request_id: String,
    #[serde(default, deserialize_with = "nullable", rename = "taskID")]
    task_id: String,
    #[serde(default, deserialize_with = "nullable")]
    status: String,
    #[serde(default, deserialize_with = "nullable", rename = "taskStatus")]
    task_status: String,
    #[serde(default, deserialize_with = "nullable", rename = "printStatus")]
    print_status: Vec<DocumentStatus>,
}

#[derive(Debug, Default, Deserialize)]
struct DocumentStatus {
    #[serde(default, deserialize_with = "nullable")]
    status: String,
}

/// `null` is as good as absent.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// What a notice says about a task.
#[derive(Debug, PartialEq, Eq)]
enum Notice {
    Rendered,
    Printed,
    Failed,
    /// A word we do not know says nothing.
    Other,
}

impl Frame {
    fn notice(&self) -> Notice {
        let document_failed = self.print_status.iter().any(|d| matches!(d.status.as_str(), "failed" | "canceled"));
        match self.task_status.as_str() {
            "printed" if !document_failed => Notice::Printed,
            "printed" | "failed" => Notice::Failed,
            "rendered" => Notice::Rendered,
            _ => Notice::Other,
        }
    }
}

impl Component {
    /// The component at `url`, printing on its own printer `printer` (empty: its default).
    #[must_use]
    pub fn new(url: &str, printer: &str, patience: Duration) -> Self {
        Self {
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
        let text = match self.request(&id, bytes) {
            Ok(text) => text,
            Err(reason) => return Outcome::Failed(reason),
        };
        let Some(socket) = &mut self.socket else {
            return Outcome::Failed("no connection: never started".to_owned());
        };
        if socket.send(Message::text(text)).await.is_err() {
            self.socket = None;
            return Outcome::Unconfirmed("the connection to the print component broke while sending".to_owned());
        }
        self.running = Some(Task { id: id.clone(), key, rendered: false });
        let until = Instant::now() + ACCEPT;
        loop {
            let Some(frame) = self.next_frame(until).await else {
                self.give_up();
                return Outcome::Unconfirmed("the print component did not say that it took the task".to_owned());
            };
            if frame.cmd == "print" && (frame.request_id == id || frame.task_id == id) {
                if frame.status == "success" {
                    return Outcome::Sent;
                }
                self.running = None;
                return Outcome::Failed("the print component refused the task".to_owned());
            }
            // A notice may overtake the answer.
            if let Some(settled) = self.hear(&frame) {
                return match settled {
                    Settled::Proven(proof) => Outcome::Done(proof),
                    Settled::Failed(reason) => Outcome::Failed(reason),
                    Settled::Unproven(reason) | Settled::Waiting(reason) => Outcome::Unconfirmed(reason),
                };
            }
        }
    }

    fn request(&self, id: &str, bytes: &[u8]) -> Result<String, String> {
        let unreadable = |_| "the job is not the JSON of one document: never started".to_owned();
        let document: &RawValue = serde_json::from_slice(bytes).map_err(unreadable)?;
        if !document.get().starts_with('{') {
            return Err("the job is not the JSON of one document: never started".to_owned());
        }
        let task = TaskBody {
            task_id: id,
            preview: false,
            printer: &self.printer,
            first_document_number: 1,
            total_document_count: 1,
            notify_type: ["render", "print"],
            documents: [document],
        };
        serde_json::to_string(&Request { cmd: "print", request_id: id, version: "1.0", task }).map_err(unreadable)
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
            if let Some(settled) = self.hear(&frame) {
                return settled;
            }
        }
    }

    /// What a message says about the running task, if it ends it.
    fn hear(&mut self, frame: &Frame) -> Option<Settled> {
        let task = self.running.as_mut().filter(|task| task.id == frame.task_id)?;
        if frame.cmd != "notifyPrintResult" {
            return None;
        }
        let settled = match frame.notice() {
            Notice::Printed => Settled::Proven("the print component says printed"),
            Notice::Rendered => {
                task.rendered = true;
                return None;
            }
            Notice::Other => return None,
            // What was never rendered never reached a printer.
            Notice::Failed if !task.rendered && frame.task_status == "failed" => {
                Settled::Failed("the print component could not render the document".to_owned())
            }
            Notice::Failed => Settled::Unproven("the print component says failed after rendering".to_owned()),
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
            if frame.notice() == Notice::Printed
                && let Some(key) = self.given_up.remove(&frame.task_id)
            {
                return key;
            }
        }
        pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component() -> Component {
        Component::new("ws://127.0.0.1:1", "", Duration::from_secs(1))
    }

    fn frame(text: &str) -> Frame {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_the_platform_signed_travels_byte_for_byte() {
        let document = r#"{"documentID":"9","contents":[{"encryptedData":"AES:a/b=","signature":"x","ver":1.0,"data":{"b":1,"a":2}}]}"#;
        let text = component().request("t", document.as_bytes()).unwrap();
        assert!(text.contains(document), "{text}");
        assert!(text.contains(r#""totalDocumentCount":1,"notifyType":["render","print"]"#));
    }

    #[test]
    fn what_is_no_document_is_refused_before_anything_is_sent() {
        for wrong in ["", "[]", "^XA^XZ", "\"x\""] {
            component().request("t", wrong.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn failed_is_certain_only_before_rendering() {
        let mut before = component();
        let task = || Some(Task { id: "t".into(), key: JobKey { id: "j".into(), attempt: 1 }, rendered: false });
        before.running = task();
        let failed = frame(r#"{"cmd":"notifyPrintResult","taskID":"t","taskStatus":"failed"}"#);
        assert!(matches!(before.hear(&failed), Some(Settled::Failed(_))));
        let mut after = component();
        after.running = task();
        let rendered = frame(r#"{"cmd":"notifyPrintResult","taskID":"t","taskStatus":"rendered"}"#);
        assert_eq!(after.hear(&rendered), None);
        assert!(matches!(after.hear(&failed), Some(Settled::Unproven(_))));
    }

    #[test]
    fn printed_with_a_failed_document_is_not_printed() {
        let mixed = frame(r#"{"taskStatus":"printed","printStatus":[{"documentID":"9","status":"failed","msg":"x"}]}"#);
        assert_eq!(mixed.notice(), Notice::Failed);
        assert_eq!(frame(r#"{"taskStatus":"queued"}"#).notice(), Notice::Other);
    }

    #[test]
    fn a_notice_for_another_task_says_nothing_about_ours() {
        let mut component = component();
        component.running = Some(Task { id: "t".into(), key: JobKey { id: "j".into(), attempt: 1 }, rendered: false });
        let other = frame(r#"{"cmd":"notifyPrintResult","taskID":"u","taskStatus":"printed"}"#);
        assert_eq!(component.hear(&other), None);
    }
}
