# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_usb: registers with usbcore; no device has its ids.
. /race/lib.sh

driver=/sys/bus/usb/drivers/rust_driver_usb
[ -d /sys/bus/usb ] || modprobe usbcore || skip "the kernel has no usbcore"

[ -d /sys/module/rust_driver_usb ] || check "load the module" insmod "$RACE_KO"
check "the driver is registered" test -d $driver
loads_only "QEMU has no USB device of the driver's ids"
check "unload it" rmmod rust_driver_usb
check "nothing of it is left" test ! -d /sys/module/rust_driver_usb -a ! -d $driver
check "the kernel is content" dmesg_clean
finish
