//! The real `print-bridge` process against a hub, printers and a print component that behave as their protocols say.

#[cfg(test)]
mod attached;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod component;
#[cfg(test)]
mod day;
#[cfg(test)]
#[cfg(unix)]
mod device;
#[cfg(test)]
mod hub_trouble;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod offline;
#[cfg(test)]
mod order;
#[cfg(test)]
mod page;
#[cfg(test)]
mod printer_trouble;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod queue;
#[cfg(test)]
#[cfg(unix)]
mod real_queue;
#[cfg(test)]
mod support;
#[cfg(test)]
mod workers;
