//! Every format by two renderers that know nothing of ours, every barcode by two readers; rare names print, and what the
//! font lacks is seen and reported.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

use huidan_label::{
    BarcodeText, Dpi, Element, ItemLine, Media, PackingSlip, Page, Party, PickList, Stop, Trouble, Waybill, canvas,
    layout, packing_slip, pdf, pick_list, png, tspl, zpl,
};
use huidan_labels::{
    Format, Picture, codes_by_zbar, draw, draw_by_the_manual, draw_otherwise, page_by_poppler, pages, text_by_poppler,
};

const NUMBER: &str = "77331234567890";
const RARE: &str = "堃喆珺翀";

fn waybill(name: &str) -> Waybill {
    Waybill {
        carrier: "汇达速运".into(),
        service: "标准快递".into(),
        number: NUMBER.into(),
        routing: Some("731-A12 05".into()),
        sender: Party { name: "溪山茶铺".into(), phone: "0571-55501234".into(), ..Party::default() },
        receiver: Party {
            name: name.into(),
            phone: "13800000000".into(),
            region: "湖南省长沙市岳麓区".into(),
            address: "样板街道示范路 256 号".into(),
            ..Party::default()
        },
        seq: Some((17, 240)),
        slot: Some("B12".into()),
        lines: vec![ItemLine { sku: "TEA-LJ-250".into(), title: "明前龙井".into(), qty: 2 }],
        ..Waybill::default()
    }
}

fn page(name: &str) -> Page {
    layout(&waybill(name), Media::W100H150, Dpi::D203)
}

/// Reads the three codes of a waybill, by both readers.
fn read(picture: &Picture, what: &str) {
    let (upper, stub) = (picture.band(0, 63), picture.band(63, 100));
    let by_rxing = [upper.code128(), stub.code128(), stub.qr()].map(|code| code.unwrap_or_else(|e| e));
    assert_eq!(by_rxing, [NUMBER; 3], "{what} by rxing");
    if let Some(codes) = codes_by_zbar(picture).unwrap() {
        assert!(codes.len() >= 2 && codes.iter().all(|code| code == NUMBER), "{what} by zbar: {codes:?}");
    }
}

/// What every renderer makes of a page.
fn renderings(page: &Page) -> Vec<(&'static str, Picture)> {
    let (media, dpi, zpl, tspl) = (page.media(), page.dpi(), zpl(page), tspl(page));
    let document = pdf(std::slice::from_ref(page), "label").unwrap();
    let mut all = vec![
        ("ZPL by labelize", draw(&zpl, Format::Zpl, media, dpi).unwrap()),
        ("ZPL by zpl-forge", draw_otherwise(&zpl, media, dpi).unwrap()),
        ("TSPL by labelize", draw(&tspl, Format::Tspl, media, dpi).unwrap()),
        ("TSPL by the manual", draw_by_the_manual(&tspl, page.width(), page.height()).unwrap()),
        ("PNG by png", Picture::from_png(&png(page)).unwrap()),
        ("PNG by zune-png", Picture::from_png_otherwise(&png(page)).unwrap()),
        ("PDF by hayro", pages(&document, dpi.per_inch()).unwrap().remove(0)),
    ];
    all.extend(page_by_poppler(&document, dpi.per_inch()).unwrap().map(|picture| ("PDF by poppler", picture)));
    all
}

#[test]
fn every_code_of_every_format_is_read_from_two_renderings_by_two_readers() {
    for (what, picture) in renderings(&page("王小明")) {
        read(&picture, what);
    }
}

/// The share of the dots of a text that are dark both here and on our own picture, in per cent of ours.
fn agrees(page: &Page, picture: &Picture, text: &str) -> u32 {
    let ours = canvas(page);
    let line = page.elements().iter().find_map(|element| match element {
        Element::Text(line) if line.text.contains(text) => Some(line),
        _ => None,
    });
    let line = line.unwrap();
    let scale = |dots: u32, of: u32, by: u32| dots * by / of;
    let (mut dark, mut both) = (0, 0);
    let width = line.size * u32::try_from(text.chars().count()).unwrap();
    for y in line.y..line.y + line.size {
        for x in line.x..(line.x + width).min(page.width()) {
            if ours.is_black(x, y) {
                dark += 1;
                let (px, py) = (scale(x, page.width(), picture.width), scale(y, page.height(), picture.height));
                // A dot to either side: outlines are drawn by another's rules.
                both += u32::from((0..3).any(|dy| {
                    (0..3).any(|dx| picture.is_black((px + dx).saturating_sub(1), (py + dy).saturating_sub(1)))
                }));
            }
        }
    }
    assert!(dark > 50, "{text} is not on the page");
    both * 100 / dark
}

