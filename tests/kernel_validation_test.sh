#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race.ko on stock kernels of all series and flavours: it accepts what holds, and refuses
# by its name whatever does not, what is damaged and what was made for another kernel.
# RACE_KO_KERNELS='7.2 amd64,7.2 rt-amd64' selects kernels.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/kernel/lib.sh
. "$top/tests/kernel/lib.sh"

IFS=, read -ra kernels <<<"${RACE_KO_KERNELS:-6.18 amd64,6.19 amd64,7.0 amd64,7.1 amd64,\
7.2 amd64,7.2 rt-amd64,7.2 cloud-amd64,7.3 amd64}"

build_rcrates rust_minimal rust_misc_device rust_configfs
for which in "${kernels[@]}"; do
    # shellcheck disable=SC2086 # two words are meant
    kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
    in_guest "$kernel" rust_minimal \
        "--parameter test_parameter alone facts own-facts damage sysfs"
done

# Types of the kernel's modules, of one that the driver uses and one that it does not.
kernel=$(stock_kernel --modules 7.2 amd64) || exit 1
in_guest "$kernel" rust_configfs "module-types own-facts" --own-module configfs
in_guest "$kernel" rust_minimal "module-types" --own-module configfs

# A section that is made to take long: refused in time, and not deaf meanwhile.
in_guest "$(stock_kernel 7.2 amd64)" rust_minimal work
grep -E 'under a second|is dead' "$work/out"

# Made for one kernel and taken to another: what is different there is named.
for pair in '7.2 amd64:7.2 rt-amd64' '7.2 rt-amd64:7.2 amd64' '7.0 amd64:7.2 amd64'; do
    # shellcheck disable=SC2086
    from=$(stock_kernel ${pair%:*}) && to=$(stock_kernel ${pair#*:}) || { fail "$pair"; continue; }
    resolve rust_misc_device "$from" "$work/foreign.ko" || { fail "does not resolve for $from"; continue; }
    in_guest "$to" rust_misc_device "--foreign /race/foreign.ko foreign" \
        --file "$work/foreign.ko:/race/foreign.ko"
    echo "made for ${pair%:*}, loaded on ${pair#*:}:"
    grep '^# race: ' "$work/out" | sort -u | sed 's/^# /    /'
done
