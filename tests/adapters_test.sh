#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel crate calls and modules may not: on 7.2 through the target's own
# Rust function, on 7.0, which has neither, through the driver's adapter.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
mkdir "$work/dma"
cp "$("$top/scripts/kernel-source" | head -n 1)/samples/rust/rust_dma.rs" "$work/dma/"
echo "obj-m := rust_dma.o" >"$work/dma/Kbuild"
run "$race" build -o "$work" "$work/dma"
expect_status 0 "race build rust_dma"
run "$race" inspect "$work/rust_dma.rcrate"
expect_output "function devres_node_add, or the driver's own in the absence of" "it may bring its own"
expect_output 'function devres_add, if absence of function devres_node_add' "and needs this then only"

imports() { nm --undefined-only "$1" | awk '{ print $2 }'; }

on() { # on SERIES IMPORTED NOT_IMPORTED
    local kernel
    kernel=$(stock_kernel "$1" amd64) || { fail "no stock kernel $1"; return; }
    run "$race" resolve "$work/rust_dma.rcrate" --target "$kernel" -o "$work/rust_dma.ko"
    expect_status 0 "resolve for $1"
    imports "$work/rust_dma.ko" >"$work/out"
    expect_output "$2" "it imports on $1"
    expect_no_output "$3" "it does not import on $1"
    run "$top/qemu/run" --kernel "$kernel" --ko "$work/rust_dma.ko" --device pci-testdev \
        --test "$top/tests/guest/dma.sh" --log "$top/build/test-logs/adapters-$1.log"
    expect_status 0 "rust_dma on $1"
    expect_output '^1\.\.[0-9]+$' "rust_dma on $1: the script came to its end"
}
on 7.0 '^devres_add$' 'devres_node_add'
on 7.2 '^_RNv.*6devres4base15devres_node_add$' '^devres_(node_)?add$'

# What the driver brings itself is no number of the kernel, and told as what it is.
old=$(stock_kernel 7.0 amd64) new=$(stock_kernel 7.2 amd64)
run "$race" steg diff "$old" "$new" --for "$work/rust_dma.rcrate"
expect_status 1 "race steg diff --for"
expect_output "function devres_node_add: the driver's own -> the kernel's" "who brings the function"
expect_output "size of struct devres_node: the driver's own -> the kernel's" "and its type"
expect_output "function devres_add: the kernel's -> not needed" "what only the adapter needs"
run "$top/scripts/numbers-sweep" --for "$work/rust_dma.rcrate" "$old" "$new"
expect_status 0 "the numbers of both kernels"
