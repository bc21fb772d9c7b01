// SPDX-License-Identifier: GPL-2.0

//! Layouts of own types around C structs: what `repr(C)` says, also around structs that are
//! aligned to 4 bytes; sums of several sizes; places and sizes as numbers of 16 and 32 bits in
//! statics; own types in arrays in statics.

use core::{
    hint::black_box,
    mem::{offset_of, size_of, size_of_val, MaybeUninit},
};
use kernel::{bindings, prelude::*, types::Opaque};

module! {
    type: OwnTypes,
    name: "owntypes",
    authors: ["RACE"],
    description: "Layouts of own types around C structs",
    license: "GPL",
}

const fn zeroed<T>() -> T {
    // SAFETY: Only for C structs, and own ones of them, of which zero is a value.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}

struct Shared<T>(T);

// SAFETY: Nothing writes to what is in it.
unsafe impl<T> Sync for Shared<T> {}

/// Four kernel types, of which the sizes of two others are nearly a sum.
#[repr(C)]
struct Chan {
    ids: bindings::idr,
    refs: bindings::percpu_ref,
    sg: bindings::scatterlist,
    done: bindings::completion,
}

#[repr(C)]
struct Pair {
    timer: bindings::timer_list,
    seq: bindings::seqcount,
    tail: u64,
}

#[repr(C)]
struct Triple {
    misc: bindings::miscdevice,
    array: bindings::xarray,
    ids: bindings::idr,
    tail: u64,
}

/// As it goes to user space.
#[repr(C)]
#[derive(Clone, Copy)]
struct Message {
    id: u32,
    address: bindings::sockaddr_in6,
    port: u32,
    flags: u32,
}

#[repr(C, align(8))]
struct Aligned(bindings::cpuinfo_topology);

#[repr(C)]
struct Twice {
    first: bindings::cpuinfo_topology,
    second: bindings::cpuinfo_topology,
    word: u64,
    third: bindings::cpuinfo_topology,
    byte: u8,
}

type Place = bindings::cpuinfo_topology;

const fn place(id: u32) -> Place {
    Place { pkg_id: id, ..zeroed() }
}

static PLACES: Shared<[Place; 3]> = Shared([place(1), place(20), place(300)]);

struct Rows {
    first: u64,
    places: [Place; 3],
    last: u64,
}

static ROWS: Shared<Rows> =
    Shared(Rows { first: 1, places: [place(4), place(50), place(600)], last: 9 });
static THIRD: Shared<&Place> = Shared(&PLACES.0[2]);
static LAST: Shared<&u64> = Shared(&ROWS.0.last);

#[repr(C)]
struct Node {
    id: u32,
    block: bindings::notifier_block,
    name: &'static str,
    next: Option<&'static Shared<Node>>,
}

static A: Shared<Node> = Shared(Node { id: 1, block: zeroed(), name: "aa", next: None });
static B: Shared<Node> = Shared(Node {
    id: 2,
    block: bindings::notifier_block { priority: 0x01020304, ..zeroed() },
    name: "bbb",
    next: Some(&A),
});
static PRIORITY: Shared<&i32> = Shared(&B.0.block.priority);
static LIST: [&Shared<Node>; 2] = [&B, &A];
static PARAMS: Shared<bindings::rhashtable_params> = Shared(bindings::rhashtable_params {
    key_len: 4,
    key_offset: offset_of!(Node, id) as u16,
    head_offset: offset_of!(Node, block) as u16,
    automatic_shrinking: true,
    ..zeroed()
});
static SIZES: Shared<(usize, u32, u16, &str)> = Shared((
    size_of::<Node>(),
    size_of::<bindings::notifier_block>() as u32,
    offset_of!(Node, name) as u16,
    "end",
));

struct Request {
    a: u32,
    lock: Opaque<bindings::mutex>,
    block: bindings::notifier_block,
}

static TAGS: Shared<bindings::blk_mq_tag_set> = Shared(bindings::blk_mq_tag_set {
    cmd_size: size_of::<Request>() as u32,
    nr_hw_queues: 1,
    ..zeroed()
});

#[inline(never)]
fn distance<T, U>(from: *const T, to: *const U) -> isize {
    black_box(to) as isize - black_box(from) as isize
}

struct OwnTypes;

impl kernel::Module for OwnTypes {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let chan = KBox::<Chan>::new_uninit(GFP_KERNEL)?;
        let p = chan.as_ptr();
        // SAFETY: No memory is read.
        let done = unsafe { &raw const (*p).done };
        pr_info!("chan: {} {}\n", distance(p, done), size_of::<Chan>());

        let pair = KBox::<Pair>::new_uninit(GFP_KERNEL)?;
        let triple = KBox::<Triple>::new_uninit(GFP_KERNEL)?;
        let (pair, triple) = (pair.as_ptr(), triple.as_ptr());
        // SAFETY: No memory is read.
        let tails = unsafe { (&raw const (*pair).tail, &raw const (*triple).tail) };
        pr_info!("tails: {} {}\n", distance(pair, tails.0), distance(triple, tails.1));

        let message = Message { id: 1, address: zeroed(), port: 0x1234, flags: 0x5678 };
        let message = KBox::new(message, GFP_KERNEL)?;
        let words = (&raw const *message).cast::<u32>();
        let mut port = 0;
        for i in 0..size_of::<Message>() / 4 {
            // SAFETY: Of four aligned bytes each, all of which were set.
            if unsafe { *words.add(i) } == 0x1234 {
                port = i * 4;
            }
        }
        pr_info!("message: {} {}\n", port, size_of::<Message>());

        let aligned = KBox::<Aligned>::new_uninit(GFP_KERNEL)?;
        let first = black_box(aligned.as_ptr());
        let stride = distance(first, first.wrapping_add(1));
        pr_info!("aligned: {} {}\n", size_of::<Aligned>(), stride);

        let twice = KBox::<Twice>::new_uninit(GFP_KERNEL)?;
        let p = twice.as_ptr();
        // SAFETY: No memory is read.
        let (word, byte) = unsafe { (&raw const (*p).word, &raw const (*p).byte) };
        pr_info!("twice: {} {} {}\n", distance(p, word), distance(p, byte), size_of::<Twice>());

        let rows = black_box(&ROWS.0);
        pr_info!("rows: {} {} {} {}\n", rows.first, rows.places[2].pkg_id, rows.last, black_box(&LAST).0);
        pr_info!("third: {}\n", black_box(&THIRD).0.pkg_id);

        let b = &black_box(&B).0;
        let next = b.next.map_or(0, |next| next.0.id);
        pr_info!("node: {} {} {:x} {}\n", b.id, b.name, b.block.priority, next);
        let names = black_box(&LIST).iter().map(|node| node.0.name.len()).sum::<usize>();
        pr_info!("priority: {:x} {}\n", black_box(&PRIORITY).0, names);
        let params = &black_box(&PARAMS).0;
        pr_info!("params: {} {} {}\n", params.key_len, params.key_offset, params.head_offset);
        let sizes = &black_box(&SIZES).0;
        pr_info!("sizes: {} {} {} {}\n", sizes.0, sizes.1, sizes.2, sizes.3);

        let request = Request { a: 1, lock: Opaque::uninit(), block: zeroed() };
        let request = KBox::new(request, GFP_KERNEL)?;
        let right = black_box(&TAGS).0.cmd_size as usize == size_of_val(&*request);
        pr_info!("tags: {} {}\n", u8::from(right), request.a);
        Ok(Self)
    }
}
