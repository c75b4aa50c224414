//! What a queue says of its printer (RFC 8011, 5.4.12), for a person.

/// Keywords that mean: nothing comes out until somebody does something. Without `-warning` and `-report`, which do not.
const BLOCKING: [(&str, &str); 22] = [
    ("media-empty", "缺纸 / out of paper"),
    ("media-needed", "缺纸 / out of paper"),
    ("media-jam", "卡纸 / paper jam"),
    ("cover-open", "上盖打开 / cover open"),
    ("door-open", "上盖打开 / cover open"),
    ("interlock-open", "上盖打开 / cover open"),
    ("input-tray-missing", "没有纸盒 / paper tray missing"),
    ("output-area-full", "出纸口已满 / output full"),
    ("output-tray-missing", "没有出纸盒 / output tray missing"),
    ("marker-supply-empty", "缺碳带 / out of ribbon"),
    ("toner-empty", "缺碳粉 / out of toner"),
    ("fuser-over-temp", "过热 / too hot"),
    ("fuser-under-temp", "预热中 / warming up"),
    ("paused", "已暂停 / paused"),
    ("moving-to-paused", "已暂停 / paused"),
    ("stopping", "正在停止 / stopping"),
    ("stopped-partly", "部分停止 / partly stopped"),
    ("shutdown", "已关机 / shut down"),
    ("offline", "打印机离线 / the printer is offline"),
    ("connecting-to-device", "正在连接打印机 / connecting to the printer"),
    ("timed-out", "打印机没有应答 / the printer does not answer"),
    ("spool-area-full", "打印队列已满 / the queue's disk is full"),
];

/// The first reason that keeps paper from coming.
pub(super) fn blocking(reasons: &[String]) -> Option<String> {
    reasons.iter().find_map(|reason| {
        // CUPS calls a printer that is away `offline-report`, and means it.
        let plain = match reason.as_str() {
            "offline-report" | "offline-error" | "offline-warning" => "offline",
            other if other.ends_with("-warning") || other.ends_with("-report") => return None,
            other => other.trim_end_matches("-error"),
        };
        let known = BLOCKING.iter().find(|(keyword, _)| *keyword == plain).map(|(_, words)| (*words).to_owned());
        known.or_else(|| reason.ends_with("-error").then(|| format!("打印机报错 / printer error ({reason})")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(reasons: &[&str]) -> Option<String> {
        blocking(&reasons.iter().map(|reason| (*reason).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_keeps_paper_from_coming_is_told_and_what_does_not_is_passed_over() {
        assert_eq!(said(&["none"]), None);
        assert_eq!(said(&["media-low-report", "toner-low-warning", "media-empty-warning"]), None);
        assert!(said(&["media-low-warning", "media-empty-error"]).unwrap().contains("缺纸"));
        assert!(said(&["media-jam"]).unwrap().contains("jam"));
        assert!(said(&["offline-report"]).unwrap().contains("offline"));
        assert!(said(&["com.example.cutter-error"]).unwrap().contains("cutter"));
        assert_eq!(said(&["com.example.cutter"]), None, "a word we do not know says nothing");
    }
}
