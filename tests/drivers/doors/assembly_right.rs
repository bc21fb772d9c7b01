// SPDX-License-Identifier: GPL-2.0-only
//! Assembly in and outside of functions that loads numbers from statics.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "assembly_right",
    authors: ["The RACE authors"],
    description: "Assembly in and outside of functions that loads numbers from statics.",
    license: "GPL",
}

struct Module;

use core::mem::{offset_of, size_of};

static OFFSET: u64 = offset_of!(bindings::file, private_data) as u64;

#[no_mangle]
static RACE_SEVEN: u32 = 7;

// Named by no code.
static NOBODY: u64 = 11;

core::arch::global_asm!(
    ".pushsection .text",
    ".globl race_sum",
    ".type race_sum, @function",
    "race_sum:",
    "endbr64",
    "mov rax, [rip + {nobody}]",
    "mov ecx, dword ptr [rip + RACE_SEVEN]",
    "add rax, rcx",
    "add rax, rdi",
    "jmp __x86_return_thunk",
    ".size race_sum, . - race_sum",
    ".popsection",
    nobody = sym NOBODY,
);

extern "C" {
    fn race_sum(more: u64) -> u64;
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let (offset, size): (u64, u64);
        // SAFETY: it loads numbers.
        unsafe {
            core::arch::asm!("mov {}, [rip + {}]", out(reg) offset, sym OFFSET);
            core::arch::asm!("mov {}, {}", out(reg) size, in(reg) size_of::<bindings::file>());
        }
        let same = black_box(offset_of!(bindings::file, private_data) as u64) == offset;
        pr_info!("offset {}\n", same);
        let same = black_box(size_of::<bindings::file>() as u64) == size;
        pr_info!("size {}\n", same);
        let sum: unsafe extern "C" fn(u64) -> u64 = black_box(race_sum);
        // SAFETY: it adds numbers.
        pr_info!("sum {}\n", unsafe { sum(20) });
        Ok(Module)
    }
}
