//! What headings are called, in the exports of shops' back offices and in sheets of people's own.

use huidan_channel::ImportField as Field;

/// How well a heading names a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// A word of it is one of the field's.
    Part,
    /// One of the field's names that means other things elsewhere.
    Weak,
    /// One of the field's names.
    Sure,
}

/// Names as [`plain`] leaves them, the better one first.
struct Names {
    field: Field,
    sure: &'static str,
    weak: &'static str,
    parts: &'static str,
}

const fn names(field: Field, sure: &'static str, weak: &'static str, parts: &'static str) -> Names {
    Names { field, sure, weak, parts }
}

#[rustfmt::skip]
const NAMES: &[Names] = &[
    names(Field::OrderNo,
        "订单号|订单编号|主订单编号|主订单号|订单id|平台单号|平台订单号|原始单号|线上订单号|店铺订单号|网店订单号|交易编号|orderid|orderno|ordernumber|ordersn",
        "单号|order|name|id|编号|reference", "订单编号|订单号|orderid|orderno|ordernumber"),
    names(Field::PlacedAt,
        "下单时间|订单创建时间|订单提交时间|创建时间|订单时间|下单日期|提交时间|订单成交时间|交易创建时间|placedat|orderdate|createdat|ordertime|datecreated",
        "日期|时间|date|time", "下单时间|创建时间|下单日期"),
    names(Field::PaidAt,
        "付款时间|支付时间|订单付款时间|订单支付时间|支付完成时间|买家付款时间|付款确认时间|付款日期|paidat|paymenttime|paiddate|datepaid",
        "", "付款时间|支付时间"),
    names(Field::Status, "订单状态|交易状态|orderstatus|financialstatus|paymentstatus", "状态|status", ""),
    names(Field::ShipStatus, "发货状态|物流状态|fulfillmentstatus|shippingstatus|shipmentstatus", "", ""),
    names(Field::RefundStatus, "售后状态|退款状态|refundstatus|aftersalestatus", "", ""),
    names(Field::Waybill, "快递单号|物流单号|运单号|运单编号|trackingnumber|trackingno|waybill|waybillno", "", ""),
    names(Field::Receiver,
        "收货信息|收件信息|收货人信息|收件人信息|收件资料|收货资料|姓名电话地址|receiverinfo|shippinginfo|shipto",
        "", "收货信息|收件信息|姓名电话|电话地址"),
    names(Field::Name,
        "收件人|收货人|收件人姓名|收货人姓名|收件人名称|收货人名称|客户姓名|联系人|receiver|recipient|shiptoname|receivername|recipientname|shippingname|consignee",
        "姓名|name|fullname|customer|客户|客户名称", "收件人姓名|收货人姓名"),
    names(Field::Phone,
        "手机|手机号|手机号码|联系手机|收件人手机|收件人手机号|收货人手机|收货人手机号|收件手机|电话|电话号码|联系电话|收件人电话|收货人电话|收件电话|收货电话|联系方式|收件人联系方式|收货人联系方式|shippingphone|phone|mobile|tel|telephone|phonenumber|receiverphone|recipientphone",
        "", "手机|电话|phone|mobile"),
    names(Field::Email,
        "邮箱|电子邮箱|电子邮件|邮箱地址|电子邮件地址|收件人邮箱|收货人邮箱|买家邮箱|客户邮箱|联系邮箱|email|emailaddress|contactemail|customeremail|buyeremail|shippingemail|receiveremail|recipientemail",
        "mail", ""),
    names(Field::Country, "国家|国家代码|country|countrycode|shippingcountry", "", ""),
    names(Field::Region, "省市区|收货省市区|省/市/区|所在地区|收货地区|收件地区", "地区|区域|省市|region", "省市区"),
    names(Field::Province,
        "省|省份|收货省份|收件省份|收货省|收件省|收件人省份|收件人省|收货人省份|province|state|shippingprovince", "", ""),
    names(Field::City, "市|城市|收货城市|收件城市|收货市|收件市|收件人城市|收件人市|收货人城市|city|shippingcity", "", ""),
    names(Field::District,
        "区|县|区县|区/县|收货区县|收件区县|收货区|收件区|收件人区县|收件人区|收货人区县|district|county", "", ""),
    names(Field::Town, "街道|街道/镇|街道/乡镇|乡镇|镇|收件街道|收货街道|town|township", "", ""),
    names(Field::Address,
        "详细地址|收货地址|收件地址|收件人地址|收货人地址|收件人详细地址|收货人详细地址|收货详细地址|客户地址|街道地址|地址|shippingaddress1|shippingaddress|addressline1|address1|address|fulladdress|street|streetaddress|recipientaddress|receiveraddress|deliveryaddress",
        "shippingstreet", "地址|address"),
    names(Field::AddressMore, "address2|shippingaddress2|addressline2|地址2|门牌号", "", ""),
    names(Field::Postcode, "邮编|邮政编码|收货邮编|收件邮编|postcode|zip|zipcode|postalcode|shippingzip|shippingpostcode", "", ""),
    names(Field::Sku,
        "商家编码规格维度|规格编码|sku编码|商家sku|商家skuid|商家商品编码|商家编码|商品编码|外部系统编号|商品货号|货号|货品编号|货品编码|商家编码商品维度|商品编号|sku条码|商品条码|条码|sku|skucode|lineitemsku|itemcode|productcode|barcode",
        "编码|skuid|规格id|商品id|code|itemno", ""),
    names(Field::Title,
        "商品名称|商品标题|宝贝标题|宝贝名称|选购商品|商品|品名|货品名称|物品名称|标题|title|product|productname|item|itemname|lineitemname|goods",
        "名称|description", "商品名称|productname"),
    names(Field::Spec, "规格|商品规格|销售属性|商品属性|型号|规格名称|sku规格|spec|variant|varianttitle|option|options", "套餐信息|sku名称", ""),
    names(Field::Qty,
        "数量|商品数量|购买数量|成交数量|下单数量|订购数量|件数|商品件数|sku件数|宝贝总数量|qty|quantity|lineitemquantity",
        "count", "商品数量|购买数量"),
    names(Field::UnitPrice, "单价|商品单价|销售单价|成交单价|价格|商品价格|京东价|unitprice|price|lineitemprice|itemprice", "", ""),
    names(Field::LineTotal, "小计|商品小计|商品金额|商品总价|行金额|linetotal", "subtotal|amount|金额", ""),
    names(Field::Shipping, "运费|邮费|快递费|买家应付邮费|运费金额|shipping|freight|shippingfee|shippingcost", "", ""),
    names(Field::Total,
        "买家实际支付金额|买家实付金额|用户实付金额|订单实付金额|实付金额|实付款|实际支付金额|订单应付金额|应付金额|订单金额|订单总额|总额|总金额|总价|合计|total|ordertotal|grandtotal|totalprice",
        "商家实收金额|商家应收金额|结算金额", ""),
    names(Field::Currency, "币种|货币|货币代码|currency|currencycode", "", ""),
    names(Field::BuyerRemark,
        "买家留言|买家备注|客户留言|用户备注|用户留言|留言|buyerremark|buyernote|customernote",
        "备注|note|notes|message|remark|remarks", ""),
    names(Field::SellerRemark,
        "卖家备注|商家备注|客服备注|内部备注|店铺备注|订单备注|sellerremark|sellernote|internalnote|staffnote", "", ""),
];

