use super::*;

const PLAN: Plan = Plan {
    slots: 20,
    columns: 5,
    most: 100,
    large_over_g: 5_000,
    large_over_pieces: 20,
    urgent_before: None,
    by_carrier: true,
    by_zone: false,
};

fn parcel(at: i64, pieces: &[(&str, &str, u32)]) -> Parcel {
    let piece = |(sku, bin, qty): &(&str, &str, u32)| Piece { sku: (*sku).into(), bin: (*bin).into(), qty: *qty };
    Parcel {
        package: format!("P{at:05}"),
        account: "acc".into(),
        planned_at: at,
        ship_by: None,
        weight_g: 500,
        urgent: false,
        bulky: false,
        pieces: pieces.iter().map(piece).collect(),
    }
}

/// Parcels of a shop whose goods differ in how often they sell: two to four lines over 120 bins, half of the lines
/// among the 20 that sell best. A generator written out, so that the seed means the same on every machine.
fn shop(seed: u64, count: usize) -> Vec<Parcel> {
    let mut state = seed;
    let mut draw = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..count)
        .map(|at| {
            let lines = 2 + draw(3);
            let mut pieces: Vec<(String, String, u32)> = Vec::new();
            while pieces.len() < lines as usize {
                let sku = if draw(2) == 0 { draw(20) } else { draw(120) };
                let name = format!("S{sku}");
                if !pieces.iter().any(|piece| piece.0 == name) {
                    pieces.push((name, format!("{}-{}", ["A", "B", "C"][(sku % 3) as usize], sku), 1 + draw(2) as u32));
                }
            }
            let pieces: Vec<_> = pieces.iter().map(|piece| (piece.0.as_str(), piece.1.as_str(), piece.2)).collect();
            parcel(i64::try_from(at).unwrap(), &pieces)
        })
        .collect()
}

/// Distinct bins visited for each order.
fn visited(batches: &[Vec<&Parcel>]) -> f64 {
    let stops: usize = batches.iter().map(|batch| distinct_bins(batch)).sum();
    let orders: usize = batches.iter().map(Vec::len).sum();
    stops as f64 / orders as f64
}

#[test]
fn similar_parcels_together_need_fewer_stops_than_the_order_of_arrival() {
    for seed in [1, 2, 3] {
        let parcels = shop(seed, 400);
        let parcels: Vec<&Parcel> = parcels.iter().collect();
        let one_by_one = visited(&chunks(&parcels, 1));
        let arrival = visited(&chunks(&parcels, PLAN.slots));
        let together = visited(&similar(&parcels, PLAN.slots));
        assert!(arrival < one_by_one, "seed {seed}: {arrival} bins an order by arrival, {one_by_one} alone");
        assert!(together < arrival * 0.8, "seed {seed}: {together} after {arrival}");
    }
}

#[test]
fn every_parcel_is_in_exactly_one_wave_and_no_wave_has_more_than_the_wall_has_slots() {
    let parcels = shop(7, 333);
    let waves = build(&parcels, &PLAN);
    let mut packages: Vec<&str> =
        waves.iter().flat_map(|wave| wave.members.iter().map(|member| member.package.as_str())).collect();
    packages.sort_unstable();
    packages.dedup();
    assert_eq!(packages.len(), 333);
    for wave in &waves {
        assert!(wave.members.len() <= PLAN.slots);
        let mut slots: Vec<&str> = wave.members.iter().map(|member| member.slot.as_str()).collect();
        assert_eq!(slots.first(), Some(&"A1"), "slots are given in the order of the paper");
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(slots.len(), wave.members.len(), "a slot is one parcel's");
    }
}

#[test]
fn the_same_parcels_give_the_same_waves_whatever_order_they_come_in() {
    let mut parcels = shop(9, 120);
    let waves = build(&parcels, &PLAN);
    parcels.reverse();
    assert_eq!(build(&parcels, &PLAN), waves);
}

#[test]
fn a_parcel_goes_where_it_is_packed_fastest() {
    let mut urgent = parcel(5, &[("A", "A-1", 1)]);
    urgent.urgent = true;
    let mut heavy = parcel(6, &[("A", "A-1", 1)]);
    heavy.weight_g = 5_001;
    let mut late = parcel(7, &[("A", "A-1", 1), ("B", "B-1", 1)]);
    late.ship_by = Some(999);
    let plan = Plan { urgent_before: Some(1_000), ..PLAN };
    for (parcel, wanted) in [
        (parcel(1, &[("A", "A-1", 1)]), WaveKind::SinglePiece),
        (parcel(2, &[("A", "A-1", 3)]), WaveKind::SingleLine),
        (parcel(3, &[("A", "A-1", 1), ("B", "B-1", 1)]), WaveKind::PutWall),
        (parcel(4, &[("A", "A-1", 21)]), WaveKind::Alone),
        (urgent, WaveKind::Alone),
        (heavy, WaveKind::Alone),
        (late, WaveKind::Alone),
    ] {
        assert_eq!(kind(&parcel, &plan), wanted, "{parcel:?}");
    }
}

