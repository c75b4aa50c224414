//! What is said: the seller's text where there is one that fits, else ours.

use crate::quiet::offset;
use huidan_domain::Millis;
use huidan_exchange::time;
use huidan_notice::topic::{self, COMMON, FIELDS};
use huidan_notice::{Message, text};
use huidan_store::notices::{Due, Text, Way};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most lines of a summary.
const LINES: usize = 10;

/// What texts are made from.
pub(crate) struct Words<'a> {
    /// By which way.
    pub(crate) way: &'a Way,
    /// The seller's own texts.
    pub(crate) texts: &'a [Text],
    /// The seller's zone.
    pub(crate) zone: &'a str,
    /// Whether the way's provider only sends texts that it approved.
    pub(crate) approved_only: bool,
}

/// A message's words, or its event.
pub(crate) fn message(words: &Words<'_>, due: &Due, to: Vec<String>) -> Message {
    if words.way.audience == "system" {
        return Message { id: due.id.clone(), payload: payload(due), ..Message::default() };
    }
    let facts: Value = serde_json::from_str(&due.facts).unwrap_or_default();
    let values = values(words, due, &facts);
    let own = own(words, due);
    let fitting = own.filter(|own| is_to_be_read(words, own)).and_then(|own| {
        let title = Some(text::fill(&own.title, &values).ok()?).filter(|title| !title.trim().is_empty());
        // A letter to a buyer has a subject, also where the seller wrote none.
        let subject = || if words.way.audience == "buyer" { called(words, due) } else { String::new() };
        Some((title.unwrap_or_else(subject), text::fill(&own.body, &values).ok()?, own.code.clone()))
    });
    let (title, text, code) = match fitting {
        Some(said) if !due.summary => said,
        _ => {
            let code = own.map(|own| own.code.clone()).unwrap_or_default();
            let (title, text) = by_itself(words, due, &facts, &values);
            (title, text, code)
        }
    };
    let named = own.map(|own| text::places(&own.body)).unwrap_or_default();
    let values = values.into_iter().filter(|(name, _)| named.contains(name)).collect();
    Message { id: due.id.clone(), to, title, text, code, values, payload: String::new() }
}

/// Whether a text of the seller's is for people: one that belongs to a provider's approved text may do no more than name
/// what that is filled with, and then says nothing by another way.
fn is_to_be_read(words: &Words<'_>, own: &Text) -> bool {
    words.approved_only || own.code.is_empty() || text::has_words(&own.body)
}

/// What a message is called: the topic's title, or what buyers call it.
fn called(words: &Words<'_>, due: &Due) -> String {
    let Way { audience, language, .. } = words.way;
    if audience == "buyer" { topic::subject(&due.topic, language) } else { topic::title(&due.topic, language) }
}

fn own<'a>(words: &Words<'a>, due: &Due) -> Option<&'a Text> {
    let Way { audience, language, .. } = words.way;
    let fits = |text: &&Text| text.topic == due.topic && text.audience == *audience;
    let mut all = words.texts.iter().filter(fits);
    let other = all.clone().next();
    all.find(|text| text.language == *language).or(other)
}

/// Every place that a text may have, empty where the facts say nothing of it.
fn values(words: &Words<'_>, due: &Due, facts: &Value) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = COMMON
        .iter()
        .copied()
        .chain(FIELDS.iter().map(|(name, ..)| *name))
        .map(|name| (name.to_owned(), String::new()))
        .collect();
    values.extend(text::values(facts));
    for (name, ..) in FIELDS.iter().filter(|(.., instant)| *instant) {
        if let Some(at) = facts.get(name).and_then(Value::as_i64) {
            values.insert((*name).to_owned(), local(at, words.zone));
        }
    }
    let title = called(words, due);
    for (name, value) in [
        ("title", title.as_str()),
        ("shop", &due.shop),
        ("entity", &due.entity),
        ("id", &due.about),
        ("time", &local(due.happened_at.0, words.zone)),
    ] {
        values.insert(name.to_owned(), value.to_owned());
    }
    values
}

