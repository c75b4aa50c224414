//! The platform's print component on an operator's PC: a WebSocket that takes tasks and tells how they went.

use crate::cainiao;
use crate::ebill;
use crate::ledger::{Paper, Task};
use crate::order::Platform;
use crate::sign::sha256_hex;
use crate::world::{Shared, World, lock};
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

const ME: Platform = Platform::Component;
const RENDER: Duration = Duration::from_millis(20);
const PRINT: Duration = Duration::from_millis(30);
const PRINTER: &str = "HUIDAN-SIM-76x130";

/// How the component behaves.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum Mode {
    /// Prints.
    #[default]
    Normal,
    /// Takes tasks, never says a word after.
    Silent,
    /// Takes tasks and reports them failed.
    Fail,
    /// Does not take tasks.
    Refuse,
    /// Prints, but hangs up instead of telling.
    HangUp,
}

/// Serves the component.
pub(crate) async fn serve(listener: TcpListener, world: Shared) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, world.clone()));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, world: Shared) {
    let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let (mut out, mut incoming) = socket.split();
    let (later, mut queue) = mpsc::unbounded_channel::<Option<Value>>();
    let writer = tokio::spawn(async move {
        while let Some(Some(frame)) = queue.recv().await {
            if out.send(Message::text(frame.to_string())).await.is_err() {
                return;
            }
        }
        let _ = out.close().await;
    });
    while let Some(Ok(message)) = incoming.next().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        answer(&world, &request, &later);
    }
    drop(later);
    let _ = writer.await;
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn answer(world: &Shared, request: &Value, later: &mpsc::UnboundedSender<Option<Value>>) {
    let (command, id) = (text(request, "cmd"), text(request, "requestID"));
    let mut reply =
        json!({"cmd": command, "requestID": id, "version": "1.0", "status": "success", "msg": "成功", "errorCode": 0});
    let more = match command.as_str() {
        "getPrinters" => {
            json!({"defaultPrinter": PRINTER, "printers": [{"name": PRINTER, "status": "enable", "type": "thermal"}]})
        }
        "getPrinterConfig" => json!({"printer": {"name": PRINTER, "needTopLogo": false, "needBottomLogo": false,
            "horizontalOffset": 0, "verticalOffset": 0, "forceNoPageMargins": true, "paperSize": {"width": 76, "height": 130}}}),
        "setPrinterConfig" => json!({}),
        "print" => {
            print(world, request, reply, later);
            return;
        }
        _ => json!({"status": "failed", "msg": "不支持的命令", "errorCode": 1}),
    };
    merge(&mut reply, more);
    let _ = later.send(Some(reply));
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// Opens every document of a task: number and receiver, or why one cannot be printed.
fn open_all(world: &World, documents: &[Value]) -> Result<Vec<(String, crate::fiction::Receiver)>, String> {
    let mut opened = Vec::new();
    for document in documents {
        let contents = document.get("contents").and_then(Value::as_array).cloned().unwrap_or_default();
        let waybill = contents.iter().find(|c| c.get("encryptedData").is_some());
        let waybill = waybill.ok_or("contents: no encryptedData")?;
        let read = if ebill::ours(waybill) { ebill::open(waybill) } else { cainiao::open(world, waybill) };
        let (number, receiver) = read?;
        if text(document, "documentID") != number {
            return Err(format!("documentID is not {number}"));
        }
        opened.push((number, receiver));
    }
    if opened.is_empty() { Err("documents: none".to_owned()) } else { Ok(opened) }
}

fn print(world: &Shared, request: &Value, mut reply: Value, later: &mpsc::UnboundedSender<Option<Value>>) {
    let task = request.get("task").cloned().unwrap_or_default();
    let id = text(&task, "taskID");
    let documents = task.get("documents").and_then(Value::as_array).cloned().unwrap_or_default();
    let names: Vec<String> = documents.iter().map(|d| text(d, "documentID")).collect();
    let mut world = lock(world);
    let mode = world.component;
    let opened = if id.is_empty() { Err("taskID: empty".to_owned()) } else { open_all(&world, &documents) };
    let repeat = world.tasks.iter().any(|t| t.id == id && t.outcome != "refused");
    let outcome = match (&opened, mode) {
        (Err(_), _) | (_, Mode::Refuse) => "refused",
        (Ok(_), Mode::Fail) => "failed",
        (Ok(_), Mode::Silent) => "silent",
        (Ok(_), Mode::Normal | Mode::HangUp) => "printed",
    };
    let why = opened.as_ref().err().cloned().unwrap_or_default();
    if let Err(why) = &opened {
        world.refuse(ME, "print", why, why.starts_with("验签"));
    }
    let opened = opened.unwrap_or_default();
    if outcome == "printed" {
        let (job, at_ms) = (world.tasks.len(), world.now(ME));
        for (number, _) in &opened {
            world.paper.push(Paper {
                platform: ME,
                language: "component",
                sha256: sha256_hex(number.as_bytes()),
                job,
                number: number.clone(),
                at_ms,
            });
        }
    }
    let receivers = opened.into_iter().map(|o| o.1).collect();
    world.tasks.push(Task { id: id.clone(), documents: names.clone(), outcome, repeat, why: why.clone(), receivers });
    drop(world);
    let taken = if outcome == "refused" {
        json!({"taskID": id, "status": "failed", "msg": why, "errorCode": 2})
    } else {
        json!({"taskID": id})
    };
    merge(&mut reply, taken);
    let _ = later.send(Some(reply));
    let kinds = task.get("notifyType").and_then(Value::as_array).cloned().unwrap_or_default();
    let kinds: Vec<String> = kinds.iter().filter_map(|k| k.as_str().map(str::to_owned)).collect();
    tokio::spawn(tell(later.clone(), id, names, outcome, mode, kinds));
}

async fn tell(
    later: mpsc::UnboundedSender<Option<Value>>,
    id: String,
    names: Vec<String>,
    outcome: &'static str,
    mode: Mode,
    kinds: Vec<String>,
) {
    if matches!(outcome, "refused" | "silent") {
        return;
    }
    let frame = |status: &str| {
        let rows: Vec<Value> = names
            .iter()
            .map(|n| json!({"documentID": n, "status": if status == "failed" { "failed" } else { "success" }, "msg": "", "printer": PRINTER}))
            .collect();
        json!({"cmd": "notifyPrintResult", "requestID": "", "taskID": id, "printer": PRINTER, "taskStatus": status, "printStatus": rows})
    };
    let wants = |kind: &str| kinds.is_empty() || kinds.iter().any(|k| k == kind);
    tokio::time::sleep(RENDER).await;
    if wants("render") && outcome == "printed" {
        let _ = later.send(Some(frame("rendered")));
    }
    tokio::time::sleep(PRINT).await;
    if mode == Mode::HangUp {
        let _ = later.send(None);
    } else if wants("print") {
        let _ = later.send(Some(frame(outcome)));
    }
}
