//! What stands on the page, and what is said when something could not.

use huidan_label::{
    Canvas, Dpi, Element, Field, ItemLine, Media, Page, Party, Problem, Trouble, Waybill, canvas, layout, problems,
};

const MEDIA: [Media; 2] = [Media::W100H150, Media::W76H130];
const DPI: [Dpi; 2] = [Dpi::D203, Dpi::D300];

fn waybill() -> Waybill {
    Waybill {
        carrier: "汇达速运".into(),
        service: "标准快递".into(),
        number: "HD1234567890123".into(),
        routing: Some("731-A12 05".into()),
        sender: Party {
            name: "溪山茶铺".into(),
            phone: "0571-55501234".into(),
            address: "示例路 18 号".into(),
            ..Party::default()
        },
        receiver: Party {
            name: "李昉垚".into(),
            phone: "13800000000".into(),
            region: "湖南省长沙市岳麓区".into(),
            address: "麓山示范路 256 号".into(),
            ..Party::default()
        },
        weight_g: Some(1250),
        lines: vec![ItemLine { sku: "TEA-LJ-250".into(), title: "明前龙井".into(), qty: 2 }],
        ..Waybill::default()
    }
}

/// Lays a waybill out on every paper and printer.
fn everywhere(waybill: &Waybill) -> Vec<Page> {
    MEDIA.into_iter().flat_map(|m| DPI.map(|d| layout(waybill, m, d))).collect()
}

/// All text on a page, in reading order, without spaces.
fn texts(page: &Page) -> String {
    let lines = page.elements().iter().filter_map(|e| match e {
        Element::Text(line) => Some(line.text.as_str()),
        _ => None,
    });
    lines.collect::<String>().replace(' ', "")
}

fn ink(sheet: &Canvas) -> u32 {
    sheet.bytes().iter().map(|b| b.count_ones()).sum()
}

#[test]
fn a_page_has_the_size_of_its_paper() {
    let sizes: Vec<_> = everywhere(&waybill()).iter().map(|p| (p.width(), p.height())).collect();
    assert_eq!(sizes, [(800, 1200), (1181, 1772), (608, 1040), (898, 1535)]);
}

#[test]
fn an_ordinary_waybill_has_no_problem_and_shows_everything() {
    for page in everywhere(&waybill()) {
        assert_eq!(problems(&page), []);
        let text = texts(&page);
        for part in [
            "汇达速运",
            "标准快递",
            "731-A1205",
            "HD1234567890123",
            "李昉垚",
            "13800000000",
            "TEA-LJ-250",
            "×2",
            "1.25kg",
        ] {
            assert!(text.contains(part), "{part}");
        }
        let codes = |wanted: fn(&Element) -> bool| page.elements().iter().filter(|e| wanted(e)).count();
        assert_eq!(codes(|e| matches!(e, Element::Code128(_))), 2);
        assert_eq!(codes(|e| matches!(e, Element::Qr(_))), 1);
    }
}

