// SPDX-License-Identifier: GPL-2.0-only
//! Statics in sections that a module may have.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "sections_right",
    authors: ["The RACE authors"],
    description: "Statics in sections that a module may have.",
    license: "GPL",
}

struct Module;

use core::mem::size_of;

#[link_section = ".data..ro_after_init"]
static mut AFTER_INIT: u64 = 3;

#[link_section = ".data.mine"]
static mut SIZES: [usize; 2] = [size_of::<bindings::file>(), 7];

#[link_section = ".rodata.mine"]
#[used]
static TABLE: [usize; 2] = [size_of::<bindings::file>(), 8];

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: nobody else uses them.
        unsafe {
            pr_info!("after {}\n", black_box(&raw const AFTER_INIT).read());
            SIZES[1] += 1;
            let sizes = black_box(&raw const SIZES).read();
            let same = black_box(&TABLE)[0] == sizes[0];
            pr_info!("sizes {} {}\n", same, sizes[1]);
        }
        Ok(Module)
    }
}
