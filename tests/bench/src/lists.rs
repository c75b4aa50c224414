//! Lists of orders from the API while there are a million of them, by every filter it has, on one connection.

use std::time::Instant;

use bytes::Bytes;
use chrono::DateTime;
use fastrand::Rng;
use http::Request;
use http::header::{AUTHORIZATION, HOST};
use http_body_util::{BodyExt as _, Full};
use huidan_exchange::sign::hex;
use hyper::client::conn::http1::SendRequest;
use rusqlite::Connection;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::Scale;
use crate::error::Result;
use crate::house::{BEARER, House};
use crate::load::connect;
use crate::many::{self, FROM_MS, SHOPS, SPAN_MS, STATES, ext_id};
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// A way of asking.
struct Way {
    says: &'static str,
    shop: bool,
    channel: bool,
    status: bool,
    /// Days that the window of time is wide.
    days: Option<i64>,
    /// From a place anywhere in the list on, as if a person had turned pages up to there.
    deep: bool,
    ext_id: bool,
    oldest_first: bool,
}

const PLAIN: Way = Way {
    says: "全部 all",
    shop: false,
    channel: false,
    status: false,
    days: None,
    deep: false,
    ext_id: false,
    oldest_first: false,
};

const WAYS: [Way; 12] = [
    PLAIN,
    Way { says: "店铺 shop", shop: true, ..PLAIN },
    Way { says: "店铺+状态 shop, status", shop: true, status: true, ..PLAIN },
    Way { says: "店铺+状态+时间 shop, status, a week", shop: true, status: true, days: Some(7), ..PLAIN },
    Way {
        says: "店铺+时间，旧的在前 shop, a day, oldest first",
        shop: true,
        days: Some(1),
        oldest_first: true,
        ..PLAIN
    },
    Way { says: "状态+时间 status, a week", status: true, days: Some(7), ..PLAIN },
    Way { says: "渠道 channel", channel: true, ..PLAIN },
    Way { says: "渠道+状态 channel, status", channel: true, status: true, ..PLAIN },
    Way { says: "全部，深页 all, deep page", deep: true, ..PLAIN },
    Way { says: "店铺+状态，深页 shop, status, deep page", shop: true, status: true, deep: true, ..PLAIN },
    Way {
        says: "渠道+状态+季度，深页 channel, status, 90 days, deep page",
        channel: true,
        status: true,
        days: Some(90),
        deep: true,
        ..PLAIN
    },
    Way { says: "渠道单号 ext_id", ext_id: true, ..PLAIN },
];

/// Runs it.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    let all = scale.of(1_000_000, 20_000);
    let n = say::count(all);
    say::begin(format!("{n} 单中的订单列表"), format!("lists of orders over {n} of them"));
    let began = Instant::now();
    let house = House::new().await?.restart_after(|file| many::write(file, all, scale.seed))?;
    say::line(format!("写入 written: {:.0} s", began.elapsed().as_secs_f64()));
    let (look, mut rng) = (house.look()?, Rng::with_seed(scale.seed));
    let mut client = Client { house: &house, sender: connect(house.address()).await? };
    for way in &WAYS {
        let (mut times, mut rows) = (Times::new()?, 0);
        for turn in 0..scale.of(330, 22) {
            let query = way.query(&look, &mut rng, all)?;
            let asked = Instant::now();
            let items = client.list(&query).await?;
            // The first few open connections and prepare the statement.
            if turn >= scale.of(30, 2) {
                times.add(asked.elapsed());
                rows += items;
            }
        }
        add(table, way, &times, rows);
    }
    Ok(())
}

fn add(table: &mut Table, way: &Way, times: &Times, rows: usize) {
    let (n, each) = (times.count(), rows / times.count().max(1));
    for (label, share, aim) in [("p50", 0.5, Aim::None), ("p99", 0.99, Aim::AtMost(20.0))] {
        table.add(Row {
            figure: format!("列表 list by {} (n = {n}, 约 about {each} 单 orders), {label}", way.says),
            ours: times.quantile(share),
            yardstick: None,
            unit: Unit::Millis,
            aim,
        });
    }
}

impl Way {
    /// A query with values drawn by chance.
    fn query(&self, look: &Connection, rng: &mut Rng, all: usize) -> Result<String> {
        let mut query = Serializer::new(String::new());
        let (shop, channel, _) = *rng.choice(&SHOPS).ok_or("no shop")?;
        let (status, _) = *rng.choice(&STATES).ok_or("no state")?;
        for (asked, name, value) in
            [(self.shop, "shop", shop), (self.channel, "channel", channel), (self.status, "status", status)]
        {
            if asked {
                query.append_pair(name, value);
            }
        }
        let day = 86_400_000;
        let width = self.days.unwrap_or_default() * day;
        let from = FROM_MS + rng.i64(0..SPAN_MS - width);
        if width > 0 {
            query.append_pair("from", &instant(from)?).append_pair("to", &instant(from + width)?);
        }
        if self.deep {
            let at = from + rng.i64(0..if width > 0 { width } else { SPAN_MS - (from - FROM_MS) });
            query.append_pair("cursor", &cursor(look, at)?);
        }
        if self.ext_id {
            query.append_pair("ext_id", &ext_id(rng.usize(..all)));
        }
        if self.oldest_first {
            query.append_pair("sort", "placed_at");
        }
        Ok(query.finish())
    }
}

fn instant(ms: i64) -> Result<String> {
    Ok(DateTime::from_timestamp_millis(ms).ok_or("no such instant")?.to_rfc3339())
}

/// What the API would have said at the end of the page that ends at `at`.
fn cursor(look: &Connection, at: i64) -> Result<String> {
    let mut statement = look.prepare_cached(
        "SELECT placed_at, id FROM orders WHERE placed_at <= ?1 ORDER BY placed_at DESC, id DESC LIMIT 1",
    )?;
    let place: (i64, String) = statement.query_row([at], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(hex(&serde_json::to_vec(&place)?))
}

struct Client<'a> {
    house: &'a House,
    sender: SendRequest<Full<Bytes>>,
}

impl Client<'_> {
    /// Asks for a page; answers how many orders are on it.
    async fn list(&mut self, query: &str) -> Result<usize> {
        self.sender.ready().await?;
        let request = Request::get(format!("/api/v1/orders?{query}"))
            .header(HOST, self.house.address().to_string())
            .header(AUTHORIZATION, BEARER)
            .body(Full::default())?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            return Err(format!("{query}: {status} {}", String::from_utf8_lossy(&body)).into());
        }
        // Reading it is not part of the answer's time, but so short that it does not matter.
        let page: Value = serde_json::from_slice(&body)?;
        Ok(page.get("items").and_then(Value::as_array).map_or(0, Vec::len))
    }
}
