//! The hub, as a client of its `/print/v1`.

use std::{
    sync::{PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::clock;
use crate::protocol::{Claim, Claimed, Paired, Report, Reported, Scanned, Weighed};

/// Longer than any answer but a long poll should take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longer than a person waits at a bench.
const AT_ONCE: Duration = Duration::from_secs(5);
/// More than fifty jobs fit in, and no hub can fill our memory.
const MAX_ANSWER: u64 = 4 << 20;
/// The largest label taken; a 300 dpi page as uncompressed hex is about a tenth of it.
const MAX_LABEL: u64 = 16 << 20;

/// What went wrong, by what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// 401 or 403: the token is not, or no longer, good.
    #[error("the hub does not accept this bridge's token")]
    Unpaired,
    /// 426: the hub wants another version.
    #[error("the hub wants another version of print-bridge")]
    Outdated,
    /// 408, 429, 5xx: later, and not before `after`.
    #[error("the hub is busy ({status})")]
    Busy {
        /// The HTTP status.
        status: u16,
        /// From `Retry-After`.
        after: Option<Duration>,
    },
    /// No answer.
    #[error("the hub cannot be reached ({0})")]
    Away(&'static str),
    /// 4xx: the same request will not be answered otherwise.
    #[error("the hub refused the request ({0})")]
    Refused(u16),
    /// An answer that is not what the protocol says.
    #[error("the hub's answer cannot be read ({0})")]
    Garbled(&'static str),
    /// The bytes are not those the job names.
    #[error("the label's bytes do not have the SHA-256 that the job names")]
    WrongBytes,
}

/// A claim's answer with what is needed to read its instants by our own clock.
#[derive(Debug)]
pub struct ClaimAnswer {
    /// The body.
    pub claimed: Claimed,
    /// When the answer arrived.
    pub arrived: Instant,
    /// The hub's clock at that moment.
    pub hub_now: SystemTime,
}

/// A hub and this bridge's token for it.
#[derive(Debug)]
pub struct Hub {
    client: Client,
    address: String,
    token: RwLock<String>,
}

impl Hub {
    /// A client for `address`, as [`crate::state::hub_address`] spells it.
    ///
    /// # Errors
    /// A sentence, if this machine's certificates or proxy settings cannot be read.
    pub fn new(address: &str, token: &str) -> Result<Self, String> {
        // Fails only if a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("print-bridge/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(address) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { client, address: address.to_owned(), token: RwLock::new(token.to_owned()) })
    }

    /// Uses another token from now on.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut self.token.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Turns a code from the hub's page into a token.
    ///
    /// # Errors
    /// [`HubError::Refused`] for a code that is wrong, used or too old.
    pub async fn pair(&self, code: &str, name: &str) -> Result<Paired, HubError> {
        #[derive(Serialize)]
        struct Pair<'a> {
            code: &'a str,
            name: &'a str,
        }
        let request = self.client.post(self.url("pair")).timeout(PATIENCE).json(&Pair { code, name });
        match send(request).await {
            Ok(response) => read(response).await,
            // Without a token there is nothing to lose: here these mean the code.
            Err(HubError::Unpaired) => Err(HubError::Refused(401)),
            Err(error) => Err(error),
        }
    }

    /// Asks for jobs and renews leases.
    ///
    /// # Errors
    /// [`HubError`].
    pub async fn claim(&self, claim: &Claim) -> Result<ClaimAnswer, HubError> {
        let patience = PATIENCE + Duration::from_secs(claim.wait);
        let response = send(self.authorized(self.client.post(self.url("claim"))).timeout(patience).json(claim)).await?;
        let hub_now = hub_clock(&response);
        let claimed = read(response).await?;
        Ok(ClaimAnswer { claimed, arrived: clock::now(), hub_now })
    }

    /// Fetches a label and proves it by its hash.
    ///
    /// # Errors
    /// [`HubError::WrongBytes`] if what came is not what the job names.
    pub async fn label(&self, sha256: &str, bytes: u64) -> Result<Bytes, HubError> {
        if bytes > MAX_LABEL || sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(HubError::Garbled("a label's size or hash"));
        }
        let url = self.url(&format!("labels/{}", sha256.to_ascii_lowercase()));
        let patience = PATIENCE + Duration::from_millis(bytes / 16);
        let label = body(send(self.authorized(self.client.get(url)).timeout(patience)).await?, bytes).await;
        match label {
            Ok(label) if hex::encode(Sha256::digest(&label)).eq_ignore_ascii_case(sha256) => Ok(label),
            Ok(_) | Err(HubError::Garbled(_)) => Err(HubError::WrongBytes),
            Err(error) => Err(error),
        }
    }

    /// Tells phases; the answer says per job which state now holds.
    ///
    /// # Errors
    /// [`HubError`].
    pub async fn report(&self, reports: &[Report]) -> Result<Vec<Reported>, HubError> {
        let request = self.authorized(self.client.post(self.url("report"))).timeout(PATIENCE).json(reports);
        // The state is for the log; that the hub took the report is what counts.
        Ok(read(send(request).await?).await.unwrap_or_default())
    }

    /// A scale saw a weight. Tried once: a moment later something else may lie on it.
    ///
    /// # Errors
    /// [`HubError`].
    pub async fn weigh(&self, scale: &str, grams: u32) -> Result<Weighed, HubError> {
        #[derive(Serialize)]
        struct Weight<'a> {
            scale: &'a str,
            grams: u32,
        }
        self.at_once("weights", &Weight { scale, grams }).await
    }

    /// A scanner read a code. Tried once: a scan that is repeated counts goods twice.
    ///
    /// # Errors
    /// [`HubError`].
    pub async fn scan(&self, station: &str, code: &str) -> Result<Scanned, HubError> {
        #[derive(Serialize)]
        struct Scan<'a> {
            station: &'a str,
            code: &'a str,
        }
        self.at_once("scans", &Scan { station, code }).await
    }

    async fn at_once<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, HubError> {
        let request = self.authorized(self.client.post(self.url(path))).timeout(AT_ONCE).json(body);
        read(send(request).await?).await
    }

    /// The hub's clock, if anything answers there at all; for `status`.
    ///
    /// # Errors
    /// [`HubError::Away`].
    pub async fn look(&self) -> Result<SystemTime, HubError> {
        let request = self.client.get(format!("{}/healthz", self.address)).timeout(AT_ONCE);
        Ok(hub_clock(&request.send().await.map_err(|error| away(&error))?))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/print/v1/{path}", self.address)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.token.read().unwrap_or_else(PoisonError::into_inner).as_str())
    }
}

