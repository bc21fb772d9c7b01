#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/run counts what passed, failed and was skipped, and a test that fails, hangs
# or does not exist makes it fail.
. "$(dirname "$0")/lib.sh"

# A tree with nothing but the runner and made-up tests.
mkdir -p "$work/tree/tests"
cd "$work/tree" || exit 1
export RACE_CACHE=$work/cache
cp "$top/tests/run" tests/
made_up() { # made_up NAME: body on stdin
    { echo '#!/bin/sh'; cat; } >"tests/$1_test.sh"
    chmod +x "tests/$1_test.sh"
}
made_up good <<<'exit 0'
made_up idle <<<'echo "SKIP: nothing to do here"; exit 77'

run tests/run
expect_status 0 "a pass and a skip"
expect_output '^PASS good  \([0-9.]+ s\)$' "the pass has a line"
expect_output '^SKIP idle  \(nothing to do here\)$' "the skip has a line with its reason"
expect_equal "$(tail -n 1 "$work/out")" "1 passed, 0 failed, 1 skipped" "the last line"

made_up bad <<<'echo "what went wrong"; exit 1'
made_up slow <<<'sleep 60'
run env RACE_TEST_TIMEOUT=1 tests/run -j 2
expect_status 1 "a failure and a hang"
expect_output '^FAIL bad  \(exit status 1' "the failure has a line"
expect_output 'what went wrong' "its log is shown"
expect_output '^FAIL slow  \(stopped after 1 s\)$' "the hang has a line"
expect_equal "$(tail -n 1 "$work/out")" "1 passed, 2 failed, 1 skipped" "the last line"

run tests/run good
expect_status 0 "a selected test"
expect_equal "$(tail -n 1 "$work/out")" "1 passed, 0 failed, 0 skipped" "only that was run"
run tests/run 'i*' good
expect_equal "$(tail -n 1 "$work/out")" "1 passed, 0 failed, 1 skipped" "a pattern"
run tests/run good no-such-test
expect_status 1 "a test that does not exist"

# What took longest the last time is the first.
rm -f tests/*_test.sh
for name in a b c; do made_up $name <<<'exit 0'; done
seconds=$work/cache/test-seconds
run tests/run -j 1
for name in a b c; do expect_file "$seconds/$name" "the seconds of $name"; done
echo 9.5 >"$seconds/a"
echo 10.5 >"$seconds/b"
echo 2 >"$seconds/c"
run tests/run -j 1
expect_equal "$(sed -n 's/^PASS \([a-c]\) .*/\1/p' "$work/out" | tr -d '\n')" bac "the longest first"
rm -f tests/*_test.sh
made_up good <<<'exit 0'

# The GoogleTest binary: its cases count one by one.
mkdir -p tests/unit build
: >tests/unit/any.cc
run tests/run unit
expect_status 1 "a unit test binary that is not built"
unit() {
    { echo '#!/bin/sh'; cat; } >build/unit-tests
    chmod +x build/unit-tests
}
unit <<'END'
cat <<'LOG'
[----------] 2 tests from Suite
[ RUN      ] Suite.One
[       OK ] Suite.One (0 ms)
[ RUN      ] Suite.Two
[  FAILED  ] Suite.Two, where GetParam() = 7 (1 ms)
[----------] 2 tests from Suite (1 ms total)
[  PASSED  ] 1 test.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] Suite.Two, where GetParam() = 7
LOG
exit 1
END
run tests/run unit
expect_status 1 "a failing case"
expect_output '^FAIL unit/Suite.Two$' "it has a line"
expect_equal "$(tail -n 1 "$work/out")" "1 passed, 1 failed, 0 skipped" "the cases count"
unit <<<'echo "[       OK ] Suite.One (0 ms)"; kill -SEGV $$'
run tests/run unit
expect_status 1 "a crash after a pass"
unit <<<'exit 0'
run tests/run unit
expect_status 1 "a binary that runs nothing"
