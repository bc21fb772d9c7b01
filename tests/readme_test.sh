#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands of the README's tour work as written, and print what it shows, but
# for numbers: of those that name one another, times and addresses differ.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1

# Words with a digit in them, registers, and how far words stand apart do not matter.
plain() {
    sed -E 's/\<[re]([abcd]x|[sd]i|[sb]p)\>/0/g; s/[^[:space:]]*[0-9][^[:space:]]*/N/g
        s/[[:space:]]+/ /g; s/( N)+/ N/g; s/^ //; s/ $//'
}

sed -n '/^## A tour/,/^## How/s/^    //p' README.md >"$work/tour"
commands=0
: >"$work/shown"

# What the last command printed has all lines that the README shows below it.
compare() {
    local line
    while IFS= read -r line; do
        grep -qxF -- "$(plain <<<"$line")" < <(plain <"$work/out") ||
            { fail "the README shows '$line' below '$command'"; shown; }
    done <"$work/shown"
    : >"$work/shown"
}

while IFS= read -r line <&3; do
    case $line in
    '$ '*)
        [ $commands -eq 0 ] || compare
        command=${line#\$ }
        commands=$((commands + 1))
        run bash -c "$command"
        expect_status 0 "$command" ;;
    *) printf '%s\n' "$line" >>"$work/shown" ;;
    esac
done 3<"$work/tour"
[ $commands -eq 0 ] || compare
[ $commands -ge 8 ] || fail "the README's tour has only $commands commands that this test finds"

# The two commands that it begins with exist.
for goal in $(sed -n 's/^    make \([a-z]*\) .*/\1/p' README.md); do
    run make -n "$goal"
    expect_status 0 "make $goal"
done
