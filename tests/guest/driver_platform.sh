# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_platform, on the ACPI devices of
# tests/guest/devices.asl (qemu/run --acpi-table).
. /race/lib.sh

device=/sys/bus/platform/devices/LNUXBEEF:00
compatible=/sys/bus/platform/devices/PRP0001:00
driver=/sys/bus/platform/drivers/rust_driver_platform
[ -d $device ] || skip "no ACPI device LNUXBEEF"

probed() { [ "$(dmesg_count "rust_driver_platform LNUXBEEF:00: Probed with info: '0'\.\$")" -eq "$1" ]; }

[ -d /sys/module/rust_driver_platform ] || check "load the module" insmod "$RACE_KO"
check "the device is bound" bound_to $device rust_driver_platform
check "probed with what belongs to the ACPI id" probed 1
check "the device known by its compatible is bound" bound_to $compatible rust_driver_platform
# Since 7.3 the kernel crate asks the kernel for it, and kernels before 7.0 give a driver
# that also has ACPI ids nothing then.
if grep -q device_get_match_data "$RACE_KO" && [ "$(dmesg_count 'rust_driver_platform PRP0001:00: ')" -eq 0 ]; then
    echo "# the kernel has nothing for a device known by its compatible"
else
    check "probed with what belongs to that" \
        dmesg_has "rust_driver_platform PRP0001:00: Probed with info: '42'\.\$"
fi
check "unbind it" sh -c "echo LNUXBEEF:00 >$driver/unbind"
check "the device has no driver" test ! -e $device/driver
check "bind it" sh -c "echo LNUXBEEF:00 >$driver/bind"
check "probed again" probed 2
check "unload it" rmmod rust_driver_platform
check "nothing of it is left" test ! -d /sys/module/rust_driver_platform -a ! -d $driver
check "the kernel is content" dmesg_clean
finish
