// SPDX-License-Identifier: GPL-2.0-only
//! Assembly outside of functions that holds one of C's enumerators.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "assembly_enumerator",
    authors: ["The RACE authors"],
    description: "Assembly outside of functions that holds one of C's enumerators.",
    license: "GPL",
}

struct Module;

core::arch::global_asm!(
    ".pushsection .rodata,\"a\",@progbits",
    ".balign 4",
    "state: .long {s}",
    ".popsection",
    s = const bindings::cpuhp_state_CPUHP_AP_ONLINE_DYN,
);

extern "C" {
    static state: u32;
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: it is in the module.
        pr_info!("{}\n", unsafe { black_box(&raw const state).read() });
        Ok(Module)
    }
}