#[test]
fn rare_names_are_drawn_by_every_renderer() {
    let page = page(RARE);
    assert_eq!(page.problems(), []);
    let document = pdf(std::slice::from_ref(&page), "label").unwrap();
    for (what, picture) in renderings(&page) {
        let share = agrees(&page, &picture, RARE);
        assert!(share >= 95, "{what}: {share} %");
    }
    if let Some(text) = text_by_poppler(&document).unwrap() {
        assert!(text.contains(RARE), "the name can be searched for: {text}");
    }
}

#[test]
fn a_character_the_font_lacks_is_a_box_and_a_problem_in_every_format() {
    let page = page("𠮷小明");
    let problem = page.problems().first().unwrap();
    assert_eq!(problem.trouble, Trouble::MissingGlyph('𠮷'));
    assert!(problem.is_serious() && problem.zh().contains("字库中没有“𠮷”") && problem.en().contains("U+20BB7"));
    for (what, picture) in renderings(&page) {
        let share = agrees(&page, &picture, "𠮷");
        assert!(share >= 90, "{what} shows no box: {share} %");
    }
}

fn list(stops: u32) -> PickList {
    let stop = |n: u32| Stop {
        bin: format!("A-{n:02}"),
        goods: ItemLine { sku: format!("SKU-{n}"), title: format!("{RARE} 明前龙井 250 克礼盒装"), qty: n },
        to: "A2:1, A5:2, B12:1".into(),
    };
    PickList {
        wave: "#12".into(),
        kind: "分拨墙 PUT-WALL".into(),
        warehouse: "一号仓".into(),
        parcels: 20,
        empty: vec!["A3".into()],
        stops: (1..=stops).map(stop).collect(),
        printed_hint: "2026-11-22 08:00".into(),
    }
}

#[test]
fn a_list_longer_than_a_page_goes_on_and_loses_nothing() {
    for (media, least) in [(Media::A4, 2), (Media::W100H150, 4), (Media::W76H130, 4)] {
        let drawn = pick_list(&list(60), media, Dpi::D300);
        assert!(drawn.len() >= least, "{media:?}: {} pages", drawn.len());
        assert!(drawn.iter().all(|page| page.problems().is_empty()), "{media:?}");
        let texts: Vec<&str> = drawn
            .iter()
            .flat_map(Page::elements)
            .filter_map(|element| match element {
                Element::Text(line) => Some(line.text.as_str()),
                _ => None,
            })
            .collect();
        for n in 1..=60 {
            assert_eq!(texts.iter().filter(|text| **text == format!("A-{n:02}")).count(), 1, "{media:?} bin {n}");
        }
        let corner = format!("1/{}", drawn.len());
        assert!(texts.contains(&corner.as_str()), "{media:?}: pages are counted");
        let document = pdf(&drawn, "#12").unwrap();
        assert_eq!(pages(&document, 72).unwrap().len(), drawn.len());
        if let Some(text) = text_by_poppler(&document).unwrap() {
            assert!(text.contains("A-60") && text.contains(RARE) && text.contains("A2:1"), "{media:?}: {text}");
        }
        // Of a font of 3 MB only what is used goes along.
        assert!(document.len() < 120_000, "{media:?}: {} bytes", document.len());
    }
}

#[test]
fn a_slip_bears_its_slot_its_place_and_a_number_that_scans() {
    let slip = PackingSlip {
        wave: "#12".into(),
        seq: Some((17, 240)),
        slot: "B12".into(),
        carrier: "汇达速运".into(),
        number: Some(NUMBER.into()),
        order_refs: vec!["#1001".into()],
        lines: vec![ItemLine { sku: "TEA".into(), title: "明前龙井".into(), qty: 2 }],
        printed_hint: String::new(),
    };
    for media in [Media::A4, Media::W100H150, Media::W76H130] {
        let drawn = packing_slip(&slip, media, Dpi::D203);
        assert_eq!((drawn.len(), drawn[0].problems()), (1, &[][..]), "{media:?}");
        for (what, picture) in renderings(&drawn[0]) {
            assert_eq!(picture.code128().as_deref(), Ok(NUMBER), "{media:?} {what}");
        }
        for text in ["17/240", "B12"] {
            let there = drawn[0].elements().iter().any(|e| matches!(e, Element::Text(line) if line.text == text));
            assert!(there, "{media:?}: {text}");
        }
    }
    assert!(BarcodeText::parse(NUMBER).is_some());
}
