//! Reads a target: an address by its scheme, and a query that says what the printer can do.

use std::{path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Confirm, Media, Route, Target, TargetError};
use crate::{
    driver::{Flow, Place, Platform, Queue, UsbId},
    protocol::Format,
};

/// The raw port that network label printers listen on.
const RAW_PORT: u16 = 9100;
/// The port of IPP.
const IPP_PORT: u16 = 631;

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        // The product number is no port: it has letters in it.
        let (ids, address) = match text.strip_prefix("usb://") {
            Some(rest) => {
                let at = rest.find('?').unwrap_or(rest.len());
                let (ids, query) = rest.split_at(at);
                (ids, format!("usb:///{query}"))
            }
            None => ("", text.to_owned()),
        };
        let url = Url::parse(&address).map_err(|_| TargetError::Scheme(text.to_owned()))?;
        let query = Query::read(&url)?;
        let incomplete = |example| TargetError::Incomplete { target: text.to_owned(), example };
        let route = route(&url, ids, &query)?.ok_or_else(|| incomplete(example(url.scheme())))?;
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

/// The transport of an address; `None` if a part of it is missing.
fn route(url: &Url, ids: &str, query: &Query) -> Result<Option<Route>, TargetError> {
    let host = || url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()).filter(|h| !h.is_empty());
    let probe = query.probe;
    Ok(match url.scheme() {
        "tcp" => {
            host().map(|host| Route::Tcp { host, port: url.port().unwrap_or(RAW_PORT), confirm: query.confirm, probe })
        }
        "file" => path(url).map(|path| Route::Device { place: Place::File(path), probe }),
        "usb" if !cfg!(target_os = "linux") => return Err(TargetError::UsbElsewhere),
        "usb" => percent_decode_str(ids)
            .decode_utf8()
            .ok()
            .and_then(|ids| UsbId::parse(&ids))
            .map(|id| Route::Device { place: Place::Usb(id), probe }),
        "serial" => path(url).map(|path| {
            let path = path.to_string_lossy().into_owned();
            Route::Device { place: Place::Serial { path, baud: query.baud, flow: query.flow }, probe }
        }),
        "ipp" => url.host_str().filter(|host| !host.is_empty() && url.path().len() > 1).map(|host| Route::Ipp {
            queue: Queue {
                authority: format!("{host}:{}", url.port().unwrap_or(IPP_PORT)),
                path: url.path().to_owned(),
            },
            format: query.format.clone(),
        }),
        "spool" => spool(url, query),
        "dir" => path(url).map(|path| Route::Dir { path }),
        "discard" => Some(Route::Discard),
        scheme => match Platform::of_scheme(scheme) {
            Some(platform) => url.host_str().filter(|host| !host.is_empty()).map(|host| Route::Component {
                platform,
                url: platform.url(host, url.port()),
                printer: query.printer.clone(),
            }),
            None => return Err(TargetError::Scheme(url.to_string())),
        },
    })
}

/// A queue of this machine: CUPS on Unix, the spooler on Windows.
fn spool(url: &Url, query: &Query) -> Option<Route> {
    let rest = url.as_str().strip_prefix("spool://")?;
    let name = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let name = percent_decode_str(name).decode_utf8().ok().filter(|name| !name.is_empty())?;
    if cfg!(windows) {
        return Some(Route::Spool { queue: name.into_owned() });
    }
    // CUPS allows neither in a name, and a path must not leave its place.
    if name.contains(['/', '#', '?', ' ']) {
        return None;
    }
    let name = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC).to_string();
    let authority = query.server.clone();
    Some(Route::Ipp {
        queue: Queue { authority, path: format!("/printers/{}", name.replace("%2D", "-").replace("%5F", "_")) },
        format: query.format.clone(),
    })
}

const fn example(scheme: &str) -> &'static str {
    match scheme.as_bytes() {
        b"tcp" => "tcp://host:9100",
        b"file" => "file:///dev/usb/lp0",
        b"usb" => "usb://0a5f:00a1 或 · or usb://0a5f:00a1/SERIAL",
        b"serial" => "serial:///dev/ttyUSB0?baud=9600",
        b"ipp" => "ipp://host/ipp/print",
        b"spool" => "spool://queue",
        b"dir" => "dir:///folder",
        _ => "cnprint://127.0.0.1:13528",
    }
}

