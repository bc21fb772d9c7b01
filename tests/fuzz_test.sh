#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# .rcrates of any bytes do not crash the resolver: a bounded run of the fuzzer, from
# the cases of the relocation table.  RACE_FUZZ_SECONDS: how long (20).
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

fuzzer=build/fuzz/resolve
[ -x $fuzzer ] || fail "$fuzzer is not built: make fuzz"

seeds=$work/seeds
mkdir -p "$seeds" "$work/found"
RACE_RELOCATION_FILES=$seeds run build/unit-tests --gtest_filter='*RelocationTable*'
expect_status 0 "making the seeds"
[ "$(find "$seeds" -name '*.rcrate' | wc -l)" -ge 150 ] || fail "fewer than 150 seeds"

run $fuzzer "-max_total_time=${RACE_FUZZ_SECONDS:-20}" -timeout=10 -rss_limit_mb=2048 \
    -max_len=65536 "-artifact_prefix=$work/found/" -print_final_stats=1 "$work/found" "$seeds"
expect_status 0 "the run"
# A fuzzer that sees no coverage, or stops at its first input, passes anything.
expect_error '^#[0-9]+[[:space:]]+INITED cov: [0-9]{3,}' "the seeds reach the code"
expect_error '^stat::number_of_executed_units: [0-9]{4,}' "it ran"
[ "$status" -eq 0 ] || for crash in "$work"/found/crash-*; do
    [ ! -e "$crash" ] || { echo "reproduce with: base64 -d >crash, then $fuzzer crash"; base64 "$crash"; }
done
grep -E '^stat::number_of_executed_units|INITED' "$work/err"
