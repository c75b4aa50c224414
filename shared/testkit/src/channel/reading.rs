use super::{Fixtures, Sample, Vary, shows_nothing_personal};
use crate::golden::golden_json;
use crate::json_text::{each_scalar_replaced, with_unknown_fields};
use huidan_channel::{Channel, Document, Reading};
use huidan_domain::{Millis, OrderFacts};
use huidan_wire::call::Read1;
use huidan_wire::form::Form;

/// A float holds every whole number up to this one.
const FLOATS_END: u64 = 1 << 53;

pub(super) fn check(channel: &impl Channel, fixtures: &Fixtures<'_>) {
    assert!(!fixtures.samples.is_empty(), "a channel without samples proves nothing");
    for sample in fixtures.samples {
        let document = document(sample);
        let seen = channel.read(&document);
        assert_eq!(seen, channel.read(&document), "{}: reading twice gives two results", sample.name);
        let reading = seen.unwrap_or_else(|error| panic!("{}: {error:?}", sample.name));
        golden_json(format!("tests/golden/{}.facts.json", sample.name), &written(&reading));
        shows_nothing_personal(fixtures, &format!("{document:?} {:?}", receiver_only(&reading)), sample.name);
        unknown_fields_are_ignored(channel, sample, &reading);
        cut_bodies_are_no_orders(channel, fixtures, sample);
        spoilt_values_are_told_without_their_content(channel, fixtures, sample);
        if let Reading::Order(facts) = &reading {
            ids_and_amounts_are_exact(sample, facts);
        }
    }
    assert!(fixtures.samples.iter().any(|sample| has_a_long_id(channel, sample)), "no sample has an id above 2^53");
    variations(channel, fixtures);
}

fn document(sample: &Sample<'_>) -> Document {
    Document { topic: sample.topic.to_owned(), body: sample.body.trim().to_owned() }
}

fn written(reading: &Reading) -> Read1 {
    match reading {
        Reading::Order(facts) => Read1::Order(Box::new(facts.to_wire())),
        Reading::Removed { ext_id, at } => Read1::Removed { ext_id: ext_id.clone(), at: at.0 },
    }
}

/// What of a reading may land in a log by its `Debug`: remarks may hold anything, receivers must hold back.
fn receiver_only(reading: &Reading) -> Option<&huidan_domain::Receiver> {
    match reading {
        Reading::Order(facts) => Some(&facts.receiver),
        Reading::Removed { .. } => None,
    }
}

fn unknown_fields_are_ignored(channel: &impl Channel, sample: &Sample<'_>, reading: &Reading) {
    let mut more = document(sample);
    more.body = with_unknown_fields(&more.body);
    assert_eq!(channel.read(&more).as_ref(), Ok(reading), "{}: fields nobody knows change the order", sample.name);
}

fn cut_bodies_are_no_orders(channel: &impl Channel, fixtures: &Fixtures<'_>, sample: &Sample<'_>) {
    let whole = document(sample);
    for (cut, _) in whole.body.char_indices() {
        let piece = Document { topic: whole.topic.clone(), body: whole.body[..cut].to_owned() };
        let Err(error) = channel.read(&piece) else {
            panic!("{}: cut at byte {cut} it still reads as an order", sample.name);
        };
        shows_nothing_personal(fixtures, &format!("{error:?}"), sample.name);
    }
}

/// Replaces every value by one of another kind; an error that repeats it would carry a name or a phone into a log.
fn spoilt_values_are_told_without_their_content(channel: &impl Channel, fixtures: &Fixtures<'_>, sample: &Sample<'_>) {
    const CONTENT: &str = "Zaphod-13900139000";
    for by in [format!("\"{CONTENT}\""), format!("{{\"{CONTENT}\":1}}"), "-1.5e400".to_owned(), "null".to_owned()] {
        for body in each_scalar_replaced(sample.body.trim(), &by) {
            if let Err(error) = channel.read(&Document { topic: sample.topic.to_owned(), body }) {
                let shown = format!("{error:?}");
                assert!(!shown.contains("Zaphod"), "{}: an error repeats the document: {shown}", sample.name);
                assert!(!error.field.is_empty(), "{}: an error names no field: {shown}", sample.name);
                shows_nothing_personal(fixtures, &shown, sample.name);
            }
        }
    }
}

fn ids_and_amounts_are_exact(sample: &Sample<'_>, facts: &OrderFacts) {
    for id in ids(facts) {
        assert!(sample.body.contains(id), "{}: the id {id} is not in the document", sample.name);
    }
    facts.total.minor().unwrap_or_else(|error| panic!("{}: total: {error}", sample.name));
    for line in &facts.lines {
        assert_eq!(line.unit_price.currency, facts.total.currency, "{}: a price in another currency", sample.name);
        line.unit_price.minor().unwrap_or_else(|error| panic!("{}: price: {error}", sample.name));
        assert!(line.refunded_qty <= line.qty, "{}: more refunded than bought", sample.name);
    }
}

fn ids(facts: &OrderFacts) -> Vec<&str> {
    let lines = facts.lines.iter().flat_map(|line| [&line.ext_line_id, &line.ext_item, &line.ext_sku]);
    std::iter::once(&facts.ext_id).chain(lines).map(String::as_str).filter(|id| !id.is_empty()).collect()
}

fn has_a_long_id(channel: &impl Channel, sample: &Sample<'_>) -> bool {
    let Ok(Reading::Order(facts)) = channel.read(&document(sample)) else { return false };
    ids(&facts).iter().any(|id| id.parse::<u64>().is_ok_and(|id| id > FLOATS_END && id % 2 == 1))
}

fn variations(channel: &impl Channel, fixtures: &Fixtures<'_>) {
    let read = |vary: Vary<'_>| match channel.read(&(fixtures.vary)(vary)) {
        Ok(Reading::Order(facts)) => facts,
        other => panic!("{vary:?} does not read as an order: {other:?}"),
    };
    for id in ["9007199254740993", "820982911946154508"] {
        assert_eq!(read(Vary::Id(id)).ext_id, id);
    }
    for (total, minor) in
        [("0.01", 1), ("0.29", 29), ("1.15", 115), ("4.35", 435), ("409.94", 40_994), ("99999999.99", 9_999_999_999)]
    {
        assert_eq!(read(Vary::Total(total)).total.minor(), Ok(minor), "{total}");
    }
    assert_eq!(read(Vary::State("zz_new_word")).state, Err("zz_new_word".to_owned()), "an unknown status is kept");
    // A winter and a summer day, the last second of a year, and one that China already has the day before.
    for at in [1_768_435_200_000, 1_784_073_600_000, 1_798_761_599_000, 1_795_280_400_000] {
        assert_eq!(read(Vary::UpdatedAt(Millis(at))).updated_at, Millis(at), "a time is read in the wrong zone");
    }
}
