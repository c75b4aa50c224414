//! Every district of the official list, written in each of the usual ways before streets that try to mislead.

#![expect(clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use huidan_wire::Receiver;
use normalize_address::normalize;
use std::collections::BTreeMap;

const DIVISIONS: &str = include_str!("../data/divisions.txt");
const STREETS: [&str; 8] = [
    "人民路1号",
    "北京东路2号",
    "上海大厦3楼",
    "城关镇新华街4号",
    "东区5栋",
    "第一中学旁6号",
    "中山花园7幢",
    "和平村8组",
];

struct District {
    code: &'static str,
    names: [&'static str; 3],
    shorts: [&'static str; 3],
}

/// Districts with a city of their own name's table; municipalities repeat the province as the city.
fn districts() -> Vec<District> {
    let rows: BTreeMap<&str, (&str, &str)> = DIVISIONS
        .lines()
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let short = columns.get(2).and_then(|all| all.split(' ').next_back()).unwrap_or(columns[1]);
            (columns[0], (columns[1], short))
        })
        .collect();
    let part = |code: &str, end: usize| rows.get(format!("{:0<6}", &code[..end]).as_str()).copied();
    let named = |code: &'static str| {
        let (county, city) = (rows[code], part(code, 4).or_else(|| part(code, 2).filter(|p| p.0.ends_with('市')))?);
        let province = part(code, 2)?;
        let [province, city, county] = [province, city, county];
        Some(District { code, names: [province.0, city.0, county.0], shorts: [province.1, city.1, county.1] })
    };
    rows.keys().filter(|code| !code.ends_with("00")).filter_map(|code| named(code)).collect()
}

/// Reads `street` with the fields given and compares with the district and the street that belongs to it.
fn check(way: &str, write: impl Fn(&District, &str) -> (String, [String; 3]), allowed: usize) {
    let mut wrong = Vec::new();
    for (index, district) in districts().iter().enumerate() {
        let plain = STREETS[index % STREETS.len()];
        let (street, [province, city, county]) = write(district, plain);
        let given = format!("{province}|{city}|{county}|{street}");
        let mut receiver = Receiver { street, province, city, district: county, ..Receiver::default() };
        normalize(&mut receiver);
        let told = receiver.division.as_deref() == Some(district.code);
        let kept = receiver.street == plain || receiver.street.ends_with(plain) && plain.starts_with('第');
        if !(told && kept) {
            wrong.push(format!("{given} → {:?} {}", receiver.division, receiver.street));
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.len() <= allowed, "{way}: {} wrong\n{shown}", wrong.len());
}

fn none() -> [String; 3] {
    [String::new(), String::new(), String::new()]
}

#[test]
fn in_one_text() {
    check("省市区", |d, street| (format!("{}{street}", d.names.concat()), none()), 0);
    check("省 市 区", |d, street| (format!("{} {street}", d.names.join(" ")), none()), 0);
    check("市区", |d, street| (format!("{}{}{street}", d.names[1], d.names[2]), none()), 0);
}

#[test]
fn in_short() {
    check("short province", |d, s| (format!("{}{}{}{s}", d.shorts[0], d.names[1], d.names[2]), none()), 0);
    check("short city", |d, s| (format!("{}{}{}{s}", d.shorts[0], d.shorts[1], d.names[2]), none()), 0);
    // 湖南 长沙 长沙: the city said twice, or 长沙县? These go to a person.
    check("all short", |d, s| (format!("{} {s}", d.shorts.join(" ")), none()), 45);
}

#[test]
fn in_fields() {
    check("fields", |d, s| (s.to_owned(), d.names.map(ToOwned::to_owned)), 0);
    // 临夏 is 临夏市 or 临夏县, 和田 and 伊宁 likewise: six districts that only a person can tell apart.
    check("short fields", |d, s| (s.to_owned(), d.shorts.map(ToOwned::to_owned)), 6);
    check("repeated", |d, s| (format!("{}{s}", d.names.concat()), d.names.map(ToOwned::to_owned)), 0);
    check("district repeated", |d, s| (format!("{}{s}", d.names[2]), d.names.map(ToOwned::to_owned)), 0);
    let no_district = |d: &District| [d.names[0].to_owned(), d.names[1].to_owned(), String::new()];
    check("district in the street", |d, s| (format!("{}{s}", d.names[2]), no_district(d)), 0);
}
