//! A house with flow-book in it and a carrier that remembers.

use huidan_carrier::{Booked, Cancelled, Child, Paper, Parcel, Quote};
use huidan_domain::{Currency, Money};
use huidan_store::Keyring;
use huidan_store::samples;
use huidan_store::schema::Which;
use huidan_testkit::world::TestWorld;
use huidan_wire::call::{Answer, CancelNumber, CarrierManifest, EXISTS, Failure, For, UpdateParcel};
use huidan_world::World;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

type Look = Rc<dyn Fn(&[Parcel])>;

/// What the carrier did and will do.
#[derive(Default)]
pub struct Memory {
    /// The number given for each claim: each costs money.
    pub given: BTreeMap<String, String>,
    /// Numbers taken back.
    pub taken_back: Vec<String>,
    /// Serials seen, in order.
    pub serials: Vec<Option<u64>>,
    /// How many parcels each call of `book` had.
    pub batches: Vec<usize>,
    /// What the next parcels get in place of a number.
    pub next: VecDeque<Say>,
    /// What cancelling gets in place of yes.
    pub cancel_says: Option<Failure>,
    /// Whether receivers stay with the platform: the paper is its document then.
    pub platform: bool,
    /// The same number for every parcel.
    pub one_number: bool,
    /// What is left of its numbers; `None`: it does not say.
    pub balance: Option<u64>,
    /// Shows nothing for any claim.
    pub hides: bool,
    /// The document that it draws of every piece, as its answer gives it.
    pub draws: Option<Paper>,
    /// Whether every parcel's further pieces get the same numbers.
    pub one_child: bool,
    /// Whether it changes booked parcels.
    pub updates: bool,
    /// What it was told of each number last, and how often.
    pub told: BTreeMap<String, (Parcel, u32)>,
    /// What the next changes get in place of yes.
    pub update_says: VecDeque<Failure>,
    /// What it asks for a parcel; `None`: it does not say.
    pub price: Option<i64>,
    /// Looks while a call is being answered.
    pub look: Option<Look>,
}

/// What a parcel gets in place of a plain number.
#[derive(Clone)]
pub enum Say {
    /// This failure, and nothing was done.
    No(&'static str),
    /// The number is taken, and the answer says nobody knows.
    DoneButUnknown,
    /// The number was taken before, and is not shown.
    Exists,
}

pub struct House {
    pub world: TestWorld,
    pub carrier: Rc<RefCell<Memory>>,
}

pub const PRINT_DATA: &str = r#"{"encryptedData":"AES:a/b=","signature":"MD:x","ver":1.0,"b":1,"a":2}"#;

pub fn failure(kind: &str) -> Failure {
    Failure { kind: kind.into(), code: String::new(), detail: format!("the carrier says {kind}"), after_s: None }
}

impl House {
    /// A carrier whose unknown outcomes are resolved so; `packages` planned packages; a ZPL printer.
    pub async fn new(unknown_outcome: &'static str, packages: usize) -> Self {
        let house = Self::bare(unknown_outcome).await;
        house.world.main(async |db| samples::printer(db, "zpl").await).await.unwrap();
        for n in 1..=packages {
            house.package(&format!("k{n:03}"), samples::receiver()).await;
        }
        house
    }

    /// The same without a printer and without packages.
    pub async fn bare(unknown_outcome: &'static str) -> Self {
        let world = TestWorld::new(7);
        let carrier = Rc::new(RefCell::new(Memory::default()));
        let memory = Rc::clone(&carrier);
        world.answers("carrier-demo", move |path, body| answer(&memory, unknown_outcome, path, body));
        world.component("flow-book", async |world, request| flow_book::serve(&world, request).await);
        world.main(async |db| samples::house(db).await).await.unwrap();
        Self { world, carrier }
    }

    pub async fn package(&self, id: &str, receiver: huidan_wire::Receiver) {
        let keys = self.keys("receiver_key").await;
        let moment = self.world.moment();
        self.world
            .main(async |db| samples::package(db, moment, &keys, id, "acc", receiver.clone()).await)
            .await
            .unwrap();
    }

