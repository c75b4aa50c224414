use super::*;
use crate::native::Native;
use crate::{Chance, Keyring, samples, schema, transaction};
use futures::executor::block_on;

struct Ones;
impl Chance for Ones {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

/// A decision to do nothing, as for an order whose package stands already.
fn nothing(order: &ToPlan) -> Decided {
    Decided {
        order: order.id.clone(),
        wanted_at: order.wanted_at,
        receiver: Vec::new(),
        live: true,
        holds: Vec::new(),
        cancel: Vec::new(),
        packages: Vec::new(),
        again: None,
    }
}

#[test]
fn an_order_that_changes_while_it_is_planned_is_planned_again() {
    let folder = tempfile::tempdir().unwrap();
    let db = Native::open(&folder.path().join("main")).unwrap();
    let keys = Keyring::derived("k", "receiver");
    block_on(async {
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        samples::house(&db).await.unwrap();
        let at = |ms| Moment::new(Millis(ms), &Ones);
        samples::package(&db, at(1_000), &keys, "k1", "acc", samples::receiver()).await.unwrap();
        for (changes, still_due) in [(true, true), (false, false)] {
            let (read, _) = due(&db, "due", Millis(2_000), 10).await.unwrap();
            let order = read.first().unwrap();
            if changes {
                want(&db, Millis(1_500), &[&order.id]).await.unwrap();
            }
            let decided = [nothing(order)];
            transaction(&db, async |db| store(db, at(2_000), &decided).await).await.unwrap();
            assert_eq!(any_due(&db, "due", Millis(3_000)).await.unwrap(), still_due, "changed meanwhile: {changes}");
        }
    });
}
