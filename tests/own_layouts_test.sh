#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The driver's own types around C structs have the layout that the language gives them on
# each kernel, and C structs are moved and copied by value.
. "$(dirname "$0")/lib.sh"

build_rcrate "$top/tests/drivers/owntypes"
expect_status 0 "race build owntypes"
build_rcrate "$top/tests/drivers/byvalue"
expect_status 0 "race build byvalue"

up() { echo $((($1 + $2 - 1) / $2 * $2)); } # up BYTES ALIGNMENT

# own_lines KERNEL: what owntypes says there, by C's rules and that kernel's own types.
own_lines() {
    # shellcheck disable=SC2317 # called below
    size() { type_size "$1" "struct $2"; }
    local idr refs sg done_ timer seq misc array address topology block
    idr=$(size "$1" idr) refs=$(size "$1" percpu_ref) sg=$(size "$1" scatterlist)
    done_=$(size "$1" completion) timer=$(size "$1" timer_list) seq=$(size "$1" seqcount)
    misc=$(size "$1" miscdevice) array=$(size "$1" xarray) address=$(size "$1" sockaddr_in6)
    topology=$(size "$1" cpuinfo_topology) block=$(size "$1" notifier_block)
    local first=$((idr + refs + sg)) word third name node
    echo "chan: $first $((first + done_))"
    echo "tails: $(up $((timer + seq)) 8) $((misc + array + idr))"
    echo "message: $((4 + address)) $((4 + address + 8))"
    echo "aligned: $(up "$topology" 8) $(up "$topology" 8)"
    word=$(up $((2 * topology)) 8) third=$((word + 8))
    echo "twice: $word $((third + topology)) $(up $((third + topology + 1)) 8)"
    echo "rows: 1 600 9 9"
    echo "third: 300"
    echo "node: 2 bbb 1020304 1"
    echo "priority: 1020304 5"
    name=$((8 + block)) node=$((8 + block + 16 + 8))
    echo "params: 4 0 8"
    echo "sizes: $node $block $name end"
    echo "tags: 1 1"
}

for which in '7.2 amd64' '7.2 rt-amd64' '7.3 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    expect_said owntypes "$(own_lines "$kernel" | tr '\n' ';')" "$which"
done
expect_said byvalue \
    'end: 564;held: 3 1 4;taken: 5 0;priorities: 11;copied: 14;length: 1 1;object: 3;' \
    '7.2 amd64' '7.2 rt-amd64'
