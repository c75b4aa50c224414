use bytes::Bytes;
use huidan_domain::Millis;
use huidan_exchange::{Account, Call, CallError, Next, Reply, Request};
use std::cell::Cell;

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
    let nonce = new_nonce();
    while replies.len() <= MOST_REQUESTS {
        let call = Call { account: &caller.account, now: caller.now, nonce: &nonce, replies: &replies };
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

/// The code of a rejection; `None` for every other outcome.
pub fn rejected<T>(outcome: &Result<T, CallError>) -> Option<&str> {
    match outcome {
        Err(CallError::Rejected { code, .. }) => Some(code),
        _ => None,
    }
}

/// New for every operation, and the same in every run of a test: the first is `0123456789abcdef0123456789abcdef`.
fn new_nonce() -> String {
    thread_local! { static DRAWN: Cell<u128> = const { Cell::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef) }; }
    let drawn = DRAWN.get();
    DRAWN.set(drawn.wrapping_add(1));
    format!("{drawn:032x}")
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
