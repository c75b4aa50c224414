//! The platform's own waybills.

use super::{AT, ask, detail, order_of, start};
use huidan_platforms::{Modify, Options, Platforms, Receiver, Running, Until};
use serde_json::{Value, json};

async fn booked(running: &Running, id: i64, change: impl FnOnce(&mut Value)) -> Value {
    let order = detail(running, id).await;
    let mut request = json!({"logistics_code": "yuantong", "order_infos": [{"items": [{"item_count": 1, "item_name": "茶叶"}], "order_id": id.to_string(), "pack_id": "",
        "receiver_info": {"address": {"city_name": order["post_addr"]["city"]["name"], "country_code": "CHN", "detail_address": order["post_addr"]["encrypt_detail"],
            "district_name": order["post_addr"]["town"]["name"], "province_name": order["post_addr"]["province"]["name"]},
            "contact": {"mobile": order["encrypt_post_tel"], "name": order["encrypt_post_receiver"]}}}],
        "sender_info": {"address": {"city_name": "杭州市", "detail_address": "良渚街道 1 号仓", "district_name": "余杭区", "province_name": "浙江省"}, "contact": {"mobile": "13800100001", "name": "仓库"}}});
    change(&mut request);
    ask(running, "logistics.newCreateOrder", request).await["data"].clone()
}

#[tokio::test]
async fn waybills_open_the_cipher_text_are_counted_and_given_back() {
    let mut options = Options::default();
    options.douyin.quota = 2;
    let running = Platforms::start(options).await.unwrap();
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let other = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let first = booked(&running, id, |_| ()).await["ebill_infos"][0].clone();
    let again = booked(&running, id, |_| ()).await["ebill_infos"][0].clone();
    assert_eq!(first["track_no"], again["track_no"]);
    let second = booked(&running, id, |r| r["order_infos"][0]["pack_id"] = json!("2")).await["ebill_infos"][0].clone();
    assert_ne!(first["track_no"], second["track_no"]);
    let ledger = running.ledger();
    assert_eq!((ledger.waybills.len(), ledger.waybills[0].repeats), (2, 1));
    assert_eq!(
        ledger.waybills[0].receiver.address, ledger.orders[0].order.receiver.address,
        "the platform opens its own text"
    );
    let foreign = detail(&running, other).await["encrypt_post_tel"].clone();
    let masked = json!("138****0000");
    for tel in [foreign, masked] {
        let refused = booked(&running, id, |r| r["order_infos"][0]["receiver_info"]["contact"]["mobile"] = tel).await;
        assert!(refused["err_infos"][0]["err_msg"].as_str().unwrap().contains("密文"), "{refused}");
    }
    let empty = booked(&running, id, |r| r["order_infos"][0]["pack_id"] = json!("3")).await;
    assert!(empty["err_infos"][0]["err_msg"].as_str().unwrap().contains("余额"));
    let wanted = json!({"waybill_applies": [{"logistics_code": "yuantong", "track_no": first["track_no"]}]});
    let printed = ask(&running, "logistics.waybillApply", wanted).await["data"]["waybill_infos"][0].clone();
    let known = &ledger.orders[0].order.receiver;
    assert!(printed["sign"].is_string() && !printed.to_string().contains(known.phone.as_str()));
    let cancel = json!({"logistics_code": "yuantong", "track_no": second["track_no"]});
    assert_eq!(ask(&running, "logistics.cancelOrder", cancel.clone()).await["code"], 10_000);
    assert_eq!(ask(&running, "logistics.cancelOrder", cancel).await["code"], 50_002);
    assert!(running.ledger().waybills[1].cancelled);
    let sites = ask(&running, "logistics.listShopNetsite", json!({"logistics_code": "yuantong"})).await;
    assert_eq!(sites["data"]["netsites"][0]["amount"], "1");
    running.advance(first["track_no"].as_str().unwrap(), Until::Delivered, false).unwrap();
    assert_eq!(detail(&running, id).await["order_status"], 5);
}

#[tokio::test]
async fn an_old_cipher_text_books_the_old_receiver_and_the_ledger_shows_it() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let old = detail(&running, id).await;
    let first = running.ledger().orders[0].order.receiver.clone();
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    let stale = |r: &mut Value| {
        r["order_infos"][0]["receiver_info"]["contact"]["name"] = old["encrypt_post_receiver"].clone();
        r["order_infos"][0]["receiver_info"]["address"]["detail_address"] = old["post_addr"]["encrypt_detail"].clone();
    };
    booked(&running, id, stale).await;
    booked(&running, id, |r| r["order_infos"][0]["pack_id"] = json!("2")).await;
    let names: Vec<String> = running.ledger().waybills.iter().map(|w| w.receiver.address.clone()).collect();
    assert_eq!(names, [first.address, Receiver::default().address]);
}
