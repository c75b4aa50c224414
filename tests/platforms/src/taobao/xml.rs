//! The gateway's default format: the same tree as XML.

use quick_xml::escape::escape;
use serde_json::Value;

/// A document with this root.
pub(super) fn document(root: &str, body: &Value) -> String {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"utf-8\" ?><{root}>");
    write(body, &mut text);
    text.push_str(&format!("</{root}>"));
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let list = value.as_array();
                let each = list.map_or_else(|| vec![value], |items| items.iter().collect());
                for one in each {
                    text.push_str(&format!("<{name}>"));
                    write(one, text);
                    text.push_str(&format!("</{name}>"));
                }
            }
        }
        Value::String(plain) => text.push_str(&escape(plain.as_str())),
        Value::Null => {}
        other => text.push_str(&other.to_string()),
    }
}
