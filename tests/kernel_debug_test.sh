#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests of race.ko on a kernel that watches them: KASAN, lockdep, kmemleak.  It is
# built from source for this (scripts/debug-kernel); race.ko is built with it the
# kernel's own way, so that KASAN sees its accesses.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/kernel/lib.sh
. "$top/tests/kernel/lib.sh"

{ read -r kernel; read -r tree; } < <("$top/scripts/debug-kernel")
[ -d "${kernel:-}" ] && [ -d "${tree:-}" ] || { fail "no debug kernel"; exit 1; }
mapfile -t make < <("$top/scripts/debug-kernel" --make)
build_rcrates rust_minimal

mkdir "$work/kbuild"
cp -r "$top/Kbuild" "$top/kernel" "$top/include" "$work/kbuild/"
run "${make[@]}" -C "$tree" "M=$work/kbuild" W=1 modules
expect_status 0 "race.ko, the kernel's own way"
! grep -E '/(kernel|include/race)/[^:]*:[0-9]+' "$work/out" "$work/err" || fail "at W=1 there is something to say"
nm "$work/kbuild/kernel/race.ko" >"$work/symbols"
grep -q '__asan_load8' "$work/symbols" || fail "race.ko is built without KASAN"
mkdir -p "$work/ko/$(basename "$kernel")"
cp "$work/kbuild/kernel/race.ko" "$work/ko/$(basename "$kernel")/"

# Of the samples only this one resolves: with lockdep, mutex_lock() is a macro.
limit=900
# What watches says so while it watches.
watched() {
    expect_output '^# kmemleak: 0 objects$' "$1: nothing leaks"
}
in_guest "$kernel" rust_minimal \
    "--parameter test_parameter alone facts module-types own-facts damage sysfs" \
    --memory 2048 --own-module configfs
watched "what is accepted and refused"
in_guest "$kernel" rust_minimal many --memory 2048
watched "many loads"
in_guest "$kernel" rust_minimal loads --memory 2048 --smp 2
watched "loads at once"

rm "$work/ko/$(basename "$kernel")/race.ko"
in_guest "$kernel" rust_minimal "facts own-facts sysfs" --memory 2048
watched "race.ko as it ships"
