//! Exports as the back offices of platforms write them, and sheets of people's own: what the columns are guessed to be.
//! People, streets and numbers are made up.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use channel_own_shop::OwnShop;
use huidan_channel::{
    Channel, Import, ImportBy, ImportField as Field, ImportLook, ImportMapping, MappingFrom, Reading,
};
use huidan_domain::{Millis, OrderFacts};

const NOW: Millis = Millis(1_795_251_600_000);

fn look(file: &[u8]) -> ImportLook {
    OwnShop.look(file, &ImportBy::default(), NOW).unwrap()
}

fn by(mapping: &ImportMapping) -> ImportBy {
    ImportBy { given: Some(mapping.clone()), remembered: Vec::new() }
}

/// The orders of a file once its guessed mapping was confirmed.
fn confirmed(file: &[u8], mapping: &ImportMapping) -> Vec<OrderFacts> {
    let imported = OwnShop.import(file, &by(mapping), NOW).unwrap();
    assert_eq!(imported.problems, []);
    let read = |document| match OwnShop.read(document) {
        Ok(Reading::Order(facts)) => *facts,
        other => panic!("{other:?}"),
    };
    imported.orders.iter().map(|order| read(&order.document)).collect()
}

/// What each heading was taken for; headings that are passed over are left out.
fn fields(look: &ImportLook) -> Vec<(&str, &'static str)> {
    look.columns.iter().filter_map(|column| Some((column.heading.as_str(), column.field?.name()))).collect()
}

/// Looks at an export and confirms it; what is guessed must be just `wanted`, and nothing may be wrong.
fn check(name: &str, file: &str, wanted: &[(&str, &str)]) -> Vec<OrderFacts> {
    let look = look(file.as_bytes());
    assert_eq!(fields(&look), wanted, "{name}");
    assert_eq!((look.missing.len(), &look.problems), (0, &Vec::new()), "{name}");
    assert_eq!(look.from, MappingFrom::Guessed, "{name}");
    for column in look.columns.iter().filter(|column| column.field.is_some()) {
        assert!(!column.why.is_empty() && column.confidence >= 25, "{name}: {column:?}");
    }
    let shown = serde_json::to_string(&look).unwrap();
    for personal in ["王小明", "李大明", "13800138000", "13900139000", "文三路", "世纪大道", "bob@", "ann@"]
    {
        assert!(!shown.contains(personal), "{name} shows {personal}: {shown}");
    }
    let orders = confirmed(file.as_bytes(), &look.mapping);
    assert_eq!(usize::try_from(look.orders).unwrap(), orders.len(), "{name}");
    assert_eq!(look.preview.len(), orders.len().min(5), "{name}");
    for order in &orders {
        assert!(order.receiver.phone.starts_with('1') || order.receiver.phone.starts_with('+'), "{name}");
        assert!(order.receiver.street.contains(['路', '道', 'M']), "{name}: a street");
    }
    orders
}

#[test]
fn taobao_lists_an_order_a_row() {
    let file = "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类,物流单号 ,物流公司,订单备注,宝贝总数量,店铺名称\n\
        =\"2601123456789012345\",fictional_1,a@example.com,128.00,8.00,136.00,131.00,\"买家已付款,等待卖家发货\",请发顺丰,王小明,浙江省 杭州市 西湖区 文三路 1 号(310000),快递,'null,'13800138000,2026-11-21 16:00:00,2026-11-21 16:00:05,明前龙井 250g,1,null,,'加急,2,茶铺\n\
        =\"2601123456789012346\",fictional_2,b@example.com,20.00,0.00,20.00,20.00,等待买家付款,,李大明,上海 上海市 浦东新区 世纪大道 1 号(200120),快递,'null,'13900139000,2026-11-21 16:10:00,,茶杯,1,null,,,1,茶铺\n";
    let orders = check(
        "taobao",
        &file.replace("'null", "").replace(",null,", ",,"),
        &[
            ("订单编号", "order_no"),
            ("买家应付邮费", "shipping"),
            ("买家实际支付金额", "total"),
            ("订单状态", "status"),
            ("买家留言", "buyer_remark"),
            ("收货人姓名", "name"),
            ("收货地址", "address"),
            ("联系电话", "phone"),
            ("联系手机", "phone"),
            ("订单创建时间", "placed_at"),
            ("订单付款时间", "paid_at"),
            ("宝贝标题", "title"),
            ("物流单号", "waybill"),
            ("订单备注", "seller_remark"),
            ("宝贝总数量", "qty"),
        ],
    );
    let first = &orders[0];
    assert_eq!((first.ext_id.as_str(), first.receiver.phone.as_str()), ("2601123456789012345", "13800138000"));
    assert_eq!((first.total.minor(), first.pay.name(), first.lines[0].qty), (Ok(13_100), "paid", 2));
    assert_eq!(orders[1].pay.name(), "unpaid");
}

