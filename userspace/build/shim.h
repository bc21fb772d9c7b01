// SPDX-License-Identifier: GPL-2.0-only
//
// The Rust that is linked into a driver so that fmt::Arguments never reaches C.
#pragma once

namespace race::build {

// race_shim_format: formats into `size` bytes at `buffer`, always ends with NUL,
// and gives back the bytes that it wrote without the NUL.
// race_shim_seq_write: streams to a seq_file through seq_write(), in pieces, as
// %pA's own writer would; returns nothing, as seq_printf does.
inline constexpr const char* kShimSource = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
use core::fmt;
use core::ffi::c_void;

struct Buffer {
    start: *mut u8,
    length: usize,
    size: usize,
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.size - 1 - self.length;
        let count = if text.len() < room { text.len() } else { room };
        // SAFETY: `length + count < size`, and the caller gave `size` bytes.
        unsafe { core::ptr::copy_nonoverlapping(text.as_ptr(), self.start.add(self.length), count) };
        self.length += count;
        Ok(())
    }
}

/// # Safety
///
/// `buffer` has `size` bytes, at least one; `arguments` is a `&fmt::Arguments`.
#[no_mangle]
pub unsafe extern "C" fn race_shim_format(buffer: *mut u8, size: usize, arguments: *const c_void) -> usize {
    let mut out = Buffer { start: buffer, length: 0, size };
    // SAFETY: By the requirement on `arguments`.
    let _ = fmt::write(&mut out, unsafe { *arguments.cast::<fmt::Arguments<'_>>() });
    // SAFETY: `length < size`.
    unsafe { *buffer.add(out.length) = 0 };
    out.length
}

extern "C" {
    fn seq_write(seq: *mut c_void, data: *const c_void, len: usize) -> i32;
}

struct Seq(*mut c_void);

impl fmt::Write for Seq {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: `text` is valid for its length.  Overflow is kept by the
        // seq_file itself, which then calls its show function again.
        unsafe { seq_write(self.0, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

/// # Safety
///
/// `seq` is a `struct seq_file *`; `arguments` is a `&fmt::Arguments`.
#[no_mangle]
pub unsafe extern "C" fn race_shim_seq_write(seq: *mut c_void, arguments: *const c_void) {
    // SAFETY: By the requirement on `arguments`.
    let _ = fmt::write(&mut Seq(seq), unsafe { *arguments.cast::<fmt::Arguments<'_>>() });
}
)rust";

}  // namespace race::build
