//! Whom it goes to.

use huidan_channel::{full_name, with_company};
use huidan_domain::Receiver;
use huidan_exchange::json::{Object, Wrong};

/// From `shipping`, or from `billing` where the shop ships to the billing address and leaves `shipping` empty.
pub(super) fn receiver(order: &Object<'_>) -> Result<Receiver, Wrong> {
    let (shipping, billing) = (order.object("shipping")?, order.object("billing")?);
    let to = if shipping.text("address_1")?.trim().is_empty() { &billing } else { &shipping };
    let name = with_company(full_name(&to.text("first_name")?, &to.text("last_name")?, ""), &to.text("company")?);
    let (first, second) = (to.text("address_1")?, to.text("address_2")?);
    let phone = to.text("phone")?;
    let country = to.text("country")?;
    Ok(Receiver {
        name,
        phone: if phone.trim().is_empty() { billing.text("phone")? } else { phone },
        // Only who pays leaves a mailbox.
        email: billing.text("email")?,
        province: province(&country, to.text("state")?),
        country,
        city: to.text("city")?,
        street: format!("{} {}", first.trim(), second.trim()).trim().to_owned(),
        postcode: to.text("postcode")?,
        ..Receiver::default()
    })
}

/// WooCommerce numbers the provinces of China in an order of its own.
fn province(country: &str, state: String) -> String {
    let number = state.strip_prefix("CN").and_then(|number| number.parse::<usize>().ok());
    let named = number.and_then(|number| PROVINCES.get(number.checked_sub(1)?));
    match named {
        Some(name) if country == "CN" => (*name).to_owned(),
        _ => state,
    }
}

/// `CN1` to `CN32`.
const PROVINCES: [&str; 32] = [
    "云南省",
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "澳门特别行政区",
    "西藏自治区",
    "新疆维吾尔自治区",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_provinces_get_their_names() {
        assert_eq!(province("CN", "CN12".into()), "浙江省");
        assert_eq!(province("CN", "CN32".into()), "新疆维吾尔自治区");
        for (country, state) in [("CN", "CN0"), ("CN", "CN33"), ("CN", "浙江"), ("US", "CA")] {
            assert_eq!(province(country, state.into()), state);
        }
    }
}
