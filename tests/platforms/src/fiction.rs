//! Fictional goods, buyers and remarks, drawn with a seed. Divisions of China are real ones; people, streets' house
//! numbers and phone numbers are not anybody's.

use crate::numbers;
use crate::order::Platform;
use serde::{Deserialize, Serialize};

/// One thing on sale. Each platform knows it by ids of its own, derived from `index`.
#[derive(Clone, Debug, Serialize)]
pub struct Good {
    /// Position in the catalogue, from 0.
    pub index: i64,
    /// The merchant's code.
    pub sku: String,
    /// Title on sale.
    pub title: String,
    /// Variant text.
    pub spec: String,
    /// Price in hundredths.
    pub price: i64,
    /// Weight in grams.
    pub weight_g: i64,
}

impl Good {
    /// Item and variant as the platform numbers them.
    pub fn listing(&self, platform: Platform) -> (String, String) {
        numbers::listing(platform, self)
    }
    /// Taobao's item id.
    pub fn num_iid(&self) -> i64 {
        680_000_000_101 + self.index
    }
    /// Taobao's SKU id.
    pub fn taobao_sku(&self) -> i64 {
        4_900_000_000_201 + self.index
    }
    /// Shopify's product id; above 2^53 on purpose.
    pub fn shopify_product(&self) -> i64 {
        9_107_199_254_741_001 + self.index
    }
    /// Shopify's variant id; above 2^53 on purpose.
    pub fn shopify_variant(&self) -> i64 {
        9_207_199_254_741_001 + self.index
    }
    /// Shopify's inventory item id; above 2^53 on purpose.
    pub fn shopify_inventory(&self) -> i64 {
        9_307_199_254_741_001 + self.index
    }
    /// WooCommerce's product id.
    pub fn woo_product(&self) -> i64 {
        501 + self.index
    }
    /// WooCommerce's variation id; every third good is a simple product (0).
    pub fn woo_variation(&self) -> i64 {
        if self.index % 3 == 0 { 0 } else { 9_501 + self.index }
    }
}

const GOODS: &[(&str, &str, &str, i64, i64)] = &[
    ("TEA-250", "明前龙井 250g", "罐装", 12_000, 320),
    ("TEA-500", "明前龙井 500g", "礼盒", 22_800, 780),
    ("PUER-357", "勐海熟普茶饼 357g", "一饼", 8_600, 400),
    ("CUP-WHITE", "手工白瓷品茗杯", "单只", 3_500, 150),
    ("CUP-CELADON", "龙泉青瓷品茗杯", "单只", 4_200, 160),
    ("POT-ZISHA", "紫砂小品壶", "180ml", 26_800, 520),
    ("TRAY-BAMBOO", "竹制干泡茶盘", "小号", 7_900, 1_100),
    ("HONEY-500", "椴树原蜜 500g", "瓶装", 5_990, 900),
    ("OSMANTHUS-50", "金桂干花 50g", "罐装", 2_680, 120),
    ("SCARF-GREY", "羊绒围巾", "灰色 180cm", 19_900, 240),
    ("SOCK-3", "纯棉中筒袜 三双装", "均码", 2_990, 180),
    ("LAMP-DESK", "折叠护眼台灯", "白色", 15_900, 850),
];

/// The catalogue every simulator starts with.
pub fn goods() -> Vec<Good> {
    GOODS
        .iter()
        .zip(0..)
        .map(|((sku, title, spec, price, weight), index)| Good {
            index,
            sku: (*sku).to_owned(),
            title: (*title).to_owned(),
            spec: (*spec).to_owned(),
            price: *price,
            weight_g: *weight,
        })
        .collect()
}

/// Who gets the parcel, in clear. Only the simulator knows it where a platform masks it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct Receiver {
    /// Full name.
    pub name: String,
    /// Mobile number.
    pub phone: String,
    /// Province, with its suffix (浙江省).
    pub province: String,
    /// City, with its suffix.
    pub city: String,
    /// District or county.
    pub district: String,
    /// Street and house.
    pub address: String,
    /// Post code.
    pub postcode: String,
}

impl Default for Receiver {
    fn default() -> Self {
        Receiver {
            name: "王小明".to_owned(),
            phone: "13800138000".to_owned(),
            province: "浙江省".to_owned(),
            city: "杭州市".to_owned(),
            district: "西湖区".to_owned(),
            address: "文三路 1 号".to_owned(),
            postcode: "310000".to_owned(),
        }
    }
}

