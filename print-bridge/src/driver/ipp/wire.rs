//! IPP over HTTP, one request at a time on a connection of its own, so that nothing is ever sent twice for us.

use std::{fmt, io::Cursor, time::Duration};

use futures::StreamExt as _;
use ipp::{
    attribute::{IppAttribute, IppAttributes},
    model::{DelimiterTag, IppVersion, Operation},
    parser::IppParser,
    prelude::Uri,
    reader::IppReader,
    request::IppRequestResponse,
    value::{IppName, IppValue},
};
use reqwest::{Body, Client, StatusCode, header::CONTENT_TYPE, redirect, retry};

use super::reasons;
use crate::{
    failpoint::{Step, reach, splits_bytes},
    protocol::Format,
};

const CONNECT: Duration = Duration::from_secs(5);
/// How long a question may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The slowest queue worth waiting for, in bytes a second.
const SLOWEST: u64 = 64 << 10;
/// An answer is a page of attributes.
const LONGEST: usize = 1 << 20;

/// Where a queue is: `host:port` and the path of the queue on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// `localhost:631`
    pub authority: String,
    /// `/printers/labels`
    pub path: String,
}

/// Why there is no answer to go by.
#[derive(Debug)]
pub(super) enum WireError {
    /// Nobody listens: nothing was sent.
    NoConnection,
    /// The line broke or the time was over after something had been sent.
    Broken(&'static str),
    /// HTTP instead of IPP.
    Http(StatusCode),
    /// The queue says no, by IPP's number.
    Refused(u16),
    /// No IPP, or an answer without what was asked for.
    Garbled,
}

impl WireError {
    /// Whether the job certainly does not exist.
    pub(super) const fn is_certain(&self) -> bool {
        match self {
            Self::NoConnection => true,
            Self::Http(status) => status.as_u16() >= 400 && status.as_u16() < 500,
            // Every `client-error`; of the server's: operation or version not supported, not accepting, busy.
            Self::Refused(code) => matches!(code, 0x0400..=0x04ff | 0x0501 | 0x0503 | 0x0506 | 0x0507),
            Self::Broken(_) | Self::Garbled => false,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection => f.write_str("no connection"),
            Self::Broken(how) => f.write_str(how),
            Self::Http(status) => write!(f, "HTTP {}", status.as_u16()),
            Self::Refused(code) => write!(f, "IPP status {code:#06x}"),
            Self::Garbled => f.write_str("the answer is no IPP"),
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    /// Pending, held, processing or stopped.
    Open,
    /// Aborted or cancelled.
    Ended,
    Completed,
}

/// What the queue says of a job.
#[derive(Debug)]
pub(super) struct JobNews {
    pub(super) state: JobState,
    /// The queue says itself that it never began to process it.
    pub(super) never_started: bool,
    reasons: Vec<String>,
}

impl JobNews {
    /// Whether its end was not as it should be.
    pub(super) fn in_doubt(&self) -> bool {
        self.reasons.iter().any(|reason| reason == "job-completed-with-errors")
    }
}

/// What the queue says of its printer.
#[derive(Debug)]
pub(super) struct PrinterNews {
    stopped: bool,
    accepting: bool,
    reasons: Vec<String>,
    pub(super) formats: Vec<String>,
}

impl PrinterNews {
    /// Why nothing would come out now.
    pub(super) fn blocked(&self) -> Option<String> {
        reasons::blocking(&self.reasons)
            .or_else(|| self.stopped.then(|| "打印队列已停止 / the queue is stopped".to_owned()))
            .or_else(|| (!self.accepting).then(|| "打印队列不接收任务 / the queue takes no jobs".to_owned()))
    }
}

/// By which name a queue takes bytes that must reach the printer as they are.
pub(super) fn name_of(lang: &Format, taken: &[String]) -> Option<String> {
    // CUPS filters everything else; to a printer of its own kind the language's own name is the surest.
    let names: &[&str] = match lang {
        Format::Zpl => &["application/vnd.cups-raw", "application/vnd.zebra-zpl", "application/octet-stream"],
        Format::Tspl => &["application/vnd.cups-raw", "application/vnd.tsc-tspl", "application/octet-stream"],
        Format::Png => &["image/png"],
        Format::Pdf => &["application/pdf"],
        Format::PlatformTask | Format::Unknown(_) => &[],
    };
    names.iter().find(|name| taken.iter().any(|taken| taken == *name)).map(|name| (*name).to_owned())
}

/// A client for one queue.
#[derive(Debug)]
pub(super) struct Wire {
    client: Option<Client>,
    queue: Queue,
}

impl Wire {
    pub(super) fn new(queue: &Queue) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .http1_only()
            .connect_timeout(CONNECT)
            .build();
        Self { client: client.ok(), queue: queue.clone() }
    }

    /// The state of the printer behind the queue.
    pub(super) async fn printer(&self) -> Result<PrinterNews, WireError> {
        let mut request = self.request(Operation::GetPrinterAttributes)?;
        let wanted =
            ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "document-format-supported"];
        ask_for(&mut request, &wanted)?;
        let answer = self.exchange(request.to_bytes().to_vec().into(), ANSWER).await?;
        let state = answer.number("printer-state").ok_or(WireError::Garbled)?;
        Ok(PrinterNews {
            stopped: state == 5,
            accepting: answer.first("printer-is-accepting-jobs") != Some(&IppValue::Boolean(false)),
            reasons: answer.words("printer-state-reasons"),
            formats: answer.words("document-format-supported"),
        })
    }

