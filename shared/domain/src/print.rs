use crate::{Move, named::named};

named! {
    /// The life of a print job: paper at most once by itself, again only by a person.
    JobState {
        /// Waits for a bridge.
        Queued = "queued",
        /// A bridge has it.
        Leased = "leased",
        /// All bytes went to the printer.
        Sent = "sent",
        /// The paper is out as far as the bridge can know.
        Done = "done",
        /// Certainly not started.
        Failed = "failed",
        /// Bytes may have gone out: only a person decides.
        Unconfirmed = "unconfirmed",
        /// Nobody wants it any more.
        Cancelled = "cancelled",
        /// Too old to print.
        Expired = "expired",
    }
}

named! {
    /// What happens to a print job.
    JobEvent {
        /// A bridge takes it.
        Lease = "lease",
        /// All bytes went out.
        Send = "send",
        /// The printer said it is done, or the bridge saw the job through.
        Finish = "finish",
        /// The bridge's journal says it never started, or the print component that it was refused: no paper came.
        NeverStarted = "never_started",
        /// The bridge cannot say.
        LoseSight = "lose_sight",
        /// The lease ran out.
        LeaseEnd = "lease_end",
        /// A person says the paper came out.
        PersonSawPaper = "person_saw_paper",
        /// A person says it did not, and it may print.
        PersonSawNone = "person_saw_none",
        /// Queue again what certainly never started.
        Requeue = "requeue",
        /// Cancel.
        Cancel = "cancel",
        /// Too old.
        Expire = "expire",
    }
}

impl JobState {
    /// The life cycle. There is no way from `leased`, `sent` or `unconfirmed` back to `queued` but the bridge's own
    /// word that nothing started, or a person's.
    pub const fn on(self, event: JobEvent) -> Move<Self> {
        use JobEvent as E;
        use JobState as S;
        match (self, event) {
            (S::Queued, E::Lease) => Move::To(S::Leased),
            (S::Leased, E::Lease) => Move::AlreadyThere,
            (S::Leased | S::Unconfirmed, E::Send) => Move::To(S::Sent),
            (S::Sent | S::Done, E::Send) => Move::AlreadyThere,
            (S::Leased | S::Sent | S::Unconfirmed, E::Finish) => Move::To(S::Done),
            (S::Done, E::Finish) => Move::AlreadyThere,
            (S::Leased | S::Sent | S::Unconfirmed, E::NeverStarted) => Move::To(S::Failed),
            (S::Failed | S::Queued, E::NeverStarted) => Move::AlreadyThere,
            (S::Leased | S::Sent, E::LoseSight) => Move::To(S::Unconfirmed),
            (S::Unconfirmed | S::Done, E::LoseSight) => Move::AlreadyThere,
            (S::Leased | S::Sent, E::LeaseEnd) => Move::To(S::Unconfirmed),
            (S::Queued | S::Done | S::Failed | S::Unconfirmed | S::Cancelled | S::Expired, E::LeaseEnd) => {
                Move::AlreadyThere
            }
            (S::Unconfirmed, E::PersonSawPaper) => Move::To(S::Done),
            (S::Done, E::PersonSawPaper) => Move::AlreadyThere,
            (S::Unconfirmed, E::PersonSawNone) => Move::To(S::Queued),
            (S::Queued, E::PersonSawNone) => Move::AlreadyThere,
            (S::Failed, E::Requeue) => Move::To(S::Queued),
            (S::Queued, E::Requeue) => Move::AlreadyThere,
            (S::Queued | S::Failed, E::Cancel) => Move::To(S::Cancelled),
            (S::Cancelled, E::Cancel) => Move::AlreadyThere,
            (S::Queued | S::Failed, E::Expire) => Move::To(S::Expired),
            (S::Expired, E::Expire) => Move::AlreadyThere,
            (S::Sent | S::Done | S::Failed | S::Unconfirmed | S::Cancelled | S::Expired, E::Lease)
            | (S::Queued | S::Failed | S::Cancelled | S::Expired, E::Send | E::Finish | E::LoseSight)
            | (S::Done | S::Cancelled | S::Expired, E::NeverStarted)
            | (S::Queued | S::Leased | S::Sent | S::Failed | S::Cancelled | S::Expired, E::PersonSawPaper)
            | (S::Leased | S::Sent | S::Done | S::Failed | S::Cancelled | S::Expired, E::PersonSawNone)
            | (S::Leased | S::Sent | S::Done | S::Unconfirmed | S::Cancelled | S::Expired, E::Requeue)
            | (S::Leased | S::Sent | S::Done | S::Unconfirmed | S::Expired, E::Cancel)
            | (S::Leased | S::Sent | S::Done | S::Unconfirmed | S::Cancelled, E::Expire) => Move::Conflict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bridges_word_or_a_person_queues_again() {
        for &state in JobState::ALL {
            for &event in JobEvent::ALL {
                if state.on(event) == Move::To(JobState::Queued) {
                    assert!(matches!(event, JobEvent::PersonSawNone | JobEvent::Requeue), "{state} {event}");
                }
            }
        }
    }

    #[test]
    fn a_lease_that_runs_out_is_never_queued() {
        assert_eq!(JobState::Leased.on(JobEvent::LeaseEnd), Move::To(JobState::Unconfirmed));
        assert_eq!(JobState::Sent.on(JobEvent::LeaseEnd), Move::To(JobState::Unconfirmed));
    }

    #[test]
    fn a_repeated_event_never_moves_a_job_twice() {
        for &state in JobState::ALL {
            for &event in JobEvent::ALL {
                if let Move::To(next) = state.on(event) {
                    assert_eq!(next.on(event), Move::AlreadyThere, "{state} --{event}--> {next}");
                }
            }
        }
    }
}
