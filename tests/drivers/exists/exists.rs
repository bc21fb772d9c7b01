// SPDX-License-Identifier: GPL-2.0

//! Uses what newer kernels have where they have it, and does without elsewhere.
//! Compiles without RACE as well, for a kernel that has all of it.

use core::ffi::CStr;
use kernel::{bindings, prelude::*};

#[cfg(race)]
use race::exists;

#[cfg(not(race))]
macro_rules! exists {
    ($($what:tt)*) => {
        true
    };
}

module! {
    type: Exists,
    name: "exists",
    authors: ["RACE"],
    description: "What a kernel has and another has not",
    license: "GPL",
    imports_ns: ["RACE_TEST"],
}

const MIB: u64 = 1 << 20;

/// Only called where these functions are: it needs no question of its own.
#[inline(never)]
fn resizable(bytes: u64) -> (i32, u64) {
    // SAFETY: both work out a number, for any argument.
    unsafe {
        let order = bindings::pci_rebar_bytes_to_size(bytes);
        (order, bindings::pci_rebar_size_to_bytes(order))
    }
}

/// The number of a BAR's size, a function since 6.19: 0 is 1 MiB.
fn order(bytes: u64) -> i32 {
    if exists!(fn pci_rebar_bytes_to_size) {
        let (order, again) = resizable(bytes);
        pr_info!("order=kernel {} {}\n", order, again / MIB);
        return order;
    }
    let mut order = 0;
    // SAFETY: it works out a number.
    while unsafe { bindings::int_pow(2, order + 20) } < bytes {
        order += 1;
    }
    pr_info!("order=own {}\n", order);
    order as i32
}

/// A field since 7.1.
fn namespaces(module: &'static ThisModule) {
    if !exists!(struct module.imported_namespaces) {
        pr_info!("namespaces=unknown\n");
        return;
    }
    // SAFETY: the module is this one; its name does not change.
    let names = unsafe { (*module.as_ptr()).imported_namespaces };
    if names.is_null() {
        pr_info!("namespaces=none\n");
        return;
    }
    // SAFETY: a string that lives as long as the module.
    let names = unsafe { CStr::from_ptr(names.cast()) };
    pr_info!("namespaces={}\n", names.to_str().unwrap_or("?"));
}

/// An enumerator since 7.2.
fn attributes() -> u32 {
    if exists!(enum bpf_cmd::BPF_COMMON_ATTRS) {
        return bindings::bpf_cmd_BPF_COMMON_ATTRS;
    }
    0
}

struct Exists;

impl kernel::Module for Exists {
    fn init(module: &'static ThisModule) -> Result<Self> {
        pr_info!("right={}\n", u8::from(order(8 * MIB) == 3));
        namespaces(module);
        pr_info!("attributes={}\n", attributes());
        pr_info!("type={}\n", u8::from(exists!(struct completion_list)));
        pr_info!("union={}\n", u8::from(exists!(union nf_inet_addr)));
        pr_info!("typedef={}\n", u8::from(exists!(typedef vma_flags_t)));
        pr_info!("nested={}\n", u8::from(exists!(struct device.driver_override.name)));
        pr_info!("enumerator={}\n", u8::from(exists!(enum pid_type::PIDTYPE_PID)));
        pr_info!("unnamed={}\n", u8::from(exists!(enum _::EXPECT_OPTIMIZED)));
        pr_info!("variable={}\n", u8::from(exists!(static jiffies)));
        pr_info!("nothing={}\n", u8::from(exists!(fn race_no_such_function)));
        Ok(Exists)
    }
}