    /// Hands over a job and answers the queue's number for it.
    pub(super) async fn print(
        &self,
        name: &str,
        format: &str,
        bytes: &[u8],
        patience: Duration,
    ) -> Result<i32, WireError> {
        let mut request = self.request(Operation::PrintJob)?;
        add(&mut request, "job-name", IppValue::new_name_without_language(name))?;
        add(&mut request, "document-format", IppValue::new_mime_media_type(format))?;
        let mut whole = request.to_bytes().to_vec();
        whole.extend_from_slice(bytes);
        let limit = patience + ANSWER + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let answer = self.exchange(body(whole), limit).await?;
        answer.number("job-id").ok_or(WireError::Garbled)
    }

    /// How far a job is.
    pub(super) async fn job(&self, id: i32) -> Result<JobNews, WireError> {
        let mut request = self.request(Operation::GetJobAttributes)?;
        add(&mut request, "job-id", Ok::<_, ()>(IppValue::new_integer(id)))?;
        ask_for(&mut request, &["job-state", "job-state-reasons", "time-at-processing"])?;
        let answer = self.exchange(request.to_bytes().to_vec().into(), ANSWER).await?;
        let state = match answer.number("job-state").ok_or(WireError::Garbled)? {
            9 => JobState::Completed,
            7 | 8 => JobState::Ended,
            _ => JobState::Open,
        };
        // `no-value` is the queue's word that it never began; saying nothing is not.
        let never_started = matches!(answer.first("time-at-processing"), Some(IppValue::NoValue));
        Ok(JobNews { state, never_started, reasons: answer.words("job-state-reasons") })
    }

    fn request(&self, operation: Operation) -> Result<IppRequestResponse, WireError> {
        let Queue { authority, path } = &self.queue;
        let uri: Uri = format!("ipp://{authority}{path}").parse().map_err(|_| WireError::Garbled)?;
        let mut request =
            IppRequestResponse::new(IppVersion::v1_1(), operation, Some(uri)).map_err(|_| WireError::Garbled)?;
        add(&mut request, "requesting-user-name", IppValue::new_name_without_language("huidan"))?;
        Ok(request)
    }

    async fn exchange(&self, body: Body, limit: Duration) -> Result<Answer, WireError> {
        let client = self.client.as_ref().ok_or(WireError::NoConnection)?;
        let url = format!("http://{}{}", self.queue.authority, self.queue.path);
        let request = client.post(url).header(CONTENT_TYPE, "application/ipp").timeout(limit).body(body);
        let mut response = request.send().await.map_err(|error| how(&error))?;
        if response.status() != StatusCode::OK {
            return Err(WireError::Http(response.status()));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| how(&error))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > LONGEST {
                return Err(WireError::Garbled);
            }
        }
        Answer::read(bytes)
    }
}

