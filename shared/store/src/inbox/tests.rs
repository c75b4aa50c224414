use super::*;
use crate::{Chance, native::Native, schema};
use futures::executor::block_on;
use std::cell::Cell;

struct Counting(Cell<u8>);
impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.set(self.0.get().wrapping_add(1));
        bytes.fill(self.0.get());
    }
}

const TRAY: Tray<'static> = Tray { kind: "order", source: "demo" };

fn arrival(event: &str) -> Arrival {
    Arrival {
        event_id: event.into(), topic: "saved".into(), ext_id: "1".into(), complete: true, body: "王小明".into()
    }
}

async fn fresh() -> Native {
    let db = Native::in_memory().unwrap();
    schema::migrate(&db, schema::Which::Edge).await.unwrap();
    db
}

#[test]
fn the_same_message_is_taken_once_and_its_body_lies_sealed() {
    let chance = Counting(Cell::new(0));
    let (moment, keys) = (Moment::new(Millis(5), &chance), Keyring::derived("t", "inbox"));
    block_on(async {
        let db = fresh().await;
        assert_eq!(take(&db, moment, &keys, TRAY, "s1", &[arrival("a"), arrival("b")]).await, Ok(2));
        assert_eq!(take(&db, moment, &keys, TRAY, "s1", &[arrival("a"), arrival("c")]).await, Ok(1));
        assert_eq!(take(&db, moment, &keys, TRAY, "s2", &[arrival("a")]).await, Ok(1), "another shop's");
        let rows = db.run("SELECT body FROM inbox", &[]).await.unwrap();
        for row in &rows {
            assert!(!String::from_utf8_lossy(row.blob(0).unwrap()).contains("王小明"));
        }
    });
}

#[test]
fn one_alone_is_kept_as_in_company() {
    let chance = Counting(Cell::new(0));
    let (moment, keys) = (Moment::new(Millis(5), &chance), Keyring::derived("t", "inbox"));
    block_on(async {
        let db = fresh().await;
        take(&db, moment, &keys, TRAY, "s1", &[arrival("a")]).await.unwrap();
        take(&db, moment, &keys, TRAY, "s1", &[arrival("b"), arrival("c")]).await.unwrap();
        assert_eq!(take(&db, moment, &keys, TRAY, "s1", &[arrival("b")]).await, Ok(0), "a repeat");
        let (_, rows) = lease(&db, moment, &keys, TRAY, false, 100, 10).await.unwrap();
        let kept: Vec<_> = rows.iter().map(|row| &row.arrival).collect();
        assert!(kept == [&arrival("a"), &arrival("b"), &arrival("c")]);
        assert!(rows.iter().all(|row| row.received_at == Millis(5) && row.account == "s1"));
    });
}

#[test]
fn a_lease_hides_rows_until_it_ends_and_a_late_result_changes_nothing() {
    let chance = Counting(Cell::new(0));
    let keys = Keyring::derived("t", "inbox");
    let at = |ms| Moment::new(Millis(ms), &chance);
    block_on(async {
        let db = fresh().await;
        take(&db, at(0), &keys, TRAY, "s1", &[arrival("a")]).await.unwrap();
        let (first, rows) = lease(&db, at(1), &keys, TRAY, false, 100, 10).await.unwrap();
        assert_eq!(rows[0].arrival.body, "王小明".as_bytes());
        assert!(lease(&db, at(2), &keys, TRAY, false, 100, 10).await.unwrap().1.is_empty());
        let (second, again) = lease(&db, at(102), &keys, TRAY, true, 100, 10).await.unwrap();
        assert_eq!((again.len(), again[0].attempts), (1, 1));
        done(&db, &first, &[rows[0].id]).await.unwrap();
        assert_eq!(pending(&db).await, Ok(1), "the first runner's lease is over");
        done(&db, &second, &[rows[0].id]).await.unwrap();
        assert_eq!(pending(&db).await, Ok(0));
        assert_eq!(take(&db, at(200), &keys, TRAY, "s1", &[arrival("a")]).await, Ok(0), "still known");
    });
}
