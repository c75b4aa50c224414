//! Codes of the API in words, and what colour they have.

use crate::words::Lang;

/// How a state is to be taken at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Done, well.
    Good,
    /// Under way.
    Going,
    /// Waits for somebody.
    Wait,
    /// Wrong.
    Bad,
    /// Over, or nothing to it.
    Quiet,
}

impl Tone {
    /// Its class in the stylesheet.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Going => "going",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

use Tone::{Bad, Going, Good, Quiet, Wait};

/// Code, Chinese, English, tone.
pub(crate) type Code = (&'static str, &'static str, &'static str, Tone);

/// Statuses of orders, in the order in which an order passes them.
pub(crate) const ORDER: &[Code] = &[
    ("unpaid", "未付款", "Unpaid", Quiet),
    ("held", "等待", "Waits", Wait),
    ("to_plan", "待安排", "To plan", Going),
    ("to_ship", "待发货", "To ship", Going),
    ("part_shipped", "部分发货", "Partly shipped", Going),
    ("shipped", "已发货", "Shipped", Good),
    ("completed", "已完成", "Completed", Good),
    ("cancelled", "已取消", "Cancelled", Quiet),
];

/// Statuses of packages, in the order in which a package passes them.
pub(crate) const PACKAGE: &[Code] = &[
    ("planned", "已安排", "Planned", Going),
    ("numbered", "已有单号", "Numbered", Going),
    ("printed", "已打印", "Printed", Going),
    ("verified", "已核对", "Verified", Going),
    ("handed_over", "已交快递", "Handed over", Good),
    ("in_transit", "运输中", "In transit", Good),
    ("delivered", "已签收", "Delivered", Good),
    ("returned", "已退回", "Returned", Bad),
    ("lost", "丢失", "Lost", Bad),
    ("cancelled", "已取消", "Cancelled", Quiet),
];

/// Why a waybill number does not serve.
pub(crate) const NUMBER: &[Code] = &[
    ("dead", "包裹已取消", "Package cancelled", Quiet),
    ("idle", "久未发出", "Does not leave", Wait),
    ("disputed", "承运商不收回", "Not taken back", Bad),
    ("overdue", "到期未退", "Not counted again in time", Bad),
];

/// States of print jobs.
pub(crate) const JOB: &[Code] = &[
    ("queued", "排队", "Queued", Going),
    ("leased", "已取走", "Taken", Going),
    ("sent", "已发往打印机", "Sent", Going),
    ("done", "已打印", "Printed", Good),
    ("failed", "失败", "Failed", Bad),
    ("unconfirmed", "待确认", "To confirm", Wait),
    ("cancelled", "已取消", "Cancelled", Quiet),
    ("expired", "已过期", "Expired", Quiet),
];

/// States of waves.
pub(crate) const WAVE: &[Code] = &[
    ("planned", "已建", "Built", Going),
    ("picking", "拣货中", "Being picked", Going),
    ("printing", "打印中", "Printing", Going),
    ("stopped", "已停止", "Stopped", Wait),
    ("done", "已结束", "Over", Quiet),
];

/// What the parcels of a wave have in common.
pub(crate) const WAVE_KIND: &[Code] = &[
    ("single_piece", "单品单件", "Single piece", Quiet),
    ("single_line", "单品多件", "Single line", Quiet),
    ("put_wall", "分拨墙", "Put-wall", Quiet),
    ("alone", "大件或加急", "Large or urgent", Wait),
];

/// Why a parcel is not in its wave any more.
pub(crate) const LEFT_OUT: &[Code] = &[
    ("held", "订单暂停", "Order held", Wait),
    ("refund", "买家退款", "Refund", Bad),
    ("cancelled", "已取消", "Cancelled", Quiet),
    ("taken_out", "人工移出", "Taken out", Quiet),
];

/// Money.
pub(crate) const PAY: &[Code] = &[
    ("unpaid", "未付款", "Unpaid", Wait),
    ("deposit_paid", "已付定金", "Deposit paid", Wait),
    ("paid", "已付款", "Paid", Good),
    ("partially_refunded", "部分退款", "Partly refunded", Wait),
    ("refunded", "已退款", "Refunded", Quiet),
];

/// Life at the channel.
pub(crate) const CHANNEL: &[Code] = &[
    ("open", "进行中", "Open", Going),
    ("part_shipped", "部分发货", "Partly shipped", Going),
    ("shipped", "已发货", "Shipped", Good),
    ("completed", "已完成", "Completed", Good),
    ("cancelled", "已取消", "Cancelled", Quiet),
];

/// Waybills.
pub(crate) const WAYBILL: &[Code] = &[
    ("calling", "取号中", "Being taken", Going),
    ("issued", "已取号", "Issued", Good),
    ("printed", "已打印", "Printed", Good),
    ("verified", "已核对", "Verified", Good),
    ("handed_over", "已交快递", "Handed over", Good),
    ("traced", "有轨迹", "On its way", Good),
    ("void_wanted", "待作废", "To be voided", Wait),
    ("voiding", "作废中", "Being voided", Wait),
    ("voided", "已作废", "Voided", Quiet),
    ("reclaimed", "已回收", "Reclaimed", Quiet),
    ("void_refused", "作废被拒", "Voiding refused", Bad),
    ("dispute", "有争议", "In dispute", Bad),
    ("refused", "快递拒绝", "Refused", Bad),
];

/// Reviews.
pub(crate) const REVIEW: &[Code] = &[
    ("new", "未审核", "Not yet", Quiet),
    ("auto_ok", "自动通过", "Passed by itself", Good),
    ("needs_human", "要人工审核", "Needs a person", Wait),
    ("approved", "人工通过", "Approved", Good),
];

/// Refunds.
pub(crate) const REFUND: &[Code] = &[
    ("none", "无", "None", Quiet),
    ("requested", "买家申请退款", "Asked for", Bad),
    ("refused", "已拒绝退款", "Refused", Quiet),
    ("agreed", "已同意退款", "Agreed to", Bad),
    ("return_in_transit", "退货途中", "Goods on their way back", Bad),
    ("received", "已收到退货", "Goods are back", Bad),
    ("refunded", "已退款", "Refunded", Bad),
];

/// Why orders wait.
pub(crate) const REASON: &[Code] = &[
    ("sku_unmapped", "商品未对应", "Goods unknown", Wait),
    ("address_incomplete", "地址不全", "Address incomplete", Wait),
    ("address_conflict", "地址矛盾", "Address contradicts itself", Wait),
    ("address_change", "可能要改地址", "May want another address", Wait),
    ("sku_change", "可能要换商品", "May want other goods", Wait),
    ("do_not_ship", "可能要暂缓", "May want to wait", Wait),
    ("phone_invalid", "电话有误", "Phone is wrong", Wait),
    ("stock_short", "库存不足", "Stock is short", Wait),
    ("no_warehouse", "没有可用仓库", "No warehouse can", Wait),
    ("no_carrier", "没有可用快递", "No carrier can", Wait),
    ("carrier_wish_unmet", "满足不了指定快递", "Carrier wished for cannot", Wait),
    ("not_routed", "尚未安排", "Not planned yet", Wait),
    ("step_failed", "处理步骤出错", "A step failed", Bad),
    ("operator", "人工拦下", "Held by a person", Wait),
    ("going_live", "转为正式，核对中", "Goes live, being checked", Wait),
    ("channel_gone", "平台已没有此订单", "Gone at the channel", Bad),
    ("shipped_elsewhere", "已在别处发货", "Shipped elsewhere", Bad),
    ("refund", "退款", "Refund", Bad),
    ("rule", "规则拦下", "Held by a rule", Wait),
];

/// What is wrong with a parcel.
pub(crate) const ALARM: &[Code] = &[
    ("not_picked_up", "快递未揽收", "Not picked up", Bad),
    ("stalled", "长时间没有动静", "No scan for long", Bad),
    ("problem", "快递报疑难件", "The carrier reports a problem", Bad),
    ("refused", "收件人拒收", "Refused by the receiver", Bad),
    ("returning", "退回途中", "On its way back", Bad),
    ("returned", "被退回", "Comes back", Bad),
    ("signed_too_fast", "签收过快，疑似虚假签收", "Signed for sooner than possible", Bad),
    ("other_city", "在其他城市签收", "Signed for in another city", Bad),
    ("reused_number", "单号有更早的轨迹", "The number has an older life", Bad),
    ("customs_stop", "被海关扣留", "Held by customs", Bad),
    ("contradiction", "快递轨迹矛盾", "Its scans contradict each other", Bad),
    ("weight", "重量与商品不符", "Its weight is not that of its goods", Bad),
    ("unwatched", "物流订阅已终止", "Nobody watches it any more", Bad),
];

/// What a buyer chose.
pub(crate) const WANTS: &[Code] = &[
    ("wait", "买家愿意等", "The buyer waits", Quiet),
    ("resend", "买家要求重寄", "The buyer wants it sent again", Wait),
    ("redirect", "买家要求改址", "The buyer wants it elsewhere", Wait),
    ("refund", "买家要求退款", "The buyer wants a refund", Wait),
];

/// What became of stopping a parcel.
pub(crate) const INTERCEPT: &[Code] = &[
    ("calling", "正在请求拦截", "Being stopped", Going),
    ("accepted", "承运商已受理拦截", "The carrier stops it", Good),
    ("rejected", "承运商拒绝拦截", "The carrier will not stop it", Bad),
    ("failed", "拦截未送达承运商", "The carrier was not reached", Wait),
    ("unknown", "拦截结果不明，请致电", "Unclear: call the carrier", Bad),
];

/// Kinds of entries that a channel was to be told.
pub(crate) const OUTBOX: &[Code] = &[
    ("confirm", "发货回传", "Shipment", Wait),
    ("stock", "库存同步", "Stock", Wait),
    ("rejected", "平台拒绝", "Refused", Bad),
    ("gave_up", "多次失败", "Failed again and again", Bad),
    ("conflict", "单号不一致", "Another number there", Bad),
];

/// How a message to somebody stands.
pub(crate) const NOTICE: &[Code] = &[
    ("waiting", "等待", "Waiting", Wait),
    ("sending", "发送中", "Being sent", Wait),
    ("sent", "已发", "Sent", Good),
    ("bundled", "已合并", "Sent with others", Good),
    ("skipped", "未发", "Not sent", Wait),
    ("unknown", "不明，可能已发", "Unknown: it may have gone out", Bad),
    ("rejected", "被拒绝", "Refused", Bad),
    ("dead", "已放弃", "Given up", Bad),
];
/// How an order stands to the time by which it must leave.
pub(crate) const DUE: &[Code] =
    &[("late", "已超时", "Late", Bad), ("soon", "快到时间", "Late soon", Wait), ("in_time", "来得及", "In time", Good)];

/// What happens to orders and packages, as the log names it.
pub(crate) const EVENT: &[Code] = &[
    ("arrived", "收到订单", "Arrived", Going),
    ("updated", "订单有变", "Changed", Going),
    ("normalized_again", "重新整理", "Read again", Going),
    ("unreadable", "读不懂", "Could not be read", Bad),
    ("held", "拦下", "Held", Wait),
    ("released", "放行", "Released", Good),
    ("approved", "审核通过", "Approved", Good),
    ("remarked", "写了备注", "A note was written", Quiet),
    ("planned", "已安排", "Planned", Going),
    ("number_wanted", "要求取号", "A number was asked for", Going),
    ("number_issued", "取得运单号", "Got a number", Going),
    ("number_refused", "快递不给单号", "The carrier refused a number", Bad),
    ("number_void", "单号失效", "The number became void", Wait),
    ("number_voided", "单号已作废", "The number was voided", Wait),
    ("label_queued", "面单排队打印", "Its label was queued", Going),
    ("print_wanted", "要求打印", "Printing was asked for", Going),
    ("paper_out", "面单打印出来", "Its label came out", Going),
    ("stale_paper_out", "旧面单打印出来", "A stale label came out", Bad),
    ("scan_verified", "核对完成", "Checked", Good),
    ("verified", "核对完成", "Checked", Good),
    ("hand_over", "交给快递", "Handed over", Good),
    ("handed_over", "交给快递", "Handed over", Good),
    ("write_back", "平台已收到发货", "Its shop's platform knows", Good),
    ("carrier_scan", "快递扫描", "The carrier scanned it", Good),
    ("signed_for", "签收", "Signed for", Good),
    ("came_back", "退回", "Came back", Bad),
    ("declared_lost", "快递称丢失", "Declared lost", Bad),
    ("scan_contradicts", "快递轨迹矛盾", "A scan contradicts", Wait),
    ("voided", "已作废", "Voided", Quiet),
    ("cancel", "取消", "Cancelled", Quiet),
    ("cancelled", "已取消", "Cancelled", Quiet),
];

/// How far Huidan acts in a shop.
pub(crate) const MODE: &[Code] =
    &[("observe", "只看", "Observe", Quiet), ("shadow", "演练", "Shadow", Going), ("live", "正式", "Live", Good)];

/// Where a shop is.
pub(crate) const ENVIRONMENT: &[Code] = &[("live", "正式", "Real", Good), ("sandbox", "沙箱", "Sandbox", Wait)];

/// A code in words; one that is not known is shown as it is.
pub(crate) fn say<'a>(table: &[Code], lang: Lang, code: &'a str) -> &'a str {
    table.iter().find(|known| known.0 == code).map_or(code, |known| lang.pick(known.1, known.2))
}

/// A code's tone.
pub(crate) fn tone(table: &[Code], code: &str) -> Tone {
    table.iter().find(|known| known.0 == code).map_or(Wait, |known| known.3)
}

/// All tables, for tests.
#[cfg(test)]
pub(crate) const TABLES: &[&[Code]] = &[
    NOTICE,
    ORDER,
    PACKAGE,
    JOB,
    PAY,
    CHANNEL,
    WAYBILL,
    REVIEW,
    REFUND,
    REASON,
    ALARM,
    WANTS,
    INTERCEPT,
    OUTBOX,
    DUE,
    EVENT,
    MODE,
    ENVIRONMENT,
    WAVE,
    WAVE_KIND,
    LEFT_OUT,
];
