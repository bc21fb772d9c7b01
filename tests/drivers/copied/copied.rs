// SPDX-License-Identifier: GPL-2.0

//! `T { a, ..old }` of a C type copies all that a kernel's T has, also fields that the
//! kernel which this was compiled for does not know.  And what a function returns by value,
//! in a place whose size is the kernel's, comes whole.

use core::{
    hint::black_box,
    mem::{self, size_of, MaybeUninit},
    ptr, slice,
};
use kernel::{
    bindings::{blk_mq_tag_set, notifier_block},
    prelude::*,
};

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

#[derive(Clone)]
struct Own {
    first: u32,
    held: notifier_block,
    last: u8,
    count: u64,
}

impl Own {
    fn new(number: u8) -> Own {
        let mut held = notifier_block::default();
        held.priority = i32::from(number) + 1;
        Own {
            first: u32::from(number),
            held,
            last: number + 2,
            count: u64::from(number) + 3,
        }
    }
    fn whole(&self, number: u8) -> bool {
        let held = &self.held;
        self.first == u32::from(number)
            && held.notifier_call.is_none()
            && held.next.is_null()
            && held.priority == i32::from(number) + 1
            && self.last == number + 2
            && self.count == u64::from(number) + 3
    }
}

trait Maker {
    fn make(&self) -> Own;
}
struct Fixed(u8);
struct Doubled(u8);
impl Maker for Fixed {
    fn make(&self) -> Own {
        Own::new(self.0)
    }
}
impl Maker for Doubled {
    fn make(&self) -> Own {
        Own::new(self.0 * 2)
    }
}

#[inline(never)]
fn made(number: u8) -> Own {
    Own::new(number)
}

#[inline(never)]
fn passed(own: Own) -> Own {
    own
}

#[inline(never)]
fn pair(number: u8) -> (Own, u16, Own) {
    (made(number), 7, made(number + 1))
}

#[inline(never)]
fn maybe(number: u8) -> Option<Own> {
    (number < 100).then(|| made(number))
}

#[inline(never)]
fn tried(number: u8) -> core::result::Result<Own, u64> {
    maybe(number).ok_or(u64::from(number))
}

#[inline(never)]
fn both(number: u8) -> core::result::Result<[Own; 2], u64> {
    Ok([tried(number)?, tried(number + 1)?])
}

fn results(by: u8) -> Result<[bool; 10]> {
    let cloned = made(by).clone();
    let boxed = KBox::new(passed(made(by)), GFP_KERNEL)?;
    let again = KBox::new((*boxed).clone(), GFP_KERNEL)?;
    let (one, number, two) = pair(by);
    let mut kept = maybe(by);
    let taken = kept.take();
    let mut old = made(by);
    let former = mem::replace(&mut old, made(by + 1));
    let makers: [&dyn Maker; 2] = [&Fixed(by), &Doubled(by)];
    let made_by = black_box(makers).map(|maker| maker.make());
    Ok([
        cloned.whole(by),
        boxed.whole(by),
        again.whole(by),
        one.whole(by) && number == 7 && two.whole(by + 1),
        taken.is_some_and(|own| own.whole(by)) && kept.is_none(),
        former.whole(by) && old.whole(by + 1),
        made_by[0].whole(by) && made_by[1].whole(by * 2),
        tried(by).is_ok_and(|own| own.whole(by)) && tried(by + 100).is_err_and(|number| number == u64::from(by) + 100),
        both(by).is_ok_and(|own| own[0].whole(by) && own[1].whole(by + 1)),
        both(99).is_err_and(|number| number == 100),
    ])
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
        let whole = results(black_box(5))?;
        pr_info!("results: {} of {} are whole\n", whole.iter().filter(|is| **is).count(), whole.len());
        Ok(Copied)
    }
}
