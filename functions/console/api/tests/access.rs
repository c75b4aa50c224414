//! Who may what.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

mod fixture;

use fixture::{House, OWNER, Seen};
use http::{Method, StatusCode};
use serde_json::{Value, json};

fn code(seen: &Seen) -> &str {
    seen.json["code"].as_str().unwrap_or_default()
}

async fn token(house: &House, role: &str) -> String {
    let made = house.post(OWNER, "tokens", json!({"name": "a program", "role": role})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json["token"].as_str().unwrap().to_owned()
}

async fn sign_in(house: &House, name: &str, password: &str) -> Seen {
    house.ask(Method::POST, "session", &[], json!({"name": name, "password": password})).await
}

/// Somebody who signed in: the cookie and the token against forgery.
async fn signed_in(house: &House, role: &str) -> (String, String) {
    let person = json!({"name": "小陈", "password": "correct horse", "role": role});
    let made = house.post(OWNER, "users", person).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(!made.text.contains("argon2") && !made.text.contains("correct horse"), "{}", made.text);
    let seen = sign_in(house, "小陈", "correct horse").await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
    let cookie = seen.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    (cookie.split(';').next().unwrap().to_owned(), seen.json["csrf"].as_str().unwrap().to_owned())
}

#[test]
fn a_wrong_token_is_401_and_a_right_one_with_too_small_a_role_403() {
    House::new().run(async |house| {
        assert_eq!(house.ask(Method::GET, "shops", &[], Value::Null).await.status, StatusCode::UNAUTHORIZED);
        let wrong = house.get("wrong", "shops").await;
        assert_eq!((wrong.status, code(&wrong)), (StatusCode::UNAUTHORIZED, "token"));
        let packer = token(house, "packer").await;
        assert_eq!(house.get(&packer, "shops").await.status, StatusCode::OK);
        let small = house.post(&packer, "shops", house.shop()).await;
        assert_eq!((small.status, code(&small)), (StatusCode::FORBIDDEN, "role"));
    });
}

#[test]
fn an_unset_admin_token_lets_nobody_in() {
    House::new().run(async |house| {
        house.world.set("admin_token", "");
        assert_eq!(house.get("", "shops").await.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn a_token_that_was_taken_back_is_worth_nothing() {
    House::new().run(async |house| {
        let made = house.post(OWNER, "tokens", json!({"name": "x", "role": "viewer"})).await;
        let (secret, id) = (made.json["token"].as_str().unwrap(), made.json["id"].as_str().unwrap());
        assert!(!house.get(OWNER, "tokens").await.text.contains(secret), "it never comes back");
        let owner = format!("Bearer {OWNER}");
        house.ask(Method::DELETE, &format!("tokens/{id}"), &[("authorization", &owner)], Value::Null).await;
        assert_eq!(house.get(secret, "shops").await.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn a_request_with_the_cookie_that_changes_something_needs_the_token_against_forgery() {
    House::new().run(async |house| {
        let (cookie, csrf) = signed_in(house, "owner").await;
        let cookie = ("cookie", cookie.as_str());
        let me = house.ask(Method::GET, "session", &[cookie], Value::Null).await;
        assert_eq!((me.json["role"].as_str(), me.json["csrf"].as_str()), (Some("owner"), Some(csrf.as_str())));
        let forged = house.ask(Method::POST, "shops", &[cookie], house.shop()).await;
        assert_eq!((forged.status, code(&forged)), (StatusCode::FORBIDDEN, "csrf"));
        let csrf = ("huidan-csrf", csrf.as_str());
        let made = house.ask(Method::POST, "shops", &[cookie, csrf], house.shop()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(house.ask(Method::DELETE, "session", &[cookie, csrf], Value::Null).await.status, StatusCode::OK);
        let gone = house.ask(Method::GET, "session", &[cookie], Value::Null).await;
        assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn signing_in_is_throttled_and_says_when_to_try_again() {
    House::new().run(async |house| {
        signed_in(house, "packer").await;
        for _ in 0..5 {
            assert_eq!(code(&sign_in(house, "小陈", "wrong password").await), "wrong_password");
        }
        let refused = sign_in(house, "小陈", "correct horse").await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "even the right one: {}", refused.text);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        house.world.pass(wait * 1000).await;
        assert_eq!(sign_in(house, "小陈", "correct horse").await.status, StatusCode::OK);
        assert_eq!(code(&sign_in(house, "nobody", "correct horse").await), "wrong_password");
    });
}

#[test]
fn a_new_password_ends_every_session() {
    House::new().run(async |house| {
        let (cookie, _) = signed_in(house, "packer").await;
        let id = house.get(OWNER, "users").await.json["items"][0]["id"].as_str().unwrap().to_owned();
        house.patch(OWNER, &format!("users/{id}"), json!({"password": "another horse"})).await;
        let gone = house.ask(Method::GET, "session", &[("cookie", &cookie)], Value::Null).await;
        assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn an_idempotency_key_answers_the_same_and_refuses_another_request() {
    House::new().run(async |house| {
        let owner = format!("Bearer {OWNER}");
        let headers = [("authorization", owner.as_str()), ("idempotency-key", "k1")];
        let first = house.ask(Method::POST, "tokens", &headers, json!({"name": "a", "role": "viewer"})).await;
        let again = house.ask(Method::POST, "tokens", &headers, json!({"name": "a", "role": "viewer"})).await;
        assert_eq!((first.status, &first.text), (again.status, &again.text));
        assert_eq!(house.get(OWNER, "tokens").await.json["items"].as_array().unwrap().len(), 1);
        let other = house.ask(Method::POST, "tokens", &headers, json!({"name": "b", "role": "viewer"})).await;
        assert_eq!((other.status.as_u16(), code(&other)), (422, "idempotency_key_reused"));
    });
}

#[test]
fn every_route_that_is_described_is_served_and_asks_for_rights() {
    House::new().run(async |house| {
        let described = house.ask(Method::GET, "openapi.json", &[], Value::Null).await;
        assert_eq!(described.status, StatusCode::OK);
        let paths = described.json["paths"].as_object().unwrap();
        assert!(paths.len() > 40, "{}", paths.len());
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().unwrap() {
                let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
                let path = path.collect::<Vec<_>>().join("/");
                let method: Method = method.to_uppercase().parse().unwrap();
                let seen = house.raw(method.clone(), &path, &[], bytes::Bytes::new()).await;
                assert_ne!(code(&seen), "no_route", "{method} {path}");
                assert_ne!(seen.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                let open = operation["security"].as_array().unwrap().is_empty();
                assert_eq!(code(&seen) == "sign_in", !open, "{method} {path} {}", seen.text);
            }
        }
        for name in ["NewShop", "Order", "Package", "Gauges", "Problem"] {
            assert!(described.json["components"]["schemas"][name].is_object(), "{name}");
        }
    });
}

#[test]
fn machines_learn_whether_the_store_answers() {
    House::new().run(async |house| {
        let well = house.raw(Method::GET, "/healthz", &[], bytes::Bytes::new()).await;
        assert_eq!(well.status, StatusCode::OK);
        let metrics = house.raw(Method::GET, "/metrics", &[], bytes::Bytes::new()).await;
        assert!(metrics.text.contains("\nhuidan_inbox_pending 0\n"), "{}", metrics.text);
        let gauges = house.get(OWNER, "gauges").await;
        assert_eq!(gauges.json["shipped_here_not_there"], 0);
    });
}
