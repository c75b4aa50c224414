//! Spreadsheets in and out, and what a person is asked about paper.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use bytes::Bytes;
use fixture::{House, OWNER};
use http::{Method, StatusCode};
use huidan_world::{Incoming, serve};
use serde_json::{Value, json};

#[test]
fn good_rows_are_taken_and_bad_ones_named() {
    House::new().run(async |house| {
        house.set_up().await;
        let owner = format!("Bearer {OWNER}");
        let import = async |path: &str, text: &str| {
            let body = Bytes::copy_from_slice(text.as_bytes());
            house.raw(Method::POST, path, &[("authorization", &owner)], body).await
        };
        let skus =
            import("/api/v1/skus/import", "\u{feff}sku,title,weight_g\nCUP,杯子,200\n,无码,1\nPOT,壶,heavy\n").await;
        assert_eq!(skus.json["taken"], 1, "{}", skus.text);
        let wrong: Vec<_> =
            skus.json["problems"].as_array().unwrap().iter().map(|p| (&p["row"], &p["column"])).collect();
        assert_eq!(wrong, [(&json!(3), &json!("sku")), (&json!(4), &json!("weight_g"))]);
        let listings = import("/api/v1/listings/import", "shop,ext_sku,skus\ns1,v9,TEA*2;CUP\ns9,v9,TEA\n").await;
        assert_eq!(
            (listings.json["taken"].as_u64(), listings.json["problems"][0]["column"].as_str()),
            (Some(1), Some("shop"))
        );
        let stock = import("/api/v1/stock/import", "sku,warehouse,on_hand\nCUP,w1,7\n").await;
        assert_eq!(stock.json["taken"], 1, "{}", stock.text);
        let out = house.get(OWNER, "stock?format=csv").await;
        assert!(out.text.contains("CUP,w1,7,0"), "{}", out.text);
        assert!(house.get(OWNER, "listings?format=csv").await.text.contains("CUP*1;TEA*2"));
        let book = house.get(OWNER, "skus?format=xlsx").await;
        assert!(book.text.starts_with("PK"));
    });
}

/// The channel's part, as far as the API sees it: what it was asked, and an answer that keeps to the mapping.
fn channel(house: &House) {
    house.world.component("channel-own-shop", async |_, request: Incoming| {
        let body = request.body().clone();
        let (line, file) = body.split_at(body.iter().position(|byte| *byte == b'\n').unwrap());
        assert_eq!(&file[1..], b"a,b\n1,2\n");
        let by: Value = serde_json::from_slice(line).unwrap();
        let remembered = by["remembered"].as_array().unwrap();
        let (from, mapping) = match (&by["given"], remembered.first()) {
            (Value::Null, None) => ("guessed", json!({"columns": [{"heading": "a", "field": "order_no"}]})),
            (Value::Null, Some(mapping)) => ("remembered", mapping.clone()),
            (given, _) => ("given", given.clone()),
        };
        match request.uri().path() {
            "/call/import/look" => {
                let look = json!({"heading_row": 1, "rows": 1, "orders": 1, "from": from, "columns": [], "missing": [],
                    "preview": [], "problems": [], "problem_count": 0, "mapping": mapping});
                serve::json(StatusCode::OK, &look)
            }
            "/call/import" if from == "guessed" => {
                let refused = json!({"code": "mapping_unconfirmed", "detail": "请先确认 / confirm first"});
                serve::json(StatusCode::UNPROCESSABLE_ENTITY, &refused)
            }
            "/call/import" => {
                let order = json!({"key": "k1", "document": {"topic": "order", "body": "{}"}});
                let read = json!({"orders": [order], "mapping": mapping,
                    "problems": [{"row": 3, "column": "phone", "detail": "x / y"}]});
                serve::json(StatusCode::OK, &read)
            }
            other => panic!("{other}"),
        }
    });
}

const FILE: &str = "a,b\n1,2\n";

/// A form as a browser or `curl -F` sends it.
fn form(mapping: &Value) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"mapping\"\r\n\r\n{mapping}\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"o.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         {FILE}\r\n--XX--\r\n"
    )
}

