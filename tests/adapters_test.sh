#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel crate calls and modules may not, or with another prototype: through
# the target's own function, or through the driver's adapter where it has none.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}

build() { # build DRIVER: leaves what it needs in $work/out
    sample "$1"
    build_rcrate "$work/$1"
    expect_status 0 "race build $1"
    run "$race" inspect "$work/$1.rcrate"
}
build rust_dma
expect_output 'enumerator DMA_TO_DEVICE of enum dma_data_direction  *1 \[1, 1\].*rust/kernel/dma.rs:' \
    "the numbers of C's enums are contracts"
expect_output "function devres_node_add, or the driver's own in the absence of" "it may bring its own"
expect_output 'function devres_add, if absence of function devres_node_add' "and needs this then only"
expect_output 'enumerator ___GFP_NOFAIL_BIT, if absence of function devres_node_add' "and the bit"
build rust_driver_platform
expect_output 'function __platform_driver_register as it was before, if absence of' "either prototype"
expect_output "function __platform_driver_register, or the driver's own in the absence of" "fits"
# Its firmware table is empty, so that nothing matches by it when all is optimised.
build rust_debugfs
expect_no_output 'race_adapter_acpi|acpi_object|of_match_device' "nothing is left of an adapter that is not needed"
build rust_minimal
expect_output 'enumerator ___GFP_IO_BIT' "a driver without adapters depends on the bits of its flags"
expect_no_output 'NOFAIL|absence of' "and on nothing of adapters"

# Of the project's own: what no sample of the base kernel does.
build_rcrate "$top/tests/drivers/owned"
expect_status 0 "race build owned"
run "$race" inspect "$work/owned.rcrate"
expect_output 'at off\(file_operations.owner\) +&__this_module' "its table names the module"
expect_no_output 'function __this_module' "which is no import"

run iasl -p "$work/devices" "$top/tests/guest/devices.asl"
expect_status 0 "iasl"

imports() { nm --undefined-only "$1" | awk '{ print $2 }'; }

on() { # on SERIES DRIVER IMPORTED NOT_IMPORTED OPTION...: with the script in tests/guest
    local kernel series=$1 driver=$2 script=$top/tests/guest/${2#rust_}.sh imported=$3 not=$4
    shift 4
    kernel=$(stock_kernel "$series" amd64) || { fail "no stock kernel $series"; return; }
    run "$race" resolve "$work/$driver.rcrate" --target "$kernel" -o "$work/$driver.ko"
    expect_status 0 "resolve $driver for $series"
    imports "$work/$driver.ko" >"$work/out"
    for name in $imported; do expect_output "$name" "$driver imports on $series"; done
    expect_no_output "$not" "$driver does not import on $series"
    expect_equal "$(sort "$work/out" | uniq -d)" "" "$driver imports nothing twice on $series"
    run "$top/qemu/run" --kernel "$kernel" --ko "$work/$driver.ko" "$@" \
        --test "$script" --log "$top/build/test-logs/adapters-$driver-$series.log"
    expect_status 0 "$driver on $series"
    expect_output '^1\.\.[0-9]+$' "$driver on $series: the script came to its end"
}
on 7.0 rust_dma '^devres_add$' 'devres_node_add' --device pci-testdev
on 7.2 rust_dma '^_RNv.*6devres4base15devres_node_add$' '^devres_(node_)?add$' --device pci-testdev

# Two parameters until 7.1, three since.  Which kernels match by the firmware's
# "compatible" for a driver, and which leave it to the adapter, is another matter.
table=(--acpi-table "$work/devices.aml")
on 6.19 rust_debugfs '^__platform_driver_register$' 'race_(adapter|former)' "${table[@]}"
on 7.1 rust_driver_platform '^__platform_driver_register$ ^is_acpi_device_node$ ^strcasecmp$' \
    'race_(adapter|former)|acpi_of_match|to_acpi' "${table[@]}"
on 7.2 rust_driver_platform '^__platform_driver_register$ ^rust_helper_to_acpi_device_node$ 20acpi_of_match_device$' \
    'race_(adapter|former)|^is_acpi|strcasecmp' "${table[@]}"

# Atomics of one byte: among the helpers since 7.0.
on 6.19 owned '^misc_register$' 'atomic_i8|__this_module|race_adapter'
on 7.2 owned '^misc_register$ ^rust_helper_atomic_i8_xchg_relaxed$' '__this_module|race_adapter'

# 7.0 has the prototype of before only.
old=$(stock_kernel 7.0 amd64) new=$(stock_kernel 7.2 amd64)
run "$race" steg diff "$old" "$new" --for "$work/rust_driver_platform.rcrate"
expect_status 1 "race steg diff --for rust_driver_platform"
expect_output "function __platform_driver_register: the driver's own -> the kernel's" "who has the prototype"
expect_output "function __platform_driver_register as it was before: the kernel's -> not needed" \
    "the one of before"

# What the driver brings itself is no number of the kernel, and told as what it is.
run "$race" steg diff "$old" "$new" --for "$work/rust_dma.rcrate"
expect_status 1 "race steg diff --for"
expect_output "function devres_node_add: the driver's own -> the kernel's" "who brings the function"
expect_output "size of struct devres_node: the driver's own -> the kernel's" "and its type"
expect_output "function devres_add: the kernel's -> not needed" "what only the adapter needs"
run "$top/scripts/numbers-sweep" --for "$work/rust_dma.rcrate" "$old" "$new"
expect_status 0 "the numbers of both kernels"
run "$top/scripts/numbers-sweep" --for "$work/rust_driver_platform.rcrate" "$old" "$new"
expect_status 0 "the numbers of both kernels, rust_driver_platform"
