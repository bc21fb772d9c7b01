#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A driver's text, formatted by the driver's own core, reaches the log and a
# seq_file whole, whatever the kernel's fmt::Arguments looks like.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
build_rcrate "$top/tests/drivers/printing"
expect_status 0 "race build printing"
for which in '6.18 amd64' '7.2 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    run "$top/qemu/run" --kernel "$kernel" --race "$race" --rcrate "$work/printing.rcrate" \
        --test "$top/tests/guest/printing.sh" --log "$top/build/test-logs/printing-$(basename "$kernel").log"
    expect_status 0 "printing on $(basename "$kernel")"
    expect_output '^1\.\.[0-9]+$' "printing on $(basename "$kernel"): the script came to its end"
    expect_no_output '^not ok' "printing on $(basename "$kernel")"
done
