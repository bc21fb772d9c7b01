#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Files of any bytes do not crash what reads them: bounded runs of the fuzzers, from
# seeds that the unit tests make.  RACE_FUZZ_SECONDS: how long each (15).
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

# fuzz NAME SEEDS MAX_BYTES: one run.  A fuzzer that sees no coverage, or stops at
# its first input, passes anything: both are looked at.
fuzz() {
    local fuzzer=build/fuzz/$1 found=$work/found-$1
    [ -x "$fuzzer" ] || fail "$fuzzer is not built: make fuzz"
    mkdir -p "$found"
    run "$fuzzer" "-max_total_time=${RACE_FUZZ_SECONDS:-15}" -timeout=10 -rss_limit_mb=2048 \
        "-max_len=$3" "-artifact_prefix=$found/" -print_final_stats=1 "$found" "$2"
    expect_status 0 "the run of $1"
    expect_error '^#[0-9]+[[:space:]]+INITED cov: [0-9]{3,}' "the seeds of $1 reach the code"
    expect_error '^stat::number_of_executed_units: [0-9]{4,}' "$1 ran"
    [ "$status" -eq 0 ] || for crash in "$found"/crash-*; do
        [ ! -e "$crash" ] ||
            { echo "reproduce with: base64 -d >crash, then $fuzzer crash"; base64 "$crash"; }
    done
    grep -E '^stat::number_of_executed_units|INITED' "$work/err"
}

# The resolver: the cases of the relocation table.
mkdir -p "$work/rcrates" "$work/facts"
RACE_RELOCATION_FILES=$work/rcrates run build/unit-tests --gtest_filter='*RelocationTable*'
expect_status 0 "making the seeds of the resolver"
[ "$(find "$work/rcrates" -name '*.rcrate' | wc -l)" -ge 150 ] || fail "fewer than 150 seeds"
fuzz resolve "$work/rcrates" 65536

# race.ko's checking core: the sections of its unit tests, and their BTF.
RACE_FACTS_FILES=$work/facts run build/unit-tests --gtest_filter='FactsTest.*:DamageTest.*'
expect_status 0 "making the seeds of the checking core"
[ "$(find "$work/facts" -type f | wc -l)" -ge 40 ] || fail "fewer than 40 seeds"
fuzz facts "$work/facts" 16384
