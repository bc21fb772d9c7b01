# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The test driver `owned`: its table of operations names the module as the owner, so
# that an open file holds it; and it has a flag of one byte.
. /race/lib.sh

used() { [ "$(cat /sys/module/owned/refcnt)" -eq "$1" ]; }

[ -d /sys/module/owned ] || check "load the module" insmod "$RACE_KO"
check "a byte is read, written and exchanged" dmesg_has 'owned: flags=1$'
check "nobody uses it" used 0
exec 3</dev/race-owned
check "an open file does" used 1
refuse "it cannot be unloaded now" rmmod owned
refuse "a second file cannot be opened" sh -c ': </dev/race-owned'
exec 3<&-
check "nobody uses it any more" used 0
check "it can be opened again" sh -c ': </dev/race-owned'
check "unload it" rmmod owned
check "nothing of it is left" test ! -d /sys/module/owned -a ! -e /dev/race-owned
check "the kernel is content" dmesg_clean
finish
