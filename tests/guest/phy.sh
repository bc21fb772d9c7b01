# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's Rust PHY drivers, ax88796b_rust and qt2025: no such hardware here, but
# the drivers they register on the MDIO bus are seen.
. /race/lib.sh

drivers=/sys/bus/mdio_bus/drivers
case $RACE_MODULE in
ax88796b_rust) names='Asix Electronics AX88772A:Asix Electronics AX88772C:Asix Electronics AX88796B' ;;
qt2025) names='QT2025 10Gpbs SFP+' ;;
*) skip "no names are known for $RACE_MODULE" ;;
esac

registered() { # registered YES|NO: whether all of them are, or none is
    local name old=$IFS result=0
    IFS=:
    for name in $names; do
        if [ -d "$drivers/$name" ]; then [ "$1" = YES ] || result=1; else [ "$1" = NO ] || result=1; fi
    done
    IFS=$old
    return $result
}

[ -d "/sys/module/$RACE_MODULE" ] || check "load the module" insmod "$RACE_KO"
check "its drivers are registered" registered YES
loads_only "no such PHY in the guest"
check "unload it" rmmod "$RACE_MODULE"
check "its drivers are gone" registered NO

bad=''
for cycle in 1 2 3 4 5; do
    insmod "$RACE_KO" && registered YES || bad="$bad $cycle:not-registered"
    rmmod "$RACE_MODULE" && registered NO || bad="$bad $cycle:left"
done
check "loaded and unloaded 5 times$bad" test -z "$bad"
check "nothing of it is left" test ! -d "/sys/module/$RACE_MODULE"
check "the kernel is content" dmesg_clean
finish
