//! Answers as console-api gives them, with texts that try to be more than text.

use super::problem;
use http::{HeaderValue, Method, StatusCode, header};
use huidan_world::serve::json as answer_json;
use huidan_world::{Incoming, Outgoing};
use serde_json::{Value, json};

/// What a buyer may write.
pub(super) const EVIL: &str = "</td><script>alert(1)</script><img src=x onerror=\"alert(2)\">&amp;'\"";

/// Answers a request of the page.
pub(super) fn answer(request: &Incoming, role: &str) -> Outgoing {
    let cookie = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = request.uri().path().trim_start_matches("/api/v1");
    if path == "/session" && request.method() == Method::POST {
        return sign_in(request);
    }
    if !cookie.contains("huidan_session=s3cret") {
        return problem(401, "sign_in", "请登录 / sign in");
    }
    if request.method() != Method::GET {
        return did(request, path);
    }
    match path {
        "/packages/p1/label.png" => {
            let mut picture = Outgoing::new(b"\x89PNG".as_slice().into());
            picture.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            picture
        }
        _ => match look(path, role) {
            Value::Null => problem(404, "not_found", "没有此项 / there is no such thing"),
            body => answer_json(StatusCode::OK, &body),
        },
    }
}

fn sign_in(request: &Incoming) -> Outgoing {
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    match body["password"].as_str() {
        Some(" right ") => {
            let mut answer = answer_json(StatusCode::OK, &me("owner"));
            let cookie = HeaderValue::from_static("huidan_session=s3cret; Path=/; HttpOnly; SameSite=Strict");
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
            answer
        }
        Some("hunter22") => {
            problem(429, "too_many_tries", "尝试过多，请 30 秒后再试 / too many tries; try again in 30 seconds")
        }
        _ => problem(401, "wrong_password", "用户名或密码不对 / the name or the password is wrong"),
    }
}

fn me(role: &str) -> Value {
    json!({"name": "lin", "role": role, "csrf": "c5rf", "language": "zh-CN"})
}

fn did(request: &Incoming, path: &str) -> Outgoing {
    let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if said("huidan-csrf") != "c5rf" {
        return problem(403, "csrf", "请求头 huidan-csrf 缺失或不符 / the header huidan-csrf is missing or wrong");
    }
    match path {
        "/scan" => answer_json(StatusCode::OK, &scanned()),
        "/printers/pairing-codes" => {
            answer_json(StatusCode::CREATED, &json!({"code": "K7WX9PQR", "expires_at": "2026-11-21T08:10:00Z"}))
        }
        "/shops" => {
            problem(422, "missing_credential", "缺少凭据 access_token / the credential access_token is missing")
        }
        "/orders/import" => imported(request),
        "/waves" => {
            let made = super::waves::wave("planned");
            answer_json(StatusCode::CREATED, &json!({"items": [made], "next": null}))
        }
        "/parcel-exceptions/e1/ask-buyer" => answer_json(
            StatusCode::CREATED,
            &json!({"url": "https://hub.example/t/c0de", "expires_at": "2026-11-28T08:00:00Z"}),
        ),
        "/packages/p1/ship" => problem(409, "stale_paper", "面单已过期 / the paper is stale"),
        _ => answer_json(StatusCode::OK, &json!({"ok": true})),
    }
}

fn look(path: &str, role: &str) -> Value {
    match path {
        "/session" => me(role),
        "/exceptions" => exceptions(),
        "/gauges" => gauges(),
        "/reports/deadlines" => deadlines(),
        "/orders" => json!({"items": [order()], "next": "6162"}),
        "/orders/o1" => order(),
        "/packages" => json!({"items": [package()], "next": null}),
        "/packages/p1" => package(),
        "/parcel-exceptions" => super::parcels::parcels(),
        "/incidents" => super::parcels::incidents(),
        "/events" => json!({"items": [event()], "next": null}),
        "/shops" => json!({"items": [shop(), own_shop()], "next": null}),
        "/shops/s1" => shop(),
        "/shops/s1/shadow" => shadow(),
        "/channels" => json!({"items": [channel()], "next": null}),
        "/printers" => json!({"items": [printer()], "next": null}),
        "/warehouses" => json!({"items": [super::waves::house()], "next": null}),
        "/waves" => json!({"items": [super::waves::wave("printing")], "next": null}),
        "/waves/v1" => super::waves::wave("printing"),
        "/waves/v2" => super::waves::wave("stopped"),
        "/waves/preview" => super::waves::preview(),
        "/notice-ways" => super::notices::ways(),
        "/webhooks" => super::notices::systems(),
        "/notice-rules" => super::notices::rules(),
        "/notices" => super::notices::told(),
        _ => Value::Null,
    }
}

