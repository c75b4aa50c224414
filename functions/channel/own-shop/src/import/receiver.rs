//! Name, phone and address out of one cell, as chats and back offices copy them.

use super::content;
use super::values::Remedy;
use regex_lite::Regex;
use std::sync::LazyLock;

/// What one cell held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) postcode: String,
}

const TWO_PHONES: Remedy = "该格有几个电话，请只留一个 / this cell holds several phones: leave one";
const NO_PHONE: Remedy =
    "该格没有电话，请写成“姓名 电话 地址” / this cell holds no phone: write it as name, phone, address";
const UNCLEAR: Remedy = "无法分清该格的姓名与地址，请写成“姓名 电话 地址”或分成几列 / name and address in this cell cannot be told apart: write it as name, phone, address, or give each a column";

/// A mobile number with the extension of a virtual one, or a landline, with no digit beside it.
static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9])(?:\+?86[- ]?)?(1[3-9][0-9]{9}(?:[-转][0-9]{1,6})?|0[0-9]{2,3}-[0-9]{7,8})(?:[^0-9]|$)")
        .ok()
});
const LABELS: &[&str] = &[
    "收货人姓名",
    "收件人姓名",
    "收货人",
    "收件人",
    "姓名",
    "手机号码",
    "手机号",
    "手机",
    "联系电话",
    "电话",
    "收货地址",
    "收件地址",
    "详细地址",
    "地址",
    "邮编",
];

/// Takes a cell apart. What could be read in two ways is not read at all.
pub(super) fn split(cell: &str) -> Result<Parts, Remedy> {
    let mut text = cell.replace(['\r', '\n', '\t', '，', ',', '；', ';', '|', '\u{3000}'], " ");
    for label in LABELS {
        for colon in ['：', ':'] {
            text = text.replace(&format!("{label}{colon}"), " ");
        }
    }
    let (before, phone, after) = around(&text)?;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (words(&before), words(&after));
    // Where a name may stand: at either end, or beside the phone.
    let last = before.len().saturating_sub(1);
    let mut places: Vec<usize> = vec![0, last, before.len(), (before.len() + after.len()).saturating_sub(1)];
    let mut words: Vec<String> = before.into_iter().chain(after).collect();
    places.sort_unstable();
    places.dedup();
    let named = |place: &usize| words.get(*place).is_some_and(|word| content::is_person(word));
    let names: Vec<usize> = places.into_iter().filter(named).collect();
    let [place] = names.as_slice() else { return Err(UNCLEAR) };
    let name = words.remove(*place);
    let is_postcode =
        |word: &String| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()) && word != "000000";
    let postcode = words.iter().position(is_postcode).map(|at| words.remove(at)).unwrap_or_default();
    words.retain(|word| word != "000000");
    let address = words.join(" ");
    if address.chars().count() < 4 { Err(UNCLEAR) } else { Ok(Parts { name, phone, address, postcode }) }
}

/// What stands before the phone, the phone, and what stands behind it.
fn around(text: &str) -> Result<(String, String, String), Remedy> {
    let next = |text: &str| PHONE.as_ref()?.captures(text)?.get(1).map(|found| found.range());
    let first = next(text).ok_or(NO_PHONE)?;
    let phone = text.get(first.clone()).unwrap_or_default();
    // What follows is looked through again from the number's end: a blank between two belongs to both.
    let after = text.get(first.end..).unwrap_or_default().replace(phone, " ");
    if next(&after).is_some() {
        return Err(TWO_PHONES);
    }
    let before = text.get(..first.start).unwrap_or_default().trim_end();
    let before = before.trim_end_matches('-').trim_end_matches("+86").trim_end_matches(" 86");
    Ok((before.to_owned(), phone.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_in_one_cell_is_taken_apart_however_it_was_copied() {
        for cell in [
            "王小明 13800138000 浙江省杭州市西湖区文三路 1 号",
            "王小明，86-13800138000，浙江省杭州市西湖区文三路 1 号，310000",
            "浙江省杭州市西湖区文三路 1 号 王小明 13800138000",
            "浙江省杭州市西湖区文三路 1 号，13800138000，王小明",
            "收货人：王小明\n手机号：+86 13800138000\n地址：浙江省杭州市西湖区文三路 1 号",
            "13800138000 王小明 浙江省杭州市西湖区文三路 1 号",
        ] {
            let parts = split(cell).unwrap_or_else(|_| panic!("{cell}"));
            assert_eq!((parts.name.as_str(), parts.phone.as_str()), ("王小明", "13800138000"), "{cell}");
            assert_eq!(parts.address, "浙江省杭州市西湖区文三路 1 号", "{cell}");
        }
        assert_eq!(split("王小明 13800138000-4321 浙江省杭州市文三路 1 号").unwrap().phone, "13800138000-4321");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for cell in [
            "王小明 13800138000 13900139000 浙江省杭州市文三路 1 号",
            "王小明 浙江省杭州市文三路 1 号",
            "13800138000 浙江省杭州市文三路 1 号",
            "王小明 13800138000",
            "王小明 13800138000 浙江省杭州市文三路 1 号 李大明",
            "",
        ] {
            assert!(split(cell).is_err(), "{cell}");
        }
    }
}
