//! Spreadsheets as people have them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use channel_own_shop::OwnShop;
use huidan_channel::{Channel, Import, ImportBy, Imported, Reading};
use huidan_domain::{Millis, OrderFacts};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

const NOW: Millis = Millis(1_795_251_600_000);

const SHOP: &str = "订单号,收件人,手机,省,市,区,地址,商品编码,商品名称,数量,单价,总额,买家留言,下单时间\n\
    10001,王小明,13800138000,浙江省,杭州市,西湖区,文三路 1 号,TEA-250,明前龙井,2,120.00,409.94,请发顺丰,2026-11-21 16:00:05\n\
    10001,王小明,13800138000,浙江省,杭州市,西湖区,文三路 1 号,CUP,茶杯,1,161.94,409.94,请发顺丰,2026-11-21 16:00:05\n\
    10002,李大明,13900139000,,,,上海市浦东新区世纪大道 1 号,TEA-250,明前龙井,1,120.00,120.00,,2026/11/21 16:01\n";

fn import(file: &[u8]) -> Imported {
    OwnShop.import(file, &ImportBy::default(), NOW).unwrap()
}

fn refused(file: &[u8]) -> String {
    OwnShop.import(file, &ImportBy::default(), NOW).unwrap_err().detail
}

fn orders(imported: &Imported) -> Vec<OrderFacts> {
    imported
        .orders
        .iter()
        .map(|order| match OwnShop.read(&order.document) {
            Ok(Reading::Order(facts)) => *facts,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn problems(imported: &Imported) -> Vec<(u32, &str)> {
    imported.problems.iter().map(|problem| (problem.row, problem.column.as_str())).collect()
}

#[test]
fn rows_with_one_number_are_one_order() {
    let imported = import(SHOP.as_bytes());
    assert_eq!(problems(&imported), []);
    let orders = orders(&imported);
    let [first, second] = orders.as_slice() else { panic!("{} orders", orders.len()) };
    assert_eq!((first.ext_id.as_str(), first.lines.len(), first.total.minor()), ("10001", 2, Ok(40_994)));
    assert_eq!(
        first.lines.iter().map(|line| (line.outer_code.as_str(), line.qty)).collect::<Vec<_>>(),
        [("TEA-250", 2), ("CUP", 1)]
    );
    assert_eq!((first.placed_at, first.updated_at), (Millis(1_795_248_005_000), NOW));
    assert_eq!((first.receiver.district.as_str(), first.receiver.street.as_str()), ("西湖区", "文三路 1 号"));
    assert_eq!(first.buyer_remark, "请发顺丰");
    assert_eq!(
        (second.receiver.province.as_str(), second.receiver.street.as_str()),
        ("", "上海市浦东新区世纪大道 1 号")
    );
    assert_eq!(second.pay.name(), "paid");
}

#[test]
fn every_usual_encoding_and_delimiter_reads_the_same() {
    let plain = import(SHOP.as_bytes());
    let (gbk, _, _) = encoding_of("gbk", SHOP);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(SHOP.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_mark = format!("\u{feff}{SHOP}");
    let tabs = SHOP.replace(',', "\t");
    let semicolons = SHOP.replace(',', ";").replace('\n', "\r\n");
    for (name, file) in [
        ("GBK", gbk),
        ("UTF-16", utf16),
        ("with a mark", with_mark.into_bytes()),
        ("tabs", tabs.into_bytes()),
        ("semicolons", semicolons.into_bytes()),
    ] {
        assert_eq!(import(&file), plain, "{name}");
    }
}

fn encoding_of(label: &str, text: &str) -> (Vec<u8>, &'static str, bool) {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
    let (bytes, used, lossy) = encoding.encode(text);
    (bytes.into_owned(), used.name(), lossy)
}

#[test]
fn english_headings_and_marks_around_values_are_understood() {
    let file = "Monthly orders,,,\n\nOrder ID,Recipient Name,Phone Number,Full Address,SKU Code,Qty (pcs),Unit Price ($),Currency\n\
        \"=\"\"9007199254740993\"\"\",Bob,'15145550100,\"1 Main St, Springfield\",A,2,\"$1,234.50\",usd\n";
    let imported = import(file.as_bytes());
    assert_eq!(problems(&imported), []);
    let order = orders(&imported).remove(0);
    assert_eq!((order.ext_id.as_str(), order.receiver.phone.as_str()), ("9007199254740993", "15145550100"));
    assert_eq!((order.total.minor(), order.total.currency.code()), (Ok(246_900), "USD"));
    assert_eq!(order.placed_at, NOW, "a spreadsheet that names no time was ordered now");
}

#[test]
fn what_a_spreadsheet_spoilt_is_refused_with_the_remedy() {
    let file = "订单号,收件人,手机,地址,商品编码,数量,单价\n\
        1.23457E+18,王小明,13800138000,文三路 1 号,A,1,1\n\
        10001,王小明,1.38E+10,文三路 1 号,A,1,1\n\
        1234567890123450000,王小明,13800138000,文三路 1 号,A,1,1\n\
        10002,王小明,13800138000,文三路 1 号,=B2,1,1\n\
        10003,王小明,13800138000,文三路 1 号,A,1,1\n";
    let imported = import(file.as_bytes());
    assert_eq!(problems(&imported), [(2, "订单号"), (3, "手机"), (4, "订单号"), (5, "商品编码")]);
    assert_eq!(orders(&imported).iter().map(|order| order.ext_id.clone()).collect::<Vec<_>>(), ["10003"]);
    for problem in &imported.problems {
        assert!(problem.detail.contains('/') && !problem.detail.contains("王小明"), "{}", problem.detail);
    }
    assert!(imported.problems.first().unwrap().detail.contains("format the column as text"));
}

#[test]
fn an_order_with_one_wrong_row_is_left_out_whole() {
    let file = "订单号,收件人,手机,地址,商品编码,数量,单价,总额\n\
        10001,王小明,13800138000,文三路 1 号,A,1,1,3\n\
        10001,王小明,13800138000,文三路 1 号,B,两个,1,3\n\
        10002,王小明,13800138000,文三路 1 号,A,1,1,1\n\
        10002,李大明,13800138000,文三路 1 号,B,1,1,1\n\
        10003,,13800138000,文三路 1 号,A,1,1,1\n\
        10004,王小明,13800138000,文三路 1 号,,1,1,1\n\
        ,王小明,13800138000,文三路 1 号,A,1,1,1\n\
        10005,王小明,13800138000,文三路 1 号,A,1,1.005,1\n\
        10006,王小明,13800138000,文三路 1 号,A,1,1,1\n\
        合计,,,,,9,,9\n";
    let imported = import(file.as_bytes());
    assert_eq!(
        problems(&imported),
        [(3, "数量"), (5, "收件人"), (6, "收件人"), (7, "商品编码"), (8, "订单号"), (9, "单价")]
    );
    assert_eq!(orders(&imported).iter().map(|order| order.ext_id.clone()).collect::<Vec<_>>(), ["10006"]);
}

#[test]
fn rows_are_counted_as_the_spreadsheet_shows_them() {
    let file = "\n订单号,收件人,手机,地址,商品编码,数量\n\n\
        10001,王小明,13800138000,\"文三路\n1 号\",A,1\n\n\
        10002,王小明,13800138000,文三路 1 号,A,零\n";
    assert_eq!(problems(&import(file.as_bytes())), [(6, "数量")]);
}

#[test]
fn merged_cells_go_on_with_the_order_above() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in
        ["订单编号", "收货人", "联系电话", "收货地址", "商家编码", "数量", "商品金额", "付款时间"].iter().enumerate()
    {
        sheet.write(0, column as u16, *heading).unwrap();
    }
    let time = Format::new().set_num_format("yyyy/m/d h:mm:ss");
    sheet.write(1, 0, "9007199254740993").unwrap();
    sheet.write(1, 1, "王小明").unwrap();
    sheet.write(1, 2, 13_800_138_000_u64).unwrap();
    sheet.write(1, 3, "浙江省杭州市西湖区文三路 1 号").unwrap();
    sheet.write(1, 4, "TEA-250").unwrap();
    sheet.write(1, 5, 2).unwrap();
    sheet.write(1, 6, 239.88).unwrap();
    let paid = ExcelDateTime::from_ymd(2026, 11, 21).unwrap().and_hms(16, 0, 5).unwrap();
    sheet.write_with_format(1, 7, &paid, &time).unwrap();
    sheet.write(2, 4, "CUP").unwrap();
    sheet.write(2, 5, 3).unwrap();
    sheet.write(2, 6, Formula::new("=3*10").set_result("30.299999999999997")).unwrap();
    sheet.write(3, 0, 1.234_567_890_123_45e18).unwrap();
    sheet.write(3, 1, "李大明").unwrap();
    sheet.write(3, 3, "上海").unwrap();
    sheet.write(3, 4, "A").unwrap();
    let file = book.save_to_buffer().unwrap();

    let imported = import(&file);
    assert_eq!(problems(&imported), [(4, "订单编号")]);
    let order = orders(&imported).remove(0);
    assert_eq!((order.ext_id.as_str(), order.receiver.phone.as_str()), ("9007199254740993", "13800138000"));
    let lines: Vec<_> =
        order.lines.iter().map(|line| (line.outer_code.as_str(), line.qty, line.unit_price.minor())).collect();
    assert_eq!(lines, [("TEA-250", 2, Ok(11_994)), ("CUP", 3, Ok(1010))]);
    assert_eq!((order.total.minor(), order.paid_at), (Ok(27_018), Some(Millis(1_795_248_005_000))));
}

#[test]
fn a_file_that_is_no_table_of_orders_says_what_is_needed() {
    assert!(refused(b"").contains("no heading"));
    assert!(refused("a,b,c\n1,2,3\n".as_bytes()).contains("订单号"));
    assert!(refused("订单号,收件人,手机\n1,2,3\n".as_bytes()).contains("地址、商品编码"));
    assert!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").contains(".xls"));
    assert!(refused(b"PK\x03\x04 and nothing behind").contains(".xlsx"));
    assert!(refused(b"\x00\x01\x02\x03").contains("encoding"));
    assert!(refused(&vec![b'a'; (16 << 20) + 1]).contains("16 MB"));
}

#[test]
fn the_same_rows_have_the_same_key_whenever_they_are_read() {
    let keys = |imported: &Imported| imported.orders.iter().map(|order| order.key.clone()).collect::<Vec<_>>();
    let file = SHOP.replace(",下单时间", ",别的");
    let by = ImportBy::default();
    let later = OwnShop.import(file.as_bytes(), &by, NOW.plus_seconds(3600)).unwrap();
    let first = import(file.as_bytes());
    assert_ne!(first.orders, later.orders, "a sheet that says no time is of now");
    assert_eq!(keys(&first), keys(&later));
    let other = import(file.replace("TEA-250,明前龙井,2", "TEA-250,明前龙井,3").as_bytes());
    assert_ne!(keys(&first).first(), keys(&other).first());
    assert_eq!(keys(&first).get(1), keys(&other).get(1));
}

#[test]
fn goods_below_a_row_that_could_not_be_read_join_no_other_order() {
    let file = "订单号,收件人,手机,地址,商品编码,数量\n\
        10001,王小明,13800138000,文三路 1 号,A,1\n\
        1.2E+17,李大明,13900139000,文三路 2 号,B,1\n\
        ,,,,C,1\n\
        10001,,,,D,1\n\
        ,,,,E,1\n";
    let imported = import(file.as_bytes());
    assert_eq!(problems(&imported), [(3, "订单号"), (4, "订单号")]);
    let codes: Vec<_> = orders(&imported).remove(0).lines.iter().map(|line| line.outer_code.clone()).collect();
    assert_eq!(codes, ["A", "D", "E"]);
}

#[test]
fn a_row_with_a_spoilt_number_holds_the_order_it_may_belong_to() {
    let file = "订单号,收件人,手机,地址,商品编码,数量\n\
        260112345678901234,王小明,13800138000,文三路 1 号,A,1\n\
        2.60112E+17,王小明,13800138000,文三路 1 号,B,1\n\
        260112345678904321,李大明,13900139000,文三路 2 号,A,1\n";
    let imported = import(file.as_bytes());
    assert_eq!(problems(&imported), [(3, "订单号"), (3, "订单号")]);
    assert_eq!(orders(&imported).iter().map(|order| order.ext_id.as_str()).collect::<Vec<_>>(), ["260112345678904321"]);
}

#[test]
fn what_has_left_or_went_back_is_not_sent_again() {
    let file = "订单号,收件人,手机,地址,商品编码,数量,订单状态,快递单号,售后状态\n\
        10001,王小明,13800138000,文三路 1 号,A,1,待发货,SF1234567890123,\n\
        10002,王小明,13800138000,文三路 1 号,A,1,待发货,,退款成功\n\
        10003,王小明,13800138000,文三路 1 号,A,1,待发货,,换货处理中\n\
        10004,王小明,13800138000,文三路 1 号,A,1,待发货,SF1234567890124,\n\
        10004,王小明,13800138000,文三路 1 号,B,1,待发货,,\n\
        10005,王小明,13800138000,文三路 1 号,A,1,待发货,,退款成功\n\
        10005,王小明,13800138000,文三路 1 号,B,1,待发货,,无售后\n\
        10006,王**,138****8000,文三路 1 号,B,1,待发货,,\n\
        10007,王小明,13800138000,文三路 1 号,A,1,待发货,-,-\n";
    let imported = import(file.as_bytes());
    assert_eq!(problems(&imported), [(5, "快递单号"), (7, "售后状态"), (9, "收件人")]);
    let states: Vec<_> = orders(&imported)
        .iter()
        .map(|order| (order.ext_id.clone(), order.state.as_ref().map(|state| state.name()).unwrap_or("?").to_owned()))
        .collect();
    let wanted = [("10001", "shipped"), ("10002", "cancelled"), ("10003", "open"), ("10007", "open")];
    assert_eq!(states, wanted.map(|(id, state)| (id.to_owned(), state.to_owned())));
    assert_eq!(orders(&imported).get(2).unwrap().lines.first().unwrap().refund, huidan_domain::RefundState::Requested);
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    for cut in 0..SHOP.len() {
        if let Ok(imported) = OwnShop.import(SHOP.as_bytes().get(..cut).unwrap(), &ImportBy::default(), NOW) {
            assert!(orders(&imported).len() <= 2);
        }
    }
}

#[test]
fn twenty_thousand_rows_are_the_most() {
    let heading = "订单号,收件人,手机,地址,商品编码,数量\n";
    let rows =
        |count: usize| -> String { (0..count).map(|row| format!("{row},王,13800138000,文三路,A,1\n")).collect() };
    assert_eq!(import(format!("{heading}{}", rows(19_999)).as_bytes()).orders.len(), 19_999);
    assert!(refused(format!("{heading}{}", rows(20_000)).as_bytes()).contains("20000"));
}
