# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_auxiliary, on QEMU's pci-testdev (qemu/run --device
# pci-testdev): its PCI driver makes two auxiliary devices, its auxiliary driver binds
# them and finds their parent.
. /race/lib.sh

bus=/sys/bus/auxiliary
device=$(pci_device 0x1b36 0x0005) || skip "no pci-testdev"
slot=$(basename "$device")

# Whether auxiliary device N is a child of the PCI device and has the driver.
child() {
    local folder=$bus/devices/rust_driver_auxiliary.auxiliary.$1
    bound_to "$folder" rust_driver_auxiliary.rust_driver_auxiliary || return 1
    case $(readlink -f "$folder") in "$(readlink -f "$device")"/*) return 0 ;; esac
    return 1
}
# Since 7.3 the second one's data is behind a mutex, and it says all in one line.
connected() {
    dmesg_has "$slot: Connected to auxiliary device with index $1 \(via Mutex\)\.\$" && return
    dmesg_has "$slot: Connect auxiliary $1 with parent: VendorID=(REDHAT|.*1b36.*), DeviceID=0x5\$" &&
        dmesg_has "$slot: Connected to auxiliary device with index $1\.\$"
}
children() { find $bus/devices -name 'rust_driver_auxiliary.*' | wc -l; }

[ -d /sys/module/rust_driver_auxiliary ] || check "load the module" insmod "$RACE_KO"
check "the PCI device is bound" bound_to "$device" rust_driver_auxiliary
check "it has two auxiliary devices" test "$(children)" -eq 2
for id in 0 1; do
    check "auxiliary device $id is its child and bound" child $id
    check "the driver has probed $id" \
        dmesg_has "auxiliary\.$id: Probing auxiliary driver for auxiliary device with id=$id\$"
    check "$id finds its parent and its data" connected $id
done

check "unbind the PCI device" sh -c "echo $slot >/sys/bus/pci/drivers/rust_driver_auxiliary/unbind"
check "its children are gone" test "$(children)" -eq 0
check "bind it" sh -c "echo $slot >/sys/bus/pci/drivers/rust_driver_auxiliary/bind"
check "they are there again" test "$(children)" -eq 2
check "unload it" rmmod rust_driver_auxiliary
check "they are gone" test "$(children)" -eq 0
check "nothing of it is left" test ! -d /sys/module/rust_driver_auxiliary
check "the kernel is content" dmesg_clean
finish