#[test]
fn everything_stays_on_the_paper_and_barcodes_keep_their_quiet_zones() {
    let mut full = waybill();
    full.seq = Some((12_345, 20_000));
    full.reprint = Some(3);
    full.cod = Some("¥ 1,234,567.00".into());
    full.insured = Some("¥ 1,234,567.00".into());
    full.printed_hint = "2026-11-21 21:06 一号仓".into();
    full.receiver.country = Some("US".into());
    for page in everywhere(&full) {
        let sheet = canvas(&page);
        for element in page.elements() {
            match element {
                Element::Text(t) => assert!(t.x < page.width() && t.y + t.size < page.height()),
                Element::Frame { area: r, .. } | Element::Rule(r) => {
                    assert!(r.x + r.w <= page.width() && r.y + r.h <= page.height());
                }
                Element::Code128(c) => {
                    let quiet = 10 * c.module;
                    let beside = (c.x - quiet..c.x).chain(c.x + c.width()..c.x + c.width() + quiet);
                    assert!(beside.clone().count() as u32 == 2 * quiet);
                    for x in beside {
                        assert!((c.y..c.y + c.height).all(|y| !sheet.is_black(x, y)), "ink in the quiet zone");
                    }
                    assert!(c.module >= if page.dpi() == Dpi::D203 { 2 } else { 3 });
                    assert!(sheet.is_black(c.x, c.y) && sheet.is_black(c.x + c.width() - 1, c.y + c.height - 1));
                }
                Element::Qr(q) => {
                    let quiet = 4 * q.module;
                    for y in q.y - quiet..q.y + q.side() + quiet {
                        for x in (q.x - quiet..q.x).chain(q.x + q.side()..q.x + q.side() + quiet) {
                            assert!(!sheet.is_black(x, y), "ink beside the QR code");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn rare_given_names_print() {
    let mut rare = waybill();
    rare.receiver.name = "堃喆珺翀镕旸".into();
    rare.receiver.address = "玥昉晞頔垚祎".into();
    for page in everywhere(&rare) {
        assert_eq!(problems(&page), []);
        assert!(texts(&page).contains("堃喆珺翀镕旸") && texts(&page).contains("玥昉晞頔垚祎"));
    }
}

#[test]
fn a_character_outside_the_font_is_a_box_and_is_named_with_its_field() {
    let mut rare = waybill();
    rare.receiver.name = "𠮷田".into();
    rare.remark = "谢谢😀".into();
    for page in everywhere(&rare) {
        let name = Problem { field: Field::ReceiverName, trouble: Trouble::MissingGlyph('𠮷') };
        let remark = Problem { field: Field::Remark, trouble: Trouble::MissingGlyph('😀') };
        assert_eq!(problems(&page), [name, remark]);
        assert!(name.is_serious() && !remark.is_serious());
        assert_eq!(name.to_string(), "receiver.name: missing_glyph", "nothing of the receiver in a log");
        assert!(name.zh().contains("𠮷") && name.en().contains("U+20BB7"));
        rare.receiver.name = "田".into();
        let without = layout(&rare, page.media(), page.dpi());
        rare.receiver.name = "𠮷田".into();
        assert!(ink(&canvas(&page)) > ink(&canvas(&without)), "the box is seen");
    }
}

#[test]
fn an_address_of_120_hanzi_is_printed_whole() {
    let mut long = waybill();
    long.receiver.region = String::new();
    long.receiver.address = "湖南长沙岳麓样板街道麓山".chars().cycle().take(120).collect();
    for page in everywhere(&long) {
        assert_eq!(problems(&page), [], "{:?} {:?}", page.media(), page.dpi());
        assert!(texts(&page).contains(&long.receiver.address));
    }
}

#[test]
fn what_is_far_too_long_is_cut_and_said_so() {
    let mut long = waybill();
    long.receiver.address = "麓山南路".repeat(200);
    long.remark = "请轻放".repeat(200);
    for page in everywhere(&long) {
        let cut = |field| Problem { field, trouble: Trouble::Cut };
        assert_eq!(problems(&page), [cut(Field::ReceiverAddress), cut(Field::Remark)]);
        assert_eq!(texts(&page).matches('…').count(), 2);
    }
}

#[test]
fn a_packing_list_of_twenty_lines_shows_every_code_and_quantity() {
    let mut many = waybill();
    many.lines = (0..20).map(|n| ItemLine { sku: format!("SKU-{n}"), title: "明前龙井".into(), qty: n + 1 }).collect();
    for page in everywhere(&many) {
        assert_eq!(problems(&page), [Problem { field: Field::Lines, trouble: Trouble::Abbreviated }]);
        assert!(many.lines.iter().all(|l| texts(&page).contains(&format!("{}×{}", l.sku, l.qty))));
    }
}

#[test]
fn a_packing_list_that_finds_no_room_says_how_much_is_not_on_it() {
    let mut many = waybill();
    many.lines = (0..400).map(|n| ItemLine { sku: format!("SKU-{n}"), title: "品茗杯".into(), qty: 3 }).collect();
    for page in everywhere(&many) {
        let left_out = page.problems().iter().find_map(|p| match p.trouble {
            Trouble::LeftOut(n) => Some(n),
            _ => None,
        });
        let n = left_out.unwrap();
        let text = texts(&page);
        assert!((250..400).contains(&n));
        assert!(text.contains(&format!("另有{n}种{}件未列出", n * 3)));
        assert!(text.contains(&format!("SKU-{}×3", 399 - n)) && !text.contains(&format!("SKU-{}×", 400 - n)));
        assert!(text.contains("物品400种，共1200件"));
        assert!(page.problems().iter().all(|p| !p.is_serious()));
    }
}

#[test]
fn a_number_that_is_no_barcode_is_printed_large_and_reported() {
    for (number, trouble) in [
        ("", Trouble::NotABarcode),
        ("编号1", Trouble::NotABarcode),
        ("A^XZ", Trouble::NotABarcode),
        (&*"W".repeat(40), Trouble::BarcodeTooWide),
    ] {
        let mut odd = waybill();
        odd.number = number.into();
        let page = layout(&odd, Media::W76H130, Dpi::D203);
        assert_eq!(problems(&page).first(), Some(&Problem { field: Field::Number, trouble }), "{number}");
        assert!(problems(&page).iter().all(Problem::is_serious));
        assert!(!page.elements().iter().any(|e| matches!(e, Element::Code128(_))));
    }
}

#[test]
fn a_reprint_carries_a_black_mark_in_the_corner() {
    let mut again = waybill();
    for (plain, seq) in [(None, None), (None, Some((17, 240)))] {
        again.seq = seq;
        again.reprint = plain;
        let first = everywhere(&again);
        again.reprint = Some(2);
        for (page, first) in everywhere(&again).iter().zip(&first) {
            assert_eq!(problems(page), []);
            assert!(texts(page).contains("补打2/REPRINT2") && !texts(first).contains("补打"));
            let corner = |page: &Page| {
                let sheet = canvas(page);
                let dots = (0..page.height() / 12)
                    .flat_map(|y| (page.width() * 2 / 3..page.width() * 96 / 100).map(move |x| (x, y)));
                dots.filter(|(x, y)| sheet.is_black(*x, *y)).count()
            };
            assert!(corner(page) > corner(first) + corner(page) / 3, "the plate is dark");
        }
    }
}

#[test]
fn a_parcel_abroad_has_english_beside_the_chinese() {
    let mut abroad = waybill();
    abroad.receiver.country = Some("DE".into());
    for page in everywhere(&abroad) {
        let text = texts(&page);
        assert!(["TO", "FROM", "SIGN", "WEIGHT", "CONTENTS", "DE"].iter().all(|word| text.contains(word)), "{text}");
        assert_eq!(problems(&page), []);
    }
    abroad.receiver.country = Some("cn".into());
    assert!(everywhere(&abroad).iter().all(|page| !texts(page).contains("WEIGHT")));
}

#[test]
fn without_a_sorting_code_the_region_is_printed_large() {
    let mut plain = waybill();
    plain.routing = None;
    for page in everywhere(&plain) {
        assert_eq!(texts(&page).matches("湖南省长沙市岳麓区").count(), 2);
    }
}

#[test]
fn a_stored_waybill_reads_back_the_same_and_an_older_one_still_reads() {
    let full = Waybill { seq: Some((17, 240)), reprint: Some(1), cod: Some("¥ 1.00".into()), ..waybill() };
    let text = serde_json::to_string(&full).unwrap();
    assert!(serde_json::from_str::<Waybill>(&text).unwrap() == full);
    let old = r#"{"carrier":"汇达","number":"1","sender":{"name":"a","phone":"b","address":"c"},
        "receiver":{"name":"a","phone":"b","address":"c"}}"#;
    assert_eq!(serde_json::from_str::<Waybill>(old).unwrap().number, "1");
}

#[test]
fn debug_output_names_nobody() {
    let text = format!("{:?} {:?}", waybill(), waybill().receiver);
    assert!(!text.contains("李") && !text.contains("138") && !text.contains("麓"), "{text}");
}
