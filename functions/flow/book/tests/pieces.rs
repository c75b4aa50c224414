//! Several pieces under one number, and paper that the carrier drew.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]
#![allow(unreachable_pub, dead_code, reason = "the house is shared by several tests")]

mod house;

use house::House;
use huidan_carrier::{DocumentMedia, Paper};
use huidan_exchange::sign;
use huidan_label::Waybill;
use huidan_store::console::bench;
use huidan_store::print::{self, Room};
use huidan_store::schema::Which;
use huidan_store::track::{self, NewScan};
use huidan_store::waybills::{self, Pieces};
use huidan_store::{Db, StoreError, labels, samples, transaction};
use huidan_testkit::world::block_on;
use huidan_wire::api::{Scan, Scanned};
use huidan_world::World;

impl House {
    async fn change<T>(
        &self,
        work: impl AsyncFn(&<huidan_testkit::world::TestWorld as World>::Db) -> Result<T, StoreError>,
    ) -> T {
        self.world.main(async |db| transaction(db, &work).await).await.unwrap()
    }

    async fn set_pieces(&self, package: &str, pieces: u16) -> Pieces {
        let moment = self.world.moment();
        self.change(async |db| waybills::set_pieces(db, moment, package, pieces, "person-1").await).await
    }

    async fn text(&self, statement: &str) -> String {
        let rows = self.world.connection(Which::Main).run(statement, &[]).await.unwrap();
        rows.first().unwrap().maybe_text(0).unwrap().unwrap_or_default().to_owned()
    }

    async fn claim(&self) -> Vec<print::Job> {
        let moment = self.world.moment();
        let room = [Room { printer: "p1".into(), room: 50 }];
        self.change(async |db| {
            let ids = print::waiting(db, "b1", &room, &[], 50).await?;
            print::claim(db, moment, "b1", &ids).await
        })
        .await
    }

    async fn report(&self, job: &print::Job, phase: print::Phase) {
        let line = print::Line { id: job.id.clone(), lease: job.lease.clone(), phase, detail: String::new() };
        let moment = self.world.moment();
        self.change(async |db| print::report(db, moment, "b1", std::slice::from_ref(&line)).await).await;
    }

    async fn scan(&self, code: &str) -> Scanned {
        let moment = self.world.moment();
        let ask = Scan { code: code.into(), station: "1".into() };
        self.change(async |db| bench::scan(db, moment, "person-1", &ask).await).await.scanned
    }

    async fn news(&self, number: &str, key: &str, kind: &str) {
        let moment = self.world.moment();
        let scan = NewScan {
            number: number.into(),
            key: key.into(),
            account: "acc".into(),
            at: moment.now.0,
            kind: kind.into(),
            code: "c".into(),
            text: "t".into(),
            place: "p".into(),
        };
        self.change(async |db| track::merge(db, moment, "demo", std::slice::from_ref(&scan)).await).await;
    }

    async fn status(&self) -> String {
        self.packages().await[0].status.clone()
    }
}

const NUMBER: &str = "HD0000000001";

#[test]
fn every_piece_has_a_number_and_a_label_and_the_parcel_is_printed_when_all_are_out() {
    block_on(async {
        let house = House::new("query", 1).await;
        assert_eq!(house.set_pieces("k001", 3).await, Pieces::Planned(Some("acc".into())));
        house.wake().await;
        let jobs = house.claim().await;
        let seen: Vec<(&str, &str)> =
            jobs.iter().map(|job| (job.kind.as_str(), job.number.as_deref().unwrap())).collect();
        assert_eq!(
            seen,
            [("waybill", NUMBER), ("waybill-2", "HD0000000001-2"), ("waybill-3", "HD0000000001-3")],
            "in their order, one job each"
        );
        for (piece, job) in (1..).zip(&jobs) {
            let sealed = house.world.label(&job.sha).await.unwrap().unwrap();
            let kept = labels::open(&house.keys("label_key").await, &job.sha, &sealed).unwrap();
            let model: Waybill = serde_json::from_slice(&kept.model).unwrap();
            assert_eq!((model.piece, Some(model.number.as_str())), (Some((piece, 3)), job.number.as_deref()));
        }
        house.report(&jobs[0], print::Phase::Done).await;
        house.report(&jobs[2], print::Phase::Failed).await;
        house.report(&jobs[1], print::Phase::Done).await;
        assert_eq!(house.status().await, "numbered", "one label is missing");
        let moment = house.world.moment();
        let lane = house.change(async |db| print::retry_failed(db, moment, "person-1", &jobs[2].id).await).await;
        assert_eq!(lane.as_deref(), Some("acc"));
        house.wake().await;
        let again = house.claim().await;
        let kinds: Vec<&str> = again.iter().map(|job| job.kind.as_str()).collect();
        assert_eq!(kinds, ["waybill-3"], "only the piece that did not come out");
        house.report(&again[0], print::Phase::Done).await;
        assert_eq!(house.status().await, "printed");
    });
}

