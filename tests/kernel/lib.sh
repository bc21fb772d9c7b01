# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# For tests/kernel_*_test.sh, after tests/lib.sh: race.ko and drivers for a kernel, and
# build/guest/race_ko_test with them in its guest.
#
# Guests have one processor unless a test asks for more: under emulation, two that wait
# for one another, as they do for each module that comes or goes, are ten times slower.

program=$top/build/guest/race_ko_test
[ -x "$program" ] || { echo "FAIL: $program is missing (make guest)"; exit 1; }

# build_rcrates DRIVER...: race.rcrate and these of the kernel's samples in $work/rcrate.
build_rcrates() {
    local driver
    mkdir -p "$work/rcrate"
    cp "$top/build/race.rcrate" "$work/rcrate/" || fail "no race.rcrate (make validator)"
    for driver in "$@"; do
        sample "$driver"
        build_rcrate -o "$work/rcrate" "$work/$driver"
        expect_status 0 "race build $driver"
    done
}

# resolve NAME KERNEL FILE
resolve() {
    local -a role=()
    [ "$1" != race ] || role=(--validator)
    "$top/build/race" resolve ${role[@]+"${role[@]}"} "$work/rcrate/$1.rcrate" --target "$2" -o "$3"
}

# A KTAP document, complete and without a failure, in $work/out.
expect_ktap() { # expect_ktap "WHAT"
    local plan
    plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$work/out")
    expect_equal "$(head -n 1 "$work/out")" 'KTAP version 1' "$1: it is KTAP"
    expect_equal "$(grep -Ec '^ok [0-9]+ - ' "$work/out")" "$plan" "$1: as many passed as were planned"
    ! grep '^not ok ' "$work/out" || fail "$1: these failed"
    echo "$1: $plan passed"
    grep -E '^ok .*# SKIP |^# accepted|^# kmemleak|bytes (damaged|forged)|loads and unloads|made false' "$work/out" |
        sed 's/^/    /'
}

# in_guest KERNEL DRIVER "WORDS" [OPTION OF qemu/run]...: race_ko_test with race.ko and
# the driver, both made for KERNEL unless $work/ko has one for it.
guests=0
in_guest() {
    local kernel=$1 driver=$2 words=$3 folder what log
    shift 3
    folder=$work/ko/$(basename "$kernel")
    what="$driver on $(basename "$kernel"), $words"
    guests=$((guests + 1)) log=${test_name%_test}
    mkdir -p "$folder"
    for name in race "$driver"; do
        [ -f "$folder/$name.ko" ] || resolve "$name" "$kernel" "$folder/$name.ko" ||
            { fail "$what: $name does not resolve"; return; }
    done
    run "$top/qemu/run" --kernel "$kernel" --timeout "${limit:-400}" --no-load \
        --ko "$folder/race.ko" --ko "$folder/$driver.ko" --file "$program:/race/bin/race_ko_test" \
        --smp 1 --env RACE_KO_TEST="/race/modules/race.ko /race/modules/$driver.ko $words" \
        --log "$top/build/test-logs/race-ko-${log#kernel_}-$guests-$(basename "$kernel")-$driver.log" \
        --test "$top/tests/kernel/guest.sh" "$@"
    expect_status 0 "$what"
    expect_ktap "$what"
}