#[test]
fn jd_writes_an_item_a_row_below_a_title() {
    let file = "京东商家订单导出 2026-11-21,,,,,,,,,,,,,,,\n,,,,,,,,,,,,,,,\n\
        订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,应付金额,订单状态,下单帐号,客户姓名,客户地址,联系电话,货号\n\
        301234567890,10001234,明前龙井 250g,2,在线支付,2026-11-21 16:00:00,¥120.00,\"¥1,240.00\",\"¥1,200.00\",\"¥1,200.00\",等待出库,jd_fiction,王小明,浙江杭州市西湖区文三路 1 号,13800138000,TEA-250\n\
        301234567890,10001235,茶杯,10,在线支付,2026-11-21 16:00:00,¥100.00,\"¥1,240.00\",\"¥1,200.00\",\"¥1,200.00\",等待出库,jd_fiction,王小明,浙江杭州市西湖区文三路 1 号,13800138000,CUP\n";
    let orders = check(
        "jd",
        file,
        &[
            ("订单号", "order_no"),
            ("商品ID", "sku"),
            ("商品名称", "title"),
            ("订购数量", "qty"),
            ("下单时间", "placed_at"),
            ("京东价", "unit_price"),
            ("应付金额", "total"),
            ("订单状态", "status"),
            ("客户姓名", "name"),
            ("客户地址", "address"),
            ("联系电话", "phone"),
            ("货号", "sku"),
        ],
    );
    let [order] = orders.as_slice() else { panic!("{} orders", orders.len()) };
    assert_eq!(
        order.lines.iter().map(|line| (line.outer_code.as_str(), line.qty)).collect::<Vec<_>>(),
        [("TEA-250", 2), ("CUP", 10)]
    );
    assert_eq!((order.total.minor(), order.lines[1].unit_price.minor()), (Ok(120_000), Ok(10_000)));
}

#[test]
fn pinduoduo_ends_its_cells_with_tabs() {
    let file = "商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),用户实付金额(元),商家实收金额(元),商品数量(件),发货时间,确认收货时间,商品id,商品规格,规格ID,商家编码-规格维度,商家编码-商品维度,收货人,手机,省,市,区,街道,详细地址,支付时间,承诺发货时间,买家留言,商家备注,快递单号,快递公司,售后状态\n\
        明前龙井 250g,260112-123456789012345\t,待发货,120.00,0.00,5.00,0.00,115.00,115.00,1,\t,\t,712345678901\t,罐装,1412345678901\t,TEA-250\t,TEA\t,王小明,13800138000,浙江省,杭州市,西湖区,文新街道,文三路 1 号,2026-11-21 16:00:05\t,2026-11-23 16:00:05\t,\t,\t,\t,\t,无售后或售后取消\n\
        茶杯,260112-123456789012346\t,\"未发货，退款成功\",20.00,0.00,0.00,0.00,20.00,20.00,1,\t,\t,712345678902\t,白,1412345678902\t,\t,CUP\t,李大明,13900139000,上海市,上海市,浦东新区,,世纪大道 1 号,2026-11-21 16:10:05\t,\t,\t,\t,\t,\t,退款成功\n";
    let orders = check(
        "pinduoduo",
        file,
        &[
            ("商品", "title"),
            ("订单号", "order_no"),
            ("订单状态", "status"),
            ("商品总价(元)", "line_total"),
            ("邮费(元)", "shipping"),
            ("用户实付金额(元)", "total"),
            ("商品数量(件)", "qty"),
            ("商品id", "sku"),
            ("商品规格", "spec"),
            ("规格ID", "sku"),
            ("商家编码-规格维度", "sku"),
            ("商家编码-商品维度", "sku"),
            ("收货人", "name"),
            ("手机", "phone"),
            ("省", "province"),
            ("市", "city"),
            ("区", "district"),
            ("街道", "town"),
            ("详细地址", "address"),
            ("支付时间", "paid_at"),
            ("买家留言", "buyer_remark"),
            ("商家备注", "seller_remark"),
            ("快递单号", "waybill"),
            ("售后状态", "refund_status"),
        ],
    );
    assert_eq!(
        (orders[0].ext_id.as_str(), orders[0].lines[0].outer_code.as_str()),
        ("260112-123456789012345", "TEA-250")
    );
    assert_eq!(orders[0].receiver.street, "文新街道文三路 1 号");
    assert_eq!((orders[1].lines[0].outer_code.as_str(), orders[1].pay.name()), ("CUP", "refunded"));
}

