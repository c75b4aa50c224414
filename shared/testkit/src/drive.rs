use bytes::Bytes;
use huidan_domain::Millis;
use huidan_exchange::{Account, Call, CallError, Next, Reply, Request};

/// For whom and when an operation is driven.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The shop or carrier account.
    pub account: Account,
    /// The instant of every call.
    pub now: Millis,
}

/// The most requests that one operation may send.
const MOST_REQUESTS: usize = 60;

/// Runs an operation to its end: every request it wants to send is answered by `answer`.
///
/// # Errors
/// The operation's.
///
/// # Panics
/// When it goes on sending for ever.
pub fn drive<T>(
    caller: &Caller,
    operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
    mut answer: impl FnMut(&Request) -> Reply,
) -> Result<T, CallError> {
    let mut replies = Vec::new();
    while replies.len() <= MOST_REQUESTS {
        let nonce = "0123456789abcdef0123456789abcdef";
        let call = Call { account: &caller.account, now: caller.now, nonce, replies: &replies };
        match operation(&call)? {
            Next::Done(result) => return Ok(result),
            Next::Send(request) => {
                let reply = answer(&request);
                replies.push(reply);
            }
        }
    }
    panic!("the operation sent {MOST_REQUESTS} requests and did not come to an end");
}

/// A reply with a JSON body.
///
/// # Panics
/// When `status` is no HTTP status.
pub fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.into())
        .expect("a status and a body make a reply")
}
