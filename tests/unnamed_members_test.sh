#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An unnamed member lies where its first named one does: two ways to one number, which is
# one symbol.  And a struct of the driver's own is read and written as volatile.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
build_rcrate "$top/tests/drivers/mapped"
expect_status 0 "race build"
run "$race" inspect "$work/mapped.rcrate"
expect_status 0 "race inspect reads it"
expect_output 'field vm_start of struct vm_area_struct' "it needs the first address"
expect_said mapped "inside=1;whole=0;last=4096;bytes=[1, 2, 3];" '7.2 amd64' '6.18 amd64'
