# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a guest says, as text.  Sourced by qemu/run.

# plain: without what a terminal would obey, from stdin to stdout.  Escape sequences (ECMA-48)
# go whole; so do the control characters that are left, and those that are more than one byte
# in UTF-8.  Tabs and line ends stay.
plain() {
    LC_ALL=C sed -E $'s,\x1b\\[[0-?]*[ -/]*[@-~],,g
        s,\x1b[]PX^_][^\x07\x1b]*(\x07|\x1b\\\\)?,,g
        s,\x1b[ -/]*[0-~]?,,g
        s,\xc2[\x80-\x9f],,g' | LC_ALL=C tr -d '\000-\010\013-\037\177'
}

# plain_line LINE: as it comes; few have any.
plain_line() {
    case ${1//$'\t'/} in
    *[^[:print:]]*) printf '%s\n' "$1" | plain ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# plain_file FILE SCRATCH: the same in its place, whoever has it open.
plain_file() { plain <"$1" >"$2" && cat "$2" >"$1"; }
