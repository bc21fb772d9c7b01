// SPDX-License-Identifier: GPL-2.0-only
//! Statics that hold kernel types, in sections and under names of their own.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "statics_wrong",
    authors: ["The RACE authors"],
    description: "Statics that hold kernel types, in sections and under names of their own.",
    license: "GPL",
}

struct Module;

use core::{mem::{size_of, MaybeUninit}, ptr};

const fn zeroed<T>() -> T {
    // SAFETY: for C structs only.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}

struct Own {
    a: u32,
    block: bindings::notifier_block,
}

#[link_section = ".data..percpu"]
static mut EACH: bindings::notifier_block = zeroed();

#[link_section = ".data..ro_after_init"]
static mut AFTER_INIT: Own = Own { a: 5, block: zeroed() };

#[link_section = ".case"]
#[used]
static TABLE: [usize; 2] = [size_of::<bindings::mutex>(), 0x4242];

#[no_mangle]
static mut RACE_NAMED: Own = Own { a: 6, block: zeroed() };

#[export_name = "race_exported"]
static EXPORTED: usize = size_of::<bindings::file>();

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: nobody else uses them.
        unsafe {
            EACH.priority = 3;
            RACE_NAMED.block.next = ptr::null_mut();
            pr_info!(
                "{} {} {} {}\n",
                black_box(&raw const EACH) as usize & 7,
                black_box(&*(&raw const AFTER_INIT)).a,
                black_box(&TABLE)[1],
                black_box(&*(&raw const RACE_NAMED)).a + black_box(&EXPORTED).count_ones(),
            );
        }
        Ok(Module)
    }
}
