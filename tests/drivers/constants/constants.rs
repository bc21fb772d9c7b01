// SPDX-License-Identifier: GPL-2.0

//! Numbers that depend on the kernel's layouts, in every kind of constant expression
//! that stays a sum, and in code that runs.  Each is printed; the test compares it
//! with what the running kernel's own type information says.

use core::mem::{offset_of, size_of};
use kernel::{bindings, prelude::*};

module! {
    type: Constants,
    name: "constants",
    authors: ["RACE"],
    description: "Layouts in constant expressions",
    license: "GPL",
}

const SIZE: usize = size_of::<bindings::mutex>();
const OFFSET: usize = offset_of!(bindings::file, private_data);
const NESTED: usize = offset_of!(bindings::miscdevice, list.prev);
const SUM: usize = 2 * SIZE + OFFSET + 3;
const DIFFERENCE: usize = offset_of!(bindings::kiocb, ki_flags) - offset_of!(bindings::kiocb, ki_pos);
const NARROW: u32 = size_of::<bindings::completion>() as u32;

static TABLE: [usize; 3] = [size_of::<bindings::completion>(), 77, OFFSET];

/// Of the driver alone: here the compiler may decide what it likes.
#[repr(C)]
struct Header {
    magic: u32,
    length: u32,
    flags: [u16; 2],
}
kernel::build_assert::static_assert!(size_of::<Header>() == 12);
const WORDS: usize = size_of::<Header>() / 4;
const SMALL: bool = offset_of!(Header, flags) < 16;

trait Measured {
    const BYTES: usize;
}
impl Measured for bindings::completion {
    const BYTES: usize = size_of::<Self>();
}

fn bytes<T: Measured>() -> usize {
    T::BYTES
}

#[inline]
fn is<T>(size: usize) -> bool {
    size_of::<T>() == size
}

struct Constants;

impl kernel::Module for Constants {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("size={}\n", SIZE);
        pr_info!("offset={}\n", OFFSET);
        pr_info!("nested={}\n", NESTED);
        pr_info!("sum={}\n", SUM);
        pr_info!("difference={}\n", DIFFERENCE);
        pr_info!("narrow={}\n", NARROW);
        let table = core::hint::black_box(&TABLE);
        pr_info!("table={},{},{}\n", table[0], table[1], table[2]);
        pr_info!("associated={}\n", bytes::<bindings::completion>());

        let header = core::hint::black_box([7u8; size_of::<Header>()]);
        pr_info!("header={},{},{}\n", WORDS, u8::from(SMALL), header.len());

        // Decisions, made when the driver runs.
        let size = size_of::<bindings::mutex>();
        pr_info!("is24={}\n", u8::from(is::<bindings::mutex>(24)));
        pr_info!("is32={}\n", u8::from(is::<bindings::mutex>(32)));
        pr_info!("empty={}\n", u8::from(is::<bindings::lock_class_key>(0)));
        pr_info!("power={}\n", u8::from(size.is_power_of_two()));
        pr_info!("next={}\n", size.next_power_of_two());
        pr_info!("rest={}\n", size % 64);
        pr_info!("small={}\n", u8::from(size <= 1 << 20));
        pr_info!(
            "matched={}\n",
            match size_of::<bindings::mutex>() {
                24 => 1,
                25..=40 => 2,
                _ => 3,
            }
        );
        let mut left = size_of::<bindings::completion>();
        let mut steps = 0;
        while left >= 8 {
            left -= 8;
            steps += 1;
        }
        pr_info!("steps={}\n", steps);
        Ok(Constants)
    }
}
