//! One task per scale and scanner: reads, asks the hub, shows the answer.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use crate::{
    backoff::Backoff,
    board::Shown,
    desk::Desk,
    hub::HubError,
    protocol::{Scanned, Weighed},
};

use super::{Device, Kind, Protocol, Scale, Settle, keys::Keys, open, source::Source};

/// A code without an end is whole when nothing follows it for so long.
const GAP: Duration = Duration::from_millis(80);
/// Longest code taken; longer is noise.
const LONGEST: usize = 200;

/// A running scale or scanner.
#[derive(Debug)]
pub struct Attached {
    desk: Arc<Desk>,
    device: Device,
}

/// Serves a scale or a scanner until `stop`. One that is lost is looked for again.
pub async fn run(desk: Arc<Desk>, device: Device, mut stop: watch::Receiver<bool>) {
    let attached = Attached { desk, device };
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));
    let mut known = true;
    while !*stop.borrow() {
        match open(&attached.device.source).await {
            Ok(bytes) => {
                tracing::info!(station = attached.device.name, "已连接 / connected");
                attached.show("ready", "已连接", "connected");
                (known, backoff) = (true, Backoff::new(Duration::from_secs(1), Duration::from_secs(15)));
                tokio::select! {
                    () = attached.serve(bytes) => attached.lost("断开", "it was lost", &mut known),
                    _ = stop.changed() => return,
                }
            }
            Err(error) => attached.lost("无法打开", &format!("it cannot be opened ({})", error.kind()), &mut known),
        }
        if !attached.device.source.comes_back() {
            return;
        }
        tokio::select! {
            () = sleep(backoff.after_failure()) => {}
            _ = stop.changed() => return,
        }
    }
}

impl Attached {
    fn lost(&self, zh: &str, en: &str, known: &mut bool) {
        if std::mem::replace(known, false) {
            tracing::warn!(station = self.device.name, "{zh}，请检查连接 / {en}: look at its cable");
        }
        self.show("offline", zh, en);
    }

    fn show(&self, next: &str, zh: &str, en: &str) {
        let shown = Shown { next: next.to_owned(), zh: zh.to_owned(), en: en.to_owned() };
        self.desk.board.attached(&self.device, shown);
    }

    async fn serve(&self, bytes: mpsc::Receiver<Vec<u8>>) {
        match self.device.kind {
            Kind::Scale { protocol, least } => self.weigh(bytes, protocol, least).await,
            Kind::Scanner => self.scan(bytes).await,
        }
    }

    async fn weigh(&self, mut bytes: mpsc::Receiver<Vec<u8>>, protocol: Protocol, least: u32) {
        let (mut scale, mut settle) = (Scale::new(protocol), Settle::new(least));
        while let Some(piece) = bytes.recv().await {
            for reading in scale.hear(&piece) {
                if let Some(grams) = settle.feed(reading, Instant::now()) {
                    let answer = self.desk.hub.weigh(&self.device.name, grams).await;
                    self.weighed(grams, answer);
                }
            }
        }
    }

    fn weighed(&self, grams: u32, answer: Result<Weighed, HubError>) {
        let (next, zh, en) = match answer {
            Ok(Weighed { next, expected_g: Some(expected), .. }) if next == "differs" => (
                next,
                format!("{grams} 克：与货品约 {expected} 克不符，请核对"),
                format!("{grams} g: its goods weigh {expected} g, check it"),
            ),
            Ok(Weighed { next, .. }) if next == "waiting" => {
                (next, format!("{grams} 克：请扫描运单"), format!("{grams} g: scan its waybill"))
            }
            Ok(Weighed { next, .. }) => (next, format!("{grams} 克"), format!("{grams} g")),
            Err(error) => unanswered(&error, "请重新称重", "weigh it again"),
        };
        self.answer(&next, &zh, &en);
    }

    async fn scan(&self, mut bytes: mpsc::Receiver<Vec<u8>>) {
        let mut keys = matches!(self.device.source, Source::Keys(_)).then(Keys::default);
        let mut line: Vec<u8> = Vec::new();
        loop {
            // A line that has begun ends by itself where the scanner is set to send no end.
            let piece = match line.is_empty() || keys.is_some() {
                true => bytes.recv().await,
                false => timeout(GAP, bytes.recv()).await.unwrap_or(Some(b"\n".to_vec())),
            };
            let Some(piece) = piece else { return };
            let piece = keys.as_mut().map_or(piece.clone(), |keys| keys.typed(&piece));
            for byte in piece {
                if !matches!(byte, b'\r' | b'\n') {
                    line.push(byte);
                    continue;
                }
                let code = String::from_utf8_lossy(&std::mem::take(&mut line)).trim().to_owned();
                if !code.is_empty() && code.len() <= LONGEST {
                    let answer = self.desk.hub.scan(&self.device.name, &code).await;
                    self.scanned(answer);
                }
            }
        }
    }

    fn scanned(&self, answer: Result<Scanned, HubError>) {
        let (next, zh, en) = match answer {
            Ok(Scanned { next, zh, en, lines, .. }) => {
                let left: Vec<String> = lines
                    .iter()
                    .filter(|line| line.scanned < line.qty)
                    .map(|line| format!("{} {}/{}", line.sku, line.scanned, line.qty))
                    .collect();
                let left = if left.is_empty() { String::new() } else { format!(" · {}", left.join(" · ")) };
                (next, format!("{zh}{left}"), format!("{en}{left}"))
            }
            Err(error) => unanswered(&error, "请重新扫描", "scan it again"),
        };
        self.answer(&next, &zh, &en);
    }

    /// Where a person looks and listens: the log, the status page, and a beep when something is not right.
    fn answer(&self, next: &str, zh: &str, en: &str) {
        let wrong = matches!(next, "refused" | "differs" | "unanswered");
        match wrong {
            true => tracing::warn!(station = self.device.name, next, "{zh} / {en}"),
            false => tracing::info!(station = self.device.name, next, "{zh} / {en}"),
        }
        if wrong && io::stderr().is_terminal() {
            let _ = io::stderr().write_all(b"\x07");
        }
        self.show(next, zh, en);
    }
}

fn unanswered(error: &HubError, zh: &str, en: &str) -> (String, String, String) {
    ("unanswered".to_owned(), format!("中心没有应答，{zh}"), format!("no answer from the hub ({error}): {en}"))
}
