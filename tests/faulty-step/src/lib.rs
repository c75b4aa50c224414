//! A normalize step that is put in the place of a real one: it crashes on an order whose buyer wrote `CRASH`, and runs
//! for ever on one whose buyer wrote `HANG`.

use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_wire::step::{Draft, Facts};

#[cfg(target_family = "wasm")]
mod shell;

/// The step.
#[derive(Debug, Clone, Copy)]
pub struct Faulty;

impl Step<Draft> for Faulty {
    fn name(&self) -> &'static str {
        "faulty-step"
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn run(&self, _now: Millis, drafts: Vec<Draft>, _facts: &Facts) -> Vec<Draft> {
        for draft in &drafts {
            match draft.order.buyer_remark.as_str() {
                "CRASH" => std::process::abort(),
                "HANG" => loop {
                    std::hint::spin_loop();
                },
                _ => {}
            }
        }
        drafts
    }
}
