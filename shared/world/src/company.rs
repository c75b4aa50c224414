//! Batches in which one subject may crash or hang who works on them: the others must not fare worse for its company.

use crate::{Missed, Why};

/// Limit for one subject on its own, in milliseconds: generous, because a machine may be slow, and nobody waits for it.
pub const ALONE_MS: u64 = 2_000;
/// Limit for a batch: so many milliseconds, and some for each of it. A batch takes a few; who misses this may only be
/// slow, which costs it no more than to be taken apart.
const COMPANY_MS: u64 = 150;
const EACH_MS: u64 = 1;
/// After so many that failed one after the other, each on its own, whoever works on them is taken to be away, and the
/// rest is not tried.
const AWAY: usize = 3;

/// What became of a batch.
#[derive(Debug)]
pub struct Company<R> {
    /// The results of those that went well, in their order.
    pub well: Vec<R>,
    /// Who did not go well, by place in the batch, and why. Those after one that is away were not tried.
    pub failed: Vec<(usize, Missed)>,
}

/// Has a batch worked on: all together, and when that fails or takes too long, each on its own, so that only those stay
/// behind that fail on their own. `call` works on some of them, within a limit in milliseconds.
///
/// A batch of one has nobody to take apart, and gets the generous limit at once.
pub async fn each<T, R>(subjects: &[T], call: impl AsyncFn(&[T], u64) -> Result<Vec<R>, Missed>) -> Company<R> {
    let mut company = Company { well: Vec::new(), failed: Vec::new() };
    if subjects.is_empty() {
        return company;
    }
    let limit = match subjects.len() {
        1 => ALONE_MS,
        many => in_company(many),
    };
    let missed = match call(subjects, limit).await {
        Ok(well) => return Company { well, ..company },
        Err(missed) => missed,
    };
    if subjects.len() == 1 {
        company.failed.push((0, missed));
        return company;
    }
    let mut in_a_row = 0;
    for (place, subject) in subjects.iter().enumerate() {
        if in_a_row == AWAY {
            company.failed.push((place, missed.clone()));
            continue;
        }
        match call(std::slice::from_ref(subject), in_company(1)).await {
            Ok(well) => {
                company.well.extend(well);
                in_a_row = 0;
            }
            Err(missed) => {
                company.failed.push((place, missed));
                in_a_row += 1;
            }
        }
    }
    company
}

fn in_company(subjects: usize) -> u64 {
    COMPANY_MS + EACH_MS * u64::try_from(subjects).unwrap_or(u64::MAX / 2)
}

/// Whether what failed may still be at work, and cost whoever tries it again right away.
pub fn hung(missed: &Missed) -> bool {
    missed.why == Why::Timeout
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use std::cell::RefCell;

    /// A worker that doubles numbers, hangs on those in `hangs` and is gone from the call `away_from` on.
    async fn run(subjects: &[u32], hangs: &[u32], away_from: usize) -> (Company<u32>, Vec<(usize, u64)>) {
        let calls = RefCell::new(Vec::new());
        let company = each(subjects, async |some: &[u32], limit| {
            calls.borrow_mut().push((some.len(), limit));
            let missed = |why| Missed { component: "step".into(), why };
            if calls.borrow().len() > away_from {
                return Err(missed(Why::Crashed));
            }
            match some.iter().any(|subject| hangs.contains(subject)) {
                true => Err(missed(Why::Timeout)),
                false => Ok(some.iter().map(|subject| subject * 2).collect()),
            }
        })
        .await;
        (company, calls.into_inner())
    }

    fn places(company: &Company<u32>) -> Vec<usize> {
        company.failed.iter().map(|(place, _)| *place).collect()
    }

    #[test]
    fn a_batch_that_goes_well_is_one_call() {
        let (company, calls) = block_on(run(&[1, 2, 3], &[], 99));
        assert_eq!((company.well.as_slice(), calls.as_slice()), (&[2, 4, 6][..], &[(3, 153)][..]));
        assert!(company.failed.is_empty());
        assert!(block_on(run(&[], &[], 99)).1.is_empty(), "nothing is nobody's work");
    }

    #[test]
    fn only_who_fails_alone_stays_behind() {
        let (company, calls) = block_on(run(&[1, 2, 3, 4], &[2, 4], 99));
        assert_eq!((company.well.as_slice(), places(&company)), (&[2, 6][..], vec![1, 3]));
        assert!(company.failed.iter().all(|(_, missed)| hung(missed)));
        assert_eq!(calls, [(4, 154), (1, 151), (1, 151), (1, 151), (1, 151)]);
    }

    #[test]
    fn one_alone_gets_the_generous_limit_and_is_tried_once() {
        let (company, calls) = block_on(run(&[7], &[7], 99));
        assert_eq!((places(&company), calls), (vec![0], vec![(1, ALONE_MS)]));
    }

    #[test]
    fn a_worker_that_is_away_is_not_asked_for_each_of_two_hundred() {
        let subjects: Vec<u32> = (0..200).collect();
        let (company, calls) = block_on(run(&subjects, &[], 0));
        assert_eq!(calls.len(), 1 + AWAY, "the batch, and three on their own");
        assert_eq!((company.well.len(), company.failed.len()), (0, 200));
        // It answers the fifth, and is gone after that.
        let (company, calls) = block_on(run(&subjects, &[0, 1], 5));
        assert_eq!(calls.len(), 5 + AWAY);
        assert_eq!((company.well.len(), company.failed.len()), (2, 198));
    }
}
