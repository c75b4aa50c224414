use super::*;
use proptest::prelude::*;

/// `must sf, else zto, urgent`: codes without `carrier_`, values behind them.
fn written(remark: &str) -> String {
    let word = |i: &Intent| format!("{} {}", i.code.trim_start_matches("carrier_"), i.value).trim().to_owned();
    intents(remark, "buyer").iter().map(word).collect::<Vec<_>>().join(", ")
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(remark, expected)| written(remark) != *expected)
        .map(|(remark, expected)| format!("{remark}\n  expected {expected}\n  got      {}", written(remark)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn carriers_wanted() {
    check(&[
        ("发顺丰", "must sf"),
        ("發順豐", "must sf"),
        ("顺丰", "must sf"),
        ("顺丰快递，谢谢", "must sf"),
        ("亲，麻烦发顺丰哦", "must sf"),
        ("请用中通快递", "must zto"),
        ("走京东", "must jd"),
        ("换成顺丰", "must sf"),
        ("必须顺丰", "must sf"),
        ("只发顺丰", "must sf"),
        ("只能发顺丰", "must sf"),
        ("顺丰发货", "must sf"),
        ("补差价发顺丰", "must sf"),
        ("不急，发邮政", "must post"),
        ("发EMS", "must ems"),
        ("发邮政EMS", "must ems"),
        ("Please use SF express", "must sf"),
        ("不是顺丰不收", "must sf"),
        ("除了顺丰都不要", "must sf"),
        ("非顺丰不要", "must sf"),
        ("发顺丰或者京东", "must sf, must jd"),
        ("顺丰/京东", "must sf, must jd"),
        ("和上次一样发顺丰", "must sf"),
        ("特别急要顺丰", "must sf"),
        ("不要发顺丰以外的快递", "must sf"),
        ("务必顺丰！！！其他快递收不到", "must sf"),
        ("我这边只有邮政能到", "must post"),
        ("SF only", "must sf"),
        ("发顺丰外包装要完好", "must sf"),
    ]);
}

#[test]
fn carriers_refused() {
    check(&[
        ("别发顺丰", "never sf"),
        ("不要顺丰", "never sf"),
        ("不要发顺丰", "never sf"),
        ("别用圆通", "never yto"),
        ("千万别再发圆通了", "never yto"),
        ("请勿发申通", "never sto"),
        ("不要圆通韵达", "never yto, never yunda"),
        ("不要圆通、韵达和申通", "never yto, never yunda, never sto"),
        ("圆通和韵达都不要", "never yto, never yunda"),
        ("圆通不要", "never yto"),
        ("我们这里圆通到不了", "never yto"),
        ("韵达太慢", "never yunda"),
        ("最好不要发极兔", "never jt"),
        ("能不能别发圆通", "never yto"),
        ("除了邮政都行", "never post"),
        ("拒绝百世", "never best"),
        ("除极兔外都可以", "never jt"),
        ("极兔以外都行", "never jt"),
        ("don't use YTO", "never yto"),
        ("no yunda please", "never yunda"),
        ("不发顺丰也行", "mentioned sf"),
    ]);
}

#[test]
fn one_refused_and_another_wanted() {
    check(&[
        ("别发顺丰发中通", "never sf, must zto"),
        ("发顺丰别发中通", "must sf, never zto"),
        ("不要圆通，发顺丰", "never yto, must sf"),
        ("发顺丰，不要圆通", "must sf, never yto"),
        ("不发圆通 发韵达", "never yto, must yunda"),
        ("小区有韵达快递点，请发韵达", "must yunda"),
        ("不要发京东，京东不给送上楼", "never jd"),
        ("亲 我要发中通不要发圆通哦", "must zto, never yto"),
        ("顺丰不到，发邮政", "never sf, must post"),
    ]);
}

#[test]
fn a_second_choice_is_one() {
    check(&[
        ("发不了就中通", "else zto"),
        ("发顺丰，发不了就中通", "must sf, else zto"),
        ("发不了顺丰就发中通", "must sf, else zto"),
        ("顺丰发不了就发中通", "must sf, else zto"),
        ("如果顺丰不到就发邮政", "must sf, else post"),
        ("没有顺丰就发中通", "must sf, else zto"),
        ("不能发顺丰的话就发中通", "must sf, else zto"),
        ("发顺丰，不行就发EMS", "must sf, else ems"),
        ("发顺丰，实在不行圆通", "must sf, else yto"),
        ("发顺丰，否则中通", "must sf, else zto"),
        ("发顺丰，没有的话中通也行", "must sf, else zto"),
        ("中通优先，其次圆通", "prefer zto, else yto"),
        ("能发京东的话发京东", "prefer jd"),
        ("有京东就发京东，没有就顺丰", "prefer jd, else sf"),
    ]);
}

#[test]
fn carriers_preferred() {
    check(&[
        ("最好顺丰", "prefer sf"),
        ("最好发顺丰", "prefer sf"),
        ("尽量发中通", "prefer zto"),
        ("能发顺丰吗", "prefer sf"),
        ("可以发顺丰吗？", "prefer sf"),
        ("希望用京东快递", "prefer jd"),
        ("顺丰优先", "prefer sf"),
        ("能不能发顺丰", "prefer sf"),
    ]);
}

#[test]
fn what_only_names_a_carrier_wishes_for_nothing() {
    check(&[
        ("上次顺丰把东西弄坏了", "mentioned sf"),
        ("上次发顺丰坏了，这次发中通", "mentioned sf, must zto"),
        ("京东上买的比这便宜", ""),
        ("放菜鸟驿站", "leave_at_station"),
        ("不一定要顺丰", "mentioned sf"),
        ("我们楼下就有中通网点", "mentioned zto"),
        ("usf 1.0", ""),
        ("发什么快递？", ""),
        ("", ""),
        ("谢谢老板", ""),
        ("为什么不发顺丰", "mentioned sf"),
        ("顺丰包邮吗", "mentioned sf"),
    ]);
}

#[test]
fn freight_and_haste() {
    check(&[
        ("顺丰到付", "must sf, freight_collect"),
        ("发顺丰到付", "must sf, freight_collect"),
        ("不要到付", ""),
        ("货到付款", ""),
        ("加急", "urgent"),
        ("急", "urgent"),
        ("急用，尽快发货", "urgent"),
        ("不急", ""),
        ("不着急慢慢发", ""),
        ("不用加急", ""),
        ("please ship asap", "urgent"),
        ("发顺丰加急", "must sf, urgent"),
    ]);
}

#[test]
fn what_goes_into_the_parcel() {
    check(&[
        ("贺卡写：生日快乐", "gift_card 生日快乐"),
        ("麻烦写张贺卡，内容：祝妈妈身体健康，永远年轻！爱你的女儿", "gift_card 祝妈妈身体健康，永远年轻！爱你的女儿"),
        ("贺卡写“早日发顺丰”", "gift_card 早日发顺丰"),
        ("贺卡写生日快乐，发顺丰", "gift_card 生日快乐, must sf"),
        ("发顺丰，附贺卡：Happy Birthday, Mei", "must sf, gift_card Happy Birthday, Mei"),
        ("要一张贺卡", "gift_card"),
        ("圣诞礼物，附卡片 “Merry Christmas!”", "gift_card Merry Christmas!"),
        ("不要贺卡", ""),
        ("不要放小票", "no_price_slip"),
        ("送人的，别放价格单", "no_price_slip"),
        ("不要放任何价格清单", "no_price_slip"),
        ("包裹里勿放发货单", "no_price_slip"),
        ("no receipt please", "no_price_slip"),
        ("请不要在包裹里放发票和价格，是送人的", "no_price_slip"),
        ("价格真便宜", ""),
        ("一起发", "ship_together"),
        ("两单合并发", "ship_together"),
        ("不用一起发", "ship_separately"),
        ("分开发", "ship_separately"),
        ("不要分开发", "ship_together"),
        ("有货的先发", "ship_separately"),
    ]);
}

#[test]
fn how_it_is_handed_over() {
    check(&[
        ("送货前请打电话", "call_first"),
        ("不要打电话", "do_not_call"),
        ("放驿站", "leave_at_station"),
        ("放丰巢快递柜", "leave_at_station"),
        ("不要放驿站", "to_the_door"),
        ("别放快递柜，送货上门", "to_the_door"),
        ("放门卫就行", "leave_at_station"),
        ("不要发到驿站", "to_the_door"),
        ("发货前请联系我", "call_first"),
        ("放在门口", "leave_at_station"),
        ("打电话不接就放驿站", "call_first, leave_at_station"),
    ]);
}

#[test]
fn changes_go_to_a_person() {
    check(&[
        ("改地址", "address_change"),
        ("地址改成浙江省杭州市西湖区文三路1号", "address_change"),
        ("麻烦换个地址", "address_change"),
        ("寄到公司", "address_change"),
        ("收货人改一下", "address_change"),
        ("电话改为13800138000", "address_change"),
        ("13800138000", "address_change"),
        ("杭州市西湖区文三路1号3栋201室", "address_change"),
        ("请送到3栋2单元501", "address_change"),
        ("地址不变", ""),
        ("不改地址了", ""),
        ("今天能送到吗", ""),
        ("换成黑色", "sku_change"),
        ("颜色换蓝色", "sku_change"),
        ("要红色的", "sku_change"),
        ("拍错了，要XL码", "sku_change"),
        ("尺码改42", "sku_change"),
        ("改成两件", "sku_change"),
        ("不要换成别的", ""),
        ("改成顺丰", "must sf"),
        ("白色很好看", ""),
    ]);
}

#[test]
fn what_should_wait_goes_to_a_person() {
    check(&[
        ("先不要发货", "do_not_ship"),
        ("暂时别发", "do_not_ship"),
        ("不着急，等我通知再发", "do_not_ship"),
        ("不要发货，我要退款", "do_not_ship"),
        ("不要发货单", "no_price_slip"),
        ("今天一定要发", ""),
    ]);
}

#[test]
fn words_of_a_change_are_not_repeated() {
    for intent in intents("地址改成文三路1号，电话13800138000，收件人王阿姨", "buyer") {
        assert!(!["文三路", "138", "王阿姨"].iter().any(|secret| intent.words.contains(secret)), "{intent:?}");
    }
}

#[test]
fn a_wish_tells_who_said_it_and_in_which_words() {
    let found = intents("王阿姨麻烦别发圆通，急用", "seller");
    let told: Vec<_> = found.iter().map(|i| (i.code.as_str(), i.by.as_str(), i.words.as_str())).collect();
    assert_eq!(told, [("carrier_never", "seller", "别发圆通"), ("urgent", "seller", "急用")]);
}

proptest! {
    #[test]
    fn any_remark_is_read_without_panic_and_each_wish_once(remark in "[发不要别就了的圆通顺丰中贺卡写：，。改地址成号0-9色码 a-z?]{0,40}|.{0,40}") {
        let found = intents(&remark, "buyer");
        for (at, one) in found.iter().enumerate() {
            prop_assert!(!found.iter().skip(at + 1).any(|other| (&other.code, &other.value) == (&one.code, &one.value)));
        }
    }
}
