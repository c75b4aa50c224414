use super::*;

fn receiver() -> Receiver {
    Receiver {
        name: "Åse".into(),
        country: "US".into(),
        province: "IL".into(),
        city: "Springfield".into(),
        street: "1234 Example Avenue".into(),
        postcode: "62701".into(),
        ..Receiver::default()
    }
}

#[test]
fn an_address_is_written_as_its_country_writes_it() {
    assert_eq!(party(&receiver()).region, "Springfield, IL 62701");
    assert_eq!(region("上海市", "上海市", "徐汇区"), "上海市徐汇区");
    assert_eq!(region("湖南省", "长沙市", "岳麓区"), "湖南省长沙市岳麓区");
}

#[test]
fn a_printer_with_paper_nobody_knows_is_refused_with_the_remedy() {
    let printer = |width_mm, height_mm, dpi| Printer { id: "p".into(), lang: "zpl".into(), dpi, width_mm, height_mm };
    assert_eq!(page_size(&printer(76, 130, 300)), Ok((Media::W76H130, Dpi::D300)));
    for unknown in [printer(50, 30, 203), printer(100, 150, 600)] {
        assert!(page_size(&unknown).unwrap_err().contains("use 100×150 or 76×130"));
    }
}

#[test]
fn what_the_platform_signed_is_carried_byte_for_byte() {
    let data = r#"{"b":1.0,"a":"中\u0041","signature":"x"}"#;
    let paper = document("CN1234567890", data.as_bytes()).unwrap_or_else(|reason| panic!("{reason}"));
    let text = String::from_utf8(paper.bytes).unwrap();
    assert_eq!(text, format!(r#"{{"documentID":"CN1234567890","contents":[{data}]}}"#));
    assert!(document("CN1234567890", b"no json").is_err());
}
