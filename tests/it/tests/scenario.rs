//! One order, all the way, on each channel: from its platform's own document to the door, over HTTP, through the real
//! components, the real bridge and the simulated platforms. The printed bytes are drawn by an independent renderer and
//! the barcode is read back. Under the embedded host, and under a real Spin where one is found.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use huidan_it::{House, Wanted, under_both, until};
use huidan_label::{Dpi, Media};
use huidan_labels::{Format, read_back};
use huidan_platforms::{NewOrder, Platform, Until};
use serde_json::Value;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// From placed to printed; answers the package.
async fn to_paper(house: &House, platform: Platform) -> (i64, Value) {
    let ext_id =
        house.platforms.place(platform, &NewOrder { remark: Some(String::new()), ..NewOrder::default() }).unwrap();
    let order = house.order_is(platform, ext_id, &["to_ship"]).await;
    (ext_id, house.package_is(&order, &["printed"]).await)
}

/// From printed to handed over and told.
async fn to_the_channel(house: &House, platform: Platform, ext_id: i64, package: &Value) {
    house.api.post(&format!("packages/{}/ship", text(package, "id")), &serde_json::json!({})).await;
    let number = text(package, "waybill").to_owned();
    until("the channel is told", async || {
        let ledger = house.platforms.ledger();
        let told: Vec<_> =
            ledger.confirmations.iter().filter(|c| c.platform == platform && c.order == ext_id).collect();
        assert!(told.len() <= 1, "told more than once: {told:?}");
        told.first().map(|told| assert_eq!(told.number, number))
    })
    .await;
}

fn number_on_paper(house: &House, format: Format) -> Vec<String> {
    let jobs = house.platforms.ledger().jobs.len();
    (0..jobs)
        .map(|job| {
            let bytes = house.platforms.job_bytes(job);
            read_back(&bytes, format, Media::W100H150, Dpi::D203).unwrap().barcode
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_a_signed_webhook_to_paper_that_scans_and_to_the_door() {
    for (lang, format, platform) in [
        ("zpl", Format::Zpl, Platform::Shopify),
        ("tspl", Format::Tspl, Platform::Woocommerce),
        ("zpl", Format::Zpl, Platform::OwnShop),
    ] {
        under_both(Wanted { lang, ..Wanted::default() }, async |house| {
            let (ext_id, package) = to_paper(&house, platform).await;
            let number = text(&package, "waybill").to_owned();
            assert_eq!(number_on_paper(&house, format), std::slice::from_ref(&number), "{platform:?}");
            to_the_channel(&house, platform, ext_id, &package).await;
            let order = house.order(platform, ext_id).await;
            if house.platforms.advance(&number, Until::Delivered, false).is_ok() {
                house.package_is(&order, &["delivered"]).await;
                house.order_is(platform, ext_id, &["completed"]).await;
            }
            let waybills = house.platforms.ledger().waybills;
            assert!(waybills.iter().filter(|waybill| waybill.number == number).count() <= 1, "{waybills:?}");
            assert!(house.api.gauge("orders_quarantined").await == 0);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_receiver_stays_ciphertext_all_the_way_to_the_platforms_own_printer() {
    under_both(Wanted::default(), async |house| {
        let (ext_id, package) = to_paper(&house, Platform::Taobao).await;
        let number = text(&package, "waybill").to_owned();
        let ledger = house.platforms.ledger();
        let waybill = ledger.waybills.iter().find(|waybill| waybill.number == number).expect("the platform gave it");
        assert!(ledger.paper.iter().any(|paper| paper.number == number), "the print component printed it");
        to_the_channel(&house, Platform::Taobao, ext_id, &package).await;
        let secrets = [waybill.receiver.name.clone(), waybill.receiver.phone.clone()];
        assert!(secrets.iter().all(|secret| secret.len() > 3), "{secrets:?}");
        let order = house.order(Platform::Taobao, ext_id).await.to_string();
        for secret in &secrets {
            assert!(!order.contains(secret.as_str()), "the API shows it");
            assert!(!house.logs().contains(secret.as_str()), "the log holds it");
            for (file, bytes) in house.bytes_at_rest() {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{} holds it", file.display());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_phones_lie_sealed_and_are_never_logged() {
    under_both(Wanted::default(), async |house| {
        let (_, package) = to_paper(&house, Platform::OwnShop).await;
        assert!(!text(&package, "waybill").is_empty());
        let placed = house.platforms.ledger().orders.first().cloned().unwrap().order.receiver;
        for secret in [&placed.name, &placed.phone] {
            assert!(!house.logs().contains(secret.as_str()), "the log holds it");
            for (file, bytes) in house.bytes_at_rest() {
                // The bridge's journal holds the bytes of labels, on which a name is a picture.
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{} holds it", file.display());
            }
        }
    })
    .await;
}
