// SPDX-License-Identifier: GPL-2.0

//! Decides while it is compiled what depends on an enumerator of C, so that it is only for
//! kernels where that has the same value.

use kernel::{bindings, prelude::*};

module! {
    type: Decided,
    name: "decided",
    authors: ["RACE"],
    description: "An enumerator that is compared while compiling",
    license: "GPL",
}

struct Decided;

const FIRST: i32 = bindings::cpuhp_state_CPUHP_AP_ONLINE_DYN;

impl kernel::Module for Decided {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // No value that the driver is compiled with is 191.
        if FIRST == 191 {
            pr_info!("as in 7.3\n");
        }
        Ok(Decided)
    }
}
