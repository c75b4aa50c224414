//! A queue of the Windows print spooler, fed with bytes it does not touch (data type RAW).

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use self::windows::Spool;

#[cfg(not(windows))]
pub use self::elsewhere::Spool;

/// Targets never lead here outside Windows: there `spool://` is a queue of CUPS.
#[cfg(not(windows))]
mod elsewhere {
    use std::{convert::Infallible, time::Duration};

    use crate::{
        driver::{Outcome, Prepared, Settled},
        protocol::Job,
    };

    /// A queue of the Windows spooler.
    #[derive(Debug)]
    pub struct Spool {
        _queue: Option<Infallible>,
    }

    impl Spool {
        /// The queue of this name.
        #[must_use]
        pub fn new(_queue: &str, _patience: Duration) -> Self {
            Self { _queue: None }
        }

        pub(in crate::driver) async fn prepare(&mut self) -> Prepared {
            let reason = "只在 Windows 上可用 / on Windows only".to_owned();
            Prepared::Offline { reason, proven: false }
        }

        pub(in crate::driver) async fn send(&mut self, _job: &Job, _bytes: &[u8]) -> Outcome {
            Outcome::Failed("on Windows only: never started".to_owned())
        }

        pub(in crate::driver) async fn settle(&mut self) -> Settled {
            Settled::Proven("nothing was open")
        }
    }
}