fn hold() -> Value {
    json!({"handle": "operator", "reason": "sku_unmapped", "detail": format!("没有 SKU / no SKU for {EVIL}")})
}

fn job(id: &str, state: &str) -> Value {
    json!({"id": id, "subject": "w1", "package": "p1", "waybill": "HD0000012345", "kind": "label", "copy_no": 1,
        "reason": EVIL, "printer": EVIL, "state": state, "detail": EVIL,
        "created_at": "2026-11-21T07:58:00Z", "updated_at": "2026-11-21T07:58:30Z"})
}

fn shadow() -> Value {
    let trace = json!({"step": "route-warehouse", "rule": "nearest", "seen": EVIL, "passed": true, "then": "w1"});
    let package = json!({"id": "p9", "warehouse": "w1", "warehouse_name": EVIL, "carrier": "sf", "account": "sf1",
        "account_name": "SF", "service": "standard", "weight_g": 500, "trace": [trace],
        "lines": [{"sku": "TEA", "title": EVIL, "qty": 2}],
        "confirm": {"ext_id": "E1", "carrier": "sf", "carrier_name": "SF", "completes": true,
            "lines": [{"ext_line_id": "L1", "qty": 1}]}});
    let order = |id: &str, packages: Value, holds: Value, waited_for: &str| {
        json!({"id": id, "ext_id": "E1", "number": EVIL, "placed_at": "2026-11-21T07:00:00Z", "channel_state": "open",
            "packages": packages, "holds": holds, "waited_for": waited_for})
    };
    json!({"summary": {"since": "2026-11-20T08:00:00Z", "orders": 312, "shipped": 290, "packages": 297, "waiting": 22,
            "reasons": [{"reason": "sku_unmapped", "orders": 20}, {"reason": "no_carrier", "orders": 2}]},
        "items": [order("o1", json!([package]), json!([]), ""), order("o2", json!([]), json!([hold()]), ""),
            order("o3", json!([]), json!([]), "no_carrier")],
        "next": "6162"})
}

fn exceptions() -> Value {
    let trouble = json!({"id": "p1", "status": "planned", "account": EVIL, "waybill": null, "detail": EVIL});
    json!({
        "held_orders": [{"id": "o1", "shop": "s1", "number": EVIL, "placed_at": "2026-11-21T06:00:00Z", "holds": [hold()]}],
        "quarantine": [{"id": "q1", "kind": "order", "source": "shopify", "account": "s1", "ext_id": EVIL, "reason": EVIL,
            "tries": 3, "at": "2026-11-21T07:00:00Z"}],
        "shops": [{"id": "s1", "detail": EVIL}], "carriers": [{"id": "a1", "detail": EVIL}],
        "packages": [trouble], "parcels": [trouble],
        "numbers": [{"id": "w7", "number": "HD0000012347", "account": EVIL, "package": "p1", "package_status": "cancelled",
            "state": "dispute", "kind": "disputed", "issued_at": "2026-11-18T07:00:00Z", "price_fen": 35, "reason": EVIL}],
        "outbox": [{"id": "x1", "kind": "confirm", "shop": "s1", "order": "o1", "package": "p1", "state": "rejected", "reason": EVIL},
            {"id": "confirm/o1/p2", "kind": "confirm", "shop": "s1", "order": "o1", "package": "p2", "state": "conflict",
                "reason": EVIL, "code": "already_shipped_elsewhere", "remedy": EVIL, "waybill": "HD0000012346",
                "theirs": [EVIL]}],
        "prints": [job("j1", "unconfirmed"), job("j2", "failed")],
        "inbox": [{"source": "shopify", "account": EVIL, "count": 2, "since": "2026-11-21T07:00:00Z", "reason": EVIL}],
        "breakers": [{"name": EVIL, "until": "2026-11-21T08:01:00Z", "reason": EVIL}]
    })
}

