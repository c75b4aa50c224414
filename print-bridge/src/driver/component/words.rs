//! What is said to the platforms' print components and what they say, by platform.
//!
//! Four copied one protocol, with other ports and words; WeChat's is its own. What each rests on is in the README.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// Whose print component it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// 菜鸟
    Cainiao,
    /// 拼多多
    Pinduoduo,
    /// 抖店
    Douyin,
    /// 快手
    Kuaishou,
    /// 微信小店
    WechatShop,
}

/// Where they differ.
struct Traits {
    platform: Platform,
    scheme: &'static str,
    port: u16,
    path: &'static str,
    /// The notice that a label was printed or failed.
    notice: &'static str,
    /// Whether it says `rendered` before it prints, so that a failure without it came before the printer.
    renders: bool,
}

const TRAITS: [Traits; 5] = [
    Traits {
        platform: Platform::Cainiao,
        scheme: "cnprint",
        port: 13528,
        path: "/",
        notice: "notifyPrintResult",
        renders: true,
    },
    Traits {
        platform: Platform::Pinduoduo,
        scheme: "pddprint",
        port: 5000,
        path: "/",
        notice: "PrintResultNotify",
        renders: false,
    },
    Traits {
        platform: Platform::Douyin,
        scheme: "ddprint",
        port: 13888,
        path: "/",
        notice: "notifyPrintResult",
        renders: false,
    },
    Traits {
        platform: Platform::Kuaishou,
        scheme: "ksprint",
        port: 16888,
        path: "/ks/printer",
        notice: "notifyPrintResult",
        renders: false,
    },
    Traits {
        platform: Platform::WechatShop,
        scheme: "wxprint",
        port: 12705,
        path: "/",
        notice: "print",
        renders: false,
    },
];

impl Platform {
    /// The platform of a target's scheme.
    #[must_use]
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        TRAITS.iter().find(|traits| traits.scheme == scheme).map(|traits| traits.platform)
    }

    /// Where its component listens: the port it has by itself, if none is given.
    #[must_use]
    pub fn url(self, host: &str, port: Option<u16>) -> String {
        let traits = self.traits();
        format!("ws://{host}:{}{}", port.unwrap_or(traits.port), traits.path)
    }

    fn traits(self) -> &'static Traits {
        TRAITS.iter().find(|traits| traits.platform == self).unwrap_or(&TRAITS[0])
    }

    /// Whether a failure that nothing preceded certainly came before the printer.
    pub(super) fn renders(self) -> bool {
        self.traits().renders
    }

    /// Whether the answer to `print` is itself what became of the label.
    pub(super) fn answers_once(self) -> bool {
        self == Self::WechatShop
    }

    /// The message that prints one document, whose signed parts are handed on byte for byte.
    pub(super) fn request(self, id: &str, printer: &str, document: &[u8]) -> Result<String, &'static str> {
        const NO_DOCUMENT: &str = "the job is not the JSON of one document: never started";
        let raw: &RawValue = serde_json::from_slice(document).map_err(|_| NO_DOCUMENT)?;
        if !raw.get().starts_with('{') {
            return Err(NO_DOCUMENT);
        }
        let text = match self {
            Self::Cainiao | Self::Douyin | Self::Pinduoduo => documents(id, printer, raw),
            Self::Kuaishou => documents(id, printer, &of_kuaishou(raw).ok_or(NO_DOCUMENT)?),
            Self::WechatShop => tasks(id, printer, &print_info(raw).ok_or(NO_DOCUMENT)?),
        };
        text.map_err(|_| NO_DOCUMENT)
    }

    /// What a message says about the task `id`; `None` if it is about something else.
    pub(super) fn hear(self, frame: &Frame, id: &str) -> Option<Word> {
        if self == Self::WechatShop {
            return frame.results.iter().find(|result| result.task_id == id).map(|result| match result.success {
                true => Word::Printed,
                false => Word::Failed,
            });
        }
        if frame.cmd == "print" && (frame.request_id == id || frame.task_id == id) {
            return Some(if frame.status == "success" { Word::Accepted } else { Word::Refused });
        }
        (frame.cmd == self.traits().notice && frame.task_id == id).then(|| frame.notice())
    }
}

