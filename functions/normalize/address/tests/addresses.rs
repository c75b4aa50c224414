//! The labelled addresses of `cases.txt`, what is never touched, and the property that a second run changes nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_wire::step::{Draft, Facts};
use huidan_wire::{Line, Money, OrderFacts, Problem, Receiver};
use normalize_address::{Address, normalize};
use proptest::prelude::*;

const CASES: &str = include_str!("cases.txt");

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let written = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    written.map(|line| line.split_once(" => ").expect(line))
}

fn receiver(given: &str) -> Receiver {
    let [province, city, district, street] = given.split('|').collect::<Vec<_>>()[..] else { panic!("{given}") };
    Receiver {
        name: "测试".into(),
        phone: "13800138000".into(),
        province: province.into(),
        city: city.into(),
        district: district.into(),
        street: street.into(),
        ..Receiver::default()
    }
}

fn written(receiver: &Receiver, problems: &[Problem]) -> String {
    let Receiver { province, city, district, street, division, .. } = receiver;
    let told = |problem: &Problem| match problem.code.as_str() {
        "address_incomplete" => problem.field.clone(),
        code => format!("{}:{code}", problem.field),
    };
    let problems = problems.iter().map(told).collect::<Vec<_>>().join(",");
    format!("{province}|{city}|{district}|{street}|{}|{problems}", division.as_deref().unwrap_or(""))
}

#[test]
fn every_labelled_address_is_read_as_a_person_reads_it() {
    let mut wrong = Vec::new();
    for (given, expected) in cases() {
        let mut receiver = receiver(given);
        let problems = normalize(&mut receiver);
        let got = written(&receiver, &problems);
        if got != expected {
            wrong.push(format!("given    {given}\nexpected {expected}\ngot      {got}\n"));
        }
    }
    assert!(cases().count() >= 100 && wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases().count(), wrong.join("\n"));
}

#[test]
fn a_second_run_changes_nothing() {
    for (given, _) in cases() {
        let mut once = receiver(given);
        let problems = normalize(&mut once);
        let mut twice = once.clone();
        let again = normalize(&mut twice);
        assert_eq!(written(&twice, &again), written(&once, &problems), "{given}");
    }
}

#[test]
fn problems_carry_no_personal_data() {
    for (given, _) in cases() {
        let mut receiver = Receiver { phone: "1380013800".into(), ..receiver(given) };
        let street = receiver.street.clone();
        for problem in normalize(&mut receiver) {
            assert!(street.is_empty() || !problem.detail.contains(&street), "{problem:?}");
            assert!(!problem.detail.contains("1380013800"), "{problem:?}");
        }
    }
}

#[test]
fn of_an_encrypted_receiver_only_the_region_is_touched() {
    let given = Receiver {
        name: "测**".into(),
        phone: " 138****8000".into(),
        street: "浙江省杭州市西湖区 文三路**号".into(),
        token: Some("OAID".into()),
        ..receiver("浙江|杭州|西湖|")
    };
    let mut read = given.clone();
    assert_eq!(normalize(&mut read), []);
    assert_eq!((read.name, read.phone, read.street), (given.name, given.phone, given.street));
    assert_eq!((read.province.as_str(), read.city.as_str(), read.district.as_str()), ("浙江省", "杭州市", "西湖区"));
    assert_eq!(read.division.as_deref(), Some("330106"));
}

#[test]
fn masked_text_without_a_token_is_not_touched_either() {
    let mut read =
        Receiver {
            name: "测* ".into(), phone: "138****8000".into(), ..receiver("浙江|杭州||西湖区文三路**号")
        };
    assert_eq!(normalize(&mut read), []);
    assert_eq!(
        (read.name.as_str(), read.phone.as_str(), read.street.as_str()),
        ("测* ", "138****8000", "西湖区文三路**号")
    );
    assert_eq!(read.district, "西湖区");
}

