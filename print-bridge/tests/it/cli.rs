//! The commands, as a person meets them.

use crate::support::{
    bridge::{Setup, once},
    hub::{CODE, Hub},
    sink::{Mood, Sink, nobody},
    until,
};

fn said(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_target_is_refused_in_both_languages_with_exit_code_2() {
    for (target, remedy) in
        [("p=fax://04f9:2042", "tcp://host:9100"), ("p=tcp://h?dpi=7", "203 | 300"), ("tcp://h", "NAME=TARGET")]
    {
        let output = once(&["run", "--hub", "http://127.0.0.1:1", "--printer", target]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(remedy) && text.contains('请') | text.contains('写'), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_was_never_paired_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_string_lossy().into_owned();
    let output = once(&["run", "--hub", "http://127.0.0.1:1", "--state", &state, "--printer", "p=discard:"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("print-bridge pair --hub http://127.0.0.1:1 CODE"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_and_a_wrong_one_is_explained() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &["p=discard:"]);
    let wrong = setup.pair("WRONG");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("配对码") && said(&wrong).contains("make a new one"), "{}", said(&wrong));
    assert!(setup.pair(CODE).status.success());
    let bridge = setup.start();
    bridge.says("print-bridge ready: 1 printer(s)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_folder_serves_one_bridge_at_a_time() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &["p=discard:"]);
    setup.pair(CODE);
    let bridge = setup.start();
    bridge.says("ready").await;
    let mut second = setup.start();
    assert_eq!(second.ended().await.code(), Some(1));
    second.says("another print-bridge uses").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_printers_can_be_asked_beside_a_running_bridge() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let state = folder.path().join("state");
    let shown = state.to_string_lossy().into_owned();
    assert!(said(&once(&["status", "--state", &shown])).contains("nothing was printed yet"));
    let setup = Setup::new(&hub.url(), &state, &["打包台=discard:?lang=zpl"]);
    setup.pair(CODE);
    hub.queue("打包台", "a", 3);
    let _bridge = setup.start();
    hub.all(&["done"]).await;
    let status = said(&once(&["status", "--state", &shown]));
    assert!(status.contains("打包台") && status.contains("done today 3"), "{status}");
    assert!(status.contains(&format!("hub {}: 正常 / answers", hub.url())), "{status}");
    assert!(status.contains("a bridge is running"), "{status}");
    let json = once(&["status", "--json", "--state", &shown]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["printers"][0]["done_today"], &json["hubs"][0]["reachable"]), (&3.into(), &true.into()));
    let printers = said(&once(&["printers", "--state", &shown]));
    assert!(printers.contains("打包台 = discard:?lang=zpl") && printers.contains("serial ports"), "{printers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printers_of_the_last_run_are_those_of_a_run_without_any() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let mut setup = Setup::new(&hub.url(), folder.path(), &[]);
    setup.pair(CODE);
    let mut none = setup.start();
    assert_eq!(none.ended().await.code(), Some(2));
    none.says("--printer packing-1=tcp://").await;
    setup.printers = vec!["p=discard:".to_owned()];
    let mut bridge = setup.start();
    bridge.says("ready").await;
    assert!(bridge.stop().await.success());
    setup.printers.clear();
    setup.start().says("ready: 1 printer(s)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_page_comes_out_or_says_why_not() {
    let sink = Sink::new(Mood::Plain);
    let target = format!("p={}", sink.target());
    let output = tokio::task::spawn_blocking(move || once(&["test-page", "--printer", &target])).await.unwrap();
    assert!(output.status.success() && said(&output).contains("已打印"), "{}", said(&output));
    assert!(sink.text().starts_with("^XA^PW799^LL1198"), "{}", sink.text());
    let away = nobody();
    let output = once(&["test-page", "--printer", &format!("p=tcp://{away}")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("连接不上"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_a_hub_that_is_away_and_a_clock_that_is_off() {
    let (mut hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &[]);
    setup.pair(CODE);
    hub.down();
    let state = folder.path().to_string_lossy().into_owned();
    let status = said(&once(&["status", "--state", &state]));
    assert!(status.contains("没有应答") && status.contains("no bridge is running"), "{status}");
    hub.up();
    hub.memory().ahead = -10;
    let bridge = Setup { printers: vec!["p=discard:".to_owned()], ..setup }.start();
    until("the skew", || async { (bridge.status().await["hubs"][0]["clock_ahead_s"].as_i64()? < -500).then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_shows_what_it_would_write_and_needs_a_paired_bridge_to_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_string_lossy().into_owned();
    let install = ["install", "--hub", "http://127.0.0.1:1", "--printer", "p=discard:", "--state", &state];
    for (system, word) in [("systemd", "ExecStart="), ("launchd", "ProgramArguments"), ("windows", "<BootTrigger>")] {
        let output = once(&[&install[..], &["--dry-run", "--system", system]].concat());
        let text = said(&output);
        assert!(output.status.success() && text.contains(word) && text.contains("p=discard:"), "{text}");
    }
    let output = once(&install);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("print-bridge pair --hub"), "{}", said(&output));
}
