// SPDX-License-Identifier: GPL-2.0

//! Uses enumerators of C that are other numbers in other kernels, and asks the kernel
//! whether they are right.

use kernel::{bindings, c_str, error::to_result, prelude::*, types::Opaque};

module! {
    type: Enumerated,
    name: "enumerated",
    authors: ["RACE"],
    description: "Enumerators that move",
    license: "GPL",
}

struct Enumerated;

/// Where a kernel is, as a switch tells it.
#[inline(never)]
fn stage(state: bindings::system_states) -> &'static str {
    match state {
        bindings::system_states_SYSTEM_BOOTING => "booting",
        bindings::system_states_SYSTEM_RUNNING => "running",
        bindings::system_states_SYSTEM_HALT | bindings::system_states_SYSTEM_RESTART => "ending",
        _ => "between",
    }
}

/// In a static.
static STATES: [(i32, &str); 2] = [
    (bindings::cpuhp_state_CPUHP_AP_ONLINE_DYN, "first"),
    (bindings::cpuhp_state_CPUHP_AP_ONLINE_DYN_END, "last"),
];

/// An XArray that gives out numbers marks those that are free, in a flag above all of
/// gfp_t's; without it it has none to give.
fn first_numbers() -> Result<(u32, u32)> {
    let array = KBox::new(Opaque::<bindings::xarray>::uninit(), GFP_KERNEL)?;
    let limit = bindings::xa_limit { max: 9, min: 0 };
    let (mut first, mut second) = (99, 99);
    // SAFETY: it is initialised before it is used, locked where that is asked for, and
    // destroyed before its memory is freed.  Its entries are values, which are no pointers.
    unsafe {
        bindings::xa_init_flags(array.get(), bindings::XA_FLAGS_ALLOC);
        for id in [&mut first, &mut second] {
            let entry = ((7 << 1) | 1) as *mut kernel::ffi::c_void;
            bindings::xa_lock(array.get());
            let result =
                bindings::__xa_alloc(array.get(), id, entry, limit, bindings::GFP_ATOMIC);
            bindings::xa_unlock(array.get());
            to_result(result)?;
        }
        bindings::xa_destroy(array.get());
    }
    Ok((first, second))
}

/// The distance of the state that the kernel gives to the first that it may give.
fn dynamic_state() -> Result<i32> {
    let first = bindings::cpuhp_state_CPUHP_AP_ONLINE_DYN;
    // SAFETY: a state without callbacks, which is given back.
    unsafe {
        let name = c_str!("race/enumerated");
        let given =
            bindings::__cpuhp_setup_state(first, name.as_ptr().cast(), false, None, None, false);
        if given < 0 {
            return Err(Error::from_errno(given));
        }
        bindings::__cpuhp_remove_state(given, false);
        Ok(given - first)
    }
}

impl kernel::Module for Enumerated {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // SAFETY: it is read once.
        let state = unsafe { core::ptr::addr_of!(bindings::system_state).read_volatile() };
        pr_info!("stage={}\n", stage(state));
        let (first, second) = first_numbers()?;
        pr_info!("numbers={first} {second}\n");
        let distance = dynamic_state()?;
        pr_info!("dynamic={}\n", (0..40).contains(&distance));
        for (number, name) in &STATES {
            pr_info!("{name}={number}\n");
        }
        pr_info!("alloc={:#x}\n", bindings::XA_FLAGS_ALLOC);
        // A set of flags of an enum.
        let waits = bindings::fault_flag_FAULT_FLAG_WRITE
            | bindings::fault_flag_FAULT_FLAG_RETRY_NOWAIT;
        pr_info!("fault={:#x}\n", core::hint::black_box(waits));
        Ok(Enumerated)
    }
}