#[test]
fn douyin_writes_what_was_paid_for_each_line() {
    let file = "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,优惠总金额,平台优惠,支付方式,收件人,收件人手机号,省,市,区,街道,详细地址,买家留言,订单提交时间,支付完成时间,订单状态,售后状态,发货时间\n\
        '6912345678901234567\t,'6912345678901234568\t,明前龙井 250g,罐装,2,'3512345678901234567\t,TEA-250\t,120.00,230.00,0.00,10.00,0.00,微信,王小明,13800138000,浙江省,杭州市,西湖区,翠苑街道,文三路 1 号,,2026/11/21 16:00:00,2026/11/21 16:00:05,待发货,,\n\
        '6912345678901234567\t,'6912345678901234569\t,茶杯,白,1,'3512345678901234568\t,CUP\t,20.00,20.00,0.00,0.00,0.00,微信,王小明,13800138000,浙江省,杭州市,西湖区,翠苑街道,文三路 1 号,轻放,2026/11/21 16:00:00,2026/11/21 16:00:05,待发货,,\n";
    let orders = check(
        "douyin",
        file,
        &[
            ("主订单编号", "order_no"),
            ("选购商品", "title"),
            ("商品规格", "spec"),
            ("商品数量", "qty"),
            ("商品ID", "sku"),
            ("商家编码", "sku"),
            ("商品单价", "unit_price"),
            ("订单应付金额", "line_total"),
            ("运费", "shipping"),
            ("收件人", "name"),
            ("收件人手机号", "phone"),
            ("省", "province"),
            ("市", "city"),
            ("区", "district"),
            ("街道", "town"),
            ("详细地址", "address"),
            ("买家留言", "buyer_remark"),
            ("订单提交时间", "placed_at"),
            ("支付完成时间", "paid_at"),
            ("订单状态", "status"),
            ("售后状态", "refund_status"),
        ],
    );
    let [order] = orders.as_slice() else { panic!("{} orders", orders.len()) };
    assert_eq!((order.ext_id.as_str(), order.lines.len(), order.total.minor()), ("6912345678901234567", 2, Ok(25_000)));
    assert_eq!(order.buyer_remark, "轻放");
}

