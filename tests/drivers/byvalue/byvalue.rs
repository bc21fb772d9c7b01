// SPDX-License-Identifier: GPL-2.0

//! C structs that are moved and copied by value: small ones in registers, out of an `Option`;
//! and elements of a static array that are written to.

use core::{hint::black_box, mem::{size_of, MaybeUninit}, ptr};
use kernel::{bindings, prelude::*, types::Opaque};

module! {
    type: ByValue,
    name: "byvalue",
    authors: ["RACE"],
    description: "C structs by value",
    license: "GPL",
}

const fn zeroed<T>() -> T {
    // SAFETY: Only for C structs, of which zero is a value.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}

/// # Safety
///
/// `vecs` points to more than `index` elements.
#[inline(never)]
unsafe fn end_of(vecs: *mut bindings::bio_vec, index: usize, done: usize) -> Result<usize> {
    // SAFETY: By the caller's word.
    let bvec = unsafe { *vecs.add(index) };
    let available = (bvec.bv_len as usize).checked_sub(done).ok_or(EINVAL)?;
    if bvec.bv_page.is_null() {
        return Err(EIO);
    }
    Ok(bvec.bv_offset as usize + available)
}

struct Object {
    id: u32,
    refs: Opaque<bindings::kref>,
}

struct Locked {
    p: *mut u8,
    lock: Opaque<bindings::raw_spinlock>,
}

struct Counted {
    count: bindings::seqcount,
    value: u32,
}

/// Copies of what a loop goes over, but for one field.
#[inline(never)]
fn copied(blocks: &[bindings::notifier_block]) -> Result<i32> {
    let mut sum = 0;
    for (i, block) in blocks.iter().enumerate() {
        let priority = block.priority + i as i32;
        sum += KBox::new(bindings::notifier_block { priority, ..*block }, GFP_KERNEL)?.priority;
    }
    Ok(sum)
}

#[inline(never)]
fn object(id: u32) -> Object {
    Object { id, refs: Opaque::new(bindings::kref::default()) }
}

#[inline(never)]
fn locked(p: *mut u8) -> Locked {
    Locked { p, lock: Opaque::uninit() }
}

struct Waiting {
    done: bindings::completion,
    value: u32,
}

#[inline(never)]
fn taken(from: &mut Option<Waiting>) -> u32 {
    match from.take() {
        Some(waiting) => waiting.value,
        None => 0,
    }
}

type Block = bindings::notifier_block;
static mut BLOCKS: [Block; 3] = [const { zeroed() }; 3];

#[inline(never)]
fn set_priorities() {
    // SAFETY: Nothing else speaks of them.
    unsafe {
        BLOCKS[1].priority = 5;
        BLOCKS[2].priority = 6;
    }
}

struct Large;
struct Small;

impl Large {
    const LEN: usize = size_of::<bindings::mutex>();
}

impl Small {
    const LEN: usize = 16;
    fn is_small() -> bool {
        Small::LEN < 32
    }
}

struct ByValue {
    object: KBox<Object>,
}

// SAFETY: A test.
unsafe impl Send for ByValue {}
// SAFETY: A test.
unsafe impl Sync for ByValue {}

impl kernel::Module for ByValue {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut vecs = [bindings::bio_vec::default(); 3];
        vecs[2].bv_len = 512;
        vecs[2].bv_offset = 64;
        vecs[2].bv_page = ptr::dangling_mut();
        // SAFETY: There are three.
        pr_info!("end: {}\n", unsafe { end_of(vecs.as_mut_ptr(), 2, 12) }?);

        let object = KBox::new(object(3), GFP_KERNEL)?;
        let locked = KBox::new(locked(ptr::null_mut()), GFP_KERNEL)?;
        let counted = KBox::new(Counted { count: zeroed(), value: 4 }, GFP_KERNEL)?;
        pr_info!("held: {} {} {}\n", object.id, u8::from(locked.p.is_null()), counted.value);

        let mut waiting = KBox::new(Some(Waiting { done: zeroed(), value: 5 }), GFP_KERNEL)?;
        pr_info!("taken: {} {}\n", taken(&mut waiting), taken(&mut waiting));

        set_priorities();
        // SAFETY: Nothing else speaks of them.
        let blocks = unsafe { black_box(&*(&raw const BLOCKS)) };
        pr_info!("priorities: {}\n", blocks.iter().map(|block| block.priority).sum::<i32>());

        let length = black_box(Large::LEN) == size_of::<bindings::mutex>();
        pr_info!("copied: {}\n", copied(blocks)?);
        pr_info!("length: {} {}\n", u8::from(length), u8::from(Small::is_small()));
        Ok(Self { object })
    }
}

impl Drop for ByValue {
    fn drop(&mut self) {
        pr_info!("object: {}\n", self.object.id);
    }
}
