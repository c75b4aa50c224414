use super::{Cell, Row};
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Order,
    PlacedAt,
    PaidAt,
    Status,
    Name,
    Phone,
    Country,
    Province,
    City,
    District,
    Address,
    Postcode,
    Sku,
    Title,
    Spec,
    Qty,
    UnitPrice,
    LineTotal,
    Shipping,
    Total,
    Currency,
    BuyerRemark,
    SellerRemark,
}

/// Headings as [`plain`] leaves them.
const HEADINGS: &[(Column, &[&str])] = &[
    (
        Column::Order,
        &[
            "订单号",
            "订单编号",
            "订单id",
            "主订单编号",
            "平台单号",
            "单号",
            "orderid",
            "orderno",
            "ordernumber",
            "order",
            "id",
        ],
    ),
    (
        Column::PlacedAt,
        &[
            "下单时间",
            "订单时间",
            "订单创建时间",
            "创建时间",
            "下单日期",
            "日期",
            "placedat",
            "orderdate",
            "createdat",
            "date",
        ],
    ),
    (Column::PaidAt, &["付款时间", "支付时间", "订单付款时间", "paidat", "paymenttime", "paiddate"]),
    (Column::Status, &["订单状态", "状态", "status", "orderstatus"]),
    (
        Column::Name,
        &[
            "收件人",
            "收货人",
            "收件人姓名",
            "收货人姓名",
            "姓名",
            "客户姓名",
            "联系人",
            "name",
            "receiver",
            "recipient",
            "shiptoname",
            "receivername",
            "recipientname",
            "fullname",
            "customer",
        ],
    ),
    (
        Column::Phone,
        &[
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系电话",
            "联系手机",
            "收件人电话",
            "收件人手机",
            "收货人电话",
            "收货人手机",
            "联系方式",
            "phone",
            "mobile",
            "tel",
            "telephone",
            "phonenumber",
            "receiverphone",
            "recipientphone",
        ],
    ),
    (Column::Country, &["国家", "国家代码", "country", "countrycode"]),
    (Column::Province, &["省", "省份", "收货省份", "收件省", "province", "state"]),
    (Column::City, &["市", "城市", "收货城市", "收件市", "city"]),
    (Column::District, &["区", "县", "区县", "区/县", "收货区县", "district", "county"]),
    (
        Column::Address,
        &[
            "地址",
            "收货地址",
            "收件地址",
            "详细地址",
            "收件人地址",
            "收货人地址",
            "街道地址",
            "address",
            "address1",
            "street",
            "fulladdress",
            "shippingaddress",
            "streetaddress",
        ],
    ),
    (Column::Postcode, &["邮编", "邮政编码", "postcode", "zip", "zipcode", "postalcode"]),
    (
        Column::Sku,
        &[
            "商品编码",
            "商家编码",
            "商品货号",
            "货号",
            "规格编码",
            "sku编码",
            "条码",
            "编码",
            "sku",
            "skucode",
            "itemcode",
            "productcode",
            "barcode",
        ],
    ),
    (
        Column::Title,
        &[
            "商品名称",
            "商品",
            "商品标题",
            "宝贝标题",
            "品名",
            "货品名称",
            "物品名称",
            "title",
            "product",
            "productname",
            "item",
            "itemname",
            "goods",
            "description",
        ],
    ),
    (Column::Spec, &["规格", "商品规格", "销售属性", "型号", "spec", "variant", "option", "options"]),
    (Column::Qty, &["数量", "商品数量", "购买数量", "件数", "qty", "quantity", "count"]),
    (Column::UnitPrice, &["单价", "商品单价", "价格", "商品价格", "unitprice", "price"]),
    (Column::LineTotal, &["小计", "商品金额", "商品总价", "行金额", "linetotal", "subtotal", "amount"]),
    (Column::Shipping, &["运费", "邮费", "快递费", "shipping", "freight", "shippingfee"]),
    (
        Column::Total,
        &[
            "总额",
            "总金额",
            "订单金额",
            "订单总额",
            "总价",
            "实付金额",
            "实付款",
            "买家实付金额",
            "合计",
            "total",
            "ordertotal",
            "grandtotal",
            "totalprice",
        ],
    ),
    (Column::Currency, &["币种", "货币", "currency", "currencycode"]),
    (
        Column::BuyerRemark,
        &[
            "买家留言",
            "买家备注",
            "留言",
            "客户留言",
            "备注",
            "buyerremark",
            "buyernote",
            "note",
            "message",
            "customernote",
            "remark",
            "remarks",
        ],
    ),
    (
        Column::SellerRemark,
        &["卖家备注", "商家备注", "客服备注", "内部备注", "sellerremark", "sellernote", "internalnote"],
    ),
];

