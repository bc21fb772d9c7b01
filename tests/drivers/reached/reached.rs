// SPDX-License-Identifier: GPL-2.0-only
//! Layouts that no symbol is for: of types that no variant moves, behind pointers and in arrays
//! of types that move, and of members of unions.

use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Reached,
    name: "reached",
    authors: ["The RACE authors"],
    description: "Types that are reached through others",
    license: "GPL",
}

/// A type of the driver's that only points to one of C's.
struct Holder {
    pair: *mut bindings::bio_list,
}

struct Reached;

// SAFETY: of all of these: nobody calls them, and they read what they are given.
unsafe fn behind_a_pointer(task: *mut bindings::task_struct) -> usize {
    unsafe { (*(*task).reclaim_state).mm_walk.addr() }
}

unsafe fn in_an_array(signal: *mut bindings::signal_struct) -> usize {
    unsafe { (*signal).rlim[2].rlim_max }
}

unsafe fn behind_an_own_type(holder: &Holder) -> usize {
    unsafe { (*holder.pair).tail.addr() }
}

unsafe fn behind_a_cast(any: *mut u8) -> usize {
    unsafe { (*any.cast::<bindings::device_dma_parameters>()).segment_boundary_mask }
}

unsafe fn in_an_unnamed_union(iter: *mut bindings::iov_iter) -> usize {
    unsafe { (*iter).__bindgen_anon_1.__bindgen_anon_1.as_ref().__bindgen_anon_1.bvec.addr() }
}

unsafe fn in_a_named_union(value: *mut bindings::sigval) -> i32 {
    unsafe { (*value).sival_int }
}

impl kernel::Module for Reached {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        if black_box(0) == 1 {
            let none = black_box(core::ptr::null_mut::<u8>());
            let holder = black_box(Holder { pair: none.cast() });
            // SAFETY: never run.
            unsafe {
                pr_info!("{}\n", behind_a_pointer(none.cast()));
                pr_info!("{}\n", in_an_array(none.cast()));
                pr_info!("{}\n", behind_an_own_type(&holder));
                pr_info!("{}\n", behind_a_cast(none));
                pr_info!("{}\n", in_an_unnamed_union(none.cast()));
                pr_info!("{}\n", in_a_named_union(none.cast()));
            }
        }
        Ok(Reached)
    }
}
