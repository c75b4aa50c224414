//! A pushed message: open, or sealed with AES; in JSON, as shops of their own get it, or in XML, as WeChat writes to
//! service providers. <https://developers.weixin.qq.com/doc/store/shop/dev_before/message_push>

use base64::alphabet;
use base64::engine::{Engine as _, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use huidan_exchange::json::Json;
use huidan_exchange::{cipher, sign};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// The key as WeChat writes it: 43 characters, and the last one carries two bits that belong to nothing.
const KEY: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
const KEY_CHARS: usize = 43;
/// Messages are padded to blocks of 32 bytes, twice those of the cipher.
const BLOCK: usize = 32;
/// Random bytes, then four that say how long the message is.
const HEAD: usize = 16;
const LENGTH: usize = 4;

/// The texts of a message by their paths, such as `order_info/order_id`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads JSON or XML; `None` when it is neither, from the first byte to the last.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if text.trim_start().starts_with('<') { xml(text) } else { json(bytes) }
    }

    /// A text that is there and not empty.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// The objects in which events keep what they are about.
const INNER: [&str; 2] = ["order_info", "finder_shop_aftersale_status_update"];
/// What is read of a message.
const OUTER: [&str; 3] = ["Encrypt", "Event", "CreateTime"];
/// What is read of its inner object.
const NAMES: [&str; 4] = ["order_id", "type", "status", "after_sale_order_id"];

fn json(bytes: &[u8]) -> Option<Fields> {
    let outer = Json::parse(bytes).and_then(|json| json.object()).ok()?;
    let mut fields = BTreeMap::new();
    for name in OUTER {
        fields.extend(outer.get(name).and_then(|value| value.id().ok()).map(|text| (name.to_owned(), text)));
    }
    for object in INNER {
        let Some(inner) = outer.get(object).and_then(|value| value.object().ok()) else { continue };
        for name in NAMES {
            let text = inner.get(name).and_then(|value| value.id().ok());
            fields.extend(text.map(|text| (format!("{object}/{name}"), text)));
        }
    }
    Some(Fields(fields))
}

/// The texts of the elements, without the outermost one's name. What is read here are ids, numbers and base64, which
/// need no entities; texts that hold some are of no interest.
fn xml(text: &str) -> Option<Fields> {
    let mut reader = Reader::from_str(text);
    let (mut path, mut fields, mut closed): (Vec<String>, BTreeMap<String, String>, bool) = Default::default();
    loop {
        let mut put = |path: &[String], text: &str| {
            let inner = path.get(1..).unwrap_or_default();
            fields.entry(inner.join("/")).or_default().push_str(text.trim());
        };
        match reader.read_event().ok()? {
            Event::Start(element) if !closed => path.push(element.name().as_ref().to_owned()),
            Event::Start(_) => return None,
            Event::End(_) => {
                path.pop();
                closed = path.is_empty();
            }
            Event::Text(text) => put(&path, &text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => put(&path, &text.xml_content(XmlVersion::Implicit1_0)),
            Event::Eof => break,
            _ => {}
        }
    }
    closed.then_some(Fields(fields))
}

/// Opens a sealed text and looks whom it was sealed for.
///
/// # Errors
/// What is wrong, for a person, without any content.
pub(crate) fn open(encoding_aes_key: &str, appid: &str, sealed: &str) -> Result<Bytes, &'static str> {
    let key = (encoding_aes_key.len() == KEY_CHARS).then(|| KEY.decode(format!("{encoding_aes_key}=")).ok()).flatten();
    let key = key.ok_or("EncodingAESKey 不是 43 位 / EncodingAESKey is not of 43 characters")?;
    let iv: &[u8; 16] = key.first_chunk().ok_or("EncodingAESKey 太短 / EncodingAESKey is too short")?;
    const CLOSED: &str = "Encrypt 无法解密，请核对 EncodingAESKey / Encrypt does not open: check EncodingAESKey";
    let plain =
        sign::from_base64(sealed).and_then(|sealed| cipher::open_cbc(&key, iv, &sealed, BLOCK)).ok_or(CLOSED)?;
    let (length, rest) = plain.get(HEAD..).and_then(<[u8]>::split_first_chunk::<LENGTH>).ok_or(CLOSED)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| CLOSED)?;
    let (message, whose) = rest.split_at_checked(length).ok_or(CLOSED)?;
    if appid.is_empty() || whose != appid.as_bytes() {
        return Err("消息属于另一个 AppID / the message is for another AppID");
    }
    Ok(Bytes::copy_from_slice(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    const APPID: &str = "wxb11529c136998cb6";
    const SEALED: &str = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";

    #[test]
    fn the_published_text_opens() {
        assert_eq!(open(KEY, APPID, SEALED).unwrap(), "我是中文abcd123".as_bytes());
    }

    #[test]
    fn what_is_for_another_app_or_sealed_otherwise_does_not_open() {
        for (key, appid, sealed) in [
            (KEY, "wxb11529c136998cb7", SEALED),
            (KEY, "", SEALED),
            ("bbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", APPID, SEALED),
            (&KEY[1..], APPID, SEALED),
            (KEY, APPID, &SEALED[4..]),
            (KEY, APPID, ""),
        ] {
            assert!(open(key, appid, sealed).is_err(), "{key} {appid} {sealed}");
        }
    }

    #[test]
    fn json_and_xml_say_the_same() {
        let json = r#"{"ToUserName":"gh_1","Event":"channels_ec_order_pay","CreateTime":1662480000,
            "order_info":{"order_id":3705115058471208929,"pay_time":"1658509200"}}"#;
        let xml = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Event><![CDATA[channels_ec_order_pay]]></Event>\n\
            <CreateTime>1662480000</CreateTime><order_info><order_id>3705115058471208929</order_id></order_info></xml>";
        for text in [json, xml] {
            let fields = Fields::read(text.as_bytes()).unwrap();
            assert_eq!(fields.get("Event"), Some("channels_ec_order_pay"));
            assert_eq!(fields.get("CreateTime"), Some("1662480000"));
            assert_eq!(fields.get("order_info/order_id"), Some("3705115058471208929"));
        }
    }

    #[test]
    fn a_cut_message_is_none() {
        for whole in [r#"{"Event":"x","order_info":{"order_id":"1"}}"#, "<xml><Event>x</Event></xml>"] {
            for cut in 0..whole.len() {
                assert!(Fields::read(&whole.as_bytes()[..cut]).is_none(), "cut at {cut}: {whole}");
            }
        }
        assert!(Fields::read(b"<xml></xml><xml></xml>").is_none());
    }
}