#[test]
fn columns_are_guessed_then_confirmed_then_remembered() {
    House::new().run(async |house| {
        house.set_up().await;
        channel(house);
        let owner = format!("Bearer {OWNER}");
        let send = async |query: &str, kind: &str, body: String| {
            let headers = [("authorization", owner.as_str()), ("content-type", kind)];
            house.raw(Method::POST, &format!("/api/v1/orders/import{query}"), &headers, body.into()).await
        };
        let file = async |query: &str| send(query, "text/csv", FILE.to_owned()).await;
        let look = file("?shop=s1&dry_run=1").await;
        assert_eq!(
            (look.json["shop"].as_str(), look.json["from"].as_str()),
            (Some("s1"), Some("guessed")),
            "{}",
            look.text
        );
        assert_eq!(file("?shop=s1").await.json["code"], "mapping_unconfirmed");
        assert_eq!(house.get(OWNER, "gauges").await.json["inbox_pending"], 0, "nothing was taken in");

        let mut mapping = look.json["mapping"].clone();
        mapping["columns"][0]["field"] = json!("sku");
        let multipart = "multipart/form-data; boundary=XX";
        let first = send("?shop=s1", multipart, form(&mapping)).await;
        assert_eq!((first.json["taken"].as_u64(), first.json["known"].as_u64()), (Some(1), Some(0)), "{}", first.text);
        assert_eq!(first.json["problems"][0]["row"], 3);
        let again = file("").await;
        assert_eq!(again.json["known"], 1, "the same file again, by the remembered mapping: {}", again.text);
        let look = file("?dry_run=true").await;
        assert_eq!((look.json["from"].as_str(), &look.json["mapping"]), (Some("remembered"), &mapping));
        assert_eq!(house.get(OWNER, "gauges").await.json["inbox_pending"], 1);

        assert_eq!(file("?shop=s9").await.json["code"], "unknown_shop");
        assert_eq!(file("?dry_run=perhaps").await.json["field"], "dry_run");
        assert_eq!(send("?shop=s1", "text/csv", String::new()).await.json["code"], "empty");
        let wrong =
            send("?shop=s1", multipart, form(&json!({"columns": [{"heading": "a", "field": "nothing"}]}))).await;
        assert_eq!(
            (wrong.json["code"].as_str(), wrong.json["field"].as_str()),
            (Some("unknown_value"), Some("columns[0].field")),
            "{}",
            wrong.text
        );
        assert_eq!(send("?shop=s1", multipart, "--XX".to_owned()).await.json["code"], "not_a_form");
        let described = house.get(OWNER, "openapi.json").await.json;
        let body = &described["paths"]["/api/v1/orders/import"]["post"]["requestBody"]["content"];
        assert!(body["multipart/form-data"].is_object() && body["application/octet-stream"].is_object(), "{body}");
        assert!(described["components"]["schemas"]["ImportLook"].is_object());
    });
}

#[test]
fn a_label_is_printed_once_and_again_only_with_a_reason() {
    House::new().run(async |house| {
        house.set_up().await;
        let package = house.numbered("1", "SF1001").await;
        let printed = house.post(OWNER, &format!("packages/{package}/print"), json!({})).await;
        assert_eq!(printed.json["packages"], json!([package]), "{}", printed.text);
        assert!(house.world.woken().contains(&("flow-book".into(), "sf1".into())));
        let empty = house.post(OWNER, &format!("packages/{package}/reprint"), json!({"reason": " "})).await;
        assert_eq!((empty.json["code"].as_str(), empty.json["field"].as_str()), (Some("empty"), Some("reason")));
        let some = house.post(OWNER, "packages/print", json!({"packages": ["none"]})).await;
        assert_eq!(some.json["refused"][0]["id"], "none", "{}", some.text);
        let both = house.post(OWNER, "packages/print", json!({})).await;
        assert_eq!(both.json["code"], "either_or");
        let picture = house.get(OWNER, &format!("packages/{package}/label.png")).await;
        assert_eq!(picture.json["code"], "component_away", "{}", picture.text);
        let question = house.post(OWNER, "print-jobs/none/confirm", json!({"paper": true})).await;
        assert_eq!(question.json["code"], "no_question");
    });
}
