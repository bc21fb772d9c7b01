#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Some of the kernel crate's own examples as drivers, on an older and a realtime kernel:
# what they assert holds there.  Each is for something that no sample driver uses.
. "$(dirname "$0")/lib.sh"

# The most elements of a vector of own types; a list whose type holds an offset; a
# C struct of which a part is set; what waits, counts, and runs later.
names='alloc_kbox_11|gpu_buddy_3|maple_tree_1|block_mq_1|sync_completion_1|time_hrtimer_1|list_1|interop_list_1'
run "$top/scripts/doc-examples" '7.2 rt-amd64,6.18 amd64' --only "^example_($names)\$"
expect_status 0 "doc-examples"
expect_output '8 examples, 8 built' "all are built"
expect_output '7\.2\.[^ ]*-rt-amd64: 8 works' "on 7.2-rt"
expect_no_output 'crashed|failed' "none fails"

run "$top/scripts/doc-examples" --only '^no_such_example$'
expect_status 2 "no example of that name"
expect_output "no example has a name that matches" "it says so"
run "$top/scripts/doc-examples" 'nonsense' --only '^example_rbtree_1$'
expect_status 2 "no kernel"
