use bytes::Bytes;
use futures::future::{Either, FutureExt, select};
use http_body_util::BodyExt;
use spin_sdk::http::FullBody;
use std::future::Future;
use std::time::Duration;

/// Longest reply read, in bytes.
const REPLY_LIMIT: usize = 32 << 20;

/// Why there is no reply.
pub(crate) enum Failed {
    /// Certainly nothing was sent.
    NotConnected,
    /// Sent or perhaps sent.
    Lost,
    /// No reply within the limit; the other side may still be at work.
    Timeout,
}

/// Sends a request and reads the whole reply, within a limit.
pub(crate) async fn send(request: http::Request<Bytes>, limit_ms: u64) -> Result<http::Response<Bytes>, Failed> {
    let work = async {
        let response = spin_sdk::http::send(request.map(FullBody::new)).await.map_err(|error| connection(&error))?;
        let (parts, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(|_| Failed::Lost)?.into_data() {
                bytes.extend_from_slice(&data);
            }
            if bytes.len() > REPLY_LIMIT {
                return Err(Failed::Lost);
            }
        }
        Ok(http::Response::from_parts(parts, Bytes::from(bytes)))
    };
    within(limit_ms, work).await.unwrap_or(Err(Failed::Timeout))
}

/// `None` when the limit passes first. The other side is not told and may go on.
async fn within<T>(limit_ms: u64, work: impl Future<Output = T>) -> Option<T> {
    let limit = spin_sdk::time::sleep(Duration::from_millis(limit_ms));
    match select(work.boxed_local(), limit.boxed_local()).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

fn connection(error: &spin_sdk::wasip3::http::types::ErrorCode) -> Failed {
    use spin_sdk::wasip3::http::types::ErrorCode as E;
    match error {
        E::DnsTimeout
        | E::DnsError(_)
        | E::DestinationNotFound
        | E::DestinationUnavailable
        | E::DestinationIpProhibited
        | E::DestinationIpUnroutable
        | E::ConnectionRefused
        | E::ConnectionTimeout
        | E::TlsProtocolError
        | E::TlsCertificateError
        | E::TlsAlertReceived(_)
        | E::HttpRequestDenied
        | E::HttpRequestUriInvalid => Failed::NotConnected,
        _ => Failed::Lost,
    }
}
