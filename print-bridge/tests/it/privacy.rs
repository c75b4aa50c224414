//! What is on a label is nowhere else.

use std::path::Path;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub, SECRETS, zpl},
    sink::{Mood, Sink},
};

/// Every byte of every file below a folder.
fn contents(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { contents(&path) } else { std::fs::read(path).unwrap() });
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_neither_in_the_log_nor_in_the_state_folder_nor_in_reports() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let (sink, cut) = (Sink::new(Mood::Plain), Sink::new(Mood::Reset(500)));
    hub.queue("p", "a", 3);
    hub.queue("cut", "c", 2);
    hub.queue_one("p", "bad", (1, 1), "tspl", zpl("x", 10));
    let secret_name = format!("p={}", sink.target());
    let setup = Setup::new(&hub.url(), folder.path(), &[&secret_name, &format!("cut={}", cut.target())]);
    setup.pair(CODE);
    let mut bridge = setup.start();
    hub.becomes("job-a-3", "done").await;
    hub.becomes("job-c-1", "unconfirmed").await;
    hub.becomes("job-bad-1", "failed").await;
    bridge.stop().await;
    assert!(sink.text().contains(SECRETS[0]), "it was on the label");
    let log = bridge.log();
    assert!(log.contains("job-c-1"), "ids are logged: {log}");
    let written = contents(folder.path());
    let reports = serde_json::to_string(&hub.memory().reports).unwrap();
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!reports.contains(secret), "{secret} is in a report");
        assert!(!written.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret} is on disk");
    }
    assert!(!log.contains("token-0"), "nor is the bridge's token logged");
}
