# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_pci, on QEMU's pci-testdev (qemu/run --device
# pci-testdev): binds, does the device's test, reads its configuration space.
. /race/lib.sh

driver=/sys/bus/pci/drivers/rust_driver_pci
device=$(pci_device 0x1b36 0x0005) || skip "no pci-testdev"
slot=$(basename "$device")

# The configuration space, as sysfs has it: config_space OFFSET BYTES.
config_space() { od -An -v -t "x$2" -j "$1" -N "$2" "$device/config" | tr -d ' ' | sed 's/^0*\(.\)/\1/'; }

# bound N: the device has the driver, for the Nth time, and its test went well: the
# device counts what was written to it where it asked for.
bound() {
    bound_to "$device" rust_driver_pci || return 1
    [ "$(dmesg_count "rust_driver_pci $slot: pci-testdev data-match count: 1\$")" -eq "$1" ]
}

[ -d /sys/module/rust_driver_pci ] || check "load the module" insmod "$RACE_KO"
check "the driver is registered" test -d $driver
check "the device is bound, its test counts 1" bound 1
check "the revision is $(config_space 8 1)" \
    dmesg_has "$slot: pci-testdev config space read8 rev ID: $(config_space 8 1)\$"
check "the vendor is $(config_space 0 2)" \
    dmesg_has "$slot: pci-testdev config space read16 vendor ID: $(config_space 0 2)\$"
check "BAR 0 is $(config_space 16 4)" \
    dmesg_has "$slot: pci-testdev config space read32 BAR 0: $(config_space 16 4)\$"
check "it holds the region" grep -q ' : rust_driver_pci$' /proc/iomem
check "no second count was made" test "$(dmesg_count 'data-match count')" -eq 1

check "unbind it" sh -c "echo $slot >$driver/unbind"
check "the device has no driver" test ! -e "$device/driver"
refuse "the region is free" grep -q ' : rust_driver_pci$' /proc/iomem
check "bind it" sh -c "echo $slot >$driver/bind"
check "the device is bound, its test counts 1 again" bound 2

check "unload it" rmmod rust_driver_pci
check "the device has no driver" test ! -e "$device/driver"
check "load it again" insmod "$RACE_KO"
check "the device is bound, for the third time" bound 3
check "unload it again" rmmod rust_driver_pci
check "nothing of it is left" test ! -d /sys/module/rust_driver_pci -a ! -d $driver
check "the kernel is content" dmesg_clean
finish
