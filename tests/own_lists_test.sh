#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A list of the driver's own items, which hold a lock.  Numbers that LLVM had come to do
# without are needed again there.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
run "$race" build -o "$work" "$top/tests/drivers/listed"
expect_status 0 "race build"
for which in '7.2 amd64' '7.2 rt-amd64' '7.0 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    run_saying listed "$kernel"
    expect_status 0 "on $which"
    expect_equal "$(sed -n 's/^listed: //p' "$work/out" | tr '\n' ';')" "sum=72;first=5;left=3;" "on $which"
done
