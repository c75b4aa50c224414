//! Receivers as carriers are told them.

use crate::fiction::Receiver;
use crate::fields::text;
use serde_json::Value;

/// What a carrier calls the parts of an address; the first that is not empty counts.
pub(crate) struct Names {
    pub(crate) name: &'static [&'static str],
    pub(crate) phone: &'static [&'static str],
    pub(crate) province: &'static [&'static str],
    pub(crate) city: &'static [&'static str],
    pub(crate) district: &'static [&'static str],
    pub(crate) address: &'static [&'static str],
}

fn first(from: &Value, names: &[&str]) -> String {
    names.iter().map(|name| text(from, name)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Reads an address; what is missing or starred is refused by name.
pub(crate) fn who(from: &Value, names: &Names) -> Result<Receiver, String> {
    let receiver = Receiver {
        name: first(from, names.name),
        phone: first(from, names.phone),
        province: first(from, names.province),
        city: first(from, names.city),
        district: first(from, names.district),
        address: first(from, names.address),
        postcode: String::new(),
    };
    let called = |all: &[&str]| all.first().copied().unwrap_or_default().to_owned();
    for (what, value) in
        [(names.name, &receiver.name), (names.phone, &receiver.phone), (names.address, &receiver.address)]
    {
        if value.is_empty() {
            return Err(format!("{} 不能为空", called(what)));
        }
        if value.contains('*') {
            return Err(format!("{} 含脱敏字符", called(what)));
        }
    }
    for (what, value) in [(names.province, &receiver.province), (names.city, &receiver.city)] {
        if !what.is_empty() && value.is_empty() {
            return Err(format!("{} 不能为空", called(what)));
        }
    }
    Ok(receiver)
}
