//! A printer as a person names it: `NAME=TARGET`, where the target's query says what the printer can do.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::protocol::Format;

/// The raw port that network label printers listen on.
const RAW_PORT: u16 = 9100;
/// The port of the platforms' print component on the same machine.
const COMPONENT_PORT: u16 = 13528;

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
    /// A platform's print component, spoken to by WebSocket.
    Component {
        /// `ws://host:port`.
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
        "不认识的打印机地址 {0}：请用 tcp://主机:9100、dir:///文件夹、cnprint://127.0.0.1:13528 或 discard:\n\
         unknown printer target {0}: use tcp://host:9100, dir:///folder, cnprint://127.0.0.1:13528 or discard:"
    )]
    Scheme(String),
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

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let url = Url::parse(text).map_err(|_| TargetError::Scheme(text.to_owned()))?;
        let incomplete = |example| TargetError::Incomplete { target: text.to_owned(), example };
        let host = || url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()).filter(|h| !h.is_empty());
        let query = Query::read(&url)?;
        let route = match url.scheme() {
            "tcp" => Route::Tcp {
                host: host().ok_or_else(|| incomplete("tcp://host:9100"))?,
                port: url.port().unwrap_or(RAW_PORT),
                confirm: query.confirm,
                probe: query.probe,
            },
            "dir" => Route::Dir { path: folder(&url).ok_or_else(|| incomplete("dir:///folder"))? },
            "cnprint" => {
                let host = url.host_str().filter(|host| !host.is_empty());
                let host = host.ok_or_else(|| incomplete("cnprint://127.0.0.1:13528"))?;
                let port = url.port().unwrap_or(COMPONENT_PORT);
                Route::Component { url: format!("ws://{host}:{port}"), printer: query.printer }
            }
            "discard" => Route::Discard,
            _ => return Err(TargetError::Scheme(text.to_owned())),
        };
        Ok(Self {
            route,
            lang: query.lang,
            dpi: query.dpi,
            media: query.media,
            patience: query.patience,
            text: text.to_owned(),
        })
    }
}

/// `dir:///labels` is `/labels`, `dir:///C:/labels` is `C:/labels`.
fn folder(url: &Url) -> Option<PathBuf> {
    if url.host_str().is_some_and(|host| !host.is_empty()) {
        return None;
    }
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    let drive = path.strip_prefix('/').filter(|rest| rest.get(1..2) == Some(":"));
    let path = PathBuf::from(drive.unwrap_or(&path));
    (path.is_absolute() || drive.is_some()).then_some(path)
}

/// What the query of a target says, defaults filled in by scheme.
struct Query {
    lang: Format,
    dpi: u16,
    media: Media,
    patience: Duration,
    confirm: Confirm,
    probe: bool,
    printer: String,
}

