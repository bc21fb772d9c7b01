#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel walks the driver's frames reliably, also where its ORC unwind tables
# number the registers in another way than the base kernel's (6.18, 7.0).
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
build_rcrate "$top/tests/drivers/trace"
expect_status 0 "race build trace"
for which in '6.18 amd64' '7.2 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    run "$race" resolve "$work/trace.rcrate" --target "$kernel" -o "$work/trace.ko"
    expect_status 0 "resolve for $(basename "$kernel")"
    expect_equal "$(cat "$work/err")" "" "nothing to note on $(basename "$kernel")"
    run "$top/qemu/run" --kernel "$kernel" --ko "$work/trace.ko" \
        --test "$top/tests/guest/trace.sh" --log "$top/build/test-logs/trace-$(basename "$kernel").log"
    expect_status 0 "the trace on $(basename "$kernel")"
    expect_output '^1\.\.3$' "the trace on $(basename "$kernel"): the script came to its end"
done
