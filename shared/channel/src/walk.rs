use crate::{Listed, Page};
use huidan_exchange::{Call, CallError, Next, Reply, Request};

/// One page of a list that is sorted by time of change, newest first, and asked for by the numbers of its pages.
///
/// An order that changes while the list is read moves to its front or leaves the window, and those behind it move up:
/// read from the first page on, one of them would slip past. So the list is read from its last page to its first, and
/// whatever moves is met again instead of missed. The cursor is the number of the page to read.
///
/// `ask` asks for a page, or with `None` for the first one to learn how many there are; `pages` says how many that
/// answer speaks of; `read` gives the orders on a page.
///
/// # Errors
/// Those of `ask`, `pages` and `read`.
pub fn last_page_first(
    call: &Call<'_>,
    cursor: Option<&str>,
    ask: impl Fn(Option<u64>) -> Result<Request, CallError>,
    pages: impl Fn(&Reply) -> Result<u64, CallError>,
    read: impl Fn(&Reply) -> Result<Vec<Listed>, CallError>,
) -> Result<Next<Page>, CallError> {
    let page_of = |reply: &Reply, page: u64| {
        let next = (page > 1).then(|| (page - 1).to_string());
        read(reply).map(|orders| Next::Done(Page { orders, next }))
    };
    let mut replies = call.replies.iter();
    let page = match cursor {
        Some(cursor) => cursor.parse().unwrap_or(1),
        None => {
            let Some(first) = replies.next() else { return ask(None).map(Next::Send) };
            match pages(first)? {
                0 | 1 => return page_of(first, 1),
                last => last,
            }
        }
    };
    match replies.next() {
        None => ask(Some(page)).map(Next::Send),
        Some(reply) => page_of(reply, page),
    }
}
