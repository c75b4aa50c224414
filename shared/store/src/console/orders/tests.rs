use super::*;
use crate::{native::Native, samples, schema};
use futures::executor::block_on;

/// Every way of asking that the API has, but for single orders.
fn ways() -> Vec<Wanted<'static>> {
    let mut ways = Vec::new();
    for bits in 0_u32..128 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        ways.push(Wanted {
            shop: on(0).then_some("s1"),
            channel: on(1).then_some("demo"),
            status: on(2).then_some("to_plan"),
            from: on(3).then_some(Millis(100)),
            to: on(4).then_some(Millis(2_000_000_000_000)),
            beyond: on(5).then_some((1_900_000_000_000, "x")),
            oldest_first: on(6),
            limit: 50,
            ..Wanted::default()
        });
    }
    ways
}

/// SQLite's plan: the step above each step (0 for the list's own), and what it does.
async fn plan_of(db: &Native, wanted: &Wanted<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let (text, values) = statement(wanted);
    let rows = db.run(&format!("EXPLAIN QUERY PLAN {text}"), &values).await?;
    rows.iter().map(|row| Ok((row.int(1)?, row.string(3)?))).collect()
}

async fn listed(db: &Native, wanted: &Wanted<'_>) {
    let plan = plan_of(db, wanted).await.unwrap_or_else(|error| panic!("{wanted:?}: {error}"));
    let said = format!("{plan:?}");
    let orders = plan.iter().map(|(_, step)| step).find(|step| step.contains(" o USING "));
    let orders = orders.unwrap_or_else(|| panic!("{wanted:?}: {said}"));
    let everything = Wanted { oldest_first: wanted.oldest_first, limit: wanted.limit, ..Wanted::default() };
    if statement(wanted).0 == statement(&everything).0 {
        // Without any condition the list is walked in its order, as far as the page goes.
        assert!(orders.starts_with("SCAN o USING INDEX orders_placed"), "{wanted:?}: {said}");
    } else {
        assert!(orders.starts_with("SEARCH o USING INDEX"), "{wanted:?}: {said}");
    }
    for (asked, column) in [
        (wanted.shop.is_some(), "shop=?"),
        (wanted.shop.is_none() && wanted.channel.is_some(), "channel=?"),
        (wanted.status.is_some(), "status=?"),
        (wanted.from.is_some() || wanted.to.is_some() || wanted.beyond.is_some(), "placed_at"),
    ] {
        assert!(wanted.ext_id.is_some() || !asked || orders.contains(column), "{wanted:?}: {said}");
    }
    // The lines of one order are sorted, which is below; the list itself must come sorted.
    let sorts = plan.iter().any(|(above, step)| *above == 0 && step.contains("TEMP B-TREE"));
    // Orders with one id at their channels are a few at most.
    assert!(wanted.ext_id.is_some() || !sorts, "{wanted:?}: {said}");
    let read_whole = ["orders", "o", "hold", "h", "order_line", "package_order", "po", "shop"];
    for (_, step) in &plan {
        let whole = read_whole.iter().any(|table| *step == format!("SCAN {table}"));
        assert!(!whole, "{wanted:?}: {said}");
    }
}

#[test]
fn no_list_of_orders_reads_through_the_table_or_sorts_it() {
    block_on(async {
        let db = Native::in_memory().unwrap();
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        for wanted in ways() {
            listed(&db, &wanted).await;
            listed(&db, &Wanted { ext_id: Some("1"), ..wanted }).await;
        }
        listed(&db, &Wanted { id: Some("1"), limit: 1, ..Wanted::default() }).await;
    });
}

#[test]
fn without_its_index_a_list_is_not_served() {
    let indexes =
        ["placed", "status", "shop", "shop_status", "channel", "channel_status"].map(|name| format!("orders_{name}"));
    for index in indexes {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            db.run(&format!("DROP INDEX {index}"), &[]).await.unwrap();
            let mut refused = 0;
            for wanted in ways() {
                refused += usize::from(plan_of(&db, &wanted).await.is_err());
            }
            assert!(refused > 0, "nothing needs {index}");
        });
    }
}

/// Sixty orders of two shops, five at each instant.
async fn filled() -> Native {
    let db = Native::in_memory().unwrap();
    schema::migrate(&db, schema::Which::Main).await.unwrap();
    samples::house(&db).await.unwrap();
    let other = "INSERT INTO shop (id, channel, name, mode, environment, created_at)
         VALUES ('s2', 'other', 's', 'live', 'live', 0)";
    db.run(other, &[]).await.unwrap();
    let orders = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
         INSERT INTO orders (id, shop, channel, ext_id, number, version_at, version_hash, status, pay_state,
             channel_state, review_state, refund_state, placed_at, total_minor, currency, receiver, receiver_hash,
             country, province, city, district, encrypted, buyer_remark, seller_remark, created_at, updated_at)
         SELECT printf('%02d', i * 37 % 60), iif(i % 2, 's2', 's1'), iif(i % 2, 'other', 'demo'), i, i, 0, '',
             iif(i % 3, 'to_plan', 'held'), '', '', '', '', i / 5, 0, 'CNY', x'', x'', '', '', '', '', 0, '', '', 0, 0
         FROM n";
    db.run(orders, &[]).await.unwrap();
    db
}

async fn page(db: &Native, wanted: &Wanted<'_>) -> Vec<(i64, String)> {
    let (text, values) = statement(wanted);
    let rows = db.run(&text, &values).await.unwrap();
    rows.iter().map(|row| (row.int(10).unwrap(), row.string(0).unwrap())).collect()
}

#[test]
fn pages_laid_together_are_the_whole_list() {
    block_on(async {
        let db = filled().await;
        for way in ways() {
            let way = Wanted { from: way.from.map(|_| Millis(2)), to: way.to.map(|_| Millis(9)), beyond: None, ..way };
            let whole = page(&db, &Wanted { limit: 100, ..way.clone() }).await;
            let both = way.shop.is_none() && way.channel.is_none() && way.status.is_none();
            let bound = way.from.is_some() || way.to.is_some();
            assert!(!both || bound || whole.len() == 60, "{way:?}: {}", whole.len());
            let (mut laid, mut last) = (Vec::new(), None::<(i64, String)>);
            loop {
                let beyond = last.as_ref().map(|(at, id)| (*at, id.as_str()));
                let next = page(&db, &Wanted { beyond, limit: 7, ..way.clone() }).await;
                last = next.last().cloned().or(last);
                laid.extend(next.iter().cloned());
                if next.len() < 7 {
                    break;
                }
            }
            assert_eq!(laid, whole, "{way:?}");
            assert!(!whole.is_empty(), "{way:?}");
        }
    });
}

#[test]
fn a_window_that_ends_before_the_page_begins_is_kept() {
    block_on(async {
        let db = filled().await;
        let late = Wanted { to: Some(Millis(3)), beyond: Some((8, "z")), limit: 100, ..Wanted::default() };
        assert!(page(&db, &late).await.iter().all(|(at, _)| *at < 3));
        let early = Wanted { from: Some(Millis(8)), beyond: Some((3, "")), oldest_first: true, ..late };
        assert!(page(&db, &Wanted { to: None, ..early }).await.iter().all(|(at, _)| *at >= 8));
        let foreign = Wanted { shop: Some("s1"), channel: Some("other"), limit: 100, ..Wanted::default() };
        assert!(page(&db, &foreign).await.is_empty());
    });
}
