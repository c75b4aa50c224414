//! What is to be done about a shipment that its channel did not take, in words.

/// Whether something in this state is tried again by itself, waits for a person, or neither.
pub(crate) fn class(state: &str) -> &'static str {
    match state {
        "pending" | "sending" | "sent" => "transient",
        "rejected" | "gave_up" | "conflict" => "permanent",
        _ => "settled",
    }
}

/// Code, what to do: Chinese, English.
const REMEDIES: &[(&str, &str, &str)] = &[
    (
        "carrier_unmapped",
        "在店铺的“回传设置”里填写平台的物流公司代码，保存后自动重发",
        "set the channel's code of the carrier under the shop's telling (PUT shops/<id>/telling); it is told again by itself",
    ),
    (
        "refund_open",
        "先在平台处理退款：撤销或拒绝后自动告知；同意退款则拦回包裹",
        "settle the refund at the channel: withdrawn or refused, it is told by itself; agreed to, stop the parcel",
    ),
    ("refunded", "联系承运商拦回包裹", "have the carrier stop the parcel"),
    (
        "order_closed",
        "订单已在平台关闭：联系承运商拦回包裹",
        "the order ended at the channel: have the carrier stop the parcel",
    ),
    (
        "order_cancelled",
        "订单已在平台取消：联系承运商拦回包裹",
        "the order was cancelled at the channel: have the carrier stop the parcel",
    ),
    (
        "order_locked",
        "平台正在审核退款：先拦回包裹，审核结束后再试",
        "a refund is under review: stop the parcel, try again when it ended",
    ),
    (
        "order_missing",
        "核对店铺授权是否是这家店，再试一次",
        "check that the shop's access is to this very shop, then try again",
    ),
    (
        "order_not_found",
        "核对店铺授权是否是这家店，再试一次",
        "check that the shop's access is to this very shop, then try again",
    ),
    (
        "line_missing",
        "平台改过商品行：重新拉取订单后再试",
        "the channel changed the order's lines: fetch the order anew, then try again",
    ),
    ("on_hold", "在平台后台解除暂停后再试", "release the order on the channel's page, then try again"),
    (
        "already_shipped_elsewhere",
        "对照两个单号：包裹用的是平台的，选“保留平台的”；用的是我们的，选“改为我们的”",
        "compare the two numbers: keep theirs if the parcel bears it, else send ours",
    ),
    (
        "cannot_change",
        "在平台后台把单号改为我们的，再选“保留平台的”",
        "change the number to ours on the channel's page, then let theirs stand",
    ),
    (
        "not_shown",
        "在平台后台查看该订单是否已发货，未发货则再试",
        "look at the order on the channel's page; try again if it is not shipped there",
    ),
    ("no_number", "给包裹取号后再试", "get a number for the package, then try again"),
    ("shop_off", "启用店铺后再试", "turn the shop on, then try again"),
    (
        "gave_up",
        "平台一天没有收下：确认平台和授权正常后再试",
        "the channel took it not for a day: see that it works and lets us in, then try again",
    ),
    (
        "line_in_one_parcel",
        "平台一种商品只收一个单号：把这个单号告诉买家",
        "the channel takes one number per line: let the buyer know this one",
    ),
];

/// What a person does about it, in both languages; empty where nothing is to be done.
pub(crate) fn remedy(state: &str, code: &str) -> String {
    if class(state) != "permanent" {
        return String::new();
    }
    let known = REMEDIES.iter().find(|(known, ..)| *known == code).or_else(|| {
        let gave_up = state == "gave_up";
        REMEDIES.iter().find(|(known, ..)| gave_up && *known == "gave_up")
    });
    let (zh, en) = known.map_or(
        ("按平台的提示处理后再试一次", "do what the channel asks for, then try again"),
        |(_, zh, en)| (*zh, *en),
    );
    format!("{zh} / {en}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_person_says_what_to_do_in_two_languages_and_the_rest_nothing() {
        for (code, zh, en) in REMEDIES {
            assert!(zh.chars().any(|letter| letter > '\u{2e7f}') && en.is_ascii(), "{code}");
            assert_eq!(remedy("rejected", code).matches(" / ").count(), 1, "{code}");
        }
        assert!(!remedy("rejected", "isv.something-new").is_empty());
        assert!(remedy("gave_up", "").contains("一天"));
        assert!(remedy("pending", "carrier_unmapped").is_empty() && remedy("told_with_other", "").is_empty());
    }
}
