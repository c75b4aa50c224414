//! The real bridge at a device file, killed at each step of a label's way.

use std::path::PathBuf;

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub, zpl},
};

struct Bench {
    hub: Hub,
    setup: Setup,
    device: PathBuf,
    _folder: tempfile::TempDir,
}

/// A plain file stands for the device: what was written to it can be read.
fn bench() -> Bench {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let device = folder.path().join("lp0");
    std::fs::write(&device, "").unwrap();
    let setup = Setup::new(&hub.url(), &folder.path().join("state"), &[&format!("p=file://{}", device.display())]);
    assert!(setup.pair(CODE).status.success());
    for seq in 1..=3 {
        hub.queue_one("p", "a", (seq, 3), "zpl", zpl(&format!("job-a-{seq}"), 4000));
    }
    Bench { hub, setup, device, _folder: folder }
}

impl Bench {
    fn written(&self) -> String {
        std::fs::read_to_string(&self.device).unwrap()
    }

    fn begun(&self, seq: u32) -> usize {
        self.written().matches(&format!("^FXjob-a-{seq};")).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_reach_a_device_byte_for_byte_in_order() {
    let bench = bench();
    let _bridge = bench.setup.start();
    bench.hub.all(&["done"]).await;
    let expected: Vec<u8> = (1..=3).flat_map(|seq| zpl(&format!("job-a-{seq}"), 4000)).collect();
    assert_eq!(bench.written().as_bytes(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_no_label_is_written_twice() {
    for (step, second, begun) in [
        ("received", "done", 1),
        ("sending:2", "unconfirmed", 0),
        ("mid-bytes:2", "unconfirmed", 1),
        ("sent:2", "sent", 1),
        ("before-report", "", 1),
    ] {
        let bench = bench();
        let mut bridge = bench.setup.start_dying_at(step);
        assert!(!bridge.ended().await.success(), "the failpoint {step} was not reached: {}", bridge.log());
        let _bridge = bench.setup.start();
        if !second.is_empty() {
            bench.hub.becomes("job-a-2", second).await;
        }
        if second == "unconfirmed" {
            bench.hub.becomes("job-a-3", "queued").await;
            assert_eq!(bench.begun(2), begun, "{step}: no second start without a person");
        } else {
            bench.hub.all(&["done", "sent", "unconfirmed", "queued"]).await;
        }
        for seq in 1..=3 {
            assert!(bench.begun(seq) <= 1, "{step}: {seq}");
        }
    }
}