/// What is never meant, however much else of a heading fits.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "子订单", "billing", "发票", "invoice", "email", "邮箱", "会员", "昵称", "nickname", "支付宝", "旺旺", "寄件",
    "发件", "sender", "退货", "店铺", "客服", "优惠", "discount", "身份证", "compareat", "税", "tax", "账号",
    "发货时间", "完成时间", "收货时间", "截止", "预计", "更新时间", "修改时间", "fulfilledat", "cancelledat",
];

/// `单价（元）`, `* Unit_Price` and their like without what does not matter.
pub(super) fn plain(heading: &str) -> String {
    let bare = heading.split(['(', '（', '[', '【']).next().unwrap_or_default();
    bare.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':' | '：' | '.' | '#'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The fields that a heading may name, how well, and how far behind in the list of that field's names.
pub(super) fn named(heading: &str) -> Vec<(Field, Naming, usize)> {
    let plain = plain(heading);
    if plain.is_empty() {
        return Vec::new();
    }
    let exact = |list: &str| list.split('|').position(|name| name == plain);
    let excluded = is_other(heading);
    let mut found = Vec::new();
    for Names { field, sure, weak, parts } in NAMES {
        let rank_of_weak = sure.split('|').count();
        if let Some(rank) = exact(sure) {
            found.push((*field, Naming::Sure, rank));
        } else if let Some(rank) = exact(weak) {
            found.push((*field, Naming::Weak, rank_of_weak + rank));
        } else if !excluded && parts.split('|').any(|part| !part.is_empty() && plain.contains(part)) {
            found.push((*field, Naming::Part, usize::MAX));
        }
    }
    // An exact name leaves no room for a word within it.
    if found.iter().any(|(_, naming, _)| *naming != Naming::Part) {
        found.retain(|(_, naming, _)| *naming != Naming::Part);
    }
    found
}

/// Whether a heading names something that no field of ours is.
pub(super) fn is_other(heading: &str) -> bool {
    let plain = plain(heading);
    OTHERS.iter().any(|other| plain.contains(other))
}