/// What a component says about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It has the task.
    Accepted,
    /// It has not.
    Refused,
    Rendered,
    Printed,
    Failed,
    /// It contradicts itself.
    Doubtful,
    /// A word we do not know says nothing.
    Other,
}

#[derive(Serialize)]
struct Documents<'a> {
    cmd: &'static str,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    version: &'static str,
    task: Task<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Task<'a> {
    #[serde(rename = "taskID")]
    task_id: &'a str,
    preview: bool,
    printer: &'a str,
    first_document_number: u32,
    total_document_count: u32,
    notify_type: [&'static str; 2],
    documents: [&'a RawValue; 1],
}

fn documents(id: &str, printer: &str, document: &RawValue) -> serde_json::Result<String> {
    let task = Task {
        task_id: id,
        preview: false,
        printer,
        first_document_number: 1,
        total_document_count: 1,
        notify_type: ["render", "print"],
        documents: [document],
    };
    serde_json::to_string(&Documents { cmd: "print", request_id: id, version: "1.0", task })
}

/// Kuaishou's documents say that they are its own.
fn of_kuaishou(document: &RawValue) -> Option<Box<RawValue>> {
    if document.get().contains("\"ksOrderFlag\"") {
        return Some(document.to_owned());
    }
    let members = document.get().strip_prefix('{')?;
    let comma = if members.trim_start().starts_with('}') { "" } else { "," };
    RawValue::from_string(format!("{{\"ksOrderFlag\":true{comma}{members}")).ok()
}

#[derive(Serialize)]
struct Tasks<'a> {
    command: &'static str,
    version: &'static str,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "taskList")]
    task_list: [WechatTask<'a>; 1],
    #[serde(skip_serializing_if = "str::is_empty")]
    printer: &'a str,
}

#[derive(Serialize)]
struct WechatTask<'a> {
    #[serde(rename = "taskID")]
    task_id: &'a str,
    #[serde(rename = "printInfo")]
    print_info: &'a RawValue,
    #[serde(rename = "printNum")]
    print_num: PrintNum,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrintNum {
    cur_num: u32,
    sum_num: u32,
}

fn tasks(id: &str, printer: &str, print_info: &RawValue) -> serde_json::Result<String> {
    let task = WechatTask { task_id: id, print_info, print_num: PrintNum { cur_num: 1, sum_num: 1 } };
    serde_json::to_string(&Tasks { command: "print", version: "2.0", request_id: id, task_list: [task], printer })
}

/// WeChat's print data is one string, which stands in the document where the others have objects.
fn print_info(document: &RawValue) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Document {
        contents: [Box<RawValue>; 1],
    }
    let Document { contents: [info] } = serde_json::from_str(document.get()).ok()?;
    info.get().starts_with('"').then_some(info)
}

/// Any message of a component; what we do not know is passed over.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Frame {
    #[serde(default, deserialize_with = "nullable")]
    cmd: String,
    #[serde(default, deserialize_with = "nullable", rename = "requestID")]
    request_id: String,
    #[serde(default, deserialize_with = "nullable", rename = "taskID")]
    pub(super) task_id: String,
    #[serde(default, deserialize_with = "nullable")]
    status: String,
    #[serde(default, deserialize_with = "nullable", rename = "taskStatus")]
    task_status: String,
    #[serde(default, deserialize_with = "nullable", rename = "printStatus")]
    print_status: Vec<DocumentStatus>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) results: Vec<TaskResult>,
}

