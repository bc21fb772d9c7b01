// SPDX-License-Identifier: GPL-2.0-only
//! Assembly in a function that holds the size of a C struct.
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "assembly_inline",
    authors: ["The RACE authors"],
    description: "Assembly in a function that holds the size of a C struct.",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let size: u64;
        // SAFETY: it loads a number.
        unsafe { core::arch::asm!("mov {}, {}", out(reg) size, const size_of::<bindings::mutex>()) };
        pr_info!("{}\n", size);
        Ok(Module)
    }
}
