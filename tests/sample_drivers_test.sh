#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own rust_misc_device and rust_minimal, unmodified and built once each,
# work on stock kernels with other layouts, made by other compilers: longer than in the
# matrix, both in one guest.
. "$(dirname "$0")/lib.sh"

program=$top/build/guest/misc_device_test
expect_file "$program" "the guest's program (make guest)"

options=()
for driver in misc_device minimal; do
    sample "rust_$driver"
    build_rcrate "$work/rust_$driver"
    expect_status 0 "race build rust_$driver"
    options+=(--rcrate "$work/rust_$driver.rcrate" --file "$top/tests/guest/$driver.sh:/race/scripts/")
done
sha256sum "$work"/*.rcrate >"$work/sums"
printf '%s\n' 'rust_misc_device misc_device.sh - -' 'rust_minimal minimal.sh - test_parameter=4711' >"$work/several"

for which in '6.18 amd64' '7.0 amd64' '7.2 amd64' '7.2 rt-amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    name=$(basename "$kernel")
    run "$top/qemu/run" --kernel "$kernel" --timeout 300 --no-load "${options[@]}" \
        --file "$program:/race/bin/misc_device_test" --file "$work/several:/race/several" \
        --test "$top/tests/guest/several.sh" --log "$top/build/test-logs/samples-$name.log"
    expect_status 0 "the samples on $name"
    for driver in rust_misc_device rust_minimal; do
        expect_output "^# driver $driver ends 0\$" "$driver on $name"
    done
    expect_equal "$(grep -Ec '^1\.\.[0-9]+$' "$work/out")" 2 "$name: the scripts that came to their end"
    expect_no_output '^ *not ok ' "the samples on $name"
done

# Resolving has not touched what was compiled once.
run sha256sum --check --quiet "$work/sums"
expect_status 0 "the .rcrates are unchanged"
