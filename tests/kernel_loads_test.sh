#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race.ko under load: a thousand loads and unloads, eight at once, readers of what goes
# away, and every byte of a contract section changed, one at a time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/kernel/lib.sh
. "$top/tests/kernel/lib.sh"

build_rcrates rust_minimal
kernel=$(stock_kernel 7.2 amd64) || exit 1
in_guest "$kernel" rust_minimal loads --smp 4
limit=1100
in_guest "$kernel" rust_minimal "many bytes"
