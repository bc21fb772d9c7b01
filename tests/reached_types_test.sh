#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What code reaches through other types has contracts, also where no symbol says so: C types
# that keep their layout in every variant of the SDK, and members of unions.
. "$(dirname "$0")/lib.sh"

race=$top/build/race
build_rcrate "$top/tests/drivers/reached"
expect_status 0 "race build reached"
run "$race" inspect "$work/reached.rcrate"
expect_status 0 "race inspect reached"
for type in reclaim_state rlimit bio_list device_dma_parameters; do
    expect_output "exact layout of struct $type " "struct $type is reached"
done
expect_output 'exact layout of union sigval ' "a union that C passes by value"
for member in __ubuf_iovec bvec; do
    expect_output "field $member of struct iov_iter " "a member of a union that the source names"
done
for member in folioq kvec; do
    expect_no_output "field $member of struct iov_iter " "a member that it does not name"
done
# Not everything is: what the driver does not get to is no contract.
expect_no_output 'exact layout of struct (list_head|timespec64) ' "types that it does not reach"
for which in '7.2 amd64' '7.2 rt-amd64' '6.18 amd64' '7.3 amd64'; do
    # shellcheck disable=SC2086 # two words are meant
    run "$race" check "$work/reached.rcrate" --target "$(stock_kernel $which)"
    expect_status 0 "reached on $which"
done
