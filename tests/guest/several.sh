# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# Runs the guest scripts of several drivers in one boot, in the order of /race/several:
#
#   NAME SCRIPT DEPENDS PARAMS        one driver a line; '-' for nothing
#
# /race/modules/NAME.ko is loaded by /race/scripts/SCRIPT, after the kernel's own modules
# in DEPENDS (separated by commas).  What is printed between `# driver NAME begins` and
# `# driver NAME ends STATUS` is that driver's.  After one that failed, or that left the
# kernel complaining, nothing else is run here: who comes next is to have a sound kernel.
#
# Each script sees the kernel's messages from its own start, and the taint from then.

nonce=$RACE_NONCE
number=0
while read -r name script depends params <&3; do
    number=$((number + 1))
    export RACE_NONCE="$nonce-$number-$name." RACE_KO=/race/modules/$name.ko RACE_MODULE=$name RACE_PARAMS=
    [ "$params" = - ] || RACE_PARAMS=$params
    echo "# driver $name begins"
    [ "$depends" = - ] || for module in $(echo "$depends" | tr , ' '); do
        modprobe "$module" || echo "# cannot load $module, which $name depends on"
    done
    # The log does not wrap unnoticed (dmesg_clean): clear it of what came before.
    dmesg -c >/dev/null
    cat /proc/sys/kernel/tainted >/run/taint-before
    echo "<6>race: test begins $RACE_NONCE" >/dev/kmsg
    timeout -s KILL "${SEVERAL_TIMEOUT:-200}" sh "/race/scripts/$script"
    status=$?
    # A module that is not loaded: in the kernel's words.
    [ $status -eq 0 ] || dmesg | grep -E "^\[[ 0-9.]*\] $name: |insmod|$name.*(symbol|version|format)" | head -n 5 | sed 's/^/# kernel: /'
    echo "# driver $name ends $status"
    [ $status -eq 0 ] || exit 0
done 3</race/several
