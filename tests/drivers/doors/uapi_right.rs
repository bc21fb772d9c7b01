// SPDX-License-Identifier: GPL-2.0-only
//! Types of the crate uapi: of the kernel's own, and of user space.
use core::hint::black_box;
use kernel::{bindings, prelude::*};

module! {
    type: Module,
    name: "uapi_right",
    authors: ["The RACE authors"],
    description: "Types of the crate uapi: of the kernel's own, and of user space.",
    license: "GPL",
}

struct Module;

use core::mem::{offset_of, size_of};
use kernel::uapi;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let same = black_box(offset_of!(uapi::file, private_data))
            == black_box(offset_of!(bindings::file, private_data));
        pr_info!("same {}\n", same);
        let version = black_box(size_of::<uapi::drm_version>()) == 64;
        pr_info!("version {}\n", version);
        Ok(Module)
    }
}
