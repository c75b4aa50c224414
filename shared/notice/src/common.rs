//! What every adapter of a way to tell would otherwise write again. Nothing here is one provider's own.

use crate::{Message, Sent};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unclear};
use serde::Serialize;

/// What a provider's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A person must mend the setting of that name; nothing went out.
    Mend(&'static str),
    /// Too many; again after so many seconds.
    Limited(u32),
    /// The other side is failing and did nothing.
    Later,
    /// It may have gone out.
    Open,
    /// Nothing went out, and never will.
    Never,
}

/// The error that a provider's code amounts to: the first row that the code begins with. A refusal with a code that
/// nobody wrote down is one: it was understood and not done.
pub fn meant(table: &[(&str, Meaning)], provider: &str, code: &str, words: &str) -> CallError {
    let known = table.iter().find(|(known, _)| code.starts_with(known)).map(|(_, meaning)| *meaning);
    let said = format!("{provider}：{words}（{code}）/ {provider} says: {words} ({code})");
    match known.unwrap_or(Meaning::Never) {
        Meaning::Mend(field) => CallError::Credentials { field: field.to_owned(), detail: said },
        Meaning::Limited(after_s) => CallError::Limited { after_s: Some(after_s) },
        Meaning::Later => CallError::Transient { after_s: None, detail: said },
        Meaning::Open => CallError::Unknown { detail: said },
        Meaning::Never => CallError::Rejected { code: code.to_owned(), remedy: said },
    }
}

/// One request and what its reply amounts to: what sending a message is nearly everywhere.
///
/// # Errors
/// What `ask` and `read` say.
pub fn ask_once(
    call: &Call<'_>,
    ask: impl FnOnce() -> Result<Request, CallError>,
    read: impl FnOnce(&Reply) -> Result<Sent, CallError>,
) -> Result<Next<Sent>, CallError> {
    match call.replies.first() {
        None => ask().map(Next::Send),
        Some(reply) => read(reply).map(Next::Done),
    }
}

/// A `POST` of JSON.
///
/// # Errors
/// `Credentials` on the address when it is none.
pub fn post_json(url: &str, headers: &[(&str, &str)], body: &impl Serialize) -> Result<Request, CallError> {
    let body = serde_json::to_vec(body).map_err(|_| CallError::Rejected {
        code: "unwritable".to_owned(),
        remedy: "报文无法生成 / unwritable".to_owned(),
    })?;
    let mut request = http::Request::post(url).header(CONTENT_TYPE, "application/json;charset=utf-8");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body)).map_err(|_| no_address())
}

/// The address is none.
pub fn no_address() -> CallError {
    CallError::Credentials {
        field: "base_url".to_owned(),
        detail: "地址不是有效的网址 / the address is none".to_owned(),
    }
}

/// An answer that is no such JSON: whether the message went out is open.
pub fn unreadable(wrong: &Wrong) -> CallError {
    unclear(Effect::Counts, format!("应答无法读取 / unreadable answer: {wrong}"))
}

/// The object that an answer is.
///
/// # Errors
/// [`unreadable`].
pub fn object(reply: &Reply) -> Result<Object<'_>, CallError> {
    Json::parse(reply.body()).and_then(|json| json.object()).map_err(|wrong| unreadable(&wrong))
}

/// The code in an answer; without one the answer is none.
///
/// # Errors
/// [`unreadable`].
pub fn code(said: &Object<'_>, name: &str) -> Result<String, CallError> {
    match said.id(name) {
        Ok(code) if !code.is_empty() => Ok(code),
        Ok(_) => Err(unreadable(&said.wrong(name, "is missing"))),
        Err(wrong) => Err(unreadable(&wrong)),
    }
}

/// Title and text as one text of at most so many bytes, with a word in it where a robot wants one.
pub fn whole(message: &Message, most_bytes: usize, keyword: Option<&str>) -> String {
    let mut text = match (message.title.as_str(), message.text.as_str()) {
        ("", text) => text.to_owned(),
        (title, "") => title.to_owned(),
        (title, text) => format!("{title}\n{text}"),
    };
    if let Some(word) = keyword.filter(|word| !text.contains(*word)) {
        text = format!("{word} {text}");
    }
    cut(&text, most_bytes)
}

/// The text, or as much of it as so many bytes hold, with a mark that something is missing.
pub fn cut(text: &str, most_bytes: usize) -> String {
    const MARK: &str = "…";
    if most_bytes == 0 || text.len() <= most_bytes {
        return text.to_owned();
    }
    let room = most_bytes.saturating_sub(MARK.len());
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last().unwrap_or(0);
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

/// Names separated by commas of either width, spaces or line ends.
pub fn listed(text: &str) -> Vec<String> {
    text.split([',', '，', ';', '；', ' ', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Mail addresses separated by commas or line ends; a name before one keeps its spaces.
pub fn listed_addresses(text: &str) -> Vec<String> {
    text.split([',', '，', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut("包裹停滞", 12), "包裹停滞");
        assert_eq!(cut("包裹停滞", 11), "包裹…");
        assert_eq!(cut("包裹停滞", 9), "包裹…");
        assert_eq!(cut("包裹停滞", 8), "包…");
        assert_eq!(cut("包裹停滞", 0), "包裹停滞");
    }

    #[test]
    fn a_robots_word_is_added_where_it_is_missing() {
        let message = Message { title: "订单".into(), text: "有货".into(), ..Message::default() };
        assert_eq!(whole(&message, 0, None), "订单\n有货");
        assert_eq!(whole(&message, 0, Some("订单")), "订单\n有货");
        assert_eq!(whole(&message, 0, Some("汇单")), "汇单 订单\n有货");
    }

    #[test]
    fn what_nobody_wrote_down_is_a_refusal() {
        let table = [("45009", Meaning::Limited(60)), ("Throttling", Meaning::Later)];
        assert_eq!(meant(&table, "P", "45009", "x"), CallError::Limited { after_s: Some(60) });
        assert_eq!(meant(&table, "P", "Throttling.User", "x").kind(), "transient");
        assert_eq!(meant(&table, "P", "7", "x").kind(), "rejected");
    }

    #[test]
    fn names_are_separated_as_people_do() {
        assert_eq!(listed(" a,b，c；d\n"), ["a", "b", "c", "d"]);
        assert!(listed(" ,").is_empty());
    }
}
