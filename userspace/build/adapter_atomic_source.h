// SPDX-License-Identifier: GPL-2.0-only
//
// The source of the adapter for atomics of one byte.
#pragma once

namespace race::build {

// Until Linux 6.19 the helpers for atomics do not have those of one byte, which are a
// flag's or a bool's.  Each order is at least what its name says; on x86-64 that costs
// nothing.
inline constexpr const char* kAtomicByteAdapter = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc, clippy::unused_unit)]

use core::sync::atomic::{
    AtomicI8,
    Ordering::{Acquire, Release, SeqCst},
};

unsafe fn read(byte: *mut i8) -> i8 {
    // SAFETY: The caller's promise, here and below: a valid byte that is only accessed
    // atomically.
    unsafe { AtomicI8::from_ptr(byte) }.load(Acquire)
}

unsafe fn set(byte: *mut i8, value: i8) {
    // SAFETY: As above.
    unsafe { AtomicI8::from_ptr(byte) }.store(value, Release);
}

unsafe fn xchg(byte: *mut i8, new: i8) -> i8 {
    // SAFETY: As above.
    unsafe { AtomicI8::from_ptr(byte) }.swap(new, SeqCst)
}

unsafe fn try_cmpxchg(byte: *mut i8, old: *mut i8, new: i8) -> bool {
    // SAFETY: As above; `old` is the caller's own.
    let result = unsafe { AtomicI8::from_ptr(byte).compare_exchange(*old, new, SeqCst, SeqCst) };
    match result {
        Ok(_) => true,
        Err(found) => {
            // SAFETY: As above.
            unsafe { *old = found };
            false
        }
    }
}

macro_rules! alike {
    ($function:ident $parameters:tt -> $result:ty: $($name:ident)*) => {
        $(one!($name $function $parameters -> $result);)*
    };
}

macro_rules! one {
    ($name:ident $function:ident ($($argument:ident: $type:ty),*) -> $result:ty) => {
        #[no_mangle]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            // SAFETY: The caller's promise.
            unsafe { $function($($argument),*) }
        }
    };
}

alike!(read(byte: *mut i8) -> i8:
    race_adapter_rust_helper_atomic_i8_read
    race_adapter_rust_helper_atomic_i8_read_acquire);
alike!(set(byte: *mut i8, value: i8) -> ():
    race_adapter_rust_helper_atomic_i8_set
    race_adapter_rust_helper_atomic_i8_set_release);
alike!(xchg(byte: *mut i8, new: i8) -> i8:
    race_adapter_rust_helper_atomic_i8_xchg
    race_adapter_rust_helper_atomic_i8_xchg_acquire
    race_adapter_rust_helper_atomic_i8_xchg_release
    race_adapter_rust_helper_atomic_i8_xchg_relaxed);
alike!(try_cmpxchg(byte: *mut i8, old: *mut i8, new: i8) -> bool:
    race_adapter_rust_helper_atomic_i8_try_cmpxchg
    race_adapter_rust_helper_atomic_i8_try_cmpxchg_acquire
    race_adapter_rust_helper_atomic_i8_try_cmpxchg_release
    race_adapter_rust_helper_atomic_i8_try_cmpxchg_relaxed);
)rust";

}  // namespace race::build
