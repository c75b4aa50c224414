//! The real print bridge beside a house, as a process of its own.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::error::Result;
use crate::host::{beside, folder};
use crate::house::House;

/// How long a bridge may take until its printer is known.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bridge at work; killed when dropped.
#[derive(Debug)]
pub(crate) struct Paper {
    child: Child,
    _folder: TempDir,
}

impl Paper {
    /// Pairs with the house and prints to `target`; when this returns, the house knows the printer.
    pub(crate) async fn start(house: &House, target: &str) -> Result<Self> {
        let folder = folder()?;
        let (hub, state) = (format!("http://{}", house.address()), folder.path().join("state"));
        let code = house.post("printers/pairing-codes", json!({})).await?;
        let code = code.get("code").and_then(Value::as_str).ok_or("no pairing code")?;
        let bridge = || -> Result<Command> {
            let mut command = Command::new(program()?);
            command.env("PRINT_BRIDGE_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null());
            Ok(command)
        };
        let paired =
            bridge()?.args(["pair", "--hub", &hub, "--name", "bench", "--state"]).arg(&state).arg(code).output()?;
        if !paired.status.success() {
            return Err(format!("配对失败 · no pairing: {}", String::from_utf8_lossy(&paired.stderr)).into());
        }
        let mut command = bridge()?;
        command.args([
            "run",
            "--hub",
            &hub,
            "--status-page",
            "off",
            "--printer",
            &format!("bench={target}"),
            "--state",
        ]);
        let child = command.arg(&state).stderr(File::create(folder.path().join("log"))?).spawn()?;
        let paper = Self { child, _folder: folder };
        let begun = Instant::now();
        while house.look()?.query_row("SELECT count(*) FROM printer WHERE active", [], |row| row.get::<_, i64>(0))? == 0
        {
            if begun.elapsed() > PATIENCE {
                return Err("打印机没有登记 · the printer did not register".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(paper)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the bridge is.
pub(crate) fn program() -> Result<PathBuf> {
    beside("print-bridge")
}