#[test]
fn an_address_abroad_stays_as_given_but_for_blanks() {
    let mut read = Receiver {
        country: "us".into(),
        phone: "(415) 555-0100 ".into(),
        ..receiver("CA| San Francisco||1  Market St ")
    };
    assert_eq!(normalize(&mut read), []);
    assert_eq!(written(&read, &[]), "CA|San Francisco||1  Market St||");
    assert_eq!((read.country.as_str(), read.phone.as_str()), ("US", "(415) 555-0100"));
    let mut empty = Receiver { country: "US".into(), ..Receiver::default() };
    let fields: Vec<_> = normalize(&mut empty).into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["receiver.street", "receiver.name"]);
}

#[test]
fn names_and_phones_are_asked_for_in_china() {
    for (name, phone, told) in [
        ("测试", "13800138000", ""),
        (" ", "13800138000", "receiver.name"),
        ("测试", "", "receiver.phone"),
        ("测试", "1234", "receiver.phone:phone_invalid"),
    ] {
        let mut read =
            Receiver { name: name.into(), phone: phone.into(), ..receiver("浙江|杭州|西湖|文三路1号") };
        let problems = normalize(&mut read);
        assert_eq!(
            written(&read, &problems),
            format!("浙江省|杭州市|西湖区|文三路1号|330106|{told}"),
            "{name}/{phone}"
        );
        assert_eq!(read.country, if told.is_empty() { "CN" } else { &read.country }, "{name}/{phone}");
    }
}

fn draft(kind: &str, receiver: Receiver) -> Draft {
    let money = Money { amount: "1.00".into(), currency: "CNY".into() };
    let line = Line {
        ext_line_id: "1".into(),
        ext_item: "1".into(),
        ext_sku: "1".into(),
        outer_code: String::new(),
        title: "茶".into(),
        spec: String::new(),
        qty: 1,
        unit_price: money.clone(),
        kind: kind.into(),
        refund: "none".into(),
        refunded_qty: 0,
    };
    let order = OrderFacts {
        ext_id: "1".into(),
        number: "1".into(),
        updated_at: 0,
        placed_at: 0,
        paid_at: None,
        ship_by: None,
        pay: "paid".into(),
        state: "open".into(),
        state_known: true,
        must_wait: None,
        lines: vec![line],
        total: money,
        receiver,
        buyer_remark: String::new(),
        seller_remark: String::new(),
        waybills: vec![],
    };
    let (shop, channel) = ("s".to_owned(), "own-shop".to_owned());
    Draft { shop, channel, order, mapped: vec![None], intents: vec![], problems: vec![] }
}

fn run(subjects: Vec<Draft>) -> Vec<Draft> {
    Address.run(Millis(0), subjects, &Facts::default())
}

#[test]
fn what_is_not_sent_needs_no_address_and_a_second_run_repeats_no_problem() {
    let problems = |drafts: &[Draft]| drafts.iter().map(|draft| draft.problems.len()).collect::<Vec<_>>();
    let drafts = run(vec![draft("virtual", Receiver::default()), draft("sale", Receiver::default())]);
    assert_eq!(problems(&drafts), [0, 4]);
    assert_eq!(problems(&run(drafts)), [0, 4]);
}

proptest! {
    /// Any text at all: nothing panics, nothing is lost from the batch, and the order stays.
    #[test]
    fn any_text_keeps_the_batch_whole(texts in prop::collection::vec("[浙江省杭州市西湖区北京0-9a ,，*\\-\u{200b}]{0,24}|.{0,12}", 5..20)) {
        let drafts: Vec<Draft> = texts
            .windows(5)
            .map(|w| {
                let street = format!("{}{}", w[3], w[4]);
                let receiver = Receiver { street, phone: w[4].clone(), ..receiver(&format!("{}|{}|{}|", no_bar(&w[0]), no_bar(&w[1]), no_bar(&w[2]))) };
                draft("sale", receiver)
            })
            .enumerate()
            .map(|(index, mut draft)| { draft.order.ext_id = index.to_string(); draft })
            .collect();
        let ids = |drafts: &[Draft]| drafts.iter().map(|draft| draft.order.ext_id.clone()).collect::<Vec<_>>();
        let before = ids(&drafts);
        prop_assert_eq!(ids(&run(drafts)), before);
    }
}

fn no_bar(text: &str) -> String {
    text.replace('|', "")
}
