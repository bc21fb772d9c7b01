#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-rustc: a kernel's rustc, from its configuration or, without one,
# from what the same compiler left in another image.
. "$(dirname "$0")/lib.sh"

kernel=$(stock_kernel 6.18 amd64) || { fail "no stock kernel 6.18 amd64"; exit 1; }
version=$(sed -n 's/^CONFIG_RUSTC_VERSION_TEXT="rustc \([0-9.]*\).*/\1/p' "$kernel/config")
[ -n "$version" ] || fail "the configuration of 6.18 names no rustc"

run "$top/scripts/kernel-rustc" "$kernel"
expect_status 0 "a kernel with its configuration"
expect_equal "$(cat "$work/out")" "$version" "its rustc"

# A cache with two kernels and no network.
cp "$top/scripts/kernel-rustc" "$work/"
printf '#!/bin/sh\nexit 1\n' >"$work/debfetch"
chmod +x "$work/debfetch"
mkdir -p "$work/pkg" "$work/kernel/known" "$work/kernel/bare"
cp "$kernel/vmlinuz" "$work/kernel/bare/"
run env RACE_CACHE="$work" "$work/kernel-rustc" "$work/kernel/bare"
expect_status 1 "an image without a configuration, and nothing to compare it with"
expect_equal "$(cat "$work/out")" "not known" "its rustc"

cp "$kernel/vmlinuz" "$kernel/config" "$work/kernel/known/"
run env RACE_CACHE="$work" "$work/kernel-rustc" "$work/kernel/bare"
expect_status 0 "an image of a rustc that is known"
expect_equal "$(cat "$work/out")" "$version*" "its rustc, with the mark of what was concluded"

# Another compiler is not taken for it.
other=$(stock_kernel 7.2 amd64) || { fail "no stock kernel 7.2 amd64"; exit 1; }
cp "$other/vmlinuz" "$work/kernel/bare/"
run env RACE_CACHE="$work" "$work/kernel-rustc" "$work/kernel/bare"
expect_status 1 "an image of another rustc"
run "$work/kernel-rustc" "$work"
expect_status 2 "a folder without a kernel"
