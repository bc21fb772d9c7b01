// SPDX-License-Identifier: GPL-2.0-only
//! Names numbers that follow from the configuration, and some that do not.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "macros_right",
    authors: ["The RACE authors"],
    description: "Names numbers that follow from the configuration, and some that do not.",
    license: "GPL",
}

struct Module;

static MASK: [u64; bindings::NR_CPUS as usize / 64] = [0; bindings::NR_CPUS as usize / 64];

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let tick = black_box(bindings::TICK_NSEC);
        let nodes = black_box(bindings::MAX_NUMNODES);
        let log = black_box(bindings::CONFIG_LOG_BUF_SHIFT);
        let page = black_box(bindings::PAGE_SIZE);
        let shared = black_box(bindings::IRQF_SHARED);
        pr_info!("{} {} {} {} {} {}\n", tick, nodes, log, page, shared, black_box(&MASK).len());
        Ok(Module)
    }
}