    pub async fn keys(&self, name: &str) -> Keyring {
        Keyring::parse(&self.world.variable(name).await.unwrap()).unwrap()
    }

    /// The heartbeat comes by.
    pub async fn wake(&self) {
        self.world.wake("flow-book", "acc");
        self.world.settle().await;
    }

    /// Time passes with a heartbeat every ten seconds.
    pub async fn minutes(&self, minutes: i64) {
        for _ in 0..minutes * 6 {
            self.world.pass(10_000).await;
            self.wake().await;
        }
    }

    pub async fn packages(&self) -> Vec<samples::PackageSeen> {
        self.world.main(async |db| samples::packages(db).await).await.unwrap()
    }

    pub async fn waybills(&self) -> Vec<samples::WaybillSeen> {
        self.world.main(async |db| samples::waybills(db).await).await.unwrap()
    }

    pub async fn jobs(&self) -> Vec<samples::JobSeen> {
        self.world.main(async |db| samples::jobs(db).await).await.unwrap()
    }

    pub async fn events(&self, kind: &str) -> i64 {
        self.world.main(async |db| samples::events(db, kind).await).await.unwrap()
    }

    /// Has the carrier look at the house, over a connection of its own, while it is being called.
    pub fn look(&self, look: impl Fn(&[Parcel], &[samples::WaybillSeen]) + 'static) {
        let db = self.world.connection(Which::Main);
        self.carrier.borrow_mut().look = Some(Rc::new(move |parcels| {
            use futures::FutureExt;
            let seen = samples::waybills(&db).now_or_never().unwrap().unwrap();
            look(parcels, &seen);
        }));
    }
}

fn answer(
    memory: &Rc<RefCell<Memory>>,
    unknown_outcome: &str,
    path: &str,
    body: serde_json::Value,
) -> serde_json::Value {
    match path {
        "/waybill/manifest" => {
            let memory = memory.borrow();
            let (updates, prices) = (memory.updates, memory.price.is_some());
            let manifest = CarrierManifest { updates, prices, ..manifest(unknown_outcome) };
            serde_json::to_value(manifest).unwrap()
        }
        "/waybill/update" => {
            let asked: For<Vec<UpdateParcel<Parcel>>> = read(body);
            let mut memory = memory.borrow_mut();
            let answers: Vec<Answer<Booked>> =
                asked.subject.into_iter().map(|changed| memory.update(changed)).collect();
            serde_json::to_value(answers).unwrap()
        }
        "/waybill/price" => {
            let asked: For<Vec<Parcel>> = read(body);
            let fen = memory.borrow().price.unwrap_or_default();
            let quote = |parcel: &Parcel| Quote {
                service: parcel.service.clone(),
                title: "标快".into(),
                price: Money::from_minor(fen, Currency::CNY),
                days: Some(2),
            };
            let answers: Vec<Answer<Vec<Quote>>> =
                asked.subject.iter().map(|parcel| Answer::Done(vec![quote(parcel)])).collect();
            serde_json::to_value(answers).unwrap()
        }
        "/waybill/book" => {
            let asked: For<Vec<Parcel>> = read(body);
            let look = memory.borrow().look.clone();
            if let Some(look) = look {
                look(&asked.subject);
            }
            let mut memory = memory.borrow_mut();
            memory.batches.push(asked.subject.len());
            let answers: Vec<Answer<Booked>> = asked.subject.iter().map(|parcel| memory.book(parcel)).collect();
            serde_json::to_value(answers).unwrap()
        }
        "/waybill/query" => {
            let asked: For<Vec<Parcel>> = read(body);
            let memory = memory.borrow();
            let shown = |parcel: &Parcel| memory.given.get(&parcel.claim).filter(|_| !memory.hides);
            let found = |parcel: &Parcel| shown(parcel).map(|number| memory.booked(number, parcel.pieces));
            let answers: Vec<Answer<Option<Booked>>> =
                asked.subject.iter().map(|parcel| Answer::Done(found(parcel))).collect();
            serde_json::to_value(answers).unwrap()
        }
        "/waybill/balance" => {
            let left = memory.borrow().balance;
            serde_json::json!([{"done": [{"place": "", "numbers": left, "given_back": null, "money": null}]}])
        }
        "/waybill/cancel" => {
            let asked: For<Vec<CancelNumber>> = read(body);
            let mut memory = memory.borrow_mut();
            let answers: Vec<Answer<Cancelled>> = asked.subject.iter().map(|gone| memory.cancel(gone)).collect();
            serde_json::to_value(answers).unwrap()
        }
        other => panic!("nobody calls {other}"),
    }
}

impl Memory {
    fn book(&mut self, parcel: &Parcel) -> Answer<Booked> {
        self.serials.push(parcel.serial);
        match self.next.pop_front() {
            Some(Say::No(kind)) => return Answer::Failed(failure(kind)),
            Some(Say::DoneButUnknown) => {
                self.give(&parcel.claim);
                return Answer::Failed(failure("unknown"));
            }
            Some(Say::Exists) => {
                self.give(&parcel.claim);
                return Answer::Failed(Failure { code: EXISTS.into(), ..failure("unknown") });
            }
            None => {}
        }
        let number = self.give(&parcel.claim);
        Answer::Done(self.booked(&number, parcel.pieces))
    }

