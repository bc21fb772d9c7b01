#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Arrays in statics lie where the code looks for them, also where the element's size is no
# multiple of 8; bit fields of a type and of one without a name in it are told apart.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
build_rcrate "$top/tests/drivers/rows"
expect_status 0 "race build"
run "$race" inspect "$work/rows.rcrate"
line=$(grep -n 'inner.set_pkt_type(5)' "$top/tests/drivers/rows/rows.rs" | cut -d: -f1)
expect_output "^  bit field pkt_type of struct sk_buff.* [^ ]*rows\.rs:$line\$" "a bit field is needed where the driver first uses it"

sizes=''
for which in '7.2 amd64' '7.3 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    size=$(type_size "$kernel" 'struct cpuinfo_topology')
    sizes="$sizes $size"
    run_saying rows "$kernel"
    expect_status 0 "on $which"
    expect_output "^rows: places: 321\$" "$which: all elements of an array of C structs"
    expect_output "^rows: size: $size and $size\$" "$which: a size in a table is that of the code"
    expect_output "^rows: knobs: 1260941\$" "$which: names in own types in an array"
    expect_output "^rows: packet: 0 1 5\$" "$which: bit fields of two types"
done
echo "$sizes" | grep -qE ' 52( |$)' || fail "of the sizes$sizes none is 52, no multiple of 8: nothing was tested"
