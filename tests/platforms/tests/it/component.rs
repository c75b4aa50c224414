use crate::cainiao::{get, request, trade};
use futures::{SinkExt, StreamExt};
use huidan_platforms::component::Mode;
use huidan_platforms::{Options, Platforms, Running};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn start() -> (Running, Socket) {
    let running = Platforms::start(Options::default()).await.unwrap();
    let (socket, _) = connect_async(&running.addresses().component).await.unwrap();
    (running, socket)
}

async fn next(socket: &mut Socket) -> Option<Value> {
    match tokio::time::timeout(Duration::from_millis(500), socket.next()).await {
        Ok(Some(Ok(Message::Text(text)))) => Some(serde_json::from_str(&text).unwrap()),
        _ => None,
    }
}

async fn send(socket: &mut Socket, frame: &Value) -> Option<Value> {
    socket.send(Message::text(frame.to_string())).await.unwrap();
    next(socket).await
}

async fn task(running: &Running, id: &str) -> (Value, String) {
    let (tid, oaid) = trade(running).await;
    let answer = get(running, &request(id, &tid, json!({"oaid": oaid}))).await;
    let given = answer["cainiao_waybill_ii_get_response"]["modules"]["waybill_cloud_print_response"][0].clone();
    let content: Value = serde_json::from_str(given["print_data"].as_str().unwrap()).unwrap();
    let number = given["waybill_code"].as_str().unwrap().to_owned();
    let frame = json!({"cmd": "print", "requestID": "r1", "version": "1.0", "task": {"taskID": id, "preview": false, "printer": "",
        "notifyType": ["render", "print"], "documents": [{"documentID": number, "contents": [content]}]}});
    (frame, number)
}

/// Hands one label's contents to the component; gives what it said.
pub(crate) async fn print(running: &Running, number: &str, contents: &Value) -> Value {
    let (mut socket, _) = connect_async(&running.addresses().component).await.unwrap();
    let frame = json!({"cmd": "print", "requestID": "r1", "version": "1.0", "task": {"taskID": number, "preview": false, "printer": "",
        "notifyType": ["print"], "documents": [{"documentID": number, "contents": [contents]}]}});
    send(&mut socket, &frame).await.unwrap()
}

#[tokio::test]
async fn a_task_with_untouched_print_data_is_rendered_and_printed() {
    let (running, mut socket) = start().await;
    let printers =
        send(&mut socket, &json!({"cmd": "getPrinters", "requestID": "r0", "version": "1.0"})).await.unwrap();
    assert_eq!((&printers["requestID"], &printers["status"]), (&json!("r0"), &json!("success")));
    assert_eq!(printers["printers"][0]["name"], printers["defaultPrinter"]);
    let (frame, number) = task(&running, "t1").await;
    let taken = send(&mut socket, &frame).await.unwrap();
    assert_eq!((&taken["cmd"], &taken["taskID"], &taken["status"]), (&json!("print"), &json!("t1"), &json!("success")));
    for status in ["rendered", "printed"] {
        let told = next(&mut socket).await.unwrap();
        assert_eq!(
            (&told["cmd"], &told["taskStatus"], &told["printStatus"][0]["documentID"]),
            (&json!("notifyPrintResult"), &json!(status), &json!(number))
        );
    }
    let ledger = running.ledger();
    assert_eq!((ledger.paper.len(), ledger.paper[0].number.as_str()), (1, number.as_str()));
    assert_eq!(ledger.tasks[0].receivers[0], ledger.orders[0].order.receiver, "the label shows the real receiver");
    send(&mut socket, &frame).await.unwrap();
    assert!(running.ledger().tasks[1].repeat);
}

#[tokio::test]
async fn changed_print_data_is_refused_and_nothing_is_printed() {
    let (running, mut socket) = start().await;
    let (mut frame, _) = task(&running, "t1").await;
    frame["task"]["documents"][0]["contents"][0]["templateURL"] =
        json!("http://cloudprint.cainiao.com/template/standard/999");
    let answer = send(&mut socket, &frame).await.unwrap();
    assert_eq!(answer["status"], "failed");
    assert_eq!((running.ledger().tasks[0].outcome, running.ledger().paper.len()), ("refused", 0));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
}

#[tokio::test]
async fn it_can_fail_keep_silent_or_hang_up() {
    let (running, mut socket) = start().await;
    running.component(Mode::Fail);
    let (frame, _) = task(&running, "t1").await;
    assert_eq!(send(&mut socket, &frame).await.unwrap()["status"], "success");
    assert_eq!(next(&mut socket).await.unwrap()["taskStatus"], "failed");
    running.component(Mode::Silent);
    let (frame, _) = task(&running, "t2").await;
    assert!(send(&mut socket, &frame).await.is_some());
    assert!(next(&mut socket).await.is_none());
    running.component(Mode::HangUp);
    let (frame, _) = task(&running, "t3").await;
    assert!(send(&mut socket, &frame).await.is_some());
    assert_eq!(next(&mut socket).await.unwrap()["taskStatus"], "rendered");
    assert!(next(&mut socket).await.is_none());
    assert_eq!(running.ledger().paper.len(), 1, "hanging up does not take the paper back");
}
