//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_yto::Yto;
use fixture::{PUSH_SECRET, SECRET, booked, caller, credentials, push, push_of};
use huidan_carrier::{Carrier, Intercept, Scan, ScanKind, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, Reply, Request};
use huidan_testkit::carrier::{self as kit, Fault, Operation, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::{Value, json};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Yto>) -> R) -> R {
    kit::over(&Yto, &caller(), &kit::parcel(), check)
}

fn envelope(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn param(request: &Request) -> String {
    envelope(request)["param"].as_str().unwrap().to_owned()
}

fn answer(body: &Value) -> Reply {
    reply(200, body.to_string())
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| kit::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_answer_is_a_number_with_its_three_part_code() {
    with(|subject| kit::books(subject, &[sample("created.json")], &booked()));
    with(|subject| kit::books(subject, &[sample("created-in-data.json")], &booked()));
}

#[test]
fn the_label_is_ytos_own_where_it_draws_one_and_ours_where_it_refuses() {
    let mut caller = caller();
    let mut own = credentials();
    own.insert("print_key".into(), "PrInT/K99999999/print-secret".into());
    caller.account.credentials = huidan_exchange::Credentials::new(own);
    let with = |print: &'static str| {
        drive(
            &caller,
            |call| Yto.book(call, &kit::parcel()),
            |request| match request.uri().path().contains("waybill_print_adapter") {
                true => {
                    assert!(param(request).contains("YT8800000000001"), "{}", param(request));
                    huidan_testkit::reply(200, print)
                }
                false => sample("created.json"),
            },
        )
    };
    let paper = |print| with(print).map(|booked: huidan_carrier::Booked| booked.paper);
    let pdf = huidan_carrier::Paper::Document { media: huidan_carrier::DocumentMedia::Pdf, base64: "JVBERg==".into() };
    assert_eq!(paper(r#"{"success":"true","code":"200","data":{"pdfBase64":"JVBERg=="}}"#), Ok(pdf));
    let refused = r#"{"success":"false","code":"1009","message":"面单生成失败"}"#;
    assert_eq!(paper(refused), Ok(huidan_carrier::Paper::Hub));
    for late in [r#"{"success":"true","code":"200","data":{}}"#, "no json"] {
        assert!(matches!(paper(late), Err(huidan_exchange::CallError::Unknown { .. })), "{late}");
    }
}

#[test]
fn the_order_says_what_the_parcel_says_and_is_signed() {
    let request = kit::sent(&Yto, &caller(), &kit::parcel(), &sample("created.json"));
    let url = "https://openuat.yto56test.com:6443/open/privacy_create_adapter/v1/AbCdEf/K99999999";
    assert_eq!(request.uri(), url);
    let text = format!("{}privacy_create_adapterv1{SECRET}", param(&request));
    let digest = huidan_exchange::sign::md5(&[text.as_bytes()]);
    assert_eq!(envelope(&request)["sign"], huidan_exchange::sign::base64(&digest));
    assert_eq!(envelope(&request)["timestamp"], 1_700_000_000_000_i64);
    golden::golden("tests/golden/order.txt", &param(&request));
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number() {
    with(|subject| {
        kit::repeats_itself(subject, param);
        kit::resolves_a_lost_answer(subject, &sample("created.json"), None, &booked());
    });
}

#[test]
fn an_answer_about_another_order_is_no_number() {
    let other = answer(&json!({"logisticsNo": "SOMEBODY-ELSES", "mailNo": "YT8800000000001"}));
    let booked = drive(&caller(), |call| Yto.book(call, &kit::parcel()), |_| other.clone());
    assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
}

#[test]
fn an_encrypted_or_masked_receiver_is_not_sent() {
    let refused = |change: &dyn Fn(&mut huidan_carrier::Parcel)| with(|subject| kit::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.receiver.token = Some("oaid".into())), "encrypted_receiver");
    assert_eq!(refused(&|parcel| parcel.receiver.phone = "138****8000".into()), "receiver_masked");
}

#[test]
fn an_interface_with_a_key_of_its_own_is_called_and_signed_with_it() {
    let _ = drive(
        &caller(),
        |call| Yto.track(call, &[Tracked::new("YT8800000000001", "yto")]),
        |request| {
            assert_eq!(request.uri().path(), "/open/track_query_adapter/v1/JRe9WQ/TEST");
            let text = format!("{}track_query_adapterv1track/secret", param(request));
            let digest = huidan_exchange::sign::md5(&[text.as_bytes()]);
            assert_eq!(envelope(request)["sign"], huidan_exchange::sign::base64(&digest));
            sample("nothing.json")
        },
    );
    let mut caller = caller();
    let mut values = credentials();
    values.insert("track_key".into(), "JRe9WQ".into());
    caller.account.credentials = Credentials::new(values);
    let asked = drive(&caller, |call| Yto.track(call, &[Tracked::new("YT8800000000001", "yto")]), |_| panic!("sent"));
    assert!(matches!(asked, Err(CallError::Credentials { field, .. }) if field == "track_key"));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    let cancelled = answer(&json!({"logisticsNo": kit::CLAIM}));
    with(|subject| {
        kit::doubts_spoilt_answers(subject, Operation::Book, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled);
        kit::doubts_spoilt_answers(subject, Operation::Subscribe, &answer(&json!({"success": true})));
        kit::doubts_spoilt_answers(subject, Operation::Intercept, &answer(&json!({"statusCode": 0})));
        kit::keeps_addresses_clean(subject, &[SECRET, PUSH_SECRET, "track/secret"], &sample("created.json"));
    });
}

#[test]
fn a_spoilt_list_of_traces_is_none() {
    let good = sample("traces.json");
    for cut in 1..good.body().len() {
        let body = good.body().slice(..cut);
        let read = drive(
            &caller(),
            |call| Yto.track(call, &[Tracked::new("YT8800000000001", "yto")]),
            |_| reply(200, body.clone()),
        );
        assert!(matches!(read, Err(CallError::Transient { .. })), "cut at {cut}: {read:?}");
    }
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let done = [answer(&json!({"logisticsNo": kit::CLAIM, "success": true}))];
    let again = [answer(&json!({"success": false, "reason": "该订单已取消"}))];
    with(|subject| kit::cancels(subject, &done, &again));
    let taken = answer(&json!({"success": "false", "reason": "订单已揽收，不能取消"}));
    let refused = drive(
        &caller(),
        |call| Yto.cancel(call, &WaybillNo::parse("YT8800000000001").unwrap(), kit::CLAIM),
        |_| taken.clone(),
    );
    assert!(matches!(refused, Err(CallError::Rejected { .. })), "{refused:?}");
}

#[test]
fn a_standing_subscription_is_success() {
    let standing = [answer(&json!({"success": false, "reason": "运单已订阅"}))];
    let sent = with(|subject| {
        let parcel = Tracked::new("YT8800000000001", "yto");
        kit::subscribes(subject, &parcel, &answer(&json!({"success": true})), &standing)
    });
    let wanted = r#"{"client_id":"K99999999","logistics_interface":"{\"clientId\":\"K99999999\",\"waybillNo\":\"YT8800000000001\"}","msg_type":"online"}"#;
    assert_eq!(param(&sent), wanted);
}

#[test]
fn a_parcel_is_called_back_but_not_sent_elsewhere() {
    let accepted = [answer(&json!({"statusCode": 0, "statusMessage": "success"}))];
    let standing = [answer(&json!({"statusCode": 1, "statusMessage": "该运单已拦截，请勿重复提交"}))];
    with(|subject| kit::intercepts(subject, &Intercept::Return, &accepted, &standing));
    let elsewhere = Intercept::Redirect(kit::parcel().receiver);
    let number = WaybillNo::parse("YT8800000000001").unwrap();
    let refused = drive(&caller(), |call| Yto.intercept(call, &number, kit::CLAIM, &elsewhere), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "redirect_unsupported"));
}

#[test]
fn traces_are_read_one_number_after_the_other_and_an_unknown_number_has_none() {
    let parcels = ["YT8800000000001", "YT8800000000002"].map(|number| Tracked::new(number, "yto"));
    let answers = [sample("traces.json"), sample("nothing.json")];
    with(|subject| kit::tracks(subject, &parcels, &answers, "tests/golden/traces.json"));
}

#[test]
fn every_known_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Intercept as Stop, Subscribe, Track};
    let fault = |to, status, body: Value, kind, code| Fault { to, status, body: body.to_string(), kind, code };
    let reason = |words: &str| json!({"success": false, "reason": format!("{words} {{echo}} {SECRET}")});
    let faults = [
        fault(Book, 200, reason("签名校验失败"), "credentials", "secret"),
        fault(Book, 200, json!({"apiErrorCode": "S02", "apiErrorMsg": "sign error {echo}"}), "credentials", "secret"),
        fault(Book, 200, reason("IP不在白名单"), "credentials", "customer_code"),
        fault(Book, 200, reason("没有接口权限"), "credentials", "customer_code"),
        fault(Book, 200, reason("请求频率过高"), "limited", ""),
        fault(Book, 200, reason("系统异常"), "unknown", ""),
        fault(Cancel, 200, reason("系统异常"), "transient", ""),
        fault(Book, 200, json!({"code": "B01", "success": "false", "message": "{echo}"}), "rejected", "B01"),
        fault(Book, 200, json!({"statusCode": 7, "statusMessage": "{echo}"}), "rejected", "7"),
        fault(Book, 200, reason("收件地址超区"), "rejected", "refused"),
        fault(Cancel, 200, reason("订单不存在"), "rejected", "refused"),
        fault(Subscribe, 200, reason("运单号错误"), "rejected", "refused"),
        fault(Stop, 200, json!({"statusCode": 5, "statusMessage": "{echo} 不可拦截"}), "rejected", "5"),
        fault(Track, 200, reason("限流"), "limited", ""),
        fault(Book, 500, json!({}), "unknown", ""),
        fault(Track, 500, json!({}), "transient", ""),
        fault(Book, 503, json!({}), "transient", ""),
        fault(Book, 403, json!({}), "credentials", "secret"),
        fault(Book, 429, json!({}), "limited", ""),
    ];
    with(|subject| kit::maps_errors(subject, &[PUSH_SECRET], &faults));
}

