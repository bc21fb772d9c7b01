// SPDX-License-Identifier: GPL-2.0-only
//! Statics of plain numbers in sections that mean something else.
use core::hint::black_box;
use kernel::prelude::*;

module! {
    type: Module,
    name: "sections_wrong",
    authors: ["The RACE authors"],
    description: "Statics of plain numbers in sections that mean something else.",
    license: "GPL",
}

struct Module;

#[link_section = ".data..percpu"]
static mut EACH: u64 = 3;

#[link_section = ".table.of.mine"]
#[used]
static TABLE: [u32; 2] = [1, 2];

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: nobody else uses it.
        pr_info!("{}\n", unsafe { black_box(&raw const EACH).read() });
        Ok(Module)
    }
}
