#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Drivers built against another base tree than the default SDK's work on kernels of its
# own series and on older ones.  Making such an SDK takes minutes, so it is given:
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
    run "$top/build/race" build --sdk "$RACE_OTHER_SDK" -o "$work" "$work/$driver"
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
    # Its devres needs what kernels before 6.19 do not have.
    [ "$which" = '6.18 amd64' ] || on "$kernel" dma --device pci-testdev
done
