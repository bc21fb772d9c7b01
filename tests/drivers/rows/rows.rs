// SPDX-License-Identifier: GPL-2.0

//! Arrays in statics: of C structs whose size is no multiple of 8, and of own types with a
//! C struct in a C struct; bit fields of a type and of one without a name in it.

use core::{
    hint::black_box,
    mem::{size_of, MaybeUninit},
};
use kernel::{bindings, ffi::c_char, prelude::*};

module! {
    type: Rows,
    name: "rows",
    authors: ["RACE"],
    description: "Arrays in statics",
    license: "GPL",
}

const fn zeroed<T>() -> T {
    // SAFETY: Only for C structs, of which zero is a value.
    unsafe { MaybeUninit::<T>::zeroed().assume_init() }
}

struct Shared<T>(T);

// SAFETY: Nothing writes to what is in it.
unsafe impl<T> Sync for Shared<T> {}

type Place = bindings::cpuinfo_topology;

static PLACES: Shared<[Place; 3]> = Shared([
    Place { pkg_id: 1, ..zeroed() },
    Place { pkg_id: 20, ..zeroed() },
    Place { pkg_id: 300, ..zeroed() },
]);
static SIZE: Shared<&[usize]> = Shared(&[size_of::<Place>()]);

struct Knob {
    attr: bindings::kobj_attribute,
    value: u64,
}

const fn knob(name: &'static CStr, value: u64) -> Knob {
    let attr = bindings::attribute { name: name.as_ptr().cast::<c_char>(), mode: 0o644, ..zeroed() };
    Knob { attr: bindings::kobj_attribute { attr, ..zeroed() }, value }
}

static KNOBS: Shared<[Knob; 3]> = Shared([knob(c"a", 1), knob(c"bc", 20), knob(c"def", 300)]);

struct Rows;

impl kernel::Module for Rows {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let places = black_box(&PLACES.0);
        pr_info!("places: {}\n", places.iter().map(|place| place.pkg_id).sum::<u32>());
        let size = size_of::<Place>();
        pr_info!("size: {} and {}\n", size, black_box(SIZE.0)[0]);

        let mut names = 0;
        for knob in black_box(&KNOBS.0) {
            // SAFETY: They are names of `knob()`.
            let name = unsafe { CStr::from_char_ptr(knob.attr.attr.name) };
            names += name.to_bytes().len() as u64 * knob.value + u64::from(knob.attr.attr.mode) * 1000;
        }
        pr_info!("knobs: {}\n", names);

        let mut packet = KBox::new(zeroed::<bindings::sk_buff>(), GFP_KERNEL)?;
        packet.set_head_frag(1);
        // SAFETY: All bytes are zero or were set here.
        let inner = unsafe { packet.__bindgen_anon_4.__bindgen_anon_1.as_mut() };
        inner.set_pkt_type(5);
        let kind = inner.pkt_type();
        pr_info!("packet: {} {} {}\n", packet.cloned(), packet.head_frag(), kind);
        Ok(Self)
    }
}