#[test]
fn a_parcel_leaves_when_the_label_of_every_piece_was_scanned() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.set_pieces("k001", 3).await;
        house.wake().await;
        for job in house.claim().await {
            house.report(&job, print::Phase::Done).await;
        }
        assert_eq!(house.scan("HD0000000001-2").await.next, "pack", "any piece leads to the parcel");
        house.scan("TEA").await;
        assert_eq!(house.scan("TEA").await.next, "verified");
        for (code, missing) in [("HD0000000001-2", "1/3, 3/3"), ("HD0000000001-2", "1/3, 3/3"), (NUMBER, "3/3")] {
            let scanned = house.scan(code).await;
            assert_eq!(scanned.next, "pieces", "{scanned:?}");
            assert!(scanned.en.ends_with(missing), "{}", scanned.en);
        }
        assert_eq!(house.status().await, "verified");
        assert_eq!(house.scan("HD0000000001-3").await.next, "handed_over");
        assert_eq!(house.status().await, "handed_over");
    });
}

#[test]
fn news_of_any_piece_move_the_parcel_and_the_last_signature_ends_it() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.set_pieces("k001", 2).await;
        house.wake().await;
        house.news("HD0000000001-2", "a", "picked_up").await;
        assert_eq!(house.status().await, "in_transit", "a piece that a carrier scanned has left");
        house.world.pass(60_000).await;
        house.news(NUMBER, "b", "signed").await;
        assert_eq!(house.status().await, "in_transit", "one of two was signed for");
        house.news(NUMBER, "b", "signed").await;
        assert_eq!(house.status().await, "in_transit", "told twice is told once");
        house.world.pass(60_000).await;
        house.news("HD0000000001-2", "c", "signed").await;
        assert_eq!(house.status().await, "delivered");
        assert_eq!(house.text("SELECT group_concat(DISTINCT number) FROM scan").await, NUMBER);
    });
}

#[test]
fn more_pieces_than_the_carrier_takes_are_refused_before_it_hears_of_them() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.set_pieces("k001", 4).await;
        house.wake().await;
        assert!(house.carrier.borrow().batches.is_empty());
        let seen = house.packages().await.remove(0);
        assert_eq!((seen.status.as_str(), seen.work.as_str()), ("planned", ""));
        assert!(seen.waits_for.starts_with("pieces：4"), "{}", seen.waits_for);
        assert_eq!(house.set_pieces("k001", 2).await, Pieces::Planned(Some("acc".into())), "fewer are booked at once");
        house.wake().await;
        assert_eq!(house.jobs().await.len(), 2);
    });
}

#[test]
fn more_pieces_of_a_numbered_parcel_take_a_new_number_and_the_old_paper_is_refused() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        let first = house.claim().await.remove(0);
        house.report(&first, print::Phase::Done).await;
        assert_eq!(house.set_pieces("k001", 2).await, Pieces::Anew("acc".into()));
        assert_eq!(house.set_pieces("k001", 2).await, Pieces::Busy);
        house.wake().await;
        assert_eq!(house.carrier.borrow().taken_back, [NUMBER]);
        let waybills = house.waybills().await;
        let states: Vec<&str> = waybills.iter().map(|waybill| waybill.state.as_str()).collect();
        assert_eq!(states, ["voided", "issued"]);
        let jobs = house.claim().await;
        assert_eq!(jobs.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["waybill", "waybill-2"]);
        assert_eq!(house.scan(NUMBER).await.code, "stale_paper");
        assert_eq!(house.set_pieces("k001", 2).await, Pieces::Same);
    });
}

#[test]
fn a_piece_without_a_number_keeps_the_whole_parcel_from_being_printed() {
    block_on(async {
        let house = House::new("query", 2).await;
        house.set_pieces("k001", 2).await;
        house.set_pieces("k002", 2).await;
        house.carrier.borrow_mut().one_child = true;
        house.wake().await;
        let seen = house.packages().await;
        assert!(seen[1].waits_for.contains("gave 1 numbers"), "{}", seen[1].waits_for);
        let packages: Vec<String> = house.jobs().await.into_iter().map(|job| job.package).collect();
        assert_eq!(packages, ["k001", "k001"], "a number that another parcel has is no piece's");
    });
}