#[test]
fn kuaishou_and_xiaohongshu_have_words_of_their_own() {
    let kuaishou = "订单编号;订单创建时间;订单支付时间;订单状态;实付款;商品名称;商品规格;成交数量;SKU编码;收货人姓名;收货人电话;收货地址;买家留言;备注\n\
        2632512345678901;2026-11-21 16:00:00;2026-11-21 16:00:05;待发货;¥120.00;明前龙井 250g;罐装;1;TEA-250;王小明;13800138000;浙江省杭州市西湖区文三路 1 号;;请尽快\n";
    let orders = check(
        "kuaishou",
        kuaishou,
        &[
            ("订单编号", "order_no"),
            ("订单创建时间", "placed_at"),
            ("订单支付时间", "paid_at"),
            ("订单状态", "status"),
            ("实付款", "total"),
            ("商品名称", "title"),
            ("商品规格", "spec"),
            ("成交数量", "qty"),
            ("SKU编码", "sku"),
            ("收货人姓名", "name"),
            ("收货人电话", "phone"),
            ("收货地址", "address"),
            ("买家留言", "buyer_remark"),
            ("备注", "buyer_remark"),
        ],
    );
    assert_eq!((orders[0].total.minor(), orders[0].buyer_remark.as_str()), (Ok(12_000), "请尽快"));

    let xiaohongshu = "订单号\t订单状态\t售后状态\t商品名称\t规格\tSKU条码\tSKU件数\t商品总价\t商家应收金额\t收件人姓名\t收件人电话\t收件人省份\t收件人城市\t收件人区县\t收件人详细地址\t用户备注\t商家备注\t订单创建时间\t订单支付时间\n\
        P712345678901234567\t待配货\t无售后\t明前龙井 250g\t罐装\tTEA-250\t1\t120.00\t118.00\t王小明\t13800138000\t浙江省\t杭州市\t西湖区\t文三路 1 号\t\t\t2026-11-21 16:00:00\t2026-11-21 16:00:05\n";
    let orders = check(
        "xiaohongshu",
        xiaohongshu,
        &[
            ("订单号", "order_no"),
            ("订单状态", "status"),
            ("售后状态", "refund_status"),
            ("商品名称", "title"),
            ("规格", "spec"),
            ("SKU条码", "sku"),
            ("SKU件数", "qty"),
            ("商品总价", "line_total"),
            ("商家应收金额", "total"),
            ("收件人姓名", "name"),
            ("收件人电话", "phone"),
            ("收件人省份", "province"),
            ("收件人城市", "city"),
            ("收件人区县", "district"),
            ("收件人详细地址", "address"),
            ("用户备注", "buyer_remark"),
            ("商家备注", "seller_remark"),
            ("订单创建时间", "placed_at"),
            ("订单支付时间", "paid_at"),
        ],
    );
    assert_eq!((orders[0].ext_id.as_str(), orders[0].pay.name()), ("P712345678901234567", "paid"));
}

#[test]
fn shopify_calls_the_orders_number_its_name() {
    let file = "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Billing Name,Billing Street,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Cancelled at,Payment Method,Id,Tags,Phone\n\
        #1001,bob@example.com,paid,2026-11-21 16:00:05 +0800,unfulfilled,,no,USD,\"1,240.00\",8.00,0.00,\"1,248.00\",,0.00,Standard,2026-11-21 16:00:00 +0800,2,Tea 250g,120.00,,TEA-250,true,Bob Example,9 Bill St,+15145550199,Bob Example,1 Main St,1 Main St,Apt 2,,Springfield,'62701,IL,US,+15145550100,,,manual,5512345678901,,\n\
        #1001,bob@example.com,,,,,,,,,,,,,,2026-11-21 16:00:00 +0800,10,Cup,100.00,,CUP,true,,,,,,,,,,,,,,,,,,,\n\
        #1002,ann@example.com,paid,2026-11-21 16:10:05 +0800,fulfilled,2026-11-21 17:00:00 +0800,no,USD,20.00,0.00,0.00,20.00,,0.00,Standard,2026-11-21 16:10:00 +0800,1,Cup,20.00,,CUP,true,Ann Example,8 Bill St,,Ann Example,2 Main St,2 Main St,,,Springfield,'62701,IL,US,+15145550101,ring twice,,manual,5512345678902,,\n";
    let orders = check(
        "shopify",
        file,
        &[
            ("Name", "order_no"),
            ("Email", "email"),
            ("Financial Status", "status"),
            ("Paid at", "paid_at"),
            ("Fulfillment Status", "ship_status"),
            ("Currency", "currency"),
            ("Subtotal", "line_total"),
            ("Shipping", "shipping"),
            ("Total", "total"),
            ("Created at", "placed_at"),
            ("Lineitem quantity", "qty"),
            ("Lineitem name", "title"),
            ("Lineitem price", "unit_price"),
            ("Lineitem sku", "sku"),
            ("Shipping Name", "name"),
            ("Shipping Address1", "address"),
            ("Shipping Address2", "address_more"),
            ("Shipping City", "city"),
            ("Shipping Zip", "postcode"),
            ("Shipping Province", "province"),
            ("Shipping Country", "country"),
            ("Shipping Phone", "phone"),
            ("Notes", "buyer_remark"),
            ("Phone", "phone"),
        ],
    );
    let first = &orders[0];
    assert_eq!((first.ext_id.as_str(), first.lines.len(), first.total.minor()), ("#1001", 2, Ok(124_800)));
    assert_eq!((first.receiver.street.as_str(), first.receiver.postcode.as_str()), ("1 Main St Apt 2", "62701"));
    assert_eq!(first.paid_at, Some(Millis(1_795_248_005_000)));
    assert_eq!([first, &orders[1]].map(|order| order.receiver.email.as_str()), ["bob@example.com", "ann@example.com"]);
    assert_eq!(orders[1].state.as_ref().map(|state| state.name()), Ok("shipped"));
}

