//! A platform's print component: accepted is not printed.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    routing::any,
};
use serde_json::{Value, json};

use crate::support::{
    bridge::{Bridge, Setup},
    hub::{CODE, Hub, SECRETS},
};

/// What the component does with a task, in order.
#[derive(Debug, Clone)]
enum Act {
    Accept,
    Refuse,
    Notify(&'static str),
    Wait(u64),
    HangUp,
}

struct Double {
    address: SocketAddr,
    script: Vec<Act>,
    tasks: Vec<Value>,
}

type Shared = Arc<Mutex<Double>>;

async fn double(script: &[Act]) -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shared = Arc::new(Mutex::new(Double { address, script: script.to_vec(), tasks: Vec::new() }));
    let upgrade = |State(shared): State<Shared>, upgrade: WebSocketUpgrade| async move {
        upgrade.on_upgrade(move |socket| serve(socket, shared))
    };
    let routes = Router::new().route("/", any(upgrade)).with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    shared
}

async fn serve(mut socket: WebSocket, shared: Shared) {
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&request["cmd"], &request["version"]), (&json!("print"), &json!("1.0")));
        let task = request["task"].clone();
        let script = {
            let mut shared = shared.lock().unwrap();
            shared.tasks.push(task.clone());
            shared.script.clone()
        };
        for act in script {
            let answer = match act {
                Act::Accept => json!({"cmd": "print", "requestID": request["requestID"], "status": "success"}),
                Act::Refuse => {
                    json!({"cmd": "print", "requestID": request["requestID"], "status": "failed", "msg": null})
                }
                Act::Notify(status) => json!({
                    "cmd": "notifyPrintResult", "taskID": task["taskID"], "printer": "x", "taskStatus": status,
                    "printStatus": [{"documentID": task["documents"][0]["documentID"], "status": "success"}],
                }),
                Act::Wait(ms) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    continue;
                }
                Act::HangUp => return,
            };
            if socket.send(Message::text(answer.to_string())).await.is_err() {
                return;
            }
        }
    }
}

fn document(waybill: &str) -> Vec<u8> {
    let receiver = SECRETS.join("");
    format!(r#"{{"documentID":"{waybill}","contents":[{{"encryptedData":"AES:{receiver}","signature":"s/=","ver":"1.0"}}]}}"#)
        .into_bytes()
}

fn queue(hub: &Hub, labels: u32) {
    for seq in 1..=labels {
        hub.queue_one("p", "a", (seq, labels), "platform-task", document(&format!("W{seq}")));
    }
}

fn run(hub: &Hub, folder: &std::path::Path, component: &Shared) -> Bridge {
    let address = component.lock().unwrap().address;
    let setup =
        Setup::new(&hub.url(), folder, &[&format!("p=cnprint://{address}?timeout=1&printer=%E7%83%AD%E6%95%8F")]);
    assert!(setup.pair(CODE).status.success());
    setup.start()
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_is_done_one_task_for_each_document() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let component = double(&[Act::Accept, Act::Notify("rendered"), Act::Wait(50), Act::Notify("printed")]).await;
    queue(&hub, 3);
    let bridge = run(&hub, folder.path(), &component);
    hub.all(&["done"]).await;
    let tasks = component.lock().unwrap().tasks.clone();
    let documents: Vec<_> = tasks.iter().map(|task| task["documents"].as_array().unwrap()).collect();
    assert!(documents.iter().all(|documents| documents.len() == 1));
    let waybills: Vec<_> = documents.iter().map(|documents| documents[0]["documentID"].as_str().unwrap()).collect();
    assert_eq!(waybills, ["W1", "W2", "W3"], "in the order of the batch");
    assert_eq!((&tasks[0]["printer"], &tasks[0]["taskID"]), (&json!("热敏"), &json!("huidan-job-a-1-1")));
    assert!(!bridge.log().contains(SECRETS[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_and_failed_before_rendering_certainly_did_not_print() {
    for script in [vec![Act::Refuse], vec![Act::Accept, Act::Notify("failed")]] {
        let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
        let component = double(&script).await;
        queue(&hub, 2);
        let _bridge = run(&hub, folder.path(), &component);
        hub.becomes("job-a-1", "failed").await;
        hub.becomes("job-a-2", "queued").await;
        assert_eq!(component.lock().unwrap().tasks.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_after_rendering_silence_and_a_lost_connection_are_questions() {
    for script in [
        vec![Act::Accept, Act::Notify("rendered"), Act::Notify("failed")],
        vec![Act::Accept],
        vec![Act::Accept, Act::HangUp],
        vec![Act::HangUp],
    ] {
        let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
        let component = double(&script).await;
        queue(&hub, 1);
        let _bridge = run(&hub, folder.path(), &component);
        hub.becomes("job-a-1", "unconfirmed").await;
        assert_eq!(component.lock().unwrap().tasks.len(), 1, "{script:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_that_comes_late_answers_the_question() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let component = double(&[Act::Accept, Act::Notify("rendered"), Act::Wait(2500), Act::Notify("printed")]).await;
    queue(&hub, 1);
    let _bridge = run(&hub, folder.path(), &component);
    hub.becomes("job-a-1", "unconfirmed").await;
    hub.becomes("job-a-1", "done").await;
    assert_eq!(component.lock().unwrap().tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_component_prints_it_asks_a_person() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let component = double(&[Act::Accept, Act::Wait(60_000)]).await;
    queue(&hub, 1);
    let bridge = run(&hub, folder.path(), &component);
    hub.becomes("job-a-1", "sent").await;
    bridge.kill();
    let _bridge = run(&hub, folder.path(), &component);
    hub.becomes("job-a-1", "unconfirmed").await;
    assert_eq!(component.lock().unwrap().tasks.len(), 1);
}