fn deadlines() -> Value {
    json!({"late_now": 1, "late_soon": 2, "will_be_late": null,
        "paces": [{"warehouse": "w1", "left": 40, "to_leave": 3}],
        "items": [{"order": "o1", "shop": "s1", "number": EVIL, "status": "held", "state": "late",
            "due": "2026-11-21T07:00:00Z", "said_by_channel": true, "leave_by": "2026-11-21T06:00:00Z",
            "warehouse": "w1", "expected_at": "2026-11-21T09:00:00Z", "will_be_late": true}],
        "not_picked_up": [{"order": "o1", "package": "p1", "waybill": "HD0000012345", "status": "printed",
            "told_at": "2026-11-20T06:00:00Z"}]})
}

fn gauges() -> Value {
    let names = [
        "orders_missing_now",
        "compared_s",
        "whole_compared_s",
        "watermark_s",
        "shop_alarms",
        "orders_quarantined",
        "inbox_pending",
        "outbox_pending",
        "outbox_dead",
        "oversold_units",
        "shipped_after_refund",
        "shipped_here_not_there",
        "print_unconfirmed",
        "print_failed",
        "print_queued",
        "orders_held",
        "orders_to_plan",
        "orders_to_ship",
        "packages_waiting",
        "parcel_alarms",
        "accounts_in_trouble",
        "waybills_unused",
        "waybills_disputed",
        "orders",
        "packages",
    ];
    names.into_iter().map(|name| (name.to_owned(), json!(1))).collect::<serde_json::Map<_, _>>().into()
}

fn money() -> Value {
    json!({"amount": "409.94", "currency": "CNY"})
}

fn order() -> Value {
    json!({"id": "o1", "shop": "s1", "channel": "shopify", "ext_id": "450789469", "number": "#1001", "status": "held",
        "pay_state": "paid", "channel_state": "open", "review_state": "needs_human", "holds": [hold()],
        "refund_state": "none", "placed_at": "2026-11-21T06:00:00Z", "paid_at": "2026-11-21T06:01:00Z",
        "ship_by": "2026-11-21T07:00:00Z", "total": money(),
        "lines": [{"id": "l1", "ext_line_id": "1", "ext_sku": "2", "title": EVIL, "qty": 2, "unit_price": money(),
            "skus": [{"sku": "IPOD", "qty": 1}], "refund_state": "requested"}],
        "receiver": {"name": EVIL, "phone": "13800000000", "country": "CN", "province": "浙江省", "city": "杭州市",
            "district": "西湖区", "address": EVIL, "postcode": "310000", "token": null},
        "buyer_remark": EVIL, "seller_remark": EVIL, "tags": [EVIL], "packages": ["p1"]})
}

fn event() -> Value {
    json!({"seq": 1, "at": "2026-11-21T06:00:00Z", "actor": EVIL, "entity": "order", "id": "o1", "kind": "taken_in",
        "was": "", "becomes": EVIL, "body": {}})
}

fn package() -> Value {
    json!({"id": "p1", "orders": ["o1"], "shop": "s1", "channel": "shopify", "warehouse": "main", "carrier": "sf",
        "account": "a1", "service": "standard", "waybill": "HD0000012345", "waybill_state": "issued", "fence": 2,
        "status": "numbered", "lines": [{"order": "o1", "line": "l1", "sku": "IPOD", "qty": 2, "title": EVIL}],
        "weight_g": 500, "pieces": 1, "children": [],
        "trace": [{"step": "route-carrier", "rule": EVIL, "seen": EVIL, "passed": true, "then": EVIL}],
        "waits_for": EVIL, "alarm": EVIL, "label": "/api/v1/packages/p1/label.png", "jobs": [job("j1", "unconfirmed")],
        "events": [event()], "created_at": "2026-11-21T06:02:00Z", "updated_at": "2026-11-21T06:03:00Z"})
}