#[test]
fn what_is_no_mailbox_holds_up_no_order() {
    let of = |cells: [&str; 2]| {
        let row = |cell: &str, sku: &str| {
            format!("10001,王小明,13800138000,{cell},浙江省杭州市西湖区文三路 1 号,{sku},1,1\n")
        };
        let rows = row(cells[0], "A") + &row(cells[1], "B");
        let file = format!("订单号,收件人,手机,电子邮箱,收货地址,商品编码,数量,单价\n{rows}");
        let orders = check(
            "sheet",
            &file,
            &[
                ("订单号", "order_no"),
                ("收件人", "name"),
                ("手机", "phone"),
                ("电子邮箱", "email"),
                ("收货地址", "address"),
                ("商品编码", "sku"),
                ("数量", "qty"),
                ("单价", "unit_price"),
            ],
        );
        orders[0].receiver.email.clone()
    };
    assert_eq!(of(["li@example.com", "li@example.com"]), "li@example.com");
    assert_eq!(of(["li@example.com", "wang@example.com"]), "li@example.com", "of several the first");
    for none in ["", "li***@example.com", "no", "=A1", "#REF!"] {
        assert_eq!(of([none, none]), "", "{none}");
    }
}

#[test]
fn an_old_erps_sheet_holds_the_receiver_in_one_cell_and_days_as_numbers() {
    let sheet = "某某贸易发货单,,,,,\n制单：仓库,,日期：2026-11-21,,,\n\
        单号,日期,收货信息,品名,数量,金额\n\
        XS2026112100001,46347.66667,王小明 13800138000 浙江省杭州市西湖区文三路 1 号,明前龙井,2,\"￥1,240.00元\"\n\
        ,,,茶杯,1,20\n\
        XS2026112100002,46347.66667,\"李大明，13900139000，上海市浦东新区世纪大道 1 号\",茶杯,1,20\n\
        合计,,,,4,1280\n";
    let (gbk, _, lossy) = encoding_rs::GBK.encode(sheet);
    assert!(!lossy);
    assert_eq!(look(&gbk), look(sheet.as_bytes()));
    let orders = check(
        "erp",
        sheet,
        &[
            ("单号", "order_no"),
            ("日期", "placed_at"),
            ("收货信息", "receiver"),
            ("品名", "title"),
            ("数量", "qty"),
            ("金额", "line_total"),
        ],
    );
    let first = &orders[0];
    assert_eq!((first.receiver.name.as_str(), first.receiver.phone.as_str()), ("王小明", "13800138000"));
    assert_eq!((first.lines.len(), first.total.minor()), (2, Ok(126_000)));
    assert_eq!(first.placed_at.0 / 60_000, 1_795_248_000_000 / 60_000);
    assert_eq!(orders[1].receiver.street, "上海市浦东新区世纪大道 1 号");
}

const UNKNOWN: &str = "甲,乙,丙,丁,戊,己\n\
    SO-20261121-001,王小明,13800138000,浙江省杭州市西湖区文三路 1 号,TEA-250,2\n\
    SO-20261121-002,李大明,13900139000,上海市浦东新区世纪大道 1 号,CUP-1,1\n";