fn document(media: DocumentMedia, bytes: &[u8]) -> Paper {
    Paper::Document { media, base64: sign::base64(bytes) }
}

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
const ZPL: &[u8] = b"^XA^FO10,10^BCN,80^FDHD0000000001^FS^XZ";

#[test]
fn what_the_carrier_drew_is_kept_sealed_under_its_digest_and_printed_byte_for_byte() {
    for (media, bytes, format) in [(DocumentMedia::Pdf, PDF, "pdf"), (DocumentMedia::Zpl, ZPL, "zpl")] {
        block_on(async {
            let house = House::new("query", 1).await;
            house.carrier.borrow_mut().draws = Some(document(media, bytes));
            house.wake().await;
            let job = house.claim().await.remove(0);
            assert_eq!((job.format.as_str(), job.sha.clone()), (format, sign::hex(&sign::sha256(&[bytes]))));
            let sealed = house.world.labels()[&job.sha].clone();
            assert!(!sealed.windows(8).any(|window| window == &bytes[..8]), "not in the open");
            let kept = labels::open(&house.keys("label_key").await, &job.sha, &sealed).unwrap();
            assert_eq!((kept.bytes.as_slice(), kept.model.is_empty()), (bytes, true));
            let index = house.text(&format!("SELECT format FROM label WHERE sha = '{}'", job.sha)).await;
            assert_eq!(index, format);
            let waybill = house.waybills().await.remove(0).id;
            let shown = house.world.post("flow-book", &format!("/label?waybill={waybill}"), &()).await;
            let expected = if format == "pdf" { (200, bytes) } else { (409, &b""[..]) };
            assert_eq!(shown.status().as_u16(), expected.0);
            assert!(shown.body().starts_with(expected.1));
        });
    }
}

#[test]
fn what_is_spoilt_or_of_another_kind_is_left_to_a_person_and_its_number_is_kept() {
    for paper in
        [document(DocumentMedia::Png, PDF), document(DocumentMedia::Pdf, &PDF[..20]), document(DocumentMedia::Zpl, b"")]
    {
        block_on(async {
            let house = House::new("query", 1).await;
            house.carrier.borrow_mut().draws = Some(paper);
            house.wake().await;
            let seen = house.packages().await.remove(0);
            assert_eq!((seen.status.as_str(), seen.work.as_str()), ("numbered", ""));
            assert!(seen.waits_for.contains("the carrier's label"), "{}", seen.waits_for);
            assert!(house.jobs().await.is_empty());
            house.minutes(2).await;
            assert_eq!(house.carrier.borrow().given.len(), 1, "and costs no second one");
        });
    }
}

#[test]
fn zpl_of_a_carrier_waits_for_a_printer_that_speaks_it() {
    block_on(async {
        let house = House::bare("query").await;
        house.world.main(async |db| samples::printer(db, "tspl").await).await.unwrap();
        house.package("k001", samples::receiver()).await;
        house.carrier.borrow_mut().draws = Some(document(DocumentMedia::Zpl, ZPL));
        house.wake().await;
        let waits = house.packages().await.remove(0).waits_for;
        assert!(waits.contains("zpl") && waits.contains("takes tspl"), "{waits}");
    });
}

#[test]
fn a_document_that_cannot_be_kept_is_asked_for_again_before_its_number_counts() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.carrier.borrow_mut().draws = Some(document(DocumentMedia::Pdf, PDF));
        house.world.fail_labels(3);
        house.wake().await;
        assert_eq!(house.waybills().await[0].state, "calling");
        house.minutes(2).await;
        assert_eq!(house.waybills().await[0].state, "issued");
        assert_eq!(house.jobs().await.len(), 1);
        assert_eq!(house.carrier.borrow().given.len(), 1);
    });
}

#[test]
fn a_further_copy_of_the_carriers_paper_is_the_same_paper_and_its_job_says_which_copy_it_is_and_why() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.carrier.borrow_mut().draws = Some(document(DocumentMedia::Pdf, PDF));
        house.wake().await;
        let first = house.claim().await.remove(0);
        house.report(&first, print::Phase::Done).await;
        let moment = house.world.moment();
        house.change(async |db| print::want(db, moment, "person-1", &["k001".to_owned()], "卡纸").await).await;
        house.wake().await;
        let second = house.claim().await.remove(0);
        assert_eq!((second.copy_no, &second.sha), (2, &first.sha));
        assert_eq!(house.text("SELECT reason FROM print_job WHERE copy_no = 2").await, "卡纸");
    });
}
