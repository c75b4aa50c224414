//! What puts bytes on paper. One driver per printer, used by that printer's worker alone.
//!
//! The order of calls is what makes printing happen at most once: [`Driver::prepare`] may fail and be tried again,
//! since no byte of a label has left; then the worker commits `sending`; then [`Driver::send`] runs once and its
//! outcome is final.

use crate::{
    protocol::{Job, JobKey},
    target::{Confirm, Route, Target},
};

mod component;
mod device;
mod dir;
mod ipp;
mod spool;
mod status;
mod tcp;

pub use self::{
    component::{Component, Platform},
    device::{Device, Flow, Place, UsbId},
    dir::Dir,
    ipp::{Ipp, Queue},
    spool::Spool,
    tcp::Tcp,
};

/// Whether a label can be started.
#[derive(Debug, PartialEq, Eq)]
pub enum Prepared {
    /// Go ahead. `proven`: everything sent before on this connection has come out.
    Ready {
        /// See above.
        proven: bool,
    },
    /// Not now; try again later.
    Offline {
        /// For a person.
        reason: String,
        /// As in `Ready`.
        proven: bool,
    },
    /// The connection broke with labels on it that nothing has proven.
    Lost(String),
}

/// What became of one label's bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every byte was handed over; [`Driver::settle`] will tell more.
    Sent,
    /// As far as this printer can prove it, the paper is out.
    Done(&'static str),
    /// Certainly not printed.
    Failed(String),
    /// Some bytes may have become paper.
    Unconfirmed(String),
}

/// What became of the labels sent and not yet proven.
#[derive(Debug, PartialEq, Eq)]
pub enum Settled {
    /// They are out.
    Proven(&'static str),
    /// They certainly are not.
    Failed(String),
    /// Nothing proves it.
    Unproven(String),
    /// The printer says that it waits for a person (paper, cover): ask again later.
    Waiting(String),
}

/// A transport with its connection.
#[derive(Debug)]
pub enum Driver {
    /// A network printer.
    Tcp(Box<Tcp>),
    /// A device of this machine.
    Device(Box<Device>),
    /// A queue that speaks IPP.
    Ipp(Box<Ipp>),
    /// A queue of the Windows spooler.
    Spool(Box<Spool>),
    /// A folder.
    Dir(Dir),
    /// A platform's print component.
    Component(Box<Component>),
    /// Nowhere.
    Discard {
        /// Labels so far.
        count: u64,
    },
}

impl Driver {
    /// The driver of a target; nothing is opened yet.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        match &target.route {
            Route::Tcp { host, port, confirm, probe } => {
                let confirm = *confirm == Confirm::Close;
                let probe = probe.then(|| target.lang.clone());
                Self::Tcp(Box::new(Tcp::new(host, *port, confirm, probe.as_ref(), target.patience)))
            }
            Route::Dir { path } => Self::Dir(Dir::new(path)),
            Route::Device { place, probe } => {
                let probe = probe.then(|| target.lang.clone());
                Self::Device(Box::new(Device::new(place, probe.as_ref(), target.patience)))
            }
            Route::Ipp { queue, format } => {
                Self::Ipp(Box::new(Ipp::new(queue, &target.lang, format.as_deref(), target.patience)))
            }
            Route::Spool { queue } => Self::Spool(Box::new(Spool::new(queue, target.patience))),
            Route::Component { platform, url, printer } => {
                Self::Component(Box::new(Component::new(*platform, url, printer, target.patience)))
            }
            Route::Discard => Self::Discard { count: 0 },
        }
    }

    /// Gets ready for a label without sending any of it.
    pub async fn prepare(&mut self) -> Prepared {
        match self {
            Self::Tcp(tcp) => tcp.prepare().await,
            Self::Device(device) => device.prepare().await,
            Self::Ipp(ipp) => ipp.prepare().await,
            Self::Spool(spool) => spool.prepare().await,
            Self::Dir(dir) => dir.prepare().await,
            Self::Component(component) => component.prepare().await,
            Self::Discard { .. } => Prepared::Ready { proven: false },
        }
    }

    /// Sends one label. Never called twice for one attempt.
    pub async fn send(&mut self, job: &Job, bytes: &[u8]) -> Outcome {
        match self {
            Self::Tcp(tcp) => tcp.send(bytes).await,
            Self::Device(device) => device.send(bytes).await,
            Self::Ipp(ipp) => ipp.send(job, bytes).await,
            Self::Spool(spool) => spool.send(job, bytes).await,
            Self::Dir(dir) => dir.send(job, bytes).await,
            Self::Component(component) => component.send(job, bytes).await,
            Self::Discard { count } => {
                *count += 1;
                tracing::info!(count, "discarded");
                Outcome::Done("discarded")
            }
        }
    }

    /// Ends a run of labels and finds out what became of them.
    pub async fn settle(&mut self) -> Settled {
        match self {
            Self::Tcp(tcp) => tcp.settle().await,
            Self::Device(device) => device.settle().await,
            Self::Ipp(ipp) => ipp.settle().await,
            Self::Spool(spool) => spool.settle().await,
            Self::Component(component) => component.settle().await,
            Self::Dir(_) | Self::Discard { .. } => Settled::Proven("nothing was open"),
        }
    }

    /// Whether each label is settled by itself rather than at the end of its batch.
    #[must_use]
    pub const fn settles_each(&self) -> bool {
        matches!(self, Self::Component(_) | Self::Ipp(_) | Self::Spool(_))
    }

    /// Whether a connection is open that others may be waiting for.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.is_open(),
            Self::Device(device) => device.is_open(),
            // The component serves everyone at once; its connection hears late news. A queue has no connection.
            Self::Component(_) | Self::Ipp(_) | Self::Spool(_) | Self::Dir(_) | Self::Discard { .. } => false,
        }
    }

    /// Waits for a label that was given up as unconfirmed and came out after all; for ever where none can.
    pub async fn late(&mut self) -> JobKey {
        match self {
            Self::Component(component) => component.late().await,
            Self::Tcp(_) | Self::Device(_) | Self::Ipp(_) | Self::Spool(_) | Self::Dir(_) | Self::Discard { .. } => {
                std::future::pending().await
            }
        }
    }

    /// After a crash between `sending` and its outcome: whether the label certainly came out.
    #[must_use]
    pub fn came_out(&self, key: &JobKey) -> bool {
        match self {
            Self::Dir(dir) => dir.has(key),
            Self::Tcp(_)
            | Self::Device(_)
            | Self::Ipp(_)
            | Self::Spool(_)
            | Self::Component(_)
            | Self::Discard { .. } => false,
        }
    }
}
