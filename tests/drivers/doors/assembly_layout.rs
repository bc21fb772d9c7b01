// SPDX-License-Identifier: GPL-2.0-only
//! Assembly outside of functions that holds an offset of a C struct.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "assembly_layout",
    authors: ["The RACE authors"],
    description: "Assembly outside of functions that holds an offset of a C struct.",
    license: "GPL",
}

struct Module;

core::arch::global_asm!(
    ".pushsection .rodata,\"a\",@progbits",
    ".balign 8",
    "offset: .quad {o}",
    ".popsection",
    o = const core::mem::offset_of!(bindings::file, private_data),
);

extern "C" {
    static offset: u64;
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: it is in the module.
        pr_info!("{}\n", unsafe { black_box(&raw const offset).read() });
        Ok(Module)
    }
}
