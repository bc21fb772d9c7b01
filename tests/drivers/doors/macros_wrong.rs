// SPDX-License-Identifier: GPL-2.0-only
//! Names numbers that are computed while a kernel is built.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "macros_wrong",
    authors: ["The RACE authors"],
    description: "Names numbers that are computed while a kernel is built.",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let bits = black_box(bindings::NR_CPUS_BITS);
        let place = black_box(bindings::pt_regs_bx);
        // Another number in 6.12.
        let name = black_box(bindings::PLATFORM_NAME_SIZE);
        pr_info!("{} {} {}\n", bits, place, name);
        Ok(Module)
    }
}
