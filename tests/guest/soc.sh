# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_soc, a platform driver, on the ACPI device of
# tests/guest/devices.asl (qemu/run --acpi-table): registers a device of the soc bus.
. /race/lib.sh

device=/sys/bus/platform/devices/LNUXBEEF:00
soc=/sys/bus/soc/devices/soc0
[ -d $device ] || skip "no ACPI device LNUXBEEF"

[ -d /sys/module/rust_soc ] || check "load the module" insmod "$RACE_KO"
check "the device is bound" bound_to $device rust_soc
check "machine" grep -qx 'My cool ACME15 dev board' $soc/machine
check "family" grep -qx ACME $soc/family
check "revision" grep -qx 1.2 $soc/revision
check "serial_number" grep -qx 12345 $soc/serial_number
check "soc_id" grep -qx ACME15 $soc/soc_id
check "unload it" rmmod rust_soc
check "nothing of it is left" test ! -d /sys/module/rust_soc -a ! -e $soc
check "the kernel is content" dmesg_clean
finish
