#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What runs on users' machines does not link LLVM; the build side does, so that
# this test can fail.
. "$(dirname "$0")/lib.sh"

links_llvm() { # links_llvm PROGRAM
    run readelf -dW "$top/build/$1"
    expect_status 0 "readelf build/$1"
    expect_output '\(NEEDED\).*libc\.so' "build/$1: its NEEDED entries are there"
    grep -Eqi '\(NEEDED\).*\[lib(LLVM|clang)' "$work/out"
}

for program in race race-modprobe; do
    ! links_llvm $program || { fail "build/$program links LLVM"; shown; }
    # Linked statically it would have no entry, but its strings.
    ! grep -aqF 'LLVM ERROR' "$top/build/$program" || fail "build/$program contains LLVM"
done
links_llvm race-build || { fail "build/race-build does not link LLVM: is this the right test?"; shown; }
