//! What this command says to a hub by itself: small requests over plain HTTP, as to a server on this machine.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use serde_json::Value;

use crate::error::{Context, Error, Result};

/// How long a server may be silent, unless the question says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// `host:port`.
    pub(crate) authority: &'a str,
    /// `GET` or `POST`.
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) path: &'a str,
    /// The token, where one is needed.
    pub(crate) bearer: Option<&'a str>,
    /// JSON; empty for none.
    pub(crate) body: &'a str,
    /// How long the server may be silent.
    pub(crate) patience: Duration,
}

impl Ask<'_> {
    fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// Asks; the answer is the status and the body, whatever the status is.
    ///
    /// # Errors
    ///
    /// The server is not there, is silent for too long, or does not speak HTTP.
    pub(crate) fn send(&self) -> Result<(u16, String)> {
        let url = self.url();
        let answer = self.exchange().on(&url)?;
        let (status, body) = read_answer(&answer)
            .ok_or_else(|| Error::new(format!("{url}：回答不是 HTTP"), format!("{url}: the answer is not HTTP")))?;
        Ok((status, body.to_owned()))
    }

    /// HTTP/1.0, so that the answer is neither chunked nor kept open: it ends where the connection ends.
    fn text(&self) -> String {
        let authorization = self.bearer.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        format!(
            "{} {} HTTP/1.0\r\nHost: {}\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{}",
            self.method,
            self.path,
            self.authority,
            self.body.len(),
            self.body
        )
    }

    fn exchange(&self) -> std::io::Result<String> {
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        for address in self.authority.to_socket_addrs()? {
            let mut stream = match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => stream,
                Err(error) => {
                    last = error;
                    continue;
                }
            };
            stream.set_read_timeout(Some(self.patience))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            stream.write_all(self.text().as_bytes())?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            return Ok(String::from_utf8_lossy(&answer).into_owned());
        }
        Err(last)
    }
}

/// Sends an empty JSON object to `http://<authority><path>` and gives the body of a successful answer.
///
/// # Errors
///
/// The server is not there, is silent for 20 s, or answers with another status than 2xx.
pub(crate) fn post(authority: &str, path: &str, bearer: Option<&str>) -> Result<String> {
    post_json(authority, path, bearer, "{}")
}

/// The same with a body of one's own.
///
/// # Errors
///
/// As above.
pub(crate) fn post_json(authority: &str, path: &str, bearer: Option<&str>, body: &str) -> Result<String> {
    let ask = Ask { authority, method: "POST", path, bearer, body, patience: PATIENCE };
    let (status, body) = ask.send()?;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let url = ask.url();
    Err(Error::new(format!("{url} 回答 {status}：{body}"), format!("{url} answered {status}: {body}")))
}

/// The status and the body of an answer.
fn read_answer(answer: &str) -> Option<(u16, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body))
}

/// The text of a field of a JSON object.
pub(crate) fn text_field(json: &str, name: &str) -> Option<String> {
    let object: Value = serde_json::from_str(json).ok()?;
    object.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    /// Answers one request with `answer`, and gives what was asked.
    fn server(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while reader.read_line(&mut head).unwrap() > 2 {}
            stream.write_all(answer.as_bytes()).unwrap();
            head
        });
        (authority, thread)
    }

    #[test]
    fn a_code_is_fetched_with_the_bearer_token() {
        let (authority, asked) =
            server("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\r\n{\"code\":\"AB12\"}");
        let body = post(&authority, "/api/v1/printers/pairing-codes", Some("t0k")).unwrap();
        assert_eq!(text_field(&body, "code").as_deref(), Some("AB12"));
        let head = asked.join().unwrap();
        assert!(head.starts_with("POST /api/v1/printers/pairing-codes HTTP/1.0\r\n"), "{head}");
        assert!(head.contains("Authorization: Bearer t0k\r\n"), "{head}");
    }

    #[test]
    fn a_refusal_is_an_error_with_its_words() {
        let (authority, asked) = server("HTTP/1.1 403 Forbidden\r\n\r\n{\"code\":\"no_right\"}");
        let error = post(&authority, "/x", None).unwrap_err().to_string();
        assert!(error.contains("answered 403") && error.contains("no_right"), "{error}");
        assert!(!asked.join().unwrap().contains("Authorization"));
    }

    #[test]
    fn an_answer_that_is_not_http_is_an_error() {
        let (authority, _asked) = server("hello");
        assert!(post(&authority, "/x", None).unwrap_err().to_string().contains("not HTTP"));
    }

    #[test]
    fn a_field_is_read_wherever_it_stands() {
        for (json, value) in [
            (r#"{"code":"A-1"}"#, Some("A-1")),
            (r#"{"expires":"x", "code" : "B"}"#, Some("B")),
            (r#"{"code":5}"#, None),
            (r#"{"code":"a\"b"}"#, Some("a\"b")),
            (r#"{"kode":"A"}"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(text_field(json, "code").as_deref(), value, "{json}");
        }
    }
}
