// SPDX-License-Identifier: GPL-2.0

//! Looks at a mapping of the process that loads it.  The first and the last address are
//! in unnamed members of unnamed members of `struct vm_area_struct`.  What was found is
//! kept in a struct of the driver's own, which is read and written as volatile.

use kernel::{
    mm::virt::flags,
    page::PAGE_SIZE,
    prelude::*, //
};

module! {
    type: Mapped,
    name: "mapped",
    authors: ["RACE"],
    description: "Members without a name, and volatile structs",
    license: "GPL",
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Found {
    start: usize,
    length: u32,
    bytes: [u8; 3],
}

struct Mapped;

impl kernel::Module for Mapped {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let task = kernel::current!();
        let mm = task.mm().ok_or(EINVAL)?;
        let read = mm.mmap_read_lock();
        let mut found = Found { start: 0, length: 0, bytes: [1, 2, 3] };
        let mut seen = 0;
        // The stack is the mapping that grows down, the last one but for the kernel's own.
        let mut address = 1_usize << 47;
        while seen == 0 && address > 0x7000_0000_0000 {
            address -= PAGE_SIZE;
            let Some(vma) = read.vma_lookup(address) else { continue };
            if vma.flags() & flags::WRITE == 0 {
                address = vma.start();
                continue;
            }
            seen = address;
            found.start = vma.start();
            found.length = (vma.end() - vma.start()) as u32;
        }
        let mut kept = Found { start: 1, length: 1, bytes: [0; 3] };
        // SAFETY: both are on the stack.
        let again = unsafe {
            (&raw mut kept).write_volatile(found);
            (&raw const kept).read_volatile()
        };
        let end = again.start + again.length as usize;
        pr_info!("inside={}\n", u8::from(again.start <= seen && seen < end));
        pr_info!("whole={}\n", (again.start | end) % PAGE_SIZE);
        pr_info!("last={}\n", end - seen);
        pr_info!("bytes={:?}\n", again.bytes);
        Ok(Mapped)
    }
}
