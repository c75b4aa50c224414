//! How `cargo hub up --spin` hands over, played through to paper and back. **Spin itself is not here**: a shell script
//! stands in that takes Spin's arguments and starts the embedded host with them. So this shows the arguments, the runtime
//! configuration, the settings and the heartbeat that a Spin would get, and nothing of how Spin runs the components. For
//! that the scenarios look for a real one, and say `NOT RUN: real Spin` where there is none.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of a test may fail it")]

use huidan_it::{House, Under, Wanted, built, until};
use huidan_platforms::{NewOrder, Platform};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Knows the arguments that the real one knows and no others, and says what the real one says. The embedded host has a
/// heart of its own, which Spin has not: it is stopped here.
const STAND_IN: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo "spin 4.1.0 (not Spin: a stand-in that starts the embedded host)"; exit; fi
if [ "$1" != up ]; then echo "stand-in: unknown command $1" >&2; exit 2; fi
shift
while [ $# -gt 0 ]; do
    case "$1" in
        --from) manifest=$2 ;;
        --listen) listen=$2 ;;
        --state-dir) state=$2 ;;
        --runtime-config-file) configuration=$2 ;;
        *) echo "stand-in: unknown argument $1" >&2; exit 2 ;;
    esac
    shift 2
done
mkfifo "$state/said"
while IFS= read -r line; do
    case "$line" in
        "listening on "*) echo "Serving ${line#listening on }" ;;
        *) echo "$line" ;;
    esac
done < "$state/said" &
exec HOST --manifest "$manifest" --listen "$listen" --state "$state" \
    --runtime-config-file "$configuration" --no-heartbeat > "$state/said"
"#;

fn stand_in(folder: &Path) {
    let file = folder.join("spin");
    fs::write(&file, STAND_IN.replace("HOST", &built("huidan-host").display().to_string())).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_to_spin_carries_an_order_to_paper_and_back() {
    let folder = tempfile::tempdir().unwrap();
    stand_in(folder.path());
    let spin_in = Some(folder.path().to_path_buf());
    // Without a heartbeat this would not come up: only `/tick` makes the tables, and everybody else answers 503 until then.
    let house = House::new(Wanted { under: Under::Spin, spin_in, ..Wanted::default() }).await;
    let plain = NewOrder { remark: Some(String::new()), ..NewOrder::default() };
    let ext_id = house.platforms.place(Platform::OwnShop, &plain).unwrap();
    let order = house.order_is(Platform::OwnShop, ext_id, &["to_ship"]).await;
    let package = house.package_is(&order, &["printed"]).await;
    let id = package.get("id").and_then(serde_json::Value::as_str).unwrap();
    house.api.post(&format!("packages/{id}/ship"), &serde_json::json!({})).await;
    until("the channel is told", async || {
        let told = house.platforms.ledger().confirmations;
        told.iter().any(|told| told.platform == Platform::OwnShop && told.order == ext_id).then_some(())
    })
    .await;
    assert!(house.folder().join("state/runtime-config.toml").is_file(), "ours, laid into the state folder");
    assert!(house.folder().join("state/edge.db").is_file(), "both databases lie where the configuration says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spin_that_is_too_old_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spin");
    fs::write(&file, "#!/bin/sh\necho 'spin 4.0.2 (1f2 2026-02-01)'\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let spin_in = Some(folder.path().to_path_buf());
    assert!(House::under(Wanted { under: Under::Spin, spin_in, ..Wanted::default() }).await.is_none());
}
