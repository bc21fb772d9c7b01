# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# A warning names the place in the driver's source, and what follows it runs.
. /race/lib.sh

check "the kernel warned once" test "$(dmesg_count 'WARNING:')" -eq 1
check "of the driver's line" dmesg_has 'WARNING: .*warned\.rs:20'
check "and nothing else" test "$(dmesg_count 'Oops|BUG:|unable to handle')" -eq 0
check "the driver went on" dmesg_has 'warned: it was true'
check "unload it" rmmod warned
finish
