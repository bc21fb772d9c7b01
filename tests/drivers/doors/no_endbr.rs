// SPDX-License-Identifier: GPL-2.0-only
//! Takes the address of a function in assembly that does not begin with endbr64.
use core::hint::black_box;
use kernel::prelude::*;

module! {
    type: Module,
    name: "no_endbr",
    authors: ["The RACE authors"],
    description: "Takes the address of a function in assembly that does not begin with endbr64.",
    license: "GPL",
}

struct Module;

core::arch::global_asm!(
    ".pushsection .text",
    ".type race_five, @function",
    "race_five:",
    "mov eax, 5",
    "jmp __x86_return_thunk",
    ".size race_five, . - race_five",
    ".popsection",
);

extern "C" {
    fn race_five() -> u32;
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let five: unsafe extern "C" fn() -> u32 = black_box(race_five);
        // SAFETY: where nobody tracks indirect branches.
        pr_info!("{}\n", unsafe { five() });
        Ok(Module)
    }
}