    fn update(&mut self, changed: UpdateParcel<Parcel>) -> Answer<Booked> {
        let UpdateParcel { number, parcel } = changed;
        assert_eq!(self.given.get(&parcel.claim), Some(&number), "a number is changed under its own claim");
        if let Some(failure) = self.update_says.pop_front() {
            return Answer::Failed(failure);
        }
        let times = self.told.get(&number).map_or(0, |(_, times)| *times) + 1;
        let booked = Booked { routing: format!("731-U{times}"), ..self.booked(&number, parcel.pieces) };
        self.told.insert(number, (parcel, times));
        Answer::Done(booked)
    }

    /// The same claim, the same number; a new claim costs a new one.
    fn give(&mut self, claim: &str) -> String {
        let next = if self.one_number { 1 } else { self.given.len() + 1 };
        self.given.entry(claim.to_owned()).or_insert_with(|| format!("HD{next:010}")).clone()
    }

    fn booked(&self, number: &str, pieces: u16) -> Booked {
        let paper = match &self.draws {
            Some(drawn) => drawn.clone(),
            None if self.platform => Paper::PlatformTask { print_data: PRINT_DATA.into() },
            None => Paper::Hub,
        };
        let mother = if self.one_child { "HD9999999999" } else { number };
        let child = |piece: u16| Child { number: format!("{mother}-{piece}"), paper: paper.clone() };
        Booked {
            number: number.to_owned(),
            children: (2..=pieces).map(child).collect(),
            paper,
            routing: "731-A12".into(),
            by: String::new(),
            reference: "own-order-7".into(),
        }
    }

    fn cancel(&mut self, gone: &CancelNumber) -> Answer<Cancelled> {
        if let Some(failure) = &self.cancel_says {
            return Answer::Failed(failure.clone());
        }
        assert_eq!(self.given.get(&gone.claim), Some(&gone.number), "a number goes back under its own claim");
        assert_eq!(gone.reference, "own-order-7", "and with what the carrier calls the order");
        if self.taken_back.contains(&gone.number) {
            return Answer::Done(Cancelled::AlreadyGone);
        }
        self.taken_back.push(gone.number.clone());
        Answer::Done(Cancelled::Done)
    }
}

fn read<T: DeserializeOwned>(body: serde_json::Value) -> T {
    serde_json::from_value(body).unwrap()
}

fn manifest(unknown_outcome: &str) -> CarrierManifest {
    CarrierManifest {
        id: "demo".into(),
        zh: "汇达速运".into(),
        en: "Demo".into(),
        unknown_outcome: unknown_outcome.into(),
        needs_serial: true,
        takes_tokens_of: Vec::new(),
        pushes: false,
        secret_path: false,
        track_batch: 0,
        books: true,
        watches_others: false,
        subscribes: false,
        updates: false,
        prices: false,
        balances: true,
        intercepts: false,
        reclaim_days: Some(15),
        most_pieces: 3,
        credentials: Vec::new(),
    }
}
