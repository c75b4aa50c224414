//! The step that brings Chinese addresses and phones into one form. See `README.md`.

mod clean;
mod gazetteer;
mod guard;
mod latin;
mod phone;
mod region;
mod run;
#[cfg(target_family = "wasm")]
mod shell;

use clean::{clean, is_masked};
use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_wire::step::{Draft, Facts};
use huidan_wire::{Problem, Receiver};
use phone::Phone;
use region::{Doubt, Piece};

/// Completes `order.receiver`; adds `address_incomplete`, `address_conflict` and `phone_invalid` to the problems.
#[derive(Debug, Clone, Copy, Default)]
pub struct Address;

impl Step<Draft> for Address {
    fn name(&self) -> &'static str {
        "normalize-address"
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Draft>, _facts: &Facts) -> Vec<Draft> {
        for draft in &mut subjects {
            let problems = normalize(&mut draft.order.receiver);
            draft.problems.retain(|problem| !problem.field.starts_with("receiver."));
            // What is not sent needs no address.
            if draft.order.lines.iter().any(|line| line.kind != "virtual") {
                draft.problems.extend(problems);
            }
        }
        subjects
    }
}

/// Brings a receiver into one form and says what could not be settled.
pub fn normalize(receiver: &mut Receiver) -> Vec<Problem> {
    receiver.country = country(&receiver.country);
    let secret = receiver.token.as_deref().is_some_and(|token| !token.is_empty());
    match (receiver.country.as_str(), secret) {
        ("" | "CN", _) => {}
        (_, true) => return Vec::new(),
        (_, false) => return trim(receiver),
    }
    let region = region::resolve(&receiver.province, &receiver.city, &receiver.district, &receiver.street);
    let known = region.division.is_some() || !region.city.is_empty();
    (receiver.province, receiver.city, receiver.district) = (region.province, region.city, region.district);
    receiver.division = region.division.or(receiver.division.take());
    if receiver.country.is_empty() && known && region.doubts.is_empty() {
        "CN".clone_into(&mut receiver.country);
    }
    if secret {
        return Vec::new(); // The platform knows the rest, and its waybill service fills it in.
    }
    if !is_masked(&receiver.street) {
        receiver.street = region.street;
    }
    let mut problems: Vec<Problem> = region.doubts.iter().map(problem).collect();
    problems.extend(person(receiver));
    receiver.postcode = clean(&receiver.postcode);
    problems
}

/// The country's code; what we cannot read stays.
fn country(given: &str) -> String {
    let text = given.trim().to_ascii_uppercase();
    match text.as_str() {
        "CN" | "CHN" | "CHINA" | "中国" | "中国大陆" | "中华人民共和国" => "CN".to_owned(),
        _ if text.len() == 2 => text,
        _ => given.trim().to_owned(),
    }
}

/// Name and phone of a receiver in China.
fn person(receiver: &mut Receiver) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !is_masked(&receiver.name) {
        receiver.name = clean(&receiver.name);
        problems.extend(nameless(receiver));
    }
    if !is_masked(&receiver.phone) {
        match phone::read(&clean(&receiver.phone)) {
            Phone::Good(phone) => receiver.phone = phone,
            Phone::Missing => problems.push(told("phone", "address_incomplete", "缺少电话 / phone is missing")),
            Phone::Invalid => {
                problems.push(told("phone", "phone_invalid", "电话不是可拨打的号码 / this is no number to call"));
            }
        }
    }
    problems
}

/// An address abroad stays as it was given.
fn trim(receiver: &mut Receiver) -> Vec<Problem> {
    let Receiver { name, phone, province, city, district, street, postcode, .. } = receiver;
    for text in [name, phone, province, city, district, street, postcode] {
        *text = text.trim().to_owned();
    }
    let street = receiver.street.is_empty().then(|| problem(&Doubt::Missing(Piece::Street)));
    street.into_iter().chain(nameless(receiver)).collect()
}

fn nameless(receiver: &Receiver) -> Option<Problem> {
    receiver.name.is_empty().then(|| told("name", "address_incomplete", "缺少收件人 / the receiver's name is missing"))
}

fn problem(doubt: &Doubt) -> Problem {
    let words = |piece: Piece| match piece {
        Piece::Province => ("province", "省份", "province"),
        Piece::City => ("city", "城市", "city"),
        Piece::District => ("district", "区县", "district"),
        Piece::Street => ("street", "详细地址", "street"),
    };
    match doubt {
        Doubt::Missing(piece) => {
            let (field, zh, en) = words(*piece);
            told(field, "address_incomplete", &format!("缺少{zh} / {en} is missing"))
        }
        Doubt::Unknown(piece) => {
            let (field, zh, en) = words(*piece);
            told(field, "address_incomplete", &format!("无法识别{zh} / {en} is not recognised"))
        }
        Doubt::Conflict(piece) => {
            let (field, zh, en) = words(*piece);
            told(field, "address_conflict", &format!("{zh}与前面的省市区不符 / {en} names another region"))
        }
        Doubt::Choice(places) => {
            let detail = format!("同名地区：{} / several places of that name", places.join("、"));
            told("city", "address_incomplete", &detail)
        }
    }
}

fn told(field: &str, code: &str, detail: &str) -> Problem {
    Problem { field: format!("receiver.{field}"), code: code.to_owned(), detail: detail.to_owned() }
}
