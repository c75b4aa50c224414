//! Placing an order: what is not named is drawn.

use crate::fiction::{self, Good};
use crate::numbers;
use crate::order::{Line, NewLine, NewOrder, Order, Platform, Refund, Stage, decimal, hundredths};
use crate::world::{Event, World};

impl World {
    /// The shop that an order is placed at where none is named.
    pub(crate) fn first_shop(&self, platform: Platform) -> String {
        let first = match platform {
            Platform::Taobao => self.options.taobao.sessions.first().map(|s| &s.1),
            Platform::Jd => self.options.jd.shops.first().map(|s| &s.shop),
            Platform::Pinduoduo => self.options.pinduoduo.shops.first().map(|s| &s.shop),
            Platform::Amazon => self.options.amazon.shops.first().map(|s| &s.shop),
            Platform::Douyin => self.options.douyin.shops.first().map(|s| &s.shop),
            Platform::Kuaishou => self.options.kuaishou.shops.first().map(|s| &s.shop),
            Platform::Xiaohongshu => self.options.xiaohongshu.shops.first().map(|s| &s.shop),
            Platform::WechatShop => self.options.wechat_shop.shops.first().map(|s| &s.shop),
            _ => None,
        };
        first.cloned().unwrap_or_default()
    }

    fn good(&mut self, sku: &str) -> Good {
        if let Some(good) = self.goods.iter().find(|g| g.sku == sku) {
            return good.clone();
        }
        let good = Good {
            index: i64::try_from(self.goods.len()).unwrap_or_default(),
            sku: sku.to_owned(),
            title: sku.to_owned(),
            spec: String::new(),
            price: 1_000,
            weight_g: 200,
        };
        self.goods.push(good.clone());
        for platform in Platform::CHANNELS {
            self.stock.insert((platform, sku.to_owned()), self.options.stock);
        }
        good
    }

    fn draw_lines(&mut self, platform: Platform, wanted: &NewOrder) -> Result<Vec<(Good, i64, i64)>, String> {
        if let Some(lines) = &wanted.lines {
            let mut made = Vec::new();
            for line in lines {
                let mut good = self.good(&line.sku);
                if let Some(title) = &line.title {
                    good.title.clone_from(title);
                }
                let price = match &line.unit_price {
                    Some(text) => hundredths(text).ok_or_else(|| format!("not an amount: {text}"))?,
                    None => good.price,
                };
                made.push((good, line.qty, price));
            }
            return Ok(made);
        }
        let mut goods = fiction::goods();
        self.rng.shuffle(&mut goods);
        // Pinduoduo and Kuaishou sell one thing an order.
        let kinds = [1, 1, 1, 2, 2, 3].get(self.rng.usize(0..6)).copied().unwrap_or(1);
        let kinds = if matches!(platform, Platform::Pinduoduo | Platform::Kuaishou) { 1 } else { kinds };
        let drawn = goods.into_iter().take(kinds);
        Ok(drawn.map(|g| (g.clone(), [1, 1, 1, 2].get(self.rng.usize(0..4)).copied().unwrap_or(1), g.price)).collect())
    }

    /// Places an order and tells whoever listens.
    pub(crate) fn place(&mut self, platform: Platform, wanted: &NewOrder) -> Result<i64, String> {
        if !Platform::CHANNELS.contains(&platform) {
            return Err(format!("{} sells nothing", platform.name()));
        }
        let drawn = self.draw_lines(platform, wanted)?;
        if platform == Platform::Kuaishou && drawn.len() > 1 {
            return self.place_cart(platform, wanted, drawn);
        }
        let receiver = wanted.receiver.clone().unwrap_or_else(|| match platform {
            Platform::Amazon => fiction::american(&mut self.rng),
            _ => fiction::receiver(&mut self.rng),
        });
        let remark = wanted.remark.clone().unwrap_or_else(|| fiction::remark(&mut self.rng));
        let number = self.next();
        let id = numbers::id_of(platform, number);
        let lines = lines_of(platform, id, number, drawn);
        let now = self.stamp(platform);
        let paid = wanted.paid.unwrap_or(true);
        let shop = wanted.shop.clone().unwrap_or_else(|| self.first_shop(platform));
        self.orders.push(Order {
            platform,
            shop,
            id,
            number: 1_000 + number,
            stage: if paid { Stage::Paid } else { Stage::Unpaid },
            created_ms: now,
            modified_ms: now,
            paid_ms: paid.then_some(now),
            ended_ms: None,
            currency: wanted
                .currency
                .clone()
                .unwrap_or_else(|| if platform == Platform::Amazon { "USD".to_owned() } else { "CNY".to_owned() }),
            shipping: 800,
            lines,
            receiver,
            buyer_remark: remark,
            seller_remark: String::new(),
            shipments: Vec::new(),
            meta: wanted.tags.iter().map(|t| (0, t.clone(), "true".to_owned())).collect(),
            notes: Vec::new(),
        });
        if !wanted.silent {
            self.tell(platform, id, Event::Created);
            if paid {
                self.tell(platform, id, Event::Paid);
            }
        }
        Ok(id)
    }

    /// Where an order has one line, a cart of several becomes several orders; gives the first one's id.
    fn place_cart(
        &mut self,
        platform: Platform,
        wanted: &NewOrder,
        drawn: Vec<(Good, i64, i64)>,
    ) -> Result<i64, String> {
        let receiver = wanted.receiver.clone().unwrap_or_else(|| fiction::receiver(&mut self.rng));
        let remark = wanted.remark.clone().unwrap_or_else(|| fiction::remark(&mut self.rng));
        let mut first = None;
        for (good, qty, price) in drawn {
            let line = NewLine { sku: good.sku, qty, unit_price: Some(decimal(price)), title: Some(good.title) };
            let (receiver, remark) = (Some(receiver.clone()), Some(remark.clone()));
            let one = NewOrder { lines: Some(vec![line]), receiver, remark, ..wanted.clone() };
            let id = self.place(platform, &one)?;
            first.get_or_insert(id);
        }
        first.ok_or_else(|| "an order of nothing".to_owned())
    }
}

/// Lines with the platform's ids.
fn lines_of(platform: Platform, id: i64, number: i64, drawn: Vec<(Good, i64, i64)>) -> Vec<Line> {
    // Douyin's lines have the order's number only where they are alone.
    let shift = i64::from(platform == Platform::Douyin && drawn.len() > 1);
    drawn
        .into_iter()
        .zip(1 + shift..)
        .map(|((good, qty, unit_price), n)| {
            let id = numbers::line_id(platform, id, number, n);
            Line { id, good, qty, unit_price, shipped: 0, refund: Refund::None }
        })
        .collect()
}
