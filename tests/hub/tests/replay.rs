//! `cargo hub replay` at a desk that answers as the API does; what the API then does is shown by its own tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by it")]

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

const TOKEN: &str = "token-of-the-tests";

/// A hub with so many orders, of which some cannot be read, and with documents in quarantine.
struct Desk {
    address: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

/// What the desk has.
struct House {
    orders: u64,
    unreadable: u64,
    /// Id, shop and order; a document of the shop `s2` fails again and comes back under a new id.
    quarantine: VecDeque<(String, String, String)>,
}

impl Desk {
    fn open(mut house: House) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                answer(stream, &mut house, &noted);
            }
        });
        Self { address, asked }
    }

    fn replay(&self, arguments: &[&str], token: Option<&str>) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
        command.args(["replay", "--hub", &self.address]).args(arguments);
        command.env_remove("HUIDAN_TOKEN").env_remove("SPIN_VARIABLE_ADMIN_TOKEN");
        if let Some(token) = token {
            command.env("HUIDAN_TOKEN", token);
        }
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, house: &mut House, noted: &Mutex<Vec<(String, Value)>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap() > 2 {}
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let what = head.split(" HTTP").next().unwrap().to_owned();
    noted.lock().unwrap().push((what.clone(), body.clone()));
    let (status, said) = match () {
        () if !head.contains(&format!("Authorization: Bearer {TOKEN}\r\n")) => (401, json!({ "code": "sign_in" })),
        () if what == "POST /api/v1/orders/replay" => replayed(house, &body),
        () if what == "GET /api/v1/exceptions" => (200, exceptions(house)),
        () => (200, again(house, &what)),
    };
    write!(stream, "HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\n\r\n{said}").unwrap();
}

/// A hundred at a time; the cursor is how many came before.
fn replayed(house: &House, body: &Value) -> (u16, Value) {
    if body["since"] == "yesterday" {
        return (422, json!({ "code": "bad_instant", "detail": "since 不是时间 / since is no time" }));
    }
    let before: u64 = body["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
    let orders = (house.orders - before).min(100);
    let read = if before == 0 { orders - house.unreadable } else { orders };
    let next = (before + orders < house.orders).then(|| (before + orders).to_string());
    (200, json!({ "orders": orders, "read": read, "next": next }))
}

fn exceptions(house: &House) -> Value {
    let first = house.quarantine.iter().take(100);
    let kept =
        first.map(|(id, shop, order)| json!({ "id": id, "account": shop, "ext_id": order, "reason": "a \"b\"" }));
    json!({ "held_orders": [], "quarantine": kept.collect::<Vec<_>>() })
}

fn again(house: &mut House, what: &str) -> Value {
    let id = what.strip_prefix("POST /api/v1/quarantine/").unwrap().strip_suffix("/replay").unwrap();
    let at = house.quarantine.iter().position(|(kept, ..)| kept == id).unwrap();
    let (id, shop, order) = house.quarantine.remove(at).unwrap();
    if shop == "s2" {
        house.quarantine.push_back((format!("{id}-again"), shop, order));
    }
    json!({ "done": true })
}

fn house(orders: u64) -> House {
    House { orders, unreadable: 0, quarantine: VecDeque::new() }
}

#[test]
fn all_pages_are_read_again_and_the_last_line_counts_them() {
    let desk = Desk::open(house(250));
    let (code, said) = desk.replay(&["--shop", "s1", "--since", "2026-11-21T00:00:00Z"], Some(TOKEN));
    assert_eq!(code, 0, "{said}");
    assert!(said.ends_with("250 orders read again: 250 could be read, 0 stay as they were\n"), "{said}");
    let cursors: Vec<Value> = desk.asked().iter().map(|(_, body)| body["cursor"].clone()).collect();
    assert_eq!(cursors, [Value::Null, "100".into(), "200".into()]);
    assert!(desk.asked().iter().all(|(_, body)| body["shop"] == "s1" && body["since"] == "2026-11-21T00:00:00Z"));
}

#[test]
fn an_order_that_cannot_be_read_shows_in_the_exit_code() {
    let desk = Desk::open(House { unreadable: 2, ..house(10) });
    let (code, said) = desk.replay(&[], Some(TOKEN));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("8 could be read, 2 stay as they were"), "{said}");
}

#[test]
fn quarantine_is_tried_once_through_and_ends_though_some_fail_again() {
    let kept = (0..150).map(|n| (format!("q{n}"), if n % 50 == 0 { "s2" } else { "s1" }.to_owned(), format!("o{n}")));
    let desk = Desk::open(House { quarantine: kept.collect(), ..house(0) });
    let (code, said) = desk.replay(&["--quarantine"], Some(TOKEN));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("150 quarantined documents tried again, 0 refused"), "{said}");
    let tries = desk.asked().iter().filter(|(what, _)| what.contains("/quarantine/")).count();
    assert_eq!(tries, 150);
}

#[test]
fn only_the_named_shops_documents_are_tried() {
    let kept = [("q1", "s1"), ("q2", "s3")].map(|(id, shop)| (id.to_owned(), shop.to_owned(), "o".to_owned()));
    let desk = Desk::open(House { quarantine: kept.into(), ..house(0) });
    let (code, said) = desk.replay(&["--quarantine", "--shop", "s3"], Some(TOKEN));
    assert_eq!(code, 0, "{said}");
    let tried: Vec<String> =
        desk.asked().into_iter().map(|(what, _)| what).filter(|what| what.contains("/q")).collect();
    assert_eq!(tried, ["POST /api/v1/quarantine/q2/replay"]);
}

#[test]
fn the_token_comes_from_the_state_folder_unless_the_environment_has_one() {
    let desk = Desk::open(house(1));
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let (code, said) = desk.replay(&["--state", state], None);
    assert_eq!(code, 1);
    assert!(said.contains("set HUIDAN_TOKEN") && said.contains("keys.env"), "{said}");
    fs::write(folder.path().join("keys.env"), format!("SPIN_VARIABLE_ADMIN_TOKEN={TOKEN}\n")).unwrap();
    assert_eq!(desk.replay(&["--state", state], None).0, 0);
    let (code, said) = desk.replay(&["--state", state], Some("another"));
    assert_eq!(code, 1);
    assert!(said.contains("does not take this token (401)") && !said.contains("another"), "{said}");
}

#[test]
fn what_the_hub_says_against_it_is_passed_on() {
    let desk = Desk::open(house(1));
    let (code, said) = desk.replay(&["--since", "yesterday"], Some(TOKEN));
    assert_eq!(code, 1);
    assert!(said.contains("the hub answered 422: since 不是时间 / since is no time"), "{said}");

    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, said) = desk.replay(&["--hub", &format!("http://{gone}")], Some(TOKEN));
    assert_eq!(code, 1);
    assert!(said.contains("start it by cargo hub up"), "{said}");
}
