# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC1091
#
# The kernel's sample rust_driver_i2c, on a client of the kernel's own i2c-stub
# (qemu/run --own-module i2c-stub).
. /race/lib.sh

driver=/sys/bus/i2c/drivers/rust_driver_i2c

# The folder of i2c-stub's adapter in sysfs.
stub_adapter() {
    local name
    for name in /sys/bus/i2c/devices/i2c-*/name; do
        grep -q '^SMBus stub driver' "$name" 2>/dev/null || continue
        dirname "$name"
        return 0
    done
    return 1
}

[ -d /sys/module/i2c_stub ] || modprobe i2c-stub chip_addr=0x50 || stub=none
[ -d /sys/module/rust_driver_i2c ] || check "load the module" insmod "$RACE_KO"
check "the driver is registered" test -d $driver

if [ -z "$stub" ] && adapter=$(stub_adapter); then
    client=/sys/bus/i2c/devices/$(basename "$adapter" | sed 's/^i2c-//')-0050
    check "make a client of its name" sh -c "echo rust_driver_i2c 0x50 >$adapter/new_device"
    check "it is bound" bound_to "$client" rust_driver_i2c
    check "the driver says so" dmesg_has "$(basename "$client"): Probe Rust I2C driver sample\.\$"
    check "with what belongs to the id" dmesg_has "$(basename "$client"): Probed with info: '0'\.\$"
    check "unbind it" sh -c "echo $(basename "$client") >$driver/unbind"
    check "the driver says so" dmesg_has "$(basename "$client"): Unbind Rust I2C driver sample\.\$"
    check "bind it" sh -c "echo $(basename "$client") >$driver/bind"
    check "it is bound again" bound_to "$client" rust_driver_i2c
    check "remove the client" sh -c "echo 0x50 >$adapter/delete_device"
    check "that unbinds it" test "$(dmesg_count 'Unbind Rust I2C driver sample')" -eq 2
else
    loads_only "the kernel has no i2c-stub"
fi
check "unload it" rmmod rust_driver_i2c
check "nothing of it is left" test ! -d /sys/module/rust_driver_i2c -a ! -d $driver
[ ! -d /sys/module/i2c_stub ] || check "the stub can go" rmmod i2c-stub
check "the kernel is content" dmesg_clean
finish
