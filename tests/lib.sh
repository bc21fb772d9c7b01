# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For tests/*_test.sh: `. "$(dirname "$0")/lib.sh"`.
#
# A test makes its own input below $work, runs the program as a user would and
# says what it expects.  It goes on after a failed expectation, so that one run
# shows all of them; the exit status is 1 if any failed, 77 if it was skipped.
set -uo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # the tests use it
cache=${RACE_CACHE:-$HOME/.cache/race}
test_name=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/race-$test_name.XXXXXX")
failures=0
export LC_ALL=C

finish() {
    local code=$?
    rm -rf "$work"
    [ $code -ne 0 ] || [ "$failures" -eq 0 ] || code=1
    exit $code
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# Ends the test: what it needs is not there.  tests/run shows the reason.
skip() {
    echo "SKIP: $*"
    exit 77
}

# run COMMAND...: output in $work/out and $work/err, exit status in $status.
run() {
    "$@" >"$work/out" 2>"$work/err"
    status=$?
}

shown() {
    echo "  stdout:"
    tail -n 15 "$work/out" | sed 's/^/    /'
    echo "  stderr:"
    tail -n 15 "$work/err" | sed 's/^/    /'
}

# expect_status N "WHAT": of the last `run`.
expect_status() {
    if [ "$status" -ne "$1" ]; then
        fail "$2: exit status $status, not $1"
        shown
    fi
}

# expect_output REGEX "WHAT", expect_error REGEX "WHAT": a line matches.
expect_output() {
    grep -Eq -- "$1" "$work/out" || { fail "$2: no line of stdout matches '$1'"; shown; }
}
expect_error() {
    grep -Eq -- "$1" "$work/err" || { fail "$2: no line of stderr matches '$1'"; shown; }
}
expect_no_output() {
    ! grep -Eq -- "$1" "$work/out" || { fail "$2: a line of stdout matches '$1'"; shown; }
}

expect_equal() { # expect_equal ACTUAL EXPECTED "WHAT"
    [ "$1" = "$2" ] || fail "$3: '$1', not '$2'"
}
expect_file() { [ -e "$1" ] || fail "$2: $1 is missing"; }
expect_no_file() { [ ! -e "$1" ] || fail "$2: $1 is there"; }

# stock_kernel SERIES FLAVOUR: its folder, fetched if need be.
stock_kernel() {
    "$top/scripts/stock-kernel" "$@" || { echo "no stock kernel: $*" >&2; return 1; }
}

# type_size KERNEL 'struct NAME': bytes, by the kernel's own types.
type_size() {
    "${RACE:-$top/build/race}" steg dump --type "$2" "$1" | sed -nE "s/^$2: size ([0-9]+)\$/\1/p"
}

# build_rcrate [OPTION]... FOLDER: like `run`, and then the driver's .rcrate is in $work.
# What was built of the same by the same programs is taken from the cache; a test that is
# about building itself says --really first, or runs `race build`.
build_rcrate() {
    local really=()
    [ "$1" != --really ] || { really=(--really); shift; }
    run "$top/scripts/build-rcrate" "${really[@]}" -o "$work" "$@"
}

# sample NAME [SOURCE]: a driver's folder $work/NAME, of the kernel's samples/rust/NAME.rs or
# another source in the kernel's tree.
sample() {
    local tree
    read -r tree < <("$top/scripts/kernel-source")
    mkdir -p "$work/$1"
    cp "$tree/${2:-samples/rust/$1.rs}" "$work/$1/" || fail "no source of $1"
    echo "obj-m := $1.o" >"$work/$1/Kbuild"
}

# run_saying DRIVER KERNEL: loads $work/DRIVER.rcrate there, and unloads it; what the driver
# said is in $work/out, in lines "DRIVER: ...".  On one processor: under emulation two cost
# up to twice as much.
run_saying() {
    run "$top/qemu/run" --kernel "$2" --smp 1 --rcrate "$work/$1.rcrate" --env "SAYING=$1" \
        --test "$top/tests/guest/said.sh" --log "$top/build/test-logs/$1-$(basename "$2").log"
}

# expect_said DRIVER LINES KERNEL...: that $work/DRIVER.rcrate says these lines, each with a
# ";" behind it, on each of the kernels ('7.2 amd64').
expect_said() {
    local driver=$1 lines=$2 which kernel
    for which in "${@:3}"; do
        # shellcheck disable=SC2086 # two words are meant
        kernel=$(stock_kernel $which) || { fail "no stock kernel $which"; continue; }
        run_saying "$driver" "$kernel"
        expect_status 0 "$driver on $which"
        expect_equal "$(sed -n "s/^$driver: //p" "$work/out" | tr '\n' ';')" "$lines" \
            "$driver on $which"
    done
}
