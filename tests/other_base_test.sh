#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Drivers of 7.3, built against its tree, work on kernels of its own series and on older
# ones, and are refused where a kernel lacks what they need.  Making such an SDK takes
# minutes, so it is given:
#
#   RACE_OTHER_SDK=$(scripts/default-sdk --series 7.3) tests/run other_base
. "$(dirname "$0")/lib.sh"

[ -n "${RACE_OTHER_SDK:-}" ] || skip "RACE_OTHER_SDK names no SDK (scripts/default-sdk --series 7.3 makes one)"
source_tree=$(sed -n 's/^kernel_tree=//p' "$RACE_OTHER_SDK/sdk")
expect_file "$source_tree/samples/rust" "the SDK's kernel tree"
program=$top/build/guest/misc_device_test
expect_file "$program" "the guest's program (make guest)"

for driver in misc_device dma driver_faux; do
    mkdir "$work/$driver"
    cp "$source_tree/samples/rust/rust_$driver.rs" "$work/$driver/"
    echo "obj-m := rust_$driver.o" >"$work/$driver/Kbuild"
    build_rcrate --sdk "$RACE_OTHER_SDK" "$work/$driver"
    expect_status 0 "race build rust_$driver"
done

on() { # on KERNEL DRIVER OPTION...
    local kernel=$1 driver=$2
    shift 2
    run "$top/qemu/run" --kernel "$kernel" --timeout 300 --test "$top/tests/guest/$driver.sh" \
        --log "$top/build/test-logs/other-base-$driver-$(basename "$kernel").log" \
        --rcrate "$work/rust_$driver.rcrate" "$@"
    expect_status 0 "rust_$driver on $(basename "$kernel")"
    expect_output '^1\.\.[0-9]+$' "rust_$driver on $(basename "$kernel"): the script came to its end"
}

for which in '7.3 amd64' '7.2 amd64' '6.18 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    on "$kernel" misc_device --file "$program:/race/bin/misc_device_test"
    on "$kernel" driver_faux
    [ "$which" = '6.18 amd64' ] || on "$kernel" dma --device pci-testdev
done
# The oldest that has what dma needs; it brings its own atomics there.
kernel=$(stock_kernel 6.19 amd64) || exit 1
on "$kernel" dma --device pci-testdev

# What the driver core calls after a driver's unbinding is there since 6.19.
kernel=$(stock_kernel 6.18 amd64) || exit 1
run "$top/build/race" check --reasons "$work/rust_dma.rcrate" --target "$kernel"
expect_status 1 "race check rust_dma on 6.18"
sed -n 's/.*\(RACE-E[0-9]*\):.*: \(field [^:]*\):.* has no p_cb$/\1 \2/p' "$work/out" >"$work/reasons"
expect_equal "$(cat "$work/reasons")" 'RACE-E0403 field p_cb of struct device_driver
RACE-E0403 field p_cb.post_unbind_rust of struct device_driver' "what 6.18 lacks"
expect_equal "$(grep -c 'RACE-E' "$work/out")" 2 "and nothing else"
