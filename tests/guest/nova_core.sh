# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's Rust GPU driver nova-core: no such hardware here, but the driver that it
# registers on the PCI bus is seen.
. /race/lib.sh

registered() { [ -d /sys/bus/pci/drivers/nova-core ]; }
gone() { ! registered; }

check "load the module" insmod "$RACE_KO"
check "its driver is registered" registered
loads_only "no such GPU in the guest"
check "unload it" rmmod "$RACE_MODULE"
check "its driver is gone" gone
bad=''
for cycle in 1 2 3; do
    insmod "$RACE_KO" && registered || bad="$bad $cycle:not-registered"
    rmmod "$RACE_MODULE" && gone || bad="$bad $cycle:left"
done
check "loaded and unloaded 3 times$bad" test -z "$bad"
check "the kernel is content" dmesg_clean
finish
