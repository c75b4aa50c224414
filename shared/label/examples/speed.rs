//! Labels a second on one core: `cargo run --release -p huidan-label --example speed`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use huidan_label::{Dpi, ItemLine, Media, Page, Party, Waybill, layout, png, tspl, zpl};

fn main() {
    let cold = Instant::now();
    let first = zpl(&layout(&waybill(0), Media::W100H150, Dpi::D203)).len();
    println!("first label: {:.1} ms, {first} bytes of ZPL", cold.elapsed().as_secs_f64() * 1e3);
    for (media, name) in [(Media::W100H150, "100x150"), (Media::W76H130, "76x130")] {
        for (dpi, dots) in [(Dpi::D203, 203), (Dpi::D300, 300)] {
            let rate = |what: &str, render: &dyn Fn(&Page) -> Vec<u8>| {
                let (labels, bytes, took) = measure(media, dpi, render);
                let each = took.as_secs_f64() / f64::from(labels);
                let size = bytes / labels as usize;
                println!(
                    "{name} mm {dots} dpi {what}: {:6.0} labels/s, {:.2} ms, {size} bytes",
                    1.0 / each,
                    each * 1e3
                );
            };
            rate("layout", &|_| Vec::new());
            rate("ZPL   ", &zpl);
            rate("TSPL  ", &tspl);
            rate("PNG   ", &png);
        }
    }
}

/// Lays out and renders different waybills for about a second.
fn measure(media: Media, dpi: Dpi, render: &dyn Fn(&Page) -> Vec<u8>) -> (u32, usize, Duration) {
    let (mut labels, mut bytes) = (0, 0);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        bytes += black_box(render(&layout(&waybill(labels), media, dpi))).len();
        labels += 1;
    }
    (labels, bytes, start.elapsed())
}

/// Every label has other characters in its name and address, as real ones have.
fn waybill(n: u32) -> Waybill {
    let hanzi = |count: u32, salt: u32| -> String {
        (0..count).filter_map(|i| char::from_u32(0x4e00 + (n * 31 + i * 97 + salt * 1013) % 3000)).collect()
    };
    let item = |sku: &str, title: &str, qty| ItemLine { sku: sku.into(), title: title.into(), qty };
    Waybill {
        carrier: "汇达速运".into(),
        service: "标准快递".into(),
        number: format!("HD{:013}", u64::from(n) + 1_234_567_000_000),
        routing: Some(format!("{}-A12 05", 100 + n % 900)),
        sender: Party {
            name: "溪山茶铺".into(),
            phone: "0571-5550 1234".into(),
            region: "浙江省杭州市西湖区".into(),
            address: "示例路 18 号 3 幢 1 楼仓库".into(),
            ..Party::default()
        },
        receiver: Party {
            name: hanzi(3, 1),
            phone: "138 0000 0000".into(),
            region: "湖南省长沙市岳麓区".into(),
            address: format!("{}路 256 号{}小区 7 栋 2 单元 1803 室", hanzi(6, 2), hanzi(4, 3)),
            ..Party::default()
        },
        weight_g: Some(1250),
        seq: Some((n + 1, 240)),
        lines: vec![item("TEA-LJ-250", "明前龙井 绿茶 250g 罐装", 2), item("CUP-QC-01", "青瓷品茗杯", 6)],
        order_refs: vec!["20261121-0001937".into()],
        remark: "易碎，请多裹一层气泡膜".into(),
        printed_hint: "2026-11-21 21:06  一号仓".into(),
        ..Waybill::default()
    }
}