impl Query {
    fn read(url: &Url) -> Result<Self, TargetError> {
        let (langs, allowed): (&[Format], &[&str]) = match url.scheme() {
            "tcp" => (&[Format::Zpl, Format::Tspl], &["lang", "dpi", "media", "timeout", "confirm", "status"]),
            "dir" => (&[Format::Png, Format::Zpl, Format::Tspl], &["lang", "dpi", "media"]),
            "cnprint" => (&[Format::PlatformTask], &["dpi", "media", "timeout", "printer"]),
            "discard" => (&[Format::Zpl, Format::Tspl, Format::Png, Format::PlatformTask], &["lang", "dpi", "media"]),
            _ => return Err(TargetError::Scheme(url.to_string())),
        };
        let mut query = Self {
            lang: langs.first().cloned().unwrap_or(Format::Zpl),
            dpi: 203,
            media: Media { width_mm: 100, height_mm: 150 },
            patience: Duration::from_secs(if url.scheme() == "cnprint" { 60 } else { 15 }),
            confirm: Confirm::Close,
            probe: true,
            printer: String::new(),
        };
        for (name, value) in url.query_pairs() {
            if !allowed.contains(&name.as_ref()) {
                return Err(TargetError::Parameter {
                    scheme: url.scheme().to_owned(),
                    name: name.into_owned(),
                    allowed: allowed.join(", "),
                });
            }
            query.set(&name, &value, langs)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str, langs: &[Format]) -> Result<(), TargetError> {
        let wrong = |name, allowed| TargetError::Value { name, value: value.to_owned(), allowed };
        match name {
            "lang" => {
                let lang = Format::from_name(value);
                self.lang = langs.iter().find(|known| **known == lang).cloned().ok_or_else(|| {
                    wrong("lang", "zpl | tspl (tcp), png | zpl | tspl (dir), platform-task (cnprint)")
                })?;
            }
            "dpi" => {
                self.dpi = match value {
                    "203" => 203,
                    "300" => 300,
                    _ => return Err(wrong("dpi", "203 | 300")),
                }
            }
            "media" => self.media = media(value).ok_or_else(|| wrong("media", "100x150 (mm)"))?,
            "timeout" => {
                let seconds = value.parse().ok().filter(|seconds| (1..=600).contains(seconds));
                self.patience = Duration::from_secs(seconds.ok_or_else(|| wrong("timeout", "1 … 600 (s)"))?);
            }
            "confirm" => {
                self.confirm = match value {
                    "close" => Confirm::Close,
                    "sent" => Confirm::Sent,
                    _ => return Err(wrong("confirm", "close | sent")),
                }
            }
            "status" => {
                self.probe = match value {
                    "auto" => true,
                    "off" => false,
                    _ => return Err(wrong("status", "auto | off")),
                }
            }
            "printer" => value.clone_into(&mut self.printer),
            // `read` has refused every name that is not in its table.
            _ => {}
        }
        Ok(())
    }
}

fn media(text: &str) -> Option<Media> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| text.parse::<u16>().ok().filter(|mm| (10..=1000).contains(mm));
    Some(Media { width_mm: side(width)?, height_mm: side(height)? })
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
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn defaults_are_those_of_the_transport() {
        let tcp = target("tcp://10.0.0.7");
        assert_eq!((tcp.lang, tcp.dpi, tcp.media.to_string()), (Format::Zpl, 203, "100x150".to_owned()));
        assert!(matches!(tcp.route, Route::Tcp { port: 9100, confirm: Confirm::Close, probe: true, .. }));
        assert_eq!(target("dir:///labels").lang, Format::Png);
        assert_eq!(target("cnprint://127.0.0.1").lang, Format::PlatformTask);
        assert_eq!(target("discard:").lang, Format::Zpl);
    }

    #[test]
    fn the_query_carries_what_the_printer_can_do() {
        let tcp = target("tcp://[::1]:9101?lang=tspl&dpi=300&media=76x130&timeout=3&confirm=sent&status=off");
        assert_eq!((tcp.lang, tcp.dpi, tcp.media.to_string()), (Format::Tspl, 300, "76x130".to_owned()));
        assert_eq!(tcp.patience, Duration::from_secs(3));
        let route = Route::Tcp { host: "::1".into(), port: 9101, confirm: Confirm::Sent, probe: false };
        assert_eq!(tcp.route, route);
    }

    #[test]
    fn a_folder_may_have_spaces_and_chinese_in_its_name() {
        assert_eq!(target("dir:///面单 1").route, Route::Dir { path: "/面单 1".into() });
    }

    #[test]
    fn a_name_may_be_chinese() {
        let printer: Printer = "打包台一=discard:?lang=png".parse().unwrap();
        assert_eq!(printer.name, "打包台一");
    }

    #[test]
    fn what_is_wrong_is_refused_with_the_remedy() {
        let refused = |text: &str, remedy: &str| {
            let error = text.parse::<Printer>().unwrap_err().to_string();
            assert!(error.contains(remedy) && !error.is_ascii(), "{text}: {error}");
        };
        refused("tcp://10.0.0.7:9100", "NAME=TARGET");
        refused("=tcp://10.0.0.7:9100", "NAME=TARGET");
        refused("a=usb://04f9:2042", "use tcp://host:9100");
        refused("a=10.0.0.7:9100", "use tcp://host:9100");
        refused("a=dir://labels/here", "dir:///folder");
        refused("a=tcp://:9100", "use tcp://host:9100");
        refused("a=tcp://h?dpi=600", "203 | 300");
        refused("a=tcp://h?lang=png", "zpl | tspl");
        refused("a=tcp://h?media=100", "100x150");
        refused("a=tcp://h?speed=4", "it takes lang, dpi, media");
        refused("a=discard:?timeout=4", "it takes lang, dpi, media");
    }

    #[test]
    fn two_printers_of_one_name_are_refused() {
        let printers: Vec<Printer> = ["a=discard:", "b=discard:", "a=dir:///x"].map(|t| t.parse().unwrap()).into();
        assert_eq!(distinct(&printers), Err(TargetError::Twice("a".into())));
    }
}
