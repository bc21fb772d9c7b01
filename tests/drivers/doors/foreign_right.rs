// SPDX-License-Identifier: GPL-2.0-only
//! Declares C functions and variables itself, as the kernel does.
use core::hint::black_box;
use kernel::prelude::*;

module! {
    type: Module,
    name: "foreign_right",
    authors: ["The RACE authors"],
    description: "Declares C functions and variables itself, as the kernel does.",
    license: "GPL",
}

struct Module;

#[repr(transparent)]
struct Power(u32);

extern "C" {
    fn int_pow(base: core::ffi::c_ulonglong, exp: Power) -> u64;
    #[link_name = "int_sqrt"]
    fn root(x: kernel::ffi::c_ulong) -> usize;
    fn kstrtobool(text: *const kernel::ffi::c_char, result: Option<&mut bool>) -> i32;
    fn msleep(milliseconds: u32);
    static jiffies: usize;
    // Nothing that the bindings have.
    fn gcd(a: usize, b: usize) -> usize;
    // No import: it is in the module itself.
    fn own_number() -> u32;
}

#[no_mangle]
extern "C" fn race_own_number() -> u32 {
    black_box(5)
}

core::arch::global_asm!(
    ".pushsection .text",
    ".type own_number, @function",
    "own_number:",
    "endbr64",
    "jmp race_own_number",
    ".size own_number, . - own_number",
    ".popsection",
);

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut on = false;
        // SAFETY: as the kernel's headers have them.
        unsafe {
            msleep(1);
            pr_info!("power {}\n", int_pow(3, Power(4)));
            pr_info!("root {}\n", root(81));
            kstrtobool(c"y".as_ptr().cast(), Some(&mut on));
            pr_info!("on {}\n", on);
            let ticks = black_box(&raw const jiffies).read();
            pr_info!("ticks {}\n", black_box(ticks != 0));
            pr_info!("gcd {}\n", gcd(12, 18));
            pr_info!("own {}\n", own_number());
        }
        Ok(Module)
    }
}
