#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Spinlocks in the driver's own types, on kernels where they take 4 bytes and are aligned
# to 4, and on realtime kernels, where both are more.
. "$(dirname "$0")/lib.sh"

race=${RACE:-$top/build/race}
build_rcrate "$top/tests/drivers/locked"
expect_status 0 "race build"
said="count=4;first=1 second=[2, 2199023255552];around=b0 be af;narrow=42;some=16;tried=1;"
said+="aligned=0;end=(1958, 42, 1) (9, 112);"
expect_said locked "$said" '7.2 amd64' '7.2 rt-amd64' '6.18 rt-amd64'

# On each kernel because the contract is a bound, and not the base kernel's alignment.
run "$race" inspect --json "$work/locked.rcrate"
expect_status 0 "race inspect"
expect_output '"align_at_most": true' "the contract says that it is a bound"
