//! Scales and scanners attached to this machine: `NAME=SOURCE`, where NAME is the station's on the hub.
//!
//! Nothing is kept for later: a weight belongs to the parcel that lies on the scale now, and a scan is answered at once
//! or scanned again.

mod keys;
mod run;
mod scale;
mod settle;
mod source;

pub use self::{
    run::{Attached, run},
    scale::{Protocol, Reading, Scale},
    settle::Settle,
    source::{Source, open},
};

use std::{fmt, str::FromStr};

use url::Url;

/// What is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A scale, and how it speaks; weights below `least` grams are an empty scale.
    Scale {
        /// How it speaks.
        protocol: Protocol,
        /// Grams.
        least: u32,
    },
    /// A scanner.
    Scanner,
}

/// A scale or a scanner as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The station's name on the hub.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where its bytes come from.
    pub source: Source,
    text: String,
}

/// Why `NAME=SOURCE` was refused. Its text names the remedy, in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given}：{zh}。电子秤如 bench-1=serial:///dev/ttyUSB1?baud=9600&protocol=text，扫码枪如 bench-1=serial:///dev/ttyACM0\n\
     {given}: {en}. A scale is bench-1=serial:///dev/ttyUSB1?baud=9600&protocol=text, a scanner bench-1=serial:///dev/ttyACM0"
)]
pub struct DeviceError {
    given: String,
    zh: &'static str,
    en: &'static str,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A scale, parsed from `NAME=SOURCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleDevice(pub Device);

/// A scanner, parsed from `NAME=SOURCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerDevice(pub Device);

impl FromStr for ScaleDevice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        read(text, true).map(Self)
    }
}

impl FromStr for ScannerDevice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        read(text, false).map(Self)
    }
}

fn read(text: &str, scale: bool) -> Result<Device, DeviceError> {
    let wrong = |zh, en| DeviceError { given: text.to_owned(), zh, en };
    let (name, source) = text.split_once('=').ok_or_else(|| wrong("要写成 名称=来源", "write NAME=SOURCE"))?;
    let name = name.trim();
    if name.is_empty() || name.contains(':') || name.len() > 100 {
        return Err(wrong("名称不对", "the name is not right"));
    }
    let url = Url::parse(source).map_err(|_| wrong("不认识的来源", "unknown source"))?;
    let (mut baud, mut protocol, mut least) = (9600, Protocol::Text, 20);
    for (key, value) in url.query_pairs() {
        match (key.as_ref(), scale) {
            ("baud", _) => {
                let known = value.parse().ok().filter(|baud| (300..=921_600).contains(baud));
                baud = known.ok_or_else(|| wrong("baud 不对", "baud means nothing"))?;
            }
            ("protocol", true) => {
                let known = Protocol::from_name(&value);
                protocol = known.ok_or_else(|| {
                    wrong("protocol 请用 text、toledo 或 yaohua", "protocol is text, toledo or yaohua")
                })?;
            }
            ("min", true) => {
                least = value.parse().map_err(|_| wrong("min 是克数", "min is a number of grams"))?;
            }
            _ => return Err(wrong("参数只有 baud、protocol、min", "the parameters are baud, protocol, min")),
        }
    }
    let kind = if scale { Kind::Scale { protocol, least } } else { Kind::Scanner };
    let source = Source::of(&url, baud, scale).ok_or_else(|| {
        wrong(
            "来源请用 serial:、tcp: 或（扫码枪）stdin:、evdev:",
            "use serial:, tcp: or, for a scanner, stdin:, evdev:",
        )
    })?;
    Ok(Device { name: name.to_owned(), kind, source, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_names_its_port_its_speed_and_its_protocol() {
        let scale = "打包台=serial:///dev/ttyUSB1?baud=4800&protocol=yaohua&min=50".parse::<ScaleDevice>().unwrap().0;
        assert_eq!(scale.name, "打包台");
        assert_eq!(scale.kind, Kind::Scale { protocol: Protocol::Yaohua, least: 50 });
        assert_eq!(scale.source, Source::Serial { path: "/dev/ttyUSB1".into(), baud: 4800 });
        let windows = "a=serial:COM3".parse::<ScaleDevice>().unwrap().0;
        assert_eq!(windows.source, Source::Serial { path: "COM3".into(), baud: 9600 });
    }

    #[test]
    fn a_scanner_may_be_a_port_a_keyboard_or_standard_input() {
        let source = |text: &str| text.parse::<ScannerDevice>().unwrap().0.source;
        assert_eq!(source("b=stdin:"), Source::Stdin);
        assert_eq!(source("b=evdev:///dev/input/event3"), Source::Keys("/dev/input/event3".into()));
        assert_eq!(source("b=tcp://10.0.0.9:4001"), Source::Tcp { host: "10.0.0.9".into(), port: 4001 });
    }

    #[test]
    fn what_is_wrong_is_refused_in_both_languages_with_an_example() {
        for text in
            ["serial:///dev/x", "=stdin:", "a=what:", "a=serial:///d?speed=1", "a=serial:///d?baud=1", "a=stdin:"]
        {
            let error = text.parse::<ScaleDevice>().unwrap_err().to_string();
            assert!(error.contains("bench-1=serial:///dev/ttyUSB1?baud=9600") && !error.is_ascii(), "{text}: {error}");
        }
        assert!("a=serial:///d?protocol=text".parse::<ScannerDevice>().is_err(), "a scanner has no protocol");
    }
}
