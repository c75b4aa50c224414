//! A house with parcels in waves, as it is before its bridge starts.

use futures::future::LocalBoxFuture;
use huidan_domain::WaveEvent;
use huidan_flow::wave::{self, Parcel, Plan};
use huidan_store::waves::{self, Asked, Made};
use huidan_store::{Db as _, Keyring, labels, samples, transaction};
use huidan_testkit::world::TestWorld;
use huidan_world::World as _;
use sha2::{Digest as _, Sha256};

use super::{house::House, hub::zpl};

const PLAN: Plan = Plan {
    slots: 20,
    columns: 5,
    most: 50,
    large_over_g: 5_000,
    large_over_pieces: 20,
    urgent_before: None,
    by_carrier: true,
    by_zone: false,
};

/// Builds waves of `count` parcels and has them printed, by turns on these printers. Answers for each wave its printer
/// and its jobs in the order of its list.
pub(crate) async fn queue(house: &House, count: u32, printers: &'static [&'static str]) -> Vec<(String, Vec<String>)> {
    house.inside(move |world| -> LocalBoxFuture<'static, _> { Box::pin(queued(world, count, printers)) }).await
}

async fn queued(world: TestWorld, count: u32, printers: &[&str]) -> Vec<(String, Vec<String>)> {
    for n in 1..=count {
        package(&world, n).await;
    }
    let asked = Asked { warehouse: "w1", limit: 10_000, ..Asked::default() };
    let parcels: Vec<Parcel> = world.main(async |db| waves::candidates(db, asked).await).await.unwrap();
    assert_eq!(parcels.len(), usize::try_from(count).unwrap());
    let mut queued = Vec::new();
    for (planned, printer) in wave::build(&parcels, &PLAN).into_iter().zip(printers.iter().cycle()) {
        let made = Made { warehouse: "w1", cut_off: None, printer: Some(printer), actor: "person-1" };
        // Built one after the other, as their ids show.
        world.pass(1).await;
        let moment = world.moment();
        let list: Vec<String> = planned.members.iter().map(|member| member.package.replacen('k', "j", 1)).collect();
        world
            .main(async |db| {
                transaction(db, async |db| {
                    let wave = waves::make(db, moment, made, std::slice::from_ref(&planned)).await?.remove(0);
                    waves::steer(db, moment, "person-1", &wave, WaveEvent::Print, None).await?;
                    Ok(())
                })
                .await
            })
            .await
            .unwrap();
        queued.push(((*printer).to_owned(), list));
    }
    draw(&world).await;
    queued
}

async fn package(world: &TestWorld, n: u32) {
    let moment = world.moment();
    let keys = Keyring::parse(&world.variable("receiver_key").await.unwrap()).unwrap();
    let (package, waybill) = (format!("k{n:04}"), format!("w{n:04}"));
    world
        .main(async |db| {
            transaction(db, async |db| {
                samples::package(db, moment, &keys, &package, "acc", samples::receiver()).await?;
                samples::number(db, &waybill, &package, &format!("HD{n:08}")).await
            })
            .await
        })
        .await
        .unwrap();
}

/// Does what flow-book does with what the waves want: keeps a label for each and queues its job.
async fn draw(world: &TestWorld) {
    let keys = Keyring::parse(&world.variable("label_key").await.unwrap()).unwrap();
    loop {
        let now = world.moment().now;
        let due = world.main(async |db| labels::due(db, now, "acc", 100).await).await.unwrap();
        if due.is_empty() {
            return;
        }
        let mut rows = Vec::new();
        for due in due {
            let (wish, printer, waybill) = (due.wish.unwrap(), due.printer.unwrap(), due.waybill.unwrap());
            let bytes = zpl(&due.package.replacen('k', "j", 1), 900);
            let sha = hex::encode(Sha256::digest(&bytes));
            let sealed = labels::seal(&keys, world.moment().chance, &sha, b"{}", &bytes).unwrap();
            world.keep_label(&sha, sealed).await.unwrap();
            rows.push((due.package, waybill, wish, printer.id, sha, bytes.len()));
        }
        world
            .main(async |db| {
                transaction(db, async |db| {
                    for (package, waybill, wish, printer, sha, bytes) in &rows {
                        let job = package.replacen('k', "j", 1);
                        samples::job(db, &job, waybill, (&wish.batch, wish.seq, wish.of), sha).await?;
                        let bytes = i64::try_from(*bytes).unwrap();
                        let set = "UPDATE print_job SET bytes = ?2, printer = ?3, strict = 1 WHERE id = ?1";
                        db.run(set, &[job.as_str().into(), bytes.into(), printer.into()]).await?;
                        db.run("DELETE FROM print_wish WHERE package = ?1", &[package.into()]).await?;
                        db.run("UPDATE package SET work = '' WHERE id = ?1", &[package.into()]).await?;
                    }
                    Ok(())
                })
                .await
            })
            .await
            .unwrap();
    }
}