#[test]
fn carriers_and_zones_stay_apart_where_asked() {
    let mut other = parcel(2, &[("A", "A-1", 1)]);
    other.account = "zto".into();
    let parcels = [parcel(1, &[("A", "A-1", 1)]), other, parcel(3, &[("B", "B-1", 1)])];
    let count = |by_carrier, by_zone| build(&parcels, &Plan { by_carrier, by_zone, ..PLAN }).len();
    assert_eq!((count(false, false), count(true, false), count(false, true), count(true, true)), (1, 2, 2, 3));
}

#[test]
fn the_walk_reads_numbers_as_numbers_and_ends_with_what_has_no_place() {
    let mut bins = vec!["", "B-1", "A-10", "A-2", "A", "A-2-1"];
    bins.sort_by(|a, b| walk(a, b));
    assert_eq!(bins, ["A", "A-2", "A-2-1", "A-10", "B-1", ""]);
    assert_eq!((zone_of("A-03-2"), zone_of("北区/3"), zone_of("")), ("A", "北区", ""));
}

#[test]
fn paper_of_single_pieces_follows_the_walk() {
    let parcels = [parcel(1, &[("X", "B-2", 1)]), parcel(2, &[("Y", "A-10", 1)]), parcel(3, &[("Z", "A-9", 1)])];
    let waves = build(&parcels, &PLAN);
    let order: Vec<&str> = waves[0].members.iter().map(|member| member.package.as_str()).collect();
    assert_eq!(order, ["P00003", "P00002", "P00001"]);
}

#[test]
fn a_walls_parcels_are_similar_and_their_paper_and_slots_follow_the_walk() {
    let at = |nth, zone: &str| {
        let bins = [1, 2].map(|bin| format!("{zone}-{bin}"));
        parcel(nth, &[("X", bins[0].as_str(), 1), ("Y", bins[1].as_str(), 1)])
    };
    let parcels = [at(1, "Z"), at(2, "A"), at(3, "Z"), at(4, "A")];
    let wall = |slots| {
        let waves = build(&parcels, &Plan { slots, ..PLAN });
        let names = |wave: &Planned| wave.members.iter().map(|one| format!("{} {}", one.package, one.slot)).collect();
        waves.iter().map(names).collect::<Vec<Vec<String>>>()
    };
    assert_eq!(wall(2), [["P00001 A1", "P00003 A2"], ["P00002 A1", "P00004 A2"]]);
    assert_eq!(wall(4), [["P00002 A1", "P00004 A2", "P00001 A3", "P00003 A4"]]);
}

#[test]
fn a_list_says_where_everything_goes() {
    let place = |seq, slot: &str, sku: &str, bin: &str, qty| Place {
        seq,
        slot: slot.into(),
        sku: sku.into(),
        title: "茶".into(),
        bin: bin.into(),
        qty,
    };
    let wall = [place(2, "A2", "TEA", "A-10", 1), place(1, "A1", "ZUN", "A-2", 1), place(5, "A5", "TEA", "A-10", 2)];
    let rows = pick_list(&wall, false);
    assert_eq!((rows[0].sku.as_str(), rows[1].to.as_str(), rows[1].qty), ("ZUN", "A2:1, A5:2", 3), "A-2 before A-10");

    let single: Vec<Place> = [1, 2, 3, 5].into_iter().map(|seq| place(seq, "", "TEA", "A-1", 1)).collect();
    assert_eq!(pick_list(&single, false)[0].to, "1-3, 5");
    let several = [place(1, "", "TEA", "A-1", 3), place(2, "", "TEA", "A-1", 1)];
    assert_eq!(pick_list(&several, false)[0].to, "1:3, 2");
    assert_eq!(pick_list(&several, true).len(), 2, "one by one");
}

#[test]
fn slots_are_named_row_by_row() {
    let names: Vec<String> = [0, 4, 5, 129, 130].into_iter().map(|at| slot(at, 5)).collect();
    assert_eq!(names, ["A1", "A5", "B1", "Z5", "AA1"]);
}