fn how(error: &reqwest::Error) -> WireError {
    if error.is_connect() {
        WireError::NoConnection
    } else if error.is_timeout() {
        WireError::Broken("it did not answer in time")
    } else {
        WireError::Broken("the connection broke")
    }
}

/// The request's body; in two pieces where a test wants to die between them.
fn body(whole: Vec<u8>) -> Body {
    if !splits_bytes() {
        return whole.into();
    }
    let (first, rest) = whole.split_at(whole.len() / 2);
    let pieces = [first.to_vec(), rest.to_vec()];
    let mut begun = false;
    let stream = futures::stream::iter(pieces).then(move |piece| {
        let second = std::mem::replace(&mut begun, true);
        async move {
            if second {
                // So that the first half is on its way.
                tokio::time::sleep(Duration::from_millis(100)).await;
                reach(Step::MidBytes);
            }
            Ok::<_, std::convert::Infallible>(http_body::Frame::data(bytes::Bytes::from(piece)))
        }
    });
    Body::wrap(http_body_util::StreamBody::new(Box::pin(stream)))
}

fn add<E>(request: &mut IppRequestResponse, name: &'static str, value: Result<IppValue, E>) -> Result<(), WireError> {
    let value = value.map_err(|_| WireError::Garbled)?;
    let name: IppName = name.to_owned().try_into().map_err(|_| WireError::Garbled)?;
    request.attributes_mut().add(DelimiterTag::OperationAttributes, IppAttribute::new(name, value));
    Ok(())
}

fn ask_for(request: &mut IppRequestResponse, names: &[&str]) -> Result<(), WireError> {
    let names: Result<Vec<_>, _> = names.iter().map(|name| IppValue::new_keyword(*name)).collect();
    add(request, "requested-attributes", names.map(IppValue::Array))
}

/// The attributes of a successful answer.
struct Answer(IppAttributes);

impl Answer {
    fn read(bytes: Vec<u8>) -> Result<Self, WireError> {
        let (header, attributes, _) =
            IppParser::new(IppReader::new(Cursor::new(bytes))).parse_parts().map_err(|_| WireError::Garbled)?;
        match u16::from_be_bytes(header.operation_or_status.to_be_bytes()) {
            0x0000..=0x00ff => Ok(Self(attributes)),
            refused => Err(WireError::Refused(refused)),
        }
    }

    fn first(&self, name: &str) -> Option<&IppValue> {
        self.0.groups().iter().find_map(|group| group.get(name)).map(IppAttribute::value)
    }

    fn number(&self, name: &str) -> Option<i32> {
        match self.first(name)? {
            IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
            _ => None,
        }
    }

    fn words(&self, name: &str) -> Vec<String> {
        let text = |value: &IppValue| match value {
            IppValue::Keyword(word) => Some(word.as_str().to_owned()),
            IppValue::MimeMediaType(word) => Some(word.as_str().to_owned()),
            _ => None,
        };
        match self.first(name) {
            Some(IppValue::Array(values)) => values.iter().filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn bytes_travel_under_a_name_by_which_nobody_touches_them() {
        let cups = taken(&["application/octet-stream", "application/pdf", "application/vnd.cups-raw"]);
        assert_eq!(name_of(&Format::Zpl, &cups).unwrap(), "application/vnd.cups-raw");
        let zebra = taken(&["application/octet-stream", "application/vnd.zebra-zpl"]);
        assert_eq!(name_of(&Format::Zpl, &zebra).unwrap(), "application/vnd.zebra-zpl");
        assert_eq!(name_of(&Format::Tspl, &zebra).unwrap(), "application/octet-stream");
        assert_eq!(name_of(&Format::Zpl, &taken(&["image/urf", "application/pdf"])), None);
    }

    #[test]
    fn only_a_no_before_the_job_exists_is_certain() {
        assert!(WireError::NoConnection.is_certain() && WireError::Refused(0x040a).is_certain());
        assert!(WireError::Refused(0x0506).is_certain() && WireError::Http(StatusCode::UNAUTHORIZED).is_certain());
        for doubtful in [
            WireError::Broken("x"),
            WireError::Garbled,
            WireError::Refused(0x0500),
            WireError::Http(StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            assert!(!doubtful.is_certain(), "{doubtful}");
        }
    }
}
