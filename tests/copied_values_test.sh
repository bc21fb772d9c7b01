#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `T { a, ..old }` when it runs: of a type that is larger on the target, all bytes are
# copied.  And what functions return by value comes whole, whatever size it has.
. "$(dirname "$0")/lib.sh"

build_rcrate "$top/tests/drivers/copied"
expect_status 0 "race build"

sizes=''
for which in '7.2 amd64' '7.2 rt-amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    size=$(type_size "$kernel" 'struct blk_mq_tag_set')
    sizes="$sizes $size"
    run_saying copied "$kernel"
    expect_status 0 "on $which"
    expect_output "^copied: old: 0 of $size bytes differ\$" "$which: as it was filled"
    expect_output "^copied: new: 4 of $size bytes differ\$" "$which: all but one number is copied"
    expect_output "^copied: of a closure: 8 of $size bytes differ\$" "$which: a closure copies all but two"
    expect_output "^copied: results: 10 of 10 are whole\$" "$which: what functions return by value is whole"
done
[ "$(echo "$sizes" | tr ' ' '\n' | sort -u | grep -c .)" -eq 2 ] || fail "the sizes$sizes do not differ: nothing was tested"