#[test]
fn headings_nobody_knows_are_guessed_by_content_and_wait_for_a_person() {
    let orders = check(
        "unknown",
        UNKNOWN,
        &[("甲", "order_no"), ("乙", "name"), ("丙", "phone"), ("丁", "address"), ("戊", "sku"), ("己", "qty")],
    );
    assert_eq!(orders.len(), 2);
    assert!(look(UNKNOWN.as_bytes()).columns.iter().all(|column| column.confidence < 50));
    let refused = OwnShop.import(UNKNOWN.as_bytes(), &ImportBy::default(), NOW).unwrap_err();
    assert_eq!(refused.code, "mapping_unconfirmed");
}

#[test]
fn a_heading_that_its_cells_speak_against_is_not_acted_on_unseen() {
    let file = "订单号,收件人,手机,地址,商品编码,数量\n10001,13800138000,王小明,文三路 1 号,A,1\n";
    let look = look(file.as_bytes());
    let column = &look.columns[1];
    assert!(column.confidence < 80 && column.why.iter().any(|why| why.contains("speaks against it")), "{column:?}");
    let refused = OwnShop.import(file.as_bytes(), &ImportBy::default(), NOW).unwrap_err();
    assert_eq!(refused.code, "mapping_unconfirmed");
    assert!(refused.detail.contains("收件人") && !refused.detail.contains("王小明"), "{}", refused.detail);
}

#[test]
fn a_confirmed_mapping_is_proposed_for_the_same_headings_in_any_order() {
    let mut mapping = look(UNKNOWN.as_bytes()).mapping;
    mapping.columns[4].field = Some(Field::Title);
    let remembered = ImportBy { given: None, remembered: vec![ImportMapping::default(), mapping.clone()] };
    let turned: String =
        UNKNOWN.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n").collect();
    let seen = OwnShop.look(turned.as_bytes(), &remembered, NOW).unwrap();
    assert_eq!(seen.from, MappingFrom::Remembered);
    assert_eq!((seen.columns[1].field, seen.columns[1].confidence), (Some(Field::Title), 100));
    let imported = OwnShop.import(turned.as_bytes(), &remembered, NOW).unwrap();
    assert_eq!((imported.orders.len(), imported.problems.len()), (2, 0));
    // With one heading more it is another sheet.
    let wider = UNKNOWN.replace("己\n", "己,庚\n");
    assert_eq!(OwnShop.look(wider.as_bytes(), &remembered, NOW).unwrap().from, MappingFrom::Guessed);
}

#[test]
fn a_mapping_says_what_it_lacks_and_what_is_not_there() {
    let mut mapping = look(UNKNOWN.as_bytes()).mapping;
    mapping.columns[0].field = None;
    let seen = OwnShop.look(UNKNOWN.as_bytes(), &by(&mapping), NOW).unwrap();
    assert_eq!(seen.missing.iter().flat_map(|one| &one.fields).collect::<Vec<_>>(), [&Field::OrderNo]);
    assert_eq!((seen.orders, seen.preview.len()), (0, 0));
    let refused = OwnShop.import(UNKNOWN.as_bytes(), &by(&mapping), NOW).unwrap_err();
    assert_eq!(refused.code, "mapping_incomplete");
    mapping.columns[0].heading = "辛".to_owned();
    assert_eq!(OwnShop.look(UNKNOWN.as_bytes(), &by(&mapping), NOW).unwrap_err().code, "mapping_heading");
}

#[test]
fn any_mapping_over_any_cut_of_a_file_never_panics_and_shows_nobody() {
    for cut in (0..UNKNOWN.len()).step_by(3) {
        let bytes = &UNKNOWN.as_bytes()[..cut];
        for field in Field::ALL {
            let columns = ["甲", "乙", "丙", "丁", "戊", "己"]
                .map(|heading| huidan_channel::MappedColumn { heading: heading.to_owned(), field: Some(*field) });
            if let Ok(seen) = OwnShop.look(bytes, &by(&ImportMapping { columns: columns.to_vec() }), NOW) {
                let problems = format!("{:?}{:?}", seen.problems, seen.preview);
                assert!(!problems.contains("王小明") && !problems.contains("13800138000"), "{problems}");
            }
        }
    }
}