#[derive(Debug, Default, Deserialize)]
struct DocumentStatus {
    #[serde(default, deserialize_with = "nullable")]
    status: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct TaskResult {
    #[serde(default, deserialize_with = "nullable", rename = "taskID")]
    pub(super) task_id: String,
    #[serde(default, deserialize_with = "nullable")]
    success: bool,
}

/// `null` is as good as absent.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Frame {
    fn notice(&self) -> Word {
        let document_failed = self.print_status.iter().any(|d| matches!(d.status.as_str(), "failed" | "canceled"));
        match self.task_status.as_str() {
            "printed" if !document_failed => Word::Printed,
            // One document was all there was: a part of it is not it.
            "printed" | "partPrinted" => Word::Doubtful,
            "failed" => Word::Failed,
            "rendered" => Word::Rendered,
            _ => Word::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = r#"{"documentID":"9","contents":[{"encryptedData":"AES:a/b=","signature":"x","ver":1.0,"data":{"b":1,"a":2}}]}"#;

    fn frame(text: &str) -> Frame {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_the_platform_signed_travels_byte_for_byte() {
        for platform in [Platform::Cainiao, Platform::Pinduoduo, Platform::Douyin] {
            let text = platform.request("t", "热敏", SIGNED.as_bytes()).unwrap();
            assert!(text.contains(SIGNED) && text.contains(r#""printer":"热敏""#), "{text}");
            assert!(text.contains(r#""totalDocumentCount":1,"notifyType":["render","print"]"#));
        }
        let kuaishou = Platform::Kuaishou.request("t", "", SIGNED.as_bytes()).unwrap();
        assert!(kuaishou.contains(&SIGNED.replacen('{', r#"{"ksOrderFlag":true,"#, 1)), "{kuaishou}");
    }

    #[test]
    fn wechats_print_data_goes_into_a_task_as_the_string_it_is() {
        let document = r#"{"documentID":"W1","contents":["eyJ4IjoiXC8ifQ==\/"]}"#;
        let text = Platform::WechatShop.request("t", "", document.as_bytes()).unwrap();
        let expected = r#"{"command":"print","version":"2.0","requestID":"t","taskList":[{"taskID":"t","printInfo":"eyJ4IjoiXC8ifQ==\/","printNum":{"curNum":1,"sumNum":1}}]}"#;
        assert_eq!(text, expected);
        Platform::WechatShop.request("t", "", SIGNED.as_bytes()).unwrap_err();
    }

    #[test]
    fn what_is_no_document_is_refused_before_anything_is_sent() {
        for traits in &TRAITS {
            for wrong in ["", "[]", "^XA^XZ", "\"x\""] {
                traits.platform.request("t", "", wrong.as_bytes()).unwrap_err();
            }
        }
    }

    #[test]
    fn each_component_is_found_where_it_listens() {
        let url = |scheme: &str| Platform::of_scheme(scheme).unwrap().url("127.0.0.1", None);
        assert_eq!(url("cnprint"), "ws://127.0.0.1:13528/");
        assert_eq!(url("pddprint"), "ws://127.0.0.1:5000/");
        assert_eq!(url("ddprint"), "ws://127.0.0.1:13888/");
        assert_eq!(url("ksprint"), "ws://127.0.0.1:16888/ks/printer");
        assert_eq!(url("wxprint"), "ws://127.0.0.1:12705/");
        assert_eq!(Platform::of_scheme("jdprint"), None);
    }

    #[test]
    fn printed_with_a_failed_document_is_not_printed() {
        let mixed = frame(r#"{"taskStatus":"printed","printStatus":[{"documentID":"9","status":"failed","msg":"x"}]}"#);
        assert_eq!(mixed.notice(), Word::Doubtful);
        assert_eq!(frame(r#"{"taskStatus":"partPrinted"}"#).notice(), Word::Doubtful);
        assert_eq!(frame(r#"{"taskStatus":"queued"}"#).notice(), Word::Other);
    }

    #[test]
    fn each_platform_says_printed_in_its_own_words() {
        let pdd = frame(r#"{"cmd":"PrintResultNotify","taskID":"t","taskStatus":"printed","printStatus":[]}"#);
        assert_eq!(Platform::Pinduoduo.hear(&pdd, "t"), Some(Word::Printed));
        assert_eq!(Platform::Cainiao.hear(&pdd, "t"), None, "not its word");
        assert_eq!(Platform::Pinduoduo.hear(&pdd, "u"), None, "another task");
        let wechat = |success: &str| {
            frame(&format!(r#"{{"command":"print","requestID":"t","results":[{{"taskID":"t","success":{success}}}]}}"#))
        };
        assert_eq!(Platform::WechatShop.hear(&wechat("true"), "t"), Some(Word::Printed));
        assert_eq!(Platform::WechatShop.hear(&wechat("false"), "t"), Some(Word::Failed));
        assert_eq!(Platform::WechatShop.hear(&wechat("null"), "t"), Some(Word::Failed), "only true is success");
    }
}
