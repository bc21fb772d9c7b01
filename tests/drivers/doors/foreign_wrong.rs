// SPDX-License-Identifier: GPL-2.0-only
//! Declares C functions and variables itself, each otherwise than the kernel does.
use core::hint::black_box;
use kernel::prelude::*;

module! {
    type: Module,
    name: "foreign_wrong",
    authors: ["The RACE authors"],
    description: "Declares C functions and variables itself, each otherwise than the kernel does.",
    license: "GPL",
}

struct Module;

type Word = u32;

macro_rules! declare {
    ($name:ident($($type:ty),*) -> $result:ty) => {
        extern "C" {
            fn $name($(_: $type),*) -> $result;
        }
    };
}

extern "C" {
    // int_pow(u64, unsigned int)
    fn int_pow(base: u64, exp: u32, modulus: *const u64) -> u64;
    // unsigned long int_sqrt(unsigned long)
    #[link_name = "int_sqrt"]
    fn root(x: Word) -> usize;
    // void msleep(unsigned int)
    fn msleep(milliseconds: u32) -> i32;
    // unsigned long msleep_interruptible(unsigned int)
    fn msleep_interruptible(milliseconds: *const u32) -> usize;
    // int kstrtobool(const char *, bool *)
    fn kstrtobool(text: *const u8, result: *mut bool) -> u32;
    // unsigned long volatile jiffies
    static jiffies: u32;
    // unsigned long loops_per_jiffy
    static loops_per_jiffy: [usize; 2];
}

// u64 ktime_get_mono_fast_ns(void)
declare!(ktime_get_mono_fast_ns(u8) -> u64);

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut on = false;
        // SAFETY: it is not: the declarations are wrong.
        let sum = unsafe {
            msleep(1);
            int_pow(3, 4, &7)
                + root(9) as u64
                + msleep_interruptible(&1) as u64
                + kstrtobool(c"y".as_ptr().cast(), &mut on) as u64
                + (&raw const jiffies).read() as u64
                + (&raw const loops_per_jiffy).read()[black_box(1)] as u64
                + ktime_get_mono_fast_ns(1)
        };
        pr_info!("{}\n", sum);
        Ok(Module)
    }
}
