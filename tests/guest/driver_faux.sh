# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_faux: a device of the faux bus for as long as the
# module is loaded.
. /race/lib.sh

device=/sys/bus/faux/devices/rust-faux-sample-device

[ -d /sys/module/rust_driver_faux ] || check "load the module" insmod "$RACE_KO"
check "it says that it starts" dmesg_has 'rust_faux_driver: Initialising Rust Faux Device Sample$'
check "its device is on the bus" test -d $device
check "bound to the bus's driver" bound_to $device faux_driver
check "the device speaks" dmesg_has 'rust-faux-sample-device: Hello from faux device!$'
check "unload it" rmmod rust_driver_faux
check "the device is gone" test ! -e $device

bad=''
for cycle in 1 2 3 4 5 6 7 8 9 10; do
    insmod "$RACE_KO" && [ -d $device ] || bad="$bad $cycle:no-device"
    rmmod rust_driver_faux && [ ! -e $device ] || bad="$bad $cycle:device-left"
done
check "loaded and unloaded 10 times$bad" test -z "$bad"
check "and it said so each time" test "$(dmesg_count 'Hello from faux device!$')" -eq 11
check "nothing of it is left" test ! -d /sys/module/rust_driver_faux
check "the kernel is content" dmesg_clean
finish