fn shop() -> Value {
    json!({"id": "s1", "channel": "shopify", "name": EVIL, "mode": "shadow", "environment": "sandbox",
        "base_url": EVIL, "active": true, "trouble": EVIL, "pulled_to": "2026-11-21T07:00:00Z",
        "pull_trouble": "", "compared_at": "2026-11-21T07:50:00Z", "whole_compared_at": null,
        "compare_trouble": EVIL, "alarms": [{"kind": "late_watermark", "detail": EVIL, "since": "2026-11-21T07:00:00Z"}],
        "webhook": "/webhook/shopify/s1", "created_at": "2026-11-20T00:00:00Z"})
}

fn own_shop() -> Value {
    let mut shop = shop();
    shop["id"] = json!("own1");
    shop["mode"] = json!("live");
    shop["channel"] = json!("own-shop");
    shop["webhook"] = json!("/webhook/own-shop/own1");
    shop
}

/// What the API says of a file: its own example of three columns.
fn imported(request: &Incoming) -> Outgoing {
    let query = request.uri().query().unwrap_or_default();
    let sent = String::from_utf8_lossy(request.body()).into_owned();
    let wrong = json!({"row": 7, "column": EVIL, "detail": format!("不是金额 / is no amount {EVIL}")});
    if !query.contains("dry_run=1") {
        return match sent.contains("\"field\":\"order_no\"") {
            true => answer_json(StatusCode::OK, &json!({"taken": 5, "known": 2, "problems": [wrong]})),
            false => problem(422, "mapping_incomplete", "请指定哪一列是：订单号 / say which column is: order number"),
        };
    }
    if sent.contains("no table") {
        return problem(422, "no_heading", "没有找到表头 / no heading found");
    }
    let column = |letter: &str, heading: &str, field: Value, confidence: u8| {
        json!({"column": letter, "heading": heading, "field": field, "confidence": confidence,
            "why": [format!("表头 / the heading {EVIL}")], "samples": [EVIL]})
    };
    let order = json!({"number": EVIL, "status": "paid", "placed_at": "2026-11-21T08:00:00Z", "name": "王***",
        "phone": "138***00", "address": "浙江省杭州市***", "total": "120.00 CNY", "remark": false,
        "lines": [{"sku": EVIL, "title": EVIL, "qty": 2, "unit_price": "60.00"}]});
    answer_json(
        StatusCode::OK,
        &json!({"shop": "own1", "heading_row": 2, "rows": 9, "orders": 5, "from": "guessed",
            "columns": [column("A", "订单编号", json!("order_no"), 98), column("B", EVIL, json!("title"), 30),
                column("C", "昵称", Value::Null, 0)],
            "missing": [{"fields": ["address"], "detail": "请指定哪一列是：地址 / say which column is: address"}],
            "preview": [order], "problems": [wrong], "problem_count": 1, "mapping": {"columns": []}}),
    )
}

fn channel() -> Value {
    json!({"id": "shopify", "zh": "Shopify", "en": "Shopify", "own_host": true, "list": null, "confirms": true,
        "one_parcel": false, "stock_batch": 0, "limits": [],
        "credentials": [
            {"name": "access_token", "needed": true, "zh": "访问令牌", "en": "the access token"},
            {"name": "app_key", "needed": false, "zh": "应用号", "en": "the app's key"}]})
}

fn printer() -> Value {
    json!({"id": "bench 1/左", "bridge": "b1", "bridge_name": EVIL, "lang": "zpl", "dpi": 203, "width_mm": 100,
        "height_mm": 150, "status": EVIL, "seen_at": "2026-11-21T07:59:00Z", "active": true})
}

fn scanned() -> Value {
    json!({"next": "pack", "code": "", "zh": "请扫商品", "en": "scan the goods", "package": "p1", "waybill": "HD0000012345",
        "lines": [{"sku": "IPOD", "title": EVIL, "qty": 2, "scanned": 1}]})
}
