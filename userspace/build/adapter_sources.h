// SPDX-License-Identifier: GPL-2.0-only
//
// The adapters' sources: Rust against the base kernel's bindings.
#pragma once

namespace race::build {

// fwnode_get_name_prefix() is not exported; it only calls an operation of the node
// (drivers/base/property.c, fwnode_call_ptr_op() of include/linux/fwnode.h).
inline constexpr const char* kFwnodeAdapter = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc)]

use bindings::fwnode_handle;
use core::ffi::c_char;
use core::ptr::null;

/// Errors are the last 4095 addresses.
const MAX_ERRNO: usize = 4095;

#[no_mangle]
pub unsafe extern "C" fn race_adapter_fwnode_get_name_prefix(
    fwnode: *const fwnode_handle,
) -> *const c_char {
    if fwnode.is_null() || fwnode.addr() >= MAX_ERRNO.wrapping_neg() {
        return null();
    }
    // SAFETY: The caller's promise: a valid node, an error or null.
    let ops = unsafe { (*fwnode).ops };
    if ops.is_null() {
        return null();
    }
    // SAFETY: A node's operations are valid as long as it is.
    match unsafe { (*ops).get_name_prefix } {
        // SAFETY: As above.
        Some(operation) => unsafe { operation(fwnode) }.cast(),
        None => null(),
    }
}
)rust";

// Until Linux 7.1 a device resource is allocated by the driver core, and its node is
// the core's own.  Here a resource is one pointer to the driver's node; it is
// allocated without fail, since devres_node_add() cannot fail either.
inline constexpr const char* kDevresAdapter = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc)]

use bindings::{device, devres_node, dr_node_free_t, dr_node_release_t};
use core::ffi::{c_char, c_int, c_void};
use core::mem::size_of;
use core::ptr::null;

/// __GFP_NOFAIL.
const NOFAIL: bindings::gfp_t = 1 << bindings::___GFP_NOFAIL_BIT;

/// NUMA_NO_NODE.
const ANY_NODE: c_int = -1;

#[no_mangle]
pub unsafe extern "C" fn race_adapter_devres_node_init(
    node: *mut devres_node,
    release: dr_node_release_t,
    free: dr_node_free_t,
) {
    // SAFETY: The caller's promise: a valid, unused node, here and below.
    unsafe {
        (*node).release = release;
        (*node).free_node = free;
        (*node).name = null();
        (*node).size = 0;
    }
}

#[no_mangle]
pub unsafe extern "C" fn race_adapter_devres_set_node_dbginfo(
    node: *mut devres_node,
    name: *const c_char,
    size: usize,
) {
    // SAFETY: As above.
    unsafe {
        (*node).name = name.cast();
        (*node).size = size;
    }
}

/// The core calls it when the device goes, and frees the resource after it.
unsafe extern "C" fn release(device: *mut device, resource: *mut c_void) {
    // SAFETY: The resource is what `devres_node_add` stored there; the node stays
    // valid until it is freed, here or by who removed it from the device.
    unsafe {
        let node = *resource.cast::<*mut devres_node>();
        if let Some(release) = (*node).release {
            release(device, node);
        }
        if let Some(free) = (*node).free_node {
            free(node);
        }
    }
}

unsafe extern "C" fn is_of_node(
    _device: *mut device,
    resource: *mut c_void,
    node: *mut c_void,
) -> c_int {
    // SAFETY: As in `release`.
    (unsafe { *resource.cast::<*mut c_void>() } == node).into()
}

#[no_mangle]
pub unsafe extern "C" fn race_adapter_devres_node_add(device: *mut device, node: *mut devres_node) {
    // SAFETY: The caller's promise: a valid device and node, and a context that may
    // sleep; with __GFP_NOFAIL the result is never null.
    unsafe {
        let resource = bindings::__devres_alloc_node(
            Some(release),
            size_of::<*mut devres_node>(),
            bindings::GFP_KERNEL | NOFAIL,
            ANY_NODE,
            (*node).name,
        );
        *resource.cast::<*mut devres_node>() = node;
        bindings::devres_add(device, resource);
    }
}

#[no_mangle]
pub unsafe extern "C" fn race_adapter_devres_node_remove(
    device: *mut device,
    node: *mut devres_node,
) -> bool {
    // SAFETY: The caller's promise: a valid device; nodes are only compared.
    let resource =
        unsafe { bindings::devres_remove(device, Some(release), Some(is_of_node), node.cast()) };
    if resource.is_null() {
        return false;
    }
    // SAFETY: It is no device's any more.
    unsafe { bindings::devres_free(resource) };
    true
}
)rust";

}  // namespace race::build
