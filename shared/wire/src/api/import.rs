//! Spreadsheets of orders: what a column means, guessed by us and confirmed by a person.

use super::RowProblem;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Declares what a column can hold: a name, its written form, Chinese, English.
macro_rules! fields {
    ($($name:ident $code:literal: $zh:literal, $en:literal;)*) => {
        /// What a column of a spreadsheet of orders holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ImportField { $(
            #[doc = $en]
            $name,
        )* }

        impl ImportField {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it is written.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// For people: Chinese, English.
            pub const fn label(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($zh, $en),)* }
            }
        }
    };
}

fields! {
    OrderNo "order_no": "订单号", "order number";
    PlacedAt "placed_at": "下单时间", "ordered at";
    PaidAt "paid_at": "付款时间", "paid at";
    Status "status": "订单状态", "order status";
    ShipStatus "ship_status": "发货状态", "shipping status";
    RefundStatus "refund_status": "售后状态", "refund status";
    Waybill "waybill": "快递单号（已发货）", "waybill (has left)";
    Receiver "receiver": "收件人、电话、地址在一格", "receiver, phone and address in one cell";
    Name "name": "收件人", "receiver";
    Phone "phone": "手机", "phone";
    Email "email": "邮箱", "e-mail";
    Country "country": "国家", "country";
    Region "region": "省市区在一格", "province, city, district in one cell";
    Province "province": "省", "province";
    City "city": "市", "city";
    District "district": "区县", "district";
    Town "town": "街道/镇", "town";
    Address "address": "地址", "address";
    AddressMore "address_more": "地址（续）", "address, second line";
    Postcode "postcode": "邮编", "postcode";
    Sku "sku": "商品编码", "SKU code";
    Title "title": "商品名称", "title";
    Spec "spec": "规格", "variant";
    Qty "qty": "数量", "quantity";
    UnitPrice "unit_price": "单价", "price of one";
    LineTotal "line_total": "小计（该行金额）", "total of the line";
    Shipping "shipping": "运费", "shipping";
    Total "total": "订单总额", "total of the order";
    Currency "currency": "币种", "currency";
    BuyerRemark "buyer_remark": "买家留言", "buyer's remark";
    SellerRemark "seller_remark": "卖家备注", "seller's note";
}

/// What each column holds. Columns that it does not name are not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportMapping {
    /// The columns, from left to right.
    pub columns: Vec<MappedColumn>,
}

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    /// Its heading as it stands in the file; of columns with the same heading the first named is the first there.
    pub heading: String,
    /// What it holds; without it the column is not read.
    #[serde(default)]
    pub field: Option<ImportField>,
}

/// What a spreadsheet seems to hold, before anything is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportLook {
    /// The shop that the orders would be of.
    #[serde(default)]
    pub shop: String,
    /// The row of the headings, counted from 1.
    pub heading_row: u32,
    /// Rows below it that hold something.
    pub rows: u32,
    /// Orders that could be taken in.
    pub orders: u32,
    /// Where the mapping is from.
    pub from: MappingFrom,
    /// The columns, from left to right.
    pub columns: Vec<ImportColumn>,
    /// What no column is mapped to and cannot be done without; nothing can be taken in before.
    pub missing: Vec<ImportMissing>,
    /// The first five orders, personal data masked.
    pub preview: Vec<ImportPreview>,
    /// What is wrong with which row, at most 200.
    pub problems: Vec<RowProblem>,
    /// How many problems there are in all.
    pub problem_count: u32,
    /// The mapping: change it where it is wrong, and send it back with the file.
    pub mapping: ImportMapping,
}

/// Where a mapping is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MappingFrom {
    /// Guessed by headings and content.
    Guessed,
    /// Confirmed for these headings before.
    Remembered,
    /// Sent with the file.
    Given,
}

/// One column as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportColumn {
    /// Its letter, as a spreadsheet shows it.
    pub column: String,
    /// Its heading.
    pub heading: String,
    /// What it seems to hold.
    pub field: Option<ImportField>,
    /// How sure that is, 0 to 100; 100 when a person said so.
    pub confidence: u8,
    /// Why, a sentence each in both languages.
    pub why: Vec<String>,
    /// Some of its cells; masked, but for what cannot be personal.
    pub samples: Vec<String>,
}

/// Something that no column holds and that cannot be done without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportMissing {
    /// Any of these would do.
    pub fields: Vec<ImportField>,
    /// In both languages.
    pub detail: String,
}

/// An order as it would be taken in, personal data masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportPreview {
    /// Its number.
    pub number: String,
    /// The status as it was understood.
    pub status: String,
    /// When it was placed; RFC 3339.
    pub placed_at: String,
    /// The receiver's name, masked.
    pub name: String,
    /// Phone, masked.
    pub phone: String,
    /// The whole address, masked.
    pub address: String,
    /// What it cost, with the currency.
    pub total: String,
    /// Whether there is a remark.
    pub remark: bool,
    /// Its goods.
    pub lines: Vec<ImportPreviewLine>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportPreviewLine {
    /// The code.
    pub sku: String,
    /// Title and variant.
    pub title: String,
    /// How many.
    pub qty: u32,
    /// The price of one.
    pub unit_price: String,
}

/// Whose orders a spreadsheet holds, and whether it is only to be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskImport {
    /// The shop; may be left out where there is one only.
    pub shop: Option<String>,
    /// `1`: say what the columns seem to hold and take nothing in.
    #[serde(default, deserialize_with = "yes")]
    pub dry_run: bool,
}

/// `1` as well as `true`: a query is written by hand.
fn yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "1" | "true" => Ok(true),
        "" | "0" | "false" => Ok(false),
        _ => Err(serde::de::Error::custom("bad, expected 1 or 0")),
    }
}
