//! A printer as a person names it: `NAME=TARGET`, where the target's query says what the printer can do.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use crate::{
    driver::{Place, Platform, Queue},
    protocol::Format,
};

mod parse;

/// A printer with its name; made only by parsing `NAME=TARGET`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// The name the hub knows it by.
    pub name: String,
    /// Where its labels go.
    pub target: Target,
}

/// Where labels go and what that place understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The transport.
    pub route: Route,
    /// The language the hub must render in.
    pub lang: Format,
    /// Dots per inch: 203 or 300.
    pub dpi: u16,
    /// Paper size.
    pub media: Media,
    /// How long the printer may stay silent before that means something.
    pub patience: Duration,
    text: String,
}

/// A transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Raw bytes to a network printer.
    Tcp {
        /// Host name or address; brackets around IPv6 removed.
        host: String,
        /// TCP port.
        port: u16,
        /// What proves that a label left for paper.
        confirm: Confirm,
        /// Whether to ask the printer for its state between labels.
        probe: bool,
    },
    /// One file per page in a folder.
    Dir {
        /// The folder; made if it is missing.
        path: PathBuf,
    },
    /// A device of this machine.
    Device {
        /// Where it is.
        place: Place,
        /// Whether to ask the printer for its state between labels.
        probe: bool,
    },
    /// A queue that speaks IPP: a printer's own, or one of CUPS.
    Ipp {
        /// Where it is.
        queue: Queue,
        /// What to call the bytes; `None` leaves it to what the queue takes.
        format: Option<String>,
    },
    /// A queue of the Windows print spooler.
    Spool {
        /// The printer's name in Windows.
        queue: String,
    },
    /// A platform's print component, spoken to by WebSocket.
    Component {
        /// Whose it is.
        platform: Platform,
        /// `ws://host:port/path`.
        url: String,
        /// The component's own name of the printer; empty means its default.
        printer: String,
    },
    /// Nowhere; labels are counted.
    Discard,
}

/// What turns "every byte was handed over" into `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// The printer answers a status query with an empty buffer, or closes the connection after us.
    Close,
    /// Handing over the bytes is enough: for printers that never answer and never close.
    Sent,
}

/// Paper size in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// Across the feed.
    pub width_mm: u16,
    /// Along the feed.
    pub height_mm: u16,
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width_mm, self.height_mm)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why `NAME=TARGET` was refused. Its text names the remedy, in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No `=`, or nothing before it.
    #[error(
        "打印机要写成 名称=地址，例如 packing-1=tcp://192.168.1.50:9100（收到：{0}）\n\
         a printer is NAME=TARGET, for example packing-1=tcp://192.168.1.50:9100 (got: {0})"
    )]
    NoName(String),
    /// Two printers of one name.
    #[error("打印机名称 {0} 用了两次，请改其中一个\nthe printer name {0} is used twice: rename one of them")]
    Twice(String),
    /// Not one of the schemes of this version.
    #[error(
        "不认识的打印机地址 {0}：请用 tcp://主机:9100、file:///dev/usb/lp0、usb://厂商:产品、serial:///dev/ttyUSB0、\
         ipp://主机/路径、spool://队列、cnprint://127.0.0.1:13528（另有 pddprint、ddprint、ksprint、wxprint）、\
         dir:///文件夹 或 discard:\n\
         unknown printer target {0}: use tcp://host:9100, file:///dev/usb/lp0, usb://vid:pid, serial:///dev/ttyUSB0, \
         ipp://host/path, spool://queue, cnprint://127.0.0.1:13528 (or pddprint, ddprint, ksprint, wxprint), \
         dir:///folder or discard:"
    )]
    Scheme(String),
    /// A print component whose protocol is not known well enough.
    #[error(
        "{0} 的打印组件协议没有可靠的资料，暂不支持：请用该平台自己的打单页面，或在中心导出面单后用其他打印机打印\n\
         the protocol of {0}'s print component is not known for certain, so it is not spoken: print from the platform's \
         own page, or a label of another carrier"
    )]
    UnknownComponent(&'static str),
    /// USB without `usblp`.
    #[error(
        "usb:// 只在 Linux 上可用：Windows 请用 spool://打印机名，macOS 请用 spool://队列\n\
         usb:// works on Linux only: use spool://printer on Windows, spool://queue on macOS"
    )]
    UsbElsewhere,
    /// The scheme is known, the rest of the address is not right.
    #[error("打印机地址 {target} 不完整：请写成 {example}\nthe printer target {target} is incomplete: write {example}")]
    Incomplete {
        /// What was given.
        target: String,
        /// What it should look like.
        example: &'static str,
    },
    /// A query parameter this scheme does not have.
    #[error("{scheme} 没有参数 {name}：可用的是 {allowed}\n{scheme} has no parameter {name}: it takes {allowed}")]
    Parameter {
        /// The scheme.
        scheme: String,
        /// The unknown name.
        name: String,
        /// The names there are.
        allowed: String,
    },
    /// A query parameter with a value that means nothing.
    #[error("参数 {name}={value} 无效：请用 {allowed}\nthe parameter {name}={value} means nothing: use {allowed}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
}

impl FromStr for Printer {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.split_once('=') {
            // A target may hold `=` in its query, a name may not hold `:` (that would be a target without a name).
            Some((name, target)) if !name.trim().is_empty() && !name.contains(':') => {
                Ok(Self { name: name.trim().to_owned(), target: target.parse()? })
            }
            _ => Err(TargetError::NoName(text.to_owned())),
        }
    }
}

/// Refuses two printers of one name: the hub could not tell them apart.
///
/// # Errors
/// [`TargetError::Twice`].
pub fn distinct(printers: &[Printer]) -> Result<(), TargetError> {
    for (at, printer) in printers.iter().enumerate() {
        if printers.iter().skip(at + 1).any(|other| other.name == printer.name) {
            return Err(TargetError::Twice(printer.name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
