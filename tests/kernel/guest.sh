# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In the guest: the tests that RACE_KO_TEST names, and then what the kernel said of them.
. /race/lib.sh

# Configfs may be a module: its types are then looked for there.
[ -d /lib/modules ] && modprobe configfs 2>/dev/null

# shellcheck disable=SC2086 # words are meant
/race/bin/race_ko_test $RACE_KO_TEST
status=$?

# A debug kernel looks for what nothing points to any more; twice, because what was on
# a stack or in a register a moment ago is found the second time only.
if [ -w /sys/kernel/debug/kmemleak ]; then
    sleep 6
    echo scan >/sys/kernel/debug/kmemleak
    sleep 1
    echo scan >/sys/kernel/debug/kmemleak
    leaks=$(cat /sys/kernel/debug/kmemleak)
    echo "# kmemleak: $(echo "$leaks" | grep -c 'unreferenced object') objects"
    echo "$leaks" | head -n 60 | sed 's/^/# /'
    [ -z "$leaks" ] || status=2
fi

# What race.ko says itself names functions such as rust_helper_BUG.
dmesg_since >/tmp/said || { echo "# the kernel's log has wrapped"; status=3; }
if grep -v '\] race: ' /tmp/said | grep -E "$DMESG_BAD|lockdep|Possible unsafe|inconsistent lock"; then
    status=4
fi
exit $status