/// Whether the hub is on this machine, where no proxy leads.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    let url = url::Url::parse(address).ok();
    match url.as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

async fn send(request: RequestBuilder) -> Result<Response, HubError> {
    let response = request.send().await.map_err(|error| away(&error))?;
    let status = response.status();
    match status {
        _ if status.is_success() => Ok(response),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(HubError::Unpaired),
        StatusCode::UPGRADE_REQUIRED => Err(HubError::Outdated),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(busy(&response)),
        _ if status.is_server_error() => Err(busy(&response)),
        _ => Err(HubError::Refused(status.as_u16())),
    }
}

fn busy(response: &Response) -> HubError {
    let after = response.headers().get(header::RETRY_AFTER);
    let seconds = after.and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
    let after = seconds.map(|seconds: u64| Duration::from_secs(seconds.min(300)));
    HubError::Busy { status: response.status().as_u16(), after }
}

/// Only the kind: the error's own text would name the address, and through a proxy more than that.
fn away(error: &reqwest::Error) -> HubError {
    HubError::Away(match error {
        _ if error.is_connect() => "no connection",
        _ if error.is_timeout() => "no answer in time",
        _ => "the connection broke",
    })
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, HubError> {
    let bytes = body(response, MAX_ANSWER).await?;
    serde_json::from_slice(&bytes).map_err(|_| HubError::Garbled("not the JSON it should be"))
}

async fn body(mut response: Response, limit: u64) -> Result<Bytes, HubError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| away(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > limit {
            return Err(HubError::Garbled("longer than it may be"));
        }
    }
    Ok(bytes.freeze())
}

/// The hub's clock from its `Date`, since ours may be minutes off; ours where there is none.
fn hub_clock(response: &Response) -> SystemTime {
    let date = response.headers().get(header::DATE).and_then(|value| value.to_str().ok());
    date.and_then(|text| DateTime::parse_from_rfc2822(text).ok()).map_or_else(SystemTime::now, SystemTime::from)
}

/// How long a lease lasts from the answer's arrival; `None` if its instant cannot be read or has passed.
#[must_use]
pub fn lease_left(lease_until: &str, hub_now: SystemTime) -> Option<Duration> {
    let until = SystemTime::from(DateTime::parse_from_rfc3339(lease_until).ok()?);
    until.duration_since(hub_now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_measured_by_the_hubs_clock() {
        let now = SystemTime::from(DateTime::parse_from_rfc3339("2026-11-21T08:00:00Z").unwrap());
        assert_eq!(lease_left("2026-11-21T16:01:00+08:00", now), Some(Duration::from_secs(60)));
        assert_eq!(lease_left("2026-11-21T07:59:59Z", now), None);
        assert_eq!(lease_left("soon", now), None);
    }

    #[test]
    fn no_proxy_leads_to_this_machine() {
        for here in ["http://127.0.0.1:3000", "http://[::1]", "http://localhost/x"] {
            assert!(is_loopback(here), "{here}");
        }
        assert!(!is_loopback("https://hub.example"));
    }
}
