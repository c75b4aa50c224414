use crate::{Move, named::named};

named! {
    /// What the parcels of a wave have in common, which decides how they are picked and packed.
    WaveKind {
        /// One piece of one SKU each: fetched by the case, packed as fast as the paper comes.
        SinglePiece = "single_piece",
        /// One SKU each, several pieces.
        SingleLine = "single_line",
        /// Several SKUs, small: fetched together and sorted into the slots of a put-wall.
        PutWall = "put_wall",
        /// Large or urgent: each on its own.
        Alone = "alone",
    }
}

named! {
    /// The life of a wave.
    WaveState {
        /// Built; nothing was done with it.
        Planned = "planned",
        /// Somebody walks with its list.
        Picking = "picking",
        /// Its paper comes out.
        Printing = "printing",
        /// No further paper is started.
        Stopped = "stopped",
        /// Over: its parcels belong to nobody, or are packed.
        Done = "done",
    }
}

named! {
    /// What happens to a wave.
    WaveEvent {
        /// Its list was taken up.
        Pick = "pick",
        /// Its paper is wanted.
        Print = "print",
        /// No further paper is to be started.
        Stop = "stop",
        /// What was not printed goes on.
        Resume = "resume",
        /// All of it is packed, or a person closes it.
        Close = "close",
    }
}

impl WaveState {
    /// The life cycle. A wave that was printed is never planned again, and one that is over stays so.
    pub const fn on(self, event: WaveEvent) -> Move<Self> {
        use WaveEvent as E;
        use WaveState as S;
        match (self, event) {
            (S::Planned, E::Pick) => Move::To(S::Picking),
            (S::Picking | S::Printing | S::Stopped, E::Pick) => Move::AlreadyThere,
            (S::Planned | S::Picking, E::Print) => Move::To(S::Printing),
            (S::Printing, E::Print | E::Resume) => Move::AlreadyThere,
            (S::Printing, E::Stop) => Move::To(S::Stopped),
            (S::Stopped, E::Stop) => Move::AlreadyThere,
            (S::Stopped, E::Resume) => Move::To(S::Printing),
            (S::Planned | S::Picking | S::Printing | S::Stopped, E::Close) => Move::To(S::Done),
            (S::Done, E::Close) => Move::AlreadyThere,
            // A stopped wave goes on by the button that says so.
            (S::Stopped, E::Print)
            | (S::Planned | S::Picking, E::Stop | E::Resume)
            | (S::Done, E::Pick | E::Print | E::Stop | E::Resume) => Move::Conflict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_event_never_moves_a_wave_twice() {
        for &state in WaveState::ALL {
            for &event in WaveEvent::ALL {
                if let Move::To(next) = state.on(event) {
                    assert_eq!(next.on(event), Move::AlreadyThere, "{state} --{event}--> {next}");
                }
            }
        }
    }

    #[test]
    fn only_a_person_lets_a_stopped_wave_print_again() {
        for &event in WaveEvent::ALL {
            if WaveState::Stopped.on(event) == Move::To(WaveState::Printing) {
                assert_eq!(event, WaveEvent::Resume);
            }
        }
    }
}
