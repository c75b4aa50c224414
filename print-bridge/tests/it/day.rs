//! A day at three printers with all their troubles, against the real print-queue: no label twice, every missing one
//! asked about once, paper in the order of the lists.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures::future::LocalBoxFuture;
use huidan_store::{Db as _, print, transaction};
use huidan_testkit::world::TestWorld;
use huidan_world::World as _;

use crate::support::{
    bridge::Setup,
    house::House,
    press::{Fault, Press},
    until, waves,
};

const PRINTERS: [&str; 3] = ["p1", "p2", "p3"];

/// A trouble of each kind on every printer, by turns, once in every so many labels.
fn troubles(printer: usize, every: usize, labels: usize) -> Vec<(usize, Fault)> {
    let kinds = [Fault::Jam, Fault::Mute, Fault::PowerLoss, Fault::Blank];
    let turn = kinds.into_iter().cycle().skip(printer);
    (1..).map(|n| n * every + printer * 3).take_while(|at| *at <= labels).zip(turn).collect()
}

/// The jobs that nobody knows about, from the house.
async fn questions(house: &House) -> Vec<String> {
    let read = |world: TestWorld| -> LocalBoxFuture<'static, Vec<String>> {
        Box::pin(async move {
            let open = "SELECT id FROM print_job WHERE state = 'unconfirmed' ORDER BY batch, seq";
            let rows = world.main(async |db| db.run(open, &[]).await).await.unwrap();
            rows.iter().map(|row| row.string(0).unwrap()).collect()
        })
    };
    house.inside(read).await
}

async fn answer(house: &House, job: String, paper: bool) {
    let say = move |world: TestWorld| -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let moment = world.moment();
            let said = world
                .main(async |db| {
                    transaction(db, async |db| print::confirm_unconfirmed(db, moment, "packer", &job, paper).await)
                        .await
                })
                .await;
            said.unwrap().unwrap();
        })
    };
    house.inside(say).await;
}

/// What was asked about a job, in order: whether its label lay there, and how often its printer had been switched off by
/// then.
type Asked = BTreeMap<String, Vec<(bool, u32)>>;

/// Who stands beside the printers: sees to those in trouble, and answers each question by what lies there.
async fn stand_by(house: &House, presses: &[Press], of: &HashMap<String, Press>, asked: &mut Asked) {
    for press in presses.iter().filter(|press| press.in_trouble()) {
        // Nobody is there at once; a printer without a word is found by the question about it.
        tokio::time::sleep(Duration::from_millis(50)).await;
        if !questions(house).await.is_empty() || press.met().last() == Some(&Fault::Jam) {
            press.mend();
        }
    }
    for job in questions(house).await {
        let out = presses.iter().any(|press| press.paper().iter().any(|sheet| sheet.job == job));
        asked.entry(job.clone()).or_default().push((out, of[&job].lives()));
        answer(house, job, out).await;
    }
}

async fn day(labels: u32, every: usize) {
    let house = House::new();
    let share = usize::try_from(labels).unwrap() / PRINTERS.len();
    let presses: Vec<Press> = (0..PRINTERS.len()).map(|printer| Press::new(&troubles(printer, every, share))).collect();
    let folder = tempfile::tempdir().unwrap();
    let targets: Vec<String> =
        PRINTERS.iter().zip(&presses).map(|(name, press)| format!("{name}={}", press.target())).collect();
    let setup = Setup::new(&house.url(), folder.path(), &targets.iter().map(String::as_str).collect::<Vec<_>>());
    let code = house.code().await;
    assert!(setup.pair(&code).status.success());
    // Shown once, so that jobs can be queued for them.
    let mut first = setup.start();
    first.says("ready").await;
    until("the printers", || async { (house.events("assigned").await >= 1).then_some(()) }).await;
    first.stop().await;

    let lists = waves::queue(&house, labels, &PRINTERS).await;
    let _bridge = setup.start();
    let printed_by = |printer: &str| PRINTERS.iter().zip(&presses).find(|(name, _)| **name == printer).unwrap().1;
    let of: HashMap<String, Press> = lists
        .iter()
        .flat_map(|(printer, list)| list.iter().map(|job| (job.clone(), printed_by(printer).clone())))
        .collect();
    let mut asked = Asked::new();
    let began = std::time::Instant::now();
    while !house.states().await.iter().all(|state| state == "done") {
        assert!(began.elapsed() < Duration::from_secs(600), "the day does not end: {asked:?}");
        stand_by(&house, &presses, &of, &mut asked).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    judge(&lists, &presses, &asked);
}

fn judge(lists: &[(String, Vec<String>)], presses: &[Press], asked: &Asked) {
    let mut sheets: HashMap<String, usize> = HashMap::new();
    for (name, press) in PRINTERS.iter().zip(presses) {
        let paper: Vec<String> = press.paper().into_iter().map(|sheet| sheet.job).collect();
        paper.iter().for_each(|job| *sheets.entry(job.clone()).or_default() += 1);
        // While a question of one list is open the printer goes on with the next one.
        for (_, list) in lists.iter().filter(|(printer, _)| printer == name) {
            let of_it: Vec<&String> = paper.iter().filter(|job| list.contains(job)).collect();
            assert_eq!(of_it, list.iter().collect::<Vec<_>>(), "{name}: the order of paper is the order of the list");
        }
    }
    let twice: Vec<&String> = sheets.iter().filter(|(_, count)| **count > 1).map(|(job, _)| job).collect();
    assert!(twice.is_empty(), "printed twice: {twice:?}");
    // Of one trouble a label is asked about once. Its next print may meet the next trouble.
    for (job, answers) in asked {
        for two in answers.windows(2) {
            assert!(!two[0].0, "{job} lay there, and was asked about again: {answers:?}");
            assert!(two[0].1 < two[1].1, "{job} was asked about twice for one trouble: {answers:?}");
        }
    }
    let met = |kind: Fault| presses.iter().flat_map(Press::met).filter(|fault| *fault == kind).count();
    for kind in [Fault::Jam, Fault::Mute, Fault::PowerLoss, Fault::Blank] {
        assert!(met(kind) > 0, "{kind:?} did not happen");
    }
    let blank: usize = presses.iter().flat_map(Press::paper).filter(|sheet| sheet.blank).count();
    assert_eq!(
        blank,
        met(Fault::Blank),
        "what came out blank is a sheet in its place, seen by who packs in that order"
    );
    let missing = asked.values().flatten().filter(|(out, _)| !out).count();
    println!(
        "{} labels: {} jams, {} silent, {} power cuts, {blank} blank; {} questions, {missing} missing, 0 twice",
        sheets.len(),
        met(Fault::Jam),
        met(Fault::Mute),
        met(Fault::PowerLoss),
        asked.values().flatten().count(),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_three_printers_with_jams_silence_power_cuts_and_blank_labels() {
    day(210, 14).await;
}

/// The whole of it, by `cargo test --profile native -p print-bridge a_day_of_two_thousand -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute or two long; the one above is the same with fewer labels"]
async fn a_day_of_two_thousand_labels() {
    day(2_000, 60).await;
}