#[test]
fn the_push_is_read_and_a_forged_one_is_nobodys() {
    kit::reads_push(&Yto, &caller().account, &push(), "tests/golden/push.json");
    kit::refuses_forged_pushes(&Yto, &caller().account, &push());
}

#[test]
fn a_push_that_tells_no_status_holds_nothing() {
    let account = caller().account;
    let weighed = push_of("<UpdateInfo><mailNo>YT8800000000001</mailNo><infoType>WEIGHT</infoType></UpdateInfo>");
    kit::reads_push(&Yto, &account, &weighed, "tests/golden/weight.json");
}

#[test]
fn words_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("GOT", ScanKind::PickedUp),
        ("ARRIVAL", ScanKind::Moving),
        ("DEPARTURE", ScanKind::Moving),
        ("AIRSEND", ScanKind::Moving),
        ("AIRPICK", ScanKind::Moving),
        ("FORWARDING", ScanKind::Moving),
        ("SENT_SCAN", ScanKind::OutForDelivery),
        ("INBOUND", ScanKind::OutForDelivery),
        ("FAILED", ScanKind::Problem),
        ("SIGNED", ScanKind::Signed),
        ("TMS_RETURN", ScanKind::Returning),
    ];
    kit::keeps_unknown_codes(&Yto, &caller().account, &table, |code| {
        push_of(&kit::sample_text("push.xml").replace("SIGNED", code))
    });
}

#[test]
fn a_push_and_a_question_tell_the_same_event_alike() {
    let asked: Vec<Scan> =
        drive(&caller(), |call| Yto.track(call, &[Tracked::new("YT8800000000001", "yto")]), |_| sample("traces.json"))
            .unwrap();
    let signed = asked.last().unwrap();
    assert_eq!((signed.at.0, signed.kind), (1_795_314_667_000, ScanKind::Signed));
}

#[test]
fn what_is_stored_is_acknowledged_in_the_platforms_own_words() {
    let body = "<Response><logisticProviderID>YTO</logisticProviderID><success>true</success></Response>";
    kit::acknowledges_exactly(&Yto, &push(), "text/xml", body);
}
