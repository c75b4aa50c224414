//! The front doors of channels and carriers: verify, store, answer, wake; and the calls of the conductor, driven
//! request by request.

mod budget;
mod carrier;
mod channel;
mod grant;
mod notice;
mod seen;

pub use carrier::{Lender, Renews, carrier};
pub use channel::{channel, import};
pub use notice::notice;

use crate::{Egress, SendError, World};
use budget::Budget;
use huidan_exchange::{Account, Call, CallError, Next, Reply};
use huidan_store::Keyring;
use huidan_wire::call::{Answer, EXISTS, Failure};
use std::cell::RefCell;
use std::rc::Rc;

/// Limit of one request to a platform, in milliseconds.
const SEND_LIMIT_MS: u64 = 15_000;
/// Most requests of one operation: a bound on an adapter that never comes to an end.
const MOST_TURNS: usize = 40;

thread_local! {
    // The token and its key: deriving one takes longer than sealing a message with it.
    static INBOX_KEYS: RefCell<Option<(String, Rc<Keyring>)>> = const { RefCell::new(None) };
}

/// The key that seals what lies in the inbox, derived from the token that both ends have.
///
/// # Errors
/// [`huidan_store::StoreError::Sealed`] when the token is not set.
pub async fn inbox_keys<W: World>(world: &W) -> Result<Rc<Keyring>, huidan_store::StoreError> {
    let token = world.variable("internal_token").await.ok_or(huidan_store::StoreError::Sealed)?;
    Ok(INBOX_KEYS.with_borrow_mut(|kept| match kept {
        Some((of, keys)) if *of == token => keys.clone(),
        _ => {
            let keys = Rc::new(Keyring::derived(&token, "inbox"));
            *kept = Some((token, keys.clone()));
            keys
        }
    }))
}

/// Runs an operation to its end: sends what it wants sent, hands it the replies.
async fn drive<W: World, T>(
    world: &W,
    account: &Account,
    budget: Option<Budget>,
    operation: impl Fn(&Call<'_>) -> Result<Next<T>, CallError>,
) -> Result<T, CallError> {
    let moment = world.moment();
    let nonce = moment.secret::<16>();
    let own = world.variable("allow_private_hosts").await.unwrap_or_default();
    let known = account.origins.values().chain([&account.gateway, &own]);
    let egress = Egress::new(known.map(String::as_str));
    let mut replies: Vec<Reply> = Vec::new();
    for _ in 0..MOST_TURNS {
        let call = Call { account, now: world.moment().now, nonce: &nonce, replies: &replies };
        let next = operation(&call);
        if let (Some(budget), Err(CallError::Limited { after_s })) = (budget, &next) {
            budget.spent(world, &account.id, *after_s).await;
        }
        match next? {
            Next::Done(result) => return Ok(result),
            Next::Send(request) => {
                egress
                    .check(&request.uri().to_string())
                    .map_err(|error| CallError::Credentials { field: "base_url".into(), detail: error.to_string() })?;
                if let Some(budget) = budget {
                    budget.turn(world, &account.id).await?;
                }
                replies.push(world.send(request, SEND_LIMIT_MS).await.map_err(failed)?);
            }
        }
    }
    Err(CallError::Unknown { detail: format!("no end after {MOST_TURNS} requests") })
}

fn failed(error: SendError) -> CallError {
    match error {
        SendError::Refused(error) => CallError::Credentials { field: "base_url".into(), detail: error.to_string() },
        SendError::NotConnected => {
            CallError::Transient { after_s: None, detail: "连接不上 / cannot connect".into() }
        }
        SendError::Lost => CallError::Unknown { detail: "没有收到应答 / no reply came".into() },
    }
}

fn answered<T>(result: Result<T, CallError>) -> Answer<T> {
    match result {
        Ok(done) => Answer::Done(done),
        Err(error) => Answer::Failed(failure(error)),
    }
}

fn failure(error: CallError) -> Failure {
    let kind = error.kind().to_owned();
    let exists = if error.says_it_exists() { EXISTS } else { "" };
    let (code, detail, after_s) = match error {
        CallError::Transient { after_s, detail } => (String::new(), detail, after_s),
        CallError::Limited { after_s } => (String::new(), "调用过于频繁 / too many calls".to_owned(), after_s),
        CallError::Credentials { field, detail } => (field, detail, None),
        CallError::Rejected { code, remedy } => (code, remedy, None),
        CallError::Unknown { detail } => (exists.to_owned(), detail, None),
    };
    Failure { kind, code, detail, after_s }
}

fn no_account(id: &str) -> Failure {
    Failure {
        kind: "credentials".into(),
        code: "id".into(),
        detail: format!("没有 {id} / there is no {id}"),
        after_s: None,
    }
}
