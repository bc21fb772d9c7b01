// SPDX-License-Identifier: GPL-2.0

//! Warns, when it is loaded.

use kernel::prelude::*;

module! {
    type: Warned,
    name: "warned",
    authors: ["RACE"],
    description: "A warning",
    license: "GPL",
}

struct Warned;

impl kernel::Module for Warned {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let numbers = KVec::<u32>::with_capacity(4, GFP_KERNEL)?;
        if kernel::warn_on!(numbers.capacity() >= 4) {
            pr_info!("it was true\n");
        }
        Ok(Warned)
    }
}
