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

// The kernel crate's own way to match by a firmware's "compatible" is exported by
// few kernels.  What it reads are types of every kernel with ACPI (drivers/acpi/bus.c,
// to_acpi_device_node() of include/acpi/acpi_bus.h).
inline constexpr const char* kAcpiAdapter = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc)]

use bindings::{acpi_device, acpi_object, fwnode_handle, of_device_id};
use core::mem::offset_of;
use core::ptr::null_mut;

#[no_mangle]
pub unsafe extern "C" fn race_adapter_rust_helper_to_acpi_device_node(
    fwnode: *mut fwnode_handle,
) -> *mut acpi_device {
    // SAFETY: The caller's promise: a valid node, an error or null.
    if !unsafe { bindings::is_acpi_device_node(fwnode) } {
        return null_mut();
    }
    // SAFETY: Such a node is the one in an ACPI device.
    unsafe { fwnode.byte_sub(offset_of!(acpi_device, fwnode)) }.cast()
}

#[no_mangle]
pub unsafe extern "C" fn race_adapter_acpi_of_match_device(
    device: *const acpi_device,
    table: *const of_device_id,
    matched: *mut *const of_device_id,
) -> bool {
    if device.is_null() || table.is_null() {
        return false;
    }
    // SAFETY: The caller's promise: a valid device.
    let compatible = unsafe { (*device).data.of_compatible };
    if compatible.is_null() {
        return false;
    }
    // One string, or an array of them: what the firmware's property can be.
    let (mut object, mut left): (*const acpi_object, u32) =
        // SAFETY: The device's property is valid as long as it is.
        unsafe {
            if (*compatible).type_ == bindings::ACPI_TYPE_PACKAGE {
                ((*compatible).package.elements, (*compatible).package.count)
            } else {
                (compatible, 1)
            }
        };
    while left > 0 {
        let mut id = table;
        // SAFETY: The caller's promise: a table that ends with an empty entry;
        // `object` is one of `left` strings.
        unsafe {
            while (*id).compatible[0] != 0 {
                let name = (&raw const (*id).compatible).cast();
                if bindings::strcasecmp((*object).string.pointer, name) == 0 {
                    if !matched.is_null() {
                        *matched = id;
                    }
                    return true;
                }
                id = id.add(1);
            }
            object = object.add(1);
        }
        left = left.wrapping_sub(1);
    }
    false
}
)rust";

// Until Linux 7.1 the module's name is no parameter, and the member that holds it
// is left alone.
inline constexpr const char* kPlatformAdapter = R"rust(// SPDX-License-Identifier: GPL-2.0-only
#![no_std]
#![allow(missing_docs, clippy::missing_safety_doc, improper_ctypes)]

use bindings::{module, platform_driver};
use ffi::{c_char, c_int};

extern "C" {
    fn race_former___platform_driver_register(
        driver: *mut platform_driver,
        owner: *mut module,
    ) -> c_int;
}

// What it stands in for.  A base kernel with another prototype has no use for it.
const _: unsafe extern "C" fn(*mut platform_driver, *mut module, *const c_char) -> c_int =
    bindings::__platform_driver_register;

#[no_mangle]
pub unsafe extern "C" fn race_adapter___platform_driver_register(
    driver: *mut platform_driver,
    owner: *mut module,
    name: *const c_char,
) -> c_int {
    // SAFETY: The caller's promise: a valid driver that is not registered yet, and
    // a module and a name that outlive it.
    unsafe {
        (*driver).driver.mod_name = name;
        race_former___platform_driver_register(driver, owner)
    }
}
)rust";

}  // namespace race::build