fn local(at: i64, zone: &str) -> String {
    let shown = time::to_local(Millis(at + offset(zone) * 60_000), 0);
    shown.get(..16).unwrap_or(&shown).to_owned()
}

/// Title and text where the seller wrote none.
fn by_itself(words: &Words<'_>, due: &Due, facts: &Value, values: &BTreeMap<String, String>) -> (String, String) {
    let english = words.way.language == "en";
    let title = called(words, due);
    if due.summary {
        return summary(&title, facts, english);
    }
    if words.way.audience == "buyer" {
        let [zh, en] = topic::of(&due.topic).map_or(["", ""], |topic| topic.buyer);
        let text = text::fill(if english { en } else { zh }, values).unwrap_or_default();
        return (title, text.trim().to_owned());
    }
    let named = |name: &str| {
        let field = FIELDS.iter().find(|(known, ..)| *known == name);
        field.map_or_else(|| name.to_owned(), |(_, zh, en, _)| (if english { en } else { zh }).to_string())
    };
    let mut lines = Vec::new();
    if !due.shop.is_empty() {
        lines.push(format!("{}: {}", if english { "shop" } else { "店铺" }, due.shop));
    }
    let told = facts.as_object().into_iter().flatten().map(|(name, _)| name);
    let told = told.filter_map(|name| Some((name, values.get(name).filter(|value| !value.is_empty())?)));
    lines.extend(told.map(|(name, value)| format!("{}: {value}", named(name))));
    lines.push(format!("{} {}", due.entity, due.about).trim().to_owned());
    (title, lines.join("\n"))
}

fn summary(title: &str, facts: &Value, english: bool) -> (String, String) {
    let count = facts.get("count").and_then(Value::as_u64).unwrap_or_default();
    let lines: Vec<&str> =
        facts.get("lines").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = lines.join("\n");
    let more = count.saturating_sub(u64::try_from(lines.len()).unwrap_or_default());
    if more > 0 {
        text.push_str(&if english { format!("\nand {more} more") } else { format!("\n另有 {more} 条") });
    }
    (format!("{title} × {count}"), text)
}

/// A text without the codes of its links to parcels.
pub(crate) fn without_links(text: &str) -> String {
    let mut parts = text.split("/t/");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str("/t/…");
        kept.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    kept
}

/// What stands for several messages of a topic.
pub(crate) fn bundled(of: &[&Due]) -> Value {
    let lines: Vec<String> = of.iter().take(LINES).map(|due| line(due)).collect();
    json!({ "count": of.len(), "lines": lines })
}

/// One message as a line: its shop, its number or id, and why.
fn line(due: &Due) -> String {
    let facts: Value = serde_json::from_str(&due.facts).unwrap_or_default();
    let values = text::values(&facts);
    let fact = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
    let what = if fact("number").is_empty() { due.about.as_str() } else { fact("number") };
    let parts = [due.shop.as_str(), what, fact("reason"), fact("detail"), fact("place")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The event as data: the same bytes at every try.
fn payload(due: &Due) -> String {
    let mut data: serde_json::Map<String, Value> =
        serde_json::from_str::<Value>(&due.facts).ok().and_then(|facts| facts.as_object().cloned()).unwrap_or_default();
    for (name, value) in [("entity", &due.entity), ("id", &due.about), ("shop", &due.shop)] {
        data.insert(name.to_owned(), value.as_str().into());
    }
    json!({ "type": due.topic, "timestamp": time::to_rfc3339(due.happened_at), "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_link_is_not_kept() {
        let text = "包裹 SF1 有异常。https://hub.example/t/0f9e8d7c 谢谢";
        assert_eq!(without_links(text), "包裹 SF1 有异常。https://hub.example/t/… 谢谢");
        assert_eq!(without_links("nothing"), "nothing");
    }
}
