# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC3043
#
# For guest scripts: `. /race/lib.sh`.  Results are KTAP lines; `finish` ends the
# script with the number of failures as its exit status (77: nothing was run).
#
#   check "WHAT" COMMAND...      ok if the command succeeds
#   refuse "WHAT" COMMAND...     ok if it fails
#   dmesg_has REGEX              the kernel said this since the modules were loaded
#   dmesg_count REGEX            how many times
#   dmesg_clean                  no WARN, BUG, Oops, trace or unexpected taint since
#   pci_device VENDOR DEVICE     prints the folder of such a device in sysfs
#   bound_to FOLDER DRIVER       the device in that folder of sysfs has this driver
#   loads_only "WHY"             there is nothing here to exercise the driver with
#   skip "WHY"                   end the script as skipped
#   finish                       the plan line; exit

tests=0
failures=0

check() {
    local what=$1
    shift
    tests=$((tests + 1))
    if "$@"; then
        echo "ok $tests - $what"
    else
        failures=$((failures + 1))
        echo "not ok $tests - $what"
    fi
}

fails() { ! "$@"; }
refuse() {
    local what=$1
    shift
    check "$what" fails "$@"
}

# The kernel's messages since the modules were loaded.  Fails if the ring buffer
# has dropped the mark: what is lost cannot be called clean.
dmesg_since() {
    dmesg | awk -v mark="race: test begins $RACE_NONCE" '
        found { print } index($0, mark) { found = 1 } END { exit !found }'
}
dmesg_has() { dmesg_since | grep -Eq -- "$1"; }
dmesg_count() { dmesg_since | grep -Ec -- "$1"; }

DMESG_BAD='WARNING:|BUG:|Oops|kernel BUG at|unable to handle|Call Trace|cut here|general protection'
DMESG_BAD="$DMESG_BAD|Unpatched return thunk|KASAN|KCSAN|UBSAN|refcount_t:|list_(add|del) corruption"
DMESG_BAD="$DMESG_BAD|blocked for more than|scheduling while atomic|possible recursive locking"

# Taint bits that loading such a module always sets: out-of-tree, unsigned.
TAINT_EXPECTED=$((1 << 12 | 1 << 13))

dmesg_clean() {
    local taint before bad result=0
    if ! dmesg_since >/tmp/dmesg-since; then
        echo "# dmesg_clean: the kernel's log has wrapped; earlier messages are lost"
        result=1
    fi
    bad=$(grep -E -- "$DMESG_BAD" /tmp/dmesg-since)
    if [ -n "$bad" ]; then
        echo "$bad" | head -n 10 | sed 's/^/# dmesg_clean: /'
        result=1
    fi
    taint=$(cat /proc/sys/kernel/tainted)
    before=$(cat /run/taint-before)
    if [ $((taint & ~before & ~TAINT_EXPECTED)) -ne 0 ]; then
        echo "# dmesg_clean: taint is $taint, was $before; only $TAINT_EXPECTED may be added"
        result=1
    fi
    return $result
}

# The first device of these ids, as sysfs writes them: pci_device 0x1b36 0x0005.
pci_device() {
    local folder
    for folder in /sys/bus/pci/devices/*; do
        [ "$(cat "$folder/vendor") $(cat "$folder/device")" = "$1 $2" ] || continue
        echo "$folder"
        return 0
    done
    return 1
}
bound_to() { [ "$(basename "$(readlink "$1/driver")")" = "$2" ]; }

# Not a result: a remark, for those who count what was exercised.
loads_only() { echo "# loads only: $*"; }

skip() {
    echo "1..0 # SKIP $*"
    exit 77
}

finish() {
    echo "1..$tests"
    [ "$tests" -gt 0 ] || exit 77
    [ "$failures" -le 100 ] || failures=100
    exit "$failures"
}
