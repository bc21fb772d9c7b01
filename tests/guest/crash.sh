# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# For tests of those who run guests: loads the module, then does what
# RACE_PARAMS says: panic, oops, warning or fail.
. /race/lib.sh

check "load the module" insmod "$RACE_KO"
case $RACE_PARAMS in
panic) echo c >/proc/sysrq-trigger ;;
warning) echo "<4>WARNING: CPU: 0 PID: 1 at tests/guest/crash.sh:1" >/dev/kmsg ;;
fail) check "what does not hold" false ;;
oops) # As a driver that dies in the kernel while its script waits for it.
    echo "<1>BUG: kernel NULL pointer dereference, address: 0000000000000000" >/dev/kmsg
    exit 1 ;;
esac
check "unload it" rmmod "$RACE_MODULE"
check "the kernel is content" dmesg_clean
finish
