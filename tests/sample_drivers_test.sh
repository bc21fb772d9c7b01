#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own rust_misc_device and rust_minimal, unmodified and built once each,
# work on stock kernels with other layouts, made by other compilers.
. "$(dirname "$0")/lib.sh"

sum=()
source_tree=$("$top/scripts/kernel-source" | head -n 1)
program=$top/build/guest/misc_device_test
expect_file "$program" "the guest's program (make guest)"

for driver in misc_device minimal; do
    mkdir "$work/$driver"
    cp "$source_tree/samples/rust/rust_$driver.rs" "$work/$driver/"
    echo "obj-m := rust_$driver.o" >"$work/$driver/Kbuild"
    run "$top/build/race" build -o "$work/out-$driver" "$work/$driver"
    expect_status 0 "race build rust_$driver"
    sum+=("$(sha256sum <"$work/out-$driver/rust_$driver.rcrate")")
done

on() { # on KERNEL DRIVER OPTION...
    local kernel=$1 driver=$2
    shift 2
    run "$top/qemu/run" --kernel "$kernel" --timeout 300 --test "$top/tests/guest/$driver.sh" \
        --log "$top/build/test-logs/$driver-$(basename "$kernel").log" \
        --rcrate "$work/out-$driver/rust_$driver.rcrate" "$@"
    expect_status 0 "rust_$driver on $(basename "$kernel")"
    expect_output '^1\.\.[0-9]+$' "rust_$driver on $(basename "$kernel"): the script came to its end"
}

for which in '6.18 amd64' '7.0 amd64' '7.2 amd64' '7.2 rt-amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    on "$kernel" misc_device --file "$program:/race/bin/misc_device_test"
    on "$kernel" minimal --param test_parameter=4711
done

# Resolving has not touched what was compiled once.
i=0
for driver in misc_device minimal; do
    expect_equal "$(sha256sum <"$work/out-$driver/rust_$driver.rcrate")" "${sum[i]}" \
        "rust_$driver.rcrate is unchanged"
    i=$((i + 1))
done
