//! Waybills on every paper, printer and language, seen with other eyes.

use huidan_label::{Dpi, Element, ItemLine, Media, Page, Party, Waybill, canvas, layout, png, tspl, zpl};
use huidan_labels::{Format, Picture, Reading, draw, draw_otherwise, read_back};

const PAPERS: [(Media, Dpi); 4] = [
    (Media::W100H150, Dpi::D203),
    (Media::W100H150, Dpi::D300),
    (Media::W76H130, Dpi::D203),
    (Media::W76H130, Dpi::D300),
];

fn waybill(number: &str) -> Waybill {
    Waybill {
        carrier: "汇达速运".into(),
        service: "标准快递".into(),
        number: number.into(),
        routing: Some("731-A12 05".into()),
        sender: Party {
            name: "溪山茶铺".into(),
            phone: "0571-55501234".into(),
            address: "示例路 18 号".into(),
            ..Party::default()
        },
        receiver: Party {
            name: "堃喆珺翀镕旸".into(),
            phone: "13800000000".into(),
            region: "湖南省长沙市岳麓区".into(),
            address: "样板街道麓山示范路 256 号 玥昉晞頔垚祎".into(),
            ..Party::default()
        },
        cod: Some("¥ 128.00".into()),
        weight_g: Some(1250),
        seq: Some((17, 240)),
        lines: vec![ItemLine { sku: "TEA-LJ-250".into(), title: "明前龙井".into(), qty: 2 }],
        remark: "易碎".into(),
        reprint: Some(1),
        ..Waybill::default()
    }
}

fn both(page: &Page) -> [(Format, Vec<u8>); 2] {
    [(Format::Zpl, zpl(page)), (Format::Tspl, tspl(page))]
}

#[test]
fn every_code_on_every_paper_says_the_waybill_number() {
    let numbers = [
        "SF1234567890123",
        "YT8899001122334",
        "773312345678901",
        "12345678",
        "JDVA00000000000-1-1",
        "1Z999AA10123456784",
        "A1b2.c/3-D",
    ];
    for (media, dpi) in PAPERS {
        for number in numbers {
            let page = layout(&waybill(number), media, dpi);
            assert_eq!(page.problems(), [], "{media:?} {dpi:?} {number}");
            let all = Reading { barcode: number.into(), second: number.into(), qr: number.into() };
            for (format, bytes) in both(&page) {
                assert_eq!(
                    read_back(&bytes, format, media, dpi).as_ref(),
                    Ok(&all),
                    "{media:?} {dpi:?} {format:?} {number}"
                );
            }
            let preview = Picture::from_png(&png(&page)).unwrap();
            assert_eq!((preview.width, preview.height), (page.width(), page.height()));
            assert_eq!(preview.band(0, 63).code128().as_deref(), Ok(number));
            assert_eq!(preview.band(63, 100).code128().as_deref(), Ok(number));
            assert_eq!(preview.band(63, 100).qr().as_deref(), Ok(number));
        }
    }
}

/// The picture that is shown and archived is what leaves the printer: dot for dot, except inside the QR code, whose
/// mask each encoder may choose.
#[test]
fn the_preview_is_what_an_independent_renderer_prints() {
    for (media, dpi) in PAPERS {
        let page = layout(&waybill("SF1234567890123"), media, dpi);
        let preview = canvas(&page);
        let in_qr = |x: u32, y: u32| {
            page.elements().iter().any(|e| match e {
                Element::Qr(q) => (q.x..q.x + q.side()).contains(&x) && (q.y..q.y + q.side()).contains(&y),
                _ => false,
            })
        };
        for (format, bytes) in both(&page) {
            let drawn = draw(&bytes, format, media, dpi).unwrap();
            let different: Vec<(u32, u32)> = (0..page.height())
                .flat_map(|y| (0..page.width()).map(move |x| (x, y)))
                .filter(|&(x, y)| preview.is_black(x, y) != drawn.is_black(x, y) && !in_qr(x, y))
                .collect();
            assert!(
                different.is_empty(),
                "{media:?} {dpi:?} {format:?}: {} dots, first {:?}",
                different.len(),
                different.first()
            );
        }
    }
}

/// `zpl-forge` knows no change of subset inside a Code 128, so the number here is digits only.
#[test]
fn a_second_renderer_of_zpl_agrees() {
    for (media, dpi) in PAPERS {
        let page = layout(&waybill("77331234567890"), media, dpi);
        let drawn = draw_otherwise(&zpl(&page), media, dpi).unwrap();
        assert_eq!(drawn.band(0, 63).code128().as_deref(), Ok("77331234567890"), "{media:?} {dpi:?}");
        assert_eq!(drawn.band(63, 100).code128().as_deref(), Ok("77331234567890"), "{media:?} {dpi:?}");
        assert_eq!(drawn.band(63, 100).qr().as_deref(), Ok("77331234567890"), "{media:?} {dpi:?}");
    }
}

#[test]
fn labels_one_after_another_print_as_many() {
    let page = layout(&waybill("12345678"), Media::W76H130, Dpi::D203);
    for (format, bytes) in both(&page) {
        let twice = [bytes.clone(), bytes].concat();
        let error = draw(&twice, format, Media::W76H130, Dpi::D203).err();
        assert_eq!(error.as_deref(), Some("2 labels instead of one"), "{format:?}");
    }
}