/// Fewest known headings that make a row the heading.
pub(super) const FEWEST: usize = 3;
/// Rows above the heading that may hold a title.
const SEARCHED: usize = 10;

/// Which column stands where.
pub(super) struct Columns {
    /// Places, and the heading of the first of them. Of several with one meaning the first that is filled counts.
    places: BTreeMap<Column, (String, Vec<usize>)>,
}

impl Columns {
    /// Where a column stands; empty when the file has none.
    pub(super) fn places(&self, column: Column) -> &[usize] {
        self.places.get(&column).map_or(&[], |(_, places)| places.as_slice())
    }

    /// Whether the file has it.
    pub(super) fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// Its heading in the file, or the name we would look for.
    pub(super) fn heading(&self, column: Column) -> String {
        let ours = || HEADINGS.iter().find(|(known, _)| *known == column).and_then(|(_, names)| names.first());
        match self.places.get(&column) {
            Some((heading, _)) => heading.clone(),
            None => ours().map(|name| (*name).to_owned()).unwrap_or_default(),
        }
    }
}

/// Finds the heading; what comes below it is orders.
pub(super) fn find(rows: &[Row]) -> Result<(Columns, &[Row]), String> {
    let headings = rows.iter().take(SEARCHED).enumerate();
    let best = headings.map(|(index, row)| (index, known(row))).max_by_key(|(index, known)| {
        // Of equals the upper one.
        (known.places.len(), std::cmp::Reverse(*index))
    });
    let Some((index, columns)) = best.filter(|(_, columns)| columns.places.len() >= FEWEST) else {
        return Err(
            "没有找到表头。第一行应包含：订单号、收件人、手机、地址、商品编码、数量 / no heading found. The first row \
                    should hold: order_id, name, phone, address, sku, qty"
                .to_owned(),
        );
    };
    let missing: Vec<&str> = [
        (columns.has(Column::Order), "订单号/order_id"),
        (columns.has(Column::Name), "收件人/name"),
        (columns.has(Column::Address), "地址/address"),
        (columns.has(Column::Sku) || columns.has(Column::Title), "商品编码/sku"),
    ]
    .into_iter()
    .filter_map(|(there, name)| (!there).then_some(name))
    .collect();
    if !missing.is_empty() {
        let list = missing.join("、");
        return Err(format!("表头缺少列：{list}，请补上后再导入 / the heading lacks: {list}; add it and import again"));
    }
    Ok((columns, rows.get(index + 1..).unwrap_or_default()))
}

/// How many headings the best of the first rows has.
pub(super) fn best_known(rows: &[Row]) -> usize {
    rows.iter().take(SEARCHED).map(|row| known(row).places.len()).max().unwrap_or_default()
}

fn known(row: &Row) -> Columns {
    let mut places: BTreeMap<Column, (String, Vec<usize>)> = BTreeMap::new();
    for (place, cell) in row.cells.iter().enumerate() {
        let Cell::Text(heading) = cell else { continue };
        let plain = plain(heading);
        if let Some((column, _)) = HEADINGS.iter().find(|(_, names)| names.contains(&plain.as_str())) {
            places.entry(*column).or_insert_with(|| (heading.clone(), Vec::new())).1.push(place);
        }
    }
    Columns { places }
}

/// `单价（元）`, `* Unit_Price` and their like without what does not matter.
fn plain(heading: &str) -> String {
    let bare = heading.split(['(', '（', '[', '【']).next().unwrap_or_default();
    bare.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':' | '：' | '.' | '#'))
        .flat_map(char::to_lowercase)
        .collect()
}