const PLACES: &[(&str, &str, &str, &str)] = &[
    ("浙江省", "杭州市", "西湖区", "310000"),
    ("浙江省", "宁波市", "鄞州区", "315100"),
    ("浙江省", "金华市", "义乌市", "322000"),
    ("江苏省", "南京市", "鼓楼区", "210000"),
    ("江苏省", "苏州市", "昆山市", "215300"),
    ("上海市", "上海市", "浦东新区", "200120"),
    ("北京市", "北京市", "海淀区", "100080"),
    ("天津市", "天津市", "南开区", "300100"),
    ("重庆市", "重庆市", "渝中区", "400010"),
    ("广东省", "广州市", "天河区", "510630"),
    ("广东省", "深圳市", "南山区", "518050"),
    ("福建省", "厦门市", "思明区", "361000"),
    ("山东省", "青岛市", "市南区", "266000"),
    ("河南省", "郑州市", "金水区", "450000"),
    ("湖北省", "武汉市", "武昌区", "430060"),
    ("湖南省", "长沙市", "岳麓区", "410006"),
    ("四川省", "成都市", "武侯区", "610041"),
    ("陕西省", "西安市", "雁塔区", "710061"),
    ("辽宁省", "沈阳市", "和平区", "110001"),
    ("黑龙江省", "哈尔滨市", "南岗区", "150001"),
    ("云南省", "昆明市", "五华区", "650032"),
    ("广西壮族自治区", "南宁市", "青秀区", "530022"),
    ("内蒙古自治区", "呼和浩特市", "新城区", "010050"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "830002"),
    ("西藏自治区", "拉萨市", "城关区", "850000"),
    ("海南省", "海口市", "龙华区", "570105"),
];
const SURNAMES: &[&str] = &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "欧阳", "司马"];
const GIVEN: &[&str] = &["小明", "晓雯", "子涵", "建国", "雨桐", "志强", "思远", "慧", "佳怡", "文博", "丽", "浩然"];
const STREETS: &[&str] =
    &["人民路", "解放路", "中山北路", "建设大道", "文化路", "和平街", "新华路", "青年路", "光明巷"];
const REMARKS: &[&str] = &[
    "请发顺丰",
    "不要发邮政",
    "尽快发货，周五要用",
    "送人的，别放价格单",
    "放门口快递柜就行",
    "工作日送到公司",
    "茶叶要密封好 🙏",
    "麻烦和上一单一起发",
];

fn pick<'a, T: ?Sized>(rng: &mut fastrand::Rng, from: &[&'a T]) -> Option<&'a T> {
    from.get(rng.usize(0..from.len().max(1))).copied()
}

/// A fictional receiver.
pub fn receiver(rng: &mut fastrand::Rng) -> Receiver {
    let (province, city, district, postcode) = PLACES.get(rng.usize(0..PLACES.len())).copied().unwrap_or_default();
    let surname = pick(rng, SURNAMES).unwrap_or_default();
    let given = pick(rng, GIVEN).unwrap_or_default();
    let street = pick(rng, STREETS).unwrap_or_default();
    Receiver {
        name: format!("{surname}{given}"),
        phone: format!("138001{:05}", rng.u32(0..100_000)),
        province: province.to_owned(),
        city: city.to_owned(),
        district: district.to_owned(),
        address: format!("{street} {} 号 {} 幢 {} 室", rng.u32(1..400), rng.u32(1..20), rng.u32(101..1_900)),
        postcode: postcode.to_owned(),
    }
}

const AMERICANS: &[(&str, &str, &str)] = &[
    ("Springfield", "IL", "62701"),
    ("Portland", "OR", "97201"),
    ("Austin", "TX", "73301"),
    ("Albany", "NY", "12207"),
];

/// A fictional receiver in the United States; the number is one of those kept for fiction.
pub fn american(rng: &mut fastrand::Rng) -> Receiver {
    let (city, state, zip) = AMERICANS.get(rng.usize(0..AMERICANS.len())).copied().unwrap_or_default();
    let given = pick(rng, &["Jane", "John", "Alex", "Sam", "Robin"]).unwrap_or_default();
    let surname = pick(rng, &["Doe", "Roe", "Sample", "Example"]).unwrap_or_default();
    Receiver {
        name: format!("{given} {surname}"),
        phone: format!("+1 555-555-01{:02}", rng.u32(0..100)),
        province: state.to_owned(),
        city: city.to_owned(),
        district: String::new(),
        address: format!("{} Example Street", rng.u32(1..2_000)),
        postcode: zip.to_owned(),
    }
}

/// A buyer's remark; empty three times in four.
pub fn remark(rng: &mut fastrand::Rng) -> String {
    if rng.u8(0..4) > 0 { String::new() } else { pick(rng, REMARKS).unwrap_or_default().to_owned() }
}
