// SPDX-License-Identifier: GPL-2.0

//! Shows the kernel's stack from three functions down, one of them with a large frame.

use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Trace,
    name: "trace",
    authors: ["RACE"],
    description: "A stack trace through the driver",
    license: "GPL",
}

struct Trace;

#[no_mangle]
#[inline(never)]
extern "C" fn trace_inner(depth: u64) -> u64 {
    // SAFETY: It only prints.
    unsafe { bindings::dump_stack() };
    black_box(depth)
}

#[no_mangle]
#[inline(never)]
extern "C" fn trace_middle(depth: u64) -> u64 {
    let mut room = [depth; 64];
    black_box(&mut room);
    room[black_box(3)] + trace_inner(depth + 1)
}

#[no_mangle]
#[inline(never)]
extern "C" fn trace_outer(depth: u64) -> u64 {
    black_box(trace_middle(depth + 1)) + 1
}

impl kernel::Module for Trace {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("depth {}\n", trace_outer(black_box(0)));
        Ok(Trace)
    }
}
