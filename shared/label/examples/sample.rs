//! Draws the waybill that the README shows: `cargo run -p huidan-label --example sample -- waybill.png`.
//!
//! A second argument of `76x130` chooses the small label, a third of `300` the finer printer, a fourth of `abroad` an
//! English receiver.

use std::process::ExitCode;

use huidan_label::{Dpi, ItemLine, Media, Party, Waybill, layout, png, problems};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| args.iter().any(|a| a == word);
    let Some(path) = args.first() else {
        eprintln!("usage: sample <picture.png> [76x130] [300] [abroad] [reprint]");
        return ExitCode::FAILURE;
    };
    let media = if given("76x130") { Media::W76H130 } else { Media::W100H150 };
    let dpi = if given("300") { Dpi::D300 } else { Dpi::D203 };
    let mut waybill = waybill();
    if given("abroad") {
        waybill.receiver = abroad();
    }
    if given("reprint") {
        waybill.reprint = Some(1);
    }
    let page = layout(&waybill, media, dpi);
    for problem in problems(&page) {
        eprintln!("{}", problem.zh());
    }
    match std::fs::write(path, png(&page)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Nobody's parcel: names, numbers and streets are made up.
fn waybill() -> Waybill {
    let item = |sku: &str, title: &str, qty| ItemLine { sku: sku.into(), title: title.into(), qty };
    Waybill {
        carrier: "汇达速运".into(),
        carrier_code: "example".into(),
        service: "标准快递".into(),
        number: "HD1234567890123".into(),
        routing: Some("731-A12 05".into()),
        sender: Party {
            name: "溪山茶铺".into(),
            phone: "0571-5550 1234".into(),
            country: None,
            region: "浙江省杭州市西湖区".into(),
            address: "示例路 18 号 3 幢 1 楼仓库".into(),
        },
        receiver: Party {
            name: "李昉垚".into(),
            phone: "138 0000 0000".into(),
            country: None,
            region: "湖南省长沙市岳麓区".into(),
            address: "样板街道麓山示范路 256 号书院小区 7 栋 2 单元 1803 室（门禁请按 1803）".into(),
        },
        cod: Some("¥ 128.00".into()),
        insured: Some("¥ 500.00".into()),
        weight_g: Some(1250),
        seq: Some((17, 240)),
        slot: None,
        piece: None,
        lines: vec![
            item("TEA-LJ-250", "明前龙井 绿茶 250g 罐装", 2),
            item("CUP-QC-01", "青瓷品茗杯", 6),
            item("GIFT-BAG", "礼品袋（赠）", 1),
        ],
        order_refs: vec!["20261121-0001937".into(), "#1042".into()],
        remark: "易碎，请多裹一层气泡膜；内附贺卡".into(),
        reprint: None,
        printed_hint: "2026-11-21 21:06  一号仓  打包台 2".into(),
    }
}

fn abroad() -> Party {
    Party {
        name: "Åse Müller-Östergård".into(),
        phone: "+1 202 555 0143".into(),
        country: Some("US".into()),
        region: "Springfield, IL 62701".into(),
        address: "1234 Example Avenue, Apartment 56, Building C".into(),
    }
}
