// SPDX-License-Identifier: GPL-2.0

//! A device whose table of operations names its owner, and a flag of one byte: a file of
//! it that is open holds the module.

use core::{cell::UnsafeCell, mem::MaybeUninit};
use kernel::{
    bindings,
    error::to_result,
    ffi::c_int,
    prelude::*,
    sync::atomic::{Acquire, Atomic, Full, Relaxed, Release},
};

module! {
    type: Owned,
    name: "owned",
    authors: ["RACE"],
    description: "An owner in a table, and a flag",
    license: "GPL",
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: The operations are never written; the device is the kernel's as long as it is
// registered, and nobody else's.
unsafe impl<T> Sync for Shared<T> {}

static OPERATIONS: Shared<bindings::file_operations> =
    Shared(UnsafeCell::new(bindings::file_operations {
        owner: THIS_MODULE.as_ptr(),
        open: Some(open),
        release: Some(release),
        // SAFETY: All zeroes are an empty table.
        ..unsafe { MaybeUninit::zeroed().assume_init() }
    }));

static DEVICE: Shared<bindings::miscdevice> = Shared(UnsafeCell::new(bindings::miscdevice {
    minor: bindings::MISC_DYNAMIC_MINOR as c_int,
    name: c"race-owned".as_ptr().cast(),
    fops: OPERATIONS.0.get(),
    // SAFETY: As above.
    ..unsafe { MaybeUninit::zeroed().assume_init() }
}));

/// Whether a file is open; there may be one.
static OPEN: Atomic<bool> = Atomic::new(false);

unsafe extern "C" fn open(_inode: *mut bindings::inode, _file: *mut bindings::file) -> c_int {
    match OPEN.cmpxchg(false, true, Full) {
        Ok(_) => 0,
        Err(_) => EBUSY.to_errno(),
    }
}

unsafe extern "C" fn release(_inode: *mut bindings::inode, _file: *mut bindings::file) -> c_int {
    OPEN.store(false, Release);
    0
}

/// Every operation on one byte, in each of its orders; what lies beside it stays.
fn flags() -> bool {
    let all = [const { Atomic::<i8>::new(0x5a) }; 3];
    let byte = &all[1];
    let mut right = byte.load(Relaxed) == 0x5a && byte.load(Acquire) == 0x5a;
    byte.store(-1, Relaxed);
    byte.store(-2, Release);
    right &= byte.xchg(1, Full) == -2;
    right &= byte.xchg(2, Acquire) == 1;
    right &= byte.xchg(3, Release) == 2;
    right &= byte.xchg(-128, Relaxed) == 3;
    right &= byte.cmpxchg(-128, 4, Full) == Ok(-128);
    right &= byte.cmpxchg(4, 5, Acquire) == Ok(4);
    right &= byte.cmpxchg(5, 6, Release) == Ok(5);
    right &= byte.cmpxchg(6, 127, Relaxed) == Ok(6);
    right &= byte.cmpxchg(6, 0, Full) == Err(127);
    right
        && byte.load(Acquire) == 127
        && all[0].load(Relaxed) == 0x5a
        && all[2].load(Relaxed) == 0x5a
}

struct Owned;

impl kernel::Module for Owned {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("flags={}\n", u8::from(flags()));
        // SAFETY: The device and its operations outlive the module's code.
        to_result(unsafe { bindings::misc_register(DEVICE.0.get()) })?;
        Ok(Owned)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: It is registered.
        unsafe { bindings::misc_deregister(DEVICE.0.get()) };
    }
}
