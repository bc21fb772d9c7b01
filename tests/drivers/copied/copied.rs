// SPDX-License-Identifier: GPL-2.0

//! `T { a, ..old }` of a C type copies all that a kernel's T has, also fields that the
//! kernel which this was compiled for does not know.

use core::{
    hint::black_box,
    mem::{size_of, MaybeUninit},
    ptr, slice,
};
use kernel::{bindings::blk_mq_tag_set, prelude::*};

module! {
    type: Copied,
    name: "copied",
    authors: ["RACE"],
    description: "Copies of what is not known",
    license: "GPL",
}

struct Copied;

const FILL: u8 = 0xa5;

#[inline(never)]
fn filled() -> blk_mq_tag_set {
    let mut set = MaybeUninit::<blk_mq_tag_set>::uninit();
    // SAFETY: Numbers and pointers, of which any value is one.
    unsafe {
        ptr::write_bytes(set.as_mut_ptr(), FILL, 1);
        set.assume_init()
    }
}

fn say(what: &str, set: &blk_mq_tag_set) {
    // SAFETY: `set` is that many bytes, all of them written.
    let bytes =
        unsafe { slice::from_raw_parts(ptr::from_ref(set).cast::<u8>(), size_of::<blk_mq_tag_set>()) };
    let other = bytes.iter().filter(|byte| **byte != FILL).count();
    pr_info!("{}: {} of {} bytes differ\n", what, other, bytes.len());
}

impl kernel::Module for Copied {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let old = filled();
        say("old", black_box(&old));
        say("new", black_box(&blk_mq_tag_set { flags: 0, ..old }));
        let make = |flags| blk_mq_tag_set {
            flags,
            queue_depth: 7,
            ..old
        };
        say("of a closure", black_box(&black_box(make)(1)));
        Ok(Copied)
    }
}