/// `dir:///labels` is `/labels`, `dir:///C:/labels` is `C:/labels`, `serial:///COM3` is `COM3` on Windows.
fn path(url: &Url) -> Option<PathBuf> {
    if url.host_str().is_some_and(|host| !host.is_empty()) {
        return None;
    }
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    let drive = path.strip_prefix('/').filter(|rest| rest.get(1..2) == Some(":"));
    if cfg!(windows) && url.scheme() == "serial" {
        return path.strip_prefix('/').filter(|name| !name.is_empty()).map(PathBuf::from);
    }
    let path = PathBuf::from(drive.unwrap_or(&path));
    (path.is_absolute() && path.parent().is_some() || drive.is_some()).then_some(path)
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
    baud: u32,
    flow: Flow,
    format: Option<String>,
    server: String,
}

/// The languages of a scheme, the default first, and its parameters.
type Allowed = (&'static [Format], &'static [&'static str]);

fn allowed(url: &Url) -> Result<Allowed, TargetError> {
    const RAW: &[Format] = &[Format::Zpl, Format::Tspl];
    const TASK: &[Format] = &[Format::PlatformTask];
    Ok(match url.scheme() {
        "tcp" => (RAW, &["lang", "dpi", "media", "timeout", "confirm", "status"]),
        "file" | "usb" => (RAW, &["lang", "dpi", "media", "timeout", "status"]),
        "serial" => (RAW, &["lang", "dpi", "media", "timeout", "status", "baud", "flow"]),
        "ipp" => (RAW, &["lang", "dpi", "media", "timeout", "format"]),
        "spool" if cfg!(windows) => (RAW, &["lang", "dpi", "media", "timeout"]),
        "spool" => (RAW, &["lang", "dpi", "media", "timeout", "format", "server"]),
        "dir" => (&[Format::Png, Format::Zpl, Format::Tspl], &["lang", "dpi", "media"]),
        "discard" => (&[Format::Zpl, Format::Tspl, Format::Png, Format::PlatformTask], &["lang", "dpi", "media"]),
        "jdprint" => return Err(TargetError::UnknownComponent("京东 JD")),
        "xhsprint" => return Err(TargetError::UnknownComponent("小红书 Xiaohongshu")),
        scheme if Platform::of_scheme(scheme).is_some() => (TASK, &["dpi", "media", "timeout", "printer"]),
        _ => return Err(TargetError::Scheme(url.to_string())),
    })
}

impl Query {
    fn read(url: &Url) -> Result<Self, TargetError> {
        let (langs, allowed) = allowed(url)?;
        let seconds = if langs == [Format::PlatformTask] { 60 } else { 15 };
        let mut query = Self {
            lang: langs.first().cloned().unwrap_or(Format::Zpl),
            dpi: 203,
            media: Media { width_mm: 100, height_mm: 150 },
            patience: Duration::from_secs(seconds),
            confirm: Confirm::Close,
            probe: true,
            printer: String::new(),
            baud: 9600,
            flow: Flow::None,
            format: None,
            server: format!("localhost:{IPP_PORT}"),
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
                    wrong("lang", "zpl | tspl (printers), png | zpl | tspl (dir), platform-task (print components)")
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
            "baud" => {
                let baud = value.parse().ok().filter(|baud| (1200..=1_000_000).contains(baud));
                self.baud = baud.ok_or_else(|| wrong("baud", "1200 … 1000000"))?;
            }
            "flow" => {
                self.flow = match value {
                    "none" => Flow::None,
                    "software" => Flow::Software,
                    "hardware" => Flow::Hardware,
                    _ => return Err(wrong("flow", "none | software | hardware")),
                }
            }
            "format" if value.contains('/') => self.format = Some(value.to_owned()),
            "format" => return Err(wrong("format", "application/octet-stream …")),
            "server" if value.is_empty() || value.contains('/') => return Err(wrong("server", "host:631")),
            "server" if value.contains(':') => value.clone_into(&mut self.server),
            "server" => self.server = format!("{value}:{IPP_PORT}"),
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
