#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Resolved code is the code that a compiler would have made for that kernel.
. "$(dirname "$0")/lib.sh"

race=$top/build/race
read -r source_tree < <("$top/scripts/kernel-source")
for driver in misc_device minimal; do
    mkdir "$work/$driver"
    cp "$source_tree/samples/rust/rust_$driver.rs" "$work/$driver/"
    echo "obj-m := rust_$driver.o" >"$work/$driver/Kbuild"
    run "$race" build --save-symbolic "$work/$driver.bc" -o "$work" "$work/$driver"
    expect_status 0 "race build rust_$driver"
done

compare() { # compare DRIVER BITCODE KERNEL
    run "$race" zero-cost --rcrate "$work/rust_$1.rcrate" --bitcode "$work/$2.bc" --target "$3"
}
for which in '6.18 amd64' '7.2 amd64' '7.2 rt-amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }

    compare minimal minimal "$kernel"
    expect_status 0 "rust_minimal on $which"
    # It depends on no layout; its one symbol, the flags of allocations, may be loaded elsewhere.
    expect_output '^functions: [0-9]+: [0-9]+ identical, 0 .* width only, [01] with exceptions$' \
        "rust_minimal's functions on $which"
    expect_output '^instructions: ([0-9]+) resolved, \1 constant: [0-9]+ identical, 0 .* width only, ([01]) only resolved, \2 only constant$' \
        "rust_minimal's instructions on $which"

    # What runs for each request has the same instructions, where an allocation's flags may
    # be loaded at another place; opening may store in another order, and loading copies a
    # struct whose size is a symbol.
    compare misc_device misc_device "$kernel"
    expect_status 0 "rust_misc_device on $which"
    for method in write_iter read_iter ioctl release; do
        expect_output "^ +([0-9]+) +\1 .* (-|-1\+1)  <kernel::miscdevice::.*RustMiscDevice>>::$method$" \
            "rust_misc_device's $method on $which"
    done
    expect_output '^ +([0-9]+) +\1 .*RustMiscDevice>>::open$' \
        "as many instructions in open on $which"
    expect_output '^functions: .* [1-9][0-9]* differ in width only, [123] with exceptions$' \
        "rust_misc_device's other functions on $which"
done

# It can tell code apart: one driver against another.
kernel=$(stock_kernel 7.2 amd64)
cp "$work/minimal.bc" "$work/other.bc"
compare misc_device other "$kernel"
expect_status 0 "the bitcode of another driver"
expect_output ' [1-9][0-9]* with exceptions$' "the bitcode of another driver"
expect_output '^  ! ' "the differences are shown"

compare minimal misc_device "$kernel"
expect_status 2 "bitcode with symbols that the .rcrate does not have"
expect_error 'RACE-E0601: race:.* different builds' "bitcode of another build"
compare misc_device nothing "$kernel"
expect_status 2 "no bitcode"
expect_error 'RACE-E0101: .*nothing\.bc' "no bitcode"
